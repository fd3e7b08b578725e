/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which life of a record a change was done to. */
#include "tests/unit/log_told.h"

#define PAGES 24u

Test(log_lives, a_transaction_behind_a_gap_is_unfinished_and_of_unknown_life)
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
