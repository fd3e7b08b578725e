#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# formats.sh - each format of report, read back by the program people use for it
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/engine.bash"
FORMATS=$(sed -n '/^Formats:$/,/^$/s/^  \([a-z]*\) .*/\1/p' <("$HOLDFAST" report --help))
FIXTURES='hostile-names all-deleted-new-system-20 two-volumes-one-store'

# read_back FORMAT CASE...: by the readers of formats.py; what they count is in $WORK/out
read_back() {
	run 0 /usr/bin/python3 "$ROOT/tests/e2e/formats.py" "$@"
}

# ask CASE SQL
ask() {
	sqlite3 -readonly "$WORK/$1.hf" "$2"
}

setup() {
	local name format
	for name in $FIXTURES; do
		fixture "$name"
		ln -s "$IMAGE" "$WORK/$name.img"
		ln -s "$TRUTH" "$WORK/$name.truth"
		hold 0,1 scan -q --all --case "$WORK/$name.hf" "$WORK/$name.img"
		for format in $FORMATS; do
			hold 0,1 report --format "$format" -o "$WORK/$name.$format" "$WORK/$name.hf"
		done
	done
}
try "formats: three wrecked disks in all of them" setup
[ -s "$WORK/two-volumes-one-store.text" ] || done_testing

# -------- the table --------

table() {
	local format
	same "formats" "$(echo "$FORMATS" | head -n 2 | tr '\n' ' ')" 'text json '
	hold 2 report --format nothing "$WORK/hostile-names.hf"
	for format in $FORMATS; do
		grep -qw -- "$format" "$WORK/err" || fail "the error does not name $format"
		grep -qx "\.B $format" "$ROOT/man/report.roff" || fail "no manual of $format"
	done
	same "lines" "$(wc -l < "$WORK/err")" 1
}
try "formats: the table is what usage, errors and the manual have" table

same_bytes() {
	local format
	for format in $FORMATS; do
		hold 0,1 report --format "$format" "$WORK/hostile-names.hf"
		cmp "$WORK/out" "$WORK/hostile-names.$format"
	done
}
try "formats: the same casebook gives the same bytes" same_bytes

full() {
	local format
	for format in $FORMATS; do
		"$HOLDFAST" report --format "$format" "$WORK/hostile-names.hf" > /dev/full 2> "$WORK/err" && fail "$format: nothing was said"
		[ $? = 3 ] || fail "$format: $(cat "$WORK/err")"
		same "lines" "$(wc -l < "$WORK/err")" 1
	done
	(trap '' XFSZ; ulimit -f 8; hold 3 report --format csv -o "$WORK/half.csv" "$WORK/hostile-names.hf")
	[ ! -e "$WORK/half.csv" ] || fail "half of a table stays"
}
try "formats: what does not fit is told, and half of it does not stay" full

# In a name's own document half a surrogate pair is its escape in JSON; a page brings its own marks.
harmless() {
	local name format
	for name in $FIXTURES; do
		for format in $FORMATS; do
			case $format in
			html) continue ;;
			esac
			read_back harmless "$WORK/$name.$format"
		done
	done
}
try "formats: no control, no mark, nothing but UTF-8" harmless

# A casebook is a file like others: whatever stands in it, a report is one, or says why there is none.
altered() {
	local change format status
	# what every row has: without it nothing is told
	for change in evidence.path evidence.fingerprint store.path store.kind store.state store_part.path store_user.name finding.kind; do
		cp "$WORK/two-volumes-one-store.hf" "$WORK/altered.hf"
		sqlite3 "$WORK/altered.hf" "INSERT INTO finding VALUES('a kind',1,1,1,1,1); UPDATE ${change%.*} SET ${change#*.}=NULL"
		hold 3 report --json "$WORK/altered.hf"
		grep -q 'the casebook contradicts itself about' "$WORK/err" || fail "$change: $(cat "$WORK/err")"
	done
	for change in "evidence SET path=NULL" "evidence SET path=x'1b3d00fe'" "evidence SET fingerprint=NULL" "name SET path=NULL" \
		"name SET path=x'3d1bff0a'" "name SET inside=NULL" "name SET source=NULL, proof=2, offset=-1" "name SET proof=7" \
		"stream SET name=x'3bff1b' WHERE type=128 AND name!=''" "stream SET missing=x'00'" "stream SET runs=x'ffffffffffffffff'||runs" \
		"file SET grade=9" "file SET created=-1, written=-1" "volume SET cluster_bytes=0" "volume SET offset_bytes=-1" \
		"event SET kind=NULL" "story_source SET path=x'1bff'" "meta SET value=NULL"; do
		cp "$WORK/two-volumes-one-store.hf" "$WORK/altered.hf"
		sqlite3 "$WORK/altered.hf" "UPDATE $change"
		for format in csv bodyfile dfxml case timesketch hashdeep nsrl; do
			status=0
			"$HOLDFAST" report --format "$format" "$WORK/altered.hf" > "$WORK/told" 2> "$WORK/err" || status=$?
			[ "$status" -le 1 ] || [ "$status:$(wc -l < "$WORK/err")" = 3:1 ] || fail "$change, $format: status $status: $(head -n 1 "$WORK/err")"
			iconv -f UTF-8 -t UTF-8 "$WORK/told" > "$WORK/out" || fail "$change, $format: no UTF-8"
			! LC_ALL=C grep -qP '[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]' "$WORK/told" || fail "$change, $format: a control"
		done
	done
}
try "formats: an altered casebook ends nothing but its report" altered

# -------- CSV --------

as_csv() {
	local name
	for name in $FIXTURES; do
		read_back csv "$WORK/$name.csv" "$WORK/$name.hf" "$WORK/$name.truth"
		rm -f "$WORK/table"
		sqlite3 "$WORK/table" ".import --csv '$WORK/$name.csv' t"
		same "rows in sqlite3" "$(sqlite3 "$WORK/table" 'SELECT count(*) FROM t')" \
			"$(ask "$name" 'SELECT (SELECT count(*) FROM name) + (SELECT count(*) FROM file WHERE id NOT IN (SELECT file FROM name))')"
		same "files by grade" "$(sqlite3 "$WORK/table" 'SELECT grade, count(DISTINCT file) FROM t GROUP BY grade' | sort)" \
			"$(ask "$name" "SELECT CASE grade WHEN 0 THEN 'verified' WHEN 1 THEN 'intact' WHEN 2 THEN 'suspect' WHEN 3 THEN 'partial' ELSE 'lost' END, count(*) FROM file GROUP BY grade" | sort)"
		same "only here" "$(sqlite3 "$WORK/table" 'SELECT count(DISTINCT file) FROM t WHERE only_here AND NOT directory')" \
			"$(ask "$name" 'SELECT count(DISTINCT file) FROM store_file m JOIN file f ON f.id=m.file WHERE only_here AND NOT directory')"
		same "bytes" "$(sqlite3 "$WORK/table" 'SELECT sum(size_bytes) FROM (SELECT DISTINCT file, size_bytes FROM t)')" \
			"$(ask "$name" 'SELECT sum(size_bytes) FROM file')"
	done
	# the store of the first lives: all that the truth has in it is here, whatever it is called
	read_back csv "$WORK/hostile-names.csv" "$WORK/hostile-names.hf" "$WORK/hostile-names.truth"
	read -r _ held found < "$WORK/out"
	[ "$held" -gt 800 ] || fail "the truth has $held names"
	same "names of the truth" "$found" "$held"
}
try "csv: sqlite3 and a reader of RFC 4180 have the casebook's names and numbers" as_csv

# A name that a sheet would take for a formula stands at the beginning of a cell only when somebody put it there.
formulas() {
	local first file
	cp "$WORK/hostile-names.hf" "$WORK/formula.hf"
	file=$(ask formula "SELECT min(file) FROM name WHERE path LIKE '%Users%'")
	for first in = + - @ '＝' "$(printf '\t')" "$(printf '\r')" '"' '%003D'; do
		sqlite3 "$WORK/formula.hf" "UPDATE name SET path='$first'||'1+1' WHERE file=$file;
			UPDATE stream SET name='$first'||'2' WHERE type=128 AND name!=''"
		hold 0,1 report --format csv "$WORK/formula.hf"
		cp "$WORK/out" "$WORK/formula.csv"
		/usr/bin/python3 - "$WORK/formula.csv" "$first" "$file" <<- 'END'
			import csv, re, sys
			rows = [row for row in csv.DictReader(open(sys.argv[1], newline=""), strict=True)]
			row = next(row for row in rows if row["file"] == sys.argv[3])
			assert row["path"][0] not in "=+-@\t\r\uff1d", row
			assert re.sub("%([0-9A-F]{4})", lambda m: chr(int(m[1], 16)), row["path"]) == sys.argv[2] + "1+1", row
			streams = [one for row in rows for one in row["streams"].split(";") if one]
			assert streams, "no streams"
			for one in streams:
			    grade, size, name = one.split(":")
			    assert re.sub("%([0-9A-F]{4})", lambda m: chr(int(m[1], 16)), name) == sys.argv[2] + "2", one
		END
	done
}
try "csv: no cell is a formula, and the way back is known" formulas

# -------- body file --------

# by_name: of a body file, record and times of each $FILE_NAME
by_name() {
	awk -F '|' '$2 ~ / \(\$FILE_NAME\)/ { sub(/-.*/, "", $3); print $3 "|" $8 "|" $9 "|" $10 "|" $11 }'
}

as_bodyfile() {
	local name
	for name in $FIXTURES; do
		run 0 mactime -b "$WORK/$name.bodyfile" -d -y -z UTC
		[ ! -s "$WORK/err" ] || fail "mactime: $(head -n 1 "$WORK/err")"
		cp "$WORK/out" "$WORK/timeline"
		read_back bodyfile "$WORK/$name.bodyfile" "$WORK/$name.hf" "$WORK/timeline"
		same "lines" "$(wc -l < "$WORK/$name.bodyfile")" "$(cat "$WORK/out")"
	done
	# no name can hide a line from mactime, or write one of its own
	cp "$WORK/hostile-names.hf" "$WORK/body.hf"
	sqlite3 "$WORK/body.hf" "UPDATE name SET path='\a%0Axy%1B[31m%7c|' || path WHERE NOT dos"
	hold 0,1 report --format bodyfile -o "$WORK/body" "$WORK/body.hf"
	run 0 mactime -b "$WORK/body" -d -y -z UTC
	cp "$WORK/out" "$WORK/timeline"
	read_back bodyfile "$WORK/body" "$WORK/body.hf" "$WORK/timeline"
	# a moment of the truth: what a user's file was written
	name=$(jq -r 'select(.class == "ordinary" and (.store | length) == 1) | "\(.record) \(.mtime)"' < <(plain "$WORK/hostile-names.truth") | head -n 1)
	run 0 mactime -b "$WORK/hostile-names.bodyfile" -d -y -z UTC
	grep -q "^$(date -u -d "@$((${name#* } / 10000000 - 11644473600))" +%Y-%m-%dT%H:%M:%SZ),[0-9]*,m[a-z.]*,r/.*,${name% *}-128," "$WORK/out" ||
		fail "record ${name% *} was not written at ${name#* }"
	# fls knows the times of every name that is there still
	fls -r -m / "$WORK/hostile-names.img" | grep -v 'deleted' | by_name | sort > "$WORK/fls"
	by_name < "$WORK/hostile-names.bodyfile" | sort > "$WORK/ours"
	[ "$(wc -l < "$WORK/ours")" -ge 500 ] || fail "$(wc -l < "$WORK/ours") names have times"
	comm -12 "$WORK/fls" "$WORK/ours" > "$WORK/both"
	cut -d'|' -f1 "$WORK/fls" | sort -u | comm -12 - <(cut -d'|' -f1 "$WORK/ours" | sort -u) > "$WORK/records"
	[ "$(wc -l < "$WORK/records")" -ge 300 ] || fail "fls and we know $(wc -l < "$WORK/records") records"
	same "records whose times fls has too" "$(cut -d'|' -f1 "$WORK/both" | sort -u | wc -l)" "$(wc -l < "$WORK/records")"
	# sleuthkit takes what stands there for its own
	same "what icat gives" "$(icat "$WORK/hostile-names.img" "${name% *}-128" | sha256sum | cut -d' ' -f1)" \
		"$(jq -r "select(.record == ${name% *} and .class == \"ordinary\") | .sha256" < <(plain "$WORK/hostile-names.truth"))"
}
try "bodyfile: mactime makes a line of every moment of a name" as_bodyfile

# -------- DFXML --------

as_dfxml() {
	local name image read
	for name in $FIXTURES; do
		run 0 xmllint --noout --schema "$ROOT/tests/e2e/dfxml.xsd" "$WORK/$name.dfxml"
		[ ! -e "$SAMPLES/dfxml/dfxml.xsd" ] || run 0 xmllint --noout --nonet --schema "$SAMPLES/dfxml/dfxml.xsd" "$WORK/$name.dfxml"
		read_back dfxml "$WORK/$name.dfxml" "$WORK/$name.hf" "$WORK/$name.img" "$WORK/$name.truth"
		read -r _ _ read < "$WORK/out"
		[ "$read" -gt 100 ] || fail "$name: only $read contents were read where the runs say"
	done
	# who scanned, where and when; what a casebook says in other words is the host's name, or nothing
	at() { xmllint --xpath "string(//*[local-name()='execution_environment']/*[local-name()='$1'])" "$2"; }
	same "the machine" "$(for one in host os_sysname os_release arch; do at $one "$WORK/hostile-names.dfxml"; done)" \
		"$(uname -n; uname -s; uname -r; uname -m)"
	same "the moment" "$(at start_time "$WORK/hostile-names.dfxml")" "$(ask hostile-names "SELECT value FROM meta WHERE key='began'")"
	cp "$WORK/hostile-names.hf" "$WORK/elsewhere.hf"
	for name in 'a (b c)' '(b c, d)' ' (, )' ' (' '' 'x (y, z) '; do
		sqlite3 "$WORK/elsewhere.hf" "UPDATE meta SET value='$name' WHERE key='machine'; UPDATE meta SET value='yesterday' WHERE key='began'"
		hold 0,1 report --format dfxml "$WORK/elsewhere.hf"
		cp "$WORK/out" "$WORK/elsewhere.dfxml"
		run 0 xmllint --noout --schema "$ROOT/tests/e2e/dfxml.xsd" "$WORK/elsewhere.dfxml"
		same "the host" "$(at host "$WORK/elsewhere.dfxml")" "$name"
		same "no moment" "$(at start_time "$WORK/elsewhere.dfxml")" ''
	done
	same "files" "$(xmllint --xpath 'count(//*[local-name()="fileobject"])' "$WORK/hostile-names.dfxml")" \
		"$(ask hostile-names "SELECT (SELECT count(*) FROM file) + (SELECT count(*) FROM stream WHERE type=128 AND name!='')")"
	same "live" "$(xmllint --xpath 'count(//*[local-name()="alloc_inode" and .="1"])' "$WORK/hostile-names.dfxml")" \
		"$(ask hostile-names "SELECT (SELECT count(*) FROM file WHERE live) + (SELECT count(*) FROM stream s JOIN file f ON f.id=s.file WHERE type=128 AND name!='' AND live)")"
}
SAMPLES=${HOLDFAST_SAMPLES:-$ROOT/../shared/samples}
try "dfxml: valid, and contents are read where its runs say" as_dfxml

# A shadow copy's bytes lie nowhere in the image as they are: no offsets in it, only those of the volume.
within() {
	local then
	fixture store-deleted-users-live
	then=$IMAGE
	cp --sparse=always "$IMAGE" "$WORK/shadowed.img"
	run 0 "$WRECK" shadow "$WORK/shadowed.img" "$then" 0
	hold 0,1 scan -q --shadows --case "$WORK/shadowed.hf" "$WORK/shadowed.img"
	hold 0,1 report --format dfxml -o "$WORK/shadowed.dfxml" "$WORK/shadowed.hf"
	same "volumes" "$(xmllint --xpath 'count(//*[local-name()="volume"])' "$WORK/shadowed.dfxml")" 2
	same "places in the image" "$(xmllint --xpath 'count(//*[local-name()="volume"][2]//@img_offset)' "$WORK/shadowed.dfxml")" 0
	[ "$(xmllint --xpath 'count(//*[local-name()="volume"][2]//@fs_offset)' "$WORK/shadowed.dfxml")" -gt 100 ]
	[ "$(xmllint --xpath 'count(//*[local-name()="volume"][1]//@img_offset)' "$WORK/shadowed.dfxml")" -gt 100 ]
	run 0 xmllint --noout --schema "$ROOT/tests/e2e/dfxml.xsd" "$WORK/shadowed.dfxml"
	hold 0,1 report --format json -o "$WORK/shadowed.json" "$WORK/shadowed.hf"
	read_back schema "$ROOT/report/report.schema.json" "$WORK/shadowed.json"
}
try "dfxml: of a shadow copy" within

# -------- CASE, Timesketch, JSON --------

as_case() {
	local name
	for name in $FIXTURES; do
		read_back case "$WORK/$name.case" "$WORK/$name.hf"
		read_back shapes "$WORK/$name.case"
		jq -e '."@graph" | length > 2000' "$WORK/$name.case"
	done
	# another casebook has other identifiers; the same evidence and command have the same ones
	same "identifiers in both" "$(comm -12 <(grep -o '"@id": "[^"]*"' "$WORK/hostile-names.case" | sort -u) \
		<(grep -o '"@id": "[^"]*"' "$WORK/two-volumes-one-store.case" | sort -u) | wc -l)" 0
	cp "$WORK/hostile-names.case" "$WORK/before"
	hold 0,1 scan -q --all --case "$WORK/hostile-names.hf" "$WORK/hostile-names.img"
	hold 0,1 report --format case "$WORK/hostile-names.hf"
	# but for the moments of the scan
	diff <(sed -E 's/"(uco-action:(start|end)Time)": \{[^}]*\}//g' "$WORK/before" | tr -d ' \n') \
		<(sed -E 's/"(uco-action:(start|end)Time)": \{[^}]*\}//g' "$WORK/out" | tr -d ' \n')
}
try "case: all references lead somewhere, all files are there, in the shapes of UCO" as_case

# The sums of whole evidence, and a casebook in which nothing was found.
as_case_bare() {
	hold 0,1 scan -q --hash-evidence --case "$WORK/bare.hf" "$WORK/hostile-names.img"
	sqlite3 "$WORK/bare.hf" 'DELETE FROM file; DELETE FROM name; DELETE FROM stream; DELETE FROM store_file'
	hold 0,1 report --format case "$WORK/bare.hf"
	cp "$WORK/out" "$WORK/bare.case"
	read_back shapes "$WORK/bare.case"
	same "sums" "$(jq -r '.. | ."uco-types:hashMethod"? | objects | ."@value"' "$WORK/bare.case" | tr '\n' ' ')" 'SHA256 SHA1 MD5 '
	same "records" "$(jq '[."@graph"[] | select(."@type" == "case-investigation:ProvenanceRecord")] | length' "$WORK/bare.case")" 1
	sqlite3 "$WORK/bare.hf" "UPDATE evidence SET md5='none'; UPDATE meta SET value='later' WHERE key='ended'"
	hold 0,1 report --format case "$WORK/bare.hf"
	cp "$WORK/out" "$WORK/bare.case"
	read_back shapes "$WORK/bare.case"
	same "the machine" "$(jq -r '."@graph"[] | select(."@type" == "uco-observable:Computer") | ."uco-core:description"' "$WORK/bare.case")" \
		"$(ask bare "SELECT value FROM meta WHERE key='machine'")"
}
try "case: of evidence in which nothing was found" as_case_bare

as_timesketch() {
	local name
	for name in $FIXTURES; do
		read_back timesketch "$WORK/$name.timesketch" "$WORK/$name.hf"
		same "events" "$(cut -d' ' -f2 "$WORK/out")" "$(jq '.events | map(select(.time != null)) | length' < <(plain "$WORK/$name.json"))"
		jq -es 'all(.[]; has("message") and has("datetime") and has("timestamp_desc"))' "$WORK/$name.timesketch"
	done
	# an event without a time has the one before it, or the first that there is, and says so
	cp "$WORK/two-volumes-one-store.hf" "$WORK/timeless.hf"
	sqlite3 "$WORK/timeless.hf" 'UPDATE event SET clock=0 WHERE id IN (SELECT id FROM event ORDER BY time, id LIMIT 2) OR time=(SELECT max(time) FROM event)'
	hold 0,1 report --format timesketch "$WORK/timeless.hf"
	diff <(jq -r 'select(.data_type == "holdfast:event") | .timestamp' "$WORK/two-volumes-one-store.timesketch" |
		awk '{ time[NR] = $0 } END { time[1] = time[2] = time[3]; time[NR] = time[NR - 1]; for (i = 1; i <= NR; i++) print time[i] }') \
		<(jq -r 'select(.data_type == "holdfast:event") | .timestamp' "$WORK/out")
	same "events without a time" "$(grep -c '"timestamp_desc": "Event Without a Time' "$WORK/out")" 3
	sqlite3 "$WORK/timeless.hf" 'UPDATE event SET clock=0'
	hold 0,1 report --format timesketch "$WORK/timeless.hf"
	same "events" "$(grep -c '"data_type": "holdfast:event"' "$WORK/out")" 0
}
try "timesketch: jq reads every line, with all times of the casebook" as_timesketch

as_json() {
	local name
	for name in $FIXTURES; do
		hold 0,1 scan --json --carve "$WORK/$name.img"
		cp "$WORK/out" "$WORK/$name.scan.json"
		read_back schema "$ROOT/report/report.schema.json" "$WORK/$name.json" "$WORK/$name.scan.json"
	done
	hold 0,1 rescue --beside --json --to "$WORK/rescued" "$WORK/all-deleted-new-system-20.img"
	cp "$WORK/out" "$WORK/rescue.json"
	read_back schema "$ROOT/report/report.schema.json" "$WORK/rescue.json"
	# the schema does not let everything through
	jq '.stores[0].more = 1' "$WORK/rescue.json" > "$WORK/more.json"
	run 1 /usr/bin/python3 "$ROOT/tests/e2e/formats.py" schema "$ROOT/report/report.schema.json" "$WORK/more.json"
	jq 'del(.volumes[0].past)' "$WORK/rescue.json" > "$WORK/less.json"
	run 1 /usr/bin/python3 "$ROOT/tests/e2e/formats.py" schema "$ROOT/report/report.schema.json" "$WORK/less.json"
}
try "json: the schema holds for report, scan and rescue" as_json

# -------- digests --------

users() {
	local i
	mkdir -p Users/anna/Documents Users/bjørn Windows
	for i in '%0041' '%41' 'q"q' '#1'; do
		echo "$i" > "Users/bjørn/$i"
	done
	for i in 1 2 3 4 5 6 7 8; do
		head -c $((i * 9000)) /dev/urandom > "Users/anna/Documents/file $i, of some.bin"
	done
	echo small > "Users/bjørn/it's \$(small).txt"
	ln "Users/anna/Documents/file 1, of some.bin" Users/bjørn/same.bin
	echo '[x]' > Windows/win.ini
	(cd Users && find . -type f -print0 | sort -z | xargs -0 sha256sum -z) > "$WORK/sums"
}
captured() {
	format "$WORK/disk.img" 64M
	mounted "$WORK/disk.img" users
	hold 0 capture -q --digest --store '\StateStore' "$WORK/disk.img"
	mounted "$WORK/disk.img" rm -r Users
	hold 0 rescue --json --to "$WORK/saved" "$WORK/disk.img"
	hold 0 report --format hashdeep -o "$WORK/list" "$WORK/saved/case.holdfast"
}
try "digests: a captured store, the users wiped" captured

as_hashdeep() {
	[ -s "$WORK/list" ] || skip "nothing was captured"
	same "digests" "$(grep -v '^[%#]' "$WORK/list" | cut -d, -f2 | sort -u)" "$(tr '\0' '\n' < "$WORK/sums" | cut -c1-64 | sort -u)"
	grep -qF 'store-1/USMT/File/C$/Users/anna/Documents/file 1, of some.bin' "$WORK/list" || fail "$(head "$WORK/list")"
	cd "$WORK/saved"
	run 0 hashdeep -c sha256 -l -r -v -a -k "$WORK/list" store-1/USMT/File
	grep -q 'Audit passed' "$WORK/out" || fail "$(cat "$WORK/out")"
	grep -qE 'Files matched: 14$' "$WORK/out" || fail "$(cat "$WORK/out")"
	# to a name that is escaped in the list, and not on the disk, hashdeep says that it was moved
	cp -r store-1 "$WORK/odd"
	(cd "$WORK/odd/USMT/File/C\$/Users/bjørn" && mv '#1' $'#\t1')
	sed 's|/#1$|/#%00091|; s|,store-1/|,odd/|' "$WORK/list" > "$WORK/oddlist"
	(cd "$WORK" && run 1 hashdeep -c sha256 -l -r -v -a -k "$WORK/oddlist" odd/USMT/File)
	grep -qE 'Files moved: 1$' "$WORK/out" || fail "$(cat "$WORK/out")"
	printf x | dd of="store-1/USMT/File/C\$/Users/anna/Documents/file 3, of some.bin" bs=1 seek=7 conv=notrunc status=none
	run 1 hashdeep -c sha256 -l -r -a -k "$WORK/list" store-1/USMT/File
	# no digest is made up where none is known
	same "digests of what nobody captured" "$(grep -cv '^[%#]' "$WORK/hostile-names.hashdeep")" 0
	grep -qx "## $(ask hostile-names 'SELECT count(*) FROM file WHERE NOT directory') files are left out: .*" "$WORK/hostile-names.hashdeep"
}
try "hashdeep: an audit of what a rescue has rebuilt" as_hashdeep

as_nsrl() {
	[ -s "$WORK/list" ] || skip "nothing was captured"
	hold 0 report --format nsrl "$WORK/saved/case.holdfast"
	cp "$WORK/out" "$WORK/set.sql"
	sqlite3 -bail "$WORK/set.db" < "$WORK/set.sql"
	sqlite3 -bail "$WORK/set.db" < "$WORK/set.sql" # as a part of a set that has it
	same "digests" "$(sqlite3 "$WORK/set.db" 'SELECT lower(sha256) FROM DISTINCT_HASH ORDER BY 1')" \
		"$(tr '\0' '\n' < "$WORK/sums" | cut -c1-64 | sort -u)"
	same "a file" "$(sqlite3 "$WORK/set.db" "SELECT count(*), file_size FROM FILE JOIN PKG USING(package_id) WHERE file_name='it''s \$(small).txt'")" '1|6'
	same "names" "$(sqlite3 "$WORK/set.db" 'SELECT count(*) FROM FILE')" 14
	run 0 sqlite3 -bail "$WORK/none.db" < "$WORK/hostile-names.nsrl"
	same "files of what nobody captured" "$(sqlite3 "$WORK/none.db" 'SELECT count(*) FROM FILE')" 0
}
try "nsrl: sqlite3 makes a set of it, in the tables of RDSv3" as_nsrl

with_digests() {
	[ -s "$WORK/list" ] || skip "nothing was captured"
	local case=$WORK/saved/case.holdfast known
	known=$(sqlite3 -readonly "$case" 'SELECT count(*) FROM digest d JOIN file f ON f.volume=d.volume AND f.record=(d.file & 0xffffffffffff)')
	hold 0 report --format csv -o "$WORK/known.csv" "$case"
	sqlite3 "$WORK/known.db" ".import --csv '$WORK/known.csv' t"
	same "csv" "$(sqlite3 "$WORK/known.db" "SELECT count(DISTINCT file) FROM t WHERE sha256!=''")" "$known"
	hold 0 report --format dfxml "$case"
	same "dfxml" "$(grep -c '<hashdigest type="sha256">' "$WORK/out")" "$known"
	hold 0 report --format case "$case"
	same "case" "$(grep -c '"uco-types:hashValue": {"@type": "xsd:hexBinary"' "$WORK/out")" "$known"
	cp "$WORK/out" "$WORK/known.case"
	read_back shapes "$WORK/known.case"
	[ "$known" -ge 9 ]
	# content that is not what was captured has no digest; what the capture wrote down is still known
	cp "$case" "$WORK/suspect.hf"
	sqlite3 "$WORK/suspect.hf" "UPDATE file SET grade=2; UPDATE stream SET grade=2"
	hold 0,1 report --format dfxml "$WORK/suspect.hf"
	same "dfxml of suspect files" "$(grep -c '<hashdigest' "$WORK/out")" 0
	hold 0,1 report --format case "$WORK/suspect.hf"
	same "case of suspect files" "$(grep -c 'hashValue' "$WORK/out")" 0
	hold 0,1 report --format hashdeep "$WORK/suspect.hf"
	cmp "$WORK/out" "$WORK/list"
}
try "digests: in CSV, DFXML and CASE as well" with_digests

# -------- memory --------

# Ten times the files, and no more memory: SQLite's cache is full with the fewer.
level() {
	local format small large
	cp "$WORK/hostile-names.hf" "$WORK/small.hf"
	sqlite3 "$WORK/small.hf" "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" "$(multiplied 20)"
	cp "$WORK/hostile-names.hf" "$WORK/large.hf"
	sqlite3 "$WORK/large.hf" "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" "$(multiplied 100)"
	for format in $FORMATS; do
		case $format in
		html) continue ;; # its own test says what it may take
		esac
		small=$(peak "$format" "$WORK/small.hf")
		large=$(peak "$format" "$WORK/large.hf")
		[ "$large" -le $((small + 4096)) ] || fail "$format: $small KiB for 20,000 files, $large KiB for 100,000"
	done
}

# multiplied TIMES: SQL for as many copies of each file
multiplied() {
	local row='WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<'$1')'
	echo "CREATE TEMP TABLE f AS SELECT * FROM file; CREATE TEMP TABLE a AS SELECT * FROM name; CREATE TEMP TABLE s AS SELECT * FROM stream;
	$row INSERT INTO file SELECT id+i*100000, volume, record+i*100000, sequence, live, directory, info_known, link_count, size_bytes,
		created, written, changed, accessed, attributes, security_id, grade, reasons, first_lcn FROM f, n;
	$row INSERT INTO name SELECT file+i*100000, number, store, path, inside, proof, live, dos, parent, source, offset, moment,
		created, written, changed, accessed FROM a, n;
	$row INSERT INTO stream SELECT file+i*100000, number, type, name, flags, unit_shift, size_bytes, valid_bytes, allocated_bytes,
		value, runs, grade, reasons, missing FROM s, n WHERE size_bytes<100000;"
}

# peak FORMAT CASE: KiB
peak() {
	rm -f "$WORK/big"
	run 0,1 /usr/bin/time -q -f %M -o "$WORK/peak" "$HOLDFAST" report --format "$1" -o "$WORK/big" "$2"
	rm -f "$WORK/big"
	tail -n 1 "$WORK/peak"
}

case $BUILD in
*address*) ;; # which keeps what was freed
*) try "formats: memory does not grow with the number of files" level ;;
esac

done_testing
