#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# page.sh - the HTML page: what is in the file, and what Chromium makes of it
. "$(dirname "$0")/common.bash"
. "$ROOT/tests/browser/ready.bash"
CASE=$WORK/case.holdfast PAGE=$WORK/report.html

# a_case SCENARIO [WRECK OPTION]...: its casebook as $CASE
a_case() {
	fixture "$@"
	rm -f "$CASE"
	# shellcheck disable=SC2086
	hold 0,1 scan -q --carve ${MAP:+--map "$MAP"} --case "$CASE" "$IMAGE"
}

a_page() {
	rm -f "$PAGE"
	hold 0,1 report --format html -o "$PAGE" "$CASE"
}

# -------- the file itself --------

same_bytes() {
	a_case bad-sectors-deleted
	a_page
	cp "$PAGE" "$WORK/first.html"
	sleep 1.1
	a_page
	cmp "$WORK/first.html" "$PAGE" || fail "another page from the same casebook"
	unchanged
}
try "page: the same casebook gives the same bytes" same_bytes

policy() {
	local element hash
	grep -q "Content-Security-Policy.*default-src 'none'" "$PAGE" || fail "no policy"
	! grep -Eqi 'unsafe-|https?://[^w]|<link|<iframe|<img|@import|url\((["'"'"'])?https?' "$PAGE" || fail "something comes from elsewhere"
	for element in script style; do
		# the one that runs is without a type, and is the last
		hash=$(perl -0777 -MDigest::SHA=sha256_base64 -ne 'print sha256_base64($1), "=" if /.*<'$element'>(.*?)<\/'$element'>/s' "$PAGE")
		grep -q "$element-src 'sha256-$hash'" "$PAGE" || fail "the hash of the $element is another"
	done
	same "elements that run" "$(grep -o '<script>' "$PAGE" | wc -l)" 1
}
try "page: nothing comes from elsewhere, and the policy has the right hashes" policy

not_over() {
	echo mine > "$WORK/mine"
	hold 3 report --format html -o "$WORK/mine" "$CASE"
	same "the file" "$(cat "$WORK/mine")" mine
}
try "page: it does not replace a file" not_over

well_formed() {
	xmllint --html --noout "$PAGE" 2> "$WORK/lint" || true
	# it knows neither HTML 5's elements nor inline SVG
	! grep -v '^ *^' "$WORK/lint" | grep 'error :' | grep -v 'Tag [a-z]* invalid' || fail "$(grep -m1 error "$WORK/lint")"
}
try "page: it is well-formed" well_formed

broken_casebook() {
	sqlite3 "$CASE" "UPDATE stream SET runs=x'0102030405' WHERE file=3; UPDATE file SET grade=9 WHERE id=4"
	hold 3 report --format html -o "$WORK/half.html" "$CASE"
	[ ! -e "$WORK/half.html" ] || fail "half of a page was left"
}
try "page: of a casebook that contradicts itself there is none" broken_casebook

# What is said of a store is no more than its files' grades allow, nor of another volume than it lies on.
states() {
	local words='on the volume, but not all of its files are sound'
	a_case bad-sectors
	a_page
	hold 1 report "$CASE"
	grep -q "state  *live: it is $words" "$WORK/out" || fail "the text: $(grep 'state ' "$WORK/out")"
	grep -q "Live: it is $words\\." "$PAGE" || fail "the page: $(grep -o 'Live: [^<]*' "$PAGE")"
	sqlite3 "$CASE" "INSERT INTO layer VALUES(1, 1, 0, 1, 9, 'shadow', 'entered', 0, 0, 0, 3, 130000000000000000, 0, '', '')"
	a_page
	grep -q 'Live: it is in the shadow copy, but .* As it was in shadow copy 3 of volume 9, of 2012-12-14 23:06:40 UTC\.' "$PAGE" ||
		fail "of a shadow copy: $(grep -o 'Live: [^<]*' "$PAGE")"
	grep -q 'which is deleted or damaged' "$PAGE" || fail "the shadow copy's store is called live on the disk"
}
try "page: what it says of a store's state" states

# Where there are too many events, those left out one by one go first.
many_events() {
	a_case change-journal
	sqlite3 "$CASE" "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
		INSERT INTO event SELECT 10000 + i, 130000000000000000, 3, 0, 'left_out', 0, 0, 0, 0, '', 'left' || i, '', 0, 0, 1, 0 FROM n;
		INSERT INTO event SELECT 20000, 140000000000000000, 3, 0, 'restart', 0, 0, 0, 0, '', 'the-last-one', '', 0, 0, 1, 0"
	a_page
	grep -q '<td>Restart.*the-last-one' "$PAGE" || fail "the last event is not among them"
	same "rows" "$(grep -c '^<tr data-lane' "$PAGE")" 3000
}
try "page: the events that matter, of too many" many_events

# A file each for 100,000 users: none is looked for among all others.
many_users() {
	a_case bad-sectors
	sqlite3 "$CASE" "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
		INSERT INTO file SELECT 1000000 + i, 1, 1000000 + i, 1, 1, 0, 0, 1, 10, 0, 0, 0, 0, 0, 0, 1, 0, 0 FROM n;
		INSERT INTO name(file, number, store, path, inside, proof, live, dos, parent, source, offset, moment) SELECT id, 0, 1, '\\S\\File\\C\$\\Users\\u' || id || '\\a', 'File\\C\$\\Users\\u' || id || '\\a', 0, 1, 0, 0,
			(SELECT source FROM name LIMIT 1), 0, 0 FROM file WHERE id > 1000000;
		INSERT INTO store_file SELECT 1, id, 0 FROM file WHERE id > 1000000"
	same "users" "$(sqlite3 "$CASE" "SELECT count(*) FROM name WHERE inside LIKE 'File\\C\$\\Users\\u1%\\a'")" 100000
	rm -f "$PAGE"
	run 0,1 timeout 12 "$HOLDFAST" report --format html -o "$PAGE" "$CASE"
}
try "page: many users" many_users

# A hundred thousand stores: no root is looked for among all others, and the first of them stand in the page.
many_stores() {
	a_case bad-sectors
	sqlite3 "$CASE" "WITH RECURSIVE n(i) AS (SELECT 1001 UNION ALL SELECT i + 1 FROM n WHERE i < 101000)
		INSERT INTO store SELECT i, 1, '\\S' || i, 'usmt', 'deleted', 0, 1, 1, 0, 0, 0, 10, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0 FROM n;
		INSERT INTO store_part SELECT id, 1, path, 1 FROM store WHERE id > 1000;
		INSERT INTO store_user SELECT id, 'u', 1, 10 FROM store WHERE id > 1000;
		INSERT INTO store_user SELECT 1, 'u' || id, 1, 10 FROM store WHERE id > 1000;
		INSERT INTO file SELECT 1000000 + id, 1, 1000000 + id, 1, 1, 0, 0, 1, 10, 0, 0, 0, 0, 0, 0, 1, 0, 0 FROM store WHERE id > 1000;
		INSERT INTO name(file, number, store, path, inside, proof, live, dos, parent, source, offset, moment) SELECT id, 0, id - 1000000, '\\S\\File\\a', 'File\\a', 0, 1, 0, 0, (SELECT source FROM name LIMIT 1), 0, 0
			FROM file WHERE id > 1000000;
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9)
		INSERT INTO name(file, number, store, path, inside, proof, live, dos, parent, source, offset, moment) SELECT id, i, id - 1000000, '\\S\\File\\a', 'File\\a', 0, 1, 0, 0, (SELECT source FROM name LIMIT 1), 0, 0
			FROM file, n WHERE id > 1061000;
		INSERT INTO store_file SELECT id - 1000000, id, 0 FROM file WHERE id > 1000000"
	same "stores" "$(sqlite3 "$CASE" "SELECT count(*) FROM store_file JOIN store ON store=id WHERE id > 1000")" 100000
	rm -f "$PAGE"
	run 0,1 timeout 12 "$HOLDFAST" report --format html -o "$PAGE" "$CASE"
	same "stores in it" "$(grep -c '<article class="store"' "$PAGE")" 100
	grep -q 'And 99,901 more stores: ' "$PAGE" || fail "how many more stores there are is not said"
	grep -q 'And 99,70[0-9] more users: ' "$PAGE" || fail "how many more users there are is not said"
}
try "page: many stores" many_stores

# Whatever a store's own files are, the verdict, the store and the text count the users' files, and say so.
same_counts() {
	local files own
	a_case bad-sectors-deleted
	a_page
	hold 1 report "$CASE"
	files=$(sqlite3 "$CASE" "SELECT files FROM store WHERE id=1") own=$(sqlite3 "$CASE" "SELECT others FROM store WHERE id=1")
	[ "$own" -gt 0 ] || fail "the store has none of its own"
	grep -q "<h1>[0-9]* of $files files " "$PAGE" || fail "the verdict: $(grep -o '<h1>[^<]*' "$PAGE")"
	grep -q "<dt>The store’s own</dt><dd>$own<" "$PAGE" || fail "the store’s own, on the page"
	grep -q "holds  *$files files under" "$WORK/out" || fail "the text"
	grep -q "beside  *$own of the store's own files (markers, catalogues), counted apart" "$WORK/out" || fail "the store's own, in the text"
}
try "page: it counts what the text counts" same_counts

# A casebook is a file like others: whatever stands in it, there is a page, or a reason why not.
altered() {
	local column status
	a_case two-volumes-one-store
	sqlite3 "$CASE" "INSERT INTO event SELECT 90, time, clock, 0, 'step_ended', 2, 5, 1, 3, 'a', 'b', 'c', 0, 0, 1, 7 FROM event LIMIT 1;
		INSERT INTO layer VALUES(1, 1, 0, 0, 1, 'shadow', 'listed', 0, 0, 0, 1, 5, 7, 'x', 'y')"
	sqlite3 "$CASE" "SELECT m.name || ' ' || c.name || ' ' || c.type FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type='table'" > "$WORK/columns"
	while read -r table column type; do
		for value in NULL -1 "x'1b3d00fe'" 99999999999; do
			[ "$type:$value" != INTEGER:NULL ] || continue
			cp "$CASE" "$WORK/altered.case"
			sqlite3 "$WORK/altered.case" "UPDATE OR REPLACE $table SET $column=$value" 2> "$WORK/err" || continue
			status=0
			"$HOLDFAST" report --format html "$WORK/altered.case" > "$WORK/told" 2> "$WORK/err" || status=$?
			[ "$status" -le 1 ] || [ "$status:$(wc -l < "$WORK/err")" = 3:1 ] ||
				fail "$table.$column=$value: status $status: $(grep -m1 -E 'ERROR|runtime error' "$WORK/err" || head -n 1 "$WORK/err")"
		done
	done < "$WORK/columns"
}
try "page: an altered casebook ends nothing but its report" altered

# -------- in a browser --------

if ! why=$(browser_ready); then
	echo "skipped page: in a browser: $why"
	done_testing
fi

# same_page: what a program with the sanitizers writes is what the other one writes, which is looked at in the browser
same_page() {
	a_page
	rm -f "$WORK/plain.html"
	run 0,1 "$ROOT/build/holdfast" report --format html -o "$WORK/plain.html" "$CASE"
	cmp "$PAGE" "$WORK/plain.html"
}

# in_browser LABEL [CHECKS]: its lines are ours
in_browser() {
	local status=0
	case $BUILD in
	*address*) try "page: $1: the same as without the sanitizers" same_page && return ;;
	esac
	"$HOLDFAST" report --json "$CASE" > "$WORK/report.json" 2> "$WORK/err"
	a_page || return 1
	node "$BROWSER/page.mjs" "$1" "$PAGE" "$CASE" "$WORK/report.json" ${2+"$2"} > "$WORK/said" 2> "$WORK/err" || status=1
	grep -E '^(not )?ok ' "$WORK/said"
	[ $status -eq 0 ] || FAILED=1
	grep -qE '^(not )?ok ' "$WORK/said" || {
		echo "not ok page: $1: the browser did not start: $(tail -n 1 "$WORK/err" | head -c 200)"
		FAILED=1
	}
}

# browse LABEL CHECKS SCENARIO
browse() {
	try "page: $1: a casebook" a_case "$3"
	in_browser "$1" "$2"
}

# what a capture with --digest writes down
digests() {
	sqlite3 "$CASE" "INSERT INTO digest SELECT volume, record + (sequence << 48), size_bytes, written, randomblob(32) FROM file WHERE NOT directory GROUP BY volume, record, sequence"
}

browse unreadable . bad-sectors-deleted
browse overwritten 'verdict|stores|list holds|map|details' all-deleted-new-system-20
try "page: journal: a casebook" a_case change-journal
try "page: journal: digests" digests
in_browser journal 'timeline|details|searches'
# places that cannot be read around the beginnings and ends of volumes, of one byte, and where no volume is
unread() {
	sqlite3 "$CASE" "INSERT INTO unreadable SELECT 1, offset_bytes - 3000, 8000 FROM volume WHERE id=2;
		INSERT INTO unreadable SELECT 1, offset_bytes + size_bytes - 1, 4097 FROM volume WHERE id=1;
		INSERT INTO unreadable SELECT 1, offset_bytes + 4097, 1 FROM volume WHERE id=1;
		INSERT INTO unreadable VALUES(1, 0, 512);
		UPDATE evidence SET unreadable_bytes=8000+4097+1+512"
	same "places" "$(sqlite3 "$CASE" 'SELECT count(*) FROM unreadable')" 4
}
try "page: volumes: a casebook" a_case two-volumes-one-store
try "page: volumes: unreadable places" unread
in_browser volumes 'stores|filters|map is'

# 100,000 names, streams and missing ranges of a file each, and 500,000 runs that all cover the volume.
huge() {
	a_case bad-sectors-deleted
	{
		echo "CREATE TEMP TABLE chosen AS SELECT row_number() OVER (ORDER BY m.file) AS n, m.file FROM store_file m JOIN file f ON f.id=m.file
			WHERE m.store=1 AND NOT f.directory ORDER BY 2 LIMIT 4;
			DELETE FROM name WHERE file IN (SELECT file FROM chosen);
			DELETE FROM stream WHERE file IN (SELECT file FROM chosen);
			INSERT INTO name(file, number, store, path, inside, proof, live, dos, parent, source, offset, moment) SELECT file, 0, 1, '\\S\\File\\huge-' || n, 'File\\huge-' || n, 0, 1, 0, 0, 'record', 0, 0 FROM chosen;
			WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 99999)
				INSERT INTO name(file, number, store, path, inside, proof, live, dos, parent, source, offset, moment) SELECT file, i, 1, '\\S\\File\\other' || i, 'File\\other' || i, 0, 1, 0, 0, 'record', 0, 0 FROM i, chosen WHERE n=1;
			WITH RECURSIVE i(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM i WHERE i < 99999)
				INSERT INTO stream SELECT file, i, 128, 'stream' || i, 0, 0, 1, 1, 1, x'00', NULL, 1, 0, NULL FROM i, chosen WHERE n=2;"
		perl -e 'my $clusters = shift;
			print "INSERT INTO stream SELECT file, 0, 128, \x27\x27, 0, 0, 1e9, 1e9, 1e9, NULL, x\x27", unpack("H*", pack("Q<3", 0, 9, 1)), "\x27, 3, 1, x\x27";
			print unpack("H*", pack("Q<2", 3 * $_, 1)) for 0 .. 99999;
			print "\x27 FROM chosen WHERE n=3;\nINSERT INTO stream SELECT file, 0, 128, \x27\x27, 0, 0, 1e9, 1e9, 1e9, NULL, x\x27";
			print unpack("H*", pack("Q<3", $_ * $clusters, 0, $clusters)) for 0 .. 499999;
			print "\x27, 1, 0, NULL FROM chosen WHERE n=4;\n"' "$(sqlite3 "$CASE" "SELECT clusters FROM volume WHERE id=1")"
	} | sqlite3 -batch "$CASE"
	same "runs" "$(sqlite3 "$CASE" "SELECT max(length(runs)) / 24 FROM stream")" 500000
}
try "page: huge: a casebook" huge
in_browser huge 'opens, quiet|huge'

# Names that no file system takes, and some that one does, are put into the casebook: it may come from anywhere.
hostile() {
	a_case hostile-names
	local long
	long=$(printf 'x%.0s' {1..4000})tail-of-long
	sqlite3 "$CASE" <<-SQL
		CREATE TEMP TABLE odd(n INTEGER PRIMARY KEY, leaf TEXT);
		INSERT INTO odd(leaf) VALUES
			('</script><script>window.hacked=1</script>'), ('"><img id=image-name src=x onerror=window.hacked=1>'),
			('mark-name' || char(0x202e) || 'gpj.exe'), ('esc-name' || char(27) || '[31m'), (CAST(x'6c6f6e652d6e616d65eda080' AS TEXT)),
			(CAST(x'7a65726f2d6e616d65c080' AS TEXT)), ('line-name' || char(10) || 'next'), ('$long');
		CREATE TEMP TABLE chosen AS SELECT row_number() OVER (ORDER BY file) AS n, file FROM
			(SELECT m.file FROM store_file m JOIN file f ON f.id=m.file JOIN name x ON x.file=f.id
			WHERE m.store=1 AND NOT f.directory AND x.inside LIKE 'File\\%' GROUP BY 1 HAVING count(*)=1 ORDER BY 1 LIMIT 8);
		UPDATE name SET path=substr(path, 1, length(path)-length(inside)) || 'File\\C\$\\Users\\<b>user</b>\\' || odd.leaf,
			inside='File\\C\$\\Users\\<b>user</b>\\' || odd.leaf FROM odd JOIN chosen ON chosen.n=odd.n WHERE name.file=chosen.file;
		UPDATE store_user SET name='<b>user</b>' WHERE rowid=1; -- its button finds the eight only
		UPDATE store SET path=path || '<script>window.hacked=1</script>' || char(0x202e) WHERE id=1;
		UPDATE event SET path='<script>window.hacked=1</script>' WHERE id=1;
		UPDATE evidence SET path='/tmp/<script>window.hacked=1</script>"onload="window.hacked=1', format='<i>', fingerprint='<b>';
		UPDATE meta SET value='holdfast <script>window.hacked=1</script>' WHERE key='command';
	SQL
	same "odd names" "$(sqlite3 "$CASE" "SELECT count(*) FROM name WHERE inside LIKE '%<b>user</b>%'")" 8
}
try "page: hostile: a casebook" hostile
in_browser 'hostile names' 'opens|list holds|searches|own runs|sticks|harm'

# A disk without a store: there is little to say, and that is said.
nothing() {
	rm -f "$CASE" "$WORK/empty disk.img"
	truncate -s 8M "$WORK/empty disk.img"
	run 0 mkntfs -q -F "$WORK/empty disk.img"
	hold 0,1 scan -q --case "$CASE" "$WORK/empty disk.img"
	a_page
	grep -q '<h1>No state store was found on this disk</h1>' "$PAGE" || fail "the verdict is another"
	hold 0,1 report "$CASE"
	grep -qF "rescue --beside --to DIR '$WORK/empty disk.img'" "$WORK/out" || fail "what is next, in the text"
	grep -qF "rescue --beside --to DIR <bdi class=\"name\">&#39;$WORK/empty disk.img&#39;<" "$PAGE" || fail "what is next"
	case $BUILD in
	*address*) same_page && return ;;
	esac
	node --input-type=module -e "
		import { launch, open } from '$BROWSER/browser.mjs';
		const browser = await launch(), page = await open(browser, '$PAGE');
		await page.waitForTimeout(500);
		console.log(page.said.length, page.asked.length, await page.locator('#files').isVisible(), await page.locator('#map').isVisible(),
			await page.locator('nav a[href=\"#files\"]').isVisible(), await page.getByRole('button', { name: 'Show the loss' }).count());
		await browser.close();" > "$WORK/said" 2>&1
	same "said, asked, list, map, link to the list, loss" "$(cat "$WORK/said")" "0 0 false true false 0"
}
try "page: a disk without a store" nothing
done_testing
