// SPDX-License-Identifier: LGPL-2.1-or-later
#include "strbuf.h"

#include <errno.h>
#include <string.h>

void sb_init(struct strbuf *sb, char *buf, size_t cap)
{
	*sb = (struct strbuf){ buf, cap, 0, false };
	buf[0] = '\0';
}

static void mark_cut(struct strbuf *sb)
{
	static const char mark[] = "...";

	sb->cut = true;
	if (sb->cap >= sizeof(mark))
		memcpy(sb->buf + sb->cap - sizeof(mark), mark, sizeof(mark));
}

void sb_span(struct strbuf *sb, struct span s)
{
	size_t room = sb->cap - 1 - sb->len;
	size_t n = s.n < room ? s.n : room;

	if (sb->cut || !s.n)
		return;
	memcpy(sb->buf + sb->len, s.p, n);
	sb->len += n;
	sb->buf[sb->len] = '\0';
	if (n < s.n)
		mark_cut(sb);
}

void sb_str(struct strbuf *sb, const char *s)
{
	sb_span(sb, span_of(s));
}

void sb_vstrs(struct strbuf *sb, va_list ap)
{
	const char *s;

	while ((s = va_arg(ap, const char *)) != NULL)
		sb_str(sb, s);
}

void sb_strs(struct strbuf *sb, ...)
{
	va_list ap;

	va_start(ap, sb);
	sb_vstrs(sb, ap);
	va_end(ap);
}

void sb_uint(struct strbuf *sb, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	sb_span(sb, (struct span){ digits + at, sizeof(digits) - at });
}

void sb_quoted(struct strbuf *sb, struct span s)
{
	sb_str(sb, "\"");
	for (size_t i = 0; i < s.n; i++) {
		bool plain = s.p[i] >= ' ' && s.p[i] <= '~';

		sb_span(sb, plain ? (struct span){ s.p + i, 1 } : span_of("?"));
	}
	sb_str(sb, "\"");
}

void sb_errno(struct strbuf *sb, int err)
{
	static const struct {
		unsigned char err;
		char name[17];
	} names[] = {
		{ EPERM, "EPERM" },
		{ ENOENT, "ENOENT" },
		{ ENOEXEC, "ENOEXEC" },
		{ ENOMEM, "ENOMEM" },
		{ EACCES, "EACCES" },
		{ EBUSY, "EBUSY" },
		{ EEXIST, "EEXIST" },
		{ ENODEV, "ENODEV" },
		{ EINVAL, "EINVAL" },
		{ EFBIG, "EFBIG" },
		{ EROFS, "EROFS" },
		{ EPROTO, "EPROTO" },
		{ EPROTONOSUPPORT, "EPROTONOSUPPORT" },
	};

	if (!err)
		return;
	sb_str(sb, ": ");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (names[i].err == err) {
			sb_str(sb, names[i].name);
			return;
		}
	}
	sb_uint(sb, (uint64_t)err);
}
