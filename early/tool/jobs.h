/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_JOBS_H
#define INITWARD_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "util.h"

/* One run of a program; what it says goes to files. */
struct job {
	struct list argv;
	const char *cwd;
	char *out;   /* file for standard output; NULL: thrown away */
	char *err;   /* file for standard error; NULL: thrown away, */
	bool loud;   /* or where this program's goes */
	int status;  /* as from waitpid() */
	bool gentle; /* to be ended by SIGTERM: it has something to tidy up */
	pid_t pid;
};

/*
 * Runs all jobs, as many side by side as there are processors, with nothing on standard input.
 * False where one could not be started (said) or a signal asked this program to end: the jobs
 * that run are then killed, or asked to end, and waited for. What the programs' statuses mean is the caller's.
 */
bool run_jobs(struct job *jobs, size_t n);

/*
 * While `what` is not NULL, run_jobs() shows "WHAT: 12 of 48" in one line on standard error, where
 * that is a terminal; the line is gone when it returns.
 */
void show_progress(const char *what);

/* From now on SIGINT, SIGTERM and SIGHUP make run_jobs() return false. */
void catch_signals(void);
bool interrupted(void);

void free_jobs(struct job *jobs, size_t n);

#endif
