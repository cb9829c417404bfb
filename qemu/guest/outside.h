/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of the observer of whole systems share. */
#ifndef OUTSIDE_H
#define OUTSIDE_H

#include <stdbool.h>
#include <stddef.h>

struct task {
	int pid, tid, parent;
	bool kernel, dead;
	char label[600], command[200];
};

/* Folders that nobody can unmount: whoever wipes the initramfs wipes the places, not these. */
extern int proc, security, sys;
extern int listener;

/* The process number that a name in /proc is, 0 where it is none. */
int read_number(const char *name);
bool read_stat(int pid, struct task *t);
bool read_label(struct task *t);
bool under_layer(const char *label);
bool started_by_kernel(const struct task *t);

/* Programs that the kernel has started (census.c). */
void census_request(char *words, int from, char *answer, size_t size);

/* Tells of each task outside of the layer that it has not told of before. */
void watch_tasks(void);

/* Takes one connection and answers it. */
void answer_one(void);

#endif
