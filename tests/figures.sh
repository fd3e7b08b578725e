#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# figures.sh - the README's table of what is recovered: every fixture rescued and judged
#
# FILES=300 (ordinary user files a fixture).  One line a scenario, then the sums.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '%-34s %6s %6s %8s %6s %8s %7s %7s\n' scenario files had content wrong intact names wrong
for scenario in $(build/wreck --list | cut -f1); do
	build/wreck "$scenario" "$work" --files "${FILES:-300}" > /dev/null
	map=$work/$scenario.map
	build/holdfast rescue -q ${map:+$([ -f "$map" ] && echo --map "$map")} --to "$work/out" \
		"$work/$scenario.img" > /dev/null 2>&1 || true
	# of lives between the first and the last format, the truth does not tell (tests/e2e/carve.sh does)
	lives=$(head -n 1 "$work/$scenario.truth.jsonl" | jq '.formatted // [] | length + 1')
	for store in $(sqlite3 "$work/out/case.holdfast" "SELECT id FROM store WHERE volume > 1 AND volume < $lives"); do
		rm -r "$work/out/store-$store"
	done
	cat "$work"/out/store-*/manifest.jsonl > "$work/manifest" 2> /dev/null || : > "$work/manifest"
	tests/judge.sh "$work/$scenario.truth.jsonl" "$work/manifest" > "$work/judged"
	intact=$(grep -c '"grade": "intact", "size"' "$work/manifest" || true)
	jq -r --arg s "$scenario" --arg i "$intact" \
		'[$s, .files, .had, .content, .wrong_intact, $i, .names_right + .names_derived, .names_wrong] | @tsv' \
		"$work/judged"
	rm -rf "$work/out" "$work/$scenario".*
done | awk -F '\t' '{ printf "%-34s %6d %6d %8d %6d %8d %7d %7d\n", $1, $2, $3, $4, $5, $6, $7, $8
                      for (i = 2; i <= 8; i++) sum[i] += $i }
              END { printf "%-34s %6d %6d %8d %6d %8d %7d %7d\n", "all", sum[2], sum[3], sum[4], sum[5], sum[6],
                           sum[7], sum[8] }'
