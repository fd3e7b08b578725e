#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# peers.sh - how other programs leave a volume when the power goes: POINTS= (150) crash points each, FILES= (2000)
#
# Prints a line a program: its writes and flushes, and of the crash points, spread evenly over the writes in
# their order, how many are inconsistent by our check, refused by ntfsfix -n, not mounted by libntfs-3g,
# and lack a file's content. Ours is among them, recovered before it is judged.
[ -n "${TMPDIR:-}" ] || ! [ -w /dev/shm ] || export TMPDIR=/dev/shm
. "$(dirname "$0")/../e2e/common.bash"
TOOLS=$ROOT/build/crash
FILES=${FILES:-2000}
POINTS=${POINTS:-150}
MEBIBYTES=$((32 + FILES / 20))
STORE='/StateStore/USMT/File/C$/Users'
mkdir "$WORK/mount"

# recording IMAGE COMMAND...: into $WORK/trace
recording() {
	local image=$1
	shift
	rm -f "$WORK/trace"
	CRASH_IMAGE=$image CRASH_TRACE=$WORK/trace LD_PRELOAD=$TOOLS/record.so "$@" > "$WORK/log2" 2>&1
}

# mounted IMAGE OPTIONS COMMAND...: on a mount by a recorded ntfs-3g
mounted() {
	local image=$1 options=$2 driver
	shift 2
	recording "$image" ntfs-3g -o "no_detach$options" "$image" "$WORK/mount" &
	driver=$!
	for _ in $(seq 100); do
		mountpoint -q "$WORK/mount" && break
		sleep 0.1
	done
	mountpoint -q "$WORK/mount" || return 1
	"$@" > "$WORK/log3" 2>&1
	umount "$WORK/mount"
	wait "$driver"
}

# told NAME BEFORE OPTION...: the table's line for $WORK/trace
told() {
	local name=$1 before=$2 writes flushes
	shift 2
	flushes=$("$TOOLS/explore" --list "$before" "$WORK/trace" | grep -c flush)
	writes=$(($("$TOOLS/explore" --list "$before" "$WORK/trace" | wc -l) - flushes))
	"$TOOLS/explore" --work "$WORK" --check "$HOLDFAST check -q {}" --witness "ntfsfix -n {}" --prefixes "$POINTS" --tears 0 \
		--subsets 0 --singles 0 --samples 0 "$@" "$before" "$WORK/trace" > "$WORK/found"
	tail -n 1 "$WORK/found" | awk -v name="$name" -v writes="$writes" -v flushes="$flushes" '
		{ for (i = 1; i < NF; i++) is[$i] = $(i + 1) }
		function share(key) { return sprintf("%6.0f %%", 100 * is[key] / is["judged"]) }
		END { printf "%-34s %7d %7d %7d  %s %s %s %s\n", name, writes, flushes, is["judged"], share("check"), share("witness"), share("mount"), share("lost") }'
}

printf '%-34s %7s %7s %7s  %8s %8s %8s %8s\n' "$FILES files" writes flushes states check ntfsfix mount lost
truncate -s "${MEBIBYTES}M" "$WORK/full.img"
mkntfs -F -Q -q -s 512 -c 4096 "$WORK/full.img" > "$WORK/log2" 2>&1
"$TOOLS/peer" populate "$WORK/full.img" "$FILES" 1

copy() {
	cp --sparse=always "$1" "$WORK/image"
}

copy "$WORK/full.img"
recording "$WORK/image" "$TOOLS/peer" link "$WORK/image" /Users "$STORE"
told "libntfs-3g: link" "$WORK/full.img" --tree /Users
mv "$WORK/image" "$WORK/linked.img"
copy "$WORK/linked.img"
recording "$WORK/image" "$TOOLS/peer" delete "$WORK/image" /Users
told "libntfs-3g: delete" "$WORK/linked.img" --tree /StateStore
for options in "" ",sync"; do
	copy "$WORK/full.img"
	mounted "$WORK/image" "$options" sh -c "mkdir -p '$WORK/mount/StateStore/USMT/File/C\$' && cp -al '$WORK/mount/Users' '$WORK/mount$STORE'" &&
		told "ntfs-3g${options:+ -o sync}: cp -al" "$WORK/full.img" --tree /Users
	copy "$WORK/linked.img"
	mounted "$WORK/image" "$options" rm -rf "$WORK/mount/Users" &&
		told "ntfs-3g${options:+ -o sync}: rm -rf" "$WORK/linked.img" --tree /StateStore
done
if command -v wimlib-imagex > /dev/null; then
	cp --sparse=always "$WORK/linked.img" "$WORK/empty.img"
	"$TOOLS/peer" delete "$WORK/empty.img" /Users && "$TOOLS/peer" delete "$WORK/empty.img" /Windows
	mkdir "$WORK/system" && for i in $(seq "$FILES"); do head -c $((i % 40 * 700)) /dev/urandom > "$WORK/system/file $i"; done
	wimlib-imagex capture --quiet "$WORK/system" "$WORK/system.wim" > "$WORK/log2" 2>&1
	copy "$WORK/empty.img"
	recording "$WORK/image" wimlib-imagex apply "$WORK/system.wim" 1 "$WORK/image"
	told "wimlib-imagex apply" "$WORK/empty.img" --tree /StateStore
fi

# ours NAME TREE BEFORE OPTION...: a step of holdfast; $WORK/image is what it leaves
ours() {
	local name=$1 tree=$2 before=$3
	shift 3
	copy "$before"
	recording "$WORK/image" "$HOLDFAST" "$name" -q "$@" "$WORK/image"
	told "holdfast $name" "$before" --recover "$HOLDFAST replay -q {}" --tree "$tree"
}

for step in replay capture wipe; do
	"$HOLDFAST" $step --help > "$WORK/log2" 2>&1 || exit 0
done
ours capture /Users "$WORK/full.img" --store '\StateStore'
mv "$WORK/image" "$WORK/captured.img"
ours wipe /StateStore "$WORK/captured.img" --keep '\StateStore' --yes
mv "$WORK/image" "$WORK/wiped.img"
[ ! -e "$WORK/system.wim" ] || ours apply /StateStore "$WORK/wiped.img" --image "$WORK/system.wim"
