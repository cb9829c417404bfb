#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The completion scripts, asked through the shells themselves. What they have to offer is read from
# --help, so that a new verb or option is covered by itself.
bats_require_minimum_version 1.5.0

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	initward=$top/build/initward
	work=$BATS_TEST_TMPDIR/work
	mkdir -p "$work" "$BATS_TEST_TMPDIR/home"
	export HOME=$BATS_TEST_TMPDIR/home LC_ALL=C.UTF-8
	unset XDG_CONFIG_HOME XDG_DATA_HOME
	cd "$work"
}

# A command with a table of its own: texts full of special characters, all kinds of operands.
make_nasty() {
	initward=$BATS_TEST_TMPDIR/nasty
	gcc -D_GNU_SOURCE -I"$top/early/tool" -I"$top/early/common" "$BATS_TEST_DIRNAME/verbs.c" \
		"$top"/early/tool/{completion,options,util}.c "$top"/early/common/*.c -o "$initward"
}

make_files() {
	mkdir -p 'dir one' plaindir
	touch 'a file' plain -- -dash
}

all_files=$'-dash\na file\ndir one\nplain\nplaindir'
folders=$'dir one\nplaindir'

script() {
	"$initward" completion "$1" >"$BATS_TEST_TMPDIR/$1.script"
}

# ask SHELL LINE...: what SHELL offers for each command line, "OFFER<tab>DESCRIPTION", then a line ".".
ask() {
	local shell=$1
	shift
	ask_"$shell" "$BATS_TEST_TMPDIR/$shell.script" "$@"
}

# As readline does, but for quotes: '=' is a word of its own.
ask_bash() {
	bash --norc --noprofile -c '
		source "$1" || exit
		for line in "${@:2}"; do
			eval "COMP_WORDS=(${line//=/ = })"
			[[ $line != *" " ]] || COMP_WORDS+=("")
			COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
			COMPREPLY=()
			"$(complete -p initward | sed "s/.* -F \([^ ]*\) .*/\1/")"
			[[ ${#COMPREPLY[@]} -eq 0 ]] || printf "%s\n" "${COMPREPLY[@]}"
			echo .
		done' bash "$@"
}

ask_zsh() {
	zsh -f "$BATS_TEST_DIRNAME/complete.zsh" "$@"
}

ask_fish() {
	fish --no-config -c '
		set fish_complete_path
		source $argv[1]; or exit
		for line in $argv[2..]
			complete -C $line
			echo .
		end' "$@"
}

# Offers that are no options: zsh adds these where no operand is left.
operands() {
	answer "$1" | grep -vE '^(--|-.$)' || :
}

# The N-th answer of $answers, its offers alone, without what quoting and insertion add.
answer() {
	awk -F '\t' -v n="$1" '$0 == "." { i++; next } i == n { print $1 }' <<<"$answers" |
		sed -E 's,/$,,; s,\\(.),\1,g; s,^--[a-z-]+=,,' | LC_ALL=C sort -u
}

verbs_of_help() {
	"$initward" --help | sed -n '/^Verbs:/,/^$/s/^  \([a-z][a-z-]*\)  *.*/\1/p'
}

# LETTER NAME VALUE of each option of the verb $1; "-" stands for what it has not.
options_of_help() {
	"$initward" "$1" --help | sed -nE '
		s/^  -(.), --([a-z0-9-]+)( ([^ ]+))?(  .*)?$/\1 \2 \4/p
		s/^      --([a-z0-9-]+)( ([^ ]+))?(  .*)?$/- \1 \3/p' | sed 's/ $/ -/'
}

# Each option of the verb $1 with its text, "--NAME<tab>TEXT".
texts_of_help() {
	"$initward" "$1" --help | awk '
		/^  -.|^      --/ {
			if (name) print name "\t" text
			name = $0
			sub(/^ *(-., )?/, "", name)
			sub(/ .*/, "", name)
			taken = match($0, /^ *(-., )?--[a-z0-9-]+( [^ ]+)?/) ? RLENGTH : 0
			text = taken < 25 ? substr($0, 27) : ""
			next
		}
		/^$/ && name { exit }
		name { text = text (text == "" ? "" : " ") substr($0, 27) }
		END { print name "\t" text }'
}

same() {
	[ "$2" = "$3" ] || {
		printf '%s\nexpected:\n%s\noffered:\n%s\n' "$1" "$2" "$3"
		return 1
	}
}

# Fails unless SHELL offers all verbs, and of each all options, and nothing else. $only: names of options.
offers_all() {
	local i=0 verb lines=('initward ') verbs expected
	mapfile -t verbs < <(verbs_of_help)
	[ "${#verbs[@]}" -ge 3 ] || return
	for verb in "${verbs[@]}"; do lines+=("initward $verb -"); done
	answers=$(ask "$1" "${lines[@]}") || return
	same "$1: verbs" "$(printf '%s\n' "${verbs[@]}" | LC_ALL=C sort)" "$(answer 0)" || return
	for verb in "${verbs[@]}"; do
		i=$((i + 1))
		expected=$(options_of_help "$verb" | while read -r letter name _; do
			[ "$letter" = - ] || printf '%s\n' "-$letter" # "-n" is none of echo's
			echo "--$name"
		done | LC_ALL=C sort)
		[[ $expected == *--help* ]] || return
		same "$1: options of $verb" "$expected" "$(answer "$i")" || return
	done
}

# What the option "VERB NAME" takes as $2, by its name in the help text.
kind_of_value() {
	case $1:$2 in
	'overlay init:PATH') echo words ;; # a path in the image
	*:DIR) echo folders ;;
	*:FILE | *:KERNEL | *:SOURCE | *:WHICH | *:IMAGE | *:PATH | *:PROGRAM) echo files ;;
	*) echo words ;;
	esac
}

# Fails unless SHELL offers files where a value is one, folders for folders, and else neither.
offers_values() {
	local i=0 verb letter name value lines=() kinds=() kind got
	while read -r verb; do
		while read -r letter name value; do
			[ "$value" != - ] || continue
			lines+=("initward $verb --$name " "initward $verb --$name=")
			kind=$(kind_of_value "$verb $name" "$value")
			kinds+=("$kind" "$kind")
			[ "$letter" = - ] || { lines+=("initward $verb -$letter "); kinds+=("$kind"); }
		done < <(options_of_help "$verb")
	done < <(verbs_of_help)
	[ "${#lines[@]}" -ge 5 ] || return
	answers=$(ask "$1" "${lines[@]}") || return
	for kind in "${kinds[@]}"; do
		got=$(answer "$i")
		case $kind in
		files) same "$1: ${lines[i]}" "$all_files" "$got" ;;
		folders) same "$1: ${lines[i]}" "$folders" "$got" ;;
		words) ! grep -qx 'plain\(dir\)\?' <<<"$got" || same "$1: ${lines[i]}" 'no files' "$got" ;;
		esac || return
		i=$((i + 1))
	done
}

# The descriptions beside verbs and options are the texts of --help.
describes_all() {
	local i=0 verb lines=('initward ') described
	while read -r verb; do lines+=("initward $verb --"); done < <(verbs_of_help)
	answers=$(ask "$1" "${lines[@]}") || return
	# zsh shows "OFFER  -- DESCRIPTION"
	described=$(sed -E 's/^([^\t]*)\t.*  -- /\1\t/' <<<"$answers")
	while read -r verb; do
		i=$((i + 1))
		"$initward" --help | grep -q "^  $verb " || return
		text=$("$initward" --help | sed -n "/^Verbs:/,\$s/^  $verb  *//p")
		grep -qxF "$verb"$'\t'"$text" <<<"$described" || { same "$verb" "$text" "$described"; return 1; }
		while IFS= read -r text; do
			awk -v n="$i" '$0 == "." { i++; next } i == n' <<<"$described" | grep -qxF -e "$text" || {
				same "$1: a description of $verb" "$text" \
					"$(awk -v n="$i" '$0 == "." { i++; next } i == n' <<<"$described")"
				return 1
			}
		done < <(texts_of_help "$verb")
	done < <(verbs_of_help)
}

@test "bash offers every verb and every option" {
	script bash
	offers_all bash
}

@test "zsh offers every verb and every option" {
	script zsh
	offers_all zsh
}

@test "fish offers every verb and every option" {
	script fish
	offers_all fish
}

@test "a script in which a verb or an option is missing is noticed" {
	while read -r shell missing expression; do
		script "$shell"
		sed -i -E "$expression" "$BATS_TEST_TMPDIR/$shell.script"
		run -1 offers_all "$shell"
		[[ $output == *"$shell: "*"$missing"* ]]
	done <<-'EOF'
		bash --verbose s/ --verbose//
		bash compile /^_initward_verbs=/s/compile//
		zsh --verbose /--verbose\[/d
		zsh compile /'compile:/d
		fish --verbose /-l verbose/d
		fish compile /-a compile/d
	EOF
}

@test "each shell offers files and folders for the values that are such" {
	make_files
	for shell in bash zsh fish; do
		script $shell
		offers_values $shell
	done
}

@test "zsh and fish show the texts of --help" {
	for shell in zsh fish; do
		script $shell
		describes_all $shell
	done
}

@test "texts full of special characters are shown as they are, and nothing in them is run" {
	make_nasty
	for shell in bash zsh fish; do
		script $shell
		offers_all $shell
	done
	for shell in zsh fish; do
		describes_all $shell
	done
	[ -z "$(ls)" ]
	make_files
	for shell in bash zsh fish; do
		offers_values $shell
	done
	[ ! -e made ]
}

@test "operands: files, folders, words, verbs; words for the first one only" {
	make_nasty
	make_files
	local both=$'-dash\na file\ndir one\ngreen\nplain\nplaindir\nred'
	local names=$'completion\nfiles\nfolders\nnothing\nverbs\nwordfiles\nwordfolders\nwords'
	for shell in bash zsh fish; do
		script $shell
		answers=$(ask $shell 'initward nothing ' 'initward files ' 'initward files x ' 'initward folders ' \
			'initward words ' 'initward words red ' 'initward words -q ' 'initward words -d red ' \
			'initward words --dir=red ' 'initward words -- ' 'initward verbs ' 'initward wordfiles ' \
			'initward wordfiles x ' 'initward wordfolders ' 'initward wordfolders x ' \
			'initward nothing --words ' 'initward nothing --words t' 'initward files -- -' 'initward files pl' \
			'initward words -- red ')
		same "$shell nothing" '' "$(operands 0)"
		same "$shell files" "$all_files" "$(operands 1)"
		same "$shell second file" "$all_files" "$(operands 2)"
		same "$shell folders" "$folders" "$(operands 3)"
		same "$shell words" $'green\nred' "$(operands 4)"
		same "$shell second word" '' "$(operands 5)"
		same "$shell word behind an option" $'green\nred' "$(operands 6)"
		same "$shell word behind a value" $'green\nred' "$(operands 7)"
		same "$shell word behind a value with =" $'green\nred' "$(operands 8)"
		same "$shell word behind --" $'green\nred' "$(operands 9)"
		same "$shell verbs" "$names" "$(operands 10)"
		same "$shell words and files" "$both" "$(operands 11)"
		same "$shell files behind words" "$all_files" "$(operands 12)"
		same "$shell words and folders" $'dir one\ngreen\nplaindir\nred' "$(operands 13)"
		same "$shell folders behind words" "$folders" "$(operands 14)"
		same "$shell words of an option" $'one\nthree\ntwo' "$(operands 15)"
		same "$shell words that begin so" $'three\ntwo' "$(operands 16)"
		same "$shell a file that begins with a dash" -dash "$(operands 17)"
		same "$shell files that begin so" $'plain\nplaindir' "$(operands 18)"
		same "$shell second word behind --" '' "$(operands 19)"
	done
}

@test "bash where '=' does not part words" {
	make_nasty
	make_files
	script bash
	run -0 bash --norc --noprofile -c 'source "$1"; COMP_WORDBREAKS=${COMP_WORDBREAKS//=}
		COMP_WORDS=(initward files --dir=pl) COMP_CWORD=2; _initward; printf "%s\n" "${COMPREPLY[@]}"' \
		bash "$BATS_TEST_TMPDIR/bash.script"
	[ "$output" = --dir=plaindir ]
}

@test "bash, zsh at a terminal: names with blanks, quotes, and options, are inserted so that they are read as meant" {
	make_nasty
	make_files
	for shell in bash zsh; do
		script $shell
		run -0 zsh -f "$BATS_TEST_DIRNAME/type.zsh" "$shell" "$BATS_TEST_TMPDIR/$shell.script" \
			$'initward files a\t' $'initward files a\\ f\t' $'initward files "a f\t' $'initward files -d dir\t' \
			$'initward files --dir=dir\t' $'initward wor\b\b\bfil\t--qui\t' $'initward completion b\t'
		printf '%s\n' "$shell:" "${lines[@]}"
		[ "${lines[0]}" = '<files><a file>' ]
		[ "${lines[1]}" = '<files><a file>' ]
		[ "${lines[2]}" = '<files><a file>' ]
		# zsh takes the slash away again where the word ends
		[ "${lines[3]/one>/one/>}" = '<files><-d><dir one/>' ]
		[ "${lines[4]/one>/one/>}" = '<files><--dir=dir one/>' ]
		[ "${lines[5]}" = '<files><--quiet>' ]
		[ "${lines[6]}" = '<completion><bash>' ]
	done
}

@test "make install puts each script where its shell looks" {
	root=$BATS_TEST_TMPDIR/root
	run -0 make -C "$top" install DESTDIR="$root"
	for file in bash-completion/completions/initward zsh/vendor-completions/_initward \
		fish/vendor_completions.d/initward.fish; do
		cp "$root/usr/share/$file" .
	done
	script bash && cmp "$BATS_TEST_TMPDIR/bash.script" initward
	script zsh && cmp "$BATS_TEST_TMPDIR/zsh.script" _initward
	script fish && cmp "$BATS_TEST_TMPDIR/fish.script" initward.fish
}

@test "completion: bad usage is told in one line, and ends with status 2" {
	for words in '' csh 'bash zsh' --nonsense; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr "$initward" completion $words
		[ -z "$output" ]
		[ "${#stderr_lines[@]}" -eq 2 ]
		[ "${stderr_lines[1]}" = "try 'initward completion --help'" ]
	done
}

@test "completion: a full disk is told" {
	run -1 --separate-stderr bash -c '"$1" completion bash >/dev/full' bash "$initward"
	[[ $stderr == "initward completion: cannot write to standard output: No space left on device" ]]
}
