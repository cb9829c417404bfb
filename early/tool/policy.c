// SPDX-License-Identifier: LGPL-2.1-or-later
/* The policies that came with initward: which there are, what one is, and what a kernel has of what it wants. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "defaults.h"
#include "json.h"
#include "policy/check.h"
#include "policy/library.h"
#include "policy/listing.h"
#include "term.h"
#include "tool.h"

enum {
	OPT_POLICIES = OPTION_KEY,
	OPT_KERNEL,
	OPT_ROOT,
	OPT_SET,
	OPT_FEATURES,
	OPT_RUNNING,
	OPT_JSON,
};

static const struct option_row options[] = {
	{ OPT_POLICIES, "policies", "DIR", "the folder of policies (" LIBRARY ")", COMPLETE_DIR,
	  NULL },
	{ OPT_RUNNING, "running", NULL, "check: the running kernel (the default)", COMPLETE_NOTHING,
	  NULL },
	{ OPT_KERNEL, "kernel", "KERNEL",
	  "check: this kernel, a release, or the path of an\nimage, with a slash", COMPLETE_FILE,
	  NULL },
	{ OPT_ROOT, "root", "DIR", "the system to look for that kernel in (/)", COMPLETE_DIR,
	  NULL },
	{ OPT_SET, "set", "NAME", "check: this captured feature set", COMPLETE_NOTHING, NULL },
	{ OPT_FEATURES, "features", "DIR",
	  "check: a copy of a kernel's folder of features, or a\nfile that 'initward features "
	  "show' "
	  "printed",
	  COMPLETE_DIR, NULL },
	{ OPT_JSON, "json", NULL, "print one JSON object", COMPLETE_NOTHING, NULL },
	{ 0 },
};

struct want {
	const char *policies;
	struct check_target target;
	unsigned int targets; /* how many options name one */
	bool json;
};

static int take_option(void *ctx, int option, const char *value)
{
	struct want *w = ctx;

	w->targets += option == OPT_KERNEL || option == OPT_SET || option == OPT_FEATURES ||
		      option == OPT_RUNNING;
	switch (option) {
	case OPT_POLICIES:
		w->policies = value;
		break;
	case OPT_KERNEL:
		w->target.kernel = value;
		break;
	case OPT_ROOT:
		w->target.root = value;
		break;
	case OPT_SET:
		w->target.set = value;
		break;
	case OPT_FEATURES:
		w->target.features = value;
		break;
	case OPT_RUNNING:
		break;
	case OPT_JSON:
		w->json = true;
		break;
	default:
		return try_help("policy");
	}
	return TOOL_OK;
}

/* --- list --- */

static void print_line(const struct library_policy *p)
{
	printf("%-12s  %-7s  %-10s  ", p->name, about_mode_name(p->about.mode),
	       level_name(p->about.level));
	print_safe_str(stdout, p->about.text);
	putchar('\n');
}

static struct json_object *json_of(const struct library_policy *p)
{
	struct json_object *o = json_object_new_object();

	json_set(o, "name", json_str(p->name));
	json_set(o, "about", json_str(p->about.text));
	json_set(o, "mode", json_str(about_mode_name(p->about.mode)));
	json_set(o, "level", json_str(level_name(p->about.level)));
	json_set(o, "folder", json_str(p->folder));
	json_set(o, "needs", json_list(&p->about.needs));
	json_set(o, "wants", json_list(&p->about.wants));
	return o;
}

/* Those that are good are listed beside what is said of the others. */
static int list_policies(const struct want *w)
{
	struct library library;
	bool ok = library_read(w->policies, &library);
	struct json_object *o, *list;
	int r;

	if (w->json) {
		o = json_object_new_object();
		list = json_object_new_array();
		for (size_t i = 0; i < library.n; i++)
			json_object_array_add(list, json_of(&library.policy[i]));
		json_set(o, "policies", list);
		r = json_print(o);
	} else {
		for (size_t i = 0; i < library.n; i++)
			print_line(&library.policy[i]);
		r = finish_stdout();
	}
	library_free(&library);
	return r == TOOL_OK && !ok ? TOOL_FAILED : r;
}

/* --- show --- */

static void print_words(const char *what, const struct list *words)
{
	for (size_t i = 0; i < words->n; i++)
		printf("%-8s %s\n", i ? "" : what, words->item[i]);
}

static void print_files(const struct listing *files)
{
	enum listed last = LISTED_COUNT;

	for (size_t i = 0; i < files->n; i++) {
		printf("%-12s ",
		       files->file[i].what == last ? "" : listed_name(files->file[i].what));
		print_safe_str(stdout, files->file[i].path);
		putchar('\n');
		last = files->file[i].what;
	}
}

static void print_choice(const struct library_policy *p)
{
	printf("\nTo choose it, in " OWN_CONFIG ":\n    policy = enforce %s\n", p->name);
	if (p->about.mode != ABOUT_ANY)
		printf("    mode = %s\n", about_mode_name(p->about.mode));
	printf("    level = %s\n", level_name(p->about.level));
	printf("and then 'initward policy check %s' and 'initward update'.\n", p->name);
}

static int show_text(const struct library_policy *p, const struct listing *files, const char *page)
{
	printf("%s%s%s: ", tint(TINT_BOLD), p->name, tint(TINT_END));
	print_safe_str(stdout, p->about.text);
	printf("\n\n%-8s %s\n%-8s %s\n", "mode", about_mode_name(p->about.mode), "level",
	       level_name(p->about.level));
	print_words("needs", &p->about.needs);
	print_words("wants", &p->about.wants);
	if (page) {
		printf("%-8s ", "read");
		print_safe_str(stdout, page);
		putchar('\n');
	}
	putchar('\n');
	print_files(files);
	print_choice(p);
	return finish_stdout();
}

static int show_json(const struct library_policy *p, const struct listing *files, const char *page)
{
	struct json_object *o = json_of(p), *list = json_object_new_array();

	for (size_t i = 0; i < files->n; i++) {
		struct json_object *file = json_object_new_object();

		json_set(file, "path", json_str(files->file[i].path));
		json_set(file, "kind", json_str(listed_name(files->file[i].what)));
		json_object_array_add(list, file);
	}
	json_set(o, "files", list);
	json_set(o, "page", json_str(page));
	return json_print(o);
}

static int show_policy(const struct want *w, const struct library_policy *p)
{
	char *page = listing_page(p->name, p->folder);
	struct listing files;
	int r = TOOL_FAILED;

	if (listing_read(p->folder, &files))
		r = w->json ? show_json(p, &files, page) : show_text(p, &files, page);
	listing_free(&files);
	free(page);
	return r;
}

/* --- check --- */

static void print_features(const char *what, const struct list *features, const bool *has)
{
	for (size_t i = 0; i < features->n; i++)
		printf("%s %s: %s%s%s\n", what, features->item[i],
		       tint(has[i]		  ? TINT_GOOD
			    : what == check_needs ? TINT_BAD
						  : TINT_WARN),
		       has[i] ? "yes" : "no", tint(TINT_END));
}

static int check_text(const struct library_policy *p, const struct check_result *c)
{
	print_features(check_needs, &p->about.needs, c->needs);
	print_features(check_wants, &p->about.wants, c->wants);
	printf("%s: ", p->name);
	print_safe_str(stdout, c->what);
	if (c->missing)
		printf(" %slacks %zu of %zu%s features that it needs\n", tint(TINT_BAD), c->missing,
		       p->about.needs.n, tint(TINT_END));
	else
		printf(" %shas all%s that it needs\n", tint(TINT_GOOD), tint(TINT_END));
	return finish_stdout();
}

static struct json_object *json_features(const struct list *features, const bool *has)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < features->n; i++) {
		struct json_object *o = json_object_new_object();

		json_set(o, "feature", json_str(features->item[i]));
		json_set(o, "there", json_object_new_boolean(has[i]));
		json_object_array_add(list, o);
	}
	return list;
}

static int check_json(const struct library_policy *p, const struct check_result *c)
{
	struct json_object *o = json_object_new_object();

	json_set(o, "name", json_str(p->name));
	json_set(o, "kernel", json_str(c->what));
	json_set(o, "good", json_object_new_boolean(!c->missing));
	json_set(o, "needs", json_features(&p->about.needs, c->needs));
	json_set(o, "wants", json_features(&p->about.wants, c->wants));
	return json_print(o);
}

static int check_policy(const struct want *w, const struct library_policy *p)
{
	struct check_result c;
	int r = TOOL_FAILED;

	if (check_features(&w->target, w->policies, &p->about, &c)) {
		r = w->json ? check_json(p, &c) : check_text(p, &c);
		if (r == TOOL_OK && c.missing)
			r = TOOL_FAILED;
	}
	check_result_free(&c);
	return r;
}

/* --- which of the three --- */

static bool fits(const struct want *w, const char *what, int argc, char **argv)
{
	bool list = strcmp(what, "list") == 0, check = strcmp(what, "check") == 0;

	if (!list && !check && strcmp(what, "show") != 0)
		say("'%s' is none of list, show and check", what);
	else if (!list && argc < 2)
		say("the NAME of a policy is missing; 'initward policy list' tells them");
	else if (argc > (list ? 1 : 2))
		say("one argument too many: '%s'", argv[list ? 1 : 2]);
	else if (!check && (w->targets || w->target.root))
		say("the kernel is for 'policy check': 'policy %s' has no option for it", what);
	else if (w->targets > 1)
		say("one kernel at a time: one of --running, --kernel, --set and --features");
	else if (w->target.root && !w->target.kernel)
		say("--root is where --kernel is looked for, which is missing");
	else if (w->target.kernel && !*w->target.kernel)
		say("--kernel is empty: it takes a release as 'uname -r' prints it, or a path");
	else
		return true;
	return false;
}

static int run_named(const struct want *w, const char *what, const char *name)
{
	struct library_policy policy;
	int r = TOOL_FAILED;

	if (library_find(w->policies, name, &policy))
		r = *what == 's' ? show_policy(w, &policy) : check_policy(w, &policy);
	library_policy_free(&policy);
	return r;
}

static int run_policy(const struct verb *verb, int argc, char **argv)
{
	struct want w = { .policies = LIBRARY };
	int r;

	if (!take_options(verb, argc, argv, take_option, &w, &r))
		return r;
	argc -= optind;
	argv += optind;
	if (!argc) {
		say("say what to do: list, show or check");
		return try_help(verb->name);
	}
	if (!fits(&w, argv[0], argc, argv))
		return try_help(verb->name);
	if (w.target.root && !is_root(w.target.root))
		return TOOL_FAILED;
	return argc == 1 ? list_policies(&w) : run_named(&w, argv[0], argv[1]);
}

const struct verb verb_policy = {
	.name = "policy",
	.summary = "list and show the policies that came with initward, and check what they need",
	.synopsis = "list [--policies DIR] [--json]\n"
		    "show [--policies DIR] [--json] NAME\n"
		    "check [OPTION]... NAME",
	.about =
		"The policies to choose by 'policy = enforce NAME' in initward.conf. 'list' prints "
		"a line\n"
		"of each: name, mode, level, what it is. 'show' tells more of one. 'check' says of "
		"each\n"
		"kernel feature that it needs, and without which it does not do what it promises, "
		"or\n"
		"wants, whether the kernel has it.",
	.exits = "0 done, and the kernel has what is needed; 1 it has not, or failed; 2 wrong "
		 "usage",
	.options = options,
	.operands = COMPLETE_WORDS,
	.operand_words = "list show check",
	.run = run_policy,
};
