#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# `initward label` and `initward exec` without a kernel that has AppArmor: what is asked wrongly, what is missing, how it is
# printed. With real labels: qemu/policies.d/composed/namespaces.

setup_file() {
	bats_require_minimum_version 1.5.0
	gcc -Wall -Wextra -Werror -shared -fPIC -o "$BATS_FILE_TMPDIR/labels.so" "$BATS_TEST_DIRNAME/labels.c"
}

setup() {
	initward=$BATS_TEST_DIRNAME/../../build/initward
	pretend=$BATS_FILE_TMPDIR/labels.so
	sleep 100 3>&- &
	pid=$!
}

teardown() { kill "$pid"; }

# labelled LABEL ARGUMENT...: with that label of each process
labelled() { LD_PRELOAD=$pretend LABEL=$1 "$initward" "${@:2}"; }

@test "label: a stack, by its profiles and their namespaces" {
	run -0 labelled 'global//&:application:/usr/bin/a b//hat (enforce)' label "$pid"
	[ "$output" = "$(printf '%7d sleep  global//&:application:/usr/bin/a b//hat (enforce)\n          global\n          /usr/bin/a b//hat, in the policy namespace application' "$pid")" ] ||
		{ echo "$output"; return 1; }
	run -0 labelled unconfined label "$pid"
	[ "$output" = "$(printf '%7d sleep  unconfined\n          unconfined' "$pid")" ]
}

@test "label --json" {
	run -0 labelled ':a//b://c//&d (mixed)' label --json "$pid"
	[ "$(jq -c '.processes[0] | [.pid, .name, .label, .mode, .parts, .error]' <<<"$output")" = \
		"[$pid,\"sleep\",\":a//b://c//&d\",\"mixed\",[{\"namespace\":\"a//b\",\"profile\":\"c\"},{\"namespace\":null,\"profile\":\"d\"}],null]" ]
	[ "$(jq '.processes[0].parent' <<<"$output")" = "$(ps -o ppid= -p "$pid" | tr -d ' ')" ]
	# what no terminal should get, and no JSON
	run -0 labelled $'a\e[2J\xff (enforce)' label "$pid"
	[[ $output == *'a\x1b[2J\xff (enforce)'* ]]
	run -0 labelled $'a\e\xff' label --json "$pid"
	[ "$(jq -r '.processes[0].label' <<<"$output")" = $'a\e\xef\xbf\xbd' ]
}

@test "label: its own without a PID, and several" {
	run -0 labelled x label
	[[ ${lines[0]} == *' initward  x' ]]
	run -0 labelled x label --json "$pid" 1
	[ "$(jq -c '[.processes[].pid]' <<<"$output")" = "[$pid,1]" ]
}

@test "label --all and --tree: each process of userland once, below its parent" {
	run -0 labelled x label --all --json
	[ "$(jq '[.processes[].pid] | length == (unique | length)' <<<"$output")" = true ]
	[ "$(jq --argjson p "$pid" '[.processes[] | select(.pid == $p)] | length' <<<"$output")" = 1 ]
	n=$(jq '.processes | length' <<<"$output")
	run -0 labelled x label --tree
	[ "${#lines[@]}" -ge $((n - 8)) ]
	parent=$(printf '%s\n' "${lines[@]}" | sed -n "s/^ *$$ \( *\).*/\1/p")
	child=$(printf '%s\n' "${lines[@]}" | sed -n "s/^ *$pid \( *\).*/\1/p")
	[ -n "$child" ] && [ "${#child}" -gt "${#parent}" ]
}

@test "label: the name of a process may have brackets, blanks and control characters" {
	cp "$(command -v sleep)" "$BATS_TEST_TMPDIR/"$'a) (b\t'
	"$BATS_TEST_TMPDIR/"$'a) (b\t' 100 3>&- &
	other=$!
	run -0 labelled x label "$other"
	kill "$other"
	[[ ${lines[0]} == *" $other a) (b\x09  x" ]] || { echo "$output"; return 1; }
}

@test "label: what is not there, what cannot be read, what is no number" {
	run -1 labelled x label 4194304
	[ "$output" = 'initward label: process 4194304: there is none of that number' ]
	# the others are shown
	run -1 labelled x label 4194304 "$pid"
	[[ $output == *"$pid sleep  x"* ]]
	for word in 0 -1x 1x '' ../1 99999999999999999999; do
		run ! labelled x label -- "$word"
		[[ $output == *"'$word' is no number of a process"* ]] || { echo "$output"; return 1; }
	done
	run -1 labelled '' label "$pid"
	[[ $output == *'sleep  cannot be read: Permission denied' ]]
	run -1 labelled '' label --json "$pid"
	[ "$(jq -c '.processes[0] | [.label, .parts, .error]' <<<"$output")" = '[null,null,"Permission denied"]' ]
	# of all, what this process may not read is no failure
	run -0 labelled '' label --all
	run -2 labelled x label --all 1
	run -2 labelled x label --tree 1
	run -2 labelled x label --nothing
}

@test "label, exec: a kernel without AppArmor" {
	without() { unshare -m sh -c 'mount -t tmpfs none /sys/module && exec "$@"' sh "$initward" "$@"; }
	run -1 without label
	[[ $output == 'initward label: AppArmor is not active: '*CONFIG_SECURITY_APPARMOR=y ]]
	run -125 without exec a true
	[[ $output == 'initward exec: AppArmor is not active: '*CONFIG_SECURITY_APPARMOR=y ]]
}

@test "exec: the kernel is asked for the label as it was given, and the command gets its own options" {
	run -0 labelled unconfined exec 'a//&:b:c' -- sh -c 'echo "$0 $1"' -x --json
	[ "$output" = $'exec a//&:b:c\n-x --json' ] || { echo "$output"; return 1; }
	run -0 labelled unconfined exec '&a' printf '%s\n' --help
	[ "$output" = $'exec &a\n--help' ]
	# its status, and by its name
	run -7 labelled unconfined exec a sh -c 'exit 7'
	run -127 labelled unconfined exec a no-such-command
	[[ $output == *"cannot execute 'no-such-command': No such file or directory"* ]]
	run -126 labelled unconfined exec a /etc/passwd
	[[ $output == *"cannot execute '/etc/passwd': Permission denied: by its mode, or by the policy of the label"* ]]
}

@test "exec: what is no label, and what is missing" {
	for row in '=it is empty' '&=it is empty' 'a//&=it ends in' '//&a=an empty profile' 'a//&//&b=an empty profile' ':a=no second' \
		':a:=no profile behind' ':a://=no profile behind' '::b=a namespace without' ':a//:b=a namespace without' 'a//&:b=no second' \
		'a//&b//&c//&d//&e//&f//&g//&h=more than 7 profiles' '&a//&b//&c//&d//&e//&f//&g//&h=more than 7 profiles'; do
		run -125 labelled unconfined exec "${row%%=*}" -- true
		[[ $output == *"'${row%%=*}' is no label: ${row#*=}"* ]] || { echo "$row: $output"; return 1; }
	done
	run -0 labelled unconfined exec 'a//&b//&c//&d//&e//&f//&g' true
	run -125 labelled unconfined exec
	[[ $output == *'the LABEL is missing, and the command'* ]]
	for end in '' --; do
		# shellcheck disable=SC2086 # a word or none
		run -125 labelled unconfined exec a $end
		[[ $output == *'the command is missing'* ]]
	done
	run -125 labelled unconfined exec --nothing a true
	run -0 "$initward" exec --help
}

@test "exec: why the kernel refuses" {
	ERRNO=13 run -125 labelled 'global//&unconfined (enforce)' exec ':a:b' true
	[[ $output == *"':a:b' is refused by this process's own label, global//&unconfined: it wants a rule \"change_profile -> :a:b,\""* ]]
	ERRNO=1 run -125 labelled host exec a true
	[[ $output == *"is refused by this process's own label, host:"* ]]
	ERRNO=1 run -125 setpriv --no-new-privs env LD_PRELOAD="$pretend" LABEL=host "$initward" exec a true
	[[ $output == *"this process has no_new_privs"*"its label: host"* ]]
	ERRNO=22 run -125 labelled host exec a true
	[[ $output == *"the kernel does not take 'a' for the command's label: Invalid argument"* ]]
}
