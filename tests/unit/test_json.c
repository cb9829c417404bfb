// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
#include "unit.h"

#include "json.h"

#define BAD "\xef\xbf\xbd"

static const struct {
	struct span in;
	const char *out;
} rows[] = {
	{ LIT(""), "\"\"" },
	{ LIT("plain"), "\"plain\"" },
	{ LIT("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"" },
	{ LIT("a\0b"), "\"a\\u0000b\"" },
	{ LIT("\x1b[31m\n"), "\"\\u001b[31m\\n\"" },
	/* Well-formed, the first and the last of each length. */
	{ LIT("\xc2\x80\xdf\xbf"), "\"\xc2\x80\xdf\xbf\"" },
	{ LIT("\xe0\xa0\x80\xef\xbf\xbf"), "\"\xe0\xa0\x80\xef\xbf\xbf\"" },
	{ LIT("\xed\x9f\xbf\xee\x80\x80"), "\"\xed\x9f\xbf\xee\x80\x80\"" },
	{ LIT("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"" },
	/* Not: alone, overlong, surrogate, too high, cut off, and what follows stays. */
	{ LIT("\x80"), "\"" BAD "\"" },
	{ LIT("\xff\xfe"), "\"" BAD BAD "\"" },
	{ LIT("\xc0\xaf"), "\"" BAD BAD "\"" },
	{ LIT("\xc1\xbf"), "\"" BAD BAD "\"" },
	{ LIT("\xe0\x9f\xbf"), "\"" BAD BAD BAD "\"" },
	{ LIT("\xed\xa0\x80"), "\"" BAD BAD BAD "\"" },
	{ LIT("\xf0\x8f\xbf\xbf"), "\"" BAD BAD BAD BAD "\"" },
	{ LIT("\xf4\x90\x80\x80"), "\"" BAD BAD BAD BAD "\"" },
	{ LIT("\xf5\x80\x80\x80"), "\"" BAD BAD BAD BAD "\"" },
	{ LIT("\xe2\x82"), "\"" BAD BAD "\"" },
	{ LIT("\xe2\x82z"), "\"" BAD BAD "z\"" },
	{ LIT("\xc3z"), "\"" BAD "z\"" },
	{ LIT("\xe2\x28\xa1"), "\"" BAD "(" BAD "\"" },
};

static void test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct span copy = exact_copy(rows[i].in);
		struct json_object *o = json_text(copy);

		check_text("json_text()",
			   json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE),
			   rows[i].out);
		json_object_put(o);
		free((char *)copy.p);
	}
}

static void test_str(void **state)
{
	struct json_object *o = json_str("\xffz");

	(void)state;
	assert_null(json_str(NULL));
	assert_string_equal(json_object_get_string(o), BAD "z");
	json_object_put(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_str),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
