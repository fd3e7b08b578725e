/* SPDX-License-Identifier: GPL-3.0-or-later */
/* block_cache.c - see block_cache.h */
#include "recover/transaction/block_cache.h"

#include <string.h>

void block_cache_write(struct block_cache *cache, uint64_t offset, const void *from, size_t length)
{
	const uint8_t *at = from;

	while (length) {
		size_t   start = (size_t)(offset % REDO_BLOCK_BYTES);
		size_t   part = REDO_BLOCK_BYTES - start < length ? REDO_BLOCK_BYTES - start : length;
		uint8_t *block = block_cache_find(cache, offset / REDO_BLOCK_BYTES);

		if (block)
			memcpy(block + start, at, part);
		at += part;
		offset += part;
		length -= part;
	}
}
