// SPDX-License-Identifier: LGPL-2.1-or-later
/* Is an image what its sources give? */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image/steps.h"
#include "jobs.h"
#include "places.h"
#include "verify/verify.h"

#define LIMIT_LOADER ((size_t)1 << 20)

/* What a file of the image is compared with. */
struct pair {
	const char *name; /* of the check */
	const char *path; /* in the image */
	const char *source;
	size_t limit;
	const char *cure;
};

static bool read_source(const char *path, size_t limit, struct text *ret)
{
	int r = read_file(path, limit, ret);

	if (r == -EFBIG)
		say("%s is larger than the limit of %zu bytes: is it the right file?", path, limit);
	else if (r < 0)
		say("cannot read %s: %s", path, strerror(-r));
	return r == 0;
}

static bool is_same(struct span a, const struct text *b)
{
	return span_eq(a, span_of_text(b));
}

/* False after it has said why the source cannot be read. */
static bool check_pair(const struct image *image, const struct pair *p, struct checks *checks)
{
	struct text source = { 0 };
	struct content content;
	char buf[64];
	struct strbuf why;
	int err;

	if (!read_source(p->source, p->limit, &source)) {
		text_free(&source);
		return false;
	}
	sb_init(&why, buf, sizeof(buf));
	err = content_read(image, p->path, p->limit, &content);
	sb_errno(&why, err);
	if (err)
		check_add(checks, p->name, false, "/%s cannot be read%s, to be compared with %s",
			  p->path, buf, p->source);
	else if (is_same(content.data, &source))
		check_add(checks, p->name, true, "/%s is %s", p->path, p->source);
	else
		check_add(checks, p->name, false, "/%s is not %s; %s", p->path, p->source, p->cure);
	content_free(&content);
	text_free(&source);
	return true;
}

/* The comment that says which parser made a manifest; empty where there is none. */
static struct span first_comment(struct span manifest)
{
	struct span line;

	return span_next_line(&manifest, &line) && span_starts(line, "#") ? line : span_of("");
}

/* Where two manifests differ first, and how the other parser explains it. */
static void manifests_differ(struct checks *checks, const char *source, struct span have,
			     struct span want)
{
	struct span made = first_comment(have), now = first_comment(want);
	struct span a = { 0 }, b = { 0 };
	unsigned int line = 0;
	bool more = true;

	if (!span_eq(made, now)) {
		check_add(checks, "bundle source", false,
			  "/" IMAGE_BUNDLE " is not %s: made by another parser (\"%.*s\", not "
			  "\"%.*s\"); make the image again",
			  source, (int)made.n, made.p, (int)now.n, now.p);
		return;
	}
	while (more && span_eq(a, b)) {
		line++;
		more = span_next_line(&have, &a);
		more = span_next_line(&want, &b) && more;
	}
	check_add(checks, "bundle source", false,
		  "/" IMAGE_BUNDLE
		  " is not %s: the manifests differ from line %u on; make the image "
		  "again",
		  source, line);
}

/* One blob of a bundle, compared with that of the image; false after it has said why it cannot be. */
static bool compare_blob(const struct image *image, const char *dir, const char *path, bool *same)
{
	char *source = path_join(dir, path), *name = path_join(IMAGE_BUNDLE, path);
	struct text want = { 0 };
	struct content have;
	bool ok = read_source(source, LIMIT_BLOB, &want);

	if (ok) {
		*same = content_read(image, name, LIMIT_BLOB, &have) == 0 &&
			is_same(have.data, &want);
		content_free(&have);
	}
	text_free(&want);
	free(source);
	free(name);
	return ok;
}

/* The path behind "blob = POLICY NAMESPACE BYTES SHA256 "; false where the line is none. */
static bool blob_path(const struct kv *kv, char ret[LIMIT_NAME + 1])
{
	struct span rest = kv->value, word;

	if (!span_is(kv->key, "blob"))
		return false;
	for (int i = 0; i < 4; i++) {
		if (!span_next_word(&rest, &word))
			return false;
	}
	rest = span_trim(rest);
	if (!rest.n || rest.n > LIMIT_NAME)
		return false;
	memcpy(ret, rest.p, rest.n);
	ret[rest.n] = '\0';
	return true;
}

/* All blobs that the manifest of `dir` names. */
static bool compare_blobs(const struct image *image, const char *dir, const char *source,
			  struct span manifest, struct checks *checks)
{
	struct kv kv = kv_open(manifest);
	char path[LIMIT_NAME + 1];
	unsigned int n = 0;
	bool same;

	while (kv_next(&kv) > 0) {
		if (!blob_path(&kv, path))
			continue;
		n++;
		if (!compare_blob(image, dir, path, &same))
			return false;
		if (same)
			continue;
		check_add(checks, "bundle source", false,
			  "/" IMAGE_BUNDLE "/%s is not that of %s; make the image again", path,
			  source);
		return true;
	}
	check_add(checks, "bundle source", true,
		  "/" IMAGE_BUNDLE " is %s: the manifest and %u blobs are the same", source, n);
	return true;
}

/* `source` is what messages call the bundle in `dir`. */
static bool compare_bundle(const struct image *image, const char *dir, const char *source,
			   struct checks *checks)
{
	char *path = path_join(dir, "manifest");
	struct text want = { 0 };
	struct content have = { .data = { 0 } };
	struct span manifest;
	bool ok = read_source(path, LIMIT_MANIFEST, &want);

	manifest = span_of_text(&want);
	if (ok && content_read(image, IMAGE_BUNDLE "/manifest", LIMIT_MANIFEST, &have) != 0)
		check_add(checks, "bundle source", false,
			  "/" IMAGE_BUNDLE "/manifest cannot be read, to be compared with %s",
			  source);
	else if (ok && !is_same(have.data, &want))
		manifests_differ(checks, source, have.data, manifest);
	else if (ok)
		ok = compare_blobs(image, dir, source, manifest, checks);
	content_free(&have);
	text_free(&want);
	free(path);
	return ok;
}

/* What the compiler said, where it failed. */
static void repeat(const char *path)
{
	struct text said = { 0 };

	if (read_file(path, 1 << 20, &said) == 0)
		fwrite(said.data, 1, said.len, stderr);
	text_free(&said);
}

/* Runs `initward compile` as it is installed, into dir/bundle. */
static bool compile_into(const char *dir, const struct list *policy)
{
	struct job *job = grow(NULL, 1, sizeof(*job));
	bool ok;

	*job = (struct job){ .err = path_join(dir, "said") };
	list_add(&job->argv, dup_str("/proc/self/exe"));
	list_add(&job->argv, dup_str("compile"));
	list_add(&job->argv, dup_str("-o"));
	list_add(&job->argv, path_join(dir, "bundle"));
	list_add(&job->argv, dup_str("--no-cache"));
	for (size_t i = 0; i < policy->n; i++)
		list_add(&job->argv, dup_str(policy->item[i]));
	ok = run_jobs(job, 1);
	if (ok && (!WIFEXITED(job->status) || WEXITSTATUS(job->status) != 0)) {
		repeat(job->err);
		say("cannot compile the policy, to compare it with the image's");
		ok = false;
	}
	free_jobs(job, 1);
	return ok;
}

/* In a folder for a while, which goes whatever comes out. */
static bool check_compiled(const struct image *image, const struct list *policy,
			   struct checks *checks)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = path_join(tmp && *tmp ? tmp : "/tmp", ".initward-verify-XXXXXX"), *bundle;
	bool ok;
	int r;

	if (!mkdtemp(dir)) {
		say("cannot make the folder %s: %s; name another place by TMPDIR", dir,
		    strerror(errno));
		free(dir);
		return false;
	}
	bundle = path_join(dir, "bundle");
	catch_signals();
	ok = compile_into(dir, policy) &&
	     compare_bundle(image, bundle, "what the policy gives now", checks);
	r = remove_tree(dir);
	if (r < 0)
		say("cannot remove %s: %s", dir, strerror(-r));
	free(bundle);
	free(dir);
	return ok;
}

bool check_sources(const struct image *image, const struct sources *sources, struct checks *checks)
{
	const struct pair loader = { "loader source", "init", sources->loader, LIMIT_LOADER,
				     "make the image again" };
	const struct pair config = { "configuration source", IMAGE_CONFIG, sources->config,
				     LIMIT_CONFIG, "make the image again" };

	return (!sources->loader || check_pair(image, &loader, checks)) &&
	       (!sources->config || check_pair(image, &config, checks)) &&
	       (!sources->bundle ||
		compare_bundle(image, sources->bundle, sources->bundle, checks)) &&
	       (!sources->compile || check_compiled(image, &sources->policy, checks));
}
