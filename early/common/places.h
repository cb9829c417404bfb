/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_PLACES_H
#define INITWARD_PLACES_H

/* Where things lie in the image, relative to its root. */
#define IMAGE_CONFIG "initward/initward.conf"
#define IMAGE_BUNDLE "initward/bundle"
#define IMAGE_REPORT "initward/report"

/* Kernel interfaces, relative to the root: Documentation/ABI and security/apparmor/apparmorfs.c. */
#define ACTIVE_LSMS "sys/kernel/security/lsm"
#define LOCKDOWN "sys/kernel/security/lockdown"
#define APPARMORFS "sys/kernel/security/apparmor"
#define AA_PARAMETERS "sys/module/apparmor/parameters"
#define AA_ATTR "proc/self/attr/apparmor"
#define AA_USERNS_SYSCTL "proc/sys/kernel/unprivileged_userns_apparmor_policy"

/*
 * A path that every global profile denies to write, and its control, which none denies. Both exist
 * wherever /proc does and nobody ever writes to them. chown(path, -1, -1) changes nothing, and
 * the kernel asks the LSM before it looks at owner and mode (fs/open.c chown_common()), so
 * that EACCES on the first and not on the second comes from the policy alone.
 */
#define PROOF_PATH "/proc/version"
#define CONTROL_PATH "/proc/uptime"

/* Policy is loaded by a write to it, for which a task wants mac_admin. */
#define LOAD_PATH "/" APPARMORFS "/.replace"

/*
 * What the loader says where it is not process 1, its version between the two. By that text the tool
 * knows it.
 */
#define LOADER_MARK "initward-init "
#define LOADER_MARK_END " has to be process 1\n"

#endif
