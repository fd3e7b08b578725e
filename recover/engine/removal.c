/* SPDX-License-Identifier: GPL-3.0-or-later */
/* removal.c - see removal.h */
#include "recover/engine/removal.h"

#include "core/cleanup.h"
#include "recover/ntfs3g_remove.h"

struct removal_frame {
	uint32_t  directory;
	uint32_t *children; /* records, each once: directories, then files, in the order of the table */
	size_t    count, next;
	size_t    loose; /* where its own begin in .loose of the removal */
};

void removal_init(struct removal *removal, struct ntfs3g *mount, const struct volume_tree *tree,
		  uint64_t entries)
{
	*removal = (struct removal){ .mount = mount, .tree = tree };
	progress_start(&removal->progress, "removing", entries, PROGRESS_ITEMS);
}

void removal_release(struct removal *removal)
{
	progress_end(&removal->progress);
	while (removal->frames.count)
		free(removal->frames.items[--removal->frames.count].children);
	array_release(&removal->frames);
	array_release(&removal->loose);
}

/* -------- loose names -------- */

/* What @record is called in @directory is in that index only from now on. */
static int loosen(struct removal *removal, uint32_t directory, uint32_t record, struct error *err)
{
	size_t          count;
	const uint32_t *names = volume_tree_names(removal->tree, record, &count);

	for (size_t i = 0; i < count; i++) {
		if (volume_tree_parent(removal->tree, names[i]) != directory)
			continue;
		if (!array_push(&removal->loose, (struct loose_name){ directory, names[i] }))
			return error_memory(err);
	}
	progress_add(&removal->progress, 1);
	return 0;
}

/* Take @count loose names, all of one directory, out of its index. */
static int unindex(struct removal *removal, const struct loose_name *loose, size_t count, struct error *err)
{
	const struct inventory         *inventory = &removal->tree->inventory;
	CLEANUP(free_ptr) struct bytes *names = malloc(count * sizeof *names);

	if (!names)
		return error_memory(err);
	for (size_t i = 0; i < count; i++) {
		const struct name_row *row = &inventory->names.items[loose[i].name];

		names[i] = (struct bytes){ .at = inventory_text(inventory, row), .left = 2u * row->units };
	}
	return ntfs3g_unindex(removal->mount, volume_tree_ref(removal->tree, loose->directory), names, count,
			      err);
}

int removal_settle(struct removal *removal, struct error *err)
{
	const struct loose_names *loose = &removal->loose;
	size_t                    count;

	for (size_t at = 0; at < loose->count; at += count) {
		for (count = 1; at + count < loose->count; count++)
			if (loose->items[at + count].directory != loose->items[at].directory)
				break;
		if (unindex(removal, loose->items + at, count, err) < 0)
			return -1;
	}
	removal->loose.count = 0;
	for (size_t i = 0; i < removal->frames.count; i++)
		removal->frames.items[i].loose = 0;
	return 0;
}

static int commit_if_full(struct removal *removal, struct error *err)
{
	if (!transaction_is_full(&removal->mount->transaction))
		return 0;
	return removal_settle(removal, err) < 0 ? -1 : ntfs3g_commit(removal->mount, err);
}

/* -------- files -------- */

static int remove_file(struct removal *removal, uint32_t directory, uint32_t record, struct error *err)
{
	bool copy = removal->copies && record_set_has(removal->copies, record);

	if (ntfs3g_strip_names(removal->mount, volume_tree_ref(removal->tree, record),
			       volume_tree_ref(removal->tree, directory),
			       copy ? FREED_EMPTY : FREED_AS_IT_WAS, err) < 0 ||
	    loosen(removal, directory, record, err) < 0)
		return -1;
	return commit_if_full(removal, err);
}

/* -------- directories -------- */

/* Directories first: what a store says of itself, beside its folder of files, outlives those. */
static int compare_child(const void *a, const void *b, void *tree)
{
	const uint32_t *left = a, *right = b;
	bool            down = volume_tree_is_directory(tree, *left);

	if (down != volume_tree_is_directory(tree, *right))
		return down ? -1 : 1;
	return (*left > *right) - (*left < *right);
}

static int open_frame(struct removal *removal, uint32_t directory, struct error *err)
{
	size_t                   count;
	const struct tree_child *children = volume_tree_children(removal->tree, directory, &count);
	struct removal_frame     frame = { .directory = directory,
					   .children = malloc((count + 1) * sizeof *frame.children),
					   .loose = removal->loose.count };

	if (!frame.children)
		return error_memory(err);
	for (size_t i = 0; i < count; i++)
		frame.children[i] = children[i].record;
	qsort_r(frame.children, count, sizeof *frame.children, compare_child,
		(void *)(uintptr_t)removal->tree);
	for (size_t i = 0; i < count; i++)
		if (!i || frame.children[i] != frame.children[i - 1])
			frame.children[frame.count++] = frame.children[i];
	if (array_push(&removal->frames, frame))
		return 0;
	free(frame.children);
	return error_memory(err);
}

/* The directory at the bottom has nothing in it any more. */
static int close_frame(struct removal *removal, struct error *err)
{
	struct removal_frame *frame = &removal->frames.items[--removal->frames.count];
	uint32_t              directory = frame->directory;
	size_t                count;
	const uint32_t       *names = volume_tree_names(removal->tree, directory, &count);

	free(frame->children);
	removal->loose.count = frame->loose;
	if (ntfs3g_free_record(removal->mount, volume_tree_ref(removal->tree, directory), FREED_AS_IT_WAS,
			       err) < 0 ||
	    loosen(removal, volume_tree_parent(removal->tree, names[0]), directory, err) < 0)
		return -1;
	return commit_if_full(removal, err);
}

/* One child of the directory at the bottom, or that itself. */
static int step(struct removal *removal, struct error *err)
{
	struct removal_frame *frame = &removal->frames.items[removal->frames.count - 1];
	uint32_t              child;

	if (frame->next == frame->count)
		return close_frame(removal, err);
	child = frame->children[frame->next++];
	return volume_tree_is_directory(removal->tree, child)
		       ? open_frame(removal, child, err)
		       : remove_file(removal, frame->directory, child, err);
}

int removal_take(struct removal *removal, uint32_t directory, uint32_t record, struct error *err)
{
	int result;

	if (!volume_tree_is_directory(removal->tree, record))
		return remove_file(removal, directory, record, err);
	result = open_frame(removal, record, err);
	while (result == 0 && removal->frames.count)
		result = step(removal, err);
	return result;
}
