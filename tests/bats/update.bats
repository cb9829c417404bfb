#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2154 # text for other shells; variables of compile.bash
# initward update: the old image stays, byte for byte, until the new one is proved good.

bats_require_minimum_version 1.5.0

release=6.1.0-99-test

# /boot, /lib/modules and /etc/initward of its own, in a mount namespace: inside COMMAND...
inside() {
	unshare -m sh -c 'set -e
		# places to mount upon, which the machine itself does not have to have
		mount -t overlay -o "lowerdir=$1/places:/usr/lib" none /usr/lib
		mount -t overlay -o "lowerdir=$1/places:/etc" none /etc
		mount -t overlay -o "lowerdir=$1/places:/var/lib" none /var/lib
		mount --bind "$1/boot" /boot
		mount --bind "$1/modules" /lib/modules
		mount --bind "$1/etc" /etc/initward
		mount --bind "$1/state" /var/lib/initward
		mount --bind "$1/run" /run # with the lock
		shift
		exec "$@"' sh "$BATS_TEST_TMPDIR" "$@"
}

update() {
	inside env TMPDIR="$BATS_TEST_TMPDIR/tmp" PATH="$BATS_TEST_TMPDIR/bin:$PATH" "$initward" update \
		-q --loader "$top/build/initward-init" --features "$features" --set 5.10 "$@"
}

setup() {
	load compile
	export XDG_CACHE_HOME="$BATS_FILE_TMPDIR/xdg" # one for all: the same policy
	boot=$BATS_TEST_TMPDIR/boot image=$BATS_TEST_TMPDIR/boot/initrd.img-$release
	mkdir -p "$boot" "$BATS_TEST_TMPDIR/modules/$release/kernel" "$BATS_TEST_TMPDIR/etc/policy" \
		"$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/tmp" "$BATS_TEST_TMPDIR/run" "$BATS_TEST_TMPDIR/state" \
		"$BATS_TEST_TMPDIR/places/"{modules,initward}
	touch "$BATS_TEST_TMPDIR/modules/$release/modules.builtin" \
		"$BATS_TEST_TMPDIR/modules/$release/modules.order"
	cp "$top/policy/basic/global" "$BATS_TEST_TMPDIR/etc/policy/"
	cp -r "$top/policy/basic/abi" "$BATS_TEST_TMPDIR/etc/policy/"
}

# An image with what only those of a generator have, but small: small_image FILE WHICH SIGN
small_image() {
	rm -rf "$BATS_TEST_TMPDIR/tree"
	mkdir -p "$BATS_TEST_TMPDIR/tree/${3:-scripts/functions}"
	cp "$top/build/guest" "$BATS_TEST_TMPDIR/tree/init"
	echo "${2:-old}" >"$BATS_TEST_TMPDIR/tree/which"
	(cd "$BATS_TEST_TMPDIR/tree" && find . ! -name . | cpio -o -H newc --quiet -R 0:0) >"$1"
}

# A mkinitramfs that does what standard input says; $out is its -o. Else it gives a small image.
fake_mkinitramfs() {
	small_image "$BATS_TEST_TMPDIR/new" new
	{
		printf '#!/bin/sh\nout=$2 good=%s\n' "$BATS_TEST_TMPDIR/new"
		cat
	} >"$BATS_TEST_TMPDIR/bin/mkinitramfs"
	chmod +x "$BATS_TEST_TMPDIR/bin/mkinitramfs"
}

# The old image is as it was, and nothing else is left beside it.
untouched() {
	cmp "$image" "$BATS_TEST_TMPDIR/copy"
	[ "$(ls -A "$boot")" = "${image##*/}" ]
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ]
}

old_image() {
	small_image "$image" old "${1:-}"
	chmod 0640 "$image"
	cp "$image" "$BATS_TEST_TMPDIR/copy"
}

@test "a real mkinitramfs: the image is made anew with initward in it, the old one stays beside it" {
	old_image
	printf 'CONFIG_RD_GZIP=y\nCONFIG_RD_ZSTD=y\n' >"$boot/config-$release"
	run -0 update --kernel "$release"
	[[ $output == *"/boot/initrd.img-$release: made anew (initramfs-tools); the old one is /boot/initrd.img-$release.initward-old"* ]]
	cmp "$image.initward-old" "$BATS_TEST_TMPDIR/copy"
	run -0 "$initward" verify --loader "$top/build/initward-init" "$image"
	run -0 "$initward" inspect --tree "$image"
	[[ $output == *scripts/init-top/* && $output == *initward/init* ]]
	[ "$(ls -A "$boot" | wc -l)" = 3 ]
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ]
}

# What systemd-boot and flash-kernel hang on to: hook TEXT
hook() {
	mkdir -p "$BATS_TEST_TMPDIR/places/initramfs/post-update.d"
	printf '#!/bin/sh\n%s\n' "$1" >"$BATS_TEST_TMPDIR/places/initramfs/post-update.d/loader"
	chmod +x "$BATS_TEST_TMPDIR/places/initramfs/post-update.d/loader"
}

@test "what copies images for the boot loader is called with the one that is in place, and only then" {
	old_image
	hook 'echo "$1 $2 $(sha256sum <"$2")" >>"'"$BATS_TEST_TMPDIR/called"'"'
	# dracut calls it by itself from 106 on, and would do so with an image that nobody has proved
	fake_mkinitramfs <<-'END'
		[ -n "$NO_POST_UPDATE_HOOKS" ] || run-parts --arg=early --arg="$good" /etc/initramfs/post-update.d
		cat "$good" >"$out"
	END
	run -0 update --kernel "$release" --dry-run
	[ ! -e "$BATS_TEST_TMPDIR/called" ]
	run -0 update --kernel "$release"
	[ "$(cat "$BATS_TEST_TMPDIR/called")" = "$release /boot/${image##*/} $(sha256sum <"$image")" ]
	hook 'echo no room on the ESP >&2; exit 3'
	echo 'version = 1' >"$BATS_TEST_TMPDIR/conf"
	run -1 update --kernel "$release" --config "$BATS_TEST_TMPDIR/conf"
	[[ $output == *'no room on the ESP'* ]]
	[[ $output == *"/boot/${image##*/} is in place, but where the boot loader has a copy of its own"*"run 'initward update' again"* ]]
	run -0 "$initward" verify --loader "$top/build/initward-init" "$image"
}

@test "a real dracut: found by what lies in the image" {
	image=$boot/initramfs-$release.img
	old_image usr/lib/dracut/hooks
	cat >"$BATS_TEST_TMPDIR/bin/dracut" <<'EOF'
#!/bin/sh
exec /usr/bin/dracut -q --no-kernel -m base "$@"
EOF
	chmod +x "$BATS_TEST_TMPDIR/bin/dracut"
	run -0 update --kernel "$release"
	[[ $output == *"/boot/initramfs-$release.img: made anew (dracut); "* ]]
	cmp "$image.initward-old" "$BATS_TEST_TMPDIR/copy"
	run -0 "$initward" verify --loader "$top/build/initward-init" "$image"
	run -0 "$initward" inspect --tree "$image"
	[[ $output == *usr/lib/dracut/* && $output == *initward/init* ]]
}

@test "an image that is none: the last one that booted tells who makes it anew" {
	head -c 1000 /dev/urandom >"$image"
	fake_mkinitramfs <<<'cp "$good" "$out"'
	run -1 update --kernel "$release"
	[[ $output == *"cannot use /boot/initrd.img-$release: "* ]]
	small_image "$image.initward-old" old
	run -0 update --kernel "$release"
	[[ $output == *"/boot/initrd.img-$release is made anew by the generator of /boot/initrd.img-$release.initward-old"* ]]
	[[ $output == *"/boot/initrd.img-$release: made anew (initramfs-tools)"* ]]
	run -0 "$initward" verify --loader "$top/build/initward-init" "$image"
}

@test "--generator none puts initward into the present image, again and again" {
	old_image
	run -0 update --image "/boot/${image##*/}" --generator none
	[ "$(stat -c %a "$image")" = 640 ]
	cp "$image" "$BATS_TEST_TMPDIR/first"
	cmp "$image.initward-old" "$BATS_TEST_TMPDIR/copy"
	# it has never booted: what was kept is the better one to fall back to
	run -0 update --image "/boot/${image##*/}" --generator none
	[[ $output == *"the last one that booted is /boot/"* ]]
	cmp "$image" "$BATS_TEST_TMPDIR/first"
	cmp "$image.initward-old" "$BATS_TEST_TMPDIR/copy"
	# the machine has booted since
	touch -d @0 "$image"
	run -0 update --image "/boot/${image##*/}" --generator none
	cmp "$image.initward-old" "$BATS_TEST_TMPDIR/first"
	run -0 "$initward" verify --loader "$top/build/initward-init" "$image"
}

# What systemd/boot-check leaves behind a boot that went back.
@test "an image that did not come up is not kept in the place of the last one that did" {
	for which in it another; do
		old_image
		touch -d @0 "$image"
		echo good >"$image.initward-old"
		stat -c '%i %s %Y' "$image" >"$BATS_TEST_TMPDIR/state/did-not-come-up"
		[ $which = it ] || touch -d @1 "$image"
		run -0 update --image "/boot/${image##*/}" --generator none
		case $which in
		it) [ "$(cat "$image.initward-old")" = good ] ;;
		another) cmp "$image.initward-old" "$BATS_TEST_TMPDIR/copy" ;;
		esac
	done
}

@test "nobody else can read the new image at any time, nor the old one where it is kept as a copy" {
	old_image
	chmod 0600 "$image"
	chown 65533:65533 "$image"
	# mkinitramfs sets a umask of its own
	fake_mkinitramfs <<'EOF'
umask 0022
cp "$good" "$out"
ls -l "$out" >"${0%/*}/seen"
setpriv --reuid 65534 --clear-groups head -c 6 "$out" >"${0%/*}/stolen" 2>/dev/null || :
EOF
	chmod 0755 "$BATS_TEST_TMPDIR" "$boot"
	run -0 update --image "/boot/${image##*/}" --kernel "$release"
	[[ $(<"$BATS_TEST_TMPDIR/bin/seen") == -rw* ]]
	[ ! -s "$BATS_TEST_TMPDIR/bin/stolen" ]
	[ "$(stat -c %a:%u "$image")" = 600:65533 ]
	gcc -Wall -Wextra -Werror -shared -fPIC -o "$BATS_TEST_TMPDIR/witness.so" "$BATS_TEST_DIRNAME/witness.c"
	rm "$image.initward-old"
	WITNESS=$BATS_TEST_TMPDIR/witness LD_PRELOAD=$BATS_TEST_TMPDIR/witness.so run -0 update \
		--image "/boot/${image##*/}" --generator none
	cat "$BATS_TEST_TMPDIR/witness"
	grep -q ^600 "$BATS_TEST_TMPDIR/witness"
	run -1 grep -v ^600 "$BATS_TEST_TMPDIR/witness"
	[ "$(stat -c %a:%u "$image")" = 600:65533 ]
	[ "$(stat -c %a:%u "$image.initward-old")" = 600:65533 ]
}

@test "two runs at once are refused, and who may only read cannot stand in the way" {
	old_image
	chmod 0755 "$BATS_TEST_TMPDIR" "$boot"
	chmod 0644 "$image"
	exec 7<"$boot" 8<"$image"
	flock -n 7
	flock -n 8
	run -0 update --image "/boot/${image##*/}" --generator none
	[ "$(stat -c %a "$BATS_TEST_TMPDIR/run/initward-update.lock")" = 600 ]
	exec 7<&- 8<&- 7>>"$BATS_TEST_TMPDIR/run/initward-update.lock"
	flock -n 7
	cp "$image" "$BATS_TEST_TMPDIR/copy"
	run -1 update --image "/boot/${image##*/}" --generator none
	[[ $output == *"another 'initward update' is at work: it has locked /run/initward-update.lock"* ]]
	cmp "$image" "$BATS_TEST_TMPDIR/copy"
	exec 7>&-
	# without /run the image is locked, as it is for other users
	no_run() { inside sh -c 'mount -t tmpfs -o ro none /run && exec "$@"' sh "$@"; }
	exec 7>>"$image"
	flock -n 7
	run -1 no_run env TMPDIR="$BATS_TEST_TMPDIR/tmp" "$initward" update -q --loader \
		"$top/build/initward-init" --features "$features" --set 5.10 --generator none --image "/boot/${image##*/}"
	[[ $output == *"the image itself is locked instead"*"it has locked /boot/${image##*/}"* ]]
	exec 7>&-
}

@test "the policy of /etc/initward/policy is taken, else the first one with local rules from there" {
	old_image
	sed -i 's/^}/  deny \/local-rule w,\n}/' "$BATS_TEST_TMPDIR/etc/policy/global"
	echo 'level = sealed' >>"$BATS_TEST_TMPDIR/etc/initward.conf"
	sed -i '1s/^/version = 1\n/' "$BATS_TEST_TMPDIR/etc/initward.conf"
	run -0 update --image "/boot/${image##*/}" --generator none --application none
	"$initward" compile -q --no-cache --features "$features" --set 5.10 \
		-o "$BATS_TEST_TMPDIR/bundle" "$BATS_TEST_TMPDIR/etc/policy/global"
	run -0 "$initward" verify --loader "$top/build/initward-init" \
		--bundle "$BATS_TEST_TMPDIR/bundle" "$image"
	run -0 "$initward" inspect "$image"
	[[ $output == *sealed* ]]
}

@test "policy for applications: what is told, and at level sealed that of the machine as it is now" {
	old_image
	mkdir -p "$BATS_TEST_TMPDIR/etc/application" "$BATS_TEST_TMPDIR/other"
	applications() { "$initward" inspect "$image" | grep -o ':application:[^,]*' | sort -u | tr '\n' ' '; }
	echo 'profile mine /usr/bin/mine { file, }' >"$BATS_TEST_TMPDIR/etc/application/mine"
	echo 'profile other /usr/bin/other { file, }' >"$BATS_TEST_TMPDIR/other/other"
	run -0 update --image "/boot/${image##*/}" --generator none
	[ -z "$(applications)" ]
	run -0 update --image "/boot/${image##*/}" --generator none --application "$BATS_TEST_TMPDIR/other"
	[ "$(applications)" = ':application:other (enforce) ' ]
	printf 'version = 1\nlevel = sealed\n' >"$BATS_TEST_TMPDIR/etc/initward.conf"
	run -0 update --image "/boot/${image##*/}" --generator none
	[ "$(applications)" = ':application:mine (enforce) ' ]
	sed -i s/mine/changed/ "$BATS_TEST_TMPDIR/etc/application/mine"
	run -0 update --image "/boot/${image##*/}" --generator none
	[ "$(applications)" = ':application:changed (enforce) ' ]
	run -0 update --image "/boot/${image##*/}" --generator none --application none
	[ -z "$(applications)" ]
	run -2 update --image "/boot/${image##*/}" --application none --application "$BATS_TEST_TMPDIR/other"
	[[ $output == *'--application none does not go with another one'* ]]
}

@test "--all takes the image of each installed kernel, and what fails does not stop the others" {
	fake_mkinitramfs <<'EOF'
[ "$3" = 6.1.0-98-test ] && exit 3
cp "$good" "$out"
EOF
	for r in 6.1.0-97-test 6.1.0-98-test "$release"; do
		mkdir -p "$BATS_TEST_TMPDIR/modules/$r"
		small_image "$boot/initrd.img-$r"
	done
	small_image "$boot/initrd.img-5.0-gone"
	cp "$boot/initrd.img-6.1.0-98-test" "$BATS_TEST_TMPDIR/copy"
	cp "$boot/initrd.img-5.0-gone" "$BATS_TEST_TMPDIR/gone"
	run -1 update --all
	[[ $output == *"/boot/initrd.img-6.1.0-98-test: mkinitramfs failed with status 3; the image is as it was"* ]]
	cmp "$boot/initrd.img-6.1.0-98-test" "$BATS_TEST_TMPDIR/copy"
	cmp "$boot/initrd.img-5.0-gone" "$BATS_TEST_TMPDIR/gone"
	[ -e "$boot/initrd.img-6.1.0-97-test.initward-old" ]
	[ -e "$image.initward-old" ]
}

@test "a new kernel's image is made where the generator is told" {
	fake_mkinitramfs <<<'cp "$good" "$out"'
	run -1 update --kernel "$release"
	[[ $output == *"there is no image of the kernel $release"*"--generator"* ]]
	run -0 update --kernel "$release" --generator initramfs-tools
	[ "$(ls -A "$boot")" = "${image##*/}" ]
}

@test "--dry-run does all but put it in place" {
	old_image
	fake_mkinitramfs <<<'cp "$good" "$out"'
	run -0 update --kernel "$release" --dry-run
	[[ $output == *"the new image is good (initramfs-tools); it was not put in place"* ]]
	untouched
}

@test "a policy that does not compile touches nothing" {
	old_image
	echo 'profile broken {' >"$BATS_TEST_TMPDIR/etc/policy/broken"
	run -1 update --kernel "$release"
	[[ $output == *"the policy could not be compiled; no image was touched"* ]]
	untouched
}

@test "a generator that fails, writes nothing, or writes no image: the old one stays" {
	old_image
	fake_mkinitramfs <<<'echo half >"$out"; exit 1'
	run -1 update --kernel "$release"
	[[ $output == *"mkinitramfs failed with status 1; the image is as it was"* ]]
	untouched
	fake_mkinitramfs <<<'exit 0'
	run -1 update --kernel "$release"
	[[ $output == *"the generator reported success and wrote no image; the image is as it was"* ]]
	untouched
	fake_mkinitramfs <<<'echo no image >"$out"'
	run -1 update --kernel "$release"
	[[ $output == *"; the image is as it was"* ]]
	untouched
	fake_mkinitramfs <<<'head -c 300 "$good" >"$out"'
	run -1 update --kernel "$release"
	[[ $output == *"; the image is as it was"* ]]
	untouched
}

@test "a generator that is missing is named with its package" {
	old_image
	touch "$BATS_TEST_TMPDIR/not"
	run -1 inside sh -c 'mount --bind "$1" /usr/sbin/mkinitramfs && chmod a-x /usr/sbin/mkinitramfs &&
		shift && exec "$@"' sh "$BATS_TEST_TMPDIR/not" env TMPDIR="$BATS_TEST_TMPDIR/tmp" "$initward" \
		update -q --loader "$top/build/initward-init" --features "$features" --set 5.10 --kernel "$release"
	[[ $output == *"initramfs-tools made it, and mkinitramfs is missing: install the Debian package initramfs-tools-core"* ]]
	untouched
}

@test "a loader that is not the one to be verified: the old one stays" {
	old_image
	fake_mkinitramfs <<<'cp "$good" "$out"'
	cp "$top/build/initward-init" "$BATS_TEST_TMPDIR/loader"
	truncate -s 100 "$BATS_TEST_TMPDIR/loader"
	run -1 update --kernel "$release" --loader "$BATS_TEST_TMPDIR/loader"
	[[ $output == *"; the image is as it was"* ]]
	untouched
}

@test "a generator that puts initward in by itself is believed only where the result is good" {
	old_image
	# as a generator's own module leaves it: the loader is /init, no mark of wrap's
	fake_mkinitramfs <<<'cp "$good" "$out"'
	mkdir -p "$BATS_TEST_TMPDIR/tree/initward"
	cp "$BATS_TEST_TMPDIR/tree/init" "$BATS_TEST_TMPDIR/tree/initward/init"
	cp "$top/build/initward-init" "$BATS_TEST_TMPDIR/tree/init"
	printf 'version = 1\ninit = /initward/init\n' >"$BATS_TEST_TMPDIR/tree/initward/initward.conf"
	pack() { (cd "$BATS_TEST_TMPDIR/tree" && find . ! -name . | cpio -o -H newc --quiet -R 0:0) >"$BATS_TEST_TMPDIR/new"; }
	pack
	run -1 update --kernel "$release"
	[[ $output == *"the new image is not good; the image is as it was"* ]]
	untouched
	cp -r "$top/build/bundle" "$BATS_TEST_TMPDIR/tree/initward/bundle"
	pack
	run -1 update --kernel "$release" --policy "$top/policy/basic/global"
	[[ $output == *"--policy, --application and --config have no effect"*"; the image is as it was"* ]]
	untouched
	printf 'version = 1\n' >"$BATS_TEST_TMPDIR/conf"
	run -1 update --kernel "$release" --config "$BATS_TEST_TMPDIR/conf"
	[[ $output == *"--policy, --application and --config have no effect"*"; the image is as it was"* ]]
	untouched
	run -0 update --kernel "$release"
	[[ $output == *"with the generator's policy and configuration"* ]]
	cmp "$image" "$BATS_TEST_TMPDIR/new"
}

@test "an image that would not confine is not put in place, unless --no-check says so" {
	kernel=$("$top/qemu/fetch" 6.1)
	release=$("$initward" check --json --kernel "$kernel" --cmdline quiet |
		sed -n 's/.*"identity": *"\([^ ]*\) .*/\1/p' | head -n 1)
	[ -n "$release" ]
	image=$boot/initrd.img-$release
	mkdir "$BATS_TEST_TMPDIR/modules/$release"
	old_image
	fake_mkinitramfs <<<'cp "$good" "$out"'
	cp "$kernel" "$boot/vmlinuz-$release"
	grep -v SECURITY_APPARMOR "${kernel%/*}/config" >"$boot/config-$release"
	mkdir -p "$boot/loader/entries"
	printf 'title x\nlinux /boot/vmlinuz-%s\ninitrd /%s\noptions quiet\n' "$release" "${image##*/}" \
		>"$boot/loader/entries/x.conf"
	run -1 update --kernel "$release"
	[[ $output == *"AppArmor"*"the new image would not confine; mend the reason above, or say --no-check; the image is as it was"* ]]
	cmp "$image" "$BATS_TEST_TMPDIR/copy"
	[ ! -e "$image.initward-old" ]
	# nor where the question has no answer: a kernel that is none
	mv "$boot/vmlinuz-$release" "$BATS_TEST_TMPDIR/kernel"
	echo none >"$boot/vmlinuz-$release"
	run -1 update --kernel "$release"
	[[ $output == *"check' of the new image failed"*"; the image is as it was"* ]]
	mv "$BATS_TEST_TMPDIR/kernel" "$boot/vmlinuz-$release"
	run -0 update --kernel "$release" --no-check
	[ -e "$image.initward-old" ]
	# but where that is asked for there is nothing to refuse
	printf 'version = 1\npolicy = off\nmode = hidden\non_failure = continue\n' >"$BATS_TEST_TMPDIR/etc/initward.conf"
	run -0 update --kernel "$release"
	[[ $output != *"would not confine"* ]]
	rm "$BATS_TEST_TMPDIR/etc/initward.conf"
	run -1 update --kernel "$release"
	cp "${kernel%/*}/config" "$boot/config-$release"
	run -0 update --kernel "$release"
	[[ $output != *"would not confine"* ]]
}

@test "a full disk, wherever it strikes: the old one stays" {
	small_image "$BATS_TEST_TMPDIR/old"
	fake_mkinitramfs <<<'cp "$good" "$out"'
	old=$(stat -c %s "$BATS_TEST_TMPDIR/old")
	# beside the old image there is room for nothing, half of the new one, that and a part of it with initward
	# in it (twice), all
	for more in 0 $((old / 2)) $((old + 40000)) $((old + 120000)) $((old + 900000)); do
		size=$((old + more))
		run inside sh -c 'mount -t tmpfs -o "size=$1" tmpfs /boot && cp "$2" "/boot/initrd.img-$3" || exit 77
			shift 3
			"$@"
			status=$?
			ls -A /boot
			if [ $status != 0 ]; then cmp /boot/initrd.img-* "$0" || exit 88; fi
			exit $status' "$BATS_TEST_TMPDIR/old" "$size" "$BATS_TEST_TMPDIR/old" "$release" \
			env TMPDIR="$BATS_TEST_TMPDIR/tmp" PATH="$BATS_TEST_TMPDIR/bin:$PATH" "$initward" update -q \
			--loader "$top/build/initward-init" --features "$features" --set 5.10 --kernel "$release"
		echo "size $size, status $status: $output"
		[ "$status" = 0 ] || [ "$status" = 1 ]
		[[ $output != *$'\n'.* ]] # ls shows no half image
		[ "$status" = 0 ] || [[ $output == *"; the image is as it was"* ]]
		last=$status
	done
	[ "$last" = 0 ]
}

# Starts an update, waits until its generator runs, and sends the signal to it: interrupt SIGNAL
interrupt() {
	update --kernel "$release" >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
	job=$!
	for _ in $(seq 200); do
		[ -s "$BATS_TEST_TMPDIR/bin/running" ] && break
		sleep 0.1
	done
	# the generator's parent
	read -r generator <"$BATS_TEST_TMPDIR/bin/running"
	kill "-$1" "$(awk '{ print $4 }' "/proc/$generator/stat")"
	status=0
	wait "$job" || status=$?
}

@test "killed in the middle: the old one stays, and the next run tidies up" {
	old_image
	fake_mkinitramfs <<'EOF'
echo half >"$out"
[ ! -e "${0%/*}/again" ] || { cp "$good" "$out"; exit 0; }
echo $$ >"${0%/*}/running"
exec sleep 60
EOF
	interrupt KILL
	kill "$generator"
	[ "$status" = 137 ]
	cmp "$image" "$BATS_TEST_TMPDIR/copy"
	touch "$BATS_TEST_TMPDIR/bin/again"
	run -0 update --kernel "$release"
	cmp "$image.initward-old" "$BATS_TEST_TMPDIR/copy"
	[ "$(ls -A "$boot" | wc -l)" = 2 ]
}

@test "a signal: the generator may tidy up, the old one stays and nothing is left" {
	old_image
	fake_mkinitramfs <<'EOF'
echo half >"$out"
trap 'kill $!; touch "${0%/*}/tidied"; exit 1' TERM
sleep 60 &
echo $$ >"${0%/*}/running"
wait
EOF
	interrupt TERM
	[ "$status" = 1 ]
	[ -e "$BATS_TEST_TMPDIR/bin/tidied" ]
	untouched
}

@test "wrong usage, and what is not there" {
	run -2 "$initward" update --all --kernel x
	[[ $output == *"--all does not go with"* ]]
	run -2 "$initward" update --generator make
	run -2 "$initward" update /boot/initrd.img
	run -2 "$initward" update --kernel ../x
	old_image
	run -1 update --image /boot/none
	[[ $output == *"/boot/none does not exist"* ]]
	run -1 update --kernel 9.9-none
	[[ $output == *"there is no image of the kernel 9.9-none"* ]]
	rm -r "$BATS_TEST_TMPDIR/modules/$release"
	run -1 update --kernel "$release"
	[[ $output == *"the kernel $release is not installed"* ]]
	echo rubbish >"$image"
	cp "$image" "$BATS_TEST_TMPDIR/copy"
	run -1 update --image "/boot/${image##*/}"
	untouched
}
