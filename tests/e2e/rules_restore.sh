#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rules_restore.sh - users, registry and permissions come back into a Windows that is new
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"
. "$(dirname "$0")/windows.bash"
rules() {
	refresh_rules "$WORK/rules.xml"
}

# refreshed [anna]: captured by what RULES makes, wiped, a new Windows; with "anna" it has an account of that name already
refreshed() {
	WITH_ANNA=${1:-}
	IMAGE=$WORK/c.img
	windows_image "$IMAGE"
	"${RULES:-refresh_rules}" "$WORK/rules.xml"
	hold 0,1 capture --store '\Store' --rules "$WORK/rules.xml" "$IMAGE"
	hold 0,1 wipe --keep '\Store' --yes "$IMAGE"
	new_windows "$IMAGE"
}

# opened_hive PATH SID: the hive is its user's, but for policies; reglookup says so
ALL='QRY_VAL SET_VAL CREATE_KEY ENUM_KEYS NOTIFY CREATE_LNK DELETE R_CONT W_DAC W_OWNER:CI'
opened_hive() {
	watched "$IMAGE" cp "$1" "$WORK/hive"
	reglookup -H -s -t KEY "$WORK/hive" > "$WORK/hive.txt" 2> "$WORK/log2" || fail "reglookup: $(head -n 1 "$WORK/log2")"
	grep -q "^/,KEY,,[^,]*,$2,.*|$2:ALLOW:$ALL,\$" "$WORK/hive.txt" || fail "the hive is not $2's: $(grep '^/,' "$WORK/hive.txt")"
	grep -q "^/Software/New,.*|$2:ALLOW:$ALL,\$" "$WORK/hive.txt" || fail "$2 may not write its settings"
	same "keys that $2 may only read" "$(grep "|$2:ALLOW:QRY_VAL ENUM_KEYS NOTIFY R_CONT:CI,\$" "$WORK/hive.txt" | cut -d, -f1 | tr '\n' ' ')" \
		'/Software/Policies /Software/Policies/Microsoft '
	same "keys that $2 may not read" "$(grep -vc "$2:ALLOW" "$WORK/hive.txt")" 0
	regfinfo "$WORK/hive" > "$WORK/log2" 2>&1 || fail "regfinfo: $(tail -n 1 "$WORK/log2")"
	[[ $(acl "$1") == *$(hex 36 2)ff011f00$(sid_hex "$2")* ]] || fail "$2 may not open $1: $(acl "$1")"
}

refresh() {
	refreshed anna
	hold 0 restore --store '\Store' "$IMAGE"
	cp "$WORK/out" "$WORK/told"
	consistent "$IMAGE"
	# anna has another SID, bert's is the domain's
	local list
	list=$(exported Windows/System32/config/SOFTWARE 'Microsoft\Windows NT\CurrentVersion\ProfileList')
	grep -q "$NEW_ANNA\]" <<< "$list" || fail "anna's profile is not known: $list"
	grep -q "$BERT_SID\]" <<< "$list" || fail "bert's profile is not known"
	! grep -q "$ANNA_SID\]" <<< "$list" || fail "anna's old SID is entered"
	# values: hers over what a new user begins with, the machine's over its own
	exported Users/anna/NTUSER.DAT 'Software' > "$WORK/hive.txt"
	grep -q '"Size"=dword:0000002a' "$WORK/hive.txt" || fail "anna's value did not come: $(cat "$WORK/hive.txt")"
	grep -q '"FromDefault"=dword:00000001' "$WORK/hive.txt" || fail "her hive is not made from the default one"
	opened_hive Users/anna/NTUSER.DAT $NEW_ANNA
	opened_hive Users/bert/NTUSER.DAT $BERT_SID
	exported Windows/System32/config/SOFTWARE 'App\Settings' > "$WORK/hive.txt"
	grep -q 'Port.*=dword:00001f90' "$WORK/hive.txt" || fail "the machine's value did not come: $(cat "$WORK/hive.txt")"
	! grep -q 'n,00,e,00,w' "$WORK/hive.txt" || grep -q "$(utf16 srv1 | sed 's/../&,/g; s/,$//')" "$WORK/hive.txt" ||
		fail "the stored value did not take the place: $(cat "$WORK/hive.txt")"
	# permissions speak of the new SID, and of no other than before
	local new old
	new=$(sid_hex $NEW_ANNA)
	old=$(sid_hex $ANNA_SID)
	[[ $(acl Users/anna/Documents/letter.doc) == *"$new"* ]] || fail "anna does not own her letter"
	[[ $(acl Users/anna/Documents/letter.doc) != *"$old"* ]] || fail "the old SID is still in it"
	[[ $(acl Users/bert/Desktop/todo.txt) == *"$(sid_hex $BERT_SID)"* ]] || fail "bert does not own his file"
	# contents
	watched "$IMAGE" cmp_files
	# again: nothing to do
	local before
	before=$(digest "$IMAGE")
	hold 0 restore --store '\Store' "$IMAGE"
	same "the image after a second run" "$(digest "$IMAGE")" "$before"
}
# every file of the profiles but their hives is what it was
cmp_files() {
	grep -E '  C:\\Users\\(anna|bert|carla)' "$IMAGE.files" | grep -v 'NTUSER.DAT$' | sed 's|C:\\||; s|\\|/|g' > "$WORK/sums"
	[ "$(wc -l < "$WORK/sums")" -gt 30 ] || fail "the test compares nothing"
	sha256sum --quiet -c "$WORK/sums" > "$WORK/log2" 2>&1 || fail "contents differ: $(head -n 2 "$WORK/log2")"
}
try "people: a refresh, with an account of the same name" refresh

# Of anna nothing but settings was captured: her folder is made, and opened to her.
settings_alone() {
	IMAGE=$WORK/c.img
	windows_image "$IMAGE"
	rules
	sed -i 's|%USERPROFILE%\\\* |C:\\Reports\\* |' "$WORK/rules.xml"
	hold 0,1 capture --store '\Store' --rules "$WORK/rules.xml" "$IMAGE"
	mounted "$IMAGE" rm -rf Users Windows
	WITH_ANNA=anna new_windows "$IMAGE"
	hold 0,1 restore --store '\Store' "$IMAGE"
	consistent "$IMAGE"
	opened_hive Users/anna/NTUSER.DAT $NEW_ANNA
	local ace
	ace=0003$(hex 36 2)ff011f00$(sid_hex $NEW_ANNA)
	# protected, of SYSTEM; SYSTEM, administrators, anna: everything, also below
	same "who may enter her folder" "$(acl Users/anna)" \
		"01000490$(hex 108 4)$(hex 120 4)$(hex 0 4)$(hex 20 4)02005800030000000003$(hex 20 2)ff011f00$(sid_hex S-1-5-18)0003$(hex 24 2)ff011f00$(sid_hex S-1-5-32-544)$ace$(sid_hex S-1-5-18)$(sid_hex S-1-5-18)"
}
try "people: one of whom there are settings alone" settings_alone

# An account that is not there is made at the first start; until then nothing is guessed.
first_start() {
	refreshed
	hold 0 restore --store '\Store' "$IMAGE"
	cp "$WORK/out" "$WORK/told"
	consistent "$IMAGE"
	local list
	list=$(exported Windows/System32/config/SOFTWARE 'Microsoft\Windows NT\CurrentVersion\ProfileList')
	! grep -q "$ANNA_SID\]" <<< "$list" || fail "an old SID is entered"
	watched "$IMAGE" scripts
	grep -q 'anna' "$WORK/told" || fail "not told who is to be made"
	watched "$IMAGE" cmp_files
}
scripts() {
	cd Windows/Setup/Scripts
	grep -q anna holdfast-accounts.ps1 || fail "the script does not make anna"
	xmllint --noout holdfast-unattend.xml || fail "the answer file is not XML"
	[ -s SetupComplete.cmd ] && [ -s holdfast-accounts.txt ] || fail "there is no starter, or no instruction"
}
try "people: an account that has to be made" first_start

# What was set for them is in the hive that the account then finds.
first_start_values() {
	refreshed
	hold 0 restore --store '\Store' "$IMAGE"
	consistent "$IMAGE"
	exported Users/anna/NTUSER.DAT 'Software' > "$WORK/hive.txt"
	grep -q '"Size"=dword:0000002a' "$WORK/hive.txt" || fail "anna's value did not come: $(cat "$WORK/hive.txt")"
	grep -q '"FromDefault"=dword:00000001' "$WORK/hive.txt" || fail "her hive is not made from the default one"
	local before
	before=$(digest "$IMAGE")
	hold 0 restore --store '\Store' "$IMAGE"
	same "the image after a second run" "$(digest "$IMAGE")" "$before"
	# a script of somebody else's does not make the account, and that is said
	mounted "$IMAGE" sh -c 'echo mine > Windows/Setup/Scripts/SetupComplete.cmd'
	hold 1 restore --store '\Store' "$IMAGE"
	grep -q 'SetupComplete.cmd: another file of that name' "$WORK/out" || fail "not told: $(cat "$WORK/out")"
	watched "$IMAGE" grep -q mine Windows/Setup/Scripts/SetupComplete.cmd || fail "it was written over"
}
try "people: settings of an account that has to be made" first_start_values

# A rule that takes whole profiles takes their hives, too: those come beside the new ones.
old_hives() {
	whole_profiles() {
		refresh_rules "$1"
		sed -i '/<exclude>/d' "$1"
	}
	RULES=whole_profiles refreshed anna
	hold 0 restore --store '\Store' "$IMAGE"
	consistent "$IMAGE"
	watched "$IMAGE" cmp 'Users/anna/NTUSER(1).DAT' Store/USMT/File/C\$/Users/anna/NTUSER.DAT || fail "the old hive did not come"
	exported Users/anna/NTUSER.DAT 'Software' > "$WORK/hive.txt"
	grep -q '"FromDefault"=dword:00000001' "$WORK/hive.txt" || fail "her hive is not made from the default one"
	local before
	before=$(digest "$IMAGE")
	hold 0 restore --store '\Store' "$IMAGE"
	same "the image after a second run" "$(digest "$IMAGE")" "$before"
}
try "people: hives that were captured as files" old_hives

# A hive that is a name of a file in the store gets the values as a new file: the store stays what it is.
shared_hive() {
	refreshed anna
	mounted "$IMAGE" share_hive
	hold 0 restore --store '\Store' "$IMAGE"
	consistent "$IMAGE"
	exported Users/anna/NTUSER.DAT 'Software\App' > "$WORK/hive.txt"
	grep -q '"Size"=dword:0000002a' "$WORK/hive.txt" || fail "anna's value did not come: $(cat "$WORK/hive.txt")"
	watched "$IMAGE" cmp Store/other Users/Default/NTUSER.DAT || fail "the other name's content changed with it"
}
share_hive() {
	mkdir -p Users/anna
	cp Users/Default/NTUSER.DAT Store/other
	ln Store/other Users/anna/NTUSER.DAT
}
try "people: a hive that has a name in a store" shared_hive

# One gets the SID that another had: done again it is not changed again.
sids_in_turn() {
	refreshed anna
	local maps=(--map-user "PC7\anna=$BERT_SID" --map-user "CORP\bert=$NEW_ANNA") before
	hold 0 restore --store '\Store' "${maps[@]}" "$IMAGE"
	consistent "$IMAGE"
	letter_is_berts "after the first run"
	before=$(digest "$IMAGE")
	hold 0 restore --store '\Store' "${maps[@]}" "$IMAGE"
	letter_is_berts "after the second run"
	same "the image after a second run" "$(digest "$IMAGE")" "$before"
}
letter_is_berts() {
	local file
	file=$(watched "$IMAGE" sh -c 'echo Users/*/Documents/letter.doc | tr " " "\n" | grep anna')
	[[ $(acl "$file") == *"$(sid_hex $BERT_SID)"* ]] || fail "$1, anna's letter is not of her new SID: $(acl "$file")"
}
try "people: SIDs that follow one another" sids_in_turn

# A profile that the target has on a drive that is not there: files would go where nobody looks.
elsewhere() {
	refreshed anna
	mounted "$IMAGE" place_bert "$1"
	local before
	before=$(digest "$IMAGE")
	hold 3 restore --store '\Store' "$IMAGE"
	grep -qF "$1" "$WORK/err" || fail "not said where the profile is: $(cat "$WORK/err")"
	same "the image" "$(digest "$IMAGE")" "$before"
	hold 0 restore --store '\Store' --without-user "$BERT_SID" "$IMAGE"
	consistent "$IMAGE"
}
place_bert() {
	hive "$PWD/Windows/System32/config/SOFTWARE" reg_profile $BERT_SID "$1"
}
try "people: a profile on a drive that is not named" elsewhere 'E:\Users\bert'
try "people: a profile on a server" elsewhere '\\server\profiles\bert'
try "people: a profile that is nowhere" elsewhere 'X'

# What is damaged among the settings costs no files.
damaged_settings() {
	refreshed anna
	mounted "$IMAGE" damage_settings
	hold 1 restore --store '\Store' "$IMAGE"
	grep -q 'people.json' "$WORK/out" || fail "the list is not told of: $(cat "$WORK/out")"
	grep -q 'machine.reg: line 1' "$WORK/out" || fail "the values are not told of: $(cat "$WORK/out")"
	consistent "$IMAGE"
	watched "$IMAGE" cmp_files
	hold 2,3 restore --store '\Store' --user anna "$IMAGE"
	grep -q 'people.json' "$WORK/err" || fail "not said why nobody is known: $(cat "$WORK/err")"
}
damage_settings() {
	echo '{' > Store/USMT/Settings/people.json
	echo nonsense > Store/USMT/Settings/machine.reg
	truncate -s 300M Store/USMT/Settings/of-somebody-else # larger than any of ours
}
try "people: settings that are damaged" damaged_settings

# A value that no hive can take leaves the others of its key alone.
large_value() {
	refreshed anna
	mounted "$IMAGE" enlarge
	hold 1 restore --store '\Store' "$IMAGE"
	grep -q 'Server.* bytes is too large' "$WORK/out" || fail "not told: $(cat "$WORK/out")"
	consistent "$IMAGE"
	exported Windows/System32/config/SOFTWARE 'App\Settings' > "$WORK/hive.txt"
	grep -q 'Port.*=dword:00001f90' "$WORK/hive.txt" || fail "the other value did not come: $(cat "$WORK/hive.txt")"
	watched "$IMAGE" cmp_files
}
enlarge() {
	{
		printf 'Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\Software\App\Settings]\r\n"Server"=hex:'
		head -c 1000001 /dev/zero | sed 's/\x0/00,/g'
		printf '00\r\n"Port"=dword:00001f90\r\n'
	} > Store/USMT/Settings/machine.reg
}
try "people: a value that is too large" large_value

# Somebody is called otherwise now, and the others are left out.
left_out() {
	refreshed anna
	hold 0 restore --store '\Store' --user "$BERT_SID" --map-user "CORP\\bert=$NEW_ANNA" "$IMAGE"
	cp "$WORK/out" "$WORK/told"
	consistent "$IMAGE"
	watched "$IMAGE" test -e Users/anna/Desktop/todo.txt || fail "bert's files did not go to anna's folder: $(cat "$WORK/told")"
	watched "$IMAGE" cmp Users/anna/Desktop/todo.txt Store/USMT/File/C\$/Users/bert/Desktop/todo.txt ||
		fail "another's file is in her folder"
	watched "$IMAGE" test ! -e Users/bert || fail "bert's old folder was made"
	watched "$IMAGE" test ! -e Users/carla.OLDCORP || fail "carla was not left out"
	grep -q 'left in the store' "$WORK/told" || fail "who is left in the store is not told: $(cat "$WORK/told")"
	hold 2 restore --store '\Store' --map-user 'CORP\nobody=PC9\anna' "$IMAGE"
	grep -q nobody "$WORK/err" || fail "a map that means nobody is not told: $(cat "$WORK/err")"
}
try "people: one alone, under another account" left_out

# Who is chosen is one of the store, with rules as without.
chosen_with_rules() {
	refreshed
	hold 0 restore --store '\Store' --rules "$WORK/rules.xml" --user 'CORP\bert' "$IMAGE"
	consistent "$IMAGE"
	watched "$IMAGE" test -e Users/bert/Desktop/todo.txt || fail "bert's files did not come"
	watched "$IMAGE" test ! -e Users/carla.OLDCORP || fail "carla was not left out"
	hold 2 restore --store '\Store' --rules "$WORK/rules.xml" --user 'CORP\nobody' "$IMAGE"
}
try "people: one alone, with rules" chosen_with_rules

# Who came after the capture is in no store: his profile is not wiped with the others.
late() {
	IMAGE=$WORK/c.img
	windows_image "$IMAGE"
	rules
	hold 0,1 capture --store '\Store' --rules "$WORK/rules.xml" "$IMAGE"
	mounted "$IMAGE" add_late
	local before
	before=$(digest "$IMAGE")
	hold 3 wipe --keep '\Store' --yes "$IMAGE"
	grep -q 'late' "$WORK/err" || fail "not said whose profile it is: $(cat "$WORK/err")"
	same "the image" "$(digest "$IMAGE")" "$before"
	hold 0 wipe --keep '\Store' --yes --without-user "$MACHINE_SID-1077" "$IMAGE"
	consistent "$IMAGE"
	watched "$IMAGE" test ! -e Users/late || fail "nothing was wiped"
}
# A profile that stays is not lost.
late_kept() {
	IMAGE=$WORK/c.img
	windows_image "$IMAGE"
	refresh_rules "$WORK/rules.xml"
	hold 0,1 capture --store '\Store' --rules "$WORK/rules.xml" "$IMAGE"
	mounted "$IMAGE" add_late
	hold 0 wipe --keep '\Store' --keep '\Users\late' --yes "$IMAGE"
	watched "$IMAGE" test -e Users/late/Documents/mine.txt || fail "what was kept is gone"
}
break_software() {
	printf 'hbad' | dd of=Windows/System32/config/SOFTWARE bs=1 seek=4096 conv=notrunc status=none
}
# Nobody can tell who is there: that is not the same as nobody being there.
late_unknown() {
	IMAGE=$WORK/c.img
	windows_image "$IMAGE"
	refresh_rules "$WORK/rules.xml"
	hold 0,1 capture --store '\Store' --rules "$WORK/rules.xml" "$IMAGE"
	mounted "$IMAGE" add_late
	mounted "$IMAGE" break_software
	local before
	before=$(digest "$IMAGE")
	hold 3 wipe --keep '\Store' --yes "$IMAGE"
	grep -q SOFTWARE "$WORK/err" || fail "not said what is damaged: $(cat "$WORK/err")"
	same "the image" "$(digest "$IMAGE")" "$before"
	hold 0 wipe --keep '\Store' --yes --without-user '*\*' "$IMAGE"
}
late_software() {
	reg_profile $MACHINE_SID-1077 'C:\Users\late'
}
add_late() {
	mkdir -p Users/late/Documents
	echo mine > Users/late/Documents/mine.txt
	hive "$PWD/Windows/System32/config/SOFTWARE" late_software
}
try "people: one who came after the capture" late
try "people: one who came after the capture, and whose folder stays" late_kept
try "people: a wipe where the users cannot be told" late_unknown

# A user whose hive cannot be read is captured, but not in full: that is said, and asked for before a wipe.
not_in_full() {
	IMAGE=$WORK/c.img
	windows_image "$IMAGE" broken
	rules
	hold 1 capture --store '\Store' --rules "$WORK/rules.xml" "$IMAGE"
	grep -q 'NTUSER.DAT' "$WORK/out" || fail "a hive that cannot be read is not told: $(cat "$WORK/out")"
	hold 0,1 capture --store '\Store' --rules "$WORK/rules.xml" --json "$IMAGE"
	jq -e '.users[] | select(.name == "carla.OLDCORP") | .chosen and (.trouble | length > 0)' "$WORK/out" > "$WORK/log2" ||
		fail "the JSON does not have it"
	# whoever finds the store later is told so
	hold 0 status "$IMAGE"
	grep -q 'carla.OLDCORP.*NTUSER.DAT' "$WORK/out" || fail "status does not tell what is missing: $(cat "$WORK/out")"
	watched "$IMAGE" grep -q '^C:.Users.carla.OLDCORP .*NTUSER.DAT' Store/USMT/Settings/left-out.txt || fail "the store does not say it"
	mounted "$IMAGE" rm -r Windows/notepad.exe Reports Data root.txt Users/Public
	hold 3 wipe --keep '\Store' "$IMAGE"
	hold 3 wipe --keep '\Store' --keep '\Users\anna' --keep '\Users\bert' --keep '\Users\Default' --keep '\Users\carla.OLDCORP' "$IMAGE"
	grep -q 'not all that is theirs' "$WORK/err" || fail "not refused for carla: $(cat "$WORK/err")"
}
try "people: one whose settings could not be read" not_in_full

# A hive of the target that is broken is refused, and stays what it is; the files come all the same.
broken_hive() {
	refreshed anna
	mounted "$IMAGE" break_software
	local before
	before=$(watched "$IMAGE" sha256sum Windows/System32/config/SOFTWARE)
	hold 1,3 restore --store '\Store' "$IMAGE"
	same "the broken hive" "$(watched "$IMAGE" sha256sum Windows/System32/config/SOFTWARE)" "$before"
	grep -qi 'SOFTWARE' "$WORK/out" "$WORK/err" || fail "not said that the hive is broken"
}
try "people: a broken hive" broken_hive

no_windows() {
	WITH_ANNA=
	IMAGE=$WORK/c.img
	windows_image "$IMAGE"
	rules
	hold 0,1 capture --store '\Store' --rules "$WORK/rules.xml" "$IMAGE"
	hold 0,1 wipe --keep '\Store' --yes "$IMAGE"
	hold 0,1 restore --store '\Store' "$IMAGE"
	watched "$IMAGE" cmp_files
	grep -q 'no Windows' "$WORK/out" || fail "not said that settings stay in the store: $(cat "$WORK/out")"
}
try "people: no Windows to come back to" no_windows
done_testing
