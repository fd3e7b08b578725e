#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# beside.sh - deleted user data that no store held comes back with --beside
. "$(dirname "$0")/common.bash"

beside() {
	fixture "$1"
	hold 0,1 rescue --json --beside --to "$WORK/$1" "$IMAGE"
	unchanged
	plain "$WORK/$1/beside/manifest.jsonl" > "$WORK/manifest"
	plain "$WORK/$1"/store-*/manifest.jsonl > "$WORK/stores"
	plain "$TRUTH" > "$WORK/truth"
	# content: beside, or with the orphans where the way up is gone; names: where the way up is there
	jq -n --slurpfile truth "$WORK/truth" --slurpfile manifest "$WORK/manifest" --slurpfile stores "$WORK/stores" '
		def key: "\(.volume)-\(.record)-\(.sequence)";
		def there: . == "in-use" or . == "freed";
		(reduce $manifest[] as $m ({}; .[$m | key] = $m)) as $got
		| (reduce $stores[] as $m ({}; .[$m | key] = $m)) as $stored
		| (reduce ($truth[] | select(.kind == "directory" and (.record_state | there) and .original[0] and .original_lost == [])) as $d
			({}; .[$d.original[0]] = true)) as $way
		| ([$truth[] | select(.class == "uncaptured" and .kind == "file" and .record_state == "freed" and
			(.resident_intact or .clusters_intact or .size == 0) and (.original_lost == []))]) as $had
		| [$had[] | select(.original[0] | split("/") as $p | all(range(2; $p | length); $way[$p[:.] | join("/")]))] as $reached
		| {had: ($had | length), reached: ($reached | length),
		   content: ([$had[] | select(($got[key] // $stored[key] // {}).sha256 == .sha256)] | length),
		   names: ([$reached[] | . as $f | select($got[key].names // [] | index([$f.original[0][1:]]))] | length),
		   missed: [$had[] | select(($got[key] // $stored[key] // {}).sha256 != .sha256) | [.record, .original[0]]]}' > "$WORK/verdict"
	[ "$(jq .had "$WORK/verdict")" -gt 5 ] || fail "only $(jq .had "$WORK/verdict") files to look for"
	same "content" "$(jq .content "$WORK/verdict") $(jq -c '.missed[:2]' "$WORK/verdict")" "$(jq .had "$WORK/verdict") []"
	same "names" "$(jq .names "$WORK/verdict")" "$(jq .reached "$WORK/verdict")"
	# what a store holds is not there a second time, and nothing of the system
	plain "$WORK/$1"/store-*/manifest.jsonl | jq -r '"\(.volume)-\(.record)-\(.sequence)"' | sort -u > "$WORK/stored"
	jq -r '"\(.volume)-\(.record)-\(.sequence)"' "$WORK/manifest" | sort -u > "$WORK/put"
	same "files in a store and beside it" "$(comm -12 "$WORK/stored" "$WORK/put" | wc -l)" 0
	same "system files" "$(jq -s '[.[].names[] | select(startswith("Windows/"))] | length' "$WORK/manifest")" 0
	# what is on the host is what the manifest says
	jq -j '. as $m | .paths[] | "\($m.sha256)  \(.)\u0000"' "$WORK/manifest" | sort -z > "$WORK/told"
	(cd "$WORK/$1/beside" && find . -mindepth 2 -type f ! -path './streams/*' -printf '%P\0' | xargs -0 -r sha256sum -z | sort -z) > "$WORK/there"
	cmp -s "$WORK/told" "$WORK/there" || fail "files are not what the manifest says"
	jq -e '.beside.files > 0 and (.beside.grades | length == 5)' "$WORK/out" > "$WORK/log2" || fail "not in the JSON"
	"$ROOT/tests/judge.sh" "$TRUTH" "$WORK/$1/beside/manifest.jsonl" > "$WORK/verdict"
	same "wrong content graded intact" "$(jq .wrong_intact "$WORK/verdict") $(jq -c '.wrong[:2]' "$WORK/verdict")" "0 []"
	same "wrong names" "$(jq .names_wrong "$WORK/verdict") $(jq -c '.bad_names[:2]' "$WORK/verdict")" "0 []"
	rm -rf "$WORK/${1:?}"
}
for scenario in store-live-users-wiped all-deleted-store-last all-deleted-new-system-20 store-half-deleted; do
	try "beside: $scenario" beside "$scenario"
done

without() {
	fixture store-live-users-wiped
	hold 0,1 rescue --to "$WORK/without" "$IMAGE"
	[ ! -e "$WORK/without/beside" ] || fail "rebuilt without being asked"
}
try "beside: only when asked" without
done_testing
