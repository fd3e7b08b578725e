/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_recall_journal.c - volumes by mkntfs and libntfs-3g with journals laid out by hand; and a Windows 7
 * journal with the table of its volume: numbers by a reader of a few lines of Python
 */
#include "tests/unit/disk.h"
#include "tests/unit/usn.h"

#include "core/utf16.h"
#include "scan/recall/recall_journal.h"

#include <fcntl.h>
#include <unistd.h>

#define ROOT         file_ref_make(5, 5)
#define EXTEND       file_ref_make(11, 11)
#define FREE_BYTE    ((uint64_t)20 << 20) /* of the volume: nothing of mkntfs' or ours is there */

/* -------- a volume with a journal -------- */

struct memory {
	struct disk             disk;
	struct recall           recall;
	struct file_reader      reader;
	struct recalled_journal journal;
	file_ref                folder, file, other; /* "Users", "a.txt" in it, "other.txt" in the root */
	uint64_t                time;
};

static file_ref make_file(struct disk *disk, file_ref folder, const char *name)
{
	ntfs_inode *inode = disk_file(disk, folder, name);
	file_ref    ref = file_ref_make(inode->mft_no, le16_to_cpu(inode->mrec->sequence_number));

	disk_close(disk, inode);
	return ref;
}

static void memory_make(struct memory *it)
{
	struct timespec now;

	*it = (struct memory){ 0 };
	disk_make(&it->disk, "");
	clock_gettime(CLOCK_REALTIME, &now);
	it->time = ntfs_time_from_timespec(now) + 3600 * NTFS_TIME_PER_SECOND;
	it->folder = disk_folder(&it->disk, ROOT, "Users");
	it->file = make_file(&it->disk, it->folder, "a.txt");
	it->other = make_file(&it->disk, ROOT, "other.txt");
}

/* Records one behind the other in @at, as they come; the first one's USN is given, later ones where there is a gap. */
static size_t lay_out(struct memory *it, uint8_t *at, struct usn_test *tests, size_t count)
{
	size_t length = 0;

	for (size_t i = 0; i < count; i++) {
		if (i && tests[i].usn > tests[0].usn + length)
			length = (size_t)(tests[i].usn - tests[0].usn);
		else if (i)
			tests[i].usn = tests[0].usn + length;
		tests[i].version = 2;
		tests[i].time += it->time;
		length += usn_test_put(at + length, &tests[i]);
	}
	return length;
}

/* A journal in the place of the volume's own. */
static void put_journal(struct memory *it, struct usn_test *tests, size_t count)
{
	uint8_t     bytes[8192] = { 0 };
	ntfs_inode *inode = disk_file(&it->disk, EXTEND, "$UsnJrnl");

	lay_out(it, bytes + tests[0].usn, tests, count);
	disk_write(&it->disk, inode, "$J", 0, bytes, sizeof bytes);
	disk_close(&it->disk, inode);
}

static void recall_begin(struct memory *it)
{
	struct error *err = &it->disk.err;

	disk_read(&it->disk);
	cr_assert(eq(int, file_reader_init(&it->reader, &it->disk.tree.inventory, &it->disk.tree.extensions, err), 0));
	it->recall = (struct recall){ .inventory = &it->disk.tree.inventory,
				      .reader = &it->reader,
				      .findings = &it->disk.findings,
				      .threads = 1 };
}

static void journal_open(struct memory *it)
{
	recall_begin(it);
	cr_assert(eq(int, recalled_journal_open(&it->journal, &it->recall, &it->disk.err), 0), "%s", it->disk.err.text);
}

static void journal_settle(struct memory *it)
{
	cr_assert(eq(int, recalled_journal_settle(&it->journal, &it->disk.err), 0), "%s", it->disk.err.text);
}

static void memory_release(struct memory *it)
{
	recalled_journal_release(&it->journal);
	facts_release(&it->recall.facts);
	file_reader_release(&it->reader);
	disk_release(&it->disk);
}

/* A life of a record that is over. */
static file_ref past_life(struct memory *it, uint32_t record, uint16_t sequence)
{
	it->disk.tree.inventory.rows[record].flags = ROW_DECODED;
	it->disk.tree.inventory.rows[record].sequence = (uint16_t)(sequence + 2);
	return file_ref_make(record, sequence);
}

/* The fact that @file was called so in @parent; NULL for none.  There is never a second one. */
static const struct fact *find_fact(const struct memory *it, file_ref file, file_ref parent, const char *name)
{
	const struct facts *facts = &it->recall.facts;
	const struct fact  *found = NULL;

	for (size_t i = 0; i < facts->list.count; i++) {
		const struct fact *fact = &facts->list.items[i];

		if (fact->file != file || fact->parent != parent ||
		    !utf16_is_word(facts_text(facts, fact), fact->units, name))
			continue;
		cr_expect(that(!found), "%s twice", name);
		found = fact;
	}
	return found;
}

static uint64_t findings_of(const struct memory *it)
{
	return it->disk.findings.counts[FINDING_JOURNAL_FOREIGN];
}

/* The bytes at a fact's offset are a record with its USN. */
static void expect_place(const struct memory *it, const struct fact *fact, uint64_t usn)
{
	struct ranges     missing = { 0 };
	struct usn_record record;
	struct error      err;
	uint8_t           bytes[512];

	cr_assert(eq(int, volume_read(&it->disk.volumes.items[0], fact->offset, bytes, sizeof bytes, &missing, &err), 0));
	cr_assert(eq(int, usn_record_decode((struct bytes){ bytes, sizeof bytes, fact->offset }, &record, &err), 0), "%s",
		  err.text);
	cr_expect(eq(u64, record.usn, usn));
	cr_expect(eq(u64, record.file, fact->file));
	cr_expect(eq(sz, missing.count, 0));
}

/* Records into clusters that nobody owns. */
static struct artefact put_page(struct memory *it, uint64_t at, struct usn_test *tests, size_t count)
{
	uint8_t bytes[USN_PAGE_BYTES] = { 0 };
	int     fd = open(it->disk.path, O_WRONLY | O_CLOEXEC);

	lay_out(it, bytes + tests[0].usn % USN_PAGE_BYTES, tests, count);
	cr_assert(fd >= 0 && pwrite(fd, bytes, sizeof bytes, (off_t)at) == sizeof bytes && close(fd) == 0);
	return (struct artefact){ .offset = at, .length = sizeof bytes, .kind = ARTEFACT_USN };
}

/* -------- the live journal -------- */

Test(recall_journal, names_that_no_record_shows_are_facts)
{
	struct memory      it;
	const struct fact *fact;

	memory_make(&it);
	const file_ref   gone = file_ref_make(60, 3), lost = file_ref_make(61, 2);
	struct usn_test  tests[] = {
                { .usn = 64, .file = it.file, .parent = ROOT, .reasons = USN_FILE_CREATE | USN_CLOSE, .name = "new.tmp" },
                { .file = it.file, .parent = ROOT, .reasons = USN_RENAME_OLD_NAME, .name = "new.tmp" },
                { .file = it.file, .parent = it.folder, .reasons = USN_RENAME_NEW_NAME | USN_CLOSE, .name = "a.txt" },
                { .file = gone, .parent = lost, .reasons = USN_FILE_CREATE, .name = "x" },
                { .file = gone, .parent = lost, .reasons = USN_FILE_CREATE | USN_CLOSE, .name = "x", .time = 20000000 },
                { .file = gone, .parent = lost, .reasons = USN_FILE_DELETE | USN_CLOSE, .name = "x", .time = 40000000 },
                { .file = lost, .parent = ROOT, .reasons = USN_FILE_CREATE | USN_CLOSE, .name = "dir", .attributes = 0x10 },
	};
	put_journal(&it, tests, COUNT(tests));
	recall_begin(&it);
	cr_expect(eq(u64, past_life(&it, 60, 3), gone));
	cr_expect(eq(u64, past_life(&it, 61, 2), lost));
	cr_assert(eq(int, recall_journal(&it.recall, NULL, 0, &it.disk.err), 0), "%s", it.disk.err.text);
	cr_expect(eq(sz, it.recall.facts.list.count, 3), "what the record says is not said again");
	fact = find_fact(&it, it.file, ROOT, "new.tmp");
	cr_assert(that(fact != NULL));
	cr_expect(eq(u8, fact->flags, FACT_RENAMED));
	cr_expect(eq(u8, fact->source, FACT_JOURNAL));
	cr_expect(eq(u8, fact->space, NAME_WIN32));
	cr_expect(eq(u64, fact->moment, 64 + 80)); /* 0x3c and 14 bytes of name, filled up */
	expect_place(&it, fact, 64 + 80);
	fact = find_fact(&it, gone, lost, "x");
	cr_assert(that(fact != NULL));
	cr_expect(eq(u8, fact->flags, 0), "it ended with the file");
	cr_expect(eq(u64, fact->moment, tests[5].usn));
	cr_expect(eq(u32, fact->time, row_time(it.time + 40000000)));
	expect_place(&it, fact, tests[5].usn);
	fact = find_fact(&it, lost, ROOT, "dir");
	cr_assert(that(fact != NULL));
	cr_expect(eq(u8, fact->flags, FACT_DIRECTORY));
	cr_expect(eq(u64, findings_of(&it), 0));
	memory_release(&it);
}

/* A store is made of links, the users' names are wiped, a third link is doubtful. */
Test(recall_journal, link_that_went_has_ended_and_a_doubtful_one_has_not)
{
	struct memory      it;
	const struct fact *fact;

	memory_make(&it);
	struct usn_test tests[] = {
		{ .file = it.file, .parent = ROOT, .reasons = USN_HARD_LINK_CHANGE, .name = "user.txt" },
		{ .file = it.file, .parent = ROOT, .reasons = USN_HARD_LINK_CHANGE | USN_CLOSE, .name = "user.txt" },
		{ .file = it.file, .parent = it.folder, .reasons = USN_HARD_LINK_CHANGE | USN_CLOSE, .name = "a.txt" },
		{ .file = it.other, .parent = ROOT, .reasons = USN_DATA_EXTEND | USN_CLOSE, .name = "one" },
		{ .file = it.other, .parent = ROOT, .reasons = USN_DATA_EXTEND | USN_CLOSE, .name = "two" },
		{ .file = it.other, .parent = ROOT, .reasons = USN_HARD_LINK_CHANGE | USN_CLOSE, .name = "other.txt" },
	};
	put_journal(&it, tests, COUNT(tests));
	recall_begin(&it);
	cr_assert(eq(int, recall_journal(&it.recall, NULL, 0, &it.disk.err), 0));
	cr_expect(eq(sz, it.recall.facts.list.count, 3));
	fact = find_fact(&it, it.file, ROOT, "user.txt");
	cr_expect(that(fact && fact->flags == FACT_UNLINKED));
	cr_expect(that(fact && fact->moment == 80));
	fact = find_fact(&it, it.other, ROOT, "one");
	cr_expect(that(fact && fact->flags == 0));
	fact = find_fact(&it, it.other, ROOT, "two");
	cr_expect(that(fact && fact->flags == 0));
	memory_release(&it);
}

#define LINK(reason_set, text) \
	{ .file = gone, .parent = lost, .reasons = (reason_set), .name = (text) }

struct links_case {
	char     what[48];
	unsigned missing; /* index of the record that the journal does not have; 0: it has all */
	unsigned links;   /* names that are known to have been links */
};

ParameterizedTestParameters(recall_journal, links_in_one_directory_are_known_where_nothing_is_missing)
{
	static struct links_case cases[] = {
		{ "all is there", 0, 2 },
		{ "a gap before the first link went", 3, 0 },
		{ "a gap between that and the end of the file", 5, 0 },
	};
	return CASES(struct links_case, cases);
}

/* A file has three names in one directory; two links go, each record of it shows the name that stays. */
ParameterizedTest(struct links_case *c, recall_journal, links_in_one_directory_are_known_where_nothing_is_missing)
{
	struct memory      it;
	const struct fact *fact;
	unsigned           links = 0;

	memory_make(&it);
	const file_ref  gone = file_ref_make(60, 3), lost = file_ref_make(61, 2);
	struct usn_test all[] = {
		LINK(USN_DATA_EXTEND | USN_CLOSE, "a"),	     LINK(USN_DATA_EXTEND | USN_CLOSE, "b"),
		LINK(USN_DATA_EXTEND | USN_CLOSE, "c"),	     LINK(USN_DATA_EXTEND | USN_CLOSE, "c"),
		LINK(USN_HARD_LINK_CHANGE | USN_CLOSE, "c"), LINK(USN_HARD_LINK_CHANGE | USN_CLOSE, "c"),
		LINK(USN_FILE_DELETE | USN_CLOSE, "c"),
	};
	struct usn_test tests[COUNT(all)];
	size_t          count = 0;

	for (size_t i = 0; i < COUNT(all); i++) {
		all[i].usn = 64 * i; /* 0x3c and 2 bytes of name, filled up */
		if (!c->missing || i != c->missing)
			tests[count++] = all[i];
	}
	put_journal(&it, tests, count);
	recall_begin(&it);
	past_life(&it, 60, 3);
	past_life(&it, 61, 2);
	cr_assert(eq(int, recall_journal(&it.recall, NULL, 0, &it.disk.err), 0));
	cr_assert(eq(sz, it.recall.facts.list.count, 3));
	for (size_t i = 0; i < 2; i++) {
		fact = find_fact(&it, gone, lost, i ? "b" : "a");
		cr_assert(that(fact != NULL));
		links += fact->flags == FACT_UNLINKED;
	}
	cr_expect(eq(uint, links, c->links), "%s", c->what);
	fact = find_fact(&it, gone, lost, "c");
	cr_expect(that(fact && fact->flags == 0)); /* it went with the file */
	memory_release(&it);
}

/* There and back and away again: the last time counts. */
Test(recall_journal, name_that_was_given_again_is_one_fact)
{
	struct memory      it;
	const struct fact *fact;

	memory_make(&it);
	struct usn_test tests[] = {
		{ .file = it.file, .parent = ROOT, .reasons = USN_RENAME_OLD_NAME, .name = "b" },
		{ .file = it.file, .parent = ROOT, .reasons = USN_RENAME_NEW_NAME | USN_CLOSE, .name = "c" },
		{ .file = it.file, .parent = ROOT, .reasons = USN_RENAME_OLD_NAME, .name = "c" },
		{ .file = it.file, .parent = ROOT, .reasons = USN_RENAME_NEW_NAME | USN_CLOSE, .name = "b" },
	};
	put_journal(&it, tests, COUNT(tests));
	journal_open(&it);
	journal_settle(&it);
	cr_expect(eq(sz, it.recall.facts.list.count, 2));
	fact = find_fact(&it, it.file, ROOT, "b");
	cr_expect(that(fact && fact->flags == 0 && fact->moment == tests[3].usn));
	fact = find_fact(&it, it.file, ROOT, "c");
	cr_expect(that(fact && fact->flags == FACT_RENAMED));
	memory_release(&it);
}

/* Each record of another volume's journal may by chance be of a folder here, but not all of them. */
Test(recall_journal, journal_of_another_volume_is_not_believed)
{
	struct memory it;

	memory_make(&it);
	struct usn_test tests[] = {
		{ .file = it.file, .parent = it.folder, .reasons = USN_DATA_EXTEND | USN_CLOSE, .name = "b.txt" },
		{ .file = it.other, .parent = it.file, .reasons = USN_DATA_EXTEND | USN_CLOSE, .name = "c.txt" },
		{ .file = it.other + (1ull << 48), .parent = ROOT, .reasons = USN_DATA_EXTEND | USN_CLOSE, .name = "d" },
	};
	put_journal(&it, tests, COUNT(tests));
	journal_open(&it);
	cr_expect(eq(sz, it.journal.live, 0));
	journal_settle(&it);
	cr_expect(eq(sz, it.recall.facts.list.count, 0));
	cr_expect(eq(u64, findings_of(&it), 1));
	cr_assert(eq(sz, it.disk.findings.count, 1));
	cr_expect(eq(u64, it.disk.findings.items[0].seen, 3));
	cr_expect(eq(u64, it.disk.findings.items[0].wanted, 0));
	memory_release(&it);
}

/* So many pieces that the record has no room for them. */
Test(recall_journal, stream_goes_on_in_other_records)
{
	struct memory   it;
	ntfs_inode     *inode, *between;
	struct usn_test last[] = { { .reasons = USN_DATA_EXTEND | USN_CLOSE, .name = "at the end" } };
	uint8_t         page[USN_PAGE_BYTES] = { 0 };

	memory_make(&it);
	last[0].usn = 599 * USN_PAGE_BYTES;
	last[0].file = it.file;
	last[0].parent = it.folder;
	inode = disk_file(&it.disk, EXTEND, "$UsnJrnl");
	between = disk_file(&it.disk, ROOT, "between");
	for (uint64_t i = 0; i < 600; i++) {
		if (i == 599)
			lay_out(&it, page, last, 1);
		disk_write(&it.disk, inode, "$J", i * sizeof page, page, sizeof page);
		disk_write(&it.disk, between, "", i * sizeof page, page, sizeof page);
	}
	disk_close(&it.disk, inode);
	disk_close(&it.disk, between);
	journal_open(&it);
	cr_expect(gt(sz, it.disk.tree.extensions.count, 0), "no extension records");
	cr_expect(gt(sz, it.journal.runs.count, 100));
	journal_settle(&it);
	cr_assert(that(find_fact(&it, it.file, it.folder, "at the end") != NULL));
	expect_place(&it, find_fact(&it, it.file, it.folder, "at the end"), last[0].usn);
	memory_release(&it);
}

/* -------- found elsewhere -------- */

/* Of this volume, before what the live journal has. */
Test(recall_journal, carved_pages_are_taken_where_the_table_speaks_for_them)
{
	struct memory      it;
	struct artefact    pages[3];
	const struct fact *fact;

	memory_make(&it);
	struct usn_test live[] = {
		{ .usn = 4096, .file = it.file, .parent = it.folder, .reasons = USN_DATA_EXTEND | USN_CLOSE, .name = "a.txt",
		  .time = NTFS_TIME_PER_SECOND },
	};
	struct usn_test ours[] = {
		{ .usn = 512, .file = it.file, .parent = it.folder, .reasons = USN_RENAME_OLD_NAME, .name = "old.txt" },
	};
	struct usn_test strange[] = {
		{ .usn = 1024, .file = it.file + (1ull << 48), .parent = ROOT, .reasons = USN_DATA_EXTEND, .name = "of the next" },
	};
	struct usn_test before[] = {
		{ .usn = 2048, .file = it.other, .parent = it.folder, .reasons = USN_DATA_EXTEND, .name = "other.txt" },
	};
	before[0].time = -10 * NTFS_TIME_PER_SECOND * 3600; /* the volume was made an hour ago */
	put_journal(&it, live, 1);
	journal_open(&it);
	cr_expect(eq(sz, it.journal.live, 1));
	pages[0] = put_page(&it, FREE_BYTE, ours, 1);
	pages[1] = put_page(&it, FREE_BYTE + 8192, strange, 1);
	pages[2] = put_page(&it, FREE_BYTE + (2 << 20), before, 1);
	cr_assert(eq(int, recalled_journal_add_pages(&it.journal, pages, COUNT(pages), &it.disk.err), 0));
	journal_settle(&it);
	cr_expect(eq(sz, it.recall.facts.list.count, 1));
	fact = find_fact(&it, it.file, it.folder, "old.txt");
	cr_assert(that(fact != NULL));
	cr_expect(eq(u8, fact->flags, FACT_CARVED | FACT_RENAMED));
	cr_expect(eq(u64, fact->offset, FREE_BYTE + 512));
	cr_expect(eq(u64, fact->moment, 512));
	expect_place(&it, fact, 512);
	cr_assert(eq(sz, it.disk.findings.count, 1));
	cr_expect(eq(u64, it.disk.findings.items[0].seen, 2));
	cr_expect(eq(u64, it.disk.findings.items[0].wanted, 2));
	memory_release(&it);
}

/* All of its lives are over: only the order of the live journal can vouch for it. */
Test(recall_journal, page_of_which_the_table_says_nothing_must_fit_in)
{
	const file_ref past = file_ref_make(12, 1), folder = file_ref_make(13, 1); /* the file system's: say nothing */

	for (int moved = 0; moved < 3; moved++) {
		struct memory   it;
		struct artefact page;
		struct usn_test silent[] = {
			{ .usn = 512, .file = past, .parent = folder, .reasons = USN_FILE_DELETE | USN_CLOSE, .name = "x" },
		};

		memory_make(&it);
		struct usn_test live[] = {
			{ .usn = 4096, .file = it.file, .parent = it.folder, .reasons = USN_DATA_EXTEND | USN_CLOSE, .name = "a.txt" },
		};
		if (moved == 1)
			silent[0].time = 48 * 3600 * NTFS_TIME_PER_SECOND; /* later than what comes behind it */
		if (moved == 2)
			silent[0].usn = 1 << 20; /* the journal has not come to it */
		put_journal(&it, live, 1);
		journal_open(&it);
		page = put_page(&it, FREE_BYTE, silent, 1);
		cr_assert(eq(int, recalled_journal_add_pages(&it.journal, &page, 1, &it.disk.err), 0));
		journal_settle(&it);
		cr_expect(eq(sz, it.recall.facts.list.count, moved == 0), "%d", moved);
		memory_release(&it);
	}
}

/* Of a journal that was deleted and begun anew: its names are good, its USNs cannot be compared. */
Test(recall_journal, page_that_does_not_fit_in_has_no_moment)
{
	struct memory      it;
	struct artefact    page;
	const struct fact *fact;

	memory_make(&it);
	struct usn_test live[] = {
		{ .usn = 0, .file = it.file, .parent = it.folder, .reasons = USN_DATA_EXTEND | USN_CLOSE, .name = "a.txt" },
	};
	struct usn_test older[] = {
		{ .usn = 1 << 20, .file = it.other, .parent = it.folder, .reasons = USN_DATA_EXTEND | USN_CLOSE, .name = "other.txt" },
	};
	put_journal(&it, live, 1);
	journal_open(&it);
	page = put_page(&it, FREE_BYTE, older, 1);
	cr_assert(eq(int, recalled_journal_add_pages(&it.journal, &page, 1, &it.disk.err), 0));
	journal_settle(&it);
	fact = find_fact(&it, it.other, it.folder, "other.txt");
	cr_assert(that(fact != NULL));
	cr_expect(eq(u64, fact->moment, 0));
	cr_expect(eq(u32, fact->time, row_time(it.time)));
	cr_expect(eq(u8, fact->flags, FACT_CARVED));
	memory_release(&it);
}

/* A sweep sees the live journal too. */
Test(recall_journal, pages_of_the_live_journal_are_not_read_again)
{
	struct memory   it;
	struct artefact page = { .length = USN_PAGE_BYTES, .kind = ARTEFACT_USN };

	memory_make(&it);
	struct usn_test live[] = {
		{ .file = it.file, .parent = it.folder, .reasons = USN_DATA_EXTEND | USN_CLOSE, .name = "b.txt" },
	};
	put_journal(&it, live, 1);
	journal_open(&it);
	page.offset = volume_byte_of(&it.disk.volumes.items[0], it.journal.runs.items[0].lcn);
	cr_assert(eq(int, recalled_journal_add_pages(&it.journal, &page, 1, &it.disk.err), 0));
	cr_expect(eq(sz, it.journal.current.facts.count, 1));
	memory_release(&it);
}

/* The clusters were another journal's, or this one's at another place, before. */
Test(recall_journal, records_that_are_not_at_their_place_are_carved_ones)
{
	struct memory      it;
	const struct fact *fact;
	uint8_t            bytes[8192] = { 0 };
	ntfs_inode        *inode;

	memory_make(&it);
	struct usn_test at_place[] = {
		{ .usn = 4096, .file = it.file, .parent = it.folder, .reasons = USN_DATA_EXTEND | USN_CLOSE, .name = "a.txt" },
	};
	struct usn_test stale[] = {
		{ .usn = 1024, .file = it.other, .parent = it.folder, .reasons = USN_RENAME_OLD_NAME, .name = "other.txt" },
	};
	lay_out(&it, bytes + 4096, at_place, 1);
	lay_out(&it, bytes + 4096 + 1024, stale, 1);
	inode = disk_file(&it.disk, EXTEND, "$UsnJrnl");
	disk_write(&it.disk, inode, "$J", 0, bytes, sizeof bytes);
	disk_close(&it.disk, inode);
	journal_open(&it);
	cr_expect(eq(sz, it.journal.live, 1));
	journal_settle(&it);
	fact = find_fact(&it, it.other, it.folder, "other.txt");
	cr_assert(that(fact != NULL));
	cr_expect(eq(u8, fact->flags, FACT_CARVED | FACT_RENAMED));
	cr_expect(eq(u64, fact->moment, 1024));
	expect_place(&it, fact, 1024);
	memory_release(&it);
}

Test(recall_journal, deleted_journal_is_read_as_carved)
{
	struct memory      it;
	const struct fact *fact;

	memory_make(&it);
	struct usn_test tests[] = {
		{ .file = it.file, .parent = it.folder, .reasons = USN_RENAME_OLD_NAME, .name = "b.txt" },
		{ .file = it.file, .parent = it.folder, .reasons = USN_RENAME_NEW_NAME | USN_CLOSE, .name = "a.txt" },
	};
	put_journal(&it, tests, COUNT(tests));
	recall_begin(&it);
	for (uint32_t i = 0; i < it.disk.tree.inventory.names.count; i++) {
		const struct name_row *name = &it.disk.tree.inventory.names.items[i];
		struct mft_row        *row = &it.disk.tree.inventory.rows[name->record];

		if (utf16_is_word(inventory_text(&it.disk.tree.inventory, name), name->units, "$UsnJrnl"))
			row->flags = (uint16_t)(row->flags & ~ROW_IN_USE);
	}
	cr_assert(eq(int, recall_journal(&it.recall, NULL, 0, &it.disk.err), 0));
	fact = find_fact(&it, it.file, it.folder, "b.txt");
	cr_assert(that(fact != NULL));
	cr_expect(eq(u8, fact->flags, FACT_CARVED | FACT_RENAMED));
	expect_place(&it, fact, 0);
	memory_release(&it);
}

/* What was logged and not yet written: behind the end of the journal. */
Test(recall_journal, log_knows_more_than_the_journal)
{
	struct memory      it;
	const struct fact *fact;
	uint8_t            bytes[512] = { 0 };
	size_t             length;

	memory_make(&it);
	struct usn_test live[] = {
		{ .file = it.file, .parent = it.folder, .reasons = USN_DATA_EXTEND | USN_CLOSE, .name = "a.txt" },
	};
	struct usn_test logged[] = {
		{ .usn = 72, .file = it.other, .parent = it.folder, .reasons = USN_RENAME_OLD_NAME, .name = "other.txt" },
	};
	struct usn_test elsewhere[] = { /* than it was written to */
		{ .usn = 1096, .file = it.other, .parent = it.folder, .reasons = USN_RENAME_OLD_NAME, .name = "none" },
	};
	put_journal(&it, live, 1);
	journal_open(&it);
	length = lay_out(&it, bytes, logged, 1);
	cr_assert(eq(int, recalled_journal_add_bytes(&it.journal, (struct bytes){ bytes, length, 72 }, 4711, &it.disk.err), 0));
	length = lay_out(&it, bytes, elsewhere, 1);
	cr_assert(eq(int, recalled_journal_add_bytes(&it.journal, (struct bytes){ bytes, length, 584 }, 9999, &it.disk.err), 0));
	journal_settle(&it);
	cr_expect(eq(sz, it.recall.facts.list.count, 1));
	fact = find_fact(&it, it.other, it.folder, "other.txt");
	cr_assert(that(fact != NULL));
	cr_expect(eq(u8, fact->flags, FACT_RENAMED));
	cr_expect(eq(u64, fact->moment, 72));
	cr_expect(eq(u64, fact->offset, 4711));
	memory_release(&it);
}

Test(recall_journal, volume_without_a_journal_gives_nothing)
{
	struct memory it;

	memory_make(&it);
	recall_begin(&it);
	cr_expect(eq(int, recall_journal(&it.recall, NULL, 0, &it.disk.err), 0));
	cr_expect(eq(sz, it.recall.facts.list.count, 0));
	cr_expect(eq(u64, findings_of(&it), 0));
	memory_release(&it);
}

/* -------- a real one -------- */

#define WIN7_TABLE_LCN 786432u /* by the boot sector that lies beside it, as the next two */
#define WIN7_CLUSTERS 5216767u
#define WIN7_JOURNAL  60138u   /* record */

static struct blob unpack(const char *name)
{
	char *command = NULL;
	struct blob blob;

	cr_assert(asprintf(&command, "7z x -so '%%s' %s 2> /dev/null", name) > 0);
	blob = sample_unpack(command, "ntfs/dfir-orc/win7.7z");
	free(command);
	return blob;
}

/* Put the journal where its record says that it lies. */
static void put_stream(struct test_volume *test, const struct runs *runs, struct blob journal)
{
	char *path = temp_path(test->folder, "volume.img");
	int   fd = open(path, O_WRONLY | O_CLOEXEC);

	cr_assert(fd >= 0);
	for (size_t i = 0; i < runs->count; i++) {
		const struct run *run = &runs->items[i];
		uint64_t          at = run->vcn * 4096, length = run->length * 4096;

		if (run->lcn == LCN_HOLE || at >= journal.size)
			continue;
		if (length > journal.size - at)
			length = journal.size - at;
		cr_assert(pwrite(fd, journal.at + at, length, (off_t)(run->lcn * 4096)) == (ssize_t)length);
	}
	close(fd);
	free(path);
}

Test(recall_journal, files_of_windows_7_that_were_linked_have_both_names)
{
	static const struct {
		uint32_t record;
		char     name[20];
		file_ref parent;
	} linked[] = { /* and lost this name, that they had first */
		{ 24162, "VBoxControl.exe", 0 }, { 24172, "VBoxGuest.cat", 0 }, { 24179, "VBoxGuest.inf", 0 },
		{ 24182, "VBoxGuest.sys", 0 },   { 24165, "VBoxTray.exe", 0 },  { 24295, "VBoxDisp.dll", 1 },
		{ 24299, "VBoxVideo.cat", 1 },   { 24302, "VBoxVideo.inf", 1 }, { 24305, "VBoxVideo.sys", 1 },
	};
	const file_ref         parents[] = { file_ref_make(24155, 2), file_ref_make(24291, 2) };
	struct blob            table = unpack("mft_win7"), stream = unpack("usnjrnl_win7");
	struct test_volume     test;
	struct inventory       inventory;
	struct extensions      extensions = { 0 };
	struct file_reader     reader;
	struct file            file;
	struct memory          it = { 0 };
	size_t                 renamed = 0, unlinked = 0, folders = 0;
	struct error           err;

	test_volume_open(&test, 4096, WIN7_CLUSTERS, 1024, (uint64_t)WIN7_TABLE_LCN * 4096, table.at, table.size);
	cr_assert(eq(int, inventory_read(&inventory, &test.volume, 2, &test.findings, &err), 0), "%s", err.text);
	cr_assert(eq(int, extensions_collect(&extensions, &inventory, &err), 0));
	cr_assert(eq(int, file_reader_init(&reader, &inventory, &extensions, &err), 0));
	cr_assert(eq(int, file_load(&reader, WIN7_JOURNAL, &file, &err), 0));
	cr_assert(that(file_find_stream(&file, ATTRIBUTE_DATA, "$J") != NULL));
	put_stream(&test, &file_find_stream(&file, ATTRIBUTE_DATA, "$J")->runs, stream);
	file_release(&file);

	it.recall = (struct recall){ .inventory = &inventory, .reader = &reader, .findings = &test.findings, .threads = 1 };
	cr_assert(eq(int, recalled_journal_open(&it.journal, &it.recall, &err), 0), "%s", err.text);
	cr_expect(eq(sz, it.journal.live, 38014));
	cr_expect(eq(u64, it.journal.foreign, 0));
	cr_assert(eq(int, recalled_journal_settle(&it.journal, &err), 0));
	for (size_t i = 0; i < COUNT(linked); i++) {
		const struct fact *fact = find_fact(&it, file_ref_make(linked[i].record, 3), parents[linked[i].parent],
						    linked[i].name);

		cr_expect(that(fact && fact->flags == FACT_UNLINKED), "%s", (char *)linked[i].name);
		cr_expect(gt(u16, inventory.rows[linked[i].record].names, 0)); /* its other one */
	}
	for (size_t i = 0; i < it.recall.facts.list.count; i++) {
		renamed += (it.recall.facts.list.items[i].flags & FACT_RENAMED) != 0;
		unlinked += (it.recall.facts.list.items[i].flags & FACT_UNLINKED) != 0;
		folders += (it.recall.facts.list.items[i].flags & FACT_DIRECTORY) != 0;
	}
	cr_expect(eq(sz, it.recall.facts.list.count, 4421));
	cr_expect(eq(sz, renamed, 1051));
	cr_expect(eq(sz, unlinked, COUNT(linked)));
	cr_expect(eq(sz, folders, 296));
	cr_expect(eq(u64, test.findings.counts[FINDING_JOURNAL_FOREIGN], 0));
	recalled_journal_release(&it.journal);
	facts_release(&it.recall.facts);
	file_reader_release(&reader);
	array_release(&extensions);
	inventory_release(&inventory);
	test_volume_close(&test);
	free(table.at);
	free(stream.at);
}
