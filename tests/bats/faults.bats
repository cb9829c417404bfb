#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# qemu/fault-boots: are its boots the same twice, does its oracle know the rules, and does a wrong prediction come to light? A few
# real boots, of the oldest series that the archive has.
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	qemu/fetch --oldest >/dev/null
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	parts=$PWD/qemu/fault-boots.d
	tmp=$BATS_TEST_TMPDIR
}

draws() {
	printf '%s\n' 'plain 1 enforce/a.0/global' 'plain 0 enforce/b.0/global' 'strict 1 enforce/c.0/helpers' >"$tmp/blobs"
	for boot in $(seq 60); do
		LC_ALL=C awk -v seed="$1" -v boot="$boot" -v attempt=1 -v name=6.1 -f "$parts/draw.awk" "$parts/kinds" "$tmp/blobs" \
			"$parts/memory" || return 1
	done
}

# with_kinds LINE...: qemu/fault-boots of a copy that draws only these
with_kinds() {
	rm -rf "$tmp/qemu"
	cp -R qemu "$tmp/qemu"
	ln -sfn "$PWD/build" "$tmp/build"
	ln -sfn "$PWD/policy" "$tmp/policy"
	printf '%s\n' "$@" >"$tmp/qemu/fault-boots.d/kinds"
	faults=$tmp/qemu/fault-boots
}

refused() {
	word=$1
	shift
	run -2 qemu/fault-boots --out "$tmp/out" "$@"
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == *"$word"* ]] || { echo "no '$word' in: $output"; return 1; }
	[ ! -e "$tmp/out/boots" ]
}

@test "bad arguments are refused in one line" {
	refused "unknown option '--colour'" --colour
	refused "option '--seed' wants a value" --seed
	refused "--seed wants a whole number" --seed today
	refused "--seed wants a whole number" --seed 99999999999
	refused "--count wants a whole number" --count many
	refused "begin with 1" --count 0
	refused "begin with 1" --jobs 0
	refused "--minutes wants a whole number" --minutes 1.5
	refused "--one wants SEED.INDEX" --one 5
	refused "--from wants a whole number" --one 5.x
	refused "unknown kernel '9.9'" --kernels 9.9
	refused "is no amd64 kernel" --kernels 6.1:arm64
	refused "--kernels names no kernel" --kernels ,
}

@test "the same seed draws the same boots, another one others" {
	draws 5 >"$tmp/one"
	draws 5 >"$tmp/two"
	draws 6 >"$tmp/three"
	cmp "$tmp/one" "$tmp/two"
	run ! cmp -s "$tmp/one" "$tmp/three"
	[ "$(grep -c '^conf' "$tmp/one")" -eq 360 ]
}

@test "each kind of fault is known to the one who has to do it" {
	run -0 awk '!/^#/ && NF { print $3, $4 }' "$parts/kinds"
	[ "${#lines[@]}" -gt 150 ]
	for line in "${lines[@]}"; do
		read -r kind argument <<<"$line"
		case $kind in
		file) grep -qF "file-$argument)" qemu/faults ;;
		line) grep -qE "how [!=]= \"$argument\"" qemu/faults ;;
		named) grep -qF "$argument)" qemu/faults ;;
		first) grep -qF "\"${argument%%=*}\", word_" qemu/guest/preinit.c ;;
		append | last | memory) ;;
		*) false ;;
		esac || { echo "nobody knows: $line"; return 1; }
	done
}

@test "a line of the kinds that is none is named" {
	printf '1 conf file\n' >"$tmp/kinds"
	run -1 awk -f "$parts/draw.awk" "$tmp/kinds" /dev/null /dev/null
	[[ $output == *'kinds:1: no line "WEIGHT GROUP KIND ARGUMENT"' ]]
}

# oracle: predicts from $tmp/conf, $tmp/manifest and the effects given; "VERDICT BECAUSE"
oracle() {
	: >"$tmp/plan"
	for effect in "$@"; do printf 'effect\t%s\n' "$effect" >>"$tmp/plan"; done
	printf '%s\tf\t%s\t%s\t%s\t\n' init 755 30000 - initward/initward.conf 644 "$(wc -c <"$tmp/conf")" - \
		initward/bundle/manifest 644 "$(wc -c <"$tmp/manifest")" - initward/bundle/e/global 644 100 "$sum" >"$tmp/files"
	printf 'domain {stack {yes\n}\n}\nptrace {mask {read trace\n}\n}\n' >"$tmp/features"
	od -An -v -tu1 -w1 "$tmp/conf" >"$tmp/conf.bytes"
	od -An -v -tu1 -w1 "$tmp/manifest" >"$tmp/manifest.bytes"
	LC_ALL=C awk -v identity='6.1.0 #1 x86_64' -f "$parts/oracle.awk" "$tmp/plan" "$tmp/files" "$tmp/pristine" "$tmp/features" \
		"$tmp/conf.bytes" "$tmp/manifest.bytes" >"$tmp/prediction" || return 1
	sed -n 's/^verdict\t//p;s/^because\t//p' "$tmp/prediction" | paste -sd ' ' | sed 's/ $//'
}

good_files() {
	sum=$(printf x | sha256sum | cut -c 1-64)
	printf '%s\n' 'version = 1' 'policy = enforce' 'mode = hidden' 'on_failure = continue' 'init = /sbin/guest-init' >"$tmp/conf"
	printf '%s\n' 'version = 1' 'set = 6.1' 'rank = 1' 'kernel = 6.1.0 #1 x86_64' 'uses = ptrace/mask read trace' 'class = domain ptrace' \
		"blob = enforce - 100 $sum e/global" 'profile = enforce global' >"$tmp/manifest"
	cp "$tmp/manifest" "$tmp/pristine"
}

# predicts WANTED SED-OF-CONF SED-OF-MANIFEST [EFFECT...]
predicts() {
	wanted=$1 conf=$2 manifest=$3
	shift 3
	good_files
	sed -i "$conf" "$tmp/conf"
	sed -i "$manifest" "$tmp/manifest"
	run -0 oracle "$@"
	[ "$output" = "$wanted" ] || { printf '%s / %s / %s: %s, not %s\n' "$conf" "$manifest" "$*" "$output" "$wanted"; return 1; }
}

@test "the oracle knows what the documents say of the configuration" {
	predicts confined '' ''
	predicts confined 's/on_failure.*//' ''
	predicts 'unconfined configuration' '$a colour = blue' ''
	predicts 'unconfined configuration' '$a mode = visible' ''
	predicts 'panic configuration' '$a on_failure = continue' ''
	predicts 'panic configuration' 's/continue/maybe/' ''
	predicts 'panic configuration' 's/$/\r/' ''
	predicts 'panic configuration' '1d' ''
	predicts 'panic configuration' '/^init/d' ''
	predicts 'panic configuration' '/^init/s/=.*/= \/init/' ''
	predicts 'unconfined configuration' '/^mode/s/h/\x00/' ''
	predicts confined 's/ = /\t=  /;s/^/ /' ''
	predicts 'panic next init' '/^init/s/=.*/= \/nowhere/' ''
	predicts 'unconfined command line' 's/enforce/complain/;$a level = sealed' ''
	predicts off 's/enforce/off/' ''
	predicts off 's/enforce/off \t fleet-2/' ''
	predicts confined 's/enforce/& abcdefghijklmnopqrstuvwxyz01234/' ''
	predicts 'unconfined configuration' 's/enforce/& abcdefghijklmnopqrstuvwxyz012345/' ''
	predicts 'unconfined configuration' 's/enforce/& Fleet/' ''
	predicts 'unconfined configuration' 's/enforce/& a b/' ''
}

@test "the oracle knows what the documents say of the manifest and its blobs" {
	predicts 'unconfined manifest' '' '1d'
	predicts 'unconfined manifest' '' '/^rank/d'
	predicts 'unconfined manifest' '' '/^class/d'
	predicts 'unconfined manifest' '' '/^rank/s/1/65536/'
	predicts 'unconfined manifest' '' 's/^profile/ profiles/'
	predicts 'unconfined feature set' '' 's/^kernel.*//;s/trace/tracy/'
	predicts confined '' 's/^kernel.*//'
	grep -qx 'fit.features' "$tmp/prediction"
	predicts 'unconfined feature set' '' 's/global$/globas/'
	predicts 'unconfined feature set' '' 's/^profile = enforce/profile = complain/'
	predicts 'unconfined policy' '' 's/ 100 / 101 /'
	predicts 'unconfined policy' '' 's/e\/global/f\/global/'
	predicts 'unconfined policy' '' 's/ 100 2d71/ 100 2d72/'
	predicts 'unconfined policy' '' '$a profile = enforce more'
	predicts 'unconfined feature set' '' '$a profile = enforce global'
}

@test "the oracle knows what a kernel makes of its command line, and what ran before" {
	predicts 'unconfined AppArmor' '' '' apparmor=off
	predicts 'unconfined policy lock' '' '' locked
	predicts 'unconfined policy lock' '' '' aa-mode=complain
	predicts confined '' '' aa-mode=kill
	predicts 'panic AppArmor' '' '' on_failure=panic apparmor=off
	predicts 'unconfined AppArmor' '$a lock = yes' '' on_failure=panic apparmor=off
	predicts off '' '' policy=off
	predicts 'panic-early first program' '' '' first-program=none
	predicts 'unconfined user namespaces' '' '' 'first proc=ro'
	predicts 'unconfined label' 's/hidden/visible/' '' 'first proc=ro'
}

@test "a fault in bytes that are never read is drawn again" {
	with_kinds '1 blob file flip'
	run -0 "$faults" --dry-run --count 8 --seed 3 --kernels oldest --out "$tmp/out"
	[[ $output != *'; 0 drawn again'* ]]
	[ "$(grep -c '^ok .*file flip blob: predicted .*(policy)' <<<"$output")" -eq 8 ]
	[ "${lines[-1]}" = '8 passed, 0 failed' ]
}

@test "what check says otherwise is a failure before the boot" {
	with_kinds '1 lsm append apparmor=0 none'
	run -1 "$faults" --dry-run --count 1 --seed 2 --kernels oldest --out "$tmp/out"
	[[ $output == *'#   before the boot: predicted '*', but "initward check" says '* ]]
	[[ $output == *"again: qemu/fault-boots --one 2.1 --kernels oldest"* ]]
	[ "${lines[-1]}" = '0 passed, 1 failed' ]
	printf '#!/bin/sh\necho \x27 "verdict": "complain"\x27\n' >"$tmp/tool"
	chmod +x "$tmp/tool"
	with_kinds '1 conf file remove'
	INITWARD_TOOL=$tmp/tool run -1 "$faults" --dry-run --count 1 --kernels oldest --out "$tmp/out"
	[[ $output == *'predicted panic (configuration), but "initward check" says complain'* ]]
}

@test "a wrong prediction is a failed boot, and a right one is none" {
	with_kinds '1 lsm append apparmor=0 none'
	run -1 "$faults" --count 1 --seed 4 --kernels oldest --out "$tmp/out"
	[ "${lines[-1]}" = '0 passed, 1 failed' ]
	[[ $output == *'#   expect: '* || $output == *'#   outcome: '* ]]
	[ -s "$tmp/out/4.1/boot/console" ]
	with_kinds '1 lsm append apparmor=0 apparmor=off'
	run -0 "$faults" --count 1 --seed 4 --kernels oldest --out "$tmp/out"
	[ "${lines[-1]}" = '1 passed, 0 failed' ]
	[ ! -e "$tmp/out/4.1" ]
}

@test "a loader that does nothing is found" {
	with_kinds '1 - append foo=bar none'
	# a configuration that wants it confined
	sed -i 's/75 enforce 16 complain 9 off/1 enforce/' "$tmp/qemu/fault-boots.d/draw.awk"
	run -1 "$faults" --count 1 --seed 1 --kernels oldest --loader build/guest --out "$tmp/out"
	[[ $output == *'expect: proof EACCES, but there is "ok"'* ]]
	[[ $output == *'says: initward: confined: '*', but there is nothing of the kind'* ]]
}
