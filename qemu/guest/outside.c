/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The observer of whole systems (rdinit=/guest/outside). The kernel starts it before the loader; it leaves
 * a child outside of the stack and executes /init. The child has proc and securityfs of its own, in its own
 * mount namespace, so that nothing of the system can hide a task from it. It passes the kernel log's
 * words about AppArmor on, looks once a second whether a task has left the layer, and answers
 * requests, lines over an abstract socket ("guest/ask WORD..."):
 *   census PLACE   the label of each userland task, as the root policy namespace sees it
 *   label KEY PID  of one process
 *   say KEY=VALUE  a fact of the guest's own tests
 *   helper ...     programs that the kernel starts (census.c)
 *   attack ...     what an attack has changed (attack-state.c)
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "attack.h"
#include "guest.h"
#include "outside.h"

#define SOCKET_NAME "initward-outside"
#define KERNEL_THREAD 0x00200000UL /* PF_KTHREAD of the kernel's include/linux/sched.h */
#define MAX_SEEN 256

int proc = -1, security = -1, sys = -1;
int listener = -1;
static int kmsg = -1;

struct census {
	const char *place;
	int tasks, outsiders;
};

int read_number(const char *name)
{
	return isdigit((unsigned char)name[0]) ? atoi(name) : 0;
}

/* State, parent and flags stand behind the name, which may hold anything, brackets too. */
bool read_stat(int pid, struct task *t)
{
	char path[64], text[1000], state = 0;
	unsigned long flags = 0;
	char *end;

	(void)snprintf(path, sizeof(path), "%d/stat", pid);
	if (read_small_at(proc, path, text, sizeof(text)) <= 0)
		return false;
	end = strrchr(text, ')');
	if (!end || sscanf(end + 1, " %c %d %*d %*d %*d %*d %lu", &state, &t->parent, &flags) != 3)
		return false;
	t->kernel = flags & KERNEL_THREAD;
	t->dead = state == 'Z' || state == 'X';
	return true;
}

static void read_command(struct task *t)
{
	char path[64];
	ssize_t len;

	(void)snprintf(path, sizeof(path), "%d/cmdline", t->pid);
	len = read_small_at(proc, path, t->command, sizeof(t->command));
	for (ssize_t i = 0; i < len; i++)
		if (t->command[i] == '\0')
			t->command[i] = ' ';
	if (len > 0)
		return;
	(void)snprintf(path, sizeof(path), "%d/comm", t->pid);
	if (read_small_at(proc, path, t->command, sizeof(t->command)) < 0)
		(void)strcpy(t->command, "?");
}

/* False: the task is gone. What cannot be read counts as a label of that name. */
bool read_label(struct task *t)
{
	char path[100];
	ssize_t len;

	(void)snprintf(path, sizeof(path), "%d/task/%d/attr/apparmor/current", t->pid, t->tid);
	len = read_small_at(proc, path, t->label, sizeof(t->label));
	if (len == -ENOENT || len == -ESRCH)
		return false;
	if (len < 0)
		(void)snprintf(t->label, sizeof(t->label), "<%s>", errno_name((int)-len));
	return true;
}

/* Does the rest of a profile's name say that it is one of a set: "global_ssh", "global2"? */
static const char *skip_member(const char *rest)
{
	const char *end = rest + (*rest == '_');

	while (islower((unsigned char)*end) || isdigit((unsigned char)*end))
		end++;
	return *rest == '_' || isdigit((unsigned char)*rest) ? end : rest;
}

/* Is PART, which ends where the next one or the mode begins, a profile of the layer? */
static bool is_of_layer(const char *part)
{
	/* policy/strict: "global" executes two programs under the next two; the last one gets what the kernel starts. */
	static const char *const names[] = { "global", "parser", "latch", "helpers" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *end = part + strlen(names[i]);

		if (strncmp(part, names[i], strlen(names[i])) != 0)
			continue;
		/* policy/set, policy/allowlist: several profiles share what "global" does. */
		if (i == 0)
			end = skip_member(end);
		if (*end == '\0' || *end == ' ' || !strncmp(end, "//&", 3))
			return true;
	}
	return false;
}

/* Is one of the stack's profiles of the layer? Its parts are divided by "//&"; the mode stands behind. */
bool under_layer(const char *label)
{
	for (const char *part = label; part; part = strstr(part, "//&")) {
		if (part != label)
			part += 3;
		if (is_of_layer(part))
			return true;
	}
	return false;
}

/* A program that the kernel itself has started is a child of one of its threads. */
bool started_by_kernel(const struct task *t)
{
	struct task parent = { .pid = t->parent };

	return t->parent > 0 && read_stat(t->parent, &parent) && parent.kernel;
}

/* Once a second the same task would be told again. */
static bool seen_before(const struct task *t)
{
	static int seen[MAX_SEEN];
	static size_t count;

	for (size_t i = 0; i < count; i++)
		if (seen[i] == t->tid)
			return true;
	if (count < MAX_SEEN)
		seen[count++] = t->tid;
	return false;
}

static void say_outsider(const struct census *c, struct task *t)
{
	char key[100];

	if (!c->place && seen_before(t))
		return;
	read_command(t);
	(void)snprintf(key, sizeof(key), "census.%s.%s", c->place ? c->place : "watch",
		       started_by_kernel(t) ? "helper" : "outsider");
	fact(key, "%d/%d parent %d [%s] %s", t->pid, t->tid, t->parent, t->label, t->command);
}

static void look_at_threads(struct census *c, struct task *t)
{
	char path[64];
	struct dirent *e;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "%d/task", t->pid);
	dir = open_folder_at(proc, path);
	while (dir && (e = readdir(dir))) {
		t->tid = read_number(e->d_name);
		if (t->tid == 0 || !read_label(t))
			continue;
		c->tasks++;
		if (under_layer(t->label))
			continue;
		c->outsiders++;
		say_outsider(c, t);
	}
	if (dir)
		(void)closedir(dir);
}

static void look_at_all(struct census *c)
{
	DIR *dir = open_folder_at(proc, ".");
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		struct task t = { .pid = read_number(e->d_name) };

		if (t.pid == 0 || t.pid == getpid() || !read_stat(t.pid, &t) || t.kernel || t.dead)
			continue;
		look_at_threads(c, &t);
		if (c->place) {
			char key[100];

			t.tid = t.pid;
			read_command(&t);
			(void)read_label(&t);
			(void)snprintf(key, sizeof(key), "census.%s.task", c->place);
			fact(key, "%d [%s] %s", t.pid, t.label, t.command);
		}
	}
	if (dir)
		(void)closedir(dir);
}

static void say_profiles(const char *place)
{
	char line[500], key[100];
	int fd = openat(security, "apparmor/profiles", O_RDONLY | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	(void)snprintf(key, sizeof(key), "census.%s.profile", place);
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		fact(key, "%s", line);
	}
	if (f)
		(void)fclose(f);
}

static void take_census(const char *place)
{
	struct census c = { .place = place };
	char key[100], mode[40] = "?";

	look_at_all(&c);
	say_profiles(place);
	(void)read_small_at(sys, "module/apparmor/parameters/mode", mode, sizeof(mode));
	(void)snprintf(key, sizeof(key), "census.%s.mode", place);
	fact(key, "%s", mode);
	(void)snprintf(key, sizeof(key), "census.%s.outsiders", place);
	fact(key, "%d", c.outsiders);
	(void)snprintf(key, sizeof(key), "census.%s.tasks", place);
	fact(key, "%d", c.tasks);
}

/* From when process 1 is under the layer on: nobody may be outside then, at no time. */
void watch_tasks(void)
{
	static bool confined;
	struct census c = { .place = NULL };
	char label[600];

	if (!confined) {
		if (read_small_at(proc, "1/attr/apparmor/current", label, sizeof(label)) < 0 ||
		    !under_layer(label))
			return;
		confined = true;
		fact("watch.from", "%s", label);
	}
	look_at_all(&c);
}

/* Records that tell of denials, and those that tell that there are more than can be read. */
static bool worth_telling(const char *text, const char **key)
{
	static const struct {
		const char *word, *key;
	} words[] = {
		{ "apparmor=\"DENIED\"", "log.denied" },
		{ "apparmor=\"KILLED\"", "log.denied" },
		{ "apparmor=\"ALLOWED\"", "log.denied" },
		{ "initward: ", "log.loader" },
		{ "audit_lost=", "log.lost" },
		{ "callbacks suppressed", "log.lost" },
		{ "messages suppressed", "log.lost" },
		{ "queue overflow", "log.lost" },
		{ "audit: rate limit", "log.lost" },
		{ "audit: backlog limit", "log.lost" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strstr(text, words[i].word)) {
			*key = words[i].key;
			return true;
		}
	}
	return false;
}

static void pass_log_on(void)
{
	char record[8200];
	const char *key;
	ssize_t len;

	for (;;) {
		char *text;

		len = read(kmsg, record, sizeof(record) - 1);
		if (len < 0 && errno == EPIPE) {
			fact("log.lost", "the kernel's buffer ran over");
			continue;
		}
		if (len <= 0)
			return;
		record[len] = '\0';
		text = strchr(record, ';');
		if (!text)
			continue;
		text++;
		text[strcspn(text, "\n")] = '\0';
		if (worth_telling(text, &key))
			fact(key, "%s", text);
	}
}

static void say_label(char *words)
{
	char *pid = strchr(words, ' '), key[100], path[64], label[600];
	ssize_t len;

	if (!pid)
		return;
	*pid++ = '\0';
	(void)snprintf(key, sizeof(key), "label.%s", words);
	(void)snprintf(path, sizeof(path), "%d/attr/apparmor/current", atoi(pid));
	len = read_small_at(proc, path, label, sizeof(label));
	if (len < 0)
		fact(key, "<%s>", errno_name((int)-len));
	else
		fact(key, "%s", label);
}

static void obey(char *request, int from, char *answer, size_t size)
{
	char *words = strchr(request, ' ');

	pass_log_on();
	if (!words)
		return;
	*words++ = '\0';
	if (!strcmp(request, "census"))
		take_census(words);
	else if (!strcmp(request, "label"))
		say_label(words);
	else if (!strcmp(request, "say"))
		fact("guest", "%s", words);
	else if (!strcmp(request, "attack"))
		attack_request(words, from, answer, size);
	else if (!strcmp(request, "helper"))
		census_request(words, from, answer, size);
}

static socklen_t socket_address(struct sockaddr_un *to)
{
	*to = (struct sockaddr_un){ .sun_family = AF_UNIX };
	(void)strcpy(to->sun_path + 1, SOCKET_NAME);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(SOCKET_NAME));
}

/* One request for each connection; the other side waits for its end. */
void answer_one(void)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	char request[4000], reply[1000] = "ok";
	ssize_t len;

	if (fd < 0)
		return;
	len = read(fd, request, sizeof(request) - 1);
	if (len > 0) {
		request[len] = '\0';
		obey(request, fd, reply, sizeof(reply));
		if (*reply)
			(void)!write(fd, reply, strlen(reply));
	}
	(void)close(fd);
}

static int listen_there(void)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un at;
	socklen_t size = socket_address(&at);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) < 0 || listen(fd, 16) < 0) {
		fact("outside.error", "socket %s", errno_name(errno));
		return -1;
	}
	return fd;
}

static int mount_own(const char *path, const char *type)
{
	int fd;

	(void)mkdir(path, 0700);
	if (mount(type, path, type, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		fact("outside.error", "mount %s %s", type, errno_name(errno));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		fact("outside.error", "%s %s", path, errno_name(errno));
	return fd;
}

/* systemd leaves processes alone whose first word begins with '@', when it leaves the initramfs and at the end. */
static void settle(char *name)
{
	sigset_t all;

	name[0] = '@';
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)setsid();
	for (int fd = 0; fd < 3; fd++)
		(void)close(fd);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		fact("outside.error", "mount namespace %s", errno_name(errno));
	proc = mount_own(ROOM "/proc", "proc");
	sys = mount_own(ROOM "/sys", "sysfs");
	security = mount_own(ROOM "/security", "securityfs");
	(void)mknod(ROOM "/kmsg", S_IFCHR | 0600, makedev(1, 11));
	kmsg = open(ROOM "/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg < 0)
		fact("outside.error", "kmsg %s", errno_name(errno));
}

/* How often the kernel log wakes the observer must not decide how often it looks. */
static bool another_second(void)
{
	static time_t last;
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec == last)
		return false;
	last = now.tv_sec;
	return true;
}

static _Noreturn void observe(void)
{
	struct pollfd wait[] = { { .fd = listener, .events = POLLIN },
				 { .fd = kmsg, .events = POLLIN } };
	char label[600] = "?";

	(void)read_small_at(proc, "self/attr/apparmor/current", label, sizeof(label));
	fact("outside", "%s", label);
	for (;;) {
		(void)poll(wait, 2, 1000);
		pass_log_on();
		if (wait[0].revents & POLLIN)
			answer_one();
		if (another_second())
			watch_tasks();
	}
}

/* Leaves the observer behind, and comes back when it listens. */
int start_outside(char *name)
{
	int ready[2];
	char byte;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return errno;
	if (fork() == 0) {
		settle(name);
		listener = listen_there();
		(void)!write(ready[1], "r", 1);
		(void)close(ready[1]);
		observe();
	}
	(void)close(ready[1]);
	(void)!read(ready[0], &byte, 1);
	(void)close(ready[0]);
	return 0;
}

int guest_outside(char **argv, char **envp)
{
	static char path[] = "/init";

	channel_open();
	if (start_outside(argv[0]) != 0)
		return 1;
	argv[0] = path;
	(void)execve(path, argv, envp);
	fact("outside.error", "/init %s", errno_name(errno));
	return 1;
}

/* The connection, on which one answer comes; -1 with errno. */
int connect_outside(const char *request)
{
	struct sockaddr_un to;
	socklen_t size = socket_address(&to);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&to, size) == 0 &&
	    write(fd, request, strlen(request)) >= 0)
		return fd;
	(void)close(fd);
	return -1;
}

int ask_outside(const char *request, char *answer, size_t size)
{
	int fd = connect_outside(request);
	ssize_t len = fd < 0 ? -1 : read(fd, answer, size - 1);
	int err = len < 0 ? errno : len == 0 ? EPIPE : 0;

	if (fd >= 0)
		(void)close(fd);
	answer[len > 0 ? len : 0] = '\0';
	return err;
}

/* The other side: its words are the request. Status 0: it was answered. */
int guest_ask(int argc, char **argv)
{
	char words[4000] = "", reply[1000];
	int err;

	for (int i = 1; i < argc; i++) {
		size_t len = strlen(words);

		(void)snprintf(words + len, sizeof(words) - len, "%s%s", i > 1 ? " " : "", argv[i]);
	}
	err = ask_outside(words, reply, sizeof(reply));
	if (err != 0)
		(void)fprintf(stderr, "ask: the observer does not answer: %s\n", strerror(err));
	return err != 0;
}

/* Somebody types at the console: a login as it is, by getty, login and PAM. Wants to be root. */
int guest_type(int argc, char **argv)
{
	int fd = open("/dev/ttyS0", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || argc != 2) {
		perror("type");
		return 1;
	}
	for (const char *c = argv[1]; *c; c++) {
		if (ioctl(fd, TIOCSTI, c) < 0) {
			perror("type");
			return 1;
		}
	}
	return ioctl(fd, TIOCSTI, "\n") < 0;
}
