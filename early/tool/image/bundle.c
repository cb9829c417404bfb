// SPDX-License-Identifier: LGPL-2.1-or-later
/* The bundle of an image, checked as early/loader/bundle.c does, and further than it can. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blob.h"
#include "image/steps.h"
#include "places.h"
#include "tool.h"

struct bundle *bundle_new(void)
{
	struct bundle *b = calloc(1, sizeof(*b)); /* touched only as far as it is used */

	if (b)
		return b;
	say("out of memory (%zu bytes)", sizeof(*b));
	exit(TOOL_FAILED);
}

static bool fail_manifest(struct bundle *b, const struct manifest_error *err)
{
	begin_why(b->why, 0, "/" IMAGE_BUNDLE "/manifest: ", NULL);
	if (err->line) {
		sb_str(b->why, "line ");
		sb_uint(b->why, err->line);
		sb_str(b->why, ": ");
	}
	sb_strs(b->why, err->why, " ", NULL);
	sb_quoted(b->why, err->word);
	sb_str(b->why, "; run \"initward compile\" again");
	return false;
}

bool bundle_open(struct bundle *b, const struct image *image, char digest[SHA256_HEX],
		 struct strbuf *why)
{
	struct manifest_error manifest_err;
	uint8_t sum[SHA256_SIZE];
	int err;

	b->image = image;
	b->why = why;
	err = content_read(image, IMAGE_BUNDLE "/manifest", LIMIT_MANIFEST, &b->text);
	if (err) {
		begin_why(why, err, "/" IMAGE_BUNDLE "/manifest cannot be read", NULL);
		return false;
	}
	sha256(b->text.data.p, b->text.data.n, sum);
	sha256_hex(sum, digest);
	return manifest_parse(b->text.data, &b->manifest, &manifest_err) ||
	       fail_manifest(b, &manifest_err);
}

bool bundle_entries(struct bundle *b, const struct manifest_set *set, enum policy policy,
		    enum mode mode)
{
	struct manifest_error err;

	return manifest_entries(set, policy, mode, &b->policy, &err) || fail_manifest(b, &err);
}

static bool fail_blob(struct bundle *b, const struct manifest_blob *blob, const char *why, int err)
{
	begin_why(b->why, 0, "policy blob /" IMAGE_BUNDLE "/", NULL);
	sb_span(b->why, blob->path);
	sb_strs(b->why, ": ", why, NULL);
	sb_errno(b->why, err);
	return false;
}

#define OTHER_PROFILES "its profiles are not the manifest's"

/* As the loader's check_profiles(). */
static bool check_profiles(struct bundle *b, const struct manifest_blob *blob, const char *data)
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
	return count == blob->count || fail_blob(b, blob, OTHER_PROFILES, 0);
}

/* What the kernel does with a blob that the loader has found whole. True: "global" is in it. */
static bool look_into(struct bundle *b, const struct manifest_blob *blob, struct span data)
{
	const struct manifest_profile *profile = &b->policy.profiles[blob->first];
	struct compiled_policy policy;
	bool global = false;
	size_t pos = 0;

	for (unsigned int i = 0; i < blob->count; i++) {
		if (!policy_next(data, &pos, &policy, &b->needs[blob->ns])) {
			b->sound[blob->ns] = false;
			return global;
		}
		if (blob->ns || !span_is(profile[i].name, GLOBAL_PROFILE))
			continue;
		b->global = policy;
		global = true;
	}
	return global;
}

static bool read_blob(struct bundle *b, const struct manifest_blob *blob)
{
	char path[LIMIT_NAME + sizeof(IMAGE_BUNDLE) + 2];
	uint8_t digest[SHA256_SIZE];
	struct content content;
	struct strbuf sb;
	int err;
	bool ok;

	sb_init(&sb, path, sizeof(path));
	sb_str(&sb, IMAGE_BUNDLE "/");
	sb_span(&sb, blob->path);
	err = content_read(b->image, path, blob->size, &content);
	if (err && err != EFBIG)
		return fail_blob(b, blob, "cannot be read", err);
	if (err || content.data.n != blob->size) {
		content_free(&content);
		return fail_blob(b, blob, "its size is not the manifest's", 0);
	}
	sha256(content.data.p, blob->size, digest);
	if (memcmp(digest, blob->sha256, sizeof(digest)) != 0)
		ok = fail_blob(b, blob, "its SHA-256 is not the manifest's", 0);
	else
		ok = check_profiles(b, blob, content.data.p);
	if (ok && look_into(b, blob, content.data))
		b->global_blob = content;
	else
		content_free(&content);
	return ok;
}

/* Those of one namespace go into the kernel with one write: they are read in that order. */
bool bundle_blobs(struct bundle *b)
{
	content_free(&b->global_blob);
	b->global = (struct compiled_policy){ .complain = false };
	for (unsigned int ns = 0; ns < b->policy.n_namespaces; ns++) {
		b->needs[ns] = (struct policy_needs){ .abi = 0 };
		b->sound[ns] = true;
		for (unsigned int i = 0; i < b->policy.n_blobs; i++) {
			if (b->policy.blobs[i].ns == ns && !read_blob(b, &b->policy.blobs[i]))
				return false;
		}
	}
	return true;
}

/* The loader's load_hint(), which is of both. */
#define REFUSED " (not a format of this kernel; compile for its set)"

static enum policy_fit refuse(struct bundle *b, unsigned int ns)
{
	if (!ns) {
		begin_why(b->why, EPROTO, "the kernel refuses the policy" REFUSED, NULL);
		return POLICY_REFUSED;
	}
	begin_why(b->why, 0, "the kernel refuses the policy of namespace ", NULL);
	sb_quoted(b->why, b->policy.namespaces[ns]);
	sb_str(b->why, REFUSED);
	sb_errno(b->why, EPROTO);
	return POLICY_REFUSED;
}

enum policy_fit bundle_loads(struct bundle *b, const struct featset *features, const char **step)
{
	enum policy_fit worst = POLICY_FITS;

	for (unsigned int ns = 0; ns < b->policy.n_namespaces; ns++) {
		enum policy_fit fit = policy_fits(&b->needs[ns], features);

		*step = ns ? "policy namespaces" : "load";
		if (!b->sound[ns] || fit == POLICY_REFUSED)
			return refuse(b, ns);
		if (fit == POLICY_UNCLEAR)
			worst = fit;
	}
	*step = "load";
	if (worst == POLICY_UNCLEAR)
		begin_why(b->why, 0,
			  "the policy is in a format that not every kernel knows, and the kernel's "
			  "features are not known",
			  NULL);
	return worst;
}

bool bundle_proves(struct bundle *b, enum policy policy, bool strict)
{
	bool enforce = policy == POLICY_ENFORCE;
	uint64_t steps = UINT64_MAX;
	bool refused = !policy_may(&b->global, PROOF_PATH, POLICY_CHOWN, &steps);
	bool control = !policy_may(&b->global, CONTROL_PATH, POLICY_CHOWN, &steps);

	bool admin = !control && refused && enforce && strict && b->global.mac_admin;

	if (!control && refused == enforce && !admin)
		return true;
	begin_why(b->why, 0, "not in force as configured: a write to ",
		  admin ? LOAD_PATH : PROOF_PATH, " is ",
		  control   ? "refused, but so is " CONTROL_PATH
		  : admin   ? "not refused for want of mac_admin"
		  : refused ? "refused"
			    : "not refused",
		  NULL);
	return false;
}

void bundle_free(struct bundle *b)
{
	content_free(&b->text);
	content_free(&b->global_blob);
	free(b);
}

static void add_fault(struct bundle *b, const struct manifest_set *set, struct list *faults)
{
	char *fault = set ? format("set %.*s: %s", (int)set->name.n, set->name.p, b->why->buf)
			  : dup_str(b->why->buf);

	if (list_has(faults, fault))
		free(fault);
	else
		list_add(faults, fault);
}

static void check_set(struct bundle *b, const struct manifest_set *set, enum policy policy,
		      struct list *faults)
{
	bool ok = bundle_entries(b, set, policy, MODE_HIDDEN) && bundle_blobs(b), sound = true;

	for (unsigned int ns = 0; ok && ns < b->policy.n_namespaces; ns++)
		sound = sound && b->sound[ns];
	if (ok && !sound) {
		begin_why(b->why, 0, "a blob of policy=", policy_name(policy),
			  " is damaged inside: every kernel refuses it; run \"initward compile\" "
			  "again",
			  NULL);
		ok = false;
	}
	if (!ok || !bundle_proves(b, policy, false))
		add_fault(b, set, faults);
}

bool check_bundle(const struct image *image, struct list *faults)
{
	struct bundle *b = bundle_new();
	char digest[SHA256_HEX], buf[LIMIT_MESSAGE];
	size_t before = faults->n;
	struct strbuf why;

	sb_init(&why, buf, sizeof(buf));
	if (!bundle_open(b, image, digest, &why)) {
		add_fault(b, NULL, faults);
	} else {
		for (unsigned int i = 0; i < b->manifest.n_sets; i++) {
			check_set(b, &b->manifest.sets[i], POLICY_ENFORCE, faults);
			check_set(b, &b->manifest.sets[i], POLICY_COMPLAIN, faults);
		}
	}
	bundle_free(b);
	return faults->n == before;
}
