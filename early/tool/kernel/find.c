// SPDX-License-Identifier: LGPL-2.1-or-later
#include "find.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/kimage.h"

/* A descriptor below the root, or -errno. Never waits: a FIFO opens at once, and is refused later. */
static int open_in(const char *root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC), fd;

	if (dir < 0)
		return -errno;
	fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
	if (fd < 0 && errno == ENOSYS)
		fd = openat(dir, path + strspn(path, "/"), (int)how.flags);
	if (fd < 0)
		fd = -errno;
	(void)close(dir);
	return fd;
}

static int open_regular(const char *root, const char *path)
{
	int fd = open_in(root, path, 0);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		(void)close(fd);
		return -EINVAL;
	}
	return fd;
}

int find_read(const char *root, const char *path, size_t max, struct text *ret)
{
	int fd = open_regular(root, path), r;

	if (fd < 0)
		return fd;
	r = read_fd(fd, max, ret);
	(void)close(fd);
	return r;
}

/* The path that a descriptor was opened by, links followed; NULL where /proc does not tell. */
static char *path_of_fd(int fd)
{
	char path[PATH_MAX], *link = format("/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof(path));

	free(link);
	return n > 0 && (size_t)n < sizeof(path) && path[0] == '/' ? format("%.*s", (int)n, path)
								   : NULL;
}

/*
 * The path by which the file is opened from outside of the root; NULL where there is no such file. The
 * links of another root are followed here: who opens the path would follow them in this one.
 */
static char *located(const char *root, const char *path)
{
	bool here = !root[strspn(root, "/")];
	int fd = open_regular(root, path);
	char *found;

	if (fd < 0)
		return NULL;
	found = here ? format("/%s", path + strspn(path, "/")) : path_of_fd(fd);
	(void)close(fd);
	return found;
}

/* Folders where a boot loader's file system may be mounted. */
static const char *const boot_dirs[] = { "/boot", "/efi", "/boot/efi", "", NULL };

static char *find_in_dir(const char *root, const char *dir, const char *named)
{
	char *path = format("%s/%s", dir, named + strspn(named, "/"));
	char *found = located(root, path);

	free(path);
	return found;
}

char *find_boot_file(const char *root, const char *partition, const char *named)
{
	char *found;

	/* GRUB's "(hd0,gpt2)/vmlinuz" */
	if (named[0] == '(' && strchr(named, ')'))
		named = strchr(named, ')') + 1;
	found = partition ? find_in_dir(root, partition, named) : NULL;
	for (size_t i = 0; !found && boot_dirs[i]; i++)
		found = find_in_dir(root, boot_dirs[i], named);
	return found;
}

/* The first of the paths, in which %s is the release, that is there. */
static char *find_by_release(const char *root, const char *release, const char *const *patterns)
{
	char *found = NULL;

	for (size_t i = 0; !found && patterns[i]; i++) {
		const char *at = strstr(patterns[i], "%s");
		char *path =
			format("%.*s%s%s", (int)(at - patterns[i]), patterns[i], release, at + 2);

		found = located(root, path);
		free(path);
	}
	return found;
}

char *find_kernel(const char *root, const char *release)
{
	static const char *const patterns[] = { "/boot/vmlinuz-%s", "/usr/lib/modules/%s/vmlinuz",
						"/lib/modules/%s/vmlinuz", NULL };

	return find_by_release(root, release, patterns);
}

char *find_initrd(const char *root, const char *release)
{
	static const char *const patterns[] = { "/boot/initrd.img-%s", "/boot/initramfs-%s.img",
						"/boot/initrd-%s", "/usr/lib/modules/%s/initrd",
						NULL };

	return find_by_release(root, release, patterns);
}

char *find_config(const char *root, const char *release, struct text *ret)
{
	static const char *const patterns[] = { "/boot/config-%s", "/usr/lib/modules/%s/config",
						"/lib/modules/%s/config", NULL };
	char *path = find_by_release(root, release, patterns);

	if (path && read_file(path, LIMIT_KERNEL_CONFIG, ret) == 0)
		return path;
	free(path);
	return NULL;
}

/* --- menus --- */

/* A new one at the end, whose entries the caller reads. */
static struct boot_entries *add_menu(struct menus *menus, char *source, const char *partition)
{
	menus->menu = grow(menus->menu, menus->n + 1, sizeof(*menus->menu));
	menus->menu[menus->n] = (struct menu){ .source = source, .partition = partition };
	return &menus->menu[menus->n++].entries;
}

/* One without entries is dropped again. */
static void finish_menu(struct menus *menus)
{
	struct menu *m = &menus->menu[menus->n - 1];

	if (m->entries.n)
		return;
	entries_free(&m->entries);
	free(m->source);
	menus->n--;
}

/* Adds the files of a folder whose names match; `pattern` "*" with a file: that file in each. */
static void add_matches(const char *root, const char *dir, const char *pattern, const char *file,
			struct list *ret)
{
	int fd = open_in(root, dir, O_DIRECTORY), n;
	struct dirent **names = NULL;

	if (fd < 0)
		return;
	n = scandirat(fd, ".", &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char *path = format("%s/%s%s", dir, names[i]->d_name, file);
		char *found =
			names[i]->d_name[0] != '.' && fnmatch(pattern, names[i]->d_name, 0) == 0
				? located(root, path)
				: NULL;

		if (found)
			list_add(ret, found);
		free(path);
		free(names[i]);
	}
	free(names);
	(void)close(fd);
}

void find_kernels(const char *root, struct list *ret)
{
	add_matches(root, "/boot", "vmlinuz-*", "", ret);
	add_matches(root, "/usr/lib/modules", "*", "/vmlinuz", ret);
	for (size_t i = 0; *boot_dirs[i]; i++) {
		char *dir = format("%s/EFI/Linux", boot_dirs[i]);

		add_matches(root, dir, "*.efi", "", ret);
		free(dir);
	}
}

static int is_conf(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && fnmatch("*.conf", entry->d_name, 0) == 0;
}

static int is_efi(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && fnmatch("*.efi", entry->d_name, 0) == 0;
}

/* The files of a folder below the root that are wanted, in order. -errno or how many. */
static int list_folder(const char *root, const char *path,
		       int (*wanted)(const struct dirent *entry), struct dirent ***ret)
{
	int fd = open_in(root, path, O_DIRECTORY);
	int n;

	if (fd < 0)
		return fd;
	n = scandirat(fd, ".", ret, wanted, alphasort);
	(void)close(fd);
	return n < 0 ? -errno : n;
}

/* "default PATTERN" of systemd-boot's loader.conf: the last name that it matches boots. */
static void mark_default(const char *root, const char *loader_conf, struct boot_entries *entries)
{
	struct text text = { 0 };
	struct span rest, line, word, value;

	if (find_read(root, loader_conf, LIMIT_MENU, &text) == 0) {
		rest = span_of_text(&text);
		while (span_next_line(&rest, &line)) {
			if (!span_next_word(&line, &word) || !span_is(word, "default"))
				continue;
			value = span_trim(line);
			for (size_t i = entries->n; i-- > 0 && !entries->default_known;) {
				char *pattern = format("%.*s", (int)value.n, value.p);
				char *id = format("%s.conf", entries->entry[i].id);

				entries->entry[i].is_default =
					fnmatch(pattern, id, 0) == 0 ||
					fnmatch(pattern, entries->entry[i].id, 0) == 0;
				entries->default_known = entries->entry[i].is_default;
				free(pattern);
				free(id);
			}
		}
	}
	text_free(&text);
}

/* GRUB's variables are for BLS entries too ("$kernelopts" of Fedora). */
static void read_grubenv(const char *root, struct boot_entries *entries)
{
	static const char *const paths[] = { "/boot/grub/grubenv", "/boot/grub2/grubenv",
					     "/boot/efi/EFI/fedora/grubenv", NULL };
	struct text text = { 0 };

	for (size_t i = 0; paths[i]; i++) {
		if (find_read(root, paths[i], LIMIT_MENU, &text) == 0)
			entries_read_grubenv(span_of_text(&text), entries);
	}
	text_free(&text);
}

static void expand_options(struct boot_entries *entries, const char *name)
{
	struct boot_entry *e = &entries->entry[entries->n - 1];
	struct text expanded = { 0 };
	const char *saved = entries_var(entries, span_of("saved_entry"));

	entries_expand(entries, span_of(e->options), &expanded);
	free(e->options);
	e->options = expanded.data;
	e->is_default = saved && strcmp(saved, name) == 0;
	entries->default_known = entries->default_known || e->is_default;
}

/* UAPI.1, type 2: unified kernel images, which systemd-boot lists behind the files. */
static void add_unified(const char *root, const char *dir, struct boot_entries *entries)
{
	char *folder = format("%s/EFI/Linux", dir);
	struct dirent **names = NULL;
	int n = list_folder(root, folder, is_efi, &names);

	for (int i = 0; i < n; i++) {
		struct boot_entry *e = entries_add(entries);

		if (e) {
			free(e->id);
			free(e->title);
			free(e->kernel);
			e->id = dup_str(names[i]->d_name);
			e->title = dup_str(names[i]->d_name);
			e->kernel = format("/EFI/Linux/%s", names[i]->d_name);
			e->is_unified = true;
		}
		free(names[i]);
	}
	free(names);
	free(folder);
}

/* The BLS entries of one boot partition. The files of GRUB may have its variables in them. */
static void read_bls(const char *root, const char *dir, struct menus *menus)
{
	char *folder = format("%s/loader/entries", dir);
	char *loader_conf = format("%s/loader/loader.conf", dir);
	struct dirent **names = NULL;
	int n = list_folder(root, folder, is_conf, &names);
	struct boot_entries *entries = add_menu(menus, folder, dir);
	struct text text = { 0 };

	read_grubenv(root, entries);
	for (int i = 0; i < n; i++) {
		char *path = path_join(folder, names[i]->d_name);
		char *id = format("%.*s", (int)strlen(names[i]->d_name) - 5, names[i]->d_name);

		if (find_read(root, path, LIMIT_MENU, &text) == 0 &&
		    entries_read_bls(span_of_text(&text), id, entries) && entries->vars.n)
			expand_options(entries, id);
		free(path);
		free(id);
		free(names[i]);
	}
	add_unified(root, dir, entries);
	if (!entries->default_known)
		mark_default(root, loader_conf, entries);
	free(names);
	free(loader_conf);
	text_free(&text);
	finish_menu(menus);
}

static void read_menu_file(const char *root, const char *path, struct menus *menus,
			   void (*parse)(struct span text, struct boot_entries *entries))
{
	struct text text = { 0 };

	if (find_read(root, path, LIMIT_MENU, &text) == 0) {
		struct boot_entries *entries = add_menu(menus, dup_str(path), NULL);

		read_grubenv(root, entries);
		parse(span_of_text(&text), entries);
		finish_menu(menus);
	}
	text_free(&text);
}

void find_menus(const char *root, struct menus *ret)
{
	static const char *const grub[] = { "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg", NULL };
	static const char *const extlinux[] = { "/boot/extlinux/extlinux.conf",
						"/boot/extlinux.conf",
						"/boot/syslinux/syslinux.cfg", NULL };

	for (size_t i = 0; *boot_dirs[i]; i++)
		read_bls(root, boot_dirs[i], ret);
	for (size_t i = 0; grub[i]; i++)
		read_menu_file(root, grub[i], ret, entries_read_grub);
	for (size_t i = 0; extlinux[i]; i++)
		read_menu_file(root, extlinux[i], ret, entries_read_extlinux);
}

void menus_free(struct menus *menus)
{
	for (size_t i = 0; i < menus->n; i++) {
		free(menus->menu[i].source);
		entries_free(&menus->menu[i].entries);
	}
	free(menus->menu);
	*menus = (struct menus){ 0 };
}

const char *find_kernel_cmdline(const char *root, struct text *ret)
{
	static const char *const paths[] = { "/etc/kernel/cmdline", "/usr/lib/kernel/cmdline",
					     NULL };
	struct text text = { 0 };
	const char *found = NULL;
	struct span rest, line;

	for (size_t i = 0; !found && paths[i]; i++) {
		if (find_read(root, paths[i], LIMIT_MENU, &text) == 0)
			found = paths[i];
	}
	rest = (struct span){ text.data, found ? text.len : 0 };
	text_add(ret, "", 0);
	while (span_next_line(&rest, &line)) {
		line = span_trim(line);
		if (!line.n || line.p[0] == '#')
			continue;
		if (ret->len)
			text_str(ret, " ");
		text_add(ret, line.p, line.n);
	}
	text_free(&text);
	return found;
}
