#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bench.sh - speed and memory beside sleuthkit and ntfs-3g's programs, in one run on one image
#
# FILES=400000 (ordinary user files), RUNS=3, BENCH=build/bench (where images and results go).
# Wall seconds; the median of RUNS, page cache warm.  Long-running peers run once.
set -eu
files=${FILES:-400000} runs=${RUNS:-3} bench=${BENCH:-build/bench}
scenario=all-deleted-store-last
image=$bench/$scenario-$files/$scenario.img
mkdir -p "$bench/$scenario-$files"
[ -f "$image" ] || build/wreck $scenario "$bench/$scenario-$files" --files "$files" > /dev/null
limit=${PEER_SECONDS:-900}

# seconds COMMAND...: wall seconds of one run, and its peak memory in KiB
once() { # shellcheck disable=SC2086
	/usr/bin/time -f '%e %M' -o "$bench/time" timeout "$limit" "$@" > "$bench/out" 2> /dev/null || true
	tail -n 1 "$bench/time"
}
median() { # of RUNS runs
	for _ in $(seq "$runs"); do once "$@"; done | sort -n | sed -n "$(((runs + 1) / 2))p"
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (a > 0) printf "%.1f", b / a; else printf "-" }'; }
row() { printf '%-34s %9s s %9s KiB  %s\n' "$1" "$2" "$3" "$4"; }

cat "$image" > /dev/null
records=$(build/holdfast scan -q --json "$image" 2> /dev/null | jq '[.volumes[].mft_records] | add')
echo "$records MFT records, $files ordinary user files, all deleted; $(nproc) cores"

read -r scan scan_kib <<< "$(median build/holdfast scan -q "$image")"
row "holdfast scan" "$scan" "$scan_kib" "$((scan_kib * 1024 / records)) bytes a record"
read -r mft mft_kib <<< "$(median icat "$image" 0)"
row "icat image 0 (the \$MFT itself)" "$mft" "$mft_kib" "scan takes $(ratio "$mft" "$scan") times that"
read -r fls fls_kib <<< "$(once fls -r -p "$image")"
row "fls -r -p" "$fls" "$fls_kib" "$(ratio "$scan" "$fls") times holdfast scan"

read -r carve carve_kib <<< "$(median build/holdfast scan -q --carve "$image")"
row "holdfast scan --carve" "$carve" "$carve_kib" "$((carve_kib * 1024 / records)) bytes a record"
read -r dd dd_kib <<< "$(median dd bs=1M if="$image" of=/dev/null status=none)"
row "dd bs=1M of the image" "$dd" "$dd_kib" "the sweep has $(awk -v a="$scan" -v b="$carve" -v c="$dd" \
	'BEGIN { if (b > a) printf "%.1f", c / (b - a); else printf "-" }') times that rate"

out=$bench/rebuilt
one_rescue() { rm -rf "$out"; build/holdfast rescue -q --to "$out" "$image"; }
export -f one_rescue; export out image
read -r rescue rescue_kib <<< "$(once bash -c one_rescue)"
row "holdfast rescue" "$rescue" "$rescue_kib" ""
rm -rf "$out"; mkdir -p "$out"
read -r tsk tsk_kib <<< "$(once tsk_recover "$image" "$out")"
row "tsk_recover" "$tsk" "$tsk_kib" "$(ratio "$rescue" "$tsk") times holdfast rescue"
rm -rf "$out"; mkdir -p "$out"
read -r undelete undelete_kib <<< "$(once ntfsundelete -f -u -m '*' -d "$out" "$image")"
row "ntfsundelete -u -m '*'" "$undelete" "$undelete_kib" "$(ratio "$rescue" "$undelete") times holdfast rescue"
rm -rf "$out"
