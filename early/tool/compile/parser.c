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

#include "sha256.h"

#define OLDEST_MAJOR 3
#define SAID_LINES 6
#define LIMIT_SAID (4u << 20)
#define BATCH 32
#define LIMIT_PROGRAM (64u << 20)

static bool locate(struct compile *c)
{
	const char *name = c->parser_name ? c->parser_name : "apparmor_parser";
	char *found = strchr(name, '/') ? dup_str(name) : search_program(name);

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

static bool is_elf(const struct text *file)
{
	return file->len > 4 && memcmp(file->data, "\177ELF", 4) == 0;
}

/* Adds the digest of a program or library; false where it cannot be read or is no ELF file. */
static bool add_file(const char *path, struct text *record)
{
	struct text file = { 0 };
	uint8_t digest[SHA256_SIZE];
	char hex[SHA256_HEX];
	bool ok = read_file(path, LIMIT_PROGRAM, &file) == 0 && is_elf(&file);

	if (ok) {
		sha256(file.data, file.len, digest);
		sha256_hex(digest, hex);
		text_format(record, "file %s\n", hex);
	}
	text_free(&file);
	return ok;
}

/*
 * The libraries as the dynamic linker finds them, see ld.so(8): "NAME => PATH (ADDRESS)", and
 * without the arrow itself and the vDSO. A static program runs, and says its version once more.
 */
static bool add_libraries(struct compile *c, struct text *record)
{
	struct text said = { 0 };
	char *rest, *line, *path;
	bool ok;

	(void)setenv("LD_TRACE_LOADED_OBJECTS", "1", 1);
	ok = ask(c, "--version", &said);
	(void)unsetenv("LD_TRACE_LOADED_OBJECTS");
	rest = said.data;
	while (ok && (line = strsep(&rest, "\n"))) {
		path = strchr(line, '/');
		if (!path || !strstr(line, " (0x"))
			continue;
		path[strcspn(path, " ")] = '\0';
		ok = add_file(path, record);
	}
	text_free(&said);
	return ok;
}

/*
 * What stands for the parser in the keys of the cache. A program that is a script can run anything:
 * its bytes say nothing, and what it makes is not cached.
 */
static void identify(struct compile *c)
{
	struct text record = { 0 };
	uint8_t digest[SHA256_SIZE];

	text_format(&record, "apparmor_parser %s\n", c->parser.version);
	if (add_file(c->parser.path, &record) && add_libraries(c, &record)) {
		sha256(record.data, record.len, digest);
		c->parser.identity = grow(NULL, SHA256_HEX, 1);
		sha256_hex(digest, c->parser.identity);
	}
	text_free(&record);
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
	if (ok && c->cache.path)
		identify(c);
	return ok && !interrupted();
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

/* Folders that cannot be made are the parser's to complain about. */
struct job parser_job(const struct compile *c, const char *features, const char *out_dir,
		      const struct unit *const *unit, size_t n, bool notes)
{
	char *cache = format("%s/run.%zu", out_dir ? out_dir : "", unit[0]->id);
	const char *const args[] = { "--skip-read-cache", "--write-cache", "--jobs=1",
				     "--abort-on-error",  "--cache-loc",   cache };
	struct job job = { .cwd = unit[0]->base };

	parser_args(c, &job, features, job.cwd);
	if (unit[0]->abi) {
		list_add(&job.argv, dup_str("--policy-features"));
		list_add(&job.argv, dup_str(unit[0]->abi));
	}
	if (unit[0]->complain) {
		/* such policy is never put into the parser's cache folder */
		list_add(&job.argv, dup_str("--Complain"));
		list_add(&job.argv, dup_str("--ofile"));
		list_add(&job.argv, made_blob(out_dir ? out_dir : "", unit[0]));
	}
	for (size_t i = 0; i < sizeof(args) / sizeof(args[0]); i++)
		list_add(&job.argv, dup_str(args[i]));
	if (notes) {
		list_add(&job.argv, dup_str("--warn=rule-not-enforced"));
		list_add(&job.argv, dup_str("--warn=rule-downgraded"));
		job.err = format("%s.err", cache);
	} else {
		list_add(&job.argv, dup_str("--quiet"));
	}
	for (size_t i = 0; i < n; i++)
		list_add(&job.argv, dup_str(notes ? unit[i]->file : unit[i]->flat));
	if (out_dir) {
		(void)make_dir(out_dir);
		(void)make_dir(cache);
	}
	free(cache);
	return job;
}

size_t batch_size(const struct unit *const *unit, size_t n)
{
	size_t most = n / 16, size = 1;

	most = most < 1 || unit[0]->complain ? 1 : most > BATCH ? BATCH : most;
	while (size < most && size < n && unit[size]->form == unit[0]->form &&
	       !unit[size]->complain && strcmp(unit[size]->base, unit[0]->base) == 0)
		size++;
	return size;
}

char *made_blob(const char *out_dir, const struct unit *u)
{
	return format("%s/%zu", out_dir, u->id);
}

/* The parser's cache folder is named after the features: OUT_DIR/run.ID/1234abcd.0/NAME. */
void parser_took(const char *out_dir, const struct unit *const *unit, size_t n)
{
	char *cache = format("%s/run.%zu", out_dir, unit[0]->id);
	struct dirent *entry;
	DIR *dir = opendir(cache);

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		for (size_t i = 0; i < n; i++) {
			char *from = format("%s/%s/%s", cache, entry->d_name, unit[i]->name);
			char *to = made_blob(out_dir, unit[i]);

			(void)rename(from, to);
			free(from);
			free(to);
		}
	}
	if (dir)
		(void)closedir(dir);
	free(cache);
}
