// SPDX-License-Identifier: LGPL-2.1-or-later
#include "image/pe.h"

#include <string.h>

#define COFF_HEADER 24	  /* "PE\0\0" and the COFF file header */
#define SECTION_HEADER 40 /* one row of the section table */

static bool has(struct span file, size_t at, const char *magic, size_t n)
{
	return at <= file.n && n <= file.n - at && memcmp(file.p + at, magic, n) == 0;
}

bool pe_magic(struct span file)
{
	return has(file, 0, "MZ", 2);
}

/* Documentation/arch/x86/boot.rst, arm64/booting.rst, riscv/boot-image-header.rst; zboot-header.S */
const char *kernel_kind(struct span file)
{
	if (has(file, 0x202, "HdrS", 4))
		return "x86 bzImage";
	if (has(file, 0x38, "ARM\x64", 4))
		return "arm64 Image";
	if (has(file, 0x38, "RSC\x05", 4))
		return "RISC-V Image";
	return has(file, 0, "MZ\0\0zimg", 8) ? "EFI zboot image" : NULL;
}

static bool add_section(struct span file, size_t at, struct pe *ret, const char **why)
{
	struct pe_section *s = &ret->section[ret->n++];
	uint64_t virtual_size = span_le(file, at + 8, 4), raw_size = span_le(file, at + 16, 4);

	memcpy(s->name, file.p + at, 8);
	s->name[8] = '\0';
	s->offset = span_le(file, at + 20, 4);
	/* Above VirtualSize there is padding; above SizeOfRawData zeros that are not in the file. */
	s->size = virtual_size < raw_size ? virtual_size : raw_size;
	if (!s->size)
		s->offset = 0;
	*why = "a section of the PE file reaches beyond the end of the file";
	return s->offset <= file.n && s->size <= file.n - s->offset;
}

bool pe_parse(struct span file, struct pe *ret, const char **why)
{
	size_t at, table, n;

	ret->n = 0;
	*why = "it begins as a DOS program and has no PE header";
	if (!pe_magic(file) || file.n < 64)
		return false;
	at = span_le(file, 60, 4);
	if (!has(file, at, "PE\0\0", 4) || file.n - at < COFF_HEADER)
		return false;
	n = span_le(file, at + 6, 2);
	table = at + COFF_HEADER + span_le(file, at + 20, 2);
	*why = "the section table of the PE file is larger than 96 rows, or than the file";
	if (n > PE_SECTIONS || table > file.n || n * SECTION_HEADER > file.n - table)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!add_section(file, table + i * SECTION_HEADER, ret, why))
			return false;
	}
	*why = NULL;
	return true;
}
