#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# carve_within.sh - every sector of what is decrypted: a BitLocker volume gives what the same volume in the clear gives
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"
. "$(dirname "$0")/sweep.bash"
RECOVERY=000011-111111-222222-333333-444444-555555-666666-720885
START=1048576 # of the volume on its disk

# disk NAME VOLUME: NAME.plain, a disk with a copy of VOLUME behind its table, and NAME.img, the same encrypted
disk() {
	local plain=$WORK/$1.plain
	truncate -s $(($(stat -c %s "$2") + 2 * START)) "$plain"
	dd if="$2" of="$plain" bs=1M seek=1 conv=notrunc,sparse status=none
	printf 'label: gpt\nstart=2048, size=%d, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7\n' $(($(stat -c %s "$2") / 512)) |
		sfdisk -q "$plain" > "$WORK/log2" 2>&1
	cp --sparse=always "$plain" "$WORK/$1.img"
	"$WRECK" bitlocker "$WORK/$1.img" $START xts-256
}

# opened STATUS COMMAND [ARGUMENT]...
opened() {
	hold "$1" "$2" --recovery-key $RECOVERY "${@:3}"
}

people() {
	local i
	mkdir -p Users/alice/Documents
	for i in {1..60}; do
		head -c $((5000 + i * 100)) /dev/urandom > "Users/alice/Documents/$i.dat"
	done
	find Users -type f -print0 | xargs -0 sha256sum | cut -d' ' -f1 | sort > "$WORK/contents"
}

# found FOLDER: how many of the contents a rescue brought back
found() {
	find "$1" -type f -size +1k -print0 | xargs -0 -r sha256sum | cut -d' ' -f1 | sort -u | comm -12 - "$WORK/contents" | wc -l
}

a_deleted_store() {
	format "$WORK/deleted.ntfs" 64M
	mounted "$WORK/deleted.ntfs" people
	hold 0 capture --digest --store '\StateStore' "$WORK/deleted.ntfs"
	mounted "$WORK/deleted.ntfs" reuse
	disk deleted "$WORK/deleted.ntfs"
	digest "$WORK/deleted.img" > "$WORK/sum"
	opened 0,1 scan --case "$WORK/shallow" "$WORK/deleted.img"
	same "files without a sweep" "$(sqlite3 "$WORK/shallow" 'SELECT total(files) FROM store')" 0.0
	hold 0,1 rescue --carve --to "$WORK/of-plain" "$WORK/deleted.plain"
	opened 0,1 rescue --carve --to "$WORK/rescued" "$WORK/deleted.img"
	[ "$(found "$WORK/rescued")" -ge 45 ] || fail "$(found "$WORK/rescued") of 60 files"
	same "files" "$(found "$WORK/rescued")" "$(found "$WORK/of-plain")"
	same "the evidence afterwards" "$(digest "$WORK/deleted.img")" "$(cat "$WORK/sum")"
}

sha256_of() {
	sqlite3 "$1" "SELECT sha256 || '  -' FROM evidence"
}

# The life before is told within, and is read from there again
a_format() {
	cp --sparse=always "$WORK/deleted.ntfs" "$WORK/anew.ntfs"
	mkntfs -F -Q -q "$WORK/anew.ntfs" > "$WORK/log2" 2>&1
	# a log that no file has
	printf '\n<![LOG[The task execution engine started execution]LOG]!><time="10:00:00.000+240" date="10-18-2019" component="TSManager" context="" type="1" thread="1" file="x.cpp:1">\r\n%400s' '' |
		dd of="$WORK/anew.ntfs" bs=4096 seek=12000 conv=notrunc status=none
	disk anew "$WORK/anew.ntfs"
	hold 0,1 scan --json --carve "$WORK/anew.plain"
	counts "$WORK/out" > "$WORK/wanted"
	opened 0,1 scan --json --carve --hash-evidence --case "$WORK/case" "$WORK/anew.img"
	same "stores" "$(counts "$WORK/out")" "$(cat "$WORK/wanted")"
	same "past lives" "$(jq -c '[.volumes[] | .past]' "$WORK/out")" "[false,true]"
	same "layers" "$(jq -c '.layers | map([.kind, .offset_bytes, .volume])' "$WORK/out")" "[[\"bitlocker\",$START,1],[\"bitlocker\",$START,2]]"
	same "SHA-256 of the evidence" "$(sha256_of "$WORK/case")" "$(sha256sum < "$WORK/anew.img")"
	same "the piece of a log" "$(sqlite3 "$WORK/case" "SELECT place, volume FROM story_source WHERE kind='piece'")" "$((START + 12000 * 4096))|1"
	hold 0,1 report "$WORK/case"
	grep -q "^Volume 2   BitLocker at byte $START, opened by recovery key; NTFS" "$WORK/out"
	hold 0,1 report --format csv "$WORK/case"
	hold 0,1 scan --all --carve --case "$WORK/case.plain" "$WORK/anew.plain"
	opened 0,1 scan --all --carve --case "$WORK/case" "$WORK/anew.img"
	same "files of both lives" "$(sqlite3 "$WORK/case" 'SELECT volume, grade, count(*) FROM file GROUP BY 1, 2')" \
		"$(sqlite3 "$WORK/case.plain" 'SELECT volume, grade, count(*) FROM file GROUP BY 1, 2')"
	# without being asked for, and of one partition
	hold 0,1 rescue --beside --to "$WORK/anew-plain" "$WORK/anew.plain@1"
	opened 0,1 rescue --beside --hash-evidence --to "$WORK/anew" "$WORK/anew.img@1"
	same "files by themselves" "$(found "$WORK/anew")" "$(found "$WORK/anew-plain")"
	same "SHA-256, when only what is within is swept" "$(sha256_of "$WORK/anew/case.holdfast")" "$(sha256sum < "$WORK/anew.img")"
	[ "$(sqlite3 "$WORK/anew/case.holdfast" 'SELECT count(*) FROM volume WHERE past')" = 1 ] || fail "the life before was not looked for"
}

# cut_off IMAGE: $WORK/room/case.sweep, of a scan for whose casebook there is no room
cut_off() {
	mkdir -p "$WORK/room"
	mount -t tmpfs -o size=512k none "$WORK/room" || skip "tmpfs cannot be mounted here"
	opened 3 scan --all --carve --case "$WORK/room/case" "$1"
	cp "$WORK/room/case.sweep" "$WORK/sweep"
	umount "$WORK/room"
}

# gone_on IMAGE: with what $WORK/sweep has, the casebook is as one that was not cut off
gone_on() {
	rm -f "$WORK/cut"
	cp "$WORK/sweep" "$WORK/cut.sweep"
	opened 0,1 scan --all --carve --case "$WORK/cut" "$1"
	[ ! -e "$WORK/cut.sweep" ] || fail "the progress stays"
	cmp <(dump "$WORK/whole") <(dump "$WORK/cut")
}

an_interruption() {
	opened 0,1 scan --all --carve --case "$WORK/whole" "$WORK/anew.img"
	cut_off "$WORK/anew.img"
	same "swept" "$(sqlite3 "$WORK/sweep" 'SELECT next FROM sweep ORDER BY next')" \
		"$(stat -c %s "$WORK/anew.ntfs")
$(stat -c %s "$WORK/anew.img")"
	gone_on "$WORK/anew.img"
	sqlite3 "$WORK/sweep" "DELETE FROM sweep WHERE key LIKE '%bitlocker%'; DELETE FROM sweep_part WHERE key LIKE '%bitlocker%'"
	gone_on "$WORK/anew.img"
}

# Two that differ in the middle alone: each has its own
two_of_them() {
	local size
	size=$(stat -c %s "$WORK/anew.ntfs")
	cp --sparse=always "$WORK/anew.ntfs" "$WORK/other.ntfs"
	dd if=/dev/zero of="$WORK/other.ntfs" bs=4096 seek=12000 count=1 conv=notrunc status=none
	truncate -s $((2 * size + 3 * START)) "$WORK/two.img"
	dd if="$WORK/other.ntfs" of="$WORK/two.img" bs=1M seek=1 conv=notrunc,sparse status=none
	dd if="$WORK/anew.ntfs" of="$WORK/two.img" bs=1M seek=$((1 + size / START)) conv=notrunc,sparse status=none
	printf 'label: gpt\nstart=2048, size=%d\nsize=%d\n' $((size / 512)) $((size / 512)) | sfdisk -q "$WORK/two.img" > "$WORK/log2" 2>&1
	"$WRECK" bitlocker "$WORK/two.img" $START xts-256
	"$WRECK" bitlocker "$WORK/two.img" $((START + size)) xts-128
	opened 0,1 scan --json --carve --case "$WORK/two" "$WORK/two.img"
	same "lives, and whose" "$(jq -c '[.volumes[] | [.past, .successor]]' "$WORK/out")" "[[false,0],[false,0],[true,1],[true,2]]"
	same "the piece of a log" "$(sqlite3 "$WORK/two" "SELECT place, volume FROM story_source WHERE kind='piece'")" \
		"$((START + size + 12000 * 4096))|2"
	cut_off "$WORK/two.img"
	same "sweeps" "$(sqlite3 "$WORK/sweep" 'SELECT count(*) FROM sweep')" 3
	rm "$WORK/whole"
	opened 0,1 scan --all --carve --case "$WORK/whole" "$WORK/two.img"
	gone_on "$WORK/two.img"
}

# Folders with blocks that tell where the volume lay
folders() {
	local i
	people
	for i in {1..12}; do
		mkdir "Users/folder $i"
		touch "Users/folder $i/a file of a name "{1..40}
	done
}

newcomer() {
	local i
	mkdir new
	for i in {1..10}; do
		head -c 20000 /dev/urandom > "new/$i"
	done
}

# Windows encrypts what is in use, if it is asked to; what was there before stays in what is free
before_it_was_encrypted() {
	format "$WORK/before.ntfs" 64M
	mounted "$WORK/before.ntfs" folders
	sleep 1.1 # formatters know no parts of a second
	format "$WORK/after.ntfs" 64M
	mounted "$WORK/after.ntfs" newcomer
	disk used "$WORK/after.ntfs"
	python3 - "$WORK/before.ntfs" "$WORK/after.ntfs" "$WORK/used.img" $START <<- 'END'
		import sys
		before, after = (open(path, "rb").read() for path in sys.argv[1:3])
		with open(sys.argv[3], "r+b") as disk:
		    for at in range(0, len(before) - (1 << 20), 4096):  # BitLocker's own lies in the last MiB
		        if not any(after[at:at + 4096]):
		            disk.seek(int(sys.argv[4]) + at)
		            disk.write(before[at:at + 4096])
	END
	opened 0,1 rescue --json --carve --beside --to "$WORK/used" "$WORK/used.img"
	same "lives" "$(jq -c '[.volumes[] | [.past, .successor]]' "$WORK/out")" "[[false,0],[true,1]]"
	[ "$(found "$WORK/used")" -ge 20 ] || fail "$(found "$WORK/used") of 60 files"
	find "$WORK/used" -name '*.dat' -print0 | xargs -0 -r sha256sum | cut -d' ' -f1 | sort -u > "$WORK/trusted"
	[ -s "$WORK/trusted" ] || fail "no file is called intact"
	[ -z "$(comm -23 "$WORK/trusted" "$WORK/contents")" ] || fail "called intact, and is not"
}

# What the map calls unread is so once, not again decrypted
with_holes() {
	printf '0 ? 1\n0 0x2000000 +\n0x2000000 0x10000 -\n0x2010000 0x%x +\n' $(($(stat -c %s "$WORK/anew.img") - 0x2010000)) > "$WORK/map"
	opened 1 scan --carve --map "$WORK/map" --case "$WORK/holes" "$WORK/anew.img"
	same "unreadable bytes" "$(sqlite3 "$WORK/holes" 'SELECT unreadable_bytes FROM evidence')" 65536
	same "places" "$(sqlite3 "$WORK/holes" 'SELECT start, length FROM unreadable')" "$((0x2000000))|65536"
}

try "a store that is deleted in a BitLocker volume, its records reused" a_deleted_store
try "a BitLocker volume formatted anew within" a_format
try "a sweep within that is cut off goes on" an_interruption
try "two BitLocker volumes on a disk are not mixed" two_of_them
try "what was there before the volume was encrypted is an older life" before_it_was_encrypted
try "holes of the map, seen from without and from within" with_holes
done_testing
