/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_REPLACE_H
#define INITWARD_REPLACE_H

#include <stdbool.h>

#include "span.h"

/*
 * Writes a file in one step: whoever opens `path` gets the old content or the new one, also after a
 * crash of the machine. What goes on the way leaves the old file as it was: a full disk, and, with
 * catch_signals(), SIGINT, SIGTERM and SIGHUP.
 *
 * The new file has the mode, and where that is permitted the owner and the extended attributes, of
 * `like`: the old file itself, or the one that it is made from; NULL: those of any new file. What seals a file's content
 * (security.ima, security.evm) is left out. False after it has said why.
 */
bool replace_file(const char *path, struct span data, const char *like);

/* Gives a file the mode, owner and attributes of another in the same way. 0 or -errno. */
int copy_properties(const char *path, const char *like);

/* The path without links at its end; of a file that is not there yet as it is. The caller frees. */
char *output_path(const char *name);

#endif
