#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# refresh.sh - round trips: a whole refresh, and a refresh that was wrecked, rescued and restored
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"

# -------- a refresh that goes well --------

users() {
	mkdir -p Users/{Alice,bjørn}/{Documents,"My Pictures"/deep/er} Windows/System32 'Program Files/App'
	for i in $(seq 60); do
		head -c $((i * 700)) /dev/urandom > "Users/Alice/Documents/letter $i.doc"
		head -c $((i * 90)) /dev/urandom > "Users/bjørn/My Pictures/deep/er/i$i.png"
		head -c 5000 /dev/urandom > "Windows/System32/lib$i.dll"
	done
	ln 'Users/Alice/Documents/letter 1.doc' 'Users/bjørn/Documents/shared.doc'
	echo 'a stream' > 'Users/Alice/Documents/letter 2.doc:notes'
	setfattr -n system.ntfs_attrib_be -v 0x00000021 'Users/Alice/Documents/letter 3.doc' # read-only
	touch -d '2019-02-03 04:05:06.789' Users/Alice/Documents
}

new_system() {
	mkdir -p Users/Public/Desktop Windows/System32
	for i in $(seq 40); do head -c 9000 /dev/urandom > "Windows/System32/new$i.dll"; done
	echo new > Users/Public/Desktop/desktop.ini
}

# state OUT: names, kinds, links, times, attributes, permissions, contents and streams below \Users
state() {
	{
		listing Users
		find Users ! -path 'Users/Public*' ! -path Users -print0 | sort -z | while IFS= read -r -d '' at; do
			for key in system.ntfs_attrib_be system.ntfs_acl system.ntfs_times_be; do
				getfattr -h -n "$key" -e hex "$at" 2> "$WORK/log2" || true
			done
		done
		cat 'Users/Alice/Documents/letter 2.doc:notes'
	} | grep -v 'Public\|^d.* \.$' > "$1"
}

# The change times (the fourth of ntfs_times_be) and link counts may differ, nothing else.
settled() {
	sed -E 's/^(system.ntfs_times_be=0x.{48}).*/\1/; s/^([fd]) [0-9]+ ([0-9]+) /\1 \2 /' "$1"
}

refresh() {
	local image=$WORK/c.img
	format "$image" 64M
	mounted "$image" users
	watched "$image" state "$WORK/before"
	hold 0 capture --store '\StateStore' --digest "$image"
	consistent "$image"
	hold 0 verify --store '\StateStore' "$image"
	hold 0 wipe --keep '\StateStore' "$image"
	consistent "$image"
	hold 0 verify --store '\StateStore' "$image"
	mounted "$image" new_system
	hold 0 restore --store '\StateStore' "$image"
	consistent "$image"
	watched "$image" state "$WORK/after"
	cmp -s <(settled "$WORK/before") <(settled "$WORK/after") ||
		fail "not as before: $(diff <(settled "$WORK/before") <(settled "$WORK/after") | head -n 3)"
	hold 0 release --store '\StateStore' "$image"
	consistent "$image"
	watched "$image" state "$WORK/released"
	cmp -s <(settled "$WORK/before") <(settled "$WORK/released") || fail "not as before, released"
	watched "$image" test ! -e StateStore
}
try "refresh: capture, wipe, a new system, restore, release" refresh

# -------- a refresh that was wrecked --------

# trusted FOLDER: "sha256  path" of each intact file of the stores that no other file claims the place of
trusted() {
	cat "$1"/store-*/manifest.jsonl | plain | jq -rs '
		map(select(.names[0] != null)) | group_by(.names[0] | ascii_downcase)[] | select(length == 1)[0] |
		select(.grade == "intact" and .sha256 != null) | .sha256 as $sum | .names[] |
		select(test("^[A-Z][$]/[ -~]+$") and (test("[\\\\%:*?\"<>|^]") | not)) | "\($sum)  \(.[3:])"' | sort -u
}

contents() {
	sha256sum --quiet -c "$WORK/wanted" > "$WORK/differ" 2>&1 || fail "not restored: $(head -n 2 "$WORK/differ")"
}

# Some names are two files' (in two stores, of two drives): those are numbered, and not looked at here
wrecked() {
	local store image=$WORK/new.img
	fixture "$1"
	set -- "$IMAGE"
	rm -rf "$WORK/rescued"
	hold 0,1 rescue --to "$WORK/rescued" ${MAP:+--map "$MAP"} "$IMAGE"
	unchanged
	format "$image" 256M
	for store in "$WORK"/rescued/store-*/; do
		hold 0,1 verify "$store"
		hold 0,1 restore --from "$store" "$image"
		consistent "$image"
	done
	trusted "$WORK/rescued" | sort -k2 | awk '{ at = $0; sub(/^[^ ]+  /, "", at) } seen[tolower(at)]++ == 0 { line[tolower(at)] = $0 }
		END { for (i in seen) if (seen[i] == 1) print line[i] }' > "$WORK/wanted"
	[ "$(wc -l < "$WORK/wanted")" -ge 10 ] || fail "only $(wc -l < "$WORK/wanted") files to be looked at"
	watched "$image" contents
}

for scenario in $("$WRECK" --list | cut -f1); do
	case $scenario in
	# one of two images, and names that a mount cannot show
	two-volumes-one-store | hostile-names) continue ;;
	esac
	try "refresh: wrecked, rescued, restored: $scenario" wrecked "$scenario"
done
done_testing
