#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# sequence_guards.sh - run: what its steps refuse, and what they keep, whatever the sequence says
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"
. "$(dirname "$0")/windows.bash"
WITH_ANNA=
CLASSIC=$ROOT/fixtures/sequences/hardlink-2007.xml

setup() {
	windows_image "$WORK/base.img"
	format "$WORK/new.img" 64M
	new_windows "$WORK/new.img"
	wimlib-imagex capture "$WORK/new.img" "$WORK/new.wim" New > "$WORK/log2"
	mkdir "$WORK/data"
	echo data > "$WORK/data/d.txt"
	wimlib-imagex capture "$WORK/data" "$WORK/data.wim" > "$WORK/log2"
	sequence_of apply "SMS_TaskSequence_ApplyOperatingSystemAction" 'OSDApplyOS.exe /image:LAB00001,1 /target:C:'
}

# sequence_of NAME [TYPE COMMAND]...: a sequence of these steps is $WORK/NAME.xml
sequence_of() {
	local name=$1 number=0
	shift
	{
		echo '<sequence version="3.00" name="Steps">'
		while [ $# -gt 0 ]; do
			number=$((number + 1))
			echo "<step type=\"$1\" name=\"Step $number\" successCodeList=\"0\"><action>$2</action></step>"
			shift 2
		done
		echo '</sequence>'
	} > "$WORK/$name.xml"
}

fresh() {
	IMAGE=$WORK/c.img
	rm -rf "$WORK/logs"
	cp --sparse=always "$WORK/base.img" "$IMAGE"
}

# sequence STATUS ARGUMENT...
sequence() {
	hold "$1" run --logs "$WORK/logs" --package LAB00001="$WORK/new.wim" --package LAB00009="$WORK/data.wim" "${@:2}"
}

# told WORDS: the run said so
told() {
	grep -qF -- "$1" "$WORK/out" "$WORK/err" || fail "not told '$1': $(tail -n 12 "$WORK/out" | tr '\n' ' ')"
}

# is_there FILE PATH..., is_gone FILE PATH...: on that volume
is_there() {
	local path
	for path in "${@:2}"; do watched "$1" test -e "$path" || fail "$path is gone"; done
}
is_gone() {
	local path
	for path in "${@:2}"; do watched "$1" test ! -e "$path" || fail "$path is there"; done
}
try "run: a Windows, and the image of a new one" setup

# -------- where an image goes --------

put_precious() {
	put Precious/thing
}

# The store's volume is worked on first; the new Windows still goes onto the drive of the old one.
windows_goes_to_its_drive() {
	fresh
	format "$WORK/d.img" 64M
	mounted "$WORK/d.img" put_precious
	sed 's/OSDStateStorePath=[^"]*/OSDStateStorePath=D:\\Store/; s/ \/hardlink//; s/ \/target:C://' "$CLASSIC" > "$WORK/to.xml"
	! grep -q 'target:C' "$WORK/to.xml"
	sequence 0 --yes "$WORK/to.xml" "$IMAGE" "D=$WORK/d.img"
	is_there "$WORK/d.img" Precious/thing 'Store/USMT'
	is_gone "$WORK/d.img" Windows
	is_gone "$IMAGE" 'Program Files'
}
try "run: an image without a place, and the store on another volume" windows_goes_to_its_drive

data_without_drive() {
	fresh
	sed 's|<step type="SMS_TaskSequence_SetupWindows|<step type="SMS_TaskSequence_ApplyDataImageAction" name="Data"><action>OSDApplyOS.exe /data:LAB00009,1 '"$1"'</action></step>&|' \
		"$CLASSIC" > "$WORK/data.xml"
	sequence 3 --yes "$WORK/data.xml" "$IMAGE"
	told "let the step name a drive"
	is_there "$IMAGE" Windows/System32/config/SAM
	is_gone "$IMAGE" d.txt
}
try "run: a data image for a partition of a disk" data_without_drive '"/target:0,2"'
try "run: a data image for a variable that nobody set" data_without_drive '/target:%DATA%'
try "run: a data image for nowhere" data_without_drive ''
done_testing
