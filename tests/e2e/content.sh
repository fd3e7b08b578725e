#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# content.sh - what the contents of deleted files say of themselves; files of Compact OS
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"
C='StateStore/USMT/File/C$'

# bytes HEX: as they are
bytes() {
	# shellcheck disable=SC2059 # the escapes are all of it
	printf "$(sed 's/../\\x&/g' <<< "$1")"
}

# crc FILE: its CRC-32 as gzip has it, four bytes, little-endian
crc() {
	gzip -c "$1" | tail -c 8 | head -c 4 | od -An -v -tx1 | tr -d ' \n'
}

be32() {
	printf %08x "$1"
}

# noise MARK: 60000 bytes of no kind, with a mark 20480 bytes from their start
noise() {
	head -c 20480 /dev/urandom | tr '\377' '\376'
	printf '<%s>' "$1"
	head -c $((60000 - 20482 - ${#1})) /dev/urandom | tr '\377' '\376'
}

# chunk TYPE FILE: of a PNG
chunk() {
	{ printf %s "$1"; cat "$2"; } > chunk.part
	bytes "$(be32 "$(stat -c %s "$2")")"
	cat chunk.part
	bytes "$(crc chunk.part | sed 's/\(..\)\(..\)\(..\)\(..\)/\4\3\2\1/')"
}

make_png() {
	bytes 00000001000000010802000000 > header
	: > nothing
	bytes 89504e470d0a1a0a
	chunk IHDR header
	chunk IDAT noise
	chunk IEND nothing
}

make_jpg() {
	bytes ffd8ffe000104a46494600010101006000600000ffda0008010100003f00
	cat noise
	bytes ffd9
}

# Codes of eight bits: they stay so if the table is cleared in time.
make_gif() {
	local i
	tr '\200-\377' '\0-\177' < noise > noise7
	bytes 4749463839617d00e001000000""2c000000007d00e00100""07
	for ((i = 0; i < 60000; i += 125)); do
		bytes 7e80
		tail -c +$((i + 1)) noise7 | head -c 125
	done
	bytes 018100""3b
}

make_pdf() {
	printf '%%PDF-1.4\n'
	cat noise
	printf '\n<%s>\n%%%%EOF\n' "end-$1"
}

make_zip() {
	local sum size
	sum=$(crc noise)
	size=$(hex "$(stat -c %s noise)" 4)
	bytes "504b0304140000000000""00000000$sum$size$size""01000000""78"
	cat noise
	bytes "504b01021400140000000000""00000000$sum$size$size""010000000000""0000""0000""00000000""00000000""78"
	bytes "504b0506000000000100010047000000"
	bytes "$(hex $((31 + $(stat -c %s noise))) 4)0000" # where the directory begins is not looked at by us, but by others
}

make_mp4() {
	bytes "000000186674797069736f6d0000020069736f6d6d703432"
	bytes "$(be32 $((60000 + 8)))"
	printf mdat
	cat noise
	bytes "$(be32 $((16 + ${#1})))"
	printf 'moov<end-%s>  ' "$1"
}

make_files() {
	local kind mark
	mkdir -p "$1"
	(
		cd "$1" || exit 1
		for kind in png jpg gif pdf zip mp4; do
			for mark in good harmed; do
				noise "$mark-$kind" > noise
				"make_$kind" "$mark-$kind" > "$mark.$kind"
			done
		done
		for mark in trimmed.pst trimmed.dat half.pst; do
			{ bytes 2142444e01020304534d1700; noise "$mark"; } > "$mark"
		done
		rm -f noise noise7 header nothing chunk.part
	)
}

put_store() {
	mkdir -p "$C/Users/a"
	touch StateStore/USMT/hardlink.main
	cp "$WORK/made"/* "$C/Users/a/"
	sync
}

# place MARK: where it lies in the image
place() {
	local at
	at=$(grep -abo "<$1>" "$IMAGE" | cut -d: -f1)
	[[ $at =~ ^[0-9]+$ ]] || fail "<$1> lies at: $at"
	echo "$at"
}

# overwrite BYTE COUNT [FROM]: some clusters of the image
overwrite() {
	dd if="${3:-/dev/urandom}" of="$IMAGE" bs=4096 seek=$(($1 / 4096)) count="$2" conv=notrunc status=none
}

graded() {
	same "$1" "$(jq -r --arg name "C\$/Users/a/$1" 'select(.names[0] == $name) | .grade' "$WORK/manifest")" "$2"
}

rescued() {
	rm -rf "$WORK/out.d"
	hold 0,1 rescue --json --to "$WORK/out.d" "$IMAGE"
	jq -c . "$WORK"/out.d/store-*/manifest.jsonl > "$WORK/manifest"
}

kinds() {
	local kind file
	IMAGE=$WORK/kinds.img
	make_files "$WORK/made"
	format "$IMAGE" 32M -c 4096
	mounted "$IMAGE" put_store
	mounted "$IMAGE" rm -rf StateStore
	rescued
	for file in "$WORK/made"/*; do
		graded "$(basename "$file")" intact
		cmp -s "$file" "$WORK/out.d/store-1/USMT/File/C\$/Users/a/$(basename "$file")" || fail "$(basename "$file") is another"
	done
	for kind in png jpg gif zip; do
		overwrite "$(place "harmed-$kind")" 1
	done
	overwrite "$(place end-harmed-pdf)" 1
	overwrite "$(place end-harmed-mp4)" 1
	overwrite $(($(place trimmed.pst) - 20492)) 15 /dev/zero
	overwrite $(($(place trimmed.dat) - 20492)) 15 /dev/zero
	overwrite $(($(place half.pst) - 20492)) 3 /dev/zero
	rescued
	for kind in png jpg gif pdf zip mp4; do
		graded "good.$kind" intact
		graded "harmed.$kind" suspect
	done
	graded trimmed.pst lost
	graded trimmed.dat suspect
	graded half.pst partial
	same "missing" "$(jq -c 'select(.names[0] == "C$/Users/a/half.pst") | .missing' "$WORK/manifest")" '[[0,12288]]'
	same "reasons" "$(jq -r 'select(.grade == "suspect") | .why' "$WORK/manifest" | sort | uniq -c | sed 's/^ *//')" \
		"1 long stretches hold nothing but zeros; the disk has discarded them, it seems (TRIM)
6 the content is not what a file of this kind holds, or not all of it"
	# the report, and every program that is given the casebook, knows it too
	same "reasons in the report" "$(grep -A 2 '^  suspect  ' "$WORK/out.d/report.txt" | grep -oE '[0-9]+: .*')" \
		"7: no proof of damage, but no proof of the contrary (.suspect)
6: the content is not what a file of this kind holds, or not all of it
1: long stretches hold nothing but zeros; the disk has discarded them, it seems (TRIM)"
	hold 0,1 report --format csv "$WORK/out.d/case.holdfast"
	same "harmed.png in a table" "$(grep -c 'harmed.png.*suspect.*the content is not what a file of this kind holds' "$WORK/out")" 1
	same "contents that are called intact" "$(sqlite3 "$WORK/out.d/case.holdfast" "SELECT count(*) FROM file f JOIN stream s ON s.file=f.id
		WHERE f.grade=2 AND s.type=128 AND s.name='' AND s.grade<>2")" 0
}
try "content: what is not of its kind, cut, or discarded" kinds

# -------- Compact OS --------

# packed FORMAT CHUNK FILE: as a resource of a WIM
packed() {
	local offset size
	rm -rf "$WORK/wim" "$WORK/a.wim"
	mkdir "$WORK/wim"
	cp "$3" "$WORK/wim/file"
	wimlib-imagex capture "$WORK/wim" "$WORK/a.wim" --compress="$1" --chunk-size="$2" > "$WORK/log2" 2>&1 || fail "wimlib-imagex: $(tail -n 1 "$WORK/log2")"
	read -r offset size < <(wimlib-imagex info --blobs "$WORK/a.wim" | awk -v sum="$(sha1sum < "$3" | cut -d' ' -f1)" '
		/^Hash/ { ours = index($0, sum) }
		/^Compressed size/ { size = $4 }
		/^Offset in WIM/ && ours { print $5, size }')
	[[ $offset$size =~ ^[0-9]+$ ]] || fail "no resource in: $(wimlib-imagex info --blobs "$WORK/a.wim" | tail -n 30 | tr '\n' ';')"
	tail -c +$((offset + 1)) "$WORK/a.wim" | head -c "$size"
}

# compact NAME ALGORITHM
compact() {
	truncate -s "$(stat -c %s "$WORK/plain")" "$1"
	cat "$WORK/$1.packed" > "$1:WofCompressedData"
	setfattr -h -n system.ntfs_reparse_data -v "0x1700008010000000""01000000""02000000""01000000$(hex "$2" 4)" "$1"
}

put_compact() {
	mkdir -p "$C/Users/a"
	touch StateStore/USMT/hardlink.main
	cd "$C/Users/a" || exit 1
	compact x4 0
	compact x8 2
	compact x16 3
	compact lzx 1
	sync
}

compact_os() {
	local name at sum
	IMAGE=$WORK/compact.img
	# so long that no chunk of any size has the mark and something that packs
	{ seq 1 32000; noise raw; head -c 40000 /dev/urandom; seq 32000 90000; } > "$WORK/plain"
	sum=$(sha256sum < "$WORK/plain" | cut -d' ' -f1)
	packed XPRESS 4096 "$WORK/plain" > "$WORK/x4.packed"
	packed XPRESS 8192 "$WORK/plain" > "$WORK/x8.packed"
	packed XPRESS 16384 "$WORK/plain" > "$WORK/x16.packed"
	packed LZX 32768 "$WORK/plain" > "$WORK/lzx.packed"
	format "$IMAGE" 32M -c 4096
	mounted "$IMAGE" put_compact
	rescued
	same "live" "$(jq -r '[.packed, .grade, .sha256] | join(" ")' "$WORK/manifest" | grep -v '^ ' | sort)" \
		"$(printf '%s intact '"$sum"'\n' lzx xpress16k xpress4k xpress8k)"
	mounted "$IMAGE" rm -rf StateStore
	rescued
	same "deleted" "$(jq -r '[.packed, .grade, .sha256] | join(" ")' "$WORK/manifest" | grep -v '^ ' | sort)" \
		"$(printf '%s intact '"$sum"'\n' lzx xpress16k xpress4k xpress8k)"
	for name in x4 x8 x16 lzx; do
		cmp -s "$WORK/plain" "$WORK/out.d/store-1/USMT/File/C\$/Users/a/$name" || fail "$name is not plain"
	done
	[ ! -e "$WORK/out.d/store-1/streams" ] || fail "the packed stream was written: $(find "$WORK/out.d/store-1/streams" -type f | head -n 1)"
	same "reparse points" "$(grep -c reparse_data "$WORK/out.d/store-1/sidecar.jsonl")" 0

	# onto a volume it is plain as well
	format "$WORK/onto.img" 32M
	hold 0 rebuild --store 1 --to "$WORK/onto.img:\\back" "$WORK/out.d/case.holdfast"
	watched "$WORK/onto.img" sha256sum "back/USMT/File/C\$/Users/a/"{x4,x8,x16,lzx} > "$WORK/sums"
	same "on a volume" "$(cut -d' ' -f1 "$WORK/sums" | sort -u)" "$sum"

	# Clusters of each that are packed, behind the chunks that are not: enough to hit where a chunk begins.
	for at in $(grep -abo '<raw>' "$IMAGE" | cut -d: -f1); do
		overwrite $((at + 84000)) 8
	done
	rescued
	same "grades" "$(jq -r 'select(.packed) | .grade' "$WORK/manifest" | sort | uniq -c | sed 's/^ *//')" "4 partial"
	same "why" "$(jq -r 'select(.packed) | .why' "$WORK/manifest" | sort -u)" "a compressed part does not decode"
	jq -r 'select(.packed) | .paths[0] as $path | .missing[] | [.[0], .[1], $path] | @tsv' "$WORK/manifest" > "$WORK/missing"
	while read -r at size name; do
		zeros "$WORK/out.d/store-1/$name" "$at" "$size" || fail "$name in the hole at $at"
	done < "$WORK/missing"
	while read -r at size name; do # up to the chunk before the first hole, whose end is written over as well
		[ "$at" -gt 132768 ] || fail "$name is missing from $at on"
		cmp -s <(head -c $((at - 32768)) "$WORK/plain") <(head -c $((at - 32768)) "$WORK/out.d/store-1/$name") || fail "$name before the hole"
	done < <(sort -s -k3,3 -u "$WORK/missing")
}
try "content: files of Compact OS" compact_os

# -------- digests --------

put_users() {
	mkdir -p Users/a Windows
	cp "$WORK/made"/good.* Users/a/
	noise loose > Users/a/loose.dat
	sync
}

digests() {
	IMAGE=$WORK/digests.img
	[ -e "$WORK/made" ] || make_files "$WORK/made"
	format "$IMAGE" 32M -c 4096
	mounted "$IMAGE" put_users
	hold 0 capture --digest --store '\StateStore' --tree '\Users' "$IMAGE"
	mounted "$IMAGE" rm -rf Users StateStore
	rescued
	same "grades" "$(jq -r 'select(.names[0] // "" | startswith("C$/Users")) | .grade' "$WORK/manifest" | sort | uniq -c | sed 's/^ *//')" "7 verified"
	overwrite "$(place loose)" 1
	rescued
	graded loose.dat suspect
	graded good.png verified
	same "why" "$(jq -r 'select(.grade == "suspect") | .why' "$WORK/manifest")" \
		"the content is not what it was when it was captured: its digest is another"
	same "counted" "$(jq -c '.stores[0].grades | [.verified, .suspect]' "$WORK/out")" "[6,1]"
}
try "content: what a digest proves" digests
done_testing
