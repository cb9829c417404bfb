# SPDX-License-Identifier: LGPL-2.1-or-later
# Reads the cells of a results folder, each file once:
#
#   CELLS=FOLDER WORK=FOLDER awk -f cells.awk KERNELS SCENARIOS JOBS ANSWERED
#
# (ANSWERED: those of JOBS that this run has a verdict of; what a former one left does not count)
# prints a line of JSON for each cell, and leaves in WORK what the page needs to show the logs: for
# each kernel KERNEL.names (a line "SCENARIO/FILE LINES" for each log), KERNEL.dict (every distinct
# line), KERNEL.line (for each line of each log the distance to the next one in the dictionary) and
# KERNEL.time (its time stamp, as microseconds since the one before). Boots of one kernel say the
# same with other stamps: so taken apart, gzip makes a third of what it makes of the plain logs.
# LC_ALL=C: logs are bytes.

function die(text) {
	print text > "/dev/stderr"
	failed = 1
	exit 1
}

# What JSON and XML can carry: control characters and non-characters become U+FFFD. Bytes that are
# no UTF-8 are left to jq, which does the same with them.
function clean(text) {
	gsub(/\357\277[\276\277]/, "\357\277\275", text)
	gsub(/[^\011\040-\176\200-\377]/, "\357\277\275", text)
	return text
}

function quote(text) {
	text = clean(text)
	gsub(/[\\"]/, "\\\\&", text)
	gsub(/\t/, "\\t", text)
	return "\"" text "\""
}

function number(text) {
	return text ~ /^[0-9]+(\.[0-9]+)?$/ ? text + 0 : 0
}

# The time stamp at the start of "line", taken off it: microseconds since the last one of this log,
# or nothing if the kernel's format would not give the same bytes again.
function take_stamp(    text, micro, delta) {
	if (!match(line, /^\[ *[0-9]+\.[0-9][0-9][0-9][0-9][0-9][0-9]\] /))
		return ""
	text = substr(line, 2, RLENGTH - 3)
	micro = substr(text, length(text) - 5) + 0
	if (sprintf("%5d.%06d", text, micro) != text)
		return ""
	line = substr(line, RLENGTH + 1)
	micro += int(text) * 1000000
	delta = micro - before
	before = micro
	# mawk prints a number beyond 31 bits in six digits
	return sprintf("%.0f", delta)
}

# Adds a log to the kernel's three streams. What is wanted of it: the loader's lines in "says", or
# the guest's facts in "fact".
function add_log(name, wanted,    path, lines, stamp, last) {
	path = cells "/" folder "/" name
	says = ""
	split("", fact)
	while ((getline line < path) > 0) {
		sub(/\r+$/, "", line)
		if (!lines++)
			before = last = 0
		stamp = take_stamp()
		if (wanted == "says" && index(line, "Kernel command line: ") == 1)
			parameters = substr(line, 22)
		else if (wanted == "says" && index(line, "initward: "))
			says = says (says ? "," : "") quote(line)
		else if (wanted == "facts" && match(line, /^(init\.label|proof)=/))
			fact[substr(line, 1, RLENGTH - 1)] = substr(line, RLENGTH + 1)
		if (!(line in known)) {
			known[line] = ++words
			print line > (base ".dict")
		}
		print (known[line] == last + 1 ? "" : known[line] - last - 1) > (base ".line")
		print stamp > (base ".time")
		last = known[line]
	}
	close(path)
	if (lines)
		print scenario "/" name, lines > (base ".names")
}

function read_verdict(path,    eq) {
	split("", has)
	while ((getline line < path) > 0)
		if (eq = index(line, " ="))
			has[substr(line, 1, eq - 1)] = substr(line, eq + 3)
	close(path)
}

function read_why(path,    all) {
	while ((getline line < path) > 0)
		all = all (all ? "," : "") quote(line)
	close(path)
	return all
}

function open_cell(verdict) {
	printf "{\"kernel\":%s,\"scenario\":%s,\"verdict\":\"%s\"", quote(kernel), quote(scenario), verdict
}

# What became of the next init, by the observer's word for its label and the reserved path.
function state() {
	if (has["seen"] ~ /^(panic|hang|reboot)$/)
		return "no boot"
	if (has["seen"] != "up")
		return "unknown"
	if (index(fact["init.label"], "global//&") == 1)
		return fact["proof"] == "EACCES" ? "confined" : fact["proof"] == "ok" ? "dry run" : "unknown"
	if (fact["init.label"] ~ /^unconfined/ || fact["proof"] == "ok")
		return "unconfined"
	return fact["init.label"] ~ /^[^<]/ ? "other" : "unknown"
}

# A cell without a whole verdict was not run, or not to its end.
function cell(    why, i) {
	read_verdict(cells "/" folder "/verdict")
	if (!((kernel, scenario) in answered) || has["verdict"] !~ /^(passed|failed|no-verdict)$/) {
		open_cell("left-out")
		print "}"
		return
	}
	open_cell(has["verdict"])
	why = read_why(cells "/" folder "/why")
	parameters = ""
	add_log("console", "says")
	printf ",\"seen\":%s,\"wanted\":%s", quote(has["seen"]), quote(has["wanted"])
	printf ",\"tries\":%d,\"seconds\":%s", number(has["tries"]), number(has["seconds"])
	printf ",\"parameters\":%s", quote(parameters)
	printf ",\"append\":%s,\"why\":[%s],\"says\":[%s]", quote(has["append"]), why, says
	add_log("facts", "facts")
	printf ",\"state\":\"%s\"}\n", state()
	for (i = 1; i < has["tries"]; i++)
		add_log("console." i)
}

# A kernel's cells one behind the other: one set of streams at a time.
function column(    s, name) {
	name = kernel
	gsub(/:/, "-", name)
	base = work "/" name
	printf "" > (base ".names")
	printf "" > (base ".dict")
	printf "" > (base ".line")
	printf "" > (base ".time")
	split("", known)
	words = 0
	for (s = 1; s <= scenarios; s++) {
		scenario = scenario_name[s]
		folder = name "/" scenario
		if (missing[kernel] && (!asked[kernel] || ((kernel, scenario) in job))) {
			open_cell("not-available")
			print "}"
		} else if ((kernel, scenario) in job) {
			cell()
		}
	}
	close(base ".names")
	close(base ".dict")
	close(base ".line")
	close(base ".time")
}

function plain(name, what) {
	if (name !~ /^[A-Za-z0-9][A-Za-z0-9_.:+~-]*$/)
		die(FILENAME ":" FNR ": \"" clean(name) "\" is no name of a " what "; run qemu/matrix again")
}

BEGIN {
	cells = ENVIRON["CELLS"]
	work = ENVIRON["WORK"]
}

FILENAME == ARGV[1] {
	split($0, field, "\t")
	plain(field[1], "kernel")
	kernel_name[++kernels] = field[1]
	is_kernel[field[1]] = 1
	missing[field[1]] = field[9] == "not-available"
	next
}

FILENAME == ARGV[2] {
	split($0, field, "\t")
	if (field[1] in is_scenario)
		next
	plain(field[1], "scenario")
	scenario_name[++scenarios] = field[1]
	is_scenario[field[1]] = 1
	next
}

{
	if (NF != 2 || !($1 in is_kernel) || !($2 in is_scenario))
		die(FILENAME ":" FNR ": \"" clean($0) "\" is no \"KERNEL SCENARIO\" that is known")
	if (FILENAME == ARGV[3]) {
		job[$1, $2] = 1
		asked[$1] = 1
	}
	if (FILENAME == ARGV[ARGC - 1])
		answered[$1, $2] = 1
}

END {
	if (failed)
		exit 1
	for (k = 1; k <= kernels; k++) {
		kernel = kernel_name[k]
		column()
	}
}
