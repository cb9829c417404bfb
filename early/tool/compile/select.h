/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_SELECT_H
#define INITWARD_SELECT_H

#include "compile.h"

/*
 * Which captured sets a kernel may have that is not running: pure code. select.c says what proves
 * what, and why.
 */

/* What is known of the kernel; empty: unknown. */
struct select_kernel {
	struct span identity; /* "RELEASE VERSION MACHINE", as uname -rvm prints it */
	struct span release;  /* as uname -r */
	struct span config;
};

enum select_by {
	SELECT_EXACT,  /* a set was read from this very build */
	SELECT_PROVED, /* version and configuration prove the highest set that was taken */
	SELECT_LIKELY, /* they do not: the loader finds out */
	SELECT_BASE,   /* nothing is proved: the base only */
};

struct selection {
	enum select_by by;
	size_t least; /* rank of the set that it has at least: 0, the base, where none is proved */
	const char *why;    /* SELECT_LIKELY, SELECT_BASE: a clause; static */
	struct span option; /* an option of AppArmor that kernel.org does not have; may be empty */
};

/* Does this configuration, which is known, build a kernel without AppArmor? */
bool select_hopeless(struct span config);

/* take[] has an element for each set, by rank; the base, the first, is always taken. */
void select_sets(const struct set_list *sets, const struct select_kernel *kernel, bool *take,
		 struct selection *ret);

#endif
