// SPDX-License-Identifier: LGPL-2.1-or-later
#include "notes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void add_note(struct notes *notes, const struct set *set, const char *text)
{
	struct note *note = NULL;

	for (size_t i = 0; i < notes->n && !note; i++) {
		if (strcmp(notes->note[i].text, text) == 0)
			note = &notes->note[i];
	}
	if (!note) {
		notes->note = grow(notes->note, notes->n + 1, sizeof(*note));
		note = &notes->note[notes->n++];
		*note = (struct note){ .text = dup_str(text) };
	}
	if (note->last == set)
		return;
	note->last = set;
	note->n_sets++;
	text_format(&note->sets, "%s%s", note->sets.len ? ", " : "", set->name);
}

void say_notes(const struct compile *c, struct notes *notes)
{
	for (size_t i = 0; i < notes->n; i++) {
		struct note *note = &notes->note[i];

		if (c->quiet)
			;
		else if (note->n_sets == c->n_sets)
			fprintf(stderr, "note: every set: %s\n", note->text);
		else
			fprintf(stderr, "note: set %s: %s\n", note->sets.data, note->text);
		free(note->text);
		text_free(&note->sets);
	}
	free(notes->note);
	*notes = (struct notes){ 0 };
}
