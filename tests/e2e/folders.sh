#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# folders.sh - drives that are not NTFS, copied into a store from where they are mounted
#
# The drive is a FAT image where the system can mount one, else a plain folder; what FAT cannot hold
# (holes, links, other bytes in names) is tried in a plain folder in any case.
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"

C=$WORK/c.img
STORE=StateStore/USMT/File
USB=$WORK/usb
KIND=folder
mkdir -p "$USB"
if command -v mkfs.vfat > "$WORK/log2" && truncate -s 40M "$WORK/fat.img" && mkfs.vfat "$WORK/fat.img" > "$WORK/log2" 2>&1 &&
	mount -o loop,utf8,iocharset=utf8 "$WORK/fat.img" "$USB" 2> "$WORK/log2"; then
	KIND=FAT
fi

capture() {
	hold "$1" capture --store '\StateStore' --json "${@:2}"
}

user() {
	mkdir -p Users/alice
	echo hello > Users/alice/x.txt
}

new_volume() {
	format "$C" "${1:-60M}"
	mounted "$C" user
}

# facts FOLDER: names, sizes and times, as far as FAT keeps them as well
facts() {
	(cd "$1" && find . -mindepth 1 \( -type d -printf 'd %P\n' -o -type f -printf 'f %P %s %T@\n' \) |
		sed -E 's/(\.[0-9]{7})[0-9]+$/\1/' | sort) # NTFS knows 100 ns
}

# same_tree FOLDER COPY
same_tree() {
	same "names, sizes, times" "$(facts "$2" | diff - <(facts "$1") | head -n 2)" ""
	diff -r "$1" "$2" > "$WORK/diff" || fail "contents: $(head -n 1 "$WORK/diff")"
}

# holds FOLDER NAME...: those files are below it, and no others
holds() {
	same "files in $1" "$(cd "$1" && find . -type f -printf '%P\n' | sort)" "$(printf '%s\n' "${@:2}" | sort)"
}

part() {
	jq -r ".volumes[] | select(.letter == \"$1\") | $2" "$WORK/out"
}

# -------- what is copied --------

fill() {
	mkdir -p "$USB/Photos/2019/summer" "$USB/empty" "$USB/System Volume Information"
	echo one > "$USB/Photos/one.txt"
	: > "$USB/Photos/zero"
	head -c 3000000 /dev/urandom > "$USB/Photos/2019/summer/large.jpg"
	echo ü > "$USB/Fahrräder 山.txt"
	printf 'name of 200 units' > "$USB/$(printf 'ö%.0s' {1..100})"
	touch -d '2001-02-03 04:05:06' "$USB/Photos/one.txt"
	touch -d '1999-01-02 03:04:06' "$USB/Photos/2019"
}

copied() {
	fill
	new_volume
	capture 0 "C=$C" "E=$USB"
	same "files told" "$(part E .files)" 5
	same "folders told" "$(part E .directories)" 5
	same "bytes told" "$(part E .copied_bytes)" "$(part E .bytes)"
	same "files of C" "$(part C .files)" 1
	same "copied of C" "$(part C .copied)" 0
	consistent "$C"
	watched "$C" same_tree "$USB" "$MNT/$STORE/E\$"
	watched "$C" whole_store
}

whole_store() {
	same "time of a folder" "$(stat -c %Y "$STORE/E\$/Photos/2019")" "$(date -d '1999-01-02 03:04:06' +%s)"
	same "content of C" "$(cat "$STORE/C\$/Users/alice/x.txt")" hello
	same "marker" "$(ls StateStore/USMT)" "$(printf '%s\n' File hardlink.main holdfast.cat holdfast.cat2)"
}
try "folders: a drive is copied into the primary part ($KIND)" copied

again() {
	local before
	before=$(digest "$C")
	capture 0 "C=$C" "E=$USB"
	same "unchanged" "$(part E .unchanged) $(part C .unchanged)" "true true"
	same "the volume" "$(digest "$C")" "$before"
}
try "folders: a second run writes nothing" again

verified() {
	"$HOLDFAST" verify --help > "$WORK/log2" 2>&1 || skip "there is no verify"
	hold 0 verify --store '\StateStore' "C=$C"
}
try "folders: verified by the catalogue" verified

digests() {
	new_volume
	capture 0 --digest "C=$C" "E=$USB"
	consistent "$C"
	! "$HOLDFAST" verify --help > "$WORK/log2" 2>&1 || hold 0 verify --store '\StateStore' "C=$C"
}
try "folders: with digests" digests

# The catalogue is what restore goes by: a drive that is gone goes to C
restored() {
	cp --sparse=always "$C" "$WORK/restored.img"
	hold 0,1 restore --store '\StateStore' "C=$WORK/restored.img"
	consistent "$WORK/restored.img"
	watched "$WORK/restored.img" same_restored
}

same_restored() {
	cmp "$USB/Photos/2019/summer/large.jpg" Photos/2019/summer/large.jpg
	same "its time" "$(stat -c %Y Photos/one.txt)" "$(stat -c %Y "$USB/Photos/one.txt")"
}
try "folders: restored" restored

changed() {
	new_volume
	capture 0 "C=$C" "E=$USB"
	echo two > "$USB/Photos/one.txt" # of the same size
	rm "$USB/Photos/zero"
	mkdir "$USB/new"
	echo new > "$USB/new/file"
	capture 0 "C=$C" "E=$USB"
	same "set aside" "$(part C .set_aside)" USMT.generation-1
	consistent "$C"
	watched "$C" both_generations
	echo ten > "$USB/Photos/one.txt" # nothing else; FAT counts in steps of two seconds
	touch -d '2010-11-12 13:14:16' "$USB/Photos/one.txt"
	capture 0 "C=$C" "E=$USB"
	same "set aside" "$(part C .set_aside)" USMT.generation-2
	watched "$C" same_tree "$USB" "$MNT/$STORE/E\$"
}

both_generations() {
	same_tree "$USB" "$STORE/E\$"
	same "older content" "$(cat 'StateStore/USMT.generation-1/File/E$/Photos/one.txt')" one
	[ -e 'StateStore/USMT.generation-1/File/E$/Photos/zero' ]
}
try "folders: a new generation after changes" changed

attributes() {
	[ "$KIND" = FAT ] || skip "no FAT here"
	command -v mattrib > "$WORK/log2" || skip "no mattrib"
	umount "$USB"
	mattrib -i "$WORK/fat.img" +h +s +r ::/Photos/one.txt
	mount -o loop,utf8,iocharset=utf8 "$WORK/fat.img" "$USB"
	new_volume
	capture 0 "C=$C" "E=$USB"
	watched "$C" hidden_and_more
}

hidden_and_more() {
	same "attributes" "$(getfattr -h -e hex -n system.ntfs_attrib_be "$STORE/E\$/Photos/one.txt" | sed -n 's/.*=0x//p')" 00000027
}
try "folders: attributes of FAT" attributes

# -------- what FAT does not have --------

PLAIN=$WORK/plain

odd() {
	mkdir -p "$PLAIN/mounted" "$PLAIN/dir"
	truncate -s 50M "$PLAIN/sparse"
	printf data | dd of="$PLAIN/sparse" bs=1 seek=30000000 conv=notrunc status=none
	echo A > "$PLAIN/Name"
	echo a > "$PLAIN/name"
	echo x > "$PLAIN/"'back\slash:?' # which ntfs-3g does not show
	echo x > "$PLAIN/trailing."
	touch -d '1965-01-01 00:00:00' "$PLAIN/before-1970"
	touch -d '2001-02-03 04:05:06.123456700' "$PLAIN/dir/fine"
	new_volume
	capture 0 "C=$C" "E=$PLAIN"
	same "files" "$(part E .files)" "$(find "$PLAIN" -type f | wc -l)"
	consistent "$C"
	watched "$C" same_odd
	rm "$PLAIN/"'back\slash:?'
}

same_odd() {
	cd "$STORE/E\$"
	cmp sparse "$PLAIN/sparse"
	[ $(($(stat -c %b sparse) * 512)) -lt 1000000 ] || fail "the hole is filled: $(stat -c %b sparse) blocks"
	same "Name" "$(cat Name)" A
	same "name" "$(cat name)" a
	same "before 1970" "$(stat -c %.7Y before-1970)" "$(stat -c %.7Y "$PLAIN/before-1970")"
	same "100 ns" "$(stat -c %.7Y dir/fine)" "$(stat -c %.7Y "$PLAIN/dir/fine")"
	cd /
}
try "folders: holes, twins in case, odd names, odd times" odd

left_out() {
	ln -s Name "$PLAIN/link"
	ln -s / "$PLAIN/dir/root"
	mkfifo "$PLAIN/fifo"
	echo x > "$PLAIN/"$'bad\xff'
	cp "$C" "$WORK/e.img"
	ln "$WORK/e.img" "$PLAIN/image" 2> "$WORK/log2" || fail "no hard links here"
	hold 1 capture --store '\StateStore' --json "C=$WORK/e.img" "E=$PLAIN"
	same "left out" "$(part E '.left_out[] | .why' | sort)" "$(printf '%s\n' 'has a name that is no UTF-8' 'is a symbolic link' \
		'is a symbolic link' 'is neither a file nor a folder' 'is the disk that the store is made on' | sort)"
	grep -qF 'E:\\dir\\root' "$WORK/out" || fail "the path is not told"
	rm "$PLAIN/image"
	hold 1 capture --store '\StateStore' "C=$WORK/e.img" "E=$PLAIN"
	grep -qF 'LEFT OUT: E:\dir\root (is a symbolic link)' "$WORK/out" || fail "not told: $(cat "$WORK/out")"
	consistent "$WORK/e.img"
	rm "$PLAIN/link" "$PLAIN/dir/root" "$PLAIN/fifo" "$PLAIN/"$'bad\xff'
}
try "folders: what cannot be taken is told" left_out

other_file_system() {
	mount -t tmpfs none "$PLAIN/mounted" 2> "$WORK/log2" || skip "cannot mount here"
	echo hidden > "$PLAIN/mounted/x"
	new_volume
	capture 1 "C=$C" "E=$PLAIN"
	umount "$PLAIN/mounted"
	same "left out" "$(part E '.left_out[] | .path')" 'E:\mounted'
	watched "$C" test ! -e "$MNT/$STORE/E\$/mounted"
}
try "folders: a file system that is mounted below is told, not entered" other_file_system

# A drive whose data is cut off below the driver: what was there reads as an error
unreadable() {
	local drive=$WORK/drive.img at=$WORK/drive
	mkdir -p "$at"
	format "$drive" 40M
	ntfs-3g "$drive" "$at" > "$WORK/log2" 2>&1 || skip "ntfs-3g cannot mount here"
	echo good > "$at/good"
	head -c 38000000 /dev/zero | tr '\0' x > "$at/bad"
	umount "$at"
	flock "$drive" true
	ntfs-3g -o ro "$drive" "$at" > "$WORK/log2" 2>&1
	truncate -s 30M "$drive"
	! cmp -s "$at/bad" /dev/null || fail "it can be read"
	new_volume 120M
	capture 1 "C=$C" "E=$at"
	umount "$at"
	same "left out" "$(part E '.left_out[] | .path + " " + .why')" 'E:\bad cannot be read'
	[ "$(part E '.left_out[0].error')" != null ] || fail "no reason is told"
	same "files" "$(part E .files)" 1
	consistent "$C"
	watched "$C" holds "$STORE/E\$" good
}
try "folders: what cannot be read is left out and told" unreadable

# -------- which folders --------

trees() {
	new_volume
	capture 0 --tree 'E:\PHOTOS/2019\' "C=$C" "E=$USB"
	watched "$C" holds "$STORE/E\$" Photos/2019/summer/large.jpg
	new_volume
	capture 0 --tree '\Users' --tree 'E:\new' --tree 'E:\Photos\2019' "C=$C" "E=$USB"
	watched "$C" holds "$STORE/E\$" Photos/2019/summer/large.jpg new/file
	new_volume
	capture 0 --tree 'C:\Users' "C=$C" "E=$USB"
	watched "$C" same_tree "$USB" "$MNT/$STORE/E\$"
	new_volume
	capture 3 --tree '\Users' --tree 'E:\Fotos' "C=$C" "E=$USB"
	grep -q 'E:.Fotos: is on none of the volumes named' "$WORK/err" || fail "not told: $(cat "$WORK/err")"
	capture 2 --tree 'E:\Photos\one.txt' "C=$C" "E=$USB"
	grep -q 'is a file' "$WORK/err" || fail "not told: $(cat "$WORK/err")"
}
try "folders: trees" trees

several() {
	format "$WORK/d.img" 40M
	mounted "$WORK/d.img" user
	new_volume
	capture 0 "C=$C" "F=$PLAIN" "D=$WORK/d.img" "E=$USB"
	same "parts" "$(jq -r '[.volumes[].letter] | join("")' "$WORK/out")" CDFE
	same "files of D" "$(part D .files)" 1
	same "files of F" "$(part F .files)" "$(find "$PLAIN" -type f | wc -l)"
	consistent "$C"
	consistent "$WORK/d.img"
	watched "$C" same_tree "$USB" "$MNT/$STORE/E\$"
	watched "$C" same_tree "$PLAIN" "$MNT/$STORE/F\$"
	watched "$WORK/d.img" holds "$STORE" 'D$/Users/alice/x.txt'
}
try "folders: several, beside several volumes" several

only_folder() {
	format "$C" 60M
	capture 0 "C=$C" "E=$USB"
	watched "$C" same_tree "$USB" "$MNT/$STORE/E\$"
	mkdir -p "$WORK/nothing"
	format "$C" 60M
	capture 3 "C=$C" "E=$WORK/nothing"
	grep -q 'none of the folders' "$WORK/err" || fail "not told: $(cat "$WORK/err")"
}
try "folders: nothing but a folder" only_folder

# -------- guards --------

# refused STATUS TEXT COMMAND...: one line that says so, and the volume stays as it was
refused() {
	local before
	before=$(digest "$C")
	hold "$1" "${@:3}"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
	grep -qF -- "$2" "$WORK/err" || fail "not told: $(cat "$WORK/err")"
	same "the volume" "$(digest "$C")" "$before"
}

guards() {
	new_volume
	refused 2 'the first volume must be an NTFS one' capture --store '\S' "$USB"
	refused 2 'the first volume must be an NTFS one' capture --store '\S' "E=$USB" "C=$C"
	refused 2 'drive letter' capture --store '\S' "C=$C" "$USB"
	refused 2 'letter of another volume, C' capture --store '\S' "C=$C" "C=$USB"
	refused 2 'letter of another volume, E' capture --store '\S' "C=$C" "E=$USB" "E=$PLAIN"
	refused 2 'is a folder' wipe --keep '\S' "$USB"
	refused 2 'is a folder' restore --store '\S' "C=$C" "E=$USB"
	head -c 10000000 /dev/zero > "$WORK/other.img"
	refused 3 'mount it and name the folder, as in E=' capture --store '\S' "C=$C" "E=$WORK/other.img"
	! grep -q 'name the folder' <<< "$("$HOLDFAST" capture --store '\S' "C=$WORK/other.img" 2>&1)" ||
		fail "the primary cannot be a folder"
}
try "folders: guards" guards

on_the_volume() {
	new_volume
	watched "$C" refused 3 'which is to be written; unmount it' capture --store '\S' "C=$C" "E=$MNT/Users"
}
try "folders: one that lies on the volume itself" on_the_volume

# -------- cut off --------

# In tiny files, whose records are what takes the room
no_room() {
	local many=$WORK/many i
	mkdir -p "$many"
	for i in {1..12000}; do echo "content of file $i" > "$many/$i"; done
	format "$C" 24M
	mounted "$C" room_taken
	capture 3 "C=$C" "E=$many"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
	grep -q 'full' "$WORK/err" || fail "not told: $(cat "$WORK/err")"
	consistent "$C"
	watched "$C" test ! -e "$MNT/StateStore/USMT"
	watched "$C" some_there
	hold 0 replay "$C" # Windows or a driver may write to it now
	mounted "$C" rm taken
	rm "$many/1" # it has been copied meanwhile
	echo "CONTENT of file 10" > "$many/10" # this one too
	capture 0 "C=$C" "E=$many"
	same "files" "$(part E .files)" 11999
	consistent "$C"
	watched "$C" same_tree "$many" "$MNT/$STORE/E\$"
	watched "$C" published
}

published() {
	same "in the store path" "$(ls StateStore)" USMT
}

room_taken() {
	user
	head -c 12000000 /dev/urandom > taken
}

some_there() {
	local there
	there=$(find StateStore -path '*/File/E$/*' | wc -l)
	[ "$there" -gt 0 ] && [ "$there" -lt 12000 ] || fail "$there files are there"
}
try "folders: a full disk; goes on when there is room" no_room

too_large() {
	truncate -s 60M "$WORK/many/large"
	head -c 50000000 /dev/urandom | dd of="$WORK/many/large" bs=1M conv=notrunc status=none
	new_volume 40M
	capture 3 "C=$C" "E=$WORK/many"
	grep -q 'has no room for the copy of E:' "$WORK/err" || fail "not told: $(cat "$WORK/err")"
	consistent "$C"
	watched "$C" test ! -e "$MNT/StateStore/USMT"
	rm "$WORK/many/large"
}
try "folders: no room, said at once" too_large

killed() {
	local delay status pid
	new_volume 80M
	for delay in 0.03 0.06 0.1 0.15 0.2 0.3 0.4; do
		status=0
		"$HOLDFAST" capture --store '\StateStore' "C=$C" "E=$WORK/many" > "$WORK/log2" 2>&1 &
		pid=$!
		sleep "$delay"
		kill -KILL "$pid" 2> "$WORK/log3" || true
		wait "$pid" 2> "$WORK/log3" || status=$?
		hold 0 replay "$C"
		consistent "$C"
		[ "$status" -ne 0 ] || break
	done
	capture 0 "C=$C" "E=$WORK/many"
	consistent "$C"
	watched "$C" same_tree "$WORK/many" "$MNT/$STORE/E\$"
	watched "$C" published
}
try "folders: killed again and again" killed
done_testing
