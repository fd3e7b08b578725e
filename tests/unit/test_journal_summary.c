/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_journal_summary.c - expected values: days told by hand */
#include "tests/unit/unit.h"
#include "tests/unit/usn.h"

#include "core/ntfs_time.h"
#include "scan/recall/journal_summary.h"

#define ROOT   0x0005000000000005
#define SECOND NTFS_TIME_PER_SECOND

struct day {
	struct usn_history history;
	uint64_t           usn, time;
	struct journal_summary summary;
};

/* Three folders: a store, one in it, one beside it. */
static const file_ref store = 0x0002000000000028, inner = 0x0002000000000029, users = 0x000200000000002a;

/* The next record, @pause after the one before.  Returns its USN. */
static uint64_t act(struct day *day, uint64_t pause, file_ref file, file_ref parent, uint32_t reasons,
		    uint32_t attributes)
{
	struct usn_test   test = { .version = 2,
				   .time = USN_TEST_TIME + (day->time += pause),
				   .file = file,
				   .parent = parent,
				   .reasons = reasons,
				   .name = "x",
				   .attributes = attributes };
	uint8_t           bytes[64]; /* 0x3c and the name, filled up */
	struct usn_record record;
	struct error      err;

	test.usn = day->usn;
	day->usn += usn_test_put(bytes, &test);
	cr_assert(eq(int, usn_record_decode((struct bytes){ bytes, sizeof bytes, test.usn }, &record, &err), 0));
	cr_assert(eq(int, usn_history_add(&day->history, &record, USN_FROM_JOURNAL, &err), 0));
	return test.usn;
}

static void delete (struct day *day, uint64_t pause, file_ref parent, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		act(day, i ? SECOND / 100 : pause, file_ref_make(first + i, 1), parent, USN_FILE_DELETE | USN_CLOSE, 0);
}

static void sum_up(struct day *day, const file_ref *folders, size_t count)
{
	struct error err;

	cr_assert(eq(int, usn_history_build(&day->history, &err), 0));
	cr_assert(eq(int, journal_summarise(&day->history, folders, count, &day->summary, &err), 0));
}

Test(journal_summary, wipe_and_loss_of_a_store_are_told_apart)
{
	struct day                  day = { .usn = 4096 };
	const struct journal_burst *bursts = day.summary.bursts;
	uint64_t                    made, wiped, lost;

	made = act(&day, 0, store, ROOT, USN_FILE_CREATE, 0x10);
	act(&day, SECOND, inner, store, USN_FILE_CREATE, 0x10);
	act(&day, 0, inner, store, USN_FILE_CREATE | USN_CLOSE, 0x10);
	act(&day, 0, file_ref_make(900, 1), users, USN_FILE_CREATE, 0); /* not in the store */
	wiped = day.usn;
	delete (&day, 60 * SECOND, users, 1000, 300);
	delete (&day, 11 * SECOND, users, 2000, 99); /* too few */
	lost = day.usn;
	delete (&day, 600 * SECOND, inner, 3000, 150);
	act(&day, 0, inner, store, USN_FILE_DELETE | USN_CLOSE, 0x10);
	act(&day, 0, store, ROOT, USN_FILE_DELETE | USN_CLOSE, 0x10);
	act(&day, SECOND, file_ref_make(5000, 1), users, USN_FILE_CREATE, 0);
	act(&day, SECOND, file_ref_make(5000, 1), users, USN_FILE_CREATE | USN_DATA_EXTEND | USN_CLOSE, 0);
	act(&day, SECOND, file_ref_make(5001, 1), users, USN_DATA_OVERWRITE, 0);
	act(&day, SECOND, file_ref_make(5002, 1), users, USN_HARD_LINK_CHANGE | USN_CLOSE, 0); /* writes nothing */
	act(&day, SECOND, users, ROOT, USN_FILE_CREATE, 0x10);
	sum_up(&day, &store, 1);

	cr_expect(eq(u64, day.summary.all.first.usn, 4096));
	cr_expect(eq(u64, day.summary.all.last.time, USN_TEST_TIME + day.time));
	cr_expect(eq(u64, day.summary.all.files, 1 + 300 + 99 + 150 + 3));
	cr_expect(eq(u64, day.summary.all.folders, 3));
	cr_expect(eq(u64, day.summary.created.first.usn, made));
	cr_expect(eq(u64, day.summary.created.folders, 2));
	cr_expect(eq(u64, day.summary.created.files, 0));
	cr_expect(eq(u64, day.summary.deleted.first.usn, lost));
	cr_expect(eq(u64, day.summary.deleted.last.usn, lost + 151 * 64));
	cr_expect(eq(u64, day.summary.deleted.files, 150));
	cr_expect(eq(u64, day.summary.deleted.folders, 2));
	cr_assert(eq(sz, day.summary.burst_count, 2));
	cr_expect(eq(u64, bursts[0].deleted.first.usn, wiped));
	cr_expect(eq(u64, bursts[0].deleted.first.time, USN_TEST_TIME + 61 * SECOND));
	cr_expect(eq(u64, bursts[0].deleted.last.time, USN_TEST_TIME + 61 * SECOND + 299 * (SECOND / 100)));
	cr_expect(eq(u64, bursts[0].deleted.files, 300));
	cr_expect(eq(u64, bursts[0].below, 0));
	cr_expect(eq(u64, bursts[0].written, 2));
	cr_expect(eq(u64, bursts[1].deleted.first.usn, lost));
	cr_expect(eq(u64, bursts[1].deleted.files, 150));
	cr_expect(eq(u64, bursts[1].below, 152));
	cr_expect(eq(u64, bursts[1].written, 2));
	usn_history_release(&day.history);
}

Test(journal_summary, of_many_bursts_the_largest_are_kept)
{
	struct day day = { 0 };

	for (uint32_t i = 0; i < JOURNAL_BURSTS_MAX + 3; i++)
		delete (&day, 60 * SECOND, users, 1000 + 1000 * i, i == 1 || i > JOURNAL_BURSTS_MAX ? 200 : 100 + i % 2);
	sum_up(&day, NULL, 0);
	cr_assert(eq(sz, day.summary.burst_count, JOURNAL_BURSTS_MAX));
	cr_expect(eq(u64, day.summary.bursts[0].deleted.files, 200), "the second of all");
	cr_expect(eq(u64, day.summary.bursts[JOURNAL_BURSTS_MAX - 1].deleted.files, 200));
	cr_expect(eq(u64, day.summary.bursts[JOURNAL_BURSTS_MAX - 2].deleted.files, 200));
	for (size_t i = 1; i < JOURNAL_BURSTS_MAX; i++)
		cr_expect(lt(u64, day.summary.bursts[i - 1].deleted.last.usn, day.summary.bursts[i].deleted.first.usn));
	cr_expect(eq(u64, day.summary.deleted.files, 0));
	cr_expect(eq(u64, day.summary.deleted.first.time, 0));
	usn_history_release(&day.history);
}

/* Folders that say that they lie in each other. */
Test(journal_summary, circle_of_folders_ends)
{
	struct day day = { 0 };

	act(&day, 0, inner, users, USN_DATA_EXTEND | USN_CLOSE, 0x10);
	act(&day, 0, users, inner, USN_DATA_EXTEND | USN_CLOSE, 0x10);
	act(&day, 0, file_ref_make(77, 1), users, USN_FILE_DELETE | USN_CLOSE, 0);
	sum_up(&day, &inner, 1);
	cr_expect(eq(u64, day.summary.deleted.files, 1));
	cr_expect(eq(sz, day.summary.burst_count, 0));
	usn_history_release(&day.history);
}

Test(journal_summary, journal_without_records_is_empty)
{
	struct day day = { 0 };

	sum_up(&day, &store, 1);
	cr_expect(eq(u64, day.summary.all.files, 0));
	cr_expect(eq(u64, day.summary.all.first.time, 0));
	cr_expect(eq(sz, day.summary.burst_count, 0));
}
