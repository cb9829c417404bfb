// SPDX-License-Identifier: LGPL-2.1-or-later
/* Puts the loader in front of the /init of a finished image. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "image/forecast.h"
#include "image/write.h"
#include "jobs.h"
#include "places.h"
#include "replace.h"
#include "tool.h"
#include "wrap/folder.h"
#include "wrap/layer.h"
#include "wrap/prove.h"

enum { OPT_DROP_SIGNATURE = LAYER_NEXT };

static const struct option_row options[] = {
	{ 'o', "output", "FILE", "where the result goes, instead of IMAGE", COMPLETE_FILE, NULL },
	LAYER_OPTIONS,
	{ OPT_DROP_SIGNATURE, "drop-signature", NULL,
	  "take the signatures off a unified kernel image: it\nhas to be signed again",
	  COMPLETE_NOTHING, NULL },
	{ 0 },
};

struct wrap {
	struct layer layer;
	const char *output;
	bool drop_signature;
	char *path;	     /* of the image, without links */
	struct image *image; /* as it is */
	struct image *base; /* its initramfs without what an earlier `wrap` added; may be `image` */
	size_t end;	    /* of the archives in `base` */
	struct text result;
	char *next; /* what /initward/init is, for the last message */
};

static int take_option(void *ctx, int key, const char *value)
{
	struct wrap *w = ctx;

	if (key == 'o')
		w->output = value;
	else if (key == OPT_DROP_SIGNATURE)
		w->drop_signature = true;
	else if (layer_option(&w->layer, key, value) != TOOL_OK)
		return try_help("wrap");
	return TOOL_OK;
}

static int check_usage(const struct wrap *w, int argc, bool folder)
{
	if (optind + 1 != argc)
		say(optind < argc ? "more than one IMAGE" : "IMAGE is missing");
	else if (folder && (w->output || w->drop_signature))
		say("%s is for images: a folder is changed where it is",
		    w->output ? "--output" : "--drop-signature");
	else if (w->output && !*w->output)
		say("-o: the name of a file is missing");
	else if (layer_check_options(&w->layer) == TOOL_OK)
		return TOOL_OK;
	return try_help("wrap");
}

static bool is_regular(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		say("cannot read %s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		say("%s is no regular file", path);
	else
		return true;
	return false;
}

static bool refuse(const struct wrap *w, const char *why)
{
	say("%s: %s", w->path, why);
	return false;
}

static bool open_image(struct wrap *w, const char *name)
{
	if (!is_regular(name))
		return false;
	w->path = output_path(name);
	w->image = image_open(w->path);
	if (!w->image)
		return false;
	for (size_t i = 0; i < w->image->n_parts; i++) {
		const enum part_kind kind = w->image->part[i].kind;

		if (kind != PART_BZIP2 && kind != PART_LZO)
			continue;
		say("%s: the end of an archive in %s cannot be told, so that nothing can be put "
		    "behind it: compress the image with gzip, xz, zstd or lz4",
		    w->path, part_name(kind));
		return false;
	}
	if (!w->image->trouble)
		return true;
	say("%s: the kernel stops reading at byte %" PRIu64 " of the initramfs (%s), and would "
	    "never see what is put behind: make the image again",
	    w->path, w->image->trouble_at, w->image->trouble);
	return false;
}

/* What an earlier `wrap` put in is taken out again; anything else of initward is somebody's. */
static bool find_base(struct wrap *w)
{
	struct text before = { 0 };
	bool loader;

	w->base = w->image;
	w->end = archives_end(w->image);
	if (find_wrapped(w->image, &w->end)) {
		unwrap_initrd(w->image, w->end, &before);
		w->base = image_parse(w->path, &before);
	}
	if (!w->base || !starts_loader(w->base, &loader))
		return false;
	if (loader)
		return refuse(w,
			      "its /init is initward's loader already, from a generator, or from "
			      "'initward wrap' with something put behind since then: make the "
			      "image again");
	if (image_find(w->base, "initward", false))
		return refuse(w,
			      "it has an /initward already, from a generator or an overlay: make "
			      "the image without it");
	return true;
}

/*
 * The kernel overwrites a file in place, and with it all its hard links, so that /init is made a
 * folder first, which takes the name away (clean_path() in init/initramfs.c).
 */
static bool collect_records(struct wrap *w, struct archive_list *list)
{
	const struct image_file *init = image_find(w->base, "init", false);
	struct text text = { 0 };
	struct record *r;
	bool ok = true;

	if (S_ISREG(init->mode))
		(void)add_folder(list, "init");
	layer_records(&w->layer, "init", list);
	if (S_ISLNK(init->mode)) {
		w->next = format("%s%s", init->target[0] == '/' ? "" : "/", init->target);
		(void)add_link(list, NEXT_INIT, w->next);
	} else {
		ok = image_read(w->base, init, LIMIT_KEPT, &text);
		r = add_file(list, NEXT_INIT, init->mode & 07777, span_of_text(&text));
		r->uid = init->uid;
		r->gid = init->gid;
		w->next = dup_str("a copy of /init");
	}
	text.len = 0;
	text_format(&text, "version = 1\nlength = %zu\n", w->end);
	(void)add_file(list, IMAGE_WRAPPED, 0644, span_of_text(&text));
	text_free(&text);
	return ok;
}

static bool rebuild_unified(struct wrap *w, const struct text *initrd)
{
	const char *why;

	return replace_initrd(span_of_text(&w->image->file), span_of_text(initrd),
			      w->drop_signature, &w->result, &why) ||
	       refuse(w, why);
}

static bool make_result(struct wrap *w)
{
	struct archive_list list = { 0 };
	struct text archive = { 0 }, initrd = { 0 };
	uint32_t mtime = 0;
	bool ok = source_date(&mtime) && collect_records(w, &list) &&
		  pack_archive(&list, mtime, &archive);

	if (ok)
		join_initrd(w->base->initrd, w->end, span_of_text(&archive),
			    w->image->pe ? &initrd : &w->result);
	if (ok && w->image->pe)
		ok = rebuild_unified(w, &initrd);
	archive_list_free(&list);
	text_free(&archive);
	text_free(&initrd);
	return ok;
}

/* --- the result is read as any image is --- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Does a file of the image come out of the result as it was, from another part than `added`? */
static bool is_kept(const struct image *result, const struct image_file *before, unsigned int added)
{
	const struct image_file *now = image_find(result, before->name, false);

	return now && now->mode == before->mode && now->uid == before->uid &&
	       now->gid == before->gid && now->size == before->size && now->part != added &&
	       same_text(now->target, before->target);
}

static bool check_kept(const struct wrap *w, const struct image *result)
{
	const struct image_file *mark = image_find(result, IMAGE_WRAPPED, false);

	if (!mark)
		return refuse(w, "what was put in does not come out again; nothing was written");
	for (size_t i = 0; i < w->base->n_files; i++) {
		const struct image_file *file = &w->base->file_list[i];

		if (strcmp(file->name, "init") == 0 || is_kept(result, file, mark->part))
			continue;
		say("%s: /%s would not be in the result as it is now; nothing was written", w->path,
		    file->name);
		return false;
	}
	if (span_eq(w->base->bootconfig, result->bootconfig))
		return true;
	return refuse(w, "its bootconfig would be lost; nothing was written");
}

static bool check_result(const struct wrap *w)
{
	struct text copy = { 0 };
	struct image *result;
	bool ok;

	text_add(&copy, w->result.data, w->result.len);
	result = image_parse(w->path, &copy);
	if (!result)
		return false;
	ok = !result->trouble || refuse(w, result->trouble);
	ok = ok && check_kept(w, result) && check_layer(result);
	image_free(result);
	return ok;
}

static bool write_result(const struct wrap *w)
{
	char *path = w->output ? output_path(w->output) : dup_str(w->path);
	struct stat st;
	const bool there = stat(path, &st) == 0;
	bool ok = !there || is_regular(path);

	ok = ok && replace_file(path, span_of_text(&w->result), there ? path : w->path);
	if (ok)
		printf("%s: %zu bytes (%+lld); next init /" NEXT_INIT ", %s%s\n", path,
		       w->result.len, (long long)w->result.len - (long long)w->image->file.len,
		       w->next[0] == '/' ? "a link to " : "", w->next);
	free(path);
	return ok;
}

static void free_wrap(struct wrap *w)
{
	if (w->base != w->image)
		image_free(w->base);
	image_free(w->image);
	layer_free(&w->layer);
	text_free(&w->result);
	free(w->path);
	free(w->next);
}

static bool wrap_image(struct wrap *w, const char *name)
{
	return open_image(w, name) && find_base(w) && check_init(w->base, "/init") &&
	       layer_load(&w->layer, "/" NEXT_INIT) && make_result(w) && check_result(w) &&
	       write_result(w);
}

static bool is_folder(const char *name)
{
	struct stat st;

	return stat(name, &st) == 0 && S_ISDIR(st.st_mode);
}

static int run_wrap(const struct verb *verb, int argc, char **argv)
{
	struct wrap w = { 0 };
	bool go, ok, folder;
	int r;

	go = take_options(verb, argc, argv, take_option, &w, &r);
	folder = go && optind < argc && is_folder(argv[optind]);
	if (go)
		r = check_usage(&w, argc, folder);
	if (go && r == TOOL_OK) {
		catch_signals();
		ok = folder ? wrap_folder(&w.layer, argv[optind]) : wrap_image(&w, argv[optind]);
		r = ok ? finish_stdout() : TOOL_FAILED;
	}
	free_wrap(&w);
	return r;
}

const struct verb verb_wrap = {
	.name = "wrap",
	.summary = "put loader, configuration and bundle into a finished initramfs",
	.synopsis = "[OPTION]... IMAGE\n[OPTION]... DIR",
	.about = "Puts initward's loader, its configuration and a policy bundle behind the "
		 "archives of\n"
		 "IMAGE, an initramfs or a unified kernel image. The loader takes the place of "
		 "/init, and\n"
		 "starts the image's own one afterwards. The result is checked, and put in "
		 "place in one\n"
		 "step. What an earlier 'wrap' put in is replaced. DIR is the tree of an image "
		 "that is\n"
		 "still to be packed; the same is done in there.",
	.exits = "0 done, 1 failed and nothing was changed, 2 wrong usage",
	.options = options,
	.operands = COMPLETE_FILE,
	.run = run_wrap,
};
