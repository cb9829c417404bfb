# SPDX-License-Identifier: LGPL-2.1-or-later
# judge.awk -v key=says|saysnot|expect|expectnot EXPECTATIONS FACTS CONSOLE: prints each expectation
# that does not hold.

# A shell glob (*, ? only) as an anchored regular expression.
function regex(glob) {
	gsub(/[][.+^$(){}|\\]/, "\\\\&", glob)
	gsub(/\*/, ".*", glob)
	gsub(/\?/, ".", glob)
	return "^" glob "$"
}

FILENAME == ARGV[1] {
	n++
	text[n] = $0
	if (key ~ /^expect/) {
		fact[n] = $1
		# a fact alone: its value is empty
		if (!sub(/^[^ ]+ +/, ""))
			$0 = ""
	}
	pattern[n] = regex($0)
	next
}

key ~ /^expect/ && FILENAME == ARGV[2] {
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

key ~ /^says/ && FILENAME == ARGV[3] {
	sub(/\r$/, "")
	sub(/^\[ *[0-9]+\.[0-9]+\] /, "")
	for (i = 1; i <= n; i++)
		if ($0 ~ pattern[i]) {
			met[i] = 1
			got[i] = " \"" $0 "\""
		}
}

END {
	for (i = 1; i <= n; i++) {
		if (key ~ /not$/ && met[i])
			printf "%s: %s, but there is%s\n", key, text[i], got[i]
		else if (key !~ /not$/ && !met[i])
			printf "%s: %s, but there is%s\n", key, text[i], got[i] ? got[i] : " nothing of the kind"
	}
}
