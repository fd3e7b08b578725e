#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bench_engine.sh - capture, wipe, apply and restore beside cp -al, rm -rf, wimlib-imagex and cp -al; on an
# ntfs-3g mount
#
# FILES=400000 (user files, a third of them small; half as many system files), BENCH=build/bench (where images
# go).  Wall seconds of one run each on copies of the same image, until all is durable: the peer's time includes
# its unmounting, without which its writes are not on the disk.
set -eu
files=${FILES:-400000} bench=${BENCH:-build/bench}
mkdir -p "$bench/mnt"
base=$bench/engine-$files.img image=$bench/engine-work.img mnt=$bench/mnt
limit=${PEER_SECONDS:-3600}
if [ ! -f "$base" ]; then
	truncate -s "$((files * 40 / 1024 + 256))M" "$base.new"
	mkntfs -F -Q -q "$base.new" > /dev/null 2>&1
	build/crash/peer populate "$base.new" "$files" 7
	mv "$base.new" "$base"
fi

# timed COMMAND...: wall seconds and peak KiB
timed() {
	/usr/bin/time -f '%e %M' -o "$bench/time" timeout "$limit" "$@" > "$bench/out" 2>&1 || {
		echo "bench_engine.sh: $* failed: $(tail -n 1 "$bench/out")" >&2
		exit 1
	}
	tail -n 1 "$bench/time"
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (a > 0) printf "%.1f", b / a; else printf "-" }'; }
row() { printf '%-44s %9s s %9s KiB  %s\n' "$1" "$2" "$3" "$4"; }
fresh() { cp --sparse=always "$1" "$image" && cat "$image" > /dev/null; }

# on_mount SCRIPT: run it in the mounted image, and unmount
on_mount() {
	ntfs-3g "$image" "$mnt"
	(cd "$mnt" && eval "$1")
	fusermount -u "$mnt"
	while pgrep -f "ntfs-3g $image" > /dev/null; do sleep 0.01; done
}
export -f on_mount; export image mnt

fresh "$base"
echo "$files user files, $(nproc) cores, $(stat -f -c %T "$bench")"
read -r ours kib <<< "$(timed build/holdfast capture -q --store '\StateStore' "$image")"
cp --sparse=always "$image" "$bench/engine-captured.img"
fresh "$base"
read -r peer peer_kib <<< "$(timed bash -c "on_mount 'mkdir -p S/File/C\\$ && cp -al Users S/File/C\\$/'")"
row "holdfast capture" "$ours" "$kib" ""
row "cp -al (ntfs-3g)" "$peer" "$peer_kib" "$(ratio "$ours" "$peer") times holdfast capture"

fresh "$bench/engine-captured.img"
read -r ours kib <<< "$(timed build/holdfast wipe -q --yes --keep '\StateStore' "$image")"
cp --sparse=always "$image" "$bench/engine-wiped.img"
fresh "$bench/engine-captured.img"
read -r peer peer_kib <<< "$(timed bash -c "on_mount 'find . -mindepth 1 -maxdepth 1 ! -name StateStore -exec rm -rf {} +'")"
row "holdfast wipe" "$ours" "$kib" ""
row "rm -rf (ntfs-3g)" "$peer" "$peer_kib" "$(ratio "$ours" "$peer") times holdfast wipe"

# a new system of a quarter as many files (a Windows has about 100,000), beside the store
system=$bench/engine-$files.wim
if [ ! -f "$system" ]; then
	truncate -s "$((files * 10 / 1024 + 256))M" "$bench/system.img"
	mkntfs -F -Q -q "$bench/system.img" > /dev/null 2>&1
	build/crash/peer populate "$bench/system.img" "$((files / 4))" 8
	wimlib-imagex capture "$bench/system.img" "$system.new" system --compress=LZX > /dev/null 2>&1
	mv "$system.new" "$system"
	rm "$bench/system.img"
fi
cat "$system" > /dev/null
# these two are close to each other: three pairs, of which the one in the middle counts
for _ in 1 2 3; do
	fresh "$bench/engine-wiped.img"
	read -r ours kib <<< "$(timed build/holdfast apply -q --keep '\StateStore' --image "$system" "$image")"
	fresh "$bench/engine-wiped.img"
	read -r peer peer_kib <<< "$(timed wimlib-imagex apply "$system" "$image")"
	echo "$(awk -v a="$ours" -v b="$peer" 'BEGIN { print a / b }') $ours $kib $peer $peer_kib"
done | sort -g > "$bench/pairs"
read -r times ours kib peer peer_kib <<< "$(sed -n 2p "$bench/pairs")"
row "holdfast apply" "$ours" "$kib" "$(printf %.2f "$times") times wimlib-imagex apply"
row "wimlib-imagex apply" "$peer" "$peer_kib" ""

fresh "$bench/engine-wiped.img"
read -r ours kib <<< "$(timed build/holdfast restore -q --store '\StateStore' "$image")"
fresh "$bench/engine-wiped.img"
read -r peer peer_kib <<< "$(timed bash -c "on_mount 'cp -al StateStore/USMT/File/C\\$/Users .'")"
row "holdfast restore" "$ours" "$kib" ""
row "cp -al (ntfs-3g)" "$peer" "$peer_kib" "$(ratio "$ours" "$peer") times holdfast restore"

cat > "$bench/rules.xml" << 'XML'
<migration urlid="http://holdfast/bench"><component type="Documents" context="System"><displayName>All</displayName>
<role role="Data"><rules><include><objectSet><pattern type="File">C:\* [*.txt]</pattern><pattern type="File">C:\*\a\* [*]</pattern>
<pattern type="File">C:\Users\* [*]</pattern><pattern type="File">* [*.x*]</pattern></objectSet></include>
<exclude><objectSet><pattern type="File">C:\Users\* [*.tmp]</pattern></objectSet></exclude></rules></role></component></migration>
XML
read -r ours kib <<< "$(timed build/holdfast rules --on "$base" "$bench/rules.xml")"
row "holdfast rules --on" "$ours" "$kib" ""
rm -f "$image" "$bench/engine-captured.img" "$bench/engine-wiped.img"
