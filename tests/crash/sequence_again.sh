#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# sequence_again.sh - IMAGE LOGS HOLDFAST OPTION...: go on with a sequence that was cut off, and ask its log
#
# The command is run again, unless the sequence had ended. Of the host's logs, which are in IMAGE.logs, the image decides
# what the cut left: nothing; what is there; or the log in LOGS, which is of a whole run, torn anywhere.
set -eu
image=$1 logs=$2 tools=$(dirname "$0")/../../build/crash
shift 2
RANDOM=$(cksum < "$image" | cut -d' ' -f1)
trap 'rm -rf "$image.logs" "$image."{copy,log,told}' EXIT

why() {
	echo "$*"
	exit 3
}

# ended IMAGE: the log of the sequence lies where it is put last; it is $image.log then
ended() {
	ntfscat -f "$1" /Windows/CCM/Logs/SMSTSLog/smsts.log > "$image.log" 2> "$image.told"
}

# go_on HOLDFAST OPTION...
go_on() {
	"$@" > "$image.told" 2>&1 || why "status $?: $(grep -m1 '^holdfast' "$image.told" || tail -n 1 "$image.told")"
	ended "$image" || why "no log in the new Windows"
}

# readable LOG MOST: all of it but MOST records is whole
readable() {
	"$tools/records" "$1" > "$image.told"
	[ "$(grep -c '^torn' "$image.told")" -le "$2" ] || why "torn: $(grep '^torn' "$image.told" | tail -n 1)"
	grep -q '^whole Execution engine result code: Success (0)' "$image.told" || why "the log does not tell of the end"
}

# once: no step has been done twice, but for that which asks for a restart in the middle
once() {
	local twice
	twice=$("$tools/records" "$image.log" | grep -o 'Successfully completed the action ([^)]*)' | grep -v Setup | sort | uniq -d)
	[ -z "$twice" ] || why "twice: $twice"
}

cp --sparse=always "$image" "$image.copy"
"$1" replay -q "$image.copy" > "$image.told" 2>&1 || why "replay: $(head -n 1 "$image.told")"
if ended "$image.copy"; then
	cat "$image.copy" 1<> "$image"
	exit 0
fi
torn=0
case $((RANDOM % 3)) in
0) rm -rf "$image.logs" ;;
1)
	rm -rf "$image.logs"
	cp -r "$logs" "$image.logs"
	truncate -s $((RANDOM * RANDOM % $(stat -c %s "$logs/smsts.log"))) "$image.logs/smsts.log"
	torn=1
	;;
esac
kept=$([ ! -e "$image.logs" ] || echo 1)
go_on "$@" --logs "$image.logs" "$image"
[ -n "$kept" ] || once
readable "$image.log" $torn
readable "$image.logs/smsts.log" $torn
