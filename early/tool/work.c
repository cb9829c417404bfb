// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

static char *folder;

const char *work_begin(const char *parent)
{
	char *template = path_join(parent, ".initward-XXXXXX");

	folder = mkdtemp(template) ? realpath(template, NULL) : NULL;
	free(template);
	if (!folder || atexit(work_end) == 0)
		return folder;
	work_end();
	errno = ENOMEM;
	return NULL;
}

const char *work_begin_tmp(const char *otherwise)
{
	const char *parent = getenv("TMPDIR");

	if (!parent || !*parent)
		parent = otherwise;
	if (!work_begin(parent))
		say("cannot make a folder in %s: %s; set TMPDIR", parent, strerror(errno));
	return folder;
}

void work_end(void)
{
	if (folder)
		(void)remove_tree(folder);
	free(folder);
	folder = NULL;
}
