// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Each command line under which AppArmor was seen to be off on real kernels (docs/kernels.md), with
 * the list of active LSMs that the kernel then gave: 5.10's, and where it differs in kind 7.3's.
 */
#include "unit.h"

#include "diagnose.h"

static void diagnose(const char *cmdline, const char *active, bool built_in, char *ret, size_t cap)
{
	struct lsm_facts facts = { .built_in = built_in, .active = span_of(active) };
	char *args = strdup(cmdline), ignored[64];
	struct strbuf sb, none;
	struct config conf;

	assert_non_null(args);
	config_init(&conf);
	sb_init(&none, ignored, sizeof(ignored));
	cmdline_apply(args, &conf, &facts.cmdline, &none);
	sb_init(&sb, ret, cap);
	diagnose_off(&facts, &sb);
	free(args);
}

struct row {
	const char *cmdline, *active, *want;
};

static void check(const struct row *rows, size_t n, bool built_in)
{
	for (size_t i = 0; i < n; i++) {
		char got[LIMIT_MESSAGE];

		diagnose(rows[i].cmdline, rows[i].active, built_in, got, sizeof(got));
		check_text(rows[i].cmdline, got, rows[i].want);
	}
}

#define NOT_NAMED " does not name apparmor"
#define ADD "; add it to the list, or remove lsm="
#define OVERRIDES " (and lsm= overrides security=)"

static void test_lsm_list(void **state)
{
	static const struct row rows[] = {
		{ "lsm=lockdown,yama", "lockdown,capability,yama",
		  "lsm=\"lockdown,yama\"" NOT_NAMED ADD },
		{ "lsm=", "lockdown,capability", "lsm=\"\"" NOT_NAMED ADD },
		{ "lsm=selinux", "lockdown,capability,selinux", "lsm=\"selinux\"" NOT_NAMED ADD },
		/* The name is a whole one. */
		{ "lsm=apparmorx,xapparmor", "capability",
		  "lsm=\"apparmorx,xapparmor\"" NOT_NAMED ADD },
		{ "lsm=\"yama, apparmor\"", "capability,yama",
		  "lsm=\"yama, apparmor\"" NOT_NAMED ADD },
		/* The last lsm= is the one that holds. */
		{ "lsm=apparmor lsm=yama", "capability,yama", "lsm=\"yama\"" NOT_NAMED ADD },
		/* security= in vain. */
		{ "lsm=yama security=apparmor", "lockdown,capability,yama",
		  "lsm=\"yama\"" NOT_NAMED OVERRIDES ADD },
		{ "lsm=selinux security=selinux", "capability,selinux",
		  "lsm=\"selinux\"" NOT_NAMED OVERRIDES ADD },
		/* As given, but in printable characters. */
		{ "lsm=\"a\nb\"", "capability", "lsm=\"a?b\"" NOT_NAMED ADD },
	};

	(void)state;
	check(rows, COUNT(rows), true);
}

#define WINS " first, and the first exclusive LSM wins; put apparmor before it"

static void test_another_exclusive_lsm_before_it(void **state)
{
	static const struct row rows[] = {
		{ "lsm=selinux,apparmor", "lockdown,capability,selinux",
		  "lsm=\"selinux,apparmor\" starts selinux" WINS },
		{ "lsm=selinux,apparmor", "lockdown,capability,landlock,selinux,bpf,ipe,ima,evm",
		  "lsm=\"selinux,apparmor\" starts selinux" WINS },
		{ "lsm=smack,apparmor", "lockdown,capability,smack",
		  "lsm=\"smack,apparmor\" starts smack" WINS },
		{ "lsm=yama,selinux,apparmor security=apparmor", "selinux",
		  "lsm=\"yama,selinux,apparmor\" starts selinux" WINS },
	};

	(void)state;
	check(rows, COUNT(rows), true);
}

/* The kernel names none in its place: the list as given is all that can be shown. */
static void test_named_and_yet_off(void **state)
{
	static const char *const active[] = { "", "lockdown,capability,tomoyo", "selinuxx,xsmack" };
	char got[LIMIT_MESSAGE];

	(void)state;
	for (size_t i = 0; i < COUNT(active); i++) {
		diagnose("lsm=tomoyo,apparmor", active[i], true, got, sizeof(got));
		assert_true(span_starts(span_of(got), "lsm=\"tomoyo,apparmor\" "));
		assert_null(strstr(got, " starts "));
	}
}

#define SELECTS " selects another LSM; use security=apparmor"

static void test_security(void **state)
{
	static const struct row rows[] = {
		{ "security=selinux", "lockdown,capability,yama,selinux",
		  "security=\"selinux\"" SELECTS },
		{ "security=none", "lockdown,capability,yama", "security=\"none\"" SELECTS },
		{ "security=", "lockdown,capability,yama", "security=\"\"" SELECTS },
		{ "security=apparmor security=tomoyo", "lockdown,capability,yama,tomoyo",
		  "security=\"tomoyo\"" SELECTS },
	};

	(void)state;
	check(rows, COUNT(rows), true);
}

#define OFF " turns it off; remove it"

static void test_turned_off(void **state)
{
	static const struct row rows[] = {
		{ "apparmor=0", "lockdown,capability,yama,selinux,tomoyo", "apparmor=" OFF },
		{ "lsm=apparmor apparmor=0", "lockdown,capability", "apparmor=" OFF },
		{ "security=apparmor apparmor=0", "lockdown,capability,yama", "apparmor=" OFF },
		{ "apparmor=0 lsm=yama,selinux", "capability,yama,selinux", "apparmor=" OFF },
		{ "apparmor=0 lsm=", "capability", "apparmor=" OFF },
		{ "apparmor.enabled=n", "capability", "apparmor.enabled=" OFF },
		{ "apparmor.enabled=off", "capability", "apparmor.enabled=" OFF },
		{ "apparmor=1 apparmor=0", "capability", "apparmor=" OFF },
	};

	(void)state;
	check(rows, COUNT(rows), true);
}

/* A value that leaves AppArmor on is not the cause. */
static void test_not_turned_off(void **state)
{
	static const char *const rows[] = {
		"apparmor=1 security=none",	    "apparmor= security=none",
		"apparmor=N security=none",	    "apparmor=0 apparmor=1 security=none",
		"apparmor.enabled=Y security=none", "apparmor.enabled=on security=none",
		"apparmor.enabled=O security=none", "apparmor security=none",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char got[LIMIT_MESSAGE];

		diagnose(rows[i], "capability,yama", true, got, sizeof(got));
		check_text(rows[i], got, "security=\"none\"" SELECTS);
	}
}

static void test_nothing_on_the_command_line(void **state)
{
	static const struct row rows[] = {
		{ "quiet", "lockdown,capability,yama,selinux",
		  "the kernel's built-in order starts selinux first; boot with security=apparmor" },
		{ "", "smack",
		  "the kernel's built-in order starts smack first; boot with "
		  "security=apparmor" },
		{ "", "lockdown,capability,yama,integrity",
		  "the kernel's CONFIG_LSM leaves it out; boot with "
		  "security=apparmor" },
		{ "quiet", "",
		  "the kernel's CONFIG_LSM leaves it out; boot "
		  "with security=apparmor" },
	};

	(void)state;
	check(rows, COUNT(rows), true);
}

/* Whatever the command line says: what is not there cannot be turned on. */
static void test_not_built_in(void **state)
{
	static const char want[] =
		"this kernel has no AppArmor; use one with CONFIG_SECURITY_APPARMOR=y";
	static const struct row rows[] = {
		{ "", "", want },
		{ "apparmor=0", "capability,selinux", want },
		{ "lsm=selinux,apparmor", "capability,selinux", want },
		{ "security=selinux", "capability,selinux", want },
	};

	(void)state;
	check(rows, COUNT(rows), false);
}

/* The text goes behind what stands there already. */
static void test_appends(void **state)
{
	struct lsm_facts facts = { .built_in = false, .active = SPAN("") };
	char buf[128];
	struct strbuf sb;

	(void)state;
	sb_init(&sb, buf, sizeof(buf));
	sb_strs(&sb, "AppArmor is off: ", NULL);
	diagnose_off(&facts, &sb);
	assert_string_equal(buf, "AppArmor is off: this kernel has no AppArmor; use one with "
				 "CONFIG_SECURITY_APPARMOR=y");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lsm_list),
		cmocka_unit_test(test_another_exclusive_lsm_before_it),
		cmocka_unit_test(test_named_and_yet_off),
		cmocka_unit_test(test_security),
		cmocka_unit_test(test_turned_off),
		cmocka_unit_test(test_not_turned_off),
		cmocka_unit_test(test_nothing_on_the_command_line),
		cmocka_unit_test(test_not_built_in),
		cmocka_unit_test(test_appends),
	};

	return cmocka_run_group_tests_name("diagnose", tests, NULL, NULL);
}
