#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# carve.sh - what only a look at every sector brings back; and such a look that is cut off
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"
. "$(dirname "$0")/sweep.bash"

IMAGE=$WORK/carve.img
OUT=$WORK/rescued

contents() {
	find Users -type f -size +1k -print0 | xargs -0 sha256sum | cut -d' ' -f1 | sort > "$WORK/contents"
}

populate() {
	local i
	mkdir -p Users/alice/Documents
	for i in {1..80}; do
		head -c $((5000 + i * 100)) /dev/urandom > "Users/alice/Documents/$i.doc"
	done
	echo marker-of-one-file >> Users/alice/Documents/80.doc
	contents
}

setup() {
	format "$IMAGE" 64M
	mounted "$IMAGE" populate
	hold 0 capture --digest --store '\StateStore' "$IMAGE"
	mounted "$IMAGE" reuse
	digest "$IMAGE" > "$WORK/sum"
}

# saved [OPTION]: how many of the contents a rescue brings back
saved() {
	rm -rf "$OUT"
	hold 0,1 rescue --to "$OUT" "$@" "$IMAGE"
	find "$OUT" -type f -size +1k -print0 | xargs -0 sha256sum | cut -d' ' -f1 | sort -u | comm -12 - "$WORK/contents" | wc -l
}

catalogue_gives_files_whose_records_are_gone() {
	local with
	hold 0,1 scan --case "$WORK/shallow" "$IMAGE"
	same "files without a sweep" "$(sqlite3 "$WORK/shallow" 'SELECT total(files) FROM store')" 0.0
	with=$(saved --carve)
	[ "$with" -ge 65 ] || fail "$with of 80 files"
	digest "$IMAGE" | cmp - "$WORK/sum"
}

# What is called intact, or better, is; the rest was written over
grades_are_right() {
	local right
	jq -r 'select(.grade == "intact" or .grade == "verified") | select(.size > 1000) | .sha256' "$OUT"/store-*/manifest.jsonl |
		sort > "$WORK/trusted"
	right=$(comm -12 "$WORK/trusted" "$WORK/contents" | wc -l)
	[ "$right" -ge 65 ] || fail "$right files are called intact"
	same "verified by the digests of the catalogue" \
		"$(jq -r 'select(.grade == "verified") | .grade' "$OUT"/store-*/manifest.jsonl | wc -l)" "$right"
	[ -z "$(comm -23 "$WORK/trusted" "$WORK/contents")" ] || fail "called intact, and is not: $(comm -23 "$WORK/trusted" "$WORK/contents" | wc -l)"
}

# Somebody wrote where nothing says that anybody did
digest_tells_of_a_change() {
	local at
	cp --sparse=always "$IMAGE" "$WORK/changed.img"
	at=$(grep -obUa marker-of-one-file "$IMAGE" | cut -d: -f1)
	printf M | dd of="$WORK/changed.img" bs=1 seek="$at" conv=notrunc status=none
	rm -rf "$OUT"
	hold 1 rescue --carve --to "$OUT" "$WORK/changed.img"
	same "of the file that was changed" "$(jq -r 'select(.names[0] | endswith("/80.doc")) | .grade, .why' "$OUT"/store-*/manifest.jsonl)" \
		"suspect
the content is not what it was when it was captured: its digest is another"
	[ -f "$OUT"/store-1/USMT/File/C\$/Users/alice/Documents/80.doc.suspect ] || fail "it does not say so in its name"
}

# The file that holds the progress fits below the limit, the casebook does not
cut_off_between_sweep_and_casebook() {
	hold 0,1 scan --carve --case "$WORK/whole" "$IMAGE"
	(
		ulimit -f 150
		trap '' XFSZ
		"$HOLDFAST" scan --carve --case "$WORK/cut" "$IMAGE" > "$WORK/log2" 2>&1
	) && fail "the limit was not met"
	[ -f "$WORK/cut" ] && fail "a casebook that was not finished"
	same "swept" "$(sqlite3 "$WORK/cut.sweep" 'SELECT next FROM sweep')" "$(stat -c %s "$IMAGE")"
	hold 0,1 scan --carve --case "$WORK/cut" "$IMAGE"
	[ -e "$WORK/cut.sweep" ] && fail "the progress stays"
	cmp <(dump "$WORK/whole") <(dump "$WORK/cut")
}

progress_is_not_put_onto_the_evidence() {
	ln "$IMAGE" "$WORK/ours.sweep"
	hold 3 scan --carve --case "$WORK/ours" "$IMAGE"
	digest "$IMAGE" | cmp - "$WORK/sum"
}

# Folders whose records are written over, and some with blocks that stay and tell where the volume lay
people() {
	local i
	populate
	for i in {1..12}; do
		mkdir "Users/folder $i"
		touch "Users/folder $i/a file of a name "{1..12}
	done
}

newcomer() {
	local i
	mkdir new
	for i in {1..10}; do
		echo "$i" > "new/$i"
	done
}

# What was in use when the volume was formatted is in use no more; its folders' records are others' now
formatted_anew() {
	IMAGE=$WORK/anew.img
	format "$IMAGE" 64M
	mounted "$IMAGE" people
	mkntfs -F -Q -q "$IMAGE" > "$WORK/log2" 2>&1
	[ "$(saved --beside)" -ge 80 ] || fail "of the files that no store had, too few are back"
	mounted "$IMAGE" newcomer
	[ "$(saved)" -ge 60 ] || fail "of the files whose folders are lost, too few are back"
	[ -z "$(jq -r 'select(.grade == "intact" and .size > 1000) | .sha256' "$OUT"/store-*/manifest.jsonl | sort | comm -23 - "$WORK/contents")" ] ||
		fail "called intact, and is not"
}

# What a life between has left in a file; a casebook knows that as well as the rescue
formatted_twice() {
	local log
	IMAGE=$WORK/anew.img
	format "$IMAGE" 64M
	mounted "$IMAGE" people
	hold 0 capture --store '\StateStore' --tree '\Users' "$IMAGE"
	log=$(grep -obUa marker-of-one-file "$IMAGE" | cut -d: -f1)
	mkntfs -F -Q -q "$IMAGE" > "$WORK/log2" 2>&1
	head -c 4096 /dev/zero | tr '\0' '\377' | dd of="$IMAGE" bs=512 seek=$((log / 4096 * 8)) conv=notrunc status=none
	saved > "$WORK/log2"
	same "of the file in which a log lies" "$(grep -h /80.doc "$OUT"/store-1/manifest.jsonl | jq -r .grade)" suspect
	hold 0,1 rebuild --store 1 --to "$WORK/again" "$OUT/case.holdfast"
	same "of a casebook" "$(grep -h /80.doc "$WORK/again/manifest.jsonl" | jq -r .grade)" suspect
}

# Nobody misses what a format makes: $UsnJrnl, whose folder $Extend is the younger volume's now
without_its_own() {
	fixture change-journal --files 60
	cp --sparse=always "$IMAGE" "$WORK/anew.img"
	mkntfs -F -Q -q -c 512 "$WORK/anew.img" > "$WORK/log2" 2>&1
	rm -rf "$OUT"
	hold 1 rescue --carve --beside --to "$OUT" "$WORK/anew.img"
	[ "$(cat "$OUT"/*/manifest.jsonl | wc -l)" -ge 190 ] || fail "the users' files are not there"
	same "the file system's own among them" "$(cat "$OUT"/*/manifest.jsonl | grep -c 'UsnJrnl')" 0
}

# life NAME: a folder with files of their own; their contents are added to the life's
life() {
	local i
	mkdir "$1"
	for i in {1..40}; do
		head -c $((5000 + i * 70)) /dev/urandom > "$1/$i.dat"
	done
	find "$1" -type f -print0 | xargs -0 sha256sum | cut -d' ' -f1 | sort > "$WORK/of-$1"
}

# Three times the same format, and one folder each: the first two lives are found, and told apart
three_lives() {
	local options=$1 name
	IMAGE=$WORK/three.img
	format "$IMAGE" 48M $options
	mounted "$IMAGE" eval 'life first; life more; life most'
	for name in second third; do
		sleep 1.1 # formatters know no parts of a second
		mkntfs -F -Q -q $options "$IMAGE" > "$WORK/log2" 2>&1
		[ $name = third ] || mounted "$IMAGE" life $name
	done
	rm -rf "$OUT"
	hold 0,1 rescue --json --beside --to "$OUT" "$IMAGE"
	same "past lives" "$(jq -c '[.volumes[] | .past]' "$WORK/out")" "[false,true,true]"
	find "$OUT" -type f -name '*.dat' -print0 | xargs -0 -r sha256sum | cut -d' ' -f1 | sort -u > "$WORK/plain"
	sort "$WORK"/of-* > "$WORK/all"
	[ -z "$(comm -23 "$WORK/plain" "$WORK/all")" ] || fail "called intact, and is not"
	[ "$(comm -12 "$WORK/plain" "$WORK/of-second" | wc -l)" -ge 35 ] || fail "of the life between, too few files are back"
	find "$OUT" -type f -name '*.dat*' -print0 | xargs -0 -r sha256sum | cut -d' ' -f1 | sort -u > "$WORK/any"
	[ "$(comm -12 "$WORK/any" <(sort "$WORK/of-more" "$WORK/of-most") | wc -l)" -ge 35 ] || fail "of the first life, too few files are back"
}

try "a capture, all deleted, and its records reused" setup
try "a carved catalogue gives files whose records are gone" catalogue_gives_files_whose_records_are_gone
try "what such a file is called is right" grades_are_right
try "a digest tells of a change" digest_tells_of_a_change
try "a scan that is cut off goes on from its sweep" cut_off_between_sweep_and_casebook
try "the progress of a sweep is not put onto the evidence" progress_is_not_put_onto_the_evidence
try "after a quick format, files that lay in no store" formatted_anew
try "what a format between has left in a file" formatted_twice
try "after a quick format, nothing of the file system's own" without_its_own
try "two lives before the last format" three_lives "-c 4096"
try "two lives before the last format, clusters of 512 bytes" three_lives "-c 512"
try "two lives before the last format, records of 4 KiB" three_lives "-c 4096 -s 4096"
done_testing
