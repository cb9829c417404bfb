/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_SHOW_H
#define INITWARD_SHOW_H

#include "judge.h"
#include "loader.h"
#include "log/log.h"
#include "profiles.h"
#include "why.h"

/* All that `initward status` has to tell. */
struct status {
	struct evidence evidence;
	struct judgement judgement;
	struct text why;
	struct text cure; /* empty where nothing needs to be done */
	struct loader loader;
	const char *loader_from; /* where that comes from; NULL: no word of the loader was found */
	struct kernel_profiles profiles;
	int profiles_errno; /* 0: `profiles` is what the kernel says */
	struct log log;
	bool log_read; /* at least one log could be read */
	struct tally *tally;
	size_t n_tallies;
};

/* Both print all of it on standard output and return finish_stdout()'s result. */
int show_text(const struct status *s);
int show_json(const struct status *s);

/* "refused", "allowed", "killed", or why it failed. */
const char *trial_text(enum trial trial, int err);

#endif
