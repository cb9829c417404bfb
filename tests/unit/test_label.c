// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit.h"

#include "label.h"

static void test_split(void **state)
{
	static const struct {
		struct span text;
		const char *label, *mode;
	} rows[] = {
		{ LIT("global (enforce)"), "global", "enforce" },
		{ LIT("global//&unconfined (mixed)"), "global//&unconfined", "mixed" },
		{ LIT("a b (complain)"), "a b", "complain" },
		{ LIT("a (b) (kill)"), "a (b)", "kill" },
		{ LIT("a (enforce) (complain)"), "a (enforce)", "complain" },
		{ LIT("a(b) (user)"), "a(b)", "user" },
		{ LIT("a ()"), "a", "" },
		{ LIT(" (x)"), "", "x" },
		{ LIT("a (b(c)"), "a", "b(c" },
	};
	static const struct span bad[] = {
		LIT(""),     LIT("unconfined"), LIT("(x)"),    LIT(")"),       LIT("()"),
		LIT("a(b)"), LIT("a (b"),	LIT("a (b) "), LIT("a (b)\n"), LIT("x)"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct span copy = exact_copy(rows[i].text), label, mode;

		check_number(rows[i].text.p, label_split(copy, &label, &mode), true);
		check_span(rows[i].text.p, label, rows[i].label);
		check_span(rows[i].text.p, mode, rows[i].mode);
		free((char *)copy.p);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct span copy = exact_copy(bad[i]), label = SPAN("old"), mode = label;

		check_number(bad[i].p, label_split(copy, &label, &mode), false);
		check_span(bad[i].p, label, "old");
		check_span(bad[i].p, mode, "old");
		free((char *)copy.p);
	}
}

static void test_namespace(void **state)
{
	static const struct {
		struct span text;
		const char *ns, *name;
	} rows[] = {
		{ LIT("global"), "-", "global" },
		{ LIT(""), "-", "" },
		{ LIT("a:b"), "-", "a:b" },
		{ LIT(":application:man"), "application", "man" },
		{ LIT(":application://man"), "application", "man" },
		{ LIT(":application:///usr/bin/man"), "application", "/usr/bin/man" },
		{ LIT(":application:/usr/bin/man"), "application", "/usr/bin/man" },
		{ LIT(":a//b:c//d"), "a//b", "c//d" },
		{ LIT(":a:b:c"), "a", "b:c" },
		{ LIT(":a:"), "a", "" },
		{ LIT(":a://"), "a", "" },
		{ LIT("::x"), "", "x" },
		{ LIT(":"), "-", ":" },
		{ LIT(":a"), "-", ":a" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct span copy = exact_copy(rows[i].text), name = copy;

		check_span(rows[i].text.p, label_take_namespace(&name), rows[i].ns);
		check_span(rows[i].text.p, name, rows[i].name);
		free((char *)copy.p);
	}
}

static void test_parts(void **state)
{
	static const struct {
		struct span text;
		const char *part[4];
	} rows[] = {
		{ LIT("global"), { "global" } },
		{ LIT("global//&unconfined"), { "global", "unconfined" } },
		{ LIT("a//b//&:c:d//&e"), { "a//b", ":c:d", "e" } },
		{ LIT("a//&"), { "a" } },
		{ LIT("//&a"), { "", "a" } },
		{ LIT("a//"), { "a//" } },
		{ LIT("//"), { "//" } },
		{ LIT(""), { NULL } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct span copy = exact_copy(rows[i].text), rest = copy, part;
		size_t n = 0;

		for (; rows[i].part[n]; n++) {
			check_number(rows[i].text.p, label_next_part(&rest, &part), true);
			check_span(rows[i].text.p, part, rows[i].part[n]);
		}
		check_number(rows[i].text.p, label_next_part(&rest, &part), false);
		free((char *)copy.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_namespace),
		cmocka_unit_test(test_parts),
	};

	return cmocka_run_group_tests_name("label", tests, NULL, NULL);
}
