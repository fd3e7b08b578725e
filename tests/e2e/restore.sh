#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# restore.sh - stores restored on the volumes they lie on, seen through the ntfs-3g driver
. "$(dirname "$0")/common.bash"

# volume NAME: a new volume $WORK/NAME.img
volume() {
	rm -f "$WORK/$1.img"
	truncate -s "${2:-48M}" "$WORK/$1.img"
	mkntfs -F -Q -q -s 512 -p 0 "$WORK/$1.img" > "$WORK/log2" 2>&1
	mkdir -p "$WORK/$1"
}

mount_volume() {
	ntfs-3g -o noatime,streams_interface=windows "$WORK/$1.img" "$WORK/$1" > "$WORK/log2" 2>&1 || skip "ntfs-3g cannot mount here"
}

# within NAME COMMAND...: with the volume mounted, in its root
within() {
	local name=$1 status=0
	shift
	mount_volume "$name"
	(
		set -e
		cd "$WORK/$name"
		"$@"
	) || status=$?
	umount "$WORK/$name"
	return $status
}

# What files and directories are: type, time, content, attributes, created, written, accessed, security
described() {
	local name
	find "$@" -printf '%p %y %T+\n' | sort
	find "$@" -type f -print0 | sort -z | xargs -0 sha256sum
	for name in system.ntfs_attrib_be system.ntfs_times_be system.ntfs_acl; do
		getfattr -R -P -h --absolute-names -e hex -n $name "$@" | sed -E 's/^(system.ntfs_times_be=0x.{48}).*/\1/' |
			paste -sd ' ' | sed 's/  */ /g; s/# file: /\n/g' | sort
	done
}

# inodes PATH...: which names are one file, links in the store not counted
inodes() {
	find "$@" -type f -printf '%i %p\n' | sort -k2 | awk '{ i = $1; sub(/^[^ ]* /, ""); print (i in n ? n[i] : n[i] = NR), $0 }'
}

# restored STATUS ARGUMENT...: restore, check every volume named, and see that a second run writes nothing
restored() {
	local status=$1 argument before
	shift
	hold "$status" restore --json "$@"
	[ ! -s "$WORK/err" ] || fail "stderr: $(head -n 1 "$WORK/err")"
	cp "$WORK/out" "$WORK/report"
	for argument; do
		case $argument in
		*.img) hold 0 check "${argument#?=}" ;;
		esac
	done
	before=$(digest "$WORK"/*.img)
	hold "0,$status" restore --json "$@"
	same "a second run" "$(jq -c '[.added, .directories, .copied, .renamed]' "$WORK/out")" '[0,0,0,[]]'
	same "names there after a second run" "$(jq .there "$WORK/out")" "$(jq .names "$WORK/report")"
	same "volumes after a second run" "$(digest "$WORK"/*.img)" "$before"
}

report() {
	jq -c "$1" "$WORK/report"
}

# -------- one volume --------

populate() {
	mkdir -p Users/ann/Documents/deep/er Users/bob "Users/ann/empty" Users/ann/many
	echo one > Users/ann/Documents/a.txt
	head -c 300000 /dev/urandom > Users/ann/Documents/big.bin
	ln Users/ann/Documents/a.txt Users/bob/alink.txt
	ln Users/ann/Documents/a.txt "Users/ann/Documents/a(1).txt"
	echo stream > Users/ann/Documents/a.txt:s
	echo "Ünïcode" > "Users/bob/Grüße 😀.txt"
	echo upper > Users/bob/Twin
	echo lower > Users/bob/twin
	mkdir Users/bob/Dir Users/bob/dir
	echo 1 > Users/bob/Dir/x
	echo 2 > Users/bob/dir/x
	local i name
	for i in $(seq 1 120); do echo "$i" > "Users/ann/many/file $i.txt"; done
	for i in $(seq 1 40); do ln Users/bob/Twin "Users/ann/many/link $i"; done
	setfattr -h -n system.ntfs_attrib_be -v 0x00000003 Users/ann/Documents/a.txt
	setfattr -h -n system.ntfs_attrib_be -v 0x00000006 Users/bob
	# other owners: S-1-5-32-545 where it was S-1-5-32-544
	for name in Users/ann/Documents/a.txt Users/ann/Documents/deep; do
		setfattr -h -n system.ntfs_acl -v "$(getfattr -h --absolute-names -e hex -n system.ntfs_acl "$name" |
			sed -n 's/.*=//p' | sed 's/20020000/21020000/')" "$name"
	done
	setfattr -h -n system.ntfs_dos_name -v BIGBIN~1.BIN Users/ann/Documents/big.bin
	touch -d '2001-02-03 04:05:06.7' Users/ann/Documents/a.txt
	touch -d '2004-02-03 04:05:06.7' Users/ann/Documents
}

# store LETTER PATH...: links in a store, directories with times and attributes
store() {
	local to=Store/USMT/File/$1\$ path
	shift
	mkdir -p "$to"
	find "$@" -type d -print0 | sort -z | while IFS= read -r -d '' path; do mkdir -p "$to/$path"; done
	find "$@" -type d -print0 | while IFS= read -r -d '' path; do
		find "$path" -mindepth 1 -maxdepth 1 ! -type d -exec ln -t "$to/$path" {} +
	done
	find "$@" -type d -print0 | sort -rz | while IFS= read -r -d '' path; do
		for name in system.ntfs_acl system.ntfs_attrib_be system.ntfs_times_be; do
			setfattr -h -n $name -v "0x$(getfattr -h --absolute-names --only-values -n $name "$path" | od -An -v -tx1 | tr -d ' \n')" "$to/$path"
		done
	done
}

capture() {
	populate
	store C Users
	described Users > "$WORK/described"
	inodes Users > "$WORK/inodes"
	rm -rf Users
}

compare() {
	described Users > "$WORK/described2"
	cmp -s "$WORK/described" "$WORK/described2" || fail "not as it was: $(diff "$WORK/described" "$WORK/described2" | head -n 3)"
	inodes Users > "$WORK/inodes2"
	cmp -s "$WORK/inodes" "$WORK/inodes2" || fail "hard links: $(diff "$WORK/inodes" "$WORK/inodes2" | head -n 3)"
	same "a named stream" "$(cat Users/ann/Documents/a.txt:s)" stream
}

round_trip() {
	volume c
	within c capture
	within c true
	sync "$WORK/c.img"
	restored 0 --store '\Store' "$WORK/c.img"
	same "files" "$(report .files)" 127
	same "copied" "$(report .copied)" 0
	within c compare
	ntfsfix -n "$WORK/c.img" > "$WORK/log2" 2>&1
}
try "restore: as it was before" round_trip

# The same by our own capture and wipe, with 8.3 names, and a file that has too many names to be linked
many_names() {
	populate
	local i
	echo many > Users/bob/many
	mkdir Users/links
	for i in $(seq 1 600); do ln Users/bob/many "Users/links/$i"; done
	described Users > "$WORK/described"
	inodes Users > "$WORK/inodes"
}

compare_all() {
	compare
	same "links" "$(stat -c %i Users/bob/many Users/links/* | sort -u | wc -l)" 1
}

engine() {
	volume c
	within c many_names
	hold 0 capture --store '\\Store' "$WORK/c.img"
	restored 0 --store '\\Store' "$WORK/c.img"
	same "added where nothing is missing" "$(report .added)" 0
	hold 0 wipe --yes --keep '\\Store' "$WORK/c.img"
	within c test ! -e Users
	restored 0 --store '\\Store' "$WORK/c.img"
	same "copied" "$(report .copied)" 1
	within c compare_all
	ntfsinfo -f -F /Users/ann/Documents/big.bin "$WORK/c.img" > "$WORK/log2"
	grep -q "'BIGBIN~1.BIN'" "$WORK/log2" || fail "the 8.3 name is not there"
	grep -q 'Namespace:.*Win32' "$WORK/log2" || fail "its long name has another namespace"
}
try "restore: after our own capture and wipe" engine

# Files of a new system are in the way
collide() {
	mkdir -p Users/ann/Documents Users/bob
	echo new > Users/ann/Documents/A.TXT
	echo file > Users/bob/Dir
	mkdir Users/ann/many
	mkdir "Users/ann/many/file 1.txt"
	echo new > "Users/ann/many/file 2.txt"
	echo new > "Users/ann/many/file 2(1).txt"
	touch -d 2020-01-01 Users/ann/many Users/ann
	stat -c %.9Y Users/ann Users/ann/many > "$WORK/kept-times"
}

collided() {
	same "what was there" "$(cat Users/ann/Documents/A.TXT Users/bob/Dir "Users/ann/many/file 2.txt")" "$(printf 'new\nfile\nnew')"
	same "a(1).txt" "$(cat "Users/ann/Documents/a(1).txt")" one
	same "a(2).txt" "$(cat "Users/ann/Documents/a(2).txt")" one
	same "Dir(1)" "$(cat "Users/bob/Dir(1)/x" "Users/bob/dir/x")" "$(printf '1\n2')"
	same "file 1(1).txt" "$(cat "Users/ann/many/file 1(1).txt")" 1
	same "file 2(2).txt" "$(cat "Users/ann/many/file 2(2).txt")" 2
	[ ! -e "Users/ann/many/file 3(1).txt" ]
	same "times of directories that were there" "$(stat -c %.9Y Users/ann Users/ann/many)" "$(cat "$WORK/kept-times")"
}

collisions() {
	volume c
	within c capture
	within c collide
	restored 0 --store /store "$WORK/c.img"
	same "renamed" "$(report '[.renamed[].name] | sort')" '["Dir(1)","a(2).txt","file 1(1).txt","file 2(2).txt"]'
	same "path of a renamed file" "$(report '.renamed[] | select(.name == "a(2).txt").path')" '"C:\\Users\\ann\\Documents\\a.txt"'
	within c collided
	# the name that was taken is free again: the file has its other name already
	within c rm "Users/ann/many/file 2.txt"
	hold 0 restore --json --store /store "$WORK/c.img"
	same "names added" "$(jq .added "$WORK/out")" 0
}
try "restore: what is there keeps its name" collisions

junctions() {
	mkdir -p Users/all Target "Store/USMT/File/C\$/Users/all"
	echo kept > "Store/USMT/File/C\$/Users/all/x"
	# a mount point to \Target
	setfattr -h -n system.ntfs_reparse_data -v 0x030000a01c00000000001000120000005c003f003f005c0043003a005c00540000000000 Users/all
}

junction() {
	volume c
	within c junctions
	restored 0 --store '\Store' "$WORK/c.img"
	same "renamed" "$(report '[.renamed[].name]')" '["all(1)"]'
	within c test -f "Users/all(1)/x"
	within c sh -c '[ -z "$(ls Target)" ]'
}
try "restore: nothing goes through a junction" junction

into_itself() {
	volume c
	within c sh -c 'mkdir -p "Store/USMT/File/C$/Store/USMT/File" && echo x > "Store/USMT/File/C$/Store/USMT/File/x" && mkdir "Store/USMT/File/C$/\$Extend" && echo y > "Store/USMT/File/C$/\$Extend/y"'
	restored 0 --store '\Store' "$WORK/c.img"
	within c sh -c 'grep -q x "Store/USMT(1)/File/x" && grep -q y "\$Extend(1)/y"'
	within c sh -c 'test ! -e Store/USMT/File/x'
}
try "restore: not into the store, not into the file system's own" into_itself

unfinished() {
	volume c
	within c capture
	restored 0 --store '\Store' "$WORK/c.img"
	within c sh -c 'rm -r Users/ann/many && rm "Users/ann/Documents/a(1).txt"'
	restored 0 --store '\Store' "$WORK/c.img"
	same "names added" "$(report .added)" 161
	within c sh -c 'rm -r Users/ann/many Users/ann/Documents/a.txt'
	restored 0 --store '\Store' "$WORK/c.img"
	same "names added" "$(report .added)" 161
}
try "restore: goes on with what is missing" unfinished

# -------- several volumes --------

second() {
	mkdir -p data/sub
	echo d > data/sub/d.txt
	touch -d 2010-10-10 data
	store D data
	rm -r data
}

two_volumes() {
	volume c
	volume d
	within c capture
	within d second
	restored 0 --store '\Store' "$WORK/c.img" "D=$WORK/d.img"
	same "copied" "$(report .copied)" 0
	within c compare
	within d grep -q d data/sub/d.txt
	within d sh -c '[ "$(stat -c %Y data)" = "$(date -d 2010-10-10 +%s)" ]'
}
try "restore: each volume's part to its own" two_volumes

# Parts of drives that are not named: E$ on C is linked into C, D$ on D is copied there
gone_drive() {
	mkdir -p ann old
	echo e > old/e.txt
	store E old
	rm -rf old ann
}

other_drive() {
	volume c
	volume d
	within c gone_drive
	within d second
	restored 0 --store '\Store' "$WORK/c.img" "X=$WORK/d.img"
	same "moved" "$(report '[.moved[] | .path + .to]')" '["E:C:","D:C:"]'
	same "copied" "$(report '[.copied, .added]')" '[1,2]'
	within c grep -q e old/e.txt
	within c grep -q d data/sub/d.txt
	within c sh -c '[ "$(stat -c %Y data)" = "$(date -d 2010-10-10 +%s)" ]'
}
try "restore: drives that are gone go to C" other_drive

# Everything of C lies in a store on D
elsewhere() {
	populate
	truncate -s 5M Users/bob/sparse
	echo end >> Users/bob/sparse
	chattr +c Users/bob > "$WORK/log2" 2>&1 || :
	ln -s nowhere Users/bob/symlink
	store C Users
	described Users > "$WORK/described"
	inodes Users > "$WORK/inodes"
	rm -rf Users
}

copied() {
	compare
	[ "$(stat -c %b Users/bob/sparse)" -lt 1000 ] || fail "the sparse file takes $(stat -c %b Users/bob/sparse) blocks"
}

copies() {
	volume c
	volume d
	within d elsewhere
	restored 0 --store '\Store' "$WORK/c.img" "D=$WORK/d.img"
	same "files" "$(report '[.files, .copied]')" '[129,129]'
	within c copied
	# one name of a file with several is gone: it comes back as a link
	within c rm "Users/ann/many/link 7" Users/bob/Twin
	restored 0 --store '\Store' "$WORK/c.img" "D=$WORK/d.img"
	same "copied" "$(report '[.copied, .added]')" '[0,2]'
	within c inodes Users > "$WORK/inodes2"
	cmp -s "$WORK/inodes" "$WORK/inodes2" || fail "hard links: $(diff "$WORK/inodes" "$WORK/inodes2" | head -n 3)"
	# a file that its owner changed stays
	within c sh -c 'echo changed > Users/bob/twin'
	restored 0 --store '\Store' "$WORK/c.img" "D=$WORK/d.img"
	same "renamed" "$(report '[.renamed[].name]')" '["twin(1)"]'
	within c grep -q changed Users/bob/twin
	within c grep -q lower "Users/bob/twin(1)"
}
try "restore: copied from another volume" copies

# -------- from a folder that a rebuild made --------

from_folder() {
	volume c
	volume d
	within d elsewhere
	hold 0 rebuild --to "$WORK/rebuilt" "$WORK/d.img"
	restored 0 --from "$WORK/rebuilt" "$WORK/c.img"
	same "files" "$(report '[.files, .copied]')" '[129,129]'
	within c copied
	# what is not as the manifest says is left out
	within c rm Users/bob/twin Users/bob/Twin
	chmod u+w "$WORK/rebuilt/USMT/File/C\$/Users/bob/twin"
	echo LOWER > "$WORK/rebuilt/USMT/File/C\$/Users/bob/twin"
	hold 1 restore --json --from "$WORK/rebuilt" "$WORK/c.img"
	same "left out" "$(jq -c '[.left_out[].path, .added]' "$WORK/out")" '["C:\\Users\\bob\\twin",1]'
	within c sh -c 'test ! -e Users/bob/twin && test -e Users/bob/Twin'
	hold 0 check "$WORK/c.img"
	rm -rf "$WORK/rebuilt"
}
try "restore: from a rebuilt folder" from_folder

# A wrecked disk, its store rebuilt, restored onto a new one: contents by the manifest, names from there
from_wreck() {
	fixture store-deleted-users-live
	hold 0,1 rebuild --store 1 --to "$WORK/rebuilt" "$IMAGE"
	volume c 200M
	restored 1 --from "$WORK/rebuilt" "$WORK/c.img"
	within c wreck_contents
	rm -rf "$WORK/rebuilt"
}

wreck_contents() {
	plain "$WORK/rebuilt/manifest.jsonl" | jq -j 'select(any(.names[]; test("<d[89a-f]|[\n\\\\]")) | not) | . as $m |
		select($m.grade == "intact" or $m.grade == "verified") | .names[] |
		select(startswith("C$/")) | "\($m.sha256)  \(.[3:])\u0000"' > "$WORK/told"
	[ "$(tr -cd '\0' < "$WORK/told" | wc -c)" -gt 300 ] || fail "only $(tr -cd '\0' < "$WORK/told" | wc -c) names to compare"
	cut -z -c67- "$WORK/told" | xargs -0 sha256sum -z > "$WORK/there" || :
	cmp -s <(sort -z "$WORK/told") <(sort -z "$WORK/there") ||
		fail "not what the manifest says: $(comm -z -3 <(sort -z "$WORK/told") <(sort -z "$WORK/there") | tr '\0' '\n' | head -n 3)"
}
try "restore: from what was rescued of a wreck" from_wreck

hostile() {
	mkdir -p "$WORK/hostile/USMT"
	echo secret > "$WORK/secret"
	local line='"grade":"intact","size":7,"outside":[],"sha256":null,"missing":[],"streams":[],"proof":["proven"]'
	{
		echo '{"volume":1,"record":40,"sequence":1,"names":["C$/../x"],"paths":["../secret"],'"$line}"
		echo '{"volume":1,"record":41,"sequence":1,"names":["C$/../x"],"paths":["USMT/a"],'"$line}"
		echo '{"volume":1,"record":42,"sequence":1,"names":["C$/Users/.."],"paths":["USMT/a"],'"$line}"
		echo '{"volume":1,"record":43,"sequence":1,"names":["C$/$MFT"],"paths":["USMT/a"],'"$line}"
		echo '{"volume":1,"record":44,"sequence":1,"names":["C$/both/x"],"paths":["USMT/a"],'"$line}"
		echo '{"volume":1,"record":45,"sequence":1,"names":["C$/both"],"paths":["USMT/a"],'"$line}"
		echo '{"volume":1,"record":46,"sequence":1,"names":["C$/link"],"paths":["USMT/link"],'"$line}"
		echo 'no JSON'
	} > "$WORK/hostile/manifest.jsonl"
	echo 'hello!' > "$WORK/hostile/USMT/a"
	ln -s ../../secret "$WORK/hostile/USMT/link"
	volume c
	hold 1 restore --json --from "$WORK/hostile" "$WORK/c.img"
	same "left out" "$(jq -c '[.left_out[] | .path + ": " + .why | sub(".*/"; "")] | sort' "$WORK/out")" \
		'["C:\\..: nothing can have that name","C:\\Users\\..: nothing can have that name","C:\\link: its content cannot be read in full","manifest.jsonl: 1 of its lines are damaged","manifest.jsonl: a line is damaged: a path in it does not stay below its folder"]'
	hold 0 check "$WORK/c.img"
	within c sh -c '[ "$(find . -type f | sort | paste -sd " ")" = "./\$MFT(1) ./both(1) ./both/x" ]'
	within c sh -c '[ "$(cat "both(1)")" = "hello!" ]'
}
try "restore: from a folder of bad faith" hostile

# 8.3 names of files and folders; times and a hidden attribute
aliases() {
	local times='"created":131000000000000001,"written":131000000000000002,"changed":131000000000000003,"accessed":131000000000000004'
	rm -rf "$WORK/hostile"
	mkdir -p "$WORK/hostile/USMT"
	echo 'hello!' > "$WORK/hostile/USMT/a"
	echo '{"volume":1,"record":40,"sequence":1,"names":["C$/long folder/long name.text"],"paths":["USMT/a"],"grade":"suspect","size":7,"outside":[],"sha256":null,"missing":[],"streams":[],"proof":["proven"]}' > "$WORK/hostile/manifest.jsonl"
	echo '{"volume":1,"record":41,"sequence":1,"names":["C$/long folder/other name.text"],"paths":["USMT/a"],"grade":"intact","size":7,"outside":[],"sha256":null,"missing":[],"streams":[],"proof":["proven"]}' >> "$WORK/hostile/manifest.jsonl"
	{
		echo '{"volume":1,"record":39,"sequence":1,"kind":"directory","names":["C$/long folder"],"proof":["proven"],"attributes":18,'"$times"',"security_id":0,"dos_names":["C$/LONGFO~1"]}'
		echo '{"volume":1,"record":40,"sequence":1,"kind":"file","names":["C$/long folder/long name.text"],"proof":["proven"],"attributes":34,'"$times"',"security_id":0,"dos_names":["C$/long folder/LONGNA~1.TXT"]}'
		echo '{"volume":1,"record":41,"sequence":1,"kind":"file","names":["C$/long folder/other name.text"],"proof":["proven"],"attributes":34,'"$times"',"security_id":0,"dos_names":["C$/long folder/OTHERN~1.TXT"]}'
	} > "$WORK/hostile/sidecar.jsonl"
	volume c
	restored 1 --from "$WORK/hostile" "$WORK/c.img"
	same "doubtful" "$(report '[.doubtful[] | .path + " " + .grade]')" '["C:\\long folder\\long name.text suspect"]'
	ntfsinfo -f -F "/long folder/other name.text" "$WORK/c.img" > "$WORK/log2"
	grep -q "'OTHERN~1.TXT'" "$WORK/log2" || fail "the 8.3 name of a file is not there"
	ntfsinfo -f -F "/long folder" "$WORK/c.img" > "$WORK/log2"
	grep -q "'LONGFO~1'" "$WORK/log2" || fail "the 8.3 name of a folder is not there"
	within c sh -c '[ "$(cat "long folder/long name.text.suspect")" = "hello!" ]'
	within c sh -c 'getfattr -h --absolute-names -e hex --only-values -n system.ntfs_attrib_be "long folder" | od -An -tx1 | grep -q "00 00 00 12"'
	within c sh -c '[ "$(stat -c %.7Y "long folder")" = 1455526400.0000002 ]'
}
try "restore: 8.3 names, and a content that is not to be trusted" aliases

no_room() {
	volume c 8M
	volume d
	within d sh -c 'mkdir -p Users && head -c 20000000 /dev/urandom > Users/large'
	within d store C Users
	local before
	before=$(digest "$WORK/c.img")
	hold 3 restore --store '\Store' "$WORK/c.img" "D=$WORK/d.img"
	grep -q 'too little room' "$WORK/err" || fail "not said: $(cat "$WORK/err")"
	same "the volume" "$(digest "$WORK/c.img")" "$before"
}
try "restore: no room for copies" no_room

refusals() {
	volume c
	hold 2 restore "$WORK/c.img"
	hold 2 restore --store '\' "$WORK/c.img"
	hold 2 restore --store '\Store'
	hold 2 restore --store '\Store' --from x "$WORK/c.img"
	hold 3 restore --store '\Store' "$WORK/c.img"
	grep -q "holds no store" "$WORK/err" || fail "not said: $(cat "$WORK/err")"
	within c sh -c 'mkdir -p Store; echo x > Store/USMT'
	hold 3 restore --store '\Store' "$WORK/c.img"
	within c sh -c 'rm Store/USMT; mkdir -p "Store/USMT/File/C$/Users" Store/USMT/File/Settings; echo x > "Store/USMT/File/C$/Users/x"'
	restored 1 --store '\Store' "$WORK/c.img"
	same "left out" "$(report '[.left_out[].path]')" '["C:\\Store\\USMT\\File\\Settings"]'
}
try "restore: refusals, and what is no drive's part" refusals
done_testing
