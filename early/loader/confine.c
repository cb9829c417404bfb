// SPDX-License-Identifier: LGPL-2.1-or-later
/* The label of the next init: set, and proved by a child that runs under it before init does. */
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "probe.h"

int step_label(struct boot *b)
{
	char label[512];

	b->undo.label_set = true;
	if (need_write(b, AA_ATTR "/exec", b->exec_command) != STEP_OK ||
	    need_label(b, AA_ATTR "/exec", label, sizeof(label)) != STEP_OK)
		return STEP_FAILED;
	if (strcmp(label, b->label) != 0)
		return fail(b, 0, "the label of the next execution is ", label, ", not ", b->label,
			    NULL);
	return STEP_OK;
}

/* Enforced: the reserved path is refused and its control is not. Complain: neither is. */
static int judge(struct boot *b, const struct probe_result *r)
{
	bool enforce = b->conf.policy == POLICY_ENFORCE;

	if (strcmp(r->label, b->label) != 0)
		return fail(b, 0, "a child under the label runs under ", r->label, ", not ",
			    b->label, NULL);
	if (r->answer == (enforce ? PROBE_REFUSED : PROBE_ALLOWED))
		return STEP_OK;
	return fail(b, 0, "not in force as configured: a write to " PROOF_PATH " is ",
		    r->answer == PROBE_ALLOWED	 ? "not refused"
		    : r->answer == PROBE_REFUSED ? "refused"
						 : "refused, but so is " CONTROL_PATH,
		    NULL);
}

int step_proof(struct boot *b)
{
	struct probe_result result;

	if (probe_run(b, &result) != STEP_OK || judge(b, &result) != STEP_OK)
		return STEP_FAILED;
	b->outcome = b->conf.policy == POLICY_ENFORCE ? OUTCOME_CONFINED : OUTCOME_COMPLAIN;
	return STEP_OK;
}

/* A one-way latch: no policy load, removal or mode change by anybody until the next boot. */
int step_seal(struct boot *b)
{
	char value[8];

	if (b->conf.level != LEVEL_SEALED)
		return STEP_OK;
	if (need_write(b, AA_PARAMETERS "/lock_policy", "1") != STEP_OK ||
	    need_line(b, AA_PARAMETERS "/lock_policy", value, sizeof(value)) != STEP_OK)
		return STEP_FAILED;
	b->undo.sealed = value[0] == 'Y';
	if (!b->undo.sealed)
		return fail(b, 0, "lock_policy was set in vain", NULL);
	return STEP_OK;
}
