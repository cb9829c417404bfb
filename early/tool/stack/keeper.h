/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_KEEPER_H
#define INITWARD_KEEPER_H

#include <sys/types.h>

#include "stack/lease.h"
#include "stack/space.h"
#include "util.h"

/*
 * A command in a policy namespace of its own, and the namespace's end.
 *
 * Two processes see to it. The keeper makes the namespace, starts the command, and removes the namespace when nobody is left: all that the
 * command started come to it (PR_SET_CHILD_SUBREAPER), so that "no child" is proof. It has a session of its own. The front,
 * the process that the caller started, passes on signals and stops, and ends as the command does. Whichever is killed, the other one takes over;
 * if both are, the lease tells the next one.
 */
struct kept {
	const struct space *space;
	struct lease *lease;
	const struct list *policy; /* files and folders to load */
	const char *label;
	char **command; /* NULL: none, and the namespace stays while `watched` lives */
	int watched;	/* a pidfd */
};

/* The exit status for the caller; where the command was killed by a signal this process is killed by it, too. */
int keep(const struct kept *what);

#endif
