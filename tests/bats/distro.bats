#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The judge of whole systems sees each thing that may be wrong with a boot.

setup() {
	bats_require_minimum_version 1.5.0
	top=$BATS_TEST_DIRNAME/../..
	files=$top/qemu/distro.d
	facts=$BATS_TEST_TMPDIR/facts stock=$BATS_TEST_TMPDIR/stock
	end='ended=poweroff panic=no trouble=0 seconds=60.00 arch=amd64 accel=tcg'
	tests='running login kexec'
	stock_facts >"$stock"
	hidden_facts >"$facts"
}

denied() { echo "log.denied=audit: type=1400 audit(1.1:$1): apparmor=\"DENIED\" $2"; }

stock_facts() {
	cat <<-'END'
		outside=unconfined
		census.running.profile=/usr/sbin/chronyd (enforce)
		census.running.profile=unbound (enforce)
		label.service-chrony=/usr/sbin/chronyd (enforce)
		label.service-unbound=unbound (enforce)
		guest=failed-units=
		guest=end=ok
	END
	denied 1 'operation="open" profile="unbound" name="/proc/17/maps" pid=17 comm="unbound" requested_mask="r"'
}

hidden_facts() {
	cat <<-'END'
		outside=unconfined
		watch.from=global//&:application:unconfined (enforce)
		census.running.profile=global (enforce)
		census.running.profile=:application:/usr/sbin/chronyd (enforce)
		census.running.profile=:application:unbound (enforce)
		label.service-chrony=global//&:application:/usr/sbin/chronyd (enforce)
		label.service-unbound=global//&:application:unbound (enforce)
		label.app-plain=global//&:application:initward-app (enforce)
		label.app-nnp=global//&:application:initward-app (enforce)
		guest=initward-app-plain=starts
		guest=initward-app-nnp=starts
		label.app-stacked=global//&:application:initward-app//&unconfined (enforce)
		label.app-stacked-nnp=global//&:application:initward-app//&unconfined (enforce)
		guest=initward-app-stacked=starts
		guest=initward-app-stacked-nnp=starts
		guest=inherited=is refused
		guest=kexec=loaded
		guest=label-seen=unconfined
		guest=status={ "verdict": "confined", "mode": "hidden" }
		guest=test.running=ok
		guest=test.login=ok
		guest=test.kexec=ok
		guest=test.soft-reboot=ok
		guest=failed-units=
		guest=end=ok
	END
	for place in boot running reexec end soft; do
		printf 'census.%s.%s\n' "$place" mode=enforce "$place" outsiders=0 "$place" tasks=15
	done
	denied 1 'operation="chown" profile="global" name="/proc/version" pid=80 comm="exe" requested_mask="w"'
	denied 2 'operation="open" namespace="root//application" profile="unbound" name="/proc/23/maps" pid=23 comm="unbound" requested_mask="r"'
}

judge() {
	awk -f "$files/facts.awk" -f "$files/judge.awk" -v name=here -v mode="${mode:-hidden}" -v level="${level:-}" -v costs="${costs:-}" -v tests="$tests" -v end="$end" -v stock="$stock" "$facts"
}

# What a level refuses a system, and a boot of that level.
strict_boot() {
	level=strict costs=$BATS_TEST_TMPDIR/costs
	cat >"$costs" <<-'END'
		# comment
		strict,sealed	h*re	global	open	/proc/sys/kernel/core_*	systemd-sysctl
		sealed		*	global	mount	/usr/	x
		strict		there	global	open	/x	y
	END
	hidden_facts | sed 's/"mode": "hidden"/&, "level": "strict"/; s/^guest=kexec=.*/guest=kexec=is refused/' >"$facts"
	refused core_pattern systemd-sysctl >>"$facts"
	denied 4 'operation="capable" profile="global" pid=7 comm="trying" capability=33  capname="mac_admin"' >>"$facts"
}

refused() { denied 3 "operation=\"open\" profile=\"${3:-global}\" name=\"/proc/sys/kernel/$1\" pid=9 comm=\"$2\" requested_mask=\"w\""; }

# Exactly one result is bad, and its text says so.
only_bad() {
	run -0 judge
	bad=$(printf '%s\n' "$output" | grep '^not ok ')
	[ "$(printf '%s\n' "$bad" | wc -l)" -eq 1 ]
	[[ $bad == *"$1"* ]]
}

@test "a good boot passes, with all results" {
	run -0 judge
	[[ $output != *"not ok"* ]]
	[ "$(printf '%s\n' "$output" | grep -c '^ok - here hidden: ')" -eq 21 ]
}

@test "a boot that does not power off by itself, or that panics, or that leaves trouble in the log" {
	end='ended=limit panic=no trouble=0 seconds=900.00'
	only_bad 'powers off'
	end='ended=poweroff panic=no trouble=1 seconds=60.00'
	only_bad 'powers off'
	end='ended=reset panic=yes trouble=0 seconds=60.00'
	only_bad 'powers off'
}

@test "an observer that could not do its work" {
	echo 'outside.error=kmsg EPERM' >>"$facts"
	only_bad 'powers off'
}

@test "a test that fails, and one without a result" {
	sed -i 's/^guest=test.login=ok/guest=test.login=failed (status 1): no/' "$facts"
	only_bad 'test login'
	sed -i '/^guest=test.login=/d' "$facts"
	only_bad 'test login'
}

@test "a unit that failed, and nobody who says whether one did" {
	sed -i 's/^guest=failed-units=/&cron.service /' "$facts"
	only_bad 'no failed unit'
	sed -i '/^guest=failed-units=/d' "$facts"
	only_bad 'no failed unit'
}

# What fails in the stock boot is no result of initward's, neither good nor bad.
@test "a test that fails in the stock boot, as in a confined one, is skipped aloud" {
	fails='failed (status 1): pid 17: no|restart fails: unbound|'
	sed -i "s/^guest=test.login=.*/guest=test.login=$fails/" "$facts"
	only_bad 'test login'
	echo "guest=test.login=${fails/17/23}" >>"$stock"
	run -0 judge
	[[ $output != *"not ok"* ]]
	[[ $output == *"test login # SKIP fails in the stock boot too: failed (status N): restart fails: unbound"* ]]
	hidden_facts >"$facts"
	run -0 judge
	[[ $output == *"ok - here hidden: test login"$'\n'* ]]
	echo 'guest=test.login=failed (status 1): restart fails: unbound cron|' >>"$facts"
	only_bad 'test login'
	echo 'guest=test.login=failed (status 124): restart fails: unbound|' >>"$facts"
	only_bad 'test login'
}

@test "a system that does not come up by itself is no measure" {
	for which in "$facts" "$stock"; do
		echo 'guest=test.running=failed (status 1): is-system-running: degraded, failed: x.service|' >>"$which"
	done
	only_bad 'test running'
	mode=stock facts=$stock
	run -0 judge
	[[ $output == *'not ok - here stock: test running'* ]]
}

@test "units that fail in the stock boot too are skipped aloud, others are not" {
	sed -i 's/^guest=failed-units=/&a.service /' "$facts" "$stock"
	run -0 judge
	[[ $output != *"not ok"* ]]
	[[ $output == *"no failed unit # SKIP fails in the stock boot too: a.service"* ]]
	sed -i 's/^guest=failed-units=/&b.service /' "$facts"
	only_bad 'no failed unit'
}

@test "a stock boot: what fails in it is skipped aloud, what is missing is not" {
	mode=stock tests='login su' facts=$stock
	echo 'guest=test.login=failed (status 1): no|' >>"$stock"
	sed -i 's/^guest=failed-units=/&a.service /' "$stock"
	run -0 judge
	[[ $output == *"ok - here stock: test login # SKIP fails as the distribution is: failed (status N): no"* ]]
	[[ $output == *"ok - here stock: no failed unit # SKIP fails as the distribution is: a.service"* ]]
	[[ $output == *"not ok - here stock: test su"* ]]
}

@test "what is skipped does not count as passed" {
	export INITWARD_DISTRO=$BATS_TEST_TMPDIR/distro
	for mode in stock hidden; do
		mkdir -p "$INITWARD_DISTRO/bookworm-dracut/$mode"
		echo "$end" >"$INITWARD_DISTRO/bookworm-dracut/$mode/end"
	done
	passed_all() { "$files/guest/usr/lib/initward-test/run" --list hidden | tr ' ' '\n' | sed 's/.*/guest=test.&=ok/'; }
	{ cat "$stock"; passed_all; } >"$INITWARD_DISTRO/bookworm-dracut/stock/facts"
	{ cat "$facts"; passed_all; } >"$INITWARD_DISTRO/bookworm-dracut/hidden/facts"
	distro() { "$top/qemu/distro" --judge --only bookworm-dracut --mode hidden; }
	run -0 distro
	[[ $output != *SKIP* ]]
	before=${lines[-1]% passed, 0 failed}
	for mode in stock hidden; do
		echo 'guest=test.login=failed (status 1): no|' >>"$INITWARD_DISTRO/bookworm-dracut/$mode/facts"
	done
	run -0 distro
	[[ ${lines[-2]} == "# 1 skipped, neither passed nor failed: see SKIP" ]]
	[[ ${lines[-1]} == "$((before - 1)) passed, 0 failed" ]]
	echo 'guest=test.su=failed (status 1): no|' >>"$INITWARD_DISTRO/bookworm-dracut/hidden/facts"
	run -1 distro
	[[ ${lines[-1]} == "$((before - 2)) passed, 1 failed" ]]
}

@test "qemu/distro: no package, no confined boot" {
	run -1 env -u INITWARD_PACKAGE "$top/qemu/distro" --only bookworm-dracut --mode stock --mode hidden
	[[ $output == *"want --package FILE"* ]]
}

@test "a task that is not under global, at a census or between two" {
	echo 'census.end.outsider=7/7 parent 1 [unconfined] /bin/sh' >>"$facts"
	only_bad 'every task'
	hidden_facts >"$facts"
	echo 'census.watch.outsider=7/7 parent 1 [unconfined] /bin/sh' >>"$facts"
	only_bad 'every task'
	[[ $output == *"7/7 parent 1 [unconfined] /bin/sh"* ]]
}

@test "a program that the kernel has started is named, and is no failure" {
	echo 'census.watch.helper=7/7 parent 2 [unconfined] /sbin/modprobe x' >>"$facts"
	run -0 judge
	[[ $output != *"not ok"* ]]
	[[ $output == *"outside: 7/7 parent 2 [unconfined] /sbin/modprobe x"* ]]
}

@test "a census that is missing, one of nobody, and an observer that is not outside" {
	sed -i '/^census.reexec.tasks=/d' "$facts"
	only_bad 'every task'
	hidden_facts | sed 's/^census.soft.tasks=.*/census.soft.tasks=1/' >"$facts"
	only_bad 'every task'
	hidden_facts | sed 's/^outside=.*/outside=global/' >"$facts"
	only_bad 'every task'
}

@test "a module-wide mode that suspends all rules" {
	sed -i 's/^census.end.mode=enforce/census.end.mode=complain/' "$facts"
	only_bad 'every task'
}

@test "a denial by global, and a log without the proof" {
	denied 3 'operation="open" profile="global" name="/dev/mem" pid=9 comm="x" requested_mask="w"' >>"$facts"
	only_bad 'global refuses nothing'
	[[ $output == *'name="/dev/mem"'* ]]
	hidden_facts | sed '/\/proc\/version/d' >"$facts"
	only_bad 'global refuses nothing'
}

@test "what a level costs a system is asserted, in both directions" {
	strict_boot
	run -0 judge
	[[ $output != *"not ok"* ]]
	[[ $output == *"ok - here hidden strict: global refuses nothing but the reserved path, and what the level costs"* ]]
	level=compatible
	sed -i 's/^guest=kexec=.*/guest=kexec=loaded/' "$facts"
	only_bad 'global refuses nothing'
	[[ $output == *"mac_admin"* ]]
	level=sealed
	sed -i 's/^guest=kexec=.*/guest=kexec=is refused/; s/"level": "strict"/"level": "sealed"/; /mac_admin/d' "$facts"
	only_bad 'global refuses nothing'
	[[ $output == *"not refused: sealed"* ]]
	strict_boot
	sed -i '/core_pattern/d' "$facts"
	only_bad 'global refuses nothing'
	[[ $output == *"not refused: strict,sealed"*"core_*"* ]]
}

@test "the loader has proved once that mac_admin is denied at level strict, and nobody else has tried" {
	strict_boot
	sed -i '/mac_admin/d' "$facts"
	only_bad 'global refuses nothing'
	strict_boot
	denied 5 'operation="capable" profile="global" pid=9 comm="trying" capability=33  capname="mac_admin"' >>"$facts"
	only_bad 'global refuses nothing'
	strict_boot
	denied 5 'operation="capable" profile="global" pid=9 comm="sh" capability=33  capname="mac_admin"' >>"$facts"
	only_bad 'global refuses nothing'
}

@test "who does not stand in the costs is refused for no reason that is told" {
	for words in 'modprobe systemd-sysctl' 'core_pattern sh' 'core_pattern systemd-sysctl helpers' 'x y parser'; do
		strict_boot
		# shellcheck disable=SC2086 # words
		refused $words >>"$facts"
		only_bad 'global refuses nothing'
	done
}

@test "a program that the kernel has started is confined at the levels above compatible" {
	strict_boot
	run -0 judge
	[[ $output == *"ok - here hidden strict: what the kernel starts by itself is confined"* ]]
	echo 'census.watch.helper=7/7 parent 2 [unconfined] /sbin/modprobe x' >>"$facts"
	only_bad 'what the kernel starts'
}

@test "a level that is not the one asked for" {
	strict_boot
	sed -i 's/"level": "strict"/"level": "compatible"/' "$facts"
	only_bad 'initward status'
}

# The administrator reads it there.
@test "what a level costs a stock system stands in the table of its policy" {
	sed -E '/^(#|$)/d' "$files/costs" >"$BATS_TEST_TMPDIR/lines"
	[ -s "$BATS_TEST_TMPDIR/lines" ]
	while read -r levels _ _ _ path _; do
		for level in ${levels//,/ }; do
			grep '^|' "$top/policy/$level/README.md" | grep -qF "$(basename "$path")" || {
				echo "not told: $level $path"
				return 1
			}
		done
	done <"$BATS_TEST_TMPDIR/lines"
}

@test "levels: a folder for each boot, none of them visible, and bad words" {
	distro=$top/qemu/distro
	export INITWARD_DISTRO=$BATS_TEST_TMPDIR/out
	run "$distro" --judge --only trixie-dracut --level strict --level sealed
	[ "$(cut -d ' ' -f 2 "$INITWARD_DISTRO/jobs" | xargs)" = 'stock hidden-strict hidden-sealed' ]
	[[ $output == *"not ok "*" - trixie-dracut hidden strict: comes up"* ]]
	run -2 "$distro" --judge --level mild
	run -1 "$distro" --judge --mode visible --level strict
	[[ $output == *"visible mode is for level compatible"* ]]
	run -1 "$distro" --judge --etc "$BATS_TEST_TMPDIR/none"
	[[ $output == *"no folder"* ]]
}

@test "a denial by a profile of the distribution that the stock boot does not have" {
	denied 3 'operation="open" namespace="root//application" profile="unbound" name="/etc/x" pid=9 comm="unbound" requested_mask="r"' >>"$facts"
	only_bad 'profiles refuse nothing'
}

@test "what a profile in complain mode would refuse is told, and is no failure" {
	denied 3 'operation="open" namespace="root//application" profile="x" name="/etc/x" pid=9 comm="x" requested_mask="r"' |
		sed 's/DENIED/ALLOWED/' >>"$facts"
	run -0 judge
	[[ $output != *"not ok"* ]]
	[[ $output == *'in complain mode, not in a stock boot: '*'name="/etc/x"'* ]]
}

@test "an inherited file that fares as in a stock boot is news" {
	sed -i 's/^guest=inherited=.*/guest=inherited=works/' "$facts"
	only_bad 'inherited file'
}

@test "another kernel that is loaded at level strict, or is not at level compatible" {
	sed -i 's/^guest=kexec=.*/guest=kexec=is refused/' "$facts"
	only_bad 'another kernel: loaded'
	strict_boot
	sed -i 's/^guest=kexec=.*/guest=kexec=loaded/' "$facts"
	only_bad 'another kernel: is refused'
}

@test "a profile of a policy namespace of the distribution" {
	echo 'census.running.profile=:glycin:loaders (enforce)' >>"$stock"
	only_bad 'profiles are loaded'
	echo 'census.running.profile=:application//glycin:loaders (enforce)' >>"$facts"
	run -0 judge
	[[ $output != *"not ok"* ]]
}

@test "records that are missing from the log" {
	echo 'log.lost=audit: audit_lost=1' >>"$facts"
	only_bad 'log is whole'
}

@test "a profile that is not loaded, and one of the wrong namespace" {
	sed -i '/profile=:application:unbound/d' "$facts"
	only_bad 'profiles are loaded'
	echo 'census.running.profile=unbound (enforce)' >>"$facts"
	only_bad 'profiles are loaded'
}

@test "a service without its profile, and one without global" {
	sed -i 's/^\(label.service-unbound=\).*/\1global\/\/\&:application:unconfined (enforce)/' "$facts"
	only_bad 'unbound runs under'
	hidden_facts | sed 's/^\(label.service-unbound=\)global\/\/&/\1/' >"$facts"
	only_bad 'unbound runs under'
}

@test "a service that does not run in the stock boot either is skipped aloud, one that ran there is not" {
	sed -i '/^label.service-unbound/d' "$facts"
	only_bad 'unbound runs under'
	sed -i '/^label.service-unbound/d' "$stock"
	run -0 judge
	[[ $output != *"not ok"* ]]
	[[ $output == *"unbound runs under :application:unbound # SKIP does not run in the stock boot either"* ]]
	hidden_facts | sed 's/^\(label.service-unbound=\)global\/\/&/\1/' >"$facts"
	only_bad 'unbound runs under'
	: >"$stock"
	sed -i '/^label.service-unbound/d' "$facts"
	run -0 judge
	[[ $output == *"not ok - here hidden: unbound runs under"* ]]
}

@test "AppArmorProfile= has to work in hidden mode, and to be refused in visible mode" {
	sed -i 's/^guest=initward-app-nnp=starts/guest=initward-app-nnp=fails/' "$facts"
	only_bad 'NoNewPrivileges= works'
	hidden_facts >"$facts"
	mode=visible
	run -0 judge
	[[ $output == *"not ok - here visible: AppArmorProfile= is refused"* ]]
}

@test "AppArmorProfile=& has to work, under the layer" {
	sed -i 's/^guest=initward-app-stacked-nnp=starts/guest=initward-app-stacked-nnp=fails/' "$facts"
	only_bad 'AppArmorProfile=& with NoNewPrivileges= works'
	hidden_facts | sed 's/^\(label.app-stacked=\)global\/\/&/\1/' >"$facts"
	only_bad 'AppArmorProfile=& works'
	hidden_facts | sed 's/^\(label.app-stacked=.*\):application:initward-app\/\/&/\1/' >"$facts"
	only_bad 'AppArmorProfile=& works'
}

@test "a status that says something else" {
	sed -i 's/"verdict": "confined"/"verdict": "unknown"/' "$facts"
	only_bad 'initward status'
}

@test "nothing to compare with is a failure" {
	: >"$stock"
	run -0 judge
	[[ $output == *"not ok - here hidden: the distribution's profiles refuse nothing"* ]]
	[[ $output == *"not ok - here hidden: the distribution's profiles are loaded"* ]]
}

@test "soft-reboot is skipped aloud where systemd has none, and not forgotten" {
	sed -i '/soft-reboot/d; /^census.soft/d' "$facts"
	run -0 judge
	[[ $output == *"not ok - here hidden: soft-reboot"* ]]
	echo 'guest=soft-reboot=absent' >>"$facts"
	run -0 judge
	[[ $output != *"not ok"* ]]
	[[ $output == *"soft-reboot # SKIP"* ]]
}

@test "the document takes in the sections of other programs, in order, and not without one that fails" {
	mkdir -p "$BATS_TEST_TMPDIR/d/document.d" "$BATS_TEST_TMPDIR/build/distro"
	cd "$BATS_TEST_TMPDIR/d"
	cp "$files/document" "$files/systems" .
	run -0 ./document ../build/distro
	for nr in 2 1; do
		printf '#!/bin/sh\nprintf "## Section %s of %%s\\n" "$(basename "$(realpath "$1")")"\n' "$nr" >document.d/$nr
		chmod +x document.d/$nr
	done
	run -0 ./document ../build/distro
	[[ $output == *"## Section 1 of build"*"## Section 2 of build"* ]]
	printf '#!/bin/sh\nexit 3\n' >document.d/2
	run ! ./document ../build/distro
}

@test "qemu/distro: the systems, wrong usage" {
	run -0 "$top/qemu/distro" --list
	[ "${#lines[@]}" -eq 9 ]
	[[ $output == *bookworm-dracut* ]]
	run -1 "$top/qemu/distro" --only hamm-mkinitrd
	[[ $output == *"no system 'hamm-mkinitrd'"* ]]
	run -2 "$top/qemu/distro" --mode loud
	run -2 "$top/qemu/distro" --jobs 0
	run -2 "$top/qemu/distro" --only
	run -2 "$top/qemu/distro" --bogus
}
