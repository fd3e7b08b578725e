#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# resume.sh - cut off and run again, a rescue ends as if it had run once
. "$(dirname "$0")/common.bash"

START=$EPOCHSECONDS
# What a rescue leaves, to be compared: names, links, sizes, times of files, contents, manifests.
result() {
	(cd "$1" && find store-* -type f -printf '%n %s %T@ %p\0' | sort -z | tr '\0\n' '\n ' &&
		find store-* -type d -printf '%T@ %p\0' | sort -z -k2 | tr '\0\n' '\n ' |
			awk -v start="$START" '$1 >= start { $1 = "today" } { print }' &&
		find store-* -type f ! -name "*.jsonl" ! -name .holdfast-rebuilt -print0 | sort -z | xargs -0 sha256sum -z | tr '\0\n' '\n ' &&
		cat store-*/*.jsonl | sort)
}
# times of the manifests themselves are of today, and the order of lines followed them
without_stamps() {
	sed -E 's/^([0-9]+ [0-9]+) [0-9.]+ (store-[0-9]+\/([a-z]+\.jsonl|\.holdfast-rebuilt|streams\/.*))$/\1 \2/' | sort
}

setup() {
	fixture all-deleted-store-last --files 3000
	local begin=$EPOCHREALTIME
	hold 0,1 rescue --to "$WORK/whole" "$IMAGE"
	result "$WORK/whole" | without_stamps > "$WORK/wanted"
	awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }' > "$WORK/seconds"
	[ "$(wc -l < "$WORK/wanted")" -gt 3000 ] || fail "the fixture is too small"
}
try "resume: an uninterrupted run" setup

# killed_often STEP: killed after times that grow by STEP of an undisturbed run, until one comes to its end
killed_often() {
	local pid i seconds
	seconds=$(cat "$WORK/seconds")
	rm -rf "$WORK/cut"
	kills=0 middle=0
	for i in $(seq 1 40); do
		"$HOLDFAST" rescue --to "$WORK/cut" "$IMAGE" > "$WORK/out" 2> "$WORK/err" &
		pid=$!
		sleep "$(awk -v s="$seconds" -v i="$i" -v step="$1" 'BEGIN { print s * (0.12 + step * i) }')"
		status=0
		kill -9 $pid 2> "$WORK/log2" || status=1
		wait $pid && status=0 || status=$?
		[ "$status" = 137 ] || break
		kills=$((kills + 1))
		# the report is the last that is written: a process that is killed behind it, on its way out, has done its work
		[ -e "$WORK/cut/report.txt" ] && { status=0; break; }
		[ ! -d "$WORK/cut/store-1" ] || middle=$((middle + 1))
	done
	return 0
}

killed() {
	local kills middle status step
	fixture all-deleted-store-last --files 3000
	for step in 0.09 0.05 0.03 0.02; do # a machine that is busy now and idle then wants several tries
		killed_often "$step"
		[ "$middle" = 0 ] || break
	done
	[ "$status" = 1 ] || [ "$status" = 0 ] || fail "after $kills kills: exit status $status: $(head -n 1 "$WORK/err")"
	echo "$kills kills, $middle of them while files were written"
	[ "$middle" -ge 1 ] || fail "no kill hit the middle ($kills kills): make the fixture larger"
	result "$WORK/cut" | without_stamps > "$WORK/got"
	diff "$WORK/wanted" "$WORK/got" > "$WORK/diff" || fail "not the same as one whole run: $(grep '^[<>]' "$WORK/diff" | head -n 2)"
	left=$(find "$WORK/cut" -name "*.new" -o -name "*.tmp" -o -name "*-journal" -o -name "*-wal" -o -name .holdfast-rebuild)
	[ -z "$left" ] || fail "temporary files stay: $(echo "$left" | head -n 2 | tr "\n" " ")"
	unchanged
	rm -rf "$WORK/cut"
}
try "resume: killed several times, run until done" killed

# Cut off while the lists are published, one after the other: those that are there are gone on with.
between_lists() {
	local published list
	fixture all-deleted-store-last --files 3000
	for published in "security" "security sidecar" "security sidecar manifest"; do
		rm -rf "$WORK/cut"
		cp -a "$WORK/whole" "$WORK/cut"
		rm "$WORK/cut/report.txt"
		mv "$WORK/cut/store-1/.holdfast-rebuilt" "$WORK/cut/store-1/.holdfast-rebuild"
		for list in security sidecar manifest; do
			[[ " $published " == *" $list "* ]] || mv "$WORK/cut/store-1/$list.jsonl" "$WORK/cut/store-1/$list.jsonl.part"
		done
		hold 0,1 rescue --to "$WORK/cut" "$IMAGE"
		result "$WORK/cut" | without_stamps > "$WORK/got"
		diff "$WORK/wanted" "$WORK/got" > "$WORK/diff" ||
			fail "published: $published: not the same as one whole run: $(grep '^[<>]' "$WORK/diff" | head -n 2)"
	done
	rm -rf "$WORK/cut"
}
try "resume: cut off between one list and the next" between_lists

# The same for rebuild from a casebook.
rebuild_killed() {
	local i pid status seconds
	seconds=$(cat "$WORK/seconds")
	for i in 1 2 3; do
		"$HOLDFAST" rebuild --store 1 --to "$WORK/rebuilt" "$WORK/whole/case.holdfast" > "$WORK/out" 2>&1 &
		pid=$!
		sleep "$(awk -v s="$seconds" -v i="$i" 'BEGIN { print s * 0.1 * i }')"
		kill -9 $pid 2> "$WORK/log2" || true
		wait $pid || true
		[ ! -e "$WORK/rebuilt/manifest.jsonl" ] || break
	done
	[ -e "$WORK/rebuilt/manifest.jsonl" ] ||
		hold 0,1 rebuild --store 1 --to "$WORK/rebuilt" "$WORK/whole/case.holdfast"
	same "lines of the manifest" "$(sort "$WORK/rebuilt/manifest.jsonl" | sha256sum)" \
		"$(sort "$WORK/whole/store-1/manifest.jsonl" | sha256sum)"
	same "files" "$(cd "$WORK/rebuilt/USMT" && find . -type f -print0 | sort -z | xargs -0 sha256sum -z | sha256sum)" \
		"$(cd "$WORK/whole/store-1/USMT" && find . -type f -print0 | sort -z | xargs -0 sha256sum -z | sha256sum)"
	rm -rf "$WORK/rebuilt"
}
try "resume: rebuild killed, run again" rebuild_killed

# A full disk: said in one line, and with more room it goes on.
full_disk() {
	mkdir "$WORK/small"
	mount -t tmpfs -o size=24m none "$WORK/small" 2> "$WORK/log2" || skip "tmpfs cannot be mounted here"
	trap 'umount "$WORK/small"' EXIT
	fixture all-deleted-store-last --files 3000
	hold 3 rescue --to "$WORK/small/out" "$IMAGE"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
	grep -q "No space left" "$WORK/err" || fail "not said: $(cat "$WORK/err")"
	[ ! -e "$WORK/small/out/report.txt" ] || fail "it says that it is finished"
	# what stands under its final name is whole: only files of the wanted result
	(cd "$WORK/small/out" && find store-*/USMT -type f -print0 | sort -z | xargs -0 -r sha256sum -z | tr '\0\n' '\n ') > "$WORK/kept"
	[ -s "$WORK/kept" ] || fail "nothing was kept"
	[ -z "$(grep -vxFf "$WORK/wanted" "$WORK/kept" | head -n 1)" ] ||
		fail "a file is under its name and not whole: $(grep -vxFf "$WORK/wanted" "$WORK/kept" | head -n 1)"
	mount -o remount,size=600m "$WORK/small" || skip "tmpfs cannot be made larger here"
	hold 0,1 rescue --to "$WORK/small/out" "$IMAGE"
	result "$WORK/small/out" | without_stamps > "$WORK/got"
	diff "$WORK/wanted" "$WORK/got" > "$WORK/diff" || fail "not the same as one whole run: $(grep '^[<>]' "$WORK/diff" | head -n 2)"
}
try "resume: full disk, then room is made" full_disk
done_testing
