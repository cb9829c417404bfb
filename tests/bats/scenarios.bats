# SPDX-License-Identifier: LGPL-2.1-or-later
bats_require_minimum_version 1.5.0
# The language of the scenario files, what counts for a kernel, and the verdicts. No boot.
# shellcheck disable=SC2154 # $output and $status are bats' own

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	file=$BATS_TEST_TMPDIR/10-some-name.scn
	: "${AWK:=awk}"
}

# The lines of the standard input as a scenario file, read.
scenarios() {
	cat >"$file"
	$AWK -f qemu/scenarios.awk "$@" "$file"
}

# bad LINE WORDS, a file on the standard input: an error at that line with those words, status 1,
# and nothing on the standard output.
bad() {
	cat >"$file"
	run bash -c "$AWK -f qemu/scenarios.awk '$file' 2>&1 >'$BATS_TEST_TMPDIR/out'"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $'\n'$output == *$'\n'"$file:$1: "*"$2"* ]]
	[ ! -s "$BATS_TEST_TMPDIR/out" ]
}

# lines INSTANCE: its lines without its name, a blank for the tab.
lines() { $AWK -F '\t' -v i="$1" '$1 == i { print $2 " " $3 }'; }

# pick [NAME=VALUE]..., lines KEY TAB VALUE on the standard input: what counts for that kernel.
pick() {
	set -- series=6.12 arch=amd64 flavour=cloud features=6.12 lsm=a,b "$@"
	for word in "$@"; do set -- "$@" -v "$word" && shift; done
	$AWK "$@" -f qemu/select.awk
}

# judged KEY VALUE: what the judge says about one expectation, with the facts and the console of
# the test.
judged() {
	printf 'append\tquiet\n%s\t%s\n' "$1" "$2" >"$BATS_TEST_TMPDIR/spec"
	$AWK -f qemu/judge.awk "$BATS_TEST_TMPDIR/spec" "$BATS_TEST_TMPDIR/facts" "$BATS_TEST_TMPDIR/console"
}

told() {
	printf '%s\n' 'proof=EACCES' 'task=1 [a] x' 'task=2 [b] y' 'namespaces=' 'label=global//&u (enforce)' \
		>"$BATS_TEST_TMPDIR/facts"
	printf '%s\r\n' '[    1.234567] initward: confined: x set=6.1 fit=exact' 'plain words' \
		>"$BATS_TEST_TMPDIR/console"
}

@test "the scenario files of the repository are read without an error, each with a line about it" {
	$AWK -f qemu/scenarios.awk qemu/scenarios/*.scn >"$BATS_TEST_TMPDIR/all"
	run $AWK -F '\t' '
		{ seen[$1] }
		$2 == "about" { about[$1] }
		END { for (i in seen) if (!(i in about)) print i }' "$BATS_TEST_TMPDIR/all"
	[ -z "$output" ]
}

@test "every fault that a scenario names is known, and every first word, too" {
	$AWK -f qemu/scenarios.awk qemu/scenarios/*.scn >"$BATS_TEST_TMPDIR/all"
	for fault in $($AWK -F '\t' '$2 == "fault" { sub(/ .*/, "", $3); print $3 }' "$BATS_TEST_TMPDIR/all" | sort -u); do
		grep -qE "^[[:space:]]*$fault\)" qemu/faults || { echo "fault $fault" && false; }
	done
	for word in $($AWK -F '\t' '$2 ~ /^first/ { sub(/=.*/, "", $3); print $3 }' "$BATS_TEST_TMPDIR/all" | sort -u); do
		grep -q "{ \"$word\", word_" qemu/guest/preinit.c || { echo "first $word" && false; }
	done
}

@test "an instance has its group and its lines in their order" {
	run scenarios <<-'E'
		# a comment
		[a]
		about = what it is for
		append =
		says = x = y
	E
	[ "$output" = "$(printf 'a\tgroup\tsome-name\na\tabout\twhat it is for\na\tappend\t\na\tsays\tx = y')" ]
}

@test "two variations multiply, with the fragments of both words and the words themselves" {
	run scenarios <<-'E'
		[*hidden]
		conf = mode = hidden
		[*panic]
		outcome = panic
		[a]
		vary = hidden 5.10
		vary = continue panic
		fault = only-set {1} {2}
		5.10.expect = old yes
		hidden+panic.expect = both yes
	E
	[ "$status" -eq 0 ]
	[ "$(cut -f 1 <<<"$output" | uniq | tr '\n' ' ')" = 'a-hidden-continue a-hidden-panic a-5.10-continue a-5.10-panic ' ]
	[ "$(lines a-hidden-panic <<<"$output")" = "$(printf '%s\n' 'group some-name' 'conf mode = hidden' \
		'outcome panic' 'fault only-set hidden panic' 'expect both yes')" ]
	[ "$(lines a-5.10-continue <<<"$output")" = "$(printf '%s\n' 'group some-name' \
		'fault only-set 5.10 continue' 'expect old yes')" ]
}

@test "a fragment may name the words of whoever uses it" {
	run scenarios <<-'E'
		[*fails]
		panic.outcome = panic
		continue.outcome = up
		[a]
		vary = continue panic
		use = fails
	E
	[ "$(lines a-panic <<<"$output")" = "$(printf '%s\n' 'group some-name' 'outcome panic')" ]
	[ "$(lines a-continue <<<"$output")" = "$(printf '%s\n' 'group some-name' 'outcome up')" ]
}

@test "a selector is handed on by use and joined with that of the line" {
	run scenarios <<-'E'
		[*f]
		says = one
		says@arm64 = two
		[a]
		use@..6.1 = f
		5.10+full.expect = never
	E
	[ "$status" -eq 1 ]
	run scenarios <<-'E'
		[*f]
		says = one
		says@arm64 = two
		[a]
		use@..6.1 = f
	E
	[ "$(lines a <<<"$output")" = "$(printf '%s\n' 'group some-name' 'says@..6.1 one' 'says@..6.1,arm64 two')" ]
}

@test "an unknown key" {
	bad 2 'unknown key "colour"' <<-'E'
		[a]
		colour = blue
	E
	bad 3 'unknown key "x.colour@6.1"' <<-'E'
		[a]
		vary = x
		x.colour@6.1 = blue
	E
}

@test "a bad selector" {
	for selector in '' 6 6.1. 6.1... 6.1..x x86 6.1,,arm64 newest .. parser parser4.1 parser3..4; do
		printf '[a]\nsays@%s = x\n' "$selector" | bad 2 'bad selector'
	done
	for key in conf fault facts kernels about vary; do
		printf '[a]\n%s@6.1 = x\n' "$key" | bad 2 'takes no selector'
	done
}

@test "the selectors that there are" {
	for selector in 5.10 rc 6.12.. ..6.1 6.12..7.0 7.3..rc arm64 amd64 full cloud 6.12..,arm64 parser3 parser4..,..6.1 modules nomodules,6.1..; do
		printf '[a]\nsays@%s = x\n' "$selector" | scenarios >/dev/null || { echo "$selector" && false; }
	done
}

@test "a selector that reaches the image by way of a fragment" {
	bad 2 '"conf" takes no selector' <<-'E'
		[*f]
		conf = mode = hidden
		[a]
		use@6.1 = f
	E
}

@test "an unknown variable, and one that has no variation" {
	bad 2 'unknown variable {lsms}' <<-'E'
		[a]
		expect = lsm {lsms}
	E
	bad 3 'no variation for this variable' <<-'E'
		[a]
		vary = x y
		says = {2}
	E
}

@test "a stanza twice, an instance twice, a word twice" {
	bad 3 'a second [a]; the first is at' <<-'E'
		[a]
		says = x
		[a]
		says = y
	E
	bad 4 '"a-b" is already made at' <<-'E'
		[a]
		vary = b
		says = x
		[a-b]
		says = y
	E
	bad 3 'the word "x" varies twice' <<-'E'
		[a]
		vary = x y
		vary = z x
	E
}

@test "a circle, a fragment that is not there, a fragment with variations" {
	bad 4 'goes in a circle' <<-'E'
		[*f]
		use = g
		[*g]
		use = f
		[a]
		use = f
	E
	bad 2 'there is no [*f] to use' <<-'E'
		[a]
		use = f
	E
	bad 2 'a fragment has no variations' <<-'E'
		[*f]
		vary = x y
	E
}

@test "a prefix that is none of the variations, or two that never hold together" {
	bad 3 '"onwards" is none of the variations' <<-'E'
		[a]
		vary = continue panic
		onwards.says = x
	E
	bad 3 '"x+y" never holds' <<-'E'
		[a]
		vary = x y
		x+y.says = x
	E
}

@test "values that cannot be" {
	bad 2 'outcome must be' <<<$'[a]\noutcome = fine'
	bad 2 'timeout wants seconds' <<<$'[a]\ntimeout = soon'
	bad 2 'trouble must be' <<<$'[a]\ntrouble = maybe'
	bad 2 'modules wants names of modules' <<<$'[a]\nmodules = ../a'
	bad 2 '"says" has no value' <<<$'[a]\nsays ='
	bad 2 'tab inside a value' <<<$'[a]\nsays = a\tb'
	bad 3 'a second "about"' <<<$'[a]\nabout = x\nabout = y'
	bad 2 'neither [NAME] nor KEY = VALUE' <<<$'[a]\nsays'
	bad 1 'before the first stanza' <<<$'says = x'
	bad 1 'a stanza is [NAME]' <<<$'[../a]\nsays = x'
}

@test "every error is told, and not only the first" {
	run scenarios <<-'E'
		[a]
		colour = blue
		says@x = y
	E
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 2 ]
}

@test "what counts for a series, an architecture, a flavour" {
	spec=$(printf '%s\t%s\n' expect all expect@6.12 is expect@6.12.. from expect@..6.12 to \
		expect@6.2..6.13 between expect@6.2 two expect@6.13.. later expect@amd64,cloud both \
		expect@amd64,full one expect@rc rc)
	[ "$(pick <<<"$spec" | cut -f 2 | tr '\n' ' ')" = 'all is from to between both ' ]
	[ "$(pick series=6.2 <<<"$spec" | cut -f 2 | tr '\n' ' ')" = 'all to between two both ' ]
	[ "$(pick series=rc <<<"$spec" | cut -f 2 | tr '\n' ' ')" = 'all from later both rc ' ]
	[ "$(pick flavour=full <<<"$spec" | cut -f 2 | tr '\n' ' ')" = 'all is from to between one ' ]
	[ "$(pick arch=arm64 <<<"$spec" | cut -f 2 | tr '\n' ' ')" = 'all is from to between ' ]
	# a kernel of no series that could be compared
	[ "$(pick series=own <<<"$spec" | cut -f 2 | tr '\n' ' ')" = 'all both ' ]
}

@test "what counts where the archive has the kernel's modules, and where it has not" {
	spec=$(printf '%s\t%s\n' expect all expect@modules has expect@nomodules lacks expect@modules,amd64 both expect@6.2,modules no)
	[ "$(pick modules=yes <<<"$spec" | cut -f 2 | tr '\n' ' ')" = 'all has both ' ]
	[ "$(pick <<<"$spec" | cut -f 2 | tr '\n' ' ')" = 'all lacks ' ]
}

@test "without a version of the parser nothing is selected in silence" {
	run -1 pick parser=none <<<'expect@parser3	three'
	[[ $output == *'which apparmor_parser is it?'* ]]
	run -0 pick parser=none <<<'expect	always'
}

@test "a series is a name, and no number" {
	run -0 pick series=7.10 <<<'says@7.1	x'
	[ "$output" = "" ]
	run -0 pick series=7.10 <<<'says@7.10	x'
	[ "$output" = "says	x" ]
}

@test "what counts for a version of the parser" {
	spec=$(printf '%s\t%s\n' expect@parser3 three expect@parser4.. four expect@parser4,6.12.. both expect@parser5.. five)
	[ "$(pick parser=3.0.8 <<<"$spec" | cut -f 2 | tr '\n' ' ')" = 'three ' ]
	[ "$(pick parser=4.1.0 <<<"$spec" | cut -f 2 | tr '\n' ' ')" = 'four both ' ]
	[ "$(pick parser=5.0.2 series=6.1 <<<"$spec" | cut -f 2 | tr '\n' ' ')" = 'four five ' ]
	# asked of the program where nobody says it
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\necho AppArmor parser version 3.1.7\n' >"$BATS_TEST_TMPDIR/bin/apparmor_parser"
	chmod +x "$BATS_TEST_TMPDIR/bin/apparmor_parser"
	[ "$(PATH=$BATS_TEST_TMPDIR/bin:$PATH pick <<<"$spec" | cut -f 2)" = three ]
}

@test "the variables of a kernel" {
	run pick <<<$'says\t{series} {arch} {flavour} {features} {lsm} {lsm} {x}'
	[ "$output" = $'says\t6.12 amd64 cloud 6.12 a,b a,b {x}' ]
	run pick 'lsm=a&b' <<<$'append\tlsm={lsm}'
	[ "$output" = $'append\tlsm=a&b' ]
}

@test "the judge is silent about what holds" {
	told
	[ -z "$(judged says 'initward: confined: * set=6.1 *')" ]
	[ -z "$(judged says 'plain word?')" ]
	[ -z "$(judged saysnot 'initward: FAILED*')" ]
	[ -z "$(judged expect 'proof EACCES')" ]
	[ -z "$(judged expect 'task 2 *')" ]
	[ -z "$(judged expect 'namespaces')" ]
	[ -z "$(judged expect 'label global//&u (enforce)')" ]
	[ -z "$(judged expectnot 'proof ok')" ]
	[ -z "$(judged expectnot 'no-such-fact *')" ]
}

@test "the judge says what does not hold, and what there is instead" {
	told
	[ "$(judged says 'initward: confined')" = 'says: initward: confined, but there is nothing of the kind' ]
	[ "$(judged saysnot '*confined*')" = 'saysnot: *confined*, but there is "initward: confined: x set=6.1 fit=exact"' ]
	[ "$(judged expect 'proof ok')" = 'expect: proof ok, but there is "EACCES"' ]
	[ "$(judged expect 'task 3*')" = 'expect: task 3*, but there is "1 [a] x" "2 [b] y"' ]
	[ "$(judged expect 'namespaces x')" = 'expect: namespaces x, but there is ""' ]
	[ "$(judged expect 'no-such-fact *')" = 'expect: no-such-fact *, but there is nothing of the kind' ]
	[ "$(judged expectnot 'proof E*')" = 'expectnot: proof E*, but there is "EACCES"' ]
}

@test "a dot, a bracket or a star of the console is no pattern" {
	told
	printf 'a.b[c]+d(e)\n' >"$BATS_TEST_TMPDIR/console"
	[ -z "$(judged says 'a.b[c]+d(e)')" ]
	printf 'aXb[c]+d(e)\n' >"$BATS_TEST_TMPDIR/console"
	[ -n "$(judged says 'a.b[c]+d(e)')" ]
}

@test "a guest that told nothing has met nothing" {
	: >"$BATS_TEST_TMPDIR/facts"
	: >"$BATS_TEST_TMPDIR/console"
	[ -n "$(judged expect 'proof EACCES')" ]
	[ -n "$(judged says 'initward: *')" ]
	[ -z "$(judged saysnot 'initward: *')" ]
}
