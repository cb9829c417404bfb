#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2154 # text for other shells; variables of compile.bash
# policy/global as text and as policy. That it holds is what the boots show.

bats_require_minimum_version 1.5.0

setup() {
	load compile
	policy=$top/policy/global
}

@test "the policy compiles for every set, without a note" {
	run -0 "$initward" compile --features "$features" -o "$BATS_TEST_TMPDIR/bundle" "$policy"
	[ -z "$output" ]
	[ "$(grep -c '^set = ' "$BATS_TEST_TMPDIR/bundle/manifest")" = \
		"$(find "$features" -type f ! -name '*.kernels' ! -name '.*' | wc -l)" ]
}

@test "the profile is neither unconfined nor default_allow" {
	run ! grep -E 'default_allow|unconfined\)' "$policy/global"
}

@test "it mediates no class that would deny what nobody listed" {
	# The pin is what keeps newer parsers from adding these.
	grep -qx 'abi <abi/initward>,' "$policy/global"
	run ! grep -E '^(network|network_v8|network_v9|dbus|io_uring|ipc) ' "$policy/abi/initward"
	run ! grep -E 'userns_create' "$policy/abi/initward"
}

@test "the reserved path is denied" {
	grep -qxF '  deny /proc/version w,' "$policy/global"
}

# But for folders, which have no hard links, and what the kernel makes. The boots show it for three of them.
@test "what is protected on disk is protected from a hard link to its name, too" {
	grep -E '^  deny /etc/' "$policy/global" | grep -vE '^  deny /etc/\{,ssh/' >"$BATS_TEST_TMPDIR/rules"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/rules")" -ge 12 ]
	run ! grep -v ' wl,$' "$BATS_TEST_TMPDIR/rules"
}

@test "at least ten assets, each covered by a deny rule of its own" {
	grep -v '^#' "$policy/assets" >"$BATS_TEST_TMPDIR/assets"
	[ "$(cut -d' ' -f1 "$BATS_TEST_TMPDIR/assets" | sort -u | wc -l)" -ge 10 ]
	run ! grep -vE '^/[^ ]+ (append|rewrite|open|link|rename|mount)$' "$BATS_TEST_TMPDIR/assets"
	run ! sh -c 'sort "$1" | uniq -d | grep .' sh "$BATS_TEST_TMPDIR/assets"
}

@test "a local file is taken in, and its denies reach the dry run" {
	cp -r "$policy" "$BATS_TEST_TMPDIR/policy"
	mkdir "$BATS_TEST_TMPDIR/policy/local"
	compile "$BATS_TEST_TMPDIR/policy"
	before=$(awk '/^blob/ { print $6 }' "$BATS_TEST_TMPDIR/bundle/manifest")
	echo 'deny /srv/secret w,' >"$BATS_TEST_TMPDIR/policy/local/global"
	compile "$BATS_TEST_TMPDIR/policy"
	# No blob is what it was, in either form.
	run ! grep -F "$before" "$BATS_TEST_TMPDIR/bundle/manifest"
}
