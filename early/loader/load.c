// SPDX-License-Identifier: LGPL-2.1-or-later
/* From the first change of kernel state on: load, read back, and take back when something fails. */
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "listing.h"

static int fail_name(struct boot *b, int err, const char *before, struct span name,
		     const char *after)
{
	(void)fail(b, 0, before, NULL);
	sb_quoted(&b->why, name);
	sb_str(&b->why, after);
	if (err)
		add_errno(&b->why, err);
	return STEP_FAILED;
}

/* Loading over a profile could not be taken back, and a name given twice over a loaded one oopses
 * the kernel. */
int step_not_loaded(struct boot *b)
{
	struct listing listing;

	if (read_listing(b, &listing) != STEP_OK)
		return STEP_FAILED;
	if (listing.present)
		return fail_name(b, 0, "profile ", listing.first,
				 " is loaded already; see what ran before");
	return STEP_OK;
}

/*
 * Without it an unprivileged user administers the policy of a namespace below the root from a
 * user namespace of his own (security/apparmor/policy.c aa_policy_admin_capable()).
 */
int step_sysctl(struct boot *b)
{
	char value[8];

	if (b->conf.mode != MODE_HIDDEN)
		return STEP_OK;
	if (need_line(b, AA_USERNS_SYSCTL, value, sizeof(value)) != STEP_OK)
		return STEP_FAILED;
	if (value[0] == '0')
		return STEP_OK;
	if (need_write(b, AA_USERNS_SYSCTL, "0") != STEP_OK)
		return STEP_FAILED;
	b->undo.userns_sysctl = value[0];
	return STEP_OK;
}

/* security/apparmor/policy_unpack.c: version, then structure. The other errors speak for
 * themselves. */
static const char *load_hint(int err)
{
	if (err == EPROTONOSUPPORT || err == EPROTO)
		return " (not a format of this kernel; compile for its set)";
	return "";
}

int step_load(struct boot *b)
{
	struct span data = b->data[0];

	/* From here on, since a write that is cut short may have loaded something. */
	b->undo.root_loaded = true;
	if (write_once(b, APPARMORFS "/.replace", data.p, data.n))
		return STEP_OK;
	return fail(b, errno, "the kernel refuses the policy", load_hint(errno), NULL);
}

/* apparmor/policy/namespaces/NS and FILE; names are at most LIMIT_NAME long, so that it fits. */
static const char *namespace_path(struct boot *b, unsigned int ns, const char *file)
{
	static char path[LIMIT_NAME + 80];
	struct strbuf sb;

	sb_init(&sb, path, sizeof(path));
	sb_str(&sb, APPARMORFS "/policy/namespaces/");
	sb_span(&sb, b->policy.namespaces[ns]);
	sb_str(&sb, file);
	return path;
}

static int make_namespace(struct boot *b, unsigned int ns)
{
	struct span name = b->policy.namespaces[ns], data = b->data[ns];

	if (mkdirat(b->root, namespace_path(b, ns, ""), 0755) < 0)
		return fail_name(b, errno, "policy namespace ", name, " cannot be made");
	b->undo.namespaces_made = ns;
	if (data.n && !write_once(b, namespace_path(b, ns, "/.replace"), data.p, data.n))
		return fail_name(b, errno, "the kernel refuses the policy of namespace ", name,
				 load_hint(errno));
	return STEP_OK;
}

int step_namespaces(struct boot *b)
{
	for (unsigned int ns = 1; ns < b->policy.n_namespaces; ns++) {
		if (make_namespace(b, ns) != STEP_OK)
			return STEP_FAILED;
	}
	return STEP_OK;
}

int step_read_back(struct boot *b)
{
	struct listing listing;

	if (read_listing(b, &listing) != STEP_OK)
		return STEP_FAILED;
	if (listing.present != b->policy.n_profiles)
		return fail_name(b, 0, "profile ", listing.missing,
				 " was written but the kernel does not list it");
	if (listing.wrong_mode.p)
		return fail_name(b, 0, "profile ", listing.wrong_mode,
				 " is loaded in another mode than the manifest's");
	return check_mode(b);
}

static bool remove_namespaces(struct boot *b)
{
	bool ok = true;

	for (; b->undo.namespaces_made; b->undo.namespaces_made--)
		ok &= unlinkat(b->root, namespace_path(b, b->undo.namespaces_made, ""),
			       AT_REMOVEDIR) == 0;
	return ok;
}

/* Children go with their parents, which sort before them: ENOENT is no failure, the listing
 * decides. */
static bool remove_profiles(struct boot *b)
{
	struct listing listing;

	for (unsigned int i = 0; i < b->policy.n_profiles; i++) {
		const struct manifest_profile *profile = b->policy.sorted[i];

		if (profile->ns == 0)
			(void)write_once(b, APPARMORFS "/.remove", profile->name.p,
					 profile->name.n);
	}
	b->undo.root_loaded = false;
	return read_listing(b, &listing) == STEP_OK && !listing.present;
}

int roll_back(struct boot *b)
{
	char value[2] = { b->undo.userns_sysctl, '\0' };
	bool ok = true;

	if (b->undo.sealed)
		return fail(b, 0, "policy is sealed: nothing can be taken back", NULL);
	/* There is no way to clear the exec label; unconfined has the same effect. */
	if (b->undo.label_set)
		ok &= need_write(b, AA_ATTR "/exec", "exec unconfined") == STEP_OK;
	b->undo.label_set = false;
	ok &= remove_namespaces(b);
	if (b->undo.root_loaded)
		ok &= remove_profiles(b);
	if (value[0])
		ok &= need_write(b, AA_USERNS_SYSCTL, value) == STEP_OK;
	b->undo.userns_sysctl = 0;
	return ok ? STEP_OK : fail(b, 0, "not everything could be taken back", NULL);
}
