/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_GATHER_H
#define INITWARD_GATHER_H

#include "judge.h"
#include "util.h"

/* Reads and tries all that judge() wants to know. Nothing on the machine is changed. */
void gather(struct evidence *ret);
void free_evidence(struct evidence *e);

/* The folder "apparmor" of the securityfs that is mounted somewhere; NULL. The caller's to free. */
char *find_apparmorfs(void);

/* The text of a small file without its last newline; NULL where it cannot be read. The caller's. */
char *read_word(const char *dir, const char *name);

/* Why AppArmor is off, and the cure, as diagnose_off() tells it. */
void explain_off(bool built_in, struct text *ret);

#endif
