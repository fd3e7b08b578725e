/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chosen_names.c - see chosen_names.h */
#include "recover/engine/chosen_names.h"

#include "core/checksum.h"

/* Directory, file and text of a name in one number. */
static uint64_t name_key(const struct volume_tree *tree, const struct tree_child *child)
{
	const struct name_row *row = &tree->inventory.names.items[child->name];
	struct {
		uint64_t parent, file, text;
	} key = { row->parent, volume_tree_ref(tree, child->record),
		  checksum(inventory_text(&tree->inventory, row), row->units * sizeof(uint16_t)) };

	return checksum(&key, sizeof key);
}

static int compare_key(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

int chosen_names_learn(struct chosen_names *chosen, const struct volume_tree *tree, const bool *taken,
		       struct error *err)
{
	*chosen = (struct chosen_names){ 0 };
	for (uint32_t directory = 0; directory < tree->inventory.count; directory++) {
		size_t                   count;
		const struct tree_child *children = volume_tree_children(tree, directory, &count);

		for (size_t i = 0; i < count; i++)
			if (taken[children[i].name] && !array_push(chosen, name_key(tree, &children[i])))
				return error_memory(err);
	}
	if (chosen->count)
		qsort(chosen->items, chosen->count, sizeof *chosen->items, compare_key);
	return 0;
}

static bool is_chosen(const struct chosen_names *chosen, uint64_t key)
{
	return chosen->count && bsearch(&key, chosen->items, chosen->count, sizeof key, compare_key);
}

bool *chosen_names_find(const struct chosen_names *chosen, const struct volume_tree *tree)
{
	bool *taken = calloc(tree->inventory.names.count + 1, sizeof *taken);

	for (uint32_t directory = 0; taken && directory < tree->inventory.count; directory++) {
		size_t                   count;
		const struct tree_child *children = volume_tree_children(tree, directory, &count);

		for (size_t i = 0; i < count; i++)
			taken[children[i].name] = is_chosen(chosen, name_key(tree, &children[i]));
	}
	return taken;
}
