/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is read of a $LogFile, whole and damaged. */
#include "tests/unit/log_maker.h"

#include "scan/journal/log_change.h"
#include "scan/journal/log_file.h"

#define PAGES 16u /* of the logs here, ring from page 4: LSNs have 14 bits of place */

/* A log that is open, with what it lies in. */
struct open_log {
	struct bytes      bytes;
	struct log_reader reader;
	struct log_file   log;
};

static void open_bytes(struct open_log *open, struct blob blob)
{
	struct error err;

	open->bytes = blob_bytes(blob, 0);
	open->reader = log_reader_of(&open->bytes);
	cr_assert(eq(int, log_file_open(&open->log, &open->reader, &err), 0), "%s", err.text);
}

static void open_made(struct open_log *open, struct test_log *made)
{
	log_finish(made);
	open_bytes(open, made->blob);
}

static void close_made(struct open_log *open, struct test_log *made)
{
	log_file_release(&open->log);
	free(made->blob.at);
}

/* Record @index is @lsn and has @size bytes of @fill. */
static void expect_record(struct open_log *open, size_t index, uint64_t lsn, uint8_t fill, size_t size, unsigned flags)
{
	struct log_record record;
	struct error      err;

	cr_assert(lt(sz, index, open->log.records.count));
	cr_assert(eq(int, log_file_record(&open->log, index, &record, &err), 0));
	cr_expect(eq(u64, record.place.lsn, lsn), "record %zu", index);
	cr_expect(eq(uint, record.place.flags, flags), "record %zu", index);
	cr_assert(eq(sz, record.data.left, size), "record %zu", index);
	for (size_t i = 0; i < size; i++)
		cr_assert(eq(u8, record.data.at[i], fill), "record %zu, byte %zu", index, i);
}

static uint64_t append(struct test_log *log, uint8_t fill, size_t size)
{
	uint8_t data[20000];

	memset(data, fill, sizeof data);
	return log_append(log, 1, 0x18, 0, 0, data, size);
}

Test(log_file, an_lsn_is_a_place_and_a_pass)
{
	struct test_log made;
	struct open_log open;

	log_begin(&made, 1, PAGES);
	cr_assert(eq(u64, append(&made, 'a', 80), 2u << 14 | 0x4040 / 8));
	cr_assert(eq(u64, append(&made, 'b', 100), 2u << 14 | (0x4040 + 0x30 + 80) / 8));
	cr_assert(eq(u64, append(&made, 'c', 8), 2u << 14 | (0x4040 + 2 * 0x30 + 80 + 104) / 8));
	open_made(&open, &made);
	cr_expect(eq(int, open.log.content, LOG_WINDOWS));
	cr_expect(eq(uint, open.log.layout.sequence_bits, 50));
	cr_expect(eq(u64, open.log.layout.ring_start, 4 * LOG_PAGE));
	cr_assert(eq(sz, open.log.records.count, 3));
	expect_record(&open, 0, 0x8808, 'a', 80, LOG_RECORD_GAP);
	expect_record(&open, 1, 0x8818, 'b', 100, 0);
	expect_record(&open, 2, 0x882b, 'c', 8, 0);
	cr_expect(eq(u64, lsn_offset(&open.log.layout, 0x882b), 0x4158));
	cr_expect(eq(u64, lsn_pass(&open.log.layout, 0x882b), 2));
	cr_expect(that(log_file_find(&open.log, 0x8818) == &open.log.records.items[1]));
	cr_expect(that(log_file_find(&open.log, 0x8819) == NULL));
	close_made(&open, &made);
}

Test(log_file, records_go_on_over_page_ends_and_over_the_end_of_the_ring)
{
	struct test_log made;
	struct open_log open;
	uint64_t        lsns[64];
	size_t          count = 0;

	log_begin(&made, 1, PAGES);
	for (; made.pass == 2; count++)
		lsns[count] = append(&made, (uint8_t)('A' + count), 5000);
	open_made(&open, &made);
	/* 12 pages of 4032 bytes hold 9 whole records of 5048; the tenth ends in the first page again */
	cr_assert(eq(sz, count, 10));
	cr_assert(eq(sz, open.log.records.count, 9));
	for (size_t i = 1; i < count; i++)
		expect_record(&open, i - 1, lsns[i], (uint8_t)('A' + i), 5000, i == 1 ? LOG_RECORD_GAP : 0);
	close_made(&open, &made);
}

Test(log_file, what_is_left_of_an_older_pass_comes_first)
{
	struct test_log made;
	struct open_log open;
	uint64_t        old, young;

	log_begin(&made, 1, PAGES);
	for (size_t i = 0; i < 11; i++, log_turn_page(&made))
		append(&made, 'o', 100);
	old = append(&made, 'o', 100);
	log_turn_page(&made);
	young = append(&made, 'y', 100);
	open_made(&open, &made);
	cr_assert(eq(sz, open.log.records.count, 12));
	expect_record(&open, 0, 2u << 14 | 0x5040 / 8, 'o', 100, LOG_RECORD_GAP);
	expect_record(&open, 10, old, 'o', 100, 0);
	expect_record(&open, 11, young, 'y', 100, 0);
	cr_expect(eq(u64, young, 3u << 14 | 0x4040 / 8));
	close_made(&open, &made);
}

struct copy_case {
	unsigned major;
	size_t   pages, ring, copy;
};

ParameterizedTestParameters(log_file, a_copy_has_what_its_page_has_not_yet)
{
	static struct copy_case cases[] = { { 1, 16, 4, 2 }, { 1, 16, 4, 3 }, { 2, 48, 34, 2 }, { 2, 48, 34, 33 } };

	return CASES(struct copy_case, cases);
}

ParameterizedTest(struct copy_case *c, log_file, a_copy_has_what_its_page_has_not_yet)
{
	struct test_log made;
	struct open_log open;
	uint8_t         before[LOG_PAGE];
	uint64_t        first, second, third;

	log_begin(&made, c->major, c->pages);
	first = append(&made, 'a', 3900);
	second = append(&made, 'b', 400); /* over the page's end */
	memcpy(before, made.blob.at + (c->ring + 1) * LOG_PAGE, LOG_PAGE);
	third = append(&made, 'c', 50);
	log_copy(&made, c->ring + 1, c->copy);
	memcpy(made.blob.at + (c->ring + 1) * LOG_PAGE, before, LOG_PAGE);
	open_made(&open, &made);
	cr_expect(eq(u64, open.log.layout.ring_start, c->ring * LOG_PAGE));
	cr_assert(eq(sz, open.log.records.count, 3));
	expect_record(&open, 0, first, 'a', 3900, LOG_RECORD_GAP);
	expect_record(&open, 1, second, 'b', 400, 0);
	expect_record(&open, 2, third, 'c', 50, 0);
	cr_expect(eq(u64, open.log.pages.items[open.log.records.items[2].page].offset, c->copy * LOG_PAGE));
	close_made(&open, &made);
}

Test(log_file, a_page_that_has_a_record_only_as_copy_lends_it_its_end)
{
	struct test_log made;
	struct open_log open;
	uint64_t        lsn;

	log_begin(&made, 1, PAGES);
	append(&made, 'a', 3900);
	lsn = append(&made, 'b', 400);
	log_copy(&made, 5, 2);
	memset(made.blob.at + 5 * LOG_PAGE, 0xff, LOG_PAGE);
	open_made(&open, &made);
	cr_assert(eq(sz, open.log.records.count, 2));
	expect_record(&open, 1, lsn, 'b', 400, 0);
	close_made(&open, &made);
}

Test(log_file, a_page_without_beginnings_may_be_a_copy_too)
{
	struct test_log made;
	struct open_log open;
	uint64_t        lsn;

	log_begin(&made, 2, 48);
	lsn = append(&made, 'a', 9000);
	log_copy(&made, 35, 7);
	memset(made.blob.at + 35 * LOG_PAGE, 0xff, LOG_PAGE);
	open_made(&open, &made);
	cr_assert(eq(sz, open.log.records.count, 1));
	expect_record(&open, 0, lsn, 'a', 9000, LOG_RECORD_GAP);
	close_made(&open, &made);
}

Test(log_file, a_torn_stride_spoils_only_what_lies_in_it)
{
	struct test_log made;
	struct open_log open;
	uint64_t        lsns[3];

	log_begin(&made, 1, PAGES);
	for (size_t i = 0; i < 3; i++)
		lsns[i] = append(&made, 'x', 424 + 512 * (i == 1)); /* 0x40, 0x218, 0x5f0 .. 0x7c8 */
	log_finish(&made);
	put_le16(made.blob.at + 4 * LOG_PAGE + 0x5fe, 99);
	open_bytes(&open, made.blob);
	cr_assert(eq(sz, open.log.records.count, 3));
	cr_expect(eq(uint, open.log.records.items[0].flags, LOG_RECORD_GAP));
	cr_expect(eq(uint, open.log.records.items[1].flags, LOG_RECORD_TORN));
	cr_expect(eq(uint, open.log.records.items[2].flags, LOG_RECORD_TORN));
	cr_expect(eq(u64, open.log.records.items[2].lsn, lsns[2]));
	close_made(&open, &made);
}

Test(log_file, a_whole_copy_is_better_than_a_torn_page)
{
	struct test_log made;
	struct open_log open;
	uint64_t        first, second;

	log_begin(&made, 1, PAGES);
	first = append(&made, 'a', 3800);
	second = append(&made, 'b', 1000); /* over the page's end */
	log_copy(&made, 4, 3);
	log_copy(&made, 5, 2);
	log_finish(&made);
	put_le16(made.blob.at + 4 * LOG_PAGE + 0x1fe, 99);
	put_le16(made.blob.at + 5 * LOG_PAGE + 0x1fe, 99);
	open_bytes(&open, made.blob);
	cr_assert(eq(sz, open.log.records.count, 2));
	expect_record(&open, 0, first, 'a', 3800, LOG_RECORD_GAP);
	expect_record(&open, 1, second, 'b', 1000, 0);
	close_made(&open, &made);
}

Test(log_file, a_lost_page_is_a_gap_and_cuts_what_ran_into_it)
{
	struct test_log made;
	struct open_log open;
	uint64_t        lsns[4];

	log_begin(&made, 1, PAGES);
	lsns[0] = append(&made, 'a', 100);
	lsns[1] = append(&made, 'b', 6000);
	lsns[2] = append(&made, 'c', 3000);
	lsns[3] = append(&made, 'd', 100);
	memset(made.blob.at + 5 * LOG_PAGE, 0, LOG_PAGE);
	open_made(&open, &made);
	cr_assert(eq(sz, open.log.records.count, 3));
	expect_record(&open, 1, lsns[1], 'b', LOG_PAGE - LOG_DATA - 2 * 0x30 - 104, LOG_RECORD_CUT);
	expect_record(&open, 2, lsns[3], 'd', 100, LOG_RECORD_GAP);
	close_made(&open, &made);
}

Test(log_file, a_page_of_another_time_does_not_end_a_record)
{
	struct test_log made;
	struct open_log open;

	log_begin(&made, 1, PAGES);
	append(&made, 'a', 3900);
	append(&made, 'b', 400);
	log_turn_page(&made);
	append(&made, 'c', 10);
	/* page 5 as it would be without 'b': its first record begins where 'b' claims to go on */
	memcpy(made.blob.at + 5 * LOG_PAGE, made.blob.at + 6 * LOG_PAGE, LOG_PAGE);
	put_le64(made.blob.at + 5 * LOG_PAGE + 8, 2u << 14 | 0x5040 / 8);
	put_le64(made.blob.at + 5 * LOG_PAGE + LOG_DATA, 2u << 14 | 0x5040 / 8);
	open_made(&open, &made);
	cr_assert(eq(sz, open.log.records.count, 4));
	cr_expect(eq(uint, open.log.records.items[1].flags, LOG_RECORD_CUT));
	cr_expect(eq(uint, open.log.records.items[2].flags, LOG_RECORD_GAP));
	close_made(&open, &made);
}

Test(log_file, a_page_of_an_older_record_does_not_end_a_younger_one)
{
	struct test_log made;
	struct open_log open;

	log_begin(&made, 1, PAGES);
	append(&made, 'a', 3900);
	append(&made, 'b', 400);
	memset(made.blob.at + 5 * LOG_PAGE + LOG_DATA, 'x', LOG_PAGE - LOG_DATA);
	put_le64(made.blob.at + 5 * LOG_PAGE + 8, 2u << 14 | 0x4040 / 8);
	open_made(&open, &made);
	cr_assert(eq(sz, open.log.records.count, 2));
	cr_expect(eq(uint, open.log.records.items[1].flags, LOG_RECORD_CUT));
	close_made(&open, &made);
}

struct lost_case {
	char name[32];
	bool older; /* the page is as it was before the record; else the record's header is destroyed */
	bool told;  /* the next one says what came before it */
};

ParameterizedTestParameters(log_file, a_record_lost_at_the_end_of_a_page_is_a_gap)
{
	static struct lost_case cases[] = { { "header destroyed", false, false }, { "older page", true, true } };

	return CASES(struct lost_case, cases);
}

ParameterizedTest(struct lost_case *c, log_file, a_record_lost_at_the_end_of_a_page_is_a_gap)
{
	struct test_log made;
	struct open_log open;
	uint8_t         before[LOG_PAGE];
	uint64_t        lsn;

	log_begin(&made, 1, PAGES);
	append(&made, 'a', 100);
	memcpy(before, made.blob.at + 4 * LOG_PAGE, LOG_PAGE);
	lsn = append(&made, 'b', 100);
	log_turn_page(&made);
	log_append(&made, 1, 0x18, c->told ? lsn : 0, 0, "c", 1);
	if (c->older)
		memcpy(made.blob.at + 4 * LOG_PAGE, before, LOG_PAGE);
	else
		memset(made.blob.at + lsn % (1 << 14) * 8, 0, 8);
	open_made(&open, &made);
	cr_assert(eq(sz, open.log.records.count, 2), "%s", c->name);
	cr_expect(eq(uint, open.log.records.items[1].flags, LOG_RECORD_GAP), "%s", c->name);
	close_made(&open, &made);
}

struct restart_case {
	char     name[24];
	bool     first, second; /* destroyed */
	bool     torn;          /* the first one is */
	uint64_t current;       /* LSN that the better one has, less than the last */
};

ParameterizedTestParameters(log_file, the_better_restart_page_counts)
{
	static struct restart_case cases[] = {
		{ "both", false, false, false, 0 },
		{ "the second only", true, false, false, 1 },
		{ "the first only", false, true, false, 0 },
		{ "the first is torn", false, false, true, 1 },
		{ "none", true, true, false, 0 },
	};

	return CASES(struct restart_case, cases);
}

ParameterizedTest(struct restart_case *c, log_file, the_better_restart_page_counts)
{
	struct test_log made;
	struct open_log open;
	uint64_t        lsn;

	log_begin(&made, 1, PAGES);
	append(&made, 'a', 5000);
	lsn = append(&made, 'b', 10);
	log_finish(&made);
	if (c->first)
		memset(made.blob.at, 0xff, LOG_PAGE);
	if (c->second)
		memset(made.blob.at + LOG_PAGE, 0, LOG_PAGE);
	if (c->torn)
		put_le16(made.blob.at + 510, 99);
	open_bytes(&open, made.blob);
	cr_expect(eq(int, open.log.has_restart, !c->first || !c->second), "%s", c->name);
	if (open.log.has_restart)
		cr_expect(eq(u64, open.log.restart.current_lsn, lsn - c->current), "%s", c->name);
	cr_expect(eq(uint, open.log.layout.sequence_bits, 50), "%s", c->name);
	cr_assert(eq(sz, open.log.records.count, 2), "%s", c->name);
	expect_record(&open, 0, 0x8808, 'a', 5000, LOG_RECORD_GAP);
	close_made(&open, &made);
}

Test(log_file, pages_agree_on_the_layout_where_the_size_is_lost_too)
{
	struct test_log made;
	struct open_log open;
	struct blob     larger = blob_zero(64 * LOG_PAGE); /* a log of this size has 48 bits */

	log_begin(&made, 1, PAGES);
	for (size_t i = 0; i < 13; i++)
		append(&made, 'a', 4000);
	log_finish(&made);
	memcpy(larger.at + 2 * LOG_PAGE, made.blob.at + 2 * LOG_PAGE, made.blob.size - 2 * LOG_PAGE);
	open_bytes(&open, larger);
	cr_expect(eq(uint, open.log.layout.sequence_bits, 50));
	cr_expect(eq(sz, open.log.records.count, 11)); /* the last two lie where the first two were */
	close_made(&open, &made);
	free(larger.at);
}

Test(log_file, pages_in_any_order_are_a_log)
{
	struct test_log made;
	struct open_log open;
	struct blob     pages = blob_zero(5 * LOG_PAGE);

	log_begin(&made, 1, PAGES);
	for (uint8_t i = 0; i < 5; i++)
		append(&made, i, 3600);
	log_finish(&made);
	for (size_t i = 0; i < 5; i++)
		memcpy(pages.at + i * LOG_PAGE, made.blob.at + (8 - i) * LOG_PAGE, LOG_PAGE);
	open_bytes(&open, pages);
	cr_assert(eq(sz, open.log.records.count, 5));
	for (uint8_t i = 0; i < 5; i++)
		expect_record(&open, i, open.log.records.items[i].lsn, i, 3600, i ? 0 : LOG_RECORD_GAP);
	close_made(&open, &made);
	free(pages.at);
}

Test(log_file, ours_is_said_to_be_ours)
{
	struct test_log    made;
	struct open_log    open;
	struct redo_header header = { .state = REDO_RUNNING, .serial = 1, .size_bytes = 1 << 20, .step = "capture" };

	log_begin(&made, 1, PAGES);
	append(&made, 'a', 10);
	log_finish(&made);
	redo_header_encode(&header, (struct redo_header_disk *)made.blob.at);
	open_bytes(&open, made.blob);
	cr_expect(eq(int, open.log.content, LOG_RUN));
	cr_expect(eq(sz, open.log.records.count, 0));
	log_file_release(&open.log);
	made.blob.at[0x100] ^= 1;
	open_bytes(&open, made.blob);
	cr_expect(eq(int, open.log.content, LOG_STRANGE));
	cr_expect(eq(sz, open.log.records.count, 0));
	close_made(&open, &made);
}

Test(log_file, an_empty_one_has_nothing)
{
	struct blob     sample = sample_load("ntfs/dfir_ntfs/LogFile_empty.bin"), nothing = blob_zero(0);
	struct open_log open;

	open_bytes(&open, sample);
	cr_expect(eq(int, open.log.content, LOG_EMPTY));
	cr_expect(eq(sz, open.log.records.count, 0));
	log_file_release(&open.log);
	open_bytes(&open, nothing);
	cr_expect(eq(sz, open.log.records.count, 0));
	log_file_release(&open.log);
	free(sample.at);
	free(nothing.at);
}

TheoryDataPoints(log_file, damage_stays_inside) = {
	DataPoints(uint64_t, 1, 2, 3, 4),
	DataPoints(size_t, 1, 20, 2000), /* bytes that change */
	DataPoints(bool, false, true),   /* fix-ups made to fit again */
};

Theory((uint64_t seed, size_t bytes, bool fixed), log_file, damage_stays_inside)
{
	struct test_log   made;
	struct open_log   open;
	struct log_record record;
	struct error      err;

	log_begin(&made, 1, PAGES);
	for (uint8_t i = 0; i < 30; i++)
		append(&made, i, dice(&seed) % 3000);
	if (!fixed)
		log_finish(&made);
	for (size_t i = 0; i < bytes; i++)
		made.blob.at[dice(&seed) % made.blob.size] = (uint8_t)dice(&seed);
	if (fixed)
		log_finish(&made);
	open_bytes(&open, made.blob);
	for (size_t i = 0; i < open.log.records.count; i++) {
		cr_assert(eq(int, log_file_record(&open.log, i, &record, &err), 0));
		cr_assert(le(sz, record.data.left, record.place.data_bytes));
		cr_assert(that(i == 0 || record.place.lsn > open.log.records.items[i - 1].lsn));
	}
	close_made(&open, &made);
}

/* -------- by others -------- */

Test(log_page, a_page_with_a_checksum_has_no_fix_ups)
{
	struct blob     sample = sample_load("ntfs/dfir_ntfs/rcrd_dax.bin"), page = blob_zero(LOG_PAGE);
	struct log_page decoded;
	struct error    err;

	memcpy(page.at, sample.at, sample.size); /* the rest of it are zeroes */
	cr_assert(eq(int, log_page_decode(page.at, page.size, 0, &decoded, &err), 0), "%s", err.text);
	cr_expect(eq(u64, decoded.torn, 0));
	cr_expect(that(memcmp(page.at, sample.at, sample.size) == 0));
	page.at[520] = 255;
	cr_assert(eq(int, log_page_decode(page.at, page.size, 0, &decoded, &err), 0), "%s", err.text);
	cr_expect(ne(u64, decoded.torn, 0));
	free(sample.at);
	free(page.at);
}

Test(log_page, a_page_by_itself_has_records)
{
	struct blob       sample = sample_load("ntfs/securityronin/real_logfile_rcrd_page.bin");
	struct log_layout layout = log_layout_default(64 << 20);
	struct log_page   page;
	struct log_header header;
	struct error      err;
	size_t            at = 0, count = 0;
	uint64_t          last = 0;

	cr_assert(eq(int, log_page_decode(sample.at, sample.size, 0, &page, &err), 0), "%s", err.text);
	for (; log_page_next(&page, &layout, page.last_lsn - page.last_lsn % (LOG_PAGE / 8), &at, &header);
	     at += layout.header_bytes + header.data_bytes, last = header.lsn)
		count++;
	cr_expect(gt(sz, count, 1));
	cr_expect(eq(u64, last, page.last_lsn));
	free(sample.at);
}

struct sample_case {
	char     path[48];
	unsigned major;
	unsigned bits;
	uint64_t current; /* LSN of the newer restart page */
	size_t   least;   /* records that a reader of its own found by links alone */
	size_t   gaps;    /* where pages of the file are cut off or of another pass */
};

ParameterizedTestParameters(log_file, real_logs_are_whole)
{
	static struct sample_case cases[] = {
		{ "ntfs/dfir_ntfs/LogFile_7.bin", 1, 42, 0x80541d, 764, 1 },
		{ "ntfs/dfir_ntfs/LogFile_10.bin", 2, 43, 0x806158, 521, 3 },
		{ "ntfs/dfir_ntfs/LogFile_10_downgraded.bin", 1, 43, 0x8064af, 480, 3 },
		{ "ntfs/dfir_ntfs/LogFile_10_large.bin", 2, 43, 0x406e75, 399, 1 },
	};

	return CASES(struct sample_case, cases);
}

ParameterizedTest(struct sample_case *c, log_file, real_logs_are_whole)
{
	struct blob       sample = sample_load(c->path);
	struct open_log   open;
	struct log_record record;
	struct log_change change;
	struct error      err;
	size_t            gaps = 0;

	open_bytes(&open, sample);
	cr_expect(eq(uint, open.log.restart.major, c->major));
	cr_expect(eq(uint, open.log.layout.sequence_bits, c->bits));
	cr_expect(eq(u64, open.log.restart.current_lsn, c->current));
	cr_expect(that(log_file_find(&open.log, c->current) != NULL), "%s", c->path);
	cr_expect(ge(sz, open.log.records.count, c->least));
	for (size_t i = 0; i < open.log.records.count; i++) {
		gaps += (open.log.records.items[i].flags & LOG_RECORD_GAP) != 0;
		cr_expect(that(!(open.log.records.items[i].flags & LOG_RECORD_TORN)));
		cr_assert(eq(int, log_file_record(&open.log, i, &record, &err), 0));
		if (record.place.type == LOG_RECORD_CHANGE && !(record.place.flags & LOG_RECORD_CUT))
			cr_expect(eq(int, log_change_decode(record.data, &change, &err), 0), "LSN %#lx", record.place.lsn);
	}
	cr_expect(eq(sz, gaps, c->gaps));
	log_file_release(&open.log);
	free(sample.at);
}
