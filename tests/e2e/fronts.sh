#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# fronts.sh - scanstate, loadstate and usmtutils by command lines as scripts and task sequences hold them
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"
. "$(dirname "$0")/windows.bash"
unset HOLDFAST_VOLUMES

populate() {
	mkdir -p Users/alice/Documents Windows/System32 Rules
	echo letter > Users/alice/Documents/letter.txt
	echo note > Users/alice/note.txt
	ln Users/alice/note.txt "Users/alice/a note, again.txt"
	echo system > Windows/System32/kernel.dll
	cat > Rules/My.xml <<- 'XML'
		<migration urlid="http://example/my"><component type="Documents" context="System">
		<displayName>All users</displayName><role role="Data"><rules><include><objectSet>
		<pattern type="File">C:\Users\* [*]</pattern><pattern type="File">D:\Users\* [*]</pattern></objectSet></include></rules></role></component></migration>
	XML
}

populate_second() {
	mkdir -p Users/bob
	echo bob > Users/bob/b.txt
}

# volumes: c.img and d.img in a folder of their own, which becomes the current one
volumes() {
	cd "$(mktemp -d "$WORK/case-XXXXXX")"
	format "$PWD/c.img" 48M
	mounted "$PWD/c.img" populate
	format "$PWD/d.img" 48M
	mounted "$PWD/d.img" populate_second
	export HOLDFAST_VOLUMES="c.img D=d.img"
}

scanstate() {
	hold "$1" scanstate 'C:\StateStore' /hardlink /nocompress "${@:2}"
}

loadstate() {
	hold "$1" loadstate 'C:\StateStore' /hardlink /nocompress "${@:2}"
}

# a log that cannot be written is told, the other is whole, and what failed before goes before
unwritten() {
	volumes
	scanstate 40 /progress:/dev/full /l:scan.log
	judged scan.log
	grep -q 'Failed' scan.log || fail "the log does not say that it failed"
	scanstate 13 /o /l:/dev/full
	scanstate 27 /l:/dev/full
}

# judged LOG: what may be said of every log, by awk alone
judged() {
	awk '
		function bad(why) { print why ": " $0; wrong = 1; exit }
		BEGIN { blank = sprintf("%35s", "") }
		NR == 1 { if (substr($0, 1, 3) != "\357\273\277") bad("no mark"); $0 = substr($0, 4) }
		/^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9], / {
			if (substr($0, 44) !~ /^\[0x[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]\] /) bad("no module")
			if ($3 !~ /^(Info|Warning|Error|Status)$/) bad("no level")
			records++
		}
		/^[^0-9]/ && substr($0, 1, 35) != blank { bad("no record") }
		!/(\r|:)$/ { bad("no CR, and no title") }
		/gle=0x00000000/ { bad("empty gle") }
		/USMT Started at/ { started++ }
		/USMT Completed at/ { completed++ }
		/USMT ERROR SUMMARY/ { summed++ }
		END { exit wrong || !(records && started == completed && completed == summed) }' "$1" > "$WORK/judged" ||
		fail "the log $1: $(cat "$WORK/judged")"
}

# skipped LOG: the rows of its summaries as CODE ABORT TIMES
skipped() {
	awk -F '|' 'NF >= 5 && $2 ~ /^ +[0-9]+ $/ { print $2, $3, $4 }' "$1" | xargs -n 3
}

refresh() {
	volumes
	scanstate 0 /o /localonly /efs:hardlink /c '/i:C:\rules\MY.xml' /l:scan.log /progress:scan.progress \
		/listfiles:list.txt
	judged scan.log
	grep -q 'Script file specified: C:\\rules\\MY.xml' scan.log || fail "the rules are not in the log"
	same listed "$(tr -d '\r' < list.txt | LC_ALL=C sort)" "$(printf '%s\n' 'C:\Users\alice\Documents\letter.txt' \
		'C:\Users\alice\a note, again.txt' 'C:\Users\alice\note.txt' 'D:\Users\bob\b.txt')"
	awk -F ', ' '$1 !~ /^[0-3][0-9] [A-Z][a-z][a-z] [0-9]+$/ || $2 !~ /^[0-9:]+ [+-][0-9][0-9]:[0-9][0-9]$/ ||
		$3 !~ /^elapsed [0-9][0-9]:[0-9][0-9]:[0-9][0-9]$/ || $5 == "" { exit 1 }' scan.progress || fail "the progress log"
	same phases "$(awk -F ', ' '$4 == "PHASE" { printf "%s ", $5 }' scan.progress | tr -d '\r')" \
		"Initializing Scanning Collecting Saving "
	hold 0 verify --store '\StateStore' c.img D=d.img
	hold 0 usmtutils /verify 'C:\StateStore'
	mounted "$PWD/c.img" rm -rf Users Windows
	mounted "$PWD/d.img" rm -rf Users
	loadstate 0 /c /l:load.log /progress:load.progress
	judged load.log
	watched "$PWD/c.img" test "$(watched "$PWD/c.img" cat Users/alice/note.txt)" = note || fail "the note"
	watched "$PWD/d.img" test -f Users/bob/b.txt || fail "the second volume"
	run 0 bash -c "echo Y | $HOLDFAST usmtutils /rd 'C:\\StateStore'"
	judged usmtutils.log
	watched "$PWD/c.img" test ! -e StateStore || fail "the store is there"
	watched "$PWD/d.img" test ! -e StateStore || fail "its second part is there"
	consistent c.img
	consistent d.img
}

# the only names are in the store: nobody's yes deletes them
guarded() {
	volumes
	scanstate 0
	judged scanstate.log
	mounted "$PWD/c.img" rm -rf Users
	before=$(digest c.img)
	hold 35 usmtutils /rd 'C:\StateStore' /y
	grep -q 'letter.txt' "$WORK/out" || fail "the file is not named"
	hold 2 usmtutils /rd 'C:\StateStore' < /dev/null
	same "the volume" "$(digest c.img)" "$before"
	grep -q 'UsmtUtils return code: 35' usmtutils.log || fail "the code is not in the log"
	judged usmtutils.log
}

existing() {
	volumes
	scanstate 0
	before=$(digest c.img)
	scanstate 27
	same "the volume" "$(digest c.img)" "$before"
	grep -q '/o' "$WORK/err" || fail "no way out"
	mounted "$PWD/c.img" mkdir -p Users/carol
	mounted "$PWD/c.img" cp Users/alice/note.txt Users/carol/new.txt
	scanstate 0 /o
	watched "$PWD/c.img" test -d StateStore/USMT.generation-1 || fail "the older store is gone"
	loadstate 0
	hold 27 loadstate 'C:\Elsewhere' /hardlink /nocompress
	hold 27 usmtutils /verify 'C:\Elsewhere'
}

# the primary part is gone: what is there comes back, and what may be missing is told
secondary() {
	volumes
	scanstate 0
	grep -q 'No Windows was found' "$WORK/out" || fail "not told that there is no Windows"
	loadstate 0
	! grep -q 'primary part' "$WORK/out" || fail "the primary part is there"
	mounted "$PWD/c.img" rm -r StateStore
	loadstate 27
	hold 0 loadstate 'D:\StateStore' /hardlink /nocompress /l:load.log
	grep -q 'primary part' "$WORK/out" && grep -q 'primary part' load.log || fail "not told that it is a part alone"
	hold 0 usmtutils /verify 'D:\StateStore'
	grep -q 'primary part' "$WORK/out" || fail "not told when it is verified"
}

# what is left out makes 61, with /c 3; and it is named everywhere
left_out() {
	volumes
	mkdir usb
	echo data > usb/data.txt
	ln -s /etc/passwd usb/link
	export HOLDFAST_VOLUMES="c.img D=d.img E=usb"
	scanstate 61 /l:first.log
	scanstate 3 /o /c /l:second.log /progress:progress.log
	grep -q 'E:\\link' "$WORK/out" || fail "not on the terminal"
	judged first.log
	judged second.log
	same "the first log" "$(skipped first.log)" "50 Yes 1"
	same "the second log" "$(skipped second.log)" "50 No 1"
	hold 0 status c.img
	grep -q 'LEFT OUT: E:\\link (is a symbolic link)' "$WORK/out" || fail "the store does not tell: $(cat "$WORK/out")"
	hold 0 status --json c.img
	same "status, as JSON" "$(jq -c '[.volumes[0].stores[].left_out[]]' "$WORK/out")" '["E:\\link (is a symbolic link)"]'
	scanstate 3 /o /c
	same "nothing was to be done" "$(grep -c 'is in the store already' "$WORK/out")" 3
	grep -q 'objectName, E:\\link, action, Ignore' progress.log || fail "not in the progress log"
	scanstate 3 /o /c --json
	same "as JSON" "$(jq -c '[.code, .symbol, .skipped[0].path]' "$WORK/out")" '[3,"USMT_WOULD_HAVE_FAILED","E:\\link"]'
	config() {
		echo "<Configuration><Policies><ErrorControl><fileError><$1 errorCode=\"50\">E:\\* [*]</$1></fileError></ErrorControl></Policies></Configuration>" > config.xml
	}
	config nonFatal
	scanstate 3 /o /config:config.xml
	config fatal
	scanstate 72 /o /c /config:config.xml
	scanstate 27 /c
	scanstate 61 /o
	grep -q 'again with /o' "$WORK/err" || fail "the way out is one that is refused"
	scanstate 0 /o /localonly
	grep -q 'E: is left out' "$WORK/out" || fail "/localonly is not told"
}

refused() {
	local line
	volumes
	before=$(digest c.img d.img)
	scanstate 13 '/l:C:\scan.log'
	scanstate 13 /l:missing/scan.log
	scanstate 40 /progress:missing/progress.log
	scanstate 28 /i:missing.xml
	scanstate 28 '/i:C:\missing.xml'
	scanstate 28 '/i:C:\Users\alice\note.txt'
	scanstate 39 /config:missing.xml
	scanstate 11 /offline:missing.xml
	scanstate 26 /listfiles:missing/list.txt
	scanstate 11 /efs:decryptcopy
	scanstate 11 '/offlinewinold:C:\Windows.old'
	grep -q 'capture --tree' "$WORK/err" || fail "no way out"
	hold 11 scanstate 'C:\StateStore'
	hold 11 scanstate 'C:\StateStore' /hardlink
	hold 11 scanstate 'C:\' /hardlink /nocompress
	hold 11 scanstate 'E:\StateStore' /hardlink /nocompress
	hold 12 scanstate "C:\\$(printf 'x%.0s' {1..300})" /hardlink /nocompress
	hold 11 loadstate 'C:\StateStore' /efs:skip
	hold 11 usmtutils /extract usmt.mig out
	hold 1 scanstate '/?'
	HOLDFAST_VOLUMES= hold 11 scanstate 'C:\StateStore' /hardlink /nocompress
	same "the volumes" "$(digest c.img d.img)" "$before"
	! compgen -G "${TMPDIR:-/tmp}/holdfast-[A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9]/*.xml" > "$WORK/left" ||
		fail "copies of rule files are left: $(head -n 1 "$WORK/left")"
}

encrypted() {
	volumes
	encrypt() {
		{
			head -c 69632 /dev/urandom
			printf '\144\0'
		} > Users/alice/secret
		ln Users/alice/secret Users/alice/Documents/secret-too
		setfattr -n system.ntfs_efsinfo -v "0x$(hex 100 4)$(printf '%0192d' 0)" Users/alice/secret
	}
	mounted "$PWD/c.img" encrypt
	before=$(digest c.img d.img)
	scanstate 2 /c
	grep -q '/efs:hardlink' "$WORK/err" || fail "no way out"
	scanstate 2 /efs:abort /o
	grep -q '^C:\\Users\\alice.*secret' "$WORK/out" || fail "the file is not named"
	same "the volumes" "$(digest c.img d.img)" "$before"
	scanstate 0 /efs:skip /listfiles:list.txt
	! grep secret list.txt || fail "the encrypted file was captured"
	grep -q 'letter.txt' list.txt || fail "the others were not captured"
	grep -q 'secret is encrypted' "$WORK/out" || fail "what was left out is not told"
	scanstate 0 /efs:skip /o
	hold 0 status c.img
	grep -q 'LEFT OUT: .*secret (is encrypted)' "$WORK/out" || fail "the store does not tell"
	scanstate 0 /efs:hardlink /o /listfiles:list.txt
	same "names of the encrypted file" "$(grep -c secret list.txt)" 2
	consistent c.img
}

# a store of copies, on the volume of StorePath alone
copies() {
	volumes
	before=$(digest c.img)
	hold 0 scanstate 'D:\Copies' /nocompress /o /l:scan.log
	same "the other volume" "$(digest c.img)" "$before"
	watched "$PWD/d.img" cmp Copies/USMT/File/C\$/Users/alice/note.txt <(echo note) || fail "no copy"
	mounted "$PWD/c.img" rm -rf Users
	hold 0 loadstate 'D:\Copies' /nocompress
	watched "$PWD/c.img" cmp Users/alice/note.txt <(echo note) || fail "not restored"
	judged scan.log
}

estimated() {
	volumes
	before=$(digest c.img d.img)
	hold 0 scanstate 'C:\StateStore' /nocompress /p:size.xml
	same "files of 7, 5 and 4 bytes, a cluster each" "$(xmllint --xpath 'string(//storeSize/size)' size.xml)" $((3 * 4096))
	hold 41 scanstate 'C:\StateStore' /nocompress /p:size.xml
	hold 0 scanstate 'C:\StateStore' /nocompress /hardlink /p:size.xml /o
	same "links" "$(xmllint --xpath 'string(//storeSize/size)' size.xml)" 0
	hold 0 scanstate 'C:\StateStore' /nocompress /p
	hold 11 scanstate 'C:\StateStore' /p
	mkdir usb
	HOLDFAST_VOLUMES="c.img D=d.img E=usb" hold 0 scanstate 'C:\StateStore' /nocompress /p
	grep -q 'E: .*not in the estimate' "$WORK/out" || fail "what the estimate lacks is not told"
	same "the volumes" "$(digest c.img d.img)" "$before"
}

secrets() {
	volumes
	hold 11 loadstate 'C:\StateStore' /decrypt /key:geheim /l:load.log
	hold 27 loadstate 'C:\StateStore' /hardlink /nocompress /lac:geheim /l:load.log
	judged load.log
	! grep -q geheim load.log || fail "a key or a password stands in the log"
}

generated() {
	volumes
	hold 0 scanstate /genconfig:Config.xml '/i:C:\Rules\My.xml' /l:x.log
	xmllint --noout Config.xml
	grep -q 'ID="http://example/my/all users/data"' Config.xml || fail "the component is not in it"
	hold 11 scanstate /genconfig:Config.xml '/i:C:\Rules\My.xml' /l:x.log
	hold 0 scanstate /genconfig:Config.xml '/i:C:\Rules\My.xml' /l:x.log /o
	HOLDFAST_VOLUMES= hold 0 scanstate /genconfig:Builtin.xml /l:x.log
	mkdir usb
	HOLDFAST_VOLUMES="c.img E=usb" hold 0 scanstate /genconfig:Builtin.xml /o /l:x.log
	scanstate 0 '/i:C:\Rules\My.xml' /config:config.XML
}

# -------- people --------

# people_image [MORE]: a Windows that people have used, as C
people_image() {
	cd "$(mktemp -d "$WORK/case-XXXXXX")"
	windows_image "$PWD/c.img" "$@"
	export HOLDFAST_VOLUMES=c.img
}

# profiles LIST: whose profiles have files in it
profiles() {
	tr -d '\r' < "$1" | awk -F '\\' 'tolower($2) == "users" && NF > 3 && $3 != "Public" && $3 != "Default" { print $3 }' |
		sort -u | xargs
}

chosen() {
	people_image
	scanstate 0 '/ue:*\*' '/ui:PC7\anna' /l:scan.log /progress:progress.log /listfiles:list.txt
	judged scan.log
	same "who is captured" "$(profiles list.txt)" anna
	grep -q 'CORP\\bert takes no part' "$WORK/out" || fail "who is left out is not told"
	grep -q 'detectedUser, PC7\\anna, includedInMigration, Yes' progress.log || fail "anna is not in the progress log"
	grep -q 'detectedUser, CORP\\bert, includedInMigration, No' progress.log || fail "bert is not in the progress log"
	grep -q "Machine SID: $MACHINE_SID" scan.log || fail "the system is not in the log"
	scanstate 0 /o "/ue:$ANNA_SID" /listfiles:list.txt
	same "who is left" "$(profiles list.txt)" "bert carla.OLDCORP"
	scanstate 0 /o /all /offlinewindir:c:\\windows /listfiles:list.txt
	same "all" "$(profiles list.txt)" "anna bert carla.OLDCORP"
	scanstate 11 /o '/ui:CORP\nobody'
	scanstate 26 /o '/offlinewindir:C:\Elsewhere'
	echo '<offline><winDir><path>C:\Elsewhere</path></winDir></offline>' > offline.xml
	scanstate 26 /o /offline:offline.xml
	echo '<offline><winDir><path>C:\Elsewhere</path><path>C:\Windows</path></winDir></offline>' > offline.xml
	scanstate 0 /o /offline:offline.xml
}

# /auto without a folder stands for the built-in rules, and goes with rules of one's own
automatic() {
	people_image
	mkdir rules
	cat > my.xml <<- 'XML'
		<migration urlid="http://example/my"><component type="Documents" context="System">
		<displayName>One file of Windows</displayName><role role="Data"><rules><include><objectSet>
		<pattern type="File">C:\Windows\System32\config [SAM]</pattern></objectSet></include></rules></role></component></migration>
	XML
	sed 's/SAM/SYSTEM/; s,example/my,example/docs,' my.xml > rules/MigDocs.xml
	sed 's/SAM/SOFTWARE/; s,example/my,example/app,' my.xml > rules/MigApp.xml
	scanstate 0 /auto /i:my.xml /listfiles:list.txt
	same "who is captured" "$(profiles list.txt)" "anna bert carla.OLDCORP"
	grep -q 'config\\SAM' list.txt || fail "the rules of one's own were not used"
	scanstate 0 /auto:rules /i:my.xml /o /listfiles:list.txt
	same "of the folder" "$(tr -d '\r' < list.txt | awk -F '\\' '{ print $NF }' | LC_ALL=C sort | xargs)" "SAM SOFTWARE SYSTEM"
	hold 0 scanstate /genconfig:Config.xml /auto /i:my.xml
	grep -q 'One file of Windows' Config.xml && grep -q 'displayname="Profiles"' Config.xml || fail "Config.xml lacks components"
}

not_whole() {
	people_image broken
	scanstate 61
	grep -q 'carla.OLDCORP (.*NTUSER.DAT' "$WORK/out" || fail "whose hive it is is not told: $(cat "$WORK/out")"
	scanstate 3 /o /c
	hold 0 status c.img
	grep -q 'LEFT OUT: .*carla.OLDCORP (.*NTUSER.DAT' "$WORK/out" || fail "the store does not tell"
	scanstate 0 /o "/ue:$CARLA_SID"
}

# Config.xml rates errors of a restore by the folders of the Windows there, as MDT's does
rated() {
	people_image
	hold 0 scanstate 'C:\Users\Store' /hardlink /nocompress
	mounted "$PWD/c.img" touch 'Users/Store/USMT/File/stray'
	hold 61 loadstate 'C:\Users\Store' /hardlink /nocompress
	hold 3 loadstate 'C:\Users\Store' /hardlink /nocompress /c
	grep -q 'C:\\Users\\Store\\USMT\\File\\stray (' "$WORK/out" || fail "not named: $(cat "$WORK/out")"
	echo '<Configuration><Policies><ErrorControl><fileError><fatal errorCode="any">%PROFILESFOLDER%\* [*]</fatal></fileError></ErrorControl></Policies></Configuration>' > config.xml
	hold 72 loadstate 'C:\Users\Store' /hardlink /nocompress /c /config:config.xml
}

# the same machine, newly installed: hives of its own, nobody has logged on
new_software() {
	reg_key 'Microsoft\Windows NT\CurrentVersion'
	reg_text SystemRoot 'C:\Windows'
	reg_text CurrentBuildNumber 22631
	reg_key 'Microsoft\Windows NT\CurrentVersion\ProfileList'
	reg_expand ProfilesDirectory '%SystemDrive%\Users'
	reg_expand Default '%SystemDrive%\Users\Default'
}
new_default() {
	reg_key Environment
	reg_expand TEMP '%USERPROFILE%\AppData\Local\Temp'
}
new_system() {
	reg_key Select
	reg_number Current 1
	reg_key 'ControlSet001\Control\ComputerName\ComputerName'
	reg_text ComputerName PC9
}
new_sam() {
	reg_key 'SAM\Domains\Account'
	reg_bytes V "$(printf '%0128d' 0)$(sid_hex S-1-5-21-111-222-333)"
	sam_account Administrator 500 $((0x0211))
}
install() {
	rm -rf Users Windows
	mkdir -p Windows/System32/config Users/Default
	cp "$1/default" Users/Default/NTUSER.DAT
	cp "$1"/{SOFTWARE,SYSTEM,SAM} Windows/System32/config/
}

# a local account that the new Windows does not have: 14, and the files stay where they are
account_missing() {
	people_image
	scanstate 0
	mkdir new
	hive "$PWD/new/SOFTWARE" new_software
	hive "$PWD/new/SYSTEM" new_system
	hive "$PWD/new/SAM" new_sam
	hive "$PWD/new/default" new_default
	mounted "$PWD/c.img" install "$PWD/new"
	loadstate 14 /c /l:load.log
	judged load.log
	grep -q '/lac' "$WORK/err" || fail "no way out"
	watched "$PWD/c.img" test ! -e Users/anna || fail "anna has no account, and files"
	watched "$PWD/c.img" test -e Users/bert/Desktop/todo.txt || fail "bert's files did not come"
	hold 35 usmtutils /rd 'C:\StateStore' /y
	loadstate 0 /c "/ue:$ANNA_SID"
	loadstate 0 /c /lac
	watched "$PWD/c.img" test -e Users/anna/Documents/letter.doc || fail "anna's files did not come"
	hold 11 loadstate 'C:\StateStore' /nocompress '/mu:CORP\nobody:PC9\x'
}

try 'fronts: a refresh by command lines' refresh
try 'fronts: what is only in the store stays' guarded
try 'fronts: a store is there already, or none' existing
try 'fronts: the primary part of the store is gone' secondary
try 'fronts: what is left out is named' left_out
try 'fronts: logs that cannot be written' unwritten
try 'fronts: refused, with the code of the tool' refused
try 'fronts: who takes part' chosen
try 'fronts: rules that are built in, and others' automatic
try 'fronts: a profile that is not whole' not_whole
try 'fronts: errors of a restore, rated' rated
try 'fronts: an account that is missing' account_missing
try 'fronts: encrypted files' encrypted
try 'fronts: a store of copies' copies
try 'fronts: the room that a store would take' estimated
try 'fronts: keys and passwords are not told' secrets
try 'fronts: Config.xml' generated
done_testing
