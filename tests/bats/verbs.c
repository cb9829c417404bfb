// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A command like initward with another table: texts that a shell would take for its own, every way
 * to complete an option's value or an operand, alone and together. For completion.bats.
 */
#include "tool.h"

#include <stdio.h>
#include <string.h>

#define NASTY                                                                                      \
	"it's a \"text\": $(touch made) `touch made` [a] {b,c} 100% %d \\back ~ * ? & <x> | ; !1 " \
	"#"

enum { OPT_WORDS = OPTION_KEY, OPT_PLAIN, OPT_OTHER };

static const struct option_row nasty_options[] = {
	{ 'f', "file", "FILE", NASTY, COMPLETE_FILE, NULL },
	{ 'd', "dir", "DIR", NASTY "\nand a second line", COMPLETE_DIR, NULL },
	{ OPT_WORDS, "words", "one|two|three", NASTY, COMPLETE_WORDS, "one two three" },
	{ OPT_PLAIN, "plain", "STRING", NASTY, COMPLETE_NOTHING, NULL },
	{ OPT_OTHER, "with-dashes", NULL, NASTY, COMPLETE_NOTHING, NULL },
	{ 'q', "quiet", NULL, NASTY, COMPLETE_NOTHING, NULL },
	{ 0 },
};

static int take(void *ctx, int key, const char *value)
{
	(void)ctx;
	(void)key;
	(void)value;
	return TOOL_OK;
}

static int run(const struct verb *verb, int argc, char **argv)
{
	int r;

	return take_options(verb, argc, argv, take, NULL, &r) ? TOOL_OK : r;
}

#define VERB(NAME, OPERANDS, WORDS)              \
	static const struct verb verb_##NAME = { \
		.name = #NAME,                   \
		.summary = NASTY,                \
		.synopsis = "",                  \
		.about = "Does nothing.",        \
		.exits = "0 done",               \
		.options = nasty_options,        \
		.operands = OPERANDS,            \
		.operand_words = WORDS,          \
		.run = run,                      \
	}

VERB(nothing, COMPLETE_NOTHING, NULL);
VERB(files, COMPLETE_FILE, NULL);
VERB(folders, COMPLETE_DIR, NULL);
VERB(words, COMPLETE_WORDS, "red green");
VERB(verbs, COMPLETE_VERBS, NULL);
VERB(wordfiles, COMPLETE_FILE, "red green");
VERB(wordfolders, COMPLETE_DIR, "red green");

const struct verb *const verbs[] = {
	&verb_nothing,	 &verb_files,	    &verb_folders,    &verb_words, &verb_verbs,
	&verb_wordfiles, &verb_wordfolders, &verb_completion, NULL,
};

int main(int argc, char **argv)
{
	for (size_t i = 0; verbs[i]; i++) {
		if (argc > 1 && strcmp(argv[1], verbs[i]->name) == 0)
			return verbs[i]->run(verbs[i], argc - 1, argv + 1);
	}
	printf("Verbs:\n");
	for (size_t i = 0; verbs[i]; i++)
		printf("  %-12s%s\n", verbs[i]->name, verbs[i]->summary);
	return TOOL_OK;
}
