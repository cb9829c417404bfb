// SPDX-License-Identifier: LGPL-2.1-or-later
// wrap: renameat renameat2 symlinkat unlinkat write
// of: tool
/* A folder is read within itself, and wrapped whole or not at all: what no shell test can time. */
#include "made_image.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "jobs.h"
#include "wrap/folder.h"

static char room[] = "/tmp/initward-test-XXXXXX";
static char *tree, *outside;

/* --- faults --- */

static const char *fault_from, *fault_to; /* of renameat(); NULL: none */
static int exchange_errno;		  /* of renameat2() */
static bool stop_at_link, stop_at_write;
static const char *swapped_once_seen; /* a folder that becomes a link behind unlinkat()'s answer */

int __real_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __real_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned int how);
int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned int how);
int __real_symlinkat(const char *target, int dir, const char *name);
int __wrap_symlinkat(const char *target, int dir, const char *name);
int __real_unlinkat(int dir, const char *name, int how);
int __wrap_unlinkat(int dir, const char *name, int how);
ssize_t __real_write(int fd, const void *data, size_t n);
ssize_t __wrap_write(int fd, const void *data, size_t n);

int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	if (fault_from && strcmp(from, fault_from) == 0 && strcmp(to, fault_to) == 0) {
		fault_from = NULL;
		errno = EIO;
		return -1;
	}
	return __real_renameat(from_dir, from, to_dir, to);
}

int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned int how)
{
	errno = exchange_errno;
	return exchange_errno ? -1 : __real_renameat2(from_dir, from, to_dir, to, how);
}

int __wrap_symlinkat(const char *target, int dir, const char *name)
{
	if (stop_at_link)
		(void)raise(SIGTERM);
	return __real_symlinkat(target, dir, name);
}

int __wrap_unlinkat(int dir, const char *name, int how)
{
	int r = __real_unlinkat(dir, name, how), err = errno;

	if (swapped_once_seen && strcmp(name, swapped_once_seen) == 0) {
		swapped_once_seen = NULL;
		assert_int_equal(__real_renameat(dir, name, dir, "moved"), 0);
		assert_int_equal(__real_symlinkat(outside, dir, name), 0);
	}
	errno = err;
	return r;
}

ssize_t __wrap_write(int fd, const void *data, size_t n)
{
	if (stop_at_write)
		(void)raise(SIGTERM);
	return __real_write(fd, data, n);
}

/* --- the tree --- */

static char *at(const char *name)
{
	return path_join(room, name);
}

static void put(const char *name, const struct text *data, unsigned int mode)
{
	char *path = at(name);

	assert_int_equal(write_file(path, data->data, data->len), 0);
	assert_int_equal(chmod(path, mode), 0);
	free(path);
}

static void make(const char *name)
{
	char *path = at(name);

	assert_int_equal(make_dir(path), 0);
	free(path);
}

static void link_to(const char *target, const char *name)
{
	char *path = at(name);

	(void)unlink(path);
	assert_int_equal(symlink(target, path), 0);
	free(path);
}

/* Loader and bundle of made_whole() beside the tree, a program in it, and a file outside. */
static int begin(void **state)
{
	static const struct text secret = { .data = (char *)"secret", .len = 6 };

	(void)state;
	memcpy(room + sizeof(room) - 7, "XXXXXX", 6);
	if (!mkdtemp(room))
		return -1;
	tree = at("tree");
	outside = at("outside");
	make("tree");
	make("tree/sbin");
	make("outside");
	put("outside/file", &secret, 0644);
	made_whole();
	for (size_t i = 0; i < n_made; i++) {
		const char *name = made[i].name;

		if (S_ISDIR(made[i].mode) && strncmp(name, "initward/", 9) == 0)
			make(name + 9);
		else if (strncmp(name, IMAGE_BUNDLE "/", sizeof(IMAGE_BUNDLE)) == 0)
			put(name + 9, &made[i].data, 0644);
	}
	put("loader", &made_find("init")->data, 0755);
	put("tree/sbin/init", &made_find("sbin/init")->data, 0755);
	link_to("sbin/init", "tree/init");
	fault_from = NULL;
	exchange_errno = 0;
	stop_at_link = stop_at_write = false;
	swapped_once_seen = NULL;
	return 0;
}

static int end(void **state)
{
	(void)state;
	made_clear();
	free(tree);
	free(outside);
	return remove_tree(room);
}

static bool wrap(const char *level)
{
	char *loader = at("loader"), *bundle = at("bundle");
	struct layer layer = { .loader_file = loader, .bundle_dir = bundle, .values = true };
	bool ok;

	layer.value[2] = level;
	ok = wrap_folder(&layer, tree);
	layer_free(&layer);
	free(loader);
	free(bundle);
	return ok;
}

/* Names, modes, targets and contents below a folder, one after the other. */
static void list_below(const char *path, struct text *ret)
{
	struct dirent **entry;
	int n = scandir(path, &entry, NULL, alphasort);

	assert_true(n >= 0);
	for (int i = 0; i < n; i++) {
		char *name = path_join(path, entry[i]->d_name), target[256] = "";
		struct text data = { 0 };
		struct stat st;

		assert_int_equal(lstat(name, &st), 0);
		if (S_ISLNK(st.st_mode))
			assert_true(readlink(name, target, sizeof(target) - 1) > 0);
		if (S_ISREG(st.st_mode))
			assert_int_equal(read_file(name, 1 << 20, &data), 0);
		if (entry[i]->d_name[0] != '.' || strlen(entry[i]->d_name) > 2) {
			text_format(ret, "%s %o %s %zu ", name, st.st_mode, target, data.len);
			text_add(ret, data.data, data.len);
			if (S_ISDIR(st.st_mode))
				list_below(name, ret);
		}
		text_free(&data);
		free(name);
		free(entry[i]);
	}
	free(entry);
}

static struct text listing(const char *path)
{
	struct text ret = { 0 };

	list_below(path, &ret);
	return ret;
}

static void check_same(const char *what, const char *path, struct text *before)
{
	struct text now = listing(path);

	if (now.len != before->len || memcmp(now.data, before->data, now.len) != 0)
		fail_msg("%s: %s has changed", what, path);
	text_free(&now);
	text_free(before);
}

/* Wrapping fails, and nothing in the tree or beside it has changed. */
static void check_refused(const char *what)
{
	struct text before = listing(tree), beside = listing(outside);

	if (wrap("sealed"))
		fail_msg("%s: it was wrapped", what);
	check_same(what, tree, &before);
	check_same(what, outside, &beside);
}

static void has(const char *name, const char *part)
{
	struct text text = { 0 };
	char *path = at(name);

	assert_int_equal(read_file(path, 1 << 20, &text), 0);
	if (!memmem(text.data, text.len, part, strlen(part)))
		fail_msg("%s has no '%s'", name, part);
	text_free(&text);
	free(path);
}

/* --- reading --- */

static void no_link_is_followed_out_of_the_folder(void **state)
{
	struct image *image;

	(void)state;
	link_to("../outside", "tree/sub");
	link_to("../outside/file", "tree/file");
	image = image_of_folder(tree, -1, NULL);
	assert_non_null(image);
	assert_non_null(image_find(image, "sub", false));
	assert_null(image_find(image, "sub/file", false));
	assert_null(image_find(image, "sub/file", true));
	assert_null(image_find(image, "file", true));
	image_free(image);
}

/* Between the listing and the reading somebody puts something else in a name's place. */
static void what_is_exchanged_is_not_read(void **state)
{
	static const struct text same = { .data = (char *)"public", .len = 6 };
	const struct image_file *file, *deep;
	struct text text = { 0 };
	struct image *image;
	char *path;

	(void)state;
	make("tree/sub");
	put("tree/sub/file", &same, 0644);
	put("tree/file", &same, 0644);
	image = image_of_folder(tree, -1, NULL);
	assert_non_null(image);
	file = image_find(image, "file", false);
	deep = image_find(image, "sub/file", false);
	assert_true(image_read(image, file, 100, &text) && text.len == 6);
	assert_true(image_read(image, deep, 100, &text) && text.len == 6);
	link_to("../outside/file", "tree/file");
	assert_false(image_read(image, file, 100, &text));
	path = at("tree/sub/file");
	assert_int_equal(unlink(path), 0);
	free(path);
	path = at("tree/sub");
	assert_int_equal(rmdir(path), 0);
	free(path);
	link_to("../outside", "tree/sub");
	assert_false(image_read(image, deep, 100, &text));
	path = at("tree/file");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0644), 0);
	free(path);
	assert_false(image_read(image, file, 100, &text));
	text_free(&text);
	image_free(image);
}

static void what_is_over_it_stands_in_its_place(void **state)
{
	static const struct text old = { .data = (char *)"old", .len = 3 };
	static const struct text new = { .data = (char *)"newer", .len = 5 };
	struct text text = { 0 };
	struct image *image;

	(void)state;
	make("tree/sub");
	put("tree/sub/lost", &old, 0644);
	put("tree/file", &old, 0644);
	put("tree/stays", &old, 0644);
	make("tree/over");
	make("tree/over/sub");
	put("tree/over/sub/file", &new, 0644);
	put("tree/over/file", &new, 0644);
	image = image_of_folder(tree, -1, "over");
	assert_non_null(image);
	assert_null(image_find(image, "over", false));
	assert_null(image_find(image, "sub/lost", false));
	assert_non_null(image_find(image, "stays", false));
	assert_true(image_read(image, image_find(image, "sub/file", false), 100, &text));
	check_text("sub/file", text.data, "newer");
	assert_true(image_read(image, image_find(image, "file", false), 100, &text));
	check_text("file", text.data, "newer");
	text_free(&text);
	image_free(image);
}

/* --- wrapping --- */

static void a_fault_between_the_renames_is_taken_back(void **state)
{
	(void)state;
	fault_from = fault_to = "init";
	check_refused("the first time");
	assert_true(wrap(NULL));
	fault_from = fault_to = "init";
	check_refused("the second time");
	fault_from = fault_to = "initward";
	exchange_errno = EINVAL;
	check_refused("the new folder");
	fault_from = "initward";
	fault_to = "old";
	check_refused("the old folder");
	fault_from = fault_to = "init";
	check_refused("init, without an exchange");
	exchange_errno = EXDEV;
	check_refused("no exchange");
}

static void where_folders_cannot_be_exchanged_it_takes_two_renames(void **state)
{
	char *left = at("tree/.initward-new");

	(void)state;
	assert_true(wrap(NULL));
	exchange_errno = EINVAL;
	assert_true(wrap("sealed"));
	has("tree/initward/initward.conf", "level = sealed");
	has("tree/init", "9.9");
	assert_int_equal(access(left, F_OK), -1);
	free(left);
}

static void what_is_not_good_is_not_put_in(void **state)
{
	static const struct text no_blob = { .data = (char *)"none", .len = 4 };

	(void)state;
	put("bundle/enforce/old/global", &no_blob, 0644);
	check_refused("a bundle that is none");
}

static void a_next_init_that_leads_to_the_loader_is_refused(void **state)
{
	(void)state;
	assert_true(wrap(NULL));
	link_to("/init", "tree/initward/init");
	check_refused("the loader as next init");
}

static void initward_of_somebody_else_stays(void **state)
{
	char *path = at("tree/initward");

	(void)state;
	link_to("../outside", "tree/initward");
	check_refused("a link");
	assert_int_equal(unlink(path), 0);
	make("tree/initward");
	check_refused("a folder");
	free(path);
}

static void a_link_in_the_place_of_the_private_folder_is_not_followed(void **state)
{
	struct text before = listing(outside);

	(void)state;
	link_to("../outside", "tree/.initward-new");
	assert_true(wrap(NULL));
	check_same("what a link leads to", outside, &before);
	has("tree/init", "9.9");
}

static void nor_is_one_that_takes_the_place_of_a_folder_in_there(void **state)
{
	struct text before = listing(outside);

	(void)state;
	make("tree/.initward-new");
	make("tree/.initward-new/sub");
	swapped_once_seen = "sub";
	assert_false(wrap(NULL));
	check_same("what a link leads to", outside, &before);
}

/* The last ones: the signal stays. */
static void a_signal_at_the_last_moment_changes_nothing(void **state)
{
	(void)state;
	catch_signals();
	stop_at_link = true;
	check_refused("a signal behind the last file");
}

static void a_signal_while_it_writes_changes_nothing(void **state)
{
	(void)state;
	stop_at_write = true;
	check_refused("a signal");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
		TEST(no_link_is_followed_out_of_the_folder),
		TEST(what_is_exchanged_is_not_read),
		TEST(what_is_over_it_stands_in_its_place),
		TEST(a_fault_between_the_renames_is_taken_back),
		TEST(where_folders_cannot_be_exchanged_it_takes_two_renames),
		TEST(what_is_not_good_is_not_put_in),
		TEST(a_next_init_that_leads_to_the_loader_is_refused),
		TEST(initward_of_somebody_else_stays),
		TEST(a_link_in_the_place_of_the_private_folder_is_not_followed),
		TEST(nor_is_one_that_takes_the_place_of_a_folder_in_there),
		TEST(a_signal_at_the_last_moment_changes_nothing),
		TEST(a_signal_while_it_writes_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
