/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_hive_log.c - logs put together here, field by field, as the description of the format has them
 *
 * Three states of one hive: empty, with a key "One", with another key "Two".  A log has what leads from one
 * to the next.
 */
#include "tests/unit/registry.h"

#include "recover/registry/hive_format.h"
#include "recover/registry/marvin.h"

static struct blob states[3];
static struct blob logs[HIVE_LOGS];

static void make_states(void)
{
	states[0] = hive_empty();
	states[1] = hive_with_key(states[0], "One");
	states[2] = hive_with_key(states[1], "Two");
}

static void free_all(void)
{
	for (size_t i = 0; i < COUNT(states); i++)
		free(states[i].at);
	for (size_t i = 0; i < COUNT(logs); i++)
		free(logs[i].at);
}

TestSuite(hive_log, .init = make_states, .fini = free_all);

/* The first state in the midst of being written: sequence numbers 11 and 10. */
static void begin_writing(struct blob hive)
{
	put_le32(hive.at + 4, 11);
	put_le32(hive.at + 8, 10);
	hive_seal(hive.at);
}

static void append(struct blob *blob, const void *data, size_t size)
{
	blob->at = realloc(blob->at, blob->size + size);
	memcpy(blob->at + blob->size, data, size);
	blob->size += size;
}

static void append_number(struct blob *blob, uint32_t number)
{
	uint8_t bytes[4];

	put_le32(bytes, number);
	append(blob, bytes, sizeof bytes);
}

static void append_zeros(struct blob *blob, size_t alignment)
{
	static const uint8_t zeros[4096];

	append(blob, zeros, (alignment - blob->size % alignment) % alignment);
}

static void begin_log(struct blob *log, uint32_t type, uint32_t sequence, struct blob hive)
{
	append(log, hive.at, 512);
	put_le32(log->at + 4, sequence);
	put_le32(log->at + 8, sequence);
	put_le32(log->at + 0x1c, type);
	hive_seal(log->at);
}

static bool page_differs(struct blob from, struct blob to, size_t at, size_t size)
{
	return at >= from.size || memcmp(from.at + at, to.at + at, size) != 0;
}

/* An entry with the pages that lead from one state to another. */
static void add_entry(struct blob *log, uint32_t sequence, struct blob from, struct blob to)
{
	struct blob entry = { 0 }, pages = { 0 };
	uint32_t    count = 0;

	append(&entry, "HvLE", 4);
	for (int i = 0; i < 9; i++)
		append_number(&entry, 0);
	for (size_t at = 4096; at < to.size; at += 4096)
		if (page_differs(from, to, at, 4096)) {
			append_number(&entry, (uint32_t)at - 4096);
			append_number(&entry, 4096);
			append(&pages, to.at + at, 4096);
			count++;
		}
	append(&entry, pages.at, pages.size);
	append_zeros(&entry, 512);
	put_le32(entry.at + 4, (uint32_t)entry.size);
	put_le32(entry.at + 12, sequence);
	put_le32(entry.at + 16, (uint32_t)to.size - 4096);
	put_le32(entry.at + 20, count);
	put_le64(entry.at + 24, marvin32(0x82ef4d887a4e55c5, entry.at + 40, entry.size - 40));
	put_le64(entry.at + 32, marvin32(0x82ef4d887a4e55c5, entry.at, 32));
	append(log, entry.at, entry.size);
	free(entry.at);
	free(pages.at);
}

static struct hive open_with_logs(struct blob primary)
{
	struct bytes given[HIVE_LOGS] = { { logs[0].at, logs[0].size, 0 }, { logs[1].at, logs[1].size, 0 } };
	struct hive  hive;
	struct error err;

	cr_assert(eq(int, hive_open(&hive, "test", blob_bytes(primary, 0), given, false, &err), 0), "%s",
		  err.text);
	return hive;
}

static void expect(struct blob primary, enum hive_state state, bool one, bool two)
{
	struct hive hive = open_with_logs(primary);

	cr_expect(eq(int, hive.state, state));
	cr_expect(eq(int, hive_has(&hive, "One"), one));
	cr_expect(eq(int, hive_has(&hive, "Two"), two));
	hive_close(&hive);
}

Test(hive_log, a_clean_hive_has_no_use_for_them)
{
	begin_log(&logs[0], 6, 1, states[0]);
	add_entry(&logs[0], 1, states[0], states[1]);
	expect(states[0], HIVE_CLEAN, false, false);
}

Test(hive_log, without_logs_the_hive_is_behind)
{
	begin_writing(states[0]);
	expect(states[0], HIVE_BEHIND, false, false);
}

Test(hive_log, entries_of_one_log_are_put_in_place)
{
	struct hive hive;

	begin_writing(states[0]);
	begin_log(&logs[0], 6, 10, states[0]);
	add_entry(&logs[0], 10, states[0], states[1]);
	add_entry(&logs[0], 11, states[1], states[2]);
	expect(states[0], HIVE_LOGS_APPLIED, true, true);
	hive = open_with_logs(states[0]);
	cr_expect(eq(int, le32_at(hive.opened.at + 4), 11));
	cr_expect(eq(int, le32_at(hive.opened.at + 8), 11));
	cr_expect(eq(sz, hive.opened.left, states[2].size));
	cr_expect(eq(int, memcmp(hive.opened.at + 4096, states[2].at + 4096, states[2].size - 4096), 0));
	hive_close(&hive);
}

Test(hive_log, entries_of_two_logs_whichever_is_first)
{
	begin_writing(states[0]);
	begin_log(&logs[0], 6, 11, states[1]);
	add_entry(&logs[0], 11, states[1], states[2]);
	begin_log(&logs[1], 6, 10, states[0]);
	add_entry(&logs[1], 10, states[0], states[1]);
	expect(states[0], HIVE_LOGS_APPLIED, true, true);
}

Test(hive_log, logs_that_do_not_follow_each_other)
{
	begin_writing(states[0]);
	begin_log(&logs[0], 6, 10, states[0]);
	add_entry(&logs[0], 10, states[0], states[1]);
	begin_log(&logs[1], 6, 12, states[1]);
	add_entry(&logs[1], 12, states[1], states[2]);
	expect(states[0], HIVE_LOGS_APPLIED, true, false);
}

Test(hive_log, what_is_torn_or_old_ends_it)
{
	begin_writing(states[0]);
	begin_log(&logs[0], 6, 10, states[0]);
	add_entry(&logs[0], 10, states[0], states[1]);
	add_entry(&logs[0], 9, states[1], states[2]); /* of an earlier time */
	expect(states[0], HIVE_LOGS_APPLIED, true, false);
	put_le32(logs[0].at + 512 + 100, 0xdeadbeef); /* the first, too */
	expect(states[0], HIVE_BEHIND, false, false);
}

Test(hive_log, any_damaged_byte_of_an_entry_is_noticed)
{
	begin_writing(states[0]);
	begin_log(&logs[0], 6, 10, states[0]);
	add_entry(&logs[0], 10, states[0], states[1]);
	for (size_t at = 512; at < logs[0].size; at += at < 600 ? 1 : 97) {
		logs[0].at[at] ^= 1;
		expect(states[0], HIVE_BEHIND, false, false);
		logs[0].at[at] ^= 1;
	}
}

Test(hive_log, logs_from_before_the_hive_are_left)
{
	begin_writing(states[0]);
	begin_log(&logs[0], 6, 9, states[0]);
	add_entry(&logs[0], 9, states[0], states[1]);
	add_entry(&logs[0], 10, states[1], states[2]);
	expect(states[0], HIVE_BEHIND, false, false);
}

Test(hive_log, a_torn_base_block_comes_from_the_latest_log)
{
	begin_writing(states[0]);
	begin_log(&logs[0], 6, 10, states[0]);
	add_entry(&logs[0], 10, states[0], states[1]);
	states[0].at[0x30] ^= 1;
	expect(states[0], HIVE_LOGS_APPLIED, true, false);
	free(logs[0].at);
	logs[0] = (struct blob){ 0 };
	struct hive  hive;
	struct error err;

	cr_expect(eq(int, hive_open(&hive, "test", blob_bytes(states[0], 0), NO_LOGS, false, &err), -1));
	cr_expect(eq(u64, err.offset, 0x1fc));
	cr_expect(eq(str, err.path, (char *)"test"));
	hive_close(&hive);
}

Test(hive_log, a_page_outside_of_the_hive_is_refused)
{
	begin_writing(states[0]);
	begin_log(&logs[0], 6, 10, states[0]);
	add_entry(&logs[0], 10, states[0], states[1]);
	put_le32(logs[0].at + 512 + 40,
		 (uint32_t)states[1].size - 4096); /* its offset, and the checksums set right */
	put_le64(logs[0].at + 512 + 24,
		 marvin32(0x82ef4d887a4e55c5, logs[0].at + 512 + 40, logs[0].size - 512 - 40));
	put_le64(logs[0].at + 512 + 32, marvin32(0x82ef4d887a4e55c5, logs[0].at + 512, 32));
	expect(states[0], HIVE_BEHIND, false, false);
}

/* -------- the old form -------- */

static void make_old_log(struct blob *log, struct blob from, struct blob to)
{
	struct blob bitmap = blob_zero((to.size - 4096) / 512 / 8), pages = { 0 };

	begin_log(log, 1, 11, to);
	append(log, "DIRT", 4);
	for (size_t at = 4096; at < to.size; at += 512)
		if (page_differs(from, to, at, 512)) {
			size_t bit = (at - 4096) / 512;

			bitmap.at[bit / 8] |= (uint8_t)(1 << bit % 8);
			append(&pages, to.at + at, 512);
		}
	append(log, bitmap.at, bitmap.size);
	append_zeros(log, 512);
	append(log, pages.at, pages.size);
	free(bitmap.at);
	free(pages.at);
}

Test(hive_log, the_old_form_is_put_in_place)
{
	begin_writing(states[0]);
	make_old_log(&logs[0], states[0], states[1]);
	expect(states[0], HIVE_LOGS_APPLIED, true, false);
}

Test(hive_log, the_old_form_of_another_time_is_left)
{
	begin_writing(states[0]);
	make_old_log(&logs[0], states[0], states[1]);
	put_le64(logs[0].at + 12, 1);
	hive_seal(logs[0].at);
	expect(states[0], HIVE_BEHIND, false, false);
}

Test(hive_log, the_old_form_cut_off_is_left)
{
	begin_writing(states[0]);
	make_old_log(&logs[0], states[0], states[1]);
	logs[0].size -= 512;
	expect(states[0], HIVE_BEHIND, false, false);
}

Test(hive_log, the_second_old_log_where_the_first_is_none)
{
	begin_writing(states[0]);
	make_old_log(&logs[1], states[0], states[2]);
	expect(states[0], HIVE_LOGS_APPLIED, true, true);
}

Test(hive_log, a_torn_base_block_comes_from_the_old_log_of_its_first_bin)
{
	begin_writing(states[0]);
	make_old_log(&logs[0], states[0], states[1]);
	states[0].at[0x30] ^= 1;
	expect(states[0], HIVE_LOGS_APPLIED, true, false);
}
