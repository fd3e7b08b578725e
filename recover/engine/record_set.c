/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record_set.c - see record_set.h */
#include "recover/engine/record_set.h"

#include "core/cleanup.h"

struct directories ARRAY(uint32_t);

int record_set_init(struct record_set *set, const struct volume_tree *tree, struct error *err)
{
	*set = (struct record_set){ calloc(1, tree->inventory.count / 8 + 1), tree->inventory.count };
	return set->bits ? 0 : error_memory(err);
}

void record_set_release(struct record_set *set)
{
	free(TAKE(set->bits));
}

/* Add what is in a directory; its own directories that are new to the set wait in @waiting. */
static int add_children(struct record_set *set, const struct volume_tree *tree, uint32_t directory,
			struct directories *waiting, struct error *err)
{
	size_t                   count;
	const struct tree_child *children = volume_tree_children(tree, directory, &count);

	for (size_t i = 0; i < count; i++) {
		uint32_t record = children[i].record;
		bool     fresh = !record_set_has(set, record);

		record_set_add(set, record);
		if (fresh && volume_tree_is_directory(tree, record) && !array_push(waiting, record))
			return error_memory(err);
	}
	return 0;
}

int record_set_add_below(struct record_set *set, const struct volume_tree *tree, uint32_t record,
			 struct error *err)
{
	struct directories waiting = { 0 };
	int                result = 0;

	record_set_add(set, record);
	if (volume_tree_is_directory(tree, record) && !array_push(&waiting, record))
		return error_memory(err);
	while (result == 0 && waiting.count)
		result = add_children(set, tree, waiting.items[--waiting.count], &waiting, err);
	array_release(&waiting);
	return result;
}
