/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The disk of the attacks: a file system that is no tmpfs, with blocks that a device has too. It is one of the kernel's RAM
 * disks (brd), which is opened as any other. Not there where the kernel has no such module: then these say nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/quota.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "attack.h"
#include "guest.h"

#define IMAGE ROOM "/disk"
#define BLOCK 4096
#define SWAP_PAGES 16
#define WELL "the canary on the disk is well, and longer than a word"

/* The contents, block by block, each time the same. */
static char swap_text[SWAP_PAGES * BLOCK], quota_text[2 * 1024];

static int copy_image(int to)
{
	int from = open(IMAGE, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (from < 0)
		return errno;
	while ((n = sendfile(to, from, NULL, 1 << 20)) > 0)
		;
	(void)close(from);
	return n < 0 ? errno : 0;
}

int mount_disk(void)
{
	int fd, err;

	if (mknod(DISK_NODE, S_IFBLK | 0600, makedev(DISK_MAJOR, DISK_MINOR)) < 0)
		return errno;
	fd = open(DISK_NODE, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	err = copy_image(fd);
	(void)close(fd);
	(void)unlink(IMAGE);
	(void)mkdir(DISK_FOLDER, 0755);
	if (!err && mount(DISK_NODE, DISK_FOLDER, "ext4", 0, "usrquota") < 0)
		err = errno;
	return err;
}

static bool there_is_one(void)
{
	return mounted(DISK_FOLDER, 0xef53);
}

/* mm/swapfile.c read_swap_header(); fs/quota/quotaio_v2.h: a header, its information, and an empty root. */
static void make_texts(void)
{
	const uint32_t swap[] = { 1, SWAP_PAGES - 1, 0 };
	const uint32_t quota[] = { 0xd9c01f11, 1, 604800, 604800, 0, 2, 0, 0 };

	memcpy(swap_text + 1024, swap, sizeof(swap));
	memcpy(swap_text + BLOCK - 10, "SWAPSPACE2", 10);
	memcpy(quota_text, quota, sizeof(quota));
}

static void make_file(const char *path, const char *text, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	/* to the disk, so that each block has a place there */
	if (fd < 0 || write(fd, text, size) != (ssize_t)size || fsync(fd) < 0)
		fact("attack.error", "%s %s", path, errno_name(errno));
	if (fd >= 0)
		(void)close(fd);
}

void make_disk_canary(void)
{
	if (!there_is_one())
		return;
	(void)quotactl(QCMD(Q_QUOTAOFF, USRQUOTA), DISK_NODE, 0, NULL);
	(void)swapoff(DISK_SWAP);
	(void)mkdir(DISK_CANARY_FOLDER, 0755);
	make_texts();
	make_file(DISK_CANARY, WELL, sizeof(WELL));
	make_file(DISK_SWAP, swap_text, sizeof(swap_text));
	make_file(DISK_QUOTA, quota_text, sizeof(quota_text));
}

/* As it is on the disk: what was written below the file system, the file system has not seen. */
static bool has_text(const char *path, const char *text, size_t size)
{
	static char now[SWAP_PAGES * BLOCK + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return false;
	(void)fsync(fd);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	len = read(fd, now, sizeof(now));
	/* nobody keeps the name in memory by this either */
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	(void)close(fd);
	return len == (ssize_t)size && memcmp(now, text, size) == 0;
}

const char *disk_change(void)
{
	if (!there_is_one())
		return NULL;
	if (!has_text(DISK_CANARY, WELL, sizeof(WELL)))
		return "the canary on the disk has other contents";
	if (!has_text(DISK_SWAP, swap_text, sizeof(swap_text)))
		return "the file to swap to has other contents";
	if (!has_text(DISK_QUOTA, quota_text, sizeof(quota_text)))
		return "the file of quotas has other contents";
	return NULL;
}
