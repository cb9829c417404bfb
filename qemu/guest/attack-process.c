/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Attacks by way of other tasks: their memory, their descriptors; and programs without a path. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "guest.h"

static pid_t prey = -1;

/* The loader has to close what it was given (qemu/guest/preinit.c opens it). */
static int run_inherited(void)
{
	return write_canary_fd(INHERITED_FD);
}

static const char *prepare_victim(void)
{
	prey = victim();
	return prey > 0 ? NULL : missing("the victim", ESRCH);
}

static int run_ptrace(void)
{
	if (ptrace(PTRACE_SEIZE, prey, NULL, NULL) < 0 ||
	    ptrace(PTRACE_INTERRUPT, prey, NULL, NULL) < 0 || waitpid(prey, NULL, __WALL) != prey)
		return errno;
	return ptrace(PTRACE_POKEDATA, prey, (void *)VICTIM_WORD, (void *)0x4141) < 0 ? errno : 0;
}

static int run_vm_write(void)
{
	char word[] = ESCAPED_WORD;
	struct iovec mine = { word, sizeof(word) };
	struct iovec its = { (void *)VICTIM_WORD, sizeof(word) };

	return process_vm_writev(prey, &mine, 1, &its, 1, 0) < 0 ? errno : 0;
}

static int run_proc_mem(void)
{
	char path[40];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)prey);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || pwrite(fd, ESCAPED_WORD, sizeof(ESCAPED_WORD), (off_t)VICTIM_WORD) < 0)
		return errno;
	return 0;
}

static int run_proc_fd(void)
{
	char path[40];

	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)prey, VICTIM_FD);
	return write_canary(path, O_WRONLY);
}

static int run_victim_root(void)
{
	char path[80];

	(void)snprintf(path, sizeof(path), "/proc/%d/root" CANARY, (int)prey);
	return write_canary(path, O_WRONLY);
}

static int run_pidfd_getfd(void)
{
	int pidfd = (int)syscall(SYS_pidfd_open, prey, 0);
	int fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, VICTIM_FD, 0);

	return fd < 0 ? errno : write_canary_fd(fd);
}

int take_descriptor(void)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	char byte;
	struct iovec text = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr m = { .msg_iov = &text,
			    .msg_iovlen = 1,
			    .msg_control = control.space,
			    .msg_controllen = sizeof(control.space) };
	int connection = connect_outside("attack give"), fd = -1;
	struct cmsghdr *c;

	if (connection < 0 || recvmsg(connection, &m, MSG_CMSG_CLOEXEC) < 0)
		return -1;
	c = CMSG_FIRSTHDR(&m);
	/* security_file_receive() refused it: the message comes without */
	if (!c || (m.msg_flags & MSG_CTRUNC) || c->cmsg_len < CMSG_LEN(sizeof(fd))) {
		errno = EACCES;
		return -1;
	}
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

static int run_scm_rights(void)
{
	int fd = take_descriptor();

	return fd < 0 ? errno : write_canary_fd(fd);
}

static int own_program(void)
{
	int from = open(ESCAPEE, O_RDONLY | O_CLOEXEC);
	int to = (int)syscall(SYS_memfd_create, "escapee", 0U);
	struct stat st;

	if (from < 0 || to < 0 || fstat(from, &st) < 0 ||
	    sendfile(to, from, NULL, (size_t)st.st_size) != st.st_size)
		return -1;
	return to;
}

static int execute_and_wait(int fd, const char *path)
{
	static char name[] = "escapee";
	char *argv[] = { name, NULL }, *envp[] = { NULL };
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)syscall(SYS_execveat, fd, path, argv, envp, *path ? 0 : AT_EMPTY_PATH);
		_exit(errno);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return errno;
	return WEXITSTATUS(status);
}

static int run_memfd(void)
{
	int fd = own_program();

	return fd < 0 ? errno : execute_and_wait(fd, "");
}

static int run_deleted(void)
{
	int from = own_program(), to = open("program", O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	struct stat st;
	off_t at = 0;

	if (from < 0 || to < 0 || fstat(from, &st) < 0 ||
	    sendfile(to, from, &at, (size_t)st.st_size) != st.st_size)
		return errno;
	(void)close(to);
	to = open("program", O_RDONLY);
	if (to < 0 || unlink("program") < 0)
		return errno;
	return execute_and_wait(to, "");
}

static int run_signal(void)
{
	if (kill(prey, SIGKILL) < 0)
		return errno;
	(void)usleep(100 * 1000); /* it dies in its own time */
	return 0;
}

/* The kernel sends it when something can be read, and asks no hook that AppArmor has. */
static int run_signal_by_descriptor(void)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0 ||
	    fcntl(ends[0], F_SETOWN, prey) < 0 || fcntl(ends[0], F_SETSIG, SIGKILL) < 0 ||
	    fcntl(ends[0], F_SETFL, O_ASYNC) < 0 || write(ends[1], "x", 1) != 1)
		return errno;
	(void)usleep(100 * 1000);
	return 0;
}

/* Who may write a number into a cgroup may end all in it, by a file. */
static int run_cgroup_kill(void)
{
	char number[20];
	int err;

	(void)snprintf(number, sizeof(number), "%d", (int)prey);
	if (mkdir("cg", 0755) < 0 || mount("none", "cg", "cgroup2", 0, NULL) < 0 ||
	    mkdir("cg/attack", 0755) < 0)
		return errno;
	err = write_small("cg/attack/cgroup.procs", number);
	if (!err && (err = write_small("cg/attack/cgroup.kill", "1")) == ENOENT)
		err = impossible(ENOENT, "no cgroup.kill before 5.14");
	(void)usleep(100 * 1000);
	(void)write_small("cg/cgroup.procs", number);
	(void)rmdir("cg/attack");
	return err;
}

/* Back as it was at once: what it was for is known then. */
static int run_prlimit(void)
{
	struct rlimit was, none = { 0, 0 }, now;

	if (prlimit(prey, RLIMIT_CORE, NULL, &was) < 0)
		return errno;
	none.rlim_max = was.rlim_max;
	if (was.rlim_cur == 0)
		none.rlim_cur = was.rlim_max;
	if (prlimit(prey, RLIMIT_CORE, &none, NULL) < 0 ||
	    prlimit(prey, RLIMIT_CORE, &was, &now) < 0)
		return errno;
	return now.rlim_cur == none.rlim_cur ? 0 : EPERM;
}

const struct attack process_attacks[] = {
	/* before the first that makes a new canary */
	{ "inherited", "a descriptor from before the layer", NULL, run_inherited, 0 },
	{ "ptrace", "ptrace_access_check, of a task outside", prepare_victim, run_ptrace, 0 },
	{ "process-vm-writev", "process_vm_writev to a task outside", prepare_victim, run_vm_write,
	  0 },
	{ "proc-mem", "/proc/PID/mem of a task outside", prepare_victim, run_proc_mem, 0 },
	{ "proc-fd", "open of /proc/PID/fd of a task outside", prepare_victim, run_proc_fd, 0 },
	{ "victim-root", "open by /proc/PID/root of a task outside", prepare_victim,
	  run_victim_root, 0 },
	{ "pidfd-getfd", "pidfd_getfd from a task outside", prepare_victim, run_pidfd_getfd, 0 },
	{ "scm-rights", "file_receive of a descriptor from outside", NULL, run_scm_rights, 0 },
	{ "memfd-exec", "bprm_creds_for_exec of a memfd", NULL, run_memfd, WAITS },
	{ "deleted-exec", "bprm_creds_for_exec of a deleted file", NULL, run_deleted, WAITS },
	{ "signal", "task_kill of a task outside", prepare_victim, run_signal, 0 },
	{ "signal-descriptor", "send_sigio() to a task outside, by fcntl(F_SETOWN)", prepare_victim,
	  run_signal_by_descriptor, 0 },
	{ "cgroup-kill", "cgroup.kill with a task outside in it", prepare_victim, run_cgroup_kill,
	  0 },
	{ "prlimit", "task_setrlimit of a task outside", prepare_victim, run_prlimit, ITS_WORD },
	{ .name = NULL },
};
