// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compile.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kv.h"
#include "target.h"
#include "tool.h"

bool is_set_name(const char *name)
{
	size_t len = strlen(name);
	static const char suffix[] = ".kernels";

	if (!len || len > 63 || name[0] == '.' || strncmp(name, "README", 6) == 0)
		return false;
	if (len >= sizeof(suffix) && strcmp(name + len - sizeof(suffix) + 1, suffix) == 0)
		return false;
	return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
	       len;
}

void add_leaf_path(struct text *out, const struct featset_leaf *leaf)
{
	for (unsigned int i = 0; i < leaf->depth; i++) {
		text_str(out, i ? "/" : "");
		text_add(out, leaf->path[i].p, leaf->path[i].n);
	}
}

struct list default_set_folders(void)
{
	struct list dirs = { 0 };

	list_add(&dirs, dup_str(INITWARD_DATADIR "/features"));
	if (access(OWN_SETS, F_OK) == 0)
		list_add(&dirs, dup_str(OWN_SETS));
	return dirs;
}

static bool list_folder(const char *folder, struct list *ret)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	if (!dir) {
		say("cannot read the folder of feature sets %s: %s; name it with --features",
		    folder, strerror(errno));
		return false;
	}
	while ((entry = readdir(dir))) {
		if (is_set_name(entry->d_name) && !list_has(ret, entry->d_name))
			list_add(ret, dup_str(entry->d_name));
	}
	(void)closedir(dir);
	return true;
}

/* "a and b" */
static char *join(const struct list *dirs)
{
	struct text text = { 0 };

	for (size_t i = 0; i < dirs->n; i++)
		text_format(&text, "%s%s", i ? " and " : "", dirs->item[i]);
	return text.data;
}

static bool list_folders(const struct list *dirs, bool none_is_fine, struct list *ret)
{
	char *all;

	for (size_t i = 0; i < dirs->n; i++) {
		if (!list_folder(dirs->item[i], ret))
			return false;
	}
	if (ret->n || none_is_fine)
		return true;
	all = join(dirs);
	say("there is no feature set in %s: name another folder with --features", all);
	free(all);
	return false;
}

/* All sets of the folders (`wanted` NULL or empty), or those of these names. */
static bool choose_names(const struct list *dirs, const struct list *wanted, struct list *ret)
{
	char *all;

	if (!list_folders(dirs, !wanted, ret))
		return false;
	for (size_t i = 0; wanted && i < wanted->n; i++) {
		if (list_has(ret, wanted->item[i]))
			continue;
		all = join(dirs);
		say("there is no feature set %s in %s", wanted->item[i], all);
		free(all);
		return false;
	}
	for (size_t i = 0; wanted && wanted->n && i < ret->n;) {
		if (list_has(wanted, ret->item[i])) {
			i++;
			continue;
		}
		free(ret->item[i]);
		ret->item[i] = ret->item[--ret->n];
	}
	return true;
}

/* The build identities beside a set; a set may be without. */
static bool load_kernels(const char *dir, struct set *set)
{
	char *name = format("%s.kernels", set->name), *path = path_join(dir, name);
	struct text text = { 0 };
	int r = read_file(path, LIMIT_SET, &text), more = 1;
	struct kv kv = kv_open(span_of_text(&text));

	if (r < 0 && r != -ENOENT)
		say("cannot read %s: %s", path, strerror(-r));
	while (r == 0 && (more = kv_next(&kv)) > 0) {
		char *value = format("%.*s", (int)kv.value.n, kv.value.p);

		if (span_is(kv.key, "kernel") && !list_has(&set->kernels, value))
			list_add(&set->kernels, value);
		else
			free(value);
	}
	if (more < 0)
		say("%s, line %u: not \"key = value\"", path, kv.line);
	text_free(&text);
	free(name);
	free(path);
	return (r == 0 || r == -ENOENT) && more >= 0;
}

/* The set's text in one more folder, which may be without. */
static bool load_text(const char *dir, struct set *set)
{
	char *path = path_join(dir, set->name);
	struct text text = { 0 };
	unsigned int line;
	int r = read_file(path, LIMIT_SET, &text);
	bool ok = r == 0 || r == -ENOENT;

	if (!ok)
		say("cannot read the feature set %s: %s", path, strerror(-r));
	if (r == 0 && set->text.data) {
		ok = text.len == set->text.len && memcmp(text.data, set->text.data, text.len) == 0;
		if (!ok)
			say("%s is another feature set than the one of that name in a folder "
			    "before it: "
			    "rename one",
			    path);
		text_free(&text);
	} else if (r == 0) {
		set->text = text;
		ok = featset_parse(span_of_text(&text), &set->features, &line);
		if (!ok)
			say("%s, line %u: not a feature set as 'initward features show' prints it",
			    path, line);
	}
	free(path);
	return ok;
}

/* Version order, release candidates before their release. */
static int by_version(const void *a, const void *b)
{
	const struct set *x = a, *y = b;
	const char *rc_x = strstr(x->name, "-rc"), *rc_y = strstr(y->name, "-rc");
	size_t len = rc_x ? (size_t)(rc_x - x->name) : strlen(x->name);

	if (!rc_x != !rc_y && strncmp(x->name, y->name, len) == 0 &&
	    (rc_y ? (size_t)(rc_y - y->name) : strlen(y->name)) == len)
		return rc_x ? -1 : 1;
	return strverscmp(x->name, y->name);
}

/* A build identity stands for one set only. */
static bool kernels_differ(const struct set_list *sets)
{
	for (size_t i = 0; i < sets->n; i++) {
		for (size_t j = i + 1; j < sets->n; j++) {
			const struct list *kernels = &sets->set[j].kernels;

			for (size_t k = 0; k < kernels->n; k++) {
				if (!list_has(&sets->set[i].kernels, kernels->item[k]))
					continue;
				say("the kernel \"%s\" stands in both %s.kernels and "
				    "%s.kernels: capture them again",
				    kernels->item[k], sets->set[i].name, sets->set[j].name);
				return false;
			}
		}
	}
	return true;
}

bool read_sets(const struct list *dirs, const struct list *wanted, struct set_list *ret)
{
	struct list names = { 0 };
	bool ok = choose_names(dirs, wanted, &names);

	*ret = (struct set_list){ 0 };
	ret->set = grow(NULL, names.n, sizeof(*ret->set));
	for (size_t i = 0; ok && i < names.n; i++) {
		struct set *set = &ret->set[ret->n++];

		*set = (struct set){ .name = dup_str(names.item[i]) };
		for (size_t d = 0; ok && d < dirs->n; d++)
			ok = load_text(dirs->item[d], set) && load_kernels(dirs->item[d], set);
		list_sort(&set->kernels);
	}
	list_free(&names);
	if (!ok)
		return false;
	if (!ret->n)
		return true;
	qsort(ret->set, ret->n, sizeof(*ret->set), by_version);
	ret->set[0].base = true;
	return kernels_differ(ret);
}

static bool copy_set(const struct compile *c, struct set *set)
{
	int r;

	set->text_path = work_path(c, "sets/%s", set->name);
	r = write_file(set->text_path, set->text.data, set->text.len);
	if (r < 0)
		say("cannot write %s: %s", set->text_path, strerror(-r));
	set->uses = grow(NULL, FEATSET_LEAVES, sizeof(*set->uses));
	memset(set->uses, 0, FEATSET_LEAVES * sizeof(*set->uses));
	return r == 0;
}

bool load_sets(struct compile *c)
{
	struct set_list sets = { 0 };
	char *dir = work_path(c, "sets");
	bool ok = make_dir(dir) == 0 && read_sets(&c->features, &c->set_names, &sets) &&
		  (!c->kernel || keep_sets_of_kernel(c, &sets, NULL));

	free(dir);
	c->set = sets.set;
	c->n_sets = sets.n;
	if (ok && sets.n > LIMIT_SETS) {
		say("%zu feature sets are more than the %d that a bundle holds: choose with --set",
		    sets.n, LIMIT_SETS);
		ok = false;
	}
	for (size_t i = 0; ok && i < c->n_sets; i++)
		ok = copy_set(c, &c->set[i]);
	return ok;
}

void free_set(struct set *set)
{
	free(set->name);
	free(set->text_path);
	text_free(&set->text);
	list_free(&set->kernels);
	free(set->uses);
	free(set->made);
	for (size_t f = 0; f < FORM_COUNT; f++)
		free(set->dir[f]);
}

void free_sets(struct compile *c)
{
	for (size_t i = 0; i < c->n_sets; i++)
		free_set(&c->set[i]);
	free(c->set);
}

void free_set_list(struct set_list *sets)
{
	for (size_t i = 0; i < sets->n; i++)
		free_set(&sets->set[i]);
	free(sets->set);
	*sets = (struct set_list){ 0 };
}
