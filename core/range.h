/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * range.h - lists of byte ranges: what is missing, what cannot be read
 */
#ifndef CORE_RANGE_H
#define CORE_RANGE_H

#include "core/array.h"

#include <stdbool.h>
#include <stdint.h>

struct range {
	uint64_t start;  /* bytes */
	uint64_t length; /* bytes, 1 or more */
};

struct ranges ARRAY(struct range);

/* Append a range; one that touches or overlaps the last is joined with it.  False without memory. */
bool ranges_add(struct ranges *ranges, uint64_t start, uint64_t length);

/* Put a range into a sorted list, joined with those that it touches.  False without memory. */
bool ranges_insert(struct ranges *sorted, uint64_t start, uint64_t length);

/* Sort by start and join what touches. */
void ranges_sort(struct ranges *ranges);

/* Bytes in all ranges of a sorted list. */
uint64_t ranges_bytes(const struct ranges *ranges);

/*
 * The first range of a sorted list that overlaps @length bytes from @start, cut to them.
 * False if there is none.
 */
bool ranges_overlap(const struct ranges *sorted, uint64_t start, uint64_t length, struct range *overlap);

#endif
