/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The same file by io_uring: who opens it, the task, a worker of it, or the kernel's own thread? */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attack.h"
#include "guest.h"

/* linux/io_uring.h, which a C library does not have. */
#define OP_OPENAT 18
#define OP_WRITE 23
#define OP_OPENAT2 28
#define OP_RENAMEAT 35
#define OP_UNLINKAT 36
#define OP_MKDIRAT 37
#define OP_SYMLINKAT 38
#define OP_LINKAT 39
#define OP_SETXATTR 42
#define SQE_FIXED_FILE 1
#define SQE_ASYNC 16
#define SETUP_SQPOLL 2
#define ENTER_GETEVENTS 1
#define ENTER_SQ_WAKEUP 2
#define OFFSET_SQ_RING 0ULL
#define OFFSET_CQ_RING 0x8000000ULL
#define OFFSET_SQES 0x10000000ULL
#define REGISTER_FILES 2
#define REGISTER_PERSONALITY 9
/* Each of the three areas fits into a page, and 5.10 gives no more than there is. */
#define RING_BYTES 4096

struct offsets {
	uint32_t head, tail, mask, entries, flags_or_overflow, dropped_or_cqes, array_or_flags,
		resv;
	uint64_t user;
};

struct parameters {
	uint32_t sq_entries, cq_entries, flags, cpu, idle, features, wq, resv[3];
	struct offsets sq, cq;
};

struct entry {
	uint8_t opcode, flags;
	uint16_t priority;
	int32_t fd;
	uint64_t offset, address;
	uint32_t length, open_flags;
	uint64_t data;
	uint16_t buffer, personality;
	uint32_t file_index;
	uint64_t more[2];
};

struct completion {
	uint64_t data;
	int32_t result;
	uint32_t flags;
};

static int ring = -1;
static struct parameters setup;
static char *sq, *cq;
static struct entry *entries;

static uint32_t *word(char *start, uint32_t offset)
{
	return (uint32_t *)(void *)(start + offset);
}

static char *map(uint64_t offset)
{
	void *at = mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, ring, (off_t)offset);

	return at == MAP_FAILED ? NULL : at;
}

static const char *make_ring(uint32_t flags)
{
	setup = (struct parameters){ .flags = flags, .idle = 10000 };
	ring = (int)syscall(SYS_io_uring_setup, 4, &setup);
	if (ring < 0)
		return missing("io_uring_setup", errno);
	sq = map(OFFSET_SQ_RING);
	cq = map(OFFSET_CQ_RING);
	entries = (struct entry *)(void *)map(OFFSET_SQES);
	return sq && cq && entries ? NULL : missing("io_uring's rings", errno);
}

/* One request, and its result: as a system call's, negative for an error. */
static int submit(const struct entry *e)
{
	uint32_t tail = *word(sq, setup.sq.tail), at = tail & *word(sq, setup.sq.mask);
	uint32_t head = *word(cq, setup.cq.head);
	struct completion *done = (struct completion *)(void *)(cq + setup.cq.dropped_or_cqes);
	unsigned int flags = ENTER_GETEVENTS;

	entries[at] = *e;
	word(sq, setup.sq.array_or_flags)[at] = at;
	__atomic_store_n(word(sq, setup.sq.tail), tail + 1, __ATOMIC_RELEASE);
	if (setup.flags & SETUP_SQPOLL)
		flags |= ENTER_SQ_WAKEUP;
	if (syscall(SYS_io_uring_enter, ring, 1, 1, flags, NULL, 0) < 0)
		return -errno;
	while (__atomic_load_n(word(cq, setup.cq.tail), __ATOMIC_ACQUIRE) == head)
		(void)usleep(1000);
	__atomic_store_n(word(cq, setup.cq.head), head + 1, __ATOMIC_RELEASE);
	return done[head & *word(cq, setup.cq.mask)].result;
}

static int open_by_ring(unsigned int flags, uint32_t file_index)
{
	struct entry e = {
		.opcode = OP_OPENAT,
		.flags = (uint8_t)flags,
		.fd = AT_FDCWD,
		.address = (uint64_t)(uintptr_t)CANARY,
		.open_flags = O_WRONLY,
		.file_index = file_index,
	};

	return submit(&e);
}

static const char *prepare_plain(void)
{
	return make_ring(0);
}

static const char *prepare_polled(void)
{
	return make_ring(SETUP_SQPOLL);
}

static int run_plain(void)
{
	int fd = open_by_ring(0, 0);

	return fd < 0 ? -fd : write_canary_fd(fd);
}

static int run_worker(void)
{
	int fd = open_by_ring(SQE_ASYNC, 0);

	return fd < 0 ? -fd : write_canary_fd(fd);
}

static int write_fixed(void)
{
	struct entry e = {
		.opcode = OP_WRITE,
		.flags = SQE_FIXED_FILE,
		.address = (uint64_t)(uintptr_t)ESCAPED_WORD,
		.length = sizeof(ESCAPED_WORD) - 1,
	};
	int result = submit(&e);

	return result < 0 ? -result : 0;
}

/* The descriptor is never one of the task's: it lies in the ring alone. */
static int run_direct(void)
{
	int none = -1, result;

	if (syscall(SYS_io_uring_register, ring, REGISTER_FILES, &none, 1) < 0)
		return errno;
	result = open_by_ring(0, 1);
	if (result == -EINVAL)
		return impossible(EINVAL, "no direct descriptors before 5.15");
	return result < 0 ? -result : write_fixed();
}

static const char *prepare_rename(void)
{
	int err = write_canary("own", O_WRONLY | O_CREAT);

	return err ? missing("a file of one's own", err) : make_ring(0);
}

static int run_rename(void)
{
	struct entry e = {
		.opcode = OP_RENAMEAT,
		.fd = AT_FDCWD,
		.address = (uint64_t)(uintptr_t) "own",
		.length = (uint32_t)AT_FDCWD,
		.offset = (uint64_t)(uintptr_t)CANARY,
	};
	int result = submit(&e);

	if (result == -EINVAL)
		return impossible(EINVAL, "no IORING_OP_RENAMEAT before 5.11");
	return -result;
}

/* A request that takes paths; in "fd" and "length" there is a folder, or none. */
static int ask_ring(uint8_t opcode, const char *path, const void *second, uint32_t length)
{
	struct entry e = {
		.opcode = opcode,
		.fd = AT_FDCWD,
		.address = (uint64_t)(uintptr_t)path,
		.offset = (uint64_t)(uintptr_t)second,
		.length = length,
	};
	int result = submit(&e);

	if (result == -EINVAL)
		return impossible(EINVAL, "no such request before 5.15");
	return result < 0 ? -result : 0;
}

static int run_unlink(void)
{
	return ask_ring(OP_UNLINKAT, CANARY, NULL, 0);
}

static int run_mkdir(void)
{
	return ask_ring(OP_MKDIRAT, CANARY_FOLDER "/other", NULL, 0700);
}

static int run_symlink(void)
{
	return ask_ring(OP_SYMLINKAT, "/", CANARY_FOLDER "/other", 0);
}

static int run_link(void)
{
	int err = ask_ring(OP_LINKAT, CANARY, "other", (uint32_t)AT_FDCWD);

	return err ? err : write_canary("other", O_WRONLY);
}

/* struct open_how: the third word forbids magic links, and must change nothing here. */
static int run_openat2(void)
{
	static const uint64_t how[] = { O_WRONLY, 0, 2 /* RESOLVE_NO_MAGICLINKS */ };
	struct entry e = {
		.opcode = OP_OPENAT2,
		.fd = AT_FDCWD,
		.address = (uint64_t)(uintptr_t)CANARY,
		.offset = (uint64_t)(uintptr_t)how,
		.length = sizeof(how),
	};
	int fd = submit(&e);

	return fd < 0 ? -fd : write_canary_fd(fd);
}

/* The value is in "offset", the path in the first word behind the known ones. */
static int run_setxattr(void)
{
	struct entry e = {
		.opcode = OP_SETXATTR,
		.address = (uint64_t)(uintptr_t) "trusted.escaped",
		.offset = (uint64_t)(uintptr_t) "1",
		.length = 1,
		.more = { (uint64_t)(uintptr_t)CANARY, 0 },
	};
	int result = submit(&e);

	if (result == -EINVAL)
		return impossible(EINVAL, "no IORING_OP_SETXATTR before 5.19");
	return result < 0 ? -result : 0;
}

/* The credentials are kept in the ring, and a process that uses it later opens by them. */
static int run_personality(void)
{
	struct entry e = {
		.opcode = OP_OPENAT,
		.fd = AT_FDCWD,
		.address = (uint64_t)(uintptr_t)CANARY,
		.open_flags = O_WRONLY,
	};
	long id = syscall(SYS_io_uring_register, ring, REGISTER_PERSONALITY, NULL, 0);
	int fd;

	if (id < 0)
		return errno;
	e.personality = (uint16_t)id;
	fd = submit(&e);
	return fd < 0 ? -fd : write_canary_fd(fd);
}

const struct attack uring_attacks[] = {
	{ "io-uring-open", "io_uring: IORING_OP_OPENAT", prepare_plain, run_plain, 0 },
	{ "io-uring-worker", "io_uring: IORING_OP_OPENAT by a worker (IOSQE_ASYNC)", prepare_plain,
	  run_worker, 0 },
	{ "io-uring-polled", "io_uring: IORING_OP_OPENAT by the kernel's thread (SQPOLL)",
	  prepare_polled, run_plain, 0 },
	{ "io-uring-direct", "io_uring: a descriptor that lies in the ring", prepare_plain,
	  run_direct, 0 },
	{ "io-uring-rename", "io_uring: IORING_OP_RENAMEAT", prepare_rename, run_rename, 0 },
	{ "io-uring-openat2", "io_uring: IORING_OP_OPENAT2", prepare_plain, run_openat2, 0 },
	{ "io-uring-unlink", "io_uring: IORING_OP_UNLINKAT", prepare_plain, run_unlink, 0 },
	{ "io-uring-mkdir", "io_uring: IORING_OP_MKDIRAT", prepare_plain, run_mkdir, 0 },
	{ "io-uring-symlink", "io_uring: IORING_OP_SYMLINKAT", prepare_plain, run_symlink, 0 },
	{ "io-uring-link", "io_uring: IORING_OP_LINKAT", prepare_plain, run_link, 0 },
	{ "io-uring-setxattr", "io_uring: IORING_OP_SETXATTR", prepare_plain, run_setxattr,
	  ATTRIBUTES },
	{ "io-uring-personality", "io_uring: credentials that were kept in the ring", prepare_plain,
	  run_personality, 0 },
	{ .name = NULL },
};
