#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# story.sh - what happened, from logs that are there, deleted, torn or gone, and from what volumes show
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"
. "$(dirname "$0")/windows.bash"
. "$(dirname "$0")/sequence.bash"
SAMPLES=${HOLDFAST_SAMPLES:-$ROOT/../shared/samples}/usmt
CASE=$WORK/case.holdfast

try "story: a Windows, and the image of a new one" a_refresh

# A refresh whose restore fails; then somebody deletes the store.
wrecked() {
	fresh
	sequence 3 --hook RestoreUserState=/bin/false "$CLASSIC" "$IMAGE"
	sleep 1.1
	mounted "$IMAGE" rm -r _SMSTaskSequence/UserState
	mv "$IMAGE" "$WORK/wrecked.img"
}
try "story: a restore that fails, and a store that is deleted" wrecked

# told_of IMAGE: the paragraph as the report has it, in one line, its times and sizes left out, into $WORK/told
told_of() {
	hold 0,1 scan --case "$CASE" "$1"
	sed -n '/^What happened$/,/^$/p' "$WORK/out" | sed 1d | tr -s '\n ' ' ' |
		sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} UTC/TIME/g; s/[0-9,]+ files? with [0-9.]+ [a-zA-Z]+ (was|were) written, at the least|no file is known to have been written/WRITTEN/; s/^ | $//g; s/deleted, suspect/deleted/' > "$WORK/told"
}

LIVE='The capture of the users'"'"' state to C:\_SMSTaskSequence\UserState began at TIME and ended well at TIME. The wipe of C:\ began at TIME and ended well at TIME. It left C:\System Volume Information, C:\_SMSTaskSequence, C:\_SMSTaskSequence\UserState. Applying an image: C:\ began at TIME and ended well at TIME. The step '"'"'Restore User Files and Settings'"'"' failed at TIME with 0x00000001: the program of the step says that it failed (read the program'"'"'s own log). The task sequence was ended at TIME by the step '"'"'Restore User Files and Settings'"'"'. The store \_SMSTaskSequence\UserState\USMT on volume 1 is deleted, in part at least, and no log tells when: its folders last showed a sign of life at TIME, so it was then or later. Since that sign of life, WRITTEN. The logs do not tell of: a restore, the store'"'"'s deletion. Volume 1 was formatted at TIME. A file was changed last at TIME.'
logs() {
	echo " So say \\_SMSTaskSequence\\Logs\\smstslog\\smsts.log (volume 1${1-}), \\_SMSTaskSequence\\Logs\\smstslog\\scanstate.log (volume 1${1-})."
}

live() {
	local from to last
	told_of "$WORK/wrecked.img"
	same "the paragraph" "$(cat "$WORK/told")" "$LIVE$(logs)"
	# the sign of life is that of the deletion: behind the end of the sequence
	hold 0,1 report --json "$CASE"
	jq -e '(.events | map(select(.kind == "sequence_ended"))[0].time) as $stopped | .events[.story.loss] |
		.kind == "store_last_sign" and .time > $stopped and .clock == "utc"' "$WORK/out"
}
try "story: the logs are there" live

deleted() {
	cp --sparse=always "$WORK/wrecked.img" "$WORK/a.img"
	mounted "$WORK/a.img" rm -r _SMSTaskSequence/Logs
	told_of "$WORK/a.img"
	same "the paragraph" "$(cat "$WORK/told")" "$LIVE$(logs ', deleted')"
}
try "story: the logs are deleted" deleted

gone() {
	local told
	cp --sparse=always "$WORK/wrecked.img" "$WORK/a.img"
	mounted "$WORK/a.img" sh -c 'for log in _SMSTaskSequence/Logs/smstslog/*.log; do : > "$log"; done'
	told_of "$WORK/a.img"
	told=$(cat "$WORK/told")
	case $told in
	'No log tells what happened. The folder of the store \_SMSTaskSequence\UserState\USMT on volume 1 was made at TIME. The store \_SMSTaskSequence\UserState\USMT on volume 1 is deleted, in part at least, and no log tells when: '*' 2 logs were found of which nothing could be learned.') ;;
	*) fail "$told" ;;
	esac
	! grep -q 'failed\|began' "$WORK/told" || fail "claimed, and no log says so: $told"
}
try "story: the logs are empty" gone

# The log from the wipe's beginning on is zeros: what stood there is not told.
torn() {
	local at size
	cp --sparse=always "$WORK/wrecked.img" "$WORK/a.img"
	mounted "$WORK/a.img" cp _SMSTaskSequence/Logs/smstslog/smsts.log "$WORK/smsts.log"
	at=$(grep -abo -m1 'Skipping C:' "$WORK/smsts.log" | cut -d: -f1)
	size=$(stat -c %s "$WORK/smsts.log")
	mounted "$WORK/a.img" dd if=/dev/zero of=_SMSTaskSequence/Logs/smstslog/smsts.log bs=1 seek="$at" count=$((size - at)) conv=notrunc status=none
	told_of "$WORK/a.img"
	grep -qF 'to C:\_SMSTaskSequence\UserState began at TIME and ended well at TIME.' "$WORK/told" || fail "$(cat "$WORK/told")"
	grep -qF 'The task sequence began at TIME; no log tells how it ended, or why.' "$WORK/told" || fail "$(cat "$WORK/told")"
	grep -qF 'The logs do not tell of: a wipe, an image applied, a restore, the store'"'"'s deletion.' "$WORK/told" || fail "$(cat "$WORK/told")"
	! grep -q failed "$WORK/told" || fail "claimed, and no log says so: $(cat "$WORK/told")"
	hold 0,1 report --json "$CASE"
}
try "story: a log whose second half is zeros" torn

# Everything is in the casebook; and what JSON says of an event leads to the very record.
from_casebook() {
	local offset said
	cp "$WORK/wrecked.img" "$WORK/a.img"
	hold 0,1 scan --case "$CASE" "$WORK/a.img"
	sed -n '/^What happened$/,/^$/p' "$WORK/out" > "$WORK/scanned"
	hold 0,1 scan --json "$WORK/a.img"
	jq '{event_sources, events, story}' "$WORK/out" > "$WORK/scanned.json"
	mounted "$WORK/a.img" cp _SMSTaskSequence/Logs/smstslog/smsts.log "$WORK/smsts.log"
	rm "$WORK/a.img"
	hold 0,1 report "$CASE"
	sed -n '/^What happened$/,/^$/p' "$WORK/out" | cmp - "$WORK/scanned"
	hold 0,1 report --json "$CASE"
	jq '{event_sources, events, story}' "$WORK/out" | cmp - "$WORK/scanned.json"
	jq -e '. as $all | $all.events[$all.story.failed] | .step == "Restore User Files and Settings" and .code == "0x00000001" and .outcome == "failed"
		and $all.event_sources[.source - 1].path == "\\_SMSTaskSequence\\Logs\\smstslog\\smsts.log"' "$WORK/scanned.json"
	offset=$(jq -r '.events[.story.failed].offset' "$WORK/scanned.json")
	said=$(jq -r '.events[.story.failed].said' "$WORK/scanned.json")
	same "the record" "$(tail -c +$((offset + 1)) "$WORK/smsts.log" | head -c $((7 + ${#said})))" "<![LOG[$said"
	hold 0,1 report --timeline "$CASE"
	same "lines of the timeline" "$(sed -n '/^Timeline$/,/^$/p' "$WORK/out" | grep -c '^  ')" "$(jq '.events | length' "$WORK/scanned.json")"
	grep -q "step ended in failure 'Restore User Files and Settings' (0x00000001) \[.*smsts.log (volume 1), byte $offset\]" "$WORK/out" || fail "$(grep failure "$WORK/out")"
}
try "story: from the casebook, without the disk" from_casebook

# What was written since the wipe: the new system, to the file, and what came later.
written_since() {
	local files
	fresh
	sequence 3 --hook RestoreUserState=/bin/false "$CLASSIC" "$IMAGE"
	hold 0 scan --json "$IMAGE"
	files=$(jq '.story.written_since[0].files' "$WORK/out")
	[ "$files" -ge "$(wimlib-imagex dir "$WORK/new.wim" 1 | grep -c '\.[a-z]')" ] || fail "$files files are not all of the new system"
	mounted "$IMAGE" sh -c 'mkdir three; head -c 100000 /dev/zero > one; head -c 5 /dev/zero > two'
	hold 0 scan --json "$IMAGE"
	same "two more" "$(jq '.story.written_since[0].files' "$WORK/out")" $((files + 2))
	mounted "$IMAGE" rm two
	hold 0 scan --json "$IMAGE"
	same "one is deleted, and was written" "$(jq '.story.written_since[0].files' "$WORK/out")" $((files + 2))
}
try "story: what was written since the wipe" written_since

# -------- real logs --------

place() {
	mkdir -p Windows/CCM/Logs MININT/SMSOSD/OSDLOGS
	cp "$SAMPLES/smsts-configmgr-fullos-2019.log" Windows/CCM/Logs/smsts.log
	cp "$SAMPLES/mdt-BDD-2024.log" MININT/SMSOSD/OSDLOGS/BDD.log
}

# The truth was read in the logs: grep -n 'Calling RebootSystem\|result code: Success\|applying image'
real() {
	[ -d "$SAMPLES" ] || skip "$SAMPLES is not there (set HOLDFAST_SAMPLES)"
	format "$WORK/a.img" 64M
	mounted "$WORK/a.img" place
	hold 0 scan --json "$WORK/a.img"
	jq -e '.events | map(select(.kind == "sequence_ended")) | length == 1 and .[0].outcome == "well" and .[0].time == "2019-10-18T14:30:42Z"' "$WORK/out"
	jq -e '.events | map(select(.kind == "restart" and (.time | startswith("2019")))) | length == 1 and .[0].time == "2019-10-18T14:21:04Z"' "$WORK/out"
	jq -e '.events[.story.applying.began] | .clock == "local" and .time == "2024-02-07T16:54:06"' "$WORK/out"
	jq -e '.story.capture.began == null and .story.failed == null and .story.written_since == []' "$WORK/out"
	mounted "$WORK/a.img" rm -r Windows MININT
	jq '[.events[] | select(has("offset")) | {time, kind, path, step, code}]' "$WORK/out" > "$WORK/before"
	hold 0 scan --json "$WORK/a.img"
	jq '[.events[] | select(has("offset")) | {time, kind, path, step, code}]' "$WORK/out" | cmp - "$WORK/before"
	jq -e 'all(.event_sources[] | select(.kind == "log"); .live == false and .grade == "intact")' "$WORK/out"
}
try "story: real logs, live and deleted" real

# -------- pieces --------

# The log lies in free clusters, and no record knows of it; a second one is that of a file, and told once.
carved() {
	local from
	mounted "$WORK/wrecked.img" cp _SMSTaskSequence/Logs/smstslog/smsts.log "$WORK/smsts.log"
	format "$WORK/a.img" 64M
	dd if="$WORK/smsts.log" of="$WORK/a.img" bs=1M seek=40 conv=notrunc status=none
	hold 0,1 scan --json "$WORK/a.img"
	jq -e '.story.failed == null' "$WORK/out"
	hold 0,1 scan --carve --json "$WORK/a.img"
	jq -e '. as $all | .events[.story.failed] | .step == "Restore User Files and Settings" and
		($all.event_sources[.source - 1] | .kind == "piece" and .volume == 1 and .evidence == 1 and .offset >= 41943040)' "$WORK/out"
	hold 0,1 scan --json "$WORK/wrecked.img"
	from=$(jq '[.events[] | select(has("offset"))] | length' "$WORK/out")
	hold 0,1 scan --carve --json "$WORK/wrecked.img"
	same "events with the pieces" "$(jq '[.events[] | select(has("offset"))] | length' "$WORK/out")" "$from"
}
try "story: a piece of a log, found by its looks" carved

# -------- rescue, and a disk without logs --------

rescued() {
	hold 0,1 rescue --to "$WORK/rescued" "$WORK/wrecked.img"
	grep -q "^What happened$" "$WORK/rescued/report.txt" || fail "it is not in the report"
	grep -q "'Restore User Files and Settings' failed at" <(tr -s '\n ' ' ' < "$WORK/rescued/report.txt") || fail "nor that it failed"
}
try "story: a rescue tells it" rescued

without_logs() {
	fixture all-deleted-store-last
	told_of "$IMAGE"
	grep -q '^ *No log tells what happened\.' "$WORK/told" || fail "$(cat "$WORK/told")"
	grep -q 'is deleted, in part at least, and no log tells when' "$WORK/told" || fail "$(cat "$WORK/told")"
	unchanged
}
try "story: no log at all" without_logs

done_testing
