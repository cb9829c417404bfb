/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_TOOL_UTIL_H
#define INITWARD_TOOL_UTIL_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"

/* A file's content or a text that grows; data[len] is always NUL once anything was put in. */
struct text {
	char *data;
	size_t len;
	size_t cap;
};

/* A list of strings that it owns. */
struct list {
	char **item;
	size_t n;
	size_t cap;
};

/* Messages go to standard error, one line: "initward VERB: ...". */
void say_verb(const char *verb);
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Flushes standard output; says so and returns TOOL_FAILED where that fails, else TOOL_OK. */
int finish_stdout(void);

/* Memory: these end the program with a message when there is none left. */
void *grow(void *p, size_t n, size_t size);
char *dup_str(const char *s);
char *format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

void text_add(struct text *t, const void *data, size_t len);
void text_str(struct text *t, const char *s);
void text_format(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_free(struct text *t);

/* What it holds, for as long as nothing is added. */
struct span span_of_text(const struct text *t);

void list_add(struct list *l, char *owned);
void list_sort(struct list *l);
bool list_has(const struct list *l, const char *s);
void list_free(struct list *l);

/* Path functions; the results are the caller's to free. */
char *path_join(const char *dir, const char *name);
char *path_dir(const char *path);
const char *path_base(const char *path);

/* The program of that name in PATH, then in /usr/sbin and /sbin; NULL where there is none. */
char *search_program(const char *name);

/* Files: 0 or -errno. read_file() says EFBIG above `max` and replaces what `ret` held. */
int read_file(const char *path, size_t max, struct text *ret);
int read_fd(int fd, size_t max, struct text *ret); /* from where it stands to the end */
int write_fd(int fd, const void *data, size_t len);
int write_file(const char *path, const void *data, size_t len);
/* A new file, for its owner alone; -EEXIST where something has that name. */
int write_private_file(const char *path, const void *data, size_t len);
int make_dir(const char *path);
/* Adds the names in a folder but "." and "..", and sorts the list. `fd` stays open and is at its end then. */
int folder_names(int fd, struct list *ret);
/*
 * A file, or a folder with all that is in it; 0, or -errno: -ENOENT where it is not there. No link is followed,
 * whatever becomes of the tree meanwhile, but in `path` itself. Each level of folders takes a descriptor.
 */
int remove_tree(const char *path);
/* The same by its name in the open folder `dir`. */
int remove_below(int dir, const char *name);

/* fsync() of one file or directory. */
int sync_path(const char *path);

/* fsync() of all files and directories below `path`, itself included. */
int sync_tree(const char *path);

/*
 * The length of the well-formed UTF-8 sequence that `s`, which is not empty, begins with, and what it
 * encodes; 0: none (RFC 3629: nothing overlong, no surrogate, nothing above U+10FFFF).
 */
size_t utf8_take(struct span s, uint32_t *ret);

#endif
