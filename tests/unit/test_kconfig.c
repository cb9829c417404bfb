// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
#include "unit.h"

#include "kernel/kconfig.h"

static const char config[] = "#\n"
			     "# Automatically generated file; DO NOT EDIT.\n"
			     "# Linux/x86 6.12.107 Kernel Configuration\n"
			     "#\n"
			     "CONFIG_A=y\n"
			     "CONFIG_AB=m\n"
			     "# CONFIG_B is not set\n"
			     "CONFIG_C=n\n"
			     "CONFIG_LSM=\"yama,apparmor\"\n"
			     "CONFIG_CMDLINE=\"a=\\\"b c\\\" d\\\\e\"\n"
			     "CONFIG_EMPTY=\"\"\n"
			     "CONFIG_N=17\n"
			     "CONFIG_TWICE=n\n"
			     "CONFIG_TWICE=y\n"
			     "CONFIG_GONE=y\n"
			     "CONFIG_GONE=n\n"
			     "CONFIG_DOS=y\r\n"
			     "CONFIG_LAST=y";

static void test_what_is_a_configuration(void **state)
{
	(void)state;
	assert_true(kconfig_valid(span_of(config)));
	assert_true(kconfig_valid(SPAN("CONFIG_X=y")));
	assert_false(kconfig_valid(SPAN("")));
	assert_false(kconfig_valid(SPAN("# CONFIG_X is not set\n")));
	assert_false(kconfig_valid(SPAN("A=y\nCONFIG_X\n")));
	assert_false(kconfig_valid(SPAN("\0\0\0\0")));
}

static void test_what_is_built_in(void **state)
{
	static const struct {
		const char *name;
		bool on;
	} rows[] = {
		{ "A", true },	  { "AB", false },   { "B", false },	    { "C", false },
		{ "LSM", false }, { "TWICE", true }, { "GONE", false },	    { "DOS", true },
		{ "LAST", true }, { "", false },     { "CONFIG_A", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_number(rows[i].name, kconfig_on(span_of(config), rows[i].name), rows[i].on);
}

static void test_values(void **state)
{
	static const struct {
		const char *name;
		const char *want;
	} rows[] = {
		{ "A", "y" },	  { "AB", "m" },
		{ "N", "17" },	  { "LSM", "yama,apparmor" },
		{ "EMPTY", "" },  { "CMDLINE", "a=\"b c\" d\\e" },
		{ "C", NULL },	  { "GONE", NULL },
		{ "NONE", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text got = { 0 };
		bool found = kconfig_text(span_of(config), rows[i].name, &got);

		check_number(rows[i].name, found, rows[i].want != NULL);
		if (rows[i].want)
			check_text(rows[i].name, got.data, rows[i].want);
		text_free(&got);
	}
}

static void test_head(void **state)
{
	(void)state;
	check_span("release", kconfig_release(span_of(config)), "6.12.107");
	check_span("arch", kconfig_arch(span_of(config)), "x86");
	check_span("none", kconfig_release(SPAN("CONFIG_A=y\n")), "");
	check_span("none", kconfig_arch(SPAN("# Linux/\n")), "");
}

static void test_series(void **state)
{
	static const struct {
		const char *release;
		unsigned int series;
	} rows[] = {
		{ "6.12.107+deb13-cloud-amd64", 6012 },
		{ "5.10.0-46-amd64", 5010 },
		{ "7.3-rc7", 7003 },
		{ "7.3", 7003 },
		{ "10.0.1", 10000 },
		{ "6", 0 },
		{ "6.", 0 },
		{ ".1", 0 },
		{ "", 0 },
		{ "v6.1", 0 },
		{ "6.1000", 0 },
		{ "99999999999.1", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_number(rows[i].release, kernel_series(span_of(rows[i].release)),
			     rows[i].series);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_a_configuration),
		cmocka_unit_test(test_what_is_built_in),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_series),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
