/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_FUZZ_H
#define INITWARD_FUZZ_H

/*
 * What the fuzz targets share. The input that libFuzzer hands over has exactly its size, so
 * AddressSanitizer sees each byte that is read behind it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "span.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What has to hold for every input. */
#define REQUIRE(condition)                \
	do {                              \
		if (!(condition))         \
			__builtin_trap(); \
	} while (0)

static inline void require_inside(struct span s, const void *from, size_t n)
{
	const char *start = from;

	REQUIRE(s.p >= start && s.p <= start + n && s.n <= n - (size_t)(s.p - start));
}

/*
 * tests/fuzz/run --planted builds with PLANTED_BUG: a write behind a buffer, under a condition
 * that no seed fulfils. It shows that the fuzzer gets that far, and that it would be noticed.
 */
static inline void planted_bug(bool reached)
{
#ifdef PLANTED_BUG
	if (reached) {
		volatile char *p = malloc(1);

		/* The report names functions only where llvm-symbolizer is installed. */
		fputs("the planted bug is reached\n", stderr);
		p[reached] = 0;
		free((void *)p);
	}
#else
	(void)reached;
#endif
}

#endif
