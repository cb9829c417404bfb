/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_LISTING_H
#define INITWARD_LISTING_H

#include "boot.h"

/* What apparmor/profiles lists of b->policy. */
struct listing {
	unsigned int present;	/* how many of the policy's profiles are loaded */
	struct span first;	/* one of those that are */
	struct span missing;	/* one of those that are not */
	struct span wrong_mode; /* one whose mode differs, p NULL where there is none */
};

/* Reads the listing: STEP_OK, or STEP_FAILED with b->why. */
int read_listing(struct boot *b, struct listing *ret);

#endif
