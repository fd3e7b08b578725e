/* SPDX-License-Identifier: GPL-3.0-or-later */
/* copy_lives.c - see copy_lives.h */
#include "scan/copy_lives.h"

int lives_add(struct known_lives *known, uint32_t volume, const struct inventory *inventory, struct error *err)
{
	uint32_t     count = (uint32_t)inventory->mft.records;
	struct lives lives = { volume, calloc((size_t)count + 1, sizeof *lives.generations), count };

	if (!lives.generations || !array_push(known, lives)) {
		free(lives.generations);
		return error_memory(err);
	}
	for (uint32_t i = 0; i < count; i++)
		if (inventory->rows[i].flags & ROW_IN_USE)
			lives.generations[i] = file_ref_sequence(inventory_ref(inventory, i));
	return 0;
}

bool lives_has(const struct known_lives *known, uint32_t volume, file_ref ref)
{
	uint64_t record = file_ref_record(ref);

	for (size_t i = 0; i < known->count; i++) {
		const struct lives *lives = &known->items[i];

		if (lives->volume == volume && record < lives->count &&
		    lives->generations[record] == file_ref_sequence(ref))
			return true;
	}
	return false;
}

void lives_release(struct known_lives *known)
{
	for (size_t i = 0; i < known->count; i++)
		free(known->items[i].generations);
	array_release(known);
}
