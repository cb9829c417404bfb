/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_MODULES_H
#define INITWARD_MODULES_H

#include "image/image.h"

/*
 * The kernel modules of an image: which of them have no signature, so that a kernel under lockdown refuses them
 * (kernel/module/signing.c module_sig_check()). Whether the kernel trusts the key is not asked.
 */
struct modules {
	size_t n; /* files */
	size_t n_unsigned;
	size_t n_unread; /* damaged, too large, or compressed in a way that is not known here */
	struct list unsigned_list; /* the first of them by name */
};

#define MODULES_NAMED 3 /* at most in the list */

void modules_find(const struct image *image, struct modules *ret);
void modules_free(struct modules *modules);

/* One line for a person, the caller's to free; NULL where there is nothing to warn of. */
char *modules_warning(const struct modules *modules);

#endif
