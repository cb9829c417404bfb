// SPDX-License-Identifier: LGPL-2.1-or-later
#include "explain.h"

#include <stdlib.h>
#include <string.h>

#include "manifest.h"

/*
 * A record names one profile of a stack. Some name the whole label instead: then the first of its
 * profiles that the policy has.
 */
static long profile_of(const struct sources *policy, const struct denial *d)
{
	const char *label = d->field[FIELD_LABEL];
	long profile = policy_profile(policy, d->field[FIELD_PROFILE]);

	while (profile < 0 && *label) {
		const char *end = strstr(label, "//&");
		char *part = format("%.*s", (int)(end ? end - label : (long)strlen(label)), label);

		profile = policy_profile(policy, part);
		free(part);
		label = end ? end + 3 : "";
	}
	return profile;
}

static bool is_layer_name(const char *name)
{
	const size_t n = sizeof(GLOBAL_PROFILE) - 1;

	return strncmp(name, GLOBAL_PROFILE, n) == 0 &&
	       (!name[n] || strncmp(name + n, "//", 2) == 0);
}

bool is_global(const struct sources *policy, const struct denial *d)
{
	if (!denial_is_root(d))
		return false;
	if (policy->n_profiles)
		return profile_of(policy, d) >= 0;
	return is_layer_name(d->field[FIELD_PROFILE]) || is_layer_name(d->field[FIELD_LABEL]);
}

static void add_rule(struct cause *cause, const struct rule *rule, enum match match)
{
	cause->rule = grow(cause->rule, cause->n_rules + 1, sizeof(const struct rule *));
	cause->rule[cause->n_rules++] = rule;
	cause->perhaps |= match == MATCH_PERHAPS;
}

/* All deny rules that match are the cause: taking out one of them is not enough. */
static void find_denies(const struct sources *policy, const struct denial *d, struct cause *cause)
{
	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct rule *rule = &policy->rule[i];
		enum match match = MATCH_NO;

		if (rule->profile == (size_t)cause->profile && rule->deny)
			match = rule_match(policy, rule, d, NULL);
		if (match != MATCH_NO)
			add_rule(cause, rule, match);
	}
}

/* Takes out of `left` what rules allow; true where they allow all of it. */
static bool is_allowed(const struct sources *policy, const struct denial *d, struct cause *cause)
{
	bool file = denial_class(d) == CLASS_FILE, any = false;

	text_str(&cause->left, denied_mask(d));
	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct rule *rule = &policy->rule[i];

		if (rule->profile == (size_t)cause->profile && !rule->deny)
			any |= rule_match(policy, rule, d, &cause->left) != MATCH_NO;
	}
	return file ? any && !cause->left.len : any;
}

void find_cause(const struct sources *policy, const struct denial *d, struct cause *ret)
{
	*ret = (struct cause){ .profile = denial_is_root(d) ? profile_of(policy, d) : -1 };
	text_add(&ret->left, "", 0);
	if (ret->profile < 0) {
		ret->reason = REASON_NO_PROFILE;
		return;
	}
	find_denies(policy, d, ret);
	if (ret->n_rules)
		ret->reason = REASON_DENY;
	else if (is_allowed(policy, d, ret) || denial_class(d) == CLASS_OTHER)
		ret->reason = REASON_OTHER;
	else
		ret->reason = REASON_NOTHING;
}

void cause_free(struct cause *cause)
{
	free(cause->rule);
	text_free(&cause->left);
	*cause = (struct cause){ 0 };
}
