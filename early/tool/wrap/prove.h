/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_PROVE_H
#define INITWARD_PROVE_H

#include "image/image.h"

/* What wrap asks of an image, packed or not, before and after. Each is false after it has said why. */

/* *ret: is its /init, whatever that is by name, the loader? */
bool starts_loader(const struct image *image, bool *ret);

/* Can the kernel start that program of it, which is what a user knows as its /init? */
bool check_init(const struct image *image, const char *path);

/* Will the loader find nothing that it would refuse? */
bool check_layer(const struct image *image);

#endif
