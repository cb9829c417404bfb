// SPDX-License-Identifier: LGPL-2.1-or-later
#include "entry.h"

#include <string.h>

#include "kv.h"
#include "sha256.h"

static void digest_of(struct span said, struct span body, uint8_t ret[SHA256_SIZE])
{
	uint8_t both[2 * SHA256_SIZE];

	sha256(said.p, said.n, both);
	sha256(body.p, body.n, both + SHA256_SIZE);
	sha256(both, sizeof(both), ret);
}

void entry_make(struct text *ret, const char *key, struct span said, struct span body)
{
	uint8_t digest[SHA256_SIZE];
	char hex[SHA256_HEX];

	digest_of(said, body, digest);
	sha256_hex(digest, hex);
	text_format(ret, "version = 1\nkey = %s\nsaid = %zu\nbody = %zu\nsha256 = %s\n\n", key,
		    said.n, body.n, hex);
	text_add(ret, said.p, said.n);
	text_add(ret, body.p, body.n);
}

/* The next line has to be that key; its value. */
static bool take(struct kv *kv, const char *key, struct span *value)
{
	if (kv_next(kv) != 1 || !span_is(kv->key, key))
		return false;
	*value = kv->value;
	return true;
}

static const char *check_digest(struct span said, struct span body, struct span hex)
{
	uint8_t wanted[SHA256_SIZE], digest[SHA256_SIZE];

	if (!sha256_parse(hex, wanted))
		return "its head is damaged";
	digest_of(said, body, digest);
	return memcmp(digest, wanted, sizeof(digest)) == 0 ? NULL : "its SHA-256 is another";
}

const char *entry_parse(struct span file, const char *key, struct span *said, struct span *body)
{
	struct kv kv = kv_open(file);
	struct span named, said_size, body_size, hex, blank;
	uint64_t n_said, n_body;

	if (!kv_version(&kv) || !take(&kv, "key", &named) || !take(&kv, "said", &said_size) ||
	    !take(&kv, "body", &body_size) || !take(&kv, "sha256", &hex) ||
	    !span_next_line(&kv.rest, &blank) || blank.n ||
	    !span_uint(said_size, file.n, &n_said) || !span_uint(body_size, file.n, &n_body))
		return "its head is damaged";
	if (!span_is(named, key))
		return "it is of another key";
	if (n_said + n_body != kv.rest.n)
		return "it is cut off or too long";
	*said = (struct span){ kv.rest.p, n_said };
	*body = (struct span){ kv.rest.p + n_said, n_body };
	return check_digest(*said, *body, hex);
}
