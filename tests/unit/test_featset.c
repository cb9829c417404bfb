// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
#include "unit.h"

#include "compile/featset.h"

static void test_has(void **state)
{
	static const char text[] = "capability {0xff\n}\n"
				   "domain {stack {yes\n}\nversion {1.2\n}\n}\n"
				   "mount {mask {umount pivot_root\n}\nempty {\n}\n}\n";
	static const struct {
		const char *feature;
		bool want;
	} rows[] = {
		{ "capability", true },
		{ "capability/0xff", true },
		{ "domain", true },
		{ "domain/stack", true },
		{ "domain/stack/yes", true },
		{ "domain/version/1.2", true },
		{ "mount/mask/umount", true },
		{ "mount/mask/pivot_root", true },
		{ "mount/empty", true },
		/* libapparmor's aa_features_supports() says yes to these */
		{ "mount/mask/mount", false },
		{ "mount/mask/root", false },
		{ "main", false },
		{ "domain/tack", false },
		{ "domain/stac", false },
		{ "domain/stackx", false },
		{ "domain/stack/no", false },
		{ "domain/stack/yes/yes", false },
		{ "domain/1.2", false },
		{ "mount/empty/x", false },
		{ "mount/mask/", false },
		{ "stack", false },
		{ "yes", false },
		{ "", false },
	};
	static struct featset set;
	unsigned int line;

	(void)state;
	assert_true(featset_parse(span_of(text), &set, &line));
	for (size_t i = 0; i < COUNT(rows); i++)
		check_number(rows[i].feature, featset_has(&set, span_of(rows[i].feature)),
			     rows[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_has),
	};

	return cmocka_run_group_tests_name("featset", tests, NULL, NULL);
}
