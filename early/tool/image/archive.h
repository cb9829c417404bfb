/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_ARCHIVE_H
#define INITWARD_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "span.h"
#include "util.h"

/*
 * The records of an initramfs archive that is to be written, in their order. The kernel takes a
 * record as it comes, so that a folder has to be named before what lies in it.
 */
struct record {
	char *name;	   /* no leading slash */
	unsigned int mode; /* S_IFMT and permissions: a folder, a regular file or a symbolic link */
	unsigned int uid;
	unsigned int gid;
	struct text data; /* of a regular file */
	char *target;	  /* of a symbolic link */
};

struct archive_list {
	struct record *record;
	size_t n;
};

/* Each adds a record owned by 0:0 and returns it until the next one is added. Texts are copied. */
struct record *add_folder(struct archive_list *list, const char *name);
struct record *add_file(struct archive_list *list, const char *name, unsigned int permissions,
			struct span data);
struct record *add_link(struct archive_list *list, const char *name, const char *target);

/*
 * Appends the list to `ret` as a "newc" archive with its trailer; its length is a multiple of four
 * bytes. Every record has the time `mtime`, seconds since 1970. The same list gives the same bytes.
 * False after it has said why.
 */
bool pack_archive(const struct archive_list *list, uint32_t mtime, struct text *ret);

void archive_list_free(struct archive_list *list);

#endif
