/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_COMPLAIN_H
#define INITWARD_COMPLAIN_H

#include <stddef.h>

#include "span.h"

enum complain_error {
	COMPLAIN_OK,
	COMPLAIN_BROKEN, /* a quote, parenthesis or block is open, or closed twice */
	COMPLAIN_BLOCK,	 /* rules in a block that is neither a profile nor a condition's */
	COMPLAIN_SPACE,	 /* does not fit in the buffer */
};

/*
 * Turns policy text into its dry run: every "deny" becomes "audit deny", and every profile and hat
 * gets the flag "complain" in place of any other mode. The kernel obeys a quiet deny in complain
 * mode too; an audited one it only logs. Everything else stays as it is, byte for byte.
 *
 * The text is one that has no includes any more: what "apparmor_parser -p" writes. Tokens are
 * told apart as the parser's own lexer does it, but nothing is checked that the parser checks
 * when it compiles the result.
 *
 * "owner { ... }" and the like are refused: in such a block parsers lose the "audit" of a deny
 * (3.0.8) or the rule itself (5.0.2), so that there is no dry run of it.
 *
 * Pure code. Writes to buf and *ret_len; after an error the line is in *ret_line.
 * complain_space() is the capacity that is always enough.
 */
enum complain_error complain_text(struct span in, char *buf, size_t cap, size_t *ret_len,
				  unsigned int *ret_line);

size_t complain_space(size_t len);

#endif
