/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state_store.c - see state_store.h */
#include "recover/engine/state_store.h"

#include "core/cleanup.h"
#include "core/utf16.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#define PATH_UNITS_MAX 32767u

/* -------- the path -------- */

static bool is_separator(char c)
{
	return c == '\\' || c == '/';
}

/* Does Windows know such a name? */
static bool is_name(const char *text, size_t length)
{
	bool dots = true;

	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)text[i] < 0x20 || strchr("<>:\"|?*", text[i]))
			return false;
		dots = dots && text[i] == '.';
	}
	return length && !dots && text[length - 1] != ' ' && text[length - 1] != '.';
}

static int refuse_path(const char *text, const char *why, struct error *err)
{
	return error_set(err, ERROR_USAGE, text, "cannot be a store path: %s", why);
}

/* Append "\name"; false when it is no name. */
static bool add_component(char *path, const char *text, size_t length)
{
	size_t end = strlen(path);

	if (!is_name(text, length))
		return false;
	path[end] = '\\';
	memcpy(path + end + 1, text, length);
	path[end + 1 + length] = 0;
	return true;
}

static int check_lengths(const char *text, const char *path, struct error *err)
{
	size_t                      length = strlen(path);
	CLEANUP(free_ptr) uint16_t *units = malloc(2 * length + 2);
	size_t                      count, part = 0;

	if (!units)
		return error_memory(err);
	count = utf16_from_utf8(path, length, units);
	if (count == SIZE_MAX)
		return refuse_path(text, "it is no UTF-8", err);
	if (count > PATH_UNITS_MAX)
		return refuse_path(text, "it is longer than 32,767 characters", err);
	for (size_t i = 0; i < count; i++) {
		part = units[i] == '\\' ? 0 : part + 1;
		if (part > NAME_UNITS_MAX)
			return refuse_path(text, "a name in it is longer than 255 characters", err);
	}
	return 0;
}

int store_path_parse(const char *text, char **path, struct error *err)
{
	char       *out = calloc(1, strlen(text) + 2);
	const char *at = text;

	*path = out;
	if (!out)
		return error_memory(err);
	if (at[0] && at[1] == ':')
		return refuse_path(text, "it begins with a drive; give the path on the volume, as in \\StateStore",
				   err);
	while (*at) {
		size_t length = strcspn(at, "\\/");

		if (length && !add_component(out, at, length))
			return refuse_path(text, "Windows knows no such name", err);
		at += length + (is_separator(at[length]) ? 1 : 0);
	}
	if (!*out)
		return refuse_path(text, "it is the root of the volume; name a folder, as in \\StateStore", err);
	return check_lengths(text, out, err);
}

/* -------- what lies there -------- */

uint32_t state_store_child(const struct work_volume *volume, uint32_t directory, const char *name)
{
	size_t                      length = strlen(name);
	CLEANUP(free_ptr) uint16_t *units = malloc(2 * length + 2);
	const struct tree_child    *child;
	size_t                      count;

	if (!units || directory == NO_TREE_RECORD)
		return NO_TREE_RECORD;
	count = utf16_from_utf8(name, length, units);
	if (count == SIZE_MAX || count > NAME_UNITS_MAX)
		return NO_TREE_RECORD;
	child = volume_tree_child(&volume->tree, directory, (const uint8_t *)units, count);
	return child ? child->record : NO_TREE_RECORD;
}

uint32_t state_store_mirror(const struct work_volume *volume, uint32_t store_folder, char letter)
{
	return state_store_child(volume, state_store_child(volume, store_folder, STORE_FILES),
				 (char[]){ letter, '$', 0 });
}

bool state_store_is_below(const struct work_volume *volume, uint32_t name, uint32_t above)
{
	uint32_t directory = volume_tree_parent(&volume->tree, name);

	while (directory != above && directory != ROOT_RECORD) {
		size_t          count;
		const uint32_t *names = volume_tree_names(&volume->tree, directory, &count);

		if (!count)
			return false;
		directory = volume_tree_parent(&volume->tree, names[0]);
	}
	return directory == above;
}

bool generation_number_parse(const char *text, uint32_t *number)
{
	char         *end;
	unsigned long value = isdigit((unsigned char)*text) ? strtoul(text, &end, 10) : 0;

	if (!value || value > UINT32_MAX || *end)
		return false;
	*number = (uint32_t)value;
	return true;
}

uint32_t state_store_number(const char *name)
{
	uint32_t number;

	return strncasecmp(name, STORE_OLD_PREFIX, strlen(STORE_OLD_PREFIX)) == 0 &&
			       generation_number_parse(name + strlen(STORE_OLD_PREFIX), &number)
		       ? number
		       : 0;
}

uint32_t state_store_generation(const struct state_store *store, uint32_t number)
{
	if (!number)
		return store->current;
	for (size_t i = 0; i < store->older.count; i++)
		if (store->older.items[i].number == number)
			return store->older.items[i].record;
	return NO_TREE_RECORD;
}

int state_store_no_generation(const struct state_store *store, const struct work_volume *volume, uint32_t number,
			      struct error *err)
{
	char   numbers[64] = "";
	size_t end = 0;

	for (size_t i = 0; i < store->older.count && end < sizeof numbers - 12; i++)
		end += (size_t)snprintf(numbers + end, sizeof numbers - end, "%s%" PRIu32, end ? ", " : "",
					store->older.items[i].number);
	if (!end)
		return error_set(err, ERROR_REFUSED, volume->source,
				 "holds no generations at %.100s; leave out --generation for the store itself",
				 store->path);
	return error_set(err, ERROR_REFUSED, volume->source,
			 "holds no generation %" PRIu32 " at %.80s; say --generation with one that is there: %s", number,
			 store->path, numbers);
}

static int add_folder(struct store_folders *folders, uint32_t record, const char *name, struct error *err)
{
	struct store_folder folder = { record, state_store_number(name), strdup(name) };

	if (folder.name && array_push(folders, folder))
		return 0;
	free(folder.name);
	return error_memory(err);
}

/* A folder in PATH: one of the store's? */
static int sort_in(struct state_store *store, const struct work_volume *volume, const struct tree_child *child,
		   struct error *err)
{
	const struct name_row *name = &volume->tree.inventory.names.items[child->name];
	char                   text[NAME_UTF8_MAX];

	if (name->space == NAME_DOS || !volume_tree_is_directory(&volume->tree, child->record))
		return 0;
	utf16_to_utf8(inventory_text(&volume->tree.inventory, name), name->units, text);
	if (strncasecmp(text, STORE_OLD_PREFIX, strlen(STORE_OLD_PREFIX)) == 0)
		return add_folder(&store->older, child->record, text, err);
	if (strncasecmp(text, STORE_NEW_PREFIX, strlen(STORE_NEW_PREFIX)) == 0)
		return add_folder(&store->unfinished, child->record, text, err);
	return 0;
}

static int compare_generation(const void *a, const void *b)
{
	const struct store_folder *left = a, *right = b;

	return (left->number > right->number) - (left->number < right->number);
}

static int refuse_file(const struct work_volume *volume, const char *path, const char *name, struct error *err)
{
	return error_set(err, ERROR_REFUSED, volume->source,
			 "'%s%s' is a file there, not a folder; choose another store path", path, name);
}

/* Nothing on the way to @path may be a file. */
static int refuse_files_above(const struct work_volume *volume, const char *path, struct error *err)
{
	CLEANUP(free_ptr) char *above = strdup(path);

	if (!above)
		return error_memory(err);
	for (char *end = above; (end = strchr(end + 1, '\\')); *end = '\\') {
		uint32_t record;

		*end = 0;
		record = volume_tree_find(&volume->tree, above);
		if (record != NO_TREE_RECORD && !volume_tree_is_directory(&volume->tree, record))
			return refuse_file(volume, above, "", err);
	}
	return 0;
}

int state_store_find(struct state_store *store, const struct work_volume *volume, const char *path,
		     struct error *err)
{
	const struct tree_child *children;
	size_t                   count;

	*store = (struct state_store){ .path = strdup(path), .folder = NO_TREE_RECORD, .current = NO_TREE_RECORD };
	if (!store->path)
		return error_memory(err);
	if (refuse_files_above(volume, path, err) < 0)
		return -1;
	store->folder = volume_tree_find(&volume->tree, path);
	if (store->folder == NO_TREE_RECORD)
		return 0;
	if (!volume_tree_is_directory(&volume->tree, store->folder))
		return refuse_file(volume, path, "", err);
	store->current = state_store_child(volume, store->folder, STORE_FOLDER);
	if (store->current != NO_TREE_RECORD && !volume_tree_is_directory(&volume->tree, store->current))
		return refuse_file(volume, path, "\\" STORE_FOLDER, err);
	children = volume_tree_children(&volume->tree, store->folder, &count);
	for (size_t i = 0; i < count; i++)
		if (sort_in(store, volume, &children[i], err) < 0)
			return -1;
	if (store->older.count)
		qsort(store->older.items, store->older.count, sizeof *store->older.items, compare_generation);
	return 0;
}

static void release_folders(struct store_folders *folders)
{
	for (size_t i = 0; i < folders->count; i++)
		free(folders->items[i].name);
	array_release(folders);
}

void state_store_release(struct state_store *store)
{
	free(TAKE(store->path));
	release_folders(&store->older);
	release_folders(&store->unfinished);
}

bool state_store_is_one(const struct volume_tree *tree, uint32_t directory)
{
	size_t                   count;
	const struct tree_child *files, *children;

	files = volume_tree_child(tree, directory, (const uint8_t *)"F\0i\0l\0e", 4);
	children = files ? volume_tree_children(tree, files->record, &count) : NULL;
	for (size_t i = 0; children && i < count; i++) {
		const struct name_row *row = &tree->inventory.names.items[children[i].name];
		const uint8_t         *text = inventory_text(&tree->inventory, row);

		if (row->units == 2 && !text[1] && isalpha(text[0]) && text[2] == '$' && !text[3] &&
		    volume_tree_is_directory(tree, children[i].record))
			return true;
	}
	return false;
}
