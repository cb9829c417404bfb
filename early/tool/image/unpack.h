/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_UNPACK_H
#define INITWARD_UNPACK_H

#include "image/cpio.h"
#include "image/image.h"
#include "image/tree.h"

/*
 * Unpacks an initramfs into image->part and image->tree, as unpack_to_rootfs() of the kernel's
 * init/initramfs.c. No I/O, no messages: what is wrong goes to image->trouble and image->notes.
 */
struct unpack;

struct unpack *unpack_begin(struct image *image, const struct image_limits *limits);

/* Takes one stream; `section` as in struct image_part. Streams follow one another. */
void unpack_stream(struct unpack *u, struct span in, const char *section);
void unpack_end(struct unpack *u);

/* The content of a node from the part that it lies in: *size bytes, as many as are wanted. */
const char *unpack_again(const struct image *image, const struct tree_node *node, struct text *ret);

/*
 * The same of many nodes of one part, ordered by their offset: that is decompressed once. fn gets the content of each, in
 * this order, by its index, and may take it away; those behind what cannot be read it does not get.
 */
void unpack_many(const struct image *image, const struct tree_node *const *nodes, size_t n,
		 void (*fn)(void *ctx, size_t i, struct text *data), void *ctx);

#endif
