// SPDX-License-Identifier: LGPL-2.1-or-later
#include "explain.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "json.h"
#include "term.h"
#include "tool.h"

#define LABEL 10 /* columns of "program", "change", ... */

static void print_label(const char *label)
{
	printf("  %s%-*s%s", tint(TINT_FAINT), LABEL, label, tint(TINT_END));
}

static void print_line(const char *label, const char *value)
{
	print_label(label);
	print_safe_str(stdout, value);
	putchar('\n');
}

/* "2026-01-31 12:00:00", in the time zone of whoever reads it; "" where it is not known. */
static void local_time(uint64_t milliseconds, char *buf, size_t size)
{
	time_t seconds = (time_t)(milliseconds / 1000);
	struct tm tm;

	buf[0] = '\0';
	if (milliseconds && localtime_r(&seconds, &tm))
		(void)strftime(buf, size, "%Y-%m-%d %H:%M:%S", &tm);
}

static void print_head(const struct denial *d)
{
	bool allowed = d->verdict == VERDICT_ALLOWED;
	char first[32], last[32];

	local_time(d->first, first, sizeof(first));
	local_time(d->last, last, sizeof(last));
	printf("%s%s%s", tint(allowed ? TINT_WARN : TINT_BAD), verdict_name(d->verdict),
	       tint(TINT_END));
	if (d->count == 1)
		printf(" once");
	else
		printf(" %llu times", (unsigned long long)d->count);
	if (*last && strcmp(first, last) != 0)
		printf(", %s to %s", first, last);
	else if (*last)
		printf(", %s", last);
	putchar('\n');
}

static void print_programs(const struct denial *d)
{
	print_label("program");
	for (size_t i = 0; i < d->n_programs; i++) {
		const struct program *p = &d->program[i];

		printf("%s", i ? ", " : "");
		print_safe_str(stdout, *p->exe ? p->exe : *p->comm ? p->comm : "(unknown)");
		if (*p->pid)
			printf(" (pid %s%s)", p->count > 1 ? "last " : "", p->pid);
		if (d->n_programs > 1)
			printf(" %llux", (unsigned long long)p->count);
	}
	if (d->n_others)
		printf(", others %llux", (unsigned long long)d->n_others);
	putchar('\n');
}

/* What the kernel did not say in words of its own. */
static void print_wanted(const struct denial *d)
{
	struct text t = { 0 };

	say_operation(d, &t);
	print_line("wanted to", t.data);
	text_free(&t);
	if (d->verdict == VERDICT_ALLOWED)
		print_line("result", "it succeeded, and was logged: a dry run; enforced, it is "
				     "refused");
	else
		print_line("result", d->verdict == VERDICT_KILLED ? "refused, and the program was "
								    "killed"
								  : "refused");
	say_profile(d, &t);
	print_line("profile", t.data);
	text_free(&t);
	if (!*d->field[FIELD_INFO])
		return;
	text_format(&t, "\"%s\"%s%s", d->field[FIELD_INFO], say_info(d) ? ": " : "",
		    say_info(d) ? say_info(d) : "");
	print_line("kernel", t.data);
	text_free(&t);
}

static void print_rules(const struct denial *d, const struct cause *cause)
{
	for (size_t i = 0; i < cause->n_rules; i++) {
		const struct rule *rule = cause->rule[i];

		print_label(i ? "" : cause->perhaps ? "perhaps" : "rule");
		printf("%s", tint(TINT_BOLD));
		print_safe_str(stdout, rule->file);
		printf(":%u%s: ", rule->line, tint(TINT_END));
		print_safe_str(stdout, rule->text);
		putchar('\n');
	}
	if (say_purpose(d)) {
		print_line("purpose", say_purpose(d));
		return;
	}
	print_line("to allow",
		   cause->n_rules > 1 ? "take out all of these rules, or narrow them: no rule that "
					"allows overrides a deny"
				      : "take out that rule, or narrow it: no rule that allows "
					"overrides a deny");
}

/* The line to add, and where: the file for rules of one's own that the profile includes. */
static void print_addition(const struct sources *policy, const struct denial *d,
			   const struct cause *cause)
{
	const struct profile *profile = &policy->profile[cause->profile];
	struct text t = { 0 };

	text_format(&t, "no rule allows it, and the profile mediates %s",
		    denial_class(d) == CLASS_FILE ? "files" : rule_class_name(denial_class(d)));
	print_line("rule", t.data);
	text_free(&t);
	if (!say_rule(d, cause->left.data, &t))
		return;
	text_format(&t, "  (a line for %s%s)", profile->local ? profile->local : profile->file,
		    profile->local ? "" : ", inside of the profile");
	print_line("to allow", t.data);
	text_free(&t);
}

static void print_cause(const struct sources *policy, const struct denial *d)
{
	struct cause cause;

	find_cause(policy, d, &cause);
	switch (cause.reason) {
	case REASON_DENY:
		print_rules(d, &cause);
		break;
	case REASON_NOTHING:
		print_addition(policy, d, &cause);
		break;
	case REASON_OTHER:
		if (!say_info(d))
			print_line("rule", "none refuses it in the policy that was read: is that "
					   "what this kernel has loaded?");
		break;
	case REASON_NO_PROFILE:
		if (policy->n_profiles)
			print_line("rule", "the policy that was read has no such profile");
		break;
	}
	if (say_danger(d) && (cause.reason == REASON_DENY || cause.reason == REASON_NOTHING))
		print_line("beware", say_danger(d));
	cause_free(&cause);
}

static void print_summary(const struct explanation *e, size_t shown)
{
	const struct log *log = e->log;

	if (!shown)
		printf("No denial%s in ", e->circumstances.all ? "" : " of the global layer");
	else
		printf("%zu %s of denial, read from ", shown, shown == 1 ? "kind" : "kinds");
	for (size_t i = 0; i < log->read.n; i++) {
		printf("%s", i ? ", " : "");
		print_safe_str(stdout, log->read.item[i]);
	}
	printf(".\n");
	for (size_t i = 0; i < e->notes.n; i++) {
		printf("%snote:%s ", tint(TINT_WARN), tint(TINT_END));
		print_safe_str(stdout, e->notes.item[i]);
		putchar('\n');
	}
}

int explain_text(const struct explanation *e)
{
	size_t shown = 0;

	for (size_t i = 0; i < e->log->n_denials; i++) {
		const struct denial *d = &e->log->denial[i];

		if (!e->circumstances.all && !is_global(e->policy, d))
			continue;
		shown++;
		print_head(d);
		print_programs(d);
		print_wanted(d);
		print_cause(e->policy, d);
		putchar('\n');
	}
	print_summary(e, shown);
	return finish_stdout();
}

/* --- JSON --- */

static struct json_object *utc_time(uint64_t milliseconds)
{
	time_t seconds = (time_t)(milliseconds / 1000);
	char text[32], whole[48];
	struct tm tm;

	if (!milliseconds || !gmtime_r(&seconds, &tm))
		return NULL;
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(whole, sizeof(whole), "%s.%03uZ", text, (unsigned int)(milliseconds % 1000));
	return json_str(whole);
}

static struct json_object *programs_of(const struct denial *d)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < d->n_programs; i++) {
		struct json_object *o = json_object_new_object();

		json_set(o, "comm", json_str(d->program[i].comm));
		json_set(o, "exe", json_str(*d->program[i].exe ? d->program[i].exe : NULL));
		json_set(o, "pid", json_str(d->program[i].pid));
		json_set(o, "count", json_number(d->program[i].count));
		json_object_array_add(array, o);
	}
	return array;
}

/* The record's fields, by the kernel's names for them. */
static struct json_object *fields_of(const struct denial *d)
{
	static const struct {
		enum field field;
		const char *key;
	} keys[] = {
		{ FIELD_OPERATION, "operation" }, { FIELD_CLASS, "class" },
		{ FIELD_INFO, "info" },		  { FIELD_ERROR, "error" },
		{ FIELD_NAMESPACE, "namespace" }, { FIELD_PROFILE, "profile" },
		{ FIELD_LABEL, "label" },	  { FIELD_NAME, "name" },
		{ FIELD_TARGET, "target" },	  { FIELD_REQUESTED, "requested_mask" },
		{ FIELD_DENIED, "denied_mask" },  { FIELD_CAPNAME, "capname" },
		{ FIELD_SOURCE, "srcname" },	  { FIELD_FSTYPE, "fstype" },
		{ FIELD_FLAGS, "flags" },	  { FIELD_PEER, "peer" },
		{ FIELD_SIGNAL, "signal" },	  { FIELD_FAMILY, "family" },
		{ FIELD_SOCK_TYPE, "sock_type" }, { FIELD_BUS, "bus" },
	};
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (*d->field[keys[i].field])
			json_set(o, keys[i].key, json_str(d->field[keys[i].field]));
	}
	return o;
}

static struct json_object *rules_of(const struct cause *cause)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < cause->n_rules; i++) {
		struct json_object *o = json_object_new_object();

		json_set(o, "file", json_str(cause->rule[i]->file));
		json_set(o, "line", json_number(cause->rule[i]->line));
		json_set(o, "text", json_str(cause->rule[i]->text));
		json_object_array_add(array, o);
	}
	return array;
}

static void set_cause(const struct sources *policy, const struct denial *d, struct json_object *o)
{
	static const char *const reasons[] = {
		[REASON_NO_PROFILE] = "unknown-profile",
		[REASON_DENY] = "deny-rule",
		[REASON_NOTHING] = "no-rule-allows",
		[REASON_OTHER] = "other",
	};
	struct text add = { 0 };
	struct cause cause;

	find_cause(policy, d, &cause);
	json_set(o, "reason", json_str(reasons[cause.reason]));
	json_set(o, "certain", json_object_new_boolean(!cause.perhaps));
	json_set(o, "rules", rules_of(&cause));
	if (cause.reason == REASON_NOTHING && say_rule(d, cause.left.data, &add)) {
		const struct profile *p = &policy->profile[cause.profile];

		json_set(o, "add", json_str(add.data));
		json_set(o, "add_to", json_str(p->local ? p->local : p->file));
	}
	text_free(&add);
	cause_free(&cause);
}

static struct json_object *denial_object(const struct sources *policy, const struct denial *d)
{
	struct json_object *o = json_object_new_object();
	struct text words = { 0 };

	say_operation(d, &words);
	json_set(o, "verdict", json_str(verdict_name(d->verdict)));
	json_set(o, "refused", json_object_new_boolean(d->verdict != VERDICT_ALLOWED));
	json_set(o, "global", json_object_new_boolean(is_global(policy, d)));
	json_set(o, "count", json_number(d->count));
	json_set(o, "first", utc_time(d->first));
	json_set(o, "last", utc_time(d->last));
	json_set(o, "wanted", json_text(span_of_text(&words)));
	json_set(o, "record", fields_of(d));
	json_set(o, "programs", programs_of(d));
	json_set(o, "other_programs", json_number(d->n_others));
	set_cause(policy, d, o);
	text_free(&words);
	return o;
}

static struct json_object *loss_object(const struct loss *loss)
{
	struct json_object *o = json_object_new_object();

	json_set(o, "callbacks_suppressed", json_number(loss->printk));
	json_set(o, "missing_serials", json_number(loss->serials));
	json_set(o, "audit_lost", json_number(loss->audit));
	json_set(o, "overwritten", json_number(loss->ring));
	json_set(o, "journal_missed", json_number(loss->journal));
	json_set(o, "broken", json_number(loss->broken));
	json_set(o, "ends_in_burst", json_object_new_boolean(loss->burst));
	return o;
}

int explain_json(const struct explanation *e)
{
	struct json_object *o = json_object_new_object(), *denials = json_object_new_array();

	for (size_t i = 0; i < e->log->n_denials; i++) {
		const struct denial *d = &e->log->denial[i];

		if (e->circumstances.all || is_global(e->policy, d))
			json_object_array_add(denials, denial_object(e->policy, d));
	}
	json_set(o, "read", json_list(&e->log->read));
	json_set(o, "unread", json_list(&e->log->unread));
	json_set(o, "policy", json_list(&e->policy->files));
	json_set(o, "mode", json_str(e->circumstances.mode));
	json_set(o, "complete", json_object_new_boolean(!is_incomplete(&e->log->loss)));
	json_set(o, "lost", loss_object(&e->log->loss));
	json_set(o, "denials", denials);
	json_set(o, "other_profiles", json_number(e->circumstances.n_other));
	json_set(o, "notes", json_list(&e->notes));
	return json_print(o);
}
