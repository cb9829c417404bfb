#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The documents are complete: every verb and option has its place, every document its line in the index.
bats_require_minimum_version 1.5.0

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	initward=$top/build/initward
	cd "$top" || return 1
}

verbs() {
	"$initward" --help | sed -n '/^Verbs:/,/^$/s/^  \([a-z][a-z-]*\)  *.*/\1/p'
}

# The verbs that have a page of their own: help and version are told in initward(1).
paged_verbs() {
	verbs | grep -vxE 'help|version'
}

long_options() {
	"$initward" "$1" --help | sed -nE 's/^  (-., |    )(--[a-z0-9-]+).*/\2/p'
}

# Says which of the long options of the verb $1 the page $2 leaves out.
options_missing() {
	long_options "$1" | grep -q . || echo "initward $1 --help tells no option"
	long_options "$1" | while read -r option; do
		[ "$option" != --help ] || continue
		grep -qE -- "\\*$option\\*|\\*$option[ =]" "$2" || echo "$2 does not tell $option"
	done
}

@test "every verb has a manual page, which tells each of its options" {
	paged_verbs | grep -q .
	missing=$(paged_verbs | while read -r verb; do
		page=docs/man/initward-$verb.1.scd
		if [ -f "$page" ]; then options_missing "$verb" "$page"; else echo "$page is not there"; fi
	done)
	[ -z "$missing" ] || { echo "$missing"; return 1; }
}

@test "a page that leaves out an option is noticed" {
	sed 's/--set/--sat/' docs/man/initward-compile.1.scd >"$BATS_TEST_TMPDIR/page"
	run options_missing compile "$BATS_TEST_TMPDIR/page"
	[[ $output == *"does not tell --set" ]]
}

@test "every manual page of a verb is of a verb that there is" {
	for page in docs/man/initward-*.1.scd; do
		verb=${page#docs/man/initward-}
		verbs | grep -qx "${verb%.1.scd}"
	done
}

@test "every manual page has the parts that belong to it" {
	for page in docs/man/initward-*.1.scd; do
		for part in NAME SYNOPSIS DESCRIPTION OPTIONS 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
			grep -qx "# $part" "$page" || { echo "$page has no $part"; return 1; }
		done
	done
}

summary_of() {
	"$initward" --help | sed -n "/^Verbs:/,/^\$/s/^  $1  *//p"
}

@test "initward(1), the index and the README name every verb, the README as --help does" {
	while read -r verb; do
		grep -qx -- "\*$verb\*" docs/man/initward.1.scd || { echo "initward(1): $verb"; return 1; }
	done < <(verbs)
	while read -r verb; do
		grep -qF "](man/initward-$verb.1.scd)" docs/README.md || { echo "index: $verb"; return 1; }
		row="| [$verb](docs/man/initward-$verb.1.scd) | $(summary_of "$verb") |"
		grep -qxF "$row" README.md || { echo "README: $row"; return 1; }
	done < <(paged_verbs)
}

@test "the texts of --help fit a terminal of 100 columns, and no line ends in a blank" {
	for verb in '' $(verbs); do
		# shellcheck disable=SC2086 # none for the first
		run -0 "$initward" help $verb
		printf '%s\n' "$output" | awk -v verb="$verb" '
			length($0) > 100 { print verb ": " length($0) " columns: " $0; bad = 1 }
			/[ \t]$/ { print verb ": a blank at the end: " $0; bad = 1 }
			END { exit bad }'
	done
}

# Says which commands of the document $2 the test $1 leaves out, and which it runs that are not there.
untested() {
	grep -oE '^<!-- tested: [a-z-]+ -->$' "$2" | cut -d ' ' -f 3 | sort >"$BATS_TEST_TMPDIR/told"
	awk '{ gsub(/[;()]/, " ") }
		{ for (i = 1; i <= NF; i++) {
			if ($i == "--" || $i ~ /^(follow|follow_in_system|commands)$/) on = 1
			else if (!on || $i !~ /^[a-z]+(-[a-z]+)*$/) on = 0
			else print $i
		} on = 0 }' "$1" | sort -u >"$BATS_TEST_TMPDIR/run"
	comm -23 "$BATS_TEST_TMPDIR/told" "$BATS_TEST_TMPDIR/run"
}

@test "each command of the document on hardened images is one that its test runs" {
	run -0 untested tests/hardened docs/hardened-images.md
	[ -z "$output" ]
	[ -s "$BATS_TEST_TMPDIR/told" ]
	# what is not marked is only how packages get in
	run -0 awk '/^<!-- tested: / { marked = 1; next } /^```/ { if (!inside && !marked) print NR; inside = !inside; marked = 0 }' \
		docs/hardened-images.md
	[ -z "$output" ]
}

@test "a command of that document that nobody runs is noticed" {
	sed 's/follow uki disk/true/' tests/hardened >"$BATS_TEST_TMPDIR/hardened"
	run -0 untested "$BATS_TEST_TMPDIR/hardened" docs/hardened-images.md
	[ "$output" = disk ]
}

# Says where document $1 names a series that qemu/kernels does not know, where a row of its table has other
# series than the section that it leads to, and where a section has no row.
kernel_issues() {
	awk -v kernels=qemu/kernels '
		BEGIN { while ((getline line <kernels) > 0) { split(line, w); if (line ~ /^[0-9r]/) known[w[1]] = 1 } known["all"] = 1 }
		function look(text, where,    n, i, list) {
			n = split(text, list, /, */)
			for (i = 1; i <= n; i++)
				if (!(list[i] in known)) print where ": no such series: " list[i]
			return text
		}
		/^\| \[[0-9]+\]/ {
			n = split($0, cell, / \| /)
			match(cell[1], /[0-9]+/)
			row[substr(cell[1], RSTART, RLENGTH)] = look(cell[n - 1], "the table")
		}
		/^## [0-9]+\. / { no = $2 + 0; section[no] = "" }
		/^## [^0-9]/ { no = 0 }
		no && /^Series: / {
			text = substr($0, 9)
			sub(/\. .*|, with .*|\.$/, "", text)
			section[no] = look(text, "number " no)
		}
		END {
			for (no in section) if (section[no] != row[no])
				print "number " no ": series \"" section[no] "\", in the table \"" row[no] "\""
			for (no in row) if (!(no in section)) print "number " no ": a row, and no section"
			if (!length(section)) print "no section is numbered"
		}' "$1"
}

@test "the document on bugs of the kernel says of each on which series of qemu/kernels it is" {
	run -0 kernel_issues docs/kernel-issues.md
	[ -z "$output" ] || { printf '%s\n' "$output"; return 1; }
}

@test "a series that nobody boots is noticed there, and a table that says something else" {
	sed 's/^Series: 5.10, 6.1\.$/Series: 5.10, 6.2./' docs/kernel-issues.md >"$BATS_TEST_TMPDIR/document"
	run -0 kernel_issues "$BATS_TEST_TMPDIR/document"
	[[ $output == *'no such series: 6.2'* && $output == *'"5.10, 6.2", in the table "5.10, 6.1"'* ]]
	sed '/^Series: all\.$/d' docs/kernel-issues.md >"$BATS_TEST_TMPDIR/document"
	run -0 kernel_issues "$BATS_TEST_TMPDIR/document"
	[[ $output == *'number 1: series "", in the table "all"'* ]]
	sed '/^## 1\. /d' docs/kernel-issues.md >"$BATS_TEST_TMPDIR/document"
	run -0 kernel_issues "$BATS_TEST_TMPDIR/document"
	[[ $output == *'number 1: a row, and no section'* ]]
}

@test "the index leads to every document" {
	for file in docs/*.md docs/man/*.scd; do
		[ "$file" != docs/README.md ] || continue
		grep -qF "](${file#docs/})" docs/README.md || { echo "not in docs/README.md: $file"; return 1; }
	done
	for file in README.md CONTRIBUTING.md SECURITY.md CHANGELOG.md; do
		grep -qF "](../$file)" docs/README.md
	done
}

@test "the recording in the README is what the demo shows, but for its numbers" {
	run -0 qemu/demo
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/demo"
	run -0 qemu/recording --check --from "$BATS_TEST_TMPDIR/demo"
	# both modes ran, and told apart what held
	grep -q 'System: confined (enforce), hidden mode' "$BATS_TEST_TMPDIR/demo"
	grep -q 'System: NOT confined' "$BATS_TEST_TMPDIR/demo"
	sed 's/Permission denied/no complaint/' README.md >"$BATS_TEST_TMPDIR/readme"
	run -1 qemu/recording --check --from "$BATS_TEST_TMPDIR/demo" --readme "$BATS_TEST_TMPDIR/readme"
	[[ $output == *"shows something else than the demo"* ]]
}

@test "a recording is made between the marks only, and of a whole demo only" {
	printf '%s\n' before '<!-- recording of x -->' old '<!-- end of the recording -->' after >"$BATS_TEST_TMPDIR/readme"
	printf '%s\n' visible 'Hidden: h' ======== '' "  PID 1's label" '' '    label of that shell' >"$BATS_TEST_TMPDIR/demo"
	run -0 qemu/recording --from "$BATS_TEST_TMPDIR/demo" --readme "$BATS_TEST_TMPDIR/readme"
	run -0 cat "$BATS_TEST_TMPDIR/readme"
	[ "${lines[0]}" = before ]
	[ "${lines[3]}" = '$ make demo' ]
	[ "${lines[-1]}" = after ]
	[[ $output != *old* && $output != *visible* ]]
	echo visible >"$BATS_TEST_TMPDIR/demo"
	cp "$BATS_TEST_TMPDIR/readme" "$BATS_TEST_TMPDIR/same"
	run -1 qemu/recording --from "$BATS_TEST_TMPDIR/demo" --readme "$BATS_TEST_TMPDIR/readme"
	cmp "$BATS_TEST_TMPDIR/readme" "$BATS_TEST_TMPDIR/same"
	run -1 qemu/recording --from "$BATS_TEST_TMPDIR/demo" --readme COPYING
}

@test "the figures of the matrix in the README are those of its report" {
	cells=$(sed -n 's/^| cells | \([0-9,]*\): .*/\1/p' docs/matrix.md)
	passed=$(sed -n 's/^| cells | [0-9,]*: \([0-9,]*\) passed.*/\1/p' docs/matrix.md)
	scenarios=$(sed -n 's/^| scenarios | \([0-9]*\) |/\1/p' docs/matrix.md)
	kernels=$(sed -n 's/^| kernels | \([0-9]*\), .*/\1/p' docs/matrix.md)
	[ -n "$cells" ] && [ -n "$passed" ] && [ -n "$scenarios" ] && [ -n "$kernels" ]
	grep -q "^| boots | $passed of $cells cells passed" README.md
	grep -q "^| scenarios | $scenarios: " README.md
	grep -q "^| kernels | $kernels: " README.md
}

@test "each setting of the package's configuration, those in comments too, is one of the manual page" {
	settings=$(sed -n -E 's/^#?([a-z_]+) = ([a-z]+)$/\1 \2/p' "$top/debian/initward.conf")
	[ "$(wc -l <<<"$settings")" -ge 5 ]
	while read -r key value; do
		grep -E "^\*$key =\* " "$top/docs/man/initward.conf.5.scd" | grep -qF "*$value*" || { echo "not told: $key = $value"; exit 1; }
	done <<<"$settings"
}
