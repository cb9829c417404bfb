// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
#include "unit.h"

#include "term.h"

static char *printed(struct span s)
{
	static char buf[256];
	FILE *to = fmemopen(buf, sizeof(buf), "w");

	assert_non_null(to);
	print_safe(to, s);
	assert_int_equal(fclose(to), 0);
	return buf;
}

static void test_safe(void **state)
{
	static const struct {
		struct span text;
		const char *utf8, *c;
	} rows[] = {
		{ LIT("plain text"), "plain text", "plain text" },
		{ LIT("a\\x2db"), "a\\x2db", "a\\x2db" },
		{ LIT("\x1b[31m"), "\\x1b[31m", "\\x1b[31m" },
		{ LIT("a\nb\tc\rd"), "a\\x0ab\\x09c\\x0dd", "a\\x0ab\\x09c\\x0dd" },
		{ LIT("a\0b"), "a\\x00b", "a\\x00b" },
		{ LIT("\x7f"), "\\x7f", "\\x7f" },
		{ LIT("\xc3\xa4"), "\xc3\xa4", "\\xc3\\xa4" },
		{ LIT("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80", "\\xf0\\x9f\\x98\\x80" },
		{ LIT("\xc2\x9b"), "\\xc2\\x9b", "\\xc2\\x9b" },	       /* C1: CSI */
		{ LIT("\xe2\x80\xae"), "\\xe2\\x80\\xae", "\\xe2\\x80\\xae" }, /* right to left */
		{ LIT("\x9b"), "\\x9b", "\\x9b" },
		{ LIT("\xc3"), "\\xc3", "\\xc3" },
		{ LIT("\xc0\xaf"), "\\xc0\\xaf", "\\xc0\\xaf" },	       /* overlong */
		{ LIT("\xed\xa0\x80"), "\\xed\\xa0\\x80", "\\xed\\xa0\\x80" }, /* a surrogate */
		{ LIT("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80", "\\xf4\\x90\\x80\\x80" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(setenv("LC_ALL", "C.UTF-8", 1), 0);
		check_text(rows[i].text.p, printed(rows[i].text), rows[i].utf8);
		assert_int_equal(setenv("LC_ALL", "C", 1), 0);
		check_text(rows[i].text.p, printed(rows[i].text), rows[i].c);
	}
}

static void test_locale(void **state)
{
	static const struct {
		const char *all, *ctype, *lang;
		bool utf8;
	} rows[] = {
		{ NULL, NULL, "de_DE.UTF-8", true }, { NULL, NULL, "de_DE.utf8", true },
		{ "", "", "C.UTF-8", true },	     { "C", NULL, "C.UTF-8", false },
		{ NULL, "C", "C.UTF-8", false },     { NULL, "C.UTF-8", "C", true },
		{ NULL, NULL, NULL, false },	     { NULL, NULL, "de_DE.ISO-8859-1", false },
	};
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *const values[] = { rows[i].all, rows[i].ctype, rows[i].lang };

		for (size_t k = 0; k < COUNT(names); k++) {
			(void)unsetenv(names[k]);
			if (values[k])
				assert_int_equal(setenv(names[k], values[k], 1), 0);
		}
		check_number("row", strcmp(printed(SPAN("\xc3\xa4")), "\xc3\xa4") == 0,
			     rows[i].utf8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_safe),
		cmocka_unit_test(test_locale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
