/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fixup.c - see fixup.h */
#include "scan/fixup.h"

#include "core/endian.h"

#include <string.h>

static fixup_torn stride_bit(size_t stride)
{
	return 1ull << (stride < 63 ? stride : 63);
}

int fixup_undo(uint8_t *block, size_t size_bytes, uint64_t offset, fixup_torn *torn, struct error *err)
{
	size_t     strides = size_bytes / FIXUP_STRIDE, array, count;
	fixup_torn bad = 0;

	if (size_bytes < FIXUP_STRIDE)
		return error_at(err, ERROR_BOUNDS, offset, "block shorter than one sector");
	array = le16_at(block + 4);
	count = le16_at(block + 6);
	if (count != strides + 1 || array < 8 || array % 2 || array + 2 * count > FIXUP_STRIDE - 2)
		return error_at(err, ERROR_BOUNDS, offset + 4, "fix-up array does not fit its block");
	for (size_t i = 0; i < strides; i++)
		if (memcmp(block + (i + 1) * FIXUP_STRIDE - 2, block + array, 2) != 0)
			bad |= stride_bit(i);
	for (size_t i = 0; i < strides; i++)
		if (memcmp(block + (i + 1) * FIXUP_STRIDE - 2, block + array, 2) == 0)
			memcpy(block + (i + 1) * FIXUP_STRIDE - 2, block + array + 2 * (i + 1), 2);
	*torn = bad;
	return 0;
}

fixup_torn fixup_unreadable(const struct ranges *unreadable, uint64_t offset, size_t n)
{
	fixup_torn   bad = 0;
	struct range hole;

	for (size_t i = 0; unreadable->count && i < n / FIXUP_STRIDE; i++)
		if (ranges_overlap(unreadable, offset + i * FIXUP_STRIDE, FIXUP_STRIDE, &hole))
			bad |= stride_bit(i);
	return bad;
}

bool fixup_touches(fixup_torn torn, size_t start, size_t n)
{
	if (!torn || !n)
		return false;
	for (size_t i = start / FIXUP_STRIDE; i <= (start + n - 1) / FIXUP_STRIDE; i++)
		if (torn & stride_bit(i))
			return true;
	return false;
}
