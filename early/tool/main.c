// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tool.h"

#include <stdio.h>
#include <string.h>

#include "util.h"

#ifndef INITWARD_VERSION
#define INITWARD_VERSION "unknown"
#endif

static int verb_help(int argc, char **argv);
static int verb_version(int argc, char **argv);

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} verbs[] = {
	{ "compile", verb_compile, "compile policy sources into a bundle for an initramfs" },
	{ "features", verb_features, "print a kernel's AppArmor feature set" },
	{ "help", verb_help, "print this text" },
	{ "version", verb_version, "print the version" },
};

#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

int try_help(const char *verb)
{
	fprintf(stderr, "try 'initward%s%s --help'\n", verb ? " " : "", verb ? verb : "");
	return TOOL_USAGE;
}

static int verb_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("Usage: initward VERB [OPTION]... [ARGUMENT]...\n"
	       "Puts the whole system under a global AppArmor profile from the initramfs on.\n\n"
	       "Verbs:\n");
	for (size_t i = 0; i < N_VERBS; i++)
		printf("  %-12s%s\n", verbs[i].name, verbs[i].help);
	printf("\n'initward VERB --help' tells more about a verb.\n"
	       "Exit status: 0 done, 1 failed, 2 wrong usage.\n");
	return finish_stdout();
}

static int verb_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("initward %s\n", INITWARD_VERSION);
	return finish_stdout();
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name) {
		say("a verb is missing");
		return try_help(NULL);
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
		name = "version";
	for (size_t i = 0; i < N_VERBS; i++) {
		if (strcmp(verbs[i].name, name) == 0) {
			say_verb(verbs[i].name);
			argv[1] = format("initward %s", name); /* what getopt_long() says */
			return verbs[i].run(argc - 1, argv + 1);
		}
	}
	say("unknown verb '%s'", name);
	return try_help(NULL);
}
