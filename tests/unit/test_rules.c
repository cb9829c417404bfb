// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
/* The rules of a policy file: where they stand, and what they say. */
#include "unit.h"

#include "compile/rules.h"

static struct text seen;

/* LINE keyword | text | plain, and " (file)" */
static void see(void *ctx, const struct source_rule *rule)
{
	(void)ctx;
	text_format(&seen, "%u %.*s|%s|%s%s\n", rule->line, (int)rule->keyword.n, rule->keyword.p,
		    rule->text.data, rule->plain, is_file_rule(rule) ? " (file)" : "");
}

static void check(const char *policy, const char *want)
{
	struct span exact = exact_copy(span_of(policy));

	seen.len = 0;
	text_str(&seen, "");
	each_rule(exact, see, NULL);
	if (strcmp(seen.data, want) != 0)
		fail_msg("of\n%s\ncame\n%sand not\n%s", policy, seen.data, want);
	free((void *)(uintptr_t)exact.p);
}

static void rules_have_lines_and_words(void **state)
{
	(void)state;
	check("profile x {\n  dbus,\n\n  deny   mount\n -> /x , # no\n}\n",
	      "2 dbus|dbus|dbus\n4 mount|deny mount -> /x|mount -> /x\n");
	check("# dbus,\nunix (send)\n  # in between, a comment\n  peer=(label=x),",
	      "2 unix|unix (send) peer=(label=x)|unix (send) peer=(label=x)\n");
	check("signal(send) set=(a, b), ptrace,",
	      "1 signal|signal(send) set=(a, b)|signal(send) set=(a, b)\n1 ptrace|ptrace|ptrace\n");
}

static void qualifiers_are_no_keyword(void **state)
{
	(void)state;
	check("audit deny owner dbus, owner deny dbus,\npriority=5 audit userns,",
	      "1 dbus|audit deny owner dbus|owner dbus\n1 dbus|owner deny dbus|owner deny dbus\n"
	      "2 userns|priority=5 audit userns|priority=5 audit userns\n");
}

static void blocks_assignments_and_includes_are_no_rules(void **state)
{
	(void)state;
	check("include <a>\n#include <b>\ninclude if exists \"c\"\n@{X} = /a, /b,\n$y = true\n"
	      "@{X}+=/c\nprofile a flags=(complain) { hat b { dbus, } owner { mqueue, } }\n",
	      "7 dbus|dbus|dbus\n7 mqueue|mqueue|mqueue\n");
	check("abi <abi/4.0>,\nalias /a -> /b,\n",
	      "1 abi|abi <abi/4.0>|abi <abi/4.0>\n2 alias|alias /a -> /b|alias /a -> /b\n");
}

static void rules_of_files_are_told_apart(void **state)
{
	(void)state;
	check("file, deny /a w, \"/b c\" r, @{X}/d r, link /a -> /b, rw /e, owner /f{,g} r, "
	      "w\t@{Y} ,",
	      "1 file|file|file (file)\n1 /a|deny /a w|/a w (file)\n"
	      "1 \"/b c\"|\"/b c\" r|\"/b c\" r (file)\n1 @{X}/d|@{X}/d r|@{X}/d r (file)\n"
	      "1 link|link /a -> /b|link /a -> /b (file)\n1 rw|rw /e|rw /e (file)\n"
	      "1 /f{,g}|owner /f{,g} r|owner /f{,g} r (file)\n1 w|w @{Y}|w @{Y} (file)\n");
	check("mount /a -> /b, umount /a, remount /a, pivot_root /a, change_profile /a,",
	      "1 mount|mount /a -> /b|mount /a -> /b\n1 umount|umount /a|umount /a\n"
	      "1 remount|remount /a|remount /a\n1 pivot_root|pivot_root /a|pivot_root /a\n"
	      "1 change_profile|change_profile /a|change_profile /a\n");
}

static void what_is_broken_ends_it(void **state)
{
	(void)state;
	check("dbus, unix (send", "1 dbus|dbus|dbus\n");
	check("dbus, \"unix", "1 dbus|dbus|dbus\n");
	check("dbus", "");
	check("", "");
	check(", , deny, }", "");
}

static void see_name(void *ctx, struct span name)
{
	(void)ctx;
	text_format(&seen, "%.*s;", (int)name.n, name.p);
}

static void variables_are_found(void **state)
{
	(void)state;
	seen.len = 0;
	each_variable("a @{X}/@{YZ} @{} @{open", see_name, NULL);
	assert_string_equal(seen.data, "X;YZ;");
	text_free(&seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_have_lines_and_words),
		cmocka_unit_test(qualifiers_are_no_keyword),
		cmocka_unit_test(blocks_assignments_and_includes_are_no_rules),
		cmocka_unit_test(rules_of_files_are_told_apart),
		cmocka_unit_test(what_is_broken_ends_it),
		cmocka_unit_test(variables_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
