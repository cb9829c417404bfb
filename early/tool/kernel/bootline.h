/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_BOOTLINE_H
#define INITWARD_BOOTLINE_H

#include "span.h"
#include "util.h"

/*
 * The command line that the kernel comes to have, from the boot loader's, the configuration's and the
 * image's: what /proc/cmdline will say. Pure code.
 */

/* arch/x86/include/asm/setup.h, arch/arm64/include/uapi/asm/setup.h: with the NUL at the end. */
#define COMMAND_LINE_SIZE 2048

enum bootline_note {
	BOOTLINE_CUT = 1,	/* longer than the kernel takes: the end is lost */
	BOOTLINE_BUILT_IN = 2,	/* the configuration adds to it, or takes its place */
	BOOTLINE_FORCED = 4,	/* the configuration's counts alone */
	BOOTLINE_BOOTCONFIG = 8 /* keys of the bootconfig go in front */
};

/*
 * Adds the command line to `ret`. `config` is the kernel's configuration, empty where unknown;
 * `given` the boot loader's words. Returns enum bootline_note bits but the last. After
 * arch/x86/kernel/setup.c setup_arch(); drivers/of/fdt.c early_init_dt_scan_chosen() for arm64,
 * which is told by the head of the configuration.
 */
unsigned int bootline_merge(struct span config, struct span given, struct text *ret);

/*
 * Does the kernel use the bootconfig of its image? init/main.c setup_boot_config(): CONFIG_BOOT_CONFIG
 * and the parameter "bootconfig" before any "--", or CONFIG_BOOT_CONFIG_FORCE.
 */
bool bootline_wants_bootconfig(struct span config, const char *cmdline);

#endif
