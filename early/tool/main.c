// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tool.h"

#include <stdio.h>
#include <string.h>

#include "util.h"

#ifndef INITWARD_VERSION
#define INITWARD_VERSION "unknown"
#endif

static int help(const struct verb *verb, int argc, char **argv);
static int version(const struct verb *verb, int argc, char **argv);

static const struct verb verb_help = {
	.name = "help",
	.summary = "print the list of verbs, or the help of one",
	.synopsis = "[VERB]",
	.run = help,
};

static const struct verb verb_version = {
	.name = "version",
	.summary = "print the version",
	.synopsis = "",
	.run = version,
};

const struct verb *const verbs[] = {
	&verb_compile, &verb_features, &verb_help, &verb_version, NULL,
};

static const struct verb *find_verb(const char *name)
{
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return &verb_help;
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
		return &verb_version;
	for (size_t i = 0; verbs[i]; i++) {
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	}
	return NULL;
}

static int unknown_verb(const char *name)
{
	say("unknown verb '%s'", name);
	return try_help(NULL);
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
	say_verb(verb->name);
	argv[0] = format("initward %s", verb->name); /* what getopt_long() says */
	return verb->run(verb, argc, argv);
}

static int help(const struct verb *verb, int argc, char **argv)
{
	static char option[] = "--help";
	const struct verb *of = argc > 1 && argv[1][0] != '-' ? find_verb(argv[1]) : NULL;

	(void)verb;
	if (argc > 1 && argv[1][0] != '-' && !of)
		return unknown_verb(argv[1]);
	if (of && of->about) {
		argv[1] = option;
		return run_verb(of, 2, argv);
	}
	printf("Usage: initward VERB [OPTION]... [ARGUMENT]...\n"
	       "Puts the whole system under a global AppArmor profile from the initramfs on.\n\n"
	       "Verbs:\n");
	for (size_t i = 0; verbs[i]; i++)
		printf("  %-12s%s\n", verbs[i]->name, verbs[i]->summary);
	printf("\n'initward VERB --help' tells more about a verb, 'man initward-VERB' tells all.\n"
	       "Exit status: 0 done, 1 failed, 2 wrong usage; some verbs have more.\n");
	return finish_stdout();
}

static int version(const struct verb *verb, int argc, char **argv)
{
	(void)verb;
	(void)argc;
	(void)argv;
	printf("initward %s\n", INITWARD_VERSION);
	return finish_stdout();
}

int main(int argc, char **argv)
{
	const struct verb *verb;

	if (argc < 2) {
		say("a verb is missing");
		return try_help(NULL);
	}
	verb = find_verb(argv[1]);
	return verb ? run_verb(verb, argc - 1, argv + 1) : unknown_verb(argv[1]);
}
