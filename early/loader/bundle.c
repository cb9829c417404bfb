// SPDX-License-Identifier: LGPL-2.1-or-later
/* The policy bundle: into memory, checked to the last byte, before the kernel is touched. */
#include "io.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/utsname.h>

#include "blob.h"

static int fail_manifest(struct boot *b, const struct manifest_error *err)
{
	(void)fail(b, 0, "/" IMAGE_BUNDLE "/manifest: ", NULL);
	if (err->line) {
		sb_str(&b->why, "line ");
		sb_uint(&b->why, err->line);
		sb_str(&b->why, ": ");
	}
	sb_strs(&b->why, err->why, " ", NULL);
	sb_quoted(&b->why, err->word);
	sb_str(&b->why, "; run \"initward compile\" again");
	return STEP_FAILED;
}

int step_manifest(struct boot *b)
{
	uint8_t digest[SHA256_SIZE];
	struct manifest_error err;
	struct span text;

	if (need_large(b, IMAGE_BUNDLE "/manifest", LIMIT_MANIFEST, &text) != STEP_OK)
		return STEP_FAILED;
	sha256(text.p, text.n, digest);
	sha256_hex(digest, b->manifest_digest);
	if (!manifest_parse(text, &b->manifest, &err))
		return fail_manifest(b, &err);
	return STEP_OK;
}

/* Does the running kernel have all features that the policy of this set was compiled to use? */
static bool kernel_has(struct boot *b, const struct manifest_set *set)
{
	static char have[LIMIT_FEATURE];
	struct kv at = kv_open(set->head);
	struct span path, words;
	char name[LIMIT_NAME + 64];
	struct strbuf sb;
	ssize_t n;

	while (manifest_next_use(&at, &path, &words)) {
		sb_init(&sb, name, sizeof(name));
		sb_str(&sb, APPARMORFS "/features/");
		sb_span(&sb, path);
		n = read_file(b, name, have, sizeof(have));
		if (n < 0 || !span_words_subset(words, (struct span){ have, (size_t)n }))
			return false;
	}
	return true;
}

/* "RELEASE VERSION MACHINE", the same words that uname -rvm prints. */
static bool names_this_kernel(struct boot *b)
{
	char identity[sizeof(struct utsname)];
	struct strbuf sb;
	struct utsname u;

	if (uname(&u) < 0)
		return false;
	sb_init(&sb, identity, sizeof(identity));
	sb_strs(&sb, u.release, " ", u.version, " ", u.machine, NULL);
	b->set = manifest_exact(&b->manifest, span_of(identity));
	return b->set != NULL;
}

static bool fits_by_features(struct boot *b)
{
	const struct manifest_set *set = manifest_next_rank(&b->manifest, UINT_MAX);

	while (set && !kernel_has(b, set))
		set = manifest_next_rank(&b->manifest, set->rank);
	b->set = set;
	return set != NULL;
}

static enum fit choose(struct boot *b)
{
	if (names_this_kernel(b))
		return FIT_EXACT;
	if (fits_by_features(b))
		return FIT_FEATURES;
	b->set = manifest_base(&b->manifest);
	return b->set ? FIT_BASE : FIT_NONE;
}

static void note_lost(struct boot *b, const char *name)
{
	if (span_words_subset(span_of(name), b->set->classes))
		return;
	if (b->lost.len)
		sb_str(&b->lost, " ");
	sb_str(&b->lost, name);
}

int step_feature_set(struct boot *b)
{
	struct manifest_error err;

	b->fit = choose(b);
	if (b->fit == FIT_NONE)
		return fail(b, 0,
			    "no set of the bundle fits this kernel, and none is the base; add "
			    "the kernel's (initward features)",
			    NULL);
	if (b->fit != FIT_EXACT && each_name(b, APPARMORFS "/features", note_lost) != STEP_OK)
		return STEP_FAILED;
	if (!manifest_entries(b->set, b->conf.policy, b->conf.mode, &b->policy, &err))
		return fail_manifest(b, &err);
	return STEP_OK;
}

/* A policy of the administrator's own may have none: what the kernel starts is outside then, at these levels too. */
int step_helpers(struct boot *b)
{
	if (!config_latches(&b->conf) || b->conf.mode != MODE_HIDDEN ||
	    manifest_find(&b->policy, 0, span_of(HELPERS_PROFILE)))
		return STEP_OK;
	return fail(b, 0, "no profile \"" HELPERS_PROFILE "\": they run outside of the layer",
		    NULL);
}

static int fail_blob(struct boot *b, const struct manifest_blob *blob, const char *why, int err)
{
	(void)fail(b, 0, "policy blob /" IMAGE_BUNDLE "/", NULL);
	sb_span(&b->why, blob->path);
	sb_strs(&b->why, ": ", why, NULL);
	sb_errno(&b->why, err);
	return STEP_FAILED;
}

#define OTHER_PROFILES "its profiles are not the manifest's"

/* The blob holds exactly the profiles that the manifest names, in their modes, and no namespace. */
static int check_profiles(struct boot *b, const struct manifest_blob *blob, const char *data)
{
	const struct manifest_profile *want = &b->policy.profiles[blob->first];
	struct blob_profile have = { .name = NULL };
	unsigned int count = 0;
	size_t pos = 0;
	int r;

	while ((r = blob_next(data, blob->size, &pos, &have)) > 0) {
		if (have.ns)
			return fail_blob(b, blob, "it names a policy namespace", 0);
		if (count == blob->count ||
		    !span_eq(want[count].name, (struct span){ have.name, have.name_len }))
			return fail_blob(b, blob, OTHER_PROFILES, 0);
		if (have.mode != want[count].mode)
			return fail_blob(b, blob, "a profile's mode is not the manifest's", 0);
		count++;
	}
	if (r < 0)
		return fail_blob(b, blob, blob_error(r), 0);
	if (count != blob->count)
		return fail_blob(b, blob, OTHER_PROFILES, 0);
	return STEP_OK;
}

/* `data` has room for the blob and one byte more, so that a file that has grown is noticed. */
static int read_blob(struct boot *b, const struct manifest_blob *blob, char *data)
{
	char path[LIMIT_NAME + sizeof(IMAGE_BUNDLE) + 2];
	uint8_t digest[SHA256_SIZE];
	struct strbuf sb;
	ssize_t n;

	sb_init(&sb, path, sizeof(path));
	sb_str(&sb, IMAGE_BUNDLE "/");
	sb_span(&sb, blob->path);
	n = read_file(b, path, data, blob->size + 1);
	if (n < 0 && errno != EFBIG)
		return fail_blob(b, blob, "cannot be read", errno);
	if (n != (ssize_t)blob->size)
		return fail_blob(b, blob, "its size is not the manifest's", 0);
	sha256(data, blob->size, digest);
	if (memcmp(digest, blob->sha256, sizeof(digest)) != 0)
		return fail_blob(b, blob, "its SHA-256 is not the manifest's", 0);
	return check_profiles(b, blob, data);
}

/* All blobs of one namespace lie side by side: they go into the kernel with one write. */
static int read_namespace(struct boot *b, unsigned int ns, char **at)
{
	b->data[ns] = (struct span){ *at, 0 };
	for (unsigned int i = 0; i < b->policy.n_blobs; i++) {
		const struct manifest_blob *blob = &b->policy.blobs[i];

		if (blob->ns != ns)
			continue;
		if (read_blob(b, blob, *at) != STEP_OK)
			return STEP_FAILED;
		*at += blob->size;
		b->data[ns].n += blob->size;
	}
	return STEP_OK;
}

int step_read_policy(struct boot *b)
{
	char *at = map_memory(b->policy.size + 1);

	if (!at)
		return fail(b, errno, "no memory for the policy", NULL);
	for (unsigned int ns = 0; ns < b->policy.n_namespaces; ns++) {
		if (read_namespace(b, ns, &at) != STEP_OK)
			return STEP_FAILED;
	}
	return STEP_OK;
}
