/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_grade.c - expected values: DESIGN.md, section 4; grade.h */
#include "tests/unit/unit.h"

#include "scan/grade.h"

#define CLUSTER 4096u
#define UNIT    (16 * CLUSTER)

struct graded {
	const char    *name;
	bool           live, torn, list_lost, sizes_lost;
	bool           compressed;
	uint64_t       size_bytes, valid_bytes;
	struct run     runs[3];
	size_t         run_count;
	struct stretch stretches[2];
	size_t         stretch_count;
	enum grade     grade;
	unsigned       reasons;
	struct range   missing[2];
	size_t         missing_count;
};

#define OWNED(lcn, n)     { lcn, n, NO_WINNER, STRETCH_OWNED }
#define CONTESTED(lcn, n) { lcn, n, NO_WINNER, STRETCH_CONTESTED }
#define WHOLE             .size_bytes = 5 * CLUSTER, .valid_bytes = 5 * CLUSTER, .runs = { { 0, 100, 5 } }, .run_count = 1

static const struct graded cases[] = {
	{ "nobody else claims it", WHOLE, .grade = GRADE_INTACT },
	{ "neighbours do not matter", WHOLE, .stretches = { OWNED(95, 5), OWNED(105, 5) }, .stretch_count = 2,
	  .grade = GRADE_INTACT },
	{ "part overwritten", WHOLE, .stretches = { OWNED(101, 2) }, .stretch_count = 1, .grade = GRADE_PARTIAL,
	  .reasons = WHY_OVERWRITTEN, .missing = { { CLUSTER, 2 * CLUSTER } }, .missing_count = 1 },
	{ "all overwritten", WHOLE, .stretches = { OWNED(90, 20) }, .stretch_count = 1, .grade = GRADE_LOST,
	  .reasons = WHY_OVERWRITTEN, .missing = { { 0, 5 * CLUSTER } }, .missing_count = 1 },
	{ "a live file's own", WHOLE, .live = true, .stretches = { OWNED(90, 20) }, .stretch_count = 1,
	  .grade = GRADE_INTACT },
	{ "contested", WHOLE, .stretches = { CONTESTED(104, 1) }, .stretch_count = 1, .grade = GRADE_SUSPECT,
	  .reasons = WHY_CONTESTED },
	{ "contested, but it is the last", WHOLE, .stretches = { { 100, 5, 30, STRETCH_CONTESTED } },
	  .stretch_count = 1, .grade = GRADE_INTACT },
	{ "two live owners", WHOLE, .live = true, .stretches = { { 100, 1, NO_WINNER, STRETCH_CROSSED } },
	  .stretch_count = 1, .grade = GRADE_SUSPECT, .reasons = WHY_CROSS_LINKED },
	{ "given away by the bitmap", WHOLE, .stretches = { { 100, 1, NO_WINNER, STRETCH_TAKEN } },
	  .stretch_count = 1, .grade = GRADE_SUSPECT, .reasons = WHY_CONTESTED },
	{ "torn record", WHOLE, .torn = true, .grade = GRADE_SUSPECT, .reasons = WHY_TORN },
	{ "joined without its list", WHOLE, .list_lost = true, .grade = GRADE_SUSPECT, .reasons = WHY_LIST_LOST },
	{ "size is a guess", WHOLE, .sizes_lost = true, .grade = GRADE_SUSPECT,
	  .reasons = WHY_SIZES_LOST | WHY_RUNS_LOST },
	{ "end inside the last cluster", .size_bytes = CLUSTER + 5, .valid_bytes = CLUSTER + 5,
	  .runs = { { 0, 100, 2 } }, .run_count = 1, .stretches = { OWNED(101, 1) }, .stretch_count = 1,
	  .grade = GRADE_PARTIAL, .reasons = WHY_OVERWRITTEN, .missing = { { CLUSTER, 5 } }, .missing_count = 1 },
	{ "overwritten behind the end", .size_bytes = 2 * CLUSTER, .valid_bytes = 2 * CLUSTER,
	  .runs = { { 0, 100, 5 } }, .run_count = 1, .stretches = { OWNED(102, 3) }, .stretch_count = 1,
	  .grade = GRADE_INTACT, .reasons = WHY_OVERWRITTEN },
	{ "overwritten behind the valid data", .size_bytes = 5 * CLUSTER, .valid_bytes = 2 * CLUSTER,
	  .runs = { { 0, 100, 5 } }, .run_count = 1, .stretches = { OWNED(102, 3) }, .stretch_count = 1,
	  .grade = GRADE_INTACT, .reasons = WHY_OVERWRITTEN },
	{ "overwritten across the end of the valid data", .size_bytes = 5 * CLUSTER, .valid_bytes = 2 * CLUSTER + 7,
	  .runs = { { 0, 100, 5 } }, .run_count = 1, .stretches = { OWNED(102, 3) }, .stretch_count = 1,
	  .grade = GRADE_PARTIAL, .reasons = WHY_OVERWRITTEN, .missing = { { 2 * CLUSTER, 7 } }, .missing_count = 1 },
	{ "gap in the runs", .size_bytes = 5 * CLUSTER, .valid_bytes = 5 * CLUSTER,
	  .runs = { { 0, 100, 2 }, { 3, 200, 2 } }, .run_count = 2, .grade = GRADE_PARTIAL, .reasons = WHY_RUNS_LOST,
	  .missing = { { 2 * CLUSTER, CLUSTER } }, .missing_count = 1 },
	{ "runs end early", .size_bytes = 5 * CLUSTER - 1, .valid_bytes = 5 * CLUSTER - 1,
	  .runs = { { 0, 100, 2 } }, .run_count = 1, .grade = GRADE_PARTIAL, .reasons = WHY_RUNS_LOST,
	  .missing = { { 2 * CLUSTER, 3 * CLUSTER - 1 } }, .missing_count = 1 },
	{ "runs begin late", .size_bytes = 5 * CLUSTER, .valid_bytes = 5 * CLUSTER, .runs = { { 1, 100, 4 } },
	  .run_count = 1, .grade = GRADE_PARTIAL, .reasons = WHY_RUNS_LOST, .missing = { { 0, CLUSTER } },
	  .missing_count = 1 },
	{ "no runs at all", .size_bytes = 5, .valid_bytes = 5, .grade = GRADE_LOST, .reasons = WHY_RUNS_LOST,
	  .missing = { { 0, 5 } }, .missing_count = 1 },
	{ "nothing in it", .grade = GRADE_INTACT },
	{ "a hole is no loss", .size_bytes = 5 * CLUSTER, .valid_bytes = 5 * CLUSTER,
	  .runs = { { 0, LCN_HOLE, 3 }, { 3, 100, 2 } }, .run_count = 2, .grade = GRADE_INTACT },
	{ "all but holes overwritten", .size_bytes = 5 * CLUSTER, .valid_bytes = 5 * CLUSTER,
	  .runs = { { 0, LCN_HOLE, 3 }, { 3, 100, 2 } }, .run_count = 2, .stretches = { OWNED(100, 2) },
	  .stretch_count = 1, .grade = GRADE_LOST, .reasons = WHY_OVERWRITTEN,
	  .missing = { { 3 * CLUSTER, 2 * CLUSTER } }, .missing_count = 1 },
	{ "a cluster twice", .size_bytes = 4 * CLUSTER, .valid_bytes = 4 * CLUSTER,
	  .runs = { { 0, 100, 2 }, { 2, 101, 2 } }, .run_count = 2, .grade = GRADE_SUSPECT, .reasons = WHY_TWICE },
	{ "compressed: the unit goes with its cluster", .compressed = true, .size_bytes = 3 * UNIT,
	  .valid_bytes = 3 * UNIT, .runs = { { 0, 100, 48 } }, .run_count = 1, .stretches = { OWNED(120, 1) },
	  .stretch_count = 1, .grade = GRADE_PARTIAL, .reasons = WHY_OVERWRITTEN, .missing = { { UNIT, UNIT } },
	  .missing_count = 1 },
	{ "compressed: two units over their border", .compressed = true, .size_bytes = 2 * UNIT + 9,
	  .valid_bytes = 2 * UNIT + 9, .runs = { { 0, 100, 48 } }, .run_count = 1, .stretches = { OWNED(131, 2) },
	  .stretch_count = 1, .grade = GRADE_PARTIAL, .reasons = WHY_OVERWRITTEN,
	  .missing = { { UNIT, UNIT + 9 } }, .missing_count = 1 },
	{ "compressed: a gap takes its unit", .compressed = true, .size_bytes = 2 * UNIT, .valid_bytes = 2 * UNIT,
	  .runs = { { 0, 100, 3 }, { 4, 104, 28 } }, .run_count = 2, .grade = GRADE_PARTIAL, .reasons = WHY_RUNS_LOST,
	  .missing = { { 0, UNIT } }, .missing_count = 1 },
};

Test(grade, is_never_better_than_the_evidence)
{
	struct evidence evidence = { .size_bytes = 1ull << 40 };
	struct volume   volume = { .evidence = &evidence, .geometry = { .cluster_bytes = CLUSTER, .clusters = 1000 } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct graded *c = &cases[i];
		struct file          file = { .record = 30, .live = c->live, .list_lost = c->list_lost };
		struct file_stream   stream = { .type = ATTRIBUTE_DATA, .torn = c->torn, .sizes_lost = c->sizes_lost,
						.flags = c->compressed ? ATTRIBUTE_COMPRESSED : 0,
						.unit_shift = c->compressed ? 4 : 0, .size_bytes = c->size_bytes,
						.valid_bytes = c->valid_bytes };
		struct ownership     ownership = { .bitmap_read = true };
		struct verdict       verdict;
		struct error         err;

		for (size_t j = 0; j < c->run_count; j++)
			cr_assert(that(array_push(&stream.runs, c->runs[j])));
		for (size_t j = 0; j < c->stretch_count; j++)
			cr_assert(that(array_push(&ownership.stretches, c->stretches[j])));
		cr_assert(eq(int, grade_stream(&ownership, &volume, &file, &stream, &verdict, &err), 0));
		cr_expect(eq(str, (char *)grade_name(verdict.grade), (char *)grade_name(c->grade)), "%s", c->name);
		cr_expect(eq(uint, verdict.reasons, c->reasons), "%s", c->name);
		cr_assert(eq(sz, verdict.missing.count, c->missing_count), "%s", c->name);
		for (size_t j = 0; j < c->missing_count; j++) {
			cr_expect(eq(u64, verdict.missing.items[j].start, c->missing[j].start), "%s", c->name);
			cr_expect(eq(u64, verdict.missing.items[j].length, c->missing[j].length), "%s", c->name);
		}
		verdict_release(&verdict);
		array_release(&stream.runs);
		ownership_release(&ownership);
	}
}

Test(grade, resident_content_depends_on_its_record_alone)
{
	struct evidence    evidence = { .size_bytes = 1ull << 40 };
	struct volume      volume = { .evidence = &evidence, .geometry = { .cluster_bytes = CLUSTER, .clusters = 1000 } };
	struct file        file = { .record = 30, .list_lost = true };
	struct file_stream stream = { .type = ATTRIBUTE_DATA, .resident = true, .size_bytes = 5, .valid_bytes = 5 };
	struct ownership   ownership = { .hidden = true, .bitmap_read = true };
	struct verdict     verdict;
	struct error       err;

	cr_assert(eq(int, grade_stream(&ownership, &volume, &file, &stream, &verdict, &err), 0));
	cr_expect(that(verdict.grade == GRADE_INTACT && !verdict.reasons));
	stream.torn = true;
	cr_assert(eq(int, grade_stream(&ownership, &volume, &file, &stream, &verdict, &err), 0));
	cr_expect(that(verdict.grade == GRADE_SUSPECT && verdict.reasons == WHY_TORN));
}

Test(grade, what_the_map_calls_unreadable_is_missing)
{
	struct evidence    evidence = { .size_bytes = 1ull << 40 };
	struct volume      volume = { .evidence = &evidence, .offset_bytes = 1000,
				      .geometry = { .cluster_bytes = CLUSTER, .clusters = 1000 } };
	struct file        file = { .record = 30, .live = true };
	struct file_stream stream = { .type = ATTRIBUTE_DATA, .size_bytes = 5 * CLUSTER, .valid_bytes = 5 * CLUSTER };
	struct ownership   ownership = { .bitmap_read = true };
	struct verdict     verdict;
	struct error       err;

	cr_assert(that(array_push(&stream.runs, (struct run){ 0, 50, 3 }) &&
		       array_push(&stream.runs, (struct run){ 3, 20, 2 }) &&
		       ranges_add(&evidence.map, 1000 + 20 * CLUSTER + 512, 512) && /* of the second run */
		       ranges_add(&evidence.map, 1000 + 51 * CLUSTER - 100, 200)));
	cr_assert(eq(int, grade_stream(&ownership, &volume, &file, &stream, &verdict, &err), 0));
	cr_expect(that(verdict.grade == GRADE_PARTIAL && verdict.reasons == WHY_UNREADABLE));
	cr_assert(eq(sz, verdict.missing.count, 2));
	cr_expect(that(verdict.missing.items[0].start == CLUSTER - 100 && verdict.missing.items[0].length == 200));
	cr_expect(that(verdict.missing.items[1].start == 3 * CLUSTER + 512 && verdict.missing.items[1].length == 512));
	verdict_release(&verdict);
	array_release(&stream.runs);
	array_release(&evidence.map);
}

Test(grade, hidden_lives_doubt_what_was_deleted_and_has_clusters)
{
	struct evidence    evidence = { .size_bytes = 1ull << 40 };
	struct volume      volume = { .evidence = &evidence, .geometry = { .cluster_bytes = CLUSTER, .clusters = 1000 } };
	struct file        file = { .record = 30 };
	struct file_stream stream = { .type = ATTRIBUTE_DATA, .size_bytes = 5, .valid_bytes = 5 };
	struct ownership   ownership = { .hidden = true, .bitmap_read = true };
	struct verdict     verdict;
	struct error       err;

	cr_assert(that(array_push(&stream.runs, (struct run){ 0, 50, 1 })));
	cr_assert(eq(int, grade_stream(&ownership, &volume, &file, &stream, &verdict, &err), 0));
	cr_expect(that(verdict.grade == GRADE_SUSPECT && verdict.reasons == WHY_HIDDEN_LIVES));
	file.live = true;
	cr_assert(eq(int, grade_stream(&ownership, &volume, &file, &stream, &verdict, &err), 0));
	cr_expect(that(verdict.grade == GRADE_INTACT && !verdict.reasons));
	array_release(&stream.runs);
}
