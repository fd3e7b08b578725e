/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * array.h - an array that grows
 *
 * struct ARRAY(int) numbers = { 0 }; holds .items, .count, .capacity.  Growing
 * by half keeps the waste below a third.
 */
#ifndef CORE_ARRAY_H
#define CORE_ARRAY_H

#include "core/error.h"

#include <stdbool.h>
#include <stdlib.h>

#define ARRAY(type)              \
	{                        \
		type  *items;    \
		size_t count;    \
		size_t capacity; \
	}

/* Make room for one more item of @size bytes.  False when there is no memory; the array stays. */
bool array_grow(void **items, size_t count, size_t *capacity, size_t size);

/* Append @value; true unless memory is out. */
#define array_push(array, ...)                                                            \
	(((array)->count < (array)->capacity ||                                           \
	  array_grow((void **)&(array)->items, (array)->count, &(array)->capacity,        \
		     sizeof *(array)->items)) &&                                          \
	 ((array)->items[(array)->count++] = (__VA_ARGS__), true))

/* Append @n items of @size bytes: array_append's insides.  False when there is no memory; the array stays. */
bool array_append_items(void **items, size_t *count, size_t *capacity, const void *from, size_t n, size_t size);

/* Append @n items that lie at @from; true unless memory is out. */
#define array_append(array, from, n)                                                             \
	array_append_items((void **)&(array)->items, &(array)->count, &(array)->capacity, from, n, \
			   sizeof *(array)->items)

/* Give the items back; the array is empty again. */
#define array_release(array)                                         \
	do {                                                         \
		free((array)->items);                                \
		(array)->items = NULL;                               \
		(array)->count = (array)->capacity = 0;              \
	} while (0)

/*
 * The first index in [@first, @end) for which @holds is false, @end if there is none, of a sorted array:
 * @holds is an expression of the index @at, true up to a point and false behind it.
 */
#define partition_point(first, end, at, holds)                                          \
	({                                                                              \
		size_t low_ = (first), high_ = (end);                                   \
		while (low_ < high_) {                                                  \
			size_t at = low_ + (high_ - low_) / 2;                          \
			if (holds)                                                      \
				low_ = at + 1;                                         \
			else                                                            \
				high_ = at;                                             \
		}                                                                       \
		low_;                                                                   \
	})

#endif
