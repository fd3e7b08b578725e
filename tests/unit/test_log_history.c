/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is told of a log: each fact, and what it is joined with. */
#include "tests/unit/log_maker.h"

#include "core/endian.h"
#include "core/utf16.h"
#include "scan/fixup.h"
#include "scan/journal/log_states.h"

#include <zip.h>

#define PAGES 24u
#define ROOT  (5ull | 5ull << 48)

/* A fact that stays: the name as text, the first bytes of an image. */
struct kept {
	struct log_fact fact;
	char            name[NAME_UTF8_MAX];
	uint8_t         bytes[1024];
};

struct told {
	struct bytes       bytes;
	struct log_reader  reader;
	struct log_file    log;
	struct log_history history;
	struct ARRAY(struct kept) facts;
};

static int keep(void *to, const struct log_fact *fact, struct error *err)
{
	struct told *told = to;
	struct kept  kept = { .fact = *fact };

	(void)err;
	if (fact->kind == LOG_FACT_NAME || fact->kind == LOG_FACT_ENTRY)
		utf16_to_utf8(fact->name.name.at, fact->name.name_units, kept.name);
	if (fact->bytes.left)
		memcpy(kept.bytes, fact->bytes.at, fact->bytes.left < sizeof kept.bytes ? fact->bytes.left : sizeof kept.bytes);
	cr_assert(that(array_push(&told->facts, kept)));
	return 0;
}

static void open_told(struct told *told, struct blob blob, uint32_t cluster_bytes)
{
	struct error err;

	*told = (struct told){ .bytes = blob_bytes(blob, 0) };
	told->reader = log_reader_of(&told->bytes);
	cr_assert(eq(int, log_file_open(&told->log, &told->reader, &err), 0), "%s", err.text);
	cr_assert(eq(int, log_history_open(&told->history, &told->log, cluster_bytes, 1024, &err), 0), "%s", err.text);
}

static void tell(struct told *told, struct test_log *made)
{
	struct error err;

	log_finish(made);
	open_told(told, made->blob, 4096);
	cr_assert(eq(int, log_history_facts(&told->history, keep, told, &err), 0), "%s", err.text);
}

static void tell_states(struct told *told)
{
	struct error err;

	told->facts.count = 0;
	cr_assert(eq(int, log_history_states(&told->history, keep, told, &err), 0), "%s", err.text);
}

static void forget(struct told *told, struct blob blob)
{
	array_release(&told->facts);
	log_history_release(&told->history);
	log_file_release(&told->log);
	free(blob.at);
}

/* The fact @index of @kind; how many there are is @count. */
static const struct kept *fact_of(const struct told *told, enum log_fact_kind kind, size_t index, size_t count)
{
	const struct kept *found = NULL;
	size_t             seen = 0;

	for (size_t i = 0; i < told->facts.count; i++)
		if (told->facts.items[i].fact.kind == kind && seen++ == index)
			found = &told->facts.items[i];
	cr_assert(eq(sz, seen, count), "facts of kind %d", (int)kind);
	cr_assert(that(found != NULL));
	return found;
}

static size_t count_of(const struct told *told, enum log_fact_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < told->facts.count; i++)
		count += told->facts.items[i].fact.kind == kind;
	return count;
}

static uint64_t forget_transaction(struct test_log *log, uint64_t previous)
{
	return log_change(log, (struct test_change){ .redo = LOG_FORGET_TRANSACTION, .undo = LOG_COMPENSATION, .previous = previous });
}

/* A hard link of record 30, sequence 2, is removed: first from its directory, then from the record. */
static uint64_t remove_link(struct test_log *log, const char *name, uint64_t *entry_lsn)
{
	uint8_t entry[256], attribute[256];

	*entry_lsn = log_change(log, (struct test_change){
		.redo = LOG_DELETE_INDEX_ENTRY_ALLOCATION, .undo = LOG_ADD_INDEX_ENTRY_ALLOCATION, .target = 0x40, .undo_data = entry,
		.undo_size = make_index_entry(entry, 30ull | 2ull << 48, ROOT, name), .attribute_offset = 0x58 });
	return log_change(log, (struct test_change){
		.redo = LOG_DELETE_ATTRIBUTE, .undo = LOG_CREATE_ATTRIBUTE, .undo_data = attribute,
		.undo_size = make_file_name(attribute, ROOT, name, 1), .vcn = 7, .block_offset = 4, .record_offset = 0x98,
		.previous = *entry_lsn, .undo_next = *entry_lsn });
}

Test(log_history, a_removed_link_is_told_with_its_file)
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

Test(log_history, what_has_no_end_is_unfinished)
{
	struct test_log made;
	struct told     told;
	uint64_t        entry, last;

	log_begin(&made, 1, PAGES);
	last = remove_link(&made, "one", &entry);
	forget_transaction(&made, last);
	remove_link(&made, "two", &entry);
	tell(&told, &made);
	cr_expect(eq(int, fact_of(&told, LOG_FACT_ENTRY, 0, 2)->fact.outcome, LOG_LASTING));
	cr_expect(eq(int, fact_of(&told, LOG_FACT_ENTRY, 1, 2)->fact.outcome, LOG_UNFINISHED));
	cr_expect(eq(int, fact_of(&told, LOG_FACT_NAME, 1, 2)->fact.outcome, LOG_UNFINISHED));
	forget(&told, made.blob);
}

Test(log_history, the_end_of_a_later_transaction_is_not_that_of_an_earlier_one)
{
	struct test_log made;
	struct told     told;
	uint64_t        entry, last;

	log_begin(&made, 1, PAGES);
	remove_link(&made, "one", &entry);
	last = remove_link(&made, "two", &entry); /* the same place in the table */
	forget_transaction(&made, last);
	tell(&told, &made);
	cr_expect(eq(int, fact_of(&told, LOG_FACT_ENTRY, 0, 2)->fact.outcome, LOG_UNFINISHED));
	cr_expect(eq(int, fact_of(&told, LOG_FACT_NAME, 0, 2)->fact.outcome, LOG_UNFINISHED));
	cr_expect(eq(int, fact_of(&told, LOG_FACT_ENTRY, 1, 2)->fact.outcome, LOG_LASTING));
	forget(&told, made.blob);
}

Test(log_history, what_was_taken_back_did_not_happen)
{
	struct test_log made;
	struct told     told;
	uint8_t         entry_data[256], attribute_data[256];
	size_t          entry_size = make_index_entry(entry_data, 30ull | 2ull << 48, ROOT, "link.txt");
	size_t          attribute_size = make_file_name(attribute_data, ROOT, "link.txt", 1);
	uint64_t        entry, attribute, back;

	log_begin(&made, 1, PAGES);
	attribute = remove_link(&made, "link.txt", &entry);
	back = log_change(&made, (struct test_change){ .redo = LOG_CREATE_ATTRIBUTE, .undo = LOG_COMPENSATION,
						       .redo_data = attribute_data, .redo_size = attribute_size, .vcn = 7,
						       .block_offset = 4, .previous = attribute, .undo_next = entry });
	back = log_change(&made, (struct test_change){ .redo = LOG_ADD_INDEX_ENTRY_ALLOCATION, .undo = LOG_COMPENSATION,
						       .redo_data = entry_data, .redo_size = entry_size, .previous = back });
	forget_transaction(&made, back);
	tell(&told, &made);
	cr_expect(eq(int, fact_of(&told, LOG_FACT_NAME, 0, 2)->fact.outcome, LOG_ROLLED_BACK));
	cr_expect(eq(int, fact_of(&told, LOG_FACT_NAME, 1, 2)->fact.outcome, LOG_ROLLBACK));
	cr_expect(eq(int, fact_of(&told, LOG_FACT_ENTRY, 0, 2)->fact.outcome, LOG_ROLLED_BACK));
	cr_expect(eq(int, fact_of(&told, LOG_FACT_ENTRY, 1, 2)->fact.outcome, LOG_ROLLBACK));
	forget(&told, made.blob);
}

Test(log_history, a_transaction_behind_a_gap_is_unfinished_and_of_unknown_life)
{
	struct test_log made;
	struct told     told;
	uint64_t        entry, attribute;
	uint8_t         data[256];

	log_begin(&made, 1, PAGES);
	log_change(&made, (struct test_change){ .redo = LOG_CREATE_ATTRIBUTE, .undo = LOG_DELETE_ATTRIBUTE, .redo_data = data,
						.redo_size = make_file_name(data, ROOT, "zero", 1), .vcn = 8, .transaction = 0x40 });
	attribute = remove_link(&made, "one", &entry);
	log_turn_page(&made);
	log_change(&made, (struct test_change){ .redo = LOG_NOOP });
	log_turn_page(&made);
	forget_transaction(&made, attribute);
	log_change(&made, (struct test_change){ .redo = LOG_CREATE_ATTRIBUTE, .undo = LOG_DELETE_ATTRIBUTE, .redo_data = data,
						.redo_size = make_file_name(data, ROOT, "two", 1), .vcn = 7, .block_offset = 4,
						.transaction = 0x40 });
	log_change(&made, (struct test_change){ .redo = LOG_ADD_INDEX_ENTRY_ALLOCATION, .redo_data = data, .target = 0x40,
						.redo_size = make_index_entry(data, 32ull | 7ull << 48, ROOT, "zero") });
	memset(made.blob.at + 5 * LOG_PAGE, 0, LOG_PAGE);
	tell(&told, &made);
	cr_expect(eq(int, fact_of(&told, LOG_FACT_NAME, 1, 3)->fact.outcome, LOG_UNFINISHED));
	/* no sequence number can be told over the gap, neither from before it nor from behind */
	cr_expect(eq(u64, fact_of(&told, LOG_FACT_NAME, 0, 3)->fact.file, 32));
	cr_expect(eq(u64, fact_of(&told, LOG_FACT_NAME, 2, 3)->fact.file, 30));
	forget(&told, made.blob);
}

/* -------- open attributes -------- */

/* An entry of the open attribute table, version 1. */
static void make_open(uint8_t entry[0x28], uint64_t file, uint32_t type, uint64_t opened)
{
	memset(entry, 0, 0x28);
	put_le32(entry, 0xffffffff);
	put_le32(entry + 8, type);
	put_le64(entry + 0x10, file);
	put_le64(entry + 0x18, opened);
}

static uint64_t open_attribute(struct test_log *log, uint16_t place, uint64_t file, uint32_t type, const char *name, size_t size)
{
	uint8_t entry[0x28];

	make_open(entry, file, type, log->last);
	return log_change(log, (struct test_change){ .redo = LOG_OPEN_NONRESIDENT_ATTRIBUTE, .target = place, .redo_data = entry,
						     .redo_size = sizeof entry, .undo_data = name, .undo_size = size });
}

static uint64_t change_bits(struct test_log *log, bool set, uint16_t place, uint64_t vcn, uint32_t first, uint32_t count)
{
	uint8_t bits[8];

	put_le32(bits, first);
	put_le32(bits + 4, count);
	return log_change(log, (struct test_change){ .redo = set ? LOG_SET_BITS : LOG_CLEAR_BITS, .undo = set ? LOG_CLEAR_BITS : LOG_SET_BITS,
						     .target = place, .vcn = vcn, .redo_data = bits, .redo_size = 8,
						     .undo_data = bits, .undo_size = 8 });
}

Test(log_history, clusters_and_records_are_taken_and_freed)
{
	struct test_log    made;
	struct told        told;
	const struct kept *fact;

	log_begin(&made, 1, PAGES);
	log_change(&made, (struct test_change){ .redo = LOG_NOOP });
	change_bits(&made, false, 0x18, 0, 1, 1); /* not open yet */
	open_attribute(&made, 0x18, 6ull | 6ull << 48, 0x80, "", 0);
	open_attribute(&made, 0x40, 0ull | 1ull << 48, 0xb0, "", 0);
	open_attribute(&made, 0x68, 9ull | 9ull << 48, 0xb0, "$\0S\0D\0H", 8);
	change_bits(&made, false, 0x18, 2, 1000, 40);
	change_bits(&made, true, 0x40, 0, 37, 1);
	change_bits(&made, true, 0x68, 0, 3, 1); /* of an index: no clusters, no records */
	open_attribute(&made, 0x90, 6ull | 6ull << 48, 0x80, "$\0x\0", 4);
	change_bits(&made, true, 0x90, 0, 3, 1); /* another stream of $Bitmap */
	open_attribute(&made, 0xb8, 0ull | 1ull << 48, 0x80, "", 0);
	change_bits(&made, true, 0xb8, 0, 3, 1); /* $MFT itself */
	tell(&told, &made);
	fact = fact_of(&told, LOG_FACT_CLUSTERS, 0, 1);
	cr_expect(eq(int, fact->fact.event, LOG_REMOVED));
	cr_expect(eq(u64, fact->fact.first, 2 * 4096 * 8 + 1000));
	cr_expect(eq(u64, fact->fact.count, 40));
	fact = fact_of(&told, LOG_FACT_RECORDS, 0, 1);
	cr_expect(eq(int, fact->fact.event, LOG_CREATED));
	cr_expect(eq(u64, fact->fact.first, 37));
	forget(&told, made.blob);
}

struct gap_case {
	char name[32];
	bool gap;  /* a page is lost between the opening and the change */
	bool dump; /* a later checkpoint has the attribute in its place */
	bool same; /* opened when it was */
	bool told;
};

ParameterizedTestParameters(log_history, an_open_attribute_is_known_as_long_as_it_is_sure)
{
	static struct gap_case cases[] = {
		{ "nothing lost", false, false, false, true },
		{ "a page lost", true, false, false, false },
		{ "a page lost, open later too", true, true, true, true },
		{ "a page lost, opened anew later", true, true, false, false },
	};

	return CASES(struct gap_case, cases);
}

ParameterizedTest(struct gap_case *c, log_history, an_open_attribute_is_known_as_long_as_it_is_sure)
{
	struct test_log made;
	struct told     told;
	uint8_t         table[0x18 + 0x28] = { 0x28, 0, 1, 0, 1, 0 };
	uint64_t        opened;

	log_begin(&made, 1, PAGES);
	opened = log_change(&made, (struct test_change){ .redo = LOG_NOOP });
	open_attribute(&made, 0x18, 6ull | 6ull << 48, 0x80, "", 0);
	log_turn_page(&made);
	log_change(&made, (struct test_change){ .redo = LOG_NOOP });
	log_turn_page(&made);
	change_bits(&made, false, 0x18, 0, 5, 1);
	make_open(table + 0x18, 6ull | 6ull << 48, 0x80, c->same ? opened : made.last);
	if (c->dump)
		log_change(&made, (struct test_change){
			.redo = LOG_OPEN_ATTRIBUTE_TABLE_DUMP, .redo_data = table,
			.redo_size = sizeof table });
	if (c->gap)
		memset(made.blob.at + 5 * LOG_PAGE, 0, LOG_PAGE);
	tell(&told, &made);
	cr_expect(eq(sz, count_of(&told, LOG_FACT_CLUSTERS), c->told), "%s", c->name);
	forget(&told, made.blob);
}

Test(log_history, a_checkpoint_names_what_is_open)
{
	static const uint8_t names[] = { 0x18, 0, 4, 0, '$', 0, 'J', 0, 0, 0, 0, 0, 0, 0 };
	struct test_log      made;
	struct told          told;
	const struct kept   *fact;
	uint8_t              table[0x18 + 0x28] = { 0x28, 0, 1, 0, 1, 0 };

	log_begin(&made, 2, 64);
	log_change(&made, (struct test_change){ .redo = LOG_NOOP });
	make_open(table + 0x18, 40ull | 3ull << 48, 0x80, made.last);
	log_change(&made, (struct test_change){
		.redo = LOG_OPEN_ATTRIBUTE_TABLE_DUMP, .redo_data = table, .redo_size = sizeof table });
	log_change(&made, (struct test_change){
		.redo = LOG_ATTRIBUTE_NAMES_DUMP, .redo_data = names, .redo_size = sizeof names });
	log_change(&made, (struct test_change){ .redo = LOG_UPDATE_NONRESIDENT_VALUE, .undo = LOG_NOOP, .target = 0x18, .vcn = 3,
						.record_offset = 0x120, .redo_data = "a USN record", .redo_size = 12 });
	tell(&told, &made);
	fact = fact_of(&told, LOG_FACT_JOURNAL, 0, 1);
	cr_expect(eq(u64, fact->fact.file, 40ull | 3ull << 48));
	cr_expect(eq(u64, fact->fact.first, 3 * 4096 + 0x120));
	cr_expect(eq(sz, fact->fact.bytes.left, 12));
	cr_expect(that(memcmp(fact->bytes, "a USN record", 12) == 0));
	forget(&told, made.blob);
}

Test(log_history, what_is_in_no_directory_is_no_name)
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

Test(log_history, a_node_that_is_split_shows_its_entries)
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

/* -------- FILE records -------- */

Test(log_history, a_freed_record_is_told_as_it_was)
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

Test(log_history, a_state_does_not_reach_over_a_gap)
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

Test(log_history, a_record_is_taken_back_to_an_earlier_lsn)
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

struct find_case {
	char     path[48];
	uint64_t record;
};

/* The makers say: find_me.txt was made in the root directory, as this record, and renamed. */
ParameterizedTestParameters(log_history, a_name_that_is_gone_is_found)
{
	static struct find_case cases[] = {
		{ "ntfs/dfir_ntfs/LogFile_7.bin", 40 },
		{ "ntfs/dfir_ntfs/LogFile_10.bin", 43 },
		{ "ntfs/dfir_ntfs/LogFile_10_downgraded.bin", 43 },
		{ "ntfs/dfir_ntfs/LogFile_10_large.bin", 39 }, /* FILE records of 4096 bytes */
	};

	return CASES(struct find_case, cases);
}

ParameterizedTest(struct find_case *c, log_history, a_name_that_is_gone_is_found)
{
	struct blob  sample = sample_load(c->path);
	struct told  told;
	struct error err;
	size_t       seen[4] = { 0 };

	open_told(&told, sample, 0);
	told.history.record_bytes = 0;
	cr_expect(eq(u32, told.history.cluster_bytes, 4096));
	cr_assert(eq(int, log_history_facts(&told.history, keep, &told, &err), 0));
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

/* DFTT #7 (Windows XP); the places are those that istat tells. */
#define DFTT_CLUSTER   1024u /* and FILE record */
#define DFTT_LOG       2021u
#define DFTT_LOG_BYTES (2u << 20)
#define DFTT_RECORDS   39u
#define DFTT_MFT       2005u /* sixteen clusters here, the rest there */
#define DFTT_MFT_MORE  4247u

static struct blob load_dftt(void)
{
	static const char name[] = "7-undel-ntfs/7-ntfs-undel.dd";
	struct blob       packed = sample_load("ntfs/dftt/7-undel-ntfs.zip"), image;
	zip_error_t       error;
	zip_t            *archive;
	zip_stat_t        stat;
	zip_file_t       *file;

	archive = zip_open_from_source(zip_source_buffer_create(packed.at, packed.size, 0, &error), ZIP_RDONLY, &error);
	cr_assert(that(archive && zip_stat(archive, name, 0, &stat) == 0));
	image = blob_zero(stat.size);
	file = zip_fopen(archive, name, 0);
	cr_assert(that(file && zip_fread(file, image.at, image.size) == (zip_int64_t)image.size));
	zip_fclose(file);
	zip_close(archive);
	free(packed.at);
	return image;
}

static void open_dftt(struct told *told, struct blob *image, struct blob *log)
{
	*image = load_dftt();
	*log = blob_copy(image->at + DFTT_LOG * DFTT_CLUSTER, DFTT_LOG_BYTES);
	open_told(told, *log, DFTT_CLUSTER);
}

/* The record as it is on the disk, fix-ups undone. */
static void load_record(struct blob image, uint64_t record, uint8_t out[DFTT_CLUSTER])
{
	fixup_torn   torn;
	struct error err;

	memcpy(out, image.at + (record < 16 ? DFTT_MFT + record : DFTT_MFT_MORE + record - 16) * DFTT_CLUSTER, DFTT_CLUSTER);
	cr_assert(eq(int, fixup_undo(out, DFTT_CLUSTER, 0, &torn, &err), 0));
}

/* Equal from the sequence number on, but for the next instance number (not in the log) and the fix-ups. */
static bool same_record(const uint8_t *a, const uint8_t *b, size_t in_use)
{
	return memcmp(a + 0x10, b + 0x10, 0x18) == 0 && memcmp(a + 0x38, b + 0x38, in_use - 0x38) == 0;
}

Test(log_history, dftt_has_the_operations_that_ntfsrecover_shows)
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
Test(log_history, dftt_dir3_is_found)
{
	struct blob  image, log;
	struct told  told;
	struct error err;
	size_t       seen = 0;

	open_dftt(&told, &image, &log);
	cr_assert(eq(int, log_history_facts(&told.history, keep, &told, &err), 0));
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

/* What the log says of a record's whole life leads to what Windows left on the disk. */
Test(log_history, dftt_records_as_the_log_leaves_them_are_those_on_the_disk)
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
Test(log_history, dftt_records_go_back_to_what_they_were_made_as)
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

TheoryDataPoints(log_history, damage_stays_inside) = {
	DataPoints(uint64_t, 1, 2, 3, 4, 5, 6),
	DataPoints(size_t, 1, 30, 1000),
};

Theory((uint64_t seed, size_t bytes), log_history, damage_stays_inside)
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
