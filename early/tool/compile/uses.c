// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Which feature files the compiled policy of a set depends on. The parser is the judge: a file is
 * used when the policy comes out different, or not at all, without it. Files that only matter
 * together (either of two will do) would pass that one by one, so that the answer is checked as a
 * whole: the used files alone have to give the same policy, byte for byte, and files are added
 * until they do.
 *
 * With many sources most need nothing that an earlier one did not, so that trying file by file is
 * done only for a source whose policy differs.
 */

struct probe {
	const struct compile *c;
	struct set *set;
	unsigned int serial; /* of the trial folders */
};

static size_t n_roots(const struct compile *c)
{
	size_t n = 0;

	while (n < c->n_units && c->unit[n].form != FORM_APPLICATION)
		n++;
	return n;
}

/* What a trial came to, next to the policy that the whole set gives. */
enum outcome { SAME, DIFFERENT, FAILED };

static enum outcome compare_files(const char *a, const char *b)
{
	struct text x = { 0 }, y = { 0 };
	enum outcome outcome = FAILED;

	if (read_file(a, LIMIT_BLOB, &x) == 0 && read_file(b, LIMIT_BLOB, &y) == 0)
		outcome = x.len == y.len && memcmp(x.data, y.data, x.len) == 0 ? SAME : DIFFERENT;
	text_free(&x);
	text_free(&y);
	return outcome;
}

static const struct unit *unit_of(const struct probe *p, size_t i)
{
	return &p->c->unit[i];
}

/* Of the trial in `dir`, for unit i; a run that failed left no blob. */
static enum outcome outcome_of(const struct probe *p, const char *dir, size_t i)
{
	char *whole = made_blob(p->set->made, unit_of(p, i));
	char *trial = made_blob(dir, unit_of(p, i));
	enum outcome outcome = compare_files(whole, trial);

	free(whole);
	free(trial);
	return outcome;
}

static struct job trial_job(const struct probe *p, const char *features, const char *dir, size_t i)
{
	const struct unit *u = unit_of(p, i);

	return parser_job(p->c, features, dir, &u, 1, false);
}

/* What a run for unit i alone came to. */
static enum outcome trial_outcome(const struct probe *p, const struct job *job, const char *dir,
				  size_t i)
{
	const struct unit *u = unit_of(p, i);

	if (job->status != 0)
		return FAILED;
	parser_took(dir, &u, 1);
	return outcome_of(p, dir, i);
}

/* A new trial folder with the feature file of those leaves; NULL (said) where it cannot be made. */
static char *new_trial(struct probe *p, const bool *keep, char **ret_features)
{
	size_t cap = 2 * p->set->text.len + 64, len;
	char *text = grow(NULL, cap, 1), *dir;
	int r;

	dir = work_path(p->c, "try.%s.%u", p->set->name, p->serial++);
	*ret_features = format("%s/features", dir);
	len = featset_render(&p->set->features, keep, text, cap);
	r = make_dir(dir);
	if (r == 0)
		r = write_file(*ret_features, text, len);
	if (r < 0) {
		say("cannot write %s: %s", *ret_features, strerror(-r));
		free(dir);
		dir = NULL;
	}
	free(text);
	return dir;
}

static void end_trial(char *dir, char *features)
{
	if (dir)
		(void)remove_tree(dir);
	free(dir);
	free(features);
}

static bool run_trial(struct probe *p, size_t i, const bool *keep, enum outcome *ret)
{
	struct job *job = grow(NULL, 1, sizeof(*job));
	char *features, *dir = new_trial(p, keep, &features);
	bool ok = dir != NULL;

	*job = (struct job){ 0 };
	if (ok) {
		*job = trial_job(p, features, dir, i);
		ok = run_jobs(job, 1);
	}
	if (ok)
		*ret = trial_outcome(p, job, dir, i);
	free_jobs(job, 1);
	end_trial(dir, features);
	return ok;
}

/*
 * Compiles unit i with exactly those leaves. No policy at all is another policy, unless the whole
 * set gives none now either: then the trouble lies elsewhere.
 */
static bool try_leaves(struct probe *p, size_t i, const bool *keep, bool *ret_same)
{
	bool all[FEATSET_LEAVES];
	enum outcome outcome, control = SAME;

	memset(all, 1, sizeof(all));
	if (!run_trial(p, i, keep, &outcome))
		return false;
	if (outcome == FAILED && !run_trial(p, i, all, &control))
		return false;
	*ret_same = outcome == SAME;
	if (control == SAME)
		return true;
	say("%s does not compile %s for the set %s any more: is the disk full?", p->c->parser.path,
	    p->c->unit[i].source, p->set->name);
	return false;
}

/* Leaves that are not known to be used are left out one by one for unit i, side by side. */
static bool run_each_leaf(struct probe *p, size_t i, enum outcome *ret)
{
	char *dir[FEATSET_LEAVES], *features[FEATSET_LEAVES];
	struct job *jobs = grow(NULL, FEATSET_LEAVES, sizeof(*jobs));
	bool ok = true, keep[FEATSET_LEAVES];
	unsigned int leaf[FEATSET_LEAVES], n = 0;

	memset(keep, 1, sizeof(keep));
	for (unsigned int l = 0; ok && l < p->set->features.n; l++) {
		if (p->set->uses[l])
			continue;
		keep[l] = false;
		dir[n] = new_trial(p, keep, &features[n]);
		keep[l] = true;
		ok = dir[n] != NULL;
		jobs[n] = (struct job){ 0 };
		if (ok)
			jobs[n] = trial_job(p, features[n], dir[n], i);
		leaf[n++] = l;
	}
	ok = ok && run_jobs(jobs, n);
	for (unsigned int j = 0; j < n; j++) {
		if (ok)
			ret[leaf[j]] = trial_outcome(p, &jobs[j], dir[j], i);
		end_trial(dir[j], features[j]);
	}
	free_jobs(jobs, n);
	return ok;
}

static bool try_each_leaf(struct probe *p, size_t i)
{
	enum outcome outcome[FEATSET_LEAVES] = { SAME };
	bool keep[FEATSET_LEAVES], same;

	if (!run_each_leaf(p, i, outcome))
		return false;
	memset(keep, 1, sizeof(keep));
	for (unsigned int l = 0; l < p->set->features.n; l++) {
		if (p->set->uses[l])
			continue;
		same = outcome[l] == SAME;
		keep[l] = false;
		if (outcome[l] == FAILED && !try_leaves(p, i, keep, &same))
			return false;
		keep[l] = true;
		p->set->uses[l] = !same;
	}
	return true;
}

/*
 * The used leaves do not make unit i's policy, and no leaf by itself is missing: leave out what
 * can be left out in turn, starting with all. The last go first, so that of two that will do
 * "mask" remains, which all kernels have that know the class.
 */
static bool add_joint_leaves(struct probe *p, size_t i)
{
	bool keep[FEATSET_LEAVES], same;

	memset(keep, 1, sizeof(keep));
	for (unsigned int l = p->set->features.n; l-- > 0;) {
		if (p->set->uses[l])
			continue;
		keep[l] = false;
		if (!try_leaves(p, i, keep, &same))
			return false;
		keep[l] = !same;
	}
	memcpy(p->set->uses, keep, p->set->features.n * sizeof(*keep));
	return true;
}

/* Makes the used leaves enough for unit i. */
static bool fit_unit(struct probe *p, size_t i)
{
	bool same;

	if (!try_leaves(p, i, p->set->uses, &same))
		return false;
	if (same)
		return true;
	if (!try_each_leaf(p, i) || !try_leaves(p, i, p->set->uses, &same))
		return false;
	return same || add_joint_leaves(p, i);
}

/* Compiles all root policy with those features, in batches, into dir. */
static bool run_all(const struct probe *p, const char *features, const char *dir)
{
	size_t n = n_roots(p->c), n_jobs = 0;
	const struct unit **unit = grow(NULL, n, sizeof(*unit));
	struct job *jobs = grow(NULL, n, sizeof(*jobs));
	bool ok;

	for (size_t i = 0; i < n; i++)
		unit[i] = unit_of(p, i);
	for (size_t i = 0, size; i < n; i += size) {
		size = batch_size(unit + i, n - i);
		jobs[n_jobs++] = parser_job(p->c, features, dir, unit + i, size, false);
	}
	ok = run_jobs(jobs, n_jobs);
	for (size_t i = 0, size; ok && i < n; i += size) {
		size = batch_size(unit + i, n - i);
		parser_took(dir, unit + i, size);
	}
	free_jobs(jobs, n_jobs);
	free(unit);
	return ok;
}

/* Compiles all root policy with the used leaves only, and adds what a source lacks: *grown. */
static bool fit_set(struct probe *p, bool *grown)
{
	size_t n = n_roots(p->c);
	char *features, *dir = new_trial(p, p->set->uses, &features);
	bool ok = dir && run_all(p, features, dir), before[FEATSET_LEAVES];

	memcpy(before, p->set->uses, sizeof(before));
	for (size_t i = 0; ok && i < n; i++)
		ok = outcome_of(p, dir, i) == SAME || fit_unit(p, i);
	*grown = memcmp(before, p->set->uses, sizeof(before)) != 0;
	end_trial(dir, features);
	return ok;
}

/* Most sets need what the one before them needs: a good guess to start from. */
static void guess(struct set *set, const struct set *before)
{
	for (unsigned int l = 0; l < set->features.n; l++) {
		for (unsigned int i = 0; i < before->features.n && !set->uses[l]; i++)
			set->uses[l] =
				before->uses[i] && featset_path_cmp(&before->features.leaf[i],
								    &set->features.leaf[l]) == 0;
	}
}

/* The used leaves as the cache keeps them: a digit for each, in the order of the set. */
static void uses_text(const struct set *set, struct text *ret)
{
	for (unsigned int l = 0; l < set->features.n; l++)
		text_str(ret, set->uses[l] ? "1" : "0");
	text_str(ret, "\n");
}

static bool take_uses(struct set *set, const struct text *text)
{
	if (text->len != set->features.n + 1 || strspn(text->data, "01") != set->features.n)
		return false;
	for (unsigned int l = 0; l < set->features.n; l++)
		set->uses[l] = text->data[l] == '1';
	return true;
}

/* For one set; what is there in set->uses is the guess to start from. */
static bool find_set_uses(struct compile *c, struct set *set)
{
	struct probe p = { .c = c, .set = set };
	struct text said = { 0 }, uses = { 0 };
	bool ok = true, grown = true;
	char *key;

	uses_text(set, &uses);
	key = uses_key(c, set, uses.data);
	if (!key || !cache_get(&c->cache, key, NULL, &said, &uses) || !take_uses(set, &uses)) {
		while (ok && grown)
			ok = fit_set(&p, &grown);
		uses.len = 0;
		uses_text(set, &uses);
		if (ok && key)
			cache_put(&c->cache, key, (struct span){ 0 }, span_of_text(&uses));
	}
	text_free(&said);
	text_free(&uses);
	free(key);
	return ok;
}

bool find_uses(struct compile *c)
{
	bool ok = true;

	for (size_t s = 0; ok && s < c->n_sets; s++) {
		struct set *set = &c->set[s];
		char *what;

		/*
		 * Policy for applications: every file of the set counts as used. That is more than
		 * it needs, which is the safe side: a kernel that lacks any of them gets a lower
		 * set. To find out costs the compilation of all of it once more for each set.
		 */
		if (c->applications.n) {
			memset(set->uses, 1, FEATSET_LEAVES * sizeof(*set->uses));
			continue;
		}
		if (s)
			guess(set, &c->set[s - 1]);
		what = format("finding the features in use, set %zu of %zu", s + 1, c->n_sets);
		show_progress(c->quiet ? NULL : what);
		ok = find_set_uses(c, set);
		show_progress(NULL);
		free(what);
	}
	return ok;
}
