#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# qemu/matrix, qemu/job and qemu/cell, with real boots of the oldest series that the archive has.
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	image=$(qemu/fetch --oldest)
	oldest=$(qemu/fetch --table | awk -F '\t' '$3 == "amd64" && $4 == "cloud" && $9 == "available" { print $1; exit }')
	export image oldest
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	out=$BATS_TEST_TMPDIR/out
}

one_line() {
	[ "${#lines[@]}" -eq 1 ] || { printf 'more than one line: %s\n' "$output"; return 1; }
}

# refused WORD ARGUMENT...: one line with WORD, no boot, no folder.
refused() {
	word=$1
	shift
	run -1 qemu/matrix --out "$out" "$@"
	one_line
	[[ $output == *"$word"* ]] || { echo "no '$word' in: $output"; return 1; }
	[ ! -e "$out" ]
}

@test "bad arguments are refused in one line, before anything is made" {
	refused "unknown kernel '9.9'" --kernels 9.9
	refused "unknown kernel '6.1:riscv64'" --kernels "$oldest,6.1:riscv64"
	refused "--kernels names no kernel" --kernels ,
	refused "no scenario matches 'nothing-*'" --scenarios 'nothing-*'
	refused "--jobs wants a number" --jobs many
	refused "--jobs wants a number" --jobs 0
	refused "--budget wants minutes" --budget 1.5
	refused "unknown option '--colour'" --colour
	refused "option '--kernels' wants a value" --kernels
	refused "is no bundle" --bundle "$BATS_TEST_TMPDIR"
	refused "the loader '/nowhere' is missing" --loader /nowhere
}

@test "a scenario for a kernel that nobody knows is refused, not left out" {
	cp -R qemu "$BATS_TEST_TMPDIR/qemu"
	ln -s "$PWD/build" "$PWD/policy" "$BATS_TEST_TMPDIR"
	printf '[a]\nkernels = 6.1,9.9\n' >"$BATS_TEST_TMPDIR/qemu/scenarios/90-more.scn"
	run -1 "$BATS_TEST_TMPDIR/qemu/matrix" --kernels "$oldest" --scenarios a --out "$out"
	[ "${lines[0]}" = 'a: unknown kernel "9.9"' ]
	[ "${#lines[@]}" -eq 2 ]
	[ ! -e "$out" ]
}

@test "without QEMU there is one line, and no run" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	ln -s /usr/bin/* /usr/sbin/* "$BATS_TEST_TMPDIR/bin" 2>/dev/null || :
	rm "$BATS_TEST_TMPDIR/bin/qemu-system-x86_64"
	PATH=$BATS_TEST_TMPDIR/bin run -1 qemu/matrix --kernels "$oldest" --scenarios default-hidden --out "$out"
	one_line
	[[ $output == *"qemu-system-x86_64' is missing; install the Debian package qemu-system-x86 "* ]]
	[ ! -e "$out" ]
}

@test "a kernel image that is none is one line, and no run" {
	export INITWARD_CACHE=$BATS_TEST_TMPDIR/cache
	mkdir -p "$INITWARD_CACHE/kernels/room"
	head -c 4096 /dev/zero >"$INITWARD_CACHE/kernels/room/vmlinuz"
	echo CONFIG_X=y >"$INITWARD_CACHE/kernels/room/config"
	printf 'package 1.0 room\n' >"$INITWARD_CACHE/kernels/$oldest:amd64:cloud"
	run -1 qemu/matrix --kernels "$oldest" --scenarios default-hidden --out "$out"
	one_line
	[[ $output == *"vmlinuz' is no Linux kernel image"* ]]
	[ ! -e "$out" ]
}

@test "an out folder that cannot be made is refused in one line" {
	: >"$BATS_TEST_TMPDIR/file"
	run -1 qemu/matrix --kernels "$oldest" --scenarios default-hidden --out "$BATS_TEST_TMPDIR/file/out"
	one_line
	[[ $output == *"cannot make the folder '$BATS_TEST_TMPDIR/file/out'"* ]]
}

@test "--list names the scenarios, with globs and exceptions" {
	run -0 qemu/matrix --list --scenarios 'default-*' --except '*-visible,*-managed'
	one_line
	[[ $output == default-hidden* ]]
}

@test "a run passes, leaves reports, and is not booted again when it is resumed" {
	run -0 --separate-stderr qemu/matrix --kernels "$oldest" --scenarios 'default-hidden,default-visible' --out "$out"
	[ "${lines[0]}" = "TAP version 13" ]
	[ "${lines[1]}" = 1..2 ]
	[ "${lines[-1]}" = "2 passed, 0 failed" ]
	[ "$(jq -r '.run.complete, (.cells | length)' "$out/report.json" | tr '\n' ' ')" = "yes 2 " ]
	for file in report.html report.md report.xml "cells/$oldest/default-hidden/console"; do
		[ -s "$out/$file" ] || { echo "missing: $file"; return 1; }
	done
	grep -qx 'verdict = passed' "$out/cells/$oldest/default-hidden/verdict"

	run -0 --separate-stderr qemu/matrix --resume --kernels "$oldest" --scenarios 'default-hidden,default-visible' --out "$out"
	[ "$(grep -c '^ok .*# as before$' <<<"$output")" -eq 2 ]
	[[ $output == *"# 0 boots"* ]]
	[ "${lines[-1]}" = "2 passed, 0 failed" ]

	# another loader is another cell: booted again, and what is not confined is not passed
	run -1 --separate-stderr qemu/matrix --resume --kernels "$oldest" --scenarios default-hidden --out "$out" \
		--loader build/guest
	[[ $output == *"not ok 1 - $oldest default-hidden"* ]]
	[[ $output == *"proof EACCES"* ]]
	[ "${lines[-1]}" = "0 passed, 1 failed" ]
	[ "$(jq -r '.cells[].verdict' "$out/report.json")" = failed ]
}

@test "a run that is told to end kills its boots, leaves a report, and can be gone on with" {
	qemu/matrix --kernels "$oldest" --scenarios 'config-*' --jobs 2 --out "$out" >"$BATS_TEST_TMPDIR/tap" 2>&1 3>&- &
	matrix=$!
	for _ in $(seq 300); do
		if grep -q '^ok 1' "$BATS_TEST_TMPDIR/tap"; then break; fi
		sleep 0.1
	done
	kill -TERM "$matrix"
	status=0
	wait "$matrix" || status=$?
	[ "$status" -eq 130 ]
	run -1 pgrep -f "qemu-system.*$out/"
	grep -q 'interrupted; the report of what was done is in' "$BATS_TEST_TMPDIR/tap"
	[ "$(jq -r .run.complete "$out/report.json")" = no ]
	before=$(jq '[.cells[] | select(.verdict == "passed")] | length' "$out/report.json")
	all=$(jq '.cells | length' "$out/report.json")
	started=$(jq -r .run.started "$out/report.json")
	seconds=$(jq -r .run.seconds "$out/report.json")
	[ "$before" -ge 1 ]
	[ "$before" -lt "$all" ]
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/tap")" = "$before passed, 0 failed" ]

	run -0 --separate-stderr qemu/matrix --resume --kernels "$oldest" --scenarios 'config-*' --out "$out"
	[ "$(grep -c 'as before$' <<<"$output")" -eq "$before" ]
	# the report tells of both parts
	[ "$(jq -r .run.started "$out/report.json")" = "$started" ]
	[ "$(jq -r .run.seconds "$out/report.json")" -gt "$seconds" ]
	[ "${lines[-1]}" = "$all passed, 0 failed" ]
}

@test "a kernel that the archive does not have keeps its column, and passes nothing" {
	export INITWARD_CACHE=$BATS_TEST_TMPDIR/cache INITWARD_KERNELS=$BATS_TEST_TMPDIR/kernels
	mkdir -p "$INITWARD_CACHE/kernels/room"
	cp "$image" "$INITWARD_CACHE/kernels/room/vmlinuz"
	cp "${image%/*}/config" "$INITWARD_CACHE/kernels/room/config"
	printf 'package 1.0 room\n' >"$INITWARD_CACHE/kernels/$oldest:amd64:cloud"
	printf -- '- - -\n' >"$INITWARD_CACHE/kernels/4.4:amd64:cloud"
	{
		printf '4.4 nowhere amd64 cloud 4.4 apparmor\n'
		grep "^$oldest .* amd64 *cloud" qemu/kernels
	} >"$INITWARD_KERNELS"
	run -0 --separate-stderr qemu/matrix --kernels all --scenarios policy-off-hidden --out "$out"
	[ "${lines[-1]}" = "1 passed, 0 failed" ]
	[[ $stderr == *"4.4 is not available"* ]]
	[ "$(jq -r '.kernels[] | .name + " " + .status' "$out/report.json")" = "4.4 not-available
$oldest available" ]
	run -1 --separate-stderr qemu/matrix --kernels 4.4 --scenarios policy-off-hidden --out "$out"
	[[ $stderr == *"no kernel of '4.4' is available"* ]]
}

@test "a second run into the same folder is refused" {
	mkdir -p "$out"
	exec 8>"$out/lock"
	flock 8
	run -1 qemu/matrix --kernels "$oldest" --scenarios default-hidden --out "$out"
	one_line
	[[ $output == *"another run writes to '$out'"* ]]
}

# job_of LINES: what qemu/matrix leaves for "qemu/job 6.1 a", with these lines of the scenario
job_of() {
	export MATRIX_WORK=$BATS_TEST_TMPDIR/room MATRIX_OUT=$out MATRIX_BUNDLE=$PWD/build/bundle MATRIX_INPUTS=x
	mkdir -p "$MATRIX_WORK/instances" "$MATRIX_WORK/specs" "$MATRIX_WORK/overlays"
	printf '6.1\t6.1\tamd64\tcloud\t6.1\tlsm\tpackage\t1.0\tavailable\t/kernel\n' >"$MATRIX_WORK/kernels"
	printf "$1" >"$MATRIX_WORK/instances/a"
}

@test "a scenario of which nothing is expected on a kernel is a cell that failed" {
	job_of 'expect@7.1\tproof ok\nappend\tquiet\n'
	run -0 qemu/job 6.1 a
	[[ $output == "not ok	6.1 a	"* ]]
	grep -q '^not booted: nothing is expected' "$out/cells/6.1/a/why"
}

@test "what is not begun when the time is over is left out, and not passed" {
	job_of 'expect\tproof ok\n'
	mkdir -p "$out/cells/6.1/a"
	printf 'verdict = passed\n' >"$out/cells/6.1/a/verdict"
	MATRIX_DEADLINE=1 run -0 qemu/job 6.1 a
	[ "$output" = "left	6.1 a	0" ]
	[ ! -e "$out/cells/6.1/a" ]
}

@test "an image that cannot be made is a cell that failed, with the reason" {
	job_of 'fault\tno-such-fault\nexpect\tproof ok\n'
	run -0 qemu/job 6.1 a
	[[ $output == "not ok	6.1 a	"* ]]
	grep -q "^not booted: .*unknown fault 'no-such-fault'" "$out/cells/6.1/a/why"
	grep -qx 'verdict = failed' "$out/cells/6.1/a/verdict"
}

# spec LINE...: a spec with this kernel, and the image whose first program is the file "init"
spec() {
	(cd "$BATS_TEST_TMPDIR/tree" && echo init | cpio -o -H newc --quiet) >"$BATS_TEST_TMPDIR/initrd"
	printf 'kernel\t%s\ninitrd\t%s\nkey\tabc\n' "$image" "$BATS_TEST_TMPDIR/initrd" >"$BATS_TEST_TMPDIR/spec"
	printf "$*" >>"$BATS_TEST_TMPDIR/spec"
}

@test "a kernel that never comes to its first program is no verdict, after three boots" {
	mkdir -p "$BATS_TEST_TMPDIR/tree"
	cp build/guest "$BATS_TEST_TMPDIR/tree/init"
	spec 'timeout\t1\nappend\tinitcall_debug\n'
	run -3 qemu/cell "$BATS_TEST_TMPDIR/spec" "$out"
	grep -qx 'verdict = no-verdict' "$out/verdict"
	grep -qx 'tries = 3' "$out/verdict"
	grep -qx 'key = abc' "$out/verdict"
	grep -q '^no verdict after 3 boots: ended=limit' "$out/why"
	[ -e "$out/console.1" ]
	[ -e "$out/console.2" ]
}

# Once in three times is too often for a loader that hangs: not tried again.
@test "a first program that stands still has failed, with one boot" {
	mkdir -p "$BATS_TEST_TMPDIR/tree"
	printf 'int main(void) { for (;;) ; }\n' >"$BATS_TEST_TMPDIR/still.c"
	musl-gcc -static -o "$BATS_TEST_TMPDIR/tree/init" "$BATS_TEST_TMPDIR/still.c"
	spec 'timeout\t8\n'
	run -1 qemu/cell "$BATS_TEST_TMPDIR/spec" "$out"
	grep -qx 'tries = 1' "$out/verdict"
	grep -qx 'outcome: wanted up, got stuck' "$out/why"
}

@test "a boot that is told to be quiet has a verdict" {
	mkdir -p "$BATS_TEST_TMPDIR/tree"
	cp build/guest "$BATS_TEST_TMPDIR/tree/init"
	spec 'append\tquiet\nexpect\tpid 1\n'
	sed -i '/^initrd/d' "$BATS_TEST_TMPDIR/spec"
	qemu/image base "$BATS_TEST_TMPDIR/base" --tree "$BATS_TEST_TMPDIR/tree"
	printf 'initrd\t%s\n' "$BATS_TEST_TMPDIR/base" >>"$BATS_TEST_TMPDIR/spec"
	run -0 qemu/cell "$BATS_TEST_TMPDIR/spec" "$out"
	grep -qx 'verdict = passed' "$out/verdict"
}

@test "a hang is not believed before the kernel's own time to reset is over" {
	printf 'kernel\t%s\nappend\tpanic=9\noutcome\thang\n' "$image" >"$BATS_TEST_TMPDIR/spec"
	run -1 qemu/cell "$BATS_TEST_TMPDIR/spec" "$out"
	grep -qx 'outcome: wanted hang, got panic' "$out/why"
}

@test "a launcher that cannot work is no verdict, with its reason" {
	printf 'kernel\t/nowhere\nboots\t1\n' >"$BATS_TEST_TMPDIR/spec"
	run -3 qemu/cell "$BATS_TEST_TMPDIR/spec" "$out"
	grep -q "no verdict after 1 boots: .*'/nowhere' does not exist" "$out/why"
}

# The facts that a guest without the boot's own word prints are not believed.
@test "facts without the nonce of the boot do not count" {
	mkdir -p "$BATS_TEST_TMPDIR/tree/guest"
	printf 'forged\n' >"$BATS_TEST_TMPDIR/tree/guest/nonce"
	cp build/guest "$BATS_TEST_TMPDIR/tree/init"
	(cd "$BATS_TEST_TMPDIR/tree" && find . | cpio -o -H newc --quiet) >"$BATS_TEST_TMPDIR/initrd"
	qemu/image nonce "$BATS_TEST_TMPDIR/nonce" true-nonce
	run qemu/run --kernel "$image" --initrd "$BATS_TEST_TMPDIR/initrd" --result "$BATS_TEST_TMPDIR/result"
	grep -q '^forged end=' "$BATS_TEST_TMPDIR/result"
	printf 'kernel\t%s\ninitrd\t%s\nexpect\tpid 1\n' "$image" "$BATS_TEST_TMPDIR/initrd" >"$BATS_TEST_TMPDIR/spec"
	run -0 qemu/cell "$BATS_TEST_TMPDIR/spec" "$out"
	run -1 grep forged "$out/facts"
}

@test "a cell without spec, kernel or arguments is refused in one line" {
	run -2 qemu/cell
	run -1 qemu/cell /nowhere "$out"
	one_line
	[[ $output == *"cannot read the spec '/nowhere'"* ]]
	printf 'expect\tpid 1\n' >"$BATS_TEST_TMPDIR/spec"
	run -1 qemu/cell "$BATS_TEST_TMPDIR/spec" "$out"
	one_line
	[[ $output == *"names no kernel"* ]]
}

@test "a judge that fails is an expectation that does not hold" {
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	cat >"$BATS_TEST_TMPDIR/bin/awk" <<-EOF
		#!/bin/sh
		case "\$*" in *judge.awk*) exit 2 ;; esac
		exec $(command -v awk) "\$@"
	EOF
	chmod +x "$BATS_TEST_TMPDIR/bin/awk"
	qemu/image base "$BATS_TEST_TMPDIR/base"
	qemu/image overlay "$BATS_TEST_TMPDIR/overlay" --loader build/initward-init --bundle build/bundle
	printf 'kernel\t%s\ninitrd\t%s\ninitrd\t%s\nexpect\tproof EACCES\n' "$image" "$BATS_TEST_TMPDIR/base" \
		"$BATS_TEST_TMPDIR/overlay" >"$BATS_TEST_TMPDIR/spec"
	run -0 qemu/cell "$BATS_TEST_TMPDIR/spec" "$out"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run -1 qemu/cell "$BATS_TEST_TMPDIR/spec" "$out"
	grep -q 'not judged: awk failed' "$out/why"
}
