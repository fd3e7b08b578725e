#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# install.sh - the manual, make install and uninstall, the Debian package
. "$(dirname "$0")/common.bash"
PATH=$PATH:/usr/sbin:/sbin
unset MAKEFLAGS MFLAGS MAKELEVEL
[ "$BUILD" = build ] || {
	echo "skipped install: what is installed is the same for all flavours"
	exit 0
}
[ -x "$ROOT/build/holdfast" ] && [ -x "$ROOT/build/holdfast-image" ] || {
	echo "skipped install: build/holdfast is not built"
	exit 0
}
COMMANDS=$("$ROOT/build/holdfast" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p')

# -------- the manual --------

lint() {
	local page
	run 0 "$ROOT/man/pages.sh" "$ROOT/build/holdfast" "$WORK/man"
	for page in "$WORK"/man/*.1; do
		run 0 mandoc -T lint -W warning "$page"
		[ ! -s "$WORK/out" ] || fail "$(head -n 1 "$WORK/out")"
		MANROFFSEQ='' MANWIDTH=80 run 0 man --warnings -E UTF-8 -l -Tutf8 -Z "$page"
		[ ! -s "$WORK/err" ] || fail "${page##*/}: $(head -n 1 "$WORK/err")"
	done
}
try "manual: no warning of mandoc's or of groff's" lint

pages() {
	local command option
	[ "$(echo "$COMMANDS" | wc -l)" -ge 19 ]
	same "pages" "$(cd "$WORK/man" && echo *)" "$(echo holdfast-$(echo "$COMMANDS" | sort | sed 's/$/.1/' | paste -sd ' ' | sed 's/ / holdfast-/g') holdfast.1)"
	for command in $COMMANDS; do
		MANWIDTH=200 man -E UTF-8 -l "$WORK/man/holdfast-$command.1" 2> "$WORK/err" | col -bx > "$WORK/page"
		for section in NAME SYNOPSIS DESCRIPTION OPTIONS 'EXIT STATUS' 'SEE ALSO'; do
			grep -qx "$section" "$WORK/page" || [ "$command:$section" = "users:EXIT STATUS" ] || fail "$command has no $section"
		done
		for option in $("$ROOT/build/holdfast" "$command" --help | grep -oE '^ +(-[a-z], |/\?, )?--[a-z-]+' | grep -oE -- '--.*'); do
			grep -qE -- "^ {7}(-[a-z], |/\\?, )?$option( |$)" "$WORK/page" || fail "the page of $command does not have $option"
		done
		grep -q "^       holdfast-$command - " "$WORK/page" || fail "no name of $command: $(sed -n 3,5p "$WORK/page")"
	done
}
try "manual: a page a command, with all of its options" pages

# -------- install --------

# tree FOLDER: what is in it, with rights and contents
tree() {
	(cd "$1" && find . -printf '%M %P %l\n' | sort && find . -type f -print0 | sort -z | xargs -0 -r sha256sum)
}

installed() {
	mkdir -p "$WORK/root/usr/share/man/man1" "$WORK/root/usr/bin" "$WORK/root/usr/libexec" "$WORK/root/usr/share/bash-completion/completions"
	echo other > "$WORK/root/usr/share/man/man1/other.1"
	tree "$WORK/root" > "$WORK/before"
	run 0 make -s -C "$ROOT" install DESTDIR="$WORK/root" PREFIX=/usr
	[ ! -s "$WORK/err" ] || fail "$(head -n 1 "$WORK/err")"
	same "version" "$("$WORK/root/usr/bin/holdfast" --version)" "$("$ROOT/build/holdfast" --version)"
	same "pages" "$(ls "$WORK/root/usr/share/man/man1" | grep -c '^holdfast')" "$(($(echo "$COMMANDS" | wc -l) + 1))"
	jq -e '."$schema"' "$WORK/root/usr/share/holdfast/report.schema.json"
	bash -n "$WORK/root/usr/share/bash-completion/completions/holdfast"
	# the image reader is found where it lies
	fixture store-live-users-wiped
	run 0 qemu-img convert -O vmdk "$IMAGE" "$WORK/disk.vmdk"
	run 0,1 "$WORK/root/usr/bin/holdfast" scan -q --json "$WORK/disk.vmdk"
	jq -e '.stores[0].files > 300' "$WORK/out"
}
try "install: runs from where it is put" installed

uninstalled() {
	run 0 make -s -C "$ROOT" uninstall DESTDIR="$WORK/root" PREFIX=/usr
	tree "$WORK/root" | diff - "$WORK/before" > "$WORK/diff" || fail "$(cat "$WORK/diff")"
	# and once more: nothing is there, nothing is complained of
	run 0 make -s -C "$ROOT" uninstall DESTDIR="$WORK/root" PREFIX=/usr
	[ ! -s "$WORK/err" ] || fail "$(cat "$WORK/err")"
}
try "uninstall: all that install put there is gone, and nothing else" uninstalled

# -------- the package --------

# in_root DPKG OPTION...: on a system of its own, that has none of the packages it needs
in_root() {
	run 0 dpkg --root="$WORK/debian" --force-depends --force-script-chrootless --log="$WORK/dpkg.log" "$@"
}

package() {
	local deb needs
	run 0 make -s -C "$ROOT" deb
	deb=$(echo "$ROOT"/build/holdfast_*_"$(dpkg --print-architecture)".deb)
	cp "$deb" "$WORK/first.deb"
	mkdir -p "$WORK/debian/var/lib/dpkg/info" "$WORK/debian/var/lib/dpkg/updates" "$WORK/debian/etc"
	touch "$WORK/debian/var/lib/dpkg/status" "$WORK/debian/var/lib/dpkg/available"
	in_root -i "$deb"
	same "state" "$(dpkg-query --admindir="$WORK/debian/var/lib/dpkg" -W -f '${db:Status-Abbrev}' holdfast)" 'ii '
	same "files" "$(dpkg-deb -c "$deb" | grep -vc '^d')" "$(find "$WORK/debian/usr" -type f | wc -l)"
	(cd "$WORK/debian" && md5sum --quiet -c var/lib/dpkg/info/holdfast.md5sums)
	same "version" "$("$WORK/debian/usr/bin/holdfast" --version)" "$("$ROOT/build/holdfast" --version)"
	run 0,1 "$WORK/debian/usr/bin/holdfast" scan -q --json "$WORK/disk.vmdk"
	jq -e '.stores[0].files > 300' "$WORK/out"
	run 0 man -l "$WORK/debian/usr/share/man/man1/holdfast-report.1.gz"
	# all that it needs is what Debian has, and it is here
	needs=$(dpkg-deb -f "$deb" Depends | tr ',' '\n' | sed 's/^ *//; s/ .*//')
	[ "$(echo "$needs" | wc -l)" -ge 15 ]
	dpkg-query -W -f '${db:Status-Abbrev}\n' $needs | grep -qv '^ii' && fail "not everything is here: $needs"
	in_root -r holdfast
	same "left when it is removed" "$(find "$WORK/debian" -path "$WORK/debian/var" -prune -o -type f -print)" ''
	[ ! -e "$WORK/debian/usr" ] || fail "folders stay: $(find "$WORK/debian/usr")"
	in_root -P holdfast
}
try "deb: installs, runs, and is removed without a trace" package

again() {
	run 0 make -s -C "$ROOT" deb
	cmp "$WORK/first.deb" "$ROOT"/build/holdfast_*_"$(dpkg --print-architecture)".deb
}
try "deb: built again, it is the same" again

done_testing
