/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_FOLDER_H
#define INITWARD_FOLDER_H

#include "image/image.h"
#include "image/tree.h"

/*
 * A folder that is to be packed into an initramfs, read as if it were one. Whatever lies in it, no
 * file outside of it is looked at: no symbolic link is followed on the way to a file.
 */
struct folder;

/*
 * `fd` is the folder, which stays the caller's. `over` names a folder in its root whose entries stand
 * in the place of those of the root that have the same names, and which does not appear itself: what
 * the folder will be. NULL: there is none.
 */
struct folder *folder_new(int fd, const char *over);
void folder_free(struct folder *folder);

/* Fills image->tree with all of it; false after it has said what cannot be read. */
bool folder_list(struct folder *folder, struct image *image);

/* The content of a regular file, of the size that it had: NULL, or why not. */
const char *folder_read(const struct folder *folder, const struct image_file *file,
			struct text *ret);

#endif
