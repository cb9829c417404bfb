/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_LSM_H
#define INITWARD_LSM_H

#include "span.h"
#include "strbuf.h"

/*
 * The kernel's own rules for which security modules become active, and in which order: pure code,
 * after security/security.c ordered_lsm_parse() (5.1 to 6.18), which later kernels have in
 * security/lsm_init.c, and after security_module_enable() of the kernels before 5.1.
 */

/* From the first series whose CONFIG_LSM these rules are; before, one major LSM was chosen. */
#define LSM_LIST_SERIES 5001

struct lsm_kernel {
	struct span config;  /* the kernel's configuration; see kconfig.h */
	unsigned int series; /* kernel_series(); 0: unknown, taken for a new one */
	const char *cmdline; /* the whole kernel command line */
};

/* Room for the text of securityfs/lsm: each known name once. */
#define LSM_LIST 256

struct lsm_active {
	bool apparmor;
	/* As /sys/kernel/security/lsm will show it, which kernels have from 4.16 on. */
	char list[LSM_LIST];
	/*
	 * Names in the list that counts, CONFIG_LSM or lsm=, that no kernel of kernel.org has: slips of
	 * the pen, or modules of a patched kernel. Comma-separated, may be empty.
	 */
	char unknown[LSM_LIST];
};

void lsm_predict(const struct lsm_kernel *kernel, struct lsm_active *ret);

/* Appends to `why`, in the loader's words (diagnose.h), why AppArmor is off and the cure. */
void lsm_explain(const struct lsm_kernel *kernel, const struct lsm_active *active,
		 struct strbuf *why);

#endif
