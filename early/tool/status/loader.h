/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_LOADER_REPORT_H
#define INITWARD_LOADER_REPORT_H

#include <stdbool.h>

#include "span.h"
#include "util.h"

/*
 * What the loader said of itself, from its report or from its line in the kernel log: initward-init(8).
 * It is commentary: whoever is root can write either.
 */
enum loader_field {
	LOADER_VERSION,
	LOADER_RESULT,
	LOADER_LABEL,
	LOADER_POLICY,
	LOADER_MODE,
	LOADER_LEVEL,
	LOADER_MOUNT_API,
	LOADER_USERMODE_HELPERS,
	LOADER_INIT,
	LOADER_SET,
	LOADER_FIT,
	LOADER_UNMEDIATED,
	LOADER_PROFILES,
	LOADER_BYTES,
	LOADER_NANOSECONDS,
	LOADER_ON_FAILURE,
	LOADER_OTHER_TASKS,
	LOADER_MANIFEST,
	LOADER_WHY,
	LOADER_IGNORED,
	LOADER_FIELDS,
};

struct loader {
	char *field[LOADER_FIELDS]; /* NULL where it was not said */
};

/* The text of a report; false where it is none of version 1, *ret then being untouched. Pure code. */
bool loader_from_report(struct span text, struct loader *ret);

/*
 * The loader's lines of the kernel log, without their "initward: ", in order. False where none of them
 * tells how it came out. Pure code.
 */
bool loader_from_log(const struct list *lines, struct loader *ret);

/* Did it say that it confined this boot, in that mode? */
bool loader_confined(const struct loader *loader, const char *mode);

void free_loader(struct loader *loader);

/* The field's name in the report. */
const char *loader_field_name(enum loader_field field);

#endif
