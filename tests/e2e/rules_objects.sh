#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rules_objects.sh - what migration rules do to objects when they come back: values, clean-up, attributes, shortcuts
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"
. "$(dirname "$0")/windows.bash"

# rule KIND SCRIPT PATTERN...: "merge SourcePriority()" of objects, "File C:\..." or "Registry HK..."
rule() {
	local kind=$1 script=$2 name=filter object
	case $kind in merge | locationModify | contentModify) name=script ;; esac
	case $kind in *Attributes) name=attributes ;; esac
	printf '<%s%s><objectSet>' "$kind" "${script:+ $name=\"$script\"}"
	for object in "${@:3}"; do printf '<pattern type="%s">%s</pattern>' "${object%% *}" "${object#* }"; done
	printf '</objectSet></%s>\n' "$kind"
}
merge() { rule merge "MigXmlHelper.$1" "Registry HKLM\\Software\\App\\Settings [$2]"; }
change() { rule contentModify "MigXmlHelper.$1" "Registry HKLM\\Software\\App\\Settings [$2]"; }

# rules CONTEXT COMMAND...: a component of what the commands print, in $WORK/rules.xml
rules() {
	printf '<component type="System" context="%s"><displayName>%s</displayName><role role="Settings"><rules>' "$1" "$1"
	"${@:2}"
	printf '</rules></role></component>\n'
}
rule_file() {
	echo '<migration urlid="http://example.com/objects">'
	"$@"
	echo '</migration>'
}

# refreshed RULES [SOURCE [TARGET [FILES]]]: captured by the rules that RULES prints, wiped, a new Windows; SOURCE prints what is in
# the old SOFTWARE, too, TARGET what is in the new one, FILES runs on the old volume
refreshed() {
	WITH_ANNA=anna
	IMAGE=$WORK/c.img
	windows_image "$IMAGE"
	rule_file "$1" > "$WORK/rules.xml"
	[ -z "${2:-}" ] || mounted "$IMAGE" old_software "$2"
	[ -z "${4:-}" ] || mounted "$IMAGE" "$4"
	hold 0,1 capture --store '\Store' --rules "$WORK/rules.xml" "$IMAGE"
	cp "$WORK/out" "$WORK/captured"
	hold 0,1 wipe --keep '\Store' --yes "$IMAGE"
	new_windows "$IMAGE" "${3:-true}"
}
old_software() { hive "$PWD/Windows/System32/config/SOFTWARE" "$1"; }

# restored [VOLUME]...: onto the image and these; and again, which has nothing to do
restored() {
	local before
	hold 0 restore --store '\Store' --rules "$WORK/rules.xml" --json "$IMAGE" "$@"
	cp "$WORK/out" "$WORK/told"
	consistent "$IMAGE"
	before=$(digest "$IMAGE" "${@#?=}")
	hold 0 restore --store '\Store' --rules "$WORK/rules.xml" "$IMAGE" "$@"
	same "the volumes after a second run" "$(digest "$IMAGE" "${@#?=}")" "$before"
}

# told FILTER: holds of the report
told() {
	jq -e "$1" "$WORK/told" > "$WORK/log2" || fail "the report does not hold $1: $(jq -c . "$WORK/told" | cut -c 1-2000)"
}

# value HIVE PATH: type and data, as reglookup has them
value() {
	watched "$IMAGE" cp "$1" "$WORK/hive"
	reglookup -H -p "$2" "$WORK/hive" 2> "$WORK/log2" | cut -d, -f2-3
}
machine() { same "$1" "$(value Windows/System32/config/SOFTWARE "/App/$1")" "$2"; }

# -------- values --------

old_values() {
	reg_key 'App\Settings'
	reg_number Count 5
	reg_number Low 5
	reg_text Own mine
	reg_text Path 'a;b'
	reg_text Flag 17
	reg_text Odd much
	reg_number Mode 2
	reg_number Other 77
	reg_number Never 1
	reg_number Shift 14
	reg_key 'App\Moved'
	reg_number M 1
	reg_key 'App\Moved\Deep'
	reg_text V 'moved along'
	reg_key 'App\Single'
	reg_text S 'one place'
}
new_values() {
	reg_key 'App\Settings'
	reg_number Count 9
	reg_number Low 9
	reg_text Own theirs
	reg_text Path 'b;c'
	reg_number Other 3
	reg_number Never 8
	reg_text Stay 'not touched'
}
machine_rules() {
	rule include '' 'Registry HKLM\Software\App\* [*]' 'File C:\Reports\* [*]'
	rule include 'MigXmlHelper.NeverRestore()' 'Registry HKLM\Software\App\Settings [Never]'
	merge 'HigherValue()' Count
	merge 'LowerValue()' Low
	merge 'DestinationPriority()' Own
	change "MergeDelimitedContent(';')" Path
	change 'ConvertToDWORD()' Flag
	change 'ConvertToDWORD()' Odd
	change "SetValueByTable('1,2','10,20')" Mode
	change "SetValueByTable('1,2','10,20')" Other
	change "OffsetValue('-2')" Shift
	change 'ConvertScreenSaver()' Port
	rule locationModify "MigXmlHelper.RelativeMove('HKLM\\Software\\App\\Moved','HKEY_LOCAL_MACHINE\\Software\\App\\New')" \
		'Registry HKLM\Software\App\Moved\* [*]'
	rule locationModify "MigXmlHelper.ExactMove('HKLM\\Software\\App\\Exact [Name]')" 'Registry HKLM\Software\App\Single [S]'
}
user_rules() {
	rule include '' 'Registry HKCU\Software\App\* [*]'
	rule locationModify "MigXmlHelper.RelativeMove('HKCU\\Software\\App','HKCU\\Software\\App 2')" 'Registry HKCU\Software\App\* [*]'
	rule contentModify 'MigXmlHelper.ConvertToString()' 'Registry HKCU\Software\App\Settings [Size]'
}
values_rules() {
	rules System machine_rules
	rules User user_rules
}
values() {
	refreshed values_rules old_values new_values
	restored
	machine Settings/Count DWORD,0x00000009
	machine Settings/Low DWORD,0x00000005
	machine Settings/Own SZ,theirs
	machine Settings/Server SZ,srv1.example
	machine Settings/Stay 'SZ,not touched'
	machine Settings/Path 'SZ,b;c;a'
	machine Settings/Flag DWORD,0x00000011
	machine Settings/Odd SZ,much
	machine Settings/Mode DWORD,0x00000014
	machine Settings/Other DWORD,0x00000003
	machine Settings/Never DWORD,0x00000008
	machine Settings/Shift DWORD,0x0000000C
	machine New/M DWORD,0x00000001
	machine New/Deep/V 'SZ,moved along'
	machine Moved ''
	machine Exact/Name 'SZ,one place'
	machine Single/S ''
	told '.not_honoured | any(.what | test("ConvertScreenSaver"))'
	told '.not_honoured | any(.path | test("App.Settings \\[Odd\\]"))'
	told '.kept | any(.path == "HKLM\\Software\\App\\Settings [Never]")'
	# whoever is new on the target has the rules of users as well
	same "anna's number" "$(value Users/anna/NTUSER.DAT '/Software/App 2/Settings/Size')" SZ,42
	same "the key that was moved" "$(value Users/anna/NTUSER.DAT /Software/App)" ''
	same "bert's number" "$(value Users/bert/NTUSER.DAT '/Software/App 2/Settings/Size')" SZ,42
}
try "objects: values merged, changed and moved" values

# -------- objects that are to be there, and filters of values --------

own_value() {
	reg_key 'App\Settings'
	reg_text Own mine
}
added() {
	rule include '' 'Registry HKLM\Software\App\* [*]' 'File C:\Reports\* [*]'
	rule exclude "MigXmlHelper.CompareStringContent('SRV1.EXAMPLE','Equal')" 'Registry HKLM\Software\App\Settings [Server]'
	rule exclude "MigXmlHelper.CompareStringContent('another','Equal')" 'Registry HKLM\Software\App\Settings [Own]'
	cat <<- 'XML'
		<addObjects>
		  <object><location type="Registry">HKLM\Software\App\Added [Number]</location>
		    <attributes>DWORD</attributes><bytes>0B000000</bytes></object>
		  <object><location type="Registry">HKLM\Software\App\Added [Folder]</location>
		    <attributes>STRING</attributes><bytes string="TRUE" expand="TRUE">%WINDIR%</bytes></object>
		  <object><location type="File">C:\Data [made.txt]</location>
		    <attributes>ARCHIVE</attributes><bytes string="TRUE">text</bytes></object>
		</addObjects>
	XML
	rule destinationCleanup "MigXmlHelper.CompareStringContent('theirs','Equal')" 'Registry HKLM\Software\App\Clean [*]'
}
added_rules() { rules System added; }
cleaned_by_text() {
	reg_key 'App\Clean'
	reg_text A Theirs
	reg_text B mine
}
add_objects() {
	refreshed added_rules own_value cleaned_by_text
	grep -q 'rules.xml:[0-9]*: .*made.txt' "$WORK/captured" || fail "a file that is not added is not told: $(cat "$WORK/captured")"
	restored
	machine Added/Number DWORD,0x0000000B
	machine Added/Folder 'SZ,C:\Windows'
	machine Settings/Server SZ,new.example # the stored one was left out by its text
	machine Settings/Own SZ,mine
	machine Clean/A ''
	machine Clean/B SZ,mine
}
try "objects: objects added, and values told apart by their text" add_objects

# -------- clean-up of the registry --------

dirty_values() {
	reg_key 'App\Settings'
	reg_text Old gone
	reg_text Server theirs
	reg_text Own theirs
	reg_key 'App\Old'
	reg_text A a
	reg_key 'App\Old\Deeper'
	reg_text B b
	reg_key 'App\Kept\Empty'
	reg_key 'Other'
	reg_text C c
}
cleaning_machine_rules() {
	rule include '' 'Registry HKLM\Software\App\* [*]' 'File C:\Reports\* [*]'
	merge 'DestinationPriority()' Own
	rule destinationCleanup '' 'Registry HKLM\Software\App\Settings [*]' 'Registry HKLM\Software\App\Old\* [*]' \
		'Registry HKLM\Software\* [*]' 'Registry HKLM\Software\App\Kept [x]'
}
cleaning_user_rules() {
	rule include '' 'Registry HKCU\Software\App\* [*]'
	rule destinationCleanup '' 'Registry HKCU\Software\New\* [*]'
}
cleaning_rules() {
	rules System cleaning_machine_rules
	rules User cleaning_user_rules
}
clean_values() {
	refreshed cleaning_rules own_value dirty_values
	restored
	machine Settings/Old ''
	machine Settings/Server SZ,srv1.example
	machine Settings/Own SZ,mine # what was there is gone before it is asked who goes first
	machine Old ''
	same "a key that is not meant" "$(value Windows/System32/config/SOFTWARE /App/Kept/Empty)" KEY,
	same "another key" "$(value Windows/System32/config/SOFTWARE /Other/C)" SZ,c
	same "of the default profile" "$(value Users/anna/NTUSER.DAT /Software/New)" ''
	told '[.cleaned[].path] | sort == ["HKCU\\Software\\New", "HKCU\\Software\\New", "HKCU\\Software\\New", "HKCU\\Software\\New [FromDefault]",
		"HKCU\\Software\\New [FromDefault]", "HKCU\\Software\\New [FromDefault]", "HKLM\\Software\\App\\Old",
		"HKLM\\Software\\App\\Old [A]", "HKLM\\Software\\App\\Old\\Deeper", "HKLM\\Software\\App\\Old\\Deeper [B]",
		"HKLM\\Software\\App\\Settings [Old]"]'
	told '.not_honoured | any(.what | test("take the target.s Windows apart"))'
}
try "objects: keys and values are cleaned" clean_values

# -------- clean-up of files --------

dirty_files() {
	put Data/junk.txt
	put Data/bert/letter.doc 'of the new one'
	put Data/bert/notes.txt/in.the.way
	put Data/deep/er/junk.txt
	put Data/half/gone.tmp
	put Reports/quarter.xls 'stays'
	put Extra/a.tmp
	put Extra/b.doc
	put Extra/linked.tmp
	mkdir Twin
	ln Extra/linked.tmp Twin/twin.doc
	put Extra/pair.tmp # by its other name beside it, it is not meant
	ln Extra/pair.tmp Extra/pair.doc
	mkdir -p Extra/empty
	put Windows/Fonts/bad.ttf
	put Windows/Fonts/good.ttf
	put 'Other store/USMT/File/C$/Data/junk.txt'
	ln 'Other store/USMT/File/C$/Data/junk.txt' Data/stored.txt
	put Data/sub/USMT/File/'C$'/x.txt
}
cleaning_files() {
	rule include '' 'File C:\Data\* [*]' 'File C:\Reports\* [*]'
	rule destinationCleanup '' 'File C:\Data\* [*]' 'File C:\Extra\* [*.tmp]' 'File %WINDIR%\* [*]' \
		'File %WINDIR%\Fonts [bad.ttf]' 'File C:\* [*]' 'File C:\Users\* [NTUSER.DAT]' 'File C:\Other store\* [*]' \
		'File C:\Store\* [*]'
	rule destinationCleanup 'MigXmlHelper.AnswerNo()' 'File C:\Extra\* [*]'
	rule destinationCleanup 'MigXmlHelper.SameRegContent()' 'File C:\Extra\* [*]'
}
cleaning_file_rules() { rules System cleaning_files; }
see_clean() {
	local path
	for path in Data/junk.txt Data/half Data/deep Data/bert/notes.txt/in.the.way Extra/a.tmp Extra/linked.tmp Windows/Fonts/bad.ttf; do
		[ ! -e "$path" ] || fail "$path is still there"
	done
	for path in Extra/b.doc Twin/twin.doc Extra/pair.tmp Extra/empty Windows/Fonts/good.ttf 'Other store/USMT/File/C$/Data/junk.txt' \
		Data/stored.txt Data/sub/USMT/File/'C$'/x.txt Users/Default/NTUSER.DAT 'Data/bert/letter.doc' 'Reports/quarter(1).xls'; do
		[ -e "$path" ] || fail "$path is gone"
	done
	cmp Data/bert/letter.doc 'Store/USMT/File/C$/Data/bert/letter.doc' || fail "the stored file has not got its name"
	cmp 'Data/bert/notes(1).txt' 'Store/USMT/File/C$/Data/bert/notes.txt' || fail "the file in whose way a folder was did not come"
	same "what stays" "$(cat Reports/quarter.xls)" stays
	ls Store/USMT/File/C$/Data/bert/deep/er/table.xlsx > "$WORK/log2" || fail "the store is not whole"
}
clean_files() {
	refreshed cleaning_file_rules
	mounted "$IMAGE" dirty_files
	restored
	watched "$IMAGE" see_clean
	told '[.cleaned[].path] | sort == ["C:\\Data\\bert\\letter.doc", "C:\\Data\\bert\\notes.txt",
		"C:\\Data\\bert\\notes.txt\\in.the.way", "C:\\Data\\deep", "C:\\Data\\deep\\er", "C:\\Data\\deep\\er\\junk.txt",
		"C:\\Data\\half", "C:\\Data\\half\\gone.tmp", "C:\\Data\\junk.txt", "C:\\Extra\\a.tmp", "C:\\Extra\\linked.tmp",
		"C:\\Windows\\Fonts\\bad.ttf"]'
	told '.not_honoured | any(.what | test("take the target.s Windows apart"))'
	hold 0 verify --store '\Store' "$IMAGE"
}
try "objects: files are cleaned" clean_files

# What was copied by a run before is not in the store itself, and stays all the same.
cleaning_copies() {
	rule include '' 'File C:\Data\* [*]'
	rule locationModify "MigXmlHelper.RelativeMove('C:\\Data','D:\\New')" 'File C:\Data\* [*]'
	rule destinationCleanup '' 'File D:\New\* [*]'
}
cleaning_copy_rules() { rules System cleaning_copies; }
dirty_copies() {
	put New/junk.txt
	put New/bert/letter.doc other
}
see_copies() {
	same "what is there" "$(find . -name System\ Volume\ Information -prune -o -type f -print | sort | tr '\n' ' ')" \
		'./New/bert/deep/er/table.xlsx ./New/bert/letter.doc ./New/bert/notes.txt '
	same "the letter" "$(cat New/bert/letter.doc)" 'this is Data/bert/letter.doc'
}
clean_copies() {
	refreshed cleaning_copy_rules
	format "$WORK/d.img" 32M
	mounted "$WORK/d.img" dirty_copies
	restored "D=$WORK/d.img"
	watched "$WORK/d.img" see_copies
	consistent "$WORK/d.img"
}
try "objects: what was copied before is not cleaned" clean_copies

# -------- attributes --------

attributes() {
	rule include '' 'File C:\Data\* [*]'
	rule locationModify "MigXmlHelper.RelativeMove('C:\\Data','D:\\New')" 'File C:\Data\bert\* [*]'
	rule excludeAttributes Security 'File C:\Data\bert [letter.doc]'
	rule excludeAttributes TimeFields 'File C:\Data\* [*]'
	rule includeAttributes TimeFields 'File C:\Data\bert [notes.txt]'
}
attribute_rules() { rules System attributes; }
times() { stat -c %Y "$@"; }
age_files() {
	put Data/stays.txt
	touch -d '2020-01-02 03:04:05' Data/stays.txt Data/bert/letter.doc Data/bert/notes.txt Data/bert/deep/er/table.xlsx
	owned Data/bert/notes.txt $BERT_SID
}
see_attributes() {
	local old
	old=$(date -d '2020-01-02 03:04:05' +%s)
	same "a time that is kept" "$(times New/bert/notes.txt)" "$old"
	[ "$(times New/bert/deep/er/table.xlsx)" -ge "$1" ] || fail "a time that is dropped came along"
	[ "$(times New/bert/letter.doc)" -ge "$1" ] || fail "a time that is dropped came along"
}
drop_attributes() {
	local before
	before=$(date +%s)
	refreshed attribute_rules '' '' age_files
	format "$WORK/d.img" 32M
	restored "D=$WORK/d.img"
	same "the time of a further name" "$(watched "$IMAGE" times Data/stays.txt)" "$(date -d '2020-01-02 03:04:05' +%s)"
	told '.shared == 1 and .copied == 3'
	IMAGE=$WORK/d.img
	consistent "$IMAGE"
	watched "$IMAGE" see_attributes "$before"
	[[ $(acl New/bert/notes.txt) == *"$(sid_hex $BERT_SID)"* ]] || fail "security that is kept did not come along"
	[[ $(acl New/bert/letter.doc) != *"$(sid_hex $BERT_SID)"* ]] || fail "security that is dropped came along"
}
try "objects: attributes of copies are dropped" drop_attributes

# -------- shortcuts --------

# link PATH TARGET: as MS-SHLLINK has it, with nothing but a LinkInfo
link() {
	local path volume=1100000003000000818a7a301000000000 length
	path=$(printf '%s\0' "$2" | od -An -v -tx1 | tr -d ' \n')
	length=$((${#path} / 2))
	mkdir -p "$(dirname "$1")"
	printf "$(sed 's/../\\x&/g' <<< "4c0000000114020000000000c000000000000046$(hex 2 4)$(printf '%0104d' 0)$(
		hex $((28 + 17 + length + 1)) 4)$(hex 28 4)$(hex 1 4)$(hex 28 4)$(hex 45 4)$(hex 0 4)$(hex $((45 + length)) 4)${volume}${path}00")" > "$1"
}
links() {
	link Data/links/back.lnk 'C:\Data\bert\letter.doc'
	link Data/links/folder.lnk 'c:\data\BERT'
	link Data/links/gone.lnk 'C:\Program Files\App\app.exe'
	link Data/links/new.lnk 'C:\Program Files\New\new.exe'
	link Data/links/cleaned.lnk 'C:\Program Files\New\old.exe'
	link Data/links/drive.lnk 'Z:\somewhere'
	link Data/links/junction.lnk 'C:\Jump\somewhere'
	link Data/wanted/gone.lnk 'C:\Program Files\App\app.exe'
	put Data/links/broken.lnk nonsense
	put Data/links/other.txt
}
links_target() {
	put 'Program Files/New/new.exe'
	put 'Program Files/New/old.exe'
	mkdir -p Jump
	junction Jump 'C:\Users'
}
link_rules() {
	rules System rule include 'MigXmlHelper.IgnoreIrrelevantLinks()' 'File C:\Data\* [*]'
	rules System rule include '' 'File C:\Data\wanted\* [*]'
	rules System rule destinationCleanup '' 'File C:\Program Files\New [old.exe]'
}
screen_links() {
	refreshed link_rules '' '' links
	mounted "$IMAGE" links_target
	restored
	same "what came back" "$(watched "$IMAGE" find Data/links Data/wanted -type f -printf '%P ')" \
		"$(watched "$IMAGE" bash -c 'cd Store/USMT/File/C$; find Data/links Data/wanted -type f \( -name wanted -o ! -path "*links/gone.lnk" \) ! -name cleaned.lnk -printf "%P "')"
	told '[.kept[].path] | sort == ["C:\\Data\\links\\cleaned.lnk", "C:\\Data\\links\\gone.lnk"]'
	told '.files == 13 and .names == 13 and .added == 11 and .there == 0'
}
try "objects: shortcuts that lead nowhere stay in the store" screen_links
done_testing
