/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture_copy.c - see capture_copy.h */
#include "recover/engine/capture_copy.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/copy.h"
#include "recover/engine/destination_writer.h"
#include "recover/engine/record_set.h"
#include "recover/engine/restore_plan.h"

#include <ctype.h>

/* All volumes' files on their way into one folder of the store. */
struct copying {
	struct capture        *capture;
	uint32_t               store_folder;
	struct volume_origin  *from;    /* by volume */
	struct origin         *origins; /* by volume; the first is the store's, too */
	struct destination     to;
	struct restore_report  report;
	uint64_t               present; /* names and directories in the mirrors that are planned */
	uint64_t               entered; /* mirrors */
	bool                   missing; /* a volume has no mirror */
};

/* What is planned of one volume. */
struct copied_volume {
	struct copying               *copying;
	const struct captured_volume *part;
	struct restore_part           rules;
	bool                         *filled;  /* by planned folder: something goes into it */
	uint32_t                     *folders; /* by planned folder: in .copying->to.folders */
};

static const struct work_volume *store_volume(const struct capture *capture)
{
	return capture->parts[0].volume;
}

/* -------- the rules' questions -------- */

static bool find_sibling(const struct restore_part *rules, uint64_t above, const struct ntfs3g_name *name, bool exact,
			 uint32_t *item)
{
	const struct captured_volume *part = rules->context;
	const struct volume_tree     *tree = &part->volume->tree;
	const struct tree_child      *child =
		volume_tree_child(tree, (uint32_t)above, (const uint8_t *)name->units, name->count);
	struct ntfs3g_name found;

	if (!child || tree->inventory.names.items[child->name].space == NAME_DOS)
		return false;
	destination_tree_name(tree, child->name, &found);
	if (exact && memcmp(found.units, name->units, name->count * sizeof(ntfschar)) != 0)
		return false;
	*item = child->record;
	return true;
}

/* 8.3 names are not kept in a store. */
static int find_alias(struct restore_part *rules, uint64_t path, struct ntfs3g_name *alias, struct error *err)
{
	(void)rules, (void)path, (void)alias, (void)err;
	return 0;
}

/* -------- one volume -------- */

/* Which of the planned folders are more than empty: there a reparse point would hide what is in it. */
static void find_filled(struct copied_volume *copied)
{
	const struct capture_plan *plan = &copied->part->plan;
	const struct volume_tree  *tree = &copied->part->volume->tree;

	for (size_t i = 0; i < plan->count; i++) {
		size_t                   count;
		const struct tree_child *children = volume_tree_children(tree, plan->items[i].record, &count);

		if (plan->items[i].parent != PLAN_ROOT)
			copied->filled[plan->items[i].parent] = true;
		for (size_t j = 0; plan->items[i].covered && j < count; j++)
			if (capture_plan_takes_file(plan, tree, &children[j]))
				copied->filled[i] = true;
	}
}

/* The files that are captured from a folder. */
static int plan_files(struct copied_volume *copied, size_t number, struct error *err)
{
	const struct capture_plan   *plan = &copied->part->plan;
	const struct planned_folder *folder = &plan->items[number];
	const struct volume_tree    *tree = &copied->part->volume->tree;
	size_t                       count;
	const struct tree_child     *children = volume_tree_children(tree, folder->record, &count);

	for (size_t i = 0; folder->covered && i < count; i++) {
		struct restore_name name = { .item = children[i].record,
					     .above = folder->record,
					     .folder = copied->folders[number] };

		if (!capture_plan_takes_file(plan, tree, &children[i]))
			continue;
		destination_tree_name(tree, children[i].name, &name.name);
		if (restore_plan_file(&copied->rules, &name, err) < 0)
			return -1;
	}
	return 0;
}

/* A folder: 1, 0 if it can go nowhere (told), -1. */
static int plan_folder(struct copied_volume *copied, size_t number, uint32_t top, struct error *err)
{
	const struct planned_folder *folder = &copied->part->plan.items[number];
	const struct volume_tree    *tree = &copied->part->volume->tree;
	struct restore_name          name = { .item = folder->record, .folder = top };

	copied->folders[number] = top;
	if (folder->record == ROOT_RECORD)
		return 1;
	if (folder->parent != PLAN_ROOT)
		name.folder = copied->folders[folder->parent];
	name.above = volume_tree_parent(tree, folder->name);
	destination_tree_name(tree, folder->name, &name.name);
	return restore_plan_folder(&copied->rules, &name, copied->filled[number], &copied->folders[number], err);
}

static int plan_folders(struct copied_volume *copied, uint32_t top, struct error *err)
{
	int found = 1;

	find_filled(copied);
	for (size_t i = 0; found == 1 && i < copied->part->plan.count; i++) {
		found = plan_folder(copied, i, top, err);
		if (found == 1 && plan_files(copied, i, err) < 0)
			found = -1;
	}
	return found < 0 ? -1 : 0;
}

/* Names and directories below a mirror. */
static int count_present(struct copying *copying, uint32_t mirror, struct error *err)
{
	const struct volume_tree                     *tree = &store_volume(copying->capture)->tree;
	CLEANUP(record_set_release) struct record_set below = { 0 };

	if (record_set_init(&below, tree, err) < 0 || record_set_add_below(&below, tree, mirror, err) < 0)
		return -1;
	for (uint32_t record = FIRST_USER_RECORD; record < below.count; record++) {
		size_t                   count;
		const struct tree_child *children = volume_tree_children(tree, record, &count);

		for (size_t i = 0; record_set_has(&below, record) && i < count; i++)
			copying->present += tree->inventory.names.items[children[i].name].space != NAME_DOS;
	}
	return 0;
}

/* The mirror stands in the plan as if it stood in the root: paths of notes are "E:\C$\Users\a\x.txt". */
static int enter_mirror(struct copying *copying, uint32_t mirror, uint32_t *top, struct error *err)
{
	size_t          count;
	struct occupant occupant = { .record = mirror, .entry = NO_ENTRY };

	occupant.found = volume_tree_names(&store_volume(copying->capture)->tree, mirror, &count)[0];
	copying->entered++;
	return destination_enter(&copying->to, 0, &occupant, top, err);
}

static int plan_volume(struct copying *copying, size_t number, struct error *err)
{
	struct captured_volume *part = &copying->capture->parts[number];
	uint32_t mirror = state_store_mirror(store_volume(copying->capture), copying->store_folder, part->volume->letter);
	CLEANUP(free_ptr) uint32_t *copies = calloc(part->volume->tree.inventory.count, sizeof *copies);
	CLEANUP(free_ptr) uint32_t *folders = calloc(part->plan.count + 1, sizeof *folders);
	CLEANUP(free_ptr) bool     *filled = calloc(part->plan.count + 1, sizeof *filled);
	struct copied_volume        copied = { copying, part, { 0 }, filled, folders };
	uint32_t                    top;

	if (!copies || !folders || !filled)
		return error_memory(err);
	if (!part->plan.count)
		return 0;
	if (mirror == NO_TREE_RECORD) {
		copying->missing = true;
		return 0;
	}
	copied.rules = (struct restore_part){ .to = &copying->to,
					      .origins = copying->origins,
					      .from = (uint16_t)number,
					      .report = &copying->report,
					      .copies = copies,
					      .context = part,
					      .sibling = find_sibling,
					      .alias = find_alias };
	if (count_present(copying, mirror, err) < 0 || enter_mirror(copying, mirror, &top, err) < 0)
		return -1;
	return plan_folders(&copied, top, err);
}

/* -------- all of them -------- */

static void copying_release(struct copying *copying)
{
	for (size_t i = 0; copying->from && i < copying->capture->volumes->count; i++)
		volume_origin_release(&copying->from[i]);
	destination_release(&copying->to);
	restore_report_release(&copying->report);
	free(copying->from);
	free(copying->origins);
}

/* Plan all that is captured onto a folder of the store.  copying_release in any case. */
static int plan_all(struct copying *copying, struct capture *capture, uint32_t store_folder, struct error *err)
{
	size_t count = capture->volumes->count;

	*copying = (struct copying){ .capture = capture,
				     .store_folder = store_folder,
				     .from = calloc(count, sizeof *copying->from),
				     .origins = calloc(count, sizeof *copying->origins) };
	if (!copying->from || !copying->origins)
		return error_memory(err);
	for (size_t i = 0; i < count; i++)
		copying->origins[i] = origin_of_volume(&copying->from[i], &capture->volumes->items[i]);
	if (destination_init(&copying->to, capture->parts[0].volume, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (plan_volume(copying, i, err) < 0)
			return -1;
	return 0;
}

/* True if something of the plan could not have its own name. */
static bool is_hindered(const struct copying *copying)
{
	return copying->report.renamed.count || copying->report.left_out.count;
}

/* 1 if what the entry is to make cannot be had, 0 if it is missing, -1. */
static int is_unreadable(const struct copying *copying, const struct destination_entry *entry, struct error *err)
{
	const struct destination_copy *copy;
	int                            readable;

	if (entry->kind != ADD_COPY)
		return 0;
	copy = &copying->to.copies.items[entry->item];
	readable = copy->ref ? 1 : copy_can_be_read(&copying->origins[copy->origin], copy->item, err);
	return readable < 0 ? -1 : !readable;
}

/* "E:\C$\Users\a\x.txt" as the user knows it, of the drive that it is captured from. */
static int tell_left_out(struct capture *capture, const char *path, struct error *err)
{
	struct host_trouble trouble = { .why = "cannot be read in full" };
	char                letter = path[strlen("E:\\")];

	trouble.path = text_format("%c:%s", letter, path + strlen("E:\\C$"));
	if (!trouble.path)
		return error_memory(err);
	for (size_t i = 0; i < capture->result->count; i++)
		if (capture->result->parts[i].letter == letter && array_push(&capture->result->parts[i].troubles, trouble))
			return 0;
	free(trouble.path);
	return error_memory(err);
}

/* Tell the files that are planned to be copied, each once: they are those that cannot be had. */
static int tell_unreadable(struct copying *copying, struct error *err)
{
	for (uint32_t i = 0; i < copying->to.entries.count; i++) {
		const struct destination_entry *entry = &copying->to.entries.items[i];
		CLEANUP(free_ptr) char         *path = NULL;
		struct destination_copy        *copy;
		struct ntfs3g_name              name;

		if (entry->kind != ADD_COPY)
			continue;
		copy = &copying->to.copies.items[entry->item];
		if (copy->entry != NO_ENTRY)
			continue;
		copy->entry = i;
		destination_entry_name(&copying->to, entry, &name);
		path = destination_path(&copying->to, entry->folder, &name);
		if (!path)
			return error_memory(err);
		if (tell_left_out(copying->capture, path, err) < 0)
			return -1;
	}
	return 0;
}

int capture_copy_is_there(struct capture *capture, uint32_t store_folder, bool tell, struct error *err)
{
	CLEANUP(copying_release) struct copying copying;
	int                                     there;

	if (plan_all(&copying, capture, store_folder, err) < 0)
		return -1;
	there = !copying.missing && !is_hindered(&copying);
	for (size_t i = 0; there == 1 && i < copying.to.entries.count; i++)
		there = is_unreadable(&copying, &copying.to.entries.items[i], err);
	return there == 1 && tell && tell_unreadable(&copying, err) < 0 ? -1 : there;
}

/* -------- an unfinished one -------- */

/* Is it the mirror of a drive that is captured? */
static bool is_mirror(const struct capture *capture, const struct tree_child *child)
{
	const struct volume_tree *tree = &store_volume(capture)->tree;
	struct ntfs3g_name        name;
	char                      letter;
	bool                      known = false;

	destination_tree_name(tree, child->name, &name);
	if (name.count != 2 || le16_to_cpu(name.units[1]) != '$' || !volume_tree_is_directory(tree, child->record))
		return false;
	letter = (char)le16_to_cpu(name.units[0]);
	for (size_t i = 0; i < capture->volumes->count; i++)
		known = known || (capture->parts[i].plan.count && capture->parts[i].volume->letter == letter);
	for (size_t i = 0; i < capture->volumes->folder_count; i++)
		known = known || capture->volumes->folders[i].letter == letter;
	return known;
}

static bool has_mirrors_only(const struct capture *capture, uint32_t store_folder)
{
	const struct work_volume *volume = store_volume(capture);
	uint32_t                  files = state_store_child(volume, store_folder, STORE_FILES);
	size_t                    count;
	const struct tree_child  *children;

	if (files == NO_TREE_RECORD)
		return true; /* nothing in it yet */
	children = volume_tree_children(&volume->tree, files, &count);
	for (size_t i = 0; i < count; i++)
		if (!is_mirror(capture, &children[i]))
			return false;
	return true;
}

/* Names and directories that the plan has met in the mirrors. */
static uint64_t count_met(const struct copying *copying)
{
	uint64_t met = copying->report.there;

	for (size_t i = 1; i < copying->to.folders.count; i++) /* behind the root */
		met += copying->to.folders.items[i].record != NO_TREE_RECORD;
	return met - copying->entered;
}

int capture_copy_is_usable(struct capture *capture, uint32_t store_folder, struct error *err)
{
	CLEANUP(copying_release) struct copying copying = { .capture = capture };

	if (!has_mirrors_only(capture, store_folder))
		return 0;
	if (plan_all(&copying, capture, store_folder, err) < 0)
		return -1;
	return !is_hindered(&copying) && count_met(&copying) == copying.present;
}

/* -------- copying -------- */

static int write_all(struct copying *copying, struct error *err)
{
	struct capture                                          *capture = copying->capture;
	CLEANUP(destination_writer_release) struct destination_writer writer = { 0 };

	if (destination_writer_init(&writer, &copying->to, copying->origins, capture->volumes->count, 0,
				    &copying->report, err) < 0 ||
	    destination_writer_copy(&writer, err) < 0 || destination_writer_link(&writer, err) < 0)
		return -1;
	capture->parts[0].told->limited += copying->report.limited;
	for (size_t i = 0; i < copying->report.left_out.count; i++)
		if (tell_left_out(capture, copying->report.left_out.items[i].path, err) < 0)
			return -1;
	return ntfs3g_commit(&capture->parts[0].volume->mount, err);
}

int capture_copy_make(struct capture *capture, struct error *err)
{
	CLEANUP(copying_release) struct copying copying;

	if (plan_all(&copying, capture, (uint32_t)file_ref_record(capture->parts[0].new_folder), err) < 0)
		return -1;
	if (is_hindered(&copying))
		return error_set(err, ERROR_VALUE, store_volume(capture)->source,
				 "cannot have a copy of everything under its own name; run 'chkdsk /f' on the volumes in "
				 "Windows");
	if (destination_writer_check_room(&copying.to, copying.origins, 0, err) < 0)
		return -1;
	return write_all(&copying, err);
}
