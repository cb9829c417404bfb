// SPDX-License-Identifier: LGPL-2.1-or-later
#include "image/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/bootconfig.h"
#include "image/folder.h"
#include "image/pe.h"
#include "image/unpack.h"

/* Files below initward/ whose content came under another name, which is read again. */
#define MAX_AGAIN 16

static const struct image_limits default_limits = {
	.unpacked = LIMIT_UNPACKED,
	.names = LIMIT_NAMES,
	.steps = LIMIT_STEPS,
	.kept = LIMIT_KEPT,
	.memory = LIMIT_MEMORY,
	.files = LIMIT_FILES,
};

const char *part_name(enum part_kind kind)
{
	static const char *const names[PART_COUNT] = {
		[PART_CPIO] = "cpio",
		[PART_GZIP] = "gzip",
		[PART_XZ] = "xz",
		[PART_LZMA] = "lzma",
		[PART_ZSTD] = "zstd",
		[PART_LZ4] = "lz4",
		[PART_BZIP2] = "bzip2",
		[PART_LZO] = "lzo",
		[PART_ZEROS] = "zeros",
		[PART_JUNK] = "junk",
		[PART_BOOTCONFIG] = "bootconfig",
	};

	return kind < PART_COUNT ? names[kind] : "unknown";
}

struct span image_section(const struct image *image, const char *name)
{
	for (size_t i = 0; i < image->n_sections; i++) {
		const struct image_section *s = &image->section[i];

		if (strcmp(s->name, name) == 0)
			return (struct span){ image->file.data + s->offset, s->size };
	}
	return (struct span){ 0 };
}

/* --- the list of files --- */

static size_t path_length(const struct tree *t, uint32_t name)
{
	size_t len = strlen(t->name[name].name);

	for (; t->name[name].dir != TREE_ROOT; len += strlen(t->name[name].name) + 1)
		name = t->node[t->name[name].dir].name;
	return len;
}

static char *full_path(const struct tree *t, uint32_t name, size_t len)
{
	char *path = grow(NULL, len + 1, 1), *end = path + len;

	*end = '\0';
	for (;;) {
		size_t n = strlen(t->name[name].name);

		end -= n;
		memcpy(end, t->name[name].name, n);
		if (t->name[name].dir == TREE_ROOT)
			return path;
		*--end = '/';
		name = t->node[t->name[name].dir].name;
	}
}

static void list_file(struct image *image, uint32_t name, size_t len)
{
	struct tree_name *n = &image->tree->name[name];
	const struct tree_node *node = &image->tree->node[n->node];

	image->file_list[image->n_files++] = (struct image_file){
		.name = full_path(image->tree, name, len),
		.mode = node->mode,
		.uid = node->uid,
		.gid = node->gid,
		.major = node->major,
		.minor = node->minor,
		.nlink = node->nlink,
		.size = node->size,
		.mtime = node->mtime,
		.part = (unsigned int)node->part,
		.replaces = n->replaces,
		.target = node->target ? dup_str(node->target) : NULL,
		.link = -1,
		.node = n->node,
	};
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct image_file *)a)->name, ((const struct image_file *)b)->name);
}

/* The first name of a file, in their order, gets the data; the others point to it. */
static void share_data(struct image *image)
{
	for (size_t i = 0; i < image->n_files; i++) {
		struct image_file *file = &image->file_list[i];
		struct tree_node *node = &image->tree->node[file->node];

		if (node->file != TREE_NONE) {
			file->link = (int)node->file;
			continue;
		}
		node->file = (uint32_t)i;
		if (node->wanted && node->data.len == node->size) {
			text_add(&node->data, "", 0);
			file->data = node->data;
			node->data = (struct text){ 0 };
			file->kept = true;
		}
	}
}

/* A wanted file is known as such by the name that its content comes with; links may follow. */
static void keep_again(struct image *image)
{
	unsigned int n = 0;

	for (size_t i = 0; i < image->n_files && n < MAX_AGAIN; i++) {
		struct image_file *file = &image->file_list[i];
		struct tree_node *node;

		if (strcmp(file->name, "init") != 0 && strncmp(file->name, "initward/", 9) != 0)
			continue;
		if (file->link >= 0)
			file = &image->file_list[file->link];
		node = &image->tree->node[file->node];
		if (!S_ISREG(file->mode) || file->kept || file->size > LIMIT_KEPT / MAX_AGAIN)
			continue;
		n++;
		file->kept = unpack_again(image, node, &file->data) == NULL;
		if (!file->kept)
			text_free(&file->data);
	}
}

/* False: the paths together are larger than the limit. */
static bool list_files(struct image *image, uint64_t limit)
{
	const struct tree *t = image->tree;

	image->file_list = grow(NULL, t->n_names + 1, sizeof(*image->file_list));
	for (uint32_t i = 0; i < t->n_names; i++) {
		size_t len;

		if (t->name[i].node == TREE_NONE || t->node[t->name[i].node].part < 0)
			continue;
		len = path_length(t, i);
		if (len > limit)
			return false;
		limit -= len;
		list_file(image, i, len);
	}
	qsort(image->file_list, image->n_files, sizeof(*image->file_list), by_name);
	for (size_t i = 0; i < image->n_files; i++)
		image->tree->node[image->file_list[i].node].file = TREE_NONE;
	share_data(image);
	if (!image->folder)
		keep_again(image);
	return true;
}

/* --- the file --- */

static bool take_sections(struct image *image, struct span file, char **why)
{
	const char *reason, *kernel = kernel_kind(file);
	struct pe pe;

	if (!pe_parse(file, &pe, &reason)) {
		*why = kernel ? format("it is a kernel (%s), and no unified kernel image", kernel)
			      : dup_str(reason);
		return false;
	}
	image->pe = true;
	image->section = grow(NULL, pe.n, sizeof(*image->section));
	for (; image->n_sections < pe.n; image->n_sections++) {
		struct image_section *s = &image->section[image->n_sections];
		const struct pe_section *from = &pe.section[image->n_sections];

		memcpy(s->name, from->name, sizeof(s->name));
		s->offset = from->offset;
		s->size = from->size;
	}
	image->initrd = image_section(image, ".initrd");
	if (image->initrd.n)
		return true;
	if (kernel)
		*why = format("it is a kernel (%s) without an initramfs in it", kernel);
	else
		*why = dup_str(
			image_section(image, ".linux").n
				? "it is a unified kernel image without an initramfs (.initrd)"
				: "it is a PE program without an initramfs (.initrd): a boot "
				  "loader?");
	return false;
}

static void add_bootconfig(struct image *image, const struct bootconfig *config)
{
	struct span rest = { image->initrd.p + config->begin, image->initrd.n - config->begin };

	image->part = grow(image->part, image->n_parts + 1, sizeof(*image->part));
	image->part[image->n_parts++] = (struct image_part){
		.kind = PART_BOOTCONFIG,
		.offset = config->begin,
		.size = rest.n,
		.unpacked = config->text.n,
		.data = rest,
		.section = image->pe ? ".initrd" : NULL,
	};
	image->bootconfig = config->text;
}

static void unpack_all(struct image *image, const struct image_limits *limits)
{
	struct span ucode = image_section(image, ".ucode");
	struct unpack *u = unpack_begin(image, limits);
	struct bootconfig config;
	bool found = bootconfig_find(image->initrd, &config);
	struct span rest = { image->initrd.p, config.begin };

	/* systemd-stub hands both over as one initramfs, microcode in front. */
	if (ucode.n)
		unpack_stream(u, ucode, ".ucode");
	unpack_stream(u, rest, image->pe ? ".initrd" : NULL);
	unpack_end(u);
	if (config.why)
		list_add(&image->notes,
			 format("%s: the kernel takes no parameters from it, and from 6.1 on takes "
				"it for an archive",
				config.why));
	if (found)
		add_bootconfig(image, &config);
	if (!list_files(image, limits->names) && !image->trouble)
		image->trouble =
			dup_str("the paths in the archives are larger than what is read here");
}

/* Nothing that the kernel would unpack: no part but zeros, or damaged from the first byte on. */
static bool is_archive(const struct image *image)
{
	for (size_t i = 0; i < image->n_parts; i++) {
		if (image->part[i].kind < PART_ZEROS)
			return true;
	}
	return false;
}

struct image *image_parse_within(const char *path, struct text *file,
				 const struct image_limits *limits, char **why)
{
	struct image *image = grow(NULL, 1, sizeof(*image));
	const char *kernel;

	*image = (struct image){ .path = dup_str(path), .file = *file, .memory = limits->memory };
	image->again = grow(NULL, 1, sizeof(*image->again));
	*image->again = limits->unpacked;
	*file = (struct text){ 0 };
	text_add(&image->file, "", 0);
	image->initrd = span_of_text(&image->file);
	kernel = kernel_kind(image->initrd);
	*why = NULL;
	if (!image->file.len) {
		*why = dup_str("it is empty");
	} else if (pe_magic(image->initrd)) {
		(void)take_sections(image, image->initrd, why);
	} else if (kernel) {
		*why = format("it is a kernel (%s), not an initramfs", kernel);
	}
	if (!*why) {
		unpack_all(image, limits);
		if (!is_archive(image))
			*why = dup_str(
				"it is neither an initramfs (cpio, or cpio compressed by gzip, xz, "
				"lzma, zstd or lz4) nor a unified kernel image");
	}
	if (!*why)
		return image;
	image_free(image);
	return NULL;
}

struct image *image_parse(const char *path, struct text *file)
{
	struct image *image;
	char *why;

	image = image_parse_within(path, file, &default_limits, &why);
	if (!image)
		say("cannot use %s: %s", path, why);
	free(why);
	return image;
}

/* read_file() would wait for a pipe, and read a device up to the limit. */
static int check_regular(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	return (uint64_t)st.st_size > LIMIT_IMAGE ? -EFBIG : 0;
}

struct image *image_open(const char *path)
{
	struct text file = { 0 };
	int r = check_regular(path);

	if (!r)
		r = read_file(path, LIMIT_IMAGE, &file);
	if (!r)
		return image_parse(path, &file);
	text_free(&file);
	if (r == -EINVAL)
		say("cannot read %s: it is no regular file", path);
	else if (r == -EFBIG)
		say("cannot read %s: it is larger than %zu GiB", path, LIMIT_IMAGE >> 30);
	else
		say("cannot read %s: %s", path, strerror(-r));
	return NULL;
}

struct image *image_of_folder(const char *path, int fd, const char *over)
{
	struct image *image;
	int own = -1;
	bool ok;

	if (fd < 0)
		fd = own = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		say("cannot read %s: %s", path, strerror(errno));
		return NULL;
	}
	image = grow(NULL, 1, sizeof(*image));
	*image = (struct image){ .path = dup_str(path), .folder = folder_new(fd, over) };
	ok = folder_list(image->folder, image);
	if (ok && !list_files(image, LIMIT_NAMES)) {
		say("%s: its paths together are longer than what is read here", path);
		ok = false;
	}
	if (own >= 0)
		(void)close(own);
	if (ok)
		return image;
	image_free(image);
	return NULL;
}

struct image *image_open_any(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? image_of_folder(path, -1, NULL)
							   : image_open(path);
}

void image_free(struct image *image)
{
	if (!image)
		return;
	for (size_t i = 0; i < image->n_files; i++) {
		free(image->file_list[i].name);
		free(image->file_list[i].target);
		text_free(&image->file_list[i].data);
	}
	if (image->tree)
		tree_free(image->tree);
	free(image->tree);
	free(image->again);
	folder_free(image->folder);
	free(image->file_list);
	free(image->part);
	free(image->section);
	free(image->trouble);
	list_free(&image->notes);
	text_free(&image->file);
	free(image->path);
	free(image);
}

static const struct image_file *find_exact(const struct image *image, const char *name)
{
	struct image_file key = { .name = (char *)(uintptr_t)name };

	return image->n_files ? bsearch(&key, image->file_list, image->n_files,
					sizeof(*image->file_list), by_name)
			      : NULL;
}

const struct image_file *image_find(const struct image *image, const char *name, bool follow)
{
	const struct image_file *file;
	uint32_t at;
	char *path;

	while (*name == '/')
		name++;
	if (!follow || tree_lookup(image->tree, name, true, &at) == TREE_NONE || at == TREE_NONE)
		return follow ? NULL : find_exact(image, name);
	path = full_path(image->tree, at, path_length(image->tree, at));
	file = find_exact(image, path);
	free(path);
	return file;
}

bool image_loops(const struct image *image, const char *name)
{
	while (*name == '/')
		name++;
	return tree_loops(image->tree, name);
}

bool image_read(const struct image *image, const struct image_file *file, size_t max,
		struct text *ret)
{
	const char *why = NULL;

	if (file->link >= 0)
		file = &image->file_list[file->link];
	ret->len = 0;
	if (!S_ISREG(file->mode))
		why = "it is no regular file";
	else if (file->size > max)
		why = "it is larger than what is read of it";
	else if (file->kept)
		text_add(ret, file->data.data, file->data.len);
	else if (image->folder)
		why = folder_read(image->folder, file, ret);
	else
		why = unpack_again(image, &image->tree->node[file->node], ret);
	if (why)
		say("cannot read %s in %s: %s", file->name, image->path, why);
	return !why;
}

/* What is to be read, by where it lies. */
struct place {
	const struct tree_node *node;
	size_t i;
};

struct reading {
	const struct place *place;
	void (*fn)(void *ctx, size_t i, const struct text *data);
	void *ctx;
};

static int by_place(const void *a, const void *b)
{
	const struct tree_node *x = ((const struct place *)a)->node;
	const struct tree_node *y = ((const struct place *)b)->node;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void take_place(void *ctx, size_t i, struct text *data)
{
	const struct reading *r = ctx;

	r->fn(r->ctx, r->place[i].i, data);
}

/* The places of one part. */
static void read_places(const struct image *image, const struct place *place, size_t n,
			struct reading *r)
{
	const struct tree_node **nodes = grow(NULL, n, sizeof(*nodes));

	for (size_t i = 0; i < n; i++)
		nodes[i] = place[i].node;
	r->place = place;
	unpack_many(image, nodes, n, take_place, r);
	free(nodes);
}

static void read_folder(const struct image *image, const struct image_file *const *files, size_t n,
			struct reading *r, size_t max)
{
	struct text data = { 0 };

	for (size_t i = 0; i < n; i++) {
		data.len = 0;
		if (files[i]->size <= max && !folder_read(image->folder, files[i], &data))
			r->fn(r->ctx, i, &data);
	}
	text_free(&data);
}

void image_read_many(const struct image *image, const struct image_file *const *files, size_t n,
		     size_t max, void (*fn)(void *ctx, size_t i, const struct text *data),
		     void *ctx)
{
	struct reading r = { .fn = fn, .ctx = ctx };
	struct place *place;
	size_t count = 0;

	if (image->folder) {
		read_folder(image, files, n, &r, max);
		return;
	}
	place = grow(NULL, n + 1, sizeof(*place));
	for (size_t i = 0; i < n; i++) {
		const struct tree_node *node = &image->tree->node[files[i]->node];

		if (node->size && node->size <= max)
			place[count++] = (struct place){ node, i };
	}
	qsort(place, count, sizeof(*place), by_place);
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && place[end].node->from == place[i].node->from;)
			end++;
		read_places(image, place + i, end - i, &r);
	}
	free(place);
}
