# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2154 # text for other shells; variables of compile.bash
# dracut's module, with this machine's dracut: the image is confined, or the run fails and the old image stays.
# tests/dracut asks the other versions, and boots.

bats_require_minimum_version 1.5.0

release=6.1.0-99-test

# /boot, /lib/modules and /etc of its own, in a mount namespace: inside COMMAND... The shell does
# what $setting says before, and what $after says behind the command ($1 of $setting is the test's folder).
inside() {
	unshare -m sh -c 'set -e
		mkdir -p /boot /lib/modules # to mount upon; see teardown_file
		mount --bind "$1/boot" /boot
		mount --bind "$1/modules" /lib/modules
		mkdir -p "$1/all"
		mount -t tmpfs none "$1/all"
		cp -a /etc/. "$1/all"
		rm -rf "$1/all/initward"
		cp -R "$1/etc" "$1/all/initward"
		mount --move "$1/all" /etc
		eval "$2"
		dir=$1 after=$3 ended=0
		shift 3
		"$@" || ended=$?
		eval "$after"
		exit "$ended"' sh "$BATS_TEST_TMPDIR" "${setting:-}" "${after:-}" "$@"
}

# dracut with a folder of modules that is the machine's and what a test adds; of the machine's own
# modules only those that the test names go into the image: generate ARGUMENT...
generate() {
	inside env TMPDIR="$tmp" dracutbasedir="$base" DRACUT_PATH="$BATS_TEST_TMPDIR/bin /usr/sbin /usr/bin /sbin /bin" \
		dracut --force --no-early-microcode "${compression:---no-compress}" "$@"
}

# A module of the name $1 with what standard input says for its install().
module() {
	mkdir "$base/modules.d/$1"
	{
		printf '#!/bin/bash\ncheck() { return 255; }\ninstall() {\n'
		cat
		printf '}\n'
	} >"$base/modules.d/$1/module-setup.sh"
}

setup() {
	load compile
	export XDG_CACHE_HOME="$BATS_FILE_TMPDIR/xdg" # one for all: the same policy
	tmp=$BATS_TEST_TMPDIR/tmp base=$BATS_TEST_TMPDIR/dracut boot=$BATS_TEST_TMPDIR/boot
	etc=$BATS_TEST_TMPDIR/etc image=$BATS_TEST_TMPDIR/boot/initrd.img-$release
	mkdir -p "$tmp" "$base/modules.d" "$boot" "$etc/policy" "$BATS_TEST_TMPDIR/bin" \
		"$BATS_TEST_TMPDIR/modules/$release/kernel" "$BATS_TEST_TMPDIR/features"
	touch "$BATS_TEST_TMPDIR/modules/$release"/modules.{builtin,order,dep}
	find /usr/lib/dracut -mindepth 1 -maxdepth 1 ! -name modules.d -exec ln -s -t "$base" {} +
	ln -s -t "$base/modules.d" /usr/lib/dracut/modules.d/* "$top"/dracut-module/*
	cp "$features/5.10" "$features/6.1" "$features/5.10.kernels" "$features/6.1.kernels" "$BATS_TEST_TMPDIR/features/"
	cp -r "$top/policy/basic/global" "$top/policy/basic/abi" "$etc/policy/"
	# the command as it is installed, but for where its files are
	cat >"$BATS_TEST_TMPDIR/bin/initward" <<END
#!/bin/sh
verb=\$1
shift
case \$verb in
wrap) exec "$initward" wrap --loader "$top/build/initward-init" --features "$BATS_TEST_TMPDIR/features" "\$@" ;;
*) exec "$initward" "\$verb" --loader "$top/build/initward-init" "\$@" ;;
esac
END
	chmod +x "$BATS_TEST_TMPDIR/bin/initward"
	# as dracut's strip leaves it
	own=$BATS_TEST_TMPDIR/own
	strip -o "$own" "$top/build/guest"
	module 00own <<<"inst_simple '$own' /init"
	echo 'the old image' >"$image"
	cp "$image" "$BATS_TEST_TMPDIR/old"
}

teardown_file() {
	rmdir /lib/modules 2>/dev/null || :
}

# What a failed run leaves: the old image, nothing beside it, no work folder, and one line of dracut's
# that is fatal and ours.
refused() {
	cmp "$image" "$BATS_TEST_TMPDIR/old"
	[ "$(ls -A "$boot")" = "${2:-${image##*/}}" ]
	[ -z "$(ls -A "$tmp")" ]
	[ "$(grep -c 'dracut: initward: ' <<<"$output")" = 1 ]
	[[ $output == *"dracut: initward: $1"* ]]
}

# The image starts the loader, and the loader $1's copy or link.
confined() {
	run -0 "$initward" verify --loader "$top/build/initward-init" "$image"
	rm -rf "$BATS_TEST_TMPDIR/out"
	mkdir "$BATS_TEST_TMPDIR/out"
	(cd "$BATS_TEST_TMPDIR/out" && cpio -i -d --quiet --no-absolute-filenames) <"$image"
	cmp "$BATS_TEST_TMPDIR/out/init" "$top/build/initward-init"
	next=$BATS_TEST_TMPDIR/out/initward/init
	[ ! -L "$next" ] || next=$BATS_TEST_TMPDIR/out$(readlink "$next")
	cmp "$next" "$1"
	grep -qx 'init = /initward/init' "$BATS_TEST_TMPDIR/out/initward/initward.conf"
}

@test "dracut's own /init becomes the next init; strip and hardlink leave the loader as it is" {
	run -0 generate --no-kernel --aggressive-strip --hardlink -m 'base initward' "/boot/${image##*/}"
	confined /usr/lib/dracut/modules.d/99base/init.sh
}

@test "what is installed as /init before, or behind module 50, becomes the next init" {
	run -0 generate --no-kernel -m 'own initward' "/boot/${image##*/}"
	confined "$own"
	module 99zoo <<<'rm "$initdir/init"; printf "#!/init.own\n" >"$initdir/init"; chmod 755 "$initdir/init"; inst_simple '"'$own'"' /init.own'
	run -0 generate --no-kernel -m 'own initward zoo' "/boot/${image##*/}"
	confined <(printf '#!/init.own\n')
}

@test "a link as /init, as systemd's module makes it, leads on to the same file" {
	module 00link <<<"inst_simple '$own' /usr/lib/systemd/systemd; ln -s usr/lib/systemd/systemd \"\$initdir/init\""
	run -0 generate --no-kernel -m 'link initward' "/boot/${image##*/}"
	confined "$own"
	[ -L "$BATS_TEST_TMPDIR/out/initward/init" ]
}

@test "it is in by default; policy = off, and --omit, leave it out" {
	omit=$(cd /usr/lib/dracut/modules.d && printf '%s ' * | sed -E 's/(^| )[0-9]{2}/\1/g')
	run -0 generate --no-kernel --omit "$omit" --add own "/boot/${image##*/}"
	confined "$own"
	run -0 generate --no-kernel --omit "$omit initward" --add own "/boot/${image##*/}"
	run -4 "$initward" verify --loader "$top/build/initward-init" "$image"
	for line in ' policy=off' 'policy = off fleet'; do
		printf 'version = 1\n%s\n' "$line" >"$etc/initward.conf"
		run -0 generate --no-kernel --omit "$omit" --add own "/boot/${image##*/}"
		[[ $output != *'module: initward'* ]]
		run -4 "$initward" verify --loader "$top/build/initward-init" "$image"
	done
	# the key, not the word
	printf 'version = 1\n# policy = off\n' >"$etc/initward.conf"
	run -0 generate --no-kernel --omit "$omit" --add own "/boot/${image##*/}"
	confined "$own"
}

@test "--reproducible: the same bytes, of --hostonly too" {
	for mode in --hostonly --no-hostonly; do
		run -0 generate --no-kernel --reproducible "$mode" -m 'base initward' "/boot/${image##*/}"
		mv "$image" "$BATS_TEST_TMPDIR/first"
		sleep 1
		run -0 generate --no-kernel --reproducible "$mode" -m 'base initward' "/boot/${image##*/}"
		cmp "$image" "$BATS_TEST_TMPDIR/first"
	done
}

@test "the image of a crash kernel stays without a loader, even where it is asked for" {
	module 99kdumpbase <<<:
	run -0 generate --no-kernel -m 'own initward kdumpbase' "/boot/${image##*/}"
	[[ $output == *'the image of a crash kernel stays as it is'* ]]
	run -4 "$initward" verify --loader "$top/build/initward-init" "$image"
	# mkdumprd says it in the environment
	IN_KDUMP=1 run -0 generate --no-kernel -m 'own initward' "/boot/${image##*/}"
	run -4 "$initward" verify --loader "$top/build/initward-init" "$image"
	# what comes into the normal image beside it is no crash kernel's
	module 99earlykdump <<<:
	run -0 generate --no-kernel -m 'own initward earlykdump' "/boot/${image##*/}"
	confined "$own"
}

@test "a rescue image is the way back; another one with the module rescue is confined" {
	omit=$(cd /usr/lib/dracut/modules.d && printf '%s ' * | sed -E 's/(^| )[0-9]{2}/\1/g; s/ rescue / /')
	run -0 generate --no-kernel --omit "$omit" --add 'own rescue' "/boot/initrd-0-rescue-$release"
	mv "$boot/initrd-0-rescue-$release" "$image"
	run -4 "$initward" verify --loader "$top/build/initward-init" "$image"
	run -0 generate --no-kernel --omit "$omit" --add 'own rescue' "/boot/${image##*/}"
	confined "$own"
	run -0 generate --no-kernel --omit "$omit" --add 'own rescue initward' "/boot/initrd-0-rescue-$release"
	mv "$boot/initrd-0-rescue-$release" "$image"
	confined "$own"
}

@test "refused: a module behind the last one, and --include, which could replace /init" {
	module 99zzz <<<:
	run -1 generate --no-kernel -m 'own initward zzz' "/boot/${image##*/}"
	refused 'the module 99zzz comes behind 99zz-initward'
	mkdir "$BATS_TEST_TMPDIR/include"
	cp "$own" "$BATS_TEST_TMPDIR/include/init"
	run -1 generate --no-kernel -m 'own initward' --include "$BATS_TEST_TMPDIR/include" / "/boot/${image##*/}"
	refused "--include $BATS_TEST_TMPDIR/include / puts a /init in behind all modules"
	run -1 generate --no-kernel -m 'own initward' --include "$BATS_TEST_TMPDIR/include" initward/bundle "/boot/${image##*/}"
	refused "--include $BATS_TEST_TMPDIR/include initward/bundle puts a /initward in behind all modules"
	run -0 generate --no-kernel -m 'own initward' --include "$BATS_TEST_TMPDIR/include" /initward.d "/boot/${image##*/}"
	confined "$own"
}

@test "refused: --sysroot, whose policy would not be asked" {
	run -1 generate --no-kernel -m 'own initward' --sysroot / "/boot/${image##*/}"
	refused 'with --sysroot the policy and the configuration would be'
}

@test "refused: the squash of dracut 059, the second half alone, and no /init at all" {
	module 99squash <<<:
	run -1 generate --no-kernel -m 'own initward squash' "/boot/${image##*/}"
	refused 'the module squash of this dracut'
	run -1 generate --no-kernel -m 'own zz-initward' "/boot/${image##*/}"
	refused 'this module is a part of the module initward'
	run -1 generate --no-kernel -m initward "/boot/${image##*/}"
	refused ''
}

@test "refused: a policy that does not compile, a bad configuration, no initward on the system" {
	echo 'profile global { nonsense }' >"$etc/policy/global"
	run -1 generate --no-kernel -m 'own initward' "/boot/${image##*/}"
	refused 'cannot compile the policy: cannot read /etc/initward/policy/global: '
	grep -q 'dracut: initward: .* at line 1: syntax error, .*; nothing was changed: mend it, and try again' <<<"$output"
	cp "$top/policy/basic/global" "$etc/policy/"
	printf 'version = 1\nmode = veiled\n' >"$etc/initward.conf"
	run -1 generate --no-kernel -m 'own initward' "/boot/${image##*/}"
	refused ''
	[[ $output == *veiled* ]]
	rm "$BATS_TEST_TMPDIR/bin/initward" "$etc/initward.conf"
	run -1 generate --no-kernel -m 'own initward' "/boot/${image##*/}"
	refused 'the command initward is not installed'
}

@test "refused: a dracut that nobody tried, unless the administrator says so" {
	for version in 049-1 113-1 junk ''; do
		rm "$base/dracut-version.sh"
		echo "DRACUT_VERSION=$version" >"$base/dracut-version.sh"
		run -1 generate --no-kernel -m 'own initward' "/boot/${image##*/}"
		refused "dracut ${version:-without a version} is not one that this module was tried with"
	done
	mkdir "$BATS_TEST_TMPDIR/conf"
	echo 'initward_any_dracut=yes' >"$BATS_TEST_TMPDIR/conf/initward.conf"
	run -0 generate --confdir "$BATS_TEST_TMPDIR/conf" --no-kernel -m 'own initward' "/boot/${image##*/}"
	confined "$own"
}

@test "refused: a kernel without AppArmor; one with it, that does not run, is named to initward" {
	echo '# CONFIG_SECURITY_APPARMOR is not set' >"$boot/config-$release"
	cp "$boot/config-$release" "$BATS_TEST_TMPDIR/config"
	run -1 generate --kver "$release" -m 'own initward' "/boot/${image##*/}"
	refused "the kernel $release has no AppArmor" "config-$release
${image##*/}"
	printf 'CONFIG_SECURITY_APPARMOR=y\nCONFIG_LSM="apparmor"\n' >"$boot/config-$release"
	run -0 generate --kver "$release" -m 'own initward' "/boot/${image##*/}"
	[[ $output == *"dracut: initward: note: kernel $release: set 6.1, by its series and /boot/config-$release"* ]]
	confined "$own"
}

@test "a read-only /etc is enough" {
	setting='mount -o remount,ro /etc' run -0 generate --no-kernel -m 'own initward' "/boot/${image##*/}"
	confined "$own"
}

@test "no room beside the work: the old image stays" {
	mkdir "$BATS_TEST_TMPDIR/small"
	setting='mount -t tmpfs -o size=160k none "$1/small"' \
		run -1 generate --no-kernel --tmpdir "$BATS_TEST_TMPDIR/small" -m 'own initward' "/boot/${image##*/}"
	cmp "$image" "$BATS_TEST_TMPDIR/old"
	[[ $output == *'dracut: initward: '* ]]
}

@test "no room for the image: dracut 059 would remove the old one; it is put back" {
	# 1 MB with an old image of 400 KB; the new one has more than both
	head -c 400000 /dev/urandom >"$image"
	chmod 640 "$image"
	cp "$image" "$BATS_TEST_TMPDIR/old"
	mkdir "$BATS_TEST_TMPDIR/boot.out"
	module 00large <<<'head -c 1500000 /dev/urandom >"$initdir/large"'
	setting='mount -t tmpfs -o size=1m none /boot; cp -p "$1/boot/"* /boot' after='cp -p /boot/* "$dir/boot.out"' \
		run -1 generate --no-kernel -m 'own initward large' "/boot/${image##*/}"
	boot=$BATS_TEST_TMPDIR/boot.out image=$BATS_TEST_TMPDIR/boot.out/${image##*/}
	refused 'the new image did not come to its place; the old one is back as /boot/'
	[ "$(stat -c %a "$image")" = 640 ]
	# without it dracut leaves none: the test can fail
	setting='mount -t tmpfs -o size=1m none /boot; cp -p "$1/boot/"* /boot' after='[ -e /boot/* ] || echo gone' \
		run -1 generate --no-kernel -m 'own large' "/boot/${image##*/}"
	[[ $output == *gone ]]
}

@test "make install puts both halves where dracut looks" {
	run -0 make -s -C "$top" install DESTDIR="$BATS_TEST_TMPDIR/dest"
	for half in 50initward 99zz-initward; do
		cmp "$BATS_TEST_TMPDIR/dest/usr/lib/dracut/modules.d/$half/module-setup.sh" "$top/dracut-module/$half/module-setup.sh"
		[ "$(stat -c %a "$BATS_TEST_TMPDIR/dest/usr/lib/dracut/modules.d/$half/module-setup.sh")" = 755 ]
	done
}

@test "what unpacks the image for the shutdown finds its /shutdown" {
	# dracut-initramfs-restore takes an uncompressed image for microcode
	compression=--gzip run -0 generate --no-kernel -m 'base shutdown initward' "/boot/initrd.img-$(uname -r)"
	setting='mount -t tmpfs none /run; mkdir /run/initramfs; touch /run/initramfs/.need_shutdown' \
		after='test -x /run/initramfs/shutdown; cmp /run/initramfs/shutdown /usr/lib/dracut/modules.d/99shutdown/shutdown.sh' \
		run -0 inside bash /usr/lib/dracut/dracut-initramfs-restore
	[ -z "$output" ]
}
