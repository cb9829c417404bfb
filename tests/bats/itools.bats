#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2154 # text for other shells; variables of bats
# initramfs-tools: the hook, and what looks at the finished image. On this machine's version; in those of
# other suites by tests/initramfs-tools, which boots the images too.

bats_require_minimum_version 1.5.0

release=6.1.0-99-test

# What is installed, with INITWARD_DEST from there.
setup_file() {
	export SOURCE_DATE_EPOCH=1700000000
	export dest=${INITWARD_DEST:-$BATS_FILE_TMPDIR/dest}
	[ -n "${INITWARD_DEST:-}" ] || make -C "$BATS_TEST_DIRNAME/../.." -s install DESTDIR="$dest" >/dev/null
}

setup() {
	export XDG_CACHE_HOME="$BATS_FILE_TMPDIR/xdg" # one for all: the same policy
	t=$BATS_TEST_TMPDIR boot=$BATS_TEST_TMPDIR/boot image=$BATS_TEST_TMPDIR/boot/initrd.img-$release
	export HOOKS=/usr/share/initramfs-tools/hooks
	confdir=$t/confdir hooks=$t$HOOKS
	initward=$dest/usr/bin/initward
	mkdir -p "$boot" "$t/tmp" "$t/etc/initward" "$confdir/conf.d" "$confdir/hooks" "$confdir/scripts" "$t/usr/lib/modules/$release"
	cp -r "$dest/." "$t/"
	# of this machine's hooks the one without which nothing boots: the rest only takes time
	cp /usr/share/initramfs-tools/hooks/klibc-utils "$hooks/"
	touch "$t/usr/lib/modules/$release/modules."{builtin,builtin.modinfo,order,dep}
	printf '%s\n' CONFIG_RD_GZIP=y CONFIG_SECURITY_APPARMOR=y >"$boot/config-$release"
	printf '%s\n' MODULES=list BUSYBOX=n KEYMAP=n COMPRESS=gzip FSTYPE=auto RUNSIZE=10% RESUME=none \
		>"$confdir/initramfs.conf"
	: >"$confdir/modules"
}

# initward is installed over this machine's /usr and /etc, both for reading only; /boot and the
# configuration of initramfs-tools are the test's: inside COMMAND...
inside() {
	unshare -m sh -c 'set -e
		mount -t overlay -o "lowerdir=$1/usr:/usr" none /usr
		mount -t overlay -o "lowerdir=$1/etc:/etc" none /etc
		mount --bind "$1$HOOKS" "$HOOKS"
		mount --bind "$1/confdir" /etc/initramfs-tools
		mount --bind "$1/boot" /boot
		export TMPDIR="$1/tmp"
		[ -z "$MOUNT" ] || eval "mount $MOUNT"
		shift
		exec "$@"' sh "$t" "$@"
}

update_initramfs() {
	inside update-initramfs "$@" -k "$release"
}

mkinitramfs() {
	inside mkinitramfs "$@" "$release"
}

# hook FOLDER NAME <SCRIPT
hook() {
	{
		printf '%s\n' '#!/bin/sh' '[ "$1" != prereqs ] || exit 0'
		cat
	} >"$1/$2"
	chmod +x "$1/$2"
}

# The image confines: it is what the installed initward gives.
good() {
	"$initward" verify --loader "$dest/usr/lib/initward/initward-init" "$1"
}

# What lies in the image as that path: content PATH
content() {
	mkdir -p "$t/unpacked"
	[ -e "$t/unpacked/init" ] || unmkinitramfs "$image" "$t/unpacked"
	cat "$t/unpacked/$1"
}

# An image that was there before, and a copy of it.
old_image() {
	echo old >"$image"
	cp "$image" "$t/old"
}

# The old image is as it was, nothing else is left beside it, nor in the folder for temporary files.
untouched() {
	cmp "$image" "$t/old"
	[ "$(ls -A "$boot")" = "config-$release"$'\n'"${image##*/}" ]
	[ -z "$(ls -A "$t/tmp")" ]
}

# A hook of the administrator that comes behind initward's and takes /init.
steal_init() {
	hook "$confdir/hooks" thief <<'END'
rm "$DESTDIR/init"
printf '#!/bin/sh\n' >"$DESTDIR/init"
chmod +x "$DESTDIR/init"
END
}

@test "update-initramfs: the loader is /init, and the /init of initramfs-tools the next one" {
	old_image
	run -0 update_initramfs -u
	# which kernel the policy is for is said, and nothing else
	[[ ${lines[1]} == "note: kernel $release: set 6.1, "* && ${#lines[@]} = 2 ]]
	run -0 good "$image"
	cmp <(content init) "$dest/usr/lib/initward/initward-init"
	cmp <(content initward/init) /usr/share/initramfs-tools/init
	[[ $(content initward/initward.conf) == *'init = /initward/init'* ]]
	[ "$(ls -A "$boot")" = "config-$release"$'\n'"${image##*/}" ]
	[ -z "$(ls -A "$t/tmp")" ]
	# verify can say no
	run -1 good "$t/old"
}

@test "mkinitramfs: in a new file, for root and for others, twice the same bytes" {
	run -0 mkinitramfs -o /boot/a
	run -0 good "$boot/a"
	run -0 mkinitramfs -o /boot/b
	cmp "$boot/a" "$boot/b"
	mkdir -m 0777 "$boot/room"
	chmod 0755 "$t" "$boot" "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR"
	chmod 0777 "$t/tmp"
	mkdir -m 0777 "$t/tmp/cache"
	run -0 inside env XDG_CACHE_HOME="$t/tmp/cache" setpriv --reuid 65534 --regid 65534 --clear-groups \
		mkinitramfs -o /boot/room/image "$release"
	run -0 good "$boot/room/image"
}

@test "a umask for images does not take the loader's right to be executed" {
	echo UMASK=0077 >"$confdir/conf.d/umask"
	run -0 mkinitramfs -o /boot/a
	[ "$(stat -c %a "$boot/a")" = 600 ]
	run -0 good "$boot/a"
}

@test "the hook comes last, whatever the others are called, and what they made of /init is next" {
	for name in 00first zz-last zzzz; do
		hook "$hooks" "$name" <<'END'
printf '#!/bin/sh\n# from %s\n' "${0##*/}" >"$DESTDIR/init"
END
	done
	# that is as far as any may go who also wants to be last
	printf '#!/bin/sh\n[ "$1" != prereqs ] || { echo zz-last; exit; }\nprintf "# and I\\n" >>"$DESTDIR/init"\n' >"$hooks/mm"
	chmod +x "$hooks/mm"
	run -0 mkinitramfs -v -o "/boot/${image##*/}"
	[[ $output != *loop* ]]
	[ "$(grep -o '^Calling hook .*' <<<"$output" | tail -n 1)" = 'Calling hook initward' ]
	run -0 good "$image"
	[[ $(content initward/init) == *'# and I' ]]
}

@test "a hook that wants to come behind initward makes a loop, which tsort breaks" {
	printf '#!/bin/sh\n[ "$1" != prereqs ] || echo initward\n' >"$hooks/behind"
	chmod +x "$hooks/behind"
	run -0 mkinitramfs -v -o "/boot/${image##*/}"
	[[ $output == *loop* && $output == *'Calling hook behind'* ]]
	run -0 good "$image"
}

@test "hooks that initramfs-tools passes over are not called because initward names them" {
	for name in plain bad-syntax 'bad~name' folder; do
		hook "$hooks" "$name" <<<'touch "$DESTDIR/called-${0##*/}"; exit 3'
	done
	chmod -x "$hooks/plain"
	echo 'if' >>"$hooks/bad-syntax"
	rm "$hooks/folder" && mkdir "$hooks/folder"
	run -0 mkinitramfs -o "/boot/${image##*/}"
	run -0 good "$image"
	run -0 "$initward" inspect --tree "$image"
	[[ $output != *called-* ]]
	# a control: it would have been seen
	chmod +x "$hooks/plain"
	run -3 mkinitramfs -o "/boot/${image##*/}"
}

@test "a policy that does not compile: mkinitramfs fails, the previous image stays" {
	old_image
	mkdir -p "$t/etc/initward/policy"
	echo 'profile global { nonsense }' >"$t/etc/initward/policy/global"
	for how in -u -c; do
		run ! update_initramfs "$how"
		[[ $output == *'/etc/initward/policy/global'*'hooks/initward failed with return 1.'* ]]
		untouched
	done
}

@test "a policy under which run-init would panic: mkinitramfs fails, the previous image stays" {
	old_image
	mkdir -p "$t/etc/initward/policy"
	cp -r "$dest/usr/share/initward/basic/"{abi,global} "$t/etc/initward/policy/"
	for how in -u -c; do
		run ! update_initramfs "$how"
		[[ $output == *'switch root: run-init '*'refuses it /etc/: '*'hooks/initward failed with return 1.'* ]]
		untouched
	done
	sed -i 's|deny /etc/{,ssh/,|deny /etc/{ssh/,|' "$t/etc/initward/policy/global"
	update_initramfs -u
	cmp -s "$image" "$t/old" && return 1
	run -0 "$initward" verify --loader "$dest/usr/lib/initward/initward-init" "$image"
}

@test "what run-init of klibc has to remove and read, and what is none of its business" {
	old_image
	mkdir -p "$t/etc/initward/policy/local"
	hook "$hooks" key <<<'mkdir -p "$DESTDIR/root/.ssh" && echo key >"$DESTDIR/root/.ssh/key"'
	while read -r refused rule; do
		echo "$rule" >"$t/etc/initward/policy/local/global"
		run ! update_initramfs -u
		[[ $output == *"refuses it $refused: the kernel will panic"* ]]
		untouched
	done <<-'END'
		/sys/ deny /sys/ w,
		/dev/console deny /dev/console w,
		/conf/ deny /conf/ r,
		/scripts/functions deny /scripts/functions w,
	END
	echo 'deny /root/{,**} w, deny /conf/* r,' >"$t/etc/initward/policy/local/global"
	update_initramfs -u
	cmp -s "$image" "$t/old" && return 1
	# busybox goes on where it is refused something
	hook "$hooks" zz-busybox <<<'rm -f "$DESTDIR"/{,usr/}bin/run-init && mkdir -p "$DESTDIR/bin" && echo busybox >"$DESTDIR/bin/run-init"'
	echo 'deny /sys/ w,' >"$t/etc/initward/policy/local/global"
	update_initramfs -u
}

@test "a tree that would not boot: mkinitramfs fails, the previous image stays" {
	old_image
	hook "$hooks" remove <<<'rm "$DESTDIR/init"'
	run ! update_initramfs -u
	[[ $output == *'/init'*'hooks/initward failed with return 1.'* ]]
	untouched
	hook "$hooks" remove <<<'rm "$DESTDIR/usr/bin/sh"'
	run ! update_initramfs -u
	[[ $output == *'/init'*'hooks/initward failed with return 1.'* ]]
	untouched
}

@test "a kernel without AppArmor: mkinitramfs fails, the previous image stays" {
	sed -i 's/^CONFIG_SECURITY_APPARMOR=.*/# CONFIG_SECURITY_APPARMOR is not set/' "$boot/config-$release"
	old_image
	run ! update_initramfs -u
	[[ $output == *AppArmor*'hooks/initward failed with return 1.'* ]]
	untouched
}

@test "an initramfs-tools that tells hooks something else: the hook fails, the previous image stays" {
	old_image
	for word in DESTDIR version CONFDIR; do
		cp "$dest$HOOKS/initward" "$hooks/initward"
		# what it would not have is taken away before the hook asks
		sed -i "2i [ \"\${1:-}\" = prereqs ] || unset $word" "$hooks/initward"
		run ! update_initramfs -u
		[[ $output == *'E: initward: this initramfs-tools does not tell its hooks DESTDIR, version and CONFDIR'* ]]
		untouched
	done
}

@test "a configuration that is bad: mkinitramfs fails, the previous image stays" {
	old_image
	printf 'version = 1\nmode = invisible\n' >"$t/etc/initward/initward.conf"
	run ! update_initramfs -u
	[[ $output == *'initward.conf'*'hooks/initward failed with return 1.'* ]]
	untouched
}

@test "a hook of the administrator takes /init: post-update.d puts the previous image back and fails" {
	old_image
	steal_init
	for how in -u -c; do
		run ! update_initramfs "$how"
		[[ $output == *"E: initward: the new /boot/${image##*/} would not come up confined: "*'; the previous image is back in its place'* ]]
		untouched
	done
}

@test "the same where there is no previous image: it is said, and the new one stays" {
	steal_init
	run ! update_initramfs -c
	[[ $output == *'E: initward: '*'; there is no previous image to go back to'* ]]
	[ "$(ls -A "$boot")" = "config-$release"$'\n'"${image##*/}" ]
	run -4 good "$image"
}

@test "the same where /boot has no hard links: the previous image is kept as a copy" {
	old_image
	steal_init
	cp "$(command -v ln)" "$t/usr/bin/ln.real"
	printf '%s\n' '#!/bin/sh' 'case $* in *initrd.img*) exit 1 ;; esac' 'exec ln.real "$@"' >"$t/usr/bin/ln"
	chmod +x "$t/usr/bin/ln"
	for how in -u -c; do
		run ! update_initramfs "$how"
		[[ $output == *'; the previous image is back in its place'* ]]
		untouched
	done
}

@test "an archive that a hook appends takes /init: it is found as well" {
	old_image
	hook "$hooks" append <<'END'
. /usr/share/initramfs-tools/hook-functions
mkdir -p "$DESTDIR/../other"
printf '#!/bin/sh\n' >"$DESTDIR/../other/init"
chmod +x "$DESTDIR/../other/init"
(cd "$DESTDIR/../other" && echo init | cpio -o -H newc --quiet >../other.cpio)
catenate_cpiogz "$DESTDIR/../other.cpio"
rm -r "$DESTDIR/../other" "$DESTDIR/../other.cpio"
END
	run ! update_initramfs -u
	[[ $output == *'; the previous image is back in its place'* ]]
	untouched
}

@test "mkinitramfs alone does not see what hooks of the administrator do, as the guide says" {
	steal_init
	run -0 mkinitramfs -o "/boot/${image##*/}"
	run -4 good "$image"
}

@test "an image that is there already is replaced by -c, and nothing stays beside it" {
	old_image
	run -0 update_initramfs -c
	run -0 good "$image"
	[ "$(ls -A "$boot")" = "config-$release"$'\n'"${image##*/}" ]
}

@test "initward update goes on with what the hook made" {
	run -0 mkinitramfs -o "/boot/${image##*/}"
	cp "$image" "$t/old"
	run -0 inside initward update -q --no-check --kernel "$release"
	run -0 good "$image"
	cmp "$image.initward-old" "$t/old"
	[ "$(ls -A "$boot" | wc -l)" = 3 ]
}

@test "no room in /boot: the previous image stays" {
	old_image
	cp "$boot/config-$release" "$t/config"
	# mounted empty: the two files come back, and what is then there goes back at the end
	MOUNT='-t tmpfs -o size=3m none /boot' run ! inside sh -c '
		cp "$1/old" "/boot/$2" && cp "$1/config" "/boot/config-$3" || exit 99
		update-initramfs -u -k "$3"; status=$?
		rm "$1/boot/"*; cp -a /boot/. "$1/saved" 2>/dev/null || { mkdir "$1/saved"; cp -a /boot/. "$1/saved"; }
		exit $status' sh "$t" "${image##*/}" "$release"
	[ "$status" -ne 99 ]
	cmp "$t/saved/${image##*/}" "$t/old"
	[ "$(ls -A "$t/saved")" = "config-$release"$'\n'"${image##*/}" ]
}

@test "no room for the tree: the previous image stays" {
	old_image
	# for nearly nothing, and for half of it
	run -0 mkinitramfs -k -o /boot/a
	kept=$(du -sm "$t/tmp" | cut -f 1)
	rm -r "$boot/a" "$t/tmp/"*
	for size in 1 $((kept / 2)); do
		MOUNT="-t tmpfs -o size=${size}m none \$TMPDIR" run ! update_initramfs -u
		[[ $output == *'update-initramfs: failed for '* ]]
		untouched
	done
}

@test "/boot can only be read: initramfs-tools says so and does nothing" {
	old_image
	MOUNT='-o remount,bind,ro /boot' run update_initramfs -u
	[[ $output == *'/boot is ro mounted'* || $output == *'Read-only file system'* ]]
	untouched
}

@test "the image for crash dumps stays as it is" {
	# what kdump-tools does: a copy of the configuration, and a word in it
	cp -r "$confdir" "$t/tmp/kdump"
	echo KDUMP=y >>"$t/tmp/kdump/initramfs.conf"
	run -0 mkinitramfs -d "$t/tmp/kdump" -o "/boot/${image##*/}"
	run -0 "$initward" inspect --tree "$image"
	[[ $output == *scripts/functions* && $output != *initward/* ]]
	cmp <(content init) /usr/share/initramfs-tools/init
}

@test "post-update.d leaves alone what dracut made, and everything once the hook is gone" {
	update=$t/etc/initramfs/post-update.d/00-initward
	mkdir -p "$t/tree/usr/lib/dracut/hooks"
	cp "$dest/usr/lib/initward/guest" "$t/tree/init"
	(cd "$t/tree" && find . | cpio -o -H newc --quiet) >"$image"
	cp "$image" "$t/old"
	run -0 inside "$update" "$release" "/boot/${image##*/}"
	untouched
	mkdir -p "$t/tree/conf"
	touch "$t/tree/conf/initramfs.conf"
	(cd "$t/tree" && find . | cpio -o -H newc --quiet) >"$image"
	cp "$image" "$t/old"
	run -1 inside "$update" "$release" "/boot/${image##*/}"
	[[ $output == 'E: initward: the new '*'would not come up confined: '* && ${#lines[@]} = 1 ]]
	rm "$hooks/initward"
	run -0 inside "$update" "$release" "/boot/${image##*/}"
	untouched
}

@test "removed, the plain image comes back" {
	rm "$hooks/initward" "$t/usr/bin/initward"
	old_image
	run -0 update_initramfs -u
	cmp <(content init) /usr/share/initramfs-tools/init
	[ ! -e "$t/unpacked/initward" ]
}
