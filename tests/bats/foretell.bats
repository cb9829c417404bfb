#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016 # text for other programs
#
# qemu/foretell: does a difference between what is foretold and what a boot showed come to light? The tool
# is one that answers what the test wants.

bats_require_minimum_version 1.5.0

setup() {
	foretell=$BATS_TEST_DIRNAME/../../qemu/foretell
	log=$BATS_TEST_TMPDIR
	export INITWARD_TOOL=$log/tool
	answer confined null null
	cat >"$log/facts" <<-'END'
		proof=EACCES
		init.label=global//&:application:unconfined (enforce)
		lsm=capability,apparmor
	END
	printf '[    1.5] initward: %s\r\n' "warning: ignored on the kernel command line: \"a\"=\"b\" (x)" \
		"confined: global//&:application:unconfined policy=enforce mode=hidden level=compatible init=/sbin/init set=6.1 fit=exact unmediated=dbus a_b profiles=1 bytes=20 nanoseconds=5" \
		>"$log/console"
}

# answer VERDICT STEP WHY: what the tool will say; STEP and WHY are JSON
answer() {
	cat >"$log/json" <<-END
		{
		  "title":null,
		  "verdict":"$1",
		  "status":$(status_of "$1"),
		  "step":$2,
		  "why":$3,
		  "kernel":{
		    "image":"x"
		  },
		  "lsm":"capability,apparmor",
		  "settings":{
		    "policy":"enforce",
		    "mode":"hidden",
		    "level":"compatible",
		    "init":"/sbin/init"
		  },
		  "label":"global//&:application:unconfined",
		  "policy":{
		    "set":"6.1",
		    "fit":"exact",
		    "unmediated":"a_b dbus",
		    "profiles":1,
		    "bytes":20
		  },
		  "ignored":"\"a\"=\"b\" (x)",
		  "others":[
		  ]
		}
	END
	printf '#!/bin/sh\ncat %s/json\nexit %s\n' "$log" "$(status_of "$1")" >"$INITWARD_TOOL"
	chmod +x "$INITWARD_TOOL"
}

status_of() {
	case $1 in
	confined) echo 0 ;;
	complain) echo 3 ;;
	unknown) echo 5 ;;
	*) echo 4 ;;
	esac
}

foretell() {
	run -0 "$foretell" "$log" --seen "${seen:-up}" --kernel k --config c --append '' --initrd i "$@"
}

failed() {
	printf '[    1.5] initward: FAILED: %s\n[    1.6] initward: on_failure=continue: /x runs UNCONFINED by initward\n' \
		"$1" >"$log/console"
	printf 'proof=ok\ninit.label=unconfined\n' >"$log/facts"
	sed -i 's/"ignored":.*/"ignored":"",/' "$log/json"
}

@test "the same: nothing is said" {
	foretell
	[ -z "$output" ]
}

@test "each point that differs is said" {
	for point in 'verdict confined complain' 'level compatible sealed' 'set 6.1 5.10' 'fit exact features' \
		'unmediated a_b c' 'unmediated dbus x' 'profiles 1 2' 'bytes 20 21' 'mode hidden visible' 'init /sbin/init /init' \
		'lsm capability,apparmor capability' 'policy enforce off' 'ignored x y' \
		'label application:unconfined unconfined'; do
		read -r what from to <<<"$point"
		answer confined null null
		sed -i "/\"$what\"/s|$from|$to|" "$log/json"
		grep -qF "$to" "$log/json"
		foretell
		[[ $output == "check: $what: foretold "* ]] || [[ $output == *$'\n'"check: $what: foretold "* ]]
	done
}

@test "a step and its words: more may be said than by the loader, not something else" {
	answer unconfined '"load"' '"refused: EPROTO; a reason \"why\""'
	failed 'load: refused: EPROTO'
	foretell
	[ -z "$output" ]
	failed 'load: refused: EACCES'
	foretell
	[[ $output == 'check: why: foretold refused: EPROTO; a reason "why", the boot showed refused: EACCES' ]]
	failed 'policy: refused: EPROTO'
	foretell
	[ "$output" = 'check: step: foretold load, the boot showed policy' ]
	# what the loader's line has no room for
	answer unconfined '"policy"' '"bad name \"aaaaaaaaaa\""'
	failed 'policy: bad name "aaa...'
	foretell
	[ -z "$output" ]
	failed 'policy: bad name "aab...'
	foretell
	[[ $output == 'check: why: foretold bad name "aaaaaaaaaa", the boot showed bad name "aab...' ]]
	# a byte that is no UTF-8
	answer unconfined '"policy"' '"no file /?x"'
	failed "policy: no file /$(printf '\356')x"
	foretell
	[ -z "$output" ]
}

@test "the kernel's evidence counts, not the loader's words" {
	sed -i 's/^proof=.*/proof=ok/' "$log/facts"
	foretell
	[ "${lines[0]}" = 'check: verdict: foretold confined, the boot showed complain' ]
	sed -i 's/^init.label=.*/init.label=unconfined/' "$log/facts"
	foretell
	[ "${lines[0]}" = 'check: verdict: foretold confined, the boot showed unconfined' ]
	sed -i 's/^proof=.*/proof=EACCES/' "$log/facts"
	foretell
	[[ ${lines[0]} == 'check: verdict: foretold confined, the boot showed label unconfined with proof EACCES' ]]
	seen=panic foretell
	[ "${lines[0]}" = 'check: verdict: foretold confined, the boot showed stops' ]
}

@test "what cannot be foreseen has to be called unknown, and only that" {
	foretell --unknown 'a reason'
	[ "$output" = 'check: foretold confined, but this scenario says that nobody can foresee it: a reason' ]
	answer unknown '"first program"' '"x"'
	foretell --unknown 'a reason'
	[ -z "$output" ]
	foretell
	[ "${lines[0]}" = 'check: verdict: foretold unknown (first program: x), the boot showed confined' ]
}

@test "a tool that does not answer, or whose status is another" {
	printf '#!/bin/sh\necho "initward check: cannot" >&2\nexit 1\n' >"$INITWARD_TOOL"
	foretell
	[ "$output" = 'check: no answer, status 1: initward check: cannot' ]
	answer confined null null
	sed -i 's/exit 0/exit 3/' "$INITWARD_TOOL"
	foretell
	[ "$output" = 'check: exit status: foretold 3 for confined, the boot showed 0' ]
	printf '#!/bin/sh\necho "{"\n' >"$INITWARD_TOOL"
	foretell
	[ -n "$output" ]
}

@test "wrong usage" {
	run -2 "$foretell"
	run -1 "$foretell" "$log" --nonsense x
	run -1 "$foretell" "$log" --seen
	run -0 "$foretell" --help
}
