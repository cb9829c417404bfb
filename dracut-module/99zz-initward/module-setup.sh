#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2034,SC2154 # variables of dracut and of the other half
# The second half of 50initward. Its name sorts behind all others (dracut sets LC_ALL=C), so that whoever
# owns /init by now becomes the next init.

# called by dracut: comes with initward, never by itself
check() {
	return 255
}

initward_refuse() {
	dfatal "initward: $1"
	exit 1
}

# What initward said goes where dracut's messages go, and the run ends with its last line. No file comes
# between: there may be no room for one.
initward_failed() {
	[[ $1 != *$'\n'* ]] || derror <<<"${1%$'\n'*}"
	initward_refuse "$(sed -n -E '$s/^(initward[a-z ]*: )?(.*)/\2/p' <<<"$1")"
}

# dracut adds libraries behind all modules, the dynamic linker with them, and dracut 112 what scripts name in
# their first line: without these nothing of the tree could be started, and the next init would not
# pass. No more than that: dracut 112 gives up on private libraries that it finds in the tree without
# the program that they belong to.
initward_resolve() {
	local -a files=("${DRACUT_TESTBIN:-/bin/sh}")
	local init=$initdir/init link start=
	[[ ${DRACUT_RESOLVE_LAZY-} ]] || return 0
	for _ in {1..20}; do
		link=$(readlink "$init") || break
		if [[ $link == /* ]]; then init=$initdir$link; else init=${init%/*}/$link; fi
	done
	[[ ! -f $init ]] || IFS= read -r -n 2 start 2>/dev/null <"$init"
	[[ $start != '#!' ]] || files+=("$init")
	$DRACUT_INSTALL -D "$initdir" -R ${DRACUT_FIPS_MODE:+-f} "${files[@]}" 2>/dev/null || :
}

# dracut 112 removes remove_items from the finished tree. initward_check_removals TREE
initward_check_removals() {
	local pattern path
	for pattern in ${remove_items-}; do
		for path in "$1"/${pattern#/}; do
			path=$(realpath -m -s "$path")
			[[ $path != "$1" && $path != "$1/init" && $path/ != "$1/initward/"* ]] ||
				initward_refuse "remove_items has $pattern, which would remove /${path#"$1"/} behind all modules; take it out"
		done
	done
}

# The kernel that the image is for, as `initward compile --kernel` takes it.
initward_kernel() {
	[[ ${no_kernel-} != yes ]] || return 0
	if [[ ${uefi-} == yes && -n ${kernel_image-} ]]; then
		realpath "$kernel_image"
	else
		echo "$kernel"
	fi
}

# Until version 106 dracut copies the finished image over the old one, and removes both where there is no
# room. Where that can happen the old one is kept, and put back.
initward_keep_old() {
	local major=${DRACUT_VERSION%%[!0-9]*} free old needed
	((10#${major:-0} < 112)) && [[ -f $outfile ]] || return 0
	free=$(stat -f -c '%a*%S' -- "$outfile") old=$(stat -c '%b*%B' -- "$outfile")
	needed=$(du -s --block-size=1 "$initdir")
	((${needed%%[!0-9]*} >= free + old)) || return 0
	cp --reflink=auto -p -- "$outfile" "$DRACUT_TMPDIR/initward.old" ||
		initward_refuse "no room in $DRACUT_TMPDIR to keep the old image $outfile, and perhaps none for the new one; nothing was changed"
	local -a trapped
	eval "trapped=($(trap -p EXIT))"
	# shellcheck disable=SC2064 # dracut's own trap, as it is now
	trap -- "initward_put_back; ${trapped[2]-}" EXIT
}

initward_put_back() {
	local ended=$?
	if [[ ! -e $outfile ]]; then
		if cp -p -- "$DRACUT_TMPDIR/initward.old" "$outfile"; then
			dfatal "initward: the new image did not come to its place; the old one is back as $outfile"
		else
			keep=yes
			dfatal "initward: the old image could not be put back; it is $DRACUT_TMPDIR/initward.old"
		fi
	fi
	return "$ended"
}

# called by dracut
install() {
	local tree=$initdir kernel_for said
	[[ ${initward_work-} ]] || initward_refuse 'this module is a part of the module initward; ask for that one'
	[[ $initward_work == wrap ]] || return 0
	# the outer tree of a squashed image is what the kernel starts; it is complete
	if dracut_module_included squash-lib; then tree=$squashdir; else initward_resolve; fi
	initward_check_removals "$tree"
	kernel_for=$(initward_kernel)
	said=$(initward wrap ${kernel_for:+--kernel "$kernel_for"} "$tree" 2>&1 >/dev/null) || initward_failed "$said"
	[[ -z $said ]] || dwarn <<<"initward: ${said//$'\n'/$'\n'initward: }"
	said=$(initward verify "$tree" 2>&1) || initward_failed "$(grep -v '^ok: ' <<<"$said")"
	initward_keep_old
}
