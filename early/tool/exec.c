// SPDX-License-Identifier: LGPL-2.1-or-later
/* A command under a label. */
#include <getopt.h>
#include <string.h>

#include "stack/enter.h"
#include "tool.h"
#include "util.h"

static int run_exec(const struct verb *verb, int argc, char **argv)
{
	const char *label;
	int r;

	if (!take_options(verb, argc, argv, NULL, NULL, &r))
		return r == TOOL_USAGE ? EXIT_OWN : r;
	argv += optind;
	label = argv[0];
	if (label && argv[1] && strcmp(argv[1], "--") == 0)
		argv++;
	if (!label || !argv[1]) {
		say(label ? "the command is missing" : "the LABEL is missing, and the command");
		(void)try_help(verb->name);
		return EXIT_OWN;
	}
	if (!enter_is_label(label) || !enter_possible() || !enter_on_exec(label))
		return EXIT_OWN;
	return enter_execute(argv + 1);
}

const struct verb verb_exec = {
	.name = "exec",
	.summary = "execute a command under a label: a profile, or a stack of them",
	.synopsis = "LABEL [--] COMMAND [ARGUMENT]...",
	.about = "Executes COMMAND under LABEL: profiles joined by \"//&\", each by its name or, "
		 "in a policy\n"
		 "namespace, as \":NS:NAME\". A \"&\" in front stacks them on the label that there "
		 "is.",
	.exits = "that of the command; 125 failed or wrong usage, 126 COMMAND cannot\nbe executed, "
		 "127 there is none of that name",
	.ends_options = true,
	.run = run_exec,
};
