/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_WRITE_H
#define INITWARD_WRITE_H

#include "image/image.h"

/*
 * Finished images with something put into them: bytes in, bytes out, no messages. What is there
 * already keeps its bytes, its order and its alignment.
 */

/* Where what is added lies in an initramfs, and what it holds of the original: its length. */
#define IMAGE_WRAPPED "initward/wrapped"

/*
 * Appends to `ret` the initramfs with `archive` behind its archives and in front of its bootconfig.
 * `end` is where the archives end: the offset of the bootconfig, or the length of the initramfs.
 */
void join_initrd(struct span initrd, size_t end, struct span archive, struct text *ret);

/* Where the archives of an image end and its bootconfig begins; offset in the initramfs. */
size_t archives_end(const struct image *image);

/*
 * The former `end` of an initramfs that join_initrd() made, by what IMAGE_WRAPPED in it says. False
 * where there is no such file, or it does not fit: something has been put behind or taken away.
 */
bool find_wrapped(const struct image *image, size_t *ret);

/* Appends the initramfs as it was before it was wrapped, `end` being find_wrapped()'s. */
void unwrap_initrd(const struct image *image, size_t end, struct text *ret);

/*
 * Makes of `ret`, which is empty, the PE file `file` with `initrd` as its section ".initrd". That
 * section goes behind all others, in the file and in memory, if it is not there already; no other
 * one changes its place in memory. Signatures, of the file and of its measurements (".pcrsig"), are
 * left out where `drop_signatures` says so, and are an error else: they would not fit. Symbols are
 * left out. False: *why says why it cannot be done, one line without full stop.
 */
bool replace_initrd(struct span file, struct span initrd, bool drop_signatures, struct text *ret,
		    const char **why);

#endif
