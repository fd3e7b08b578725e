# SPDX-License-Identifier: GPL-3.0-or-later
# windows.bash - a small Windows for the end-to-end tests of rules and users; sourced behind engine.bash
#
# windows_image FILE [MORE]...: an NTFS image with a Windows 10 that people have used: hives filled by hivexregedit,
# files of all kinds in all places.  On it are
#   anna   a local account
#   bert   of the domain CORP, of which the Windows knows the name; his documents are in C:\Data\bert
#   carla  of a domain that nobody knows any more; her folder, carla.OLDCORP, is all that tells her name
# MORE: "stale", an entry of ProfileList whose folder is gone; "temporary", of anna also a temporary profile;
# "broken", carla's hive is damaged; "behind", bert's was not closed and has no logs.  WINDOWS_SIZE: of the image (64M).
# FILE.people is what is true of them, as JSON; FILE.files has the digest and path of every file, each path as Windows
# has it.  All SIDs are in the variables below.
MACHINE_SID=S-1-5-21-3623811015-3361044348-30300820
DOMAIN_SID=S-1-5-21-1004336348-1177238915-682003330
ANNA_SID=$MACHINE_SID-1001
DIETER_SID=$MACHINE_SID-1003 # has an account, and no profile
BERT_SID=$DOMAIN_SID-1105
CARLA_SID=S-1-5-21-777-888-999-1234
STALE_SID=$MACHINE_SID-1002
NEW_MACHINE=S-1-5-21-111-222-333 # of the new Windows, where WITH_ANNA=anna says that she has an account
NEW_ANNA=$NEW_MACHINE-1005

# -------- hives --------

# commas: hexadecimal digits as hivexregedit wants them
commas() {
	sed 's/../&,/g; s/,$//'
}

# sid_hex SID: as bytes
sid_hex() {
	local part parts
	IFS=- read -ra parts <<< "${1#S-1-}"
	printf '01%02x0000000000%02x' $((${#parts[@]} - 1)) "${parts[0]}"
	for part in "${parts[@]:1}"; do hex "$part" 4; done
}

# what a hive is filled with, one line each
# a key, with those above it
reg_key() {
	local part above=R
	local -a parts
	IFS='\' read -ra parts <<< "$1"
	for part in "${parts[@]}"; do
		above+="\\$part"
		printf '\n[%s]\n' "$above"
	done
}
reg_name() { printf '"%s"=' "$(sed 's/[\\"]/\\&/g' <<< "$1")"; }
reg_text() { reg_name "$1" && printf '"%s"\n' "$(sed 's/[\\"]/\\&/g' <<< "$2")"; }
reg_expand() { reg_name "$1" && printf 'hex(2):%s\n' "$( (utf16 "$2" && printf 0000) | commas)"; }
reg_number() { reg_name "$1" && printf 'dword:%08x\n' "$2"; }
reg_bytes() { reg_name "$1" && printf 'hex:%s\n' "$(printf %s "$2" | commas)"; }

# hive FILE COMMAND...: fill FILE with what the command prints; it is made if it is not there
hive() {
	[ -e "$1" ] || "$WRECK" hive "$1"
	(echo 'Windows Registry Editor Version 5.00' && "${@:2}") > "$WORK/reg"
	hivexregedit --merge --prefix R "$1" "$WORK/reg" > "$WORK/log2" 2>&1 || fail "hivexregedit: $(head -n 1 "$WORK/log2")"
}

software() {
	local current='Microsoft\Windows NT\CurrentVersion'
	reg_key "$current"
	reg_text SystemRoot 'C:\Windows'
	reg_text ProductName 'Windows 10 Pro'
	reg_text CurrentVersion 6.3
	reg_text CurrentBuildNumber 19045
	reg_number CurrentMajorVersionNumber 10
	reg_number CurrentMinorVersionNumber 0
	reg_key "$current\\ProfileList"
	reg_expand ProfilesDirectory '%SystemDrive%\Users'
	reg_expand Default '%SystemDrive%\Users\Default'
	reg_expand Public '%SystemDrive%\Users\Public'
	reg_expand ProgramData '%SystemDrive%\ProgramData'
	reg_profile S-1-5-18 '%systemroot%\system32\config\systemprofile'
	reg_profile S-1-5-19 '%systemroot%\ServiceProfiles\LocalService'
	reg_profile S-1-5-20 '%systemroot%\ServiceProfiles\NetworkService'
	reg_profile $ANNA_SID 'C:\Users\anna'
	reg_profile $BERT_SID 'C:\Users\bert'
	reg_profile $CARLA_SID 'C:\Users\carla.OLDCORP'
	reg_key 'Microsoft\Windows\CurrentVersion'
	reg_text ProgramFilesDir 'C:\Program Files'
	reg_text 'ProgramFilesDir (x86)' 'C:\Program Files (x86)'
	reg_text CommonFilesDir 'C:\Program Files\Common Files'
	reg_text 'CommonFilesDir (x86)' 'C:\Program Files (x86)\Common Files'
	reg_key 'Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders'
	reg_expand 'Common AppData' '%ProgramData%'
	reg_expand 'Common Desktop' '%PUBLIC%\Desktop'
	reg_expand 'Common Documents' '%PUBLIC%\Documents'
	reg_expand 'Common Start Menu' '%ProgramData%\Microsoft\Windows\Start Menu'
	reg_expand CommonMusic '%PUBLIC%\Music'
	reg_expand CommonPictures '%PUBLIC%\Pictures'
	reg_expand CommonVideo '%PUBLIC%\Videos'
	reg_key 'Microsoft\Windows\CurrentVersion\Authentication\LogonUI\SessionData\1'
	reg_text LoggedOnSAMUser 'CORP\bert'
	reg_text LoggedOnUser 'CORP\bert'
	reg_text LoggedOnUserSID $BERT_SID
	reg_key 'App\Settings'
	reg_text Server srv1.example
	reg_number Port 8080
	reg_key 'Classes\.app'
	reg_text '' App.Document
	reg_key 'WOW6432Node\App\Settings'
	reg_text Server srv32.example
}

# reg_profile SID FOLDER: as Windows lists a profile
reg_profile() {
	reg_key "Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\$1"
	reg_expand ProfileImagePath "$2"
	reg_number Flags 0
	reg_number State 0
	reg_bytes Sid "$(sid_hex "${1%.bak}")"
}

system() {
	reg_key Select
	reg_number Current 1
	reg_number Default 1
	reg_number LastKnownGood 2
	reg_key 'ControlSet001\Control\ComputerName\ComputerName'
	reg_text ComputerName PC7
	reg_key 'ControlSet002\Control\ComputerName\ComputerName'
	reg_text ComputerName OLDNAME
	reg_key 'ControlSet001\Control\Session Manager\Environment'
	reg_text PROCESSOR_ARCHITECTURE AMD64
	reg_expand ComSpec '%SystemRoot%\system32\cmd.exe'
	reg_expand TEMP '%SystemRoot%\TEMP'
	reg_text APPHOME 'C:\Program Files\App'
	reg_key 'ControlSet001\Services\App'
	reg_number Start 2
}

# sam_account NAME RID FLAGS
sam_account() {
	local key name zeros112
	printf -v key '%08X' "$2"
	name=$(utf16 "$1")
	zeros112=$(printf '%0112d' 0)
	reg_key "SAM\\Domains\\Account\\Users\\Names\\$1"
	printf '@=hex(%x):\n' "$2" # the type is the number
	reg_key "SAM\\Domains\\Account\\Users\\$key"
	reg_bytes F "$zeros112$(hex "$3" 2)$(printf '%044d' 0)"
	reg_bytes V "$(hex 0 12)$(hex 0 4)$(hex $((${#name} / 2)) 4)$(hex 0 4)$(printf '%0360d' 0)$name"
}

sam() {
	reg_key 'SAM\Domains\Account'
	reg_bytes V "$(printf '%0128d' 0)$(sid_hex $MACHINE_SID)"
	sam_account Administrator 500 $((0x0211))
	sam_account Guest 501 $((0x0215))
	sam_account anna 1001 $((0x0210))
	sam_account dieter 1003 $((0x0211))
}

security() {
	local name
	name=$(utf16 CORP)
	reg_key 'Policy\PolPrDmN'
	reg_default "$(hex $((${#name} / 2)) 2)$(hex $((${#name} / 2 + 2)) 2)$(hex 8 4)$name"
	reg_key 'Policy\PolPrDmS'
	reg_default "$(sid_hex $DOMAIN_SID)"
}

# the default value of these keys has no type
reg_default() { printf '@=hex(0):%s\n' "$(printf %s "$1" | commas)"; }

# user_hive NAME DOCUMENTS
user_hive() {
	local folders='Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders'
	reg_key "$folders"
	reg_expand AppData '%USERPROFILE%\AppData\Roaming'
	reg_expand 'Local AppData' '%USERPROFILE%\AppData\Local'
	reg_expand Desktop '%USERPROFILE%\Desktop'
	reg_expand Personal "$2"
	reg_expand 'My Music' '%USERPROFILE%\Music'
	reg_expand 'My Pictures' '%USERPROFILE%\Pictures'
	reg_expand 'My Video' '%USERPROFILE%\Videos'
	reg_expand Favorites '%USERPROFILE%\Favorites'
	reg_expand '{374DE290-123F-4565-9164-39C4925E467B}' '%USERPROFILE%\Downloads'
	reg_key Environment
	reg_expand TEMP '%USERPROFILE%\AppData\Local\Temp'
	reg_expand TMP '%USERPROFILE%\AppData\Local\Temp'
	reg_text MYVAR "of $1"
	reg_key 'Control Panel\Desktop'
	reg_text Wallpaper "C:\\Users\\$1\\Pictures\\holiday.jpg"
	reg_text WallpaperStyle 2
	reg_key 'Software\App\Settings'
	reg_text Name "$1"
	reg_number Size 42
	reg_text Recent "C:\\Users\\$1\\Documents\\letter.doc"
}

user_classes() {
	reg_key '.note'
	reg_text '' Note.Document
}

# reg_unclosed FILE: as if Windows had stopped amid a write: one up in the first sequence number and the checksum
reg_unclosed() {
	local first sum
	first=$(od -An -tu4 -j4 -N4 "$1")
	sum=$(($(od -An -tu4 -j508 -N4 "$1") ^ first ^ (first + 1)))
	{
		hex $((first + 1)) 4
		hex $sum 4
	} | sed 's/../\\x&/g' > "$WORK/numbers"
	printf "$(head -c 16 "$WORK/numbers")" | dd of="$1" bs=1 seek=4 conv=notrunc status=none
	printf "$(tail -c 16 "$WORK/numbers")" | dd of="$1" bs=1 seek=508 conv=notrunc status=none
}

# -------- files --------

# put PATH [TEXT]: a file, with its folders
put() {
	mkdir -p "$(dirname "$1")"
	printf '%s\n' "${2:-this is $1}" > "$1"
}

# owned PATH SID: a security descriptor of its own, for that owner; what is in a folder inherits it
owned() {
	local sid ace length flags=00
	[ ! -d "$1" ] || flags=03
	sid=$(sid_hex "$2")
	length=$((${#sid} / 2))
	ace=00$flags$(hex $((length + 8)) 2)ff011f00$sid
	setfattr -h -n system.ntfs_acl -v "0x01000480$(hex $((36 + length)) 4)$(hex $((36 + 2 * length)) 4)$(hex 0 4)$(hex 20 4)0200$(hex $((16 + length)) 2)01000000$ace$sid$sid" "$1"
}

# profile FOLDER SID DOCUMENTS: a user's files
profile() {
	put "$1/Desktop/todo.txt"
	put "$1/Desktop/desktop.ini" '[.ShellClassInfo]'
	setfattr -h -n system.ntfs_attrib -v 0x26000000 "$1/Desktop/desktop.ini"
	put "$3/letter.doc"
	put "$3/notes.txt"
	put "$3/deep/er/table.xlsx"
	put "$1/Pictures/holiday.jpg"
	put "$1/Music/song.mp3"
	put "$1/Videos/film.avi"
	put "$1/Favorites/news.url"
	put "$1/Downloads/setup.exe"
	put "$1/Projects/main.c"
	put "$1/Saved Games/level.sav"
	put "$1/AppData/Roaming/App/settings.ini"
	put "$1/AppData/Roaming/Microsoft/Internet Explorer/Quick Launch/app.lnk"
	put "$1/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/app.lnk"
	put "$1/AppData/Local/App/cache.bin"
	put "$1/AppData/Local/Temp/scratch.tmp"
	mkdir -p "$1/My Documents" "$1/Application Data"
	junction "$1/My Documents" "C:\\${3//\//\\}"
	junction "$1/Application Data" "C:\\${1//\//\\}\\AppData\\Roaming"
	mkdir -p "$1/AppData/Local/Microsoft/Windows"
	owned "$1" "$2"
	owned "$3/letter.doc" "$2"
	owned "$1/Desktop/todo.txt" "$2"
}

# fill HIVES [MORE]...
fill() {
	local hives=$1 more
	put Windows/notepad.exe
	put Windows/System32/kernel32.dll
	put Windows/Fonts/plain.ttf
	mkdir -p Windows/System32/config/systemprofile Users/Default/Desktop
	cp "$hives"/{SOFTWARE,SYSTEM,SAM,SECURITY} Windows/System32/config/
	put 'Program Files/App/app.exe'
	put 'Program Files (x86)/Old/old.exe'
	put ProgramData/App/settings.ini
	put 'ProgramData/Microsoft/Windows/Start Menu/Programs/app.lnk'
	put Users/Public/Documents/shared.doc
	put Users/Public/Desktop/app.lnk
	put Users/Public/Music/common.mp3
	put Reports/quarter.xls
	put Reports/quarter.pdf
	put root.txt
	put pagefile.sys
	profile Users/anna $ANNA_SID Users/anna/Documents
	profile Users/bert $BERT_SID Data/bert
	profile Users/carla.OLDCORP $CARLA_SID Users/carla.OLDCORP/Documents
	cp "$hives/anna" Users/anna/NTUSER.DAT
	cp "$hives/bert" Users/bert/NTUSER.DAT
	cp "$hives/carla" Users/carla.OLDCORP/NTUSER.DAT
	cp "$hives/anna" Users/Default/NTUSER.DAT
	cp "$hives/classes" Users/anna/AppData/Local/Microsoft/Windows/UsrClass.dat
	cp "$hives/classes" Users/bert/AppData/Local/Microsoft/Windows/UsrClass.dat
	mkdir 'Documents and Settings' 'Users/All Users'
	junction 'Documents and Settings' 'C:\Users'
	junction 'Users/All Users' 'C:\ProgramData'
	for more in "${@:2}"; do
		case $more in
		temporary)
			mkdir Users/TEMP
			cp "$hives/anna" Users/TEMP/NTUSER.DAT
			;;
		behind) # the two sequence numbers differ, and the checksum is right
			reg_unclosed Users/bert/NTUSER.DAT
			;;
		broken) printf 'hbad' | dd of=Users/carla.OLDCORP/NTUSER.DAT bs=1 seek=4096 conv=notrunc status=none ;;
		esac
	done
	touch -d '2026-03-01 10:00' Users/anna/NTUSER.DAT
	touch -d '2026-02-01 10:00' Users/bert/NTUSER.DAT
	touch -d '2024-01-15 10:00' Users/carla.OLDCORP/NTUSER.DAT
	find . -type f -printf '%P\0' | sort -z | xargs -0 sha256sum | sed 's|  |  C:\\|; s|/|\\|g' > "$WORK/files"
}

# people [MORE]...: what is true of them
people() {
	jq -n --arg more " $* " --arg anna $ANNA_SID --arg bert $BERT_SID --arg carla $CARLA_SID --arg stale $STALE_SID '
		[{ sid: $anna, name: "anna", domain: "PC7", local: true, source: "sam", path: "C:\\Users\\anna" },
		 { sid: $bert, name: "bert", domain: "CORP", local: false, source: "cache", path: "C:\\Users\\bert" },
		 { sid: $carla, name: "carla.OLDCORP", domain: "", local: false, source: "folder", path: "C:\\Users\\carla.OLDCORP" }]
		+ (if $more | test(" stale ") then
		   [{ sid: $stale, name: "dora", domain: "PC7", local: true, source: "folder", path: "C:\\Users\\dora" }] else [] end)
		| sort_by(.sid)'
}

# more_software [MORE]...
more_software() {
	local more
	for more; do
		case $more in
		stale) reg_profile $STALE_SID 'C:\Users\dora' ;;
		temporary)
			reg_profile $ANNA_SID 'C:\Users\TEMP'
			reg_profile $ANNA_SID.bak 'C:\Users\anna'
			;;
		esac
	done
}

windows_hives() {
	local folder=$1
	shift
	mkdir -p "$folder"
	hive "$folder/SOFTWARE" software
	[ $# -eq 0 ] || hive "$folder/SOFTWARE" more_software "$@"
	hive "$folder/SYSTEM" system
	hive "$folder/SAM" sam
	hive "$folder/SECURITY" security
	hive "$folder/anna" user_hive anna '%USERPROFILE%\Documents'
	hive "$folder/bert" user_hive bert 'C:\Data\bert'
	hive "$folder/carla" user_hive carla.OLDCORP '%USERPROFILE%\Documents'
	hive "$folder/classes" user_classes
}

# -------- rules --------

# refresh_rules FILE: profiles but for their hives, and some values of the registry
refresh_rules() {
	cat > "$1" <<- 'XML'
		<?xml version="1.0" encoding="UTF-8"?>
		<migration urlid="http://example.com/refresh">
		  <component type="Documents" context="User">
		    <displayName>People</displayName>
		    <role role="Data"><rules>
		      <include><objectSet>
		        <pattern type="File">%USERPROFILE%\* [*]</pattern>
		        <pattern type="Registry">HKCU\Software\App\* [*]</pattern>
		      </objectSet></include>
		      <exclude><objectSet><pattern type="File">%USERPROFILE%\ [NTUSER.DAT]</pattern></objectSet></exclude>
		    </rules></role>
		  </component>
		  <component type="System" context="System">
		    <displayName>Machine</displayName>
		    <role role="Settings"><rules>
		      <include><objectSet><pattern type="Registry">HKLM\Software\App\Settings\* [*]</pattern></objectSet></include>
		    </rules></role>
		  </component>
		</migration>
	XML
}

# -------- the image --------

windows_image() {
	local made size=${WINDOWS_SIZE:-64M}
	made=$E2E_SHARED/windows/$size$(echo "${*:2}" | tr -cd 'a-z')
	mkdir -p "$made"
	(
		flock 9
		[ -e "$made/done" ] || {
			windows_hives "$made/hives" "${@:2}"
			format "$made/img" "$size"
			mounted "$made/img" fill "$made/hives" "${@:2}"
			mv "$WORK/files" "$made/files"
			people "${@:2}" > "$made/people"
			touch "$made/done"
		}
	) 9> "$made/lock" || exit $?
	cp --sparse=always "$made/img" "$1"
	cp "$made/files" "$1.files"
	cp "$made/people" "$1.people"
}

# -------- the new Windows after a refresh: hives of its own, no profile but the default one --------

new_software() {
	local current='Microsoft\Windows NT\CurrentVersion'
	reg_key "$current"
	reg_text SystemRoot 'C:\Windows'
	reg_text CurrentBuildNumber 22631
	reg_number CurrentMajorVersionNumber 10
	reg_number CurrentMinorVersionNumber 0
	reg_key "$current\\ProfileList"
	reg_expand ProfilesDirectory '%SystemDrive%\Users'
	reg_expand Default '%SystemDrive%\Users\Default'
	reg_expand Public '%SystemDrive%\Users\Public'
	reg_expand ProgramData '%SystemDrive%\ProgramData'
	reg_profile S-1-5-18 '%systemroot%\system32\config\systemprofile'
	reg_key 'App\Settings'
	reg_text Server new.example
}
new_system() {
	reg_key Select
	reg_number Current 1
	reg_key 'ControlSet001\Control\ComputerName\ComputerName'
	reg_text ComputerName PC9
	reg_key 'ControlSet001\Control\Session Manager\Environment'
	reg_text PROCESSOR_ARCHITECTURE AMD64
}
new_sam() {
	reg_key 'SAM\Domains\Account'
	reg_bytes V "$(printf '%0128d' 0)$(sid_hex $NEW_MACHINE)"
	sam_account Administrator 500 $((0x0211))
	[ -z "$WITH_ANNA" ] || sam_account anna 1005 $((0x0210))
}
default_user() {
	reg_key Environment
	reg_expand TEMP '%USERPROFILE%\AppData\Local\Temp'
	reg_key 'Software\Policies\Microsoft'
	reg_key 'Software\New'
	reg_number FromDefault 1
}
put_new_windows() {
	mkdir -p Windows/System32/config Users/Default Users/Public
	cp "$WORK/new"/{SOFTWARE,SYSTEM,SAM} Windows/System32/config/
	cp "$WORK/new/default" Users/Default/NTUSER.DAT
}

# new_windows FILE [COMMAND]: onto a wiped image; what COMMAND prints is in its SOFTWARE as well
new_windows() {
	rm -rf "$WORK/new"
	mkdir "$WORK/new"
	hive "$WORK/new/SOFTWARE" new_software
	[ $# -lt 2 ] || hive "$WORK/new/SOFTWARE" "$2"
	hive "$WORK/new/SYSTEM" new_system
	hive "$WORK/new/SAM" new_sam
	hive "$WORK/new/default" default_user
	mounted "$1" put_new_windows
}

# exported HIVE KEY: as hivexregedit tells it, from the volume
exported() {
	watched "$IMAGE" cp "$1" "$WORK/hive"
	hivexregedit --export --prefix R "$WORK/hive" "$2" 2> "$WORK/log2" || fail "hivexregedit: $(head -n 1 "$WORK/log2")"
}

# acl PATH: the descriptor in hexadecimal
acl() {
	watched "$IMAGE" getfattr -h --only-values -e hex -n system.ntfs_acl "$1" 2> "$WORK/log2" | od -An -v -tx1 | tr -d ' \n'
}
