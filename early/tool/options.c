// SPDX-License-Identifier: LGPL-2.1-or-later
/* The options of every verb, from its table: what getopt_long() wants, and the help text. */
#include "tool.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util.h"

#define MAX_OPTIONS 32
#define HELP_COLUMN 26

static const struct option_row help_row = {
	.key = 'h',
	.name = "help",
	.help = "print this text",
};

const struct option_row *verb_option(const struct verb *verb, size_t i)
{
	size_t n = 0;

	while (verb->options && verb->options[n].name && n < i)
		n++;
	if (n < i)
		return NULL;
	return verb->options && verb->options[n].name ? &verb->options[n] : &help_row;
}

static bool has_letter(const struct option_row *row)
{
	return row->key < OPTION_KEY;
}

int try_help(const char *verb)
{
	fprintf(stderr, "try 'initward%s%s --help'\n", verb ? " " : "", verb ? verb : "");
	return TOOL_USAGE;
}

bool is_root(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		say("cannot look into --root %s: %s", path, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		say("cannot look into --root %s: it is no folder", path);
	else
		return true;
	return false;
}

/* "  -o, --output DIR   help": more lines of the help are indented as the first. */
static void print_row(const struct option_row *row)
{
	const char *help = row->help;
	int n = printf("  ");

	n += has_letter(row) ? printf("-%c, ", row->key) : printf("    ");
	n += printf("--%s", row->name);
	if (row->arg)
		n += printf(" %s", row->arg);
	if (n > HELP_COLUMN - 2) {
		putchar('\n');
		n = 0;
	}
	for (;;) {
		int line = (int)strcspn(help, "\n");

		printf("%*s%.*s\n", HELP_COLUMN - n, "", line, help);
		if (!help[line])
			return;
		help += line + 1;
		n = 0;
	}
}

static int print_help(const struct verb *verb)
{
	const struct option_row *row;
	const char *line = verb->synopsis;
	const char *lead = "Usage:";

	for (;;) {
		int n = (int)strcspn(line, "\n");

		printf("%s initward %s%s%.*s\n", lead, verb->name, n ? " " : "", n, line);
		if (!line[n])
			break;
		line += n + 1;
		lead = "      ";
	}
	printf("%s\n\n", verb->about);
	for (size_t i = 0; (row = verb_option(verb, i)); i++)
		print_row(row);
	printf("\nExit status: %s.\n", verb->exits);
	return finish_stdout();
}

static void add_option(struct option *option, char **letters, const struct option_row *row)
{
	option->name = row->name;
	option->has_arg = row->arg ? required_argument : no_argument;
	option->val = row->key;
	if (has_letter(row)) {
		*(*letters)++ = (char)row->key;
		if (row->arg)
			*(*letters)++ = ':';
	}
}

bool take_options(const struct verb *verb, int argc, char **argv,
		  int (*take)(void *ctx, int key, const char *value), void *ctx, int *ret)
{
	struct option options[MAX_OPTIONS + 2] = { 0 };
	char letters[2 * MAX_OPTIONS + 4] = "", *end = letters;
	const struct option_row *row;
	int key;

	if (verb->ends_options)
		*end++ = '+'; /* getopt(3): the first operand is the end */
	for (size_t i = 0; i <= MAX_OPTIONS && (row = verb_option(verb, i)); i++)
		add_option(&options[i], &end, row);
	*end = '\0';
	*ret = TOOL_OK;
	while (*ret == TOOL_OK && (key = getopt_long(argc, argv, letters, options, NULL)) >= 0) {
		if (key == 'h') {
			*ret = print_help(verb);
			return false;
		}
		*ret = key == '?' ? try_help(verb->name) : take(ctx, key, optarg);
	}
	return *ret == TOOL_OK;
}
