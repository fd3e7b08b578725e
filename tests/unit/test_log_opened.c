/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which attributes were open. */
#include "tests/unit/log_told.h"

#include "core/endian.h"

#define PAGES 24u

static uint64_t change_bits(struct test_log *log, bool set, uint16_t place, uint64_t vcn, uint32_t first, uint32_t count)
{
	uint8_t bits[8];

	put_le32(bits, first);
	put_le32(bits + 4, count);
	return log_change(log, (struct test_change){ .redo = set ? LOG_SET_BITS : LOG_CLEAR_BITS, .undo = set ? LOG_CLEAR_BITS : LOG_SET_BITS,
						     .target = place, .vcn = vcn, .redo_data = bits, .redo_size = 8,
						     .undo_data = bits, .undo_size = 8 });
}

Test(log_opened, clusters_and_records_are_taken_and_freed)
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

ParameterizedTestParameters(log_opened, an_open_attribute_is_known_as_long_as_it_is_sure)
{
	static struct gap_case cases[] = {
		{ "nothing lost", false, false, false, true },
		{ "a page lost", true, false, false, false },
		{ "a page lost, open later too", true, true, true, true },
		{ "a page lost, opened anew later", true, true, false, false },
	};

	return CASES(struct gap_case, cases);
}

ParameterizedTest(struct gap_case *c, log_opened, an_open_attribute_is_known_as_long_as_it_is_sure)
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

Test(log_opened, a_checkpoint_names_what_is_open)
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
