#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The judge of a system's life sees each thing that may be wrong with one of its boots.

setup() {
	bats_require_minimum_version 1.5.0
	top=$BATS_TEST_DIRNAME/../..
	files=$top/qemu/life.d
	facts=$BATS_TEST_TMPDIR/facts before=$BATS_TEST_TMPDIR/before
	end='ended=poweroff panic=no trouble=0 seconds=60.00 arch=amd64 accel=tcg'
	mode=hidden tests=update
	echo 'host.kept=0aa' >"$before"
	boot upgraded
}

# boot NAME: the facts of a good one, under the policy of the next version
boot() {
	name=$1
	cat >"$facts" <<-END
		outside=unconfined
		watch.from=global//&:application:unconfined (enforce)
		census.$1.mode=enforce
		census.$1.outsiders=0
		census.$1.tasks=15
		guest=$1.kernel=6.1
		guest=$1.running=running
		guest=$1.failed-units=
		guest=$1.unit.status=loaded active
		guest=$1.unit.health=loaded active
		guest=$1.status={ "verdict": "confined", "mode": "hidden" }
		guest=file.next=refused
		guest=file.local=written
		guest=test.update=ok
		guest=end=ok
		host.release=6.1
		host.newest=6.1
		host.booted=0aa
		host.left=0bb
		host.image=good
		host.kept=0aa
	END
	denied 1 'operation="chown" profile="global" name="/proc/version" pid=80 comm="exe" requested_mask="w"'
	denied 2 'operation="open" profile="global" name="/var/lib/initward-life/next" pid=81 comm="run" requested_mask="ac"'
}

denied() { echo "log.denied=audit: type=1400 audit(1.1:$1): apparmor=\"DENIED\" $2" >>"$facts"; }
change() { sed -i "$1" "$facts"; }

judge() {
	awk -f "$top/qemu/distro.d/facts.awk" -f "$files/judge.awk" -v name=here -v mode="$mode" -v tests="$tests" -v end="$end" \
		-v row="$(awk -v name="$name" '$1 == name' "$files/steps")" -v before="$before" -v asleep=one "$facts"
}

# good: nothing is wrong
good() {
	run -0 judge
	[[ $output != *"not ok"* && $output == *"ok - "* ]]
}

# bad TEXT: this, and nothing else
bad() {
	run -0 judge
	[ "$(grep -c '^not ok' <<<"$output")" -eq 1 ]
	[[ $output == *"not ok - here $mode $name: "*"$1"* ]]
}

# unconfined: what the facts are without a layer
unconfined() {
	change '/^log.denied/d; /^watch.from/d; s/\.outsiders=0/.outsiders=15/; s/"confined"/"not-confined"/; s/=refused/=written/'
}

@test "a good boot passes" {
	good
}

@test "a boot that does not power off, panics, or goes another way" {
	end='ended=limit panic=no trouble=0 seconds=900.00 arch=amd64 accel=tcg'
	bad 'comes up, does its work, powers off'
	end='ended=poweroff panic=no trouble=1 seconds=60.00 arch=amd64 accel=tcg'
	bad 'comes up, does its work, powers off'
	end=${end/trouble=1/trouble=0}
	echo 'guest=leaves=kexec' >>"$facts"
	bad 'comes up, does its work, powers off'
}

@test "a test that fails, and one without a result" {
	change 's/test.update=ok/test.update=failed/'
	bad 'test update'
	change '/test.update/d'
	bad 'test update'
}

@test "a failed unit, and another kernel than the one that was booted" {
	change 's/failed-units=/&cron.service /'
	bad 'running, no failed unit'
	boot upgraded
	change 's/upgraded.kernel=6.1/upgraded.kernel=6.2/'
	bad 'the kernel is 6.1'
}

@test "a task outside, a census that is missing, a mode that suspends all rules" {
	change 's/outsiders=0/outsiders=1/'
	bad 'every task of userland is under global'
	boot upgraded
	change '/^census/d'
	bad 'every task of userland is under global'
	boot upgraded
	change 's/mode=enforce/mode=complain/'
	bad 'every task of userland is under global'
	boot upgraded
	echo 'census.watch.outsider=7/7 parent 1 [unconfined] x' >>"$facts"
	bad 'every task of userland is under global'
}

@test "a denial that nobody asked for, and a log without the proof" {
	denied 3 'operation="capable" profile="global" capname="sys_admin" pid=9 comm="kexec"'
	bad 'global refuses nothing that it is not asked to'
	boot upgraded
	change '/proc.version/d'
	bad 'global refuses nothing that it is not asked to'
}

@test "the old policy after an upgrade, and a rule that is not there yet" {
	change 's/file.next=refused/file.next=written/; /initward-life.next/d'
	bad "the rule of the package's next version is in force"
	boot upgraded
	change 's/file.local=written/file.local=refused/'
	bad 'the rule of the administrator is not in force'
}

@test "a refused file without a record of global is no proof of the rule" {
	change '/initward-life.next/d'
	bad "the rule of the package's next version is in force"
}

@test "a unit in another state, a status that says something else" {
	change 's/unit.health=loaded active/unit.health=loaded inactive/'
	bad 'initward-health.service is active'
	boot upgraded
	change 's/"confined"/"complain"/'
	bad 'initward status: confined, hidden'
	boot upgraded
	mode=visible
	bad 'initward status: confined, visible'
}

@test "an image that was not made anew, or is not good; a last good one that is another" {
	change 's/host.left=0bb/host.left=0aa/'
	bad 'there is a new image'
	boot upgraded
	change 's/host.image=good/host.image=bad/'
	bad 'there is a new image'
	boot upgraded
	change 's/host.kept=0aa/host.kept=none/'
	bad 'the image of this boot is the last good one'
}

@test "a kernel upgrade leaves an image of a newer kernel" {
	boot installed
	change '/initward-life.next/d; s/file.next=refused/file.next=written/'
	bad 'that of a newer kernel'
	change 's/host.newest=6.1/host.newest=6.2/'
	good
}

@test "damaged: unconfined, both units failed, the image before stays the last good one" {
	boot truncated
	unconfined
	tests=''
	change 's/host.left=0bb/host.left=0aa/; s/loaded active/loaded failed/; s/running=running/running=degraded/'
	change 's/failed-units=/&initward-health.service initward-status.service /'
	good
	change 's/host.kept=0aa/host.kept=0bb/'
	bad 'the last good image is the one from before'
	change 's/host.kept=0bb/host.kept=0aa/; s/outsiders=15/outsiders=3/'
	bad 'nobody is confined'
}

@test "an image of garbage has to panic, and not to come up without confinement" {
	boot garbage
	tests='' end='ended=reset panic=yes trouble=0 seconds=9.00 arch=amd64 accel=tcg'
	printf 'host.%s\n' booted=0cc left=0cc kept=0aa >"$facts"
	good
	printf 'outside=unconfined\n' >>"$facts"
	bad 'nothing comes up'
}

@test "kexec: both userlands are judged, and the second one has to come up" {
	boot kexec
	sed -n 's/kexec/kexeced/p' "$facts" >>"$facts"
	echo 'guest=leaves=kexec' >>"$facts"
	change 's/host.left=0bb/host.left=0aa/; s/file.local=written/file.local=refused/'
	denied 3 'operation="open" profile="global" name="/var/lib/initward-life/local" pid=81 comm="run" requested_mask="ac"'
	tests=''
	good
	change 's/kexeced.outsiders=0/kexeced.outsiders=15/'
	bad 'kexeced: every task'
	change '/guest=end/d; s/kexeced.outsiders=15/kexeced.outsiders=0/'
	run -0 judge
	[[ $output == *"not ok - here hidden kexec: the kernel that kexec started came up"* ]]
}

@test "sleep: it goes to sleep, and the same boot goes on, not a fresh one" {
	boot hibernate
	tests=''
	change '/guest=end/d; /^host/d; s/file.local=written/file.local=refused/'
	denied 3 'operation="open" profile="global" name="/var/lib/initward-life/local" pid=81 comm="run" requested_mask="ac"'
	echo 'guest=leaves=hibernate' >>"$facts"
	good
	echo 'guest=end=ok' >>"$facts"
	bad 'goes to sleep'
	boot resume
	change 's/file.local=written/file.local=refused/; s/host.left=0bb/host.left=0aa/'
	denied 3 'operation="open" profile="global" name="/var/lib/initward-life/local" pid=81 comm="run" requested_mask="ac"'
	bad 'the same boot goes on'
	echo 'guest=awake=one' >>"$facts"
	good
}

@test "removed: no loader, no units, nobody confined" {
	boot removed
	unconfined
	tests=''
	change 's/loaded active/not-found inactive/; /removed.status/d; s/host.left=0bb/host.left=0aa/; s/image=good/image=plain/'
	good
	echo 'guest=removed.status={ "verdict": "not-confined" }' >>"$facts"
	bad 'there is no initward'
}

@test "stock: what a system without initward does" {
	mode=stock
	boot kexec
	unconfined
	sed -n 's/kexec/kexeced/p' "$facts" >>"$facts"
	tests=''
	echo 'guest=leaves=kexec' >>"$facts"
	change 's/host.left=0bb/host.left=0aa/; /unit/d; /status/d'
	good
}

@test "what the guest does in each boot is asked for, and each boot has a row" {
	run -0 "$top/qemu/life" --list
	[ "${lines[0]}" = installed ]
	for name in "${lines[@]}"; do
		run -0 "$files/guest/usr/lib/initward-life/run" --list "$name"
		for test in $output; do grep -q "^test_$test()" "$files/guest/usr/lib/initward-life/run"; done
	done
}

@test "qemu/life: wrong usage" {
	run -2 "$top/qemu/life" --mode other
	run -1 "$top/qemu/life" --only nowhere
	[[ $output == *"no system 'nowhere'"* ]]
	run -1 "$top/qemu/life" --from nowhere
	[[ $output == *"no boot 'nowhere'"* ]]
	[ "$(id -u)" -ne 0 ] || {
		run -1 "$top/qemu/life"
		[[ $output == *"make deb"* ]]
	}
}

@test "the section for the document: what was run, what failed, and nothing where nothing was run" {
	build=$BATS_TEST_TMPDIR/build section=$top/qemu/distro.d/document.d/life
	mkdir "$build"
	run -0 "$section" "$build"
	[ -z "$output" ]
	for one in installed kernel; do
		mkdir -p "$build/life/trixie-dracut/hidden/$one"
		echo 'guest=end=ok' >"$build/life/trixie-dracut/hidden/$one/facts"
		printf 'ok - a\nok - b\n' >"$build/life/trixie-dracut/hidden/$one/tap"
	done
	echo 'not ok - trixie-dracut hidden kernel: c' >>"$build/life/trixie-dracut/hidden/kernel/tap"
	mkdir "$build/life/trixie-dracut/hidden/off"
	: >"$build/life/trixie-dracut/hidden/off/facts"
	echo 'not ok - d' >"$build/life/trixie-dracut/hidden/off/tap"
	run -0 "$section" "$build"
	[[ $output == '## The life of'* ]]
	[[ $output == *'| boot | trixie-dracut, hidden |'* ]]
	[[ $output == *'| installed | 2 |'*'| kernel | 2, **1 failed** |'*'| upgraded | - |'*'| off | no result |'* ]]
	[[ $output == *'- trixie-dracut hidden kernel: c'*'- trixie-dracut hidden off: no result'* ]]
	[[ $output != *'- d'* ]]
}
