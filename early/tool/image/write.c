// SPDX-License-Identifier: LGPL-2.1-or-later
#include "image/write.h"

#include "kv.h"

static void add_zeros(struct text *t, size_t n)
{
	while (n--)
		text_add(t, "", 1);
}

static size_t aligned(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

/*
 * The kernel takes a record of an archive only on a 4-byte boundary of the initramfs
 * (init/initramfs.c), and behind an lz4 archive it takes the next word for the size of a chunk, of
 * which only 0 ends the archive (lib/decompress_unlz4.c).
 */
static size_t archive_start(size_t end)
{
	return aligned(end) + 4;
}

/*
 * The bootconfig keeps its offset modulo 4: `bootconfig -a` pads it so that the whole ends on a
 * 4-byte boundary, or else a boot loader adds bytes behind it.
 */
void join_initrd(struct span initrd, size_t end, struct span archive, struct text *ret)
{
	text_add(ret, initrd.p, end);
	add_zeros(ret, archive_start(end) - end);
	text_add(ret, archive.p, archive.n);
	if (initrd.n > end) {
		add_zeros(ret, aligned(archive.n) - archive.n + end % 4);
		text_add(ret, initrd.p + end, initrd.n - end);
	}
}

size_t archives_end(const struct image *image)
{
	for (size_t i = 0; i < image->n_parts; i++) {
		if (image->part[i].kind == PART_BOOTCONFIG)
			return image->part[i].offset;
	}
	return image->initrd.n;
}

/* "version = 1", "length = N" */
static bool read_length(const struct image_file *file, size_t *ret)
{
	struct kv kv = kv_open(span_of_text(&file->data));
	uint64_t n;

	if (!file->kept || !kv_version(&kv) || kv_next(&kv) != 1 || !span_is(kv.key, "length") ||
	    !span_uint(kv.value, LIMIT_IMAGE, &n) || kv_next(&kv) != 0)
		return false;
	*ret = n;
	return true;
}

static bool only_zeros(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i])
			return false;
	}
	return true;
}

bool find_wrapped(const struct image *image, size_t *ret)
{
	const struct image_file *file = image_find(image, IMAGE_WRAPPED, false);
	const size_t all = archives_end(image);
	const struct image_part *part;
	size_t end, behind;

	if (!file || !read_length(file, &end))
		return false;
	part = &image->part[file->part];
	behind = part->offset + part->size;
	if (part->data.p != image->initrd.p + part->offset || part->kind != PART_CPIO ||
	    part->offset != archive_start(end) || behind > all ||
	    !only_zeros((struct span){ image->initrd.p + end, part->offset - end }) ||
	    !only_zeros((struct span){ image->initrd.p + behind, all - behind }))
		return false;
	*ret = end;
	return true;
}

void unwrap_initrd(const struct image *image, size_t end, struct text *ret)
{
	const size_t all = archives_end(image);

	text_add(ret, image->initrd.p, end);
	text_add(ret, image->initrd.p + all, image->initrd.n - all);
}
