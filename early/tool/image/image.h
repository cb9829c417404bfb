/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_IMAGE_H
#define INITWARD_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "span.h"
#include "util.h"

/*
 * A finished initramfs, or a unified kernel image that holds one, as the kernel will unpack it:
 * init/initramfs.c unpack_to_rootfs() is followed, with what it skips, overrides and gives up at.
 * Nothing is written to disk.
 */

/* What a piece of the file is. */
enum part_kind {
	PART_CPIO, /* not compressed: "newc" 070701, "crc" 070702 */
	PART_GZIP,
	PART_XZ,
	PART_LZMA,
	PART_ZSTD,
	PART_LZ4,   /* the legacy format, the only one that the kernel reads */
	PART_BZIP2, /* known, not read here */
	PART_LZO,   /* likewise */
	PART_ZEROS,
	PART_BOOTCONFIG, /* trailer: data, size, checksum, "#BOOTCONFIG\n" */
	PART_JUNK,	 /* here the kernel gives up */
	PART_COUNT,
};

/*
 * Offsets and sizes in bytes, offsets from the begin of the initramfs, which in a PE file is that of
 * the section.
 */
struct image_part {
	enum part_kind kind;
	uint64_t offset;
	uint64_t size;
	uint64_t unpacked;    /* bytes after decompression */
	unsigned int entries; /* records, trailers not counted */
	bool early;	      /* an uncompressed archive that has kernel/: microcode, ACPI tables */
	bool crc;	      /* it has records with checksums, 070702 */
	struct span data;     /* the bytes, in the file */
	const char *section;  /* of the PE file that it lies in, else NULL */
};

/*
 * One path of the tree that the kernel will have made in the end. Names have no leading slash and
 * no "." pieces; the root is not listed, nor what the kernel has of its own (/dev, /dev/console and
 * /root by usr/default_cpio_list) and no archive touches. Owned by the image.
 */
struct image_file {
	char *name;
	unsigned int mode; /* S_IFMT and permissions */
	unsigned int uid;
	unsigned int gid;
	unsigned int major; /* of a device node */
	unsigned int minor;
	unsigned int nlink; /* names in the tree */
	uint64_t size;
	uint64_t mtime;	   /* seconds since 1970 */
	unsigned int part; /* index into parts[]: what it comes from at last */
	int replaces;	   /* part whose file of that name it took the place of, else -1 */
	char *target;	   /* of a symbolic link */
	struct text data;  /* of a regular file that is kept: see image_open() */
	bool kept;
	int link;      /* index into file_list[] of the hard link that holds its data, else -1 */
	uint32_t node; /* image.c's own */
};

struct image_section {
	char name[9];
	uint64_t offset; /* in the file */
	uint64_t size;	 /* without the padding to the file's alignment */
};

struct image {
	char *path;
	struct text file; /* the whole file */
	bool pe;	  /* it is a PE file with sections, the initramfs in ".initrd" */
	struct image_section *section;
	size_t n_sections;
	struct span initrd; /* within `file` */
	struct image_part *part;
	size_t n_parts;
	struct image_file *file_list; /* ordered by name */
	size_t n_files;
	struct span bootconfig; /* its text; empty where there is none */
	/*
	 * Where the kernel stops reading, or reads on over what is damaged, and why; NULL where it reads
	 * all. What it unpacked before stays in the tree, and the boot goes on with it.
	 */
	char *trouble;
	uint64_t trouble_at;
	struct list notes; /* what the kernel passes over without a word: a line each */
	struct tree *tree; /* image.c's own, as are the next two */
	size_t memory;
	uint64_t *again; /* bytes that may still be unpacked to read files again */
	struct folder
		*folder; /* image_of_folder(): then there are no parts, and all is of part 0 */
};

#define LIMIT_IMAGE ((size_t)2 << 30) /* a file */
#define LIMIT_UNPACKED \
	((uint64_t)8 << 30)	       /* all that decompression may give; again, to read files */
#define LIMIT_FILES 1000000	       /* records in all archives */
#define LIMIT_KEPT ((size_t)192 << 20) /* contents that are kept, together */
#define LIMIT_NAMES ((uint64_t)128 << 20)     /* names and targets, together */
#define LIMIT_MEMORY ((size_t)256 << 20)      /* what a decompressor may take */
#define LIMIT_STEPS ((uint64_t)200 * 1000000) /* path components and names looked at */

struct image_limits {
	uint64_t unpacked, names, steps;
	size_t kept, memory;
	unsigned int files;
};

/*
 * Reads an image. The contents of "init" and of all regular files below "initward/" are kept. NULL
 * after it has said why the file cannot be read at all or is neither an initramfs nor a PE file with
 * one; damage further in is in `trouble`, as is what goes beyond a limit. image_free(NULL) does
 * nothing.
 */
struct image *image_open(const char *path);

/* The same of bytes that the caller has; `path` is for messages. `file` is taken over. */
struct image *image_parse(const char *path, struct text *file);

/* The same within limits of the caller's, without a message: NULL and *why, the caller's to free. */
struct image *image_parse_within(const char *path, struct text *file,
				 const struct image_limits *limits, char **why);
void image_free(struct image *image);

/*
 * Reads a folder that is still to be packed, as the kernel will unpack it; nothing is kept. `fd` is
 * open on it, or -1; `over` as of folder_new(). NULL after it has said why.
 */
struct image *image_of_folder(const char *path, int fd, const char *over);

/* image_of_folder() of a folder, image_open() of all else. */
struct image *image_open_any(const char *path);

/*
 * The file of that name; NULL where there is none. `follow`: also through symbolic links, within the
 * tree, in the middle and at the end, at most 40 as in the kernel's path walk. The root is NULL.
 */
const struct image_file *image_find(const struct image *image, const char *name, bool follow);

/* Is a path without end, by symbolic links? */
bool image_loops(const struct image *image, const char *name);

/*
 * The content of a regular file, also of one that was not kept: decompresses its part again. Hard
 * links are followed. False after it has said why; at most `max` bytes, and together no more to be
 * decompressed than when the image was read. Replaces what `ret` held.
 */
bool image_read(const struct image *image, const struct image_file *file, size_t max,
		struct text *ret);

/*
 * image_read() of many files, in an order of its own, each archive decompressed once: fn gets each that can be read, by its
 * index in `files`. Without a message; those that have more than `max` bytes are left out.
 */
void image_read_many(const struct image *image, const struct image_file *const *files, size_t n,
		     size_t max, void (*fn)(void *ctx, size_t i, const struct text *data),
		     void *ctx);

/* "gzip", ...; never NULL. */
const char *part_name(enum part_kind kind);

/* A section of a PE file by name (".cmdline"); empty where there is none. */
struct span image_section(const struct image *image, const char *name);

#endif
