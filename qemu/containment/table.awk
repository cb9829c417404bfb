# SPDX-License-Identifier: LGPL-2.1-or-later
# table.awk VERBS FOUND: the table of attacks, and its figures. For qemu/containment/table.

BEGIN {
	n_columns = split("compatible-hidden compatible-visible strict-hidden sealed-hidden sealed-visible closed-hidden control", column, " ")
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
	where[$1] = $2 ~ /outside/ ? "outside" : "inside"
	next
}

{
	place = $2
	if (place ~ /control/)
		place = "control"
	else if (match($2, /(compatible|strict|sealed|closed)-(hidden|visible)$/))
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
		count[place, where[name], v]++
	}
	if (!n)
		return "not run"
	if (n == 1)
		return word(all[1])
	for (i = 1; i <= n; i++)
		text = text (i > 1 ? "; " : "") word(all[i]) " (" list[all[i]] ")"
	return text
}

function title(c,    text) {
	text = column[c]
	sub(/-/, ", ", text)
	sub(/^closed/, "sealed and closed", text)
	return text
}

function table(of,    c, v) {
	printf "| attack | its way |"
	for (c = 1; c <= n_columns; c++)
		printf " %s |", title(c)
	printf "\n|---|---|"
	for (c = 1; c <= n_columns; c++)
		printf "---|"
	printf "\n"
	for (v = 1; v <= verbs; v++) {
		if (where[order[v]] != of)
			continue
		printf "| `%s` | %s |", order[v], path[order[v]]
		for (c = 1; c <= n_columns; c++)
			printf " %s |", cell(order[v], column[c])
		printf "\n"
	}
}

function figures(of, words,    c, key, part, other) {
	printf "\n%s:\n\n| | held | escaped | – |\n|---|---|---|---|\n", words
	for (c = 1; c <= n_columns; c++) {
		printf "| %s | %d | %d | %d |\n", title(c), count[column[c], of, "held"],
			count[column[c], of, "escaped"], count[column[c], of, "impossible"]
		other = 0
		for (key in count) {
			split(key, part, SUBSEP)
			if (part[1] == column[c] && part[2] == of && part[3] !~ /^(held|escaped|impossible)$/)
				other += count[key]
		}
		if (other)
			printf "| … without a verdict | %d | | |\n", other
	}
}

END {
	sort_kernels()
	for (i = 1; i <= kernels; i++)
		names = names (i > 1 ? ", " : "") kernel[i]
	printf "%d attacks; kernels: %s.\n\n", verbs, names
	table("inside")
	print "\n## With somebody outside\n"
	print "These want a process outside of the layer, which the test puts there: an accomplice who opens a file and hands"
	print "it over, or a prey. At the levels strict and sealed a system in hidden mode has none (scenarios `census-*`, and"
	print "[compatibility.md](compatibility.md): no task of whole systems, at any time), unless the kernel has started one"
	print "before the loader.\n"
	table("outside")
	print "\n## Figures"
	figures("inside", "Attacks times kernels")
	figures("outside", "With somebody outside")
}
