#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the judge of systems with containers sees. What it has in common with the others is in distro.bats.

setup() {
	bats_require_minimum_version 1.5.0
	top=$BATS_TEST_DIRNAME/../..
	files=$top/qemu/distro.d
	facts=$BATS_TEST_TMPDIR/facts stock=$BATS_TEST_TMPDIR/stock
	stock >"$stock"
	mode=hidden
}

# runs NAME LABEL [REST]
runs() {
	printf 'label.%s=%s\nguest=%s=works inside [%s] %s\n' "$1" "$2" "$1" "${2#*:application:}" "${3:-exec ok stop 0}"
}

# refused NAME TARGET
refused() {
	printf 'guest=%s=refused (permission denied)\n' "$1"
	denied "${3:-change_onexec}" "profile=\"global\" name=\"$2\" target=\"$2\""
}

denied() { printf 'log.denied=audit: type=1400 audit(1.1:9): apparmor="DENIED" operation="%s" %s pid=9 comm="x"\n' "$1" "$2"; }

stock() {
	hidden | sed 's/global\/\/&:application://; s/^\(label.lxc-\(generated\|nesting\)=.*\) (enforce)/\1\/\/\&:lxc-lxc-\2_<-var-lib-lxc>:unconfined (enforce)/
		s/^\(guest=lxc-\(generated\|nesting\)=works inside \[\)[^]]*/\1unconfined/'
	echo guest=end=ok
}

hidden() {
	app='global//&:application:'
	runs docker-default "${app}docker-default (enforce)"
	runs docker-unconfined "${app}unconfined (enforce)"
	runs podman-default "${app}containers-default-0.62.2 (enforce)"
	runs podman-unconfined "${app}unconfined (enforce)"
	runs podman-rootless "${app}crun (mixed)"
	runs lxc-default "${app}lxc-container-default-cgns (enforce)" 'exec ok stop STOPPED'
	runs lxc-unconfined "${app}unconfined (enforce)" 'exec ok stop STOPPED'
	runs lxc-generated "${app}lxc-lxc-generated_</var/lib/lxc> (enforce)" 'exec ok stop STOPPED'
	runs lxc-nesting "${app}lxc-lxc-nesting_</var/lib/lxc> (enforce)" 'exec ok stop STOPPED'
	runs snap "${app}snap.initward-app.initward-app (enforce)"
	echo guest=snap-confinement=partial
}

visible() {
	refused docker-default docker-default
	refused docker-unconfined unconfined
	refused podman-default containers-default-0.62.2
	refused podman-unconfined unconfined
	runs podman-rootless 'crun//&global (mixed)'
	refused lxc-default lxc-container-default-cgns change_profile
	refused lxc-unconfined unconfined change_profile
	refused lxc-generated 'lxc-lxc-generated_</var/lib/lxc>' change_profile
	refused lxc-nesting 'lxc-lxc-nesting_</var/lib/lxc>' change_profile
	echo 'guest=snap=refused (permission denied)'
	denied ptrace 'profile="/snap/snapd/x1/usr/lib/snapd/snap-confine" peer="global//&unconfined"'
	runs docker-stacked 'docker-default//&global//&runc (mixed)'
	runs podman-stacked 'containers-default-0.62.2//&crun//&global (mixed)' 'exec OCI permission denied stop 0'
	runs lxc-stacked '/usr/bin/lxc-start//&global//&lxc-container-default-cgns (enforce)' \
		'exec Failed to attach to container stop STOPPED'
	echo guest=snap-confinement=partial
	printf 'census.running.profile=%s (unconfined)\n' crun runc
}

# Debian 12: no profiles of runtimes
visible_without_profiles() {
	visible | sed '/^census.*profile=/d; s/^\(label.*=\)crun\/\/&global/\1global\/\/\&unconfined/
		s/^\(label.docker-stacked=docker-default\).*/\1\/\/\&global\/\/\&unconfined (enforce)/
		s/^\(label.podman-stacked=containers-default-[0-9.]*\).*/\1\/\/\&global\/\/\&unconfined (enforce)/'
}

# Only what is about containers: the rest of the boot is not there.
judge() {
	awk -f "$files/facts.awk" -f "$files/containers/judge.awk" -f "$files/judge.awk" -v name=here -v mode="$mode" -v stock="$stock" "$facts" |
		grep -E -A 9 'here [a-z]*: (docker|podman|lxc|snap|global)'
}

only_bad() {
	run -0 judge
	bad=$(printf '%s\n' "$output" | grep '^not ok .*: \(docker\|podman\|lxc\|snap\)')
	[ "$(printf '%s\n' "$bad" | wc -l)" -eq 1 ]
	[[ $bad == *"$1"* ]]
}

all_good() {
	run -0 judge
	[ "$(printf '%s\n' "$output" | grep -c '^ok .*: \(docker\|podman\|lxc\|snap\)')" -eq "$1" ]
	[ "$(printf '%s\n' "$output" | grep -c '^not ok .*: \(docker\|podman\|lxc\|snap\)')" -eq 0 ]
}

@test "containers: a good boot in each mode" {
	hidden >"$facts"
	all_good 13
	mode=visible
	visible >"$facts"
	all_good 14
	mode=stock
	stock >"$facts"
	all_good 13
}

@test "containers: one that does not start, that is not told of, or that takes no signal" {
	hidden | sed 's/^guest=podman-default=.*/guest=podman-default=refused (no)/' >"$facts"
	only_bad podman-default
	hidden | sed '/=docker-default=/d' >"$facts"
	only_bad docker-default
	hidden | sed 's/^\(guest=docker-unconfined=.*\)stop 0/\1stop 137/' >"$facts"
	only_bad docker-unconfined
	hidden | sed 's/^\(guest=snap=.*\)exec ok/\1exec refused/' >"$facts"
	only_bad 'snap:'
}

@test "containers: one without its profile, without the layer, or with a profile of the root namespace" {
	hidden | sed 's/^\(label.docker-default=\).*/\1global\/\/\&:application:unconfined (enforce)/' >"$facts"
	only_bad docker-default
	hidden | sed 's/^\(label.lxc-default=\)global\/\/&/\1/' >"$facts"
	only_bad lxc-default
	hidden | sed 's/^\(label.lxc-default=.*\):application:/\1/' >"$facts"
	only_bad lxc-default
	mode=stock
	stock | sed 's/^label.snap=/&global\/\/\&/' >"$facts"
	only_bad 'snap:'
}

@test "containers: visible mode refuses a plain change of profile, and a reason has to be in the log" {
	mode=visible
	visible | sed '/^log.denied=.*docker-default/d' >"$facts"
	only_bad docker-default
	visible | sed '/^log.denied=.*snap-confine/d' >"$facts"
	only_bad 'snap:'
	{
		visible | sed '/^guest=lxc-unconfined/d'
		runs lxc-unconfined 'global//&unconfined (enforce)' 'exec ok stop STOPPED'
	} >"$facts"
	only_bad lxc-unconfined
}

@test "containers: visible mode's way out has to work: a stacked profile" {
	mode=visible
	visible | sed 's/^\(guest=docker-stacked=.*\)stop 0/\1stop 137/' >"$facts"
	only_bad docker-stacked
	visible | sed 's/^\(label.podman-stacked=\)containers-default[^&]*&/\1/' >"$facts"
	only_bad podman-stacked
	visible | sed '/lxc-stacked/d' >"$facts"
	only_bad lxc-stacked
}

@test "containers: what a profile is stacked on is the runtime's own, or unconfined where it has none" {
	mode=visible
	visible_without_profiles >"$facts"
	all_good 14
	visible_without_profiles | sed 's/^\(label.docker-stacked=.*\)\/\/&unconfined/\1/' >"$facts"
	only_bad docker-stacked
	visible | sed 's/^\(label.podman-stacked=.*\)crun/\1unconfined/' >"$facts"
	only_bad podman-stacked
}

@test "containers: hidden mode is seen from inside, or is not where it should be" {
	hidden | sed 's/^\(guest=docker-default=works inside \[\)/\1global\/\/\&/' >"$facts"
	only_bad docker-default
	hidden | sed 's/^\(guest=lxc-nesting=works inside \[\)[^]]*/\1unconfined/' >"$facts"
	only_bad 'lxc-nesting: has no policy namespace'
	mode=stock
	stock | sed 's/^\(guest=lxc-nesting=works inside \[\)[^]]*/\1lxc-lxc-nesting_x/' >"$facts"
	only_bad 'lxc-nesting: has a policy namespace'
	mode=hidden
	hidden >"$facts"
	: >"$stock"
	run -0 judge
	[[ $output == *"not ok - here hidden: docker-default"* ]]
}

@test "containers: only what is accounted for is taken out of what global refuses" {
	{
		hidden
		refused more docker-default
	} >"$facts"
	run -0 judge
	[[ $output == *'not ok - here hidden: global refuses nothing'*'name="docker-default"'* ]]
	mode=visible
	{
		visible
		refused more other-profile
	} >"$facts"
	run -0 judge
	[[ $output == *'not ok - here visible: global refuses nothing'*'name="other-profile"'* ]]
}
