/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture_place.c - see capture_place.h */
#include "recover/engine/capture_place.h"

#include "core/cleanup.h"

/* The folder @text in @parent, made if it is missing. */
static int enter_folder(struct captured_volume *part, file_ref parent, const char *text, file_ref *ref, struct error *err)
{
	struct ntfs3g_name name = captured_volume_name(text);
	int found = ntfs3g_find(&part->volume->mount, parent, &name, NAME_CASE_ASIDE, ref, err);

	if (found)
		return found < 0 ? -1 : 0;
	return ntfs3g_make_folder(&part->volume->mount, parent, &name, ref, err);
}

/* PATH itself. */
static int enter_path(struct captured_volume *part, file_ref *ref, struct error *err)
{
	CLEANUP(free_ptr) char *path = strdup(part->capture->path);
	char                   *rest, *next;

	if (!path)
		return error_memory(err);
	*ref = file_ref_make(ROOT_RECORD, ROOT_RECORD);
	rest = path + 1;
	while (rest) {
		next = strchr(rest, '\\');
		if (next)
			*next++ = 0;
		if (enter_folder(part, *ref, rest, ref, err) < 0)
			return -1;
		rest = next;
	}
	return 0;
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
	file_ref folder;

	if (enter_path(part, &folder, err) < 0 ||
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
