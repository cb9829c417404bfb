// SPDX-License-Identifier: LGPL-2.1-or-later
#include "inspect/inspect.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "term.h"

void mode_letters(unsigned int mode, char ret[11])
{
	static const struct {
		unsigned int type;
		char letter;
	} types[] = { { S_IFDIR, 'd' }, { S_IFLNK, 'l' }, { S_IFCHR, 'c' },
		      { S_IFBLK, 'b' }, { S_IFIFO, 'p' }, { S_IFSOCK, 's' } };

	memcpy(ret, "-rwxrwxrwx", 11);
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if ((mode & S_IFMT) == types[i].type)
			ret[0] = types[i].letter;
	}
	for (unsigned int i = 0; i < 9; i++) {
		if (!(mode & (0400U >> i)))
			ret[1 + i] = '-';
	}
	if (mode & S_ISUID)
		ret[3] = mode & 0100 ? 's' : 'S';
	if (mode & S_ISGID)
		ret[6] = mode & 0010 ? 's' : 'S';
	if (mode & S_ISVTX)
		ret[9] = mode & 0001 ? 't' : 'T';
}

static void print_parts(const struct image *image)
{
	printf("\n%s%4s  %-10s %12s %12s %12s %8s%s\n", tint(TINT_FAINT), "part", "kind", "offset",
	       "size", "unpacked", "records", tint(TINT_END));
	for (size_t i = 0; i < image->n_parts; i++) {
		const struct image_part *p = &image->part[i];

		printf("%4zu  %-10s %12" PRIu64 " %12" PRIu64, i, part_name(p->kind), p->offset,
		       p->size);
		if (p->unpacked)
			printf(" %12" PRIu64, p->unpacked);
		if (p->kind < PART_ZEROS)
			printf(" %8u", p->entries);
		if (p->section && strcmp(p->section, ".initrd") != 0)
			printf("  in %s", p->section);
		if (p->early)
			printf("  early (microcode, ACPI tables)");
		printf("\n");
	}
}

static void print_file(const struct image *image, const struct image_file *file)
{
	char mode[11], date[32] = "", size[32];
	time_t when = (time_t)file->mtime;
	struct tm tm;

	mode_letters(file->mode, mode);
	if (gmtime_r(&when, &tm))
		(void)strftime(date, sizeof(date), "%Y-%m-%d %H:%M", &tm);
	if (S_ISCHR(file->mode) || S_ISBLK(file->mode))
		snprintf(size, sizeof(size), "%u,%u", file->major, file->minor);
	else
		snprintf(size, sizeof(size), "%" PRIu64, file->size);
	printf("%s %3u %5u %5u %10s %s %3u  ", mode, file->nlink, file->uid, file->gid, size, date,
	       file->part);
	print_safe_str(stdout, file->name);
	if (file->target) {
		printf(" -> ");
		print_safe_str(stdout, file->target);
	}
	if (file->link >= 0) {
		printf(" %sis ", tint(TINT_FAINT));
		print_safe_str(stdout, image->file_list[file->link].name);
		printf("%s", tint(TINT_END));
	}
	if (file->replaces >= 0)
		printf(" %s(over part %d)%s", tint(TINT_WARN), file->replaces, tint(TINT_END));
	printf("\n");
}

static void print_trouble(const struct image *image)
{
	for (size_t i = 0; i < image->notes.n; i++) {
		printf("%snote:%s ", tint(TINT_WARN), tint(TINT_END));
		print_safe_str(stdout, image->notes.item[i]);
		printf("\n");
	}
	if (image->trouble)
		printf("%strouble at offset %" PRIu64 ":%s %s\n", tint(TINT_BAD), image->trouble_at,
		       tint(TINT_END), image->trouble);
}

void inspect_text(const struct image *image, bool tree)
{
	printf("%s", tint(TINT_BOLD));
	print_safe_str(stdout, image->path);
	printf("%s: %s, %zu bytes, %zu files\n", tint(TINT_END),
	       image->pe ? "unified kernel image" : "initramfs", image->file.len, image->n_files);
	print_parts(image);
	print_trouble(image);
	if (!tree)
		return;
	printf("\n");
	for (size_t i = 0; i < image->n_files; i++)
		print_file(image, &image->file_list[i]);
}
