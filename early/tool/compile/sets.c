// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compile.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kv.h"

#define LIMIT_SET (256u << 10)

static bool is_set_name(const char *name)
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

static bool list_folder(const struct compile *c, struct list *ret)
{
	DIR *dir = opendir(c->features);
	struct dirent *entry;

	if (!dir) {
		say("cannot read the folder of feature sets %s: %s; name it with --features",
		    c->features, strerror(errno));
		return false;
	}
	while ((entry = readdir(dir))) {
		if (is_set_name(entry->d_name))
			list_add(ret, dup_str(entry->d_name));
	}
	(void)closedir(dir);
	if (ret->n)
		return true;
	say("there is no feature set in %s: name another folder with --features", c->features);
	return false;
}

/* All sets of the folder, or those that --set names. */
static bool choose_names(const struct compile *c, struct list *ret)
{
	if (!list_folder(c, ret))
		return false;
	if (!c->set_names.n)
		return true;
	for (size_t i = 0; i < c->set_names.n; i++) {
		if (list_has(ret, c->set_names.item[i]))
			continue;
		say("there is no feature set %s in %s", c->set_names.item[i], c->features);
		return false;
	}
	for (size_t i = 0; i < ret->n;) {
		if (list_has(&c->set_names, ret->item[i])) {
			i++;
			continue;
		}
		free(ret->item[i]);
		ret->item[i] = ret->item[--ret->n];
	}
	return true;
}

/* The build identities beside a set; a set may be without. */
static bool load_kernels(const struct compile *c, struct set *set)
{
	char *name = format("%s.kernels", set->name), *path = path_join(c->features, name);
	struct text text = { 0 };
	int r = read_file(path, LIMIT_SET, &text), more = 1;
	struct kv kv = kv_open((struct span){ text.data, text.len });

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
	list_sort(&set->kernels);
	text_free(&text);
	free(name);
	free(path);
	return (r == 0 || r == -ENOENT) && more >= 0;
}

static bool load_set(const struct compile *c, struct set *set)
{
	char *path = path_join(c->features, set->name);
	unsigned int line;
	int r = read_file(path, LIMIT_SET, &set->text);
	bool ok = false;

	if (r < 0)
		say("cannot read the feature set %s: %s", path, strerror(-r));
	else if (!featset_parse((struct span){ set->text.data, set->text.len }, &set->features,
				&line))
		say("%s, line %u: not a feature set as 'initward features' prints it", path, line);
	else
		ok = true;
	free(path);
	if (!ok)
		return false;
	set->text_path = work_path(c, "sets/%s", set->name);
	r = write_file(set->text_path, set->text.data, set->text.len);
	if (r < 0) {
		say("cannot write %s: %s", set->text_path, strerror(-r));
		return false;
	}
	set->uses = grow(NULL, FEATSET_LEAVES, sizeof(*set->uses));
	memset(set->uses, 0, FEATSET_LEAVES * sizeof(*set->uses));
	return load_kernels(c, set);
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
static bool kernels_differ(const struct compile *c)
{
	for (size_t i = 0; i < c->n_sets; i++) {
		for (size_t j = i + 1; j < c->n_sets; j++) {
			const struct list *kernels = &c->set[j].kernels;

			for (size_t k = 0; k < kernels->n; k++) {
				if (!list_has(&c->set[i].kernels, kernels->item[k]))
					continue;
				say("the kernel \"%s\" stands in both %s/%s.kernels and "
				    "%s/%s.kernels: capture them again",
				    kernels->item[k], c->features, c->set[i].name, c->features,
				    c->set[j].name);
				return false;
			}
		}
	}
	return true;
}

bool load_sets(struct compile *c)
{
	struct list names = { 0 };
	char *dir = work_path(c, "sets");
	bool ok = make_dir(dir) == 0 && choose_names(c, &names);

	free(dir);
	if (ok && names.n > LIMIT_SETS) {
		say("%zu feature sets are more than the %d that a bundle holds: choose with --set",
		    names.n, LIMIT_SETS);
		ok = false;
	}
	c->set = grow(NULL, names.n, sizeof(*c->set));
	for (size_t i = 0; ok && i < names.n; i++) {
		c->set[c->n_sets++] = (struct set){ .name = dup_str(names.item[i]) };
		ok = load_set(c, &c->set[i]);
	}
	list_free(&names);
	if (!ok)
		return false;
	qsort(c->set, c->n_sets, sizeof(*c->set), by_version);
	c->set[0].base = true;
	return kernels_differ(c);
}

void free_sets(struct compile *c)
{
	for (size_t i = 0; i < c->n_sets; i++) {
		struct set *set = &c->set[i];

		free(set->name);
		free(set->text_path);
		text_free(&set->text);
		list_free(&set->kernels);
		free(set->uses);
		free(set->made);
		for (size_t u = 0; set->said && u < c->n_units; u++)
			text_free(&set->said[u]);
		free(set->said);
		for (size_t f = 0; f < FORM_COUNT; f++)
			free(set->dir[f]);
	}
	free(c->set);
}
