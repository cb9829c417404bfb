/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_LEASE_H
#define INITWARD_LEASE_H

#include <stdbool.h>
#include <sys/types.h>

#include "stack/space.h"

/*
 * Whose a policy namespace is: a file of its name in /run/initward/namespaces (of others than root: in $XDG_RUNTIME_DIR), locked by flock(2) for as
 * long as a process lives that will remove it. One without a lock was left by processes that were killed.
 */
struct lease {
	int fd; /* -1: there is no place for it; nothing is remembered then */
	char *path;
	bool left; /* the namespace was another's, who was killed */
};

/*
 * Takes it for the namespace, after up to a second for another to end. False after it has said which process has it. Children have the lock,
 * too; lease_forget() drops it in one process.
 */
bool lease_take(const struct space *s, struct lease *ret);

/* Names the process that will remove the namespace, for messages. */
void lease_name(const struct lease *l, pid_t keeper);

/* The namespace is gone: so is the file. */
void lease_end(struct lease *l);
void lease_forget(struct lease *l);

/*
 * Removes the namespaces that were left and in which nobody is; says so of each, and of each that has to stay why. `s` without a name. False
 * where one stayed.
 */
bool lease_sweep(const struct space *s, bool quiet);

#endif
