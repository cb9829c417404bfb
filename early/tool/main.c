// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tool.h"

#include <getopt.h>
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
	.about = "Prints the list of verbs, or what 'initward VERB --help' prints.",
	.exits = "0 printed, 1 failed, 2 wrong usage",
	.operands = COMPLETE_VERBS,
	.run = help,
};

static const struct verb verb_version = {
	.name = "version",
	.summary = "print the version",
	.synopsis = "",
	.about = "Prints the version of this command, which is that of the loader beside it.",
	.exits = "0 printed, 1 failed, 2 wrong usage",
	.run = version,
};

const struct verb *const verbs[] = {
	&verb_status,	  &verb_check,	 &verb_inspect,	 &verb_verify, &verb_wrap,
	&verb_overlay,	  &verb_compile, &verb_features, &verb_policy, &verb_update,
	&verb_seal,	  &verb_explain, &verb_label,	 &verb_exec,   &verb_run,
	&verb_completion, &verb_help,	 &verb_version,	 NULL,
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

static int help_of(const char *name)
{
	static char option[] = "--help";
	char *argv[] = { NULL, option, NULL };
	const struct verb *verb = find_verb(name);

	optind = 0; /* getopt_long() begins anew */
	return verb ? run_verb(verb, 2, argv) : unknown_verb(name);
}

static int help(const struct verb *verb, int argc, char **argv)
{
	int r;

	if (!take_options(verb, argc, argv, NULL, NULL, &r))
		return r;
	if (argc - optind > 1) {
		say("one VERB at most, but there is '%s' too", argv[optind + 1]);
		return try_help(verb->name);
	}
	if (argc > optind)
		return help_of(argv[optind]);
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
	int r;

	if (!take_options(verb, argc, argv, NULL, NULL, &r))
		return r;
	if (argc > optind) {
		say("no argument is wanted, but there is '%s'", argv[optind]);
		return try_help(verb->name);
	}
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
