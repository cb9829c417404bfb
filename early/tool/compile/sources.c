// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compile.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "complain.h"
#include "policy/policy.h"

const char *form_folder(enum form form)
{
	static const char *const names[] = {
		[FORM_ENFORCE] = "enforce",
		[FORM_COMPLAIN] = "complain",
		[FORM_APPLICATION] = "application",
		[FORM_PROBE] = "probe",
	};

	return names[form];
}

static void add_unit(struct compile *c, enum form form, const char *source, char *file, char *base)
{
	c->unit = grow(c->unit, c->n_units + 1, sizeof(*c->unit));
	c->unit[c->n_units++] = (struct unit){
		.form = form,
		.source = dup_str(source),
		.file = file,
		.base = base,
		.name = path_base(file),
	};
}

/*
 * Policy for applications is taken as the system itself would load it: rc.apparmor.functions gives the folder to
 * the parser, which looks into these two lists (parser_main.c process_profile()).
 */
static bool as_system(struct compile *c, size_t before)
{
	for (size_t i = before; i < c->n_units; i++) {
		struct unit *u = &c->unit[i];

		u->complain = is_listed(u->base, "force-complain", u->name);
		if (!pinned_features(u->base, &u->abi))
			return false;
	}
	return true;
}

static bool is_taken(enum form form, const char *folder, const char *name)
{
	if (form != FORM_APPLICATION)
		return policy_is_source(name);
	return !policy_is_left_out(name) && !is_listed(folder, "disable", name);
}

static bool add_file(struct compile *c, enum form form, const char *source)
{
	char *file = realpath(source, NULL);

	if (!file) {
		say("cannot read the source %s: %s", source, strerror(errno));
		return false;
	}
	add_unit(c, form, source, file, path_dir(file));
	return true;
}

static bool add_folder(struct compile *c, enum form form, const char *source)
{
	size_t before = c->n_units;
	struct dirent *entry;
	DIR *dir = opendir(source);

	if (!dir) {
		say("cannot read the folder %s: %s", source, strerror(errno));
		return false;
	}
	while ((entry = readdir(dir))) {
		char *path = path_join(source, entry->d_name);
		struct stat st;

		if (is_taken(form, source, entry->d_name) && stat(path, &st) == 0 &&
		    S_ISREG(st.st_mode)) {
			char *real = realpath(source, NULL);

			if (real)
				add_unit(c, form, path, path_join(real, entry->d_name), real);
		}
		free(path);
	}
	(void)closedir(dir);
	if (c->n_units > before)
		return true;
	say("there is no policy file in the folder %s", source);
	return false;
}

static bool add_source(struct compile *c, enum form form, const char *source)
{
	struct stat st;

	if (stat(source, &st) < 0) {
		say("cannot read the source %s: %s", source, strerror(errno));
		return false;
	}
	return S_ISDIR(st.st_mode) ? add_folder(c, form, source) : add_file(c, form, source);
}

static int by_form_and_name(const void *a, const void *b)
{
	const struct unit *x = a, *y = b;
	int r = (x->form > y->form) - (x->form < y->form);

	if (!r)
		r = strcmp(x->name, y->name);
	return r ? r : strcmp(x->file, y->file);
}

/* The blob has its source's file name, so these have to differ. */
static bool names_differ(const struct compile *c)
{
	for (size_t i = 1; i < c->n_units; i++) {
		const struct unit *a = &c->unit[i - 1], *b = &c->unit[i];

		if (a->form == b->form && strcmp(a->name, b->name) == 0) {
			say("two sources have one file name, and so would their blobs: %s and %s; "
			    "rename one, or give it once only",
			    a->source, b->source);
			return false;
		}
	}
	return true;
}

bool collect_sources(struct compile *c)
{
	size_t n;

	for (size_t i = 0; i < c->roots.n; i++) {
		if (!add_source(c, FORM_ENFORCE, c->roots.item[i]))
			return false;
	}
	n = c->n_units;
	for (size_t i = 0; i < n; i++) {
		char *file = work_path(c, "dry/%zu/%s", i, c->unit[i].name);

		add_unit(c, FORM_COMPLAIN, c->unit[i].source, file, dup_str(c->unit[i].base));
	}
	n = c->n_units;
	for (size_t i = 0; i < c->applications.n; i++) {
		if (!add_source(c, FORM_APPLICATION, c->applications.item[i]))
			return false;
	}
	if (!as_system(c, n))
		return false;
	qsort(c->unit, c->n_units, sizeof(*c->unit), by_form_and_name);
	for (size_t i = 0; i < c->n_units; i++)
		c->unit[i].id = i;
	return names_differ(c);
}

void free_unit(struct unit *u)
{
	free(u->source);
	free(u->file);
	free(u->base);
	free(u->flat);
	free(u->digest);
	free(u->abi);
}

void free_units(struct compile *c)
{
	for (size_t i = 0; i < c->n_units; i++)
		free_unit(&c->unit[i]);
	free(c->unit);
}

static const char *complain_words(enum complain_error err)
{
	switch (err) {
	case COMPLAIN_BROKEN:
		return "a quote, parenthesis or block is open at the end, or closed twice";
	case COMPLAIN_BLOCK:
		return "rules stand in a block of their own, which parsers compile wrongly: write "
		       "its "
		       "qualifiers in front of each rule";
	default:
		return "it is too large";
	}
}

static bool write_dry_run(const struct unit *u, const void *data, size_t len)
{
	char *dir = path_dir(u->file);
	int r = make_dir(dir);

	if (r == 0)
		r = write_file(u->file, data, len);
	if (r < 0)
		say("cannot write %s: %s", u->file, strerror(-r));
	free(dir);
	return r == 0;
}

static bool make_dry_run(const struct unit *u, const char *flat)
{
	struct text in = { 0 }, out = { 0 };
	enum complain_error err;
	unsigned int line = 0;
	size_t len = 0;
	bool ok = false;
	int r = read_file(flat, LIMIT_FLAT, &in);

	if (r < 0) {
		say("cannot read %s: %s", flat, strerror(-r));
		return false;
	}
	out.cap = complain_space(in.len);
	out.data = grow(NULL, out.cap, 1);
	err = complain_text(span_of_text(&in), out.data, out.cap, &len, &line);
	if (err)
		say("%s, line %u (counted with its includes): %s", u->source, line,
		    complain_words(err));
	else
		ok = write_dry_run(u, out.data, len);
	text_free(&in);
	text_free(&out);
	return ok;
}

static struct job flatten_job(const struct compile *c, const struct unit *u, const char *name)
{
	struct job job = { .cwd = u->base };

	parser_args(c, &job, c->set[0].text_path, u->base);
	list_add(&job.argv, dup_str("--preprocess"));
	list_add(&job.argv, dup_str(u->file));
	job.out = work_path(c, "%s/%zu/%s", name, u->id, u->name);
	job.err = work_path(c, "%s/%zu.err", name, u->id);
	return job;
}

bool flatten_sources(struct compile *c, const char *name, bool only_compiled)
{
	char *dir = work_path(c, "%s", name);
	struct job *jobs = grow(NULL, c->n_units, sizeof(*jobs));
	struct unit **unit = grow(NULL, c->n_units, sizeof(*unit));
	bool ok = make_dir(dir) == 0;
	char *folder;
	size_t n = 0;

	for (size_t i = 0; i < c->n_units; i++) {
		struct unit *u = &c->unit[i];

		if (u->form == FORM_COMPLAIN || (only_compiled && !u->compiled))
			continue;
		unit[n] = u;
		jobs[n] = flatten_job(c, u, name);
		folder = path_dir(jobs[n++].out);
		ok = ok && make_dir(folder) == 0;
		free(folder);
	}
	if (!ok)
		say("cannot make folders in %s: %s", c->work, strerror(errno));
	ok = ok && run_jobs(jobs, n);
	for (size_t i = 0; ok && i < n; i++) {
		ok = jobs[i].status == 0;
		if (!ok)
			say_failed(c, &jobs[i], "read", unit[i]->source, NULL);
		free(unit[i]->flat);
		unit[i]->flat = dup_str(jobs[i].out);
	}
	free_jobs(jobs, n);
	free(unit);
	free(dir);
	return ok;
}

/* Units 0 to n-1 are the enforce forms, n to 2n-1 their dry runs, in the same order. */
bool make_dry_runs(struct compile *c)
{
	size_t n = 0;
	char *dir = work_path(c, "dry");
	bool ok = make_dir(dir) == 0 && flatten_sources(c, "flat", false);

	free(dir);
	while (n < c->n_units && c->unit[n].form == FORM_ENFORCE)
		n++;
	for (size_t i = 0; ok && i < n; i++) {
		ok = make_dry_run(&c->unit[n + i], c->unit[i].flat);
		c->unit[n + i].flat = dup_str(c->unit[n + i].file);
	}
	return ok;
}
