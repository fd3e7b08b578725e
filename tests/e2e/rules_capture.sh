#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rules_capture.sh - what a capture takes by migration rules, of a Windows that people have used
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"
. "$(dirname "$0")/windows.bash"
SAMPLES=$ROOT/../shared/samples/usmt

setup() {
	windows_image "$WORK/windows.img"
	cut -c67- "$WORK/windows.img.files" | sort > "$WORK/all"
}
try "rules: a Windows with three people" setup

# stored IMAGE: what the store holds, as the paths were, read through the driver
stored_paths() {
	[ -d Store/USMT/File ] || return 0
	find Store/USMT/File -type f -printf '%P\n' | sed 's|^\(.\)\$/|\1:\\|; s|/|\\|g' | sort
}
stored() {
	watched "$1" stored_paths
}

# captured OPTION...: capture a copy of the Windows; what it stored is in $WORK/got
captured() {
	IMAGE=$WORK/c.img
	cp --sparse=always "$WORK/windows.img" "$IMAGE"
	hold 0,1 capture --store '\Store' "$@" "$IMAGE"
	cp "$WORK/out" "$WORK/told"
	consistent "$IMAGE"
	stored "$IMAGE" > "$WORK/got"
}

# wanted PATTERN...: of all files those that one of the extended expressions means
wanted() {
	local pattern arguments=()
	for pattern; do arguments+=(-e "$pattern"); done
	grep -iE "${arguments[@]}" "$WORK/all" | sort > "$WORK/wanted"
	[ -s "$WORK/wanted" ] || fail "the test expects nothing"
}

as_wanted() {
	diff "$WORK/wanted" "$WORK/got" > "$WORK/diff" || fail "not what the rules take: $(grep '^[<>]' "$WORK/diff" | head -n 3 | tr '\n' ' ')"
}

# By the documentation of MigUser.xml: the fifteen folders, and documents by extension anywhere else but in
# profiles, Windows and programs.  A PDF there, and what else is in a profile, is left behind.
mig_user() {
	[ -e "$SAMPLES/MigUser-usmt5.xml" ] || skip "no sample rule files here"
	captured --rules "$SAMPLES/MigUser-usmt5.xml"
	wanted '^C:\\Users\\(anna|bert|carla\.OLDCORP)\\(Videos|Music|Desktop|Pictures|Favorites|Documents)\\' \
		'^C:\\Users\\[^\\]*\\AppData\\Roaming\\Microsoft\\(Windows\\Start Menu|Internet Explorer\\Quick Launch)\\' \
		'^C:\\Data\\bert\\' '^C:\\Users\\Public\\(Desktop|Documents|Music)\\' \
		'^C:\\ProgramData\\Microsoft\\Windows\\Start Menu\\' '^C:\\Reports\\quarter\.xls$' '^C:\\root\.txt$'
	as_wanted
	grep -q '\\Reports  (1 file' "$WORK/told" || fail "the PDF that is left behind is not told: $(cat "$WORK/told")"
	grep -q 'profile *\\Users\\anna ' "$WORK/told" || fail "what is left of anna's profile is not told"
}
try "rules: MigUser.xml" mig_user

mig_docs() {
	[ -e "$SAMPLES/MigDocs-usmt5.xml" ] || skip "no sample rule files here"
	captured --rules "$SAMPLES/MigDocs-usmt5.xml"
	# folders in the root that are not the system's, files in the root, public folders; the known folders of each user,
	# Quick Launch among them, and what lies in the profile itself, but never AppData
	wanted '^C:\\Data\\' '^C:\\Reports\\' '^C:\\root\.txt$' '^C:\\Users\\Public\\' \
		'^C:\\Users\\(anna|bert|carla\.OLDCORP)\\(Videos|Music|Desktop|Pictures|Favorites|Documents|Downloads|Saved Games|Projects)\\' '\\Quick Launch\\'
	as_wanted
}
try "rules: MigDocs.xml" mig_docs

# Rules of somebody's own: a folder by its path, one extension in the profiles, and something that never goes.
own_rules() {
	cat > "$WORK/own.xml" <<- 'XML'
		<?xml version="1.0" encoding="UTF-8"?>
		<migration urlid="http://example.com/own">
		  <component type="Documents" context="System">
		    <displayName>Reports</displayName>
		    <role role="Data"><rules>
		      <include><objectSet><pattern type="File">C:\Reports\* [*]</pattern></objectSet></include>
		      <unconditionalExclude><objectSet><pattern type="File">C:\* [*.pdf]</pattern></objectSet></unconditionalExclude>
		    </rules></role>
		  </component>
		  <component type="Documents" context="User">
		    <displayName>Tables</displayName>
		    <role role="Data"><rules>
		      <include><objectSet><pattern type="File">%CSIDL_PERSONAL%\* [*.xlsx]</pattern></objectSet></include>
		      <include><objectSet><pattern type="Registry">HKCU\Software\App\Settings\* [*]</pattern></objectSet></include>
		      <exclude><objectSet><pattern type="Registry">HKCU\Software\App\Settings [Recent]</pattern></objectSet></exclude>
		    </rules></role>
		  </component>
		</migration>
	XML
}
own() {
	own_rules
	captured --rules "$WORK/own.xml"
	wanted '^C:\\Reports\\quarter\.xls$' 'table\.xlsx$'
	as_wanted
	local settings
	for who in $ANNA_SID $BERT_SID $CARLA_SID; do
		settings=$(watched "$IMAGE" cat "Store/USMT/Settings/$who.reg" | iconv -f UTF-16 -t UTF-8 | tr -d '\r')
		grep -q '^"Size"=dword:0000002a$' <<< "$settings" || fail "of $who the number is not kept: $settings"
		! grep -q '"Recent"' <<< "$settings" || fail "of $who an excluded value is kept"
	done
}
try "rules: of somebody's own, with registry values" own

users() {
	own_rules
	captured --rules "$WORK/own.xml" --without-user '*\*' --user 'CORP\bert'
	wanted '^C:\\Reports\\quarter\.xls$' '^C:\\Data\\bert\\deep\\er\\table\.xlsx$'
	as_wanted
	grep -q 'NOT PC7\\anna' "$WORK/told" || fail "who is left out is not told: $(cat "$WORK/told")"
	hold 2 capture --store '\Other' --rules "$WORK/own.xml" --user nobody "$IMAGE"
	grep -q nobody "$WORK/err" || fail "not said who is missing: $(cat "$WORK/err")"
}
try "rules: of one user alone" users

# Run again it has nothing to do; a value that has changed is a reason for a new store, though no file has.
again() {
	own_rules
	captured --rules "$WORK/own.xml"
	local before
	before=$(digest "$IMAGE")
	hold 0 capture --store '\Store' --rules "$WORK/own.xml" "$IMAGE"
	same "the image" "$(digest "$IMAGE")" "$before"
	mkdir "$WORK/elsewhere"
	cp "$WORK/own.xml" "$WORK/elsewhere"
	hold 0 capture --store '\Store' --rules "$WORK/elsewhere/own.xml" "$IMAGE"
	same "the image, by the same rules from elsewhere" "$(digest "$IMAGE")" "$before"
	mounted "$IMAGE" change_value
	hold 0 capture --store '\Store' --rules "$WORK/own.xml" "$IMAGE"
	watched "$IMAGE" test -d Store/USMT.generation-1 || fail "the older store is not set aside"
}
change_value() {
	printf '[R\\Software\\App\\Settings]\n"Size"=dword:00000007\n' > "$WORK/reg"
	hivexregedit --merge --prefix R Users/anna/NTUSER.DAT "$WORK/reg"
}
try "rules: run again" again

# Config.xml: a component that is not migrated
config() {
	own_rules
	cat > "$WORK/config.xml" <<- 'XML'
		<?xml version="1.0" encoding="UTF-8"?>
		<Configuration><Documents>
		  <component displayname="Tables" migrate="no" ID="http://example.com/own/tables/data"/>
		</Documents></Configuration>
	XML
	captured --rules "$WORK/own.xml" --config "$WORK/config.xml"
	wanted '^C:\\Reports\\quarter\.xls$'
	as_wanted
}
try "rules: a Config.xml leaves a component out" config

# The built-in rules: nothing of anybody is left behind but caches and hives.
built_in() {
	captured
	wanted '^C:\\Users\\(anna|bert|carla\.OLDCORP|Public)\\' '^C:\\Data\\' '^C:\\Reports\\' '^C:\\root\.txt$'
	grep -viE '\\(NTUSER|UsrClass)\.dat$|\\AppData\\Local\\Temp\\' "$WORK/wanted" > "$WORK/less"
	mv "$WORK/less" "$WORK/wanted"
	as_wanted
}
try "rules: the built-in ones" built_in

# A name that rules leave out is told, though the folder that it is in is taken, and its file by another name
other_names() {
	cp --sparse=always "$WORK/windows.img" "$WORK/c.img"
	add_names() {
		put Names/deep/plan.doc
		ln Names/deep/plan.doc Names/deep/plan.tmp
	}
	mounted "$WORK/c.img" add_names
	cat > "$WORK/names.xml" <<- 'XML'
		<migration urlid="http://example.com/names">
		  <component type="Documents" context="System"><displayName>Names</displayName><role role="Data"><rules>
		    <include><objectSet><pattern type="File">C:\Names\* [*]</pattern></objectSet></include>
		    <exclude><objectSet><pattern type="File">C:\Names\* [*.tmp]</pattern></objectSet></exclude>
		  </rules></role></component>
		</migration>
	XML
	hold 0 capture --json --store '\Store' --rules "$WORK/names.xml" "$WORK/c.img"
	same "names that are left" "$(jq '.volumes[].not_captured[] | select(.path == "\\Names").names' "$WORK/out")" 1
}
try "rules: a name that is left out" other_names

# Rules that take settings and no files make a store, too
settings_alone() {
	cat > "$WORK/settings.xml" <<- 'XML'
		<migration urlid="http://example.com/settings">
		  <component type="Application" context="User"><displayName>App</displayName><role role="Settings"><rules>
		    <include><objectSet><pattern type="Registry">HKCU\Software\App\* [*]</pattern></objectSet></include>
		  </rules></role></component>
		</migration>
	XML
	captured --rules "$WORK/settings.xml"
	same "files in the store" "$(wc -l < "$WORK/got")" 0
	watched "$IMAGE" cat "Store/USMT/Settings/$ANNA_SID.reg" | iconv -f UTF-16 -t UTF-8 | grep -q '"Size"=dword:0000002a' ||
		fail "the settings are not kept"
	hold 0 verify --store '\Store' "$IMAGE"
	hold 0 restore --store '\Store' "$IMAGE"
	consistent "$IMAGE"
}
try "rules: settings alone" settings_alone

# Without a Windows nothing that was asked for is passed over in silence.
no_windows() {
	format "$WORK/data.img" 32M
	mounted "$WORK/data.img" put Users/anna/letter.doc
	local before
	before=$(digest "$WORK/data.img")
	echo '<Configuration><Documents><component ID="x" migrate="no"/></Documents></Configuration>' > "$WORK/config.xml"
	hold 3 capture --store '\Store' --config "$WORK/config.xml" "$WORK/data.img"
	grep -q 'holds no Windows' "$WORK/err" || fail "not said why: $(cat "$WORK/err")"
	hold 3 capture --store '\Store' --windows 'C:\Windows' "$WORK/data.img"
	grep -q 'correct --windows' "$WORK/err" || fail "not said what to do: $(cat "$WORK/err")"
	own_rules
	hold 3 capture --store '\Store' --rules "$WORK/own.xml" "$WORK/data.img"
	grep -q 'nothing that the rules take, and no Windows' "$WORK/err" || fail "not said why: $(cat "$WORK/err")"
	same "the image" "$(digest "$WORK/data.img")" "$before"
	mounted "$WORK/data.img" put Reports/quarter.xls
	hold 0 capture --store '\Store' --rules "$WORK/own.xml" "$WORK/data.img"
	grep -q '^NO WINDOWS' "$WORK/out" || fail "not told: $(cat "$WORK/out")"
}
try "rules: no Windows" no_windows

# Documents anywhere are not those in another store.
other_store() {
	captured
	hold 0,1 capture --store '\Other' "$IMAGE"
	watched "$IMAGE" test ! -e 'Other/USMT/File/C$/Store' || fail "the other store is captured as well"
	watched "$IMAGE" test -e 'Other/USMT/File/C$/Reports/quarter.xls' || fail "nothing is captured"
}
try "rules: another store on the volume" other_store

broken() {
	printf '<migration urlid="x">\n <component type="Documents">\n' > "$WORK/broken.xml"
	cp --sparse=always "$WORK/windows.img" "$WORK/c.img"
	hold 3 capture --store '\Store' --rules "$WORK/broken.xml" "$WORK/c.img"
	grep -q 'broken.xml' "$WORK/err" || fail "the file is not named: $(cat "$WORK/err")"
	same "the image" "$(digest "$WORK/c.img")" "$(digest "$WORK/windows.img")"
}
try "rules: a broken file writes nothing" broken
done_testing
