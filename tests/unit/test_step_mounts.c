// SPDX-License-Identifier: LGPL-2.1-or-later
// wrap: syscall read write mkdirat unlinkat mknodat fchownat statfs mount umount2
// wrap: uname vfork execve waitid waitpid _exit getpid
/* The three file systems: early/loader/mounts.c. */
#include "fake_root.h"

static void mounted_are(bool proc, bool sysfs, bool securityfs)
{
	fake->mounted[FS_PROC] = proc;
	fake->mounted[FS_SYSFS] = sysfs;
	fake->mounted[FS_SECURITYFS] = securityfs;
}

#define MOUNT_PROC "mkdir proc\nmount /proc\n"
#define MOUNT_SYSFS "mkdir sys\nmount /sys\n"
#define MOUNT_SECURITYFS "mkdir sys/kernel/security\nmount /sys/kernel/security\n"
#define UNMOUNT_ALL "umount /sys/kernel/security\numount /sys\numount /proc\n"

static const struct row {
	bool proc, sysfs, securityfs;
	const char *mounts, *unmounts;
} rows[] = {
	{ false, false, false, MOUNT_PROC MOUNT_SYSFS MOUNT_SECURITYFS, UNMOUNT_ALL },
	{ true, false, false, MOUNT_SYSFS MOUNT_SECURITYFS,
	  "umount /sys/kernel/security\numount /sys\n" },
	{ true, true, false, MOUNT_SECURITYFS, "umount /sys/kernel/security\n" },
	{ false, true, false, MOUNT_PROC MOUNT_SECURITYFS,
	  "umount /sys/kernel/security\numount /proc\n" },
	{ false, true, true, MOUNT_PROC, "umount /proc\n" },
	{ true, true, true, "", "" },
};

static void what_is_missing_is_mounted_and_gone_again(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + COUNT(rows); row++) {
		mounted_are(row->proc, row->sysfs, row->securityfs);
		fake_forget();
		STEP_IS_OK(step_mount);
		LOG_IS(row->mounts);
		assert_true(fake->mounted[FS_PROC] && fake->mounted[FS_SYSFS] &&
			    fake->mounted[FS_SECURITYFS]);
		fake_forget();
		STEP_IS_OK(step_unmount);
		LOG_IS(row->unmounts);
		assert_int_equal(fake->mounted[FS_PROC], row->proc);
		assert_int_equal(fake->mounted[FS_SYSFS], row->sysfs);
		assert_int_equal(fake->mounted[FS_SECURITYFS], row->securityfs);
		/* Once is enough. */
		fake_forget();
		STEP_IS_OK(step_unmount);
		LOG_IS("");
	}
}

static void mount_points_are_made(void **state)
{
	(void)state;
	mounted_are(false, false, false);
	assert_int_equal(rename(fake_full("proc"), fake_full("old")), 0);
	STEP_IS_OK(step_mount);
	assert_true(fake_exists("proc"));
}

static void a_mount_that_fails_says_which(void **state)
{
	static const char *const failures[][2] = {
		{ "proc", "proc cannot be mounted on /proc: ENODEV; is it built into the kernel?" },
		{ "sys", "sysfs cannot be mounted on /sys: ENODEV; is it built into the kernel?" },
		{ "sys/kernel/security",
		  "securityfs cannot be mounted on /sys/kernel/security: ENODEV; is "
		  "it built into the kernel?" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(failures); i++) {
		mounted_are(false, false, false);
		no_faults();
		fault("mount", failures[i][0], ENODEV);
		STEP_FAILS(step_mount, failures[i][1]);
		/* Nothing is tried behind the first failure, and what was done can be undone. */
		fake_forget();
		STEP_IS_OK(step_unmount);
		assert_int_equal(count_lines(fake->log, "umount"), i);
		assert_false(fake->mounted[FS_PROC] || fake->mounted[FS_SYSFS]);
	}
}

static void a_path_that_tells_nothing_is_mounted(void **state)
{
	(void)state;
	fault("statfs", "proc", EIO);
	STEP_IS_OK(step_mount);
	LOG_IS(MOUNT_PROC);
	STEP_IS_OK(step_unmount);
}

static void an_unmount_that_fails_does_not_stop_the_others(void **state)
{
	(void)state;
	mounted_are(false, false, false);
	STEP_IS_OK(step_mount);
	fake_forget();
	fault("umount", "sys/kernel/security", EBUSY);
	STEP_FAILS(step_unmount, "/sys/kernel/security stays mounted: EBUSY");
	LOG_IS(UNMOUNT_ALL);
	assert_false(fake->mounted[FS_PROC]);
	fake_forget();
	STEP_IS_OK(step_unmount);
	LOG_IS("");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		STEP_TEST(what_is_missing_is_mounted_and_gone_again),
		STEP_TEST(mount_points_are_made),
		STEP_TEST(a_mount_that_fails_says_which),
		STEP_TEST(a_path_that_tells_nothing_is_mounted),
		STEP_TEST(an_unmount_that_fails_does_not_stop_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
