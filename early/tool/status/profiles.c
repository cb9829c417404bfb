// SPDX-License-Identifier: LGPL-2.1-or-later
/* The kernel's own list of profiles: security/apparmor/apparmorfs.c __aafs_profile_mkdir(). */
#include "profiles.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gather.h"
#include "manifest.h"
#include "util.h"

#define LIMIT_DEPTH 8

static void add_digest(const char *dir, struct kernel_profile *p)
{
	p->algorithm = "sha256";
	p->digest = read_word(dir, "sha256");
	p->raw_digest = read_word(dir, "raw_sha256");
	if (p->digest)
		return;
	p->algorithm = "sha1";
	p->digest = read_word(dir, "sha1");
	free(p->raw_digest);
	p->raw_digest = read_word(dir, "raw_sha1");
}

static int add_children(const char *dir, const char *parent, unsigned int depth,
			struct kernel_profiles *ret);

/* A folder is named by the profile's own name, what is no file name replaced, and a number. */
static int add_profile(const char *dir, const char *parent, unsigned int depth,
		       struct kernel_profiles *ret)
{
	char *name = read_word(dir, "name");
	struct kernel_profile p = { 0 };
	char *children;
	int r;

	if (!name || (!parent && strcmp(name, GLOBAL_PROFILE) != 0)) {
		free(name);
		return 0;
	}
	p.name = parent ? format("%s//%s", parent, name) : dup_str(name);
	p.mode = read_word(dir, "mode");
	add_digest(dir, &p);
	ret->list = grow(ret->list, ret->n + 1, sizeof(*ret->list));
	ret->list[ret->n++] = p;
	free(name);
	children = path_join(dir, "profiles");
	name = dup_str(p.name); /* the list may move */
	r = depth < LIMIT_DEPTH ? add_children(children, name, depth + 1, ret) : 0;
	free(name);
	free(children);
	return r == -ENOENT ? 0 : r;
}

static int add_children(const char *dir, const char *parent, unsigned int depth,
			struct kernel_profiles *ret)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	int r = 0;

	if (!d)
		return -errno;
	while (!r && (entry = readdir(d))) {
		char *path;

		if (entry->d_name[0] == '.')
			continue;
		if (!parent &&
		    strncmp(entry->d_name, GLOBAL_PROFILE ".", sizeof(GLOBAL_PROFILE)) != 0)
			continue;
		path = path_join(dir, entry->d_name);
		r = add_profile(path, parent, depth, ret);
		free(path);
	}
	(void)closedir(d);
	return r;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct kernel_profile *)a)->name,
		      ((const struct kernel_profile *)b)->name);
}

int read_profiles(const char *apparmorfs, struct kernel_profiles *ret)
{
	char *dir = path_join(apparmorfs, "policy/profiles");
	int r;

	*ret = (struct kernel_profiles){ 0 };
	r = add_children(dir, NULL, 0, ret);
	free(dir);
	if (ret->n)
		qsort(ret->list, ret->n, sizeof(*ret->list), by_name);
	return r;
}

void free_profiles(struct kernel_profiles *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->list[i].name);
		free(p->list[i].mode);
		free(p->list[i].digest);
		free(p->list[i].raw_digest);
	}
	free(p->list);
	*p = (struct kernel_profiles){ 0 };
}
