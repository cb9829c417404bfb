// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit.h"

#include "kv.h"

static void test_one_line(void **state)
{
	static const struct {
		struct span text;
		int r;
		const char *key, *value;
	} rows[] = {
		{ LIT(""), 0, NULL, NULL },
		{ LIT("\n\n"), 0, NULL, NULL },
		{ LIT("   \t\n"), 0, NULL, NULL },
		{ LIT("# a = b"), 0, NULL, NULL },
		{ LIT("  # a = b"), 0, NULL, NULL },
		{ LIT("#"), 0, NULL, NULL },
		{ LIT("a = b"), 1, "a", "b" },
		{ LIT("a=b"), 1, "a", "b" },
		{ LIT("\ta\t=\tb\t"), 1, "a", "b" },
		{ LIT("a = b = c"), 1, "a", "b = c" },
		{ LIT("a = b  c"), 1, "a", "b  c" },
		{ LIT("a = b\tc"), 1, "a", "b\tc" },
		{ LIT("a ="), 1, "a", "" },
		{ LIT("a = "), 1, "a", "" },
		{ LIT("a = # b"), 1, "a", "# b" },
		{ LIT("a b = c"), 1, "a b", "c" },
		{ LIT("a = \x80\xff"), 1, "a", "\x80\xff" },
		{ LIT("a = ~"), 1, "a", "~" },
		{ LIT("a"), -1, NULL, NULL },
		{ LIT("= b"), -1, NULL, NULL },
		{ LIT(" = b"), -1, NULL, NULL },
		{ LIT("="), -1, NULL, NULL },
		{ LIT("a = b\r"), -1, NULL, NULL },
		{ LIT("a = b\r\n"), -1, NULL, NULL },
		{ LIT("a = b\0"), -1, NULL, NULL },
		{ LIT("a\0 = b"), -1, NULL, NULL },
		{ LIT("\x01"
		      "a = b"),
		  -1, NULL, NULL },
		{ LIT("a = \x1f"), -1, NULL, NULL },
		{ LIT("a = \x7f"), -1, NULL, NULL },
		{ LIT("a = \x01"), -1, NULL, NULL },
		{ LIT("# \x1b comment"), -1, NULL, NULL },
		{ LIT("\0"), -1, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct span copy = exact_copy(rows[i].text);
		struct kv kv = kv_open(copy);

		check_number(rows[i].text.p, kv_next(&kv), rows[i].r);
		if (rows[i].key) {
			check_span(rows[i].text.p, kv.key, rows[i].key);
			check_span(rows[i].text.p, kv.value, rows[i].value);
		}
		free((char *)copy.p);
	}
}

static void test_lines_are_counted_from_one(void **state)
{
	static const char text[] = "# comment\n\n a = 1 \nbad\n\nb = 2";
	struct kv kv = kv_open(SPAN(text));

	(void)state;
	assert_int_equal(kv.line, 0);
	assert_int_equal(kv_next(&kv), 1);
	assert_int_equal(kv.line, 3);
	check_span("trimmed line", kv.text, "a = 1");
	check_span("the rest", kv.rest, "bad\n\nb = 2");
	assert_int_equal(kv_next(&kv), -1);
	assert_int_equal(kv.line, 4);
	check_span("the bad line", kv.text, "bad");
	assert_int_equal(kv_next(&kv), 1);
	assert_int_equal(kv.line, 6);
	check_span("after a bad line", kv.key, "b");
	assert_int_equal(kv_next(&kv), 0);
	assert_int_equal(kv.line, 6);
	assert_int_equal(kv_next(&kv), 0);
}

static void test_version(void **state)
{
	static const struct {
		struct span text;
		bool good;
	} rows[] = {
		{ LIT("version = 1"), true },
		{ LIT("# c\n\n  version=1  \nx = y"), true },
		{ LIT("version = 2"), false },
		{ LIT("version = 1.0"), false },
		{ LIT("version = 01"), false },
		{ LIT("version ="), false },
		{ LIT("versions = 1"), false },
		{ LIT("Version = 1"), false },
		{ LIT("policy = off\nversion = 1"), false },
		{ LIT("version 1"), false },
		{ LIT("version = 1\r\n"), false },
		{ LIT(""), false },
		{ LIT("# only a comment\n"), false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kv kv = kv_open(rows[i].text);

		check_number(rows[i].text.p, kv_version(&kv), rows[i].good);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_line),
		cmocka_unit_test(test_lines_are_counted_from_one),
		cmocka_unit_test(test_version),
	};

	return cmocka_run_group_tests_name("kv", tests, NULL, NULL);
}
