#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2154 # text for other shells; variables of compile.bash
# "initward seal" where nothing may be sealed, and its words; what it does to kernels that are confined:
# qemu/scenarios/48-seal.scn, and tests/unit/test_seal.c.

bats_require_minimum_version 1.5.0

setup_file() {
	gcc -Wall -Wextra -Werror -shared -fPIC -o "$BATS_FILE_TMPDIR/pretend.so" "$BATS_TEST_DIRNAME/pretend.c"
}

setup() {
	load compile
	export INITWARD=$initward T=$BATS_FILE_TMPDIR
}

@test "a machine that is not confined is not sealed, and says why" {
	for options in '' --dry-run '--lockdown --no-kexec'; do
		run -4 --separate-stderr unshare --map-root-user --mount sh -c \
			'mount -t tmpfs none /sys/module && LD_PRELOAD=$T/pretend.so exec "$INITWARD" seal '"$options"
		[ -z "$output" ]
		[ "$stderr" = "initward seal: nothing was sealed: this machine is not confined: AppArmor is not active; see 'initward status'" ]
	done
}

@test "in a container nobody can tell, and nothing is sealed" {
	run -5 unshare --map-root-user --mount --pid --fork --mount-proc \
		sh -c 'mount -t tmpfs none /sys && "$0" seal' "$initward"
	[[ $output == 'initward seal: nothing was sealed: this machine is perhaps not confined: '* ]]
}

@test "an operand and an unknown option are wrong usage" {
	run -2 --separate-stderr "$initward" seal now
	[ "${stderr_lines[0]}" = "initward seal: it takes no 'now': it is about this machine only" ]
	[ -z "$output" ]
	run -2 --separate-stderr "$initward" seal --force
	[[ ${stderr_lines[1]} == "try 'initward seal --help'" ]]
}

@test "the program that writes the lock takes 0 or 1, and its status is the errno" {
	for words in '' '2' '1 1' '01' 'x'; do
		# shellcheck disable=SC2086 # words
		run -255 "$top/build/initward-latch" $words
		[ "$output" = 'usage: initward-latch 0|1; see initward-seal(1)' ]
	done
	# without the file it fails, its status is ENOENT, and it does not make one
	run -2 unshare --map-root-user --mount sh -c 'mount -t tmpfs none /sys && exec "$0" 1' "$top/build/initward-latch"
	mkdir -p "$BATS_TEST_TMPDIR/module/apparmor/parameters"
	echo N >"$BATS_TEST_TMPDIR/module/apparmor/parameters/lock_policy"
	run -0 unshare --map-root-user --mount sh -c 'mount --bind "$1" /sys/module && exec "$0" 1' \
		"$top/build/initward-latch" "$BATS_TEST_TMPDIR/module"
	[ "$(cat "$BATS_TEST_TMPDIR/module/apparmor/parameters/lock_policy")" = 1 ]
}
