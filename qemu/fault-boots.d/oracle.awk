# SPDX-License-Identifier: LGPL-2.1-or-later
# oracle.awk -v identity="RELEASE VERSION MACHINE" PLAN TREE PRISTINE FEATURES CONF MANIFEST: what a boot has to come to, from
# the documents (initward.conf(5), initward-bundle(5), initward-init(8)) and from what was done to the image. It knows
# nothing of the loader's code, nor of `initward check`.
#
# PLAN is draw.awk's; TREE has a line PATH TYPE MODE BYTES SHA256 LINK for each file, by tabs; PRISTINE is the manifest before
# any fault, FEATURES the feature set of the kernel as policy/features has it. CONF and MANIFEST are bytes, a number a line.
#
# Prints lines KEY TAB VALUE:
#   verdict   confined, complain, off, unconfined, or panic; panic-early: the loader never speaks
#   because   the step that fails
#   late      yes where the loader has called the boot confined before the next init could not be executed
#   mode, level, policy, on_failure, init, set, fit, profiles
#   reads     each file of the image that is read until then

function trim(s) {
	gsub(/^[ \t]+|[ \t]+$/, "", s)
	return s
}

# --- files ---

# The file behind a path; "" with `trouble` where there is none.
function find(path,    hops) {
	sub(/^\/+/, "", path)
	trouble = ""
	for (hops = 0; type[path] == "l"; hops++) {
		if (hops == 40) {
			trouble = "ELOOP"
			return ""
		}
		path = link[path] ~ /^\// ? substr(link[path], 2) : folder_of(path) link[path]
	}
	if (path in type)
		return path
	trouble = "ENOENT"
	return ""
}

function folder_of(path) {
	sub(/[^\/]*$/, "", path)
	return path
}

function reads(path) { read_list[++n_reads] = path }

# What open and read give: "" or why not. A FIFO that nobody writes to and a device are no files with such contents.
function unreadable(path, limit,    at) {
	reads(path)
	at = find(path)
	if (at == "") return trouble
	if (type[at] == "d") return "EISDIR"
	if (type[at] == "c") return "EFBIG"
	if (type[at] == "f" && bytes[at] > limit) return "EFBIG"
	return ""
}

# ok, absent (not executable), refused (the execution fails)
function runs(path,    at) {
	reads(path)
	at = find(path)
	if (at == "") return "absent"
	if (type[at] == "d") return "refused"
	if (mode[at] !~ /[1357]/) return "absent"
	return type[at] == "f" && program[at] ? "ok" : "refused"
}

# --- lines "key = value" ---

# Takes the next line that says something: 1, with key, value and text; -1 for one that is bad, 0 at the end.
function next_line(lines, n,    s, at) {
	while (at_line < n) {
		s = trim(lines[++at_line])
		text = s
		key = value = ""
		if (bad_bytes(s)) return -1
		if (s == "" || s ~ /^#/) continue
		at = index(s, "=")
		key = trim(substr(s, 1, at - 1))
		value = trim(substr(s, at + 1))
		return at && key != "" ? 1 : -1
	}
	return 0
}

function bad_bytes(s) { return s ~ /[\001-\010\012-\037\177]/ }

function one_word_of(word, list) { return word != "" && word !~ / / && index(" " list " ", " " word " ") }

# --- the configuration ---

# policy = WORD [NAME]: the loader has nothing to do with the name, but it has to be one.
function policy_word(value,    name) {
	if (!match(value, /[ \t]+/)) return value
	name = substr(value, RSTART + RLENGTH)
	return name ~ /^[a-z][a-z0-9-]*$/ && length(name) <= 31 ? substr(value, 1, RSTART - 1) : value
}

function takes(key, value) {
	if (key == "init")
		return value ~ /^\/./ && length(value) <= 255 && value != "/init"
	return (key in allowed) && one_word_of(value, allowed[key])
}

# Sets conf[]; true where the file is good.
function read_configuration(    bad, r, seen, actions) {
	conf["policy"] = "enforce"
	conf["mode"] = "hidden"
	conf["level"] = "compatible"
	conf["on_failure"] = "panic"
	conf["lock"] = "no"
	conf["mount_api"] = "classic"
	conf["usermode_helpers"] = "allow"
	conf["init"] = ""
	if (unreadable("initward/initward.conf", 8192) != "")
		return 0
	at_line = 0
	if (next_line(conf_line, conf_lines) != 1 || key != "version" || value != "1")
		bad = actions = 2
	while (r = next_line(conf_line, conf_lines)) {
		if (r > 0 && key == "on_failure") actions++
		if (r > 0 && key == "policy") value = policy_word(value)
		if (r < 0 || (key in seen) || !takes(key, value)) {
			bad++
			if (r > 0 && key == "on_failure" && !(key in seen)) actions = 2
			seen[key]
			continue
		}
		seen[key]
		conf[key] = value
	}
	if (conf["init"] == "") bad++
	if (actions > 1) conf["on_failure"] = "panic"
	else if (!actions) conf["on_failure"] = bad ? "panic" : "continue"
	return !bad
}

# --- the manifest ---

function plain_name(s) { return s ~ /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/ && length(s) <= 255 }
function whole(s, limit) { return s ~ /^[0-9]+$/ && length(s) <= 18 && s + 0 <= limit }

# One line of a set's head; false where it is wrong.
function head_line(s) {
	if (key == "rank") {
		if ((s, "rank") in set || !whole(value, 65535) || (value + 0) in rank_of) return 0
		set[s, "rank"] = value + 0
		rank_of[value + 0] = s
	} else if (key == "uses") {
		if (value == "") return 0
		set[s, "uses", ++set[s, "n_uses"]] = value
	} else if (key == "kernel") {
		if (value == "") return 0
		if (value == identity && !exact) exact = s
	} else if (key == "base") {
		if (value != "yes" || base) return 0
		base = s
	} else if (key == "class") {
		if (value == "" || (s, "class") in set) return 0
		set[s, "class"]
	} else {
		return 0
	}
	return 1
}

function read_manifest(    r, s) {
	at_line = 0
	if (next_line(manifest_line, manifest_lines) != 1 || key != "version" || value != "1")
		return 0
	while ((r = next_line(manifest_line, manifest_lines)) > 0) {
		if (key == "set") {
			if (!plain_name(value) || ++sets > 32) return 0
			set[s = sets, "name"] = value
		} else if (!s) {
			return 0
		} else if (key == "blob" || key == "profile") {
			if (!set[s, "entries"] && key == "profile") return 0
			set[s, "key", ++set[s, "entries"]] = key
			set[s, "value", set[s, "entries"]] = value
		} else if (set[s, "entries"] || !head_line(s)) {
			return 0
		}
	}
	if (r < 0 || !sets) return 0
	for (s = 1; s <= sets; s++)
		if (!((s, "rank") in set) || !((s, "class") in set) || !set[s, "entries"]) return 0
	return 1
}

# Has the kernel all that a set uses?
function kernel_has(s,    i, j, n, word) {
	for (i = 1; i <= set[s, "n_uses"]; i++) {
		n = split(set[s, "uses", i], word, /[ \t]+/)
		if (!(word[1] in feature)) return 0
		for (j = 2; j <= n; j++)
			if (!index(" " feature[word[1]] " ", " " word[j] " ")) return 0
	}
	return 1
}

function choose(    rank) {
	fit = "exact"
	if (exact) return exact
	fit = "features"
	for (rank = 65535; rank >= 0; rank--)
		if ((rank in rank_of) && kernel_has(rank_of[rank])) return rank_of[rank]
	fit = "base"
	return base
}

function root_mode_fits(m) { return conf["policy"] == "complain" ? m == "complain" : m == "enforce" || m == "kill" }

# The blobs and profiles of the set that count in this boot; false where a line is wrong.
function read_entries(s,    i, k, n, word, path, count, wanted, ns, name) {
	count = 1
	for (i = 1; i <= set[s, "entries"]; i++) {
		value = set[s, "value", i]
		n = split(value, word, /[ \t]+/)
		if (set[s, "key", i] == "blob") {
			path = value
			for (k = 0; k < 4; k++) sub(/^[^ \t]+[ \t]*/, "", path)
			if (!count || n < 5 || !one_word_of(word[1], "any complain enforce") || !(word[2] == "-" || plain_name(word[2])) ||
			    !whole(word[3], 8388608) || word[3] + 0 == 0 || word[4] !~ /^[0-9a-f]+$/ || length(word[4]) != 64 ||
			    path == "" || length(path) > 255 || path ~ /^\/|\.\./)
				return 0
			count = 0
			ns = word[2]
			wanted = (word[1] == "any" || word[1] == conf["policy"]) && (ns == "-" || conf["mode"] != "visible")
			if (!wanted) continue
			n_blobs++
			blob_path[n_blobs] = path
			blob_bytes[n_blobs] = word[3] + 0
			blob_sha[n_blobs] = word[4]
			continue
		}
		name = value
		sub(/^[^ \t]+[ \t]*/, "", name)
		if (!one_word_of(word[1], "enforce complain kill unconfined user") || name == "" || length(name) > 255 || name ~ /^:/)
			return 0
		count++
		if (wanted && name == "helpers" && count == 1 && ns == "-" && conf["mode"] != "hidden") {
			wanted = 0
			n_blobs--
		}
		if (!wanted) continue
		if (ns == "-" && !root_mode_fits(word[1])) return 0
		if ((ns, name) in profile) return 0
		profile[ns, name]
		profiles++
		blob_holds[n_blobs] = blob_holds[n_blobs] word[1] " " name "\n"
	}
	return count && ("-", "global") in profile
}

# Each blob is what the manifest says of it: bytes, digest, and the profiles that such a blob is known to hold.
function blobs_are_right(    i, at) {
	for (i = 1; i <= n_blobs; i++) {
		if (unreadable("initward/bundle/" blob_path[i], blob_bytes[i]) != "") return 0
		at = find("initward/bundle/" blob_path[i])
		if (type[at] != "f" || bytes[at] != blob_bytes[i] || sha[at] != blob_sha[i] || blob_holds[i] != holds[sha[at]])
			return 0
	}
	return 1
}

# --- the boot ---

function tell(key, value) { printf "%s\t%s\n", key, value }

function conclude(verdict, because,    i) {
	tell("verdict", verdict)
	tell("because", because)
	for (i in conf) tell(i, conf[i])
	if (chosen) {
		tell("set", set[chosen, "name"])
		tell("fit", fit)
		tell("profiles", profiles + 0)
	}
	for (i = 1; i <= n_reads; i++) tell("reads", read_list[i])
	exit
}

# on_failure decides; a next init that cannot be executed is a panic all the same.
function fails(because,    r) {
	r = conf["on_failure"] == "continue" && conf["init"] != "" && runs(conf["init"]) == "ok"
	conclude(r ? "unconfined" : "panic", because)
}

function apply_options(    i, at, k, v) {
	if (conf["lock"] == "yes") return
	for (i = 1; i <= n_options; i++) {
		at = index(option[i], "=")
		k = substr(option[i], 1, at - 1)
		v = substr(option[i], at + 1)
		conf[k] = v
	}
}

function combination_is_allowed() {
	if (conf["policy"] == "off") return 1
	return (conf["policy"], conf["level"], conf["mode"]) in combination
}

# What fails before the bundle is looked at.
function before_the_bundle() {
	if (!read_configuration()) fails("configuration")
	if (("no-proc-folder" in place) || ("no-sys-folder" in place) || ("hide=/sys/kernel" in place)) fails("mounts")
	apply_options()
	if (!combination_is_allowed()) fails("command line")
	if (conf["policy"] == "off") {
		if (runs(conf["init"]) == "ok") conclude("off", "")
		fails("execution")
	}
	if (runs(conf["init"]) == "absent") fails("next init")
	if (apparmor == "off") fails("AppArmor")
	if (locked || ("lock" in place)) fails("policy lock")
	if ("param=mode:complain" in place) aa_mode = "complain"
	if ("param=mode:kill" in place) aa_mode = "kill"
	if (aa_mode == "complain" || (aa_mode == "kill" && conf["policy"] == "complain")) fails("policy lock")
}

function behind_the_bundle(    spaced) {
	spaced = conf["mode"] != "visible"
	if (spaced && ("ns=application" in place)) fails("present policy")
	if (spaced && (("proc=ro" in place) || ("dropcap=33" in place))) fails("user namespaces")
	if (("security=ro" in place) || ("dropcap=33" in place)) fails("load")
	if (spaced && ("nons" in place)) fails("policy namespaces")
	if ("proc=ro" in place) fails("label")
	if (conf["policy"] == "enforce" && conf["level"] == "strict" && bundle == "plain") fails("proof")
	if (conf["level"] == "sealed" && ("sys=ro" in place)) fails("seal")
}

BEGIN {
	allowed["policy"] = "off complain enforce"
	allowed["mode"] = "visible hidden managed"
	allowed["level"] = "compatible strict sealed"
	allowed["on_failure"] = "continue panic"
	allowed["lock"] = "no yes"
	allowed["mount_api"] = "classic all"
	allowed["usermode_helpers"] = "allow deny"
	combination["complain", "compatible", "visible"]
	combination["complain", "compatible", "hidden"]
	combination["complain", "compatible", "managed"]
	combination["enforce", "compatible", "visible"]
	combination["enforce", "compatible", "managed"]
	combination["enforce", "compatible", "hidden"]
	combination["enforce", "sealed", "visible"]
	combination["enforce", "sealed", "hidden"]
	combination["complain", "strict", "hidden"]
	combination["enforce", "strict", "hidden"]
	type["sbin"] = "d"
	type["sbin/guest-init"] = "f"
	mode["sbin/guest-init"] = 755
	program["sbin/guest-init"] = 1
	first_program = "init"
}

FILENAME == ARGV[1] {
	split($0, field, "\t")
	split(field[2], word, " ")
	if (field[1] == "fault" && word[1] ~ /^file-(fifo|device|mode-000)$/) late[word[2]] = word[1]
	if (field[1] == "fault" && word[1] ~ /^file-(text|empty|cut)$/) no_program[word[2]]
	if (field[1] == "bundle") bundle = field[2]
	if (field[1] != "effect") next
	if (word[1] == "named" || word[1] == "first") place[word[2]]
	else if (word[1] == "apparmor=off") apparmor = "off"
	else if (word[1] == "locked") locked = 1
	else if (word[1] == "first-program=none") first_program = "nowhere"
	else if (word[1] ~ /^aa-mode=/) aa_mode = substr(word[1], 9)
	else if (word[1] != "none") option[++n_options] = word[1]
	next
}

FILENAME == ARGV[2] {
	split($0, field, "\t")
	type[field[1]] = field[2]
	mode[field[1]] = field[3]
	bytes[field[1]] = field[4]
	sha[field[1]] = field[5]
	link[field[1]] = field[6]
	program[field[1]] = !(field[1] in no_program)
	next
}

# Which profiles a blob of this digest holds.
FILENAME == ARGV[3] {
	if (/^blob = /) holds[this = $6] = ""
	if (/^profile = /) holds[this] = holds[this] substr($0, 11) "\n"
	if (/^set = /) this = ""
	next
}

# "a {b {word word" and lines "}": what is open is the path, and what stands behind the last brace are the words.
FILENAME == ARGV[4] {
	line = $0
	while (match(line, /^ *[^ {}]+ *\{/)) {
		name = substr(line, RSTART, RLENGTH)
		gsub(/[ {]/, "", name)
		open[++depth] = name
		line = substr(line, RLENGTH + 1)
	}
	if (line ~ /[^ }]/) {
		path = open[1]
		for (i = 2; i <= depth; i++) path = path "/" open[i]
		rest = line
		gsub(/[{}]/, "", rest)
		feature[path] = trim(rest)
	}
	depth -= gsub(/\}/, "", line)
	next
}

# A byte: NUL becomes another control character, which is as bad.
FILENAME == ARGV[5] {
	if ($1 == 10) conf_lines++
	else conf_line[conf_lines + 1] = conf_line[conf_lines + 1] sprintf("%c", $1 ? $1 : 1)
	next
}

{
	if ($1 == 10) manifest_lines++
	else manifest_line[manifest_lines + 1] = manifest_line[manifest_lines + 1] sprintf("%c", $1 ? $1 : 1)
}

END {
	conf_lines++
	manifest_lines++
	for (path in late) {
		if (late[path] == "file-mode-000") {
			mode[path] = 0
			type[path] = "f"
			program[path] = 1
		} else {
			type[path] = late[path] == "file-fifo" ? "p" : "c"
			mode[path] = 644
		}
	}
	if (runs(first_program) != "ok") conclude("panic-early", "first program")
	before_the_bundle()
	if (unreadable("initward/bundle/manifest", 8388608) != "" || !read_manifest()) fails("manifest")
	chosen = choose()
	if (!chosen || !read_entries(chosen)) fails("feature set")
	if (!blobs_are_right()) fails("policy")
	behind_the_bundle()
	if (runs(conf["init"]) != "ok") {
		tell("late", "yes")
		conclude("panic", "execution")
	}
	conclude(conf["policy"] == "enforce" ? "confined" : "complain", "")
}
