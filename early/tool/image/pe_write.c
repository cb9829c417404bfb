// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A unified kernel image with another initramfs: "PE Format" of the Microsoft documentation for the
 * file, systemd-stub(7) for the sections. The stub finds its sections by name, so that only what the
 * loader of the firmware wants has to hold: offsets that fit, and sections ordered in memory.
 */
#include "image/write.h"

#include <stdlib.h>
#include <string.h>

#define SECTION_SIZE 40
#define MAX_SECTIONS 96 /* as the firmware's and the Windows loader */
#define MAX_FILE_ALIGN 65536

/* Offsets in the COFF header, which follows "PE\0\0". */
#define COFF_SECTIONS 2
#define COFF_SYMBOLS 8
#define COFF_N_SYMBOLS 12
#define COFF_OPTIONAL_SIZE 16
#define COFF_SIZE 20

/* And in the optional header; the data directories begin 16 bytes later in PE32+. */
#define OPT_INITIALIZED 8
#define OPT_SECTION_ALIGN 32
#define OPT_FILE_ALIGN 36
#define OPT_IMAGE_SIZE 56
#define OPT_CHECKSUM 64
#define OPT_DIRECTORIES 92
#define PE32_PLUS 0x20b
#define DIRECTORY_SECURITY 4

/* The last fields of a section header that are of use here. */
#define SEC_VIRTUAL_SIZE 8
#define SEC_ADDRESS 12
#define SEC_RAW_SIZE 16
#define SEC_RAW 20

struct section {
	unsigned char header[SECTION_SIZE];
};

/* The file that is read; the offsets have been checked against its length. */
struct pe_file {
	struct span file;
	const char *why; /* it cannot be done */
	size_t coff;
	size_t optional;
	size_t security; /* offset of the directory entry of the signature, 0: none */
	size_t table;	 /* of the sections */
	uint32_t file_align;
	uint32_t section_align;
	struct section section[MAX_SECTIONS];
	size_t n;
};

static const char too_large[] = "the PE file would be larger than 4 GiB";

static uint32_t get(const void *p, unsigned int bytes)
{
	const unsigned char *b = p;
	uint32_t v = 0;

	while (bytes--)
		v = v << 8 | b[bytes];
	return v;
}

static void put32(void *p, uint32_t v)
{
	unsigned char *b = p;

	for (unsigned int i = 0; i < 4; i++)
		b[i] = (unsigned char)(v >> 8 * i);
}

static uint32_t field(const struct section *s, size_t at)
{
	return get(s->header + at, 4);
}

static uint64_t align_up(uint64_t n, uint32_t to)
{
	return (n + to - 1) / to * to;
}

static bool is_named(const struct section *s, const char *name)
{
	return strncmp((const char *)s->header, name, 8) == 0;
}

static bool fail(struct pe_file *pe, const char *why)
{
	pe->why = why;
	return false;
}

static bool power_of_two(uint32_t n)
{
	return n && !(n & (n - 1));
}

/* The headers in front of the section table, none of them in the old one of DOS. */
static bool read_headers(struct pe_file *pe)
{
	static const char truncated[] = "the PE file is truncated";
	const char *p = pe->file.p;
	const size_t n = pe->file.n;
	size_t size, directories;

	if (n < 64)
		return fail(pe, truncated);
	pe->coff = (size_t)get(p + 60, 4) + 4;
	pe->optional = pe->coff + COFF_SIZE;
	if (pe->coff < 68 || pe->optional > n || memcmp(p, "MZ", 2) != 0 ||
	    memcmp(p + pe->coff - 4, "PE\0", 4) != 0)
		return fail(pe, "this is no PE file");
	size = get(p + pe->coff + COFF_OPTIONAL_SIZE, 2);
	pe->table = pe->optional + size;
	pe->n = get(p + pe->coff + COFF_SECTIONS, 2);
	if (size < OPT_DIRECTORIES + 20 || !pe->n || pe->n > MAX_SECTIONS ||
	    pe->table + pe->n * SECTION_SIZE > n)
		return fail(pe, truncated);
	directories = OPT_DIRECTORIES + (get(p + pe->optional, 2) == PE32_PLUS ? 16 : 0);
	if (get(p + pe->optional + directories, 4) > DIRECTORY_SECURITY &&
	    size >= directories + 4 + 8 * (DIRECTORY_SECURITY + 1))
		pe->security = pe->optional + directories + 4 + 8 * DIRECTORY_SECURITY;
	pe->section_align = get(p + pe->optional + OPT_SECTION_ALIGN, 4);
	pe->file_align = get(p + pe->optional + OPT_FILE_ALIGN, 4);
	if (!power_of_two(pe->section_align) || !power_of_two(pe->file_align) ||
	    pe->file_align > MAX_FILE_ALIGN)
		return fail(pe, "the PE file's alignments are not those of a program");
	return true;
}

/* Does a section have bytes on both sides of that offset? */
static bool lies_across(const struct section *s, uint32_t at)
{
	return field(s, SEC_RAW) < at && (uint64_t)field(s, SEC_RAW) + field(s, SEC_RAW_SIZE) > at;
}

/* Sections within the file, none of them in the headers. */
static bool read_sections(struct pe_file *pe)
{
	const size_t headers = pe->table + pe->n * SECTION_SIZE;
	const struct section *initrd = NULL;
	size_t initrds = 0;

	memcpy(pe->section, pe->file.p + pe->table, pe->n * SECTION_SIZE);
	for (size_t i = 0; i < pe->n; i++) {
		const struct section *s = &pe->section[i];
		const uint64_t raw = field(s, SEC_RAW), size = field(s, SEC_RAW_SIZE);

		if (size && (raw < headers || raw + size > pe->file.n))
			return fail(pe, "a section of the PE file lies outside of it");
		if (is_named(s, ".profile"))
			return fail(pe, "it has several profiles (sections \".profile\"), which "
					"wrap cannot do: wrap the initramfs, then run ukify again");
		if (!is_named(s, ".initrd"))
			continue;
		initrd = size ? s : NULL;
		initrds++;
	}
	if (initrds != 1 || !initrd)
		return fail(pe, initrds > 1 ? "it has more than one section \".initrd\""
					    : "it has no section \".initrd\"");
	for (size_t i = 0; i < pe->n; i++) {
		if (lies_across(&pe->section[i], field(initrd, SEC_RAW)))
			return fail(pe, "sections of the PE file lie over each other");
	}
	return true;
}

static bool has_certificate(const struct pe_file *pe)
{
	return pe->security && get(pe->file.p + pe->security + 4, 4);
}

static bool is_signed(const struct pe_file *pe)
{
	if (has_certificate(pe))
		return true;
	for (size_t i = 0; i < pe->n; i++) {
		if (is_named(&pe->section[i], ".pcrsig"))
			return true;
	}
	return false;
}

/*
 * Behind the sections lie symbols, which are of no use but for long names of sections, and the
 * signature. Both are left out, and anything else would be lost with them.
 */
static bool check_rest(struct pe_file *pe)
{
	const uint32_t symbols = get(pe->file.p + pe->coff + COFF_SYMBOLS, 4);
	uint64_t end = 0;

	for (size_t i = 0; i < pe->n; i++) {
		const struct section *s = &pe->section[i];
		const uint64_t e = (uint64_t)field(s, SEC_RAW) + field(s, SEC_RAW_SIZE);

		end = e > end ? e : end;
		if (s->header[0] == '/')
			return fail(pe, "it has sections with long names, which wrap cannot do: "
					"wrap the initramfs, then build the image again");
	}
	return symbols || has_certificate(pe) || pe->file.n <= align_up(end, pe->file_align) ||
	       fail(pe, "it has something behind its sections, which would be lost: wrap the "
			"initramfs, then build the image again");
}

static void drop_section(struct pe_file *pe, size_t i)
{
	memmove(&pe->section[i], &pe->section[i + 1], (pe->n - i - 1) * sizeof(pe->section[0]));
	pe->n--;
}

static int by_raw(const void *a, const void *b)
{
	const uint32_t x = field(*(struct section *const *)a, SEC_RAW);
	const uint32_t y = field(*(struct section *const *)b, SEC_RAW);

	return (x > y) - (x < y);
}

static void pad_to(struct text *t, uint64_t len)
{
	while (t->len < len)
		text_add(t, "", 1);
}

/*
 * Everything in front of `from` stays; the sections behind it follow each other, in their order.
 * `t` begins at the file's begin. They may lie over each other, and together be larger than the file.
 */
static bool move_sections(struct pe_file *pe, uint32_t from, struct text *t)
{
	struct section *order[MAX_SECTIONS] = { NULL };
	uint64_t end = from;
	size_t n = 0;

	for (size_t i = 0; i < pe->n; i++) {
		if (field(&pe->section[i], SEC_RAW_SIZE) && field(&pe->section[i], SEC_RAW) >= from)
			order[n++] = &pe->section[i];
	}
	qsort(order, n, sizeof(order[0]), by_raw);
	for (size_t i = 0; i < n; i++)
		end = align_up(end, pe->file_align) + field(order[i], SEC_RAW_SIZE);
	if (end > UINT32_MAX)
		return fail(pe, too_large);
	text_add(t, pe->file.p, from);
	for (size_t i = 0; i < n; i++) {
		const size_t raw = field(order[i], SEC_RAW);

		pad_to(t, align_up(t->len, pe->file_align));
		put32(order[i]->header + SEC_RAW, (uint32_t)t->len);
		text_add(t, pe->file.p + raw, field(order[i], SEC_RAW_SIZE));
	}
	return true;
}

/* The first address behind all sections. */
static uint64_t memory_end(const struct pe_file *pe)
{
	uint64_t end = 0;

	for (size_t i = 0; i < pe->n; i++) {
		const struct section *s = &pe->section[i];
		const uint32_t raw = field(s, SEC_RAW_SIZE), size = field(s, SEC_VIRTUAL_SIZE);
		const uint64_t e = (uint64_t)field(s, SEC_ADDRESS) + (size > raw ? size : raw);

		end = e > end ? e : end;
	}
	return align_up(end, pe->section_align);
}

/* Puts the section behind all others. `s` is its old header. */
static bool add_initrd(struct pe_file *pe, struct section *s, struct span initrd, struct text *t)
{
	const uint64_t end = memory_end(pe);
	const uint64_t address = field(s, SEC_ADDRESS) >= end ? field(s, SEC_ADDRESS) : end;
	const uint64_t size = align_up(initrd.n, pe->file_align);

	pad_to(t, align_up(t->len, pe->file_align));
	if (t->len + size > UINT32_MAX || align_up(address + size, pe->section_align) > UINT32_MAX)
		return fail(pe, too_large);
	put32(s->header + SEC_RAW, (uint32_t)t->len);
	put32(s->header + SEC_RAW_SIZE, (uint32_t)size);
	put32(s->header + SEC_ADDRESS, (uint32_t)address);
	put32(s->header + SEC_VIRTUAL_SIZE, (uint32_t)initrd.n);
	text_add(t, initrd.p, initrd.n);
	pad_to(t, align_up(t->len, pe->file_align));
	pe->section[pe->n++] = *s;
	return true;
}

/* The headers of the file in `h`; `n` is how many sections there were. No checksum is 0. */
static void write_headers(const struct pe_file *pe, char *h, size_t n, uint32_t added)
{
	char *optional = h + pe->optional;

	h[pe->coff + COFF_SECTIONS] = (char)pe->n;
	put32(h + pe->coff + COFF_SYMBOLS, 0);
	put32(h + pe->coff + COFF_N_SYMBOLS, 0);
	put32(optional + OPT_INITIALIZED, get(optional + OPT_INITIALIZED, 4) + added);
	put32(optional + OPT_IMAGE_SIZE, (uint32_t)memory_end(pe));
	put32(optional + OPT_CHECKSUM, 0);
	if (pe->security)
		memset(h + pe->security, 0, 8);
	memset(h + pe->table, 0, n * SECTION_SIZE);
	memcpy(h + pe->table, pe->section, pe->n * SECTION_SIZE);
}

static bool replace(struct pe_file *pe, struct span initrd, bool drop_signatures, struct text *ret)
{
	struct section old = { 0 };
	uint32_t before;
	size_t n;

	if (!read_headers(pe) || !read_sections(pe) || !check_rest(pe))
		return false;
	if (is_signed(pe) && !drop_signatures)
		return fail(pe, "it is signed, and the signature would not fit any more: wrap the "
				"initramfs and build the image again, or give --drop-signature and "
				"sign the result");
	n = pe->n;
	for (size_t i = n; i-- > 0;) {
		if (is_named(&pe->section[i], ".initrd"))
			old = pe->section[i];
		if (is_named(&pe->section[i], ".initrd") || is_named(&pe->section[i], ".pcrsig"))
			drop_section(pe, i);
	}
	before = field(&old, SEC_RAW_SIZE);
	if (!move_sections(pe, field(&old, SEC_RAW), ret) || !add_initrd(pe, &old, initrd, ret))
		return false;
	write_headers(pe, ret->data, n, field(&old, SEC_RAW_SIZE) - before);
	return true;
}

bool replace_initrd(struct span file, struct span initrd, bool drop_signatures, struct text *ret,
		    const char **why)
{
	struct pe_file pe = { .file = file };
	bool ok = replace(&pe, initrd, drop_signatures, ret);

	*why = pe.why;
	return ok;
}
