// SPDX-License-Identifier: LGPL-2.1-or-later
/* `initward inspect`: what lies in a finished initramfs or unified kernel image. */
#include "inspect/inspect.h"

#include <getopt.h>

#include "tool.h"

enum { OPT_TREE = OPTION_KEY, OPT_JSON };

static const struct option_row options[] = {
	{ OPT_TREE, "tree", NULL, "list every file, and the part that it comes from",
	  COMPLETE_NOTHING, NULL },
	{ OPT_JSON, "json", NULL, "print one JSON object", COMPLETE_NOTHING, NULL },
	{ 0 },
};

struct request {
	bool tree;
	bool json;
};

static int take_option(void *ctx, int option, const char *value)
{
	struct request *r = ctx;

	(void)value;
	if (option == OPT_TREE)
		r->tree = true;
	else
		r->json = true;
	return TOOL_OK;
}

static int show(const char *path, const struct request *r)
{
	static struct inspect_facts facts;
	struct image *image = image_open_any(path);
	int ret;

	if (!image)
		return TOOL_FAILED;
	facts_gather(image, &facts);
	if (r->json) {
		ret = inspect_json(image, &facts, r->tree);
	} else {
		inspect_text(image, &facts, r->tree);
		ret = finish_stdout();
	}
	facts_free(&facts);
	image_free(image);
	return ret;
}

static int run_inspect(const struct verb *verb, int argc, char **argv)
{
	struct request r = { 0 };
	int ret;

	if (!take_options(verb, argc, argv, take_option, &r, &ret))
		return ret;
	if (optind == argc) {
		say("an IMAGE is missing: the initramfs or unified kernel image to look into");
		return try_help(verb->name);
	}
	if (optind + 1 < argc) {
		say("one IMAGE at a time, not also '%s'", argv[optind + 1]);
		return try_help(verb->name);
	}
	return show(argv[optind], &r);
}

const struct verb verb_inspect = {
	.name = "inspect",
	.summary = "show what lies in an initramfs or unified kernel image",
	.synopsis = "[--tree] [--json] IMAGE|DIR",
	.about = "Shows what the kernel will unpack from a finished initramfs, or from the one in "
		 "a\n"
		 "unified kernel image: its archives in a row, and the loader, configuration and\n"
		 "policy in it. Reads the archives as the kernel does; writes nothing to disk. Of "
		 "DIR, an\n"
		 "image's tree that is still to be packed, the same without archives.",
	.exits = "0 done, 1 the image cannot be read, 2 wrong usage",
	.options = options,
	.operands = COMPLETE_FILE,
	.run = run_inspect,
};
