#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# sequence_plan.sh - run --plan: what a task sequence would do on the volumes, and that it does nothing
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"
. "$(dirname "$0")/windows.bash"
SEQUENCES=$ROOT/fixtures/sequences

# a program whose version is 8.5 (a library by lld-link), and a file with known times
add_files() {
	local stamp
	cp "$ROOT/tests/fuzz/corpus/version_resource/library" 'Program Files/App/app.exe'
	echo x > stamped.txt
	echo x > old.txt
	touch -d '2020-01-01 12:00:00 UTC' old.txt
	# made and written at the same moment
	stamp=$(printf %016x $(((1577880000 + 11644473600) * 10000000))) # 2020-01-01 12:00 UTC
	setfattr -h -n system.ntfs_times_be -v "0x$stamp$stamp$stamp$stamp" stamped.txt
	{
		reg_key 'Microsoft\Windows\CurrentVersion\Uninstall\{11111111-2222-3333-4444-555555555555}'
		reg_text DisplayVersion 3.4.5
	} > "$WORK/lines"
	(echo 'Windows Registry Editor Version 5.00' && cat "$WORK/lines") > "$WORK/reg"
	hivexregedit --merge --prefix R Windows/System32/config/SOFTWARE "$WORK/reg"
}
setup() {
	windows_image "$WORK/c.img"
	mounted "$WORK/c.img" add_files
}
try "run --plan: a Windows with a program" setup

# planned STATUS ARGUMENT...: the plan, as lines "POINTER VERDICT NAME" in $WORK/steps; nothing was written
planned() {
	local sum
	sum=$(digest "$WORK/c.img")
	hold "$1" run --plan --json "${@:2}" "$WORK/c.img"
	jq -r '.steps[] | "\(.pointer) \(.verdict) \(.name)"' "$WORK/out" > "$WORK/steps"
	same "the volume" "$(digest "$WORK/c.img")" "$sum"
}

# steps LINE...
steps() {
	printf '%s\n' "$@" | diff - "$WORK/steps" || fail "the steps: $(diff <(printf '%s\n' "$@") "$WORK/steps" | head -n 3 | tr '\n' ' ')"
}

# noted POINTER PATTERN: what the step's note says
noted() {
	jq -r ".steps[] | select(.pointer == $1 and .verdict != \"restart\") | .note" "$WORK/out" > "$WORK/note"
	grep -q "$2" "$WORK/note" || fail "the note of $1: $(cat "$WORK/note")"
}

classic() {
	planned 0 "$SEQUENCES/hardlink-2007.xml"
	steps '0 starts Capture' '1 runs Set Local State Location' '2 runs Set Additional Capture Options' \
		'3 runs Set Additional Restore Options' '4 disabled Request State Store' '5 runs Capture User Files and Settings' \
		'6 disabled Release State Store' '7 runs Restart in Windows PE' '7 restart Restart in Windows PE' '8 ends Capture' \
		'9 starts Install' '10 runs Apply Operating System' '11 runs Setup Windows and ConfigMgr' \
		'11 restart Setup Windows and ConfigMgr' '11 runs Setup Windows and ConfigMgr' '12 ends Install' '13 starts Restore' \
		'14 disabled Request State Store' '15 runs Restore User Files and Settings' '16 disabled Release State Store' '17 ends Restore'
	jq -e '.variables | .OSDStateStorePath == "C:\\_SMSTaskSequence\\UserState" and
		.OSDMigrateAdditionalCaptureOptions == "/nocompress /hardlink" and
		.OSDMigrateAdditionalRestoreOptions == "/nocompress /hardlink" and .OSDImageIndex == "1" and ._SMSTSMachineName == "PC7" and
		._SMSTSInstructionTableSize == "18" and ._SMSTSNextInstructionPointer == "18" and ._SMSTSLastActionSucceeded == "true"' "$WORK/out"
	jq -e '[.steps[] | select(.environment == "WinPE") | .pointer] == [7, 8, 9, 10, 11]' "$WORK/out"
	jq -e '[.steps[] | select(.misplaced)] == []' "$WORK/out"
	jq -e '.steps[] | select(.pointer == 5) | .action == "capture" and .note == "into C:\\_SMSTaskSequence\\UserState, as hard links"' "$WORK/out"
	jq -e '.completed and .instructions == 18 and .sha256 == "'"$(sha256sum < "$SEQUENCES/hardlink-2007.xml" | cut -d' ' -f1)"'"' "$WORK/out"
	hold 0 run --plan "$SEQUENCES/hardlink-2007.xml" "$WORK/c.img"
	grep -q '^   5    Capture User Files and Settings$' "$WORK/out"
	grep -q '^   4    Request State Store: skipped, it is disabled$' "$WORK/out"
	grep -q '^----  restart into Windows PE$' "$WORK/out"
	# the local data lie where the user says
	planned 1 --set SMSTSLocalDataDrive=D: "$SEQUENCES/hardlink-2007.xml"
	jq -e '.steps[] | select(.pointer == 5) | .verdict == "fails" and (.note | test("no folder of a volume"))' "$WORK/out"
	jq -e '.completed | not' "$WORK/out"
}
try "run --plan: the classic hard-link sequence" classic

boxes() {
	planned 0 "$SEQUENCES/hardlink-checkboxes.xml"
	jq -e '.variables._OSDProtectHardLinkStore == "StateStore"' "$WORK/out"
	grep -qx '8 condition Partition Disk 0' "$WORK/steps"
	grep -qx '3 condition Request State Store' "$WORK/steps"
	grep -qx '16 condition Gather Logs on Failure' "$WORK/steps"
	# asked for, a store is a local one
	planned 0 --set UseHardLinks=false "$SEQUENCES/hardlink-checkboxes.xml"
	grep -qx '3 runs Request State Store' "$WORK/steps"
	jq -e '.variables | .OSDStateStorePath == "C:\\_SMSTaskSequence\\UserState" and ._OSDProtectHardLinkStore == "_SMSTaskSequence\\UserState" and
		._OSDMigrateUseHardlinks == "true"' "$WORK/out"
	# where nobody says where it is, the capture fails, and nothing is wiped
	sed 's/name="Request State Store"/& disable="true"/' "$SEQUENCES/hardlink-checkboxes.xml" > "$WORK/nowhere.xml"
	planned 1 --set UseHardLinks=false "$WORK/nowhere.xml"
	steps '0 starts Execute Task Sequence' '1 starts Capture Files and Settings' '2 condition Use a local store' \
		'3 disabled Request State Store' '4 fails Capture User Files and Settings' '1 aborts Capture Files and Settings' \
		'0 aborts Execute Task Sequence' '16 starts Gather Logs on Failure' '17 left-out Copy Logs' '18 ends Gather Logs on Failure'
	# the guard of the partition step, when its author forgot the condition
	sed '/name="Partition Disk 0"/,/<\/condition>/ { /<condition>/,/<\/condition>/d }' "$SEQUENCES/hardlink-checkboxes.xml" > "$WORK/forgot.xml"
	planned 1 "$WORK/forgot.xml"
	grep -qx '8 fails Partition Disk 0' "$WORK/steps"
	! grep -q 'Apply Operating System' "$WORK/steps" || fail "it would have been wiped"
	noted 8 'say --disk 0=DEVICE'
	planned 1 --disk 0="$WORK/c.img" "$WORK/forgot.xml"
	grep -qx '8 fails Partition Disk 0' "$WORK/steps"
	noted 8 'volume C of this run is on it'
}
try "run --plan: the check boxes, and a partition step that would destroy the store" boxes

# asked WANTED TYPE NAME=VALUE...: the verdict of a step with this condition
asked() {
	local operand operands=
	for operand in "${@:3}"; do operands+="<variable name=\"${operand%%=*}\">${operand#*=}</variable>"; done
	printf '<sequence version="3.10"><step name="S" type="SMS_TaskSequence_SetVariableAction"><condition>%s</condition>%s</step></sequence>' \
		"<expression type=\"SMS_TaskSequence_$2ConditionExpression\">$operands</expression>" \
		'<action>tsenv.exe "a=b"</action>' > "$WORK/one.xml"
	planned 0,1 "${SETTINGS[@]}" "$WORK/one.xml"
	same "$*" "$(cut -d' ' -f2 "$WORK/steps")" "$1"
}
SETTINGS=(--set 'Root=C:')

files() {
	asked runs File 'Path=C:\Program Files\App\app.exe'
	asked runs File 'Path=%root%/program files/app/APP.EXE'
	asked condition File 'Path=C:\Program Files\App'
	asked runs Folder 'Path=C:\Program Files\App'
	asked runs Folder 'Path=C:\'
	asked condition Folder 'Path=C:\Program Files\App\app.exe'
	asked condition File 'Path=C:\nothing.txt'
	asked unknown File 'Path=E:\nothing.txt'
	asked unknown File 'Path=\\server\share\x'
	asked runs File 'Path=C:\Program Files\App\app.exe' Version=8.5 VersionOperator=greaterEqual
	asked condition File 'Path=C:\Program Files\App\app.exe' Version=8.5 VersionOperator=less
	asked condition File 'Path=C:\Program Files\App\app.exe' Version=10.0 VersionOperator=greater
	asked unknown File 'Path=C:\stamped.txt' Version=1.0 VersionOperator=greater
	asked runs File 'Path=C:\stamped.txt' DateTime=20200101120000.000000+000 DateTimeOperator=equals
	asked runs File 'Path=C:\stamped.txt' DateTime=20200101120001.000000+000 DateTimeOperator=less
	asked condition File 'Path=C:\stamped.txt' DateTime=20200101115959.000000+000 DateTimeOperator=less
	asked unknown File 'Path=C:\stamped.txt' DateTime=soon DateTimeOperator=less
	# made now, written in 2020: which of the two is meant, nobody says
	asked unknown File 'Path=C:\old.txt' DateTime=20210101000000.000000+000 DateTimeOperator=less
}
try "run --plan: conditions on files and folders" files

registry() {
	local current='HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
	asked runs Registry "KeyPath=$current" Operator=exists
	asked condition Registry "KeyPath=$current" Operator=nonExists
	asked condition Registry "KeyPath=$current\\Nothing" Operator=exists
	asked runs Registry "KeyPath=HKLM\\Software\\Nothing" Operator=notExists Value=x
	asked runs Registry "KeyPath=$current" Value=CurrentBuildNumber Operator=exists Type=REG_SZ
	asked condition Registry "KeyPath=$current" Value=CurrentBuildNumber Operator=exists Type=REG_DWORD
	asked runs Registry "KeyPath=$current" Value=CurrentBuildNumber Operator=equals Data=19045
	asked runs Registry "KeyPath=$current" Value=CurrentBuildNumber Operator=greater Data=9999
	asked runs Registry "KeyPath=$current" Value=CurrentMajorVersionNumber Operator=equals Type=REG_DWORD Data=10
	asked runs Registry "KeyPath=$current" Value=CurrentMajorVersionNumber Operator=less Data=0xB
	asked runs Registry "KeyPath=$current" Value=ProductName Operator=equals 'Data=windows 10 pro'
	asked condition Registry "KeyPath=$current" Value=Nothing Operator=equals Data=1
	asked unknown Registry 'KeyPath=HKEY_CURRENT_USER\Software' Operator=exists
	asked unknown Registry 'KeyPath=HKMOON\Software' Operator=exists
}
try "run --plan: conditions on the registry of the offline Windows" registry

wmi() {
	local system='select * from Win32_OperatingSystem where'
	asked runs WMI 'Namespace=root\cimv2' "Query=$system Version like '10.0.%' and BuildNumber >= 19041"
	asked condition WMI 'Namespace=root\cimv2' "Query=$system OSArchitecture = '32-bit'"
	asked unknown WMI "Query=$system OSLanguage = 1033"
	jq -e '.unknown == 1 and (.steps[0].note | test("--set .Win32_OperatingSystem.OSLanguage=..."))' "$WORK/out"
	asked runs WMI "Query=select * from Win32_ComputerSystem where Name = 'PC7'"
	asked unknown WMI "Query=select * from Win32_ComputerSystem where Model like '%5290%'"
	SETTINGS=(--set 'Win32_ComputerSystem.Model=Latitude 5290')
	asked runs WMI "Query=select * from Win32_ComputerSystem where Model like '%5290%'"
	# Windows PE has a version and a registry of its own
	SETTINGS=(--set _SMSTSInWinPE=true)
	asked unknown WMI "Query=$system Version like '10.0.%'"
	asked unknown Registry 'KeyPath=HKLM\Software' Operator=exists
	SETTINGS=()
	asked runs Software 'ProductCode={11111111-2222-3333-4444-555555555555}' Operator=AnyVersion
	asked runs Software 'ProductCode={11111111-2222-3333-4444-555555555555}' Operator=ThisVersion Version=3.4.5
	asked condition Software 'ProductCode={11111111-2222-3333-4444-555555555555}' Operator=ThisVersion Version=3.4.6
	asked unknown Software 'ProductCode={99999999-2222-3333-4444-555555555555}' Operator=AnyVersion
}
try "run --plan: conditions that WMI and Windows Installer would answer" wmi

# what the sequence itself changes cannot be foreseen from what is there now
foreseen() {
	cat > "$WORK/late.xml" <<- 'END'
		<sequence version="3.10"><step name="Set" type="SMS_TaskSequence_SetVariableAction"><action>tsenv.exe "OSDStateStorePath=C:\S"</action></step>
		<step name="Capture" type="SMS_TaskSequence_CaptureUserStateAction"><action>osdmigrateuserstate.exe /collect</action></step>
		<step name="Apply" type="SMS_TaskSequence_ApplyOperatingSystemAction"><action>OSDApplyOS.exe</action></step>
		<step name="Late"><condition><expression type="SMS_TaskSequence_FolderConditionExpression"><variable name="Path">C:\Users</variable>
		</expression></condition><action>x.exe</action></step></sequence>
	END
	planned 1 "$WORK/late.xml"
	steps '0 runs Set' '1 runs Capture' '2 runs Apply' '3 unknown Late'
	jq -e '.steps[1].note == "into C:\\S, as copies"' "$WORK/out"
}
try "run --plan: what is asked of a volume that is wiped by then is not known" foreseen

# a real sequence of MDT: its phases are gone through, and its state steps stand in their order
mdt() {
	local samples=${HOLDFAST_SAMPLES:-$ROOT/../shared/samples}/usmt
	[ -e "$samples/mdt-ts-W10ENT-X64.xml" ] || skip "$samples is not there (set HOLDFAST_SAMPLES)"
	planned 1 "$samples/mdt-ts-W10ENT-X64.xml"
	same "state steps" "$(jq -r '.steps[] | select(.action == ("capture", "apply-system", "restore", "partition")) |
		"\(.action) \(.verdict) \(.environment)"' "$WORK/out" | tr '\n' ';')" \
		'capture runs FullOS;apply-system runs WinPE;restore runs FullOS;'
	jq -e '.completed and .failing == 0 and .unknown == 0 and .variables.PHASE == "STATERESTORE"' "$WORK/out"
	# a new computer has nothing to be captured, and a disk to be partitioned
	planned 1 --set _SMSTSInWinPE=true "$samples/mdt-ts-W10ENT-X64.xml"
	jq -e '.steps[] | select(.action == "partition") | .verdict == "fails" and (.note | test("which disk is disk 0"))' "$WORK/out"
	truncate -s 8G "$WORK/disk.img"
	planned 1 --set _SMSTSInWinPE=true --disk 0="$WORK/disk.img" --yes "$samples/mdt-ts-W10ENT-X64.xml"
	jq -e '[.steps[] | select(.action == "partition" and .verdict == "runs")] | length == 1' "$WORK/out"
	! grep -q 'Capture User State' "$WORK/steps" || fail "a new computer is captured"
	jq -e '.steps[] | select(.action == "apply-system") | .note | test("nothing was captured before")' "$WORK/out"
}
try "run --plan: a real sequence of MDT" mdt

# what the options say
options() {
	sed 's/<\/group>/<step name="Tool" type="SMS_TaskSequence_RunCommandLineAction"><action>smsswd.exe \/run: diskpart \/s x<\/action><\/step>&/' \
		"$SEQUENCES/hardlink-2007.xml" > "$WORK/tool.xml"
	planned 1 "$WORK/tool.xml"
	grep -qx '8 left-out Tool' "$WORK/steps"
	noted 8 'may destroy the store'
	# the image, found or not
	planned 0 "$SEQUENCES/hardlink-2007.xml"
	noted 10 'onto C:; the store stays; .*say --package LAB00001=FILE.wim'
	mkdir -p "$WORK/tree"
	wimlib-imagex capture "$WORK/tree" "$WORK/new.wim" Empty > "$WORK/log2"
	planned 0 --package LAB00001="$WORK/new.wim" "$SEQUENCES/hardlink-2007.xml"
	noted 10 '^image 1 (Empty) of new.wim onto C:; the store stays$'
	planned 1 --image "$WORK/new.wim:7" "$SEQUENCES/hardlink-2007.xml"
	grep -qx '10 fails Apply Operating System' "$WORK/steps"
	planned 1 --image "$WORK/c.img" "$SEQUENCES/hardlink-2007.xml"
	grep -qx '10 fails Apply Operating System' "$WORK/steps"
	# a step that is somebody's program
	planned 0 --hook Reboot=/bin/true "$SEQUENCES/hardlink-2007.xml"
	noted 7 '^by /bin/true: smsboot.exe'
	! grep -q '^7 restart' "$WORK/steps" || fail "the program restarts nothing"
	# a command line of ScanState's protects its store
	cat > "$WORK/lines.xml" <<- 'END'
		<sequence version="3.10"><step name="Scan" type="SMS_TaskSequence_RunCommandLineAction">
		<action>smsswd.exe /run: scanstate.exe C:\Own /o /c /hardlink /nocompress /i:migdocs.xml</action></step>
		<step name="Late" type="SMS_TaskSequence_RunCommandLineAction"><condition><expression type="SMS_TaskSequence_VariableConditionExpression">
		<variable name="Operator">exists</variable><variable name="Variable">_OSDProtectHardLinkStore</variable></expression></condition>
		<action>x.exe JoinPassword=hunter2 /key:hunter2 %Pin%</action></step>
		<step name="Set" type="SMS_TaskSequence_SetVariableAction"><action>tsenv.exe "OSDJoinPassword=hunter2"</action></step></sequence>
	END
	planned 1 --set 'Pin=4711' "$WORK/lines.xml"
	steps '0 runs Scan' '1 left-out Late' '2 runs Set'
	same "the notes" "$(jq -r '.steps[].note' "$WORK/out" | tr '\n' '|')" 'smsswd.exe /run: scanstate.exe C:\Own /o /c /hardlink /nocompress /i:migdocs.xml|x.exe JoinPassword=*** /key:*** 4711|OSDJoinPassword=(hidden)|'
	! grep -q hunter2 "$WORK/out" || fail "a secret is told"
}
try "run --plan: images, programs, tools and secrets" options

forms() {
	planned 0 "$SEQUENCES/export.zip"
	steps '0 starts G' '1 runs Restart' '1 restart Restart' '2 ends G'
	jq -e '.name == "Exported"' "$WORK/out"
	# what a name holds does not reach the terminal as it is
	printf '<sequence version="3.10"><step name="a&#x9b;31mb"><action>x</action></step></sequence>' > "$WORK/name.xml"
	hold 1 run --plan "$WORK/name.xml" "$WORK/c.img"
	grep -q 'a\\u{9b}31mb' "$WORK/out" || grep -q 'a\\x9b31mb' "$WORK/out" || fail "$(grep -a 31mb "$WORK/out")"
	# a secret stays one
	hold 0 run --plan --json -v --set DomainPassword=hunter2 "$SEQUENCES/hardlink-2007.xml" "$WORK/c.img"
	! grep -q hunter2 "$WORK/out" || fail "the password is told"
	hold 0 run --plan -v --set DomainPassword=hunter2 "$SEQUENCES/hardlink-2007.xml" "$WORK/c.img"
	grep -q 'DomainPassword=(hidden)' "$WORK/out"
}
try "run --plan: an export, odd names, secrets" forms

wrong() {
	hold 2 run --plan
	hold 2 run --plan "$SEQUENCES/export.zip"
	hold 2 run --plan --set novalue "$SEQUENCES/export.zip" "$WORK/c.img"
	hold 2 run --plan --set =x "$SEQUENCES/export.zip" "$WORK/c.img"
	hold 3 run --plan "$WORK/nothing.xml" "$WORK/c.img"
	hold 3 run --plan "$SEQUENCES/export.zip" "$WORK/nothing.img"
	echo '<sequence version="3.10"><step/></sequence>' > "$WORK/bad.xml"
	hold 3 run --plan "$WORK/bad.xml" "$WORK/c.img"
	grep -q 'bad.xml: line 1: <step> has no name' "$WORK/err"
	printf '<!DOCTYPE a [<!ENTITY b "c">]><sequence version="3.10"/>' > "$WORK/bad.xml"
	hold 3 run --plan "$WORK/bad.xml" "$WORK/c.img"
	hold 0 run --help
	# there is no Windows on it: the sequence is planned all the same
	format "$WORK/empty.img" 16M
	hold 0 run --plan "$SEQUENCES/hardlink-2007.xml" "$WORK/empty.img"
}
try "run --plan: bad arguments and bad sequences" wrong
done_testing
