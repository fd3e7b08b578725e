#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# sequence_steps.sh - run: single steps and their failures, hooks, and sequences of MDT and of ConfigMgr as they are in use
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"
. "$(dirname "$0")/windows.bash"
. "$(dirname "$0")/sequence.bash"
SAMPLES=${HOLDFAST_SAMPLES:-$ROOT/../shared/samples}/usmt
MADE=$WORK/made.xml

# step NAME TYPE ACTION [ATTRIBUTES] [NAME=VALUE]...: one of ConfigMgr's, with its defaults
step() {
	local variable
	printf '<step type="SMS_TaskSequence_%sAction" name="%s" successCodeList="0 3010" %s>' "$2" "$1" "${4:-}"
	printf '<action>%s</action><defaultVarList>' "$3"
	for variable in "${@:5}"; do printf '<variable name="%s" property="P">%s</variable>' "${variable%%=*}" "${variable#*=}"; done
	echo '</defaultVarList></step>'
}

# asks VARIABLE OPERATOR VALUE: a condition, to be put behind a name
asks() {
	printf '<condition><expression type="SMS_TaskSequence_VariableConditionExpression"><variable name="Variable">%s</variable>' "$1"
	printf '<variable name="Operator">%s</variable><variable name="Value">%s</variable></expression></condition>' "$2" "$3"
}

# of STEP...: $MADE is a sequence of them
of() {
	printf '<sequence version="3.10" name="Made">%s</sequence>\n' "$*" > "$MADE"
}

SET=$(step 'Local store' SetVariable 'tsenv.exe "OSDStateStorePath=C:\StateStore"')
CAPTURE=$(step Capture CaptureUserState 'osdmigrateuserstate.exe /collect' '' _OSDMigrateUseHardlinks=true)
APPLY=$(step Apply ApplyOperatingSystem 'OSDApplyOS.exe /image:LAB00001,1 /target:C:')
RESTORE=$(step Restore RestoreUserState 'osdmigrateuserstate.exe /apply')
PARTITION=$(step Partition PartitionDisk osddiskpart.exe '' OSDDiskIndex=0 OSDDiskType=MBR OSDPartitions=2 \
	OSDPartitions0Type=Primary OSDPartitions0FileSystem=NTFS OSDPartitions0Size=30 OSDPartitions0SizeUnits=MB \
	OSDPartitions0QuickFormat=true OSDPartitions0Bootable=true OSDPartitions0VolumeName=Boot \
	OSDPartitions1Type=Primary OSDPartitions1FileSystem=NTFS OSDPartitions1Size=100 OSDPartitions1SizeUnits=Percent \
	OSDPartitions1QuickFormat=true OSDPartitions1VolumeName=Windows)

# says TEXT...: smsts.log has these lines
says() {
	local text
	for text; do
		grep -qF -- "$text" "$WORK/logs/smsts.log" || fail "smsts.log does not say: $text"
	done
}

# failed STEP CODE PATTERN
failed() {
	same "completed" "$(told .completed)" false
	same "the step" "$(told .failure.step)" "$1"
	same "its code" "$(told .failure.code)" "$2"
	told .failure.why > "$WORK/reason"
	grep -q "$3" "$WORK/reason" || fail "why: $(cat "$WORK/reason")"
}

# same_people: what the users have is as it was before
same_people() {
	watched "$IMAGE" documents > "$WORK/after"
	diff "$WORK/documents" "$WORK/after" > "$WORK/diff" || fail "documents: $(head -n 3 "$WORK/diff" | tr '\n' ' ')"
}

try "run: a Windows, and the image of a new one" a_refresh

# the only case that has to wait goes on beside the others
overtime() {
	local image=$WORK/overtime.img
	cp --sparse=always "$WORK/base.img" "$image"
	printf '#!/bin/sh\nexec sleep 300\n' > "$WORK/slow"
	chmod +x "$WORK/slow"
	printf '<sequence version="3.10">%s</sequence>' "$(step Slow Wait x.exe 'timeout="1"')" > "$WORK/overtime.xml"
	"$HOLDFAST" run --json --logs "$WORK/overtime.logs" --hook Wait="$WORK/slow" "$WORK/overtime.xml" "$image" > "$WORK/overtime.out" 2>&1
	echo $? > "$WORK/overtime.status"
}
overtime &
OVERTIME=$!

# -------- disks --------

disk() {
	rm -f "$1"
	truncate -s 128M "$1"
}

partitions_a_fresh_disk() {
	fresh
	disk "$WORK/disk.img"
	of "$PARTITION"
	sequence 0 --disk 0="$WORK/disk.img" "$MADE" "$IMAGE"
	same "partitions" "$(sfdisk -q -l -o start,type,boot "$WORK/disk.img" | tail -n 2 | awk '{ print $1, $2 }' | tr '\n' ';')" "2048 HPFS/NTFS/exFAT;63488 HPFS/NTFS/exFAT;"
	consistent_at "$WORK/disk.img" 1
	consistent_at "$WORK/disk.img" 2
	same_people
}
consistent_at() {
	hold 0 check "$1@$2"
}
try "run: a fresh disk is partitioned" partitions_a_fresh_disk

# refused WHY PROTECTED: the disk $WORK/disk.img stays as it is, byte for byte
refused() {
	local sum
	sum=$(digest "$WORK/disk.img")
	rm -rf "$WORK/logs"
	sequence 3 --disk 0="$WORK/disk.img" "$MADE" "$IMAGE"
	failed Partition 0x00000005 "$1"
	says "Disk 0 contains protected path \"$2\"" 'Attempt to partition disk containing a protected path. Disk index = 0' \
		'OSDDiskPart.exe failed: 0x00000005' 'Failed to run the action: Partition'
	same "the disk" "$(digest "$WORK/disk.img")" "$sum"
}

refuses_stores() {
	fresh
	of "$PARTITION"
	cp --sparse=always "$WORK/base.img" "$WORK/disk.img"
	hold 0 capture --store '\StateStore' "$WORK/disk.img"
	refused 'a state store lies on it' '\StateStore\USMT'
	# half a refresh: the store is the last to have the files, and is deleted
	mounted "$WORK/disk.img" rm -rf Users Data Reports StateStore
	refused 'a deleted store lies on it' '\StateStore\USMT'
	sequence 0 --overwrite-deleted --disk 0="$WORK/disk.img" "$MADE" "$IMAGE"
	consistent_at "$WORK/disk.img" 2
}
try "run: no disk is partitioned with a store on it, live or deleted" refuses_stores

# the disk of the run itself; the condition that its author forgot
refuses_own_disk() {
	fresh
	of "$SET" "$CAPTURE" "$PARTITION" "$APPLY"
	sequence 3 --disk 0="$IMAGE" "$MADE" "$IMAGE"
	failed Partition 0x00000005 'volume C of this run is on it'
	says 'Disk 0 contains protected path "C:\StateStore"' 'OSDDiskPart.exe failed: 0x00000005'
	consistent "$IMAGE"
	same_people
	hold 0 verify --store '\StateStore' "$IMAGE"
	hold 1 status "$IMAGE"
	grep -q 'Partition' "$WORK/out" || fail "status: $(cat "$WORK/out")"
}
try "run: the disk of the run is not partitioned" refuses_own_disk

asks_for_disks() {
	fresh
	disk "$WORK/disk.img"
	of "$PARTITION"
	sequence 3 "$MADE" "$IMAGE"
	failed Partition 0x80070002 'say --disk 0=DEVICE'
	sequence 3 --disk 1="$WORK/disk.img" "$MADE" "$IMAGE"
	failed Partition 0x80070002 'say --disk 0=DEVICE'
	hold 3 run --json --logs "$WORK/logs" --disk 0="$WORK/disk.img" "$MADE" "$IMAGE"
	cp "$WORK/out" "$WORK/told"
	failed Partition 0x00000005 'say --yes'
	zeros "$WORK/disk.img" 0 134217728 || fail "the disk was written to"
	fresh
	sequence 3 --atomic --disk 0="$WORK/disk.img" "$MADE" "$IMAGE"
	failed Partition 0x00000005 'leave --atomic out'
	zeros "$WORK/disk.img" 0 134217728 || fail "the disk was written to"
}
try "run: a disk that nobody named, without consent, or where it is all or nothing" asks_for_disks

# a program that may erase disks is not run
leaves_tools_out() {
	fresh
	of "$SET" "$CAPTURE" "$(step Clean RunCommandLine 'smsswd.exe /run: diskpart /s clean.txt')"
	sequence 1 "$MADE" "$IMAGE"
	same "not done" "$(told '.unfinished[].step')" Clean
	same "told" "$(told '.notes[] | select(.step == "Clean") | .text')" 'not done here: smsswd.exe /run: diskpart /s clean.txt'
	same_people
	consistent "$IMAGE"
}
try "run: diskpart is left out" leaves_tools_out

# -------- images --------

applies_data() {
	local attribute
	fresh
	mkdir -p "$WORK/data/Tools"
	echo tool > "$WORK/data/Tools/tool.txt"
	wimlib-imagex capture "$WORK/data" "$WORK/data.wim" Data > "$WORK/log2"
	format "$WORK/d.img" 32M
	mounted "$WORK/d.img" put old.txt
	of "$(step Data ApplyDataImage 'OSDApplyOS.exe /data:LAB00003,%OSDDataImageIndex% /target:D:' '' OSDDataImageIndex=1 OSDWipeDestinationPartition=false)"
	sequence 0 --package LAB00003="$WORK/data.wim" "$MADE" "$IMAGE" D="$WORK/d.img"
	consistent "$WORK/d.img"
	watched "$WORK/d.img" grep -q tool Tools/tool.txt
	watched "$WORK/d.img" test -e old.txt || fail "it was wiped"
	# on a volume without a store nothing is wiped that might be somebody's
	of "$(step Data ApplyDataImage 'OSDApplyOS.exe /data:LAB00003,1 /target:D:' '' OSDWipeDestinationPartition=true)"
	hold 3 run --json --logs "$WORK/logs" --package LAB00003="$WORK/data.wim" "$MADE" "$IMAGE" D="$WORK/d.img"
	watched "$WORK/d.img" test -e old.txt || fail "it was wiped"
	# to a volume that nobody named
	sequence 3 --restart --package LAB00003="$WORK/data.wim" "$MADE" "$IMAGE"
	told .failure.why | grep -q 'no volume that is named has that letter'
}
try "run: a data image beside what is there" applies_data

no_image() {
	fresh
	of "$SET" "$CAPTURE" "$APPLY"
	hold 3 run --json --logs "$WORK/logs" "$MADE" "$IMAGE"
	cp "$WORK/out" "$WORK/told"
	failed Apply 0x80070002 'say --package LAB00001=FILE.wim, or --image FILE.wim'
	same_people
	# the command that goes on, as it is told, with the option that was lacking
	same "the command" "$(told .failure.again)" "holdfast run $MADE $IMAGE"
	sequence 0 --image "$WORK/new.wim" "$MADE" "$IMAGE"
	same "gone on" "$(told .resumed)" true
}
try "run: an image that nobody named, and then it goes on" no_image

# -------- hooks --------

# hook NAME COMMAND: a program that counts its calls in NAME.calls
hook() {
	printf '#!/bin/sh\necho "$3" >> "%s.calls"\n%s\n' "$WORK/$1" "$2" > "$WORK/$1"
	chmod +x "$WORK/$1"
	rm -f "$WORK/$1.calls"
}
calls() {
	wc -l < "$WORK/$1.calls"
}

hooks() {
	fresh
	hook seven 'exit 7'
	of "$(step Odd Odd 'odd.exe %Who% "two words"' 'successCodeList="0 7"')"
	sed -i 's/successCodeList="0 3010" //' "$MADE"
	sequence 0 --hook Odd="$WORK/seven" --set Who=anna "$MADE" "$IMAGE"
	same "what it was given" "$(cat "$WORK/seven.calls")" 'odd.exe anna "two words"'
	# a code that is none of success fails the sequence, or is allowed
	of "$(step Odd Odd odd.exe)" "$SET"
	sequence 3 --hook Odd="$WORK/seven" "$MADE" "$IMAGE"
	same "the code" "$(told .failure.code)" 0x00000007
	of "$(step Odd Odd odd.exe 'continueOnError="true"')" "$SET"
	sequence 1 --restart --hook Odd="$WORK/seven" "$MADE" "$IMAGE"
	same "told" "$(told '.unfinished[] | "\(.step) \(.code)"')" 'Odd 7'
	says 'Failed to run the action: Odd'
	# once more, and once more
	hook third "[ \$(wc -l < \"$WORK/third.calls\") = 3 ]"
	of "$(step Odd Odd odd.exe 'retryCount="1"')"
	sequence 3 --hook Odd="$WORK/third" "$MADE" "$IMAGE"
	same "calls" "$(calls third)" 2
	hook third "[ \$(wc -l < \"$WORK/third.calls\") = 3 ]"
	of "$(step Odd Odd odd.exe 'retryCount="2"')"
	sequence 0 --restart --hook Odd="$WORK/third" "$MADE" "$IMAGE"
	same "calls" "$(calls third)" 3
	# a signal is a failure
	hook killed 'kill -9 $$'
	of "$(step Odd Odd odd.exe)"
	sequence 3 --hook Odd="$WORK/killed" "$MADE" "$IMAGE"
	same "the code" "$(told .failure.code)" 0x80004005
	consistent "$IMAGE"
}
try "run: hooks: arguments, success codes, failures that are allowed, retries, signals" hooks

# a step that is done here can be somebody's, too
hook_in_place() {
	fresh
	hook mine 'exit 0'
	of "$SET" "$CAPTURE" "$PARTITION"
	sequence 0 --hook PartitionDisk="$WORK/mine" "$MADE" "$IMAGE"
	same "calls" "$(calls mine)" 1
	hold 2 run --hook PartitionDisk=/nowhere "$MADE" "$IMAGE"
	hold 2 run --hook PartitionDisk "$MADE" "$IMAGE"
}
try "run: a hook in the place of a step that is done here" hook_in_place

# -------- failures, conditions --------

GATHER="<group name=\"Gather logs\">$(asks _SMSTSLastActionSucceeded equals false)$(step 'Copy logs' Copy copy.exe)</group>"

gathers_logs() {
	fresh
	hook copy 'exit 0'
	of "<group name=\"Execute\" continueOnError=\"true\"><group name=\"Inner\">$SET$(step Breaks Break break.exe)$CAPTURE</group>$APPLY</group>$GATHER"
	sequence 1 --hook Break=/bin/false --hook Copy="$WORK/copy" "$MADE" "$IMAGE"
	same "calls" "$(calls copy)" 1
	same "not done" "$(told '.unfinished[] | "\(.step) \(.code)"')" 'Breaks 1'
	same "completed" "$(told .completed)" true
	says 'The execution of the group (Inner) has failed and the execution has been aborted' \
		'The execution of the group (Execute) has failed and the execution has been aborted'
	watched "$IMAGE" test ! -e StateStore || fail "it went on in the group"
	same_people
	# and nothing is gathered where nothing fails
	fresh
	hook copy 'exit 0'
	sequence 0 --hook Break=/bin/true --hook Copy="$WORK/copy" "$MADE" "$IMAGE"
	[ ! -e "$WORK/copy.calls" ] || fail "logs were gathered"
	watched "$IMAGE" test -e StateStore/USMT/File
}
try "run: a group fails where it may, and the logs are gathered" gathers_logs

# behind the wipe: it ends, as it may, and who is not told would format the disk
fails_behind_wipe() {
	fresh
	hold 1 run --yes --logs "$WORK/logs" --image "$WORK/new.wim" --set OSDMigrateLocalAccounts=true --hook SetupWindowsAndSMS=/bin/false \
		"$SEQUENCES/hardlink-checkboxes.xml" "$IMAGE"
	grep -q "^[0-9]* of the users' files are in the store ALONE: C:.StateStore" "$WORK/out" || fail "not told: $(tail -n 5 "$WORK/out")"
	says 'files are in the state store C:\StateStore alone'
	# as it is told
	sed -n 's/^  > holdfast //p' "$WORK/out" | xargs "$HOLDFAST" > "$WORK/log2" || fail "the command that it tells: $(tail -n 1 "$WORK/log2")"
	hold 0 release --store '\StateStore' "$IMAGE"
	same_people
	consistent "$IMAGE"
}
try "run: a failure behind the wipe that is allowed: what is in the store alone is told" fails_behind_wipe

not_known() {
	local query="<condition><expression type=\"SMS_TaskSequence_WMIConditionExpression\"><variable name=\"Namespace\">root\\cimv2</variable>
		<variable name=\"Query\">select * from Win32_ComputerSystem where Model like 'Latitude%'</variable></expression></condition>"
	fresh
	hook drivers 'exit 0'
	of "$(step Drivers Drivers drivers.exe | sed "s|<action>|$(tr -d '\n' <<< "$query" | sed 's/[&\]/\\&/g')<action>|")"
	sequence 1 --hook Drivers="$WORK/drivers" "$MADE" "$IMAGE"
	same "not done" "$(told '.unfinished[].step')" Drivers
	[ ! -e "$WORK/drivers.calls" ] || fail "it was done on a guess"
	sequence 0 --hook Drivers="$WORK/drivers" --set 'Win32_ComputerSystem.Model=Latitude 5290' "$MADE" "$IMAGE"
	same "calls" "$(calls drivers)" 1
	fresh
	hook drivers 'exit 0'
	sequence 0 --hook Drivers="$WORK/drivers" --set 'Win32_ComputerSystem.Model=Precision' "$MADE" "$IMAGE"
	[ ! -e "$WORK/drivers.calls" ] || fail "the condition is false"
}
try "run: a condition that nobody can answer, and the answer" not_known

# -------- stores --------

# ConfigMgr's sequence with its Request State Store left in
requested() {
	fresh
	of "$(step Request RequestStateStore 'osdsmpclient.exe /capture')" "$CAPTURE" "$(step Release ReleaseStateStore 'osdsmpclient.exe /release')" \
		"$APPLY" "$(step Request RequestStateStore 'osdsmpclient.exe /restore')" "$RESTORE" "$(step Release ReleaseStateStore 'osdsmpclient.exe /release')"
	sequence 0 "$MADE" "$IMAGE"
	same "the store" "$(told .store)" 'C:\_SMSTaskSequence\UserState'
	refreshed
}
try "run: a store that is asked for is a local one, and is not given back" requested

# a local account that the new Windows does not have, and that the sequence does not make: her files are in the store
not_restored() {
	local count
	fresh
	rm -rf "$WORK/logs"
	hold 1 run --json --yes --logs "$WORK/logs" --image "$WORK/new.wim" "$CLASSIC" "$IMAGE"
	jq -e '.completed and .unfinished == []' "$WORK/out"
	count=$(jq .only_in_store "$WORK/out")
	same "files" "$(watched "$IMAGE" find '_SMSTaskSequence/UserState/USMT/File/C$/Users/anna' -type f | wc -l)" "$count"
	fresh
	hold 1 run --yes --logs "$WORK/logs" --image "$WORK/new.wim" "$CLASSIC" "$IMAGE"
	grep -q "^$count of the users' files are in the store ALONE" "$WORK/out" || fail "not told: $(tail -n 4 "$WORK/out")"
	hold 3 release --store '\_SMSTaskSequence\UserState' "$IMAGE"
}
try "run: files that are not restored are told, and stay in the store" not_restored

# USMT's own command lines
command_lines() {
	local package=$WORK/usmt
	fresh
	mkdir -p "$package/amd64"
	refresh_rules "$package/amd64/People.xml"
	of "$(step Scan RunCommandLine 'smsswd.exe /run:LAB00002 amd64\scanstate.exe C:\Mine /o /c /hardlink /nocompress /i:amd64\People.xml')" \
		"$(step Restart Reboot 'smsboot.exe /target:WinPE')" "$APPLY" \
		"$(step Load RunCommandLine 'smsswd.exe /run:LAB00002 amd64\loadstate.exe C:\Mine /c /lac:Secret7 /lae /hardlink /nocompress /i:amd64\People.xml')" \
		"$(step Verify RunCommandLine 'smsswd.exe /run:LAB00002 amd64\usmtutils.exe /verify C:\Mine')"
	sequence 0 --package LAB00001="$WORK/new.wim" --package LAB00002="$package" "$MADE" "$IMAGE"
	consistent "$IMAGE"
	watched "$IMAGE" grep -q 'letter.doc' Users/anna/Documents/letter.doc
	watched "$IMAGE" test -e 'Mine/USMT/File/C$/Users/anna/Documents/letter.doc'
	watched "$IMAGE" test ! -e 'Program Files' || fail "it was not wiped"
	! grep -rq Secret7 "$WORK/logs" || fail "the password is in a log"
	says "Skipping C:\\Mine for wipe"
}
try "run: command lines of USMT's" command_lines

secrets() {
	fresh
	of "$(step Secret SetVariable 'tsenv.exe "OSDJoinPassword=hunter2"')" "$(step Hidden SetVariable 'tsenv.exe "Plain=hunter2" /hiddenflag:True')" \
		"$(step Use Use 'use.exe /key:hunter2 %OSDJoinPassword% %Plain%')" "$(step Left RunCommandLine 'smsswd.exe /run: net.exe use x /key:hunter2 %Plain%')"
	hook use 'exit 0'
	sequence 1 --hook Use="$WORK/use" "$MADE" "$IMAGE"
	same "the program is told" "$(cat "$WORK/use.calls")" 'use.exe /key:hunter2 hunter2 hunter2'
	! grep -rq hunter2 "$WORK/logs" "$WORK/told" || fail "a secret is told: $(grep -rh -m1 hunter2 "$WORK/logs" "$WORK/told")"
	watched "$IMAGE" sh -c '! grep -rqs hunter2 _SMSTaskSequence Windows/CCM' || fail "a secret is on the volume"
}
try "run: secrets are in no log" secrets

# -------- MDT --------

script() {
	printf '<step type="%s" name="%s" successCodeList="0 3010"><action>cscript.exe "%%SCRIPTROOT%%\\%s"</action></step>' "${3:-SMS_TaskSequence_RunCommandLineAction}" "$1" "$2"
}

mdt() {
	fresh
	of "<group name=\"State Capture\">$(script Gather ZTIGather.wsf BDD_Gather)$(script 'Next Phase' ZTINextPhase.wsf)$(
		step Capture RunCommandLine 'cscript.exe "%SCRIPTROOT%\ZTIUserState.wsf" /capture')$(
		script 'Next Phase' ZTINextPhase.wsf)$(step Restart Reboot 'smsboot.exe /target:WinPE')</group>" \
		"<group name=\"Install\">$(asks PHASE equals PREINSTALL)$(script 'Next Phase' ZTINextPhase.wsf)$(script Install LTIApply.wsf BDD_InstallOS)$(
		script 'Next Phase' ZTINextPhase.wsf)$(script 'Next Phase' ZTINextPhase.wsf)$(step Restart Reboot 'smsboot.exe /target:WinPE')</group>" \
		"<group name=\"State Restore\">$(asks PHASE equals STATERESTORE)$(step Restore RunCommandLine 'cscript.exe "%SCRIPTROOT%\ZTIUserState.wsf" /restore')</group>"
	sequence 0 --image "$WORK/new.wim" "$MADE" "$IMAGE"
	same "the store" "$(told .store)" 'C:\StateStore'
	refreshed StateStore
}
try "run: a sequence of MDT's" mdt

mdt_sample() {
	[ -e "$SAMPLES/mdt-ts-W10ENT-X64.xml" ] || skip "$SAMPLES is not there (set HOLDFAST_SAMPLES)"
	fresh
	sequence 1 --image "$WORK/new.wim" "$SAMPLES/mdt-ts-W10ENT-X64.xml" "$IMAGE"
	same "completed" "$(told .completed)" true
	refreshed StateStore
	[ "$(told '.unfinished | length')" -gt 20 ] || fail "what is not done is not told"
	same "failed" "$(told '[.unfinished[] | select(.code != 0)] | length')" 0
	hold 0 verify --store '\StateStore' "$IMAGE"
	# a new computer: its disk has to be said
	fresh
	sequence 3 --set _SMSTSInWinPE=true --image "$WORK/new.wim" "$SAMPLES/mdt-ts-W10ENT-X64.xml" "$IMAGE"
	told .failure.why | grep -q 'say --disk 0=DEVICE'
	same_people
}
try "run: a sequence of MDT's that is in use" mdt_sample

export_sample() {
	[ -e "$SAMPLES/cm-export-ModelSupport-object.xml" ] || skip "$SAMPLES is not there (set HOLDFAST_SAMPLES)"
	fresh
	sequence 0,1,3 --image "$WORK/new.wim" "$SAMPLES/cm-export-ModelSupport-object.xml" "$IMAGE"
	consistent "$IMAGE"
	same_people
	[ "$(told '.unfinished | length')" -gt 0 ] || fail "what is not done is not told"
}
try "run: an export of ConfigMgr's that is in use" export_sample

too_late() {
	same "the exit status" "$(cat "$WORK/overtime.status")" 3
	same "the code" "$(jq -r .failure.code "$WORK/overtime.out")" 0x800705B4
	consistent "$WORK/overtime.img"
}
wait "$OVERTIME"
try "run: a hook that takes too long" too_late
done_testing
