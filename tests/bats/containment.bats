# SPDX-License-Identifier: LGPL-2.1-or-later
# bats tests of the table of attacks: every verb has its expectation in every scenario that runs it.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
	awk -f qemu/scenarios.awk qemu/scenarios/*.scn >"$BATS_TEST_TMPDIR/all"
}

# The rows of the tables: NAME, and "last" where it runs in a boot of its own.
verbs() {
	sed 's/,$/, /' qemu/guest/attack-*.c | tr -d '\n' | grep -oE '\{ "[a-z0-9-]+",[^}]*\}' |
		sed -E 's/^\{ "([a-z0-9-]+)".*/\1 &/' | while read -r name row; do
		case $row in
		*LAST*) echo "$name last" ;;
		*) echo "$name" ;;
		esac
	done
}

@test "no two attacks have the same name" {
	verbs >"$BATS_TEST_TMPDIR/verbs"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/verbs")" -ge 50 ]
	[ -z "$(cut -d ' ' -f 1 "$BATS_TEST_TMPDIR/verbs" | sort | uniq -d)" ]
}

@test "no two attacks take the same way" {
	sed 's/,$/, /' qemu/guest/attack-*.c | tr -d '\n' | tr -s '\t ' ' ' |
		grep -oE '\{ "[a-z0-9-]+", "[^"]*"' | sed 's/^[^,]*, //' | sort | uniq -d >"$BATS_TEST_TMPDIR/twice"
	cat "$BATS_TEST_TMPDIR/twice"
	[ ! -s "$BATS_TEST_TMPDIR/twice" ]
}

@test "each attack is expected to come to something, wherever it runs" {
	verbs | while read -r name last; do
		for scenario in $(cut -f 1 "$BATS_TEST_TMPDIR/all" | uniq | grep -E '^(containment|irreversible)-'); do
			case $scenario in
			irreversible-"$name"-[cs]*-[hv]* | irreversible-control-"$name"-[hv]*) ;;
			irreversible-*) continue ;;
			*) [ -z "$last" ] || continue ;;
			esac
			awk -F '\t' -v s="$scenario" -v n="attack.$name " '
				$1 == s && $2 ~ /^expect(@|$)/ && index($3, n) == 1 { found = 1 } END { exit !found }' \
				"$BATS_TEST_TMPDIR/all" || echo "$scenario: $name"
		done
		[ -z "$last" ] || grep -q "^irreversible-$name-" "$BATS_TEST_TMPDIR/all" || echo "irreversible: $name"
	done >"$BATS_TEST_TMPDIR/missing"
	cat "$BATS_TEST_TMPDIR/missing"
	[ ! -s "$BATS_TEST_TMPDIR/missing" ]
}

# What holds by what a rule says the file "/" is: nothing but that one name, and no folder.
@test "a file without a name is denied, and no bind of what has the same name: network namespaces" {
	grep -qx '  audit deny / wl,' policy/strict/deny/handles
	run -1 grep -E '^ *(audit )?deny mount / ' policy/strict/deny/*
}

@test "the table has every family of attacks" {
	families=$(sed -n 's/^for family in \(.*\); do$/\1/p' qemu/containment/table | tr ' ' '\n' | LC_ALL=C sort)
	# those with a table of verbs; attack-state.c judges
	[ "$families" = "$(grep -lE '^const struct attack [a-z]+_attacks' qemu/guest/attack-*.c |
		sed 's/.*attack-\(.*\)\.c/\1/' | LC_ALL=C sort)" ]
}

@test "an attack that wants a process outside of the layer says so" {
	sed 's/,$/, /' qemu/guest/attack-*.c | tr -d '\n' | tr -s '\t ' ' ' | grep -oE '\{ "[a-z0-9-]+",[^}]*\}' |
		grep -E 'prepare_(victim|given)|run_scm_rights|run_typing' >"$BATS_TEST_TMPDIR/of-others"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/of-others")" -ge 10 ]
	run ! grep -vE '^\{ "[a-z0-9-]+", "[^"]*outside' "$BATS_TEST_TMPDIR/of-others"
}
