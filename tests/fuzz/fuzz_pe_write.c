// SPDX-License-Identifier: LGPL-2.1-or-later
// sources: early/tool/image/pe_write.c early/tool/image/pe.c early/tool/util.c
/*
 * Any PE file: where the initramfs in it is replaced, the result is a PE file with the new one, all
 * other sections but the signature of the measurements are as they were, and the same again
 * changes nothing.
 */
#include "fuzz.h"

#include "image/pe.h"
#include "image/write.h"

static const char initrd[] = "0707another one";

static struct span content(struct span file, const struct pe_section *s)
{
	return (struct span){ file.p + s->offset, s->size };
}

/* The n-th section of that name. */
static const struct pe_section *find(const struct pe *pe, const char *name, unsigned int n)
{
	for (unsigned int i = 0; i < pe->n; i++) {
		if (strcmp(pe->section[i].name, name) == 0 && n-- == 0)
			return &pe->section[i];
	}
	return NULL;
}

static void compare(struct span before, struct span after)
{
	struct pe old, new;
	const char *why;

	REQUIRE(pe_parse(after, &new, &why));
	if (!pe_parse(before, &old, &why))
		return;
	for (unsigned int i = 0; i < old.n; i++) {
		const struct pe_section *s = &old.section[i], *now;
		unsigned int n = 0;

		if (strcmp(s->name, ".pcrsig") == 0)
			continue;
		for (unsigned int j = 0; j < i; j++)
			n += strcmp(old.section[j].name, s->name) == 0;
		now = find(&new, s->name, n);
		REQUIRE(now);
		if (strcmp(s->name, ".initrd") == 0)
			REQUIRE(!s->size || span_is(content(after, now), initrd));
		else
			REQUIRE(span_eq(content(after, now), content(before, s)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct span file = { (const char *)data, size }, new = span_of(initrd);
	const bool drop = size % 2;
	struct text t = { 0 }, again = { 0 };
	const char *why = NULL;

	if (replace_initrd(file, new, drop, &t, &why)) {
		const struct span made = { t.data, t.len };

		compare(file, made);
		REQUIRE(replace_initrd(made, new, false, &again, &why));
		REQUIRE(span_eq((struct span){ again.data, again.len }, made));
		planted_bug(drop && t.len < size);
	} else {
		REQUIRE(why);
	}
	text_free(&t);
	text_free(&again);
	return 0;
}
