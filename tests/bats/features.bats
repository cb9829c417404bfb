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
	run -0 "$initward" features show "$BATS_TEST_TMPDIR/f"
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
	"$initward" features show "$BATS_TEST_TMPDIR/f" >"$BATS_TEST_TMPDIR/sets/1.0"
	make_policy "$BATS_TEST_TMPDIR/p"
	run -0 "$initward" compile --features "$BATS_TEST_TMPDIR/sets" \
		-o "$BATS_TEST_TMPDIR/bundle" "$BATS_TEST_TMPDIR/p"
	grep -qx 'class = file policy' "$BATS_TEST_TMPDIR/bundle/manifest"
}

@test "a folder that is missing is named" {
	run -1 "$initward" features show "$BATS_TEST_TMPDIR/none"
	[[ $output == *"cannot read the feature set $BATS_TEST_TMPDIR/none: No such file"* ]]
}

@test "a full disk is told" {
	make_features "$BATS_TEST_TMPDIR/f"
	run -1 sh -c "'$initward' features show '$BATS_TEST_TMPDIR/f' >/dev/full"
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

# A harness whose "boot" gives what the environment says, without QEMU.
fake_harness() {
	make_features "$BATS_TEST_TMPDIR/tree"
	mkdir "$BATS_TEST_TMPDIR/qemu"
	cat >"$BATS_TEST_TMPDIR/qemu/capture" <<'EOF'
#!/bin/sh
[ -z "$CAPTURE_FAILS" ] || { echo "qemu/capture: $CAPTURE_FAILS" >&2; exit 1; }
while [ "$1" != --out ]; do shift; done
cp -r "${0%/qemu/capture}/tree" "$2/tree"
echo "$CAPTURE_UNAME" >"$2/uname"
EOF
	chmod +x "$BATS_TEST_TMPDIR/qemu/capture"
	export INITWARD_QEMU="$BATS_TEST_TMPDIR/qemu" TMPDIR="$BATS_TEST_TMPDIR"
	export CAPTURE_UNAME='6.5.1-2-amd64 #1 SMP 2024 x86_64'
	sets=$BATS_TEST_TMPDIR/sets
}

capture() {
	"$initward" features capture --features "$features" -o "$sets" --kernel any
}

@test "list: rank, base, builds, and what each set adds" {
	run -0 "$initward" features list --features "$features"
	[[ ${lines[0]} =~ ^5\.10:\ rank\ 1,\ the\ base,\ [0-9]+\ features,\ exact\ for\ [0-9]+\ kernels ]]
	[[ $output == *$'\n6.1: rank 2, '* ]]
	[[ $output == *$'\n    + network_v8/af_mask mctp\n'* ]]
	[[ $output == *$'\n    - network_v8/tcp-fast-open yes\n'* ]]
	grep -h '^kernel = ' "$features"/*.kernels | sed 's/^kernel = //' | while read -r kernel; do
		grep -qxF "    $kernel" <<<"$output"
	done
}

@test "list --json says the same to programs" {
	run -0 --separate-stderr "$initward" features list --json --features "$features"
	[ -z "$stderr" ]
	[ "$(jq -r '.sets[].name' <<<"$output" | paste -sd' ')" = \
		"$(find "$features" -type f ! -name '*.kernels' -printf '%f\n' | sort -V | paste -sd' ')" ]
	[ "$(jq '[.sets[] | select(.base)] | length' <<<"$output")" = 1 ]
	[ "$(jq -r '.sets[1].adds[] | select(.feature == "network_v8/af_mask").words[0]' <<<"$output")" = mctp ]
	[ "$(jq -r .running_kernel <<<"$output")" = "$(uname -r) $(uname -v) $(uname -m)" ]
}

@test "list: the running kernel's set is told by its build where its features cannot be read" {
	mkdir "$BATS_TEST_TMPDIR/sets"
	cp "$features/6.1" "$BATS_TEST_TMPDIR/sets/"
	echo "kernel = $(uname -r) $(uname -v) $(uname -m)" >"$BATS_TEST_TMPDIR/sets/6.1.kernels"
	run -0 unshare -m sh -c 'mount -t tmpfs none /sys && exec "$@"' sh \
		"$initward" features list --features "$BATS_TEST_TMPDIR/sets"
	[[ ${lines[0]} == *"; the running kernel has it" ]]
	[[ $output == *"does not show its features; its build stands above"* ]]
}

@test "show: a set, a folder and a file are the same" {
	run -0 "$initward" features show --features "$features" 6.1
	[ "$output" = "$(cat "$features/6.1")" ]
	run -0 "$initward" features show "$features/6.1"
	[ "$output" = "$(cat "$features/6.1")" ]
	run -1 "$initward" features show --features "$features" 9.9
	[[ $output == *"there is no feature set, folder or file 9.9"* ]]
	run -1 "$initward" features show /etc/passwd
	[[ $output == *"/etc/passwd, line 1: not a feature set"* ]]
}

@test "show --against: what is gone and what is new, and nothing of a set against itself" {
	run -0 "$initward" features show --features "$features" 6.16 --against 6.12
	[ "$output" = $'- network_v8/tcp-fast-open yes\n+ policy/state32 0x000001' ]
	run -0 "$initward" features show --features "$features" 6.16 --against "$features/6.16"
	[ -z "$output" ]
}

@test "two folders of sets are one; the same name for two sets is refused" {
	mkdir "$BATS_TEST_TMPDIR/sets"
	cp "$features/6.1" "$BATS_TEST_TMPDIR/sets/"
	echo 'kernel = my own' >"$BATS_TEST_TMPDIR/sets/6.1.kernels"
	run -0 "$initward" features list --features "$features" --features "$BATS_TEST_TMPDIR/sets"
	grep -A 4 '^6.1: ' <<<"$output" | grep -qx '    my own'
	cp "$features/6.12" "$BATS_TEST_TMPDIR/sets/6.1"
	run -1 "$initward" features list --features "$features" --features "$BATS_TEST_TMPDIR/sets"
	[[ $output == *"$BATS_TEST_TMPDIR/sets/6.1 is another feature set than the one of that name"* ]]
}

@test "capture: a new set is named by its series, and then has its build once" {
	fake_harness
	run -0 capture
	[ "$output" = "6.5: now has the kernel $CAPTURE_UNAME" ]
	[ "$(cat "$sets/6.5")" = "$("$initward" features show "$BATS_TEST_TMPDIR/tree")" ]
	[ "$(grep '^kernel' "$sets/6.5.kernels")" = "kernel = $CAPTURE_UNAME" ]
	grep -qx 'captured = ....-..-..' "$sets/6.5.kernels"
	run -0 capture
	[ "$output" = "6.5: already has the kernel $CAPTURE_UNAME" ]
	export CAPTURE_UNAME='6.6.0 #1 x86_64'
	run -0 capture
	[ "$output" = "6.5: now has the kernel $CAPTURE_UNAME" ]
	[ "$(grep -c '^kernel' "$sets/6.5.kernels")" = 2 ]
	run -0 "$initward" features list --features "$sets"
	[ -z "$(find "$BATS_TEST_TMPDIR" -name 'initward-*' -o -name '.*.new')" ]
}

@test "capture: a release candidate is a series of its own, a name that is taken another" {
	fake_harness
	export CAPTURE_UNAME='7.4-rc3-amd64 #1 x86_64'
	run -0 capture
	[ -e "$sets/7.4-rc3" ]
	rm -r "$sets"
	export CAPTURE_UNAME='6.1.0+new-amd64 #1 x86_64'
	run -0 capture
	[ -e "$sets/6.1.0_new-amd64" ]
}

@test "capture: a build that changed its set is refused" {
	fake_harness
	mkdir "$sets"
	cp "$features/6.12" "$sets/6.4"
	echo "kernel = $CAPTURE_UNAME" >"$sets/6.4.kernels"
	run -1 "$initward" features capture --features "$sets" -o "$sets" --kernel any
	[[ $output == *"stands in 6.4.kernels, and has another feature set"* ]]
	[ ! -e "$sets/6.5" ]
}

@test "capture: what the boot says is passed on, and nothing is written" {
	fake_harness
	export CAPTURE_FAILS="the program 'qemu-system-x86_64' is missing; install the Debian package qemu-system-x86"
	run -1 capture
	[[ $output == "initward features: cannot capture the features of any: $CAPTURE_FAILS" ]]
	[ -z "$(find "$BATS_TEST_TMPDIR" -name 'initward-*' -o -name '6.5*')" ]
	rm "$BATS_TEST_TMPDIR/qemu/capture"
	run -1 capture
	[[ $output == *"$BATS_TEST_TMPDIR/qemu/capture is missing"* ]]
	run -1 unshare -m sh -c 'mount -t tmpfs none /sys && exec "$@"' sh \
		"$initward" features capture -o "$sets"
	[[ $output == *"cannot read the feature set /sys/kernel/security/apparmor/features"*"is AppArmor active"* ]]
}

@test "capture: a disk that is full leaves no half set" {
	fake_harness
	mkdir "$sets"
	run -1 unshare -m sh -c 'mount -t tmpfs -o size=4k,nr_inodes=2 tmpfs "$1" || exit 77
		shift; "$@"; status=$?; ls -A "$0"; exit $status' "$sets" "$sets" \
		"$initward" features capture --features "$features" -o "$sets" --kernel any
	[[ $output == *"cannot write $sets/6.5: No space left on device"* || $output == *"cannot write $sets/6.5.kernels: No space"* ]]
	[[ $output != *.new* ]]
}

@test "capture: a kernel that is none, and one for another machine, are told by the real harness" {
	export INITWARD_QEMU=$top/qemu INITWARD_GUEST=$top/build/guest
	run -1 "$initward" features capture --features "$features" -o "$BATS_TEST_TMPDIR/sets" --kernel /etc/passwd
	[[ $output == *"cannot capture the features of /etc/passwd: "*"is no Linux kernel image"* ]]
	run -1 "$initward" features capture --features "$features" -o "$BATS_TEST_TMPDIR/sets" --kernel /none
	[[ $output == *"cannot read the kernel image '/none'"* ]]
	export INITWARD_GUEST=/etc/passwd
	run -1 "$initward" features capture --features "$features" -o "$BATS_TEST_TMPDIR/sets" --kernel /etc/passwd
	[[ $output == *"the guest program '/etc/passwd' is missing"* ]]
}

@test "capture: QEMU that is missing is named with its package" {
	export INITWARD_QEMU=$top/qemu INITWARD_GUEST=$top/build/guest INITWARD_ACCEL=tcg
	kernel=$("$top/qemu/fetch" 6.1)
	mkdir "$BATS_TEST_TMPDIR/bin"
	for program in /usr/bin/* /usr/sbin/apparmor_parser; do
		[[ $program == */qemu-* ]] || ln -s "$program" "$BATS_TEST_TMPDIR/bin/"
	done
	run -1 env PATH="$BATS_TEST_TMPDIR/bin" "$initward" features capture --features "$features" \
		-o "$BATS_TEST_TMPDIR/sets" --kernel "$kernel"
	[[ $output == *"install the Debian package qemu-system-x86"* ]]
}

@test "capture: a real kernel, booted by the installed files, has the set of the tree" {
	make -s -C "$top" install DESTDIR="$BATS_TEST_TMPDIR/root" >/dev/null
	kernel=$("$top/qemu/fetch" 6.1)
	export INITWARD_QEMU=$BATS_TEST_TMPDIR/root/usr/share/initward/qemu
	export INITWARD_GUEST=$BATS_TEST_TMPDIR/root/usr/lib/initward/guest
	run -0 "$BATS_TEST_TMPDIR/root/usr/bin/initward" features capture -o "$BATS_TEST_TMPDIR/sets" \
		--features "$BATS_TEST_TMPDIR/root/usr/share/initward/features" --kernel "$kernel"
	[[ $output == "6.1: now has the kernel 6.1."* ]]
	cmp "$BATS_TEST_TMPDIR/sets/6.1" "$features/6.1"
	grep -qxF "$(grep '^kernel = ' "$BATS_TEST_TMPDIR/sets/6.1.kernels")" "$features/6.1.kernels"
}

@test "capture: a signal ends the boot, QEMU with it" {
	export INITWARD_QEMU=$top/qemu INITWARD_GUEST=$top/build/guest TMPDIR=$BATS_TEST_TMPDIR
	kernel=$("$top/qemu/fetch" 6.1)
	"$initward" features capture --features "$features" -o "$BATS_TEST_TMPDIR/sets" \
		--kernel "$kernel" 2>"$BATS_TEST_TMPDIR/said" 3>&- &
	job=$!
	for _ in $(seq 100); do
		pgrep -f "$BATS_TEST_TMPDIR/.*/initrd" >/dev/null && break
		sleep 0.1
	done
	pgrep -f "$BATS_TEST_TMPDIR/.*/initrd" >/dev/null
	kill -TERM "$job"
	status=0
	wait "$job" || status=$?
	[ "$status" = 1 ]
	run ! pgrep -f "$BATS_TEST_TMPDIR/.*/initrd"
	[ ! -e "$BATS_TEST_TMPDIR/sets/6.1" ]
	[ -z "$(find "$BATS_TEST_TMPDIR" -name 'initward-*')" ]
}
