// SPDX-License-Identifier: LGPL-2.1-or-later
// wrap: syscall read write mkdirat unlinkat mknodat fchownat statfs mount umount2
// wrap: uname vfork execve waitid waitpid _exit getpid
/* What the loader is told: early/loader/settings.c. */
#include "fake_root.h"

#define CONF "initward/initward.conf"

static void a_short_file_has_defaults(void **state)
{
	(void)state;
	STEP_IS_OK(step_configuration);
	assert_int_equal(boot.conf.policy, POLICY_ENFORCE);
	assert_int_equal(boot.conf.mode, MODE_HIDDEN);
	assert_int_equal(boot.conf.level, LEVEL_COMPATIBLE);
	assert_int_equal(boot.conf.on_failure, ON_FAILURE_CONTINUE);
	assert_false(boot.conf.lock);
	check_text("init", boot.conf.init, "/sbin/init");
	LOG_IS("");
}

static void every_key_is_taken(void **state)
{
	(void)state;
	fake_put(CONF, "# a comment\nversion = 1\n\npolicy = complain\nmode = visible\n"
		       "level = sealed\non_failure = panic\ninit = /lib/a b\nlock = yes\n");
	STEP_IS_OK(step_configuration);
	assert_int_equal(boot.conf.policy, POLICY_COMPLAIN);
	assert_int_equal(boot.conf.mode, MODE_VISIBLE);
	assert_int_equal(boot.conf.level, LEVEL_SEALED);
	assert_int_equal(boot.conf.on_failure, ON_FAILURE_PANIC);
	assert_true(boot.conf.lock);
	check_text("init", boot.conf.init, "/lib/a b");
}

static void bad_lines_are_named_with_their_numbers(void **state)
{
	static const struct {
		const char *text;
		enum on_failure on_failure;
		const char *why;
	} rows[] = {
		{ "version = 1\ninit = /i\npolicy = maybe\nspeed = 9\n", ON_FAILURE_PANIC,
		  "line 3: unknown value \"maybe\"; line 4: unknown key \"speed\"" },
		{ "version = 1\non_failure = continue\ninit = i\n", ON_FAILURE_CONTINUE,
		  "line 3: not an absolute path to another program: \"i\"" },
		{ "version = 1\non_failure = continue\nlock = yes\n", ON_FAILURE_CONTINUE,
		  "line 3: missing key \"init\"" },
		{ "version = 2\ninit = /i\non_failure = continue\n", ON_FAILURE_PANIC,
		  "line 1: the first line has to be \"version = 1\", not \"version = 2\"" },
		{ "version = 1\ninit = /i\ninit = /j\n", ON_FAILURE_PANIC,
		  "line 3: duplicate key \"init\"" },
		{ "version = 1\ninit = /i\non_failure = continue\non_failure = panic\n",
		  ON_FAILURE_PANIC, "line 4: duplicate key \"on_failure\"" },
		{ "version = 1\ninit = /i\nwhat\n", ON_FAILURE_PANIC,
		  "line 3: not \"key = value\" in plain text: \"what\"" },
	};
	char why[512];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		fake_put(CONF, rows[i].text);
		(void)form(why, sizeof(why), "/initward/initward.conf: %s", rows[i].why);
		STEP_FAILS(step_configuration, why);
		check_number(rows[i].text, boot.conf.on_failure, rows[i].on_failure);
	}
	LOG_IS("");
}

static void a_nul_is_no_end(void **state)
{
	static const char text[] = "version = 1\ninit = /i\n\0lock = yes\n";

	(void)state;
	fake_put_span(CONF, (struct span){ text, sizeof(text) - 1 });
	STEP_FAILS(step_configuration, "/initward/initward.conf: line 3: not \"key = value\" in "
				       "plain text: \"?lock = yes\"");
}

static void what_cannot_be_read_is_strict(void **state)
{
	static const struct {
		int err;
		const char *why;
	} rows[] = {
		{ ENOENT, "/initward/initward.conf cannot be read: ENOENT" },
		{ EACCES, "/initward/initward.conf cannot be read: EACCES" },
		{ EIO, "/initward/initward.conf cannot be read: 5" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		boot_init();
		no_faults();
		fault("open", CONF, rows[i].err);
		STEP_FAILS(step_configuration, rows[i].why);
		assert_int_equal(boot.conf.on_failure, ON_FAILURE_PANIC);
		assert_true(boot.conf.lock);
		check_text("init", boot.conf.init, "");
		(void)close(boot.root);
	}
	boot_init();
}

static void a_configuration_has_a_limit(void **state)
{
	char text[LIMIT_CONFIG + 2];
	size_t n = sizeof(CONF_HEAD) - 1;

	(void)state;
	memset(text, '#', sizeof(text));
	memcpy(text, CONF_HEAD, n);
	fake_put_span(CONF, (struct span){ text, LIMIT_CONFIG });
	STEP_IS_OK(step_configuration);
	fake_put_span(CONF, (struct span){ text, LIMIT_CONFIG + 1 });
	STEP_FAILS(step_configuration, "/initward/initward.conf cannot be read: EFBIG");
	assert_int_equal(boot.conf.on_failure, ON_FAILURE_PANIC);
}

static void the_label_follows_the_mode(void **state)
{
	(void)state;
	configure("");
	check_text("hidden", boot.label, "global//&:application:unconfined");
	check_text("hidden", boot.exec_command, "exec global//&:application:unconfined");
	configure("mode = visible\n");
	check_text("visible", boot.label, "global//&unconfined");
	check_text("visible", boot.exec_command, "exec global//&unconfined");
	configure("mode = managed\n");
	check_text("managed", boot.label, "global//&unconfined");
}

static void the_command_line_changes_the_configuration(void **state)
{
	(void)state;
	fake_put("proc/cmdline", "quiet initward.mode=visible initward.policy=enforce "
				 "initward.on-failure=panic initward.init=/bin/x "
				 "initward.policy=complain -- initward.mode=hidden\n");
	STEP_IS_OK(step_configuration);
	STEP_IS_OK(step_cmdline);
	assert_int_equal(boot.conf.mode, MODE_VISIBLE);
	assert_int_equal(boot.conf.policy, POLICY_COMPLAIN);
	assert_int_equal(boot.conf.on_failure, ON_FAILURE_PANIC);
	check_text("init", boot.conf.init, "/bin/x");
	check_text("label", boot.label, "global//&unconfined");
	check_text("ignored", boot.ignored_text, "");
}

static void a_lock_ignores_and_names_each_option(void **state)
{
	(void)state;
	fake_put("proc/cmdline", "initward.policy=off initward.mode=visible initward.level=x "
				 "initward.on_failure=panic initward.init=/bin/sh\n");
	configure("lock = yes\n");
	assert_int_equal(boot.conf.policy, POLICY_ENFORCE);
	assert_int_equal(boot.conf.mode, MODE_HIDDEN);
	assert_int_equal(boot.conf.on_failure, ON_FAILURE_CONTINUE);
	check_text("init", boot.conf.init, "/sbin/init");
	check_text("ignored", boot.ignored_text,
		   "\"initward.policy\"=\"off\" (lock = yes), "
		   "\"initward.mode\"=\"visible\" (lock = yes), "
		   "\"initward.level\"=\"x\" (lock = yes), "
		   "\"initward.on_failure\"=\"panic\" (lock = yes), "
		   "\"initward.init\"=\"/bin/sh\" (lock = yes)");
}

static void unknown_options_are_named_and_do_no_harm(void **state)
{
	(void)state;
	fake_put("proc/cmdline", "initward.colour=off initward.mode=Hidden initward.lock=no "
				 "initward.level=compatible initward.policy initwardx=1\n");
	configure("");
	check_text("ignored", boot.ignored_text,
		   "\"initward.colour\"=\"off\" (unknown option or value), "
		   "\"initward.mode\"=\"Hidden\" (unknown option or value), "
		   "\"initward.lock\"=\"no\" (unknown option or value), "
		   "\"initward.level\"=\"compatible\" (unknown option or value), "
		   "\"initward.policy\" (unknown option or value)");
	assert_int_equal(boot.conf.policy, POLICY_ENFORCE);
}

static void off_hands_on(void **state)
{
	(void)state;
	fake_put("proc/cmdline", "initward.policy=off\n");
	STEP_IS_OK(step_configuration);
	STEP_HANDS_ON(step_cmdline);
	assert_int_equal(boot.outcome, OUTCOME_OFF);
	LOG_IS("");
}

static void a_dry_run_cannot_be_sealed(void **state)
{
	(void)state;
	fake_put("proc/cmdline", "initward.policy=complain\n");
	fake_put(CONF, CONF_HEAD "level = sealed\n");
	STEP_IS_OK(step_configuration);
	STEP_FAILS(
		step_cmdline,
		"policy=complain mode=hidden does not go with level=sealed; sealed is for enforce, "
		"strict for hidden");
	fake_put("proc/cmdline", "initward.policy=off\n");
	STEP_HANDS_ON(step_cmdline);
}

static void the_command_line_has_a_limit(void **state)
{
	(void)state;
	STEP_IS_OK(step_configuration);
	fake_put_many("proc/cmdline", ' ', LIMIT_CMDLINE);
	STEP_IS_OK(step_cmdline);
	fake_put_many("proc/cmdline", ' ', LIMIT_CMDLINE + 1);
	STEP_FAILS(step_cmdline, "/proc/cmdline cannot be read: EFBIG");
	fake_drop("proc/cmdline");
	STEP_FAILS(step_cmdline, "/proc/cmdline cannot be read: ENOENT");
}

static void the_command_line_that_decides_about_lsms_is_kept(void **state)
{
	(void)state;
	fake_put("proc/cmdline", "lsm=yama,apparmor security=none apparmor=0\n");
	configure("lock = yes\n");
	check_text("lsm", boot.lsm.lsm, "yama,apparmor");
	check_text("security", boot.lsm.security, "none");
	check_text("off", boot.lsm.off, "apparmor=");
}

static void the_next_init_has_to_be_executable(void **state)
{
	(void)state;
	configure("");
	STEP_IS_OK(step_next_init);
	assert_int_equal(chmod(fake_full("sbin/init"), 0644), 0);
	STEP_FAILS(step_next_init, "/sbin/init is missing or not executable: EACCES; check init =");
	fake_drop("sbin/init");
	STEP_FAILS(step_next_init, "/sbin/init is missing or not executable: ENOENT; check init =");
	LOG_IS("");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		STEP_TEST(a_short_file_has_defaults),
		STEP_TEST(every_key_is_taken),
		STEP_TEST(bad_lines_are_named_with_their_numbers),
		STEP_TEST(a_nul_is_no_end),
		STEP_TEST(what_cannot_be_read_is_strict),
		STEP_TEST(a_configuration_has_a_limit),
		STEP_TEST(the_label_follows_the_mode),
		STEP_TEST(the_command_line_changes_the_configuration),
		STEP_TEST(a_lock_ignores_and_names_each_option),
		STEP_TEST(unknown_options_are_named_and_do_no_harm),
		STEP_TEST(off_hands_on),
		STEP_TEST(a_dry_run_cannot_be_sealed),
		STEP_TEST(the_command_line_has_a_limit),
		STEP_TEST(the_command_line_that_decides_about_lsms_is_kept),
		STEP_TEST(the_next_init_has_to_be_executable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
