/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_SYS_H
#define INITWARD_SYS_H

#include <sys/syscall.h>
#include <unistd.h>

/*
 * System calls whose wrappers in musl bring more along than they are: cancellation, variable
 * arguments, the emulation of AT_EACCESS, the search for the vDSO; 2 KiB in all, a fifteenth of the loader. errno as usual.
 */
static inline int sys_openat(int dir, const char *path, int flags, unsigned int mode)
{
	return (int)syscall(SYS_openat, dir, path, flags, mode);
}

static inline int sys_faccessat(int dir, const char *path, int mode)
{
	return (int)syscall(SYS_faccessat, dir, path, mode);
}

static inline ssize_t sys_readlinkat(int dir, const char *path, char *buf, size_t size)
{
	return syscall(SYS_readlinkat, dir, path, buf, size);
}

#endif
