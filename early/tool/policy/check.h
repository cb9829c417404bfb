/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_POLICY_CHECK_H
#define INITWARD_POLICY_CHECK_H

#include "policy/about.h"

/* What a kernel has of the features that a policy needs or wants. */
extern const char check_needs[], check_wants[]; /* "needs", "wants" */

/* At most one of the three is there; none: the running kernel. */
struct check_target {
	const char *kernel; /* a release, or a path with a slash */
	const char *root;   /* where the release is looked for; NULL: / */
	const char *set;
	const char *features;
};

struct check_result {
	char *what;  /* "the running kernel" */
	bool *needs; /* for each of them: is it there? */
	bool *wants;
	size_t missing; /* of those that are needed */
};

/*
 * Sets lie in `policies`/features and among those that were captured here. Of a kernel that is not running and may have
 * one of several sets only what all of them have is there. False after it has said why that cannot be
 * told. The caller frees *ret, then too.
 */
bool check_features(const struct check_target *target, const char *policies,
		    const struct about *about, struct check_result *ret);
void check_result_free(struct check_result *result);

#endif
