/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * block_cache.h - blocks of a device that were read lately
 *
 * libntfs-3g reads the same few blocks of $Bitmap, $MFT and indexes over and over.  A block has one place
 * in the cache, by its number; what is written to the device is written to the cache as well.
 */
#ifndef RECOVER_TRANSACTION_BLOCK_CACHE_H
#define RECOVER_TRANSACTION_BLOCK_CACHE_H

#include "scan/redo_log.h"

#define CACHED_BLOCKS 4096u /* 16 MiB */

struct block_cache {
	uint64_t numbers[CACHED_BLOCKS]; /* and one; 0: nothing is there */
	uint8_t  bytes[CACHED_BLOCKS][REDO_BLOCK_BYTES];
};

/* The bytes of a block, or NULL when it is not there. */
static inline uint8_t *block_cache_find(struct block_cache *cache, uint64_t number)
{
	return cache->numbers[number % CACHED_BLOCKS] == number + 1 ? cache->bytes[number % CACHED_BLOCKS] : NULL;
}

/* Where the caller puts the block's bytes, in place of another's; block_cache_forget if it cannot. */
static inline uint8_t *block_cache_admit(struct block_cache *cache, uint64_t number)
{
	cache->numbers[number % CACHED_BLOCKS] = number + 1;
	return cache->bytes[number % CACHED_BLOCKS];
}

static inline void block_cache_forget(struct block_cache *cache, uint64_t number)
{
	if (block_cache_find(cache, number))
		cache->numbers[number % CACHED_BLOCKS] = 0;
}

/* @length bytes at @offset of the device are written: take them over where their blocks are there. */
void block_cache_write(struct block_cache *cache, uint64_t offset, const void *from, size_t length);

#endif
