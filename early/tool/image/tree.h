/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_TREE_H
#define INITWARD_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util.h"

/*
 * The root file system that the kernel unpacks an initramfs into, kept in memory: names, inodes,
 * links, and what fs/init.c, fs/namei.c and mm/shmem.c do to them when init/initramfs.c, as root and
 * in "/", asks. No file of this machine is touched. Paths are NUL-terminated.
 */

#define TREE_NONE UINT32_MAX
#define TREE_ROOT 0

struct tree_node {
	unsigned int mode; /* S_IFMT and permissions */
	unsigned int uid, gid;
	unsigned int major, minor; /* of a device node */
	unsigned int nlink;	   /* names it has now */
	uint32_t entries;	   /* of a directory */
	uint32_t parent;	   /* of a directory: the one that it lies in */
	uint32_t name;		   /* the last name that it was made or opened by */
	uint32_t file;		   /* for the caller: TREE_NONE at first */
	uint64_t size, mtime;
	int part;     /* what it comes from at last; -1: the kernel's own archive */
	char *target; /* of a symbolic link */
	int from;     /* part that has the content of a file, and where in its unpacked stream */
	uint64_t offset;
	struct text data; /* the content, where it is wanted */
	bool wanted;
};

struct tree_name {
	char *name;
	uint32_t dir;
	uint32_t node; /* TREE_NONE: removed */
	uint32_t next; /* of the same hash */
	int replaces;  /* part whose file of that name it took the place of, else -1 */
};

struct tree {
	struct tree_node *node;
	struct tree_name *name;
	uint32_t *head;
	uint32_t n_nodes, n_names, cap_nodes, cap_names, n_heads;
	uint64_t text;	  /* bytes of names and targets */
	uint64_t steps;	  /* path components and names looked at so far: hostile ones cost time */
	int part;	  /* what is being unpacked */
	uint32_t removed; /* the last name that tree_clean() removed, and its part */
	int removed_part;
};

/* A tree with what usr/default_cpio_list puts into every kernel: /dev, /dev/console, /root. */
void tree_init(struct tree *ret);
void tree_free(struct tree *t);

/*
 * The node of a path, TREE_NONE where there is none. Symbolic links are followed in the middle, and
 * with `follow` at the end, at most 40 in all (MAXSYMLINKS). *name, which may be NULL, gets the name
 * that was found, TREE_NONE for ".", ".." and "/".
 */
uint32_t tree_lookup(struct tree *t, const char *path, bool follow, uint32_t *name);

/* Are there more symbolic links on the way than the kernel follows (ELOOP)? */
bool tree_loops(struct tree *t, const char *path);

/* clean_path(): removes what has that path and is of another type (S_IFMT) than `mode`. */
void tree_clean(struct tree *t, const char *path, unsigned int mode);

/* open(O_WRONLY | O_CREAT), with `truncate` O_TRUNC: the node, TREE_NONE where that fails. */
uint32_t tree_open(struct tree *t, const char *path, bool truncate);

/* mkdir(), mknod(), symlink(), link(): false where they fail. `mode` has the type. */
bool tree_make(struct tree *t, const char *path, unsigned int mode);
bool tree_symlink(struct tree *t, const char *target, const char *path);
bool tree_link(struct tree *t, const char *old, const char *path);

/* Is the first component of the name's path, seen from the root, `path`? */
bool tree_below(const struct tree *t, uint32_t name, const char *path);

#endif
