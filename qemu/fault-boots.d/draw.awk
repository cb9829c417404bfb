# SPDX-License-Identifier: LGPL-2.1-or-later
# draw.awk -v seed=N -v boot=N -v attempt=N -v name=KERNEL KINDS BLOBS MEMORY: prints what one boot is to be, a line KEY TAB VALUE
# each. The same numbers give the same boot.
#
# BLOBS has the blobs of the bundles: "plain" or the level, 1 for those of the kernel's own set, 0 for others, and the path.
# MEMORY: NAME MIB.

# Park and Miller's generator, since the one of awk is another in each awk. All products stay below 2^53.
function next_number() {
	state = state * 16807 % 2147483647
	return state
}

function below(n) { return int(next_number() / 2147483647 * n) }

function stir(number) {
	state = (state + number % 2147483629 + 1) * 48271 % 2147483646 + 1
	next_number()
	next_number()
}

# one_of("WEIGHT WORD WEIGHT WORD...")
function one_of(list,    n, word, i, sum) {
	n = split(list, word, " ")
	for (i = 1; i <= n; i += 2)
		sum += word[i]
	sum = below(sum)
	for (i = 1; sum >= word[i]; i += 2)
		sum -= word[i]
	return word[i + 1]
}

function say(key, value) { printf "%s\t%s\n", key, value }

function path_of(group) {
	if (group == "conf") return "initward/initward.conf"
	if (group == "manifest") return "initward/bundle/manifest"
	if (group == "blob" && owns[bundle] && below(10) < 7)
		return "initward/bundle/" own[bundle, 1 + below(owns[bundle])]
	if (group == "blob")
		return "initward/bundle/" blob[bundle, 1 + below(blobs[bundle])]
	return group == "next" ? "next" : "init"
}

# 0 where no group is left.
function draw_kind(    at, i, left) {
	for (i = 1; i <= kinds; i++)
		left += !(group[i] in taken)
	if (!left)
		return 0
	do {
		at = below(weights)
		for (i = 1; at >= weight[i]; i++)
			at -= weight[i]
	} while (group[i] in taken)
	if (group[i] != "-")
		taken[group[i]]
	return i
}

function tell_fault(i,    path, words) {
	words = argument[i]
	gsub(/~/, " ", words)
	if (kind[i] == "file" || kind[i] == "line") {
		path = path_of(group[i])
		say("fault", kind[i] "-" words " " path " " next_number())
		say("touches", path)
		say("kind", kind[i] " " words " " (group[i] == "place" ? "loader" : group[i]))
		return
	}
	say("kind", kind[i] " " words)
	if (kind[i] == "named")
		say("fault", words)
	else if (kind[i] == "append")
		say("append", words)
	else if (kind[i] == "last")
		last = words
	else if (kind[i] == "first")
		say("first", words)
	else
		say("memory", memory[(name in memory) ? name : "any-other"] + words "M")
	if (kind[i] ~ /^(named|first)$/)
		say("effect", kind[i] " " words)
	else if (kind[i] ~ /^(append|last)$/)
		say("effect", effect[i])
}

# The configuration before any fault: what the documents allow, and now and then what they do not.
function tell_configuration(    policy, name, level, mode) {
	policy = one_of("75 enforce 16 complain 9 off")
	level = one_of(policy == "complain" ? "8 compatible 3 strict 1 sealed" : "6 compatible 3 strict 3 sealed")
	# the loader takes any; what it is the name of was compiled in
	name = one_of("7 none 2 web 1 a-policy-of-thirty-one-letters1")
	mode = one_of(level == "strict" ? "9 hidden 1 visible" : "6 hidden 3 visible 1 managed")
	# a policy that does not deny mac_admin is refused at level strict
	bundle = level != "compatible" && below(5) ? level : "plain"
	say("bundle", bundle)
	say("conf", "policy = " policy (name == "none" ? "" : " " name))
	say("conf", "mode = " mode)
	say("conf", "level = " level)
	say("conf", "on_failure = " one_of("5 continue 5 panic"))
	say("conf", "lock = " one_of("7 no 3 yes"))
	say("conf", "init = " ("next" in taken || below(3) == 0 ? "/next" : "/sbin/guest-init"))
}

/^#/ || NF == 0 { next }

FILENAME == ARGV[1] {
	if (NF < 4 || $1 !~ /^[0-9]+$/ || $3 !~ /^(file|line|append|last|first|named|memory)$/) {
		printf "%s:%d: no line \"WEIGHT GROUP KIND ARGUMENT\"\n", FILENAME, FNR >"/dev/stderr"
		exit failed = 1
	}
	weights += weight[++kinds] = $1
	group[kinds] = $2
	kind[kinds] = $3
	argument[kinds] = $4
	effect[kinds] = $5
	next
}

FILENAME == ARGV[2] {
	blob[$1, ++blobs[$1]] = $3
	if ($2) own[$1, ++owns[$1]] = $3
	next
}
{ memory[$1] = $2 }

END {
	if (failed)
		exit 1
	state = 1
	stir(seed)
	stir(boot)
	stir(attempt)
	n = one_of("60 1 27 2 13 3")
	for (i = 1; i <= n; i++)
		if (!(drawn[i] = draw_kind()))
			n = i - 1
	tell_configuration()
	for (i = 1; i <= n; i++)
		tell_fault(drawn[i])
	if (last != "")
		say("append", last)
}
