// SPDX-License-Identifier: LGPL-2.1-or-later
// max_len: 16384
/*
 * Any compiled policy: names lie in the blob, reading always moves on, an error changes nothing,
 * and a good blob written behind itself is read as the same profiles twice.
 */
#include "fuzz.h"

#include "blob.h"

static void check_profile(const struct blob_profile *p, const char *buf, size_t start, size_t end)
{
	struct span name = { p->name, p->name_len }, ns = { p->ns, p->ns_len };

	require_inside(name, buf + start, end - start);
	REQUIRE(name.n && !memchr(name.p, '\0', name.n) && !name.p[name.n]);
	if (ns.p) {
		require_inside(ns, buf + start, end - start);
	} else {
		REQUIRE(!ns.n && name.p[0] != ':');
	}
	REQUIRE(profile_mode_name(p->mode));
	REQUIRE((p->version & 0x3ff) >= 5 && (p->version & 0x3ff) <= 9);
	REQUIRE(!(p->version & 0x800) || p->mode == MODE_COMPLAIN);
	planted_bug(p->version & 0x800);
}

/* The number of profiles, or an error. */
static int read_all(const void *buf, size_t len)
{
	struct blob_profile p = { .name = NULL };
	size_t pos = 0;
	int n = 0;

	for (;;) {
		struct blob_profile before = p;
		size_t start = pos;
		int r = blob_next(buf, len, &pos, &p);

		if (r <= 0) {
			REQUIRE(pos == start && memcmp(&p, &before, sizeof(p)) == 0);
			REQUIRE(r < 0 || pos == len);
			REQUIRE(r >= BLOB_MODE && blob_error(r));
			return r < 0 ? r : n;
		}
		REQUIRE(r == 1 && pos > start && pos <= len && p.end == pos);
		check_profile(&p, buf, start, pos);
		n++;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int n = read_all(data, size);
	uint8_t *twice;

	if (n < 0)
		return 0;
	twice = malloc(2 * size + 1);
	REQUIRE(twice);
	memcpy(twice, data, size);
	memcpy(twice + size, data, size);
	REQUIRE(read_all(twice, 2 * size) == 2 * n);
	free(twice);
	return 0;
}
