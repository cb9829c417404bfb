# SPDX-License-Identifier: LGPL-2.1-or-later
# report.json as Markdown, to be read on a forge: tables first, then what each scenario is.

include "common";

def escaped: gsub("(?<c>[\\\\`*_\\[\\]<>|#])"; "\\\(.c)");

# Each line of such a block starts with a word, so that none can end it.
def block($lines): "```text", $lines[], "```";

def mark:
	if . == null then " "
	else {passed: "ok", failed: "**FAILED**", "no-verdict": "**?**", "left-out": "·",
		"not-available": "n/a"}[.verdict] + (state_sign | if . == "" then . else " \(.)" end) end;

# The name that a forge gives to a heading.
def anchor: ascii_downcase | gsub("[^a-z0-9 _-]"; "") | gsub(" "; "-");

def row: "| \(join(" | ")) |";

def padded($n): . + " " * ($n - length) // .;

def heading:
	"# The boot matrix",
	"",
	"Made by `qemu/matrix`: scenarios booted on kernels in QEMU. The names of the scenarios lead to what",
	"each one is, what is expected of it, and what the loader said.",
	"",
	"| | |", "|---|---|",
	(figures | [.[0], (.[1] | escaped)] | row);

def kernel_table:
	"", "## Kernels", "",
	"| kernel | architecture | package | version | passed | failed | no verdict | left out |",
	"|---|---|---|---|---|---|---|---|",
	(.kernels[]
	| (if .status == "not-available" then ["not available", "", "", "", "", ""]
		else [.package, .version, (.counts | .passed, .failed, .no_verdict, .left_out)] end) as $rest
	| [.name, kind] + $rest | map(tostring | escaped) | row);

def reasons: (.why[:5][] | "    - \(escaped)"), if .why | length > 5 then "    - …" else empty end;

def failure_list:
	failures as $bad
	| "", "## What did not pass", "",
	if $bad == [] then "Nothing." else
		($bad[:100][]
		| "- [\(.scenario | escaped)](#\(.scenario | anchor)) on \(.kernels | join(", ")): " +
			(if .verdict == "failed" then "failed" else "no verdict" end),
		reasons),
		if $bad | length > 100 then "- and \($bad | length - 100) more, in report.json" else empty end
	end;

def group_table($kernels; $cells):
	"", "### Results: \(.name | escaped)", "",
	(["scenario"] + ($kernels | map(short | gsub(" "; "<br>"))) | row),
	(["---"] + ($kernels | map(":-:")) | row | gsub(" "; "")),
	(.scenarios[].name as $name
	| ["[\($name | escaped)](#\($name | anchor))"] + ($kernels | map($cells[.name][$name] | mark))
	| row);

def legend:
	"", "## Results", "",
	"`ok` passed; `FAILED` an expectation did not hold; `?` no verdict: the kernel never came",
	"to its first program, in three boots; `·` left out of this run; `n/a` the archive does not have the kernel; empty: the",
	"scenario is not for that kernel.",
	"",
	"Beside it what became of the next init, by the kernel's own evidence: `●` confined, `◐` confined",
	"in a dry run, `○` not confined by initward, `◇` under the label of another policy, `✕` not",
	"started.";

# What differs from boot to boot
def steady: gsub("(?<k>nanoseconds=)[0-9]+"; "\(.k)…") | sub(" +$"; "");

# [{line, kernels}] in the order in which they were said
def said($kernels; $cells):
	. as $name
	| reduce ($kernels[] | . as $k | $cells[.name][$name].says // [] | .[] | [steady, ($k | short)])
		as [$line, $who] ({order: [], by: {}};
			if .by[$line] then . else .order += [$line] end
			| if .by[$line] // [] | index([$who]) then . else .by[$line] += [$who] end)
	| . as $all | .order | map({line: ., kernels: $all.by[.]});

# Which kernels; nothing if all that were booted
def who($booted):
	($booted - .) as $others
	| if $others == [] then empty
	elif $others | length <= 3 then "on all but \($others | join(", ")):"
	else "on \(join(", ")):" end;

# The lines below the kernels that said them; a change of kernels begins a new paragraph
def quoted($booted):
	range(length) as $i
	| if $i > 0 and .[$i - 1].kernels == .[$i].kernels then empty
		else (if $i > 0 then "" else empty end), (.[$i].kernels | who($booted)) end,
	.[$i].line;

def is_boot: .[0] | IN("append", "first", "conf", "fault", "facts", "kernels", "timeout");

def ordered: map(select(is_boot | not)) as $expected | map(select(is_boot)) + $expected;

def described($kernels; $cells):
	. as $s
	| [$kernels[] | select($cells[.name][$s.name].tries) | short] as $booted
	| (.name | said($kernels; $cells)) as $said
	| "", "### \(.name | escaped)", "",
	if .about != "" then (.about | escaped), "" else empty end,
	"<details><summary>how it is booted, what is expected, what the loader said</summary>",
	"",
	block([.lines | ordered | .[] | (.[0] | padded(10)) + " " + .[1]]),
	if $said != [] then "", block([$said | quoted($booted)]) else empty end,
	"", "</details>";

(.kernels) as $kernels
| cells_by_kernel as $cells
| heading, kernel_table, failure_list, legend,
	(groups[] | group_table($kernels; $cells)),
	"", "## Scenarios",
	(.scenarios[] | described($kernels; $cells))
