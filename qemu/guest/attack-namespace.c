/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attacks by namespaces of the system: a file that is protected by path has another path in another
 * mount namespace, and an unprivileged user has capabilities in a user namespace of his own.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "guest.h"

#define SYSCTL_IN_PROC "/sys/kernel/poweroff_cmd"
#define RESOLVE_IN_ROOT_FLAG 0x10U

/* The numbers of the architectures are one from Linux 5.0 on; musl may be older than the call. */
#define NR_PIDFD_OPEN 434
#define NR_OPENAT2 437

static pid_t prey = -1;

static const char *prepare_victim(void)
{
	prey = victim();
	return prey > 0 ? NULL : missing("the victim", ESRCH);
}

/* The observer has a proc of its own in its mount namespace. */
static int write_there(int namespace)
{
	int err = 0;

	if (namespace < 0)
		return errno;
	if (setns(namespace, CLONE_NEWNS) < 0)
		err = errno;
	(void)close(namespace);
	return err ? err : write_canary(ROOM "/proc" SYSCTL_IN_PROC, O_WRONLY);
}

static int run_setns(void)
{
	char path[40];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)prey);
	return write_there(open(path, O_RDONLY | O_CLOEXEC));
}

static int run_setns_pidfd(void)
{
	return write_there((int)syscall(NR_PIDFD_OPEN, prey, 0));
}

/* Root of a user namespace that has this root as its own. */
static int become_nested_root(int more)
{
	int err;

	if (unshare(CLONE_NEWUSER | more) < 0)
		return errno;
	err = write_small("/proc/self/setgroups", "deny");
	if (!err)
		err = write_small("/proc/self/uid_map", "0 0 1");
	return err ? err : write_small("/proc/self/gid_map", "0 0 1");
}

static int run_userns_bind(void)
{
	int err = become_nested_root(CLONE_NEWNS);

	if (err)
		return err;
	(void)mkdir("bind", 0755);
	if (mount(CANARY_FOLDER, "bind", NULL, MS_BIND | MS_REC, NULL) < 0)
		return errno;
	return write_canary("bind/vault", O_WRONLY);
}

/* In a child, which is the first of the process namespace that the caller has just made. */
static int write_in_new_proc(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)mkdir("proc", 0755);
		if (mount("proc", "proc", "proc", 0, NULL) < 0)
			_exit(errno);
		_exit(write_canary("proc" SYSCTL_IN_PROC, O_WRONLY));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return errno;
	return WEXITSTATUS(status);
}

static int run_pidns_proc(void)
{
	return unshare(CLONE_NEWPID) < 0 ? errno : write_in_new_proc();
}

static int run_userns_proc(void)
{
	int err = become_nested_root(CLONE_NEWNS | CLONE_NEWPID);

	return err ? err : write_in_new_proc();
}

/*
 * With 1 an unprivileged user administers the policy of the namespace that the system is in. In visible
 * mode it is 1: the other value then.
 */
static int run_userns_policy(void)
{
	char was[20] = "0";

	if (read_small(AA_SYSCTL, was, sizeof(was)) == -ENOENT)
		return impossible(ENOENT, "CONFIG_USER_NS is not set");
	return write_small(AA_SYSCTL, *was == '1' ? "0" : "1");
}

/* struct open_how of linux/openat2.h */
static int run_in_root(void)
{
	const uint64_t how[] = { O_WRONLY | O_CLOEXEC, 0, RESOLVE_IN_ROOT_FLAG };
	int root = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd, err;

	if (root < 0)
		return errno;
	fd = (int)syscall(NR_OPENAT2, root, SYSCTL_IN_PROC, how, sizeof(how));
	if (fd < 0)
		return errno;
	err = write_canary_fd(fd);
	(void)close(fd);
	return err;
}

const struct attack namespace_attacks[] = {
	{ "setns-outside", "setns to the mount namespace of a task outside", prepare_victim,
	  run_setns, 0 },
	{ "setns-pidfd", "setns to it by a pidfd of a task outside", prepare_victim,
	  run_setns_pidfd, 0 },
	{ "userns-bind", "mount(MS_BIND) as root of a user namespace", NULL, run_userns_bind, 0 },
	{ "pidns-proc", "mount of the proc of another process namespace", NULL, run_pidns_proc, 0 },
	{ "userns-proc", "the same as root of a user namespace", NULL, run_userns_proc, 0 },
	{ "userns-policy", "sysctl unprivileged_userns_apparmor_policy", NULL, run_userns_policy,
	  0 },
	{ "openat2-in-root", "openat2(RESOLVE_IN_ROOT) in proc", NULL, run_in_root, 0 },
	{ .name = NULL },
};
