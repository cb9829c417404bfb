// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bootline.h"

#include <stdlib.h>

#include "cmdline.h"
#include "kconfig.h"

/* Adds at most so much that the whole has `COMMAND_LINE_SIZE - 1` bytes. */
static unsigned int add(struct text *ret, struct span s)
{
	size_t room = COMMAND_LINE_SIZE - 1 - ret->len;

	text_add(ret, s.p, s.n < room ? s.n : room);
	return s.n > room ? BOOTLINE_CUT : 0;
}

static unsigned int join(struct text *ret, struct span first, struct span then)
{
	unsigned int cut = add(ret, first);

	if (ret->len && then.n)
		cut |= add(ret, span_of(" "));
	return cut | add(ret, then);
}

/* x86: the built-in line goes in front, or is all there is. */
static unsigned int merge_x86(struct span config, struct span builtin, struct span given,
			      struct text *ret)
{
	if (!kconfig_on(config, "CMDLINE_BOOL"))
		return add(ret, given);
	if (kconfig_on(config, "CMDLINE_OVERRIDE"))
		return BOOTLINE_BUILT_IN | BOOTLINE_FORCED | add(ret, builtin);
	if (!builtin.n)
		return add(ret, given);
	return BOOTLINE_BUILT_IN | join(ret, builtin, given);
}

/* arm64 and all others that boot by a device tree: it stands in, is forced, or (until 5.12) is added. */
static unsigned int merge_dt(struct span config, struct span builtin, struct span given,
			     struct text *ret)
{
	if (!builtin.n)
		return add(ret, given);
	if (kconfig_on(config, "CMDLINE_EXTEND"))
		return BOOTLINE_BUILT_IN | join(ret, given, builtin);
	if (kconfig_on(config, "CMDLINE_FORCE"))
		return BOOTLINE_BUILT_IN | BOOTLINE_FORCED | add(ret, builtin);
	if (given.n)
		return add(ret, given);
	return BOOTLINE_BUILT_IN | add(ret, builtin);
}

unsigned int bootline_merge(struct span config, struct span given, struct text *ret)
{
	struct text builtin = { 0 };
	struct text merged = { 0 };
	struct span b = { "", 0 };
	unsigned int notes;

	if (kconfig_text(config, "CMDLINE", &builtin))
		b = span_of_text(&builtin);
	text_add(&merged, "", 0);
	if (span_is(kconfig_arch(config), "arm64"))
		notes = merge_dt(config, b, given, &merged);
	else
		notes = merge_x86(config, b, given, &merged);
	text_add(ret, merged.data, merged.len);
	text_free(&merged);
	text_free(&builtin);
	return notes;
}

bool bootline_wants_bootconfig(struct span config, const char *cmdline)
{
	struct cmdline_param param;
	bool found = kconfig_on(config, "BOOT_CONFIG_FORCE");
	char *text, *at;

	if (!kconfig_on(config, "BOOT_CONFIG"))
		return false;
	text = dup_str(cmdline);
	at = text;
	while (!found && cmdline_next(&at, &param))
		found = cmdline_named(&param, "bootconfig");
	free(text);
	return found;
}
