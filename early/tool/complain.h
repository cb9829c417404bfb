/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_COMPLAIN_H
#define INITWARD_COMPLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"

/*
 * Turns policy text into its dry run: every "deny" becomes "audit deny", and every profile and hat
 * gets the flag "complain" in place of any other mode. The kernel obeys a quiet deny in complain
 * mode too; an audited one it only logs. Everything else stays as it is, byte for byte.
 *
 * The text is one that has no includes any more: what "apparmor_parser -p" writes. Tokens are
 * told apart as the parser's own lexer does it, but nothing is checked that the parser checks
 * when it compiles the result.
 *
 * Pure code. Writes to buf and *ret_len; false where the text is not whole (an open quote,
 * parenthesis or block), with the line in *ret_line, or where it does not fit in `cap` bytes:
 * complain_space() is always enough.
 */
bool complain_text(struct span in, char *buf, size_t cap, size_t *ret_len, unsigned int *ret_line);

size_t complain_space(size_t len);

#endif
