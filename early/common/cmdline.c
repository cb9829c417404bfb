// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmdline.h"

#include <string.h>

#define PREFIX "initward."

/* The kernel's isspace() (lib/ctype.c): ASCII's six and the no-break space of Latin-1. */
static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (unsigned char)c == 0xa0;
}

static char *skip_spaces(char *s)
{
	while (is_space(*s))
		s++;
	return s;
}

/* The length of the parameter at `s`, and the place of its '=' (0: none, as the kernel has it). */
static size_t measure(const char *s, bool in_quote, size_t *equals)
{
	size_t i;

	*equals = 0;
	for (i = 0; s[i]; i++) {
		if (is_space(s[i]) && !in_quote)
			break;
		if (!*equals && s[i] == '=')
			*equals = i;
		if (s[i] == '"')
			in_quote = !in_quote;
	}
	return i;
}

/* next_arg() of lib/cmdline.c */
static char *next_arg(char *s, struct cmdline_param *ret)
{
	bool quoted = *s == '"';
	size_t equals, end;
	char *value = NULL;

	if (quoted)
		s++;
	end = measure(s, quoted, &equals);
	if (equals) {
		s[equals] = '\0';
		value = s + equals + 1;
		if (*value == '"') {
			value++;
			if (s[end - 1] == '"')
				s[end - 1] = '\0';
		}
	}
	if (quoted && end && s[end - 1] == '"')
		s[end - 1] = '\0';
	*ret = (struct cmdline_param){ s, value };
	if (!s[end])
		return s + end;
	s[end] = '\0';
	return skip_spaces(s + end + 1);
}

bool cmdline_next(char **args, struct cmdline_param *ret)
{
	struct cmdline_param param;
	char *s = skip_spaces(*args);

	if (!*s)
		return false;
	s = next_arg(s, &param);
	if (!param.value && strcmp(param.name, "--") == 0)
		return false;
	*args = s;
	*ret = param;
	return true;
}

static char dash_to_underscore(char c)
{
	return c == '-' ? '_' : c;
}

/* Compares at most `n` characters, as parameqn() does. */
static bool names_equal(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (dash_to_underscore(a[i]) != dash_to_underscore(b[i]))
			return false;
		if (!a[i])
			return true;
	}
	return true;
}

bool cmdline_named(const struct cmdline_param *param, const char *name)
{
	return names_equal(param->name, name, strlen(name) + 1);
}

/* As kstrtoul() reads apparmor= (security/apparmor/lsm.c), decimals: no number changes nothing. */
static void note_number(const char *value, struct cmdline_lsm *lsm)
{
	bool zero = true;

	for (const char *c = value; *c || c == value; c++) {
		if (*c < '0' || *c > '9')
			return;
		zero = zero && *c == '0';
	}
	lsm->off = zero ? "apparmor=" : NULL;
}

/*
 * As kstrtobool() reads apparmor.enabled= (lib/kstrtox.c): what is no truth changes nothing. true and
 * false are none to 5.10, which then ignores them.
 */
static void note_truth(const char *value, struct cmdline_lsm *lsm)
{
	char first = (char)(value[0] | 0x20);
	char second = first == 'o' ? (char)(value[1] | 0x20) : '\0';

	if (first == '0' || first == 'n' || first == 'f' || second == 'f')
		lsm->off = "apparmor.enabled=";
	else if (first == '1' || first == 'y' || first == 't' || second == 'n')
		lsm->off = NULL;
}

static void note_lsm(const struct cmdline_param *param, struct cmdline_lsm *lsm)
{
	if (!param->value)
		return;
	if (cmdline_named(param, "lsm"))
		lsm->lsm = param->value;
	else if (cmdline_named(param, "security"))
		lsm->security = param->value;
	else if (cmdline_named(param, "apparmor"))
		note_number(param->value, lsm);
	else if (cmdline_named(param, "apparmor.enabled"))
		note_truth(param->value, lsm);
}

/* The name is in the caller's buffer, which may be changed: no copy, so no bound either. */
static bool apply(struct cmdline_param *param, struct config *conf)
{
	for (char *c = param->name; *c; c++)
		*c = dash_to_underscore(*c);
	return param->value &&
	       config_set(conf, span_of(param->name + strlen(PREFIX)), span_of(param->value));
}

static void note_ignored(const struct cmdline_param *param, bool locked, struct strbuf *ignored)
{
	if (ignored->len)
		sb_str(ignored, ", ");
	sb_quoted(ignored, span_of(param->name));
	if (param->value) {
		sb_str(ignored, "=");
		sb_quoted(ignored, span_of(param->value));
	}
	sb_str(ignored, locked ? " (lock = yes)" : " (unknown option or value)");
}

void cmdline_apply(char *args, struct config *conf, struct cmdline_lsm *lsm, struct strbuf *ignored)
{
	struct cmdline_param param;

	*lsm = (struct cmdline_lsm){ NULL, NULL, NULL };
	while (cmdline_next(&args, &param)) {
		note_lsm(&param, lsm);
		if (!names_equal(param.name, PREFIX, strlen(PREFIX)))
			continue;
		if (conf->lock || !apply(&param, conf))
			note_ignored(&param, conf->lock, ignored);
	}
}
