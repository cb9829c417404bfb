#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2154 # variables of compile.bash
# The policies of the levels above "compatible": for every kernel, the same for programs that the kernel starts, and the
# parser's profile is no way around them.
bats_require_minimum_version 1.5.0

setup() {
	load compile
	policy=$top/policy/strict
	bundle=$BATS_TEST_TMPDIR/bundle
}

# what a profile includes of the folder deny
denials_of() { sed -n -E 's/^ *include <(deny\/.*)>$/\1/p' "$1" | sort; }

denies() { grep -hE '^ *(audit )?deny ' "$policy"/deny/*; }

@test "the strict policy compiles for every feature set, and no rule is without effect" {
	run -0 "$initward" compile --no-cache --features "$features" -o "$bundle" "$policy"
	[ -z "$output" ]
	for set in $(find "$features" -type f ! -name '*.kernels' -printf '%f\n'); do
		grep -qxF "set = $set" "$bundle/manifest"
	done
	for profile in global parser latch helpers; do
		[ "$(grep -cxF "profile = enforce $profile" "$bundle/manifest")" -eq "$(grep -c '^set = ' "$bundle/manifest")" ]
	done
}

@test "what the kernel starts is denied the same as every process, each file of the folder deny" {
	[ "$(denials_of "$policy/helpers")" = "$(cd "$policy" && find deny -type f | sort)" ]
	# from every process the loader takes file handles away
	[ "$(denials_of "$policy/helpers" | grep -v handles)" = "$(denials_of "$policy/global")" ]
	grep -qE '^profile helpers /\*\* ' "$policy/helpers"
}

@test "the strict policy denies the reserved path quietly, and nothing else" {
	[ "$(denies | grep -v '^ *audit ')" = '  deny /proc/version w,' ]
}

# The root folder's name is that of a memfd that is executed: "/**" has at least one letter more.
@test "the strict policy lets a memfd be executed, as \"file\" does: runc and lxc-attach are" {
	grep -qxF '  /{,**} ix,' "$policy/global"
	run -1 grep -E '^ */\*\* ' "$policy/global"
}

# Where the parser's profile is given more, the level falls with it.
@test "parser and latch keep one capability, mount nothing, execute nothing, and cannot name the namespace" {
	for profile in parser latch; do
		rules=$(sed -E '/^ *#/d' "$policy/$profile")
		[ "$(grep -c capability <<<"$rules")" -eq 1 ]
		grep -qx ' *capability mac_admin,' <<<"$rules"
		run -1 grep -E 'mount|pivot_root|change_profile|namespaces|^ *file,' <<<"$rules"
		run -1 grep -E '^ */[^ ]* [a-z]*[xX]' <<<"$rules"
		run -1 grep -E '^ */\{,\*\*\} [a-z]*[wal]' <<<"$rules"
		# a profile that is removed takes the layer from who runs under a stack of it
		run -1 grep -F remove <<<"$rules"
	done
	[ "$(grep -cE '^ */sys/' "$policy/latch")" -eq 1 ]
}

@test "two programs go to profiles of their own, without what their callers' environment says" {
	run -0 grep -hE -- '->' "$policy/global" "$policy/helpers"
	[ "$output" = "  /usr/sbin/apparmor_parser Px -> parser,
  /sbin/apparmor_parser Px -> parser,
  /usr/lib/initward/initward-latch Px -> latch," ]
}

@test "each path that the strict policy denies by name is told in its README" {
	denies | grep -v mount | sed -n -E 's,^[^/]*/,/,; s, w\,.*,,p' | grep -oE '[a-z_]+[a-z_-]*' | sort -u |
		grep -vxE 'kernel|namespaces|proc|bset|inheritable|version' | while read -r word; do
		grep -E '^\|' "$policy/README.md" | grep -qF -- "$word" || { echo "not told: $word"; exit 1; }
	done
}

@test "the strict policy mediates what the stock policy does, and no more" {
	cmp "$policy/abi/initward" "$top/policy/stock/abi/initward"
}

# --- level sealed ---

@test "the sealed policy compiles for every feature set, and no rule is without effect" {
	run -0 "$initward" compile --no-cache --features "$features" -o "$bundle" "$top/policy/sealed"
	[ -z "$output" ]
	[ "$(grep -c '^set = ' "$bundle/manifest")" -eq "$(find "$features" -type f ! -name '*.kernels' | wc -l)" ]
	run -1 grep -F 'profile = enforce parser' "$bundle/manifest"
}

@test "the sealed policy denies what the strict one does, and what the kernel starts the same" {
	sealed=$top/policy/sealed
	# docker and podman, which are not for this level, change the mode of "/"
	grep -qF '<deny/handles>' "$sealed/global"
	[ "$(denials_of "$sealed/global" | grep -v handles)" = "$(denials_of "$policy/global")" ]
	for file in helpers abi/initward deny/apparmor deny/handles deny/helpers deny/mounts deny/proof; do
		cmp "$policy/$file" "$sealed/$file"
	done
	run diff <(sed "/^#/d" "$policy/assets") <(sed "/^#/d" "$sealed/assets")
	[[ $output != *'< '* ]]
}

@test "what an image can close besides compiles for every feature set, is explained, and runs with all attacks" {
	for file in "$top"/policy/sealed/closed/*; do
		grep -qF "\`include <closed/${file##*/}>\`" "$top/policy/sealed/README.md"
		grep -qxF "  include <closed/${file##*/}>" "$top/qemu/containment/closed/local/global"
	done
	run -0 "$initward" compile --no-cache --features "$features" --include "$top/qemu/containment/closed" \
		-o "$bundle" "$top/policy/sealed"
	[ -z "$output" ]
}

@test "the sealed policy lets nobody load policy or go to another profile" {
	rules=$(sed -E '/^ *#/d' "$top/policy/sealed/global" "$top/policy/sealed/helpers")
	run -1 grep -E '[pPcCuU][ixX]+ |mac_admin' <<<"$rules"
	[ "$(grep -F -- '->' <<<"$rules")" = '  change_profile -> &**,' ]
}
