/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_recall.c - which older records are kept, and which belong together; expected values: recall.h, by hand */
#include "tests/unit/log_maker.h"

#include "scan/extension.h"
#include "scan/recall/recall.h"

struct kept_case {
	char what[56];
	struct {
		uint64_t moment;
		bool     partial, image;
	} records[3]; /* of one life; their offsets are 1, 2, 3 */
	size_t kept;  /* which of them */
};

ParameterizedTestParameters(recall, of_one_life_the_best_record_is_kept)
{
	static struct kept_case cases[] = {
		{ "the latest", { { 5, false, false }, { 9, false, false }, { 7, false, false } }, 1 },
		{ "a part is later, and still a part", { { 5, false, false }, { 9, true, true }, { 7, true, true } }, 0 },
		{ "a part is later than one without a moment", { { 9, true, true }, { 7, true, true }, { 0, false, false } }, 2 },
		{ "parts alone: the latest", { { 5, true, true }, { 7, true, true }, { 9, true, true } }, 2 },
		{ "whole ones, from the log and from the disk: the latest", { { 5, false, false }, { 9, false, true }, { 7, false, false } }, 1 },
		{ "at one moment: the first on the disk", { { 9, false, false }, { 9, false, false }, { 9, false, false } }, 0 },
	};
	return CASES(struct kept_case, cases);
}

/* A life before and one behind it stay; so does what was there before. */
ParameterizedTest(struct kept_case *c, recall, of_one_life_the_best_record_is_kept)
{
	for (unsigned turned = 0; turned < 2; turned++) {
		struct recall recall = { 0 };

		cr_assert(that(array_push(&recall.older, (struct older_record){ .ref = 50, .moment = 1 })));
		cr_assert(that(array_push(&recall.older, (struct older_record){ .ref = 51, .moment = 1 })));
		for (size_t i = 0; i < 3; i++) {
			size_t              at = turned ? 2 - i : i;
			struct older_record record = { .ref = 50, .offset = at + 1, .moment = c->records[at].moment,
						       .partial = c->records[at].partial };

			if (c->records[at].image) {
				record.image = malloc(1);
				cr_assert(record.image != NULL);
			}
			cr_assert(that(array_push(&recall.older, record)));
		}
		cr_assert(that(array_push(&recall.older, (struct older_record){ .ref = 49 })));
		older_keep_best(&recall.older, 1);
		cr_assert(eq(sz, recall.older.count, 4), "%s", c->what);
		cr_expect(eq(u64, recall.older.items[0].moment, 1));
		cr_expect(eq(u64, recall.older.items[1].ref, 49));
		cr_expect(eq(u64, recall.older.items[2].offset, c->kept + 1), "%s", c->what);
		cr_expect(eq(u64, recall.older.items[3].ref, 51));
		recall_release(&recall);
	}
}

Test(recall, of_no_records_none_is_kept)
{
	struct older_records older = { 0 };

	older_keep_best(&older, 0);
	cr_expect(eq(sz, older.count, 0));
}

/* A name in an extension record of an older life is the base's of that very life. */
Test(recall, extension_of_an_older_life_is_its_base_s)
{
	static const char       *const names[] = { "base.txt", "link.txt" };
	const file_ref           folder = file_ref_make(40, 1), base = file_ref_make(50, 3);
	const file_ref           lives[] = { base, file_ref_make(51, 2) };
	struct volume            volume = { .number = 1 };
	struct inventory         inventory;
	struct extensions        extensions = { 0 };
	struct older_records     older = { 0 };
	const struct extension  *extension;
	struct error             err;
	uint8_t                  text[16] = { 0 };
	size_t                   count;

	inventory_make(&inventory, &volume, 60);
	inventory_row(&inventory, 50, 7, ROW_IN_USE);
	inventory_row(&inventory, 51, 7, ROW_IN_USE);
	for (size_t i = 0; i < 2; i++) {
		struct older_record record = { .ref = lives[i], .image = malloc(1024) };

		cr_assert(record.image != NULL);
		make_record(record.image, file_ref_sequence(lives[i]), folder, names[i]);
		put_le64(record.image + 0x20, i ? base : 0);
		cr_assert(that(array_push(&older, record)));
	}
	cr_assert(eq(int, inventory_add_older(&inventory, &older, &err), 0));
	cr_assert(eq(int, extensions_collect(&extensions, &inventory, &err), 0));
	extension = extensions_of(&extensions, base, &count);
	cr_assert(eq(sz, count, 1));
	cr_expect(eq(u32, extension->record, 61));
	cr_expect(eq(u64, inventory_owner(&inventory, &inventory.names.items[inventory.rows[61].first_name]), base));
	for (size_t i = 0; i < 8; i++)
		text[2 * i] = (uint8_t)names[1][i];
	cr_expect(that(inventory_has_name(&inventory, &extensions, base, folder, (struct bytes){ text, 16, 0 })));
	cr_expect(that(!inventory_has_name(&inventory, &extensions, file_ref_make(50, 2), folder,
					   (struct bytes){ text, 16, 0 })));
	array_release(&extensions);
	inventory_release(&inventory);
}
