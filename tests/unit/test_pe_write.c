// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
#include "unit.h"

#include "image/pe.h"
#include "image/write.h"

/* --- a PE file as ukify makes it, in small --- */

#define PE_AT 128
#define COFF (PE_AT + 4)
#define OPTIONAL (COFF + 20)
#define TABLE (OPTIONAL + 240)
#define ALIGN 512
#define IMAGE_SIZE (OPTIONAL + 56)
#define CHECKSUM (OPTIONAL + 64)
#define SECURITY (OPTIONAL + 112 + 8 * 4)

struct row {
	const char *name;
	uint32_t address;
	const char *content;
};

static struct {
	char data[16384];
	size_t len;
	unsigned int n;
} made;

static void put(size_t at, uint32_t v, unsigned int bytes)
{
	while (bytes--) {
		made.data[at++] = (char)v;
		v >>= 8;
	}
}

static uint32_t number(struct span s, size_t at, unsigned int bytes)
{
	uint32_t v = 0;

	assert_true(at + bytes <= s.n);
	while (bytes--)
		v = v << 8 | (unsigned char)s.p[at + bytes];
	return v;
}

static void make(const struct row *rows, unsigned int n)
{
	memset(&made, 0, sizeof(made));
	memcpy(made.data, "MZ", 2);
	put(60, PE_AT, 4);
	memcpy(made.data + PE_AT, "PE\0", 4);
	put(COFF + 2, n, 2);
	put(COFF + 16, 240, 2);
	put(OPTIONAL, 0x20b, 2);
	put(OPTIONAL + 32, 4096, 4);
	put(OPTIONAL + 36, ALIGN, 4);
	put(CHECKSUM, 0x1234, 4);
	put(OPTIONAL + 108, 16, 4);
	made.len = 2 * ALIGN;
	for (unsigned int i = 0; i < n; i++) {
		const size_t at = TABLE + 40 * i, len = strlen(rows[i].content);

		memcpy(made.data + at, rows[i].name, strlen(rows[i].name));
		put(at + 8, (uint32_t)len, 4);
		put(at + 12, rows[i].address, 4);
		put(at + 16, ALIGN, 4);
		put(at + 20, (uint32_t)made.len, 4);
		memcpy(made.data + made.len, rows[i].content, len);
		made.len += ALIGN;
	}
	made.n = n;
}

static struct span whole(void)
{
	return (struct span){ made.data, made.len };
}

static struct span of(const struct text *t)
{
	return (struct span){ t->data, t->len };
}

static const struct row last[] = {
	{ ".text", 0x1000, "code" },
	{ ".cmdline", 0x2000, "quiet" },
	{ ".linux", 0x3000, "kernel" },
	{ ".initrd", 0x10000, "old" },
};

static const struct row amid[] = {
	{ ".text", 0x1000, "code" },	    { ".initrd", 0x2000, "old" },
	{ ".pcrsig", 0x3000, "signature" }, { ".linux", 0x4000, "kernel" },
	{ ".uname", 0x5000, "6.1" },
};

/* --- what came out --- */

static const struct pe_section *find(const struct pe *pe, const char *name, unsigned int *ret)
{
	for (*ret = 0; *ret < pe->n; ++*ret) {
		if (strcmp(pe->section[*ret].name, name) == 0)
			return &pe->section[*ret];
	}
	return NULL;
}

static void check_section(struct span file, const struct row *row, uint32_t address)
{
	const struct pe_section *s;
	unsigned int i;
	const char *why;
	struct pe pe;

	assert_true(pe_parse(file, &pe, &why));
	s = find(&pe, row->name, &i);
	assert_non_null(s);
	check_span(row->name, (struct span){ file.p + s->offset, s->size }, row->content);
	check_number(row->name, number(file, TABLE + 40 * i + 12, 4), address);
	check_number("aligned in the file", (long long)(s->offset % ALIGN), 0);
}

/* Sections follow each other in memory, as the loader of a firmware may want it. */
static void check_order(struct span file)
{
	const unsigned int n = number(file, COFF + 2, 2);
	uint32_t end = 0;

	for (unsigned int i = 0; i < n; i++) {
		const size_t at = TABLE + 40 * i;

		assert_true(number(file, at + 12, 4) >= end);
		assert_int_equal(number(file, at + 12, 4) % 4096, 0);
		end = number(file, at + 12, 4) + number(file, at + 16, 4);
	}
	check_number("SizeOfImage", number(file, IMAGE_SIZE, 4), (end + 4095) / 4096 * 4096);
	check_number("CheckSum", number(file, CHECKSUM, 4), 0);
}

static void replaced(struct span initrd, bool drop, struct text *ret)
{
	const char *why = NULL;

	if (!replace_initrd(whole(), initrd, drop, ret, &why))
		fail_msg("%s", why);
	assert_null(why);
}

static void refused(const char *want)
{
	struct text t = { 0 };
	const char *why = NULL;

	assert_false(replace_initrd(whole(), SPAN("new"), false, &t, &why));
	if (!strstr(why, want))
		fail_msg("\"%s\" is not in: %s", want, why);
	text_free(&t);
}

static const char large[] = "an initramfs of more than one unit of the file's alignment: "
			    "01234567890123456789012345678901234567890123456789012345678901234567"
			    "01234567890123456789012345678901234567890123456789012345678901234567"
			    "01234567890123456789012345678901234567890123456789012345678901234567"
			    "01234567890123456789012345678901234567890123456789012345678901234567"
			    "01234567890123456789012345678901234567890123456789012345678901234567"
			    "01234567890123456789012345678901234567890123456789012345678901234567"
			    "01234567890123456789012345678901234567890123456789012345678901234567";

static void the_last_section_grows_where_it_is(void **state)
{
	const struct row want = { ".initrd", 0, large };
	struct text t = { 0 };

	(void)state;
	make(last, COUNT(last));
	replaced(SPAN(large), false, &t);
	assert_int_equal(t.len, made.len + ALIGN);
	for (unsigned int i = 0; i < 3; i++)
		check_section(of(&t), &last[i], last[i].address);
	check_section(of(&t), &want, 0x10000);
	check_order(of(&t));
	assert_memory_equal(t.data + 2 * ALIGN, made.data + 2 * ALIGN, 3 * ALIGN);
	check_number("SizeOfInitializedData", number(of(&t), OPTIONAL + 8, 4), ALIGN);
	text_free(&t);
}

static void a_section_in_the_middle_goes_behind_the_others(void **state)
{
	const struct row want = { ".initrd", 0, large };
	struct text t = { 0 };
	unsigned int i;
	const char *why;
	struct pe pe;

	(void)state;
	make(amid, COUNT(amid));
	replaced(SPAN(large), true, &t);
	/* Neither the old initramfs nor the signature of what was measured is there any more. */
	assert_int_equal(t.len, made.len);
	assert_null(memmem(t.data, t.len, "old", 3));
	assert_true(pe_parse(of(&t), &pe, &why));
	assert_int_equal(pe.n, 4);
	assert_null(find(&pe, ".pcrsig", &i));
	check_section(of(&t), &amid[0], 0x1000);
	check_section(of(&t), &amid[3], 0x4000);
	check_section(of(&t), &amid[4], 0x5000);
	check_section(of(&t), &want, 0x6000);
	check_order(of(&t));
	text_free(&t);
}

static void the_same_again_gives_the_same_bytes(void **state)
{
	struct text t = { 0 }, again = { 0 };

	(void)state;
	make(amid, COUNT(amid));
	replaced(SPAN(large), true, &t);
	memcpy(made.data, t.data, t.len);
	made.len = t.len;
	replaced(SPAN(large), false, &again);
	assert_int_equal(t.len, again.len);
	assert_memory_equal(t.data, again.data, t.len);
	text_free(&t);
	text_free(&again);
}

static void signatures_are_kept_or_dropped_as_asked(void **state)
{
	struct text t = { 0 };

	(void)state;
	make(last, COUNT(last));
	put(SECURITY, (uint32_t)made.len, 4);
	put(SECURITY + 4, 100, 4);
	memcpy(made.data + made.len, "certificate", 11);
	made.len += 104;
	refused("it is signed");
	replaced(SPAN("new"), true, &t);
	assert_int_equal(t.len, 6 * ALIGN);
	assert_null(memmem(t.data, t.len, "certificate", 11));
	check_number("certificates", number(of(&t), SECURITY + 4, 4), 0);
	text_free(&t);
	make(amid, COUNT(amid));
	refused("it is signed");
}

static void what_cannot_be_done_is_refused(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
		unsigned int bytes;
		const char *want;
	} rows[] = {
		{ 60, 0xfffffff0, 4, "no PE file" },
		{ PE_AT, 0, 1, "no PE file" },
		{ COFF + 2, 0, 2, "truncated" },
		{ COFF + 2, 97, 2, "truncated" },
		{ COFF + 16, 60, 2, "truncated" },
		{ OPTIONAL + 32, 0, 4, "alignments" },
		{ OPTIONAL + 32, 4095, 4, "alignments" },
		{ OPTIONAL + 36, 0, 4, "alignments" },
		{ OPTIONAL + 36, 0x20000, 4, "alignments" },
		{ TABLE, 'x', 1, "it has no section \".initrd\"" },
		{ TABLE + 40, 'x', 1, NULL },
		{ TABLE + 16, 0, 4, "it has no section \".initrd\"" },
		{ TABLE + 16, 0x7fffffff, 4, "outside" },
		{ TABLE + 20, 100, 4, "outside" },
		{ TABLE + 40 + 20, 2 * ALIGN - 100, 4, "over each other" },
		{ TABLE + 40 + 12, 0xfffff000, 4, "4 GiB" },
		{ TABLE + 40, '/', 1, "long names" },
	};
	static const struct row two[] = {
		{ ".initrd", 0x1000, "one" },
		{ ".linux", 0x2000, "kernel" },
	};
	static const struct row twice[] = { { ".initrd", 0x1000, "one" },
					    { ".initrd", 0x2000, "two" } };
	static const struct row profile[] = { { ".initrd", 0x1000, "one" },
					      { ".profile", 0x2000, "ID=two" } };
	struct text t = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		make(two, COUNT(two));
		put(rows[i].at, rows[i].value, rows[i].bytes);
		if (rows[i].want)
			refused(rows[i].want);
		else
			replaced(SPAN("new"), false, &t);
	}
	make(twice, COUNT(twice));
	refused("more than one");
	make(profile, COUNT(profile));
	refused("profiles");
	/* Something behind the sections: symbols may go, anything else would be lost. */
	make(two, COUNT(two));
	made.len += 4;
	refused("behind its sections");
	put(COFF + 8, (uint32_t)made.len - 4, 4);
	put(COFF + 12, 1, 4);
	t.len = 0;
	replaced(SPAN("new"), false, &t);
	check_number("symbols", number(of(&t), COFF + 8, 4) + number(of(&t), COFF + 12, 4), 0);
	text_free(&t);
}

/* A file of 64 MiB whose sections all are nearly all of it, behind each other over 4 GiB. */
static void sections_over_each_other_do_not_grow_without_end(void **state)
{
	const size_t size = 64 << 20, n = 80, begin = 16 * ALIGN;
	struct text ret = { 0 };
	const char *why;
	char *file = calloc(1, size);

	(void)state;
	assert_non_null(file);
	make(last, COUNT(last));
	for (unsigned int i = 0; i < n; i++) {
		const size_t at = TABLE + 40 * i;

		memcpy(made.data + at, i ? ".data" : ".initrd", i ? 6 : 8);
		put(at + 8, ALIGN, 4);
		put(at + 12, 0x1000 * (i + 1), 4);
		put(at + 16, (uint32_t)(i ? size - begin - ALIGN : ALIGN), 4);
		put(at + 20, (uint32_t)(i ? begin + ALIGN : begin), 4);
	}
	put(COFF + 2, (uint32_t)n, 2);
	memcpy(file, made.data, begin);
	assert_false(
		replace_initrd((struct span){ file, size }, span_of("new"), false, &ret, &why));
	check_text("why", why, "the PE file would be larger than 4 GiB");
	check_number("written", (long long)ret.len, 0);
	text_free(&ret);
	free(file);
}

static void cut_off_anywhere_it_is_refused(void **state)
{
	(void)state;
	for (size_t len = 0; len < 6 * ALIGN; len++) {
		struct text t = { 0 };
		struct span copy;
		const char *why;

		make(last, COUNT(last));
		made.len = len;
		copy = exact_copy(whole());
		assert_false(replace_initrd(copy, SPAN("new"), true, &t, &why));
		assert_non_null(why);
		free((void *)(uintptr_t)copy.p);
		text_free(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_section_grows_where_it_is),
		cmocka_unit_test(a_section_in_the_middle_goes_behind_the_others),
		cmocka_unit_test(the_same_again_gives_the_same_bytes),
		cmocka_unit_test(signatures_are_kept_or_dropped_as_asked),
		cmocka_unit_test(what_cannot_be_done_is_refused),
		cmocka_unit_test(sections_over_each_other_do_not_grow_without_end),
		cmocka_unit_test(cut_off_anywhere_it_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
