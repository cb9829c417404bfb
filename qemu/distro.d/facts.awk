# SPDX-License-Identifier: LGPL-2.1-or-later
# What the judges of whole systems share: facts of an observer, records of AppArmor, results in TAP without numbers.
# Variables: name, mode; and level and policy, where there is more than one.

# above level "compatible" that is said
function title() {
	if (policy != "") return name " policy " policy
	return name " " mode (level == "" || level == "compatible" ? "" : " " level)
}

function value(line) { return substr(line, index(line, "=") + 1) }

# tell OK TEXT [WHY]: one result, and under a bad one the reasons, a line each
function tell(ok, text, why, n, i, lines) {
	printf "%s - %s: %s\n", ok ? "ok" : "not ok", title(), text
	n = ok ? 0 : split(why, lines, "\n")
	for (i = 1; i <= n; i++) if (lines[i] != "") printf "#   %s\n", substr(lines[i], 1, 400)
}

# skip TEXT WHY: neither passed nor failed, and said aloud
function skip(text, why) { printf "ok - %s: %s # SKIP %s\n", title(), text, substr(why, 1, 300) }

function field(record, word, at, rest) {
	at = match(record, " " word "=(\"[^\"]*\"|[^ ]*)")
	if (!at) return ""
	rest = substr(record, RSTART + length(word) + 2, RLENGTH - length(word) - 2)
	gsub(/"/, "", rest)
	return rest
}

# Refused by the global layer: in the root namespace, where nobody else has policy in hidden mode. Its other profiles
# are those of policy/strict, and of policies that have several for the layer.
function by_global(record) {
	return field(record, "profile") ~ /^(global(_[a-z]+)?|parser|latch|helpers)$/ && field(record, "namespace") == ""
}

# The reserved path is tried by the loader and by "initward status": that this is refused is the proof.
function is_proof(record) {
	return field(record, "operation") == "chown" && field(record, "name") == "/proc/version"
}

# A place is a moment of the boot at which the observer was asked: PLACE in census.PLACE.tasks=...
/^outside=/ { outside = value($0) }
/^outside\.error=/ { trouble = trouble "the observer: " value($0) "\n" }
/^watch\.from=/ { watched = value($0) }
/^census\.[a-z-]+\.outsider=/ { outsiders = outsiders $0 "\n" }
/^census\.[a-z-]+\.(tasks|outsiders|mode)=/ { split($0, word, "[.=]"); census[word[2], word[3]] = value($0) }
/^log\.lost=/ { lost = lost value($0) "\n" }
/^guest=/ {
	rest = value($0)
	key = rest
	sub(/=.*/, "", key)
	guest[key] = value(rest)
}
