// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the kernel is like before anything is changed: is AppArmor there, and is it free? */
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys.h"

#include "diagnose.h"
#include "probe.h"

/* A kernel thread has no executable (fs/proc/base.c proc_exe_link()): ENOENT. */
static void count_task(struct boot *b, const char *name)
{
	char path[64], exe[2];
	struct strbuf sb;

	if (name[0] < '1' || name[0] > '9' || strcmp(name, "1") == 0)
		return;
	sb_init(&sb, path, sizeof(path));
	sb_strs(&sb, "proc/", name, "/exe", NULL);
	if (sys_readlinkat(b->root, path, exe, sizeof(exe)) > 0)
		b->other_tasks++;
}

int step_count_tasks(struct boot *b)
{
	int r = each_name(b, "proc", count_task);

	if (!b->other_tasks)
		return r;
	(void)fail(b, 0, "programs that run already, unconfined: ", NULL);
	sb_uint(&b->why, b->other_tasks);
	return STEP_FAILED;
}

static int apparmor_is_off(struct boot *b, bool built_in, struct span active)
{
	struct lsm_facts facts = { .built_in = built_in, .cmdline = b->lsm, .active = active };

	(void)fail(b, 0, "it is off: ", NULL);
	diagnose_off(&facts, &b->why);
	return STEP_FAILED;
}

/* The module-wide mode overrides every profile's own and no listing shows it. */
int check_mode(struct boot *b)
{
	char mode[32];

	if (need_line(b, AA_PARAMETERS "/mode", mode, sizeof(mode)) != STEP_OK)
		return STEP_FAILED;
	b->kill = strcmp(mode, "kill") == 0 && b->conf.policy == POLICY_ENFORCE;
	if (b->kill || strcmp(mode, "enforce") == 0)
		return STEP_OK;
	return fail(b, 0, "apparmor.mode=", mode, " overrides the mode of every profile; remove it",
		    NULL);
}

int step_apparmor(struct boot *b)
{
	char value[8], list[256];
	ssize_t n = read_line(b, AA_PARAMETERS "/enabled", value, sizeof(value));
	ssize_t listed = read_line(b, ACTIVE_LSMS, list, sizeof(list));
	struct span active = { list, listed > 0 ? (size_t)listed : 0 };

	if (n < 0 || value[0] != 'Y')
		return apparmor_is_off(b, n >= 0, active);
	/* Built in and not active, lockdown can be set all the same, and enforces nothing. */
	if (config_latches(&b->conf) && !lsm_listed(active, "lockdown"))
		return fail(b, 0, DIAGNOSE_NO_LOCKDOWN, NULL);
	if (config_filters(&b->conf) && !can_filter())
		return fail(b, 0, DIAGNOSE_NO_FILTER, NULL);
	return STEP_OK;
}

/* Behind step_stack(): a stack that is there already may be sealed, and is handed on. */
int step_policy_lock(struct boot *b)
{
	char value[8];

	if (need_line(b, AA_PARAMETERS "/lock_policy", value, sizeof(value)) != STEP_OK)
		return STEP_FAILED;
	if (value[0] != 'N')
		return fail(b, 0, "policy is locked; remove apparmor.lock_policy=1", NULL);
	return check_mode(b);
}

struct stack {
	char ns_stacked[8];
	char ns_level[8];
	char ns_name[LIMIT_NAME + 1];
	char label[512];
};

static int read_stack(struct boot *b, struct stack *s)
{
	if (need_line(b, APPARMORFS "/.ns_stacked", s->ns_stacked, sizeof(s->ns_stacked)) ||
	    need_line(b, APPARMORFS "/.ns_level", s->ns_level, sizeof(s->ns_level)) ||
	    need_line(b, APPARMORFS "/.ns_name", s->ns_name, sizeof(s->ns_name)))
		return STEP_FAILED;
	return need_label(b, AA_ATTR "/current", s->label, sizeof(s->label));
}

static bool is_free(const struct stack *s)
{
	return strcmp(s->ns_level, "0") == 0 && strcmp(s->label, "unconfined") == 0;
}

/* In hidden mode the label cannot tell: it ends at the namespace that the task is in. */
static bool looks_configured(struct boot *b, const struct stack *s)
{
	if (b->conf.mode == MODE_HIDDEN)
		return strcmp(s->ns_stacked, "yes") == 0 && strcmp(s->ns_level, "1") == 0 &&
		       strcmp(s->ns_name, APPLICATION_NS) == 0;
	return strcmp(s->ns_level, "0") == 0 && strcmp(s->label, b->label) == 0 &&
	       (b->conf.mode == MODE_VISIBLE ||
		exists(b, APPARMORFS "/policy/namespaces/" APPLICATION_NS));
}

/*
 * Whoever made the stack was the one to set it. Who may not read it has no mac_admin, nor has any user under the same
 * label (security/apparmor/lsm.c apparmor_dointvec()).
 */
static int check_userns(struct boot *b)
{
	char value[8];

	if (b->conf.mode == MODE_VISIBLE ||
	    read_line(b, AA_USERNS_SYSCTL, value, sizeof(value)) < 0 || value[0] == '0')
		return STEP_OK;
	return fail(b, 0, "/" AA_USERNS_SYSCTL " was not set to \"0\"; " FIRST_PROGRAM, NULL);
}

int step_stack(struct boot *b)
{
	static struct stack s;

	if (read_stack(b, &s) != STEP_OK)
		return STEP_FAILED;
	if (is_free(&s))
		return STEP_OK;
	/* This program is in that stack itself, so it can try the paths itself. */
	if (!looks_configured(b, &s) || is_refused(b->root, CONTROL_PATH + 1) ||
	    is_refused(b->root, PROOF_PATH + 1) != (b->conf.policy == POLICY_ENFORCE) ||
	    (config_latches(&b->conf) && may_load(b->root, LOAD_PATH + 1)))
		return fail(b, 0, "confined already, and not as configured: label ", s.label,
			    ", namespace ", s.ns_name, ", level ", s.ns_level, "; " FIRST_PROGRAM,
			    NULL);
	/* Read, not set: what ran before this program was the one to lock it. */
	if (check_mode(b) != STEP_OK || check_userns(b) != STEP_OK ||
	    hold_level(b, false) != STEP_OK || check_filter(b, false) != STEP_OK)
		return STEP_FAILED;
	b->outcome = OUTCOME_ALREADY;
	return STEP_HAND_ON;
}
