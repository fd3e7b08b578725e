# SPDX-License-Identifier: GPL-3.0-or-later
# sequence.bash - what the end-to-end tests of whole task sequences share; sourced behind windows.bash
#
# `try ... a_refresh` makes $WORK/base.img, a Windows that people have used, with the digests of what is theirs in
# $WORK/documents, and $WORK/new.wim, the image of a new one.  `fresh` begins a case with $IMAGE, a copy of the first.
WITH_ANNA=
SEQUENCES=$ROOT/fixtures/sequences
CLASSIC=$SEQUENCES/hardlink-2007.xml

# Documents of each user, as USMT's rules take them; hives and caches stay behind.
documents() {
	find Users -type f ! -iname 'ntuser*' ! -path '*/AppData/*' ! -path 'Users/Default/*' -print0 | sort -z |
		xargs -0 -r sha256sum
}

new_image() {
	format "$WORK/new.img" 64M
	new_windows "$WORK/new.img"
	wimlib-imagex capture "$WORK/new.img" "$WORK/new.wim" New > "$WORK/log2"
}

a_refresh() {
	windows_image "$WORK/base.img"
	watched "$WORK/base.img" documents > "$WORK/documents"
	[ -s "$WORK/documents" ] || fail "the fixture has no documents"
	new_image
}

fresh() {
	IMAGE=$WORK/c.img
	rm -rf "$WORK/logs"
	cp --sparse=always "$WORK/base.img" "$IMAGE"
}

# sequence STATUS ARGUMENT...: as JSON into $WORK/told
sequence() {
	local status=$1 package=(--package LAB00001="$WORK/new.wim")
	shift
	[[ " $* " != *" --package "* ]] || package=()
	hold "$status" run --json --yes --logs "$WORK/logs" "${package[@]}" --set OSDMigrateLocalAccounts=true \
		--set OSDMigrateLocalAccountPassword=Secret7 "$@"
	cp "$WORK/out" "$WORK/told"
}

told() {
	jq -r "$1" "$WORK/told"
}

# The refresh is done: the users' documents are back, the new Windows is there, the old one is gone, the store stays.
refreshed() {
	consistent "$IMAGE"
	watched "$IMAGE" documents > "$WORK/after"
	diff "$WORK/documents" "$WORK/after" > "$WORK/diff" || fail "documents: $(head -n 3 "$WORK/diff" | tr '\n' ' ')"
	watched "$IMAGE" cmp Windows/System32/config/SAM "$WORK/new/SAM"
	watched "$IMAGE" test ! -e 'Program Files' || fail "what no rule takes is still there"
	watched "$IMAGE" test -e "${1:-_SMSTaskSequence/UserState}/USMT/File/C\$/Users" || fail "the store is gone"
	watched "$IMAGE" test ! -e _SMSTaskSequence/holdfast.env || fail "the state of the sequence is still there"
}
