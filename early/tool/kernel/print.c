// SPDX-License-Identifier: LGPL-2.1-or-later
/* The answer of the verb check, for people and for programs. */
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "kernel/answer.h"
#include "term.h"
#include "tool.h"

static const char fit_names[] = "none\0exact\0features\0base\0";

static const struct {
	enum tint tint;
	const char *text;
} verdicts[] = {
	[OUTLOOK_CONFINED] = { TINT_GOOD, "will be confined" },
	[OUTLOOK_COMPLAIN] = { TINT_WARN, "will be a dry run, which refuses nothing" },
	[OUTLOOK_OFF] = { TINT_BAD, "will not be confined: policy = off" },
	[OUTLOOK_UNCONFINED] = { TINT_BAD, "will not be confined" },
	[OUTLOOK_STOPS] = { TINT_BAD, "will not boot" },
	[OUTLOOK_UNKNOWN] = { TINT_WARN, "nobody can tell" },
};

/* Is what the loader reads of configuration and command line known? */
static bool has_conf(const struct answer *a)
{
	return a->forecasted && (!a->step || strcmp(a->step, "first program") != 0);
}

static void print_key(const char *key)
{
	printf("  %s%-14s%s", tint(TINT_FAINT), key, tint(TINT_END));
}

/* One line; nothing where there is no value. */
static void print_line(const char *key, const char *value, const char *source)
{
	if (!value || !*value)
		return;
	print_key(key);
	print_safe_str(stdout, value);
	if (source) {
		printf(" (");
		print_safe_str(stdout, source);
		putchar(')');
	}
	putchar('\n');
}

static void print_verdict(const struct answer *a)
{
	printf("%s%s%s", tint(verdicts[a->outlook].tint), verdicts[a->outlook].text,
	       tint(TINT_END));
	if (a->step) {
		printf(": %s: ", a->step);
		print_safe(stdout, span_of_text(&a->why));
	} else if (a->forecasted && a->forecast.label) {
		printf(": %s", a->forecast.label);
	}
	putchar('\n');
}

static void print_kernel(const struct known_kernel *k)
{
	const char *name = k->identity ? k->identity : k->release;

	print_line("kernel",
		   name	     ? name
		   : k->path ? k->path
			     : "unknown",
		   name ? (k->path	? k->path
			   : k->running ? "running"
					: NULL)
			: NULL);
	print_line("configuration", k->config_source ? k->config_source : "unknown", NULL);
}

static void print_conf(const struct answer *a)
{
	const struct config *conf = &a->forecast.conf;
	const struct forecast *f = &a->forecast;

	print_key("settings");
	printf("policy=%s mode=%s level=%s on_failure=%s lock=%s %s%sinit=",
	       policy_name(conf->policy), mode_name(conf->mode), level_name(conf->level),
	       on_failure_name(conf->on_failure), conf->lock ? "yes" : "no",
	       conf->mount_api == MOUNT_API_ALL ? "mount_api=all " : "",
	       conf->usermode_helpers == USERMODE_HELPERS_DENY ? "usermode_helpers=deny " : "");
	print_safe_str(stdout, conf->init);
	putchar('\n');
	if (f->set.len) {
		print_key("feature set");
		print_safe_str(stdout, f->set.data);
		printf(", fit=%s, %u profiles, %zu bytes\n", words_at(fit_names, f->fit),
		       f->n_profiles, f->n_bytes);
	} else if (a->outlook == OUTLOOK_CONFINED || a->outlook == OUTLOOK_COMPLAIN) {
		print_line("feature set", "depends on the kernel's build, which is not known",
			   NULL);
	}
	print_line("not mediated", f->lost.data, "classes that the kernel has and the set has not");
	print_line("ignored", f->ignored.data, NULL);
}

void answer_print(const struct question *q, const struct answer *a)
{
	if (q->title) {
		printf("%s", tint(TINT_BOLD));
		print_safe_str(stdout, q->title);
		printf("%s%s\n", tint(TINT_END), q->is_default ? " (boots by itself)" : "");
	}
	print_verdict(a);
	print_kernel(q->kernel);
	print_line("command line", a->cmdline.len ? a->cmdline.data : "(empty)",
		   q->given_source ? q->given_source : "unknown");
	print_key("AppArmor");
	printf("%s", a->apparmor == LSM_ON ? "on" : a->apparmor == LSM_OFF ? "off" : "unknown");
	if (a->lsm_known)
		printf(", active modules %s", a->lsm.list);
	putchar('\n');
	print_line("image", q->image ? q->image->path : "none", NULL);
	if (has_conf(a))
		print_conf(a);
	for (size_t i = 0; i < a->notes.n; i++)
		print_line("note", a->notes.item[i], NULL);
}

static struct json_object *json_truth(bool b)
{
	return json_object_new_boolean(b);
}

static struct json_object *json_kernel(const struct known_kernel *k)
{
	struct json_object *o = json_object_new_object();

	json_set(o, "image", json_str(k->path));
	json_set(o, "form", json_str(k->form));
	json_set(o, "running", json_truth(k->running));
	json_set(o, "identity", json_str(k->identity));
	json_set(o, "configuration", json_str(k->config_source));
	json_set(o, "features", json_str(k->features_source));
	return o;
}

static struct json_object *json_settings(const struct answer *a)
{
	const struct config *conf = &a->forecast.conf;
	struct json_object *o;

	if (!has_conf(a))
		return NULL;
	o = json_object_new_object();
	json_set(o, "policy", json_str(policy_name(conf->policy)));
	json_set(o, "mode", json_str(mode_name(conf->mode)));
	json_set(o, "level", json_str(level_name(conf->level)));
	json_set(o, "on_failure", json_str(on_failure_name(conf->on_failure)));
	json_set(o, "lock", json_truth(conf->lock));
	json_set(o, "mount_api", json_str(mount_api_name(conf->mount_api)));
	json_set(o, "usermode_helpers", json_str(usermode_helpers_name(conf->usermode_helpers)));
	json_set(o, "init", json_str(conf->init));
	return o;
}

static struct json_object *json_policy(const struct answer *a)
{
	const struct forecast *f = &a->forecast;
	struct json_object *o;

	if (!a->forecasted || !f->set.len)
		return NULL;
	o = json_object_new_object();
	json_set(o, "set", json_str(f->set.data));
	json_set(o, "fit", json_str(words_at(fit_names, f->fit)));
	json_set(o, "unmediated", json_str(f->lost.data ? f->lost.data : ""));
	json_set(o, "profiles", json_object_new_int64(f->n_profiles));
	json_set(o, "bytes", json_object_new_int64((int64_t)f->n_bytes));
	json_set(o, "manifest_sha256", json_str(f->manifest_digest));
	return o;
}

struct json_object *answer_json(const struct question *q, const struct answer *a)
{
	struct json_object *o = json_object_new_object();

	json_set(o, "title", json_str(q->title));
	json_set(o, "default", json_truth(q->is_default));
	json_set(o, "verdict", json_str(outlook_name(a->outlook)));
	json_set(o, "status", json_object_new_int(answer_status(a)));
	json_set(o, "step", json_str(a->step));
	json_set(o, "why", json_str(a->step ? a->why.data : NULL));
	json_set(o, "kernel", json_kernel(q->kernel));
	json_set(o, "cmdline", json_str(a->cmdline.data));
	json_set(o, "cmdline_source", json_str(q->given_source));
	json_set(o, "apparmor",
		 json_str(a->apparmor == LSM_ON	   ? "on"
			  : a->apparmor == LSM_OFF ? "off"
						   : "unknown"));
	json_set(o, "lsm", json_str(a->lsm_known ? a->lsm.list : NULL));
	json_set(o, "image", json_str(q->image ? q->image->path : NULL));
	json_set(o, "settings", json_settings(a));
	json_set(o, "label", json_str(a->forecasted ? a->forecast.label : NULL));
	json_set(o, "policy", json_policy(a));
	json_set(o, "ignored", json_str(a->forecasted ? a->forecast.ignored.data : NULL));
	json_set(o, "notes", json_list(&a->notes));
	return o;
}
