#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC1003,SC2016,SC2154 # odd names; variables of compile.bash
# The list of programs that dpkg's lists make, on a made-up system; what the parser makes of its rules.
bats_require_minimum_version 1.5.0

setup() {
	load compile
	make_list=$top/policy/allowlist/bin/make-list
	root=$BATS_TEST_TMPDIR/root
	list=$root/etc/initward/policy/local/programs
	info=$root/var/lib/dpkg/info
	mkdir -p "$info" "$root/usr/bin" "$root/usr/lib/x" "$root/etc/cron.daily" "$root/opt/a b"
	ln -s usr/bin "$root/bin"
	has one /. /usr/bin/tool /bin/sh /usr/bin/alias /usr/share/text /usr/lib/x/libx.so.1.2 /usr/lib/x/libx.so.1
	has two:amd64 /etc/cron.daily/job /etc/cron.daily/gone
	program /usr/bin/tool /usr/bin/sh /etc/cron.daily/job
	ln -s tool "$root/usr/bin/alias"
	ln -s libx.so.1.2 "$root/usr/lib/x/libx.so.1"
	: >"$root/usr/lib/x/libx.so.1.2"
	mkdir -p "$root/usr/share"
	: >"$root/usr/share/text"
}

# has PACKAGE PATH...: that package's list
has() {
	printf '%s\n' "${@:2}" >"$info/$1.list"
}

program() {
	for path in "$@"; do
		: >"$root$path"
		chmod 755 "$root$path"
	done
}

make_it() { sh "$make_list" --root "$root" "$@"; }
rules() { make_it --output - | grep -v '^#'; }

@test "programs, folders of shared objects; no links, no texts, nothing that is gone" {
	run -0 rules
	[ "$output" = '  "/etc/cron.daily/job" mix,
  "/usr/bin/sh" mix,
  "/usr/bin/tool" mix,
  "/usr/lib/x/*" m,' ]
}

@test "it is the same again, whatever the locale, and is not written again" {
	run -0 make_it
	[[ $output == *"3 programs, 1 folders: "*"'initward update' is needed"* ]]
	cp "$list" "$list.first"
	touch -d 2001-01-01 "$list"
	LC_ALL=C.UTF-8 run -0 make_it
	[ -z "$output" ]
	cmp "$list" "$list.first"
	[ "$(date -r "$list" +%Y)" = 2001 ]
	[ "$(stat -c %a "$list")" = 644 ]
}

@test "a list that cannot be written leaves the old one, and nothing beside it" {
	make_it
	cp "$list" "$BATS_TEST_TMPDIR/first"
	program /usr/bin/new
	has new /usr/bin/new
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/mv"
	chmod +x "$BATS_TEST_TMPDIR/bin/mv"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run -1 make_it
	[[ $output == *"the old list is still there"* ]]
	cmp "$list" "$BATS_TEST_TMPDIR/first"
	[ "$(find "${list%/*}" -type f | wc -l)" -eq 1 ]
}

@test "--check tells differences and writes nothing" {
	run -1 make_it --check
	[[ $output == *"does not exist"* ]]
	make_it
	run -0 make_it --check
	[ -z "$output" ]
	program /usr/bin/new
	has new /usr/bin/new
	rm "$root/usr/bin/tool"
	run -1 make_it --check
	[ "$output" = '-"/usr/bin/tool" mix,
+"/usr/bin/new" mix,' ]
	run -1 grep new "$list"
}

@test "--packages: some, with and without architecture, from a file; one that is not there" {
	run -0 make_it --packages two --output -
	[[ $output == *job* && $output != *tool* ]]
	run -0 make_it --packages two:amd64,one --output -
	[[ $output == *job* && $output == *tool* ]]
	printf 'two\n' >"$BATS_TEST_TMPDIR/names"
	run -0 make_it --packages "@$BATS_TEST_TMPDIR/names" --output -
	[[ $output == *job* && $output != *tool* ]]
	run -1 make_it --packages two,three --output -
	[[ $output == *"installed: three" ]]
	: >"$BATS_TEST_TMPDIR/names"
	run -1 make_it --packages "@$BATS_TEST_TMPDIR/names" --output -
	[[ $output == *"is empty"* ]]
}

@test "names with letters that mean something to AppArmor are rules for that name alone" {
	names=('with space' '[' '{a,b}' 'q"uote' 'back\slash' '@{HOME}' 'st*r' 'what?' 'hash#x,' "ünï'" '-dash' '$x`y`' 'x^y')
	has odd "${names[@]/#//usr/bin/}"
	for name in "${names[@]}"; do program "/usr/bin/$name"; done
	run -0 make_it --packages odd
	[ "$(grep -c ' mix,$' "$list")" -eq "${#names[@]}" ]
	{
		echo 'profile global {'
		grep -v '^#' "$list"
		echo '}'
	} >"$BATS_TEST_TMPDIR/policy"
	apparmor_parser --config-file /dev/null -QTK -D rule-exprs "$BATS_TEST_TMPDIR/policy" 2>&1 | LC_ALL=C sed -n 's/^aare: .*   ->   //p' >"$BATS_TEST_TMPDIR/patterns"
	# PCRE without what the parser writes differently: each name is matched by one rule
	grep -a /usr/bin "$BATS_TEST_TMPDIR/patterns" >"$BATS_TEST_TMPDIR/rules"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/rules")" -eq "${#names[@]}" ]
	for name in "${names[@]}"; do
		count=0
		while IFS= read -r pattern; do
			if printf '%s\n' "/usr/bin/$name" | grep -qxP -- "$pattern"; then count=$((count + 1)); fi
		done <"$BATS_TEST_TMPDIR/rules"
		[ "$count" -eq 1 ] || { echo "$name: $count"; cat "$BATS_TEST_TMPDIR/rules"; return 1; }
	done
	# no rule has become a pattern for others
	run -1 grep -E '\[\^|\*\)' "$BATS_TEST_TMPDIR/patterns"
}

@test "a name that no rule can have is left out, and said so" {
	has odd $'/usr/bin/tab\there' '/usr/bin/end\'
	program $'/usr/bin/tab\there' '/usr/bin/end\'
	run -0 make_it
	[[ $output == *"left out: 2 names"* ]]
	run -1 grep -aE 'tab|end' "$list"
}

@test "diversions: the file lies where it was moved to, but that of the package that moved it" {
	has three /usr/bin/tool
	program /usr/bin/tool.real
	printf '%s\n' /usr/bin/tool /usr/bin/tool.real three >"$root/var/lib/dpkg/diversions"
	run -0 make_it --packages one --output -
	[[ $output == *'"/usr/bin/tool.real" mix,'* && $output != *'"/usr/bin/tool" '* ]]
	run -0 make_it --packages three --output -
	[[ $output != *tool.real* && $output == *'"/usr/bin/tool" mix,'* ]]
}

@test "folders that are links: within that root folder, absolute and relative, and in a circle" {
	mkdir -p "$root/data/real"
	ln -s /data/real "$root/opt/abs"
	ln -s ../data/./real "$root/opt/rel"
	ln -s loop2 "$root/opt/loop1"
	ln -s loop1 "$root/opt/loop2"
	program /data/real/p /data/real/q '/opt/a b/r'
	has four /opt/abs/p /opt/rel/q '/opt/a b/r' /opt/loop1/s
	run -0 make_it --packages four --output -
	[[ $output == *'"/data/real/p" mix,'* && $output == *'"/data/real/q" mix,'* && $output == *'"/opt/a b/r" mix,'* ]]
	[ "$(grep -c mix, <<<"$output")" -eq 3 ]
}

@test "what only looks like a shared object opens no folder" {
	mkdir -p "$root/etc/x" "$root/usr/lib/y"
	has five /etc/ld.so.conf /etc/x/a.so.1-gdb.py /usr/lib/y/b.so
	: >"$root/etc/ld.so.conf"
	: >"$root/etc/x/a.so.1-gdb.py"
	: >"$root/usr/lib/y/b.so"
	program /usr/bin/five
	has six /usr/bin/five
	run -0 make_it --packages five,six --output -
	[[ $output == *'"/usr/lib/y/*" m,'* ]]
	[ "$(grep -c ' m,' <<<"$output")" -eq 1 ]
}

@test "no lists, nothing to run, wrong words: no list" {
	run -1 sh "$make_list" --root "$BATS_TEST_TMPDIR" --output -
	[[ $output == *"no lists of packages"* ]]
	has seven /usr/share/text
	run -1 make_it --packages seven
	[[ $output == *"would not start"* ]]
	[ ! -e "$list" ]
	for words in --root --nonsense '--packages' '--output '; do
		# shellcheck disable=SC2086 # several words
		run -2 sh "$make_list" $words
		[[ $output == *usage:* ]]
	done
	run -0 sh "$make_list" --help
	[[ $output == usage:* ]]
}

@test "the policy compiles with the list, and not without it" {
	run -1 "$initward" compile --no-cache --features "$features" --set 5.10 -o "$BATS_TEST_TMPDIR/bundle" "$top/policy/allowlist"
	[[ $output == *"local/programs"* ]]
	make_it
	run -0 "$initward" compile --no-cache --features "$features" --set 5.10 -o "$BATS_TEST_TMPDIR/bundle" \
		--include "$root/etc/initward/policy" "$top/policy/allowlist"
}

@test "the hook of dpkg calls what is installed, and is no obstacle" {
	hook=$(sed -n 's/^post-invoke=//p' "$top/policy/allowlist/system/etc/dpkg/dpkg.cfg.d/initward-allowlist")
	[[ $hook == *"/usr/share/initward/allowlist/bin/make-list"* ]]
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	printf 'echo made; exit 1\n' >"$BATS_TEST_TMPDIR/bin/make-list"
	run -0 sh -c "${hook//\/usr\/share\/initward\/allowlist/$BATS_TEST_TMPDIR}"
	[ "$output" = made ]
	rm "$BATS_TEST_TMPDIR/bin/make-list"
	run -0 sh -c "${hook//\/usr\/share\/initward\/allowlist/$BATS_TEST_TMPDIR}"
	[ -z "$output" ]
}
