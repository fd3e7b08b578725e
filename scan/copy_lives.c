/* SPDX-License-Identifier: GPL-3.0-or-later */
/* copy_lives.c - see copy_lives.h */
#include "scan/copy_lives.h"

static void release(struct lives *lives)
{
	free(lives->generations);
	free(lives->in_use);
}

int lives_add(struct known_lives *known, uint32_t volume, const struct inventory *inventory, struct error *err)
{
	uint32_t     count = (uint32_t)inventory->mft.records;
	struct lives lives = { .volume = volume,
			       .generations = calloc((size_t)count + 1, sizeof *lives.generations),
			       .in_use = calloc((size_t)count + 1, sizeof *lives.in_use),
			       .count = count };

	if (!lives.generations || !lives.in_use || !array_push(known, lives)) {
		release(&lives);
		return error_memory(err);
	}
	for (uint32_t i = 0; i < count; i++) {
		if (inventory->rows[i].flags & ROW_DECODED)
			lives.generations[i] = file_ref_sequence(inventory_ref(inventory, i));
		lives.in_use[i] = inventory->rows[i].flags & ROW_IN_USE;
	}
	return 0;
}

static bool find(const struct known_lives *known, uint32_t volume, file_ref ref, bool in_use)
{
	uint64_t record = file_ref_record(ref);

	for (size_t i = 0; i < known->count; i++) {
		const struct lives *lives = &known->items[i];

		if (lives->volume == volume && record < lives->count &&
		    lives->generations[record] == file_ref_sequence(ref) && (lives->in_use[record] || !in_use))
			return true;
	}
	return false;
}

bool lives_has(const struct known_lives *known, uint32_t volume, file_ref ref)
{
	return find(known, volume, ref, true);
}

bool lives_shows(const struct known_lives *known, uint32_t volume, file_ref ref)
{
	return find(known, volume, ref, false);
}

void lives_release(struct known_lives *known)
{
	for (size_t i = 0; i < known->count; i++)
		release(&known->items[i]);
	array_release(known);
}
