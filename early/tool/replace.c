// SPDX-License-Identifier: LGPL-2.1-or-later
#include "replace.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "jobs.h"
#include "util.h"

#define CHUNK ((size_t)1 << 20)
#define LIMIT_XATTR 65536 /* XATTR_LIST_MAX, XATTR_SIZE_MAX of linux/limits.h */

/* The half-written file: gone however the program ends, but by SIGKILL. */
static char *temporary;

static void remove_temporary(void)
{
	if (temporary)
		(void)unlink(temporary);
	free(temporary);
	temporary = NULL;
}

static int make_temporary(const char *path)
{
	static bool registered;
	char *dir;
	int fd;

	if (!registered && atexit(remove_temporary) != 0) {
		errno = ENOMEM;
		return -1;
	}
	registered = true;
	dir = path_dir(path);
	temporary = path_join(dir, ".initward-XXXXXX");
	free(dir);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		free(temporary);
		temporary = NULL;
	}
	return fd;
}

/* In pieces, so that a signal is heeded in between. */
static int write_all(int fd, struct span data)
{
	while (data.n) {
		ssize_t n = interrupted() ? -1 : write(fd, data.p, data.n < CHUNK ? data.n : CHUNK);

		if (interrupted())
			return -EINTR;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			data.p += n;
			data.n -= (size_t)n;
		}
	}
	return 0;
}

static void copy_attribute(int from, int to, const char *name)
{
	static char value[LIMIT_XATTR];
	ssize_t n;

	if (strcmp(name, "security.ima") == 0 || strcmp(name, "security.evm") == 0)
		return;
	n = fgetxattr(from, name, value, sizeof(value));
	if (n >= 0)
		(void)fsetxattr(to, name, value, (size_t)n, 0);
}

static mode_t current_umask(void)
{
	mode_t mask = umask(0);

	(void)umask(mask);
	return mask;
}

/* The mode last: a change of the owner takes bits off. */
static int properties_of(int to, const char *like)
{
	static char names[LIMIT_XATTR];
	struct stat st;
	ssize_t n;
	int r = 0, from = like ? open(like, O_RDONLY | O_CLOEXEC | O_NOCTTY) : -1;

	if (!like)
		return fchmod(to, 0666 & ~current_umask()) < 0 ? -errno : 0;
	if (from < 0)
		return -errno;
	n = flistxattr(from, names, sizeof(names));
	for (ssize_t i = 0; i < n; i += (ssize_t)strlen(names + i) + 1)
		copy_attribute(from, to, names + i);
	if (fstat(from, &st) < 0) {
		r = -errno;
	} else {
		if (fchown(to, st.st_uid, st.st_gid) < 0)
			(void)!fchown(to, (uid_t)-1, st.st_gid);
		/* A FAT file system, as an ESP is one, has no modes, and says EPERM. */
		if (fchmod(to, st.st_mode & 07777) < 0 && errno != EPERM)
			r = -errno;
	}
	(void)close(from);
	return r;
}

int copy_properties(const char *path, const char *like)
{
	int r, fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);

	if (fd < 0)
		return -errno;
	r = properties_of(fd, like);
	(void)close(fd);
	return r;
}

static int fill_temporary(int fd, struct span data, const char *like)
{
	int r = write_all(fd, data);

	if (r == 0)
		r = properties_of(fd, like);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && interrupted())
		r = -EINTR;
	return r;
}

bool replace_file(const char *path, struct span data, const char *like)
{
	char *dir;
	int r, fd;

	(void)signal(SIGXFSZ, SIG_IGN); /* a limit on the size is an error of write() */
	fd = make_temporary(path);
	r = fd < 0 ? -errno : fill_temporary(fd, data, like);
	if (r == 0 && rename(temporary, path) < 0)
		r = -errno;
	if (r < 0) {
		remove_temporary();
		say("cannot write %s: %s; nothing was changed", path,
		    r == -EINTR ? "stopped by a signal" : strerror(-r));
		return false;
	}
	free(temporary);
	temporary = NULL;
	dir = path_dir(path);
	r = sync_path(dir);
	if (r < 0)
		say("%s is in place, but %s cannot be written to disk: %s", path, dir,
		    strerror(-r));
	free(dir);
	return r == 0;
}

char *output_path(const char *name)
{
	char *path = realpath(name, NULL);

	return path ? path : dup_str(name);
}
