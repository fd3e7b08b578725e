#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# users.sh - who is on an offline Windows whose hives another program has filled
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"
. "$(dirname "$0")/windows.bash"

# told STATUS PEOPLE OPTION...: what is told of the users is what is true of them, and nothing was written
told() {
	local volume=${*: -1} sum
	sum=$(digest "${volume#?=}")
	hold "$1" users --json "${@:3}"
	same users "$(jq -cS '[.users[] | select(.special | not) | {sid, name, domain, local, source, path}] | sort_by(.sid)' "$WORK/out")" \
		"$(jq -cS . "$2")"
	same "the volume" "$(digest "${volume#?=}")" "$sum"
}

plain_windows() {
	windows_image "$WORK/plain.img"
	told 0 "$WORK/plain.img.people" "$WORK/plain.img"
	jq -e '.windows == "C:\\Windows" and .computer == "PC7" and .version_major == 10 and .build == 19045 and .is_64bit and
		.trouble == null and .machine_sid == "'$MACHINE_SID'"' "$WORK/out"
	jq -e '[.users[] | select(.special) | .sid] == ["S-1-5-18", "S-1-5-19", "S-1-5-20"]' "$WORK/out"
	jq -e '.users[] | select(.name == "anna") | .used == "2026-03-01 10:00:00 UTC" and .folder and .trouble == null' "$WORK/out"
	same "files of bert" "$(jq '.users[] | select(.name == "bert") | .files' "$WORK/out")" \
		"$(grep -c '  C:\\Users\\bert\\' "$WORK/plain.img.files")"
	jq -e '.strays == []' "$WORK/out"
	jq -e '[.accounts[] | "\(.name) \(.rid) \(.disabled)"] ==
		["Administrator 500 true", "anna 1001 false", "dieter 1003 true", "Guest 501 true"]' "$WORK/out"
	hold 0 users "$WORK/plain.img"
	grep -q '^CORP\\bert  (as Windows remembers)$' "$WORK/out"
	grep -q '^PC7\\anna  (a local account)$' "$WORK/out"
	grep -q '^carla.OLDCORP  (by the folder' "$WORK/out"
	! grep -q S-1-5-18 "$WORK/out"
	hold 0 users -v "$WORK/plain.img"
	grep -q S-1-5-18 "$WORK/out"
}
try "users: names are told, and where they are known from" plain_windows

another_letter() {
	sed 's/C:/D:/g' "$WORK/plain.img.people" > "$WORK/people"
	told 0 "$WORK/people" "D=$WORK/plain.img"
	told 0 "$WORK/people" --map C=D "D=$WORK/plain.img"
	told 0 "$WORK/people" --map 'C:\, D:\' --windows 'D:\windows\' "D=$WORK/plain.img"
	# what it calls C is not under work: nobody's folder is there
	hold 1 users --json --map C=E "D=$WORK/plain.img"
	same "without a folder" "$(jq '[.users[] | select((.special | not) and (.folder | not) and .trouble != null)] | length' "$WORK/out")" 3
}
try "users: a Windows that calls its drive otherwise" another_letter

in_trouble() {
	windows_image "$WORK/ill.img" stale temporary broken
	told 1 "$WORK/ill.img.people" "$WORK/ill.img"
	jq -e '.users[] | select(.name == "dora") | (.folder | not) and (.trouble | test("not there"))' "$WORK/out"
	jq -e '.users[] | select(.name == "carla.OLDCORP") | .folder and (.trouble | test("NTUSER.DAT"))' "$WORK/out"
	jq -e '.users[] | select(.name == "anna") | .trouble | test("temporary profile, C:.Users.TEMP")' "$WORK/out"
	jq -e '.users[] | select(.name == "bert") | .trouble == null' "$WORK/out"
	jq -e '.strays == ["C:\\Users\\TEMP"]' "$WORK/out"
	hold 1 users "$WORK/ill.img"
	same troubles "$(grep -c '^  ! ' "$WORK/out")" 3
	grep -q '^! C:.Users.TEMP ' "$WORK/out"
}
try "users: profiles that are gone, damaged or temporary are told, not left out" in_trouble

behind() {
	windows_image "$WORK/behind.img" behind
	told 1 "$WORK/behind.img.people" "$WORK/behind.img"
	jq -e '.users[] | select(.name == "bert") | .trouble | test("NTUSER.DAT: its last changes are missing")' "$WORK/out"
	same troubles "$(jq '[.users[] | select(.trouble)] | length' "$WORK/out")" 1
}
try "users: a hive that is not up to date is told" behind

# A second Windows, whose SAM is missing
second() {
	mkdir -p WinNT/System32/config
	cp Windows/System32/config/{SOFTWARE,SYSTEM} WinNT/System32/config/
}

several() {
	cp --sparse=always "$WORK/plain.img" "$WORK/two.img"
	mounted "$WORK/two.img" second
	told 0 "$WORK/plain.img.people" "$WORK/two.img"
	hold 1 users --json --windows 'C:\WinNT' "$WORK/two.img"
	jq -e '.windows == "C:\\WinNT" and (.trouble | test("SAM")) and ([.users[] | select(.special | not)] | length == 3)' "$WORK/out"
	jq -e '.users[] | select(.path == "C:\\Users\\anna") | .source == "folder" and (.local | not) and .name == "anna"' "$WORK/out"
	hold 3 users --windows 'C:\Winnt2' "$WORK/two.img"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
}
try "users: of several installations the one that was named" several

# Before Windows Vista folders had other names, some below that of profiles, and hives one log
old_software() {
	local list='Microsoft\Windows NT\CurrentVersion\ProfileList'
	reg_key 'Microsoft\Windows NT\CurrentVersion'
	reg_text CurrentVersion 5.1
	reg_text CurrentBuildNumber 2600
	reg_key "$list"
	reg_expand ProfilesDirectory '%SystemDrive%\Documents and Settings'
	reg_text AllUsersProfile 'All Users'
	reg_text DefaultUserProfile 'Default User'
	reg_profile $BERT_SID '%SystemDrive%\Documents and Settings\bert.CORP'
}

old_user() {
	reg_key 'Software\Microsoft\Windows\CurrentVersion\Explorer'
	reg_text 'Logon User Name' bert
}

old_fill() {
	mkdir -p WINDOWS/system32/config 'Documents and Settings/bert.CORP'
	cp "$WORK/old/software" WINDOWS/system32/config/software
	cp "$WORK/old/system" WINDOWS/system32/config/system
	cp "$WORK/old/sam" WINDOWS/system32/config/SAM
	cp "$WORK/old/user" 'Documents and Settings/bert.CORP/NTUSER.DAT'
}

old_windows() {
	mkdir "$WORK/old"
	hive "$WORK/old/software" old_software
	hive "$WORK/old/system" system
	hive "$WORK/old/sam" sam
	hive "$WORK/old/user" old_user
	format "$WORK/old.img" 16M
	mounted "$WORK/old.img" old_fill
	hold 0 users --json "$WORK/old.img"
	jq -e '.windows == "C:\\WINDOWS" and .version_major == 5 and .build == 2600' "$WORK/out"
	jq -e '.public_folder == "C:\\Documents and Settings\\All Users" and .program_data == .public_folder + "\\Application Data" and
		.default_folder == "C:\\Documents and Settings\\Default User"' "$WORK/out"
	jq -e '.users == [.users[0]] and (.users[0] | .name == "bert" and .source == "cache" and .folder and .trouble == null)' "$WORK/out"
}
try "users: a Windows XP" old_windows

none() {
	format "$WORK/none.img" 16M
	hold 3 users "$WORK/none.img"
	grep -q 'no Windows directory' "$WORK/err"
	hold 2 users
	hold 2 users --map 'C=' "$WORK/plain.img"
	hold 2 users --map 'CD=E' "$WORK/plain.img"
	hold 3 users "$WORK/nothing.img"
	hold 0 users --help
}
try "users: no Windows, and bad arguments" none
done_testing
