// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kimage.h"

#include <string.h>

#include "image/decode.h"

/* Empty where it does not lie within `s`. */
static struct span piece(struct span s, uint64_t at, uint64_t n)
{
	if (at > s.n || n > s.n - at)
		return (struct span){ s.p, 0 };
	return (struct span){ s.p + at, (size_t)n };
}

static bool has(struct span s, size_t at, const char *bytes, size_t n)
{
	return at <= s.n && s.n - at >= n && memcmp(s.p + at, bytes, n) == 0;
}

/*
 * "RELEASE (who@where) #1 ...": the version begins at the last ") #". Kernels from 6.1 on also have a text
 * without the number of the build, "# SMP", which the link replaces (init/version.c).
 */
static bool split_banner(struct span text, struct span *release, struct span *version)
{
	struct span rest;

	if (!span_split(text, ' ', release, &rest) || !release->n || release->n > 64)
		return false;
	for (size_t i = rest.n; i > 2; i--) {
		if (memcmp(rest.p + i - 3, ") #", 3) != 0 || i == rest.n || rest.p[i] < '0' ||
		    rest.p[i] > '9')
			continue;
		*version = (struct span){ rest.p + i - 1, rest.n - i + 1 };
		return true;
	}
	return false;
}

/* The kernel_version string of the boot header: RELEASE (who@where) VERSION. */
static void read_bzimage_version(struct span file, struct kernel_image *ret)
{
	uint64_t at = span_le(file, 0x20e, 2);
	struct span text = piece(file, at + 0x200, 0), release, version;

	if (!at || !text.p || at + 0x200 > file.n)
		return;
	text.n = strnlen(text.p, file.n - (at + 0x200) < 512 ? file.n - (at + 0x200) : 512);
	if (split_banner(text, &release, &version)) {
		ret->release = release;
		ret->version = version;
	}
}

static bool parse_bzimage(struct span file, struct kernel_image *ret, const char **why)
{
	uint64_t sectors = span_le(file, 0x1f1, 1), at, size;

	ret->form = "bzImage";
	/* protocol 2.12: XLF_KERNEL_64; before, the payload alone can tell */
	ret->machine = span_le(file, 0x206, 2) < 0x20c || (span_le(file, 0x236, 2) & 1) ? "x86_64"
											: "i686";
	read_bzimage_version(file, ret);
	if (span_le(file, 0x206, 2) < 0x208)
		return true;
	at = (sectors ? sectors + 1 : 5) * 512 + span_le(file, 0x248, 4);
	size = span_le(file, 0x24c, 4);
	ret->payload = piece(file, at, size);
	if (!ret->payload.n) {
		*why = "it is truncated: its header says that there is more";
		return false;
	}
	ret->compression = decode_kind(ret->payload);
	/* the build appends the size to all but gzip's, which has it already: scripts/Makefile.lib */
	if (ret->compression != PART_GZIP && ret->payload.n > 4)
		ret->payload.n -= 4;
	return true;
}

static bool parse_zboot(struct span file, struct kernel_image *ret, const char **why)
{
	ret->form = "EFI zboot image";
	ret->payload = piece(file, span_le(file, 8, 4), span_le(file, 12, 4));
	if (!ret->payload.n) {
		*why = "it is truncated: its header says that there is more";
		return false;
	}
	ret->compression = decode_kind(ret->payload);
	switch (span_le(file, (size_t)span_le(file, 60, 4) + 4, 2)) {
	case 0xaa64:
		ret->machine = "aarch64";
		return true;
	case 0x5064:
		ret->machine = "riscv64";
		return true;
	case 0x6264:
		ret->machine = "loongarch64";
		return true;
	}
	*why = "it is for an unknown machine";
	return false;
}

static bool parse_elf(struct span file, struct kernel_image *ret, const char **why)
{
	ret->form = "vmlinux";
	if (span_le(file, 4, 2) != 0x0102) {
		*why = "it is an ELF file, but not of 64 bits and little-endian";
		return false;
	}
	switch (span_le(file, 18, 2)) {
	case 62:
		ret->machine = "x86_64";
		return true;
	case 183:
		ret->machine = "aarch64";
		return true;
	case 243:
		ret->machine = "riscv64";
		return true;
	}
	*why = "it is an ELF file for an unknown machine";
	return false;
}

bool kernel_parse(struct span file, struct kernel_image *ret, const char **why)
{
	*ret = (struct kernel_image){ .form = "Image",
				      .payload = { file.p, 0 },
				      .compression = PART_JUNK,
				      .release = { "", 0 },
				      .version = { "", 0 } };
	if (has(file, 0, "\177ELF", 4))
		return parse_elf(file, ret, why);
	if (has(file, 0, "MZ", 2) && has(file, 4, "zimg", 4))
		return parse_zboot(file, ret, why);
	if (has(file, 0x202, "HdrS", 4))
		return parse_bzimage(file, ret, why);
	if (has(file, 56, "ARM\144", 4)) {
		ret->machine = "aarch64";
		return true;
	}
	if (has(file, 56, "RSC\005", 4)) {
		ret->machine = "riscv64";
		return true;
	}
	ret->compression = decode_kind(file);
	if (ret->compression == PART_JUNK || ret->compression == PART_CPIO ||
	    ret->compression == PART_ZEROS) {
		*why = "it is no Linux kernel image";
		return false;
	}
	/* What machine it is for the content tells. */
	ret->form = "compressed Image";
	ret->payload = file;
	return true;
}

static bool collect(void *ctx, const void *data, size_t len)
{
	struct text *ret = ctx;

	if (len > LIMIT_KERNEL - ret->len)
		return false;
	text_add(ret, data, len);
	return true;
}

bool kernel_unpack(const struct kernel_image *kernel, struct text *ret, const char **why)
{
	struct decoded d;

	if (kernel->compression == PART_BZIP2 || kernel->compression == PART_LZO) {
		*why = "it is compressed by bzip2 or LZO, which this command does not read";
		return false;
	}
	if (kernel->compression == PART_JUNK) {
		*why = "it is compressed in an unknown way";
		return false;
	}
	d = decode(kernel->compression, kernel->payload, LIMIT_MEMORY, collect, ret);
	*why = d.stopped ? "what is in it is larger than 512 MiB" : d.why;
	return !*why;
}

/* memmem() from `from` on; SIZE_MAX where there is none. */
static size_t find(struct span s, size_t from, const char *bytes, size_t n)
{
	const char *at = from <= s.n ? memmem(s.p + from, s.n - from, bytes, n) : NULL;

	return at ? (size_t)(at - s.p) : SIZE_MAX;
}

bool kernel_banner(struct span raw, struct span *release, struct span *version)
{
	static const char mark[] = "Linux version ";
	const size_t n = sizeof(mark) - 1;
	size_t at = 0;

	while ((at = find(raw, at, mark, n)) != SIZE_MAX) {
		struct span text = piece(raw, at + n, 0), line, rest;

		text.n = raw.n - at - n < 1024 ? raw.n - at - n : 1024;
		text.n = strnlen(text.p, text.n);
		at += n;
		if (span_split(text, '\n', &line, &rest) && split_banner(line, release, version))
			return true;
	}
	return false;
}

bool kernel_ikconfig(struct span raw, struct span *gzip)
{
	size_t at = find(raw, 0, "IKCFG_ST\037\213", 10), end;

	if (at == SIZE_MAX)
		return false;
	end = find(raw, at, "IKCFG_ED", 8);
	if (end == SIZE_MAX)
		return false;
	*gzip = piece(raw, at + 8, end - at - 8);
	return true;
}

struct span kernel_release_of_path(const char *path)
{
	const char *name = path_base(path);
	struct span s = span_of(name), first, rest;

	for (const char *const *p =
		     (const char *const[]){ "vmlinuz-", "vmlinux-", "kernel-", NULL };
	     *p; p++) {
		if (span_starts(s, *p))
			return (struct span){ s.p + strlen(*p), s.n - strlen(*p) };
	}
	name = strstr(path, "/modules/");
	if (!name)
		return (struct span){ "", 0 };
	s = span_of(name + strlen("/modules/"));
	return span_split(s, '/', &first, &rest) ? first : (struct span){ "", 0 };
}
