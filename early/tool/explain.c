// SPDX-License-Identifier: LGPL-2.1-or-later
#include "explain/explain.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "defaults.h"

#define AUDIT_PARAMETER "/sys/module/apparmor/parameters/audit"

enum { OPT_POLICY = OPTION_KEY, OPT_INCLUDE, OPT_LOG, OPT_ALL, OPT_JSON };

static const struct option_row options[] = {
	{ OPT_LOG, "log", "FILE",
	  "read this log, - for standard input, and not those\nof this boot", COMPLETE_FILE, NULL },
	{ OPT_POLICY, "policy", "SOURCE",
	  "policy file or folder that was compiled (may be\nrepeated; else the one that the "
	  "configuration names,\nelse " OWN_POLICY ",\nelse " STOCK_POLICY
	  ",\nor the folder of the level there)",
	  COMPLETE_FILE, NULL },
	{ OPT_INCLUDE, "include", "DIR", "one more folder for includes (may be repeated)",
	  COMPLETE_DIR, NULL },
	{ OPT_ALL, "all", NULL, "also what other profiles denied", COMPLETE_NOTHING, NULL },
	{ OPT_JSON, "json", NULL, "print JSON", COMPLETE_NOTHING, NULL },
	{ 0 },
};

struct explain {
	struct list policies;
	struct list includes;
	const char *log;
	bool all;
	bool json;
};

static int take_option(void *ctx, int option, const char *value)
{
	struct explain *e = ctx;

	switch (option) {
	case OPT_POLICY:
		list_add(&e->policies, dup_str(value));
		break;
	case OPT_INCLUDE:
		list_add(&e->includes, dup_str(value));
		break;
	case OPT_LOG:
		e->log = value;
		break;
	case OPT_ALL:
		e->all = true;
		break;
	case OPT_JSON:
		e->json = true;
		break;
	default:
		return try_help("explain");
	}
	return TOOL_OK;
}

/*
 * Without --policy: the same as `initward update` compiles, an administrator's own folder where it holds
 * policy, else the package's policy with what it includes from that folder. Where there is none, denials
 * are told without their rules.
 */
static bool read_policies(struct explain *e, struct sources *policy)
{
	struct config config;

	/* What is named needs no level, nor the configuration that has it. */
	if (!e->policies.n && (policy_folder(OWN_POLICY) || access(STOCK_POLICY, F_OK) == 0)) {
		read_config(default_config(), &config);
		if (!default_policy(&config, default_config(), &e->policies, &e->includes))
			return false;
	}
	for (size_t i = 0; i < e->policies.n; i++) {
		if (!policy_read(policy, e->policies.item[i], &e->includes))
			return false;
	}
	return true;
}

static bool read_given(const char *path, struct log *log)
{
	int r = log_read_file(path, log);

	if (r == -ENOTSUP)
		say("cannot read the log %s: it is a device; name a file, or - for standard input",
		    path);
	else if (r < 0)
		say("cannot read the log %s: %s", path, strerror(-r));
	return r == 0;
}

/* What kind of denials the running kernel logs may have been changed since the boot. */
static void read_parameter(struct circumstances *c)
{
	struct text text = { 0 };

	if (read_file(AUDIT_PARAMETER, 4096, &text) == 0)
		c->quiet_shown =
			strcmp(text.data, "noquiet\n") == 0 || strcmp(text.data, "all\n") == 0;
	text_free(&text);
}

static bool read_system(struct log *log)
{
	if (log_read_system(log))
		return true;
	for (size_t i = 0; i < log->unread.n; i++)
		say("cannot read %s", log->unread.item[i]);
	say("no log of this boot can be read: run this as root, or name a log by --log FILE");
	return false;
}

static int explain(const struct explain *given, const struct sources *policy, const struct log *log)
{
	struct explanation e = {
		.log = log,
		.policy = policy,
		.circumstances = { .all = given->all },
	};
	int r;

	find_circumstances(log, policy, &e.circumstances);
	if (!given->log)
		read_parameter(&e.circumstances);
	if (!policy->n_profiles)
		list_add(&e.notes, dup_str("no policy was found to look for rules in: name the one "
					   "that was compiled by --policy"));
	find_notes(log, &e.circumstances, &e.notes);
	r = given->json ? explain_json(&e) : explain_text(&e);
	list_free(&e.notes);
	return r;
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct explain e = { 0 };
	struct sources policy = { 0 };
	struct log log = { 0 };
	int r;

	if (!take_options(verb, argc, argv, take_option, &e, &r))
		return r;
	if (optind < argc) {
		say("operand '%s' is not wanted: logs are named by --log", argv[optind]);
		return try_help(verb->name);
	}
	r = TOOL_FAILED;
	if (read_policies(&e, &policy) && (e.log ? read_given(e.log, &log) : read_system(&log)))
		r = explain(&e, &policy, &log);
	log_free(&log);
	policy_free(&policy);
	list_free(&e.policies);
	list_free(&e.includes);
	return r;
}

const struct verb verb_explain = {
	.name = "explain",
	.summary = "say which rule of the policy refused what, from the logs",
	.synopsis = "[OPTION]...",
	.about = "Reads what the global layer refused since the boot, or would have refused in a "
		 "dry run,\n"
		 "and says which program wanted what, which rule of which file refused it, and "
		 "what to\n"
		 "change. Reads the kernel's ring buffer, the journal and auditd's log.",
	.exits = "0 explained, or nothing was denied; 1 failed, 2 wrong usage",
	.options = options,
	.run = run,
};
