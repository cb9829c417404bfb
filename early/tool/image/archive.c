// SPDX-License-Identifier: LGPL-2.1-or-later
/* Initramfs archives, written by libarchive. */
#include "image/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct record *add_record(struct archive_list *list, const char *name, unsigned int mode)
{
	list->record = grow(list->record, list->n + 1, sizeof(*list->record));
	list->record[list->n] = (struct record){ .name = dup_str(name), .mode = mode };
	return &list->record[list->n++];
}

struct record *add_folder(struct archive_list *list, const char *name)
{
	return add_record(list, name, S_IFDIR | 0755);
}

struct record *add_file(struct archive_list *list, const char *name, unsigned int permissions,
			struct span data)
{
	struct record *r = add_record(list, name, S_IFREG | permissions);

	text_add(&r->data, data.p, data.n);
	return r;
}

struct record *add_link(struct archive_list *list, const char *name, const char *target)
{
	struct record *r = add_record(list, name, S_IFLNK | 0777);

	r->target = dup_str(target);
	return r;
}

void archive_list_free(struct archive_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->record[i].name);
		free(list->record[i].target);
		text_free(&list->record[i].data);
	}
	free(list->record);
	*list = (struct archive_list){ 0 };
}

static la_ssize_t to_text(struct archive *a, void *ret, const void *data, size_t len)
{
	(void)a;
	text_add(ret, data, len);
	return (la_ssize_t)len;
}

static bool write_record(struct archive *a, struct archive_entry *entry, const struct record *r,
			 uint32_t mtime)
{
	archive_entry_clear(entry);
	archive_entry_set_pathname(entry, r->name);
	archive_entry_set_mode(entry, (mode_t)r->mode);
	archive_entry_set_uid(entry, r->uid);
	archive_entry_set_gid(entry, r->gid);
	archive_entry_set_nlink(entry, 1);
	archive_entry_set_mtime(entry, mtime, 0);
	archive_entry_set_size(entry, (la_int64_t)r->data.len);
	if (r->target)
		archive_entry_set_symlink(entry, r->target);
	return archive_write_header(a, entry) == ARCHIVE_OK &&
	       (!r->data.len ||
		archive_write_data(a, r->data.data, r->data.len) == (la_ssize_t)r->data.len);
}

bool pack_archive(const struct archive_list *list, uint32_t mtime, struct text *ret)
{
	struct archive *a = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	const size_t start = ret->len;
	bool ok = a && entry && archive_write_set_format_cpio_newc(a) == ARCHIVE_OK &&
		  archive_write_add_filter_none(a) == ARCHIVE_OK &&
		  archive_write_set_bytes_in_last_block(a, 1) == ARCHIVE_OK &&
		  archive_write_open(a, ret, NULL, to_text, NULL) == ARCHIVE_OK;

	for (size_t i = 0; ok && i < list->n; i++)
		ok = write_record(a, entry, &list->record[i], mtime);
	ok = ok && archive_write_close(a) == ARCHIVE_OK;
	if (!ok)
		say("cannot make the archive for the initramfs: %s",
		    a && archive_error_string(a) ? archive_error_string(a) : "out of memory");
	archive_entry_free(entry);
	(void)archive_write_free(a);
	while ((ret->len - start) % 4)
		text_add(ret, "", 1);
	return ok;
}
