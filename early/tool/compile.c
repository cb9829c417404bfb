// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compile/compile.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "defaults.h"
#include "tool.h"

enum {
	OPT_FEATURES = OPTION_KEY,
	OPT_SET,
	OPT_KERNEL,
	OPT_ROOT,
	OPT_APPLICATION,
	OPT_INCLUDE,
	OPT_PARSER,
	OPT_CACHE,
	OPT_NO_CACHE,
};

static const struct option_row options[] = {
	{ 'o', "output", "DIR", "the bundle; one that is there is replaced at the end",
	  COMPLETE_DIR, NULL },
	{ OPT_FEATURES, "features", "DIR",
	  "folder of feature sets (may be repeated; else\n" INITWARD_DATADIR
	  "/features\nand " OWN_SETS ")",
	  COMPLETE_DIR, NULL },
	{ OPT_SET, "set", "NAME", "compile for this set only (may be repeated)", COMPLETE_NOTHING,
	  NULL },
	{ OPT_KERNEL, "kernel", "KERNEL",
	  "compile for this kernel only: a release, or the\npath of an image, with a slash",
	  COMPLETE_FILE, NULL },
	{ OPT_ROOT, "root", "DIR", "the system to look for the kernel in (/)", COMPLETE_DIR, NULL },
	{ OPT_APPLICATION, "application", "PATH",
	  "policy file or folder for the namespace\n\"application\" (may be repeated)",
	  COMPLETE_FILE, NULL },
	{ OPT_INCLUDE, "include", "DIR", "one more folder for includes (may be repeated)",
	  COMPLETE_DIR, NULL },
	{ OPT_PARSER, "parser", "PROGRAM", "apparmor_parser to use, version 3.0 or later",
	  COMPLETE_FILE, NULL },
	{ OPT_CACHE, "cache", "DIR", "folder for what was compiled before", COMPLETE_DIR, NULL },
	{ OPT_NO_CACHE, "no-cache", NULL, "neither use nor fill that folder", COMPLETE_NOTHING,
	  NULL },
	{ 'q', "quiet", NULL, "neither progress nor notes", COMPLETE_NOTHING, NULL },
	{ 'v', "verbose", NULL, "tell the steps, and how long they took", COMPLETE_NOTHING, NULL },
	{ 0 },
};

static bool add_include(struct compile *c, const char *dir)
{
	char *path = realpath(dir, NULL);

	if (path)
		list_add(&c->includes, path);
	else
		say("cannot use the folder for includes %s: %s", dir, strerror(errno));
	return path != NULL;
}

static int take_option(void *ctx, int option, const char *value)
{
	struct compile *c = ctx;

	switch (option) {
	case 'o':
		c->output = value;
		break;
	case 'q':
		c->quiet = true;
		break;
	case OPT_CACHE:
		c->cache_dir = value;
		break;
	case OPT_NO_CACHE:
		c->no_cache = true;
		break;
	case 'v':
		c->verbose = true;
		break;
	case OPT_FEATURES:
		list_add(&c->features, dup_str(value));
		break;
	case OPT_SET:
		list_add(&c->set_names, dup_str(value));
		break;
	case OPT_KERNEL:
		c->kernel = value;
		break;
	case OPT_ROOT:
		c->root = value;
		break;
	case OPT_APPLICATION:
		list_add(&c->applications, dup_str(value));
		break;
	case OPT_INCLUDE:
		return add_include(c, value) ? TOOL_OK : TOOL_FAILED;
	case OPT_PARSER:
		c->parser_name = value;
		break;
	default:
		return try_help("compile");
	}
	return TOOL_OK;
}

static int check_kernel_usage(struct compile *c)
{
	const char *why = NULL;

	if (c->kernel && !*c->kernel)
		why = "--kernel is empty: it takes a release as 'uname -r' prints it, or a path";
	else if (c->kernel && c->set_names.n)
		why = "--kernel chooses the sets itself: leave out --set, or --kernel";
	else if (c->root && !c->kernel)
		why = "--root is where --kernel is looked for, which is missing";
	if (why) {
		say("%s", why);
		return try_help("compile");
	}
	if (!c->features.n)
		c->features = default_set_folders();
	if (c->root && !is_root(c->root))
		return TOOL_FAILED;
	if (!c->root)
		c->root = "/";
	return TOOL_OK;
}

/* Where the machine's configuration names a policy, that is the source of who names none. */
static bool take_named(struct compile *c)
{
	const char *file = default_config();
	struct config config;

	read_config(file, &config);
	if (!config.name[0])
		return true;
	if (!default_policy(&config, file, &c->roots, &c->includes))
		return false;
	choose_application(&config, &c->roots, &c->applications);
	return true;
}

static int check_usage(struct compile *c, int argc, char **argv)
{
	for (int i = optind; i < argc; i++)
		list_add(&c->roots, dup_str(argv[i]));
	if (!c->output || !*c->output) {
		say("-o DIR is missing: where the bundle goes");
		return try_help("compile");
	}
	if (!c->roots.n && !take_named(c))
		return TOOL_FAILED;
	if (!c->roots.n) {
		say("a SOURCE is missing: the policy to compile");
		return try_help("compile");
	}
	return check_kernel_usage(c);
}

/* The output's name without slashes at its end, and what a link there points to. */
static char *plain_output(const char *name)
{
	char *path = realpath(name, NULL);
	size_t len;

	if (path)
		return path;
	path = dup_str(name);
	for (len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
		path[len - 1] = '\0';
	return path;
}

static bool open_cache(struct compile *c)
{
	if (!c->no_cache)
		cache_open(&c->cache, c->cache_dir, c->verbose);
	return true;
}

static const struct {
	const char *what;
	bool (*run)(struct compile *c);
} steps[] = {
	{ "make the work folder", begin_output },
	{ "open the cache", open_cache },
	{ "find the parser", find_parser },
	{ "read the feature sets", load_sets },
	{ "collect the sources", collect_sources },
	{ "make the dry runs", make_dry_runs },
	{ "compile", compile_sets },
	{ "look for rules without effect", find_dead_rules },
	{ "find the features in use", find_uses },
	{ "check and write the bundle", make_bundle },
	{ "put it in place", finish_output },
};

static double now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static bool run_steps(struct compile *c)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		double start = now();
		bool ok = steps[i].run(c) && !interrupted();

		if (c->verbose)
			fprintf(stderr, "%7.3f s  %s\n", now() - start, steps[i].what);
		if (!ok)
			return false;
	}
	return true;
}

static void free_compile(struct compile *c)
{
	cache_close(&c->cache);
	free_units(c);
	free_sets(c);
	list_free(&c->features);
	list_free(&c->roots);
	list_free(&c->applications);
	list_free(&c->includes);
	list_free(&c->set_names);
	free(c->bundle);
	free(c->parser.path);
	free(c->parser.version);
	free(c->parser.config);
	free(c->parser.identity);
}

static int run_compile(const struct verb *verb, int argc, char **argv)
{
	static struct compile c;
	char *output = NULL;
	int r;

	if (take_options(verb, argc, argv, take_option, &c, &r))
		r = check_usage(&c, argc, argv);
	if (r == TOOL_OK && c.output) {
		output = plain_output(c.output);
		c.output = output;
		catch_signals();
		(void)setenv("LC_ALL", "C", 1); /* the parser's messages are read */
		r = run_steps(&c) ? TOOL_OK : TOOL_FAILED;
	}
	free(output);
	free_compile(&c);
	return r;
}

const struct verb verb_compile = {
	.name = "compile",
	.summary = "compile policy sources into a bundle for an initramfs",
	.synopsis = "[OPTION]... -o DIR [SOURCE]...",
	.about =
		"Compiles policy sources for each captured feature set into the bundle DIR, from "
		"which\n"
		"the loader in an initramfs takes what fits the kernel. One of the sources has to\n"
		"define the profile \"global\". A SOURCE is a policy file, or a folder of them; "
		"its\n"
		"folder is also the base of its includes. A rule that has no effect with a set is\n"
		"told as \"note: set NAME: ...\".",
	.exits = "0 the bundle is complete, 1 failed and nothing was changed, 2 wrong usage",
	.options = options,
	.operands = COMPLETE_FILE,
	.run = run_compile,
};
