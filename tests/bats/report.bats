#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The report of the boot matrix, from a small results folder that has everything in it once.
bats_require_minimum_version 1.5.0

lsm=lockdown,capability,apparmor

# cell KERNEL SCENARIO VERDICT TRIES SECONDS [WHY...]: console and facts come on standard input
cell() {
	local folder=$out/cells/${1//:/-}/$2
	mkdir -p "$folder"
	cat >"$folder/console"
	printf 'verdict = %s\nseen = up\nwanted = up\ntries = %s\nseconds = %s\n' \
		"$3" "$4" "$5" >"$folder/verdict"
	printf 'append = quiet\nkey = 0\n' >>"$folder/verdict"
	shift 5
	: >"$folder/why"
	[ $# -eq 0 ] || printf '%s\n' "$@" >"$folder/why"
	printf 'begin=ok\nend=ok\n' >"$folder/facts"
}

make_tables() {
	printf '6.1\t6.1\tamd64\tcloud\t6.1\t%s\tlinux-image-6.1\t6.1.5-1\tavailable\t/x\n' "$lsm"
	printf '6.16\t6.16\tamd64\tcloud\t6.16\t%s\t-\t-\tnot-available\t-\n' "$lsm"
	printf '6.1:arm64\t6.1\tarm64\tcloud\t6.1\t%s\tlinux-image-6.1\t6.1.5-1\tavailable\t/y\n' "$lsm"
}

make_scenarios() {
	cat <<-'EOF'
		default-visible|group|default
		default-visible|about|Visible *mode* <b>as it is</b> | meant
		default-visible|outcome|up
		default-visible|conf|mode = visible
		default-visible|expect|lsm {lsm}
		default-visible|expect@arm64|arch arm
		default-hidden|group|default
		default-hidden|append|
		default-hidden|expect|proof EACCES
		default-hidden|says|initward: confined*
		nasty|group|strange
		nasty|fault|bytes </script><!-- "&" \ `x`
		silent|group|strange
		silent|expect|proof ok
		only-arm|group|strange
		only-arm|kernels|6.1:arm64
	EOF
}

make_run() {
	cat <<-'EOF'
		version = 1
		started = 2026-11-21T22:10:04Z
		ended = 2026-11-21T22:48:12Z
		seconds = 2288
		complete = yes
		cores = 4
		host = Linux x86_64
		qemu = 7.2.22
		accel = amd64=tcg arm64=tcg
		loader = 29704 bytes, sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
		commit = 0123abc
	EOF
}

make_cells() {
	local good='[    0.000000] Linux\r\n[    1.500000] initward: confined: x nanoseconds=%s\r\n'
	printf "$good" 11 | cell 6.1 default-visible passed 2 4.25
	printf '[    0.000000] Linux, dead\r\n' >"$out/cells/6.1/default-visible/console.1"
	printf "$good" 22 | cell 6.1:arm64 default-visible passed 1 5
	printf 'Linux\r\n[12345.000001] initward: FAILED: x\r\n' | cell 6.1 default-hidden failed 1 4 \
		'expect: proof EACCES, but there is "ok"' 'says: initward: confined*, but there is nothing'
	{
		printf '\033[2J\001\377\000\357\277\277</script>\r\n'
		printf '[    1.5] initward: <&>"\001\\\377\355\240\200\ttab'
	} | cell 6.1 nasty passed 1 4
	printf 'SeaBIOS\r\n' | cell 6.1 silent no-verdict 3 90 'no verdict after 3 boots: ended=limit'
	printf '' | cell 6.1:arm64 only-arm passed 1 4
	# died while it was written
	mkdir -p "$out/cells/6.1-arm64/nasty"
	: >"$out/cells/6.1-arm64/nasty/verdict"
	# of another run: not in jobs
	printf 'old\n' | cell 6.1 only-arm failed 1 4 'of another run'
}

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	cd "$top" || return 1
	out="$BATS_TEST_TMPDIR/the results"
	mkdir -p "$out/cells"
	make_tables >"$out/kernels"
	make_scenarios | tr '|' '\t' | sed 's/it is<\/b> \t/it is<\/b> |/' >"$out/scenarios"
	make_run >"$out/run"
	printf '6.1 %s\n' default-visible default-hidden nasty silent >"$out/jobs"
	printf '6.1:arm64 %s\n' default-visible default-hidden nasty silent only-arm >>"$out/jobs"
	make_cells
}

report() {
	run -0 qemu/report --out "$out"
	[ "$output" = "" ]
}

# ask FILTER: of report.json, one line
ask() { jq -c "$1" "$out/report.json"; }

xpath() { xmllint --xpath "$1" "$out/report.xml"; }

# block ID: what is packed in the page under that id
block() {
	awk -v id="id=\"$1\">" '
		index($0, "<script type=\"text/plain\"") && index($0, id) { on = 1; next }
		on && $0 == "</script>" { exit }
		on' "$out/report.html" | base64 -d | gzip -dc
}

# log KERNEL NAME: the log as the page puts it together again
log() {
	block "logs:$1" | LC_ALL=C awk -v name="$2" '
		NR == 1 { logs = $1; words = $2; next }
		NR <= 1 + logs { first[NR - 1] = total; n = split($0, part, " "); total += part[n]
			called[NR - 1] = part[1]; count[NR - 1] = part[n]; next }
		NR <= 1 + logs + words { word[NR - 1 - logs] = $0; next }
		NR <= 1 + logs + words + total { line[NR - 1 - logs - words] = $0; next }
		{ stamp[NR - 1 - logs - words - total] = $0 }
		END {
			for (i = 1; i <= logs; i++) if (called[i] == name)
				for (j = first[i] + 1; j <= first[i] + count[i]; j++) {
					at += 1 + line[j]
					time += stamp[j]
					if (stamp[j] != "")
						printf "[%5d.%06d] ", int(time / 1000000), time % 1000000
					print word[at]
				}
		}'
}

@test "a report is four files and nothing else, in a folder with a space" {
	before=$(ls -A "$out")
	report
	run -0 diff <(printf '%s\n' "$before" report.html report.json report.md report.xml | sort) \
		<(ls -A "$out" | sort)
}

@test "every file of a report is the same the second time" {
	report
	sums=$(cat "$out"/report.* | sha256sum)
	report
	[ "$(cat "$out"/report.* | sha256sum)" = "$sums" ]
}

@test "the JSON counts every verdict once, and only the cells of this run" {
	report
	[ "$(ask '.summary | [.cells, .passed, .failed, .no_verdict, .left_out, .not_available]')" = \
		"[9,4,1,1,3,5]" ]
	[ "$(ask '.summary | [.boots, .retries, .boots_without_verdict, .no_verdict_rate]')" = \
		"[9,3,4,0.4444444444444444]" ]
	[ "$(ask '[.complete, .interrupted, .run.qemu, .run.accel]')" = \
		'[true,false,"7.2.22","amd64=tcg arm64=tcg"]' ]
	[ "$(ask '[.kernels[] | [.name, .status, .counts.passed]]')" = \
		'[["6.1","available",2],["6.16","not-available",0],["6.1:arm64","available",2]]' ]
	[ "$(ask '[.cells[] | select(.scenario == "only-arm") | [.kernel, .verdict]]')" = \
		'[["6.16","not-available"],["6.1:arm64","passed"]]' ]
}

@test "the JSON has each cell's reasons and the loader's lines" {
	report
	[ "$(ask '.cells[] | select(.verdict == "failed") | [.kernel, .scenario, .says, .append]')" = \
		'["6.1","default-hidden",["initward: FAILED: x"],"quiet"]' ]
	[ "$(ask '.cells[] | select(.verdict == "failed") | .why[0]')" = \
		'"expect: proof EACCES, but there is \"ok\""' ]
	[ "$(ask '.cells[0] | [.tries, .seconds, .seen, .wanted]')" = '[2,4.25,"up","up"]' ]
}

@test "the JSON has the scenarios as written, and as each kernel gets them" {
	report
	[ "$(ask '[.scenarios[] | .name + " " + .group] | join(", ")')" = '"'"$(printf '%s, ' \
		'default-visible default' 'default-hidden default' 'nasty strange' \
		'silent strange')"'only-arm strange"' ]
	[ "$(ask '.scenarios[0].about')" = '"Visible *mode* <b>as it is</b> | meant"' ]
	[ "$(ask '.scenarios[0].lines | .[2:]')" = '[["expect","lsm {lsm}"],["expect@arm64","arch arm"]]' ]
	[ "$(ask '.scenarios[0].variants | map([.kernels, (.lines | length), .lines[2][1]])')" = \
		"[[[\"6.1\",\"6.16\"],3,\"lsm $lsm\"],[[\"6.1:arm64\"],4,\"lsm $lsm\"]]" ]
}

@test "the JUnit file is valid, and its numbers are those of its parts" {
	report
	run -0 xmllint --noout --relaxng tests/bats/junit.rng "$out/report.xml"
	expected="14 1 1 8"
	run -0 xpath 'concat(/*/@tests, " ", /*/@failures, " ", /*/@errors, " ", /*/@skipped)'
	[ "$output" = "$expected" ]
	for n in 1 2 3; do
		[ "$(xpath "number(//testsuite[$n]/@tests) = count(//testsuite[$n]/testcase)")" = true ]
		[ "$(xpath "number(//testsuite[$n]/@skipped) = count(//testsuite[$n]//skipped)")" = true ]
		[ "$(xpath "number(//testsuite[$n]/@failures) = count(//testsuite[$n]//failure)")" = true ]
		[ "$(xpath "number(//testsuite[$n]/@errors) = count(//testsuite[$n]//error)")" = true ]
	done
}

@test "the JUnit file tells failed, no verdict, left out and not available apart" {
	report
	[ "$(xpath 'string(//testsuite[@name="6.1"]/testcase[@name="default-hidden"]/failure)')" = \
		"$(cat "$out/cells/6.1/default-hidden/why")" ]
	[ "$(xpath 'string(//testcase[@classname="6.1.strange"][@name="silent"]/error/@message)')" = \
		"no verdict after 3 boots: ended=limit" ]
	[ "$(xpath 'count(//testsuite[@name="6.16"]/testcase/skipped)')" = 5 ]
	[ "$(xpath 'count(//testsuite[3]/testcase/skipped[contains(@message,"left out")])')" = 3 ]
	[ "$(xpath 'string(//testsuite[@name="6.1"]/testcase[@name="default-visible"]/system-out)')" = \
		"initward: confined: x nanoseconds=11" ]
	[ "$(xpath 'string(//testsuite[@name="6.1"]/testcase[1]/@time)')" = 4.25 ]
}

@test "the Markdown has a table for each group, with a mark for each verdict" {
	report
	run -0 cat "$out/report.md"
	[[ $output == *"| 6.1 | amd64 cloud | linux-image-6.1 | 6.1.5-1 | 2 | 1 | 1 | 0 |"* ]]
	[[ $output == *"| 6.16 | amd64 cloud | not available |"* ]]
	[[ $output == *"| scenario | 6.1 | 6.16 | 6.1<br>arm64 |"* ]]
	[[ $output == *"### Results: default"*"| [default-visible](#default-visible) | ok | n/a | ok |"* ]]
	[[ $output == *"| [default-hidden](#default-hidden) | **FAILED** | n/a | · |"* ]]
	[[ $output == *"### Results: strange"*"| [silent](#silent) | **?** | n/a | · |"* ]]
	[[ $output == *"| [only-arm](#only-arm) |   | n/a | ok |"* ]]
}

@test "the Markdown begins with what did not pass, and why" {
	report
	run -0 sed -n '/^## What did not pass/,/^## Results/p' "$out/report.md"
	[[ $output == *'[default-hidden](#default-hidden) on 6.1: failed'* ]]
	[[ $output == *'    - expect: proof EACCES, but there is "ok"'* ]]
	[[ $output == *'[silent](#silent) on 6.1: no verdict'* ]]
}

@test "the links of the Markdown lead to its headings, a name with a dot too" {
	sed -i 's/^silent\t/silent-6.1\t/' "$out/scenarios"
	sed -i 's/ silent$/ silent-6.1/' "$out/jobs"
	report
	grep -qF '| [silent-6.1](#silent-61) |' "$out/report.md"
	run -0 tests/lint/run --tree "$out" links
}

@test "the Markdown says what a scenario is, and who said what" {
	report
	run -0 sed -n '/^### default-visible/,/^### default-hidden/p' "$out/report.md"
	[[ $output == *'Visible \*mode\* \<b\>as it is\</b\> \| meant'* ]]
	[[ $output == *"conf       mode = visible"* ]]
	[[ $output == *"expect@arm64 arch arm"* ]]
	# two boots said it, with other figures: one line, and no kernels, since all of them did
	[ "$(grep -c 'initward: confined' <<<"$output")" = 1 ]
	[[ $output == *'```text
initward: confined: x nanoseconds=…
```'* ]]
}

@test "a scenario's lines name the kernels where not all of them said it" {
	printf 'initward: other\n' | cell 6.1:arm64 default-hidden passed 1 4
	report
	run -0 sed -n '/^### default-hidden/,/^### nasty/p' "$out/report.md"
	[[ $output == *'on all but 6.1 arm64:
initward: FAILED: x

on all but 6.1:
initward: other'* ]]
}

# became SEEN LABEL PROOF: what the report says of a cell with these facts
became() {
	sed -i "s/^seen = .*/seen = $1/" "$out/cells/6.1/silent/verdict"
	printf 'begin=ok\ninit.label=%s\nproof=%s\n' "$2" "$3" >"$out/cells/6.1/silent/facts"
	report
	ask '.cells[] | select(.kernel == "6.1" and .scenario == "silent").state'
}

@test "what became of the next init is told by its label and the reserved path, not by the loader" {
	hidden='global//&:application:unconfined (enforce)'
	[ "$(became up "${hidden//&/\&}" EACCES)" = '"confined"' ] || [ "$(became up "$hidden" EACCES)" = '"confined"' ]
	[ "$(became up "$hidden" ok)" = '"dry run"' ]
	[ "$(became up "$hidden" EROFS)" = '"unknown"' ]
	[ "$(became up unconfined ok)" = '"unconfined"' ]
	[ "$(became up '<EINVAL>' ok)" = '"unconfined"' ]
	[ "$(became up '<EINVAL>' EACCES)" = '"unknown"' ]
	[ "$(became up 'global (enforce)' EACCES)" = '"other"' ]
	[ "$(became panic unconfined ok)" = '"no boot"' ]
	[ "$(became nothing '' '')" = '"unknown"' ]
}

@test "of a run that was gone on with, only what it answered itself counts" {
	printf '6.1 default-hidden\n' >"$out/answered"
	report
	[ "$(ask '[.cells[] | select(.kernel == "6.1").verdict]')" = \
		'["left-out","failed","left-out","left-out"]' ]
}

@test "the sign of it stands beside the verdict, in the page and in the table" {
	printf 'begin=ok\ninit.label=global//&unconfined (enforce)\nproof=EACCES\n' >"$out/cells/6.1/default-visible/facts"
	report
	grep -qF 'ok<sup>2×</sup> <i title="confined">●</i></a></td>' "$out/report.html"
	grep -qF '| [default-visible](#default-visible) | ok ● | n/a | ok |' "$out/report.md"
}

@test "the page stands alone: no address outside of it" {
	report
	run ! grep -nE 'https?://|<link [^>]*href="[^d]|<script [^>]*src|@import|url\(' "$out/report.html"
}

@test "the page's table has every cell with its verdict" {
	report
	for count in 'p">ok</a>:3' 'p">ok<sup>2×</sup>:1' 'f">FAILED</a>:1' \
		'v">no verdict</a>:1' 'l">left out</a>:3' 'a">n/a</td>:5'; do
		what=${count%:*}
		found=$(sed 's/<td/\n<td/g' "$out/report.html" | sed -E 's/<a href="[^"]*">//' |
			grep -cF "<td class=\"$what" || :)
		[ "$found" = "${count##*:}" ] || { echo "$what: $found"; return 1; }
	done
	grep -qF '<a href="#6.1:arm64/only-arm">ok</a>' "$out/report.html"
	grep -qF 'Visible *mode* &lt;b&gt;as it is&lt;/b&gt; | meant' "$out/report.html"
}

@test "the page carries the JSON, whole" {
	report
	run -0 cmp <(block report) "$out/report.json"
}

@test "the page carries every console log and fact, byte for byte but for carriage returns" {
	report
	for log in default-visible/console default-visible/console.1 default-visible/facts \
		default-hidden/console nasty/console silent/console; do
		run -0 cmp <(log 6.1 "$log") <(sed 's/\r*$//' "$out/cells/6.1/$log" | sed -e '$a\')
	done
	run -0 cmp <(log 6.1:arm64 default-visible/console) \
		<(tr -d '\r' <"$out/cells/6.1-arm64/default-visible/console")
}

@test "nothing from a console or a scenario gets out of its place" {
	report
	# one block for the report, one for each kernel, one for the program
	[ "$(grep -c '<script' "$out/report.html")" = 5 ]
	[ "$(grep -c '</script' "$out/report.html")" = 5 ]
	[ "$(grep -c '<!--' "$out/report.html")" = 1 ] # the licence
	run -0 jq -e '.cells[] | select(.scenario == "nasty" and .says) | .says[0]
		| test("^\\[    1.5\\] initward: <&>\"\ufffd\\\\\ufffd+\ttab$")' "$out/report.json"
	run -0 xmllint --noout "$out/report.xml"
	run ! grep -nP '[\x00-\x08\x0b-\x1f\x7f]' "$out/report.md"
	run -0 iconv -f UTF-8 -t UTF-8 -o /dev/null "$out/report.json" "$out/report.xml" "$out/report.md"
}

@test "a run that passed says so, and shows no list of failures" {
	for scenario in default-hidden silent; do printf '' | cell 6.1 $scenario passed 1 4; done
	for scenario in default-hidden nasty silent; do
		printf '' | cell 6.1:arm64 $scenario passed 1 4
	done
	report
	[ "$(ask '[.complete, .summary.failed, .summary.left_out]')" = '[true,0,0]' ]
	[ "$(xpath 'count(//failure) + count(//error)')" = 0 ]
	grep -qx 'Nothing.' "$out/report.md"
	grep -q '<strong class="whole">complete' "$out/report.html"
	run ! grep -q 'class="bad"' "$out/report.html"
}

@test "an interrupted run is called interrupted" {
	sed -i '/^ended/d; s/^complete.*/complete = no/' "$out/run"
	report
	[ "$(ask '[.complete, .interrupted]')" = '[false,true]' ]
	grep -q '^| run | .*interrupted; 3 cells were not run' "$out/report.md"
	grep -q '<strong class="part">interrupted; 3 cells were not run' "$out/report.html"
}

@test "a run that was killed has a report too" {
	rm "$out/run"
	report
	[ "$(ask '[.complete, .interrupted, .summary.passed]')" = '[false,true,4]' ]
	run -0 xmllint --noout --relaxng tests/bats/junit.rng "$out/report.xml"
}

refused() {
	run -1 qemu/report --out "$1"
	[ "${#lines[@]}" = 1 ]
	[[ $output == "qemu/report: "*"$2"* ]]
}

@test "an empty folder, and none at all, are refused in one line" {
	mkdir "$BATS_TEST_TMPDIR/empty"
	refused "$BATS_TEST_TMPDIR/empty" "the file kernels cannot be read; run qemu/matrix first"
	[ "$(ls -A "$BATS_TEST_TMPDIR/empty")" = "" ]
	refused "$BATS_TEST_TMPDIR/none" "there is no folder"
	: >"$out/jobs"
	refused "$out" "the file jobs is empty"
}

@test "a broken table is refused with file and line, and nothing is written" {
	printf '6.1 ../../etc\n' >>"$out/jobs"
	refused "$out" 'jobs:10: "6.1 ../../etc" is no "KERNEL SCENARIO" that is known'
	sed -i '$d' "$out/jobs"
	printf 'broken line\n' >>"$out/scenarios"
	refused "$out" 'scenarios:17: not "SCENARIO TAB KEY TAB VALUE"'
	sed -i '$d' "$out/scenarios"
	printf '../x\t6.1\n' >>"$out/kernels"
	refused "$out" 'kernels:4: "../x" is no name of a kernel'
	run ! ls "$out"/report.* "$out"/.report.*
}

@test "a step that fails leaves the last report as it was" {
	report
	sums=$(cat "$out"/report.* | sha256sum)
	mkdir "$BATS_TEST_TMPDIR/bin"
	sed -i s/7.2.22/7.2.23/ "$out/run"
	printf '#!/bin/sh\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/base64"
	chmod +x "$BATS_TEST_TMPDIR/bin/base64"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH refused "$out" "cannot write report.html"
	[ "$(cat "$out"/report.* | sha256sum)" = "$sums" ]
	run ! ls "$out"/.report.*
}

@test "a missing jq is named with its package" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	ln -s "$(command -v dirname)" "$BATS_TEST_TMPDIR/bin/dirname"
	run -1 env PATH="$BATS_TEST_TMPDIR/bin" /bin/sh qemu/report --out "$out"
	[[ $output == *"install the Debian package jq"* ]]
}
