/* SPDX-License-Identifier: GPL-3.0-or-later */
/* extension.c - see extension.h */
#include "scan/extension.h"

static int compare_extension(const void *a, const void *b)
{
	const struct extension *left = a, *right = b;

	if (left->base != right->base)
		return left->base < right->base ? -1 : 1;
	return (left->record > right->record) - (left->record < right->record);
}

int extensions_collect(struct extensions *extensions, const struct inventory *inventory, struct error *err)
{
	for (uint32_t i = 0; i < inventory->count; i++)
		if (inventory->rows[i].flags & ROW_EXTENSION &&
		    !array_push(extensions, (struct extension){ inventory->rows[i].base, i }))
			return error_memory(err);
	if (extensions->count)
		qsort(extensions->items, extensions->count, sizeof *extensions->items, compare_extension);
	return 0;
}

/* How many of them lie before those of @base, or, if @past, before those behind it. */
static size_t count_before(const struct extensions *extensions, file_ref base, bool past)
{
	const struct extension *items = extensions->items;

	return partition_point(0, extensions->count, at,
			       items[at].base < base || (past && items[at].base == base));
}

const struct extension *extensions_of(const struct extensions *extensions, file_ref base, size_t *count)
{
	size_t first = count_before(extensions, base, false);

	*count = count_before(extensions, base, true) - first;
	return *count ? extensions->items + first : NULL;
}

bool extension_is_wanted(const struct inventory *inventory, file_ref base)
{
	uint64_t              record = file_ref_record(base);
	const struct mft_row *row = record < inventory->mft.records ? &inventory->rows[record] : NULL;
	file_ref              shown;

	if (!row || !file_ref_sequence(base))
		return false;
	if (!(row->flags & ROW_DECODED) || row->flags & ROW_MISPLACED)
		return true; /* nothing speaks against it */
	shown = inventory_ref(inventory, (uint32_t)record);
	if (base == shown)
		return !(row->flags & (ROW_IN_USE | ROW_EXTENSION));
	return file_ref_sequence(base) < file_ref_sequence(shown);
}
