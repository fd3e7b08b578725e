/* SPDX-License-Identifier: GPL-3.0-or-later */
/* array.c - see array.h */
#include "core/array.h"

#define GROWTH_MIN 4u /* most arrays are those of one file, and stay small */

bool array_grow(void **items, size_t count, size_t *capacity, size_t size)
{
	size_t wanted = *capacity + *capacity / 2 + GROWTH_MIN, bytes;
	void  *grown;

	if (count < *capacity)
		return true;
	if (wanted < *capacity || __builtin_mul_overflow(wanted, size, &bytes))
		return false;
	grown = realloc(*items, bytes);
	if (!grown)
		return false;
	*items = grown;
	*capacity = wanted;
	return true;
}
