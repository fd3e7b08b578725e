#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# release.sh - a store is dropped, its files stay; judged through ntfs-3g and sleuthkit
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"

command -v setfattr > "$WORK/log2" || {
	echo "skipped release: no setfattr"
	exit 0
}
IMAGE=$WORK/release.img
COPY=$WORK/copy.img

populate() {
	local i
	mkdir -p Users/alice/Documents "Users/bob/empty folder" Windows
	for i in {1..60}; do
		echo "document $i" > "Users/alice/Documents/$i.txt"
	done
	head -c 2000000 /dev/urandom > Users/bob/film
	ln Users/bob/film Users/alice/film
	echo content > Users/bob/dressed
	echo stream > Users/bob/dressed:stream
	secure Users/bob/dressed 1001
	touch -d '2001-02-03 04:05:06.1234567' Users/bob/dressed
	echo x > Users/bob/LongFileName.text
	setfattr -n system.ntfs_dos_name -v LONGFI~1.TEX Users/bob/LongFileName.text
	# hidden, system, read-only
	setfattr -n system.ntfs_attrib_be -v 0x00000007 Users/bob/LongFileName.text
	# one file with too many names for more: the store has a copy
	echo popular > Users/alice/popular
	echo of-the-popular > Users/alice/popular:stream
	for i in {1..600}; do
		ln Users/alice/popular "Users/alice/popular $i"
	done
}

facts() {
	wears . > "$WORK/$1"
	find . -type f -links +0 -printf '%i %n %P\n' | sort > "$WORK/$1.links"
	find . -type f -print0 | sort -z | xargs -0 sha256sum -z > "$WORK/$1.contents"
}

# but for the root, whose time tells that something came and went
same_facts() {
	local what
	for what in '' .links .contents; do
		cmp <(grep -avP '^\.?\t' "$WORK/$1$what") <(grep -avP '^\.?\t' "$WORK/$2$what") ||
			fail "changed: $(diff -a "$WORK/$1$what" "$WORK/$2$what" | head -n 3 | cut -c-100 | tr '\n' ' ')"
	done
}

setup() {
	format "$IMAGE" 100M
	mounted "$IMAGE" populate
	watched "$IMAGE" facts before
	hold 0 capture --store '\StateStore' "$IMAGE"
	grep -q 'copied' "$WORK/out" || fail "nothing was copied: $(cat "$WORK/out")"
	digest "$IMAGE" > "$WORK/sum"
}
try "release: a volume with a capture" setup

# -------- what is refused --------

untouched() {
	same "digest" "$(digest "$IMAGE")" "$(cat "$WORK/sum")"
}

# refuse STATUS WORD ARGUMENT...: one line that says WORD, nothing written
refuse() {
	hold "$1" release "${@:3}"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
	grep -qF -- "$2" "$WORK/err" || fail "not said: $(cat "$WORK/err")"
	untouched
}
try "release: no store is named" refuse 2 --store "$IMAGE"
try "release: the root" refuse 2 root --store '\' "$IMAGE"
try "release: a drive letter" refuse 2 drive --store 'C:\StateStore' "$IMAGE"
try "release: the path is a file" refuse 3 'is a file' --store '\Users\bob\film' "$IMAGE"

nothing_there() {
	hold 0 release --store '\Nowhere' "$IMAGE"
	grep -q 'no store at' "$WORK/out" || fail "not told: $(cat "$WORK/out")"
	untouched
}
try "release: no store there" nothing_there

# refused COPY FILES BYTES: so many are only in the store, and nothing is written
refused() {
	local sum
	sum=$(digest "$1")
	hold 3 release --json --store '\StateStore' "$1"
	same "only here" "$(jq -c '[.only_here, .only_here_bytes, .done]' "$WORK/out")" "[$2,$3,false]"
	same "named" "$(jq '.only_here_first | length' "$WORK/out")" $(($2 < 20 ? $2 : 20))
	grep -q 'holdfast restore' "$WORK/err" || fail "not said: $(cat "$WORK/err")"
	same "digest" "$(digest "$1")" "$sum"
}

only_here() {
	cp --sparse=always "$IMAGE" "$COPY"
	mounted "$COPY" rm Users/bob/dressed
	refused "$COPY" 1 8
	same "named" "$(jq -r '.only_here_first[0]' "$WORK/out")" 'C:\StateStore\USMT\File\C$\Users\bob\dressed'
	hold 0 wipe --yes --keep '\StateStore' "$IMAGE" # of the image itself: put back below
	mounted "$IMAGE" true
	refused "$IMAGE" 64 "$(mounted "$IMAGE" find StateStore/USMT/File -type f -printf '%i %s\n' | sort -u | awk '{ sum += $2 } END { print sum }')"
	hold 3 release --store '\StateStore' "$IMAGE"
	grep -q '^  \.\.\. and 44 more$' "$WORK/out" || fail "$(tail -n 1 "$WORK/out")"
}

# A copy in the store, and its original changed, cut, or without its stream
altered() {
	cp --sparse=always "$IMAGE" "$COPY"
	mounted "$COPY" bash -c "touch -r Users/alice/popular ref; $1; touch -r ref Users/alice/popular; rm ref"
	refused "$COPY" 1 8
}
try "release: an original of another content" altered 'echo Popular > Users/alice/popular'
try "release: an original of another size" altered 'echo more >> Users/alice/popular'
try "release: an original of which a stream has changed" altered 'echo x > Users/alice/popular:stream'
try "release: an empty file in place of the original" altered 'rm Users/alice/popular*; touch Users/alice/popular'

# A name in another store does not count, nor one in a generation
other_store() {
	cp --sparse=always "$IMAGE" "$COPY"
	mounted "$COPY" bash -c 'mkdir -p Old/USMT/File/C$/Users && ln Users/bob/film Old/USMT/File/C$/Users/film && rm Users/*/film'
	refused "$COPY" 1 2000000
	cp --sparse=always "$IMAGE" "$COPY"
	mounted "$COPY" bash -c 'mkdir -p StateStore/USMT.generation-1/File/C$ && ln Users/bob/film StateStore/USMT.generation-1/File/C$/film && rm Users/*/film'
	refused "$COPY" 1 2000000
}
try "release: a name in another store is none" other_store

strange_file() {
	cp --sparse=always "$IMAGE" "$COPY"
	mounted "$COPY" bash -c 'echo what > StateStore/USMT/USMT.MIG'
	refused "$COPY" 1 5
}
try "release: a file that is not the store's" strange_file

# -------- the release --------

release() {
	cp --sparse=always "$IMAGE" "$COPY"
	hold 0 release --store /statestore/ "$COPY"
	consistent "$COPY"
	watched "$COPY" facts after
	same_facts before after
	same "in the root" "$(watched "$COPY" ls | tr '\n' ' ')" 'Users Windows '
	digest "$COPY" > "$WORK/sum2"
	hold 0 release --store '\StateStore' "$COPY"
	same "digest" "$(digest "$COPY")" "$(cat "$WORK/sum2")"
	hold 0 capture --store '\StateStore' "$COPY" # no guard of a deleted store
}
try "release: all is as it was before the capture" release

generations() {
	cp --sparse=always "$IMAGE" "$COPY"
	mounted "$COPY" bash -c 'echo new > Users/bob/new; mkdir -p StateStore/USMT.new-00112233445566778899aabbccddeeff/File/C$/Users; echo note > StateStore/note'
	hold 0 capture --store '\StateStore' "$COPY"
	mounted "$COPY" mkdir -p StateStore/USMT.new-00112233445566778899aabbccddeeff/File/C$/Users
	hold 0 release --json --store '\StateStore' "$COPY"
	cp "$WORK/out" "$WORK/json"
	consistent "$COPY"
	same "left" "$(watched "$COPY" ls StateStore)" note
	# 66 of Users but the copied one, in two stores
	same "json" "$(jq -c '[.done, .files, .copies_removed, .only_here]' "$WORK/json")" '[true,64,2,0]'
}
try "release: generations and unfinished captures go, what else is there stays" generations

round_trip() {
	cp --sparse=always "$IMAGE" "$COPY"
	hold 0 wipe --keep '\StateStore' "$COPY"
	hold 0 restore --store '\StateStore' "$COPY"
	hold 0 release --store '\StateStore' "$COPY"
	consistent "$COPY"
	watched "$COPY" facts trip
	cmp <(grep -av $'\tf ' "$WORK/before.contents") <(grep -av $'\tf ' "$WORK/trip.contents") || fail "contents have changed"
}
try "release: after wipe and restore" round_trip

two_volumes() {
	local second=$WORK/d.img
	cp --sparse=always "$IMAGE" "$COPY"
	format "$second" 50M
	mounted "$second" bash -c 'mkdir -p Users/d && echo of-d > Users/d/file && echo more > Users/d/more'
	hold 0 release --store '\StateStore' "$COPY"
	hold 0 capture --store '\StateStore' "$COPY" "D=$second"
	cp --sparse=always "$second" "$WORK/d2.img"
	mounted "$second" rm Users/d/more
	digest "$COPY" > "$WORK/sum2"
	hold 3 release --store '\StateStore' "$COPY" "D=$second"
	grep -qF 'D:\StateStore\USMT\File\D$\Users\d\more' "$WORK/out" || fail "$(cat "$WORK/out")"
	same "digest" "$(digest "$COPY")" "$(cat "$WORK/sum2")"
	hold 0 release --store '\StateStore' "$COPY" "D=$WORK/d2.img"
	consistent "$COPY"
	consistent "$WORK/d2.img"
	same "left" "$(watched "$WORK/d2.img" ls)$(watched "$COPY" ls | tr '\n' ' ')" 'UsersUsers Windows '
}
try "release: two volumes, all or none" two_volumes

# A write behind a limit ends the program: the next run goes on
cut_off() {
	cp --sparse=always "$IMAGE" "$COPY"
	(ulimit -f "$(log_limit "$COPY")" && exec "$HOLDFAST" release --store '\StateStore' "$COPY") > "$WORK/log2" 2>&1 &&
		fail "it was not cut off"
	hold 0 release --store '\StateStore' "$COPY"
	consistent "$COPY"
	watched "$COPY" facts after
	same_facts before after
}
try "release: cut off and run again" cut_off
try "release: what was refused was not written" untouched
try "release: files without another name" only_here
done_testing
