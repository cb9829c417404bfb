/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_SPACE_H
#define INITWARD_SPACE_H

#include <stdbool.h>
#include <sys/types.h>

/* A policy namespace right below that of this process. */
struct space {
	const char *name; /* the caller's */
	int dir;	  /* "policy/namespaces" of the own namespace, in which it is a folder */
	ino_t view; /* which folder that is: tells the own namespace from others that share a /run */
};

/* Who is in it, and in those below it? */
enum space_tasks {
	SPACE_EMPTY,
	SPACE_TASKS,
	SPACE_UNSETTLED, /* nobody was seen, but somebody forked meanwhile, and a child may have been missed */
};

/* A letter or digit, then also ".", "_", "-", at most 64: what all programs read alike. False after it has said why not. */
bool space_is_name(const char *name);

/*
 * Opens the folder of namespaces; `name` may be NULL. False after it has said that no interface is mounted. security/apparmor/apparmorfs.c,
 * __aafs_ns_mkdir_entries(). space_close() ends it.
 */
bool space_open(const char *name, struct space *ret);
void space_close(struct space *s);

bool space_exists(const struct space *s);

/*
 * Makes it. False after it has said which authority is missing: mac_admin, the level of the user namespace, the lock, a rule of the own
 * profile. security/apparmor/policy.c, policy_admin_capable().
 */
bool space_make(const struct space *s);

/* Loads a file of policy, or all files of a folder, into it: apparmor_parser(8). False after it has said what failed. */
bool space_load(const struct space *s, const char *policy);

/* Removes it with the namespaces below it; 0 also where there is none, or -errno. */
int space_remove(const struct space *s);

/*
 * Looks at the label of each thread in /proc. *who is a process that is in it. Sound where nobody forks meanwhile: the kernel's
 * count of forks is compared.
 */
enum space_tasks space_look(const struct space *s, pid_t *who);

/* Is that process in it? False too where it is gone. */
bool space_has(const struct space *s, pid_t pid);

/* Removes it if nobody is in it, and waits up to a second for a moment without a fork. *who: as above, or 0. 0, -EBUSY or -errno. */
int space_remove_empty(const struct space *s, pid_t *who);

#endif
