# SPDX-License-Identifier: GPL-3.0-or-later
# engine.bash - what the end-to-end tests of the engine share; sourced behind common.bash
#
# Volumes are made by mkntfs and filled through an ntfs-3g mount at $MNT; the same driver and
# sleuthkit's programs tell what is on them afterwards.
MNT=$WORK/mnt
mkdir -p "$MNT"

# format FILE SIZE [MKNTFS OPTION]...: a new volume
format() {
	rm -f "$1"
	truncate -s "$2" "$1"
	mkntfs -F -Q -q "${@:3}" "$1" > "$WORK/log2" 2>&1 || fail "mkntfs: $(tail -n 1 "$WORK/log2")"
}

# mounted FILE COMMAND...: run in MNT while FILE is mounted there; MOUNT_OPTIONS in place of compression
mounted() {
	ntfs-3g -o "streams_interface=windows,efs_raw,noatime,${MOUNT_OPTIONS:-compression}" "$1" "$MNT" > "$WORK/log2" 2>&1 ||
		skip "ntfs-3g cannot mount here: $(head -n 1 "$WORK/log2")"
	trap 'cd /; umount "$MNT"' EXIT
	pushd "$MNT" > "$WORK/log2"
	"${@:2}"
	local status=$? # other than 0 only where somebody asks for it, as in 'mounted ... || fail'
	popd > "$WORK/log2"
	umount "$MNT"
	trap - EXIT
	# the driver goes on for a moment after that
	flock "$1" true
	return $status
}

# watched FILE COMMAND...: the same, and nothing may be written
watched() {
	MOUNT_OPTIONS=ro mounted "$@"
}

# consistent FILE
consistent() {
	hold 0 check "$1"
	ntfsfix -n "$1" > "$WORK/log2" 2>&1 || fail "ntfsfix -n: $(tail -n 1 "$WORK/log2")"
}

# log_limit FILE: for 'ulimit -f', so that a run ends when it has begun and writes its first transaction
log_limit() {
	local first
	first=$(istat -f ntfs "$1" 2 | sed -n '/^Type: \$DATA/{n;p;}' | cut -d' ' -f1)
	echo $(((first + 1) * $(ntfsinfo -m "$1" | awk '/Cluster Size:/ { print $3 }') / 1024))
}

# hex NUMBER BYTES: little-endian
hex() {
	local number=$1 i
	for ((i = 0; i < $2; i++)); do
		printf %02x $((number & 255))
		number=$((number >> 8))
	done
}

# utf16 TEXT: in hexadecimal
utf16() {
	printf %s "$1" | iconv -t UTF-16LE | od -An -v -tx1 | tr -d ' \n'
}

# junction FOLDER TARGET: an empty folder becomes a junction to TARGET, as in C:\Users
junction() {
	local name print length data
	name=$(utf16 "\\??\\$2")
	print=$(utf16 "$2")
	length=$((${#name} / 2))
	data=$(hex 0 2)$(hex $length 2)$(hex $((length + 2)) 2)$(hex $((${#print} / 2)) 2)${name}0000${print}0000
	setfattr -h -n system.ntfs_reparse_data -v "0x030000a0$(hex $((${#data} / 2)) 2)0000$data" "$1"
}

# secure FILE RID: a security descriptor of its own, for the user S-1-5-21-1-2-3-RID
secure() {
	local sid ace
	sid=010500000000000515000000010000000200000003000000$(hex "$2" 4)
	ace=0000$(hex 36 2)ff011f00$sid
	setfattr -h -n system.ntfs_acl -v "0x01000480$(hex 64 4)$(hex 92 4)$(hex 0 4)$(hex 20 4)0200$(hex 44 2)01000000$ace$sid$sid" "$1"
}

# wears FOLDER: each file and folder below it with all that NTFS says of it but its contents; sorted.
# 8.3 names are left out: the driver does not tell them of a file that has several names.
wears() {
	(
		cd "$1"
		find . -printf '%P\t%y %i %s\0' | tr '\n\0' '?\n'
		for name in attrib_be times_be acl reparse_data object_id ea efsinfo; do
			getfattr -P -R -h -e hex -n "system.ntfs_$name" . 2> "$WORK/getfattr" |
				awk -v name="$name" '/^# file: / { file = substr($0, 9) } /=0x/ { print file "\t" name " " $0 }'
		done
	) | sort
}

# populate: all that NTFS knows of files and folders, below the current one, which is $MNT
populate() {
	local i deep
	mkdir -p Users/alice/Documents Users/bjørn Users/山田/Desktop "Documents and Settings/old" Windows/System32 Data/projects
	echo system > Windows/System32/kernel.dll
	echo data > Data/projects/plan.txt
	echo old > "Documents and Settings/old/letter.txt"
	cd Users/alice
	head -c 300 /dev/urandom > small.bin
	head -c 3000000 /dev/urandom > large.bin
	: > empty
	# names
	touch con nul.txt 'trailing.' 'space ' 'a?b' 'x*y' $'line\nbreak' $'half\xed\xa0\x80.txt' "$(printf 'ü%.0s' {1..255})"
	ln large.bin Documents/second-name.bin
	ln large.bin ../bjørn/third-name.bin
	ln ../../Windows/System32/kernel.dll Documents/not-only-mine.dll
	mkdir Twins tWINS
	echo 1 > Twins/x
	echo 2 > Twins/X
	echo 3 > tWINS/x
	echo x > LongFileName.text
	setfattr -n system.ntfs_dos_name -v LONGFI~1.TEX LongFileName.text
	mkdir "Program Data"
	echo in > "Program Data/in"
	setfattr -n system.ntfs_dos_name -v PROGRA~1 "Program Data"
	# streams, EAs, object ids, security, attributes, times
	echo content > ads.txt
	echo stream > ads.txt:Zone.Identifier
	head -c 100000 /dev/urandom > ads.txt:big
	mkdir dressed
	echo of-a-folder > dressed:stream
	head -c 200000 /dev/urandom > dressed:big
	for i in ads.txt dressed; do
		setfattr -n system.ntfs_ea -v "0x$(hex 16 4)0003$(hex 4 2)41424300$(hex 12345 4)" $i
	done
	setfattr -n system.ntfs_object_id -v 0x00112233445566778899aabbccddeeff ads.txt
	secure ads.txt 1001
	secure dressed 1002
	secure . 1003
	touch -d '2001-02-03 04:05:06.1234567' ads.txt
	# hidden, system, not indexed; read-only
	setfattr -n system.ntfs_attrib_be -v 0x00002006 dressed
	setfattr -n system.ntfs_attrib_be -v 0x00000007 small.bin
	# sparse, compressed, encrypted
	truncate -s 5000000 sparse
	echo end >> sparse
	mkdir packed
	[ "$(stat -f -c %S .)" -gt 4096 ] || setfattr -n system.ntfs_attrib_be -v 0x00000810 packed
	yes compressed | head -c 500000 > packed/text
	head -c 70000 /dev/urandom > packed/noise
	{
		head -c 69632 /dev/urandom
		printf '\144\0'
	} > secret
	setfattr -n system.ntfs_efsinfo -v "0x$(hex 100 4)$(printf '%0192d' 0)" secret
	# reparse points: into themselves, up, away, and one that nobody knows
	mkdir "Application Data" up away
	touch cloud
	setfattr -h -n system.ntfs_reparse_data -v "0x1a000090$(hex 8 2)00000102030405060708" cloud
	junction "Application Data" 'C:\Users\alice'
	junction up 'C:\Users'
	junction away 'D:\elsewhere'
	# depth and number
	cd ../山田
	for i in {1..30}; do
		deep=$(printf '%02d-%057d' "$i" 0)
		mkdir "$deep"
		cd "$deep"
		echo "$i" > level
	done
	cd "$MNT/Users"
	mkdir many 'empty folder'
	for ((i = 0; i < 3000; i++)); do
		echo $i > "many/file number $i"
	done
	touch -d '1999-12-31 23:59:59.9999999' many 'empty folder' bjørn
}
