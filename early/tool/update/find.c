// SPDX-License-Identifier: LGPL-2.1-or-later
#include "update.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "image/image.h"
#include "replace.h"

#define BOOT "/boot"

static const struct {
	const char *name;
	const char *program;
	const char *package;
	const char *signs[4]; /* what only its images have */
} generators[GENERATOR_COUNT] = {
	[GENERATOR_NONE] = { "none", NULL, NULL, { NULL } },
	[GENERATOR_INITRAMFS_TOOLS] = { "initramfs-tools",
					"mkinitramfs",
					"initramfs-tools-core",
					{ "conf/initramfs.conf", "scripts/functions", NULL } },
	[GENERATOR_DRACUT] = { "dracut",
			       "dracut",
			       "dracut-core",
			       { "usr/lib/dracut/build-parameter.txt",
				 "lib/dracut/build-parameter.txt", "usr/lib/dracut/hooks", NULL } },
};

enum generator generator_index(const char *name)
{
	enum generator g = GENERATOR_NONE;

	while (g < GENERATOR_COUNT && strcmp(generators[g].name, name) != 0)
		g++;
	return g;
}

const char *generator_name(enum generator generator)
{
	return generators[generator].name;
}

const char *generator_program(enum generator generator)
{
	return generators[generator].program;
}

const char *generator_package(enum generator generator)
{
	return generators[generator].package;
}

/* "initrd.img-6.1.0-50-amd64" and "initramfs-6.1.0-50.x86_64.img"; NULL for other names. */
static char *release_of(const char *name)
{
	static const char *const forms[][2] = { { "initrd.img-", "" }, { "initramfs-", ".img" } };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t before = strlen(forms[i][0]), behind = strlen(forms[i][1]);
		size_t len = strlen(name);

		if (len > before + behind && strncmp(name, forms[i][0], before) == 0 &&
		    strcmp(name + len - behind, forms[i][1]) == 0)
			return format("%.*s", (int)(len - before - behind), name + before);
	}
	return NULL;
}

static bool has_modules(const char *release)
{
	char *path = format("/lib/modules/%s", release);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

static struct target *add_target(struct update *u, char *image, char *release)
{
	struct target *t;

	u->target = grow(u->target, u->n_targets + 1, sizeof(*u->target));
	t = &u->target[u->n_targets++];
	*t = (struct target){
		.image = image,
		.release = release,
		.there = access(image, F_OK) == 0,
		.generator = u->generator,
	};
	return t;
}

static bool find_all(struct update *u)
{
	DIR *dir = opendir(BOOT);
	struct dirent *entry;
	struct list names = { 0 };

	if (!dir) {
		say("cannot read the folder " BOOT ": %s", strerror(errno));
		return false;
	}
	while ((entry = readdir(dir))) {
		char *release = release_of(entry->d_name);

		/* what upgrades and this program leave beside the images has no modules */
		if (release && has_modules(release))
			list_add(&names, dup_str(entry->d_name));
		free(release);
	}
	(void)closedir(dir);
	list_sort(&names);
	for (size_t i = 0; i < names.n; i++) {
		char *path = path_join(BOOT, names.item[i]);

		(void)add_target(u, output_path(path), release_of(names.item[i]));
		free(path);
	}
	list_free(&names);
	if (u->n_targets)
		return true;
	say("there is no image of an installed kernel in " BOOT ": name it with --image");
	return false;
}

/* Of a kernel that has no image yet by the habit of the generator that is told. */
static bool find_one(struct update *u, const char *release)
{
	char *names[] = { format(BOOT "/initrd.img-%s", release),
			  format(BOOT "/initramfs-%s.img", release) };
	size_t i = access(names[0], F_OK) == 0 ? 0 : access(names[1], F_OK) == 0 ? 1 : 2;
	bool ok = i < 2 || u->generator == GENERATOR_INITRAMFS_TOOLS ||
		  u->generator == GENERATOR_DRACUT;

	if (i == 2)
		i = u->generator == GENERATOR_DRACUT;
	if (ok)
		(void)add_target(u, output_path(names[i]), dup_str(release));
	else
		say("there is no image of the kernel %s: neither %s nor %s; name it with --image, "
		    "or "
		    "the generator of a new one with --generator",
		    release, names[0], names[1]);
	free(names[0]);
	free(names[1]);
	return ok;
}

static bool find_images(struct update *u)
{
	struct utsname name;
	char *path;

	if (u->all)
		return find_all(u);
	if (u->image) {
		path = output_path(u->image);
		(void)add_target(u, path,
				 u->kernel ? dup_str(u->kernel) : release_of(path_base(path)));
		return true;
	}
	if (u->kernel)
		return find_one(u, u->kernel);
	if (uname(&name) == 0)
		return find_one(u, name.release);
	say("cannot tell which kernel runs: %s", strerror(errno));
	return false;
}

/* By what lies in the image. A unified kernel image is no generator's to write. */
static enum generator look_into(const struct image *image)
{
	if (image->pe)
		return GENERATOR_NONE;
	for (enum generator g = GENERATOR_NONE; g < GENERATOR_COUNT; g++) {
		for (size_t i = 0; generators[g].signs[i]; i++) {
			if (image_find(image, generators[g].signs[i], false))
				return g;
		}
	}
	return GENERATOR_DETECT;
}

/* Where the image is damaged, who made it is seen from the last one that booted. */
static struct image *open_either(const char *path)
{
	struct image *image = image_open(path);
	char *old;

	if (image)
		return image;
	old = format("%s" OLD_SUFFIX, path);
	if (access(old, R_OK) == 0) {
		image = image_open(old);
		if (image)
			say("%s is made anew by the generator of %s", path, old);
	}
	free(old);
	return image;
}

static bool detect(struct target *t)
{
	struct image *image;

	if (!t->there) {
		say("%s does not exist: name the generator that is to make it with --generator",
		    t->image);
		return false;
	}
	image = open_either(t->image);
	if (!image)
		return false;
	t->generator = look_into(image);
	image_free(image);
	if (t->generator != GENERATOR_DETECT)
		return true;
	say("%s: neither initramfs-tools nor dracut made it: say --generator none to put initward "
	    "into the image as it is",
	    t->image);
	return false;
}

static bool check_target(struct target *t)
{
	if (t->generator == GENERATOR_DETECT && !detect(t))
		return false;
	if (t->generator == GENERATOR_NONE && !t->there)
		say("%s does not exist", t->image);
	else if (t->generator != GENERATOR_NONE && !t->release)
		say("%s: which kernel is it for? say --kernel RELEASE", t->image);
	else if (t->generator != GENERATOR_NONE && !has_modules(t->release))
		say("%s: the kernel %s is not installed: there is no folder /lib/modules/%s",
		    t->image, t->release, t->release);
	else
		return true;
	return false;
}

bool find_targets(struct update *u)
{
	if (!find_images(u))
		return false;
	for (size_t i = 0; i < u->n_targets; i++) {
		if (!check_target(&u->target[i]))
			return false;
	}
	return true;
}
