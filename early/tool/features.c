// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compile/compile.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "tool.h"

struct want {
	struct list features;
	const char *against;
	const char *output;
	const char *kernel;
	bool json;
};

enum { OPT_FEATURES = OPTION_KEY, OPT_JSON, OPT_AGAINST, OPT_KERNEL };

static const struct option_row options[] = {
	{ OPT_FEATURES, "features", "DIR",
	  "folder of feature sets (may be repeated; else\n" INITWARD_DATADIR
	  "/features\nand " OWN_SETS ")",
	  COMPLETE_DIR, NULL },
	{ OPT_JSON, "json", NULL, "list: for programs", COMPLETE_NOTHING, NULL },
	{ OPT_AGAINST, "against", "WHICH", "show: only the difference to that one", COMPLETE_FILE,
	  NULL },
	{ 'o', "output", "DIR", "capture: the folder of sets\n(" OWN_SETS ")", COMPLETE_DIR, NULL },
	{ OPT_KERNEL, "kernel", "IMAGE", "capture: boot this kernel in QEMU", COMPLETE_FILE, NULL },
	{ 0 },
};

static int take_option(void *ctx, int option, const char *value)
{
	struct want *w = ctx;

	switch (option) {
	case OPT_FEATURES:
		list_add(&w->features, dup_str(value));
		break;
	case OPT_JSON:
		w->json = true;
		break;
	case OPT_AGAINST:
		w->against = value;
		break;
	case 'o':
		w->output = value;
		break;
	case OPT_KERNEL:
		w->kernel = value;
		break;
	default:
		return try_help("features");
	}
	return TOOL_OK;
}

/* What is known of the running kernel. */
struct running {
	char *identity;
	struct text text; /* empty where it cannot be read */
};

static void look_at_running(struct running *ret)
{
	*ret = (struct running){ .identity = running_identity() };
	if (access(running_features, R_OK | X_OK) == 0)
		(void)read_features(running_features, true, &ret->text);
}

static void free_running(struct running *running)
{
	free(running->identity);
	text_free(&running->text);
}

/* Its features decide; where nobody may read them, the lists of builds do. */
static bool is_running(const struct running *running, const struct set *set)
{
	if (!running->text.len)
		return list_has(&set->kernels, running->identity);
	return running->text.len == set->text.len &&
	       memcmp(running->text.data, set->text.data, set->text.len) == 0;
}

typedef void (*difference_fn)(void *ctx, char sign, const struct featset_leaf *leaf,
			      struct span words);

/* Calls fn for each leaf of `a` that has something which `b` has not. */
static void each_more(const struct featset *a, const struct featset *b, char sign, difference_fn fn,
		      void *ctx)
{
	struct text words = { 0 };

	for (unsigned int i = 0; i < a->n; i++) {
		const struct featset_leaf *leaf = &a->leaf[i], *other = featset_same_path(b, leaf);
		struct span rest = leaf->words, known = { 0 }, word;

		if (other)
			known = other->words;
		words.len = 0;
		text_str(&words, "");
		while (featset_new_word(&rest, known, &word))
			text_format(&words, "%s%.*s", words.len ? " " : "", (int)word.n, word.p);
		if (words.len || !other)
			fn(ctx, sign, leaf, span_of_text(&words));
	}
	text_free(&words);
}

/* Each leaf in which `now` differs from `before`: '-' what is gone, '+' what is new. */
static void each_difference(const struct featset *before, const struct featset *now,
			    difference_fn fn, void *ctx)
{
	each_more(before, now, '-', fn, ctx);
	each_more(now, before, '+', fn, ctx);
}

static void print_difference(void *ctx, char sign, const struct featset_leaf *leaf,
			     struct span words)
{
	struct text path = { 0 };

	add_leaf_path(&path, leaf);
	printf("%s%c %s%s%.*s\n", (const char *)ctx, sign, path.data, words.n ? " " : "",
	       (int)words.n, words.p);
	text_free(&path);
}

static int print_list(const struct set_list *sets, const struct running *running)
{
	static char indent[] = "    ";
	bool known = false;

	for (size_t i = 0; i < sets->n; i++) {
		const struct set *set = &sets->set[i];
		bool runs = is_running(running, set);

		known = known || runs;
		printf("%s: rank %zu%s, %u features, exact for %zu kernel%s%s\n", set->name, i + 1,
		       set->base ? ", the base" : "", set->features.n, set->kernels.n,
		       set->kernels.n == 1 ? "" : "s", runs ? "; the running kernel has it" : "");
		for (size_t k = 0; k < set->kernels.n; k++)
			printf("    %s\n", set->kernels.item[k]);
		if (i)
			each_difference(&sets->set[i - 1].features, &set->features,
					print_difference, indent);
	}
	if (!running->text.len)
		printf("The running kernel does not show its features%s\n",
		       known ? "; its build stands above" : ": nobody can tell which set it has");
	else if (!known)
		printf("The running kernel has none of them: 'initward features capture' adds its "
		       "own\n");
	return finish_stdout();
}

struct json_difference {
	struct json_object *more;
	struct json_object *less;
};

static void add_json_difference(void *ctx, char sign, const struct featset_leaf *leaf,
				struct span words)
{
	struct json_difference *d = ctx;
	struct json_object *object = json_object_new_object();
	struct text path = { 0 };

	add_leaf_path(&path, leaf);
	json_set(object, "feature", json_text(span_of_text(&path)));
	json_set(object, "words", json_words(words));
	json_object_array_add(sign == '+' ? d->more : d->less, object);
	text_free(&path);
}

static struct json_object *json_of_set(const struct set_list *sets, size_t i,
				       const struct running *running)
{
	static const struct featset none;
	const struct set *set = &sets->set[i];
	struct json_difference d = { json_object_new_array(), json_object_new_array() };
	struct json_object *object = json_object_new_object();

	json_set(object, "name", json_str(set->name));
	json_set(object, "rank", json_object_new_int64((int64_t)i + 1));
	json_set(object, "base", json_object_new_boolean(set->base));
	json_set(object, "features", json_object_new_int64(set->features.n));
	json_set(object, "kernels", json_list(&set->kernels));
	each_difference(i ? &sets->set[i - 1].features : &none, &set->features, add_json_difference,
			&d);
	json_set(object, "adds", d.more);
	json_set(object, "lacks", d.less);
	json_set(object, "running", json_object_new_boolean(is_running(running, set)));
	return object;
}

static int print_json(const struct set_list *sets, const struct running *running)
{
	struct json_object *object = json_object_new_object(), *list = json_object_new_array();
	const char *name = NULL;

	for (size_t i = 0; i < sets->n; i++) {
		json_object_array_add(list, json_of_set(sets, i, running));
		if (is_running(running, &sets->set[i]))
			name = sets->set[i].name;
	}
	json_set(object, "running_kernel", json_str(running->identity));
	json_set(object, "running_set", json_str(name));
	json_set(object, "running_features_readable",
		 json_object_new_boolean(running->text.len > 0));
	json_set(object, "sets", list);
	return json_print(object);
}

static int list_sets(const struct want *w)
{
	static const struct list all;
	struct set_list sets;
	struct running running;
	int r = TOOL_FAILED;

	if (read_sets(&w->features, &all, &sets)) {
		look_at_running(&running);
		r = w->json ? print_json(&sets, &running) : print_list(&sets, &running);
		free_running(&running);
	}
	free_set_list(&sets);
	return r;
}

/* The set's file in one of the folders; NULL where none has it. */
static char *set_path(const struct want *w, const char *name)
{
	for (size_t i = 0; is_set_name(name) && i < w->features.n; i++) {
		char *path = path_join(w->features.item[i], name);

		if (access(path, F_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

/* What "running", a set's name, a folder or a file stands for. */
static bool find_features(const struct want *w, const char *name, struct text *ret)
{
	char *path = set_path(w, name);
	bool ok = false;

	if (strcmp(name, "running") == 0)
		ok = read_features(running_features, true, ret);
	else if (path || strchr(name, '/') || access(name, F_OK) == 0)
		ok = read_features(path ? path : name, false, ret);
	else
		say("there is no feature set, folder or file %s; 'initward features list' names "
		    "the sets",
		    name);
	free(path);
	return ok;
}

static int show_difference(const struct text *before, const struct text *now)
{
	static struct featset a, b;
	static char indent[] = "";
	unsigned int line;

	/* both have been parsed before */
	(void)featset_parse(span_of_text(before), &a, &line);
	(void)featset_parse(span_of_text(now), &b, &line);
	each_difference(&a, &b, print_difference, indent);
	return finish_stdout();
}

static int show_set(const struct want *w, const char *name)
{
	struct text text = { 0 }, other = { 0 };
	int r = TOOL_FAILED;

	if (!find_features(w, name ? name : "running", &text) ||
	    (w->against && !find_features(w, w->against, &other))) {
		;
	} else if (w->against) {
		r = show_difference(&other, &text);
	} else {
		(void)fwrite(text.data, 1, text.len, stdout);
		r = finish_stdout();
	}
	text_free(&text);
	text_free(&other);
	return r;
}

static int capture(const struct want *w)
{
	struct capture c = { .dir = w->output ? w->output : OWN_SETS, .kernel = w->kernel };
	struct list dirs = { 0 };
	struct set_list known;
	int r = TOOL_FAILED;

	/* what is known already has a name; nothing has to be */
	for (size_t i = 0; i < w->features.n; i++) {
		if (access(w->features.item[i], F_OK) == 0)
			list_add(&dirs, dup_str(w->features.item[i]));
	}
	if (!list_has(&dirs, c.dir) && access(c.dir, F_OK) == 0)
		list_add(&dirs, dup_str(c.dir));
	c.known = &known;
	catch_signals();
	if (read_sets(&dirs, NULL, &known) && capture_set(&c))
		r = finish_stdout();
	free_set_list(&known);
	list_free(&dirs);
	return r;
}

/* Options that belong to another of the three. */
static bool fits(const struct want *w, const char *what)
{
	bool list = strcmp(what, "list") == 0, show = strcmp(what, "show") == 0;
	const char *wrong = NULL;

	if (w->json && !list)
		wrong = "--json";
	else if (w->against && !show)
		wrong = "--against";
	else if (w->output && (list || show))
		wrong = "--output";
	else if (w->kernel && (list || show))
		wrong = "--kernel";
	if (wrong)
		say("'features %s' has no option %s", what, wrong);
	return !wrong;
}

static int run_one(struct want *w, int argc, char **argv)
{
	const char *what = argc ? argv[0] : NULL;
	bool show = what && strcmp(what, "show") == 0;

	if (!what) {
		say("say what to do: list, show or capture");
		return try_help("features");
	}
	if (!show && strcmp(what, "list") != 0 && strcmp(what, "capture") != 0) {
		say("'%s' is none of list, show and capture", what);
		return try_help("features");
	}
	if (argc > (show ? 2 : 1)) {
		say("one argument too many: '%s'", argv[show ? 2 : 1]);
		return try_help("features");
	}
	if (!fits(w, what))
		return try_help("features");
	if (show)
		return show_set(w, argv[1]);
	return *what == 'l' ? list_sets(w) : capture(w);
}

static int run_features(const struct verb *verb, int argc, char **argv)
{
	struct want w = { 0 };
	int r;

	if (take_options(verb, argc, argv, take_option, &w, &r)) {
		if (!w.features.n)
			w.features = default_set_folders();
		r = run_one(&w, argc - optind, argv + optind);
	}
	list_free(&w.features);
	return r;
}

const struct verb verb_features = {
	.name = "features",
	.summary = "list, show or capture kernels' AppArmor feature sets",
	.synopsis = "list [--features DIR] [--json]\n"
		    "show [--against WHICH] [NAME|running|DIR|FILE]\n"
		    "capture [-o DIR] [--kernel IMAGE]",
	.about = "The feature sets that policy is compiled for. 'show' prints one in libapparmor's "
		 "text\n"
		 "form: a set by its name, the running kernel's, or that of a copy of a kernel's\n"
		 "/sys/kernel/security/apparmor/features. 'capture' adds the set of the running "
		 "kernel,\n"
		 "or of one that it boots in QEMU, to a folder of sets.",
	.exits = "0 done, 1 failed, 2 wrong usage",
	.options = options,
	.operands = COMPLETE_WORDS,
	.operand_words = "list show capture",
	.run = run_features,
};
