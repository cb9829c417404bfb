// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
/*
 * The rows are what the kernels of Debian did in boots: qemu/scenarios/15-lsm.scn has them, too, and
 * the matrix compares the two.
 */
#include "unit.h"

#include "bounds.h"
#include "kernel/lsm.h"

#define ON "CONFIG_SECURITY=y\nCONFIG_SECURITY_APPARMOR=y\n"
#define MAJORS "CONFIG_SECURITY_SELINUX=y\nCONFIG_SECURITY_TOMOYO=y\n"
#define YAMA "CONFIG_SECURITY_YAMA=y\n"
#define EARLY "CONFIG_SECURITY_LOCKDOWN_LSM=y\nCONFIG_SECURITY_LOCKDOWN_LSM_EARLY=y\n"
#define IMA "CONFIG_IMA=y\nCONFIG_EVM=y\n"
#define ORDER "lockdown,yama,loadpin,safesetid,integrity,apparmor,selinux,smack,tomoyo"

#define DEBIAN_5_10 ON MAJORS YAMA EARLY IMA "CONFIG_BPF_LSM=y\nCONFIG_LSM=\"" ORDER "\"\n"
#define DEBIAN_6_1                                                                \
	ON MAJORS YAMA EARLY IMA "CONFIG_BPF_LSM=y\nCONFIG_SECURITY_LANDLOCK=y\n" \
				 "CONFIG_LSM=\"landlock," ORDER ",bpf\"\n"
#define DEBIAN_6_12                                                                    \
	ON MAJORS YAMA EARLY IMA "CONFIG_BPF_LSM=y\nCONFIG_SECURITY_LANDLOCK=y\n"      \
				 "CONFIG_SECURITY_IPE=y\nCONFIG_LSM=\"landlock," ORDER \
				 ",bpf,ipe\"\n"

enum { K5_10, K6_1, K6_12, KERNELS };

static const struct {
	const char *config;
	unsigned int series;
} kernels[] = {
	[K5_10] = { DEBIAN_5_10, 5010 },
	[K6_1] = { DEBIAN_6_1, 6001 },
	[K6_12] = { DEBIAN_6_12, 6012 },
};

/* The list on the three kernels; "apparmor" in it is the verdict. */
static const struct {
	const char *cmdline;
	const char *list[KERNELS];
} rows[] = {
	{ "",
	  { "lockdown,capability,yama,apparmor,tomoyo",
	    "lockdown,capability,landlock,yama,apparmor,tomoyo,bpf",
	    "lockdown,capability,landlock,yama,apparmor,tomoyo,bpf,ipe,ima,evm" } },
	{ "lsm=apparmor",
	  { "lockdown,capability,apparmor", "lockdown,capability,apparmor",
	    "lockdown,capability,apparmor,ima,evm" } },
	{ "lsm=landlock,yama,tomoyo,bpf,apparmor",
	  { "lockdown,capability,yama,tomoyo,bpf,apparmor",
	    "lockdown,capability,landlock,yama,tomoyo,bpf,apparmor",
	    "lockdown,capability,landlock,yama,tomoyo,bpf,apparmor,ima,evm" } },
	{ "lsm=lockdown,capability,yama,apparmor,tomoyo",
	  { "lockdown,capability,yama,apparmor,tomoyo", "lockdown,capability,yama,apparmor,tomoyo",
	    "lockdown,capability,yama,apparmor,tomoyo,ima,evm" } },
	{ "lsm=landlock,yama,tomoyo,bpf",
	  { "lockdown,capability,yama,tomoyo,bpf", "lockdown,capability,landlock,yama,tomoyo,bpf",
	    "lockdown,capability,landlock,yama,tomoyo,bpf,ima,evm" } },
	{ "lsm=", { "lockdown,capability", "lockdown,capability", "lockdown,capability,ima,evm" } },
	{ "lsm=bogus,apparmor,nonsense",
	  { "lockdown,capability,apparmor", "lockdown,capability,apparmor",
	    "lockdown,capability,apparmor,ima,evm" } },
	{ "lsm=apparmour",
	  { "lockdown,capability", "lockdown,capability", "lockdown,capability,ima,evm" } },
	{ "lsm=apparmor,apparmor",
	  { "lockdown,capability,apparmor", "lockdown,capability,apparmor",
	    "lockdown,capability,apparmor,ima,evm" } },
	{ "lsm=lockdown,yama lsm=apparmor",
	  { "lockdown,capability,apparmor", "lockdown,capability,apparmor",
	    "lockdown,capability,apparmor,ima,evm" } },
	{ "lsm=apparmor lsm=yama",
	  { "lockdown,capability,yama", "lockdown,capability,yama",
	    "lockdown,capability,yama,ima,evm" } },
	{ "lsm=apparmor,selinux",
	  { "lockdown,capability,apparmor", "lockdown,capability,apparmor",
	    "lockdown,capability,apparmor,ima,evm" } },
	{ "lsm=selinux,apparmor",
	  { "lockdown,capability,selinux", "lockdown,capability,selinux",
	    "lockdown,capability,selinux,ima,evm" } },
	{ "lsm=tomoyo,apparmor",
	  { "lockdown,capability,tomoyo,apparmor", "lockdown,capability,tomoyo,apparmor",
	    "lockdown,capability,tomoyo,apparmor,ima,evm" } },
	{ "lsm=smack,apparmor",
	  { "lockdown,capability,apparmor", "lockdown,capability,apparmor",
	    "lockdown,capability,apparmor,ima,evm" } },
	{ "security=apparmor",
	  { "lockdown,capability,yama,apparmor", "lockdown,capability,landlock,yama,apparmor,bpf",
	    "lockdown,capability,landlock,yama,apparmor,bpf,ipe,ima,evm" } },
	{ "security=selinux",
	  { "lockdown,capability,yama,selinux", "lockdown,capability,landlock,yama,selinux,bpf",
	    "lockdown,capability,landlock,yama,selinux,bpf,ipe,ima,evm" } },
	{ "security=tomoyo",
	  { "lockdown,capability,yama,tomoyo", "lockdown,capability,landlock,yama,tomoyo,bpf",
	    "lockdown,capability,landlock,yama,tomoyo,bpf,ipe,ima,evm" } },
	{ "security=none",
	  { "lockdown,capability,yama", "lockdown,capability,landlock,yama,bpf",
	    "lockdown,capability,landlock,yama,bpf,ipe,ima,evm" } },
	/* not in 5.10's built-in list, and added by name */
	{ "security=bpf",
	  { "lockdown,capability,yama,bpf", "lockdown,capability,landlock,yama,bpf",
	    "lockdown,capability,landlock,yama,bpf,ipe,ima,evm" } },
	{ "lsm=apparmor security=selinux",
	  { "lockdown,capability,apparmor", "lockdown,capability,apparmor",
	    "lockdown,capability,apparmor,ima,evm" } },
	{ "security=apparmor lsm=lockdown,yama",
	  { "lockdown,capability,yama", "lockdown,capability,yama",
	    "lockdown,capability,yama,ima,evm" } },
	{ "apparmor=0",
	  { "lockdown,capability,yama,selinux,tomoyo",
	    "lockdown,capability,landlock,yama,selinux,tomoyo,bpf",
	    "lockdown,capability,landlock,yama,selinux,tomoyo,bpf,ipe,ima,evm" } },
	{ "apparmor.enabled=off",
	  { "lockdown,capability,yama,selinux,tomoyo",
	    "lockdown,capability,landlock,yama,selinux,tomoyo,bpf",
	    "lockdown,capability,landlock,yama,selinux,tomoyo,bpf,ipe,ima,evm" } },
	/* 5.10 does not know the word */
	{ "apparmor.enabled=false",
	  { "lockdown,capability,yama,apparmor,tomoyo",
	    "lockdown,capability,landlock,yama,selinux,tomoyo,bpf",
	    "lockdown,capability,landlock,yama,selinux,tomoyo,bpf,ipe,ima,evm" } },
	{ "lsm=apparmor apparmor=0",
	  { "lockdown,capability", "lockdown,capability", "lockdown,capability,ima,evm" } },
	{ "security=apparmor apparmor=0",
	  { "lockdown,capability,yama", "lockdown,capability,landlock,yama,bpf",
	    "lockdown,capability,landlock,yama,bpf,ipe,ima,evm" } },
};

static struct lsm_active predict(const char *config, unsigned int series, const char *cmdline)
{
	struct lsm_kernel kernel = { span_of(config), series, cmdline };
	struct lsm_active ret;

	memset(&ret, 0x5a, sizeof(ret));
	lsm_predict(&kernel, &ret);
	return ret;
}

static void test_the_kernels_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (int k = 0; k < KERNELS; k++) {
			struct lsm_active got =
				predict(kernels[k].config, kernels[k].series, rows[i].cmdline);

			check_text(rows[i].cmdline, got.list, rows[i].list[k]);
			check_number(rows[i].cmdline, got.apparmor,
				     strstr(rows[i].list[k], "apparmor") != NULL);
		}
	}
}

/* Which words the kernel takes for off; the last one that it understands counts. */
static void test_switches(void **state)
{
	static const struct {
		const char *cmdline;
		bool on;
	} words[] = {
		{ "apparmor=1", true },
		{ "apparmor=0 apparmor=1", true },
		{ "apparmor=1 apparmor=0", false },
		{ "apparmor=00", false },
		{ "apparmor=0x0", false },
		{ "apparmor=0x10", true },
		{ "apparmor=+0", false },
		{ "apparmor=-0", true },
		{ "apparmor=09", true },
		{ "apparmor=0 apparmor=09", false }, /* octal, so no number */
		{ "apparmor=0 apparmor=0x", false },
		{ "apparmor=", true },
		{ "apparmor", true },
		{ "apparmor=off", true },
		{ "apparmor=0off", true },
		{ "apparmor=99999999999999999999999", true },
		{ "apparmor=0 apparmor=99999999999999999999999", false },
		{ "apparmor=\"0\"", false },
		{ "\"apparmor=0\"", false },
		{ "-- apparmor=0", true },
		{ "xapparmor=0", true },
		{ "apparmor.enabled=0", false },
		{ "apparmor.enabled=N", false },
		{ "apparmor.enabled=Off", false },
		{ "apparmor.enabled=o", true },
		{ "apparmor.enabled=2", true },
		{ "apparmor.enabled", true },
		{ "apparmor.enabled=0 apparmor=1", true },
		{ "apparmor=0 apparmor.enabled=Yes", true },
		{ "apparmor=0 apparmor.enabled=On", true },
		{ "apparmor=0 apparmor.enabled=", false },
		{ "lsm", true },
		{ "security", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++)
		check_number(words[i].cmdline, predict(DEBIAN_6_1, 6001, words[i].cmdline).apparmor,
			     words[i].on);
}

static void test_other_configurations(void **state)
{
	static const struct {
		const char *about;
		const char *config;
		unsigned int series;
		const char *cmdline;
		const char *list;
	} builds[] = {
		{ "no security at all", "CONFIG_SECURITY_APPARMOR=y\n", 6001, "", "" },
		{ "AppArmor as a module, which there is not",
		  "CONFIG_SECURITY=y\nCONFIG_SECURITY_APPARMOR=m\nCONFIG_LSM=\"apparmor\"\n", 6001,
		  "", "capability" },
		{ "not built in", "CONFIG_SECURITY=y\nCONFIG_LSM=\"apparmor\"\n", 6001, "",
		  "capability" },
		{ "not in the list", ON "CONFIG_LSM=\"yama\"\n" YAMA, 6001, "", "capability,yama" },
		{ "SELinux first", ON MAJORS "CONFIG_LSM=\"selinux,apparmor\"\n", 6001, "",
		  "capability,selinux" },
		{ "SELinux first, named", ON MAJORS "CONFIG_LSM=\"selinux,apparmor\"\n", 6001,
		  "security=apparmor", "capability,apparmor" },
		{ "selinux=0 without its option", ON MAJORS "CONFIG_LSM=\"selinux,apparmor\"\n",
		  6001, "selinux=0", "capability,selinux" },
		{ "selinux=0 with its option",
		  ON MAJORS
		  "CONFIG_SECURITY_SELINUX_BOOTPARAM=y\nCONFIG_LSM=\"selinux,apparmor\"\n",
		  6001, "selinux=0", "capability,apparmor" },
		{ "Smack first", ON "CONFIG_SECURITY_SMACK=y\nCONFIG_LSM=\"smack,apparmor\"\n",
		  6001, "", "capability,smack" },
		{ "lockdown that is not early",
		  ON "CONFIG_SECURITY_LOCKDOWN_LSM=y\nCONFIG_LSM=\"apparmor,lockdown\"\n", 6001, "",
		  "capability,apparmor,lockdown" },
		{ "a list with empty names", ON "CONFIG_LSM=\",,apparmor,\"\n", 6001, "",
		  "capability,apparmor" },
		{ "the last kernel before IMA was in the list",
		  ON IMA "CONFIG_LSM=\"ima,apparmor\"\n", 6008, "", "capability,apparmor" },
		{ "and the first after", ON IMA "CONFIG_LSM=\"ima,apparmor\"\n", 6009, "",
		  "capability,apparmor,ima,evm" },
		{ "LoadPin and SafeSetID",
		  ON "CONFIG_SECURITY_LOADPIN=y\nCONFIG_SECURITY_SAFESETID=y\n"
		     "CONFIG_LSM=\"safesetid,loadpin,apparmor\"\n",
		  6001, "", "capability,safesetid,loadpin,apparmor" },
		{ "before 5.1", ON MAJORS YAMA "CONFIG_DEFAULT_SECURITY=\"apparmor\"\n", 4019, "",
		  "capability,yama,apparmor" },
		{ "before 5.1, another by name", ON MAJORS "CONFIG_DEFAULT_SECURITY=\"apparmor\"\n",
		  4019, "security=selinux", "capability,selinux" },
		{ "before 5.1 there is no lsm=", ON MAJORS "CONFIG_DEFAULT_SECURITY=\"selinux\"\n",
		  4019, "lsm=apparmor", "capability,selinux" },
		{ "before 5.1, off unless asked for",
		  ON "CONFIG_SECURITY_APPARMOR_BOOTPARAM_VALUE=0\n"
		     "CONFIG_DEFAULT_SECURITY=\"apparmor\"\n",
		  4019, "", "capability" },
		{ "before 5.1, off unless asked for, and asked for",
		  ON "CONFIG_SECURITY_APPARMOR_BOOTPARAM_VALUE=0\n"
		     "CONFIG_DEFAULT_SECURITY=\"apparmor\"\n",
		  4019, "apparmor=1", "capability,apparmor" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(builds); i++) {
		struct lsm_active got =
			predict(builds[i].config, builds[i].series, builds[i].cmdline);

		check_text(builds[i].about, got.list, builds[i].list);
		check_number(builds[i].about, got.apparmor,
			     strstr(builds[i].list, "apparmor") != NULL);
	}
}

static void test_names_that_no_kernel_has(void **state)
{
	(void)state;
	check_text("none", predict(DEBIAN_6_12, 6012, "").unknown, "");
	check_text("lsm=", predict(DEBIAN_6_12, 6012, "lsm=bogus,yama,,apparmour").unknown,
		   "bogus,apparmour");
	check_text("CONFIG_LSM", predict(ON "CONFIG_LSM=\"krsi,apparmor\"\n", 6001, "").unknown,
		   "krsi");
}

/* The loader's words: what it will say in that boot. */
static void test_why(void **state)
{
	static const struct {
		const char *config;
		unsigned int series;
		const char *cmdline;
		const char *want;
	} whys[] = {
		{ "CONFIG_SECURITY=y\n", 6001, "",
		  "this kernel has no AppArmor; use one with CONFIG_SECURITY_APPARMOR=y" },
		{ DEBIAN_6_1, 6001, "apparmor=0", "apparmor= turns it off; remove it" },
		{ DEBIAN_6_1, 6001, "apparmor.enabled=0 lsm=yama",
		  "apparmor.enabled= turns it off; remove it" },
		{ DEBIAN_5_10, 5010, "apparmor.enabled=false lsm=yama",
		  "lsm=\"yama\" does not name apparmor; add it to the list, or remove lsm=" },
		{ DEBIAN_6_1, 6001, "lsm=selinux,apparmor",
		  "lsm=\"selinux,apparmor\" starts selinux first, and the first exclusive LSM "
		  "wins; "
		  "put apparmor before it" },
		{ DEBIAN_6_1, 6001, "security=tomoyo",
		  "security=\"tomoyo\" selects another LSM; use security=apparmor" },
		{ ON MAJORS "CONFIG_LSM=\"selinux,apparmor\"\n", 6001, "",
		  "the kernel's built-in order starts selinux first; boot with security=apparmor" },
		{ ON MAJORS "CONFIG_DEFAULT_SECURITY=\"selinux\"\n", 4019, "lsm=apparmor",
		  "the kernel's built-in order starts selinux first; boot with security=apparmor" },
		{ ON "CONFIG_LSM=\"yama\"\n", 6001, "",
		  "the kernel's CONFIG_LSM leaves it out; boot with security=apparmor" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(whys); i++) {
		struct lsm_kernel kernel = { span_of(whys[i].config), whys[i].series,
					     whys[i].cmdline };
		struct lsm_active active = predict(whys[i].config, whys[i].series, whys[i].cmdline);
		char text[LIMIT_MESSAGE];
		struct strbuf sb;

		sb_init(&sb, text, sizeof(text));
		lsm_explain(&kernel, &active, &sb);
		check_text(whys[i].cmdline, text, whys[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_kernels_lists),
		cmocka_unit_test(test_switches),
		cmocka_unit_test(test_other_configurations),
		cmocka_unit_test(test_names_that_no_kernel_has),
		cmocka_unit_test(test_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
