#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# check.sh - holdfast check: silent on good volumes, and finds every damage made here
. "$(dirname "$0")/common.bash"

# digest before and after: a check writes nothing
checked() {
	local sum
	sum=$(digest "$2")
	hold "$1" check "$2"
	same "the volume afterwards" "$(digest "$2")" "$sum"
	cp "$WORK/out" "$WORK/text"
	hold "$1" check --json "$2"
	jq -e '.volumes | length == 1 and all(.[]; (.problem_count | type == "number") and (.problems | type == "array"))' "$WORK/out" > "$WORK/log2"
	[ "$1" != 0 ] || same problems "$(jq -c '.volumes[0].problems' "$WORK/out")" "[]"
	[ "$1" != 1 ] || [ "$(jq '.volumes[0].problem_count' "$WORK/out")" -gt 0 ]
}

clean() {
	truncate -s "$1" "$WORK/clean.img"
	mkntfs -F -Q -q "${@:2}" "$WORK/clean.img" > "$WORK/log2" 2>&1
	checked 0 "$WORK/clean.img"
	rm "$WORK/clean.img"
}
for cluster in 512 1024 2048 4096 8192 16384 32768 65536 131072; do
	try "check: mkntfs, clusters of $cluster bytes" clean 20M -c $cluster
done
try "check: mkntfs, sectors of 4096 bytes" clean 40M -s 4096 -c 4096
try "check: mkntfs, 5 GB" clean 5G

# Filled and deleted from by ntfs-3g: consistent too
for scenario in store-live-users-wiped all-deleted-new-system-20 second-capture-over-first; do
	used() {
		fixture "$1"
		checked 0 "$IMAGE"
	}
	try "check: $scenario" used "$scenario"
done

# place FILE-RECORD: first byte of its unnamed $DATA on the volume, by istat
place() {
	istat -f ntfs "$BASE" "$1" | awk '/^Type: \$DATA .*Non-Resident/ { on = 1; next } on && NF { print $1; exit }'
}

# damaged HOW: one flip, and it is told
damaged() {
	local cluster=4096 at mft problem=${2:-}
	BASE=$E2E_BASE
	mft=$(($(place 0) * cluster))
	cp --sparse=always "$BASE" "$WORK/bad.img"
	case $1 in
	bitmap-free) at=$(($(place 6) * cluster)) # cluster 0 on: the first 8 are in use
		printf '\0' | dd of="$WORK/bad.img" bs=1 seek=$at conv=notrunc status=none ;;
	bitmap-used) at=$(($(place 6) * cluster + 1900)) # eight clusters that nobody has
		printf '\377' | dd of="$WORK/bad.img" bs=1 seek=$at conv=notrunc status=none ;;
	record-torn) printf 'xx' | dd of="$WORK/bad.img" bs=1 seek=$((mft + FILE * 1024 + 510)) conv=notrunc status=none ;;
	record-gone) dd if=/dev/zero of="$WORK/bad.img" bs=1024 seek=$((mft / 1024 + FILE)) count=1 conv=notrunc status=none ;;
	link-count) printf '\011' | dd of="$WORK/bad.img" bs=1 seek=$((mft + FILE * 1024 + 18)) conv=notrunc status=none ;;
	sequence) printf '\101' | dd of="$WORK/bad.img" bs=1 seek=$((mft + FILE * 1024 + 16)) conv=notrunc status=none ;;
	not-in-use) printf '\0' | dd of="$WORK/bad.img" bs=1 seek=$((mft + FILE * 1024 + 22)) conv=notrunc status=none ;;
	mirror) dd if=/dev/zero of="$WORK/bad.img" bs=1024 seek=$(($(place 1) * cluster / 1024 + 1)) count=1 conv=notrunc status=none ;;
	boot-backup) dd if=/dev/zero of="$WORK/bad.img" bs=512 seek=$(($(stat -c %s "$WORK/bad.img") / 512 - 1)) count=1 conv=notrunc status=none ;;
	boot) dd if=/dev/zero of="$WORK/bad.img" bs=512 count=1 conv=notrunc status=none ;;
	index) at=$(grep -abo INDX "$BASE" | tail -n 1 | cut -d: -f1)
		printf 'xx' | dd of="$WORK/bad.img" bs=1 seek=$((at + 510)) conv=notrunc status=none ;;
	esac
	! cmp -s "$BASE" "$WORK/bad.img" || fail "nothing was damaged"
	checked 1 "$WORK/bad.img"
	rm "$WORK/bad.img"
}
fixture store-live-users-wiped
E2E_BASE=$IMAGE
# a file with a name of its own, no extension records, in the store
FILE=$(plain "$TRUTH" | jq -s 'map(select(.class == "ordinary" and .record_state == "in-use" and (.names | length) == 1 and
	(.extension_records // [] | length) == 0)) | .[0].record')
for how in bitmap-free bitmap-used record-torn record-gone link-count sequence not-in-use mirror boot-backup boot index; do
	try "check: damage is found: $how" damaged $how
done
try "check: evidence unchanged" unchanged

pair() {
	fixture two-volumes-one-store
	hold 0 check --json "$IMAGE"
	same volumes "$(jq '.volumes | length' "$WORK/out")" 2
	hold 0 check "C=$IMAGE@1"
}
try "check: every volume of a disk" pair
done_testing
