// SPDX-License-Identifier: LGPL-2.1-or-later
#include "blob.h"

#include "span.h"

#define ABI_MASK 0x3ffu
#define ABI_MIN 5u
#define ABI_MAX 9u
#define FORCE_COMPLAIN 0x800u

static const char mode_names[] = "enforce\0complain\0kill\0unconfined\0user\0";

const char *profile_mode_name(unsigned int mode)
{
	return mode < MODE_COUNT ? words_at(mode_names, mode) : NULL;
}

int profile_mode_index(struct span name)
{
	return words_index(mode_names, name);
}

const char *blob_error(int err)
{
	switch (err) {
	case BLOB_TRUNCATED:
		return "it ends in the middle of a profile";
	case BLOB_VERSION:
		return "its format is not of version 5 to 9, or compressed";
	case BLOB_MODE:
		return "a profile has an unknown mode";
	default:
		return "it is not compiled AppArmor policy";
	}
}

static void set_error(struct blob_reader *r, int err)
{
	if (!r->err)
		r->err = err;
}

/* The next n bytes; NULL where there are not so many. */
static const uint8_t *take(struct blob_reader *r, size_t n)
{
	const uint8_t *p = r->buf + r->pos;

	if (n > r->len - r->pos)
		set_error(r, BLOB_TRUNCATED);
	if (r->err)
		return NULL;
	r->pos += n;
	return p;
}

/* Little-endian, n bytes of it, at most 4. */
static uint32_t take_uint(struct blob_reader *r, size_t n)
{
	const uint8_t *p = take(r, n);
	uint32_t v = 0;

	while (p && n--)
		v = v << 8 | p[n];
	return v;
}

/*
 * Closed by a NUL, and there may be others: the parser writes "px -> :ns:profile" with one in the
 * place of the second colon (unpack_str() looks at the last byte only).
 */
static void take_text(struct blob_reader *r)
{
	size_t n = take_uint(r, 2);
	const uint8_t *p = take(r, n);

	if (!p || !n || p[n - 1]) {
		set_error(r, BLOB_FORMAT);
		return;
	}
	r->text = (struct span){ (const char *)p, n - 1 };
}

void blob_item(struct blob_reader *r)
{
	r->tag = take_uint(r, 1);
	switch (r->tag) {
	case TAG_U8:
		(void)take(r, 1);
		break;
	case TAG_U16:
	case TAG_ARRAY:
		(void)take(r, 2);
		break;
	case TAG_U32:
		r->u32 = take_uint(r, 4);
		break;
	case TAG_U64:
		(void)take(r, 8);
		break;
	case TAG_NAME:
	case TAG_STRING:
		take_text(r);
		break;
	case TAG_BLOB:
		(void)take(r, take_uint(r, 4));
		break;
	case TAG_STRUCT:
	case TAG_STRUCTEND:
	case TAG_LIST:
	case TAG_LISTEND:
	case TAG_ARRAYEND:
		break;
	default:
		set_error(r, BLOB_FORMAT);
	}
}

/* The next item, which has to be `tag`. */
static void expect(struct blob_reader *r, unsigned int tag)
{
	blob_item(r);
	if (r->tag != tag)
		set_error(r, BLOB_FORMAT);
}

/* What verify_header() takes: version, which only the first profile has to have, and namespace. */
static void read_header(struct blob_reader *r, struct blob_profile *ret)
{
	expect(r, TAG_NAME);
	if (span_is(r->text, "version")) {
		expect(r, TAG_U32);
		ret->version = r->u32;
		expect(r, TAG_NAME);
	}
	if ((ret->version & ABI_MASK) < ABI_MIN || (ret->version & ABI_MASK) > ABI_MAX)
		set_error(r, BLOB_VERSION);
	if (span_is(r->text, "namespace")) {
		expect(r, TAG_STRING);
		ret->ns = r->text.p;
		ret->ns_len = r->text.n;
		expect(r, TAG_NAME);
	}
	if (!span_is(r->text, "profile"))
		set_error(r, BLOB_FORMAT);
}

/* A name ":ns:profile" or ":ns://profile" names a namespace too (aa_splitn_fqname). */
static void read_name(struct blob_reader *r, struct blob_profile *ret)
{
	struct span before, behind;

	expect(r, TAG_STRUCT);
	expect(r, TAG_STRING);
	if (!r->text.n || span_split(r->text, '\0', &before, &behind))
		set_error(r, BLOB_FORMAT);
	ret->name = r->text.p;
	ret->name_len = r->text.n;
	if (span_starts(r->text, ":") && !ret->ns) {
		ret->ns = r->text.p;
		ret->ns_len = r->text.n;
	}
}

/* The struct "flags" begins with: is it a hat, the mode. */
static void read_flags(struct blob_reader *r, struct blob_profile *ret)
{
	expect(r, TAG_STRUCT);
	expect(r, TAG_U32);
	expect(r, TAG_U32);
	ret->mode = r->u32;
	if (ret->mode >= MODE_COUNT)
		set_error(r, BLOB_MODE);
	if (ret->version & FORCE_COMPLAIN)
		ret->mode = MODE_COMPLAIN;
}

/* Steps over the rest of the profile, whose opening STRUCT has been read, and takes its mode. */
static void read_body(struct blob_reader *r, struct blob_profile *ret)
{
	unsigned int depth = 1;
	bool flags_seen = false;

	while (depth && !r->err) {
		blob_item(r);
		if (r->tag == TAG_STRUCT) {
			depth++;
		} else if (r->tag == TAG_STRUCTEND) {
			depth--;
		} else if (r->tag == TAG_NAME && depth == 1 && !flags_seen &&
			   span_is(r->text, "flags")) {
			read_flags(r, ret);
			flags_seen = true;
			depth++;
		}
	}
	if (!flags_seen)
		set_error(r, BLOB_FORMAT);
}

int blob_next(const void *buf, size_t len, size_t *pos, struct blob_profile *ret)
{
	struct blob_reader r = { .buf = buf, .len = len, .pos = *pos, .text = span_of("") };
	struct blob_profile p = { .version = *pos ? ret->version : 0 };

	if (*pos >= len)
		return 0;
	read_header(&r, &p);
	read_name(&r, &p);
	read_body(&r, &p);
	if (r.err)
		return r.err;
	p.end = *pos = r.pos;
	*ret = p;
	return 1;
}
