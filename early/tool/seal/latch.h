/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_LATCH_H
#define INITWARD_LATCH_H

#include <stdbool.h>

/* What holds until the next boot once it is set, and nobody can take back. */
enum latch {
	LATCH_LOCKDOWN,
	LATCH_KEXEC,
	LATCH_POLICY, /* the last: whatever fails before it leaves a machine whose policy can be mended */
	LATCH_COUNT,
};

/* "policy", "lockdown", "kexec"; and what it means when it holds. */
const char *latch_name(enum latch latch);
const char *latch_meaning(enum latch latch);

/* Does it hold? False after it has said why that cannot be read. */
bool latch_read(enum latch latch, bool *ret_holds);

/* May this process set it? Nothing is changed. False after it has said why not. */
bool latch_try(enum latch latch);

/* Sets it, and reads it back. False after it has said what failed. */
bool latch_set(enum latch latch);

#endif
