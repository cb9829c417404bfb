/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_BOOTCONFIG_H
#define INITWARD_BOOTCONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"
#include "util.h"

/*
 * The boot configuration at the end of an initramfs: kernel parameters that the boot loader does not
 * show. init/main.c get_boot_config_from_initrd(), Documentation/admin-guide/bootconfig.rst.
 */
struct bootconfig {
	struct span text;
	size_t begin; /* where it begins in the initramfs: the kernel unpacks only what is before */
	const char *why; /* a trailer is there, and this is wrong with it; else NULL */
};

/* True: there is a trailer, and nothing is wrong with it. */
bool bootconfig_find(struct span initrd, struct bootconfig *ret);

/*
 * Appends to `ret` what the kernel adds by such a text to its command line, in front of what the boot
 * loader gives: the keys below "kernel", each "NAME=VALUE " or "NAME ". (Those below "init" are
 * arguments of the first program, behind "--", and no parameters.) False, nothing appended: the kernel
 * finds the text malformed and ignores it all. The kernel reads it only with "bootconfig" on the
 * command line, or built with CONFIG_BOOT_CONFIG_FORCE. Read as by 7.3; 5.10 refuses a key with both
 * a value and keys below it.
 */
bool bootconfig_cmdline(struct span text, struct text *ret);

#endif
