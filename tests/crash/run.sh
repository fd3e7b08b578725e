#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh - power cuts and failing calls; BUILD=build/address,undefined for the sanitizer build
#
# On small volumes, records what each step of a refresh writes, and has every state that a power cut could leave
# judged (explore.c), and the step run with the n-th call failing (faults.c). Then leaves
# flushes and blocks of the log out of a recording: that must be noticed. Of the states and of the faults SAMPLE=
# percent are tried (5; 2 for sanitizers); `make soak` tries them all. SOAK=1 takes bigger volumes too.
. "$(dirname "$0")/../e2e/common.bash"
. "$(dirname "$0")/../e2e/engine.bash"
. "$(dirname "$0")/../e2e/windows.bash"
TOOLS=$ROOT/build/crash
case $BUILD in
*address*) SAMPLE=${SAMPLE:-2} ;;
*) SAMPLE=${SAMPLE:-5} ;;
esac
SOAK=${SOAK:-}
CHECK="$HOLDFAST check -q {}"
RECOVER=${RECOVER:-"$HOLDFAST replay -q {}"}
# record.so is not linked against the sanitizer's library, and need not come after it
export ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0

# -------- volumes --------

# blank IMAGE MEBIBYTES CLUSTER
blank() {
	truncate -s "$2M" "$1"
	mkntfs -F -Q -q -s 512 -c "$3" "$1" > "$WORK/log2" 2>&1
}

# populated IMAGE MEBIBYTES CLUSTER FILES
populated() {
	blank "$1" "$2" "$3"
	"$TOOLS/peer" populate "$1" "$4" 7
}

# -------- recording and judging --------

# recorded BEFORE NAME COMMAND...: run it on a copy, "{}" in it is $WORK/NAME.img; leaves $WORK/NAME.trace
recorded() {
	local before=$1 name=$2
	shift 2
	cp --sparse=always "$before" "$WORK/$name.img"
	rm -f "$WORK/$name.trace"
	run 0 env CRASH_IMAGE="$WORK/$name.img" CRASH_TRACE="$WORK/$name.trace" LD_PRELOAD="$TOOLS/record.so" \
		"${@//\{\}/$WORK/$name.img}"
}

# share N [PERCENT]: that many of a hundred, one at least
share() {
	echo $((($1 * ${2:-SAMPLE} + 99) / 100))
}

# explored BEFORE NAME OPTION...: no state of the recording is a violation
explored() {
	local before=$1 name=$2
	shift 2
	"$TOOLS/explore" --work "$WORK" --check "$CHECK" --recover "$RECOVER" --record "$TOOLS/record.so" \
		--prefixes "$(share "${PREFIXES:-300}")" --tears 3 --subsets "${SUBSETS:-6}" --singles "$(share "${SINGLES:-200}")" \
		--samples "$(share "${SAMPLES:-600}")" --again-share "${AGAIN:-30}" --ends "$(share "${ENDS:-0}")" --nested 3 ${KEEP:+--keep "$KEEP"} \
		"$@" "$before" "$WORK/$name.trace" > "$WORK/found" || fail "$(tail -n 1 "$WORK/found"): $(head -n 1 "$WORK/found")"
	told "$(sum judged)" -ge $((SAMPLE > 50 ? 150 : 20))
}

# sum KEY: of the last explore or faults
sum() {
	tail -n 1 "$WORK/found" | awk -v key="$1" '{ for (i = 1; i < NF; i++) if ($i == key) print $(i + 1) }'
}

told() {
	test "$@" || fail "only $(tail -n 1 "$WORK/found")"
}

# faulted FAULT MOST BEFORE COMMAND OPTION...: the command's n-th call fails, for every n
faulted() {
	local fault=$1 most=$2 before=$3 command=$4
	shift 4
	"$TOOLS/faults" --work "$WORK" --check "$CHECK" --recover "$RECOVER" --tools "$TOOLS" --fault "$fault" \
		--most "$(share "$most")" "$@" "$before" "$command" > "$WORK/found" ||
		fail "$(tail -n 1 "$WORK/found"): $(head -n 1 "$WORK/found")"
}

# -------- a step of the work --------

# knows COMMAND
knows() {
	"$HOLDFAST" "$1" --help > "$WORK/log2" 2>&1
}

# step NAME BEFORE COMMAND LAW...: record it, explore it, let it meet faults; NAME.img is what it leaves
step() {
	local name=$1 before=$2 command=$3 fault
	shift 3
	# shellcheck disable=SC2086 # a command is words parted by spaces
	try "crash: $name: recorded" recorded "$before" "$name" $command
	[ -s "$WORK/$name.trace" ] || return 0
	try "crash: $name: power cuts" explored "$before" "$name" --again "$command" "$@"
	for fault in ${FAULTS-write:kill-after write:kill-before write:EIO write:short write:ENOSPC flush:EIO read:EIO read:short}; do
		try "crash: $name: $fault" faulted "$fault" "${MOST:-20}" "$before" "$command" "$@"
	done
	[ -z "${FAULTS:-}" ] || return 0
	try "crash: $name: read:EIO from then on" faulted read:EIO "${MOST:-20}" "$before" "$command" --lasting "$@"
	try "crash: $name: write:EIO from then on" faulted write:EIO "${MOST:-20}" "$before" "$command" --lasting "$@"
	case $BUILD in
	*address*) ;; # which has an allocator of its own
	*) try "crash: $name: memory" faulted alloc:ENOMEM "${MOST:-20}" "$before" "$command" "$@" ;;
	esac
}

# -------- the tools themselves --------

# A peer that trusts libntfs-3g
peer_recorded() {
	recorded "$WORK/small.img" peer "$TOOLS/peer" link {} /Users '/StateStore/USMT/File/C$/Users'
}

# must be found out, in each of the ways that it is known for
peer_found_out() {
	"$TOOLS/explore" --work "$WORK" --check "$CHECK" --tree /Users --whole /StateStore/USMT --prefixes 150 --tears 1 --subsets 0 --singles 0 \
		--samples 300 "$WORK/small.img" "$WORK/peer.trace" > "$WORK/found" && fail "nothing found"
	told "$(sum check)" -ge 100
	told "$(sum mount)" -ge 20
	told "$(sum lost)" -ge 10
	told "$(sum half)" -ge 10
}

# What was killed has done as many writes as it was let
faults_happen() {
	local writes
	cp "$WORK/small.img" "$WORK/killed.img"
	rm -f "$WORK/killed.trace"
	run 137 env CRASH_IMAGE="$WORK/killed.img" CRASH_TRACE="$WORK/killed.trace" CRASH_FAULT=write:10:kill-after \
		LD_PRELOAD="$TOOLS/record.so" "$TOOLS/peer" link "$WORK/killed.img" /Users /Store
	writes=$("$TOOLS/explore" --list "$WORK/small.img" "$WORK/killed.trace" | wc -l)
	same "writes before the kill" "$writes" 10
	run 3 env CRASH_IMAGE="$WORK/killed.img" CRASH_FAULT=read:1+:EIO LD_PRELOAD="$TOOLS/record.so" \
		"$TOOLS/peer" link "$WORK/killed.img" /Users /Store
}

# A trace that is all of it gives the image that the program left
trace_is_whole() {
	local step offset length kind at=0
	cp "$WORK/small.img" "$WORK/again.img"
	while read -r step kind offset length; do
		at=$((at + 24))
		[ "$kind" != flush ] || continue
		dd if="$WORK/peer.trace" of="$WORK/again.img" bs=4M iflag=skip_bytes,count_bytes oflag=seek_bytes \
			skip="$at" seek="$offset" count="$length" conv=notrunc status=none || fail "step $step"
		at=$((at + length))
	done < <("$TOOLS/explore" --list "$WORK/small.img" "$WORK/peer.trace")
	cmp "$WORK/again.img" "$WORK/peer.img" || fail "the trace lacks something"
}

# -------- mutants of a recording --------

# Steps whose loss must be noticed: each flush and each block of the log. What may be lost without harm as
# long as every command replays:
# - the last flush: what it makes durable is that the log is empty, and a replay empties it
# - the last write to the log, for the same reason
# - the flush before the single write that clears or sets the dirty bit after all else is in place: it is for
#   Windows, which replays nothing
mutants() {
	"$TOOLS/explore" --list "$1" "$2" | awk '
		{ number[NR] = $1; kind[NR] = $2; if ($2 == "flush") flush = NR; if ($2 == "log") log_ = NR }
		END { for (i = 1; i <= NR; i++)
			if (kind[i] != "write" && i != flush && i != log_ &&
			    !(kind[i] == "flush" && kind[i - 1] == "write" && kind[i + 1] == "write" && kind[i + 2] == "flush" && kind[i + 3] == "log"))
				print number[i] }'
}

# is_sound BEFORE NAME OPTION...: the same look at a recording and at its mutants
is_sound() {
	local before=$1 name=$2 status=0
	shift 2
	"$TOOLS/explore" --work "$WORK" --check "$CHECK" --recover "$RECOVER" --first --tears 2 --prefixes 30 \
		--singles 400 --subsets 8 --samples 1500 "$@" "$before" "$WORK/$name.trace" > "$WORK/found" || status=$?
	[ "$status" -le 1 ] || fail "explore: exit status $status" # which is no violation
	return "$status"
}

# mutated BEFORE NAME LAW...: every third mutant, with SOAK each, of the recording NAME, which must be sound itself, or it
# would speak for its mutants
mutated() {
	local before=$1 name=$2 step survived= count=0 every=3
	[ -z "$SOAK" ] || every=1
	shift 2
	is_sound "$before" "$name" "$@" || fail "the recording itself: $(head -n 1 "$WORK/found")"
	for step in $(mutants "$before" "$WORK/$name.trace" | awk -v every="$every" 'NR % every == 1 % every'); do
		count=$((count + 1))
		! is_sound "$before" "$name" "$@" --without "$step" || survived="$survived $step"
	done
	[ "$count" -ge 6 ] || fail "only $count mutants"
	[ -z "$survived" ] || fail "not noticed: without step$survived"
}

# -------- what is run --------

rebuilding() {
	local again=$WORK/again.sh
	# a finished rebuild is not done twice
	cat > "$again" <<- END
		out=\$("$HOLDFAST" rebuild -q --store 1 --to "\$1:\\\\Rescued" "$WORK/case" 2>&1) && exit 0
		case \$out in *"already holds 'USMT'"*) exec ${RECOVER//\{\}/\"\$1\"} ;; esac
		echo "\$out" && exit 3
	END
	"$TOOLS/peer" populate "$WORK/target.img" 24 9
	cp "$WORK/small.img" "$WORK/stored.img"
	"$TOOLS/peer" link "$WORK/stored.img" /Users '/StateStore/USMT/File/C$/Users'
	hold 0,1 scan --case "$WORK/case" "$WORK/stored.img"
}

command -v mkntfs > /dev/null || { echo "skipped crash: no mkntfs" && exit 0; }
populated "$WORK/small.img" 16 4096 24
try "crash: a peer is recorded" peer_recorded
case $BUILD in
*address*) ;; # the tools are the same
*) try "crash: a peer is found out" peer_found_out ;;
esac
try "crash: faults happen" faults_happen
try "crash: a trace is whole" trace_is_whole
if [ "${RECOVER#"$HOLDFAST "}" != "$RECOVER" ] && ! knows replay; then
	echo "skipped crash: this program has no replay"
	done_testing
fi

blank "$WORK/target.img" 16 4096
try "crash: rebuild: a store to be rebuilt" rebuilding
REBUILD="$HOLDFAST rebuild -q --store 1 --to {}:\\Rescued $WORK/case"
LAW=(--tree /Users --fresh /Rescued --fresh /Rescued/USMT)
step rebuild "$WORK/target.img" "$REBUILD" "${LAW[@]}" --again "bash $WORK/again.sh {}"

# refresh CLUSTER MEBIBYTES FILES: a whole refresh, step by step
refresh() {
	local c=$1 store='/StateStore' kept
	kept="--tree $store/USMT"
	populated "$WORK/$c.img" "$2" "$c" "$3"
	step "$c-capture" "$WORK/$c.img" "$HOLDFAST capture -q --store \\StateStore {}" --tree /Users --store "$store"
	knows wipe || return 0
	# shellcheck disable=SC2086
	step "$c-wipe" "$WORK/$c-capture.img" "$HOLDFAST wipe -q --keep \\StateStore --yes {}" $kept
	cp "$WORK/$c-wipe.img" "$WORK/$c-new.img"
	"$TOOLS/peer" create "$WORK/$c-new.img" "$3" 11
	knows restore || return 0
	# shellcheck disable=SC2086
	step "$c-restore" "$WORK/$c-new.img" "$HOLDFAST restore -q --store \\StateStore {}" $kept --fresh /Users
	knows release || return 0
	step "$c-release" "$WORK/$c-restore.img" "$HOLDFAST release -q --store \\StateStore {}" --tree /Users
}

# image CLUSTER FILES: a new system beside the store that refresh has left on a wiped volume
image() {
	local command
	command -v wimlib-imagex > "$WORK/log2" || {
		echo "skipped crash: $1-apply: no wimlib-imagex"
		return 0
	}
	blank "$WORK/system.img" 24 4096
	"$TOOLS/peer" create "$WORK/system.img" "$2" 13
	rm -f "$WORK/system.wim"
	wimlib-imagex capture "$WORK/system.img" "$WORK/system.wim" system --compress=XPRESS > "$WORK/log2" 2>&1
	command="$HOLDFAST apply -q --image $WORK/system.wim {}"
	step "$1-apply" "$WORK/$1-wipe.img" "$command" --tree /StateStore/USMT
}

# copies CLUSTER: files of another volume into a store; that volume is open in one program at a time
copies() {
	local command
	populated "$WORK/from.img" 16 4096 24
	blank "$WORK/to.img" 24 "$1"
	"$TOOLS/peer" create "$WORK/to.img" 12 11
	command="$HOLDFAST capture -q --copy --store \\StateStore E={} C=$WORK/from.img"
	step "$1-copies" "$WORK/to.img" "$command" --tree /Windows --store /StateStore --again "$command" --jobs 1
}

# -------- a Windows, by rules --------

# the Windows of people_refresh
people_ready() {
	WINDOWS_SIZE=12M windows_image "$WORK/people.img"
	refresh_rules "$WORK/rules.xml"
}

# the store stays, and a Windows comes that knows anna by another SID
people_new() {
	cp "$WORK/rules-capture.img" "$WORK/people-new.img"
	hold 0 wipe -q --keep '\Store' --yes "$WORK/people-new.img"
	WITH_ANNA=anna new_windows "$WORK/people-new.img"
}

# Users, their settings and permissions: the store is there with all its settings or not at all, and each
# hive is the old or the new one.
people_refresh() {
	local config=/Windows/System32/config name
	local -a law=(--tree /Store/USMT --whole $config/SOFTWARE)
	try "crash: people: a Windows" people_ready
	[ -e "$WORK/people.img" ] || return 0
	step rules-capture "$WORK/people.img" "$HOLDFAST capture -q --store \\Store --rules $WORK/rules.xml {}" \
		--tree /Users --tree /Data --tree $config --store /Store --whole /Store/USMT
	try "crash: people: a new Windows" people_new
	for name in anna bert carla.OLDCORP; do law+=(--whole "/Users/$name/NTUSER.DAT" --fresh "/Users/$name/NTUSER.DAT"); done
	step rules-restore "$WORK/people-new.img" "$HOLDFAST restore -q --store \\Store {}" "${law[@]}" --fresh $config/SOFTWARE
	try "crash: people: a Windows that is to be cleaned" cleaning_ready
	PREFIXES=40 SINGLES=20 SAMPLES=60 MOST=5 FAULTS=write:EIO step rules-cleaned "$WORK/people-used.img" "$HOLDFAST restore -q --store \\Store --rules $WORK/cleaning.xml {}" \
		"${law[@]}" --fresh $config/SOFTWARE
}

# a Windows that has been used since, and rules that clean it
cleaning_ready() {
	{
		sed '/<\/migration>/d' "$WORK/rules.xml"
		cat <<- 'XML'
			  <component type="Documents" context="UserAndSystem">
			    <displayName>Cleaning</displayName>
			    <role role="Data"><rules context="User">
			      <destinationCleanup><objectSet><pattern type="File">%USERPROFILE%\* [*]</pattern></objectSet></destinationCleanup>
			    </rules><rules context="System">
			      <destinationCleanup><objectSet>
			        <pattern type="File">C:\Dirt\* [*]</pattern>
			        <pattern type="Registry">HKLM\Software\App\Settings\* [*]</pattern>
			      </objectSet></destinationCleanup>
			    </rules></role>
			  </component>
			</migration>
		XML
	} > "$WORK/cleaning.xml"
	cp "$WORK/people-new.img" "$WORK/people-used.img"
	mounted "$WORK/people-used.img" used
}
used() {
	local i
	put Users/anna/Documents/letter.doc 'of the new Windows'
	put Users/anna/junk/a
	put Users/bert/Desktop/junk
	for i in {1..20}; do put "Dirt/deep/$i"; done
}

# -------- whole task sequences --------

AGAIN_SEQUENCE=$ROOT/tests/crash/sequence_again.sh

# an image with a new Windows; the classic sequence, and one that captures only, onto D:
sequence_ready() {
	local classic=$ROOT/fixtures/sequences/hardlink-2007.xml
	command -v wimlib-imagex > "$WORK/log2" || skip "no wimlib-imagex"
	blank "$WORK/new.img" 12 4096
	WITH_ANNA= new_windows "$WORK/new.img"
	wimlib-imagex capture "$WORK/new.img" "$WORK/new.wim" New > "$WORK/log2"
	cp "$classic" "$WORK/links.xml"
	sed 's/OSDStateStorePath=[^"]*/OSDStateStorePath=D:\\Store/; s/ \/hardlink//; /<group name="Install"/,/<\/sequence/d' \
		"$classic" > "$WORK/copies.xml"
	echo '</sequence>' >> "$WORK/copies.xml"
	blank "$WORK/other.img" 12 4096
}

# sequence NAME COMMAND LAW...: capture, wipe, apply and restore in one; all that it changes at times of its own is here
sequence() {
	local user file
	local -a law=(--store /_SMSTaskSequence/UserState --inner /_SMSTaskSequence/Logs --inner /Windows/CCM
		--fresh /Windows/System32/config/SOFTWARE)
	for user in anna bert carla.OLDCORP; do
		law+=(--fresh "/Users/$user/NTUSER.DAT")
	done
	for file in '' /Scripts /Scripts/{SetupComplete.cmd,holdfast-accounts.ps1,holdfast-accounts.txt,holdfast-unattend.xml}; do
		law+=(--fresh "/Windows/Setup$file")
	done
	step "$1" "$WORK/people.img" "$2" "${law[@]}" "${@:3}" --again "bash $AGAIN_SEQUENCE {} $WORK/$1.img.logs/smsts.log $2"
}

# other_volume FAULT MOST COMMAND LAW...: what is put onto another volume, a blank one for each run, holds before this one
# says so
other_volume() {
	printf '%s\n' "cp '$WORK/other.img' \"\$1.other\"" 'shift' 'exec "$@"' > "$WORK/blank.sh"
	faulted "$1" "$2" "$WORK/people.img" "bash $WORK/blank.sh {} $3" --inner /_SMSTaskSequence --inner /Windows/CCM \
		"${@:4}" --again "bash $AGAIN_SEQUENCE {} $WORK/sequence.img.logs/smsts.log $3"
}

sequences() {
	local run user
	local -a law=(--tree /Data/bert --tree /Reports --tree /Users/Public/Documents)
	knows run || return 0
	try "crash: sequences: an image" sequence_ready
	[ -e "$WORK/other.img" ] || return 0
	run="$HOLDFAST run -q --yes --logs {}.logs --package LAB00001=$WORK/new.wim --set OSDMigrateLocalAccounts=true"
	run+=" --set OSDMigrateLocalAccountPassword=Secret7"
	for user in anna bert carla.OLDCORP; do
		law+=(--tree "/Users/$user/Desktop" --tree "/Users/$user/Pictures" --tree "/Users/$user/Projects")
	done
	sequence sequence "$run $WORK/links.xml {}" "${law[@]}"
	sequence sequence-whole "$run --atomic $WORK/links.xml {}" --whole /
	run+=" $WORK/copies.xml {} D={}.other"
	try "crash: sequence-other: flush:kill-after" other_volume flush:kill-after 400 "$run" "${law[@]}"
	try "crash: sequence-other: write:kill-after" other_volume write:kill-after 100 "$run" "${law[@]}"
}

# the same, with more in that Windows
used_sequences() {
	WINDOWS_SIZE=64M windows_image "$WORK/people.img"
	"$TOOLS/peer" use "$WORK/people.img" 1000 7
	sequences
}

if knows capture; then
	refresh 4096 16 48
	AGAIN=300 image 4096 24
	case $BUILD in
	*address*) ;; # the recordings are the same
	*) try "crash: capture: flushes and blocks left out" mutated "$WORK/4096.img" 4096-capture --tree /Users ;;
	esac
	# where the log begins in the middle of a block, with $MFTMirr before it
	PREFIXES=80 SINGLES=40 SAMPLES=150 MOST=10 FAULTS=write:EIO refresh 512 12 36
	PREFIXES=80 SINGLES=40 SAMPLES=150 MOST=10 AGAIN=300 FAULTS=write:EIO image 512 16
	PREFIXES=80 SINGLES=60 SAMPLES=250 MOST=10 FAULTS=write:EIO refresh 2048 12 36
	PREFIXES=80 SINGLES=40 SAMPLES=150 MOST=10 FAULTS=write:EIO refresh 65536 24 36
	PREFIXES=100 SINGLES=40 SAMPLES=150 MOST=10 copies 4096
	PREFIXES=100 SINGLES=40 SAMPLES=150 MOST=10 people_refresh
	case $BUILD in
	*address*) SUBSETS=1 MOST=10 FAULTS=write:EIO ENDS=240 AGAIN=0 sequences ;;
	*) SINGLES=100 SAMPLES=300 MOST=10 ENDS=240 AGAIN=20 sequences ;;
	esac
	[ -z "$SOAK" ] || ENDS=1000 SINGLES=400 SAMPLES=2000 MOST=40 used_sequences
	[ -z "$SOAK" ] || PREFIXES=4000 SINGLES=2000 SAMPLES=6000 MOST=200 refresh 1024 128 2000
else
	echo "skipped crash: this program has no capture"
fi
done_testing
