#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bench_recovery.sh - what is recovered beside sleuthkit's and ntfs-3g's programs, against what is physically there
#
# RECOVERY_FILES=300 (ordinary user files a scenario), SCENARIOS.  A line a scenario and program:
#   content  captured files, empty ones aside, whose right bytes it gives; in percent of those whose bytes
#            are all still on the disk, whether a record leads to them or not
#   named    captured files of which it gives a right path, in the store or at the file's old place; in percent of
#            those with a name that still stands next to its folder's reference there or there
#   names    likewise all names; one file has 300 of them
#   wrong    paths that the file never had.  Places for what has no path ($OrphanFiles, orphans) are none
#   bytes    files that it presents as sound whose bytes no file on the disk ever had (.partial, .suspect: not sound)
# A program's files are known by their content, names that fls lists by their record.  ntfsundelete gives no paths.
set -eu
export LC_ALL=C.UTF-8
scenarios=${SCENARIOS:-all-deleted-store-last all-deleted-new-system-20 directory-records-reused formatted-after-wipe
	store-deleted-users-live}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# jq reads no unpaired surrogates
plain() { sed -E 's/\\u[dD][89a-fA-F][0-9a-fA-F]{2}/\\ufffd/g'; }

# What all questions are answered from.  Unpaired surrogates, and names that Linux or a terminal cannot have as
# they are, are nobody's to get right: .odd.
known() {
	plain < "$1" | jq -sc '
	def plain: ltrimstr("/") | sub("^Users/"; "C$/Users/"); # in the store or at its old place
	map(select(.kind == "file"))
	| { files: map(select((.store | length) > 0 and .size > 0)
	           | { id, sha256, record, whole: (.resident_intact or .clusters_intact),
	               names: [.names[] | plain],
	               there: [. as $f | range(.names | length) | select(($f.names_lost | index([.]) == null) or
	                      ($f.original_lost | index([.]) == null)) | $f.names[.] | plain],
	               odd: (.class == "awkward-name" or (.names | any(test("[\\x00-\\x1f\ufffd]")))) }),
	    contents: (map(.sha256, (.streams // [])[].sha256) | map({key: ., value: true}) | from_entries),
	    paths: (map(. as $f | (.names + .original)[] | {key: "\($f.record) \(plain)", value: true})
	            | from_entries),
	    odd: (map(select(.class == "awkward-name") | {key: "\(.record)", value: true}) | from_entries) }'
}

# tree FOLDER: digest and path of each file in it, [[sha256, path], ...]
tree() {
	(cd "$1" && find . -type f -size +0 -print0 | xargs -0r sha256sum -z) |
		jq -Rsc 'split("\u0000") | map(select(. != "") | [.[:64], .[68:]])'
}

# recovered KNOWN TREE: the figures of a program that writes files
recovered() {
	jq -rn --slurpfile known "$1" --slurpfile tree "$2" '
	def plain: sub("^(store-[0-9]+/USMT/File/|_SMSTaskSequence/UserState/USMT/File/)"; "")
	         | sub("^Users/"; "C$/Users/") | sub("[.](suspect|partial)$"; "");
	def has_path: test("/") and (test("^[$]OrphanFiles/|^store-[0-9]+/(orphans|streams)/") | not);
	$known[0] as $k
	| (reduce $tree[0][] as $t ({}; .[$t[0]] += [$t[1]])) as $got
	| ($k.files | map(select(.whole))) as $whole
	| ($k.files | map(select(.odd | not) | .found = ([($got[.sha256] // [])[] | select(has_path) | plain] | unique))) as $named
	| [ ($whole | length), ($whole | map(select($got[.sha256])) | length),
	    ($named | map(select(.there != [])) | length), ($named | map(select(.names - .found != .names)) | length),
	    ($named | map(.there | length) | add), ($named | map(.names - (.names - .found) | length) | add),
	    ($named | map(.found - .names | length) | add),
	    ($tree[0] | map(select((.[1] | test("^[$](?!OrphanFiles)|[.](suspect|partial)$|^store-[0-9]+/([^/]*$|USMT/[^/]*$)") | not)
	                           and ($k.contents[.[0]] | not))) | length) ] | @tsv'
}

# names_of_fls, names_of_manifest: a line a name, "record<TAB>path"
names_of_fls() { sed -nE 's/^.\/r \* ([0-9]+)[-0-9]*(\(realloc\))?:\t(.*)$/\1\t\3/p'; }
names_of_manifest() {
	plain | jq -r '. as $f | range(.names | length) | select($f.proof[.] != "guessed")
		| "\($f.record)\t\($f.names[.] | gsub("[\\x00-\\x1f]"; "^"))"'
}

# listed KNOWN: the figures of names that come in
listed() {
	jq -Rrn --slurpfile known "$1" '
	$known[0] as $k
	| [ inputs | split("\t") | select((.[1] | test("^[$]OrphanFiles/|:")) or $k.odd[.[0]] | not)
	    | "\(.[0]) \(.[1] | sub("^_SMSTaskSequence/UserState/USMT/File/"; "") | sub("^Users/"; "C$/Users/"))" ]
	| unique as $given
	| (reduce $given[] as $g ({}; .[$g] = true)) as $has
	| ($k.files | map(select(.odd | not) | . as $f
	                  | .found = (.names | map(select($has["\($f.record) \(.)"]))))) as $named
	| [ 0, 0, ($named | map(select(.there != [])) | length), ($named | map(select(.found != [])) | length),
	    ($named | map(.there | length) | add), ($named | map(.found | length) | add),
	    ($given | map(select($k.paths[.] | not)) | length), 0 ] | @tsv'
}

# row SCENARIO PROGRAM HAS_CONTENT HAS_PATHS, the figures on standard input
row() {
	awk -F '\t' -v s="$1" -v p="$2" -v content="$3" -v paths="$4" '
	function share(a, b) { return b ? sprintf("%5.1f %%", 100 * a / b) : "-" }
	{ printf "%-28s %-24s %9s %9s %9s %7s %7s\n", s, p, content ? share($2, $1) : "-",
	         paths ? share($4, $3) : "-", paths ? share($6, $5) : "-", paths ? $7 : "-", content ? $8 : "-" }'
}

printf '%-28s %-24s %9s %9s %9s %7s %7s\n' scenario program content named names wrong bytes
for scenario in $scenarios; do
	image=$work/$scenario.img out=$work/out
	build/wreck "$scenario" "$work" --files "${RECOVERY_FILES:-300}" > /dev/null
	known "$work/$scenario.truth.jsonl" > "$work/known"

	build/holdfast rescue -q --to "$out" "$image" > /dev/null 2>&1 || [ $? = 1 ]
	rm "$out/report.txt" "$out/case.holdfast"
	tree "$out" > "$work/tree"
	cat "$out"/store-*/manifest.jsonl | names_of_manifest | listed "$work/known" > "$work/listed"
	recovered "$work/known" "$work/tree" | cut -f 1,2,8 | paste - "$work/listed" |
		awk -F '\t' -v OFS='\t' '{ print $1, $2, $6, $7, $8, $9, $10, $3 }' | row "$scenario" "holdfast rescue" 1 1
	rm -rf "$out"

	(fls -r -p -d "$image" 2> /dev/null || true) | names_of_fls | listed "$work/known" | row "$scenario" "fls -r -p -d" "" 1

	mkdir "$out"
	tsk_recover -e "$image" "$out" > /dev/null 2>&1 || true
	tree "$out" > "$work/tree"
	recovered "$work/known" "$work/tree" | row "$scenario" "tsk_recover -e" 1 1
	rm -rf "$out"

	mkdir "$out"
	ntfsundelete -f -u -T -m '*' -d "$out" "$image" > /dev/null 2>&1 || true
	tree "$out" > "$work/tree"
	recovered "$work/known" "$work/tree" | row "$scenario" "ntfsundelete -u -T -m '*'" 1 ""
	rm -rf "$out" "$work/$scenario".*
done
