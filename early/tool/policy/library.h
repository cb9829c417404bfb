/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_LIBRARY_H
#define INITWARD_LIBRARY_H

#include "policy/about.h"
#include "tool.h"

/* The policies that came with initward: each a folder that has a file `about`, by its name. */
#define LIBRARY INITWARD_DATADIR

struct library_policy {
	char *name;
	char *folder;
	struct about about;
};

struct library {
	struct library_policy *policy;
	size_t n;
};

/* Is there a policy in that folder: a file `about`, and something to compile? */
bool library_has(const char *folder);

/*
 * Reads one by its name below `dir`. False after it has said why: file, line, reason. The caller frees *ret, then
 * too.
 */
bool library_find(const char *dir, const char *name, struct library_policy *ret);

/* All of them, by name. False where one is bad, which is said; the others are in *ret nevertheless. */
bool library_read(const char *dir, struct library *ret);

void library_policy_free(struct library_policy *policy);
void library_free(struct library *library);

#endif
