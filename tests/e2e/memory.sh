#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memory.sh - memory grows by record, never by data
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"
. "$(dirname "$0")/windows.bash"
WINDOWS_SIZE=512M
SLACK_KIB=4096 # what two runs on the same image may differ by

# the documents of a long life: the same names, of few bytes or of many
documents() {
	local i
	for i in {1..20}; do
		head -c "$1" /dev/zero > "Users/anna/Documents/thesis $i.doc"
	done
}
setup() {
	windows_image "$WORK/small.img"
	cp --sparse=always "$WORK/small.img" "$WORK/large.img"
	mounted "$WORK/small.img" documents 8K
	mounted "$WORK/large.img" documents 8M
	refresh_rules "$WORK/rules.xml"
}
try "memory: the same files, small and large" setup

# peak IMAGE COMMAND...: KiB; "{}" is the image
peak() {
	local image=$1
	shift
	run 0,1 /usr/bin/time -q -f %M -o "$WORK/peak" "$HOLDFAST" "${@//\{\}/$image}"
	tail -n 1 "$WORK/peak"
}

# level COMMAND...: on both images, one after the other
level() {
	local small large
	small=$(peak "$WORK/small.img" "$@")
	large=$(peak "$WORK/large.img" "$@")
	[ "$large" -le $((small + SLACK_KIB)) ] || fail "$large KiB for large files, $small KiB for small ones"
}

case $BUILD in
*address*) ;; # which keeps what was freed
*)
	try "memory: rules --on" level rules --json --on {} "$WORK/rules.xml"
	try "memory: capture by rules, with digests" level capture -q --digest --store '\Store' --rules "$WORK/rules.xml" {}
	try "memory: verify" level verify -q --store '\Store' {}
	try "memory: wipe" level wipe -q --yes --keep '\Store' {}
	try "memory: restore" level restore -q --store '\Store' {}
	;;
esac
done_testing
