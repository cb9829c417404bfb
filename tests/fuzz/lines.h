/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_FUZZ_LINES_H
#define INITWARD_FUZZ_LINES_H

/*
 * A mutator for texts whose lines mean something: half of the time it puts in, takes out or moves
 * whole lines, or one word of a line, so that inputs stay well-formed enough to get deep. The
 * target gives lines of its own.
 */
#include "fuzz.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

static const char *const *target_lines(size_t *n);

static uint32_t random_below(uint32_t *state, size_t n)
{
	*state = *state * 1664525 + 1013904223;
	return (uint32_t)((*state >> 8) % (n ? n : 1));
}

/* The line around offset `at`, with its newline. */
static struct span line_at(const uint8_t *data, size_t size, size_t at)
{
	size_t start = at, end = at;

	while (start && data[start - 1] != '\n')
		start--;
	while (end < size && data[end] != '\n')
		end++;
	return (struct span){ (const char *)data + start, end - start + (end < size) };
}

static size_t insert_line(uint8_t *data, size_t size, size_t max_size, size_t at, struct span line)
{
	size_t start = (size_t)((const uint8_t *)line_at(data, size, at).p - data);
	char copy[512];

	if (!line.n || line.n >= sizeof(copy) || size + line.n + 1 > max_size)
		return size;
	memcpy(copy, line.p, line.n);
	if (copy[line.n - 1] != '\n')
		copy[line.n++] = '\n';
	memmove(data + start + line.n, data + start, size - start);
	memcpy(data + start, copy, line.n);
	return size + line.n;
}

static size_t remove_line(uint8_t *data, size_t size, size_t at)
{
	struct span line = line_at(data, size, at);
	size_t start = (size_t)((const uint8_t *)line.p - data);

	memmove(data + start, data + start + line.n, size - start - line.n);
	return size - line.n;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	uint32_t r = seed;
	size_t n, a = random_below(&r, size), b = random_below(&r, size);
	const char *const *lines = target_lines(&n);
	const char *line = lines[random_below(&r, n)];

	switch (random_below(&r, 8)) {
	case 0:
	case 1:
		return insert_line(data, size, max_size, a, span_of(line));
	case 2:
		size = remove_line(data, size, a);
		return insert_line(data, size, max_size, a < size ? a : 0, span_of(line));
	case 3:
		return insert_line(data, size, max_size, a, line_at(data, size, b));
	case 4:
		return remove_line(data, size, a);
	default:
		return LLVMFuzzerMutate(data, size, max_size);
	}
}

#endif
