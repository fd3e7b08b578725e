#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# casebook.sh - a scan keeps its findings; report and rebuild work from them
. "$(dirname "$0")/common.bash"

fixture second-capture-over-first
setup() {
	cp --sparse=always "$IMAGE" "$WORK/disk.img"
	hold 0,1 scan --json --case "$WORK/case" "$WORK/disk.img"
	cp "$WORK/out" "$WORK/scan.json"
	same "stores" "$(jq '[.stores[] | select(.orphans | not)] | length' "$WORK/scan.json")" 2
}
try "casebook: scan --case" setup

reports() {
	hold 0,1 report --json "$WORK/case"
	same "the scan and its casebook" "$(jq -S 'del(.case)' "$WORK/out" | sha256sum)" "$(jq -S 'del(.case)' "$WORK/scan.json" | sha256sum)"
	hold 0,1 report --format json -o "$WORK/report.json" "$WORK/case"
	same "output file" "$(sha256sum < "$WORK/report.json")" "$("$HOLDFAST" report --json "$WORK/case" | sha256sum)"
	hold 0,1 report "$WORK/case"
	# per store where, whose, state, counts, only-here, and the next command to type
	for word in '_SMSTaskSequence' 'UserState.old' Alice bjørn 山田 live deleted 'only here' intact 'holdfast rebuild'; do
		grep -qF -- "$word" "$WORK/out" || fail "the text does not have '$word'"
	done
	! grep -q "$(printf '\033')" "$WORK/out" || fail "escape sequences outside a terminal"
	# the same casebook, the same text
	cp "$WORK/out" "$WORK/first"
	hold 0,1 report --format text "$WORK/case"
	cmp "$WORK/out" "$WORK/first"
}
try "casebook: report as text and JSON" reports

rebuilt_alone() {
	hold 0,1 rescue --to "$WORK/rescued" "$WORK/disk.img"
	for store in 1 2; do
		hold 0,1 rebuild --store $store --json --to "$WORK/rebuilt-$store" "$WORK/case"
		jq -e ".store == $store and .files > 0 and (.grades | length == 5)" "$WORK/out" > "$WORK/log2"
		same "store $store" "$(sort "$WORK/rebuilt-$store/manifest.jsonl" | sha256sum)" \
			"$(sort "$WORK/rescued/store-$store/manifest.jsonl" | sha256sum)"
		same "files of store $store" "$(cd "$WORK/rebuilt-$store" && find USMT -type f -print0 | sort -z | xargs -0 sha256sum -z | sha256sum)" \
			"$(cd "$WORK/rescued/store-$store" && find USMT -type f -print0 | sort -z | xargs -0 sha256sum -z | sha256sum)"
	done
	"$ROOT/tests/judge.sh" "$TRUTH" "$WORK"/rebuilt-*/manifest.jsonl > "$WORK/verdict" 
	same "wrong content graded intact" "$(jq .wrong_intact "$WORK/verdict")" 0
}
try "casebook: rebuild --store N from it" rebuilt_alone

rebuild_from_disk() {
	mkdir "$WORK/scratch"
	TMPDIR=$WORK/scratch hold 0,1 rebuild --store 1 --to "$WORK/direct" "$WORK/disk.img"
	same "from the disk and from the casebook" "$(sort "$WORK/direct/manifest.jsonl" | sha256sum)" \
		"$(sort "$WORK/rebuilt-1/manifest.jsonl" | sha256sum)"
	[ -z "$(ls -A "$WORK/scratch")" ] || fail "the scratch casebook stays"
}
try "casebook: rebuild from the disk itself" rebuild_from_disk

choose() {
	hold 2 rebuild --to "$WORK/none" "$WORK/case"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
	grep -q -- '--store' "$WORK/err"
	hold 2 rebuild --store 9 --to "$WORK/none" "$WORK/case"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
	grep -q 'store 9' "$WORK/err"
	[ ! -e "$WORK/none" ] || fail "a destination was made"
}
try "casebook: which store" choose

finished() {
	local before
	before=$(listing "$WORK/rebuilt-1" | sha256sum)
	hold 0,1,3 rebuild --store 1 --to "$WORK/rebuilt-1" "$WORK/case"
	same "the finished rebuild" "$(listing "$WORK/rebuilt-1" | sha256sum)" "$before"
}
try "casebook: rebuild onto a finished rebuild changes nothing" finished

moved() {
	mv "$WORK/disk.img" "$WORK/elsewhere.img"
	hold 3 rebuild --store 1 --to "$WORK/none" "$WORK/case"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
	grep -q 'disk.img' "$WORK/err" || fail "not named: $(cat "$WORK/err")"
	[ ! -e "$WORK/none" ] || fail "a destination was made"
	# the report needs no evidence
	hold 0,1 report --json "$WORK/case"
	mv "$WORK/elsewhere.img" "$WORK/disk.img"
	hold 0,1 rebuild --store 2 --to "$WORK/back" "$WORK/case"
	rm -rf "$WORK/back"
}
try "casebook: moved evidence" moved

# A disk of the same size under the same name, all zeros: nothing on it may be called intact.
exchanged() {
	mv "$WORK/disk.img" "$WORK/elsewhere.img"
	truncate -s "$(stat -c %s "$WORK/elsewhere.img")" "$WORK/disk.img"
	trap "mv $WORK/elsewhere.img $WORK/disk.img" EXIT
	hold 3 rebuild --store 1 --to "$WORK/none" "$WORK/case"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
	[ ! -e "$WORK/none" ] || fail "a destination was made"
}

all_records() {
	local files
	hold 0,1 scan --all --case "$WORK/all" "$WORK/disk.img"
	files=$(plain "$TRUTH" | jq -s '[.[] | select(.class == "system" and .kind == "file")] | length')
	[ "$(sqlite3 "$WORK/all" 'select count(*) from file')" -gt $(($(sqlite3 "$WORK/case" 'select count(*) from file') + files / 2)) ] ||
		fail "--all does not hold more files"
	same "stores" "$("$HOLDFAST" report --json "$WORK/all" | jq -cS .stores)" "$(jq -cS .stores "$WORK/scan.json")"
	hold 0,1 rebuild --store 2 --to "$WORK/from-all" "$WORK/all"
	same "rebuilt" "$(sort "$WORK/from-all/manifest.jsonl" | sha256sum)" "$(sort "$WORK/rebuilt-2/manifest.jsonl" | sha256sum)"
	rm -rf "$WORK/from-all"
}
try "casebook: scan --all" all_records
try "casebook: another disk in the place of the evidence" exchanged

deterministic() {
	hold 0,1 scan --case "$WORK/case2" "$WORK/disk.img"
	for table in volume store file name finding; do
		same "$table" "$(sqlite3 "$WORK/case2" "select * from $table" | sha256sum)" "$(sqlite3 "$WORK/case" "select * from $table" | sha256sum)"
		[ "$table" = finding ] || [ "$(sqlite3 "$WORK/case" "select count(*) from $table")" -gt 0 ] || fail "$table is empty"
	done
	same "integrity" "$(sqlite3 "$WORK/case" 'pragma integrity_check')" ok
}
try "casebook: two scans find the same" deterministic
try "casebook: evidence unchanged" unchanged
done_testing
