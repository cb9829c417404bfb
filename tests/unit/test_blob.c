// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Blobs that a parser wrote (tests/fuzz/corpus/blob), and blobs that are put together here from
 * tagged values, as the kernel's security/apparmor/policy_unpack.c reads them.
 */
#include "unit.h"

#include "blob.h"

#define CORPUS "tests/fuzz/corpus/blob/"

/* The tags, by enum aa_code. */
enum { U8, U16, U32, U64, NAME, STRING, BLOB, STRUCT, STRUCTEND, LIST, LISTEND, ARRAY, ARRAYEND };

struct builder {
	uint8_t bytes[4096];
	size_t n;
};

static void put(struct builder *b, uint64_t v, size_t n)
{
	assert_true(b->n + n <= sizeof(b->bytes));
	for (; n; n--, v >>= 8)
		b->bytes[b->n++] = (uint8_t)v;
}

static void put_bytes(struct builder *b, const void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put(b, ((const uint8_t *)p)[i], 1);
}

/* A NAME or STRING with its closing NUL. */
static void put_text(struct builder *b, unsigned int tag, struct span text)
{
	put(b, tag, 1);
	put(b, text.n + 1, 2);
	put_bytes(b, text.p, text.n);
	put(b, 0, 1);
}

static void put_name(struct builder *b, const char *name)
{
	put_text(b, NAME, span_of(name));
}

static void put_u32(struct builder *b, uint32_t v)
{
	put(b, U32, 1);
	put(b, v, 4);
}

static void put_version(struct builder *b, uint32_t version)
{
	put_name(b, "version");
	put_u32(b, version);
}

static void put_namespace(struct builder *b, const char *ns)
{
	put_name(b, "namespace");
	put_text(b, STRING, span_of(ns));
}

static void open_profile(struct builder *b, const char *name)
{
	put_name(b, "profile");
	put(b, STRUCT, 1);
	put_text(b, STRING, span_of(name));
}

static void put_flags(struct builder *b, uint32_t mode)
{
	put_name(b, "flags");
	put(b, STRUCT, 1);
	put_u32(b, 0);
	put_u32(b, mode);
	put_u32(b, 0);
	put(b, STRUCTEND, 1);
}

static void put_profile(struct builder *b, const char *name, uint32_t mode)
{
	open_profile(b, name);
	put_flags(b, mode);
	put(b, STRUCTEND, 1);
}

/* Reads from a copy of exactly that size. */
static int next(const struct builder *b, size_t *pos, struct blob_profile *p)
{
	struct span copy = exact_copy((struct span){ (const char *)b->bytes, b->n });
	int r = blob_next(copy.p, copy.n, pos, p);

	/* Names outlive the copy: they have to point into it. */
	if (r == 1) {
		assert_in_range(p->name, copy.p, copy.p + copy.n - p->name_len);
		p->name = (const char *)b->bytes + (p->name - copy.p);
	}
	if (r == 1 && p->ns) {
		assert_in_range(p->ns, copy.p, copy.p + copy.n - p->ns_len);
		p->ns = (const char *)b->bytes + (p->ns - copy.p);
	}
	free((char *)copy.p);
	return r;
}

static void check_profile(const struct blob_profile *p, const char *name, unsigned int mode)
{
	check_span("name", (struct span){ p->name, p->name_len }, name);
	check_number(name, p->mode, mode);
}

static int first(const struct builder *b, struct blob_profile *p)
{
	size_t pos = 0;

	memset(p, 0, sizeof(*p));
	return next(b, &pos, p);
}

/* The first read fails with `err`, and moves and sets nothing. */
static void check_refused(const char *row, const struct builder *b, int err)
{
	struct blob_profile p, before;
	size_t pos = 0;

	memset(&p, 0, sizeof(p));
	before = p;
	check_number(row, next(b, &pos, &p), err);
	check_number(row, (long long)pos, 0);
	assert_memory_equal(&p, &before, sizeof(p));
}

static void test_mode_names(void **state)
{
	(void)state;
	assert_string_equal(profile_mode_name(MODE_ENFORCE), "enforce");
	assert_string_equal(profile_mode_name(MODE_COMPLAIN), "complain");
	assert_string_equal(profile_mode_name(MODE_KILL), "kill");
	assert_string_equal(profile_mode_name(MODE_UNCONFINED), "unconfined");
	assert_string_equal(profile_mode_name(MODE_USER), "user");
	assert_null(profile_mode_name(MODE_COUNT));
	assert_null(profile_mode_name(UINT32_MAX));
}

static void test_errors_in_words(void **state)
{
	(void)state;
	assert_string_equal(blob_error(BLOB_TRUNCATED), "it ends in the middle of a profile");
	assert_string_equal(blob_error(BLOB_FORMAT), "it is not compiled AppArmor policy");
	assert_string_equal(blob_error(BLOB_VERSION),
			    "its format is not of version 5 to 9, or compressed");
	assert_string_equal(blob_error(BLOB_MODE), "a profile has an unknown mode");
	assert_non_null(blob_error(0));
	assert_non_null(blob_error(-99));
}

static void test_modes(void **state)
{
	(void)state;
	for (unsigned int mode = 0; mode < MODE_COUNT; mode++) {
		struct builder b = { .n = 0 };
		struct blob_profile p;

		put_version(&b, 5);
		put_profile(&b, "global", mode);
		assert_int_equal(first(&b, &p), 1);
		check_profile(&p, "global", mode);
		assert_null(p.ns);
		assert_int_equal(p.version, 5);
		assert_int_equal(p.end, b.n);
	}
}

static void test_unknown_modes(void **state)
{
	static const uint32_t rows[] = { MODE_COUNT, 6, 255, 256, 0x10000, UINT32_MAX };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct builder b = { .n = 0 };

		put_version(&b, 5);
		put_profile(&b, "global", rows[i]);
		check_refused("mode", &b, BLOB_MODE);
	}
}

static void test_versions(void **state)
{
	static const struct {
		uint32_t version;
		int r;
		unsigned int mode;
	} rows[] = {
		{ 5, 1, MODE_ENFORCE },
		{ 7, 1, MODE_ENFORCE },
		{ 9, 1, MODE_ENFORCE },
		{ 4, BLOB_VERSION, 0 },
		{ 10, BLOB_VERSION, 0 },
		{ 0, BLOB_VERSION, 0 },
		{ 0x3ff, BLOB_VERSION, 0 },
		/* Bits above the version: 0x800 makes every profile complain, the others say
		   nothing. */
		{ 0x805, 1, MODE_COMPLAIN },
		{ 0x809, 1, MODE_COMPLAIN },
		{ 0x405, 1, MODE_ENFORCE },
		{ 0xfffff405, 1, MODE_ENFORCE },
		{ 0xfffffc05, 1, MODE_COMPLAIN },
		{ 0x804, BLOB_VERSION, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct builder b = { .n = 0 };
		struct blob_profile p;

		put_version(&b, rows[i].version);
		put_profile(&b, "global", MODE_ENFORCE);
		check_number("version", first(&b, &p), rows[i].r);
		if (rows[i].r == 1) {
			check_number("mode", p.mode, rows[i].mode);
			check_number("version", p.version, rows[i].version);
		}
	}
}

/* The mode under the flag is complain whatever the profile says, but it has to say a known one. */
static void test_forced_complain_of_each_mode(void **state)
{
	(void)state;
	for (unsigned int mode = 0; mode <= MODE_COUNT; mode++) {
		struct builder b = { .n = 0 };
		struct blob_profile p;

		put_version(&b, 0x805);
		put_profile(&b, "global", mode);
		if (mode == MODE_COUNT) {
			check_refused("unknown", &b, BLOB_MODE);
			continue;
		}
		assert_int_equal(first(&b, &p), 1);
		check_profile(&p, "global", MODE_COMPLAIN);
	}
}

static void test_version_is_inherited_within_a_blob_only(void **state)
{
	struct builder b = { .n = 0 };
	struct blob_profile p = { .version = 7 };
	size_t pos = 0;

	(void)state;
	put_version(&b, 0x806);
	put_profile(&b, "a", MODE_ENFORCE);
	put_profile(&b, "a//b", MODE_ENFORCE);
	put_version(&b, 5);
	put_profile(&b, "c", MODE_ENFORCE);
	put_profile(&b, "c//d", MODE_KILL);
	assert_int_equal(next(&b, &pos, &p), 1);
	check_profile(&p, "a", MODE_COMPLAIN);
	assert_int_equal(next(&b, &pos, &p), 1);
	check_profile(&p, "a//b", MODE_COMPLAIN);
	assert_int_equal(p.version, 0x806);
	assert_int_equal(next(&b, &pos, &p), 1);
	check_profile(&p, "c", MODE_ENFORCE);
	assert_int_equal(next(&b, &pos, &p), 1);
	check_profile(&p, "c//d", MODE_KILL);
	assert_int_equal(p.version, 5);
	assert_int_equal(pos, b.n);
	assert_int_equal(next(&b, &pos, &p), 0);
	assert_int_equal(next(&b, &pos, &p), 0);
	check_profile(&p, "c//d", MODE_KILL);

	/* A blob that begins without a version has none, whatever was read before. */
	b.n = 0;
	put_profile(&b, "a", MODE_ENFORCE);
	pos = 0;
	assert_int_equal(next(&b, &pos, &p), BLOB_VERSION);
}

static void test_namespaces(void **state)
{
	struct builder b = { .n = 0 };
	struct blob_profile p = { .name = NULL };
	size_t pos = 0;

	(void)state;
	put_version(&b, 5);
	put_namespace(&b, "space");
	put_profile(&b, "a", MODE_ENFORCE);
	put_namespace(&b, "other");
	put_profile(&b, "b", MODE_ENFORCE);
	put_version(&b, 5);
	put_profile(&b, "c", MODE_ENFORCE);
	assert_int_equal(next(&b, &pos, &p), 1);
	check_profile(&p, "a", MODE_ENFORCE);
	check_span("namespace", (struct span){ p.ns, p.ns_len }, "space");
	assert_int_equal(next(&b, &pos, &p), 1);
	check_profile(&p, "b", MODE_ENFORCE);
	check_span("namespace", (struct span){ p.ns, p.ns_len }, "other");
	assert_int_equal(next(&b, &pos, &p), 1);
	check_profile(&p, "c", MODE_ENFORCE);
	assert_null(p.ns);
	assert_int_equal(p.ns_len, 0);
}

/* A namespace in the name is one too: whoever forbids namespaces has to see it. */
static void test_namespace_within_the_name(void **state)
{
	static const char *const rows[] = { ":space:a", ":space://a", ":", ":a" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct builder b = { .n = 0 };
		struct blob_profile p;

		put_version(&b, 5);
		put_profile(&b, rows[i], MODE_ENFORCE);
		assert_int_equal(first(&b, &p), 1);
		assert_non_null(p.ns);
		check_profile(&p, rows[i], MODE_ENFORCE);
		check_span(rows[i], (struct span){ p.ns, p.ns_len }, rows[i]);

		b.n = 0;
		put_version(&b, 5);
		put_namespace(&b, "header");
		put_profile(&b, rows[i], MODE_ENFORCE);
		assert_int_equal(first(&b, &p), 1);
		check_span(rows[i], (struct span){ p.ns, p.ns_len }, "header");
	}
}

static void test_a_colon_later_is_no_namespace(void **state)
{
	struct builder b = { .n = 0 };
	struct blob_profile p;

	(void)state;
	put_version(&b, 5);
	put_profile(&b, "a:b", MODE_ENFORCE);
	assert_int_equal(first(&b, &p), 1);
	assert_null(p.ns);
}

/* Every tag is stepped over by its own size, at any depth, flags or no flags inside. */
static void test_everything_in_a_body(void **state)
{
	struct builder b = { .n = 0 };
	struct blob_profile p = { .name = NULL };
	size_t pos = 0;

	(void)state;
	put_version(&b, 5);
	open_profile(&b, "global");
	put_name(&b, "attach");
	put_text(&b, STRING, SPAN("/{,**}"));
	put_name(&b, "xtable");
	put(&b, STRUCT, 1);
	put(&b, ARRAY, 1);
	put(&b, 1, 2);
	/* The parser's way of writing the target ":space:other". */
	put_text(&b, STRING, SPAN(":space\0other"));
	put(&b, ARRAYEND, 1);
	/* Not the profile's own. */
	put_flags(&b, 99);
	put(&b, STRUCTEND, 1);
	put_flags(&b, MODE_KILL);
	/* Nor is a second one. */
	put_name(&b, "flags");
	put(&b, U8, 1);
	put(&b, STRUCTEND, 1); /* a value, no tag */
	put(&b, U16, 1);
	put(&b, 0x0808, 2);
	put(&b, U64, 1);
	put(&b, 0x0808080808080808, 8);
	put(&b, BLOB, 1);
	put(&b, 5, 4);
	put_bytes(&b, "\x08\x08\x08\x08\x08", 5);
	put(&b, BLOB, 1);
	put(&b, 0, 4);
	put(&b, LIST, 1);
	put(&b, LISTEND, 1);
	put_text(&b, STRING, SPAN(""));
	put_text(&b, NAME, SPAN(""));
	put_u32(&b, 0x08080808);
	put(&b, STRUCTEND, 1);
	put_profile(&b, "next", MODE_USER);
	assert_int_equal(next(&b, &pos, &p), 1);
	check_profile(&p, "global", MODE_KILL);
	assert_int_equal(next(&b, &pos, &p), 1);
	check_profile(&p, "next", MODE_USER);
	assert_int_equal(pos, b.n);
}

/* What stands where the first name, the version, the profile and its flags have to stand. */
static void test_wrong_order(void **state)
{
	struct builder b = { .n = 0 };

	(void)state;
	put_u32(&b, 5);
	check_refused("no name", &b, BLOB_FORMAT);

	b.n = 0;
	put_text(&b, STRING, SPAN("version"));
	put_u32(&b, 5);
	put_profile(&b, "a", 0);
	check_refused("a string for a name", &b, BLOB_FORMAT);

	b.n = 0;
	put_name(&b, "version");
	put(&b, U16, 1);
	put(&b, 5, 2);
	put_profile(&b, "a", 0);
	check_refused("version of 16 bits", &b, BLOB_FORMAT);

	b.n = 0;
	put_version(&b, 5);
	put_u32(&b, 5);
	check_refused("no name behind the version", &b, BLOB_FORMAT);

	b.n = 0;
	put_name(&b, "hat");
	check_refused("an unknown name, no version", &b, BLOB_VERSION);

	b.n = 0;
	put_version(&b, 5);
	put_name(&b, "hat");
	put(&b, STRUCT, 1);
	check_refused("another struct", &b, BLOB_FORMAT);

	b.n = 0;
	put_version(&b, 5);
	put_version(&b, 5);
	put_profile(&b, "a", 0);
	check_refused("version twice", &b, BLOB_FORMAT);
}

static void test_wrong_namespace_or_name(void **state)
{
	struct builder b = { .n = 0 };

	(void)state;
	put_version(&b, 5);
	put_name(&b, "namespace");
	put_u32(&b, 5);
	put_profile(&b, "a", 0);
	check_refused("namespace that is no string", &b, BLOB_FORMAT);

	b.n = 0;
	put_version(&b, 5);
	put_namespace(&b, "space");
	put_u32(&b, 5);
	check_refused("no name behind the namespace", &b, BLOB_FORMAT);

	b.n = 0;
	put_namespace(&b, "space");
	put_profile(&b, "a", 0);
	check_refused("namespace without version", &b, BLOB_VERSION);

	b.n = 0;
	put_version(&b, 5);
	put_name(&b, "profile");
	put(&b, LIST, 1);
	check_refused("profile that is no struct", &b, BLOB_FORMAT);

	b.n = 0;
	put_version(&b, 5);
	put_name(&b, "profile");
	put(&b, STRUCT, 1);
	put_name(&b, "global");
	check_refused("name that is no string", &b, BLOB_FORMAT);
}

static void test_bad_flags(void **state)
{
	struct builder b = { .n = 0 };
	size_t head;

	(void)state;
	put_version(&b, 5);
	open_profile(&b, "global");
	head = b.n;
	put(&b, STRUCTEND, 1);
	check_refused("no flags", &b, BLOB_FORMAT);

	b.n = head;
	put_name(&b, "flags");
	put_u32(&b, 0);
	check_refused("flags that are no struct", &b, BLOB_FORMAT);

	b.n = head;
	put_name(&b, "flags");
	put(&b, STRUCT, 1);
	put(&b, U8, 1);
	put(&b, 0, 1);
	check_refused("first flag of 8 bits", &b, BLOB_FORMAT);

	b.n = head;
	put_name(&b, "flags");
	put(&b, STRUCT, 1);
	put_u32(&b, 0);
	put(&b, STRUCTEND, 1);
	check_refused("one flag", &b, BLOB_FORMAT);

	b.n = head;
	put_text(&b, STRING, SPAN("flags"));
	put(&b, STRUCT, 1);
	put_u32(&b, 0);
	put_u32(&b, 1);
	put_u32(&b, 0);
	put(&b, STRUCTEND, 1);
	put(&b, STRUCTEND, 1);
	check_refused("a string \"flags\"", &b, BLOB_FORMAT);
}

static void test_bad_texts(void **state)
{
	struct builder b = { .n = 0 };
	size_t head;

	(void)state;
	put_version(&b, 5);
	head = b.n;
	put_profile(&b, "", 0);
	check_refused("empty name", &b, BLOB_FORMAT);

	b.n = head;
	put_name(&b, "profile");
	put(&b, STRUCT, 1);
	put_text(&b, STRING, SPAN("a\0b"));
	put_flags(&b, 0);
	put(&b, STRUCTEND, 1);
	check_refused("NUL in the profile's name", &b, BLOB_FORMAT);

	b.n = head;
	put_text(&b, NAME, SPAN("profile\0x"));
	check_refused("NUL in a tag's name", &b, BLOB_FORMAT);

	b.n = head;
	put(&b, NAME, 1);
	put(&b, 0, 2);
	check_refused("name of no bytes", &b, BLOB_FORMAT);

	b.n = head;
	put(&b, NAME, 1);
	put(&b, 3, 2);
	put_bytes(&b, "abc", 3);
	check_refused("name without a NUL", &b, BLOB_FORMAT);

	b.n = head;
	open_profile(&b, "a");
	put(&b, STRING, 1);
	put(&b, 3, 2);
	put_bytes(&b, "abc", 3);
	check_refused("string without a NUL", &b, BLOB_FORMAT);
}

static void test_garbage(void **state)
{
	static const struct {
		struct span bytes;
		int err;
	} rows[] = {
		{ LIT("\0"), BLOB_TRUNCATED },
		{ LIT("\0\0\0\0\0\0\0\0"), BLOB_FORMAT },
		{ LIT("\x0d"), BLOB_FORMAT },
		{ LIT("\xff\xff\xff\xff"), BLOB_FORMAT },
		{ LIT("#!/bin/sh\n"), BLOB_FORMAT },
		{ LIT("profile global {}"), BLOB_FORMAT },
		{ LIT("\x1f\x8b\x08\0\0\0\0\0"), BLOB_FORMAT },
		{ LIT("\x28\xb5\x2f\xfd\x04\0\0\0"), BLOB_FORMAT },
		{ LIT("\x04\xff\xff"), BLOB_TRUNCATED },
		{ LIT("\x06\xff\xff\xff\xff"), BLOB_TRUNCATED },
		{ LIT("\x07"), BLOB_FORMAT },
		{ LIT("\x02"), BLOB_TRUNCATED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct builder b = { .n = 0 };

		put_bytes(&b, rows[i].bytes.p, rows[i].bytes.n);
		check_refused(rows[i].bytes.p, &b, rows[i].err);
	}
}

static void test_unknown_tag_in_a_body(void **state)
{
	(void)state;
	for (unsigned int tag = ARRAYEND + 1; tag < 256; tag++) {
		struct builder b = { .n = 0 };

		put_version(&b, 5);
		open_profile(&b, "a");
		put_flags(&b, 0);
		put(&b, tag, 1);
		put(&b, STRUCTEND, 1);
		check_refused("tag", &b, BLOB_FORMAT);
	}
}

static void test_nothing(void **state)
{
	struct blob_profile p = { .name = "before" };
	size_t pos = 0;

	(void)state;
	assert_int_equal(blob_next("", 0, &pos, &p), 0);
	assert_int_equal(pos, 0);
	pos = 7;
	assert_int_equal(blob_next("abc", 3, &pos, &p), 0);
	assert_int_equal(pos, 7);
	assert_string_equal(p.name, "before");
}

/* A cut at each byte of a blob is an error there or, between two profiles, a clean end. */
static void check_every_cut(const struct builder *whole, unsigned int profiles)
{
	struct builder b = *whole;
	unsigned int clean = 0;

	for (b.n = 0; b.n <= whole->n; b.n++) {
		struct blob_profile p = { .name = NULL };
		size_t pos = 0, end = 0;
		int r;

		while ((r = next(&b, &pos, &p)) == 1)
			end = p.end;
		if (r == 0) {
			assert_int_equal(end, b.n);
			clean++;
		} else {
			assert_int_equal(r, BLOB_TRUNCATED);
			assert_int_equal(pos, end);
		}
	}
	assert_int_equal(clean, profiles + 1);
}

static void test_cut_anywhere(void **state)
{
	struct builder b = { .n = 0 };

	(void)state;
	put_version(&b, 5);
	put_namespace(&b, "space");
	open_profile(&b, "a");
	put_name(&b, "x");
	put(&b, BLOB, 1);
	put(&b, 9, 4);
	put_bytes(&b, "123456789", 9);
	put(&b, U8, 1);
	put(&b, 1, 1);
	put(&b, U16, 1);
	put(&b, 1, 2);
	put(&b, U64, 1);
	put(&b, 1, 8);
	put(&b, ARRAY, 1);
	put(&b, 1, 2);
	put_flags(&b, MODE_ENFORCE);
	put(&b, STRUCTEND, 1);
	put_profile(&b, "a//b", MODE_COMPLAIN);
	put_version(&b, 5);
	put_profile(&b, "c", MODE_KILL);
	check_every_cut(&b, 3);
}

/* Into a static buffer: the parser's blobs are under 32 KiB. */
static struct span corpus(const char *name)
{
	static char bytes[1 << 15];
	FILE *f;
	size_t n;

	f = fopen(name, "rb");
	if (!f)
		fail_msg("cannot open %s: run the tests in the top directory", name);
	n = fread(bytes, 1, sizeof(bytes), f);
	assert_true(n > 0 && n < sizeof(bytes));
	assert_int_equal(fclose(f), 0);
	return (struct span){ bytes, n };
}

struct known {
	const char *name;
	unsigned int mode;
};

static const struct known many[] = {
	{ "global", MODE_COMPLAIN },	 { "global//child", MODE_ENFORCE },
	{ "global//hat", MODE_ENFORCE }, { "name with blanks", MODE_KILL },
	{ "nothing", MODE_UNCONFINED },	 { "second", MODE_ENFORCE },
	{ "second//sub", MODE_ENFORCE },
};

static void check_corpus(struct span text, const struct known *want, size_t n)
{
	struct blob_profile p = { .name = NULL };
	size_t pos = 0;

	for (size_t i = 0; i < n; i++) {
		assert_int_equal(blob_next(text.p, text.n, &pos, &p), 1);
		check_profile(&p, want[i].name, want[i].mode);
		assert_null(p.ns);
		assert_int_equal(p.end, pos);
	}
	assert_int_equal(blob_next(text.p, text.n, &pos, &p), 0);
	assert_int_equal(pos, text.n);
}

static void test_blobs_of_the_parser(void **state)
{
	static const struct known one[] = { { "global", MODE_ENFORCE } };
	static const struct known forced[] = { { "global", MODE_COMPLAIN } };
	struct known both[1 + COUNT(many)];

	(void)state;
	check_corpus(corpus(CORPUS "one"), one, 1);
	check_corpus(corpus(CORPUS "forced"), forced, 1);
	check_corpus(corpus(CORPUS "many"), many, COUNT(many));
	both[0] = one[0];
	memcpy(both + 1, many, sizeof(many));
	check_corpus(corpus(CORPUS "two-files"), both, COUNT(both));
}

static void test_blob_of_the_parser_with_a_namespace(void **state)
{
	struct span text = corpus(CORPUS "space");
	struct blob_profile p = { .name = NULL };
	size_t pos = 0;

	(void)state;
	assert_int_equal(blob_next(text.p, text.n, &pos, &p), 1);
	check_profile(&p, "inner", MODE_ENFORCE);
	assert_non_null(p.ns);
	check_span("namespace", (struct span){ p.ns, p.ns_len }, "space");
}

static void test_cut_anywhere_in_a_blob_of_the_parser(void **state)
{
	struct span text = corpus(CORPUS "many");
	unsigned int clean = 0;

	(void)state;
	for (size_t cut = 0; cut <= text.n; cut++) {
		struct span copy = exact_copy((struct span){ text.p, cut });
		struct blob_profile p = { .name = NULL };
		size_t pos = 0, n = 0;
		int r;

		while ((r = blob_next(copy.p, copy.n, &pos, &p)) == 1)
			check_profile(&p, many[n].name, many[n].mode), n++;
		if (r == 0)
			clean++;
		else
			assert_int_equal(r, BLOB_TRUNCATED);
		assert_true(r < 0 || pos == cut);
		free((char *)copy.p);
	}
	assert_int_equal(clean, COUNT(many) + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mode_names),
		cmocka_unit_test(test_errors_in_words),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_unknown_modes),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_forced_complain_of_each_mode),
		cmocka_unit_test(test_version_is_inherited_within_a_blob_only),
		cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_namespace_within_the_name),
		cmocka_unit_test(test_a_colon_later_is_no_namespace),
		cmocka_unit_test(test_everything_in_a_body),
		cmocka_unit_test(test_wrong_order),
		cmocka_unit_test(test_wrong_namespace_or_name),
		cmocka_unit_test(test_bad_flags),
		cmocka_unit_test(test_bad_texts),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_unknown_tag_in_a_body),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_blobs_of_the_parser),
		cmocka_unit_test(test_blob_of_the_parser_with_a_namespace),
		cmocka_unit_test(test_cut_anywhere_in_a_blob_of_the_parser),
	};

	return cmocka_run_group_tests_name("blob", tests, NULL, NULL);
}
