/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_FAKE_CALLS_H
#define INITWARD_FAKE_CALLS_H

/*
 * The system calls of the loader, in front of the kernel of fake_root.h. Each test that includes it
 * says behind its first line, each line with "// " before it:
 *
 * wrap: syscall read write mkdirat unlinkat mknodat fchownat statfs mount umount2
 * wrap: uname vfork execve waitid waitpid _exit getpid
 */
#include <linux/magic.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>

#include "probe.h"

#define WRAP(type, name, ...)            \
	type __real_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__)

long __real_syscall(long n, ...);
long __wrap_syscall(long n, long a, long b, long c, long d, long e, long f);

/* The path of a descriptor, below the fake root where it lies there. */
static inline const char *fake_path_of(int fd)
{
	static char path[PATH_MAX];
	char link[64];
	ssize_t n;
	size_t dir = strlen(fake->dir);

	(void)form(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n < 0 ? 0 : n] = '\0';
	return strncmp(path, fake->dir, dir) == 0 && path[dir] == '/' ? path + dir + 1 : path;
}

/* What lies below a mount point is there only while something is mounted. */
static inline bool fake_is_there(const char *path)
{
	if (strncmp(path, "proc/", 5) == 0)
		return fake->mounted[FS_PROC];
	if (strncmp(path, "sys/kernel/security/", 20) == 0)
		return fake->mounted[FS_SECURITYFS];
	return strncmp(path, "sys/", 4) != 0 || fake->mounted[FS_SYSFS];
}

/* Does the call fail? Then errno is set. */
static inline bool fake_fails(const char *call, const char *path)
{
	int err = fault_of(call, path);

	if (err <= 0 && fake_is_there(path))
		return false;
	errno = err > 0 ? err : ENOENT;
	return true;
}

static inline void fake_changed(const char *call, const char *path)
{
	if (fake->hook)
		fake->hook(call, path);
}

static inline long fake_openat(int dir, const char *path, int flags, unsigned int mode)
{
	if (dir == AT_FDCWD && strcmp(path, "/") == 0)
		path = fake->dir;
	if (strcmp(path, LOAD_PATH) == 0) { /* by the child of the proof */
		path++;
		dir = boot.root;
		fake_kill(fake->load_path_refused);
	}
	if (!(flags & O_CLOEXEC))
		fake->inherited++;
	if (flags & O_CREAT)
		fake_log("create", path, (struct span){ NULL, 0 });
	if (fake_fails("open", path))
		return -1;
	if (fake->listing_is_new && strcmp(path, APPARMORFS "/profiles") == 0) {
		fake_put(path, fake->listing);
		fake->listing_is_new = false;
	}
	return __real_syscall(SYS_openat, dir, path, flags, mode);
}

/* By the bits alone: the fake root may be mounted noexec. */
static inline long fake_access(const char *path, int mode)
{
	struct stat st;

	if (fake_fails("access", path) || stat(fake_full(path), &st) < 0)
		return -1;
	errno = EACCES;
	return (mode & X_OK) && !(st.st_mode & 0111) ? -1 : 0;
}

static inline long fake_clock(struct timespec *t)
{
	t->tv_sec = (time_t)(fake->clock / 1000000000);
	t->tv_nsec = (long)(fake->clock % 1000000000);
	fake->clock += 1000000001;
	return 0;
}

/* Filters of system calls; that of a child of the test is a real one. */
static inline long fake_seccomp(long operation, long flags, long program)
{
	int err;

	if (operation != 1 || flags != 4)
		abort();
	err = fault_of("filter", "");
	if (err <= 0 && fake->real_filter)
		return __real_syscall(SYS_seccomp, operation, flags, program);
	errno = err > 0 ? err : program ? 0 : EFAULT;
	if (!errno)
		fake_log("filter", "", (struct span){ NULL, 0 });
	return errno ? -1 : 0;
}

static inline const char *fake_mount_call(long n)
{
	return n == SYS_open_tree	    ? "open_tree"
	       : n == SYS_move_mount	    ? "move_mount"
	       : n == SYS_fsopen	    ? "fsopen"
	       : n == SYS_fspick	    ? "fspick"
	       : n == SYS_mount_setattr	    ? "mount_setattr"
	       : n == 467		    ? "open_tree_attr"
	       : n == SYS_open_by_handle_at ? "open_by_handle_at"
	       : n == SYS_quotactl	    ? "quotactl"
					    : NULL;
}

/* Not variadic: more arguments than there are do no harm. */
long __wrap_syscall(long n, long a, long b, long c, long d, long e, long f)
{
	switch (n) {
	case SYS_openat:
		return fake_openat((int)a, (const char *)b, (int)c, (unsigned int)d);
	case SYS_mmap:
		if (fake_fails("mmap", ""))
			return -1;
		break;
	case SYS_faccessat:
		return fake_access((const char *)b, (int)c);
	case SYS_readlinkat:
		if (fake_fails("readlink", (const char *)b))
			return -1;
		break;
	case SYS_getdents64:
		if (fake_fails("getdents", a < 0 ? "" : fake_path_of((int)a)))
			return -1;
		break;
	case SYS_clock_gettime:
		return fake_clock((struct timespec *)b);
	case SYS_close_range:
		fake_log("close_range", a == 3 && (unsigned int)b == ~0U ? "3-" : "?",
			 (struct span){ NULL, 0 });
		break;
	case SYS_fcntl:
	case SYS_prctl:
		break;
	case SYS_seccomp:
		return fake_seccomp(a, b, c);
	case SYS_unshare:
		if (fake_fails("unshare", ""))
			return -1;
		fake_log("unshare", a == 0x200 ? "fs" : "?", (struct span){ NULL, 0 });
		return 0;
	default:
		if (!fake_mount_call(n))
			abort();
		if (fake->real_filter)
			break;
		errno = fault_of(fake_mount_call(n), "");
		errno = errno > 0 ? errno : ENOSYS;
		return -1;
	}
	return __real_syscall(n, a, b, c, d, e, f);
}

/* In pieces, as the kernel's files come. */
WRAP(ssize_t, read, int fd, void *buf, size_t n)
{
	if (!fake)
		return __real_read(fd, buf, n);
	if (fake_fails("read", fake_path_of(fd)))
		return -1;
	return __real_read(fd, buf, n < 4096 ? n : 4096);
}

static inline bool fake_is_kmsg(const char *path)
{
	return strncmp(path, ".initward-kmsg", 14) == 0 || strcmp(path, "dev/kmsg") == 0;
}

static inline ssize_t fake_message(const char *path, const char *text, size_t n)
{
	bool kmsg = fake_is_kmsg(path);
	int err = fault_of("write", kmsg ? "kmsg" : "stderr");

	if (err > 0) {
		errno = err;
		return -1;
	}
	if (!kmsg)
		fake_say("stderr: ", 8);
	fake_say(text, n);
	return (ssize_t)n;
}

WRAP(ssize_t, write, int fd, const void *data, size_t n)
{
	bool is_stderr = fd == STDERR_FILENO;
	char path[PATH_MAX];
	int err;

	if (!fake)
		return __real_write(fd, data, n);
	is_stderr &= !fake->no_stderr;
	(void)form(path, sizeof(path), "%s", fake_path_of(fd));
	if (is_stderr || fake_is_kmsg(path))
		return fake_message(is_stderr ? "" : path, data, n);
	fake_log("write", path, (struct span){ data, n });
	err = fault_of("write", path);
	if (err == FAULT_SILENT)
		return (ssize_t)n;
	if (err > 0) {
		errno = err;
		return -1;
	}
	n -= err == FAULT_SHORT;
	err = fake_write(path, data, n + (err == FAULT_SHORT));
	if (err < 0)
		return __real_write(fd, data, n);
	if (err) {
		errno = err;
		return -1;
	}
	fake_changed("write", path);
	return (ssize_t)n;
}

WRAP(int, mkdirat, int dir, const char *path, mode_t mode)
{
	char ns[LIMIT_NAME + 1], file[PATH_MAX];
	bool policy = fake_namespace(path, "", ns);

	fake_log("mkdir", path, (struct span){ NULL, 0 });
	if (fake_fails("mkdir", path))
		return -1;
	if (policy && fake_sealed()) {
		errno = EACCES;
		return -1;
	}
	if (__real_mkdirat(dir, path, mode) < 0)
		return -1;
	if (policy) {
		(void)form(file, sizeof(file), "%s/.replace", path);
		fake_put(file, "");
	}
	fake_changed("mkdir", path);
	return 0;
}

/* A namespace goes with all that is loaded into it. */
static inline int fake_rmdir(int dir, const char *path);

WRAP(int, unlinkat, int dir, const char *path, int flags)
{
	bool removes_dir = flags & AT_REMOVEDIR;
	const char *call = removes_dir ? "rmdir" : "unlink";

	fake_log(call, path, (struct span){ NULL, 0 });
	if (fake_fails(call, path))
		return -1;
	return removes_dir ? fake_rmdir(dir, path) : __real_unlinkat(dir, path, flags);
}

static inline int fake_rmdir(int dir, const char *path)
{
	char name[LIMIT_NAME + 1], start[LIMIT_NAME + 8], *line;

	if (!fake_namespace(path, "", name) || fake_sealed()) {
		errno = EACCES;
		return -1;
	}
	(void)form(start, sizeof(start), "%s/.replace", path);
	(void)__real_unlinkat(dir, start, 0);
	(void)form(start, sizeof(start), ":%s:", name);
	while ((line = fake_listed(start, strlen(start))) != NULL)
		fake_unlist(line);
	return __real_unlinkat(dir, path, AT_REMOVEDIR);
}

/* A plain file in the place of the node, which needs no right. */
WRAP(int, mknodat, int dir, const char *path, mode_t mode, dev_t dev)
{
	bool right = mode == (S_IFCHR | 0200) && dev == makedev(1, 11);

	fake_log(right ? "mknod" : "wrong mknod", path, (struct span){ NULL, 0 });
	if (fake_fails("mknod", path))
		return -1;
	return __real_mknodat(dir, path, S_IFREG | 0600, 0);
}

/* The probe is confined when it was executed under a label whose profile enforces. */
static inline bool fake_enforces(void)
{
	return strncmp(fake->probe_asked, "global//&", 9) == 0 &&
	       fake_listed("global (enforce)", 16) &&
	       strcmp(fake_get(AA_PARAMETERS "/mode"), "complain\n") != 0;
}

static inline int fake_chown(const char *path, bool refused, uid_t uid, gid_t gid)
{
	if (fake_fails("chown", path))
		return -1;
	if (uid != (uid_t)-1 || gid != (gid_t)-1)
		abort();
	errno = EACCES;
	return refused ? -1 : 0;
}

/* By the child of the proof, which knows no root but "/". */
static inline int fake_probe_chown(const char *path, uid_t uid, gid_t gid)
{
	if (strcmp(path, CONTROL_PATH) == 0) {
		fake_kill(fake->control_refused);
		return fake_chown(path + 1, fake->control_refused, uid, gid);
	}
	if (strcmp(path, PROOF_PATH) != 0)
		abort();
	fake_kill(fake_enforces());
	return fake_chown(path + 1, fake_enforces(), uid, gid);
}

WRAP(int, fchownat, int dir, const char *path, uid_t uid, gid_t gid, int flags)
{
	bool control = strcmp(path, CONTROL_PATH + 1) == 0;

	if (dir == AT_FDCWD && !flags)
		return fake_probe_chown(path, uid, gid);
	if (dir < 0 || flags || (!control && strcmp(path, PROOF_PATH + 1) != 0))
		abort();
	return fake_chown(path, control ? fake->control_refused : fake->own_refused, uid, gid);
}

static const struct {
	const char *type, *path;
	long magic;
} fake_filesystems[FS_COUNT] = {
	[FS_PROC] = { "proc", "/proc", PROC_SUPER_MAGIC },
	[FS_SYSFS] = { "sysfs", "/sys", SYSFS_MAGIC },
	[FS_SECURITYFS] = { "securityfs", "/sys/kernel/security", SECURITYFS_MAGIC },
};

static inline int fake_filesystem(const char *path)
{
	for (int fs = 0; fs < FS_COUNT; fs++) {
		if (strcmp(fake_filesystems[fs].path, path) == 0)
			return fs;
	}
	abort();
}

WRAP(int, statfs, const char *path, struct statfs *st)
{
	int fs = fake_filesystem(path);

	memset(st, 0, sizeof(*st));
	st->f_type = RAMFS_MAGIC;
	if (fake_fails("statfs", path + 1))
		return -1;
	if (fake->mounted[fs])
		st->f_type = fake_filesystems[fs].magic;
	return 0;
}

WRAP(int, mount, const char *source, const char *path, const char *type, unsigned long flags,
     const void *data)
{
	int fs = fake_filesystem(path);
	bool right = strcmp(type, fake_filesystems[fs].type) == 0 && strcmp(source, type) == 0 &&
		     flags == (MS_NOSUID | MS_NODEV | MS_NOEXEC) && !data;

	fake_log(right ? "mount" : "wrong mount", path, (struct span){ NULL, 0 });
	if (fake_fails("mount", path + 1))
		return -1;
	if (!fake_exists(path + 1)) {
		errno = ENOENT;
		return -1;
	}
	fake->mounted[fs] = true;
	return 0;
}

WRAP(int, umount2, const char *path, int flags)
{
	int fs = fake_filesystem(path);

	fake_log(flags == (UMOUNT_NOFOLLOW | MNT_DETACH) ? "umount" : "wrong umount", path,
		 (struct span){ NULL, 0 });
	if (fake_fails("umount", path + 1))
		return -1;
	errno = EINVAL;
	if (!fake->mounted[fs])
		return -1;
	fake->mounted[fs] = false;
	/* Detached with all that is below. */
	if (fs == FS_SYSFS)
		fake->mounted[FS_SECURITYFS] = false;
	return 0;
}

WRAP(int, uname, struct utsname *ret)
{
	if (fake_fails("uname", ""))
		return -1;
	*ret = fake->uts;
	return 0;
}

/* A real vfork() cannot come back out of a function; a fork is less, not more, to the caller. */
WRAP(pid_t, vfork, void)
{
	fake->probe_asked[0] = '\0';
	return fake_fails("vfork", "") ? -1 : fork();
}

/* A build that counts coverage writes its counts without the fake, those of a child too. */
void __gcov_dump(void) __attribute__((weak));

WRAP(_Noreturn void, _exit, int status)
{
	fake = NULL;
	if (__gcov_dump)
		__gcov_dump();
	__real__exit(status);
}

static inline void fake_words(size_t *at, const char *what, char *const *words)
{
	for (; *words; words++)
		*at += (size_t)form(fake->executed + *at, sizeof(fake->executed) - *at, "%s %s\n",
				    what, *words);
}

/* Descriptors that an execution would hand on. */
static inline int fake_handed_on(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++) {
		int flags = fcntl(fd, F_GETFD);

		n += flags >= 0 && !(flags & FD_CLOEXEC);
	}
	return n;
}

static inline int fake_probe(char *const argv[], char *const envp[])
{
	if (strcmp(argv[0], PROBE_ARGV0) != 0 || (argv[1] && argv[2]) || envp[0])
		abort();
	if (fake->probe_tries)
		(void)__real_syscall(SYS_prctl, PR_SET_NAME, "trying");
	if (fake->probe_end < 0)
		(void)raise(-fake->probe_end);
	__wrap__exit(fake->probe_end ? fake->probe_end : probe_main(argv[1] != NULL));
}

WRAP(int, execve, const char *path, char *const argv[], char *const envp[])
{
	bool probe = strcmp(path, "/proc/self/exe") == 0;
	char state[8192];
	size_t at;

	if (!probe)
		fake_log("execve", path, (struct span){ NULL, 0 });
	if (fake_fails("execve", path))
		return -1;
	if (probe)
		return fake_probe(argv, envp);
	fake_state(state, sizeof(state));
	at = (size_t)form(fake->executed, sizeof(fake->executed),
			  "path %s\nlabel %s\nhanded on %d\n", path, fake->exec_label,
			  fake_handed_on());
	fake_words(&at, "arg", argv);
	fake_words(&at, "env", envp);
	__wrap__exit(0);
}

/* What the child is called is the one thing that the real kernel knows of it. */
static inline void fake_child_name(id_t id)
{
	char path[64], name[32] = "";
	int fd;

	(void)form(path, sizeof(path), "/proc/%u/comm", id);
	fd = (int)__real_syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	if (fd >= 0 && __real_read(fd, name, sizeof(name) - 1) > 0)
		fake_put(path + 1, name);
	(void)close(fd);
}

/* Label and name of a child can be read until somebody has waited for it. */
WRAP(int, waitid, idtype_t type, id_t id, siginfo_t *info, int options)
{
	char path[64], label[160];
	const char *asked = fake->probe_asked;

	if (fake_fails("waitid", ""))
		return -1;
	if (__real_waitid(type, id, info, options) < 0)
		return -1;
	if (options & WNOWAIT) {
		if (fake->probe_label)
			asked = fake->probe_label;
		(void)form(path, sizeof(path), "proc/%u/attr/apparmor/current", id);
		(void)form(label, sizeof(label), "%s%s", *asked ? asked : "unconfined",
			   *asked ? " (enforce)\n" : "\n");
		fake_put(path, label);
		fake_child_name(id);
	}
	return 0;
}

WRAP(pid_t, waitpid, pid_t pid, int *status, int options)
{
	static const char *const parts[] = { "/attr/apparmor/current", "/attr/apparmor", "/attr",
					     "/comm", "" };
	char path[64];

	for (size_t i = 0; i < COUNT(parts); i++) {
		(void)form(path, sizeof(path), "proc/%d%s", (int)pid, parts[i]);
		(void)remove(fake_full(path));
	}
	return __real_waitpid(pid, status, options);
}

WRAP(pid_t, getpid, void)
{
	pid_t pid = __real_getpid();

	return fake && fake->pid && pid == fake->init ? fake->pid : pid;
}

#endif
