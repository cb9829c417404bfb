// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/listing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/policy.h"

#define PAGES "/usr/share/doc/initward/policies"
#define LIMIT_DEPTH 32 /* of folders */

const char *listed_name(enum listed what)
{
	static const char *const names[] = {
		[LISTED_SOURCE] = "source",	[LISTED_APPLICATION] = "application",
		[LISTED_INCLUDED] = "included", [LISTED_SYSTEM] = "system",
		[LISTED_TEXT] = "text",
	};

	return names[what];
}

static bool begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* By its path below the policy's folder. */
static enum listed kind_of(const char *name)
{
	const char *base = path_base(name);

	if (begins(name, "system/"))
		return LISTED_SYSTEM;
	if (!policy_is_source(base))
		return LISTED_TEXT;
	if (!strchr(name, '/'))
		return LISTED_SOURCE;
	if (begins(name, "application/"))
		return strchr(name + strlen("application/"), '/') ? LISTED_INCLUDED
								  : LISTED_APPLICATION;
	return LISTED_INCLUDED;
}

static void add_file(struct listing *l, const char *folder, const char *name)
{
	l->file = grow(l->file, l->n + 1, sizeof(*l->file));
	l->file[l->n++] =
		(struct listed_file){ .path = path_join(folder, name), .what = kind_of(name) };
}

/* All below folder/name; `depth` ends what links make endless. */
static bool add_tree(struct listing *l, const char *folder, const char *name, unsigned int depth)
{
	char *path = *name ? path_join(folder, name) : dup_str(folder);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct list names = { 0 };
	int r = fd < 0 ? -errno : folder_names(fd, &names);
	bool ok = false;

	if (fd >= 0)
		(void)close(fd);
	if (r < 0)
		say("cannot read the folder %s: %s", path, strerror(-r));
	else if (depth == LIMIT_DEPTH)
		say("cannot list %s: folders lie more than %d deep; is there a link to one above?",
		    path, LIMIT_DEPTH);
	else
		ok = true;
	for (size_t i = 0; ok && i < names.n; i++) {
		char *below = *name ? path_join(name, names.item[i]) : dup_str(names.item[i]);
		char *full = path_join(folder, below);
		struct stat st;

		if (stat(full, &st) == 0 && S_ISDIR(st.st_mode))
			ok = add_tree(l, folder, below, depth + 1);
		else
			add_file(l, folder, below);
		free(full);
		free(below);
	}
	list_free(&names);
	free(path);
	return ok;
}

static int by_kind_and_path(const void *a, const void *b)
{
	const struct listed_file *x = a, *y = b;
	int r = (x->what > y->what) - (x->what < y->what);

	return r ? r : strcmp(x->path, y->path);
}

bool listing_read(const char *folder, struct listing *ret)
{
	bool ok;

	*ret = (struct listing){ 0 };
	ok = add_tree(ret, folder, "", 0);
	if (ret->n)
		qsort(ret->file, ret->n, sizeof(*ret->file), by_kind_and_path);
	return ok;
}

void listing_free(struct listing *listing)
{
	for (size_t i = 0; i < listing->n; i++)
		free(listing->file[i].path);
	free(listing->file);
}

char *listing_page(const char *name, const char *folder)
{
	char *pages[] = { format(PAGES "/%s.md", name), format(PAGES "/%s.md.gz", name),
			  path_join(folder, "README.md") };
	char *ret = NULL;

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (!ret && access(pages[i], R_OK) == 0)
			ret = pages[i];
		else
			free(pages[i]);
	}
	return ret;
}
