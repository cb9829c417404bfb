# SPDX-License-Identifier: LGPL-2.1-or-later
# Judges one boot of a whole system: the facts of its observer, the line of qemu/run and the stock boot's facts.
# Variables: name, mode, level, policy, tests (names), end, stock (a file), costs (a file). TAP without numbers.

# What two boots have in common of a test that fails: its status and its last line, but for numbers.
function signature(result, n, line) {
	n = split(result, line, "|")
	while (n > 1 && line[n] == "") n--
	sub(/:.*/, "", line[1])
	if (n == 1) line[n] = result
	result = line[1] == line[n] ? line[1] : line[1] ": " line[n]
	gsub(/[0-9]+/, "N", result)
	return result
}

# What fails as the distribution is does not count, for or against; but not whether the system comes up:
# one that does not is no measure for another.
function tell_test(test, text, result, known) {
	result = guest["test." test]
	known = mode == "stock" ? result : stock_guest["test." test]
	if (result ~ /^failed/ && test != "running" && signature(result) == signature(known))
		skip(text, mode == "stock" ? "fails as the distribution is: " signature(result) : \
			"fails in the stock boot too: " signature(result))
	else
		tell(result == "ok", text, result "\n" (result == "" ? "no result" : ""))
}

function tell_units(told, n, unit, i, text, known, more) {
	told = "failed-units" in guest
	text = guest["failed-units"]
	known = " " (mode == "stock" ? text : stock_guest["failed-units"]) " "
	n = split(text, unit, " ")
	for (i = 1; i <= n; i++) if (!index(known, " " unit[i] " ")) more = more " " unit[i]
	if (!told || more != "")
		tell(0, "no failed unit", more)
	else if (n)
		skip("no failed unit", mode == "stock" ? "fails as the distribution is: " text : "fails in the stock boot too: " text)
	else
		tell(1, "no failed unit")
}

# What two boots have in common of one denial: numbers of processes and of temporary files differ.
function denial(record, what, where) {
	where = field(record, "namespace")
	sub(/^root\/\/application/, "", where)
	what = where " " field(record, "profile") " " field(record, "operation") " " field(record, "name") \
		" " field(record, "capname") " " field(record, "requested_mask") " " field(record, "peer") " " \
		field(record, "comm") " " field(record, "family")
	gsub(/[0-9]+/, "N", what)
	return what
}

# The stack of profiles of a label or a record, or a profile in the listing, as the stock boot has it.
function plain(profile) {
	sub(/^:application:(\/\/)?/, "", profile)
	return profile
}

function read_stock(line, text, word) {
	while ((getline line <stock) > 0) {
		text = value(line)
		if (line ~ /^log\.denied=/) stock_denied[denial(text)] = 1
		if (line ~ /^census\.running\.profile=/) stock_profiles[plain(text)] = 1
		if (line ~ /^guest=/) {
			split(text, word, "=")
			stock_guest[word[1]] = value(text)
		}
		if (line ~ /^label\.service-/) {
			split(line, word, "[.=]")
			stock_label[word[2]] = text
		}
		if (line == "guest=end=ok") have_stock = 1
	}
}

# SYSTEM and NAME of a line in costs are patterns, of which "*" is anything.
function matches(text, pattern) {
	gsub(/[.+?()|^$\[\]{}\\]/, "\\\\&", pattern)
	gsub(/\*/, ".*", pattern)
	return text ~ "^" pattern "$"
}

# What this level refuses this system, so that its costs are told.
function read_costs(line, word) {
	while (costs != "" && (getline line <costs) > 0) {
		if (line ~ /^(#|$)/) continue
		split(line, word)
		if (index("," word[1] ",", "," level ",") && matches(name, word[2]))
			cost[word[3] " " word[4] " " word[5], word[6]] = line
	}
}

function is_cost(record, key, part) {
	for (key in cost) {
		split(key, part, SUBSEP)
		if (field(record, "comm") == part[2] && \
			matches(field(record, "profile") " " field(record, "operation") " " field(record, "name"), part[1])) {
			paid[key] = 1
			return 1
		}
	}
	return 0
}

# At level strict the loader has its child try a load of policy, once.
function is_admin_proof(record) {
	return level == "strict" && field(record, "operation") == "capable" && \
		field(record, "capname") == "mac_admin" && field(record, "comm") == "trying"
}

BEGIN {
	read_stock()
	if (mode != "stock") read_costs()
	places = "boot running reexec end"
	hides = mode ~ /hidden|managed/
}

/^census\.[a-z]+\.helper=/ { helpers[value($0)] = 1 }
/^census\.[a-z]+\.profile=/ { split($0, word, "[.=]"); listed[word[2], value($0)] = 1 }
/^label\./ { key = $0; sub(/^label\./, "", key); sub(/=.*/, "", key); label[key] = value($0) }

/^log\.denied=/ {
	record = value($0)
	if (by_global(record)) {
		if (is_proof(record))
			proofs++
		else if (is_admin_proof(record))
			admin_proofs++
		else if (mode == "visible" && field(record, "operation") == "change_onexec" && \
			field(record, "name") == "initward-app")
			refused_app++ # see judge_app()
		else if (!is_cost(record))
			unwanted = unwanted record "\n"
	} else if (field(record, "profile") !~ /^initward-(inherit|managed)$/ && !(denial(record) in stock_denied) && \
		!(denial(record) in others)) {
		others[denial(record)] = record
		if (field(record, "apparmor") == "ALLOWED")
			complained = complained "#   in complain mode, not in a stock boot: " record "\n"
		else
			theirs = theirs record "\n"
	}
}

function judge_boot(n, word, i) {
	tell(end ~ /^ended=poweroff panic=no trouble=0 / && guest["end"] == "ok" && trouble == "",
		"comes up, does its work, powers off", end "\n" trouble)
	n = split(tests, word, " ")
	for (i = 1; i <= n; i++) tell_test(word[i], "test " word[i])
	if (guest["soft-reboot"] == "absent")
		skip("soft-reboot", "this systemd has none")
	else
		tell(guest["test.soft-reboot"] == "ok", "soft-reboot", guest["soft-reboot"] guest["test.soft-reboot"])
	tell_units()
	tell(lost == "", "the kernel's log is whole", lost)
}

function judge_census(n, word, i, helper, counts, loose) {
	n = split(places (guest["soft-reboot"] == "absent" ? "" : " soft"), word, " ")
	for (i = 1; i <= n; i++) {
		counts = counts (i > 1 ? ", " : "") word[i] " " census[word[i], "tasks"]
		if (census[word[i], "tasks"] < 10)
			outsiders = outsiders "census at " word[i] ": " census[word[i], "tasks"] " tasks\n"
		if (census[word[i], "mode"] != "enforce")
			outsiders = outsiders "AppArmor mode at " word[i] ": " census[word[i], "mode"] "\n"
	}
	tell(outside ~ /^unconfined/ && watched != "" && outsiders == "",
		"every task of userland is under global, seen from the root namespace (" counts ")",
		"observer: " outside "; from: " watched "\n" outsiders)
	for (helper in helpers) {
		if (mode == "hidden" && level ~ /strict|sealed/)
			loose = loose helper "\n"
		else
			printf "#   started by the kernel, outside: %s\n", helper
	}
	if (mode == "hidden" && level ~ /strict|sealed/)
		tell(loose == "", "what the kernel starts by itself is confined", loose)
}

function judge_denials(key) {
	for (key in cost) if (!(key in paid)) unwanted = unwanted "not refused: " cost[key] "\n"
	if (level == "strict" && admin_proofs != 1)
		unwanted = unwanted "mac_admin was tried by the loader: " admin_proofs + 0 " times\n"
	tell(proofs > 0 && unwanted == "", "global refuses nothing but the reserved path" \
		(policy != "" ? ", and what the policy is for" : level ~ /strict|sealed/ ? ", and what the level costs" : ""), "proofs: " proofs + 0 "\n" unwanted)
	tell(have_stock && theirs == "", "the distribution's profiles refuse nothing that they do not refuse in a stock boot",
		have_stock ? theirs : "no stock boot to compare with")
	printf "%s", complained
}

function judge_profiles(key, part, missing, n, want) {
	for (key in stock_profiles) {
		# docker loads its own itself, and a namespace in a profile's name is not for a bundle
		if (level == "sealed" && key ~ /^(docker-default |:)/) continue
		n++
		want = !hides ? key : key ~ /^:/ ? ":application//" substr(key, 2) : ":application:" key
		if (!(("running", want) in listed) && !(("running", ":application://" key) in listed))
			missing = missing want "\n"
	}
	tell(have_stock && n > 0 && missing == "", "the distribution's profiles are loaded as in a stock boot" \
		(hides ? ", in :application:" : "") " (" n + 0 ")", missing)
}

# Is PART one of a label, which may have its mode behind it?
function has_part(text, part) {
	sub(/ \([a-z]*\)$/, "", text)
	return index("//&" text "//&", "//&" part "//&") > 0
}

# Is a profile of the layer one of them?
function has_layer(text) { return text ~ /(^|\/\/&)global(_[a-z]+)?(\/\/&| \(|$)/ }

function judge_service(unit, profile, text) {
	text = label[unit]
	profile = hides ? ":application:" profile : profile
	# no process in the stock boot either
	if (text !~ /[a-z]/ && stock_label[unit] !~ /[a-z]/ && have_stock) {
		skip(substr(unit, 9) " runs under " profile, mode == "stock" ? "does not run as the distribution is" : \
			"does not run in the stock boot either")
		return
	}
	tell(has_part(text, profile) && (mode == "stock" || has_layer(text)),
		substr(unit, 9) " runs under " profile, label[unit])
}

# docs/rollout.md and FINDINGS: what a service with a profile of its own gets in each mode
function judge_app(unit, text, ok) {
	text = label["app-" unit]
	if (mode == "visible")
		ok = guest["initward-app-" unit] == "fails" && text == "" && refused_app
	else
		ok = guest["initward-app-" unit] == "starts" && index(text, "initward-app (enforce)") &&
			(mode == "stock" || has_layer(text))
	tell(ok, "AppArmorProfile=" (unit == "nnp" ? " with NoNewPrivileges=" : "") \
		(mode == "visible" ? " is refused" : " works"), guest["initward-app-" unit] " " text)
}

# A name behind "&" is stacked, which each mode allows: one unit for all of them
function judge_stacked_app(unit, text) {
	text = label["app-" unit]
	tell(guest["initward-app-" unit] == "starts" && \
		has_part(text, hides ? ":application:initward-app" : "initward-app") && \
		(mode == "stock" || has_layer(text)), "AppArmorProfile=&" (unit ~ /nnp/ ? " with NoNewPrivileges=" : "") \
		" works", guest["initward-app-" unit] " " text)
}

# A file that an unconfined task has opened and handed on: the kernel asks the profile of who inherits it
# only where the opener was not plainly unconfined (aa_file_perm(), security/apparmor/file.c).
function judge_inherited(want) {
	want = mode == "stock" ? "works" : "is refused"
	tell(guest["inherited"] == want, "an inherited file that the profile does not name: " want, guest["inherited"])
}

# Neither a kernel whose loading is closed (kexec_load_disabled) nor lockdown lets root load another one.
function judge_kexec(want) {
	if (!index(" " tests " ", " kexec ")) return
	want = level ~ /strict|sealed/ ? "is refused" : "loaded"
	tell(guest["kexec"] == want, "another kernel: " want, guest["kexec"])
}

function judge_status(want) {
	tell(guest["status"] ~ /"verdict": *"confined"/ && guest["status"] ~ "\"mode\": *\"" mode "\"" && \
		(level !~ /strict|sealed/ || guest["status"] ~ "\"level\": *\"" level "\""),
		"initward status: confined", guest["status"])
	# in mode "managed" process 1 is not to be seen
	want = mode == "managed" ? "^$" : hides ? "^unconfined" : "global"
	tell(guest["label-seen"] ~ want, "what a task sees: " guest["label-seen"], guest["label-seen"])
}

# What gets a profile of the distribution, and how.
function judge_attachments() {
	judge_service("service-chrony", "/usr/sbin/chronyd")
	judge_service("service-unbound", "unbound")
	judge_app("plain")
	judge_app("nnp")
	judge_stacked_app("stacked")
	judge_stacked_app("stacked-nnp")
	judge_inherited()
}

END {
	judge_boot()
	judge_attachments()
	judge_kexec()
	if (mode == "stock") exit
	judge_census()
	judge_denials()
	judge_profiles()
	judge_status()
}
