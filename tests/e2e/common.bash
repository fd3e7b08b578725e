# SPDX-License-Identifier: GPL-3.0-or-later
# common.bash - what the end-to-end tests share; sourced, not run
#
# A test case is a function run by `try NAME FUNCTION [ARGUMENT]...` in a shell of its own with
# `set -e`: it fails at the first command that fails, or says why with `fail WHY`; `skip WHY`
# leaves it out.  One line a case goes to standard output.  A script ends with `done_testing`.
set -u
export LC_ALL=C.UTF-8 TZ=UTC
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=${BUILD:-build}
HOLDFAST=$ROOT/$BUILD/holdfast
WRECK=$ROOT/build/wreck
PATH=$PATH:/usr/sbin:/sbin
. "$ROOT/tests/temp.bash"
# A sanitizer must not be mistaken for an exit status of the program
export ASAN_OPTIONS=${ASAN_OPTIONS:-exitcode=99} UBSAN_OPTIONS=${UBSAN_OPTIONS:-exitcode=99:print_stacktrace=1}

OWN=
if [ -z "${E2E_SHARED:-}" ]; then
	OWN=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-e2e-XXXXXX")
	export E2E_SHARED=$OWN
fi
WORK=$(mktemp -d "$E2E_SHARED/$(basename "$0" .sh)-XXXXXX")
FAILED=0

cleanup() {
	local at
	grep -oE " $WORK/[^ ]+ " /proc/mounts | while read -r at; do umount "$at" 2> "$WORK/umount"; done
	rm -rf "${OWN:-$WORK}"
}
trap cleanup EXIT

fail() {
	echo "$*" > "$WORK/why"
	exit 1
}

skip() {
	echo "$*" > "$WORK/why"
	exit 77
}

try() {
	local name=$1 status why
	shift
	rm -f "$WORK/why"
	(
		trap - EXIT
		set -e
		"$@"
	) > "$WORK/log" 2>&1
	status=$?
	why=$(head -c 300 "$WORK/why" 2> /dev/null || tail -n 3 "$WORK/log" | tr '\n' ' ' | head -c 300)
	case $status in
	0) echo "ok $name" ;;
	77) echo "skipped $name: $why" ;;
	*)
		echo "not ok $name: ${why:-exit status $status}"
		FAILED=1
		sed 's/^/    /' "$WORK/log" | tail -n "${E2E_LINES:-0}" >&2
		;;
	esac
}

done_testing() {
	exit "$FAILED"
}

# digest FILE...: another one when a byte was changed. Volumes are large and mostly holes, which a CRC passes quickest;
# of what a file holds, sha256sum speaks.
digest() {
	local file
	for file; do cksum < "$file"; done
}

# fixture NAME [WRECK OPTION]...: sets IMAGE, TRUTH, MAP ("" if none); made once for all scripts
fixture() {
	local folder
	folder=${E2E_FIXTURES:-$E2E_SHARED/fixtures}/$(echo "${*:2}" | tr -cd 'a-z0-9')
	mkdir -p "$folder"
	(
		flock 9
		[ -e "$folder/$1.sum" ] || {
			"$WRECK" "$1" "$folder" "${@:2}" > "$folder/$1.log" 2>&1 || exit 1
			digest "$folder/$1.img" > "$folder/$1.sum"
		}
	) 9> "$folder/$1.lock" || fail "wreck $*: $(tail -n 1 "$folder/$1.log")"
	IMAGE=$folder/$1.img
	TRUTH=$folder/$1.truth.jsonl
	MAP=
	[ ! -e "$folder/$1.map" ] || MAP=$folder/$1.map
}

# unchanged: the fixture has the bytes it was made with
unchanged() {
	[ "$(digest "$IMAGE")" = "$(cat "${IMAGE%.img}.sum")" ] || fail "the evidence was changed: $IMAGE"
}

# run STATUS COMMAND...: the exit status must be STATUS ("0,1" allows both); output in $WORK/out, $WORK/err
run() {
	local want=$1 got=0
	shift
	"$@" > "$WORK/out" 2> "$WORK/err" || got=$?
	case ,$want, in
	*,$got,*) ;;
	*) fail "exit status $got, wanted $want: ${*##*/}: $(grep -m1 -E 'ERROR|runtime error|holdfast' "$WORK/err" || head -n 1 "$WORK/err")" ;;
	esac
}

hold() {
	local want=$1
	shift
	run "$want" "$HOLDFAST" "$@"
}

# same WHAT GOT WANTED
same() {
	[ "$2" = "$3" ] || fail "$1: $2, wanted $3"
}

# jq reads no unpaired surrogates
plain() {
	sed -E 's/\\u(d[89a-f][0-9a-f]{2})/<\1>/gI' "$@"
}

# counts JSON: what all forms of the same evidence must agree on
counts() {
	jq -cS '[.stores[] | {path, kind, state, files, names, bytes, only_here, grades}]' "$1"
}

# zeros FILE OFFSET LENGTH
zeros() {
	cmp -s -n "$3" -i "$2:0" "$1" /dev/zero
}

# listing FOLDER: every file with size, digest, links and time; to be compared
listing() {
	(cd "$1" && find . -printf '%y %n %s %T@ %p\0' | sort -z | tr '\0\n' '\n ' &&
		find . -type f -print0 | sort -z | xargs -0 -r sha256sum -z | tr '\0\n' '\n ')
}
