# SPDX-License-Identifier: LGPL-2.1-or-later
# report.json as the body of the page: summary, failures and table. What a cell opens to is made by
# page.js from the same report.json, packed beside it.
# $part: which of them.

include "common";

def mark: {
	passed: ["p", "ok"], failed: ["f", "FAILED"], "no-verdict": ["v", "no verdict"],
	"left-out": ["l", "left out"], "not-available": ["a", "n/a"]}[.verdict];

# Digests: the start will do, the rest on demand
def shortened:
	@html | gsub("(?<s>[0-9a-f]{12})(?<rest>[0-9a-f]{52})";
		"<abbr title=\"\(.s)\(.rest)\">\(.s)…</abbr>");

def address: "#\(.kernel)/\(.scenario)" | @html;

def tile($class; $what):
	"<li class=\"\($class)\(if . == 0 then " none" else "" end)\"><b>\(thousands)</b> \($what)</li>";

def share($class):
	if . == 0 then empty else "<i class=\"\($class)\" style=\"flex:\(.)\"></i>" end;

def summary_part:
	"<header><h1>initward boot matrix</h1>",
	"<p class=\"when\">\(.run.started | moment | @html) · \(.run.seconds | duration)",
	" · <strong class=\"\(if extent == "complete" then "whole" else "part" end)\">" +
		"\(extent)</strong></p>",
	(.summary | "<ul class=\"tiles\">",
		(.cells as $all | .passed | tile("p"; "passed of \($all | thousands)")),
		(.failed | tile("f"; "failed")),
		(.no_verdict | tile("v"; "no verdict")), (.left_out | tile("l"; "left out")),
		(.not_available | tile("a"; "not available")), "</ul>",
		"<div class=\"bar\" aria-hidden=\"true\">",
		(.passed | share("p")), (.failed | share("f")), (.no_verdict | share("v")),
		(.left_out | share("l")), "</div>"),
	"<dl>",
	(figures | select(.[0] != "run" and .[0] != "cells")
		| "<div><dt>\(.[0])</dt><dd>\(.[1] | shortened)</dd></div>"),
	"</dl></header>";

def failure:
	(.kernels[0] as $first | .scenario as $name | .kernels
		| map("<a href=\"\({kernel: ., scenario: $name} | address)\">\(@html)</a>") | join(", ")) as $on
	| "<li><b>\(.scenario | @html)</b> on \($on)",
	(if .verdict == "failed" then "" else " <em>no verdict</em>" end),
	"<ul>", (.why[:4][] | "<li><code>\(@html)</code></li>"),
	(if .why | length > 4 then "<li>and \(.why | length - 4) more</li>" else empty end),
	"</ul></li>";

def failure_part:
	failures as $bad
	| if $bad == [] then empty else
		"<details class=\"bad\"\(if $bad | length <= 8 then " open" else "" end)>",
		"<summary>What did not pass, and why (\(plural(not_passed | length; "cell"; "cells")))</summary>",
		"<ul>", ($bad[:200][] | failure),
		(if $bad | length > 200 then "<li>and more: see the table</li>" else empty end),
		"</ul></details>"
	end;

def column_head:
	"<th scope=\"col\"\(if .status == "not-available" then " class=\"gone\"" else "" end) " +
	"title=\"\([.name, .package, .version, .status] | map(select(. and . != "-"))
		| join("\n") | @html)\">" +
	"<span><small>" +
	(if .status == "not-available" then "not available" else .version // "" end | @html) +
	"</small> <small>\(kind | @html)</small></span> <b>\(.series // .name | @html)</b></th>";

def share_of($cells):
	[$cells[] | select(. and .verdict != "not-available") | .verdict] as $all
	| ($all | map(select(. == "passed")) | length) as $good
	| ($all | length) as $n
	| if $n == 0 then "<td></td>"
	elif $good == $n then "<td class=\"p\">\($n)</td>"
	else "<td class=\"\(if $all | any(. == "failed") then "f" elif $all | any(. == "no-verdict")
		then "v" else "l" end)\">\($good)<wbr>/\($n)</td>" end;

def state_mark:
	state_sign as $sign
	| if $sign == "" then "" else " <i title=\"\(.state)\">\($sign)</i>" end;

def cell:
	if . == null then "<td></td>"
	else mark as $m
		| if .verdict == "not-available" then "<td class=\"a\">n/a</td>"
		else "<td class=\"\($m[0])\"><a href=\"\(address)\">\($m[1])" +
			(if (.tries // 1) > 1 and .verdict != "no-verdict" then "<sup>\(.tries)×</sup>"
				else "" end) + state_mark + "</a></td>" end
	end;

def scenario_row($kernels; $cells):
	.name as $name
	| "<tr><th scope=\"row\"><b>\(.name | @html)</b> <span>\(.about | @html)</span></th>" +
	([$kernels[].name | $cells[.][$name] | cell] | join("")) + "</tr>";

def group_rows($kernels; $cells):
	.scenarios as $scenarios
	| "<tbody><tr class=\"g\"><th scope=\"rowgroup\"><button type=\"button\" aria-expanded=\"true\">" +
	"\(.name | @html)</button> <small>\(plural($scenarios | length; "scenario"; "scenarios"))" +
	"</small></th>" +
	([$kernels[].name | . as $k | share_of([$scenarios[].name | $cells[$k][.]])] | join("")) + "</tr>",
	($scenarios[] | scenario_row($kernels; $cells)),
	"</tbody>";

if $part == "summary" then summary_part, failure_part
elif $part == "heads" then .kernels[] | column_head
else
	.kernels as $kernels | cells_by_kernel as $cells | groups[] | group_rows($kernels; $cells)
end
