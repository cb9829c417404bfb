// SPDX-License-Identifier: LGPL-2.1-or-later
#include "blob.h"

#include <string.h>

#include "span.h"

/* enum aa_code of the kernel's security/apparmor/include/policy_unpack.h */
enum tag {
	TAG_U8,
	TAG_U16,
	TAG_U32,
	TAG_U64,
	TAG_NAME,
	TAG_STRING,
	TAG_BLOB,
	TAG_STRUCT,
	TAG_STRUCTEND,
	TAG_LIST,
	TAG_LISTEND,
	TAG_ARRAY,
	TAG_ARRAYEND,
};

#define ABI_MASK       0x3ffu
#define ABI_MIN	       5u
#define ABI_MAX	       9u
#define FORCE_COMPLAIN 0x800u

struct reader {
	const uint8_t *buf;
	size_t len;
	size_t pos;
};

struct item {
	enum tag tag;
	struct span text; /* of a NAME or STRING, without its NUL */
	uint32_t u32;
};

static const char *const mode_names[MODE_COUNT] = {
	[MODE_ENFORCE] = "enforce",	  [MODE_COMPLAIN] = "complain", [MODE_KILL] = "kill",
	[MODE_UNCONFINED] = "unconfined", [MODE_USER] = "user",
};

const char *profile_mode_name(unsigned int mode)
{
	return mode < MODE_COUNT ? mode_names[mode] : NULL;
}

const char *blob_error(int err)
{
	switch (err) {
	case BLOB_TRUNCATED:
		return "it ends in the middle of a profile";
	case BLOB_VERSION:
		return "its format version is not one of 5 to 9 (or it is compressed)";
	case BLOB_MODE:
		return "a profile has an unknown mode";
	default:
		return "it is not compiled AppArmor policy";
	}
}

static int take(struct reader *r, size_t n, const uint8_t **ret)
{
	if (n > r->len - r->pos)
		return BLOB_TRUNCATED;
	*ret = r->buf + r->pos;
	r->pos += n;
	return 0;
}

/* Little-endian, `n` bytes of it, at most 4. */
static int take_uint(struct reader *r, size_t n, uint32_t *ret)
{
	const uint8_t *p;
	uint32_t v = 0;

	if (take(r, n, &p) < 0)
		return BLOB_TRUNCATED;
	while (n--)
		v = v << 8 | p[n];
	*ret = v;
	return 0;
}

/* Text with its closing NUL. Only strings may have more of them: the parser writes the target of
 * "px -> :ns:profile" with one in the place of the second colon. */
static int take_text(struct reader *r, bool inner_nul, struct span *ret)
{
	const uint8_t *p;
	uint32_t n;

	if (take_uint(r, 2, &n) < 0 || take(r, n, &p) < 0)
		return BLOB_TRUNCATED;
	if (!n || p[n - 1] || (!inner_nul && memchr(p, 0, n - 1)))
		return BLOB_FORMAT;
	*ret = (struct span){ (const char *)p, n - 1 };
	return 0;
}

static int take_item(struct reader *r, struct item *ret)
{
	const uint8_t *skipped;
	uint32_t tag, n;

	if (take_uint(r, 1, &tag) < 0)
		return BLOB_TRUNCATED;
	ret->tag = (enum tag)tag;
	switch (tag) {
	case TAG_U8:
		return take(r, 1, &skipped);
	case TAG_U16:
	case TAG_ARRAY:
		return take(r, 2, &skipped);
	case TAG_U32:
		return take_uint(r, 4, &ret->u32);
	case TAG_U64:
		return take(r, 8, &skipped);
	case TAG_NAME:
	case TAG_STRING:
		return take_text(r, tag == TAG_STRING, &ret->text);
	case TAG_BLOB:
		if (take_uint(r, 4, &n) < 0)
			return BLOB_TRUNCATED;
		return take(r, n, &skipped);
	case TAG_STRUCT:
	case TAG_STRUCTEND:
	case TAG_LIST:
	case TAG_LISTEND:
	case TAG_ARRAYEND:
		return 0;
	default:
		return BLOB_FORMAT;
	}
}

/* Takes one item that has to be `tag`. */
static int expect(struct reader *r, enum tag tag, struct item *ret)
{
	int err = take_item(r, ret);

	if (err)
		return err;
	return ret->tag == tag ? 0 : BLOB_FORMAT;
}

/* Takes a string that the kernel reads up to its first NUL, which has to be the last byte. */
static int expect_plain(struct reader *r, struct item *ret)
{
	int err = expect(r, TAG_STRING, ret);

	if (err)
		return err;
	return memchr(ret->text.p, 0, ret->text.n) ? BLOB_FORMAT : 0;
}

static int read_header(struct reader *r, struct item *it, struct blob_profile *ret)
{
	int err;

	if (span_is(it->text, "version")) {
		err = expect(r, TAG_U32, it);
		if (err)
			return err;
		ret->version = it->u32;
		err = expect(r, TAG_NAME, it);
		if (err)
			return err;
	}
	if ((ret->version & ABI_MASK) < ABI_MIN || (ret->version & ABI_MASK) > ABI_MAX)
		return BLOB_VERSION;
	if (span_is(it->text, "namespace")) {
		err = expect_plain(r, it);
		if (err)
			return err;
		ret->ns = it->text.p;
		ret->ns_len = it->text.n;
		return expect(r, TAG_NAME, it);
	}
	return 0;
}

/* A name ":ns:profile" or ":ns://profile" names a namespace too (aa_splitn_fqname). */
static int read_name(struct reader *r, struct item *it, struct blob_profile *ret)
{
	int err;

	if (!span_is(it->text, "profile"))
		return BLOB_FORMAT;
	err = expect(r, TAG_STRUCT, it);
	if (err)
		return err;
	err = expect_plain(r, it);
	if (err)
		return err;
	if (!it->text.n)
		return BLOB_FORMAT;
	ret->name = it->text.p;
	ret->name_len = it->text.n;
	if (it->text.p[0] == ':' && !ret->ns) {
		ret->ns = it->text.p;
		ret->ns_len = it->text.n;
	}
	return 0;
}

/* The struct "flags" begins with: is it a hat, the mode, audit. */
static int read_flags(struct reader *r, struct blob_profile *ret)
{
	struct item it;
	int err = expect(r, TAG_STRUCT, &it);

	if (!err)
		err = expect(r, TAG_U32, &it);
	if (!err)
		err = expect(r, TAG_U32, &it);
	if (err)
		return err;
	if (it.u32 >= MODE_COUNT)
		return BLOB_MODE;
	ret->mode = it.u32;
	if (ret->version & FORCE_COMPLAIN)
		ret->mode = MODE_COMPLAIN;
	return 0;
}

/* Steps over the rest of the profile, whose opening STRUCT has been read, and takes its mode. */
static int read_body(struct reader *r, struct blob_profile *ret)
{
	unsigned int depth = 1;
	bool flags_seen = false;
	struct item it;

	while (depth) {
		int err = take_item(r, &it);

		if (err)
			return err;
		if (it.tag == TAG_STRUCT) {
			depth++;
		} else if (it.tag == TAG_STRUCTEND) {
			depth--;
		} else if (it.tag == TAG_NAME && depth == 1 && !flags_seen &&
			   span_is(it.text, "flags")) {
			err = read_flags(r, ret);
			if (err)
				return err;
			flags_seen = true;
			depth++;
		}
	}
	return flags_seen ? 0 : BLOB_FORMAT;
}

int blob_next(const void *buf, size_t len, size_t *pos, struct blob_profile *ret)
{
	struct reader r = { buf, len, *pos };
	struct blob_profile p = { .version = *pos ? ret->version : 0 };
	struct item it;
	int err;

	if (*pos >= len)
		return 0;
	err = expect(&r, TAG_NAME, &it);
	if (!err)
		err = read_header(&r, &it, &p);
	if (!err)
		err = read_name(&r, &it, &p);
	if (!err)
		err = read_body(&r, &p);
	if (err)
		return err;
	p.end = r.pos;
	*ret = p;
	*pos = r.pos;
	return 1;
}
