// SPDX-License-Identifier: LGPL-2.1-or-later
/* The journal's JSON form: systemd.journal-fields(7). */
#include <json-c/json.h>
#include <string.h>

#include "log.h"

/* A field's text: a string, or an array of bytes where it is no text (JSON of systemd). */
static void add_field(struct json_object *entry, const char *name, struct text *ret)
{
	struct json_object *value = NULL;

	text_add(ret, "", 0);
	if (!json_object_object_get_ex(entry, name, &value))
		return;
	if (json_object_is_type(value, json_type_string)) {
		text_add(ret, json_object_get_string(value),
			 (size_t)json_object_get_string_len(value));
		return;
	}
	if (!json_object_is_type(value, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(value); i++) {
		char byte = (char)json_object_get_int(json_object_array_get_idx(value, i));

		text_add(ret, &byte, 1);
	}
}

/* The journal's own copy of an audit event has its stamp in fields of their own. */
static void add_stamp_text(struct json_object *entry, struct text *ret)
{
	struct text id = { 0 }, time = { 0 };
	uint64_t serial, microseconds;

	add_field(entry, "_AUDIT_ID", &id);
	add_field(entry, "_SOURCE_REALTIME_TIMESTAMP", &time);
	if (span_uint(span_of_text(&id), UINT64_MAX, &serial) &&
	    span_uint(span_of_text(&time), UINT64_MAX, &microseconds))
		text_format(ret, "audit(%llu.%03llu:%llu): ",
			    (unsigned long long)(microseconds / 1000000),
			    (unsigned long long)(microseconds / 1000 % 1000),
			    (unsigned long long)serial);
	text_free(&id);
	text_free(&time);
}

/*
 * What a program wrote to /dev/kmsg is no word of the kernel's: it has a facility other than 0, and
 * could pretend anything. Only the loader's lines count there, which are commentary.
 */
static bool is_forged(struct json_object *entry, const struct text *message)
{
	struct text facility = { 0 };
	bool user;

	add_field(entry, "SYSLOG_FACILITY", &facility);
	user = facility.len && strcmp(facility.data, "0") != 0;
	text_free(&facility);
	return user && message->len && memmem(message->data, message->len, "apparmor=\"", 10);
}

static void take_entry(struct log *log, struct json_object *entry)
{
	struct text transport = { 0 }, message = { 0 }, line = { 0 };

	add_field(entry, "_TRANSPORT", &transport);
	add_field(entry, "MESSAGE", &message);
	if (strcmp(transport.data, "audit") == 0)
		add_stamp_text(entry, &line);
	text_add(&line, message.data, message.len);
	if (strcmp(transport.data, "audit") == 0 || !is_forged(entry, &message))
		log_line(log, span_of_text(&line));
	text_free(&transport);
	text_free(&message);
	text_free(&line);
}

bool log_json_line(struct log *log, struct span line)
{
	struct json_tokener *tokener;
	struct json_object *entry;
	bool ok;

	if (line.n < 2 || line.p[0] != '{' || line.n > INT32_MAX)
		return false;
	tokener = json_tokener_new();
	if (!tokener)
		return false;
	entry = json_tokener_parse_ex(tokener, line.p, (int)line.n);
	ok = entry && json_object_is_type(entry, json_type_object);
	if (ok)
		take_entry(log, entry);
	json_object_put(entry);
	json_tokener_free(tokener);
	return ok;
}
