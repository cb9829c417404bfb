# SPDX-License-Identifier: LGPL-2.1-or-later
# Reads scenario files, prints INSTANCE TAB KEY TAB VALUE. The language: qemu/scenarios/README.md

function bad(text) {
	printf "%s:%d: %s\n", FILENAME, FNR, text > "/dev/stderr"
	errors++
}

function trim(text) {
	sub(/^[ \t]+/, "", text)
	sub(/[ \t]+$/, "", text)
	return text
}

function known(key) {
	return key ~ /^(kernels|append|conf|fault|first|facts|outcome|says|saysnot|expect|expectnot|timeout|trouble|use|vary)$/
}

function check(key, value) {
	if (key == "outcome" && value !~ /^(up|off|panic|hang|reboot)$/)
		bad("outcome must be up, off, panic, hang or reboot, not \"" value "\"")
	else if (key == "timeout" && value !~ /^[0-9]+$/)
		bad("timeout wants seconds, not \"" value "\"")
	else if (key == "trouble" && value !~ /^(yes|no)$/)
		bad("trouble must be yes or no, not \"" value "\"")
	else if (value == "" && key != "append")
		bad("\"" key "\" has no value")
	else if (value ~ /\t/)
		bad("tab inside a value")
}

# The lines of a stanza in their order; those under "WORD." only for the variation WORD.
function emit(instance, stanza, word, depth,    i, key, dot, prefix) {
	if (depth > 8) {
		printf "[%s]: use = goes in a circle\n", stanza > "/dev/stderr"
		errors++
		return
	}
	for (i = 1; i <= count[stanza]; i++) {
		key = keys[stanza, i]
		if (dot = index(key, ".")) {
			prefix = substr(key, 1, dot - 1)
			key = substr(key, dot + 1)
			if (prefix != word)
				continue
		}
		if (key == "vary")
			continue
		if (key == "use") {
			if (!(("*" vals[stanza, i]) in count)) {
				printf "%s: there is no [*%s] to use\n", where[stanza, i], vals[stanza, i] > "/dev/stderr"
				errors++
			} else {
				emit(instance, "*" vals[stanza, i], word, depth + 1)
			}
			continue
		}
		out = out instance "\t" key "\t" vals[stanza, i] "\n"
	}
}

/^[ \t]*(#|$)/ { next }

/^\[/ {
	if ($0 !~ /^\[\*?[A-Za-z0-9_-]+\]$/) {
		bad("a stanza is [NAME] or [*FRAGMENT], letters, digits, - and _")
		next
	}
	current = substr($0, 2, length($0) - 2)
	if (current in count)
		bad("a second [" current "]")
	count[current] = 0
	if (current !~ /^\*/)
		order[++stanzas] = current
	next
}

{
	eq = index($0, "=")
	if (!eq) {
		bad("neither [NAME] nor KEY = VALUE")
		next
	}
	key = trim(substr($0, 1, eq - 1))
	value = trim(substr($0, eq + 1))
	plain = key
	sub(/^[A-Za-z0-9_-]+\./, "", plain)
	if (current == "") {
		bad("a line before the first stanza")
		next
	}
	if (!known(plain)) {
		bad("unknown key \"" key "\"")
		next
	}
	check(plain, value)
	i = ++count[current]
	keys[current, i] = key
	vals[current, i] = value
	where[current, i] = FILENAME ":" FNR
	if (key == "vary")
		vary[current] = value
}

# A prefix that no "vary" of its stanza names would be a check that never runs.
function check_prefixes(stanza,    i, dot, prefix) {
	for (i = 1; i <= count[stanza]; i++) {
		if (!(dot = index(keys[stanza, i], ".")))
			continue
		prefix = substr(keys[stanza, i], 1, dot - 1)
		if (index(" " vary[stanza] " ", " " prefix " ") == 0) {
			printf "%s: \"%s\" is none of this stanza's variations\n", where[stanza, i], prefix > "/dev/stderr"
			errors++
		}
	}
}

END {
	for (s = 1; s <= stanzas; s++) {
		name = order[s]
		check_prefixes(name)
		n = split(vary[name], words, /[ \t]+/)
		if (!n)
			emit(name, name, "", 0)
		for (w = 1; w <= n; w++) {
			if (("*" words[w]) in count)
				emit(name "-" words[w], "*" words[w], "", 0)
			emit(name "-" words[w], name, words[w], 0)
		}
	}
	if (errors)
		exit 1
	printf "%s", out
}
