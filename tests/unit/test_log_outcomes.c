/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What became of transactions. */
#include "tests/unit/log_told.h"

#define PAGES 24u

Test(log_outcomes, what_has_no_end_is_unfinished)
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

Test(log_outcomes, the_end_of_a_later_transaction_is_not_that_of_an_earlier_one)
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

Test(log_outcomes, what_was_taken_back_did_not_happen)
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
