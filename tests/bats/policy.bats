#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2154 # text for other shells; variables of compile.bash
# policy/basic as text and as policy, that it holds is what the boots show; and the verb `initward policy`, and what is
# called by its name in initward.conf.

bats_require_minimum_version 1.5.0

setup() {
	load compile
	policy=$top/policy/basic
	lib=$BATS_TEST_TMPDIR/lib
}

# A policy of the library: make_named NAME [LINE of about]...
make_named() {
	mkdir -p "$lib"
	make_policy "$lib/$1"
	ln -sfn "$features" "$lib/features"
	printf '%s\n' 'version = 1' "about = about $1" 'mode = hidden' 'level = strict' "${@:2}" >"$lib/$1/about"
}

# One that goes with each configuration of level compatible.
make_any() {
	make_named "$1"
	sed -i 's/^mode = .*/mode = any/; s/^level = .*/level = compatible/' "$lib/$1/about"
}

verb() { run "$1" "$initward" policy "${@:3}" --policies "$lib" "$2"; }

# /usr/share/initward and /etc/initward of its own, in a mount namespace: inside COMMAND...
inside() {
	mkdir -p "$BATS_TEST_TMPDIR/places/initward" "$BATS_TEST_TMPDIR/etc/policy" "$BATS_TEST_TMPDIR/tmp"
	unshare -m sh -c 'set -e
		mount -t overlay -o "lowerdir=$1/places:/usr/share" none /usr/share
		mount -t overlay -o "lowerdir=$1/places:/etc" none /etc
		mount --bind "$1/lib" /usr/share/initward
		mount --bind "$1/etc" /etc/initward
		shift
		exec "$@"' sh "$BATS_TEST_TMPDIR" "$@"
}

# The configuration of that machine: configure LINE...
configure() {
	mkdir -p "$BATS_TEST_TMPDIR/etc"
	printf '%s\n' 'version = 1' "$@" >"$BATS_TEST_TMPDIR/etc/initward.conf"
}

# The profiles of the bundle that `initward compile` makes there without a source.
compiled() {
	run "$1" inside "$initward" compile --quiet --no-cache --set 5.10 -o "$BATS_TEST_TMPDIR/bundle" "${@:2}"
}

@test "the policy compiles for every set, without a note" {
	run -0 "$initward" compile --features "$features" -o "$BATS_TEST_TMPDIR/bundle" "$policy"
	[ -z "$output" ]
	[ "$(grep -c '^set = ' "$BATS_TEST_TMPDIR/bundle/manifest")" = \
		"$(find "$features" -type f ! -name '*.kernels' ! -name '.*' | wc -l)" ]
}

@test "the profile is neither unconfined nor default_allow" {
	run ! grep -E 'default_allow|unconfined\)' "$policy/global"
}

@test "it mediates no class that would deny what nobody listed" {
	# The pin is what keeps newer parsers from adding these.
	grep -qx 'abi <abi/initward>,' "$policy/global"
	run ! grep -E '^(network|network_v8|network_v9|dbus|io_uring|ipc) ' "$policy/abi/initward"
	run ! grep -E 'userns_create' "$policy/abi/initward"
}

@test "the reserved path is denied" {
	grep -qxF '  deny /proc/version w,' "$policy/global"
}

# But for folders, which have no hard links, and what the kernel makes. The boots show it for three of them.
@test "what is protected on disk is protected from a hard link to its name, too" {
	grep -E '^  deny /etc/' "$policy/global" | grep -vE '^  deny /etc/\{,ssh/' >"$BATS_TEST_TMPDIR/rules"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/rules")" -ge 12 ]
	run ! grep -v ' wl,$' "$BATS_TEST_TMPDIR/rules"
}

@test "at least ten assets, each covered by a deny rule of its own" {
	grep -v '^#' "$policy/assets" >"$BATS_TEST_TMPDIR/assets"
	[ "$(cut -d' ' -f1 "$BATS_TEST_TMPDIR/assets" | sort -u | wc -l)" -ge 10 ]
	run ! grep -vE '^/[^ ]+ (append|rewrite|open|link|rename|mount)$' "$BATS_TEST_TMPDIR/assets"
	run ! sh -c 'sort "$1" | uniq -d | grep .' sh "$BATS_TEST_TMPDIR/assets"
}

@test "a local file is taken in, and its denies reach the dry run" {
	cp -r "$policy" "$BATS_TEST_TMPDIR/policy"
	mkdir "$BATS_TEST_TMPDIR/policy/local"
	compile "$BATS_TEST_TMPDIR/policy"
	before=$(awk '/^blob/ { print $6 }' "$BATS_TEST_TMPDIR/bundle/manifest")
	echo 'deny /srv/secret w,' >"$BATS_TEST_TMPDIR/policy/local/global"
	compile "$BATS_TEST_TMPDIR/policy"
	# No blob is what it was, in either form.
	run ! grep -F "$before" "$BATS_TEST_TMPDIR/bundle/manifest"
}

@test "policy list: a line of each, the others of the folder are none" {
	make_named fleet
	make_named a-2 'needs = domain/stack'
	mkdir "$lib/qemu"
	echo >"$lib/qemu/run"
	run -0 "$initward" policy list --policies "$lib"
	[ "$output" = 'a-2           hidden   strict      about a-2
fleet         hidden   strict      about fleet' ]
	run -0 "$initward" policy list --policies "$lib" --json
	[ "$(jq -r '.policies[] | "\(.name) \(.mode) \(.level) \(.about) \(.folder) \(.needs) \(.wants)"' <<<"$output")" = \
		"a-2 hidden strict about a-2 $lib/a-2 [\"domain/stack\"] []
fleet hidden strict about fleet $lib/fleet [] []" ]
}

@test "policy list: what is bad is told with file, line and reason, beside the others" {
	make_named good
	make_named level
	sed -i 's/^level.*/level = high/' "$lib/level/about"
	make_named missing
	sed -i '/^mode/d' "$lib/missing/about"
	make_named Upper
	make_named empty
	rm "$lib/empty/global"
	make_named folder
	rm "$lib/folder/about"
	mkdir "$lib/folder/about"
	make_named loop
	ln -sfn about "$lib/loop/about"
	make_named huge
	head -c 9000 /dev/zero | tr '\0' '#' >>"$lib/huge/about"
	make_named cut
	printf 'version = 1\nabout = cut\nmode = hid' >"$lib/cut/about"
	make_named escape
	printf 'x\033[31m = 1\n' >>"$lib/escape/about"
	run -1 --separate-stderr "$initward" policy list --policies "$lib"
	[ "$output" = 'good          hidden   strict      about good' ]
	for message in "level/about:4: unknown level \"high\"" "missing/about:3: missing key \"mode\"" \
		"Upper: the folder's name is none of a policy: letters a-z, digits and dashes, at most 31, a letter first" \
		"empty: there is a file about, and no policy file" "cut/about:3: unknown mode \"hid\"" \
		"escape/about:5: not \"key = value\" in plain text: \"x?[31m = 1\"" "huge/about is larger than 8192 bytes"; do
		grep -qxF "initward policy: $lib/$message" <<<"$stderr" || { echo "$message"; return 1; }
	done
	grep -qx "initward policy: cannot read $lib/folder/about: Is a directory" <<<"$stderr"
	grep -qx "initward policy: cannot read $lib/loop/about: Too many levels of symbolic links" <<<"$stderr"
	[ "${#stderr_lines[@]}" -eq 9 ]
}

@test "policy: a folder, a file, a name that is not there" {
	run -1 "$initward" policy list --policies "$lib"
	[ "$output" = "initward policy: cannot read the folder of policies $lib: No such file or directory; --policies names another" ]
	touch "$BATS_TEST_TMPDIR/file"
	run -1 "$initward" policy list --policies "$BATS_TEST_TMPDIR/file"
	[[ $output == *'Not a directory'* ]]
	make_named fleet
	for what in show check; do
		verb -1 fleat "$what"
		[ "$output" = "initward policy: there is no policy fleat: no file $lib/fleat/about; 'initward policy list' names those there are" ]
		verb -1 features "$what"
		[[ $output == *'there is no policy features'* ]]
		for name in ../lib/fleet Fleet '' fleet/ abcdefghijklmnopqrstuvwxyz012345; do
			verb -1 "$name" "$what"
			[ "$output" = "initward policy: '$name' is no name of a policy: letters a-z, digits and dashes, at most 31, a letter first" ]
		done
	done
	if [ "$(id -u)" -ne 0 ]; then
		chmod 000 "$lib/fleet/about"
		verb -1 fleet show
		[[ $output == *'Permission denied'* ]]
	fi
}

@test "policy show: what it is, its files by what they are for, how to choose it" {
	make_named fleet 'needs = domain/stack file/mask/write' 'wants = dbus/mask'
	mkdir -p "$lib/fleet/"{application/local,system/etc/pam.d,abi}
	touch "$lib/fleet/"{application/web,application/local/web,system/etc/pam.d/README,abi/initward,README.md,assets,global~}
	run -0 "$initward" policy show --policies "$lib" fleet
	[ "$output" = "fleet: about fleet

mode     hidden
level    strict
needs    domain/stack
         file/mask/write
wants    dbus/mask
read     $lib/fleet/README.md

source       $lib/fleet/global
application  $lib/fleet/application/web
included     $lib/fleet/abi/initward
             $lib/fleet/application/local/web
system       $lib/fleet/system/etc/pam.d/README
text         $lib/fleet/README.md
             $lib/fleet/about
             $lib/fleet/assets
             $lib/fleet/global~

To choose it, in /etc/initward/initward.conf:
    policy = enforce fleet
    mode = hidden
    level = strict
and then 'initward policy check fleet' and 'initward update'." ]
	run -0 "$initward" policy show --policies "$lib" fleet --json
	[ "$(jq -r '"\(.name) \(.page) \(.needs | length) \(.wants[0])", (.files[] | select(.kind == "system").path)' <<<"$output")" = \
		"fleet $lib/fleet/README.md 2 dbus/mask
$lib/fleet/system/etc/pam.d/README" ]
	# for both modes: none to write down; nothing to read
	rm "$lib/fleet/README.md"
	sed -i 's/^mode.*/mode = any/' "$lib/fleet/about"
	run -0 "$initward" policy show --policies "$lib" fleet
	[[ $output != *'    mode ='* && $output != *$'\nread '* ]]
	run -0 "$initward" policy show --policies "$lib" fleet --json
	[ "$(jq -r '.page' <<<"$output")" = null ]
	ln -s .. "$lib/fleet/abi/up"
	run -1 "$initward" policy show --policies "$lib" fleet
	[[ $output == *'folders lie more than 32 deep; is there a link to one above?' ]]
}

@test "policy check: each feature, and the verdict, of a set, a folder and a file" {
	make_named fleet 'needs = domain/stack mount/mask/mount' 'wants = mount/move_mount/detached domain/stac'
	verb -0 fleet check --set 5.10
	[ "$output" = 'needs domain/stack: yes
needs mount/mask/mount: yes
wants mount/move_mount/detached: no
wants domain/stac: no
fleet: the set 5.10 has all that it needs' ]
	verb -0 fleet check --features "$features/7.3"
	[ "${lines[2]}" = 'wants mount/move_mount/detached: yes' ]
	mkdir -p "$BATS_TEST_TMPDIR/f/domain" "$BATS_TEST_TMPDIR/f/mount"
	echo yes >"$BATS_TEST_TMPDIR/f/domain/stack"
	echo umount >"$BATS_TEST_TMPDIR/f/mount/mask"
	verb -1 fleet check --features "$BATS_TEST_TMPDIR/f"
	[ "${lines[1]}" = 'needs mount/mask/mount: no' ]
	[ "${lines[-1]}" = "fleet: $BATS_TEST_TMPDIR/f lacks 1 of 2 features that it needs" ]
	verb -1 fleet check --features "$BATS_TEST_TMPDIR/f" --json
	[ "$(jq -c '[.name, .kernel, .good, [.needs[].there], [.wants[].there], .needs[1].feature]' <<<"$output")" = \
		"[\"fleet\",\"$BATS_TEST_TMPDIR/f\",false,[true,false],[false,false],\"mount/mask/mount\"]" ]
}

@test "policy check: each feature of a set is there, and none of one that is not" {
	make_named fleet
	mkdir "$BATS_TEST_TMPDIR/sets"
	cp "$features/7.3" "$BATS_TEST_TMPDIR/sets/"
	"$initward" features list --features "$BATS_TEST_TMPDIR/sets" --json |
		jq -r '[.sets[0].adds[] | .feature, (.feature as $f | .words[:9][] | "\($f)/\(.)")] | "needs = " + join(" ")' >>"$lib/fleet/about"
	verb -0 fleet check --set 7.3
	[ "${#lines[@]}" -gt 100 ]
	awk '/^needs/ { for (i = 3; i <= NF; i++) $i = $i "_" } { print }' "$lib/fleet/about" >"$lib/fleet/new"
	mv "$lib/fleet/new" "$lib/fleet/about"
	verb -1 fleet check --set 7.3
	[[ $output != *': yes'* ]]
}

@test "policy check: a kernel that need not run has what all sets have that it may have" {
	make_named fleet 'needs = mount/move_mount/detached'
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/boot"
	for release in 5.10.0-own 7.0.13-own 6.12.20-own; do
		gzip </dev/null | bzimage "$release" '#1 SMP' >"$root/boot/vmlinuz-$release"
		printf '# Linux/x86 %s Kernel Configuration\nCONFIG_SECURITY_APPARMOR=y\n' "$release" >"$root/boot/config-$release"
	done
	verb -1 fleet check --root "$root" --kernel 5.10.0-own
	[[ $output == *'needs mount/move_mount/detached: no'*'fleet: the kernel 5.10.0-own lacks 1 of 1 features that it needs' ]]
	# proved: 6.17 and so all that it has; not the base, which is compiled as well
	verb -0 fleet check --root "$root" --kernel 7.0.13-own
	[[ $output == *'note: kernel 7.0.13-own'*'fleet: the kernel 7.0.13-own has all that it needs' ]]
	# 6.12, or no more than an earlier one
	verb -1 fleet check --root "$root" --kernel 6.12.20-own
	[[ $output == *'note: kernel 6.12.20-own'*'needs mount/move_mount/detached: no'* ]]
	verb -1 fleet check --root "$root" --kernel 9.9
	[[ $output == *'there is no kernel 9.9 below'* ]]
	verb -1 fleet check --root "$root/none" --kernel 9.9
	[[ $output == *'cannot look into --root'* ]]
}

@test "policy check: features that cannot be read are no answer" {
	make_named fleet
	verb -1 fleet check --set 9.9
	[[ $output == *'there is no feature set 9.9 in '* ]]
	verb -1 fleet check --features "$BATS_TEST_TMPDIR/none"
	[[ $output == *"cannot read the feature set $BATS_TEST_TMPDIR/none: No such file"* ]]
	echo 'file {' >"$BATS_TEST_TMPDIR/bad"
	verb -1 fleet check --features "$BATS_TEST_TMPDIR/bad"
	[ "${#lines[@]}" -eq 1 ]
	[[ $output != *needs* ]]
	rm "$lib/features"
	verb -1 fleet check --set 5.10
	[[ $output == *"cannot read the folder of feature sets $lib/features"* ]]
	# of the running kernel: said, or known
	ln -s "$features" "$lib/features"
	run "$initward" policy check --policies "$lib" fleet
	[[ $output == 'fleet: the running kernel has all that it needs' || $output == *'cannot read the feature set /sys/kernel/security/apparmor/features'* ]]
}

@test "policy: wrong usage points to --help and has status 2" {
	make_named fleet
	while IFS='|' read -r words message; do
		# shellcheck disable=SC2086 # words
		run -2 "$initward" policy --policies "$lib" $words
		[[ ${lines[0]} == "initward policy: $message" ]] || { echo "$words: $output"; return 1; }
		[ "${lines[1]}" = "try 'initward policy --help'" ]
	done <<'EOF'
|say what to do: list, show or check
lost|'lost' is none of list, show and check
show|the NAME of a policy is missing; 'initward policy list' tells them
check|the NAME of a policy is missing; 'initward policy list' tells them
list fleet|one argument too many: 'fleet'
show fleet more|one argument too many: 'more'
show fleet --set 5.10|the kernel is for 'policy check': 'policy show' has no option for it
list --running|the kernel is for 'policy check': 'policy list' has no option for it
show fleet --root /|the kernel is for 'policy check': 'policy show' has no option for it
check fleet --running --set 5.10|one kernel at a time: one of --running, --kernel, --set and --features
check fleet --set 5.10 --set 6.1|one kernel at a time: one of --running, --kernel, --set and --features
check fleet --root /|--root is where --kernel is looked for, which is missing
check fleet --kernel=|--kernel is empty: it takes a release as 'uname -r' prints it, or a path
EOF
	run -2 "$initward" policy list --colour
	[[ ${lines[-1]} == "try 'initward policy --help'" ]]
	run -1 sh -c '"$1" policy list --policies "$2" >/dev/full' sh "$initward" "$lib"
	[[ $output == *'cannot write to standard output: No space left on device'* ]]
}

@test "the policies that are here are good, and every captured kernel has what they need" {
	run -0 "$initward" policy list --policies "$top/policy"
	for folder in "$top"/policy/*/global; do
		name=$(basename "${folder%/global}")
		grep -q "^$name " <<<"$output"
	done
	for name in basic sealed stock strict; do
		run -0 "$initward" policy check --policies "$top/policy" --set 5.10 "$name"
	done
	run -0 "$initward" policy check --policies "$top/policy" --set 6.1 basic
	[[ $output == *'wants mount/move_mount/detached: no'* ]]
}

@test "a policy that the configuration names is compiled, with its folder application, and about is not" {
	make_any fleet
	make_policy "$lib/stock"
	configure 'policy = enforce fleet' 'mode = hidden' 'level = compatible'
	mkdir -p "$lib/fleet/application" "$BATS_TEST_TMPDIR/etc/policy/local"
	sed -i 's/^}/  include if exists <local\/global>\n}/' "$lib/fleet/global"
	echo 'profile web { }' >"$lib/fleet/application/web"
	echo 'profile fleet_only { }' >"$lib/fleet/only"
	compiled -0
	[ "$(sed -n 's/^profile = //p' "$BATS_TEST_TMPDIR/bundle/manifest" | sort -u | tr '\n' ' ')" = 'enforce fleet_only enforce global enforce web ' ] ||
		grep -q 'web' "$BATS_TEST_TMPDIR/bundle/manifest"
	grep -q fleet_only "$BATS_TEST_TMPDIR/bundle/manifest"
	run ! grep -w about "$BATS_TEST_TMPDIR/bundle/manifest"
	cp "$BATS_TEST_TMPDIR/bundle/manifest" "$BATS_TEST_TMPDIR/before"
	# the administrator's own rules are taken in
	echo 'deny /srv/secret w,' >"$BATS_TEST_TMPDIR/etc/policy/local/global"
	compiled -0
	run ! cmp -s "$BATS_TEST_TMPDIR/bundle/manifest" "$BATS_TEST_TMPDIR/before"
	# what is said goes before: another application, none, and another source
	compiled -0 --application none
	run ! grep -w web "$BATS_TEST_TMPDIR/bundle/manifest"
	compiled -0 /usr/share/initward/stock
	run ! grep -wE 'web|fleet_only' "$BATS_TEST_TMPDIR/bundle/manifest"
	# in visible mode the loader would not take it
	configure 'policy = enforce fleet' 'mode = visible'
	compiled -0
	run ! grep -w web "$BATS_TEST_TMPDIR/bundle/manifest"
	grep -q fleet_only "$BATS_TEST_TMPDIR/bundle/manifest"
	# a configuration that names none is as it was
	configure 'policy = enforce'
	compiled -2
	[[ $output == *'a SOURCE is missing: the policy to compile'* ]]
}

@test "a name without a policy, and a policy beside a name, are errors of update, wrap, overlay, compile and explain" {
	make_any fleet
	make_policy "$lib/stock/global.d"
	mkdir -p "$lib/stock"
	cp "$lib/fleet/global" "$lib/stock/global"
	image=$BATS_TEST_TMPDIR/image
	(cd "$BATS_TEST_TMPDIR" && cp "$top/build/initward-latch" init && echo init | cpio -o -H newc --quiet) >"$image"
	conf=/etc/initward/initward.conf
	for name in fleat stock features; do
		configure "policy = complain $name"
		for command in "compile -o $BATS_TEST_TMPDIR/bundle" "update --image $image" "wrap --loader $top/build/initward-init $image" \
			"overlay --loader $top/build/initward-init -o $BATS_TEST_TMPDIR/over" 'explain --log /dev/null'; do
			[ "$name" != stock ] || [[ $command != explain* ]] || continue
			# shellcheck disable=SC2086 # words
			run -1 inside "$initward" $command
			[[ $output == *"$conf: policy = complain $name: there is no policy /usr/share/initward/$name; 'initward policy list' names those there are" ]] ||
				{ echo "$command: $output"; return 1; }
		done
	done
	configure 'policy = enforce fleet'
	mkdir -p "$BATS_TEST_TMPDIR/etc/policy"
	cp "$lib/fleet/global" "$BATS_TEST_TMPDIR/etc/policy/"
	for command in "compile -o $BATS_TEST_TMPDIR/bundle" "update --image $image" "wrap --loader $top/build/initward-init $image" 'explain --log /dev/null'; do
		# shellcheck disable=SC2086 # words
		run -1 inside "$initward" $command
		[[ $output == *"$conf: policy = enforce fleet, and /etc/initward/policy holds a policy, too: take the name out of the one, or the policy out of the other"* ]] ||
			{ echo "$command: $output"; return 1; }
	done
	[ ! -e "$BATS_TEST_TMPDIR/bundle" ]
}

@test "a policy is not taken at another level or in another mode than it is written for" {
	make_named fleet
	configure 'policy = enforce fleet' 'mode = hidden' 'level = strict'
	compiled -0
	refused=/etc/initward/initward.conf': policy = enforce fleet is written for level = strict, mode = hidden, and here are'
	for other in 'hidden compatible' 'managed compatible' 'visible compatible'; do
		configure 'policy = enforce fleet' "mode = ${other% *}" "level = ${other#* }"
		compiled -1
		[[ $output == *"$refused level = ${other#* }, mode = ${other% *}: change these, or copy the policy to /etc/initward/policy and take the name out"* ]] ||
			{ echo "$output"; return 1; }
	done
	# "any" asks for the level alone
	sed -i 's/^mode = .*/mode = any/' "$lib/fleet/about"
	configure 'policy = enforce fleet' 'mode = hidden' 'level = sealed'
	compiled -1
	[[ $output == *'is written for level = strict, and here are level = sealed, mode = hidden: '* ]]
	# an about that cannot be read is no leave to take the policy
	sed -i '/^level/d' "$lib/fleet/about"
	compiled -1
	[[ $output == */usr/share/initward/fleet/about:*'missing key "level"'* ]]
}

@test "wrap takes the name of a policy as an option" {
	make_any fleet
	image=$BATS_TEST_TMPDIR/image
	(cd "$BATS_TEST_TMPDIR" && cp "$top/build/initward-latch" init && echo init | cpio -o -H newc --quiet) >"$image"
	run -0 inside "$initward" wrap --loader "$top/build/initward-init" --policy 'complain fleet' --mode visible -o "$image.new" "$image"
	run -0 "$initward" inspect "$image.new"
	[[ $output == *'policy = complain fleet, mode = visible,'* ]]
	for wrong in Fleet 'fleet more' ../fleet ''; do
		run -2 inside "$initward" wrap --loader "$top/build/initward-init" --policy "enforce $wrong" -o "$image.bad" "$image"
		[[ $output == *"--policy: '$wrong' is no name of a policy"* ]] || { echo "$output"; return 1; }
	done
	for wrong in fleet '' 'enforced fleet' ' enforce fleet'; do
		run -2 inside "$initward" wrap --loader "$top/build/initward-init" --policy "$wrong" -o "$image.bad" "$image"
		[[ $output == *"--policy: '$wrong' is none of: enforce complain off"* ]] || { echo "$output"; return 1; }
	done
	[ ! -e "$image.bad" ]
}

@test "wrap puts the policy into an image that the configuration names, with its application" {
	make_any fleet
	mkdir "$lib/fleet/application"
	echo 'profile web { }' >"$lib/fleet/application/web"
	echo 'profile fleet_only { }' >"$lib/fleet/only"
	configure 'policy = complain fleet'
	image=$BATS_TEST_TMPDIR/image
	(cd "$BATS_TEST_TMPDIR" && cp "$top/build/initward-latch" init && echo init | cpio -o -H newc --quiet) >"$image"
	run -0 inside "$initward" wrap --loader "$top/build/initward-init" "$image"
	run -0 "$initward" inspect "$image"
	[[ $output == *'policy = complain fleet, '* ]]
	[[ $output == *fleet_only*web* ]]
}
