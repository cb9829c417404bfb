# SPDX-License-Identifier: LGPL-2.1-or-later
# For qemu/assert.
#   awk -v verb=parse  LISTS         KEY=GLOB[,KEY=GLOB]... to lines KEY TAB GLOB
#   awk -v verb=derive -v outcome=OUTCOME -v trouble=N FACTS
#                                    the facts for people, then all others

function bad(text) {
	print text
	errors++
}

function item(text,   eq) {
	eq = index(text, "=")
	if (eq > 1 && substr(text, 1, eq - 1) ~ /^[A-Za-z][^ \t=,]*$/)
		out = out substr(text, 1, eq - 1) "\t" substr(text, eq + 1) "\n"
	else
		bad("\"" text "\" is not KEY=GLOB")
}

# A comma begins the next expectation where KEY= follows, else it is part of the glob: lsm=a,b
function parse(text,   i, c, part) {
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (c == "\\" && substr(text, i + 1, 1) == ",") {
			part = part ","
			i++
		} else if (c == "," && substr(text, i + 1) ~ /^[A-Za-z][A-Za-z0-9_.\/:-]*=/) {
			item(part)
			part = ""
		} else {
			part = part c
		}
	}
	item(part)
}

# A label cannot be read where AppArmor is off.
function plain(label) {
	if (fact["stacked"] == "<ENOENT>")
		return "none"
	sub(/ \([a-z]+\)$/, "", label)
	return label
}

# Where AppArmor is off there is no such file.
function unstacked() {
	return fact["stacked"] == "no" || fact["stacked"] == "<ENOENT>"
}

function mode() {
	if (fact["ns_stacked"] == "yes")
		return "hidden"
	if (fact["stacked"] == "yes" && fact["ns_stacked"] == "no")
		return "visible"
	return unstacked() ? "none" : "unknown"
}

# Everything is refused where the control is refused too: that proves nothing.
function policy() {
	if (fact["proof"] ~ /^(EACCES|killed)$/)
		return fact["control"] == "ok" ? "enforce" : "unknown"
	if (fact["proof"] != "ok")
		return "unknown"
	if (fact["stacked"] == "yes")
		return "complain"
	return unstacked() ? "off" : "unknown"
}

function reserved() {
	if (fact["proof"] ~ /^(EACCES|killed)$/)
		return "refused"
	return fact["proof"] == "ok" ? "allowed" : fact["proof"]
}

verb == "parse" {
	parse($0)
	next
}

{
	eq = index($0, "=")
	name = substr($0, 1, eq - 1)
	if (!(name in fact))
		fact[name] = substr($0, eq + 1)
	if (name != "label")
		raw = raw $0 "\n"
}

END {
	if (verb == "parse") {
		if (!errors)
			printf "%s", out
		exit errors > 0
	}
	print "outcome=" outcome
	print "trouble=" trouble
	if ("init.label" in fact)
		print "label=" plain(fact["init.label"])
	if ("label" in fact)
		print "view=" plain(fact["label"])
	if ("stacked" in fact)
		print "mode=" mode()
	if ("proof" in fact) {
		print "policy=" policy()
		print "reserved=" reserved()
	}
	printf "%s", raw
}
