#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# initward inspect: images that common tools make, and what is no image.

bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	make -s build/initward build/initward-init build/bundle/manifest
	INITWARD=$PWD/build/initward
	IMAGES=$BATS_FILE_TMPDIR
	export INITWARD IMAGES LC_ALL=C
	make_archives
}

setup() {
	# shellcheck source=tests/records
	. "$BATS_TEST_DIRNAME/../records"
	cd "$BATS_TEST_TMPDIR"
}

# pack FOLDER: as generators do
pack() {
	(cd "$1" && find . | sort | cpio -o -H newc --quiet -R 0:0)
}

make_archives() {
	cd "$IMAGES"
	mkdir -p main/usr/bin main/etc early/kernel/x86/microcode late/etc
	printf '#!/bin/sh\n' >main/init
	chmod 755 main/init
	ln -s usr/bin main/bin
	seq 1 20000 >main/usr/bin/data
	ln main/usr/bin/data main/usr/bin/same
	echo main >main/etc/name
	echo ucode >early/kernel/x86/microcode/GenuineIntel.bin
	echo late >late/etc/name
	for archive in main early late; do
		pack $archive >$archive.cpio
	done
	gzip -9n <main.cpio >main.gzip
	xz --check=crc32 <main.cpio >main.xz
	xz --format=lzma <main.cpio >main.lzma
	zstd -q <main.cpio >main.zstd
	lz4 -l -q <main.cpio >main.lz4
}

names() {
	"$INITWARD" inspect --json --tree "$1" | jq -r '.files[].name'
}

@test "each compression gives the names that cpio lists" {
	cpio -t --quiet <"$IMAGES/main.cpio" | grep -v '^\.$' >expected
	for kind in cpio gzip xz lzma zstd lz4; do
		names "$IMAGES/main.$kind" >got
		diff expected got
		run "$INITWARD" inspect "$IMAGES/main.$kind"
		[[ $output == *"   0  $kind "* ]]
	done
}

@test "--tree says what ls says" {
	run -0 "$INITWARD" inspect --tree "$IMAGES/main.gzip"
	[[ $output == *'lrwxrwxrwx   1     0     0          7 '*' bin -> usr/bin'* ]]
	[[ $output == *'-rwxr-xr-x   1     0     0         10 '*' init'* ]]
	[[ $output == *'-rw-r--r--   2     0     0     108894 '*' usr/bin/same is usr/bin/data'* ]]
}

@test "microcode, a compressed archive and a later one: the later file counts" {
	for kind in gzip xz lzma zstd; do
		cat "$IMAGES/early.cpio" "$IMAGES/main.$kind" >image
		pad image
		cat "$IMAGES/late.cpio" >>image
		"$INITWARD" inspect --json --tree image >out
		jq -e '[.parts[] | select(.kind != "zeros") | .kind] == ["cpio", "'$kind'", "cpio"]' out
		jq -e '.parts[0].early and .trouble == null and .notes == []' out
		jq -e '[.overrides[].name] == ["etc/name"]' out
		jq -e '.files[] | select(.name == "etc/name") | .size == 5 and .part > .replaces' out
	done
	run -0 "$INITWARD" inspect image
	[[ $output == *'early (microcode, ACPI tables)'* ]]
	[[ $output == *'/etc/name of part '*' is in the place of that of part '* ]]
}

@test "behind an lz4 archive nothing counts without a zero word" {
	cat "$IMAGES/main.lz4" >image
	pad image
	cat "$IMAGES/late.cpio" >>image
	run -0 "$INITWARD" inspect image
	[[ $output == *'trouble at offset 0: '*'zero word'* ]]
	{ cat "$IMAGES/main.lz4" && zeros 4; } >image
	pad image
	cat "$IMAGES/late.cpio" >>image
	"$INITWARD" inspect --json image | jq -e '.trouble == null and (.overrides | length) == 1'
}

@test "xz without --check=crc32, bzip2, and an archive at an odd offset are trouble" {
	xz <"$IMAGES/main.cpio" >image
	run -0 "$INITWARD" inspect image
	[[ $output == *"'xz --check=crc32'"* ]]
	printf 'BZh9' >image
	run -0 "$INITWARD" inspect image
	[[ $output == *'bzip2'*'not read here'* ]]
	{ cat "$IMAGES/main.gzip" && zeros $((1 + $(stat -c %s "$IMAGES/main.gzip") % 2)); } >image
	truncate -s $(($(stat -c %s image) / 4 * 4 + 2)) image
	cat "$IMAGES/late.cpio" >>image
	run -0 "$INITWARD" inspect image
	[[ $output == *'invalid magic at start of compressed archive'* ]]
}

@test "the loader, its configuration, its policy and the next init are shown" {
	tree=$BATS_TEST_TMPDIR/tree
	mkdir -p "$tree/initward" "$tree/usr/sbin"
	cp "$BATS_TEST_DIRNAME/../../build/initward-init" "$tree/init"
	cp -R "$BATS_TEST_DIRNAME/../../build/bundle" "$tree/initward/bundle"
	printf 'version = 1\npolicy = enforce\nmode = visible\non_failure = panic\nlock = yes\ninit = /sbin/init\n' \
		>"$tree/initward/initward.conf"
	ln -s usr/sbin "$tree/sbin"
	printf '#! /bin/busybox sh\n' >"$tree/usr/sbin/init"
	pack "$tree" | zstd -q >image
	run -0 "$INITWARD" inspect image
	[[ $output == *'/init: initward-init '*', ELF '* ]]
	[[ $output == *"SHA-256 $(sha256sum <"$tree/init" | cut -d ' ' -f 1)"* ]]
	[[ $output == *'policy = enforce, mode = visible, level = compatible, on_failure = panic, lock = yes'* ]]
	[[ $output == *'/sbin/init, which is /usr/sbin/init: script /bin/busybox sh'* ]]
	[[ $output == *"manifest SHA-256 $(sha256sum <"$tree/initward/bundle/manifest" | cut -d ' ' -f 1)"* ]]
	[[ $output == *': rank 1, the base'* ]]
	"$INITWARD" inspect --json image >out
	jq -e '.initward.loader.initward_version != null and .initward.configuration.lock' out
	jq -e '.initward.next_init.interpreter == "/bin/busybox sh"' out
	jq -e '.initward.configuration | .policy == "enforce" and .policy_name == null' out
	sed -i 's/= enforce/& fleet/' "$tree/initward/initward.conf"
	pack "$tree" >image
	run -0 "$INITWARD" inspect image
	[[ $output == *'policy = enforce fleet, mode = visible,'* ]]
	"$INITWARD" inspect --json image >out
	jq -e '.initward.configuration | .policy == "enforce" and .policy_name == "fleet"' out
	jq -e '[.initward.bundle.sets[] | select(.base)] | length == 1' out
	jq -e 'all(.initward.bundle.sets[]; .enforce.profiles[0] == {name: "global", mode: "enforce", namespace: null})' out

	printf 'version = 1\npolicy = maybe\n' >"$tree/initward/initward.conf"
	rm -r "$tree/initward/bundle" "$tree/init"
	pack "$tree" >image
	run -0 "$INITWARD" inspect image
	[[ $output == *'bad lines: '*'maybe'* ]]
	[[ $output == *'loader '*'missing'* && $output == *'bundle '*'missing'* ]]
}

@test "an image without initward says so" {
	run -0 "$INITWARD" inspect "$IMAGES/main.gzip"
	[[ $output == *'/init: script /bin/sh'* ]]
	[[ $output == *'there is nothing of it in this image'* ]]
	"$INITWARD" inspect --json "$IMAGES/main.gzip" | jq -e '.initward == null'
}

# word NUMBER: four bytes, least significant first
word() {
	printf '%b' "$(printf '\\%03o' $(($1 % 256)) $(($1 / 256 % 256)) $(($1 / 65536 % 256)) $(($1 / 16777216)))"
}

# section NAME VIRTUAL-SIZE RAW-SIZE OFFSET: a row of the section table
section() {
	printf '%s' "$1"
	zeros $((8 - ${#1}))
	word "$2" && zeros 4 && word "$3" && word "$4" && zeros 16
}

pe_header() {
	printf 'MZ' && zeros 58 && word 64
	printf 'PE\0\0\144\206' && printf '%b' "\\$1\\0" && zeros 16
}

@test "a unified kernel image: its sections, microcode in front, the initramfs without padding" {
	ucode=$(stat -c %s "$IMAGES/early.cpio") initrd=$(stat -c %s "$IMAGES/main.zstd")
	{
		pe_header 3
		section .cmdline 5 512 1024
		section .ucode "$ucode" "$ucode" 1536
		section .initrd "$initrd" $((initrd + 100)) $((1536 + ucode))
	} >uki
	truncate -s 1024 uki
	printf 'quiet' >>uki
	truncate -s 1536 uki
	cat "$IMAGES/early.cpio" "$IMAGES/main.zstd" >>uki
	repeat 100 x >>uki
	"$INITWARD" inspect --json uki >out
	jq -e '.kind == "unified kernel image" and .trouble == null' out
	jq -e '.sections[0] == {name: ".cmdline", offset: 1024, size: 5}' out
	jq -e '[.parts[] | select(.kind != "zeros") | .section] == [".ucode", ".initrd"]' out
	jq -e '.first_program.kind == "script"' out
	run -0 "$INITWARD" inspect uki
	[[ $output == *'in .ucode'* && $output == *'.cmdline '* ]]

	truncate -s -200 uki
	run -1 --separate-stderr "$INITWARD" inspect uki
	[[ $stderr == *'reaches beyond the end of the file' ]]
}

@test "kernels and other programs are no initramfs, in words" {
	{ pe_header 0; zeros 426; printf 'HdrS'; zeros 100; } >kernel
	run -1 --separate-stderr "$INITWARD" inspect kernel
	[[ $stderr == *'it is a kernel (x86 bzImage) without an initramfs in it' ]]
	{ pe_header 1; section .text 1 1 0; } >program
	run -1 --separate-stderr "$INITWARD" inspect program
	[[ $stderr == *'a PE program without an initramfs (.initrd): a boot loader?' ]]
	run -1 --separate-stderr "$INITWARD" inspect "$INITWARD"
	[[ $stderr == *'neither an initramfs'* ]]
}

# What is added to an initramfs is found, with the padding of a boot loader too.
@test "a bootconfig: its parameters, whole or not" {
	cp "$IMAGES/main.gzip" image
	pad image
	printf 'kernel.lsm = "lockdown,apparmor"\n' >config
	sum=$(od -An -v -tu1 config | tr -s ' ' '\n' | awk '{ n += $1 } END { print n }')
	{ cat config && word "$(stat -c %s config)" && word "$sum" && printf '#BOOTCONFIG\n'; } >>image
	pad image
	"$INITWARD" inspect --json image >out
	jq -e '.bootconfig.parameters == "lsm=lockdown,apparmor " and .trouble == null' out
	run -0 "$INITWARD" inspect image
	[[ $output == *'lsm=lockdown,apparmor'* ]]
	sed -i 's/lockdown,app/lockdown_app/' image
	run -0 "$INITWARD" inspect image
	[[ $output == *'the checksum of the bootconfig trailer is wrong'* ]]
	[[ $output == *'invalid magic'* ]]
}

@test "a tree that is still to be packed shows what the image of it shows" {
	mkdir tree
	(cd tree && zstd -q -dc "$IMAGES/main.zstd" | cpio -i -d --quiet --no-absolute-filenames) || :
	run -0 "$INITWARD" inspect tree
	[[ ${lines[0]} == "tree: folder, "*" files" ]]
	[[ $output != *kind* ]]
	"$INITWARD" inspect --json --tree tree >of-tree
	jq -e '.kind == "folder" and .size == null and .parts == []' of-tree
	"$INITWARD" inspect --json --tree "$IMAGES/main.zstd" >of-image
	for what in .first_program .initward '[.files[] | select(.type != "device") | .name]'; do
		[ "$(jq "$what" of-tree)" = "$(jq "$what" of-image)" ] || { echo "$what"; return 1; }
	done
	mkdir closed
	chmod 0 closed
	chmod 755 .
	run -1 --separate-stderr setpriv --reuid 65534 --clear-groups "$INITWARD" inspect closed
	[[ $stderr == *'cannot read closed: Permission denied' ]]
}

@test "control characters in names reach neither the terminal nor break JSON" {
	{
		file "$(printf 'a\033[2Jb')" text=1
		file "$(printf '\377\nc')" text=1
		symlink l "$(printf '\033]0;t\007')"
		trailer
	} >image
	run -0 "$INITWARD" inspect --tree image
	[[ $output == *' a\x1b[2Jb'* && $output == *' \xff\x0ac'* && $output == *'l -> \x1b]0;t\x07'* ]]
	[[ $output != *$'\033'* ]]
	"$INITWARD" inspect --json --tree image | jq -e '.files | length == 3'
	"$INITWARD" inspect --json --tree image | jq -e '.files[] | select(.name == "a\u001b[2Jb")'
}

@test "colour on a terminal only, and not with NO_COLOR or a dumb one" {
	command="$INITWARD inspect $IMAGES/main.gzip"
	run -0 env TERM=xterm script -qec "$command" /dev/null
	[[ $output == *$'\033[1m'* ]]
	run -0 env TERM=xterm NO_COLOR=1 script -qec "$command" /dev/null
	[[ $output != *$'\033'* ]]
	run -0 env TERM=dumb script -qec "$command" /dev/null
	[[ $output != *$'\033'* ]]
	run -0 env TERM=xterm "$INITWARD" inspect "$IMAGES/main.gzip"
	[[ $output != *$'\033'* ]]
}

@test "what cannot be read: one line, status 1" {
	mkfifo pipe
	ln -s loop loop
	: >empty
	zeros 4096 >zeros
	truncate -s 3G huge
	for name in missing pipe loop empty zeros huge /dev/zero; do
		run -1 --separate-stderr timeout 10 "$INITWARD" inspect "$name"
		[ -z "$output" ]
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ $stderr == "initward inspect: cannot "*" $name: "* ]]
	done
	cp "$IMAGES/main.gzip" closed
	chmod 0 closed
	chmod 755 . "$IMAGES"
	run -1 --separate-stderr setpriv --reuid 65534 --clear-groups "$INITWARD" inspect closed
	[[ $stderr == *'cannot read closed: Permission denied' ]]
}

@test "usage: what is wrong, status 2" {
	for words in '' '--nonsense' 'one two' '--json'; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr "$INITWARD" inspect $words
		[[ $stderr == *"try 'initward inspect --help'"* ]]
	done
	run -0 "$INITWARD" inspect --help
	[[ $output == 'Usage: initward inspect [--tree] [--json] IMAGE|DIR'* ]]
}

@test "a full disk is told" {
	for words in --tree '--json --tree'; do
		# shellcheck disable=SC2086 # words
		run -1 --separate-stderr bash -c '"$INITWARD" inspect '"$words"' "$IMAGES/main.gzip" >/dev/full'
		[[ $stderr == *'cannot write to standard output: No space left on device' ]]
	done
}

@test "an image cut at any place is read without harm" {
	size=$(stat -c %s "$IMAGES/main.zstd")
	for part in 1 2 3 4 5 6 7; do
		head -c $((size * part / 8)) "$IMAGES/main.zstd" >cut
		run -0 "$INITWARD" inspect cut
		[[ $output == *'the zstd data ends too early'* ]]
	done
}

# 1 GiB of zeros in 1 MiB: read through in little memory, and no file of it is kept
@test "a large file in a small archive takes no memory" {
	{ record big 0100644 size=$((1 << 30)) && zeros $((1 << 30)) && trailer; } | zstd -q >bomb
	run -0 bash -c 'ulimit -v 200000; "$INITWARD" inspect --tree bomb'
	[[ $output == *' 1073741824 '* ]]
}
