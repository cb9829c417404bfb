#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2154 # variables of compile.bash
# The verb verify, on the images that the boot tests boot, with every fault that they know.

bats_require_minimum_version 1.5.0

# A bundle of two sets, and an image that boots with it.
setup_file() {
	load compile
	t=$BATS_FILE_TMPDIR
	"$initward" compile --no-cache --features "$features" --set 5.10 --set 7.3 -o "$t/bundle" \
		"$top/policy/basic/global"
	"$top/qemu/image" base "$t/base"
	"$top/qemu/image" overlay "$t/over" --loader "$top/build/initward-init" --bundle "$t/bundle"
	cat "$t/base" "$t/over" >"$t/good"
	(cd "$BATS_FILE_TMPDIR" && cpio -i --quiet --to-stdout 'initward/initward.conf' <"$t/over") >"$t/conf"
}

setup() {
	load compile
	t=$BATS_FILE_TMPDIR
	cd "$BATS_TEST_TMPDIR" || return 1
	loader=$top/build/initward-init
}

# An image with a fault: faulty NAME [WORD]...
faulty() {
	"$top/qemu/image" overlay over --loader "$loader" --bundle "$t/bundle" --fault "$*"
	cat "$t/base" over >image
}

# An archive with one file: one_file PATH TEXT
one_file() {
	mkdir -p "tree/$(dirname "$1")"
	printf '%s' "$2" >"tree/$1"
	(cd tree && printf '%s\n' "$1" | cpio -o --quiet -H newc)
}

static_program() {
	echo 'void _start(void) {}' >program.c
	gcc -nostdlib -static -o "$1" program.c
}

@test "a good image is good, line by line" {
	# two sets that any kernel loads: from 4 on the parser compiles tables for 7.3 that older kernels refuse
	"$initward" compile --no-cache --features "$features" --set 5.10 --set 6.1 -o bundle "$top/policy/basic/global"
	"$top/qemu/image" overlay over --loader "$loader" --bundle bundle
	cat "$t/base" over >image
	run -0 --separate-stderr "$initward" verify image
	[ "$stderr" = "" ]
	[ "${lines[1]}" = "ok: loader: /init is the loader, version $("$initward" version | cut -d ' ' -f 2)" ]
	[ "${lines[4]}" = "ok: next init: /sbin/guest-init can be executed" ]
	[ "${lines[5]}" = "ok: bundle: 2 sets, each whole in both policies" ]
	[ "${lines[6]}" = "ok: forecast: where AppArmor is on the next init runs under global//&:application:unconfined" ]
	[ "${lines[7]}" = "image: good: 7 checks" ]
	[ "${#lines[@]}" -eq 8 ]
}

@test "modules that lockdown refuses are a warning, at the levels that set it" {
	mkdir -p tree/m
	printf 'ELF ~Module signature appended~\n' >tree/m/signed.ko
	printf 'ELF ~Module signature appended~\n' | xz --check=crc32 >tree/m/signed.ko.xz
	printf 'ELF\n' | xz --check=crc32 >tree/m/own.ko.xz
	for level in compatible strict; do
		"$top/qemu/image" overlay over --loader "$loader" --bundle "$t/bundle" --conf "level = $level"
		# behind one another, as an image with early modules: a plain archive, a compressed one
		{ cat "$t/base" over; (cd tree && find m | cpio -o --quiet -H newc | gzip); } >"$level"
	done
	run -0 "$initward" verify compatible
	[[ $output != *modules* ]]
	"$initward" verify strict >out || : # this policy leaves mac_admin to all
	grep -qxF 'warning: modules: 1 of 3 modules are not signed, and lockdown refuses them: /m/own.ko.xz; sign them by a key that the kernel trusts, or leave them out' out
	"$initward" verify --json strict >out || :
	jq -e '.checks | map(select(.warning)) | length == 1 and .[0].name == "modules" and .[0].ok' out
	rm tree/m/own.ko.xz
	{ cat "$t/base" over; (cd tree && find m | cpio -o --quiet -H newc | gzip); } >image
	"$initward" verify image >out || :
	grep -qxF 'ok: modules: each of 2 modules has a signature' out
	# of a folder that is still to be packed
	(cd tree && cpio -i --quiet -d <../over)
	printf 'ELF\n' >tree/m/own.ko
	"$initward" verify tree >out || :
	grep -q '^warning: modules: 1 of 3 modules are not signed.* /m/own.ko;' out
}

@test "a compressed image is as good" {
	gzip <"$t/good" >image
	run -0 "$initward" verify image
}

@test "it is equal to all of its sources" {
	run -0 "$initward" verify --loader "$loader" --config "$t/conf" --bundle "$t/bundle" \
		--policy "$top/policy/basic/global" --features "$features" --set 5.10 --set 7.3 "$t/good"
	[ "${lines[7]}" = "ok: loader source: /init is $loader" ]
	[ "${lines[8]}" = "ok: configuration source: /initward/initward.conf is $t/conf" ]
	[ "${lines[9]}" = "ok: bundle source: /initward/bundle is $t/bundle: the manifest and 4 blobs are the same" ]
	[ "${lines[10]}" = "ok: bundle source: /initward/bundle is what the policy gives now: the manifest and 4 blobs are the same" ]
}

@test "JSON says the same" {
	faulty digest-wrong
	run -4 "$initward" verify --json image
	[ "$(jq -r .good <<<"$output")" = false ]
	[ "$(jq -r .image <<<"$output")" = image ]
	[ "$(jq -r '.checks[] | select(.name == "loader") | .ok' <<<"$output")" = true ]
	[[ $(jq -r '[.checks[] | select(.ok == false)][0].text' <<<"$output") == *"its SHA-256 is not the manifest's" ]]
	run -0 "$initward" verify --json "$t/good"
	[ "$(jq -r .good <<<"$output")" = true ]
}

# The names in qemu/faults, with words where they want some. Not what a good image may have (a report that cannot be
# written is no failure; the bundle of a level), nor what is drawn with numbers, for which qemu/fault-boots has its oracle.
faults() {
	sed -n 's/^	\([a-z][a-z-]*\)).*/\1/p' "$top/qemu/faults" | grep -vE '^((report|file)-|bundle-of-level$)' | sed \
		-e 's/^config-line$/& colour = blue/' -e 's/^config-without$/& init/' -e 's/^manifest-line$/& colour = blue/' \
		-e 's/^more-profiles$/& 100/' -e 's/^only-set$/& 7.3/' -e 's/^unpinned-set$/& 7.3/' \
		-e 's/^own-policy$/& capability,/'
}

# What is found without the sources; the rest are bundles that somebody could have wanted.
@test "every fault of the boot tests is found in the image alone" {
	faults >names
	[ "$(wc -l <names)" -ge 48 ]
	while IFS= read -r fault; do
		faulty "$fault"
		case ${fault%% *} in
		only-base | no-exact-set | more-profiles | only-set) wanted=0 ;;
		*) wanted=4 ;;
		esac
		run "$initward" verify image
		[ "$status" -eq "$wanted" ] || { echo "$fault: $status: $output"; return 1; }
		if [ "$wanted" = 4 ] && [[ $output != *"NOT ok: "* ]]; then
			echo "$fault: $output"
			return 1
		fi
		run "$initward" verify --config "$t/conf" --bundle "$t/bundle" image
		[ "$status" -eq 4 ] || { echo "$fault, with its sources: $status: $output"; return 1; }
	done <names
}

@test "faults are told in the loader's words" {
	faulty name-wrong
	run -4 "$initward" verify image
	[[ $output == *'NOT ok: bundle: set 5.10: /initward/bundle/manifest: line '*': no root profile "global" in set "5.10"; run "initward compile" again'* ]]
	faulty config-line colour = blue
	run -4 "$initward" verify image
	[[ $output == *'NOT ok: configuration: /initward/initward.conf: line 8: unknown key "colour"; see initward.conf(5)'* ]]
	[ "${lines[-1]}" = "image: NOT good: 1 of 6 checks failed" ]
	faulty no-sys-folder
	run -4 "$initward" verify image
	[[ $output == *"NOT ok: forecast: mounts: sysfs cannot be mounted on /sys: 20; is it built into the kernel?"* ]]
}

@test "an image without the loader is not good" {
	run -4 "$initward" verify "$t/base"
	[[ $output == *"NOT ok: loader: /init is missing; nothing confines the system: put initward into the image again"* ]]
	one_file init 'no program' | cat "$t/good" - >image
	run -4 "$initward" verify image
	[[ $output == *"NOT ok: loader: /init cannot be executed: ENOEXEC;"* || $output == *"NOT ok: loader: /init is not executable"* ]]
	mkdir -p other
	static_program other/init
	(cd other && echo init | cpio -o --quiet -H newc) | cat "$t/good" - >image
	run -4 "$initward" verify image
	[[ $output == *"NOT ok: loader: /init: it is another program than the loader"* ]]
}

@test "an archive behind that overrides a part of it is found" {
	one_file initward/initward.conf "$(sed 's/^policy = .*/policy = off/' "$t/conf")" | cat "$t/good" - >image
	run -4 "$initward" verify image
	[[ $output == *"NOT ok: files: /initward/initward.conf of part 4 takes the place of that of part 2,"* ]]
	[[ $output == *"ok: configuration: policy=off"* ]]
}

@test "an archive behind that brings all of it again is good" {
	cat "$t/good" "$t/over" >image
	run -0 "$initward" verify image
}

@test "a loader, a configuration or a bundle that is another is found" {
	printf x | cat "$loader" - >loader
	sed 's/panic/continue/' "$t/conf" >conf
	cp -R "$t/bundle" bundle
	printf '# more\n' >>bundle/manifest
	run -4 "$initward" verify --loader loader --config conf --bundle bundle "$t/good"
	[[ $output == *"NOT ok: loader source: /init is not loader; make the image again"* ]]
	[[ $output == *"NOT ok: configuration source: /initward/initward.conf is not conf; make the image again"* ]]
	[[ $output == *"NOT ok: bundle source: /initward/bundle is not bundle: the manifests differ from line "*" on; make the image again"* ]]
	cp "$t/bundle/manifest" bundle/manifest
	blob=$(cd bundle && echo enforce/*/global | cut -d ' ' -f 1)
	printf x >>"bundle/$blob"
	run -4 "$initward" verify --bundle bundle "$t/good"
	[[ $output == *"NOT ok: bundle source: /initward/bundle/$blob is not that of bundle; make the image again"* ]]
}

@test "another policy gives another bundle" {
	make_policy policy
	run -4 "$initward" verify --policy policy --features "$features" --set 5.10 --set 7.3 "$t/good"
	[[ $output == *"NOT ok: bundle source: /initward/bundle is not what the policy gives now: the manifests differ"* ]]
}

@test "a bundle of another parser is named as that" {
	cp -R "$t/bundle" bundle
	sed -i '1s/apparmor_parser .*/apparmor_parser 9.9./' bundle/manifest
	run -4 "$initward" verify --bundle bundle "$t/good"
	[[ $output == *'made by another parser ("# Policy bundle, see initward-bundle(5). Made with apparmor_parser '*'apparmor_parser 9.9.")'* ]]
}

@test "policy that does not compile is an error, and leaves nothing" {
	mkdir tmp policy
	echo 'profile global { nonsense }' >policy/global
	TMPDIR=$PWD/tmp run -1 "$initward" verify --policy policy --features "$features" --set 5.10 "$t/good"
	[[ $output == *"initward compile: "* ]]
	[[ $output == *"initward verify: cannot compile the policy, to compare it with the image's"* ]]
	[ -z "$(ls -A tmp)" ]
	TMPDIR=$PWD/tmp run -4 "$initward" verify --policy "$top/policy/basic/global" --features "$features" \
		--set 5.10 "$t/good"
	[ -z "$(ls -A tmp)" ]
	TMPDIR=$PWD/none run -1 "$initward" verify --policy policy "$t/good"
	[[ $output == *"cannot make the folder $PWD/none/.initward-verify-"*"name another place by TMPDIR"* ]]
}

@test "a truncated image is not good, wherever it ends" {
	size=$(wc -c <"$t/good")
	for part in 1 40 60 80 95 99; do
		head -c $((size * part / 100)) "$t/good" >image
		run "$initward" verify image
		[ "$status" -eq 4 ] || { echo "$part %: $status: $output"; return 1; }
	done
	gzip <"$t/good" >packed
	head -c $(($(wc -c <packed) - 9)) packed >image
	run -4 "$initward" verify image
	[[ $output == *"NOT ok: image: at byte "* ]]
}

@test "what is no image is one line and status 1" {
	: >empty
	echo 'some text that is no archive' >text
	ln -s loop loop
	for file in empty text loop none /dev/null; do
		run -1 --separate-stderr timeout 20 "$initward" verify "$file"
		[ "$output" = "" ]
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ $stderr == "initward verify: "*"$file"* ]] || { echo "$file: $stderr"; return 1; }
	done
	mkfifo fifo
	run -1 timeout 20 "$initward" verify fifo
}

@test "a huge file is refused at once" {
	truncate -s 3G huge
	run -1 timeout 20 "$initward" verify huge
	[ "${#lines[@]}" -eq 1 ]
}

@test "files without permission are named" {
	cp "$t/good" image
	cp "$t/conf" conf
	chmod 755 . "$BATS_TEST_TMPDIR"
	chmod 644 image
	chmod 0 conf
	as_nobody() { if [ "$(id -u)" = 0 ]; then setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; else "$@"; fi; }
	cp "$initward" tool
	run -1 as_nobody ./tool verify --config conf image
	[[ $output == *"initward verify: cannot read conf: Permission denied"* ]]
	chmod 0 image
	run -1 as_nobody ./tool verify image
	[[ $output == *"image: Permission denied"* ]]
}

@test "sources that are missing or of a wrong type are named" {
	for option in --loader --config; do
		run -1 "$initward" verify "$option" none "$t/good"
		[[ $output == *"cannot read none: No such file or directory"* ]]
		run -1 "$initward" verify "$option" . "$t/good"
		[[ $output == *"cannot read .: Is a directory"* ]]
	done
	run -1 "$initward" verify --bundle none "$t/good"
	[[ $output == *"cannot read none/manifest: No such file or directory"* ]]
	truncate -s 2M large
	run -1 "$initward" verify --loader large "$t/good"
	[[ $output == *"large is larger than the limit of 1048576 bytes: is it the right file?"* ]]
}

@test "wrong usage has status 2" {
	run -2 "$initward" verify
	[[ $output == *"an IMAGE is missing"* ]]
	[[ $output == *"try 'initward verify --help'"* ]]
	run -2 "$initward" verify a b
	run -2 "$initward" verify --nonsense a
	run -2 "$initward" verify --features "$features" "$t/good"
	[[ $output == *"--features is for --policy, which is not given"* ]]
	run -0 "$initward" verify --help
}

@test "a full disk is told" {
	run -1 sh -c "'$initward' verify '$t/good' >/dev/full"
	[[ $output == *"cannot write to standard output: No space left on device"* ]]
}

@test "colour on a terminal only, and no control character of a name" {
	run -0 "$initward" verify "$t/good"
	[[ $output != *$'\e'* ]]
	run -0 env TERM=xterm script -qec "'$initward' verify '$t/good'" /dev/null
	[[ $output == *$'\e['*ok* ]]
	run -0 env TERM=xterm NO_COLOR=1 script -qec "'$initward' verify '$t/good'" /dev/null
	[[ $output != *$'\e['* ]]
	cp "$t/good" $'a\eb'
	run -0 "$initward" verify $'a\eb'
	[[ $output != *$'\e'* ]]
}

@test "a unified kernel image speaks by its own command line" {
	static_program stub
	printf 'quiet initward.policy=%s\n\0' off >off
	printf 'quiet initward.init=%s\n\0' /nowhere >nowhere
	for name in off nowhere; do
		objcopy -O pei-x86-64 --add-section .cmdline="$name" --change-section-vma .cmdline=0x500000 \
			--add-section .initrd="$t/good" --change-section-vma .initrd=0x600000 stub "$name.efi"
	done
	run -0 "$initward" verify off.efi
	[[ $output == *"ok: forecast: policy=off: the next init runs without the layer, and nothing is confined; --config compares"* ]]
	run -4 "$initward" verify nowhere.efi
	[[ $output == *"NOT ok: forecast: next init: /nowhere is missing or not executable: ENOENT; check init ="* ]]
}
