/* SPDX-License-Identifier: GPL-3.0-or-later */
/* directory_index.c - see directory_index.h */
#include "scan/directory_index.h"

#include "core/utf16.h"

/* A directory that has a name. */
static bool is_directory(const struct namespace *space, uint32_t node)
{
	return namespace_is_directory(space, node) &&
	       (node < space->inventory->count || space->nodes.items[node].name != NO_NAME);
}

int directory_index_build(struct directory_index *index, const struct namespace *space, struct error *err)
{
	uint32_t sum = 0, count = 0;

	*index = (struct directory_index){ .space = space, .nodes = (uint32_t)space->nodes.count };
	index->first = calloc((size_t)index->nodes + 2, sizeof *index->first);
	if (!index->first)
		return error_memory(err);
	for (uint32_t node = 0; node < index->nodes; node++)
		if (is_directory(space, node) && space->nodes.items[node].parent != NO_NODE) {
			index->first[space->nodes.items[node].parent + 2]++;
			count++;
		}
	index->directories = malloc(((size_t)count + 1) * sizeof *index->directories);
	if (!index->directories)
		return error_memory(err);
	for (uint32_t node = 0; node < index->nodes + 2; node++) {
		sum += index->first[node];
		index->first[node] = sum;
	}
	for (uint32_t node = 0; node < index->nodes; node++)
		if (is_directory(space, node) && space->nodes.items[node].parent != NO_NODE)
			index->directories[index->first[space->nodes.items[node].parent + 1]++] = node;
	return 0;
}

void directory_index_release(struct directory_index *index)
{
	free(index->directories);
	free(index->first);
	*index = (struct directory_index){ 0 };
}

const uint32_t *directory_index_below(const struct directory_index *index, uint32_t parent, uint32_t *count)
{
	if (parent >= index->nodes) {
		*count = 0;
		return index->directories;
	}
	*count = index->first[parent + 1] - index->first[parent];
	return index->directories + index->first[parent];
}

uint32_t directory_index_child(const struct directory_index *index, uint32_t parent, uint32_t name)
{
	const struct inventory *inventory = index->space->inventory;
	const struct name_row  *wanted = &inventory->names.items[name];
	uint32_t                count, found = NO_NODE;
	const uint32_t         *below = directory_index_below(index, parent, &count);

	for (uint32_t i = 0; i < count; i++) {
		const struct name_row *row = &inventory->names.items[index->space->nodes.items[below[i]].name];

		if (row->units != wanted->units ||
		    memcmp(inventory_text(inventory, row), inventory_text(inventory, wanted),
			   2u * row->units) != 0)
			continue;
		if (found == NO_NODE || namespace_is_live(index->space, below[i]))
			found = below[i];
	}
	return found;
}

uint32_t directory_index_child_named(const struct directory_index *index, uint32_t parent, const char *word)
{
	const struct inventory *inventory = index->space->inventory;
	uint32_t                count, found = NO_NODE;
	const uint32_t         *below = directory_index_below(index, parent, &count);

	for (uint32_t i = 0; i < count; i++) {
		const struct name_row *row = &inventory->names.items[index->space->nodes.items[below[i]].name];

		if (utf16_is_word(inventory_text(inventory, row), row->units, word) &&
		    (found == NO_NODE || namespace_is_live(index->space, below[i])))
			found = below[i];
	}
	return found;
}
