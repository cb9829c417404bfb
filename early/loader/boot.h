/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_BOOT_H
#define INITWARD_BOOT_H

#include <sys/types.h>

#include "cmdline.h"
#include "manifest.h"
#include "places.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum step_result {
	STEP_OK,
	STEP_HAND_ON, /* nothing is left to do but to execute the next init */
	STEP_FAILED,  /* boot.why says why */
};

/* How the boot came out; only OUTCOME_CONFINED may be called confined. */
enum outcome {
	OUTCOME_NONE,
	OUTCOME_OFF,
	OUTCOME_ALREADY,
	OUTCOME_COMPLAIN,
	OUTCOME_CONFINED,
	OUTCOME_FAILED,
};

enum filesystem { FS_PROC, FS_SYSFS, FS_SECURITYFS, FS_COUNT };

/* What has been changed in the kernel and is to be undone when a later step fails. */
struct undo {
	bool root_loaded;
	unsigned int namespaces_made; /* policy.namespaces[1] to [namespaces_made] */
	bool label_set;
	char userns_sysctl; /* the value before, 0 while it is as it was */
	bool latched;	    /* a setting of the level, which stays until the next boot */
	bool sealed;	    /* the policy is one of them: nothing can be undone any more */
};

struct boot {
	/* Small and often used first: near fields make short instructions. */
	int root;	   /* directory descriptor of "/" (of a faked root in the unit tests) */
	int kmsg;	   /* -1 where there is none */
	const char *label; /* what the next init is to run under */
	const char *exec_command; /* what sets it, for AA_ATTR/exec */
	struct strbuf why;	  /* of the step that failed */
	const struct manifest_set *set;
	enum fit fit;
	enum outcome outcome;
	struct undo undo;
	bool kill;		/* the module-wide mode is "kill": a refusal may be the signal */
	bool stderr_open;	/* was descriptor 2 open at entry? */
	bool mounted[FS_COUNT]; /* by this program */
	unsigned int other_tasks;
	uint64_t started; /* CLOCK_MONOTONIC, nanoseconds */
	struct config conf;
	struct strbuf ignored; /* options of the command line that had no effect */
	struct strbuf lost;    /* classes that the kernel mediates and the chosen set does not */
	struct cmdline_lsm lsm;

	struct span data[LIMIT_NAMESPACES + 1]; /* the blobs of each of policy.namespaces */
	char manifest_digest[SHA256_HEX];
	char why_text[LIMIT_MESSAGE];
	char ignored_text[LIMIT_MESSAGE];
	char lost_text[256];
	char cmdline[LIMIT_CMDLINE + 1];
	struct manifest manifest;
	struct manifest_policy policy;
};

/* The steps, in the order of main.c. Each returns an enum step_result. */
int step_configuration(struct boot *b);
int step_mount(struct boot *b);
int step_count_tasks(struct boot *b);
int step_cmdline(struct boot *b);
int step_next_init(struct boot *b);
int step_apparmor(struct boot *b);
int step_stack(struct boot *b);
int step_policy_lock(struct boot *b);
int step_manifest(struct boot *b);
int step_feature_set(struct boot *b);
int step_helpers(struct boot *b);
int step_read_policy(struct boot *b);
int step_not_loaded(struct boot *b);
int step_sysctl(struct boot *b);
int step_load(struct boot *b);
int step_namespaces(struct boot *b);
int step_read_back(struct boot *b);
int step_label(struct boot *b);
int step_proof(struct boot *b);
int step_filter(struct boot *b);
int step_seal(struct boot *b);
int step_report(struct boot *b);
int step_unmount(struct boot *b);

/* Has the kernel filters of system calls (seccomp(2), SECCOMP_SET_MODE_FILTER)? Changes nothing. */
bool can_filter(void);

/* Is the module-wide mode (apparmor.mode=) one under which the policy acts as configured? */
int check_mode(struct boot *b);

/*
 * Sets what the level locks until the next boot, or only looks whether it is set: STEP_OK where all of it holds. At a
 * level that locks nothing, and in a dry run, it always does.
 */
int hold_level(struct boot *b, bool set);

/* Is the filter of system calls in force, where it is configured? `set`: by this program. */
int check_filter(struct boot *b, bool set);

/* The cure where something else was before. */
#define FIRST_PROGRAM "this has to be the kernel's first program"

/* Takes back what `b->undo` lists. Returns what could not be taken back, NULL when all is. */
const char *roll_back(struct boot *b);

#endif
