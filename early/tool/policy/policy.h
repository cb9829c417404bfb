/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_POLICY_H
#define INITWARD_POLICY_H

#include "log/log.h"
#include "span.h"
#include "util.h"

/*
 * The sources of a policy, read to find the rule that a denial comes from, with its place. What the
 * policy means is apparmor_parser's to say: nothing here is compiled or loaded.
 *   lex.c	tokens				(pure)
 *   read.c	statements become rules		(pure)
 *   glob.c	does a glob match a name	(pure)
 *   expand.c	variables			(pure)
 *   match.c	does a rule match a denial	(pure)
 *   files.c	files and their includes
 */

enum rule_class {
	CLASS_FILE,
	CLASS_LINK,
	CLASS_CAPABILITY,
	CLASS_MOUNT,
	CLASS_UMOUNT,
	CLASS_REMOUNT,
	CLASS_PIVOT_ROOT,
	CLASS_CHANGE_PROFILE,
	CLASS_SIGNAL,
	CLASS_PTRACE,
	CLASS_NETWORK,
	CLASS_UNIX,
	CLASS_DBUS,
	CLASS_USERNS,
	CLASS_IO_URING,
	CLASS_MQUEUE,
	CLASS_RLIMIT,
	CLASS_ALL,
	CLASS_OTHER, /* no rule that allows or denies an operation */
};

struct rule {
	size_t profile; /* index into sources.profile */
	enum rule_class class;
	const char *file; /* of sources.files */
	unsigned int line;
	char *text; /* the statement with single blanks, and its comma */
	bool deny;
	bool audit;
	bool owner;
	bool other;
	struct list
		word; /* behind the keyword; a condition is one word: "peer=x", "options in=(a b)" */
};

struct profile {
	char *name; /* "parent//child" */
	const char *file;
	unsigned int line;
	size_t first_variable; /* those of its source: [first_variable, end_variable) */
	size_t end_variable;
	char *local; /* file for rules of one's own: the last "include if exists <local/...>" */
};

struct variable {
	char *name;
	struct list value;
};

struct sources {
	struct profile *profile;
	size_t n_profiles;
	struct rule *rule;
	size_t n_rules;
	struct variable *variable;
	size_t n_variables;
	struct list files; /* that were read; their names outlive the policy's other parts */
};

/* An include that read.c met. */
struct include {
	struct span path;
	bool angle; /* <path>: looked for in the folders for includes */
	bool if_exists;
	unsigned int line;
};

/* What goes on while files are read: one of these for a source and all that it includes. */
struct policy_reader {
	struct sources *policy;
	size_t first_variable; /* of this source */
	struct block *block;   /* open ones */
	size_t n_blocks;
	/*
	 * Reads an included file by another policy_text(), or does nothing. False after it has said why
	 * the reading has to end.
	 */
	bool (*include)(struct policy_reader *reader, const char *file,
			const struct include *include);
	void *ctx;
};

/*
 * Reads one file's text. False: *ret_line and *ret_why say what is wrong, or *ret_why is NULL where
 * include() has spoken.
 */
bool policy_text(struct policy_reader *reader, const char *file, struct span text,
		 unsigned int *ret_line, const char **ret_why);

/* At the end of a source: were all blocks closed? Frees the reader's own memory. */
bool policy_text_end(struct policy_reader *reader);

/* Reads a source, and what it includes from its own folder and `includes`. False after it has said
 * why. */
bool policy_read(struct sources *policy, const char *source, const struct list *includes);

/*
 * Is a file of that name policy, in a folder of sources? Not what is hidden, what editors and package
 * managers leave, texts, "assets", the list of what a policy protects, and "about".
 */
bool policy_is_source(const char *name);

/* Does apparmor_parser leave it out of a folder? libapparmor's _aa_is_blacklisted(). */
bool policy_is_left_out(const char *name);

/* Is there a file of policy in that folder, and not only what others include from it? */
bool policy_folder(const char *path);
void policy_free(struct sources *policy);

/* The index of a profile by its full name, -1 for none. */
long policy_profile(const struct sources *policy, const char *name);

/*
 * A word of a rule with each of its variables' values, without quotes and repeated slashes. False
 * where a variable is not known or there are too many.
 */
bool pattern_expand(const struct sources *policy, const struct rule *rule, struct span word,
		    struct list *ret);

/* The class of rules that decides about such an operation. */
enum rule_class denial_class(const struct denial *denial);

/* What was denied of what was asked for; for files one letter each. */
const char *denied_mask(const struct denial *denial);

/* The keyword of a class: "file", "capability", ... */
const char *rule_class_name(enum rule_class class);

enum match {
	MATCH_NO,
	MATCH_PERHAPS, /* the class fits; some conditions are not looked at here */
	MATCH_YES,
};

/*
 * Does the rule speak about that operation? For files: about any of the permissions in `mask`, letters
 * as the kernel prints them; those that the rule names are taken out of *mask. `mask` may be NULL: those
 * that were denied.
 */
enum match rule_match(const struct sources *policy, const struct rule *rule,
		      const struct denial *denial, struct text *mask);

#endif
