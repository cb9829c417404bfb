// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The kernel's own semantics, as read in its lib/cmdline.c (next_arg), kernel/params.c (parse_args,
 * parameq) and lib/ctype.c (isspace). Every row of the first tables was compared once with what
 * that code returns.
 */
#include "unit.h"

#include "cmdline.h"

#define NONE "(none)"

/* A private copy of the command line, NUL-terminated and of exactly its size. */
static char *writable(const char *text)
{
	return (char *)exact_copy((struct span){ text, strlen(text) + 1 }).p;
}

/* "name=value" pairs are shown as <name|value>, a parameter without '=' as <name>. */
static void show_params(const char *text, char *ret, size_t cap)
{
	char *args = writable(text), *at = args;
	struct cmdline_param param;
	struct strbuf sb;

	sb_init(&sb, ret, cap);
	while (cmdline_next(&at, &param)) {
		sb_strs(&sb, "<", param.name, NULL);
		if (param.value)
			sb_strs(&sb, "|", param.value, NULL);
		sb_strs(&sb, ">", NULL);
	}
	free(args);
}

struct tokens {
	const char *text, *want;
};

static void check_tokens(const struct tokens *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char got[256];

		show_params(rows[i].text, got, sizeof(got));
		check_text(rows[i].text, got, rows[i].want);
	}
}

static void test_blanks(void **state)
{
	static const struct tokens rows[] = {
		{ "", "" },
		{ " ", "" },
		{ " \t\n\v\f\r\xa0", "" },
		{ "a", "<a>" },
		{ " a ", "<a>" },
		{ "a b", "<a><b>" },
		{ "a  b", "<a><b>" },
		{ "a\tb\nc\vd\fe\rf\xa0g", "<a><b><c><d><e><f><g>" },
		{ "a=1\xa0"
		  "b=2\n",
		  "<a|1><b|2>" },
		/* Control characters beside those six, and UTF-8, belong to words. */
		{ "a\x08"
		  "b\x0e\x1f\x7f\x85 c",
		  "<a\x08"
		  "b\x0e\x1f\x7f\x85><c>" },
		{ "a=\xc3\xa4 b", "<a|\xc3\xa4><b>" },
		/* ... but a no-break space in UTF-8 ends the word behind its first byte. */
		{ "a=\xc2\xa0"
		  "b",
		  "<a|\xc2><b>" },
	};

	(void)state;
	check_tokens(rows, COUNT(rows));
}

static void test_equals(void **state)
{
	static const struct tokens rows[] = {
		{ "a=b", "<a|b>" },
		{ "a=", "<a|>" },
		{ "a= b", "<a|><b>" },
		{ "a =b", "<a><=b>" },
		{ "a==b", "<a|=b>" },
		{ "a=b=c", "<a|b=c>" },
		/* A '=' in the first place belongs to the name. */
		{ "=x b", "<=x><b>" },
		{ "=", "<=>" },
		{ "= b", "<=><b>" },
		{ "==", "<=|>" },
		{ "=a=b", "<=a|b>" },
		{ "a=\xa0"
		  "b",
		  "<a|><b>" },
	};

	(void)state;
	check_tokens(rows, COUNT(rows));
}

static void test_quotes(void **state)
{
	static const struct tokens rows[] = {
		{ "\"a b\" c", "<a b><c>" },
		{ "foo=\"x y\" b", "<foo|x y><b>" },
		{ "\"foo=x y\" b", "<foo|x y><b>" },
		{ "foo=\"x\ty\nz\" b", "<foo|x\ty\nz><b>" },
		/* Unbalanced: the rest of the line belongs to it. */
		{ "foo=\"x y b", "<foo|x y b>" },
		{ "\"foo b", "<foo b>" },
		{ "foo=x b=\"c d=e", "<foo|x><b|c d=e>" },
		{ "foo=a\"b c", "<foo|a\"b c>" },
		/* In the middle: they keep blanks together and stay. */
		{ "a\"b c\"d e", "<a\"b c\"d><e>" },
		{ "foo=x\"y z\"w b", "<foo|x\"y z\"w><b>" },
		{ "foo=a\"b", "<foo|a\"b>" },
		{ "foo=a\"\" b", "<foo|a\"\"><b>" },
		{ "a\" \"=b c", "<a\" \"|b><c>" },
		/* A '=' counts between quotes too. */
		{ "\"a=b c=d\" e", "<a|b c=d><e>" },
		{ "a\"=b\" c", "<a\"|b\"><c>" },
		/* One at the front of the value goes, and one at its end with it. */
		{ "a=\"b\"c d", "<a|b\"c><d>" },
		{ "a=\"\" b", "<a|><b>" },
		{ "a=\"", "<a|>" },
		{ "a=\"b\"\" c", "<a|b\"\" c>" },
		/* The one at the front of the parameter goes, and one at its end with it. */
		{ "\"a\"=b c", "<a\"|b><c>" },
		{ "\"a\"b c", "<a\"b><c>" },
		{ "\"a=b\"c d", "<a|b\"c><d>" },
		{ "\"a=\" b", "<a|><b>" },
		{ "\"=x\" b", "<=x><b>" },
		/* They cannot be nested or escaped. */
		{ "\"foo=\"x y\" b", "<foo|x><y\" b>" },
		{ "\"a=\"b c\" d", "<a|b><c\" d>" },
		{ "a=\\\"b c\\\" d", "<a|\\\"b c\\\"><d>" },
		{ "a='b c'", "<a|'b><c'>" },
		/* Nothing between them. */
		{ "\"\" b", "<><b>" },
		{ "\" b", "< b>" },
		{ "\"", "<>" },
		{ "a \"", "<a><>" },
	};

	(void)state;
	check_tokens(rows, COUNT(rows));
}

static void test_double_dash_ends_the_parameters(void **state)
{
	static const struct tokens rows[] = {
		{ "a -- b", "<a>" },
		{ "-- b", "" },
		{ "a --", "<a>" },
		{ "a \"--\" b", "<a>" },
		{ "a\n--\nb", "<a>" },
		/* Look-alikes do not. */
		{ "--x b", "<--x><b>" },
		{ "- b", "<-><b>" },
		{ "--- b", "<---><b>" },
		{ "--= b", "<--|><b>" },
		{ "--=x b", "<--|x><b>" },
		{ "__ b", "<__><b>" },
		{ "a=-- b", "<a|--><b>" },
		{ "a=\"x -- y\" b", "<a|x -- y><b>" },
		{ "a--b c", "<a--b><c>" },
	};

	(void)state;
	check_tokens(rows, COUNT(rows));
}

/* False again and again, and nothing is moved or handed out. */
static void test_the_end_stays_the_end(void **state)
{
	static const char *const rows[] = { "", "  ", "-- a", "\"--\"" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *args = writable(rows[i]), *at = args;
		char name[] = "name", value[] = "value";
		struct cmdline_param param = { name, value };

		assert_false(cmdline_next(&at, &param));
		assert_false(cmdline_next(&at, &param));
		check_text(rows[i], param.name, "name");
		check_text(rows[i], param.value, "value");
		free(args);
	}
}

static void test_names(void **state)
{
	static const struct {
		const char *param, *name;
		bool same;
	} rows[] = {
		{ "lsm", "lsm", true },	  { "a-b_c", "a_b-c", true }, { "a-b_c", "a-b_c", true },
		{ "-", "_", true },	  { "lsm", "lsmx", false },   { "lsmx", "lsm", false },
		{ "xlsm", "lsm", false }, { "LSM", "lsm", false },    { "a.b", "a_b", false },
		{ "a b", "a_b", false },  { "", "", true },	      { "", "a", false },
		{ "a", "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = writable(rows[i].param);
		struct cmdline_param param = { text, NULL };

		check_number(rows[i].param, cmdline_named(&param, rows[i].name), rows[i].same);
		free(text);
	}
}

struct outcome {
	struct config conf;
	char ignored[LIMIT_MESSAGE];
};

static struct outcome apply(const char *text, bool lock)
{
	struct cmdline_lsm lsm;
	struct outcome ret;
	struct strbuf sb;
	char *args = writable(text);

	config_init(&ret.conf);
	strcpy(ret.conf.init, "/sbin/init");
	ret.conf.lock = lock;
	sb_init(&sb, ret.ignored, sizeof(ret.ignored));
	cmdline_apply(args, &ret.conf, &lsm, &sb);
	free(args);
	return ret;
}

static void show_config(const struct config *conf, char *ret, size_t cap)
{
	snprintf(ret, cap, "%s %s %s %s %s%s", policy_name(conf->policy), mode_name(conf->mode),
		 level_name(conf->level), on_failure_name(conf->on_failure), conf->init,
		 conf->lock ? " lock" : "");
}

struct applied {
	const char *text, *conf, *ignored;
};

static void check_applied(const struct applied *rows, size_t n, bool lock)
{
	for (size_t i = 0; i < n; i++) {
		struct outcome o = apply(rows[i].text, lock);
		char conf[512];

		show_config(&o.conf, conf, sizeof(conf));
		check_text(rows[i].text, conf, rows[i].conf);
		check_text(rows[i].text, o.ignored, rows[i].ignored);
	}
}

#define DEFAULT "enforce hidden compatible panic /sbin/init"

static void test_options(void **state)
{
	static const struct applied rows[] = {
		{ "", DEFAULT, "" },
		{ "initward.policy=off", "off hidden compatible panic /sbin/init", "" },
		{ "initward.policy=complain", "complain hidden compatible panic /sbin/init", "" },
		{ "initward.policy=enforce", DEFAULT, "" },
		{ "initward.mode=visible", "enforce visible compatible panic /sbin/init", "" },
		{ "initward.mode=hidden", DEFAULT, "" },
		{ "initward.on_failure=continue", "enforce hidden compatible continue /sbin/init",
		  "" },
		{ "initward.on-failure=continue", "enforce hidden compatible continue /sbin/init",
		  "" },
		{ "initward.on_failure=panic", DEFAULT, "" },
		{ "initward.init=/bin/sh", "enforce hidden compatible panic /bin/sh", "" },
		/* Dashes in values are dashes. */
		{ "initward.init=/bin/my-init", "enforce hidden compatible panic /bin/my-init",
		  "" },
		{ "quiet initward.policy=off root=/dev/sda1",
		  "off hidden compatible panic /sbin/init", "" },
		/* Neither this program again, nor a text that would begin a line in log and report.
		 */
		{ "initward.init=/init", DEFAULT,
		  "\"initward.init\"=\"/init\" (unknown option or value)" },
		{ "initward.init=\"/x\nresult=confined\"", DEFAULT,
		  "\"initward.init\"=\"/x?result=confined\" (unknown option or value)" },
		{ "initward.policy=off initward.mode=visible initward.on_failure=continue "
		  "initward.init=/a",
		  "off visible compatible continue /a", "" },
	};

	(void)state;
	check_applied(rows, COUNT(rows), false);
}

static void test_the_last_wins(void **state)
{
	static const struct applied rows[] = {
		{ "initward.policy=off initward.policy=complain",
		  "complain hidden compatible panic /sbin/init", "" },
		{ "initward.policy=off initward.policy=enforce", DEFAULT, "" },
		{ "initward.init=/a initward.init=/b/c", "enforce hidden compatible panic /b/c",
		  "" },
		{ "initward.init=/long/name initward.init=/b", "enforce hidden compatible panic /b",
		  "" },
		/* A bad one does not count. */
		{ "initward.policy=off initward.policy=none",
		  "off hidden compatible panic /sbin/init",
		  "\"initward.policy\"=\"none\" (unknown option or value)" },
	};

	(void)state;
	check_applied(rows, COUNT(rows), false);
}

static void test_quoted_options(void **state)
{
	static const struct applied rows[] = {
		{ "initward.policy=\"off\"", "off hidden compatible panic /sbin/init", "" },
		{ "\"initward.policy=off\"", "off hidden compatible panic /sbin/init", "" },
		{ "initward.init=\"/a b\"", "enforce hidden compatible panic /a b", "" },
		/* An option within a quoted value is no option. */
		{ "foo=\"x initward.policy=off\"", DEFAULT, "" },
		{ "foo=\"x initward.policy=off", DEFAULT, "" },
		{ "foo=\"x\" initward.policy=off", "off hidden compatible panic /sbin/init", "" },
		{ "-- initward.policy=off", DEFAULT, "" },
		{ "initward.mode=visible -- initward.policy=off",
		  "enforce visible compatible panic /sbin/init", "" },
		{ "--x initward.policy=off", "off hidden compatible panic /sbin/init", "" },
		/* A quote in the middle of the value stays in it. */
		{ "initward.policy=o\"ff\"", DEFAULT,
		  "\"initward.policy\"=\"o\"ff\"\" (unknown option or value)" },
	};

	(void)state;
	check_applied(rows, COUNT(rows), false);
}

static void test_look_alikes_are_left_alone(void **state)
{
	static const struct applied rows[] = {
		{ "xinitward.policy=off", DEFAULT, "" },
		{ "initwardxpolicy=off", DEFAULT, "" },
		{ "initward_policy=off", DEFAULT, "" },
		{ "initward-policy=off", DEFAULT, "" },
		{ "initward=off", DEFAULT, "" },
		{ "initward", DEFAULT, "" },
		{ "Initward.policy=off", DEFAULT, "" },
		{ "INITWARD.POLICY=off", DEFAULT, "" },
		{ "init.ward.policy=off", DEFAULT, "" },
		{ "rd.initward.policy=off", DEFAULT, "" },
		{ "noinitward.policy=off foo=initward.policy=off", DEFAULT, "" },
	};

	(void)state;
	check_applied(rows, COUNT(rows), false);
}

#define UNKNOWN " (unknown option or value)"

static void test_what_has_no_effect_is_named(void **state)
{
	static const struct applied rows[] = {
		{ "initward.policyx=off", DEFAULT, "\"initward.policyx\"=\"off\"" UNKNOWN },
		{ "initward.policy", DEFAULT, "\"initward.policy\"" UNKNOWN },
		{ "initward.policy=", DEFAULT, "\"initward.policy\"=\"\"" UNKNOWN },
		{ "initward.policy=OFF", DEFAULT, "\"initward.policy\"=\"OFF\"" UNKNOWN },
		{ "initward.policy==off", DEFAULT, "\"initward.policy\"=\"=off\"" UNKNOWN },
		{ "initward.policy=\"off \"", DEFAULT, "\"initward.policy\"=\"off \"" UNKNOWN },
		{ "initward.mode=seen", DEFAULT, "\"initward.mode\"=\"seen\"" UNKNOWN },
		{ "initward.init=bin/sh", DEFAULT, "\"initward.init\"=\"bin/sh\"" UNKNOWN },
		{ "initward.init=/", DEFAULT, "\"initward.init\"=\"/\"" UNKNOWN },
		{ "initward.=off", DEFAULT, "\"initward.\"=\"off\"" UNKNOWN },
		{ "initward.", DEFAULT, "\"initward.\"" UNKNOWN },
		/* The configuration's alone. */
		{ "initward.lock=no", DEFAULT, "\"initward.lock\"=\"no\"" UNKNOWN },
		{ "initward.level=sealed", DEFAULT, "\"initward.level\"=\"sealed\"" UNKNOWN },
		{ "initward.version=1", DEFAULT, "\"initward.version\"=\"1\"" UNKNOWN },
		/* Just too long for a key, and much. */
		{ "initward.on_failure_____=panic", DEFAULT,
		  "\"initward.on_failure_____\"=\"panic\"" UNKNOWN },
		{ "initward.on_failure______=panic", DEFAULT,
		  "\"initward.on_failure______\"=\"panic\"" UNKNOWN },
		{ "initward.policypolicypolicypolicypolicypolicy=off", DEFAULT,
		  "\"initward.policypolicypolicypolicypolicypolicy\"=\"off\"" UNKNOWN },
		{ "initward.a=1 quiet initward.b=2", DEFAULT,
		  "\"initward.a\"=\"1\"" UNKNOWN ", \"initward.b\"=\"2\"" UNKNOWN },
		/* What an outsider wrote cannot make lines of its own in the log. */
		{ "initward.a=\"1\n<0>x\x7f\"", DEFAULT, "\"initward.a\"=\"1?<0>x?\"" UNKNOWN },
		/* The good ones beside it hold. */
		{ "initward.x=1 initward.mode=visible",
		  "enforce visible compatible panic /sbin/init", "\"initward.x\"=\"1\"" UNKNOWN },
	};

	(void)state;
	check_applied(rows, COUNT(rows), false);
}

#define LOCKED " (lock = yes)"

static void test_lock(void **state)
{
	static const struct applied rows[] = {
		{ "quiet", DEFAULT " lock", "" },
		{ "initward.policy=off", DEFAULT " lock", "\"initward.policy\"=\"off\"" LOCKED },
		{ "initward.policy=complain", DEFAULT " lock",
		  "\"initward.policy\"=\"complain\"" LOCKED },
		{ "initward.mode=visible", DEFAULT " lock",
		  "\"initward.mode\"=\"visible\"" LOCKED },
		{ "initward.on-failure=continue", DEFAULT " lock",
		  "\"initward.on-failure\"=\"continue\"" LOCKED },
		{ "initward.init=/bin/sh", DEFAULT " lock",
		  "\"initward.init\"=\"/bin/sh\"" LOCKED },
		{ "initward.policy=enforce", DEFAULT " lock",
		  "\"initward.policy\"=\"enforce\"" LOCKED },
		{ "initward.lock=no initward.policy=off", DEFAULT " lock",
		  "\"initward.lock\"=\"no\"" LOCKED ", \"initward.policy\"=\"off\"" LOCKED },
		{ "initward.policy", DEFAULT " lock", "\"initward.policy\"" LOCKED },
		{ "-- initward.policy=off", DEFAULT " lock", "" },
	};

	(void)state;
	check_applied(rows, COUNT(rows), true);
}

/* As long as the path can be, and one more. */
static void test_longest_init(void **state)
{
	char text[32 + LIMIT_NAME + 1] = "initward.init=";
	char *path = text + strlen(text);

	(void)state;
	memset(path, '/', LIMIT_NAME);
	path[LIMIT_NAME] = '\0';
	assert_string_equal(apply(text, false).conf.init, path);
	path[LIMIT_NAME] = '/';
	path[LIMIT_NAME + 1] = '\0';
	assert_string_equal(apply(text, false).conf.init, "/sbin/init");
}

static void test_lsm_parameters(void **state)
{
	static const struct {
		const char *text, *off, *lsm, *security;
	} rows[] = {
		{ "", NONE, NONE, NONE },
		{ "quiet root=x", NONE, NONE, NONE },
		{ "apparmor=0", "apparmor=", NONE, NONE },
		{ "apparmor=00", "apparmor=", NONE, NONE },
		{ "apparmor.enabled=N", "apparmor.enabled=", NONE, NONE },
		{ "apparmor.enabled=0x", "apparmor.enabled=", NONE, NONE },
		{ "apparmor.enabled=oFF", "apparmor.enabled=", NONE, NONE },
		{ "apparmor.enabled=False", "apparmor.enabled=", NONE, NONE },
		{ "apparmor=0 apparmor.enabled=true", NONE, NONE, NONE },
		{ "apparmor=1 apparmor.enabled=0", "apparmor.enabled=", NONE, NONE },
		{ "apparmor.enabled=0 apparmor=1", NONE, NONE, NONE },
		{ "apparmor.enabled=0 apparmor=10", NONE, NONE, NONE },
		{ "apparmor=0 apparmor.enabled=on", NONE, NONE, NONE },
		{ "apparmor=0 apparmor.enabled=Yes", NONE, NONE, NONE },
		{ "apparmor=0 apparmor.enabled=1", NONE, NONE, NONE },
		/* No number, no truth: the kernel leaves things as they are. */
		{ "apparmor.enabled=of apparmor.enabled=", "apparmor.enabled=", NONE, NONE },
		{ "apparmor=N", NONE, NONE, NONE },
		{ "apparmor=", NONE, NONE, NONE },
		{ "apparmor=0x", NONE, NONE, NONE },
		{ "apparmor=0 apparmor=1x", "apparmor=", NONE, NONE },
		{ "apparmor=0 apparmor=off", "apparmor=", NONE, NONE },
		{ "apparmor=0 apparmor.enabled=maybe", "apparmor=", NONE, NONE },
		{ "apparmor=0 apparmor.enabled=o", "apparmor=", NONE, NONE },
		{ "apparmor=0 apparmor.enabled=", "apparmor=", NONE, NONE },
		{ "lsm=", NONE, "", NONE },
		{ "lsm=a,b lsm=c", NONE, "c", NONE },
		{ "lsm=\"a b\"", NONE, "a b", NONE },
		{ "security=selinux", NONE, NONE, "selinux" },
		{ "lsm=x security=y apparmor=0", "apparmor=", "x", "y" },
		/* Without a value, or with another name, it is not the parameter. */
		{ "apparmor lsm security", NONE, NONE, NONE },
		{ "lsm=x lsm", NONE, "x", NONE },
		{ "apparmorx=0 lsm.x=1 xsecurity=z apparmor.mode=complain", NONE, NONE, NONE },
		{ "foo=\"x lsm=y\" -- security=z", NONE, NONE, NONE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cmdline_lsm lsm = { "old", "old", "old" };
		char *args = writable(rows[i].text), ignored[64];
		struct config conf;
		struct strbuf sb;

		config_init(&conf);
		sb_init(&sb, ignored, sizeof(ignored));
		cmdline_apply(args, &conf, &lsm, &sb);
		check_text(rows[i].text, lsm.off ? lsm.off : NONE, rows[i].off);
		check_text(rows[i].text, lsm.lsm ? lsm.lsm : NONE, rows[i].lsm);
		check_text(rows[i].text, lsm.security ? lsm.security : NONE, rows[i].security);
		check_text(rows[i].text, ignored, "");
		free(args);
	}
}

/* /proc/cmdline of a Debian machine, newline and all. */
static void test_a_real_line(void **state)
{
	struct outcome o = apply("BOOT_IMAGE=/boot/vmlinuz-6.1.0-40-amd64 "
				 "root=UUID=4c1c2d5c-0d1a-4d2e-8d67-f2c8b2b0ad5a ro quiet "
				 "console=ttyS0,115200n8 initward.policy=complain "
				 "dyndbg=\"file drivers/usb/* +p; func foo +p\" "
				 "initward.on-failure=continue -- single initward.mode=visible\n",
				 false);
	char conf[512];

	(void)state;
	show_config(&o.conf, conf, sizeof(conf));
	assert_string_equal(conf, "complain hidden compatible continue /sbin/init");
	assert_string_equal(o.ignored, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blanks),
		cmocka_unit_test(test_equals),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_double_dash_ends_the_parameters),
		cmocka_unit_test(test_the_end_stays_the_end),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_the_last_wins),
		cmocka_unit_test(test_quoted_options),
		cmocka_unit_test(test_look_alikes_are_left_alone),
		cmocka_unit_test(test_what_has_no_effect_is_named),
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_longest_init),
		cmocka_unit_test(test_lsm_parameters),
		cmocka_unit_test(test_a_real_line),
	};

	return cmocka_run_group_tests_name("cmdline", tests, NULL, NULL);
}
