// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
/* Which modules of an image lockdown would refuse: early/tool/image/modules.c. */
#include "made_image.h"

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "config.h"
#include "image/modules.h"
#include "verify/verify.h"

#define MODULES "modules/"
#define SIGNATURE "~Module signature appended~\n"

/* Longer than the pieces that a decompressor gives. */
static struct text module(const char *end)
{
	struct text t = { 0 };

	text_str(&t, "\177ELF");
	for (unsigned int i = 0; t.len < 300000; i++)
		text_format(&t, "%x", i * 2654435761U);
	text_str(&t, end);
	return t;
}

static struct text by_xz(const struct text *in)
{
	struct text out = { 0 };
	size_t n = 0;

	out.cap = in->len * 2;
	out.data = malloc(out.cap);
	assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL,
						 (const uint8_t *)in->data, in->len,
						 (uint8_t *)out.data, &n, in->len * 2),
			 LZMA_OK);
	out.len = n;
	return out;
}

static struct text by_zstd(const struct text *in)
{
	struct text out = { 0 };

	out.cap = in->len * 2;
	out.data = malloc(out.cap);
	out.len = ZSTD_compress(out.data, in->len * 2, in->data, in->len, 1);
	assert_false(ZSTD_isError(out.len));
	return out;
}

static struct text by_gzip(const struct text *in)
{
	struct text out = { 0 };
	z_stream z = { .next_in = (Bytef *)in->data, .avail_in = (uInt)in->len };

	out.cap = in->len * 2;
	out.data = malloc(out.cap);
	z.next_out = (Bytef *)out.data;
	z.avail_out = (uInt)(in->len * 2);
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out.len = z.total_out;
	(void)deflateEnd(&z);
	return out;
}

static struct text plain(const struct text *in)
{
	struct text out = { 0 };

	text_add(&out, in->data, in->len);
	return out;
}

static void put(const char *name, const char *end, struct text (*how)(const struct text *in))
{
	struct text t = module(end), packed = how(&t);

	made_put("modules", S_IFDIR | 0755, "", 0);
	made_put(name, S_IFREG | 0644, packed.data, packed.len);
	text_free(&t);
	text_free(&packed);
}

static void check_found(const char *what, struct image *image, size_t n, size_t n_unsigned,
			size_t n_unread, const char *warning)
{
	struct modules m;
	char *text;

	modules_find(image, &m);
	check_number(what, (long long)m.n, (long long)n);
	check_number(what, (long long)m.n_unsigned, (long long)n_unsigned);
	check_number(what, (long long)m.n_unread, (long long)n_unread);
	text = modules_warning(&m);
	check_text(what, text ? text : "", warning);
	free(text);
	modules_free(&m);
	image_free(image);
}

static void put_signed(void)
{
	put(MODULES "a.ko", SIGNATURE, plain);
	put(MODULES "b.ko.xz", SIGNATURE, by_xz);
	put(MODULES "c.ko.zst", SIGNATURE, by_zstd);
	put(MODULES "d.ko.gz", SIGNATURE, by_gzip);
}

static void signed_modules_are_no_reason_to_warn(void **state)
{
	(void)state;
	check_found("none", (made_whole(), made_image()), 0, 0, 0, "");
	put_signed();
	check_found("all", made_image(), 4, 0, 0, "");
	made_clear();
}

static void each_unsigned_one_counts_however_it_is_packed(void **state)
{
	static const struct {
		const char *name;
		struct text (*how)(const struct text *in);
	} rows[] = { { "x.ko", plain },
		     { "x.ko.xz", by_xz },
		     { "x.ko.zst", by_zstd },
		     { "x.ko.gz", by_gzip } };
	char name[100], want[300];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		made_whole();
		put_signed();
		(void)snprintf(name, sizeof(name), MODULES "%s", rows[i].name);
		put(name, "~Module signature appended~", rows[i].how);
		(void)snprintf(
			want, sizeof(want),
			"1 of 5 modules are not signed, and lockdown refuses them: /%s; sign them "
			"by a key that the kernel trusts, or leave them out",
			name);
		check_found(name, made_image(), 5, 1, 0, want);
		made_clear();
	}
}

static void the_first_are_named(void **state)
{
	(void)state;
	made_whole();
	put_signed();
	/* in the archive in another order than that of the names */
	put(MODULES "z.ko", "", plain);
	put(MODULES "y.ko.xz", "", by_xz);
	put(MODULES "x.ko", "", plain);
	put(MODULES "w.ko.xz", "", by_xz);
	made_text(MODULES "no.ko.txt", S_IFREG | 0644, "no module");
	made_text(MODULES "link.ko", S_IFLNK | 0777, "z.ko");
	check_found("four", made_image(), 8, 4, 0,
		    "4 of 8 modules are not signed, and lockdown refuses them: /" MODULES
		    "w.ko.xz, /" MODULES "x.ko, /" MODULES
		    "y.ko.xz, ...; sign them by a key that the kernel trusts, or leave them out");
	made_clear();
}

/* All from an archive that has to be unpacked again. */
static void a_compressed_archive_is_read_alike(void **state)
{
	struct text archive, packed;
	struct image *image;

	(void)state;
	made_whole();
	put(MODULES "z.ko", "", plain);
	put_signed();
	archive = made_archive();
	packed = by_gzip(&archive);
	image = image_parse("made", &packed);
	assert_non_null(image);
	check_text("trouble", image->trouble ? image->trouble : "", "");
	check_found("gzip", image, 5, 1, 0,
		    "1 of 5 modules are not signed, and lockdown refuses them: /" MODULES
		    "z.ko; sign them by a key that the kernel trusts, or leave them out");
	text_free(&archive);
	made_clear();
}

static void what_cannot_be_read_is_not_called_unsigned(void **state)
{
	struct text t = module(SIGNATURE), packed = by_xz(&t);

	(void)state;
	made_whole();
	put_signed();
	made_put(MODULES "cut.ko.xz", S_IFREG | 0644, packed.data, packed.len / 2);
	made_text(MODULES "short.ko.gz", S_IFREG | 0644, "\x1f\x8b");
	check_found("damaged", made_image(), 6, 0, 2, "2 of 6 modules could not be looked at");
	put(MODULES "x.ko", "", plain);
	check_found("both", made_image(), 7, 1, 2,
		    "1 of 7 modules are not signed, and lockdown refuses them: /" MODULES
		    "x.ko; sign them by a key that the kernel trusts, or leave them out; 2 of 7 "
		    "modules "
		    "could not be looked at");
	text_free(&t);
	text_free(&packed);
	made_clear();
}

/* A line of verify's, which is no failure; and only where lockdown is to be set. */
static void verify_warns_at_the_levels_that_lock(void **state)
{
	static const struct {
		const char *conf;
		bool warns;
	} rows[] = {
		{ "level = strict\n", true },
		{ "level = sealed\n", true },
		{ "level = compatible\n", false },
		{ "level = strict\npolicy = complain\n", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct checks checks = { 0 };
		struct text conf = { 0 };
		struct image *image;
		size_t found = 0;

		made_whole();
		put(MODULES "x.ko", "", plain);
		text_format(&conf, "%s%s", "version = 1\ninit = /sbin/init\n", rows[i].conf);
		made_put(IMAGE_CONFIG, S_IFREG | 0644, conf.data, conf.len);
		image = made_image();
		check_sound(image, &checks);
		for (size_t k = 0; k < checks.n; k++) {
			found += strcmp(checks.item[k].name, "modules") == 0;
			assert_int_equal(checks.item[k].warning,
					 strcmp(checks.item[k].name, "modules") == 0);
			assert_true(!checks.item[k].warning || checks.item[k].ok);
		}
		check_number(rows[i].conf, (long long)found, rows[i].warns);
		text_free(&conf);
		checks_free(&checks);
		image_free(image);
		made_clear();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signed_modules_are_no_reason_to_warn),
		cmocka_unit_test(each_unsigned_one_counts_however_it_is_packed),
		cmocka_unit_test(the_first_are_named),
		cmocka_unit_test(a_compressed_archive_is_read_alike),
		cmocka_unit_test(what_cannot_be_read_is_not_called_unsigned),
		cmocka_unit_test(verify_warns_at_the_levels_that_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
