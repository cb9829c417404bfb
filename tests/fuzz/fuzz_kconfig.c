// SPDX-License-Identifier: LGPL-2.1-or-later
// sources: early/tool/kernel/kconfig.c early/tool/kernel/lsm.c early/tool/kernel/bootline.c early/tool/util.c
/*
 * Any configuration and, behind a NUL, any command line: the list of modules has each name once and at
 * most one exclusive module, and says what the verdict says; the command line keeps within its limit.
 */
#include "fuzz.h"

#include "bounds.h"
#include "kernel/bootline.h"
#include "kernel/kconfig.h"
#include "kernel/lsm.h"

/* How often the comma-separated list has the name. */
static unsigned int times(const char *list, const char *name)
{
	struct span rest = span_of(list), word;
	unsigned int n = 0;

	while (span_split(rest, ',', &word, &rest))
		n += span_is(word, name);
	return n + span_is(rest, name);
}

static void check_list(const struct lsm_active *active)
{
	static const char *const names[] = {
		"capability", "selinux", "smack", "tomoyo", "apparmor",
		"yama",	      "bpf",	 "ima",	  "evm",    "landlock"
	};

	REQUIRE(memchr(active->list, '\0', sizeof(active->list)));
	REQUIRE(memchr(active->unknown, '\0', sizeof(active->unknown)));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		REQUIRE(times(active->list, names[i]) <= 1);
	REQUIRE(active->apparmor == (times(active->list, "apparmor") == 1));
	REQUIRE(times(active->list, "selinux") + times(active->list, "smack") +
			times(active->list, "apparmor") <=
		1);
}

static void explain(const struct lsm_kernel *kernel, const struct lsm_active *active)
{
	char why[LIMIT_MESSAGE];
	struct strbuf sb;

	sb_init(&sb, why, sizeof(why));
	if (!active->apparmor)
		lsm_explain(kernel, active, &sb);
	REQUIRE((sb.len == 0) == active->apparmor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span all = { (const char *)data, size }, config, rest;
	struct text line = { 0 };
	struct lsm_kernel kernel = { 0 };
	struct lsm_active active;

	if (!span_split(all, '\0', &config, &rest)) {
		config = all;
		rest = (struct span){ "", 0 };
	}
	rest.n = strnlen(rest.p, rest.n);
	(void)bootline_merge(config, rest, &line);
	REQUIRE(line.len < COMMAND_LINE_SIZE && strlen(line.data) <= line.len);
	(void)bootline_wants_bootconfig(config, line.data);
	kernel = (struct lsm_kernel){ config, kernel_series(kconfig_release(config)), line.data };
	lsm_predict(&kernel, &active);
	check_list(&active);
	explain(&kernel, &active);
	planted_bug(active.apparmor && kconfig_valid(config) && rest.n > 3);
	text_free(&line);
	return 0;
}
