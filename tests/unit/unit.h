/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_UNIT_H
#define INITWARD_UNIT_H

/*
 * What the unit tests of the pure code share. Each test is a table where it can be; a row that
 * fails names itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "span.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A literal as a span; it may hold NULs. */
/* Versions of the formatter disagree about braces in macros. */
/* clang-format off */
#define LIT(literal) { .p = (literal), .n = sizeof(literal) - 1 }
/* clang-format on */
#define SPAN(literal) ((struct span)LIT(literal))

/* A copy of exactly its size, so that AddressSanitizer sees a byte read behind it. free(.p) */
static inline struct span exact_copy(struct span s)
{
	char *p = malloc(s.n ? s.n : 1);

	assert_non_null(p);
	memcpy(p, s.p, s.n);
	return (struct span){ p, s.n };
}

static inline void check_text(const char *row, const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		fail_msg("%s\n     got: %s\n    want: %s", row, got, want);
}

static inline void check_span(const char *row, struct span got, const char *want)
{
	if (!span_is(got, want))
		fail_msg("%s\n     got: %.*s\n    want: %s", row, (int)got.n, got.p, want);
}

static inline void check_number(const char *row, long long got, long long want)
{
	if (got != want)
		fail_msg("%s\n     got: %lld\n    want: %lld", row, got, want);
}

#endif
