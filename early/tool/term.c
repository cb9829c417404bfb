// SPDX-License-Identifier: LGPL-2.1-or-later
#include "term.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "util.h"

/* As setlocale(LC_CTYPE, "") would choose; glibc writes it with and without a dash. */
static bool is_utf8_locale(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *value = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && (!value || !*value); i++)
		value = getenv(names[i]);
	value = value ? strchr(value, '.') : NULL;
	return value &&
	       (strncasecmp(value, ".utf-8", 6) == 0 || strncasecmp(value, ".utf8", 5) == 0);
}

/* C0, C1, line and paragraph separators, and the marks that change the direction of text. */
static bool is_control(uint32_t v)
{
	return v < 0x20 || (v >= 0x7f && v < 0xa0) || v == 0x61c || v == 0x200e || v == 0x200f ||
	       (v >= 0x2028 && v <= 0x202e) || (v >= 0x2066 && v <= 0x2069) || v == 0xfeff;
}

void print_safe(FILE *to, struct span s)
{
	bool utf8 = is_utf8_locale();

	while (s.n) {
		uint32_t v = 0;
		size_t n = utf8_take(s, &v);

		if (n && !is_control(v) && (utf8 || n == 1)) {
			(void)fwrite(s.p, 1, n, to);
		} else {
			n = n ? n : 1;
			for (size_t i = 0; i < n; i++)
				fprintf(to, "\\x%02x", (unsigned char)s.p[i]);
		}
		s.p += n;
		s.n -= n;
	}
}

void print_safe_str(FILE *to, const char *s)
{
	print_safe(to, span_of(s));
}

static bool is_coloured(void)
{
	static int known = -1;

	if (known < 0) {
		const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

		known = isatty(STDOUT_FILENO) && !(no && *no) && term && *term &&
			strcmp(term, "dumb") != 0;
	}
	return known;
}

const char *tint(enum tint tint)
{
	static const char *const codes[] = {
		[TINT_END] = "\033[0m",	  [TINT_BOLD] = "\033[1m", [TINT_GOOD] = "\033[32m",
		[TINT_WARN] = "\033[33m", [TINT_BAD] = "\033[31m", [TINT_FAINT] = "\033[2m",
	};

	return is_coloured() ? codes[tint] : "";
}
