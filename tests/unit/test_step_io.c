// SPDX-License-Identifier: LGPL-2.1-or-later
// wrap: syscall read write mkdirat unlinkat mknodat fchownat statfs mount umount2
// wrap: uname vfork execve waitid waitpid _exit getpid
/* Files, messages and the kernel log: early/loader/io.c. */
#include "fake_root.h"

static void messages_are_joined_with_the_error_behind(void **state)
{
	(void)state;
	assert_int_equal((fail)(&boot, 0, "a", "b", NULL), STEP_FAILED);
	check_text("no errno", boot.why_text, "ab");
	assert_int_equal((fail)(&boot, ENOENT, "x", NULL), STEP_FAILED);
	check_text("errno", boot.why_text, "x: ENOENT");
}

static void a_file_is_read_to_its_end(void **state)
{
	static char buf[20001];

	(void)state;
	fake_put_many("big", 'x', 20000);
	assert_int_equal(read_file(&boot, "big", buf, sizeof(buf)), 20000);
	assert_int_equal(strlen(buf), 20000);
	/* One byte less is no room for the NUL. */
	errno = 0;
	assert_int_equal(read_file(&boot, "big", buf, sizeof(buf) - 1), -1);
	assert_int_equal(errno, EFBIG);
	fake_put("empty", "");
	buf[0] = 'x';
	assert_int_equal(read_file(&boot, "empty", buf, 1), 0);
	assert_int_equal(buf[0], '\0');
}

static void a_file_that_cannot_be_read_says_why(void **state)
{
	unsigned int before = open_descriptors();
	char buf[8];

	(void)state;
	assert_int_equal(read_file(&boot, "missing", buf, sizeof(buf)), -1);
	assert_int_equal(errno, ENOENT);
	fault("read", "sbin/init", EIO);
	assert_int_equal(read_file(&boot, "sbin/init", buf, sizeof(buf)), -1);
	assert_int_equal(errno, EIO);
	no_faults();
	fault_after(1, "read", "sbin/init", EACCES);
	assert_int_equal(read_file(&boot, "sbin/init", buf, sizeof(buf)), -1);
	assert_int_equal(errno, EACCES);
	assert_int_equal(open_descriptors(), before);
}

static void a_line_loses_its_newline(void **state)
{
	char buf[8];

	(void)state;
	fake_put("line", "Y\n");
	assert_int_equal(read_line(&boot, "line", buf, sizeof(buf)), 1);
	check_text("one newline", buf, "Y");
	fake_put("line", "a\n\n");
	assert_int_equal(read_line(&boot, "line", buf, sizeof(buf)), 2);
	check_text("only the last", buf, "a\n");
	fake_put("line", "N");
	assert_int_equal(read_line(&boot, "line", buf, sizeof(buf)), 1);
	check_text("no newline", buf, "N");
	fake_put("line", "");
	assert_int_equal(read_line(&boot, "line", buf, sizeof(buf)), 0);
	check_text("nothing", buf, "");
	assert_int_equal(need_line(&boot, "line", buf, sizeof(buf)), STEP_OK);
	assert_int_equal(need_line(&boot, "no/line", buf, sizeof(buf)), STEP_FAILED);
	check_text("missing", boot.why_text, "/no/line cannot be read: ENOENT");
}

static void a_label_loses_its_mode(void **state)
{
	static const char *const rows[][2] = {
		{ "unconfined\n", "unconfined" },
		{ "global//&unconfined (enforce)\n", "global//&unconfined" },
		{ "a (b) (complain)\n", "a (b)" },
		{ "", "" },
	};
	char buf[64];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		fake_put("label", rows[i][0]);
		assert_int_equal(need_label(&boot, "label", buf, sizeof(buf)), STEP_OK);
		check_text(rows[i][0], buf, rows[i][1]);
	}
	assert_int_equal(need_label(&boot, "missing", buf, sizeof(buf)), STEP_FAILED);
	check_text("missing", boot.why_text, "/missing cannot be read: ENOENT");
}

static void large_files_have_a_limit(void **state)
{
	struct span text = { NULL, 0 };

	(void)state;
	fake_put_many("big", 'x', 70000);
	assert_int_equal(need_large(&boot, "big", 70000, &text), STEP_OK);
	assert_int_equal(text.n, 70000);
	assert_int_equal(text.p[69999], 'x');
	assert_int_equal(need_large(&boot, "big", 69999, &text), STEP_FAILED);
	check_text("too big", boot.why_text, "/big cannot be read: EFBIG");
	assert_int_equal(text.n, 70000);
	assert_int_equal(need_large(&boot, "missing", 10, &text), STEP_FAILED);
	check_text("missing", boot.why_text, "/missing cannot be read: ENOENT");
	fault("mmap", "", ENOMEM);
	assert_int_equal(need_large(&boot, "big", 70000, &text), STEP_FAILED);
	check_text("no memory", boot.why_text, "/big cannot be read: ENOMEM");
}

static void everything_is_written_at_once(void **state)
{
	unsigned int before = open_descriptors();

	(void)state;
	assert_true(write_once(&boot, "sbin/init", "#!/x", 4));
	check_text("written", fake_get("sbin/init"), "#!/x");
	LOG_IS("write sbin/init \"#!/x\"\n");
	fault("write", "sbin/init", FAULT_SHORT);
	assert_false(write_once(&boot, "sbin/init", "1234", 4));
	assert_int_equal(errno, EIO);
	no_faults();
	fault("write", "sbin/init", EPROTO);
	assert_false(write_once(&boot, "sbin/init", "1234", 4));
	assert_int_equal(errno, EPROTO);
	assert_false(write_once(&boot, "missing", "1", 1));
	assert_int_equal(errno, ENOENT);
	assert_false(fake_exists("missing"));
	assert_int_equal(count_lines(fake->log, "write"), 3);
	assert_int_equal(open_descriptors(), before);
}

static void a_write_that_has_to_be_taken(void **state)
{
	(void)state;
	assert_int_equal(need_write(&boot, "sbin/init", "0"), STEP_OK);
	fault("write", "sbin/init", EACCES);
	assert_int_equal(need_write(&boot, "sbin/init", "exec x"), STEP_FAILED);
	check_text("refused", boot.why_text, "/sbin/init cannot be set to \"exec x\": EACCES");
	no_faults();
	fault("write", "sbin/init", FAULT_SHORT);
	assert_int_equal(need_write(&boot, "sbin/init", "exec x"), STEP_FAILED);
	check_text("short", boot.why_text, "/sbin/init cannot be set to \"exec x\": 5");
}

static unsigned int names_seen;

static void see_name(struct boot *b, const char *name)
{
	(void)b;
	if (name[0] == '.')
		fail_msg("%s", name);
	names_seen++;
}

static void all_names_of_a_directory_are_seen(void **state)
{
	char path[64];
	unsigned int before = open_descriptors();

	(void)state;
	/* More than one getdents64() returns. */
	for (int i = 0; i < 500; i++) {
		(void)form(path, sizeof(path), "many/a-name-that-is-not-short-%d", i);
		fake_put(path, "");
	}
	fake_put("many/.hidden", "");
	names_seen = 0;
	assert_int_equal(each_name(&boot, "many", see_name), STEP_OK);
	assert_int_equal(names_seen, 500);
	assert_int_equal(open_descriptors(), before);
}

static void a_directory_that_cannot_be_read_says_why(void **state)
{
	unsigned int before = open_descriptors();

	(void)state;
	fault("getdents", "sbin", EACCES);
	assert_int_equal(each_name(&boot, "sbin", see_name), STEP_FAILED);
	check_text("getdents", boot.why_text, "/sbin cannot be read: EACCES");
	assert_int_equal(each_name(&boot, "missing", see_name), STEP_FAILED);
	check_text("open", boot.why_text, "/missing cannot be read: ENOENT");
	assert_int_equal(open_descriptors(), before);
}

/*
 * Opening a FIFO waits for the other end, which nobody has: the boot would stop for ever. Where this loader
 * waits, the alarm ends the test.
 */
static void nobody_is_waited_for(void **state)
{
	char path[PATH_MAX], buf[8];

	(void)state;
	(void)form(path, sizeof(path), "%s/pipe", fake->dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	(void)form(path, sizeof(path), "%s/dev/kmsg", fake->dir);
	fake_put("dev/null", "");
	assert_int_equal(mkfifo(path, 0600), 0);
	(void)alarm(5);
	assert_int_equal(read_file(&boot, "pipe", buf, sizeof(buf)), 0);
	fault("mknod", NULL, EPERM);
	kmsg_open(&boot);
	assert_int_equal(boot.kmsg, -1);
	(void)alarm(0);
}

static void the_kmsg_node_is_private(void **state)
{
	(void)state;
	kmsg_open(&boot);
	assert_true(boot.kmsg >= 0);
	LOG_IS("mknod .initward-kmsg\nunlink .initward-kmsg\n");
	assert_false(fake_exists(".initward-kmsg"));
	speak(&boot, '6', "hello");
	check_text("kmsg", fake->said, "<6>initward: hello\n");
	(void)close(boot.kmsg);
}

static void dev_kmsg_is_taken_where_no_node_can_be_made(void **state)
{
	static const char *const calls[] = { "mknod", "open" };

	(void)state;
	fake_put("dev/kmsg", "");
	for (size_t i = 0; i < COUNT(calls); i++) {
		fake_forget();
		no_faults();
		boot.kmsg = -1;
		fault(calls[i], ".initward-kmsg", EPERM);
		kmsg_open(&boot);
		assert_true(boot.kmsg >= 0);
		assert_false(fake_exists(".initward-kmsg"));
		speak(&boot, '3', "hello");
		check_text(calls[i], fake->said, "<3>initward: hello\n");
		(void)close(boot.kmsg);
	}
}

static void without_kmsg_standard_error_is_used_if_it_was_open(void **state)
{
	(void)state;
	fault("mknod", NULL, EPERM);
	kmsg_open(&boot);
	assert_int_equal(boot.kmsg, -1);
	boot.stderr_open = true;
	speak(&boot, '6', "hello");
	check_text("open", fake->said, "stderr: initward: hello\n");
	fake_forget();
	boot.stderr_open = false;
	speak(&boot, '6', "hello");
	check_text("closed", fake->said, "");
}

static void kmsg_that_refuses_gives_way_to_standard_error(void **state)
{
	(void)state;
	kmsg_open(&boot);
	fault("write", "kmsg", EINVAL);
	boot.stderr_open = true;
	speak(&boot, '6', "hello");
	check_text("refused", fake->said, "stderr: initward: hello\n");
	(void)close(boot.kmsg);
}

static void the_longest_message_is_whole(void **state)
{
	char text[LIMIT_MESSAGE];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	boot.stderr_open = true;
	speak(&boot, '6', text);
	assert_int_equal(fake->said_len, strlen("stderr: initward: \n") + LIMIT_MESSAGE - 1);
	assert_int_equal(fake->said[fake->said_len - 1], '\n');
}

static void time_is_in_nanoseconds(void **state)
{
	(void)state;
	fake->clock = 2000000003;
	assert_int_equal(now(), 2000000003);
	assert_int_equal(now(), 3000000004);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		STEP_TEST(messages_are_joined_with_the_error_behind),
		STEP_TEST(a_file_is_read_to_its_end),
		STEP_TEST(a_file_that_cannot_be_read_says_why),
		STEP_TEST(a_line_loses_its_newline),
		STEP_TEST(a_label_loses_its_mode),
		STEP_TEST(large_files_have_a_limit),
		STEP_TEST(everything_is_written_at_once),
		STEP_TEST(a_write_that_has_to_be_taken),
		STEP_TEST(all_names_of_a_directory_are_seen),
		STEP_TEST(a_directory_that_cannot_be_read_says_why),
		STEP_TEST(nobody_is_waited_for),
		STEP_TEST(the_kmsg_node_is_private),
		STEP_TEST(dev_kmsg_is_taken_where_no_node_can_be_made),
		STEP_TEST(without_kmsg_standard_error_is_used_if_it_was_open),
		STEP_TEST(kmsg_that_refuses_gives_way_to_standard_error),
		STEP_TEST(the_longest_message_is_whole),
		STEP_TEST(time_is_in_nanoseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
