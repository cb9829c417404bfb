#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2154 # text for other shells; variables of compile.bash
# The compile cache: what it keeps, what it does not believe, and that the bundle is the same.

bats_require_minimum_version 1.5.0

setup() {
	load compile
	policy=$BATS_TEST_TMPDIR/policy
	bundle=$BATS_TEST_TMPDIR/bundle
	cache=$BATS_TEST_TMPDIR/cache
	make_policy "$policy"
	echo 'profile other { file, deny /y w, }' >"$policy/other"
}

# cached OPTION...: compiles for two sets, through the cache; quiet, so that no rules are tried
cached() {
	"$initward" compile -v -q --cache "$cache" --features "$features" --set 5.10 --set 7.3 \
		-o "$bundle" "$@" "$policy"
}

# The bundle has the bytes that it has without a cache.
same_as_without() {
	rm -rf "$BATS_TEST_TMPDIR/without"
	"$initward" compile --no-cache --features "$features" --set 5.10 --set 7.3 \
		-o "$BATS_TEST_TMPDIR/without" "$policy" 2>/dev/null
	diff -r "$BATS_TEST_TMPDIR/without" "$bundle"
}

# Two sources, two forms, two sets, and an answer about the features for each set.
all=10

@test "the second run finds everything, and gives the same bytes as a run without" {
	run -0 cached
	[[ $output == *"cache $cache: 0 found, $all made"* ]]
	rm -r "$bundle"
	run -0 cached
	[[ $output == *"cache $cache: $all found, 0 made"* ]]
	same_as_without
}

@test "what the parser said is said again" {
	sed -i 's/^}/  dbus,\n}/' "$policy/global"
	for run in first second; do
		"$initward" compile -v --cache "$cache" --features "$features" --set 5.10 --set 7.3 \
			-o "$bundle" "$policy" 2>"$BATS_TEST_TMPDIR/$run"
	done
	grep -q ' 0 made$' "$BATS_TEST_TMPDIR/second"
	grep '^note' "$BATS_TEST_TMPDIR/first" | grep -q dbus
	diff <(grep '^note' "$BATS_TEST_TMPDIR/first") <(grep '^note' "$BATS_TEST_TMPDIR/second")
}

@test "a date changes nothing, a content does, in an include too" {
	mkdir "$policy/local"
	echo 'deny /z w,' >"$policy/local/x"
	echo 'profile third { file, include <local/x> }' >"$policy/third"
	cached
	find "$policy" -exec touch -d '2001-01-01' {} +
	run -0 cached
	[[ $output == *": 14 found, 0 made"* ]]
	echo 'deny /zz w,' >"$policy/local/x"
	touch -d '2001-01-01' "$policy/local/x"
	run -0 cached
	# both forms of one source for both sets, and both answers about the features
	[[ $output == *": 8 found, 6 made"* ]]
	same_as_without
}

@test "a feature file that an abi rule names counts" {
	cp -r "$top/policy/basic/abi" "$policy/"
	sed -i '1i abi <abi/initward>,' "$policy/other"
	cached
	run -0 cached
	[[ $output == *": $all found, 0 made"* ]]
	cat "$features/7.3" >"$policy/abi/initward"
	run -0 cached
	[[ $output == *": 4 found, 6 made"* ]]
	same_as_without
	rm "$policy/abi/initward"
	run -1 cached
}

@test "another parser gets entries of its own, and a script is not cached" {
	cached
	cp "$(PATH=$PATH:/usr/sbin:/sbin command -v apparmor_parser)" "$BATS_TEST_TMPDIR/parser"
	run -0 cached --parser "$BATS_TEST_TMPDIR/parser"
	[[ $output == *": $all found, 0 made"* ]]
	echo >>"$BATS_TEST_TMPDIR/parser"
	run -0 cached --parser "$BATS_TEST_TMPDIR/parser"
	[[ $output == *": 0 found, $all made"* ]]
	fake_parser </dev/null
	run -0 cached --parser "$BATS_TEST_TMPDIR/parser"
	[[ $output == *": 0 found, 0 made"* ]]
}

@test "--no-cache neither reads nor writes" {
	run -0 cached --no-cache
	[ ! -e "$cache" ]
	[[ $output != *"found,"* ]]
}

@test "a damaged entry is said, and never gets into a bundle" {
	cached
	for damage in 'truncate -s -1' 'truncate -s 0' 'truncate -s 100' 'sed -i s/global/glubal/' \
		"sed -i 's/^key = ./key = x/'" 'sh -c "echo x >>\$0"'; do
		for entry in "$cache"/*; do
			eval "$damage" '"$entry"'
		done
		rm -r "$bundle"
		run -0 cached
		[[ $output == *"the cache entry $cache/"*" is not used: "*"; it is made again"* ]]
		same_as_without
	done
	run -0 cached
	[[ $output == *": $all found, 0 made"* ]]
}

@test "entries that changed places are found out" {
	cached
	entries=("$cache"/*)
	cp "${entries[0]}" "${entries[1]}"
	run -0 cached
	[[ $output == *"${entries[1]} is not used: it is of another key"* ]]
	same_as_without
}

@test "a folder or an entry that others may write is not used" {
	cached
	chmod 0777 "$cache"
	run -0 cached
	[[ $output == *"no cache: $cache: other users may write to it"* ]]
	chmod 0700 "$cache"
	entries=("$cache"/*)
	chmod 0666 "${entries[0]}"
	run -0 cached
	[[ $output == *"${entries[0]} is not used: other users may write to it"* ]]
	ln -sf "${entries[2]}" "${entries[1]}"
	run -0 cached
	[[ $output == *"${entries[1]} is not used: "* ]]
	same_as_without
}

@test "another user's folder or entry is not used" {
	cached
	entries=("$cache"/*)
	chown 65534 "${entries[0]}"
	run -0 cached
	[[ $output == *"${entries[0]} is not used: another user owns it"* ]]
	chown 65534 "$cache"
	run -0 cached
	[[ $output == *"no cache: $cache: another user owns it"* ]]
	same_as_without
}

@test "a folder that cannot be made or written is done without, said with -v only" {
	touch "$BATS_TEST_TMPDIR/file"
	run -0 "$initward" compile -v --cache "$BATS_TEST_TMPDIR/file/cache" --features "$features" \
		--set 5.10 -o "$bundle" "$policy"
	[[ $output == *"no cache: $BATS_TEST_TMPDIR/file/cache: Not a directory"* ]]
	run -0 "$initward" compile --cache "$BATS_TEST_TMPDIR/file/cache" --features "$features" \
		--set 5.10 -o "$bundle" "$policy"
	[ -z "$output" ]
}

@test "a full disk below the cache costs the cache only" {
	mkdir "$BATS_TEST_TMPDIR/small"
	run -0 unshare -m sh -c 'mount -t tmpfs -o size=32k tmpfs "$1" || exit 77
		"$2" compile -v --cache "$1/cache" --features "$3" --set 5.10 --set 7.3 -o "$4" "$5" || exit
		find "$1/cache" -name ".new*" -size +0' sh "$BATS_TEST_TMPDIR/small" "$initward" \
		"$features" "$bundle" "$policy"
	[[ $output == *"no cache: $BATS_TEST_TMPDIR/small/cache: No space left on device"* ]]
	[[ ${lines[-1]} != *.new* ]]
	same_as_without
}

@test "what a killed run left in the cache is removed, entries of others are not" {
	mkdir -m 0700 "$cache"
	touch "$cache/.new-4194305" "$cache/notes.txt"
	cached
	[ ! -e "$cache/.new-4194305" ]
	[ -e "$cache/notes.txt" ]
}

@test "the default folder is XDG_CACHE_HOME's" {
	"$initward" compile -q --features "$features" --set 5.10 -o "$bundle" "$policy"
	[ "$(find "$XDG_CACHE_HOME/initward/policy" -type f | wc -l)" = 5 ]
	[ "$(stat -c %a "$XDG_CACHE_HOME/initward/policy")" = 700 ]
}

@test "progress is shown on a terminal, and on nothing else" {
	run -0 script -qec "'$initward' compile --no-cache --features '$features' -o '$bundle' '$policy'" /dev/null
	[[ $output == *$'\rcompiling: 1 of '* ]]
	run -0 script -qec "'$initward' compile -q --no-cache --features '$features' -o '$bundle' '$policy'" /dev/null
	[ -z "$output" ]
	run -0 "$initward" compile --no-cache --features "$features" -o "$bundle" "$policy"
	[[ $output != *"compiling: "* ]]
}

@test "--quiet says no notes" {
	sed -i 's/^}/  dbus,\n}/' "$policy/global"
	run -0 "$initward" compile -q --no-cache --features "$features" -o "$bundle" "$policy"
	[ -z "$output" ]
}
