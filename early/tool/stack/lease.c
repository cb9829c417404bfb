// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack/lease.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util.h"

#define TRIES 20
#define PAUSE_MS 50

/* Below a folder of root's alone nobody else puts a link. NULL: there is no such place. */
static char *folder_of(const struct space *s)
{
	const char *home = geteuid() == 0 ? "/run" : getenv("XDG_RUNTIME_DIR");

	return home ? format("%s/initward/namespaces/%llu", home, (unsigned long long)s->view)
		    : NULL;
}

static bool make_folder(const char *path)
{
	char *above = path_dir(path), *top = path_dir(above);

	for (int i = 0; i < 3; i++)
		(void)mkdir(i == 0 ? top : i == 1 ? above : path, 0755);
	free(top);
	free(above);
	return access(path, W_OK) == 0;
}

/* Opens and locks the file; -EWOULDBLOCK where another has it. The file may have been removed meanwhile: then another one is made. */
static int open_locked(const char *path, int flags)
{
	struct stat of_fd, of_path;
	int fd, error;

	for (;;) {
		fd = open(path, flags | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0644);
		if (fd < 0)
			return -errno;
		if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
			error = errno;
			(void)close(fd);
			return -error;
		}
		if (fstat(fd, &of_fd) == 0 && stat(path, &of_path) == 0 &&
		    of_fd.st_ino == of_path.st_ino)
			return fd;
		(void)close(fd);
		if (!(flags & O_CREAT))
			return -ENOENT;
	}
}

static int open_patiently(const char *path)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
	int fd = -EWOULDBLOCK;

	for (int i = 0; i < TRIES && fd == -EWOULDBLOCK; i++) {
		if (i)
			(void)nanosleep(&pause, NULL);
		fd = open_locked(path, O_CREAT);
	}
	return fd;
}

static void say_taken(const struct space *s, const char *path)
{
	struct text keeper = { 0 };

	(void)read_file(path, 64, &keeper);
	say("the policy namespace '%s' is in use by another 'initward run', process %s: wait for "
	    "its end, or take another name",
	    s->name, keeper.len ? keeper.data : "unknown");
	text_free(&keeper);
}

bool lease_take(const struct space *s, struct lease *ret)
{
	char *folder = folder_of(s);
	struct stat st;

	*ret = (struct lease){ .fd = -1 };
	if (folder && make_folder(folder)) {
		ret->path = path_join(folder, s->name);
		ret->fd = open_patiently(ret->path);
		ret->left = ret->fd >= 0 && fstat(ret->fd, &st) == 0 && st.st_size > 0;
	}
	free(folder);
	if (ret->fd == -EWOULDBLOCK)
		say_taken(s, ret->path);
	if (ret->fd < 0 && ret->fd != -EWOULDBLOCK) {
		free(ret->path);
		*ret = (struct lease){ .fd = -1 };
	}
	return ret->fd != -EWOULDBLOCK;
}

void lease_name(const struct lease *l, pid_t keeper)
{
	char *word = format("%d", (int)keeper);

	if (l->fd >= 0 && ftruncate(l->fd, 0) == 0 && lseek(l->fd, 0, SEEK_SET) == 0)
		(void)write_fd(l->fd, word, strlen(word));
	free(word);
}

void lease_end(struct lease *l)
{
	if (l->path)
		(void)unlink(l->path);
	lease_forget(l);
}

void lease_forget(struct lease *l)
{
	if (l->fd >= 0)
		(void)close(l->fd);
	free(l->path);
	*l = (struct lease){ .fd = -1 };
}

/* One file: false where its namespace has to stay. */
static bool sweep_one(const struct space *s, const char *path, bool quiet)
{
	struct lease lease = { .path = dup_str(path), .fd = open_locked(path, 0) };
	bool there = space_exists(s);
	pid_t who = 0;
	int r;

	if (lease.fd < 0) { /* somebody keeps it, or is done with it */
		lease_forget(&lease);
		return true;
	}
	r = there ? space_remove_empty(s, &who) : 0;
	if (r == 0)
		lease_end(&lease);
	if (r == 0 && there)
		say("removed the policy namespace '%s': its 'initward run' was killed", s->name);
	else if (r < 0 && !quiet && who)
		say("the policy namespace '%s', whose 'initward run' was killed, stays: process %d "
		    "is in it",
		    s->name, (int)who);
	else if (r < 0 && !quiet)
		say("the policy namespace '%s', whose 'initward run' was killed, stays: %s",
		    s->name,
		    r == -EBUSY
			    ? "too many processes are started just now to see whether it is empty"
			    : strerror(-r));
	lease_forget(&lease);
	return r == 0;
}

bool lease_sweep(const struct space *s, bool quiet)
{
	char *folder = folder_of(s), *path;
	DIR *dir = folder ? opendir(folder) : NULL;
	struct dirent *entry;
	struct space one = *s;
	bool ok = true;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		one.name = entry->d_name;
		path = path_join(folder, entry->d_name);
		ok = sweep_one(&one, path, quiet) && ok;
		free(path);
	}
	if (dir)
		(void)closedir(dir);
	free(folder);
	return ok;
}
