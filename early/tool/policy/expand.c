// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy.h"

#include <stdlib.h>
#include <string.h>

#define LIMIT_RESULTS 4096
#define LIMIT_NESTED 16
#define LIMIT_LENGTH 16384

static const struct list *values_of(const struct sources *policy, const struct profile *profile,
				    struct span name)
{
	for (size_t i = profile->first_variable; i < profile->end_variable; i++) {
		if (span_is(name, policy->variable[i].name))
			return &policy->variable[i].value;
	}
	return NULL;
}

/* The first "@{NAME}" that is not behind a backslash; empty where there is none. */
static struct span find_variable(const char *s)
{
	for (const char *p = s; *p; p++) {
		const char *end;

		if (*p == '\\' && p[1]) {
			p++;
			continue;
		}
		end = *p == '@' && p[1] == '{' ? strchr(p, '}') : NULL;
		if (end)
			return (struct span){ p, (size_t)(end - p) + 1 };
	}
	return (struct span){ 0 };
}

/* Repeated slashes become one, but for two at the begin: the parser's filter_slashes(). */
static void filter_slashes(char *s)
{
	char *to = s;

	if (s[0] == '/' && s[1] == '/' && s[2] != '/') {
		s += 2;
		to += 2;
	}
	for (char last = '\0'; *s; s++) {
		if (*s == '/' && last == '/')
			continue;
		last = *s;
		*to++ = *s;
	}
	*to = '\0';
}

static bool expand(const struct sources *policy, const struct profile *self, const char *s,
		   unsigned int depth, struct list *ret)
{
	struct span name = find_variable(s);
	const struct list *values;
	bool ok = true;

	if (!name.n) {
		if (ret->n >= LIMIT_RESULTS || strlen(s) > LIMIT_LENGTH)
			return false;
		list_add(ret, dup_str(s));
		filter_slashes(ret->item[ret->n - 1]);
		return true;
	}
	if (depth >= LIMIT_NESTED)
		return false;
	values = values_of(policy, self, name);
	if (!values && !span_is(name, "@{profile_name}"))
		return false;
	for (size_t i = 0; ok && i < (values ? values->n : 1); i++) {
		char *next = format("%.*s%s%s", (int)(name.p - s), s,
				    values ? values->item[i] : self->name, name.p + name.n);

		ok = strlen(next) <= LIMIT_LENGTH && expand(policy, self, next, depth + 1, ret);
		free(next);
	}
	return ok;
}

bool pattern_expand(const struct sources *policy, const struct rule *rule, struct span word,
		    struct list *ret)
{
	struct text plain = { 0 };
	bool ok;

	text_add(&plain, "", 0);
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] == '\\' && i + 1 < word.n)
			text_add(&plain, &word.p[i++], 2);
		else if (word.p[i] != '"' && word.p[i])
			text_add(&plain, &word.p[i], 1);
	}
	ok = expand(policy, &policy->profile[rule->profile], plain.data, 0, ret);
	text_free(&plain);
	return ok;
}
