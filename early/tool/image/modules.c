// SPDX-License-Identifier: LGPL-2.1-or-later
#include "image/modules.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "image/decode.h"

/* include/linux/module_signature.h: the last bytes of a signed module. */
#define MARK "~Module signature appended~\n"
#define MARK_SIZE (sizeof(MARK) - 1)

#define LIMIT_MODULE ((size_t)128 << 20)      /* a file, compressed or not */
#define LIMIT_ALL_MODULES ((uint64_t)2 << 30) /* what all of them may give */

enum standing { UNREAD, UNSIGNED, SIGNED };

struct search {
	const struct image *image;
	enum standing *standing;
	const struct image_file **file;
	size_t n;
	uint64_t left;
};

/* The end of what comes out of a decompressor. */
struct tail {
	char bytes[MARK_SIZE];
	uint64_t *left;
};

static const char *const endings[] = { ".ko", ".ko.xz", ".ko.zst", ".ko.gz" };

static bool is_module(const struct image_file *file)
{
	size_t len = strlen(file->name);

	for (size_t i = 0; S_ISREG(file->mode) && i < sizeof(endings) / sizeof(*endings); i++) {
		size_t n = strlen(endings[i]);

		if (len > n && strcmp(file->name + len - n, endings[i]) == 0)
			return true;
	}
	return false;
}

static bool take_tail(void *ctx, const void *data, size_t len)
{
	struct tail *t = ctx;

	if (len > *t->left)
		return false;
	*t->left -= len;
	if (len >= MARK_SIZE) {
		memcpy(t->bytes, (const char *)data + len - MARK_SIZE, MARK_SIZE);
		return true;
	}
	memmove(t->bytes, t->bytes + len, MARK_SIZE - len);
	memcpy(t->bytes + MARK_SIZE - len, data, len);
	return true;
}

static enum standing standing_of(struct search *s, struct span data)
{
	enum part_kind kind = decode_kind(data);
	struct tail tail = { .left = &s->left };
	struct decoded d;

	/* An ELF file begins like nothing that is compressed. */
	if (kind == PART_JUNK)
		return data.n >= MARK_SIZE &&
				       memcmp(data.p + data.n - MARK_SIZE, MARK, MARK_SIZE) == 0
			       ? SIGNED
			       : UNSIGNED;
	d = decode(kind, data, s->image->memory ? s->image->memory : LIMIT_MEMORY, take_tail,
		   &tail);
	if (d.why || d.stopped)
		return UNREAD;
	return memcmp(tail.bytes, MARK, MARK_SIZE) == 0 ? SIGNED : UNSIGNED;
}

static void take_module(void *ctx, size_t i, const struct text *data)
{
	struct search *s = ctx;

	s->standing[i] = standing_of(s, span_of_text(data));
}

/* Each once: other names of a file are hard links to it. */
static void collect(struct search *s)
{
	const struct image *image = s->image;

	s->file = grow(NULL, image->n_files + 1, sizeof(*s->file));
	for (size_t i = 0; i < image->n_files; i++) {
		if (image->file_list[i].link < 0 && is_module(&image->file_list[i]))
			s->file[s->n++] = &image->file_list[i];
	}
	s->standing = grow(NULL, s->n + 1, sizeof(*s->standing));
	memset(s->standing, 0, (s->n + 1) * sizeof(*s->standing));
}

void modules_find(const struct image *image, struct modules *ret)
{
	struct search s = { .image = image, .left = LIMIT_ALL_MODULES };

	*ret = (struct modules){ 0 };
	collect(&s);
	image_read_many(image, s.file, s.n, LIMIT_MODULE, take_module, &s);
	ret->n = s.n;
	for (size_t i = 0; i < s.n; i++) {
		ret->n_unread += s.standing[i] == UNREAD;
		if (s.standing[i] != UNSIGNED)
			continue;
		if (ret->n_unsigned++ < MODULES_NAMED)
			list_add(&ret->unsigned_list, dup_str(s.file[i]->name));
	}
	free(s.file);
	free(s.standing);
}

void modules_free(struct modules *modules)
{
	list_free(&modules->unsigned_list);
}

static void add_unread(const struct modules *m, struct text *text)
{
	if (m->n_unread)
		text_format(text, "%s%zu of %zu modules could not be looked at",
			    text->len ? "; " : "", m->n_unread, m->n);
}

char *modules_warning(const struct modules *m)
{
	struct text text = { 0 };

	if (m->n_unsigned) {
		text_format(&text, "%zu of %zu modules are not signed, and lockdown refuses them:",
			    m->n_unsigned, m->n);
		for (size_t i = 0; i < m->unsigned_list.n; i++)
			text_format(&text, "%s /%s", i ? "," : "", m->unsigned_list.item[i]);
		text_format(&text,
			    "%s; sign them by a key that the kernel trusts, or leave them out",
			    m->n_unsigned > m->unsigned_list.n ? ", ..." : "");
	}
	add_unread(m, &text);
	return text.data;
}
