/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs the attacks, each in a child of its own with a time limit, and tells what the observer has
 * found:
 *   attack.NAME=held ERRNO               nothing has changed
 *   attack.NAME=escaped WHAT (ERRNO)     what has
 *   attack.NAME=impossible ERRNO WHY     this kernel cannot do it at all
 *   attack.NAME=unprepared WHY           it never came to the point: proves nothing
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "guest.h"

#define LIMIT_MS 20000

static const struct attack *const families[] = {
	process_attacks,   file_attacks,   uring_attacks, mount_attacks,
	namespace_attacks, helper_attacks, raw_attacks,	  disk_attacks,
	server_attacks,	   policy_attacks, root_attacks,
};

struct message {
	enum { RAN, IMPOSSIBLE, UNPREPARED, DIED, ENDLESS } kind;
	int err;
	char why[200];
};

static struct message message;
static bool in_control, immutable;

int impossible(int err, const char *why)
{
	message.kind = IMPOSSIBLE;
	(void)snprintf(message.why, sizeof(message.why), "%s", why);
	return err;
}

const char *missing(const char *what, int err)
{
	static char text[200];

	(void)snprintf(text, sizeof(text), "%s: %s", what, errno_name(err));
	return text;
}

int write_canary_fd(int fd)
{
	return write(fd, ESCAPED_WORD, sizeof(ESCAPED_WORD) - 1) < 0 ? errno : 0;
}

int write_canary_at(int folder, const char *path, int flags)
{
	int fd = openat(folder, path, flags | O_CLOEXEC, 0600);
	int err;

	if (fd < 0)
		return errno;
	err = write_canary_fd(fd);
	(void)close(fd);
	return err;
}

int write_canary(const char *path, int flags)
{
	return write_canary_at(AT_FDCWD, path, flags);
}

int bind_alias(const char *path)
{
	if ((mknod("alias", S_IFREG | 0600, 0) < 0 && errno != EEXIST) ||
	    mount(path, "alias", NULL, MS_BIND, NULL) < 0)
		return errno;
	return 0;
}

int set_canary_flags(long flags)
{
	int fd = open(CANARY, O_RDONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return errno;
	/* linux/fs.h: FS_IOC_SETFLAGS */
	if (ioctl(fd, _IOW('f', 2, long), &flags) < 0)
		err = errno;
	(void)close(fd);
	return err;
}

pid_t victim(void)
{
	char answer[40];

	return ask_outside("attack victim", answer, sizeof(answer)) == 0 ? atoi(answer) : -1;
}

/* Where the layer lets a task make a mount namespace, its mounts are gone with it. */
static _Noreturn void attacker(const struct attack *a, int to_parent)
{
	const char *why = NULL;
	char folder[100];

	(void)setpgid(0, 0);
	(void)snprintf(folder, sizeof(folder), "/tmp/%s", a->name);
	if (!(a->flags & SHARED_MOUNTS) && unshare(CLONE_NEWNS) == 0)
		(void)mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	if ((mkdir(folder, 0777) < 0 && errno != EEXIST) || chdir(folder) < 0)
		why = missing(folder, errno);
	else if (a->prepare)
		why = a->prepare();
	if (why) {
		message.kind = UNPREPARED;
		(void)snprintf(message.why, sizeof(message.why), "%s", why);
	} else {
		if (immutable && (a->flags & ATTRIBUTES))
			(void)set_canary_flags(0);
		message.err = a->run();
	}
	(void)!write(to_parent, &message, sizeof(message));
	for (;;)
		(void)pause();
}

static void hear(int from, struct message *m)
{
	struct pollfd wait = { .fd = from, .events = POLLIN };

	*m = (struct message){ .kind = ENDLESS };
	if (poll(&wait, 1, LIMIT_MS) <= 0)
		return;
	if (read(from, m, sizeof(*m)) != (ssize_t)sizeof(*m))
		m->kind = DIED;
}

/* What changed weighs more than what the attacker says of it. */
static void tell(const struct attack *a, const struct message *m, const char *found)
{
	static const char *const kinds[] = { "held", "impossible", "unprepared", "died",
					     "endless" };
	char key[100];

	(void)snprintf(key, sizeof(key), "attack.%s", a->name);
	if (strcmp(found, "held") != 0)
		fact(key, "escaped %s (%s)", found, errno_name(m->err));
	else if (m->kind == RAN && m->err == 0 &&
		 ((a->flags & ITS_WORD) || (in_control && (a->flags & LEAVES))))
		fact(key, "escaped (ok)");
	else if (m->kind == RAN)
		fact(key, "held %s", errno_name(m->err));
	else if (m->kind == UNPREPARED)
		fact(key, "unprepared %s", m->why);
	else
		fact(key, "%s %s %s", kinds[m->kind], errno_name(m->err), m->why);
}

/* The attacker lives until the observer has looked at it. False: nothing can be told after it. */
static bool run_attack(const struct attack *a)
{
	char request[80], found[700] = "held", after[700] = "ok";
	int pipes[2], err;
	struct message m;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return false;
	if (immutable && (a->flags & ATTRIBUTES))
		(void)ask_outside("attack fix", found, sizeof(found));
	pid = fork();
	if (pid == 0)
		attacker(a, pipes[1]);
	(void)close(pipes[1]);
	hear(pipes[0], &m);
	(void)close(pipes[0]);
	(void)snprintf(request, sizeof(request), "attack %s", a->flags & WAITS ? "await" : "judge");
	err = ask_outside(request, found, sizeof(found));
	(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	if (err == 0)
		err = ask_outside("attack restore", after, sizeof(after));
	if (err != 0) {
		fact("attack.error", "%s: the observer does not answer: %s", a->name,
		     errno_name(err));
		return false;
	}
	tell(a, &m, found);
	if (!strcmp(after, "ok"))
		return true;
	fact("attacks.broken", "%s: %s", a->name, after);
	return false;
}

/* attack=NAME chooses; without any such word all are meant. */
static bool is_meant(const char *facts, const char *name)
{
	const char *word = strstr(facts, "attack=");
	size_t len = strlen(name);

	if (!word)
		return true;
	for (; word; word = strstr(word + 7, "attack="))
		if (!strncmp(word + 7, name, len) && strchr(" ", word[7 + len]))
			return true;
	return false;
}

/* Once through all families; what cannot be mended comes in the second turn. */
static bool run_turn(const char *facts, unsigned int turn, int *count)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		for (const struct attack *a = families[i]; a->name; a++) {
			if ((a->flags & LAST) != turn || !is_meant(facts, a->name))
				continue;
			(*count)++;
			if (!run_attack(a))
				return false;
		}
	}
	return true;
}

void guest_attacks(const char *facts, bool control)
{
	char answer[700];
	int count = 0;

	in_control = control;
	immutable = strstr(facts, "immutable");
	(void)mkdir("/tmp", 01777);
	if (ask_outside("attack begin", answer, sizeof(answer)) != 0) {
		fact("attack.error", "no observer outside: %s", errno_name(errno));
		return;
	}
	fact("attacks.begin", "%s", answer);
	if (run_turn(facts, 0, &count) && !strstr(facts, "attacks-mendable"))
		(void)run_turn(facts, LAST, &count);
	fact("attacks", "%d", count);
}

int guest_escapee(void)
{
	char answer[40];

	(void)ask_outside("attack ran", answer, sizeof(answer));
	(void)write_canary(CANARY, O_WRONLY);
	(void)ask_outside("attack done", answer, sizeof(answer));
	return 0;
}
