// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "guest.h"

#define MAX_PATH 4096

/* "file=MODE LINKS UID GID SIZE PATH[ -> TARGET]"; of a device its number in the place of the size. */
static void say_file(const char *path, const struct stat *st)
{
	char target[MAX_PATH + 1] = "", size[32];
	bool device = S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode);

	if (S_ISLNK(st->st_mode) && readlink(path, target, sizeof(target) - 1) < 0)
		(void)strcpy(target, "?");
	if (device)
		(void)snprintf(size, sizeof(size), "%u,%u", major(st->st_rdev), minor(st->st_rdev));
	else
		(void)snprintf(size, sizeof(size), "%llu", (unsigned long long)st->st_size);
	fact("file", "%o %u %u %u %s %s%s%s", st->st_mode, (unsigned)st->st_nlink, st->st_uid,
	     st->st_gid, S_ISDIR(st->st_mode) ? "-" : size, path + 1, *target ? " -> " : "",
	     target);
}

static void walk(const char *path)
{
	char next[MAX_PATH];
	struct dirent *e;
	DIR *dir = opendir(*path ? path : "/");

	while (dir && (e = readdir(dir))) {
		struct stat st;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (snprintf(next, sizeof(next), "%s/%s", path, e->d_name) >= (int)sizeof(next) ||
		    lstat(next, &st) < 0)
			continue;
		say_file(next, &st);
		if (S_ISDIR(st.st_mode))
			walk(next);
	}
	if (dir)
		(void)closedir(dir);
}

/* The whole tree as the kernel unpacked it: nothing is mounted, nothing else has run. */
int guest_tree(void)
{
	channel_open();
	walk("");
	fact("end", "ok");
	power_off();
}
