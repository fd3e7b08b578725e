#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# sequence_again.sh - IMAGE LOG COMMAND...: go on with a sequence that was cut off, and ask its log
#
# The command is run again, unless the sequence had ended. Of the host's logs, which are in IMAGE.logs, the image decides
# what the cut left: nothing; what is there; or LOG, which is of a whole run, torn anywhere. If there is
# IMAGE.other, the sequence has its store there.
set -eu
image=$1 log=$2 tools=$(dirname "$0")/../../build/crash
shift 2
RANDOM=$(cksum < "$image" | cut -d' ' -f1)
trap 'rm -rf "$image.logs" "$image."{copy,log,told,other}' EXIT

why() {
	echo "$*"
	exit 3
}

# ended IMAGE: the log of the sequence lies where it is put last; it is $image.log then
ended() {
	ntfscat -f "$1" /Windows/CCM/Logs/SMSTSLog/smsts.log > "$image.log" 2> "$image.told"
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

# asks COMMAND...: it must succeed
asks() {
	"$@" > "$image.told" 2>&1 || why "$2: $(grep -m1 -E '^holdfast|FAILED|failed' "$image.told" || tail -n 1 "$image.told")"
}

# stored PROGRAM: on the other volume there is one store, a whole one
stored() {
	[ -e "$image.other" ] || return 0
	asks "$1" replay -q "$image.other"
	asks "$1" check -q "$image.other"
	asks "$1" verify -q --store '\Store' "D=$image.other"
	ntfsls -f -p /Store "$image.other" > "$image.told"
	[ "$(grep -c USMT "$image.told")" -eq 1 ] || why "stores: $(tr '\n' ' ' < "$image.told")"
}

cp --sparse=always "$image" "$image.copy"
asks "$1" replay -q "$image.copy"
if ended "$image.copy"; then
	cat "$image.copy" 1<> "$image"
	stored "$1"
	exit 0
fi
torn=0
case $((RANDOM % 3)) in
0) rm -rf "$image.logs" ;;
1)
	rm -rf "$image.logs"
	mkdir "$image.logs"
	head -c $((RANDOM * RANDOM % $(stat -c %s "$log"))) "$log" > "$image.logs/smsts.log"
	torn=1
	;;
esac
kept=$([ ! -e "$image.logs" ] || echo 1)
asks "$@"
ended "$image" || why "no log in the new Windows"
stored "$1"
[ -n "$kept" ] || once
readable "$image.log" $torn
readable "$image.logs/smsts.log" $torn
