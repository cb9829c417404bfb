/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_SPAN_H
#define INITWARD_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A piece of somebody else's text: never owned, never NUL-terminated. All functions are pure;
 * `ret` outputs are untouched when they return false.
 */
struct span {
	const char *p;
	size_t n;
};

struct span span_of(const char *s);
bool span_eq(struct span a, struct span b);
bool span_is(struct span a, const char *s);
bool span_starts(struct span a, const char *prefix);

/* Orders by bytes, a prefix before what it begins: the order of strcmp(). */
int span_cmp(struct span a, struct span b);

/* Without blanks (space, tab) on either end. */
struct span span_trim(struct span a);

/* Takes the next line off *text, without its newline. False at the end of the text. */
bool span_next_line(struct span *text, struct span *ret);

/* Takes the next blank- or newline-separated word off *text. False when none is left. */
bool span_next_word(struct span *text, struct span *ret);

/* Splits at the first `sep`; *rest begins behind it. False when there is none. */
bool span_split(struct span a, char sep, struct span *ret, struct span *rest);

/* A decimal number, digits only, at most `max`. */
bool span_uint(struct span a, uint64_t max, uint64_t *ret);

/* A little-endian number of `bytes` bytes, at most 8, that begins at `at`; 0 where it is not all there. */
uint64_t span_le(struct span a, size_t at, unsigned int bytes);

/*
 * Words of a fixed set, packed: "one\0two\0" (the literal's own NUL ends the list). The number of a
 * word, -1 where it is none of them; and the word of a number, which has to be one of the list's.
 */
int words_index(const char *words, struct span s);
const char *words_at(const char *words, unsigned int i);

/*
 * True when each word of `want` is a word of `have`: feature masks are sets, their order says
 * nothing.
 */
bool span_words_subset(struct span want, struct span have);

#endif
