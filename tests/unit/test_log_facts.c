/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a log remembers. */
#include "tests/unit/log_told.h"

#include "core/endian.h"

#define PAGES 24u

Test(log_facts, a_removed_link_is_told_with_its_file)
{
	struct test_log    made;
	struct told        told;
	const struct kept *fact;
	uint64_t           entry, attribute;

	log_begin(&made, 1, PAGES);
	attribute = remove_link(&made, "link.txt", &entry);
	forget_transaction(&made, attribute);
	tell(&told, &made);
	fact = fact_of(&told, LOG_FACT_ENTRY, 0, 1);
	cr_expect(eq(int, fact->fact.event, LOG_REMOVED));
	cr_expect(eq(int, fact->fact.outcome, LOG_LASTING));
	cr_expect(eq(u64, fact->fact.lsn, entry));
	cr_expect(eq(u64, fact->fact.offset, 4 * LOG_PAGE + LOG_DATA));
	cr_expect(eq(u64, fact->fact.file, 30ull | 2ull << 48));
	cr_expect(eq(u64, fact->fact.name.parent, ROOT));
	cr_expect(eq(str, (char *)fact->name, "link.txt"));
	fact = fact_of(&told, LOG_FACT_NAME, 0, 1);
	cr_expect(eq(int, fact->fact.event, LOG_REMOVED));
	cr_expect(eq(u64, fact->fact.lsn, attribute));
	/* VCN 7 of 4096 bytes, four sectors on: record 7 * 4 + 2; its sequence number is in the index entry */
	cr_expect(eq(u64, fact->fact.file, 30ull | 2ull << 48));
	cr_expect(eq(u64, fact->fact.name.parent, ROOT));
	cr_expect(eq(str, (char *)fact->name, "link.txt"));
	forget(&told, made.blob);
}

Test(log_facts, what_is_in_no_directory_is_no_name)
{
	struct test_log made;
	struct told     told;
	uint8_t         entry[256];
	size_t          size = make_index_entry(entry, 30ull | 2ull << 48, ROOT, "x.txt");

	log_begin(&made, 1, PAGES);
	log_change(&made, (struct test_change){ .redo = LOG_NOOP });
	open_attribute(&made, 0x40, 9ull | 9ull << 48, 0xa0, "$\0S\0I\0I", 8);
	log_change(&made, (struct test_change){
		.redo = LOG_ADD_INDEX_ENTRY_ALLOCATION, .target = 0x40, .redo_data = entry,
		.redo_size = size });
	log_change(&made, (struct test_change){
		.redo = LOG_ADD_INDEX_ENTRY_ROOT, .vcn = 2, .redo_data = entry, .redo_size = size });
	put_le16(entry + 0xa, (uint16_t)(size - 0x10)); /* a key that is longer than its name */
	log_change(&made, (struct test_change){
		.redo = LOG_ADD_INDEX_ENTRY_ALLOCATION, .target = 0x68, .redo_data = entry,
		.redo_size = size });
	tell(&told, &made);
	cr_expect(eq(sz, told.facts.count, 0));
	forget(&told, made.blob);
}

Test(log_facts, a_node_that_is_split_shows_its_entries)
{
	struct test_log made;
	struct told     told;
	uint8_t         entries[512];
	size_t          size = make_index_entry(entries, 30ull | 2ull << 48, ROOT, "one");

	size += make_index_entry(entries + size, 31ull | 1ull << 48, ROOT, "two");
	memset(entries + size, 0, 16);
	put_le16(entries + size + 8, 16);
	put_le16(entries + size + 12, 2); /* the last one */
	size += 16;
	log_begin(&made, 1, PAGES);
	log_change(&made, (struct test_change){ .redo = LOG_WRITE_END_OF_INDEX_BUFFER, .undo = LOG_WRITE_END_OF_INDEX_BUFFER,
						.undo_data = entries, .undo_size = size, .redo_data = entries + size - 16, .redo_size = 16 });
	tell(&told, &made);
	cr_expect(eq(str, (char *)fact_of(&told, LOG_FACT_ENTRY, 0, 2)->name, "one"));
	cr_expect(eq(str, (char *)fact_of(&told, LOG_FACT_ENTRY, 1, 2)->name, "two"));
	cr_expect(eq(int, fact_of(&told, LOG_FACT_ENTRY, 1, 2)->fact.event, LOG_SEEN));
	forget(&told, made.blob);
}

/* -------- real logs -------- */

struct find_case {
	char     path[48];
	uint64_t record;
};

/* The makers say: find_me.txt was made in the root directory, as this record, and renamed. */
ParameterizedTestParameters(log_facts, a_name_that_is_gone_is_found)
{
	static struct find_case cases[] = {
		{ "ntfs/dfir_ntfs/LogFile_7.bin", 40 },
		{ "ntfs/dfir_ntfs/LogFile_10.bin", 43 },
		{ "ntfs/dfir_ntfs/LogFile_10_downgraded.bin", 43 },
		{ "ntfs/dfir_ntfs/LogFile_10_large.bin", 39 }, /* FILE records of 4096 bytes */
	};

	return CASES(struct find_case, cases);
}

ParameterizedTest(struct find_case *c, log_facts, a_name_that_is_gone_is_found)
{
	struct blob  sample = sample_load(c->path);
	struct told  told;
	size_t       seen[4] = { 0 };

	open_told(&told, sample, 0);
	told.history.record_bytes = 0;
	cr_expect(eq(u32, told.history.cluster_bytes, 4096));
	tell_facts(&told);
	for (size_t i = 0; i < told.facts.count; i++) {
		const struct log_fact *fact = &told.facts.items[i].fact;

		if (strcmp(told.facts.items[i].name, "find_me.txt") != 0)
			continue;
		cr_expect(eq(u64, fact->file, c->record | 1ull << 48), "%s", c->path);
		cr_expect(eq(u64, fact->name.parent, ROOT));
		cr_expect(eq(int, fact->outcome, LOG_LASTING));
		seen[2 * (fact->kind == LOG_FACT_ENTRY) + (fact->event == LOG_REMOVED)]++;
	}
	for (size_t i = 0; i < COUNT(seen); i++)
		cr_expect(eq(sz, seen[i], 1), "%s", c->path);
	forget(&told, sample);
}

Test(log_facts, dftt_has_the_operations_that_ntfsrecover_shows)
{
	static const struct {
		uint16_t redo, undo;
		size_t   count; /* ntfsrecover -f -n -v, each LSN once */
	} wanted[] = {
		{ LOG_FORGET_TRANSACTION, LOG_COMPENSATION, 202 },
		{ LOG_UPDATE_RESIDENT_VALUE, LOG_UPDATE_RESIDENT_VALUE, 140 },
		{ LOG_SET_NEW_ATTRIBUTE_SIZES, LOG_SET_NEW_ATTRIBUTE_SIZES, 86 },
		{ LOG_SET_BITS, LOG_CLEAR_BITS, 41 },
		{ LOG_UPDATE_FILE_NAME_ALLOCATION, LOG_UPDATE_FILE_NAME_ALLOCATION, 40 },
		{ LOG_CREATE_ATTRIBUTE, LOG_DELETE_ATTRIBUTE, 35 },
		{ LOG_DELETE_ATTRIBUTE, LOG_CREATE_ATTRIBUTE, 33 },
		{ LOG_INITIALIZE_FILE_RECORD, LOG_NOOP, 30 },
		{ LOG_ADD_INDEX_ENTRY_ROOT, LOG_DELETE_INDEX_ENTRY_ROOT, 30 },
		{ LOG_CLEAR_BITS, LOG_SET_BITS, 26 },
		{ LOG_UPDATE_FILE_NAME_ROOT, LOG_UPDATE_FILE_NAME_ROOT, 25 },
		{ LOG_UPDATE_NONRESIDENT_VALUE, LOG_UPDATE_NONRESIDENT_VALUE, 18 },
		{ LOG_NOOP, LOG_DEALLOCATE_FILE_RECORD, 17 },
		{ LOG_OPEN_NONRESIDENT_ATTRIBUTE, LOG_NOOP, 16 },
		{ LOG_UPDATE_MAPPING_PAIRS, LOG_UPDATE_MAPPING_PAIRS, 14 },
		{ LOG_DEALLOCATE_FILE_RECORD, LOG_INITIALIZE_FILE_RECORD, 12 },
		{ LOG_ADD_INDEX_ENTRY_ALLOCATION, LOG_DELETE_INDEX_ENTRY_ALLOCATION, 12 },
		{ LOG_DELETE_INDEX_ENTRY_ROOT, LOG_ADD_INDEX_ENTRY_ROOT, 11 },
		{ LOG_DELETE_INDEX_ENTRY_ALLOCATION, LOG_ADD_INDEX_ENTRY_ALLOCATION, 8 },
	};
	size_t            counts[0x26][0x26] = { 0 };
	struct blob       image, log;
	struct told       told;
	struct log_record record;
	struct log_change change;
	struct error      err;

	open_dftt(&told, &image, &log);
	for (size_t i = 0; i < told.log.records.count; i++) {
		cr_expect(eq(uint, told.log.records.items[i].flags, i ? 0 : LOG_RECORD_GAP));
		cr_assert(eq(int, log_file_record(&told.log, i, &record, &err), 0));
		if (record.place.type != LOG_RECORD_CHANGE)
			continue;
		cr_assert(eq(int, log_change_decode(record.data, &change, &err), 0));
		cr_assert(that(change.redo < 0x26 && change.undo < 0x26));
		counts[change.redo][change.undo]++;
	}
	for (size_t i = 0; i < COUNT(wanted); i++)
		cr_expect(eq(sz, counts[wanted[i].redo][wanted[i].undo], wanted[i].count), "%s", log_operation_name(wanted[i].redo));
	forget(&told, log);
	free(image.at);
}

/* Its record was used again by a file: the name is nowhere else. */
Test(log_facts, dftt_dir3_is_found)
{
	struct blob  image, log;
	struct told  told;
	size_t       seen = 0;

	open_dftt(&told, &image, &log);
	tell_facts(&told);
	for (size_t i = 0; i < told.facts.count; i++) {
		const struct kept *kept = &told.facts.items[i];

		if (strcmp(kept->name, "sing2.dat") == 0)
			cr_expect(eq(u64, kept->fact.name.parent, 37ull | 1ull << 48));
		if (strcmp(kept->name, "dir3") != 0)
			continue;
		cr_expect(eq(u64, kept->fact.file, 37ull | 1ull << 48));
		cr_expect(eq(u64, kept->fact.name.parent, ROOT));
		seen |= kept->fact.kind == LOG_FACT_NAME ? 1 : kept->fact.event == LOG_REMOVED ? 4 : 2;
	}
	cr_expect(eq(sz, seen, 7));
	forget(&told, log);
	free(image.at);
}
