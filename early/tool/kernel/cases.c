// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cases.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "image/pe.h"
#include "kernel/kimage.h"

static struct question *add_question(struct cases *c)
{
	c->question = grow(c->question, c->n + 1, sizeof(*c->question));
	c->question[c->n] = (struct question){ 0 };
	return &c->question[c->n++];
}

/* A text that lives as long as the cases. */
static const char *keep(struct cases *c, char *owned)
{
	list_add(&c->texts, owned);
	return owned;
}

static struct known_sources sources_of(const struct request *r)
{
	return (struct known_sources){ r->root, r->config, r->features };
}

/* --- kernels --- */

static struct known_kernel *add_kernel(struct cases *c)
{
	c->kernel = grow(c->kernel, c->n_kernels + 1, sizeof(*c->kernel));
	c->kernel[c->n_kernels] = grow(NULL, 1, sizeof(**c->kernel));
	*c->kernel[c->n_kernels] = (struct known_kernel){ 0 };
	return c->kernel[c->n_kernels++];
}

/* The kernel in a unified kernel image; empty where the file is none. */
static struct span uki_kernel(struct span file)
{
	struct pe pe;
	const char *why;

	if (!pe_magic(file) || !pe_parse(file, &pe, &why))
		return (struct span){ file.p, 0 };
	for (unsigned int i = 0; i < pe.n; i++) {
		if (strcmp(pe.section[i].name, ".linux") == 0)
			return (struct span){ file.p + pe.section[i].offset,
					      (size_t)pe.section[i].size };
	}
	return (struct span){ file.p, 0 };
}

static struct known_kernel *kernel_of_bytes(struct cases *c, const struct request *r,
					    const char *path, struct span bytes)
{
	struct known_kernel *k = add_kernel(c);
	struct known_sources sources = sources_of(r);
	struct text file = { 0 };

	text_add(&file, bytes.p, bytes.n);
	return known_from_image(k, path, &file, &sources) ? k : NULL;
}

/* Reads a kernel once; of a unified kernel image the one in it, and *unified tells. */
static struct known_kernel *open_kernel(struct cases *c, const struct request *r, const char *path,
					bool *unified)
{
	struct known_sources sources = sources_of(r);
	struct text file = { 0 };
	struct known_kernel *k;
	struct span inner;
	int err;

	*unified = false;
	err = read_file(path, LIMIT_KERNEL, &file);
	if (err) {
		say("cannot read the kernel %s: %s", path,
		    err == -EFBIG ? "it is larger than 512 MiB" : strerror(-err));
		text_free(&file);
		return NULL;
	}
	inner = uki_kernel((struct span){ file.data, file.len });
	if (inner.n) {
		*unified = true;
		k = kernel_of_bytes(c, r, path, inner);
		text_free(&file);
		return k;
	}
	k = add_kernel(c);
	return known_from_image(k, path, &file, &sources) ? k : NULL;
}

static struct known_kernel *known_by_path(const struct cases *c, const char *path)
{
	for (size_t i = 0; i < c->n_kernels; i++) {
		if (c->kernel[i]->path && strcmp(c->kernel[i]->path, path) == 0)
			return c->kernel[i];
	}
	return NULL;
}

/* --- images --- */

static struct image *keep_image(struct cases *c, struct image *image)
{
	if (!image)
		return NULL;
	c->image = grow(c->image, c->n_images + 1, sizeof(*c->image));
	c->image[c->n_images++] = image;
	return image;
}

static struct image *open_image(struct cases *c, const char *path)
{
	for (size_t i = 0; i < c->n_images; i++) {
		if (strcmp(c->image[i]->path, path) == 0)
			return c->image[i];
	}
	return keep_image(c, image_open(path));
}

/* Several files: the boot loader puts them behind one another, each on a 4-byte boundary. */
static struct image *join_images(struct cases *c, const struct list *paths)
{
	struct text all = { 0 }, one = { 0 }, names = { 0 };
	struct image *image;

	for (size_t i = 0; i < paths->n; i++) {
		int err = read_file(paths->item[i], LIMIT_IMAGE, &one);

		if (err || one.len + all.len > LIMIT_IMAGE) {
			say("cannot read the image %s: %s", paths->item[i],
			    err && err != -EFBIG ? strerror(-err) : "it is larger than 2 GiB");
			text_free(&one);
			text_free(&all);
			text_free(&names);
			return NULL;
		}
		text_add(&all, "\0\0\0", (4 - all.len % 4) % 4);
		text_add(&all, one.data, one.len);
		text_format(&names, "%s%s", i ? " " : "", paths->item[i]);
	}
	image = image_parse(keep(c, names.data), &all);
	text_free(&one);
	return keep_image(c, image);
}

/* What --image says; read once. */
static struct image *given_image(struct cases *c, const struct request *r)
{
	if (c->n_images)
		return c->image[0];
	return r->images.n == 1 ? open_image(c, r->images.item[0]) : join_images(c, &r->images);
}

/*
 * The image of an entry, else of the release. NULL and true where there is none; false where it cannot
 * be read, which has been said.
 */
static bool image_of_entry(struct cases *c, const struct request *r, const struct boot_entry *e,
			   const char *release, struct image **ret)
{
	struct list paths = { 0 };
	char *path;

	*ret = NULL;
	for (size_t i = 0; e && i < e->initrd.n; i++) {
		path = find_boot_file(r->root, e->initrd.item[i]);
		if (path)
			list_add(&paths, path);
	}
	if (!paths.n && release) {
		path = find_initrd(r->root, release);
		if (path)
			list_add(&paths, path);
	}
	if (paths.n == 1)
		*ret = open_image(c, paths.item[0]);
	else if (paths.n)
		*ret = join_images(c, &paths);
	release = paths.n ? "" : NULL;
	list_free(&paths);
	return !release || *ret;
}

/* --- command lines --- */

/* The text of a UKI's section, a NUL or newline at its end taken away; NULL where it has none. */
static const char *uki_cmdline(struct cases *c, const struct image *image)
{
	struct span s;

	if (!image || !image->pe)
		return NULL;
	s = image_section(image, ".cmdline");
	if (!s.n)
		return NULL;
	s.n = strnlen(s.p, s.n);
	while (s.n && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
		s.n--;
	return keep(c, format("%.*s", (int)s.n, s.p));
}

/* One of these path components, or a name that ends in it: "/6.1.0-1/linux", "/vmlinuz-6.1.0-1". */
static bool path_has_release(const char *path, const char *release)
{
	size_t n = strlen(release);

	for (const char *at = path; n && (at = strstr(at, release)); at++) {
		bool begins = at == path || at[-1] == '/' || at[-1] == '-';
		bool ends = !at[n] || at[n] == '/' || strcmp(at + n, ".efi") == 0;

		if (begins && ends)
			return true;
	}
	return false;
}

static bool boots(const struct boot_entry *e, const struct known_kernel *k)
{
	if (k->release &&
	    (strcmp(e->version, k->release) == 0 || path_has_release(e->kernel, k->release)))
		return true;
	return k->path && !k->release && strcmp(path_base(e->kernel), path_base(k->path)) == 0;
}

/* --- the questions --- */

/* One entry of a menu: its own kernel where `k` is NULL. False: something was said. */
static bool ask_entry(struct cases *c, const struct request *r, const struct menu *menu,
		      const struct boot_entry *e, const struct known_kernel *k)
{
	bool unified = false;
	struct image *image = NULL;
	struct question *q;
	char *path;

	if (!k) {
		path = find_boot_file(r->root, e->kernel);
		if (!path) {
			say("the entry \"%s\" of %s names the kernel %s, which is not there",
			    e->title, menu->source, e->kernel);
			return false;
		}
		k = known_by_path(c, path);
		if (!k)
			k = open_kernel(c, r, path, &unified);
		if (unified && !r->images.n)
			image = open_image(c, path);
		free(path);
		if (!k)
			return false;
	}
	if (r->images.n)
		image = given_image(c, r);
	else if (!image && !image_of_entry(c, r, e, k->release, &image))
		return false;
	if (r->images.n && !image)
		return false;
	q = add_question(c);
	*q = (struct question){ .kernel = k,
				.image = image,
				.given = e->options,
				.given_source = menu->source,
				.title = *e->title ? e->title : e->id,
				.is_default = e->is_default,
				.uncertain = e->uncertain };
	if (unified && !*e->options)
		q->given = uki_cmdline(c, image);
	return true;
}

/* All entries, or those that boot `k`. What cannot be asked is said, and left out. */
static void ask_menus(struct cases *c, const struct request *r, const struct known_kernel *k)
{
	find_menus(r->root, &c->menus);
	for (size_t i = 0; i < c->menus.n; i++) {
		const struct menu *m = &c->menus.menu[i];

		for (size_t j = 0; j < m->entries.n; j++) {
			if (!k || boots(&m->entries.entry[j], k))
				(void)ask_entry(c, r, m, &m->entries.entry[j], k);
		}
	}
}

/* A kernel that no menu has: what would be its command line? */
static void ask_kernel(struct cases *c, const struct request *r, const struct known_kernel *k,
		       struct image *image)
{
	struct question q = { .kernel = k, .image = image };
	struct text line = { 0 };

	if (r->cmdline) {
		q.given = r->cmdline;
		q.given_source = "--cmdline";
	} else if ((q.given = uki_cmdline(c, image))) {
		q.given_source = "the image's .cmdline";
	} else if ((q.given_source = find_kernel_cmdline(r->root, &line))) {
		q.given = keep(c, line.data);
		line = (struct text){ 0 };
	} else if (k->running && strcmp(r->root, "/") == 0 &&
		   read_file("/proc/cmdline", LIMIT_CMDLINE, &line) == 0) {
		if (line.len && line.data[line.len - 1] == '\n')
			line.data[line.len - 1] = '\0';
		q.given = keep(c, line.data);
		q.given_source = "/proc/cmdline";
		q.is_whole = true;
		line = (struct text){ 0 };
	}
	text_free(&line);
	*add_question(c) = q;
}

/* What the options name, or the running kernel. NULL: nothing is named, or (*bad) it was said. */
static struct known_kernel *named_kernel(struct cases *c, const struct request *r,
					 struct image **image, bool *bad)
{
	struct known_sources sources = sources_of(r);
	struct known_kernel *k = NULL;
	bool unified = false, ok = true;
	struct span linux_section = { "", 0 };

	if (*image && (*image)->pe)
		linux_section = image_section(*image, ".linux");
	if (r->kernel) {
		k = open_kernel(c, r, r->kernel, &unified);
		ok = k != NULL;
		if (k && unified && !*image) {
			*image = open_image(c, r->kernel);
			ok = *image != NULL;
		}
	} else if (linux_section.n) {
		k = kernel_of_bytes(c, r, (*image)->path, linux_section);
		ok = k != NULL;
	} else if (r->config) {
		k = add_kernel(c);
		ok = known_from_config(k, &sources);
	} else if (strcmp(r->root, "/") == 0) {
		k = add_kernel(c);
		ok = known_from_running(k, &sources);
	}
	*bad = !ok;
	return k;
}

/* A root without a menu: each kernel that is installed in it. */
static void ask_installed(struct cases *c, const struct request *r)
{
	struct list kernels = { 0 };

	find_kernels(r->root, &kernels);
	for (size_t i = 0; i < kernels.n; i++) {
		bool unified;
		struct known_kernel *k = open_kernel(c, r, kernels.item[i], &unified);
		struct image *image = NULL;

		if (!k)
			continue;
		if (r->images.n)
			image = given_image(c, r);
		else if (unified)
			image = open_image(c, kernels.item[i]);
		else if (!image_of_entry(c, r, NULL, k->release, &image))
			continue;
		ask_kernel(c, r, k, image);
	}
	list_free(&kernels);
}

/* Everything that is in a root: the menu's entries, else the kernels. */
static bool ask_root(struct cases *c, const struct request *r)
{
	if (!r->cmdline)
		ask_menus(c, r, NULL);
	if (!c->n)
		ask_installed(c, r);
	if (!c->n)
		say("no kernel that could be read was found below %s; name one with --kernel",
		    r->root);
	return c->n != 0;
}

bool cases_find(const struct request *r, struct cases *ret)
{
	struct image *image = NULL;
	struct known_kernel *k;
	bool bad = false;

	*ret = (struct cases){ 0 };
	if (r->images.n) {
		image = given_image(ret, r);
		if (!image)
			return false;
	}
	k = named_kernel(ret, r, &image, &bad);
	if (bad)
		return false;
	if (!k)
		return ask_root(ret, r);
	/* a configuration alone does not tell which entries are its kernel's */
	if (!r->cmdline && !(image && image->pe) && (k->release || k->path))
		ask_menus(ret, r, k);
	if (ret->n)
		return true;
	if (!image && !image_of_entry(ret, r, NULL, k->release, &image))
		return false;
	ask_kernel(ret, r, k, image);
	return true;
}

void cases_free(struct cases *c)
{
	for (size_t i = 0; i < c->n_kernels; i++) {
		known_free(c->kernel[i]);
		free(c->kernel[i]);
	}
	for (size_t i = 0; i < c->n_images; i++)
		image_free(c->image[i]);
	free(c->kernel);
	free(c->image);
	free(c->question);
	menus_free(&c->menus);
	list_free(&c->texts);
	*c = (struct cases){ 0 };
}
