/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_STRBUF_H
#define INITWARD_STRBUF_H

#include <stdarg.h>

#include "span.h"

/*
 * A string that is built piece by piece in the caller's buffer of `cap` bytes (at least 1). Always
 * NUL-terminated. What does not fit is left out and the text then ends in "...".
 */
struct strbuf {
	char *buf;
	size_t cap;
	size_t len;
	bool cut;
};

void sb_init(struct strbuf *sb, char *buf, size_t cap);
void sb_span(struct strbuf *sb, struct span s);
void sb_str(struct strbuf *sb, const char *s);
void sb_uint(struct strbuf *sb, uint64_t v);

/* Appends each string up to the closing NULL. */
void sb_strs(struct strbuf *sb, ...) __attribute__((sentinel));
void sb_vstrs(struct strbuf *sb, va_list ap);

/* Appends ": ENOENT", or ": N" for those that are not expected here; nothing for 0. */
void sb_errno(struct strbuf *sb, int err);

/* In double quotes, each byte outside printable ASCII as '?': for words that an outsider chose. */
void sb_quoted(struct strbuf *sb, struct span s);

#endif
