/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mirrored.c - see mirrored.h */
#include "recover/engine/mirrored.h"

#include "recover/engine/state_store.h"

/* A directory of a mirror, and the one that it is the mirror of. */
struct pair {
	uint32_t mirror, original;
};

struct pairs ARRAY(struct pair);

struct search {
	const struct volume_tree *tree;
	const struct volume_tree *stores; /* tree of the volume that these lie on */
	const struct record_set  *copied;
	bool                     *names;
	struct pairs              waiting;
};

static int look_at(struct search *search, const struct tree_child *mirror, uint32_t directory, struct error *err)
{
	const struct inventory  *stores = &search->stores->inventory;
	const struct name_row   *row = &stores->names.items[mirror->name];
	const struct tree_child *original =
		volume_tree_child(search->tree, directory, inventory_text(stores, row), row->units);

	if (!original)
		return 0;
	if (volume_tree_is_directory(search->stores, mirror->record)) {
		struct pair below = { mirror->record, original->record };

		return array_push(&search->waiting, below) ? 0 : error_memory(err);
	}
	if ((search->stores == search->tree && original->record == mirror->record) ||
	    record_set_has(search->copied, original->record))
		search->names[original->name] = true;
	return 0;
}

/* Walk through a mirror and the volume side by side. */
static int search_mirror(struct search *search, uint32_t mirror, struct error *err)
{
	if (!array_push(&search->waiting, (struct pair){ mirror, ROOT_RECORD }))
		return error_memory(err);
	while (search->waiting.count) {
		struct pair              pair = search->waiting.items[--search->waiting.count];
		size_t                   count;
		const struct tree_child *children = volume_tree_children(search->stores, pair.mirror, &count);

		for (size_t i = 0; i < count; i++)
			if (look_at(search, &children[i], pair.original, err) < 0)
				return -1;
	}
	return 0;
}

/* All mirrors in a store: what is one of another drive has no files of this volume. */
static int search_store(struct search *search, uint32_t store, struct error *err)
{
	const struct volume_tree *tree = search->tree;
	const struct tree_child  *files = volume_tree_child(tree, store, (const uint8_t *)"F\0i\0l\0e", 4), *children;
	size_t                    count;

	children = volume_tree_children(tree, files->record, &count);
	for (size_t i = 0; i < count; i++)
		if (search_mirror(search, children[i].record, err) < 0)
			return -1;
	return 0;
}

int mirrored_find(const struct volume_tree *tree, const struct record_set *stores, const struct record_set *copied,
		  bool *names, struct error *err)
{
	struct search search = { .tree = tree, .stores = tree, .copied = copied, .names = names };
	int           status = 0;

	for (uint32_t i = FIRST_USER_RECORD; status == 0 && i < tree->inventory.count; i++)
		if (record_set_has(stores, i) && volume_tree_is_directory(tree, i) && state_store_is_one(tree, i))
			status = search_store(&search, i, err);
	array_release(&search.waiting);
	return status;
}

int mirrored_find_elsewhere(const struct volume_tree *tree, const struct volume_tree *elsewhere, uint32_t mirror,
			    const struct record_set *copied, bool *names, struct error *err)
{
	struct search search = { .tree = tree, .stores = elsewhere, .copied = copied, .names = names };
	int           status = search_mirror(&search, mirror, err);

	array_release(&search.waiting);
	return status;
}
