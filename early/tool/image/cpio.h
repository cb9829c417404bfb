/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_CPIO_H
#define INITWARD_CPIO_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Takes a cpio stream ("newc" 070701, "crc" 070702) piece by piece, as the state machine of the
 * kernel's init/initramfs.c does: what that reads, skips, and gives up at. No I/O, no messages.
 *
 * Kernels differ, and this reads as the strictest of late does: digits that are none are "damaged
 * header" from 7.2 on and were numbers cut short before. Records 070702 are read from 5.18 on, and
 * before that "no cpio magic".
 */
struct cpio_entry {
	const char *name;   /* NUL-terminated, may be empty */
	const char *target; /* of a symbolic link, else NULL */
	unsigned int mode, uid, gid, nlink;
	uint32_t ino, dev_major, dev_minor;
	uint32_t rdev_major, rdev_minor;
	uint32_t mtime;
	uint32_t size;	 /* of the body */
	uint64_t offset; /* of the body in the stream */
	bool crc;	 /* 070702 */
};

struct cpio_calls {
	/* A record, but a trailer. True: data() is to get its body; only for regular files. */
	bool (*entry)(void *ctx, const struct cpio_entry *entry);
	void (*data)(void *ctx, const void *data, size_t len);
	/* The record that ends an archive: hard links do not reach beyond it. */
	void (*trailer)(void *ctx);
	/* A record that the kernel passes over without a word, and why. */
	void (*skipped)(void *ctx, const char *why);
};

#define CPIO_HEADER 110
#define CPIO_PADDED(len) ((((size_t)(len) + 1) & ~(size_t)3) + 2)

struct cpio {
	const struct cpio_calls *calls;
	void *ctx;
	enum cpio_state {
		CPIO_START,
		CPIO_COLLECT,
		CPIO_GOT_HEADER,
		CPIO_SKIP,
		CPIO_GOT_NAME,
		CPIO_COPY,
		CPIO_GOT_SYMLINK,
		CPIO_RESET,
	} state,
		next_state;
	const char *error;    /* the kernel's message; nothing is read behind it */
	uint64_t error_at;    /* the record, or what is no record */
	uint64_t this_header; /* bytes taken so far, counted from where alignment is */
	uint64_t next_header;
	uint64_t record; /* where the record that is being read begins */
	struct cpio_entry entry;
	uint32_t name_len, checksum, sum;
	uint64_t left; /* of the body */
	size_t collected, wanted;
	const char *in;
	size_t in_len;
	char header[CPIO_HEADER];
	char text[CPIO_PADDED(PATH_MAX) + PATH_MAX + 1];
};

void cpio_init(struct cpio *ret, const struct cpio_calls *calls, void *ctx);

/*
 * write_buffer(): takes bytes up to the end of a record and the zeros behind it, or all. Returns how
 * many; all when there is an error.
 */
size_t cpio_write(struct cpio *c, const void *buf, size_t len);

/* flush_buffer(): takes the output of a decompressor. False: an error. */
bool cpio_flush(struct cpio *c, const void *buf, size_t len);

#endif
