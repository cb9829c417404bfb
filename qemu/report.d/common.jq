# SPDX-License-Identifier: LGPL-2.1-or-later
# What report.md and report.html say in the same words.

# 29704 -> 29,704
def thousands:
	tostring | [while(length > 0; .[:-3])] | map(.[-3:]) | reverse | join(",");

def plural($n; $one; $many): "\($n | thousands) \(if $n == 1 then $one else $many end)";

# Seconds as people say them
def duration:
	(tonumber? // 0 | round) as $s
	| if . == null then "not to its end"
	elif $s < 120 then "\($s) s"
	elif $s < 7200 then "\($s / 60 | round) min"
	else "\($s / 3600 | floor) h \($s % 3600 / 60 | floor) min" end;

# 2026-11-21T22:10:04Z -> 2026-11-21 22:10 UTC
def moment: if . then sub("T(?<m>[0-9]+:[0-9]+).*$"; " \(.m) UTC") else "unknown" end;

def percent: . * 10000 | round / 100 | "\(.) %";

# The words of a column's head: architecture and flavour
def kind: [.arch, .flavour] | map(select(. != null and . != "" and . != "-")) | join(" ");

# "6.1 full", "6.1 arm64": the series, and what is not as usual
def short:
	if (.series // "") == "" then .name
	else [.series, (.arch | select(. != "amd64")), (.flavour | select(. != "cloud"))]
		| map(select(. != null and . != "" and . != "-")) | join(" ") end;

def cells_by_kernel:
	reduce .cells[] as $cell ({}; .[$cell.kernel][$cell.scenario] = $cell);

# Scenarios by group, groups in the order of their first scenario
def groups:
	reduce .scenarios[] as $s ({order: [], of: {}};
		if .of[$s.group] then . else .order += [$s.group] end | .of[$s.group] += [$s])
	| . as $all | .order | map({name: ., scenarios: $all.of[.]});

# The cells that failed or gave no verdict
def not_passed: [.cells[] | select(.verdict == "failed" or .verdict == "no-verdict")];

# Whether the run came to its end, and what it left out
def extent:
	if .interrupted then
		"interrupted; \(plural(.summary.left_out; "cell was"; "cells were")) not run"
	elif .summary.left_out > 0 then
		"\(plural(.summary.left_out; "cell was"; "cells were")) left out"
	else "complete" end;

# [what, figure] of the run, in the order in which it is shown
def figures:
	.run as $run | .summary as $sum
	| ["run", "\($run.started | moment), \($run.seconds | duration), \(extent)"],
	["kernels", "\(.kernels | length), of which \(
		[.kernels[] | select(.status == "not-available")] | length) not available"],
	["scenarios", "\(.scenarios | length)"],
	["cells", "\($sum.cells | thousands): \($sum.passed | thousands) passed, " +
		"\($sum.failed | thousands) failed, \($sum.no_verdict | thousands) without a verdict, " +
		"\($sum.left_out | thousands) left out"],
	["boots", "\($sum.boots | thousands), \($sum.retries | thousands) of them tried again; " +
		"\($sum.boots_without_verdict | thousands) gave no verdict " +
		"(\($sum.no_verdict_rate | percent))"],
	["machine", ([$run.host, ($run.cores | select(.) | "\(.) cores"),
		($run.jobs | select(.) | "\(.) boots side by side")] | map(select(.)) | join(", "))],
	(["QEMU", "qemu"], ["acceleration", "accel"], ["loader", "loader"], ["policy bundle", "bundle"],
		["AppArmor parser", "parser"], ["commit", "commit"], ["options", "options"]
		| select(($run[.[1]] // "") != "") | [.[0], $run[.[1]]]);

# What did not pass, each scenario's equal reasons once: [{scenario, verdict, why, kernels}]
def failures:
	reduce not_passed[] as $cell ({order: [], of: {}};
		([$cell.scenario, $cell.verdict, $cell.why] | tojson) as $key
		| if .of[$key] then . else .order += [$key] end
		| .of[$key] += [$cell.kernel])
	| . as $all | .order
	| map((fromjson) as $id
		| {scenario: $id[0], verdict: $id[1], why: $id[2], kernels: $all.of[.]});

# What became of the next init, as a sign beside the verdict
def state_sign:
	{confined: "●", "dry run": "◐", unconfined: "○", other: "◇", "no boot": "✕"}[.state // ""] // "";
