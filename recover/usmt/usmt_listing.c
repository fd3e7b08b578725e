/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usmt_listing.c - see usmt_listing.h */
#include "recover/usmt/usmt_listing.h"

#include "core/text.h"
#include "recover/engine/state_store.h"
#include "scan/file_name.h"

/* A name of a file below the mirror of a drive; @path is room to work in. */
static int list_name(const struct work_volume *volume, uint32_t name, char letter, uint32_t mirror,
		     struct text_buffer *path, FILE *out, struct error *err)
{
	const struct volume_tree *tree = &volume->tree;
	size_t                    count, skipped;
	const uint32_t           *names = volume_tree_names(tree, mirror, &count);

	if (!count || volume_tree_path(tree, names[0], path, err) < 0)
		return count ? -1 : 0;
	skipped = path->count;
	if (volume_tree_path(tree, name, path, err) < 0)
		return -1;
	fprintf(out, "%c:", letter);
	text_print(out, path->items + skipped, path->count - skipped);
	fputs("\r\n", out);
	return 0;
}

static int list_mirror(const struct work_volume *volume, char letter, uint32_t mirror, FILE *out, struct error *err)
{
	const struct volume_tree *tree = &volume->tree;
	struct text_buffer        path = { 0 };
	int                       status = 0;

	for (uint32_t record = 0; status == 0 && record < tree->inventory.count; record++) {
		size_t          count;
		const uint32_t *names = volume_tree_names(tree, record, &count);

		if (volume_tree_is_directory(tree, record))
			continue;
		for (size_t i = 0; status == 0 && i < count; i++)
			if (tree->inventory.names.items[names[i]].space != NAME_DOS &&
			    state_store_is_below(volume, names[i], mirror))
				status = list_name(volume, names[i], letter, mirror, &path, out, err);
	}
	array_release(&path);
	return status;
}

static int list_volume(struct work_volume *volume, const char *path, FILE *out, struct error *err)
{
	struct state_store store = { 0 };
	int                status = work_volume_read(volume, err);

	if (status == 0)
		status = state_store_find(&store, volume, path, err);
	for (char letter = 'A'; status == 0 && store.current != NO_TREE_RECORD && letter <= 'Z'; letter++) {
		uint32_t mirror = state_store_mirror(volume, store.current, letter);

		if (mirror != NO_TREE_RECORD)
			status = list_mirror(volume, letter, mirror, out, err);
	}
	state_store_release(&store);
	return status;
}

int usmt_listing_write(struct work_volumes *volumes, const char *path, FILE *out, struct error *err)
{
	for (size_t i = 0; i < volumes->count; i++)
		if (list_volume(&volumes->items[i], path, out, err) < 0)
			return -1;
	if (fflush(out) != 0 || ferror(out))
		return error_sys(err, NULL, "the list of files could not be written");
	return 0;
}
