// SPDX-License-Identifier: LGPL-2.1-or-later
#include "image/decode.h"

#include <lz4.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define PIECE ((size_t)128 << 10)
#define LZ4_MAGIC 0x184C2102U
#define LZ4_CHUNK ((size_t)8 << 20) /* LZ4_DEFAULT_UNCOMPRESSED_CHUNK_SIZE */

struct job {
	struct span in;
	size_t memory;
	decode_sink *sink;
	void *ctx;
	uint8_t *out; /* PIECE bytes */
	struct decoded ret;
};

enum part_kind decode_kind(struct span in)
{
	static const struct {
		char magic[3];
		enum part_kind kind;
	} rows[] = {
		{ "\x1f\x8b", PART_GZIP }, { "\x1f\x9e", PART_GZIP }, { "\x42\x5a", PART_BZIP2 },
		{ "\x5d\x00", PART_LZMA }, { "\xfd\x37", PART_XZ },   { "\x89\x4c", PART_LZO },
		{ "\x02\x21", PART_LZ4 },  { "\x28\xb5", PART_ZSTD },
	};

	for (size_t i = 0; in.n >= 2 && i < sizeof(rows) / sizeof(*rows); i++) {
		if (memcmp(in.p, rows[i].magic, 2) == 0)
			return rows[i].kind;
	}
	return PART_JUNK;
}

static bool bad(struct job *job, const char *why)
{
	job->ret.why = why;
	return false;
}

/* False: the sink has enough. */
static bool give(struct job *job, size_t len)
{
	if (!len || job->sink(job->ctx, job->out, len))
		return true;
	job->ret.stopped = true;
	return false;
}

/*
 * Where the deflated data begins, 0 for no gzip header. As the kernel reads it: of the header's
 * optional fields it knows the file name only, and takes others for data.
 */
static size_t gzip_header(struct span in)
{
	const char *end;

	if (in.n < 10 || memcmp(in.p, "\x1f\x8b\x08", 3) != 0)
		return 0;
	if (!(in.p[3] & 8))
		return 10;
	end = memchr(in.p + 10, '\0', in.n - 10);
	return end ? (size_t)(end - in.p) + 1 : 0;
}

/* The trailer is eight bytes that the kernel steps over without a look. */
static void gzip_trailer(struct job *job, uint32_t crc, uint64_t size)
{
	size_t at = job->ret.used;

	if (job->in.n - at < 8) {
		(void)bad(job, "the gzip data ends within its trailer");
		return;
	}
	if (span_le(job->in, at, 4) != crc || span_le(job->in, at + 4, 4) != (uint32_t)size)
		job->ret.note =
			"the checksum of the gzip data is wrong, which the kernel does not look at";
	job->ret.used += 8;
}

static void inflate_all(struct job *job, z_stream *z)
{
	uint32_t crc = 0;
	uint64_t size = 0;
	int r = Z_OK;

	while (r == Z_OK) {
		size_t n;

		z->next_out = job->out;
		z->avail_out = PIECE;
		r = inflate(z, Z_NO_FLUSH);
		n = PIECE - z->avail_out;
		crc = (uint32_t)crc32(crc, job->out, (uInt)n);
		size += n;
		if (!give(job, n))
			return;
	}
	job->ret.used = job->in.n - z->avail_in;
	if (r == Z_STREAM_END)
		gzip_trailer(job, crc, size);
	else
		(void)bad(job, r == Z_BUF_ERROR ? "the gzip data ends too early"
						: "the gzip data is damaged");
}

static void decode_gzip(struct job *job)
{
	size_t at = gzip_header(job->in);
	z_stream z = { .next_in = (Bytef *)(uintptr_t)(job->in.p + at),
		       .avail_in = (uInt)(job->in.n - at) };

	if (!at)
		(void)bad(job, "not a gzip header that the kernel reads");
	else if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
		(void)bad(job, "no memory for the gzip decoder");
	else
		inflate_all(job, &z);
	(void)inflateEnd(&z);
}

static const char *lzma_why(lzma_ret r)
{
	switch (r) {
	case LZMA_MEM_ERROR:
	case LZMA_MEMLIMIT_ERROR:
		return "the xz data wants more memory to be unpacked than is given to it here";
	case LZMA_FORMAT_ERROR:
	case LZMA_OPTIONS_ERROR:
		return "the xz data has settings that are not supported";
	case LZMA_BUF_ERROR:
		return "the xz data ends too early";
	default:
		return "the xz data is damaged";
	}
}

static void lzma_all(struct job *job, lzma_stream *s)
{
	lzma_ret r = LZMA_OK;

	s->next_in = (const uint8_t *)job->in.p;
	s->avail_in = job->in.n;
	while (r == LZMA_OK) {
		s->next_out = job->out;
		s->avail_out = PIECE;
		r = lzma_code(s, LZMA_RUN);
		if (!give(job, PIECE - s->avail_out))
			return;
	}
	job->ret.used = job->in.n - s->avail_in;
	if (r != LZMA_STREAM_END)
		(void)bad(job, lzma_why(r));
}

/* One filter for machine code at most, then LZMA2: lib/xz/xz_dec_stream.c dec_block_header(). */
static bool are_known(const lzma_filter *filters)
{
	bool code = filters[0].id >= LZMA_FILTER_X86 && filters[0].id <= 11; /* ... RISC-V */
	const lzma_filter *last = &filters[code];

	return last->id == LZMA_FILTER_LZMA2 && last[1].id == LZMA_VLI_UNKNOWN;
}

static bool block_is_known(struct span rest)
{
	lzma_filter filters[LZMA_FILTERS_MAX + 1] = { { .id = LZMA_VLI_UNKNOWN } };
	lzma_block block = { .version = 1, .check = LZMA_CHECK_CRC32, .filters = filters };
	const uint8_t *head = (const uint8_t *)rest.p;
	bool known;

	if (!rest.n || !head[0])
		return false;
	block.header_size = lzma_block_header_size_decode(head[0]);
	if (block.header_size > rest.n || lzma_block_header_decode(&block, NULL, head) != LZMA_OK)
		return false;
	known = are_known(filters);
	for (size_t i = 0; filters[i].id != LZMA_VLI_UNKNOWN; i++)
		free(filters[i].options);
	return known;
}

/* Has each block of a whole stream filters that the kernel knows? liblzma knows more. */
static bool blocks_are_known(struct span stream, size_t memory)
{
	lzma_stream_flags footer;
	lzma_index *index = NULL;
	lzma_index_iter iter;
	uint64_t limit = memory;
	const uint8_t *end = (const uint8_t *)stream.p + stream.n;
	size_t at = 0;
	bool known;

	known = stream.n >= 12 && lzma_stream_footer_decode(&footer, end - 12) == LZMA_OK &&
		footer.backward_size <= stream.n - 12 &&
		lzma_index_buffer_decode(&index, &limit, NULL, end - 12 - footer.backward_size, &at,
					 (size_t)footer.backward_size) == LZMA_OK;
	if (known) {
		lzma_index_iter_init(&iter, index);
		while (known && !lzma_index_iter_next(&iter, LZMA_INDEX_ITER_BLOCK)) {
			at = (size_t)iter.block.compressed_file_offset;
			known = at < stream.n &&
				block_is_known((struct span){ stream.p + at, stream.n - at });
		}
	}
	lzma_index_end(index, NULL);
	return known;
}

/*
 * lib/xz knows the check CRC32 and no check, and LZMA2 behind at most one of the filters for machine
 * code. What the xz tool makes unless told has CRC64: no kernel unpacks that.
 */
static void decode_xz(struct job *job)
{
	static const char xz_filter[] = "Input was encoded with settings that are not supported by "
					"this XZ decoder: a filter that the kernel does not know";
	lzma_stream s = LZMA_STREAM_INIT;

	if (job->in.n >= 8 && (job->in.p[6] || (unsigned char)job->in.p[7] > LZMA_CHECK_CRC32))
		(void)bad(job, "Input was encoded with settings that are not supported by this XZ "
			       "decoder: the kernel reads 'xz --check=crc32' only");
	else if (job->in.n > 12 && job->in.p[12] &&
		 lzma_block_header_size_decode((uint8_t)job->in.p[12]) <= job->in.n - 12 &&
		 !block_is_known((struct span){ job->in.p + 12, job->in.n - 12 }))
		(void)bad(job, xz_filter);
	else if (lzma_stream_decoder(&s, job->memory, 0) != LZMA_OK)
		(void)bad(job, "no memory for the xz decoder");
	else
		lzma_all(job, &s);
	lzma_end(&s);
	if (!job->ret.why && !job->ret.stopped &&
	    !blocks_are_known((struct span){ job->in.p, job->ret.used }, job->memory))
		(void)bad(job, xz_filter);
}

static void decode_lzma(struct job *job)
{
	lzma_stream s = LZMA_STREAM_INIT;

	if (lzma_alone_decoder(&s, job->memory) != LZMA_OK)
		(void)bad(job, "no memory for the lzma decoder");
	else
		lzma_all(job, &s);
	lzma_end(&s);
}

static void zstd_all(struct job *job, ZSTD_DStream *z)
{
	ZSTD_inBuffer in = { job->in.p, job->in.n, 0 };
	size_t r = 1;

	while (r) {
		ZSTD_outBuffer out = { job->out, PIECE, 0 };
		size_t before = in.pos;

		r = ZSTD_decompressStream(z, &out, &in);
		if (ZSTD_isError(r)) {
			(void)bad(job, "the zstd data is damaged, or wants a larger window than is "
				       "given to it here");
			return;
		}
		if (!give(job, out.pos))
			return;
		if (r && in.pos == in.size && in.pos == before && !out.pos) {
			(void)bad(job, "the zstd data ends too early");
			return;
		}
	}
	job->ret.used = in.pos;
}

static void decode_zstd(struct job *job)
{
	ZSTD_DStream *z = ZSTD_createDStream();
	int window = 10;

	while (window < 27 && (size_t)4 << window <= job->memory)
		window++;
	if (!z || ZSTD_isError(ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, window)))
		(void)bad(job, "no memory for the zstd decoder");
	else if (job->in.n < 4 || memcmp(job->in.p, "\x28\xb5\x2f\xfd", 4) != 0)
		(void)bad(job, "not a zstd frame");
	else
		zstd_all(job, z);
	(void)ZSTD_freeDStream(z);
}

/* One chunk of an lz4 archive behind its size. */
static bool lz4_chunk(struct job *job, size_t at, size_t size, char *out)
{
	int n;

	if (size > job->in.n - at)
		return bad(job,
			   "the lz4 data is damaged or ends too early; behind an lz4 archive the "
			   "kernel wants a zero word before anything else");
	n = LZ4_decompress_safe(job->in.p + at, out, (int)size,
				(int)(LZ4_CHUNK < job->memory ? LZ4_CHUNK : job->memory));
	if (n < 0)
		return bad(job, "the lz4 data is damaged");
	if (n && !job->sink(job->ctx, out, (size_t)n)) {
		job->ret.stopped = true;
		return false;
	}
	return true;
}

/* unlz4(): a word is the size of a chunk, once more the magic, or zero at the end. */
static void lz4_all(struct job *job, char *out)
{
	size_t at = 4;

	while (job->in.n - at >= 4) {
		uint32_t size = (uint32_t)span_le(job->in, at, 4);

		if (!size)
			break;
		at += 4;
		if (size == LZ4_MAGIC)
			continue;
		if (!lz4_chunk(job, at, size, out))
			return;
		at += size;
	}
	job->ret.used = at;
}

static void decode_lz4(struct job *job)
{
	char *out;

	if (span_le(job->in, 0, 4) != LZ4_MAGIC) {
		(void)bad(
			job,
			"not the legacy lz4 format ('lz4 -l'), the only one that the kernel reads");
		return;
	}
	out = malloc(LZ4_CHUNK < job->memory ? LZ4_CHUNK : job->memory);
	if (out)
		lz4_all(job, out);
	else
		(void)bad(job, "no memory for the lz4 decoder");
	free(out);
}

struct decoded decode(enum part_kind kind, struct span in, size_t memory, decode_sink *sink,
		      void *ctx)
{
	static void (*const decoders[PART_COUNT])(struct job *) = {
		[PART_GZIP] = decode_gzip, [PART_XZ] = decode_xz,   [PART_LZMA] = decode_lzma,
		[PART_ZSTD] = decode_zstd, [PART_LZ4] = decode_lz4,
	};
	struct job job = { .in = in, .memory = memory, .sink = sink, .ctx = ctx };

	if (!decoders[kind]) {
		(void)bad(&job, "this compression is not read here");
		return job.ret;
	}
	job.out = malloc(PIECE);
	if (job.out)
		decoders[kind](&job);
	else
		(void)bad(&job, "no memory for a decoder");
	free(job.out);
	return job.ret;
}
