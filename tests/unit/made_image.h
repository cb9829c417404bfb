/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_MADE_IMAGE_H
#define INITWARD_MADE_IMAGE_H

/*
 * Images made in memory, file by file, packed as "newc" and read by the real reader. made_whole() is
 * one that confines; tests break it.
 */
#include "unit.h"

#include <elf.h>
#include <sys/stat.h>

#include "image/image.h"
#include "places.h"
#include "sha256.h"

#define MADE_FILES 64
#define MADE_CONF \
	"version = 1\npolicy = enforce\nmode = hidden\non_failure = continue\ninit = /sbin/init\n"
#define MADE_IDENTITY "6.1.0-test #1 SMP Debian 6.1.1-1 x86_64"

struct made_file {
	const char *name;
	unsigned int mode;
	struct text data;
};

static struct made_file made[MADE_FILES];
static size_t n_made;

static inline struct made_file *made_find(const char *name)
{
	for (size_t i = 0; i < n_made; i++) {
		if (strcmp(made[i].name, name) == 0)
			return &made[i];
	}
	return NULL;
}

static inline void made_drop(const char *name)
{
	struct made_file *file = made_find(name);

	assert_non_null(file);
	text_free(&file->data);
	memmove(file, file + 1, (size_t)(&made[--n_made] - file) * sizeof(*file));
}

/* `name` has to live on. */
static inline void made_put(const char *name, unsigned int mode, const void *data, size_t n)
{
	struct made_file *file = made_find(name);

	if (!file) {
		assert_true(n_made < MADE_FILES);
		file = &made[n_made++];
		*file = (struct made_file){ .name = name };
	}
	file->mode = mode;
	file->data.len = 0;
	text_add(&file->data, data, n);
}

static inline void made_text(const char *name, unsigned int mode, const char *text)
{
	made_put(name, mode, text, strlen(text));
}

static inline void made_clear(void)
{
	while (n_made)
		made_drop(made[0].name);
}

/* The first `from` in a file's text becomes `to`. */
static inline void made_replace(const char *name, const char *from, const char *to)
{
	struct made_file *file = made_find(name);
	struct text changed = { 0 };
	char *at;

	assert_non_null(file);
	at = memmem(file->data.data, file->data.len, from, strlen(from));
	if (!at)
		fail_msg("%s has no '%s'", name, from);
	text_add(&changed, file->data.data, (size_t)(at - file->data.data));
	text_str(&changed, to);
	at += strlen(from);
	text_add(&changed, at, (size_t)(file->data.data + file->data.len - at));
	text_free(&file->data);
	file->data = changed;
}

/* A program that a kernel of that machine could begin to execute, with a text in it. */
static inline struct text made_elf(unsigned int machine, const char *interpreter, const char *tail)
{
	size_t n = interpreter ? strlen(interpreter) + 1 : 0;
	Elf64_Ehdr head = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = (Elf64_Half)machine,
		.e_phoff = sizeof(head),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = interpreter ? 2 : 1,
	};
	Elf64_Phdr ph[2] = {
		{ .p_type = PT_LOAD, .p_filesz = sizeof(head) },
		{ .p_type = PT_INTERP, .p_offset = sizeof(head) + sizeof(ph), .p_filesz = n }
	};
	struct text ret = { 0 };

	text_add(&ret, &head, sizeof(head));
	text_add(&ret, ph, sizeof(ph));
	text_add(&ret, interpreter, n);
	text_str(&ret, tail);
	return ret;
}

static inline void made_program(const char *name, unsigned int machine, const char *interpreter,
				const char *tail)
{
	struct text elf = made_elf(machine, interpreter, tail);

	made_put(name, S_IFREG | 0755, elf.data, elf.len);
	text_free(&elf);
}

#define MADE_LOADER "\nabc " LOADER_MARK "9.9" LOADER_MARK_END

/* A blob of tests/fuzz/corpus/policy, its file and its lines in the manifest. */
static inline void made_blob(struct text *manifest, const char *which, const char *ns,
			     const char *path, const char *seed, const char *profile)
{
	char name[256], hex[SHA256_HEX];
	uint8_t digest[SHA256_SIZE];
	struct text blob = { 0 };

	snprintf(name, sizeof(name), "tests/fuzz/corpus/policy/%s", seed);
	assert_int_equal(read_file(name, 1 << 20, &blob), 0);
	sha256(blob.data, blob.len, digest);
	sha256_hex(digest, hex);
	/* literals: they live on */
	made_put(path, S_IFREG | 0644, blob.data, blob.len);
	text_format(manifest, "blob = %s %s %zu %s %s\nprofile = %s\n", which, ns, blob.len, hex,
		    path + strlen(IMAGE_BUNDLE "/"), profile);
	text_free(&blob);
}

/* Two sets: one that every kernel takes, and a later one whose format only late kernels know. */
static inline void made_bundle(void)
{
	struct text m = { 0 };

	text_str(&m, "version = 1\nset = old\nrank = 1\nbase = yes\nkernel = " MADE_IDENTITY
		     "\nuses = file/mask read\nclass = file domain\n");
	made_blob(&m, "enforce", "-", IMAGE_BUNDLE "/enforce/old/global", "guarded",
		  "enforce global");
	made_blob(&m, "complain", "-", IMAGE_BUNDLE "/complain/old/global", "guarded-complain",
		  "complain global");
	text_str(&m, "set = new\nrank = 2\nuses = policy/permstable32_version 0x000003\n"
		     "class = file domain policy\n");
	made_blob(&m, "enforce", "-", IMAGE_BUNDLE "/enforce/new/global", "guarded-table-3",
		  "enforce global");
	made_blob(&m, "complain", "-", IMAGE_BUNDLE "/complain/new/global",
		  "guarded-complain-table-3", "complain global");
	made_put(IMAGE_BUNDLE "/manifest", S_IFREG | 0644, m.data, m.len);
	text_free(&m);
}

static inline void made_whole(void)
{
	made_clear();
	made_text("sbin", S_IFDIR | 0755, "");
	made_text("initward", S_IFDIR | 0755, "");
	made_text(IMAGE_BUNDLE, S_IFDIR | 0755, "");
	for (size_t i = 0; i < 6; i++) {
		static const char *const dirs[] = {
			IMAGE_BUNDLE "/enforce",     IMAGE_BUNDLE "/complain",
			IMAGE_BUNDLE "/enforce/old", IMAGE_BUNDLE "/complain/old",
			IMAGE_BUNDLE "/enforce/new", IMAGE_BUNDLE "/complain/new",
		};

		made_text(dirs[i], S_IFDIR | 0755, "");
	}
	made_program("init", EM_X86_64, NULL, MADE_LOADER);
	made_program("sbin/init", EM_X86_64, NULL, "");
	made_text(IMAGE_CONFIG, S_IFREG | 0644, MADE_CONF);
	made_bundle();
}

static inline void made_pad(struct text *out)
{
	while (out->len % 4)
		text_add(out, "", 1);
}

static inline void made_record(struct text *out, const char *name, unsigned int mode,
			       const struct text *data)
{
	text_format(out, "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X", 0U, mode,
		    0U, 0U, 1U, 0U, data->len, 0U, 0U, 0U, 0U, strlen(name) + 1, 0U);
	text_add(out, name, strlen(name) + 1);
	made_pad(out);
	text_add(out, data->data, data->len);
	made_pad(out);
}

/* The archive of all that was put; the caller's to free. */
static inline struct text made_archive(void)
{
	struct text out = { 0 }, none = { 0 };

	for (size_t i = 0; i < n_made; i++)
		made_record(&out, made[i].name, made[i].mode, &made[i].data);
	made_record(&out, "TRAILER!!!", 0, &none);
	return out;
}

static inline struct image *made_image(void)
{
	struct text archive = made_archive();
	struct image *image = image_parse("made", &archive);

	assert_non_null(image);
	return image;
}

#endif
