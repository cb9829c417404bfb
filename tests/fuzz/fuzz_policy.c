// SPDX-License-Identifier: LGPL-2.1-or-later
// sources: early/tool/policy/lex.c early/tool/policy/read.c early/tool/policy/expand.c early/tool/policy/glob.c early/tool/policy/match.c early/tool/log/record.c early/tool/log/log.c early/tool/explain/cause.c early/tool/explain/words.c early/tool/util.c
/*
 * Any policy text, and a record of each class: rules lie in lines of the text, belong to a profile that
 * there is, matching comes to an end, and what matches a name also matches it when it is asked again.
 */
#include "lines.h"

#include "explain/explain.h"
#include "policy/glob.h"

static const char *const *target_lines(size_t *n)
{
	static const char *const lines[] = {
		"@{X} = /a /b",
		"@{Y}+=\"/c d\" @{X}/e",
		"profile global flags=(attach_disconnected) {",
		"/bin/{a,b} (complain) {",
		"^hat {",
		"owner {",
		"  deny /etc/pass{wd,} w,",
		"  audit deny @{X}/** rwlkm,",
		"  deny owner \"/a b\" r,",
		"  deny link subset /** -> /etc/*,",
		"  deny mount options=(rw, bind) fstype=ext* /d -> /m/,",
		"  deny mount options in (ro) -> /m/,",
		"  signal (send) set=(kill) peer=@{profile_name},",
		"  ptrace (read, trace) peer=[^a]*,",
		"  change_profile safe /x -> &**,",
		"  capability mac_admin sys_admin,",
		"  network inet stream,",
		"  include if exists <local/x>",
		"  unix (send) type=stream,",
		"  mqueue create \"/q\",",
		"}",
	};

	*n = sizeof(lines) / sizeof(*lines);
	return lines;
}

static const char *const records[] = {
	"apparmor=\"DENIED\" operation=\"open\" profile=\"global\" name=\"/a/b\" "
	"denied_mask=\"wc\" "
	"fsuid=0 ouid=1",
	"apparmor=\"DENIED\" operation=\"link\" profile=\"global\" name=\"/a\" target=\"/etc/b\" "
	"denied_mask=\"l\"",
	"apparmor=\"DENIED\" operation=\"mount\" profile=\"global\" name=\"/m/\" srcname=\"/d\" "
	"fstype=\"ext4\" flags=\"rw, bind\"",
	"apparmor=\"DENIED\" operation=\"capable\" profile=\"global\" capname=\"mac_admin\"",
	"apparmor=\"DENIED\" operation=\"signal\" profile=\"global\" denied_mask=\"send\" "
	"signal=kill "
	"peer=\"global//&:application:x\"",
	"apparmor=\"DENIED\" operation=\"change_profile\" profile=\"global\" name=\"x\"",
	"apparmor=\"DENIED\" operation=\"create\" profile=\"global\" family=\"inet\" "
	"sock_type=\"stream\" denied=\"create\"",
	"apparmor=\"DENIED\" operation=\"mqueue_open\" profile=\"global\" denied=\"open\" "
	"name=\"/q\"",
};

static bool no_include(struct policy_reader *reader, const char *file,
		       const struct include *include)
{
	(void)file;
	REQUIRE(reader->policy && include->path.p);
	return true;
}

static void match_all(const struct sources *policy)
{
	struct log log = { 0 };

	for (size_t i = 0; i < sizeof(records) / sizeof(*records); i++)
		log_line(&log, span_of(records[i]));
	log_finish(&log);
	for (size_t i = 0; i < log.n_denials; i++) {
		struct text rule = { 0 };
		struct cause cause;

		find_cause(policy, &log.denial[i], &cause);
		REQUIRE((cause.reason == REASON_DENY) == (cause.n_rules > 0));
		for (size_t k = 0; k < cause.n_rules; k++) {
			REQUIRE(cause.rule[k]->deny);
			REQUIRE(rule_match(policy, cause.rule[k], &log.denial[i], NULL) !=
				MATCH_NO);
		}
		(void)say_rule(&log.denial[i], cause.left.data, &rule);
		planted_bug(cause.n_rules > 1 && policy->n_variables > 1);
		text_free(&rule);
		cause_free(&cause);
	}
	log_free(&log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sources policy = { 0 };
	struct policy_reader reader = { .policy = &policy, .include = no_include };
	struct span text = { (const char *)data, size };
	unsigned int line = 0, lines = 1;
	const char *why = NULL;
	bool ok;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	ok = policy_text(&reader, "file", text, &line, &why);
	REQUIRE(ok == !why && line >= 1 && line <= lines);
	(void)policy_text_end(&reader);
	for (size_t i = 0; i < policy.n_rules; i++) {
		const struct rule *rule = &policy.rule[i];

		REQUIRE(rule->profile < policy.n_profiles);
		REQUIRE(rule->line >= 1 && rule->line <= lines && !strchr(rule->text, '\n'));
	}
	match_all(&policy);
	policy_free(&policy);
	return 0;
}
