// SPDX-License-Identifier: LGPL-2.1-or-later
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

#define KMSG "/dev/kmsg"
#define AUDIT_LOG "/var/log/audit/audit.log"
#define KMSG_RECORD 8192       /* CONSOLE_EXT_LOG_MAX, PRINTKRB_RECORD_MAX of the kernel */
#define LIMIT_LINE (64u << 10) /* an audit record of the kernel has at most 8970 bytes */
#define CLOCK_SLACK 2000       /* milliseconds: the clock was set since */

extern char **environ;

/* Lines of a text that comes in pieces. What a line has beyond LIMIT_LINE is dropped. */
struct lines {
	struct log *log;
	struct text part;
	uint64_t since; /* milliseconds: what is stamped as earlier is left out */
	bool json;
};

static void end_line(struct lines *lines)
{
	struct span line = { lines->part.data, lines->part.len };
	uint64_t time, serial;

	lines->part.len = 0;
	if (!line.n)
		return;
	if (lines->since && audit_stamp(line, &time, &serial) && time < lines->since)
		return;
	if (line.p[0] != '{' || !log_json_line(lines->log, line))
		log_line(lines->log, line);
}

static void take_bytes(struct lines *lines, const char *p, size_t n)
{
	while (n) {
		size_t end = 0;

		while (end < n && p[end] != '\n' && p[end] != '\r')
			end++;
		if (lines->part.len < LIMIT_LINE)
			text_add(&lines->part, p,
				 end < LIMIT_LINE - lines->part.len ? end
								    : LIMIT_LINE - lines->part.len);
		if (end == n)
			return;
		end_line(lines);
		p += end + 1;
		n -= end + 1;
	}
}

static int take_stream(struct lines *lines, int fd)
{
	char buf[65536];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		take_bytes(lines, buf, (size_t)n);
	}
	n = n < 0 ? -errno : 0;
	end_line(lines);
	text_free(&lines->part);
	return (int)n;
}

/*
 * Opened without waiting for a FIFO's writer, but read as it comes. A device other than a terminal may
 * have no end.
 */
static int take_file(struct lines *lines, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	int r;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if (S_ISDIR(st.st_mode))
		r = -EISDIR;
	else if (S_ISBLK(st.st_mode) || (S_ISCHR(st.st_mode) && !isatty(fd)))
		r = -ENOTSUP;
	else if (fcntl(fd, F_SETFL, 0) < 0)
		r = -errno;
	else
		r = take_stream(lines, fd);
	(void)close(fd);
	return r;
}

int log_read_file(const char *path, struct log *ret)
{
	struct lines lines = { .log = ret };
	int r;

	if (strcmp(path, "-") == 0)
		r = take_stream(&lines, STDIN_FILENO);
	else
		r = take_file(&lines, path);
	log_finish(ret);
	if (r == 0)
		list_add(&ret->read, dup_str(strcmp(path, "-") == 0 ? "standard input" : path));
	return r;
}

/* Bytes that the kernel writes as \xNN: kernel/printk/printk.c append_char(). */
static size_t unescape(char *s, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++, to++) {
		if (s[i] == '\\' && i + 3 < n && s[i + 1] == 'x' &&
		    isxdigit((unsigned char)s[i + 2]) && isxdigit((unsigned char)s[i + 3])) {
			char hex[3] = { s[i + 2], s[i + 3], '\0' };

			s[to] = (char)strtoul(hex, NULL, 16);
			i += 3;
		} else {
			s[to] = s[i];
		}
	}
	return to;
}

/*
 * One record of /dev/kmsg: "PRIORITY,SEQUENCE,MICROSECONDS,FLAGS;TEXT\n KEY=VALUE\n"
 * (Documentation/ABI/testing/dev-kmsg). What programs wrote there has a facility other than 0; the
 * kernel sees to that. Only the loader's lines count among these.
 */
static void take_kmsg(struct log *log, char *s, size_t n, uint64_t *next)
{
	struct span head = { s, n }, text, part, rest;
	uint64_t priority, sequence;

	if (!span_split(head, ';', &head, &text) || !span_split(head, ',', &part, &rest) ||
	    !span_uint(part, UINT32_MAX, &priority) || !span_split(rest, ',', &part, &rest) ||
	    !span_uint(part, UINT64_MAX, &sequence))
		return;
	if (sequence > *next)
		log->loss.ring += sequence - *next;
	*next = sequence + 1;
	(void)span_split(text, '\n', &text, &rest);
	text.n = unescape(s + (text.p - s), text.n);
	if (priority >> 3 == 0 || !memmem(text.p, text.n, "apparmor=\"", 10))
		log_line(log, text);
}

/* EPIPE: records were overwritten meanwhile, and the next read goes on behind them. */
static int read_kmsg(struct log *log)
{
	int fd = open(KMSG, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	static char buf[KMSG_RECORD + 1];
	uint64_t next = 0;
	ssize_t n;
	int r = 0;

	if (fd < 0)
		return -errno;
	for (;;) {
		n = read(fd, buf, KMSG_RECORD);
		if (n > 0)
			take_kmsg(log, buf, (size_t)n, &next);
		else if (n == 0 || (errno != EPIPE && errno != EINTR))
			break;
	}
	if (n < 0 && errno != EAGAIN)
		r = -errno;
	(void)close(fd);
	return r;
}

static pid_t start_journal(int *ret_fd)
{
	static const char *const argv[] = {
		"journalctl",
		"--boot",
		"--no-pager",
		"--quiet",
		"--all",
		"--output=json",
		"--output-fields=MESSAGE,_TRANSPORT,SYSLOG_FACILITY,_AUDIT_ID,"
		"_SOURCE_REALTIME_TIMESTAMP",
		"_TRANSPORT=kernel",
		"_TRANSPORT=audit",
		NULL,
	};
	posix_spawn_file_actions_t actions;
	int fds[2], r;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	r = posix_spawn_file_actions_init(&actions);
	if (r == 0) {
		(void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
		(void)posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
		(void)posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
		r = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environ);
		(void)posix_spawn_file_actions_destroy(&actions);
	}
	(void)close(fds[1]);
	if (r == 0) {
		*ret_fd = fds[0];
		return pid;
	}
	(void)close(fds[0]);
	return -r;
}

static int read_journal(struct log *log)
{
	struct lines lines = { .log = log };
	int fd = -1, status = 0, r;
	pid_t pid = start_journal(&fd);

	if (pid < 0)
		return pid;
	r = take_stream(&lines, fd);
	(void)close(fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r == 0 && status != 0)
		r = -EIO;
	return r;
}

/* When the kernel started, by the clock as it is now; milliseconds since 1970. */
static uint64_t boot_time(void)
{
	struct timespec now, up;
	uint64_t a, b;

	if (clock_gettime(CLOCK_REALTIME, &now) < 0 || clock_gettime(CLOCK_BOOTTIME, &up) < 0)
		return 0;
	a = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	b = (uint64_t)up.tv_sec * 1000 + (uint64_t)up.tv_nsec / 1000000 + CLOCK_SLACK;
	return a > b ? a - b : 0;
}

static int read_audit(struct log *log)
{
	struct lines lines = { .log = log, .since = boot_time() };

	return take_file(&lines, AUDIT_LOG);
}

/* The running kernel's counts, whatever the logs have. */
static void read_cmdline(struct log *log)
{
	struct text text = { 0 };

	if (read_file("/proc/cmdline", 65536, &text) == 0 && text.len) {
		free(log->cmdline);
		log->cmdline = dup_str(text.data);
		log->cmdline[strcspn(log->cmdline, "\n")] = '\0';
	}
	text_free(&text);
}

bool log_read_system(struct log *ret)
{
	static const struct {
		const char *name;
		int (*read)(struct log *log);
		bool optional; /* that it is missing is no news */
	} sources[] = {
		{ "the kernel ring buffer (" KMSG ")", read_kmsg, false },
		{ "the journal", read_journal, true },
		{ AUDIT_LOG, read_audit, true },
	};

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		int r = sources[i].read(ret);

		if (r == 0)
			list_add(&ret->read, dup_str(sources[i].name));
		else if (r != -ENOENT || !sources[i].optional)
			list_add(&ret->unread, format("%s: %s", sources[i].name, strerror(-r)));
	}
	read_cmdline(ret);
	log_finish(ret);
	return ret->read.n > 0;
}
