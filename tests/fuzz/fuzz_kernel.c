// SPDX-License-Identifier: LGPL-2.1-or-later
// sources: early/tool/kernel/kimage.c early/tool/image/decode.c early/tool/util.c
// libs: -lz -llzma -lzstd -llz4
// max_len: 4096
/*
 * Any kernel image: what is read of it lies in it, and what was unpacked can be searched.
 */
#include "fuzz.h"

#include "kernel/kimage.h"

static void search(struct span raw)
{
	struct span release = { raw.p, 0 }, version = { raw.p, 0 }, gzip = { raw.p, 0 };

	if (kernel_banner(raw, &release, &version)) {
		REQUIRE(release.n && release.n <= 64 && version.n && version.p[0] == '#');
		require_inside(release, raw.p, raw.n);
		require_inside(version, raw.p, raw.n);
	}
	if (kernel_ikconfig(raw, &gzip))
		require_inside(gzip, raw.p, raw.n);
	planted_bug(release.n && gzip.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span file = { (const char *)data, size };
	struct text inside = { 0 };
	struct kernel_image k;
	const char *why = NULL;

	if (!kernel_parse(file, &k, &why)) {
		REQUIRE(why);
		return 0;
	}
	REQUIRE(k.form);
	require_inside(k.payload, data, size);
	REQUIRE((k.release.n != 0) == (k.version.n != 0));
	if (k.release.n) {
		require_inside(k.release, data, size);
		require_inside(k.version, data, size);
	}
	search(file);
	if (k.payload.n && kernel_unpack(&k, &inside, &why))
		search((struct span){ inside.data ? inside.data : "", inside.len });
	text_free(&inside);
	return 0;
}
