/* SPDX-License-Identifier: GPL-3.0-or-later */
/* range.c - see range.h */
#include "core/range.h"

#include <string.h>

static uint64_t range_end(const struct range *range)
{
	return range->length > UINT64_MAX - range->start ? UINT64_MAX : range->start + range->length;
}

bool ranges_add(struct ranges *ranges, uint64_t start, uint64_t length)
{
	struct range *last = ranges->count ? &ranges->items[ranges->count - 1] : NULL;
	struct range  added = { start, length };

	if (!length)
		return true;
	if (last && start >= last->start && start <= range_end(last)) {
		if (range_end(&added) > range_end(last))
			last->length = range_end(&added) - last->start;
		return true;
	}
	return array_push(ranges, added);
}

bool ranges_insert(struct ranges *sorted, uint64_t start, uint64_t length)
{
	struct range added = { start, length };
	size_t       first = partition_point(0, sorted->count, at, range_end(&sorted->items[at]) < start);
	size_t       end = first, count;

	if (!length)
		return true;
	while (end < sorted->count && sorted->items[end].start <= range_end(&added)) {
		uint64_t from = added.start < sorted->items[end].start ? added.start : sorted->items[end].start;
		uint64_t to = range_end(&added) > range_end(&sorted->items[end]) ? range_end(&added)
										 : range_end(&sorted->items[end]);

		added = (struct range){ from, to - from };
		end++;
	}
	if (end == first && !array_push(sorted, added)) /* its place is made below */
		return false;
	count = sorted->count - (end == first) - end; /* behind it */
	memmove(sorted->items + first + 1, sorted->items + end, count * sizeof *sorted->items);
	sorted->items[first] = added;
	sorted->count = first + 1 + count;
	return true;
}

static int compare_start(const void *a, const void *b)
{
	const struct range *left = a, *right = b;

	return (left->start > right->start) - (left->start < right->start);
}

void ranges_sort(struct ranges *ranges)
{
	size_t kept = 0;

	if (!ranges->count)
		return;
	qsort(ranges->items, ranges->count, sizeof *ranges->items, compare_start);
	for (size_t i = 1; i < ranges->count; i++) {
		struct range *last = &ranges->items[kept], next = ranges->items[i];

		if (next.start > range_end(last))
			ranges->items[++kept] = next;
		else if (range_end(&next) > range_end(last))
			last->length = range_end(&next) - last->start;
	}
	ranges->count = kept + 1;
}

uint64_t ranges_bytes(const struct ranges *ranges)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < ranges->count; i++)
		sum += ranges->items[i].length;
	return sum;
}

bool ranges_overlap(const struct ranges *sorted, uint64_t start, uint64_t length, struct range *overlap)
{
	struct range asked = { start, length };
	uint64_t     from, to;
	size_t       first = partition_point(0, sorted->count, at, range_end(&sorted->items[at]) <= start);

	if (first == sorted->count || sorted->items[first].start >= range_end(&asked))
		return false;
	from = sorted->items[first].start > start ? sorted->items[first].start : start;
	to = range_end(&sorted->items[first]) < range_end(&asked) ? range_end(&sorted->items[first])
								  : range_end(&asked);
	*overlap = (struct range){ from, to - from };
	return true;
}
