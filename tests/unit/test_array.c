/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_array.c - expected values: array.h */
#include "tests/unit/unit.h"

#include "core/array.h"

#include <string.h>

Test(array, grows_and_keeps_what_is_in_it)
{
	struct ARRAY(uint64_t) numbers = { 0 };

	for (uint64_t i = 0; i < 10000; i++) {
		cr_assert(that(array_push(&numbers, i * i)));
		cr_assert(that(numbers.capacity >= numbers.count));
	}
	cr_assert(eq(sz, numbers.count, 10000));
	for (uint64_t i = 0; i < 10000; i++)
		cr_assert(eq(u64, numbers.items[i], i * i));
	cr_expect(le(sz, numbers.capacity, 15100), "a third at most is waste");
	array_release(&numbers);
	cr_expect(that(!numbers.items && !numbers.count && !numbers.capacity));
	cr_expect(that(array_push(&numbers, 1)), "and can be used again");
	array_release(&numbers);
}

Test(array, appends_many_at_once)
{
	struct ARRAY(uint16_t) numbers = { 0 };
	const uint16_t         some[] = { 3, 1, 4, 1, 5, 9, 2, 6 };

	cr_expect(that(array_append(&numbers, NULL, 0) && !numbers.count));
	for (size_t n = 0; n < 8; n++)
		cr_assert(that(array_append(&numbers, some, n) && numbers.capacity >= numbers.count));
	cr_assert(eq(sz, numbers.count, 0 + 1 + 2 + 3 + 4 + 5 + 6 + 7));
	for (size_t n = 0, at = 0; n < 8; at += n++)
		cr_expect(eq(int, memcmp(numbers.items + at, some, n * sizeof *some), 0));
	cr_expect(that(!array_append(&numbers, some, SIZE_MAX - 3)), "more than numbers go");
	cr_expect(that(!array_append(&numbers, some, SIZE_MAX / 2)), "more bytes than numbers go");
	cr_expect(eq(sz, numbers.count, 28));
	array_release(&numbers);
}

Test(array, size_that_no_memory_has_is_refused)
{
	void  *items = NULL;
	size_t capacity = SIZE_MAX / 8;

	cr_expect(that(!array_grow(&items, SIZE_MAX / 8, &capacity, 16)));
	cr_expect(that(!items && capacity == SIZE_MAX / 8));
	capacity = SIZE_MAX - 5;
	cr_expect(that(!array_grow(&items, SIZE_MAX - 5, &capacity, 1)));
}

/* Against a plain search, also with runs of equal items, and where the parts are empty. */
Test(array, the_partition_point_is_where_what_holds_ends)
{
	for (size_t count = 0; count < 20; count++) {
		int items[20];

		for (size_t i = 0; i < count; i++)
			items[i] = (int)(i * i / 7);
		for (int value = -1; value < 55; value++)
			for (size_t begin = 0; begin <= count; begin++) {
				size_t expected = begin;

				while (expected < count && items[expected] < value)
					expected++;
				cr_expect(eq(sz, partition_point(begin, count, at, items[at] < value), expected));
			}
	}
}
