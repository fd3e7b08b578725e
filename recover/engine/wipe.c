/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wipe.c - see wipe.h */
#include "recover/engine/wipe.h"

#include "core/cleanup.h"
#include "core/utf16.h"
#include "recover/engine/removal.h"
#include "recover/engine/store_catalogue.h"

#include <ctype.h>
#include <string.h>

#define STEP "wipe"
#define SYSTEM_VOLUME_INFORMATION "\\System Volume Information"

/* -------- what stays -------- */

/* Keep @record with all below it, and the directories above it. */
static int keep_record(struct wipe_plan *plan, const struct volume_tree *tree, uint32_t record,
		       struct error *err)
{
	size_t count = 1;

	if (record_set_add_below(&plan->covered, tree, record, err) < 0)
		return -1;
	while (count && record != ROOT_RECORD) {
		const uint32_t *names = volume_tree_names(tree, record, &count);

		record_set_add(&plan->stays, record);
		record = count ? volume_tree_parent(tree, names[0]) : ROOT_RECORD;
	}
	return 0;
}

static int keep_path(struct wipe_plan *plan, const struct work_volume *volume, const char *path,
		     struct error *err)
{
	uint32_t record;

	if (isalpha((unsigned char)path[0]) && path[1] == ':')
		return error_set(
			err, ERROR_USAGE, path,
			"begins with a drive; name what to keep by its path on the volume, as in \\StateStore");
	record = volume_tree_find(&volume->tree, path);
	if (record == NO_TREE_RECORD)
		return error_set(
			err, ERROR_REFUSED, volume->source,
			"has no '%.100s' that could be kept; look at the path's spelling, then try again",
			path);
	if (record == ROOT_RECORD)
		return error_set(err, ERROR_USAGE, path,
				 "is the whole volume; name the folders to keep, as in --keep \\StateStore");
	return keep_record(plan, &volume->tree, record, err);
}

static int keep_own(struct wipe_plan *plan, const struct volume_tree *tree, struct error *err)
{
	uint32_t information = volume_tree_find(tree, SYSTEM_VOLUME_INFORMATION);

	for (uint32_t i = 0; i < FIRST_USER_RECORD && i < tree->inventory.count; i++) {
		record_set_add(&plan->stays, i);
		if (i != ROOT_RECORD && record_set_add_below(&plan->own, tree, i, err) < 0)
			return -1;
	}
	return information == NO_TREE_RECORD ? 0 : keep_record(plan, tree, information, err);
}

/* Does what @record is called in @directory stay? */
static bool name_stays(const struct wipe_plan *plan, uint32_t directory, uint32_t record)
{
	return record_set_has(&plan->covered, directory) || record_set_has(&plan->own, directory) ||
	       (record_set_has(&plan->stays, directory) && record_set_has(&plan->stays, record));
}

/* -------- what goes -------- */

/* What goes out of a directory that stays. */
static int find_victims_in(struct wipe_plan *plan, const struct volume_tree *tree, uint32_t directory,
			   struct error *err)
{
	size_t                   count;
	const struct tree_child *children = volume_tree_children(tree, directory, &count);

	for (size_t i = 0; i < count; i++)
		if (!name_stays(plan, directory, children[i].record) &&
		    !array_push(&plan->victims, (struct wipe_victim){ directory, children[i].record }))
			return error_memory(err);
	return 0;
}

static int compare_victim(const void *a, const void *b)
{
	const struct wipe_victim *left = a, *right = b;

	if (left->record != right->record)
		return left->record < right->record ? -1 : 1;
	return (left->directory > right->directory) - (left->directory < right->directory);
}

/* All victims, each once, in the order of the table. */
static int find_victims(struct wipe_plan *plan, const struct volume_tree *tree, struct error *err)
{
	struct wipe_victims *victims = &plan->victims;
	size_t               kept = 0;

	for (uint32_t i = 0; i < tree->inventory.count; i++)
		if (record_set_has(&plan->stays, i) && !record_set_has(&plan->covered, i) &&
		    find_victims_in(plan, tree, i, err) < 0)
			return -1;
	if (victims->count)
		qsort(victims->items, victims->count, sizeof *victims->items, compare_victim);
	for (size_t i = 0; i < victims->count; i++)
		if (!i || compare_victim(&victims->items[i], &victims->items[i - 1]) != 0)
			victims->items[kept++] = victims->items[i];
	victims->count = kept;
	return 0;
}

static void count_record(struct wipe_plan *plan, const struct volume_tree *tree, uint32_t record)
{
	size_t          count;
	const uint32_t *names = volume_tree_names(tree, record, &count);
	bool            directory = volume_tree_is_directory(tree, record), stays = false;
	uint64_t        lost = 0;

	if (!count || record_set_has(&plan->own, record))
		return;
	for (size_t i = 0; i < count; i++) {
		bool name = name_stays(plan, volume_tree_parent(tree, names[i]), record);

		stays = stays || name;
		lost += !name && tree->inventory.names.items[names[i]].space != NAME_DOS;
	}
	if (stays)
		plan->names += lost;
	if (directory)
		*(stays ? &plan->kept_directories : &plan->directories) += 1;
	else
		*(stays ? &plan->kept_files : &plan->files) += 1;
}

/* -------- may it be done? -------- */

/* Do all names that a catalogue's entry has in the store at @path lead to its file? */
static bool is_entry_there(const struct volume_tree *tree, const char *path,
			   const struct catalogue_entry *entry)
{
	const struct case_file *file = &entry->record.file;
	bool                    there = entry->whole;

	for (size_t i = 0; there && i < entry->record.names.count; i++) {
		const struct case_name *name = &entry->record.names.items[i];
		CLEANUP(free_ptr) char *full = NULL;
		uint32_t                record;

		if (!name->store)
			continue;
		record = asprintf(&full, "%s\\%s", path, name->inside) < 0 ? NO_TREE_RECORD
									   : volume_tree_find(tree, full);
		there = record != NO_TREE_RECORD &&
			(entry->copied || file->directory ||
			 volume_tree_ref(tree, record) == file_ref_make(file->record, file->sequence));
	}
	return there;
}

/* 1 if all that the catalogue of the directory @store tells is there, 0 if not, or if it has none, -1. */
static int is_whole_store(struct work_volume *volume, uint32_t store, struct error *err)
{
	CLEANUP(store_catalogue_close) struct store_catalogue catalogue = { 0 };
	struct text_buffer                                    path = { 0 };
	struct catalogue_entry                                entry;
	size_t                                                count;
	const uint32_t *names = volume_tree_names(&volume->tree, store, &count);
	int             result = store_catalogue_open(&catalogue, volume, store, err);
	bool            more = result == 1;

	if (result < 0)
		return err->kind == ERROR_MEMORY ? -1 : 0;
	if (more)
		result = volume_tree_path(&volume->tree, names[0], &path, err) < 0 ? -1 : 1;
	while (result == 1 && more) {
		int got = catalogue_file_next(&catalogue.file, &entry, err);

		more = got == 1;
		result = got < 0 ? -1 : !more || is_entry_there(&volume->tree, path.items, &entry);
		catalogue_entry_release(&entry);
	}
	array_release(&path);
	return result == 1 ? catalogue.file.finished && !catalogue.file.lost : result;
}

static bool is_called_store(const struct volume_tree *tree, uint32_t directory)
{
	size_t          count;
	const uint32_t *names = volume_tree_names(tree, directory, &count);

	for (size_t i = 0; i < count; i++) {
		const struct name_row *row = &tree->inventory.names.items[names[i]];

		if (utf16_is_word(inventory_text(&tree->inventory, row), row->units, STORE_FOLDER))
			return true;
	}
	return false;
}

/* Without a finished capture among the kept there is nothing that could be restored. */
static int demand_store(const struct wipe_plan *plan, struct work_volume *volume, struct error *err)
{
	const struct volume_tree *tree = &volume->tree;

	for (uint32_t i = FIRST_USER_RECORD; i < tree->inventory.count; i++) {
		int whole;

		if (!record_set_has(&plan->covered, i) || !volume_tree_is_directory(tree, i) ||
		    !is_called_store(tree, i))
			continue;
		whole = is_whole_store(volume, i, err);
		if (whole)
			return whole < 0 ? -1 : 0;
	}
	return error_set(
		err, ERROR_REFUSED, volume->source,
		"has no finished and whole capture below a kept path; make one first, as in 'holdfast "
		"capture --store \\StateStore %.60s', and keep it with --keep \\StateStore",
		volume->source);
}

/* A wipe that was cut off has deleted what it was to delete: that does not stand in the way of going on. */
static bool is_going_on(const struct work_volume *volume)
{
	return volume->mount.replay.found && strcmp(volume->mount.replay.header.step, STEP) == 0;
}

/* -------- the plan -------- */

int wipe_plan_make(struct wipe_plan *plan, struct work_volume *volume, const char *const *keep,
		   size_t keep_count, bool overwrite_deleted, struct error *err)
{
	const struct volume_tree *tree = &volume->tree;

	*plan = (struct wipe_plan){ 0 };
	if (work_volume_refuse_damage(volume, err) < 0 ||
	    work_volume_refuse_deleted_store(volume, overwrite_deleted || is_going_on(volume), err) < 0 ||
	    work_volume_read(volume, err) < 0 || record_set_init(&plan->own, tree, err) < 0 ||
	    record_set_init(&plan->covered, tree, err) < 0 || record_set_init(&plan->stays, tree, err) < 0)
		return -1;
	for (size_t i = 0; i < keep_count; i++)
		if (keep_path(plan, volume, keep[i], err) < 0)
			return -1;
	if (demand_store(plan, volume, err) < 0 || keep_own(plan, tree, err) < 0 ||
	    find_victims(plan, tree, err) < 0)
		return -1;
	for (uint32_t i = FIRST_USER_RECORD; i < tree->inventory.count; i++)
		count_record(plan, tree, i);
	return coverage_find(&plan->uncovered, tree, &plan->covered, err);
}

void wipe_plan_release(struct wipe_plan *plan)
{
	record_set_release(&plan->own);
	record_set_release(&plan->covered);
	record_set_release(&plan->stays);
	array_release(&plan->victims);
	coverage_release(&plan->uncovered);
}

/* -------- the wipe -------- */

static int remove_victims(const struct wipe_plan *plan, struct work_volume *volume, struct error *err)
{
	CLEANUP(removal_release) struct removal removal;

	removal_init(&removal, &volume->mount, &volume->tree, plan->files + plan->directories + plan->names);
	for (size_t i = 0; i < plan->victims.count; i++)
		if (removal_take(&removal, plan->victims.items[i].directory, plan->victims.items[i].record,
				 err) < 0)
			return -1;
	return removal_settle(&removal, err);
}

int wipe_run(const struct wipe_plan *plan, struct work_volume *volume, uint64_t *bytes_freed,
	     struct error *err)
{
	struct ntfs3g *mount = &volume->mount;
	uint64_t       before, after;

	*bytes_freed = 0;
	if (!plan->victims.count)
		return 0;
	if (ntfs3g_free_bytes(mount, &before, err) < 0 || ntfs3g_begin(mount, STEP, err) < 0 ||
	    remove_victims(plan, volume, err) < 0 || ntfs3g_end(mount, err) < 0 ||
	    ntfs3g_free_bytes(mount, &after, err) < 0)
		return -1;
	*bytes_freed = after - before;
	return 0;
}
