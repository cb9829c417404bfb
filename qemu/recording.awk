# SPDX-License-Identifier: LGPL-2.1-or-later
# Shortens what qemu/demo prints to its hidden half, and that to what a README has room for. Every cut
# is marked by "[...]".

function show(line) {
	if (line == "" && (last == "" || last == "[...]"))
		return
	print line
	last = line
}

function cut() {
	if (last != "[...]" && last != "")
		print ""
	if (last != "[...]")
		print "[...]\n"
	last = "[...]"
}

/^Hidden: / {
	hidden = 1
	show("$ make demo")
	cut()
}
!hidden { next }

# a heading inside of the half
/^  [^ ]/ { part = $0; rows = 0 }

part ~ /Every process/ && /^    / && ++rows > 3 { cut(); next }
part ~ /root writes/ && /^    [# ]/ && ++rows > 3 { cut(); next }
part ~ /writes to .* again/ { cut(); next }
/^  In hidden mode/ { exit }

{ show($0) }
