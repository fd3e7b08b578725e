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

# Everything that NTFS knows of files and folders, below the current folder
populate() {
	local i deep
	mkdir -p Users/alice/Documents Users/bjørn Users/山田/Desktop "Documents and Settings/old" Windows/System32 Data/projects
	echo system > Windows/System32/kernel.dll
	echo data > Data/projects/plan.txt
	echo old > "Documents and Settings/old/letter.txt"
	cd Users/alice
	head -c 300 /dev/urandom > small.bin
	head -c 3000000 /dev/urandom > large.bin
	: > empty
	# names
	touch con nul.txt 'trailing.' 'space ' 'a?b' 'x*y' $'line\nbreak' $'half\xed\xa0\x80.txt' "$(printf 'ü%.0s' {1..255})"
	ln large.bin Documents/second-name.bin
	ln large.bin ../bjørn/third-name.bin
	ln ../../Windows/System32/kernel.dll Documents/not-only-mine.dll
	echo x > LongFileName.text
	setfattr -n system.ntfs_dos_name -v LONGFI~1.TEX LongFileName.text
	mkdir "Program Data"
	echo in > "Program Data/in"
	setfattr -n system.ntfs_dos_name -v PROGRA~1 "Program Data"
	# streams, EAs, object ids, security, attributes, times
	echo content > ads.txt
	echo stream > ads.txt:Zone.Identifier
	head -c 100000 /dev/urandom > ads.txt:big
	mkdir dressed
	echo of-a-folder > dressed:stream
	head -c 200000 /dev/urandom > dressed:big
	for i in ads.txt dressed; do
		setfattr -n system.ntfs_ea -v "0x$(hex 16 4)0003$(hex 4 2)41424300$(hex 12345 4)" $i
	done
	setfattr -n system.ntfs_object_id -v 0x00112233445566778899aabbccddeeff ads.txt
	secure ads.txt 1001
	secure dressed 1002
	secure . 1003
	touch -d '2001-02-03 04:05:06.1234567' ads.txt
	# hidden, system, not indexed; read-only
	setfattr -n system.ntfs_attrib_be -v 0x00002006 dressed
	setfattr -n system.ntfs_attrib_be -v 0x00000007 small.bin
	# sparse, compressed, encrypted
	truncate -s 5000000 sparse
	echo end >> sparse
	mkdir packed
	[ "$(stat -f -c %S .)" -gt 4096 ] || setfattr -n system.ntfs_attrib_be -v 0x00000810 packed
	yes compressed | head -c 500000 > packed/text
	head -c 70000 /dev/urandom > packed/noise
	{
		head -c 69632 /dev/urandom
		printf '\144\0'
	} > secret
	setfattr -n system.ntfs_efsinfo -v "0x$(hex 100 4)$(printf '%0192d' 0)" secret
	# reparse points: into themselves, up, away, and one that nobody knows
	mkdir "Application Data" up away
	touch cloud
	setfattr -h -n system.ntfs_reparse_data -v "0x1a000090$(hex 8 2)00000102030405060708" cloud
	junction "Application Data" 'C:\Users\alice'
	junction up 'C:\Users'
	junction away 'D:\elsewhere'
	# depth and number
	cd ../山田
	for i in {1..30}; do
		deep=$(printf '%02d-%057d' "$i" 0)
		mkdir "$deep"
		cd "$deep"
		echo "$i" > level
	done
	cd "$MNT/Users"
	mkdir many 'empty folder'
	for ((i = 0; i < 3000; i++)); do
		echo $i > "many/file number $i"
	done
	touch -d '1999-12-31 23:59:59.9999999' many 'empty folder' bjørn
}

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
done_testing
