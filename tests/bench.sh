#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bench.sh - speed and memory beside sleuthkit and ntfs-3g's programs, in one run on one image
#
# FILES=400000 (ordinary user files), RUNS=3, BENCH=build/bench (where images and results go).
# Seconds by the clock, and of all cores together (user and system), which other work on the machine changes less;
# of RUNS runs the median by the clock, peers in turn, page cache warm.  Long-running peers run once.
set -eu
files=${FILES:-400000} runs=${RUNS:-3} bench=${BENCH:-build/bench}
scenario=all-deleted-store-last
image=$bench/$scenario-$files/$scenario.img
mkdir -p "$bench/$scenario-$files"
[ -f "$image" ] || build/wreck $scenario "$bench/$scenario-$files" --files "$files" > /dev/null
limit=${PEER_SECONDS:-900}

# measure NAME COMMAND...: add one run to what is known of NAME: seconds by the clock, of all cores, and its peak in KiB
measure() {
	local name=$1
	shift
	/usr/bin/time -f '%e %U %S %M' -o "$bench/time" timeout "$limit" "$@" > "$bench/out" 2> /dev/null || true
	tail -n 1 "$bench/time" | awk '{ print $1, $2 + $3, $4 }' >> "$bench/$name.times"
}
# the median of its runs, as variables NAME, NAME_cpu and NAME_kib
median() {
	local runs
	runs=$(wc -l < "$bench/$1.times")
	read -r "$1" "$1_cpu" "$1_kib" <<< "$(sort -n "$bench/$1.times" | sed -n "$(((runs + 1) / 2))p")"
}
once() {
	measure "$@"
	median "$1"
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (a > 0) printf "%.1f", b / a; else printf "-" }'; }
less() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a - b }'; }
row() { # WHAT NAME REMARK
	local cpu=$2_cpu kib=$2_kib
	printf '%-34s %8s s %8s s cpu %9s KiB  %s\n' "$1" "${!2}" "${!cpu}" "${!kib}" "$3"
}

cat "$image" > /dev/null
rm -f "$bench"/*.times
records=$(build/holdfast scan -q --json "$image" 2> /dev/null | jq '[.volumes[].mft_records] | add')
echo "$records MFT records, $files ordinary user files, all deleted; $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg)"

for _ in $(seq "$runs"); do
	measure scan build/holdfast scan -q "$image"
	measure mft icat "$image" 0
	measure book build/holdfast scan -q --case "$bench/case" "$image"
	measure carve build/holdfast scan -q --carve "$image"
	measure dd dd bs=1M if="$image" of=/dev/null status=none
done
rm -f "$bench/case"
for name in scan mft book carve dd; do median $name; done
# shellcheck disable=SC2154 # median sets them
{
	row "holdfast scan" scan "$((scan_kib * 1024 / records)) bytes a record"
	row "icat image 0 (the \$MFT itself)" mft \
		"scan takes $(ratio "$mft" "$scan") times that, $(ratio "$mft_cpu" "$scan_cpu") times its cpu"
	row "holdfast scan --case" book "$((book_kib * 1024 / records)) bytes a record"
	once fls fls -r -p "$image"
	row "fls -r -p" fls "$(ratio "$scan" "$fls") times holdfast scan"
	row "holdfast scan --carve" carve "$((carve_kib * 1024 / records)) bytes a record"
	row "dd bs=1M of the image" dd "the sweep has $(ratio "$(less "$carve" "$scan")" "$dd") times that rate, \
$(ratio "$dd_cpu" "$(less "$carve_cpu" "$scan_cpu")") times its cpu"
}

out=$bench/rebuilt
one_rescue() { rm -rf "$out"; build/holdfast rescue -q --to "$out" "$image"; }
export -f one_rescue; export out image
once rescue bash -c one_rescue
row "holdfast rescue" rescue ""
rm -rf "$out"
mkdir -p "$out"
once tsk_recover tsk_recover "$image" "$out"
# shellcheck disable=SC2154
row "tsk_recover" tsk_recover "$(ratio "$rescue" "$tsk_recover") times holdfast rescue"
rm -rf "$out"
mkdir -p "$out"
once undelete ntfsundelete -f -u -m '*' -d "$out" "$image"
# shellcheck disable=SC2154
row "ntfsundelete -u -m '*'" undelete "$(ratio "$rescue" "$undelete") times holdfast rescue"
rm -rf "$out"
