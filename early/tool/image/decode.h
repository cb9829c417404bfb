/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_DECODE_H
#define INITWARD_DECODE_H

#include "image/image.h"

/* Gets what comes out, piece by piece. False: no more is wanted. */
typedef bool decode_sink(void *ctx, const void *data, size_t len);

struct decoded {
	size_t used;	  /* bytes of the input up to the end of the compressed data */
	const char *why;  /* what is wrong with it; NULL: nothing */
	const char *note; /* what is wrong and the kernel does not mind; NULL: nothing */
	bool stopped;	  /* by the sink; `used` says nothing then */
};

/* What begins like this: lib/decompress.c's table. PART_JUNK: nothing that the kernel knows. */
enum part_kind decode_kind(struct span in);

/*
 * Decompresses one archive at the begin of `in` by the kernel's measure (lib/decompress_*.c): one
 * gzip member, one xz stream, one zstd frame, the chunks of an lz4 archive up to a zero word or the
 * end. No I/O, no messages. A decoder takes at most `memory` bytes, a zstd window at most half of it.
 */
struct decoded decode(enum part_kind kind, struct span in, size_t memory, decode_sink *sink,
		      void *ctx);

#endif
