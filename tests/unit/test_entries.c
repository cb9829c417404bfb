// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
#include "unit.h"

#include "bounds.h"
#include "kernel/entries.h"

/* The entries as one text: "title|id|kernel|initrd,initrd|options|marks" and a newline for each. */
static void show(const struct boot_entries *entries, struct text *ret)
{
	text_add(ret, "", 0);
	for (size_t i = 0; i < entries->n; i++) {
		const struct boot_entry *e = &entries->entry[i];

		text_format(ret, "%s|%s|%s|", e->title, e->id, e->kernel);
		for (size_t k = 0; k < e->initrd.n; k++)
			text_format(ret, "%s%s", k ? "," : "", e->initrd.item[k]);
		text_format(ret, "|%s|%s%s\n", e->options, e->is_default ? "d" : "",
			    e->uncertain ? "?" : "");
	}
}

static void check_grub(const char *env, const char *text, const char *want)
{
	struct boot_entries entries = { 0 };
	struct span copy = exact_copy(span_of(text));
	struct text got = { 0 };

	entries_read_grubenv(span_of(env), &entries);
	entries_read_grub(copy, &entries);
	show(&entries, &got);
	check_text(text, got.data, want);
	text_free(&got);
	entries_free(&entries);
	free((char *)copy.p);
}

#define ENTRY(words) "menuentry x {\nlinux /v " words "\n}\n"
#define GIVES(options) "x||/v||BOOT_IMAGE=/v" options "|d\n"

/* What stands in the file, and what the kernel gets of it. */
static void test_words(void **state)
{
	static const struct {
		const char *text;
		const char *want;
	} rows[] = {
		{ ENTRY("a  b"), GIVES(" a b") },
		{ ENTRY("'a b' \"c d\""), GIVES(" \"a b\" \"c d\"") },
		{ ENTRY("a=\"b c\"d"), GIVES(" \"a=b cd\"") },
		{ ENTRY("a\\ b"), GIVES(" \"a b\"") },
		{ ENTRY("a\\\nb c"), GIVES(" ab c") },
		{ ENTRY("'a\"b'"), GIVES(" a\\\"b") },
		{ ENTRY("'a\\b'"), GIVES(" a\\\\b") },
		{ ENTRY("\"a\\$b\""), GIVES(" a$b") },
		{ ENTRY("\"a\\b\""), GIVES(" a\\\\b") },
		{ ENTRY("''"), GIVES(" ") },
		{ ENTRY("a # b"), GIVES(" a") },
		{ ENTRY("a#b"), GIVES(" a#b") },
		{ ENTRY("a; initrd /i /j; linux /w"), "x||/w|/i,/j|BOOT_IMAGE=/w|d\n" },
		{ "set v='a  b'\n" ENTRY("$v \"$v\" '$v' ${v}c"), GIVES(" a b \"a  b\" $v a bc") },
		{ ENTRY("$none \"$none\" ${none}x $"), GIVES("  x $") },
		{ "v=a\n" ENTRY("$v"), GIVES(" a") },
		/* what is set behind the entry is set when it boots */
		{ ENTRY("$v") "set v=late\n", GIVES(" late") },
		{ "menuentry 'a b' --class c --id i --unrestricted { linux /v }\n",
		  "a b|i|/v||BOOT_IMAGE=/v|d\n" },
		{ "menuentry x { linuxefi /v a; initrdefi /i }\n", "x||/v|/i|BOOT_IMAGE=/v a|d\n" },
		{ "menuentry x { chainloader /o }\nmenuentry y { linux /v }\n",
		  "y||/v||BOOT_IMAGE=/v|\n" },
		{ "function f {\nmenuentry no { linux /v }\n}\n" ENTRY("a"), GIVES(" a") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_grub("", rows[i].text, rows[i].want);
}

#define A "menuentry a { linux /a }\n"
#define B "menuentry b { linux /b }\n"
#define IS_A "a||/a||BOOT_IMAGE=/a|"
#define IS_B "b||/b||BOOT_IMAGE=/b|"

static void test_conditions(void **state)
{
	static const struct {
		const char *text;
		const char *want;
	} rows[] = {
		{ "if true; then\n" A "else\n" B "fi\n", IS_A "d\n" },
		{ "if false; then\n" A "else\n" B "fi\n", IS_B "d\n" },
		{ "if [ x = x ]; then " A " fi\n", IS_A "d\n" },
		{ "if [ x != x ]; then " A " fi\n" B, IS_B "d\n" },
		{ "if test \"$none\"; then " A " fi\n" B, IS_B "d\n" },
		{ "if [ ! x = y ]; then " A " fi\n", IS_A "d\n" },
		{ "if [ -n \"$none\" ]; then " A " elif [ -z \"$none\" ]; then " B " fi\n",
		  IS_B "d\n" },
		{ "if [ x$feature_menuentry_id = xy ]; then " A " fi\n", IS_A "d\n" },
		{ "if keystatus --shift; then " A " else " B " fi\n", IS_A "d?\n" IS_B "?\n" },
		{ "if keystatus; then " A " elif true; then " B " else " A " fi\n",
		  IS_A "d?\n" IS_B "?\n" },
		{ "if [ a = b ]; then if true; then " A " fi; else if true; then " B " fi; fi\n",
		  IS_B "d\n" },
		{ "for i in 1 2; do " A " done\n" B, IS_A "d?\n" IS_B "\n" },
		/* what nobody knows goes on in variables, and in conditions on them */
		{ "if sleep; then v=1; fi\n" ENTRY("$v"), "x||/v||BOOT_IMAGE=/v 1|d?\n" },
		{ "if sleep; then v=1; fi\nw=$v\n" ENTRY("$w"), "x||/v||BOOT_IMAGE=/v 1|d?\n" },
		{ "if sleep; then v=1; fi\nv=2\n" ENTRY("$v"), "x||/v||BOOT_IMAGE=/v 2|d\n" },
		{ "if sleep; then v=1; fi\n" ENTRY("a"), "x||/v||BOOT_IMAGE=/v a|d\n" },
		{ "if sleep; then v=1; fi\nif [ $v ]; then " A " else " B " fi\n",
		  IS_A "d?\n" IS_B "?\n" },
		{ "if sleep; then default=1; fi\n" A B, IS_A "\n" IS_B "\n" },
		{ "menuentry a {\nif sleep 1; then linux /a; else linux /b; fi\n}\n",
		  "a||/b||BOOT_IMAGE=/b|d?\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_grub("", rows[i].text, rows[i].want);
}

static void test_the_default(void **state)
{
#define MENU A "submenu s --id sid {\nmenuentry c --id cid { linux /c }\n" B "}\n"
#define IS_C "s>c|cid|/c||BOOT_IMAGE=/c|"
#define IS_SB "s>b||/b||BOOT_IMAGE=/b|"
	static const struct {
		const char *set;
		const char *want;
	} rows[] = {
		{ "", IS_A "d\n" IS_C "\n" IS_SB "\n" },
		{ "set default=0\n", IS_A "d\n" IS_C "\n" IS_SB "\n" },
		{ "set default=1>0\n", IS_A "\n" IS_C "d\n" IS_SB "\n" },
		{ "set default='1>1'\n", IS_A "\n" IS_C "\n" IS_SB "d\n" },
		{ "set default='s>b'\n", IS_A "\n" IS_C "\n" IS_SB "d\n" },
		{ "set default='sid>cid'\n", IS_A "\n" IS_C "d\n" IS_SB "\n" },
		{ "set default=7\n", IS_A "\n" IS_C "\n" IS_SB "\n" },
		{ "set default=\"$saved_entry\"\n", IS_A "\n" IS_C "d\n" IS_SB "\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = format("%s" MENU, rows[i].set);

		/* "1>0" without quotes is a redirection to the lexer */
		if (i != 2)
			check_grub("saved_entry=sid>cid\n", text, rows[i].want);
		free(text);
	}
}

static void test_damaged_scripts_end(void **state)
{
	static const char *const texts[] = {
		"",
		"{",
		"}",
		"menuentry",
		"menuentry {",
		"if",
		"fi",
		"else fi done",
		"'",
		"\"",
		"\\",
		"$",
		"${",
		"submenu a {",
		"linux",
		"menuentry a { if",
		"set",
		"set =",
		"set a",
		"if [ ! ! ! ]; fi",
		"for",
		"a=b=c",
		"function",
		"# x",
		"elif true",
		"menuentry a { } }",
		"if if if",
		"\"\" \"\"",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		check_grub("", texts[i], "");
}

static void test_deep_and_long_scripts_end(void **state)
{
	struct boot_entries entries = { 0 };
	struct text text = { 0 };

	(void)state;
	for (int i = 0; i < 100000; i++)
		text_str(&text, "if true; then ");
	entries_read_grub((struct span){ text.data, text.len }, &entries);
	text.len = 0;
	for (int i = 0; i < 5000; i++)
		text_str(&text, ENTRY("a"));
	entries_read_grub((struct span){ text.data, text.len }, &entries);
	assert_int_equal(entries.n, LIMIT_ENTRIES);
	entries_free(&entries);
	text.len = 0;
	for (int i = 0; i < 1000; i++)
		text_str(&text, "submenu a {\n");
	entries_read_grub((struct span){ text.data, text.len }, &entries);
	entries_free(&entries);
	text_free(&text);
}

/* Each line doubles what stands before it. */
static void test_what_grows_is_cut(void **state)
{
	struct boot_entries entries = { 0 };
	struct text text = { 0 }, got = { 0 };

	(void)state;
	text_str(&text, "set x=a\n");
	for (int i = 0; i < 22; i++)
		text_str(&text, "set x=$x$x\n");
	text_str(&text, ENTRY("$x$x"));
	entries_read_grub((struct span){ text.data, text.len }, &entries);
	assert_int_equal(entries.n, 1);
	assert_true(strlen(entries_var(&entries, SPAN("x"))) <= LIMIT_CMDLINE);
	assert_true(strlen(entries.entry[0].options) <= 2 * LIMIT_CMDLINE);
	entries_expand(&entries, SPAN("$x$x"), &got);
	assert_int_equal(got.len, LIMIT_CMDLINE);
	text_free(&got);
	text_free(&text);
	entries_free(&entries);
}

static void test_grubenv(void **state)
{
	struct boot_entries entries = { 0 };

	(void)state;
	entries_read_grubenv(
		SPAN("# GRUB Environment Block\na=b\nc=d e\\\\f\\\ng\nh=\na=last\n###"), &entries);
	check_text("a", entries_var(&entries, SPAN("a")), "last");
	check_text("c", entries_var(&entries, SPAN("c")), "d e\\f\ng");
	check_text("h", entries_var(&entries, SPAN("h")), "");
	assert_null(entries_var(&entries, SPAN("x")));
	entries_free(&entries);
}

static void test_bls(void **state)
{
	struct boot_entries entries = { 0 };
	struct text got = { 0 };

	(void)state;
	assert_true(entries_read_bls(SPAN("# c\ntitle  A B \nversion 6.1\nlinux\t/v\ninitrd /i /j\n"
					  "initrd /k\noptions a  b\r\noptions c\nmachine-id 1\n"),
				     "id", &entries));
	assert_false(entries_read_bls(SPAN("title A\n"), "no", &entries));
	assert_true(entries_read_bls(SPAN("uki /u.efi"), "u", &entries));
	show(&entries, &got);
	check_text("bls", got.data, "A B|id|/v|/i,/j,/k|a  b c|\n|u|/u.efi|||\n");
	check_text("version", entries.entry[0].version, "6.1");
	text_free(&got);
	entries_free(&entries);
}

static void test_extlinux(void **state)
{
	struct boot_entries entries = { 0 };
	struct text got = { 0 };

	(void)state;
	entries_read_extlinux(
		SPAN("DEFAULT b\nAPPEND all\nLABEL a\nKERNEL /a\nlabel b\n"
		     "  menu label The b\n  linux /b\n  initrd /i,/j\n  append own\n"),
		&entries);
	show(&entries, &got);
	check_text("extlinux", got.data, "a|a|/a||all|\nThe b|b|/b|/i,/j|own|d\n");
	text_free(&got);
	entries_free(&entries);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_the_default),
		cmocka_unit_test(test_damaged_scripts_end),
		cmocka_unit_test(test_deep_and_long_scripts_end),
		cmocka_unit_test(test_what_grows_is_cut),
		cmocka_unit_test(test_grubenv),
		cmocka_unit_test(test_bls),
		cmocka_unit_test(test_extlinux),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
