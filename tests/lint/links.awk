# SPDX-License-Identifier: LGPL-2.1-or-later
# Links of Markdown files to files and headings: awk -f links.awk pass=1 FILE... pass=2 FILE...
# Says which headings are not there. Files that links name are printed for the caller to look:
# "FILE:LINE<tab>LINK<tab>PATH".

# a/b/../c is a/c
function plain(path,	part, n, i, out, kept) {
	n = split(path, part, "/")
	kept = 0
	for (i = 1; i <= n; i++) {
		if (part[i] == "." || part[i] == "")
			continue
		if (part[i] == ".." && kept)
			kept--
		else
			out[++kept] = part[i]
	}
	path = ""
	for (i = 1; i <= kept; i++)
		path = path (i > 1 ? "/" : "") out[i]
	return path == "" ? "." : path
}

# The name that a page's reader gives to a heading
function anchor(heading,	name) {
	name = tolower(heading)
	sub(/^#+ +/, "", name)
	gsub(/[^a-z0-9 _-]/, "", name)
	gsub(/ /, "-", name)
	return name
}

function check(link,	path, name) {
	if (link ~ /^[a-z]+:/)
		return
	path = link
	name = ""
	if (match(path, /#/)) {
		name = substr(path, RSTART + 1)
		path = substr(path, 1, RSTART - 1)
	}
	path = path == "" ? FILENAME : plain(dir "/" path)
	if (path != FILENAME)
		printf "%s:%d\t%s\t%s\n", FILENAME, FNR, link, path
	if (name != "" && path ~ /\.md$/ && !((path "#" name) in headings))
		printf "%s:%d: no such heading: %s\n", FILENAME, FNR, link
}

FNR == 1 {
	dir = FILENAME
	if (!sub(/\/[^\/]*$/, "", dir))
		dir = "."
	fenced = 0
}

/^ *```/ { fenced = !fenced }
fenced || /^(    |\t)/ { next }

pass == 1 && /^#+ / {
	name = FILENAME "#" anchor($0)
	if (name in headings)
		headings[name "-" headings[name]++]
	else
		headings[name] = 1
}

pass == 2 {
	gsub(/`[^`]*`/, "")
	while (match($0, /\]\([^) ]*\)/)) {
		link = substr($0, RSTART + 2, RLENGTH - 3)
		$0 = substr($0, RSTART + RLENGTH)
		check(link)
	}
}
