/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_overlay.c - expected values: overlay.h */
#include "tests/unit/unit.h"

#include "recover/transaction/overlay.h"

#define BLOCKS 1000u

/* Numbers in no order, each once. */
static uint64_t number_of(uint64_t i)
{
	return i * 7919 % BLOCKS;
}

static void fill(struct overlay *overlay)
{
	for (uint64_t i = 0; i < BLOCKS; i++) {
		struct overlay_block *block = overlay_add(overlay, number_of(i));

		cr_assert(block != NULL);
		memset(block->image, (int)(number_of(i) % 251), REDO_BLOCK_BYTES);
	}
}

Test(overlay, blocks_are_found_by_number)
{
	struct overlay overlay = { 0 };

	fill(&overlay);
	cr_expect(eq(sz, overlay.count, BLOCKS));
	cr_expect(eq(sz, overlay.resident, BLOCKS));
	for (uint64_t number = 0; number < BLOCKS; number++) {
		struct overlay_block *block = overlay_find(&overlay, number);

		cr_assert(block != NULL);
		cr_expect(eq(u64, block->number, number));
		cr_expect(eq(int, block->image[REDO_BLOCK_BYTES - 1], (int)(number % 251)));
		cr_expect(eq(u64, block->slot, 0));
	}
	cr_expect(overlay_find(&overlay, BLOCKS) == NULL);
	overlay_clear(&overlay);
	cr_expect(eq(sz, overlay.count, 0));
	cr_expect(eq(sz, overlay.resident, 0));
	cr_expect(overlay_find(&overlay, 1) == NULL);
}

Test(overlay, images_go_and_come_back)
{
	struct overlay        overlay = { 0 };
	struct overlay_block *block;

	fill(&overlay);
	block = overlay_find(&overlay, 5);
	overlay_evict(&overlay, block);
	cr_expect(block->image == NULL);
	cr_expect(eq(sz, overlay.resident, BLOCKS - 1));
	overlay_evict(&overlay, block);
	cr_expect(eq(sz, overlay.resident, BLOCKS - 1), "nothing to give back");
	cr_expect(overlay_admit(&overlay, block));
	cr_expect(block->image != NULL);
	cr_expect(eq(sz, overlay.resident, BLOCKS));
	overlay_remove(&overlay, block);
	cr_expect(eq(sz, overlay.count, BLOCKS - 1));
	cr_expect(eq(sz, overlay.resident, BLOCKS - 1));
	cr_expect(overlay_find(&overlay, 5) == NULL);
	overlay_clear(&overlay);
}

Test(overlay, sorted_by_the_disk)
{
	struct overlay overlay = { 0 };
	uint64_t       next = 0;

	fill(&overlay);
	overlay_sort(&overlay);
	for (struct overlay_block *block = overlay.blocks; block; block = block->hh.next)
		cr_assert(eq(u64, block->number, next++));
	cr_expect(eq(u64, next, BLOCKS));
	overlay_clear(&overlay);
}
