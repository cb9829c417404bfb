// SPDX-License-Identifier: LGPL-2.1-or-later
// wrap: syscall read write mkdirat unlinkat mknodat fchownat statfs mount umount2
// wrap: uname vfork execve waitid waitpid _exit getpid
/* The whole of it, in its order: early/loader/main.c, as process 1 of a fake kernel. */
int loader_main(int argc, char **argv, char **envp);
#define main loader_main
#include "main.c"
#undef main
#undef COUNT

#include "fake_bundle.h"

#define AA "sys/kernel/security/apparmor/"
#define SYSCTL "proc/sys/kernel/unprivileged_userns_apparmor_policy"
#define EXEC_FILE "proc/self/attr/apparmor/exec"
#define HIDDEN "global//&:application:unconfined"
#define VISIBLE "global//&unconfined"
#define CONF "initward/initward.conf"

static bool closed_at_entry;
static char *arguments[] = { (char[]){ "/init" }, (char[]){ "single" }, (char[]){ "" }, NULL };
static char *environment[] = { (char[]){ "HOME=/" }, (char[]){ "TERM=linux" }, NULL };

/* A fresh copy of the loader in a child, whose exit status is returned. */
static int boot_it(void)
{
	int status;
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		fake->init = __real_getpid();
		fake->pid = 1;
		if (closed_at_entry) {
			(void)close(0);
			(void)close(1);
			(void)close(2);
		}
		_exit(100 + loader_main(3, arguments, environment));
	}
	assert_int_equal(__real_waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void not_mounted(void)
{
	for (int fs = 0; fs < FS_COUNT; fs++)
		fake->mounted[fs] = false;
}

static void prepare(const char *conf)
{
	char text[512];

	closed_at_entry = false;
	(void)form(text, sizeof(text), CONF_HEAD "%s", conf);
	fake_put(CONF, text);
	bundle_plain();
	not_mounted();
}

/* Each line of the log begins with its row. */
static void check_log(const char *const *rows, size_t n)
{
	const char *line = fake->log;

	for (size_t i = 0; i < n; i++, line = strchr(line, '\n') + 1) {
		if (!*line || strncmp(line, rows[i], strlen(rows[i])) != 0)
			fail_msg("call %zu is not \"%s\" but %s", i, rows[i], line);
	}
	check_text("calls behind the last", line, "");
}

#define LOG_BEGINS(...)                                 \
	check_log((const char *const[]){ __VA_ARGS__ }, \
		  COUNT(((const char *const[]){ __VA_ARGS__ })))

/* "initward: " lines: level and text, the outcome's only as far as the row goes. */
static void check_said(const char *const *rows, size_t n)
{
	const char *line = fake->said;
	char want[LIMIT_MESSAGE];

	for (size_t i = 0; i < n; i++, line = strchr(line, '\n') + 1) {
		(void)form(want, sizeof(want), "<%c>initward: %s", rows[i][0], rows[i] + 1);
		if (!*line || strncmp(line, want, strlen(want)) != 0)
			fail_msg("message %zu is not\n%s but\n%s", i, want, line);
	}
	check_text("messages behind the last", line, "");
}

#define SAID(...)                                        \
	check_said((const char *const[]){ __VA_ARGS__ }, \
		   COUNT(((const char *const[]){ __VA_ARGS__ })))

static void executed_under(const char *label)
{
	char want[512];

	(void)form(want, sizeof(want),
		   "path /sbin/init\nlabel %s\nhanded on %d\narg /sbin/init\narg single\narg \n"
		   "env HOME=/\nenv TERM=linux\n",
		   label, closed_at_entry ? 0 : 3);
	check_text("execution", fake->executed, want);
	assert_false(fake->mounted[FS_PROC] || fake->mounted[FS_SYSFS] ||
		     fake->mounted[FS_SECURITYFS]);
	assert_false(fake_exists(".initward-kmsg"));
}

#define KMSG "close_range 3-", "mknod .initward-kmsg", "unlink .initward-kmsg"
#define MOUNTS                                                                               \
	"mkdir proc", "mount /proc", "mkdir sys", "mount /sys", "mkdir sys/kernel/security", \
		"mount /sys/kernel/security"
#define REPORT "create initward/report", "write initward/report "
#define UNMOUNTS "umount /sys/kernel/security", "umount /sys", "umount /proc"
#define INIT "execve /sbin/init"
#define LOCK_KERNEL                                                                  \
	"filter ", "write " LOCKDOWN " \"integrity\"", "write " KEXEC_LOCK " \"1\"", \
		"write " HELPER_BSET " \"4288544767 4294967100\"",                   \
		"write " HELPER_INHERITABLE " \"4288544767 4294967100\""

/* ---- the good way ---- */

static void hidden_and_enforced(void **state)
{
	(void)state;
	prepare("");
	assert_int_equal(boot_it(), 0);
	LOG_BEGINS(KMSG, MOUNTS, "write " SYSCTL " \"0\"", "write " AA ".replace ",
		   "mkdir " AA "policy/namespaces/application",
		   "write " AA "policy/namespaces/application/.replace ",
		   "write " EXEC_FILE " \"exec " HIDDEN "\"",
		   "write " EXEC_FILE " \"exec " HIDDEN "\"", REPORT, UNMOUNTS, INIT);
	SAID("5confined: " HIDDEN " policy=enforce mode=hidden level=compatible init=/sbin/init "
	     "set=6.1 fit=exact profiles=4 bytes=");
	executed_under(HIDDEN);
	assert_non_null(strstr(fake_get(IMAGE_REPORT), "\nresult=confined\n"));
}

static void visible_and_sealed(void **state)
{
	(void)state;
	prepare("mode = visible\nlevel = sealed\n");
	assert_int_equal(boot_it(), 0);
	LOG_BEGINS(KMSG, MOUNTS, "write " AA ".replace ",
		   "write " EXEC_FILE " \"exec " VISIBLE "\"",
		   "write " EXEC_FILE " \"exec " VISIBLE "\"", LOCK_KERNEL,
		   "write " AA_PARAMETERS "/lock_policy \"1\"", REPORT, UNMOUNTS, INIT);
	SAID("5confined: " VISIBLE " policy=enforce mode=visible level=sealed init=/sbin/init");
	executed_under(VISIBLE);
}

static void a_dry_run_warns(void **state)
{
	(void)state;
	prepare("policy = complain\nlock = yes\n");
	fake_put("proc/cmdline", "initward.policy=off\n");
	fake_link("proc/7/exe", "/sbin/modprobe");
	assert_int_equal(boot_it(), 0);
	SAID("4warning: other tasks: programs that run already, unconfined: 1",
	     "4warning: ignored on the kernel command line: \"initward.policy\"=\"off\" (lock = "
	     "yes)\n",
	     "4complain: " HIDDEN " policy=complain mode=hidden level=compatible");
	executed_under(HIDDEN);
	assert_non_null(strstr(fake_get(IMAGE_REPORT), "\nresult=complain\n"));
}

static void off_changes_nothing(void **state)
{
	(void)state;
	prepare("");
	fake_put("proc/cmdline", "initward.policy=off\n");
	assert_int_equal(boot_it(), 0);
	LOG_BEGINS(KMSG, MOUNTS, REPORT, UNMOUNTS, INIT);
	SAID("4off: policy=off mode=hidden level=compatible init=/sbin/init nanoseconds=");
	executed_under("");
}

static void a_configured_stack_is_handed_on(void **state)
{
	(void)state;
	prepare("");
	fake_put(SYSCTL, "0\n");
	fake_put(AA ".ns_stacked", "yes\n");
	fake_put(AA ".ns_level", "1\n");
	fake_put(AA ".ns_name", "application\n");
	fake->own_refused = true;
	assert_int_equal(boot_it(), 0);
	LOG_BEGINS(KMSG, MOUNTS, REPORT, UNMOUNTS, INIT);
	SAID("5already: policy=enforce mode=hidden level=compatible init=/sbin/init nanoseconds=");
	executed_under("");
}

static void what_was_mounted_stays(void **state)
{
	(void)state;
	prepare("mode = visible\n");
	fake->mounted[FS_PROC] = fake->mounted[FS_SYSFS] = true;
	assert_int_equal(boot_it(), 0);
	LOG_BEGINS(KMSG, "mkdir sys/kernel/security", "mount /sys/kernel/security",
		   "write " AA ".replace ", "write " EXEC_FILE " ", "write " EXEC_FILE " ", REPORT,
		   "umount /sys/kernel/security", INIT);
	assert_true(fake->mounted[FS_PROC] && fake->mounted[FS_SYSFS]);
}

static void descriptors_closed_at_entry_stay_closed(void **state)
{
	(void)state;
	prepare("");
	closed_at_entry = fake->no_stderr = true;
	assert_int_equal(boot_it(), 0);
	SAID("5confined: ");
	executed_under(HIDDEN);
	/* Nor is a file of the loader taken for descriptor 2 where there is no kernel log. */
	fake_teardown(NULL);
	fake_setup(NULL);
	prepare("");
	closed_at_entry = fake->no_stderr = true;
	fault("mknod", NULL, EPERM);
	assert_int_equal(boot_it(), 0);
	check_text("said", fake->said, "");
	LOG_BEGINS("close_range 3-", "mknod .initward-kmsg", MOUNTS, "write " SYSCTL " \"0\"",
		   "write " AA ".replace ", "mkdir " AA "policy/namespaces/application",
		   "write " AA "policy/namespaces/application/.replace ", "write " EXEC_FILE " ",
		   "write " EXEC_FILE " ", REPORT, UNMOUNTS, INIT);
	executed_under(HIDDEN);
}

static void without_a_kernel_log_messages_go_to_standard_error(void **state)
{
	static const char want[] = "stderr: initward: confined: " HIDDEN " policy=enforce";

	(void)state;
	prepare("");
	fault("mknod", NULL, EPERM);
	assert_int_equal(boot_it(), 0);
	assert_memory_equal(fake->said, want, sizeof(want) - 1);
}

static void advice_does_not_stop_a_boot(void **state)
{
	(void)state;
	prepare("");
	fault("write", IMAGE_REPORT, EROFS);
	fault("umount", "proc", EBUSY);
	fault("getdents", "proc", EACCES);
	assert_int_equal(boot_it(), 0);
	SAID("4warning: other tasks: /proc cannot be read: EACCES\n",
	     "5confined: ", "4warning: report: /initward/report cannot be written: EROFS\n",
	     "4warning: unmount: /proc stays mounted: EBUSY\n");
	assert_int_equal(count_lines(fake->executed, "label " HIDDEN), 1);
}

/* ---- failures ---- */

#define UNCONFINED "3on_failure=continue: /sbin/init runs UNCONFINED by initward\n"
#define ROLLED "3rolled back: the kernel is as before\n"
#define PANIC "2on_failure=panic: the next init is not started; the boot ends here\n"

static void nothing_is_touched_before_all_is_checked(void **state)
{
	static const struct {
		const char *path, *step;
	} rows[] = {
		{ "proc/cmdline", "command line" },
		{ "sbin/init", "next init" },
		{ AA_PARAMETERS "/enabled", "AppArmor" },
		{ AA ".ns_level", "present stack" },
		{ IMAGE_BUNDLE "/manifest", "manifest" },
		{ IMAGE_BUNDLE "/enforce/6.1.0/global", "policy" },
		{ IMAGE_BUNDLE "/enforce/6.1.0/others", "policy" },
		{ IMAGE_BUNDLE "/application/6.1.0/app", "policy" },
		{ AA "profiles", "present policy" },
	};
	char before[4096], after[4096], said[64];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		forget_blobs();
		prepare("");
		fake_forget();
		no_faults();
		fake_state(before, sizeof(before));
		fault("open", rows[i].path, EACCES);
		fault("access", rows[i].path, EACCES);
		assert_int_equal(boot_it(), 0);
		LOG_BEGINS(KMSG, MOUNTS, REPORT, UNMOUNTS, INIT);
		(void)form(said, sizeof(said), "3FAILED: %s: ", rows[i].step);
		SAID(said, UNCONFINED);
		executed_under("");
		fake_state(after, sizeof(after));
		check_text(rows[i].path, after, before);
		assert_non_null(strstr(fake_get(IMAGE_REPORT), "\nresult=failed\n"));
	}
}

/* As when the image's own /init is a loader that has been started as the next init. */
static void it_never_executes_itself(void **state)
{
	static const char *const conf[] = { "", "policy = off\n", "on_failure = panic\n" };
	char *const name = arguments[0];

	(void)state;
	for (size_t i = 0; i < COUNT(conf); i++) {
		forget_blobs();
		prepare(conf[i]);
		fake_forget();
		arguments[0] = (char[]){ "/sbin/init" };
		assert_int_equal(boot_it(), 1);
		arguments[0] = name;
		SAID("2the next init is the loader; the boot ends here\n");
		check_text("executed", fake->executed, "");
	}
}

static void without_a_configuration_the_boot_ends(void **state)
{
	(void)state;
	prepare("");
	fake_drop(CONF);
	assert_int_equal(boot_it(), 1);
	SAID("3FAILED: configuration: /initward/initward.conf cannot be read: ENOENT\n", PANIC);
	LOG_BEGINS(KMSG, REPORT);
	check_text("executed", fake->executed, "");
}

static void bad_configurations_do_what_they_say_for_certain(void **state)
{
	(void)state;
	prepare("");
	fake_put(CONF, "version = 1\non_failure = continue\ninit = /sbin/init\nspeed = 1\n");
	assert_int_equal(boot_it(), 0);
	SAID("3FAILED: configuration: /initward/initward.conf: line 4: unknown key \"speed\"\n",
	     UNCONFINED);
	LOG_BEGINS(KMSG, REPORT, INIT);
	fake_put(CONF, "version = 1\non_failure = continue\n");
	fake_forget();
	fake->executed[0] = '\0';
	assert_int_equal(boot_it(), 1);
	SAID("3FAILED: configuration: /initward/initward.conf: line 2: missing key \"init\"\n",
	     "2on_failure=continue, but no next init is configured; the boot ends here\n");
	fake_put(CONF, "version = 1\ninit = /sbin/init\nspeed = 1\n");
	fake_forget();
	assert_int_equal(boot_it(), 1);
	SAID("3FAILED: configuration: /initward/initward.conf: line 3: unknown key \"speed\"\n",
	     PANIC);
	check_text("executed", fake->executed, "");
}

static void a_failure_behind_the_first_write_is_rolled_back(void **state)
{
	static const struct {
		const char *path;
		int err;
		const char *why;
	} rows[] = {
		{ AA ".replace", EPROTO,
		  "3FAILED: load: the kernel refuses the policy (not a format of this kernel; "
		  "compile for its set): EPROTO\n" },
		{ AA "policy/namespaces/application/.replace", EACCES,
		  "3FAILED: policy namespaces: the kernel refuses the policy of namespace "
		  "\"application\": EACCES\n" },
		{ AA ".replace", FAULT_SILENT,
		  "3FAILED: read back: profile \"others\" was written but the kernel does not "
		  "list it\n" },
	};
	static const char *const conf[] = { "", "on_failure = panic\n" };

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(rows); i++) {
		char before[4096], after[4096];
		bool panic = i % 2;

		fake_teardown(NULL);
		fake_setup(NULL);
		prepare(conf[i % 2]);
		fake_state(before, sizeof(before));
		fault("write", rows[i / 2].path, rows[i / 2].err);
		assert_int_equal(boot_it(), panic);
		SAID(rows[i / 2].why, ROLLED, panic ? PANIC : UNCONFINED);
		fake_state(after, sizeof(after));
		check_text(rows[i / 2].why, after, before);
		assert_int_equal(count_lines(fake->executed, "label \n"), !panic);
	}
}

static void a_roll_back_that_fails_is_said(void **state)
{
	(void)state;
	prepare("");
	fault("write", AA "policy/namespaces/application/.replace", ENOMEM);
	fault("rmdir", NULL, EACCES);
	assert_int_equal(boot_it(), 0);
	SAID("3FAILED: policy namespaces: the kernel refuses the policy of namespace "
	     "\"application\": ENOMEM\n",
	     "3FAILED: roll-back: cannot take back a policy namespace\n", UNCONFINED);
	/* The report's reason is the failure, not what came of it. */
	assert_non_null(strstr(fake_get(IMAGE_REPORT), "\nwhy=the kernel refuses the policy of "));
}

/* The roll-back has troubles of its own; the report's reason stays that of the failure. */
static void a_listing_that_cannot_be_read_again_is_no_reason(void **state)
{
	(void)state;
	prepare("");
	fault("write", AA "policy/namespaces/application/.replace", ENOMEM);
	fault_after(1, "open", AA "profiles", EBUSY);
	assert_int_equal(boot_it(), 0);
	SAID("3FAILED: policy namespaces: the kernel refuses the policy of namespace "
	     "\"application\": ENOMEM\n",
	     "3FAILED: roll-back: cannot take back a profile\n", UNCONFINED);
	assert_non_null(strstr(fake_get(IMAGE_REPORT), "\nwhy=the kernel refuses the policy of "));
}

static void no_proof_no_confinement(void **state)
{
	(void)state;
	prepare("");
	fake->probe_end = PROBE_ALLOWED;
	assert_int_equal(boot_it(), 0);
	SAID("3FAILED: proof: not in force as configured: a write to /proc/version is "
	     "not refused\n",
	     ROLLED, UNCONFINED);
	executed_under("unconfined");
	check_text("listing", fake->listing, "");
}

static void an_init_that_cannot_be_executed_is_tried_unconfined(void **state)
{
	(void)state;
	prepare("");
	fault("execve", "/sbin/init", EACCES);
	assert_int_equal(boot_it(), 1);
	SAID("5confined: ", "3FAILED: execution: /sbin/init cannot be executed: EACCES\n", ROLLED,
	     UNCONFINED, "2/sbin/init cannot be executed: EACCES; the boot ends here\n");
	assert_int_equal(count_lines(fake->log, "execve /sbin/init"), 2);
	assert_int_equal(count_lines(fake->log, "umount /proc"), 2);
	check_text("listing", fake->listing, "");
	check_text("label", fake->exec_label, "unconfined");
	assert_non_null(strstr(fake_get(IMAGE_REPORT), "\nresult=failed\n"));
}

static void a_second_execution_may_succeed(void **state)
{
	(void)state;
	prepare("");
	fault_times(1, "execve", "/sbin/init", ENOENT);
	assert_int_equal(boot_it(), 0);
	SAID("5confined: ", "3FAILED: execution: /sbin/init cannot be executed: ENOENT\n", ROLLED,
	     UNCONFINED);
	executed_under("unconfined");
}

static void an_execution_that_fails_can_end_the_boot(void **state)
{
	(void)state;
	prepare("on_failure = panic\n");
	fault("execve", "/sbin/init", ENOENT);
	assert_int_equal(boot_it(), 1);
	SAID("5confined: ", "3FAILED: execution: /sbin/init cannot be executed: ENOENT\n", ROLLED,
	     PANIC);
	check_text("listing", fake->listing, "");
	assert_int_equal(count_lines(fake->log, "execve /sbin/init"), 1);
}

static void a_roll_back_needs_the_file_systems(void **state)
{
	(void)state;
	prepare("");
	fault("execve", "/sbin/init", ENOENT);
	fault_after(1, "mount", "sys", ENODEV);
	assert_int_equal(boot_it(), 1);
	SAID("5confined: ", "2sysfs cannot be mounted on /sys: ENODEV; is it built into the "
			    "kernel?; the boot ends here\n");
}

static void what_is_sealed_stays_but_the_label_goes(void **state)
{
	(void)state;
	prepare("level = sealed\n");
	fault("execve", "/sbin/init", ENOENT);
	assert_int_equal(boot_it(), 1);
	SAID("4warning: kernel's programs: no profile \"helpers\"",
	     "5confined: ", "3FAILED: execution: /sbin/init cannot be executed: ENOENT\n",
	     "3FAILED: roll-back: cannot take back the policy, which is sealed\n", UNCONFINED,
	     "2/sbin/init cannot be executed: ENOENT; the boot ends here\n");
	/* "UNCONFINED" would be a lie otherwise. */
	check_text("label", fake->exec_label, "unconfined");
	assert_int_equal(count_lines(fake->listing, ""), 4);
}

static void off_has_nothing_to_roll_back(void **state)
{
	(void)state;
	prepare("policy = off\n");
	fault("execve", "/sbin/init", ENOENT);
	assert_int_equal(boot_it(), 1);
	SAID("4off: ", "3FAILED: execution: /sbin/init cannot be executed: ENOENT\n", UNCONFINED,
	     "2/sbin/init cannot be executed: ENOENT; the boot ends here\n");
	assert_int_equal(count_lines(fake->log, "mount /proc"), 1);
}

/* ---- each single call fails once ---- */

static void check_end(int status, const char *before)
{
	bool undone = strstr(fake->said, "FAILED: roll-back: ") == NULL;
	bool unmounted = strstr(fake->said, "stays mounted") == NULL;
	bool claimed = strstr(fake->said, "confined: global") != NULL;
	char after[4096];

	fake_state(after, sizeof(after));
	if (status == 0 && strstr(fake->executed, "label global")) {
		if (!claimed)
			fail_msg("not said: %s%s", fake->log, fake->said);
		assert_null(strstr(fake->said, "FAILED"));
		assert_non_null(fake_listed("global (enforce)\n", 17));
		return;
	}
	if (status == 0)
		assert_non_null(strstr(fake->said, "runs UNCONFINED"));
	else
		assert_non_null(strstr(fake->said, "the boot ends here"));
	assert_non_null(strstr(fake->said, "FAILED: "));
	if (undone && unmounted)
		check_text("state", after, before);
}

/* Confined and proved, or all taken back, or said that it was not: nothing else may come out. */
static void fail_everywhere(const char *conf)
{
	static char before[4096], after[4096];
	unsigned int calls = 0;

	after[0] = before[0] = 0;
	for (unsigned int at = 1; at == 1 || calls >= at; at++) {
		int status;

		if (at == 1 || strcmp(after, before) != 0) {
			fake_teardown(NULL);
			fake_setup(NULL);
			prepare(conf);
			fake_state(before, sizeof(before));
		}
		fake_forget();
		fake->calls = 0;
		fake->executed[0] = fake->exec_label[0] = 0;
		fake->fail_at = at;
		status = boot_it();
		calls = fake->calls;
		if (status > 1)
			fail_msg("call %u: status %d: %s%s", at, status, fake->log, fake->said);
		check_end(status, before);
		if (status == 0)
			assert_int_equal(count_lines(fake->executed, "handed on 3\n"), 1);
		fake_state(after, sizeof(after));
	}
	assert_true(calls > 50);
}

static void any_call_may_fail_in_hidden_mode(void **state)
{
	(void)state;
	fail_everywhere("");
}

static void any_call_may_fail_under_the_seal(void **state)
{
	(void)state;
	fail_everywhere("level = sealed\nmode = visible\non_failure = panic\n");
}

/* ---- any process but the first ---- */

static int as_another(int argc, const char *name)
{
	char *argv[] = { strdup(name), NULL };
	int r;

	fake->pid = 0;
	r = loader_main(argc, argv, environment);
	free(argv[0]);
	return r;
}

static void as_another_process_it_changes_nothing(void **state)
{
	(void)state;
	assert_int_equal(as_another(1, "/init"), 1);
	check_text("said", fake->said,
		   "stderr: initward-init " INITWARD_VERSION " has to be process 1\n");
	assert_int_equal(as_another(0, PROBE_ARGV0), 1);
	assert_int_equal(as_another(1, PROBE_ARGV0), PROBE_ALLOWED);
	LOG_IS("");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		STEP_TEST(hidden_and_enforced),
		STEP_TEST(visible_and_sealed),
		STEP_TEST(a_dry_run_warns),
		STEP_TEST(off_changes_nothing),
		STEP_TEST(a_configured_stack_is_handed_on),
		STEP_TEST(what_was_mounted_stays),
		STEP_TEST(descriptors_closed_at_entry_stay_closed),
		STEP_TEST(without_a_kernel_log_messages_go_to_standard_error),
		STEP_TEST(advice_does_not_stop_a_boot),
		STEP_TEST(nothing_is_touched_before_all_is_checked),
		STEP_TEST(it_never_executes_itself),
		STEP_TEST(without_a_configuration_the_boot_ends),
		STEP_TEST(bad_configurations_do_what_they_say_for_certain),
		STEP_TEST(a_failure_behind_the_first_write_is_rolled_back),
		STEP_TEST(a_roll_back_that_fails_is_said),
		STEP_TEST(a_listing_that_cannot_be_read_again_is_no_reason),
		STEP_TEST(no_proof_no_confinement),
		STEP_TEST(an_init_that_cannot_be_executed_is_tried_unconfined),
		STEP_TEST(a_second_execution_may_succeed),
		STEP_TEST(an_execution_that_fails_can_end_the_boot),
		STEP_TEST(a_roll_back_needs_the_file_systems),
		STEP_TEST(what_is_sealed_stays_but_the_label_goes),
		STEP_TEST(off_has_nothing_to_roll_back),
		STEP_TEST(any_call_may_fail_in_hidden_mode),
		STEP_TEST(any_call_may_fail_under_the_seal),
		STEP_TEST(as_another_process_it_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
