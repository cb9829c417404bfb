// SPDX-License-Identifier: LGPL-2.1-or-later
/* The object for programs: initward-status(1) documents every key. */
#include <string.h>

#include "json.h"
#include "show.h"
#include "tool.h"

static struct json_object *json_yes(const char *text, const char *yes)
{
	return text ? json_object_new_boolean(strcmp(text, yes) == 0) : NULL;
}

/* A number that a text holds; null where it holds none. */
static struct json_object *json_digits(const char *text)
{
	uint64_t value;

	if (!text || !span_uint(span_of(text), INT64_MAX, &value))
		return NULL;
	return json_object_new_int64((int64_t)value);
}

static struct json_object *json_trial(enum trial trial, int err)
{
	return json_str(trial_text(trial, err));
}

static struct json_object *evidence(const struct evidence *e)
{
	static const char *const apparmor[] = { "unknown", "absent", "off", "on" };
	static const char *const places[] = { "unknown", "first", "other" };
	struct json_object *o = json_object_new_object();

	json_set(o, "proof", json_trial(e->proof, e->proof_errno));
	json_set(o, "control", json_trial(e->control, e->control_errno));
	json_set(o, "init_label", json_str(e->init_label));
	json_set(o, "own_label", json_str(e->own_label));
	json_set(o, "stacked", json_yes(e->stacked, "yes"));
	json_set(o, "namespace_stacked", json_yes(e->ns_stacked, "yes"));
	json_set(o, "namespace_level", json_digits(e->ns_level));
	json_set(o, "namespace_name", json_str(e->ns_name));
	json_set(o, "apparmor", json_str(apparmor[e->apparmor]));
	json_set(o, "module_mode", json_str(e->mode));
	json_set(o, "pid_namespace", json_str(places[e->pid_namespace]));
	json_set(o, "root_folder", json_str(places[e->root]));
	return o;
}

static struct json_object *profiles(const struct status *s)
{
	struct json_object *list;

	if (s->profiles_errno)
		return NULL;
	list = json_object_new_array();
	for (size_t i = 0; i < s->profiles.n; i++) {
		const struct kernel_profile *p = &s->profiles.list[i];
		struct json_object *o = json_object_new_object();

		json_set(o, "name", json_str(p->name));
		json_set(o, "mode", json_str(p->mode));
		json_set(o, "digest_algorithm", p->digest ? json_str(p->algorithm) : NULL);
		json_set(o, "digest", json_str(p->digest));
		json_set(o, "raw_digest", json_str(p->raw_digest));
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *words(const char *text)
{
	struct json_object *list = json_object_new_array();
	struct span rest = span_of(text ? text : ""), word;

	while (span_next_word(&rest, &word))
		json_object_array_add(list, json_text(word));
	return list;
}

static bool is_number(enum loader_field field)
{
	return field == LOADER_PROFILES || field == LOADER_BYTES || field == LOADER_NANOSECONDS ||
	       field == LOADER_OTHER_TASKS;
}

static struct json_object *loader(const struct status *s)
{
	struct json_object *o;

	if (!s->loader_from)
		return NULL;
	o = json_object_new_object();
	json_set(o, "source", json_str(s->loader_from));
	for (int i = 0; i < LOADER_FIELDS; i++) {
		const char *value = s->loader.field[i];
		const char *key = i == LOADER_VERSION ? "version" : loader_field_name(i);

		if (i == LOADER_UNMEDIATED)
			json_set(o, key, words(value));
		else
			json_set(o, key, is_number(i) ? json_digits(value) : json_str(value));
	}
	return o;
}

static struct json_object *denials(const struct status *s)
{
	struct json_object *list;

	if (!s->log_read)
		return NULL;
	list = json_object_new_array();
	for (size_t i = 0; i < s->n_tallies; i++) {
		struct json_object *o = json_object_new_object();

		json_set(o, "namespace", json_str(s->tally[i].ns));
		json_set(o, "profile", json_str(s->tally[i].profile));
		json_set(o, "denied", json_number(s->tally[i].denied));
		json_set(o, "killed", json_number(s->tally[i].killed));
		json_set(o, "allowed", json_number(s->tally[i].allowed));
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *texts(const struct list *l)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < l->n; i++)
		json_object_array_add(list, json_str(l->item[i]));
	return list;
}

static struct json_object *log_object(const struct log *l)
{
	struct json_object *o = json_object_new_object();

	json_set(o, "read", texts(&l->read));
	json_set(o, "unread", texts(&l->unread));
	json_set(o, "lost_printk", json_number(l->loss.printk));
	json_set(o, "lost_audit", json_number(l->loss.audit));
	json_set(o, "lost_ring", json_number(l->loss.ring));
	json_set(o, "lost_journal", json_number(l->loss.journal));
	json_set(o, "lost_serials", json_number(l->loss.serials));
	json_set(o, "broken", json_number(l->loss.broken));
	json_set(o, "ends_in_burst", json_object_new_boolean(l->loss.burst));
	return o;
}

int show_json(const struct status *s)
{
	static const char *const sights[] = { NULL, "visible", "hidden", "managed" };
	struct json_object *o = json_object_new_object();

	json_set(o, "verdict", json_str(standing_name(s->judgement.standing)));
	json_set(o, "mode", json_str(sights[s->judgement.sight]));
	json_set(o, "reason", json_str(reason_name(s->judgement.reason)));
	json_set(o, "why", json_str(s->why.data));
	json_set(o, "cure", s->cure.len ? json_str(s->cure.data) : NULL);
	json_set(o, "sealed", json_yes(s->evidence.lock_policy, "Y"));
	json_set(o, "evidence", evidence(&s->evidence));
	json_set(o, "profiles", profiles(s));
	json_set(o, "loader", loader(s));
	json_set(o, "denials", denials(s));
	json_set(o, "log", log_object(&s->log));
	return json_print(o);
}
