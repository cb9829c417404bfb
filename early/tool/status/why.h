/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_WHY_H
#define INITWARD_WHY_H

#include "judge.h"
#include "loader.h"
#include "log/log.h"

/* What is known about how the boot went. */
struct history {
	const struct loader *loader; /* NULL: no word of it was found */
	bool log_read;		  /* the kernel log of this boot could be read, from its begin on */
	bool off_by_cmdline;	  /* initward.policy=off stands on the kernel command line */
	const char *apparmor_off; /* diagnose_off()'s words for REASON_OFF */
};

/*
 * Why the system is not confined, and the cure, as far as the kernel's own words and the loader's tell it:
 * for STANDING_UNCONFINED. Pure code.
 */
void explain_unconfined(const struct judgement *j, const struct history *h, struct text *ret_why,
			struct text *ret_cure);

/* The records of one profile, by what became of them. */
struct tally {
	const char
		*ns; /* "root" where a record names none; points into the log, as `profile` does */
	const char *profile;
	bool is_root;
	uint64_t denied;
	uint64_t killed;
	uint64_t allowed; /* complain mode: would have been denied */
};

/*
 * Counts the log's records by profile: those of the root policy namespace first, "global" first of all,
 * then by name. Returns how many; *ret is the caller's to free. Pure code.
 */
size_t tally_denials(const struct log *log, struct tally **ret);

#endif
