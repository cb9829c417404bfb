/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_RECORDS_H
#define INITWARD_RECORDS_H

/* cpio records byte by byte, also such as no archiver writes, and images made of them. */
#include "unit.h"

#include <lz4.h>
#include <lzma.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include "image/image.h"

struct record {
	const char *name;
	unsigned int mode;
	const char *body;
	unsigned int ino, nlink, size; /* 0: 1 link; as long as the body */
	const char *magic;
	unsigned int sum;
	unsigned int name_size; /* 0: of the name and its NUL */
};

static inline void add_zeros(struct text *t, size_t n)
{
	while (n--)
		text_add(t, "", 1);
}

static inline void add_pad(struct text *t)
{
	add_zeros(t, -t->len & 3);
}

static inline void add_record(struct text *t, const struct record *r)
{
	size_t body = r->body ? strlen(r->body) : 0, begin = t->len;
	unsigned int name_size = r->name_size ? r->name_size : (unsigned int)strlen(r->name) + 1;

	text_format(t, "%s%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
		    r->magic ? r->magic : "070701", r->ino, r->mode, 0, 0, r->nlink ? r->nlink : 1,
		    1, r->size ? r->size : (unsigned int)body, 0, 0, 5, 1, name_size, r->sum);
	text_str(t, r->name);
	if (t->len < begin + 110 + name_size)
		add_zeros(t, begin + 110 + name_size - t->len);
	add_zeros(t, -(t->len - begin) & 3);
	if (body)
		text_str(t, r->body);
	add_zeros(t, -body & 3);
}

static inline void add_file(struct text *t, const char *name, const char *body)
{
	add_record(t, &(struct record){ .name = name, .mode = S_IFREG | 0644, .body = body });
}

static inline void add_folder(struct text *t, const char *name)
{
	add_record(t, &(struct record){ .name = name, .mode = S_IFDIR | 0755 });
}

static inline void add_link(struct text *t, const char *name, const char *target)
{
	add_record(t, &(struct record){ .name = name, .mode = S_IFLNK | 0777, .body = target });
}

static inline void add_trailer(struct text *t)
{
	add_record(t, &(struct record){ .name = "TRAILER!!!" });
}

/* An archive of one folder and one file, whose name and content say who made it. */
static inline struct text small_archive(const char *name)
{
	struct text t = { 0 };

	add_folder(&t, "d");
	add_file(&t, name, name);
	add_trailer(&t);
	return t;
}

static inline void add_gzip(struct text *to, const struct text *from)
{
	z_stream z = { .next_in = (Bytef *)from->data, .avail_in = (uInt)from->len };
	static unsigned char out[65536];

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 8, 0), Z_OK);
	z.next_out = out;
	z.avail_out = sizeof(out);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	text_add(to, out, sizeof(out) - z.avail_out);
	(void)deflateEnd(&z);
}

static inline void add_xz(struct text *to, const struct text *from, lzma_check check)
{
	static uint8_t out[65536];
	size_t n = 0;

	assert_int_equal(lzma_easy_buffer_encode(1, check, NULL, (const uint8_t *)from->data,
						 from->len, out, &n, sizeof(out)),
			 LZMA_OK);
	text_add(to, out, n);
}

static inline void add_lzma(struct text *to, const struct text *from)
{
	lzma_stream s = LZMA_STREAM_INIT;
	static uint8_t out[65536];
	lzma_options_lzma options;

	assert_false(lzma_lzma_preset(&options, 1));
	assert_int_equal(lzma_alone_encoder(&s, &options), LZMA_OK);
	s.next_in = (const uint8_t *)from->data;
	s.avail_in = from->len;
	s.next_out = out;
	s.avail_out = sizeof(out);
	assert_int_equal(lzma_code(&s, LZMA_FINISH), LZMA_STREAM_END);
	text_add(to, out, sizeof(out) - s.avail_out);
	lzma_end(&s);
}

static inline void add_zstd(struct text *to, const struct text *from)
{
	static char out[65536];
	size_t n = ZSTD_compress(out, sizeof(out), from->data, from->len, 1);

	assert_false(ZSTD_isError(n));
	text_add(to, out, n);
}

/* The legacy format: magic, then the size of each chunk and the chunk. Little-endian machines. */
static inline void add_lz4(struct text *to, const struct text *from)
{
	static char out[65536];
	uint32_t magic = 0x184C2102;
	int n = LZ4_compress_default(from->data, out, (int)from->len, sizeof(out));

	assert_true(n > 0);
	text_add(to, &magic, 4);
	text_add(to, &n, 4);
	text_add(to, out, (size_t)n);
}

static inline void add_bootconfig(struct text *to, const char *config)
{
	uint32_t words[2] = { (uint32_t)strlen(config), 0 };

	for (size_t i = 0; config[i]; i++)
		words[1] += (unsigned char)config[i];
	text_str(to, config);
	text_add(to, words, sizeof(words));
	text_str(to, "#BOOTCONFIG\n");
}

/* Parses a copy of exactly its size. NULL: `why` in its place is printed into *refused. */
static inline struct image *parse_copy(const char *data, size_t n, char **why)
{
	static const struct image_limits limits = { .unpacked = 1 << 20,
						    .names = 1 << 20,
						    .steps = 1 << 20,
						    .kept = 1 << 20,
						    .memory = 64 << 20,
						    .files = 1000 };
	struct text copy = { 0 };

	text_add(&copy, data, n);
	return image_parse_within("image", &copy, &limits, why);
}

/* "40755 d|100644 d/f 3|" : mode, name, and of a file its size, of a link its target. */
static inline char *listing(const struct image *image)
{
	static char ret[4096];
	size_t n = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < image->n_files && n < sizeof(ret) - 512; i++) {
		const struct image_file *f = &image->file_list[i];

		n += (size_t)snprintf(ret + n, sizeof(ret) - n, "%o %.60s", f->mode, f->name);
		if (S_ISREG(f->mode))
			n += (size_t)snprintf(ret + n, sizeof(ret) - n, " %llu",
					      (unsigned long long)f->size);
		if (f->target)
			n += (size_t)snprintf(ret + n, sizeof(ret) - n, " %.60s", f->target);
		n += (size_t)snprintf(ret + n, sizeof(ret) - n, "|");
	}
	return ret;
}

#endif
