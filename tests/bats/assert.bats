#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2154 # variables of bats
# qemu/assert: expectations on somebody else's image. Most of it with a boot that is only played;
# the last tests boot.
bats_require_minimum_version 1.5.0

# Somebody's images: the guest's system with the loader in it, compressed as one archive.
setup_file() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	f=$BATS_FILE_TMPDIR
	set -- --loader "$top/build/initward-init" --bundle "$top/build/bundle" --conf 'init = /sbin/init'
	"$top/qemu/image" base "$f/base"
	"$top/qemu/image" overlay "$f/open.part" "$@"
	"$top/qemu/image" overlay "$f/locked.part" "$@" --conf 'lock = yes'
	cat "$f/base" "$f/open.part" | gzip -1 >"$f/open"
	cat "$f/base" "$f/locked.part" | gzip -1 >"$f/locked"
}

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	f=$BATS_FILE_TMPDIR
	t=$BATS_TEST_TMPDIR
	assert=$top/qemu/assert
	printf 'kernel\n' >"$t/vmlinuz"
	printf 'image\n' >"$t/image"
}

# A copy of the folder in which qemu/run accepts everything, and qemu/cell plays the boot that
# lies in $t/boot: verdict, facts, console.
play() {
	cp -R "$top/qemu" "$t/qemu"
	printf '#!/bin/sh\n' >"$t/qemu/report"
	assert=$t/qemu/assert
	printf '#!/bin/sh\necho qemu-system-x86_64\n' >"$t/qemu/run"
	cat >"$t/qemu/cell" <<'END'
#!/bin/sh
cp "$1" "${0%/*}/../spec"
echo boot >>"${0%/*}/../boots"
rm -rf "$2"
cp -R "${0%/*}/../boot" "$2"
END
	mkdir "$t/boot"
	printf 'verdict = passed\nseen = %s\nwanted = up\ntries = 1\n' "$1" >"$t/boot/verdict"
	printf 'ended=poweroff panic=no trouble=%s seconds=1.00 arch=amd64 accel=tcg\n' "${2:-0}" \
		>"$t/boot/end"
	: >"$t/boot/facts"
	: >"$t/boot/stderr"
	console 'Linux version 6.1.0-1-test (somebody)' 'Run /init as init process'
}

console() { printf '[    1.000000] %s\r\n' "$@" >"$t/boot/console"; }

facts() { printf '%s\n' "$@" >"$t/boot/facts"; }

hidden() {
	facts 'label=unconfined' 'stacked=yes' 'ns_stacked=yes' 'proof=EACCES' 'control=ok' \
		'init.label=global//&:application:unconfined (enforce)' 'lsm=lockdown,apparmor' 'end=ok'
}

try() {
	INITWARD_GUEST=$top/build/guest run "$@" "$assert" --kernel "$t/vmlinuz" --initrd "$t/image" \
		--out "$t/out" "${more[@]}"
}

# derived FACT...: the words for people that follow from the facts, in one line
derived() {
	printf '%s\n' "$@" >"$t/facts"
	awk -v verb=derive -v outcome=up -v trouble=0 -f "$top/qemu/assert.awk" "$t/facts" |
		sed -n 's/^\(mode\|policy\|reserved\)=//p' | tr '\n' ' '
}

@test "bad usage is one line, status 2, and nothing is written" {
	cd "$t"
	for words in '' '--kernel k' '--kernel k --initrd i' '--initrd i --expect mode=hidden' \
		'--nonsense x' '--kernel' '--kernel k --kernel k' '--kernel k --initrd i --expect label' \
		'--kernel k --initrd i --expect =x' '--kernel k --initrd i --expect mode=hidden,outcome=fine'; do
		# shellcheck disable=SC2086 # words
		run -2 "$assert" --out "$t/out" $words
		[ "${#lines[@]}" -eq 1 ] || { echo "$words: $output"; return 1; }
		[[ $output == "qemu/assert: "*"; try --help" ]]
	done
	[ ! -e "$t/out" ]
	run -0 "$assert" --help
	[[ $output == *"--next-init PATH"* ]]
}

@test "files that are missing or of another kind are named, before any boot" {
	run -1 "$assert" --out "$t/out" --kernel "$t/none" --initrd "$t/image" --expect mode=hidden
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == *"'$t/none'"* ]]
	run -1 "$assert" --out "$t/out" --kernel "$t/vmlinuz" --initrd "$t/image" --expect mode=hidden
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == *"'$t/vmlinuz'"* ]]
	[ ! -e "$t/out" ]
	play up
	more=(--expect mode=hidden --assets "$t/none")
	try -1
	[[ $output == *"cannot read the assets '$t/none'"* ]]
	INITWARD_GUEST=$t/none run -1 "$assert" --kernel "$t/vmlinuz" --initrd "$t/image" \
		--expect mode=hidden
	[[ $output == *"the probe '$t/none' is missing; run 'make "* ]]
	[ ! -e "$t/boots" ]
}

@test "a bootconfig stays the end of the image, also with a boot loader's padding" {
	play up
	hidden
	more=(--expect mode=hidden)
	# what there was of it at the end of the boot
	sed -i 's,^cp "$1".*,&\ncp "$(sed -n "s/^trailer\\t//p" "$1")" "${0%/*}/../trailer",' "$t/qemu/cell"
	sed -i 's,^cp "$1".*,&\ncp "$(sed -n "s/^initrd\\t//p" "$1" | head -n 1)" "${0%/*}/../body",' "$t/qemu/cell"
	for end in '#BOOTCONFIG\n' '#BOOTCONFIG\n\0\0\0'; do
		# shellcheck disable=SC2059 # octal digits
		printf "a = 1\5\0\0\0\377\0\0\0$end" >"$t/end"
		{
			printf 'image'
			cat "$t/end"
		} >"$t/image"
		try -0
		cmp "$t/trailer" "$t/end"
		[ "$(cat "$t/body")" = image ]
	done
	printf '\377\0\0\0\377\0\0\0#BOOTCONFIG\n' >"$t/image"
	rm "$t/boots"
	try -1
	[[ $output == *"'$t/image' ends in a bootconfig that is larger than the file" ]]
	[ ! -e "$t/boots" ]
	printf '#BOOTCONFIG\nand so on, to an end that is another one' >"$t/image"
	sed -i '/trailer/d' "$t/qemu/cell"
	try -0
}

@test "what starts the probe cannot be given away" {
	play up
	for text in 'quiet initward.init=/x' 'sysctl.kernel.modprobe=/x' '"initward.init=/x y"' \
		'sysctl/kernel/modprobe=/x'; do
		more=(--expect mode=hidden --append "$text")
		try -1
		[[ $output == *"--append must not say"* ]]
	done
}

@test "a comma begins an expectation only where KEY= follows" {
	for awk in mawk gawk; do
		command -v $awk >/dev/null || continue
		echo 'label=global//&*,lsm=a,b,c,fds=,says=x, y\,z=1,asset.append./etc/passwd=EACCES' >"$t/l"
		run -0 $awk -v verb=parse -f "$top/qemu/assert.awk" "$t/l"
		[ "$output" = "label	global//&*
lsm	a,b,c
fds	
says	x, y,z=1
asset.append./etc/passwd	EACCES" ]
	done
}

@test "mode and policy follow from what the kernel says and refuses" {
	[ "$(derived stacked=yes ns_stacked=yes proof=EACCES control=ok)" = 'hidden enforce refused ' ]
	[ "$(derived stacked=yes ns_stacked=no proof=EACCES control=ok)" = 'visible enforce refused ' ]
	[ "$(derived stacked=yes ns_stacked=no proof=ok control=ok)" = 'visible complain allowed ' ]
	[ "$(derived stacked=no ns_stacked=no proof=ok control=ok)" = 'none off allowed ' ]
	[ "$(derived 'stacked=<ENOENT>' 'ns_stacked=<ENOENT>' proof=ok control=ok)" = 'none off allowed ' ]
	[ "$(derived 'stacked=<EACCES>' 'ns_stacked=<EACCES>' proof=ok)" = 'unknown unknown allowed ' ]
	# a refusal of everything, or for another reason, proves nothing
	[ "$(derived stacked=yes ns_stacked=yes proof=EACCES control=EACCES)" = 'hidden unknown refused ' ]
	[ "$(derived stacked=yes ns_stacked=yes proof=EROFS control=EROFS)" = 'hidden unknown EROFS ' ]
	[ -z "$(derived begin=ok)" ]
}

@test "one test line for each expectation, and the two that hold unless told" {
	play up
	hidden
	console 'Linux version 6.1.0-1-test (x)' 'initward: confined: global//&:application:unconfined # x'
	more=(--expect 'label=global//&:application:unconfined,view=unconfined,mode=hidden,policy=enforce'
		--expect 'reserved=refused,lsm=*,apparmor'
		--expect 'says=initward: confined: *#*,saysnot=*FAILED*,proof=EACCES')
	try -0
	[ "$output" = 'TAP version 13
1..11
ok 1 - the probe ran to its end
ok 2 - label=global//&:application:unconfined
ok 3 - view=unconfined
ok 4 - mode=hidden
ok 5 - policy=enforce
ok 6 - reserved=refused
ok 7 - lsm=*,apparmor
ok 8 - says=initward: confined: *\#*
ok 9 - saysnot=*FAILED*
ok 10 - proof=EACCES
ok 11 - no Oops, BUG: or WARNING: on the console
11 passed, 0 failed' ]
	[ "$(cat "$t/out/jobs")" = 'vmlinuz image' ]
	grep -qx 'complete = yes' "$t/out/run"
	grep -qx 'assert.mode=hidden' "$t/out/cells/vmlinuz/image/facts"
	grep -qx 'verdict = passed' "$t/out/cells/vmlinuz/image/verdict"
	[ "$(cut -f 1,2,9 "$t/out/kernels")" = "vmlinuz	6.1.0-1-test	available" ]
	grep -qx "image	expect	mode hidden" "$t/out/scenarios"
}

@test "what does not hold is said with what there is instead" {
	play up 1
	hidden
	console 'initward: FAILED: read back: something' 'WARNING: CPU: 0 PID: 1'
	more=(--expect 'mode=visible,label=global,colour=red,saysnot=*FAILED*')
	try -1
	[[ $output == *'not ok 2 - mode=visible
#   expect: mode visible, but there is "hidden"
'* ]]
	[[ $output == *'but there is "global//&:application:unconfined"'* ]]
	[[ $output == *'#   there is no fact "colour"; there are: says saysnot outcome trouble label view '* ]]
	[[ $output == *'not ok 6 - no Oops, BUG: or WARNING: on the console'*'WARNING: CPU: 0 PID: 1'* ]]
	[[ $output == *'# initward: FAILED: read back: something'* ]]
	[ "${lines[-1]}" = '1 passed, 5 failed' ]
	grep -qx 'verdict = failed' "$t/out/cells/vmlinuz/image/verdict"
	grep -q 'mode visible, but there is "hidden"' "$t/out/cells/vmlinuz/image/why"
}

@test "a panic is an answer: the one that was wanted, or not" {
	play panic
	console 'initward: FAILED: AppArmor: it is off' 'Kernel panic - not syncing: Attempted to kill init!'
	more=(--expect 'outcome=panic,says=initward: FAILED: *')
	try -0
	[ "${lines[-1]}" = '3 passed, 0 failed' ]
	more=(--expect mode=hidden)
	try -1
	[[ $output == *'outcome up, but there is "panic"'* ]]
	[[ $output == *'#   Kernel panic - not syncing: Attempted to kill init!'* ]]
	[[ $output == *'#   mode is not known: the probe did not run to its end'* ]]
}

@test "no verdict is told apart from failed, with the likely cause" {
	play nothing
	more=(--expect mode=hidden)
	try -3
	[[ $output == *'# no verdict after 3 boots: no line of initward on the console: is it the first '* ]]
	[ "${lines[-1]}" = '0 passed, 3 failed' ]
	[ "$(wc -l <"$t/boots")" -eq 3 ]
	grep -qx 'tries = 3' "$t/out/cells/vmlinuz/image/verdict"
	grep -qx 'verdict = no-verdict' "$t/out/cells/vmlinuz/image/verdict"
	console 'Linux version' 'random: crng init done'
	try -3
	[[ $output == *'the kernel never said that it started a first program; '*'crng init done'* ]]
	console 'Kernel panic - not syncing: System is deadlocked on memory'
	try -3
	[[ $output == *'never came to the image'*'s first program: Kernel panic - not syncing: System is '* ]]
	echo 'qemu/run: QEMU failed (status 1): no' >"$t/boot/stderr"
	try -3
	[[ $output == *'no verdict after 3 boots: qemu/run: QEMU failed'* ]]
}

@test "a cause that another boot cannot cure is not tried again, and is no answer" {
	play panic
	more=(--expect outcome=panic)
	console 'initward: warning: ignored on the kernel command line: "initward.init"="/x" (lock = yes)' \
		'initward: confined: global//&unconfined policy=enforce init=/init.mine set=6.1' 'Kernel panic - not syncing: x'
	try -3
	[[ $output == *'give --next-init /init.mine (the image is locked'* ]]
	[ "$(wc -l <"$t/boots")" -eq 1 ]
	grep -qx 'seen = nothing' "$t/out/cells/vmlinuz/image/verdict"
	console 'initward: on_failure=continue: /init.other runs UNCONFINED by initward'
	more+=(--next-init /init.mine)
	try -3
	[[ $output == *'and not the probe; give --next-init /init.other'$'\n'* ]]
	console 'Initramfs unpacking failed: Decoding failed'
	try -3
	[[ $output == *'the kernel says: Initramfs unpacking failed: Decoding failed'* ]]
	# neither is the panic of an image without a first program
	console 'Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)'
	try -3
	[[ $output == *'the kernel found no first program in the image'* ]]
	# the loader's own end of a locked image is an answer
	console 'initward: warning: ignored on the kernel command line: "initward.init"="/x" (lock = yes)' \
		'initward: FAILED: AppArmor: it is off' 'Kernel panic - not syncing: x'
	more=(--expect outcome=panic)
	try -0
}

@test "the probe is the next init by the command line, or by taking a file's place" {
	play up
	hidden
	more=(--expect mode=hidden --append 'a=b -- c' --memory 1G --timeout 7)
	try -0
	[ "$(sed -n 's/^append	//p' "$t/spec")" = 'initward.init=/initward-probe/init sysctl.kernel.modprobe=/initward-probe/modprobe
a=b -- c' ]
	grep -qx 'memory	1G' "$t/spec"
	grep -qx 'timeout	7' "$t/spec"
	more=(--expect mode=hidden --next-init /usr/lib/next)
	try -0
	[ "$(sed -n 's/^append	//p' "$t/spec")" = 'sysctl.kernel.modprobe=/initward-probe/modprobe' ]
	more=(--expect mode=hidden --next-init usr/lib/next)
	try -1
	[[ $output == *"--over wants an absolute path of a file, not 'usr/lib/next'"* ]]
}

@test "the probe's part replaces names only, begins with a zero word and has no folder above PATH" {
	"$top/qemu/image" probe "$t/probe" --over /usr/lib/next
	[ "$(od -An -tx1 -N 10 "$t/probe" | tr -d ' \n')" = 00000000303730373031 ]
	run -0 grep -aoE '0707010{8}[0-9A-F]{8}0{48}|usr/lib/next' "$t/probe"
	[ "$(grep -ac 'usr/lib/next' "$t/probe")" -ge 1 ]
	# mode and name of each record behind the archive: a folder, then a file
	run -0 sh -c "tail -c +5 '$t/probe' | grep -aoE '07070100000000[0-9A-F]{8}[0-9A-F]{88}usr/[a-z/]*' |
		sed -E 's/^07070100000000([0-9A-F]{8}).{88}/\\1 /'"
	[ "$output" = '000041C0 usr/lib/next
000081ED usr/lib/next' ]
	run -0 sh -c "cpio -t --quiet <'$t/probe' 2>/dev/null"
	[ "$output" = 'guest
guest/facts
initward-probe
initward-probe/init
initward-probe/modprobe' ]
}

@test "a compressed image boots and is found to be confined" {
	cp "$f/open" "$t/before"
	run -0 "$assert" --kernel "$("$top/qemu/fetch" --own)" --initrd "$f/open" --out "$t/out" \
		--expect 'label=global//&:application:unconfined,mode=hidden,policy=enforce,reserved=refused' \
		--expect 'says=initward: confined: *init=/initward-probe/init*,lsm=*apparmor*,report.other_tasks=0'
	[[ ${lines[-1]} == '9 passed, 0 failed' ]]
	cmp "$f/open" "$t/before"
	[ -s "$t/out/report.html" ]
}

@test "a locked image tells the truth of an expectation that is wrong" {
	run -1 "$assert" --kernel "$("$top/qemu/fetch" --own)" --initrd "$f/locked" \
		--next-init /sbin/init --out "$t/out" \
		--expect mode=visible,args=/sbin/init,observer.label=unconfined
	[[ $output == *'not ok 2 - mode=visible
#   expect: mode visible, but there is "hidden"'* ]]
	[[ ${lines[-1]} == '4 passed, 1 failed' ]]
}
