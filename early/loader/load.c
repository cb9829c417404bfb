// SPDX-License-Identifier: LGPL-2.1-or-later
/* From the first change of kernel state on: load, read back, and take back when something fails. */
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys.h"

#include "listing.h"

static int fail_name(struct boot *b, int err, const char *before, struct span name,
		     const char *after)
{
	(void)fail(b, 0, before, NULL);
	sb_quoted(&b->why, name);
	sb_str(&b->why, after);
	sb_errno(&b->why, err);
	return STEP_FAILED;
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

/*
 * Loading over a profile could not be taken back, and a name given twice over a loaded one
 * oopses the kernel.
 */
int step_not_loaded(struct boot *b)
{
	struct listing listing;

	if (read_listing(b, &listing) != STEP_OK)
		return STEP_FAILED;
	if (listing.present)
		return fail_name(b, 0, "profile ", listing.first,
				 " is there already; see what ran before");
	for (unsigned int ns = 1; ns < b->policy.n_namespaces; ns++) {
		if (exists(b, namespace_path(b, ns, "")))
			return fail_name(b, 0, "policy namespace ", b->policy.namespaces[ns],
					 " is there already; see what ran before");
	}
	return STEP_OK;
}

/*
 * Without it an unprivileged user administers the policy of a namespace below the root from a
 * user namespace of his own (security/apparmor/policy.c aa_policy_admin_capable()).
 */
int step_sysctl(struct boot *b)
{
	char value[8];

	/*
	 * A kernel without user namespaces has no such sysctl (apparmor/lsm.c), nor the need for
	 * it.
	 */
	if (b->conf.mode == MODE_VISIBLE || !exists(b, "proc/self/ns/user"))
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

/*
 * security/apparmor/policy_unpack.c: version, then structure. The other errors speak for
 * themselves.
 */
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
	if (write_once(b, LOAD_PATH + 1, data.p, data.n))
		return STEP_OK;
	return fail(b, errno, "the kernel refuses the policy", load_hint(errno), NULL);
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

/*
 * Children go with their parents, which sort before them: ENOENT is no failure, the listing
 * decides.
 */
static bool remove_profiles(struct boot *b)
{
	struct listing listing;

	for (unsigned int i = 0; i < b->policy.n_profiles; i++) {
		const struct manifest_profile *profile = b->policy.sorted[i];

		if (profile->ns == 0)
			(void)write_once(b, APPARMORFS "/.remove", profile->name.p,
					 profile->name.n);
	}
	return read_listing(b, &listing) == STEP_OK && !listing.present;
}

const char *roll_back(struct boot *b)
{
	char value = b->undo.userns_sysctl;
	const char *left = NULL;

	/* There is no way to clear the exec label; unconfined has the same effect. */
	if (b->undo.label_set && !write_once(b, AA_ATTR "/exec", "exec unconfined", 15))
		left = "the label of the next execution";
	if (b->undo.sealed)
		return "the policy, which is sealed";
	if (b->undo.latched)
		left = "what level= has locked";
	if (!remove_namespaces(b))
		left = "a policy namespace";
	if (b->undo.root_loaded && !remove_profiles(b))
		left = "a profile";
	if (value && !write_once(b, AA_USERNS_SYSCTL, &value, 1))
		left = "the user namespace sysctl";
	return left;
}
