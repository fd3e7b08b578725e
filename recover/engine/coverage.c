/* SPDX-License-Identifier: GPL-3.0-or-later */
/* coverage.c - see coverage.h */
#include "recover/engine/coverage.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/state_store.h"
#include "recover/engine/system_name.h"

#include <string.h>

/* -------- which names are the system's own -------- */

/* What an upgrade set aside. */
static bool is_old_system(const struct volume_tree *tree, uint32_t name)
{
	static const char *const words[] = { "Windows.old" };

	return system_name_is_among(tree, name, words, sizeof words / sizeof words[0]);
}

static bool holds_profiles(const struct volume_tree *tree, uint32_t name)
{
	static const char *const words[] = { "Users", "Documents and Settings" };

	return system_name_is_among(tree, name, words, sizeof words / sizeof words[0]);
}

/* -------- where each directory belongs -------- */

enum zone {
	ZONE_SYSTEM,   /* nobody misses what is here */
	ZONE_ROOT,     /* the root, or \Windows.old */
	ZONE_PROFILES, /* \Users */
	ZONE_INSIDE,   /* below a folder that has a line of its own */
};

struct place {
	enum zone zone;
	uint32_t  folder; /* whose line it goes by: index in the coverage; of no use in ZONE_SYSTEM */
};

struct directories ARRAY(uint32_t);

struct search {
	const struct volume_tree *tree;
	struct uncovered_folders *folders;
	struct place             *places;  /* of each directory */
	struct directories        waiting; /* to be looked into */
};

static void search_release(struct search *search)
{
	free(search->places);
	array_release(&search->waiting);
}

/* A line for a directory.  @name  of the directory, NO_NAME for the root */
static int add_folder(struct search *search, uint32_t name, enum uncovered_kind kind, struct place *place,
		      struct error *err)
{
	struct text_buffer      path = { 0 };
	struct uncovered_folder folder = { .kind = kind };

	if (name != NO_NAME && volume_tree_path(search->tree, name, &path, err) < 0)
		return -1;
	folder.path = name == NO_NAME ? strdup("\\") : path.items;
	place->folder = (uint32_t)search->folders->count;
	if (folder.path && array_push(search->folders, folder))
		return 0;
	free(folder.path);
	return error_memory(err);
}

/* Where a directory belongs, by its name and by where the one above it does. */
static int place_directory(struct search *search, const struct tree_child *child, const struct place *above,
			   struct place *place, struct error *err)
{
	const struct volume_tree *tree = search->tree;
	const bool                in_root = volume_tree_parent(tree, child->name) == ROOT_RECORD;

	*place = *above;
	if (above->zone != ZONE_SYSTEM && search->folders->items[above->folder].kind == UNCOVERED_STORE)
		return 0;
	if (state_store_is_one(tree, child->record)) {
		place->zone = ZONE_INSIDE;
		return add_folder(search, child->name, UNCOVERED_STORE, place, err);
	}
	switch (above->zone) {
	case ZONE_SYSTEM:
	case ZONE_INSIDE:
		return 0;
	case ZONE_PROFILES:
		place->zone = ZONE_INSIDE;
		return add_folder(search, child->name, UNCOVERED_PROFILE, place, err);
	case ZONE_ROOT:
		break;
	}
	if (system_name_is_folder(tree, child->name)) {
		place->zone = ZONE_SYSTEM;
		return 0;
	}
	if (holds_profiles(tree, child->name))
		place->zone = ZONE_PROFILES;
	else if (!in_root || !is_old_system(tree, child->name))
		place->zone = ZONE_INSIDE;
	return add_folder(search, child->name, UNCOVERED_FOLDER, place, err);
}

static int place_children(struct search *search, uint32_t directory, struct error *err)
{
	size_t                   count;
	const struct tree_child *children = volume_tree_children(search->tree, directory, &count);

	for (size_t i = 0; i < count; i++) {
		uint32_t record = children[i].record;

		if (!volume_tree_is_directory(search->tree, record) ||
		    search->tree->inventory.names.items[children[i].name].space == NAME_DOS)
			continue;
		if (place_directory(search, &children[i], &search->places[directory], &search->places[record],
				    err) < 0)
			return -1;
		if (!array_push(&search->waiting, record))
			return error_memory(err);
	}
	return 0;
}

static int place_directories(struct search *search, struct error *err)
{
	struct place *root;
	int           result;

	search->places = calloc((size_t)search->tree->inventory.count + 1, sizeof *search->places);
	if (!search->places)
		return error_memory(err);
	if (search->tree->inventory.count <= ROOT_RECORD)
		return 0;
	root = &search->places[ROOT_RECORD];
	root->zone = ZONE_ROOT;
	result = add_folder(search, NO_NAME, UNCOVERED_FOLDER, root, err);
	if (result == 0)
		result = place_children(search, ROOT_RECORD, err);
	while (result == 0 && search->waiting.count)
		result = place_children(search, search->waiting.items[--search->waiting.count], err);
	return result;
}

/* -------- files -------- */

/* The line that a name goes by; NULL: the system's own, or an alias. */
static struct uncovered_folder *folder_of_name(const struct search *search, uint32_t name)
{
	const struct volume_tree *tree = search->tree;
	const struct place       *place = &search->places[volume_tree_parent(tree, name)];

	if (place->zone == ZONE_SYSTEM || tree->inventory.names.items[name].space == NAME_DOS ||
	    (place->zone == ZONE_ROOT && system_name_is_file(tree, name)))
		return NULL;
	return &search->folders->items[place->folder];
}

/* The line that a file goes by: outside of stores if it has a name there; NULL: the system's own. */
static struct uncovered_folder *folder_of(const struct search *search, uint32_t record)
{
	struct uncovered_folder *store = NULL;
	size_t                   count;
	const uint32_t          *names = volume_tree_names(search->tree, record, &count);

	for (size_t i = 0; i < count; i++) {
		struct uncovered_folder *folder = folder_of_name(search, names[i]);

		if (folder && folder->kind != UNCOVERED_STORE)
			return folder;
		if (!store)
			store = folder;
	}
	return store;
}

/* Names of a covered file that are covered by nothing themselves; stores have theirs for the file's sake. */
static void count_names(const struct search *search, uint32_t record, const struct record_set *covered,
			const bool *mirrored)
{
	size_t          count;
	const uint32_t *names = volume_tree_names(search->tree, record, &count);

	for (size_t i = 0; i < count; i++) {
		struct uncovered_folder *folder = folder_of_name(search, names[i]);

		if (folder && folder->kind != UNCOVERED_STORE && !(mirrored && mirrored[names[i]]) &&
		    !record_set_has(covered, volume_tree_parent(search->tree, names[i])))
			folder->names++;
	}
}

static void count_files(const struct search *search, const struct record_set *covered, const bool *mirrored)
{
	const struct volume_tree *tree = search->tree;

	for (uint32_t record = FIRST_USER_RECORD; record < tree->inventory.count; record++) {
		struct uncovered_folder *folder;

		if (volume_tree_is_directory(tree, record))
			continue;
		if (record_set_has(covered, record)) {
			count_names(search, record, covered, mirrored);
			continue;
		}
		folder = folder_of(search, record);
		if (!folder)
			continue;
		folder->files++;
		folder->bytes += volume_tree_file_bytes(tree, record);
	}
}

/* -------- the list -------- */

static int compare_folder(const void *a, const void *b)
{
	const struct uncovered_folder *left = a, *right = b;

	if (left->bytes != right->bytes)
		return left->bytes < right->bytes ? 1 : -1;
	if (left->files != right->files)
		return left->files < right->files ? 1 : -1;
	return strcmp(left->path, right->path);
}

/* Drop the lines with nothing, sort the others. */
static void settle_folders(struct coverage *coverage)
{
	struct uncovered_folders *folders = &coverage->folders;
	size_t                    kept = 0;

	for (size_t i = 0; i < folders->count; i++) {
		if (!folders->items[i].files && !folders->items[i].names) {
			free(folders->items[i].path);
			continue;
		}
		coverage->files += folders->items[i].files;
		coverage->bytes += folders->items[i].bytes;
		coverage->names += folders->items[i].names;
		folders->items[kept++] = folders->items[i];
	}
	folders->count = kept;
	if (kept)
		qsort(folders->items, kept, sizeof *folders->items, compare_folder);
}

int coverage_find(struct coverage *coverage, const struct volume_tree *tree, const struct record_set *covered,
		  const bool *mirrored, struct error *err)
{
	CLEANUP(search_release) struct search search = { .tree = tree, .folders = &coverage->folders };

	*coverage = (struct coverage){ 0 };
	if (place_directories(&search, err) < 0)
		return -1;
	count_files(&search, covered, mirrored);
	settle_folders(coverage);
	return 0;
}

void coverage_release(struct coverage *coverage)
{
	for (size_t i = 0; i < coverage->folders.count; i++)
		free(coverage->folders.items[i].path);
	array_release(&coverage->folders);
}

struct uncovered_text uncovered_text(const struct uncovered_folder *folder)
{
	struct uncovered_text text;
	int                   length = snprintf(text.text, sizeof text.text, "%s file%s, %s",
						text_count(folder->files).text, folder->files == 1 ? "" : "s",
						text_size(folder->bytes).text);

	if (folder->names)
		snprintf(text.text + length, sizeof text.text - (size_t)length,
			 "; %s names of files that are covered elsewhere", text_count(folder->names).text);
	return text;
}

void coverage_json(const struct coverage *coverage, struct json *json, const char *key)
{
	json_key(json, key);
	json_begin(json, '[');
	for (size_t i = 0; i < coverage->folders.count; i++) {
		const struct uncovered_folder *folder = &coverage->folders.items[i];

		json_begin(json, '{');
		json_key_string(json, "path", folder->path);
		json_key_string(json, "kind", uncovered_kind_name(folder->kind));
		json_key_uint(json, "files", folder->files);
		json_key_uint(json, "bytes", folder->bytes);
		json_key_uint(json, "names", folder->names);
		json_end(json, '}');
	}
	json_end(json, ']');
}

const char *uncovered_kind_name(enum uncovered_kind kind)
{
	static const char *const names[] = { "profile", "folder", "store" };

	return names[kind];
}
