// SPDX-License-Identifier: LGPL-2.1-or-later
// wrap: syscall read write mkdirat unlinkat mknodat fchownat statfs mount umount2
// wrap: uname vfork execve waitid waitpid _exit getpid
/* The label, its proof and the seal: early/loader/confine.c, probe.c. */
#include "fake_bundle.h"

#include <sys/quota.h>

/* QCMD() shifts into the sign. */
#define QUOTA_CALL(call, type) ((long)(call) << SUBCMDSHIFT | (type))

#define EXEC_PATH "proc/self/attr/apparmor/exec"
#define LOCK_PATH "sys/module/apparmor/parameters/lock_policy"
#define HIDDEN "global//&:application:unconfined"
#define NOT_STRICT                                                                          \
	"not in force as configured: a write to /sys/kernel/security/apparmor/.replace is " \
	"not refused for want of mac_admin"

static void loaded(const char *conf)
{
	bundle_plain();
	read_bundle(conf);
	STEP_IS_OK(step_load);
	STEP_IS_OK(step_namespaces);
	fake_forget();
}

/* ---- label ---- */

static void the_label_is_set_and_read_back(void **state)
{
	(void)state;
	loaded("");
	STEP_IS_OK(step_label);
	LOG_IS("write " EXEC_PATH " \"exec " HIDDEN "\"\n");
	check_text("label", fake->exec_label, HIDDEN);
	assert_true(boot.undo.label_set);
	configure("mode = visible\n");
	fake_forget();
	STEP_IS_OK(step_label);
	LOG_IS("write " EXEC_PATH " \"exec global//&unconfined\"\n");
}

static void a_label_that_is_refused_is_told(void **state)
{
	(void)state;
	loaded("");
	fault("write", EXEC_PATH, ENOENT);
	STEP_FAILS(step_label, "/" EXEC_PATH " cannot be set to \"exec " HIDDEN "\": ENOENT");
	assert_true(boot.undo.label_set);
	no_faults();
	fault("write", EXEC_PATH, FAULT_SHORT);
	STEP_FAILS(step_label, "/" EXEC_PATH " cannot be set to \"exec " HIDDEN "\": 5");
	no_faults();
	fault("read", EXEC_PATH, EINVAL);
	STEP_FAILS(step_label, "/" EXEC_PATH " cannot be read: EINVAL");
}

static const char *other_label;

static void set_other_label(const char *call, const char *path)
{
	if (strcmp(call, "write") == 0 && strcmp(path, EXEC_PATH) == 0)
		fake_put(EXEC_PATH, other_label);
}

static void a_label_that_comes_out_otherwise_is_told(void **state)
{
	(void)state;
	loaded("");
	fault("write", EXEC_PATH, FAULT_SILENT);
	STEP_FAILS(step_label, "the label of the next execution is , not " HIDDEN);
	no_faults();
	fake->hook = set_other_label;
	other_label = "global//&unconfined (enforce)\n";
	STEP_FAILS(step_label,
		   "the label of the next execution is global//&unconfined, not " HIDDEN);
	other_label = HIDDEN "x (enforce)\n";
	STEP_FAILS(step_label, "the label of the next execution is " HIDDEN "x, not " HIDDEN);
	other_label = HIDDEN " (complain)\n";
	STEP_IS_OK(step_label);
}

/* ---- proof ---- */

static void a_refused_write_is_the_proof(void **state)
{
	(void)state;
	loaded("");
	STEP_IS_OK(step_label);
	STEP_IS_OK(step_proof);
	assert_int_equal(boot.outcome, OUTCOME_CONFINED);
}

static void a_dry_run_refuses_nothing(void **state)
{
	(void)state;
	loaded("policy = complain\n");
	STEP_IS_OK(step_label);
	STEP_IS_OK(step_proof);
	assert_int_equal(boot.outcome, OUTCOME_COMPLAIN);
}

static void in_the_mode_kill_the_signal_is_the_refusal(void **state)
{
	(void)state;
	fake_put(AA_PARAMETERS "/mode", "kill\n");
	loaded("");
	STEP_IS_OK(check_mode);
	STEP_IS_OK(step_label);
	STEP_IS_OK(step_proof);
	assert_int_equal(boot.outcome, OUTCOME_CONFINED);
}

/* The proof ends the child at level strict, too: mac_admin is another's to try. */
static void in_the_mode_kill_mac_admin_is_tried_all_the_same(void **state)
{
	(void)state;
	fake_put(AA_PARAMETERS "/mode", "kill\n");
	loaded("level = strict\n");
	STEP_IS_OK(check_mode);
	STEP_IS_OK(step_label);
	fake->may_load = true;
	STEP_FAILS(step_proof, NOT_STRICT);
	assert_int_equal(boot.outcome, OUTCOME_NONE);
	fake->may_load = false;
	STEP_IS_OK(step_proof);
	assert_int_equal(boot.outcome, OUTCOME_CONFINED);
	/* A rule for the path ends it before the write. */
	fake->load_path_refused = true;
	STEP_FAILS(step_proof, "a signal ended the child under " HIDDEN);
}

static void in_the_mode_kill_only_the_refusal_that_was_to_come_counts(void **state)
{
	(void)state;
	fake_put(AA_PARAMETERS "/mode", "kill\n");
	loaded("");
	STEP_IS_OK(check_mode);
	STEP_IS_OK(step_label);
	fake->control_refused = true;
	STEP_FAILS(step_proof, "a signal ended the child under " HIDDEN);
	fake->control_refused = false;
	fake->probe_end = -SIGKILL;
	STEP_FAILS(step_proof, "a signal ended the child under " HIDDEN);
	assert_int_equal(boot.outcome, OUTCOME_NONE);
}

static void another_signal_is_no_refusal(void **state)
{
	(void)state;
	loaded("");
	STEP_IS_OK(step_label);
	fake->probe_end = -SIGKILL;
	STEP_FAILS(step_proof, "a signal ended the child under " HIDDEN);
	fake->probe_tries = true;
	STEP_FAILS(step_proof, "a signal ended the child under " HIDDEN);
	fake_put(AA_PARAMETERS "/mode", "kill\n");
	STEP_IS_OK(check_mode);
	STEP_IS_OK(step_proof);
	fake->probe_end = -SIGTERM;
	STEP_FAILS(step_proof, "a signal ended the child under " HIDDEN);
}

static void loaded_is_not_in_force(void **state)
{
	(void)state;
	loaded("");
	STEP_IS_OK(step_label);
	fake_put(AA_PARAMETERS "/mode", "complain\n");
	STEP_FAILS(step_proof, "not in force as configured: a write to /proc/version is "
			       "not refused");
	assert_int_equal(boot.outcome, OUTCOME_NONE);
	fake_put(AA_PARAMETERS "/mode", "enforce\n");
	fake->control_refused = true;
	STEP_FAILS(step_proof, "not in force as configured: a write to /proc/version is "
			       "refused, but so is /proc/uptime");
	assert_int_equal(boot.outcome, OUTCOME_NONE);
}

static void a_dry_run_that_refuses_is_none(void **state)
{
	(void)state;
	loaded("policy = complain\n");
	STEP_IS_OK(step_label);
	fake->probe_end = PROBE_REFUSED;
	STEP_FAILS(step_proof, "not in force as configured: a write to /proc/version is "
			       "refused");
	assert_int_equal(boot.outcome, OUTCOME_NONE);
}

static void the_child_has_to_run_under_the_label(void **state)
{
	static const char *const labels[][2] = {
		{ "unconfined", "unconfined" },
		{ "global//&unconfined", "global//&unconfined" },
		{ HIDDEN "x", HIDDEN "x" },
		{ "global", "global" },
	};
	char why[256];

	(void)state;
	loaded("");
	STEP_IS_OK(step_label);
	fake->probe_end = PROBE_REFUSED;
	for (size_t i = 0; i < COUNT(labels); i++) {
		fake->probe_label = labels[i][0];
		(void)form(why, sizeof(why), "a child under the label runs under %s, not " HIDDEN,
			   labels[i][1]);
		STEP_FAILS(step_proof, why);
		assert_int_equal(boot.outcome, OUTCOME_NONE);
	}
}

/* ---- the child ---- */

static void a_child_that_cannot_be_executed_is_told(void **state)
{
	(void)state;
	loaded("");
	fault("execve", "/proc/self/exe", EACCES);
	STEP_FAILS(step_proof, "no child can be executed under " HIDDEN ": EACCES");
	no_faults();
	fault("write", EXEC_PATH, EINVAL);
	STEP_FAILS(step_proof, "no child can be executed under " HIDDEN ": EINVAL");
	no_faults();
	fake->probe_end = 100;
	STEP_FAILS(step_proof, "no child can be executed under " HIDDEN ": 100");
	fake->probe_end = -SIGTERM;
	STEP_FAILS(step_proof, "a signal ended the child under " HIDDEN);
	assert_int_equal(boot.outcome, OUTCOME_NONE);
}

static void a_child_that_is_lost_is_told(void **state)
{
	(void)state;
	loaded("");
	fault("vfork", "", ENOMEM);
	STEP_FAILS(step_proof, "no child to prove it: ENOMEM");
	no_faults();
	fault("waitid", "", EINVAL);
	STEP_FAILS(step_proof, "the child is lost: EINVAL");
	/* The one that nobody has waited for. */
	assert_true(__real_waitpid(-1, NULL, 0) > 0);
}

static void no_child_is_left_behind(void **state)
{
	struct probe_result result;

	(void)state;
	loaded("");
	assert_int_equal(probe_run(&boot, false, &result), STEP_OK);
	assert_int_equal(result.answer, PROBE_REFUSED);
	check_text("label", result.label, HIDDEN);
	LOG_IS("write " EXEC_PATH " \"exec " HIDDEN "\"\n");
	fault("execve", "/proc/self/exe", EACCES);
	assert_int_equal(probe_run(&boot, false, &result), STEP_FAILED);
	assert_int_equal(__real_waitpid(-1, NULL, 0), -1);
	assert_int_equal(errno, ECHILD);
}

static void a_label_that_cannot_be_read_is_told(void **state)
{
	unsigned int before = open_descriptors();
	struct probe_result result;

	(void)state;
	loaded("");
	fault_after(0, "read", NULL, EACCES);
	assert_int_equal(probe_run(&boot, false, &result), STEP_FAILED);
	assert_non_null(strstr(boot.why_text, "/attr/apparmor/current cannot be read: EACCES"));
	assert_int_equal(open_descriptors(), before);
	assert_int_equal(__real_waitpid(-1, NULL, 0), -1);
}

static void the_probe_tells_refusals_apart(void **state)
{
	(void)state;
	loaded("");
	assert_int_equal(probe_main(false), PROBE_ALLOWED);
	strcpy(fake->probe_asked, HIDDEN);
	assert_int_equal(probe_main(false), PROBE_REFUSED);
	fake->control_refused = true;
	assert_int_equal(probe_main(false), PROBE_UNCLEAR);
	fake->probe_asked[0] = '\0';
	assert_int_equal(probe_main(false), PROBE_UNCLEAR);
	/* Only EACCES is the policy. */
	fake->control_refused = false;
	fault("chown", PROOF_PATH + 1, EROFS);
	assert_int_equal(probe_main(false), PROBE_ALLOWED);
	fault("chown", CONTROL_PATH + 1, EPERM);
	assert_int_equal(probe_main(false), PROBE_ALLOWED);
}

static void at_level_strict_the_probe_tries_to_load(void **state)
{
	(void)state;
	loaded("");
	assert_int_equal(probe_main(true), PROBE_REFUSED);
	fake->may_load = true;
	assert_int_equal(probe_main(true), PROBE_ADMIN);
	/* Only EACCES is the policy. */
	fake->may_load = false;
	fault("write", LOAD_PATH + 1, EPERM);
	assert_int_equal(probe_main(true), PROBE_ADMIN);
	no_faults();
	fault("open", LOAD_PATH + 1, ENOENT);
	assert_int_equal(probe_main(true), PROBE_ADMIN);
	no_faults();
	fault("open", LOAD_PATH + 1, EACCES); /* by a path's rule */
	assert_int_equal(probe_main(true), PROBE_ADMIN);
}

static void who_may_load_policy_is_not_under_level_strict(void **state)
{
	(void)state;
	loaded("level = strict\n");
	STEP_IS_OK(step_label);
	STEP_IS_OK(step_proof);
	assert_int_equal(boot.outcome, OUTCOME_CONFINED);
	boot.outcome = OUTCOME_NONE;
	fake->may_load = true;
	STEP_FAILS(step_proof, NOT_STRICT);
	assert_int_equal(boot.outcome, OUTCOME_NONE);
	configure("level = compatible\n");
	STEP_IS_OK(step_proof);
	configure("level = strict\npolicy = complain\n");
	fake->probe_end = PROBE_ALLOWED;
	STEP_IS_OK(step_proof);
	assert_int_equal(boot.outcome, OUTCOME_COMPLAIN);
}

/* ---- mount interface ---- */

static void only_what_is_above_compatible_has_the_filter(void **state)
{
	(void)state;
	loaded("");
	STEP_IS_OK(step_filter);
	LOG_IS("");
	configure("level = strict\npolicy = complain\n");
	STEP_IS_OK(step_filter);
	LOG_IS("");
	assert_false(boot.undo.latched);
	configure("level = strict\nmount_api = all\n");
	STEP_IS_OK(step_filter);
	LOG_IS("");
	configure("level = strict\n");
	STEP_IS_OK(step_filter);
	LOG_IS("filter \n");
	assert_true(boot.undo.latched);
}

static void a_filter_that_is_not_set_is_told(void **state)
{
	(void)state;
	loaded("level = sealed\n");
	fault("filter", "", ENOMEM);
	STEP_FAILS(step_filter, "the filter of system calls cannot be set: ENOMEM");
	assert_false(boot.undo.latched);
	no_faults();
	fault("open_tree", "", EBADF);
	STEP_FAILS(step_filter,
		   "the new mount interface is not refused by a filter of system calls");
	no_faults();
	assert_true(can_filter());
	fault("filter", "", EINVAL);
	assert_false(can_filter());
}

/* What a task under the filter finds: the bits of what does not exist. */
static int try_calls(void)
{
	static const struct {
		long call, flags, first;
	} rows[] = {
		{ 428, 0, -1 },
		{ 428, 1, -1 },
		{ 428, 1 | O_CLOEXEC, -1 },
		{ 428, O_CLOEXEC | 0x8000, -1 },
		{ SYS_getppid, 1, -1 },
		{ 431, 1, -1 },			 /* fsconfig */
		{ 428 | 0x40000000, 1, -1 },	 /* by x32, where the kernel has it */
		{ 428, 2, -1 },			 /* OPEN_TREE_NAMESPACE */
		{ 428, 1 << 6 | O_CLOEXEC, -1 }, /* of a kernel to come */
		{ 429, 0, -1 },
		{ 430, 0, -1 },
		{ 433, 0, -1 },
		{ 442, 0, -1 },
		{ 467, 0, -1 },
		{ SYS_open_by_handle_at, 0, -1 },
		{ SYS_quotactl, 0, QUOTA_CALL(Q_QUOTAON, USRQUOTA) },
		{ SYS_quotactl, 0, QUOTA_CALL(Q_QUOTAON, GRPQUOTA) },
		{ SYS_quotactl, 0, QUOTA_CALL(Q_SYNC, USRQUOTA) },
		{ 131, 0, QUOTA_CALL(Q_QUOTAON, USRQUOTA) }, /* quotactl of 32-bit programs */
	};
	int found = 0;

	for (size_t i = 0; i < COUNT(rows); i++) {
		errno = 0;
		(void)__real_syscall(rows[i].call, rows[i].first, "", rows[i].flags, 0L, 0L, 0L);
		found |= (errno == ENOSYS) << i;
	}
	return found;
}

/*
 * This kernel may lack open_tree_attr, so that its bit tells nothing where the filter lets it pass; and quotas, of
 * which the 17th row has what passes.
 */
static void a_system_has_no_new_mount_interface(void **state)
{
	int *found = mmap(NULL, sizeof(*found), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			  -1, 0);
	int status = 0, no_quota;
	pid_t pid;

	(void)state;
	assert_ptr_not_equal(found, MAP_FAILED);
	loaded("level = strict\n");
	no_quota = __real_syscall(SYS_quotactl, QUOTA_CALL(Q_SYNC, 0), 0L, 0L, 0L, 0L, 0L) < 0 &&
		   errno == ENOSYS;
	pid = fork();
	if (pid == 0) {
		fake->real_filter = true;
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || step_filter(&boot) != STEP_OK)
			_exit(255);
		*found = try_calls();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	check_number("calls", *found, 1 << 1 | 1 << 2 | 0x7ff << 6 | no_quota << 17);
	munmap(found, sizeof(*found));
}

/* ---- seal ---- */

#define LOCK_KERNEL "write " LOCKDOWN " \"integrity\"\nwrite " KEXEC_LOCK " \"1\"\n"
#define HELPERS "\"4288544767 4294967100\"\n"
#define LOCK_POLICY                                                              \
	"write " HELPER_BSET " " HELPERS "write " HELPER_INHERITABLE " " HELPERS \
	"write " LOCK_PATH " \"1\"\n"

static void each_level_locks_what_it_says(void **state)
{
	(void)state;
	loaded("");
	STEP_IS_OK(step_seal);
	LOG_IS("");
	assert_false(boot.undo.latched || boot.undo.sealed);
	configure("level = strict\n");
	STEP_IS_OK(step_seal);
	LOG_IS(LOCK_KERNEL);
	assert_true(boot.undo.latched);
	assert_false(boot.undo.sealed);
	fake_forget();
	fake_put(LOCKDOWN, "[none] integrity confidentiality\n");
	configure("level = sealed\n");
	STEP_IS_OK(step_seal);
	LOG_IS(LOCK_KERNEL LOCK_POLICY);
	assert_true(boot.undo.sealed);
	check_text("latch", fake_get(LOCK_PATH), "Y\n");
}

static void the_kernel_starts_programs_unless_it_is_denied(void **state)
{
	(void)state;
	loaded("usermode_helpers = deny\n");
	STEP_IS_OK(step_seal);
	LOG_IS("");
	configure("level = strict\nusermode_helpers = deny\npolicy = complain\n");
	STEP_IS_OK(step_seal);
	LOG_IS("");
	configure("level = strict\nusermode_helpers = deny\n");
	STEP_IS_OK(step_seal);
	LOG_IS("unshare fs\n" LOCK_KERNEL "write " MODPROBE " \".\"\n");
	assert_true(boot.undo.latched);
	fake_drop(MODPROBE); /* a kernel without modules */
	fake_put(LOCKDOWN, "[none] integrity confidentiality\n");
	STEP_IS_OK(step_seal);
	boot.undo.latched = false;
	fault("unshare", "", ENOMEM);
	STEP_FAILS(step_seal, "process 1 cannot have a root folder of its own: ENOMEM");
	assert_false(boot.undo.latched);
	no_faults();
	fake_put(LOCKDOWN, "[none] integrity confidentiality\n");
	fault("write", LOCKDOWN, EACCES);
	STEP_FAILS(step_seal, "/" LOCKDOWN " cannot be set to \"integrity\": EACCES");
	assert_true(boot.undo.latched);
}

/* Somebody has shrunk them already, but not as far. */
static void a_mask_that_leaves_more_does_not_hold(void **state)
{
	static const struct {
		const char *text;
		int want;
	} rows[] = {
		{ "4288544767\t316\n", STEP_OK },	  { "0\t0\n", STEP_OK },
		{ "4288544767\t4294967100\n", STEP_OK },  { "4288544766\t316\n", STEP_OK },
		{ "4294967294\t316\n", STEP_FAILED },	  { "4288544767\t511\n", STEP_FAILED },
		{ "4288544767\t317\n", STEP_FAILED },	  { "4288675839\t316\n", STEP_FAILED },
		{ "4288544767\n", STEP_FAILED },	  { "\n", STEP_FAILED },
		{ "4288544767\tnothing\n", STEP_FAILED },
	};

	(void)state;
	loaded("level = sealed\n");
	fault("write", HELPER_BSET, EPERM);
	for (size_t i = 0; i < COUNT(rows); i++) {
		fake_put(HELPER_BSET, rows[i].text);
		fake_put(LOCKDOWN, "[none] integrity confidentiality\n");
		run_step(rows[i].text, step_seal, rows[i].want,
			 "/" HELPER_BSET " cannot be set to \"4288544767 4294967100\": EPERM");
		fake_put(LOCK_PATH, "N\n");
	}
}

static void a_dry_run_locks_nothing(void **state)
{
	(void)state;
	loaded("level = strict\npolicy = complain\n");
	STEP_IS_OK(step_seal);
	LOG_IS("");
	assert_false(boot.undo.latched);
}

static void what_is_locked_already_is_well(void **state)
{
	(void)state;
	loaded("level = strict\n");
	fake_put(LOCKDOWN, "none integrity [confidentiality]\n");
	fake_drop(KEXEC_LOCK); /* a kernel without kexec */
	STEP_IS_OK(step_seal);
	check_text("lockdown", fake_get(LOCKDOWN), "none integrity [confidentiality]\n");
	assert_false(boot.undo.latched);
}

static void a_setting_that_does_not_hold_is_told(void **state)
{
	static const struct {
		const char *path, *value, *open;
	} rows[] = {
		{ LOCKDOWN, "integrity", "[none] integrity confidentiality\n" },
		{ KEXEC_LOCK, "1", "0\n" },
		{ MODPROBE, ".", "/sbin/modprobe\n" },
		{ HELPER_BSET, "4288544767 4294967100", "4294967295\t511\n" },
		{ HELPER_INHERITABLE, "4288544767 4294967100", "4294967295\t511\n" },
		{ LOCK_PATH, "1", "N\n" },
	};
	char why[256];

	(void)state;
	loaded("level = sealed\nusermode_helpers = deny\n");
	for (size_t i = 0; i < COUNT(rows); i++) {
		fake_put(LOCKDOWN, "[none] integrity confidentiality\n");
		fault("write", rows[i].path, FAULT_SILENT);
		(void)form(why, sizeof(why), "/%s cannot be set to \"%s\"", rows[i].path,
			   rows[i].value);
		STEP_FAILS(step_seal, why);
		assert_false(boot.undo.sealed);
		no_faults();
		fake_put(LOCKDOWN, "[none] integrity confidentiality\n");
		fault("write", rows[i].path, EACCES);
		(void)form(why, sizeof(why), "/%s cannot be set to \"%s\": EACCES", rows[i].path,
			   rows[i].value);
		STEP_FAILS(step_seal, why);
		no_faults();
		fake_put(LOCKDOWN, "[none] integrity confidentiality\n");
		fault("read", rows[i].path, EIO);
		(void)form(why, sizeof(why), "/%s cannot be read: 5", rows[i].path);
		STEP_FAILS(step_seal, why);
		no_faults();
		fake_put(rows[i].path, rows[i].open);
	}
}

static void only_kexec_may_be_missing(void **state)
{
	(void)state;
	loaded("level = sealed\n");
	fake_drop(KEXEC_LOCK);
	fake_drop(HELPER_BSET);
	STEP_FAILS(step_seal, "/" HELPER_BSET " cannot be read: ENOENT");
	assert_false(boot.undo.sealed);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		STEP_TEST(the_label_is_set_and_read_back),
		STEP_TEST(a_label_that_is_refused_is_told),
		STEP_TEST(a_label_that_comes_out_otherwise_is_told),
		STEP_TEST(a_refused_write_is_the_proof),
		STEP_TEST(a_dry_run_refuses_nothing),
		STEP_TEST(in_the_mode_kill_the_signal_is_the_refusal),
		STEP_TEST(in_the_mode_kill_mac_admin_is_tried_all_the_same),
		STEP_TEST(in_the_mode_kill_only_the_refusal_that_was_to_come_counts),
		STEP_TEST(another_signal_is_no_refusal),
		STEP_TEST(loaded_is_not_in_force),
		STEP_TEST(a_dry_run_that_refuses_is_none),
		STEP_TEST(the_child_has_to_run_under_the_label),
		STEP_TEST(a_child_that_cannot_be_executed_is_told),
		STEP_TEST(a_child_that_is_lost_is_told),
		STEP_TEST(no_child_is_left_behind),
		STEP_TEST(a_label_that_cannot_be_read_is_told),
		STEP_TEST(the_probe_tells_refusals_apart),
		STEP_TEST(at_level_strict_the_probe_tries_to_load),
		STEP_TEST(who_may_load_policy_is_not_under_level_strict),
		STEP_TEST(only_what_is_above_compatible_has_the_filter),
		STEP_TEST(a_filter_that_is_not_set_is_told),
		STEP_TEST(a_system_has_no_new_mount_interface),
		STEP_TEST(each_level_locks_what_it_says),
		STEP_TEST(the_kernel_starts_programs_unless_it_is_denied),
		STEP_TEST(a_mask_that_leaves_more_does_not_hold),
		STEP_TEST(a_dry_run_locks_nothing),
		STEP_TEST(what_is_locked_already_is_well),
		STEP_TEST(a_setting_that_does_not_hold_is_told),
		STEP_TEST(only_kexec_may_be_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
