// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
/* Compiled policy as the kernel reads it: early/tool/image/policy.c. */
#include "unit.h"

#include "image/policy.h"
#include "util.h"

#define SEEDS "tests/fuzz/corpus/policy/"

static struct featset features;

static struct text seed(const char *name)
{
	struct text ret = { 0 };
	char path[256];

	snprintf(path, sizeof(path), SEEDS "%s", name);
	if (read_file(path, 1 << 20, &ret) < 0)
		fail_msg("%s cannot be read", path);
	return ret;
}

static bool reads(const struct text *blob, struct compiled_policy *policy,
		  struct policy_needs *needs)
{
	struct span span = { blob->data, blob->len };
	size_t pos = 0;

	*needs = (struct policy_needs){ .abi = 0 };
	return policy_next(span, &pos, policy, needs) && pos == blob->len;
}

/* What the kernels of qemu/scenarios/40-bundles.scn did with the three parsers' blobs. */
static void a_format_fits_the_kernels_that_took_it(void **state)
{
	static const struct {
		const char *seed, *features;
		enum policy_fit fit;
	} rows[] = {
		{ "guarded", NULL, POLICY_FITS },
		{ "guarded", "", POLICY_FITS },
		{ "guarded-table", NULL, POLICY_UNCLEAR },
		{ "guarded-table", "", POLICY_REFUSED },
		{ "guarded-table", "policy {permstable32 {allow\n}\n}\n", POLICY_FITS },
		{ "guarded-table-3", NULL, POLICY_UNCLEAR },
		{ "guarded-table-3", "policy {permstable32 {allow\n}\n}\n", POLICY_REFUSED },
		{ "guarded-table-3",
		  "policy {permstable32 {allow\n}\npermstable32_version {0x000001\n}\n}\n",
		  POLICY_REFUSED },
		{ "guarded-table-3",
		  "policy {permstable32 {allow\n}\npermstable32_version {0x000003\n}\n}\n",
		  POLICY_FITS },
		{ "guarded-table-3", "policy {permstable32_version {0x000003\n}\n}\n",
		  POLICY_REFUSED },
		{ "guarded-table-3",
		  "policy {permstable32 {allow\n}\npermstable32_version {0xabc\n}\n}\n",
		  POLICY_FITS },
		{ "guarded-table-3",
		  "policy {permstable32 {allow\n}\npermstable32_version {no\n}\n}\n",
		  POLICY_REFUSED },
	};
	struct compiled_policy policy;
	struct policy_needs needs;
	unsigned int line;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text blob = seed(rows[i].seed);
		const char *text = rows[i].features;

		assert_true(reads(&blob, &policy, &needs));
		features.n = 0;
		if (text && *text)
			assert_true(featset_parse(span_of(text), &features, &line));
		check_number(rows[i].seed, policy_fits(&needs, text ? &features : NULL),
			     rows[i].fit);
		text_free(&blob);
	}
}

static void other_needs_of_a_format(void **state)
{
	static const struct {
		const char *what, *features;
		struct policy_needs needs;
		enum policy_fit fit;
	} rows[] = {
		{ "version 7", NULL, { .abi = 7 }, POLICY_FITS },
		{ "version 9", NULL, { .abi = 9 }, POLICY_UNCLEAR },
		{ "version 9, old", "file {mask {a\n}\n}\n", { .abi = 9 }, POLICY_REFUSED },
		{ "version 9, late", "policy {permstable32 {a\n}\n}\n", { .abi = 9 }, POLICY_FITS },
		{ "wide states, old",
		  "policy {permstable32 {a\n}\n}\n",
		  { .state32 = true },
		  POLICY_REFUSED },
		{ "wide states",
		  "policy {state32 {0x000001\n}\n}\n",
		  { .state32 = true },
		  POLICY_FITS },
		{ "tags", "policy {state32 {0x000001\n}\n}\n", { .tags = true }, POLICY_UNCLEAR },
	};
	unsigned int line;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *text = rows[i].features;

		if (text)
			assert_true(featset_parse(span_of(text), &features, &line));
		check_number(rows[i].what, policy_fits(&rows[i].needs, text ? &features : NULL),
			     rows[i].fit);
	}
}

static void who_may_load_policy_is_read(void **state)
{
	static const struct {
		const char *seed;
		bool admin;
	} rows[] = {
		{ "guarded", true },	     { "guarded-table", true },
		{ "guarded-table-3", true }, { "guarded-complain", true },
		{ "strict", false },	     { "../blob/one", true },
	};
	struct compiled_policy policy;
	struct policy_needs needs;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text blob = seed(rows[i].seed);

		assert_true(reads(&blob, &policy, &needs));
		check_number(rows[i].seed, policy.mac_admin, rows[i].admin);
		text_free(&blob);
	}
}

static void the_reserved_path_is_looked_up(void **state)
{
	static const struct {
		const char *seed;
		bool complain, version, uptime;
	} rows[] = {
		{ "guarded", false, false, true },
		{ "guarded-table", false, false, true },
		{ "guarded-table-3", false, false, true },
		{ "open", false, true, true },
		{ "guarded-complain", true, true, true },
		{ "guarded-complain-table-3", true, true, true },
		{ "../blob/one", false, false, false },
	};
	struct compiled_policy policy;
	struct policy_needs needs;
	uint64_t steps = UINT64_MAX;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text blob = seed(rows[i].seed);

		assert_true(reads(&blob, &policy, &needs));
		check_number(rows[i].seed, policy.complain, rows[i].complain);
		check_number(rows[i].seed,
			     policy_may(&policy, "/proc/version", POLICY_CHOWN, &steps),
			     rows[i].version);
		check_number(rows[i].seed,
			     policy_may(&policy, "/proc/uptime", POLICY_CHOWN, &steps),
			     rows[i].uptime);
		check_number(rows[i].seed,
			     policy_may(&policy, "/proc/version", POLICY_DELETE, &steps),
			     rows[i].version);
		text_free(&blob);
	}
}

/* Where the automaton of the file rules begins in the blob, and each of its tables. */
static uint8_t *table_of(const struct text *blob, enum dfa_table id)
{
	struct compiled_policy policy;
	struct policy_needs needs;

	assert_true(reads(blob, &policy, &needs));
	return (uint8_t *)blob->data + ((const char *)policy.file.dfa.table[id].data - blob->data);
}

/* What verify_table_headers() and verify_dfa() refuse; offsets from the data of a table. */
static void a_damaged_automaton_is_refused(void **state)
{
	static const struct {
		const char *what;
		enum dfa_table table;
		int at;
		uint8_t bytes[4];
		unsigned int n;
	} rows[] = {
		{ "default out of bounds", DFA_DEFAULT, 2, { 0xff, 0xff }, 2 },
		{ "next out of bounds", DFA_NEXT, 2, { 0xff, 0xff }, 2 },
		{ "check out of bounds", DFA_CHECK, 2, { 0xff, 0xff }, 2 },
		{ "base beyond the transitions", DFA_BASE, 4, { 0, 0xff, 0xff, 0xff }, 4 },
		{ "a flag that is none", DFA_BASE, 4, { 0x01 }, 1 },
		{ "a difference without the header's flag", DFA_BASE, 4, { 0x80 }, 1 },
		{ "out of band without the header's flag", DFA_BASE, 4, { 0x20 }, 1 },
		{ "a number of a table that is none", DFA_DEFAULT, -12, { 0, 9 }, 2 },
		{ "the same table twice", DFA_DEFAULT, -12, { 0, 2 }, 2 },
		{ "an unknown width", DFA_DEFAULT, -10, { 0, 3 }, 2 },
		{ "a width that is not the table's", DFA_BASE, -10, { 0, 2 }, 2 },
		{ "no entries", DFA_DEFAULT, -4, { 0, 0, 0, 0 }, 4 },
		{ "more entries than bytes", DFA_DEFAULT, -4, { 0x7f, 0xff, 0xff, 0xff }, 4 },
		{ "fewer entries than states", DFA_DEFAULT, -1, { 1 }, 1 },
	};
	struct compiled_policy policy;
	struct policy_needs needs;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text blob = seed("guarded");
		struct span copy;
		size_t pos = 0;

		memcpy(table_of(&blob, rows[i].table) + rows[i].at, rows[i].bytes, rows[i].n);
		copy = exact_copy((struct span){ blob.data, blob.len });
		needs = (struct policy_needs){ .abi = 0 };
		if (policy_next(copy, &pos, &policy, &needs) || pos)
			fail_msg("%s: it is taken", rows[i].what);
		free((char *)copy.p);
		text_free(&blob);
	}
}

/* Differences that lead round in a circle would be walked for ever. */
static void a_circle_of_differences_is_refused(void **state)
{
	struct text blob = seed("guarded");
	struct compiled_policy policy;
	struct policy_needs needs;
	uint8_t *header, *base = table_of(&blob, DFA_BASE), *def = table_of(&blob, DFA_DEFAULT);

	(void)state;
	/* the magic of the last automaton, and behind it the flags */
	header = NULL;
	for (uint8_t *p = (uint8_t *)blob.data; p < base; p++) {
		if (memcmp(p, "\x1b\x5e\x78\x3d", 4) == 0)
			header = p;
	}
	assert_non_null(header);
	header[13] = 1;
	base[4 * 2] = 0x80;
	assert_true(reads(&blob, &policy, &needs));
	base[4 * 3] = 0x80;
	memcpy(def + 2 * 2, "\0\3\0\2", 4);
	assert_false(reads(&blob, &policy, &needs));
	memcpy(def + 2 * 2, "\0\2\0\1", 4);
	assert_false(reads(&blob, &policy, &needs));
	text_free(&blob);
}

static void another_version_of_the_table_is_refused(void **state)
{
	struct compiled_policy policy;
	struct policy_needs needs;
	struct text blob = seed("guarded-table-3");
	char *at;

	(void)state;
	/* the version of a table of permissions */
	at = memmem(blob.data, blob.len, "\7\4\10\0version\0\2\1", 14);
	assert_non_null(at);
	at[13] = 2;
	assert_false(reads(&blob, &policy, &needs));
	at[13] = 1;
	assert_true(reads(&blob, &policy, &needs));
	text_free(&blob);
}

/* Behind the automaton it would be a table that its states have not been held against. */
static void a_table_behind_its_automaton_is_refused(void **state)
{
	struct compiled_policy policy;
	struct policy_needs needs;
	struct text blob = seed("table-behind");

	(void)state;
	assert_false(reads(&blob, &policy, &needs));
	text_free(&blob);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_format_fits_the_kernels_that_took_it),
		cmocka_unit_test(other_needs_of_a_format),
		cmocka_unit_test(who_may_load_policy_is_read),
		cmocka_unit_test(the_reserved_path_is_looked_up),
		cmocka_unit_test(a_damaged_automaton_is_refused),
		cmocka_unit_test(a_circle_of_differences_is_refused),
		cmocka_unit_test(another_version_of_the_table_is_refused),
		cmocka_unit_test(a_table_behind_its_automaton_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
