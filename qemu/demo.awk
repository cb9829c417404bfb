# SPDX-License-Identifier: LGPL-2.1-or-later
# Lays out what the demo's guest said: title=, say= lines, and the observer's facts.

function heading(text) {
	printf "\n  %s\n\n", text
}

{
	eq = index($0, "=")
	key = substr($0, 1, eq - 1)
	value = substr($0, eq + 1)
}

key == "title" { heading(value) }
key == "say" { printf "    %s\n", value }
key == "init.label" { printf "    told from outside of it:        %s\n", value }

# task=PID [LABEL] COMMAND; the observer itself is the one process outside
key == "task" {
	pid = value
	sub(/ .*/, "", pid)
	label = value
	sub(/^[0-9]+ \[/, "", label)
	command = label
	sub(/\] .*/, "", label)
	sub(/^[^]]*\] /, "", command)
	if (command ~ /^\/sbin\/modprobe/) {
		command = "the observer, started by the kernel from outside"
	}
	if (!tasks++) {
		heading("Every process, with its true label")
		printf "    %5s  %-44s  %s\n", "PID", "LABEL", "COMMAND"
	}
	printf "    %5s  %-44s  %s\n", pid, label, substr(command, 1, 50)
}

key == "attempt.init.label" { printf "    PID 1 afterwards: %s\n", value; next }
key ~ /^attempt\..*\.label$/ { printf "      true label of that shell afterwards: %s\n", value }
