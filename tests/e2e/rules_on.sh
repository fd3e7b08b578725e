#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rules_on.sh - rules --on: conditions, variables and values of the registry, asked of a Windows that people have used
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"
. "$(dirname "$0")/windows.bash"

# a program whose version is 8.5 (a library by lld-link), and what a hive says of it
add_program() {
	cp "$ROOT/tests/fuzz/corpus/version_resource/library" 'Program Files/App/app.exe'
	put 'Program Files (x86)/Old/data/old.txt'
	put 'Program Files (x86)/Old/bin/run.exe'
	{
		reg_key 'App\Install'
		reg_text Path '"C:\Program Files\App\"'
		reg_text Mail '%NOWHERE%\mail.pst'
		reg_text Icon '"C:\Program Files (x86)\Old\bin\run.exe",-2'
	} > "$WORK/lines"
	(echo 'Windows Registry Editor Version 5.00' && cat "$WORK/lines") > "$WORK/reg"
	hivexregedit --merge --prefix R Windows/System32/config/SOFTWARE "$WORK/reg"
}
setup() {
	windows_image "$WORK/c.img"
	mounted "$WORK/c.img" add_program
}
try "rules --on: a Windows with a program" setup

# tried COMPONENTS: the rules on the Windows; names and values as lines in $WORK/names and $WORK/values
tried() {
	printf '<?xml version="1.0"?>\n<migration urlid="http://x/own">%s</migration>\n' "$1" > "$WORK/own.xml"
	hold "${2:-0}" rules --json --list --on "$WORK/c.img" "$WORK/own.xml"
	jq -r '.on.volumes[].names[]' "$WORK/out" | sort > "$WORK/names"
	jq -r '.on.values[] | "\(.user // "-") \(.key) [\(.name // "(key)")]"' "$WORK/out" | sort > "$WORK/values"
}

# component CONTEXT RULES [BEFORE]
component() {
	printf '%s' "<component type=\"Application\" context=\"$1\"><displayName>App</displayName>${3:-}<role role=\"Settings\">" \
		"<rules>$2</rules></role></component>"
}
objects() { printf '<objectSet>%s</objectSet>' "$*"; }
registry() { printf '<pattern type="Registry">%s</pattern>' "$1"; }
files() { printf '<pattern type="File">%s</pattern>' "$1"; }
include() { printf '<include>%s</include>' "$(objects "$@")"; }
exclude() { printf '<exclude>%s</exclude>' "$(objects "$@")"; }

# lines FILE LINE...
lines() {
	same "$1" "$(cat "$WORK/$1")" "$(printf '%s\n' "${@:2}")"
}

values_of_machine() {
	tried "$(component System "$(include "$(registry 'HKLM\Software\App\Settings\* [*]')" \
		"$(registry 'HKLM\System\CurrentControlSet\Control\ComputerName\* [ComputerName]')" "$(registry 'HKCR\.app []')")")"
	lines values '- HKCR\.app []' '- HKLM\Software\App\Settings [Port]' '- HKLM\Software\App\Settings [Server]' \
		'- HKLM\System\CurrentControlSet\Control\ComputerName\ComputerName [ComputerName]'
}
try "rules --on: values of the machine" values_of_machine

# the more specific decides, and a user's values are each user's
values_of_users() {
	tried "$(component User "$(include "$(registry 'HKCU\Software\App\* [*]')" "$(registry 'HKCU\Software\Classes\.note\* [*]')")$(
		exclude "$(registry 'HKCU\Software\App\Settings [Size]')" "$(registry 'HKCU\* [Recent]')")")"
	for sid in $ANNA_SID $BERT_SID $CARLA_SID; do
		printf '%s HKCU\\Software\\App [(key)]\n' "$sid"
		printf '%s HKCU\\Software\\App\\Settings [%s]\n' "$sid" Name "$sid" Recent
		[ $sid = $CARLA_SID ] || printf '%s HKCU\\Software\\Classes\\.note []\n' "$sid"
	done | sort > "$WORK/wanted"
	diff "$WORK/values" "$WORK/wanted" > "$WORK/diff" || fail "other values: $(grep "^[<>]" "$WORK/diff" | head -n 6)"
}
try "rules --on: values of users" values_of_users

never() {
	tried "$(component User "$(include "$(registry 'HKCU\Software\App\Settings [*]')")")$(
		component System "<unconditionalExclude>$(objects "$(registry 'HKCU\Software\App\* [Name]')")</unconditionalExclude>")"
	! grep -q Name "$WORK/values" || fail "an unconditional exclude is not honoured: $(cat "$WORK/values")"
	grep -q Recent "$WORK/values" || fail "all is gone"
}
try "rules --on: an unconditional exclude goes for everybody's values" never

# variables from values, quotes cut off; a version; a file and a folder that are named in values
program() {
	local variable
	variable='<environment><variable name="AppDir"><script>MigXmlHelper.GetStringContent("Registry","HKLM\Software\App\Install [Path]","TRUE",'"'\"','\"\\'"')</script></variable></environment>'
	rules() {
		printf '<conditions><condition>MigXmlHelper.DoesFileVersionMatch("%%AppDir%%\\app.exe","ProductVersion","%s")</condition></conditions>' "$1"
		include "$(files '%AppDir%\* [*.exe]')"
	}
	tried "$(component System "$(rules '8.*')" "$variable")"
	lines names 'C:\Program Files\App\app.exe'
	tried "$(component System "$(rules '9.*')" "$variable")"
	lines names ''
	tried "$(component System "$(include "<content filter=\"MigXmlHelper.ExtractDirectory(',','2')\">$(
		objects "$(registry 'HKLM\Software\App\Install [Icon]')")</content>")")"
	lines names 'C:\Program Files (x86)\Old' 'C:\Program Files (x86)\Old\bin' 'C:\Program Files (x86)\Old\bin\run.exe' \
		'C:\Program Files (x86)\Old\data' 'C:\Program Files (x86)\Old\data\old.txt' 'C:\Program Files (x86)\Old\old.exe'
	tried "$(component User "$(include "<content filter='MigXmlHelper.ExtractSingleFile(NULL,NULL)'>$(
		objects "$(registry 'HKCU\Software\App\Settings [*]')")</content>")")"
	lines names 'C:\Users\anna\Documents\letter.doc' 'C:\Users\carla.OLDCORP\Documents\letter.doc'
	tried "$(component System "$(include "<content filter='MigXmlHelper.ExtractSingleFile(NULL,NULL)'>$(
		objects "$(registry 'HKLM\Software\App\Install [Mail]')")</content>")")" 1
	jq -r '.on.not_honoured[].what' "$WORK/out" | grep -qF "'%NOWHERE%\mail.pst', of which %NOWHERE% is not known" || fail "an unknown variable in a value is not told"
}
try "rules --on: what values say of files" program

conditions() {
	rules() {
		printf '<conditions>'
		printf '<condition>MigXmlHelper.%s</condition>' "$@"
		printf '</conditions>'
		include "$(files 'C:\ [root.txt]')"
	}
	tried "$(component System "$(rules 'IsNative64Bit()' 'IsOSLaterThan("NT","10.0")' 'DoesOSMatch("NT","10.0.*")')")"
	lines names 'C:\root.txt'
	tried "$(component System "$(rules 'IsOSEarlierThan("NT","10.0")')")"
	lines names ''
	tried "$(component System "$(rules 'DoesStringContentEqual("Registry","HKLM\Software\App\Settings [Server]","SRV1.example")' \
		'DoesStringContentContain("Registry","HKLM\Software\App\Settings [Server]","srv1")')")"
	lines names 'C:\root.txt'
	tried "$(component System "$(rules 'DoesStringContentEqual("Registry","HKLM\Software\App\Settings [Server]","srv1")')")"
	lines names ''
	tried "$(component System "$(rules 'DoesObjectExist("Registry","HKLM\Software\Wow6432Node\App\* [Server]")')")"
	lines names 'C:\root.txt'
	tried "$(component System "$(rules 'DoesObjectExist("Registry","HKLM\Software\App\Settings [Nothing]")')")"
	lines names ''
}
try "rules --on: conditions" conditions

# What cannot be asked is not answered with no: a program that is too large to be read, a hive that is broken.
unreadable() {
	windows_image "$WORK/b.img" broken
	mounted "$WORK/b.img" truncate -s 300M 'Program Files/App/app.exe'
	ask() {
		printf '<?xml version="1.0"?>\n<migration urlid="http://x/own">%s</migration>\n' "$(component "$1" \
			"<conditions><condition>MigXmlHelper.$2</condition></conditions>$(include "$(files "$3")")")" > "$WORK/ask.xml"
		hold 1 rules --json --list --on "$WORK/b.img" "$WORK/ask.xml"
		jq -r '.on.volumes[].names[]' "$WORK/out" | sort > "$WORK/names"
		jq -r '.on.not_honoured[].what' "$WORK/out" | grep -qF "$4" || fail "not told: $4"
	}
	ask System 'DoesFileVersionMatch("C:\Program Files\App\app.exe","FileVersion","8.*")' 'C:\ [root.txt]' 'its version cannot be read'
	lines names 'C:\root.txt'
	ask User 'DoesObjectExist("Registry","HKCU\Software\App\Settings [Nothing]")' '%CSIDL_PERSONAL% [*.doc]' 'cannot be answered'
	lines names 'C:\Users\carla.OLDCORP\Documents\letter.doc'
	ask User 'DoesStringContentEqual("Registry","HKCU\Software\App\Settings [Name]","x")' '%CSIDL_PERSONAL% [*.doc]' 'cannot be answered'
	lines names 'C:\Users\carla.OLDCORP\Documents\letter.doc'
}
try "rules --on: what cannot be read" unreadable

everybody() {
	tried "$(component System "$(include '<script>MigXmlHelper.GenerateUserPatterns("File","%USERPROFILE%\Desktop [todo.txt]","FALSE")</script>')")"
	lines names 'C:\Users\anna\Desktop\todo.txt' 'C:\Users\bert\Desktop\todo.txt' 'C:\Users\carla.OLDCORP\Desktop\todo.txt'
}
try "rules --on: a pattern for every user" everybody

# MigApp.xml: Word is found by the machine's registry, what it keeps of anna goes along
add_word() {
	local office='Microsoft\Office\11.0'
	hive Windows/System32/config/SOFTWARE word_of_machine "WOW6432Node\\$office"
	hive Users/anna/NTUSER.DAT word_of_user "Software\\$office"
	put Users/anna/AppData/Roaming/Microsoft/Templates/normal.dot
	put Users/anna/AppData/Roaming/Microsoft/Proof/custom.dic
}
word_of_machine() {
	reg_key "$1\\Word\\InstallRoot"
	reg_text Path 'C:\Program Files (x86)\Microsoft Office\OFFICE11\'
}
word_of_user() {
	reg_key "$1\\Word\\Options"
	reg_text DOC-PATH 'C:\Users\anna\Documents'
}
mig_app() {
	local rules=${HOLDFAST_SAMPLES:-$ROOT/../shared/samples}/usmt/MigApp-usmt5.xml
	[ -e "$rules" ] || skip "no sample rule files here"
	hold 1 rules --json --list --on "$WORK/c.img" "$rules"
	same "files without Word" "$(jq -c '[.on.volumes[].names[]]' "$WORK/out")" '[]'
	cp --sparse=always "$WORK/c.img" "$WORK/word.img"
	mounted "$WORK/word.img" add_word
	hold 1 rules --json --list --on "$WORK/word.img" "$rules"
	same "files" "$(jq -r '.on.volumes[].names[]' "$WORK/out" | grep '\.' | sort | tr '\n' ' ')" \
		'C:\Users\anna\AppData\Roaming\Microsoft\Proof\custom.dic C:\Users\anna\AppData\Roaming\Microsoft\Templates\normal.dot '
	same "anna's values" "$(jq -r '.on.values[] | select(.user and .name) | "\(.user) \(.key) \(.name)"' "$WORK/out")" \
		"$ANNA_SID HKCU\Software\Microsoft\Office\11.0\Word\Options DOC-PATH"
}
try "rules --on: MigApp.xml and a Word" mig_app

# exit status 1, and where it stands
told() {
	tried "$(component System "$(include "$(files '%NOSUCH%\* [*]')")
<contentModify script=\"MigXmlHelper.ConvertScreenSaver()\">$(objects "$(registry 'HKLM\Software\App [*]')")</contentModify>")" 1
	same "what is told" "$(jq -c '[.on.not_honoured[] | .line]' "$WORK/out")" '[2,3]'
	grep -q NOSUCH "$WORK/out" || fail "the variable is not named"
}
try "rules --on: what is not done is told" told
done_testing
