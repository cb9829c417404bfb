// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/apparmor.h>
#include <sys/stat.h>

#include "blob.h"
#include "manifest.h"

/* A profile of one set and form, to find names that come twice. */
struct seen {
	char *name;
	const char *source;
};

struct seen_list {
	struct seen *item;
	size_t n;
};

static bool has_bad_name(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
			return true;
	}
	return !len || len > LIMIT_NAME || name[0] == ' ' || name[len - 1] == ' ';
}

static const char *mode_word(unsigned int mode)
{
	const char *name = profile_mode_name(mode);

	return name ? name : "unknown";
}

/* Whether a profile may be in that form of a bundle. */
static bool check_profile(const struct compile *c, const struct unit *u, const struct set *set,
			  const struct blob_profile *p, const char *name)
{
	bool strict = p->mode == MODE_ENFORCE || p->mode == MODE_KILL;

	if (p->ns) {
		say("%s: the profile %s names the policy namespace %.*s: take it out; the boot's "
		    "configuration decides on the namespace",
		    u->source, name, (int)p->ns_len, p->ns);
	} else if (has_bad_name(name)) {
		say("%s: the name of a profile is empty, longer than %d bytes, begins or ends with "
		    "a blank or holds a control character",
		    u->source, LIMIT_NAME);
	} else if (u->form == FORM_ENFORCE && !strict) {
		say("%s: the profile %s is in the mode %s: a profile of the root namespace has to "
		    "be in enforce mode; take out that flag (the dry run is made without it)",
		    u->source, name, mode_word(p->mode));
	} else if (u->form == FORM_COMPLAIN && p->mode != MODE_COMPLAIN) {
		say("%s: in the dry run for the set %s the profile %s came out in the mode %s: "
		    "%s does not obey flags=(complain) there",
		    u->source, set->name, name, mode_word(p->mode), c->parser.path);
	} else {
		return true;
	}
	return false;
}

static int by_name(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : strcmp(x->source, y->source);
}

static bool check_seen(struct seen_list *seen, const struct set *set, enum form form)
{
	bool ok = true, global = form == FORM_APPLICATION;

	if (seen->n)
		qsort(seen->item, seen->n, sizeof(*seen->item), by_name);
	for (size_t i = 0; i < seen->n; i++) {
		struct seen *s = &seen->item[i];

		global = global || strcmp(s->name, "global") == 0;
		if (ok && i && strcmp(s[-1].name, s->name) == 0) {
			say("the profile %s is defined twice, in %s and in %s: kernels crash when "
			    "both are loaded; take one out",
			    s->name, s[-1].source, s->source);
			ok = false;
		}
	}
	if (ok && !global) {
		say("no source defines the profile \"global\" (set %s): initward puts the system "
		    "under that one",
		    set->name);
		ok = false;
	}
	for (size_t i = 0; i < seen->n; i++)
		free(seen->item[i].name);
	free(seen->item);
	*seen = (struct seen_list){ 0 };
	return ok;
}

/* The header that newer parsers put in front of compressed policy ends in front of zstd's own. */
static bool is_compressed(const struct text *blob)
{
	static const char zstd[] = "\x28\xb5\x2f\xfd";

	return blob->len >= 12 &&
	       (memcmp(blob->data, zstd, 4) == 0 || memcmp(blob->data + 8, zstd, 4) == 0);
}

static bool read_blob(const struct compile *c, const struct unit *u, const struct set *set,
		      const char *path, struct text *ret)
{
	int r = read_file(path, LIMIT_BLOB, ret);

	if (r == -EFBIG)
		say("%s: its policy for the set %s is larger than the limit of %d bytes: divide it",
		    u->source, set->name, LIMIT_BLOB);
	else if (r < 0)
		say("cannot read %s: %s", path, strerror(-r));
	else if (is_compressed(ret) || (ret->len && ret->data[0] != 4))
		say("%s: %s (version %s) wrote %s for the set %s, which kernels without that "
		    "feature refuse: name another parser with --parser",
		    u->source, c->parser.path, c->parser.version,
		    is_compressed(ret) ? "compressed policy" : "a header in front of the policy",
		    set->name);
	else
		return true;
	return false;
}

/* Checks one blob and adds its lines to the manifest. */
static bool take_blob(const struct compile *c, const struct unit *u, const struct set *set,
		      const struct text *blob, struct seen_list *seen, struct text *lines)
{
	static const char *const policy[] = { "enforce -", "complain -", "any application" };
	struct blob_profile p = { 0 };
	uint8_t digest[SHA256_SIZE];
	char hex[SHA256_HEX];
	size_t pos = 0;
	int r;

	sha256(blob->data, blob->len, digest);
	sha256_hex(digest, hex);
	text_format(lines, "blob = %s %zu %s %s/%s\n", policy[u->form], blob->len, hex,
		    set->dir[u->form], u->name);
	while ((r = blob_next(blob->data, blob->len, &pos, &p)) > 0) {
		char *name = format("%.*s", (int)p.name_len, p.name);

		if (!check_profile(c, u, set, &p, name)) {
			free(name);
			return false;
		}
		text_format(lines, "profile = %s %s\n", mode_word(p.mode), name);
		seen->item = grow(seen->item, seen->n + 1, sizeof(*seen->item));
		seen->item[seen->n++] = (struct seen){ name, u->source };
	}
	if (r == 0 && pos)
		return true;
	say("%s: cannot read the policy that %s (version %s) wrote for the set %s: %s", u->source,
	    c->parser.path, c->parser.version, set->name,
	    r < 0 ? blob_error(r) : "it holds no profile");
	return false;
}

static bool place_blob(const struct compile *c, const struct set *set, size_t i,
		       struct seen_list *seen, struct text *lines)
{
	const struct unit *u = &c->unit[i];
	char *from = made_blob(set->made, u);
	char *to = work_path(c, "bundle/%s/%s", set->dir[u->form], u->name);
	struct text blob = { 0 };
	bool ok = read_blob(c, u, set, from, &blob);
	/* a file of a system's policy folder may have no profile, or all of it commented out */
	bool empty = ok && !blob.len && u->form == FORM_APPLICATION;
	int r;

	ok = ok && (empty || take_blob(c, u, set, &blob, seen, lines));
	r = ok && !empty ? write_file(to, blob.data, blob.len) : 0;

	if (r < 0) {
		say("cannot write %s: %s", to, strerror(-r));
		ok = false;
	}
	text_free(&blob);
	free(from);
	free(to);
	return ok;
}

/* The folder of a form's blobs, where libapparmor looks for them: "enforce/1234abcd.0". */
static bool make_cache(const struct compile *c, struct set *set, enum form form)
{
	char *folder = work_path(c, "bundle/%s", form_folder(form)), *dir = NULL;
	aa_features *features = NULL;
	aa_policy_cache *cache = NULL;
	int r = make_dir(folder);

	if (r == 0 || r == -EEXIST) {
		if (aa_features_new(&features, AT_FDCWD, set->text_path) < 0 ||
		    aa_policy_cache_new(&cache, features, AT_FDCWD, folder, LIMIT_SETS) < 0)
			r = -errno;
		else
			dir = aa_policy_cache_dir_path(cache, 0);
	}
	/* libapparmor makes it for its owner alone; images are built by other users too. */
	if (dir && chmod(dir, 0755) < 0) {
		free(dir);
		dir = NULL;
	}
	if (dir)
		set->dir[form] = format("%s/%s", form_folder(form), path_base(dir));
	else
		say("cannot make the cache folder for the set %s in %s: %s", set->name, folder,
		    strerror(r < 0 ? -r : errno));
	if (cache)
		aa_policy_cache_unref(cache);
	if (features)
		aa_features_unref(features);
	free(dir);
	free(folder);
	return set->dir[form] != NULL;
}

static int by_path(const void *a, const void *b)
{
	return featset_path_cmp(*(const struct featset_leaf *const *)a,
				*(const struct featset_leaf *const *)b);
}

static void add_features(struct text *out, const struct set *set)
{
	const struct featset_leaf *leaf[FEATSET_LEAVES] = { NULL };
	const unsigned int n = set->features.n;
	struct span rest, word, last = { 0 };

	for (unsigned int i = 0; i < n; i++)
		leaf[i] = &set->features.leaf[i];
	qsort(leaf, n, sizeof(leaf[0]), by_path);
	for (unsigned int i = 0; i < n; i++) {
		if (!set->uses[leaf[i] - set->features.leaf])
			continue;
		text_str(out, "uses = ");
		add_leaf_path(out, leaf[i]);
		rest = leaf[i]->words;
		while (span_next_word(&rest, &word))
			text_format(out, " %.*s", (int)word.n, word.p);
		text_str(out, "\n");
	}
	text_str(out, "class =");
	for (unsigned int i = 0; i < n; i++) {
		if (i && span_eq(last, leaf[i]->path[0]))
			continue;
		last = leaf[i]->path[0];
		text_format(out, " %.*s", (int)last.n, last.p);
	}
	text_str(out, "\n");
}

/* What apparmor_parser 4.1 does to them: docs/parser-issues.md, 1. */
static void say_crowded(const struct compile *c, const struct seen_list *seen, enum form form)
{
	const char *first = NULL, *last = NULL;
	bool more = false;

	if (c->quiet || form == FORM_COMPLAIN || !span_starts(span_of(c->parser.version), "4.1"))
		return;
	for (size_t i = 1; i < seen->n; i++) {
		if (seen->item[i].source != seen->item[i - 1].source)
			continue;
		first = first ? first : seen->item[i].source;
		more = more || (last && last != seen->item[i].source);
		last = seen->item[i].source;
	}
	if (first)
		fprintf(stderr,
			"note: %s%s several profiles, and apparmor_parser %s loses rules with "
			"\"m\" or \"x\" of each but the first, by chance: divide the file, or name "
			"another parser with --parser (docs/parser-issues.md)\n",
			first, more ? " and other sources have" : " has", c->parser.version);
}

static bool add_set(struct compile *c, size_t s, struct text *out)
{
	struct set *set = &c->set[s];
	struct seen_list seen = { 0 };
	bool ok = true;

	text_format(out, "\nset = %s\nrank = %zu\n%s", set->name, s + 1,
		    set->base ? "base = yes\n" : "");
	for (size_t i = 0; i < set->kernels.n; i++)
		text_format(out, "kernel = %s\n", set->kernels.item[i]);
	add_features(out, set);
	for (size_t i = 0; ok && i < c->n_units; i++) {
		enum form form = c->unit[i].form;
		bool last = i + 1 == c->n_units || c->unit[i + 1].form != form;

		ok = (set->dir[form] || make_cache(c, set, form)) &&
		     place_blob(c, set, i, &seen, out);
		if (last && s == 0)
			say_crowded(c, &seen, form);
		if (last || !ok)
			ok = (ok && check_seen(&seen, set, form)) || (free(seen.item), false);
	}
	return ok;
}

/* The loader's own reader has the last word, and knows the limits. */
static bool check_manifest(const struct text *manifest)
{
	static struct manifest m;
	static struct manifest_policy policy;
	struct manifest_error err = { 0 };
	bool ok = manifest->len <= LIMIT_MANIFEST;

	if (!ok)
		say("the manifest would be larger than its limit of %d bytes: compile fewer sets "
		    "or "
		    "profiles",
		    LIMIT_MANIFEST);
	else
		ok = manifest_parse(span_of_text(manifest), &m, &err);
	for (unsigned int s = 0; ok && s < m.n_sets; s++)
		ok = manifest_entries(&m.sets[s], POLICY_ENFORCE, MODE_HIDDEN, &policy, &err) &&
		     manifest_entries(&m.sets[s], POLICY_COMPLAIN, MODE_HIDDEN, &policy, &err);
	if (!ok && err.why)
		say("the loader would refuse the bundle: line %u of the manifest: %s %.*s",
		    err.line, err.why, (int)err.word.n, err.word.p ? err.word.p : "");
	return ok;
}

/* Which classes that a set's policy makes use of the base set does not know. */
static void say_lost(const struct compile *c, const struct set *set)
{
	const struct set *base = &c->set[0];
	struct text lost = { 0 };
	struct span last = { 0 };

	for (unsigned int i = 0; i < set->features.n; i++) {
		struct span name = set->features.leaf[i].path[0];
		bool known = !set->uses[i] || (last.n && span_eq(last, name));

		for (unsigned int j = 0; !known && j < base->features.n; j++)
			known = span_eq(base->features.leaf[j].path[0], name);
		if (known)
			continue;
		last = name;
		text_format(&lost, " %.*s", (int)name.n, name.p);
	}
	if (lost.len && !c->quiet)
		fprintf(stderr, "note: set %s: its kernels lose with the base set %s:%s\n",
			set->name, base->name, lost.data);
	text_free(&lost);
}

bool make_bundle(struct compile *c)
{
	struct text out = { 0 };
	char *path = work_path(c, "bundle/manifest");
	bool ok = true;
	int r;

	text_format(&out,
		    "# Policy bundle, see initward-bundle(5). Made with apparmor_parser %s.\n"
		    "version = 1\n",
		    c->parser.version);
	for (size_t s = 0; ok && s < c->n_sets; s++) {
		ok = add_set(c, s, &out);
		if (ok && s && !c->applications.n)
			say_lost(c, &c->set[s]);
	}
	ok = ok && check_manifest(&out);
	r = ok ? write_file(path, out.data, out.len) : 0;
	if (r < 0) {
		say("cannot write %s: %s", path, strerror(-r));
		ok = false;
	}
	text_free(&out);
	free(path);
	return ok;
}
