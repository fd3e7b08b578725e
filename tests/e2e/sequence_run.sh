#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# sequence_run.sh - run: whole task sequences, in steps and all at once, failing at each step and gone on with
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"
. "$(dirname "$0")/windows.bash"
. "$(dirname "$0")/sequence.bash"

try "run: a Windows, and the image of a new one" a_refresh

# What a volume holds, but for what differs from run to run: names, contents, links.
holds() {
	find . -type f ! -path '*/SMSTSLog/*' ! -path '*/smstslog/*' ! -name 'holdfast.cat*' ! -iname 'ntuser*' ! -path '*/config/*' \
		! -path './_SMSTaskSequence/holdfast.env' ! -path '*/Settings/*' -printf '%n %p\0' | sort -z | while read -r -d '' links name; do
		echo "$links $(sha256sum < "$name") $name"
	done
}

classic() {
	fresh
	sequence 0 "$@" "$CLASSIC" "$IMAGE"
	same "completed" "$(told .completed)" true
	same "the store" "$(told .store)" 'C:\_SMSTaskSequence\UserState'
	refreshed
	watched "$IMAGE" holds > "$WORK/whole${1-}"
	hold 0 verify --store '\_SMSTaskSequence\UserState' "$IMAGE"
	watched "$IMAGE" ls Windows/CCM/Logs/SMSTSLog | tr '\n' ' ' > "$WORK/names"
	same "the logs" "$(cat "$WORK/names")" "loadstate.log loadstateprogress.log scanstate.log scanstateprogress.log smsts.log "
	! grep -rq Secret7 "$WORK/logs" || fail "the password is in a log"
}
try "run: hard links as of ConfigMgr 2007" classic
try "run: the same, all or nothing" classic --atomic

both_alike() {
	cmp "$WORK/whole" "$WORK/whole--atomic"
	[ "$(wc -l < "$WORK/whole")" -gt 50 ] || fail "there is next to nothing"
}
try "run: both ways end alike" both_alike

checkboxes() {
	fresh
	sequence 0 "$SEQUENCES/hardlink-checkboxes.xml" "$IMAGE"
	refreshed "$(told .store | sed 's/^C:\\//; s/\\/\//g')"
}
try "run: hard links by check boxes" checkboxes

exported_zip() {
	fresh
	sequence 0,1 "$SEQUENCES/export.zip" "$IMAGE"
}
try "run: straight from an export" exported_zip

# -------- without consent --------

asks_first() {
	fresh
	hold 3 run --logs "$WORK/logs" --package LAB00001="$WORK/new.wim" "$CLASSIC" "$IMAGE"
	grep -q 'would be lost' "$WORK/out" || fail "not told what: $(cat "$WORK/out")"
	grep -q 'the users. files are in C:\\_SMSTaskSequence\\UserState' "$WORK/out" || fail "not told what is safe"
	hold 1 status "$IMAGE"
	grep -q 'it stands at instruction 10' "$WORK/out" || fail "status: $(cat "$WORK/out")"
	watched "$IMAGE" documents > "$WORK/after"
	cmp "$WORK/documents" "$WORK/after"
	watched "$IMAGE" test -e 'Program Files/App' || fail "it was wiped"
	sequence 0 "$CLASSIC" "$IMAGE"
	same "gone on" "$(told '"\(.resumed) \(.began_at)"')" "true 10"
	refreshed
}
try "run: user data that no store has is asked for, and then it goes on" asks_first

# -------- a failure at each step, and going on --------

# failing NAME TYPE: a hook makes the steps of that type fail
failing() {
	fresh
	sequence 3 --hook "$2=/bin/false" "${@:3}" "$CLASSIC" "$IMAGE"
	same "completed" "$(told .completed)" false
	told .failure > "$WORK/failure"
	grep -qF "$1" "$WORK/failure" || fail "the step is not named: $(cat "$WORK/failure")"
}

fail_and_go_on() {
	failing "$@"
	consistent "$IMAGE"
	sequence 0 "$CLASSIC" "$IMAGE"
	same "gone on" "$(told .resumed)" true
	refreshed
	watched "$IMAGE" holds | diff "$WORK/whole" - > "$WORK/diff" || fail "it ends otherwise: $(head -n 3 "$WORK/diff")"
	same "steps done" "$(grep -o 'Successfully completed the action ([A-Za-z ]*' "$WORK/logs/smsts.log" | sort | uniq -c | awk '$1 > 1' | grep -vc 'Setup Windows')" 0
}

# All or nothing: nothing it is, in every file.
fail_untouched() {
	failing "$@" --atomic
	consistent "$IMAGE"
	watched "$WORK/base.img" contents > "$WORK/before"
	watched "$IMAGE" contents | diff "$WORK/before" - > "$WORK/diff" || fail "it was touched: $(head -n 3 "$WORK/diff")"
	same "said so" "$(told .failure.untouched)" true
	hold 0 status --json "$IMAGE"
	jq -e '.. | objects | select(has("sequence")) | .sequence == null' "$WORK/out"
}
contents() {
	(find . -type f -print0 | sort -z | xargs -0 sha256sum && wears . | sed 's/ [0-9]* [0-9]*$//')
}

while read -r type name; do
	try "run: fails in '$name', and is gone on with" fail_and_go_on "$name" "$type"
	try "run: fails in '$name', all or nothing" fail_untouched "$name" "$type"
done <<- 'END'
	SetVariable Set Local State Location
	CaptureUserState Capture User Files and Settings
	Reboot Restart in Windows PE
	ApplyOperatingSystem Apply Operating System
	SetupWindowsAndSMS Setup Windows and ConfigMgr
	RestoreUserState Restore User Files and Settings
END

# -------- images that cannot be trusted, before anything is wiped --------

# bad_image COMMAND...: COMMAND spoils $WORK/bad.wim
bad_image() {
	fresh
	cp "$WORK/new.wim" "$WORK/bad.wim"
	"$@" "$WORK/bad.wim"
	sequence 3 --package LAB00001="$WORK/bad.wim" "$CLASSIC" "$IMAGE"
	same "the step" "$(told .failure.step)" "Apply Operating System"
	watched "$IMAGE" documents > "$WORK/after"
	cmp "$WORK/documents" "$WORK/after"
	watched "$IMAGE" test -e 'Program Files/App' || fail "it was wiped"
	rm -f "$WORK/bad.wim"
	sequence 0 "$CLASSIC" "$IMAGE"
	refreshed
}
spoil() { # a byte in the first file's contents
	printf '\377' | dd of="$1" bs=1 seek=300 conv=notrunc status=none
}
try "run: an image with a wrong byte" bad_image spoil
try "run: an image that is cut off" bad_image truncate -s -100
try "run: an image that is none" bad_image cp "$CLASSIC"

# -------- again --------

again() {
	fresh
	sequence 0 "$CLASSIC" "$IMAGE"
	mounted "$IMAGE" sh -c 'echo later > Users/bert/Documents/later.txt || echo later > "Users/bert/later.txt"'
	# anna's account is made by the first start, and there was none between: her files are in the older store alone
	sequence 1 "$CLASSIC" "$IMAGE"
	same "files in a store alone" "$(told '.only_in_store > 0')" true
	same "begun anew" "$(told .resumed)" false
	watched "$IMAGE" test -e _SMSTaskSequence/UserState/USMT.generation-1/File || fail "the older store is gone"
	consistent "$IMAGE"
}
try "run: again, and the older store stays as a generation" again

other_sequence() {
	fresh
	sequence 3 --hook CaptureUserState=/bin/false "$CLASSIC" "$IMAGE"
	sequence 3 "$SEQUENCES/hardlink-checkboxes.xml" "$IMAGE"
	grep -q 'in the middle of another task sequence' "$WORK/err" || fail "not refused: $(cat "$WORK/err")"
	sequence 0 --restart "$SEQUENCES/hardlink-checkboxes.xml" "$IMAGE"
}
try "run: another sequence stands there" other_sequence

# -------- rooms and volumes --------

no_room() {
	fresh
	mkdir "$WORK/big"
	head -c 70M /dev/urandom > "$WORK/big/noise"
	wimlib-imagex capture "$WORK/big" "$WORK/big.wim" --compress=none > "$WORK/log2"
	sequence 3 --atomic --package LAB00001="$WORK/big.wim" "$CLASSIC" "$IMAGE"
	grep -Eq 'needs [0-9.]+ MiB beside the old one, and [0-9.]+ MiB are free' "$WORK/err" || fail "no numbers: $(cat "$WORK/err")"
	same "the volume" "$(digest "$IMAGE")" "$(digest "$WORK/base.img")"
}
try "run: all or nothing does not fit" no_room

store_on_another_volume() {
	fresh
	format "$WORK/d.img" 64M
	sed 's/OSDStateStorePath=[^"]*/OSDStateStorePath=D:\\Store/; s/ \/hardlink//' "$CLASSIC" > "$WORK/copies.xml"
	sequence 0 "$@" "$WORK/copies.xml" "D=$WORK/d.img" "C=$IMAGE"
	consistent "$WORK/d.img"
	watched "$WORK/d.img" test -e 'Store/USMT/File/C$/Users' || fail "no store on D:"
	watched "$IMAGE" documents > "$WORK/after"
	diff "$WORK/documents" "$WORK/after"
}
try "run: a store of copies on another volume" store_on_another_volume
try "run: the same, all or nothing" store_on_another_volume --atomic
try "run: the same, with the state beside the store" store_on_another_volume --set SMSTSLocalDataDrive=D:

# -------- hooks --------

tells_hook() {
	fresh
	cat > "$WORK/hook" <<- 'END'
		#!/bin/sh
		printf '%s\n' "$1" "$2" "$3" "$HOLDFAST_VOLUMES" > "$0.told"
		"$HOLDFAST" check "${HOLDFAST_VOLUMES#C=}" > "$0.check" || exit 9
		exit 3010
	END
	sed -i 's/3010/10/' "$WORK/hook"
	chmod +x "$WORK/hook"
	sed 's/successCodeList="0 3010"/successCodeList="0 10"/' "$CLASSIC" > "$WORK/hooked.xml"
	HOLDFAST=$HOLDFAST sequence 0 --hook "SMS_TaskSequence_RebootAction=$WORK/hook" "$WORK/hooked.xml" "$IMAGE"
	same "what it was told" "$(sed -n 2,4p "$WORK/hook.told" | tr '\n' '|')" "Restart in Windows PE|smsboot.exe /target:WinPE|C=$IMAGE|"
	grep -q consistent "$WORK/hook.check" || fail "the volume was not let go of"
}
export HOLDFAST
try "run: a hook is told its step, and has the volumes" tells_hook
done_testing
