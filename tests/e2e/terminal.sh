#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# terminal.sh - what reaches a terminal: lines that fit, our own inks, and nothing that a disk could steer it with
. "$(dirname "$0")/common.bash"

# Paths and names as an enemy would give them: escape, bell, C1 in UTF-8 and alone, override of direction, half a character
EVIL=$'a\e[31mb\ac\u009bd\xe2\x80\xaee\xff\xe2\x80'

# show STATUS COMMAND...: as hold does, on a terminal of 80 columns; what arrives there is in $WORK/raw
# (script hands its command to $SHELL; what %q quotes only bash reads)
show() {
	local want=$1 got=0
	shift
	SHELL=$BASH TERM=${TERM_TYPE-xterm} script -qec "$(printf '%q ' "$HOLDFAST" "$@")" /dev/null < /dev/null > "$WORK/raw" || got=$?
	case ,$want, in
	*,$got,*) ;;
	*) fail "exit status $got, wanted $want: $1: $(cat -v "$WORK/raw" | head -n 2)" ;;
	esac
}

# foreign PATTERN: the first line with bytes that match, our own inks left out
foreign() {
	sed -E 's/\x1b\[(0|1|31|32|33)m//g; s/\r$//' "$WORK/raw" | LC_ALL=C grep -aP "$1" | cat -v | head -n 1
}

# harmless WHAT: no byte that steers, but our own inks and the return that redraws a bar
harmless() {
	local found
	found=$(foreign '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]')
	[ -z "$found" ] || fail "$1: a control character: $found"
	found=$(foreign '\xc2[\x80-\x9f]')
	[ -z "$found" ] || fail "$1: a C1 control: $found"
	found=$(foreign '\xe2\x80[\x8b\x8e\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xd8\x9c|\xef\xbb\xbf')
	[ -z "$found" ] || fail "$1: a mark of direction: $found"
	iconv -f UTF-8 -t UTF-8 "$WORK/raw" > "$WORK/valid" || fail "$1: bytes that are no UTF-8"
}

# seen: the lines as they stand in the end, without ink
seen() {
	sed -E 's/\x1b\[[0-9]+m//g; s/\r$//; s/.*\r//' "$WORK/raw"
}

# fits COLUMNS WHAT: no line is wider, but a command that is to be copied
fits() {
	local widest
	widest=$(seen | grep -vE '^  +(> )?holdfast ' | wc -L)
	[ "$widest" -le "$1" ] || fail "$2: a line of $widest columns: $(seen | awk -v most="$1" 'length > most' | head -n 1)"
	! seen | grep -E '\[[#.]+\]|/s,|/s$' || fail "$2: a bar is left"
}

# whole STATUS COMMAND...: harmless and fitting, and without any ink where that is not wanted
whole() {
	local status=$1
	shift
	show "$status" "$@"
	[ -s "$WORK/raw" ] || fail "$1: nothing is shown"
	harmless "$1"
	fits 80 "$1"
	NO_COLOR=1 show "$status" "$@"
	! grep -qa $'\e' "$WORK/raw" || fail "$1: an escape in spite of NO_COLOR"
	hold "$status" "$@"
	! grep -qa $'\e' "$WORK/out" "$WORK/err" || fail "$1: an escape in a pipe"
}

# hostile: a folder with a hostile name, in it a disk with hostile names that ends before its volume does
hostile() {
	fixture hostile-names
	mkdir -p "$WORK/$EVIL"
	DISK=$WORK/$EVIL/disk.img
	[ -e "$DISK" ] || head -c 30000000 "$IMAGE" > "$DISK"
}

scans() {
	hostile
	whole 1 scan "$DISK"
	grep -q '^Store 1' "$WORK/out"
	whole 1 scan -v "$DISK"
	grep -qF '\x0d\x0aforged' "$WORK/out" || fail "no hostile name was among those that are told"
	show 1 scan --json "$DISK"
	harmless "scan --json"
	hold 1 scan --json "$DISK"
	# but for the moments of the two scans
	diff <(seen | grep -vE '^ *"(began|ended)": ') <(grep -vE '^ *"(began|ended)": ' "$WORK/out") > "$WORK/diff" ||
		fail "JSON is another one on a terminal"
	whole 1 scan --case "$WORK/$EVIL.case" "$DISK"
	whole 1 report -v "$WORK/$EVIL.case"
	whole 1 report --timeline "$WORK/$EVIL.case"
}

rescues() {
	hostile
	show 1 rescue -v --to "$WORK/$EVIL/shown" "$DISK"
	harmless rescue
	fits 80 rescue
	seen | grep -q '^What to do next' || fail "the next step is not to be seen"
	! grep -qa $'\e' "$WORK/$EVIL/shown/report.txt" || fail "ink in the report's file"
	show 0,1 rebuild --store 1 --to "$WORK/$EVIL/rebuilt" "$DISK"
	harmless rebuild
	fits 80 rebuild
	whole 0,1 verify "$WORK/$EVIL/rebuilt"
}

engine() {
	local name
	hostile
	cp "$IMAGE" "$WORK/$EVIL/whole.img"
	whole 0,1 status "$WORK/$EVIL/whole.img"
	whole 0 check "$WORK/$EVIL/whole.img"
	whole 1,3 check "$DISK"
	whole 0,1,3 release --store '\_SMSTaskSequence\UserState' "$WORK/$EVIL/whole.img"
	whole 3 wipe --keep '\x' "$WORK/$EVIL/whole.img"
	name=$'\\a\u009b31mb\u202ec'
	show 0,1 capture --store "$name" --tree '\_SMSTaskSequence' "$WORK/$EVIL/whole.img"
	harmless capture
	fits 80 capture
	whole 0,1 status "$WORK/$EVIL/whole.img"
	whole 0,1 verify --store "$name" "$WORK/$EVIL/whole.img"
	whole 2,3 restore --store "\\$EVIL" "$WORK/$EVIL/whole.img"
	whole 0,1 restore --store "$name" "$WORK/$EVIL/whole.img"
	whole 0,3 replay "$WORK/$EVIL/whole.img"
	whole 3 users "$WORK/$EVIL/whole.img"
	whole 3 apply --image "$WORK/$EVIL.wim" "$WORK/$EVIL/whole.img"
}

rules() {
	cat > "$WORK/$EVIL.xml" <<-END
		<?xml version="1.0" encoding="UTF-8"?>
		<migration urlid="http://x/$(printf 'a\u009b31mb\u202ec')">
		<component type="Documents" context="System"><displayName>$(printf 'a\u009b31mb\u202ec 山田')</displayName>
		<role role="Data"><rules><include><objectSet>
		<pattern type="File">C:\\$(printf 'x\u202e\u0085y')\\* [*]</pattern>
		</objectSet></include></rules></role></component></migration>
	END
	whole 0,1,3 rules "$WORK/$EVIL.xml"
	grep -qF '\u{202e}' "$WORK/out" || fail "the rules are not explained: $(cat "$WORK/out" "$WORK/err")"
}

sequences() {
	hostile
	cat > "$WORK/$EVIL.xml" <<-END
		<?xml version="1.0" encoding="UTF-8"?>
		<sequence version="3.00" name="$(printf 'a\u009b31mb\u202ec')"><group name="$(printf 'g\u0085\u2066')">
		<step type="SMS_TaskSequence_RunCommandLineAction" name="$(printf 's\u009b2J\u200f 山田')"><action>cmd /c
		$(printf 'x\u202ey')</action></step></group></sequence>
	END
	whole 0,1 run --plan "$WORK/$EVIL.xml" "$IMAGE"
	grep -qF '\u{202e}' "$WORK/out" || fail "the plan does not name it: $(cat "$WORK/out" "$WORK/err")"
}

# What is said of a wrong command line.
usages() {
	whole 2 "$EVIL"
	whole 2 scan "--$EVIL"
	whole 3 scan "$WORK/$EVIL.none"
	whole 2 report "--format=$EVIL" x
}

# Every command's help.
helps() {
	local command
	for command in $("$HOLDFAST" --help | awk '/^  [a-z]/ { print $1 }'); do
		show 0,1 "$command" --help
		harmless "$command"
		fits 80 "$command --help"
		[ "$("$HOLDFAST" "$command" --help | wc -L)" -le 80 ] || fail "$command --help needs more than 80 columns"
	done
}

inks() {
	hostile
	show 1 scan "$DISK"
	grep -qaF $'\e[31mlost' "$WORK/raw" || fail "lost files are not red"
	TERM_TYPE=dumb show 1 scan "$DISK"
	! grep -qa $'\e' "$WORK/raw" || fail "an escape on a dumb terminal"
	NO_COLOR='' show 1 scan "$DISK"
	grep -qa $'\e' "$WORK/raw" || fail "an empty NO_COLOR counts"
}

narrow() {
	hostile
	COLUMNS=50 show 1 scan -v "$DISK"
	fits 50 scan
	COLUMNS=200 show 1 scan -v "$DISK"
	fits 80 scan
}

# A bar is drawn, fits, goes before anything else is said, and is not for programs.
bars() {
	local columns size
	for size in 6G 60G; do # holes; work of less than 0.3 s has no bar
		truncate -s $size "$WORK/empty.img"
		show 3 scan "$WORK/empty.img"
		! grep -qa 'looking at every' "$WORK/raw" || break
	done
	for columns in 80 40; do
		COLUMNS=$columns show 3 scan "$WORK/empty.img"
		grep -qa 'looking at every' "$WORK/raw" || fail "no bar"
		! grep -qa $'\e' "$WORK/raw" || fail "a bar with escapes"
		fits $columns scan
		columns=$((columns - 1))
		[ "$(tr '\r' '\n' < "$WORK/raw" | grep -a 'looking at' | wc -L)" -le $columns ] || fail "a bar is too wide"
	done
	show 3 scan --quiet "$WORK/empty.img"
	! grep -qa 'looking at' "$WORK/raw" || fail "a bar with --quiet"
	show 3 scan --json "$WORK/empty.img"
	! grep -qa 'looking at' "$WORK/raw" || fail "a bar with --json"
}

command -v script > /dev/null || {
	echo "skipped terminal: script is not installed"
	exit 0
}
try "terminal: scan and report of hostile names" scans
try "terminal: rescue and rebuild of hostile names" rescues
try "terminal: the engine's commands on hostile names" engine
try "terminal: hostile rules" rules
try "terminal: hostile sequences" sequences
try "terminal: hostile words on the command line" usages
try "terminal: help of all commands" helps
try "terminal: inks, and where there are none" inks
try "terminal: narrow and wide ones" narrow
try "terminal: bars" bars
done_testing
