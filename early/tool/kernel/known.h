/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_KNOWN_H
#define INITWARD_KNOWN_H

#include "compile/featset.h"
#include "util.h"

/* What is known of one kernel, and where from: its identity, its configuration, its feature set. */
struct known_kernel {
	char *path;	     /* of the image; NULL: none was given or found */
	bool unified;	     /* the image is a unified kernel image, and it the kernel in it */
	bool running;	     /* it is the one that this runs on */
	const char *form;    /* "bzImage", ...; NULL where there is no image */
	const char *machine; /* as uname -m; NULL: unknown */
	char *release;	     /* as uname -r; NULL: unknown */
	char *version;	     /* as uname -v; NULL: unknown */
	char *identity;	     /* as uname -rvm; NULL: unknown */
	struct text config;  /* empty: unknown */
	char *config_source;
	struct featset *features; /* NULL: unknown; points into features_text */
	struct text features_text;
	char *features_source;
	struct list notes; /* what a reader should know, a sentence each */
};

struct known_sources {
	const char *root;     /* the system that configurations are looked for in */
	const char *config;   /* NULL: look for it */
	const char *features; /* folder of captured feature sets; NULL: they are not asked for */
};

/* The kernel in a unified kernel image; empty where the file is none. */
struct span kernel_of_unified(struct span file);

/*
 * From an image: `file` are its bytes and are taken over, `path` is kept and for messages. False after
 * it has said why.
 */
bool known_from_image(struct known_kernel *ret, const char *path, struct text *file,
		      const struct known_sources *sources);

/* The same from the file at `path`; of a unified kernel image from the kernel in it. */
bool known_from_file(struct known_kernel *ret, const char *path,
		     const struct known_sources *sources);

/*
 * From what is installed for a release ("uname -r"): its image, else its configuration, else no more
 * than that there are modules for it. False after it has said why, or that there is nothing.
 */
bool known_from_release(struct known_kernel *ret, const char *release,
			const struct known_sources *sources);

/* From the kernel that this runs on; the image, if there is one, is not read. */
bool known_from_running(struct known_kernel *ret, const struct known_sources *sources);

/* From a configuration alone: identity and feature set stay unknown. */
bool known_from_config(struct known_kernel *ret, const struct known_sources *sources);

void known_free(struct known_kernel *kernel);

#endif
