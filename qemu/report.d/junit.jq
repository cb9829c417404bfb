# SPDX-License-Identifier: LGPL-2.1-or-later
# report.json as JUnit XML: a testsuite for each kernel, a testcase for each cell.

def lines: map(@html) | join("\n");

def message: .[0] // "no reason was given" | @html;

def outcome:
	if .verdict == "failed" then
		"<failure message=\"\(.why | message)\" type=\"failed\">\(.why | lines)</failure>"
	elif .verdict == "no-verdict" then
		"<error message=\"\(.why | message)\" type=\"no-verdict\">\(.why | lines)</error>"
	elif .verdict == "not-available" then
		"<skipped message=\"the archive does not have this kernel\"/>"
	elif .verdict == "left-out" then
		"<skipped message=\"left out of this run\"/>"
	else empty end;

def testcase($group):
	"<testcase classname=\"\(.kernel).\($group)\" name=\"\(.scenario)\" time=\"\(.seconds // 0)\">",
	outcome,
	if .says // [] | length > 0 then "<system-out>\(.says | lines)</system-out>" else empty end,
	"</testcase>";

def tests: .passed + .failed + .no_verdict + .left_out + .not_available;

def numbers:
	"tests=\"\(tests)\" failures=\"\(.failed)\" errors=\"\(.no_verdict)\" " +
	"skipped=\"\(.left_out + .not_available)\"";

def seconds: map(.seconds // 0) | add // 0 | . * 100 | round / 100;

def property($key): "<property name=\"\($key)\" value=\"\(.[$key] // "-" | @html)\"/>";

def testsuite($cells; $groups; $started):
	"<testsuite name=\"\(.name)\" \(.counts | numbers) time=\"\($cells | seconds)\"\($started)>",
	"<properties>",
	property("series", "arch", "flavour", "package", "version", "status"),
	"</properties>",
	($cells[] | testcase($groups[.scenario] | @html)),
	"</testsuite>";

# JUnit's schema wants the time without a zone
def timestamp: if . then " timestamp=\"\(sub("Z$"; "") | @html)\"" else "" end;

(reduce .scenarios[] as $s ({}; .[$s.name] = $s.group)) as $groups
| (reduce .cells[] as $cell ({}; .[$cell.kernel] += [$cell])) as $columns
| (.run.started | timestamp) as $started
| "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
	"<testsuites name=\"initward boot matrix\" \(.summary | numbers) " +
		"time=\"\(.summary.boot_seconds)\">",
	(.kernels[] | testsuite($columns[.name] // []; $groups; $started)),
	"</testsuites>"
