// SPDX-License-Identifier: LGPL-2.1-or-later
/* The text for people: aligned lines, as systemctl status has them. */
#include "show.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "places.h"
#include "term.h"
#include "tool.h"

#define COLUMN 11
#define MOST_TALLIES 10

static const char *or_unknown(const char *s)
{
	return s ? s : "unreadable";
}

static bool is(const char *text, const char *word)
{
	return text && strcmp(text, word) == 0;
}

/* One line; no `key`: it goes on with the one above. */
static void line(const char *key, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void line(const char *key, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (!text) {
		say("out of memory");
		exit(TOOL_FAILED);
	}
	printf("%*s%s ", COLUMN, key ? key : "", key ? ":" : " ");
	print_safe_str(stdout, text);
	putchar('\n');
	free(text);
}

const char *trial_text(enum trial trial, int err)
{
	static const char *const names[] = { NULL, "allowed", "refused", "killed" };

	const char *name = err ? strerrorname_np(err) : "not tried";

	if (names[trial])
		return names[trial];
	return name ? name : "unknown errno";
}

static void show_verdict(const struct status *s)
{
	static const struct {
		const char *text;
		enum tint tint;
	} rows[STANDING_COUNT] = {
		[STANDING_CONFINED] = { "confined (enforce)", TINT_GOOD },
		[STANDING_COMPLAIN] = { "not enforced: a dry run (complain)", TINT_WARN },
		[STANDING_UNCONFINED] = { "NOT confined", TINT_BAD },
		[STANDING_UNKNOWN] = { "unknown whether it is confined", TINT_WARN },
	};
	static const char *const sights[] = { "", ", visible mode", ", hidden mode",
					      ", managed mode" };

	printf("%*s: %s%s%s%s\n", COLUMN, "System", tint(rows[s->judgement.standing].tint),
	       rows[s->judgement.standing].text, tint(TINT_END), sights[s->judgement.sight]);
	line("Because", "%s", s->why.data);
	if (s->cure.len)
		line("Cure", "%s", s->cure.data);
}

static void show_evidence(const struct evidence *e)
{
	line("Tried", "%s %s, its control %s %s", PROOF_PATH, trial_text(e->proof, e->proof_errno),
	     CONTROL_PATH, trial_text(e->control, e->control_errno));
	line("Labels", "process 1 \"%s\", this process \"%s\"", or_unknown(e->init_label),
	     or_unknown(e->own_label));
	if (e->ns_name && e->ns_level && e->ns_stacked)
		line("Namespace", "%s, level %s, %s", e->ns_name, e->ns_level,
		     is(e->ns_stacked, "yes") ? "under a stack" : "no stack around it");
	else
		line("Namespace", "unreadable: AppArmor's files of securityfs are not there");
}

static void show_module(const struct evidence *e)
{
	static const char *const states[] = { "unknown", "not built in", "off", "on" };
	const char *lock = e->lock_policy;

	line("AppArmor", "%s; module-wide mode %s; policy %s", states[e->apparmor],
	     e->mode ? e->mode : "unreadable",
	     !lock	      ? "lock unreadable"
	     : lock[0] == 'Y' ? "sealed until the next boot"
			      : "not sealed");
}

static void show_profiles(const struct status *s)
{
	const struct kernel_profiles *p = &s->profiles;

	for (size_t i = 0; i < p->n; i++)
		line(i ? NULL : "Profiles", "%s (%s)%s%s%s%s", p->list[i].name,
		     or_unknown(p->list[i].mode), p->list[i].digest ? " " : "",
		     p->list[i].digest ? p->list[i].algorithm : "", p->list[i].digest ? " " : "",
		     p->list[i].digest ? p->list[i].digest : "");
	if (!p->n && s->judgement.sight >= SIGHT_HIDDEN)
		line("Profiles", "not to be seen from within the hidden namespace");
}

/* "key value, key value", those of the fields that were said. */
static void add_field(struct text *t, const struct loader *l, const char *lead,
		      enum loader_field field, const char *tail)
{
	if (l->field[field])
		text_format(t, "%s%s%s%s", t->len ? ", " : "", lead, l->field[field], tail);
}

static void show_load(const struct loader *l)
{
	const char *profiles = l->field[LOADER_PROFILES], *ns = l->field[LOADER_NANOSECONDS];
	struct text t = { 0 };

	add_field(&t, l, "", LOADER_PROFILES, is(profiles, "1") ? " profile" : " profiles");
	add_field(&t, l, "", LOADER_BYTES, " bytes");
	add_field(&t, l, "feature set ", LOADER_SET, "");
	add_field(&t, l, "fit ", LOADER_FIT, "");
	if (ns)
		text_format(&t, "%stook %.1f ms", t.len ? ", " : "", strtod(ns, NULL) / 1e6);
	if (t.len)
		line(NULL, "%s", t.data);
	text_free(&t);
	if (l->field[LOADER_UNMEDIATED])
		line(NULL, "classes that this kernel knows and that policy does not mediate: %s",
		     l->field[LOADER_UNMEDIATED]);
}

static void show_loader(const struct status *s)
{
	const struct loader *l = &s->loader;
	struct text t = { 0 };

	if (!s->loader_from) {
		line("Loader", "no word of it was found");
		return;
	}
	add_field(&t, l, "", LOADER_RESULT, "");
	add_field(&t, l, "", LOADER_LABEL, "");
	add_field(&t, l, "policy ", LOADER_POLICY, "");
	add_field(&t, l, "mode ", LOADER_MODE, "");
	add_field(&t, l, "level ", LOADER_LEVEL, "");
	add_field(&t, l, "mount_api ", LOADER_MOUNT_API, "");
	add_field(&t, l, "usermode_helpers ", LOADER_USERMODE_HELPERS, "");
	line("Loader", "%s (its own words, no evidence; from %s)", t.data ? t.data : "",
	     s->loader_from);
	text_free(&t);
	if (l->field[LOADER_WHY] && s->judgement.reason != REASON_NO_LAYER)
		line(NULL, "%s", l->field[LOADER_WHY]);
	show_load(l);
	if (l->field[LOADER_MANIFEST])
		line(NULL, "manifest sha256 %s", l->field[LOADER_MANIFEST]);
	if (l->field[LOADER_IGNORED])
		line(NULL, "ignored on the kernel command line: %s", l->field[LOADER_IGNORED]);
	if (l->field[LOADER_OTHER_TASKS] && !is(l->field[LOADER_OTHER_TASKS], "0"))
		line(NULL, "programs that ran before it, unconfined: %s",
		     l->field[LOADER_OTHER_TASKS]);
}

static void show_tally(const char *key, const struct tally *t)
{
	struct text text = { 0 };

	text_str(&text, t->is_root ? "" : ":");
	text_format(&text, "%s%s%s:", t->is_root ? "" : t->ns, t->is_root ? "" : ":", t->profile);
	if (t->denied)
		text_format(&text, " %" PRIu64 " denied", t->denied);
	if (t->killed)
		text_format(&text, " %" PRIu64 " killed", t->killed);
	if (t->allowed)
		text_format(&text, " %" PRIu64 " would have been denied", t->allowed);
	line(key, "%s", text.data);
	text_free(&text);
}

static bool is_lossy(const struct loss *l)
{
	return l->printk || l->audit || l->ring || l->journal || l->serials || l->broken ||
	       l->burst;
}

static void show_denials(const struct status *s)
{
	size_t n = s->n_tallies < MOST_TALLIES ? s->n_tallies : MOST_TALLIES;

	if (!s->log_read) {
		line("Denials", "unreadable: %s",
		     s->log.unread.n ? s->log.unread.item[0] : "no log");
		return;
	}
	if (!n)
		line("Denials",
		     "none logged since boot (what a plain \"deny\" refuses is not logged)");
	for (size_t i = 0; i < n; i++)
		show_tally(i ? NULL : "Denials", &s->tally[i]);
	if (n < s->n_tallies)
		line(NULL, "and %zu profiles more: --json has all", s->n_tallies - n);
	if (n && s->tally[0].is_root)
		line(NULL, "'initward explain' tells which rules, and what to change");
	if (is_lossy(&s->log.loss))
		line(NULL, "the log has gaps, so that there may be more");
}

int show_text(const struct status *s)
{
	show_verdict(s);
	show_evidence(&s->evidence);
	show_module(&s->evidence);
	show_profiles(s);
	show_loader(s);
	show_denials(s);
	return finish_stdout();
}
