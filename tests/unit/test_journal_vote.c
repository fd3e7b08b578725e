/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_journal_vote.c - expected values: journal_vote.h */
#include "tests/unit/unit.h"

#include "scan/recall/journal_vote.h"

struct vote {
	const char *why;
	uint32_t    file, parent; /* records */
	uint16_t    file_life, parent_life;
	const char *name; /* ASCII; "" in version 4 */
	struct journal_votes votes;
};

/* 30: a folder in its 4th life; 31: a file called "a" in its 2nd; 32: free, its 6th life is over; 33: no record. */
static void make_table(struct inventory *inventory)
{
	inventory_make(inventory, NULL, 40);
	inventory_row(inventory, 30, 4, ROW_IN_USE | ROW_DIRECTORY);
	inventory_name(inventory, 30, file_ref_make(5, 5), "folder", 1);
	inventory_row(inventory, 31, 2, ROW_IN_USE);
	inventory_name(inventory, 31, file_ref_make(30, 4), "a", 1);
	inventory_row(inventory, 32, 7, 0);
	inventory_name(inventory, 32, file_ref_make(30, 4), "gone", 1);
	inventory_row(inventory, 34, 1, ROW_IN_USE | ROW_EXTENSION);
	inventory->rows[34].base = file_ref_make(31, 2);
	inventory_name(inventory, 34, file_ref_make(30, 4), "a second link", 1);
	inventory_row(inventory, 5, 5, ROW_IN_USE | ROW_DIRECTORY);
}

Test(journal_vote, record_and_table)
{
	static const struct vote cases[] = {
		{ "the same", 31, 30, 2, 4, "a", { .agree = 2 } },
		{ "name in an extension record", 31, 30, 2, 4, "a second link", { .agree = 2 } },
		{ "another name", 31, 30, 2, 4, "b", { .agree = 1, .renamed = 1 } },
		{ "deleted with that name", 32, 30, 6, 4, "gone", { .agree = 2 } },
		{ "earlier lives", 31, 30, 1, 3, "b", { 0 } },
		{ "lives to come", 31, 30, 3, 5, "a", { .differ = 2 } },
		{ "the life after the one that is over", 32, 30, 7, 4, "gone", { .agree = 1, .differ = 1 } },
		{ "folder is a file", 32, 31, 6, 2, "gone", { .agree = 1, .differ = 1 } },
		{ "beyond the table", 40, 30, 1, 4, "a", { .agree = 1, .differ = 1 } },
		{ "the root says nothing", 31, 5, 2, 5, "a", { .agree = 1 } },
		{ "nor does what is no record", 33, 33, 1, 1, "a", { 0 } },
		{ "nor an extension record", 34, 34, 1, 1, "a", { 0 } },
		{ "version 4 has no name", 31, 30, 2, 4, "", { .agree = 1 } },
		{ "and may be of a life to come", 31, 30, 3, 4, "", { .agree = 1, .differ = 1 } },
	};
	struct inventory  inventory;
	struct extensions extensions = { 0 };
	struct error      err;

	make_table(&inventory);
	cr_assert(eq(int, extensions_collect(&extensions, &inventory, &err), 0));
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct vote   *it = &cases[i];
		uint8_t              name[64] = { 0 };
		struct usn_record    record = { .file = file_ref_make(it->file, it->file_life),
						.parent = file_ref_make(it->parent, it->parent_life),
						.name = { name, 2 * strlen(it->name), 0 } };
		struct journal_votes votes = { 0 };

		for (size_t j = 0; it->name[j]; j++)
			name[2 * j] = (uint8_t)it->name[j];
		journal_vote(&inventory, &extensions, &record, &votes);
		cr_expect(eq(u64, votes.agree, it->votes.agree), "%s", it->why);
		cr_expect(eq(u64, votes.differ, it->votes.differ), "%s", it->why);
		cr_expect(eq(u64, votes.renamed, it->votes.renamed), "%s", it->why);
	}
	array_release(&extensions);
	inventory_release(&inventory);
}
