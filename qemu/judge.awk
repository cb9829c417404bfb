# SPDX-License-Identifier: LGPL-2.1-or-later
# judge.awk SPEC FACTS CONSOLE: prints each expectation that does not hold. SPEC has lines KEY TAB
# VALUE, of which says, saysnot, expect and expectnot are looked at.

# A shell glob (*, ? only) as an anchored regular expression.
function regex(glob) {
	gsub(/[][+^$(){}|\\.]/, "\\\\&", glob)
	gsub(/\*/, ".*", glob)
	gsub(/\?/, ".", glob)
	return "^" glob "$"
}

function add(kind, value,    at) {
	n++
	text[n] = value
	kinds[n] = kind
	if (kind !~ /^expect/) {
		lines[++spoken] = n
	} else {
		at = index(value, " ")
		# a fact alone: its value is empty
		fact[n] = at ? substr(value, 1, at - 1) : value
		value = at ? substr(value, at + 1) : ""
		sub(/^ +/, "", value)
	}
	pattern[n] = regex(value)
}

FILENAME == ARGV[1] {
	at = index($0, "\t")
	word = substr($0, 1, at - 1)
	if (word ~ /^(says|expect)(not)?$/)
		add(word, substr($0, at + 1))
	next
}

FILENAME == ARGV[2] {
	eq = index($0, "=")
	name = substr($0, 1, eq - 1)
	value = substr($0, eq + 1)
	for (i = 1; i <= n; i++) {
		if (fact[i] != name)
			continue
		got[i] = got[i] " \"" value "\""
		if (value ~ pattern[i])
			met[i] = 1
	}
	next
}

FILENAME == ARGV[3] {
	sub(/\r$/, "")
	sub(/^\[ *[0-9]+\.[0-9]+\] /, "")
	for (j = 1; j <= spoken; j++)
		if ($0 ~ pattern[i = lines[j]]) {
			met[i] = 1
			got[i] = " \"" $0 "\""
		}
}

END {
	for (i = 1; i <= n; i++) {
		if (kinds[i] ~ /not$/ && met[i])
			printf "%s: %s, but there is%s\n", kinds[i], text[i], got[i]
		else if (kinds[i] !~ /not$/ && !met[i])
			printf "%s: %s, but there is%s\n", kinds[i], text[i], got[i] ? got[i] : " nothing of the kind"
	}
}
