/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture_place.c - see capture_place.h */
#include "recover/engine/capture_place.h"

#include "recover/engine/folder_path.h"

#include <string.h>

/* The folder @text in @parent, made if it is missing. */
static int enter_folder(struct captured_volume *part, file_ref parent, const char *text, file_ref *ref, struct error *err)
{
	return folder_path_step(&part->volume->mount, parent, text, strlen(text), ref, NULL, err);
}

static int hide_folder(struct captured_volume *part, file_ref ref, struct error *err)
{
	ntfs_inode *inode;

	if (ntfs3g_open(&part->volume->mount, ref, &inode, err) < 0)
		return -1;
	if (!inode)
		return error_set(err, ERROR_VALUE, part->volume->source, "a folder that was made is gone");
	inode->flags |= FILE_ATTR_HIDDEN;
	NInoSetDirty(inode);
	NInoFileNameSetDirty(inode);
	return ntfs3g_close(&part->volume->mount, inode, err);
}

int capture_place_enter(struct captured_volume *part, struct error *err)
{
	const char *path = part->capture->path;
	file_ref    folder;

	if (folder_path_enter(&part->volume->mount, path, strlen(path), &folder, NULL, err) < 0 ||
	    enter_folder(part, folder, part->capture->new_name, &part->new_folder, err) < 0 ||
	    enter_folder(part, part->new_folder, STORE_FILES, &part->files, err) < 0 ||
	    hide_folder(part, part->files, err) < 0)
		return -1;
	return 0;
}

int capture_place_mirror(struct captured_volume *part, char letter, file_ref *ref, struct error *err)
{
	return enter_folder(part, part->files, (char[]){ letter, '$', 0 }, ref, err);
}
