// SPDX-License-Identifier: LGPL-2.1-or-later
// wrap: syscall read write mkdirat unlinkat mknodat fchownat statfs mount umount2
// wrap: uname vfork execve waitid waitpid _exit getpid
/* What came out, for people and programs: early/loader/report.c. */
#include "fake_bundle.h"
#include "report.h"

static void check_report(const char *want)
{
	fake_forget();
	fake->clock = 7;
	STEP_IS_OK(step_report);
	check_text("report", fake_get(IMAGE_REPORT), want);
	assert_int_equal(count_lines(fake->log, "create " IMAGE_REPORT), 1);
	assert_int_equal(count_lines(fake->log, "write "), 1);
}

#define HEAD(result) "version=1\nloader=" INITWARD_VERSION "\nresult=" result "\n"
#define CONF "mode=hidden\nlevel=compatible\ninit=/sbin/init\n"
#define TAIL "nanoseconds=5\non_failure=continue\nother_tasks=0\n"

static void a_confined_boot_is_reported_with_its_policy(void **state)
{
	char want[1024];

	(void)state;
	bundle_plain();
	read_bundle("");
	boot.started = 2;
	boot.outcome = OUTCOME_CONFINED;
	(void)form(want, sizeof(want),
		   HEAD("confined") "policy=enforce\n" CONF
				    "set=6.1\nfit=exact\nprofiles=4\nbytes=%zu\n" TAIL
				    "manifest_sha256=%s\n",
		   boot.policy.size, boot.manifest_digest);
	check_report(want);
	boot.conf.mount_api = MOUNT_API_ALL;
	fake_forget();
	STEP_IS_OK(step_report);
	assert_non_null(strstr(fake_get(IMAGE_REPORT), "\nlevel=compatible\nmount_api=all\ninit="));
	boot.conf.mount_api = MOUNT_API_CLASSIC;
	boot.outcome = OUTCOME_COMPLAIN;
	boot.conf.policy = POLICY_COMPLAIN;
	boot.fit = FIT_BASE;
	sb_str(&boot.lost, "io_uring mqueue");
	sb_str(&boot.ignored, "\"initward.x\" (unknown option or value)");
	boot.other_tasks = 12;
	(void)form(want, sizeof(want),
		   HEAD("complain") "policy=complain\n" CONF
				    "set=6.1\nfit=base\nunmediated=io_uring mqueue\nprofiles=4\n"
				    "bytes=%zu\nnanoseconds=5\non_failure=continue\n"
				    "other_tasks=12\nmanifest_sha256=%s\n"
				    "ignored=\"initward.x\" (unknown option or value)\n",
		   boot.policy.size, boot.manifest_digest);
	check_report(want);
	boot.fit = FIT_FEATURES;
	STEP_IS_OK(step_report);
	assert_non_null(strstr(fake_get(IMAGE_REPORT), "\nfit=features\n"));
}

static void a_boot_without_policy_claims_none(void **state)
{
	(void)state;
	configure("");
	boot.started = 2;
	boot.outcome = OUTCOME_OFF;
	boot.conf.policy = POLICY_OFF;
	check_report(HEAD("off") "policy=off\n" CONF TAIL "manifest_sha256=\n");
	boot.outcome = OUTCOME_ALREADY;
	boot.conf.policy = POLICY_ENFORCE;
	check_report(HEAD("already") "policy=enforce\n" CONF TAIL "manifest_sha256=\n");
}

static void a_failure_is_reported_with_its_reason(void **state)
{
	(void)state;
	configure("mode = visible\non_failure = panic\nlevel = sealed\n");
	boot.started = 2;
	boot.outcome = OUTCOME_FAILED;
	(void)(fail)(&boot, ENOENT, "/x cannot be read", NULL);
	fake->clock = 7;
	assert_int_equal(step_report(&boot), STEP_OK);
	check_text("report", fake_get(IMAGE_REPORT),
		   HEAD("failed") "policy=enforce\nmode=visible\nlevel=sealed\ninit=/sbin/init\n"
				  "nanoseconds=5\non_failure=panic\nother_tasks=0\n"
				  "manifest_sha256=\nwhy=/x cannot be read: ENOENT\n");
}

static void an_older_report_does_not_shine_through(void **state)
{
	(void)state;
	configure("");
	fake_put_many(IMAGE_REPORT, 'x', 4000);
	STEP_IS_OK(step_report);
	assert_null(strchr(strrchr(fake_get(IMAGE_REPORT), '='), 'x'));
}

/* As nobody_is_waited_for() of test_step_io.c. */
static void a_report_waits_for_nobody(void **state)
{
	char path[PATH_MAX];

	(void)state;
	configure("");
	(void)form(path, sizeof(path), "%s/" IMAGE_REPORT, fake->dir);
	(void)unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	(void)alarm(5);
	STEP_FAILS(step_report, "/initward/report cannot be written: 6");
	(void)alarm(0);
}

static void a_report_that_cannot_be_written_is_told(void **state)
{
	(void)state;
	configure("");
	fault("open", IMAGE_REPORT, EROFS);
	STEP_FAILS(step_report, "/initward/report cannot be written: EROFS");
	no_faults();
	fault("write", IMAGE_REPORT, ENOMEM);
	STEP_FAILS(step_report, "/initward/report cannot be written: ENOMEM");
	no_faults();
	fault("write", IMAGE_REPORT, FAULT_SHORT);
	assert_int_equal(step_report(&boot), STEP_FAILED);
}

static void the_line_of_the_log_says_the_same(void **state)
{
	char text[LIMIT_MESSAGE], want[512];
	struct strbuf sb;

	(void)state;
	bundle_plain();
	read_bundle("mode = visible\n");
	boot.outcome = OUTCOME_CONFINED;
	fake->clock = boot.started + 9;
	sb_init(&sb, text, sizeof(text));
	describe(&boot, &sb, " ");
	(void)form(want, sizeof(want),
		   "policy=enforce mode=visible level=compatible init=/sbin/init set=6.1 fit=exact "
		   "profiles=2 bytes=%zu nanoseconds=9 ",
		   boot.policy.size);
	check_text("line", text, want);
}

static void outcomes_have_names(void **state)
{
	(void)state;
	check_text("none", outcome_name(OUTCOME_NONE), "none");
	check_text("off", outcome_name(OUTCOME_OFF), "off");
	check_text("already", outcome_name(OUTCOME_ALREADY), "already");
	check_text("complain", outcome_name(OUTCOME_COMPLAIN), "complain");
	check_text("confined", outcome_name(OUTCOME_CONFINED), "confined");
	check_text("failed", outcome_name(OUTCOME_FAILED), "failed");
}

/* What no level above compatible asks for is not in force. */
static void what_the_kernel_may_load_is_said_where_it_is_denied(void **state)
{
	(void)state;
	bundle_plain();
	read_bundle("");
	boot.outcome = OUTCOME_CONFINED;
	boot.conf.usermode_helpers = USERMODE_HELPERS_DENY;
	STEP_IS_OK(step_report);
	assert_null(strstr(fake_get(IMAGE_REPORT), "usermode_helpers"));
	boot.conf.level = LEVEL_STRICT;
	fake_forget();
	STEP_IS_OK(step_report);
	assert_non_null(
		strstr(fake_get(IMAGE_REPORT), "\nlevel=strict\nusermode_helpers=deny\ninit="));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		STEP_TEST(a_confined_boot_is_reported_with_its_policy),
		STEP_TEST(what_the_kernel_may_load_is_said_where_it_is_denied),
		STEP_TEST(a_boot_without_policy_claims_none),
		STEP_TEST(a_failure_is_reported_with_its_reason),
		STEP_TEST(an_older_report_does_not_shine_through),
		STEP_TEST(a_report_that_cannot_be_written_is_told),
		STEP_TEST(a_report_waits_for_nobody),
		STEP_TEST(the_line_of_the_log_says_the_same),
		STEP_TEST(outcomes_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
