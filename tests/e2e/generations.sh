#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# generations.sh - an older store has what the newer one has not: it is told, and comes back
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"

command -v ntfs-3g > "$WORK/log2" || {
	echo "skipped generations: no ntfs-3g"
	exit 0
}
IMAGE=$WORK/generations.img
STORE='\StateStore'

# As an editor saves: the new version is another file
save() {
	echo "$2" > "$1.tmp"
	mv "$1.tmp" "$1"
}

populate() {
	mkdir -p Users/alice Windows
	echo first > Users/alice/letter.txt
	echo same > Users/alice/other.txt
}

setup() {
	format "$IMAGE" 50M
	mounted "$IMAGE" populate
	hold 0 capture --store "$STORE" "$IMAGE"
	mounted "$IMAGE" save Users/alice/letter.txt second
	hold 0 capture --store "$STORE" "$IMAGE"
	mounted "$IMAGE" save Users/alice/letter.txt third
	hold 0 capture --store "$STORE" "$IMAGE"
	hold 0 wipe --keep "$STORE" "$IMAGE"
	cp --sparse=always "$IMAGE" "$WORK/wiped.img"
}
try "generations: three captures of a file that was saved anew, and a wipe" setup

# says N FILES: the last run named the way out by generation N
says() {
	grep -qF -- "USMT.generation-$1: $2 files" "$WORK/out" || fail "not told: $(cat "$WORK/out")"
	grep -qF -- "holdfast restore --store $STORE --generation $1 C=$IMAGE" "$WORK/out" || fail "not told: $(cat "$WORK/out")"
}

status() {
	hold 0 status "$IMAGE"
	[ "$(grep -cE "> The older store .*'holdfast restore --store .StateStore --generation [12] $IMAGE'" "$WORK/out")" = 2 ] ||
		fail "$(cat "$WORK/out")"
}
try "generations: status names the way" status

all_back() {
	hold 1 restore --store "$STORE" "$IMAGE"
	says 1 1
	says 2 1
	hold 1 restore --json --store "$STORE" "$IMAGE"
	same "left behind" "$(jq -cS '[.left_behind[] | [.generation, .files, .bytes]] | sort' "$WORK/out")" '[[1,1,6],[2,1,7]]'
	hold 3 release --store "$STORE" "$IMAGE"
	grep -qF -- "--generation" "$WORK/err" || fail "$(cat "$WORK/err")"
	grep -qF -- "holdfast restore --store $STORE --generation 2 C=$IMAGE" "$WORK/out" || fail "$(cat "$WORK/out")"
	hold 1 restore --store "$STORE" --generation 1 "$IMAGE"
	says 2 1
	hold 0 restore --store "$STORE" --generation 2 "$IMAGE"
	hold 0 restore --json --store "$STORE" "$IMAGE"
	same "left behind" "$(jq -c '.left_behind' "$WORK/out")" '[]'
	hold 0 release --store "$STORE" "$IMAGE"
	consistent "$IMAGE"
	same "contents" "$(watched "$IMAGE" head Users/alice/letter.txt 'Users/alice/letter(1).txt' 'Users/alice/letter(2).txt' -qn1 | tr '\n' ' ')" \
		'third first second '
	same "files" "$(watched "$IMAGE" ls Users/alice | wc -l)" 4
}
try "generations: every version comes back, then the store goes" all_back

# What only an older one has is nobody's when it comes back first
older_first() {
	cp --sparse=always "$WORK/wiped.img" "$IMAGE"
	hold 1 restore --json --store "$STORE" --generation 1 "$IMAGE"
	same "left behind" "$(jq -cS '[.left_behind[] | [.folder, .files]] | sort' "$WORK/out")" '[["USMT",1],["USMT.generation-2",1]]'
	same "it is" "$(watched "$IMAGE" cat Users/alice/letter.txt)" first
}
try "generations: an older one restored first" older_first

verified() {
	cp --sparse=always "$WORK/wiped.img" "$IMAGE"
	hold 0 verify --store "$STORE" --generation 1 "$IMAGE"
	mounted "$IMAGE" rm 'StateStore/USMT.generation-1/File/C$/Users/alice/letter.txt'
	hold 0 verify --store "$STORE" "$IMAGE"
	hold 1 verify --store "$STORE" --generation 1 "$IMAGE"
	grep -qF letter.txt "$WORK/out" || fail "not told: $(cat "$WORK/out")"
}
try "generations: verify takes one" verified

# One without a catalogue: its links are enough
no_catalogue() {
	cp --sparse=always "$WORK/wiped.img" "$IMAGE"
	mounted "$IMAGE" bash -c 'rm StateStore/USMT.generation-1/holdfast.cat*'
	hold 1 restore --overwrite-deleted --store "$STORE" --generation 1 "$IMAGE"
	same "it is" "$(watched "$IMAGE" cat Users/alice/letter.txt)" first
	hold 3 verify --store "$STORE" --generation 1 "$IMAGE"
	grep -q 'no catalogue' "$WORK/err" || fail "$(cat "$WORK/err")"
}
try "generations: one without a catalogue" no_catalogue

# refuse STATUS WORDS ARGUMENT...
refuse() {
	hold "$1" "${@:3}"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
	grep -qF -- "$2" "$WORK/err" || fail "not said: $(cat "$WORK/err")"
}
try "generations: restore of one that is not there" refuse 3 'no generation 3' restore --store "$STORE" --generation 3 "$IMAGE"
try "generations: those that are there are named" refuse 3 ': 1, 2' verify --store "$STORE" --generation 3 "$IMAGE"
try "generations: none there" refuse 3 'no generations at' verify --store '\Users' --generation 1 "$IMAGE"
for bad in 0 x 1x -1 99999999999; do
	try "generations: $bad is none" refuse 2 'takes the N' restore --store "$STORE" --generation "$bad" "$IMAGE"
done
try "generations: without a store" refuse 2 'goes with --store' verify --generation 1 "$WORK"
done_testing
