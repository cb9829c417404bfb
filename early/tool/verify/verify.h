/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_VERIFY_H
#define INITWARD_VERIFY_H

#include "image/image.h"
#include "util.h"

/*
 * What `initward verify` is made of:
 *   verify.c	 the verb: options, and what is printed
 *   sound.c	 is the image sound by itself?
 *   sources.c	 is it what the sources give?
 * wrap and update ask the first question of what they have made.
 */

/* One check, of which some images need several lines. */
struct check {
	const char *name; /* "image", "loader", ...; static */
	bool ok;
	bool warning; /* it is ok, but look */
	char *text;   /* what is good; or what is wrong, where, why, and the cure: one line */
};

struct checks {
	struct check *item;
	size_t n;
	unsigned int failed;
};

void check_add(struct checks *checks, const char *name, bool ok, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void check_warn(struct checks *checks, const char *name, const char *text);
void checks_free(struct checks *checks);

/* All that can be said of an image without its sources; nothing but `checks` is changed. */
void check_sound(const struct image *image, struct checks *checks);

/* What an image is compared with; NULL, and empty: not asked for. */
struct sources {
	const char *loader;
	const char *config;
	const char *bundle;
	struct list policy; /* what `initward compile` is to be given: options and sources */
	bool compile;
};

/* False after it has said why something cannot be read, or the policy cannot be compiled. */
bool check_sources(const struct image *image, const struct sources *sources, struct checks *checks);

#endif
