/* SPDX-License-Identifier: GPL-3.0-or-later */
/* security_table.c - see security_table.h */
#include "scan/security_table.h"

#include "core/cleanup.h"

#define STREAM_MAX (256u << 20) /* bytes of $SDS that are looked through */

/* By id; of several with one id the first in the stream. */
static int compare_entry(const void *a, const void *b)
{
	const struct security_entry *left = a, *right = b;

	if (left->id != right->id)
		return left->id < right->id ? -1 : 1;
	return (left->descriptor.at > right->descriptor.at) - (left->descriptor.at < right->descriptor.at);
}

static int sort_entries(struct security_table *table, size_t stream_bytes, struct error *err)
{
	struct security_entries *entries = &table->entries;
	struct bytes             rest = { table->stream, stream_bytes, 0 };
	struct security_entry    entry;
	size_t                   kept = 0;

	while (security_entry_next(&rest, &entry))
		if (!array_push(entries, entry))
			return error_memory(err);
	if (entries->count)
		qsort(entries->items, entries->count, sizeof *entries->items, compare_entry);
	for (size_t i = 0; i < entries->count; i++)
		if (!i || entries->items[i].id != entries->items[kept - 1].id)
			entries->items[kept++] = entries->items[i];
	entries->count = kept;
	return 0;
}

int security_table_read(struct security_table *table, struct file_reader *reader, struct error *err)
{
	CLEANUP(file_release) struct file secure = { 0 };
	const struct inventory           *inventory = reader->inventory;
	const struct file_stream         *sds;
	struct ranges                     missing = { 0 };
	int                               result;

	*table = (struct security_table){ 0 };
	if (inventory->count <= SECURE_RECORD || !(inventory->rows[SECURE_RECORD].flags & ROW_DECODED))
		return 0;
	if (file_load(reader, SECURE_RECORD, &secure, err) < 0)
		return -1;
	sds = file_find_stream(&secure, ATTRIBUTE_DATA, "$SDS");
	if (!sds || sds->resident || sds->size_bytes > STREAM_MAX ||
	    sds->size_bytes > inventory->mft.volume->size_bytes)
		return 0;
	table->stream = malloc((size_t)sds->size_bytes + 1);
	if (!table->stream)
		return error_memory(err);
	result = stream_read(inventory->mft.volume, &sds->runs, 0, table->stream, (size_t)sds->size_bytes,
			     &missing, err);
	array_release(&missing);
	if (result < 0 || sort_entries(table, (size_t)sds->size_bytes, err) < 0)
		return -1;
	return 1;
}

void security_table_release(struct security_table *table)
{
	free(table->stream);
	array_release(&table->entries);
	*table = (struct security_table){ 0 };
}

bool security_table_find(const struct security_table *table, uint32_t id, struct bytes *descriptor)
{
	size_t first = partition_point(0, table->entries.count, at, table->entries.items[at].id < id);

	if (first == table->entries.count || table->entries.items[first].id != id)
		return false;
	*descriptor = table->entries.items[first].descriptor;
	return true;
}
