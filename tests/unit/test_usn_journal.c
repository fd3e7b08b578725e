/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_usn_journal.c - expected values: what fsutil of Windows says of the same journal; bytes of real
 * records read by hand; what the samples' own tests assert; records laid out by hand
 */
#include "tests/unit/unit.h"
#include "tests/unit/usn.h"

#include "core/ntfs_time.h"
#include "core/utf16.h"

#include <stdio.h>
#include <string.h>

#define FOLDER "ntfs/dfir_ntfs/"

static struct usn_record decode(struct blob blob)
{
	struct usn_record record = { 0 };
	struct error      err;

	cr_assert(eq(int, usn_record_decode(blob_bytes(blob, 0), &record, &err), 0), "%s", err.text);
	return record;
}

static bool is_called(const struct usn_record *record, const char *name)
{
	return utf16_is_word(record->name.at, record->name.left / 2, name);
}

/* -------- real records -------- */

Test(usn_journal, record_of_version_2)
{
	struct blob       blob = sample_load(FOLDER "usn_1170953448.bin");
	struct usn_record record = decode(blob);

	cr_expect(eq(u64, record.usn, 1170953448));
	cr_expect(eq(u64, record.file, file_ref_make(0x13252, 13)));
	cr_expect(eq(u64, record.parent, file_ref_make(0x9eb, 6)));
	cr_expect(eq(u64, record.time, 0x01d4b1d9b1e5ddf2));
	cr_expect(eq(u32, record.reasons, USN_CLOSE | USN_DATA_OVERWRITE));
	cr_expect(eq(u32, record.attributes, 0x20));
	cr_expect(eq(u8, record.version, 2));
	cr_expect(that(is_called(&record, "large_file.txt")));
	cr_expect(eq(sz, record.whole.left, 0x58));
	cr_expect(that(usn_record_is_plausible(&record, 0x13253)));
	cr_expect(not(that(usn_record_is_plausible(&record, 0x13252))), "a file behind the end of the table");
	free(blob.at);
}

Test(usn_journal, record_of_version_4_has_the_ranges_that_were_written)
{
	struct blob       blob = sample_load(FOLDER "usn_1170955904.bin");
	struct usn_record record = decode(blob);
	struct range      range;

	cr_expect(eq(u64, record.usn, 1170955904));
	cr_expect(eq(u64, record.file, file_ref_make(0x51c0, 2)));
	cr_expect(eq(u64, record.parent, file_ref_make(0x1066, 4)));
	cr_expect(eq(u32, record.reasons, USN_CLOSE | USN_DATA_OVERWRITE));
	cr_expect(eq(u64, record.time, 0));
	cr_expect(eq(sz, record.name.left, 0));
	cr_expect(that(usn_record_is_plausible(&record, UINT64_MAX)));
	cr_assert(that(usn_range_next(&record, &range)));
	cr_expect(eq(u64, range.start, 0));
	cr_expect(eq(u64, range.length, 0x4000));
	cr_assert(that(usn_range_next(&record, &range)));
	cr_expect(eq(u64, range.start, 0x5f4000));
	cr_expect(eq(u64, range.length, 0x8000));
	cr_expect(not(that(usn_range_next(&record, &range))));
	free(blob.at);
}

Test(usn_journal, journal_of_windows_7_has_all_its_records)
{
	struct blob  blob = sample_unpack("7z x -so '%s' usnjrnl_win7 2> /dev/null", "ntfs/dfir-orc/win7.7z");
	struct bytes rest = blob_bytes(blob, 0);
	struct usn_record record;
	size_t            count = 0, links = 0;

	while (usn_record_find(&rest, 60416, &record)) {
		count++;
		links += (record.reasons & USN_HARD_LINK_CHANGE) != 0;
		cr_assert(eq(u64, record.usn, record.whole.offset));
	}
	cr_expect(eq(sz, count, 38014));
	cr_expect(eq(sz, links, 480));
	cr_expect(eq(sz, rest.left, 0));
	free(blob.at);
}

Test(usn_journal, fragment_has_no_gap)
{
	struct blob       blob = sample_load("ntfs/plaso/UsnJrnl.raw");
	struct bytes      rest = blob_bytes(blob, 0);
	struct usn_record record;
	size_t            at = 0;

	for (; usn_record_find(&rest, UINT64_MAX, &record); at += record.whole.left)
		cr_assert(eq(u64, record.usn, at));
	cr_expect(eq(sz, at, 1728));
	free(blob.at);
}

/* -------- fsutil as witness -------- */

/* One record as fsutil prints it. */
struct witness {
	uint64_t usn, file, parent;
	uint32_t reasons, attributes;
	unsigned version;
	uint64_t extents;
	char     name[256];
	char     time[64];
};

/* The text behind "@key : " of a line; NULL for another line. */
static const char *value_of(const char *line, const char *key)
{
	size_t length = strlen(key);

	if (strncmp(line, key, length) != 0)
		return NULL;
	line += length + strspn(line + length, " ");
	return strncmp(line, ": ", 2) == 0 ? line + 2 : NULL;
}

static void read_line(const char *line, struct witness *witness)
{
	const char *value;

	if ((value = value_of(line, "File name")))
		snprintf(witness->name, sizeof witness->name, "%s", value);
	else if ((value = value_of(line, "Reason")))
		witness->reasons = (uint32_t)strtoul(value, NULL, 16);
	else if ((value = value_of(line, "Time stamp")))
		snprintf(witness->time, sizeof witness->time, "%s", value);
	else if ((value = value_of(line, "File attributes")))
		witness->attributes = (uint32_t)strtoul(value, NULL, 16);
	else if ((value = value_of(line, "File ID")))
		witness->file = strtoull(value + 16, NULL, 16);
	else if ((value = value_of(line, "Parent file ID")))
		witness->parent = strtoull(value + 16, NULL, 16);
	else if ((value = value_of(line, "Major version")))
		witness->version = (unsigned)strtoul(value, NULL, 10);
	else if ((value = value_of(line, "Number of extents")))
		witness->extents = strtoull(value, NULL, 10);
}

/* As fsutil prints it; its clock was that of UTC. */
static void print_time(uint64_t time, char text[64])
{
	struct timespec since = ntfs_time_to_timespec(time);
	struct tm       parts;

	gmtime_r(&since.tv_sec, &parts);
	snprintf(text, 64, "%d/%d/%d %d:%02d:%02d", parts.tm_mon + 1, parts.tm_mday, parts.tm_year + 1900,
		 parts.tm_hour, parts.tm_min, parts.tm_sec);
}

static void compare(const struct usn_record *record, const struct witness *witness)
{
	char name[NAME_UTF8_MAX], time[64];

	utf16_to_utf8(record->name.at, record->name.left / 2, name);
	print_time(record->time, time);
	cr_expect(eq(u64, record->usn, witness->usn));
	cr_expect(eq(u64, record->file, witness->file));
	cr_expect(eq(u64, record->parent, witness->parent));
	cr_expect(eq(u32, record->reasons, witness->reasons));
	cr_expect(eq(u32, record->attributes, witness->attributes));
	cr_expect(eq(str, name, (char *)witness->name));
	if (witness->version == 4)
		cr_expect(eq(u64, record->ranges.left / record->range_bytes, witness->extents));
	else
		cr_expect(eq(str, time, (char *)witness->time));
}

Test(usn_journal, says_what_fsutil_says)
{
	struct blob       journal = sample_load(FOLDER "usnjrnlj.bin");
	struct blob       text = sample_load(FOLDER "usnjrnlj.fsutil.txt");
	struct bytes      rest = blob_bytes(journal, 0);
	struct usn_record record;
	struct witness    witness = { 0 };
	FILE             *lines = fmemopen(text.at, text.size, "r");
	char              line[1024];
	size_t            count = 0, more = 0;
	bool              begun = false;

	while (fgets(line, sizeof line, lines)) {
		const char *usn = value_of(line, "Usn");

		line[strcspn(line, "\r\n")] = 0;
		if (!usn) {
			read_line(line, &witness);
			continue;
		}
		if (begun && usn_record_find(&rest, UINT64_MAX, &record))
			compare(&record, &witness);
		begun = true;
		witness = (struct witness){ .usn = strtoull(usn, NULL, 10) };
		count++;
	}
	cr_assert(that(usn_record_find(&rest, UINT64_MAX, &record)));
	compare(&record, &witness);
	cr_expect(eq(sz, count, 268));
	for (; usn_record_find(&rest, UINT64_MAX, &record); more++) /* which it was too early to see */
		cr_expect(eq(u64, record.usn, 29792 + 88 * more));
	cr_expect(eq(sz, more, 3));
	fclose(lines);
	free(text.at);
	free(journal.at);
}

/* -------- laid out by hand -------- */

static const struct usn_test plain = { .version = 3,
				       .usn = 0x7f0000001230,
				       .time = USN_TEST_TIME,
				       .file = 0x0007000000001234,
				       .parent = 0x0005000000000005,
				       .reasons = USN_HARD_LINK_CHANGE | USN_CLOSE,
				       .name = "report.docx" };

Test(usn_journal, record_of_version_3)
{
	uint8_t           bytes[256];
	struct blob       blob = blob_copy(bytes, usn_test_put(bytes, &plain));
	struct usn_record record = decode(blob);

	cr_expect(eq(sz, record.whole.left, 104)); /* 0x4c and 22 bytes of name, filled up */
	cr_expect(eq(u64, record.usn, plain.usn));
	cr_expect(eq(u64, record.time, plain.time));
	cr_expect(eq(u64, record.file, plain.file));
	cr_expect(eq(u64, record.parent, plain.parent));
	cr_expect(eq(u32, record.reasons, plain.reasons));
	cr_expect(eq(u32, record.attributes, 0x20));
	cr_expect(that(is_called(&record, "report.docx")));
	cr_expect(that(usn_record_is_plausible(&record, 0x1235)));
	free(blob.at);
}

struct damage {
	char            name[40];
	uint8_t         version;
	uint8_t         at, size; /* the field that is overwritten */
	uint64_t        value;
	enum error_kind kind; /* ERROR_NONE: it decodes, but nobody would have written it */
};

ParameterizedTestParameters(usn_journal, damage)
{
	static struct damage cases[] = {
		{ "longer than its page", 2, 0x00, 4, 4096, ERROR_BOUNDS },
		{ "length of 4 GiB", 2, 0x00, 4, 0xfffffff8, ERROR_BOUNDS },
		{ "odd length", 2, 0x00, 4, 81, ERROR_VALUE },
		{ "no length", 2, 0x00, 4, 0, ERROR_VALUE },
		{ "shorter than its head", 2, 0x00, 4, 0x38, ERROR_BOUNDS },
		{ "version 1", 2, 0x04, 2, 1, ERROR_UNSUPPORTED },
		{ "version 5", 2, 0x04, 2, 5, ERROR_UNSUPPORTED },
		{ "long id", 3, 0x10, 8, 1, ERROR_UNSUPPORTED },
		{ "long id of a parent", 3, 0x20, 8, 1, ERROR_UNSUPPORTED },
		{ "name behind the end", 2, 0x38, 2, 200, ERROR_BOUNDS },
		{ "name in the head", 2, 0x3a, 2, 0x38, ERROR_BOUNDS },
		{ "half a unit", 2, 0x38, 2, 21, ERROR_VALUE },
		{ "ranges behind the end", 4, 0x3c, 2, 12, ERROR_BOUNDS },
		{ "ranges of no size", 4, 0x3e, 2, 0, ERROR_BOUNDS },
		{ "file without sequence", 2, 0x08, 8, 0x1234, ERROR_NONE },
		{ "file out of the table", 2, 0x08, 8, 0x0001000001000000, ERROR_NONE },
		{ "parent without sequence", 2, 0x10, 8, 5, ERROR_NONE },
		{ "negative USN", 2, 0x18, 8, 0x8000000000001230, ERROR_NONE },
		{ "USN that is not aligned", 2, 0x18, 8, 0x1234, ERROR_NONE },
		{ "USN at the end of a page", 2, 0x18, 8, 0x1ff8, ERROR_NONE },
		{ "time before any clock", 2, 0x20, 8, 1, ERROR_NONE },
		{ "time after all clocks", 2, 0x20, 8, 0x7000000000000000, ERROR_NONE },
		{ "no reason", 2, 0x28, 4, 0, ERROR_NONE },
		{ "reason that there is not", 2, 0x28, 4, 0x80000008, ERROR_NONE },
		{ "source that there is not", 2, 0x2c, 4, 0x10000, ERROR_NONE },
		{ "no name", 2, 0x38, 2, 0, ERROR_NONE },
		{ "slash in the name", 2, 0x3e, 2, '/', ERROR_NONE },
		{ "zero in the name", 2, 0x3e, 2, 0, ERROR_NONE },
		{ "more behind the name than fills up", 2, 0x38, 2, 4, ERROR_NONE },
		{ "no range", 4, 0x3c, 2, 0, ERROR_NONE },
	};
	return CASES(struct damage, cases);
}

ParameterizedTest(struct damage *c, usn_journal, damage)
{
	struct usn_test   test = plain;
	uint8_t           bytes[256];
	struct blob       blob;
	struct usn_record record, before = { .usn = 99 };
	struct error      err = { 0 };

	test.version = c->version;
	blob = blob_copy(bytes, usn_test_put(bytes, &test));
	for (size_t i = 0; i < c->size; i++)
		blob.at[c->at + i] = (uint8_t)(c->value >> 8 * i);
	record = before;
	if (c->kind) {
		cr_assert(eq(int, usn_record_decode(blob_bytes(blob, 0x4000), &record, &err), -1), "%s",
			  c->name);
		cr_expect(eq(int, err.kind, c->kind), "%s", c->name);
		cr_expect(eq(u64, err.offset, 0x4000), "%s", c->name);
		cr_expect(eq(u64, record.usn, 99), "%s: filled", c->name);
	} else {
		record = decode(blob);
		cr_expect(not(that(usn_record_is_plausible(&record, 1 << 20))), "%s", c->name);
	}
	free(blob.at);
}

Test(usn_journal, record_that_is_cut_is_none)
{
	uint8_t           bytes[256];
	struct usn_record record;
	struct error      err;

	for (unsigned version = 2; version <= 4; version++) {
		struct usn_test test = plain;
		size_t          length;

		test.version = version;
		length = usn_test_put(bytes, &test);
		for (size_t size = 0; size < length; size++) {
			struct blob blob = blob_copy(bytes, size);

			cr_assert(eq(int, usn_record_decode(blob_bytes(blob, 0), &record, &err), -1));
			cr_assert(eq(int, err.kind, ERROR_BOUNDS), "version %u of %zu bytes", version, size);
			free(blob.at);
		}
	}
}

/* -------- in free clusters -------- */

Test(usn_journal, found_between_other_bytes)
{
	struct blob       page = blob_zero(4096);
	struct usn_test   test = plain;
	struct bytes      rest;
	struct usn_record record;
	uint64_t          seed = 7;

	for (size_t i = 0; i < page.size; i++)
		page.at[i] = (uint8_t)dice(&seed);
	test.usn = 0x40000 + 0x208;
	usn_test_put(page.at + 0x208, &test);
	test.version = 2;
	test.usn = 0x40000 + 0xe00; /* as sectors go: a cluster of 512 bytes lies anywhere */
	usn_test_put(page.at + 0x400, &test);
	test.usn = 0x40000 + 0x808; /* says that it lies 8 bytes on */
	usn_test_put(page.at + 0x800, &test);
	rest = blob_bytes(page, 0x123456000);
	cr_assert(that(usn_record_find(&rest, UINT64_MAX, &record)));
	cr_expect(eq(u64, record.usn, 0x40208));
	cr_expect(eq(u64, record.whole.offset, 0x123456208));
	cr_expect(eq(u8, record.version, 3));
	cr_assert(that(usn_record_find(&rest, UINT64_MAX, &record)));
	cr_expect(eq(u64, record.whole.offset, 0x123456400));
	cr_expect(eq(u8, record.version, 2));
	cr_expect(not(that(usn_record_find(&rest, UINT64_MAX, &record))));
	cr_expect(eq(sz, rest.left, 0));
	free(page.at);
}

Test(usn_journal, record_whose_end_is_lost_is_passed_over)
{
	uint8_t           bytes[256];
	struct blob       blob;
	struct bytes      rest;
	struct usn_test   test = plain;
	struct usn_record record;

	test.usn = 0;
	blob = blob_copy(bytes, usn_test_put(bytes, &test) - 8);
	rest = blob_bytes(blob, 0);
	cr_expect(not(that(usn_record_find(&rest, UINT64_MAX, &record))));
	cr_expect(eq(sz, rest.left, 0));
	free(blob.at);
}

/* -------- the live journal -------- */

#define HOLE (1ull << 40) /* clusters */

static void put_at(struct blob disk, size_t at, uint64_t usn, const char *name)
{
	struct usn_test test = plain;

	test.version = 2;
	test.usn = usn;
	test.name = name;
	usn_test_put(disk.at + at, &test);
}

/*
 * 512-byte clusters: 1 TiClusters of nothing, two pages of which the second lies in two pieces, a record over
 * their border; a hole; a page that is left from something older.
 */
Test(usn_journal, holes_are_stepped_over_and_pieces_joined)
{
	const uint64_t     base = HOLE * 512;
	struct run         pieces[] = { { 0, LCN_HOLE, HOLE },
					{ HOLE, 40, 12 },
					{ HOLE + 12, 20, 4 },
					{ HOLE + 16, LCN_HOLE, 8 },
					{ HOLE + 24, 60, 8 } };
	struct runs        runs = { pieces, COUNT(pieces), COUNT(pieces) };
	const uint64_t     expected[] = { base, base + 4096, base + 6096, base + 12288 };
	struct blob        disk = blob_zero(80 * 512);
	struct test_volume test;
	struct usn_journal journal;
	struct usn_record  record;
	struct error       err;
	uint8_t            bytes[256] = { 0 };
	struct blob        torn = { bytes, sizeof bytes };

	put_at(disk, 40 * 512, base, "first");
	put_at(disk, 40 * 512 + 4096, base + 4096, "second page");
	put_at(torn, 0, base + 6096, "over the border"); /* 48 bytes here, the rest there */
	memcpy(disk.at + 40 * 512 + 6096, bytes, 48);
	memcpy(disk.at + 20 * 512, bytes + 48, 48);
	put_at(disk, 60 * 512, base, "older");
	test_volume_open(&test, 512, 100, 1024, 0, disk.at, disk.size);
	cr_assert(eq(int, usn_journal_open(&journal, &test.volume, &runs, UINT64_MAX, &err), 0));
	for (size_t i = 0; i < COUNT(expected); i++) {
		cr_assert(eq(int, usn_journal_next(&journal, &record, &err), 1), "%zu", i);
		cr_expect(eq(u64, record.whole.offset, expected[i]));
		cr_expect(eq(u64, record.usn, i < 3 ? expected[i] : base));
	}
	cr_expect(that(is_called(&record, "older")));
	cr_expect(eq(int, usn_journal_next(&journal, &record, &err), 0));
	cr_expect(eq(int, usn_journal_next(&journal, &record, &err), 0));
	cr_expect(eq(sz, journal.missing.count, 0));
	usn_journal_release(&journal);
	test_volume_close(&test);
	free(disk.at);
}

Test(usn_journal, long_journal_is_read_in_pieces_without_losing_any)
{
	const size_t       pages = 700; /* almost three reads */
	struct blob        disk = blob_zero(pages * 4096);
	struct run         piece = { 5, 0, pages };
	struct runs        runs = { &piece, 1, 1 };
	struct test_volume test;
	struct usn_journal journal;
	struct usn_record  record;
	struct error       err;
	size_t             count = 0;

	for (size_t page = 0; page < pages; page++)
		put_at(disk, page * 4096 + 4096 - 88, (page + 6) * 4096 - 88, "last in page");
	test_volume_open(&test, 4096, pages, 1024, 0, disk.at, disk.size);
	cr_assert(eq(int, usn_journal_open(&journal, &test.volume, &runs, UINT64_MAX, &err), 0));
	for (; usn_journal_next(&journal, &record, &err) == 1; count++)
		cr_assert(eq(u64, record.usn, record.whole.offset));
	cr_expect(eq(sz, count, pages));
	usn_journal_release(&journal);
	test_volume_close(&test);
	free(disk.at);
}

Test(usn_journal, more_clusters_than_the_volume_has_are_refused)
{
	struct run         pieces[] = { { 0, 10, 60 }, { 60, 10, 60 } };
	struct runs        runs = { pieces, 2, 2 };
	uint8_t            nothing[512] = { 0 };
	struct test_volume test;
	struct usn_journal journal;
	struct error       err;

	test_volume_open(&test, 4096, 100, 1024, 0, nothing, sizeof nothing);
	cr_expect(eq(int, usn_journal_open(&journal, &test.volume, &runs, UINT64_MAX, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_VALUE));
	usn_journal_release(&journal);
	test_volume_close(&test);
}
