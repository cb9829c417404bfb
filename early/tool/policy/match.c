// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy.h"

#include <stdlib.h>
#include <string.h>

#include "glob.h"

static const char *value(const struct denial *d, enum field field)
{
	return d->field[field];
}

static bool starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* Operations of a class of their own; the names are those of the kernel's include/audit.h. */
static const struct {
	const char *operation; /* or its begin, with a '*' */
	enum rule_class class;
} operations[] = {
	{ "capable", CLASS_CAPABILITY },
	{ "mount", CLASS_MOUNT },
	{ "umount", CLASS_UMOUNT },
	{ "pivotroot", CLASS_PIVOT_ROOT },
	{ "change_profile", CLASS_CHANGE_PROFILE },
	{ "change_onexec", CLASS_CHANGE_PROFILE },
	{ "stack", CLASS_CHANGE_PROFILE },
	{ "stack_onexec", CLASS_CHANGE_PROFILE },
	{ "change_hat", CLASS_OTHER },
	{ "change_hatv", CLASS_OTHER },
	{ "signal", CLASS_SIGNAL },
	{ "ptrace*", CLASS_PTRACE },
	{ "userns_create", CLASS_USERNS },
	{ "uring_*", CLASS_IO_URING },
	{ "mqueue_*", CLASS_MQUEUE },
	{ "dbus_*", CLASS_DBUS },
	{ "setrlimit", CLASS_RLIMIT },
	{ "profile_*", CLASS_OTHER },
};

enum rule_class denial_class(const struct denial *d)
{
	const char *operation = value(d, FIELD_OPERATION);

	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		const char *name = operations[i].operation;
		size_t n = strcspn(name, "*");

		if (name[n] ? strncmp(operation, name, n) == 0 : strcmp(operation, name) == 0)
			return operations[i].class;
	}
	if (*value(d, FIELD_FAMILY))
		return strcmp(value(d, FIELD_FAMILY), "unix") == 0 ? CLASS_UNIX : CLASS_NETWORK;
	if (strcmp(value(d, FIELD_CLASS), "net") == 0)
		return CLASS_NETWORK;
	if (strcmp(value(d, FIELD_CLASS), "posix_mqueue") == 0)
		return CLASS_MQUEUE;
	return CLASS_FILE;
}

/* Does the word of a rule match such a name? Unknown variables match nothing. */
static bool word_matches(const struct sources *policy, const struct rule *rule, struct span word,
			 const char *name)
{
	struct list patterns = { 0 };
	bool match = false;

	if (!pattern_expand(policy, rule, word, &patterns)) {
		list_free(&patterns);
		return false;
	}
	for (size_t i = 0; !match && i < patterns.n; i++) {
		struct glob *glob = glob_compile(span_of(patterns.item[i]));

		match = glob && glob_match(glob, span_of(name));
		glob_free(glob);
	}
	list_free(&patterns);
	return match;
}

/* The value of a condition "KEY=...", without parentheses; .p NULL where the rule has none. */
static struct span condition(const struct rule *rule, const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 0; i < rule->word.n; i++) {
		const char *word = rule->word.item[i];
		struct span s;

		if (strncmp(word, key, n) != 0 || word[n] != '=')
			continue;
		s = span_of(word + n + 1);
		if (s.n >= 2 && s.p[0] == '(' && s.p[s.n - 1] == ')')
			s = (struct span){ s.p + 1, s.n - 2 };
		return s;
	}
	return (struct span){ 0 };
}

/* Is the word a condition, "peer=x"? Paths and permissions begin with something else. */
static bool is_condition(const char *word)
{
	size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz_ ");

	return n && word[n] == '=';
}

/* Takes the next of a list's words, which blanks or commas part. */
static bool next_item(struct span *list, struct span *ret)
{
	static const char between[] = " \t\r\n,";

	while (list->n && strchr(between, *list->p)) {
		list->p++;
		list->n--;
	}
	*ret = (struct span){ list->p, 0 };
	while (ret->n < list->n && !strchr(between, ret->p[ret->n]))
		ret->n++;
	list->p += ret->n;
	list->n -= ret->n;
	return ret->n > 0;
}

static bool list_has_word(struct span list, const char *word)
{
	struct span item;

	while (next_item(&list, &item)) {
		if (span_is(item, word))
			return true;
	}
	return false;
}

/* --- files --- */

static bool is_permissions(const char *word)
{
	return *word && word[strspn(word, "rwaxlkmipucUPC")] == '\0';
}

/* What a rule's letters mean in the kernel's: map_old_perms() in security/apparmor/policy_compat.c. */
static void add_letters(const char *permissions, bool deny, struct text *ret)
{
	for (const char *p = permissions; *p; p++) {
		if (*p == 'w')
			text_str(ret, "wacd");
		else if (strchr("raklmx", *p))
			text_add(ret, p, 1);
		/* ix implies m: parser_regex.c process_dfa_entry() */
		if (*p == 'i' && !deny)
			text_str(ret, "m");
	}
}

/* Takes the letters of `named` out of *mask; true where any was there. */
static bool take_letters(struct text *mask, const char *named)
{
	size_t to = 0, n = mask->len;

	for (size_t i = 0; i < n; i++) {
		if (!strchr(named, mask->data[i]))
			mask->data[to++] = mask->data[i];
	}
	mask->len = to;
	mask->data[to] = '\0';
	return to < n;
}

static bool owner_fits(const struct rule *rule, const struct denial *d)
{
	if (!d->owner_known)
		return true;
	return !(rule->owner && !d->owner) && !(rule->other && d->owner);
}

/* "/path rw", "rw /path", "/path rw -> target", or nothing at all, which is everything. */
static enum match match_file(const struct sources *policy, const struct rule *rule,
			     const struct denial *d, struct text *mask)
{
	const char *path = NULL, *permissions = NULL;
	struct text letters = { 0 };
	enum match match = MATCH_NO;

	for (size_t i = 0; i < rule->word.n && strcmp(rule->word.item[i], "->") != 0; i++) {
		const char *word = rule->word.item[i];

		if (!permissions && is_permissions(word))
			permissions = word;
		else if (!path && strcmp(word, "safe") != 0 && strcmp(word, "unsafe") != 0)
			path = word;
	}
	add_letters(permissions ? permissions : "rwaixlkm", rule->deny, &letters);
	if (owner_fits(rule, d) &&
	    (!path || word_matches(policy, rule, span_of(path), value(d, FIELD_NAME))) &&
	    take_letters(mask, letters.data ? letters.data : ""))
		match = MATCH_YES;
	text_free(&letters);
	return match;
}

/* "link [subset] /new -> /old" */
static enum match match_link(const struct sources *policy, const struct rule *rule,
			     const struct denial *d, struct text *mask)
{
	size_t i = rule->word.n && strcmp(rule->word.item[0], "subset") == 0;
	const char *name = NULL, *target = NULL;

	for (; i < rule->word.n; i++) {
		if (strcmp(rule->word.item[i], "->") == 0)
			target = i + 1 < rule->word.n ? rule->word.item[++i] : NULL;
		else
			name = rule->word.item[i];
	}
	if (!owner_fits(rule, d) ||
	    (name && !word_matches(policy, rule, span_of(name), value(d, FIELD_NAME))) ||
	    (target && !word_matches(policy, rule, span_of(target), value(d, FIELD_TARGET))))
		return MATCH_NO;
	return take_letters(mask, "l") ? MATCH_YES : MATCH_NO;
}

/* --- mounts --- */

/* What the kernel prints or leaves out where a flag is not set. */
static bool is_default_flag(struct span flag)
{
	static const char words[] = "rw dev exec suid async atime diratime loud nomand user noacl "
				    "noiversion norelatime nostrictatime symfollow";

	return span_words_subset(flag, span_of(words));
}

static bool flags_within(struct span flags, struct span set)
{
	struct span flag;

	while (next_item(&flags, &flag)) {
		bool found = is_default_flag(flag);
		struct span rest = set, item;

		while (!found && next_item(&rest, &item))
			found = span_eq(item, flag);
		if (!found)
			return false;
	}
	return true;
}

static bool flags_fit(const struct rule *rule, const char *flags)
{
	struct span exactly = condition(rule, "options"), within = condition(rule, "options in");

	if (exactly.p &&
	    !(flags_within(span_of(flags), exactly) && flags_within(exactly, span_of(flags))))
		return false;
	return !within.p || flags_within(span_of(flags), within);
}

static bool fstype_fits(const struct sources *policy, const struct rule *rule, const char *fstype)
{
	static const char *const keys[] = { "fstype", "vfstype", "fstype in", "vfstype in" };
	struct span types = { 0 }, type;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && !types.p; i++)
		types = condition(rule, keys[i]);
	if (!types.p)
		return true;
	while (next_item(&types, &type)) {
		if (word_matches(policy, rule, type, fstype))
			return true;
	}
	return false;
}

static const char *mount_source(const struct denial *d)
{
	return value(d, FIELD_SOURCE);
}

/*
 * "mount [CONDITIONS] [SOURCE] [-> MOUNTPOINT]", "umount [MOUNTPOINT]", "remount [MOUNTPOINT]",
 * "pivot_root [oldroot=DIR] [NEWROOT]"
 */
static enum match match_mount(const struct sources *policy, const struct rule *rule,
			      const struct denial *d)
{
	const char *source = NULL, *point = NULL;

	for (size_t i = 0; i < rule->word.n; i++) {
		const char *word = rule->word.item[i];

		if (strcmp(word, "->") == 0 && rule->class == CLASS_PIVOT_ROOT)
			break; /* the profile behind it */
		if (strcmp(word, "->") == 0)
			point = i + 1 < rule->word.n ? rule->word.item[++i] : NULL;
		else if (!is_condition(word) && rule->class == CLASS_MOUNT)
			source = word;
		else if (!is_condition(word))
			point = word;
	}
	if (rule->class == CLASS_REMOUNT &&
	    !list_has_word(span_of(value(d, FIELD_FLAGS)), "remount"))
		return MATCH_NO;
	if ((source && !word_matches(policy, rule, span_of(source), mount_source(d))) ||
	    (point && !word_matches(policy, rule, span_of(point), value(d, FIELD_NAME))))
		return MATCH_NO;
	if (!flags_fit(rule, value(d, FIELD_FLAGS)) ||
	    !fstype_fits(policy, rule, value(d, FIELD_FSTYPE)))
		return MATCH_NO;
	return condition(rule, "oldroot").p ? MATCH_PERHAPS : MATCH_YES;
}

/* --- labels --- */

/* The next profile of a label: "a//&:ns:b" gives "a", then ":ns:b". */
static bool next_component(const char **label, struct text *ret)
{
	const char *end = strstr(*label, "//&");
	size_t n = end ? (size_t)(end - *label) : strlen(*label);

	if (!n)
		return false;
	text_free(ret);
	text_add(ret, *label, n);
	*label += n + (end ? 3 : 0);
	return true;
}

/* A peer's label as a whole, or each profile of it, as the kernel checks them. */
static bool label_matches(const struct sources *policy, const struct rule *rule, struct span word,
			  const char *label)
{
	struct text part = { 0 };
	bool match = word_matches(policy, rule, word, label);

	while (!match && next_component(&label, &part))
		match = word_matches(policy, rule, word, part.data);
	text_free(&part);
	return match;
}

static bool peer_fits(const struct sources *policy, const struct rule *rule, const struct denial *d)
{
	struct span peer = condition(rule, "peer");

	return !peer.p || label_matches(policy, rule, peer, value(d, FIELD_PEER));
}

static bool is_access(struct span word, const char *access, bool ptrace)
{
	static const struct {
		const char *word;
		const char *signal;
		const char *ptrace;
	} words[] = {
		{ "r", "receive", "read readby" },
		{ "read", "receive", "read" },
		{ "receive", "receive", "" },
		{ "w", "send", "trace tracedby" },
		{ "write", "send", "trace" },
		{ "send", "send", "" },
		{ "rw", "send receive", "read trace readby tracedby" },
		{ "trace", "", "trace" },
		{ "readby", "", "readby" },
		{ "tracedby", "", "tracedby" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (span_is(word, words[i].word))
			return list_has_word(span_of(ptrace ? words[i].ptrace : words[i].signal),
					     access);
	}
	return false;
}

/* "signal [ACCESS] [set=(...)] [peer=...]", "ptrace [ACCESS] [peer=...]" */
static enum match match_signal(const struct sources *policy, const struct rule *rule,
			       const struct denial *d)
{
	struct span set = condition(rule, "set"), item;
	bool named = false, fits = false;

	for (size_t i = 0; i < rule->word.n; i++) {
		struct span words = span_of(rule->word.item[i]);

		if (is_condition(rule->word.item[i]))
			continue;
		named = true;
		if (words.n >= 2 && words.p[0] == '(')
			words = (struct span){ words.p + 1, words.n - 2 };
		while (next_item(&words, &item))
			fits |= is_access(item, value(d, FIELD_DENIED),
					  rule->class == CLASS_PTRACE);
	}
	if ((named && !fits) || (set.p && !list_has_word(set, value(d, FIELD_SIGNAL))))
		return MATCH_NO;
	return peer_fits(policy, rule, d) ? MATCH_YES : MATCH_NO;
}

/* "change_profile [safe|unsafe] [EXECUTABLE] [-> PROFILE]"; stacking asks for "&PROFILE". */
static enum match match_change(const struct sources *policy, const struct rule *rule,
			       const struct denial *d)
{
	const char *to = *value(d, FIELD_TARGET) ? value(d, FIELD_TARGET) : value(d, FIELD_NAME);
	bool stack = starts(value(d, FIELD_OPERATION), "stack");
	const char *target = NULL, *program = NULL;
	char *name;
	bool match;

	for (size_t i = 0; i < rule->word.n; i++) {
		const char *word = rule->word.item[i];

		if (strcmp(word, "->") == 0)
			target = i + 1 < rule->word.n ? rule->word.item[++i] : NULL;
		else if (strcmp(word, "safe") != 0 && strcmp(word, "unsafe") != 0)
			program = word;
	}
	name = format("%s%s", stack && *to != '&' ? "&" : "", to);
	match = !target || word_matches(policy, rule, span_of(target), name);
	free(name);
	if (!match)
		return MATCH_NO;
	return program ? MATCH_PERHAPS : MATCH_YES;
}

/* --- the rest --- */

static enum match match_capability(const struct rule *rule, const struct denial *d)
{
	bool named = false;

	for (size_t i = 0; i < rule->word.n; i++)
		named |= strcmp(rule->word.item[i], value(d, FIELD_CAPNAME)) == 0;
	return named || !rule->word.n ? MATCH_YES : MATCH_NO;
}

/* "network [DOMAIN] [TYPE]": with more conditions, perhaps. */
static enum match match_network(const struct rule *rule, const struct denial *d)
{
	static const char types[] = "stream dgram seqpacket rdm raw packet";
	enum match match = MATCH_YES;

	for (size_t i = 0; i < rule->word.n; i++) {
		const char *word = rule->word.item[i];

		if (strcmp(word, value(d, FIELD_FAMILY)) == 0 ||
		    strcmp(word, value(d, FIELD_SOCK_TYPE)) == 0)
			continue;
		if (i == 0 || list_has_word(span_of(types), word))
			return MATCH_NO;
		match = MATCH_PERHAPS;
	}
	return match;
}

/* Classes whose conditions are not looked at, but for the accesses that they name first. */
static enum match match_coarse(const struct rule *rule, const struct denial *d)
{
	struct span words, item;
	bool fits = false;

	if (!rule->word.n)
		return MATCH_YES;
	words = span_of(rule->word.item[0]);
	if (is_condition(rule->word.item[0]) || rule->class == CLASS_RLIMIT)
		return MATCH_PERHAPS;
	if (words.n >= 2 && words.p[0] == '(')
		words = (struct span){ words.p + 1, words.n - 2 };
	while (next_item(&words, &item))
		fits |= span_words_subset(item, span_of(value(d, FIELD_DENIED)));
	return fits || !*value(d, FIELD_DENIED) ? MATCH_PERHAPS : MATCH_NO;
}

const char *denied_mask(const struct denial *d)
{
	return value(d, *value(d, FIELD_DENIED) ? FIELD_DENIED : FIELD_REQUESTED);
}

/* A rule of one class decides about operations of another in these cases. */
static bool class_fits(enum rule_class rule, enum rule_class denial)
{
	if (rule == denial || rule == CLASS_ALL)
		return true;
	if (rule == CLASS_LINK)
		return denial == CLASS_FILE;
	if (rule == CLASS_REMOUNT)
		return denial == CLASS_MOUNT;
	return rule == CLASS_NETWORK && denial == CLASS_UNIX;
}

static enum match match_class(const struct sources *policy, const struct rule *rule,
			      const struct denial *d, struct text *mask)
{
	switch (rule->class) {
	case CLASS_FILE:
		return match_file(policy, rule, d, mask);
	case CLASS_LINK:
		return match_link(policy, rule, d, mask);
	case CLASS_MOUNT:
	case CLASS_UMOUNT:
	case CLASS_REMOUNT:
	case CLASS_PIVOT_ROOT:
		return match_mount(policy, rule, d);
	case CLASS_SIGNAL:
	case CLASS_PTRACE:
		return match_signal(policy, rule, d);
	case CLASS_CHANGE_PROFILE:
		return match_change(policy, rule, d);
	case CLASS_CAPABILITY:
		return match_capability(rule, d);
	case CLASS_NETWORK:
		return match_network(rule, d);
	case CLASS_ALL:
		(void)take_letters(mask, "rwacdxmkl");
		return MATCH_YES;
	case CLASS_OTHER:
		return MATCH_NO;
	default:
		return match_coarse(rule, d);
	}
}

enum match rule_match(const struct sources *policy, const struct rule *rule,
		      const struct denial *denial, struct text *mask)
{
	struct text own = { 0 };
	enum match match;

	if (!class_fits(rule->class, denial_class(denial)))
		return MATCH_NO;
	if (!mask) {
		text_str(&own, denied_mask(denial));
		mask = &own;
	}
	match = match_class(policy, rule, denial, mask);
	text_free(&own);
	return match;
}
