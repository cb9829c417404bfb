/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_TOOL_TERM_H
#define INITWARD_TOOL_TERM_H

#include <stdio.h>

#include "span.h"

/*
 * Prints bytes that somebody else chose on one line: control characters, also those of Unicode that
 * turn text around, and what is no UTF-8 as \xNN; all of it beyond ASCII where the locale is none of
 * UTF-8. A backslash stays as it is.
 */
void print_safe(FILE *to, struct span s);

/* The same of a NUL-terminated text. */
void print_safe_str(FILE *to, const char *s);

enum tint {
	TINT_END, /* back to normal */
	TINT_BOLD,
	TINT_GOOD,
	TINT_WARN,
	TINT_BAD,
	TINT_FAINT,
};

/*
 * What switches standard output to that; "" where it is no terminal, TERM is unset or "dumb", or
 * NO_COLOR is set to something (no-color.org).
 */
const char *tint(enum tint tint);

#endif
