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

of_container() {
	fixture all-deleted-store-last
	[ -x "$(command -v ewfacquire)" ] || return 0
	ewfacquire -u -q -t "$WORK/packed" "$IMAGE" > "$WORK/log2" 2>&1
	hold 0,1 scan --json --hash-evidence "$WORK/packed.E01"
	sums_are "$IMAGE"
}
try "custody: what is in a container" of_container

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
	hold 0,1 report --format html "$WORK/rescued/case.holdfast"
	grep -q '<html' "$WORK/rescued/report.html"
}
try "custody: digests of what a rescue has written, and its page" outputs
done_testing
