#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The judge of the policies' tests, and the words that these tests have.

setup() {
	bats_require_minimum_version 1.5.0
	top=$BATS_TEST_DIRNAME/../..
	files=$top/qemu/policies.d
	facts=$BATS_TEST_TMPDIR/facts
	end='ended=poweroff panic=no trouble=0 seconds=9.00 arch=amd64 accel=tcg'
	printf '%s\n' 'outside=unconfined' 'guest=test.1=ok it holds' "guest=label.2=a//&* (enforce)	its label" \
		'label.2=a//&unconfined (enforce)' census.end.outsiders=0 census.end.tasks=4 guest=end=2 >"$facts"
}

judge() { awk -f "$files/judge.awk" -v name=here -v end="$end" "$facts"; }

# only_bad TEXT: one result is bad, this
only_bad() {
	run -0 judge
	[ "$(printf '%s\n' "$output" | grep -c '^not ok ')" -eq 1 ]
	[[ $output == *"not ok - here: "*"$1"* ]]
}

@test "a good boot passes, with all results" {
	run -0 judge
	[[ $output != *"not ok"* ]]
	[ "${#lines[@]}" -eq 4 ]
}

@test "a test that failed, and one that never came" {
	sed -i 's/=ok it holds/=failed it holds: status 1: no|/' "$facts"
	only_bad 'it holds: status 1: no|'
	sed -i '/test.1/d' "$facts"
	only_bad 'runs its 1 tests'
}

@test "another label, and none" {
	sed -i 's/^label.2=.*/label.2=a (enforce)/' "$facts"
	only_bad 'its label'
	[[ $output == *"it is a (enforce)"* ]]
	sed -i '/^label.2=/d' "$facts"
	only_bad 'its label'
}

@test "a pattern of a label has no special letters but the asterisk" {
	sed -i 's/^label.2=.*/label.2=aXXXXunconfined (enforce)/; s/^guest=label.2=[^\t]*/guest=label.2=a....unconfined (enforce)/' "$facts"
	only_bad 'its label'
}

@test "somebody outside of the layer, and a census of nobody" {
	sed -i 's/outsiders=0/outsiders=1/' "$facts"
	echo 'census.end.outsider=17 [unconfined] /bin/x' >>"$facts"
	only_bad 'nobody is outside'
	[[ $output == *"/bin/x"* ]]
	sed -i 's/outsiders=1/outsiders=0/; s/tasks=4/tasks=0/' "$facts"
	only_bad 'nobody is outside'
}

@test "a boot that does not end well, and an observer that is confined itself" {
	end='ended=limit panic=no trouble=0 seconds=300.00'
	only_bad 'powers off'
	end='ended=poweroff panic=no trouble=1 seconds=9.00'
	only_bad 'powers off'
	end='ended=poweroff panic=no trouble=0 seconds=9.00'
	sed -i 's/^outside=.*/outside=global/' "$facts"
	only_bad 'powers off'
}

# words COMMAND...: in a shell with the tests' functions; the observer is a file.
words() {
	room=$BATS_TEST_TMPDIR/room
	mkdir -p "$room"
	printf '%s\n' 6.12 >"$room/series"
	printf '%s\n' x >"$room/policy"
	printf '#!/bin/sh\nprintf "%%s\\n" "$*" >>%s/said\n' "$room" >"$room/ask"
	chmod +x "$room/ask"
	sed "s,^room=.*,room=$room," "$files/guest/functions" >"$room/functions"
	sh -c ". $room/functions; $1" && cat "$room/said"
}

@test "holds, refused and cannot say what came of the command" {
	run -0 words 'holds good true; holds bad false; refused good sh -c "echo Permission denied; false"; refused bad true; refused other false
		cannot good false; cannot bad true; finish'
	[ "$output" = 'say test.1=ok good
say test.2=failed bad: status 1: 
say test.3=ok good
say test.4=failed bad: it went on: 
say test.5=failed other: it failed for another reason, status 1: 
say test.6=ok not possible: good
say test.7=failed a kernel can do now: bad
say end=7' ]
}

@test "since compares series" {
	run -0 words 'holds a since 6.12; holds b since 5.10; holds c since 7.0; holds d since 6.2; finish'
	[ "$output" = 'say test.1=ok a
say test.2=ok b
say test.3=failed c: status 1: 
say test.4=ok d
say end=4' ]
}

@test "each policy of the library has a test, and each test a policy" {
	for about in "$top"/policy/*/about; do
		name=${about%/about} name=${name##*/}
		[ "$name" = "$(basename "$(realpath "$top/policy/$name")")" ] || continue
		case $name in
		stock | strict | sealed) continue ;; # whole systems: qemu/distro
		esac
		[ -x "$files/$name/run" ] || { echo "$name has no test"; return 1; }
	done
	for run in "$files"/*/run; do
		name=${run%/run} name=${name##*/}
		case $name in
		containers | stack) continue ;; # of the tool, and of the kernel
		esac
		[ -e "$top/policy/$name/README.md" ] || { echo "$name has no policy"; return 1; }
	done
}

# Of docs/coverage.md: *POLICY*: "TEXT", "TEXT", up to the next policy; a text may end in "...".
@test "docs/coverage.md names tests that there are" {
	names=$(awk '
		/^\| / {
			rest = $0
			while (match(rest, /\*[a-z-]+\*|"[^"]*"/)) {
				word = substr(rest, RSTART + 1, RLENGTH - 2)
				if (substr(rest, RSTART, 1) == "*") policy = word
				else if (policy != "") print policy "\t" word
				rest = substr(rest, RSTART + RLENGTH)
			}
			policy = ""
		}' "$top/docs/coverage.md")
	[ "$(printf '%s\n' "$names" | wc -l)" -gt 40 ]
	printf '%s\n' "$names" | while IFS=$'\t' read -r policy text; do
		grep -rqF -e "${text%...}" "$files/$policy" || { echo "no test \"$text\" of $policy"; exit 1; }
	done
}
