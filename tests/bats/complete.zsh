# SPDX-License-Identifier: LGPL-2.1-or-later
# What an interactive zsh offers for command lines: zsh -f complete.zsh SCRIPT LINE...
# One line for each offer, "OFFER<tab>DESCRIPTION", behind the last one of each LINE a line ".".
# The shell runs on a terminal of its own (zpty), so that it completes as it does for people; its
# compadd writes down what it adds.
zmodload zsh/zpty || exit 1
script=$1
shift
home=$(mktemp -d) || exit 1
trap 'rm -rf $home' EXIT
mkdir $home/functions
cp $script $home/functions/_initward
cat >$home/setup <<'END'
PROMPT=
fpath=($home/functions $fpath)
autoload -Uz compinit
compinit -u -D
zstyle ':completion:*' list-grouped false
compadd() {
	local -a seen_hits seen_texts
	local seen_at
	if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
		builtin compadd "$@"
		return
	fi
	seen_at=${@[(i)-*d]}
	if (( seen_at < ${@[(i)(-|--)]} )); then
		seen_texts=("${(@P)${@[seen_at+1]}}")
	fi
	builtin compadd -A seen_hits -D seen_texts "$@"
	for ((seen_at = 1; seen_at <= $#seen_hits; seen_at++)); do
		print -r -- "$seen_hits[seen_at]"$'\t'"$seen_texts[seen_at]" >>$home/offers
	done
	builtin compadd "$@"
}
offer() {
	_main_complete
	print . >>$home/offers
	BUFFER=
}
zle -C offer complete-word offer
bindkey '^I' offer
bindkey '^U' kill-whole-line
print ready >>$home/offers
END

# Waits, 10 s at most, until there are N lines that are only TEXT.
wait_for() {
	repeat 1000; do
		[[ -e $home/offers && $(grep -cx -- $1 $home/offers) -ge $2 ]] && return
		sleep 0.01
	done
	print -u2 "complete.zsh: zsh does not answer"
	exit 1
}

zpty shell env home=$home TERM=dumb LC_ALL=C.UTF-8 COLUMNS=500 zsh -f -i
zpty -w shell "source $home/setup"
wait_for ready 1
: >$home/offers
n=0
for line; do
	while zpty -rt shell unread; do :; done # or the shell waits for somebody who reads it
	zpty -n -w shell $'\x15'"$line"$'\t'
	wait_for . $((++n))
done
cat $home/offers # before the end of the other shell, which has this trap as well
zpty -d shell
