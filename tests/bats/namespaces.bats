#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# `initward run` without a kernel that has AppArmor: folders stand for its policy namespaces. With real ones, and a thousand times:
# qemu/policies.d/containers.

setup_file() {
	bats_require_minimum_version 1.5.0
	gcc -Wall -Wextra -Werror -shared -fPIC -o "$BATS_FILE_TMPDIR/labels.so" "$BATS_TEST_DIRNAME/labels.c"
}

setup() {
	initward=$BATS_TEST_DIRNAME/../../build/initward
	export FS=$BATS_TEST_TMPDIR/fs LABEL=x LD_PRELOAD_OF_RUN=$BATS_FILE_TMPDIR/labels.so
	names=$FS/policy/namespaces
	mkdir -p "$names"
	cat >"$BATS_TEST_TMPDIR/run" <<-END
		#!/bin/sh
		LD_PRELOAD=$LD_PRELOAD_OF_RUN exec "$initward" run "\$@"
	END
	chmod 755 "$BATS_TEST_TMPDIR/run"
	run_it=$BATS_TEST_TMPDIR/run
}

# background ARGUMENT...: its command waits for the end of its input; $front, $keeper
background() {
	mkfifo "$BATS_TEST_TMPDIR/wait"
	"$run_it" "$@" <"$BATS_TEST_TMPDIR/wait" >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
	front=$!
	exec 9>"$BATS_TEST_TMPDIR/wait"
	for _ in {1..50}; do
		grep -qs '^exec ' "$BATS_TEST_TMPDIR/said" && break
		sleep 0.1
	done
	keeper=$(pgrep -P "$front")
}

# ended N: the front, with that status
ended() {
	local status=0
	wait "$front" || status=$?
	[ "$status" -eq "$1" ]
}

gone() {
	for _ in {1..50}; do
		[ -e "$names/$1" ] || return 0
		sleep 0.1
	done
	return 1
}

@test "run: the label that is asked for" {
	run -0 "$run_it" -n c1 echo ran
	[ "$output" = $'exec &:c1:unconfined\nran' ]
	run -0 "$run_it" --namespace=c1 --profile p -- echo --sweep
	[ "$output" = $'exec &:c1:p\n--sweep' ]
	run -0 "$run_it" -n c1 --stack '&a//&b' true
	[ "$output" = 'exec &a//&b//&:c1:unconfined' ]
	run -0 "$run_it" -n c1 --unbounded true
	[ "$output" = 'exec :c1:unconfined' ]
	[ -z "$(ls "$names")" ]
}

@test "run: while the command runs its namespace is there, and then not" {
	run -0 "$run_it" -n c1 ls "$names"
	[[ $output == *$'\nc1' ]]
	run -7 "$run_it" -n c1 sh -c 'exit 7'
	run -127 "$run_it" -n c1 no-such-command
	[ -z "$(ls "$names")" ]
	# what it has started stays in it
	start=$SECONDS
	run -0 "$run_it" -n c1 sh -c 'sleep 3 >/dev/null 2>&1 3>&- &'
	[ $((SECONDS - start)) -lt 3 ] && [ -e "$names/c1" ]
	gone c1
}

@test "run: nobody waits for what only the keeper has open" {
	# the daemon has closed it
	run -0 timeout 2 bash -c "$run_it -n c1 sh -c 'sleep 4 >/dev/null 2>&1 3>&- 4>&- &' 4>&1 | cat" 3>&-
	[ -e "$names/c1" ]
	gone c1
}

@test "run: the caller ends as the command did" {
	run -0 python3 -c 'import subprocess, sys; print(subprocess.run([sys.argv[1], "-n", "c1", "sh", "-c", "kill -USR1 $$"]).returncode)' "$run_it"
	[ "${lines[-1]}" = -10 ]
}

@test "run: a signal for the command, once, and none goes round" {
	background -n c1 sh -c 'trap "echo got; exit 3" TERM; while :; do sleep 0.1; done'
	sleep 0.3
	kill "$front"
	ended 3
	[ "$(grep -c got "$BATS_TEST_TMPDIR/said")" -eq 1 ]
	exec 9>&-
	gone c1
	# from within: LABEL says that each process is
	LABEL=:c2:x run -4 timeout 9 setsid -w "$run_it" -n c1 sh -c 'trap "exit 4" USR1; kill -USR1 0; sleep 1; exit 5'
}

@test "run: it stops with the command and goes on with it" {
	background -n c1 cat
	command=$(pgrep -P "$keeper")
	kill -STOP "$command"
	sleep 1
	grep -q '^State:.T' "/proc/$front/status"
	kill -CONT "$front"
	sleep 1
	run ! grep -q '^State:.T' "/proc/$front/status" "/proc/$command/status"
	exec 9>&-
	wait "$front"
}

@test "run: whoever is killed, the namespace goes with the command" {
	for victims in front keeper; do
		rm -f "$BATS_TEST_TMPDIR/wait"
		background -n c1 sh -c 'cat; exit 6'
		kill -9 "${!victims}"
		sleep 0.5
		[ -e "$names/c1" ] || { echo "$victims"; return 1; }
		exec 9>&-
		[ $victims = front ] || ended 6
		gone c1 || { echo "$victims"; return 1; }
	done
	rm "$BATS_TEST_TMPDIR/wait"
	background -n c1 cat
	kill -9 "$front" "$keeper"
	exec 9>&-
	sleep 0.5
	[ -e "$names/c1" ]
	run -0 "$run_it" -n c2 true
	[[ $output == *"removed the policy namespace 'c1': its 'initward run' was killed"* ]]
	[ -z "$(ls "$names")" ]
}

@test "run --sweep: one in which somebody is stays" {
	background -n c1 cat
	kill -9 "$front" "$keeper"
	exec 9>&-
	LABEL=:c1:x run -1 "$run_it" --sweep
	[[ $output == *"the policy namespace 'c1', whose 'initward run' was killed, stays: process "*" is in it"* ]]
	LABEL=:c1//below:x run -1 "$run_it" --sweep
	[[ $output == *"is in it"* ]]
	LABEL=:c1:x run -125 "$run_it" -n c1 true
	[[ $output == *"left by an 'initward run' that was killed, and somebody is still in it"* ]]
	LABEL='x//&:c10:y' run -0 "$run_it" --sweep
	[ -z "$(ls "$names")" ]
}

@test "run: nobody else's namespace is taken" {
	mkdir "$names/c1"
	run -125 "$run_it" -n c1 true
	[[ $output == *"there is a policy namespace 'c1' already, which is not of 'initward run'"* ]]
	run -0 "$run_it" --sweep
	[ -e "$names/c1" ]
	background -n c2 cat
	run -125 "$run_it" -n c2 true
	[[ $output == *"'c2' is in use by another 'initward run', process $keeper:"* ]]
	exec 9>&-
	wait "$front"
}

@test "run --for: until that process has ended" {
	sleep 100 3>&- &
	of=$!
	run -0 "$run_it" -n c1 --for "$of"
	sleep 1
	[ -e "$names/c1" ]
	kill "$of"
	gone c1
	run -125 "$run_it" -n c1 --for "$of"
	[[ $output == *"process $of: there is none of that number"* ]]
	run -125 "$run_it" -n c1 --for 1x
	[[ $output == *"'1x' is no number of a process"* ]]
}

@test "run: policy that does not load, and none that can be read" {
	echo 'profile broken {' >"$BATS_TEST_TMPDIR/broken"
	run -125 "$run_it" -n c1 --policy "$BATS_TEST_TMPDIR/broken" touch "$BATS_TEST_TMPDIR/ran"
	[[ $output == *"cannot load the policy $BATS_TEST_TMPDIR/broken into the policy namespace 'c1'"* ]]
	[ ! -e "$BATS_TEST_TMPDIR/ran" ] && [ -z "$(ls "$names")" ]
	run -125 "$run_it" -n c1 --policy /nowhere true
	[[ $output == *'cannot read the policy /nowhere: No such file or directory'* ]]
	PATH=$BATS_TEST_TMPDIR run -125 /bin/sh "$run_it" -n c1 --policy "$BATS_TEST_TMPDIR/broken" true
}

@test "run: wrong usage" {
	for row in '=the namespace is missing' '-n c1=the command is missing' '-n c1 --=the command is missing' '--sweep true=--sweep takes neither' \
		'--sweep -n c1=--sweep takes neither' '-n c1 --stack a --unbounded true=exclude each other' '-n c1 --for 1 true=--for takes no command' \
		'-n c1 --for 1 --stack a=--for enters nothing' '--nothing=unrecognized option'; do
		# shellcheck disable=SC2086 # words
		run -125 "$run_it" ${row%%=*}
		[[ $output == *"${row#*=}"* ]] || { echo "$row: $output"; return 1; }
	done
	for name in '' . .. a/b a:b 'a b' -a "$(printf '%065d' 0)"; do
		run -125 "$run_it" --namespace="$name" true
		[[ $output == *"'$name' is no name of a policy namespace"* ]] || { echo "$name: $output"; return 1; }
	done
	run -0 "$run_it" -n "$(printf '%064d' 0)" true
	run -125 "$run_it" -n c1 --profile '' true
	[[ $output == *'no profile behind the namespace'* ]]
	run -0 "$initward" run --help
}

@test "run: what is missing is named" {
	FS='' run -125 "$run_it" -n c1 true
	[[ $output == *'cannot open /policy/namespaces: No such file or directory'* ]]
	unset FS
	run -125 "$run_it" -n c1 true
	[[ $output == *'the interface of AppArmor is not mounted: mount -t securityfs'* ]]
	export FS=$BATS_TEST_TMPDIR/fs
	chmod 500 "$names"
	run -125 setpriv --bounding-set -all --inh-caps -all "$run_it" -n c1 true
	[[ $output == *"cannot make the policy namespace 'c1': this process lacks the capability mac_admin"* ]]
	chmod 700 "$names"
	LABEL=host run -125 setpriv --no-new-privs "$run_it" -n c1 --stack a true
	[[ $output == *"this process has no_new_privs"*"its label: host"* ]]
	LABEL=host run -0 setpriv --no-new-privs "$run_it" -n c1 true
	for label in unconfined 'unconfined//&:a:unconfined'; do
		LABEL=$label run -0 setpriv --no-new-privs "$run_it" -n c1 --stack a true
	done
	ERRNO=13 run -125 "$run_it" -n c1 true
	[[ $output == *"'&:c1:unconfined' is refused by this process's own label"* ]]
	[ -z "$(ls "$names")" ]
}
