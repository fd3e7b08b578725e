#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bench_rules.sh - what the stock rules take of a Windows, beside find with the same names on an ntfs-3g mount
#
# FILES=400000 (of a Windows in use, by three people), RUNS=3, BENCH=build/bench (where images go).  The rules are
# Microsoft's MigApp.xml and MigUser.xml, which are not part of this repository: HOLDFAST_SAMPLES names the folder that
# has them in usmt/ (default ../shared/samples).  Wall seconds, the median of RUNS, page cache warm.
. "$(dirname "$0")/e2e/common.bash"
. "$(dirname "$0")/e2e/engine.bash"
. "$(dirname "$0")/e2e/windows.bash"
set -e
files=${FILES:-400000} runs=${RUNS:-3} bench=$ROOT/${BENCH:-build/bench}
samples=${HOLDFAST_SAMPLES:-$ROOT/../shared/samples}/usmt
app=$samples/MigApp-usmt5.xml user=$samples/MigUser-usmt5.xml
if [ ! -f "$app" ] || [ ! -f "$user" ]; then
	echo "skipped rules: no MigApp and MigUser in $samples (set HOLDFAST_SAMPLES)"
	exit 0
fi

used_windows() {
	windows_hives "$WORK/hives"
	format "$1" "$((files * 2 / 1024 + 128))M"
	mounted "$1" fill "$WORK/hives"
	"$ROOT/build/crash/peer" use "$1" "$files" 7
}
image=$bench/windows-$files.img
mkdir -p "$bench"
if [ ! -f "$image" ]; then
	used_windows "$image.new"
	mv "$image.new" "$image"
fi

# median COMMAND...: wall seconds of one of RUNS runs, and its peak memory in KiB
median() {
	for _ in $(seq "$runs"); do
		/usr/bin/time -f '%e %M' -o "$WORK/time" "$@" > "$WORK/out" 2> "$WORK/err" || true
		tail -n 1 "$WORK/time"
	done | sort -n | sed -n "$(((runs + 1) / 2))p"
}
row() { printf '%-44s %9s s %9s KiB  %s\n' "$1" "$2" "$3" "$4"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (a > 0) printf "%.1f", b / a; else printf "-" }'; }

cat "$image" > /dev/null
records=$("$HOLDFAST" scan -q --json "$image" 2> "$WORK/err" | jq '[.volumes[].mft_records] | add')
echo "$records MFT records, $files files of a Windows in use; $(nproc) cores"
read -r ours kib <<< "$(median "$HOLDFAST" rules --json --on "$image" "$app" "$user")"
row "holdfast rules --on: MigApp and MigUser" "$ours" "$kib" \
	"$(jq '[.on.volumes[].files] | add' "$WORK/out") files taken, $((kib * 1024 / records)) bytes a record"

# the names that MigUser takes wherever they are
names=(-false)
while read -r pattern; do names+=(-o -iname "$pattern"); done < <(grep -oE '\[\*\.[^]]+\]' "$user" | tr -d '[]' | sort -u)
beside() { median find . "${names[@]}" > "$WORK/peer"; }
watched "$image" beside
read -r peer kib < "$WORK/peer"
row "find, $(((${#names[@]} - 1) / 3)) names of them (ntfs-3g)" "$peer" "$kib" "$(ratio "$ours" "$peer") times holdfast rules"

cp --sparse=always "$image" "$bench/windows-work.img"
runs=1
read -r ours kib <<< "$(median "$HOLDFAST" capture -q --store '\StateStore' --rules "$app" --rules "$user" "$bench/windows-work.img")"
row "holdfast capture --rules" "$ours" "$kib" ""
rm "$bench/windows-work.img"
