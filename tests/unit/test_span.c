// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit.h"

static void test_of_takes_the_text_without_its_nul(void **state)
{
	(void)state;
	assert_int_equal(span_of("").n, 0);
	assert_int_equal(span_of("four").n, 4);
	assert_memory_equal(span_of("four").p, "four", 4);
}

static void test_equality(void **state)
{
	static const struct {
		struct span a, b;
		bool equal;
	} rows[] = {
		{ LIT(""), LIT(""), true },	    { LIT("a"), LIT("a"), true },
		{ LIT("a"), LIT("b"), false },	    { LIT("ab"), LIT("a"), false },
		{ LIT("a"), LIT("ab"), false },	    { LIT(""), LIT("a"), false },
		{ LIT("a\0b"), LIT("a\0b"), true }, { LIT("a\0b"), LIT("a\0c"), false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_number(rows[i].a.p, span_eq(rows[i].a, rows[i].b), rows[i].equal);
}

static void test_is_compares_with_a_string(void **state)
{
	(void)state;
	assert_true(span_is(SPAN("policy"), "policy"));
	assert_false(span_is(SPAN("policy"), "polic"));
	assert_false(span_is(SPAN("policy"), "policyx"));
	assert_false(span_is(SPAN("policy\0"), "policy"));
}

static void test_starts(void **state)
{
	(void)state;
	assert_true(span_starts(SPAN("abc"), "ab"));
	assert_true(span_starts(SPAN("abc"), "abc"));
	assert_true(span_starts(SPAN("abc"), ""));
	assert_false(span_starts(SPAN("abc"), "abcd"));
	assert_false(span_starts(SPAN("abc"), "b"));
}

static void test_order_is_that_of_bytes(void **state)
{
	static const struct {
		struct span a, b;
		int sign;
	} rows[] = {
		{ LIT(""), LIT(""), 0 },	{ LIT("a"), LIT("a"), 0 },
		{ LIT("a"), LIT("b"), -1 },	{ LIT("b"), LIT("a"), 1 },
		{ LIT("a"), LIT("ab"), -1 },	{ LIT("ab"), LIT("a"), 1 },
		{ LIT(""), LIT("a"), -1 },	{ LIT("z"), LIT("ab"), 1 },
		{ LIT("\xff"), LIT("a"), 1 },	{ LIT("a"), LIT("\xff"), -1 },
		{ LIT("a/b"), LIT("a//b"), 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int r = span_cmp(rows[i].a, rows[i].b);

		check_number(rows[i].a.p, (r > 0) - (r < 0), rows[i].sign);
	}
}

static void test_trim(void **state)
{
	static const struct {
		struct span text;
		const char *want;
	} rows[] = {
		{ LIT(""), "" },	  { LIT(" "), "" },	     { LIT(" \t \t"), "" },
		{ LIT("a"), "a" },	  { LIT("  a"), "a" },	     { LIT("a \t"), "a" },
		{ LIT("\ta b "), "a b" }, { LIT("\na\r"), "\na\r" }, { LIT(" \xa0 "), "\xa0" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct span copy = exact_copy(rows[i].text);

		check_span(rows[i].text.p, span_trim(copy), rows[i].want);
		free((char *)copy.p);
	}
}

static void test_lines(void **state)
{
	static const struct {
		struct span text;
		const char *lines[4];
	} rows[] = {
		{ LIT(""), { NULL } },
		{ LIT("\n"), { "", NULL } },
		{ LIT("a"), { "a", NULL } },
		{ LIT("a\n"), { "a", NULL } },
		{ LIT("a\nb"), { "a", "b", NULL } },
		{ LIT("a\n\nb\n"), { "a", "", "b", NULL } },
		{ LIT("a\r\nb"), { "a\r", "b", NULL } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct span copy = exact_copy(rows[i].text), rest = copy, line;

		for (const char *const *want = rows[i].lines; *want; want++) {
			assert_true(span_next_line(&rest, &line));
			check_span(rows[i].text.p, line, *want);
		}
		line = SPAN("untouched");
		assert_false(span_next_line(&rest, &line));
		check_span(rows[i].text.p, line, "untouched");
		assert_ptr_equal(rest.p, copy.p + copy.n);
		free((char *)copy.p);
	}
}

static void test_words(void **state)
{
	static const struct {
		struct span text;
		const char *words[4];
	} rows[] = {
		{ LIT(""), { NULL } },
		{ LIT(" \t\n"), { NULL } },
		{ LIT("one"), { "one", NULL } },
		{ LIT(" one\ttwo\nthree "), { "one", "two", "three", NULL } },
		{ LIT("a,b c\r"), { "a,b", "c\r", NULL } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct span copy = exact_copy(rows[i].text), rest = copy, word;

		for (const char *const *want = rows[i].words; *want; want++) {
			assert_true(span_next_word(&rest, &word));
			check_span(rows[i].text.p, word, *want);
		}
		word = SPAN("untouched");
		assert_false(span_next_word(&rest, &word));
		check_span(rows[i].text.p, word, "untouched");
		assert_int_equal(rest.n, 0);
		assert_ptr_equal(rest.p, copy.p + copy.n);
		free((char *)copy.p);
	}
}

static void test_split(void **state)
{
	struct span left, right;

	(void)state;
	assert_true(span_split(SPAN("a=b=c"), '=', &left, &right));
	check_span("first separator", left, "a");
	check_span("first separator", right, "b=c");
	assert_true(span_split(SPAN("="), '=', &left, &right));
	check_span("nothing on either side", left, "");
	check_span("nothing on either side", right, "");
	assert_true(span_split(SPAN("a="), '=', &left, &right));
	check_span("at the end", left, "a");
	check_span("at the end", right, "");

	left = right = SPAN("untouched");
	assert_false(span_split(SPAN("abc"), '=', &left, &right));
	assert_false(span_split(SPAN(""), '=', &left, &right));
	assert_false(span_split((struct span){ NULL, 0 }, '=', &left, &right));
	assert_false(span_split((struct span){ "a=b", 1 }, '=', &left, &right));
	check_span("no separator", left, "untouched");
	check_span("no separator", right, "untouched");
}

/* rest may be the very span that is split: that is how lists are walked. */
static void test_split_in_place(void **state)
{
	struct span list = SPAN("x,y"), first;

	(void)state;
	assert_true(span_split(list, ',', &first, &list));
	check_span("first", first, "x");
	check_span("rest", list, "y");
}

static void test_uint(void **state)
{
	static const struct {
		struct span text;
		uint64_t max;
		bool good;
		uint64_t value;
	} rows[] = {
		{ LIT("0"), 0, true, 0 },
		{ LIT("9"), 9, true, 9 },
		{ LIT("10"), 9, false, 0 },
		{ LIT("007"), 9, true, 7 },
		{ LIT("65535"), 65535, true, 65535 },
		{ LIT("65536"), 65535, false, 0 },
		{ LIT("999999999999999999"), UINT64_MAX, true, 999999999999999999 },
		{ LIT("1000000000000000000"), UINT64_MAX, false, 0 },
		{ LIT("0000000000000000001"), UINT64_MAX, false, 0 },
		{ LIT(""), 9, false, 0 },
		{ LIT("-1"), 9, false, 0 },
		{ LIT("+1"), 9, false, 0 },
		{ LIT(" 1"), 9, false, 0 },
		{ LIT("1 "), 9, false, 0 },
		{ LIT("0x1"), 9, false, 0 },
		{ LIT("1/"), 99, false, 0 },
		{ LIT("1:"), 99, false, 0 },
		{ LIT("1\0"), 9, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t v = 4711;

		check_number(rows[i].text.p, span_uint(rows[i].text, rows[i].max, &v),
			     rows[i].good);
		check_number(rows[i].text.p, (long long)v,
			     rows[i].good ? (long long)rows[i].value : 4711);
	}
}

static void test_words_are_a_set(void **state)
{
	static const struct {
		const char *want, *have;
		bool subset;
	} rows[] = {
		{ "", "", true },
		{ "", "create read", true },
		{ "create", "", false },
		{ "create", "create", true },
		{ "create", "read create", true },
		{ "create read", "read\tcreate\n", true },
		{ "create read", "create", false },
		{ "create", "creates", false },
		{ "creates", "create", false },
		{ "a a", "a", true },
		{ "a b", "b c", false },
		{ "b a", "b c", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_number(rows[i].want,
			     span_words_subset(span_of(rows[i].want), span_of(rows[i].have)),
			     rows[i].subset);
}

static void test_packed_words(void **state)
{
	static const char words[] = "one\0two\0three\0";

	(void)state;
	check_number("one", words_index(words, span_of("one")), 0);
	check_number("three", words_index(words, span_of("three")), 2);
	check_number("none", words_index(words, span_of("on")), -1);
	check_number("none", words_index(words, span_of("")), -1);
	check_number("none", words_index(words, span_of("onetwo")), -1);
	assert_string_equal(words_at(words, 0), "one");
	assert_string_equal(words_at(words, 2), "three");
}

static void test_little_endian(void **state)
{
	static const char bytes[] = "\x01\x02\x03\x04\x05\x06\x07\xff";
	struct span s = { bytes, 8 };

	(void)state;
	assert_true(span_le(s, 0, 1) == 1);
	assert_true(span_le(s, 1, 2) == 0x0302);
	assert_true(span_le(s, 4, 4) == 0xff070605);
	assert_true(span_le(s, 0, 8) == 0xff07060504030201);
	/* Behind the end, in part or far: nothing is read. */
	assert_true(span_le(s, 5, 4) == 0);
	assert_true(span_le(s, 8, 1) == 0);
	assert_true(span_le(s, SIZE_MAX, 2) == 0);
	assert_true(span_le(s, SIZE_MAX - 1, 8) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_takes_the_text_without_its_nul),
		cmocka_unit_test(test_equality),
		cmocka_unit_test(test_is_compares_with_a_string),
		cmocka_unit_test(test_starts),
		cmocka_unit_test(test_order_is_that_of_bytes),
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_split_in_place),
		cmocka_unit_test(test_uint),
		cmocka_unit_test(test_words_are_a_set),
		cmocka_unit_test(test_packed_words),
		cmocka_unit_test(test_little_endian),
	};

	return cmocka_run_group_tests_name("span", tests, NULL, NULL);
}
