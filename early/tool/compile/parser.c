// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compile.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OLDEST_MAJOR 3
#define SAID_LINES 6
#define LIMIT_SAID (4u << 20)
#define BATCH 32

static char *search(const char *name)
{
	const char *path = getenv("PATH");
	char *all = format("%s:/usr/sbin:/sbin", path ? path : "/usr/bin:/bin"), *found = NULL;
	char *rest = all, *dir;

	while (!found && (dir = strsep(&rest, ":"))) {
		found = path_join(*dir ? dir : ".", name);
		if (access(found, X_OK) < 0) {
			free(found);
			found = NULL;
		}
	}
	free(all);
	return found;
}

static bool locate(struct compile *c)
{
	const char *name = c->parser_name ? c->parser_name : "apparmor_parser";
	char *found = strchr(name, '/') ? dup_str(name) : search(name);

	c->parser.path = found ? realpath(found, NULL) : NULL;
	if (found && !c->parser.path)
		say("cannot run the parser %s: %s", found, strerror(errno));
	else if (!found && c->parser_name)
		say("there is no program %s in PATH: name the parser with --parser", name);
	else if (!found)
		say("apparmor_parser is missing: install the Debian package apparmor, or name the "
		    "program with --parser");
	free(found);
	return c->parser.path != NULL;
}

/* The parser's own words, one line each, at most `max` lines, behind "  ". */
static void say_lines(const char *path, unsigned int max)
{
	struct text text = { 0 };
	char *rest, *line;

	if (!path || read_file(path, LIMIT_SAID, &text) < 0) {
		text_free(&text);
		return;
	}
	if (!text.len)
		fprintf(stderr, "  (it said nothing: is the disk full?)\n");
	rest = text.data;
	while (max && (line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		fprintf(stderr, "  %s\n", line);
		max--;
	}
	text_free(&text);
}

void say_failed(const struct compile *c, const struct job *job, const char *what,
		const char *source, const char *set)
{
	char *how = WIFSIGNALED(job->status)
			    ? format("was killed by signal %d (%s)", WTERMSIG(job->status),
				     strsignal(WTERMSIG(job->status)))
			    : format("failed with status %d", WEXITSTATUS(job->status));

	if (source)
		say("cannot %s %s%s%s: %s %s%s", what, source, set ? " for the set " : "",
		    set ? set : "", c->parser.path, how, job->err ? ":" : "");
	else
		say("%s %s: %s", c->parser.path, what, how);
	say_lines(job->err, SAID_LINES);
	free(how);
}

/* "AppArmor parser version 3.0.8" */
static bool take_version(struct compile *c, const char *said)
{
	static const char before[] = "AppArmor parser version ";
	const char *p = strstr(said, before);
	size_t len;

	if (!p || !isdigit((unsigned char)p[sizeof(before) - 1])) {
		say("%s --version does not say \"%sN\": is it apparmor_parser?", c->parser.path,
		    before);
		return false;
	}
	p += sizeof(before) - 1;
	len = strcspn(p, " \t\r\n");
	c->parser.version = format("%.*s", (int)len, p);
	c->parser.major = (unsigned int)strtoul(p, NULL, 10);
	if (c->parser.major >= OLDEST_MAJOR)
		return true;
	say("%s has version %s, and initward needs %d.0 or later: install a newer Debian package "
	    "apparmor, or name another parser with --parser",
	    c->parser.path, c->parser.version, OLDEST_MAJOR);
	return false;
}

/* Asks the parser one question; what it says to either stream is in *ret. */
static bool ask(struct compile *c, const char *option, struct text *ret)
{
	struct job *job = grow(NULL, 1, sizeof(*job));
	bool ok;
	int r;

	*job = (struct job){ .out = work_path(c, "said"), .err = work_path(c, "said.err") };
	list_add(&job->argv, dup_str(c->parser.path));
	list_add(&job->argv, dup_str(option));
	ok = run_jobs(job, 1);
	if (ok && job->status != 0) {
		say_failed(c, job, option, NULL, NULL);
		ok = false;
	}
	r = ok ? read_file(job->out, LIMIT_SAID, ret) : 0;
	if (r == 0 && ok) {
		struct text err = { 0 };

		r = read_file(job->err, LIMIT_SAID, &err);
		text_add(ret, err.data, err.len);
		text_free(&err);
	}
	if (r < 0) {
		say("cannot read what %s %s says: %s", c->parser.path, option, strerror(-r));
		ok = false;
	}
	free_jobs(job, 1);
	return ok;
}

bool find_parser(struct compile *c)
{
	struct text said = { 0 };
	bool ok = locate(c) && ask(c, "--version", &said) && take_version(c, said.data);

	if (ok) {
		ok = ask(c, "--help", &said);
		c->parser.has_zstd = ok && strstr(said.data, "--zstd-compress-level");
	}
	if (ok) {
		c->parser.config = work_path(c, "parser.conf");
		ok = write_file(c->parser.config, "", 0) == 0;
	}
	text_free(&said);
	return ok;
}

/*
 * Nothing of the machine has a say: a configuration file of our own (Debian's pins
 * "policy-features" to an old file), the features both of the policy and of the kernel named, the
 * base folder named. An "abi" rule of a source still counts. Parsers from 5 on compress where the
 * features allow it, and put a header of their own in front: level 0 turns both off.
 */
void parser_args(const struct compile *c, struct job *job, const char *features, const char *base)
{
	const char *const args[] = { c->parser.path,
				     "--config-file",
				     c->parser.config,
				     "--features-file",
				     features,
				     "--base",
				     base,
				     "--skip-kernel-load" };

	for (size_t i = 0; i < sizeof(args) / sizeof(args[0]); i++)
		list_add(&job->argv, dup_str(args[i]));
	for (size_t i = 0; i < c->includes.n; i++) {
		list_add(&job->argv, dup_str("--Include"));
		list_add(&job->argv, dup_str(c->includes.item[i]));
	}
	if (c->parser.has_zstd)
		list_add(&job->argv, dup_str("--zstd-compress-level=0"));
}

struct job parser_job(const struct compile *c, const char *features, const char *out_dir,
		      size_t first, size_t n, bool notes)
{
	char *cache = format("%s/%zu", out_dir, first);
	const char *const args[] = { "--skip-read-cache", "--write-cache", "--jobs=1",
				     "--abort-on-error",  "--cache-loc",   cache };
	struct job job = { .cwd = c->unit[first].base };

	parser_args(c, &job, features, job.cwd);
	for (size_t i = 0; i < sizeof(args) / sizeof(args[0]); i++)
		list_add(&job.argv, dup_str(args[i]));
	if (notes) {
		list_add(&job.argv, dup_str("--warn=rule-not-enforced"));
		list_add(&job.argv, dup_str("--warn=rule-downgraded"));
		job.err = format("%s.err", cache);
	} else {
		list_add(&job.argv, dup_str("--quiet"));
	}
	for (size_t i = first; i < first + n; i++)
		list_add(&job.argv, dup_str(c->unit[i].file));
	(void)make_dir(out_dir); /* where they fail the parser does */
	(void)make_dir(cache);
	free(cache);
	return job;
}

size_t batch_size(const struct compile *c, size_t first)
{
	size_t most = c->n_units / 16, n = 1;

	most = most < 1 ? 1 : most > BATCH ? BATCH : most;
	while (n < most && first + n < c->n_units &&
	       c->unit[first + n].form == c->unit[first].form &&
	       strcmp(c->unit[first + n].base, c->unit[first].base) == 0)
		n++;
	return n;
}

static size_t batch_of(const struct compile *c, size_t unit)
{
	size_t first = 0;

	while (first + batch_size(c, first) <= unit)
		first += batch_size(c, first);
	return first;
}

/* The cache folder is named after the features: OUT_DIR/FIRST/1234abcd.0/NAME. */
char *made_blob(const struct compile *c, const char *out_dir, size_t i)
{
	char *cache = format("%s/%zu", out_dir, i), *found = NULL;
	struct dirent *entry;
	DIR *dir = opendir(cache);

	if (!dir) { /* not by itself: in a batch */
		free(cache);
		cache = format("%s/%zu", out_dir, batch_of(c, i));
		dir = opendir(cache);
	}
	while (dir && !found && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		found = format("%s/%s/%s", cache, entry->d_name, c->unit[i].name);
		if (access(found, F_OK) < 0) {
			free(found);
			found = NULL;
		}
	}
	if (dir)
		(void)closedir(dir);
	free(cache);
	return found;
}

/* A batch has failed: which of its sources was it? */
static void say_culprit(const struct compile *c, const struct set *set, const struct job *job,
			size_t first, size_t n)
{
	char *again = work_path(c, "again");

	for (size_t i = first; n > 1 && i < first + n; i++) {
		struct job *one = grow(NULL, 1, sizeof(*one));
		bool failed;

		*one = parser_job(c, set->text_path, again, i, 1, true);
		failed = run_jobs(one, 1) && one->status != 0;
		if (failed)
			say_failed(c, one, "compile", c->unit[i].source, set->name);
		free_jobs(one, 1);
		if (failed || interrupted()) {
			free(again);
			return;
		}
	}
	say_failed(c, job, "compile", c->unit[first].source, set->name);
	free(again);
}

struct note {
	char *text;
	struct text sets;
	size_t n_sets;
	const struct set *last;
};

struct notes {
	struct note *note;
	size_t n;
};

static void add_note(struct notes *notes, const struct set *set, const char *text)
{
	struct note *note = NULL;

	for (size_t i = 0; i < notes->n && !note; i++) {
		if (strcmp(notes->note[i].text, text) == 0)
			note = &notes->note[i];
	}
	if (!note) {
		notes->note = grow(notes->note, notes->n + 1, sizeof(*note));
		note = &notes->note[notes->n++];
		*note = (struct note){ .text = dup_str(text) };
	}
	if (note->last == set)
		return;
	note->last = set;
	note->n_sets++;
	text_format(&note->sets, "%s%s", note->sets.len ? ", " : "", set->name);
}

/* The parser's warnings of one run, each told once for all sets that it is about. */
static void take_notes(struct notes *notes, const struct set *set, const struct job *job)
{
	static const char before[] = "Warning from ";
	struct text text = { 0 };
	char *rest, *line;

	if (read_file(job->err, LIMIT_SAID, &text) == 0) {
		rest = text.data;
		while ((line = strsep(&rest, "\n"))) {
			if (strncmp(line, before, sizeof(before) - 1) == 0)
				line += sizeof(before) - 1;
			if (*line)
				add_note(notes, set, line);
		}
	}
	text_free(&text);
}

static void say_notes(const struct compile *c, struct notes *notes)
{
	for (size_t i = 0; i < notes->n; i++) {
		struct note *note = &notes->note[i];

		if (note->n_sets == c->n_sets)
			fprintf(stderr, "note: every set: %s\n", note->text);
		else
			fprintf(stderr, "note: set %s: %s\n", note->sets.data, note->text);
		free(note->text);
		text_free(&note->sets);
	}
	free(notes->note);
}

/* What the runs for one set came to. */
static bool check_runs(const struct compile *c, const struct set *set, const struct job *jobs,
		       struct notes *notes)
{
	size_t run = 0;

	for (size_t i = 0; i < c->n_units; i += batch_size(c, i), run++) {
		if (jobs[run].status != 0) {
			say_culprit(c, set, &jobs[run], i, batch_size(c, i));
			return false;
		}
		if (c->unit[i].form != FORM_COMPLAIN) /* it would say the same again */
			take_notes(notes, set, &jobs[run]);
	}
	for (size_t i = 0; i < c->n_units; i++) {
		char *blob = made_blob(c, set->made, i);

		if (!blob) {
			say("%s wrote no policy for %s and the set %s, and reported success: is "
			    "the "
			    "disk full, or the source without a profile?",
			    c->parser.path, c->unit[i].source, set->name);
			return false;
		}
		free(blob);
	}
	return true;
}

bool compile_sets(struct compile *c)
{
	struct notes notes = { 0 };
	struct job *jobs;
	size_t runs = 0, n = 0;
	bool ok;

	for (size_t i = 0; i < c->n_units; i += batch_size(c, i))
		runs++;
	jobs = grow(NULL, runs * c->n_sets, sizeof(*jobs));
	for (size_t s = 0; s < c->n_sets; s++) {
		struct set *set = &c->set[s];

		set->made = work_path(c, "made.%s", set->name);
		for (size_t i = 0; i < c->n_units; i += batch_size(c, i))
			jobs[n++] =
				parser_job(c, set->text_path, set->made, i, batch_size(c, i), true);
	}
	ok = run_jobs(jobs, n);
	for (size_t s = 0; ok && s < c->n_sets; s++)
		ok = check_runs(c, &c->set[s], jobs + s * runs, &notes);
	say_notes(c, &notes);
	free_jobs(jobs, n);
	return ok;
}
