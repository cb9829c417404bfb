/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_BOUNDS_H
#define INITWARD_BOUNDS_H

/*
 * Every bound of the loader, in one place. Anything above a bound is refused with a message
 * before the kernel is touched; nothing is ever cut off silently. Sizes in bytes.
 */
#define LIMIT_CONFIG 8192	 /* initward.conf */
#define LIMIT_CMDLINE 16384	 /* /proc/cmdline, bootconfig parameters included */
#define LIMIT_MANIFEST (8 << 20) /* bundle/manifest */
#define LIMIT_BLOB (8 << 20)	 /* one policy blob */
#define LIMIT_POLICY (64 << 20)	 /* all blobs that one boot loads */
#define LIMIT_LISTING (2 << 20)	 /* securityfs apparmor/profiles */
#define LIMIT_SETS 32		 /* feature sets in a manifest */
#define LIMIT_BLOBS 4096	 /* blobs that one boot loads */
#define LIMIT_PROFILES 4096	 /* profiles that one boot loads */
#define LIMIT_NAMESPACES 8	 /* policy namespaces below the root */
#define LIMIT_NAME 255		 /* profile, namespace, set and path names */
#define LIMIT_POLICY_NAME 31	 /* of a policy that is chosen by name */
#define LIMIT_FEATURE 4096	 /* one file below apparmor/features */
#define LIMIT_MESSAGE 960	 /* one kmsg record: LOG_LINE_MAX less the prefix */

#endif
