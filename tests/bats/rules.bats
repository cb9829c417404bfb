#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2154 # variables of compile.bash
# Which rules of the sources have no effect with which set, told when they are compiled.

bats_require_minimum_version 1.5.0

setup() {
	load compile
	policy=$BATS_TEST_TMPDIR/policy
	make_policy "$policy"
}

# rules TEXT: a profile global with those rules, the first in line 3
rules() {
	printf 'profile global {\nfile, deny /proc/version w,\n%s\n}\n' "$1" >"$policy/global"
}

# compile_all OPTION...: for 5.10, 6.17 and 7.3
compile_all() {
	"$initward" compile --no-cache --features "$features" --set 5.10 --set 6.17 --set 7.3 \
		-o "$BATS_TEST_TMPDIR/bundle" "$@" "$policy"
}

# The sets' names behind "note:" of the rule in a line: sets_of LINE
sets_of() {
	grep -F "$policy/global:$1: " <<<"$output" | sed 's/^note: set //; s/^note: //; s/: .*//'
}

@test "a rule has the sets named that do not mediate its class, and no other rule" {
	rules $'dbus send bus=system,\nptrace,\nmount fstype=tmpfs,\nset rlimit nofile <= 1024,\nsignal,'
	run -0 compile_all
	[ "$(sets_of 3)" = 5.10 ]
	[[ $output == *"$policy/global:3: \"dbus send bus=system,\": no effect, not mediated by its kernels"* ]]
	[ "$(grep -c 'no effect' <<<"$output")" = 1 ]
}

@test "a rule of one line among others has its own line, a rule of many the first" {
	rules $'ptrace, dbus, signal,\ndbus\n    send,'
	run -0 compile_all
	[ "$(sets_of 3)" = 5.10 ]
	[[ $output == *"$policy/global:4: \"dbus send,\": no effect"* ]]
}

@test "a deny without effect is told like what it takes back" {
	rules $'audit deny dbus,\ndeny ptrace,\ndeny mount,'
	run -0 compile_all
	[[ $output == *"$policy/global:3: \"audit deny dbus,\": no effect"* ]]
	[ "$(grep -c 'no effect' <<<"$output")" = 1 ]
}

@test "a rule that another one covers is not told: that is no matter of kernels" {
	rules $'mount,\nmount fstype=tmpfs,\ncapability,\ncapability chown,'
	run -0 compile_all
	[[ $output != *"no effect"* ]]
}

@test "a class that the ABI leaves out is told for every set, with that reason" {
	mkdir "$policy/abi"
	cp "$top/policy/basic/abi/initward" "$policy/abi/"
	rules $'network inet stream,\nptrace,\ndbus,'
	sed -i '1s/^/abi <abi\/initward>, /' "$policy/global"
	run -0 compile_all
	[[ $output == *"note: every set: $policy/global:3: \"network inet stream,\": no effect, left out by the ABI that the policy names"* ]]
	[[ $output == *"note: set 5.10: $policy/global:5: \"dbus,\": no effect, not mediated by its kernels"* ]]
	[[ $output == *"note: set 6.17, 7.3: $policy/global:5: \"dbus,\": no effect, left out by the ABI that the policy names"* ]]
	[ "$(sets_of 4)" = "" ]
}

@test "the same rules in a source without the ABI have their effect" {
	cp -r "$top/policy/basic/abi" "$policy/"
	rules 'network inet stream,'
	printf 'abi <abi/initward>,\nprofile other {\n  network inet stream,\n}\n' >"$policy/other"
	run -0 compile_all
	[[ $output == *"$policy/other:3: \"network inet stream,\": no effect"* ]]
	[[ $output != *"$policy/global:3: "* ]]
}

@test "a rule that is weakened is told with the parser's words" {
	rules 'unix (send) peer=(label=x),'
	run -0 compile_all
	[[ $output == *"$policy/global:3: \"unix (send) peer=(label=x),\" is weaker than it says: downgrading extended network unix socket rule"* ]]
}

@test "rules of included files are named where they stand, once" {
	mkdir "$policy/local"
	echo 'dbus,' >"$policy/local/x"
	rules $'include <local/x>\ninclude if exists <local/none>'
	printf 'profile other {\n  include <local>\n}\n' >"$policy/other"
	run -0 compile_all
	[ "$(grep -c "note: set 5.10: $policy/local/x:1: \"dbus,\": no effect" <<<"$output")" = 1 ]
}

@test "variables do not keep a rule from being tried" {
	rules $'dbus send peer=(label=@{A}@{profile_name}),\nsignal peer=@{A},'
	sed -i '1s/^/@{A}=a b\n/' "$policy/global"
	run -0 compile_all
	[ "$(sets_of 4)" = 5.10 ]
	[ "$(grep -c 'no effect' <<<"$output")" = 1 ]
}

@test "many rules that fare alike are one line, with -v each its own" {
	for i in 1 2 3 4 5 6 7; do
		echo "profile p$i { dbus bus=b$i, }" >"$policy/p$i"
	done
	run -0 compile_all
	[ "$(grep -c 'no effect' <<<"$output")" = 1 ]
	[[ $output == *"note: set 5.10: $policy/p1:1: \"dbus bus=b1,\" and 6 more dbus rules in 7 files: no effect"* ]]
	run -0 compile_all -v
	[ "$(grep -c 'no effect' <<<"$output")" = 7 ]
}

@test "a rule that cannot be tried by itself is no failure, and hides no other" {
	fake_parser <<'EOF'
for last; do
	case $last in
	*/probe/*) if grep -q fstype "$last"; then echo "syntax error" >&2; exit 1; fi ;;
	esac
done
EOF
	for i in 1 2 3 4 5 6 7 8 9; do
		echo "profile p$i { dbus bus=b$i, mount fstype=f$i, }" >"$policy/p$i"
	done
	run -0 compile_all -v --parser "$BATS_TEST_TMPDIR/parser"
	[ "$(grep -c 'dbus bus=b.,": no effect, not mediated' <<<"$output")" = 9 ]
	[[ $output != *fstype* && $output != *"syntax error"* ]]
}

@test "--quiet does not look for them" {
	rules 'dbus,'
	run -0 compile_all -q
	[ -z "$output" ]
}
