// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a label lets do: "stack [LABEL]" reads lines "OPERATION LABEL", has a child take the label and try the operation, and prints "OPERATION LABEL
 * RESULT": ok, the name of an errno, or "label " and one, where the label could not be taken. LABEL "-" is the caller's own. Who is signalled, traced and
 * connected to has the label of the command line.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define ROOM_OF_TEST "/tmp/stack/"
#define ATTR "/proc/self/attr/current"

static pid_t victim;
static const struct sockaddr_un listener = { AF_UNIX, "\0victim" }; /* a path would be a file's */

static int failed(int r)
{
	return r < 0 ? errno : 0;
}

static int try_open(const char *path, int flags)
{
	return failed(open(path, flags | O_CLOEXEC, 0600));
}

static int op_chroot(void)
{
	return failed(chroot("/"));
}

static int op_nice(void)
{
	return failed(setpriority(PRIO_PROCESS, 0, -5));
}

static int op_rlimit(void)
{
	const struct rlimit more = { 100, 100 };

	return failed(setrlimit(RLIMIT_NOFILE, &more));
}

static int op_inet(void)
{
	return failed(socket(AF_INET, SOCK_STREAM, 0));
}

static int op_unix(void)
{
	return failed(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int op_signal(void)
{
	return failed(kill(victim, SIGUSR1));
}

static int op_ptrace(void)
{
	return failed((int)ptrace(PTRACE_SEIZE, victim, NULL, NULL));
}

static int op_read(void)
{
	return try_open(ROOM_OF_TEST "read", O_RDONLY);
}

static int op_write(void)
{
	return try_open(ROOM_OF_TEST "write", O_WRONLY);
}

static int op_create(void)
{
	return try_open(ROOM_OF_TEST "create", O_WRONLY | O_CREAT | O_EXCL);
}

static int op_link(void)
{
	return failed(link(ROOM_OF_TEST "read", ROOM_OF_TEST "link"));
}

static int op_map(void)
{
	int fd = open(ROOM_OF_TEST "map", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED ? errno
											 : 0;
}

/* Its exit status, or why it cannot be executed: both are an errno. */
static int try_program(const char *path, const char *word)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		(void)execl(path, word, word, NULL);
		_exit(errno);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

static int op_exec(void)
{
	return try_program(ROOM_OF_TEST "busybox", "true");
}

static int op_mount(void)
{
	return failed(mount("none", ROOM_OF_TEST "mnt", "tmpfs", 0, NULL));
}

static int op_umount(void)
{
	return failed(umount(ROOM_OF_TEST "mnt"));
}

static int op_userns(void)
{
	return failed(unshare(CLONE_NEWUSER));
}

static int op_hat(void)
{
	return write_small(ATTR, "changehat 00000000000000aa^h");
}

static int op_profile(void)
{
	return write_small(ATTR, "changeprofile target");
}

/* The program "bus" talks to a dbus-daemon; its status is an errno. */
static int op_own(void)
{
	return try_program(ROOM_OF_TEST "bus", "own");
}

static int op_call(void)
{
	return try_program(ROOM_OF_TEST "bus", "call");
}

static int op_connect(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? errno
		      : failed(connect(fd, (const struct sockaddr *)&listener, sizeof(listener)));
}

static const struct {
	const char *name;
	int (*run)(void);
} operations[] = {
	{ "chroot", op_chroot }, { "nice", op_nice },	{ "rlimit", op_rlimit },
	{ "inet", op_inet },	 { "unix", op_unix },	{ "signal", op_signal },
	{ "ptrace", op_ptrace }, { "read", op_read },	{ "write", op_write },
	{ "create", op_create }, { "link", op_link },	{ "map", op_map },
	{ "exec", op_exec },	 { "mount", op_mount }, { "umount", op_umount },
	{ "userns", op_userns }, { "hat", op_hat },	{ "profile", op_profile },
	{ "own", op_own },	 { "call", op_call },	{ "connect", op_connect },
};

/* As each operation finds it. */
static void put_in_order(const char *operation)
{
	(void)unlink(ROOM_OF_TEST "create");
	(void)unlink(ROOM_OF_TEST "link");
	(void)umount2(ROOM_OF_TEST "mnt", MNT_DETACH);
	if (strcmp(operation, "umount") == 0)
		(void)mount("none", ROOM_OF_TEST "mnt", "tmpfs", 0, NULL);
}

/* In the child. */
static _Noreturn void try_it(const char *label, int (*run)(void), int to)
{
	char text[512], result[64];
	int r = 0;

	(void)snprintf(text, sizeof(text), "changeprofile %s", label);
	if (strcmp(label, "-") != 0)
		r = write_small(ATTR, text);
	(void)snprintf(result, sizeof(result), "%s%s", r ? "label " : "",
		       errno_name(r ? r : run()));
	(void)!write(to, result, strlen(result));
	_exit(0);
}

static void try_operation(const char *operation, const char *label, int (*run)(void))
{
	char result[64] = "";
	int to[2];
	ssize_t n;
	pid_t pid;

	put_in_order(operation);
	if (pipe(to) < 0)
		return;
	pid = fork();
	if (pid == 0)
		try_it(label, run, to[1]);
	(void)close(to[1]);
	n = read(to[0], result, sizeof(result) - 1);
	(void)close(to[0]);
	(void)waitpid(pid, NULL, 0);
	printf("%s %s %s\n", operation, label, n > 0 ? result : "nothing");
	(void)fflush(stdout);
}

static void listen_here(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&listener, sizeof(listener)) < 0 ||
	    listen(fd, 64) < 0)
		printf("victim listen %s\n", errno_name(errno));
}

/* Closes `ready` when whatever is done to it can be done. */
static _Noreturn void be_victim(const char *label, int ready)
{
	char text[512];
	int r = 0;

	(void)snprintf(text, sizeof(text), "changeprofile %s", label ? label : "");
	if (label)
		r = write_small(ATTR, text);
	if (r)
		printf("victim %s label %s\n", label, errno_name(r));
	listen_here();
	(void)fflush(stdout);
	(void)close(ready);
	for (;;)
		(void)pause();
}

/* Who is signalled, traced and connected to; NULL: under the caller's label. */
static pid_t start_victim(const char *label)
{
	char byte;
	int ready[2];
	pid_t pid;

	if (pipe(ready) < 0)
		return 0;
	(void)signal(SIGUSR1, SIG_IGN);
	pid = fork();
	if (pid == 0)
		be_victim(label, ready[1]);
	(void)close(ready[1]);
	(void)!read(ready[0], &byte, 1);
	(void)close(ready[0]);
	(void)signal(SIGUSR1, SIG_DFL);
	return pid;
}

int guest_stack(const char *of_victim)
{
	char operation[32], label[400];

	victim = start_victim(of_victim);
	while (scanf("%31s %399s", operation, label) == 2) {
		for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
			if (strcmp(operations[i].name, operation) == 0)
				try_operation(operation, label, operations[i].run);
		}
	}
	(void)kill(victim, SIGKILL);
	return 0;
}
