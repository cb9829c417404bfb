#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2154 # text for other shells; variables of compile.bash

bats_require_minimum_version 1.5.0

setup() {
	load compile
	policy=$BATS_TEST_TMPDIR/policy
	bundle=$BATS_TEST_TMPDIR/bundle
	manifest=$bundle/manifest
	root=$BATS_TEST_TMPDIR/root
	make_policy "$policy"
}

# Lines of one set of the manifest: section NAME
section() {
	awk -v want="set = $1" '/^set = / { on = $0 == want } on' "$manifest"
}

@test "a bundle has the layout and the manifest of initward-bundle(5)" {
	run -0 compile "$policy"
	[ "$(grep -v '^#' "$manifest" | head -n 1)" = 'version = 1' ]
	[ "$(grep '^set = ' "$manifest")" = $'set = 5.10\nset = 7.3' ]
	section 5.10 | grep -qx 'base = yes'
	section 7.3 | grep -c '^base' | grep -qx 0
	[ "$(grep -c '^class = ' "$manifest")" = 2 ]
	[ "$(section 7.3 | grep '^kernel = ' | sort)" = "$(grep '^kernel = ' "$features/7.3.kernels" | sort)" ]
	while read -r _ _ form ns bytes sum path; do
		[ "$(stat -c %s "$bundle/$path")" = "$bytes" ]
		echo "$sum  $bundle/$path" | sha256sum -c --quiet -
		[[ $form/$ns/$path =~ ^(enforce/-/enforce|complain/-/complain)/[0-9a-f]{8}\.[0-9]+/global$ ]]
	done < <(grep '^blob = ' "$manifest")
	[ "$(grep -c '^profile = enforce global$' "$manifest")" = 2 ]
	[ "$(grep -c '^profile = complain global$' "$manifest")" = 2 ]
}

@test "libapparmor's own tools find the blobs of a set" {
	compile "$policy"
	for form in enforce complain; do
		dir=$(apparmor_parser --config-file /dev/null -M "$features/7.3" \
			-L "$bundle/$form" --print-cache-dir)
		[ -f "$dir/global" ]
		cmp "$dir/.features" "$features/7.3"
	done
}

@test "the same input gives the same bytes" {
	compile "$policy"
	mv "$bundle" "$BATS_TEST_TMPDIR/first"
	touch "$policy/global"
	compile "$policy"
	diff -r "$BATS_TEST_TMPDIR/first" "$bundle"
}

@test "neither the order of the arguments nor the folder's name matters" {
	echo 'profile other { file, deny /y w, }' >"$policy/other"
	compile "$policy"
	mv "$bundle" "$BATS_TEST_TMPDIR/first"
	mv "$policy" "$BATS_TEST_TMPDIR/moved"
	compile "$BATS_TEST_TMPDIR/moved/other" "$BATS_TEST_TMPDIR/moved/global"
	diff -r "$BATS_TEST_TMPDIR/first" "$bundle"
}

@test "uses: a feature counts when the policy needs it, and only then" {
	compile "$policy"
	section 7.3 | grep -qx 'uses = policy/versions/v7 yes'
	run ! grep '^uses = .*xattr' "$manifest"
	echo 'profile x /x xattrs=(user.a=b) { }' >"$policy/x"
	compile "$policy"
	[ "$(grep -cx 'uses = domain/attach_conditions/xattr yes' "$manifest")" = 2 ]
}

@test "uses: features of which either will do count as one" {
	# The parser asks for the folder mount/ only, which has two files from 6.12 on.
	run -0 "$initward" compile --features "$features" --set 7.3 -o "$bundle" "$policy"
	[ "$(section 7.3 | grep '^uses = mount/')" = 'uses = mount/mask mount umount pivot_root' ]
}

@test "uses: what is said to be used gives the same policy by itself" {
	compile "$top/policy/basic"
	path=$(section 7.3 | awk '/^blob = enforce/ { print $7 }')
	section 7.3 | grep '^uses = ' | sed 's/^uses = //' | while read -r file words; do
		mkdir -p "$BATS_TEST_TMPDIR/f/${file%/*}"
		echo "$words" >"$BATS_TEST_TMPDIR/f/$file"
	done
	"$initward" features show "$BATS_TEST_TMPDIR/f" >"$BATS_TEST_TMPDIR/set"
	apparmor_parser --config-file /dev/null -M "$BATS_TEST_TMPDIR/set" -b "$top/policy/basic" \
		-QTS "$top/policy/basic/global" | cmp - "$bundle/$path"
}

@test "with policy for applications every feature counts" {
	mkdir "$BATS_TEST_TMPDIR/app"
	echo 'profile app /usr/bin/app { file, }' >"$BATS_TEST_TMPDIR/app/app"
	compile --application "$BATS_TEST_TMPDIR/app" "$policy"
	[ "$(section 5.10 | grep -c '^uses = ')" = "$(grep -c '[^}{] *{[^{]*$' "$features/5.10")" ]
	section 7.3 | grep -q '^blob = any application [0-9]* [0-9a-f]* application/[0-9a-f]*\.0/app$'
}

# A system's own policy: system FOLDER, with parser.conf and two feature files.
make_system() {
	mkdir -p "$1"/etc/apparmor "$1"/etc/apparmor.d/{disable,force-complain} "$1/pins"
	cp "$features/5.10" "$1/pins/old"
	cp "$features/7.3" "$1/pins/new"
	printf 'policy-features=/pins/new\n#policy-features=/none\n  policy-features=/pins/old\n' >"$1/etc/apparmor/parser.conf"
	for name in one two three; do
		echo "profile $name /usr/bin/$name { file, ^hat { file, deny /x w, } }" >"$1/etc/apparmor.d/$name"
	done
}

# The profiles of the namespace in one set, "MODE NAME"
applications() {
	section 5.10 | sed -n '/^blob = any application/,$s/^profile = //p'
}

@test "policy for applications: what the parser would load from that folder, in that mode" {
	system=$BATS_TEST_TMPDIR/system
	make_system "$system"
	ln -s ../two "$system/etc/apparmor.d/disable/two"
	ln -s /etc/apparmor.d/three "$system/etc/apparmor.d/force-complain/three" # a path of that system
	echo '# nothing yet' >"$system/etc/apparmor.d/empty"
	echo 'not policy' >"$system/etc/apparmor.d/one.dpkg-old"
	echo 'profile text /usr/bin/text { file, }' >"$system/etc/apparmor.d/notes.txt"
	run -0 compile --application "$system/etc/apparmor.d" "$policy"
	[ "$(applications | sort)" = $'complain three\ncomplain three//hat\nenforce one\nenforce one//hat\nenforce text' ]
	# a deny stays what it is: the parser's own complain mode, not the dry run of a root profile
	path=$(section 5.10 | awk '/^blob = any application .*three$/ { print $7 }')
	apparmor_parser --config-file /dev/null -M "$features/5.10" --policy-features "$features/5.10" \
		-b "$system/etc/apparmor.d" -QTCS "$system/etc/apparmor.d/three" 2>/dev/null | cmp - "$bundle/$path"
	rm "$system/etc/apparmor.d/disable/two"
	ln -s /etc/apparmor.d/gone "$system/etc/apparmor.d/disable/two"
	compile --application "$system/etc/apparmor.d" "$policy"
	applications | grep -qx 'enforce two'
}

@test "policy for applications is compiled for the features that its system pins" {
	system=$BATS_TEST_TMPDIR/system
	make_system "$system"
	compile --application "$system/etc/apparmor.d" "$policy"
	path=$(section 7.3 | awk '/^blob = any application .*one$/ { print $7 }')
	pinned() {
		apparmor_parser --config-file /dev/null -M "$features/7.3" "$@" -b "$system/etc/apparmor.d" \
			-QTS "$system/etc/apparmor.d/one"
	}
	pinned --policy-features "$system/pins/old" | cmp - "$bundle/$path"
	pinned | run ! cmp -s - "$bundle/$path"
	# the cache keeps them apart, too
	run -0 "$initward" compile --features "$features" --set 7.3 -o "$bundle" --application "$system/etc/apparmor.d" "$policy"
	cp "$system/pins/new" "$system/pins/old"
	run -0 "$initward" compile --features "$features" --set 7.3 -o "$bundle" --application "$system/etc/apparmor.d" "$policy"
	pinned | cmp - "$bundle/$(section 7.3 | awk '/^blob = any application .*one$/ { print $7 }')"
	# what is no system's folder has no pin
	mv "$system/etc/apparmor.d" "$system/etc/profiles"
	compile --application "$system/etc/profiles" "$policy"
	apparmor_parser --config-file /dev/null -M "$features/7.3" -b "$system/etc/profiles" -QTS "$system/etc/profiles/one" |
		cmp - "$bundle/$(section 7.3 | awk '/^blob = any application .*one$/ { print $7 }')"
	mv "$system/etc/profiles" "$system/etc/apparmor.d"
	rm "$system/pins/old" "$bundle/manifest"
	rm -r "$bundle"
	run -1 compile --application "$system/etc/apparmor.d" "$policy"
	[[ $output == *"$system/etc/apparmor/parser.conf pins policy to the features in /pins/old, which cannot be read: No such file"* ]]
	nothing_left
}

@test "the dry run has each profile in complain mode, children too" {
	cat >"$policy/more" <<'EOF'
profile more flags=(kill, attach_disconnected) {
  file,
  deny /x w,
  profile kid { file, deny /y w, }
  ^hat { file, deny /z w, }
}
EOF
	compile "$policy"
	for p in more more//kid more//hat global; do
		[ "$(grep -cx "profile = complain $p" "$manifest")" = 2 ]
	done
	[ "$(grep -cx 'profile = kill more' "$manifest")" = 2 ]
}

@test "includes are found beside the source, and in --include" {
	mkdir -p "$policy/local" "$BATS_TEST_TMPDIR/more/local"
	sed -i 's/^}/  include if exists <local\/global>\n  include if exists <local\/none>\n}/' "$policy/global"
	compile "$policy"
	before=$(section 5.10 | awk '/^blob/ { print $6 }')
	echo 'deny /local w,' >"$BATS_TEST_TMPDIR/more/local/global"
	compile --include "$BATS_TEST_TMPDIR/more" "$policy"
	other=$(section 5.10 | awk '/^blob/ { print $6 }')
	[ "$before" != "$other" ]
	mv "$BATS_TEST_TMPDIR/more/local/global" "$policy/local/"
	compile "$policy"
	[ "$(section 5.10 | awk '/^blob/ { print $6 }')" = "$other" ]
}

@test "the machine's parser.conf has no say" {
	compile "$policy"
	mv "$bundle" "$BATS_TEST_TMPDIR/first"
	printf 'Optimize=no-minimize\nskip-cache\n' >"$BATS_TEST_TMPDIR/parser.conf"
	run -0 unshare -m sh -c 'mount --bind "$1" /etc/apparmor/parser.conf && shift && exec "$@"' \
		sh "$BATS_TEST_TMPDIR/parser.conf" "$initward" compile --features "$features" \
		--set 5.10 --set 7.3 -o "$bundle" "$policy"
	diff -r "$BATS_TEST_TMPDIR/first" "$bundle"
}

@test "a rule without effect on a set is told, for that set" {
	sed -i 's/^}/  dbus,\n}/' "$policy/global"
	run -0 compile "$policy"
	[[ $output == *"note: set 5.10: $policy/global:6: \"dbus,\": no effect, not mediated by its kernels"* ]]
	[[ $output != *"rules not enforced"* ]]
	[[ $output == *"note: set 7.3: its kernels lose with the base set 5.10: dbus"* ]]
}

@test "a bundle is replaced, and only a bundle" {
	compile "$policy"
	touch "$bundle/old"
	compile "$policy"
	[ ! -e "$bundle/old" ]
	rm "$manifest"
	touch "$bundle/precious"
	run -1 compile "$policy"
	[[ $output == *"$bundle holds something other than a bundle"* ]]
	[ -e "$bundle/precious" ]
	rm -r "$bundle"
	touch "$bundle"
	run -1 compile "$policy"
	[[ $output == *"is no folder"* ]]
}

@test "a failure leaves an older bundle as it was" {
	compile "$policy"
	cp -a "$bundle" "$BATS_TEST_TMPDIR/copy"
	echo 'profile broken {' >"$policy/broken"
	run -1 compile "$policy"
	diff -r "$bundle" "$BATS_TEST_TMPDIR/copy"
	[ -z "$(find "$BATS_TEST_TMPDIR" -name '.initward-*')" ]
}

@test "a source with an error is named, with the parser's words" {
	echo 'profile broken { nonsense, }' >"$policy/broken"
	run -1 compile "$policy"
	[[ $output == *"cannot read $policy/broken:"*"failed with status 1:"* ]]
	[[ $output == *"AppArmor parser error for $policy/broken"*"syntax error"* ]]
	nothing_left
}

@test "a source that does not compile is named among others, with the set" {
	for i in $(seq 40); do
		echo "profile p$i { }" >"$policy/p$i"
	done
	echo 'profile broken { /a px, /a ux, }' >"$policy/p20"
	run -1 compile "$policy"
	[[ $output == *"cannot compile $policy/p20 for the set 5.10:"*"failed with status 1:"* ]]
	[[ $output == *"conflicting x modifiers"* ]]
	nothing_left
}

@test "two profiles of one name are refused, with both sources" {
	cp "$policy/global" "$policy/second"
	run -1 compile "$policy"
	[[ $output == *"the profile global is defined twice, in $policy/global and in $policy/second"* ]]
	nothing_left
}

@test "one profile name in both namespaces is no duplicate" {
	mkdir "$BATS_TEST_TMPDIR/app"
	cp "$policy/global" "$BATS_TEST_TMPDIR/app/x"
	run -0 compile --application "$BATS_TEST_TMPDIR/app" "$policy"
}

@test "two sources of one file name are refused" {
	make_policy "$BATS_TEST_TMPDIR/other"
	run -1 compile "$policy" "$BATS_TEST_TMPDIR/other"
	[[ $output == *"two sources have one file name"*"$policy/global"* ]]
	nothing_left
}

@test "policy without the profile global is refused" {
	sed -i 's/profile global/profile globe/' "$policy/global"
	run -1 compile "$policy"
	[[ $output == *'no source defines the profile "global"'* ]]
	nothing_left
}

@test "a profile that names a namespace is refused" {
	echo 'profile :ns:x { }' >"$policy/x"
	run -1 compile "$policy"
	[[ $output == *"$policy/x: the profile x names the policy namespace ns"* ]]
	nothing_left
}

@test "a root profile in another mode than enforce is refused" {
	for mode in complain unconfined; do
		echo "profile x flags=($mode) { }" >"$policy/x"
		run -1 compile "$policy"
		[[ $output == *"$policy/x: the profile x is in the mode $mode"* ]]
	done
	nothing_left
}

@test "a block of rules is refused" {
	echo 'profile x { owner { deny /x w, } }' >"$policy/x"
	run -1 compile "$policy"
	[[ $output == *"$policy/x, line 1 "*"rules stand in a block of their own"* ]]
	nothing_left
}

@test "a parser that is missing is named with its package" {
	run -1 unshare -m sh -c 'mount --bind "$1" /usr/sbin && shift && PATH=/none exec "$@"' \
		sh "$policy" "$initward" compile --features "$features" -o "$bundle" "$policy"
	[[ $output == *"apparmor_parser is missing: install the Debian package apparmor"* ]]
	run -1 compile --parser "$BATS_TEST_TMPDIR/none" "$policy"
	[[ $output == *"cannot run the parser $BATS_TEST_TMPDIR/none: No such file"* ]]
	nothing_left
}

@test "others may read the bundle, who build images from it" {
	make_policy "$BATS_TEST_TMPDIR/p"
	umask 022
	compile "$BATS_TEST_TMPDIR/p"
	[ -z "$(find "$BATS_TEST_TMPDIR/bundle" ! -perm -004)" ]
	[ -z "$(find "$BATS_TEST_TMPDIR/bundle" -type d ! -perm -005)" ]
}

@test "several profiles in a file are told, with the parser that loses their rules" {
	make_policy "$BATS_TEST_TMPDIR/pol"
	echo 'profile second { file, }' >>"$BATS_TEST_TMPDIR/pol/global"
	run --separate-stderr compile "$BATS_TEST_TMPDIR/pol"
	[ "$status" -eq 0 ]
	case $(apparmor_parser --version) in
	*' 4.1.'*) ;;
	*) [[ $stderr != *several* ]] ;;
	esac
	fake_parser <<<'[ "$1" != --version ] || { echo "AppArmor parser version 4.1.0"; exit 0; }'
	run --separate-stderr compile --parser "$BATS_TEST_TMPDIR/parser" "$BATS_TEST_TMPDIR/pol"
	[ "$status" -eq 0 ]
	[[ $stderr == *"/pol/global has several profiles, and apparmor_parser 4.1.0 loses rules"*"docs/parser-issues.md"* ]]
	[ "$(grep -c several <<<"$stderr")" -eq 1 ]
	run --separate-stderr compile --quiet --parser "$BATS_TEST_TMPDIR/parser" "$BATS_TEST_TMPDIR/pol"
	[[ $stderr != *several* ]]
	sed -i '/second/d' "$BATS_TEST_TMPDIR/pol/global"
	run --separate-stderr compile --parser "$BATS_TEST_TMPDIR/parser" "$BATS_TEST_TMPDIR/pol"
	[[ $stderr != *several* ]]
}

@test "a parser that is too old is refused, with both versions" {
	fake_parser <<<'[ "$1" != --version ] || { echo "AppArmor parser version 2.13.6"; exit 0; }'
	run -1 compile --parser "$BATS_TEST_TMPDIR/parser" "$policy"
	[[ $output == *"has version 2.13.6, and initward needs 3.0 or later"*"package apparmor"* ]]
	nothing_left
}

@test "a program that is no parser is refused" {
	fake_parser <<<'[ "$1" != --version ] || { echo "hello 1.0"; exit 0; }'
	run -1 compile --parser "$BATS_TEST_TMPDIR/parser" "$policy"
	[[ $output == *"is it apparmor_parser?"* ]]
	nothing_left
}

@test "a parser that fails is told with the set and its first lines only" {
	fake_parser <<'EOF'
case " $* " in
*" --write-cache "*) i=0; while [ $i -lt 50 ]; do i=$((i + 1)); echo "line $i" >&2; done; exit 3 ;;
esac
EOF
	run -1 compile --parser "$BATS_TEST_TMPDIR/parser" "$policy"
	[[ $output == *"cannot compile $policy/global for the set 5.10:"*"failed with status 3:"* ]]
	[[ $output == *"line 6"* ]]
	[[ $output != *"line 7"* ]]
	nothing_left
}

@test "a parser that fails on one set only names that set" {
	fake_parser <<<'case "$*" in *sets/7.3*--write-cache*) echo boom >&2; exit 1 ;; esac'
	run -1 compile --parser "$BATS_TEST_TMPDIR/parser" "$policy"
	[[ $output == *"for the set 7.3:"*boom* ]]
	nothing_left
}

@test "a parser that is killed is told with the signal" {
	fake_parser <<<'case "$*" in *--write-cache*) kill -SEGV $$ ;; esac'
	run -1 compile --parser "$BATS_TEST_TMPDIR/parser" "$policy"
	[[ $output == *"was killed by signal 11 (Segmentation fault)"* ]]
	nothing_left
}

@test "a parser that fails to preprocess is told" {
	fake_parser <<<'case "$*" in *--preprocess*) echo "no preprocessing" >&2; exit 1 ;; esac'
	run -1 compile --parser "$BATS_TEST_TMPDIR/parser" "$policy"
	[[ $output == *"cannot read $policy/global:"*"no preprocessing"* ]]
	nothing_left
}

@test "a parser that writes nothing and reports success is told" {
	fake_parser <<<'case "$*" in *--write-cache*) exit 0 ;; esac'
	run -1 compile --parser "$BATS_TEST_TMPDIR/parser" "$policy"
	[[ $output == *"wrote no policy for $policy/global and the set 5.10"*"is the disk full"* ]]
	nothing_left
}

@test "a parser that breaks down in between is told, not taken for an answer" {
	fake_parser <<<'case "$*" in */try.*) exit 1 ;; esac'
	run -1 compile --parser "$BATS_TEST_TMPDIR/parser" "$policy"
	[[ $output == *"does not compile $policy/global for the set 5.10 any more: is the disk full?"* ]]
	nothing_left
}

# A parser whose blobs get this in front: prefixing_parser OCTAL
prefixing_parser() {
	fake_parser <<EOF
case "\$*" in
*--write-cache*)
	apparmor_parser "\$@" || exit
	while [ "\$1" != --cache-loc ]; do shift; done
	for f in "\$2"/*/*; do
		{ printf '$1'; cat "\$f"; } >"\$f.new" && mv "\$f.new" "\$f"
	done
	exit 0 ;;
esac
EOF
}

@test "compressed policy is refused" {
	prefixing_parser '\050\265\057\375'
	run -1 compile --parser "$BATS_TEST_TMPDIR/parser" "$policy"
	[[ $output == *"wrote compressed policy for the set 5.10"* ]]
	prefixing_parser '\001\003\000\000\000\000\000\000\050\265\057\375'
	run -1 compile --parser "$BATS_TEST_TMPDIR/parser" "$policy"
	[[ $output == *"wrote compressed policy for the set 5.10"* ]]
	nothing_left
}

@test "a header in front of the policy is refused" {
	prefixing_parser '\001\003\000\000\000\000\000\000'
	run -1 compile --parser "$BATS_TEST_TMPDIR/parser" "$policy"
	[[ $output == *"wrote a header in front of the policy for the set 5.10"* ]]
	nothing_left
}

@test "policy that is cut off is refused" {
	fake_parser <<'EOF'
case "$*" in
*--write-cache*)
	apparmor_parser "$@" || exit
	while [ "$1" != --cache-loc ]; do shift; done
	for f in "$2"/*/*; do truncate -s -5 "$f"; done
	exit 0 ;;
esac
EOF
	run -1 compile --parser "$BATS_TEST_TMPDIR/parser" "$policy"
	[[ $output == *"cannot read the policy that $BATS_TEST_TMPDIR/parser"*"for the set 5.10: "* ]]
	nothing_left
}

@test "a parser that knows compression is told not to" {
	fake_parser <<'EOF'
if [ "$1" = --help ]; then
	echo '-c[n], --zstd-compress-level[=n]    Compress profile at level n'
	exit 0
fi
case " $* " in
*" --zstd-compress-level=0 "*) ;;
*--features-file*) echo 'it would compress' >&2; exit 1 ;;
esac
n=$#
while [ "$n" -gt 0 ]; do
	[ "$1" = --zstd-compress-level=0 ] || set -- "$@" "$1"
	shift
	n=$((n - 1))
done
EOF
	run -0 compile --parser "$BATS_TEST_TMPDIR/parser" "$policy"
}

@test "a full disk leaves nothing, and says so, wherever it strikes" {
	compile "$policy"
	mv "$manifest" "$BATS_TEST_TMPDIR/wanted"
	mkdir "$BATS_TEST_TMPDIR/small"
	for size in 16k 48k 80k 128k 160k 192k 208k 224k 512k; do
		run unshare -m sh -c 'mount -t tmpfs -o "size=$5" tmpfs "$1" || exit 77
			"$2" compile --features "$3" --set 5.10 --set 7.3 -o "$1/bundle" "$4"
			status=$?
			ls -A "$1"
			cp "$1/bundle/manifest" "$6" 2>/dev/null
			exit $status' sh "$BATS_TEST_TMPDIR/small" "$initward" "$features" "$policy" \
			"$size" "$BATS_TEST_TMPDIR/got"
		echo "size $size, status $status: $output"
		if [ "$status" = 0 ]; then
			cmp "$BATS_TEST_TMPDIR/wanted" "$BATS_TEST_TMPDIR/got"
			continue
		fi
		[ "$status" = 1 ]
		[[ $output == *"No space left on device"* || $output == *"is the disk full"* ]]
		[[ ${lines[-1]} != bundle && $output != *$'\n'.initward-* ]]
	done
	[ "$status" = 0 ]
}

@test "who is killed leaves no parser behind" {
	fake_parser <<<'case "$*" in *--write-cache*) echo $$ >"${0%/*}/running"; exec sleep 60 ;; esac'
	"$initward" compile --features "$features" --set 6.1 --parser "$BATS_TEST_TMPDIR/parser" -o "$bundle" \
		"$policy" 2>"$BATS_TEST_TMPDIR/said" 3>&- &
	job=$!
	for _ in $(seq 100); do
		[ -s "$BATS_TEST_TMPDIR/running" ] && break
		sleep 0.1
	done
	kill -KILL "$job"
	wait "$job" || true
	for _ in $(seq 50); do
		kill -0 "$(cat "$BATS_TEST_TMPDIR/running")" || return 0
		sleep 0.1
	done
	kill "$(cat "$BATS_TEST_TMPDIR/running")"
	false
}

@test "a signal in the middle leaves nothing" {
	fake_parser <<<'case "$*" in *--write-cache*) touch "${0%/*}/running"; exec sleep 60 ;; esac'
	"$initward" compile --features "$features" --parser "$BATS_TEST_TMPDIR/parser" -o "$bundle" \
		"$policy" 2>"$BATS_TEST_TMPDIR/said" 3>&- &
	job=$!
	for _ in $(seq 100); do
		[ -e "$BATS_TEST_TMPDIR/running" ] && break
		sleep 0.1
	done
	kill -TERM "$job"
	status=0
	wait "$job" || status=$?
	[ "$status" = 1 ]
	grep -q 'stopped by signal 15' "$BATS_TEST_TMPDIR/said"
	nothing_left
}

@test "wrong usage points to --help and has status 2" {
	run -2 "$initward" compile
	[[ $output == *"-o DIR is missing"*"try 'initward compile --help'"* ]]
	run -2 "$initward" compile -o "$bundle"
	[[ $output == *"a SOURCE is missing"* ]]
	run -2 "$initward" compile --nonsense
	[[ $output == *"initward compile: unrecognized option '--nonsense'"* ]]
	nothing_left
}

@test "what is not there is named" {
	run -1 compile "$BATS_TEST_TMPDIR/none"
	[[ $output == *"cannot read the source $BATS_TEST_TMPDIR/none: No such file"* ]]
	mkdir "$BATS_TEST_TMPDIR/empty"
	run -1 compile "$BATS_TEST_TMPDIR/empty"
	[[ $output == *"there is no policy file in the folder $BATS_TEST_TMPDIR/empty"* ]]
	run -1 compile --set 1.2 "$policy"
	[[ $output == *"there is no feature set 1.2 in $features"* ]]
	run -1 "$initward" compile --features "$BATS_TEST_TMPDIR/none" -o "$bundle" "$policy"
	[[ $output == *"cannot read the folder of feature sets"* ]]
	run -1 "$initward" compile --features "$features" -o "$BATS_TEST_TMPDIR/none/bundle" "$policy"
	[[ $output == *"cannot make a folder in $BATS_TEST_TMPDIR/none"* ]]
	nothing_left
}

@test "a feature set that is none is refused with its line" {
	mkdir "$BATS_TEST_TMPDIR/sets"
	printf 'file {mask {read\n}\n' >"$BATS_TEST_TMPDIR/sets/1.0"
	run -1 "$initward" compile --features "$BATS_TEST_TMPDIR/sets" -o "$bundle" "$policy"
	[[ $output == *"sets/1.0, line 3: not a feature set"* ]]
	nothing_left
}

@test "one kernel in two sets is refused" {
	mkdir "$BATS_TEST_TMPDIR/sets"
	for s in 5.10 7.3; do
		cp "$features/$s" "$BATS_TEST_TMPDIR/sets/"
		echo 'kernel = 1.0 #1 x86_64' >"$BATS_TEST_TMPDIR/sets/$s.kernels"
	done
	run -1 "$initward" compile --features "$BATS_TEST_TMPDIR/sets" -o "$bundle" "$policy"
	[[ $output == *'the kernel "1.0 #1 x86_64" stands in both'* ]]
	nothing_left
}

@test "sets are ranked by version, release candidates before their release" {
	mkdir "$BATS_TEST_TMPDIR/sets"
	for s in 6.12 5.10 7.3 7.3-rc7 6.2; do
		cp "$features/5.10" "$BATS_TEST_TMPDIR/sets/$s"
	done
	run -0 "$initward" compile --features "$BATS_TEST_TMPDIR/sets" -o "$bundle" "$policy"
	[ "$(grep '^set = \|^rank = ' "$manifest" | paste -sd' ')" = \
		"set = 5.10 rank = 1 set = 6.2 rank = 2 set = 6.12 rank = 3 set = 7.3-rc7 rank = 4 set = 7.3 rank = 5" ]
}

@test "a thousand profiles in a hundred files compile" {
	for i in $(seq 100); do
		for j in $(seq 10); do
			echo "profile p$i.$j /usr/bin/p$i.$j { file, deny /etc/p$i.$j w, }"
		done >"$policy/p$i"
	done
	run -0 "$initward" compile --features "$features" --set 5.10 -o "$bundle" "$policy"
	[ "$(grep -c '^profile = enforce ' "$manifest")" = 1001 ]
	[ "$(grep -c '^profile = complain ' "$manifest")" = 1001 ]
}

# --- a bundle for one kernel

# for_kernel KERNEL [ARGUMENT]...: compiles for one of the system in $root
for_kernel() {
	"$initward" compile --no-cache --features "$features" --root "$root" -o "$bundle" "$policy" --kernel "$@"
}

# has_config RELEASE UPDATE [OPTION...]: the configuration of an installed kernel
has_config() {
	mkdir -p "$root/boot"
	{
		printf '#\n# Linux/x86 %s Kernel Configuration\n#\n' "$2"
		printf '%s\n' CONFIG_SECURITY=y CONFIG_SECURITY_APPARMOR=y \
			CONFIG_SECURITY_APPARMOR_COMPRESSED_POLICY=y "${@:3}"
	} >"$root/boot/config-$1"
}

# has_image RELEASE VERSION
has_image() {
	mkdir -p "$root/boot"
	gzip </dev/null | bzimage "$1" "$2" >"$root/boot/vmlinuz-$1"
}

# The sets of the bundle; of a build in the list of a set RELEASE and VERSION
sets() { sed -n 's/^set = //p' "$manifest" | paste -sd' '; }

build_of() {
	local line
	line=$(grep -m 1 '^kernel = .* x86_64$' "$features/$1.kernels")
	line=${line#kernel = }
	release=${line%% *}
	version=${line#* }
	version=${version% x86_64}
}

@test "--kernel: exact, where a set was read from that very build" {
	for set in 6.1 7.2; do
		build_of "$set"
		has_image "$release" "$version"
		run -0 for_kernel "$release" --verbose
		[[ $output == *"note: kernel $release: set $set, read from this very build; the base is 5.10"* ]]
		[ "$(sets)" = "5.10 $set" ]
		section 5.10 | grep -qx 'base = yes'
		section "$set" | grep -qx "kernel = $release $version x86_64"
		# by its path, and with nothing to say; a configuration has no say
		has_config "$release" 1.2.3
		grep -v APPARMOR "$root/boot/config-$release" >"$root/c"
		mv "$root/c" "$root/boot/config-$release"
		run -0 for_kernel "$root/boot/vmlinuz-$release" --quiet
		[ "$output" = '' ]
		[ "$(sets)" = "5.10 $set" ]
	done
}

@test "--kernel: a kernel of Debian's archive" {
	kernel=$("$top/qemu/fetch" 6.1)
	run -0 "$initward" compile --no-cache --features "$features" -o "$bundle" "$policy" --kernel "$kernel" --verbose
	# of its build, or where the archive has a newer one than was captured, of its series
	[[ $output == *'note: kernel 6.1.'*': set 6.1, '*'; the base is 5.10'* ]]
	[ "$(sets)" = '5.10 6.1' ]
}

@test "--kernel: the kernel in a unified kernel image" {
	build_of 6.1
	mkdir -p "$root/boot"
	gzip </dev/null | bzimage "$release" "$version" >"$root/linux"
	uki "$root/linux" "$policy/global" "$policy/global" >"$root/uki.efi"
	run -0 for_kernel "$root/uki.efi" --verbose
	[[ $output == *'set 6.1, read from this very build'* ]]
}

@test "--kernel: an unknown build by its series and configuration, and it is said" {
	has_config 6.12.999-test 6.12.999
	has_image 6.12.999-test '#1 SMP'
	run -0 for_kernel 6.12.999-test
	[ "${lines[0]}" = "note: kernel 6.12.999-test: set 6.12, by its series and $root/boot/config-6.12.999-test; the base is 5.10" ]
	[ "$(sets)" = '5.10 6.12' ]
	# always, and without an image too
	rm "$root/boot/vmlinuz-6.12.999-test"
	run -0 for_kernel 6.12.999-test --quiet
	[ "${#lines[@]}" = 1 ]
	[[ $output == 'note: kernel 6.12.999-test: set 6.12, by its series and '* ]]
}

@test "--kernel: where a set is not proved, the lower ones are taken along" {
	has_config 6.12.1 6.12.1
	run -0 for_kernel 6.12.1 --quiet
	[ "$output" = "note: kernel 6.12.1: sets 6.12, 6.1, by its series and $root/boot/config-6.12.1; the loader finds out which one it has, for updates of a series bring features; the base is 5.10" ]
	[ "$(sets)" = '5.10 6.1 6.12' ]
	has_config 6.12.999-2-generic 6.12.999 CONFIG_SECURITY_APPARMOR_RESTRICT_USERNS=y
	run -0 for_kernel 6.12.999-2-generic --quiet
	[[ $output == *"sets 6.12, 6.1, "*"its AppArmor is not kernel.org's (CONFIG_SECURITY_APPARMOR_RESTRICT_USERNS); the base"* ]]
	[ "$(sets)" = '5.10 6.1 6.12' ]
}

@test "--kernel: nothing but the base where nothing is proved, and it is said" {
	build_of 6.1
	has_image "$release-other" "$version"
	run -0 for_kernel "$release-other" --quiet
	[ "$output" = "note: kernel $release-other: set 5.10 only, the base: its configuration was not found; for more capture the kernel's own set with 'initward features capture'" ]
	[ "$(sets)" = 5.10 ]
	# one of another series is no configuration of it
	has_config "$release-other" 5.15.1
	run -0 for_kernel "$release-other" --quiet
	[[ $output == *'its configuration was not found'*"; the configuration $root/boot/config-$release-other is not used: it is not one of Linux $release-other" ]]
	[ "$(sets)" = 5.10 ]
	has_config 4.19.1 4.19.1
	run -0 for_kernel 4.19.1 --quiet
	[[ $output == *'set 5.10 only, the base: it is older than the kernels that sets were read from'* ]]
	# no more than modules
	mkdir -p "$root/lib/modules/7.3.9"
	run -0 for_kernel 7.3.9 --quiet
	[[ $output == 'note: kernel 7.3.9: set 5.10 only, '* ]]
}

@test "--kernel: an image is found where a release keeps it, and its words are shown as they are" {
	build_of 6.12
	mkdir -p "$root/usr/lib/modules/$release"
	ln -s usr/lib "$root/lib"
	gzip </dev/null | bzimage "$release" "$version" >"$root/usr/lib/modules/$release/vmlinuz"
	run -0 for_kernel "$release" --verbose
	[[ $output == *'set 6.12, read from this very build'* ]]
	gzip </dev/null | bzimage $'6.12.3-\e[31m' '#1 SMP' >"$root/vmlinuz"
	run -0 for_kernel "$root/vmlinuz" --quiet
	[[ $output == 'note: kernel 6.12.3-\x1b[31m: set 5.10 only, '* ]]
}

@test "--kernel: a kernel without AppArmor is refused" {
	has_config 6.12.999 6.12.999
	sed -i 's/^CONFIG_SECURITY_APPARMOR=y/# CONFIG_SECURITY_APPARMOR is not set/' "$root/boot/config-6.12.999"
	run -1 for_kernel 6.12.999
	[ "$output" = "initward compile: the kernel 6.12.999 has no AppArmor: CONFIG_SECURITY_APPARMOR=y is missing in $root/boot/config-6.12.999, so that nothing could confine what it boots; take a kernel that has it" ]
	nothing_left
}

# refused STATUS WORDS ARGUMENT...: one line that has the words, and no bundle
refused() {
	run "-$1" timeout 20 "$initward" compile --no-cache --features "$features" -o "$bundle" "$policy" "${@:3}"
	[[ ${lines[0]} == "initward compile: "*"$2"* ]]
	[ "$1" = 2 ] || [ "${#lines[@]}" = 1 ]
	nothing_left
}

@test "--kernel: what is no kernel is refused in one line" {
	mkdir -p "$root/boot"
	refused 1 "there is no kernel 9.9.9 below $root: neither boot/vmlinuz-9.9.9 nor" --root "$root" --kernel 9.9.9
	refused 1 'there is no kernel none below /: ' --kernel none
	refused 1 "cannot read the kernel $root/none: No such file" --kernel "$root/none"
	refused 1 'Is a directory' --kernel "$root/boot"
	refused 1 'it is no Linux kernel image' --kernel "$policy/global"
	: >"$root/empty"
	refused 1 'it is no Linux kernel image' --kernel "$root/empty"
	gzip </dev/null | bzimage 6.1.0 '#1' | head -c 1030 >"$root/boot/vmlinuz-6.1.0"
	refused 1 "cannot read the kernel $root/boot/vmlinuz-6.1.0: " --root "$root" --kernel 6.1.0
	truncate -s 513M "$root/huge"
	refused 1 'it is larger than 512 MiB' --kernel "$root/huge"
	# and is not read up to there
	run -1 bash -c 'ulimit -v 400000 && exec "$@"' - "$initward" compile --no-cache --features "$features" \
		-o "$bundle" "$policy" --kernel "$root/huge"
	[[ $output == *'it is larger than 512 MiB' ]]
	refused 1 'it is no regular file' --kernel /dev/zero
	mkfifo "$root/fifo"
	refused 1 'it is no regular file' --kernel "$root/fifo"
	ln -s loop "$root/loop"
	refused 1 'Too many levels of symbolic links' --kernel "$root/loop"
	ln -s vmlinuz-6.2.0 "$root/boot/vmlinuz-6.2.0"
	refused 1 'there is no kernel 6.2.0 below' --root "$root" --kernel 6.2.0
	refused 1 "cannot look into --root $root/none: No such file" --root "$root/none" --kernel 6.1.0
	refused 1 'it is no folder' --root "$root/empty" --kernel 6.1.0
	has_image 6.1.3 '#1 SMP'
	chmod 000 "$root/boot/vmlinuz-6.1.3"
	# root reads all, unless that capability is gone
	as=()
	[ "$(id -u)" -ne 0 ] || as=(setpriv --bounding-set=-dac_override,-dac_read_search)
	run -1 "${as[@]}" "$initward" compile --no-cache --features "$features" -o "$bundle" "$policy" \
		--kernel "$root/boot/vmlinuz-6.1.3"
	[ "$output" = "initward compile: cannot read the kernel $root/boot/vmlinuz-6.1.3: Permission denied" ]
}

@test "--kernel: wrong usage" {
	refused 2 '--kernel chooses the sets itself: leave out --set' --kernel 6.1.0 --set 6.1
	refused 2 '--kernel is empty' --kernel ''
	refused 2 '--root is where --kernel is looked for, which is missing' --root /
}
