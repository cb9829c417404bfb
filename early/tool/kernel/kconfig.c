// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kconfig.h"

#include <string.h>

#define PREFIX "CONFIG_"

bool kconfig_next(struct span *config, struct span *name, struct span *value)
{
	struct span line;

	while (span_next_line(config, &line)) {
		if (!span_starts(line, PREFIX) || !span_split(line, '=', name, value))
			continue;
		name->p += strlen(PREFIX);
		name->n -= strlen(PREFIX);
		if (value->n && value->p[value->n - 1] == '\r')
			value->n--;
		return true;
	}
	return false;
}

bool kconfig_valid(struct span config)
{
	struct span name, value;

	return kconfig_next(&config, &name, &value);
}

bool kconfig_value(struct span config, const char *name, struct span *ret)
{
	struct span key, value;
	bool found = false;

	while (kconfig_next(&config, &key, &value)) {
		if (!span_is(key, name))
			continue;
		found = !span_is(value, "n");
		if (found)
			*ret = value;
	}
	return found;
}

bool kconfig_on(struct span config, const char *name)
{
	struct span value;

	return kconfig_value(config, name, &value) && span_is(value, "y");
}

bool kconfig_text(struct span config, const char *name, struct text *ret)
{
	struct span value;

	if (!kconfig_value(config, name, &value))
		return false;
	text_add(ret, "", 0);
	if (!value.n || value.p[0] != '"') {
		text_add(ret, value.p, value.n);
		return true;
	}
	for (size_t i = 1; i < value.n && value.p[i] != '"'; i++) {
		if (value.p[i] == '\\' && i + 1 < value.n)
			i++;
		text_add(ret, value.p + i, 1);
	}
	return true;
}

/* "# Linux/x86 7.3.4 Kernel Configuration", among the first lines. */
static bool head(struct span config, struct span *arch, struct span *release)
{
	struct span line, word;

	for (int i = 0; i < 5 && span_next_line(&config, &line); i++) {
		if (!span_next_word(&line, &word) || !span_is(word, "#") ||
		    !span_next_word(&line, &word) || !span_starts(word, "Linux/"))
			continue;
		*arch = (struct span){ word.p + 6, word.n - 6 };
		return span_next_word(&line, release);
	}
	return false;
}

struct span kconfig_release(struct span config)
{
	struct span arch, release;

	return head(config, &arch, &release) ? release : (struct span){ "", 0 };
}

struct span kconfig_arch(struct span config)
{
	struct span arch, release;

	return head(config, &arch, &release) ? arch : (struct span){ "", 0 };
}

/* Takes a number of at most three digits off the front. */
static bool take_number(struct span *s, unsigned int *ret)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++) {
		if (i == 3)
			return false;
		n = 10 * n + (unsigned int)(s->p[i] - '0');
	}
	if (!i)
		return false;
	*s = (struct span){ s->p + i, s->n - i };
	*ret = n;
	return true;
}

unsigned int kernel_series(struct span release)
{
	unsigned int major, minor;

	if (!take_number(&release, &major) || !release.n || release.p[0] != '.')
		return 0;
	release = (struct span){ release.p + 1, release.n - 1 };
	return take_number(&release, &minor) ? 1000 * major + minor : 0;
}
