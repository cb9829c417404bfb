/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_PROFILES_H
#define INITWARD_PROFILES_H

#include <stddef.h>

/* A profile of the global layer as the kernel has it. Texts are NULL where they cannot be read. */
struct kernel_profile {
	char *name;
	char *mode;
	const char *algorithm; /* of both digests: "sha256" or "sha1" */
	char *digest;	       /* of the compiled profile */
	char *raw_digest;      /* of all that was written together with it */
};

struct kernel_profiles {
	struct kernel_profile *list;
	size_t n;
};

/*
 * The global profile and its children, in the view of this process: none are to be seen from within the
 * hidden namespace. `apparmorfs`: see find_apparmorfs(). 0 or -errno. Nothing on the machine is changed.
 */
int read_profiles(const char *apparmorfs, struct kernel_profiles *ret);
void free_profiles(struct kernel_profiles *p);

#endif
