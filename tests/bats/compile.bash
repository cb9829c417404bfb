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

# A number as $2 bytes, the least significant first.
little() {
	local n=$1 i
	for ((i = 0; i < $2; i++)); do
		printf "\\x$(printf %02x $((n & 255)))"
		n=$((n >> 8))
	done
}

# put FILE OFFSET <BYTES
put() { dd of="$1" bs=1 seek=$(($2)) conv=notrunc status=none; }

# bzimage RELEASE VERSION <PAYLOAD: an image as arch/x86/boot/header.S has it
bzimage() {
	local out=$BATS_TEST_TMPDIR/bz
	head -c 1024 /dev/zero >"$out"
	little 1 1 | put "$out" 0x1f1
	printf HdrS | put "$out" 0x202
	little 0x20f 2 | put "$out" 0x206
	little 0x100 2 | put "$out" 0x20e
	little 1 2 | put "$out" 0x236
	printf '%s (somebody@somewhere) %s\0' "$1" "$2" | put "$out" 0x300
	cat >"$out.payload"
	little "$(stat -c %s "$out.payload")" 4 | put "$out" 0x24c
	cat "$out" "$out.payload"
}

# uki KERNEL CMDLINE INITRD: a PE file with these three sections
uki() {
	local out=$BATS_TEST_TMPDIR/pe at=4096 n=0 name file size
	head -c 4096 /dev/zero >"$out"
	printf MZ | put "$out" 0
	little 64 4 | put "$out" 60
	printf 'PE\0\0' | put "$out" 64
	little 0x8664 2 | put "$out" 68
	little 3 2 | put "$out" 70
	little 0 2 | put "$out" 84
	for name in .linux .cmdline .initrd; do
		file=$1
		shift
		size=$(stat -c %s "$file")
		printf %s "$name" | put "$out" $((88 + 40 * n))
		little "$size" 4 | put "$out" $((88 + 40 * n + 8))
		little "$size" 4 | put "$out" $((88 + 40 * n + 16))
		little "$at" 4 | put "$out" $((88 + 40 * n + 20))
		cat "$file" >>"$out"
		at=$((at + size))
		n=$((n + 1))
	done
	cat "$out"
}
