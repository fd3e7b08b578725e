#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rescue_demo.sh IMAGE OUT - what 'make rescue' does: rescue IMAGE, or a wrecked disk made for it
set -eu
image=$1
out=$2
if [ -z "$image" ]; then
	scenario=all-deleted-new-system-5
	mkdir -p build/demo
	image=build/demo/$scenario.img
	echo "No IMAGE= given: making a wrecked disk. A store of hard links was captured on it, the"
	echo "users' folders and the system were wiped, the store was deleted, and a new system was"
	echo "begun over it. What it held is in build/demo/$scenario.truth.jsonl."
	[ -f "$image" ] || build/wreck "$scenario" build/demo > /dev/null
fi
if [ -f "$out/report.txt" ]; then # an earlier 'make rescue': into a fresh folder beside it
	n=2
	while [ -e "$out-$n" ]; do n=$((n + 1)); done
	out=$out-$n
fi
mkdir -p "$(dirname "$out")"
echo
echo "\$ holdfast rescue --to $out $image"
status=0
build/holdfast rescue --to "$out" "$image" || status=$?
[ "$status" -le 1 ] || exit "$status" # 1: done, but something is damaged
