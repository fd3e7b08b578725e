/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_range.c - expected values: range.h; and a bitmap that does the same */
#include "tests/unit/unit.h"

#include "core/range.h"

#define BYTES 300u

static void expect_ranges(const struct ranges *ranges, const struct range *wanted, size_t count)
{
	cr_assert(eq(sz, ranges->count, count));
	for (size_t i = 0; i < count; i++) {
		cr_expect(eq(u64, ranges->items[i].start, wanted[i].start));
		cr_expect(eq(u64, ranges->items[i].length, wanted[i].length));
	}
}

Test(range, touching_and_overlapping_ones_are_joined)
{
	static const struct range wanted[] = { { 10, 20 }, { 40, 1 }, { 0, 5 } };
	struct ranges             ranges = { 0 };

	cr_assert(that(ranges_add(&ranges, 10, 5) && ranges_add(&ranges, 15, 5) && ranges_add(&ranges, 12, 18) &&
		       ranges_add(&ranges, 11, 3) && ranges_add(&ranges, 40, 1) && ranges_add(&ranges, 50, 0) &&
		       ranges_add(&ranges, 0, 5)));
	expect_ranges(&ranges, wanted, 3);
	array_release(&ranges);
}

Test(range, end_of_numbers)
{
	static const struct range wanted[] = { { 5, 1 }, { UINT64_MAX - 9, 9 } };
	struct ranges             ranges = { 0 };
	struct range              overlap;

	cr_assert(that(ranges_add(&ranges, UINT64_MAX - 4, 4) && ranges_add(&ranges, UINT64_MAX - 9, 7) &&
		       ranges_add(&ranges, 5, 1)));
	ranges_sort(&ranges);
	expect_ranges(&ranges, wanted, 2);
	cr_assert(that(ranges_overlap(&ranges, 6, UINT64_MAX, &overlap)));
	cr_expect(that(overlap.start == UINT64_MAX - 9 && overlap.length == 9));
	cr_expect(that(!ranges_overlap(&ranges, 6, UINT64_MAX - 15, &overlap)));
	array_release(&ranges);
}

TheoryDataPoints(range, lists_say_what_a_bitmap_says) = {
	DataPoints(uint64_t, 1, 2, 3, 4),
	DataPoints(size_t, 0, 1, 5, 30),
};

Theory((uint64_t seed, size_t count), range, lists_say_what_a_bitmap_says)
{
	for (unsigned round = 0; round < 50; round++) {
		bool          set[BYTES] = { 0 };
		struct ranges ranges = { 0 };
		uint64_t      sum = 0;

		for (size_t i = 0; i < count; i++) {
			uint64_t start = dice(&seed) % 250, length = dice(&seed) % 12;

			cr_assert(that(ranges_add(&ranges, start, length)));
			memset(set + start, 1, (size_t)length);
		}
		ranges_sort(&ranges);
		for (size_t i = 0; i < BYTES; i++)
			sum += set[i];
		cr_assert(eq(u64, ranges_bytes(&ranges), sum));
		for (size_t i = 1; i < ranges.count; i++)
			cr_assert(gt(u64, ranges.items[i].start, ranges.items[i - 1].start + ranges.items[i - 1].length));
		for (unsigned ask = 0; ask < 100; ask++) {
			size_t       start = dice(&seed) % 250, length = 1 + dice(&seed) % 40, from = start, to;
			struct range overlap;

			while (from < start + length && !set[from])
				from++;
			for (to = from; to < start + length && set[to];)
				to++;
			cr_assert(eq(int, ranges_overlap(&ranges, start, length, &overlap), to > from));
			cr_assert(that(to == from || (overlap.start == from && overlap.length == to - from)));
		}
		array_release(&ranges);
	}
}

/* Against a map of bytes: what is in stays in order, joined, and once. */
Test(range, put_anywhere_they_stay_sorted_and_joined)
{
	uint64_t seed = 5;

	for (int round = 0; round < 200; round++) {
		struct ranges sorted = { 0 };
		bool          in[64] = { false };
		size_t        bytes = 0;

		for (int i = 0; i < 12; i++) {
			uint64_t start = dice(&seed) % 56, length = dice(&seed) % 8;

			cr_assert(that(ranges_insert(&sorted, start, length)));
			memset(in + start, true, length);
		}
		for (size_t i = 0; i < sizeof in; i++) {
			struct range overlap;

			bytes += in[i];
			cr_assert(eq(int, ranges_overlap(&sorted, i, 1, &overlap), in[i]));
		}
		cr_assert(eq(u64, ranges_bytes(&sorted), bytes));
		for (size_t i = 1; i < sorted.count; i++)
			cr_assert(that(sorted.items[i].start > sorted.items[i - 1].start + sorted.items[i - 1].length));
		array_release(&sorted);
	}
}
