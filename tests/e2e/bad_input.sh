#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bad_input.sh - what cannot work says so in one line, and touches nothing
. "$(dirname "$0")/common.bash"

# every file in $WORK/room and $WORK/new with its times: a write changes the last one
traces() {
	(cd "$WORK" && find room new -printf "%y %n %s %T@ %C@ %p\n" | grep -v " new$" | sort)
}

# refused STATUS PATTERN COMMAND...: one line on stderr that matches, and nothing in $WORK/room changed
refused() {
	local status=$1 pattern=$2 before after
	shift 2
	before=$(traces)
	cd "$WORK/room"
	trap 'rm -rf "$WORK"/new; mkdir "$WORK/new"' EXIT
	hold "$status" "$@"
	after=$(traces)
	same "lines on stderr" "$(wc -l < "$WORK/err"): $(tr '\n' '~' < "$WORK/err")" "1: $(tr '\n' '~' < "$WORK/err")"
	grep -qE -- "$pattern" "$WORK/err" || fail "the line does not name it: $(cat "$WORK/err")"
	[ ! -s "$WORK/out" ] || fail "something on standard output: $(head -n 1 "$WORK/out")"
	[ "$after" = "$before" ] || {
		fail "files were changed: $(diff <(echo "$before") <(echo "$after") | grep "^[<>]" | head -n 2 | tr "\n" " ")"
	}
}

# The same for every command that reads evidence.
refused_by_all() {
	local status=$1 pattern=$2 source=$3
	refused "$status" "$pattern" rescue --to "$WORK/new/out" "$source"
	refused "$status" "$pattern" rescue --json --beside --to "$WORK/new/out" "$source"
	refused "$status" "$pattern" scan "$source"
	refused "$status" "$pattern" scan --json --case "$WORK/new/case" "$source"
	refused "$status" "$pattern" rebuild --to "$WORK/new/out" "$source"
	refused "$status" "$pattern" check "$source"
}

mkdir "$WORK/room" "$WORK/new"
fixture store-live-users-wiped --files 60 || exit 3
cp --sparse=always "$IMAGE" "$WORK/room/disk.img"
head -c 3000000 /dev/urandom > "$WORK/room/random.img"
head -c 1048576 /dev/zero > "$WORK/room/zeros.img"
: > "$WORK/room/empty.img"
head -c 511 "$IMAGE" > "$WORK/room/sector.img"
mkdir "$WORK/room/folder" "$WORK/room/full" "$WORK/room/blank"
echo mine > "$WORK/room/full/mine.txt"
echo "not a casebook" > "$WORK/room/text.case"
ln -s loop "$WORK/room/loop"
(cd "$WORK/room" && "$HOLDFAST" scan --case good.case disk.img > "$WORK/out" 2>&1)
cp "$WORK/room/good.case" "$WORK/room/version.case"
sqlite3 "$WORK/room/version.case" 'PRAGMA user_version=99'
head -c 5000 "$WORK/room/good.case" > "$WORK/room/cut.case"
(cd "$WORK/room" && "$HOLDFAST" rescue --to done disk.img > "$WORK/out" 2>&1)

try "bad input: random bytes" refused_by_all 3 'random.img: .*NTFS' random.img
try "bad input: only zeros" refused_by_all 3 'zeros.img: .*NTFS' zeros.img
try "bad input: an empty file" refused_by_all 3 'empty.img: .*empty' empty.img
try "bad input: less than a sector" refused_by_all 3 'sector.img' sector.img
try "bad input: a directory" refused_by_all 3 'folder: .*directory' folder
try "bad input: nothing there" refused_by_all 3 'nosuch.img: .*No such file' nosuch.img
try "bad input: a loop of links" refused_by_all 3 'loop: .*(levels|links)' loop
try "bad input: /dev/null" refused_by_all 3 '/dev/null' /dev/null
try "bad input: partition that is not there" refused_by_all '2,3' 'disk.img.*3' disk.img@3
try "bad input: @x" refused_by_all 2 '@x|partition' disk.img@x
try "bad input: @+x" refused_by_all 2 '@|offset' disk.img@+x
try "bad input: @0" refused_by_all '2,3' 'disk.img' disk.img@0
try "bad input: @ of a huge number" refused_by_all '2,3' 'disk.img' disk.img@99999999999999999999
try "bad input: offset where no volume is" refused_by_all '2,3' 'disk.img' disk.img@+4096
try "bad input: offset beyond the end" refused_by_all '2,3' 'disk.img' disk.img@+99999999999
try "bad input: an empty name" refused_by_all '2,3' 'holdfast' ''

no_permission() {
	local user
	cp "$WORK/room/disk.img" "$WORK/closed.img"
	chmod 000 "$WORK/closed.img"
	[ "$(id -u)" != 0 ] || user=nobody
	if [ -n "${user:-}" ]; then
		command -v setpriv > /dev/null || skip "no setpriv to be somebody else"
		chmod 755 "$E2E_SHARED" "$WORK"
		[ -z "$(setpriv --reuid "$user" --clear-groups "$HOLDFAST" --version 2>&1 > "$WORK/out")" ] ||
			skip "the program cannot be run as $user here"
		run 3 setpriv --reuid "$user" --clear-groups "$HOLDFAST" scan "$WORK/closed.img"
	else
		run 3 "$HOLDFAST" scan "$WORK/closed.img"
	fi
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
	grep -q 'closed.img: .*Permission denied' "$WORK/err"
	# nor a destination that cannot be written
	mkdir -p "$WORK/closed"
	chmod 500 "$WORK/closed"
	[ -z "${user:-}" ] || chown 0 "$WORK/closed"
	chmod 644 "$WORK/closed.img"
	run 3 ${user:+setpriv --reuid "$user" --clear-groups} "$HOLDFAST" rescue --to "$WORK/closed/out" "$WORK/closed.img"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
	grep -q 'closed.*: .*Permission denied' "$WORK/err"
}
try "bad input: no permission" no_permission

# Images cut short: what is left is rescued, and the rest is told; or one line
cut_short() {
	local size
	size=$(stat -c %s "$IMAGE")
	head -c $((size * 2 / 3)) "$IMAGE" > "$WORK/cut.img"
	hold 1 rescue --json --to "$WORK/cut" "$WORK/cut.img"
	jq -e '.findings | any(.kind | test("cut-short|short|truncated"))' "$WORK/out" > "$WORK/log2" ||
		fail "not told as a finding: $(jq -c '[.findings[].kind] | unique' "$WORK/out")"
	"$ROOT/tests/judge.sh" "$TRUTH" "$WORK"/cut/store-*/manifest.jsonl > "$WORK/verdict"
	same "wrong content graded intact" "$(jq .wrong_intact "$WORK/verdict")" 0
	jq -s -e 'any(.[]; .grade == "partial" or .grade == "lost")' <(plain "$WORK/cut/store-1/manifest.jsonl") > "$WORK/log2" ||
		fail "no file suffers from a third that is missing"
	"$HOLDFAST" report "$WORK/cut/case.holdfast" > "$WORK/text" || [ $? = 1 ]
	grep -qiE 'cut short|ends before|shorter' "$WORK/text" || fail "the report does not say that the image is cut short"
	grep -qE '^  state +live: .*not all of its files are sound' "$WORK/text" ||
		fail "the store is told as: $(grep -E '^  state' "$WORK/text" | head -n 1)"
	# and of one that has all, nothing of the kind
	hold 0 report "$WORK/room/good.case"
	grep -qE '^  state +live: .*, whole$' "$WORK/out"
}
try "bad input: image cut short in the middle" cut_short

# Damaged containers
damaged_e01() {
	local how=$1
	command -v ewfacquire > "$WORK/log2" || skip "no ewfacquire"
	ewfacquire -u -q -f encase6 -t "$WORK/room/e-$how" -c deflate:fast "$WORK/room/disk.img" > "$WORK/log2" 2>&1
	case $how in
	cut) truncate -s $(($(stat -c %s "$WORK/room/e-$how.E01") / 2)) "$WORK/room/e-$how.E01" ;;
	head) printf 'XXXXXXXX' | dd of="$WORK/room/e-$how.E01" bs=1 conv=notrunc status=none ;;
	flipped)
		# noise in the middle of the chunks' data: their checksums no longer fit
		head -c 200000 /dev/urandom | dd of="$WORK/room/e-$how.E01" bs=1k conv=notrunc status=none \
			seek=$(($(stat -c %s "$WORK/room/e-$how.E01") / 2048))
		;;
	esac
	rm -rf "$WORK/new/out"
	cd "$WORK/room"
	hold 1,3 rescue --json --to "$WORK/new/out" "e-$how.E01"
	if [ -s "$WORK/err" ]; then
		same "lines on stderr" "$(wc -l < "$WORK/err")" 1
		grep -q "e-$how.E01" "$WORK/err" || fail "the line does not name it: $(cat "$WORK/err")"
		[ ! -e "$WORK/new/out" ] || fail "a destination was made"
	else
		[ "$how" = flipped ] || fail "accepted"
		"$ROOT/tests/judge.sh" "$TRUTH" "$WORK"/new/out/store-*/manifest.jsonl > "$WORK/verdict"
		same "wrong content graded intact" "$(jq .wrong_intact "$WORK/verdict")" 0
		# whatever lies in damaged chunks is not called whole
		plain "$WORK"/new/out/store-*/manifest.jsonl | grep -qE "\"grade\": \"(partial|lost|suspect)\"" || fail "no file suffers"
	fi
	rm -rf "$WORK/new/out" "$WORK/room/e-$how.E01"
}
try "bad input: E01 cut in the middle" damaged_e01 cut
try "bad input: E01 without its signature" damaged_e01 head
try "bad input: E01 with damaged chunks" damaged_e01 flipped

# Where nothing may be written
try "destination: the image itself" refused 3 'disk.img: ' rescue --to disk.img disk.img
try "destination: a file" refused 3 'text.case: ' rescue --to text.case disk.img
try "destination: the image as the casebook" refused 3 'disk.img: ' scan --case disk.img disk.img
try "destination: casebook over some other file" refused 3 'text.case: ' scan --case text.case disk.img
ln "$WORK/room/disk.img" "$WORK/room/begun.new"
try "destination: the image where a casebook is begun" refused 3 'begun.new: ' scan --case begun begun.new
rm "$WORK/room/begun.new"
try "destination: a folder with something in it" refused 3 'full: .*not empty' rescue --to full disk.img
try "destination: rebuild into a folder with something in it" refused 3 'full: ' rebuild --to full good.case
try "destination: a finished rescue" refused 3 'done: .*finished' rescue --to done disk.img
try "destination: a folder below a file" refused 3 "text.case" rescue --to text.case/out disk.img
try "destination: report over an existing file" refused 3 'text.case: ' report -o text.case good.case
try "destination: rebuild onto the evidence" refused 3 'disk.img.*' rebuild --to 'disk.img:\new' good.case
try "destination: rebuild onto a casebook" refused 3 'version.case' rebuild --to 'version.case:\new' good.case

# A folder on a mount of the evidence
on_mount() {
	mkdir -p "$WORK/mnt"
	cp --sparse=always "$IMAGE" "$WORK/mounted.img"
	ntfs-3g "$WORK/mounted.img" "$WORK/mnt" > "$WORK/log2" 2>&1 || skip "ntfs-3g cannot mount here"
	mkdir "$WORK/mnt/out"
	umount "$WORK/mnt"
	ntfs-3g -o ro "$WORK/mounted.img" "$WORK/mnt" > "$WORK/log2" 2>&1 || skip "ntfs-3g cannot mount here"
	cleanup_mount() { umount "$WORK/mnt"; }
	trap cleanup_mount EXIT
	sync
	sum=$(digest "$WORK/mounted.img")
	hold 3 rescue --to "$WORK/mnt/out" "$WORK/mounted.img"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
	grep -q 'evidence' "$WORK/err"
	hold 3 rescue --to "$WORK/mnt/new" "$WORK/mounted.img"
	grep -q 'evidence' "$WORK/err"
	hold 3 scan --case "$WORK/mnt/case" "$WORK/mounted.img"
	grep -q 'evidence' "$WORK/err"
	same "the folder afterwards" "$(ls -A "$WORK/mnt/out" "$WORK/mnt" | grep -cE '^(new|case)')" 0
	sync
	same "the image afterwards" "$(digest "$WORK/mounted.img")" "$sum"
}
try "destination: a folder on a mount of the evidence" on_mount

# Casebooks
try "casebook: of another version, report" refused 3 'version.case: .*(version|99)' report version.case
try "casebook: of another version, rebuild" refused 3 'version.case: .*(version|99)' rebuild --to "$WORK/new/out" version.case
try "casebook: of another version, scan" refused 3 'version.case: .*(version|99)' scan --case version.case disk.img
try "casebook: not one, report" refused 3 'text.case: ' report text.case
try "casebook: not one, rebuild" refused 3 'text.case: ' rebuild --to "$WORK/new/out" text.case
try "casebook: cut short, report" refused 3 'cut.case: ' report cut.case
try "casebook: cut short, rebuild" refused 3 'cut.case: ' rebuild --to "$WORK/new/out" cut.case
try "casebook: missing" refused 3 'nosuch.case: .*No such file' report nosuch.case
try "casebook: a directory" refused 3 'folder: ' report folder
try "casebook: no such store" refused 2 'good.case: .*store 9' rebuild --store 9 --to "$WORK/new/out" good.case

# Command lines
try "usage: unknown command" refused 2 "no command 'rescu'" rescu disk.img
for command in rescue scan rebuild report check; do
	try "usage: $command: unknown option" refused 2 '--frob' "$command" --frob disk.img
	try "usage: $command: no argument" refused 2 "$command" "$command"
	try "usage: $command: one argument too many" refused 2,3 "$command" "$command" \
		$(case $command in rescue | rebuild) echo --to "$WORK/new/out" ;; esac) disk.img nosuch.img
done
try "usage: rescue without --to" refused 2 '--to' rescue disk.img
try "usage: --to without a value" refused 2 'to' rescue disk.img --to
try "usage: --to with nothing" refused 2,3 'holdfast' rescue --to '' disk.img
try "usage: rebuild --store x" refused 2 'store' rebuild --store x --to "$WORK/new/out" good.case
try "usage: rebuild --store 0" refused 2 'store' rebuild --store 0 --to "$WORK/new/out" good.case
try "usage: unknown format" refused 2 'format' report --format pdf good.case
try "usage: scan --all without a casebook" refused 2 'case' scan --all disk.img
try "usage: map that is not there" refused 3 'nosuch.map: .*No such file' scan --map nosuch.map disk.img
try "usage: map that is none" refused 3 'random.img: ' scan --map random.img disk.img

helps() {
	local command
	hold 0 --help
	for command in rescue scan rebuild report check; do
		grep -q "^  $command " "$WORK/out" || fail "holdfast --help does not list $command"
	done
	for command in rescue scan rebuild report check; do
		hold 0 "$command" --help
		grep -q "^Usage: holdfast $command" "$WORK/out"
		[ ! -s "$WORK/err" ] || fail "$command --help writes to stderr"
	done
	hold 0 --version
	hold 2
	grep -q '^Usage: ' "$WORK/err"
}
try "usage: --help" helps
unchanged || exit 1
done_testing
