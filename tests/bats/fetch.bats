#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # text for other shells; variables of one test
#
# qemu/fetch against an archive that is a folder on this machine: apt is real, the network is not
# used.

bats_require_minimum_version 1.5.0

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	fetch=$root/qemu/fetch
	room=$BATS_TEST_TMPDIR
	archive=$room/archive/debian
	suite=stable
	export INITWARD_CACHE=$room/cache INITWARD_KERNELS=$room/kernels APT_CONFIG=$room/apt.conf
	mkdir -p "$archive/pool"
	printf 'deb file:%s stable main\n' "$archive" >"$room/sources"
	cat >"$APT_CONFIG" <<-END
		Dir::Etc::sourcelist "$room/sources";
		Dir::Etc::sourceparts "-";
		Acquire::AllowInsecureRepositories "true";
		APT::Get::AllowUnauthenticated "true";
	END
	cat >"$INITWARD_KERNELS" <<-'END'
		# a table for these tests
		6.1   stable       amd64  cloud  6.1   lockdown,capability
		6.12  gone,stable  amd64  cloud  6.12  lockdown,apparmor
		6.13  stable       amd64  cloud  6.12  lockdown
		rc    stable       amd64  cloud  7.3   lockdown
		6.12  stable       amd64  full   6.12  lockdown
		6.12  stable       arm64  cloud  6.12  lockdown
	END
}

# package NAME VERSION ARCHITECTURE MEMBER <CONTENT: a package of $suite. An image in /boot has its
# configuration beside it.
package() {
	local deb=$room/deb list=$archive/dists/$suite/main/binary-$3 file=pool/$1_$2_$3.deb
	mkdir -p "$deb/DEBIAN" "$deb/$(dirname "$4")" "$list"
	cat >"$deb/$4"
	case $4 in
	boot/vmlinuz-*) echo "configuration $2" >"$deb/boot/config-${4#boot/vmlinuz-}" ;;
	esac
	printf '%s: %s\n' Package "$1" Version "$2" Architecture "$3" Maintainer 'A <a@example.org>' \
		Description none >"$deb/DEBIAN/control"
	dpkg-deb --root-owner-group -Zgzip -b "$deb" "$archive/$file" >/dev/null
	{
		cat "$deb/DEBIAN/control"
		printf 'Filename: %s\nSize: %s\nSHA256: %s\n\n' "$file" "$(stat -c %s "$archive/$file")" \
			"$(sha256sum <"$archive/$file" | cut -d ' ' -f 1)"
	} >>"$list/Packages"
	rm -r "$deb"
	release
}

release() {
	(
		cd "$archive/dists/$suite" || exit
		printf '%s: %s\n' Origin Debian Suite "$suite" Codename "$suite" Components main \
			Architectures 'amd64 arm64' Date "$(date -Ru)"
		echo SHA256:
		find . -name Packages | while IFS= read -r file; do
			printf ' %s %s %s\n' "$(sha256sum <"$file" | cut -d ' ' -f 1)" "$(stat -c %s "$file")" \
				"${file#./}"
		done
	) >"$room/Release"
	mv "$room/Release" "$archive/dists/$suite/Release"
}

image() {
	echo "kernel $2" | package "linux-image-$1-cloud-amd64" "$2" amd64 "boot/vmlinuz-$1"
}

# Everything in the cache that a later run would take for a kernel.
kept() {
	[ ! -d "$INITWARD_CACHE/kernels" ] || find "$INITWARD_CACHE/kernels" -mindepth 1
	[ ! -d "$INITWARD_CACHE/work" ] || find "$INITWARD_CACHE/work"
}

# With a small disk for the cache; as root, or in a user namespace.
small_disk() {
	local as_root=-r
	[ "$(id -u)" -ne 0 ] || as_root=
	mkdir -p "$INITWARD_CACHE"
	unshare -m $as_root sh -c 'mount -t tmpfs -o size="$1" tmpfs "$INITWARD_CACHE" && shift || exit 99
		status=0
		"$@" || status=$?
		find "$INITWARD_CACHE/kernels" -mindepth 1
		exit $status' sh "$@"
}

@test "the newest package of the series is fetched, once" {
	image 6.12.9+deb13 6.12.9-1
	image 6.12.10+deb13 6.12.10-1
	image 6.1.0-41 6.1.150-1
	image 6.120.1 6.120.1-1
	image 6.13 '6.13~rc7-1~exp1'
	echo no | package linux-image-6.12.11-rt-amd64 6.12.11-1 amd64 boot/vmlinuz-6.12.11
	run -0 "$fetch" 6.12 6.1
	[ "${#lines[@]}" -eq 2 ]
	[ "$(cat "${lines[0]}")" = 'kernel 6.12.10-1' ]
	[ "$(cat "${lines[1]}")" = 'kernel 6.1.150-1' ]
	rm -r "$archive"
	run -0 "$fetch" 6.12
	[ "$(cat "$output")" = 'kernel 6.12.10-1' ]
}

@test "--update asks the archive again" {
	image 6.12.9+deb13 6.12.9-1
	"$fetch" 6.12
	image 6.12.10+deb13 6.12.10-1
	run -0 "$fetch" 6.12
	[ "$(cat "$output")" = 'kernel 6.12.9-1' ]
	run -0 "$fetch" --update 6.12
	[ "$(cat "$output")" = 'kernel 6.12.10-1' ]
}

@test "of a split package the part with the image is taken" {
	image 6.12.10+deb13 6.12.10-1
	echo image | package linux-binary-6.12.10+deb13-cloud-amd64 6.12.10-1 amd64 \
		usr/lib/modules/6.12.10+deb13-cloud-amd64/vmlinuz
	run -1 "$fetch" 6.12
	[[ $output == "qemu/fetch: cannot download linux-base-6.12.10+deb13-cloud-amd64 6.12.10-1: "* ]]
	[ -z "$(kept)" ]
	echo options | package linux-base-6.12.10+deb13-cloud-amd64 6.12.10-1 amd64 \
		usr/lib/modules/6.12.10+deb13-cloud-amd64/config
	run -0 "$fetch" 6.12
	[ "$(cat "$output")" = image ]
	[ "$(cat "${output%/*}/config")" = options ]
}

@test "the modules of the kernel that is there, and none of a later one" {
	echo module | package linux-image-6.12.10+deb13-cloud-amd64 6.12.10-1 amd64 boot/vmlinuz-6.12.10+deb13-cloud-amd64
	run -0 "$fetch" 6.12
	run -1 "$fetch" --modules 6.12
	[[ $output == *'holds no modules' ]]
	[ -z "$(kept | grep modules)" ]
	image 6.12.11+deb13 6.12.11-1
	rm "$archive"/pool/*6.12.10* "$archive/dists/$suite/main/binary-amd64/Packages"
	image 6.12.11+deb13 6.12.11-1
	run -0 "$fetch" --modules 6.12
	[ -z "$output" ]
	# and that is remembered
	rm -r "$archive"
	run -0 "$fetch" --modules 6.12
	[ -z "$output" ]
}

@test "the modules of a split package have a package of their own, and what is built in lies among the base files" {
	release=6.12.10+deb13-cloud-amd64
	echo image | package "linux-binary-$release" 6.12.10-1 amd64 "usr/lib/modules/$release/vmlinuz"
	echo options | package "linux-base-$release" 6.12.10-1 amd64 "usr/lib/modules/$release/config"
	"$fetch" 6.12
	# a base package that has both
	rm "$archive"/pool/linux-base* "$archive/dists/$suite/main/binary-amd64/Packages"
	echo kernel/fs/ext4/ext4.ko | package "linux-base-$release" 6.12.10-1 amd64 "usr/lib/modules/$release/modules.builtin"
	echo module | package "linux-modules-$release" 6.12.10-1 amd64 "usr/lib/modules/$release/kernel/fs/a.ko"
	run -0 "$fetch" --modules 6.12
	[ "$(cat "$output/lib/modules/$release/kernel/fs/a.ko")" = module ]
	[ -s "$output/lib/modules/$release/modules.dep" ]
	"$root/qemu/image" modules "$room/part" "$output" a ext4 nothing
	mkdir "$room/x"
	(cd "$room/x" && cpio -idm --quiet <"$room/part")
	[ "$(cat "$room/x/guest/modules/list")" = $'a file\next4 built-in\nnothing absent' ]
	[ "$(cat "$room/x/guest/modules/a.ko")" = module ]
	"$root/qemu/image" modules "$room/part" '' a
	(cd "$room/x" && cpio -idmu --quiet <"$room/part")
	[ "$(cat "$room/x/guest/modules/list")" = 'a not-in-archive' ]
}

@test "a module is unpacked, whatever it is compressed with" {
	tree=$room/tree/lib/modules/1.0
	mkdir -p "$tree/kernel"
	for kind in plain xz zst; do echo "$kind" >"$tree/kernel/$kind.ko"; done
	xz "$tree/kernel/xz.ko"
	zstd -q --rm "$tree/kernel/zst.ko"
	depmod -b "$room/tree" 1.0
	"$root/qemu/image" modules "$room/part" "$room/tree" plain xz zst
	mkdir "$room/x"
	(cd "$room/x" && cpio -idm --quiet <"$room/part")
	for kind in plain xz zst; do [ "$(cat "$room/x/guest/modules/$kind.ko")" = "$kind" ]; done
}

@test "where the archive has the image alone, the next later build gives the configuration" {
	echo image | package linux-binary-6.12.10+deb13-cloud-amd64 6.12.10-1 amd64 \
		usr/lib/modules/6.12.10+deb13-cloud-amd64/vmlinuz
	for name in 6.12.9+deb13-cloud 6.13.2+deb13-cloud 6.13.1+deb13-cloud 6.12.11+deb13 6.12.12+deb13-rt; do
		version=${name%%[-+]*}-1
		echo "options of $name" |
			package "linux-base-$name-amd64" "$version" amd64 "usr/lib/modules/$name-amd64/config"
	done
	run -0 "$fetch" 6.12
	[ "$(cat "${output%/*}/config")" = 'options of 6.13.1+deb13-cloud' ]
	[ "$(cat "$output")" = image ]
}

@test "the configuration lies beside the image; a cache of before is completed" {
	image 6.12.10+deb13 6.12.10-1
	run -0 "$fetch" 6.12
	[ "$(cat "${output%/*}/config")" = 'configuration 6.12.10-1' ]
	rm "${output%/*}/config"
	run -0 "$fetch" --table
	[[ ${lines[1]} == *"	not-fetched	-" ]]
	run -0 "$fetch" 6.12
	[ "$(cat "${output%/*}/config")" = 'configuration 6.12.10-1' ]
}

@test "names say the architecture and the flavour" {
	image 6.12.10+deb13 6.12.10-1
	echo full | package linux-image-6.12.10+deb13-amd64 6.12.10-1 amd64 boot/vmlinuz-6.12.10
	echo arm | package linux-image-6.12.10+deb13-cloud-arm64 6.12.10-1 arm64 boot/vmlinuz-6.12.10
	run -0 "$fetch" 6.12 6.12:amd64 6.12:amd64:cloud 6.12:amd64:full 6.12:arm64 6.12:arm64:cloud
	[ "${lines[0]}" = "${lines[1]}" ] && [ "${lines[1]}" = "${lines[2]}" ]
	[ "$(cat "${lines[3]}")" = full ]
	[ "$(cat "${lines[4]}")" = arm ] && [ "${lines[4]}" = "${lines[5]}" ]
}

@test "a series that the archive does not have is not available, and is not passed" {
	image 6.12.10+deb13 6.12.10-1
	run -1 "$fetch" 6.13
	[ "$output" = "qemu/fetch: series '6.13' is not available in stable" ]
	run -0 "$fetch" --all
	[ "${lines[0]}" = "6.1	-	-	not available" ]
	[ "${#lines[@]}" -eq 4 ]
	run -0 "$fetch" --every
	[ "${#lines[@]}" -eq 6 ]
	run -0 "$fetch" --table
	[ "${lines[0]}" = "6.1	6.1	amd64	cloud	6.1	lockdown,capability	-	-	not-available	-" ]
	[[ ${lines[1]} == "6.12	6.12	amd64	cloud	6.12	lockdown,apparmor	linux-image-6.12.10+"* ]]
	[[ ${lines[1]} == *"	6.12.10-1	available	"*/vmlinuz ]]
}

@test "the table is there before anything is fetched, and without a network" {
	rm "$APT_CONFIG"
	run -0 "$fetch" --table
	[ "${#lines[@]}" -eq 6 ]
	[ "${lines[5]}" = "6.12:arm64	6.12	arm64	cloud	6.12	lockdown	-	-	not-fetched	-" ]
	run -0 "$fetch" --list
	[ "${lines[4]}" = "6.12:amd64:full	-	-	not fetched (stable)" ]
	[ ! -e "$INITWARD_CACHE" ]
}

@test "the release candidate is neither the newest nor a series" {
	image 6.1.0-41 6.1.150-1
	image 6.13 '6.13~rc7-1~exp1'
	run -0 "$fetch" rc
	[ "$(cat "$output")" = 'kernel 6.13~rc7-1~exp1' ]
	run -0 "$fetch" --newest
	[ "$(cat "$output")" = 'kernel 6.1.150-1' ]
	run -1 "$fetch" 6.13
}

@test "an unknown name lists the known ones and changes nothing" {
	image 6.12.10+deb13 6.12.10-1
	known="6.1 6.12 6.13 rc 6.12:amd64:full 6.12:arm64"
	for name in 9.9 6.12:riscv64 6.12:amd64:rt ../6.12 '' 6; do
		run -1 "$fetch" 6.12 "$name"
		[ "$output" = "qemu/fetch: unknown series '$name'; known are: $known" ]
	done
	[ ! -e "$INITWARD_CACHE" ]
	run -1 "$fetch" --nonsense
	[ "$output" = "qemu/fetch: unknown option '--nonsense'; try --help" ]
	run -1 "$fetch" --newest 6.12
	[ "$output" = "qemu/fetch: nothing may follow --newest, but there is '6.12'; try --help" ]
}

@test "a broken line of the table is named, and nothing is fetched" {
	image 6.12.10+deb13 6.12.10-1
	while IFS='|' read -r line why; do
		printf '# table\n6.12 stable amd64 cloud 6.12 a\n%s\n' "$line" >"$INITWARD_KERNELS"
		run -1 "$fetch" 6.12
		[ "$output" = "qemu/fetch: $INITWARD_KERNELS:3: $why" ]
		run -1 "$fetch" --table
	done <<-'END'
		6.1 stable amd64 cloud 6.1|a line is SERIES SUITES ARCHITECTURE FLAVOUR FEATURES LSM, not 5 words
		6 stable amd64 cloud 6.1 a|"6" is no series such as 6.12 or rc
		6.1 stable x86:64 cloud 6.1 a|"x86:64" is no architecture of Debian
		6.1 a/b amd64 cloud 6.1 a|a character that no suite, flavour, feature set or LSM has
		6.12 stable amd64 cloud 6.12 a|6.12:amd64:cloud is there twice
	END
	[ ! -e "$INITWARD_CACHE" ]
	echo '# empty' >"$INITWARD_KERNELS"
	run -1 "$fetch" --all
	[ "$output" = "qemu/fetch: $INITWARD_KERNELS:1: no kernel is named" ]
	rm "$INITWARD_KERNELS"
	run -1 "$fetch" --all
	[ "$output" = "qemu/fetch: cannot read the table of kernels '$INITWARD_KERNELS'" ]
}

@test "the repository's own table is whole" {
	unset INITWARD_KERNELS
	run -0 "$fetch" --table
	for name in 5.10 6.1 6.12 6.16 6.17 6.18 6.19 7.0 7.1 7.2 7.3 rc 5.10:amd64:full \
		6.1:amd64:full 6.1:arm64 6.12:arm64; do
		[[ $output == *"$name	"* ]]
	done
	while IFS=$'\t' read -r _ _ _ _ features _; do
		[ -s "$root/policy/features/$features" ]
	done <<<"$output"
}

@test "without a network it is one line, and a cached kernel is still there" {
	image 6.12.10+deb13 6.12.10-1
	cached=$("$fetch" 6.12)
	kept >"$room/before"
	# a port at which nobody listens
	printf 'deb http://127.0.0.1:9/debian stable main\n' >"$room/sources"
	echo 'Acquire::Retries "0"; #clear Acquire::http::Proxy;' >>"$APT_CONFIG"
	for words in 6.1 '--update 6.12'; do
		# shellcheck disable=SC2086 # words
		run -1 "$fetch" $words
		[ "${#lines[@]}" -eq 1 ]
		[[ $output == "qemu/fetch: apt cannot read the package list of '"*"': E: "*127.0.0.1* ]]
	done
	kept | diff - "$room/before"
	run -0 "$fetch" 6.12
	[ "$output" = "$cached" ]
}

@test "a machine whose apt has no mirror is told so" {
	: >"$room/sources"
	run -1 "$fetch" 6.12
	[[ $output == "qemu/fetch: this machine's apt names no Debian mirror for 'gone'; see "* ]]
}

@test "a full disk is told, at every stage, and nothing half-written stays" {
	head -c 3000000 /dev/zero | package linux-image-6.12.10-cloud-amd64 6.12.10-1 amd64 \
		boot/vmlinuz-6.12.10
	for size in 4k 8k 16k 20k 48k 1m 2m; do
		run -1 small_disk "$size" "$fetch" 6.12
		[ "${#lines[@]}" -eq 1 ]
		[[ $output == "qemu/fetch: "*[Nn]"o space left"* ]] || [[ $output == *"is there space left"* ]]
	done
	run -0 small_disk 4m sh -c 'wc -c <"$("$1" 6.12)"' sh "$fetch"
	[ "${lines[0]}" = 3000000 ]
}

@test "a cache that cannot be used is named" {
	image 6.12.10+deb13 6.12.10-1
	: >"$INITWARD_CACHE"
	run -1 "$fetch" 6.12
	[ "$output" = "qemu/fetch: $INITWARD_CACHE is no folder; set INITWARD_CACHE" ]
	INITWARD_CACHE=$room/cache/below run -1 "$fetch" 6.12
	[[ $output == "qemu/fetch: cannot make the cache folder $room/cache/below; set INITWARD_CACHE"* ]]
	INITWARD_CACHE='' XDG_CACHE_HOME='' HOME='' run -1 "$fetch" 6.12
	[[ $output == "qemu/fetch: none of INITWARD_CACHE, XDG_CACHE_HOME and HOME is set;"* ]]
}

# Root may read and write everything: these two run as nobody where the tests run as root.
as_user() {
	if [ "$(id -u)" -ne 0 ]; then
		"$@"
	else
		setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	fi
}

@test "a cache that may only be read gives what is in it and no more" {
	image 6.12.10+deb13 6.12.10-1
	cached=$("$fetch" 6.12)
	chmod -R a+rX,a-w "$INITWARD_CACHE"
	open_path
	run -0 as_user "$fetch" 6.12
	[ "$output" = "$cached" ]
	run -1 as_user "$fetch" 6.1
	[[ $output == "qemu/fetch: cannot write to the cache folder $INITWARD_CACHE (closed, or "* ]]
	[ "${#lines[@]}" -eq 1 ]
	chmod -R u+w "$INITWARD_CACHE"
}

@test "a cache that may not be read is no empty cache" {
	image 6.12.10+deb13 6.12.10-1
	"$fetch" 6.12
	open_path
	for closed in cache cache/kernels cache/kernels/6.12:amd64:cloud; do
		chmod 000 "$room/$closed"
		run -1 as_user "$fetch" --list
		[[ $output == *"qemu/fetch: the cache folder $room/$closed cannot be read; set "* ]] ||
			[[ $output == *"qemu/fetch: cannot read $room/$closed; set INITWARD_CACHE" ]]
		chmod 755 "$room/$closed"
	done
}

# Lets everybody reach the folder of this test.
open_path() {
	local path=$room
	while [ "$path" != / ] && [ -O "$path" ]; do
		chmod a+x "$path"
		path=$(dirname "$path")
	done
}

# An apt-get that hangs in the middle of a download.
slow_apt() {
	mkdir -p "$room/bin"
	cat >"$room/bin/apt-get" <<-END
		#!/bin/sh
		case " \$* " in
		*" download "*)
			head -c 100 "$archive"/pool/*.deb >half.deb
			echo started >"$room/started"
			exec sleep 60 ;;
		esac
		exec $(command -v apt-get) "\$@"
	END
	chmod +x "$room/bin/apt-get"
}

# interrupt SIGNAL: in the middle of a download, as a terminal or a service manager does it
interrupt() {
	rm -f "$room/started"
	PATH=$room/bin:$PATH env --default-signal=INT setsid "$fetch" 6.12 &
	local pid=$!
	until [ -s "$room/started" ]; do
		kill -0 "$pid"
		sleep 0.05
	done
	kill -s "$1" -- "-$pid"
	local status=0
	wait "$pid" || status=$?
	[ "$status" -ne 0 ]
	while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
}

@test "an interrupted download leaves nothing behind" {
	image 6.12.10+deb13 6.12.10-1
	slow_apt
	for signal in INT TERM; do
		interrupt "$signal"
		[ -z "$(kept)" ]
	done
	# after a signal that nobody can catch the next run clears up
	interrupt KILL
	[ -s "$INITWARD_CACHE/work/half.deb" ]
	run -0 "$fetch" 6.12
	[ "$(cat "$output")" = 'kernel 6.12.10-1' ]
	[ ! -e "$INITWARD_CACHE/work" ]
}

@test "a package without an image, and a damaged one, leave nothing behind" {
	echo | package linux-image-6.12.10-cloud-amd64 6.12.10-1 amd64 usr/share/doc/readme
	run -1 "$fetch" 6.12
	[ "$output" = "qemu/fetch: linux-image-6.12.10-cloud-amd64 6.12.10-1 holds no kernel image" ]
	echo image | package linux-image-6.13.1-cloud-amd64 6.13.1-1 amd64 usr/lib/modules/6.13.1/vmlinuz
	run -1 "$fetch" 6.13
	[ "$output" = "qemu/fetch: linux-image-6.13.1-cloud-amd64 6.13.1-1 holds no kernel configuration" ]
	image 6.12.11 6.12.11-1
	head -c 300 "$archive"/pool/*6.12.11-1_amd64.deb >"$room/short"
	mv "$room/short" "$archive"/pool/*6.12.11-1_amd64.deb
	run -1 "$fetch" 6.12
	[[ ${lines[0]} == "qemu/fetch: cannot "*"linux-image-6.12.11-cloud-amd64 6.12.11-1"* ]]
	[ "${#lines[@]}" -eq 1 ]
	[ -z "$(kept)" ]
}

@test "two at once in one cache do not disturb each other" {
	image 6.12.10+deb13 6.12.10-1
	image 6.1.0-41 6.1.150-1
	"$fetch" 6.12 >"$room/first" &
	first=$!
	"$fetch" 6.1 6.12 >"$room/second"
	wait "$first"
	cat "$(cat "$room/first")"
	diff "$room/first" <(tail -n 1 "$room/second")
}

# little VALUE BYTES: a number, the least significant byte first
little() {
	local n=$1 i
	for ((i = 0; i < $2; i++)); do
		# shellcheck disable=SC2059 # an escape made here
		printf "\\x$(printf %02x $((n & 255)))"
		n=$((n >> 8))
	done
}

zeros() {
	head -c "$1" /dev/zero
}

# An ELF file with one note of this type, of the owner Xen.
elf() {
	printf '\177ELF\002\001\001'
	zeros 25
	little 64 8 # program headers
	zeros 14
	little 56 2
	little 1 2
	zeros 6
	little 4 4 # PT_NOTE
	zeros 4
	little 120 8
	zeros 16
	little 20 8
	zeros 16
	little 4 4
	little 4 4
	little "$1" 4
	printf 'Xen\0'
	zeros 4
}

# bzimage PAYLOAD: setup code of one sector, then the payload behind 16 bytes
bzimage() {
	local size
	size=$(stat -c %s "$1")
	zeros 497
	little 1 1
	zeros 16
	printf HdrS
	little 527 2
	zeros 64
	little 16 4
	little "$size" 4
	zeros $((1024 + 16 - 592))
	cat "$1"
	zeros 64
}

# zboot PAYLOAD COMPRESSION
zboot() {
	printf 'MZ\0\0zimg'
	little 64 4
	little "$(stat -c %s "$1")" 4
	zeros 8
	printf %s "$2"
	zeros $((40 - ${#2}))
	cat "$1"
	zeros 64
}

uncompress() {
	sh -c 'self=test; . "$1/qemu/functions"; uncompress_kernel "$2" "$3"' sh "$root" "$@"
}

compress() {
	case $1 in
	lz4) lz4 -l -9 -c ;;
	xz) xz --check=crc32 -c ;;
	*) "$1" -c ;;
	esac
}

@test "a bzImage is uncompressed, whatever it is compressed with" {
	elf 18 >"$room/vmlinux"
	for how in gzip xz lz4 zstd; do
		compress "$how" <"$room/vmlinux" >"$room/payload" 2>/dev/null
		# the build appends the size, but for gzip, which has it
		[ "$how" = gzip ] || little "$(stat -c %s "$room/vmlinux")" 4 >>"$room/payload"
		bzimage "$room/payload" >"$room/bzimage"
		uncompress "$room/bzimage" "$room/out"
		cmp "$room/out" "$room/vmlinux"
		rm "$room/out"
	done
}

@test "an EFI zboot image is uncompressed" {
	{ zeros 56; printf 'ARM\144'; zeros 5000; } >"$room/Image"
	for how in gzip zstd; do
		compress "$how" <"$room/Image" >"$room/payload"
		zboot "$room/payload" "$how" >"$room/zboot"
		uncompress "$room/zboot" "$room/out"
		cmp "$room/out" "$room/Image"
		rm "$room/out"
	done
}

@test "what QEMU could not start is not uncompressed" {
	elf 17 | gzip >"$room/payload"
	bzimage "$room/payload" >"$room/no-pvh"
	echo text | gzip >"$room/payload"
	bzimage "$room/payload" >"$room/no-elf"
	zboot "$room/payload" gzip >"$room/no-image"
	echo text >"$room/payload"
	bzimage "$room/payload" >"$room/unknown"
	{ zeros 56; printf 'ARM\144'; } >"$room/raw"
	: >"$room/empty"
	for file in no-pvh no-elf no-image unknown raw empty missing; do
		run -1 uncompress "$room/$file" "$room/out"
		[ -z "$output" ]
		[ ! -e "$room/out" ]
	done
}

@test "a truncated image and a full disk are told" {
	{ elf 18; head -c 100000 /dev/urandom; } | gzip >"$room/payload"
	bzimage "$room/payload" >"$room/bzimage"
	head -c 50000 "$room/bzimage" >"$room/short"
	run -1 uncompress "$room/short" "$room/out"
	[ "$output" = "test: cannot uncompress '$room/short' to '$room/out' (damaged, or no space left?)" ]
	[ ! -e "$room/out" ]
	package linux-image-6.12.10-cloud-amd64 6.12.10-1 amd64 boot/vmlinuz-6.12.10 \
		<"$room/bzimage"
	"$fetch" 6.12
	cp -r "$INITWARD_CACHE" "$room/full"
	run -1 small_disk 160k sh -c 'cp -r "$1"/. "$INITWARD_CACHE" && "$2" --uncompressed 6.12' \
		sh "$room/full" "$fetch"
	[[ ${lines[0]} == "qemu/fetch: cannot uncompress "*"(damaged, or no space left?)" ]]
	[[ $output != */vmlinux$'\n'* ]]
}

@test "--uncompressed prints the path of what QEMU starts" {
	elf 18 | gzip >"$room/payload"
	bzimage "$room/payload" | package linux-image-6.12.10-cloud-amd64 6.12.10-1 amd64 \
		boot/vmlinuz-6.12.10
	image 6.1.0-41 6.1.150-1
	run -0 "$fetch" --uncompressed 6.12 6.1
	cmp "${lines[0]}" <(elf 18)
	[ "$(cat "${lines[1]}")" = 'kernel 6.1.150-1' ]
	first=$output
	rm -r "$archive"
	run -0 "$fetch" --uncompressed 6.12 6.1
	[ "$output" = "$first" ]
}

# The tests of qemu/cross: the archive has a musl of its own for the suite of this machine, and the
# compiler only prints its arguments.
cross_tools() {
	# shellcheck source=/dev/null
	suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
	printf 'deb file:%s %s main\n' "$archive" "$suite" >"$room/sources"
	mkdir -p "$room/bin"
	printf '#!/bin/sh\necho "$@"\n' >"$room/bin/aarch64-linux-gnu-gcc"
	chmod +x "$room/bin/aarch64-linux-gnu-gcc"
	PATH=$room/bin:$PATH
}

musl() {
	printf '%s\n' '-isystem /usr/include/aarch64-linux-musl' '-L/usr/lib/aarch64-linux-musl -L .%s' \
		'/lib/ld-musl-aarch64.so.1' |
		package musl-dev "$1" arm64 usr/lib/aarch64-linux-musl/musl-gcc.specs
}

@test "the cross compiler gets specs that point into the cache, fetched once" {
	cross_tools
	musl 1.2.9-1
	musl 1.2.10-1
	run -0 "$root/qemu/cross" -static a.c
	specs=$INITWARD_CACHE/musl/$suite.arm64/specs
	[ "$output" = "-static a.c -specs $specs" ]
	below=$INITWARD_CACHE/musl/$suite.arm64/usr
	printf '%s\n' "-isystem $below/include/aarch64-linux-musl" \
		"-L$below/lib/aarch64-linux-musl -L .%s" /lib/ld-musl-aarch64.so.1 | diff - "$specs"
	rm -r "$archive"
	run -0 "$root/qemu/cross" -c b.c
	[ "$output" = "-c b.c -specs $specs" ]
	[ ! -e "$INITWARD_CACHE/work" ]
}

@test "what the cross build lacks is named" {
	cross_tools
	image 6.12.10+deb13 6.12.10-1
	run -1 "$root/qemu/cross" a.c
	[ "$output" = "qemu/cross: '$suite' has no package musl-dev for arm64" ]
	INITWARD_CACHE="$room/a b" run -1 "$root/qemu/cross" a.c
	[[ $output == "qemu/cross: the path $room/a b/musl/$suite.arm64 has a character that "* ]]
	echo | package musl-dev 1-1 arm64 usr/share/doc/musl
	run -1 "$root/qemu/cross" a.c
	[[ $output == "qemu/cross: musl-dev 1-1 for arm64 holds no musl-gcc.specs" ]]
	[ ! -e "$INITWARD_CACHE/musl" ]
	run -2 "$root/qemu/cross"
	for tool in sh dirname pwd awk; do ln -s "$(command -v $tool)" "$room/bin/$tool"; done
	rm "$room/bin/aarch64-linux-gnu-gcc"
	PATH=$room/bin run -1 "$root/qemu/cross" a.c
	[[ $output == *"the Debian package gcc-aarch64-linux-gnu (apt-get install "* ]]
}
