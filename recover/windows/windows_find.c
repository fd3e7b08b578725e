/* SPDX-License-Identifier: GPL-3.0-or-later */
/* windows_find.c - see windows_find.h */
#include "recover/windows/windows_find.h"

#include "core/cleanup.h"
#include "core/text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct finding_windows {
	struct work_volumes *volumes;
	struct work_volume  *volume; /* of the first */
	char                *first, *second;
};

static bool is_file(const struct volume_tree *tree, const char *directory, const char *name)
{
	CLEANUP(free_ptr) char *path = NULL;
	uint32_t                record;

	if (asprintf(&path, "%s\\System32\\config\\%s", directory, name) < 0) {
		path = NULL;
		return false;
	}
	record = volume_tree_find(tree, path);
	return record != NO_TREE_RECORD && !volume_tree_is_directory(tree, record);
}

/* Take the directory @path (without its letter) if it is a Windows one. */
static int look_at(struct finding_windows *finding, struct work_volume *volume, const char *path,
		   struct error *err)
{
	char *directory;

	if (!is_file(&volume->tree, path, "SOFTWARE") || !is_file(&volume->tree, path, "SYSTEM"))
		return 0;
	directory = text_format("%c:%s", volume->letter, path);
	if (!directory)
		return error_memory(err);
	for (char *at = directory; *at; at++)
		if (*at == '/')
			*at = '\\';
	if (!finding->first) {
		finding->volume = volume;
		finding->first = TAKE(directory);
	} else if (!finding->second && strcasecmp(finding->first, directory) != 0) {
		finding->second = TAKE(directory);
	}
	free(directory);
	return 0;
}

/* A candidate that was named: "C:\Windows", or without its letter on the first volume. */
static int look_at_named(struct finding_windows *finding, const char *named, struct error *err)
{
	bool                has_letter = isalpha((unsigned char)named[0]) && named[1] == ':';
	char                letter = (char)toupper((unsigned char)named[0]);
	struct work_volume *volume =
		has_letter ? work_volumes_find(finding->volumes, letter) : finding->volumes->items;
	const char             *path = named + (has_letter ? 2 : 0);
	CLEANUP(free_ptr) char *whole = NULL;
	size_t                  length;

	if (!volume || !finding->volumes->count)
		return 0;
	whole = text_format("%s%s", *path == '\\' || *path == '/' ? "" : "\\", path);
	if (!whole)
		return error_memory(err);
	for (length = strlen(whole); length && (whole[length - 1] == '\\' || whole[length - 1] == '/');
	     length--)
		whole[length - 1] = 0;
	return look_at(finding, volume, whole, err);
}

/* Every directory in the root of a volume: installations are rarely called otherwise, but they may be. */
static int look_on(struct finding_windows *finding, struct work_volume *volume, struct error *err)
{
	const struct volume_tree *tree = &volume->tree;
	struct text_buffer        path = { 0 };
	size_t                    count;
	const struct tree_child  *children = volume_tree_children(tree, ROOT_RECORD, &count);
	int                       result = 0;

	for (size_t i = 0; result == 0 && i < count; i++) {
		if (!volume_tree_is_directory(tree, children[i].record) ||
		    children[i].record == ROOT_RECORD ||
		    tree->inventory.names.items[children[i].name].space == NAME_DOS)
			continue;
		result = volume_tree_path(tree, children[i].name, &path, err);
		if (result == 0)
			result = look_at(finding, volume, path.items, err);
	}
	array_release(&path);
	return result;
}

static int look(struct finding_windows *finding, const struct windows_options *options, struct error *err)
{
	if (options->directory)
		return look_at_named(finding, options->directory, err);
	for (size_t i = 0; i < options->candidate_count; i++)
		if (look_at_named(finding, options->candidates[i], err) < 0)
			return -1;
	for (size_t i = 0; !options->candidate_count && i < finding->volumes->count; i++)
		if (look_on(finding, &finding->volumes->items[i], err) < 0)
			return -1;
	return 0;
}

int windows_find(struct work_volumes *volumes, const struct windows_options *options,
		 struct work_volume **volume, char **directory, struct error *err)
{
	struct finding_windows finding = { .volumes = volumes };
	int                    result = look(&finding, options, err);

	if (result == 0 && finding.second && options->fail_on_multiple)
		result = error_set(err, ERROR_REFUSED, finding.first,
				   "is a Windows, and so is %.100s; say which one is meant", finding.second);
	if (result == 0 && finding.first) {
		*volume = finding.volume;
		*directory = TAKE(finding.first);
		result = 1;
	}
	free(finding.first);
	free(finding.second);
	return result;
}
