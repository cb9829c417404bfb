/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_LABEL_H
#define INITWARD_LABEL_H

#include "span.h"

/* Labels and profile names as the kernel prints them: security/apparmor/label.c, lib/apparmor. */

/*
 * Splits "LABEL (MODE)" at the last " (". False where there is no mode, as behind "unconfined".
 * Names may hold blanks and parentheses themselves.
 */
bool label_split(struct span text, struct span *label, struct span *mode);

/*
 * Takes ":NS:" or ":NS://" off *name and returns NS; "-" and *name untouched where there is
 * none.
 */
struct span label_take_namespace(struct span *name);

/*
 * Takes the next profile of a stack, without a mode, off *rest: what stands before "//&". False at the end; a profile
 * may be empty where somebody wrote it so, in front of another one.
 */
bool label_next_part(struct span *rest, struct span *ret);

#endif
