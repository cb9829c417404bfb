// SPDX-License-Identifier: LGPL-2.1-or-later
// sources: early/tool/kernel/entries.c early/tool/kernel/grub.c early/tool/util.c
/*
 * Any menu of a boot loader, the first byte saying which: entries are whole, at most one is the default, and
 * reading ends.
 */
#include "fuzz.h"

#include "kernel/entries.h"

static void check_entry(const struct boot_entry *e)
{
	REQUIRE(e->title && e->id && e->kernel && e->version && e->options);
	for (size_t i = 0; i < e->initrd.n; i++)
		REQUIRE(e->initrd.item[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct boot_entries entries = { 0 };
	struct span text = { (const char *)data, size };
	struct text expanded = { 0 };
	unsigned int defaults = 0;

	if (!size)
		return 0;
	text = (struct span){ text.p + 1, text.n - 1 };
	switch (data[0]) {
	case 'b':
		(void)entries_read_bls(text, "id", &entries);
		break;
	case 'e':
		entries_read_extlinux(text, &entries);
		break;
	case 'v':
		entries_read_grubenv(text, &entries);
		entries_expand(&entries, text, &expanded);
		break;
	default:
		entries_read_grub(text, &entries);
	}
	REQUIRE(entries.n <= LIMIT_ENTRIES);
	for (size_t i = 0; i < entries.n; i++) {
		check_entry(&entries.entry[i]);
		defaults += entries.entry[i].is_default;
	}
	REQUIRE(data[0] == 'e' || defaults <= 1);
	planted_bug(entries.n > 1 && entries.entry[0].initrd.n && entries.vars.n > 2);
	text_free(&expanded);
	entries_free(&entries);
	return 0;
}
