# SPDX-License-Identifier: LGPL-2.1-or-later
# What containers get in each mode. Read between ../facts.awk, which has tell() and field(), and ../judge.awk.

# What global refuses in visible mode: each change to a label that has it no more (policy/stock/global:
# "change_profile -> &**"). These belong to outcomes below, which want them in the log.
function target_of(record) {
	if (mode != "visible" || field(record, "profile") != "global" || field(record, "namespace") != "" || \
		field(record, "operation") !~ /^change_(onexec|profile)$/)
		return ""
	return field(record, "name")
}

/^log\.denied=/ {
	if (target_of($0) ~ /^(docker-default|containers-default-[0-9.]+|unconfined|lxc-.+)$/ || \
		target_of($0) ~ /^\/usr\/bin\/lxc-start\/\/&global\/\/&lxc-/) {
		refused[target_of($0)] = 1
		next
	}
	# snap-confine may look at unconfined processes only; it ends there, before it changes its profile
	if (mode == "visible" && field($0, "profile") ~ /\/usr\/lib\/snapd\/snap-confine$/ && \
		field($0, "operation") == "ptrace" && field($0, "peer") == "global//&unconfined") {
		refused["ptrace by snap-confine"] = 1
		next
	}
}

# The parts of a label, sorted as text, without modes, versions, the layer and the profiles of runtimes, which are
# in mode "unconfined" and not in each suite (stacked_on() below). Seen from the root namespace a part has its namespace in front.
function parts(text, n, i, j, word, swap, all) {
	sub(/ \([a-z]*\)$/, "", text)
	gsub(/containers-default-[0-9.]+/, "containers-default", text)
	n = split(text, word, "//&")
	for (i = 1; i <= n; i++) sub(/^:application:(\/\/)?/, "", word[i])
	for (i = 1; i < n; i++)
		for (j = i + 1; j <= n; j++)
			if (word[j] < word[i]) {
				swap = word[i]
				word[i] = word[j]
				word[j] = swap
			}
	for (i = 1; i <= n; i++)
		if (word[i] !~ /^(global|runc|crun|podman)$/) all = all (all == "" ? "" : "//&") word[i]
	return all == "" ? "unconfined" : all
}

# In the layer, and in hidden mode each other part inside of the namespace.
function layered(text, n, i, word, found) {
	if (mode == "stock") return text !~ /global/
	sub(/ \([a-z]*\)$/, "", text)
	n = split(text, word, "//&")
	for (i = 1; i <= n; i++) {
		if (word[i] == "global")
			found = 1
		else if (mode == "hidden" && word[i] !~ /^:application:/ && !(i > 1 && word[i - 1] ~ /^:application:/))
			return 0
	}
	return found
}

# The label that the container reads itself, in a word of its own
function inside(text) { return match(text, /^works inside \[[^]]*\]/) ? substr(text, 15, RLENGTH - 15) : "?" }

# works(NAME, PROFILE, REST): under the profile, for the observer; REST is how its words end. In hidden mode nothing in the
# container tells of the layer: it reads what it reads in a stock boot.
function works(key, profile, rest, text, same) {
	text = guest[key]
	same = mode != "hidden" || namespaced[key] || (inside(text) != "?" && inside(text) == inside(stock_guest[key]))
	tell(text ~ /^works / && text ~ (rest "$") && parts(label[key]) == profile && layered(label[key]) && same,
		key ": works under " profile, "label: " label[key] "\n" text "\nin a stock boot: " stock_guest[key])
}

# refuses(NAME, TARGET): does not start, for this change of profile, or what stands for it
function refuses(key, target, name, found) {
	for (name in refused) if (name ~ target) found = 1
	tell(guest[key] ~ /^refused / && found, key ": is refused", guest[key] "\nin the log: " (found ? "yes" : "no"))
}

# outcome(NAME, PROFILE, REST, TARGET)
function outcome(key, profile, rest, target) {
	if (mode == "visible" && target != "") refuses(key, target)
	else works(key, profile, rest)
}

# An unprivileged container of lxc has a policy namespace of its own in a stock boot, and is unconfined there. In
# hidden mode lxc finds itself in a namespace already, and makes none (make_apparmor_namespace() and
# aa_is_stacked in its src/lxc/lsm/apparmor.c): its generated profile is what the container reads.
function unprivileged(key, own) {
	namespaced[key] = 1
	own = mode == "stock" ? ":lxc-" key "_<-var-lib-lxc>:unconfined//&" : ""
	outcome(key, own "lxc-" key "_</var/lib/lxc>", "stop STOPPED", "^lxc-" key "_")
	if (mode != "visible")
		tell(inside(guest[key]) ~ (mode == "stock" ? "^unconfined" : "^lxc-" key "_"),
			key ": " (mode == "stock" ? "has a policy namespace of its own" : "has no policy namespace of its own"), guest[key])
}

# What a name behind "&" is stacked on is what the runtime runs under: a profile of its own, or, where the suite has none
# for it (Debian 12), plainly unconfined, which then stays a part of the label.
function stacked_on(runtime, profile) {
	return ("running", runtime " (unconfined)") in listed ? profile : profile "//&unconfined"
}

# Policy is locked: what a runtime would load at its start is refused. LXC mounts below /usr.
function judge_sealed(oci) {
	not_started("docker-default")
	works("docker-unconfined", "unconfined", oci)
	not_started("podman-default")
	works("podman-unconfined", "unconfined", oci)
	# of Debian 12 it changes the mode of "/" to unpack an image
	if (name ~ /^bookworm/)
		not_started("podman-rootless")
	else
		works("podman-rootless", "unconfined", oci)
	not_started("lxc-default")
	not_started("lxc-unconfined")
	not_started("lxc-generated")
	not_started("lxc-nesting")
	skip("snap", "snapd does not start at this level")
}

function not_started(key) { tell(guest[key] ~ /^refused /, key ": is refused", guest[key]) }

function judge_containers(oci) {
	oci = "exec ok stop 0"
	if (level == "sealed") {
		judge_sealed(oci)
		return
	}
	outcome("docker-default", "docker-default", oci, "^docker-default$")
	outcome("docker-unconfined", "unconfined", oci, "^unconfined$")
	outcome("podman-default", "containers-default", oci, "^containers-default-")
	outcome("podman-unconfined", "unconfined", oci, "^unconfined$")
	outcome("podman-rootless", "unconfined", oci)
	outcome("lxc-default", "lxc-container-default-cgns", "stop STOPPED", "^lxc-container-default-cgns$")
	outcome("lxc-unconfined", "unconfined", "stop STOPPED", "^unconfined$")
	unprivileged("lxc-generated")
	unprivileged("lxc-nesting")
	outcome("snap", "snap.initward-app.initward-app", oci, "^ptrace by snap-confine$")
	tell(guest["snap-confinement"] == "partial", "snap debug confinement: partial", guest["snap-confinement"])
	if (mode != "visible") return
	works("docker-stacked", stacked_on("runc", "docker-default"), oci)
	# "podman exec" does not ask the hook, lxc-attach has the whole stack for a plain name: both stay refused
	works("podman-stacked", stacked_on("crun", "containers-default"), "ermission denied stop 0")
	works("lxc-stacked", "/usr/bin/lxc-start//&lxc-container-default-cgns", "Failed to attach to container.* stop STOPPED")
}

END { judge_containers() }
