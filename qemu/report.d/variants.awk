# SPDX-License-Identifier: LGPL-2.1-or-later
# The scenarios as lines of JSON, in their order: the lines as they were written, and the lines as
# each kernel gets them, equal ones once.
#
#   awk -f variants.awk SCENARIOS SELECTED
#
# SELECTED: a line TAB KERNEL, then for that kernel lines KEY TAB SCENARIO TAB VALUE.

function quote(text) {
	gsub(/\357\277[\276\277]/, "\357\277\275", text)
	gsub(/[^\011\040-\176\200-\377]/, "\357\277\275", text)
	gsub(/[\\"]/, "\\\\&", text)
	gsub(/\t/, "\\t", text)
	return "\"" text "\""
}

function pair(key, value) {
	return "[" quote(key) "," quote(value) "]"
}

function joined(list, item) {
	return list (list == "" ? "" : ",") item
}

# The kernel's scenarios are complete: each goes to the kernels that have the same lines.
function settle(    s, name, v) {
	for (s = 1; s <= scenarios; s++) {
		name = order[s]
		for (v = 1; v <= variants[name]; v++)
			if (text[name, v] == selected[name])
				break
		if (v > variants[name])
			variants[name] = v
		text[name, v] = selected[name]
		who[name, v] = joined(who[name, v], quote(kernel))
	}
	split("", selected)
}

BEGIN { FS = "\t" }

FILENAME == ARGV[1] {
	if (!($1 in written))
		order[++scenarios] = $1
	written[$1] = joined(written[$1], pair($2, $3))
	next
}

$1 == "" {
	if (kernel != "")
		settle()
	kernel = $2
	next
}

{ selected[$2] = joined(selected[$2], pair($1, $3)) }

END {
	settle()
	for (s = 1; s <= scenarios; s++) {
		name = order[s]
		all = ""
		for (v = 1; v <= variants[name]; v++)
			all = joined(all, "{\"kernels\":[" who[name, v] "],\"lines\":[" text[name, v] "]}")
		printf "{\"name\":%s,\"lines\":[%s],\"variants\":[%s]}\n", quote(name), written[name], all
	}
}
