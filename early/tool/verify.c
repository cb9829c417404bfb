// SPDX-License-Identifier: LGPL-2.1-or-later
/* `initward verify`: is a finished image sound, and is it what its sources give? */
#include "verify/verify.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "term.h"
#include "tool.h"

#define INSTALLED_LOADER INITWARD_LIBDIR "/initward-init"

enum {
	OPT_LOADER = OPTION_KEY,
	OPT_CONFIG,
	OPT_BUNDLE,
	OPT_POLICY,
	OPT_FEATURES,
	OPT_SET,
	OPT_APPLICATION,
	OPT_INCLUDE,
	OPT_PARSER,
	OPT_JSON,
};

static const struct option_row options[] = {
	{ OPT_LOADER, "loader", "FILE",
	  "compare /init with it (with the installed one:\n" INSTALLED_LOADER ")", COMPLETE_FILE,
	  NULL },
	{ OPT_CONFIG, "config", "FILE", "compare the configuration with it", COMPLETE_FILE, NULL },
	{ OPT_BUNDLE, "bundle", "DIR", "compare the bundle with it", COMPLETE_DIR, NULL },
	{ OPT_POLICY, "policy", "SOURCE",
	  "compare the bundle with what this gives, compiled\nnow (may be repeated)", COMPLETE_FILE,
	  NULL },
	{ OPT_FEATURES, "features", "DIR", "with --policy: as of initward compile", COMPLETE_DIR,
	  NULL },
	{ OPT_SET, "set", "NAME", "likewise (may be repeated)", COMPLETE_NOTHING, NULL },
	{ OPT_APPLICATION, "application", "PATH", "likewise (may be repeated)", COMPLETE_FILE,
	  NULL },
	{ OPT_INCLUDE, "include", "DIR", "likewise (may be repeated)", COMPLETE_DIR, NULL },
	{ OPT_PARSER, "parser", "PROGRAM", "likewise", COMPLETE_FILE, NULL },
	{ OPT_JSON, "json", NULL, "print one JSON object", COMPLETE_NOTHING, NULL },
	{ 0 },
};

struct request {
	struct sources sources;
	struct list roots;	    /* --policy: they go behind the options */
	const char *compile_option; /* one of those that want --policy */
	bool json;
};

/* An option that `initward compile` gets as it is. */
static void hand_on(struct request *r, const char *name, const char *value)
{
	list_add(&r->sources.policy, format("--%s=%s", name, value));
	r->compile_option = name;
}

static int take_option(void *ctx, int option, const char *value)
{
	struct request *r = ctx;

	switch (option) {
	case OPT_LOADER:
		r->sources.loader = value;
		break;
	case OPT_CONFIG:
		r->sources.config = value;
		break;
	case OPT_BUNDLE:
		r->sources.bundle = value;
		break;
	case OPT_POLICY:
		r->sources.compile = true;
		list_add(&r->roots, dup_str(value));
		break;
	case OPT_JSON:
		r->json = true;
		break;
	default:
		for (const struct option_row *row = options; row->name; row++) {
			if (row->key == option)
				hand_on(r, row->name, value);
		}
	}
	return TOOL_OK;
}

static int check_usage(const struct verb *verb, struct request *r, int argc, char **argv)
{
	if (optind == argc)
		say("an IMAGE is missing: the initramfs or unified kernel image to verify");
	else if (optind + 1 < argc)
		say("one IMAGE at a time, not also '%s'", argv[optind + 1]);
	else if (r->compile_option && !r->sources.compile)
		say("--%s is for --policy, which is not given", r->compile_option);
	else
		return TOOL_OK;
	return try_help(verb->name);
}

static void print_text(const struct image *image, const struct checks *checks)
{
	for (size_t i = 0; i < checks->n; i++) {
		const struct check *c = &checks->item[i];

		printf("%s%s%s: %s: ",
		       tint(c->warning ? TINT_WARN
			    : c->ok    ? TINT_GOOD
				       : TINT_BAD),
		       c->warning ? "warning"
		       : c->ok	  ? "ok"
				  : "NOT ok",
		       tint(TINT_END), c->name);
		print_safe_str(stdout, c->text);
		putchar('\n');
	}
	print_safe_str(stdout, image->path);
	if (checks->failed)
		printf(": %sNOT good%s: %u of %zu checks failed\n", tint(TINT_BAD), tint(TINT_END),
		       checks->failed, checks->n);
	else
		printf(": %sgood%s: %zu checks\n", tint(TINT_GOOD), tint(TINT_END), checks->n);
}

static int print_json(const struct image *image, const struct checks *checks)
{
	struct json_object *object = json_object_new_object();
	struct json_object *list = json_object_new_array();

	json_set(object, "image", json_str(image->path));
	json_set(object, "good", json_object_new_boolean(!checks->failed));
	for (size_t i = 0; i < checks->n; i++) {
		const struct check *c = &checks->item[i];
		struct json_object *item = json_object_new_object();

		json_set(item, "name", json_str(c->name));
		json_set(item, "ok", json_object_new_boolean(c->ok));
		json_set(item, "warning", json_object_new_boolean(c->warning));
		json_set(item, "text", json_str(c->text));
		json_object_array_add(list, item);
	}
	json_set(object, "checks", list);
	return json_print(object);
}

static int report(const struct image *image, const struct checks *checks, bool json)
{
	int r;

	if (json) {
		r = print_json(image, checks);
	} else {
		print_text(image, checks);
		r = finish_stdout();
	}
	return r == TOOL_OK && checks->failed ? TOOL_NOT_GOOD : r;
}

static int verify(const char *path, struct request *r)
{
	struct image *image = image_open_any(path);
	struct checks checks = { 0 };
	int ret = TOOL_FAILED;

	if (!image)
		return TOOL_FAILED;
	if (!r->sources.loader && access(INSTALLED_LOADER, F_OK) == 0)
		r->sources.loader = INSTALLED_LOADER;
	list_add(&r->sources.policy, dup_str("--"));
	for (size_t i = 0; i < r->roots.n; i++)
		list_add(&r->sources.policy, dup_str(r->roots.item[i]));
	check_sound(image, &checks);
	if (check_sources(image, &r->sources, &checks))
		ret = report(image, &checks, r->json);
	checks_free(&checks);
	image_free(image);
	return ret;
}

static int run_verify(const struct verb *verb, int argc, char **argv)
{
	struct request r = { .json = false };
	int ret;

	if (take_options(verb, argc, argv, take_option, &r, &ret) &&
	    (ret = check_usage(verb, &r, argc, argv)) == TOOL_OK)
		ret = verify(argv[optind], &r);
	list_free(&r.sources.policy);
	list_free(&r.roots);
	return ret;
}

const struct verb verb_verify = {
	.name = "verify",
	.summary = "check that a finished image is sound, and what its sources give",
	.synopsis = "[OPTION]... IMAGE|DIR",
	.about = "Checks a finished initramfs, or the one in a unified kernel image: whether the\n"
		 "kernel reads all of it, the loader is its first program, the configuration is "
		 "right,\n"
		 "the next init can be executed and the policy of every set is whole; then whether "
		 "it\n"
		 "is what the given sources give. One line for each check, the verdict last.",
	.exits = "0 good, 1 something cannot be read, 2 wrong usage, 4 not good",
	.options = options,
	.operands = COMPLETE_FILE,
	.run = run_verify,
};
