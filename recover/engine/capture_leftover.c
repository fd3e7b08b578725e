/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture_leftover.c - see capture_leftover.h */
#include "recover/engine/capture_leftover.h"

#include "core/cleanup.h"
#include "recover/engine/capture_copy.h"
#include "recover/engine/capture_links.h"
#include "recover/engine/capture_publish.h"
#include "recover/engine/record_set.h"
#include "recover/engine/removal.h"

/* -------- who has no other name -------- */

/* True if all of a file's names stand below @above. */
static bool is_only_below(const struct work_volume *volume, uint32_t record, uint32_t above)
{
	size_t          count;
	const uint32_t *names = volume_tree_names(&volume->tree, record, &count);

	for (size_t i = 0; i < count; i++)
		if (!state_store_is_below(volume, names[i], above))
			return false;
	return true;
}

/* A drive's tree in a store, and the volume that it was captured from. */
struct mirror {
	uint32_t                  record;
	struct text_buffer        path;
	const struct work_volume *home; /* NULL: it is not among those named */
};

static void mirror_release(struct mirror *mirror)
{
	array_release(&mirror->path);
}

/* Does something stand where a name of the mirror was captured from? */
static bool has_original(const struct work_volume *volume, uint32_t name, const struct mirror *mirror,
			 struct text_buffer *path, bool *known, struct error *err)
{
	size_t length = mirror->path.count;

	*known = volume_tree_path(&volume->tree, name, path, err) == 0;
	return *known && mirror->home && path->count > length &&
	       strncmp(path->items, mirror->path.items, length) == 0 &&
	       volume_tree_find(&mirror->home->tree, path->items + length) != NO_TREE_RECORD;
}

/* 1 if a file of the mirror has neither another name nor a successor at its place; 0, -1. */
static int is_alone(const struct captured_volume *part, uint32_t record, const struct mirror *mirror,
		    struct error *err)
{
	const struct work_volume *volume = part->volume;
	struct text_buffer        path = { 0 };
	size_t                    count;
	const uint32_t           *names = volume_tree_names(&volume->tree, record, &count);
	int                       alone = !volume_tree_is_directory(&volume->tree, record) &&
		    is_only_below(volume, record, part->store.folder);

	for (size_t i = 0; alone == 1 && i < count; i++) {
		bool known, there = has_original(volume, names[i], mirror, &path, &known, err);

		alone = !known ? -1 : !there;
	}
	array_release(&path);
	return alone;
}

static int count_in_mirror(const struct captured_volume *part, const struct mirror *mirror, uint64_t *files,
			   struct error *err)
{
	CLEANUP(record_set_release) struct record_set members = { 0 };

	if (record_set_init(&members, &part->volume->tree, err) < 0 ||
	    record_set_add_below(&members, &part->volume->tree, mirror->record, err) < 0)
		return -1;
	for (uint32_t record = 0; record < members.count; record++) {
		int alone = record_set_has(&members, record) ? is_alone(part, record, mirror, err) : 0;

		if (alone < 0)
			return -1;
		*files += (unsigned)alone;
	}
	return 0;
}

/* Is it the letter of a folder of the host?  What is there now is copied from it anew. */
static bool is_folder_letter(const struct work_volumes *volumes, char letter)
{
	for (size_t i = 0; i < volumes->folder_count; i++)
		if (volumes->folders[i].letter == letter)
			return true;
	return false;
}

int capture_leftover_count_alone(struct captured_volume *part, uint32_t store_folder, uint64_t *files,
				 struct error *err)
{
	*files = 0;
	for (char letter = 'A'; letter <= 'Z'; letter++) {
		CLEANUP(mirror_release) struct mirror mirror = {
			.record = state_store_mirror(part->volume, store_folder, letter),
			.home = work_volumes_find(part->capture->volumes, letter),
		};
		size_t count;

		if (mirror.record == NO_TREE_RECORD || is_folder_letter(part->capture->volumes, letter))
			continue;
		if (volume_tree_path(&part->volume->tree,
				     volume_tree_names(&part->volume->tree, mirror.record, &count)[0], &mirror.path,
				     err) < 0 ||
		    count_in_mirror(part, &mirror, files, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- is it still what would be captured? -------- */

/* The directories of an unfinished capture that the plan has: 0, or -1. */
static int know_folders(const struct captured_volume *part, uint32_t files, const uint32_t *mirrors,
			struct record_set *known, struct error *err)
{
	size_t                   count;
	const struct tree_child *drives = volume_tree_children(&part->volume->tree, files, &count);

	if (record_set_init(known, &part->volume->tree, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		record_set_add(known, drives[i].record);
	for (size_t i = 0; i < part->plan.count; i++)
		if (mirrors[i] != NO_TREE_RECORD)
			record_set_add(known, mirrors[i]);
	return 0;
}

/* 1 if everything in the mirror at @directory is known or is captured from the planned folder @number. */
static int is_as_planned(struct captured_volume *part, const struct record_set *known, uint32_t directory,
			 size_t number, struct error *err)
{
	const struct volume_tree *tree = &part->volume->tree;
	size_t                    count;
	const struct tree_child  *children = volume_tree_children(tree, directory, &count);
	int                       same = 1;

	for (size_t i = 0; same == 1 && i < count; i++) {
		if (volume_tree_is_directory(tree, children[i].record))
			same = record_set_has(known, children[i].record);
		else
			same = number != PLAN_ROOT && part->plan.items[number].covered
				       ? capture_links_is_twin(part, number, &children[i], err)
				       : 0;
	}
	return same;
}

static int is_usable(struct captured_volume *part, uint32_t store_folder, struct error *err)
{
	uint32_t files = state_store_child(part->volume, store_folder, STORE_FILES);
	uint32_t top = state_store_mirror(part->volume, store_folder, part->volume->letter);
	CLEANUP(free_ptr) uint32_t                   *mirrors = malloc((part->plan.count + 1) * sizeof *mirrors);
	CLEANUP(record_set_release) struct record_set known = { 0 };
	int                                           usable;

	if (!mirrors)
		return error_memory(err);
	if (files == NO_TREE_RECORD || top == NO_TREE_RECORD)
		return 1; /* nothing in it yet */
	capture_links_find_mirrors(part, top, mirrors);
	if (know_folders(part, files, mirrors, &known, err) < 0)
		return -1;
	usable = is_as_planned(part, &known, top, capture_plan_root(&part->plan), err);
	for (size_t i = 0; usable == 1 && i < part->plan.count; i++)
		if (mirrors[i] != NO_TREE_RECORD)
			usable = is_as_planned(part, &known, mirrors[i], i, err);
	return usable;
}

/* Of links: a file without a name outside would be lost. */
static int judge_links(struct captured_volume *part, uint32_t store_folder, enum leftover *leftover, struct error *err)
{
	const struct volume_tree                     *tree = &part->volume->tree;
	CLEANUP(record_set_release) struct record_set members = { 0 };

	if (record_set_init(&members, tree, err) < 0 ||
	    record_set_add_below(&members, tree, store_folder, err) < 0)
		return -1;
	for (uint32_t record = 0; record < members.count; record++)
		if (record_set_has(&members, record) && !volume_tree_is_directory(tree, record) &&
		    is_only_below(part->volume, record, store_folder))
			*leftover = LEFTOVER_ONLY_HERE;
	return 0;
}

/* Of copies: one whose original is gone would be. */
static int judge_copies(struct captured_volume *part, uint32_t store_folder, enum leftover *leftover, struct error *err)
{
	uint64_t alone;

	if (capture_leftover_count_alone(part, store_folder, &alone, err) < 0)
		return -1;
	if (alone)
		*leftover = LEFTOVER_ONLY_HERE;
	return 0;
}

int capture_leftover_judge(struct captured_volume *part, uint32_t store_folder, enum leftover *leftover,
			   struct error *err)
{
	bool copy = part->capture->options->copy;
	int  usable = copy ? capture_copy_is_usable(part->capture, store_folder, err)
			   : is_usable(part, store_folder, err);

	*leftover = usable ? LEFTOVER_USABLE : LEFTOVER_STALE;
	if (usable)
		return usable < 0 ? -1 : 0;
	return copy ? judge_copies(part, store_folder, leftover, err) : judge_links(part, store_folder, leftover, err);
}

/* -------- clearing it -------- */

static int take_away(struct captured_volume *part, uint32_t store_folder, struct error *err)
{
	CLEANUP(record_set_release) struct record_set copies = { 0 };
	struct removal                                removal;
	int                                           status;

	if (record_set_init(&copies, &part->volume->tree, err) < 0 ||
	    (part->capture->options->copy &&
	     record_set_add_below(&copies, &part->volume->tree, store_folder, err) < 0))
		return -1;
	removal_init(&removal, &part->volume->mount, &part->volume->tree, 0);
	removal.copies = &copies; /* or a later guard would say that they are lost */
	status = removal_take(&removal, part->store.folder, store_folder, err);
	if (status == 0)
		status = removal_settle(&removal, err);
	removal_release(&removal);
	return status;
}

int capture_leftover_clear(struct captured_volume *part, bool *any, struct error *err)
{
	*any = false;
	for (size_t i = 0; i < part->store.unfinished.count; i++) {
		const struct store_folder *folder = &part->store.unfinished.items[i];
		enum leftover              leftover;

		if (part->capture->options->copy && strcasecmp(folder->name, part->capture->new_name) == 0)
			continue; /* it was judged when it was chosen, and that takes its time */
		if (capture_leftover_judge(part, folder->record, &leftover, err) < 0)
			return -1;
		if (leftover == LEFTOVER_USABLE)
			continue;
		*any = true;
		if (leftover == LEFTOVER_STALE ? take_away(part, folder->record, err) < 0
					       : capture_publish_set_aside(part, folder, err) < 0)
			return -1;
	}
	return *any ? ntfs3g_commit(&part->volume->mount, err) : 0;
}
