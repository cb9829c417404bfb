/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_ANSWER_H
#define INITWARD_ANSWER_H

#include <json-c/json.h>

#include "image/forecast.h"
#include "kernel/known.h"
#include "kernel/lsm.h"

/* One boot that may come: a kernel, a command line, an image. Nothing in it is owned. */
struct question {
	const struct known_kernel *kernel;
	const struct image *image; /* NULL: none was given or found */
	const char *no_image;	   /* of a menu entry: why there is none; else NULL */
	bool image_missing;	   /* it names one that was not found */
	const char *given;	   /* the boot loader's command line; NULL: unknown */
	bool is_whole;		   /* it is /proc/cmdline: the kernel has added what it adds */
	const char *given_source;  /* "--cmdline", "/proc/cmdline", ... */
	const char *title;	   /* of the menu entry; NULL: it is of no menu */
	bool is_default;	   /* that entry boots by itself */
	bool is_way_back;	   /* one of ours: last good image, no confinement */
	bool of_unified;	   /* it is a unified kernel image that no menu describes */
	bool uncertain;		   /* the menu decides part of it when it boots */
};

/* What will become of it. */
struct answer {
	enum outlook outlook;
	const char *step; /* as struct forecast's; "image", "command line" where that is missing */
	struct text why;
	struct text cmdline;	/* the kernel's whole one */
	bool unread_bootconfig; /* the kernel has one built in that may add to it */
	enum lsm_verdict apparmor;
	struct lsm_active lsm; /* where the verdict is known from a configuration */
	bool lsm_known;
	struct forecast forecast;
	bool forecasted;
	struct list notes;
};

/* Decides; no I/O, no messages. answer_free() afterwards. */
void answer_make(const struct question *question, struct answer *ret);
void answer_free(struct answer *answer);

/* The exit status of the verb check, enum tool_exit. */
int answer_status(const struct answer *answer);

void answer_print(const struct question *question, const struct answer *answer);
struct json_object *answer_json(const struct question *question, const struct answer *answer);

#endif
