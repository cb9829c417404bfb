/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_BLOB_H
#define INITWARD_BLOB_H

#include "span.h"

/*
 * Reads the names, modes and namespaces out of compiled AppArmor policy. The format is the one
 * that the kernel's security/apparmor/policy_unpack.c takes: a stream of tagged values, of
 * which verify_header() and the head of unpack_profile() are followed here and the rest is
 * stepped over.
 */

/*
 * The numbers are the format's (PACKED_MODE_* in policy_unpack.h), the names the kernel's
 * listing's.
 */
enum profile_mode {
	MODE_ENFORCE,
	MODE_COMPLAIN,
	MODE_KILL,
	MODE_UNCONFINED,
	MODE_USER,
	MODE_COUNT,
};

/* Pieces point into the blob and are not NUL-terminated. */
struct blob_profile {
	const char *name; /* full name, "parent//child" for children */
	size_t name_len;
	const char *ns; /* NULL where the blob names no policy namespace */
	size_t ns_len;
	unsigned int mode; /* enum profile_mode */
	uint32_t version;  /* of the last header read; a profile without one inherits it */
	size_t end;	   /* offset of the first byte behind the profile */
};

enum blob_error {
	BLOB_TRUNCATED = -1,
	BLOB_FORMAT = -2,
	BLOB_VERSION = -3,
	BLOB_MODE = -4,
};

/*
 * Reads the next profile at *pos (0 at first; `ret` zeroed by the caller before the first call)
 * and moves *pos behind it. Returns 1 for a profile, 0 at the end, a negative enum blob_error
 * otherwise.
 */
int blob_next(const void *buf, size_t len, size_t *pos, struct blob_profile *ret);

/* Why, in words; never NULL. */
const char *blob_error(int err);

/* enum aa_code of the kernel's security/apparmor/include/policy_unpack.h */
enum blob_tag {
	TAG_U8,
	TAG_U16,
	TAG_U32,
	TAG_U64,
	TAG_NAME,
	TAG_STRING,
	TAG_BLOB,
	TAG_STRUCT,
	TAG_STRUCTEND,
	TAG_LIST,
	TAG_LISTEND,
	TAG_ARRAY,
	TAG_ARRAYEND,
};

/*
 * Walks the items of a blob one by one; what blob_next() stands on, for those who have to look further
 * in. Begin with buf, len and pos. Once err is set nothing is read any more and every value is zero:
 * one check at the end is enough.
 */
struct blob_reader {
	const uint8_t *buf;
	size_t len;
	size_t pos; /* behind the last item */
	int err;    /* enum blob_error */
	/* The last item: */
	unsigned int tag;
	uint32_t u32;	  /* of a U32 */
	struct span text; /* of a NAME or STRING, without its NUL */
};

void blob_item(struct blob_reader *r);

/* "enforce", ...; NULL for no mode. As in the kernel's aa_profile_mode_names[]. */
const char *profile_mode_name(unsigned int mode);

/* The enum profile_mode of a name, -1 for none. */
int profile_mode_index(struct span name);

#endif
