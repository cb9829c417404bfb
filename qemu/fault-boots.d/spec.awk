# SPDX-License-Identifier: LGPL-2.1-or-later
# spec.awk PLAN PREDICTION: what qemu/cell has to see, as lines KEY TAB VALUE: how the boot ends, what the loader says, and what
# the guest and its observer find, who do not take the loader's word for anything.

function tell(key, value) { printf "%s\t%s\n", key, value }
function expect(fact) { tell("expect", fact) }

# Nobody has called this boot confined, or a dry run.
function no_claim() {
	tell("saysnot", "initward: confined*")
	tell("saysnot", "initward: complain*")
	tell("saysnot", "initward: already*")
}

# The report may have no place, or no room: that is told, and changes nothing else.
function reported(result) {
	if (("readonly" in place) || ("fill" in place) || unreported)
		tell("says", "initward: warning: report: /initward/report cannot be written: *")
	else
		expect("report.result " result)
}

function label() { return p["mode"] == "hidden" ? "global//&:application:unconfined" : "global//&unconfined" }

function loaded(enforced) {
	tell("says", sprintf("initward: %s: %s policy=%s mode=%s level=%s init=%s set=%s fit=%s *", p["verdict"], label(), p["policy"],
		p["mode"], p["level"], p["init"], p["set"], p["fit"]))
	expect("init.label " label() (enforced ? " (enforce)" : "*"))
	expect("proof " (enforced ? "EACCES" : "ok"))
	expect("profiles " p["profiles"])
	expect("profile global (" (enforced ? "enforce" : "complain") ")")
	expect("namespaces " (p["mode"] != "visible" || ("ns=application" in place) ? "application" : ""))
	expect("param.lock_policy " (p["level"] == "sealed" ? "Y" : "N"))
	# who may not change policy may not even read it (security/apparmor/lsm.c apparmor_dointvec())
	if (p["mode"] == "hidden" && p["level"] != "sealed" && !observer_ends())
		expect("observer.sysctl.unprivileged_userns_apparmor_policy " (enforced && bundle != "plain" ? "<EPERM>" : "0"))
	reported(p["verdict"])
}

# In the policies of the levels, and loaded in hidden mode.
function helpers() { return bundle != "plain" && p["mode"] == "hidden" && p["verdict"] ~ /^(confined|complain)$/ }

# What the kernel starts by itself, and so the observer, is caught by "helpers" where that is loaded.
function observer() {
	if (off) return "<*>"
	if (!helpers()) return "unconfined"
	return "helpers (" (p["verdict"] == "confined" ? "enforce" : "complain") ")"
}

# Under apparmor.mode=kill an audited refusal is the end: that of mac_admin, when it reads the sysctl.
function observer_ends() { return kills && helpers() && p["verdict"] == "confined" }

# Unconfined, and nothing is left of what the loader may have done.
function not_loaded(    proc, sys) {
	proc = "no-proc-folder" in place
	sys = "no-sys-folder" in place || "hide=/sys/kernel" in place
	expect("proof " (proc ? "ENOTDIR" : "proc=ro" in place ? "EROFS" : "ok"))
	if (!proc)
		expect("init.label " (off ? "<*>" : "unconfined"))
	if (off || sys) {
		expect("profiles <unreadable>")
		return
	}
	expect("profiles 0")
	expect("namespaces " ("ns=application" in place ? "application" : ""))
	if (!("no-proc-folder" in place))
		expect("observer.sysctl.unprivileged_userns_apparmor_policy " (locked ? "<EPERM>" : "1"))
	expect("param.lock_policy " (locked ? "Y" : "N"))
}

# What the levels lock stays locked until the next boot.
function latched() { return p["policy"] == "enforce" && p["level"] != "compatible" }

function ends() {
	tell("outcome", "panic")
	if (p["verdict"] == "panic-early") {
		tell("saysnot", "initward: *")
		return
	}
	tell("says", "initward: FAILED: " p["because"] ": *")
	tell("says", "initward: *; the boot ends here")
	if (p["late"] == "")
		no_claim()
	else
		tell("says", "initward: " (latched() ? "FAILED: roll-back: cannot take back *" : "rolled back: the kernel is as before"))
}

{ at = index($0, "\t"); key = substr($0, 1, at - 1); value = substr($0, at + 1) }

FILENAME == ARGV[1] {
	if (key == "bundle")
		bundle = value
	if (key == "append" || key == "first" || key == "memory")
		tell(key, value)
	if (key == "effect") {
		if (sub(/^(named|first) /, "", value)) place[value]
		unreported = unreported || value ~ /^report-/
		off = off || value == "apparmor=off"
		locked = locked || value == "locked"
		kills = kills || value == "aa-mode=kill" || value == "param=mode:kill"
	}
	next
}

{ p[key] = value }

END {
	locked = locked || "lock" in place
	if (p["verdict"] ~ /^panic/) {
		ends()
		exit
	}
	tell("outcome", "up")
	if (!observer_ends())
		expect("observer ok")
	if (!("no-proc-folder" in place))
		expect("observer.label " observer())
	if (p["verdict"] == "confined" || p["verdict"] == "complain") {
		expect("control ok")
		loaded(p["verdict"] == "confined")
		exit
	}
	no_claim()
	not_loaded()
	if (p["verdict"] == "off") {
		tell("says", "initward: off: policy=off *")
		reported("off")
		exit
	}
	tell("says", "initward: FAILED: " p["because"] ": *")
	tell("says", "initward: on_failure=continue: " p["init"] " runs UNCONFINED by initward")
	reported("failed")
}
