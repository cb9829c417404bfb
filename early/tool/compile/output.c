// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"
#include "work.h"

char *work_path(const struct compile *c, const char *fmt, ...)
{
	va_list ap;
	char *name = NULL, *path;

	va_start(ap, fmt);
	if (vasprintf(&name, fmt, ap) < 0)
		name = NULL;
	va_end(ap);
	if (!name) {
		say("out of memory");
		exit(TOOL_FAILED);
	}
	path = path_join(c->work, name);
	free(name);
	return path;
}

/* What is there is replaced only where it is a bundle, or an empty folder. */
static bool may_replace(const char *path)
{
	char *manifest = path_join(path, "manifest");
	bool ok = true;
	struct stat st;

	if (lstat(path, &st) < 0) {
		ok = errno == ENOENT;
		if (!ok)
			say("cannot look at %s: %s", path, strerror(errno));
	} else if (!S_ISDIR(st.st_mode)) {
		say("%s is no folder: name another one with -o, or remove it", path);
		ok = false;
	} else if (access(manifest, F_OK) < 0 && rmdir(path) < 0) {
		say("%s holds something other than a bundle (no file \"manifest\"): name another "
		    "folder with -o, or remove it",
		    path);
		ok = false;
	}
	free(manifest);
	return ok;
}

bool begin_output(struct compile *c)
{
	char *parent;

	if (!may_replace(c->output))
		return false;
	parent = path_dir(c->output);
	c->work = work_begin(parent);
	if (!c->work)
		say("cannot make a folder in %s: %s; the folder of the output has to exist and to "
		    "be writable",
		    parent, strerror(errno));
	free(parent);
	if (!c->work)
		return false;
	c->bundle = work_path(c, "bundle");
	if (make_dir(c->bundle) == 0)
		return true;
	say("cannot make %s: %s", c->bundle, strerror(errno));
	return false;
}

/* File systems without an exchange: for a moment there is no bundle, and never a half one. */
static int replace_in_two(const char *from, const char *to, const char *old)
{
	int err;

	if (rename(to, old) < 0)
		return -errno;
	if (rename(from, to) == 0)
		return 0;
	err = errno;
	(void)rename(old, to);
	return -err;
}

static int put_in_place(const struct compile *c)
{
	char *old;
	int r;

	if (access(c->output, F_OK) < 0)
		return rename(c->bundle, c->output) < 0 ? -errno : 0;
	if (renameat2(AT_FDCWD, c->bundle, AT_FDCWD, c->output, RENAME_EXCHANGE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS && errno != EXDEV)
		return -errno;
	old = work_path(c, "old");
	r = replace_in_two(c->bundle, c->output, old);
	free(old);
	return r;
}

bool finish_output(struct compile *c)
{
	char *parent = path_dir(c->output);
	int r = sync_tree(c->bundle);

	if (r < 0)
		say("cannot write the bundle to disk: %s", strerror(-r));
	if (r == 0) {
		r = put_in_place(c);
		if (r < 0)
			say("cannot put the bundle in place as %s: %s", c->output, strerror(-r));
	}
	if (r == 0) {
		r = sync_path(parent);
		if (r < 0)
			say("%s is in place, but %s cannot be written to disk: %s", c->output,
			    parent, strerror(-r));
	}
	free(parent);
	return r == 0;
}
