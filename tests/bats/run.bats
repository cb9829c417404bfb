#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The launcher, with a QEMU that only pretends: no kernel is booted here.
bats_require_minimum_version 1.5.0

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir bin cache tmp
	export INITWARD_CACHE=$PWD/cache TMPDIR=$PWD/tmp FAKE=poweroff FAKE_LOG=$PWD/log
	unset INITWARD_ACCEL
	export INITWARD_KVM_DEVICE=$PWD/no-kvm
	fake_qemu bin/qemu-system-x86_64
	cp bin/qemu-system-x86_64 bin/qemu-system-aarch64
	PATH=$PWD/bin:$PATH
	bzimage >kernel
	image >kernel.arm64
	run=$top/qemu/run
}

# What a QEMU does to its files. $FAKE says how the boot goes, $FAKE_KVM how one under KVM goes.
fake_qemu() {
	cat >"$1" <<'EOF'
#!/bin/sh
printf '%s\n' "$0 $*" >>"$FAKE_LOG"
[ "$1" != --version ] || { echo 'QEMU emulator version 1.2.3 (pretended)'; exit; }
printf '%s\n' "$$" >>"$FAKE_LOG.pids"
how=$FAKE trace= console=
while [ $# -gt 0 ]; do
	case $1 in
	-accel) [ "$2" != kvm ] || how=$FAKE_KVM ;;
	-D) trace=$2 ;;
	-initrd) cp "$2" "$FAKE_LOG.initrd" ;;
	-kernel) cp "$2" "$FAKE_LOG.kernel" ;;
	-chardev) case $2 in file,id=con,path=*) console=$(echo "${2#*path=}" | sed 's/,,/,/g') ;; esac ;;
	esac
	shift
done
cause() { echo "qemu_system_shutdown_request reason=$1" >"$trace"; }
panic='[    1.0] Kernel panic - not syncing: VFS'
case $how in
poweroff) cause 6 ;;
reset) : >"$trace" ;;
panic) echo "$panic" >"$console"; : >"$trace" ;;
stays) echo "$panic" >"$console"; exec sleep 30 ;;
trouble)
	printf '%s\n' '[ 1.0] BUG: bad' '[ 1.0] WARNING: CPU' '[ 1.0] Oops: 0' >"$console"
	cause 6
	;;
hang) exec sleep 30 ;;
crash) echo 'qemu: failed to set MSR' >&2; exit 134 ;;
signal) echo 'qemu: terminating on signal 15 from pid 1' >&2; : >"$trace" ;;
esac
EOF
	chmod +x "$1"
}

zeros() { head -c "$1" /dev/zero; }

# Header of the boot protocol: one sector of set-up after the first, and 64 paragraphs
bzimage() {
	zeros 497 && printf '\001' && zeros 2 && printf '\100\000\000\000' && zeros 10 && printf HdrS
	zeros $((2048 - 518))
}

# An arm64 kernel; with an EFI stub, whose last section ends at byte 2048
image() { zeros 56 && printf 'ARMd' && zeros 2000; }
stub() {
	zeros 56 && printf 'ARMd\100\000\000\000PE\000\000\144\252\001\000' && zeros 12 && zeros 4
	zeros 16 && printf '\000\004\000\000\000\004\000\000' && zeros $((2048 - 112))
}

# elf MACHINE TYPE: an ELF file with one segment, which ends at byte 2048
elf() {
	printf '\177ELF\002\001\001' && zeros 9 && printf "\\$2\\000\\$1\\000" && zeros 12
	printf '\100' && zeros 23 && printf '\001' && zeros 7
	zeros 8 && printf '\000\004' && zeros 22 && printf '\000\004' && zeros $((2048 - 98))
}

# An EFI zboot image around an arm64 kernel
zboot() {
	image | gzip >payload
	size=$(wc -c <payload)
	printf 'MZ\000\000zimg\000\004\000\000' && printf "\\$(printf %o $((size % 256)))\\000\\000\\000"
	zeros 8 && printf gzip && zeros 32 && printf '\100\000\000\000PE\000\000\144\252'
	zeros $((1024 - 70))
	cat payload
	zeros 1024
}

own() {
	case $(uname -m) in
	aarch64) echo kernel.arm64 ;;
	*) echo kernel ;;
	esac
}

other() {
	case $(uname -m) in
	aarch64) echo kernel ;;
	*) echo kernel.arm64 ;;
	esac
}

# One clear line of its own, and nothing left in the folder for temporary files
one_line() {
	[ "${#lines[@]}" -eq 1 ] || return 1
	[[ $output == "qemu/run: "*$1* ]] || return 1
	[ -z "$(ls -A tmp)" ]
}

unprivileged() {
	if [ "$(id -u)" -eq 0 ]; then
		chmod 755 . .. ../..
		setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	else
		"$@"
	fi
}

gone() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		kill -0 "$1" 2>/dev/null || return 0
		sleep 0.1
	done
	return 1
}

# --- what people get wrong

@test "an unknown option and one without its value are refused" {
	run -2 "$run" --kernel kernel --frobnicate
	one_line "unknown option '--frobnicate'; try --help"
	run -2 "$run" --kernel
	one_line "option '--kernel' wants a value"
	run -2 "$run" --append x
	one_line "no --kernel given"
}

@test "words that are no time, no size and no acceleration are refused" {
	for word in 0 x 1.5 -3 '' 1000000; do
		run -2 "$run" --kernel kernel --timeout "$word"
		one_line "--timeout wants whole seconds"
	done
	for word in x 1.5 -3; do
		run -2 "$run" --kernel kernel --after-panic "$word"
		one_line "--after-panic wants whole seconds"
	done
	for word in 0 M 1.5G lots '' 512MB; do
		run -2 "$run" --kernel kernel --memory "$word"
		one_line "--memory wants a size"
	done
	run -2 "$run" --kernel kernel --accel xen
	one_line "must be auto, kvm or tcg, not 'xen'"
	INITWARD_ACCEL=yes run -2 "$run" --kernel kernel
	one_line "must be auto, kvm or tcg, not 'yes'"
	[ ! -e log ]
}

@test "a kernel that is missing, a folder, or unreadable is named" {
	run -1 "$run" --kernel nothing
	one_line "the kernel image 'nothing' does not exist"
	run -1 "$run" --kernel cache
	one_line "the kernel image 'cache' is a folder"
	chmod 000 kernel
	chmod 1777 tmp
	run -1 unprivileged "$run" --kernel kernel
	one_line "cannot read the kernel image 'kernel': permission denied"
}

@test "what is no kernel is refused before QEMU sees it" {
	: >empty
	zeros 4096 >zeros
	elf 076 003 >program
	for file in empty zeros program "$top/README.md" "$top/COPYING"; do
		run -1 "$run" --kernel "$file"
		one_line "'$file' is no Linux kernel image"
	done
	[ ! -e log ]
}

@test "a kernel for another architecture is told from no kernel" {
	{ zeros 56 && printf 'RSC\005' && zeros 2000; } >riscv
	run -1 "$run" --kernel riscv
	one_line "'riscv' is a kernel for an architecture (RISC-V)"
	elf 363 002 >elf-riscv
	run -1 "$run" --kernel elf-riscv
	one_line "architecture (ELF-machine-243)"
}

@test "a truncated kernel of each format is refused" {
	elf 076 002 >vmlinux
	zboot >vmlinuz.efi
	stub >stub
	for file in kernel vmlinux stub vmlinuz.efi; do
		run -0 "$run" --kernel "$file"
		size=$(stat -c %s "$file")
		[ "$file" != vmlinuz.efi ] || size=$((size - 1024))
		head -c $((size - 1)) "$file" >cut
		run -1 "$run" --kernel cut
		one_line "'cut' is truncated: $((size - 1)) bytes"
	done
}

@test "a missing QEMU is named with its Debian package" {
	mkdir only
	for tool in dirname sed mktemp rm od awk cat stat uname gzip wc head tail; do
		ln -s "$(command -v "$tool")" only
	done
	PATH=$PWD/only run -1 /bin/sh "$run" --kernel kernel
	one_line "'qemu-system-x86_64' is missing; install the Debian package qemu-system-x86 "
	PATH=$PWD/only run -1 /bin/sh "$run" --kernel kernel.arm64
	one_line "'qemu-system-aarch64' is missing; install the Debian package qemu-system-arm "
}

@test "an initramfs part that is missing or a folder is named" {
	printf x >part
	run -1 "$run" --kernel kernel --initrd part --initrd nothing
	one_line "the initramfs part 'nothing' does not exist"
	run -1 "$run" --kernel kernel --initrd cache
	one_line "the initramfs part 'cache' is a folder"
}

@test "an output that cannot be written is named" {
	run -1 "$run" --kernel kernel --console nowhere/console
	one_line "cannot write the console log 'nowhere/console'"
	run -1 "$run" --kernel kernel --console console --result nowhere/result
	one_line "cannot write the result file 'nowhere/result'"
	[ ! -e log ]
}

@test "no space for the joined initramfs is one line, and no boot" {
	zeros 90000 >part
	# shellcheck disable=SC2016 # for the inner shell
	run -1 unshare --map-root-user --mount sh -c 'mount -t tmpfs -o size=96k none tmp &&
		"$0" --kernel kernel --initrd part --initrd part; s=$?; ls -A tmp; exit $s' "$run"
	one_line "cannot write the joined initramfs to "
	[ ! -e log ]
}

# --- what QEMU is given

@test "each architecture has its machine, its processor and its ports" {
	run -0 "$run" --kernel kernel --dry-run
	[[ $output == *"qemu-system-x86_64 -M pc -accel tcg -cpu qemu64,-cx16 "*"console=ttyS0 "* ]]
	[[ $output == *" no_timer_check "*"-serial chardev:con "*" -serial chardev:res" ]]
	run -0 "$run" --kernel kernel.arm64 --dry-run
	[[ $output == *"qemu-system-aarch64 -M virt -accel tcg -cpu cortex-a57 "*"console=ttyAMA0 "* ]]
	[[ $output == *"-serial chardev:con "*" -device pci-serial,chardev=res" ]]
	# the kernel would hand on to init what it does not know
	[[ $output != *no_timer_check* ]]
	[ ! -e log ]
}

@test "disks, in their order, and one that is not there" {
	: >one
	: >two,three
	run -0 "$run" --kernel kernel --disk one --disk two,three --dry-run
	[[ $output == *"file=one,format=raw,if=virtio"*"file=two,,three,format=raw,if=virtio"* ]]
	run -1 "$run" --kernel kernel --disk one --disk four --dry-run
	[[ $output == *"the disk 'four' does not exist"* ]]
}

@test "panic=-1 is given unless the caller says panic=" {
	run -0 "$run" --kernel kernel --append 'a b' --dry-run
	[[ $output == *"-append console=ttyS0 panic=-1 no_timer_check nosoftlockup cryptomgr.notests a b -chardev"* ]]
	run -0 "$run" --kernel kernel --append 'a panic=5' --dry-run
	[[ $output == *"-append console=ttyS0 no_timer_check nosoftlockup cryptomgr.notests a panic=5 -chardev"* ]]
}

@test "every part starts on a 4-byte boundary, a single part stays as it is" {
	printf a >one
	printf bb >'two parts'
	printf 'c*c' >three
	printf dddd >four
	run -0 "$run" --kernel kernel --initrd one --initrd 'two parts' --initrd three --initrd four
	printf 'a\0\0\0bb\0\0c*c\0dddd' | cmp - log.initrd
	run -0 "$run" --kernel kernel --initrd 'two parts'
	cmp 'two parts' log.initrd
	[[ $(cat log) == *"-initrd two parts -append"* ]]
}

@test "an EFI zboot image is unpacked for QEMU" {
	zboot >vmlinuz.efi
	run -0 "$run" --kernel vmlinuz.efi
	cmp kernel.arm64 log.kernel
	[[ $output == *" arch=arm64 "* ]]
	{ zboot | head -c 1024 && zeros 3000; } >damaged
	run -1 "$run" --kernel damaged
	[[ $output == *"qemu/run: "*damaged* ]]
}

@test "a comma in the name of an output is no option of QEMU" {
	mkdir a,b
	FAKE=panic run -4 "$run" --kernel kernel --console a,b/c,d --result a,b/r
	grep -q 'Kernel panic' a,b/c,d
	grep -qF ',path=a,,b/c,,d ' log
	[ -e a,b/r ]
}

# --- how it ended

@test "each end has its word and its status" {
	while read -r how status line; do
		FAKE=$how run -"$status" "$run" --kernel kernel --console console
		[[ ${lines[0]} == "$line seconds="[0-9]*.[0-9][0-9]" arch=amd64 accel=tcg" ]] || return 1
		[ -z "$(ls -A tmp)" ]
	done <<-EOF
		poweroff 0 ended=poweroff panic=no trouble=0
		reset 5 ended=reset panic=no trouble=0
		panic 4 ended=reset panic=yes trouble=0
		trouble 6 ended=poweroff panic=no trouble=3
		crash 1 ended=qemu panic=no trouble=0
		signal 1 ended=qemu panic=no trouble=0
	EOF
}

@test "why QEMU failed is said" {
	FAKE=crash run -1 "$run" --kernel kernel
	[ "${lines[1]}" = "qemu/run: QEMU failed (status 134): qemu: failed to set MSR" ]
}

@test "the former boot's words are not this boot's" {
	printf 'Kernel panic - not syncing\n' >console
	printf 'old\n' >result
	run -0 "$run" --kernel kernel --console console --result result
	[ ! -s console ]
	[ ! -s result ]
}

@test "the time limit kills QEMU" {
	FAKE=hang run -3 "$run" --kernel kernel --timeout 1
	[[ $output == "ended=limit panic=no trouble=0 seconds="[12].* ]]
	gone "$(cat log.pids)"
	[ -z "$(ls -A tmp)" ]
}

@test "a guest that stays in its panic ends soon after it" {
	FAKE=stays run -4 "$run" --kernel kernel --timeout 20 --after-panic 1
	[[ $output == "ended=limit panic=yes trouble=0 seconds="[1-4].* ]]
	gone "$(cat log.pids)"
}

@test "a launcher that is told to end leaves nothing behind" {
	for signal in TERM INT HUP; do
		rm -f log.pids
		# a shell in the background would ignore INT and hand that on
		FAKE=hang timeout --foreground --signal "$signal" 0.6 "$run" --kernel kernel >end || :
		gone "$(cat log.pids)"
		[ -z "$(ls -A tmp)" ]
		[ ! -s end ]
	done
}

@test "no watch goes on behind a boot that has ended" {
	# a watch that goes on would also hold the pipes of bats
	"$run" --kernel kernel --append watched-boot >end 3>&- 4>&-
	sleep 0.2
	run grep -lsa "watched-boo[t]" /proc/[0-9]*/cmdline
	[ -z "$output" ]
}

@test "nothing keeps the caller's pipe open once QEMU has ended" {
	# a nap so long that, were it waited for, no busy machine could be meant
	printf '#!/bin/sh\nPATH=%s exec sleep 12\n' "'${PATH#*:}'" >bin/sleep
	chmod +x bin/sleep
	before=$(date +%s)
	for _ in 1 2 3 4 5; do "$run" --kernel kernel | cat >end; done
	[ $(($(date +%s) - before)) -lt 40 ]
	grep -q ended=poweroff end
}

# --- acceleration

kvm_runs() { grep -c -- '-accel kvm' log || :; }

@test "no KVM for another architecture or without its device" {
	: >kvm
	INITWARD_KVM_DEVICE=$PWD/kvm run -0 "$run" --accel-used --kernel "$(other)"
	[[ $output == *" accel=tcg reason=the host is "* ]]
	run -0 "$run" --accel-used --kernel "$(own)"
	[[ $output == *" accel=tcg reason="*"no-kvm is missing or may not be opened" ]]
	run -1 "$run" --accel kvm --kernel "$(own)"
	one_line "no KVM for this"
	[ ! -e log ]
}

@test "a KVM that hangs is found out once, and --probe asks again" {
	: >kvm
	export INITWARD_KVM_DEVICE=$PWD/kvm FAKE_KVM=hang
	run -0 "$run" --probe --timeout 1 --kernel "$(own)"
	[[ $output == *" accel=tcg reason=a short boot under KVM hung: killed after 1 s" ]]
	gone "$(cat log.pids)"
	run -0 "$run" --kernel "$(own)"
	[[ $output == *" accel=tcg" ]]
	[ "$(kvm_runs)" -eq 1 ]
	FAKE_KVM=panic run -0 "$run" --probe --kernel "$(own)"
	[[ $output == *" accel=kvm reason=a short boot under KVM came to its end" ]]
	[ "$(kvm_runs)" -eq 2 ]
	[ "$(wc -l <cache/acceleration)" -eq 1 ]
}

@test "a launcher that is told to end while it asks leaves nothing behind" {
	: >kvm
	export INITWARD_KVM_DEVICE=$PWD/kvm FAKE_KVM=hang
	before=$(date +%s)
	timeout --foreground --signal TERM 0.6 "$run" --kernel "$(own)" >end || :
	[ $(($(date +%s) - before)) -lt 5 ]
	gone "$(cat log.pids)"
	[ -z "$(ls -A tmp)" ]
	[ ! -e cache/acceleration ]
}

@test "a KVM that works is used, with the host's processor" {
	: >kvm
	export INITWARD_KVM_DEVICE=$PWD/kvm FAKE_KVM=panic
	run -4 "$run" --kernel "$(own)"
	[[ $output == *" accel=kvm" ]]
	[[ $(tail -n 1 log) == *" -accel kvm -cpu host "* ]]
	[ "$(kvm_runs)" -eq 2 ]
	INITWARD_ACCEL=tcg run -0 "$run" --kernel "$(own)"
	[[ $output == *" accel=tcg" ]]
}

@test "a KVM whose guest does not panic for want of a root is none" {
	: >kvm
	export INITWARD_KVM_DEVICE=$PWD/kvm
	for how in crash reset trouble poweroff; do
		FAKE_KVM=$how run -0 "$run" --probe --kernel "$(own)"
		[[ $output == *" accel=tcg reason=a short boot under KVM failed: "* ]]
	done
	FAKE_KVM=crash run -0 "$run" --probe --kernel "$(own)"
	[[ $output == *"QEMU failed (status 134): qemu: failed to set MSR" ]]
}

@test "many that start at once ask one question" {
	: >kvm
	export INITWARD_KVM_DEVICE=$PWD/kvm FAKE_KVM=crash
	for i in 1 2 3 4 5 6; do "$run" --kernel "$(own)" >"end$i" & done
	wait
	[ "$(kvm_runs)" -eq 1 ]
	[ "$(cat end? | grep -c 'ended=poweroff.* accel=tcg$')" -eq 6 ]
}

@test "the answer does not count for another QEMU" {
	: >kvm
	export INITWARD_KVM_DEVICE=$PWD/kvm FAKE_KVM=crash
	run -0 "$run" --kernel "$(own)"
	printf '# newer\n' >>"bin/qemu-system-x86_64"
	printf '# newer\n' >>"bin/qemu-system-aarch64"
	FAKE_KVM=panic run -4 "$run" --kernel "$(own)"
	[[ $output == *" accel=kvm" ]]
	[ "$(wc -l <cache/acceleration)" -eq 2 ]
}

@test "a cache that cannot be written is named, and TCG needs none" {
	: >kvm
	: >file
	export INITWARD_KVM_DEVICE=$PWD/kvm FAKE_KVM=crash INITWARD_CACHE=$PWD/file
	run -1 "$run" --kernel "$(own)"
	one_line "cannot write to the cache folder $PWD/file; set INITWARD_CACHE, or say --accel tcg"
	run -0 "$run" --accel tcg --kernel "$(own)"
}
