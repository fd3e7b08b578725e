#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# judged.sh - every scenario of wreck: rescued, and held against the ground truth
. "$(dirname "$0")/common.bash"

# Files whose records and bytes are there, and that are still not rebuilt right, with the reason.
# Each scenario not named here must rebuild all of them.
allowed_missed() {
	case $1 in
	# Freed and written again as another state: half of such a record is older than the other, so a
	# resident content may be in neither half whole. Graded suspect, never intact.
	torn-records) echo 1 ;;
	# Its one name in the store stands in slack and has control characters: there it does not look like a name.
	names-in-slack-only) echo 1 ;;
	*) echo 0 ;;
	esac
}

# Names that the truth says can be had: in records, and in directory indexes. All of them where no number stands here;
# else at least this many. The rest stand in indexes of directories whose own records are gone, or in no unit of an
# index that can be told from its neighbour. Of a deleted file's names in one directory only the best is told
# (settle.h): the truth's many-named files have most of theirs like that.
names_at_least() {
	case $1 in
	store-half-deleted) echo 747 ;;
	all-deleted-store-last | all-deleted-trimmed | store-under-other-name | sequence-number-wraps | \
		temp-files-overwrote-then-deleted | formatted-after-all-deleted) echo 570 ;;
	all-deleted-new-system-5) echo 544 ;;
	all-deleted-new-system-20) echo 423 ;;
	all-deleted-new-system-60) echo 261 ;;
	two-volumes-one-store) echo 943 ;;
	bad-sectors-deleted) echo 566 ;;
	directory-records-reused) echo 333 ;;
	attribute-list-deleted) echo 562 ;;
	formatted-then-new-system) echo 727 ;;
	names-in-slack-only) echo 223 ;; # others stand without a reference to their file (names_unowned)
	change-journal) echo 580 ;; # several in one directory, of deleted files
	*) echo "$2" ;;
	esac
}

# The keys of DESIGN 3 are there, with the right types.
design_keys() {
	jq -e '
	def count: type == "number" and . >= 0 and . == floor;
	(.evidence | length > 0 and all(.[]; (.path | type == "string") and (.size_bytes | count))) and
	(.volumes | length > 0 and all(.[]; [.id, .offset_bytes, .size_bytes, .cluster_bytes, .mft_records] | all(count))) and
	(.stores | type == "array" and all(.[];
	    ([.id, .volume, .files, .names, .bytes, .only_here] | all(count)) and
	    (.path | startswith("\\")) and
	    (.kind | IN("usmt", "holdfast", "plain")) and
	    (.state | IN("live", "partial", "deleted", "remnant")) and
	    (.grades | keys == ["intact", "lost", "partial", "suspect", "verified"] and all(.[]; count)) and
	    .files == ([.grades[]] | add)))' "$1" > "$WORK/keys" || fail "keys of DESIGN 3 in $(basename "$1")"
}

# What was written agrees with the manifest: digests, links, suffixes, zeros, no file untold.
host_tree() {
	local folder=$1 sha size path at offset length
	plain "$folder/manifest.jsonl" > "$WORK/manifest"
	jq -j '. as $m | .paths[] | "\($m.sha256)  \(.)\u0000"' "$WORK/manifest" | sort -z > "$WORK/told"
	(cd "$folder" && find . -mindepth 2 -type f ! -path './streams/*' -printf '%P\0' |
		xargs -0 -r sha256sum -z | sort -z) > "$WORK/there"
	cmp -s "$WORK/told" "$WORK/there" || fail "files are not what the manifest says: $(
		comm -z -3 "$WORK/told" "$WORK/there" | tr '\0' '\n' | head -n 2)"
	[ -s "$WORK/told" ] || fail "nothing was rebuilt"

	# names of one file, and of no other, are links of one another
	jq -j '. as $m | .paths[] | "\($m.volume)-\($m.record)-\($m.sequence) \($m.paths | length)\t\(.)\u0000"' \
		"$WORK/manifest" | sort -z -t$'\t' -k2 | cut -z -f1 > "$WORK/keys"
	(cd "$folder" && find . -mindepth 2 -type f ! -path './streams/*' -printf '%i %n\t%P\0') |
		sort -z -t$'\t' -k2 | cut -z -f1 > "$WORK/inodes"
	paste -z -d' ' "$WORK/keys" "$WORK/inodes" | tr '\0' '\n' | sort -u > "$WORK/links"
	awk '{ if ($2 != $4 || $1 in key || $3 in inode) bad = 1; key[$1]; inode[$3] } END { exit bad }' \
		"$WORK/links" || fail "names of one file are not exactly its hard links"

	# a trusted file keeps its plain name, which may itself end like that: "x.suspect"
	jq -e -s 'all(.[]; .grade as $g | (.names + (.outside // [])) as $names |
		(if $g == "lost" then .paths == [] and .sha256 == null
		 elif $g == "suspect" or $g == "partial" then all(.paths[]; endswith("." + $g))
		 else all(.paths[] | select(endswith(".suspect") or endswith(".partial")); .[-8:] as $tail |
		          any($names[]; endswith($tail))) end) and
		(.grade != "partial" or .missing != []) and
		((.grade != "intact" and .grade != "verified") or .missing == []) and
		((.why == "") == ($g == "intact" or $g == "verified")))' "$WORK/manifest" > "$WORK/suffix" ||
		fail "suffixes do not fit the grades"

	jq -j 'select(.grade == "partial") | . as $m | .missing[] | "\(.[0]) \(.[1]) \($m.paths[0])\u0000"' \
		"$WORK/manifest" | while read -r -d '' offset length path; do
		[ "$((offset + length))" -le "$(stat -c %s "$folder/$path")" ] || fail "missing range beyond $path"
		zeros "$folder/$path" "$offset" "$length" || fail "missing range $offset is not zeros: $path"
	done

	# named streams, and nothing else, in streams/
	jq -j '.streams[] | select(.at) | "\(.sha256)  \(.at)\u0000"' "$WORK/manifest" | sort -z > "$WORK/told"
	(cd "$folder" && { [ ! -d streams ] || find streams -type f -print0; } | xargs -0 -r sha256sum -z |
		sort -z) > "$WORK/there"
	cmp -s "$WORK/told" "$WORK/there" || fail "streams/ is not what the manifest says"
}

# The truth knows one life of the volume.
as_it_was() {
	if [ "$PAST" ]; then jq -c '.volume = 1'; else cat; fi
}

# Times of the rebuilt files and directories are those of the truth, to 100 ns.
times() {
	local folder=$1
	plain "$TRUTH" | jq -r 'select(.record_state == "in-use" or .record_state == "freed") | select(.mtime and .kind == "file") |
		"\(.volume)-\(.record)-\(.sequence) \((.mtime[:-7] | tonumber) - 11644473600).\(.mtime[-7:])"' |
		sort -u > "$WORK/truth-times"
	plain "$folder/manifest.jsonl" | as_it_was | jq -j 'select(.paths != [] and (.why | test("another state") | not)) |
		"\(.volume)-\(.record)-\(.sequence) \(.paths[0])\u0000"' | sort -z > "$WORK/keys"
	(cd "$folder" && cut -z -d' ' -f2- "$WORK/keys" | xargs -0 -r stat -c %.7Y) > "$WORK/stamps"
	paste -d' ' <(cut -z -d' ' -f1 "$WORK/keys" | tr '\0' '\n') "$WORK/stamps" | sort -u > "$WORK/host-times"
	# a file of two truth lines (two stores) has one time
	join "$WORK/truth-times" "$WORK/host-times" > "$WORK/times"
	[ -s "$WORK/times" ] || fail "no time to compare"
	awk '$2 != $3 { print; exit 1 }' "$WORK/times" || fail "time not restored: $(awk '$2 != $3' "$WORK/times" | head -n 1)"
}

# What volume 1 is, and was: the youngest first.
past_volumes() {
	head -n 1 "$TRUTH" | jq -c '[.volumes[0].cluster_bytes] + (.formatted // []) | if length == 1 then . + . else . end | reverse |
		[to_entries[] | [.key + 1, .key > 0, (if .key > 0 then 1 else 0 end), .value]]'
}

# The number of the volume that has the truth's files.
oldest() {
	past_volumes | jq length
}

# Of lives between, the truth does not tell.
forget_between() {
	local store
	for store in $(jq -r --argjson oldest "$(oldest)" '.stores[] | select(.volume != $oldest) | .id' "$1"); do
		rm -r "$2/store-$store"
	done
}

# Stores are where the truth says, in that state, and only_here counts the files left with no other name.
stores() {
	jq -c '[.stores[] | select(.orphans | not) | {path, state, parts: [.parts[].volume]}] | sort' "$1" > "$WORK/got"
	head -n 1 "$TRUTH" | jq -c '[.stores[] | {path, state, parts}] | sort' > "$WORK/wanted"
	if [ "$PAST" ]; then # the oldest life of volume 1 comes behind those between, and what was in it exists no more
		sed -i "s/\"state\":\"remnant\",\"parts\":\[1\]/\"state\":\"deleted\",\"parts\":[$(oldest)]/" "$WORK/wanted"
		same "past volumes" "$(jq -c '[.volumes[] | [.id, .past, .successor, .cluster_bytes]]' "$1")" \
			"$(past_volumes)"
	fi
	same stores "$(cat "$WORK/got")" "$(cat "$WORK/wanted")"
	same kind "$(jq -r '[.stores[] | select(.orphans | not) | .kind] | unique | join(",")' "$1")" \
		usmt
}

only_here() {
	local json=$1 out=$2 store
	for store in $(jq '.stores[] | select(.orphans | not) | .id' "$json"); do
		plain "$out/store-$store/manifest.jsonl" | as_it_was | jq -r 'select(.names != []) | "\(.volume)-\(.record)-\(.sequence)"' |
			sort -u > "$WORK/rebuilt"
		# a file that a second store holds has another name there, as long as it is in no worse state; so has one
		# whose freed record keeps the user's name
		plain "$TRUTH" | jq -r 'select(.kind == "file" and (.store | length) > 0 and (.keeps_original | not) and
			(.original_deleted | length) == (.original | length)) |
			"\(.volume)-\(.record)-\(.sequence)"' | sort | uniq > "$WORK/alone"
		same "only_here of store $store" "$(jq ".stores[] | select(.id == $store) | .only_here" "$json")" \
			"$(comm -12 "$WORK/rebuilt" "$WORK/alone" | wc -l)"
	done
}

rescued() {
	local name=$1 out=$WORK/$1 json=$WORK/$1.json folder key value PAST=
	[[ $name != formatted-* ]] || PAST=1
	local -A verdict
	fixture "$name"
	hold 0,1 rescue --json --to "$out" ${MAP:+--map "$MAP"} "$IMAGE"
	cp "$WORK/out" "$json"
	[ ! -s "$WORK/err" ] || fail "stderr: $(head -n 1 "$WORK/err")"
	unchanged
	design_keys "$json"
	stores "$json"
	[ -s "$out/report.txt" ] && [ -s "$out/case.holdfast" ] || fail "report or casebook is missing"
	[ ! "$PAST" ] || forget_between "$json" "$out"
	for folder in "$out"/store-*; do
		host_tree "$folder"
		times "$folder"
	done
	"$ROOT/tests/judge.sh" "$TRUTH" "$out"/store-*/manifest.jsonl > "$WORK/verdict"
	while IFS=$'\t' read -r key value; do verdict[$key]=$value; done < <(
		jq -r 'to_entries[] | "\(.key)\t\(.value | if type == "array" then "\(length) \(.[:2])" else . end)"' "$WORK/verdict")
	same "wrong content graded intact" "${verdict[wrong_intact]} ${verdict[wrong]}" "0 0 []"
	same "wrong names" "${verdict[names_wrong]} ${verdict[bad_names]}" "0 0 []"
	same "wrong streams graded intact" "${verdict[streams_wrong]}" 0
	[ "${verdict[missed]%% *}" -eq "$(allowed_missed "$name")" ] ||
		fail "files not rebuilt: ${verdict[missed]}, wanted $(allowed_missed "$name")"
	[ "${verdict[streams_content]}" -ge $((verdict[streams_had] - $(allowed_missed "$name"))) ] ||
		fail "named streams rebuilt: ${verdict[streams_content]} of ${verdict[streams_had]}"
	[ "${verdict[names_right]}" -ge "$(names_at_least "$name" "${verdict[names_had]}")" ] ||
		fail "names rebuilt: ${verdict[names_right]} of ${verdict[names_had]}, once $(names_at_least "$name" -)"
	only_here "$json" "$out"

	# 0: all well; 1: something is below intact, or was found damaged; the report is the same as the rescue
	"$HOLDFAST" report --json "$out/case.holdfast" > "$WORK/again" || [ $? -eq 1 ] || fail "report failed"
	same "counts of the report" "$(counts "$WORK/again")" "$(counts "$json")"
	hold 0,1 scan --json ${MAP:+--map "$MAP"} ${PAST:+--carve} "$IMAGE"
	design_keys "$WORK/out"
	# a scan reads no contents, so its grades may be better than the rescue's; all else is the same
	same "counts of the scan" "$(counts "$WORK/out" | jq -c 'map(del(.grades))')" \
		"$(counts "$json" | jq -c 'map(del(.grades))')"
	rm -rf "$out"
}

# Without a sweep the format is seen, and what to do is said.
formatted() {
	fixture "$1"
	hold 0,1 scan --json "$IMAGE"
	same stores "$(jq -c .stores "$WORK/out")" "[]"
	jq -e 'any(.findings[]; .kind == "older-life")' "$WORK/out" > "$WORK/sign" || fail "no sign of the life before"
	unchanged
}

scenarios=$("$WRECK" --list | cut -f1) || exit 3
for scenario in $scenarios; do
	[[ $scenario != formatted-* ]] || try "judged: $scenario: the format is seen" formatted "$scenario"
	try "judged: $scenario" rescued "$scenario"
done
done_testing
