#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# forms.sh - the same evidence in every form gives the same stores
. "$(dirname "$0")/common.bash"
MIB=1048576

setup() {
	fixture store-half-deleted --files 60
	hold 0,1 scan --json "$IMAGE"
	counts "$WORK/out" > "$WORK/wanted"
	[ "$(jq length "$WORK/wanted")" -ge 1 ] || fail "no store"
}
fixture store-half-deleted --files 60
try "forms: raw" setup

# as_raw SOURCE [OPTION]...: the same counts, and the format told
as_raw() {
	local source=$1 format=$2
	shift 2
	hold 0,1 scan --json "$@" "$source"
	same "stores of $(basename "$source")" "$(counts "$WORK/out")" "$(cat "$WORK/wanted")"
	[ -z "$format" ] || same format "$(jq -r '.evidence[0].format | ascii_downcase' "$WORK/out")" "$format"
}

# rescued IMAGE: the lines of its manifests, and the files
rescued() {
	hold 0,1 rescue --to "$WORK/rescued" "$1"
	(cd "$WORK/rescued" && sort store-*/manifest.jsonl && find store-*/USMT -type f -print0 | sort -z | xargs -0 sha256sum -z)
	rm -r "$WORK/rescued"
}

# Every byte comes out the same too.
same_bytes() {
	[ -e "$WORK/of-raw" ] || rescued "$IMAGE" > "$WORK/of-raw"
	rescued "$1" | cmp "$WORK/of-raw" - || fail "other manifests or files"
}

split_raw() {
	split -b 10000000 -d -a 3 --numeric-suffixes=1 "$IMAGE" "$WORK/split."
	as_raw "$WORK/split.001" ""
	same_bytes "$WORK/split.001"
	# a missing part in the middle is not skipped over
	rm "$WORK/split.003"
	hold 1,3 scan "$WORK/split.001"
	[ ! -s "$WORK/err" ] || same "lines on stderr" "$(wc -l < "$WORK/err")" 1
	rm "$WORK"/split.*
}
try "forms: split raw" split_raw

e01() {
	command -v ewfacquire > "$WORK/log2" || skip "no ewfacquire"
	ewfacquire -u -q -f encase6 -c deflate:fast -S 8MiB -t "$WORK/disk" "$IMAGE" > "$WORK/log2" 2>&1
	[ -e "$WORK/disk.E02" ] || fail "only one segment"
	sum=$(digest "$WORK"/disk.E??)
	as_raw "$WORK/disk.E01" e01
	same_bytes "$WORK/disk.E01"
	same "the E01 afterwards" "$(digest "$WORK"/disk.E??)" "$sum"
	rm "$WORK"/disk.E??
}
try "forms: E01 in segments" e01

# container FORMAT EXTENSION [OPTIONS]
container() {
	command -v qemu-img > "$WORK/log2" || skip "no qemu-img"
	qemu-img convert -f raw -O "$1" ${4:+-o "$4"} "$IMAGE" "$WORK/disk.$2"
	as_raw "$WORK/disk.$2" "$3"
	same_bytes "$WORK/disk.$2"
	rm "$WORK/disk.$2"
}
try "forms: VMDK" container vmdk vmdk vmdk
try "forms: VHD, dynamic" container vpc vhd vhd
try "forms: VHD, fixed" container vpc vhd "" subformat=fixed

# A disk with an empty NTFS volume first, the fixture's second.
disk_size=
whole_disk() {
	local table=$1 size sectors disk=$WORK/$1.img
	size=$(stat -c %s "$IMAGE")
	sectors=$((size / 512))
	truncate -s $((size + 20 * MIB)) "$disk"
	case $table in
	gpt) sgdisk -n 1:2048:20479 -t 1:0700 -n 2:20480:$((20480 + sectors - 1)) -t 2:0700 "$disk" > "$WORK/log2" ;;
	mbr) printf '2048,18432,7\n20480,%s,7\n' "$sectors" | sfdisk -q --label dos "$disk" > "$WORK/log2" ;;
	esac
	truncate -s $((18432 * 512)) "$WORK/empty"
	mkntfs -F -Q -q "$WORK/empty" > "$WORK/log2" 2>&1
	dd if="$WORK/empty" of="$disk" bs=1M seek=1 conv=notrunc,sparse status=none
	dd if="$IMAGE" of="$disk" bs=1M seek=10 conv=notrunc,sparse status=none
	as_raw "$disk" raw
	same volumes "$(jq -c '[.volumes[].offset_bytes]' "$WORK/out")" "[1048576,10485760]"
	as_raw "$disk@2" raw
	same volumes "$(jq -c '[.volumes[].offset_bytes]' "$WORK/out")" "[10485760]"
	as_raw "$disk@+10485760" raw
	hold 0 scan --json "$disk@1"
	same "stores of partition 1" "$(jq -c .stores "$WORK/out")" "[]"
	hold 2,3 scan "$disk@3"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
	grep -q 3 "$WORK/err"
}
try "forms: GPT disk, @1, @2, @+BYTES" whole_disk gpt
try "forms: MBR disk, @1, @2, @+BYTES" whole_disk mbr

damaged_table() {
	local table=$1 first=$2
	cp --sparse=always "$WORK/$table.img" "$WORK/damaged.img"
	dd if=/dev/zero of="$WORK/damaged.img" bs=512 count="$first" conv=notrunc status=none
	[ "$3" = 0 ] || dd if=/dev/zero of="$WORK/damaged.img" bs=512 count=33 conv=notrunc status=none \
		seek=$(($(stat -c %s "$WORK/damaged.img") / 512 - 33))
	as_raw "$WORK/damaged.img" raw
	same volumes "$(jq -c '[.volumes[].offset_bytes]' "$WORK/out")" "[1048576,10485760]"
}
try "forms: GPT lost, its backup is there" damaged_table gpt 34 0
try "forms: both GPT lost" damaged_table gpt 34 1
try "forms: only the protective MBR lost" damaged_table gpt 1 0
try "forms: MBR lost" damaged_table mbr 1 0

partition_in_container() {
	command -v qemu-img > "$WORK/log2" || skip "no qemu-img"
	qemu-img convert -f raw -O vmdk "$WORK/gpt.img" "$WORK/gpt.vmdk"
	as_raw "$WORK/gpt.vmdk@2" vmdk
	as_raw "$WORK/gpt.vmdk@+10485760" vmdk
	same volumes "$(jq -c '[.volumes[].offset_bytes]' "$WORK/out")" "[10485760]"
}
try "forms: partition in a VMDK" partition_in_container

block_device() {
	local loop
	loop=$(losetup -r -f --show "$WORK/gpt.img" 2> "$WORK/log2") || skip "no loop devices here"
	trap "losetup -d $loop" EXIT
	as_raw "$loop@2" ""
	as_raw "$loop" ""
}
try "forms: block device" block_device

boot_sector() {
	cp --sparse=always "$IMAGE" "$WORK/boot.img"
	case $1 in
	zeros) dd if=/dev/zero of="$WORK/boot.img" bs=512 count=1 conv=notrunc status=none ;;
	noise) head -c 500 /dev/urandom | dd of="$WORK/boot.img" bs=1 seek=3 conv=notrunc status=none ;;
	backup) dd if=/dev/zero of="$WORK/boot.img" bs=512 count=1 conv=notrunc status=none \
		seek=$(($(stat -c %s "$WORK/boot.img") / 512 - 1)) ;;
	esac
	as_raw "$WORK/boot.img" raw
	[ "$1" != backup ] || return 0
	jq -e '.findings | any(.kind | test("boot"))' "$WORK/out" > "$WORK/log2" ||
		fail "not told as a finding: $(jq -c '[.findings[].kind] | unique' "$WORK/out")"
}
try "forms: boot sector zeros" boot_sector zeros
try "forms: boot sector noise" boot_sector noise
try "forms: backup boot sector zeros" boot_sector backup

# 64 KiB of the image unread by the map: files there are partial, with and without bytes in the image.
map_file() {
	local size place image=$WORK/unread.img
	size=$(stat -c %s "$IMAGE")
	hold 0,1 rescue --to "$WORK/a" "$IMAGE"
	place=$(sqlite3 "$WORK/a/case.holdfast" 'select first_lcn * 4096 from file join store_file on file = id
		where grade = 1 and size_bytes > 100000 and live = 1 limit 1')
	[ -n "$place" ] || fail "no large file"
	cp --sparse=always "$IMAGE" "$image"
	printf '# Mapfile. Created by GNU ddrescue version 1.26\n0x0 +\n0x0 0x%x +\n0x%x 0x10000 -\n0x%x 0x%x +\n' \
		"$place" "$place" $((place + 65536)) $((size - place - 65536)) > "$WORK/map"
	hold 1 rescue --json --map "$WORK/map" --to "$WORK/b" "$image"
	cat "$WORK"/b/store-*/manifest.jsonl | plain | jq -s -e "[.[].missing[][1]] | add >= 60000" > "$WORK/log2" ||
		fail "64 KiB are not missing from files"
	"$ROOT/tests/judge.sh" "$TRUTH" "$WORK"/b/store-*/manifest.jsonl > "$WORK/verdict"
	same "wrong content graded intact" "$(jq .wrong_intact "$WORK/verdict")" 0
	# what stands in the image there makes no difference
	head -c 65536 /dev/urandom | dd of="$image" bs=4096 seek=$((place / 4096)) conv=notrunc status=none
	hold 1 rescue --map "$WORK/map" --to "$WORK/c" "$image"
	same "manifests" "$(cat "$WORK"/c/store-*/manifest.jsonl | sort | sha256sum)" "$(cat "$WORK"/b/store-*/manifest.jsonl | sort | sha256sum)"
	rm -rf "$WORK"/[abc] "$image"
}
try "forms: map file" map_file

# geometry WRECK-OPTION...: another volume, so it is judged by itself
geometry() {
	(
		fixture all-deleted-store-last "$@"
		rm -rf "$WORK/geometry"
		hold 0,1 rescue --to "$WORK/geometry" --json "$IMAGE"
		"$ROOT/tests/judge.sh" "$TRUTH" "$WORK"/geometry/store-*/manifest.jsonl > "$WORK/verdict"
		same "files rebuilt" "$(jq '.content' "$WORK/verdict") $(jq -c '.missed[:2]' "$WORK/verdict")" "$(jq '.had' "$WORK/verdict") []"
		same "wrong content graded intact" "$(jq .wrong_intact "$WORK/verdict") $(jq -c '.wrong[:2]' "$WORK/verdict")" "0 []"
		same "wrong names" "$(jq .names_wrong "$WORK/verdict")" 0
		[ "$(jq .had "$WORK/verdict")" -gt 60 ] || fail "no files"
		head -n 1 "$TRUTH" | jq -c '.volumes[0] | [.cluster_bytes, .record_bytes]' > "$WORK/want"
		same geometry "$(jq -c '.volumes[0] | [.cluster_bytes, .record_bytes]' "$WORK/out")" "$(cat "$WORK/want")"
		unchanged
		rm -rf "$WORK/geometry"
	)
}
for cluster in 512 1024 2048 8192 65536 262144; do
	try "forms: clusters of $cluster bytes" geometry --cluster $cluster --files 60
done
# ntfs-3g writes a cluster in full for each byte in it
try "forms: clusters of 2097152 bytes" geometry --cluster 2097152 --files 5
try "forms: sectors of 4096 bytes" geometry --sector 4096 --files 60
try "forms: sectors of 4096 bytes, clusters of 64 KiB" geometry --sector 4096 --cluster 65536 --files 60
try "forms: evidence unchanged" unchanged
done_testing
