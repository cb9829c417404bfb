# SPDX-License-Identifier: LGPL-2.1-or-later
# The whole report as one JSON document: $run and $kernels as text, $scenarios and $cells as
# variants.awk and cells.awk gave them. Everything else is made from this.

def table: split("\n") | map(select(. != ""));

# "key = value" lines as an object
def settings:
	table | map(index(" =") as $at | select($at) | {key: .[:$at], value: (.[$at + 3:] // "")})
	| from_entries;

def value_of($key): map(select(.[0] == $key) | .[1]) | last;

def without_heading: map(select(.[0] != "group" and .[0] != "about"));

def scenario: {
	name,
	group: (.lines | value_of("group") // "scenarios"),
	about: (.lines | value_of("about") // ""),
	lines: (.lines | without_heading),
	variants: (.variants | map(.lines |= without_heading))
};

def kernel: split("\t") | {
	name: .[0], series: .[1], arch: .[2], flavour: .[3], features: .[4], lsm: .[5],
	package: .[6], version: .[7], status: .[8]
};

def number_of($verdict): map(select(. == $verdict)) | length;

def counts: map(.verdict) | {
	passed: number_of("passed"), failed: number_of("failed"),
	no_verdict: number_of("no-verdict"), left_out: number_of("left-out"),
	not_available: number_of("not-available")
};

def sum(f): map(f // 0) | add // 0;

# A boot is tried again when it gave no verdict; the last one of a cell did, unless the cell says
# otherwise.
def summary: counts
	| .cells = .passed + .failed + .no_verdict + .left_out;

def boots: {
	boots: sum(.tries),
	retries: sum(if .tries then .tries - 1 else 0 end),
	boots_without_verdict:
		sum(if .verdict == "no-verdict" then .tries elif .tries then .tries - 1 else 0 end),
	boot_seconds: (sum(.seconds) * 100 | round / 100)
}
	| .no_verdict_rate = if .boots > 0 then .boots_without_verdict / .boots else 0 end;

($run | settings) as $settings
| (reduce $cells[] as $cell ({}; .[$cell.kernel] += [$cell])) as $columns
| {
	format: "initward boot matrix", version: 1,
	complete: ($settings.complete == "yes" and ($settings.ended // "") != ""),
	interrupted: (($settings.ended // "") == ""),
	run: $settings,
	summary: (($cells | summary) + ($cells | boots)),
	kernels: [$kernels | table[] | kernel | . + {counts: ($columns[.name] // [] | counts)}],
	scenarios: [$scenarios[] | scenario],
	cells: $cells
}
