#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# apply.sh - images onto volumes: what wimlib-imagex makes of them, whole or not at all
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"

command -v wimlib-imagex > "$WORK/log2" || {
	echo "skipped apply: no wimlib-imagex"
	exit 0
}
RICH=$WORK/rich.img
IMAGE=$WORK/apply.img
PEER=$WORK/peer.img

wim() {
	wimlib-imagex "$@" > "$WORK/wim.log" 2>&1 || fail "wimlib-imagex $1: $(grep -m1 ERROR "$WORK/wim.log")"
}

# The 8.3 names of files that have no other name; the driver tells of no others
aliases() {
	find . \( -type d -o -links 1 \) -exec getfattr -h -n system.ntfs_dos_name --only-values {} + 2> "$WORK/log2" | tr -d '\0'
}

# A record's change is no part of an image; how long the driver says that a junction is depends on what it leads to
all_of() {
	wears . | sed -E 's/(times_be=0x[0-9a-f]{48}).*/\1/; s/(\tl [0-9]+) .*/\1/'
	listing . | sed -E 's/^(l [0-9]+) [0-9]+ /\1 /'
	aliases
}

# small NAME...: an image with these names below its root
small() {
	local name
	rm -rf "$WORK/tree"
	for name; do
		mkdir -p "$WORK/tree/$(dirname "$name")"
		echo "$name" > "$WORK/tree/$name"
	done
	rm -f "$WORK/small.wim"
	wim capture "$WORK/tree" "$WORK/small.wim" small --compress=XPRESS
}

setup() {
	format "$RICH" 200M
	mounted "$RICH" populate
	wim capture "$RICH" "$WORK/lzx.wim" "Rich LZX" --compress=LZX --check
	wim capture "$RICH" "$WORK/xpress.wim" "Rich XPRESS" --compress=XPRESS
	wim capture "$RICH" "$WORK/plain.wim" Plain --compress=none
	wim capture "$RICH" "$WORK/solid.esd" Solid --solid
	wim split "$WORK/xpress.wim" "$WORK/split.swm" 1
	[ -e "$WORK/split3.swm" ] || fail "three parts at least"
	small Windows/a.txt
	wim append "$WORK/tree" "$WORK/xpress.wim" "Windows 10: Pro"
}
try "apply: images of a volume" setup

# -------- what comes of it --------

as_peer() {
	format "$IMAGE" 200M
	format "$PEER" 200M
	hold 0 apply --image "$WORK/$1" "$IMAGE"
	consistent "$IMAGE"
	wim apply "$WORK/$2" 1 "$PEER" --ref="$WORK/split*.swm"
	watched "$IMAGE" all_of > "$WORK/ours"
	watched "$PEER" all_of > "$WORK/peers"
	[ "$(wc -l < "$WORK/ours")" -gt 12000 ] || fail "only $(wc -l < "$WORK/ours") lines"
	cmp "$WORK/ours" "$WORK/peers" || fail "$(diff "$WORK/ours" "$WORK/peers" | head -n 3)"
}
try "apply: LZX, with an integrity table" as_peer lzx.wim lzx.wim
try "apply: XPRESS, the first of two" as_peer xpress.wim:1 xpress.wim
try "apply: not compressed" as_peer plain.wim plain.wim
try "apply: solid" as_peer solid.esd solid.esd
try "apply: split" as_peer split.swm split.swm

# Lines of all entries that find's TEST takes; wimlib leaves out the encrypted file
count() {
	watched "$RICH" find . -mindepth 1 ! -name secret "$@" -printf '%i\n'
}

told() {
	local files names folders
	# junctions are folders, and look like links, as the reparse point that nobody knows does
	files=$(($(count -type f | sort -u | wc -l) + 1))
	names=$(($(count -type f | wc -l) + 1))
	folders=$(($(count -type d | wc -l) + 3))
	format "$IMAGE" 200M
	hold 0 apply --json --image "$WORK/lzx.wim" "$IMAGE"
	same "numbers" "$(jq -c '[.done, .there_already, .index, .name, .files, .names, .directories]' "$WORK/out")" \
		"[true,false,1,\"Rich LZX\",$files,$names,$folders]"
	digest "$IMAGE" > "$WORK/sum"
	hold 0 apply --image "$WORK/lzx.wim" "$IMAGE"
	grep -q 'already; nothing was written' "$WORK/out" || fail "$(cat "$WORK/out")"
	same "digest" "$(digest "$IMAGE")" "$(cat "$WORK/sum")"
	# a file that was written since is in the way
	mounted "$IMAGE" touch Windows/System32/kernel.dll
	hold 3 apply --image "$WORK/lzx.wim" "$IMAGE"
}
try "apply: numbers; again it finds nothing to do" told

by_name() {
	format "$IMAGE" 64M
	hold 0 apply --image "$WORK/xpress.wim:Windows 10: Pro" "$IMAGE"
	grep -q '^Applied image 2 (Windows 10: Pro): 1 files' "$WORK/out" || fail "$(cat "$WORK/out")"
	same "content" "$(watched "$IMAGE" cat Windows/a.txt)" Windows/a.txt
	format "$IMAGE" 64M
	cp "$WORK/small.wim" "$WORK/a:1.wim"
	hold 0 apply --image "$WORK/a:1.wim" "$IMAGE"
	hold 2 apply --image "$WORK/xpress.wim" "$IMAGE"
	grep -q 'holds 2 images; choose one, as in WIM:1: 1 Rich XPRESS, 2 Windows 10: Pro' "$WORK/err" || fail "$(cat "$WORK/err")"
	hold 2 apply --image "$WORK/xpress.wim:3" "$IMAGE"
	hold 2 apply --image "$WORK/xpress.wim:all" "$IMAGE"
	hold 2 apply --image "$WORK/xpress.wim:Home" "$IMAGE"
	hold 2 apply "$IMAGE"
	hold 2 apply --image "$WORK/xpress.wim"
}
try "apply: images by name and by number" by_name

# -------- beside a store --------

beside() {
	format "$IMAGE" 300M
	mounted "$IMAGE" populate
	hold 0 capture --store '\StateStore' "$IMAGE"
	hold 0 wipe --yes --keep '\StateStore' "$IMAGE"
	watched "$IMAGE" all_of > "$WORK/before"
	cp --sparse=always "$IMAGE" "$WORK/wiped.img"
	# the store has a file with an object id, and the image has that file as well
	hold 1 apply --image "$WORK/lzx.wim" --keep '\StateStore' "$IMAGE"
	grep -q '^libwim: Duplicate object ID on file "/Users/alice/ads.txt"' "$WORK/out" || fail "$(cat "$WORK/out")"
	consistent "$IMAGE"
	hold 0 verify --store '\StateStore' "$IMAGE"
	watched "$IMAGE" all_of > "$WORK/after"
	# the root's own line is the image's now
	grep -a 'StateStore' "$WORK/before" | sort > "$WORK/kept"
	grep -a 'StateStore' "$WORK/after" | sort > "$WORK/is"
	[ "$(wc -l < "$WORK/kept")" -gt 9000 ] || fail "only $(wc -l < "$WORK/kept") lines of the store"
	cmp "$WORK/kept" "$WORK/is" || fail "$(diff "$WORK/kept" "$WORK/is" | head -n 3)"
	hold 0 restore --store '\StateStore' "$IMAGE"
	hold 0 release --store '\StateStore' "$IMAGE"
	consistent "$IMAGE"
}
try "apply: a store beside it stays as it is" beside

kept() {
	digest "$WORK/wiped.img" > "$WORK/sum"
	hold 3 apply --image "$WORK/lzx.wim" --keep '\Nowhere' "$WORK/wiped.img"
	same "digest" "$(digest "$WORK/wiped.img")" "$(cat "$WORK/sum")"
	mounted "$WORK/wiped.img" mkdir -p Other/folder
	hold 3 apply --image "$WORK/lzx.wim" --keep '\StateStore' "$WORK/wiped.img"
	grep -q "holds '\\\\Other' and 0 more besides what is to be kept" "$WORK/err" || fail "$(cat "$WORK/err")"
	hold 1 apply --image "$WORK/lzx.wim" --keep '\StateStore' --keep '\Other' "$WORK/wiped.img"
}
try "apply: nothing but what is kept may be there" kept

# -------- what is refused, with nothing written --------

# refused WORDS ARGUMENT...: by the guards
refused() {
	local words=$1
	shift
	digest "$IMAGE" > "$WORK/sum"
	hold 3 apply "$@" "$IMAGE"
	grep -q "$words" "$WORK/err" || fail "$(cat "$WORK/err")"
	same "digest" "$(digest "$IMAGE")" "$(cat "$WORK/sum")"
}

in_the_way() {
	format "$IMAGE" 64M
	mounted "$IMAGE" bash -c 'mkdir windows progra~1; echo x > file.txt'
	small Windows/a.txt
	refused "holds '\\\\Windows' already, which the image brings along (1 names" --image "$WORK/small.wim"
	small FILE.TXT other
	refused "holds '\\\\FILE.TXT' already" --image "$WORK/small.wim"
	small '$Extend/x'
	refused 'take it out of the image' --image "$WORK/small.wim"
	small 'back\slash'
	refused 'a name with a slash in it' --image "$WORK/small.wim"
	# an 8.3 name
	format "$PEER" 64M
	mounted "$PEER" bash -c "mkdir 'Program Files'; setfattr -n system.ntfs_dos_name -v PROGRA~1 'Program Files'"
	rm -f "$WORK/small.wim"
	wim capture "$PEER" "$WORK/small.wim" small
	refused "holds '\\\\Program Files' already" --image "$WORK/small.wim"
}
try "apply: names that are there refuse it" in_the_way

no_image() {
	format "$IMAGE" 64M
	printf 'no wim %.0s' {1..100} > "$WORK/text.wim"
	refused 'is no WIM file' --image "$WORK/text.wim"
	refused 'cannot be read' --image "$WORK/none.wim"
	refused 'is part 2 of a split image' --image "$WORK/split2.swm"
	mkdir -p "$WORK/alone"
	cp "$WORK/split.swm" "$WORK/split2.swm" "$WORK/alone"
	refused 'part 3 of [0-9]*, .*split3.swm.*is not there' --image "$WORK/alone/split.swm"
	refused 'lacks content of the image' --image "$WORK/alone/split.swm" --ref "$WORK/alone/split2*.swm"
}
try "apply: what is no image" no_image

referenced() {
	format "$IMAGE" 200M
	hold 0 apply --image "$WORK/alone/split.swm" --ref "$WORK/split[2-9]*.swm" "$IMAGE"
}
try "apply: parts that lie elsewhere" referenced

# One bit at each of many places, and ends everywhere
broken() {
	local source=$WORK/$1 copy=$WORK/broken.wim size i at found=0
	size=$(stat -c %s "$source")
	format "$IMAGE" 200M
	for ((i = 0; i < 24; i++)); do
		cp "$source" "$copy"
		at=$((size * i / 24 + 300))
		printf "\\x$(printf %02x $((0x$(od -An -tx1 -j$at -N1 "$copy" | tr -d ' ') ^ 8)))" |
			dd of="$copy" bs=1 seek=$at conv=notrunc status=none
		"$HOLDFAST" apply --image "$copy" "$IMAGE" > "$WORK/out" 2> "$WORK/err" && {
			# what is not of the image may be anything, if no table speaks for it
			[ "$1" != lzx.wim ] || fail "a bit at byte $at went unnoticed"
			format "$IMAGE" 200M
			continue
		}
		[ "$(wc -l < "$WORK/err")" -eq 1 ] || fail "at byte $at: $(cat "$WORK/err")"
		found=$((found + 1))
	done
	[ $found -ge 20 ] || fail "only $found of 24 were noticed"
	for i in 1 100 300 $((size / 2)) $((size - 5000)) $((size - 1)); do
		head -c "$i" "$source" > "$copy"
		"$HOLDFAST" apply --image "$copy" "$IMAGE" > "$WORK/out" 2> "$WORK/err" && fail "cut off at byte $i"
		[ "$(wc -l < "$WORK/err")" -eq 1 ] || fail "cut off at byte $i: $(cat "$WORK/err")"
	done
	hold 3 apply --image "$copy" "$IMAGE"
	consistent "$IMAGE"
	same "on the volume" "$(watched "$IMAGE" find . -mindepth 1)" ""
}
try "apply: a damaged image with a table" broken lzx.wim
try "apply: a damaged image without" broken plain.wim
try "apply: a damaged solid image" broken solid.esd

no_room() {
	format "$IMAGE" 8M
	refused 'is too small for the image: it needs [0-9.]* MiB, and [0-9.]* MiB are free' --image "$WORK/lzx.wim"
	format "$IMAGE" 16M
	hold 0 apply --image "$WORK/lzx.wim" "$IMAGE"
	consistent "$IMAGE"
}
try "apply: no room" no_room

# A file that is sparse by its attribute, and full of data: it is known only when it is written
full() {
	format "$PEER" 200M
	mounted "$PEER" bash -c 'truncate -s 60000000 sparse; head -c 50000000 /dev/urandom | dd of=sparse conv=notrunc bs=1M status=none; echo x > x'
	rm -f "$WORK/small.wim"
	wim capture "$PEER" "$WORK/small.wim" small --compress=none
	format "$IMAGE" 40M
	mounted "$IMAGE" bash -c 'mkdir kept; head -c 100000 /dev/urandom > kept/file'
	watched "$IMAGE" all_of > "$WORK/before"
	hold 3 apply --image "$WORK/small.wim" "$IMAGE"
	grep -q 'nothing of it is on the volume: .*No space left' "$WORK/err" || fail "$(cat "$WORK/err")"
	consistent "$IMAGE"
	watched "$IMAGE" all_of > "$WORK/after"
	cmp "$WORK/before" "$WORK/after" || fail "$(diff "$WORK/before" "$WORK/after" | head -n 3)"
}
try "apply: a volume that gets full leaves it as it was" full

# -------- cut off --------

cut_off() {
	local rest pid cut=0
	format "$IMAGE" 200M
	mounted "$IMAGE" bash -c 'mkdir kept; head -c 100000 /dev/urandom > kept/file'
	watched "$IMAGE" all_of > "$WORK/before"
	for rest in .05 .1 .15 .2 .3 .4; do
		"$HOLDFAST" apply --image "$WORK/xpress.wim:1" "$IMAGE" > "$WORK/log2" 2>&1 &
		pid=$!
		sleep "$rest"
		kill -KILL $pid 2> "$WORK/log3" || true
		wait $pid && break
		cut=$((cut + 1))
		hold 0 replay "$IMAGE"
		consistent "$IMAGE"
		watched "$IMAGE" all_of > "$WORK/after"
		cmp "$WORK/before" "$WORK/after" && continue
		# the last write of all may be what is missing
		break
	done
	[ $cut -gt 0 ] || skip "it was never cut off"
	hold 0 apply --image "$WORK/xpress.wim:1" "$IMAGE"
	consistent "$IMAGE"
	format "$PEER" 200M
	mounted "$PEER" mkdir kept
	wim apply "$WORK/xpress.wim" 1 "$PEER"
	watched "$IMAGE" find . -path ./kept -prune -o -printf '%p %s %n %T@\0' | sort -z | sha256sum > "$WORK/ours"
	watched "$PEER" find . -path ./kept -prune -o -printf '%p %s %n %T@\0' | sort -z | sha256sum > "$WORK/peers"
	cmp "$WORK/ours" "$WORK/peers" || fail "not all of it is there"
}
try "apply: killed, and run again" cut_off
done_testing
