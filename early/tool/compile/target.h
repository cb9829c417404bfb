/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_TARGET_H
#define INITWARD_TARGET_H

#include "compile.h"

/*
 * Keeps of the sets those that the kernel of --kernel may have, and the base; says which. *more (or NULL): it is
 * proved that the kernel has one of those above the base. False after it has said why the kernel
 * cannot be read or confined.
 */
bool keep_sets_of_kernel(const struct compile *c, struct set_list *sets, bool *more);

#endif
