/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Attacks on the file itself: the ways to write, to replace and to rename it. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "attack.h"
#include "guest.h"

static int run_write(void)
{
	return write_canary(CANARY, O_WRONLY);
}

static int run_sysctl(void)
{
	return write_canary(CANARY_SYSCTL, O_WRONLY);
}

static int run_truncate(void)
{
	return truncate(CANARY, 0) < 0 ? errno : 0;
}

/* Read-write needs no truncation, and truncation no write permission of the descriptor's own. */
static int run_open_truncate(void)
{
	return open(CANARY, O_RDONLY | O_TRUNC | O_CLOEXEC) < 0 ? errno : 0;
}

static int run_unlink(void)
{
	return unlink(CANARY) < 0 ? errno : 0;
}

static const char *prepare_own(void)
{
	int err = write_canary("own", O_WRONLY | O_CREAT);

	return err ? missing("a file of one's own", err) : NULL;
}

static int run_rename_over(void)
{
	return rename("own", CANARY) < 0 ? errno : 0;
}

static int run_exchange(void)
{
	return syscall(SYS_renameat2, AT_FDCWD, "own", AT_FDCWD, CANARY, 2 /* RENAME_EXCHANGE */) <
			       0
		       ? errno
		       : 0;
}

static int run_rename_parent(void)
{
	if (rename(CANARY_FOLDER, "moved") < 0)
		return errno;
	return write_canary("moved/vault", O_WRONLY);
}

static int run_hard_link(void)
{
	if (link(CANARY, "other") < 0)
		return errno;
	return write_canary("other", O_WRONLY);
}

static int run_symbolic_link(void)
{
	if (symlink(CANARY, "other") < 0)
		return errno;
	return write_canary("other", O_WRONLY);
}

/* A link to a file that has been opened, not named. */
static int run_link_of_descriptor(void)
{
	char path[40];
	int fd = open(CANARY, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return errno;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, path, AT_FDCWD, "other", AT_SYMLINK_FOLLOW) < 0)
		return errno;
	return write_canary("other", O_WRONLY);
}

static int own_tmpfile(void)
{
	int fd = open(".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

	if (fd >= 0)
		(void)write_canary_fd(fd);
	return fd;
}

/* Nothing of that name may be there. */
static int run_tmpfile(void)
{
	char path[40];
	int fd = own_tmpfile();

	if (fd < 0)
		return errno;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (unlink(CANARY) < 0)
		return errno;
	return linkat(AT_FDCWD, path, AT_FDCWD, CANARY, AT_SYMLINK_FOLLOW) < 0 ? errno : 0;
}

static int run_proc_root(void)
{
	return write_canary("/proc/self/root" CANARY, O_WRONLY);
}

static const char *prepare_cwd(void)
{
	return chdir(CANARY_FOLDER) < 0 ? missing("chdir", errno) : NULL;
}

static int run_proc_cwd(void)
{
	return write_canary("/proc/self/cwd/vault", O_WRONLY);
}

static int run_relative(void)
{
	return write_canary("./vault", O_WRONLY);
}

static int descriptor = -1;

static const char *prepare_read_only(void)
{
	descriptor = open(CANARY, O_RDONLY | O_CLOEXEC);
	return descriptor < 0 ? missing("open to read", errno) : NULL;
}

static const char *prepare_path_only(void)
{
	descriptor = open(CANARY, O_PATH | O_CLOEXEC);
	return descriptor < 0 ? missing("open with O_PATH", errno) : NULL;
}

static int run_reopen(void)
{
	char path[40];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
	return write_canary(path, O_RDWR);
}

static union {
	struct file_handle handle;
	char space[sizeof(struct file_handle) + MAX_HANDLE_SZ];
} named;
static int mount_fd = -1;

static const char *prepare_handle(void)
{
	int id;

	named.handle.handle_bytes = MAX_HANDLE_SZ;
	mount_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mount_fd < 0 || name_to_handle_at(AT_FDCWD, CANARY, &named.handle, &id, 0) < 0)
		return missing("name_to_handle_at", errno);
	return NULL;
}

static int run_handle(void)
{
	int fd = open_by_handle_at(mount_fd, &named.handle, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? errno : write_canary_fd(fd);
}

static int run_mmap(void)
{
	char *text = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);

	if (text == MAP_FAILED)
		return errno;
	*text = 'X';
	return 0;
}

/* Every mapped file can be opened again, by the addresses of its mapping. */
static int run_map_files(void)
{
	char path[80];
	char *text = mmap(NULL, 4096, PROT_READ, MAP_SHARED, descriptor, 0);

	if (text == MAP_FAILED)
		return errno;
	(void)snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx", (unsigned long)text,
		       (unsigned long)text + 4096);
	return write_canary(path, O_RDWR);
}

/* Somebody outside of the layer opened it to write, and hands it over. */
static const char *prepare_given(void)
{
	descriptor = take_descriptor();
	return descriptor < 0 ? missing("a descriptor from outside", errno) : NULL;
}

static int run_ftruncate(void)
{
	return ftruncate(descriptor, 1) < 0 ? errno : 0;
}

static int run_fallocate(void)
{
	return fallocate(descriptor, 0, 0, 8192) < 0 ? errno : 0;
}

static int run_given_reopen(void)
{
	char path[40];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
	return write_canary(path, O_WRONLY);
}

/* The kernel itself writes a record there for each process that ends. */
static int run_acct(void)
{
	int status;

	if (acct(CANARY) < 0)
		return errno == ENOSYS ? impossible(errno, "CONFIG_BSD_PROCESS_ACCT is not set")
				       : errno;
	if (fork() == 0)
		_exit(0);
	(void)wait(&status);
	return acct(NULL) < 0 ? errno : 0;
}

#define FAN_OPEN_EVENT 0x20
#define FAN_MARK_ADD_FLAG 1

struct fan_event {
	uint32_t length;
	uint8_t version, reserved;
	uint16_t metadata_length;
	uint64_t mask;
	int32_t fd, pid;
};

/* Whoever opens the file, the listener gets a descriptor of it, opened as the listener wants it. */
static int run_fanotify(void)
{
	struct fan_event event = { .fd = -1 };
	int fd = (int)syscall(SYS_fanotify_init, 0U, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_fanotify_mark, fd, FAN_MARK_ADD_FLAG, (uint64_t)FAN_OPEN_EVENT,
			      AT_FDCWD, CANARY) < 0)
		return errno;
	(void)close(open(CANARY, O_RDONLY | O_CLOEXEC));
	if (read(fd, &event, sizeof(event)) < 0)
		return errno;
	return event.fd < 0 ? EACCES : write_canary_fd(event.fd);
}

static int run_create(void)
{
	return write_canary(CANARY_FOLDER "/other", O_WRONLY | O_CREAT);
}

static int run_mknod(void)
{
	return mknod(CANARY_FOLDER "/other", S_IFIFO | 0600, 0) < 0 ? errno : 0;
}

static int run_mkdir(void)
{
	return mkdir(CANARY_FOLDER "/other", 0700) < 0 ? errno : 0;
}

static int run_symlink(void)
{
	return symlink("/", CANARY_FOLDER "/other") < 0 ? errno : 0;
}

static int run_link_into(void)
{
	return link("own", CANARY_FOLDER "/other") < 0 ? errno : 0;
}

static int run_rename_into(void)
{
	return rename("own", CANARY_FOLDER "/other") < 0 ? errno : 0;
}

static int run_bind_socket(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = CANARY_FOLDER "/other" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ? errno : 0;
}

static int run_chmod(void)
{
	return chmod(CANARY, 0666) < 0 ? errno : 0;
}

static int run_fchmod(void)
{
	return fchmod(descriptor, 0666) < 0 ? errno : 0;
}

static int run_chown(void)
{
	return chown(CANARY, 1000, 1000) < 0 ? errno : 0;
}

static int run_utimes(void)
{
	return utimes(CANARY, NULL) < 0 ? errno : 0;
}

static int run_setxattr(void)
{
	return setxattr(CANARY, "trusted.escaped", "1", 1, 0) < 0 ? errno : 0;
}

static int run_fsetxattr(void)
{
	return fsetxattr(descriptor, "trusted.escaped", "1", 1, 0) < 0 ? errno : 0;
}

/* The same handle, in a mount that does not show the file: no path leads to it there. */
static int run_handle_elsewhere(void)
{
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, "/tmp", 1 /* OPEN_TREE_CLONE */);

	if (tree < 0)
		return errno;
	mount_fd = openat(tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return mount_fd < 0 ? errno : run_handle();
}

/* As chattr(1) +i: ioctl(FS_IOC_SETFLAGS), for which a descriptor to read is enough. */
static int run_set_flags(void)
{
	int err = set_canary_flags(FIXED_IMMUTABLE | FIXED_APPEND);

	return err == ENOTTY ? impossible(ENOTTY, "tmpfs has no such flags before 6.0") : err;
}

#define RACE_SECONDS 2

/* One process moves the name there and back, the other opens it all the time: 0 or the last error. */
static int race(void (*move)(void), const char *name, unsigned long share)
{
	const time_t end = time(NULL) + RACE_SECONDS;
	pid_t pid = (pid_t)syscall(SYS_clone, share | SIGCHLD, 0, 0, 0, 0);
	int err, last = 0;

	if (pid < 0)
		return errno;
	while (pid == 0)
		move();
	while (time(NULL) <= end) {
		err = write_canary(name, O_WRONLY);
		if (err)
			last = err;
	}
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	return last;
}

static void move_link(void)
{
	(void)symlink("own", "next");
	(void)rename("next", "link");
	(void)symlink(CANARY, "next");
	(void)rename("next", "link");
}

static void move_folder(void)
{
	(void)chdir("/tmp/race-folder");
	(void)chdir(CANARY_FOLDER);
}

static int run_race_link(void)
{
	return race(move_link, "link", 0);
}

/* Both have one working directory. */
static int run_race_folder(void)
{
	int err = write_canary("vault", O_WRONLY | O_CREAT);

	return err ? err : race(move_folder, "vault", CLONE_FS);
}

const struct attack file_attacks[] = {
	{ "write", "open to write", NULL, run_write, 0 },
	{ "write-sysctl", "open of a file of proc to write", NULL, run_sysctl, 0 },
	{ "write-relative", "open by a relative name", prepare_cwd, run_relative, 0 },
	{ "truncate", "path_truncate", NULL, run_truncate, 0 },
	{ "open-truncate", "open(O_RDONLY | O_TRUNC)", NULL, run_open_truncate, 0 },
	{ "unlink", "path_unlink", NULL, run_unlink, 0 },
	{ "rename-over", "path_rename to the file", prepare_own, run_rename_over, 0 },
	{ "rename-exchange", "path_rename with RENAME_EXCHANGE", prepare_own, run_exchange, 0 },
	{ "rename-parent", "path_rename of the folder", NULL, run_rename_parent, 0 },
	{ "hard-link", "path_link", NULL, run_hard_link, 0 },
	{ "hard-link-descriptor", "path_link by /proc/self/fd", NULL, run_link_of_descriptor, 0 },
	{ "symbolic-link", "open by a symbolic link", NULL, run_symbolic_link, 0 },
	{ "tmpfile-link", "path_link of a file without a name", NULL, run_tmpfile, 0 },
	{ "proc-root", "open by /proc/PID/root", NULL, run_proc_root, 0 },
	{ "proc-cwd", "open by /proc/PID/cwd", prepare_cwd, run_proc_cwd, 0 },
	{ "reopen-read-only", "open of /proc/self/fd, from O_RDONLY to O_RDWR", prepare_read_only,
	  run_reopen, 0 },
	{ "reopen-path-only", "open of /proc/self/fd, from O_PATH to O_RDWR", prepare_path_only,
	  run_reopen, 0 },
	{ "file-handle", "open_by_handle_at", prepare_handle, run_handle, 0 },
	{ "file-handle-elsewhere", "open_by_handle_at in a mount that does not show the file",
	  prepare_handle, run_handle_elsewhere, 0 },
	{ "race-link", "open by a symbolic link that moves meanwhile", prepare_own, run_race_link,
	  0 },
	{ "race-folder", "open in a working directory that moves meanwhile", NULL, run_race_folder,
	  0 },
	{ "map-files", "open of /proc/PID/map_files", prepare_read_only, run_map_files, 0 },
	{ "given-mmap", "mmap_file of a descriptor from outside", prepare_given, run_mmap, 0 },
	{ "given-ftruncate", "file_truncate of a descriptor from outside", prepare_given,
	  run_ftruncate, 0 },
	{ "given-fallocate", "file_permission of a descriptor from outside, by fallocate",
	  prepare_given, run_fallocate, 0 },
	{ "given-reopen", "open of /proc/self/fd, of a descriptor from outside", prepare_given,
	  run_given_reopen, 0 },
	{ "acct", "open by the kernel, for process accounting", NULL, run_acct, 0 },
	{ "fanotify", "open by the kernel, for a listener of fanotify", NULL, run_fanotify, 0 },
	{ "create", "path_mknod of a file in the folder", NULL, run_create, 0 },
	{ "mknod", "path_mknod of a fifo in the folder", NULL, run_mknod, 0 },
	{ "mkdir", "path_mkdir in the folder", NULL, run_mkdir, 0 },
	{ "symlink-into", "path_symlink in the folder", NULL, run_symlink, 0 },
	{ "link-into", "path_link into the folder", prepare_own, run_link_into, 0 },
	{ "rename-into", "path_rename into the folder", prepare_own, run_rename_into, 0 },
	{ "socket-into", "path_mknod by bind of a socket", NULL, run_bind_socket, 0 },
	{ "chmod", "path_chmod", NULL, run_chmod, 0 },
	{ "fchmod", "path_chmod by a descriptor to read", prepare_read_only, run_fchmod, 0 },
	{ "chown", "path_chown", NULL, run_chown, 0 },
	{ "utimes", "inode_setattr of the times", NULL, run_utimes, ATTRIBUTES },
	{ "setxattr", "inode_setxattr", NULL, run_setxattr, ATTRIBUTES },
	{ "fsetxattr", "inode_setxattr by a descriptor to read", prepare_read_only, run_fsetxattr,
	  ATTRIBUTES },
	{ "set-flags", "ioctl(FS_IOC_SETFLAGS) of a descriptor to read", NULL, run_set_flags,
	  ATTRIBUTES },
	{ .name = NULL },
};
