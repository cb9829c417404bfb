// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Preloaded, this is a kernel that refuses the reserved path, unless PROOF is set, and an AppArmor whose
 * labels are those in OWN and INIT, or unreadable; in the first PID namespace, wherever the test runs. For
 * status.bats.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

int aa_gettaskcon(pid_t pid, char **label, char **mode);

int fchownat(int dir, const char *path, uid_t uid, gid_t gid, int flags)
{
	(void)dir;
	(void)uid;
	(void)gid;
	(void)flags;
	errno = EACCES;
	return strcmp(path, "/proc/version") == 0 && !getenv("PROOF") ? -1 : 0;
}

/* The number is PROC_PID_INIT_INO of include/linux/proc_ns.h. */
ssize_t readlink(const char *path, char *text, size_t size)
{
	static const char first[] = "pid:[4026531836]";
	size_t n = sizeof(first) - 1;

	if (strcmp(path, "/proc/self/ns/pid") != 0)
		return syscall(SYS_readlinkat, AT_FDCWD, path, text, size);
	memcpy(text, first, n < size ? n : size);
	return (ssize_t)(n < size ? n : size);
}

int aa_gettaskcon(pid_t pid, char **label, char **mode)
{
	const char *text = getenv(pid == 1 ? "INIT" : "OWN");
	char *bracket;

	errno = EACCES;
	if (!text)
		return -1;
	*label = strdup(text);
	bracket = strstr(*label, " (");
	*mode = bracket ? bracket + 2 : NULL;
	if (bracket) {
		*bracket = '\0';
		bracket[strlen(bracket + 2) + 1] = '\0';
	}
	return 0;
}
