/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_KIMAGE_H
#define INITWARD_KIMAGE_H

#include "image/image.h"
#include "span.h"
#include "util.h"

/*
 * A Linux kernel image: x86 bzImage (Documentation/arch/x86/boot.rst), ELF vmlinux, arm64 Image
 * (Documentation/arch/arm64/booting.rst), EFI zboot (drivers/firmware/efi/libstub/zboot-header.S), or
 * an Image that was compressed as a whole. Pure code; no messages.
 */
#define LIMIT_KERNEL ((size_t)512 << 20)      /* bytes of an image, and of what is in it */
#define LIMIT_KERNEL_CONFIG ((size_t)4 << 20) /* bytes of a configuration */

struct kernel_image {
	const char *form;    /* "bzImage", ...; static */
	const char *machine; /* as uname -m, "x86_64"; static */
	/* The kernel in compressed form, empty where the image is not compressed. */
	struct span payload;
	enum part_kind compression;
	/* As uname -r and -v; from the boot header, so that nothing is decompressed. Empty: unknown. */
	struct span release;
	struct span version;
};

/* Reads the headers; spans point into `file`. False: *why is the reason, static. */
bool kernel_parse(struct span file, struct kernel_image *ret, const char **why);

/*
 * The kernel without compression: the payload of `kernel` is decompressed into `ret`. False: *why is
 * the reason, static.
 */
bool kernel_unpack(const struct kernel_image *kernel, struct text *ret, const char **why);

/* Finds the banner "Linux version ..." (init/version.c) in a kernel without compression. */
bool kernel_banner(struct span raw, struct span *release, struct span *version);

/* Finds the built-in configuration (kernel/configs.c): between its marks, in gzip. */
bool kernel_ikconfig(struct span raw, struct span *gzip);

/* The name of a file's kernel release: "vmlinuz-RELEASE", "usr/lib/modules/RELEASE/vmlinuz". */
struct span kernel_release_of_path(const char *path);

#endif
