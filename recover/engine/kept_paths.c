/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kept_paths.c - see kept_paths.h */
#include "recover/engine/kept_paths.h"

#include "core/cleanup.h"

#include <ctype.h>
#include <string.h>

/* -------- what stays -------- */

int kept_paths_init(struct kept_paths *kept, const struct volume_tree *tree, struct error *err)
{
	*kept = (struct kept_paths){ 0 };
	if (record_set_init(&kept->own, tree, err) < 0 || record_set_init(&kept->covered, tree, err) < 0)
		return -1;
	return record_set_init(&kept->stays, tree, err);
}

void kept_paths_release(struct kept_paths *kept)
{
	record_set_release(&kept->own);
	record_set_release(&kept->covered);
	record_set_release(&kept->stays);
	array_release(&kept->files);
}

/* Keep @record, by its name in @directory, with all below it, and the directories above it. */
static int keep_record(struct kept_paths *kept, const struct volume_tree *tree, uint32_t directory, uint32_t record,
		       struct error *err)
{
	size_t count = 1;

	if (record_set_add_below(&kept->covered, tree, record, err) < 0)
		return -1;
	if (volume_tree_is_directory(tree, record))
		record_set_add(&kept->stays, record);
	else if (!array_push(&kept->files, (struct tree_place){ directory, record }))
		return error_memory(err);
	while (count && directory != ROOT_RECORD) {
		const uint32_t *names = volume_tree_names(tree, directory, &count);

		record_set_add(&kept->stays, directory);
		directory = count ? volume_tree_parent(tree, names[0]) : ROOT_RECORD;
	}
	return 0;
}

/* The directory that the path's last name stands in. */
static int find_above(const struct volume_tree *tree, const char *path, uint32_t *directory, struct error *err)
{
	CLEANUP(free_ptr) char *above = strdup(path);
	size_t                  length = strlen(path);

	if (!above)
		return error_memory(err);
	while (length && strchr("\\/", above[length - 1]))
		length--;
	while (length && !strchr("\\/", above[length - 1]))
		length--;
	above[length] = 0;
	*directory = volume_tree_find(tree, above);
	return 0;
}

int kept_paths_add(struct kept_paths *kept, const struct work_volume *volume, const char *path, struct error *err)
{
	uint32_t directory = NO_TREE_RECORD, record;

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
	if (find_above(&volume->tree, path, &directory, err) < 0)
		return -1;
	return keep_record(kept, &volume->tree, directory, record, err);
}

int kept_paths_add_own(struct kept_paths *kept, const struct volume_tree *tree, struct error *err)
{
	uint32_t information = volume_tree_find(tree, SYSTEM_VOLUME_INFORMATION);

	for (uint32_t i = 0; i < FIRST_USER_RECORD && i < tree->inventory.count; i++) {
		record_set_add(&kept->stays, i);
		if (i != ROOT_RECORD && record_set_add_below(&kept->own, tree, i, err) < 0)
			return -1;
	}
	return information == NO_TREE_RECORD ? 0 : keep_record(kept, tree, ROOT_RECORD, information, err);
}

int kept_paths_make(struct kept_paths *kept, const struct work_volume *volume, const char *const *paths, size_t count,
		    struct error *err)
{
	if (kept_paths_init(kept, &volume->tree, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (kept_paths_add(kept, volume, paths[i], err) < 0)
			return -1;
	return kept_paths_add_own(kept, &volume->tree, err);
}

bool kept_paths_has(const struct kept_paths *kept, uint32_t directory, uint32_t record)
{
	bool has = record_set_has(&kept->covered, directory) || record_set_has(&kept->own, directory) ||
		   (record_set_has(&kept->stays, directory) && record_set_has(&kept->stays, record));

	for (size_t i = 0; !has && i < kept->files.count; i++)
		has = kept->files.items[i].directory == directory && kept->files.items[i].record == record;
	return has;
}

bool kept_paths_holds(const struct kept_paths *kept, uint32_t record)
{
	bool holds = record_set_has(&kept->covered, record) || record_set_has(&kept->own, record) ||
		     record_set_has(&kept->stays, record);

	for (size_t i = 0; !holds && i < kept->files.count; i++)
		holds = kept->files.items[i].record == record;
	return holds;
}

/* -------- what does not -------- */

/* What goes out of a directory that stays. */
static int add_rest_in(const struct kept_paths *kept, const struct volume_tree *tree, uint32_t directory,
		       struct tree_places *rest, struct error *err)
{
	size_t                   count;
	const struct tree_child *children = volume_tree_children(tree, directory, &count);

	for (size_t i = 0; i < count; i++)
		if (!kept_paths_has(kept, directory, children[i].record) &&
		    !array_push(rest, (struct tree_place){ directory, children[i].record }))
			return error_memory(err);
	return 0;
}

static int compare_place(const void *a, const void *b)
{
	const struct tree_place *left = a, *right = b;

	if (left->record != right->record)
		return left->record < right->record ? -1 : 1;
	return (left->directory > right->directory) - (left->directory < right->directory);
}

int kept_paths_rest(const struct kept_paths *kept, const struct volume_tree *tree, struct tree_places *rest,
		    struct error *err)
{
	size_t count = 0;

	for (uint32_t i = 0; i < tree->inventory.count; i++)
		if (record_set_has(&kept->stays, i) && !record_set_has(&kept->covered, i) &&
		    add_rest_in(kept, tree, i, rest, err) < 0)
			return -1;
	if (rest->count)
		qsort(rest->items, rest->count, sizeof *rest->items, compare_place);
	for (size_t i = 0; i < rest->count; i++)
		if (!i || compare_place(&rest->items[i], &rest->items[i - 1]) != 0)
			rest->items[count++] = rest->items[i];
	rest->count = count;
	return 0;
}

int kept_paths_leave_any(const struct work_volume *volume, const char *const *paths, size_t count, bool *any,
			 struct error *err)
{
	CLEANUP(kept_paths_release) struct kept_paths kept = { 0 };
	struct tree_places                            rest = { 0 };
	int                                           result = kept_paths_make(&kept, volume, paths, count, err);

	if (result == 0)
		result = kept_paths_rest(&kept, &volume->tree, &rest, err);
	*any = rest.count != 0;
	array_release(&rest);
	return result;
}
