// SPDX-License-Identifier: LGPL-2.1-or-later
#include "io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "sys.h"

#include "label.h"

#define KMSG_NODE ".initward-kmsg"

int fail(struct boot *b, int err, ...)
{
	va_list ap;

	sb_init(&b->why, b->why_text, sizeof(b->why_text));
	va_start(ap, err);
	sb_vstrs(&b->why, ap);
	va_end(ap);
	sb_errno(&b->why, err);
	return STEP_FAILED;
}

/* Reads until the end or until `cap` is full. -1 with errno. */
static ssize_t read_all(int fd, char *buf, size_t cap)
{
	size_t len = 0;

	while (len < cap) {
		ssize_t n = read(fd, buf + len, cap - len);

		if (n < 0)
			return -1;
		if (!n)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

bool exists(struct boot *b, const char *path)
{
	return sys_faccessat(b->root, path, F_OK) == 0;
}

ssize_t read_file(struct boot *b, const char *path, char *buf, size_t cap)
{
	/* A FIFO in the place of a file would stop the boot for ever: nobody else runs who could write to it. */
	int fd = sys_openat(b->root, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
	ssize_t len;

	if (fd < 0)
		return -1;
	len = read_all(fd, buf, cap);
	(void)close(fd); /* leaves errno alone when it succeeds */
	if (len == (ssize_t)cap) {
		errno = EFBIG;
		return -1;
	}
	if (len >= 0)
		buf[len] = '\0';
	return len;
}

ssize_t read_line(struct boot *b, const char *path, char *buf, size_t cap)
{
	ssize_t len = read_file(b, path, buf, cap);

	if (len > 0 && buf[len - 1] == '\n')
		buf[--len] = '\0';
	return len;
}

static int cannot_read(struct boot *b, const char *path)
{
	return fail(b, errno, "/", path, " cannot be read", NULL);
}

int need_line(struct boot *b, const char *path, char *buf, size_t cap)
{
	return read_line(b, path, buf, cap) < 0 ? cannot_read(b, path) : STEP_OK;
}

int need_label(struct boot *b, const char *path, char *buf, size_t cap)
{
	struct span label, mode;

	if (need_line(b, path, buf, cap) != STEP_OK)
		return STEP_FAILED;
	if (label_split(span_of(buf), &label, &mode))
		buf[label.n] = '\0';
	return STEP_OK;
}

char *map_memory(size_t size)
{
	/* syscall() takes each argument as a long: what is no int in the kernel is none here. */
	long p = syscall(SYS_mmap, NULL, size, (long)(PROT_READ | PROT_WRITE),
			 (long)(MAP_PRIVATE | MAP_ANONYMOUS), -1L, 0L);

	return p == -1 ? NULL : (char *)p;
}

int need_large(struct boot *b, const char *path, size_t limit, struct span *ret)
{
	char *p = map_memory(limit + 1);
	ssize_t len = p ? read_file(b, path, p, limit + 1) : -1;

	if (len < 0)
		return cannot_read(b, path);
	*ret = (struct span){ p, (size_t)len };
	return STEP_OK;
}

bool write_once(struct boot *b, const char *path, const void *data, size_t len)
{
	int fd = sys_openat(b->root, path, O_WRONLY | O_CLOEXEC, 0);
	ssize_t n;

	if (fd < 0)
		return false;
	n = write(fd, data, len);
	(void)close(fd);
	if (n == (ssize_t)len)
		return true;
	if (n >= 0)
		errno = EIO;
	return false;
}

int need_write(struct boot *b, const char *path, const char *text)
{
	if (write_once(b, path, text, strlen(text)))
		return STEP_OK;
	return fail(b, errno, "/", path, " cannot be set to \"", text, "\"", NULL);
}

int each_name(struct boot *b, const char *path, void (*fn)(struct boot *b, const char *name))
{
	static union {
		struct dirent first; /* as the kernel has it, on 64-bit systems */
		char bytes[4096];
	} buf;
	int fd = sys_openat(b->root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	ssize_t n;

	if (fd < 0)
		return cannot_read(b, path);
	while ((n = syscall(SYS_getdents64, fd, &buf, sizeof(buf))) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct dirent *d = (const void *)(buf.bytes + at);

			at += d->d_reclen;
			if (d->d_name[0] != '.')
				fn(b, d->d_name);
		}
	}
	(void)close(fd);
	return n < 0 ? cannot_read(b, path) : STEP_OK;
}

void kmsg_open(struct boot *b)
{
	/* initramfs-tools' images have no /dev/kmsg, and no loader may leave one behind. */
	if (mknodat(b->root, KMSG_NODE, S_IFCHR | 0200, makedev(1, 11)) == 0) {
		b->kmsg = sys_openat(b->root, KMSG_NODE, O_WRONLY | O_CLOEXEC, 0);
		(void)unlinkat(b->root, KMSG_NODE, 0);
	}
	if (b->kmsg < 0)
		b->kmsg = sys_openat(b->root, "dev/kmsg", O_WRONLY | O_CLOEXEC | O_NONBLOCK, 0);
}

void speak(struct boot *b, char level, const char *text)
{
	char line[LIMIT_MESSAGE + 32] = { '<', level, '>' };
	struct strbuf sb;

	sb_init(&sb, line + 3, sizeof(line) - 3);
	sb_strs(&sb, "initward: ", text, "\n", NULL);
	if (b->kmsg >= 0 && write(b->kmsg, line, sb.len + 3) > 0)
		return;
	/* Descriptor 2 may be a file of ours when it was closed at entry. */
	if (b->stderr_open)
		(void)!write(STDERR_FILENO, sb.buf, sb.len);
}

uint64_t now(void)
{
	struct timespec t = { 0, 0 };

	/* Not clock_gettime(): the search for the vDSO would be most of its size. */
	(void)syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}
