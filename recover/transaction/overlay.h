/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * overlay.h - the blocks that a transaction has changed
 *
 * By block number (4096 bytes each, from the volume's first byte).  A block's new
 * image is in memory, or, when memory is to be bounded, in the log, or in both.
 */
#ifndef RECOVER_TRANSACTION_OVERLAY_H
#define RECOVER_TRANSACTION_OVERLAY_H

#include "scan/redo_log.h"

#include <stdbool.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct overlay_block {
	uint64_t       number;
	uint8_t       *image;                /* REDO_BLOCK_BYTES, or NULL: only in the log */
	uint64_t       slot;                 /* block of the log, 0: none yet */
	uint64_t       before[REDO_SECTORS]; /* checksums of what is on the device */
	UT_hash_handle hh;
};

struct overlay {
	struct overlay_block *blocks; /* by hash, and in the order in which they were added */
	size_t                count;
	size_t                resident; /* with an image in memory */
};

struct overlay_block *overlay_find(const struct overlay *overlay, uint64_t number);

/* Add a block with room for its image, which the caller fills; NULL without memory. */
struct overlay_block *overlay_add(struct overlay *overlay, uint64_t number);

/* Give a block without an image room for one again: false without memory. */
bool overlay_admit(struct overlay *overlay, struct overlay_block *block);

/* Give back the image; the log has it. */
void overlay_evict(struct overlay *overlay, struct overlay_block *block);

void overlay_remove(struct overlay *overlay, struct overlay_block *block);

/* Put the blocks in the order of the disk. */
void overlay_sort(struct overlay *overlay);

void overlay_clear(struct overlay *overlay);

#endif
