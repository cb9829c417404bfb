/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_DIAGNOSE_H
#define INITWARD_DIAGNOSE_H

#include "cmdline.h"

/* What the kernel says of itself when AppArmor is not active. */
struct lsm_facts {
	bool built_in; /* /sys/module/apparmor exists */
	struct cmdline_lsm cmdline;
	struct span active; /* /sys/kernel/security/lsm, comma-separated; empty where unreadable */
};

/*
 * Appends why AppArmor is off, and the cure, to `ret`. The rules are those of the kernel's
 * security/security.c: lsm= overrides security=, unknown names are skipped, and of the exclusive
 * LSMs (AppArmor, SELinux, Smack) only the first in order becomes active.
 */
void diagnose_off(const struct lsm_facts *facts, struct strbuf *ret);

/* Why a level above compatible cannot be had on a kernel, and the cure. */
#define DIAGNOSE_NO_LOCKDOWN \
	"the LSM lockdown is not active; add it to lsm=, or use level=compatible"

#define DIAGNOSE_NO_FILTER                                         \
	"the kernel has no filters of system calls; use one with " \
	"CONFIG_SECCOMP_FILTER=y, mount_api = all or level=compatible"

/* Is a module in a comma-separated list, as securityfs/lsm shows it? */
bool lsm_listed(struct span list, const char *name);

#endif
