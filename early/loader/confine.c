// SPDX-License-Identifier: LGPL-2.1-or-later
/* The label of the next init: set, and proved by a child that runs under it before init does. */
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe.h"

#define USERMODEHELPER "proc/sys/kernel/usermodehelper/"

/*
 * kernel/umh.c proc_cap_handler(): the low and the high 32 bits. Programs that the kernel starts go without
 * CAP_SYS_RAWIO, SYS_ADMIN and SYS_BOOT (17, 21, 22), MAC_OVERRIDE, MAC_ADMIN, PERFMON and BPF (32, 33, 38, 39).
 */
#define HELPER_CAPABILITIES "4288544767 4294967100"

int step_label(struct boot *b)
{
	char label[512];

	b->undo.label_set = true;
	if (need_write(b, AA_ATTR "/exec", b->exec_command) != STEP_OK ||
	    need_label(b, AA_ATTR "/exec", label, sizeof(label)) != STEP_OK)
		return STEP_FAILED;
	if (strcmp(label, b->label) != 0)
		return fail(b, 0, "the label of the next execution is ", label, ", not ", b->label,
			    NULL);
	return STEP_OK;
}

/* Enforced: the reserved path is refused and its control is not. Complain: neither is. */
static int judge(struct boot *b, const struct probe_result *r)
{
	bool enforce = b->conf.policy == POLICY_ENFORCE;

	if (strcmp(r->label, b->label) != 0)
		return fail(b, 0, "a child under the label runs under ", r->label, ", not ",
			    b->label, NULL);
	if (r->answer == (enforce ? PROBE_REFUSED : PROBE_ALLOWED))
		return STEP_OK;
	return fail(b, 0, "not in force as configured: a write to ",
		    r->answer == PROBE_ADMIN ? LOAD_PATH : PROOF_PATH, " is ",
		    r->answer == PROBE_ADMIN	 ? "not refused for want of mac_admin"
		    : r->answer == PROBE_ALLOWED ? "not refused"
		    : r->answer == PROBE_REFUSED ? "refused"
						 : "refused, but so is " CONTROL_PATH,
		    NULL);
}

static int prove(struct boot *b, bool admin)
{
	struct probe_result result;

	return probe_run(b, admin, &result) == STEP_OK ? judge(b, &result) : STEP_FAILED;
}

/* A child for each: under the module-wide mode "kill" the first refusal may be the end of it. */
int step_proof(struct boot *b)
{
	bool strict = config_latches(&b->conf) && b->conf.level == LEVEL_STRICT;

	if (prove(b, false) != STEP_OK || (strict && prove(b, true) != STEP_OK))
		return STEP_FAILED;
	b->outcome = b->conf.policy == POLICY_ENFORCE ? OUTCOME_CONFINED : OUTCOME_COMPLAIN;
	return STEP_OK;
}

/*
 * What can only be made tighter, and holds until the next boot: no policy load, removal or mode change by
 * anybody comes last, so that a failure before it can still take the policy back. `open` is how the
 * file begins while it is not set; NULL: its words are masks, of which no bit is left that `value` has not, or,
 * with `helpers`, it is `value` itself.
 */
static const struct latch {
	const char *path, *value, *open;
	enum level level; /* from this one on */
	bool optional;	  /* a kernel without it has nothing to be locked */
	bool helpers;	  /* only with usermode_helpers = deny */
} latches[] = {
	{ LOCKDOWN, "integrity", "[none]", LEVEL_STRICT, false, false },
	{ "proc/sys/kernel/kexec_load_disabled", "1", "0", LEVEL_STRICT, true, false },
	/* A folder, which cannot be executed. An empty value the kernel does not take. */
	{ "proc/sys/kernel/modprobe", ".", NULL, LEVEL_STRICT, true, true },
	{ USERMODEHELPER "bset", HELPER_CAPABILITIES, NULL, LEVEL_SEALED, false, false },
	{ USERMODEHELPER "inheritable", HELPER_CAPABILITIES, NULL, LEVEL_SEALED, false, false },
	{ AA_PARAMETERS "/lock_policy", "1", "N", LEVEL_SEALED, false, false },
};

static bool within(struct span have, struct span most)
{
	struct span word, limit;
	uint64_t bits, allowed;

	while (span_next_word(&most, &limit)) {
		if (!span_next_word(&have, &word) || !span_uint(word, UINT32_MAX, &bits) ||
		    !span_uint(limit, UINT32_MAX, &allowed) || (bits & ~allowed))
			return false;
	}
	return true;
}

/* What it reads as decides: lockdown refuses to be set to what it is (EPERM). */
static int hold(struct boot *b, const struct latch *latch, bool set)
{
	int err =
		set && !write_once(b, latch->path, latch->value, strlen(latch->value)) ? errno : 0;
	char text[64];
	struct span have;

	b->undo.latched |= set && !err;
	if (need_line(b, latch->path, text, sizeof(text)) != STEP_OK)
		return latch->optional && errno == ENOENT ? STEP_OK : STEP_FAILED;
	have = span_of(text);
	if (latch->helpers ? span_is(have, latch->value)
	    : latch->open  ? !span_starts(have, latch->open)
			   : within(have, span_of(latch->value)))
		return STEP_OK;
	return fail(b, err, "/", latch->path, set ? " cannot be" : " was not", " set to \"",
		    latch->value, "\"", set ? NULL : "; " FIRST_PROGRAM, NULL);
}

static bool is_wanted(const struct boot *b, const struct latch *latch)
{
	return config_latches(&b->conf) && b->conf.level >= latch->level &&
	       (!latch->helpers || config_denies_helpers(&b->conf));
}

int hold_level(struct boot *b, bool set)
{
	for (const struct latch *latch = latches; latch < latches + COUNT(latches); latch++) {
		if (is_wanted(b, latch) && hold(b, latch, set) != STEP_OK)
			return STEP_FAILED;
	}
	return STEP_OK;
}

/*
 * Process 1 and the kernel's threads share one root folder (init/main.c rest_init()), in which the kernel looks for the programs
 * that it starts, and for firmware. On its own process 1 goes to the disk alone, and they stay in the emptied initramfs.
 */
static int leave_kernel_behind(struct boot *b)
{
	if (!config_denies_helpers(&b->conf))
		return STEP_OK;
	if (syscall(SYS_unshare, CLONE_FS) < 0)
		return fail(b, errno, "process 1 cannot have a root folder of its own", NULL);
	b->undo.latched = true;
	return STEP_OK;
}

int step_seal(struct boot *b)
{
	if (leave_kernel_behind(b) != STEP_OK || hold_level(b, true) != STEP_OK)
		return STEP_FAILED;
	b->undo.sealed = b->conf.level == LEVEL_SEALED;
	return STEP_OK;
}
