// SPDX-License-Identifier: LGPL-2.1-or-later
// sources: early/tool/image/bootconfig.c early/tool/util.c
/*
 * Any bootconfig: what is refused adds nothing, what is added is a list of parameters, and a trailer is
 * found only where it is whole.
 */
#include "fuzz.h"

#include "image/bootconfig.h"

static uint32_t sum_of(struct span s)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < s.n; i++)
		sum += (unsigned char)s.p[i];
	return sum;
}

/* An initramfs that ends with this text, and up to three zeros of a boot loader. */
static void check_trailer(struct span text, unsigned int pad)
{
	uint32_t words[2] = { (uint32_t)text.n, sum_of(text) };
	struct bootconfig config;
	struct text image = { 0 };

	text_str(&image, "0000");
	text_add(&image, text.p, text.n);
	text_add(&image, words, sizeof(words));
	text_str(&image, "#BOOTCONFIG\n");
	text_add(&image, "\0\0\0", pad);
	REQUIRE(bootconfig_find((struct span){ image.data, image.len }, &config));
	REQUIRE(config.begin == 4 && span_eq(config.text, text) && !config.why);
	image.data[4] ^= 1;
	if (text.n)
		REQUIRE(!bootconfig_find((struct span){ image.data, image.len }, &config) &&
			config.why);
	text_free(&image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	struct bootconfig config;
	struct text ret = { 0 };
	const char *array;

	if (bootconfig_find(text, &config))
		require_inside(config.text, data, size);
	REQUIRE(config.begin <= size);
	check_trailer(text, size % 4);
	text_str(&ret, "quiet ");
	if (!bootconfig_cmdline(text, &ret))
		REQUIRE(ret.len == 6);
	REQUIRE(ret.len == strlen(ret.data) && ret.data[ret.len - 1] == ' ');
	array = strstr(ret.data, "a.b=1 a.b=2 ");
	planted_bug(array != NULL);
	text_free(&ret);
	return 0;
}
