/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_recall.c - which older record of a life is kept; expected values: recall.h, by hand */
#include "tests/unit/unit.h"

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
