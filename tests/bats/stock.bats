#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2154 # variables of compile.bash
# The package's own policy: for every kernel, with nothing in it that is without effect, and nothing
# that a stock system does.
bats_require_minimum_version 1.5.0

setup() {
	load compile
	policy=$top/policy/stock
	bundle=$BATS_TEST_TMPDIR/bundle
}

denies() { grep -E '^[[:space:]]*(audit )?deny ' "$policy/global"; }

@test "the stock policy compiles for every feature set, and no rule is without effect" {
	run -0 "$initward" compile --no-cache --features "$features" -o "$bundle" "$policy"
	[ -z "$output" ]
	for set in $(find "$features" -type f ! -name '*.kernels' -printf '%f\n'); do
		grep -qxF "set = $set" "$bundle/manifest"
	done
}

@test "the stock policy denies the reserved path quietly, and nothing else" {
	[ "$(denies | grep -v '^[[:space:]]*audit ')" = '  deny /proc/version w,' ]
}

@test "the stock policy has a line in its README for each path that it denies" {
	denies | sed -E 's,^[^/]*/,/,; s,[ {*].*,,' | while read -r path; do
		grep -E '^\| `' "$policy/README.md" | grep -qF "$(basename "$path")" ||
			{ echo "not told: $path"; exit 1; }
	done
}

# What Debian's packages write when they are installed, upgraded and started.
@test "the stock policy lets packages, accounts, keys and kernels be" {
	for path in /etc/passwd /etc/shadow /etc/initward /etc/ssh /etc/crypttab /etc/sudoers /boot /efi \
		/dev/mem core_pattern capability mount; do
		run -1 grep -F -- "$path" <(denies)
	done
}

@test "the stock policy mediates what the first policy does, and no more" {
	cmp "$policy/abi/initward" "$top/policy/basic/abi/initward"
}

@test "update, wrap and explain take the stock policy where nobody wrote one" {
	for verb in update wrap explain; do
		run -0 "$initward" "$verb" --help
		[[ $output == *"/usr/share/initward/stock/global"* ]] || { echo "$verb: $output"; return 1; }
		grep -qF _/usr/share/initward/stock/global_ "$top/docs/man/initward-$verb.1.scd"
	done
}
