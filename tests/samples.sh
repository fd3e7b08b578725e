#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# samples.sh - volumes made by others, with the answers that their makers give
#
# HOLDFAST_SAMPLES names the folder that has them in ntfs/ (default ../shared/samples); they are not
# part of this repository.
. "$(dirname "$0")/e2e/common.bash"
SAMPLES=${HOLDFAST_SAMPLES:-$ROOT/../shared/samples}/ntfs
if [ ! -d "$SAMPLES" ]; then
	echo "skipped samples: $SAMPLES is not there (set HOLDFAST_SAMPLES)"
	exit 0
fi

# DFTT #7: eight files and a stream deleted by Windows XP; contents by MD5
dftt() {
	local sum
	unzip -q -o "$SAMPLES/dftt/7-undel-ntfs.zip" -d "$WORK/dftt"
	image=$(find "$WORK/dftt" -name '*.dd')
	sum=$(md5sum < "$image")
	same "the image" "${sum%% *}" e7dbb96759d9cd62b729463ebfe61dab
	hold 0,1 rescue --beside --to "$WORK/out-dftt" "$image"
	same "evidence afterwards" "$(md5sum < "$image")" "$sum"
	(cd "$WORK/out-dftt" && find . -path "./[bs]*/*" -type f ! -name '*.jsonl' -exec md5sum {} + | sed 's/^\\//') > "$WORK/sums"
}
try "samples: DFTT #7: rescued" dftt

dftt_file() {
	grep -q "^$2 " "$WORK/sums" || fail "no file with MD5 $2 among $(wc -l < "$WORK/sums")"
	[ -z "$3" ] || grep -qE "^$2 +\./beside/$3(\.suspect)?$" "$WORK/sums" || fail "not at $3: $(grep "^$2 " "$WORK/sums")"
}
# name, MD5, and the path that its records prove
while read -r name sum path; do
	try "samples: DFTT #7: $name" dftt_file "$name" "$sum" "$path"
done << 'END'
res1.dat 9036637712b491904cd0bfbdbe648453 volume-1/res1.dat
sing1.dat 59b20779f69ff9f0ac5fcd2c38835a79 volume-1/sing1.dat
mult1.dat ffd27bd782bdce67750b6b9ee069d2ef volume-1/mult1.dat
mult1.dat:ADS ba1b9eedb1c091ddca253d35dde8f616
frag1.dat 7a3bc5b763bef201202108f4ba128149 volume-1/frag1.dat
frag2.dat 0e80ab84ef0087e60dfc67b88a1cf13e volume-1/frag2.dat
mult2.dat 59cf0e9cd107bc1e75afb7374f6e05bb volume-1/dir1/mult2.dat
frag3.dat 21121699487f3fbbdb9a4b3391b6d3e0 volume-1/dir1/dir2/frag3.dat
sing2.dat c229626f6a71b167ad7e50c4f2fccdb1
END

# Whatever a volume holds: no crash, no hang, and nothing on it changes
survived() {
	local image=$1 sum
	sum=$(digest "$image")
	run 0,1,3 timeout 20 "$HOLDFAST" rescue --beside --to "$WORK/survived" "$image"
	run 0,1,3 timeout 20 "$HOLDFAST" scan --json --all --case "$WORK/survived.case" "$image"
	[ ! -s "$WORK/out" ] || jq . "$WORK/out" > "$WORK/log2"
	run 0,1,3 timeout 20 "$HOLDFAST" check --json "$image"
	same "evidence afterwards" "$(digest "$image")" "$sum"
	rm -rf "$WORK/survived" "$WORK/survived.case"
}

unpacked() {
	case $1 in
	*.xz) xz -dc "$1" > "$WORK/sample.img" ;;
	*.gz) gzip -dc "$1" > "$WORK/sample.img" ;;
	*) cp "$1" "$WORK/sample.img" ;;
	esac
	survived "$WORK/sample.img"
	rm "$WORK/sample.img"
}
for image in "$SAMPLES"/syzkaller/*.img.xz "$SAMPLES"/dfir_ntfs/ntfs3*.raw.gz "$SAMPLES"/dfir_ntfs/ntfs_index.raw.gz \
	"$SAMPLES"/dfir_ntfs/*.mft "$SAMPLES"/dfir_ntfs/*.boot; do
	[ -e "$image" ] && try "samples: survives $(basename "$image")" unpacked "$image"
done

testfs1() {
	cp "$SAMPLES/colinfinck/testfs1" "$WORK/testfs1"
	survived "$WORK/testfs1"
	hold 0 check "$WORK/testfs1"
	hold 0 scan --json --all --case "$WORK/case1" "$WORK/testfs1"
	same geometry "$(jq -c '.volumes[0] | [.cluster_bytes, .sector_bytes]' "$WORK/out")" "[512,512]"
	same "subdirectories" "$(sqlite3 "$WORK/case1" "select count(*) from name join file on id = file where directory and file.live
		and path glob '\\many_subdirs\\*'")" 512
	same "sparse file" "$(sqlite3 "$WORK/case1" "select size_bytes from file join name on file.id = name.file where path = '\\sparse-file'")" 500005
}
try "samples: testfs1: known answers" testfs1

util_linux() {
	xz -dc "$SAMPLES/util-linux/ntfs.img.xz" > "$WORK/util-linux.img"
	survived "$WORK/util-linux.img"
	hold 0 scan --json "$WORK/util-linux.img"
	same stores "$(jq -c .stores "$WORK/out")" "[]"
	hold 0 check "$WORK/util-linux.img"
}
try "samples: util-linux: an empty volume" util_linux

ntfs3_names() {
	gzip -dc "$SAMPLES/dfir_ntfs/ntfs3_attrlist.raw.gz" > "$WORK/ntfs3.img"
	hold 0,1 scan --all --case "$WORK/case3" "$WORK/ntfs3.img"
	same "names of record 27" "$(sqlite3 "$WORK/case3" "select count(*) from name join file on id = file where record = 27 and not dos")" 100
	same "its last name" "$(sqlite3 "$WORK/case3" "select count(*) from name join file on id = file where record = 27 and path like '%100.txt'")" 1
}
try "samples: ntfs3: 100 hard links by attribute list" ntfs3_names
done_testing
