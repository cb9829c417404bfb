/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_TOOL_H
#define INITWARD_TOOL_H

/*
 * The `initward` command: main.c holds the table of verbs, one file holds each verb. A verb gets
 * its own name as argv[0] and returns the exit status.
 */
enum tool_exit {
	TOOL_OK = 0,
	TOOL_FAILED = 1,
	TOOL_USAGE = 2,
};

/* Where the package installs its data; the Makefile may say otherwise. */
#ifndef INITWARD_DATADIR
#define INITWARD_DATADIR "/usr/share/initward"
#endif

int verb_compile(int argc, char **argv);
int verb_features(int argc, char **argv);

/* "try 'initward VERB --help'" on standard error; returns TOOL_USAGE. */
int try_help(const char *verb);

#endif
