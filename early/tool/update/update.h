/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_UPDATE_H
#define INITWARD_UPDATE_H

#include "config.h"
#include "util.h"

/*
 * What the files of `initward update` share:
 *   update.c		the verb (one folder up): options, and what is done in which order
 *   find.c		which images, of which kernel, made by which generator
 *   rebuild.c		one image: build it beside the old one, prove it good, put it in place
 * Functions return false after they have said why.
 */

#define OLD_SUFFIX ".initward-old" /* of the last image that booted, beside the image */

enum generator {
	GENERATOR_NONE, /* the present image is taken as it is */
	GENERATOR_INITRAMFS_TOOLS,
	GENERATOR_DRACUT,
	GENERATOR_COUNT,
	GENERATOR_DETECT = GENERATOR_COUNT,
};

struct target {
	char *image;   /* without links at its end */
	char *release; /* of its kernel; NULL: unknown */
	bool there;    /* it exists */
	enum generator generator;
};

struct update {
	/* the options */
	struct list policies;
	struct list applications; /* "none", or policy for the namespace of applications */
	struct list pass;	  /* what `compile` gets besides: "--include", "DIR", ... */
	const char *kernel;
	const char *image;
	const char *config;
	const char *loader;
	enum generator generator;
	bool all;
	bool dry_run;
	bool no_check;
	bool quiet;
	bool verbose;
	bool told; /* --policy, --application or --config was given */

	struct config asked; /* what the configuration asks for */
	char *self;	     /* this program */
	const char *work;    /* scratch, removed at the end */
	char *bundle;	     /* in there */
	struct target *target;
	size_t n_targets;
};

/* "none", "initramfs-tools", "dracut"; GENERATOR_COUNT for no name. */
enum generator generator_index(const char *name);
const char *generator_name(enum generator generator);
/* Its program, and the Debian package that has it. */
const char *generator_program(enum generator generator);
const char *generator_package(enum generator generator);

/* find.c */
bool find_targets(struct update *u);

/* rebuild.c: one image, all or nothing. */
bool rebuild(const struct update *u, const struct target *target);
/* Runs this program's verb, whose messages are seen; its exit status, or -1 where a signal came. */
int run_verb_of_self(const struct update *u, const char *verb, const struct list *args,
		     const char *out);

#endif
