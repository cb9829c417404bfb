// SPDX-License-Identifier: LGPL-2.1-or-later
#include "explain.h"

#include <stdlib.h>
#include <string.h>

#include "cmdline.h"
#include "manifest.h"

static void read_cmdline(const char *cmdline, struct circumstances *ret)
{
	char *copy = dup_str(cmdline), *rest = copy;
	struct cmdline_param param;

	while (cmdline_next(&rest, &param)) {
		const char *value = param.value ? param.value : "";

		/* kernel/audit.c audit_enable(): "0" and "off". */
		if (strcmp(param.name, "audit") == 0)
			ret->audit_off = strcmp(value, "0") == 0 || strcmp(value, "off") == 0;
		if (cmdline_named(&param, "apparmor.audit"))
			ret->quiet_shown =
				strcmp(value, "noquiet") == 0 || strcmp(value, "all") == 0;
	}
	free(copy);
}

/* The loader's last word on what it did: early/loader/report.c, main.c. */
static const char *mode_of(const struct list *loader)
{
	static const struct {
		const char *begin;
		const char *mode;
	} words[] = {
		{ "confined: ", "enforce" },
		{ "complain: ", "complain" },
		{ "off: ", "off" },
		{ "on_failure=continue: ", "failed" },
	};

	for (size_t i = loader->n; i-- > 0;) {
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
			if (strncmp(loader->item[i], words[k].begin, strlen(words[k].begin)) == 0)
				return words[k].mode;
		}
	}
	return NULL;
}

void find_circumstances(const struct log *log, const struct sources *policy,
			struct circumstances *ret)
{
	ret->mode = mode_of(&log->loader);
	ret->has_policy = policy->n_profiles > 0;
	if (log->cmdline)
		read_cmdline(log->cmdline, ret);
	for (size_t i = 0; i < policy->n_rules; i++)
		ret->quiet_rules += policy->rule[i].deny && !policy->rule[i].audit;
	for (size_t i = 0; i < log->n_denials; i++) {
		bool global = is_global(policy, &log->denial[i]);

		ret->n_global += global;
		ret->n_other += global ? 0 : log->denial[i].count;
	}
}

bool is_incomplete(const struct loss *loss)
{
	return loss->printk || loss->audit || loss->ring || loss->journal || loss->serials ||
	       loss->broken || loss->burst;
}

static void note_number(struct list *ret, uint64_t n, const char *what)
{
	if (n)
		list_add(ret, format("%llu %s", (unsigned long long)n, what));
}

/* Serial numbers that are missing and records that printk left out are the same records. */
static void note_losses(const struct loss *loss, struct list *ret)
{
	uint64_t left_out = loss->printk > loss->serials ? loss->printk : loss->serials;

	note_number(ret, left_out,
		    "audit events are missing in the log: without auditd the kernel logs ten in "
		    "five seconds. Boot with sysctl.kernel.printk_ratelimit=0, or run auditd");
	note_number(ret, loss->audit,
		    "audit records were lost in the kernel (audit_lost=): a larger "
		    "audit_backlog_limit= helps");
	note_number(ret, loss->ring,
		    "messages of this boot were overwritten in the ring buffer: a larger "
		    "log_buf_len= helps, or the journal");
	note_number(ret, loss->journal, "kernel messages did not reach the journal");
	note_number(ret, loss->broken, "records were cut off or broken and are left out");
	if (loss->burst && !left_out)
		list_add(ret, dup_str("the log ends in the middle of a burst: without auditd the "
				      "kernel logs ten audit events in five seconds, and more may "
				      "have come. Boot with sysctl.kernel.printk_ratelimit=0, or "
				      "run auditd"));
}

static void note_mode(const struct circumstances *c, struct list *ret)
{
	if (c->audit_off)
		list_add(ret, dup_str("audit=0 is on the kernel command line: the kernel logs no "
				      "denial at all, in whatever mode. Boot without it"));
	if (c->mode && (strcmp(c->mode, "off") == 0 || strcmp(c->mode, "failed") == 0))
		list_add(ret, format("the loader says \"%s\": there was no global layer to deny "
				     "anything",
				     strcmp(c->mode, "off") == 0 ? "off" : "on_failure=continue"));
	if (c->mode && strcmp(c->mode, "complain") == 0)
		return;
	if (!c->quiet_shown && (c->quiet_rules || !c->has_policy))
		list_add(ret,
			 format("in enforce mode a deny rule without \"audit\" refuses without a "
				"word in the log%s. To see them: initward.policy=complain (a dry "
				"run: nothing is refused, all is logged), or "
				"apparmor.audit=noquiet with enforce",
				c->has_policy ? ", and this policy has such rules" : ""));
}

void find_notes(const struct log *log, const struct circumstances *c, struct list *ret)
{
	for (size_t i = 0; i < log->unread.n; i++)
		list_add(ret, format("not read: %s", log->unread.item[i]));
	note_losses(&log->loss, ret);
	note_mode(c, ret);
	if (c->n_other && !c->all)
		note_number(ret, c->n_other,
			    "more records are of other profiles than the global layer's; --all "
			    "shows them");
}
