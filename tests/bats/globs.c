// SPDX-License-Identifier: LGPL-2.1-or-later
/* globs PATTERNS NAMES: prints "PATTERN TAB NAME" for each line of one that matches one of the other. */
#include <stdio.h>
#include <string.h>

#include "policy/glob.h"

static void match_all(const char *pattern, const struct glob *glob, FILE *names)
{
	char line[256];

	rewind(names);
	while (fgets(line, sizeof(line), names)) {
		struct span name = { line, strcspn(line, "\n") };

		if (glob_match(glob, name))
			printf("%s\t%.*s\n", pattern, (int)name.n, name.p);
	}
}

int main(int argc, char **argv)
{
	FILE *patterns = argc == 3 ? fopen(argv[1], "r") : NULL;
	FILE *names = argc == 3 ? fopen(argv[2], "r") : NULL;
	char line[256];

	if (!patterns || !names)
		return 2;
	while (fgets(line, sizeof(line), patterns)) {
		struct glob *glob;

		line[strcspn(line, "\n")] = '\0';
		glob = glob_compile(span_of(line));
		if (!glob)
			return 1;
		match_all(line, glob, names);
		glob_free(glob);
	}
	return 0;
}
