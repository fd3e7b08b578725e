#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bench_page.sh - the HTML page of many files, beside a plain HTML table of a tenth of the rows
#
# FILES=400000 (ordinary user files; the image is that of bench.sh), RUNS=3, BENCH=build/bench.  Wall seconds, the median of
# RUNS.  A plain table of all rows takes a browser minutes and 10 GB, so it has a tenth, and one run.  The budget is for 300,000 files: open within BUDGET=3 seconds.
set -eu
cd "$(dirname "$0")/.."
. tests/browser/ready.bash
files=${FILES:-400000} runs=${RUNS:-3} bench=${BENCH:-build/bench} budget=${BUDGET:-3}
scenario=all-deleted-store-last
image=$bench/$scenario-$files/$scenario.img
case=$bench/page.case page=$bench/page.html table=$bench/table.html
why=$(browser_ready) || { echo "the page in a browser: left out, $why"; exit 0; }
mkdir -p "$bench/$scenario-$files"
[ -f "$image" ] || build/wreck $scenario "$bench/$scenario-$files" --files "$files" > /dev/null

median() { # of RUNS runs of a command that prints numbers, by the first
	for _ in $(seq "$runs"); do "$@"; done | sort -n | sed -n "$(((runs + 1) / 2))p"
}
mib() { du -b "$1" | awk '{ printf "%.1f", $1 / 1048576 }'; }

build/holdfast scan -q --case "$case" "$image" > /dev/null || [ $? -eq 1 ]
entries=$(sqlite3 "$case" "SELECT count(*) FROM store_file m JOIN file f ON f.id=m.file WHERE NOT f.directory")
rm -f "$page"
/usr/bin/time -f '%e %M' -o "$bench/time" build/holdfast report --format html -o "$page" "$case" || [ $? -eq 1 ]
read -r seconds kib <<< "$(tail -n 1 "$bench/time")"
echo "$entries files in stores; $(nproc) cores"
printf '%-34s %9s s %9s KiB  %s bytes of memory a file\n' "holdfast report --format html" "$seconds" "$kib" "$((kib * 1024 / entries))"

# each tenth row: name, grade, size, time written
{
	echo '<!DOCTYPE html><meta charset=utf-8><title>Files</title><table><tbody>'
	sqlite3 -batch "$case" "SELECT '<tr><td>' || replace(replace(n.inside, '&', '&amp;'), '<', '&lt;') || '</td><td>' ||
		CASE f.grade WHEN 0 THEN 'verified' WHEN 1 THEN 'intact' WHEN 2 THEN 'suspect' WHEN 3 THEN 'partial' ELSE 'lost' END ||
		'</td><td>' || f.size_bytes || '</td><td>' || datetime(f.written/10000000-11644473600, 'unixepoch') || '</td></tr>'
		FROM store_file m JOIN file f ON f.id=m.file JOIN name n ON n.file=f.id AND n.store=m.store WHERE NOT f.directory AND f.id % 10=0 GROUP BY m.store, f.id"
	echo '</tbody></table><p id=end>End</p>'
} > "$table"

read -r ours typing sorting <<< "$(median node "$BROWSER/load.mjs" "$page")"
read -r plain <<< "$(node "$BROWSER/load.mjs" "$table" '#end')"
printf '%-34s %9s s %9s MiB  typing pauses %s ms at most, sorting %s ms\n' "the page opens in Chromium" "$ours" "$(mib "$page")" "$typing" "$sorting"
printf '%-34s %9s s %9s MiB  %s times as long\n' "a plain table of a tenth of them" "$plain" "$(mib "$table")" \
	"$(awk -v a="$ours" -v b="$plain" 'BEGIN { printf "%.1f", b / a }')"
awk -v seconds="$ours" -v entries="$entries" -v budget="$budget" 'BEGIN {
	allowed = entries > 300000 ? budget * entries / 300000 : budget
	printf "budget: %.1f s for as many files; %s\n", allowed, seconds <= allowed ? "kept" : "EXCEEDED"; exit seconds > allowed }'
