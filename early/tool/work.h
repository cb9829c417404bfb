/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_TOOL_WORK_H
#define INITWARD_TOOL_WORK_H

/*
 * The folder in which a verb makes what is not finished yet: for its owner alone, and gone however the
 * program ends, but by SIGKILL. There is one at a time.
 */

/* Makes it in `parent`. Its absolute path, which work_end() frees; NULL with errno. */
const char *work_begin(const char *parent);

/* The same in $TMPDIR, else in `otherwise`; says what failed. */
const char *work_begin_tmp(const char *otherwise);

/* Removes it, if there is one. */
void work_end(void);

#endif
