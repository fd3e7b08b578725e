#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bitlocker.sh - BitLocker volumes: told, opened, rescued from, reopened; and no key is left anywhere
. "$(dirname "$0")/common.bash"
PASSWORD='Grüße 42'
RECOVERY=000011-111111-222222-333333-444444-555555-666666-720885

setup() {
	fixture store-half-deleted --files 60
	hold 0,1 scan --json "$IMAGE"
	counts "$WORK/out" > "$WORK/wanted"
	printf '%s\n' "$PASSWORD" > "$WORK/password"
	# on a disk of its own, behind a partition table
	truncate -s $(($(stat -c %s "$IMAGE") + 2 * 1048576)) "$WORK/plain.img"
	dd if="$IMAGE" of="$WORK/plain.img" bs=1M seek=1 conv=notrunc,sparse status=none
	printf 'label: gpt\nstart=2048, size=%d, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7\n' $(($(stat -c %s "$IMAGE") / 512)) |
		sfdisk -q "$WORK/plain.img"
	cp --sparse=always "$WORK/plain.img" "$WORK/disk.img"
	"$WRECK" bitlocker "$WORK/disk.img" 1048576 xts-256
	digest "$WORK/disk.img" > "$WORK/sum"
}
try "bitlocker: an encrypted disk" setup

# Programs of others open what the tests are made with
witness() {
	command -v bdeinfo > "$WORK/log2" || skip "no bdeinfo"
	for method in cbc-128 cbc-256 xts-128; do
		cp --sparse=always "$WORK/plain.img" "$WORK/other.img"
		"$WRECK" bitlocker "$WORK/other.img" 1048576 $method
		bdeinfo -o 1048576 -p "$PASSWORD" "$WORK/other.img" > "$WORK/out" 2>&1 || fail "bdeinfo: $method: $(tail -n 1 "$WORK/out")"
		bdeinfo -o 1048576 -r $RECOVERY "$WORK/other.img" > "$WORK/out" 2>&1 || fail "bdeinfo: $method: $(tail -n 1 "$WORK/out")"
		hold 0,1 scan --json --password-file "$WORK/password" "$WORK/other.img"
		same "stores, $method" "$(counts "$WORK/out")" "$(cat "$WORK/wanted")"
	done
	[ -e /dev/fuse ] || return 0
	mkdir -p "$WORK/witness"
	bdemount -o 1048576 -p "$PASSWORD" "$WORK/other.img" "$WORK/witness" > "$WORK/log2" 2>&1 || return 0
	hold 0,1 scan --json "$WORK/witness/bde1"
	same "stores that bdemount shows" "$(counts "$WORK/out")" "$(cat "$WORK/wanted")"
	umount "$WORK/witness"
	rm "$WORK/other.img"
}
try "bitlocker: libbde opens the same volumes" witness

locked() {
	hold 3 scan "$WORK/disk.img"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
	grep -q 'encrypted by BitLocker, and it needs a key; give the recovery key (its identifier begins with' "$WORK/err"
	hold 3 scan "$WORK/disk.img@1" 
	grep -q BitLocker "$WORK/err"
	hold 3 scan --recovery-key "${RECOVERY/720885/720874}" "$WORK/disk.img"
	grep -q 'none of the keys fits' "$WORK/err"
	hold 2 scan --recovery-key "${RECOVERY/444444/444445}" "$WORK/disk.img"
	grep -q 'group 5 of the recovery key is mistyped' "$WORK/err"
	hold 2 scan --recovery-key 123 "$WORK/disk.img"
	# beside a volume that is open, it is a warning
	truncate -s 80M "$WORK/two.img"
	printf 'label: dos\nstart=2048, size=20480, type=7\nstart=22528, type=7\n' | sfdisk -q "$WORK/two.img"
	truncate -s 10M "$WORK/small.img"
	mkntfs -qQF "$WORK/small.img" > "$WORK/log2" 2>&1
	dd if="$WORK/small.img" of="$WORK/two.img" bs=1M seek=1 conv=notrunc,sparse status=none
	dd if="$WORK/disk.img" of="$WORK/two.img" bs=1M skip=1 seek=11 count=60 conv=notrunc,sparse status=none
	hold 1 scan "$WORK/two.img"
	grep -q '^Locked .*BitLocker at byte 11534336; it needs a key; the identifier of its recovery key begins with' "$WORK/out"
	grep -q '^Warning .*encrypted by BitLocker and was not opened' "$WORK/out"
	hold 0,1 scan --json --recovery-key $RECOVERY "$WORK/two.img"
	same "stores" "$(counts "$WORK/out")" "$(cat "$WORK/wanted")"
	rm "$WORK/two.img" "$WORK/small.img"
}
try "bitlocker: told plainly, with what is missing" locked

opened() {
	hold 0,1 scan --json --recovery-key $RECOVERY "$WORK/disk.img"
	same "by recovery key" "$(counts "$WORK/out")" "$(cat "$WORK/wanted")"
	same "opened by" "$(jq -r '.layers[0].opened_by' "$WORK/out")" "recovery key"
	hold 0,1 scan --json --recovery-key="$(echo $RECOVERY | tr -d -)" "$WORK/disk.img@1"
	same "by 48 digits" "$(counts "$WORK/out")" "$(cat "$WORK/wanted")"
	hold 0,1 scan --json --password-file "$WORK/password" "$WORK/disk.img"
	same "by password" "$(counts "$WORK/out")" "$(cat "$WORK/wanted")"
	"$HOLDFAST" scan -q --json --password-file - "$WORK/disk.img" < "$WORK/password" > "$WORK/out" || true
	same "by password typed" "$(counts "$WORK/out")" "$(cat "$WORK/wanted")"
	cp --sparse=always "$WORK/plain.img" "$WORK/clear.img"
	"$WRECK" bitlocker "$WORK/clear.img" 1048576 xts-128 clear
	hold 0,1 scan --json "$WORK/clear.img"
	same "by clear key" "$(counts "$WORK/out")" "$(cat "$WORK/wanted")"
	same "opened by" "$(jq -r '.layers[0].opened_by' "$WORK/out")" "clear key"
}
try "bitlocker: opened by recovery key, password, clear key" opened

# contents FOLDER: what a rebuilt store holds
contents() {
	(cd "$1" && find USMT -type f -print0 | sort -z | xargs -0 -r sha256sum -z | sha256sum)
}

rescued() {
	hold 0,1 rescue --to "$WORK/of-plain" "$WORK/plain.img"
	hold 0,1 rescue --recovery-key $RECOVERY --to "$WORK/rescued" "$WORK/disk.img"
	same "files" "$(contents "$WORK/rescued/store-1")" "$(contents "$WORK/of-plain/store-1")"
	same "the evidence afterwards" "$(digest "$WORK/disk.img")" "$(cat "$WORK/sum")"
	! grep -rqaE '111111-?222222|720885' "$WORK/rescued" || fail "the recovery key stays in what is written"
	! grep -rqa 'Grüße' "$WORK/rescued" || fail "the password stays in what is written"
	sqlite3 "$WORK/rescued/case.holdfast" "SELECT value FROM meta WHERE key='command'" > "$WORK/command"
	grep -qF -- '--recovery-key *******' "$WORK/command" || fail "the command is recorded as $(cat "$WORK/command")"
}
try "bitlocker: rescued, and the key is nowhere" rescued

reopened() {
	hold 2 rebuild --to "$WORK/none" "$WORK/rescued/case.holdfast"
	grep -q 'a casebook keeps no keys' "$WORK/err"
	hold 0,1 rebuild --store 1 --password-file "$WORK/password" --to "$WORK/rebuilt" "$WORK/rescued/case.holdfast"
	same "files" "$(contents "$WORK/rebuilt")" "$(contents "$WORK/of-plain/store-1")"
	hold 0,1 report "$WORK/rescued/case.holdfast"
	grep -q '^Volume 1 .*BitLocker at byte 1048576, opened by recovery key' "$WORK/out"
}
try "bitlocker: a casebook asks for the key again" reopened

# The engine writes to no such volume, clear key or not
unwritten() {
	cp --sparse=always "$WORK/clear.img" "$WORK/engine.img"
	digest "$WORK/engine.img" > "$WORK/sum2"
	hold 2,3 capture --store '\S' C="$WORK/engine.img"
	hold 2,3 wipe C="$WORK/engine.img"
	same "the volume afterwards" "$(digest "$WORK/engine.img")" "$(cat "$WORK/sum2")"
}
try "bitlocker: never written to" unwritten

# Copies of the metadata stand in for one another; when all are damaged, that is what is told
damaged() {
	local at
	at=$(od -A n -t u8 -j $((1048576 + 0xb0)) -N 24 "$WORK/disk.img")
	cp --sparse=always "$WORK/disk.img" "$WORK/damaged.img"
	# shellcheck disable=SC2086
	set -- $at
	dd if=/dev/urandom of="$WORK/damaged.img" bs=64k count=1 seek=$(($1 + 1048576)) oflag=seek_bytes conv=notrunc status=none
	hold 0,1 scan --json --recovery-key $RECOVERY "$WORK/damaged.img"
	same "by the second copy" "$(counts "$WORK/out")" "$(cat "$WORK/wanted")"
	for at in "$2" "$3"; do
		dd if=/dev/urandom of="$WORK/damaged.img" bs=64k count=1 seek=$((at + 1048576)) oflag=seek_bytes conv=notrunc status=none
	done
	hold 3 scan --recovery-key $RECOVERY "$WORK/damaged.img"
	grep -q 'BitLocker metadata are damaged' "$WORK/err"
	rm "$WORK/damaged.img"
}
try "bitlocker: damaged metadata" damaged

# Shadow copies within, and containers around
nested() {
	fixture store-live-users-wiped --files 60 --size 80000000
	cp --sparse=always "$IMAGE" "$WORK/then.img"
	fixture all-deleted-new-system-60 --files 60 --size 80000000
	cp --sparse=always "$IMAGE" "$WORK/nested.img"
	"$WRECK" shadow "$WORK/nested.img" "$WORK/then.img" 0
	"$WRECK" bitlocker "$WORK/nested.img" 0 xts-256
	hold 0,1 rescue --to "$WORK/of-then" "$WORK/then.img"
	hold 1 scan --shadows --case "$WORK/nested.case" --json --recovery-key $RECOVERY "$WORK/nested.img"
	same layers "$(jq -c '.layers | map([.kind, .outer, .volume])' "$WORK/out")" '[["bitlocker",null,1],["shadow",1,2]]'
	store=$(jq '.stores[] | select(.same_as) | .id' "$WORK/out")
	hold 0 rebuild --recovery-key $RECOVERY --store "$store" --to "$WORK/nested" "$WORK/nested.case"
	same "files" "$(contents "$WORK/nested")" "$(contents "$WORK/of-then/store-1")"
	qemu-img convert -O vpc "$WORK/disk.img" "$WORK/disk.vhd"
	hold 0,1 scan --json --recovery-key $RECOVERY "$WORK/disk.vhd"
	same "in a VHD" "$(counts "$WORK/out")" "$(cat "$WORK/wanted")"
}
try "bitlocker: with a shadow copy in it, and in a container" nested

# Volumes that Windows made: cryptsetup's test images (tests/bitlk-images.tar.xz of its sources), if somebody
# put them there; images.conf has a SHA-256 of each volume decrypted, which zeros in $MFT's place would change
SAMPLES=${HOLDFAST_SAMPLES:-$ROOT/../shared/samples}/bitlocker
windows() {
	[ -e "$SAMPLES/bitlk-images.tar.xz" ] || skip "no $SAMPLES/bitlk-images.tar.xz"
	tar xJf "$SAMPLES/bitlk-images.tar.xz" -C "$WORK"
	for file in "$WORK"/bitlk-images/bitlk-aes-*.img; do
		name=$(basename "$file" .img)
		[ "$name" != bitlk-aes-xts-128-eow ] || continue
		key=$(awk -v s="[$name]" '$0 == s { on = 1; next } /^\[/ { on = 0 } on && sub(/^RP=/, "")' "$WORK/bitlk-images/images.conf")
		hold 0,1 scan --recovery-key "$key" "$file"
		grep -q '^Volume 1 .*opened by recovery key; NTFS' "$WORK/out" || fail "$name: $(sed -n 2p "$WORK/out")"
	done
}
try "bitlocker: volumes of Windows" windows

done_testing
