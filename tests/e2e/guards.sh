#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# guards.sh - what a writing command refuses: one sentence that says what to do, and not a byte changes
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"

# prepare: the volume that all cases begin with
prepare() {
	mkdir -p Users/alice Data
	echo text > Users/alice/text.txt
	echo file > file
	echo data > Data/data.txt
}

format "$WORK/base.img" 20M
mounted "$WORK/base.img" prepare

# fresh [NAME]: a copy of it
fresh() {
	cp --sparse=always "$WORK/base.img" "$WORK/${1:-disk}.img"
}

# refused STATUS PATTERN ARGUMENT...: capture says one sentence that matches, and no image has changed
refused() {
	local status=$1 pattern=$2 before
	shift 2
	before=$(digest "$WORK"/*.img)
	(
		cd "$WORK"
		hold "$status" capture "$@"
	)
	same "lines on stderr" "$(wc -l < "$WORK/err"): $(head -c 300 "$WORK/err")" "1: $(head -c 300 "$WORK/err")"
	grep -qE -- "$pattern" "$WORK/err" || fail "another sentence: $(cat "$WORK/err")"
	[ ! -s "$WORK/out" ] || fail "something on standard output: $(head -n 1 "$WORK/out")"
	[ "$before" = "$(digest "$WORK"/*.img)" ] || fail "the volume was changed"
}

# refused_fresh STATUS PATTERN ARGUMENT...: the same, with disk.img as it is at the beginning
refused_fresh() {
	fresh
	refused "$@"
}

# -------- what is asked for --------

long_path=$(printf '\\%0200d%.0s' {1..340})
try "guards: no store path" refused_fresh 2 'where to' disk.img
try "guards: no volume" refused_fresh 2 'name the volume' --store '\S'
try "guards: the root as store" refused_fresh 2 'root' --store '\' disk.img
try "guards: the root in another spelling" refused_fresh 2 'root' --store '//\' disk.img
try "guards: an empty store path" refused_fresh 2 'root' --store '' disk.img
try "guards: a store path with a drive" refused_fresh 2 'drive' --store 'C:\Store' disk.img
try "guards: a store path that climbs" refused_fresh 2 'no such name' --store '\a\..\..\b' disk.img
try "guards: a store path with characters that Windows does not have" refused_fresh 2 'no such name' --store '\a?b' disk.img
try "guards: a store path with a stream" refused_fresh 2 'no such name' --store '\a:b' disk.img
try "guards: a store path that ends with a dot" refused_fresh 2 'no such name' --store '\a.' disk.img
try "guards: a store path over 32,767 characters" refused_fresh 2 'longer than 32,767' --store "$long_path" disk.img
try "guards: a name over 255 characters" refused_fresh 2 'longer than 255' --store "\\$(printf %0256d 0)" disk.img
try "guards: a store path that is no UTF-8" refused_fresh 2 'UTF-8' --store $'\\a\xff' disk.img
try "guards: a file as store" refused_fresh 3 'is a file there' --store '\file' disk.img
try "guards: a file on the way to the store" refused_fresh 3 'is a file there' --store '\file\a\b' disk.img
try "guards: a tree that is a file" refused_fresh 2 'is a file' --store '\S' --tree '\file' disk.img
try "guards: the root as a tree" refused_fresh 2 'whole volume' --store '\S' --tree '\' disk.img
try "guards: a tree that is not there" refused_fresh 3 'Nothing: is on none of the volumes' --store '\S' --tree '\Users' --tree '\Nothing' disk.img
try "guards: a tree of a volume that is not named" refused_fresh 3 'D:.Data: is on none of the volumes' --store '\S' --tree '\Users' --tree 'D:\Data' disk.img
no_users() {
	fresh
	leave() { rm -r Users; }
	mounted "$WORK/disk.img" leave
	refused 3 'none of the folders.*--tree' --store '\S' disk.img
}
try "guards: nothing that is captured by itself" no_users
try "guards: a tree that is the store" refused_fresh 3 'none of the folders' --store '\Data' --tree '\Data' disk.img

# -------- volumes --------

two_volumes() {
	fresh
	fresh other
	ln -sf disk.img "$WORK/link"
	refused "$@"
}
try "guards: a volume without its letter" two_volumes 2 'needs its drive letter' --store '\S' disk.img other.img
try "guards: one letter twice" two_volumes 2 'letter of another volume' --store '\S' disk.img c=other.img
try "guards: no letter" two_volumes '2,3' '1=other.img' --store '\S' disk.img 1=other.img
try "guards: an empty name" two_volumes 2 'names no disk' --store '\S' C=
try "guards: a volume twice" two_volumes 2 'twice' --store '\S' disk.img D=disk.img
try "guards: a volume twice, by another path" two_volumes 2 'twice' --store '\S' disk.img D=./disk.img
try "guards: a volume twice, by a link" two_volumes 2 'twice' --store '\S' disk.img D=link
try "guards: a volume twice, by its offset" two_volumes 2 'twice' --store '\S' disk.img D=disk.img@+0

container() {
	fresh
	qemu-img convert -O "$1" "$WORK/disk.img" "$WORK/container.$1"
	before=$(digest "$WORK/container.$1")
	refused 3 'raw images and devices only|container' --store '\S' "container.$1"
	same "the container" "$(digest "$WORK/container.$1")" "$before"
}
try "guards: a container, QCOW2" container qcow2
try "guards: a container, VHD" container vpc
try "guards: a container, VMDK" container vmdk

not_ntfs() {
	head -c 1000000 /dev/urandom > "$WORK/noise.img"
	refused 3 'noise.img: .*NTFS' --store '\S' noise.img
	refused 3 'No such file' --store '\S' nothing.img
	refused 2 'is a folder' --store '\S' mnt
}
try "guards: no NTFS, nothing there, a directory" not_ntfs

mounted_elsewhere() {
	fresh
	here() {
		refused 3 'mounted|in use' --store '\S' disk.img
	}
	MOUNT_OPTIONS=ro mounted "$WORK/disk.img" here
}
try "guards: a volume that ntfs-3g has mounted" mounted_elsewhere

read_only() {
	local device
	fresh
	device=$(losetup -r -f --show "$WORK/disk.img" 2> "$WORK/log2") || skip "no loop devices here"
	trap "losetup -d $device" EXIT
	refused 3 'may only be read' --store '\S' "$device"
}
try "guards: a device that may not be written" read_only

# -------- volumes that are not to be trusted --------

# the volume flags, behind the version in $VOLUME_INFORMATION of record 3, and in its mirror (clusters of 4096)
dirty() {
	local field lcn place
	fresh
	for field in 48 56; do
		lcn=$(od -An -tu8 -j $field -N 8 "$WORK/disk.img" | tr -d ' ')
		place=$(tail -c +$((lcn * 4096 + 3 * 1024 + 1)) "$WORK/disk.img" | head -c 1024 |
			LC_ALL=C grep -obaP '\x03\x01\x00\x00' | head -n 1 | cut -d: -f1)
		printf '\001' | dd of="$WORK/disk.img" bs=1 seek=$((lcn * 4096 + 3 * 1024 + place + 2)) conv=notrunc status=none
		[ $field = 56 ] || refused 3 'chkdsk' --store '\S' disk.img # the mirror contradicts it
	done
	refused 3 'marked dirty.*chkdsk' --store '\S' disk.img
}
try "guards: a volume that is marked dirty" dirty

hibernated() {
	fresh
	sleeping() {
		printf "$1" > hiberfil.sys
		head -c 8192 /dev/zero >> hiberfil.sys
	}
	mounted "$WORK/disk.img" sleeping 'hibr'
	refused 3 'hibernated.*shutdown' --store '\S' disk.img
	fresh
	mounted "$WORK/disk.img" sleeping '\0\0\0\0'
	(cd "$WORK" && hold 0 capture --store '\S' disk.img)
}
try "guards: a hibernated volume" hibernated

# Restart pages of a log that was not closed, as libntfs-3g's logfile.h describes them
unclean_log() {
	local lcn size bits i page
	fresh
	read -r lcn size < <(istat -f ntfs "$WORK/disk.img" 2 |
		awk '/^Type: \$DATA/ { size = $NF; next } size { print $1, size; exit }')
	for ((bits = 0; size >> bits; bits++)); do :; done
	page=52535452$(hex 30 2)$(hex 9 2)$(hex 0 8)$(hex 4096 4)$(hex 4096 4)$(hex 48 2)$(hex 1 2)$(hex 1 2)
	page+=$(hex 1 2)$(printf '0000%.0s' {1..8}) # update sequence: number 1, and what it replaces
	# restart area: current lsn, 1 client, nothing free, client 0 in use, flags: not clean, seq bits, length, client array offset
	page+=$(hex 4096 8)$(hex 1 2)$(hex 65535 2)$(hex 0 2)$(hex "$1" 2)$(hex $((67 - bits)) 4)$(hex 224 2)$(hex 64 2)$(hex "$size" 8)$(hex 0 4)$(hex 48 2)$(hex 64 2)
	page+=$(hex 0 4)$(hex 0 4)$(printf '00%.0s' {1..16})
	# the client: oldest lsn, restart lsn, nobody before and behind, sequence, name "NTFS"
	page+=$(hex 4096 8)$(hex 4096 8)$(hex 65535 2)$(hex 65535 2)$(hex 0 2)$(printf '00%.0s' {1..6})$(hex 8 4)$(utf16 NTFS)
	page+=$(printf '00%.0s' $(seq $((4096 - ${#page} / 2))))
	for ((i = 0; i < 8; i++)); do # the number at the end of each sector
		page=${page:0:$((i * 1024 + 1020))}0100${page:$((i * 1024 + 1024))}
	done
	for i in 0 1; do
		printf %s "$page" | tr -d '\n' | sed 's/../\\x&/g' | xargs -0 printf '%b' |
			dd of="$WORK/disk.img" bs=4096 seek=$((lcn + i)) conv=notrunc status=none
	done
}

unclean() {
	unclean_log 0
	refused 3 'not shut down properly.*chkdsk' --store '\S' disk.img
	# the same log, closed, is none
	unclean_log 2
	(cd "$WORK" && hold 0 capture --store '\S' disk.img)
}
try "guards: a log that is not clean" unclean

# Something in the file table that cannot be: the folder's index says one thing, the record another
contradiction() {
	local lcn
	fresh
	lcn=$(od -An -tu8 -j 48 -N 8 "$WORK/disk.img" | tr -d ' ')
	# the sequence number of the root's first file in use
	printf '\377' | dd of="$WORK/disk.img" bs=1 seek=$((lcn * 4096 + 64 * 1024 + 16)) conv=notrunc status=none
	refused 3 'contradicts itself.*chkdsk' --store '\S' disk.img
}
try "guards: a volume whose structures contradict each other" contradiction

# holdfast's log, of a format that is not known
other_log() {
	local lcn
	fresh
	lcn=$(istat -f ntfs "$WORK/disk.img" 2 | awk '/^Type: \$DATA/ { found = 1; next } found { print $1; exit }')
	printf 'HOLDFASTREDOLOG\0\002\0\0\0' | dd of="$WORK/disk.img" bs=1 seek=$((lcn * 4096)) conv=notrunc status=none
	refused 3 "another version of holdfast.*format 2" --store '\S' disk.img
	printf 'HOLDFASTREDOLOG\0\001\0\0\0' | dd of="$WORK/disk.img" bs=1 seek=$((lcn * 4096)) conv=notrunc status=none
	refused 3 "log's header is damaged" --store '\S' disk.img
}
try "guards: a log of another version, a damaged one" other_log

# -------- stores that are there already --------

foreign() {
	fresh
	usmt() {
		mkdir -p 'S/USMT/File/C$/Users/alice'
		ln Users/alice/text.txt 'S/USMT/File/C$/Users/alice/text.txt'
		: > S/USMT/hardlink.main
	}
	mounted "$WORK/disk.img" usmt
	refused 3 "not holdfast's.*--new-generation" --store '\S' disk.img
	hold 0 capture --new-generation --store '\S' "$WORK/disk.img"
	kept() {
		[ 'S/USMT.generation-1/File/C$/Users/alice/text.txt' -ef Users/alice/text.txt ]
		[ 'S/USMT/File/C$/Users/alice/text.txt' -ef Users/alice/text.txt ]
		[ ! -e S/USMT.generation-1/holdfast.cat ]
	}
	watched "$WORK/disk.img" kept
	consistent "$WORK/disk.img"
}
try "guards: a store of somebody else's" foreign

store_is_a_file() {
	fresh
	in_the_way() {
		mkdir S
		: > S/USMT
	}
	mounted "$WORK/disk.img" in_the_way
	refused 3 'S.USMT.* is a file there' --store '\S' disk.img
	refused 3 'S.USMT.* is a file there' --new-generation --store '\S' disk.img
}
try "guards: a file where the store would be" store_is_a_file

# the catalogue's blocks of 4096 bytes begin with magic (8 bytes) and format version
catalogue_spoilt() {
	local how=$1 pattern=$2
	fresh
	hold 0 capture --store '\S' "$WORK/disk.img"
	spoil() {
		local copy
		for copy in holdfast.cat holdfast.cat2; do
			$how "S/USMT/$copy"
		done
		echo new > Users/alice/new.txt
	}
	mounted "$WORK/disk.img" spoil
	refused 3 "$pattern" --store '\S' disk.img
	hold 0 capture --new-generation --store '\S' "$WORK/disk.img"
	consistent "$WORK/disk.img"
}
garbage() { dd if=/dev/urandom of="$1" bs=4096 count=$(($(stat -c %s "$1") / 4096)) conv=notrunc status=none; }
later_version() {
	local i
	for ((i = $(stat -c %s "$1") / 4096 - 1; i >= 0; i--)); do
		printf '\377\0' | dd of="$1" bs=1 seek=$((i * 4096 + 8)) conv=notrunc status=none
	done
}
try "guards: a store whose catalogue is of another version" catalogue_spoilt later_version 'another version of holdfast.*--new-generation'
try "guards: a store whose catalogue is garbage" catalogue_spoilt garbage 'catalogue cannot be read.*--new-generation'
try "guards: a store whose catalogue is empty" catalogue_spoilt 'truncate -s 0' 'catalogue cannot be read.*--new-generation'

# one copy is enough
one_copy() {
	fresh
	hold 0 capture --store '\S' "$WORK/disk.img"
	spoil() {
		garbage "S/USMT/$1"
		echo "$1" > Users/alice/new.txt
	}
	mounted "$WORK/disk.img" spoil holdfast.cat
	hold 0 capture --store '\S' "$WORK/disk.img"
	mounted "$WORK/disk.img" spoil holdfast.cat2
	hold 0 capture --store '\S' "$WORK/disk.img"
}
try "guards: one copy of the catalogue is enough" one_copy

deleted_store() {
	local image
	fixture "$1" --files 60
	image=$IMAGE
	cp --sparse=always "$image" "$WORK/deleted.img"
	mounted "$WORK/deleted.img" mkdir -p Users/new
	mounted "$WORK/deleted.img" touch Users/new/file
	refused 3 'deleted store.*holdfast rescue.*--overwrite-deleted' --store '\S' deleted.img
	hold 0 capture --overwrite-deleted --store '\S' "$WORK/deleted.img"
	hold 0 check "$WORK/deleted.img"
	rm "$WORK/deleted.img"
}
try "guards: a deleted store, its files nowhere else" deleted_store all-deleted-store-last
try "guards: a store of which half is deleted" deleted_store store-half-deleted

# what has another name may be written beside
harmless_store() {
	fixture "$1" --files 60
	cp --sparse=always "$IMAGE" "$WORK/harmless.img"
	hold 0 capture --store '\S' "$WORK/harmless.img"
	hold 0 check "$WORK/harmless.img"
	rm "$WORK/harmless.img"
}
try "guards: a deleted store whose files live" harmless_store store-deleted-users-live
done_testing
