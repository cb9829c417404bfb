#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The Makefile, and the scripts that judge the others: each is shown a fault that it has to find.
bats_require_minimum_version 1.5.0

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	cd "$top" || return 1
	tree=$BATS_TEST_TMPDIR/tree
	mkdir -p "$tree/early/loader" "$tree/tests/bats"
}

lint() {
	run -1 tests/lint/run --tree "$tree" --loader "${loader:-$top/build/initward-init}" "$1"
	[[ $output == *"not ok 1 - lint $1"* ]]
}

@test "make help lists every target that people call" {
	run -0 make help
	for target in all check-policies demo demo-shell check mutants features fuzz lint unit coverage man install clean; do
		[[ $output == *"  $target "* ]] || { echo "missing: $target"; return 1; }
	done
}

@test "make prints nothing of a step that is up to date" {
	run -0 make build/initward-init
	run -0 make build/initward-init
	[[ $output == *"up to date"* ]]
}

@test "what make install installs compiles its own policy with its own feature sets" {
	root=$BATS_TEST_TMPDIR/root
	run -0 make install DESTDIR="$root"
	for file in bin/initward lib/initward/initward-init share/man/man8/initward-init.8 \
		share/man/man5/initward.conf.5 share/initward/features/5.10.kernels; do
		[ -s "$root/usr/$file" ] || { echo "missing: $file"; return 1; }
	done
	run -0 "$root/usr/bin/initward" compile --no-cache --features "$root/usr/share/initward/features" \
		--set 5.10 -o "$BATS_TEST_TMPDIR/bundle" "$root/usr/share/initward/basic"
	[ -s "$BATS_TEST_TMPDIR/bundle/manifest" ]
	run -0 "$root/usr/bin/initward" compile --no-cache --features "$root/usr/share/initward/features" \
		--set 5.10 -o "$BATS_TEST_TMPDIR/stock" "$root/usr/share/initward/stock"
	[ -f "$root/usr/share/initward/stock/abi/initward" ]
	[ ! -L "$root/usr/share/initward/stock/abi/initward" ]
}

@test "the loader does nothing unless it is process 1" {
	run -1 build/initward-init
	[ "$output" = "initward-init $(sed -n 's/^VERSION := //p' Makefile) has to be process 1" ]
}

@test "lint finds a bashism" {
	printf '#!/bin/sh\nif [[ a == a ]]; then :; fi\n' >"$tree/x"
	lint shellcheck
}

@test "lint finds a format that is not the kernel's" {
	cp .clang-format "$tree"
	printf 'int f(void){return 0;}\n' >"$tree/early/x.c"
	lint format
}

@test "lint finds a spelling error" {
	printf 'recieve\n' >"$tree/x.md"
	lint spelling
}

@test "lint finds links to a file and to a heading that are not there" {
	mkdir "$tree/docs"
	printf '# A b, `c`\n\n[there](docs/x.md) [and](docs/x.md#second--one) [here](#a-b-c) `[no](link)` <http://x.example/>\n' >"$tree/README.md"
	printf '## Second & one\n[up](../README.md#a-b-c) [web](https://www.example/x) [folder](../docs)\n' >"$tree/docs/x.md"
	run -0 tests/lint/run --tree "$tree" links
	printf '[gone](gone.md)\n' >>"$tree/docs/x.md"
	lint links
	[[ $output == *"docs/x.md:3: no such file: gone.md"* ]]
	sed -i '$d' "$tree/docs/x.md"
	printf '[up](../README.md#a-b)\n' >>"$tree/docs/x.md"
	lint links
	[[ $output == *"docs/x.md:3: no such heading: ../README.md#a-b"* ]]
}

@test "lint finds a file without licence" {
	printf 'int x;\n' >"$tree/x.c"
	lint licence
}

@test "lint finds a negation that cannot fail, and a skip" {
	printf '@test "x" {\n\t! false\n}\n' >"$tree/tests/bats/x.bats"
	lint bats_negation
	printf '@test "x" {\n\t# or skip it\n\tskipped=skip\n\techo "$skipped" skip\n}\n' >"$tree/tests/bats/x.bats"
	run -0 tests/lint/run --tree "$tree" bats_skip
	for line in @ '[ -e x ] || @ "no x"' '[ ! -e x ] && @' 'if [ ! -e x ]; then @; fi' \
		'[ -e x ] || { @ "no x"; }' 'case x in x) @ ;; esac' 'for x in 1; do @; done'; do
		printf '@test "x" {\n\t%s\n}\n' "${line/@/skip}" >"$tree/tests/bats/x.bats"
		lint bats_skip
	done
}

@test "lint finds a mirror's name" {
	host=$(apt-get indextargets --format '$(SITE)' | sed -E 's,^[a-z+]*://([^/]*).*,\1,' | head -n 1)
	printf '%s\n' "$host" >"$tree/x"
	lint mirrors
}

@test "lint finds a long function, and unfinished work" {
	{ printf 'int f(void)\n{\n'; yes ';' | head -n 80; printf '}\n'; } >"$tree/early/x.c"
	lint long_functions
	printf '/* %s */\n' TO''DO >"$tree/early/x.c"
	lint unfinished
}

@test "lint finds a mutant whose line has changed" {
	mkdir "$tree/tests/mutants"
	cp tests/mutants/run "$tree/tests/mutants"
	echo 'int x;' >"$tree/early/x.c"
	echo 'x-is-y early/x.c test_x s/int x/int y/' >"$tree/tests/mutants/mutants"
	run -0 tests/lint/run --tree "$tree" mutants
	echo 'y-is-x early/x.c test_x s/int y/int x/' >>"$tree/tests/mutants/mutants"
	lint mutants
	[[ $output == *"y-is-x: changes 0 lines of early/x.c into 0; "* && $output != *"x-is-y: "* ]]
}

@test "lint finds an allocation in the loader" {
	printf 'void *f(void)\n{\n\treturn malloc(1);\n}\n' >"$tree/early/loader/x.c"
	lint no_heap
}

@test "lint finds an ELF file that is dynamic, large, without RELRO, with an executable stack" {
	loader=/bin/bash
	lint elf_static
	lint elf_size
	printf 'int main(void)\n{\n\treturn 0;\n}\n' >"$BATS_TEST_TMPDIR/x.c"
	loader=$BATS_TEST_TMPDIR/x
	gcc -no-pie -Wl,-z,norelro -Wl,-z,execstack -o "$loader" "$BATS_TEST_TMPDIR/x.c"
	lint elf_relro
	lint elf_stack
}

@test "the unit runner counts a crash, a failure, and a program without tests as failures" {
	printf '#!/bin/sh\necho "ok 1 - a"\nkill -SEGV $$\n' >"$BATS_TEST_TMPDIR/crash"
	printf '#!/bin/sh\necho "not ok 1 - a"\nexit 1\n' >"$BATS_TEST_TMPDIR/bad"
	printf '#!/bin/sh\nexit 0\n' >"$BATS_TEST_TMPDIR/none"
	printf '#!/bin/sh\necho "ok 1 - a"\n' >"$BATS_TEST_TMPDIR/good"
	chmod +x "$BATS_TEST_TMPDIR"/*
	for program in crash bad none; do
		run -1 tests/run-unit "$BATS_TEST_TMPDIR/good" "$BATS_TEST_TMPDIR/$program"
		[[ $output == *"not ok "* ]]
	done
	run -0 tests/run-unit "$BATS_TEST_TMPDIR/good" "$BATS_TEST_TMPDIR/good"
	[[ $output == *"ok 2"*"1..2"* ]]
}

@test "a suite that stops or tests nothing fails the check" {
	cp -r tests "$tree/" && cd "$tree"
	printf '#!/bin/sh\nexit 0\n' >tests/lint/run
	run -1 tests/check lint
	[[ ${lines[-1]} == "0 passed, 1 failed" ]]
	printf '#!/bin/sh\necho "ok 1 - x"\nexit 3\n' >tests/lint/run
	run -1 tests/check lint
	[[ ${lines[-1]} == "1 passed, 1 failed" ]]
	printf '#!/bin/sh\necho "ok 1 - x"\n' >tests/lint/run
	run -0 tests/check lint
	[[ ${lines[-1]} == "1 passed, 0 failed" ]]
	run -2 tests/check nonsense
}

@test "check generators: three programs side by side, and the failure of each is one" {
	cp -r tests "$tree/" && cd "$tree"
	for failing in none grub initramfs-tools dracut; do
		for program in grub initramfs-tools dracut; do
			ended=0
			[ "$program" != "$failing" ] || ended=3
			printf '#!/bin/sh\necho "ok 1 - %s"\nexit %d\n' "$program" "$ended" >"tests/$program"
		done
		if [ "$failing" = none ]; then
			run -0 tests/check generators
			[[ ${lines[-1]} == "3 passed, 0 failed" ]]
		else
			run -1 tests/check generators
			[[ ${lines[-1]} == "3 passed, 1 failed" ]]
		fi
	done
}

@test "who is not root is told what to install, and no more happens" {
	few=$(mktemp -d)
	chmod 755 "$few"
	for tool in sh id grep sed sort mktemp rm tr apt-get apt-cache dpkg-query cat; do
		ln -s "$(command -v $tool)" "$few/$tool"
	done
	cp tests/need "$few/need"
	run -1 setpriv --reuid=65534 --regid=65534 --clear-groups \
		env PATH="$few" TMPDIR=/tmp "$(command -v sh)" "$few/need" man
	rm -r "$few"
	[[ $output == *"apt-get install --no-remove --no-install-recommends scdoc"* ]]
}

@test "what is missing is installed, but never in the place of something else" {
	few=$BATS_TEST_TMPDIR/few
	mkdir "$few"
	for tool in sh grep sed sort mktemp rm tr cat; do
		ln -s "$(command -v $tool)" "$few/$tool"
	done
	ln -s "$(type -P true)" "$few/apt-cache"
	printf '#!/bin/sh\necho 0\n' >"$few/id"
	printf '#!/bin/sh\necho "$*" >>"%s"\nexit 100\n' "$BATS_TEST_TMPDIR/said" >"$few/apt-get"
	chmod +x "$few/id" "$few/apt-get"
	cp tests/need "$few/need"
	sed -i 's,PATH=.PATH:/usr/sbin:/sbin ,,' "$few/need"
	run -1 env PATH="$few" TMPDIR=/tmp "$(command -v sh)" "$few/need" man
	[[ $output == *'could not install: scdoc (see above; what conflicts with them is not removed)'* ]]
	grep -q ' install .*scdoc' "$BATS_TEST_TMPDIR/said"
	run -1 grep -v -e --no-remove -e update "$BATS_TEST_TMPDIR/said"
}
