# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What the tests of the tool share.

top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
initward=$top/build/initward
features=$top/policy/features

# A cache of its own for each test, not the machine's; the one with the kernels stays.
export INITWARD_CACHE="${INITWARD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/initward}"
export XDG_CACHE_HOME="$BATS_TEST_TMPDIR/xdg"

# Folder for sources $1 with a least "global" in it.
make_policy() {
	mkdir -p "$1"
	cat >"$1/global" <<'EOF'
profile global {
  file,
  capability,
  deny /proc/version w,
  deny /etc/passwd w,
}
EOF
}

# Compiles for two sets, which is quick: compile SOURCE...
compile() {
	"$initward" compile --no-cache --features "$features" --set 5.10 --set 7.3 -o "$BATS_TEST_TMPDIR/bundle" "$@"
}

# A parser that does what the script on standard input says, and else is the real one.
fake_parser() {
	{
		echo '#!/bin/sh'
		cat
		echo 'exec apparmor_parser "$@"'
	} >"$BATS_TEST_TMPDIR/parser"
	chmod +x "$BATS_TEST_TMPDIR/parser"
}

# Nothing half-written: neither the bundle nor its work folder.
nothing_left() {
	[ ! -e "$BATS_TEST_TMPDIR/bundle" ]
	[ -z "$(find "$BATS_TEST_TMPDIR" -name '.initward-*')" ]
}
