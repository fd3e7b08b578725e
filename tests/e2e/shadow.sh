#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# shadow.sh - shadow copies: listed, scanned, rescued from, reopened, and damaged
. "$(dirname "$0")/common.bash"
SIZE=80000000

# A disk whose store is deleted and half overwritten, with a shadow copy of the time when it lived
setup() {
	fixture store-live-users-wiped --files 60 --size $SIZE
	cp --sparse=always "$IMAGE" "$WORK/then.img"
	fixture all-deleted-new-system-60 --files 60 --size $SIZE
	cp --sparse=always "$IMAGE" "$WORK/disk.img"
	"$WRECK" shadow "$WORK/disk.img" "$WORK/then.img" 0
	digest "$WORK/disk.img" > "$WORK/sum"
}
try "shadow: a disk with a shadow copy" setup

# The witness, a program of others, shows what the copy was made of
witness() {
	command -v vshadowmount > "$WORK/log2" || skip "no vshadowmount"
	[ -e /dev/fuse ] || skip "no FUSE"
	mkdir -p "$WORK/witness"
	vshadowmount "$WORK/disk.img" "$WORK/witness" > "$WORK/log2" 2>&1 || skip "vshadowmount does not mount here"
	cmp "$WORK/witness/vss1" "$WORK/then.img" || fail "vshadowmount shows something else"
	umount "$WORK/witness"
}
try "shadow: vshadowmount sees the same volume" witness

listed() {
	hold 1 scan "$WORK/disk.img"
	grep -q '^Earlier .*shadow copy 1 of volume 1, of 2013-12-05 10:02:00 UTC; not looked into' "$WORK/out"
	hold 1 scan --json "$WORK/disk.img"
	same volumes "$(jq '.volumes | length' "$WORK/out")" 1
	same "the layer" "$(jq -c '.layers | map([.kind, .state, .number, .of_volume])' "$WORK/out")" '[["shadow","listed",1,1]]'
}
try "shadow: a scan lists them" listed

scanned() {
	hold 1 scan --shadows --json --case "$WORK/case" "$WORK/disk.img"
	same volumes "$(jq '.volumes | length' "$WORK/out")" 2
	same "the layer" "$(jq -c '.layers[0] | [.state, .volume, .of_volume, .created]' "$WORK/out")" \
		'["entered",2,1,"2013-12-05 10:02:00 UTC"]'
	same "stores that are a volume's" "$(jq '[.stores[] | select(.same_as | not) | select(.volume == 2)] | length' "$WORK/out")" 0
	same "the store, as it was" "$(jq -c '[.stores[] | select(.volume == 2) | [.same_as, .state, .grades.intact == .files]]' "$WORK/out")" \
		'[[1,"live",true]]'
	same "volumes that were formatted" "$(jq '[.events[] | select(.kind == "volume_formatted")] | length' "$WORK/out")" 1
	# it counts as the copy's own when only that is looked at, and then nothing is damaged
	hold 0 scan --json "$WORK/disk.img@shadow1"
	same "formatted, without the volume" "$(jq '[.events[] | select(.kind == "volume_formatted")] | length' "$WORK/out")" 1
	same "without the volume" "$(jq -c '[.stores[] | [.same_as, .state]]' "$WORK/out")" '[[null,"live"]]'
}
try "shadow: scanned, the same store is not told as another" scanned

# contents FOLDER: what a rebuilt store holds
contents() {
	(cd "$1" && find USMT -type f -print0 | sort -z | xargs -0 -r sha256sum -z | sha256sum)
}

rescued() {
	hold 0,1 rescue --to "$WORK/of-then" "$WORK/then.img"
	hold 1 rescue --beside --to "$WORK/rescued" "$WORK/disk.img"
	store=$(jq -r '.stores[] | select(.same_as == 1) | .id' <("$HOLDFAST" report --json "$WORK/rescued/case.holdfast"))
	same "the store out of the copy" "$(contents "$WORK/rescued/store-$store")" "$(contents "$WORK/of-then/store-1")"
	grep -q "in shadow copy 1 of volume 1, of 2013-12-05 10:02:00 UTC; the same as store 1" "$WORK/rescued/report.txt"
	same "the evidence afterwards" "$(digest "$WORK/disk.img")" "$(cat "$WORK/sum")"
	hold 1 rescue --no-shadows --to "$WORK/without" "$WORK/disk.img"
	[ ! -e "$WORK/without/store-$store" ] || fail "--no-shadows rebuilds out of a copy"
}
try "shadow: rescue rebuilds what the volume has lost" rescued

# What is whole on the volume is not rebuilt a second time
whole() {
	cp --sparse=always "$WORK/then.img" "$WORK/whole.img"
	"$WRECK" shadow "$WORK/whole.img" "$WORK/then.img" 0
	hold 0,1 rescue --to "$WORK/once" "$WORK/whole.img"
	same "folders" "$(cd "$WORK/once" && echo store-*)" store-1
	rm "$WORK/whole.img"
}
try "shadow: a store that is whole is rebuilt once" whole

# A user's file that is live in the copy and gone from the volume
beside() {
	fixture store-deleted-users-live --files 60 --size $SIZE
	cp --sparse=always "$WORK/then.img" "$WORK/later.img"
	"$WRECK" shadow "$WORK/later.img" "$IMAGE" 0
	hold 0,1 rescue --beside --to "$WORK/users" "$WORK/later.img"
	[ -d "$WORK/users/beside" ] || fail "nothing beside"
	same "volumes they come from" "$(jq -s '[.[] | select(.grade == "intact") | .volume] | unique | contains([2])' <(plain "$WORK/users/beside/manifest.jsonl"))" true
	hold 0,1 rescue --beside --no-shadows --to "$WORK/users-without" "$WORK/later.img"
	[ "$(jq -s '[.[] | select(.grade == "intact")] | length' <(plain "$WORK/users/beside/manifest.jsonl"))" -gt \
		"$(jq -s '[.[] | select(.grade == "intact")] | length' <(plain "$WORK/users-without/beside/manifest.jsonl"))" ] ||
		fail "no more files than without the copy"
}
try "shadow: user data that only the copy still has" beside

# lives MANIFEST: the lives of records that it has more than a name of
lives() {
	plain "$1" | jq -r 'select(.grade != "lost") | "\(.record)-\(.sequence)"' | sort
}

# Deleted files without a folder, whose records the volume has used again since the copy was made
orphans() {
	local truth store then
	fixture directory-records-reused --files 60 --size $SIZE
	truth=$TRUTH
	then=$IMAGE
	cp --sparse=always "$then" "$WORK/same.img"
	"$WRECK" shadow "$WORK/same.img" "$then" 0
	fixture all-deleted-new-system-60 --files 60 --size $SIZE
	cp --sparse=always "$IMAGE" "$WORK/reused.img"
	"$WRECK" shadow "$WORK/reused.img" "$then" 0
	hold 1 rescue --to "$WORK/orphans" "$WORK/reused.img"
	"$HOLDFAST" report --json "$WORK/orphans/case.holdfast" > "$WORK/report" || [ $? = 1 ]
	store=$(jq '.stores[] | select(.orphans and .volume == 2) | .id' "$WORK/report")
	same "what they are the same as" "$(jq ".stores[] | select(.id == $store) | .same_as" "$WORK/report")" null
	"$ROOT/tests/judge.sh" "$truth" "$WORK/orphans/store-$store/manifest.jsonl" > "$WORK/verdict"
	same "wrong content graded intact" "$(jq .wrong_intact "$WORK/verdict")" 0
	[ "$(jq .content "$WORK/verdict")" -ge 100 ] || fail "of 201 files too few are back: $(jq .content "$WORK/verdict")"
	same "intact, though the copy need not have kept their clusters" \
		"$(plain "$WORK/orphans/store-$store/manifest.jsonl" | jq 'select(.grade == "intact" and .size > 1024) | .record' | wc -l)" 0
	same "had from the volume as well" "$(comm -12 <(lives "$WORK/orphans/store-$store/manifest.jsonl") \
		<(for i in $(jq '.stores[] | select(.volume == 1) | .id' "$WORK/report"); do lives "$WORK/orphans/store-$i/manifest.jsonl"; done | sort) | wc -l)" 0
	# what the volume still shows is not told again
	hold 0,1 scan --shadows --json "$WORK/same.img"
	same "orphans of a copy of the same" "$(jq '[.stores[] | select(.volume == 2)] | length' "$WORK/out")" 0
	rm "$WORK/same.img" "$WORK/reused.img"
}
try "shadow: deleted files whose records the volume has used again" orphans

reopened() {
	store=$(jq -r '.stores[] | select(.same_as == 1) | .id' <("$HOLDFAST" report --json "$WORK/case"))
	hold 0 rebuild --store "$store" --to "$WORK/rebuilt" "$WORK/case"
	same "out of the casebook" "$(contents "$WORK/rebuilt")" "$(contents "$WORK/of-then/store-1")"
}
try "shadow: a casebook reopens them" reopened

named() {
	hold 3 scan "$WORK/disk.img@shadow2"
	grep -q 'has no shadow copy 2' "$WORK/err"
	hold 2 scan "$WORK/disk.img@shadow"
	hold 0,1 check -q "$WORK/disk.img@+0@shadow1"
	# nothing writes to one
	hold 3 capture --store '\S' --tree '\Users' C="$WORK/disk.img@shadow1"
	grep -q 'is a shadow copy, which is never written' "$WORK/err"
	cp --sparse=always "$WORK/disk.img" "$WORK/onto.img"
	hold 3 rebuild --store 1 --to "$WORK/onto.img@shadow1:\\x" "$WORK/case"
	grep -q 'is a shadow copy, which is never written' "$WORK/err"
	cmp "$WORK/onto.img" "$WORK/disk.img"
	rm "$WORK/onto.img"
	same "the evidence afterwards" "$(digest "$WORK/disk.img")" "$(cat "$WORK/sum")"
}
try "shadow: named in a source, and never written to" named

# A copy may lie in what ddrescue could not read: then nothing in it is called intact that was not read
holes() {
	local place
	place=$(od -A n -t u8 -j $((0x1e30)) -N 8 "$WORK/disk.img")
	printf '0x0 ? 1\n0x0 0x%x +\n0x%x 0x%x -\n0x%x 0x%x +\n' $((place + 65536 * 4)) $((place + 65536 * 4)) 8388608 \
		$((place + 65536 * 4 + 8388608)) $((SIZE - place)) > "$WORK/map"
	hold 1 scan --json --map "$WORK/map" "$WORK/disk.img@shadow1" || true
	same "intact, with clusters of their own" "$(jq '[.stores[] | .grades.intact < .files] | all' "$WORK/out")" true
}
try "shadow: a map's holes hold within" holes

# Damage in the copy's structures: an answer in good time, whatever it is
damaged() {
	local place at end=0
	place=$(od -A n -t u8 -j $((0x1e30)) -N 8 "$WORK/disk.img")
	for at in 0 $((0x1e10)) $((0x1e30)) $((place)) $((place + 24)) $((place + 40)) $((place + 128)) $((place + 256 + 8)) \
		$((place + 256 + 32)) $((place + 256 + 48)) $((place + 16384 + 48)) $((place + 65536)) $((place + 65536 + 40)) \
		$((place + 65536 + 128)) $((place + 65536 + 144)); do
		cp --sparse=always "$WORK/disk.img" "$WORK/damaged.img"
		printf '\xff\xff\xff\x7f\x01\x02\x03\x04' | dd of="$WORK/damaged.img" bs=1 seek=$at conv=notrunc status=none
		run 0,1,3 timeout 100 "$HOLDFAST" scan -q --shadows "$WORK/damaged.img"
	done
	# a chain that runs in a circle, and one that leads to itself
	for at in $((place + 40)) $((place + 65536 + 40)); do
		cp --sparse=always "$WORK/disk.img" "$WORK/damaged.img"
		dd if="$WORK/disk.img" of="$WORK/damaged.img" bs=1 skip=$((at - 8)) seek=$at count=8 conv=notrunc status=none
		run 0,1,3 timeout 200 "$HOLDFAST" scan -q --shadows "$WORK/damaged.img"
	done
}
try "shadow: damaged structures" damaged

# A volume of Windows: its one copy, and a disk whose copies lie on another volume
SAMPLES=${HOLDFAST_SAMPLES:-$ROOT/../shared/samples}/ntfs/dfir_ntfs
windows() {
	[ -e "$SAMPLES/vss_2_stor.tar.gz" ] || skip "no $SAMPLES/vss_2_stor.tar.gz"
	tar xzOf "$SAMPLES/vss_2_stor.tar.gz" | dd of="$WORK/windows.img" bs=64k conv=sparse status=none
	hold 0 scan --shadows --all --case "$WORK/windows.case" --json "$WORK/windows.img"
	same "the copy" "$(jq -c '.layers | map([.state, .number, .created])' "$WORK/out")" '[["entered",1,"2021-03-10 22:44:00 UTC"]]'
	offset=$(jq '.layers[0].offset_bytes' "$WORK/out")
	mkdir -p "$WORK/witness"
	command -v vshadowmount > "$WORK/log2" && [ -e /dev/fuse ] &&
		vshadowmount -o "$offset" "$WORK/windows.img" "$WORK/witness" > "$WORK/log2" 2>&1 || skip "no vshadowmount"
	# the same live names as sleuthkit finds in what libvshadow shows
	fls -rp "$WORK/witness/vss1" | awk '!/\*/ && !/^V/ && !/^.\/. [0-9]*-[0-9]*-[0-9]*:\t.*:\$/' | sed 's/^[^\t]*\t//' |
		grep -v ':' | sort -u > "$WORK/names.fls"
	umount "$WORK/witness"
	sqlite3 "$WORK/windows.case" "SELECT substr(n.path, 2) FROM name n JOIN file f ON f.id=n.file WHERE f.volume=2 AND f.live AND n.live AND NOT n.dos AND n.path<>'\\'" |
		tr '\\' / | grep -vxE '\.|\$Extend/\$(ObjId|Quota|Reparse|UsnJrnl)' | sort -u > "$WORK/names"
	missing=$(comm -23 "$WORK/names.fls" "$WORK/names" | grep -vE '^\$' | head -n 3)
	[ -z "$missing" ] || fail "names that sleuthkit has: $missing"
	rm "$WORK/windows.img"
}
try "shadow: a volume of Windows" windows

elsewhere() {
	[ -e "$SAMPLES/vss_1_vol.tar.gz" ] || skip "no $SAMPLES/vss_1_vol.tar.gz"
	tar xzOf "$SAMPLES/vss_1_vol.tar.gz" | dd of="$WORK/windows.img" bs=64k conv=sparse status=none
	hold 0 scan "$WORK/windows.img"
	same "copies that lie elsewhere" "$(grep -c 'its blocks lie on another volume' "$WORK/out")" 2
	rm "$WORK/windows.img"
}
try "shadow: copies that lie on another volume are told" elsewhere

done_testing
