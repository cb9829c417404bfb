// SPDX-License-Identifier: LGPL-2.1-or-later
// wrap: syscall read write mkdirat unlinkat mknodat fchownat statfs mount umount2
// wrap: uname vfork execve waitid waitpid _exit getpid
/* What the kernel is like before anything is changed: early/loader/state.c. */
#include "fake_root.h"

#include "diagnose.h"

static void other_programs_are_counted_and_kernel_threads_are_not(void **state)
{
	(void)state;
	STEP_IS_OK(step_count_tasks);
	assert_int_equal(boot.other_tasks, 0);
	fake_link("proc/17/exe", "/sbin/modprobe");
	STEP_FAILS(step_count_tasks, "programs that run already, unconfined: 1");
	boot.other_tasks = 0;
	fake_link("proc/234/exe", "/sbin/modprobe");
	fake_link("proc/10/exe", "/x");
	/* None of these is a task. */
	fake_link("proc/self/exe", "/init");
	fake_link("proc/0/exe", "/x");
	fake_link("proc/:9/exe", "/x");
	STEP_FAILS(step_count_tasks, "programs that run already, unconfined: 3");
	assert_int_equal(boot.other_tasks, 3);
	LOG_IS("");
}

static void tasks_that_cannot_be_counted_are_said(void **state)
{
	(void)state;
	fault("getdents", "proc", EIO);
	STEP_FAILS(step_count_tasks, "/proc cannot be read: 5");
	no_faults();
	fault("open", "proc", EACCES);
	STEP_FAILS(step_count_tasks, "/proc cannot be read: EACCES");
}

static void a_usable_apparmor_is_taken(void **state)
{
	(void)state;
	configure("");
	STEP_IS_OK(step_apparmor);
	STEP_IS_OK(step_policy_lock);
	LOG_IS("");
}

static void each_way_to_be_off_is_told(void **state)
{
	static const struct {
		const char *cmdline, *enabled, *active, *why;
	} rows[] = {
		{ "quiet", NULL, "capability",
		  "this kernel has no AppArmor; use one with CONFIG_SECURITY_APPARMOR=y" },
		{ "apparmor=0", "N", "capability,selinux", "apparmor= turns it off; remove it" },
		{ "lsm=lockdown,yama", "N", "lockdown,capability,yama",
		  "lsm=\"lockdown,yama\" does not name apparmor; add "
		  "it to the list, or remove lsm=" },
		{ "lsm=selinux,apparmor", "N", "lockdown,capability,selinux",
		  "lsm=\"selinux,apparmor\" starts selinux first, and the first exclusive LSM "
		  "wins; put apparmor before it" },
		{ "lsm=yama,apparmor", "N", "lockdown,capability,yama",
		  "lsm=\"yama,apparmor\" names apparmor, but it did not start" },
		{ "security=selinux", "N", "capability,selinux",
		  "security=\"selinux\" selects another LSM; use "
		  "security=apparmor" },
		{ "quiet", "N", "capability,selinux",
		  "the kernel's built-in order starts selinux first; boot with "
		  "security=apparmor" },
		{ "quiet", "N", "capability",
		  "the kernel's CONFIG_LSM leaves it out; boot with "
		  "security=apparmor" },
		{ "quiet", "N", NULL,
		  "the kernel's CONFIG_LSM leaves it out; boot with "
		  "security=apparmor" },
	};
	char why[512];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		fake_put("proc/cmdline", rows[i].cmdline);
		fake_put(AA_PARAMETERS "/enabled", rows[i].enabled ? rows[i].enabled : "");
		fake_put("sys/kernel/security/lsm", rows[i].active ? rows[i].active : "");
		if (!rows[i].enabled)
			fake_drop(AA_PARAMETERS "/enabled");
		if (!rows[i].active)
			fake_drop("sys/kernel/security/lsm");
		configure("");
		(void)form(why, sizeof(why), "it is off: %s", rows[i].why);
		STEP_FAILS(step_apparmor, why);
	}
	LOG_IS("");
}

/* A level that locks the kernel wants a lockdown that is more than a file. */
static void without_lockdown_there_is_no_level(void **state)
{
	static const struct {
		const char *conf, *active;
		int want;
	} rows[] = {
		{ "", "capability,apparmor", STEP_OK },
		{ "level = strict\n", "lockdown,capability,apparmor", STEP_OK },
		{ "level = strict\n", "capability,lockdown", STEP_OK },
		{ "level = strict\n", "capability,apparmor", STEP_FAILED },
		{ "level = strict\n", "capability,lockdowns,apparmor", STEP_FAILED },
		{ "level = strict\npolicy = complain\n", "capability,apparmor", STEP_OK },
		{ "level = sealed\n", "capability,apparmor", STEP_FAILED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		fake_put(ACTIVE_LSMS, rows[i].active);
		configure(rows[i].conf);
		run_step(rows[i].active, step_apparmor, rows[i].want, DIAGNOSE_NO_LOCKDOWN);
	}
	fake_put(ACTIVE_LSMS, "lockdown,capability,apparmor");
	fault("filter", "", EINVAL);
	STEP_FAILS(step_apparmor, DIAGNOSE_NO_FILTER);
	configure("level = sealed\nmount_api = all\n");
	STEP_IS_OK(step_apparmor);
	no_faults();
	configure("level = sealed\n");
	fake_drop(ACTIVE_LSMS);
	STEP_FAILS(step_apparmor, DIAGNOSE_NO_LOCKDOWN);
}

static void locked_policy_is_told(void **state)
{
	(void)state;
	configure("");
	fake_put(AA_PARAMETERS "/lock_policy", "Y\n");
	STEP_FAILS(step_policy_lock, "policy is locked; remove apparmor.lock_policy=1");
	fake_drop(AA_PARAMETERS "/lock_policy");
	STEP_FAILS(step_policy_lock,
		   "/sys/module/apparmor/parameters/lock_policy cannot be read: ENOENT");
}

static void the_module_wide_mode_must_not_override(void **state)
{
	static const struct {
		const char *mode;
		enum policy policy;
		int want;
	} rows[] = {
		{ "enforce\n", POLICY_ENFORCE, STEP_OK },
		{ "enforce\n", POLICY_COMPLAIN, STEP_OK },
		{ "kill\n", POLICY_ENFORCE, STEP_OK },
		{ "kill\n", POLICY_COMPLAIN, STEP_FAILED },
		{ "complain\n", POLICY_ENFORCE, STEP_FAILED },
		{ "complain\n", POLICY_COMPLAIN, STEP_FAILED },
		{ "unconfined\n", POLICY_ENFORCE, STEP_FAILED },
		{ "enforced\n", POLICY_ENFORCE, STEP_FAILED },
		{ "\n", POLICY_ENFORCE, STEP_FAILED },
	};
	char why[128];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int n = (int)strcspn(rows[i].mode, "\n");

		fake_put(AA_PARAMETERS "/mode", rows[i].mode);
		boot.conf.policy = rows[i].policy;
		(void)form(why, sizeof(why),
			   "apparmor.mode=%.*s overrides the mode of every profile; remove it", n,
			   rows[i].mode);
		run_step(rows[i].mode, check_mode, rows[i].want, why);
		assert_int_equal(boot.kill, strcmp(rows[i].mode, "kill\n") == 0 && !rows[i].want);
		run_step(rows[i].mode, step_policy_lock, rows[i].want, why);
	}
	fake_drop(AA_PARAMETERS "/mode");
	STEP_FAILS(check_mode, "/sys/module/apparmor/parameters/mode cannot be read: ENOENT");
}

struct stack_row {
	const char *conf;
	const char *stacked, *level, *ns, *label;
	bool refused; /* may the loader not write to the reserved path? */
	int want;
};

static const struct stack_row stack_rows[] = {
	/* free */
	{ "", "no", "0", "root", "unconfined", false, STEP_OK },
	{ "mode = visible\n", "no", "0", "root", "unconfined", false, STEP_OK },
	/* hidden, as configured: the label alone cannot tell */
	{ "", "yes", "1", "application", "unconfined", true, STEP_HAND_ON },
	{ "policy = complain\n", "yes", "1", "application", "unconfined", false, STEP_HAND_ON },
	/* it looks so, and the proof says otherwise */
	{ "", "yes", "1", "application", "unconfined", false, STEP_FAILED },
	{ "policy = complain\n", "yes", "1", "application", "unconfined", true, STEP_FAILED },
	/* another namespace, another depth, no stack */
	{ "", "yes", "1", "other", "unconfined", true, STEP_FAILED },
	{ "", "yes", "2", "application", "unconfined", true, STEP_FAILED },
	{ "", "no", "1", "application", "unconfined", true, STEP_FAILED },
	{ "", "yes", "0", "root", "global//&unconfined", true, STEP_FAILED },
	/* visible */
	{ "mode = visible\n", "yes", "0", "root", "global//&unconfined (enforce)", true,
	  STEP_HAND_ON },
	{ "mode = visible\npolicy = complain\n", "yes", "0", "root",
	  "global//&unconfined (complain)", false, STEP_HAND_ON },
	{ "mode = visible\n", "yes", "0", "root", "global//&unconfined (enforce)", false,
	  STEP_FAILED },
	{ "mode = visible\n", "no", "0", "root", "global (enforce)", true, STEP_FAILED },
	{ "mode = visible\n", "yes", "1", "application", "unconfined", true, STEP_FAILED },
	{ "mode = visible\n", "yes", "1", "application", "global//&unconfined", true, STEP_FAILED },
	{ "", "no", "0", "root", "something (complain)", false, STEP_FAILED },
};

static void a_present_stack_is_free_or_configured_or_fatal(void **state)
{
	char why[512];

	(void)state;
	for (size_t i = 0; i < COUNT(stack_rows); i++) {
		const struct stack_row *row = &stack_rows[i];
		int n = (int)strcspn(row->label, " ");

		fake_put(APPARMORFS "/.ns_stacked", row->stacked);
		fake_put(APPARMORFS "/.ns_level", row->level);
		fake_put(APPARMORFS "/.ns_name", row->ns);
		fake_put(AA_ATTR "/current", row->label);
		fake_put(AA_USERNS_SYSCTL, "0\n");
		fake->own_refused = row->refused;
		boot.outcome = OUTCOME_NONE;
		configure(row->conf);
		(void)form(why, sizeof(why),
			   "confined already, and not as configured: label %.*s, namespace %s, "
			   "level %s; this has to be the kernel's first program",
			   n, row->label, row->ns, row->level);
		run_step(row->label, step_stack, row->want, why);
		check_number(row->label, boot.outcome,
			     row->want == STEP_HAND_ON ? OUTCOME_ALREADY : OUTCOME_NONE);
	}
	LOG_IS("");
}

/* The label of visible mode, and beside it the policy namespace. */
static void a_managed_stack_has_its_namespace(void **state)
{
	(void)state;
	fake_put(APPARMORFS "/.ns_stacked", "no");
	fake_put(APPARMORFS "/.ns_level", "0");
	fake_put(APPARMORFS "/.ns_name", "root");
	fake_put(AA_ATTR "/current", "global//&unconfined (enforce)");
	fake_put(AA_USERNS_SYSCTL, "0\n");
	fake->own_refused = true;
	configure("mode = managed\n");
	STEP_FAILS(step_stack,
		   "confined already, and not as configured: label global//&unconfined, "
		   "namespace root, level 0; this has to be the kernel's first program");
	fake_put(APPARMORFS "/policy/namespaces/application", "");
	assert_int_equal(step_stack(&boot), STEP_HAND_ON);
	fake_put(AA_USERNS_SYSCTL, "1\n");
	STEP_FAILS(step_stack, "/" AA_USERNS_SYSCTL
			       " was not set to \"0\"; this has to be the kernel's first program");
}

static void stack_of(const char *level)
{
	char conf[64];

	fake_put(APPARMORFS "/.ns_stacked", "yes\n");
	fake_put(APPARMORFS "/.ns_level", "1\n");
	fake_put(APPARMORFS "/.ns_name", "application\n");
	fake_put(LOCKDOWN, "none [integrity] confidentiality\n");
	fake_put(AA_USERNS_SYSCTL, "0\n");
	fake_put(KEXEC_LOCK, "1\n");
	fake_put(MODPROBE, ".\n");
	fake_put(HELPER_BSET, "4288544767\t316\n");
	fake_put(HELPER_INHERITABLE, "4288544767\t316\n");
	fake_put(AA_PARAMETERS "/lock_policy", "Y\n");
	fake->own_refused = true;
	boot.outcome = OUTCOME_NONE;
	(void)form(conf, sizeof(conf), "level = %s\n", level);
	configure(conf);
}

/* Who made the stack was the one to lock what the level locks. Nothing is set for it. */
static void a_stack_without_what_the_level_locks_is_none_of_that_level(void **state)
{
	static const struct {
		const char *path, *open, *value;
		bool strict; /* or only at sealed? */
	} rows[] = {
		{ LOCKDOWN, "[none] integrity confidentiality\n", "integrity", true },
		{ KEXEC_LOCK, "0\n", "1", true },
		{ MODPROBE, "/sbin/modprobe\n", ".", true },
		{ MODPROBE, "sbin/modprobe\n", ".", true },
		{ HELPER_BSET, "4294967295\t511\n", "4288544767 4294967100", false },
		{ HELPER_INHERITABLE, "4288544767\t511\n", "4288544767 4294967100", false },
		{ AA_PARAMETERS "/lock_policy", "N\n", "1", false },
	};
	char why[256];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		stack_of("sealed\nusermode_helpers = deny");
		fake_put(rows[i].path, rows[i].open);
		(void)form(why, sizeof(why),
			   "/%s was not set to \"%s\"; this has to be the kernel's first program",
			   rows[i].path, rows[i].value);
		STEP_FAILS(step_stack, why);
		assert_int_equal(boot.outcome, OUTCOME_NONE);
		stack_of("strict\nusermode_helpers = deny");
		fake_put(rows[i].path, rows[i].open);
		run_step(rows[i].path, step_stack, rows[i].strict ? STEP_FAILED : STEP_HAND_ON,
			 why);
		stack_of("compatible");
		fake_put(rows[i].path, rows[i].open);
		STEP_HANDS_ON(step_stack);
		stack_of("strict\npolicy = complain");
		fake->own_refused = false;
		fake_put(rows[i].path, rows[i].open);
		STEP_HANDS_ON(step_stack);
		check_text(rows[i].path, fake_get(rows[i].path), rows[i].open);
		assert_false(boot.undo.latched);
	}
}

#define NO_FILTER                                                                                 \
	"the new mount interface is not refused by a filter of system calls; this has to be the " \
	"kernel's first program"

static void a_stack_without_the_filter_is_none_of_a_level_that_has_it(void **state)
{
	static const char *const calls[] = {
		"open_tree",	  "move_mount",	       "fsopen",  "fspick", "mount_setattr",
		"open_tree_attr", "open_by_handle_at", "quotactl"
	};

	(void)state;
	for (size_t i = 0; i < COUNT(calls); i++) {
		fault(calls[i], "", EBADF);
		stack_of("strict");
		run_step(calls[i], step_stack, STEP_FAILED, NO_FILTER);
		assert_int_equal(boot.outcome, OUTCOME_NONE);
		stack_of("strict\nmount_api = all");
		STEP_HANDS_ON(step_stack);
		stack_of("compatible");
		STEP_HANDS_ON(step_stack);
		no_faults();
	}
	stack_of("strict");
	STEP_HANDS_ON(step_stack);
}

static void a_stack_with_what_the_level_locks_is_handed_on(void **state)
{
	(void)state;
	stack_of("sealed");
	STEP_HANDS_ON(step_stack);
	fake_drop(KEXEC_LOCK); /* a kernel without kexec */
	stack_of("strict");
	fake_drop(KEXEC_LOCK);
	STEP_HANDS_ON(step_stack);
	fake_drop(LOCKDOWN);
	boot.outcome = OUTCOME_NONE;
	STEP_FAILS(step_stack, "/" LOCKDOWN " cannot be read: ENOENT");
	assert_int_equal(boot.outcome, OUTCOME_NONE);
}

static void a_stack_whose_policy_users_administer_is_none(void **state)
{
	(void)state;
	stack_of("compatible");
	fake_put(AA_USERNS_SYSCTL, "1\n");
	STEP_FAILS(step_stack, "/" AA_USERNS_SYSCTL
			       " was not set to \"0\"; this has to be the kernel's first program");
	assert_int_equal(boot.outcome, OUTCOME_NONE);
	fault("read", AA_USERNS_SYSCTL, EPERM); /* without mac_admin */
	STEP_HANDS_ON(step_stack);
	no_faults();
	fake_drop(AA_USERNS_SYSCTL);
	STEP_HANDS_ON(step_stack);
}

/* "deny" goes on refusing under it, so that the proof says nothing of all other rules. */
static void a_stack_under_a_module_wide_mode_is_none(void **state)
{
	(void)state;
	stack_of("compatible");
	fake_put(AA_PARAMETERS "/mode", "complain\n");
	STEP_FAILS(step_stack,
		   "apparmor.mode=complain overrides the mode of every profile; remove it");
	assert_int_equal(boot.outcome, OUTCOME_NONE);
}

/* At a level that locks policy, by mac_admin or by the latch. */
static void a_stack_in_which_policy_is_loaded_is_no_strict_one(void **state)
{
	static const char *const levels[] = { "strict", "sealed" };

	(void)state;
	for (size_t i = 0; i < COUNT(levels); i++) {
		stack_of(levels[i]);
		STEP_HANDS_ON(step_stack);
		stack_of(levels[i]);
		fake_put(AA_PARAMETERS "/lock_policy", "N\n");
		fake->may_load = true;
		assert_int_equal(step_stack(&boot), STEP_FAILED);
		assert_non_null(strstr(boot.why_text, "confined already, and not as configured"));
		assert_int_equal(boot.outcome, OUTCOME_NONE);
	}
	configure("");
	STEP_HANDS_ON(step_stack);
}

/* A policy that refuses the control path as well is some other policy. */
static void a_stack_that_refuses_the_control_path_is_another(void **state)
{
	(void)state;
	fake_put(APPARMORFS "/.ns_stacked", "yes\n");
	fake_put(AA_USERNS_SYSCTL, "0\n");
	fake_put(APPARMORFS "/.ns_level", "1\n");
	fake_put(APPARMORFS "/.ns_name", "application\n");
	fake->own_refused = true;
	configure("");
	STEP_HANDS_ON(step_stack);
	fake->control_refused = true;
	boot.outcome = OUTCOME_NONE;
	assert_int_equal(step_stack(&boot), STEP_FAILED);
	assert_int_equal(boot.outcome, OUTCOME_NONE);
}

static void only_eacces_is_the_policy(void **state)
{
	(void)state;
	fake_put(APPARMORFS "/.ns_stacked", "yes\n");
	fake_put(AA_USERNS_SYSCTL, "0\n");
	fake_put(APPARMORFS "/.ns_level", "1\n");
	fake_put(APPARMORFS "/.ns_name", "application\n");
	fault("chown", PROOF_PATH + 1, EROFS);
	configure("policy = complain\n");
	STEP_HANDS_ON(step_stack);
	configure("");
	assert_int_equal(step_stack(&boot), STEP_FAILED);
}

static void a_stack_that_cannot_be_read_is_told(void **state)
{
	static const char *const files[] = {
		APPARMORFS "/.ns_stacked",
		APPARMORFS "/.ns_level",
		APPARMORFS "/.ns_name",
		AA_ATTR "/current",
	};
	char why[128];

	(void)state;
	configure("");
	for (size_t i = 0; i < COUNT(files); i++) {
		no_faults();
		fault("open", files[i], EACCES);
		(void)form(why, sizeof(why), "/%s cannot be read: EACCES", files[i]);
		STEP_FAILS(step_stack, why);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		STEP_TEST(other_programs_are_counted_and_kernel_threads_are_not),
		STEP_TEST(tasks_that_cannot_be_counted_are_said),
		STEP_TEST(a_usable_apparmor_is_taken),
		STEP_TEST(each_way_to_be_off_is_told),
		STEP_TEST(locked_policy_is_told),
		STEP_TEST(the_module_wide_mode_must_not_override),
		STEP_TEST(without_lockdown_there_is_no_level),
		STEP_TEST(a_present_stack_is_free_or_configured_or_fatal),
		STEP_TEST(a_managed_stack_has_its_namespace),
		STEP_TEST(a_stack_in_which_policy_is_loaded_is_no_strict_one),
		STEP_TEST(a_stack_without_what_the_level_locks_is_none_of_that_level),
		STEP_TEST(a_stack_without_the_filter_is_none_of_a_level_that_has_it),
		STEP_TEST(a_stack_with_what_the_level_locks_is_handed_on),
		STEP_TEST(a_stack_whose_policy_users_administer_is_none),
		STEP_TEST(a_stack_under_a_module_wide_mode_is_none),
		STEP_TEST(a_stack_that_refuses_the_control_path_is_another),
		STEP_TEST(only_eacces_is_the_policy),
		STEP_TEST(a_stack_that_cannot_be_read_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
