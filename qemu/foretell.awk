# SPDX-License-Identifier: LGPL-2.1-or-later
# foretell.awk ANSWER FACTS CONSOLE: prints each point in which the answer of `initward check --json` differs
# from what the boot showed.
#
# What the boot showed is the kernel's word where there is one: the label of process 1 and the proof, asked
# by the guest; the list of modules; a panic. The loader's own words tell which step failed and why, and
# which set it took.

function differs(what, foretold, shown) {
	printf "check: %s: foretold %s, the boot showed %s\n", what, foretold == "" ? "nothing" : foretold,
		shown == "" ? "nothing" : shown
}

function compare(what, shown) {
	if (answer[what] "" != shown "")
		differs(what, answer[what], shown)
}

# The value of KEY=VALUE in the loader's line: up to the next key, since a list of classes has blanks.
function value_of(key,    n, i, word, value) {
	n = split(outcome_line, word, " ")
	for (i = 1; i <= n && index(word[i], key "=") != 1; i++)
		;
	if (i > n)
		return ""
	value = substr(word[i], length(key) + 2)
	while (++i <= n && index(word[i], "=") == 0)
		value = value " " word[i]
	return value
}

# Do both lists have the same words? The loader's are in the order of the kernel's folder.
function same_words(a, b,    n, i, word, in_a, count) {
	n = split(a, word, " ")
	for (i = 1; i <= n; i++)
		in_a[word[i]] = 1
	count = n
	n = split(b, word, " ")
	for (i = 1; i <= n; i++)
		if (!(word[i] in in_a))
			return 0
	return n == count
}

# By the guest's evidence; `off` is unconfined, on purpose, and only the loader can say on purpose.
function outcome(    stacked) {
	if (seen == "panic" || seen == "hang")
		return "stops"
	if (seen != "up")
		return "ended by " seen
	stacked = fact["init.label"] ~ /^global\/\/&/
	if (stacked && fact["proof"] ~ /^(EACCES|killed)$/)
		return "confined"
	if (stacked && fact["proof"] == "ok")
		return "complain"
	if (stacked || fact["proof"] ~ /^(EACCES|killed)$/)
		return "label " fact["init.label"] " with proof " fact["proof"]
	return outcome_line ~ /^off:/ ? "off" : "unconfined"
}

function wanted_status(verdict) {
	if (verdict == "confined") return 0
	if (verdict == "complain") return 3
	return verdict == "unknown" ? 5 : 4
}

# A JSON value on the rest of a line: a text without its escapes, a number, true; null is nothing.
function ascii(text) {
	gsub(/[\200-\377]/, "?", text)
	return text
}

function plain(value,    text, at) {
	sub(/,$/, "", value)
	if (value !~ /^"/)
		return value == "null" ? "" : value
	value = substr(value, 2, length(value) - 2)
	while (at = index(value, "\\")) {
		text = text substr(value, 1, at - 1) substr(value, at + 1, 1)
		value = substr(value, at + 2)
	}
	return text value
}

# The answer is laid out a key a line; the first of a name counts, which is the outer object's.
FILENAME == ARGV[1] {
	if (match($0, /^ *"[a-z_0-9]+":/)) {
		key_of_line = substr($0, 1, RLENGTH - 2)
		sub(/^ *"/, "", key_of_line)
		if (!(key_of_line in answer))
			answer[key_of_line] = plain(substr($0, RLENGTH + 1))
	}
	next
}

FILENAME == ARGV[2] {
	at = index($0, "=")
	fact[substr($0, 1, at - 1)] = substr($0, at + 1)
	next
}

{
	sub(/\r$/, "")
	sub(/^\[ *[0-9]+\.[0-9]+\] /, "")
}

sub(/^initward: /, "") {
	if (/^FAILED: / && !/^FAILED: roll-back: / && failed == "")
		failed = substr($0, 9)
	else if (/^(confined|complain|off|already): /)
		outcome_line = $0
	else if (sub(/^warning: ignored on the kernel command line: /, ""))
		ignored = $0
}

END {
	if (answer["status"] != status || status != wanted_status(answer["verdict"]))
		differs("exit status", status " for " answer["verdict"], answer["status"])
	if (reason != "") {
		if (answer["verdict"] != "unknown")
			printf "check: foretold %s, but this scenario says that nobody can foresee it: %s\n",
				answer["verdict"], reason
		exit
	}
	shown = outcome()
	if (answer["verdict"] != shown)
		differs("verdict", answer["verdict"] (answer["step"] ? " (" answer["step"] ": " answer["why"] ")" : ""), shown)
	at = index(failed, ": ")
	compare("step", at ? substr(failed, 1, at - 1) : "")
	# what is no UTF-8 is "?" in JSON, and on the console as it is
	shown = ascii(at ? substr(failed, at + 2) : "")
	answer["why"] = ascii(answer["why"])
	# it may say more than the loader, which only has the kernel's errno, and whose line has an end
	if (!(shown ~ /\.\.\.$/ && index(answer["why"], substr(shown, 1, length(shown) - 3)) == 1) &&
	    (shown == "" || index(answer["why"], shown "; ") != 1))
		compare("why", shown)
	if ("lsm" in fact && fact["lsm"] !~ /^</)
		compare("lsm", fact["lsm"])
	compare("ignored", ignored)
	if (outcome_line ~ /^(confined|complain): /) {
		split(outcome_line, word, " ")
		# an execution that fails takes it back
		if (failed == "")
			compare("label", word[2])
		n = split("policy mode level init set fit profiles bytes", key, " ")
		for (i = 1; i <= n; i++)
			compare(key[i], value_of(key[i]))
		if (!same_words(answer["unmediated"], value_of("unmediated")))
			compare("unmediated", value_of("unmediated"))
	}
}
