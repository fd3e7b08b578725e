#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# copy_store.sh - stores of copies, on another volume than the users' files, judged through ntfs-3g
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"

C=$WORK/c.img
D=$WORK/d.img
E=$WORK/e.img
STORE=StateStore/USMT/File
command -v setfattr > "$WORK/log2" || {
	echo "skipped copy_store: no setfattr"
	exit 0
}

# capture STATUS ARGUMENT...: what it told stays in $WORK/told
capture() {
	hold "$1" capture --copy --json --store '\StateStore' "${@:2}"
	cp "$WORK/out" "$WORK/told"
}

part() {
	jq -c ".volumes[] | select(.letter == \"$1\") | $2" "$WORK/told"
}

# described FOLDER...: what files and folders below the current one wear and hold, and which names are one file's
described() {
	local path
	for path; do
		# records, and sizes of folders and of what the driver makes of a junction, are not the files' own
		(cd "$path" && wears . | LC_ALL=C sed -E 's/^([^\t]*\t[dl]) [0-9]+ [0-9]+$/\1/; s/^([^\t]*\tf) [0-9]+ /\1 /')
		find "$path" -type f -printf '%i %P\n' | sort -k2 | awk '{ i = $1; sub(/^[^ ]* /, ""); print (i in n ? n[i] : n[i] = NR), $0 }'
		(cd "$path" && find . -type f ! -name secret -print0 | sort -z | xargs -0 -r sha256sum -z | tr '\0\n' '\n ')
	done
}

# as_described FILE FOLDER...
as_described() {
	described "${@:2}" > "$WORK/described2"
	cmp "$1" "$WORK/described2" || fail "not as it was: $(diff "$1" "$WORK/described2" | head -n 3 | cut -c-120 | tr '\n' ' ')"
}

# -------- what is copied --------

# the driver takes a reparse point that it does not know for a link
files() {
	find Users "Documents and Settings" \( -type f -o -name cloud \) -printf '%i\n'
}

everything() {
	local before
	format "$C" 120M "$@"
	format "$E" 120M
	mounted "$C" populate
	watched "$C" described Users "Documents and Settings" > "$WORK/described"
	before=$(digest "$C")
	capture 0 --digest "E=$E" "C=$C"
	same "the volume that was copied" "$(digest "$C")" "$before"
	consistent "$E"
	same "files" "$(part C .files)" "$(watched "$C" files | sort -u | wc -l)"
	same "names" "$(part C .names)" "$(watched "$C" files | wc -l)"
	same "copied" "$(part C '[.copied, .limited]')" "[$(part C .files),0]"
	same "of the store's volume" "$(part E '[.files, .names, .directories, .not_captured]')" '[0,0,0,[]]'
	whole() {
		cd "$STORE/C\$"
		as_described "$WORK/described" Users "Documents and Settings"
		cd "$MNT"
		same "what lies in the store" "$(ls -A StateStore StateStore/USMT "$STORE" | tr '\n' ' ')" \
			'StateStore: USMT  StateStore/USMT: File holdfast.cat holdfast.cat2  StateStore/USMT/File: C$ '
	}
	watched "$E" whole
	hold 0 verify --json --store '\StateStore' "E=$E"
	[ "$(jq '[.. | .digests? | numbers] | add' "$WORK/out")" -gt 3000 ] || fail "contents were not verified: $(head -c 200 "$WORK/out")"
	before=$(digest "$E")
	hold 0 capture --copy --digest --store '\StateStore' "E=$E" "C=$C"
	[ "$(grep -c 'nothing was written' "$WORK/out")" -eq 2 ] || fail "not told: $(head -n 3 "$WORK/out")"
	same "a capture of nothing new" "$(digest "$E")" "$before"
}
try "copies: all that NTFS knows" everything
try "copies: all that NTFS knows, of clusters of 512" everything -c 512

# -------- there and back --------

user() {
	mkdir -p "Users/$1/Documents"
	echo "letter of $1" > "Users/$1/Documents/letter.txt"
	head -c 300000 /dev/urandom > "Users/$1/large"
	ln "Users/$1/large" "Users/$1/Documents/twin"
	touch -d '2001-02-03 04:05:06' "Users/$1/Documents/letter.txt" "Users/$1/Documents"
}

# users LETTER USER...: a new volume
users() {
	format "${!1}" 40M
	local name
	for name in "${@:2}"; do mounted "${!1}" user "$name"; done
}

round_trip() {
	users C ann bob
	users D dora
	users E eve
	watched "$C" described Users > "$WORK/of-c"
	watched "$D" described Users > "$WORK/of-d"
	watched "$E" described Users > "$WORK/of-e"
	capture 0 "E=$E" "C=$C" "D=$D"
	same "counts" "$(jq -c '[.volumes[] | .letter, .files, .names, .copied]' "$WORK/told")" '["E",2,3,2,"C",4,6,4,"D",2,3,2]'
	consistent "$E"
	stored() {
		(cd "$STORE/C\$" && as_described "$WORK/of-c" Users)
		(cd "$STORE/D\$" && as_described "$WORK/of-d" Users)
		(cd "$STORE/E\$" && as_described "$WORK/of-e" Users)
		as_described "$WORK/of-e" Users
		same "links of the original" "$(stat -c %h Users/eve/large)" 2
	}
	watched "$E" stored
	# what is on the volumes still: nothing to do, and the store may go
	hold 0 restore --json --store '\StateStore' "E=$E" "C=$C" "D=$D"
	same "restored before anything was lost" "$(jq -c '[.names, .added, .there]' "$WORK/out")" '[12,0,12]'
	cp --sparse=always "$E" "$WORK/released.img"
	hold 0 release --store '\StateStore' "E=$WORK/released.img" "C=$C" "D=$D"
	consistent "$WORK/released.img"
	watched "$WORK/released.img" test ! -e "$MNT/StateStore"
	# and what is lost comes back
	format "$C" 40M
	format "$D" 40M
	hold 3 release --store '\StateStore' "E=$E" "C=$C" "D=$D"
	hold 0 restore --json --store '\StateStore' "E=$E" "C=$C" "D=$D"
	same "restored" "$(jq -c '[.files, .names, .added, .copied, .renamed]' "$WORK/out")" '[8,12,9,6,[]]'
	consistent "$C"
	consistent "$D"
	consistent "$E"
	watched "$C" as_described "$WORK/of-c" Users
	watched "$D" as_described "$WORK/of-d" Users
	mounted "$C" rm Users/ann/Documents/letter.txt
	hold 3 release --store '\StateStore' "E=$E" "C=$C" "D=$D"
	hold 0 restore --store '\StateStore' "E=$E" "C=$C" "D=$D"
	hold 0 release --store '\StateStore' "E=$E" "C=$C" "D=$D"
	watched "$E" as_described "$WORK/of-e" Users
	watched "$E" test ! -e "$MNT/StateStore"
}
try "copies: of several volumes, restored, released" round_trip

with_a_folder() {
	users C ann
	format "$E" 40M
	mkdir -p "$WORK/usb/Photos"
	echo photo > "$WORK/usb/Photos/1.jpg"
	capture 0 "E=$E" "C=$C" "U=$WORK/usb"
	same "counts" "$(jq -c '[.volumes[] | .letter, .files]' "$WORK/told")" '["E",0,"C",2,"U",1]'
	consistent "$E"
	watched "$E" cmp "$MNT/$STORE/U\$/Photos/1.jpg" "$WORK/usb/Photos/1.jpg"
	capture 0 "E=$E" "C=$C" "U=$WORK/usb"
	same "unchanged" "$(jq -c '[.volumes[].unchanged]' "$WORK/told")" '[true,true,true]'
	echo other > "$WORK/usb/Photos/2.jpg"
	capture 0 "E=$E" "C=$C" "U=$WORK/usb"
	same "set aside" "$(part E .set_aside)" '"USMT.generation-1"'
	same "only in the older" "$(part E .only_in_older)" 0
	# nothing but a folder: the store of links has the same, but for its kind
	format "$E" 40M
	hold 0 capture --store '\StateStore' "E=$E" "U=$WORK/usb"
	capture 0 "E=$E" "U=$WORK/usb"
	same "set aside" "$(part E .set_aside)" '"USMT.generation-1"'
}
try "copies: beside a folder of the host" with_a_folder

# -------- which files --------

# stored NAME...: the files of the store, and no others
stored() {
	same "files in the store" "$(cd "$STORE" && find . -type f -printf '%P\n' | sort)" "$(printf '%s\n' "$@" | sort)"
}

trees() {
	users C ann
	users D dora
	users E eve
	more() {
		mkdir -p Data/sub StateStore
		echo data > Data/sub/d
		echo "not a store" > StateStore/f
	}
	mounted "$C" more
	capture 0 --tree 'C:\Users\ann\Documents' --tree '\Data' --tree '\StateStore' "E=$E" "C=$C" "D=$D"
	same "not captured" "$(part C '[.not_captured[].path]')" '["\\Users\\ann"]'
	watched "$E" stored 'C$/Users/ann/Documents/'{letter.txt,twin} 'C$/Data/sub/d' 'C$/StateStore/f'
	capture 3 --tree '\Daten' "E=$E" "C=$C"
	grep -q 'is on none of the volumes named' "$WORK/err" || fail "not told: $(cat "$WORK/err")"
}
try "copies: trees" trees

unfinished=USMT.new-0123456789abcdef0123456789abcdef

# as if the store had not been published
cut_off() {
	mv StateStore/USMT "StateStore/$unfinished"
	rm "StateStore/$unfinished"/h*
}

# A store of links is none of copies, though each of its files is like itself
links_before() {
	users C ann
	hold 0 capture --store '\StateStore' "$C"
	capture 0 "$C"
	same "told" "$(part C '[.files, .copied, .set_aside, .only_in_older]')" '[2,2,"USMT.generation-1",0]'
	own() {
		same "links" "$(stat -c %h Users/ann/large)" 4
		same "links of the copy" "$(stat -c %h "$STORE/C\$/Users/ann/large")" 2
		cmp Users/ann/large "$STORE/C\$/Users/ann/large"
		[ ! -e StateStore/USMT/hardlink.main ]
	}
	watched "$C" own
	consistent "$C"
	hold 0 capture --json --store '\StateStore' "$C"
	same "linked again" "$(jq -c '.volumes[0] | [.files, .copied, .set_aside]' "$WORK/out")" '[2,0,"USMT.generation-2"]'
	# one that was cut off is not gone on with
	mounted "$C" cut_off
	capture 0 "$C"
	same "copied" "$(part C '[.files, .copied]')" '[2,2]'
	watched "$C" test ! "$MNT/Users/ann/large" -ef "$MNT/$STORE/C\$/Users/ann/large"
	# the volume that is copied has a store there
	format "$E" 40M
	capture 0 --tree '\Users' --tree '\StateStore' "E=$E" "C=$C"
	watched "$E" stored 'C$/Users/ann/Documents/'{letter.txt,twin} 'C$/Users/ann/large'
}
try "copies: stores of links, before and after and beside" links_before

# -------- one capture after another --------

generations() {
	users C ann bob
	format "$E" 40M
	capture 0 "E=$E" "C=$C"
	change() {
		echo "letter 2" > Users/ann/Documents/letter.txt
		rm Users/bob/Documents/letter.txt
	}
	mounted "$C" change
	capture 0 "E=$E" "C=$C"
	same "told" "$(part E '[.set_aside, .only_in_older]')" '["USMT.generation-1",1]'
	same "files" "$(part C .files)" 3
	versions() {
		same "new" "$(cat "$STORE/C\$/Users/ann/Documents/letter.txt")" "letter 2"
		same "old" "$(cat 'StateStore/USMT.generation-1/File/C$/Users/ann/Documents/letter.txt')" "letter of ann"
		same "gone" "$(cat 'StateStore/USMT.generation-1/File/C$/Users/bob/Documents/letter.txt')" "letter of bob"
	}
	watched "$E" versions
	consistent "$E"
	hold 0 verify --store '\StateStore' "E=$E"
	hold 0 verify --store '\StateStore' --generation 1 "E=$E"
	hold 3 release --store '\StateStore' "E=$E" "C=$C"
}
try "copies: an older store is set aside, and what it alone holds is told" generations

# -------- cut off --------

# leftover CHANGE NAMES: the names in PATH after a capture was cut off, CHANGE made to C, and another capture
leftover() {
	users C ann bob
	format "$E" 40M
	capture 0 --tree '\Users\ann' "E=$E" "C=$C"
	mounted "$E" cut_off
	watched "$E" stat -c %i "$MNT/StateStore/$unfinished/File/C\$/Users/ann/large" > "$WORK/record"
	mounted "$C" "$1"
	watched "$C" described Users > "$WORK/described"
	capture 0 "E=$E" "C=$C"
	consistent "$E"
	hold 0 verify --store '\StateStore' "E=$E"
	watched "$E" sh -c 'ls StateStore' | tr '\n' ' ' > "$WORK/names"
	same "what is there" "$(cat "$WORK/names")" "$2"
	as_now() {
		(cd "$STORE/C\$" && as_described "$WORK/described" Users)
		stat -c %i "$STORE/C\$/Users/ann/large" > "$WORK/record2"
	}
	watched "$E" as_now
}

gone_on_with() {
	leftover true "USMT "
	cmp "$WORK/record" "$WORK/record2" || fail "copied once more"
}
changed() { echo "another letter" > Users/ann/Documents/letter.txt; }
renamed() { mv Users/ann/Documents/letter.txt Users/ann/Documents/note.txt; }
try "copies: cut off, and gone on with" gone_on_with
try "copies: cut off, then a file was written" leftover changed "USMT "
try "copies: cut off, then a file was renamed" leftover renamed "USMT USMT.generation-1 "

# What is taken away then are copies: no guard is to take them for users' files
fewer() {
	users C ann bob
	format "$E" 40M
	capture 0 "E=$E" "C=$C"
	mounted "$E" cut_off
	capture 0 --tree '\Users\bob\Documents' "E=$E" "C=$C"
	watched "$E" stored 'C$/Users/bob/Documents/'{letter.txt,twin}
	watched "$E" same "what is there" "$(watched "$E" ls "$MNT/StateStore")" USMT
	consistent "$E"
	capture 0 "E=$E" "C=$C"
}
try "copies: cut off, then fewer were asked for" fewer

# Two drives, then one: what is left of the other is not published as if it were asked for
other_drives() {
	users C ann bob
	users D dora
	format "$E" 40M
	capture 0 "E=$E" "C=$C" "D=$D"
	mounted "$E" cut_off
	capture 0 "E=$E" "C=$C"
	watched "$E" same "drives" "$(watched "$E" ls "$MNT/$STORE")" 'C$'
	watched "$E" cat "$MNT/StateStore/USMT.generation-1/File/D\$/Users/dora/Documents/letter.txt" > "$WORK/letter"
	same "of the other drive" "$(cat "$WORK/letter")" "letter of dora"
}
try "copies: cut off, then a drive was not named" other_drives

# tiny ones, in several transactions
many_files() {
	mkdir -p Users/ann/many
	for i in {1..12000}; do echo "content of file $i" > "Users/ann/many/$i"; done
	ln Users/ann/many/7 Users/ann/seven
}

many() {
	[ ! -e "$WORK/many" ] || return 0
	format "$WORK/many.img" 60M
	mounted "$WORK/many.img" many_files
	watched "$WORK/many.img" files_of Users > "$WORK/many"
}

# files_of FOLDER: their links, sizes, times and contents; nobody waits for all else of so many
files_of() {
	listing "$1" | grep -v '^d '
}

many_are_stored() {
	same "what is there" "$(ls StateStore)" USMT
	files_of "$STORE/C\$/Users" | cmp "$WORK/many" - || fail "not the files that there were"
}

killed() {
	local delay status pid
	many
	for delay in 0.05 0.2 0.5 1; do
		format "$E" 60M
		for _ in 1 2; do
			status=0
			"$HOLDFAST" capture --copy --store '\StateStore' "E=$E" "C=$WORK/many.img" > "$WORK/log2" 2>&1 &
			pid=$!
			sleep "$delay"
			kill -KILL "$pid" 2> "$WORK/log3" || true
			wait "$pid" 2> "$WORK/log3" || status=$?
			hold 0 replay "$E"
			consistent "$E"
		done
		capture 0 "E=$E" "C=$WORK/many.img"
		consistent "$E"
		watched "$E" many_are_stored
		[ "$status" -ne 0 ] || break
	done
}
try "copies: killed at several paces" killed

# The records of the files take the room, which nobody can know beforehand
full_on_the_way() {
	many
	format "$E" 24M
	mounted "$E" sh -c 'head -c 10000000 /dev/zero > taken'
	capture 3 "E=$E" "C=$WORK/many.img"
	grep -q 'full' "$WORK/err" || fail "not told: $(cat "$WORK/err")"
	consistent "$E"
	hold 0 replay "$E"
	some() {
		find StateStore -type f -printf '%i %f\n' | sort > "$WORK/some"
		[ "$(wc -l < "$WORK/some")" -gt 1000 ] && [ "$(wc -l < "$WORK/some")" -lt 12000 ] || fail "$(wc -l < "$WORK/some") files are there"
		rm taken
	}
	mounted "$E" some
	capture 0 "E=$E" "C=$WORK/many.img"
	consistent "$E"
	watched "$E" many_are_stored
	watched "$E" find "$MNT/StateStore" -type f -printf '%i %f\n' | sort > "$WORK/all"
	same "copied once more" "$(comm -23 "$WORK/some" "$WORK/all" | wc -l)" 0
}
try "copies: a full disk; goes on when there is room" full_on_the_way

# -------- a refresh --------

wipe() {
	hold "$1" wipe --store '\StateStore' --store-on "E=$E" "${@:2}" "$C"
}

refresh() {
	local before
	users C ann bob
	format "$E" 40M
	mounted "$C" sh -c 'mkdir Windows; echo system > Windows/system; ln Users/ann/large Users/ann/again'
	watched "$C" described Users > "$WORK/described"
	wipe 3
	grep -q 'holds no copies of C:' "$WORK/err" || fail "not told: $(cat "$WORK/err")"
	capture 0 "E=$E" "C=$C"
	# what has changed since is not covered, nor is what came
	mounted "$C" sh -c 'cp -p Users/bob/Documents/letter.txt "$1"; echo "LETTER of bob" > Users/bob/Documents/letter.txt
		touch -r "$1" Users/bob/Documents/letter.txt; mkdir Projects; echo plan > Projects/plan
		ln Users/ann/large Projects/elsewhere' sh "$WORK/letter"
	before=$(digest "$C")$(digest "$E")
	wipe 3 --json
	same "uncovered" "$(jq -c '[.uncovered[] | [.path, .files, .names]]' "$WORK/out" | sed 's/\\\\/\//g')" '[["/Users/bob",1,0],["/Projects",1,1]]'
	same "after a refusal" "$(digest "$C")$(digest "$E")" "$before"
	mounted "$C" sh -c 'cp -p "$1" Users/bob/Documents/letter.txt; rm -r Projects' sh "$WORK/letter"
	hold 2 wipe --store '\StateStore' "$C"
	hold 2 wipe --store '\StateStore' --store-on "$C" "$C"
	before=$(digest "$E")
	wipe 0
	same "the copies" "$(digest "$E")" "$before"
	consistent "$C"
	watched "$C" same "left" "$(watched "$C" ls "$MNT")" ""
	mounted "$C" sh -c 'mkdir -p Windows Users/Public; echo new > Windows/system'
	hold 0 restore --store '\StateStore' "E=$E" "C=$C"
	consistent "$C"
	watched "$C" described Users/ann > "$WORK/ann"
	cmp "$WORK/ann" <(watched "$E" described "$MNT/$STORE/C\$/Users/ann")
	watched "$C" same "bob's letter" "$(watched "$C" cat "$MNT/Users/bob/Documents/letter.txt")" "letter of bob"
	hold 0 release --store '\StateStore' "E=$E" "C=$C"
}
try "copies: a wipe, and all is restored" refresh

# A store that lacks a file, or whose copy is not the file, covers nothing of it
wipe_by_broken() {
	users C ann
	format "$E" 40M
	capture 0 --digest "E=$E" "C=$C"
	cp --sparse=always "$E" "$WORK/whole.img"
	mounted "$E" rm "$STORE/C\$/Users/ann/Documents/letter.txt"
	wipe 3
	grep -q 'has not all that was captured' "$WORK/err" || fail "not told: $(cat "$WORK/err")"
	cp --sparse=always "$WORK/whole.img" "$E"
	mounted "$E" sh -c 'cp -p "$1" was; printf X | dd of="$1" bs=1 seek=1000 conv=notrunc status=none; touch -r was "$1"; rm was' \
		sh "$STORE/C\$/Users/ann/large"
	wipe 3 --json
	same "uncovered" "$(jq -c '[.uncovered[] | .files]' "$WORK/out")" '[1]'
}
try "copies: a wipe by a store that is not whole" wipe_by_broken

# -------- no room, and what cannot be read --------

no_room() {
	format "$C" 40M
	format "$E" 16M
	large() {
		mkdir -p Users/ann
		head -c 12000000 /dev/urandom > Users/ann/large
		echo small > Users/ann/small
	}
	mounted "$C" large
	mounted "$E" sh -c 'head -c 6000000 /dev/zero > taken'
	capture 3 "E=$E" "C=$C"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
	grep -q 'has too little room' "$WORK/err" || fail "not told: $(cat "$WORK/err")"
	consistent "$E"
	nothing() { [ -z "$(find StateStore -type f)" ] && [ ! -e StateStore/USMT ]; }
	watched "$E" nothing
	mounted "$E" rm taken
	capture 0 "E=$E" "C=$C"
	watched "$E" stored 'C$/Users/ann/'{large,small}
	consistent "$E"
}
try "copies: no room, said before anything is copied; then room" no_room

# A compressed file whose clusters hold something else
unreadable() {
	local cluster
	format "$C" 40M
	format "$E" 40M
	pack() {
		mkdir -p Users/ann
		setfattr -n system.ntfs_attrib_be -v 0x00000810 Users/ann
		yes compressed | head -c 500000 > Users/ann/bad
		stat -c %i Users/ann/bad > "$WORK/record"
		yes readable | head -c 500000 > Users/ann/good
		ln Users/ann/bad Users/ann/twin
	}
	mounted "$C" pack
	cluster=$(istat -f ntfs "$C" "$(cat "$WORK/record")" | sed -n '/^Type: \$DATA/{n;p;}' | cut -d' ' -f1)
	[ "$cluster" -gt 0 ] || fail "not compressed"
	tr '\0' '\377' < /dev/zero | dd of="$C" bs=4096 seek="$cluster" count=1 iflag=fullblock conv=notrunc status=none
	capture 1 "E=$E" "C=$C"
	same "left out" "$(part C '[.left_out[] | .path, .why]')" '["C:\\Users\\ann\\bad","cannot be read in full"]'
	watched "$E" stored 'C$/Users/ann/good'
	consistent "$E"
	hold 0 verify --store '\StateStore' "E=$E"
	capture 1 "E=$E" "C=$C"
	same "unchanged" "$(part C .unchanged)" true
	same "left out, once more" "$(part C '[.left_out[].path]')" '["C:\\Users\\ann\\bad"]'
}
try "copies: what cannot be read is left out and told" unreadable
done_testing
