/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_NOTES_H
#define INITWARD_NOTES_H

#include "compile.h"

/* Things to be told at the end, each once for all sets that it is about. */
struct note {
	char *text;
	struct text sets;
	size_t n_sets;
	const struct set *last;
};

struct notes {
	struct note *note;
	size_t n;
};

void add_note(struct notes *notes, const struct set *set, const char *text);

/* Says them, unless --quiet, and frees them. */
void say_notes(const struct compile *c, struct notes *notes);

#endif
