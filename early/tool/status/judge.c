// SPDX-License-Identifier: LGPL-2.1-or-later
#include "judge.h"

#include <errno.h>
#include <string.h>

#include "label.h"
#include "manifest.h"

static const struct {
	enum standing standing;
	const char *name;
	const char *text;
	const char *cure;
} reasons[REASON_COUNT] = {
	[REASON_PROVED] = { STANDING_CONFINED, "proved",
			    "the reserved path is refused, and its control is not", NULL },
	[REASON_PROVED_INSIDE] = { STANDING_CONFINED, "proved-inside",
				   "the reserved path is refused, and its control is not; process "
				   "1 is outside of this policy namespace, and by the loader's "
				   "word "
				   "under the layer: mode = managed",
				   NULL },
	[REASON_DRY_RUN] = { STANDING_COMPLAIN, "dry-run",
			     "the global profile is in complain mode: what it would refuse is only "
			     "logged",
			     "to enforce it, boot without initward.policy=complain, with policy = "
			     "enforce in initward.conf" },
	[REASON_HIDDEN_ALLOWS] = { STANDING_COMPLAIN, "hidden-allows",
				   "process 1 was put under a hidden layer, and that does not "
				   "refuse "
				   "the reserved path: it is in complain mode, suspended, or taken "
				   "away since",
				   "to enforce it, boot without initward.policy=complain, with "
				   "policy = enforce in initward.conf" },
	[REASON_SUSPENDED] = { STANDING_COMPLAIN, "suspended",
			       "AppArmor's module-wide mode is complain: of every profile only "
			       "quiet denials are left in force",
			       "remove apparmor.mode= from the kernel command line and boot again; "
			       "if it is not there, root has written it since" },
	[REASON_OFF] = { STANDING_UNCONFINED, "apparmor-off", "AppArmor is not active", NULL },
	[REASON_NO_LAYER] = { STANDING_UNCONFINED, "no-layer", "process 1 is unconfined", NULL },
	[REASON_OTHER_PROFILE] = { STANDING_UNCONFINED, "other-profile",
				   "process 1 is under a profile, but not under \"" GLOBAL_PROFILE
				   "\"",
				   NULL },
	[REASON_NO_PROC] = { STANDING_UNKNOWN, "no-proc",
			     "/proc/version and /proc/uptime are not files of a proc file system",
			     "run it where /proc is the system's own" },
	[REASON_READ_ONLY] = { STANDING_UNKNOWN, "proc-read-only",
			       "/proc is mounted read-only here, which refuses everything before "
			       "AppArmor is asked",
			       "run it where /proc can be written" },
	[REASON_CONTROL_REFUSED] = { STANDING_UNKNOWN, "control-refused",
				     "the control /proc/uptime is refused too, so that a refusal "
				     "proves nothing",
				     "run it from a process without a profile of its own" },
	[REASON_NO_TRIAL] = { STANDING_UNKNOWN, "no-trial",
			      "the reserved path cannot be tried here",
			      "run it outside of what restricts its system calls (seccomp, a "
			      "container)" },
	[REASON_KILLED] = { STANDING_UNKNOWN, "killed",
			    "whoever tries the reserved path is killed, and whether by AppArmor's "
			    "mode \"kill\" cannot be read here",
			    "run it as root" },
	[REASON_PID_NAMESPACE] = { STANDING_UNKNOWN, "pid-namespace",
				   "this is a container: process 1 here is not the system's",
				   "run it outside of the container" },
	[REASON_CHROOT] = { STANDING_UNKNOWN, "chroot",
			    "in this chroot the reserved path has another name, so that nothing "
			    "refused proves nothing",
			    "run it outside of the chroot" },
	[REASON_LABEL_UNREADABLE] = { STANDING_UNKNOWN, "label-unreadable",
				      "the label of this process cannot be read",
				      "run it where /proc is the system's own" },
	[REASON_INIT_UNREADABLE] = { STANDING_UNKNOWN, "init-unreadable",
				     "the label of process 1 cannot be read: it is not in this "
				     "process's policy namespace, or /proc hides it",
				     "run it as root, from a login" },
	[REASON_OUTSIDE] = { STANDING_UNKNOWN, "outside",
			     "process 1 is under the global profile and this process is not, so "
			     "that it cannot try whether that is in force",
			     "run it from a login" },
	[REASON_OWN_PROFILE] = { STANDING_UNKNOWN, "own-profile",
				 "this process has a profile of its own, which may be the one that "
				 "refuses the reserved path",
				 "run it from a process without a profile of its own" },
	[REASON_NOT_RESERVED] = { STANDING_UNKNOWN, "not-reserved",
				  "the global profile is there and does not refuse the reserved "
				  "path: the policy lacks that rule, or the module-wide mode "
				  "suspends it",
				  "run it as root, who can read the module-wide mode; keep \"deny "
				  "/proc/version w,\" in the policy" },
	[REASON_MODE_UNCLEAR] = { STANDING_UNKNOWN, "mode-unclear",
				  "the labels here do not tell the mode of the global profile",
				  "run it from a process without a profile of its own" },
	[REASON_OTHER_NAMESPACE] = { STANDING_UNKNOWN, "other-namespace",
				     "this is a policy namespace that initward has not made: what "
				     "is "
				     "above it cannot be seen",
				     "run it outside of the container" },
	[REASON_NO_SECURITYFS] = { STANDING_UNKNOWN, "no-securityfs",
				   "nothing is refused, so that no layer is in force; whether "
				   "there "
				   "is one in complain mode cannot be seen without securityfs",
				   "mount -t securityfs securityfs /sys/kernel/security" },
};

static const char *const standing_names[STANDING_COUNT] = {
	[STANDING_CONFINED] = "confined",
	[STANDING_COMPLAIN] = "complain",
	[STANDING_UNCONFINED] = "not-confined",
	[STANDING_UNKNOWN] = "unknown",
};

const char *standing_name(enum standing standing)
{
	return standing_names[standing];
}

const char *reason_name(enum reason reason)
{
	return reasons[reason].name;
}

const char *reason_text(enum reason reason)
{
	return reasons[reason].text;
}

const char *reason_cure(enum reason reason)
{
	return reasons[reason].cure;
}

static bool is(const char *text, const char *word)
{
	return text && strcmp(text, word) == 0;
}

/* What a label consists of: security/apparmor/label.c joins the profiles of a stack by "//&". */
struct label {
	bool has_global; /* the profile or a child of it */
	bool is_hiding;	 /* part of it is in the namespace that hides it */
	bool has_others; /* profiles beside it that can refuse something */
	struct span mode;
};

static bool is_global(struct span name)
{
	return span_is(name, GLOBAL_PROFILE) || span_starts(name, GLOBAL_PROFILE "//");
}

static struct label read_label(const char *text)
{
	struct label ret = { 0 };
	struct span rest = span_of(text ? text : ""), name;

	(void)label_split(rest, &rest, &ret.mode);
	ret.has_others = !rest.n; /* the kernel writes no empty label */
	while (label_next_part(&rest, &name)) {
		if (is_global(name)) {
			ret.has_global = true;
			continue;
		}
		ret.is_hiding |= span_is(label_take_namespace(&name), APPLICATION_NS);
		ret.has_others |= !span_is(name, "unconfined");
	}
	/* The kernel asks no profile in mode "unconfined" about files. */
	if (span_is(ret.mode, "unconfined"))
		ret.has_others = false;
	return ret;
}

/*
 * The mode of the global profile by one label: empty where it does not tell. label_modename() leaves
 * "unconfined" out and says "mixed" where the others differ.
 */
static struct span global_mode(const struct label *label)
{
	bool tells = label->has_global && !span_is(label->mode, "mixed");

	return tells ? label->mode : (struct span){ NULL, 0 };
}

static struct judgement conclude(enum sight sight, enum reason reason)
{
	return (struct judgement){ reasons[reason].standing, sight, reason };
}

/* The module-wide mode holds for every profile that says "enforce" itself. */
static bool enforces(const char *mode)
{
	return !mode || is(mode, "enforce") || is(mode, "kill");
}

/* Nothing can be learned from the trials. */
static bool without_trial(const struct evidence *e, enum reason *ret)
{
	if (!e->procfs)
		*ret = REASON_NO_PROC;
	else if (e->control == TRIAL_REFUSED || e->control == TRIAL_KILLED)
		*ret = REASON_CONTROL_REFUSED;
	else if (e->control == TRIAL_FAILED && e->control_errno == EROFS)
		*ret = REASON_READ_ONLY;
	else if (e->control == TRIAL_FAILED || e->proof == TRIAL_FAILED)
		*ret = REASON_NO_TRIAL;
	else
		return false;
	return true;
}

/* In the policy namespace that the loader makes, as one of a stack. */
static bool in_application(const struct evidence *e)
{
	return is(e->ns_level, "1") && is(e->ns_stacked, "yes") && is(e->ns_name, APPLICATION_NS);
}

/*
 * Mode "managed": process 1 is above that namespace, and its label is EACCES from here (security/apparmor/label.c
 * aa_label_snxprint() finds nothing that may be seen). Of that side the loader's word is all there is.
 */
static bool is_managed(const struct evidence *e)
{
	return e->managed && e->init_errno == EACCES && in_application(e);
}

/* This process is not where it could speak of the whole system. */
static bool elsewhere(const struct evidence *e, enum reason *ret)
{
	if (e->pid_namespace != PLACE_FIRST)
		*ret = REASON_PID_NAMESPACE;
	else if (!e->own_label)
		*ret = REASON_LABEL_UNREADABLE;
	else if (!e->init_label && !is_managed(e))
		*ret = REASON_INIT_UNREADABLE;
	else if (e->root == PLACE_OTHER && e->proof == TRIAL_ALLOWED)
		*ret = REASON_CHROOT;
	else
		return false;
	return true;
}

/* Process 1 has the global profile in its label. */
static enum reason judge_visible(const struct evidence *e, const struct label *own,
				 const struct label *init)
{
	struct span mode = global_mode(init);

	if (!mode.n)
		mode = global_mode(own);
	if (!own->has_global)
		return REASON_OUTSIDE;
	if (!enforces(e->mode))
		return REASON_SUSPENDED;
	if (!mode.n)
		return REASON_MODE_UNCLEAR;
	if (!span_is(mode, "enforce") && !span_is(mode, "kill"))
		return REASON_DRY_RUN;
	if (e->proof == TRIAL_ALLOWED)
		return REASON_NOT_RESERVED;
	if (e->proof == TRIAL_KILLED && !span_is(mode, "kill") && !is(e->mode, "kill"))
		return REASON_KILLED;
	/* Both modes are known: what refuses is the global profile, whatever else does so too. */
	return own->has_others && !e->mode ? REASON_OWN_PROFILE : REASON_PROVED;
}

/*
 * From within the hidden namespace. Nothing above it can be seen, so that only a refusal that nothing in
 * the namespace can have made is a proof.
 */
static enum reason judge_hidden(const struct evidence *e, const struct label *own)
{
	if (e->proof == TRIAL_ALLOWED)
		return is(e->mode, "complain") ? REASON_SUSPENDED : REASON_HIDDEN_ALLOWS;
	if (!enforces(e->mode))
		return REASON_SUSPENDED;
	/* Whatever can be seen here is in the namespace, be it called "global". */
	if (own->has_others || own->has_global)
		return REASON_OWN_PROFILE;
	if (e->proof == TRIAL_KILLED && !is(e->mode, "kill"))
		return REASON_KILLED;
	return REASON_PROVED;
}

/* securityfs is not there, and neither label names the layer. */
static struct judgement judge_blind(const struct evidence *e, const struct label *own)
{
	if (e->proof == TRIAL_ALLOWED)
		return conclude(SIGHT_NONE, REASON_NO_SECURITYFS);
	return conclude(SIGHT_HIDDEN, judge_hidden(e, own));
}

struct judgement judge(const struct evidence *e)
{
	struct label own = read_label(e->own_label), init = read_label(e->init_label);
	bool sees_namespace = e->ns_stacked && e->ns_level && e->ns_name;
	enum reason reason;

	if (e->apparmor == APPARMOR_OFF || e->apparmor == APPARMOR_ABSENT)
		return conclude(SIGHT_NONE, REASON_OFF);
	if (without_trial(e, &reason) || elsewhere(e, &reason))
		return conclude(SIGHT_NONE, reason);
	if (init.has_global && (!sees_namespace || is(e->ns_level, "0")))
		return conclude(init.is_hiding ? SIGHT_HIDDEN : SIGHT_VISIBLE,
				judge_visible(e, &own, &init));
	if (!sees_namespace)
		return judge_blind(e, &own);
	if (is(e->ns_level, "0"))
		return conclude(SIGHT_NONE, is(e->init_label, "unconfined") ? REASON_NO_LAYER
									    : REASON_OTHER_PROFILE);
	if (!in_application(e))
		return conclude(SIGHT_NONE, REASON_OTHER_NAMESPACE);
	reason = judge_hidden(e, &own);
	if (e->init_label)
		return conclude(SIGHT_HIDDEN, reason);
	return conclude(SIGHT_MANAGED, reason == REASON_PROVED ? REASON_PROVED_INSIDE : reason);
}
