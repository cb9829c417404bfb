/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_INSPECT_H
#define INITWARD_INSPECT_H

#include "image/image.h"

/* For people, on standard output. With `tree` the files too, as `ls -l` has them. */
void inspect_text(const struct image *image, bool tree);

/* For programs: one object; `tree` adds "files". Returns the exit status. */
int inspect_json(const struct image *image, bool tree);

/* "-rwxr-xr-x" and a NUL: what `ls -l` says of a mode. */
void mode_letters(unsigned int mode, char ret[11]);

#endif
