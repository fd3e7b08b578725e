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
	sequence 1 --yes "$WORK/to.xml" "$IMAGE" "D=$WORK/d.img" # local accounts are not restored, as ConfigMgr has it
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

# -------- a store on another volume, by a command line --------

scanstate_elsewhere() {
	fresh
	format "$WORK/d.img" 64M
	refresh_rules "$WORK/rules.xml"
	sequence_of line RunCommandLineAction "smsswd.exe /run: scanstate.exe D:\Store /o /c /nocompress /i:$WORK/rules.xml" \
		SMS_TaskSequence_ApplyOperatingSystemAction 'OSDApplyOS.exe /image:LAB00001,1 /target:C:' \
		RunCommandLineAction "smsswd.exe /run: loadstate.exe D:\Store /c /lac /lae /nocompress /i:$WORK/rules.xml"
	sequence 0 --yes "$WORK/line.xml" "$IMAGE" "D=$WORK/d.img"
	told 'files are still in the store as well: D:\Store'
	is_there "$WORK/d.img" Store/USMT
	is_there "$IMAGE" Users/anna/Documents/letter.doc
	is_gone "$IMAGE" 'Program Files'
	consistent "$IMAGE"
}
try "run: ScanState by its command line, and a store on another volume" scanstate_elsewhere

package_not_named() {
	fresh
	sequence_of line RunCommandLineAction 'smsswd.exe /run:PS1 scanstate.exe C:\Store /o /c /hardlink /nocompress /i:none.xml'
	sequence 3 "$WORK/line.xml" "$IMAGE"
	told "say --package PS1=FOLDER"
}
try "run: a package of a command line that nobody names" package_not_named

# -------- before anything is wiped --------

not_wiped() {
	is_there "$IMAGE" 'Program Files/App' Users/anna/Documents
}

too_large() {
	fresh
	mkdir "$WORK/big"
	head -c 70M /dev/urandom > "$WORK/big/noise"
	wimlib-imagex capture "$WORK/big" "$WORK/big.wim" --compress=none > "$WORK/log2"
	sequence 3 --yes --package LAB00001="$WORK/big.wim" "$CLASSIC" "$IMAGE"
	told "is too small for the image: it needs 70.0 MiB"
	not_wiped
}
try "run: an image larger than the volume" too_large

# What is kept takes the room: the store has a file of 30 MiB.
put_large() {
	head -c 30M /dev/urandom > Users/anna/Documents/film.doc
}
too_large_beside_the_store() {
	fresh
	mounted "$IMAGE" put_large
	rm -rf "$WORK/big"
	mkdir "$WORK/big"
	head -c 32M /dev/urandom > "$WORK/big/noise"
	wimlib-imagex capture "$WORK/big" "$WORK/big.wim" --compress=none > "$WORK/log2"
	sequence 3 --yes --package LAB00001="$WORK/big.wim" "$CLASSIC" "$IMAGE"
	told "beside what is kept there are"
	not_wiped
}
try "run: an image that is too large beside the store" too_large_beside_the_store

in_the_way() {
	fresh
	mkdir -p "$WORK/own/_SMSTaskSequence"
	wimlib-imagex capture "$WORK/own" "$WORK/own.wim" > "$WORK/log2"
	sequence 3 --yes --package LAB00001="$WORK/own.wim" "$CLASSIC" "$IMAGE"
	told "keeps '\\_SMSTaskSequence', and the image brings one along"
	not_wiped
}
try "run: an image with a folder that is kept" in_the_way

not_captured() {
	fresh
	sequence 3 --yes "$WORK/apply.xml" "$IMAGE"
	told "has no finished capture where the sequence keeps its store, so all that is on it would be lost"
	not_wiped
	hold 0 capture --store '\Mine' "$IMAGE"
	sequence 3 --yes "$WORK/apply.xml" "$IMAGE"
	told 'say --set OSDStateStorePath=C:\Mine'
	not_wiped
	sequence 0 --yes --set 'OSDStateStorePath=C:\Mine' "$WORK/apply.xml" "$IMAGE"
	is_there "$IMAGE" 'Mine/USMT/File/C$/Users/anna'
}
try "run: nothing was captured, or elsewhere" not_captured

# -------- other stores --------

# Files that only the old store has, as after a refresh that was broken off.
old_store() {
	fresh
	hold 0 capture --store '\OldStore' "$IMAGE"
	hold 0 wipe --yes --keep '\OldStore' "$IMAGE"
	hold 0 apply --image "$WORK/new.wim" --keep '\OldStore' "$IMAGE"
}

old_store_stays() {
	old_store
	sequence 0 --yes "$CLASSIC" "$IMAGE"
	told 'C:\OldStore\USMT is kept: a store that the sequence does not name, with'
	hold 0 verify --store '\OldStore' "$IMAGE"
	consistent "$IMAGE"
}
try "run: a store of an earlier time, with --yes" old_store_stays

old_store_is_no_capture() {
	old_store
	sequence 3 --yes "$WORK/apply.xml" "$IMAGE"
	hold 0 verify --store '\OldStore' "$IMAGE"
	is_there "$IMAGE" Windows/System32/config/SAM
}
try "run: a store of an earlier time stands for nothing" old_store_is_no_capture

# A deleted store on a volume that has nothing else: nobody wipes it, and it is refused all the same.
remove_store() {
	rm -rf StateStore
}
deleted_store() {
	fresh
	hold 0 capture --store '\StateStore' "$IMAGE"
	hold 0 wipe --yes --keep '\StateStore' "$IMAGE"
	mounted "$IMAGE" remove_store
	cp "$IMAGE" "$WORK/deleted.img"
	sequence 3 --yes "$WORK/apply.xml" "$IMAGE"
	told "a deleted store lies on it"
	cmp "$IMAGE" "$WORK/deleted.img"
	sequence 0 --overwrite-deleted "$WORK/apply.xml" "$IMAGE"
}
try "run: a deleted store on a volume" deleted_store

# -------- what MDT keeps --------

put_deployment() {
	put Drivers/net.inf
	put MININT/SMSOSD/OSDLOGS/BDD.log
	put Recycler/thing
	put Other/thing
}
mdt_folders() {
	fresh
	mounted "$IMAGE" put_deployment
	sequence_of mdt SMS_TaskSequence_CaptureUserStateAction 'cscript.exe "%SCRIPTROOT%\ZTIUserState.wsf" /capture' \
		BDD_InstallOS 'cscript.exe "%SCRIPTROOT%\LTIApply.wsf"'
	sequence 0 --yes --image "$WORK/new.wim" --set DeploymentType=REFRESH "$WORK/mdt.xml" "$IMAGE"
	is_there "$IMAGE" Drivers/net.inf MININT/SMSOSD/OSDLOGS/BDD.log Recycler/thing StateStore/USMT
	is_gone "$IMAGE" Other
}
try "run: folders that MDT leaves alone" mdt_folders
done_testing
