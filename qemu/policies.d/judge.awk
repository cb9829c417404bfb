# SPDX-License-Identifier: LGPL-2.1-or-later
# Judges one boot of a policy's test: the facts of its observer and the line of qemu/run. TAP without numbers.
# Variables: name, end.

function value(line) { return substr(line, index(line, "=") + 1) }

function tell(ok, text, why) {
	printf "%s - %s: %s\n", ok ? "ok" : "not ok", name, text
	if (!ok && why != "") printf "#   %s\n", substr(why, 1, 600)
}

# A pattern of the shell that has only "*"
function matches(text, pattern) {
	gsub(/[][.+?()|^$\\{}]/, "\\\\&", pattern)
	gsub(/\*/, ".*", pattern)
	return text ~ "^" pattern "$"
}

/^outside=/ { outside = value($0) }
/^outside\.error=/ { trouble = trouble value($0) "; " }
/^census\.end\.tasks=/ { tasks = value($0) }
/^census\.end\.outsiders=/ { outsiders = value($0) }
/^census\.end\.outsider=/ { who = who value($0) "; " }
/^label\./ { key = $0; sub(/^label\./, "", key); sub(/=.*/, "", key); label[key] = value($0) }
/^guest=test\.[0-9]+=/ {
	rest = value(value($0))
	told++
	word = rest
	sub(/ .*/, "", word)
	sub(/^[^ ]* /, "", rest)
	text = rest
	tell(word == "ok", text, "")
}
/^guest=label\.[0-9]+=/ {
	key = value($0)
	rest = value(key)
	sub(/^label\./, "", key)
	sub(/=.*/, "", key)
	told++
	split(rest, part, "\t")
	wanted[key] = part[1]
	said[key] = part[2]
	order[++labels] = key
}
/^guest=end=/ { sub(/^guest=end=/, ""); announced = $0 }

END {
	for (i = 1; i <= labels; i++) {
		key = order[i]
		tell(matches(label[key], wanted[key]), said[key] ": " wanted[key], "it is " label[key])
	}
	if (tasks != "") tell(outsiders == 0 && tasks > 1, "nobody is outside of the layer (" tasks " tasks)", who)
	tell(end ~ /^ended=poweroff panic=no trouble=0 / && outside ~ /^unconfined/ && trouble == "" && told > 0 && announced == told,
		"comes up, runs its " told + 0 " tests, powers off", end "; observer: " outside " " trouble "; announced " announced)
}
