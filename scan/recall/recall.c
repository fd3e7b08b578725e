/* SPDX-License-Identifier: GPL-3.0-or-later */
/* recall.c - see recall.h */
#include "scan/recall/recall.h"

#include "scan/recall/recall_log.h"

static int compare_older(const void *a, const void *b)
{
	const struct older_record *left = a, *right = b;

	if (left->ref != right->ref)
		return left->ref < right->ref ? -1 : 1;
	if (left->partial != right->partial)
		return left->partial - right->partial;
	if (left->moment != right->moment)
		return left->moment > right->moment ? -1 : 1;
	return (left->offset > right->offset) - (left->offset < right->offset);
}

void older_keep_best(struct older_records *older, size_t first)
{
	size_t kept = first;

	if (older->count > first)
		qsort(older->items + first, older->count - first, sizeof *older->items, compare_older);
	for (size_t i = first; i < older->count; i++) {
		if (kept > first && older->items[kept - 1].ref == older->items[i].ref)
			free(older->items[i].image);
		else
			older->items[kept++] = older->items[i];
	}
	older->count = kept;
}

void recall_release(struct recall *recall)
{
	recall_log_close(recall);
	for (size_t i = 0; i < recall->older.count; i++)
		free(recall->older.items[i].image);
	array_release(&recall->older);
	array_release(&recall->digests);
	facts_release(&recall->facts);
	usn_history_release(&recall->journal);
}
