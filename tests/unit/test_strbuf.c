// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit.h"

#include <errno.h>

#include "strbuf.h"

static void test_starts_empty(void **state)
{
	char buf[4] = "old";
	struct strbuf sb;

	(void)state;
	sb_init(&sb, buf, sizeof(buf));
	assert_string_equal(buf, "");
	assert_int_equal(sb.len, 0);
	assert_int_equal(sb.cap, sizeof(buf));
	assert_false(sb.cut);
}

static void test_appends(void **state)
{
	char buf[64];
	struct strbuf sb;

	(void)state;
	sb_init(&sb, buf, sizeof(buf));
	sb_strs(&sb, "one", " ", "two", NULL);
	assert_string_equal(buf, "one two");
	sb_strs(&sb, NULL);
	sb_span(&sb, SPAN(""));
	sb_span(&sb, (struct span){ NULL, 0 });
	assert_string_equal(buf, "one two");
	sb_span(&sb, (struct span){ "threefold", 5 });
	assert_string_equal(buf, "one twothree");
	assert_int_equal(sb.len, strlen(buf));
	assert_false(sb.cut);
}

static void test_numbers(void **state)
{
	static const struct {
		uint64_t v;
		const char *want;
	} rows[] = {
		{ 0, "0" },
		{ 9, "9" },
		{ 10, "10" },
		{ 4096, "4096" },
		{ UINT32_MAX, "4294967295" },
		{ UINT64_MAX, "18446744073709551615" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char buf[32];
		struct strbuf sb;

		sb_init(&sb, buf, sizeof(buf));
		sb_uint(&sb, rows[i].v);
		check_text(rows[i].want, buf, rows[i].want);
	}
}

static void test_quotes_hide_what_is_not_printable(void **state)
{
	static const struct {
		struct span text;
		const char *want;
	} rows[] = {
		{ LIT(""), "\"\"" },
		{ LIT("a b"), "\"a b\"" },
		{ LIT(" ~"), "\" ~\"" },
		{ LIT("\x1f\x7f"), "\"?"
				   "?\"" },
		{ LIT("a\nb\0c\r"), "\"a?b?c?\"" },
		{ LIT("\x80\xa0\xff"), "\"?"
				       "?"
				       "?\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char buf[32];
		struct strbuf sb;

		sb_init(&sb, buf, sizeof(buf));
		sb_quoted(&sb, rows[i].text);
		check_text(rows[i].want, buf, rows[i].want);
	}
}

/* Every capacity: what fits stays, what does not ends in "...", and nothing is written behind. */
static void test_every_capacity(void **state)
{
	static const char text[] = "abcdefgh";
	const size_t n = sizeof(text) - 1;

	(void)state;
	for (size_t cap = 1; cap < 12; cap++) {
		char *buf = malloc(cap), want[sizeof(text)];
		struct strbuf sb;

		assert_non_null(buf);
		sb_init(&sb, buf, cap);
		sb_span(&sb, span_of(text));
		memcpy(want, text, sizeof(want));
		if (cap <= n) {
			want[cap - 1] = '\0';
			if (cap >= 4)
				memcpy(want + cap - 4, "...", 4);
		}
		check_text("cut", buf, want);
		assert_int_equal(sb.cut, cap <= n);
		assert_int_equal(sb.len, strlen(buf));
		free(buf);
	}
}

static void test_nothing_follows_a_cut(void **state)
{
	char buf[8];
	struct strbuf sb;

	(void)state;
	sb_init(&sb, buf, sizeof(buf));
	sb_strs(&sb, "1234567", NULL);
	assert_false(sb.cut);
	assert_string_equal(buf, "1234567");
	sb_span(&sb, SPAN(""));
	assert_false(sb.cut);
	sb_strs(&sb, "8", NULL);
	assert_true(sb.cut);
	assert_string_equal(buf, "1234...");
	sb_strs(&sb, "9", NULL);
	sb_uint(&sb, 10);
	sb_quoted(&sb, SPAN("x"));
	assert_string_equal(buf, "1234...");
}

static void test_errors_have_names(void **state)
{
	static const struct {
		int err;
		const char *text;
	} rows[] = {
		{ 0, "" },
		{ EPERM, ": EPERM" },
		{ ENOENT, ": ENOENT" },
		{ ENOEXEC, ": ENOEXEC" },
		{ ENOMEM, ": ENOMEM" },
		{ EACCES, ": EACCES" },
		{ EBUSY, ": EBUSY" },
		{ EEXIST, ": EEXIST" },
		{ ENODEV, ": ENODEV" },
		{ EINVAL, ": EINVAL" },
		{ EFBIG, ": EFBIG" },
		{ EROFS, ": EROFS" },
		{ EPROTO, ": EPROTO" },
		{ EIO, ": 5" },
		{ EPROTONOSUPPORT, ": EPROTONOSUPPORT" },
		{ 256 + EPERM, ": 257" },
	};
	char text[64];
	struct strbuf sb;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		sb_init(&sb, text, sizeof(text));
		sb_errno(&sb, rows[i].err);
		check_text(rows[i].text, text, rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_starts_empty),
		cmocka_unit_test(test_appends),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_quotes_hide_what_is_not_printable),
		cmocka_unit_test(test_every_capacity),
		cmocka_unit_test(test_nothing_follows_a_cut),
		cmocka_unit_test(test_errors_have_names),
	};

	return cmocka_run_group_tests_name("strbuf", tests, NULL, NULL);
}
