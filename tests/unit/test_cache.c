// SPDX-License-Identifier: LGPL-2.1-or-later
// wrap: geteuid
// of: tool
/* The compile cache does not believe what is not its user's own, or not whole. */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compile/cache.h"

#define KEY "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char folder[] = "/tmp/initward-test-XXXXXX";
static uid_t other_user;

uid_t __real_geteuid(void);
uid_t __wrap_geteuid(void);

uid_t __wrap_geteuid(void)
{
	return __real_geteuid() + other_user;
}

static struct cache cache;
static struct text said, body;
static char *entry;

static int begin(void **state)
{
	(void)state;
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
	other_user = 0;
	if (!mkdtemp(folder))
		return -1;
	entry = path_join(folder, KEY);
	cache_open(&cache, folder, false);
	cache_put(&cache, KEY, span_of("said\n"), span_of("body"));
	return cache.path && cache.stored == 1 ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	cache_close(&cache);
	text_free(&said);
	text_free(&body);
	free(entry);
	return remove_tree(folder);
}

static bool get(const char *(*check)(struct span))
{
	return cache_get(&cache, KEY, check, &said, &body);
}

static void what_was_put_is_got(void **state)
{
	(void)state;
	assert_true(get(NULL));
	assert_string_equal(said.data, "said\n");
	assert_string_equal(body.data, "body");
	assert_int_equal(cache.found, 1);
}

static void what_is_not_there_is_missed(void **state)
{
	(void)state;
	assert_int_equal(unlink(entry), 0);
	assert_false(get(NULL));
	assert_int_equal(cache.missed, 1);
}

static void a_writable_folder_is_not_used(void **state)
{
	static const mode_t modes[] = { 0720, 0702, 0777 };

	(void)state;
	for (size_t i = 0; i < COUNT(modes); i++) {
		cache_close(&cache);
		assert_int_equal(chmod(folder, modes[i]), 0);
		cache_open(&cache, folder, false);
		assert_null(cache.path);
		assert_false(get(NULL));
	}
}

static void another_users_folder_is_not_used(void **state)
{
	(void)state;
	cache_close(&cache);
	other_user = 1;
	cache_open(&cache, folder, false);
	assert_null(cache.path);
}

static void a_writable_entry_is_removed(void **state)
{
	static const mode_t modes[] = { 0620, 0602 };

	(void)state;
	for (size_t i = 0; i < COUNT(modes); i++) {
		assert_int_equal(chmod(entry, modes[i]), 0);
		assert_false(get(NULL));
		assert_int_equal(access(entry, F_OK), -1);
		cache_put(&cache, KEY, span_of(""), span_of("body"));
		assert_true(get(NULL));
	}
}

static void another_users_entry_is_not_used(void **state)
{
	(void)state;
	other_user = 1;
	assert_false(get(NULL));
}

static void a_link_or_pipe_is_not_used(void **state)
{
	char *real = path_join(folder, "real");

	(void)state;
	assert_int_equal(rename(entry, real), 0);
	assert_int_equal(symlink("real", entry), 0);
	assert_false(get(NULL));
	assert_int_equal(unlink(real), 0);
	assert_int_equal(mkfifo(entry, 0600), 0);
	assert_false(get(NULL)); /* and does not wait for a writer */
	free(real);
}

static void a_damaged_entry_is_removed(void **state)
{
	(void)state;
	assert_int_equal(truncate(entry, 20), 0);
	assert_false(get(NULL));
	assert_int_equal(access(entry, F_OK), -1);
}

static const char *refuse(struct span b)
{
	return span_is(b, "body") ? "it is a test" : NULL;
}

static void a_body_that_the_caller_refuses_is_removed(void **state)
{
	(void)state;
	assert_false(get(refuse));
	assert_int_equal(access(entry, F_OK), -1);
}

static void an_entry_of_another_key_is_not_used(void **state)
{
	char other[] = KEY, *path;

	(void)state;
	other[0] = 'f';
	path = path_join(folder, other);
	assert_int_equal(rename(entry, path), 0);
	assert_false(cache_get(&cache, other, NULL, &said, &body));
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_put_is_got, begin, end),
		cmocka_unit_test_setup_teardown(what_is_not_there_is_missed, begin, end),
		cmocka_unit_test_setup_teardown(a_writable_folder_is_not_used, begin, end),
		cmocka_unit_test_setup_teardown(another_users_folder_is_not_used, begin, end),
		cmocka_unit_test_setup_teardown(a_writable_entry_is_removed, begin, end),
		cmocka_unit_test_setup_teardown(another_users_entry_is_not_used, begin, end),
		cmocka_unit_test_setup_teardown(a_link_or_pipe_is_not_used, begin, end),
		cmocka_unit_test_setup_teardown(a_damaged_entry_is_removed, begin, end),
		cmocka_unit_test_setup_teardown(a_body_that_the_caller_refuses_is_removed, begin,
						end),
		cmocka_unit_test_setup_teardown(an_entry_of_another_key_is_not_used, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
