// SPDX-License-Identifier: LGPL-2.1-or-later
#include "image/unpack.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "image/decode.h"

#define LINK_HEADS 4096
#define MAX_NOTES 32

/* A name that more links may come for: find_link(). */
struct link {
	struct link *next;
	uint32_t ino, major, minor;
	unsigned int type;
	char name[];
};

struct unpack {
	struct image *image;
	struct tree *tree;
	struct image_limits limits;
	struct cpio cpio;
	struct link *link[LINK_HEADS];
	const char *section;
	struct span in;	   /* the stream */
	int plain;	   /* the uncompressed archive that is being read, -1: none */
	bool ended;	   /* by its trailer */
	uint32_t open;	   /* the file whose body comes */
	uint64_t unpacked; /* by all decompression */
	uint64_t text;	   /* of names in `link` */
	size_t kept;
	unsigned int records;
};

static struct image_part *this_part(const struct unpack *u)
{
	return &u->image->part[u->image->n_parts - 1];
}

static void trouble(struct unpack *u, uint64_t at, const char *why)
{
	if (u->image->trouble)
		return;
	u->image->trouble = dup_str(why);
	u->image->trouble_at = at;
}

static void note(struct unpack *u, const char *what, const char *why)
{
	if (u->image->notes.n < MAX_NOTES)
		list_add(&u->image->notes, format("%s: %s", what, why));
}

static void begin_part(struct unpack *u, enum part_kind kind, uint64_t offset, uint64_t size)
{
	struct image *image = u->image;

	image->part = grow(image->part, image->n_parts + 1, sizeof(*image->part));
	image->part[image->n_parts++] = (struct image_part){ .kind = kind,
							     .offset = offset,
							     .size = size,
							     .data = { u->in.p + offset, size },
							     .section = u->section };
	u->tree->part = (int)image->n_parts - 1;
}

static void add_zeros(struct unpack *u, uint64_t from, uint64_t to)
{
	struct image_part *last = u->image->n_parts ? this_part(u) : NULL;

	if (to <= from)
		return;
	if (last && last->kind == PART_ZEROS && last->offset + last->size == from &&
	    last->section == u->section) {
		last->size += to - from;
		last->data.n += to - from;
	} else {
		begin_part(u, PART_ZEROS, from, to - from);
	}
}

/* --- hard links --- */

static struct link **find_link(struct unpack *u, const struct cpio_entry *e)
{
	uint32_t h = (e->ino * 2654435761U) ^ (e->dev_major * 40503U) ^ e->dev_minor;
	struct link **at = &u->link[(h ^ h >> 16) & (LINK_HEADS - 1)];

	for (; *at; at = &(*at)->next) {
		u->tree->steps++;
		if ((*at)->ino == e->ino && (*at)->major == e->dev_major &&
		    (*at)->minor == e->dev_minor && (*at)->type == (e->mode & S_IFMT))
			break;
	}
	return at;
}

static void free_links(struct unpack *u)
{
	for (size_t i = 0; i < LINK_HEADS; i++) {
		while (u->link[i]) {
			struct link *next = u->link[i]->next;

			free(u->link[i]);
			u->link[i] = next;
		}
	}
	u->text = 0;
}

/* maybe_link(). 1: it is a link now; 0: the first of its name; -1: the link could not be made. */
static int maybe_link(struct unpack *u, const struct cpio_entry *e)
{
	struct link **at;
	size_t len = strlen(e->name) + 1;

	if (e->nlink < 2)
		return 0;
	at = find_link(u, e);
	if (*at) {
		tree_clean(u->tree, e->name, 0);
		return tree_link(u->tree, (*at)->name, e->name) ? 1 : -1;
	}
	*at = grow(NULL, sizeof(**at) + len, 1);
	**at = (struct link){ .ino = e->ino,
			      .major = e->dev_major,
			      .minor = e->dev_minor,
			      .type = e->mode & S_IFMT };
	memcpy((*at)->name, e->name, len);
	u->text += len;
	return 0;
}

/* --- one record --- */

/* chown() and, but for links, chmod() of what has that path now; fs/init.c. */
static uint32_t own(struct unpack *u, const struct cpio_entry *e)
{
	uint32_t i = tree_lookup(u->tree, e->name, e->target == NULL, NULL);
	struct tree_node *node;

	if (i == TREE_NONE)
		return i;
	node = &u->tree->node[i];
	if (e->uid != UINT32_MAX)
		node->uid = e->uid;
	if (e->gid != UINT32_MAX)
		node->gid = e->gid;
	if (!e->target)
		node->mode = (node->mode & S_IFMT) | (e->mode & 07777);
	node->mtime = e->mtime;
	node->part = u->tree->part;
	return i;
}

static bool is_wanted(const struct unpack *u, uint32_t name)
{
	return tree_below(u->tree, name, "init") || tree_below(u->tree, name, "initward");
}

static bool open_file(struct unpack *u, const struct cpio_entry *e)
{
	int linked = maybe_link(u, e);
	struct tree_node *node;

	u->open = linked < 0 ? TREE_NONE : tree_open(u->tree, e->name, linked != 1);
	if (u->open == TREE_NONE) {
		note(u, "a file that the kernel cannot make", e->name);
		return false;
	}
	(void)own(u, e);
	node = &u->tree->node[u->open];
	node->wanted = node->wanted || is_wanted(u, node->name);
	if (e->size) {
		node->size = e->size;
		node->data.len = 0;
		node->from = u->tree->part;
		node->offset = this_part(u)->kind == PART_CPIO ? e->offset - this_part(u)->offset
							       : e->offset;
	}
	return true; /* the checksum of an empty file is compared too */
}

static void make_node(struct unpack *u, const struct cpio_entry *e)
{
	bool made;
	uint32_t i;

	if (maybe_link(u, e) != 0)
		return;
	made = tree_make(u->tree, e->name, e->mode);
	i = own(u, e);
	if (!made)
		return; /* what is there keeps its number */
	u->tree->node[i].major = e->rdev_major & 0xfff;
	u->tree->node[i].minor = e->rdev_minor & 0xfffff;
}

static void take_symlink(struct unpack *u, const struct cpio_entry *e)
{
	tree_clean(u->tree, e->name, 0);
	if (!tree_symlink(u->tree, e->target, e->name))
		note(u, "a symbolic link that the kernel cannot make", e->name);
	(void)own(u, e);
}

static bool check_limits(struct unpack *u)
{
	uint64_t at = u->section ? 0 : this_part(u)->offset;

	if (u->records > u->limits.files)
		trouble(u, at, "the archives have more records than are read here");
	else if (u->tree->text + u->text > u->limits.names)
		trouble(u, at, "the names in the archives are larger than what is read here");
	else if (u->tree->steps > u->limits.steps)
		trouble(u, at, "the paths in the archives take longer than what is read here");
	return !u->image->trouble;
}

static bool take_entry(void *ctx, const struct cpio_entry *e)
{
	struct unpack *u = ctx;
	struct image_part *part = this_part(u);

	part->entries++;
	u->records++;
	if (!check_limits(u))
		return false;
	if (e->crc && !part->crc) {
		part->crc = true;
		note(u,
		     "records with checksums (070702), which kernels before 5.18 do not read, from",
		     e->name);
	}
	if (part->kind == PART_CPIO &&
	    (strcmp(e->name, "kernel") == 0 || strncmp(e->name, "kernel/", 7) == 0))
		part->early = true;
	if (e->target) {
		take_symlink(u, e);
		return false;
	}
	tree_clean(u->tree, e->name, e->mode);
	switch (e->mode & S_IFMT) {
	case S_IFREG:
		return open_file(u, e);
	case S_IFDIR:
		(void)tree_make(u->tree, e->name, e->mode);
		if (own(u, e) == TREE_NONE)
			note(u, "a folder that the kernel cannot make", e->name);
		return false;
	case S_IFBLK:
	case S_IFCHR:
	case S_IFIFO:
	case S_IFSOCK:
		make_node(u, e);
		return false;
	default:
		note(u, "a record of no type, by which the kernel removes what has its name",
		     e->name);
		return false;
	}
}

static void take_data(void *ctx, const void *data, size_t len)
{
	struct unpack *u = ctx;
	struct tree_node *node = &u->tree->node[u->open];

	if (!node->wanted)
		return;
	u->kept += len;
	if (u->kept > u->limits.kept) {
		node->wanted = false;
		text_free(&node->data);
		return;
	}
	text_add(&node->data, data, len);
}

static void take_trailer(void *ctx)
{
	struct unpack *u = ctx;

	u->ended = true;
	free_links(u);
}

static void take_skipped(void *ctx, const char *why)
{
	struct unpack *u = ctx;

	this_part(u)->entries++;
	u->records++;
	note(u, "a record that the kernel passes over", why);
	(void)check_limits(u);
}

/* --- one stream --- */

/* The uncompressed archive ends; what was read behind it are zeros. */
static void end_plain(struct unpack *u, uint64_t at)
{
	if (u->plain >= 0) {
		const struct image_part *part = &u->image->part[u->plain];

		add_zeros(u, part->offset + part->size, at);
	}
	u->plain = -1;
}

/* One record of an uncompressed archive. Returns where the next one begins. */
static uint64_t unpack_plain(struct unpack *u, uint64_t at)
{
	struct image_part *part;
	uint64_t end;

	if (u->plain < 0) {
		begin_part(u, PART_CPIO, at, 0);
		u->plain = (int)u->image->n_parts - 1;
	}
	u->cpio.this_header = at;
	u->cpio.state = CPIO_START;
	u->ended = false;
	(void)cpio_write(&u->cpio, u->in.p + at, u->in.n - at);
	end = u->cpio.this_header;
	part = &u->image->part[u->plain];
	if (u->cpio.error) {
		end = u->cpio.error_at;
		trouble(u, end, u->cpio.error);
	} else if (u->cpio.state != CPIO_RESET) {
		trouble(u, u->cpio.record,
			"the archive ends within a record, which the kernel does not notice: what "
			"the file lacks is zeros");
	} else if (end > u->cpio.next_header) {
		end = u->cpio.next_header;
	}
	part->size = end - part->offset;
	part->unpacked = part->size;
	part->data.n = part->size;
	if (!part->size) {
		u->image->n_parts--;
		u->plain = -1;
	}
	if (u->ended)
		end_plain(u, u->cpio.this_header);
	return u->image->trouble ? end : u->cpio.this_header;
}

static bool take_output(void *ctx, const void *data, size_t len)
{
	struct unpack *u = ctx;

	this_part(u)->unpacked += len;
	u->unpacked += len;
	if (u->unpacked > u->limits.unpacked)
		trouble(u, this_part(u)->offset, "the archives unpack to more than is read here");
	return !u->image->trouble && cpio_flush(&u->cpio, data, len) && !u->image->trouble;
}

/* "junk at the end": the kernel wants a compressed archive to end behind a record. */
static const char *why_failed(const struct unpack *u, const struct decoded *d)
{
	if (u->cpio.error)
		return u->cpio.error;
	if (d->why)
		return d->why;
	if (d->stopped)
		return "decompressor failed";
	return u->cpio.state == CPIO_RESET ? NULL : "junk at the end of compressed archive";
}

static uint64_t unpack_compressed(struct unpack *u, uint64_t at)
{
	struct span rest = { u->in.p + at, u->in.n - at };
	enum part_kind kind = decode_kind(rest);
	struct decoded d;
	const char *why;

	end_plain(u, at);
	begin_part(u, kind, at, rest.n);
	if (kind == PART_JUNK) {
		trouble(u, at, "invalid magic at start of compressed archive");
		return u->in.n;
	}
	u->cpio.this_header = 0;
	d = decode(kind, rest, u->limits.memory, take_output, u);
	why = why_failed(u, &d);
	if (why) {
		trouble(u, at, why);
		return u->in.n;
	}
	if (d.note)
		note(u, part_name(kind), d.note);
	this_part(u)->size = d.used;
	this_part(u)->data.n = d.used;
	return at + d.used;
}

static uint64_t skip_zeros(struct unpack *u, uint64_t at)
{
	uint64_t end = at;

	while (end < u->in.n && !u->in.p[end])
		end++;
	end_plain(u, at);
	add_zeros(u, at, end);
	return end;
}

struct unpack *unpack_begin(struct image *image, const struct image_limits *limits)
{
	static const struct cpio_calls calls = { take_entry, take_data, take_trailer,
						 take_skipped };
	struct unpack *u = grow(NULL, 1, sizeof(*u));

	memset(u, 0, sizeof(*u));
	u->image = image;
	u->limits = *limits;
	u->plain = -1;
	u->open = TREE_NONE;
	image->tree = grow(NULL, 1, sizeof(*image->tree));
	u->tree = image->tree;
	tree_init(u->tree);
	cpio_init(&u->cpio, &calls, u);
	return u;
}

void unpack_stream(struct unpack *u, struct span in, const char *section)
{
	uint64_t at = 0;

	u->in = in;
	u->section = section;
	u->cpio.state = CPIO_START;
	while (at < in.n && !u->image->trouble) {
		if (in.p[at] == '0' && !(at & 3))
			at = unpack_plain(u, at);
		else
			at = in.p[at] ? unpack_compressed(u, at) : skip_zeros(u, at);
	}
	end_plain(u, at);
	if (u->image->trouble && at < in.n)
		begin_part(u, PART_JUNK, at, in.n - at);
}

void unpack_end(struct unpack *u)
{
	free_links(u);
	free(u);
}

/* --- one file, again --- */

struct again {
	uint64_t at, from, to;
	struct text *ret;
	uint64_t *left; /* bytes that may be decompressed */
	bool over;
};

static bool take_again(void *ctx, const void *data, size_t len)
{
	struct again *a = ctx;
	uint64_t begin = a->at > a->from ? a->at : a->from;
	uint64_t end = a->at + len < a->to ? a->at + len : a->to;

	if (a->left) {
		a->over = len > *a->left;
		*a->left -= a->over ? *a->left : len;
	}
	if (a->over)
		return false;
	if (begin < end)
		text_add(a->ret, (const char *)data + (begin - a->at), (size_t)(end - begin));
	a->at += len;
	return a->at < a->to;
}

const char *unpack_again(const struct image *image, const struct tree_node *node, struct text *ret)
{
	const struct image_part *part = &image->part[node->from];
	struct again a = { .from = node->offset, .to = node->offset + node->size, .ret = ret };
	struct decoded d = { 0 };

	ret->len = 0;
	text_add(ret, "", 0);
	if (!node->size)
		return NULL;
	if (part->kind == PART_CPIO) {
		(void)take_again(&a, part->data.p, part->data.n);
	} else {
		a.left = image->again;
		d = decode(part->kind, part->data, image->memory, take_again, &a);
	}
	if (a.over)
		return "to unpack its archive once more takes longer than what is read here";
	if (ret->len == node->size)
		return NULL;
	return d.why ? d.why : "the archive ends within it";
}

/* --- many files, again --- */

struct many {
	uint64_t at;
	const struct tree_node *const *node;
	size_t n, i;
	struct text data;
	void (*fn)(void *ctx, size_t i, struct text *data);
	void *ctx;
	uint64_t *left; /* as of struct again */
};

static bool take_many(void *ctx, const void *data, size_t len)
{
	struct many *m = ctx;

	if (m->left && len > *m->left)
		return false;
	if (m->left)
		*m->left -= len;
	for (; m->i < m->n; m->i++) {
		const struct tree_node *node = m->node[m->i];
		uint64_t to = node->offset + node->size;
		uint64_t begin = m->at > node->offset ? m->at : node->offset;
		uint64_t end = m->at + len < to ? m->at + len : to;

		if (begin < end)
			text_add(&m->data, (const char *)data + (begin - m->at),
				 (size_t)(end - begin));
		if (m->at + len < to)
			break;
		if (m->data.len == node->size)
			m->fn(m->ctx, m->i, &m->data);
		m->data.len = 0;
	}
	m->at += len;
	return m->i < m->n;
}

void unpack_many(const struct image *image, const struct tree_node *const *nodes, size_t n,
		 void (*fn)(void *ctx, size_t i, struct text *data), void *ctx)
{
	const struct image_part *part = n ? &image->part[nodes[0]->from] : NULL;
	struct many m = { .node = nodes, .n = n, .fn = fn, .ctx = ctx };

	if (part && part->kind == PART_CPIO) {
		(void)take_many(&m, part->data.p, part->data.n);
	} else if (part) {
		m.left = image->again;
		(void)decode(part->kind, part->data, image->memory, take_many, &m);
	}
	text_free(&m.data);
}
