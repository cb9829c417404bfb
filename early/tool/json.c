// SPDX-License-Identifier: LGPL-2.1-or-later
#include "json.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "tool.h"
#include "util.h"

static bool is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* May `second` stand behind `first`? Rules out overlong forms, surrogates, and above U+10FFFF. */
static bool second_fits(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0;
	case 0xed:
		return second <= 0x9f;
	case 0xf0:
		return second >= 0x90;
	case 0xf4:
		return second <= 0x8f;
	default:
		return true;
	}
}

/* The length of the well-formed sequence that s begins with, 0 where there is none. */
static size_t sequence(struct span s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4 || n > s.n || !second_fits(p[0], p[1]))
		return 0;
	for (size_t i = 1; i < n; i++) {
		if (!is_tail(p[i]))
			return 0;
	}
	return n;
}

static _Noreturn void no_memory(void)
{
	say("out of memory");
	exit(TOOL_FAILED);
}

struct json_object *json_text(struct span s)
{
	struct json_object *ret;
	struct text t = { 0 };

	text_add(&t, "", 0);
	while (s.n) {
		size_t n = sequence(s);

		if (n)
			text_add(&t, s.p, n);
		else
			text_str(&t, "\xef\xbf\xbd");
		n += !n;
		s = (struct span){ s.p + n, s.n - n };
	}
	if (t.len > INT_MAX) {
		say("a text of %zu bytes is too long for JSON", t.len);
		exit(TOOL_FAILED);
	}
	ret = json_object_new_string_len(t.data, (int)t.len);
	if (!ret)
		no_memory();
	text_free(&t);
	return ret;
}

struct json_object *json_str(const char *s)
{
	return s ? json_text(span_of(s)) : NULL;
}

void json_set(struct json_object *object, const char *key, struct json_object *value)
{
	if (json_object_object_add_ex(object, key, value, JSON_C_OBJECT_ADD_CONSTANT_KEY) < 0)
		no_memory();
}

int json_print(struct json_object *object)
{
	const char *text = json_object_to_json_string_ext(
		object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);

	if (!text)
		no_memory();
	puts(text);
	json_object_put(object);
	return finish_stdout();
}
