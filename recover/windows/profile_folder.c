/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profile_folder.c - see profile_folder.h */
#include "recover/windows/profile_folder.h"

#include "core/cleanup.h"
#include "recover/engine/record_set.h"
#include "recover/windows/account_name.h"
#include "recover/windows/windows_path.h"

#include <string.h>

int profile_folder_size(const struct user_profile *profile, struct folder_size *size, struct error *err)
{
	CLEANUP(record_set_release) struct record_set set = { 0 };
	const struct volume_tree                     *tree;

	*size = (struct folder_size){ 0 };
	if (!profile->volume)
		return 0;
	tree = &profile->volume->tree;
	if (record_set_init(&set, tree, err) < 0 ||
	    record_set_add_below(&set, tree, profile->folder, err) < 0)
		return -1;
	for (uint32_t record = 0; record < set.count; record++)
		if (record_set_has(&set, record) && !volume_tree_is_directory(tree, record)) {
			size->files++;
			size->bytes += volume_tree_file_bytes(tree, record);
		}
	return 0;
}

static bool is_known(const struct windows *windows, const char *path)
{
	if (account_same(path, windows->default_folder) || account_same(path, windows->public_folder))
		return true;
	for (size_t i = 0; i < windows->profiles.count; i++)
		if (account_same(path, windows->profiles.items[i].path))
			return true;
	return false;
}

/* Add the folder @path (without its letter) if it is a stray one. */
static int look_at(const struct windows *windows, const struct work_volume *volume, const char *path,
		   struct texts *paths, struct error *err)
{
	CLEANUP(free_ptr) char *hive = windows_path_join(path, USER_HIVE), *whole = NULL;

	if (!hive || asprintf(&whole, "%c:%s", volume->letter, path) < 0) {
		whole = NULL;
		return error_memory(err);
	}
	if (is_known(windows, whole) || volume_tree_find(&volume->tree, hive) == NO_TREE_RECORD)
		return 0;
	if (!array_push(paths, whole))
		return error_memory(err);
	whole = NULL;
	return 0;
}

int profile_folders_stray(const struct windows *windows, struct texts *paths, struct error *err)
{
	struct text_buffer       path = { 0 };
	struct work_volume      *volume;
	uint32_t                 folder;
	const struct tree_child *children;
	size_t                   count;
	int                      result = 0;

	*paths = (struct texts){ 0 };
	windows_path_find(windows, windows->profiles_folder, &volume, &folder);
	if (!volume)
		return 0;
	children = volume_tree_children(&volume->tree, folder, &count);
	for (size_t i = 0; result == 0 && i < count; i++) {
		if (!volume_tree_is_directory(&volume->tree, children[i].record) ||
		    volume->tree.inventory.names.items[children[i].name].space == NAME_DOS)
			continue;
		result = volume_tree_path(&volume->tree, children[i].name, &path, err);
		if (result == 0)
			result = look_at(windows, volume, path.items, paths, err);
	}
	array_release(&path);
	return result;
}
