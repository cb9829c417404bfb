// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
#include "unit.h"

#include <aalogparse/aalogparse.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log/log.h"

#define RECORDS "tests/denials/"
#define STAMP "audit: type=1400 audit(1795320394.927:3): "
#define OPEN "operation=\"open\" profile=\"global\" name=\"/etc/passwd\" pid=1 comm=\"sh\" "
#define MASKS "requested_mask=\"w\" denied_mask=\"w\" fsuid=0 ouid=0"

/* One record of a line: the field that the row is about. */
static const struct {
	const char *name;
	struct span line;
	enum verdict verdict;
	enum field field;
	const char *value;
} rows[] = {
	{ "5.10", LIT("[    1.26] " STAMP "apparmor=\"ALLOWED\" " OPEN MASKS), VERDICT_ALLOWED,
	  FIELD_NAME, "/etc/passwd" },
	{ "class", LIT(STAMP "apparmor=\"DENIED\" operation=\"open\" class=\"file\" profile=\"g\""),
	  VERDICT_DENIED, FIELD_CLASS, "file" },
	{ "killed", LIT("apparmor=\"KILLED\" " OPEN MASKS), VERDICT_KILLED, FIELD_PROFILE,
	  "global" },
	{ "audit", LIT("apparmor=\"AUDIT\" " OPEN MASKS), VERDICT_AUDIT, FIELD_COMM, "sh" },
	{ "status", LIT("apparmor=\"STATUS\" operation=\"profile_load\" name=\"x\""),
	  VERDICT_STATUS, FIELD_NAME, "x" },
	{ "unknown verdict", LIT("apparmor=\"HINT\" operation=\"x\""), VERDICT_OTHER,
	  FIELD_OPERATION, "x" },
	{ "journal", LIT("Nov 22 03:31:39 host audit[1]: AVC apparmor=\"DENIED\" " OPEN MASKS),
	  VERDICT_DENIED, FIELD_DENIED, "w" },
	{ "auditd",
	  LIT("type=AVC msg=audit(1.000:3): apparmor=\"DENIED\" " OPEN MASKS "\x1d"
	      "FSUID=\"root\" OUID=\"root\""),
	  VERDICT_DENIED, FIELD_OUID, "0" },
	{ "hexadecimal", LIT("apparmor=\"DENIED\" operation=\"open\" name=2F612062"),
	  VERDICT_DENIED, FIELD_NAME, "/a b" },
	{ "hexadecimal, any byte", LIT("apparmor=\"DENIED\" operation=\"open\" comm=0A22FF"),
	  VERDICT_DENIED, FIELD_COMM, "\n\"\xff" },
	{ "in quotes it is no hexadecimal", LIT("apparmor=\"DENIED\" comm=\"2F61\""),
	  VERDICT_DENIED, FIELD_COMM, "2F61" },
	{ "an odd number of digits", LIT("apparmor=\"DENIED\" comm=2F6"), VERDICT_DENIED,
	  FIELD_COMM, "2F6" },
	{ "no NUL comes of it", LIT("apparmor=\"DENIED\" comm=2F00"), VERDICT_DENIED, FIELD_COMM,
	  "2F00" },
	{ "a number stays one", LIT("apparmor=\"DENIED\" pid=1234"), VERDICT_DENIED, FIELD_PID,
	  "1234" },
	{ "namespace", LIT("apparmor=\"DENIED\" namespace=\"root//application\" profile=\"x\""),
	  VERDICT_DENIED, FIELD_NAMESPACE, "root//application" },
	{ "label", LIT("apparmor=\"DENIED\" label=\"global//&:application:unconfined\""),
	  VERDICT_DENIED, FIELD_LABEL, "global//&:application:unconfined" },
	{ "mount flags", LIT("apparmor=\"DENIED\" operation=\"mount\" flags=\"rw, bind\""),
	  VERDICT_DENIED, FIELD_FLAGS, "rw, bind" },
	{ "signal", LIT("apparmor=\"DENIED\" signal=usr1 peer=\"global\""), VERDICT_DENIED,
	  FIELD_SIGNAL, "usr1" },
	{ "capability", LIT("apparmor=\"DENIED\" capability=25  capname=\"sys_time\""),
	  VERDICT_DENIED, FIELD_CAPNAME, "sys_time" },
	{ "userns", LIT("apparmor=\"DENIED\" requested=\"userns_create\" denied=\"userns_create\""),
	  VERDICT_DENIED, FIELD_DENIED, "userns_create" },
	{ "no blank behind a value",
	  LIT("apparmor=\"DENIED\" denied=\"create\"class=\"posix_mqueue\" fsuid=0"),
	  VERDICT_DENIED, FIELD_CLASS, "posix_mqueue" },
	{ "the first of two counts", LIT("apparmor=\"DENIED\" name=\"/a\" name=\"/b\""),
	  VERDICT_DENIED, FIELD_NAME, "/a" },
	{ "cut off", LIT("apparmor=\"DENIED\" operation=\"open\" name=\"/etc/pas"), VERDICT_DENIED,
	  FIELD_NAME, "/etc/pas" },
	{ "cut off at once", LIT("apparmor=\""), VERDICT_OTHER, FIELD_NAME, "" },
	{ "other text between", LIT("apparmor=\"DENIED\" = == \" = name=\"/a\""), VERDICT_DENIED,
	  FIELD_NAME, "/a" },
	{ "a NUL", LIT("apparmor=\"DENIED\" name=\"/a\0b\""), VERDICT_DENIED, FIELD_NAME, "/a?b" },
	{ "D-Bus",
	  LIT("apparmor=\"DENIED\" operation=\"dbus_signal\" bus=\"system\" mask=\"send\""),
	  VERDICT_DENIED, FIELD_DENIED, "send" },
};

static void test_record(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct span line = exact_copy(rows[i].line), rest = line;
		struct text value = { 0 };
		struct record record;

		assert_true(record_next(&rest, &record));
		check_number(rows[i].name, record.verdict, rows[i].verdict);
		record_value(&record, rows[i].field, &value);
		check_text(rows[i].name, value.data, rows[i].value);
		assert_false(record_next(&rest, &record));
		text_free(&value);
		free((char *)line.p);
	}
}

static void test_no_record(void **state)
{
	struct span lines[] = { SPAN(""), SPAN("apparmor="), SPAN("AppArmor: \"DENIED\""),
				SPAN("audit(1.000:1): type=1300") };
	struct record record;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++)
		assert_false(record_next(&lines[i], &record));
}

/* Consoles run lines into each other; each record keeps its own stamp. */
static void test_joined(void **state)
{
	struct span line = SPAN("x: [ 1.0] audit(5.006:7): apparmor=\"DENIED\" name=\"/a\" pid=1"
				" audit(8.009:10): apparmor=\"ALLOWED\" name=\"/b\""
				"apparmor=\"AUDIT\" name=\"/c\"");
	struct record record;

	(void)state;
	assert_true(record_next(&line, &record));
	check_span("first", record.field[FIELD_NAME], "/a");
	check_number("time", (long long)record.time, 5006);
	check_number("serial", (long long)record.serial, 7);
	check_span("body", record.body, "apparmor=\"DENIED\" name=\"/a\" pid=1 ");
	assert_true(record_next(&line, &record));
	check_span("second", record.field[FIELD_NAME], "/b");
	check_number("its serial", (long long)record.serial, 10);
	assert_true(record_next(&line, &record));
	check_span("third", record.field[FIELD_NAME], "/c");
	assert_false(record.stamped);
	assert_false(record_next(&line, &record));
}

static void test_stamp(void **state)
{
	static const char *const bad[] = { "audit(",	      "audit(1)",
					   "audit(1.2)",      "audit(1.2:)",
					   "audit(1.2:3",     "audit(.2:3)",
					   "audit(1.1000:3)", "audit(99999999999.0:1)",
					   "audit(x.2:3)" };
	uint64_t time = 0, serial = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		check_number(bad[i], audit_stamp(span_of(bad[i]), &time, &serial), false);
	assert_true(audit_stamp(SPAN("msg=audit(1795320394.027:3): x"), &time, &serial));
	check_number("time", (long long)time, 1795320394027);
	check_number("serial", (long long)serial, 3);
}

/* --- whole logs --- */

static void add_text(struct log *log, const char *text)
{
	struct span rest = span_of(text), line;

	while (span_next_line(&rest, &line)) {
		if (!log_json_line(log, line))
			log_line(log, line);
	}
}

static void read_records(const char *name, struct log *log)
{
	char *path = format(RECORDS "%s", name);

	check_number(path, log_read_file(path, log), 0);
	free(path);
}

/* The same operations on four kernels give the same denials. */
static void test_kernels(void **state)
{
	static const char *const names[] = { "enforce-5.10", "enforce-6.1", "enforce-6.12",
					     "enforce-7.3" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct log log = { 0 };
		uint64_t count = 0;

		read_records(names[i], &log);
		for (size_t k = 0; k < log.n_denials; k++)
			count += log.denial[k].count;
		check_number(names[i], (long long)log.n_denials, 25);
		check_number(names[i], (long long)count, 26);
		check_number("the loader's lines", (long long)log.loader.n, 1);
		assert_ptr_equal(strstr(log.loader.item[0], "confined: "), log.loader.item[0]);
		assert_non_null(strstr(log.cmdline, "printk_ratelimit=0"));
		check_number("nothing is missing", (long long)log.loss.serials, 0);
		assert_false(log.loss.burst);
		log_free(&log);
	}
}

static void same(const char *what, const char *ours, const char *theirs)
{
	check_text(what, ours, theirs ? theirs : "");
}

/* What libapparmor can read it reads as we do. */
static void test_against_libapparmor(void **state)
{
	static const char *const names[] = { "enforce-5.10", "enforce-6.1" };
	size_t compared = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		char *path = format(RECORDS "%s", names[i]);
		struct text text = { 0 }, value[FIELD_COUNT] = { 0 };
		struct record record;
		struct span rest;

		assert_int_equal(read_file(path, 1 << 20, &text), 0);
		rest = (struct span){ text.data, text.len };
		while (record_next(&rest, &record)) {
			char *line = format("type=AVC msg=audit(1.000:3): %.*s",
					    (int)strcspn(record.body.p, "\r\n"), record.body.p);
			aa_log_record *r = parse_record(line);

			for (int f = 0; f < FIELD_COUNT; f++) {
				value[f].len = 0;
				record_value(&record, (enum field)f, &value[f]);
			}
			/* A field that libapparmor does not know makes it give up. */
			if (r->event != AA_RECORD_INVALID) {
				bool cap = *value[FIELD_CAPNAME].data;

				compared++;
				same(line, value[FIELD_OPERATION].data, r->operation);
				same(line, value[FIELD_PROFILE].data, r->profile);
				same(line, value[cap ? FIELD_CAPNAME : FIELD_NAME].data, r->name);
				same(line, value[FIELD_TARGET].data, r->name2);
				same(line, value[FIELD_DENIED].data, r->denied_mask);
				same(line, value[FIELD_COMM].data, r->comm);
				same(line, value[FIELD_INFO].data, r->info);
				same(line, value[FIELD_SOURCE].data, r->src_name);
				same(line, value[FIELD_FSTYPE].data, r->fs_type);
				same(line, value[FIELD_FLAGS].data, r->flags);
				same(line, value[FIELD_SIGNAL].data, r->signal);
				same(line, value[FIELD_PEER].data, r->peer);
				same(line, value[FIELD_FAMILY].data, r->net_family);
				check_number(line, atoi(value[FIELD_PID].data), (long long)r->pid);
			}
			free_record(r);
			free(line);
		}
		for (int f = 0; f < FIELD_COUNT; f++)
			text_free(&value[f]);
		text_free(&text);
		free(path);
	}
	assert_true(compared >= 50);
}

static void test_groups(void **state)
{
	struct log log = { 0 };

	(void)state;
	/* Two programs; another user's file; a copy from a second log; one cut off in the first. */
	add_text(&log,
		 "audit(10.000:1): apparmor=\"DENIED\" " OPEN MASKS "\n"
		 "audit(11.000:2): apparmor=\"DENIED\" operation=\"open\" profile=\"global\" "
		 "name=\"/etc/passwd\" pid=2 comm=\"vi\" " MASKS "\n"
		 "audit(12.000:3): apparmor=\"DENIED\" " OPEN
		 "requested_mask=\"w\" denied_mask=\"w\" fsuid=0 ouid=7\n"
		 "audit(11.000:2): apparmor=\"DENIED\" operation=\"open\" profile=\"global\" "
		 "name=\"/etc/passwd\" pid=2 comm=\"vi\" " MASKS "\n"
		 "audit(13.000:4): apparmor=\"ALLOWED\" operation=\"open\" profile=\"global\" na\n"
		 "audit(13.000:4): apparmor=\"ALLOWED\" " OPEN MASKS "\n"
		 "audit(13.000:4): apparmor=\"ALLOWED\" " OPEN MASKS "\x1dUID=\"root\"\n");
	log_finish(&log);
	check_number("groups", (long long)log.n_denials, 3);
	check_number("count", (long long)log.denial[0].count, 2);
	check_number("programs", (long long)log.denial[0].n_programs, 2);
	check_text("program", log.denial[0].program[1].comm, "vi");
	check_text("its pid", log.denial[0].program[1].pid, "2");
	check_number("first", (long long)log.denial[0].first, 10000);
	check_number("last", (long long)log.denial[0].last, 11000);
	assert_true(log.denial[0].owner && log.denial[0].owner_known);
	assert_false(log.denial[1].owner);
	check_number("verdict", log.denial[2].verdict, VERDICT_ALLOWED);
	check_number("cut and whole are one", (long long)log.denial[2].count, 1);
	check_text("the whole", log.denial[2].field[FIELD_NAME], "/etc/passwd");
	log_free(&log);
}

/* Programs choose their names: a log full of them costs no more than one with a few. */
static void test_many_programs(void **state)
{
	struct log log = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++) {
		char *line = format("audit(10.%03d:%d): apparmor=\"DENIED\" operation=\"open\" "
				    "profile=\"global\" name=\"/a\" pid=2 comm=\"p%d\" " MASKS "\n",
				    i, i, i < 90 ? i : 3);

		add_text(&log, line);
		free(line);
	}
	log_finish(&log);
	check_number("count", (long long)log.denial[0].count, 100);
	check_number("programs", (long long)log.denial[0].n_programs, 64);
	check_number("of one of them", (long long)log.denial[0].program[3].count, 11);
	check_number("others", (long long)log.denial[0].n_others, 26);
	log_free(&log);
}

/* "journalctl -b" prints the kernel's line and the journal's own copy. */
static void test_journal_text(void **state)
{
	struct log log = { 0 };

	(void)state;
	add_text(&log, "Nov 22 h kernel: " STAMP "apparmor=\"DENIED\" " OPEN MASKS "\n"
		       "Nov 22 h audit[1]: AVC apparmor=\"DENIED\" " OPEN MASKS "\n"
		       "Nov 22 h audit[1]: AVC apparmor=\"DENIED\" " OPEN MASKS "\n");
	log_finish(&log);
	check_number("groups", (long long)log.n_denials, 1);
	check_number("count", (long long)log.denial[0].count, 2);
	check_number("programs", (long long)log.denial[0].program[0].count, 2);
	log_free(&log);
}

#define JSON(transport, more, message) \
	"{\"_TRANSPORT\":\"" transport "\"," more "\"MESSAGE\":\"" message "\"}\n"
#define Q "\\\""
#define BODY "apparmor=" Q "DENIED" Q " operation=" Q "open" Q " profile=" Q "g" Q " name=" Q "/a" Q

static void test_journal_json(void **state)
{
	struct log log = { 0 };

	(void)state;
	add_text(&log, JSON("kernel", "\"SYSLOG_FACILITY\":\"0\",",
			    "audit: type=1400 audit(2.003:9): " BODY)
		 /* the same event */
		 JSON("audit", "\"_AUDIT_ID\":\"9\",\"_SOURCE_REALTIME_TIMESTAMP\":\"2003000\",",
		      "AVC " BODY)
			 JSON("audit",
			      "\"_AUDIT_ID\":\"10\",\"_SOURCE_REALTIME_TIMESTAMP\":\"2004000\",",
			      "AVC " BODY)
		 /* written to /dev/kmsg by a program */
		 JSON("kernel", "\"SYSLOG_FACILITY\":\"1\",", "audit(2.005:11): " BODY)
			 JSON("kernel", "\"SYSLOG_FACILITY\":\"1\",", "initward: confined: x")
		 /* bytes that are no text; nothing; no object */
		 "{\"_TRANSPORT\":\"kernel\",\"MESSAGE\":[97,117,100,105,116,255]}\n"
		 "{\"MESSAGE\":null}\n{}\n{\n[1]\n{\"MESSAGE\":{}}\n");
	log_finish(&log);
	check_number("groups", (long long)log.n_denials, 1);
	check_number("count", (long long)log.denial[0].count, 2);
	check_number("loader", (long long)log.loader.n, 1);
	check_text("loader", log.loader.item[0], "confined: x");
	check_number("missing", (long long)log.loss.serials, 0);
	log_free(&log);
}

static void test_losses(void **state)
{
	struct log log = { 0 };

	(void)state;
	add_text(&log, "[ 5.0] kauditd_printk_skb: 22 callbacks suppressed\n"
		       "[ 6.0] net_ratelimit: 1000 callbacks suppressed\n"
		       "[ 7.0] audit: audit_lost=3 audit_rate_limit=0 audit_backlog_limit=64\n"
		       "[ 7.0] audit: audit_lost=2 audit_rate_limit=0 audit_backlog_limit=64\n"
		       "systemd-journald[1]: Missed 17 kernel messages\n"
		       "apparmor=\"DENIED\" profile=\"no operation\"\n"
		       "apparmor=\"DENIED\" operation=\"no profile\"\n"
		       "audit(1.000:5): type=1300\naudit(1.000:8): type=1300\n"
		       /* another boot */
		       "audit(900.000:1): type=1300\naudit(900.000:3): type=1300\n");
	log_finish(&log);
	check_number("printk", (long long)log.loss.printk, 22);
	check_number("audit", (long long)log.loss.audit, 3);
	check_number("journal", (long long)log.loss.journal, 17);
	check_number("broken", (long long)log.loss.broken, 2);
	check_number("serials", (long long)log.loss.serials, 4);
	log_free(&log);
}

/* A real one: of a boot with 48 records, ten are in the log, and nothing says so. */
static void test_burst(void **state)
{
	struct log log = { 0 };

	(void)state;
	read_records("limited-7.3", &log);
	assert_true(log.loss.burst);
	check_number("serials", (long long)log.loss.serials, 0);
	log_free(&log);
}

static void test_not_loader(void **state)
{
	struct log log = { 0 };

	(void)state;
	add_text(&log, "[ 1.0] initward: off: policy=off\nnotinitward: confined: x\ninitward: y\n");
	log_finish(&log);
	check_number("lines", (long long)log.loader.n, 2);
	check_text("first", log.loader.item[0], "off: policy=off");
	log_free(&log);
}

/* --- files --- */

static void write_text(int fd, const char *s, size_t times)
{
	for (size_t i = 0; i < times; i++)
		assert_int_equal(write(fd, s, strlen(s)), (ssize_t)strlen(s));
}

/* Lines of a megabyte, carriage returns, NULs. */
static void test_long_lines(void **state)
{
	char path[] = "/tmp/initward-test-XXXXXX";
	int fd = mkstemp(path);
	struct log log = { 0 };

	(void)state;
	assert_true(fd >= 0);
	write_text(fd, "0123456789abcdef", 65536);
	write_text(fd, "\r\n" STAMP "apparmor=\"DENIED\" " OPEN MASKS "\r", 1);
	assert_int_equal(write(fd, "\0\0\n\0", 4), 4);
	write_text(fd, STAMP "apparmor=\"DENIED\" name=\"", 1);
	write_text(fd, "0123456789abcdef", 65536);
	assert_int_equal(close(fd), 0);
	check_number("read", log_read_file(path, &log), 0);
	check_number("groups", (long long)log.n_denials, 1);
	check_number("broken", (long long)log.loss.broken, 1);
	log_free(&log);
	assert_int_equal(unlink(path), 0);
}

static void test_bad_files(void **state)
{
	static const struct {
		const char *path;
		int error;
	} files[] = {
		{ "/nonexistent/file", -ENOENT },
		{ "/", -EISDIR },
		{ "/dev/zero", -ENOTSUP },
		{ "/etc/passwd/file", -ENOTDIR },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		struct log log = { 0 };

		check_number(files[i].path, log_read_file(files[i].path, &log), files[i].error);
		check_number(files[i].path, (long long)log.read.n, 0);
		log_free(&log);
	}
}

/* A FIFO that nobody writes to has no end to wait for. */
static void test_fifo(void **state)
{
	char *path = format("/tmp/initward-test-%d", (int)getpid());
	struct log log = { 0 };

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	check_number("read", log_read_file(path, &log), 0);
	log_free(&log);
	assert_int_equal(unlink(path), 0);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record),	     cmocka_unit_test(test_no_record),
		cmocka_unit_test(test_joined),	     cmocka_unit_test(test_stamp),
		cmocka_unit_test(test_kernels),	     cmocka_unit_test(test_against_libapparmor),
		cmocka_unit_test(test_groups),	     cmocka_unit_test(test_many_programs),
		cmocka_unit_test(test_journal_text), cmocka_unit_test(test_journal_json),
		cmocka_unit_test(test_losses),	     cmocka_unit_test(test_burst),
		cmocka_unit_test(test_not_loader),   cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_bad_files),    cmocka_unit_test(test_fifo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
