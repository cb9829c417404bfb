# SPDX-License-Identifier: LGPL-2.1-or-later
# table.awk VERBS FOUND: the table of attacks, and its figures. For qemu/containment/table.

BEGIN {
	n_columns = split("compatible-hidden compatible-visible strict-hidden sealed-hidden sealed-visible control", column, " ")
}

function rank(kernel,    part) {
	sub(/-.*/, "", kernel)
	if (kernel == "rc")
		return 1000000
	split(kernel, part, ".")
	return part[1] * 1000 + part[2]
}

FILENAME == ARGV[1] {
	order[++verbs] = $1
	path[$1] = $2
	next
}

{
	place = $2
	if (place ~ /control/)
		place = "control"
	else if (match($2, /(compatible|strict|sealed)-(hidden|visible)$/))
		place = substr($2, RSTART)
	verdict = $4
	sub(/ .*/, "", verdict)
	if (!($1 in known)) {
		known[$1] = 1
		kernel[++kernels] = $1
	}
	# of the control in both modes the better one: in visible mode some ways do not exist
	if (place == "control" && got[$3, place, $1] == "escaped")
		next
	got[$3, place, $1] = verdict
}

function sort_kernels(    i, j, swap) {
	for (i = 2; i <= kernels; i++)
		for (j = i; j > 1 && rank(kernel[j]) < rank(kernel[j - 1]); j--) {
			swap = kernel[j]
			kernel[j] = kernel[j - 1]
			kernel[j - 1] = swap
		}
}

function word(verdict) {
	return verdict == "impossible" ? "–" : verdict == "escaped" ? "**escaped**" : verdict
}

# One verdict where all kernels agree, else each with its kernels.
function cell(name, place,    i, v, list, all, n, text) {
	split("", list)
	n = 0
	for (i = 1; i <= kernels; i++) {
		v = got[name, place, kernel[i]]
		if (v == "")
			continue
		if (!(v in list))
			all[++n] = v
		list[v] = list[v] (list[v] == "" ? "" : " ") kernel[i]
		count[place, v]++
	}
	if (!n)
		return "not run"
	if (n == 1)
		return word(all[1])
	for (i = 1; i <= n; i++)
		text = text (i > 1 ? "; " : "") word(all[i]) " (" list[all[i]] ")"
	return text
}

END {
	sort_kernels()
	for (i = 1; i <= kernels; i++)
		names = names (i > 1 ? ", " : "") kernel[i]
	printf "%d attacks; kernels: %s.\n\n", verbs, names
	printf "| attack | its way |"
	for (c = 1; c <= n_columns; c++) {
		title = column[c]
		sub(/-/, ", ", title)
		printf " %s |", title
	}
	printf "\n|---|---|"
	for (c = 1; c <= n_columns; c++)
		printf "---|"
	printf "\n"
	for (v = 1; v <= verbs; v++) {
		printf "| `%s` | %s |", order[v], path[order[v]]
		for (c = 1; c <= n_columns; c++)
			printf " %s |", cell(order[v], column[c])
		printf "\n"
	}
	printf "\n## Figures\n\nAttacks times kernels:\n\n| | held | escaped | – |\n|---|---|---|---|\n"
	for (c = 1; c <= n_columns; c++) {
		title = column[c]
		sub(/-/, ", ", title)
		printf "| %s | %d | %d | %d |\n", title, count[column[c], "held"], count[column[c], "escaped"],
			count[column[c], "impossible"]
		other = 0
		for (key in count) {
			split(key, part, SUBSEP)
			if (part[1] == column[c] && part[2] !~ /^(held|escaped|impossible)$/)
				other += count[key]
		}
		if (other)
			printf "| … without a verdict | %d | | |\n", other
	}
}
