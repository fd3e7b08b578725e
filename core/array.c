/* SPDX-License-Identifier: GPL-3.0-or-later */
/* array.c - see array.h */
#include "core/array.h"

#include <stdint.h>
#include <string.h>

#define GROWTH_MIN 4u /* most arrays are those of one file, and stay small */

/* Room for @wanted items at least, and half as many more as there were. */
static bool grow_to(void **items, size_t wanted, size_t *capacity, size_t size)
{
	size_t half = *capacity + *capacity / 2 + GROWTH_MIN, bytes;
	void  *grown;

	if (half < *capacity)
		return false;
	if (wanted < half)
		wanted = half;
	if (__builtin_mul_overflow(wanted, size, &bytes))
		return false;
	grown = realloc(*items, bytes);
	if (!grown)
		return false;
	*items = grown;
	*capacity = wanted;
	return true;
}

bool array_grow(void **items, size_t count, size_t *capacity, size_t size)
{
	return count < *capacity || grow_to(items, 0, capacity, size);
}

bool array_append_items(void **items, size_t *count, size_t *capacity, const void *from, size_t n, size_t size)
{
	size_t wanted;

	if (__builtin_add_overflow(*count, n, &wanted) ||
	    (wanted > *capacity && !grow_to(items, wanted, capacity, size)))
		return false;
	if (n)
		memcpy((uint8_t *)*items + *count * size, from, n * size);
	*count = wanted;
	return true;
}
