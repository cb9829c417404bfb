# SPDX-License-Identifier: LGPL-2.1-or-later
# Types lines into an interactive shell on a terminal of its own, and prints the words that the
# command `initward` then gets, "<WORD><WORD>": zsh -f type.zsh bash|zsh SCRIPT LINE...
zmodload zsh/zpty || exit 1
shell=$1 script=$2
shift 2
out=$(mktemp) || exit 1
trap 'rm -f $out' EXIT

case $shell in
bash) zpty typed env TERM=dumb bash --norc --noprofile -i
	zpty -w typed "bind 'set enable-bracketed-paste off'; bind 'set bell-style none'" ;;
zsh) zpty typed env TERM=dumb zsh -f -i
	zpty -w typed 'unsetopt beep; autoload -Uz compinit; compinit -u -D' ;;
esac
zpty -w typed "source $script; initward() { printf '<%s>' \"\$@\"; echo; } >>$out"
n=0
for line; do
	zpty -w typed "$line"
	((n++))
	repeat 1000; do
		[[ $(wc -l <$out) -ge $n ]] && continue 2
		sleep 0.01
	done
	print -u2 "type.zsh: $shell does not answer"
	zpty -r typed seen && print -r -u2 -- "$seen"
	exit 1
done
cat $out # before the end of the other shell, which has this trap as well
zpty -d typed
