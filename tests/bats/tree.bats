#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2154 # variables of bats
# initward wrap and verify on a folder that is still to be packed; tests/wrap boots one.
bats_require_minimum_version 1.5.0

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	t=$BATS_TEST_TMPDIR
	initward=$top/build/initward
	tree=$t/tree
	mkdir -p "$tree/bin" "$tree/etc" "$t/tmp"
	export TMPDIR=$t/tmp
	cp "$top/build/guest" "$tree/bin/program"
	echo text >"$tree/etc/file"
	ln -s bin/program "$tree/init"
}

wrap() {
	"$initward" wrap --loader "$top/build/initward-init" --bundle "$top/build/bundle" "$@"
}

verify() {
	"$initward" verify --loader "$top/build/initward-init" "$@"
}

# All of a folder: names, types, modes, owners, times, targets, contents.
listing() {
	(cd "$1" && find . -printf '%p %y %m %U %G %T@ %l\n' | LC_ALL=C sort &&
		find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
}

# A file instead of the link.
own_init() {
	rm -f "$tree/init"
	cp "$tree/bin/program" "$tree/init"
}

# Fails unless the command says one line that has $1 in it, ends with 1, and leaves the tree as it was.
refused() {
	local want=$1
	shift
	listing "$tree" >"$t/before"
	run -1 "$@"
	[ "${#lines[@]}" -eq 1 ] || { printf 'not one line: %s\n' "$output"; return 1; }
	[[ $output == 'initward wrap: '*"$want"* ]] || { printf 'not "%s": %s\n' "$want" "$output"; return 1; }
	listing "$tree" | diff "$t/before" -
	[ -z "$(ls -A "$t/tmp")" ]
}

# --- what comes out ---

@test "/init that is a link: the loader in its place, a link to the same file, all else as it was" {
	listing "$tree" | grep -v '^\./init ' >"$t/before"
	run -0 wrap "$tree"
	[ "$output" = "$tree: wrapped; next init /initward/init, a link to /bin/program" ]
	cmp "$tree/init" "$top/build/initward-init"
	[ "$(readlink "$tree/initward/init")" = /bin/program ]
	[ "$(ls -A "$tree/initward")" = 'bundle
init
initward.conf
wrapped' ]
	diff -r "$tree/initward/bundle" "$top/build/bundle"
	[ "$(tail -n 1 "$tree/initward/initward.conf")" = 'init = /initward/init' ]
	rm -r "$tree/initward" "$tree/init"
	ln -s bin/program "$tree/init"
	touch -d "$(sed -n 's/^\. d [0-9]* [0-9]* [0-9]* \([^ ]*\) .*/@\1/p' "$t/before")" "$tree"
	listing "$tree" | grep -v '^\./init ' | diff "$t/before" -
}

@test "/init that is a file: the file itself, with mode, owner and time, and its other names stay" {
	own_init
	ln "$tree/init" "$tree/bin/other"
	chmod 0751 "$tree/init"
	touch -d @1000000000 "$tree/init"
	before=$(stat -c '%i %a %u %g %Y' "$tree/init")
	run -0 wrap "$tree"
	[ "$output" = "$tree: wrapped; next init /initward/init, what was /init" ]
	[ "$(stat -c '%i %a %u %g %Y' "$tree/initward/init")" = "$before" ]
	[ "$(stat -c %i "$tree/bin/other")" = "${before%% *}" ]
	cmp "$tree/init" "$top/build/initward-init"
}

@test "a link by an absolute path, and one through other links, stay in the tree" {
	ln -sfn /bin/program "$tree/init"
	wrap "$tree"
	[ "$(readlink "$tree/initward/init")" = /bin/program ]
	# /sbin leads out of the folder for who looks from outside, and not for the kernel
	ln -sfn ../../../bin/program "$tree/bin/second"
	ln -s /bin "$tree/sbin"
	ln -sfn sbin/second "$tree/init"
	wrap "$tree"
	[ "$(readlink "$tree/initward/init")" = /sbin/second ]
	run -0 verify "$tree"
}

@test "modes do not depend on the umask, times are 1970 or SOURCE_DATE_EPOCH, the folder's own stays" {
	touch -d @1500000000 "$tree"
	(umask 0077 && wrap "$tree")
	[ "$(stat -c %Y "$tree")" = 1500000000 ]
	[ -z "$(find "$tree/initward" "$tree/init" -newermt @0)" ]
	[ -z "$(find "$tree/initward" -type d ! -perm 0755)" ]
	[ -z "$(find "$tree/initward" -type f ! -perm 0644)" ]
	[ "$(stat -c %a "$tree/init")" = 755 ]
	listing "$tree" >"$t/first"
	(umask 0 && wrap "$tree")
	listing "$tree" | diff "$t/first" -
	SOURCE_DATE_EPOCH=1700000000 wrap "$tree"
	[ -z "$(find "$tree/initward" "$tree/init" -newermt @1700000000 -o ! -newermt @1699999999)" ]
	refused 'SOURCE_DATE_EPOCH' env SOURCE_DATE_EPOCH=soon "$initward" wrap \
		--loader "$top/build/initward-init" --bundle "$top/build/bundle" "$tree"
}

# dracut's hardlink(1) chooses by the number of the inode which of two equal ones stays: the image would differ
@test "equal files of the bundle are one file under two names" {
	wrap "$tree"
	(cd "$tree/initward/bundle" && find . -type f -exec sha256sum {} + | sort) >"$t/sums"
	uniq -w 64 -D "$t/sums" >"$t/equal"
	[ -s "$t/equal" ]
	while read -r sum name; do
		[ "$(find "$tree/initward/bundle" -samefile "$tree/initward/bundle/$name" | wc -l)" = "$(grep -c "^$sum" "$t/sums")" ]
	done <"$t/equal"
	[ "$(find "$tree/initward/bundle" -type f -links +1 | wc -l)" = "$(wc -l <"$t/equal")" ]
}

@test "a second time is the same as once, for a link and for a file" {
	for kind in link file; do
		[ "$kind" = link ] || own_init
		wrap "$tree"
		listing "$tree" >"$t/first"
		wrap "$tree"
		listing "$tree" | diff "$t/first" -
		rm -r "$tree/initward"
	done
}

@test "a second time replaces loader, configuration and bundle" {
	wrap "$tree" --mode visible
	echo left >"$tree/initward/left"
	wrap "$tree" --policy complain
	[ ! -e "$tree/initward/left" ]
	grep -q '^mode = hidden$' "$tree/initward/initward.conf"
	grep -q '^policy = complain$' "$tree/initward/initward.conf"
	[ "$(readlink "$tree/initward/init")" = /bin/program ]
}

@test "who puts an /init of his own in afterwards is found by verify, and is the next init from then on" {
	wrap "$tree"
	run -0 verify "$tree"
	[ "${lines[-1]}" = "$tree: good: 8 checks" ]
	ln -sfn /etc/file "$tree/init"
	run -4 verify "$tree"
	[[ $output == *'NOT ok: loader: /init is not executable'* ]]
	chmod +x "$tree/etc/file"
	refused 'the kernel cannot start its /init' wrap "$tree"
	rm "$tree/init"
	run -4 verify "$tree"
	[[ $output == *'NOT ok: loader: /init is missing'* ]]
	own_init
	run -4 verify "$tree"
	[[ $output == *'NOT ok: loader: /init: it is another program than the loader; nothing confines the system'* ]]
	[[ ${lines[-1]} == "$tree: NOT good: "* ]]
	run -0 wrap "$tree"
	[[ $output == *'what was /init' ]]
	cmp "$tree/initward/init" "$tree/bin/program"
	run -0 verify "$tree"
}

@test "what verify says of the folder, it says of the archive too" {
	wrap "$tree"
	run -0 verify "$tree"
	want=$(sed '/^ok: image: /d; $d' <<<"$output")
	(cd "$tree" && find . | cpio -o --quiet -H newc -R 0:0) >"$t/image"
	run -0 verify "$t/image"
	[ "$(sed '/^ok: image: /d; $d' <<<"$output")" = "$want" ]
	run -0 verify --bundle "$top/build/bundle" --config "$tree/initward/initward.conf" "$tree"
	printf x >>"$(find "$tree/initward/bundle/enforce" -name global | head -n 1)"
	run -4 verify "$tree"
	[[ $output == *"its size is not the manifest's"* ]]
}

@test "without a bundle the policy is compiled" {
	loader=(--loader "$top/build/initward-init" --features "$top/policy/features")
	run -0 "$initward" wrap "${loader[@]}" --source "$top/policy/basic/global" "$tree"
	diff -r "$tree/initward/bundle" "$top/build/bundle"
	echo 'profile global {' >"$t/bad"
	listing "$tree" >"$t/before"
	run -1 "$initward" wrap "${loader[@]}" --source "$t/bad" "$tree"
	[[ $output == *"$t/bad"*'cannot compile the policy'* ]]
	listing "$tree" | diff "$t/before" -
	run -2 wrap --kernel 6.1.0-1-amd64 "$tree"
	[[ $output == *'--bundle and --kernel exclude each other'* ]]
}

@test "--kernel: the sets of that kernel, and what compile says of them" {
	load compile
	own=(--loader "$top/build/initward-init" --features "$top/policy/features" --source "$top/policy/basic/global")
	version=$(sed -n 's/^kernel = \(.*\) x86_64$/\1/p' "$top/policy/features/6.1.kernels" | head -n 1)
	gzip </dev/null | bzimage "${version%% *}" "${version#* }" >"$t/vmlinuz"
	run -0 "$initward" wrap "${own[@]}" --kernel "$t/vmlinuz" "$tree"
	[ "${#lines[@]}" -eq 1 ]
	[ "$(sed -n 's/^set = //p' "$tree/initward/bundle/manifest" | paste -sd' ')" = '5.10 6.1' ]
	gzip </dev/null | bzimage 99.1-none '#1 SMP' >"$t/vmlinuz"
	run -0 --separate-stderr "$initward" wrap "${own[@]}" --kernel "$t/vmlinuz" "$tree"
	[[ $stderr == 'note: kernel '*99.1-none* ]]
	[ "$(sed -n 's/^set = //p' "$tree/initward/bundle/manifest")" = 5.10 ]
	listing "$tree" >"$t/before"
	run -1 "$initward" wrap "${own[@]}" --kernel "$t/none" "$tree"
	[[ ${lines[0]} == *"cannot read the kernel $t/none: No such file or directory" ]]
	listing "$tree" | diff "$t/before" -
}

@test "nothing named: policy and configuration of /etc/initward, as update takes them" {
	loader=(--loader "$top/build/initward-init" --features "$top/policy/features")
	mkdir -p "$t/etc/policy"
	cp "$top/policy/basic/global" "$t/etc/policy"
	cp -R "$top/policy/basic/abi" "$t/etc/policy"
	printf 'version = 1\nmode = visible\n' >"$t/etc/initward.conf"
	with_etc() {
		unshare -m sh -c 'set -e
			mount -t tmpfs tmpfs /etc
			cp -R "$1" /etc/initward
			shift
			"$@"' sh "$t/etc" "$initward" wrap "${loader[@]}" "$@" "$tree"
	}
	run -0 with_etc
	[ "$(cat "$tree/initward/initward.conf")" = 'version = 1
mode = visible
init = /initward/init' ]
	diff -r "$tree/initward/bundle" "$top/build/bundle"
	# what is named counts
	run -0 with_etc --mode hidden
	grep -q '^mode = hidden$' "$tree/initward/initward.conf"
	echo 'version = 1' >"$t/conf"
	run -0 with_etc --config "$t/conf"
	[ "$(head -n -1 "$tree/initward/initward.conf")" = 'version = 1' ]
	echo 'profile global {' >"$t/etc/policy/global"
	run -1 with_etc
	[[ $output == */etc/initward/policy/global* ]]
	run -0 with_etc --source "$top/policy/basic/global"
}

# --- hostile and broken trees ---

@test "links out of the folder: nothing outside is read or written" {
	mkdir "$t/outside"
	cp "$top/build/guest" "$t/outside/init"
	listing "$t/outside" >"$t/outside.before"
	for target in "$t/outside" ../outside; do
		ln -sfn "$target" "$tree/initward"
		refused 'it has an /initward already' wrap "$tree"
		rm "$tree/initward"
		# what a killed run has left is taken away, and nothing that it leads to
		ln -sfn "$target" "$tree/.initward-new"
		wrap "$tree"
		[ ! -L "$tree/.initward-new" ]
		rm -r "$tree/initward"
		ln -sfn bin/program "$tree/init"
		listing "$t/outside" | diff "$t/outside.before" -
	done
	# in the image that path leads to nothing
	ln -sfn "$t/outside/init" "$tree/init"
	refused 'its /init is a link to something that is not there' wrap "$tree"
	ln -sfn ../outside/init "$tree/init"
	refused 'its /init is a link to something that is not there' wrap "$tree"
	ln -sfn bin/program "$tree/init"
	wrap "$tree"
	for name in bundle initward.conf init wrapped; do
		rm -r "${tree:?}/initward/$name"
		ln -s "$t/outside" "$tree/initward/$name"
	done
	run -4 verify "$tree"
	listing "$t/outside" | diff "$t/outside.before" -
}

@test "a tree without an /init that can be started is refused" {
	rm "$tree/init"
	refused 'it has no /init' wrap "$tree"
	mkdir "$tree/init"
	refused 'its /init is not executable' wrap "$tree"
	rmdir "$tree/init"
	own_init
	chmod 0644 "$tree/init"
	refused 'its /init is not executable' wrap "$tree"
	mkfifo "$tree/fifo"
	ln -sfn fifo "$tree/init"
	refused 'its /init is not executable' wrap "$tree"
	ln -sfn init "$tree/init"
	refused 'a link to something that is not there' wrap "$tree"
	rm "$tree/init"
	printf '#!/bin/none\n' >"$tree/init"
	chmod +x "$tree/init"
	refused 'ENOENT' wrap "$tree"
	# linked dynamically, and its interpreter is not in the tree
	cp "$initward" "$tree/init"
	refused 'its ELF interpreter is' wrap "$tree"
	: >"$tree/init"
	refused 'neither an ELF program nor a script' wrap "$tree"
}

@test "initward from somewhere else is refused" {
	mkdir "$tree/initward"
	refused 'it has an /initward already' wrap "$tree"
	mkdir "$tree/initward/wrapped"
	refused 'it has an /initward already' wrap "$tree"
	rm -r "$tree/initward"
	ln -sfn bin/loader "$tree/init"
	cp "$top/build/initward-init" "$tree/bin/loader"
	refused "its /init is initward's loader already" wrap "$tree"
	# what wrap put in, whose next init is gone, or leads to the loader
	ln -sfn bin/program "$tree/init"
	wrap "$tree"
	rm "$tree/initward/init"
	refused 'it has no /init' wrap "$tree"
	ln -s /init "$tree/initward/init"
	refused 'the boot would fail' wrap "$tree"
}

@test "the next init must not lie in what is replaced" {
	wrap "$tree"
	cp "$tree/bin/program" "$tree/initward/mine"
	ln -sfn initward/mine "$tree/init"
	refused 'the boot would fail: next init' wrap "$tree"
}

@test "what is no folder is refused, and options of images" {
	mkfifo "$t/fifo"
	refused "$t/fifo is no regular file" wrap "$t/fifo"
	refused 'No such file or directory' wrap "$t/none"
	ln -s loop "$t/loop"
	refused 'Too many levels of symbolic links' wrap "$t/loop"
	run -2 wrap -o "$t/other" "$tree"
	[[ $output == *'--output is for images: a folder is changed where it is'* ]]
	run -2 wrap --drop-signature "$tree"
	[[ $output == *'--drop-signature is for images'* ]]
	run -1 verify "$t/none"
	ln -s tree "$t/link"
	run -0 wrap "$t/link"
	run -0 verify "$t/link"
}

@test "no permission: the folder, a folder in it, /init, and what may not be written to" {
	as() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
	room=$(mktemp -d /tmp/tree.XXXXXX)
	chmod 0755 "$room"
	cp -R "$initward" "$top/build/initward-init" "$top/build/bundle" "$room"
	chmod -R a+rX "$room"
	theirs() { as "$room/initward" wrap --loader "$room/initward-init" --bundle "$room/bundle" "$room/tree"; }
	cp -a "$tree" "$room/tree"
	refused "cannot write $room/tree/.initward-new: Permission denied; nothing was changed" theirs
	chown -R 65534:65534 "$room/tree"
	chmod 0000 "$room/tree/etc"
	refused "$room/tree: cannot read \"etc\": Permission denied" theirs
	run -1 as "$room/initward" verify "$room/tree"
	[[ $output == *"cannot read \"etc\": Permission denied"* ]]
	chmod 0755 "$room/tree/etc"
	chmod 0111 "$room/tree/bin/program"
	refused 'bin/program' theirs
	chmod 0755 "$room/tree/bin/program"
	chmod 0000 "$room/tree"
	refused "cannot read $room/tree: Permission denied" theirs
	chmod 0755 "$room/tree"
	theirs
	[ -z "$(find "$room/tree" ! -uid 65534)" ]
	rm -rf "$room"
}

# A file system of $1 bytes with the tree on it, and the command behind: inside SIZE OPTIONS COMMAND...
inside() {
	unshare -m sh -c 'set -e
		mkdir -p "$1/mnt"
		mount -t tmpfs -o "size=$2" tmpfs "$1/mnt" || exit 77
		cp -a "$1/tree" "$1/mnt/tree"
		(cd "$1/mnt/tree" && find . -printf "%p %y %m %T@ %l\n" | LC_ALL=C sort) >"$1/listed"
		mount -o "remount,$3" "$1/mnt"
		shift 3
		"$@" && status=0 || status=$?
		(cd "$BATS_TEST_TMPDIR/mnt/tree" && find . -printf "%p %y %m %T@ %l\n" | LC_ALL=C sort) >"$BATS_TEST_TMPDIR/listed.after"
		exit $status' sh "$t" "$@"
}

@test "a full disk, wherever it strikes, and a read-only one: the tree is as it was" {
	own=(--loader "$top/build/initward-init" --bundle "$top/build/bundle")
	program=$(($(stat -c %s "$tree/bin/program") / 1024))
	for more in 80 120 140 160 180 220 2000; do
		size=$((program + more))k
		run inside "$size" rw "$initward" wrap "${own[@]}" "$t/mnt/tree"
		echo "size $size, status $status: $output"
		[ "$status" = 0 ] && break
		[ "$status" = 1 ]
		[[ $output == *'No space left on device; nothing was changed' ]]
		cmp "$t/listed" "$t/listed.after"
		full=yes
	done
	[ "$status" = 0 ]
	[ "$full" = yes ]
	run -1 inside 2m ro "$initward" wrap "${own[@]}" "$t/mnt/tree"
	[[ $output == *'Read-only file system; nothing was changed' ]]
	cmp "$t/listed" "$t/listed.after"
}

@test "a file system that is mounted in the tree is not packed by mistake" {
	run -1 unshare -m sh -c 'mount -t tmpfs tmpfs "$1/etc" || exit 77
		shift
		"$@"' sh "$tree" "$initward" verify "$tree"
	[[ $output == *'cannot take "etc": another file system is mounted there'* ]]
}

@test "a path that is longer than the kernel takes is passed over, and costs no descriptors" {
	name=$(printf 'n%.0s' $(seq 240))
	(
		cd "$tree"
		for _ in $(seq 20); do mkdir "$name" && cd "$name"; done
	)
	limited() (
		ulimit -n 16
		"$@"
	)
	run -0 limited wrap "$tree"
	run -0 limited verify "$tree"
	# 16 of the 20 have a path that is shorter than PATH_MAX
	[[ ${lines[0]} == *": $(($(find "$tree/initward" | wc -l) + 5 + 16)) files" ]]
}

@test "a signal in the middle: the tree is as it was" {
	{
		echo '#!/bin/sh'
		echo 'case "$*" in *--write-cache*) touch "${0%/*}/running"; sleep 60 & wait ;; esac'
		echo "exec $(command -v apparmor_parser) \"\$@\""
	} >"$t/apparmor_parser"
	chmod +x "$t/apparmor_parser"
	listing "$tree" >"$t/before"
	for signal in INT TERM HUP; do
		rm -f "$t/running"
		PATH=$t:$PATH XDG_CACHE_HOME=$t/$signal "$initward" wrap --loader "$top/build/initward-init" \
			--features "$top/policy/features" --source "$top/policy/basic/global" "$tree" 2>"$t/said" 3>&- &
		pid=$!
		for _ in $(seq 100); do
			[ -e "$t/running" ] && break
			sleep 0.1
		done
		[ -e "$t/running" ]
		kill -s "$signal" "$pid"
		status=0
		wait "$pid" || status=$?
		[ "$status" -eq 1 ]
		listing "$tree" | diff "$t/before" -
		[ -z "$(ls -A "$t/tmp")" ]
	done
}

@test "killed in the middle: what was left goes with the next run" {
	mkdir -p "$tree/.initward-new/initward/bundle"
	echo half >"$tree/.initward-new/init"
	wrap "$tree"
	[ ! -e "$tree/.initward-new" ]
	run -0 verify "$tree"
}

@test "two runs at once: one is refused" {
	exec 9<"$tree"
	flock -n 9
	refused "another 'initward wrap' is at work on it" wrap "$tree"
	exec 9<&-
	wrap "$tree"
}

@test "what it would put in has to be good before anything is changed" {
	cp -R "$top/build/bundle" "$t/bundle"
	printf x >>"$(find "$t/bundle/enforce" -name global | head -n 1)"
	listing "$tree" >"$t/before"
	run -1 "$initward" wrap --loader "$top/build/initward-init" --bundle "$t/bundle" "$tree"
	[[ $output == *'the loader would refuse the bundle'* ]]
	listing "$tree" | diff "$t/before" -
}

@test "control characters of a name do not reach the terminal" {
	name=$(printf 'a\033b')
	mkdir "$tree/$name"
	run -1 unshare -m sh -c 'mount -t tmpfs tmpfs "$1" || exit 77
		shift
		"$@"' sh "$tree/$name" "$initward" verify "$tree"
	[[ $output == *'cannot take "a?b"'* ]]
}
