// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a label lets do: "stack [LABEL]" reads lines "OPERATION LABEL", has a child take the label and try the operation, and prints "OPERATION LABEL
 * RESULT": ok, the name of an errno, or "label " and one, where the label could not be taken. LABEL "-" is the caller's own. Who is signalled and traced has
 * the label of the command line.
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
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define ROOM_OF_TEST "/tmp/stack/"
#define ATTR "/proc/self/attr/current"
#define CLASS_DBUS 32	   /* security/apparmor/include/apparmor.h, AA_CLASS_DBUS */
#define DBUS_BIND (1 << 6) /* libapparmor, sys/apparmor.h, AA_DBUS_BIND */

static pid_t victim;

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

static int op_exec(void)
{
	static char name[] = "true";
	char *const argv[] = { name, NULL };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		(void)execv(ROOM_OF_TEST "busybox", argv);
		_exit(errno);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
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

/* What dbus-daemon asks the kernel about the label of who wants a name: Documentation of aa_query_label(2). */
static int ask_dbus(pid_t pid)
{
	static const char name[] = "session\0com.example";
	char query[4096] = "label", path[64], reply[256] = "", *mode;
	char *end = query + sizeof("label");
	unsigned int allow = 0;
	int fd = open(AA_FS "/.access", O_RDWR | O_CLOEXEC), r = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/attr/current", (int)pid);
	if (fd < 0 || read_small(path, end, 2048) < 0)
		return EIO;
	mode = strstr(end, " (");
	if (mode)
		*mode = '\0';
	end += strlen(end) + 1;
	*end++ = CLASS_DBUS;
	memcpy(end, name, sizeof(name) - 1);
	end += sizeof(name) - 1;
	if (write(fd, query, (size_t)(end - query)) < 0 || read(fd, reply, sizeof(reply) - 1) < 0)
		r = errno;
	(void)close(fd);
	(void)sscanf(reply, "allow 0x%x", &allow);
	return r || allow & DBUS_BIND ? r : EACCES;
}

/* The daemon is not the one who has the label. */
static int op_dbus(void)
{
	return 0;
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
	{ "dbus", op_dbus },
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
static _Noreturn void try_it(const char *label, int (*run)(void), int to, int until)
{
	char text[512], result[64];
	int r = 0;

	(void)snprintf(text, sizeof(text), "changeprofile %s", label);
	if (strcmp(label, "-") != 0)
		r = write_small(ATTR, text);
	(void)snprintf(result, sizeof(result), "%s%s", r ? "label " : "",
		       errno_name(r ? r : run()));
	(void)!write(to, result, strlen(result));
	_exit((int)read(until, result, 1)); /* whoever asks about the label is done then */
}

static void try_operation(const char *operation, const char *label, int (*run)(void))
{
	char result[64] = "";
	int to[2], until[2];
	ssize_t n;
	pid_t pid;

	put_in_order(operation);
	if (pipe(to) < 0 || pipe(until) < 0)
		return;
	pid = fork();
	if (pid == 0) {
		(void)close(until[1]);
		try_it(label, run, to[1], until[0]);
	}
	(void)close(to[1]);
	(void)close(until[0]);
	n = read(to[0], result, sizeof(result) - 1);
	if (run == op_dbus && strcmp(result, "ok") == 0)
		(void)snprintf(result, sizeof(result), "%s", errno_name(ask_dbus(pid)));
	(void)close(to[0]);
	(void)close(until[1]);
	(void)waitpid(pid, NULL, 0);
	printf("%s %s %s\n", operation, label, n > 0 ? result : "nothing");
	(void)fflush(stdout);
}

/* Who is signalled and traced; NULL: under the caller's label. */
static pid_t start_victim(const char *label)
{
	char text[512];
	int r = 0;
	pid_t pid;

	(void)snprintf(text, sizeof(text), "changeprofile %s", label ? label : "");
	(void)signal(SIGUSR1, SIG_IGN);
	pid = fork();
	if (pid == 0 && label)
		r = write_small(ATTR, text);
	if (pid == 0 && r)
		printf("victim %s label %s\n", label, errno_name(r));
	if (pid == 0)
		(void)fflush(stdout);
	while (pid == 0)
		(void)pause();
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
