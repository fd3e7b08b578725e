#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# sequence_state.sh - the steps of a task sequence that capture and restore the users' state, between them a wipe
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"
unset HOLDFAST_VOLUMES

populate() {
	mkdir -p Users/alice/Documents Windows
	echo letter > Users/alice/Documents/letter.txt
	echo note > Users/alice/note.txt
	echo system > Windows/kernel.dll
}

second() {
	mkdir -p Users/bob
	echo bob > Users/bob/b.txt
}

# case_of VOLUME...: c.img, and with d also d.img, in a folder of their own, which becomes the current one
case_of() {
	cd "$(mktemp -d "$WORK/case-XXXXXX")"
	format "$PWD/c.img" 48M
	mounted "$PWD/c.img" populate
	[ -z "${1:-}" ] || {
		format "$PWD/d.img" 48M
		mounted "$PWD/d.img" second
	}
	# what stands for the step that wipes: all goes but for stores and the sequence's own folder
	cat > wipe <<- 'SH'
		#!/bin/bash
		for volume in $HOLDFAST_VOLUMES; do
			ntfs-3g "${volume#*=}" "$WIPED" && rm -rf "$WIPED"/{Users,Windows} && umount "$WIPED" && flock "${volume#*=}" true || exit 5
		done
	SH
	chmod +x wipe
	mkdir wiped
	export WIPED=$PWD/wiped
}

# sequence STEP...: seq.xml; a step is "TYPE;COMMAND LINE;NAME=VALUE;..." with its defaults
sequence() {
	local step type line rest variable
	{
		echo '<sequence version="3.10" name="Test">'
		for step in "$@"; do
			IFS=';' read -r type line rest <<< "$step"
			printf '<step type="SMS_TaskSequence_%sAction" name="%s"><action>%s</action><defaultVarList>' "$type" "$type" "$line"
			while [ -n "$rest" ]; do
				IFS=';' read -r variable rest <<< "$rest"
				printf '<variable name="%s" property="P">%s</variable>' "${variable%%=*}" "${variable#*=}"
			done
			echo '</defaultVarList></step>'
		done
		echo '</sequence>'
	} > seq.xml
}

SET='SetVariable;tsenv.exe "OSDStateStorePath=C:\StateStore"'
CAPTURE='CaptureUserState;osdmigrateuserstate.exe /collect;_OSDMigrateUseHardlinks=true;OSDMigrateMode=Simple'
WIPE='Wipe;wipe.exe'
RESTORE='RestoreUserState;osdmigrateuserstate.exe /apply;OSDMigrateContinueOnRestore=true'
LINE=RunCommandLine

# said FILE TEXT...: the texts are in it, in this order
said() {
	local text line=0 at
	for text in "${@:2}"; do
		at=$(tail -n +$((line + 1)) "$1" | grep -n -m1 -F -- "$text" | cut -d: -f1)
		[ -n "$at" ] || fail "$1 does not say, or not then: $text"
		line=$((line + at))
	done
}

content() {
	same "$1" "$(cat "$MNT/$1")" "$2"
}

restored() {
	content Users/alice/Documents/letter.txt letter
	content Users/alice/note.txt note
	content 'StateStore/USMT/File/C$/Users/alice/note.txt' note
	[ ! -e "$MNT/Windows" ] || fail "it was not wiped"
}

refresh() {
	case_of
	sequence "$SET" "$CAPTURE" "$WIPE" "$RESTORE"
	hold 0 run --hook Wipe=./wipe --logs logs seq.xml c.img
	watched "$PWD/c.img" restored
	consistent c.img
	said logs/smsts.log '[ OSDMigrateUserState.exe ]' 'Command line: osdmigrateuserstate.exe /collect' \
		"value = 'StateStore'" 'Copy using hard links setting enabled.' \
		'scanstate.exe "C:\StateStore" /o /localonly /efs:hardlink /c /hardlink /nocompress' 'USMT completed with exit code 0' \
		'OSDMigrateUserState finished: 0x00000000' '[ OSDMigrateUserState.exe ]' 'loadstate.exe "C:\StateStore" /c /hardlink /nocompress' \
		'C:\StateStore is kept' 'OSDMigrateUserState finished: 0x00000000'
	grep -q 'SCANSTATE.EXE' logs/scanstate.log || fail "no scanstate.log"
	grep -q 'LOADSTATE.EXE' logs/loadstate.log || fail "no loadstate.log"
	# nothing is only in the store, so it can go
	hold 0 release --store '\StateStore' c.img
}
try "run: captured, wiped, restored" refresh

# the store's parts lie on both volumes, and the first named is not that of the store
volumes() {
	case_of d
	sequence "${SET/C:/D:}" "$CAPTURE" "$WIPE" "$RESTORE"
	hold 0 run --hook Wipe=./wipe --logs logs seq.xml c.img D=d.img
	watched "$PWD/d.img" content Users/bob/b.txt bob
	watched "$PWD/c.img" content Users/alice/note.txt note
	watched "$PWD/d.img" content 'StateStore/USMT/File/D$/Users/bob/b.txt' bob
}
try "run: a store on the second volume, with its parts on both" volumes

# the same sequence once more, behind a wipe: the first store is the only place of the files
again() {
	case_of
	sequence "$SET" "$CAPTURE" "$WIPE"
	hold 0 run --hook Wipe=./wipe --logs logs seq.xml c.img
	mounted "$PWD/c.img" second
	hold 0 run --hook Wipe=./wipe --logs logs seq.xml c.img
	said logs/smsts.log 'a store was at C:\StateStore already'
	watched "$PWD/c.img" content 'StateStore/USMT.generation-1/File/C$/Users/alice/note.txt' note
	watched "$PWD/c.img" content 'StateStore/USMT/File/C$/Users/bob/b.txt' bob
}
try "run: a second capture keeps what the first one has" again

# MDT's script, with its own store and its own arguments
mdt() {
	case_of
	sequence "$LINE;cscript.exe \"%SCRIPTROOT%\\ZTIUserState.wsf\" /capture" "$WIPE" \
		"$LINE;cscript.exe \"%SCRIPTROOT%\\ZTIUserState.wsf\" /restore"
	hold 0 run --hook Wipe=./wipe --logs logs seq.xml c.img
	watched "$PWD/c.img" restored
	said logs/smsts.log 'Performing State Capture' '/v:5 /c /o /hardlink /efs:hardlink /nocompress' 'Return code from command = 0' \
		'Performing State Restore' '/v:5 /c /lac /hardlink /nocompress'
	[ -s logs/USMTcapture.log ] && [ -s logs/USMTrestore.log ] || fail "no logs of its own"
	hold 0 run --set UserDataLocation=NONE --logs none seq.xml --hook Wipe=/bin/true c.img
	said none/smsts.log 'User state capture bypassed.' 'User state restore bypassed.'
}
try "run: MDT's script" mdt

# command lines of USMT's, in their package; a store with the only names is not deleted
lines() {
	case_of
	mkdir -p package/amd64
	cat > package/amd64/My.xml <<- 'XML'
		<migration urlid="http://x/y"><component type="Documents" context="System"><displayName>x</displayName><role role="Data">
		<rules><include><objectSet><pattern type="File">C:\Users\* [*.txt]</pattern></objectSet></include></rules></role></component></migration>
	XML
	sequence "$LINE;smsswd.exe /run:PS1 cmd /c \"\"amd64\\scanstate.exe\" \"C:\\StateStore\" /hardlink /nocompress /i:my.xml /l:C:\\Windows\\s.log\"" \
		"$WIPE" "$LINE;cmd /q /c ECHO Y | usmtutils.exe /rd \"C:\\StateStore\""
	hold 3 run --hook Wipe=./wipe --package PS1=package --logs logs seq.xml c.img
	[ -s logs/s.log ] || fail "the log of the line is not in the folder"
	watched "$PWD/c.img" content 'StateStore/USMT/File/C$/Users/alice/note.txt' note
	grep -q 'that are nowhere else' "$WORK/out" "$WORK/err" || fail "it does not say why it is not deleted"
	sequence "$LINE;loadstate.exe C:\\StateStore /hardlink /nocompress" "$LINE;usmtutils.exe /rd C:\\StateStore /y"
	hold 0 run --restart --logs logs seq.xml c.img
	watched "$PWD/c.img" content Users/alice/note.txt note
	watched "$PWD/c.img" test ! -e StateStore || fail "the store is still there"
}
try "run: command lines of USMT's" lines

# where it cannot be: nothing is written, and it says what to do
wrong() {
	case_of
	local before
	before=$(digest c.img)
	sequence "${SET/C:/E:}" "$CAPTURE"
	hold 3 run --logs logs seq.xml c.img
	grep -q 'E=disk.img' "$WORK/out" "$WORK/err" || fail "it does not say what to name"
	sequence "$SET" "$CAPTURE;OSDMigrateMode=Advanced;OSDMigrateConfigFiles=my.xml;_OSDMigrateUsmtPackageID=PS1"
	hold 3 run --restart --logs logs2 seq.xml c.img
	grep -q -- '--package PS1=FOLDER' "$WORK/out" "$WORK/err" || fail "it does not say that the package is to be named"
}
try "run: what cannot be captured" wrong

done_testing
