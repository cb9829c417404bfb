/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_CASES_H
#define INITWARD_CASES_H

#include "kernel/answer.h"
#include "kernel/find.h"

/* What the verb check was asked; NULL where an option was not given. */
struct request {
	const char *kernel;
	const char *config;
	const char *cmdline;
	struct list images;   /* parts of one, in their order */
	const char *root;     /* "/" unless given */
	const char *features; /* folder of captured feature sets */
};

struct cases {
	struct question *question;
	size_t n;
	/* What the questions point to. */
	struct known_kernel **kernel;
	size_t n_kernels;
	struct image **image;
	size_t n_images;
	struct menus menus;
	struct list texts;
};

/*
 * Finds all boots that the request is about: the one that the options name; else the entries of the
 * boot menus that boot that kernel; without a kernel on a root of its own all entries. At least one
 * question, or false after it has said why.
 */
bool cases_find(const struct request *request, struct cases *ret);
void cases_free(struct cases *cases);

#endif
