// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
/* Entries of the compile cache: what entry_parse() takes and what it finds out. */
#include "unit.h"

#include <string.h>

#include "compile/entry.h"

#define KEY "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct text made(const char *said, const char *body)
{
	struct text file = { 0 };

	entry_make(&file, KEY, span_of(said), span_of(body));
	return file;
}

static const char *parse(const struct text *file, struct span *said, struct span *body)
{
	return entry_parse((struct span){ file->data, file->len }, KEY, said, body);
}

static void test_round_trip(void **state)
{
	static const char *const pieces[][2] = {
		{ "", "" },
		{ "a warning\n", "policy" },
		{ "", "policy" },
		{ "two\nlines\n", "" },
	};
	struct span said, body;

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct text file = made(pieces[i][0], pieces[i][1]);

		assert_null(parse(&file, &said, &body));
		assert_true(span_is(said, pieces[i][0]));
		assert_true(span_is(body, pieces[i][1]));
		text_free(&file);
	}
}

static void test_other_key(void **state)
{
	struct text file = made("said", "body");
	struct span said, body;

	(void)state;
	assert_string_equal(entry_parse((struct span){ file.data, file.len }, OTHER, &said, &body),
			    "it is of another key");
	text_free(&file);
}

/* Every byte counts: whichever is another, the entry is refused. */
static void test_each_byte(void **state)
{
	struct text file = made("said", "body");
	struct span said, body;

	(void)state;
	for (size_t i = 0; i < file.len; i++) {
		file.data[i] ^= 1;
		assert_non_null(parse(&file, &said, &body));
		file.data[i] ^= 1;
	}
	assert_null(parse(&file, &said, &body));
	text_free(&file);
}

static void test_each_length(void **state)
{
	struct text file = made("said", "body");
	struct span said, body;
	size_t len = file.len;

	(void)state;
	for (file.len = 0; file.len < len; file.len++)
		assert_non_null(parse(&file, &said, &body));
	text_str(&file, "x");
	assert_string_equal(parse(&file, &said, &body), "it is cut off or too long");
	text_free(&file);
}

/* Bytes moved from what was said to the body have the same digest. */
static void test_moved_border(void **state)
{
	struct text file = made("aa", "bb");
	struct span said, body;
	char *p;

	(void)state;
	p = strstr(file.data, "said = 2");
	p[7] = '1';
	assert_string_equal(parse(&file, &said, &body), "it is cut off or too long");
	p = strstr(file.data, "body = 2");
	p[7] = '3';
	assert_string_equal(parse(&file, &said, &body), "its SHA-256 is another");
	text_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),   cmocka_unit_test(test_other_key),
		cmocka_unit_test(test_each_byte),    cmocka_unit_test(test_each_length),
		cmocka_unit_test(test_moved_border),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
