// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
/*
 * Bootconfig. The parameters are those that lib/bootconfig.c of Linux 7.3 gives for these texts, compiled
 * as it is and asked; refusals are its errors.
 */
#include "unit.h"

#include "image/bootconfig.h"

static void test_parameters(void **state)
{
	static const struct {
		struct span text;
		const char *want; /* NULL: refused */
	} rows[] = {
		{ LIT("kernel.a = 1\n"), "a=1 " },
		{ LIT("kernel.a=1"), "a=1 " },
		{ LIT("kernel.a\n"), "a " },
		{ LIT("kernel.a"), NULL },
		{ LIT("kernel.a =\n"), "a= " },
		{ LIT("kernel.a = 1;kernel.b = 2\n"), "a=1 b=2 " },
		{ LIT("kernel { a = 1\nb.c = 2 }\n"), "a=1 b.c=2 " },
		{ LIT("kernel { a { b = 1 } }\n"), "a.b=1 " },
		{ LIT("kernel.a = x y # no\n"), "a=\"x y\" " },
		{ LIT("kernel.a = \"x # y\" # no\n"), "a=\"x # y\" " },
		{ LIT("kernel.a = 'x \"y\"'\n"), "a=\"x \"y\"\" " },
		{ LIT("kernel.lsm = \"lockdown,apparmor\"\n"), "lsm=lockdown,apparmor " },
		{ LIT("kernel.a = 1, 2,\n3\n"), "a=1 a=2 a=3 " },
		{ LIT("kernel.a = 1\nkernel.a += 2\n"), "a=1 a=2 " },
		{ LIT("kernel.a = 1\nkernel.a := 2\n"), "a=2 " },
		{ LIT("kernel.a = 1, 2\nkernel.a := 3\n"), "a=3 " },
		{ LIT("kernel.a = 1\nkernel.a = 2\n"), NULL },
		{ LIT("kernel.a.x = 1\nkernel.b = 2\nkernel.a.y = 3\n"), "a.x=1 a.y=3 b=2 " },
		{ LIT("kernel.a = 1\nkernel.a.b = 2\n"), "a=1 a.b=2 " },
		{ LIT("init.a = 1\nother.kernel.b = 2\n"), "" },
		{ LIT("kernel = x\n"), "" },
		{ LIT("# kernel.a = 1\n"), NULL },
		{ LIT(""), NULL },
		{ LIT("\n"), NULL },
		{ LIT("kernel.a = 1\0kernel.b = 2\n"), "a=1"
						       " " },
		{ LIT("kernel { a = 1\n"), NULL },
		{ LIT("kernel.a = 1 }\n"), NULL },
		{ LIT("kernel. a = 1\n"), NULL },
		{ LIT("kernel..a = 1\n"), NULL },
		{ LIT("kernel.a! = 1\n"), NULL },
		{ LIT("kernel.a + 1\n"), NULL },
		{ LIT("kernel.a = \"x\n"), NULL },
		{ LIT("kernel.a = \"x\" y\n"), NULL },
		{ LIT("kernel.a = \x01\n"), NULL },
		{ LIT("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a = 1\n"), "" },
		{ LIT("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a = 1\n"), NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct span copy = exact_copy(rows[i].text);
		struct text ret = { 0 };

		text_str(&ret, "");
		check_number(rows[i].text.p, bootconfig_cmdline(copy, &ret), rows[i].want != NULL);
		check_text(rows[i].text.p, ret.data, rows[i].want ? rows[i].want : "");
		text_free(&ret);
		free((char *)copy.p);
	}
}

/* 32767 bytes and 8192 words are the most. */
static void test_too_large(void **state)
{
	struct text t = { 0 }, ret = { 0 };

	(void)state;
	text_str(&t, "kernel.a = ");
	while (t.len < 32766)
		text_str(&t, "1");
	text_str(&t, "\n");
	assert_true(bootconfig_cmdline((struct span){ t.data, t.len }, &ret));
	text_str(&t, "\n");
	assert_false(bootconfig_cmdline((struct span){ t.data, t.len }, &ret));
	t.len = 0;
	text_str(&t, "kernel.a=");
	for (int i = 0; i < 8189; i++)
		text_str(&t, "1,");
	text_str(&t, "1\n");
	assert_true(bootconfig_cmdline((struct span){ t.data, t.len }, &ret));
	t.data[t.len - 1] = ',';
	text_str(&t, "1\n");
	assert_false(bootconfig_cmdline((struct span){ t.data, t.len }, &ret));
	text_free(&t);
	text_free(&ret);
}

static const char footer[] = "before"
			     "k = 1\n"
			     "\x06\0\0\0\x23\x01\0\0"
			     "#BOOTCONFIG\n"
			     "\0\0\0\0";

static void test_trailer(void **state)
{
	size_t whole = sizeof(footer) - 5;
	char changed[sizeof(footer)];
	struct bootconfig c;

	(void)state;
	for (size_t pad = 0; pad < 4; pad++) {
		assert_true(bootconfig_find((struct span){ footer, whole + pad }, &c));
		check_span("text", c.text, "k = 1\n");
		assert_int_equal(c.begin, 6);
	}
	assert_false(bootconfig_find((struct span){ footer, whole + 4 }, &c));
	assert_null(c.why);
	for (size_t n = 0; n < whole; n++) {
		struct span copy = exact_copy((struct span){ footer, n });

		assert_false(bootconfig_find(copy, &c));
		assert_int_equal(c.begin, n);
		free((char *)copy.p);
	}
	/* begins behind the begin of its text */
	assert_false(bootconfig_find((struct span){ footer + 7, whole - 7 }, &c));
	check_text("size", c.why, "the bootconfig trailer names a size beyond the initramfs");
	memcpy(changed, footer, sizeof(footer));
	changed[6] = 'K';
	assert_false(bootconfig_find((struct span){ changed, whole }, &c));
	check_text("sum", c.why, "the checksum of the bootconfig trailer is wrong");
	assert_int_equal(c.begin, whole);
	changed[14] = 1;
	assert_false(bootconfig_find((struct span){ changed, whole }, &c));
	check_text("size", c.why, "the bootconfig trailer names a size above 32767 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_trailer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
