/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_WRAP_FOLDER_H
#define INITWARD_WRAP_FOLDER_H

#include "wrap/layer.h"

/* Its base name is "init" as before: multi-call programs look at it. */
#define NEXT_INIT "initward/init"

/*
 * Puts the layer into a folder that is still to be packed; /init becomes the next init. What an earlier
 * run put in is replaced. False after it has said why: nothing was changed then.
 */
bool wrap_folder(struct layer *layer, const char *path);

#endif
