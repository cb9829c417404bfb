#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2154 # text for other shells; variables of compile.bash
# "initward status" on a machine of which nothing is known: what has to hold on each, and what can be hidden or
# faked without a kernel of one's own. What it says of real boots: qemu/scenarios/45-status.scn.

bats_require_minimum_version 1.5.0

setup_file() {
	gcc -Wall -Wextra -Werror -o "$BATS_FILE_TMPDIR/refuse" "$BATS_TEST_DIRNAME/refuse.c"
	gcc -Wall -Wextra -Werror -shared -fPIC -o "$BATS_FILE_TMPDIR/pretend.so" "$BATS_TEST_DIRNAME/pretend.c"
}

setup() {
	load compile
	export INITWARD=$initward T=$BATS_FILE_TMPDIR
}

# In a mount namespace of its own, without sysfs: whether the machine has AppArmor cannot be told there.
hidden() {
	unshare --map-root-user --mount sh -c "mount -t tmpfs none /sys && $1"
}

key() {
	printf '%s\n' "$output" | jq -r "$1"
}

@test "the verdict, its word and the exit status are one, as text and as JSON" {
	code=0
	"$initward" status --json >"$BATS_TEST_TMPDIR/json" || code=$?
	word=$(jq -r .verdict "$BATS_TEST_TMPDIR/json")
	case $word in
	confined) [ "$code" -eq 0 ] ;;
	complain) [ "$code" -eq 3 ] ;;
	not-confined) [ "$code" -eq 4 ] ;;
	unknown) [ "$code" -eq 5 ] ;;
	*) false ;;
	esac
	run "-$code" --separate-stderr "$initward" status
	[ -z "$stderr" ]
	[[ ${lines[0]} == *'System: '* ]]
	[[ ${lines[1]} == *'Because: '?* ]]
}

@test "without AppArmor it is not confined, and says why" {
	run -4 unshare --map-root-user --mount \
		sh -c 'mount -t tmpfs none /sys/module && LD_PRELOAD=$T/pretend.so "$INITWARD" status --json'
	[ "$(key .verdict)" = not-confined ]
	[ "$(key .reason)" = apparmor-off ]
	[ "$(key .evidence.apparmor)" = absent ]
	[ "$(key .why)" = 'AppArmor is not active: this kernel has no AppArmor' ]
	[ "$(key .cure)" = 'use one with CONFIG_SECURITY_APPARMOR=y' ]
}

@test "another user gets an answer, too" {
	[ "$(id -u)" -ne 0 ] || as='setpriv --reuid 65534 --regid 65534 --clear-groups'
	cp "$initward" "$BATS_FILE_TMPDIR/initward"
	chmod 755 "$BATS_FILE_TMPDIR" "$BATS_FILE_TMPDIR/.." "$BATS_FILE_TMPDIR/initward"
	run $as "$BATS_FILE_TMPDIR/initward" status --json
	[[ $status =~ ^[0345]$ ]]
	[[ $(key .verdict) =~ ^(confined|complain|not-confined|unknown)$ ]]
}

@test "what is no terminal gets no colours" {
	run "$initward" status
	[[ $output != *$'\033'* ]]
}

@test "an operand and an unknown option are wrong usage" {
	run -2 --separate-stderr "$initward" status now
	[ "${stderr_lines[0]}" = "initward status: it takes no 'now': it is about this machine only" ]
	[ -z "$output" ]
	run -2 --separate-stderr "$initward" status --yaml
	[[ ${stderr_lines[1]} == "try 'initward status --help'" ]]
	[ -z "$output" ]
}

@test "a full disk is a failure" {
	for option in '' --json; do
		run -1 sh -c '"$INITWARD" status '"$option"' >/dev/full'
		[ "$output" = 'initward status: cannot write to standard output: No space left on device' ]
	done
}

@test "without /proc nothing can be told" {
	run -5 hidden 'mount -t tmpfs none /proc && "$INITWARD" status --json'
	[ "$(key .reason)" = no-proc ]
	[ "$(key .evidence.proof)" = ENOENT ]
	run -5 hidden 'mount -t tmpfs none /proc && touch /proc/version /proc/uptime && "$INITWARD" status --json'
	[ "$(key .reason)" = no-proc ]
}

@test "a file of another file system over the control is seen" {
	run -5 hidden 'touch "$T/uptime" && mount --bind "$T/uptime" /proc/uptime && "$INITWARD" status --json'
	[ "$(key .reason)" = no-proc ]
}

@test "a read-only /proc proves nothing" {
	run -5 hidden 'mount -o remount,bind,ro /proc && "$INITWARD" status --json'
	[ "$(key .reason)" = proc-read-only ]
	[ "$(key .evidence.proof)" = EROFS ]
}

@test "in a container nothing can be told" {
	run -5 unshare --map-root-user --mount --pid --fork --mount-proc \
		sh -c 'mount -t tmpfs none /sys && "$INITWARD" status --json'
	[ "$(key .reason)" = pid-namespace ]
}

@test "a filter of system calls proves nothing, whatever errno it has" {
	run -5 hidden '"$T/refuse" 1 "$INITWARD" status --json'
	[ "$(key .reason)" = no-trial ]
	[ "$(key .evidence.control)" = EPERM ]
	run -5 hidden '"$T/refuse" 13 "$INITWARD" status --json'
	[ "$(key .reason)" = control-refused ]
	run -5 hidden '"$T/refuse" 38 "$INITWARD" status --json'
	[ "$(key .evidence.proof)" = ENOSYS ]
}

@test "a refusal alone makes nobody confined" {
	run -5 hidden 'LD_PRELOAD=$T/pretend.so OWN=unconfined "$INITWARD" status --json'
	[ "$(key .evidence.proof)" = refused ]
	[ "$(key .reason)" = init-unreadable ]
	run -5 hidden 'LD_PRELOAD=$T/pretend.so INIT=unconfined "$INITWARD" status --json'
	[ "$(key .reason)" = label-unreadable ]
	run -5 hidden 'LD_PRELOAD=$T/pretend.so OWN="sshd (enforce)" INIT=unconfined "$INITWARD" status --json'
	[ "$(key .reason)" = own-profile ]
	run -5 hidden 'LD_PRELOAD=$T/pretend.so OWN=unconfined INIT="global//&unconfined (enforce)" "$INITWARD" status --json'
	[ "$(key .reason)" = outside ]
}

@test "a label alone makes nobody confined" {
	run -5 hidden 'PROOF=allowed LD_PRELOAD=$T/pretend.so OWN="global//&unconfined (enforce)" \
		INIT="global//&unconfined (enforce)" "$INITWARD" status --json'
	[ "$(key .reason)" = not-reserved ]
	run -3 hidden 'LD_PRELOAD=$T/pretend.so OWN="global//&unconfined (complain)" INIT="global//&unconfined (complain)" \
		"$INITWARD" status --json'
	[ "$(key .reason)" = dry-run ]
}

@test "labels and refusal together do, in both modes, with exit status 0" {
	run -0 hidden 'LD_PRELOAD=$T/pretend.so OWN=unconfined INIT=unconfined "$INITWARD" status --json'
	[ "$(key .verdict) $(key .mode)" = 'confined hidden' ]
	run -0 hidden 'LD_PRELOAD=$T/pretend.so OWN="global//&unconfined (enforce)" INIT="global//&unconfined (enforce)" \
		"$INITWARD" status --json'
	[ "$(key .verdict) $(key .mode)" = 'confined visible' ]
	run -0 hidden 'LD_PRELOAD=$T/pretend.so OWN=unconfined INIT=unconfined "$INITWARD" status'
	[[ ${lines[0]} == *'System: confined (enforce), hidden mode' ]]
}

# report TEXT COMMAND: COMMAND with that text as /run/initward/report
report() {
	printf "$1" >"$BATS_TEST_TMPDIR/report"
	export REPORT=$BATS_TEST_TMPDIR/report
	hidden "mount -t tmpfs none /run && mkdir /run/initward && cp \"\$REPORT\" /run/initward/report && $2"
}

@test "the loader's word alone makes nobody confined" {
	run -5 report 'version=1\nresult=confined\npolicy=enforce\nmode=hidden\n' \
		'mount -o remount,bind,ro /proc && "$INITWARD" status --json'
	[ "$(key .verdict)" = unknown ]
	[ "$(key .mode)" = null ]
	[ "$(key .loader.source)" = /run/initward/report ]
	[ "$(key .loader.result)" = confined ]
}

@test "numbers and lists of a report are numbers and lists" {
	run report 'version=1\nloader=0.1.0\nresult=complain\nunmediated=dbus io_uring\nprofiles=3\nbytes=x\nnanoseconds=99999999999999999999\n' \
		'"$INITWARD" status --json'
	[ "$(key .loader.version)" = 0.1.0 ]
	[ "$(key '.loader.unmediated | join("+")')" = dbus+io_uring ]
	[ "$(key '.loader.profiles + 1')" -eq 4 ]
	[ "$(key .loader.bytes)" = null ]
	[ "$(key .loader.nanoseconds)" = null ]
	[ "$(key .loader.why)" = null ]
}

@test "a hostile report does not reach the terminal, and is valid JSON" {
	hostile='version=1\nresult=\033[31mx\377\nset=a\0b\nwhy=\xe2\x80\xae\n'
	run report "$hostile" '"$INITWARD" status'
	[[ $status =~ ^[0345]$ ]]
	[[ $output != *$'\033'* ]]
	[[ $output == *'\x1b[31mx\xff'* ]]
	run report "$hostile" '"$INITWARD" status --json'
	[ "$(key .loader.set)" = a ]
	[ "$(key '.loader.result | length')" -eq 7 ]
	printf '%s' "$output" | iconv -f UTF-8 -t UTF-8 >/dev/null
}

@test "a report that is none is passed over" {
	for command in 'mkdir /run/initward/report' 'ln -s report /run/initward/report' \
		'mkfifo /run/initward/report.x; ln -s /dev/full /run/initward/report' \
		'head -c 100000 /dev/zero >/run/initward/report' ': >/run/initward/report'; do
		run report 'version=2\n' "rm /run/initward/report; $command; timeout 20 \"\$INITWARD\" status --json"
		[[ $status =~ ^[0345]$ ]]
		[[ $(key .loader.source) != /run/* ]]
	done
}

@test "each key of the JSON text is in the manual page" {
	code=0
	report 'version=1\nresult=off\n' '"$INITWARD" status --json' >"$BATS_TEST_TMPDIR/json" || code=$?
	jq -r 'paths | map(select(type == "string")) | last' "$BATS_TEST_TMPDIR/json" | sort -u >"$BATS_TEST_TMPDIR/keys"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/keys")" -gt 40 ]
	# what is within lists needs a layer or a denial
	printf '%s\n' name mode digest_algorithm digest raw_digest namespace profile denied killed allowed >>"$BATS_TEST_TMPDIR/keys"
	while read -r word; do
		printf '%s\n' "$word"
		grep -qF "*$word*" "$top/docs/man/initward-status.1.scd"
	done <"$BATS_TEST_TMPDIR/keys"
}

@test "each reason is in the manual page" {
	sed -n 's/^.*\[REASON_[A-Z_]*\] = { STANDING_[A-Z]*, "\([a-z-]*\)",.*$/\1/p' "$top/early/tool/status/judge.c" \
		>"$BATS_TEST_TMPDIR/reasons"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/reasons")" -ge 20 ]
	while read -r word; do
		printf '%s\n' "$word"
		grep -qF "*$word*" "$top/docs/man/initward-status.1.scd"
	done <"$BATS_TEST_TMPDIR/reasons"
}
