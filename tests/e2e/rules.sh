#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rules.sh - rule files explained; real ones (in usmt/ of HOLDFAST_SAMPLES) are counted by xmllint as well
. "$(dirname "$0")/common.bash"
SAMPLES=${HOLDFAST_SAMPLES:-$ROOT/../shared/samples}/usmt

# file NAME COMPONENT...: a rule file $WORK/NAME.xml with these components
file() {
	local name=$1
	shift
	{
		echo '<?xml version="1.0"?>'
		echo "<migration urlid=\"http://x/$name\">"
		printf '%s\n' "$@"
		echo '</migration>'
	} > "$WORK/$name.xml"
}

# component RULE...: one for the machine, with these rules
component() {
	printf '%s' '<component type="Documents" context="System"><displayName>N</displayName><role role="Data"><rules>' \
		"$@" '</rules></role></component>'
}

SET='<objectSet><pattern type="File">C:\a\* [*]</pattern></objectSet>'

# told FILTER WANTED: what jq finds in the JSON
told() {
	same "$1" "$(jq -r "$1" "$WORK/out")" "$2"
}

# -------- real files --------

# every element of the file, as another program counts them
counted() {
	local name count
	hold "$1" rules --json "$SAMPLES/$2"
	jq -r '.files[0].elements | to_entries[] | "\(.key) \(.value)"' "$WORK/out" > "$WORK/elements"
	[ -s "$WORK/elements" ]
	while read -r name count; do
		same "$name" "$count" "$(sed '1s/^\\//' "$SAMPLES/$2" | xmllint --xpath "count(//*[local-name()='$name'])" -)"
	done < "$WORK/elements"
	same "all elements" "$(jq '[.files[0].elements[]] | add' "$WORK/out")" \
		"$(sed '1s/^\\//' "$SAMPLES/$2" | xmllint --xpath "count(//*)" -)"
}

# the rules of each kind that components have come to what the file has, where no named element is used
counted_rules() {
	local kind
	hold 0,1 rules --json "$SAMPLES/$1"
	for kind in include exclude unconditionalExclude merge contentModify; do
		told "[.files[0].components[].counts.$kind] | add" "$(sed '1s/^\\//' "$SAMPLES/$1" |
			xmllint --xpath "count(//*[local-name()='$kind'])" -)"
	done
	told '[.files[0].components[].patterns] | add' "$(sed '1s/^\\//' "$SAMPLES/$1" |
		xmllint --xpath "count(//*[local-name()='objectSet']/*[local-name()='pattern' or local-name()='script'])" -)"
}

if ! command -v xmllint > "$WORK/which"; then
	echo "skipped rules: no xmllint"
elif [ -d "$SAMPLES" ]; then
	for name in MigUser-usmt5:0 MigDocs-usmt5:1 MigApp-usmt5:1 custom-ExcludeDrive:0 custom-MigBackground:0 \
		custom-Mig_Chrome:0 custom-Mig_Exclusions:1 custom-drives:0; do
		try "rules: ${name%:*}: elements as xmllint counts them" counted "${name#*:}" "${name%:*}.xml"
	done
	for name in MigUser-usmt5 MigDocs-usmt5 custom-ExcludeDrive custom-drives custom-Mig_Exclusions; do
		try "rules: $name: rules as xmllint counts them" counted_rules "$name.xml"
	done
else
	echo "skipped rules: $SAMPLES is not there (set HOLDFAST_SAMPLES)"
fi

built_in() {
	hold 0 rules --json
	told '.files[0].elements.pattern' \
		"$(xmllint --xpath "count(//*[local-name()='pattern'])" "$ROOT/recover/rules/builtin/holdfast.xml")"
	told '[.files[0].components[] | select(.effect)] | length' 4
	hold 0 rules
	grep -q '^    takes %USERPROFILE%\\\* \[\*\], line' "$WORK/out"
}

# -------- exit status and words --------

in_order() {
	file good "$(component "<include>$SET</include>")"
	hold 0 rules "$WORK/good.xml"
	same "on stderr" "$(cat "$WORK/err")" ""
	hold 0 rules -q "$WORK/good.xml"
	same "lines when quiet" "$(grep -c . "$WORK/out")" 1
}

pointless() {
	file only "$(component "<exclude>$SET</exclude>")"
	hold 1 rules "$WORK/only.xml"
	grep -q 'has no effect: it only excludes' "$WORK/out"
	hold 1 rules --json "$WORK/only.xml"
	told '.files[0].components[0].effect' false
	file bar "$(component "<unconditionalExclude>$SET</unconditionalExclude>")"
	hold 0 rules "$WORK/bar.xml"
}

not_offline() {
	file run "$(component "<include>$SET</include>" '<externalProcess when="post-apply"><commandLine>a.exe</commandLine>' \
		'</externalProcess>')"
	hold 1 rules --json "$WORK/run.xml"
	told '.files[0].not_done[0].text' '<externalProcess> a.exe: programs are not run offline'
	told '.files[0].not_done[0].line' 3
}

same_urlid() {
	file a "$(component "<include>$SET</include>")"
	cp "$WORK/a.xml" "$WORK/b.xml"
	hold 1 rules --json "$WORK/a.xml" "$WORK/b.xml"
	told '[.files[].ignored] | tostring' '[false,true]'
	hold 1 rules "$WORK/a.xml" "$WORK/b.xml"
	grep -q 'is ignored: a file before it has the same urlid' "$WORK/out"
}

broken() {
	file good "$(component "<include>$SET</include>")"
	file bad "$(component "<inclde>$SET</inclde>")"
	hold 3 rules "$WORK/bad.xml" "$WORK/good.xml" "$WORK/none.xml"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 2
	grep -q 'bad.xml: line 3: <inclde> is not known in <rules>' "$WORK/err"
	grep -q 'none.xml: .*No such file' "$WORK/err"
	grep -q 'good.xml: rules' "$WORK/out"
	hold 3 rules --json "$WORK/bad.xml" "$WORK/good.xml"
	told '[.files[].kind] | tostring' '[null,"rules"]'
}

other_kinds() {
	printf '<Configuration><Documents><component ID="http://x/a/data" migrate="no"/></Documents></Configuration>' \
		> "$WORK/config.xml"
	printf '<offline><winDir><path>C:\\Windows</path></winDir></offline>' > "$WORK/offline.xml"
	hold 0 rules --json "$WORK/config.xml" "$WORK/offline.xml"
	told '[.files[].kind] | tostring' '["config","offline"]'
	told '.files[0].components[0].migrate' false
	told '.files[1].directories[0]' 'C:\Windows'
	hold 0 rules "$WORK/config.xml" "$WORK/offline.xml"
	grep -q '^  leaves out http://x/a/data, line 1$' "$WORK/out"
	grep -q '^  looks for Windows in C:\\Windows$' "$WORK/out"
}

# names from a file reach the terminal escaped
escaped() {
	file bell "<component type=\"Documents\"><displayName>a$(printf '\xe2\x80\xae')b</displayName><role role=\"Data\"/></component>"
	hold 0 rules "$WORK/bell.xml"
	grep -qF 'a\u{202e}b' "$WORK/out" || fail "$(grep component "$WORK/out")"
}

laughs() {
	{
		echo '<?xml version="1.0"?><!DOCTYPE migration [<!ENTITY a "ha">'
		for i in {b..z}; do echo "<!ENTITY $i \"&$(printf '%b' "\\x$(printf %x $(($(printf %d "'$i") - 1)))");&a;&a;\">"; done
		echo ']><migration urlid="x">&z;</migration>'
	} > "$WORK/laughs.xml"
	hold 3 rules "$WORK/laughs.xml"
	grep -q 'has a <!DOCTYPE>' "$WORK/err"
}

try "rules: the built-in ones" built_in
try "rules: a file in order" in_order
try "rules: a component that only excludes" pointless
try "rules: programs are not run offline" not_offline
try "rules: two files with one urlid" same_urlid
try "rules: a broken file does not hide the others" broken
try "rules: Config.xml and Offline.xml" other_kinds
try "rules: names are escaped" escaped
try "rules: entities are not expanded" laughs
done_testing
