/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_FEATSET_H
#define INITWARD_FEATSET_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"

/*
 * A feature set in libapparmor's text form: "name {" content "}", nested as the folders below
 * /sys/kernel/security/apparmor/features are, files being the innermost. Pure code; all spans
 * point into the text, which the caller keeps.
 */
#define FEATSET_LEAVES 512
#define FEATSET_DEPTH 8

struct featset_leaf {
	unsigned int depth; /* names in path[], the last being the file's */
	struct span path[FEATSET_DEPTH];
	struct span words; /* the file's content */
};

struct featset {
	struct featset_leaf leaf[FEATSET_LEAVES];
	unsigned int n;
};

/* False where the text is not of that form; *line is then the line it goes wrong in. */
bool featset_parse(struct span text, struct featset *ret, unsigned int *line);

/*
 * The text of those leaves for which keep[] is true, without the folders that become empty.
 * Returns its length; what does not fit in `cap` is left out, so that a result of `cap` or more
 * means that it was cut. Twice the length of the text that was parsed is always enough.
 */
size_t featset_render(const struct featset *set, const bool *keep, char *buf, size_t cap);

/* The leaf of the same path; NULL where the set has none. */
const struct featset_leaf *featset_same_path(const struct featset *set,
					     const struct featset_leaf *like);

/*
 * Has it that feature: the path of a file or folder, or of a file and behind it one of its words? As libapparmor's
 * aa_features_supports(), but for whole words: that one finds mount/mask/mount where the file says "umount".
 */
bool featset_has(const struct featset *set, struct span feature);

/* Has `by` each leaf of `set`, and in it each word? */
bool featset_contains(const struct featset *by, const struct featset *set);

/* Takes the next word off *words that is none of `known`. False at the end. */
bool featset_new_word(struct span *words, struct span known, struct span *ret);

/* Orders paths by bytes, name by name. */
int featset_path_cmp(const struct featset_leaf *a, const struct featset_leaf *b);

#endif
