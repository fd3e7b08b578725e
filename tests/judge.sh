#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# judge.sh TRUTH MANIFEST... - what was rebuilt against what was there
#
# Prints one JSON object:
#   files              captured files that the truth knows
#   had                of those, files whose records and bytes are still on the image, and of deleted ones a store name
#   content            of those, files rebuilt with the right bytes, under any grade
#   missed             the others: id, class, record, name, and what they were graded
#   wrong_intact       rebuilt files graded intact or verified whose bytes are not what they were,
#                      or that the truth does not know at all
#   wrong              those: volume, record, sequence, first name
#   names_had          store names that still stand somewhere
#   names_right        of those, names rebuilt
#   names_derived      right names beyond them, by the twin rule
#   names_wrong        names called proven or derived that the file never had
#   bad_names          those
#   streams_had        named streams whose records and bytes are still on the image
#   streams_content    of those, streams rebuilt with the right bytes
#   streams_wrong      streams graded intact or verified whose bytes are not what they were
#   missing_untold     files graded partial whose damaged bytes (by the truth) are not all in "missing"
set -eu
truth=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# jq reads no unpaired surrogates: give them another form, the same on both sides
plain() { sed -E 's/\\u(d[89a-f][0-9a-f]{2})/<\1>/gI'; }
plain < "$truth" > "$work/truth"
cat "$@" < /dev/null | plain > "$work/manifest"
jq -n --slurpfile truth "$work/truth" --slurpfile manifest "$work/manifest" '
# a disk of one volume has many lives of it
def key: "\(if ($truth[0].volumes | length) == 1 then 1 else .volume end)-\(.record)-\(.sequence)";
def there: . == "in-use" or . == "freed";
def whole: .resident_intact or .clusters_intact or .size == 0;
def trusted: .grade == "intact" or .grade == "verified";
($truth | map(select(.kind == "file"))) as $all
| ($all | map(select((.store | length) > 0))) as $files
| (reduce ($all[], ($all[] | select(.sequence == 65535 and .record_state == "freed") | .sequence = 1)) as $f
     ({}; ($f | key) as $k  # 65535 is followed by 1
    | if has($k) then .[$k].names += $f.names + ($f.original | map(.[1:]))
      else .[$k] = {id: $f.id, sha256: $f.sha256, streams: ($f.streams // []), damaged: ($f.damaged // []),
                    names: ($f.names + ($f.original | map(.[1:])))} end)) as $was
| (reduce $manifest[] as $m ({}; .[$m | key] += [$m])) as $got
| ($files | map(select((.record_state | there) and (.record_unreadable | not) and
                       (.record_state == "in-use" or (.names | length) > (.names_lost + .names_unowned | length)) and
                       ([(.extension_records // [])[].state | there] | all)))) as $kept
| ($kept | map(select(whole))) as $had
| ($had | map(select(. as $f | ($got[$f | key] // []) | any(.sha256 == $f.sha256) | not))) as $missed
| ($manifest | map(select(trusted and (. as $m | $was[$m | key] as $f | $f == null or $f.sha256 != $m.sha256))
                   | {volume, record, sequence, name: .names[0], known: ($was[key] != null)})) as $wrong
| ([$manifest[] | . as $m | ($was[$m | key].names // []) as $n | range(.names | length)
    | select($m.proof[.] != "guessed") | $m.names[.] | select(. as $x | $n | index([$x]) == null)]) as $bad
| [$kept[] | . as $f | (.streams // [])[] | select(whole) | {key: ($f | key), name, sha256}] as $streams
| { files: ($files | length), had: ($had | length),
    content: (($had | length) - ($missed | length)),
    missed: ($missed | map({id, class, record, name: .names[0], grades: [($got[key] // [])[].grade]})),
    wrong_intact: ($wrong | length), wrong: $wrong,
    names_had: ($files | map(. as $f | [range(.names | length)] - ($f.names_lost // []) | length) | add // 0),
    names_right: ($files | map(. as $f | ([($got[$f | key] // [])[] | .names[]]) as $n
                 | [range(.names | length)] - ($f.names_lost // [])
                 | map($f.names[.]) | map(select(. as $x | $n | index([$x]) != null)) | length) | add // 0),
    names_derived: ($files | map(. as $f | ([($got[$f | key] // [])[] | .names[]]) as $n
                 | ($f.names_lost // []) | map($f.names[.])
                 | map(select(. as $x | $n | index([$x]) != null)) | length) | add // 0),
    names_wrong: ($bad | length), bad_names: $bad,
    streams_had: ($streams | length),
    streams_content: ($streams | map(select(. as $s | ($got[$s.key] // []) | any(.[].streams[]; .name == $s.name and
                 .sha256 == $s.sha256))) | length),
    streams_wrong: ($manifest | map(. as $m | ($was[$m | key].streams // []) as $s | .streams[]
                 | select(.type == 128 and trusted and (. as $x | $s | any(.name == $x.name and .sha256 == $x.sha256)
                   | not))) | length),
    missing_untold: ($manifest | map(select(.grade == "partial" and (. as $m | ($was[$m | key].damaged // [])
                 | any(. as $d | [$m.missing[] | select(.[0] <= $d[0] and .[0] + .[1] >= $d[0] + $d[1])]
                   | length == 0)))) | length) }'
