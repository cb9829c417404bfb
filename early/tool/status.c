// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cmdline.h"
#include "places.h"
#include "status/gather.h"
#include "status/show.h"
#include "tool.h"

enum { OPT_JSON = OPTION_KEY };

static const struct option_row options[] = {
	{ OPT_JSON, "json", NULL, "print one JSON object", COMPLETE_NOTHING, NULL },
	{ 0 },
};

static int take_option(void *ctx, int key, const char *value)
{
	bool *json = ctx;

	(void)value;
	*json = *json || key == OPT_JSON;
	return TOOL_OK;
}

/* Generators copy the report to /run before the initramfs is wiped; in an image that stays it stays. */
static void find_loader(struct status *s)
{
	static const char *const reports[] = { "/run/" IMAGE_REPORT, "/" IMAGE_REPORT };
	struct text text = { 0 };

	for (size_t i = 0; i < sizeof(reports) / sizeof(*reports) && !s->loader_from; i++) {
		if (read_file(reports[i], LIMIT_CONFIG, &text) == 0 &&
		    loader_from_report(span_of_text(&text), &s->loader))
			s->loader_from = reports[i];
	}
	text_free(&text);
	if (!s->loader_from && loader_from_log(&s->log.loader, &s->loader))
		s->loader_from = "the kernel log";
}

/* Has initward.policy= the last word for "off"? */
static bool is_off_by_cmdline(void)
{
	char ignored[LIMIT_MESSAGE];
	struct text cmdline = { 0 };
	struct cmdline_lsm lsm;
	struct config config;
	struct strbuf sb;

	sb_init(&sb, ignored, sizeof(ignored));
	config_init(&config);
	config.policy = POLICY_ENFORCE;
	if (read_file("/proc/cmdline", LIMIT_CMDLINE, &cmdline) == 0)
		cmdline_apply(cmdline.data, &config, &lsm, &sb);
	text_free(&cmdline);
	return config.policy == POLICY_OFF;
}

static void explain(struct status *s)
{
	struct text off = { 0 };
	struct history history = {
		.loader = s->loader_from ? &s->loader : NULL,
		.log_read = s->log_read && !s->log.loss.ring,
		.off_by_cmdline = is_off_by_cmdline(),
	};

	if (s->judgement.standing == STANDING_UNCONFINED) {
		explain_off(s->evidence.apparmor != APPARMOR_ABSENT, &off);
		history.apparmor_off = off.data;
		explain_unconfined(&s->judgement, &history, &s->why, &s->cure);
		text_free(&off);
		return;
	}
	text_str(&s->why, reason_text(s->judgement.reason));
	if ((s->judgement.reason == REASON_PROVED || s->judgement.reason == REASON_PROVED_INSIDE) &&
	    !s->evidence.mode)
		text_str(&s->why, "; whether the module-wide mode suspends more than these quiet "
				  "denials only root can read");
	if (reason_cure(s->judgement.reason))
		text_str(&s->cure, reason_cure(s->judgement.reason));
}

/*
 * From within the hidden namespace there are none to be seen. The list is a file system outside of the mount
 * tree, which a profile without attach_disconnected refuses, so that it is left alone where a
 * refusal kills.
 */
static bool may_list_profiles(const struct status *s)
{
	const char *mode = s->evidence.mode;
	bool kills = s->evidence.proof == TRIAL_KILLED || (mode && strcmp(mode, "kill") == 0);

	return !kills &&
	       (s->judgement.sight == SIGHT_VISIBLE || s->judgement.reason == REASON_OUTSIDE);
}

static void list_profiles(struct status *s)
{
	char *fs = may_list_profiles(s) ? find_apparmorfs() : NULL;

	s->profiles_errno = fs ? -read_profiles(fs, &s->profiles) : ENOENT;
	free(fs);
}

static void collect(struct status *s)
{
	gather(&s->evidence);
	s->log_read = log_read_system(&s->log);
	find_loader(s);
	s->evidence.managed = s->loader_from && loader_confined(&s->loader, "managed");
	s->judgement = judge(&s->evidence);
	list_profiles(s);
	s->n_tallies = tally_denials(&s->log, &s->tally);
	explain(s);
}

static void free_status(struct status *s)
{
	free_evidence(&s->evidence);
	free_profiles(&s->profiles);
	free_loader(&s->loader);
	free(s->tally);
	log_free(&s->log);
	text_free(&s->why);
	text_free(&s->cure);
}

static int exit_status(enum standing standing)
{
	static const int rows[STANDING_COUNT] = {
		[STANDING_CONFINED] = TOOL_OK,
		[STANDING_COMPLAIN] = TOOL_COMPLAIN,
		[STANDING_UNCONFINED] = TOOL_UNCONFINED,
		[STANDING_UNKNOWN] = TOOL_UNKNOWN,
	};

	return rows[standing];
}

static int run_status(const struct verb *verb, int argc, char **argv)
{
	static struct status s;
	bool json = false;
	int r;

	if (!take_options(verb, argc, argv, take_option, &json, &r))
		return r;
	if (optind < argc) {
		say("it takes no '%s': it is about this machine only", argv[optind]);
		return try_help("status");
	}
	collect(&s);
	r = json ? show_json(&s) : show_text(&s);
	if (r == TOOL_OK)
		r = exit_status(s.judgement.standing);
	free_status(&s);
	return r;
}

const struct verb verb_status = {
	.name = "status",
	.summary = "is this machine confined, and if not, why not",
	.synopsis = "[--json]",
	.about = "Tells whether the running system is confined by the global AppArmor profile. It\n"
		 "tries a path that the profile refuses and reads what the kernel shows; what the\n"
		 "loader reported at boot is printed as commentary. Not only root may run it, but\n"
		 "root sees more.",
	.exits = "0 confined, 3 a dry run, 4 not confined, 5 unknown, 1 failed,\n2 wrong usage",
	.options = options,
	.run = run_status,
};
