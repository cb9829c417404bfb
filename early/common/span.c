// SPDX-License-Identifier: LGPL-2.1-or-later
#include "span.h"

#include <string.h>

struct span span_of(const char *s)
{
	return (struct span){ s, strlen(s) };
}

bool span_eq(struct span a, struct span b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

bool span_is(struct span a, const char *s)
{
	return span_eq(a, span_of(s));
}

bool span_starts(struct span a, const char *prefix)
{
	size_t n = strlen(prefix);

	return a.n >= n && memcmp(a.p, prefix, n) == 0;
}

int span_cmp(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int r = memcmp(a.p, b.p, n);

	if (r)
		return r;
	return (a.n > b.n) - (a.n < b.n);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_separator(char c)
{
	return is_blank(c) || c == '\n';
}

struct span span_trim(struct span a)
{
	while (a.n && is_blank(a.p[0])) {
		a.p++;
		a.n--;
	}
	while (a.n && is_blank(a.p[a.n - 1]))
		a.n--;
	return a;
}

bool span_split(struct span a, char sep, struct span *ret, struct span *rest)
{
	size_t at = 0;

	while (at < a.n && a.p[at] != sep)
		at++;
	if (at == a.n)
		return false;
	*ret = (struct span){ a.p, at };
	*rest = (struct span){ a.p + at + 1, a.n - at - 1 };
	return true;
}

bool span_next_line(struct span *text, struct span *ret)
{
	if (!text->n)
		return false;
	if (span_split(*text, '\n', ret, text))
		return true;
	*ret = *text;
	text->p += text->n;
	text->n = 0;
	return true;
}

bool span_next_word(struct span *text, struct span *ret)
{
	size_t end = 0;

	while (text->n && is_separator(text->p[0])) {
		text->p++;
		text->n--;
	}
	if (!text->n)
		return false;
	while (end < text->n && !is_separator(text->p[end]))
		end++;
	*ret = (struct span){ text->p, end };
	text->p += end;
	text->n -= end;
	return true;
}

bool span_uint(struct span a, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;

	if (!a.n || a.n > 18)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		if (a.p[i] < '0' || a.p[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(a.p[i] - '0');
	}
	if (v > max)
		return false;
	*ret = v;
	return true;
}

static bool has_word(struct span text, struct span word)
{
	struct span w;

	while (span_next_word(&text, &w)) {
		if (span_eq(w, word))
			return true;
	}
	return false;
}

bool span_words_subset(struct span want, struct span have)
{
	struct span w;

	while (span_next_word(&want, &w)) {
		if (!has_word(have, w))
			return false;
	}
	return true;
}

uint64_t span_le(struct span a, size_t at, unsigned int bytes)
{
	uint64_t v = 0;

	if (at > a.n || a.n - at < bytes)
		return 0;
	while (bytes--)
		v = v << 8 | (unsigned char)a.p[at + bytes];
	return v;
}

int words_index(const char *words, struct span s)
{
	for (int i = 0; *words; i++, words += strlen(words) + 1) {
		if (span_is(s, words))
			return i;
	}
	return -1;
}

const char *words_at(const char *words, unsigned int i)
{
	while (i--)
		words += strlen(words) + 1;
	return words;
}
