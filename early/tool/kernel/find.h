/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_FIND_H
#define INITWARD_FIND_H

#include "kernel/entries.h"
#include "util.h"

/*
 * Where a system keeps its kernels, their configurations and the boot loader's words. `root` is the
 * folder that holds the system, "/" for this one. Paths are taken below it, links too: none leads
 * out of it (openat2(2), RESOLVE_IN_ROOT). Nothing here says anything.
 */

/*
 * Reads a regular file below `root`: 0 or -errno; -EFBIG above `max`. On a kernel before 5.6 links
 * are followed as they stand.
 */
int find_read(const char *root, const char *path, size_t max, struct text *ret);

/*
 * The path as it is opened from outside of the root, the caller's to free: a file of boot_entry.kernel
 * or .initrd, which is named from the begin of the file system that the boot loader sees: the
 * `partition` of its menu first, where that is not NULL. NULL where there is no such file.
 */
char *find_boot_file(const char *root, const char *partition, const char *named);

/* The kernel of a release, and its initramfs; NULL where there is none. */
char *find_kernel(const char *root, const char *release);
char *find_initrd(const char *root, const char *release);

/* All kernels that are installed: files of /boot and below /usr/lib/modules, UKIs of the ESP. */
void find_kernels(const char *root, struct list *ret);

/* The configuration of a release: its text into `ret`; where from, the caller's to free; or NULL. */
char *find_config(const char *root, const char *release, struct text *ret);

/* A place that boot entries come from. */
struct menu {
	char *source;	       /* "/boot/grub/grub.cfg"; of BLS files the folder */
	const char *partition; /* where that lies: "/efi"; NULL: unknown. Static */
	struct boot_entries entries;
};

struct menus {
	struct menu *menu;
	size_t n;
};

/* All that are there: BLS files, grub.cfg, extlinux.conf, in this order. */
void find_menus(const char *root, struct menus *ret);
void menus_free(struct menus *menus);

/*
 * The command line for kernels that are installed next, of kernel-install and its like:
 * /etc/kernel/cmdline, /usr/lib/kernel/cmdline. Comments ('#' lines) are dropped, lines joined.
 * The source is static; NULL where there is none.
 */
const char *find_kernel_cmdline(const char *root, struct text *ret);

#endif
