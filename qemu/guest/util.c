/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include "guest.h"

#define TTY_NODE ROOM "/tty"
/* where this file is, an interactive guest, the observer speaks on the console */
#define ON_CONSOLE ROOM "/on-console"
/* The ports of qemu/run: a PC has two 8250 ports, an arm64 machine a PL011 and an 8250. */
#ifdef __aarch64__
#define CONSOLE_PORT makedev(204, 64) /* ttyAMA0 */
#define RESULT_PORT makedev(4, 64)    /* ttyS0 */
#else
#define CONSOLE_PORT makedev(4, 64) /* ttyS0 */
#define RESULT_PORT makedev(4, 65)  /* ttyS1 */
#endif
#define PROC_MAGIC 0x9fa0
#define SYSFS_MAGIC 0x62656572
#define SECURITYFS_MAGIC 0x73636673

static int channel = -1;
static char nonce[80];

void channel_open(void)
{
	struct termios tio;
	bool on_console;
	int fd;

	if (read_small(ROOM "/nonce", nonce, sizeof(nonce)) <= 0)
		(void)strcpy(nonce, "-");
	on_console = access(ON_CONSOLE, F_OK) == 0;
	/* the image need not have a /dev: a node of its own */
	(void)mknod(TTY_NODE, S_IFCHR | 0600, on_console ? CONSOLE_PORT : RESULT_PORT);
	channel = open(TTY_NODE, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (channel < 0)
		return;
	/* out of the way of the descriptors that a test closes or counts */
	fd = fcntl(channel, F_DUPFD_CLOEXEC, 200);
	if (fd >= 0) {
		(void)close(channel);
		channel = fd;
	}
	if (!on_console && tcgetattr(channel, &tio) == 0) {
		cfmakeraw(&tio);
		(void)tcsetattr(channel, TCSANOW, &tio);
	}
}

static void put(const char *text, size_t left)
{
	while (left > 0) {
		ssize_t done = write(channel, text, left);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return;
		text += done;
		left -= (size_t)done;
	}
}

void fact(const char *key, const char *format, ...)
{
	static char line[9000];
	va_list ap;
	int at, more;

	at = snprintf(line, sizeof(line), "%s %s=", nonce, key);
	if (at < 0 || (size_t)at >= sizeof(line) - 2)
		return;
	va_start(ap, format);
	more = vsnprintf(line + at, sizeof(line) - (size_t)at - 1, format, ap);
	va_end(ap);
	if (more < 0)
		return;
	for (char *c = line; *c; c++)
		if (*c == '\n' || *c == '\r')
			*c = ' ';
	at = (int)strlen(line);
	line[at++] = '\n';
	put(line, (size_t)at);
}

const char *errno_name(int err)
{
	static const struct {
		int err;
		const char *name;
	} names[] = {
		{ 0, "ok" },
		{ EPERM, "EPERM" },
		{ ENOENT, "ENOENT" },
		{ EIO, "EIO" },
		{ ENXIO, "ENXIO" },
		{ ENOEXEC, "ENOEXEC" },
		{ EBADF, "EBADF" },
		{ ECHILD, "ECHILD" },
		{ EAGAIN, "EAGAIN" },
		{ ENOMEM, "ENOMEM" },
		{ EACCES, "EACCES" },
		{ EFAULT, "EFAULT" },
		{ EBUSY, "EBUSY" },
		{ EEXIST, "EEXIST" },
		{ EXDEV, "EXDEV" },
		{ ENODEV, "ENODEV" },
		{ ENOTDIR, "ENOTDIR" },
		{ EISDIR, "EISDIR" },
		{ EINVAL, "EINVAL" },
		{ ENOTTY, "ENOTTY" },
		{ ETXTBSY, "ETXTBSY" },
		{ EFBIG, "EFBIG" },
		{ ENOSPC, "ENOSPC" },
		{ EROFS, "EROFS" },
		{ ENAMETOOLONG, "ENAMETOOLONG" },
		{ ENOSYS, "ENOSYS" },
		{ ENOTEMPTY, "ENOTEMPTY" },
		{ ELOOP, "ELOOP" },
		{ EPROTO, "EPROTO" },
		{ EPROTONOSUPPORT, "EPROTONOSUPPORT" },
		{ EOPNOTSUPP, "EOPNOTSUPP" },
	};
	static char number[16];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].err == err)
			return names[i].name;
	(void)snprintf(number, sizeof(number), "E%d", err);
	return number;
}

ssize_t read_small(const char *path, char *buf, size_t size)
{
	return read_small_at(AT_FDCWD, path, buf, size);
}

DIR *open_folder_at(int folder, const char *path)
{
	int fd = openat(folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !dir)
		(void)close(fd);
	return dir;
}

ssize_t read_small_at(int folder, const char *path, char *buf, size_t size)
{
	int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	size_t have = 0;

	if (fd < 0)
		return -errno;
	while (have < size - 1) {
		ssize_t got = read(fd, buf + have, size - 1 - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int err = errno;

			(void)close(fd);
			return -err;
		}
		if (got == 0)
			break;
		have += (size_t)got;
	}
	(void)close(fd);
	while (have > 0 && (buf[have - 1] == '\n' || buf[have - 1] == '\0'))
		have--;
	buf[have] = '\0';
	return (ssize_t)have;
}

int write_small(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		err = errno;
	(void)close(fd);
	return err;
}

void fact_from_file(const char *key, const char *path)
{
	char buf[4096];
	ssize_t len = read_small(path, buf, sizeof(buf));

	if (len < 0)
		fact(key, "<%s>", errno_name((int)-len));
	else
		fact(key, "%s", buf);
}

void fact_from_folder(const char *key, const char *path)
{
	DIR *dir = opendir(path);
	char list[2000] = "";
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		size_t len = strlen(list);

		if (e->d_name[0] != '.')
			(void)snprintf(list + len, sizeof(list) - len, "%s%s", len ? " " : "",
				       e->d_name);
	}
	if (dir)
		(void)closedir(dir);
	fact(key, "%s", list);
}

bool mounted(const char *path, long magic)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && (long)fs.f_type == magic;
}

static void mount_one(const char *path, const char *type, long magic)
{
	if (mounted(path, magic))
		return;
	(void)mkdir(path, 0755);
	if (mount(type, path, type, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		fact("mount", "%s %s", path, errno_name(errno));
}

void mount_missing(void)
{
	mount_one("/proc", "proc", PROC_MAGIC);
	mount_one("/sys", "sysfs", SYSFS_MAGIC);
	mount_one("/sys/kernel/security", "securityfs", SECURITYFS_MAGIC);
}

void ask_observer(const char *word)
{
	char type[200];

	(void)snprintf(type, sizeof(type), "initward-%s", word);
	/*
	 * fsopen asks for the module "fs-TYPE" before any LSM hook for mounts, so a profile that
	 * denies mounts does not stop it. The kernel waits for the helper's end; the type stays
	 * unknown (ENODEV).
	 */
	if (syscall(SYS_fsopen, type, 1U) < 0 && errno == ENODEV)
		return;
	(void)mount("none", "/", type, 0, NULL);
}

_Noreturn void power_off(void)
{
	if (channel >= 0)
		(void)tcdrain(channel);
	(void)reboot(RB_POWER_OFF);
	for (;;)
		(void)pause();
}
