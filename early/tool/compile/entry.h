/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_ENTRY_H
#define INITWARD_ENTRY_H

#include "span.h"
#include "util.h"

/*
 * One entry of the compile cache, a file that is named by its key: the digest of everything that
 * decides about its content. A head of text lines, a blank line, then without anything in between
 * what the parser said and the body (a policy blob, or a list of features):
 *
 *	version = 1
 *	key = 64 hexadecimal digits
 *	said = BYTES
 *	body = BYTES
 *	sha256 = 64 hexadecimal digits: of the SHA-256 of the one followed by that of the other
 *
 * No I/O.
 */

/* Makes an entry's file; *ret is empty before and the caller's to free. */
void entry_make(struct text *ret, const char *key, struct span said, struct span body);

/*
 * Takes an entry apart; *said and *body point into `file`. NULL where it is whole and has that key,
 * else why it cannot be used, as in "its SHA-256 is another"; static.
 */
const char *entry_parse(struct span file, const char *key, struct span *said, struct span *body);

#endif
