#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Colours are for people at a terminal who did not say no.
bats_require_minimum_version 1.5.0

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export PATH=$top/build:$PATH
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir tree
	printf '#!/bin/sh\n' >tree/init
	(cd tree && echo init | cpio -o -H newc --quiet) >image
	unset NO_COLOR
}

verbs='status inspect check verify explain'

# The command line of a verb that has something to say here.
command_of() {
	case $1 in
	inspect) echo 'initward inspect image' ;;
	check) echo "initward check --cmdline quiet --image image" ;;
	verify) echo 'initward verify image' ;;
	*) echo "initward $1" ;;
	esac
}

has_escapes() {
	grep -q "$(printf '\033')" "$1"
}

# What the command says on a terminal; the variables before it are as told.
on_terminal() {
	script -qec "env $*" /dev/null </dev/null >said || :
	[ -s said ]
}

@test "on a terminal what matters is coloured" {
	coloured=
	for verb in $verbs; do
		on_terminal TERM=xterm "$(command_of "$verb")"
		if has_escapes said; then coloured="$coloured $verb"; fi
	done
	[[ $coloured == *" status"* && $coloured == *" inspect"* && $coloured == *" verify"* ]] || { echo "coloured:$coloured"; return 1; }
	on_terminal TERM=xterm NO_COLOR= initward status
	has_escapes said
}

@test "no colours into a pipe or a file" {
	for verb in $verbs; do
		TERM=xterm $(command_of "$verb") 2>&1 | cat >said || :
		[ -s said ]
		run -1 has_escapes said
		TERM=xterm $(command_of "$verb") >said 2>&1 || :
		run -1 has_escapes said
	done
}

@test "no colours on a terminal with NO_COLOR, or one that is dumb or unknown" {
	for verb in $verbs; do
		for variables in 'TERM=xterm NO_COLOR=1' TERM=dumb '-u TERM'; do
			on_terminal "$variables" "$(command_of "$verb")"
			run -1 has_escapes said
		done
	done
}
