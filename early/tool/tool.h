/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_TOOL_H
#define INITWARD_TOOL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The `initward` command: main.c holds the table of verbs, one file beside it holds each verb. What
 * several verbs share lies in folders: compile/, image/, kernel/, log/.
 */

/* Exit statuses. The first three mean the same for every verb; see initward(1). */
enum tool_exit {
	TOOL_OK = 0,	     /* done; status, check: confined in enforce mode; verify: good */
	TOOL_FAILED = 1,     /* the verb could not do its work */
	TOOL_USAGE = 2,	     /* wrong usage */
	TOOL_COMPLAIN = 3,   /* status, check: a dry run */
	TOOL_UNCONFINED = 4, /* status, check: not confined */
	TOOL_NOT_GOOD = 4,   /* verify: not good */
	TOOL_UNKNOWN = 5,    /* status, check: nobody can tell, and the message says why */
};

/* Where the package installs its data; the Makefile may say otherwise. */
#ifndef INITWARD_DATADIR
#define INITWARD_DATADIR "/usr/share/initward"
#endif

/* And the loader, and the guest programs that `features capture` boots. */
#ifndef INITWARD_LIBDIR
#define INITWARD_LIBDIR "/usr/lib/initward"
#endif

/* What the shells offer for an option's value or for an operand. */
enum complete {
	COMPLETE_NOTHING,
	COMPLETE_FILE,
	COMPLETE_DIR,
	COMPLETE_WORDS, /* those of `words`, blank-separated, no character of which is special to a shell */
	COMPLETE_VERBS,
};

struct option_row {
	int key;	  /* what the verb's take() gets; its short letter where it is one */
	const char *name; /* without dashes; NULL ends the table */
	const char *arg;  /* name of the value in the help text; NULL: it has none */
	const char *help; /* lines, the first no longer than 54 characters */
	enum complete complete;
	const char *words;
};

/* Keys of options that have no letter. */
#define OPTION_KEY 256

struct verb {
	const char *name;
	const char *summary;  /* one line, small first letter, no full stop */
	const char *synopsis; /* what stands behind the name: lines are alternatives */
	const char *about;    /* a few lines for --help */
	const char *exits;    /* one line for --help: "0 done, 1 failed, 2 wrong usage" */
	const struct option_row *options;
	enum complete operands;
	const char
		*operand_words; /* for the first operand; with COMPLETE_FILE, _DIR beside these */
	bool ends_options;	/* its first operand does: what follows are a command's own */
	int (*run)(const struct verb *verb, int argc, char **argv);
};

/* The verbs, in the order of the help text; ended by NULL. */
extern const struct verb *const verbs[];

extern const struct verb verb_status;
extern const struct verb verb_check;
extern const struct verb verb_inspect;
extern const struct verb verb_verify;
extern const struct verb verb_wrap;
extern const struct verb verb_overlay;
extern const struct verb verb_compile;
extern const struct verb verb_features;
extern const struct verb verb_policy;
extern const struct verb verb_update;
extern const struct verb verb_seal;
extern const struct verb verb_explain;
extern const struct verb verb_label;
extern const struct verb verb_exec;
extern const struct verb verb_run;
extern const struct verb verb_completion;

/* The verb's i-th option, --help behind all others; NULL: it has no more. */
const struct option_row *verb_option(const struct verb *verb, size_t i);

/*
 * Reads the options in argv[1..] by the verb's table; the operands are then argv[optind..], in their
 * order. take() gets each option with its value and returns TOOL_OK to go on; NULL for a verb without
 * options. --help is answered here. True: go on; false: return *ret.
 */
bool take_options(const struct verb *verb, int argc, char **argv,
		  int (*take)(void *ctx, int key, const char *value), void *ctx, int *ret);

/* Is --root a folder? False after it has said what is wrong. */
bool is_root(const char *path);

/* "try 'initward VERB --help'" on standard error; returns TOOL_USAGE. */
int try_help(const char *verb);

#endif
