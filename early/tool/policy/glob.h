/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_GLOB_H
#define INITWARD_GLOB_H

#include "span.h"

#define LIMIT_GLOB 16384

/*
 * The globs of apparmor.d(5), with the meaning that the parser gives them when it makes them regular
 * expressions (parser_regex.c convert_aaregex_to_pcre()):
 *   ?	 one character, not "/"
 *   *	 any number of them, not "/"; alone between slashes, or behind the last: at least one
 *   **	 any number of any characters; alone behind a slash: the first is no slash
 *   []	 a set of characters or ranges; [^] any other character, "/" too
 *   {,} alternatives, also nested and empty
 *   \	 takes a character as it is; \ooo, \xhh and \a to \t as in C
 * Variables and repeated slashes are the caller's: pattern_expand().
 *
 * Pure. The time of a match grows with the text's length times the pattern's, whatever the pattern.
 */
struct glob;

/* NULL where the pattern is malformed or longer than LIMIT_GLOB bytes. */
struct glob *glob_compile(struct span pattern);
bool glob_match(const struct glob *glob, struct span text);
void glob_free(struct glob *glob);

/* Appends what matches `text` only: with a backslash before what is special. */
struct text;
void glob_escape(struct span text, struct text *ret);

#endif
