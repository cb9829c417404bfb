// SPDX-License-Identifier: LGPL-2.1-or-later
#include "manifest.h"

#include <string.h>

#include "blob.h"

static bool refuse(struct manifest_error *err, unsigned int line, const char *why, struct span word)
{
	*err = (struct manifest_error){ line, why, word };
	return false;
}

/* Letters, digits, '.', '_', '-', and the first of them no dot: safe as a file name. */
static bool is_plain_name(struct span s)
{
	if (!s.n || s.n > LIMIT_NAME || s.p[0] == '.')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '.' || c == '_' || c == '-'))
			return false;
	}
	return true;
}

/* Relative, and no "..": stays below the directory it is opened in. */
static bool is_inner_path(struct span path)
{
	if (!path.n || path.n > LIMIT_NAME || path.p[0] == '/')
		return false;
	for (size_t i = 1; i < path.n; i++) {
		if (path.p[i] == '.' && path.p[i - 1] == '.')
			return false;
	}
	return true;
}

/* Takes the first word off *value, which then begins behind the blanks that follow. */
static bool take_word(struct span *value, struct span *ret)
{
	bool found = span_next_word(value, ret);

	*value = span_trim(*value);
	return found;
}

/* The functions that take a line return NULL where it is right, else what is wrong with it. */
static const char *open_set(struct manifest *m, const struct kv *kv)
{
	struct manifest_set *set = &m->sets[m->n_sets];

	if (m->n_sets == LIMIT_SETS)
		return "more sets than the limit";
	if (!is_plain_name(kv->value))
		return "not a name";
	*set = (struct manifest_set){
		.name = kv->value,
		.rank = UINT16_MAX + 1,
		.head = { kv->rest.p, 0 },
		.head_line = kv->line,
	};
	m->n_sets++;
	return NULL;
}

static bool rank_is_taken(const struct manifest *m, uint64_t rank)
{
	for (unsigned int i = 0; i < m->n_sets; i++) {
		if (m->sets[i].rank == rank)
			return true;
	}
	return false;
}

static bool take_rank(const struct manifest *m, struct manifest_set *set, struct span value)
{
	uint64_t rank;

	if (!span_uint(value, UINT16_MAX, &rank) || rank_is_taken(m, rank) ||
	    set->rank <= UINT16_MAX)
		return false;
	set->rank = (unsigned int)rank;
	return true;
}

static bool take_base(const struct manifest *m, struct manifest_set *set, struct span value)
{
	if (!span_is(value, "yes") || manifest_base(m))
		return false;
	set->base = true;
	return true;
}

static bool take_classes(struct manifest_set *set, struct span value)
{
	if (set->classes.n || !value.n)
		return false;
	set->classes = value;
	return true;
}

static const char *take_head_line(struct manifest *m, struct manifest_set *set, const struct kv *kv)
{
	bool ok;

	if (span_is(kv->key, "rank"))
		ok = take_rank(m, set, kv->value);
	else if (span_is(kv->key, "uses") || span_is(kv->key, "kernel"))
		ok = kv->value.n != 0;
	else if (span_is(kv->key, "base"))
		ok = take_base(m, set, kv->value);
	else if (span_is(kv->key, "class"))
		ok = take_classes(set, kv->value);
	else
		return "unknown key";
	return ok ? NULL : "bad or repeated value";
}

static bool is_entry(const struct kv *kv)
{
	return span_is(kv->key, "blob") || span_is(kv->key, "profile");
}

static const char *take_line(struct manifest *m, const struct kv *kv)
{
	struct manifest_set *set = m->n_sets ? &m->sets[m->n_sets - 1] : NULL;
	const char *why;

	if (span_is(kv->key, "set"))
		return open_set(m, kv);
	if (!set)
		return "before the first set";
	if (is_entry(kv)) {
		if (!set->entries.p) {
			if (!span_is(kv->key, "blob"))
				return "a profile before the first blob";
			set->entries.p = kv->text.p;
			set->entries_line = kv->line - 1;
		}
		set->entries.n = (size_t)(kv->rest.p - set->entries.p);
		return NULL;
	}
	if (set->entries.p)
		return "behind the first blob of the set";
	why = take_head_line(m, set, kv);
	set->head.n = (size_t)(kv->rest.p - set->head.p);
	return why;
}

static bool sets_are_whole(const struct manifest *m, struct manifest_error *err)
{
	for (unsigned int i = 0; i < m->n_sets; i++) {
		const struct manifest_set *set = &m->sets[i];

		if (set->rank > UINT16_MAX || !set->classes.n || !set->entries.n)
			return refuse(err, set->head_line,
				      "a set without rank, class or blob:", set->name);
	}
	return m->n_sets || refuse(err, 0, "no set at all", span_of(""));
}

bool manifest_parse(struct span text, struct manifest *ret, struct manifest_error *err)
{
	struct kv kv = kv_open(text);
	const char *why;
	int r;

	ret->n_sets = 0;
	if (!kv_version(&kv))
		return refuse(err, kv.line, "the first line has to be \"version = 1\", not",
			      kv.text);
	while ((r = kv_next(&kv)) > 0) {
		why = take_line(ret, &kv);
		if (why)
			return refuse(err, kv.line, why, kv.text);
	}
	if (r < 0)
		return refuse(err, kv.line, "not \"key = value\" in plain text:", kv.text);
	return sets_are_whole(ret, err);
}

static bool set_names_kernel(const struct manifest_set *set, struct span identity)
{
	struct kv kv = kv_open(set->head);

	while (kv_next(&kv) > 0) {
		if (span_is(kv.key, "kernel") && span_eq(kv.value, identity))
			return true;
	}
	return false;
}

const struct manifest_set *manifest_exact(const struct manifest *m, struct span identity)
{
	for (unsigned int i = 0; i < m->n_sets; i++) {
		if (set_names_kernel(&m->sets[i], identity))
			return &m->sets[i];
	}
	return NULL;
}

const struct manifest_set *manifest_next_rank(const struct manifest *m, unsigned int below)
{
	const struct manifest_set *best = NULL;

	for (unsigned int i = 0; i < m->n_sets; i++) {
		const struct manifest_set *set = &m->sets[i];

		if (set->rank < below && (!best || set->rank > best->rank))
			best = set;
	}
	return best;
}

const struct manifest_set *manifest_base(const struct manifest *m)
{
	for (unsigned int i = 0; i < m->n_sets; i++) {
		if (m->sets[i].base)
			return &m->sets[i];
	}
	return NULL;
}

bool manifest_next_use(struct kv *at, struct span *path, struct span *words)
{
	while (kv_next(at) > 0) {
		if (!span_is(at->key, "uses"))
			continue;
		*words = at->value;
		return take_word(words, path);
	}
	return false;
}

int manifest_namespace(const struct manifest_policy *p, struct span ns)
{
	for (unsigned int i = 0; i < p->n_namespaces; i++) {
		if (span_eq(p->namespaces[i], ns))
			return (int)i;
	}
	return -1;
}

/* The index of a namespace, which is added where it is new; -1 where there is no room. */
static int namespace_index(struct manifest_policy *p, struct span ns)
{
	int i = manifest_namespace(p, ns);

	if (i >= 0 || p->n_namespaces > LIMIT_NAMESPACES)
		return i;
	p->namespaces[p->n_namespaces] = ns;
	return (int)p->n_namespaces++;
}

static bool belongs(struct span word, enum policy policy)
{
	return span_is(word, "any") || span_is(word, policy_name(policy));
}

/* "POLICY NAMESPACE BYTES SHA256 PATH"; *which and *ns are checked, not looked at. */
static bool read_blob_line(struct span value, struct span *which, struct span *ns,
			   struct manifest_blob *blob)
{
	struct span size, hex;
	uint64_t bytes = 0;

	if (!take_word(&value, which) || !take_word(&value, ns) || !take_word(&value, &size) ||
	    !take_word(&value, &hex))
		return false;
	blob->path = value;
	if (!span_uint(size, LIMIT_BLOB, &bytes) || !bytes)
		return false;
	blob->size = (size_t)bytes;
	return (belongs(*which, POLICY_COMPLAIN) || belongs(*which, POLICY_ENFORCE)) &&
	       (span_is(*ns, "-") || is_plain_name(*ns)) && sha256_parse(hex, blob->sha256) &&
	       is_inner_path(value);
}

/* What one boot asks of a set. */
struct selection {
	enum policy policy;
	enum mode mode;
	struct manifest_blob *blob; /* the last one, NULL where it is not asked for */
	unsigned int count;	    /* of its profiles */
	bool helpers;		    /* it is that of HELPERS_PROFILE */
};

static const char *take_blob(struct manifest_policy *p, struct selection *sel, struct span value)
{
	struct manifest_blob *blob = &p->blobs[p->n_blobs];
	struct span which, ns;
	int index;

	if (!read_blob_line(value, &which, &ns, blob))
		return "not a blob \"POLICY NAMESPACE BYTES SHA256 PATH\" within the limits:";
	sel->blob = NULL;
	sel->count = 0;
	if (!belongs(which, sel->policy) || (sel->mode == MODE_VISIBLE && !span_is(ns, "-")))
		return NULL;
	index = namespace_index(p, ns);
	p->size += blob->size;
	if (index < 0 || p->n_blobs == LIMIT_BLOBS || p->size > LIMIT_POLICY)
		return "more policy than the limit:";
	blob->ns = (unsigned int)index;
	blob->first = p->n_profiles;
	blob->count = 0;
	sel->blob = blob;
	p->n_blobs++;
	return NULL;
}

static int compare(const struct manifest_profile *a, const struct manifest_profile *b)
{
	if (a->ns != b->ns)
		return a->ns < b->ns ? -1 : 1;
	return span_cmp(a->name, b->name);
}

/* The place of `wanted` in the sorted index, or where it would have to be. */
static unsigned int place(const struct manifest_policy *p, const struct manifest_profile *wanted,
			  bool *found)
{
	unsigned int low = 0, high = p->n_profiles;

	*found = false;
	while (low < high && !*found) {
		unsigned int middle = low + (high - low) / 2;
		int order = compare(p->sorted[middle], wanted);

		*found = order == 0;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return high;
}

/*
 * Counts p->profiles[p->n_profiles], which is `profile`, and puts it into the index. A bundle is
 * written in order, so that this moves nothing; false for a name that stands there already.
 */
static bool index_profile(struct manifest_policy *p, const struct manifest_profile *profile)
{
	bool found;
	unsigned int at = place(p, profile, &found);

	if (found)
		return false;
	memmove(&p->sorted[at + 1], &p->sorted[at], (p->n_profiles - at) * sizeof(*p->sorted));
	p->sorted[at] = profile;
	p->n_profiles++;
	return true;
}

const struct manifest_profile *manifest_find(const struct manifest_policy *p, unsigned int ns,
					     struct span name)
{
	struct manifest_profile wanted = { .name = name, .ns = ns };
	bool found;
	unsigned int at = place(p, &wanted, &found);

	return found ? p->sorted[at] : NULL;
}

/*
 * Root profiles are all of the policy that was asked for: a complain one would make "enforce" a
 * lie.
 */
static bool mode_fits(enum policy policy, unsigned int mode)
{
	if (policy == POLICY_COMPLAIN)
		return mode == MODE_COMPLAIN;
	return mode == MODE_ENFORCE || mode == MODE_KILL;
}

/* The profile for what the kernel starts, or a child of it. */
static bool is_of_helpers(struct span name)
{
	return span_is(name, HELPERS_PROFILE) || span_starts(name, HELPERS_PROFILE "//");
}

static const char *take_profile(struct manifest_policy *p, struct selection *sel, struct span name)
{
	struct manifest_profile *profile = &p->profiles[p->n_profiles];
	struct span word = { name.p, 0 };
	int mode;

	(void)take_word(&name, &word);
	mode = profile_mode_index(word);
	if (mode < 0 || !name.n || name.n > LIMIT_NAME || name.p[0] == ':')
		return "not a profile \"MODE NAME\" without namespace:";
	sel->count++;
	if (!sel->blob)
		return NULL;
	if (sel->count == 1)
		sel->helpers = !sel->blob->ns && is_of_helpers(name);
	if (!sel->blob->ns && sel->helpers != is_of_helpers(name))
		return "\"" HELPERS_PROFILE "\" wants a file of its own, beside it:";
	/* Its blob is not loaded then: nothing of it counts. */
	if (sel->helpers && sel->mode != MODE_HIDDEN) {
		p->size -= sel->blob->size;
		p->n_blobs--;
		sel->blob = NULL;
		return NULL;
	}
	if (p->n_profiles == LIMIT_PROFILES)
		return "more profiles than the limit:";
	if (!sel->blob->ns && !mode_fits(sel->policy, (unsigned int)mode))
		return "a root profile whose mode is not that of the policy:";
	*profile = (struct manifest_profile){ name, (unsigned int)mode, sel->blob->ns };
	sel->blob->count++;
	return index_profile(p, profile)
		       ? NULL
		       : "the second profile of this name, which would oops the kernel:";
}

static const char *take_entry(struct manifest_policy *p, struct selection *sel, const struct kv *kv)
{
	if (!span_is(kv->key, "blob"))
		return take_profile(p, sel, kv->value);
	return sel->count ? take_blob(p, sel, kv->value) : "behind a blob without profiles:";
}

bool manifest_entries(const struct manifest_set *set, enum policy policy, enum mode mode,
		      struct manifest_policy *ret, struct manifest_error *err)
{
	struct selection sel = { policy, mode, NULL, 1, false };
	struct kv kv = kv_open(set->entries);
	const char *why;

	ret->namespaces[0] = span_of("-");
	ret->n_namespaces = 1;
	if (mode != MODE_VISIBLE)
		(void)namespace_index(ret, span_of(APPLICATION_NS));
	ret->n_blobs = ret->n_profiles = 0;
	ret->size = 0;
	kv.line = set->entries_line;
	while (kv_next(&kv) > 0) {
		why = take_entry(ret, &sel, &kv);
		if (why)
			return refuse(err, kv.line, why, kv.value);
	}
	if (!sel.count)
		return refuse(err, kv.line, "a blob without profiles", set->name);
	if (!manifest_find(ret, 0, span_of(GLOBAL_PROFILE)))
		return refuse(err, set->head_line, "no root profile \"" GLOBAL_PROFILE "\" in set",
			      set->name);
	return true;
}
