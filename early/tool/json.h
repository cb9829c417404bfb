/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_TOOL_JSON_H
#define INITWARD_TOOL_JSON_H

#include <json-c/json.h>

#include "span.h"
#include "util.h"

/*
 * A JSON string of bytes that somebody else chose. JSON is UTF-8 (RFC 8259, 8.1) and json-c writes what
 * it is given: each byte that is no part of a well-formed sequence (RFC 3629: nothing overlong, no
 * surrogate, nothing above U+10FFFF) becomes U+FFFD. Ends the program where there is no memory left.
 */
struct json_object *json_text(struct span s);

/* The same of a NUL-terminated text; NULL becomes null. */
struct json_object *json_str(const char *s);

/* A JSON number, and an array of texts. They end the program where there is no memory left. */
struct json_object *json_number(uint64_t n);
struct json_object *json_list(const struct list *l);
struct json_object *json_words(struct span words);

/*
 * Sets object[key], taking over `value` (NULL: null). `key` has to be a literal: it is not copied.
 * Ends the program where there is no memory left.
 */
void json_set(struct json_object *object, const char *key, struct json_object *value);

/* Prints the object as every verb does, and drops it. The result is finish_stdout()'s. */
int json_print(struct json_object *object);

#endif
