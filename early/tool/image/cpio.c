// SPDX-License-Identifier: LGPL-2.1-or-later
#include "image/cpio.h"

#include <string.h>
#include <sys/stat.h>

/* Each action returns true when there is nothing more to do with these bytes. */

static void eat(struct cpio *c, size_t n)
{
	c->in += n;
	c->in_len -= n;
	c->this_header += n;
}

static bool fail(struct cpio *c, const char *why)
{
	if (!c->error) {
		c->error = why;
		c->error_at = c->state == CPIO_RESET ? c->this_header : c->record;
	}
	return true;
}

static void collect(struct cpio *c, size_t size, enum cpio_state next)
{
	c->collected = 0;
	c->wanted = size;
	c->next_state = next;
	c->state = CPIO_COLLECT;
}

static bool do_start(struct cpio *c)
{
	c->record = c->this_header;
	collect(c, CPIO_HEADER, CPIO_GOT_HEADER);
	return false;
}

static bool do_collect(struct cpio *c)
{
	char *to = c->next_state == CPIO_GOT_HEADER ? c->header : c->text;
	size_t n = c->wanted - c->collected;

	if (n > c->in_len)
		n = c->in_len;
	if (n)
		memcpy(to + c->collected, c->in, n);
	eat(c, n);
	c->collected += n;
	if (c->collected < c->wanted)
		return true;
	c->state = c->next_state;
	return false;
}

/* Eight hexadecimal digits, nothing else: hex2bin(). */
static bool parse_field(const char *s, uint32_t *ret)
{
	uint32_t v = 0;

	for (int i = 0; i < 8; i++) {
		char ch = s[i] >= 'A' && s[i] <= 'F' ? (char)(s[i] - 'A' + 'a') : s[i];

		if (ch >= '0' && ch <= '9')
			v = v << 4 | (uint32_t)(ch - '0');
		else if (ch >= 'a' && ch <= 'f')
			v = v << 4 | (uint32_t)(ch - 'a' + 10);
		else
			return false;
	}
	*ret = v;
	return true;
}

static bool parse_header(struct cpio *c)
{
	struct cpio_entry *e = &c->entry;
	uint32_t mode = 0, *const field[] = {
		&e->ino,	&mode,	      &e->uid,	     &e->gid,	    &e->nlink,
		&e->mtime,	&e->size,     &e->dev_major, &e->dev_minor, &e->rdev_major,
		&e->rdev_minor, &c->name_len, &c->checksum,
	};

	*e = (struct cpio_entry){ .crc = c->header[5] == '2' };
	for (size_t i = 0; i < sizeof(field) / sizeof(*field); i++) {
		if (!parse_field(c->header + 6 + 8 * i, field[i]))
			return false;
	}
	e->mode = mode & 0xffff; /* umode_t */
	return true;
}

/* The kernel does not look at such a record, and says nothing. */
static const char *why_skipped(const struct cpio *c)
{
	if (!c->name_len)
		return "it has no name";
	if (c->name_len > PATH_MAX)
		return "its name is longer than 4096 bytes";
	if (S_ISLNK(c->entry.mode))
		return c->entry.size > PATH_MAX ? "its target is longer than 4096 bytes" : NULL;
	if (!S_ISREG(c->entry.mode) && c->entry.size)
		return "it is no regular file and has data";
	return NULL;
}

static bool do_header(struct cpio *c)
{
	const char *why;

	if (memcmp(c->header, "070701", 6) != 0 && memcmp(c->header, "070702", 6) != 0)
		return fail(c, memcmp(c->header, "070707", 6) == 0
				       ? "incorrect cpio method used: use -H newc option"
				       : "no cpio magic");
	if (!parse_header(c))
		return fail(c, "damaged header, at which kernels before 7.2 do not stop");
	c->next_header = c->this_header + CPIO_PADDED(c->name_len) + c->entry.size;
	c->next_header = (c->next_header + 3) & ~(uint64_t)3;
	c->state = CPIO_SKIP;
	/* What a kernel does behind a skipped record depends on what it read before; mostly this. */
	c->next_state = CPIO_RESET;
	why = why_skipped(c);
	if (why)
		c->calls->skipped(c->ctx, why);
	else if (S_ISLNK(c->entry.mode))
		collect(c, CPIO_PADDED(c->name_len) + c->entry.size, CPIO_GOT_SYMLINK);
	else
		collect(c, CPIO_PADDED(c->name_len), CPIO_GOT_NAME);
	return false;
}

static bool do_skip(struct cpio *c)
{
	uint64_t n = c->next_header - c->this_header;

	if (n > c->in_len) {
		eat(c, c->in_len);
		return true;
	}
	eat(c, (size_t)n);
	c->state = c->next_state;
	return false;
}

static bool do_reset(struct cpio *c)
{
	while (c->in_len && *c->in == '\0')
		eat(c, 1);
	if (c->in_len && (c->this_header & 3))
		return fail(c, "broken padding");
	return true;
}

static bool do_name(struct cpio *c)
{
	c->state = CPIO_SKIP;
	c->next_state = CPIO_RESET;
	/* From 6.13 on, and in the stable series since; a name went on behind its field before. */
	if (c->text[c->name_len - 1] != '\0')
		return fail(c, "malformed archive");
	c->entry.name = c->text;
	if (strcmp(c->text, "TRAILER!!!") == 0) {
		c->calls->trailer(c->ctx);
		return false;
	}
	c->entry.offset = c->this_header;
	if (c->calls->entry(c->ctx, &c->entry) && S_ISREG(c->entry.mode)) {
		c->left = c->entry.size;
		c->sum = 0;
		c->state = CPIO_COPY;
	}
	return false;
}

static bool do_copy(struct cpio *c)
{
	size_t n = c->left < c->in_len ? (size_t)c->left : c->in_len;

	if (c->entry.crc) {
		for (size_t i = 0; i < n; i++)
			c->sum += (unsigned char)c->in[i];
	}
	if (n)
		c->calls->data(c->ctx, c->in, n);
	eat(c, n);
	c->left -= n;
	if (c->left)
		return true;
	c->state = CPIO_SKIP;
	if (c->entry.crc && c->sum != c->checksum) {
		(void)fail(c, "bad data checksum");
		c->error_at = c->this_header;
	}
	return false;
}

static bool do_symlink(struct cpio *c)
{
	size_t at = CPIO_PADDED(c->name_len);

	if (c->text[c->name_len - 1] != '\0')
		return fail(c, "malformed archive");
	c->text[at + c->entry.size] = '\0';
	c->entry.name = c->text;
	c->entry.target = c->text + at;
	c->entry.offset = c->this_header - c->entry.size;
	(void)c->calls->entry(c->ctx, &c->entry);
	c->state = CPIO_SKIP;
	c->next_state = CPIO_RESET;
	return false;
}

void cpio_init(struct cpio *ret, const struct cpio_calls *calls, void *ctx)
{
	memset(ret, 0, sizeof(*ret));
	ret->calls = calls;
	ret->ctx = ctx;
}

size_t cpio_write(struct cpio *c, const void *buf, size_t len)
{
	static bool (*const actions[])(struct cpio *) = {
		[CPIO_START] = do_start,	 [CPIO_COLLECT] = do_collect,
		[CPIO_GOT_HEADER] = do_header,	 [CPIO_SKIP] = do_skip,
		[CPIO_GOT_NAME] = do_name,	 [CPIO_COPY] = do_copy,
		[CPIO_GOT_SYMLINK] = do_symlink, [CPIO_RESET] = do_reset,
	};

	c->in = buf;
	c->in_len = len;
	while (!c->error && !actions[c->state](c))
		;
	return len - c->in_len;
}

bool cpio_flush(struct cpio *c, const void *buf, size_t len)
{
	const char *p = buf;

	while (!c->error && len) {
		size_t n = cpio_write(c, p, len);

		p += n;
		len -= n;
		if (!len || c->error)
			break;
		if (*p == '0')
			c->state = CPIO_START;
		else if (*p == '\0')
			c->state = CPIO_RESET;
		else
			(void)fail(c, "junk within compressed archive");
	}
	return !c->error;
}
