// SPDX-License-Identifier: LGPL-2.1-or-later
/* The compilation of all sources for all sets: what the cache has not, in runs of the parser. */
#include "compile.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blob.h"

#define LIMIT_SAID (4u << 20)

/* One run of the parser: some units of one set. */
struct run {
	struct set *set;
	const struct unit **unit;
	size_t n;
};

struct runs {
	struct run *run;
	struct job *job; /* of each */
	size_t n;
};

/* Why bytes are no policy that could be in a bundle; NULL: they are. */
static const char *check_policy(struct span body)
{
	struct blob_profile p = { 0 };
	size_t pos = 0;
	int r;

	while ((r = blob_next(body.p, body.n, &pos, &p)) > 0)
		;
	return r < 0 ? blob_error(r) : pos ? NULL : "it holds no profile";
}

static char *said_path(const struct set *set, const struct unit *u)
{
	return format("%s/%zu.said", set->made, u->id);
}

void read_said(const struct set *set, const struct unit *u, struct text *ret)
{
	char *path = said_path(set, u);

	if (read_file(path, LIMIT_SAID, ret) < 0)
		ret->len = 0;
	text_str(ret, "");
	free(path);
}

static int write_said(const struct set *set, const struct unit *u, const struct text *said)
{
	char *path = said_path(set, u);
	int r = said->len ? write_file(path, said->data, said->len) : 0;

	free(path);
	return r;
}

/* Takes what the cache has of a unit. */
static bool take_cached(struct compile *c, struct set *set, const struct unit *u)
{
	char *key = unit_key(c, u, set);
	struct text blob = { 0 }, said = { 0 };
	bool found = key && cache_get(&c->cache, key, check_policy, &said, &blob);

	if (found) {
		char *to = made_blob(set->made, u);

		found = write_file(to, blob.data, blob.len) == 0 && write_said(set, u, &said) == 0;
		free(to);
	}
	text_free(&blob);
	text_free(&said);
	free(key);
	return found;
}

static void add_runs(const struct compile *c, struct runs *runs, struct set *set,
		     const struct unit **unit, size_t n)
{
	for (size_t i = 0, size; i < n; i += size) {
		struct run *run;

		size = batch_size(unit + i, n - i);
		runs->run = grow(runs->run, runs->n + 1, sizeof(*runs->run));
		runs->job = grow(runs->job, runs->n + 1, sizeof(*runs->job));
		run = &runs->run[runs->n];
		*run = (struct run){ .set = set, .n = size };
		run->unit = grow(NULL, size, sizeof(*run->unit));
		memcpy(run->unit, unit + i, size * sizeof(*run->unit));
		runs->job[runs->n++] =
			parser_job(c, set->text_path, set->made, run->unit, size, true);
	}
}

/* What the cache has is taken, for the rest there are runs. */
static void plan_set(struct compile *c, struct set *set, struct unit *unit, size_t n_units,
		     struct runs *runs)
{
	const struct unit **missing = grow(NULL, n_units, sizeof(*missing));
	size_t n = 0;

	if (!set->made)
		set->made = work_path(c, "made.%s", set->name);
	(void)make_dir(set->made);
	for (size_t i = 0; i < n_units; i++) {
		if (take_cached(c, set, &unit[i]))
			continue;
		unit[i].compiled = true;
		missing[n++] = &unit[i];
	}
	add_runs(c, runs, set, missing, n);
	free(missing);
}

/* A batch has failed: which of its sources was it? */
static void say_culprit(const struct compile *c, const struct run *run, const struct job *job)
{
	char *again = work_path(c, "again");
	bool found = false;

	for (size_t i = 0; run->n > 1 && i < run->n && !found && !interrupted(); i++) {
		struct job *one = grow(NULL, 1, sizeof(*one));

		*one = parser_job(c, run->set->text_path, again, run->unit + i, 1, true);
		found = run_jobs(one, 1) && one->status != 0;
		if (found)
			say_failed(c, one, "compile", run->unit[i]->source, run->set->name);
		free_jobs(one, 1);
	}
	if (!found && !interrupted())
		say_failed(c, job, "compile", run->unit[0]->source, run->set->name);
	free(again);
}

/* Does a line of the parser name that file, and not one whose name only begins so? */
static bool names_file(const char *line, const char *file)
{
	const char *p = strstr(line, file);

	return p && strchr(" ):", p[strlen(file)]) != NULL;
}

/*
 * Divides what one run said among its units, by the file that each line names. A line that names
 * none is every unit's, which no entry of the cache can tell later: false.
 */
static bool divide_said(const struct run *run, const struct text *text)
{
	char *copy = dup_str(text->len ? text->data : ""), *rest = copy, *line;
	struct text *said = grow(NULL, run->n, sizeof(*said));
	bool ok = true;

	memset(said, 0, run->n * sizeof(*said));
	while ((line = strsep(&rest, "\n"))) {
		size_t owner = 0;

		if (!*line)
			continue;
		while (owner < run->n && !names_file(line, run->unit[owner]->file))
			owner++;
		ok = ok && (owner < run->n || run->n == 1);
		for (size_t i = 0; i < run->n; i++) {
			if (i == owner || owner == run->n)
				text_format(&said[i], "%s\n", line);
		}
	}
	for (size_t i = 0; i < run->n; i++) {
		ok = write_said(run->set, run->unit[i], &said[i]) == 0 && ok;
		text_free(&said[i]);
	}
	free(said);
	free(copy);
	return ok;
}

static bool check_blobs(const struct compile *c, const struct run *run)
{
	for (size_t i = 0; i < run->n; i++) {
		char *blob = made_blob(run->set->made, run->unit[i]);
		bool there = access(blob, F_OK) == 0;

		free(blob);
		if (there)
			continue;
		say("%s wrote no policy for %s and the set %s, and reported success: is the disk "
		    "full, or the source without a profile?",
		    c->parser.path, run->unit[i]->source, run->set->name);
		return false;
	}
	return true;
}

/* What a run came to. A run whose words cannot be divided is not cached: run->n becomes 0. */
static bool check_run(const struct compile *c, struct run *run, const struct job *job)
{
	struct text said = { 0 };

	parser_took(run->set->made, run->unit, run->n);
	if (!check_blobs(c, run))
		return false;
	(void)read_file(job->err, LIMIT_SAID, &said);
	if (!divide_said(run, &said))
		run->n = 0;
	text_free(&said);
	return true;
}

/* Puts into the cache what one run made of the units whose sources are still the same. */
static void store_run(struct compile *c, const struct run *run)
{
	for (size_t i = 0; i < run->n; i++) {
		const struct unit *u = run->unit[i];
		char *key = unit_key(c, u, run->set), *path = made_blob(run->set->made, u);
		struct text blob = { 0 }, said = { 0 };
		struct span body;

		read_said(run->set, u, &said);
		if (key && read_file(path, LIMIT_BLOB, &blob) == 0) {
			body = span_of_text(&blob);
			if (!check_policy(body))
				cache_put(&c->cache, key, span_of_text(&said), body);
		}
		text_free(&blob);
		text_free(&said);
		free(path);
		free(key);
	}
}

/*
 * The parser has read the sources again, after the keys were made. One that changed meanwhile loses
 * its digest, so that no entry is made of it.
 */
static bool check_digests(struct compile *c)
{
	if (!flatten_sources(c, "flat.again", true))
		return false;
	for (size_t i = 0; i < c->n_units; i++) {
		struct unit *u = &c->unit[i];
		char *now = u->compiled ? content_digest(c, u) : NULL;

		if (u->compiled && (!now || !u->digest || strcmp(now, u->digest) != 0)) {
			free(u->digest);
			u->digest = NULL;
		}
		free(now);
	}
	return true;
}

static void store_runs(struct compile *c, const struct runs *runs)
{
	for (size_t i = 0; c->parser.identity && i < runs->n; i++)
		store_run(c, &runs->run[i]);
}

static void free_runs(struct runs *runs)
{
	for (size_t i = 0; i < runs->n; i++)
		free(runs->run[i].unit);
	free_jobs(runs->job, runs->n);
	free(runs->run);
}

static void plan(struct compile *c, struct unit *unit, size_t n, struct runs *runs)
{
	for (size_t i = 0; i < n && c->parser.identity; i++)
		unit[i].digest = content_digest(c, &unit[i]);
	for (size_t s = 0; s < c->n_sets; s++)
		plan_set(c, &c->set[s], unit, n, runs);
}

static bool run_all(const struct compile *c, const struct runs *runs, const char *what)
{
	bool ok;

	show_progress(c->quiet ? NULL : what);
	ok = run_jobs(runs->job, runs->n);
	show_progress(NULL);
	return ok;
}

bool compile_sets(struct compile *c)
{
	struct runs runs = { 0 };
	bool ok;

	plan(c, c->unit, c->n_units, &runs);
	ok = run_all(c, &runs, "compiling");
	for (size_t i = 0; ok && i < runs.n; i++) {
		if (runs.job[i].status != 0) {
			say_culprit(c, &runs.run[i], &runs.job[i]);
			ok = false;
		} else {
			ok = check_run(c, &runs.run[i], &runs.job[i]);
		}
	}
	if (ok && runs.n && c->parser.identity)
		ok = check_digests(c);
	if (ok)
		store_runs(c, &runs);
	free_runs(&runs);
	return ok;
}

/* Each unit of the runs that failed once more, by itself. */
static void plan_again(const struct compile *c, struct runs *runs, struct runs *again)
{
	for (size_t i = 0; i < runs->n; i++) {
		struct run *run = &runs->run[i];

		if (runs->job[i].status == 0)
			continue;
		for (size_t u = 0; run->n > 1 && u < run->n; u++)
			add_runs(c, again, run->set, &run->unit[u], 1);
		run->n = 0;
	}
}

/* What the runs made that came to an end; the others leave no blob, and nobody complains. */
static void take_good(const struct compile *c, struct runs *runs)
{
	for (size_t i = 0; i < runs->n; i++) {
		if (runs->job[i].status == 0 && !check_run(c, &runs->run[i], &runs->job[i]))
			runs->run[i].n = 0;
	}
}

bool compile_probes(struct compile *c, struct unit *unit, size_t n)
{
	static const char what[] = "looking for rules without effect";
	struct runs runs = { 0 }, again = { 0 };
	bool ok;

	plan(c, unit, n, &runs);
	ok = run_all(c, &runs, what);
	if (ok) {
		take_good(c, &runs);
		plan_again(c, &runs, &again);
		ok = run_all(c, &again, what);
	}
	if (ok) {
		take_good(c, &again);
		store_runs(c, &runs);
		store_runs(c, &again);
	}
	free_runs(&runs);
	free_runs(&again);
	return ok;
}
