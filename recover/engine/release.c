/* SPDX-License-Identifier: GPL-3.0-or-later */
/* release.c - see release.h */
#include "recover/engine/release.h"

#include "core/cleanup.h"
#include "core/utf16.h"
#include "recover/engine/copy.h"
#include "recover/engine/removal.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#define STEP "release"

/* -------- what goes -------- */

/* One of the folders at the store path goes, with all below it. */
static int add_folder(struct release_part *part, uint32_t folder, struct error *err)
{
	const struct volume_tree *tree = &part->volume->tree;
	uint32_t                  files = state_store_child(part->volume, folder, STORE_FILES);

	if (record_set_add_below(&part->goes, tree, folder, err) < 0 ||
	    record_set_add_below(&part->stored, tree, folder, err) < 0)
		return -1;
	return files == NO_TREE_RECORD ? 0 : record_set_add_below(&part->held, tree, files, err);
}

static int add_folders(struct release_part *part, struct error *err)
{
	const struct state_store *store = &part->store;

	if (store->current != NO_TREE_RECORD && add_folder(part, store->current, err) < 0)
		return -1;
	for (size_t i = 0; i < store->older.count; i++)
		if (add_folder(part, store->older.items[i].record, err) < 0)
			return -1;
	for (size_t i = 0; i < store->unfinished.count; i++)
		if (add_folder(part, store->unfinished.items[i].record, err) < 0)
			return -1;
	return 0;
}

/* Other stores' files count as little as this one's. */
static int add_other_stores(struct release_part *part, struct error *err)
{
	const struct volume_tree *tree = &part->volume->tree;

	for (uint32_t i = 0; i < tree->inventory.count; i++)
		if (volume_tree_is_directory(tree, i) && !record_set_has(&part->stored, i) &&
		    state_store_is_one(tree, i) && record_set_add_below(&part->stored, tree, i, err) < 0)
			return -1;
	return 0;
}

/* Will PATH be empty? */
static bool goes_whole(const struct release_part *part)
{
	size_t                   count;
	const struct tree_child *children =
		volume_tree_children(&part->volume->tree, part->store.folder, &count);

	for (size_t i = 0; i < count; i++)
		if (!record_set_has(&part->goes, children[i].record) ||
		    !volume_tree_is_directory(&part->volume->tree, children[i].record))
			return false;
	return count > 0;
}

static int look_at_part(struct release_part *part, const char *path, bool overwrite_deleted,
			struct error *err)
{
	struct work_volume *volume = part->volume;

	if (work_volume_refuse_damage(&volume->volume, volume->source, err) < 0 ||
	    work_volume_refuse_deleted_store(volume->source, overwrite_deleted || work_volume_goes_on(volume, STEP), err) < 0 ||
	    work_volume_read(volume, err) < 0 || state_store_find(&part->store, volume, path, err) < 0 ||
	    record_set_init(&part->stored, &volume->tree, err) < 0 ||
	    record_set_init(&part->goes, &volume->tree, err) < 0 ||
	    record_set_init(&part->held, &volume->tree, err) < 0 ||
	    record_set_init(&part->kept, &volume->tree, err) < 0 || add_folders(part, err) < 0 ||
	    add_other_stores(part, err) < 0)
		return -1;
	part->path = part->store.folder != NO_TREE_RECORD && goes_whole(part);
	return 0;
}

/* -------- which files are safe -------- */

static bool has_name_outside(const struct release_part *part, uint32_t record)
{
	size_t          count;
	const uint32_t *names = volume_tree_names(&part->volume->tree, record, &count);

	for (size_t i = 0; i < count; i++)
		if (!record_set_has(&part->stored, volume_tree_parent(&part->volume->tree, names[i])))
			return true;
	return false;
}

static bool is_called(const struct volume_tree *tree, uint32_t name, const char *word)
{
	const struct name_row *row = &tree->inventory.names.items[name];

	return utf16_is_word(inventory_text(&tree->inventory, row), row->units, word);
}

/* A file in the folder Settings of a store: what it holds stands in the registry once it was restored. */
static bool is_setting(const struct volume_tree *tree, uint32_t name)
{
	uint32_t        folder = volume_tree_parent(tree, name);
	size_t          count;
	const uint32_t *names = volume_tree_names(tree, folder, &count);

	return count && is_called(tree, names[0], STORE_SETTINGS) &&
	       state_store_is_one(tree, volume_tree_parent(tree, names[0]));
}

/* What a store says of itself: the user has no use for it. */
static bool is_bookkeeping(const struct release_part *part, uint32_t record)
{
	static const char *const  words[] = { STORE_MARKER, STORE_CATALOGUE, STORE_CATALOGUE_COPY,
					      "MIGSTATE.DAT", "catalog.mig" };
	const struct volume_tree *tree = &part->volume->tree;
	size_t                    count;
	const uint32_t           *names = volume_tree_names(tree, record, &count);

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (is_called(tree, names[0], words[i]))
			return true;
	return is_setting(tree, names[0]);
}

/* Is the file gone with the store, unless a copy of it is found? */
static bool is_only_here(const struct release_part *part, uint32_t record)
{
	return record_set_has(&part->goes, record) &&
	       !volume_tree_is_directory(&part->volume->tree, record) && !has_name_outside(part, record) &&
	       (record_set_has(&part->held, record) || !is_bookkeeping(part, record));
}

/* -------- copies -------- */

/* A file that stands where something in a store was captured from. */
struct original {
	struct release_part *part; /* NULL: there is none */
	uint32_t             record;
};

/* What stands at @inside, "C$\\Users\\a\\x.txt", outside of stores. */
static struct original find_original(const struct release_plan *plan, const char *inside)
{
	if (!isalpha((unsigned char)inside[0]) || inside[1] != '$' || inside[2] != '\\')
		return (struct original){ 0 };
	for (size_t i = 0; i < plan->count; i++) {
		struct release_part      *part = &plan->parts[i];
		const struct volume_tree *tree = &part->volume->tree;
		uint32_t                  record;

		if (part->volume->letter != toupper((unsigned char)inside[0]))
			continue;
		record = volume_tree_find(tree, inside + 2);
		if (record != NO_TREE_RECORD && !volume_tree_is_directory(tree, record) &&
		    has_name_outside(part, record))
			return (struct original){ part, record };
	}
	return (struct original){ 0 };
}

/* What a path says behind its first @depth names. */
static const char *below(const char *path, size_t depth)
{
	while (path && depth--)
		path = strchr(path + 1, '\\');
	return path ? path + 1 : "";
}

static size_t depth_of(const char *path)
{
	size_t depth = 0;

	for (; *path; path++)
		depth += *path == '\\';
	return depth;
}

/* 1 if the file is the same as what stands where this name of it was captured from. */
static int is_copy(const struct release_plan *plan, struct release_part *part, uint32_t record, uint32_t name,
		   struct error *err)
{
	CLEANUP(volume_origin_release) struct volume_origin here = { 0 }, there = { 0 };
	struct text_buffer                                  path = { 0 };
	struct original                                     original = { 0 };
	struct origin                                       copy, first;

	if (volume_tree_path(&part->volume->tree, name, &path, err) < 0)
		return -1;
	original = find_original(plan, below(path.items, depth_of(plan->path) + 2)); /* behind USMT\File */
	array_release(&path);
	if (!original.part)
		return 0;
	copy = origin_of_volume(&here, part->volume);
	first = origin_of_volume(&there, original.part->volume);
	return copy_is_same(&copy, record, &first, original.record, err);
}

/* Note a file that is only here, but for its original. */
static int note_copy(const struct release_plan *plan, struct release_part *part, uint32_t record,
		     struct error *err)
{
	size_t          count;
	const uint32_t *names = volume_tree_names(&part->volume->tree, record, &count);
	int             same = 0;

	for (size_t i = 0; same == 0 && i < count; i++)
		if (record_set_has(&part->held, volume_tree_parent(&part->volume->tree, names[i])))
			same = is_copy(plan, part, record, names[i], err);
	if (same == 1)
		record_set_add(&part->kept, record);
	return same < 0 ? -1 : 0;
}

static int find_copies(const struct release_plan *plan, struct error *err)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct release_part *part = &plan->parts[i];

		for (uint32_t j = FIRST_USER_RECORD; j < part->goes.count; j++)
			if (is_only_here(part, j) && note_copy(plan, part, j, err) < 0)
				return -1;
	}
	return 0;
}

/* -------- who holds what is nowhere else -------- */

static bool is_in(const struct release_part *part, uint32_t record, uint32_t folder)
{
	size_t          count;
	const uint32_t *names = volume_tree_names(&part->volume->tree, record, &count);

	for (size_t i = 0; i < count; i++)
		if (folder != NO_TREE_RECORD && state_store_is_below(part->volume, names[i], folder))
			return true;
	return false;
}

/* The newest of the store's folders that has the file; one that was not finished only if no other has it. */
static const char *folder_of(const struct release_part *part, uint32_t record)
{
	const struct store_folders *older = &part->store.older, *unfinished = &part->store.unfinished;

	if (is_in(part, record, part->store.current))
		return STORE_FOLDER;
	for (size_t i = older->count; i-- > 0;)
		if (is_in(part, record, older->items[i].record))
			return older->items[i].name;
	for (size_t i = 0; i < unfinished->count; i++)
		if (is_in(part, record, unfinished->items[i].record))
			return unfinished->items[i].name;
	return STORE_FOLDER;
}

/* The command for all the volumes; NULL without memory. */
static char *way_out(const struct release_plan *plan, const char *folder)
{
	uint32_t generation = state_store_number(folder);
	bool     unfinished = !generation && strcasecmp(folder, STORE_FOLDER) != 0;
	char    *text = NULL;
	size_t   size;
	FILE    *out = open_memstream(&text, &size);
	bool     written;

	if (!out)
		return NULL;
	fprintf(out, "holdfast %s --store %s", unfinished ? "capture" : "restore", plan->path);
	if (generation)
		fprintf(out, " --generation %" PRIu32, generation);
	for (size_t i = 0; i < plan->count; i++)
		fprintf(out, " %c=%s", plan->parts[i].volume->letter, plan->parts[i].volume->source);
	written = !ferror(out);
	if (fclose(out) == 0 && written)
		return text;
	free(text);
	return NULL;
}

static struct release_holder *find_holder(struct release_plan *plan, const char *folder, struct error *err)
{
	struct release_holder holder = { .generation = state_store_number(folder) };

	for (size_t i = 0; i < plan->holders.count; i++)
		if (strcasecmp(plan->holders.items[i].name, folder) == 0)
			return &plan->holders.items[i];
	holder.name = strdup(folder);
	holder.way_out = way_out(plan, folder);
	if (holder.name && holder.way_out && array_push(&plan->holders, holder))
		return &plan->holders.items[plan->holders.count - 1];
	free(holder.name);
	free(holder.way_out);
	(void)error_memory(err);
	return NULL;
}

static int add_to_holder(struct release_plan *plan, const struct release_part *part, uint32_t record,
			 struct error *err)
{
	struct release_holder *holder = find_holder(plan, folder_of(part, record), err);

	if (!holder)
		return -1;
	holder->files++;
	holder->bytes += volume_tree_file_bytes(&part->volume->tree, record);
	return 0;
}

/* -------- the plan -------- */

static int add_lost(struct release_plan *plan, const struct release_part *part, uint32_t record,
		    struct error *err)
{
	const struct volume_tree *tree = &part->volume->tree;
	struct text_buffer        path = { 0 };
	size_t                    count;
	const uint32_t           *names = volume_tree_names(tree, record, &count);
	char                     *full = NULL;

	plan->lost_files++;
	plan->lost_bytes += volume_tree_file_bytes(tree, record);
	if (add_to_holder(plan, part, record, err) < 0)
		return -1;
	if (plan->lost.count == RELEASE_TOLD)
		return 0;
	if (volume_tree_path(tree, names[0], &path, err) < 0)
		return -1;
	if (asprintf(&full, "%c:%s", part->volume->letter, path.items) < 0)
		full = NULL;
	array_release(&path);
	if (full && array_push(&plan->lost, full))
		return 0;
	free(full);
	return error_memory(err);
}

/* Count one record that goes, or of which names go. */
static int count_record(struct release_plan *plan, const struct release_part *part, uint32_t record,
			struct error *err)
{
	const struct volume_tree *tree = &part->volume->tree;
	size_t                    count;
	const uint32_t           *names = volume_tree_names(tree, record, &count);

	if (volume_tree_is_directory(tree, record)) {
		plan->directories++;
		return 0;
	}
	if (is_only_here(part, record) && !record_set_has(&part->kept, record))
		return add_lost(plan, part, record, err);
	if (!has_name_outside(part, record)) {
		plan->copies += record_set_has(&part->kept, record);
		return 0;
	}
	plan->files++;
	for (size_t i = 0; i < count; i++)
		plan->names += record_set_has(&part->goes, volume_tree_parent(tree, names[i])) &&
			       tree->inventory.names.items[names[i]].space != NAME_DOS;
	return 0;
}

static int count_part(struct release_plan *plan, const struct release_part *part, struct error *err)
{
	plan->directories += part->path;
	for (uint32_t i = FIRST_USER_RECORD; i < part->goes.count; i++)
		if (record_set_has(&part->goes, i) && count_record(plan, part, i, err) < 0)
			return -1;
	return 0;
}

int release_plan_make(struct release_plan *plan, struct work_volumes *volumes, const char *path,
		      bool overwrite_deleted, struct error *err)
{
	*plan = (struct release_plan){ .parts = calloc(volumes->count, sizeof *plan->parts) };
	if (!plan->parts)
		return error_memory(err);
	if (store_path_parse(path, &plan->path, err) < 0)
		return -1;
	for (; plan->count < volumes->count; plan->count++) {
		struct release_part *part = &plan->parts[plan->count];

		part->volume = &volumes->items[plan->count];
		if (look_at_part(part, plan->path, overwrite_deleted, err) < 0) {
			plan->count++;
			return -1;
		}
	}
	if (find_copies(plan, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->count; i++)
		if (count_part(plan, &plan->parts[i], err) < 0)
			return -1;
	return 0;
}

void release_plan_release(struct release_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct release_part *part = &plan->parts[i];

		state_store_release(&part->store);
		record_set_release(&part->stored);
		record_set_release(&part->goes);
		record_set_release(&part->held);
		record_set_release(&part->kept);
	}
	free(TAKE(plan->parts));
	free(TAKE(plan->path));
	while (plan->lost.count)
		free(plan->lost.items[--plan->lost.count]);
	array_release(&plan->lost);
	for (size_t i = 0; i < plan->holders.count; i++) {
		free(plan->holders.items[i].name);
		free(plan->holders.items[i].way_out);
	}
	array_release(&plan->holders);
}

void release_holder_json(struct json *json, const struct release_holder *holder)
{
	json_begin(json, '{');
	json_key_string(json, "folder", holder->name);
	json_key_uint(json, "generation", holder->generation);
	json_key_uint(json, "files", holder->files);
	json_key_uint(json, "bytes", holder->bytes);
	json_key_string(json, "way_out", holder->way_out);
	json_end(json, '}');
}

/* -------- the release -------- */

/* PATH itself, or the store's folders in it. */
static int remove_folders(struct removal *removal, const struct release_part *part, struct error *err)
{
	const struct volume_tree *tree = &part->volume->tree;
	size_t                    count;
	const struct tree_child  *children = volume_tree_children(tree, part->store.folder, &count);

	if (part->path) {
		const uint32_t *names = volume_tree_names(tree, part->store.folder, &count);

		return removal_take(removal, volume_tree_parent(tree, names[0]), part->store.folder, err);
	}
	for (size_t i = 0; i < count; i++) {
		uint32_t record = children[i].record;

		if (!record_set_has(&part->goes, record) || !volume_tree_is_directory(tree, record) ||
		    tree->inventory.names.items[children[i].name].space == NAME_DOS)
			continue;
		if (removal_take(removal, part->store.folder, record, err) < 0)
			return -1;
	}
	return 0;
}

static int release_part(const struct release_plan *plan, const struct release_part *part, struct error *err)
{
	CLEANUP(removal_release) struct removal removal;
	struct ntfs3g                          *mount = &part->volume->mount;

	removal_init(&removal, mount, &part->volume->tree, plan->files + plan->copies + plan->directories);
	removal.copies = &part->kept; /* or a later guard would say that they are lost */
	if (ntfs3g_begin(mount, STEP, err) < 0 || remove_folders(&removal, part, err) < 0 ||
	    removal_settle(&removal, err) < 0)
		return -1;
	return ntfs3g_end(mount, err);
}

int release_run(const struct release_plan *plan, struct error *err)
{
	for (size_t i = plan->count; i-- > 0;) {
		const struct state_store *store = &plan->parts[i].store;

		if (store->current == NO_TREE_RECORD && !store->older.count && !store->unfinished.count)
			continue;
		if (release_part(plan, &plan->parts[i], err) < 0)
			return -1;
	}
	return 0;
}
