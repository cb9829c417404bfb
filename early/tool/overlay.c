// SPDX-License-Identifier: LGPL-2.1-or-later
/* A separate initramfs part that starts the loader by rdinit= and leaves the image as it is. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "image/forecast.h"
#include "jobs.h"
#include "replace.h"
#include "tool.h"
#include "wrap/layer.h"

/* In the root folder, so that no record of a folder changes one of the image. */
#define LOADER "initward-init"

/* A link to the image's /init: the loader takes /init itself for its own name. */
#define LINK_TO_INIT "initward/init"

enum { OPT_INIT = LAYER_NEXT };

static const struct option_row options[] = {
	{ 'o', "output", "FILE", "the overlay; one that is there is replaced", COMPLETE_FILE,
	  NULL },
	{ OPT_INIT, "init", "/PATH", "what the image starts without it (/init)", COMPLETE_NOTHING,
	  NULL },
	LAYER_OPTIONS,
	{ 0 },
};

struct overlay {
	struct layer layer;
	const char *output;
	const char *init;
	struct text result;
};

static int take_option(void *ctx, int key, const char *value)
{
	struct overlay *o = ctx;

	if (key == 'o')
		o->output = value;
	else if (key == OPT_INIT)
		o->init = value;
	else if (layer_option(&o->layer, key, value) != TOOL_OK)
		return try_help("overlay");
	return TOOL_OK;
}

static int check_usage(const struct overlay *o, int argc, char **argv)
{
	if (optind < argc)
		say("'%s' is one argument too many: the overlay goes to -o FILE", argv[optind]);
	else if (!o->output || !*o->output)
		say("-o FILE is missing: where the overlay goes");
	else if (o->init[0] != '/' || strcmp(o->init, "/" LOADER) == 0)
		say("--init %s: not an absolute path to another program than the loader", o->init);
	else if (layer_check_options(&o->layer) == TOOL_OK)
		return TOOL_OK;
	return try_help("overlay");
}

static bool make_result(struct overlay *o)
{
	struct archive_list list = { 0 };
	uint32_t mtime = 0;
	bool ok;

	/* As in join_initrd(): the image in front may end in an lz4 archive. */
	text_add(&o->result, "\0\0\0", 4);
	layer_records(&o->layer, LOADER, &list);
	if (strcmp(o->init, "/init") == 0)
		(void)add_link(&list, LINK_TO_INIT, "/init");
	ok = source_date(&mtime) && pack_archive(&list, mtime, &o->result);
	archive_list_free(&list);
	return ok;
}

/* What the kernel will find in it; the rest of the image is not known here. */
static bool check_result(const struct overlay *o)
{
	struct list faults = { 0 };
	struct text copy = { 0 };
	struct image *result;
	bool ok;

	text_add(&copy, o->result.data, o->result.len);
	result = image_parse(o->output, &copy);
	ok = result && !result->trouble && check_bundle(result, &faults);
	for (size_t i = 0; i < faults.n; i++)
		say("the loader would refuse the bundle: %s", faults.item[i]);
	if (result && result->trouble)
		say("%s: %s", o->output, result->trouble);
	list_free(&faults);
	image_free(result);
	return ok;
}

static bool write_result(const struct overlay *o)
{
	char *path = output_path(o->output);
	struct stat st;
	const bool there = stat(path, &st) == 0;
	bool ok = !there || S_ISREG(st.st_mode);

	if (!ok)
		say("%s is no regular file", path);
	ok = ok && replace_file(path, span_of_text(&o->result), there ? path : NULL);
	if (ok)
		printf("%s: %zu bytes\n", path, o->result.len);
	free(path);
	return ok;
}

static void tell_how(const struct overlay *o)
{
	fprintf(stderr,
		"Give it to the boot loader as the last initrd, and to the kernel: rdinit=/" LOADER
		"\n"
		"warning: who edits the kernel command line, or loses that word, skips the loader, "
		"and %s runs unconfined; where /" LOADER
		" cannot be executed, the kernel mounts root= by itself and runs its init "
		"unconfined. 'initward wrap' needs no such word.\n",
		o->init);
}

static int run_overlay(const struct verb *verb, int argc, char **argv)
{
	struct overlay o = { .init = "/init" };
	bool go;
	int r;

	go = take_options(verb, argc, argv, take_option, &o, &r);
	if (go)
		r = check_usage(&o, argc, argv);
	if (go && r == TOOL_OK) {
		catch_signals();
		r = layer_load(&o.layer,
			       strcmp(o.init, "/init") == 0 ? "/" LINK_TO_INIT : o.init) &&
				    make_result(&o) && check_result(&o) && write_result(&o)
			    ? finish_stdout()
			    : TOOL_FAILED;
		if (r == TOOL_OK)
			tell_how(&o);
	}
	layer_free(&o.layer);
	text_free(&o.result);
	return r;
}

const struct verb verb_overlay = {
	.name = "overlay",
	.summary = "make an initramfs part that starts the loader by rdinit=",
	.synopsis = "[OPTION]... -o FILE",
	.about = "Writes the loader, its configuration and a policy bundle to FILE, an initramfs "
		 "part that\n"
		 "is given to the boot loader behind an image that nobody may change. The kernel "
		 "starts the\n"
		 "loader by rdinit=/" LOADER ", and the loader the image's /init. The image is "
		 "not changed;\n"
		 "a kernel command line without that word starts it unconfined.",
	.exits = "0 done, 1 failed and nothing was changed, 2 wrong usage",
	.options = options,
	.operands = COMPLETE_NOTHING,
	.run = run_overlay,
};
