#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# volume.sh - a store rebuilt onto an NTFS volume, seen through the ntfs-3g driver
. "$(dirname "$0")/common.bash"

fixture store-deleted-users-live
[ -n "$IMAGE" ] || exit 3

setup() {
	truncate -s 200M "$WORK/new.img"
	mkntfs -F -Q -q "$WORK/new.img" > "$WORK/log2" 2>&1
	hold 0,1 scan --case "$WORK/case" "$IMAGE"
	hold 0,1 rebuild --store 1 --manifest "$WORK/manifest.jsonl" --to "$WORK/new.img:\\Rescued" "$WORK/case"
	[ ! -s "$WORK/err" ] || fail "stderr: $(head -n 1 "$WORK/err")"
	unchanged
	plain "$WORK/manifest.jsonl" > "$WORK/manifest"
	[ "$(wc -l < "$WORK/manifest")" -gt 400 ] || fail "only $(wc -l < "$WORK/manifest") files"
}
try "volume: rebuild --to IMAGE:\\PATH" setup

judged() {
	"$ROOT/tests/judge.sh" "$TRUTH" "$WORK/manifest.jsonl" > "$WORK/verdict"
	same "wrong content graded intact" "$(jq .wrong_intact "$WORK/verdict")" 0
	[ "$(jq .content "$WORK/verdict")" -ge 448 ] || fail "files rebuilt: $(jq .content "$WORK/verdict")"
}
try "volume: judged by its manifest" judged

consistent() {
	hold 0 check "$WORK/new.img"
	ntfsfix -n "$WORK/new.img" > "$WORK/log2" 2>&1
}
try "volume: consistent afterwards" consistent

mounted() {
	mkdir -p "$WORK/mnt"
	ntfs-3g -o ro,streams_interface=windows "$WORK/new.img" "$WORK/mnt" > "$WORK/log2" 2>&1 || skip "ntfs-3g cannot mount here"
	trap 'umount "$WORK/mnt"' EXIT
	"$@"
}

contents() {
	# half a surrogate pair reaches the host as three bytes that jq cannot say: left out here
	jq -j 'select(any(.names[]; test("<d[89a-f]")) | not) | . as $m | .paths[] | select(test("^.*$")) |
		"\($m.sha256)  \(.)\u0000"' "$WORK/manifest" | sort -z > "$WORK/told"
	(cd "$WORK/mnt/Rescued" && cut -z -c67- "$WORK/told" | xargs -0 sha256sum -z | sort -z) > "$WORK/there"
	cmp -s "$WORK/told" "$WORK/there" || fail "not what the manifest says: $(comm -z -3 "$WORK/told" "$WORK/there" | tr '\0' '\n' | head -n 2)"
	[ "$(tr -cd '\0' < "$WORK/told" | wc -c)" -gt 400 ] || fail "too few"
	# no file that the manifest does not tell of
	same "files" "$(cd "$WORK/mnt/Rescued" && find . -type f ! -name '*.holdfast*' -printf x | wc -c)" \
		"$(jq -s '[.[].paths | length] | add' "$WORK/manifest")"
}
try "volume: contents through ntfs-3g" mounted contents

links() {
	jq -j 'select(any(.names[]; test("<d[89a-f]")) | not) | . as $m | .paths[] |
		"\($m.volume)-\($m.record)-\($m.sequence) \($m.paths | length) \(.)\u0000"' "$WORK/manifest" > "$WORK/told"
	(cd "$WORK/mnt/Rescued" && cut -z -d' ' -f3- "$WORK/told" | xargs -0 stat -c '%i %h') > "$WORK/inodes"
	paste -d' ' <(cut -z -d' ' -f1,2 "$WORK/told" | tr '\0' '\n') "$WORK/inodes" | sort -u > "$WORK/links"
	# the link count of NTFS counts DOS names as well
	awk '{ if ($1 in key || $3 in inode || $4 < $2) bad = 1; key[$1]; inode[$3] } END { exit bad || !NR }' "$WORK/links" ||
		fail "names of one file are not links of one another"
	awk '$2 > 100 { found = 1 } END { exit !found }' "$WORK/links" || skip "no file with many names here"
}
try "volume: hard links" mounted links

streams_and_times() {
	local count=0 sha path name stamp
	jq -j '. as $m | select(.paths != []) | .streams[] | select(.type == 128 and .name != "" and .grade == "intact") |
		"\(.sha256)\t\($m.paths[0])\t\(.name)\u0000"' "$WORK/manifest" > "$WORK/told"
	while IFS=$'\t' read -r -d '' sha path name; do
		same "stream $path:$name" "$(sha256sum < "$WORK/mnt/Rescued/$path:$name" | cut -d' ' -f1)" "$sha"
		count=$((count + 1))
	done < "$WORK/told"
	[ "$count" -gt 5 ] || fail "only $count named streams"
	plain "$TRUTH" | jq -r 'select(.kind == "file" and .mtime) | "\(.volume)-\(.record)-\(.sequence) \((.mtime[:-7] | tonumber) - 11644473600).\(.mtime[-7:])"' |
		sort -u > "$WORK/truth-times"
	jq -j 'select(any(.names[]; test("<d[89a-f]")) | not) | select(.paths != []) | "\(.volume)-\(.record)-\(.sequence) \(.paths[0])\u0000"' "$WORK/manifest" > "$WORK/keys"
	paste -d' ' <(cut -z -d' ' -f1 "$WORK/keys" | tr '\0' '\n') \
		<(cd "$WORK/mnt/Rescued" && cut -z -d' ' -f2- "$WORK/keys" | xargs -0 stat -c %.7Y) | sort -u > "$WORK/host-times"
	join "$WORK/truth-times" "$WORK/host-times" > "$WORK/times"
	[ "$(wc -l < "$WORK/times")" -gt 400 ] || fail "only $(wc -l < "$WORK/times") times to compare"
	same "times that differ" "$(awk '$2 != $3' "$WORK/times" | head -n 1)" ""
}
try "volume: named streams and times" mounted streams_and_times

# attributes and security descriptors, read by ntfs-3g's extended attributes
attributes() {
	local wrong=0 count=0 record attributes path value
	getfattr --version > "$WORK/log2" 2>&1 || skip "no getfattr"
	plain "$TRUTH" | jq -r 'select(.kind == "file" and (.store | length) > 0) | "\(.volume)-\(.record)-\(.sequence) \(.attributes)"' | sort -u > "$WORK/truth-attributes"
	jq -r 'select(.paths != [] and (.paths[0] | test("[\\n\\t]") | not) and (any(.names[]; test("<d[89a-f]")) | not)) |
		"\(.volume)-\(.record)-\(.sequence)\t\(.paths[0])"' "$WORK/manifest" | head -n 60 > "$WORK/some"
	while IFS=$'\t' read -r record path; do
		attributes=$(awk -v r="$record" '$1 == r { print $2 }' "$WORK/truth-attributes")
		[ -n "$attributes" ] || continue
		value=$(getfattr --absolute-names -h -e hex -n system.ntfs_attrib_be "$WORK/mnt/Rescued/$path" | sed -n 's/.*=0x//p')
		# compressed and sparse are told by the streams
		[ $((16#$value & ~0xa00)) = $((attributes & ~0xa00)) ] || fail "attributes 0x$value, wanted $attributes: $path"
		count=$((count + 1))
	done < "$WORK/some"
	[ "$count" -gt 20 ] || fail "only $count"
}
try "volume: attributes" mounted attributes

again() {
	hold 0,1,3 rebuild --store 1 --to "$WORK/new.img:\\Rescued" "$WORK/case"
	hold 0 check "$WORK/new.img"
}
try "volume: the same command again does no harm" again

# A second store beside it, into a partition of a disk
in_partition() {
	truncate -s 230M "$WORK/disk.img"
	printf '2048,,7\n' | sfdisk -q --label dos "$WORK/disk.img" > "$WORK/log2"
	truncate -s 200M "$WORK/part.img"
	mkntfs -F -Q -q -p 2048 "$WORK/part.img" > "$WORK/log2" 2>&1
	dd if="$WORK/part.img" of="$WORK/disk.img" bs=1M seek=1 conv=notrunc,sparse status=none
	hold 0,1 rebuild --to "$WORK/disk.img@1:\\a\\b" "$IMAGE"
	hold 0 check "$WORK/disk.img@1"
	dd if="$WORK/disk.img" of="$WORK/part.img" bs=1M skip=1 count=200 conv=notrunc status=none
	ntfsls -p /a/b "$WORK/part.img" > "$WORK/ls"
	grep -q USMT "$WORK/ls" || fail "nothing in \\a\\b: $(tr '\n' ' ' < "$WORK/ls")"
}
try "volume: into a partition, from the disk itself" in_partition

too_small() {
	truncate -s 20M "$WORK/small.img"
	mkntfs -F -Q -q "$WORK/small.img" > "$WORK/log2" 2>&1
	hold 3 rebuild --store 1 --to "$WORK/small.img:\\x" "$WORK/case"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
	grep -qiE 'space|full|room' "$WORK/err" || fail "not said: $(cat "$WORK/err")"
	hold 0 check "$WORK/small.img"
}
try "volume: too small" too_small

# refused_onto IMAGE PATTERN: one sentence, and not a byte changes
refused_onto() {
	local before
	before=$(digest "$1")
	hold 3 rebuild --store 1 --to "$1:\\Rescued" "$WORK/case"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
	grep -qE -- "$2" "$WORK/err" || fail "another sentence: $(cat "$WORK/err")"
	same "the destination" "$(digest "$1")" "$before"
}

# bits of $Bitmap are clear that should be set: what lies there would be written over
inconsistent() {
	local bitmap
	truncate -s 200M "$WORK/bad.img"
	mkntfs -F -Q -q -c 4096 "$WORK/bad.img" > "$WORK/log2" 2>&1
	bitmap=$(istat -f ntfs "$WORK/bad.img" 6 | awk '/^Type: \$DATA .*Non-Resident/ { on = 1; next } on && NF { print $1; exit }')
	printf '\0' | dd of="$WORK/bad.img" bs=1 seek=$((bitmap * 4096)) conv=notrunc status=none
	refused_onto "$WORK/bad.img" "contradicts itself.*chkdsk /f"
}
try "volume: an inconsistent volume is refused" inconsistent

deleted_store() {
	local evidence=$IMAGE truth=$TRUTH
	fixture all-deleted-store-last --files 60
	cp --sparse=always "$IMAGE" "$WORK/deleted.img"
	IMAGE=$evidence TRUTH=$truth
	refused_onto "$WORK/deleted.img" 'deleted store.*holdfast rescue.*--overwrite-deleted'
	hold 0,1 rebuild --store 1 --overwrite-deleted --to "$WORK/deleted.img:\\Rescued" "$WORK/case"
	hold 0 check "$WORK/deleted.img"
}
try "volume: a volume with a deleted store is refused" deleted_store
try "volume: evidence unchanged" unchanged
done_testing
