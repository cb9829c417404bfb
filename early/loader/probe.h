/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_PROBE_H
#define INITWARD_PROBE_H

#include "boot.h"

/* argv[0] of the loader when it is to be the probe. */
#define PROBE_ARGV0 "initward-probe"

/* Exit statuses of the probe. Below them: the errno of a child that could not become it. */
enum probe_answer {
	PROBE_ALLOWED = 200, /* neither path is refused */
	PROBE_REFUSED,	     /* the reserved path is, its control is not */
	PROBE_UNCLEAR,	     /* the control path is */
	PROBE_ADMIN,	     /* policy can be loaded (level strict) */
};

struct probe_result {
	enum probe_answer answer;
	char label[512]; /* as read from outside, without mode */
};

/*
 * Executes this program again in a child, under the label that the next init is to have, lets it
 * try the two paths (admin: to load policy), and reads its label before it is gone. False with errno where no child
 * could be executed so.
 */
int probe_run(struct boot *b, bool admin, struct probe_result *ret);

/*
 * Does the policy refuse to write to PROOF_PATH or CONTROL_PATH? `dir` is what `path` is relative to;
 * nothing is changed either way.
 */
bool is_refused(int dir, const char *path);

/*
 * May this task load policy? It tries with what is none: the kernel asks who writes before it looks at what
 * (security/apparmor/apparmorfs.c policy_update()). `path` is LOAD_PATH, relative to `dir`.
 */
bool may_load(int dir, const char *path);

/* What that child does; returns its exit status. */
int probe_main(bool admin);

#endif
