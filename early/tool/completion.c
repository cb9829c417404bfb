// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Completion scripts for the shells, made from the table of verbs: what a verb takes is said once,
 * in its table. What a script does at the prompt stands in its fixed part, behind its table.
 */
#include "tool.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "util.h"

static const char bash_head[] =
	"# bash completion for initward, made by 'initward completion bash'\n"
	"# Needs nothing but bash itself.\n\n"
	"# Sets what the VERB takes: options, operands, words (of its first operand).\n"
	"_initward_verb()\n"
	"{\n"
	"\toptions='' operands=nothing words=''\n"
	"\tcase $1 in\n";

/*
 * '=' is in COMP_WORDBREAKS unless somebody took it out: --output=x is three words then. compgen -f
 * takes quotes away and `filenames` puts them back.
 */
static const char bash_tail[] =
	"# Offers WORDS, and what is there by KIND, that begins with TEXT.\n"
	"_initward_offer()\n"
	"{\n"
	"\tlocal IFS=$' \\t\\n' kind=$1 words=$2 text=$3\n\n"
	"\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$text\")\n"
	"\tcase $kind in\n"
	"\tfile) kind=-f ;;\n"
	"\tdir) kind=-d ;;\n"
	"\t*) return ;;\n"
	"\tesac\n"
	"\tcompopt -o filenames 2>/dev/null\n"
	"\tmapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen \"$kind\" -- \"$text\")\n"
	"}\n\n"
	"_initward()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]-}\n"
	"\tlocal i word option='' dashes='' seen=0 joined=''\n"
	"\tlocal options operands kind words\n\n"
	"\tCOMPREPLY=()\n"
	"\tif ((COMP_CWORD == 1)); then\n"
	"\t\t[[ $cur == -* ]] && words='-h --help -V --version' || words=$_initward_verbs\n"
	"\t\t_initward_offer nothing \"$words\" \"$cur\"\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\tif [[ $option ]]; then\n"
	"\t\t\t[[ $word == = ]] || option=''\n"
	"\t\telif [[ $dashes || $word != -?* ]]; then\n"
	"\t\t\tseen=$((seen + 1))\n"
	"\t\telif [[ $word == -- ]]; then\n"
	"\t\t\tdashes=yes\n"
	"\t\telif _initward_value \"$verb\" \"$word\"; then\n"
	"\t\t\toption=$word\n"
	"\t\tfi\n"
	"\tdone\n"
	"\tif [[ $option ]]; then\n"
	"\t\t[[ $cur == = ]] && cur=''\n"
	"\telif [[ ! $dashes && $cur == --*=* ]]; then\n"
	"\t\toption=${cur%%=*} cur=${cur#*=} joined=$option=\n"
	"\tfi\n"
	"\t_initward_verb \"$verb\"\n"
	"\tif [[ $option ]]; then\n"
	"\t\t_initward_value \"$verb\" \"$option\" && _initward_offer \"$kind\" \"$words\" "
	"\"$cur\"\n"
	"\t\tCOMPREPLY=(\"${COMPREPLY[@]/#/$joined}\")\n"
	"\telif [[ ! $dashes && $cur == -* ]]; then\n"
	"\t\t_initward_offer nothing \"$options\" \"$cur\"\n"
	"\telse\n"
	"\t\t((seen)) && words=''\n"
	"\t\t_initward_offer \"$operands\" \"$words\" \"$cur\"\n"
	"\tfi\n"
	"}\n\n"
	"complete -F _initward initward\n";

static const char zsh_head[] =
	"#compdef initward\n"
	"# zsh completion for initward, made by 'initward completion zsh'\n\n"
	"_initward_verbs()\n"
	"{\n"
	"\tlocal -a verbs=(\n";

static const char zsh_middle[] = "\t)\n"
				 "\t_describe -t verbs verb verbs\n"
				 "}\n\n"
				 "_initward()\n"
				 "{\n"
				 "\tlocal curcontext=$curcontext state ret=1\n"
				 "\tlocal -a line\n"
				 "\tlocal -A opt_args\n\n"
				 "\t_arguments -C \\\n"
				 "\t\t'(- *)'{-h,--help}'[print the list of verbs]' \\\n"
				 "\t\t'(- *)'{-V,--version}'[print the version]' \\\n"
				 "\t\t'1:verb:_initward_verbs' \\\n"
				 "\t\t'*::argument:->argument' && ret=0\n"
				 "\t[[ $state == argument ]] || return ret\n"
				 "\tcurcontext=${curcontext%:*:*}:initward-$words[1]:\n"
				 "\tcase $words[1] in\n";

/* A file of that name in $fpath is the function's body; one that is sourced has to register it. */
static const char zsh_tail[] = "\tesac\n"
			       "\treturn ret\n"
			       "}\n\n"
			       "if [[ $funcstack[1] == _initward ]]; then\n"
			       "\t_initward \"$@\"\n"
			       "else\n"
			       "\tcompdef _initward initward\n"
			       "fi\n";

static const char fish_head[] =
	"# fish completion for initward, made by 'initward completion fish'\n\n"
	"# True where the command line's verb is VERB; without VERB: where it has none yet.\n"
	"function __initward_verb --argument-names verb\n"
	"\tset -l words (commandline -opc)\n"
	"\ttest \"$words[2]\" = \"$verb\"\n"
	"end\n\n"
	"# True where the verb is VERB and has no operand yet; the other arguments are those of "
	"its\n"
	"# options that take a value.\n"
	"function __initward_first --argument-names verb\n"
	"\t__initward_verb $verb; or return\n"
	"\tset -l words (commandline -opc)\n"
	"\tset -l is_value no\n"
	"\tset -l dashes no\n"
	"\tfor word in $words[3..]\n"
	"\t\tif test $is_value = yes\n"
	"\t\t\tset is_value no\n"
	"\t\telse if test $dashes = yes; or not string match -qr -- '^-.' $word\n"
	"\t\t\treturn 1\n"
	"\t\telse if test $word = --\n"
	"\t\t\tset dashes yes\n"
	"\t\telse if contains -- $word $argv[2..]\n"
	"\t\t\tset is_value yes\n"
	"\t\tend\n"
	"\tend\n"
	"end\n\n"
	"# Folders; of --option=PATH only the part behind the equals sign counts.\n"
	"function __initward_folders\n"
	"\t__fish_complete_directories (string replace -r -- '^--[^=]*=' '' (commandline -ct))\n"
	"end\n\n"
	"complete -c initward -f\n"
	"complete -c initward -n __initward_verb -s h -l help -d 'print the list of verbs'\n"
	"complete -c initward -n __initward_verb -s V -l version -d 'print the version'\n";

static bool has_letter(const struct option_row *row)
{
	return row->key < OPTION_KEY;
}

/*
 * A text for between single quotes, its lines joined by blanks. Characters of `special` get a
 * backslash before them; `quote` stands for a single quote.
 */
static void put(const char *s, const char *special, const char *quote)
{
	for (; *s; s++) {
		if (*s == '\'') {
			fputs(quote, stdout);
			continue;
		}
		if (strchr(special, *s))
			putchar('\\');
		putchar(*s == '\n' ? ' ' : *s);
	}
}

/* The second level is that of _arguments and _describe, which split at colons and brackets. */
static void put_zsh(const char *s)
{
	put(s, "[]:\\", "'\\''");
}

static void put_fish(const char *s)
{
	put(s, "\\", "\\'");
}

static void put_verb_names(void)
{
	for (size_t i = 0; verbs[i]; i++)
		printf("%s%s", i ? " " : "", verbs[i]->name);
}

/* The words of a value or an operand, blank-separated. */
static void put_words(enum complete complete, const char *words)
{
	if (complete == COMPLETE_VERBS)
		put_verb_names();
	else if (words)
		fputs(words, stdout);
}

static bool has_words(enum complete complete, const char *words)
{
	return complete == COMPLETE_VERBS || (words && *words);
}

static const char *bash_kind(enum complete complete)
{
	return complete == COMPLETE_FILE ? "file" : complete == COMPLETE_DIR ? "dir" : "nothing";
}

static void bash_verb(const struct verb *verb)
{
	const struct option_row *row;
	const char *blank = "";

	printf("\t%s)\n\t\toptions='", verb->name);
	for (size_t i = 0; (row = verb_option(verb, i)); i++) {
		if (has_letter(row))
			printf("%s-%c --%s", blank, row->key, row->name);
		else
			printf("%s--%s", blank, row->name);
		blank = " ";
	}
	printf("'\n\t\toperands=%s words='", bash_kind(verb->operands));
	put_words(verb->operands, verb->operand_words);
	printf("'\n\t\t;;\n");
}

static void bash_values(const struct verb *verb)
{
	const struct option_row *row;

	for (size_t i = 0; (row = verb_option(verb, i)); i++) {
		if (!row->arg)
			continue;
		printf("\t");
		if (has_letter(row))
			printf("'%s -%c' | ", verb->name, row->key);
		printf("'%s --%s') kind=%s words='", verb->name, row->name,
		       bash_kind(row->complete));
		put_words(row->complete, row->words);
		printf("' ;;\n");
	}
}

static void print_bash(void)
{
	fputs(bash_head, stdout);
	for (size_t i = 0; verbs[i]; i++)
		bash_verb(verbs[i]);
	printf("\tesac\n}\n\n"
	       "# Sets kind and words of the value of a VERB's OPTION; false where it has none.\n"
	       "_initward_value()\n{\n\tcase \"$1 $2\" in\n");
	for (size_t i = 0; verbs[i]; i++)
		bash_values(verbs[i]);
	printf("\t*) return 1 ;;\n\tesac\n}\n\n_initward_verbs='");
	put_verb_names();
	printf("'\n\n");
	fputs(bash_tail, stdout);
}

/* The action of an _arguments specification, behind its last colon. */
static void zsh_action(enum complete complete, const char *words)
{
	if (complete == COMPLETE_VERBS)
		printf("_initward_verbs");
	else if (complete == COMPLETE_FILE)
		printf("_files");
	else if (complete == COMPLETE_DIR)
		printf("_files -/");
	else if (has_words(complete, words))
		printf("(%s)", words);
	else
		putchar(' ');
}

/* One spelling of an option. One without a value is offered once, --help alone. */
static void zsh_spelling(const struct option_row *row, bool letter)
{
	printf("\t\t\t'");
	if (row->arg)
		putchar('*');
	else if (row->key == 'h')
		printf("(- *)");
	else if (has_letter(row))
		printf("(-%c --%s)", row->key, row->name);
	if (letter)
		printf("-%c%s[", row->key, row->arg ? "+" : "");
	else
		printf("--%s%s[", row->name, row->arg ? "=" : "");
	put_zsh(row->help);
	putchar(']');
	if (row->arg) {
		putchar(':');
		put_zsh(row->arg);
		putchar(':');
		zsh_action(row->complete, row->words);
	}
	printf("' \\\n");
}

static void zsh_operands(const struct verb *verb)
{
	bool paths = verb->operands == COMPLETE_FILE || verb->operands == COMPLETE_DIR;

	if (has_words(verb->operands, verb->operand_words)) {
		printf("\t\t\t'1:argument:");
		if (paths) {
			printf("_alternative \"words:word:(%s)\" \"files:file:",
			       verb->operand_words);
			zsh_action(verb->operands, NULL);
			putchar('"');
		} else {
			zsh_action(verb->operands, verb->operand_words);
		}
		printf("' \\\n");
	}
	if (paths) {
		printf("\t\t\t'*:file:");
		zsh_action(verb->operands, NULL);
		printf("' \\\n");
	}
}

static void zsh_verb(const struct verb *verb)
{
	const struct option_row *row;

	printf("\t%s)\n\t\t_arguments -s -S \\\n", verb->name);
	for (size_t i = 0; (row = verb_option(verb, i)); i++) {
		if (has_letter(row))
			zsh_spelling(row, true);
		zsh_spelling(row, false);
	}
	zsh_operands(verb);
	printf("\t\t\t&& ret=0\n\t\t;;\n");
}

static void print_zsh(void)
{
	fputs(zsh_head, stdout);
	for (size_t i = 0; verbs[i]; i++) {
		printf("\t\t'%s:", verbs[i]->name);
		put_zsh(verbs[i]->summary);
		printf("'\n");
	}
	fputs(zsh_middle, stdout);
	for (size_t i = 0; verbs[i]; i++)
		zsh_verb(verbs[i]);
	fputs(zsh_tail, stdout);
}

/* What `complete` offers, behind its condition. -x: a value has to follow, and is no file. */
static void fish_offer(enum complete complete, const char *words)
{
	if (complete == COMPLETE_FILE)
		printf(" -F");
	if (complete == COMPLETE_DIR || has_words(complete, words)) {
		printf(" -a '");
		if (complete == COMPLETE_DIR)
			printf("(__initward_folders)%s", has_words(complete, words) ? " " : "");
		put_words(complete, words);
		putchar('\'');
	}
}

static void fish_options(const struct verb *verb)
{
	const struct option_row *row;

	for (size_t i = 0; (row = verb_option(verb, i)); i++) {
		printf("complete -c initward -n '__initward_verb %s'", verb->name);
		if (has_letter(row))
			printf(" -s %c", row->key);
		printf(" -l %s", row->name);
		if (row->arg) {
			printf(row->complete == COMPLETE_FILE ? " -r" : " -x");
			fish_offer(row->complete, row->words);
		}
		printf(" -d '");
		put_fish(row->help);
		printf("'\n");
	}
}

static void fish_operands(const struct verb *verb)
{
	const struct option_row *row;

	if (has_words(verb->operands, verb->operand_words)) {
		printf("complete -c initward -n '__initward_first %s", verb->name);
		for (size_t i = 0; (row = verb_option(verb, i)); i++) {
			if (row->arg && has_letter(row))
				printf(" -%c", row->key);
			if (row->arg)
				printf(" --%s", row->name);
		}
		putchar('\'');
		fish_offer(verb->operands == COMPLETE_VERBS ? COMPLETE_VERBS : COMPLETE_WORDS,
			   verb->operand_words);
		putchar('\n');
	}
	if (verb->operands == COMPLETE_FILE || verb->operands == COMPLETE_DIR) {
		printf("complete -c initward -n '__initward_verb %s'", verb->name);
		fish_offer(verb->operands, NULL);
		putchar('\n');
	}
}

static void print_fish(void)
{
	fputs(fish_head, stdout);
	for (size_t i = 0; verbs[i]; i++) {
		printf("\ncomplete -c initward -n __initward_verb -a %s -d '", verbs[i]->name);
		put_fish(verbs[i]->summary);
		printf("'\n");
		fish_options(verbs[i]);
		fish_operands(verbs[i]);
	}
}

static const struct {
	const char *name;
	void (*print)(void);
} shells[] = {
	{ "bash", print_bash },
	{ "zsh", print_zsh },
	{ "fish", print_fish },
};

static int run_completion(const struct verb *verb, int argc, char **argv)
{
	int r;

	if (!take_options(verb, argc, argv, NULL, NULL, &r))
		return r;
	if (argc - optind != 1) {
		say(argc == optind ? "a SHELL is missing: bash, zsh or fish"
				   : "one SHELL only: bash, zsh or fish");
		return try_help(verb->name);
	}
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(argv[optind], shells[i].name) == 0) {
			shells[i].print();
			return finish_stdout();
		}
	}
	say("no completion for the shell '%s': bash, zsh or fish", argv[optind]);
	return try_help(verb->name);
}

const struct verb verb_completion = {
	.name = "completion",
	.summary = "print a completion script for a shell",
	.synopsis = "bash|zsh|fish",
	.about = "Prints the script that makes a shell complete verbs, options and their values. "
		 "The\n"
		 "package installs all three; to try one in a running shell:\n\n"
		 "  bash, zsh   source <(initward completion bash)\n"
		 "  fish        initward completion fish | source",
	.exits = "0 printed, 1 failed, 2 wrong usage",
	.operands = COMPLETE_WORDS,
	.operand_words = "bash zsh fish",
	.run = run_completion,
};
