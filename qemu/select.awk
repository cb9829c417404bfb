# SPDX-License-Identifier: LGPL-2.1-or-later
# The lines of a scenario that count for one kernel:
#
#   awk -f select.awk -v series=6.1 -v arch=amd64 -v flavour=cloud -v features=6.1 -v lsm=LIST
#
# (and -v parser=VERSION, where it is not that of apparmor_parser in PATH; -v modules=yes, where the archive has those of the
# kernel)
# reads KEY[@SELECTOR] TAB VALUE, prints KEY TAB VALUE with the variables filled in. Everything
# was checked by scenarios.awk; the language: qemu/scenarios/README.md

# A number that grows with the series; rc comes after all. 0: no series that can be compared.
function rank(name,    part) {
	if (name == "rc")
		return 1000000
	return name ~ /^[0-9]+\.[0-9]+$/ ? (split(name, part, ".") ? part[1] * 1000 + part[2] : 0) : 0
}

# The major version of apparmor_parser, which made the policy: asked once, where it matters.
function parser_version(    said) {
	if (parser == "") {
		"apparmor_parser --version" | getline said
		parser = match(said, /[0-9]+\./) ? substr(said, RSTART) : "none"
	}
	# without a version no line would be selected, and what expects nothing always holds
	if (int(parser) < 3) {
		print "which apparmor_parser is it? 3 or later is known, not \"" parser "\"; install the" \
			" Debian package apparmor" >"/dev/stderr"
		exit 1
	}
	return int(parser)
}

function holds(term,    at, low, high) {
	if (term ~ /^parser/) {
		low = substr(term, 7) + 0
		return term ~ /\.\.$/ ? parser_version() >= low : parser_version() == low
	}
	if (term ~ /^(no)?modules$/)
		return (term == "modules") == (modules == "yes")
	# as text: 7.1 is not 7.10
	if (term "" == arch "" || term "" == flavour "" || term "" == series "")
		return 1
	if (!mine || !(at = index(term, "..")))
		return 0
	low = substr(term, 1, at - 1)
	high = substr(term, at + 2)
	return (low == "" || mine >= rank(low)) && (high == "" || mine <= rank(high))
}

function all_hold(selector,    part, n, i) {
	n = split(selector, part, ",")
	for (i = 1; i <= n; i++)
		if (!holds(part[i]))
			return 0
	return 1
}

function fill(text, name, value,    at) {
	name = "{" name "}"
	while (at = index(text, name))
		text = substr(text, 1, at - 1) value substr(text, at + length(name))
	return text
}

function fill_all(text) {
	if (!index(text, "{"))
		return text
	text = fill(fill(text, "series", series), "arch", arch)
	text = fill(fill(text, "flavour", flavour), "features", features)
	return fill(text, "lsm", lsm)
}

BEGIN {
	FS = "\t"
	mine = rank(series)
}

{
	key = $1
	if (at = index(key, "@")) {
		if (!all_hold(substr(key, at + 1)))
			next
		key = substr(key, 1, at - 1)
	}
	print key "\t" fill_all(substr($0, length($1) + 2))
}
