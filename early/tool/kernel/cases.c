// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cases.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

static struct known_kernel *kernel_of_bytes(struct cases *c, const struct request *r,
					    const char *path, struct span bytes)
{
	struct known_kernel *k = add_kernel(c);
	struct known_sources sources = sources_of(r);
	struct text file = { 0 };

	text_add(&file, bytes.p, bytes.n);
	return known_from_image(k, path, &file, &sources) ? k : NULL;
}

/* Reads a kernel; of a unified kernel image the one in it. */
static struct known_kernel *open_kernel(struct cases *c, const struct request *r, const char *path)
{
	struct known_sources sources = sources_of(r);
	struct known_kernel *k = add_kernel(c);

	return known_from_file(k, path, &sources) ? k : NULL;
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
	return r->images.n == 1 ? keep_image(c, image_open_any(r->images.item[0]))
				: join_images(c, &r->images);
}

/* One image of these files, none where the list is empty; false where they cannot be read: it was said. */
static bool image_of_paths(struct cases *c, const struct list *paths, struct image **ret)
{
	*ret = NULL;
	if (paths->n == 1)
		*ret = open_image(c, paths->item[0]);
	else if (paths->n)
		*ret = join_images(c, paths);
	return !paths->n || *ret;
}

/* The image that is installed for a release: for a boot that no entry of a menu describes. */
static bool image_of_release(struct cases *c, const struct request *r, const char *release,
			     struct image **ret)
{
	struct list paths = { 0 };
	char *path = release ? find_initrd(r->root, release) : NULL;
	bool ok;

	if (path)
		list_add(&paths, path);
	ok = image_of_paths(c, &paths, ret);
	list_free(&paths);
	return ok;
}

/*
 * All files that an entry gives as initramfs. "initrd=" on the command line is for extlinux, several with
 * ',' between, and for the kernel's EFI stub, whose paths may have '\\' (drivers/firmware/efi/libstub/file.c).
 */
static void name_initrds(const struct boot_entry *e, struct list *ret)
{
	struct span line = span_of(e->options), word, name;

	while (span_next_word(&line, &word)) {
		if (word.n <= 7 || strncmp(word.p, "initrd=", 7) != 0)
			continue;
		word = (struct span){ word.p + 7, word.n - 7 };
		while (word.n) {
			char *path;

			if (!span_split(word, ',', &name, &word)) {
				name = word;
				word.n = 0;
			}
			path = format("%.*s", (int)name.n, name.p);
			for (char *at = path; (at = strchr(at, '\\'));)
				*at = '/';
			list_add(ret, path);
		}
	}
	for (size_t i = 0; i < e->initrd.n; i++) {
		if (!list_has(ret, e->initrd.item[i]))
			list_add(ret, dup_str(e->initrd.item[i]));
	}
}

/*
 * The image of an entry, which is what it says and nothing else: not what happens to be installed.
 * Where it gives none, or one that is not there, the question says so. False: cannot be read, was said.
 */
static bool image_of_entry(struct cases *c, const struct request *r, const struct menu *menu,
			   const struct boot_entry *e, struct question *q)
{
	struct list names = { 0 }, paths = { 0 };
	struct image *image = NULL;
	bool ok = true;

	name_initrds(e, &names);
	for (size_t i = 0; i < names.n && !q->no_image; i++) {
		char *path = find_boot_file(r->root, menu->partition, names.item[i]);

		if (path) {
			list_add(&paths, path);
			continue;
		}
		q->no_image =
			keep(c, format("this entry names the initramfs %s, which was not found",
				       names.item[i]));
		q->image_missing = true;
	}
	if (!names.n)
		q->no_image = "this entry gives the kernel no initramfs; add one to it";
	if (!q->no_image)
		ok = image_of_paths(c, &paths, &image);
	q->image = image;
	list_free(&names);
	list_free(&paths);
	return ok;
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

/* Is the file of this path a unified kernel image? */
static bool is_unified(const char *path)
{
	struct text file = { 0 };
	bool unified = read_file(path, LIMIT_KERNEL, &file) == 0 &&
		       kernel_of_unified(span_of_text(&file)).n;

	text_free(&file);
	return unified;
}

/* The kernel of an entry, at `path`. */
static const struct known_kernel *kernel_of_entry(struct cases *c, const struct request *r,
						  const char *path)
{
	const struct known_kernel *k = known_by_path(c, path);

	return k ? k : open_kernel(c, r, path);
}

/* The image: what --image says, the unified kernel image itself, else the initramfs of the entry. */
static bool image_to_ask(struct cases *c, const struct request *r, const struct menu *menu,
			 const struct boot_entry *e, const char *path, struct question *q)
{
	if (r->images.n) {
		q->image = given_image(c, r);
		return q->image != NULL;
	}
	if (path && (q->kernel->unified || is_unified(path))) {
		q->image = open_image(c, path);
		if (!*e->options)
			q->given = uki_cmdline(c, q->image);
		return q->image != NULL;
	}
	return image_of_entry(c, r, menu, e, q);
}

/* By the names that boot-loader/11_initward and 95-initward.install give it. */
static bool is_way_back(const struct boot_entry *e)
{
	struct span id = span_of(e->id);

	return span_starts(id, "initward-off-") || span_starts(id, "initward-last-good-") ||
	       strstr(e->id, "-initward-off") != NULL;
}

/* One entry of a menu: its own kernel where `k` is NULL. False: something was said. */
static bool ask_entry(struct cases *c, const struct request *r, const struct menu *menu,
		      const struct boot_entry *e, const struct known_kernel *k)
{
	struct question q = { .given = e->options,
			      .given_source = menu->source,
			      .title = *e->title ? e->title : e->id,
			      .is_default = e->is_default,
			      .is_way_back = is_way_back(e),
			      .of_unified = e->is_unified,
			      .uncertain = e->uncertain };
	char *path = find_boot_file(r->root, menu->partition, e->kernel);
	bool ok;

	if (!path && !k) {
		say("the entry \"%s\" of %s names the kernel %s, which is not there", e->title,
		    menu->source, e->kernel);
		return false;
	}
	q.kernel = k ? k : kernel_of_entry(c, r, path);
	ok = q.kernel && image_to_ask(c, r, menu, e, path, &q);
	free(path);
	if (ok)
		*add_question(c) = q;
	return ok;
}

/* A unified kernel image's name need not have the release: does it hold `k`? */
static bool holds(struct cases *c, const struct request *r, const struct menu *menu,
		  const struct boot_entry *e, const struct known_kernel *k)
{
	char *path = e->is_unified && k->release
			     ? find_boot_file(r->root, menu->partition, e->kernel)
			     : NULL;
	const struct known_kernel *inner = path ? kernel_of_entry(c, r, path) : NULL;

	free(path);
	return inner && inner->release && strcmp(inner->release, k->release) == 0;
}

/* All entries, or those that boot `k`. What cannot be asked is said, and left out. */
static void ask_menus(struct cases *c, const struct request *r, const struct known_kernel *k)
{
	find_menus(r->root, &c->menus);
	for (size_t i = 0; i < c->menus.n; i++) {
		const struct menu *m = &c->menus.menu[i];

		for (size_t j = 0; j < m->entries.n; j++) {
			const struct boot_entry *e = &m->entries.entry[j];

			if (!k || boots(e, k) || holds(c, r, m, e, k))
				(void)ask_entry(c, r, m, e, k);
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
	bool ok = true;
	struct span linux_section = { "", 0 };

	if (*image && (*image)->pe)
		linux_section = image_section(*image, ".linux");
	if (r->kernel) {
		k = open_kernel(c, r, r->kernel);
		ok = k != NULL;
		if (k && k->unified && !*image) {
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
		struct known_kernel *k;
		struct image *image = NULL;

		if (known_by_path(c, kernels.item[i]))
			continue;
		k = open_kernel(c, r, kernels.item[i]);
		if (!k)
			continue;
		if (r->images.n)
			image = given_image(c, r);
		else if (k->unified)
			image = open_image(c, kernels.item[i]);
		else if (!image_of_release(c, r, k->release, &image))
			continue;
		ask_kernel(c, r, k, image);
	}
	list_free(&kernels);
}

/* Is there an entry that a boot loader was told, or only unified kernel images? */
static bool has_menu(const struct cases *c)
{
	for (size_t i = 0; i < c->n; i++) {
		if (!c->question[i].of_unified)
			return true;
	}
	return false;
}

/* Everything that is in a root: the menu's entries, else the kernels. */
static bool ask_root(struct cases *c, const struct request *r)
{
	if (!r->cmdline)
		ask_menus(c, r, NULL);
	if (!has_menu(c))
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
	if (!image && !image_of_release(ret, r, k->release, &image))
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
