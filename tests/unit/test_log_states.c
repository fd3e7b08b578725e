/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FILE records as they were. */
#include "tests/unit/log_told.h"

#include "core/endian.h"

#define PAGES 24u

Test(log_states, a_freed_record_is_told_as_it_was)
{
	struct test_log    made;
	struct told        told;
	const struct kept *fact;
	uint8_t            image[1024], link[256];
	size_t             in_use = make_record(image, 4, ROOT, "first"), size = make_file_name(link, ROOT, "second", 1);
	uint64_t           made_at, linked, freed;

	log_begin(&made, 1, PAGES);
	made_at = log_change(&made, (struct test_change){
		.redo = LOG_INITIALIZE_FILE_RECORD, .redo_data = image, .redo_size = in_use, .vcn = 9 });
	linked = log_change(&made, (struct test_change){ .redo = LOG_CREATE_ATTRIBUTE, .undo = LOG_DELETE_ATTRIBUTE, .redo_data = link,
							 .redo_size = size, .record_offset = (uint16_t)(in_use - 8), .vcn = 9 });
	put_le16(image + 0x12, 2);
	freed = log_change(&made, (struct test_change){ .redo = LOG_DEALLOCATE_FILE_RECORD, .undo = LOG_INITIALIZE_FILE_RECORD,
							.undo_data = image, .undo_size = 0x1a, .vcn = 9 });
	forget_transaction(&made, freed);
	log_change(&made, (struct test_change){ .redo = LOG_CREATE_ATTRIBUTE, .undo = LOG_DELETE_ATTRIBUTE, .redo_data = link,
						.redo_size = size, .vcn = 9 }); /* of a later life */
	tell(&told, &made);
	fact = fact_of(&told, LOG_FACT_RECORD, 0, 2);
	cr_expect(eq(int, fact->fact.event, LOG_CREATED));
	cr_expect(eq(u64, fact->fact.lsn, made_at));
	fact = fact_of(&told, LOG_FACT_RECORD, 1, 2);
	cr_expect(eq(int, fact->fact.event, LOG_REMOVED));
	cr_expect(eq(u64, fact->fact.lsn, freed));
	cr_expect(eq(u64, fact->fact.file, 36ull | 4ull << 48));
	cr_expect(eq(u64, fact_of(&told, LOG_FACT_NAME, 1, 3)->fact.file, 36ull | 4ull << 48));
	cr_expect(eq(u64, fact_of(&told, LOG_FACT_NAME, 2, 3)->fact.file, 36));
	tell_states(&told);
	fact = fact_of(&told, LOG_FACT_RECORD, 0, 1);
	cr_expect(eq(int, fact->fact.event, LOG_REMOVED));
	cr_expect(eq(u64, fact->fact.lsn, linked));
	cr_expect(eq(sz, fact->fact.bytes.left, in_use + size));
	cr_expect(eq(u16, le16_at(fact->bytes + 0x12), 2));
	cr_expect(eq(str, (char *)fact_of(&told, LOG_FACT_NAME, 0, 2)->name, "first"));
	cr_expect(eq(str, (char *)fact_of(&told, LOG_FACT_NAME, 1, 2)->name, "second"));
	forget(&told, made.blob);
}

Test(log_states, a_state_does_not_reach_over_a_gap)
{
	struct test_log    made;
	struct told        told;
	const struct kept *fact;
	uint8_t            image[1024], link[256];
	size_t             in_use = make_record(image, 4, ROOT, "first"), size = make_file_name(link, ROOT, "second", 1);

	log_begin(&made, 1, PAGES);
	log_change(&made, (struct test_change){
		.redo = LOG_INITIALIZE_FILE_RECORD, .redo_data = image, .redo_size = in_use, .vcn = 9 });
	log_turn_page(&made);
	log_change(&made, (struct test_change){ .redo = LOG_NOOP });
	log_turn_page(&made);
	log_change(&made, (struct test_change){ .redo = LOG_CREATE_ATTRIBUTE, .redo_data = link, .redo_size = size,
						.record_offset = (uint16_t)(in_use - 8), .vcn = 9 });
	memset(made.blob.at + 5 * LOG_PAGE, 0, LOG_PAGE);
	tell(&told, &made);
	tell_states(&told);
	fact = fact_of(&told, LOG_FACT_RECORD, 0, 1);
	cr_expect(eq(sz, fact->fact.bytes.left, in_use));
	cr_expect(eq(str, (char *)fact_of(&told, LOG_FACT_NAME, 0, 1)->name, "first"));
	forget(&told, made.blob);
}

Test(log_states, a_record_is_taken_back_to_an_earlier_lsn)
{
	struct test_log made;
	struct told     told;
	uint8_t         image[1024], record[1024], link[256];
	size_t          in_use = make_record(image, 4, ROOT, "first"), size = make_file_name(link, ROOT, "second", 1);
	uint64_t        lsns[3], state;
	struct error    err;

	log_begin(&made, 1, PAGES);
	lsns[0] = log_change(&made, (struct test_change){ .redo = LOG_INITIALIZE_FILE_RECORD, .undo = LOG_DEALLOCATE_FILE_RECORD,
							  .redo_data = image, .redo_size = in_use, .vcn = 9 });
	lsns[1] = log_change(&made, (struct test_change){ .redo = LOG_CREATE_ATTRIBUTE, .undo = LOG_DELETE_ATTRIBUTE, .redo_data = link,
							  .redo_size = size, .record_offset = 0x38, .vcn = 9 });
	lsns[2] = log_change(&made, (struct test_change){ .redo = LOG_DEALLOCATE_FILE_RECORD, .undo = LOG_INITIALIZE_FILE_RECORD,
							  .undo_data = image, .undo_size = 0x10, .vcn = 9 });
	tell(&told, &made);
	memcpy(record, image, sizeof record);
	memmove(record + 0x38 + size, record + 0x38, in_use - 0x38);
	memcpy(record + 0x38, link, size);
	put_le32(record + 0x18, (uint32_t)(in_use + size));
	put_le16(record + 0x12, 2);
	put_le64(record + 8, lsns[2]);
	cr_expect(eq(int, log_history_rewind(&told.history, 36, record, sizeof record, lsns[1], &state, &err), 1));
	cr_expect(eq(u64, state, lsns[1]));
	put_le64(record + 8, lsns[1]);
	cr_expect(eq(int, log_history_rewind(&told.history, 36, record, sizeof record, 0, &state, &err), 1));
	cr_expect(eq(u64, state, lsns[0])); /* what was there before is not in the log */
	cr_expect(that(memcmp(record + 0x10, image + 0x10, in_use - 0x10) == 0));
	put_le64(record + 8, 12345);
	cr_expect(eq(int, log_history_rewind(&told.history, 36, record, sizeof record, 0, &state, &err), 0));
	cr_expect(eq(u64, state, 0));
	forget(&told, made.blob);
}

/* -------- real logs -------- */

/* Equal from the sequence number on, but for the next instance number (not in the log) and the fix-ups. */
static bool same_record(const uint8_t *a, const uint8_t *b, size_t in_use)
{
	return memcmp(a + 0x10, b + 0x10, 0x18) == 0 && memcmp(a + 0x38, b + 0x38, in_use - 0x38) == 0;
}

/* What the log says of a record's whole life leads to what Windows left on the disk. */
Test(log_states, dftt_records_as_the_log_leaves_them_are_those_on_the_disk)
{
	struct blob  image, log;
	struct told  told;
	uint8_t      record[DFTT_CLUSTER];
	size_t       same = 0;

	open_dftt(&told, &image, &log);
	tell_states(&told);
	for (size_t i = 0; i < told.facts.count; i++) {
		const struct kept *kept = &told.facts.items[i];

		if (kept->fact.kind != LOG_FACT_RECORD)
			continue;
		load_record(image, file_ref_record(kept->fact.file), record);
		if (le64_at(record + 8) != kept->fact.lsn)
			continue; /* freed or used again since, or what is not logged */
		cr_expect(eq(u32, le32_at(record + 0x18), kept->fact.bytes.left));
		cr_expect(that(same_record(record, kept->bytes, kept->fact.bytes.left)), "record %lu", file_ref_record(kept->fact.file));
		same++;
	}
	cr_expect(eq(sz, same, 7));
	forget(&told, log);
	free(image.at);
}

/* And back: taken back to its making, a record is what the log then put there. */
Test(log_states, dftt_records_go_back_to_what_they_were_made_as)
{
	struct blob       image, log;
	struct told       told;
	uint8_t           record[DFTT_CLUSTER];
	struct log_record from;
	struct log_change change;
	struct error      err;
	size_t            same = 0;

	open_dftt(&told, &image, &log);
	for (uint64_t number = 0; number < DFTT_RECORDS; number++) {
		uint64_t state;

		load_record(image, number, record);
		cr_assert(ge(int, log_history_rewind(&told.history, number, record, sizeof record, 0, &state, &err), 0));
		if (!state)
			continue;
		cr_assert(eq(int, log_file_record(&told.log, (size_t)(log_file_find(&told.log, state) - told.log.records.items), &from,
						  &err), 0));
		cr_assert(eq(int, log_change_decode(from.data, &change, &err), 0));
		cr_assert(eq(u16, change.redo, LOG_INITIALIZE_FILE_RECORD), "record %lu", number);
		cr_expect(eq(u32, le32_at(record + 0x18), change.redo_data.left));
		cr_expect(that(same_record(record, change.redo_data.at, change.redo_data.left)), "record %lu", number);
		same++;
	}
	cr_expect(eq(sz, same, 15));
	forget(&told, log);
	free(image.at);
}

TheoryDataPoints(log_states, damage_stays_inside) = {
	DataPoints(uint64_t, 1, 2, 3, 4, 5, 6),
	DataPoints(size_t, 1, 30, 1000),
};

Theory((uint64_t seed, size_t bytes), log_states, damage_stays_inside)
{
	struct test_log made;
	struct told     told;
	uint8_t         image[1024], data[512];
	size_t          in_use = make_record(image, 4, ROOT, "first");
	uint64_t        state;
	struct error    err;

	log_begin(&made, 1, PAGES);
	for (unsigned i = 0; i < 100; i++) {
		size_t size = dice(&seed) % 2 ? make_file_name(data, ROOT, "n", 1) : make_index_entry(data, 30ull | 2ull << 48, ROOT, "m");

		log_change(&made, (struct test_change){
			.redo = LOG_INITIALIZE_FILE_RECORD, .redo_data = image, .redo_size = in_use,
			.vcn = 9 });
		log_change(&made, (struct test_change){ .redo = (uint16_t)(dice(&seed) % 0x26), .undo = (uint16_t)(dice(&seed) % 0x26),
							.redo_data = data, .redo_size = size, .undo_data = data, .undo_size = size,
							.record_offset = (uint16_t)(dice(&seed) % 2 ? 0x38 : dice(&seed)), .vcn = 9,
							.attribute_offset = (uint16_t)(dice(&seed) % 0x60), .target = 0x18 });
	}
	for (size_t i = 0; i < bytes; i++)
		made.blob.at[4 * LOG_PAGE + dice(&seed) % (made.blob.size - 4 * LOG_PAGE)] = (uint8_t)dice(&seed);
	tell(&told, &made);
	tell_states(&told);
	for (size_t i = 0; i < told.history.changes.count; i++) {
		put_le64(image + 8, told.log.records.items[told.history.changes.items[i].index].lsn);
		cr_assert(ge(int, log_history_rewind(&told.history, told.history.changes.items[i].record, image, sizeof image, 0, &state,
						     &err), 0));
	}
	forget(&told, made.blob);
}
