// SPDX-License-Identifier: LGPL-2.1-or-later
// sources: early/tool/image/folder.c early/tool/image/image.c early/tool/image/unpack.c early/tool/image/tree.c early/tool/image/cpio.c early/tool/image/decode.c early/tool/image/pe.c early/tool/image/bootconfig.c early/tool/util.c
// libs: -lz -llzma -lzstd -llz4
// max_len: 4096
/*
 * Any image: within the limits, the parts lie in the file in their order, the files are in order and
 * each leads where it says, and what was kept is what reading it again gives.
 */
#include "fuzz.h"

#include <sys/stat.h>

#include "image/image.h"
#include "image/tree.h"
#include "image/unpack.h"

static const struct image_limits limits = {
	.unpacked = 1 << 18,
	.names = 1 << 16,
	.steps = 100000,
	.kept = 1 << 16,
	.memory = 1 << 17,
	.files = 500,
};

static void check_parts(const struct image *image)
{
	const char *behind = image->pe ? NULL : image->file.data;

	for (size_t i = 0; i < image->n_parts; i++) {
		const struct image_part *p = &image->part[i];

		REQUIRE(p->kind < PART_COUNT && p->size == p->data.n && p->size);
		require_inside(p->data, image->file.data, image->file.len);
		REQUIRE(!behind || p->data.p == behind);
		behind = behind ? p->data.p + p->data.n : NULL;
	}
	if (behind)
		REQUIRE(behind == image->file.data + image->file.len);
}

static void check_content(const struct image *image, const struct image_file *file)
{
	const struct tree_node *node = &image->tree->node[file->node];
	struct text again = { 0 };

	if (!S_ISREG(file->mode) || file->link >= 0 || file->size > limits.unpacked)
		return;
	*image->again = limits.unpacked;
	if (!unpack_again(image, node, &again))
		REQUIRE(again.len == file->size);
	if (file->kept) {
		REQUIRE(file->data.len == file->size && again.len == file->size);
		REQUIRE(memcmp(file->data.data, again.data, again.len) == 0);
	}
	text_free(&again);
}

static void check_file(const struct image *image, size_t i)
{
	const struct image_file *file = &image->file_list[i], *holder;

	REQUIRE(*file->name && *file->name != '/' && file->part < image->n_parts);
	REQUIRE(file->replaces < (int)image->n_parts && file->nlink >= 1);
	REQUIRE(!i || strcmp(image->file_list[i - 1].name, file->name) < 0);
	REQUIRE(S_ISLNK(file->mode) == (file->target != NULL));
	REQUIRE(image_find(image, file->name, false) == file);
	if (!S_ISLNK(file->mode))
		REQUIRE(image_find(image, file->name, true) == file);
	if (file->link >= 0) {
		holder = &image->file_list[file->link];
		REQUIRE((size_t)file->link < i && holder->link < 0 && holder->node == file->node);
		REQUIRE(file->nlink >= 2 && !file->kept);
	}
	check_content(image, file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text file = { 0 };
	struct image *image;
	char *why;
	bool linked = false;

	text_add(&file, data, size);
	image = image_parse_within("image", &file, &limits, &why);
	REQUIRE((image == NULL) == (why != NULL) && !file.data);
	if (image) {
		check_parts(image);
		for (size_t i = 0; i < image->n_files; i++) {
			check_file(image, i);
			linked = linked || image->file_list[i].link >= 0;
		}
	}
	planted_bug(linked);
	image_free(image);
	free(why);
	return 0;
}
