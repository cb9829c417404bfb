#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2034,SC2154 # variables of dracut and of the other half
# Puts initward in front of the image's /init; see docs/dracut.md. Here stands whether that is wanted, and
# what can be refused before anything is installed. 99zz-initward does the work, behind all others.

# The images of crash kernels: whatever a policy does, it may not cost the dump.
initward_crash_dump() {
	local module
	[[ -z ${IN_KDUMP-} ]] || return 0
	for module in kdumpbase kdump; do
		[[ " $dracutmodules $add_dracutmodules $force_add_dracutmodules ${mods_to_load-} ${modules_loaded-} " != *" $module "* ]] ||
			return 0
	done
	return 1
}

# The rescue entry of the boot menu is the way back from a policy that stops the boot.
initward_rescue() {
	[[ ${outfile##*/boot/} == *rescue* ]] &&
		[[ " $dracutmodules $add_dracutmodules $force_add_dracutmodules " == *" rescue "* ]]
}

initward_asked_for() {
	[[ " $dracutmodules $add_dracutmodules $force_add_dracutmodules " == *" initward "* ]]
}

# called by dracut
check() {
	initward_asked_for && return 0
	initward_crash_dump && return 1
	initward_rescue && return 1
	grep -Eqs '^[[:space:]]*policy[[:space:]]*=[[:space:]]*off([[:space:]].*)?$' \
		/etc/initward/initward.conf && return 1
	return 0
}

# called by dracut
depends() {
	echo zz-initward
}

# dracut ignores the status of install(), and writes the image last: who ends the run leaves the old one.
initward_refuse() {
	dfatal "initward: $1"
	exit 1
}

initward_check_version() {
	local major=${DRACUT_VERSION-}
	major=${major%%[!0-9]*}
	[[ ${initward_any_dracut-} != yes ]] || return 0
	((10#${major:-0} >= 59 && 10#${major:-0} <= 112)) ||
		initward_refuse "dracut ${DRACUT_VERSION:-without a version} is not one that this module was tried with (059 to 112); install a newer initward, or put initward_any_dracut=yes into /etc/dracut.conf.d/initward.conf and ask 'initward verify' about each image"
}

# Modules behind the last one could put an /init of their own over the loader, and nobody would see it.
initward_check_order() {
	local dir module behind=
	for dir in "$dracutbasedir/modules.d"/[0-9][0-9]*; do
		module=${dir##*/}
		[[ ! -d $dir || " $mods_to_load " != *" ${module:2} "* ]] || behind=$behind${behind:+ }$module
	done
	[[ $behind == *99zz-initward ]] ||
		initward_refuse "the module ${behind##* } comes behind 99zz-initward, where it may replace /init; give its folder in $dracutbasedir/modules.d a name that sorts before, or leave it out"
}

# What --include copies comes behind all modules too, and over what is there.
initward_check_includes() {
	local i target name
	for ((i = 0; i < ${#include_src[@]}; i++)); do
		target=$(realpath -m -s "/${include_target[i]}")
		for name in init initward; do
			[[ $target/ != "/$name/"* && ! ($target == / && -e ${include_src[i]}/$name) ]] ||
				initward_refuse "--include ${include_src[i]} ${include_target[i]} puts a /$name in behind all modules, over the loader's; install that file from a module"
		done
	done
}

initward_check_kernel() {
	[[ ${no_kernel-} == yes ]] || check_kernel_config CONFIG_SECURITY_APPARMOR ||
		initward_refuse "the kernel $kernel has no AppArmor (CONFIG_SECURITY_APPARMOR is not set in its configuration), so that nothing can be confined; leave this module out for it (--omit initward), or take another kernel"
}

# called by dracut
install() {
	if initward_crash_dump; then
		dwarn 'initward: the image of a crash kernel stays as it is: no policy may cost a dump'
		initward_work=none
		return 0
	fi
	initward_check_version
	[[ -z ${dracutsysrootdir-} ]] ||
		initward_refuse "with --sysroot the policy and the configuration would be this system's and not those of $dracutsysrootdir; leave this module out (--omit initward), and wrap the finished image ('initward wrap --source ... IMAGE')"
	dracut_module_included squash && ! dracut_module_included squash-lib &&
		initward_refuse "the module squash of this dracut ($DRACUT_VERSION) puts an /init of its own over the loader at the very end; leave it out (--omit squash), or take dracut 106 or later"
	type -P initward >/dev/null ||
		initward_refuse 'the command initward is not installed; install the package initward, or leave this module out (--omit initward)'
	initward_check_order
	initward_check_includes
	initward_check_kernel
	initward_work=wrap
}
