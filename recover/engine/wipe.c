/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wipe.c - see wipe.h */
#include "recover/engine/wipe.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "core/utf16.h"
#include "recover/engine/copy.h"
#include "recover/engine/mirrored.h"
#include "recover/engine/removal.h"
#include "recover/engine/verify.h"

#include <string.h>

#define STEP "wipe"

/* -------- what is counted -------- */

static void count_record(struct wipe_plan *plan, const struct volume_tree *tree, uint32_t record)
{
	size_t          count;
	const uint32_t *names = volume_tree_names(tree, record, &count);
	bool            directory = volume_tree_is_directory(tree, record), stays = false;
	uint64_t        lost = 0;

	if (!count || record_set_has(&plan->kept.own, record))
		return;
	for (size_t i = 0; i < count; i++) {
		bool name = kept_paths_has(&plan->kept, volume_tree_parent(tree, names[i]), record);

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

/* 1 if the directory @store is a store of ours, and all that was captured into it is there. */
static int is_whole_store(struct work_volume *volume, uint32_t store, struct error *err)
{
	struct verify_result result;
	int                  found = verify_store(volume, store, false, NULL, NULL, &result, err);

	if (found < 0 && err->kind != ERROR_MEMORY)
		return 0; /* what it holds cannot be known */
	return found == 1 ? verify_is_sound(&result) : found;
}

/* A store with copies, and the letter that the volume had when they were made. */
struct copies {
	struct work_volume *volume; /* that the store lies on */
	uint32_t            store;
	char                letter;
};

/* The store holds a copy of a file: that is covered if it is still as it was. */
static int cover_original(struct wipe_plan *plan, struct work_volume *volume, const struct copies *copies,
			  const struct catalogue_entry *entry, struct error *err)
{
	const struct volume_tree                           *tree = &volume->tree;
	CLEANUP(volume_origin_release) struct volume_origin here = { 0 }, there = { 0 };
	struct origin first = origin_of_volume(&here, volume), copy = origin_of_volume(&there, copies->volume);

	for (size_t i = 0; i < entry->record.names.count; i++) {
		const struct case_name *name = &entry->record.names.items[i];
		uint32_t original = name->store ? volume_tree_find(tree, name->path) : NO_TREE_RECORD;
		int      same;

		if (original == NO_TREE_RECORD || name->inside[strlen(STORE_FILES "\\")] != copies->letter ||
		    volume_tree_is_directory(tree, original) || record_set_has(&plan->kept.covered, original))
			continue;
		same = copy_is_same(&copy, (uint32_t)entry->record.file.record, &first, original, err);
		if (same < 0)
			return -1;
		if (same) {
			record_set_add(&plan->kept.covered, original);
			record_set_add(&plan->copied, original);
		}
	}
	return 0;
}

/* @copies->letter 0: that of the store's own volume. */
static int cover_originals(struct wipe_plan *plan, struct work_volume *volume, struct copies copies, struct error *err)
{
	CLEANUP(store_catalogue_close) struct store_catalogue catalogue = { 0 };
	struct catalogue_entry                                entry;
	int got = store_catalogue_open(&catalogue, copies.volume, copies.store, err), result = 0;

	if (!copies.letter)
		copies.letter = catalogue.file.header.letter;
	while (result == 0 && got == 1) {
		got = catalogue_file_next(&catalogue.file, &entry, err);
		if (got == 1 && entry.copied)
			result = cover_original(plan, volume, &copies, &entry, err);
		catalogue_entry_release(&entry);
	}
	return got < 0 ? -1 : result;
}

/* Does the directory look like a finished capture: USMT, with a catalogue in it? */
static bool is_capture(const struct work_volume *volume, uint32_t directory)
{
	const struct volume_tree *tree = &volume->tree;
	size_t                    count;
	const uint32_t           *names = volume_tree_names(tree, directory, &count);

	for (size_t i = 0; i < count; i++) {
		const struct name_row *row = &tree->inventory.names.items[names[i]];

		if (utf16_is_word(inventory_text(&tree->inventory, row), row->units, STORE_FOLDER))
			return state_store_child(volume, directory, STORE_CATALOGUE) != NO_TREE_RECORD ||
			       state_store_child(volume, directory, STORE_CATALOGUE_COPY) != NO_TREE_RECORD;
	}
	return false;
}

/* The store path of the first directory that @wanted likes, kept or not; left empty where there is none. */
static int find_store_path(const struct wipe_plan *plan, const struct work_volume *volume, bool kept,
			   bool (*wanted)(const struct work_volume *volume, uint32_t directory),
			   struct text_buffer *path, struct error *err)
{
	const struct volume_tree *tree = &volume->tree;

	for (uint32_t i = FIRST_USER_RECORD; i < tree->inventory.count; i++) {
		size_t          count;
		const uint32_t *names = volume_tree_names(tree, i, &count);

		if (!count || !volume_tree_is_directory(tree, i) || record_set_has(&plan->kept.covered, i) != kept ||
		    volume_tree_parent(tree, names[0]) == ROOT_RECORD || !wanted(volume, i))
			continue;
		if (volume_tree_path(tree, names[0], path, err) < 0)
			return -1;
		*strrchr(path->items, '\\') = 0;
		return 0;
	}
	return 0;
}

/* Does it look like a capture that has not been finished? */
static bool is_unfinished(const struct work_volume *volume, uint32_t directory)
{
	return state_store_is_one(&volume->tree, directory) && !is_capture(volume, directory);
}

static int refuse_broken_store(const struct wipe_plan *plan, const struct work_volume *volume, struct error *err)
{
	struct text_buffer path = { 0 };
	const char        *where;

	if (find_store_path(plan, volume, true, is_capture, &path, err) < 0) {
		array_release(&path);
		return -1;
	}
	where = path.items ? path.items : "\\StateStore";
	if (plan->of_sequence)
		(void)error_set(err, ERROR_REFUSED, volume->source,
				"has a store at %.60s, but not all that was captured is in it ('holdfast verify' tells what is "
				"missing); capture anew, with --restart",
				where);
	else
		(void)error_set(
			err, ERROR_REFUSED, volume->source,
			"has a store below a kept path, but not all that was captured is in it ('holdfast verify' "
			"tells what is missing); make a new one first: holdfast capture --store %.60s %.60s",
			where, volume->source);
	array_release(&path);
	return -1;
}

/* A step wipes what none before it has captured. */
static void refuse_sequence(const struct work_volume *volume, const char *elsewhere, struct error *err)
{
	if (elsewhere)
		(void)error_set(err, ERROR_REFUSED, volume->source,
				"has no finished capture where the sequence keeps its store; there is one at %.70s: if it is the "
				"one, say --set OSDStateStorePath=%c:%.70s",
				elsewhere, volume->letter, elsewhere);
	else
		(void)error_set(err, ERROR_REFUSED, volume->source,
				"has no finished capture where the sequence keeps its store, so all that is on it would be lost; a "
				"step has to capture before, and OSDStateStorePath to say where");
}

static int refuse_no_store(const struct wipe_plan *plan, const struct work_volume *volume, struct error *err)
{
	struct text_buffer elsewhere = { 0 }, unfinished = { 0 };
	const char        *path;

	if (find_store_path(plan, volume, false, is_capture, &elsewhere, err) < 0 ||
	    find_store_path(plan, volume, true, is_unfinished, &unfinished, err) < 0) {
		array_release(&elsewhere);
		array_release(&unfinished);
		return -1;
	}
	path = unfinished.items ? unfinished.items : "\\StateStore";
	if (plan->of_sequence)
		refuse_sequence(volume, elsewhere.items, err);
	else if (elsewhere.items)
		(void)error_set(err, ERROR_REFUSED, volume->source,
				"has no finished capture below a kept path; there is one at %.80s: keep it with "
				"--keep %.80s",
				elsewhere.items, elsewhere.items);
	else
		(void)error_set(err, ERROR_REFUSED, volume->source,
				"has no finished capture below a kept path; make one first, as in 'holdfast capture "
				"--store %.50s %.60s', and keep it with --keep %.50s",
				path, volume->source, path);
	array_release(&elsewhere);
	array_release(&unfinished);
	return -1;
}

/* The store on another volume: it has to be whole, and what it has copies of is covered. */
static int demand_copies(struct wipe_plan *plan, struct work_volume *volume, struct wipe_copies *copies,
			 struct error *err)
{
	CLEANUP(state_store_release) struct state_store store = { 0 };
	int                                             whole;

	if (work_volume_refuse_damage(&copies->volume->volume, copies->volume->source, err) < 0 ||
	    work_volume_read(copies->volume, err) < 0 || work_volume_refuse_cut_run(copies->volume, err) < 0 ||
	    state_store_find(&store, copies->volume, copies->path, err) < 0)
		return -1;
	copies->mirror = NO_TREE_RECORD;
	if (store.current != NO_TREE_RECORD)
		copies->mirror = state_store_mirror(copies->volume, store.current, volume->letter);
	if (copies->mirror == NO_TREE_RECORD)
		return error_set(err, ERROR_REFUSED, copies->volume->source,
				 "holds no copies of %c: at '%.80s'; make them first: %s", volume->letter, copies->path,
				 plan->of_sequence ? "capture anew, with --restart" : "holdfast capture --copy");
	whole = is_whole_store(copies->volume, store.current, err);
	if (whole == 0)
		return error_set(err, ERROR_REFUSED, copies->volume->source,
				 "has not all that was captured in the store at '%.80s' ('holdfast verify' tells what is "
				 "missing); make a new one first: %s",
				 copies->path, plan->of_sequence ? "capture anew, with --restart" : "holdfast capture --copy");
	if (whole == 1 && !array_push(&plan->stores, (struct kept_store){ copies->volume, store.current }))
		return error_memory(err);
	return whole < 0 ? -1
			 : cover_originals(plan, volume,
					   (struct copies){ copies->volume, store.current, volume->letter }, err);
}

/* Without a finished capture among the kept, or of copies, there is nothing that could be restored. */
static int demand_store(struct wipe_plan *plan, struct work_volume *volume, bool copies, struct error *err)
{
	const struct volume_tree *tree = &volume->tree;
	bool                      broken = false, found = copies;

	for (uint32_t i = FIRST_USER_RECORD; i < tree->inventory.count; i++) {
		int whole;

		if (!record_set_has(&plan->kept.covered, i) || !volume_tree_is_directory(tree, i) ||
		    !is_capture(volume, i))
			continue;
		whole = is_whole_store(volume, i, err);
		if (whole < 0 || (whole && cover_originals(plan, volume, (struct copies){ volume, i, 0 }, err) < 0))
			return -1;
		if (whole && !array_push(&plan->stores, (struct kept_store){ volume, i }))
			return error_memory(err);
		found = found || whole;
		broken = broken || !whole;
	}
	if (found)
		return 0;
	return broken ? refuse_broken_store(plan, volume, err) : refuse_no_store(plan, volume, err);
}

/* User data that goes, and names that go and do not come back with a kept store. */
static int find_uncovered(struct wipe_plan *plan, const struct volume_tree *tree, const struct wipe_copies *copies,
			  struct error *err)
{
	CLEANUP(free_ptr) bool *stays = calloc(tree->inventory.names.count + 1, sizeof *stays);

	if (!stays)
		return error_memory(err);
	for (size_t i = 0; i < plan->kept.files.count; i++) {
		const struct tree_place *kept = &plan->kept.files.items[i];
		size_t                   count;
		const uint32_t          *names = volume_tree_names(tree, kept->record, &count);

		for (size_t j = 0; j < count; j++)
			stays[names[j]] = stays[names[j]] || volume_tree_parent(tree, names[j]) == kept->directory;
	}
	if (mirrored_find(tree, &plan->kept.covered, &plan->copied, stays, err) < 0 ||
	    (copies && mirrored_find_elsewhere(tree, &copies->volume->tree, copies->mirror, &plan->copied, stays, err) < 0))
		return -1;
	return coverage_find(&plan->uncovered, tree, &plan->kept.covered, stays, err);
}

/* -------- the plan -------- */

/* Read it, if it may be wiped at all. */
static int admit(struct wipe_plan *plan, struct work_volume *volume, const struct wipe_options *options,
		 struct error *err)
{
	const struct volume_tree *tree = &volume->tree;

	if (work_volume_refuse_damage(&volume->volume, volume->source, err) < 0 ||
	    work_volume_refuse_deleted_store(volume->source,
					     options->overwrite_deleted || work_volume_goes_on(volume, STEP), err) < 0 ||
	    work_volume_read(volume, err) < 0 || kept_paths_init(&plan->kept, tree, err) < 0)
		return -1;
	return record_set_init(&plan->copied, tree, err);
}

/* Nobody is forgotten; a wipe that goes on has asked before, and who was there may be gone already. */
static int check_people(struct wipe_plan *plan, struct work_volume *volume, const struct wipe_options *options,
			struct error *err)
{
	if (work_volume_goes_on(volume, STEP))
		return 0;
	return wipe_people_check(&plan->people, volume, &plan->stores, &plan->kept.covered, options->without,
				 options->without_count, err);
}

int wipe_plan_make(struct wipe_plan *plan, struct work_volume *volume, const struct wipe_options *options,
		   struct error *err)
{
	const struct volume_tree *tree = &volume->tree;
	struct wipe_copies       *copies = options->copies;

	*plan = (struct wipe_plan){ .of_sequence = options->of_sequence };
	if (admit(plan, volume, options, err) < 0)
		return -1;
	for (size_t i = 0; i < options->keep_count; i++)
		if (kept_paths_add(&plan->kept, volume, options->keep[i], err) < 0)
			return -1;
	if ((copies && demand_copies(plan, volume, copies, err) < 0) ||
	    demand_store(plan, volume, copies != NULL, err) < 0 || check_people(plan, volume, options, err) < 0 ||
	    kept_paths_add_own(&plan->kept, tree, err) < 0 ||
	    kept_paths_rest(&plan->kept, tree, &plan->victims, err) < 0)
		return -1;
	for (uint32_t i = FIRST_USER_RECORD; i < tree->inventory.count; i++)
		count_record(plan, tree, i);
	return find_uncovered(plan, tree, copies, err);
}

void wipe_plan_release(struct wipe_plan *plan)
{
	kept_paths_release(&plan->kept);
	record_set_release(&plan->copied);
	array_release(&plan->victims);
	coverage_release(&plan->uncovered);
	array_release(&plan->stores);
	wipe_people_release(&plan->people);
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

int wipe_refuse_loss(const struct wipe_plan *plan, const struct work_volume *volume, struct error *err)
{
	const struct coverage *uncovered = &plan->uncovered;
	char                   names[64] = "";

	if (uncovered->names)
		snprintf(names, sizeof names, ", and %s names of files that stay", text_count(uncovered->names).text);
	if (uncovered->folders.count)
		return error_set(err, ERROR_REFUSED, volume->source,
				 "holds user data that would be gone for good: %s files, %s%s; %s, or say --yes",
				 text_count(uncovered->files).text, text_size(uncovered->bytes).text, names,
				 plan->of_sequence ? "copy them elsewhere, let the rules take them and begin anew with --restart"
						   : "capture them ('holdfast capture --tree'), keep them (--keep)");
	if (plan->people.count)
		return error_set(err, ERROR_REFUSED, volume->source,
				 "holds users who were captured, but not all that is theirs (%.40s: %.60s); look into that, "
				 "capture again, or say --yes",
				 plan->people.items[0].name, plan->people.items[0].why);
	return 0;
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
