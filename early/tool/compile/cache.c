// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bounds.h"
#include "entry.h"

/* More than that is pruned. The policy of 1,500 profiles for eight sets takes some 100 MiB. */
#define LIMIT_CACHE ((off_t)256 << 20)
#define LIMIT_CACHED 32768
#define LIMIT_ENTRY (LIMIT_BLOB + (8 << 20))
#define KEY_DIGITS 64

static char *default_folder(void)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (xdg && *xdg == '/')
		return path_join(xdg, "initward/policy");
	if (geteuid() == 0)
		return dup_str("/var/cache/initward/policy");
	return home && *home == '/' ? path_join(home, ".cache/initward/policy") : NULL;
}

/* Makes a folder with those above it; where that fails, opening it does too. */
static void make_folders(const char *path)
{
	char *copy = dup_str(path);

	for (char *p = copy + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		(void)mkdir(copy, 0755);
		*p = '/';
	}
	(void)mkdir(copy, 0700);
	free(copy);
}

static const char *why_not_mine(const struct stat *st)
{
	if (st->st_uid != geteuid())
		return "another user owns it";
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return "other users may write to it";
	return NULL;
}

static void go_without(struct cache *cache, const char *path, const char *why)
{
	if (cache->verbose)
		fprintf(stderr, "           no cache: %s: %s\n", path, why);
	if (cache->fd >= 0)
		(void)close(cache->fd);
	cache->fd = -1;
	free(cache->path);
	cache->path = NULL;
}

void cache_open(struct cache *cache, const char *dir, bool verbose)
{
	char *path = dir ? dup_str(dir) : default_folder();
	const char *why = NULL;
	struct stat st;

	*cache = (struct cache){ .fd = -1, .verbose = verbose };
	if (!path) {
		go_without(cache, "its folder", "neither XDG_CACHE_HOME nor HOME is set");
		return;
	}
	make_folders(path);
	cache->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cache->fd < 0 || fstat(cache->fd, &st) < 0 || faccessat(cache->fd, ".", W_OK, 0) < 0)
		why = strerror(errno);
	else
		why = why_not_mine(&st);
	if (why)
		go_without(cache, path, why);
	else
		cache->path = dup_str(path);
	free(path);
}

/* Reads an entry; why not, or NULL. ENOENT is no trouble: *ret stays empty. */
static const char *read_entry(const struct cache *cache, const char *key, struct text *ret)
{
	int fd = openat(cache->fd, key, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	const char *why = NULL;
	struct stat st;
	int r;

	if (fd < 0)
		return errno == ENOENT ? NULL : strerror(errno);
	if (fstat(fd, &st) < 0)
		why = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		why = "it is no regular file";
	else
		why = why_not_mine(&st);
	if (!why) {
		r = read_fd(fd, LIMIT_ENTRY, ret);
		why = r < 0 ? strerror(-r) : !ret->len ? "it is empty" : NULL;
	}
	if (!why)
		(void)futimens(fd, NULL); /* for pruning only */
	(void)close(fd);
	return why;
}

bool cache_get(struct cache *cache, const char *key, const char *(*check)(struct span body),
	       struct text *said, struct text *body)
{
	struct text file = { 0 };
	struct span s = { 0 }, b = { 0 };
	const char *why;

	if (!cache->path)
		return false;
	why = read_entry(cache, key, &file);
	if (!why && file.len)
		why = entry_parse(span_of_text(&file), key, &s, &b);
	if (!why && file.len && check)
		why = check(b);
	if (why) {
		say("the cache entry %s/%s is not used: %s; it is made again", cache->path, key,
		    why);
		(void)unlinkat(cache->fd, key, 0);
	} else if (file.len) {
		said->len = 0;
		text_add(said, s.p, s.n);
		body->len = 0;
		text_add(body, b.p, b.n);
	}
	cache->found += !why && file.len;
	cache->missed += why || !file.len;
	why = why || !file.len ? "" : NULL;
	text_free(&file);
	return !why;
}

void cache_put(struct cache *cache, const char *key, struct span said, struct span body)
{
	char name[KEY_DIGITS + 16];
	struct text file = { 0 };
	int fd, r;

	if (!cache->path)
		return;
	(void)snprintf(name, sizeof(name), ".new-%ld", (long)getpid());
	(void)unlinkat(cache->fd, name, 0);
	fd = openat(cache->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	r = fd < 0 ? -errno : 0;
	if (r == 0) {
		entry_make(&file, key, said, body);
		r = write_fd(fd, file.data, file.len);
		if (close(fd) < 0 && r == 0)
			r = -errno;
	}
	if (r == 0 && renameat(cache->fd, name, cache->fd, key) < 0)
		r = -errno;
	text_free(&file);
	if (r == 0) {
		cache->stored++;
		return;
	}
	(void)unlinkat(cache->fd, name, 0);
	go_without(cache, cache->path, strerror(-r));
}

struct old {
	char *name;
	struct timespec used;
	off_t size;
};

static int by_use(const void *a, const void *b)
{
	const struct old *x = a, *y = b;

	if (x->used.tv_sec != y->used.tv_sec)
		return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
	if (x->used.tv_nsec != y->used.tv_nsec)
		return x->used.tv_nsec < y->used.tv_nsec ? -1 : 1;
	return strcmp(x->name, y->name);
}

static bool is_entry(const char *name)
{
	return strlen(name) == KEY_DIGITS && strspn(name, "0123456789abcdef") == KEY_DIGITS;
}

/* What a run that was killed left: of a process that is no more. */
static void remove_left(const struct cache *cache, const char *name)
{
	static const char before[] = ".new-";
	char *proc;

	if (strncmp(name, before, sizeof(before) - 1) != 0)
		return;
	proc = format("/proc/%s", name + sizeof(before) - 1);
	if (access(proc, F_OK) < 0)
		(void)unlinkat(cache->fd, name, 0);
	free(proc);
}

static struct old *list_entries(const struct cache *cache, size_t *n)
{
	int fd = openat(cache->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct old *list = NULL;
	struct dirent *entry;
	struct stat st;
	size_t cap = 0;

	*n = 0;
	while (dir && (entry = readdir(dir))) {
		if (!is_entry(entry->d_name)) {
			remove_left(cache, entry->d_name);
			continue;
		}
		if (fstatat(cache->fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (*n == cap) {
			cap = 2 * cap + 256;
			list = grow(list, cap, sizeof(*list));
		}
		list[(*n)++] = (struct old){ dup_str(entry->d_name), st.st_mtim, st.st_size };
	}
	if (dir)
		(void)closedir(dir);
	else if (fd >= 0)
		(void)close(fd);
	return list;
}

/* The date serves this only: which entries go first. Down to three quarters, not at each run. */
static void prune(const struct cache *cache)
{
	size_t n, first = 0;
	off_t size = 0, limit = LIMIT_CACHE;
	struct old *list = list_entries(cache, &n);

	for (size_t i = 0; i < n; i++)
		size += list[i].size;
	if (n)
		qsort(list, n, sizeof(*list), by_use);
	if (size > limit || n > LIMIT_CACHED) {
		while (first < n && (size > limit / 4 * 3 || n - first > LIMIT_CACHED / 4 * 3)) {
			(void)unlinkat(cache->fd, list[first].name, 0);
			size -= list[first++].size;
		}
	}
	for (size_t i = 0; i < n; i++)
		free(list[i].name);
	free(list);
}

void cache_close(struct cache *cache)
{
	if (!cache->path)
		return;
	if (cache->stored)
		prune(cache);
	if (cache->verbose)
		fprintf(stderr, "           cache %s: %zu found, %zu made\n", cache->path,
			cache->found, cache->missed);
	(void)close(cache->fd);
	free(cache->path);
	*cache = (struct cache){ .fd = -1 };
}
