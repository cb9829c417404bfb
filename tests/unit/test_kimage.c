// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
#include "unit.h"

#include "kernel/bootline.h"
#include "kernel/kimage.h"

static unsigned char file[4096];

static void put(size_t at, uint64_t n, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++)
		file[at + i] = (unsigned char)(n >> (8 * i));
}

static void put_text(size_t at, const char *text)
{
	memcpy(file + at, text, strlen(text));
}

/* As arch/x86/boot/header.S: one sector of setup, then 16 bytes, then the payload. */
static size_t make_bzimage(const char *version, size_t payload)
{
	memset(file, 0, sizeof(file));
	put(0x1f1, 1, 1);
	put_text(0x202, "HdrS");
	put(0x206, 0x20f, 2);
	put(0x20e, 0x100, 2);
	put(0x236, 1, 2);
	put(0x248, 16, 4);
	put(0x24c, payload, 4);
	put_text(0x300, version);
	put_text(1024 + 16, "\037\213\010");
	return 1024 + 16 + payload;
}

/* In memory of exactly its size. */
static bool parse(size_t n, struct kernel_image *ret, const char **why)
{
	static struct span copy;

	free((char *)copy.p);
	copy = exact_copy((struct span){ (const char *)file, n });
	return kernel_parse(copy, ret, why);
}

static void test_bzimage(void **state)
{
	struct kernel_image k;
	const char *why = NULL;
	size_t n = make_bzimage("6.1.0-1 (a@b) #1 SMP x", 40);

	(void)state;
	assert_true(parse(n, &k, &why));
	assert_string_equal(k.form, "bzImage");
	assert_string_equal(k.machine, "x86_64");
	check_span("release", k.release, "6.1.0-1");
	check_span("version", k.version, "#1 SMP x");
	assert_int_equal(k.payload.n, 40);
	assert_int_equal(k.compression, PART_GZIP);
	put_text(1024 + 16, "\050\265\057\375");
	assert_true(parse(n, &k, &why));
	assert_int_equal(k.compression, PART_ZSTD);
	assert_int_equal(k.payload.n, 36); /* the size behind it is the build's */
	put(0x236, 0, 2);
	assert_true(parse(n, &k, &why));
	assert_string_equal(k.machine, "i686");
	assert_false(parse(n - 1, &k, &why));
	put(0x248, 0xffffffff, 4);
	assert_false(parse(n, &k, &why));
}

static void test_versions(void **state)
{
	static const struct {
		const char *text;
		const char *release;
		const char *version;
	} rows[] = {
		{ "6.1.0 (a@b) #1 SMP", "6.1.0", "#1 SMP" },
		{ "6.1.0 (a@b) (c (d) #e) 1, GNU ld) #12 x", "6.1.0", "#12 x" },
		{ "6.1.0 (a@b) # SMP", "", "" },
		{ "6.1.0", "", "" },
		{ " (a@b) #1", "", "" },
		{ "", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kernel_image k;
		const char *why;

		assert_true(parse(make_bzimage(rows[i].text, 40), &k, &why));
		check_span(rows[i].text, k.release, rows[i].release);
		check_span(rows[i].text, k.version, rows[i].version);
	}
}

static void test_other_forms(void **state)
{
	struct kernel_image k;
	const char *why = NULL;

	(void)state;
	memset(file, 0, sizeof(file));
	put_text(56, "ARM\144");
	assert_true(parse(64, &k, &why));
	assert_string_equal(k.machine, "aarch64");
	assert_false(parse(59, &k, &why));
	memset(file, 0, sizeof(file));
	put_text(0, "\177ELF\002\001");
	put(18, 183, 2);
	assert_true(parse(64, &k, &why));
	assert_string_equal(k.machine, "aarch64");
	put(18, 3, 2);
	assert_false(parse(64, &k, &why));
	put(18, 62, 2);
	put(4, 1, 1);
	assert_false(parse(64, &k, &why));
	memset(file, 0, sizeof(file));
	put_text(0, "MZ");
	put_text(4, "zimg");
	put(8, 512, 4);
	put(12, 100, 4);
	put(60, 128, 4);
	put(128 + 4, 0xaa64, 2);
	put_text(512, "\037\213\010");
	assert_true(parse(700, &k, &why));
	assert_string_equal(k.machine, "aarch64");
	assert_int_equal(k.payload.n, 100);
	assert_int_equal(k.compression, PART_GZIP);
	assert_false(parse(600, &k, &why));
	assert_false(kernel_parse(SPAN("070701"), &k, &why));
	assert_false(kernel_parse(SPAN(""), &k, &why));
	assert_false(kernel_parse(SPAN("\0\0\0\0\0\0\0\0"), &k, &why));
}

static void test_banner_and_configuration(void **state)
{
	struct span release, version, gzip;

	(void)state;
	assert_true(kernel_banner(SPAN("Linux version %s (%s)\n\0Linux version 1.2 (a) # x\n\0"
				       "Linux version 6.1 (a@b) (gcc) #3 SMP\n"),
				  &release, &version));
	check_span("release", release, "6.1");
	check_span("version", version, "#3 SMP");
	assert_false(
		kernel_banner(SPAN("Linux version 6.1 (a@b) (gcc) #3 SMP"), &release, &version));
	assert_false(kernel_banner(SPAN("Linux version "), &release, &version));
	assert_true(kernel_ikconfig(SPAN("xIKCFG_ST\037\213abcIKCFG_ED"), &gzip));
	assert_int_equal(gzip.n, 5);
	assert_false(kernel_ikconfig(SPAN("IKCFG_ST\037\213abc"), &gzip));
	assert_false(kernel_ikconfig(SPAN("IKCFG_ED IKCFG_ST"), &gzip));
}

static void test_releases_of_paths(void **state)
{
	static const struct {
		const char *path;
		const char *release;
	} rows[] = {
		{ "/boot/vmlinuz-6.1.0-1-amd64", "6.1.0-1-amd64" },
		{ "vmlinuz-6.1", "6.1" },
		{ "/x/usr/lib/modules/7.3.4+deb13/vmlinuz", "7.3.4+deb13" },
		{ "/boot/vmlinuz", "" },
		{ "/modules/x", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_span(rows[i].path, kernel_release_of_path(rows[i].path), rows[i].release);
}

#define X86 "# Linux/x86 6.1 Kernel Configuration\n"
#define ARM "# Linux/arm64 6.1 Kernel Configuration\n"
#define LINE "CONFIG_CMDLINE=\"a \\\"b c\\\"\"\n"

static void test_built_in_command_lines(void **state)
{
	static const struct {
		const char *config;
		const char *given;
		const char *want;
		unsigned int notes;
	} rows[] = {
		{ "", "x", "x", 0 },
		{ X86 LINE, "x", "x", 0 },
		{ X86 LINE "CONFIG_CMDLINE_BOOL=y\n", "x", "a \"b c\" x", BOOTLINE_BUILT_IN },
		{ X86 LINE "CONFIG_CMDLINE_BOOL=y\n", "", "a \"b c\"", BOOTLINE_BUILT_IN },
		{ X86 LINE "CONFIG_CMDLINE_BOOL=y\nCONFIG_CMDLINE_OVERRIDE=y\n", "x", "a \"b c\"",
		  BOOTLINE_BUILT_IN | BOOTLINE_FORCED },
		{ X86 "CONFIG_CMDLINE_BOOL=y\n", "x", "x", 0 },
		{ X86 "CONFIG_CMDLINE_BOOL=y\nCONFIG_CMDLINE=\"\"\n", "x", "x", 0 },
		{ ARM LINE, "x", "x", 0 },
		{ ARM LINE, "", "a \"b c\"", BOOTLINE_BUILT_IN },
		{ ARM LINE "CONFIG_CMDLINE_FROM_BOOTLOADER=y\n", "x", "x", 0 },
		{ ARM LINE "CONFIG_CMDLINE_FORCE=y\n", "x", "a \"b c\"",
		  BOOTLINE_BUILT_IN | BOOTLINE_FORCED },
		{ ARM LINE "CONFIG_CMDLINE_EXTEND=y\n", "x", "x a \"b c\"", BOOTLINE_BUILT_IN },
		{ ARM "CONFIG_CMDLINE=\"\"\nCONFIG_CMDLINE_FORCE=y\n", "x", "x", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text got = { 0 };
		unsigned int notes =
			bootline_merge(span_of(rows[i].config), span_of(rows[i].given), &got);

		check_text(rows[i].config, got.data, rows[i].want);
		check_number(rows[i].config, notes, rows[i].notes);
		text_free(&got);
	}
}

static void test_the_kernel_limit(void **state)
{
	struct text given = { 0 }, got = { 0 };

	(void)state;
	for (int i = 0; i < COMMAND_LINE_SIZE - 1; i++)
		text_str(&given, "x");
	assert_int_equal(bootline_merge(SPAN(""), (struct span){ given.data, given.len }, &got), 0);
	assert_int_equal(got.len, COMMAND_LINE_SIZE - 1);
	text_str(&given, "y");
	got.len = 0;
	assert_int_equal(bootline_merge(SPAN(""), (struct span){ given.data, given.len }, &got),
			 BOOTLINE_CUT);
	assert_int_equal(got.len, COMMAND_LINE_SIZE - 1);
	text_free(&given);
	text_free(&got);
}

static void test_bootconfig(void **state)
{
	static const struct {
		const char *config;
		const char *cmdline;
		bool wanted;
	} rows[] = {
		{ "CONFIG_BOOT_CONFIG=y\n", "a bootconfig b", true },
		{ "CONFIG_BOOT_CONFIG=y\n", "bootconfig=1", true },
		{ "CONFIG_BOOT_CONFIG=y\n", "a -- bootconfig", false },
		{ "CONFIG_BOOT_CONFIG=y\n", "bootconfigs", false },
		{ "CONFIG_BOOT_CONFIG=y\n", "", false },
		{ "CONFIG_BOOT_CONFIG=y\nCONFIG_BOOT_CONFIG_FORCE=y\n", "", true },
		{ "CONFIG_BOOT_CONFIG_FORCE=y\n", "bootconfig", false },
		{ "", "bootconfig", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_number(rows[i].cmdline,
			     bootline_wants_bootconfig(span_of(rows[i].config), rows[i].cmdline),
			     rows[i].wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bzimage),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_other_forms),
		cmocka_unit_test(test_banner_and_configuration),
		cmocka_unit_test(test_releases_of_paths),
		cmocka_unit_test(test_built_in_command_lines),
		cmocka_unit_test(test_the_kernel_limit),
		cmocka_unit_test(test_bootconfig),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
