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
#define OP_RENAMEAT 35
#define SQE_FIXED_FILE 1
#define SQE_ASYNC 16
#define SETUP_SQPOLL 2
#define ENTER_GETEVENTS 1
#define ENTER_SQ_WAKEUP 2
#define OFFSET_SQ_RING 0ULL
#define OFFSET_CQ_RING 0x8000000ULL
#define OFFSET_SQES 0x10000000ULL
#define REGISTER_FILES 2
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

const struct attack uring_attacks[] = {
	{ "io-uring-open", "io_uring: IORING_OP_OPENAT", prepare_plain, run_plain, 0 },
	{ "io-uring-worker", "io_uring: IORING_OP_OPENAT by a worker (IOSQE_ASYNC)", prepare_plain,
	  run_worker, 0 },
	{ "io-uring-polled", "io_uring: IORING_OP_OPENAT by the kernel's thread (SQPOLL)",
	  prepare_polled, run_plain, 0 },
	{ "io-uring-direct", "io_uring: a descriptor that lies in the ring", prepare_plain,
	  run_direct, 0 },
	{ "io-uring-rename", "io_uring: IORING_OP_RENAMEAT", prepare_rename, run_rename, 0 },
	{ .name = NULL },
};
