#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# After the boot, and the ways back: systemd/boot-check, the entries of GRUB and of systemd-boot.
bats_require_minimum_version 1.5.0

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export INITWARD_ROOT=$BATS_TEST_TMPDIR/root
	bin=$BATS_TEST_TMPDIR/bin
	image=$INITWARD_ROOT/boot/initrd.img-6.1.0-1
	state=$INITWARD_ROOT/var/lib/initward
	mkdir -p "$bin" "$INITWARD_ROOT"/{boot/grub,etc/initward,etc/grub.d,proc,usr/lib/initward}
	cp "$top/systemd/boot-check" "$INITWARD_ROOT/usr/lib/initward/"
	echo 'root=/dev/vda1 ro' >"$INITWARD_ROOT/proc/cmdline"
	echo 'btime 2000000000' >"$INITWARD_ROOT/proc/stat"
	configure enforce
	echo first >"$image"
	touch -d @1900000000 "$image"
	: >"$INITWARD_ROOT/boot/grub/grubenv"
	program initward "echo 'System: told'; exit \$(cat '$BATS_TEST_TMPDIR/verdict')"
	program uname 'echo 6.1.0-1'
	program grub-editenv "echo \"\$@\" >>'$BATS_TEST_TMPDIR/grubenv'"
	echo 0 >"$BATS_TEST_TMPDIR/verdict"
	PATH=$bin:$PATH
}

program() {
	rm -f "$bin/$1" # never through a link to the machine's own
	printf '#!/bin/sh\n%s\n' "$2" >"$bin/$1"
	chmod +x "$bin/$1"
}

configure() {
	printf 'version = 1\npolicy = %s\non_failure = %s\nlock = %s\n' "$1" "${2:-continue}" "${3:-no}" \
		>"$INITWARD_ROOT/etc/initward/initward.conf"
}

boot_check() { "$top/systemd/boot-check" "$@"; }

told_grub() { grep -qxF "$INITWARD_ROOT/boot/grub/grubenv unset initward_tried" "$BATS_TEST_TMPDIR/grubenv"; }

@test "boot-check: confined is what the configuration asks for, and nothing else is" {
	for case in enforce/0 complain/3 off/4 'complain fleet/3' 'off fleet/4'; do
		configure "${case%/*}"
		for verdict in 0 1 3 4 5; do
			echo "$verdict" >"$BATS_TEST_TMPDIR/verdict"
			if [ "$verdict" = "${case#*/}" ]; then
				run -0 boot_check confined
				[ -z "$output" ]
			else
				run -1 boot_check confined
				[[ $output == *"System: told"*"policy = ${case%%[ /]*})"*recovery.md* ]]
			fi
		done
	done
}

@test "boot-check: a configuration without a policy asks for enforce" {
	echo 'version = 1' >"$INITWARD_ROOT/etc/initward/initward.conf"
	run -0 boot_check confined
	echo 3 >"$BATS_TEST_TMPDIR/verdict"
	run -1 boot_check confined
}

@test "boot-check: the image of a boot that came up is kept, and the boot loader is told" {
	run -0 boot_check came-up
	cmp "$image" "$image.initward-old"
	told_grub
	rm "$image" && echo second >"$image"
	touch -d @1900000100 "$image"
	run -0 boot_check came-up
	cmp "$image" "$image.initward-old"
}

@test "boot-check: with mkinitramfs, which writes a new file, a link is kept; with dracut beside it, a copy" {
	# all of the machine's programs but those
	ln -s /usr/bin/* "$bin/" 2>/dev/null || :
	rm -f "$bin/dracut" "$bin/mkinitramfs"
	for has in '' mkinitramfs dracut; do
		rm -f "$image.initward-old"
		[ -z "$has" ] || program "$has" 'exit 0'
		# shellcheck disable=SC2123 # generators of the machine's own do not count
		run -0 env PATH="$bin" "$top/systemd/boot-check" came-up
		if [ "$has" = mkinitramfs ]; then
			[ "$image" -ef "$image.initward-old" ]
		else
			[ ! "$image" -ef "$image.initward-old" ]
			cmp "$image" "$image.initward-old"
		fi
	done
}

@test "boot-check: what is not confined as configured is not kept" {
	echo 4 >"$BATS_TEST_TMPDIR/verdict"
	run -1 boot_check came-up
	[ ! -e "$image.initward-old" ]
}

# GRUB's other way back is the newest kernel, which need not be this one.
@test "boot-check: what is not confined sends GRUB back only to a good image of this kernel" {
	echo 4 >"$BATS_TEST_TMPDIR/verdict"
	run -1 boot_check came-up
	told_grub
	rm "$BATS_TEST_TMPDIR/grubenv"
	echo good >"$image.initward-old"
	run -1 boot_check came-up
	[ ! -e "$BATS_TEST_TMPDIR/grubenv" ]
}

@test "boot-check: an image written since the boot did not boot, and is not kept" {
	run -0 boot_check came-up
	rm "$image" && echo second >"$image"
	touch -d @2000000001 "$image"
	run -0 boot_check came-up
	[[ $output == *"was written since this boot"* ]]
	[ "$(cat "$image.initward-old")" = first ]
}

@test "boot-check: a full /boot leaves the old one and fails" {
	run -0 boot_check came-up
	echo second >"$image.2" && mv "$image.2" "$image"
	touch -d @1900000100 "$image"
	program cp 'echo part >"$4"; exit 1'
	program ln 'exit 1'
	run -1 boot_check came-up
	[[ $output == *"cannot keep"*"no room"* ]]
	[ "$(cat "$image.initward-old")" = first ]
	[ ! -e "$image.initward-old.new" ]
}

@test "boot-check: the last good image is not replaced by the one that did not come up" {
	run -0 boot_check came-up
	rm "$BATS_TEST_TMPDIR/grubenv"
	rm "$image" && echo bad >"$image"
	touch -d @1900000100 "$image"
	echo 'root=/dev/vda1 rd.initward.image=last-good' >"$INITWARD_ROOT/proc/cmdline"
	run -1 boot_check came-up
	[[ $output == *"went back from $image"*"initward update"* ]]
	[ "$(cat "$image.initward-old")" = first ]
	[ ! -e "$BATS_TEST_TMPDIR/grubenv" ]
}

@test "boot-check: the last good image that is the image itself is a boot like any other" {
	run -0 boot_check came-up
	rm "$BATS_TEST_TMPDIR/grubenv"
	echo 'root=/dev/vda1 rd.initward.image=last-good' >"$INITWARD_ROOT/proc/cmdline"
	run -0 boot_check came-up
	told_grub
}

@test "boot-check: at shutdown a newer image is tried again, the bad one is not" {
	for word in rd.initward.image=last-good initward.policy=off; do
		rm -f "$BATS_TEST_TMPDIR/grubenv"
		echo "quiet $word" >"$INITWARD_ROOT/proc/cmdline"
		run -1 boot_check came-up
		run -0 boot_check leaving
		[ ! -e "$BATS_TEST_TMPDIR/grubenv" ]
		echo "mended for $word" >"$image.2" && mv "$image.2" "$image"
		run -0 boot_check leaving
		told_grub
		[ ! -e "$state/did-not-come-up" ]
	done
}

@test "boot-check: off on the kernel command line is no way back where the configuration says off" {
	configure off
	echo 4 >"$BATS_TEST_TMPDIR/verdict"
	echo initward.policy=off >"$INITWARD_ROOT/proc/cmdline"
	run -0 boot_check came-up
	[ ! -e "$state/did-not-come-up" ]
}

@test "boot-check: a wrong word is wrong usage" {
	run -2 boot_check came_up
}

# What grub-mkconfig's 10_linux prints for two kernels, one of them behind "search" for a /boot of its own.
linux_entries() {
	cat >"$INITWARD_ROOT/etc/grub.d/10_linux" <<'END'
#!/bin/sh
cat <<EOF
function gfxmode {
	set gfxpayload="\${1}"
}
EOF
for v in 6.12.1 6.1.0; do
cat <<EOF
menuentry 'Debian GNU/Linux, with Linux $v' --class debian --class os \$menuentry_id_option 'gnulinux-$v-advanced-U' {
	insmod part_gpt
	if [ x\$feature_platform_search_hint = xy ]; then
	  search --no-floppy --fs-uuid --set=root --hint-bios=hd0,gpt2 U
	else
	  search --no-floppy --fs-uuid --set=root U
	fi
	echo	'Loading Linux $v ...'
$([ "$GRUB_SAVEDEFAULT" != true ] || echo savedefault)
	linux	/vmlinuz-$v root=UUID=R ro $GRUB_CMDLINE_LINUX $GRUB_CMDLINE_LINUX_DEFAULT
	initrd	/initrd.img-$v
}
EOF
done
END
	chmod +x "$INITWARD_ROOT/etc/grub.d/10_linux"
	export INITWARD_LINUX=$INITWARD_ROOT/etc/grub.d/10_linux INITWARD_GRUBENV=yes
	# 10_linux puts the second behind the first, and of two the last word counts
	export GRUB_CMDLINE_LINUX=quiet GRUB_CMDLINE_LINUX_DEFAULT=initward.policy=complain GRUB_SAVEDEFAULT=true
}

@test "GRUB: each kernel gets its last good image, where it is there, and an entry without confinement" {
	linux_entries
	run -0 "$top/boot-loader/11_initward"
	for v in 6.12.1 6.1.0; do
		[[ $output == *"menuentry 'Debian GNU/Linux, with Linux $v (last good initramfs)' --class debian"*"'initward-last-good-gnulinux-$v-advanced-U'"* ]]
		[[ $output == *"if [ -f /initrd.img-$v.initward-old ]; then"* ]]
		[[ $output == *"linux	/vmlinuz-$v root=UUID=R ro quiet rd.initward.image=last-good initward.policy=complain rd.initward.image=last-good
	initrd	/initrd.img-$v.initward-old"* ]]
		[[ $output == *"menuentry 'Debian GNU/Linux, with Linux $v (without initward, recovery)' --class debian"*"'initward-off-gnulinux-$v-advanced-U'"* ]]
		[[ $output == *"linux	/vmlinuz-$v root=UUID=R ro quiet initward.policy=off initward.policy=complain initward.policy=off
	initrd	/initrd.img-$v"$'\n}'* ]]
	done
	[[ $output != *gfxmode* ]]
	# what was taken for want of better does not become the default
	[[ $output != *savedefault* ]]
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/cfg"
	grub-script-check "$BATS_TEST_TMPDIR/cfg"
}

@test "GRUB: a boot that did not come up is followed by the last good image, else the newest unconfined" {
	linux_entries
	run -0 "$top/boot-loader/11_initward"
	[ "$(grep -c "^set default='initward-off-gnulinux-6.12.1-advanced-U'" <<<"$output")" = 1 ]
	[ "$(grep -c "^set default='initward-off" <<<"$output")" = 1 ]
	first=$(grep -n "^set default='initward-last-good-gnulinux-6.12.1" <<<"$output" | cut -d : -f 1)
	off=$(grep -n "^set default='initward-off" <<<"$output" | cut -d : -f 1)
	[ "$first" -lt "$off" ]
	[[ $output == *$'set initward_tried=1\nsave_env initward_tried'* ]]
}

@test "GRUB: an image that fails closed is not followed by an unconfined boot" {
	linux_entries
	configure enforce panic
	run -0 "$top/boot-loader/11_initward"
	[[ $output == *initward.policy=off* ]]
	[[ $output != *"set default='initward-off"* ]]
	configure enforce panic yes
	run -0 "$top/boot-loader/11_initward"
	[[ $output != *initward.policy=off* ]]
	[[ $output == *"set default='initward-last-good"* ]]
}

@test "GRUB: where its environment block cannot be written, nothing tries to" {
	linux_entries
	export INITWARD_GRUBENV=''
	program grub-probe 'case $1 in *abstraction) echo lvm ;; *) echo ext2 ;; esac'
	run -0 "$top/boot-loader/11_initward"
	[[ $output != *save_env* ]]
	program grub-probe 'case $1 in *fs) echo btrfs ;; esac'
	run -0 "$top/boot-loader/11_initward"
	[[ $output != *save_env* ]]
	program grub-probe 'case $1 in *fs) echo ext2 ;; esac'
	run -0 "$top/boot-loader/11_initward"
	[[ $output == *save_env* ]]
}

@test "GRUB: removed and not purged, the script is silent" {
	linux_entries
	rm "$INITWARD_ROOT/usr/lib/initward/boot-check"
	run -0 "$top/boot-loader/11_initward"
	[ -z "$output" ]
}

# kernel_install VERB
kernel_install() {
	KERNEL_INSTALL_LAYOUT=bls KERNEL_INSTALL_BOOT_ROOT=$INITWARD_ROOT/boot KERNEL_INSTALL_ENTRY_TOKEN=token \
		"$top/boot-loader/95-initward.install" "$1" 6.1.0-1 "$INITWARD_ROOT/boot/token/6.1.0-1" vmlinuz
}

bls_entry() {
	mkdir -p "$INITWARD_ROOT/boot/loader/entries"
	printf '%s\n' 'title      Debian' 'version    6.1.0-1' 'sort-key   debian' 'options    root=/dev/vda1 quiet' \
		'linux      /token/6.1.0-1/linux' 'initrd     /token/6.1.0-1/initrd' >"$INITWARD_ROOT/boot/loader/entries/$1"
}

@test "systemd-boot: the entry of the kernel once more, without confinement, behind all others" {
	recovery=$INITWARD_ROOT/boot/loader/entries/token-6.1.0-1-initward-off.conf
	for name in token-6.1.0-1.conf token-6.1.0-1+3.conf; do
		rm -rf "$INITWARD_ROOT/boot/loader"
		bls_entry "$name"
		run -0 kernel_install add
		diff "$recovery" - <<'END'
title      Debian (without initward, recovery)
version    6.1.0-1
options    root=/dev/vda1 quiet initward.policy=off
linux      /token/6.1.0-1/linux
initrd     /token/6.1.0-1/initrd
sort-key   zz-initward
END
	done
	run -0 kernel_install remove
	[ ! -e "$recovery" ]
	[ -e "$INITWARD_ROOT/boot/loader/entries/token-6.1.0-1+3.conf" ]
}

@test "systemd-boot: no entry without confinement where the loader would ignore it, or where that fails closed" {
	bls_entry token-6.1.0-1.conf
	for case in 'panic no' 'continue yes'; do
		configure enforce
		run -0 kernel_install add
		[ -e "$INITWARD_ROOT/boot/loader/entries/token-6.1.0-1-initward-off.conf" ]
		# shellcheck disable=SC2086 # two words
		configure enforce $case
		run -0 kernel_install add
		[ ! -e "$INITWARD_ROOT/boot/loader/entries/token-6.1.0-1-initward-off.conf" ]
		[ -e "$INITWARD_ROOT/boot/loader/entries/token-6.1.0-1.conf" ]
	done
}

@test "systemd-boot: without an entry there is none to copy" {
	mkdir -p "$INITWARD_ROOT/boot/loader/entries"
	run -0 kernel_install add
	[ -z "$(ls "$INITWARD_ROOT/boot/loader/entries")" ]
}

@test "systemd-boot: the kernel's command line gets a line of its own where there was none" {
	bls_entry token-6.1.0-1.conf
	sed -i /^options/d "$INITWARD_ROOT/boot/loader/entries/token-6.1.0-1.conf"
	run -0 kernel_install add
	grep -qx 'options    initward.policy=off' "$INITWARD_ROOT/boot/loader/entries/token-6.1.0-1-initward-off.conf"
}

@test "boot-check: loadable fails where policy is locked, says so, and only there" {
	parameters=$INITWARD_ROOT/sys/module/apparmor/parameters
	run -0 boot_check loadable
	[ -z "$output" ]
	mkdir -p "$parameters"
	echo N >"$parameters/lock_policy"
	run -0 boot_check loadable
	[ -z "$output" ]
	echo Y >"$parameters/lock_policy"
	run -1 boot_check loadable
	[[ $output == "initward: AppArmor policy is locked until the next boot "* ]]
	grep -qx 'ExecCondition=/usr/lib/initward/boot-check loadable' "$top/systemd/apparmor.conf"
}
