#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# copy_store.sh - stores of copies, on another volume than the users' files, judged through ntfs-3g
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"

C=$WORK/c.img
D=$WORK/d.img
E=$WORK/e.img
STORE=StateStore/USMT/File
command -v setfattr > "$WORK/log2" || {
	echo "skipped copy_store: no setfattr"
	exit 0
}

# capture STATUS ARGUMENT...: what it told stays in $WORK/told
capture() {
	hold "$1" capture --copy --json --store '\StateStore' "${@:2}"
	cp "$WORK/out" "$WORK/told"
}

part() {
	jq -c ".volumes[] | select(.letter == \"$1\") | $2" "$WORK/told"
}

# described FOLDER...: what files and folders below the current one wear and hold, and which names are one file's
described() {
	local path
	for path; do
		# records, and sizes of folders and of what the driver makes of a junction, are not the files' own
		(cd "$path" && wears . | LC_ALL=C sed -E 's/^([^\t]*\t[dl]) [0-9]+ [0-9]+$/\1/; s/^([^\t]*\tf) [0-9]+ /\1 /')
		find "$path" -type f -printf '%i %P\n' | sort -k2 | awk '{ i = $1; sub(/^[^ ]* /, ""); print (i in n ? n[i] : n[i] = NR), $0 }'
		(cd "$path" && find . -type f ! -name secret -print0 | sort -z | xargs -0 -r sha256sum -z | tr '\0\n' '\n ')
	done
}

# as_described FILE FOLDER...
as_described() {
	described "${@:2}" > "$WORK/described2"
	cmp "$1" "$WORK/described2" || fail "not as it was: $(diff "$1" "$WORK/described2" | head -n 3 | cut -c-120 | tr '\n' ' ')"
}

# -------- what is copied --------

# the driver takes a reparse point that it does not know for a link
files() {
	find Users "Documents and Settings" \( -type f -o -name cloud \) -printf '%i\n'
}

everything() {
	local before
	format "$C" 120M "$@"
	format "$E" 120M
	mounted "$C" populate
	watched "$C" described Users "Documents and Settings" > "$WORK/described"
	before=$(digest "$C")
	capture 0 --digest "E=$E" "C=$C"
	same "the volume that was copied" "$(digest "$C")" "$before"
	consistent "$E"
	same "files" "$(part C .files)" "$(watched "$C" files | sort -u | wc -l)"
	same "names" "$(part C .names)" "$(watched "$C" files | wc -l)"
	same "copied" "$(part C '[.copied, .limited]')" "[$(part C .files),0]"
	same "of the store's volume" "$(part E '[.files, .names, .directories, .not_captured]')" '[0,0,0,[]]'
	whole() {
		cd "$STORE/C\$"
		as_described "$WORK/described" Users "Documents and Settings"
		cd "$MNT"
		same "what lies in the store" "$(ls -A StateStore StateStore/USMT "$STORE" | tr '\n' ' ')" \
			'StateStore: USMT  StateStore/USMT: File holdfast.cat holdfast.cat2  StateStore/USMT/File: C$ '
	}
	watched "$E" whole
	hold 0 verify --digest --store '\StateStore' "E=$E"
	before=$(digest "$E")
	hold 0 capture --copy --digest --store '\StateStore' "E=$E" "C=$C"
	[ "$(grep -c 'nothing was written' "$WORK/out")" -eq 2 ] || fail "not told: $(head -n 3 "$WORK/out")"
	same "a capture of nothing new" "$(digest "$E")" "$before"
}
try "copies: all that NTFS knows" everything
try "copies: all that NTFS knows, of clusters of 512" everything -c 512
done_testing
