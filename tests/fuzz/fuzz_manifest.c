// SPDX-License-Identifier: LGPL-2.1-or-later
// max_len: 8192
/*
 * Any manifest: what is handed out lies in the text, sets are distinct and are walked once by rank,
 * and what one boot would load is sorted, unique, within the limits, and found.
 */
#include "fuzz.h"

#include <limits.h>

#include "blob.h"
#include "lines.h"
#include "manifest.h"

#define DIGEST " 00112233445566778899aabbccddeeff102132435465768798a9bacbdcedfe0f "

static struct manifest manifest;
static struct manifest_policy policy;

static const char *const *target_lines(size_t *n)
{
	static const char *const lines[] = {
		"set = a",
		"set = b",
		"rank = 0",
		"rank = 65535",
		"base = yes",
		"class = a b",
		"kernel = 1 2 3",
		"uses = a/b c d",
		"blob = enforce - 8388608" DIGEST "a/b c",
		"blob = complain - 2" DIGEST "b",
		"blob = any - 1" DIGEST "c",
		"blob = any application 1" DIGEST "d",
		"blob = any other 1" DIGEST "e",
		"profile = enforce global",
		"profile = complain global",
		"profile = enforce a",
		"profile = complain a//b c",
		"profile = kill k",
		"profile = unconfined u",
		"profile = user v",
		"# comment",
	};

	*n = sizeof(lines) / sizeof(*lines);
	return lines;
}

static void check_error(struct span text, const struct manifest_error *err)
{
	unsigned int lines = 1;

	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	REQUIRE(err->line <= lines && err->why && err->why[0]);
	if (err->word.n)
		require_inside(err->word, text.p, text.n);
}

static void check_head(struct span text, const struct manifest_set *set)
{
	struct kv at = kv_open(set->head), kernel = at;
	struct span path, words;

	require_inside(set->name, text.p, text.n);
	require_inside(set->classes, text.p, text.n);
	require_inside(set->head, text.p, text.n);
	require_inside(set->entries, text.p, text.n);
	REQUIRE(set->classes.n && set->entries.n);
	REQUIRE(set->head.p + set->head.n <= set->entries.p);
	REQUIRE(set->head_line <= set->entries_line);
	while (manifest_next_use(&at, &path, &words)) {
		require_inside(path, text.p, text.n);
		require_inside(words, text.p, text.n);
		REQUIRE(path.n);
	}
	while (kv_next(&kernel) > 0) {
		if (span_is(kernel.key, "kernel"))
			REQUIRE(manifest_exact(&manifest, kernel.value));
	}
}

static void check_sets(struct span text)
{
	const struct manifest_set *set;
	unsigned int seen = 0, bases = 0, below = UINT_MAX;

	REQUIRE(manifest.n_sets >= 1 && manifest.n_sets <= LIMIT_SETS);
	for (unsigned int i = 0; i < manifest.n_sets; i++) {
		check_head(text, &manifest.sets[i]);
		bases += manifest.sets[i].base;
	}
	REQUIRE(bases == (manifest_base(&manifest) != NULL));
	while ((set = manifest_next_rank(&manifest, below)) != NULL) {
		REQUIRE(set->rank < below);
		below = set->rank;
		seen++;
	}
	REQUIRE(seen == manifest.n_sets);
}

static void check_blobs(struct span text)
{
	unsigned int profiles = 0;
	size_t size = 0;

	for (unsigned int i = 0; i < policy.n_blobs; i++) {
		const struct manifest_blob *b = &policy.blobs[i];

		require_inside(b->path, text.p, text.n);
		REQUIRE(b->path.n && b->path.n <= LIMIT_NAME && b->path.p[0] != '/');
		REQUIRE(b->ns < policy.n_namespaces && b->count);
		REQUIRE(b->size && b->size <= LIMIT_BLOB && b->first == profiles);
		for (unsigned int j = 0; j < b->count; j++)
			REQUIRE(policy.profiles[b->first + j].ns == b->ns);
		profiles += b->count;
		size += b->size;
	}
	REQUIRE(profiles == policy.n_profiles && size == policy.size && size <= LIMIT_POLICY);
}

static void check_profiles(struct span text, enum policy want)
{
	for (unsigned int i = 0; i < policy.n_profiles; i++) {
		const struct manifest_profile *p = &policy.profiles[i], *s = policy.sorted[i];

		require_inside(p->name, text.p, text.n);
		REQUIRE(p->name.n && p->name.n <= LIMIT_NAME && p->name.p[0] != ':');
		REQUIRE(p->mode < MODE_COUNT && manifest_find(&policy, p->ns, p->name) == p);
		if (!p->ns)
			REQUIRE((want == POLICY_COMPLAIN) == (p->mode == MODE_COMPLAIN));
		if (i) {
			const struct manifest_profile *before = policy.sorted[i - 1];

			REQUIRE(before->ns < s->ns ||
				(before->ns == s->ns && span_cmp(before->name, s->name) < 0));
		}
	}
}

static void check_entries(struct span text, const struct manifest_set *set, enum policy want,
			  bool hidden)
{
	struct manifest_error err = { UINT_MAX, NULL, { NULL, 0 } };

	if (!manifest_entries(set, want, hidden, &policy, &err)) {
		check_error(text, &err);
		return;
	}
	REQUIRE(policy.n_namespaces >= 1 && policy.n_namespaces <= LIMIT_NAMESPACES + 1);
	REQUIRE(hidden || policy.n_namespaces == 1);
	REQUIRE(policy.n_blobs <= LIMIT_BLOBS && policy.n_profiles <= LIMIT_PROFILES);
	check_blobs(text);
	check_profiles(text, want);
	REQUIRE(manifest_find(&policy, 0, span_of("global")));
	REQUIRE(!manifest_find(&policy, policy.n_namespaces, span_of("global")));
	planted_bug(hidden && policy.n_namespaces == 3 && policy.n_profiles >= 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	struct manifest_error err = { UINT_MAX, NULL, { NULL, 0 } };

	if (!manifest_parse(text, &manifest, &err)) {
		check_error(text, &err);
		return 0;
	}
	check_sets(text);
	for (unsigned int i = 0; i < manifest.n_sets; i++) {
		for (int hidden = 0; hidden <= 1; hidden++) {
			check_entries(text, &manifest.sets[i], POLICY_COMPLAIN, hidden);
			check_entries(text, &manifest.sets[i], POLICY_ENFORCE, hidden);
		}
	}
	return 0;
}
