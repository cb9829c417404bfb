/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_EXPLAIN_H
#define INITWARD_EXPLAIN_H

#include "log/log.h"
#include "policy/policy.h"

/*
 * What the files of `initward explain` share:
 *   explain.c	the verb: options, what is read
 *   cause.c	which rule a denial comes from		(pure)
 *   words.c	operations, namespaces, rules in words	(pure)
 *   notes.c	what the list does not tell		(pure)
 *   show.c	text and JSON
 */

enum reason {
	REASON_NO_PROFILE, /* the profile is not in the sources that were read */
	REASON_DENY,	   /* `rule` holds the deny rules that match */
	REASON_NOTHING,	   /* the class is mediated, and no rule allows it */
	REASON_OTHER,	   /* the rules allow it: the kernel has another reason, or other policy */
};

/* Owned: `rule` and `left`. */
struct cause {
	enum reason reason;
	long profile; /* index into the policy's, -1 */
	const struct rule **rule;
	size_t n_rules;
	bool perhaps;	  /* not all conditions of the rules were looked at */
	struct text left; /* permissions of a file that no rule speaks about */
};

void find_cause(const struct sources *policy, const struct denial *denial, struct cause *ret);
void cause_free(struct cause *cause);

/*
 * Does the denial come from the global layer, that is from a profile of the root namespace that the
 * policy has? Without policy: from one that is called as the layer's.
 */
bool is_global(const struct sources *policy, const struct denial *denial);

/* "write to /etc/passwd": bytes of the log are in it as they are. */
void say_operation(const struct denial *denial, struct text *ret);

/* "profile global of the root policy namespace"; what the hidden mode's namespace is. */
void say_profile(const struct denial *denial, struct text *ret);

/* What the kernel's "info" means for policy; NULL where it needs no words. */
const char *say_info(const struct denial *denial);

/* Words about a denial that is meant to happen; NULL for others. */
const char *say_purpose(const struct denial *denial);

/* What allowing it would open; NULL for others. */
const char *say_danger(const struct denial *denial);

/* The rule that allows it, "deny" left out: "mount options=(rw, bind) /a -> /b,". False: there is none. */
bool say_rule(const struct denial *denial, const char *permissions, struct text *ret);

/* What the machine or the log says of the circumstances. */
struct circumstances {
	const char
		*mode; /* of the loader's last word: "complain", "enforce", "off", "failed"; NULL */
	bool audit_off;	    /* audit=0 */
	bool quiet_shown;   /* apparmor.audit=noquiet or all */
	size_t quiet_rules; /* deny rules without "audit" in the policy */
	size_t n_global;    /* denials of the global layer */
	size_t n_other;	    /* records of other profiles, not shown */
	bool all;
	bool has_policy;
};

/* Reads the kernel command line and the loader's lines. */
void find_circumstances(const struct log *log, const struct sources *policy,
			struct circumstances *ret);

/* One line each. */
void find_notes(const struct log *log, const struct circumstances *c, struct list *ret);

/* True where the list may lack records that the kernel made. */
bool is_incomplete(const struct loss *loss);

struct explanation {
	const struct log *log;
	const struct sources *policy;
	struct circumstances circumstances;
	struct list notes;
};

/* Both return finish_stdout()'s. */
int explain_text(const struct explanation *e);
int explain_json(const struct explanation *e);

#endif
