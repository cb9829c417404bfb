# SPDX-License-Identifier: LGPL-2.1-or-later
# Judges one boot of a system's life. Behind ../distro.d/facts.awk.
# Variables: name, mode, row (of ./steps), tests (names), end, before (the facts of the boot before),
# asleep (what the boot was called that went to sleep).

# A boot in which the kernel's log is looked at from its first line on, and whose outcome is known beforehand.
function read_row(word) {
	split(row, word, "\t")
	boot = word[1]; which = word[3]; verdict = word[5]; unit["status"] = word[6]; unit["health"] = word[7]
	left = word[9]; places = word[10]
	split(word[8], word, ",")
	for (i in word) want_refused[word[i]] = 1
	if (mode == "stock") verdict = "stock"
	layer = mode
	mode = mode " " boot
}

function read_before(line) {
	while ((getline line <before) > 0) if (line ~ /^host\./) was[substr(line, 6, index(line, "=") - 6)] = value(line)
}

BEGIN {
	read_row()
	read_before()
}

/^log\.loader=/ { loader = loader value($0) "\n" }
/^host\./ { host[substr($0, 6, index($0, "=") - 6)] = value($0) }

/^log\.denied=/ {
	record = value($0)
	file = field(record, "name")
	if (!by_global(record)) next
	if (is_proof(record))
		proofs++
	else if (sub(/^\/var\/lib\/initward-life\//, "", file) && (file in want_refused))
		refused[file]++
	else
		unwanted = unwanted record "\n"
}

# It comes up, and goes as it was told to.
function judge_end(n, word, i, leaves) {
	if (verdict == "panic") {
		tell(end ~ /panic=yes/ && outside == "", "nothing comes up: the kernel panics", end)
		return
	}
	leaves = boot == "hibernate" ? "hibernate" : boot == "kexec" ? "kexec" : ""
	tell(end ~ /^ended=poweroff panic=no trouble=0 / && trouble == "" && guest["leaves"] == leaves && \
		(boot == "hibernate") == (guest["end"] != "ok"),
		leaves == "hibernate" ? "goes to sleep" : "comes up, does its work, powers off",
		end "\nend: " guest["end"] "\nleaves: " guest["leaves"] "\n" trouble)
	n = split(tests, word, " ")
	for (i = 1; i <= n; i++)
		tell(guest["test." word[i]] == "ok", "test " word[i],
			("test." word[i]) in guest ? guest["test." word[i]] : "no result")
	tell(lost == "", "the kernel's log is whole", lost)
}

# judge_place PLACE: what the system says of itself, and who is confined, in one userland of this boot
function judge_place(place, failed, kind) {
	failed = (unit["status"] == "failed" ? "initward-status.service " : "")
	failed = (unit["health"] == "failed" ? "initward-health.service " : "") failed
	if (mode ~ /^stock/) failed = ""
	tell(guest[place ".failed-units"] == failed && \
		guest[place ".running"] == (failed == "" ? "running" : "degraded"),
		place ": " (failed == "" ? "running, no failed unit" : "failed units: " failed),
		guest[place ".running"] "\n" guest[place ".failed-units"])
	if (host["release"] != "")
		tell(guest[place ".kernel"] == host["release"], place ": the kernel is " host["release"], guest[place ".kernel"])
	judge_census(place)
	if (mode ~ /^stock/) return
	for (kind in unit)
		tell(state_of(guest[place ".unit." kind]) == unit[kind], place ": initward-" kind ".service is " unit[kind],
			guest[place ".unit." kind])
	judge_status(place, guest[place ".status"])
}

function state_of(text) {
	if (text ~ /not-found/) return "absent"
	if (text ~ /inactive/) return "inactive"
	return text ~ /failed/ ? "failed" : text ~ /active/ ? "active" : "?"
}

function judge_status(place, text) {
	if (unit["status"] == "absent") {
		tell(text == "", place ": there is no initward", text)
		return
	}
	tell(text ~ "\"verdict\": *\"" verdict "\"" && (verdict != "confined" || text ~ "\"mode\": *\"" layer "\""),
		place ": initward status: " verdict (verdict == "confined" ? ", " layer : ""), text)
}

function judge_census(place, tasks, out) {
	tasks = census[place, "tasks"] + 0
	out = census[place, "outsiders"]
	if (verdict == "confined")
		tell(tasks >= 10 && out == "0" && outsiders == "" && watched != "" && outside ~ /^unconfined/ && \
			census[place, "mode"] == "enforce",
			place ": every task of userland is under global, seen from the root namespace (" tasks ")",
			"tasks " tasks ", outside " out ", mode " census[place, "mode"] "\nobserver: " outside "\nfrom: " watched \
			"\n" outsiders)
	else
		tell(tasks >= 10 && out == tasks && watched == "", place ": nobody is confined (" tasks " tasks)",
			"tasks " tasks ", outside " out "\nfrom: " watched)
}

function judge_denials(file) {
	if (verdict != "confined") {
		tell(proofs + 0 == 0 && unwanted == "", "global refuses nothing, as it is not there", unwanted)
		return
	}
	tell(proofs > 0 && unwanted == "", "global refuses nothing that it is not asked to",
		"proofs: " proofs + 0 "\n" unwanted)
	judge_file("next")
	judge_file("local")
}

function judge_file(file, want) {
	want = file in want_refused
	tell(guest["file." file] == (want ? "refused" : "written") && (refused[file] > 0) == want,
		"the rule of the " (file == "next" ? "package's next version" : "administrator") " is " (want ? "" : "not ") \
		"in force", guest["file." file] ", " refused[file] + 0 " records")
}

# The image that the boot leaves, and the last good one.
function judge_images(same, good) {
	same = host["left"] == host["booted"]
	if (which == "last-good") same = host["left"] == was["left"]
	good = host["image"] == (mode ~ /^stock/ || left == "plain" ? "plain" : "good")
	if (left == "same")
		tell(host["left"] != "" && same, "the image stays as it is", "booted " host["booted"] "\nleft " host["left"])
	else
		tell(host["left"] != "" && !same && good,
			"there is a new image, " (left == "plain" ? "without the loader" : "and it is good"), host["image"])
	if (boot == "installed")
		tell(host["newest"] != host["release"], "it is that of a newer kernel: " host["newest"], host["newest"])
	if (mode ~ /^stock/ || unit["health"] == "absent" || left == "plain") return
	if (unit["health"] == "active")
		tell(host["kept"] == host["booted"], "the image of this boot is the last good one", "kept " host["kept"])
	else
		tell(host["kept"] == was["kept"] && host["kept"] ~ /^[0-9a-f]+$/, "the last good image is the one from before",
			"kept " host["kept"] "\nbefore " was["kept"])
}

END {
	judge_end()
	if (verdict != "panic") {
		n = split(places, part, ",")
		for (i = 1; i <= n; i++) judge_place(part[i])
		if (boot == "kexec") tell(guest["end"] == "ok", "the kernel that kexec started came up", guest["end"])
		if (boot == "resume")
			tell(guest["awake"] != "" && guest["awake"] == asleep, "the same boot goes on", guest["awake"])
		judge_denials()
	}
	if (boot != "hibernate") judge_images()
}
