# SPDX-License-Identifier: LGPL-2.1-or-later
# Reads scenario files, prints INSTANCE TAB KEY TAB VALUE; a KEY may still have its @SELECTOR, which
# qemu/select.awk resolves for one kernel. The language: qemu/scenarios/README.md

function bad_at(place, text) {
	if ((place, text) in said)
		return
	said[place, text] = 1
	printf "%s: %s\n", place, text > "/dev/stderr"
	errors++
}

function bad(text) { bad_at(FILENAME ":" FNR, text) }

function trim(text) {
	sub(/^[ \t]+/, "", text)
	sub(/[ \t]+$/, "", text)
	return text
}

function is_known(key) {
	return key ~ /^(kernels|about|append|conf|fault|first|facts|outcome|modules)$/ ||
		key ~ /^(says|saysnot|expect|expectnot|timeout|trouble|use|vary|foretold)$/
}

# 5.10, 6.12.., ..6.1, 6.12..7.0, an architecture, a flavour, parser3, parser4.., modules, nomodules: joined by commas.
function is_selector(text,    part, n, i) {
	n = split(text, part, ",")
	for (i = 1; i <= n; i++)
		if (part[i] !~ /^([0-9]+\.[0-9]+|rc)(\.\.([0-9]+\.[0-9]+|rc)?)?$/ &&
		    part[i] !~ /^\.\.([0-9]+\.[0-9]+|rc)$/ &&
		    part[i] !~ /^(amd64|arm64|cloud|full|modules|nomodules)$/ && part[i] !~ /^parser[0-9]+(\.\.)?$/)
			return 0
	return n > 0
}

# {1} and {2} are words of the variation, the others stand in the table of the kernels.
function check_variables(value,    name) {
	while (match(value, /\{[A-Za-z0-9_-]*\}/)) {
		name = substr(value, RSTART + 1, RLENGTH - 2)
		if (name !~ /^([1-9]|series|arch|flavour|features|lsm)$/)
			bad("unknown variable {" name "}; there are {series}, {arch}, {flavour}," \
				" {features}, {lsm}, {1}, {2}")
		value = substr(value, RSTART + RLENGTH)
	}
}

function check_words(value,    word, n, i) {
	n = split(value, word, /[ \t]+/)
	for (i = 1; i <= n; i++) {
		if (word[i] !~ /^[A-Za-z0-9._-]+$/)
			bad("a word of vary has letters, digits, -, _ and ., not \"" word[i] "\"")
		if ((current, word[i]) in axis_of)
			bad("the word \"" word[i] "\" varies twice")
		axis_of[current, word[i]] = axes[current]
	}
}

function check(key, value) {
	if (key == "outcome" && value !~ /^(up|off|panic|hang|reboot)$/)
		bad("outcome must be up, off, panic, hang or reboot, not \"" value "\"")
	else if (key == "timeout" && value !~ /^[0-9]+$/)
		bad("timeout wants seconds, not \"" value "\"")
	else if (key == "trouble" && value !~ /^(yes|no)$/)
		bad("trouble must be yes or no, not \"" value "\"")
	else if (key == "foretold" && value !~ /^unknown [^ ]/)
		bad("foretold must be \"unknown REASON\", not \"" value "\"")
	else if (key == "modules" && value !~ /^[A-Za-z0-9_ -]+$/)
		bad("modules wants names of modules, not \"" value "\"")
	else if (value == "" && key != "append")
		bad("\"" key "\" has no value")
	else if (value ~ /\t/)
		bad("tab inside a value")
	else if (key == "about" && seen_about[current, prefix]++)
		bad("a second \"about\"")
	check_variables(value)
}

# What is the same for all kernels, or decides which they are.
function check_selector(key, selector) {
	if (!is_selector(selector))
		bad("bad selector \"@" selector "\"; there are 5.10, 6.12.., ..6.1, 6.12..7.0," \
			" amd64, arm64, cloud, full, parser3, parser4.., modules, nomodules")
	if (key ~ /^(kernels|about|conf|fault|facts|vary)$/)
		bad("\"" key "\" is the same for every kernel and takes no selector")
}

/^[ \t]*(#|$)/ { next }

/^\[/ {
	skip = 1
	if ($0 !~ /^\[\*?[A-Za-z0-9][A-Za-z0-9._-]*\]$/) {
		bad("a stanza is [NAME] or [*FRAGMENT], letters, digits, -, _ and .")
		next
	}
	current = substr($0, 2, length($0) - 2)
	if (current in count) {
		bad("a second [" current "]; the first is at " place[current])
		next
	}
	skip = 0
	place[current] = FILENAME ":" FNR
	count[current] = axes[current] = 0
	if (current !~ /^\*/) {
		order[++stanzas] = current
		group[current] = FILENAME
		sub(/.*\//, "", group[current])
		sub(/\.scn$/, "", group[current])
		sub(/^[0-9]+-/, "", group[current])
	}
	next
}

# Nothing of a stanza whose name is wrong.
skip { next }

# [WORD[+WORD].]KEY[@SELECTOR] = VALUE
{
	eq = index($0, "=")
	if (!eq) {
		bad("neither [NAME] nor KEY = VALUE")
		next
	}
	whole = key = trim(substr($0, 1, eq - 1))
	value = trim(substr($0, eq + 1))
	selector = prefix = ""
	if (current == "") {
		bad("a line before the first stanza")
		next
	}
	if (at = index(key, "@")) {
		selector = substr(key, at + 1)
		key = substr(key, 1, at - 1)
	}
	if (match(key, /.*\./)) {
		prefix = substr(key, 1, RLENGTH - 1)
		key = substr(key, RLENGTH + 1)
	}
	if (key == "vary" && current ~ /^\*/)
		bad("a fragment has no variations of its own")
	if (!is_known(key)) {
		bad("unknown key \"" whole "\"")
		next
	}
	check(key, value)
	if (at)
		check_selector(key, selector)
	if (key == "vary") {
		vary[current, ++axes[current]] = value
		check_words(value)
		next
	}
	i = ++count[current]
	keys[current, i] = key
	vals[current, i] = value
	selectors[current, i] = selector
	prefixes[current, i] = prefix
	where[current, i] = FILENAME ":" FNR
}

# Does this line count for the instance whose words are the keys of `chosen`? A prefix that no
# "vary" of the scenario names would be a check that never runs.
function applies(from, stanza, i,    part, n, j, yes, used) {
	yes = 1
	n = split(prefixes[stanza, i], part, "+")
	for (j = 1; j <= n; j++) {
		if (!((from, part[j]) in axis_of))
			bad_at(where[stanza, i], "\"" part[j] "\" is none of the variations of [" from "]")
		else if (used[axis_of[from, part[j]]]++)
			bad_at(where[stanza, i], "\"" prefixes[stanza, i] "\" never holds")
		if (!(part[j] in chosen))
			yes = 0
	}
	return yes
}
function fill(text, from,    j, at) {
	for (j = 1; j <= axes[from]; j++)
		while (at = index(text, "{" j "}"))
			text = substr(text, 1, at - 1) pick[j] substr(text, at + 3)
	return text
}

function join(one, other) { return one == "" || other == "" ? one other : one "," other }

# The lines of a stanza in their order, with those of the fragments that it uses. `from` is the
# scenario that all this is for.
function emit(from, stanza, selector,    i, key, s, value) {
	open[stanza] = 1
	for (i = 1; i <= count[stanza]; i++) {
		if (!applies(from, stanza, i))
			continue
		key = keys[stanza, i]
		s = join(selector, selectors[stanza, i])
		value = fill(vals[stanza, i], from)
		if (key == "use")
			emit_fragment(from, "*" value, s, where[stanza, i])
		else if (s != "" && key ~ /^(kernels|about|conf|fault|facts)$/)
			bad_at(where[stanza, i], "\"" key "\" takes no selector, not from \"use\" either")
		else if (value ~ /\{[1-9]\}/)
			bad_at(where[stanza, i], "[" from "] has no variation for this variable: " value)
		else
			out[++lines] = instance "\t" key (s == "" ? "" : "@" s) "\t" value
	}
	delete open[stanza]
}

function emit_fragment(from, name, selector, place) {
	if (!(name in count))
		bad_at(place, "there is no [" name "] to use")
	else if (name in open)
		bad_at(place, "use = goes in a circle: [" name "] uses itself")
	else
		emit(from, name, selector)
}

# One instance: the fragments of its words, then the stanza itself.
function instantiate(stanza,    axis) {
	instance = stanza
	for (axis = 1; axis <= axes[stanza]; axis++)
		instance = instance "-" pick[axis]
	if (instance in made)
		bad_at(place[stanza], "\"" instance "\" is already made at " made[instance])
	made[instance] = place[stanza]
	out[++lines] = instance "\tgroup\t" group[stanza]
	for (axis = 1; axis <= axes[stanza]; axis++)
		if (("*" pick[axis]) in count)
			emit_fragment(stanza, "*" pick[axis], "", place[stanza])
	emit(stanza, stanza, "")
}

# The product of all variations from this axis on; the last varies fastest.
function product(stanza, axis,    n, i, words) {
	if (axis > axes[stanza]) {
		instantiate(stanza)
		return
	}
	n = split(vary[stanza, axis], words, /[ \t]+/)
	for (i = 1; i <= n; i++) {
		pick[axis] = words[i]
		chosen[words[i]] = 1
		product(stanza, axis + 1)
		delete chosen[words[i]]
	}
}

END {
	for (s = 1; s <= stanzas; s++) {
		product(order[s], 1)
	}
	if (errors)
		exit 1
	for (i = 1; i <= lines; i++)
		print out[i]
}
