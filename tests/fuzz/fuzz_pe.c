// SPDX-License-Identifier: LGPL-2.1-or-later
// sources: early/tool/image/pe.c
/* Any PE file: no section reaches beyond the file, and a refusal has a reason. */
#include "fuzz.h"

#include "image/pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span file = { (const char *)data, size };
	const char *why = "";
	struct pe pe;
	bool good, both = false;

	(void)kernel_kind(file);
	good = pe_parse(file, &pe, &why);
	REQUIRE(good == (why == NULL));
	if (good)
		REQUIRE(pe_magic(file) && pe.n <= PE_SECTIONS);
	for (unsigned int i = 0; good && i < pe.n; i++) {
		const struct pe_section *s = &pe.section[i];

		REQUIRE(s->offset <= size && s->size <= size - s->offset);
		REQUIRE(strlen(s->name) <= 8);
		both = both || (i && s->size && strcmp(s->name, ".initrd") == 0);
	}
	planted_bug(both);
	return 0;
}
