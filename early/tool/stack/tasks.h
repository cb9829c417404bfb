/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_TASKS_H
#define INITWARD_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A process, by its first thread, as proc shows it to this one. */
struct task {
	pid_t pid;
	pid_t parent; /* 0: none, or out of sight */
	char *name;   /* at most 15 bytes that its program chose; NULL: could not be read */
	char *label; /* without its mode, in the words of the reader's policy namespace; NULL: could not be read */
	char *mode; /* NULL where the kernel writes none, as behind "unconfined"; points into label */
	int error;   /* the errno of a label that could not be read, else 0 */
	bool kernel; /* a thread of the kernel */
};

struct task_list {
	struct task *task;
	size_t n;
};

/*
 * The label of a process or thread, without its mode, and the mode or NULL, as aa_gettaskcon(2); it also takes a stack without a mode,
 * "unconfined//&:ns:unconfined", of which libapparmor says EINVAL (its splitcon()). 0 or -errno. *label is the caller's, *mode points into it.
 */
int task_label(pid_t pid, char **label, char **mode);

/*
 * One process. 0, or -ESRCH where there is none of that number, or -errno of its files. A label that cannot be read is no
 * error: `error` says so. Wants proc at /proc.
 */
int task_read(pid_t pid, struct task *ret);
void task_free(struct task *task);

/* All processes that proc shows, by number; who ends meanwhile is left out. 0 or -errno. */
int tasks_read(struct task_list *ret);
void tasks_free(struct task_list *list);

#endif
