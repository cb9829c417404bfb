#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2154 # variables of bats
# initward wrap and overlay, as far as files go; tests/wrap boots what they make.
bats_require_minimum_version 1.5.0

# What every image here is made of: a program, a file, folders.
setup_file() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	f=$BATS_FILE_TMPDIR
	mkdir -p "$f/tree/bin" "$f/tree/etc"
	cp "$top/build/guest" "$f/tree/bin/program"
	echo text >"$f/tree/etc/file"
	cp -a "$f/tree" "$f/regular"
	cp "$f/tree/bin/program" "$f/regular/init"
	(cd "$f/regular" && find . ! -name . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0) >"$f/plain"
	gzip -1 -n <"$f/plain" >"$f/gzip"
	xz -0 --check=crc32 <"$f/plain" >"$f/xz"
	xz -0 --format=lzma <"$f/plain" >"$f/lzma"
	zstd -q -1 <"$f/plain" >"$f/zstd"
	lz4 -q -l -1 <"$f/plain" >"$f/lz4"
	bzip2 -1 <"$f/plain" >"$f/bzip2"
}

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	f=$BATS_FILE_TMPDIR
	t=$BATS_TEST_TMPDIR
	initward=$top/build/initward
	image=$t/image
}

wrap() {
	"$initward" wrap --loader "$top/build/initward-init" --bundle "$top/build/bundle" "$@"
}

overlay() {
	"$initward" overlay --loader "$top/build/initward-init" --bundle "$top/build/bundle" "$@"
}

# The tree $1 as an archive.
pack() {
	(cd "$1" && find . ! -name . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0)
}

# A bootconfig behind the image $1, as `bootconfig -a` makes it: text, zeros up to a 4-byte boundary of
# the whole, size, sum of the bytes, magic.
add_bootconfig() {
	local text='a=1' sum=207 zeros=$(((4 - ($(stat -c %s "$1") + 3) % 4) % 4))
	{
		printf '%s' "$text"
		head -c "$zeros" /dev/zero
		# shellcheck disable=SC2059 # octal bytes
		printf "\\$(printf %o $((3 + zeros)))\0\0\0\\$(printf %o "$sum")\0\0\0#BOOTCONFIG\n"
	} >>"$1"
}

# Part $2 of image $1 from its end: "KIND OFFSET SIZE"
part_from_end() {
	"$initward" inspect --json "$1" | jq -r ".parts[-$2] | \"\(.kind) \(.offset) \(.size)\""
}

# What the last archive of the image holds, unpacked to $t/added
unpack_added() {
	local offset
	offset=$("$initward" inspect --json "$1" | jq '[.parts[] | select(.kind == "cpio")][-1].offset')
	rm -rf "$t/added"
	mkdir "$t/added"
	tail -c +$((offset + 1)) "$1" | (cd "$t/added" && cpio -i --quiet -d -u --no-absolute-filenames)
}

# Fails unless the command says one line that has $1 in it, ends with 1, and leaves $image as it was.
refused() {
	local want=$1
	shift
	if [ -f "$image" ]; then cp "$image" "$t/before"; fi
	run -1 "$@"
	[ "${#lines[@]}" -eq 1 ] || { printf 'not one line: %s\n' "$output"; return 1; }
	[[ $output == 'initward wrap: '*"$want"* ]] || { printf 'not "%s": %s\n' "$want" "$output"; return 1; }
	if [ -f "$t/before" ]; then cmp "$image" "$t/before"; fi
	nothing_left
}

nothing_left() { [ -z "$(find "$t" -name '.initward-*')" ]; }

# --- what comes out ---

@test "each compression: the image's own bytes, zeros, an archive on a 4-byte boundary" {
	for kind in plain gzip xz lzma zstd lz4; do
		cp "$f/$kind" "$image"
		run -0 wrap "$image"
		[[ $output == "$image: $(stat -c %s "$image") bytes (+"*'); next init /initward/init, a copy of /init' ]]
		cmp -n "$(stat -c %s "$f/$kind")" "$f/$kind" "$image"
		read -r kind offset _ < <(part_from_end "$image" 1)
		[ "$kind" = cpio ]
		[ $((offset % 4)) -eq 0 ]
		unpack_added "$image"
		cmp "$t/added/init" "$top/build/initward-init"
		cmp "$t/added/initward/init" "$f/regular/init"
		diff -r "$t/added/initward/bundle" "$top/build/bundle"
	done
}

@test "an image of any length, modulo 4" {
	for zeros in 0 1 2 3; do
		{
			cat "$f/gzip"
			head -c "$zeros" /dev/zero
		} >"$image"
		length=$(stat -c %s "$image")
		wrap "$image"
		read -r kind offset _ < <(part_from_end "$image" 1)
		[ "$kind" = cpio ]
		[ "$offset" -eq $(((length + 3) / 4 * 4 + 4)) ]
	done
}

@test "a second time gives the same bytes, whatever came out of the first" {
	for kind in plain gzip xz lzma zstd lz4; do
		wrap -o "$image" "$f/$kind"
		cp "$image" "$t/first"
		run -0 wrap "$image"
		[[ $output == *'bytes (+0); '* ]]
		cmp "$image" "$t/first"
	done
}

@test "a second time replaces loader, configuration and bundle" {
	wrap -o "$image" "$f/xz" --mode visible
	wrap "$image" --policy complain
	unpack_added "$image"
	[ "$(cat "$t/added/initward/initward.conf")" = "version = 1
policy = complain
mode = hidden
level = compatible
on_failure = continue
lock = no
init = /initward/init" ]
	wrap -o "$t/at once" "$f/xz" --policy complain
	cmp "$image" "$t/at once"
}

@test "a bootconfig stays at the end, byte for byte, and the end on its boundary" {
	for zeros in 0 1 2 3; do
		{
			cat "$f/zstd"
			head -c "$zeros" /dev/zero
		} >"$image"
		add_bootconfig "$image"
		[ "$(part_from_end "$image" 1 | cut -d' ' -f1)" = bootconfig ]
		read -r _ _ size < <(part_from_end "$image" 1)
		tail -c "$size" "$image" >"$t/trailer"
		cp "$image" "$t/before"
		wrap "$image"
		[ "$(part_from_end "$image" 1 | cut -d' ' -f1)" = bootconfig ]
		[ "$("$initward" inspect --json "$image" | jq -r .bootconfig.parameters)" = \
			"$("$initward" inspect --json "$t/before" | jq -r .bootconfig.parameters)" ]
		tail -c "$size" "$image" | cmp - "$t/trailer"
		[ $(($(stat -c %s "$image") % 4)) -eq 0 ]
		cp "$image" "$t/first"
		wrap "$image"
		cmp "$image" "$t/first"
	done
}

@test "a boot loader's zeros behind a bootconfig stay as well" {
	cp "$f/gzip" "$image"
	add_bootconfig "$image"
	printf '\0\0\0' >>"$image"
	tail -c 15 "$image" >"$t/end"
	wrap "$image"
	tail -c 15 "$image" | cmp - "$t/end"
	[ "$(part_from_end "$image" 1 | cut -d' ' -f1)" = bootconfig ]
}

@test "/init that is a link stays one, by an absolute path and under its base name" {
	while read -r target absolute; do
		rm -rf "$t/tree"
		cp -a "$f/tree" "$t/tree"
		ln -s "$target" "$t/tree/init"
		pack "$t/tree" >"$image"
		run -0 wrap "$image"
		[[ $output == *"next init /initward/init, a link to $absolute" ]]
		unpack_added "$image"
		[ "$(readlink "$t/added/initward/init")" = "$absolute" ]
	done <<-END
		bin/program /bin/program
		/bin/program /bin/program
		bin/../bin/program /bin/../bin/program
		../bin/program /../bin/program
	END
}

@test "/init that is a file is copied with its mode, and taken away before it is written" {
	cp -a "$f/regular" "$t/tree"
	chmod 0750 "$t/tree/init"
	ln "$t/tree/init" "$t/tree/other"
	pack "$t/tree" | gzip -1 >"$image"
	wrap "$image"
	[ "$(tail -c +$(($(part_from_end "$image" 1 | cut -d' ' -f2) + 1)) "$image" | cpio -t --quiet | head -n 2)" = \
		$'init\ninit' ]
	unpack_added "$image"
	[ "$(stat -c %a "$t/added/initward/init")" = 750 ]
	"$initward" inspect --tree "$image" | grep -qE "^-rwxr-x---   1 .* 0  other$"
}

@test "the same time everywhere: 0, or SOURCE_DATE_EPOCH" {
	wrap -o "$image" "$f/gzip"
	SOURCE_DATE_EPOCH=1234567890 wrap -o "$t/dated" "$f/gzip"
	run ! cmp -s "$image" "$t/dated"
	tail -c +$(($(part_from_end "$t/dated" 1 | cut -d' ' -f2) + 1)) "$t/dated" >"$t/archive"
	[ "$(grep -aoi 499602D2 "$t/archive" | wc -l)" -gt 10 ]
	tail -c +$(($(part_from_end "$image" 1 | cut -d' ' -f2) + 1)) "$image" >"$t/archive"
	run ! grep -aqi 499602D2 "$t/archive"
	image=$t/dated
	SOURCE_DATE_EPOCH=tomorrow refused 'SOURCE_DATE_EPOCH' wrap "$image"
}

# --- configuration, loader, bundle ---

@test "values, or a file without init =" {
	printf '%s\n' '# mine' 'version = 1' 'mode = visible' >"$t/conf"
	wrap -o "$image" --config "$t/conf" "$f/gzip"
	unpack_added "$image"
	[ "$(cat "$t/added/initward/initward.conf")" = "# mine
version = 1
mode = visible
init = /initward/init" ]
	wrap -o "$image" --level sealed --on-failure panic --lock "$f/gzip"
	unpack_added "$image"
	[ "$(sed -n '4,6p' "$t/added/initward/initward.conf")" = "level = sealed
on_failure = panic
lock = yes" ]
}

# wrap on a machine with these folders /etc/apparmor.d and /etc/initward: on_machine OPTION...
on_machine() {
	mkdir -p "$t/places/initward" "$t/apparmor.d" "$t/etc"
	unshare -m sh -c 'set -e
		mount -t overlay -o "lowerdir=$1/places:/etc" none /etc
		mount --bind "$1/apparmor.d" /etc/apparmor.d
		mount --bind "$1/etc" /etc/initward
		shift
		exec "$@"' sh "$t" "$initward" wrap -o "$image" --loader "$top/build/initward-init" \
		--features "$top/policy/features" --source "$top/policy/stock/global" "$@" "$f/gzip"
}

# Has the image the profiles $1 for the namespace, in the words of inspect?
has_applications() {
	[ "$("$initward" inspect "$image" | grep -o ':application:[^,]*' | sort -u | tr '\n' ' ')" = "$1" ]
}

@test "policy of the machine goes in where nobody can load it later, and only there" {
	mkdir -p "$t/apparmor.d/disable" "$t/other"
	echo 'profile mine /usr/bin/mine { file, }' >"$t/apparmor.d/mine"
	echo 'profile other /usr/bin/other flags=(complain) { file, }' >"$t/other/other"
	ln -s ../left-out "$t/apparmor.d/disable/left-out"
	echo 'profile left-out { file, }' >"$t/apparmor.d/left-out"
	on_machine --level sealed
	has_applications ':application:mine (enforce) '
	on_machine --level sealed --application none
	has_applications ''
	on_machine --level sealed --application "$t/other"
	has_applications ':application:other (complain) '
	on_machine --level sealed --application "$t/other" --application /etc/apparmor.d/mine
	has_applications ':application:mine (enforce) :application:other (complain) '
	on_machine --level compatible --application "$t/other"
	has_applications ':application:other (complain) '
	for options in '--level compatible' '--level sealed --policy off' '--level sealed --mode visible'; do
		# shellcheck disable=SC2086 # words
		on_machine $options
		has_applications ''
	done
	# by the configuration of the machine, and its own folder instead
	printf 'version = 1\nlevel = sealed\n' >"$t/etc/initward.conf"
	on_machine
	has_applications ':application:mine (enforce) '
	mkdir "$t/etc/application"
	on_machine
	has_applications ''
	cp "$t/other/other" "$t/etc/application/"
	on_machine
	has_applications ':application:other (complain) '
	rm "$t/apparmor.d/"* "$t/etc/application/other" -rf
	on_machine
	has_applications ''
}

@test "policy of the machine that does not compile is told, and nothing is written" {
	mkdir "$t/apparmor.d"
	echo 'profile broken {' >"$t/apparmor.d/broken"
	run -1 on_machine --level sealed
	[[ $output == *'cannot compile the policy: cannot read /etc/apparmor.d/broken: '* ]]
	[ ! -e "$image" ]
	on_machine --level sealed --application none
	rm "$image"
	run -1 on_machine --level sealed --application "$t/none"
	[[ $output == *"cannot read the source $t/none: No such file"* ]]
	[ ! -e "$image" ]
}

@test "a configuration that the loader would not take is refused" {
	cp "$f/gzip" "$image"
	printf '%s\n' 'version = 1' 'init = /sbin/init' >"$t/conf"
	refused "$t/conf: the line \"init =\" is written by this command" wrap --config "$t/conf" "$image"
	printf '%s\n' 'version = 1' 'mode = secret' >"$t/conf"
	refused "$t/conf: line 2: unknown value \"secret\"" wrap --config "$t/conf" "$image"
	printf '%s\n' 'mode = hidden' >"$t/conf"
	refused "$t/conf: line 1: the first line has to be" wrap --config "$t/conf" "$image"
	head -c 9000 /dev/zero | tr '\0' '#' >"$t/conf"
	refused "$t/conf is larger than 8192 bytes" wrap --config "$t/conf" "$image"
	refused "$t/none: No such file" wrap --config "$t/none" "$image"
	refused "$t is no regular file" wrap --config "$t" "$image"
	refused 'sealed does not go with policy = complain, mode = hidden; sealed is for enforce' wrap --policy complain --level sealed "$image"
}

@test "wrong usage ends with 2, and changes nothing" {
	cp "$f/gzip" "$image"
	: >"$t/conf"
	while read -r want options; do
		# shellcheck disable=SC2086 # words
		run -2 wrap $options "$image"
		[[ $output == "initward wrap: "*"${want//_/ }"*"try 'initward wrap --help'" ]]
	done <<-END
		none_of --policy deny
		none_of --mode
		none_of --level high
		none_of --on-failure stop
		exclude --lock --config $t/conf
		exclude --source x
		exclude --application x
		unrecognized --speed
		more_than_one other
	END
	run -2 wrap
	run -2 wrap -o ''  "$image"
	cmp "$image" "$f/gzip"
}

@test "a loader or a bundle that is none is refused" {
	cp "$f/gzip" "$image"
	refused "$t/none: No such file" wrap --loader "$t/none" "$image"
	refused 'is not initward'\''s loader' wrap --loader "$top/build/guest" "$image"
	refused 'is no bundle' wrap --bundle "$t" "$image"
	refused 'is no bundle' wrap --bundle "$t/none" "$image"
	cp -R "$top/build/bundle" "$t/bundle"
	ln -s manifest "$t/bundle/link"
	refused "$t/bundle/link is neither a file nor a folder" wrap --bundle "$t/bundle" "$image"
	rm "$t/bundle/link"
	blob=$(find "$t/bundle/enforce" -name global | head -n 1)
	printf x >>"$blob"
	refused 'its size is not the manifest'\''s' wrap --bundle "$t/bundle" "$image"
	echo 'version = 2' >"$t/bundle/manifest"
	refused 'manifest' wrap --bundle "$t/bundle" "$image"
}

@test "without a bundle the policy is compiled, and says where it is wrong" {
	cp "$f/gzip" "$image"
	loader=(--loader "$top/build/initward-init" --features "$top/policy/features")
	run -0 "$initward" wrap "${loader[@]}" --source "$top/policy/basic/global" "$image"
	unpack_added "$image"
	diff -r "$t/added/initward/bundle" "$top/build/bundle"
	cp "$image" "$t/before"
	echo 'profile global {' >"$t/bad"
	TMPDIR=$t run -1 "$initward" wrap "${loader[@]}" --source "$t/bad" "$image"
	# the last line, which is all that a generator shows, says why
	[[ ${lines[-1]} == "initward wrap: cannot compile the policy: cannot read $t/bad: "*' at line 2: syntax error, '* ]]
	[[ ${lines[-1]} == *'; nothing was changed: mend it, and try again' ]]
	cmp "$image" "$t/before"
	echo 'profile other { deny /x w, }' >"$t/bad"
	TMPDIR=$t run -1 "$initward" wrap "${loader[@]}" --source "$t/bad" "$image"
	[[ ${lines[-1]} == 'initward wrap: cannot compile the policy: no source defines the profile "global" '* ]]
	[ -z "$(find "$t" -name 'initward-*')" ]
}

# --- images that are refused ---

@test "what is no image is refused" {
	refused "cannot read $image: No such file" wrap "$image"
	mkfifo "$image"
	refused "$image is no regular file" wrap "$image"
	rm "$image"
	refused '/dev/null is no regular file' wrap /dev/null
	ln -s image "$image"
	refused 'Too many levels of symbolic links' wrap "$image"
	rm "$image"
	: >"$image"
	refused 'it is empty' wrap "$image"
	echo text >"$image"
	refused 'neither an initramfs' wrap "$image"
	truncate -s 3G "$image"
	run -1 wrap "$image"
	[[ $output == *'larger than 2 GiB' ]]
}

@test "an image that the kernel does not read to its end is refused" {
	for kind in plain gzip xz zstd lz4; do
		head -c $(($(stat -c %s "$f/$kind") - 2000)) "$f/$kind" >"$image"
		refused 'the kernel stops reading at byte' wrap "$image"
	done
	{
		cat "$f/gzip"
		echo junk
	} >"$image"
	refused 'the kernel stops reading at byte' wrap "$image"
	cp "$f/bzip2" "$image"
	refused 'bzip2' wrap "$image"
}

@test "an image without an /init that can be started is refused" {
	cp -a "$f/tree" "$t/tree"
	pack "$t/tree" >"$image"
	refused 'it has no /init' wrap "$image"
	echo 'exit' >"$t/tree/init"
	pack "$t/tree" >"$image"
	refused 'its /init is not executable' wrap "$image"
	rm "$t/tree/init"
	mkdir "$t/tree/init"
	pack "$t/tree" >"$image"
	refused 'its /init is not executable' wrap "$image"
	rmdir "$t/tree/init"
	ln -s nowhere "$t/tree/init"
	pack "$t/tree" >"$image"
	refused 'a link to something that is not there' wrap "$image"
	ln -sfn init "$t/tree/init"
	pack "$t/tree" >"$image"
	refused 'a link to something that is not there' wrap "$image"
	rm "$t/tree/init"
	printf '#!/bin/sh\n' >"$t/tree/init"
	chmod +x "$t/tree/init"
	pack "$t/tree" >"$image"
	refused 'cannot start its /init' wrap "$image"
}

@test "an image that has initward already, and not from wrap alone, is refused" {
	cp -a "$f/tree" "$t/tree"
	cp "$top/build/initward-init" "$t/tree/init"
	pack "$t/tree" >"$image"
	refused 'loader already' wrap "$image"
	rm "$t/tree/init"
	cp "$f/regular/init" "$t/tree/init"
	mkdir "$t/tree/initward"
	pack "$t/tree" >"$image"
	refused 'it has an /initward already' wrap "$image"
	wrap -o "$image" "$f/plain"
	cat "$f/plain" >>"$image"
	refused 'already' wrap "$image"
	# the mark alone does not do: what it says has to fit
	mkdir -p "$t/mark/initward"
	printf 'version = 1\nlength = 4\n' >"$t/mark/initward/wrapped"
	{
		cat "$f/plain"
		pack "$t/mark"
	} >"$image"
	refused 'it has an /initward already' wrap "$image"
}

# --- in place, or not at all ---

@test "mode and extended attributes stay, and so does a link to the image" {
	mkdir "$t/boot"
	cp "$f/gzip" "$t/boot/real"
	chmod 0640 "$t/boot/real"
	attribute=
	if setfattr -n user.note -v mine "$t/boot/real" 2>/dev/null; then attribute=yes; fi
	ln -s boot/real "$image"
	wrap "$image"
	[ -L "$image" ]
	[ "$(stat -c %a "$t/boot/real")" = 640 ]
	[ -z "$attribute" ] || [ "$(getfattr --only-values -n user.note "$t/boot/real")" = mine ]
	run ! cmp -s "$t/boot/real" "$f/gzip"
}

@test "-o: another file, with the image's mode, or one that is there, with its own" {
	cp "$f/gzip" "$image"
	chmod 0600 "$image"
	wrap -o "$t/other" "$image"
	cmp "$image" "$f/gzip"
	[ "$(stat -c %a "$t/other")" = 600 ]
	chmod 0644 "$t/other"
	wrap -o "$t/other" --mode visible "$image"
	[ "$(stat -c %a "$t/other")" = 644 ]
	wrap -o "$image" "$image"
	refused "$t is no regular file" wrap -o "$t" "$image"
	refused 'cannot write '"$t/none/image"': No such file' wrap -o "$t/none/image" "$image"
}

@test "a folder that may not be written to, an image that may not be read" {
	if [ "$(id -u)" -ne 0 ]; then
		as() { "$@"; }
	else
		as() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
	fi
	# where nobody may go, and which nobody may write to
	t=$(mktemp -d /tmp/wrap.XXXXXX)
	chmod 0755 "$t"
	cp -R "$initward" "$top/build/initward-init" "$top/build/bundle" "$t"
	chmod -R a+rX "$t"
	cp "$f/gzip" "$t/image"
	chmod 0555 "$t"
	run -1 as "$t/initward" wrap --loader "$t/initward-init" --bundle "$t/bundle" "$t/image"
	[[ $output == "initward wrap: cannot write $t/image: Permission denied; nothing was changed" ]]
	cmp "$t/image" "$f/gzip"
	chmod 0000 "$t/image"
	run -1 as "$t/initward" wrap --loader "$t/initward-init" --bundle "$t/bundle" "$t/image"
	[[ $output == "initward wrap: cannot read $t/image: Permission denied" ]]
	chmod 0755 "$t"
	rm -rf "$t"
}

@test "no space: the image is as it was, and nothing is left behind" {
	head -c 3000000 /dev/urandom >"$t/noise"
	cp -a "$f/regular" "$t/tree"
	mv "$t/noise" "$t/tree/etc/noise"
	pack "$t/tree" >"$image"
	limited() (
		ulimit -f "$1"
		shift
		wrap "$@"
	)
	refused 'File too large; nothing was changed' limited 1000 "$image"
	refused 'File too large; nothing was changed' limited 1000 -o "$t/other" "$image"
	[ ! -e "$t/other" ]
	limited 8000 "$image"
}

@test "a signal in the middle: the image is as it was, and nothing is left behind" {
	head -c 100000000 /dev/urandom >"$t/noise"
	cp -a "$f/regular" "$t/tree"
	mv "$t/noise" "$t/tree/etc/noise"
	pack "$t/tree" >"$image"
	sum=$(sha256sum <"$image")
	cp "$image" "$t/whole"
	for signal in INT TERM HUP; do
		# where the machine is busy the signal may come too late: then once more
		for _ in $(seq 20); do
			"$initward" wrap --loader "$top/build/initward-init" --bundle "$top/build/bundle" "$image" \
				2>"$t/said" &
			pid=$!
			# as soon as it writes
			while kill -0 "$pid" 2>/dev/null && [ -z "$(find "$t" -maxdepth 1 -name '.initward-*')" ]; do :; done
			kill -s "$signal" "$pid" 2>/dev/null || :
			status=0
			wait "$pid" || status=$?
			[ "$status" -eq 0 ] || break
			cp "$t/whole" "$image"
		done
		[ "$status" -eq 1 ]
		grep -q 'stopped by a signal; nothing was changed' "$t/said"
		[ "$(sha256sum <"$image")" = "$sum" ]
		nothing_left
	done
}

# --- overlay ---

@test "overlay: the loader under a name of its own, the image's /init through a link, and a warning" {
	run -0 --separate-stderr overlay -o "$t/overlay" --mode visible
	[[ $output == "$t/overlay: $(stat -c %s "$t/overlay") bytes" ]]
	[[ $stderr == *'rdinit=/initward-init'*'warning: '*'unconfined'* ]]
	unpack_added "$t/overlay"
	[ ! -e "$t/added/init" ]
	cmp "$t/added/initward-init" "$top/build/initward-init"
	[ "$(readlink "$t/added/initward/init")" = /init ]
	grep -qx 'init = /initward/init' "$t/added/initward/initward.conf"
	grep -qx 'mode = visible' "$t/added/initward/initward.conf"
	diff -r "$t/added/initward/bundle" "$top/build/bundle"
	cp "$t/overlay" "$t/first"
	overlay -o "$t/overlay" --mode visible
	cmp "$t/overlay" "$t/first"
	[ $(($(stat -c %s "$t/overlay") % 4)) -eq 0 ]
}

@test "overlay: another first program, and wrong usage" {
	overlay -o "$t/overlay" --init /sbin/start
	unpack_added "$t/overlay"
	grep -qx 'init = /sbin/start' "$t/added/initward/initward.conf"
	[ ! -e "$t/added/initward/init" ]
	run -2 overlay
	run -2 overlay -o ''
	run -2 overlay -o "$t/other" --init sbin/start
	run -2 overlay -o "$t/other" --init /initward-init
	run -2 overlay -o "$t/other" one-too-many
	run -1 overlay -o "$t"
	[[ $output == *"$t is no regular file" ]]
	run -1 overlay -o "$t/none/overlay"
	[ ! -e "$t/other" ]
	nothing_left
}
