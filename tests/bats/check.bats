#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2154 # text for other programs; variables of compile.bash
#
# The verb check on trees that are made here. That its answers are true is for the matrix to show: behind
# each boot qemu/foretell compares them with what the boot showed.

bats_require_minimum_version 1.5.0

# The image's sets are two that come out alike on every kernel, so that an unknown one has a verdict, too. With
# all sets it depends on the parser: from 4 on it compiles tables for 6.17 that older kernels refuse.
setup_file() {
	load compile
	export image=$BATS_FILE_TMPDIR/image
	"$initward" compile --no-cache --features "$features" --set 5.10 --set 6.1 -o "$BATS_FILE_TMPDIR/bundle" \
		"$top/policy/basic/global"
	"$top/qemu/image" base "$BATS_FILE_TMPDIR/base"
	"$top/qemu/image" overlay "$BATS_FILE_TMPDIR/overlay" --loader "$top/build/initward-init" \
		--bundle "$BATS_FILE_TMPDIR/bundle"
	cat "$BATS_FILE_TMPDIR/base" "$BATS_FILE_TMPDIR/overlay" >"$image"
	export identity
	identity=$(sed -n 's/^kernel = //p' "$top/policy/features/6.1.kernels" | head -n 1)
	export release=${identity%% *}
	export version=${identity#* }
	version=${version% *}
}

setup() {
	load compile
	room=$BATS_TEST_TMPDIR
	tree=$room/root
	debian_config >"$room/config"
}

# The options of Debian's 6.1 that matter here.
debian_config() {
	cat <<-'END'
		#
		# Automatically generated file; DO NOT EDIT.
		# Linux/x86 6.1.150 Kernel Configuration
		#
		CONFIG_SECURITY=y
		CONFIG_SECURITYFS=y
		CONFIG_SECURITY_SELINUX=y
		CONFIG_SECURITY_TOMOYO=y
		CONFIG_SECURITY_APPARMOR=y
		CONFIG_SECURITY_YAMA=y
		CONFIG_SECURITY_LANDLOCK=y
		CONFIG_SECURITY_LOCKDOWN_LSM=y
		CONFIG_SECURITY_LOCKDOWN_LSM_EARLY=y
		CONFIG_SECCOMP_FILTER=y
		CONFIG_BPF_LSM=y
		CONFIG_LSM="landlock,lockdown,yama,loadpin,safesetid,integrity,apparmor,selinux,smack,tomoyo,bpf"
		CONFIG_BLK_DEV_INITRD=y
		CONFIG_RD_GZIP=y
		CONFIG_RD_XZ=y
		CONFIG_BINFMT_ELF=y
		CONFIG_PROC_FS=y
		CONFIG_SYSFS=y
		CONFIG_AUDIT=y
		# CONFIG_RD_ZSTD is not set
		# CONFIG_CMDLINE_BOOL is not set
		CONFIG_BOOT_CONFIG=y
	END
}

check() { "$initward" check --features "$features" "$@"; }

# A Debian machine without menu: kernel, configuration and image of $release.
make_root() {
	mkdir -p "$tree/boot"
	gzip </dev/null | bzimage "$release" "$version" >"$tree/boot/vmlinuz-$release"
	cp "$room/config" "$tree/boot/config-$release"
	cp "$image" "$tree/boot/initrd.img-$release"
}

field() { jq -r "$1" <<<"$output"; }

@test "all that is given: confined, with what will be in force" {
	gzip </dev/null | bzimage "$release" "$version" >"$room/vmlinuz"
	run -0 check --kernel "$room/vmlinuz" --config "$room/config" --cmdline 'quiet' --image "$image"
	[ "${lines[0]}" = 'will be confined: global//&:application:unconfined' ]
	[[ $output == *"$identity ($room/vmlinuz)"* ]]
	[[ $output == *'on, active modules lockdown,capability,landlock,yama,apparmor,tomoyo,bpf'* ]]
	[[ $output == *'6.1, fit=exact, 1 profiles'* ]]
	[[ $output == *'lock = no: initward.policy=off on the command line turns the layer off'* ]]
	[[ $output == *'the boot loader has to be protected'* ]]
}

@test "the parts of an image may be given one by one" {
	run -0 check --config "$room/config" --cmdline '' --image "$BATS_FILE_TMPDIR/base" --image \
		"$BATS_FILE_TMPDIR/overlay"
	[ "${lines[0]}" = 'will be confined: global//&:application:unconfined' ]
	run -4 check --config "$room/config" --cmdline '' --image "$BATS_FILE_TMPDIR/base"
	[[ ${lines[0]} == 'will not be confined: first program: the image has no /init'* ]]
}

# overlaid CONF...: check of an image with these lines
overlaid() {
	"$top/qemu/image" overlay "$room/over" --loader "$top/build/initward-init" --bundle "$BATS_FILE_TMPDIR/bundle" "$@"
	check --config "$room/config" --cmdline '' --image "$BATS_FILE_TMPDIR/base" --image "$room/over"
}

@test "a kernel without filters of system calls is told, at the levels that want them" {
	sed -i '/SECCOMP_FILTER/d' "$room/config"
	run -0 overlaid --conf 'level = compatible'
	run -4 overlaid --conf 'level = sealed'
	[[ ${lines[0]} == 'will not boot: AppArmor: the kernel has no filters of system calls; '*'mount_api = all or level=compatible' ]]
	run -0 overlaid --conf 'level = sealed' --conf 'mount_api = all'
	[[ $output == *' mount_api=all '* ]]
}

@test "modules that lockdown refuses are noted, at the levels that set it" {
	mkdir -p "$room/modules/m"
	echo ELF >"$room/modules/m/own.ko"
	(cd "$room/modules" && find m | cpio -o --quiet -H newc) >"$room/part"
	for level in compatible sealed; do
		"$top/qemu/image" overlay "$room/over" --loader "$top/build/initward-init" \
			--bundle "$BATS_FILE_TMPDIR/bundle" --conf "level = $level"
		run -0 check --config "$room/config" --cmdline '' --image "$BATS_FILE_TMPDIR/base" \
			--image "$room/over" --image "$room/part"
		[ "${lines[0]}" = 'will be confined: global//&:application:unconfined' ]
		[ "$level" = sealed ] || [[ $output != *lockdown\ refuses* ]]
	done
	[[ $output == *'note'*'1 of 1 modules are not signed, and lockdown refuses them: /m/own.ko; sign them'* ]]
}

@test "a tree that is still to be packed has the verdict of its image" {
	mkdir "$room/tree"
	for part in base overlay; do
		(cd "$room/tree" && cpio -i -d -u --quiet --no-absolute-filenames <"$BATS_FILE_TMPDIR/$part") || :
	done
	run -0 check --config "$room/config" --cmdline '' --image "$room/tree"
	[ "${lines[0]}" = 'will be confined: global//&:application:unconfined' ]
	rm "$room/tree/init"
	run -4 check --config "$room/config" --cmdline '' --image "$room/tree"
	[[ ${lines[0]} == 'will not be confined: first program: the image has no /init'* ]]
}

@test "each verdict has its words and its status" {
	args=(--config "$room/config" --image "$image" --cmdline)
	run -3 check "${args[@]}" initward.policy=complain
	[[ ${lines[0]} == 'will be a dry run'* ]]
	run -4 check "${args[@]}" initward.policy=off
	[[ ${lines[0]} == 'will not be confined: policy = off'* ]]
	run -4 check "${args[@]}" 'apparmor=0 initward.on_failure=continue'
	[ "${lines[0]}" = 'will not be confined: AppArmor: it is off: apparmor= turns it off; remove it' ]
	run -4 check "${args[@]}" lsm=selinux,apparmor
	[[ ${lines[0]} == 'will not boot: AppArmor: it is off: lsm="selinux,apparmor" starts selinux first'* ]]
	run -5 check "${args[@]}" rdinit=/sbin/guest-init
	[[ ${lines[0]} == 'nobody can tell: first program: rdinit='* ]]
}

@test "for programs: one object, with the same words" {
	run -4 check --json --config "$room/config" --image "$image" --cmdline 'apparmor=0 initward.polcy=off'
	[ "$(field .verdict)" = stops ]
	[ "$(field .status)" = 4 ]
	[ "$(field .step)" = AppArmor ]
	[ "$(field .why)" = 'it is off: apparmor= turns it off; remove it' ]
	[ "$(field .apparmor)" = off ]
	[ "$(field .lsm)" = lockdown,capability,landlock,yama,selinux,tomoyo,bpf ]
	[ "$(field .ignored)" = '"initward.polcy"="off" (unknown option or value)' ]
	[ "$(field .settings.on_failure)" = panic ]
	[ "$(field '.others | length')" = 0 ]
	gzip </dev/null | bzimage "$release" "$version" >"$room/vmlinuz"
	run -0 check --json --kernel "$room/vmlinuz" --image "$image" --cmdline 'quiet'
	[ "$(field '.step, .why, .label')" = $'null\nnull\nglobal//&:application:unconfined' ]
	[ "$(field .policy.profiles)" = 1 ]
}

@test "without a configuration only what no kernel could make good is certain" {
	mkdir "$room/alone"
	gzip </dev/null | bzimage 9.9.9-none "#1 SMP" >"$room/alone/vmlinuz"
	run -5 check --kernel "$room/alone/vmlinuz" --cmdline 'quiet' --image "$image" --root "$room"
	[ "${lines[0]}" = "nobody can tell: AppArmor: the kernel's configuration is not known; give it with --config" ]
	run -4 check --kernel "$room/alone/vmlinuz" --cmdline 'lsm=yama' --image "$image" --root "$room"
	[[ ${lines[0]} == 'will not boot: AppArmor: it is off: lsm="yama" does not name apparmor'* ]]
	run -4 check --kernel "$room/alone/vmlinuz" --cmdline 'apparmor=0' --root "$room"
	[[ ${lines[0]} == 'will not be confined: AppArmor: it is off: apparmor= turns it off; remove it' ]]
}

@test "without an image the answer is about the kernel alone" {
	run -5 check --config "$room/config" --cmdline quiet --root "$room"
	[ "${lines[0]}" = 'nobody can tell: image: AppArmor will be on; no image was given or found' ]
}

@test "the configuration is found in the image, compressed or not" {
	{ printf 'xIKCFG_ST'; gzip <"$room/config"; printf 'IKCFG_ED'; } >"$room/inside"
	for compress in gzip 'xz --check=crc32' 'zstd -q' 'lz4 -lq'; do
		{
			$compress -c <"$room/inside"
			# the build appends the size to all but gzip's
			[ "$compress" = gzip ] || printf 'size'
		} | bzimage "$release" "$version" >"$room/vmlinuz"
		run -0 check --json --kernel "$room/vmlinuz" --cmdline quiet --image "$image" --root "$room"
		[ "$(field .kernel.configuration)" = 'the kernel image (IKCONFIG)' ]
	done
	grep -v APPARMOR "$room/config" | gzip >"$room/config.gz"
	run -4 check --kernel "$room/vmlinuz" --config "$room/config.gz" --cmdline quiet --image "$image"
	[[ ${lines[0]} == *'this kernel has no AppArmor; use one with CONFIG_SECURITY_APPARMOR=y' ]]
}

@test "an Image of arm64 tells its build by its banner" {
	{
		head -c 56 /dev/zero
		printf 'ARM\144'
		head -c 4000 /dev/zero
		printf 'Linux version %%s (no banner)\n\0'
		printf 'Linux version 6.1.0-9-arm64 (a@b) (gcc (Debian 12) 12.2, GNU ld) # SMP Debian 6.1.9-1\n\0'
		printf 'Linux version 6.1.0-9-arm64 (a@b) (gcc (Debian 12) 12.2, GNU ld) #1 SMP Debian 6.1.9-1\n\0'
	} >"$room/Image"
	want='6.1.0-9-arm64 #1 SMP Debian 6.1.9-1 aarch64'
	sed -i 's,Linux/x86,Linux/arm64,' "$room/config"
	for form in cat gzip 'zstd -q'; do
		$form -c <"$room/Image" >"$room/vmlinuz" 2>/dev/null || cat "$room/Image" >"$room/vmlinuz"
		run check --json --kernel "$room/vmlinuz" --config "$room/config" --cmdline quiet --image "$image"
		[ "$(field .kernel.identity)" = "$want" ]
	done
}

@test "a root without a menu: /etc/kernel/cmdline, and links that stay in it" {
	make_root
	mkdir -p "$tree/etc/kernel" "$room/outside"
	printf '# options\nroot=/dev/vda1\napparmor=0\n' >"$tree/etc/kernel/cmdline"
	run -4 check --json --root "$tree"
	[ "$(field .cmdline)" = 'root=/dev/vda1 apparmor=0' ]
	[ "$(field .cmdline_source)" = /etc/kernel/cmdline ]
	[ "$(field .kernel.identity)" = "$identity" ]
	[ "$(field .kernel.configuration)" = "$tree/boot/config-$release" ]
	# in the tree this is a file of the tree
	mkdir -p "$tree/$room/outside"
	echo quiet >"$tree/$room/outside/cmdline"
	echo apparmor=0 >"$room/outside/cmdline"
	ln -sf "$room/outside/cmdline" "$tree/etc/kernel/cmdline"
	run -0 check --json --root "$tree"
	[ "$(field .cmdline)" = quiet ]
}

@test "a root in which nobody says the command line" {
	make_root
	run -5 check --root "$tree"
	[[ ${lines[0]} == "nobody can tell: command line: the kernel's command line is not known"* ]]
	rm "$tree/boot/initrd.img-$release"
	run -5 check --root "$tree"
	run -1 check --root "$room"
	[[ $output == "initward check: no kernel that could be read was found below $room; name one with --kernel" ]]
}

# What Debian's grub-mkconfig writes, in short.
debian_grub() {
	cat <<-END
		if [ -s \$prefix/grubenv ]; then
		  set have_grubenv=true
		  load_env
		fi
		if [ "\${next_entry}" ] ; then
		   set default="\${next_entry}"
		   set next_entry=
		   save_env next_entry
		   set boot_once=true
		else
		   set default="${1:-0}"
		fi
		if [ x"\${feature_menuentry_id}" = xy ]; then
		  menuentry_id_option="--id"
		else
		  menuentry_id_option=""
		fi
		export menuentry_id_option
		function load_video {
		  if [ x\$feature_all_video_module = xy ]; then
		    insmod all_video
		  else
		    insmod efi_gop
		  fi
		}
		menuentry 'Debian GNU/Linux' --class debian --class os \$menuentry_id_option 'gnulinux-simple-1' {
			load_video
			if [ x\$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi
			search --no-floppy --fs-uuid --set=root 1
			echo	'Loading Linux $release ...'
			linux	/boot/vmlinuz-$release root=UUID=1 ro  quiet
			initrd	/boot/initrd.img-$release
		}
		submenu 'Advanced options for Debian GNU/Linux' \$menuentry_id_option 'gnulinux-advanced-1' {
			menuentry 'Debian GNU/Linux, with Linux $release' --class os \$menuentry_id_option 'gnulinux-$release-advanced-1' {
				linux	/boot/vmlinuz-$release root=UUID=1 ro  quiet
				initrd	/boot/initrd.img-$release
			}
			menuentry 'Debian GNU/Linux, with Linux $release (recovery mode)' --id 'gnulinux-$release-recovery-1' {
				linux	/boot/vmlinuz-$release root=UUID=1 ro single apparmor=0
				initrd	/boot/initrd.img-$release
			}
		}
		menuentry 'UEFI Firmware Settings' \$menuentry_id_option 'uefi-firmware' {
			fwsetup
		}
	END
}

@test "grub.cfg of Debian: the default entry decides, the others are told" {
	make_root
	mkdir "$tree/boot/grub"
	debian_grub >"$tree/boot/grub/grub.cfg"
	run -0 check --json --root "$tree"
	[ "$(field .title)" = 'Debian GNU/Linux' ]
	[ "$(field .default)" = true ]
	[ "$(field .cmdline)" = "BOOT_IMAGE=/boot/vmlinuz-$release root=UUID=1 ro quiet" ]
	[ "$(field .cmdline_source)" = /boot/grub/grub.cfg ]
	[ "$(field .image)" = "$tree/boot/initrd.img-$release" ]
	[ "$(field '.others | length')" = 2 ]
	[ "$(field '.others[1].title')" = \
		"Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux $release (recovery mode)" ]
	[ "$(field '.others[1].verdict')" = stops ]
	run -0 check --root "$tree"
	[ "${lines[0]}" = 'Debian GNU/Linux (boots by itself)' ]
	debian_grub "gnulinux-advanced-1>gnulinux-$release-recovery-1" >"$tree/boot/grub/grub.cfg"
	run -4 check --json --root "$tree"
	[ "$(field '.default, .verdict')" = $'true\nstops' ]
	debian_grub '1>1' >"$tree/boot/grub/grub.cfg"
	run -4 check --root "$tree"
	debian_grub '${saved_entry}' >"$tree/boot/grub/grub.cfg"
	printf '# GRUB Environment Block\nsaved_entry=gnulinux-advanced-1>gnulinux-%s-advanced-1\n###' "$release" \
		>"$tree/boot/grub/grubenv"
	run -0 check --json --root "$tree"
	[[ $(field .title) == 'Advanced options'* ]]
	# one whose default nobody knows: the worst decides
	debian_grub 'gone' >"$tree/boot/grub/grub.cfg"
	run -4 check --json --root "$tree"
	[ "$(field .default)" = false ]
	[ "$(field .verdict)" = stops ]
}

# With what boot-loader/11_initward adds: initward_menu [DEFAULT]
initward_menu() {
	mkdir -p "$room/sys/etc/initward" "$room/sys/etc/grub.d" "$room/sys/usr/lib/initward"
	cp "$top/systemd/boot-check" "$room/sys/usr/lib/initward/"
	echo 'version = 1' >"$room/sys/etc/initward/initward.conf"
	cat >"$room/sys/etc/grub.d/10_linux" <<-END
		#!/bin/sh
		cat <<EOF
		menuentry 'Debian GNU/Linux' --class debian \\\$menuentry_id_option 'gnulinux-simple-1' {
			linux	/boot/vmlinuz-$release root=UUID=1 ro \$GRUB_CMDLINE_LINUX
			initrd	/boot/initrd.img-$release
		}
		EOF
	END
	chmod +x "$room/sys/etc/grub.d/10_linux"
	debian_grub "$@"
	INITWARD_ROOT=$room/sys INITWARD_LINUX=$room/sys/etc/grub.d/10_linux INITWARD_GRUBENV=yes \
		"$top/boot-loader/11_initward"
}

@test "grub.cfg with the entries of the package: the one without confinement decides only if it boots by itself" {
	make_root
	mkdir "$tree/boot/grub"
	initward_menu >"$tree/boot/grub/grub.cfg"
	sed -i '/recovery mode/,/}/d' "$tree/boot/grub/grub.cfg"
	for tried in '' initward_tried=1; do
		printf '# GRUB Environment Block\n%s\n###' "$tried" >"$tree/boot/grub/grubenv"
		run -0 check --json --root "$tree"
		[[ $(field .title) == *'Debian GNU/Linux'* ]]
		[ "$(field '[.others[] | select(.title | endswith("(without initward, recovery)")) | .verdict] | unique | join(" ")')" = off ]
	done
	initward_menu initward-off-gnulinux-simple-1 | sed '/^if .*initward_tried/,/^fi/d' >"$tree/boot/grub/grub.cfg"
	run -4 check --json --root "$tree"
	[ "$(field '.default, .verdict')" = $'true\noff' ]
}

@test "BLS entries, with the variables of GRUB in them" {
	make_root
	mkdir -p "$tree/boot/loader/entries"
	printf 'title One\nversion %s\nlinux /vmlinuz-%s\ninitrd /initrd.img-%s\noptions root=/dev/a\noptions quiet\n' \
		"$release" "$release" "$release" >"$tree/boot/loader/entries/one.conf"
	printf 'title Two\nversion %s\nlinux /vmlinuz-%s\ninitrd /initrd.img-%s\noptions $kernelopts lsm=yama\n' \
		"$release" "$release" "$release" >"$tree/boot/loader/entries/two.conf"
	printf 'timeout 3\ndefault two*\n' >"$tree/boot/loader/loader.conf"
	run -4 check --json --root "$tree"
	[ "$(field .title)" = Two ]
	[ "$(field .cmdline)" = '$kernelopts lsm=yama' ]
	[ "$(field '.others[0].cmdline')" = 'root=/dev/a quiet' ]
	[ "$(field '.others[0].verdict')" = confined ]
	mkdir "$tree/boot/grub2"
	printf 'saved_entry=one\nkernelopts=root=/dev/b "x y"\n' >"$tree/boot/grub2/grubenv"
	run -0 check --json --root "$tree"
	[ "$(field .title)" = One ]
	[ "$(field '.others[0].cmdline')" = 'root=/dev/b "x y" lsm=yama' ]
	# of the kernel that is named only its own
	sed -i 's/^version.*/version 1.2/; s,^linux.*,linux /other,' "$tree/boot/loader/entries/one.conf"
	run -4 check --json --root "$tree" --kernel "$tree/boot/vmlinuz-$release"
	[ "$(field '.title, (.others | length)')" = $'Two\n0' ]
}

@test "extlinux.conf" {
	make_root
	mkdir "$tree/boot/extlinux"
	cat >"$tree/boot/extlinux/extlinux.conf" <<-END
		DEFAULT second
		LABEL first
		  LINUX /boot/vmlinuz-$release
		  INITRD /boot/initrd.img-$release
		  APPEND quiet apparmor=0
		label second
		  menu label The second
		  kernel /boot/vmlinuz-$release
		  initrd /boot/initrd.img-$release
		  append quiet
	END
	run -0 check --json --root "$tree"
	[ "$(field .title)" = 'The second' ]
	[ "$(field '.others[0].verdict')" = stops ]
}

@test "a unified kernel image has all of it" {
	gzip </dev/null | bzimage "$release" "$version" >"$room/vmlinuz"
	printf 'quiet lsm=yama\n\0' >"$room/cmdline"
	uki "$room/vmlinuz" "$room/cmdline" "$image" >"$room/uki.efi"
	for option in --image --kernel; do
		run -4 check --json "$option" "$room/uki.efi" --config "$room/config"
		[ "$(field .cmdline)" = 'quiet lsm=yama' ]
		[ "$(field .kernel.identity)" = "$identity" ]
		[ "$(field .step)" = AppArmor ]
	done
	run -0 check --json --kernel "$room/uki.efi" --config "$room/config" --cmdline quiet
	[ "$(field .image)" = "$room/uki.efi" ]
}

@test "what the kernel lacks is named" {
	lacks() { # OPTION STATUS WORDS
		sed "/^CONFIG_$1=/d" "$room/config" >"$room/less"
		run "-$2" check --config "$room/less" --cmdline quiet --image "$image"
		[[ ${lines[0]} == *"$3"* ]]
	}
	lacks BLK_DEV_INITRD 4 'will not be confined: first program: this kernel unpacks no initramfs'
	lacks BINFMT_ELF 4 'will not boot: first program: '
	lacks PROC_FS 4 'will not boot: mounts: '
	lacks SECURITYFS 4 'will not boot: mounts: '
	lacks SECURITY 4 'will not boot: AppArmor: it is off: this kernel has no AppArmor'
	lacks AUDIT 0 'will be confined'
	[[ $output == *'this kernel logs no denials (CONFIG_AUDIT)'* ]]
	zstd -q <"$image" >"$room/image.zst"
	run -4 check --config "$room/config" --cmdline quiet --image "$room/image.zst"
	[[ ${lines[0]} == *'this kernel cannot unpack a part of the image'*CONFIG_RD_ZSTD=y ]]
	gzip <"$image" >"$room/image.gz"
	run -0 check --config "$room/config" --cmdline quiet --image "$room/image.gz"
}

@test "what the kernel's configuration adds to the command line" {
	built_in() { # OPTIONS COMMAND-LINE WANT
		{ cat "$room/config" && printf '%b' "$1"; } >"$room/more"
		run check --json --config "$room/more" --cmdline "$2" --image "$image"
		[ "$(field .cmdline)" = "$3" ]
	}
	built_in 'CONFIG_CMDLINE="a b"\n' x x
	built_in 'CONFIG_CMDLINE_BOOL=y\nCONFIG_CMDLINE="a b"\n' x 'a b x'
	built_in 'CONFIG_CMDLINE_BOOL=y\nCONFIG_CMDLINE="a b"\nCONFIG_CMDLINE_OVERRIDE=y\n' x 'a b'
	sed -i 's,Linux/x86,Linux/arm64,' "$room/config"
	built_in 'CONFIG_CMDLINE="a b"\n' x x
	built_in 'CONFIG_CMDLINE="a b"\n' '' 'a b'
	built_in 'CONFIG_CMDLINE="a b"\nCONFIG_CMDLINE_FORCE=y\n' x 'a b'
	long=$(printf '%02046d' 0)
	built_in '' "$long apparmor=0" "$long "
	[ "$(field .verdict)" = confined ]
	[[ $(field '.notes[]') == *'longer than the 2047 bytes'* ]]
}

@test "a configuration of another series only stands in" {
	sed -i 's,6.1.150,6.12.3,' "$room/config"
	gzip </dev/null | bzimage "$release" "$version" >"$room/vmlinuz"
	run -0 check --kernel "$room/vmlinuz" --config "$room/config" --cmdline quiet --image "$image"
	[[ $output == *"the configuration is of Linux 6.12.3, the kernel is $release: options may differ"* ]]
}

@test "wrong usage" {
	run -2 check --nonsense
	run -2 check "$image"
	[[ ${lines[0]} == "initward check: there is '$image', but only options are taken"* ]]
	[ "${lines[1]}" = "try 'initward check --help'" ]
	run -2 check --kernel
	run -0 "$initward" check --help
	[ "${lines[0]}" = 'Usage: initward check [OPTION]...' ]
}

# bad STATUS WORDS OPTION...: one line that names what and why
bad() {
	local status=$1 words=$2
	shift 2
	run "-$status" check "$@"
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == "initward check: "*"$words"* ]]
}

@test "bad input is one line" {
	ok=(--cmdline quiet --image "$image")
	bad 1 "/none: No such file" --kernel "$room/none" "${ok[@]}"
	bad 1 "$room: Is a directory" --kernel "$room" "${ok[@]}"
	bad 1 'it is no Linux kernel image' --kernel "$room/config" "${ok[@]}"
	: >"$room/empty"
	bad 1 'it is no Linux kernel image' --kernel "$room/empty" "${ok[@]}"
	gzip </dev/null | bzimage "$release" "$version" | head -c 1030 >"$room/short"
	bad 1 'truncated' --kernel "$room/short" "${ok[@]}"
	ln -s loop "$room/loop"
	bad 1 'Too many levels of symbolic links' --config "$room/loop" "${ok[@]}"
	bad 1 'it has no line CONFIG_' --config "$image" "${ok[@]}"
	bad 1 'larger than 4 MiB' --config /dev/zero "${ok[@]}"
	head -c 100 /dev/zero | gzip | head -c 15 >"$room/cut.gz"
	bad 1 'is no kernel configuration' --config "$room/cut.gz" "${ok[@]}"
	bad 1 'No such file' --config "$room/config" --cmdline quiet --image "$room/none"
	bad 1 'No such file' --root "$room/none"
	bad 1 'it is no folder' --root "$room/config"
	export initward features room image
	run -1 sh -c '"$initward" check --features "$features" --config "$room/config" --cmdline "" --image "$image" >/dev/full'
	[[ $output == 'initward check: cannot write to standard output: No space left on device' ]]
}

@test "files that may not be read are named" {
	cp "$room/config" "$room/secret"
	chmod 000 "$room/secret"
	chmod 755 "$room"
	as=()
	[ "$(id -u)" -ne 0 ] || as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	cp "$initward" "$image" "$BATS_TEST_TMPDIR/"
	run -1 "${as[@]}" "$BATS_TEST_TMPDIR/initward" check --config "$room/secret" --cmdline quiet
	[[ $output == *"$room/secret: Permission denied" ]] || [[ $output == *"Permission denied"* ]]
}

@test "menus that are damaged or strange neither crash nor hang" {
	make_root
	mkdir -p "$tree/boot/grub" "$tree/boot/loader/entries"
	mkfifo "$tree/boot/grub/grub.cfg" "$tree/boot/loader/entries/fifo.conf"
	ln -s loop.conf "$tree/boot/loader/entries/loop.conf"
	mkdir "$tree/boot/loader/entries/folder.conf"
	printf 'linux\n' >"$tree/boot/loader/entries/empty.conf"
	run -5 timeout 10 "$initward" check --root "$tree" --features "$features"
	rm "$tree/boot/grub/grub.cfg"
	for text in '' '{' '}}}' "menuentry 'x" 'menuentry x {' 'if' 'if [' 'fi fi else' 'submenu a { submenu b {' \
		'linux' 'menuentry a { linux }' "$(printf 'if [ x ]; then\n%.0s' {1..200})" '$' '${' '"$'; do
		printf '%s' "$text" >"$tree/boot/grub/grub.cfg"
		run -5 timeout 10 "$initward" check --root "$tree" --features "$features"
	done
}

@test "an entry whose kernel is gone is left out, and said" {
	make_root
	mkdir -p "$tree/boot/grub"
	{
		debian_grub
		echo 'menuentry gone { linux /boot/vmlinuz-0.1 quiet; }'
	} >"$tree/boot/grub/grub.cfg"
	run -0 --separate-stderr check --root "$tree"
	[ "$stderr" = 'initward check: the entry "gone" of /boot/grub/grub.cfg names the kernel /boot/vmlinuz-0.1, which is not there' ]
}

# grub LINE...: the commands of the only entry
grub() {
	mkdir -p "$tree/boot/grub"
	{
		printf 'menuentry x {\n'
		printf '%s\n' "$@"
		printf '}\n'
	} >"$tree/boot/grub/grub.cfg"
}

@test "the image of an entry is what the entry names, not what is installed" {
	make_root
	grub "linux /boot/vmlinuz-$release quiet"
	run -4 check --root "$tree"
	[ "${lines[1]}" = 'will not be confined: first program: this entry gives the kernel no initramfs; add one to it' ]
	run -4 check --root "$tree" --kernel "$tree/boot/vmlinuz-$release"
	grub "linux /boot/vmlinuz-$release quiet" 'initrd /boot/gone'
	run -5 check --root "$tree"
	[ "${lines[1]}" = 'nobody can tell: image: this entry names the initramfs /boot/gone, which was not found' ]
	grub "linux /boot/vmlinuz-$release quiet" "initrd /boot/initrd.img-$release /boot/gone"
	run -5 check --root "$tree"
	[[ ${lines[1]} == *'names the initramfs /boot/gone,'* ]]
	# the words of the EFI stub and of extlinux
	grub "linux /boot/vmlinuz-$release 'initrd=\\boot\\initrd.img-$release'"
	run -0 check --root "$tree"
	mkdir "$tree/boot/extlinux"
	rm "$tree/boot/grub/grub.cfg"
	printf 'DEFAULT a\nLABEL a\nLINUX /boot/vmlinuz-%s\nAPPEND initrd=/boot/initrd.img-%s%s\n' \
		"$release" "$release" '' >"$tree/boot/extlinux/extlinux.conf"
	run -0 check --root "$tree"
	sed -i '/APPEND/s|$|,/gone|' "$tree/boot/extlinux/extlinux.conf"
	run -5 check --root "$tree"
	[[ ${lines[1]} == *'names the initramfs /gone,'* ]]
}

@test "two entries of one unified kernel image both have its image and command line" {
	make_root
	mkdir -p "$tree/boot/loader/entries"
	printf 'quiet\0' >"$room/cmdline"
	uki "$tree/boot/vmlinuz-$release" "$room/cmdline" "$image" >"$tree/boot/both.efi"
	rm "$tree/boot/initrd.img-$release"
	printf 'title One\nefi /both.efi\n' >"$tree/boot/loader/entries/one.conf"
	printf 'title Two\nefi /both.efi\n' >"$tree/boot/loader/entries/two.conf"
	run -0 check --json --root "$tree"
	[ "$(field '.cmdline, .others[0].cmdline, .others[0].verdict')" = $'quiet\nquiet\nconfined' ]
}

@test "of several menus the worst default decides" {
	make_root
	grub "linux /boot/vmlinuz-$release quiet" "initrd /boot/initrd.img-$release"
	mkdir -p "$tree/boot/extlinux" "$tree/boot/loader/entries"
	cat >"$tree/boot/extlinux/extlinux.conf" <<-END
		DEFAULT one
		LABEL one
		  LINUX /boot/vmlinuz-$release
		  INITRD /boot/initrd.img-$release
		  APPEND lsm=yama
	END
	run -4 check --json --root "$tree"
	[ "$(field '.title, .others[0].verdict')" = $'one\nconfined' ]
	# one that does not boot by itself does not count then
	sed -i 's/^DEFAULT.*//' "$tree/boot/extlinux/extlinux.conf"
	run -0 check --json --root "$tree"
	[ "$(field '.title, .others[0].verdict')" = $'x\nstops' ]
}

@test "saved_entry is a whole name" {
	make_root
	mkdir -p "$tree/boot/loader/entries" "$tree/boot/grub2"
	for name in one one-rescue; do
		printf 'title %s\nlinux /vmlinuz-%s\ninitrd /initrd.img-%s\noptions %s\n' "$name" "$release" "$release" \
			"$([ "$name" = one ] || echo lsm=yama)" >"$tree/boot/loader/entries/$name.conf"
	done
	echo 'saved_entry=one' >"$tree/boot/grub2/grubenv"
	run -0 check --json --root "$tree"
	[ "$(field '.title, .others[0].default')" = $'one\nfalse' ]
}

@test "unified kernel images beside a menu are asked about" {
	make_root
	mkdir -p "$tree/boot/loader/entries" "$tree/boot/EFI/Linux"
	printf 'title One\nlinux /vmlinuz-%s\ninitrd /initrd.img-%s\noptions quiet\n' "$release" "$release" \
		>"$tree/boot/loader/entries/one.conf"
	printf 'lsm=yama\0' >"$room/cmdline"
	uki "$tree/boot/vmlinuz-$release" "$room/cmdline" "$image" >"$tree/boot/EFI/Linux/arch.efi"
	for options in '' "--kernel $tree/boot/vmlinuz-$release"; do
		run -4 check --json --root "$tree" $options
		[ "$(field '.title, .cmdline, .others[0].title')" = $'arch.efi\nlsm=yama\nOne' ]
		[ "$(field '.others | length')" = 1 ]
	done
	echo 'default one.conf' >"$tree/boot/loader/loader.conf"
	run -0 check --root "$tree"
	echo 'default arch*' >"$tree/boot/loader/loader.conf"
	run -4 check --root "$tree"
	[ "${lines[0]}" = 'arch.efi (boots by itself)' ]
	# without a menu the other kernels are asked about too
	rm -r "$tree/boot/loader"
	run -4 check --json --root "$tree"
	[ "$(field '.others | length')" = 1 ]
}

@test "absolute links of a root are its own" {
	make_root
	mkdir "$room/outside"
	for name in vmlinuz-$release config-$release initrd.img-$release; do
		mv "$tree/boot/$name" "$tree/$name"
		ln -s "/$name" "$tree/boot/$name"
	done
	grub "linux /boot/vmlinuz-$release quiet" "initrd /boot/initrd.img-$release"
	run -0 check --json --root "$tree"
	[ "$(field .image)" = "$tree/initrd.img-$release" ]
	# what the link names exists outside as well
	: >"$room/outside/empty"
	mkdir -p "$tree/$room/outside"
	cp "$image" "$tree/$room/outside/empty"
	ln -sf "$room/outside/empty" "$tree/boot/initrd.img-$release"
	run -0 check --root "$tree"
}

@test "a configuration that is only found has to be of the kernel's series" {
	gzip </dev/null | bzimage "$release" "$version" >"$room/vmlinuz"
	sed -i 's,6.1.150,6.12.3,' "$room/config"
	run -5 check --kernel "$room/vmlinuz" --cmdline quiet --image "$image" --root "$room"
	[[ ${lines[0]} == "nobody can tell: AppArmor: the kernel's configuration is not known"* ]]
	[[ $output == *"the configuration $room/config is not used: it is not one of Linux $release"* ]]
	# by its name it is the kernel's, unless it says otherwise
	mv "$room/config" "$room/config-$release"
	run -5 check --kernel "$room/vmlinuz" --cmdline quiet --image "$image" --root "$room"
	sed -i '/Linux.x86/d' "$room/config-$release"
	run -0 check --kernel "$room/vmlinuz" --cmdline quiet --image "$image" --root "$room"
	mv "$room/config-$release" "$room/config"
	run -5 check --kernel "$room/vmlinuz" --cmdline quiet --image "$image" --root "$room"
}

@test "a bootconfig that is built in is not read, and nothing good is certain" {
	{ cat "$room/config" && echo CONFIG_BOOT_CONFIG_EMBED=y; } >"$room/embed"
	run -0 check --config "$room/embed" --cmdline quiet --image "$image"
	run -5 check --config "$room/embed" --cmdline 'quiet bootconfig' --image "$image"
	[[ ${lines[0]} == 'nobody can tell: command line: the kernel has a bootconfig built in'* ]]
	run -4 check --config "$room/embed" --cmdline 'apparmor=0 bootconfig' --image "$image"
}

@test "a file that an entry names is looked for on the partition of its menu first" {
	make_root
	mkdir -p "$tree/efi/loader/entries"
	printf 'linux /vmlinuz-%s\ninitrd /initrd.img-%s\noptions quiet\n' "$release" "$release" \
		>"$tree/efi/loader/entries/one.conf"
	cp "$tree/boot/vmlinuz-$release" "$tree/efi"
	cp "$BATS_FILE_TMPDIR/base" "$tree/efi/initrd.img-$release"
	run -4 check --json --root "$tree"
	[ "$(field .image)" = "$tree/efi/initrd.img-$release" ]
}
