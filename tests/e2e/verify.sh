#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# verify.sh - what is changed behind a store's back, or in a rebuilt folder, is told; the rest is not
. "$(dirname "$0")/common.bash"
STORE='\StateStore'

# -------- a store --------

setup() {
	local i
	mkdir -p "$WORK/mnt"
	truncate -s 64M "$WORK/base.img"
	mkntfs -F -Q -q "$WORK/base.img" > "$WORK/log2" 2>&1
	ntfs-3g -o streams_interface=windows "$WORK/base.img" "$WORK/mnt" > "$WORK/log2" 2>&1 || skip "ntfs-3g cannot mount here"
	mkdir -p "$WORK/mnt/Users/a/Documents/empty" "$WORK/mnt/Users/b"
	for i in 1 2 3 4 5 6 7 8; do
		head -c $((i * 9000)) /dev/urandom > "$WORK/mnt/Users/a/Documents/file $i.bin"
	done
	echo small > "$WORK/mnt/Users/b/small.txt"
	echo beside > "$WORK/mnt/Users/b/small.txt:zone"
	ln "$WORK/mnt/Users/a/Documents/file 1.bin" "$WORK/mnt/Users/b/same.bin"
	umount "$WORK/mnt"
	hold 0 capture --digest --store "$STORE" "$WORK/base.img"
}
try "verify: a store is captured" setup
[ -s "$WORK/base.img" ] && [ -d "$WORK/mnt" ] || done_testing

# verified STATUS [LETTER=]VOLUME: nothing is written; the JSON document is in $WORK/out, the text in $WORK/text
verified() {
	local sum
	sum=$(digest "${2#?=}")
	hold "$1" verify --store "$STORE" "$2"
	cp "$WORK/out" "$WORK/text"
	hold "$1" verify --json --store "$STORE" "$2"
	same "the volume afterwards" "$(digest "${2#?=}")" "$sum"
}

# told COUNTS: the counts that are not 0
told() {
	same told "$(jq -c '.volumes[0].counts | with_entries(select(.value > 0))' "$WORK/out")" "$1"
}

sound() {
	verified 0 "C=$WORK/base.img"
	told '{}'
	jq -e '.volumes[0] | .sound and .complete and .files == 9 and .digests == 9 and .originals == 10 and .originals_there == 10' "$WORK/out"
	grep -q 'all there' "$WORK/text"
}
try "verify: a store as captured" sound

# altered STATUS COUNTS COMMAND...: the command is run on a mounted copy
altered() {
	local status=$1 counts=$2
	shift 2
	cp --sparse=always "$WORK/base.img" "$WORK/copy.img"
	ntfs-3g -o streams_interface=windows "$WORK/copy.img" "$WORK/mnt" > "$WORK/log2" 2>&1
	(cd "$WORK/mnt" && "$@") || { umount "$WORK/mnt"; fail "$*"; }
	umount "$WORK/mnt"
	verified "$status" "$WORK/copy.img"
	told "$counts"
}
# a folder of the store in which something changes has other times afterwards: "attributes"
files='StateStore/USMT/File/C$/Users'
try "verify: the originals are gone" altered 0 '{}' rm -r Users
try "verify: a file that its owner wrote to" altered 0 '{"changed":1}' sh -c 'echo more >> "Users/a/Documents/file 2.bin"'
# the times are told before the contents are read
try "verify: a file that its owner wrote to in place" altered 0 '{"changed":1,"attributes":1}' \
	sh -c 'printf edited | dd of="Users/a/Documents/file 2.bin" bs=1 seek=500 conv=notrunc status=none'
try "verify: a file written in place with a time of old" altered 1 '{"damaged":1}' \
	sh -c 'f="Users/a/Documents/file 2.bin"; touch -r "$f" ref; printf edited | dd of="$f" bs=1 seek=500 conv=notrunc status=none; touch -r ref "$f"; rm ref'
try "verify: a stream that its owner added" altered 0 '{"changed":1}' sh -c 'echo more > "Users/b/small.txt:new"; touch Users/b/small.txt'
try "verify: a file replaced by its owner: the store keeps the older one" altered 0 '{}' \
	sh -c 'echo new > Users/b/new && mv Users/b/new "Users/a/Documents/file 3.bin"'
try "verify: a time of old with another size" altered 1 '{"damaged":1}' \
	sh -c 'cp -p Users/b/small.txt /tmp/holdfast-time.$$; echo more >> Users/b/small.txt; touch -r /tmp/holdfast-time.$$ Users/b/small.txt; rm /tmp/holdfast-time.$$'
try "verify: attributes" altered 0 '{"attributes":1}' setfattr -h -v 0x03000000 -n system.ntfs_attrib Users/b/small.txt
try "verify: times" altered 0 '{"attributes":1}' touch -d 2001-01-01 Users/b/small.txt
try "verify: a name in the store is gone" altered 1 '{"missing":1,"attributes":1}' rm "$files/a/Documents/file 4.bin"
try "verify: one of two names is gone" altered 1 '{"name":1,"attributes":1}' rm "$files/b/same.bin"
try "verify: a name in the store leads to another file" altered 1 '{"missing":1,"attributes":1,"unknown":1}' \
	sh -c "rm '$files/b/small.txt' && echo other > '$files/b/small.txt'"
try "verify: the file is gone from everywhere" altered 1 '{"missing":1,"attributes":1}' rm "$files/a/Documents/file 5.bin" "Users/a/Documents/file 5.bin"
try "verify: a folder is gone" altered 1 '{"missing":1,"attributes":1}' rmdir "$files/a/Documents/empty"
try "verify: all of the mirror is gone" altered 1 '{"missing":14}' rm -r StateStore/USMT/File
try "verify: a file that nobody captured" altered 0 '{"attributes":1,"unknown":1}' sh -c "echo x > '$files/b/x'"

# -------- damage --------

damaged_content() {
	local record cluster
	cp --sparse=always "$WORK/base.img" "$WORK/copy.img"
	record=$(fls -f ntfs -r -p "$WORK/copy.img" | sed -n 's|^r/r \([0-9]*\)-.*Users/a/Documents/file 6.bin$|\1|p' | head -n 1)
	cluster=$(istat -f ntfs "$WORK/copy.img" "$record" | awk '/^Type: \$DATA .*Non-Resident/ { on = 1; next } on && NF { print $2; exit }')
	printf 'overwritten' | dd of="$WORK/copy.img" bs=1 seek=$((cluster * 4096)) conv=notrunc status=none
	verified 1 "$WORK/copy.img"
	told '{"damaged":1}'
	jq -e '.volumes[0].problems[0] | .path == "\\Users\\a\\Documents\\file 6.bin" and (.text | test("digest"))' "$WORK/out"
}
try "verify: content that was overwritten" damaged_content

# blocks: where the blocks of both copies of the catalogue lie
blocks() {
	grep -abo HOLDFCAT "$WORK/copy.img" | cut -d: -f1
}

catalogue() {
	local first second
	cp --sparse=always "$WORK/base.img" "$WORK/copy.img"
	blocks > "$WORK/blocks"
	first=$(head -n 1 "$WORK/blocks")
	second=$(sed -n "$(($(wc -l < "$WORK/blocks") / 2 + 1))p" "$WORK/blocks")
	printf 'x' | dd of="$WORK/copy.img" bs=1 seek=$((first + 200)) conv=notrunc status=none
	verified 0 "$WORK/copy.img"
	same "blocks of one copy" "$(jq -c '.volumes[0] | [.blocks_damaged, .blocks_lost]' "$WORK/out")" "[1,0]"
	printf 'x' | dd of="$WORK/copy.img" bs=1 seek=$((second + 200)) conv=notrunc status=none
	hold 1,3 verify --store "$STORE" "$WORK/copy.img"
	while read -r at; do
		printf 'x' | dd of="$WORK/copy.img" bs=1 seek=$((at + 200)) conv=notrunc status=none
		printf '\007' | dd of="$WORK/copy.img" bs=1 seek="$at" conv=notrunc status=none
	done < "$WORK/blocks"
	hold 3 verify --store "$STORE" "$WORK/copy.img"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
}
try "verify: a damaged catalogue" catalogue

refused() {
	fixture store-live-users-wiped
	hold 3 verify --store '\_SMSTaskSequence\UserState' "$IMAGE"
	grep -q 'has no catalogue' "$WORK/err"
	hold 3 verify --store '\Elsewhere' "$IMAGE"
	grep -q 'holds no store' "$WORK/err"
	unchanged
	hold 2 verify --store '\' "$WORK/base.img"
	hold 2 verify --store "$STORE"
	hold 2 verify
	hold 2 verify a b
	hold 3 verify "$WORK/nothing"
}
try "verify: what cannot be verified" refused

# -------- a rebuilt folder --------

rebuilt() {
	fixture store-deleted-users-live
	hold 0,1 rebuild --store 1 --to "$WORK/rebuilt" "$IMAGE"
	listing "$WORK/rebuilt" > "$WORK/before"
	hold 0 verify --json "$WORK/rebuilt"
	jq -e '.sound and .files > 400 and .names > .files and .streams > 5 and .folders > 50 and .problems == []' "$WORK/out"
	hold 0 verify "$WORK/rebuilt"
	grep -q 'all there' "$WORK/out"
	listing "$WORK/rebuilt" | cmp - "$WORK/before"
}
try "verify: a rebuilt folder" rebuilt

# tampered STATUS COUNTS COMMAND...: in a copy
tampered() {
	local status=$1 counts=$2
	shift 2
	rm -rf "$WORK/tampered"
	cp -a "$WORK/rebuilt" "$WORK/tampered"
	(cd "$WORK/tampered" && "$@")
	hold "$status" verify "$WORK/tampered"
	hold "$status" verify --json "$WORK/tampered"
	same told "$(jq -c '.counts | with_entries(select(.value > 0))' "$WORK/out")" "$counts"
}
# a file with one name and content, and one with two names
ONE=$(plain "$WORK/rebuilt/manifest.jsonl" | jq -r 'select((.paths | length) == 1 and .size > 1000 and .grade == "intact") | .paths[0]' | head -n 1)
TWO=$(plain "$WORK/rebuilt/manifest.jsonl" | jq -r 'select((.paths | length) == 2 and .size > 1000 and .grade == "intact") | .paths[1]' | head -n 1)
try "verify: a byte is another" tampered 1 '{"damaged":1}' sh -c 'printf "\377\376" | dd of="$0" bs=1 seek=500 conv=notrunc status=none' "$ONE"
try "verify: a file is longer" tampered 1 '{"damaged":1}' sh -c 'echo >> "$0"' "$ONE"
try "verify: a file is gone" tampered 1 '{"missing":1}' rm "$ONE"
try "verify: a link instead of a file" tampered 1 '{"missing":1}' sh -c 'mv "$0" "$0.real" && ln -s "$0.real" "$0" && mv "$0.real" ..' "$ONE"
try "verify: a copy instead of a link" tampered 1 '{"unlinked":1}' sh -c 'cp -p "$0" copy && mv -f copy "$0"' "$TWO"
try "verify: a stream is gone" tampered 1 '{"missing":1}' sh -c 'rm "$(find streams -type f | head -n 1)"'
try "verify: a file more" tampered 0 '{"extra":2}' sh -c 'echo x > "USMT/File/x"; echo y > y'
try "verify: an empty folder is gone" tampered 1 '{"missing":1}' sh -c 'rmdir "$(find USMT -type d -empty | head -n 1)"'
try "verify: a line of the manifest is damaged" tampered 1 '{"line":1,"extra":1}' sh -c 'grep -nF "\"paths\": [\"$0\"]" manifest.jsonl | cut -d: -f1 | xargs -I% sed -i "%s/\"grade\": \"[a-z]*\"/\"grade\": 7/" manifest.jsonl' "$ONE"
try "verify: lines of the sidecar are gone" tampered 1 '{"sidecar":2}' sh -c 'grep -n "\"kind\": \"file\"" sidecar.jsonl | head -n 2 | tail -n 1 | cut -d: -f1 | xargs -I% sed -i "%,+1d" sidecar.jsonl'
try "verify: a path that leads out" tampered 1 '{"line":1,"extra":1}' sh -c 'sed -i "s|\"paths\": \[\"$0\"\]|\"paths\": [\"../../$0\"]|" manifest.jsonl' "$ONE"

cut_off() {
	rm -rf "$WORK/tampered"
	cp -a "$WORK/rebuilt" "$WORK/tampered"
	mv "$WORK/tampered/manifest.jsonl" "$WORK/tampered/manifest.jsonl.part"
	hold 3 verify "$WORK/tampered"
	grep -q 'was cut off' "$WORK/err"
	rm "$WORK/tampered/manifest.jsonl.part"
	hold 3 verify "$WORK/tampered"
	grep -q 'holds no manifest' "$WORK/err"
}
try "verify: no manifest" cut_off

beside() {
	fixture all-deleted-store-last
	hold 0,1 rescue --beside --to "$WORK/rescued" "$IMAGE"
	for folder in "$WORK"/rescued/store-* "$WORK/rescued/beside"; do
		[ ! -d "$folder" ] || hold 0 verify "$folder"
	done
	fixture hostile-names
	hold 0,1 rescue --to "$WORK/hostile" "$IMAGE"
	hold 0 verify "$WORK/hostile/store-1"
}
try "verify: what rescue leaves" beside
done_testing
