// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LIMIT_SOURCE (64u << 20)
#define LIMIT_DEPTH 32	 /* of includes */
#define LIMIT_FILES 4096 /* a file that includes itself twice would have no end */

struct files {
	const struct list *includes;
	const char *base;
	unsigned int depth;
};

static bool read_one(struct policy_reader *reader, const char *path);

/* "FILE:LINE: why" */
static bool read_text(struct policy_reader *reader, const char *path, const struct text *text)
{
	struct sources *policy = reader->policy;
	unsigned int line = 0;
	const char *why = NULL;
	bool ok;

	if (policy->files.n >= LIMIT_FILES) {
		say("cannot read the policy: more than %d files are included; the last is %s",
		    LIMIT_FILES, path);
		return false;
	}
	list_add(&policy->files, dup_str(path));
	ok = policy_text(reader, policy->files.item[policy->files.n - 1], span_of_text(text), &line,
			 &why);
	if (!ok && why)
		say("cannot read the policy: %s:%u: %s", path, line, why);
	return ok;
}

static bool ends_in(const char *name, const char *const *ends, size_t n)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < n; i++) {
		size_t end = strlen(ends[i]);

		if (len >= end && strcmp(name + len - end, ends[i]) == 0)
			return true;
	}
	return false;
}

bool policy_is_left_out(const char *name)
{
	static const char *const ends[] = { "~",	 ".rpmnew",    ".rpmsave",
					    ".orig",	 ".rej",       ".dpkg-new",
					    ".dpkg-old", ".dpkg-dist", ".dpkg-remove",
					    ".dpkg-bak", ".pacsave",   ".pacnew" };

	return name[0] == '.' || strcmp(name, "README") == 0 ||
	       ends_in(name, ends, sizeof(ends) / sizeof(ends[0]));
}

bool policy_is_source(const char *name)
{
	static const char *const ends[] = { ".bak", ".swp", ".md", ".txt" };

	return !policy_is_left_out(name) && strncmp(name, "README", 6) != 0 &&
	       strcmp(name, "assets") != 0 && strcmp(name, "about") != 0 &&
	       !ends_in(name, ends, sizeof(ends) / sizeof(ends[0]));
}

/* All files of a folder, by name. */
static bool read_folder(struct policy_reader *reader, const char *path)
{
	const struct files *files = reader->ctx;
	DIR *dir = opendir(path);
	struct list names = { 0 };
	struct dirent *entry;
	bool ok = true;

	if (!dir) {
		say("cannot read the policy folder %s: %s", path, strerror(errno));
		return false;
	}
	while ((entry = readdir(dir))) {
		/* The folder is the source itself, or one that is included. */
		if (files->depth > 1 ? !policy_is_left_out(entry->d_name)
				     : policy_is_source(entry->d_name))
			list_add(&names, path_join(path, entry->d_name));
	}
	(void)closedir(dir);
	list_sort(&names);
	for (size_t i = 0; ok && i < names.n; i++) {
		struct stat st;

		if (stat(names.item[i], &st) == 0 && S_ISREG(st.st_mode))
			ok = read_one(reader, names.item[i]);
	}
	list_free(&names);
	return ok;
}

static bool read_one(struct policy_reader *reader, const char *path)
{
	struct files *files = reader->ctx;
	struct text text = { 0 };
	struct stat st;
	bool ok;
	int r;

	if (files->depth >= LIMIT_DEPTH) {
		say("cannot read the policy: files include each other more than %d times deep, at "
		    "%s",
		    LIMIT_DEPTH, path);
		return false;
	}
	files->depth++;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		ok = read_folder(reader, path);
	} else {
		r = read_file(path, LIMIT_SOURCE, &text);
		ok = r == 0 && read_text(reader, path, &text);
		if (r < 0)
			say("cannot read the policy %s: %s", path, strerror(-r));
		text_free(&text);
	}
	files->depth--;
	return ok;
}

/* "include if exists <local/NAME>": where the administrator's own rules go, whether it exists or not. */
static void note_local(struct policy_reader *reader, const struct include *include,
		       const char *path)
{
	struct sources *p = reader->policy;
	struct profile *profile = p->n_profiles ? &p->profile[p->n_profiles - 1] : NULL;

	if (!profile || !reader->n_blocks || !include->if_exists ||
	    !span_starts(include->path, "local/"))
		return;
	free(profile->local);
	profile->local = dup_str(path);
}

/*
 * The folders for includes come before the source's own, as apparmor_parser searches them. The last
 * one tried is the source's.
 */
static char *find_include(const struct files *files, const struct include *include)
{
	char *name = format("%.*s", (int)include->path.n, include->path.p), *path;
	struct stat st;

	if (!include->angle && name[0] == '/')
		return name;
	for (size_t i = 0; include->angle && i < files->includes->n; i++) {
		path = path_join(files->includes->item[i], name);
		if (stat(path, &st) == 0) {
			free(name);
			return path;
		}
		free(path);
	}
	path = path_join(files->base, name);
	free(name);
	return path;
}

static bool take_include(struct policy_reader *reader, const char *file,
			 const struct include *include)
{
	char *path = find_include(reader->ctx, include);
	struct stat st;
	bool ok = true;

	note_local(reader, include, path);
	if (stat(path, &st) == 0) {
		ok = read_one(reader, path);
	} else if (!include->if_exists) {
		say("cannot read the policy: %s:%u includes %s: %s; --include names more folders",
		    file, include->line, path, strerror(errno));
		ok = false;
	}
	free(path);
	return ok;
}

bool policy_folder(const char *path)
{
	struct dirent *entry;
	DIR *dir = opendir(path);
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		char *file = path_join(path, entry->d_name);
		struct stat st;

		found = policy_is_source(entry->d_name) && stat(file, &st) == 0 &&
			S_ISREG(st.st_mode);
		free(file);
	}
	if (dir)
		(void)closedir(dir);
	return found;
}

bool policy_read(struct sources *policy, const char *source, const struct list *includes)
{
	char *base;
	struct files files = { .includes = includes };
	struct policy_reader reader = { .policy = policy,
					.include = take_include,
					.ctx = &files,
					.first_variable = policy->n_variables };
	size_t before = policy->files.n;
	struct stat st;
	bool ok, closed;

	base = stat(source, &st) == 0 && S_ISDIR(st.st_mode) ? dup_str(source) : path_dir(source);
	files.base = base;
	ok = read_one(&reader, source);
	closed = policy_text_end(&reader);
	if (ok && policy->files.n == before) {
		say("there is no policy file in the folder %s", source);
		ok = false;
	}
	if (ok && !closed)
		say("cannot read the policy %s: a block is open at the end", source);
	free(base);
	return ok && closed;
}
