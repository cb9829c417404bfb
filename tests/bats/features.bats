#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2154 # text for other shells; variables of compile.bash

bats_require_minimum_version 1.5.0

setup() {
	load compile
}

# A folder like /sys/kernel/security/apparmor/features.
make_features() {
	mkdir -p "$1/policy/versions" "$1/file"
	echo yes >"$1/policy/versions/v8"
	echo 'read write' >"$1/file/mask"
}

@test "a folder is printed in the form that libapparmor reads" {
	make_features "$BATS_TEST_TMPDIR/f"
	run -0 "$initward" features "$BATS_TEST_TMPDIR/f"
	[ "$output" = 'file {mask {read write
}
}
policy {versions {v8 {yes
}
}
}' ]
}

@test "what is printed compiles" {
	make_features "$BATS_TEST_TMPDIR/f"
	mkdir "$BATS_TEST_TMPDIR/sets"
	"$initward" features "$BATS_TEST_TMPDIR/f" >"$BATS_TEST_TMPDIR/sets/1.0"
	make_policy "$BATS_TEST_TMPDIR/p"
	run -0 "$initward" compile --features "$BATS_TEST_TMPDIR/sets" \
		-o "$BATS_TEST_TMPDIR/bundle" "$BATS_TEST_TMPDIR/p"
	grep -qx 'class = file policy' "$BATS_TEST_TMPDIR/bundle/manifest"
}

@test "a folder that is missing is named" {
	run -1 "$initward" features "$BATS_TEST_TMPDIR/none"
	[[ $output == *"cannot read the feature set $BATS_TEST_TMPDIR/none: No such file"* ]]
}

@test "a full disk is told" {
	make_features "$BATS_TEST_TMPDIR/f"
	run -1 sh -c "'$initward' features '$BATS_TEST_TMPDIR/f' >/dev/full"
	[[ $output == *"cannot write to standard output: No space left on device"* ]]
}

@test "wrong usage points to --help and has status 2" {
	run -2 "$initward" features --nonsense
	[[ $output == *"try 'initward features --help'"* ]]
	[[ $output != *Usage* ]]
	run -2 "$initward" features a b
	run -2 "$initward"
	[[ $output == *"try 'initward --help'"* ]]
	run -2 "$initward" nonsense
	[[ $output == *"unknown verb 'nonsense'"* ]]
}

@test "each verb has a --help, on standard output" {
	for verb in '' features compile; do
		# shellcheck disable=SC2086 # no verb is no argument
		run -0 --separate-stderr "$initward" $verb --help
		[[ $output == "Usage: initward "* ]]
		[[ $output == *"Exit status: 0"* ]]
		[ -z "$stderr" ]
	done
}

@test "the version is printed" {
	run -0 "$initward" version
	[[ $output =~ ^initward\ [0-9]+\.[0-9]+ ]]
}

@test "a kernel that is booted again gives the set that is there, and only its own build" {
	cd "$BATS_TEST_DIRNAME/../.."
	name=$(qemu/fetch --table | awk -F '\t' '$3 == "amd64" && $4 == "cloud" && $9 == "available" { print $1; exit }')
	run -0 qemu/features --out "$BATS_TEST_TMPDIR/sets" "$name"
	[ "$output" = "$name: 1 builds" ]
	run -0 cmp "$BATS_TEST_TMPDIR/sets/$name" "policy/features/$name"
	grep -qxF "$(grep '^kernel = ' "$BATS_TEST_TMPDIR/sets/$name.kernels")" "policy/features/$name.kernels"
}
