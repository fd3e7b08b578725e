#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# capture.sh - users' files into a store of hard links, judged through ntfs-3g and sleuthkit
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"

STORE=StateStore/USMT/File
command -v setfattr > "$WORK/log2" || {
	echo "skipped capture: no setfattr"
	exit 0
}

# -------- what is captured --------

# names_of IMAGE FOLDER: what sleuthkit sees below: type, record (of files), path; streams aside
names_of() {
	fls -f ntfs -r -u -p "$1" | grep -av $'^[^\t]*\t.*:' | sed -nE 's|^(d)/d [0-9]+-[0-9-]+:\t|\1 |p; s|^[-r]/r ([0-9]+)-[0-9-]+:\t|r \1 |p' |
		sed -nE "s,^(d|r [0-9]+) ${2//\$/\\\$}(Users|Documents and Settings)(/|\$),\1 \2\3,p" | sort
}

# The users' names have twins in the store: of files the same record, of folders another one
judge_names() {
	names_of "$1" '' > "$WORK/originals"
	names_of "$1" "$STORE/C\$/" > "$WORK/captured"
	[ "$(grep -c '^r' "$WORK/captured")" -gt 3000 ] || fail "only $(wc -l < "$WORK/captured") names"
	[ "$(grep -c '^d' "$WORK/captured")" -gt 40 ] || fail "only $(grep -c '^d' "$WORK/captured") folders"
	cmp "$WORK/originals" "$WORK/captured" || fail "other names: $(diff "$WORK/originals" "$WORK/captured" | head -n 2 | tr '\n' ' ')"
}

contents() {
	find . -path ./StateStore -prune -o -type f -print0 | sort -z | xargs -0 sha256sum -z
}

before() {
	wears . > "$WORK/wears"
	contents > "$WORK/contents"
	find . -type f -printf '%i %n\n' | sort -u > "$WORK/links"
	find Users "Documents and Settings" -type f -printf '%i\n' > "$WORK/more"
}

after() {
	local path
	# nothing but the store came, and links
	wears . > "$WORK/wears2"
	grep -avE $'^StateStore(/|\t)|^\\.?\t' "$WORK/wears2" > "$WORK/kept"
	grep -avE $'^\\.?\t' "$WORK/wears" > "$WORK/was"
	cmp "$WORK/was" "$WORK/kept" || fail "changed: $(diff "$WORK/was" "$WORK/kept" | head -n 3 | cut -c-80 | tr '\n' ' ')"
	contents > "$WORK/contents2"
	cmp "$WORK/contents" "$WORK/contents2" || fail "contents have changed"
	awk 'FILENAME ~ /more$/ { more[$1]++; next } { print $1, $2 + more[$1] }' "$WORK/more" "$WORK/links" | sort > "$WORK/wanted"
	find . -path ./StateStore -prune -o -type f -printf '%i %n\n' | sort -u > "$WORK/links2"
	cmp "$WORK/wanted" "$WORK/links2" || fail "links: $(diff "$WORK/wanted" "$WORK/links2" | head -n 2 | tr '\n' ' ')"
	# folders wear what the originals do, and so do the files, for they are the same
	for path in Users "Documents and Settings"; do
		cmp <(cd "$path" && wears . | sed -E 's/^([^\t]*\td) [0-9]+ [0-9]+$/\1/; s/^([^\t]*\tl) [0-9]+ /\1 /') \
			<(cd "$STORE/C\$/$path" && wears . | sed -E 's/^([^\t]*\td) [0-9]+ [0-9]+$/\1/; s/^([^\t]*\tl) [0-9]+ /\1 /') ||
			fail "the copies of the folders differ: $(diff <(cd "$path" && wears .) <(cd "$STORE/C\$/$path" && wears .) |
				grep -vP '\td ' | head -n 3 | cut -c-100 | tr '\n' ' ')"
	done
	for path in stream big; do
		cmp "Users/alice/dressed:$path" "$STORE/C\$/Users/alice/dressed:$path"
	done
	[ -e StateStore/USMT/hardlink.main ]
	same "what lies in the store" "$(ls -A StateStore StateStore/USMT StateStore/USMT/File | tr '\n' ' ')" \
		'StateStore: USMT  StateStore/USMT: File hardlink.main holdfast.cat holdfast.cat2  StateStore/USMT/File: C$ '
}

everything() {
	local image=$WORK/all.img
	format "$image" 120M "$@"
	mounted "$image" populate
	watched "$image" before
	hold 0 capture --json --store '\StateStore' "$image"
	consistent "$image"
	watched "$image" after
	judge_names "$image"
	cp --sparse=always "$image" "$WORK/again.img"
	hold 0 capture --store /StateStore/ "$image"
	grep -q 'nothing was written' "$WORK/out" || fail "not told: $(head -n 2 "$WORK/out")"
	cmp "$image" "$WORK/again.img" || fail "a capture of nothing new has written"
}
try "capture: all that NTFS knows, clusters of 4096" everything
try "capture: all that NTFS knows, clusters of 512" everything -c 512
try "capture: all that NTFS knows, clusters of 65536" everything -c 65536
try "capture: all that NTFS knows, sectors of 4096" everything -s 4096 -c 4096

# As Windows has it since Vista: a junction that leads to the other tree
junction_as_tree() {
	local image=$WORK/junction.img
	format "$image" 30M
	link() {
		mkdir -p Users/alice "Documents and Settings"
		echo one > Users/alice/one.txt
		junction "Documents and Settings" 'C:\Users'
	}
	mounted "$image" link
	hold 0 capture --json --store '\StateStore' "$image"
	same "counts" "$(jq -c '.volumes[0] | [.files, .names, .directories]' "$WORK/out")" "[1,1,3]"
	kept() {
		linked Users/alice C
		cmp <(getfattr -h -e hex -n system.ntfs_reparse_data "Documents and Settings") \
			<(cd "$STORE/C\$" && getfattr -h -e hex -n system.ntfs_reparse_data "Documents and Settings")
	}
	watched "$image" kept
	consistent "$image"
}

# -------- several volumes, trees, digests --------

# users FOLDER...: a few files in each
users() {
	local folder
	for folder; do
		mkdir -p "$folder/sub"
		echo "one of $folder" > "$folder/one.txt"
		head -c 100000 /dev/urandom > "$folder/sub/two.bin"
	done
}

# linked FOLDER LETTER: each file below FOLDER is the same as in the store, and nothing is missing
linked() {
	cmp <(cd "$1" && find . -type f -printf '%i %P\n' | sort) <(cd "$STORE/$2\$/$1" && find . -type f -printf '%i %P\n' | sort)
	[ -e "$STORE/$2\$/$1/one.txt" ]
}

several_volumes() {
	format "$WORK/c.img" 30M
	format "$WORK/d.img" 30M -c 1024
	format "$WORK/e.img" 30M
	mounted "$WORK/c.img" users Users/alice Data Windows
	mounted "$WORK/d.img" users Users/bob Data Other
	mounted "$WORK/e.img" users Elsewhere
	local e
	e=$(digest "$WORK/e.img")
	hold 0 capture --json --digest --store '\StateStore' --tree '\Users' --tree 'D:\Data' --tree 'c:/Data/sub' "$WORK/c.img" "d=$WORK/d.img" "E=$WORK/e.img"
	same "counts" "$(jq -c '[.volumes[] | .letter, .files, .names, .directories, .copied]' "$WORK/out")" '["C",3,3,5,0,"D",4,4,5,0,"E",0,0,0,0]'
	same "not captured" "$(jq -c '[.volumes[].not_captured[].path] | sort' "$WORK/out")" '["\\Data","\\Elsewhere","\\Other"]'
	same "a volume without the trees" "$(digest "$WORK/e.img")" "$e"
	consistent "$WORK/c.img"
	consistent "$WORK/d.img"
	primary() {
		linked Users/alice C
		linked Users C || [ ! -e Users/one.txt ]
		[ -e StateStore/USMT/hardlink.main ]
		[ ! -e "$STORE/C\$/Data/one.txt" ]
		[ "$STORE/C\$/Data/sub/two.bin" -ef Data/sub/two.bin ]
		[ ! -e "$STORE/C\$/Windows" ]
		# the digest stands in both copies of the catalogue
		local sum
		sum=$(sha256sum < Users/alice/sub/two.bin | cut -c-64)
		for copy in holdfast.cat holdfast.cat2; do
			od -An -v -tx1 "StateStore/USMT/$copy" | tr -d ' \n' | grep -q "$sum" || fail "no digest in $copy"
		done
	}
	secondary() {
		linked Users/bob D
		linked Data D
		[ ! -e StateStore/USMT/hardlink.main ]
		[ ! -e "$STORE/D\$/Other" ]
		[ -s StateStore/USMT/holdfast.cat ]
	}
	watched "$WORK/c.img" primary
	watched "$WORK/d.img" secondary
}
try "capture: a junction as a tree is kept, not followed" junction_as_tree
try "capture: several volumes, trees of one of them, digests" several_volumes

# -------- one capture after another --------

generations() {
	local image=$WORK/generations.img
	format "$image" 40M
	mounted "$image" users Users/alice Users/bob
	hold 0 capture --store '\StateStore' "$image"
	change() {
		(cd StateStore/USMT && find . -printf '%y %i %s %P\n' | sort) > "$WORK/first"
		rm Users/alice/one.txt
		mv Users/bob Users/robert
		echo new > Users/robert/new.txt
	}
	mounted "$image" change
	hold 0 capture --json --store '\StateStore' "$image"
	same "set aside" "$(jq -r '.volumes[0].set_aside' "$WORK/out")" USMT.generation-1
	second() {
		cmp "$WORK/first" <(cd StateStore/USMT.generation-1 && find . -printf '%y %i %s %P\n' | sort)
		same "files of the new one" "$(cd "$STORE/C\$" && find . -type f -printf '%P\n' | sort | tr '\n' ' ')" \
			"Users/alice/sub/two.bin Users/robert/new.txt Users/robert/one.txt Users/robert/sub/two.bin "
		[ -e StateStore/USMT/hardlink.main ]
		[ -e StateStore/USMT.generation-1/hardlink.main ]
		echo newer > Users/robert/newer.txt
	}
	mounted "$image" second
	hold 0 capture --json --store '\StateStore' "$image"
	same "set aside" "$(jq -r '.volumes[0].set_aside' "$WORK/out")" USMT.generation-2
	third() {
		cmp "$WORK/first" <(cd StateStore/USMT.generation-1 && find . -printf '%y %i %s %P\n' | sort)
		same "generations" "$(ls StateStore | tr '\n' ' ')" "USMT USMT.generation-1 USMT.generation-2 "
		same "links" "$(stat -c %h Users/robert/one.txt)" 4
	}
	watched "$image" third
	consistent "$image"
}
try "capture: an older store is set aside, whole" generations

# What verify would complain of is captured anew: a file that grew, or moved with its times kept; digests
stale_catalogue() {
	local image=$WORK/stale.img
	format "$image" 40M
	mounted "$image" users Users/alice
	hold 0 capture --store '\StateStore' "$image"
	hold 0 capture --json --digest --store '\StateStore' "$image"
	same "set aside for digests" "$(jq -r '.volumes[0].set_aside' "$WORK/out")" USMT.generation-1
	grow() { head -c 500000 /dev/urandom >> Users/alice/sub/two.bin; }
	mounted "$image" grow
	hold 0 capture --json --store '\StateStore' "$image"
	same "set aside for a file that grew" "$(jq -r '.volumes[0].set_aside' "$WORK/out")" USMT.generation-2
	move() {
		cp -p Users/alice/sub/two.bin other
		truncate -s 0 Users/alice/sub/two.bin
		head -c 100000 /dev/urandom > between
		cat other > Users/alice/sub/two.bin
		touch -r other Users/alice/sub/two.bin
	}
	mounted "$image" move
	hold 0 capture --json --store '\StateStore' "$image"
	same "set aside for a file that moved" "$(jq -r '.volumes[0].set_aside' "$WORK/out")" USMT.generation-3
	hold 0 verify --store '\StateStore' "$image"
	hold 0 capture --store '\StateStore' "$image"
	grep -q 'nothing was written' "$WORK/out" || fail "captured once more"
}
try "capture: a store whose catalogue is out of date makes way" stale_catalogue

# -------- what cannot be linked, and odd places --------

# beyond the depth that sleuthkit shows
deep() {
	local image=$WORK/deep.img path
	path=Users/$(printf 'd/%.0s' {1..300})
	format "$image" 30M
	dig() {
		mkdir -p "$path"
		echo deep > "$path/file"
	}
	mounted "$image" dig
	hold 0 capture --store "$(printf '\\s%.0s' {1..100})" "$image"
	at_the_bottom() { [ "$(printf 's/%.0s' {1..100})USMT/File/C\$/$path/file" -ef "$path/file" ]; }
	watched "$image" at_the_bottom
	consistent "$image"
}
try "capture: folders 300 deep, a store 100 deep" deep

many_names() {
	local image=$WORK/names.img
	format "$image" 40M
	links() {
		local i
		mkdir -p Users/alice/names Users/alice/few
		head -c 100000 /dev/urandom > Users/alice/many
		for ((i = 1; i < 900; i++)); do
			ln Users/alice/many "Users/alice/names/name $i"
		done
		echo few > Users/alice/few/0
		mkdir Public
		for ((i = 1; i < 600; i++)); do
			ln Users/alice/few/0 "Public/$i"
		done
		ln Users/alice/few/0 Users/alice/few/1
	}
	mounted "$image" links
	hold 0 capture --json --store '\StateStore' "$image"
	same "counts" "$(jq -c '.volumes[0] | [.files, .names, .copied, .copied_bytes]' "$WORK/out")" "[2,902,1,100000]"
	one_copy() {
		cd "$STORE/C\$/Users/alice"
		same "records" "$(find many names -type f -printf '%i\n' | sort -u | wc -l)" 1
		same "names" "$(find many names -type f | wc -l)" 900
		same "links" "$(stat -c %h many)" 900
		cmp many "$MNT/Users/alice/many"
		[ ! many -ef "$MNT/Users/alice/many" ]
		same "links of the original" "$(stat -c %h "$MNT/Users/alice/many")" 900
		[ few/1 -ef "$MNT/Public/1" ]
		same "links" "$(stat -c %h few/1)" 603
		cmp <(getfattr -e hex -n system.ntfs_times_be many) <(cd "$MNT/Users/alice" && getfattr -e hex -n system.ntfs_times_be many)
	}
	watched "$image" one_copy
	consistent "$image"
	hold 0 capture --store '\StateStore' "$image"
	grep -q 'nothing was written' "$WORK/out" || fail "the copy is not known again"
}
try "capture: a file with 900 names is copied once" many_names

inside_a_tree() {
	local image=$WORK/inside.img
	format "$image" 40M
	mounted "$image" users Users/alice
	hold 0 capture --store '\Users\Store\Of mine' "$image"
	mounted "$image" mkdir Users/new
	mounted "$image" touch Users/new/file
	hold 0 capture --store '\users\store\of mine' "$image"
	itself_left_out() {
		same "stores" "$(ls "Users/Store/Of mine" | tr '\n' ' ')" "USMT USMT.generation-1 "
		same "files" "$(cd "Users/Store/Of mine/USMT/File/C\$" && find . -type f -printf '%P\n' | sort | tr '\n' ' ')" \
			"Users/alice/one.txt Users/alice/sub/two.bin Users/new/file "
	}
	watched "$image" itself_left_out
	consistent "$image"
}
try "capture: a store inside a captured tree does not capture itself" inside_a_tree

in_partition() {
	local part=$WORK/part.img disk=$WORK/disk.img
	format "$part" 30M -p 2048
	mounted "$part" users Users/alice
	truncate -s 33M "$disk"
	sgdisk -n 1:2048:+30M -t 1:0700 "$disk" > "$WORK/log2"
	dd if="$part" of="$disk" bs=1M seek=1 conv=notrunc status=none
	hold 0 capture --store '\StateStore' "$disk@1"
	consistent_part() { hold 0 check "$disk@1"; }
	consistent_part
	cmp -n 1048576 "$disk" <(sgdisk -v "$disk" > "$WORK/log2"; cat "$disk")
	dd if="$disk" of="$part" bs=1M skip=1 count=30 conv=notrunc status=none
	watched "$part" linked Users/alice C
	consistent "$part"
}
try "capture: a partition of a disk" in_partition

block_device() {
	local image=$WORK/loop.img device
	format "$image" 30M
	mounted "$image" users Users/alice
	device=$(losetup -f --show "$image" 2> "$WORK/log2") || skip "no loop devices here"
	trap "losetup -d $device" EXIT
	hold 0 capture --store '\StateStore' "$device"
	hold 0 check "$device"
	losetup -d "$device"
	trap - EXIT
	watched "$image" linked Users/alice C
	consistent "$image"
}
try "capture: a block device" block_device

# -------- no room --------

no_room() {
	local image=$WORK/full.img
	format "$image" 12M -c 512
	fill_up() {
		local i
		mkdir -p Users/alice/{1..40}
		for ((i = 0; i < 2000; i++)); do
			echo "$i" > "Users/alice/$((i % 40 + 1))/a file with a long name $i"
		done
		# what is left but for some 100 KiB
		dd if=/dev/zero of=filler bs=1k count=$(($(stat -f -c '%a * %S / 1024' .) - 100)) status=none
		contents > "$WORK/contents"
	}
	mounted "$image" fill_up
	hold 3 capture --store '\StateStore' "$image"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
	grep -qiE 'space|full|room' "$WORK/err" || fail "not said: $(cat "$WORK/err")"
	consistent "$image"
	no_store() {
		[ ! -e StateStore/USMT ]
		contents > "$WORK/contents2"
		cmp "$WORK/contents" "$WORK/contents2"
	}
	watched "$image" no_store
	mounted "$image" rm filler
	hold 0 capture --json --store '\StateStore' "$image"
	same "counts" "$(jq -c '.volumes[0] | [.files, .names, .copied, .limited]' "$WORK/out")" "[2000,2000,0,0]"
	consistent "$image"
	now_whole() {
		same "left over" "$(ls StateStore)" USMT
		cmp <(cd Users && find . -type f -printf '%i %P\n' | sort) <(cd "$STORE/C\$/Users" && find . -type f -printf '%i %P\n' | sort)
	}
	watched "$image" now_whole
}
try "capture: no room, then room" no_room
# -------- what a capture that was cut off has left --------

unfinished=USMT.new-0123456789abcdef0123456789abcdef

few() {
	mkdir -p Users/ann/Documents Users/bob
	for i in 1 2 3; do echo "letter $i" > "Users/ann/Documents/$i.txt"; done
	echo bob > Users/bob/b.txt
}

# as if the store had not been published, and then CHANGE
cut_off() {
	mv Store/USMT "Store/$unfinished"
	rm "Store/$unfinished"/h*
	"$@"
}
moved() { mv Users/ann Users/anna; }
replaced() {
	echo "letter 1, again" > new
	rm Users/ann/Documents/1.txt
	mv new Users/ann/Documents/1.txt
}

# leftover CHANGE: the names in PATH, and those of the store, after another capture
leftover() {
	format "$WORK/left.img" 32M
	mounted "$WORK/left.img" few
	hold 0 capture --store '\Store' "$WORK/left.img"
	mounted "$WORK/left.img" cut_off "$1"
	hold 0 capture --store '\Store' "$WORK/left.img"
	consistent "$WORK/left.img"
	hold 0 verify --store '\Store' "$WORK/left.img"
	watched "$WORK/left.img" sh -c 'ls Store; cd "Store/USMT/File/C\$" && find . -type f | sort' > "$WORK/names"
	same "what is there" "$(tr '\n' ' ' < "$WORK/names")" "$2 "
}
still='./Users/ann/Documents/1.txt ./Users/ann/Documents/2.txt ./Users/ann/Documents/3.txt ./Users/bob/b.txt'
try "capture: cut off, and gone on with" leftover true "USMT $still"
try "capture: cut off, then files were moved" leftover moved "USMT ${still//ann/anna}"
older_is_kept() {
	leftover replaced "USMT USMT.generation-1 $still"
	watched "$WORK/left.img" cat 'Store/USMT.generation-1/File/C$/Users/ann/Documents/1.txt' > "$WORK/old"
	same "the older letter" "$(cat "$WORK/old")" "letter 1"
}
try "capture: cut off, then a file was replaced" older_is_kept
done_testing
