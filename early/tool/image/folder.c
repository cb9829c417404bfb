// SPDX-License-Identifier: LGPL-2.1-or-later
#include "image/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "strbuf.h"

struct folder {
	int fd;
	char *over;	   /* NULL: none */
	struct list above; /* the names in it */
	dev_t device;
	struct list todo; /* folders whose entries are still to be read: names in the tree */
	unsigned int files;
};

#define MAX_NOTES 32
#define OPEN_FOLDER (O_RDONLY | O_DIRECTORY)

/* Opens a path below `root`, component by component: a symbolic link anywhere is an error. */
static int open_below(int root, const char *path, int flags)
{
	char *copy = dup_str(path), *rest = copy, *name;
	int next, fd = fcntl(root, F_DUPFD_CLOEXEC, 0);

	while (fd >= 0 && (name = strsep(&rest, "/"))) {
		next = openat(fd, *name ? name : ".",
			      O_CLOEXEC | O_NOFOLLOW | (rest ? O_PATH | O_DIRECTORY : flags));
		(void)close(fd);
		fd = next;
	}
	free(copy);
	return fd;
}

static bool is_above(const struct folder *f, const char *name)
{
	char *first = format("%.*s", (int)strcspn(name, "/"), name);
	bool ret = list_has(&f->above, first);

	free(first);
	return ret;
}

/* Where a name of the tree lies on disk. */
static char *disk_path(const struct folder *f, const char *name)
{
	return is_above(f, name) ? path_join(f->over, name) : dup_str(name);
}

/* Names may hold what no terminal should get. */
static bool cannot(const struct image *image, const char *what, const char *name, const char *why)
{
	char buf[PATH_MAX + 3];
	struct strbuf sb;

	sb_init(&sb, buf, sizeof(buf));
	sb_quoted(&sb, span_of(*name ? name : "."));
	say("%s: cannot %s %s: %s", image->path, what, buf, why);
	return false;
}

static void note(struct image *image, const char *what, const char *name)
{
	if (image->notes.n < MAX_NOTES)
		list_add(&image->notes, format("%s: %s", what, name));
}

/* --- one entry, made as the kernel makes it from a record of an archive --- */

static uint32_t make(struct tree *t, const char *name, const struct stat *st, const char *target)
{
	uint32_t node;

	tree_clean(t, name, target ? 0 : st->st_mode);
	if (S_ISREG(st->st_mode))
		return tree_open(t, name, true);
	if (target)
		(void)tree_symlink(t, target, name);
	else
		(void)tree_make(t, name, st->st_mode);
	node = tree_lookup(t, name, false, NULL);
	if (node != TREE_NONE && (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))) {
		t->node[node].major = major(st->st_rdev);
		t->node[node].minor = minor(st->st_rdev);
	}
	return node;
}

/*
 * Hard links are not told from other files: nothing that is asked of an image depends on it, and each
 * name leads to the content.
 */
static void add_entry(struct image *image, const char *name, const struct stat *st,
		      const char *target)
{
	uint32_t i = make(image->tree, name, st, target);
	struct tree_node *node;

	if (i == TREE_NONE) {
		note(image, "a file that the kernel cannot make", name);
		return;
	}
	node = &image->tree->node[i];
	node->mode = (node->mode & S_IFMT) | (st->st_mode & 07777);
	node->uid = st->st_uid;
	node->gid = st->st_gid;
	node->mtime = st->st_mtime < 0 ? 0 : (uint64_t)st->st_mtime;
	node->size = S_ISREG(st->st_mode) || target ? (uint64_t)st->st_size : 0;
	node->part = 0;
}

/* --- one folder --- */

static bool check_entry(struct folder *f, struct image *image, const char *name,
			const struct stat *st)
{
	if (S_ISDIR(st->st_mode) && st->st_dev != f->device)
		return cannot(image, "take", name,
			      "another file system is mounted there; unmount it before the tree is "
			      "packed");
	if (++f->files > LIMIT_FILES || image->tree->text > LIMIT_NAMES ||
	    image->tree->steps > LIMIT_STEPS)
		return cannot(image, "take", name,
			      "the folder holds more than an initramfs is read of");
	return true;
}

/* The entry `entry` of the folder `fd`, which is `name` in the tree. */
static bool take_entry(struct folder *f, struct image *image, int fd, const char *entry,
		       const char *name)
{
	char target[PATH_MAX];
	struct stat st;
	ssize_t n = 0;

	if (fstatat(fd, entry, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return cannot(image, "look at", name, strerror(errno));
	if (S_ISLNK(st.st_mode))
		n = readlinkat(fd, entry, target, sizeof(target) - 1);
	if (n < 0)
		return cannot(image, "read", name, strerror(errno));
	target[n] = '\0';
	if (!check_entry(f, image, name, &st))
		return false;
	if (strlen(name) >= PATH_MAX) {
		note(image, "a path that is too long for the kernel", name);
		return true;
	}
	add_entry(image, name, &st, S_ISLNK(st.st_mode) ? target : NULL);
	if (S_ISDIR(st.st_mode))
		list_add(&f->todo, dup_str(name));
	return true;
}

/*
 * The entries of the folder that is `where` in the tree ("": the root) and lies in `path`. In the root
 * those are left out that others stand in the place of.
 */
static bool take_folder(struct folder *f, struct image *image, const char *where, const char *path)
{
	int fd = open_below(f->fd, path, OPEN_FOLDER);
	int r = fd < 0 ? -errno : 0;
	bool root = f->over && !*path, ok;
	struct list names = { 0 };

	if (r == 0)
		r = folder_names(fd, &names);
	ok = r == 0 || cannot(image, "read", path, strerror(-r));
	for (size_t i = 0; ok && i < names.n; i++) {
		char *name = *where ? path_join(where, names.item[i]) : dup_str(names.item[i]);

		if (!root || (!is_above(f, name) && strcmp(name, f->over) != 0))
			ok = take_entry(f, image, fd, names.item[i], name);
		free(name);
	}
	if (fd >= 0)
		(void)close(fd);
	list_free(&names);
	return ok;
}

static bool find_above(struct folder *f, const struct image *image)
{
	int fd = open_below(f->fd, f->over, OPEN_FOLDER);
	int r = fd < 0 ? -errno : folder_names(fd, &f->above);

	if (fd >= 0)
		(void)close(fd);
	return r == 0 || cannot(image, "read", f->over, strerror(-r));
}

bool folder_list(struct folder *f, struct image *image)
{
	struct stat st;
	bool ok;

	image->tree = grow(NULL, 1, sizeof(*image->tree));
	tree_init(image->tree);
	image->tree->part = 0;
	if (fstat(f->fd, &st) < 0)
		return cannot(image, "look at", ".", strerror(errno));
	f->device = st.st_dev;
	ok = (!f->over || find_above(f, image)) && take_folder(f, image, "", "") &&
	     (!f->over || take_folder(f, image, "", f->over));
	for (size_t i = 0; ok && i < f->todo.n; i++) {
		char *path = disk_path(f, f->todo.item[i]);

		ok = take_folder(f, image, f->todo.item[i], path);
		free(path);
	}
	list_free(&f->todo);
	return ok;
}

const char *folder_read(const struct folder *f, const struct image_file *file, struct text *ret)
{
	char *path = disk_path(f, file->name);
	int r, fd = open_below(f->fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	free(path);
	if (fd < 0)
		return strerror(errno);
	r = fstat(fd, &st) < 0 ? -errno : 0;
	if (r == 0 && (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != file->size))
		r = -ESTALE;
	if (r == 0)
		r = read_fd(fd, file->size, ret);
	(void)close(fd);
	if (r == -ESTALE || r == -EFBIG || (r == 0 && ret->len != file->size))
		return "it is being changed";
	return r ? strerror(-r) : NULL;
}

struct folder *folder_new(int fd, const char *over)
{
	struct folder *f = grow(NULL, 1, sizeof(*f));

	*f = (struct folder){ .fd = fcntl(fd, F_DUPFD_CLOEXEC, 0) };
	f->over = over ? dup_str(over) : NULL;
	return f;
}

void folder_free(struct folder *f)
{
	if (!f)
		return;
	if (f->fd >= 0)
		(void)close(f->fd);
	free(f->over);
	list_free(&f->above);
	list_free(&f->todo);
	free(f);
}
