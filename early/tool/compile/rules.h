/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_RULES_H
#define INITWARD_RULES_H

#include "span.h"
#include "util.h"

/*
 * The rules of a policy file as it stands there, apparmor.d(5): one for each that ends in a comma,
 * "abi" and "alias" among them; blocks, assignments and includes are none. No I/O.
 */
struct source_rule {
	unsigned int line;   /* it begins there, from 1 */
	struct span keyword; /* its first word that is no qualifier: "dbus", "/etc/passwd", ... */
	struct text text;    /* the whole, with one blank between words, without its comma */
	const char *plain; /* within the text: without "audit", "deny", "allow", "quiet" in front */
};

/* Calls fn for each rule, up to where the text is broken. The rule is valid during the call. */
void each_rule(struct span text, void (*fn)(void *ctx, const struct source_rule *rule), void *ctx);

/*
 * Is it a rule that every kernel enforces: of files, or of links? These are no question of
 * features.
 */
bool is_file_rule(const struct source_rule *rule);

/* Calls fn for each name of a variable "@{NAME}" in a text. */
void each_variable(const char *text, void (*fn)(void *ctx, struct span name), void *ctx);

#endif
