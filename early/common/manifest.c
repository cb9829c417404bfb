// SPDX-License-Identifier: LGPL-2.1-or-later
#include "manifest.h"

#include <stdlib.h>
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

/* Relative, and no component that is empty, "." or "..": stays below the directory it is opened in.
 */
static bool is_inner_path(struct span path)
{
	struct span part;
	bool more = path.n && path.n <= LIMIT_NAME;

	if (!more)
		return false;
	while (more) {
		more = span_split(path, '/', &part, &path);
		if (!more)
			part = path;
		if (!part.n || span_is(part, ".") || span_is(part, ".."))
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

static bool name_is_taken(const struct manifest *m, struct span name)
{
	for (unsigned int i = 0; i < m->n_sets; i++) {
		if (span_eq(m->sets[i].name, name))
			return true;
	}
	return false;
}

static bool open_set(struct manifest *m, const struct kv *kv, struct manifest_error *err)
{
	struct manifest_set *set = &m->sets[m->n_sets];

	if (m->n_sets == LIMIT_SETS)
		return refuse(err, kv->line, "more sets than the limit", kv->value);
	if (!is_plain_name(kv->value))
		return refuse(err, kv->line, "not a name for a set:", kv->value);
	if (name_is_taken(m, kv->value))
		return refuse(err, kv->line, "the second set of this name:", kv->value);
	*set = (struct manifest_set){
		.name = kv->value,
		.rank = UINT16_MAX + 1,
		.head = { kv->rest.p, 0 },
		.head_line = kv->line,
	};
	m->n_sets++;
	return true;
}

static bool rank_is_taken(const struct manifest *m, uint64_t rank)
{
	for (unsigned int i = 0; i < m->n_sets; i++) {
		if (m->sets[i].rank == rank)
			return true;
	}
	return false;
}

static bool take_rank(struct manifest *m, struct manifest_set *set, const struct kv *kv,
		      struct manifest_error *err)
{
	uint64_t rank;

	if (!span_uint(kv->value, UINT16_MAX, &rank) || rank_is_taken(m, rank) ||
	    set->rank <= UINT16_MAX)
		return refuse(err, kv->line, "not one rank of its own from 0 to 65535:", kv->value);
	set->rank = (unsigned int)rank;
	return true;
}

static bool take_use(const struct kv *kv, struct manifest_error *err)
{
	struct span value = kv->value, path;

	if (!take_word(&value, &path) || !is_inner_path(path))
		return refuse(err, kv->line, "not a path below apparmor/features:", kv->value);
	return true;
}

static bool take_head_line(struct manifest *m, struct manifest_set *set, const struct kv *kv,
			   struct manifest_error *err)
{
	if (span_is(kv->key, "rank"))
		return take_rank(m, set, kv, err);
	if (span_is(kv->key, "uses"))
		return take_use(kv, err);
	if (span_is(kv->key, "kernel"))
		return kv->value.n || refuse(err, kv->line, "an empty kernel identity", kv->key);
	if (span_is(kv->key, "base")) {
		if (!span_is(kv->value, "yes") || manifest_base(m))
			return refuse(err, kv->line, "not the one \"base = yes\":", kv->value);
		set->base = true;
		return true;
	}
	if (span_is(kv->key, "class")) {
		if (set->classes.n || !kv->value.n)
			return refuse(err, kv->line, "not the one list of classes:", kv->value);
		set->classes = kv->value;
		return true;
	}
	return refuse(err, kv->line, "unknown key", kv->key);
}

static bool take_line(struct manifest *m, const struct kv *kv, struct manifest_error *err)
{
	struct manifest_set *set = m->n_sets ? &m->sets[m->n_sets - 1] : NULL;
	bool entry = span_is(kv->key, "blob") || span_is(kv->key, "profile");

	if (span_is(kv->key, "set"))
		return open_set(m, kv, err);
	if (!set)
		return refuse(err, kv->line, "before the first set:", kv->key);
	if (entry && !set->entries.p) {
		set->entries.p = kv->text.p;
		set->entries_line = kv->line - 1;
	}
	if (entry) {
		set->entries.n = (size_t)(kv->rest.p - set->entries.p);
		return true;
	}
	if (set->entries.p)
		return refuse(err, kv->line, "behind the first blob of the set:", kv->key);
	if (!take_head_line(m, set, kv, err))
		return false;
	set->head.n = (size_t)(kv->rest.p - set->head.p);
	return true;
}

static bool sets_are_whole(const struct manifest *m, struct manifest_error *err)
{
	for (unsigned int i = 0; i < m->n_sets; i++) {
		const struct manifest_set *set = &m->sets[i];

		if (set->rank > UINT16_MAX)
			return refuse(err, set->head_line, "a set without a rank:", set->name);
		if (!set->classes.n)
			return refuse(err, set->head_line, "a set without classes:", set->name);
		if (!set->entries.n)
			return refuse(err, set->head_line, "a set without blobs:", set->name);
	}
	return m->n_sets || refuse(err, 0, "no set at all", span_of(""));
}

bool manifest_parse(struct span text, struct manifest *ret, struct manifest_error *err)
{
	struct kv kv = kv_open(text);
	int r;

	ret->n_sets = 0;
	if (!kv_version(&kv))
		return refuse(err, kv.line, "the first line has to be \"version = 1\", not",
			      kv.text);
	while ((r = kv_next(&kv)) > 0) {
		if (!take_line(ret, &kv, err))
			return false;
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

/* The index of a namespace, which is added where it is new; -1 where there is no room. */
static int namespace_index(struct manifest_policy *p, struct span ns)
{
	for (unsigned int i = 0; i < p->n_namespaces; i++) {
		if (span_eq(p->namespaces[i], ns))
			return (int)i;
	}
	if (p->n_namespaces > LIMIT_NAMESPACES)
		return -1;
	p->namespaces[p->n_namespaces] = ns;
	return (int)p->n_namespaces++;
}

static bool belongs(struct span word, enum policy policy)
{
	return span_is(word, "any") || span_is(word, policy_name(policy));
}

/* One blob line. *ret is the blob, or NULL where it is not of this policy or this mode. */
static bool take_blob(const struct kv *kv, enum policy policy, bool hidden,
		      struct manifest_policy *p, struct manifest_blob **ret,
		      struct manifest_error *err)
{
	struct span value = kv->value, which, ns, size, hex;
	struct manifest_blob blob = { .first = p->n_profiles };
	uint64_t bytes;
	int index;

	if (!take_word(&value, &which) || !take_word(&value, &ns) || !take_word(&value, &size) ||
	    !take_word(&value, &hex))
		return refuse(err, kv->line,
			      "not \"POLICY NAMESPACE BYTES SHA256 PATH\":", kv->value);
	if (!belongs(which, POLICY_COMPLAIN) && !belongs(which, POLICY_ENFORCE))
		return refuse(err, kv->line, "unknown policy", which);
	if (!span_is(ns, "-") && !is_plain_name(ns))
		return refuse(err, kv->line, "not a namespace:", ns);
	if (!span_uint(size, LIMIT_BLOB, &bytes) || !bytes)
		return refuse(err, kv->line, "not a size within the limit:", size);
	if (!sha256_parse(hex, blob.sha256))
		return refuse(err, kv->line, "not a SHA-256:", hex);
	if (!is_inner_path(value))
		return refuse(err, kv->line, "not a path below the bundle:", value);
	*ret = NULL;
	if (!belongs(which, policy) || (!hidden && !span_is(ns, "-")))
		return true;
	index = namespace_index(p, ns);
	if (index < 0 || p->n_blobs == LIMIT_BLOBS || p->size + bytes > LIMIT_POLICY)
		return refuse(err, kv->line, "more policy than the limit:", value);
	blob.path = value;
	blob.ns = (unsigned int)index;
	blob.size = (size_t)bytes;
	p->size += blob.size;
	*ret = &p->blobs[p->n_blobs++];
	**ret = blob;
	return true;
}

static int mode_index(struct span word)
{
	for (unsigned int i = 0; i < MODE_COUNT; i++) {
		if (span_is(word, profile_mode_name(i)))
			return (int)i;
	}
	return -1;
}

/* One profile line; `blob` is NULL where its blob is not wanted. */
static bool take_profile(const struct kv *kv, struct manifest_policy *p, struct manifest_blob *blob,
			 struct manifest_error *err)
{
	struct span name = kv->value, word;
	int mode;

	if (!take_word(&name, &word))
		return refuse(err, kv->line, "not \"MODE NAME\":", kv->value);
	mode = mode_index(word);
	if (mode < 0)
		return refuse(err, kv->line, "unknown profile mode", word);
	if (!name.n || name.n > LIMIT_NAME || name.p[0] == ':')
		return refuse(err, kv->line, "not a profile name without namespace:", name);
	if (!blob)
		return true;
	if (p->n_profiles == LIMIT_PROFILES)
		return refuse(err, kv->line, "more profiles than the limit:", name);
	p->profiles[p->n_profiles++] = (struct manifest_profile){
		.name = name,
		.mode = (unsigned int)mode,
		.ns = blob->ns,
	};
	blob->count++;
	return true;
}

static int compare(const struct manifest_profile *a, const struct manifest_profile *b)
{
	if (a->ns != b->ns)
		return a->ns < b->ns ? -1 : 1;
	return span_cmp(a->name, b->name);
}

static int compare_sorted(const void *a, const void *b)
{
	return compare(*(const struct manifest_profile *const *)a,
		       *(const struct manifest_profile *const *)b);
}

/* Sorts, and finds names that stand twice. */
static bool index_profiles(struct manifest_policy *p, struct manifest_error *err)
{
	for (unsigned int i = 0; i < p->n_profiles; i++)
		p->sorted[i] = &p->profiles[i];
	qsort(p->sorted, p->n_profiles, sizeof(*p->sorted), compare_sorted);
	for (unsigned int i = 1; i < p->n_profiles; i++) {
		if (compare(p->sorted[i - 1], p->sorted[i]) == 0)
			return refuse(err, 0,
				      "two profiles of one name in one namespace, which would "
				      "oops the kernel:",
				      p->sorted[i]->name);
	}
	return true;
}

const struct manifest_profile *manifest_find(const struct manifest_policy *p, unsigned int ns,
					     struct span name)
{
	struct manifest_profile key = { .name = name, .ns = ns }, *wanted = &key;
	const struct manifest_profile *const *found;

	found = bsearch(&wanted, p->sorted, p->n_profiles, sizeof(*p->sorted), compare_sorted);
	return found ? *found : NULL;
}

/* Root profiles are all of the policy that was asked for: a complain one would make "enforce" a
 * lie. */
static bool root_modes_fit(const struct manifest_set *set, enum policy policy,
			   const struct manifest_policy *p, struct manifest_error *err)
{
	for (unsigned int i = 0; i < p->n_profiles; i++) {
		const struct manifest_profile *profile = &p->profiles[i];
		bool dry = profile->mode == MODE_COMPLAIN;
		bool strict = profile->mode == MODE_ENFORCE || profile->mode == MODE_KILL;

		if (!profile->ns && !(policy == POLICY_COMPLAIN ? dry : strict))
			return refuse(err, set->entries_line,
				      "a root profile whose mode is not that of the policy:",
				      profile->name);
	}
	return true;
}

bool manifest_entries(const struct manifest_set *set, enum policy policy, bool hidden,
		      struct manifest_policy *ret, struct manifest_error *err)
{
	struct kv kv = kv_open(set->entries);
	struct manifest_blob *blob = NULL;
	unsigned int count = 1;
	bool any = false;

	ret->namespaces[0] = span_of("-");
	ret->n_namespaces = 1;
	ret->n_blobs = ret->n_profiles = 0;
	ret->size = 0;
	kv.line = set->entries_line;
	while (kv_next(&kv) > 0) {
		bool is_blob = span_is(kv.key, "blob");

		if (is_blob && !count)
			return refuse(err, kv.line, "behind a blob without profiles:", kv.value);
		if (!is_blob && !any)
			return refuse(err, kv.line, "a profile before the first blob:", kv.value);
		count = is_blob ? 0 : count + 1;
		any = true;
		if (is_blob ? !take_blob(&kv, policy, hidden, ret, &blob, err)
			    : !take_profile(&kv, ret, blob, err))
			return false;
	}
	if (!count)
		return refuse(err, kv.line, "a blob without profiles", set->name);
	if (!root_modes_fit(set, policy, ret, err) || !index_profiles(ret, err))
		return false;
	if (!manifest_find(ret, 0, span_of("global")))
		return refuse(err, set->head_line, "no root profile \"global\" in set", set->name);
	return true;
}
