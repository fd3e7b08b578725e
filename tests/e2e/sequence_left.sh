#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# sequence_left.sh - run: what is left of a run for the next: its state, wherever that lies, whatever lies in its place
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"
unset HOLDFAST_VOLUMES

populate() {
	mkdir -p Users/alice Windows
	echo note > Users/alice/note.txt
	echo system > Windows/kernel.dll
}

# case_of NAME...: volumes NAME.img in a folder of their own, which becomes the current one
case_of() {
	local name
	cd "$(mktemp -d "$WORK/case-XXXXXX")"
	for name in "$@"; do
		format "$PWD/$name.img" 32M
		mounted "$PWD/$name.img" populate
	done
}

# sequence STEP...: seq.xml; a step is "TYPE;COMMAND LINE;ATTRIBUTES;NAME=VALUE"
sequence() {
	local step type line attributes variable
	{
		echo '<sequence version="3.10" name="Test">'
		for step in "$@"; do
			IFS=';' read -r type line attributes variable <<< "$step"
			printf '<step type="SMS_TaskSequence_%sAction" name="%s" %s><action>%s</action><defaultVarList>' "$type" "$type" \
				"$attributes" "$line"
			[ -z "$variable" ] || printf '<variable name="%s" property="P">%s</variable>' "${variable%%=*}" "${variable#*=}"
			echo '</defaultVarList></step>'
		done
		echo '</sequence>'
	} > seq.xml
}

FIRST='SetVariable;tsenv.exe "OSDStateStorePath=C:\StateStore"'
HALT='Halt;halt.exe'
LAST='SetVariable;tsenv.exe "LAST=1"'
CAPTURE='CaptureUserState;osdmigrateuserstate.exe /collect;;_OSDMigrateUseHardlinks=true'

# run_on STATUS HALT ARGUMENT...: HALT, a program, is what the step of that type does
run_on() {
	hold "$1" run --logs logs --hook "Halt=$2" "${@:3}"
}

# stands VOLUME...: those on which a sequence stands
stands() {
	"$HOLDFAST" status --json "$@" > status || true
	jq -r '.volumes[] | select(.sequence != null) | .letter' status | xargs
}

# -------- where it lies --------

atomic_end() {
	case_of c
	sequence "$FIRST" "$HALT" "$LAST"
	run_on 3 /bin/false seq.xml c.img
	same "it stands" "$(stands c.img)" C
	run_on 0 /bin/true --atomic seq.xml c.img
	same "it is over" "$(stands c.img)" ""
}
try "run: what has failed and then ended all or nothing is over" atomic_end

restart_drops_all() {
	case_of c d
	sequence "$FIRST" "$HALT" "$LAST"
	run_on 3 /bin/false --set SMSTSLocalDataDrive=D: seq.xml c.img D=d.img
	same "it stands" "$(stands c.img D=d.img)" D
	run_on 0 /bin/true --restart seq.xml c.img D=d.img
	same "it is over" "$(stands c.img D=d.img)" ""
	run_on 3 /bin/false --set SMSTSLocalDataDrive=D: seq.xml c.img D=d.img
	run_on 0 /bin/true --restart --atomic seq.xml c.img D=d.img
	same "all or nothing" "$(stands c.img D=d.img)" ""
}
try "run: --restart goes on with nothing, on no volume" restart_drops_all

drive_of_none() {
	case_of c
	sequence "$FIRST" "$HALT" "$LAST"
	run_on 2 /bin/true --set SMSTSLocalDataDrive=E: seq.xml c.img
	grep -q 'SMSTSLocalDataDrive=C:' "$WORK/err" || fail "no way out: $(cat "$WORK/err")"
	same "nothing was begun" "$(stands c.img)" ""
	sed -i 's|<sequence[^>]*>|&<globalVarList><variable name="SMSTSLocalDataDrive" property="P">D:</variable></globalVarList>|' seq.xml
	format "$PWD/d.img" 32M
	run_on 3 /bin/false seq.xml c.img D=d.img
	same "the sequence says where" "$(stands c.img D=d.img)" D
}
try "run: the state's drive is one that is named" drive_of_none

two_states() {
	case_of c d
	sequence "$FIRST" "$HALT" "$LAST"
	run_on 3 /bin/false seq.xml c.img
	run_on 3 /bin/false seq.xml d.img
	run_on 3 /bin/true seq.xml c.img D=d.img
	grep -q 'of one computer' "$WORK/err" || fail "not refused: $(cat "$WORK/err")"
	run_on 0 /bin/true --restart seq.xml c.img D=d.img
}
try "run: two volumes on which it stands" two_states

told_command() {
	case_of c
	mv c.img 'the disk.img'
	sequence "$FIRST" 'SetVariable;tsenv.exe "_READ=only"'
	run_on 3 /bin/false seq.xml 'the disk.img'
	grep -qxF "  > holdfast run seq.xml 'the disk.img'" "$WORK/out" || fail "the command: $(grep '  > ' "$WORK/out")"
	run_on 3 /bin/false --json seq.xml 'the disk.img'
	same "as JSON" "$(jq -r .failure.again "$WORK/out")" "holdfast run seq.xml 'the disk.img'"
}
try "run: the command that goes on is told as it has to be given" told_command

# -------- what lies in its place --------

linked() {
	mkdir _SMSTaskSequence
	ln Users/alice/note.txt _SMSTaskSequence/holdfast.env
}
still_there() {
	same "the file" "$(cat Users/alice/note.txt)" note
	same "its names" "$(stat -c %h Users/alice/note.txt)" 1
}
hostile_link() {
	case_of c
	mounted "$PWD/c.img" linked
	sequence "$FIRST" "$HALT" "$LAST"
	run_on 3 /bin/true seq.xml c.img
	grep -q 'cannot be read' "$WORK/err" || fail "not refused: $(cat "$WORK/err")"
	run_on 3 /bin/false --restart seq.xml c.img
	watched "$PWD/c.img" still_there
	run_on 0 /bin/true seq.xml c.img
	watched "$PWD/c.img" still_there
	consistent c.img
}
try "run: the state's name is one of somebody else's file" hostile_link

hostile_folders() {
	case_of c
	mounted "$PWD/c.img" mkdir -p _SMSTaskSequence/holdfast.env/inside
	sequence "$FIRST" "$HALT" "$LAST"
	run_on 3 /bin/true seq.xml c.img
	grep -q 'rename it' "$WORK/err" || fail "a folder: $(cat "$WORK/err")"
	watched "$PWD/c.img" test -d _SMSTaskSequence/holdfast.env/inside
	mounted "$PWD/c.img" sh -c 'rm -r _SMSTaskSequence && touch _SMSTaskSequence'
	run_on 3 /bin/true seq.xml c.img
	grep -q "_SMSTaskSequence' where a folder is to be; rename it" "$WORK/err" || fail "a file: $(cat "$WORK/err")"
	consistent c.img
}
try "run: a folder in the place of the state, a file in that of its folder" hostile_folders

# -------- what a step has done --------

# ScanState's 3: all is captured but for what had to be left out, and the step calls that a success
accepted_three() {
	case_of c
	mkdir usb
	echo data > usb/data.txt
	ln -s /etc/passwd usb/link
	sequence 'CommandLine;scanstate.exe C:\StateStore /o /c /hardlink /nocompress;successCodeList="0 3"' "$HALT" "$LAST"
	run_on 3 /bin/false "$@" seq.xml c.img E=usb
	grep -q 'exit code 3' logs/smsts.log || fail "nothing was left out"
	grep -q 'CommandLine: done' "$WORK/out" || fail "it failed: $(cat "$WORK/out")"
	[ $# -gt 0 ] || grep -qF 'are in C:\StateStore' "$WORK/out" || fail "the store is not told: $(cat "$WORK/out")"
	run_on 0 /bin/true "$@" seq.xml c.img E=usb
	watched "$PWD/c.img" test -e 'StateStore/USMT/File/C$/Users/alice/note.txt' || fail "there is no store"
}
try "run: what ScanState has done holds when it left something out" accepted_three
try "run: the same, all or nothing" accepted_three --atomic

# A step that wipes and then fails, for what went still has its clusters: nothing of it can be taken back alone
spoiled() {
	case_of c
	mounted "$PWD/c.img" sh -c 'head -c 16M /dev/urandom > Windows/large.dll'
	mkdir big
	head -c 20M /dev/urandom > big/noise
	wimlib-imagex capture big big.wim --compress=none > "$WORK/log2"
	sequence "$FIRST" "$CAPTURE" "ApplyDataImage;OSDApplyOS.exe /data:DATA,1 /target:C:;$1" "$LAST"
	cp c.img before.img
	hold 3 run --json --yes --atomic --logs logs --package DATA=big.wim seq.xml c.img
	same "the step" "$(jq -r '.failure | "\(.step) \(.instruction) \(.untouched)"' "$WORK/out")" "ApplyDataImage 2 true"
	same "it was tried" "$(grep -c 'Start executing the command line: OSDApplyOS' logs/smsts.log)" 1
	watched "$PWD/c.img" test -e Windows/kernel.dll || fail "it was wiped"
	watched "$PWD/c.img" test ! -e StateStore || fail "there is a store"
	consistent c.img
}
try "run: all or nothing, and a failure that is called a success" spoiled 'successCodeList="0 2147942405"'
try "run: all or nothing, and a failure that may be tried again" spoiled 'retryCount="3"'
try "run: all or nothing, and a failure that is allowed" spoiled 'continueOnError="true"'
done_testing
