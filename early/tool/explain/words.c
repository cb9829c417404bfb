// SPDX-License-Identifier: LGPL-2.1-or-later
#include "explain.h"

#include <string.h>

#include "manifest.h"
#include "places.h"
#include "policy/glob.h"

static const char *value(const struct denial *d, enum field field)
{
	return d->field[field];
}

/* Operations on files, by the kernel's names for them (security/apparmor/include/audit.h). */
static const struct {
	const char *operation;
	const char *words; /* in front of the name */
} file_words[] = {
	{ "exec", "execute" },
	{ "mkdir", "make the folder" },
	{ "mknod", "create" },
	{ "rmdir", "remove the folder" },
	{ "unlink", "remove" },
	{ "truncate", "truncate" },
	{ "symlink", "make the symbolic link" },
	{ "rename_src", "rename" },
	{ "rename_dest", "rename something to" },
	{ "chmod", "change the mode of" },
	{ "chown", "change the owner of" },
	{ "getattr", "read the attributes of" },
	{ "setattr", "change the attributes of" },
	{ "file_lock", "lock" },
	{ "file_mmap", "map into memory" },
	{ "file_mprotect", "make executable in memory" },
	{ "file_inherit", "inherit the open file" },
	{ "file_receive", "receive the open file" },
};

static const struct {
	char letter;
	const char *word;
} letter_words[] = {
	{ 'r', "read" },   { 'w', "write to" }, { 'a', "append to" },	      { 'c', "create" },
	{ 'd', "delete" }, { 'x', "execute" },	{ 'm', "map for execution" }, { 'k', "lock" },
	{ 'l', "link" },
};

/* "append to and create" */
static void say_letters(const char *mask, struct text *ret)
{
	size_t left = 0;

	for (size_t i = 0; i < sizeof(letter_words) / sizeof(letter_words[0]); i++)
		left += strchr(mask, letter_words[i].letter) != NULL;
	if (!left)
		text_str(ret, "use");
	for (size_t i = 0; i < sizeof(letter_words) / sizeof(letter_words[0]); i++) {
		if (!strchr(mask, letter_words[i].letter))
			continue;
		text_str(ret, letter_words[i].word);
		left--;
		text_str(ret, left > 1 ? ", " : left ? " and " : "");
	}
}

static void say_file(const struct denial *d, struct text *ret)
{
	const char *operation = value(d, FIELD_OPERATION);
	const char *words = NULL;

	for (size_t i = 0; i < sizeof(file_words) / sizeof(file_words[0]) && !words; i++) {
		if (strcmp(operation, file_words[i].operation) == 0)
			words = file_words[i].words;
	}
	if (strcmp(operation, "link") == 0) {
		text_format(ret, "make %s a hard link to %s", value(d, FIELD_NAME),
			    value(d, FIELD_TARGET));
		return;
	}
	if (words)
		text_str(ret, words);
	else
		say_letters(denied_mask(d), ret);
	text_format(ret, " %s",
		    *value(d, FIELD_NAME) ? value(d, FIELD_NAME) : "a file without a name");
}

static bool has_flag(const struct denial *d, const char *flag)
{
	struct span rest = span_of(value(d, FIELD_FLAGS)), item;

	while (rest.n) {
		if (!span_split(rest, ',', &item, &rest)) {
			item = rest;
			rest.n = 0;
		}
		if (span_is(span_trim(item), flag))
			return true;
	}
	return false;
}

static void say_mount(const struct denial *d, struct text *ret)
{
	const char *source = value(d, FIELD_SOURCE), *type = value(d, FIELD_FSTYPE);

	if (strcmp(value(d, FIELD_OPERATION), "umount") == 0) {
		text_format(ret, "unmount %s", value(d, FIELD_NAME));
		return;
	}
	if (strcmp(value(d, FIELD_OPERATION), "pivotroot") == 0) {
		text_format(ret, "make %s the root (pivot_root)", value(d, FIELD_NAME));
		return;
	}
	text_str(ret, has_flag(d, "remount")			    ? "remount"
		      : has_flag(d, "bind") || has_flag(d, "rbind") ? "bind-mount"
		      : has_flag(d, "move")			    ? "move the mount"
								    : "mount");
	if (*type)
		text_format(ret, " %s", type);
	if (*source)
		text_format(ret, " %s", source);
	text_format(ret, "%s %s", has_flag(d, "remount") ? "" : " on", value(d, FIELD_NAME));
}

static const char *peer_of(const struct denial *d)
{
	return *value(d, FIELD_PEER) ? value(d, FIELD_PEER) : "an unknown peer";
}

static void say_change(const struct denial *d, struct text *ret)
{
	const char *to = *value(d, FIELD_TARGET) ? value(d, FIELD_TARGET) : value(d, FIELD_NAME);

	if (strncmp(value(d, FIELD_OPERATION), "stack", 5) == 0)
		text_format(ret, "stack the profile %s on its own", to);
	else
		text_format(ret, "change to the profile %s", to);
	if (strstr(value(d, FIELD_OPERATION), "onexec"))
		text_str(ret, " with its next execution");
}

static void say_socket(const struct denial *d, struct text *ret)
{
	text_format(ret, "%s a %s%s%s socket", denied_mask(d), value(d, FIELD_FAMILY),
		    *value(d, FIELD_SOCK_TYPE) ? " " : "", value(d, FIELD_SOCK_TYPE));
}

void say_operation(const struct denial *d, struct text *ret)
{
	switch (denial_class(d)) {
	case CLASS_FILE:
		say_file(d, ret);
		return;
	case CLASS_CAPABILITY:
		text_format(ret, "use the capability %s", value(d, FIELD_CAPNAME));
		return;
	case CLASS_MOUNT:
	case CLASS_UMOUNT:
	case CLASS_PIVOT_ROOT:
		say_mount(d, ret);
		return;
	case CLASS_CHANGE_PROFILE:
		say_change(d, ret);
		return;
	case CLASS_SIGNAL:
		text_format(ret, "%s the signal %s %s %s", denied_mask(d), value(d, FIELD_SIGNAL),
			    strcmp(denied_mask(d), "send") == 0 ? "to" : "from", peer_of(d));
		return;
	case CLASS_PTRACE:
		text_format(ret, "ptrace (%s) %s", denied_mask(d), peer_of(d));
		return;
	case CLASS_NETWORK:
	case CLASS_UNIX:
		say_socket(d, ret);
		return;
	case CLASS_USERNS:
		text_str(ret, "make a user namespace");
		return;
	default:
		text_format(ret, "do \"%s\" (%s)%s%s", value(d, FIELD_OPERATION), denied_mask(d),
			    *value(d, FIELD_NAME) ? " on " : "", value(d, FIELD_NAME));
	}
}

void say_profile(const struct denial *d, struct text *ret)
{
	static const char hidden[] = "root//" APPLICATION_NS;
	const char *ns = value(d, FIELD_NAMESPACE), *profile = value(d, FIELD_PROFILE);

	if (!*profile) {
		text_format(ret, "label %s", value(d, FIELD_LABEL));
		return;
	}
	text_str(ret, profile);
	if (denial_is_root(d))
		text_str(ret, " of the root policy namespace");
	else if (strcmp(ns, hidden) == 0)
		text_format(ret,
			    " of the policy namespace \"%s\": the system's own policy under hidden "
			    "mode, :%s:%s from outside",
			    APPLICATION_NS, APPLICATION_NS, profile);
	else
		text_format(ret, " of the policy namespace %s", ns);
}

/* The proof is chown(PROOF_PATH, -1, -1): early/loader/probe.c. */
static bool is_proof(const struct denial *d)
{
	return denial_is_root(d) && strcmp(value(d, FIELD_OPERATION), "chown") == 0 &&
	       strcmp(value(d, FIELD_NAME), PROOF_PATH) == 0;
}

const char *say_purpose(const struct denial *d)
{
	return is_proof(d)
		       ? "this is how the loader, and \"initward status\", prove that the layer is "
			 "in force: leave the rule as it is"
		       : NULL;
}

const char *say_danger(const struct denial *d)
{
	if (!denial_is_root(d))
		return NULL;
	if (denial_class(d) == CLASS_CHANGE_PROFILE &&
	    strncmp(value(d, FIELD_OPERATION), "stack", 5) != 0)
		return "a program that may change to another profile can leave the layer";
	if (denial_class(d) == CLASS_CAPABILITY &&
	    strcmp(value(d, FIELD_CAPNAME), "mac_admin") == 0)
		return "a program with mac_admin can replace or remove policy, in visible mode the "
		       "layer's too";
	return NULL;
}

const char *say_info(const struct denial *d)
{
	static const struct {
		const char *info;
		const char *words;
	} infos[] = {
		{ "Failed name lookup - disconnected path",
		  "the object has no path from the root (memfd, a detached mount): the profile "
		  "needs "
		  "the flag attach_disconnected" },
		{ "Failed name lookup - deleted entry",
		  "the file is deleted: the profile needs the flag mediate_deleted" },
		{ "no new privs",
		  "the task has no_new_privs (NoNewPrivileges= of a service), which forbids other "
		  "labels that are no subset of its own" },
		{ "label not found",
		  "there is no such profile in the namespace that the task sees" },
		{ "profile not found",
		  "there is no such profile in the namespace that the task sees" },
		{ "profile transition not found", "the rule's target profile is not loaded" },
		{ "link not subset of target",
		  "by its new name more would be allowed than by the old one" },
		{ "target restricted", "the name that the link would lead to is protected" },
	};

	for (size_t i = 0; i < sizeof(infos) / sizeof(infos[0]); i++) {
		if (strcmp(value(d, FIELD_INFO), infos[i].info) == 0)
			return infos[i].words;
	}
	return NULL;
}

/* A name as a rule has it: escaped, and in quotes where it has blanks. */
static void say_name(const char *name, struct text *ret)
{
	bool quotes = name[strcspn(name, " \t,=()\"")] != '\0';

	text_str(ret, quotes ? "\"" : "");
	glob_escape(span_of(name), ret);
	text_str(ret, quotes ? "\"" : "");
}

/* What a rule has to name for the kernel's letters: w holds a, c and d. */
static void say_permissions(const char *mask, struct text *ret)
{
	bool write = strpbrk(mask, "wcd") != NULL;

	for (const char *p = "rwaklmx"; *p; p++) {
		if (*p == 'w' ? write : strchr(mask, *p) && !(*p == 'a' && write))
			text_str(ret, *p == 'x' ? "ix" : (char[]){ *p, '\0' });
	}
}

static void say_mount_rule(const struct denial *d, struct text *ret)
{
	if (*value(d, FIELD_FSTYPE)) {
		text_str(ret, " fstype=");
		say_name(value(d, FIELD_FSTYPE), ret);
	}
	if (*value(d, FIELD_FLAGS))
		text_format(ret, " options=(%s)", value(d, FIELD_FLAGS));
	if (*value(d, FIELD_SOURCE) && !has_flag(d, "remount")) {
		text_str(ret, " ");
		say_name(value(d, FIELD_SOURCE), ret);
	}
	text_str(ret, " -> ");
	say_name(value(d, FIELD_NAME), ret);
}

static void say_peer_rule(const struct denial *d, struct text *ret)
{
	text_format(ret, " (%s)", denied_mask(d));
	if (*value(d, FIELD_SIGNAL))
		text_format(ret, " set=(%s)", value(d, FIELD_SIGNAL));
	if (*value(d, FIELD_PEER)) {
		text_str(ret, " peer=");
		say_name(value(d, FIELD_PEER), ret);
	}
}

static void say_words(const char *word, const char *more, struct text *ret)
{
	if (*word)
		text_format(ret, " %s", word);
	if (*more)
		text_format(ret, " %s", more);
}

static bool say_file_rule(const struct denial *d, const char *permissions, struct text *ret)
{
	if (!*value(d, FIELD_NAME) || !*permissions)
		return false;
	say_name(value(d, FIELD_NAME), ret);
	text_str(ret, " ");
	say_permissions(permissions, ret);
	return true;
}

bool say_rule(const struct denial *d, const char *permissions, struct text *ret)
{
	enum rule_class class = denial_class(d);

	if (class == CLASS_FILE) {
		if (!say_file_rule(d, permissions, ret))
			return false;
		text_str(ret, ",");
		return true;
	}
	text_str(ret, rule_class_name(class));
	switch (class) {
	case CLASS_CAPABILITY:
		say_words(value(d, FIELD_CAPNAME), "", ret);
		break;
	case CLASS_MOUNT:
		say_mount_rule(d, ret);
		break;
	case CLASS_UMOUNT:
	case CLASS_PIVOT_ROOT:
		text_str(ret, " ");
		say_name(value(d, FIELD_NAME), ret);
		break;
	case CLASS_CHANGE_PROFILE:
		text_str(ret, strncmp(value(d, FIELD_OPERATION), "stack", 5) ? " -> " : " -> &");
		say_name(*value(d, FIELD_TARGET) ? value(d, FIELD_TARGET) : value(d, FIELD_NAME),
			 ret);
		break;
	case CLASS_SIGNAL:
	case CLASS_PTRACE:
		say_peer_rule(d, ret);
		break;
	case CLASS_NETWORK:
		say_words(value(d, FIELD_FAMILY), value(d, FIELD_SOCK_TYPE), ret);
		break;
	case CLASS_UNIX:
	case CLASS_DBUS:
	case CLASS_USERNS:
	case CLASS_IO_URING:
	case CLASS_MQUEUE:
		break;
	default:
		return false;
	}
	text_str(ret, ",");
	return true;
}
