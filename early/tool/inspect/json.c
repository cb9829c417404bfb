// SPDX-License-Identifier: LGPL-2.1-or-later
#include "inspect/inspect.h"

#include <sys/stat.h>

#include "json.h"

static struct json_object *number(uint64_t n)
{
	return json_object_new_uint64(n);
}

static struct json_object *describe_part(const struct image_part *p)
{
	struct json_object *ret = json_object_new_object();

	json_set(ret, "kind", json_str(part_name(p->kind)));
	json_set(ret, "section", json_str(p->section));
	json_set(ret, "offset", number(p->offset));
	json_set(ret, "size", number(p->size));
	json_set(ret, "unpacked", number(p->unpacked));
	json_set(ret, "records", number(p->entries));
	json_set(ret, "early", json_object_new_boolean(p->early));
	return ret;
}

static struct json_object *describe_parts(const struct image *image)
{
	struct json_object *ret = json_object_new_array();

	for (size_t i = 0; i < image->n_parts; i++)
		json_object_array_add(ret, describe_part(&image->part[i]));
	return ret;
}

static struct json_object *describe_file(const struct image *image, const struct image_file *file)
{
	struct json_object *ret = json_object_new_object();
	char mode[11];

	mode_letters(file->mode, mode);
	json_set(ret, "name", json_str(file->name));
	json_set(ret, "mode", json_str(mode));
	json_set(ret, "mode_bits", number(file->mode));
	json_set(ret, "uid", number(file->uid));
	json_set(ret, "gid", number(file->gid));
	json_set(ret, "links", number(file->nlink));
	json_set(ret, "size", number(file->size));
	json_set(ret, "mtime", number(file->mtime));
	if (S_ISCHR(file->mode) || S_ISBLK(file->mode)) {
		json_set(ret, "major", number(file->major));
		json_set(ret, "minor", number(file->minor));
	}
	json_set(ret, "part", number(file->part));
	if (file->replaces >= 0)
		json_set(ret, "replaces", number((unsigned int)file->replaces));
	if (file->target)
		json_set(ret, "target", json_str(file->target));
	if (file->link >= 0)
		json_set(ret, "link", json_str(image->file_list[file->link].name));
	return ret;
}

static struct json_object *describe_files(const struct image *image)
{
	struct json_object *ret = json_object_new_array();

	for (size_t i = 0; i < image->n_files; i++)
		json_object_array_add(ret, describe_file(image, &image->file_list[i]));
	return ret;
}

static struct json_object *describe_notes(const struct image *image)
{
	struct json_object *ret = json_object_new_array();

	for (size_t i = 0; i < image->notes.n; i++)
		json_object_array_add(ret, json_str(image->notes.item[i]));
	return ret;
}

int inspect_json(const struct image *image, bool tree)
{
	struct json_object *ret = json_object_new_object();

	json_set(ret, "path", json_str(image->path));
	json_set(ret, "kind", json_str(image->pe ? "unified kernel image" : "initramfs"));
	json_set(ret, "size", number(image->file.len));
	json_set(ret, "parts", describe_parts(image));
	json_set(ret, "trouble", json_str(image->trouble));
	if (image->trouble)
		json_set(ret, "trouble_at", number(image->trouble_at));
	json_set(ret, "notes", describe_notes(image));
	if (tree)
		json_set(ret, "files", describe_files(image));
	return json_print(ret);
}
