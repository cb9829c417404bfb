// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
/*
 * The tree that the kernel unpacks. The expectations are those that tests/unpack has from real kernels,
 * one at a time.
 */
#include "records.h"

#define FILE_MODE (S_IFREG | 0644)

/* Rows of records; the formatter leaves them alone. */
/* clang-format off */
#define RECORD(path, type, text) { .name = (path), .mode = (type), .body = (text) }
#define FILE_(path, text) RECORD(path, FILE_MODE, text)
#define FOLDER(path) RECORD(path, S_IFDIR | 0755, NULL)
#define LINK(path, to) RECORD(path, S_IFLNK | 0777, to)
#define HARD(path, text) { .name = (path), .mode = FILE_MODE, .body = (text), .ino = 1, .nlink = 2 }
/* clang-format on */

static struct image *parse(const struct text *t)
{
	char *why;
	struct image *image = parse_copy(t->data, t->len, &why);

	if (!image)
		fail_msg("refused: %s", why);
	return image;
}

/* Parses and frees the records; `trouble` is how its message begins, NULL: none. */
static void check_tree(const char *row, struct text *t, const char *want, const char *trouble)
{
	struct image *image = parse(t);

	check_text(row, listing(image), want);
	if (!trouble != !image->trouble ||
	    (trouble && strncmp(image->trouble, trouble, strlen(trouble)) != 0))
		fail_msg("%s: trouble: %s", row, image->trouble ? image->trouble : "none");
	image_free(image);
	text_free(t);
}

static void test_records(void **state)
{
	static const struct {
		const char *row;
		struct record records[4];
		const char *want;
	} rows[] = {
		{ "a file", { FILE_("f", "abc") }, "100644 f 3|" },
		{ "outer slashes and dots go",
		  { FILE_("/a", "1"), FILE_("./b", "1"), FILE_("../c", "1") },
		  "100644 a 1|100644 b 1|100644 c 1|" },
		{ "no folder, no file", { FILE_("d/f", "1"), FILE_("g", NULL) }, "100644 g 0|" },
		{ "a later file overwrites",
		  { FILE_("f", "abc"), RECORD("f", S_IFREG | 0755, "x") },
		  "100755 f 1|" },
		{ "a file over a link", { LINK("f", "g"), FILE_("f", "x") }, "100644 f 1|" },
		{ "a file over an empty folder", { FOLDER("f"), FILE_("f", "x") }, "100644 f 1|" },
		{ "no file over a folder",
		  { FOLDER("d"), FILE_("d/f", "x"), FILE_("d", "xy") },
		  "40755 d|100644 d/f 1|" },
		{ "a folder over a link",
		  { LINK("d", "e"), RECORD("d", S_IFDIR | 0700, NULL) },
		  "40700 d|" },
		{ "through a link",
		  { FOLDER("u"), LINK("b", "u"), FILE_("b/f", "x") },
		  "120777 b u|40755 u|100644 u/f 1|" },
		{ "a link over a link", { LINK("l", "a"), LINK("l", "b") }, "120777 l b|" },
		{ "no link over a folder",
		  { FOLDER("d"), FILE_("d/f", "x"), LINK("d", "b") },
		  "40755 d|100644 d/f 1|" },
		{ "a loop", { LINK("l", "l"), FILE_("l/f", "x") }, "120777 l l|" },
		{ "no type removes", { FILE_("f", "x"), RECORD("f", 0, NULL) }, "" },
		{ "a device, and one in a folder of the kernel",
		  { RECORD("c", S_IFCHR | 0600, NULL), RECORD("dev/null", S_IFCHR | 0666, NULL) },
		  "20600 c|20666 dev/null|" },
		{ "skipped: a folder with data",
		  { RECORD("d", S_IFDIR, "x"), FILE_("f", NULL) },
		  "100644 f 0|" },
		{ "hard links share what comes last",
		  { HARD("a", NULL), HARD("b", "xyz") },
		  "100644 a 3|100644 b 3|" },
		{ "an overwritten hard link changes both",
		  { HARD("a", "xyz"), HARD("b", NULL), FILE_("a", "x") },
		  "100644 a 1|100644 b 1|" },
		{ "a hard link to itself is gone", { HARD("a", "xyz"), HARD("a", NULL) }, "" },
		{ "a hard link to a link writes through it",
		  { HARD("a", "xyz"), LINK("a", "t"), HARD("b", "12") },
		  "120777 a t|120777 b t|100644 t 2|" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text t = { 0 };

		for (size_t k = 0; k < COUNT(rows[i].records) && rows[i].records[k].name; k++)
			add_record(&t, &rows[i].records[k]);
		add_trailer(&t);
		check_tree(rows[i].row, &t, rows[i].want, NULL);
	}
}

static void test_trailer_ends_links(void **state)
{
	struct record r = HARD("a", "xyz");
	struct text t = { 0 };

	(void)state;
	add_record(&t, &r);
	add_trailer(&t);
	r.name = "b";
	r.body = NULL;
	add_record(&t, &r);
	check_tree("behind a trailer", &t, "100644 a 3|100644 b 0|", NULL);
}

static void test_trouble(void **state)
{
	static const struct {
		struct record record;
		const char *want, *trouble;
	} rows[] = {
		{ { .name = "f", .mode = FILE_MODE, .magic = "070707" },
		  "100644 good 0|",
		  "incorrect cpio method" },
		{ { .name = "f", .mode = FILE_MODE, .magic = "07070x" },
		  "100644 good 0|",
		  "no cpio magic" },
		{ { .name = "f", .mode = FILE_MODE, .magic = "170701" },
		  "100644 good 0|",
		  "invalid magic" },
		{ { .name = "f", .mode = FILE_MODE, .magic = "070701x" },
		  "100644 good 0|",
		  "damaged header" },
		{ { .name = "f", .mode = FILE_MODE, .body = "a", .magic = "070702", .sum = 'a' },
		  "100644 behind 0|100644 f 1|100644 good 0|",
		  NULL },
		{ { .name = "f", .mode = FILE_MODE, .body = "a", .magic = "070702", .sum = 'b' },
		  "100644 f 1|100644 good 0|",
		  "bad data checksum" },
		{ { .name = "f", .mode = FILE_MODE, .magic = "070702" },
		  "100644 behind 0|100644 f 0|100644 good 0|",
		  NULL },
		{ { .name = "f", .mode = FILE_MODE, .magic = "070702", .sum = 1 },
		  "100644 f 0|100644 good 0|",
		  "bad data checksum" },
		{ { .name = "name", .mode = FILE_MODE, .name_size = 4 },
		  "100644 good 0|",
		  "malformed archive" },
		{ { .name = "name", .mode = S_IFLNK, .body = "t", .name_size = 4 },
		  "100644 good 0|",
		  "malformed archive" },
		{ { .name = "f", .mode = FILE_MODE, .body = "a", .size = 100000 },
		  "100644 f 100000|100644 good 0|",
		  "the archive ends within a record" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text t = { 0 };

		add_file(&t, "good", NULL);
		add_record(&t, &rows[i].record);
		add_file(&t, "behind", NULL);
		check_tree(rows[i].trouble, &t, rows[i].want, rows[i].trouble);
	}
}

static void add_part(struct text *t, enum part_kind kind, const struct text *archive)
{
	uint32_t zero = 0;

	switch (kind) {
	case PART_GZIP:
		add_gzip(t, archive);
		break;
	case PART_XZ:
		add_xz(t, archive, LZMA_CHECK_CRC32);
		break;
	case PART_LZMA:
		add_lzma(t, archive);
		break;
	case PART_ZSTD:
		add_zstd(t, archive);
		break;
	case PART_LZ4:
		add_lz4(t, archive);
		text_add(t, &zero, 4);
		break;
	default:
		add_pad(t);
		text_add(t, archive->data, archive->len);
		break;
	}
}

/* Every order of two kinds: each ends where it ends, so that the next is found. */
static void test_parts_in_a_row(void **state)
{
	static const enum part_kind kinds[] = { PART_CPIO, PART_GZIP, PART_XZ,
						PART_LZMA, PART_ZSTD, PART_LZ4 };
	struct text one = small_archive("one"), two = small_archive("d/two"), content = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(kinds) * COUNT(kinds); i++) {
		enum part_kind a = kinds[i / COUNT(kinds)], b = kinds[i % COUNT(kinds)];
		const struct image_file *file;
		struct image *image;
		struct text t = { 0 };

		add_part(&t, a, &one);
		add_part(&t, b, &two);
		image = parse(&t);
		check_text(part_name(a), listing(image), "40755 d|100644 d/two 5|100644 one 3|");
		assert_null(image->trouble);
		file = image_find(image, "d/two", false);
		assert_int_equal(image->part[file->part].kind, b);
		assert_true(image_read(image, file, 5, &content));
		check_text(part_name(b), content.data, "d/two");
		assert_true(image_read(image, image_find(image, "one", true), 5, &content));
		check_text(part_name(a), content.data, "one");
		image_free(image);
		text_free(&t);
	}
	text_free(&one);
	text_free(&two);
	text_free(&content);
}

static void test_part_trouble(void **state)
{
	struct text one = small_archive("one"), t = { 0 };

	(void)state;
	add_xz(&t, &one, LZMA_CHECK_CRC64);
	check_tree("xz with CRC64", &t, "", "Input was encoded with settings");
	add_lz4(&t, &one);
	add_pad(&t);
	text_add(&t, one.data, one.len);
	check_tree("lz4 without a zero word", &t, "40755 d|100644 one 3|",
		   "the lz4 data is damaged");
	add_gzip(&t, &one);
	text_add(&t, "\0", 1 + (t.len % 4 == 3));
	text_add(&t, one.data, one.len);
	check_tree("an archive at an odd offset", &t, "40755 d|100644 one 3|", "invalid magic");
	text_add(&t, one.data, one.len);
	add_zeros(&t, 2);
	text_add(&t, one.data, one.len);
	check_tree("half a word of padding", &t, "40755 d|100644 one 3|", "broken padding");
	text_free(&one);
	add_file(&one, "f", "1");
	one.len -= 4;
	add_gzip(&t, &one);
	check_tree("an archive that is cut in a compressed one", &t, "100644 f 1|",
		   "junk at the end of compressed archive");
	one.len += 4;
	text_str(&one, "junk");
	add_gzip(&t, &one);
	check_tree("junk in a compressed one", &t, "100644 f 1|", "junk within compressed archive");
	text_free(&one);
}

/* The second of two blocks has the filter, or none has. */
static void add_xz_filtered(struct text *to, const struct text *from, lzma_vli id)
{
	lzma_options_lzma lzma;
	lzma_options_delta delta = { .type = LZMA_DELTA_TYPE_BYTE, .dist = 1 };
	lzma_filter plain[] = { { LZMA_FILTER_LZMA2, &lzma }, { LZMA_VLI_UNKNOWN, NULL } };
	lzma_filter filtered[] = { { id, id == LZMA_FILTER_DELTA ? &delta : NULL },
				   { LZMA_FILTER_LZMA2, &lzma },
				   { LZMA_VLI_UNKNOWN, NULL } };
	lzma_stream s = LZMA_STREAM_INIT;
	static uint8_t out[65536];

	assert_false(lzma_lzma_preset(&lzma, 1));
	assert_int_equal(lzma_stream_encoder(&s, plain, LZMA_CHECK_CRC32), LZMA_OK);
	s.next_in = (const uint8_t *)from->data;
	s.avail_in = from->len / 2;
	s.next_out = out;
	s.avail_out = sizeof(out);
	assert_int_equal(lzma_code(&s, LZMA_FULL_FLUSH), LZMA_STREAM_END);
	assert_int_equal(lzma_filters_update(&s, filtered), LZMA_OK);
	s.avail_in = from->len - from->len / 2;
	assert_int_equal(lzma_code(&s, LZMA_FINISH), LZMA_STREAM_END);
	text_add(to, out, sizeof(out) - s.avail_out);
	lzma_end(&s);
}

static void test_xz_filters(void **state)
{
	struct text one = small_archive("one"), t = { 0 };

	(void)state;
	add_xz_filtered(&t, &one, LZMA_FILTER_X86);
	check_tree("the filter for x86", &t, "40755 d|100644 one 3|", NULL);
	add_xz_filtered(&t, &one, LZMA_FILTER_DELTA);
	check_tree("the filter delta", &t, "40755 d|100644 one 3|",
		   "Input was encoded with settings");
	text_free(&one);
}

static void test_gzip_checksum(void **state)
{
	struct text one = small_archive("one"), t = { 0 };
	struct image *image;

	(void)state;
	add_gzip(&t, &one);
	t.data[t.len - 1] ^= 1;
	image = parse(&t);
	assert_null(image->trouble);
	assert_int_equal(image->notes.n, 1);
	image_free(image);
	text_free(&t);
	text_free(&one);
}

static void test_find_follows(void **state)
{
	static const struct {
		const char *name, *want;
	} rows[] = {
		{ "sbin/init", "usr/sbin/init" },
		{ "/sbin/init", "usr/sbin/init" },
		{ "bin", "usr/bin" },
		{ "l", "usr/sbin/init" },
		{ "sbin/../sbin/init", "usr/sbin/init" },
		{ "loop", NULL },
		{ "nowhere", NULL },
		{ "sbin/init/", NULL },
		{ "/", NULL },
		{ "", NULL },
		{ "gone", NULL },
	};
	struct text t = { 0 };
	struct image *image;

	(void)state;
	add_folder(&t, "usr");
	add_folder(&t, "usr/sbin");
	add_folder(&t, "usr/bin");
	add_file(&t, "usr/sbin/init", "1");
	add_link(&t, "sbin", "usr/sbin");
	add_link(&t, "bin", "/usr/bin/");
	add_link(&t, "l", "bin/../../sbin/init");
	add_link(&t, "loop", "loop");
	add_link(&t, "nowhere", "gone");
	image = parse(&t);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct image_file *file = image_find(image, rows[i].name, true);

		check_text(rows[i].name, file ? file->name : "none",
			   rows[i].want ? rows[i].want : "none");
	}
	assert_null(image_find(image, "sbin/init", false));
	assert_true(S_ISLNK(image_find(image, "sbin", false)->mode));
	image_free(image);
	text_free(&t);
}

/* init and what is below initward/ is kept, also where its content came under another name. */
static void test_kept(void **state)
{
	struct record r = HARD("other", "content");
	const struct image_file *file;
	struct text t = { 0 };
	struct image *image;

	(void)state;
	add_folder(&t, "initward");
	add_file(&t, "initward/a", "kept");
	add_file(&t, "b", "not");
	add_record(&t, &r);
	r.name = "init";
	r.body = NULL;
	add_record(&t, &r);
	image = parse(&t);
	assert_true(image_find(image, "initward/a", false)->kept);
	check_text("a", image_find(image, "initward/a", false)->data.data, "kept");
	assert_false(image_find(image, "b", false)->kept);
	file = image_find(image, "init", false);
	assert_true(file->kept && image_find(image, "other", false)->link >= 0);
	check_text("init", file->data.data, "content");
	image_free(image);
	text_free(&t);
}

static void test_replaces(void **state)
{
	struct text t = { 0 };
	struct image *image;
	const struct image_file *file;

	(void)state;
	add_folder(&t, "d");
	add_file(&t, "init", "first");
	add_link(&t, "l", "x");
	add_trailer(&t);
	add_folder(&t, "d");
	add_file(&t, "init", "second");
	add_folder(&t, "l");
	add_file(&t, "new", "1");
	add_trailer(&t);
	image = parse(&t);
	file = image_find(image, "init", false);
	assert_true(file->part == 1 && file->replaces == 0);
	check_text("init", file->data.data, "second");
	assert_int_equal(image_find(image, "l", false)->replaces, 0);
	assert_int_equal(image_find(image, "d", false)->replaces, -1);
	assert_int_equal(image_find(image, "new", false)->replaces, -1);
	image_free(image);
	text_free(&t);
}

/* What a part replaces again that it brought itself is still the other part's. */
static void test_replaces_twice(void **state)
{
	struct text t = { 0 };
	struct image *image;

	(void)state;
	add_file(&t, "a", "first");
	add_file(&t, "b", "first");
	add_trailer(&t);
	add_folder(&t, "a");
	add_file(&t, "a", "second");
	add_file(&t, "b", "second");
	add_file(&t, "b", "third");
	add_file(&t, "c", "second");
	add_file(&t, "c", "third");
	add_trailer(&t);
	image = parse(&t);
	check_number("a folder between", image_find(image, "a", false)->replaces, 0);
	check_number("a file between", image_find(image, "b", false)->replaces, 0);
	check_number("its own", image_find(image, "c", false)->replaces, 1);
	image_free(image);
	text_free(&t);
}

static void test_early_and_bootconfig(void **state)
{
	struct text one = small_archive("one"), t = { 0 };
	struct image *image;

	(void)state;
	add_folder(&t, "kernel");
	add_file(&t, "kernel/x", "1");
	add_trailer(&t);
	add_gzip(&t, &one);
	add_bootconfig(&t, "kernel.a = 1\n");
	add_pad(&t);
	image = parse(&t);
	assert_int_equal(image->n_parts, 3);
	assert_true(image->part[0].early && !image->part[1].early);
	assert_int_equal(image->part[0].entries, 2);
	assert_int_equal(image->part[2].kind, PART_BOOTCONFIG);
	check_span("text", image->bootconfig, "kernel.a = 1\n");
	assert_null(image->trouble);
	assert_ptr_equal(image->part[2].data.p + image->part[2].size,
			 image->file.data + image->file.len);
	image_free(image);
	text_free(&t);
	text_free(&one);
}

static void test_limits(void **state)
{
	struct image_limits limits = { 1 << 20, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 1000 };
	struct text one = { 0 }, t = { 0 };
	char *why;

	(void)state;
	for (int i = 0; i < 200; i++)
		add_file(&one, i % 2 ? "one" : "two", "content");
	add_zstd(&t, &one);
	for (int i = 0; i < 4; i++) {
		struct image_limits tight = limits;
		struct text copy = { 0 };
		struct image *image;

		if (i == 0)
			tight.unpacked = 1000;
		if (i == 1)
			tight.names = 10;
		if (i == 2)
			tight.steps = 100;
		if (i == 3)
			tight.files = 199;
		text_add(&copy, t.data, t.len);
		image = image_parse_within("image", &copy, &tight, &why);
		assert_non_null(image);
		assert_non_null(image->trouble);
		assert_non_null(strstr(image->trouble, "read here"));
		image_free(image);
	}
	text_free(&one);
	text_free(&t);
}

/* A file that was not kept is unpacked again at each reading, but not without end. */
static void test_read_again(void **state)
{
	struct image_limits limits = { 2048, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 1000 };
	struct text one = small_archive("one"), t = { 0 }, content = { 0 };
	const struct image_file *file;
	struct image *image;
	unsigned int n = 0;
	char *why;

	(void)state;
	add_zstd(&t, &one);
	image = image_parse_within("image", &t, &limits, &why);
	assert_non_null(image);
	assert_null(image->trouble);
	file = image_find(image, "one", false);
	for (; n < 100 && image_read(image, file, 5, &content); n++)
		check_text("one", content.data, "one");
	assert_true(n >= 2 && n < 20);
	image_free(image);
	text_free(&content);
	text_free(&one);
}

/* A name whose hash ends, for a table of up to 1024 heads, in zeros; tree.c's hash_name(). */
static bool collides(const char *name)
{
	uint32_t h = 2166136261U;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619U;
	return ((h ^ h >> 15) & 1023) == 0;
}

/* An archive of 900 files, and whether it takes longer than 100000 steps. */
static bool takes_long(bool colliding)
{
	struct image_limits limits = { 1 << 20, 1 << 20, 100000, 1 << 20, 1 << 20, 1000 };
	struct text t = { 0 };
	struct image *image;
	unsigned int n = 0;
	char *why, name[16];
	bool ret;

	for (unsigned int i = 0; n < 900; i++) {
		snprintf(name, sizeof(name), "%u", i);
		if (colliding && !collides(name))
			continue;
		add_file(&t, name, NULL);
		n++;
	}
	image = image_parse_within("image", &t, &limits, &why);
	assert_non_null(image);
	ret = image->trouble;
	assert_true(!ret || strstr(image->trouble, "take longer than what is read here"));
	image_free(image);
	return ret;
}

static void test_names_of_one_hash(void **state)
{
	(void)state;
	assert_false(takes_long(false));
	assert_true(takes_long(true));
}

static void test_refused(void **state)
{
	static const struct {
		struct span text;
		const char *why;
	} rows[] = {
		{ LIT(""), "it is empty" },
		{ LIT("hello, world"), "it is neither an initramfs" },
		{ LIT("\0\0\0\0\0\0"), "it is neither an initramfs" },
		{ LIT("\0\0\0\0\x04\x22\x4d\x18"), "it is neither an initramfs" },
		{ LIT("MZ and no more"), "it begins as a DOS program" },
		{ LIT("#!/bin/sh\n"), "it is neither an initramfs" },
	};
	char *why;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_null(parse_copy(rows[i].text.p, rows[i].text.n, &why));
		if (strncmp(why, rows[i].why, strlen(rows[i].why)) != 0)
			fail_msg("got: %s\nwant: %s", why, rows[i].why);
		free(why);
	}
}

/* Cut at any length, an image of every kind is read without harm, and nothing is made up. */
static void test_truncated(void **state)
{
	static const enum part_kind kinds[] = { PART_CPIO, PART_GZIP, PART_XZ,
						PART_LZMA, PART_ZSTD, PART_LZ4 };
	struct text one = small_archive("init"), two = small_archive("d/two"), t = { 0 };
	size_t whole = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		add_part(&t, kinds[i], &one);
		add_part(&t, kinds[i], &two);
	}
	add_bootconfig(&t, "kernel.a = 1\n");
	for (size_t n = 0; n <= t.len; n++) {
		char *why;
		struct image *image = parse_copy(t.data, n, &why);
		const struct image_file *file = image ? image_find(image, "init", false) : NULL;

		if (file && file->kept)
			check_text("init", file->data.data, "init");
		assert_true(!image || image->n_files <= 3);
		whole += image && !image->trouble;
		image_free(image);
		free(why);
	}
	/* where a part ends, or padding: in few places */
	assert_true(whole >= 12 && whole < 80);
	text_free(&one);
	text_free(&two);
	text_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_trailer_ends_links),
		cmocka_unit_test(test_trouble),
		cmocka_unit_test(test_parts_in_a_row),
		cmocka_unit_test(test_part_trouble),
		cmocka_unit_test(test_xz_filters),
		cmocka_unit_test(test_gzip_checksum),
		cmocka_unit_test(test_find_follows),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_replaces),
		cmocka_unit_test(test_replaces_twice),
		cmocka_unit_test(test_early_and_bootconfig),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_read_again),
		cmocka_unit_test(test_names_of_one_hash),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
