// SPDX-License-Identifier: LGPL-2.1-or-later
#include "json.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "tool.h"
#include "util.h"

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
		uint32_t unused;
		size_t n = utf8_take(s, &unused);

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

struct json_object *json_number(uint64_t n)
{
	struct json_object *ret = json_object_new_uint64(n);

	if (!ret)
		no_memory();
	return ret;
}

static struct json_object *new_array(void)
{
	struct json_object *ret = json_object_new_array();

	if (!ret)
		no_memory();
	return ret;
}

static void append(struct json_object *array, struct json_object *value)
{
	if (json_object_array_add(array, value) < 0)
		no_memory();
}

struct json_object *json_list(const struct list *l)
{
	struct json_object *ret = new_array();

	for (size_t i = 0; i < l->n; i++)
		append(ret, json_str(l->item[i]));
	return ret;
}

struct json_object *json_words(struct span words)
{
	struct json_object *ret = new_array();
	struct span word;

	while (span_next_word(&words, &word))
		append(ret, json_text(word));
	return ret;
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
