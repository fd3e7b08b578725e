/* SPDX-License-Identifier: GPL-3.0-or-later */
/* overlay.c - see overlay.h */
#include "recover/transaction/overlay.h"

#include "core/cleanup.h"

/* What uthash's macros do inside is not ours to mend. */
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"

struct overlay_block *overlay_find(const struct overlay *overlay, uint64_t number)
{
	struct overlay_block *block;

	HASH_FIND(hh, overlay->blocks, &number, sizeof number, block);
	return block;
}

struct overlay_block *overlay_add(struct overlay *overlay, uint64_t number)
{
	struct overlay_block *block = calloc(1, sizeof *block);

	if (!block || !overlay_admit(overlay, block)) {
		free(block);
		return NULL;
	}
	block->number = number;
	HASH_ADD(hh, overlay->blocks, number, sizeof block->number, block);
	if (!block->hh.tbl) { /* uthash had no memory */
		overlay_evict(overlay, block);
		free(block);
		return NULL;
	}
	overlay->count++;
	return block;
}

bool overlay_admit(struct overlay *overlay, struct overlay_block *block)
{
	block->image = malloc(REDO_BLOCK_BYTES);
	overlay->resident += block->image != NULL;
	return block->image != NULL;
}

void overlay_evict(struct overlay *overlay, struct overlay_block *block)
{
	overlay->resident -= block->image != NULL;
	free(TAKE(block->image));
}

void overlay_remove(struct overlay *overlay, struct overlay_block *block)
{
	HASH_DEL(overlay->blocks, block);
	overlay_evict(overlay, block);
	overlay->count--;
	free(block);
}

static int compare_number(const struct overlay_block *a, const struct overlay_block *b)
{
	return (a->number > b->number) - (a->number < b->number);
}

void overlay_sort(struct overlay *overlay)
{
	HASH_SORT(overlay->blocks, compare_number);
}

void overlay_clear(struct overlay *overlay)
{
	struct overlay_block *block, *next;

	HASH_ITER(hh, overlay->blocks, block, next)
		overlay_remove(overlay, block);
}
