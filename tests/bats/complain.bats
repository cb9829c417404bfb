#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2154 # text for other shells; variables of compile.bash
# The text filter that makes a dry run of policy, by itself and with the parser behind it.

bats_require_minimum_version 1.5.0

setup_file() {
	load compile
	export FILTER=$BATS_FILE_TMPDIR/filter
	"${CC:-cc}" -std=c11 -D_GNU_SOURCE -g -fsanitize=address,undefined -fno-sanitize-recover=all \
		-I"$top/early/common" -I"$top/early/tool" "$top/tests/bats/filter.c" \
		"$top/early/tool/compile/complain.c" "$top/early/tool/policy/lex.c" \
		"$top/early/common/span.c" -o "$FILTER"
}

setup() {
	load compile
}

# becomes TEXT RESULT
becomes() {
	run -0 "$FILTER" <<<"$1"
	[ "$output" = "${2%$'\n'}" ] || {
		printf 'text:   %s\nwanted: %s\ngot:    %s\n' "$1" "$2" "$output"
		return 1
	}
}

# The filter's output compiles to what TEXT compiles to: compiles_as SOURCE TEXT
compiles_as() {
	local t=$BATS_TEST_TMPDIR

	"$FILTER" <<<"$1" >"$t/a"
	printf '%s\n' "$2" >"$t/b"
	for i in a b; do
		apparmor_parser --config-file /dev/null -M "$features/7.3" -QTS "$t/$i" >"$t/$i.blob"
	done
	cmp "$t/a.blob" "$t/b.blob"
}

@test "deny becomes audit deny, once" {
	becomes 'profile a flags=(complain) { deny /x w, }' \
		'profile a flags=(complain) { audit deny /x w, }'
	becomes 'profile a flags=(complain) { audit deny /x w, }' \
		'profile a flags=(complain) { audit deny /x w, }'
	becomes 'profile a flags=(complain) { deny owner /x w, allow /y r, }' \
		'profile a flags=(complain) { audit deny owner /x w, allow /y r, }'
	becomes 'a flags=(complain) { priority=-1 deny /x w, priority = 2 deny /y w, }' \
		'a flags=(complain) { priority=-1 audit deny /x w, priority = 2 audit deny /y w, }'
}

@test "deny is a word of its own, and the first of its rule" {
	becomes 'profile deny flags=(complain) { /deny r, /x px -> deny, signal peer=deny, }' \
		'profile deny flags=(complain) { /deny r, /x px -> deny, signal peer=deny, }'
	becomes 'a flags=(complain) { /x{deny,deny}w r, }' \
		'a flags=(complain) { /x{deny,deny}w r, }'
}

@test "comments and quotes are left alone" {
	becomes '# deny { "
a flags=(complain) { /x r, # deny /y w, "
 "/a, deny b{" r, deny "/c\" d" w, }' \
		'# deny { "
a flags=(complain) { /x r, # deny /y w, "
 "/a, deny b{" r, audit deny "/c\" d" w, }'
	becomes 'a flags=(complain) { /x#y r, deny /z w, }' \
		'a flags=(complain) { /x#y r, audit deny /z w, }'
}

@test "a rule may span lines" {
	becomes 'a flags=(complain) { deny
 # why
 /x
 w
 , deny /y w, }' 'a flags=(complain) { audit deny
 # why
 /x
 w
 , audit deny /y w, }'
}

@test "commas in globs, paths and lists end no rule" {
	becomes 'a flags=(complain) { deny /{a,b/{c,d}}[,] w, /x,deny r, }' \
		'a flags=(complain) { audit deny /{a,b/{c,d}}[,] w, /x,deny r, }'
	becomes 'a flags=(complain) { signal (send, deny), mount options=(ro, deny) /a -> /b, }' \
		'a flags=(complain) { signal (send, deny), mount options=(ro, deny) /a -> /b, }'
	becomes 'a flags=(complain) { change_profile -> {a,b}, deny /x w, }' \
		'a flags=(complain) { change_profile -> {a,b}, audit deny /x w, }'
	becomes 'a flags=(complain) { /x r,deny /y w,deny /z w,}' \
		'a flags=(complain) { /x r,audit deny /y w,audit deny /z w,}'
}

@test "every profile, child and hat gets the flag" {
	becomes 'profile a { ^h { } hat i { profile b /x { deny /y w, } } }
/bin/x { }
"/bin/a b" { }' 'profile a  flags=(complain) { ^h  flags=(complain) { } hat i  flags=(complain) { profile b /x  flags=(complain) { audit deny /y w, } } }
/bin/x  flags=(complain) { }
"/bin/a b"  flags=(complain) { }'
	becomes 'profile a /{usr/,}bin/{x,y}
{ }' 'profile a /{usr/,}bin/{x,y}
 flags=(complain) { }'
}

@test "other flags stay, other modes go" {
	becomes 'profile a flags=(kill) { }' 'profile a flags=(complain) { }'
	becomes 'profile a flags=(attach_disconnected, enforce,mediate_deleted) { }' \
		'profile a flags=(complain, attach_disconnected, mediate_deleted) { }'
	becomes 'profile a flags = ( audit unconfined ) { }' 'profile a flags=(complain, audit) { }'
	becomes 'profile a flags=(default_allow prompt) { }' 'profile a flags=(complain) { }'
	becomes '/bin/x (audit) { }' '/bin/x flags=(complain, audit) { }'
	becomes 'a xattrs=(user.x="y z" user.y=flags) flags=(audit) { }' \
		'a xattrs=(user.x="y z" user.y=flags) flags=(complain, audit) { }'
	becomes 'a xattrs=(user.x=y) { }' 'a xattrs=(user.x=y)  flags=(complain) { }'
}

@test "variables and conditions are not profiles" {
	becomes '@{X} = deny /x w,
$b = deny /x w,
@{X}=/a \
 deny /b,
' '@{X} = deny /x w,
$b = deny /x w,
@{X}=/a \
 deny /b,
'
	becomes '@{X}=/a{b,c} "/d e" \
 /deny{1,2}
@{Y} += deny /y w,
$b = true
a flags=(complain) { if $b { deny /x w, } else if not $b { deny /y w, } else { /z r, } deny @{X}/** w, }' \
		'@{X}=/a{b,c} "/d e" \
 /deny{1,2}
@{Y} += deny /y w,
$b = true
a flags=(complain) { if $b { audit deny /x w, } else if not $b { audit deny /y w, } else { /z r, } audit deny @{X}/** w, }'
}

@test "what is not whole is refused with its line" {
	run -1 "$FILTER" <<<$'profile a {\n'
	[ "$output" = "error 1 line 3" ]
	run -1 "$FILTER" <<<$'profile a {\n"/x r,\n}'
	[ "$output" = "error 1 line 2" ]
	run -1 "$FILTER" <<<$'profile a {\n}\n}'
	[ "$output" = "error 1 line 3" ]
	run -1 "$FILTER" <<<$'profile a (complain {\n}'
	[ "$output" = "error 1 line 1" ]
}

@test "a block of rules is refused with its line" {
	run -2 "$FILTER" <<<$'profile a {\nowner { deny /x w, }\n}'
	[ "$output" = "error 2 line 2" ]
	run -2 "$FILTER" <<<$'profile a {\n\n{ deny /x w, }\n}'
	[ "$output" = "error 2 line 3" ]
}

@test "a buffer that is too small is an error, and never written past" {
	for size in 0 1 10 30 37; do
		run -3 "$FILTER" "$size" <<<'profile a { deny /x w, }'
	done
	run -0 "$FILTER" 100 <<<'profile a { deny /x w, }'
	[ "$output" = 'profile a  flags=(complain) { audit deny /x w, }' ]
}

@test "the parser takes the result as it takes text written by hand" {
	compiles_as '$b = true
profile a flags=(kill) { file, /x px -> a//k, deny /n w, if $b { deny /m w, }
  profile k { file, deny capability chown, deny mount -> /x, } ^h { deny network, } }' \
		'profile a flags=(complain) { file, /x px -> a//k, audit deny /n w, audit deny /m w,
  profile k flags=(complain) { file, audit deny capability chown, audit deny mount -> /x, }
  ^h flags=(complain) { audit deny network, } }'
}
