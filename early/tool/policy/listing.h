/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_POLICY_LISTING_H
#define INITWARD_POLICY_LISTING_H

#include "util.h"

/* The files of a policy of the library, by what they are for. */
enum listed {
	LISTED_SOURCE,	    /* compiled for the root policy namespace */
	LISTED_APPLICATION, /* for the policy namespace "application" */
	LISTED_INCLUDED,    /* what these include */
	LISTED_SYSTEM,	    /* to be copied into the system */
	LISTED_TEXT,	    /* to be read */
	LISTED_COUNT,
};

const char *listed_name(enum listed what);

struct listed_file {
	char *path;
	enum listed what;
};

struct listing {
	struct listed_file *file; /* by what, then by path */
	size_t n;
};

/* False after it has said why. The caller frees *ret, then too. */
bool listing_read(const char *folder, struct listing *ret);
void listing_free(struct listing *listing);

/* The page to read about a policy, to be freed; NULL where there is none. */
char *listing_page(const char *name, const char *folder);

#endif
