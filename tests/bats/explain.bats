#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2154 # text for other shells; variables of compile.bash
# initward explain: what is read, what is said, and bad input. Which rule is found is tested in
# tests/unit/test_explain.c against the logs of four kernels, and by tests/explained against boots.

bats_require_minimum_version 1.5.0

setup_file() {
	load compile
	export GLOBS=$BATS_FILE_TMPDIR/globs
	"${CC:-cc}" -std=c11 -D_GNU_SOURCE -g -I"$top/early/common" -I"$top/early/tool" \
		"$top/tests/bats/globs.c" "$top/early/tool/policy/glob.c" "$top/early/tool/util.c" \
		"$top/early/common/span.c" -o "$GLOBS"
}

setup() {
	load compile
	t=$BATS_TEST_TMPDIR
	policy=$top/tests/denials/policy
	log=$top/tests/denials/enforce-7.3
}

# One record of profile "global": record FIELDS
record() {
	printf 'audit: type=1400 audit(1795303759.764:5): apparmor="DENIED" profile="global" pid=7 comm="sh" %s\n' \
		"$1"
}

# A policy whose profile has these rules: policy_of RULE...
policy_of() {
	{
		echo 'profile global {'
		printf '%s\n' "$@"
		echo '}'
	} >"$t/global"
}

# What is wrong is told in one line that has these words: in_one_line WORD...
in_one_line() {
	[ "${#stderr_lines[@]}" -eq 1 ] || { printf '%s\n' "$stderr"; return 1; }
	for word; do
		[[ $stderr == *"$word"* ]] || { echo "no \"$word\" in: $stderr"; return 1; }
	done
}

@test "explain: program, operation, verdict, profile, rule with file and line, and the cure" {
	run -0 "$initward" explain --policy "$policy" --log "$log"
	[[ $output == *"DENIED once, "* ]]
	[[ $output == *"program   chmod (pid 94)"* ]]
	[[ $output == *"wanted to change the mode of /srv/data/here"* ]]
	[[ $output == *"result    refused"* ]]
	[[ $output == *"profile   global of the root policy namespace"* ]]
	[[ $output == *"rule      $policy/global:22: audit deny @{protected}/** wl,"* ]]
	[[ $output == *"rule      $policy/part/capabilities:3: audit deny capability sys_time sys_nice,"* ]]
	[[ $output == *"to allow  take out that rule, or narrow it: no rule that allows overrides a deny"* ]]
	[[ $output == *"to allow  /other ix,  (a line for $policy/local/global)"* ]]
	[[ $output == *"25 kinds of denial, read from $log."* ]]
}

@test "explain: JSON is one object, with the same answers" {
	run -0 --separate-stderr "$initward" explain --json --policy "$policy" --log "$log"
	[ "$(jq -r '.denials | length' <<<"$output")" = 25 ]
	[ "$(jq -r '.complete, .mode' <<<"$output" | xargs)" = 'true enforce' ]
	[ "$(jq -r '.denials[5] | .wanted, .rules[0].line, .reason, .refused, .programs[0].comm' <<<"$output" |
		xargs)" = 'change the mode of /srv/data/here 22 deny-rule true chmod' ]
	[ "$(jq -r '.denials[] | select(.reason == "no-rule-allows") | .add' <<<"$output" | xargs)" = \
		'/other ix, network inet6 stream,' ]
	[[ $(jq -r '.denials[0].first' <<<"$output") == 20*T*Z ]]
}

@test "explain: standard input is a log too, and carriage returns are no part of it" {
	run -0 sh -c '"$1" explain --policy "$2" --log - <"$3" | tail -n 3' sh "$initward" "$policy" "$log"
	[[ $output == *"25 kinds of denial, read from standard input."* ]]
}

@test "explain: the record of the policy's own boot compiles" {
	run -0 compile "$policy"
}

@test "explain: hidden mode's namespace in words, and only with --all" {
	policy_of 'deny /a w,'
	record 'operation="open" namespace="root//application" name="/a" denied_mask="w"' >"$t/log"
	run -0 "$initward" explain --policy "$t/global" --log "$t/log"
	[[ $output == "No denial of the global layer in $t/log."* ]]
	[[ $output == *"1 more records are of other profiles"* ]]
	run -0 "$initward" explain --all --policy "$t/global" --log "$t/log"
	[[ $output == *'global of the policy namespace "application"'*':application:global from outside'* ]]
	[[ $output == *"the policy that was read has no such profile"* ]]
}

@test "explain: a dry run's records were not refused" {
	policy_of 'deny /a w,'
	record 'operation="open" name="/a" denied_mask="w"' | sed 's/DENIED/ALLOWED/' >"$t/log"
	run -0 "$initward" explain --policy "$t/global" --log "$t/log"
	[[ $output == *"ALLOWED once"*"it succeeded, and was logged"* ]]
	[ "$("$initward" explain --json --policy "$t/global" --log "$t/log" | jq '.denials[0].refused')" = false ]
}

@test "explain: no denial, and what that means" {
	policy_of 'deny /a w,'
	echo '[ 1.0] initward: confined: global//&unconfined policy=enforce' >"$t/log"
	run -0 "$initward" explain --policy "$t/global" --log "$t/log"
	[[ $output == *'without a word in the log'*'initward.policy=complain'*'apparmor.audit=noquiet'* ]]
	echo '[ 1.0] initward: complain: global//&unconfined policy=complain' >"$t/log"
	run -0 "$initward" explain --policy "$t/global" --log "$t/log"
	[ "$output" = "No denial of the global layer in $t/log." ]
	echo '[ 0.0] Command line: quiet audit=0' >>"$t/log"
	run -0 "$initward" explain --policy "$t/global" --log "$t/log"
	[[ $output == *'audit=0 is on the kernel command line'* ]]
}

@test "explain: a log that lacks records says so" {
	run -0 "$initward" explain --policy "$top/policy/basic/global" --log "$top/tests/denials/limited-7.3"
	[[ $output == *"the log ends in the middle of a burst"*"sysctl.kernel.printk_ratelimit=0"* ]]
	{
		record 'operation="open" name="/a" denied_mask="w"'
		echo '[ 9.0] kauditd_printk_skb: 41 callbacks suppressed'
	} >"$t/log"
	run -0 "$initward" explain --policy "$policy" --log "$t/log"
	[[ $output == *"41 audit events are missing in the log"* ]]
	[ "$("$initward" explain --json --policy "$policy" --log "$t/log" | jq '.complete')" = false ]
}

@test "explain: what would let programs out of the layer is told as such" {
	policy_of 'deny capability mac_admin,'
	record 'operation="change_profile" name="unconfined" target="unconfined"' >"$t/log"
	record 'operation="capable" capname="mac_admin"' >>"$t/log"
	run -0 "$initward" explain --policy "$t/global" --log "$t/log"
	[[ $output == *"to allow  change_profile -> unconfined,"*"beware    a program that may change"* ]]
	[[ $output == *"deny capability mac_admin,"*"beware    a program with mac_admin"* ]]
	record 'operation="open" name="/a" denied_mask="w"' >"$t/log"
	run -0 "$initward" explain --policy "$t/global" --log "$t/log"
	[[ $output != *beware* ]]
}

@test "explain: the reserved path is told as the proof that it is" {
	record 'operation="chown" name="/proc/version" denied_mask="w"' >"$t/log"
	run -0 "$initward" explain --policy "$top/policy/basic/global" --log "$t/log"
	[[ $output == *"prove that the layer is in force"* ]]
	[[ $output != *"take out"* ]]
}

@test "explain: folders for includes come before the source's own, and a local file's rules count" {
	mkdir -p "$t/base/local" "$t/more/local"
	printf 'profile global {\n  file,\n  include if exists <local/global>\n}\n' >"$t/base/global"
	record 'operation="open" name="/a" denied_mask="w"' >"$t/log"
	where() {
		"$initward" explain --json --policy "$t/base/global" --log "$t/log" "$@" |
			jq -r '.denials[0].rules[0] | "\(.file):\(.line)"'
	}
	[ "$(where)" = 'null:null' ]
	printf '\ndeny /a w,\n' >"$t/base/local/global"
	[ "$(where)" = "$t/base/local/global:2" ]
	[ "$(where --include "$t/more")" = "$t/base/local/global:2" ]
	printf 'deny /a w,\n' >"$t/more/local/global"
	[ "$(where --include "$t/more")" = "$t/more/local/global:1" ]
	# as the parser does it
	run -0 apparmor_parser --config-file /dev/null --base "$t/base" -I "$t/more" -p "$t/base/global"
	[ "$(grep -c '^deny' <<<"$output")" = 1 ]
	[[ $output != *$'\n\ndeny'* ]]
}

@test "explain: what a program chose for its name cannot write to the terminal" {
	policy_of 'deny /a w,'
	# "sh", escape, "[2J"; a file of bytes that are no text
	printf 'apparmor="DENIED" operation="open" profile="global" name=2F611B5B324AFF0A comm=73681B5B324A denied_mask="w"\n' >"$t/log"
	run -0 "$initward" explain --policy "$t/global" --log "$t/log"
	[[ $output != *$'\e'* ]]
	[[ $output == *'sh\x1b[2J'* ]]
	[[ $output == *'/a\x1b[2J\xff\x0a'* ]]
	"$initward" explain --json --policy "$t/global" --log "$t/log" >"$t/json"
	jq -e '.denials[0].record.name' "$t/json"
	run -0 iconv -f UTF-8 -t UTF-8 "$t/json"
}

# A journalctl that prints standard input, and ends with status $1.
fake_journal() {
	mkdir -p "$t/bin"
	cat >"$t/journal"
	printf '#!/bin/sh\necho "$@" >%q\ncat %q\nexit %d\n' "$t/asked" "$t/journal" "$1" >"$t/bin/journalctl"
	chmod +x "$t/bin/journalctl"
}

@test "explain: the journal is asked for the kernel's and the audit system's messages of this boot" {
	policy_of 'deny /initward-bats w,'
	fake_journal 0 <<'END'
{"_TRANSPORT":"kernel","SYSLOG_FACILITY":"0","MESSAGE":"audit: type=1400 audit(2.003:9): apparmor=\"DENIED\" operation=\"open\" profile=\"global\" name=\"/initward-bats\" denied_mask=\"w\""}
{"_TRANSPORT":"audit","_AUDIT_ID":"9","_SOURCE_REALTIME_TIMESTAMP":"2003000","MESSAGE":"AVC apparmor=\"DENIED\" operation=\"open\" profile=\"global\" name=\"/initward-bats\" denied_mask=\"w\""}
{"_TRANSPORT":"kernel","SYSLOG_FACILITY":"3","MESSAGE":"apparmor=\"DENIED\" operation=\"open\" profile=\"global\" name=\"/initward-bats\" denied_mask=\"w\""}
END
	PATH=$t/bin:$PATH run -0 --separate-stderr "$initward" explain --json --policy "$t/global"
	[ "$(jq '[.denials[] | select(.record.name == "/initward-bats") | .count] | add' <<<"$output")" = 1 ]
	grep -q -- '--boot .*--output=json .*_TRANSPORT=kernel _TRANSPORT=audit' "$t/asked"
	jq -e '.read | index("the journal")' <<<"$output"
}

@test "explain: a journal that cannot be read is told" {
	fake_journal 1 </dev/null
	PATH=$t/bin:$PATH run --separate-stderr "$initward" explain --json --policy "$policy"
	# Where the ring buffer is not for this user either, there is nothing to explain.
	case $status in
	0) jq -e '[.notes[] | select(startswith("not read: the journal"))] | length == 1' <<<"$output" ;;
	1) [[ $stderr == *"no log of this boot can be read"* ]] ;;
	*) return 1 ;;
	esac
}

@test "explain: bad usage is told, and ends with status 2" {
	for words in '--unknown' 'operand' '--log' '--policy' '--all=yes'; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr "$initward" explain $words
		[[ $stderr == *"try 'initward explain --help'" ]]
		[ -z "$output" ]
	done
	run -0 "$initward" explain --help
	[[ $output == *"--log FILE"*"Exit status: 0 explained"* ]]
}

@test "explain: a log that cannot be read is told in one line, and ends with status 1" {
	run -1 --separate-stderr "$initward" explain --policy "$policy" --log "$t/missing"
	in_one_line "$t/missing" 'No such file'
	run -1 --separate-stderr "$initward" explain --policy "$policy" --log "$t"
	in_one_line "$t" 'Is a directory'
	run -1 --separate-stderr timeout 10 "$initward" explain --policy "$policy" --log /dev/zero
	in_one_line /dev/zero 'a device'
	ln -s loop "$t/loop"
	run -1 --separate-stderr "$initward" explain --policy "$policy" --log "$t/loop"
	in_one_line 'symbolic links'
	echo x >"$t/private"
	chmod 0 "$t/private"
	chmod 755 "$t"
	if [ "$(id -u)" -eq 0 ]; then
		cp -r "$policy" "$t/copy"
		cp "$initward" "$t/initward"
		run -1 --separate-stderr setpriv --reuid 65534 --clear-groups \
			"$t/initward" explain --policy "$t/copy" --log "$t/private"
	else
		run -1 --separate-stderr "$initward" explain --policy "$policy" --log "$t/private"
	fi
	[[ $stderr == *ermission\ denied* ]]
}

@test "explain: any bytes are a log" {
	head -c 3000000 /dev/urandom >"$t/random"
	run -0 "$initward" explain --policy "$policy" --log "$t/random"
	head -c 3000000 /dev/zero >"$t/zero"
	run -0 "$initward" explain --policy "$policy" --log "$t/zero"
	: >"$t/empty"
	run -0 "$initward" explain --policy "$policy" --log "$t/empty"
	head -c 5000 "$log" >"$t/cut"
	run -0 "$initward" explain --policy "$policy" --log "$t/cut"
	[[ $output == *"kinds of denial"* ]]
}

@test "explain: twenty thousand different records take seconds" {
	awk 'BEGIN { for (i = 0; i < 20000; i++)
		printf "audit(1.0:%d): apparmor=\"DENIED\" operation=\"open\" profile=\"global\" name=\"/%d\" denied_mask=\"w\"\n", i, i }' >"$t/log"
	policy_of 'deny /1* w,'
	run -0 timeout 20 "$initward" explain --json --policy "$t/global" --log "$t/log"
	[ "$(jq '.denials | length' <<<"$output")" = 20000 ]
}

@test "explain: a policy that cannot be read is told in one line, and ends with status 1" {
	explain() {
		run -1 --separate-stderr "$initward" explain --log "$log" "$@"
	}
	explain --policy "$t/missing"
	in_one_line "$t/missing" 'No such file'
	mkdir "$t/none"
	explain --policy "$t/none"
	in_one_line "$t/none" 'no policy file'
	printf 'profile p {\n  /a r\n}\n' >"$t/p"
	explain --policy "$t/p"
	in_one_line "$t/p:3: a comma is missing"
	printf 'profile p {\n' >"$t/p"
	explain --policy "$t/p"
	in_one_line "$t/p" 'open at the end'
	printf 'include <missing>\n' >"$t/p"
	explain --policy "$t/p"
	in_one_line "$t/p:1" "$t/missing" 'No such file'
	printf 'include <p>\n' >"$t/p"
	explain --policy "$t/p"
	in_one_line 'include each other'
	mkdir "$t/many"
	for i in 1 2 3 4 5 6 7 8; do printf 'include <many>\n' >"$t/many/$i"; done
	printf 'include <many>\n' >"$t/p"
	run -1 --separate-stderr timeout 20 "$initward" explain --log "$log" --policy "$t/p"
	in_one_line 'cannot read the policy'
}

@test "explain: a full disk is told" {
	run -1 --separate-stderr bash -c '"$1" explain --policy "$2" --log "$3" >/dev/full' bash "$initward" "$policy" "$log"
	in_one_line 'No space left'
}

@test "explain: every asset of the first policy has its rule in the table, and the rule is in the policy" {
	sed '/^#/d; /^$/d' "$top/policy/basic/assets" | sort >"$t/assets"
	sed '/^#/d' "$top/tests/denials/assets" | cut -d' ' -f1,2 | sort >"$t/table"
	diff "$t/assets" "$t/table"
	sed '/^#/d' "$top/tests/denials/assets" | cut -d' ' -f3- | sort -u >"$t/rules"
	while IFS= read -r rule; do
		grep -qxF "  $rule" "$top/policy/basic/global"
	done <"$t/rules"
}

@test "explain: tests/explained finds a rule that is not the one, and a try that is not in the log" {
	cd "$top"
	run -1 tests/explained "$top/tests/denials/limited-7.3"
	[[ $output == *"not ok 1"*"# open /proc/sysrq-trigger: not in the log"* ]]
	mkdir "$t/bin"
	# says another line for one rule
	printf '#!/bin/sh\n%q "$@" | sed '\''s/"line":46/"line":47/; s/"line": *46/"line":47/'\''\n' "$initward" >"$t/bin/initward"
	chmod +x "$t/bin/initward"
	INITWARD_TOOL=$t/bin/initward run -1 tests/explained "$top/tests/denials/limited-7.3"
	[[ $output == *"append /etc/passwd: put down to policy/basic/global:47: deny /etc/passwd wl,"* ]]
}

# The parser says which regular expression it makes of a glob: "aare: GLOB   ->   EXPRESSION".
@test "explain: globs match what the parser's own regular expressions match" {
	atoms='a / * ** ? [ab] [^a] {a,b} {,/**} {**,} \* . ***'
	{
		echo 'profile p {'
		for x in $atoms; do for y in $atoms; do printf '  "/%s%s" r,\n  "/a%s%s" r,\n' "$x" "$y" "$x" "$y"; done; done |
			grep -v '"//' | sort -u
		echo '}'
	} >"$t/p"
	apparmor_parser --config-file /dev/null -QT -D rule-exprs "$t/p" 2>&1 | sed -n 's/^aare: //p' | grep '^/' | sort -u >"$t/pairs"
	[ "$(wc -l <"$t/pairs")" -gt 250 ]
	awk 'BEGIN { n = split("a b / * .", c, " "); print "/"
		for (i = 1; i <= n; i++) { print "/" c[i]
			for (j = 1; j <= n; j++) { print "/" c[i] c[j]
				for (k = 1; k <= n; k++) print "/" c[i] c[j] c[k] } } }' >"$t/names"
	sed 's/   ->   .*//' "$t/pairs" >"$t/patterns"
	"$GLOBS" "$t/patterns" "$t/names" >"$t/ours"
	perl -e 'open(P, shift); open(N, shift); chomp(my @n = <N>);
		while (<P>) { chomp; my ($glob, $re) = split(/   ->   /);
			print map { "$glob\t$_\n" } grep { /^(?:$re)\z/s } @n; }' \
		"$t/pairs" "$t/names" >"$t/theirs"
	diff "$t/ours" "$t/theirs"
	# and not because nothing ever matches
	[ "$(grep -c '^/{\*\*,}' "$t/ours")" -gt "$(wc -l <"$t/names")" ]
}
