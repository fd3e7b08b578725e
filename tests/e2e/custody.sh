#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# custody.sh - digests of the evidence and of what was written, and who looked when
. "$(dirname "$0")/common.bash"

# sums_are FILE: the report in $WORK/out has the digests that sha256sum, sha1sum and md5sum give FILE
sums_are() {
	local name
	for name in sha256 sha1 md5; do
		same "$name" "$(jq -r ".evidence[0].$name" "$WORK/out")" "$("${name}sum" < "$1" | cut -d' ' -f1)"
	done
}

of_raw() {
	fixture all-deleted-store-last
	hold 0,1 scan --json "$IMAGE"
	same "not asked for" "$(jq -c '.evidence[0] | [.sha256, .sha1, .md5]' "$WORK/out")" '[null,null,null]'
	hold 0,1 scan --json --hash-evidence "$IMAGE"
	sums_are "$IMAGE"
	hold 0,1 scan --json --hash-evidence --carve "$IMAGE"
	sums_are "$IMAGE"
	unchanged
}
try "custody: a raw image, by itself and in the pass of a sweep" of_raw

# packed [OPTION]...: $IMAGE as an E01, which says of itself what ewfacquire is told to
packed() {
	[ -x "$(command -v ewfacquire)" ] || skip "ewfacquire is not installed"
	ewfacquire -u -q "$@" -t "$WORK/packed" "$IMAGE" > "$WORK/log2" 2>&1
}

# stored_are MD5 SHA1: what the image says of itself, as the JSON in $WORK/out has it
stored_are() {
	same "stored" "$(jq -r '.evidence[0] | "\(.stored_md5) \(.stored_sha1)"' "$WORK/out")" "$1 $2"
}

of_container() {
	local md5 sha1
	fixture all-deleted-store-last
	md5=$(md5sum < "$IMAGE" | cut -d' ' -f1)
	sha1=$(sha1sum < "$IMAGE" | cut -d' ' -f1)
	hold 0,1 scan --json "$IMAGE"
	stored_are null null
	packed
	hold 0,1 scan --json --hash-evidence "$WORK/packed.E01"
	sums_are "$IMAGE"
	stored_are "$md5" null
	rm "$WORK/packed.E01"
	packed -d sha1
	hold 0,1 scan --json "$WORK/packed.E01"
	same "not asked for" "$(jq -c '.evidence[0] | [.sha256, .sha1, .md5]' "$WORK/out")" '[null,null,null]'
	stored_are "$md5" "$sha1"
	hold 0,1 scan "$WORK/packed.E01"
	grep -q "MD5 *$md5, says the image (not checked; --hash-evidence does)" "$WORK/out" || fail "$(grep MD5 "$WORK/out")"
	hold 0,1 scan --hash-evidence "$WORK/packed.E01"
	grep -q "SHA-1 *$sha1, as the image says" "$WORK/out" || fail "$(grep SHA-1 "$WORK/out")"
	! tr -s "\n " " " < "$WORK/out" | grep -q "not those that were written into the image" || fail "changed?"
}
try "custody: what is in a container" of_container

# The MD5 in the sections "hash" and "digest" is another's, and their own checksums are right.
of_changed() {
	local other=00112233445566778899aabbccddeeff
	fixture all-deleted-store-last
	packed
	python3 - "$WORK/packed.E01" "$(md5sum < "$IMAGE" | cut -d' ' -f1)" $other <<- 'END'
		import sys, zlib
		path, old, new = sys.argv[1], bytes.fromhex(sys.argv[2]), bytes.fromhex(sys.argv[3])
		data, at, changed = bytearray(open(path, "rb").read()), 13, 0
		while True:
		    kind, follows = data[at:at + 16].rstrip(b"\0"), int.from_bytes(data[at + 16:at + 24], "little")
		    length = {b"hash": 32, b"digest": 76}.get(bytes(kind))
		    if length:
		        body = slice(at + 76, at + 76 + length)
		        assert data[body].startswith(old)
		        data[body.start:body.start + 16] = new
		        data[body.stop:body.stop + 4] = zlib.adler32(data[body]).to_bytes(4, "little")
		        changed += 1
		    if follows <= at:
		        break
		    at = follows
		assert changed
		open(path, "wb").write(data)
	END
	hold 1 scan --json --case "$WORK/changed.case" --hash-evidence "$WORK/packed.E01"
	sums_are "$IMAGE"
	stored_are $other null
	same "findings" "$(jq -c '[.findings[] | select(.kind == "evidence-changed")] | length' "$WORK/out")" 1
	hold 1 report "$WORK/changed.case"
	grep -A 1 'MD5 .*, but the image says:' "$WORK/out" | grep -q "^ *$other\$" || fail "$(grep -A 1 MD5 "$WORK/out")"
	tr -s "\n " " " < "$WORK/out" | grep -q "not those that were written into the image" || fail "the finding is not told"
}
try "custody: an image that says otherwise of itself" of_changed

of_damaged() {
	local at length sum=0
	fixture bad-sectors
	cp --sparse=always "$IMAGE" "$WORK/zeros.img"
	while read -r at length; do
		dd if=/dev/zero of="$WORK/zeros.img" bs=512 seek=$((at / 512)) count=$((length / 512)) conv=notrunc status=none
		sum=$((sum + length))
	done < <(awk '$2 ~ /^0x/ && $3 != "+" { print $1, $2 }' "$MAP")
	[ "$sum" -gt 0 ] || fail "the map has no holes"
	hold 1 scan --json --hash-evidence --map "$MAP" "$IMAGE"
	sums_are "$WORK/zeros.img"
	same "bytes that cannot be read" "$(jq .evidence[0].unreadable_bytes "$WORK/out")" "$sum"
	awk '$2 ~ /^0x/ && $3 != "+" { print $1, $2 }' "$MAP" | while read -r at length; do
		echo "[$((at)),$((length))]"
	done > "$WORK/places"
	same "places" "$(jq -c '.evidence[0].unreadable[] | [.offset_bytes, .length_bytes]' "$WORK/out")" "$(cat "$WORK/places")"
}
try "custody: zeros for what cannot be read, and how much that is" of_damaged

# A casebook may come from anywhere.
hostile_digests() {
	sqlite3 "$WORK/case" "UPDATE evidence SET sha256='a' || char(27) || '[31m', sha1=NULL"
	hold 0,1 report "$WORK/case"
	! grep -q $'\033' "$WORK/out" || fail "a digest steers the terminal"
	! grep -q 'SHA-1' "$WORK/out" || fail "a digest that is not there: $(grep SHA-1 "$WORK/out")"
	hold 0,1 report --format case "$WORK/case"
	same "hashes that are null" "$(jq '[.. | ."uco-types:hashValue"? | objects | select(."@value" == null)] | length' "$WORK/out")" 0
}

# The casebook, by sqlite3: who, how, when
circumstances() {
	local before after
	fixture all-deleted-store-last
	before=$(date -u +%Y-%m-%dT%H:%M:%SZ)
	hold 0,1 scan -q --case "$WORK/case" "$IMAGE"
	after=$(date -u +%Y-%m-%dT%H:%M:%SZ)
	meta() { sqlite3 "$WORK/case" "SELECT value FROM meta WHERE key='$1'"; }
	[[ "$(meta command)" == *"scan -q --case $WORK/case $IMAGE" ]] || fail "the command: $(meta command)"
	[[ "$(meta machine)" == "$(uname -n) ($(uname -s) $(uname -r), $(uname -m))" ]] || fail "the machine: $(meta machine)"
	[[ ! "$(meta began)" < "$before" && ! "$(meta ended)" < "$(meta began)" && ! "$after" < "$(meta ended)" ]] ||
		fail "$before, $(meta began), $(meta ended), $after"
}
try "custody: who scanned, and when" circumstances
try "custody: digests that are none" hostile_digests

outputs() {
	fixture all-deleted-store-last
	hold 0,1 rescue --to "$WORK/rescued" "$IMAGE"
	tail -n 1 "$WORK/out" | grep -qF "$WORK/rescued/report.html" || fail "the page is not named last: $(tail -n 1 "$WORK/out")"
	(cd "$WORK/rescued" && sha256sum -c --strict --quiet SHA256SUMS) || fail "digests of the outputs"
	same "files with a digest" "$(cut -c67- "$WORK/rescued/SHA256SUMS" | sort | tr '\n' ' ')" \
		"$(cd "$WORK/rescued" && find . -maxdepth 2 -type f ! -name '.*' ! -name SHA256SUMS -printf '%P\n' | sort | tr '\n' ' ')"
	rm "$WORK/rescued/report.txt" # so it is not finished, and may be done again
	echo mine > "$WORK/rescued/"$'a\\b\nc\rd'
	hold 0,1 rescue --to "$WORK/rescued" "$IMAGE"
	(cd "$WORK/rescued" && sha256sum -c --strict --quiet SHA256SUMS) || fail "digests where names are escaped"
	grep -cF 'a\\b\nc\rd' "$WORK/rescued/SHA256SUMS" > "$WORK/count" || fail "what was beside it has no digest"
	hold 0,1 report --format html "$WORK/rescued/case.holdfast"
	grep -q '<html' "$WORK/rescued/report.html"
}
try "custody: digests of what a rescue has written, and its page" outputs
done_testing
