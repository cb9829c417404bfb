/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_PE_H
#define INITWARD_PE_H

#include <stdbool.h>
#include <stdint.h>

#include "span.h"

/*
 * The section table of a PE file (Microsoft's PE/COFF specification), as a unified kernel image is
 * one (UAPI.5). No I/O, no messages.
 */
#define PE_SECTIONS 96 /* what the Windows loader and systemd's tools allow */

struct pe_section {
	char name[9];
	uint64_t offset; /* in the file */
	uint64_t size;	 /* of the content: the lesser of VirtualSize and SizeOfRawData */
};

struct pe {
	unsigned int n;
	struct pe_section section[PE_SECTIONS];
};

/* Does it begin as a DOS or PE program does? */
bool pe_magic(struct span file);

/* True: each section lies within the file. False: *why is a reason, without full stop. */
bool pe_parse(struct span file, struct pe *ret, const char **why);

/* Is it a Linux kernel by its boot header: x86 bzImage, arm64 or RISC-V Image, EFI zboot? */
const char *kernel_kind(struct span file);

#endif
