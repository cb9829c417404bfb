// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
// wrap: read_config explain_text
#include "unit.h"

#include <errno.h>
#include <getopt.h>
#include <sys/stat.h>
#include <unistd.h>

#include "defaults.h"
#include "explain/explain.h"

#define RECORDS "tests/denials/"
#define POLICY RECORDS "policy"

/* --- what four kernels logged under tests/denials/policy, and which line of it made them do so --- */

static const struct {
	const char *wanted;
	const char *lines; /* of the rules, "0": no rule allows it */
	const char *add;
} booted[] = {
	{ "create /srv/data/file", "22", NULL },
	{ "create /srv/more/deep.d", "22", NULL },
	{ "make the folder /srv/data/folder/", "22", NULL },
	{ "remove /srv/data/here", "22", NULL },
	{ "create /srv/with blank/a name", "22", NULL },
	{ "change the mode of /srv/data/here", "22", NULL },
	{ "rename /srv/data/here", "22", NULL },
	{ "make the symbolic link /srv/data/link", "22", NULL },
	{ "make /srv/secret2 a hard link to /srv/secret", "32", NULL },
	{ "make /srv/data/hard a hard link to /srv/secret", "22", NULL },
	{ "create /srv/own/a.txt", "24", NULL },
	{ "create /srv/own/a.md", "24", NULL },
	{ "create /srv/own/a.c", "24", NULL },
	{ "mount tmpfs tmpfs on /mnt/", "25", NULL }, /* rw, then ro */
	{ "mount tmpfs tmpfs on /mnt/", "25", NULL },
	{ "bind-mount /srv/a/ on /mnt/x/", "27", NULL },
	{ "unmount /mnt/u/", "27", NULL },
	{ "send the signal usr1 to global", "28", NULL },
	{ "send the signal usr2 to global", "28", NULL },
	{ "ptrace (read) global", "29", NULL },
	{ "execute /bin/nope", "30", NULL },
	{ "execute /other", "0", "/other ix," },
	{ "use the capability sys_time", "3", NULL },
	{ "use the capability sys_nice", "3", NULL },
	{ "create a inet6 stream socket", "0", "network inet6 stream," },
};

static char *lines_of(const struct cause *cause)
{
	struct text t = { 0 };

	text_add(&t, "", 0);
	for (size_t i = 0; i < cause->n_rules; i++)
		text_format(&t, "%s%u", i ? " " : "", cause->rule[i]->line);
	if (cause->reason == REASON_NOTHING)
		text_str(&t, "0");
	return t.data;
}

static void check_denial(const char *row, const struct sources *policy, const struct denial *d,
			 const char *lines, const char *add)
{
	struct text rule = { 0 };
	struct cause cause;
	char *got;

	find_cause(policy, d, &cause);
	got = lines_of(&cause);
	check_text(row, got, lines);
	if (add) {
		assert_true(say_rule(d, cause.left.data, &rule));
		check_text(row, rule.data, add);
	}
	free(got);
	text_free(&rule);
	cause_free(&cause);
}

static void test_booted(void **state)
{
	static const char *const names[] = { "enforce-5.10", "enforce-6.1", "enforce-6.12",
					     "enforce-7.3" };
	const struct list no_includes = { 0 };
	struct sources policy = { 0 };

	(void)state;
	assert_true(policy_read(&policy, POLICY, &no_includes));
	for (size_t i = 0; i < COUNT(names); i++) {
		char *path = format(RECORDS "%s", names[i]);
		struct log log = { 0 };

		check_number(path, log_read_file(path, &log), 0);
		check_number(path, (long long)log.n_denials, COUNT(booted));
		for (size_t k = 0; k < COUNT(booted); k++) {
			struct text wanted = { 0 };

			say_operation(&log.denial[k], &wanted);
			check_text(path, wanted.data, booted[k].wanted);
			check_denial(booted[k].wanted, &policy, &log.denial[k], booted[k].lines,
				     booted[k].add);
			assert_true(is_global(&policy, &log.denial[k]));
			text_free(&wanted);
		}
		log_free(&log);
		free(path);
	}
	policy_free(&policy);
}

/* --- rules of every class against records as kernels write them --- */

static bool no_include(struct policy_reader *reader, const char *file,
		       const struct include *include)
{
	(void)reader;
	(void)file;
	(void)include;
	return true;
}

/* NULL, or why the text is refused; the line in *ret_line. */
static const char *read_text(struct sources *policy, const char *text, unsigned int *ret_line)
{
	struct policy_reader reader = { .policy = policy, .include = no_include };
	struct span copy = exact_copy(span_of(text));
	const char *why = NULL;
	bool ok = policy_text(&reader, "file", copy, ret_line, &why);

	free((char *)copy.p);
	if (!policy_text_end(&reader) && ok)
		return "open at the end";
	return why;
}

#define REC(s) "apparmor=\"DENIED\" profile=\"p\" fsuid=0 ouid=0 " s
#define FILE_REC(operation, name, mask) \
	REC("operation=\"" operation "\" class=\"file\" name=\"" name "\" denied_mask=\"" mask "\"")

/* One rule in "profile p { ... }" on line 2 and one record: "2", it matches; "0", nothing does. */
static const struct {
	const char *rules;
	const char *record;
	const char *lines; /* "": the rules allow it */
	const char *add;
} rows[] = {
	/* permissions */
	{ "deny /a w,", FILE_REC("open", "/a", "w"), "2", NULL },
	{ "deny /a w,", FILE_REC("open", "/a", "ac"), "2", NULL },
	{ "deny /a w,", FILE_REC("unlink", "/a", "d"), "2", NULL },
	{ "deny /a w,", FILE_REC("open", "/a", "r"), "0", "/a r," },
	{ "deny /a a,", FILE_REC("open", "/a", "a"), "2", NULL },
	{ "deny /a a,", FILE_REC("open", "/a", "c"), "0", "/a w," },
	{ "deny w /a,", FILE_REC("open", "/a", "w"), "2", NULL },
	{ "deny file w /a,", FILE_REC("open", "/a", "w"), "2", NULL },
	{ "deny file /a w,", FILE_REC("open", "/a", "w"), "2", NULL },
	{ "deny /a x,", FILE_REC("exec", "/a", "x"), "2", NULL },
	{ "deny /a k,", FILE_REC("file_lock", "/a", "k"), "2", NULL },
	{ "deny /a m,", FILE_REC("file_mmap", "/a", "m"), "2", NULL },
	{ "/a ix,", FILE_REC("file_mmap", "/a", "m"), "", NULL },
	{ "/a px,", FILE_REC("file_mmap", "/a", "rm"), "0", "/a rm," },
	{ "/a r,\n/a w,", FILE_REC("open", "/a", "rw"), "", NULL },
	{ "/a r,", FILE_REC("open", "/a", "rwc"), "0", "/a w," },
	{ "file,", FILE_REC("exec", "/a", "x"), "", NULL },
	{ "file,\ndeny /a w,", FILE_REC("open", "/a", "w"), "3", NULL },
	{ "deny file,", FILE_REC("open", "/a", "w"), "2", NULL },
	{ "all,", FILE_REC("open", "/a", "rw"), "", NULL },
	/* names */
	{ "deny /b w,", FILE_REC("open", "/a", "w"), "0", "/a w," },
	{ "deny \"/a b\" w,", REC("operation=\"open\" name=2F612062 denied_mask=\"w\""), "2",
	  NULL },
	{ "/b w,", REC("operation=\"open\" name=2F612A62 denied_mask=\"w\""), "0", "/a\\*b w," },
	{ "/b w,", REC("operation=\"open\" name=2F612062 denied_mask=\"w\""), "0", "\"/a b\" w," },
	{ "deny /{a,b}/** w,", FILE_REC("open", "/b/c", "w"), "2", NULL },
	{ "deny /a w,\ndeny /* w,\ndeny /b w,", FILE_REC("open", "/a", "w"), "2 3", NULL },
	{ "deny @{V}/x w,", FILE_REC("open", "/v1/x", "w"), "2", NULL },
	{ "deny @{V}/x w,", FILE_REC("open", "/v 2/x", "w"), "2", NULL },
	{ "deny @{W}x w,", FILE_REC("open", "/w/v1/x", "w"), "2", NULL },
	{ "deny /@{profile_name} w,", FILE_REC("open", "/p", "w"), "2", NULL },
	{ "deny /@{NONE}/** w,", FILE_REC("open", "/x/y", "w"), "0", "/x/y w," },
	{ "deny /a w, # deny /b w,", FILE_REC("open", "/b", "w"), "0", "/b w," },
	/* owners */
	{ "deny owner /a w,", FILE_REC("open", "/a", "w"), "2", NULL },
	{ "deny owner /a w,",
	  "apparmor=\"DENIED\" profile=\"p\" operation=\"open\" name=\"/a\" denied_mask=\"w\" "
	  "fsuid=1 "
	  "ouid=0",
	  "0", "/a w," },
	{ "deny other /a w,", FILE_REC("open", "/a", "w"), "0", "/a w," },
	/* links */
	{ "deny link /a -> /b,",
	  REC("operation=\"link\" name=\"/a\" denied_mask=\"l\" target=\"/b\""), "2", NULL },
	{ "deny link subset /a -> /b,",
	  REC("operation=\"link\" name=\"/a\" denied_mask=\"l\" target=\"/b\""), "2", NULL },
	{ "deny link /a -> /b,",
	  REC("operation=\"link\" name=\"/a\" denied_mask=\"l\" target=\"/c\""), "0", "/a l," },
	{ "deny link /c -> /b,",
	  REC("operation=\"link\" name=\"/a\" denied_mask=\"l\" target=\"/b\""), "0", "/a l," },
	{ "deny /a l,", REC("operation=\"link\" name=\"/a\" denied_mask=\"l\" target=\"/b\""), "2",
	  NULL },
	/* capabilities */
	{ "deny capability sys_admin mac_admin,",
	  REC("operation=\"capable\" capname=\"mac_admin\""), "2", NULL },
	{ "deny capability,", REC("operation=\"capable\" capname=\"mac_admin\""), "2", NULL },
	{ "deny capability sys_admin,", REC("operation=\"capable\" capname=\"mac_admin\""), "0",
	  "capability mac_admin," },
	/* mounts */
	{ "deny mount,", REC("operation=\"mount\" name=\"/m/\" flags=\"rw\""), "2", NULL },
	{ "deny mount -> /m/,", REC("operation=\"mount\" name=\"/m/\" flags=\"rw\""), "2", NULL },
	{ "deny mount /d -> /m/,", REC("operation=\"mount\" name=\"/m/\" srcname=\"/d\""), "2",
	  NULL },
	{ "deny mount /d,", REC("operation=\"mount\" name=\"/m/\" srcname=\"/d\""), "2", NULL },
	{ "deny mount /e -> /m/,",
	  REC("operation=\"mount\" name=\"/m/\" srcname=\"/d\" fstype=\"ext4\" flags=\"ro, bind\""),
	  "0", "mount fstype=ext4 options=(ro, bind) /d -> /m/," },
	{ "deny mount fstype=(tmpfs, ext4),", REC("operation=\"mount\" fstype=\"ext4\""), "2",
	  NULL },
	{ "deny mount fstype=ext*,", REC("operation=\"mount\" fstype=\"ext4\""), "2", NULL },
	{ "deny mount options=(rw, bind),", REC("operation=\"mount\" flags=\"rw, bind\""), "2",
	  NULL },
	{ "deny mount options=bind,", REC("operation=\"mount\" flags=\"rw, bind\""), "2", NULL },
	{ "deny mount options = (bind),", REC("operation=\"mount\" flags=\"rw, bind\""), "2",
	  NULL },
	{ "deny mount options=(ro, bind),",
	  REC("operation=\"mount\" name=\"/\" flags=\"rw, bind\""), "0",
	  "mount options=(rw, bind) -> /," },
	{ "deny mount options in (ro, bind),", REC("operation=\"mount\" flags=\"rw, bind\""), "2",
	  NULL },
	{ "deny mount options in (ro, nosuid),",
	  REC("operation=\"mount\" name=\"/\" flags=\"rw, bind\""), "0",
	  "mount options=(rw, bind) -> /," },
	{ "deny remount,", REC("operation=\"mount\" name=\"/m/\" flags=\"ro, remount\""), "2",
	  NULL },
	{ "deny remount /m/,", REC("operation=\"mount\" name=\"/m/\" flags=\"ro, remount\""), "2",
	  NULL },
	{ "deny remount,", REC("operation=\"mount\" name=\"/m/\" flags=\"ro\""), "0",
	  "mount options=(ro) -> /m/," },
	{ "deny umount /m/,", REC("operation=\"umount\" name=\"/m/\""), "2", NULL },
	{ "deny unmount,", REC("operation=\"umount\" name=\"/m/\""), "2", NULL },
	{ "deny umount /n/,", REC("operation=\"umount\" name=\"/m/\""), "0", "umount /m/," },
	{ "deny mount,", REC("operation=\"umount\" name=\"/m/\""), "0", "umount /m/," },
	{ "deny pivot_root /n/,", REC("operation=\"pivotroot\" name=\"/n/\" srcname=\"/n/o/\""),
	  "2", NULL },
	/* signals, traces */
	{ "deny signal,", REC("operation=\"signal\" denied_mask=\"send\" signal=kill"), "2", NULL },
	{ "deny signal (send),", REC("operation=\"signal\" denied_mask=\"send\" signal=kill"), "2",
	  NULL },
	{ "deny signal send set=(term kill),",
	  REC("operation=\"signal\" denied_mask=\"send\" signal=kill"), "2", NULL },
	{ "deny signal set=term,",
	  REC("operation=\"signal\" denied_mask=\"send\" signal=kill peer=\"a b\""), "0",
	  "signal (send) set=(kill) peer=\"a b\"," },
	{ "deny signal receive,",
	  REC("operation=\"signal\" denied_mask=\"send\" signal=kill peer=\"x\""), "0",
	  "signal (send) set=(kill) peer=x," },
	{ "deny signal peer=x,",
	  REC("operation=\"signal\" denied_mask=\"send\" signal=kill peer=\"global//&x\""), "2",
	  NULL },
	{ "deny ptrace read,", REC("operation=\"ptrace\" denied_mask=\"read\" peer=\"x\""), "2",
	  NULL },
	{ "deny ptrace (rw) peer=x,",
	  REC("operation=\"ptrace\" denied_mask=\"tracedby\" peer=\"x\""), "2", NULL },
	{ "deny ptrace trace,", REC("operation=\"ptrace\" denied_mask=\"read\" peer=\"x\""), "0",
	  "ptrace (read) peer=x," },
	/* profiles */
	{ "deny change_profile -> un*,",
	  REC("operation=\"change_profile\" name=\"unconfined\" target=\"unconfined\""), "2",
	  NULL },
	{ "change_profile -> &**,",
	  REC("operation=\"change_profile\" name=\"unconfined\" target=\"unconfined\""), "0",
	  "change_profile -> unconfined," },
	{ "change_profile -> &**,", REC("operation=\"stack\" name=\"x\""), "", NULL },
	{ "deny change_profile,", REC("operation=\"change_onexec\" name=\"x\""), "2", NULL },
	/* sockets */
	{ "deny network inet dgram,",
	  REC("operation=\"create\" class=\"net\" family=\"inet\" sock_type=\"dgram\" "
	      "denied=\"create\""),
	  "2", NULL },
	{ "deny network inet dgram,",
	  REC("operation=\"create\" class=\"net\" family=\"inet\" sock_type=\"stream\" "
	      "denied=\"create\""),
	  "0", "network inet stream," },
	{ "deny network,", REC("operation=\"create\" family=\"inet\" sock_type=\"raw\""), "2",
	  NULL },
	{ "deny network inet,", REC("operation=\"create\" family=\"inet6\" sock_type=\"raw\""), "0",
	  "network inet6 raw," },
	{ "deny network unix,", REC("operation=\"file_lock\" family=\"unix\" sock_type=\"stream\""),
	  "2", NULL },
	{ "deny unix,", REC("operation=\"connect\" family=\"unix\" denied_mask=\"connect\""), "2",
	  NULL },
	{ "deny unix (send),", REC("operation=\"connect\" family=\"unix\" denied_mask=\"connect\""),
	  "0", "unix," },
	/* the rest */
	{ "deny userns,", REC("operation=\"userns_create\" denied=\"userns_create\""), "2", NULL },
	{ "deny io_uring sqpoll,", REC("operation=\"uring_sqpoll\" denied=\"sqpoll\""), "2", NULL },
	{ "deny mqueue create,", REC("operation=\"mqueue_create\" denied=\"create\" name=\"/q\""),
	  "2", NULL },
	{ "file,", REC("operation=\"mqueue_open\" class=\"posix_mqueue\" denied=\"open\""), "0",
	  "mqueue," },
	/* reading */
	{ "audit deny /a w,", FILE_REC("open", "/a", "w"), "2", NULL },
	{ "priority=1 deny /a w,", FILE_REC("open", "/a", "w"), "2", NULL },
	{ "priority = 1 audit deny /a w,", FILE_REC("open", "/a", "w"), "2", NULL },
	{ "deny { /a w, }", FILE_REC("open", "/a", "w"), "2", NULL },
	{ "owner {\n/a w,\n}", FILE_REC("open", "/a", "w"), "", NULL },
	{ "if $x {\ndeny /a w,\n}", FILE_REC("open", "/a", "w"), "3", NULL },
	{ "profile q { deny /a w, }\n^h { deny /a w, }", FILE_REC("open", "/a", "w"), "0",
	  "/a w," },
	{ "profile q { /a w, }", FILE_REC("open", "/a", "w"), "0", "/a w," },
	{ "deny\n  /a\n  w,", FILE_REC("open", "/a", "w"), "2", NULL },
	{ "deny /b w, deny /a w,", FILE_REC("open", "/a", "w"), "2", NULL },
};

static void test_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text =
			format("@{V} = /v1 \"/v 2\"\\\n /v3\n@{W}=/w/@{V}/\nprofile p {\n%s\n}\n",
			       rows[i].rules);
		/* The rules begin on line 2 for the reader of the table. */
		struct sources policy = { 0 };
		struct log log = { 0 };
		unsigned int line = 0;
		const char *why = read_text(&policy, text, &line);

		if (why)
			fail_msg("%s: line %u: %s", rows[i].rules, line, why);
		for (size_t k = 0; k < policy.n_rules; k++)
			policy.rule[k].line -= 3;
		log_line(&log, span_of(rows[i].record));
		log_finish(&log);
		check_number(rows[i].record, (long long)log.n_denials, 1);
		check_denial(rows[i].rules, &policy, &log.denial[0], rows[i].lines, rows[i].add);
		log_free(&log);
		policy_free(&policy);
		free(text);
	}
}

/* A rule that is offered allows the operation when it is added. */
static void test_additions(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sources policy = { 0 };
		struct log log = { 0 };
		unsigned int line = 0;
		char *text = format("profile p { %s }", rows[i].add ? rows[i].add : "");

		if (rows[i].add) {
			check_text(text, read_text(&policy, text, &line) ? "bad" : "good", "good");
			log_line(&log, span_of(rows[i].record));
			log_finish(&log);
			/* What the rules of the row allow is not in the addition. */
			for (size_t k = 0; k < policy.n_rules; k++)
				check_number(text,
					     rule_match(&policy, &policy.rule[k], &log.denial[0],
							NULL) != MATCH_NO,
					     true);
			check_number(text, (long long)policy.n_rules, 1);
		}
		log_free(&log);
		policy_free(&policy);
		free(text);
	}
}

/* --- profiles --- */

static void test_profiles(void **state)
{
	static const char text[] = "/usr/bin/{a,b} (complain) { }\n"
				   "profile \"with blank\" /x flags=(kill) {\n"
				   "  profile child { ^hat { } hat other { } }\n"
				   "}\n";
	static const char *const names[] = { "/usr/bin/{a,b}", "with blank", "with blank//child",
					     "with blank//child//hat", "with blank//child//other" };
	struct sources policy = { 0 };
	unsigned int line = 0;

	(void)state;
	assert_null(read_text(&policy, text, &line));
	check_number("profiles", (long long)policy.n_profiles, COUNT(names));
	for (size_t i = 0; i < COUNT(names); i++)
		check_number(names[i], policy_profile(&policy, names[i]), (long long)i);
	check_number("none", policy_profile(&policy, "child"), -1);
	check_number("line", policy.profile[2].line, 3);
	policy_free(&policy);
}

static const struct {
	const char *text;
	unsigned int line;
	const char *why;
} broken[] = {
	{ "profile p {", 1, "open at the end" },
	{ "profile p {\n}\n}", 3, "a block is closed that was not opened" },
	{ "{", 1, "a block has no name in front" },
	{ "profile p {\n  /a r\n}", 3, "a comma is missing in front of \"}\"" },
	{ "profile p {\n\"/a", 2, "a quote or parenthesis is open at the end" },
	{ "profile p { signal (send", 1, "a quote or parenthesis is open at the end" },
	{ "profile p { include if <x> }", 1, "\"exists\" is missing behind \"include if\"" },
	{ "include", 1, "the name of the file to include is missing" },
	{ "abi <x>", 1, "a rule without a comma stands at the end" },
};

static void test_broken(void **state)
{
	struct text many = { 0 };
	struct sources policy = { 0 };
	unsigned int line = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(broken); i++) {
		const char *why = read_text(&policy, broken[i].text, &line);

		check_text(broken[i].text, why ? why : "good", broken[i].why);
		check_number(broken[i].text, line, broken[i].line);
		policy_free(&policy);
	}
	for (int i = 0; i < 600; i++)
		text_str(&many, "a { ");
	check_text("deep", read_text(&policy, many.data, &line), "blocks are nested too deeply");
	policy_free(&policy);
	many.len = 0;
	text_str(&many, "profile p { ");
	for (int i = 0; i < 600; i++)
		text_str(&many, "word ");
	check_text("long", read_text(&policy, many.data, &line), "a rule has too many words");
	policy_free(&policy);
	text_free(&many);
}

/* Ten values in each of ten variables are more than anybody waits for. */
static void test_explosion(void **state)
{
	struct text t = { 0 };
	struct sources policy = { 0 };
	struct list patterns = { 0 };
	unsigned int line = 0;

	(void)state;
	for (char c = 'A'; c <= 'J'; c++)
		text_format(&t, "@{%c} = 0 1 2 3 4 5 6 7 8 9\n", c);
	text_str(&t, "@{LOOP} = @{LOOP}x\nprofile p { "
		     "deny /@{A}@{B}@{C}@{D}@{E}@{F}@{G}@{H}@{I}@{J} w, deny /@{LOOP} w, }");
	assert_null(read_text(&policy, t.data, &line));
	assert_false(pattern_expand(&policy, &policy.rule[0], span_of(policy.rule[0].word.item[0]),
				    &patterns));
	list_free(&patterns);
	assert_false(pattern_expand(&policy, &policy.rule[1], span_of(policy.rule[1].word.item[0]),
				    &patterns));
	list_free(&patterns);
	text_free(&t);
	policy_free(&policy);
}

/* --- what is whose, and what is not told --- */

static void test_global(void **state)
{
	static const struct {
		const char *record;
		bool with_policy;
		bool without;
	} records[] = {
		{ REC("operation=\"open\" denied_mask=\"w\""), true, false },
		{ "apparmor=\"DENIED\" operation=\"x\" profile=\"global\"", false, true },
		{ "apparmor=\"DENIED\" operation=\"x\" profile=\"global//hat\"", false, true },
		{ "apparmor=\"DENIED\" operation=\"x\" profile=\"globalist\"", false, false },
		{ "apparmor=\"DENIED\" operation=\"x\" profile=\"p\" namespace=\"root\"", true,
		  false },
		{ "apparmor=\"DENIED\" operation=\"x\" profile=\"p\" "
		  "namespace=\"root//application\"",
		  false, false },
		{ "apparmor=\"DENIED\" operation=\"x\" label=\"p//&:application:unconfined\"", true,
		  false },
		{ "apparmor=\"DENIED\" operation=\"x\" label=\"q//&p\"", true, false },
		{ "apparmor=\"DENIED\" operation=\"x\" profile=\"unconfined\"", false, false },
	};
	struct sources policy = { 0 }, none = { 0 };
	unsigned int line = 0;

	(void)state;
	assert_null(read_text(&policy, "profile p { }", &line));
	for (size_t i = 0; i < COUNT(records); i++) {
		struct log log = { 0 };

		log_line(&log, span_of(records[i].record));
		log_finish(&log);
		check_number(records[i].record, is_global(&policy, &log.denial[0]),
			     records[i].with_policy);
		check_number(records[i].record, is_global(&none, &log.denial[0]),
			     records[i].without);
		log_free(&log);
	}
	policy_free(&policy);
}

/* The words that have to be in some note, or must not be in any. */
static const struct {
	const char *log;
	const char *policy;
	const char *has;
	const char *lacks;
} notes[] = {
	{ "initward: confined: x", "deny /a w,", "without a word in the log", "dry run only" },
	{ "initward: confined: x", "audit deny /a w,", "", "without a word" },
	{ "initward: complain: x", "deny /a w,", "", "without a word" },
	{ "initward: confined: x\nCommand line: a apparmor.audit=noquiet", "deny /a w,", "",
	  "without a word" },
	{ "initward: confined: x\nCommand line: apparmor.audit=all apparmor.audit=normal",
	  "deny /a w,", "without a word", "audit=0 is" },
	{ "Command line: audit=0", "deny /a w,", "audit=0 is", "x" },
	{ "Command line: audit=off", "deny /a w,", "audit=0 is", "x" },
	{ "Command line: audit=0 audit=1", "deny /a w,", "", "audit=0 is" },
	{ "Command line: a -- audit=0", "deny /a w,", "", "audit=0 is" },
	{ "initward: off: x", "deny /a w,", "no global layer", "x" },
	{ "initward: on_failure=continue: x", "deny /a w,", "no global layer", "x" },
	{ "kauditd_printk_skb: 7 callbacks suppressed", "deny /a w,", "7 audit events", "x" },
	{ "apparmor=\"DENIED\" operation=\"x\" profile=\"q\"", "deny /a w,", "1 more records",
	  "x" },
};

static void test_notes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(notes); i++) {
		char *text = format("profile p { %s }", notes[i].policy);
		struct circumstances c = { 0 };
		struct sources policy = { 0 };
		struct log log = { 0 };
		struct list said = { 0 };
		struct text all = { 0 };
		struct span rest = span_of(notes[i].log), line;
		unsigned int n = 0;

		assert_null(read_text(&policy, text, &n));
		while (span_next_line(&rest, &line))
			log_line(&log, line);
		log_finish(&log);
		find_circumstances(&log, &policy, &c);
		find_notes(&log, &c, &said);
		text_add(&all, "", 0);
		for (size_t k = 0; k < said.n; k++)
			text_format(&all, "%s\n", said.item[k]);
		if (!strstr(all.data, notes[i].has))
			fail_msg("%s: \"%s\" is missing in: %s", notes[i].log, notes[i].has,
				 all.data);
		if (strcmp(notes[i].lacks, "x") != 0 && strstr(all.data, notes[i].lacks))
			fail_msg("%s: \"%s\" is in: %s", notes[i].log, notes[i].lacks, all.data);
		text_free(&all);
		list_free(&said);
		log_free(&log);
		policy_free(&policy);
		free(text);
	}
}

static unsigned int configurations_read;
void __wrap_read_config(const char *path, struct config *ret);
int __wrap_explain_text(const struct explanation *e);

void __wrap_read_config(const char *path, struct config *ret)
{
	(void)path;
	config_init(ret);
	configurations_read++;
}

int __wrap_explain_text(const struct explanation *e)
{
	return e->policy->n_profiles ? 0 : 1;
}

/* Which policy is meant without --policy depends on the machine's configuration; with it nothing does. */
static void test_named_policy(void **state)
{
	char *argv[] = { (char[]){ "explain" },
			 (char[]){ "--policy" },
			 (char[]){ POLICY },
			 (char[]){ "--log" },
			 (char[]){ RECORDS "enforce-6.12" },
			 NULL };

	(void)state;
	optind = 0;
	assert_int_equal(verb_explain.run(&verb_explain, 5, argv), 0);
	assert_int_equal(configurations_read, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_booted),	     cmocka_unit_test(test_rules),
		cmocka_unit_test(test_additions),    cmocka_unit_test(test_profiles),
		cmocka_unit_test(test_broken),	     cmocka_unit_test(test_explosion),
		cmocka_unit_test(test_global),	     cmocka_unit_test(test_notes),
		cmocka_unit_test(test_named_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
