#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# status.sh - a command that was cut off: told by status, check and scan; finished by replay; a task sequence under way
. "$(dirname "$0")/common.bash"
fixture store-deleted-users-live

# cut_off IMAGE N: a rebuild onto the volume that is killed before its N-th write (from 0)
cut_off() {
	local status=0
	CUT_INODE=$(stat -c %i "$1") CUT_WRITE=$2 LD_PRELOAD=$WORK/cut.so ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 \
		"$HOLDFAST" rebuild --to "$1:\\Rescued" "$WORK/case" > "$WORK/out" 2> "$WORK/err" || status=$?
	same "exit status" "$status" 137
}

# untouched STATUS COMMAND...: a command that writes nothing
untouched() {
	local sum
	sum=$(digest "$VOLUME")
	hold "$@"
	same "the volume after ${*:2:1}" "$(digest "$VOLUME")" "$sum"
}

setup() {
	${CC:-cc} -x c -shared -fPIC -o "$WORK/cut.so" - <<- 'END'
		#include <signal.h>
		#include <stdlib.h>
		#include <sys/stat.h>
		#include <sys/syscall.h>
		#include <unistd.h>

		ssize_t pwrite64(int fd, const void *from, size_t length, off_t offset)
		{
			static long done;
			struct stat status;

			if (fstat(fd, &status) == 0 && status.st_ino == strtoul(getenv("CUT_INODE"), NULL, 10) &&
			    done++ == atol(getenv("CUT_WRITE")))
				raise(SIGKILL);
			return syscall(SYS_pwrite64, fd, from, length, offset);
		}

		ssize_t pwrite(int fd, const void *from, size_t length, off_t offset)
		{
			return pwrite64(fd, from, length, offset);
		}
	END
	truncate -s 200M "$WORK/empty.img"
	mkntfs -F -Q -q "$WORK/empty.img" > "$WORK/log2" 2>&1
	hold 0,1 scan --case "$WORK/case" "$IMAGE"
	cp --sparse=always "$WORK/empty.img" "$WORK/running.img"
	cut_off "$WORK/running.img" 1
	# the first write behind the one that commits
	for write in 2 3 4 5 6; do
		cp --sparse=always "$WORK/empty.img" "$WORK/committed.img"
		cut_off "$WORK/committed.img" $write
		hold 1 status --json "$WORK/committed.img"
		! jq -e '.volumes[0].cut_off | .committed and .waiting > 0' "$WORK/out" || return 0
	done
	fail "no write in place among the first"
}
try "status: two runs are cut off" setup

nothing() {
	VOLUME=$WORK/empty.img
	untouched 0 status --json "$VOLUME"
	jq -e '.volumes[0] | .cut_off == null and .sequence == null and .dirty == false and .stores == [] and (.next | length) == 1 and .log == "empty"' "$WORK/out"
	untouched 0 status "$VOLUME"
	untouched 0 replay --json "C=$VOLUME"
	jq -e '.volumes[0] | .found == false and .letter == "C"' "$WORK/out"
}
try "status: nothing was under way" nothing

committed() {
	VOLUME=$WORK/committed.img
	untouched 1 status --json "$VOLUME"
	jq -e '.volumes[0] | .log == "holdfast" and (.cut_off | .command == "rebuild" and .committed and .refused == null and
		.blocks >= .waiting and .waiting > 0)' "$WORK/out"
	untouched 1 status "$VOLUME"
	grep -q 'would finish' "$WORK/out"
	grep -q 'Until then do not mount it.*ntfsfix' "$WORK/out"
	untouched 0,1 check "$VOLUME"
	grep -q '"rebuild" was cut off' "$WORK/out"
	untouched 0,1 check --json "$VOLUME"
	same "told by check" "$(jq -r '.volumes[0].cut_off' "$WORK/out")" rebuild
	untouched 0,1 scan --json --case "$WORK/cut.case" "$VOLUME"
	hold 0,1 report "$WORK/cut.case"
	grep -q 'was cut off on the volume' "$WORK/out"
	cp --sparse=always "$VOLUME" "$WORK/foreign.img"
	hold 0 replay --json "$VOLUME"
	jq -e '.volumes[0] | .found and .finished and .blocks > 0 and .command == "rebuild"' "$WORK/out"
	untouched 0 check "$VOLUME"
	! grep -q 'cut off' "$WORK/out"
	ntfsfix -n "$VOLUME"
	untouched 0 status "$VOLUME"
	untouched 0 replay "$VOLUME"
}
try "status: a committed transaction is told, and finished by replay" committed

running() {
	VOLUME=$WORK/running.img
	untouched 1 status --json "$VOLUME"
	jq -e '.volumes[0].cut_off | .command == "rebuild" and (.committed | not) and .waiting == 0' "$WORK/out"
	untouched 0 check "$VOLUME"
	grep -q '"rebuild" was cut off' "$WORK/out"
	hold 0 replay "$VOLUME"
	grep -q 'never happened' "$WORK/out"
	untouched 0 check "$VOLUME"
	same "names on it" "$(fls -f ntfs -r -p "$VOLUME")" "$(fls -f ntfs -r -p "$WORK/empty.img")"
}
try "status: what was not committed never happened" running

foreign() {
	local mirror
	VOLUME=$WORK/foreign.img
	# somebody writes into the mirror of the first records, where the transaction is to be put
	mirror=$(istat -f ntfs "$WORK/empty.img" 1 | awk '/^Type: \$DATA .*Non-Resident/ { on = 1; next } on && NF { print $1; exit }')
	printf 'x' | dd of="$VOLUME" bs=1 seek=$((mirror * 4096 + 3 * 1024 + 100)) conv=notrunc status=none
	untouched 1 status --json "$VOLUME"
	jq -e '.volumes[0].cut_off.refused | test("something else has written")' "$WORK/out"
	untouched 1 status "$VOLUME"
	untouched 3 replay "$VOLUME"
	grep -q 'something else has written' "$WORK/err"
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
}
try "status: a volume that was written to since is told, and left alone" foreign

# spoilt_log BYTE: a volume with the log of a run that was cut off, whose header has a wrong byte there
spoilt_log() {
	local log
	VOLUME=$WORK/other.img
	cp --sparse=always "$WORK/empty.img" "$VOLUME"
	cut_off "$VOLUME" 1
	log=$(istat -f ntfs "$VOLUME" 2 | awk '/^Type: \$DATA .*Non-Resident/ { on = 1; next } on && NF { print $1; exit }')
	printf '\011' | dd of="$VOLUME" bs=1 seek=$((log * 4096 + $1)) conv=notrunc status=none
}

other_version() {
	spoilt_log 16
	untouched 1 status "$VOLUME"
	grep -q 'another version' "$WORK/out"
	untouched 3 replay "$VOLUME"
	untouched 0 check "$VOLUME"
	grep -q 'another version' "$WORK/out"
}
try "status: the log of another version" other_version

damaged_header() {
	local pattern='header is damaged.*holdfast rescue.*chkdsk /f'
	spoilt_log 56
	untouched 1 status "$VOLUME"
	grep -q "cut off: .*$pattern" "$WORK/out"
	untouched 3 replay "$VOLUME"
	grep -q "$pattern" "$WORK/err"
	untouched 3 capture --store '\S' "$VOLUME"
	grep -q "$pattern" "$WORK/err"
	untouched 0 check "$VOLUME"
	grep -q "$pattern" "$WORK/out"
}
try "status: a log whose header is damaged says what to do" damaged_header

dirty() {
	local mft
	VOLUME=$WORK/dirty.img
	cp --sparse=always "$WORK/empty.img" "$VOLUME"
	mkdir "$WORK/mnt"
	ntfs-3g "$VOLUME" "$WORK/mnt" > "$WORK/log2" 2>&1 || skip "ntfs-3g cannot mount here"
	umount "$WORK/mnt"
	ntfsfix "$VOLUME" > "$WORK/log2" 2>&1 # marks it for chkdsk
	untouched 1 status --json "$VOLUME"
	jq -e '.volumes[0] | .dirty and .cut_off == null and (.next[0] | test("chkdsk"))' "$WORK/out"
}
try "status: a dirty volume" dirty

stores() {
	VOLUME=$IMAGE
	untouched 0,1 status --json "$VOLUME"
	hold 0,1 scan --json "$VOLUME"
	cp "$WORK/out" "$WORK/scan"
	hold 0,1 status --json "$VOLUME"
	same stores "$(jq -c '[.volumes[].stores[] | {path, kind, state, files, only_here}]' "$WORK/out")" \
		"$(jq -c '[.stores[] | {path, kind, state, files, only_here}]' "$WORK/scan")"
	fixture all-deleted-store-last
	VOLUME=$IMAGE
	untouched 1 status "$VOLUME"
	grep -q 'holdfast rescue --to DIR' "$WORK/out"
}
try "status: stores that a scan finds" stores

# record IMAGE JSON: put the state of a task sequence onto a volume, as sequence_state.h describes it
record() {
	local sum
	printf '%s\n' "$2" > "$WORK/object"
	sum=$("$WORK/xxh3" < "$WORK/object")
	mkdir -p "$WORK/mnt"
	ntfs-3g "$1" "$WORK/mnt" > "$WORK/log2" 2>&1 || skip "ntfs-3g cannot mount here"
	mkdir -p "$WORK/mnt/_SMSTaskSequence"
	{ echo "holdfast task sequence 1 $sum"; cat "$WORK/object"; } > "$WORK/mnt/_SMSTaskSequence/holdfast.env"
	umount "$WORK/mnt"
}

# variables NAME=VALUE...: a state that has them
variables() {
	jq -nc --args '{sequence: ("ab" * 32), variables: [$ARGS.positional[] | split("=") | {name: .[0], value: .[1]}]}' "$@"
}

sequence_setup() {
	${CC:-cc} -x c -o "$WORK/xxh3" - -lxxhash <<- 'END'
		#include <stdio.h>
		#include <xxhash.h>

		int main(void)
		{
			static char bytes[1 << 20];

			printf("%016llx\n", (unsigned long long)XXH3_64bits(bytes, fread(bytes, 1, sizeof bytes, stdin)));
		}
	END
	cp --sparse=always "$WORK/empty.img" "$WORK/under-way.img"
	record "$WORK/under-way.img" "$(variables _SMSTSPackageName=Refresh _SMSTSNextInstructionPointer=7 \
		_SMSTSInstructionTableSize=21 "_SMSTSCurrentActionName=Apply OS" "_SMSTSLastActionName=Apply OS" \
		_SMSTSLastActionRetCode=0 _SMSTSLastActionSucceeded=true 'OSDStateStorePath=C:\StateStore')"
}
try "status: a task sequence is put onto a volume" sequence_setup

sequence_under_way() {
	VOLUME=$WORK/under-way.img
	[ -e "$VOLUME" ] || skip "there is none"
	untouched 1 status --json "$VOLUME"
	jq -e '.volumes[0] | .cut_off == null and (.sequence | .name == "Refresh" and .failed == false and .broken == null and
		.sha256 == ("ab" * 32) and .next_instruction == 7 and .instructions == 21 and .store == "C:\\StateStore" and
		(.last_action | .name == "Apply OS" and .succeeded and .code == "0x00000000")) and
		(.next | length == 1 and (.[0] | test("holdfast run")))' "$WORK/out"
	untouched 1 status "$VOLUME"
	grep -q 'task sequence is under way on it: Refresh$' "$WORK/out"
	grep -q 'stands at instruction 7,' "$WORK/out"
	! grep -q 'nothing of holdfast' "$WORK/out"
	grep -q '> .*it goes on where it stands' "$WORK/out"
}
try "status: a task sequence is under way" sequence_under_way

sequence_failed() {
	VOLUME=$WORK/failed.img
	cp --sparse=always "$WORK/empty.img" "$VOLUME"
	record "$VOLUME" "$(variables _SMSTSPackageName=Refresh _SMSTSNextInstructionPointer=9 _SMSTSInstructionTableSize=21 \
		"_SMSTSCurrentActionName=Restore" "_SMSTSLastActionName=Restore" _SMSTSLastActionRetCode=-2147024784 \
		_SMSTSLastActionSucceeded=false _HoldfastSequenceFailed=true)"
	untouched 1 status --json "$VOLUME"
	jq -e '.volumes[0].sequence | .failed and (.last_action | .code == "0x80070070" and .usmt_code == null)' "$WORK/out"
	untouched 1 status "$VOLUME"
	grep -q 'has FAILED on it: Refresh$' "$WORK/out"
	grep -q 'in the step "Restore"' "$WORK/out"
	grep -q 'not enough space on the disk' "$WORK/out"
	grep -q '> .*free space on it.*goes on with the step that failed' "$WORK/out"
}
try "status: a task sequence has failed" sequence_failed

# Cut off in a transaction: that comes first, and what is told of the sequence is what was committed
sequence_cut_off() {
	[ -e "$WORK/under-way.img" ] || skip "there is none"
	for write in 2 3 4 5 6; do
		VOLUME=$WORK/both.img
		cp --sparse=always "$WORK/under-way.img" "$VOLUME"
		cut_off "$VOLUME" $write
		untouched 1 status --json "$VOLUME"
		jq -e '.volumes[0].cut_off.committed' "$WORK/out" && break
	done
	jq -e '.volumes[0] | .cut_off.committed and .sequence.next_instruction == 7 and
		(.next | (.[0] | test("holdfast replay")) and (.[1] | test("holdfast run")))' "$WORK/out"
	untouched 1 status "$VOLUME"
	same "the order" "$(grep -n -o 'would finish it\|as long as that is not in place\|is under way on it' "$WORK/out" | cut -d: -f2 | tr '\n' ';')" \
		'would finish it;as long as that is not in place;is under way on it;'
	hold 0 replay "$VOLUME"
	untouched 1 status "$VOLUME"
	grep -q 'is under way on it' "$WORK/out"
	! grep -q 'as long as that' "$WORK/out"
}
try "status: a task sequence on a volume that was cut off" sequence_cut_off

sequence_damaged() {
	local at
	VOLUME=$WORK/damaged.img
	[ -e "$WORK/under-way.img" ] || skip "there is none"
	cp --sparse=always "$WORK/under-way.img" "$VOLUME"
	at=$(grep -abo '"name":"_SMSTSNextInstructionPointer","value":"7"' "$VOLUME" | head -n 1 | cut -d: -f1)
	printf '8' | dd of="$VOLUME" bs=1 seek=$((at + 47)) conv=notrunc status=none
	untouched 1 status --json "$VOLUME"
	jq -e '.volumes[0].sequence | (.broken | test("checksum")) and .sha256 == null and .name == null' "$WORK/out"
	untouched 1 status "$VOLUME"
	grep -q 'holdfast.env is damaged' "$WORK/out"
	grep -q '> The task sequence cannot go on' "$WORK/out"
}
try "status: the state of a task sequence is damaged" sequence_damaged

usage() {
	hold 2 status
	hold 2 replay
	hold 3 status "$WORK/nothing.img"
	hold 3 replay /dev/null
	same "lines on stderr" "$(wc -l < "$WORK/err")" 1
}
try "status: bad arguments" usage
try "status: evidence unchanged" unchanged
done_testing
