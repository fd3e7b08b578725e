#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# wipe.sh - everything off a volume but what is kept, judged through ntfs-3g and sleuthkit
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"

command -v setfattr > "$WORK/log2" || {
	echo "skipped wipe: no setfattr"
	exit 0
}
IMAGE=$WORK/wipe.img
COPY=$WORK/copy.img

# Users, a system, and all that makes removing hard
populate() {
	local i
	mkdir -p Users/alice/Documents Users/bob Windows/System32 Windows/WinSxS "Program Files/x" \
		"System Volume Information/deep" _SMSTaskSequence/Logs Data/2026
	for i in {1..40}; do
		echo "document $i" > "Users/alice/Documents/$i.txt"
	done
	head -c 2000000 /dev/urandom > Users/bob/film
	echo mine > Users/bob/con
	echo mine > 'Users/bob/trailing. '
	echo in > "System Volume Information/deep/point"
	echo line > _SMSTaskSequence/Logs/smsts.log
	head -c 100 /dev/zero > _SMSTaskSequence/variables
	head -c 500000 /dev/urandom > Data/2026/plan
	echo x > Data/note
	head -c 300000 /dev/zero > pagefile.sys
	echo license > license.txt
	# names in several folders that go, of which one file is kept
	ln Users/bob/film Windows/film
	ln Users/bob/film "Program Files/x/film again"
	ln Data/note Windows/System32/note
	ln _SMSTaskSequence/Logs/smsts.log smsts.log
	ln _SMSTaskSequence/Logs/smsts.log Windows/smsts.log
	# a folder of many, one of folders, a deep one
	(cd Windows/WinSxS && seq -f 'component_%.0f_with_a_long_name.manifest' 20000 | xargs touch)
	(cd "Program Files/x" && seq -f 'folder %.0f' 300 | tr '\n' '\0' | xargs -0 mkdir)
	(cd Windows && for i in {1..60}; do
		mkdir d
		cd d
		echo "$i" > f
	done)
	# odd names, streams, attributes, ids, reparse points that lead to what is kept
	cd Windows/System32
	touch con nul.txt 'trailing.' 'a?b' $'line\nbreak' $'half\xed\xa0\x80.txt' Twin tWIN
	echo x > LongFileName.text
	setfattr -n system.ntfs_dos_name -v LONGFI~1.TEX LongFileName.text
	for i in {1..80}; do
		head -c 3000 /dev/urandom > "System.dll:a stream with a long name, $i"
	done
	setfattr -n system.ntfs_object_id -v 0x00112233445566778899aabbccddeeff con
	setfattr -n system.ntfs_ea -v "0x$(hex 16 4)0003$(hex 4 2)41424300$(hex 12345 4)" nul.txt
	setfattr -n system.ntfs_attrib_be -v 0x00000007 Twin
	truncate -s 5000000 sparse
	echo end >> sparse
	mkdir packed up away
	setfattr -n system.ntfs_attrib_be -v 0x00000810 packed
	yes compressed | head -c 500000 > packed/text
	junction up 'C:\StateStore'
	junction away 'C:\Users'
}

setup() {
	format "$IMAGE" 200M
	mounted "$IMAGE" populate
	hold 0 capture --store '\StateStore' "$IMAGE"
	consistent "$IMAGE"
	digest "$IMAGE" > "$WORK/sum"
}
try "wipe: a volume with a capture" setup

untouched() {
	same "digest" "$(digest "$IMAGE")" "$(cat "$WORK/sum")"
}

# -------- what is refused --------

# refuse STATUS WORD OPTION...: one line that says WORD, nothing written
refuse() {
	hold "$1" wipe "${@:3}" "$IMAGE"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
	grep -qF -- "$2" "$WORK/err" || fail "not said: $(cat "$WORK/err")"
	untouched
}
try "wipe: nothing to keep is named" refuse 2 --keep
try "wipe: all is kept" refuse 2 'whole volume' --keep '\'
try "wipe: a drive letter" refuse 2 drive --keep 'C:\StateStore'
try "wipe: a path that is not there" refuse 3 '\Sttestore' --keep '\Sttestore'
try "wipe: no store is kept" refuse 3 'keep it with --keep \StateStore' --keep '\Users' --yes
try "wipe: half of a store is kept" refuse 3 'there is one at \StateStore' --keep '\StateStore\USMT\File' --yes

uncovered() {
	refuse 3 'say --yes' --keep '\StateStore'
	grep '^  ' "$WORK/out" | awk '{ print $1, $2 }' > "$WORK/list"
	same "the list" "$(tr '\n' ' ' < "$WORK/list")" 'folder \Data folder \_SMSTaskSequence folder \ '
	grep -q 'Data  (2 files, 488.3 KiB)' "$WORK/out" || fail "$(head -n 2 "$WORK/out")"
	hold 3 wipe --json --keep '\StateStore' "$IMAGE"
	same "json" "$(jq -c '[.done, .files_removed > 20000, [.uncovered[].path]]' "$WORK/out")" \
		'[false,true,["\\Data","\\_SMSTaskSequence","\\"]]'
	untouched
}
try "wipe: what is not covered is shown, and stays without --yes" uncovered

broken_store() {
	cp --sparse=always "$IMAGE" "$COPY"
	mounted "$COPY" rm 'StateStore/USMT/File/C$/Users/alice/Documents/7.txt'
	hold 3 wipe --yes --keep '\StateStore' "$COPY"
	grep -q 'not all that was captured' "$WORK/err" || fail "not said: $(cat "$WORK/err")"
	cp --sparse=always "$IMAGE" "$COPY"
	mounted "$COPY" rm StateStore/USMT/holdfast.cat StateStore/USMT/holdfast.cat2
	hold 3 wipe --yes --keep '\StateStore' "$COPY"
	cp --sparse=always "$IMAGE" "$COPY"
	mounted "$COPY" mv StateStore/USMT StateStore/USMT.new-00112233445566778899aabbccddeeff
	hold 3 wipe --yes --keep '\StateStore' "$COPY"
	# wherever it is
	cp --sparse=always "$IMAGE" "$COPY"
	mounted "$COPY" bash -c 'mkdir -p Deploy && mv StateStore Deploy/Here && rm "Deploy/Here/USMT/File/C$/Users/bob/con"'
	hold 3 wipe --yes --keep '\Deploy' "$COPY"
	grep -qF 'holdfast capture --store \Deploy\Here ' "$WORK/err" || fail "$(cat "$WORK/err")"
	mounted "$COPY" mv Deploy/Here/USMT Deploy/Here/USMT.new-00112233445566778899aabbccddeeff
	hold 3 wipe --yes --keep '\Deploy' "$COPY"
	grep -qF 'holdfast capture --store \Deploy\Here ' "$WORK/err" || fail "$(cat "$WORK/err")"
	mounted "$COPY" rm -r Deploy
	hold 3 wipe --yes --overwrite-deleted --keep '\Users' "$COPY"
	grep -qF 'capture --store \StateStore ' "$WORK/err" || fail "$(cat "$WORK/err")"
}
try "wipe: a store that is not whole" broken_store

other_store() {
	cp --sparse=always "$IMAGE" "$COPY"
	mounted "$COPY" bash -c 'mkdir -p Windows/Temp/Old/USMT/File/C$/Users/x && echo y > Windows/Temp/Old/USMT/File/C$/Users/x/y'
	hold 3 wipe --keep '\StateStore' --keep '\Data' --keep '\_SMSTaskSequence' --keep '\license.txt' --keep '\smsts.log' "$COPY"
	same "the list" "$(grep '^  ' "$WORK/out" | awk '{ print $1, $2 }')" 'store \Windows\Temp\Old\USMT'
	hold 0 wipe --yes --keep '\StateStore' "$COPY"
	grep -qxF "  holdfast rescue --to DIR $COPY" "$WORK/out" || fail "not told: $(cat "$WORK/out")"
	grep -qF "will ask for --overwrite-deleted" "$WORK/out" || fail "not told: $(cat "$WORK/out")"
	hold 3 restore --store '\StateStore' "$COPY"
	grep -qF "overwrite-deleted" "$WORK/err" || fail "$(cat "$WORK/err")"
	hold 0 restore --overwrite-deleted --store '\StateStore' "$COPY"
}
try "wipe: another store, wherever it is" other_store

# A file that is captured by one name, and has another that no store brings back
lost_name() {
	format "$COPY" 50M
	mounted "$COPY" bash -c 'mkdir -p Users/ann Users/bob && echo shared > Users/bob/shared.doc && ln Users/bob/shared.doc Users/ann/shared.doc'
	hold 0 capture --json --store '\StateStore' --tree '\Users\bob' "$COPY"
	same "not captured" "$(jq -c '[.. | .not_captured? // empty | .[] | [.path, .files, .names]]' "$WORK/out")" '[["\\Users\\ann",0,1]]'
	digest "$COPY" > "$WORK/sum2"
	hold 3 wipe --keep '\StateStore' "$COPY"
	same "the list" "$(grep '^  ' "$WORK/out")" '  profile  \Users\ann  (0 files, 0 bytes; 1 names of files that are covered elsewhere)'
	same "digest" "$(digest "$COPY")" "$(cat "$WORK/sum2")"
	hold 0 wipe --keep '\StateStore' --keep '\Users\ann\shared.doc' "$COPY"
	same "links" "$(watched "$COPY" find . -name shared.doc -links 2 | sort | tr '\n' ' ')" \
		'./StateStore/USMT/File/C$/Users/bob/shared.doc ./Users/ann/shared.doc '
}
try "wipe: a name that does not come back" lost_name

# -------- the wipe --------

kept_before() {
	wears StateStore > "$WORK/wears"
	wears "System Volume Information" >> "$WORK/wears"
	(cd StateStore && find . -type f -print0 | sort -z | xargs -0 sha256sum -z) > "$WORK/contents"
	# files that go, names that those which stay lose, files that stay
	find . -type f -printf '%P\t%i\0' | tr '\n\0' '?\n' | awk -F'\t' '
		/^(StateStore|System Volume Information)\// { kept[$2] }
		{ all[$2]; if ($0 !~ /^(StateStore|System Volume Information)\//) names[$2]++ }
		END { for (i in all) if (i in kept) { stay++; lost += names[i] } else go++; print "[" go "," lost "," stay ",true]" }
	' > "$WORK/counts"
}

kept_after() {
	same "what is left" "$(ls -A | tr '\n' ' ')" 'StateStore System Volume Information '
	wears StateStore > "$WORK/wears2"
	wears "System Volume Information" >> "$WORK/wears2"
	cmp "$WORK/wears" "$WORK/wears2" || fail "changed: $(diff "$WORK/wears" "$WORK/wears2" | head -n 3 | tr '\n' ' ')"
	(cd StateStore && find . -type f -print0 | sort -z | xargs -0 sha256sum -z) > "$WORK/contents2"
	cmp "$WORK/contents" "$WORK/contents2" || fail "contents have changed"
	same "links" "$(find StateStore -type f -links +1 | head -n 1)" ''
	# $ObjId has forgotten what was removed
	touch new
	setfattr -n system.ntfs_object_id -v 0x00112233445566778899aabbccddeeff new
}

free_clusters() {
	ntfsinfo -m "$1" | awk '/Free Clusters:/ { print $3 }'
}

# records of $Reparse: their keys lie in its index root
reparse_points() {
	local record
	record=$(fls -f ntfs "$1" "$(fls -f ntfs "$1" | sed -nE 's/.* ([0-9]+)-144-[0-9]+:.\$Extend$/\1/p')" | sed -nE 's/.* ([0-9]+)-144-[0-9]+:.\$Reparse:\$R$/\1-144/p')
	istat -f ntfs "$1" "${record%%-*}" > "$WORK/istat"
	icat -f ntfs "$1" "$(sed -nE 's/.*Type: \$INDEX_ROOT \(([0-9]+)-([0-9]+)\).*/'"${record%%-*}"'-\1-\2/p' "$WORK/istat")" | wc -c
}

wipe() {
	local before
	watched "$IMAGE" kept_before
	before=$(free_clusters "$IMAGE")
	cp --sparse=always "$IMAGE" "$COPY"
	hold 0 wipe --yes --json --keep '\statestore' "$COPY"
	cp "$WORK/out" "$WORK/json"
	consistent "$COPY"
	same "freed" "$(jq .bytes_freed "$WORK/json")" $((($(free_clusters "$COPY") - before) * 4096))
	same "counts" "$(jq -c '[.files_removed, .names_removed, .files_kept, .done]' "$WORK/json")" "$(cat "$WORK/counts")"
	same "entries in \$Reparse" "$(reparse_points "$COPY")" 48
	[ "$(reparse_points "$IMAGE")" -gt 48 ] || fail "no reparse points were there"
	hold 0 wipe --keep '\StateStore' "$COPY"
	grep -q 'nothing was written' "$WORK/out" || fail "not told: $(cat "$WORK/out")"
	fls -f ntfs -r -p -u "$COPY" | grep -aE 'Windows|Program|Data|pagefile' > "$WORK/left" && fail "left: $(head -n 1 "$WORK/left")"
	mounted "$COPY" kept_after
}
try "wipe: only what is kept is left" wipe

again() {
	cp --sparse=always "$IMAGE" "$COPY"
	hold 0 wipe --yes --keep '\StateStore' "$COPY"
	digest "$COPY" > "$WORK/sum2"
	hold 0 wipe --keep /StateStore/ "$COPY"
	same "digest" "$(digest "$COPY")" "$(cat "$WORK/sum2")"
}
try "wipe: again writes nothing" again

several_kept() {
	cp --sparse=always "$IMAGE" "$COPY"
	hold 0 wipe --yes --keep '\StateStore' --keep '\_SMSTaskSequence\Logs' --keep '\license.txt' "$COPY"
	grep -q overwrite-deleted "$WORK/out" && fail "a removed store: $(cat "$WORK/out")"
	consistent "$COPY"
	watched "$COPY" bash -c 'find . -path ./StateStore -prune -o -printf "%P %n\n" | sort' > "$WORK/log3"
	same "left" "$(grep -v '^ \|^StateStore\|Information' "$WORK/log3" | awk '{ $NF = ""; print }' | tr -d '\n')" \
		'_SMSTaskSequence _SMSTaskSequence/Logs _SMSTaskSequence/Logs/smsts.log license.txt '
	grep -q 'smsts.log 1$' "$WORK/log3" || fail "other names are left: $(grep smsts "$WORK/log3")"
}
try "wipe: several paths, a file among them; names elsewhere go" several_kept

# A file with three names is kept by the one that is named, whichever it is
named_file() {
	for name in 'Users/bob/film' 'Windows/film' 'Program Files/x/film again' "$@"; do
		cp --sparse=always "$IMAGE" "$COPY"
		mounted "$COPY" bash -c 'echo of-three > Windows/three; ln Windows/three three; ln Windows/three Data/three'
		hold 0 wipe --yes --keep '\StateStore' --keep "$name" "$COPY"
		consistent "$COPY"
		same "left for $name" "$(watched "$COPY" find . -path ./StateStore -prune -o -path './System*' -prune -o -type f -print)" "./$name"
	done
}
try "wipe: a file is kept by the name that was given" named_file three Windows/three Data/three

names_on() {
	fls -f ntfs -r -p -u "$1" | cut -f2 | sort
}

# A write behind a limit ends the program; in steps or at once, the end is the same
cut_off() {
	cp --sparse=always "$IMAGE" "$COPY"
	hold 0 wipe --yes --keep '\StateStore' "$COPY"
	names_on "$COPY" > "$WORK/whole"
	cp --sparse=always "$IMAGE" "$COPY"
	hold 0 wipe --yes --keep '\StateStore' --keep '\Windows' "$COPY"
	(ulimit -f "$(log_limit "$COPY")" && exec "$HOLDFAST" wipe --yes --keep '\StateStore' "$COPY") > "$WORK/log2" 2>&1 &&
		fail "it was not cut off"
	hold 1 status "$COPY"
	hold 0 wipe --yes --keep '\StateStore' "$COPY"
	consistent "$COPY"
	names_on "$COPY" > "$WORK/again"
	cmp "$WORK/whole" "$WORK/again" || fail "not as in one run: $(diff "$WORK/whole" "$WORK/again" | head -n 2 | tr '\n' ' ')"
}
try "wipe: cut off and run again" cut_off
try "wipe: what was refused was not written" untouched
done_testing
