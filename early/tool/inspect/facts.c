// SPDX-License-Identifier: LGPL-2.1-or-later
#include "inspect/inspect.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "image/bootconfig.h"
#include "image/forecast.h"
#include "places.h"

#define LIMIT_PROGRAM ((size_t)64 << 20)

static void digest(struct span data, char ret[SHA256_HEX])
{
	uint8_t sum[SHA256_SIZE];

	sha256(data.p, data.n, sum);
	sha256_hex(sum, ret);
}

/* The machine of an ELF file, in the byte order that it states. */
static void name_machine(struct span elf, char *ret, size_t cap)
{
	static const struct {
		unsigned int number;
		const char *name;
	} rows[] = {
		{ EM_X86_64, "x86-64" }, { EM_386, "x86" },	{ EM_AARCH64, "arm64" },
		{ EM_ARM, "arm" },	 { EM_RISCV, "riscv" }, { EM_PPC64, "ppc64" },
		{ EM_S390, "s390" },	 { EM_MIPS, "mips" },	{ EM_LOONGARCH, "loongarch" }
	};
	unsigned char a = (unsigned char)elf.p[18], b = (unsigned char)elf.p[19];
	unsigned int number = elf.p[EI_DATA] == ELFDATA2MSB ? a << 8 | b : b << 8 | a;

	snprintf(ret, cap, "machine %u", number);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].number == number)
			snprintf(ret, cap, "%s", rows[i].name);
	}
}

static void look_into(struct span data, struct inspect_program *ret)
{
	struct span version, line;

	digest(data, ret->digest);
	if (data.n >= 20 && memcmp(data.p, ELFMAG, SELFMAG) == 0) {
		ret->kind = "ELF";
		name_machine(data, ret->machine, sizeof(ret->machine));
		ret->loader = is_loader(data, &version);
		if (ret->loader)
			text_add(&ret->version, version.p, version.n);
	} else if (span_starts(data, "#!") && span_next_line(&data, &line)) {
		ret->kind = "script";
		line = span_trim((struct span){ line.p + 2, line.n - 2 });
		text_add(&ret->interpreter, line.p, line.n < 255 ? line.n : 255);
	}
}

static void gather_program(const struct image *image, const char *path, struct inspect_program *ret)
{
	struct text data = { 0 };

	ret->path = path;
	ret->file = image_find(image, path, true);
	ret->kind = "missing";
	if (!ret->file)
		return;
	ret->kind = S_ISDIR(ret->file->mode)   ? "folder"
		    : S_ISREG(ret->file->mode) ? "data"
					       : "device";
	if (S_ISREG(ret->file->mode) && ret->file->size <= LIMIT_PROGRAM &&
	    image_read(image, ret->file, LIMIT_PROGRAM, &data))
		look_into(span_of_text(&data), ret);
	text_free(&data);
}

static void free_program(struct inspect_program *p)
{
	text_free(&p->interpreter);
	text_free(&p->version);
}

/* The loader is /init, or starts by rdinit= from where `initward overlay` puts it. */
static void gather_loader(const struct image *image, struct inspect_facts *ret)
{
	static const char *const places[] = { "init", "initward-init" };

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		gather_program(image, places[i], &ret->loader);
		if (ret->loader.loader)
			return;
		free_program(&ret->loader);
		ret->loader = (struct inspect_program){ 0 };
	}
}

static bool read_text(const struct image *image, const char *path, size_t max, struct text *ret)
{
	const struct image_file *file = image_find(image, path, true);

	return file && image_read(image, file, max, ret);
}

static void gather_config(const struct image *image, struct inspect_facts *ret)
{
	struct strbuf why;

	ret->has_config = read_text(image, IMAGE_CONFIG, LIMIT_CONFIG, &ret->config_text);
	if (!ret->has_config)
		return;
	sb_init(&why, ret->bad, sizeof(ret->bad));
	ret->bad_lines = config_parse(span_of_text(&ret->config_text), &ret->config, &why);
	if (ret->config.init[0])
		gather_program(image, ret->config.init + 1, &ret->next);
}

static void gather_bundle(const struct image *image, struct inspect_facts *ret)
{
	struct span text;

	ret->has_bundle =
		read_text(image, IMAGE_BUNDLE "/manifest", LIMIT_MANIFEST, &ret->manifest_text);
	if (!ret->has_bundle)
		return;
	text = span_of_text(&ret->manifest_text);
	digest(text, ret->manifest_digest);
	if (!manifest_parse(text, &ret->manifest, &ret->error))
		ret->manifest.n_sets = 0;
}

void facts_gather(const struct image *image, struct inspect_facts *ret)
{
	*ret = (struct inspect_facts){ 0 };
	gather_program(image, "init", &ret->init);
	gather_loader(image, ret);
	gather_config(image, ret);
	gather_bundle(image, ret);
	text_add(&ret->parameters, "", 0);
	ret->bootconfig_ok =
		image->bootconfig.n && bootconfig_cmdline(image->bootconfig, &ret->parameters);
}

void facts_free(struct inspect_facts *facts)
{
	free_program(&facts->init);
	free_program(&facts->loader);
	free_program(&facts->next);
	text_free(&facts->config_text);
	text_free(&facts->manifest_text);
	text_free(&facts->parameters);
}

bool facts_initward(const struct inspect_facts *facts)
{
	return facts->loader.path || facts->has_config || facts->has_bundle;
}

const struct manifest_policy *facts_policy(const struct manifest_set *set, enum policy policy)
{
	static struct manifest_policy ret;
	struct manifest_error error;

	return manifest_entries(set, policy, MODE_HIDDEN, &ret, &error) ? &ret : NULL;
}

bool facts_next_kernel(struct kv *at, struct span *ret)
{
	while (kv_next(at) > 0) {
		if (span_is(at->key, "kernel")) {
			*ret = at->value;
			return true;
		}
	}
	return false;
}

const struct image_file *next_override(const struct image *image, size_t *i)
{
	while (*i < image->n_files) {
		const struct image_file *file = &image->file_list[(*i)++];

		if (file->replaces >= 0 && (unsigned int)file->replaces != file->part)
			return file;
	}
	return NULL;
}
