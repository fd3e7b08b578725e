#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# judge.sh TRUTH MANIFEST... - what was rebuilt against what was there
#
# Prints one JSON object:
#   files              captured files that the truth knows
#   had                of those, files whose record and bytes are still on the image
#   content            of those, files rebuilt with the right bytes, under any grade
#   wrong_intact       rebuilt files graded intact or verified whose bytes are not what they were
#   names_had          store names that the records still hold
#   names_right        of those, names rebuilt
#   names_derived      right names beyond them, by the twin rule
#   names_wrong        names called proven or derived that the file never had
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
def key: "\(.volume)-\(.record)-\(.sequence)";
($truth | map(select(.kind == "file"))) as $all
| ($all | map(select((.store | length) > 0))) as $files
| (reduce $all[] as $f ({}; .[$f | key] |= (. // $f | .names += $f.names))) as $was
| (reduce $manifest[] as $m ({}; .[$m | key] += [$m])) as $got
| ($files | map(select((.resident or .clusters_intact or .size == 0) and
                       (.record_state == "in-use" or .record_state == "freed")))) as $had
| { files: ($files | length), had: ($had | length),
    content: ($had | map(select(. as $f | ($got[$f | key] // []) | any(.sha256 == $f.sha256))) | length),
    wrong_intact: ($manifest | map(select((.grade == "intact" or .grade == "verified") and
                   (. as $m | $was[$m | key] as $f | $f != null and $f.sha256 != $m.sha256))) | length),
    names_had: ($files | map(. as $f | [range(.names | length)] - ($f.names_lost // []) | length) | add // 0),
    names_right: ($files | map(. as $f | ([($got[$f | key] // [])[] | .names[]]) as $n
                 | [range(.names | length)] - ($f.names_lost // [])
                 | map($f.names[.]) | map(select(. as $x | $n | index([$x]) != null)) | length) | add // 0),
    names_derived: ($files | map(. as $f | ([($got[$f | key] // [])[] | .names[]]) as $n
                 | ($f.names_lost // []) | map($f.names[.])
                 | map(select(. as $x | $n | index([$x]) != null)) | length) | add // 0),
    names_wrong: ($manifest | map(. as $m | $was[$m | key] as $f | if $f == null then 0 else
                 [range(.names | length)] | map(select($m.proof[.] != "guessed"))
                 | map($m.names[.]) - ($f.names // []) | length end) | add // 0) }'
