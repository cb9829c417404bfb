// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
#include "unit.h"

#include "image/pe.h"

#define TABLE 88 /* behind the DOS header (64 bytes) and "PE\0\0" with the file header (24) */
#define FILE_SIZE 256

static void put(char *at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (char)(v >> (8 * i));
}

static void put_section(char *file, unsigned int i, const char *name, uint32_t virtual_size,
			uint32_t raw_size, uint32_t offset)
{
	char *row = file + TABLE + 40 * (size_t)i;

	memcpy(row, name, strlen(name));
	put(row + 8, virtual_size);
	put(row + 16, raw_size);
	put(row + 20, offset);
}

/* Two sections: 10 bytes at 200 in the padding to 16, and the last 20 bytes. */
static void make_pe(char *file)
{
	memset(file, 0, FILE_SIZE);
	memcpy(file, "MZ", 2);
	put(file + 60, 64);
	memcpy(file + 64, "PE\0\0", 4);
	file[70] = 2;
	put_section(file, 0, ".osrel", 10, 16, 200);
	put_section(file, 1, ".initrdX", 50, 20, FILE_SIZE - 20);
}

static void test_sections(void **state)
{
	char file[FILE_SIZE];
	const char *why;
	struct pe pe;

	(void)state;
	make_pe(file);
	assert_true(pe_parse((struct span){ file, FILE_SIZE }, &pe, &why));
	assert_int_equal(pe.n, 2);
	check_text("name", pe.section[0].name, ".osrel");
	assert_true(pe.section[0].offset == 200 && pe.section[0].size == 10);
	check_text("a name of eight letters has no NUL", pe.section[1].name, ".initrdX");
	assert_true(pe.section[1].offset == FILE_SIZE - 20 && pe.section[1].size == 20);
}

static void test_truncated(void **state)
{
	char file[FILE_SIZE];
	const char *why;
	struct pe pe;

	(void)state;
	make_pe(file);
	for (size_t n = 0; n < FILE_SIZE; n++) {
		struct span copy = exact_copy((struct span){ file, n });

		assert_false(pe_parse(copy, &pe, &why));
		assert_non_null(why);
		(void)kernel_kind(copy);
		free((char *)copy.p);
	}
}

static void test_refused(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
	} rows[] = {
		{ 0, 0x5a4e },		       /* no "MZ" */
		{ 60, FILE_SIZE },	       /* header beyond the end */
		{ 60, UINT32_MAX },	       /* and far */
		{ 64, 0 },		       /* no "PE" */
		{ 70, 97 },		       /* more sections than any tool takes */
		{ 70, 5 },		       /* a table beyond the end */
		{ 84, 0xffff },		       /* an optional header beyond the end */
		{ TABLE + 20, FILE_SIZE - 9 }, /* a section beyond the end */
		{ TABLE + 20, UINT32_MAX },
		{ TABLE + 40 + 16, 21 },
		{ TABLE + 40 + 20, FILE_SIZE + 1 },
	};
	char file[FILE_SIZE];
	const char *why;
	struct pe pe;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		make_pe(file);
		put(file + rows[i].at, rows[i].value);
		check_number("refused", pe_parse((struct span){ file, FILE_SIZE }, &pe, &why), 0);
	}
	/* a section of which nothing is in the file may lie anywhere */
	make_pe(file);
	put_section(file, 0, ".bss", 100, 0, UINT32_MAX);
	assert_true(pe_parse((struct span){ file, FILE_SIZE }, &pe, &why));
	assert_int_equal(pe.section[0].size, 0);
}

static void test_kernels(void **state)
{
	char file[0x210] = "MZ";

	(void)state;
	assert_null(kernel_kind((struct span){ file, sizeof(file) }));
	memcpy(file + 0x202, "HdrS", 4);
	check_text("x86", kernel_kind((struct span){ file, sizeof(file) }), "x86 bzImage");
	assert_null(kernel_kind((struct span){ file, 0x205 }));
	memcpy(file + 0x38, "ARM\x64", 4);
	check_text("arm64", kernel_kind((struct span){ file, 0x205 }), "arm64 Image");
	memcpy(file, "MZ\0\0zimg", 8);
	check_text("zboot", kernel_kind((struct span){ file, 8 }), "EFI zboot image");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_kernels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
