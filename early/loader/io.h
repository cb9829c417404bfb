/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_IO_H
#define INITWARD_IO_H

#include "boot.h"

/*
 * Files below boot.root. All descriptors are close-on-exec. No heap: what has no fixed bound comes
 * from an anonymous mapping that lives until the next init is executed.
 */

/* Makes b->why: the strings up to NULL, then ": ERRNO" unless err is 0. Returns STEP_FAILED. */
int fail(struct boot *b, int err, ...) __attribute__((sentinel));

bool exists(struct boot *b, const char *path);

/*
 * Reads the whole of a file into buf, NUL-terminated, and returns its length; -1 with errno where
 * it cannot be read, EFBIG where it has `cap` bytes or more.
 */
ssize_t read_file(struct boot *b, const char *path, char *buf, size_t cap);

/* As read_file(), without the last newline. For the one-line files of the kernel. */
ssize_t read_line(struct boot *b, const char *path, char *buf, size_t cap);

/* read_line() where the file has to be there: STEP_OK, or STEP_FAILED with b->why. */
int need_line(struct boot *b, const char *path, char *buf, size_t cap);

/* need_line() for "LABEL (MODE)": the label alone. */
int need_label(struct boot *b, const char *path, char *buf, size_t cap);

/* Reads a file of at most `limit` bytes into a mapping: STEP_OK, or STEP_FAILED with b->why. */
int need_large(struct boot *b, const char *path, size_t limit, struct span *ret);

/* Zeroed memory; NULL with errno. */
char *map_memory(size_t size);

/*
 * Writes everything in exactly one write(2), as the kernel's policy and attribute files want it.
 * False with errno; a short write is EIO.
 */
bool write_once(struct boot *b, const char *path, const void *data, size_t len);

/* write_once() of a text that has to be taken: STEP_OK, or STEP_FAILED with b->why. */
int need_write(struct boot *b, const char *path, const char *text);

/*
 * Calls fn for each name in a directory that has no dot in front. STEP_OK, or STEP_FAILED with
 * b->why.
 */
int each_name(struct boot *b, const char *path, void (*fn)(struct boot *b, const char *name));

/*
 * Opens the way to the kernel log: a private node of /dev/kmsg. b->kmsg stays -1 where there is
 * none.
 */
void kmsg_open(struct boot *b);

/*
 * One message of printk level '0' to '7' in kmsg, else on descriptor 2 if that was open at
 * entry.
 */
void speak(struct boot *b, char level, const char *text);

uint64_t now(void);

#endif
