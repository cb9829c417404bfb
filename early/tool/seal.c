// SPDX-License-Identifier: LGPL-2.1-or-later
/* `initward seal`: what the loader does at level sealed, later: when all policy has been loaded. */
#include <getopt.h>
#include <stdio.h>

#include "seal/latch.h"
#include "status/gather.h"
#include "tool.h"

enum { OPT_DRY_RUN = OPTION_KEY, OPT_LOCKDOWN, OPT_NO_KEXEC };

static const struct option_row options[] = {
	{ OPT_DRY_RUN, "dry-run", NULL, "only tell whether it could be done", COMPLETE_NOTHING,
	  NULL },
	{ OPT_LOCKDOWN, "lockdown", NULL, "lock the kernel down as well (integrity)",
	  COMPLETE_NOTHING, NULL },
	{ OPT_NO_KEXEC, "no-kexec", NULL, "turn kexec off as well", COMPLETE_NOTHING, NULL },
	{ 0 },
};

struct seal {
	bool dry_run;
	bool wanted[LATCH_COUNT];
	bool holds[LATCH_COUNT];
};

static int take_option(void *ctx, int key, const char *value)
{
	struct seal *s = ctx;

	(void)value;
	if (key == OPT_DRY_RUN)
		s->dry_run = true;
	else if (key == OPT_LOCKDOWN)
		s->wanted[LATCH_LOCKDOWN] = true;
	else
		s->wanted[LATCH_KEXEC] = true;
	return TOOL_OK;
}

/* Only a layer that is in force is sealed: any other could not be mended before the next boot. */
static int check_layer(void)
{
	struct evidence evidence;
	struct judgement j;

	gather(&evidence);
	j = judge(&evidence);
	free_evidence(&evidence);
	if (j.standing == STANDING_CONFINED)
		return TOOL_OK;
	say("nothing was sealed: this machine is %s: %s%s%s; see 'initward status'",
	    j.standing == STANDING_COMPLAIN	? "in a dry run"
	    : j.standing == STANDING_UNCONFINED ? "not confined"
						: "perhaps not confined",
	    reason_text(j.reason), reason_cure(j.reason) ? "; " : "",
	    reason_cure(j.reason) ? reason_cure(j.reason) : "");
	return j.standing == STANDING_COMPLAIN	   ? TOOL_COMPLAIN
	       : j.standing == STANDING_UNCONFINED ? TOOL_UNCONFINED
						   : TOOL_UNKNOWN;
}

/* All that can be known before anything is set. */
static bool check_latches(struct seal *s)
{
	bool ok = true;

	for (enum latch l = 0; l < LATCH_COUNT; l++) {
		if (s->wanted[l])
			ok = latch_read(l, &s->holds[l]) && (s->holds[l] || latch_try(l)) && ok;
	}
	if (!ok)
		say("nothing was sealed");
	return ok;
}

static bool set_latches(const struct seal *s)
{
	for (enum latch l = 0; l < LATCH_COUNT; l++) {
		const char *how = s->holds[l]  ? "already"
				  : s->dry_run ? "could be set"
					       : "until the next boot";

		if (!s->wanted[l])
			continue;
		if (!s->holds[l] && !s->dry_run && !latch_set(l))
			return false;
		printf("%s: %s (%s)\n", latch_name(l), latch_meaning(l), how);
	}
	return true;
}

static int run_seal(const struct verb *verb, int argc, char **argv)
{
	struct seal s = { .wanted = { [LATCH_POLICY] = true } };
	int r;

	if (!take_options(verb, argc, argv, take_option, &s, &r))
		return r;
	if (optind < argc) {
		say("it takes no '%s': it is about this machine only", argv[optind]);
		return try_help("seal");
	}
	r = check_layer();
	if (r != TOOL_OK)
		return r;
	return check_latches(&s) && set_latches(&s) ? finish_stdout() : TOOL_FAILED;
}

const struct verb verb_seal = {
	.name = "seal",
	.summary = "lock AppArmor's policy until the next boot",
	.synopsis = "[--dry-run] [--lockdown] [--no-kexec]",
	.about = "Does to a running system that is confined what the loader does at level sealed: "
		 "from\n"
		 "then on nobody loads, replaces or removes AppArmor policy, until the next boot. "
		 "Run it\n"
		 "when all policy has been loaded; initward-seal.service does it at boot. What "
		 "holds already\n"
		 "stays as it is.",
	.exits = "0 sealed, 1 failed, 2 wrong usage; and nothing was sealed: 3 a dry run of the\n"
		 "policy, 4 not confined, 5 unknown whether confined",
	.options = options,
	.run = run_seal,
};
