/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_ENTER_H
#define INITWARD_ENTER_H

#include <stdbool.h>

/* Exit statuses of verbs that execute a command: those of env(1) and timeout(1). */
enum { EXIT_OWN = 125, EXIT_NOT_EXECUTED = 126, EXIT_NOT_FOUND = 127 };

/* Is AppArmor on? False after it has said why not, and the cure. aa_is_enabled(2) */
bool apparmor_is_on(void);

/* Is it on, and its file of the next label there? False after it has said what is missing. */
bool enter_possible(void);

/*
 * Is it a label as the kernel reads one? Profiles joined by "//&", each "NAME", ":NS:NAME" or ":NS://NAME", one
 * "&" in front for "on top of what there is"; at most seven of them. False after it has said what is wrong. security/apparmor/label.c
 * aa_label_strn_parse(), lib.c aa_splitn_fqname().
 */
bool enter_is_label(const char *label);

/*
 * Would no_new_privs keep this process from that label? True after it has said so: where it is set and the own label confines, the kernel takes
 * nothing but the same label with more stacked on it, "&LABEL". security/apparmor/domain.c, aa_change_profile().
 */
bool enter_kept_by_nnp(const char *label);

/*
 * Where several major LSMs share /proc/self/attr, this process and its children are to see AppArmor's part of it. Kernels without the file, which are
 * all of upstream's, need nothing. False after it has said why that failed.
 */
bool enter_display(void);

/*
 * From the next execve() of this thread on it runs under that label: aa_change_onexec(). False after it has said why
 * not, and what would help: a profile or namespace that is not there, a rule of the own policy, no_new_privs.
 */
bool enter_on_exec(const char *label);

/*
 * Executes the command, found by PATH, with this process's environment. Returns only where that fails: after it has said
 * why, EXIT_NOT_FOUND or EXIT_NOT_EXECUTED.
 */
int enter_execute(char **command);

#endif
