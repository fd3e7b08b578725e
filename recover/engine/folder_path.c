/* SPDX-License-Identifier: GPL-3.0-or-later */
/* folder_path.c - see folder_path.h */
#include "recover/engine/folder_path.h"

#include <string.h>

static int refuse_file(struct ntfs3g *mount, file_ref ref, const char *name, size_t length, struct error *err)
{
	bool empty;
	int  folder = ntfs3g_is_folder(mount, ref, &empty, err);

	if (folder == 0)
		return error_set(err, ERROR_REFUSED, mount->path,
				 "has a file called '%.*s' where a folder is to be; rename it", (int)(length < 80 ? length : 80),
				 name);
	return folder < 0 ? -1 : 0;
}

int folder_path_step(struct ntfs3g *mount, file_ref parent, const char *text, size_t length, file_ref *folder, bool *made,
		     struct error *err)
{
	struct ntfs3g_name name;
	int                found;

	if (ntfs3g_name(text, length, "", &name) < 0)
		return error_set(err, ERROR_VALUE, mount->path, "'%.*s' cannot be the name of a folder",
				 (int)(length < 80 ? length : 80), text);
	found = ntfs3g_find(mount, parent, &name, NAME_CASE_ASIDE, folder, err);
	if (made)
		*made = found == 0;
	if (found == 0)
		return ntfs3g_make_folder(mount, parent, &name, folder, err);
	return found < 0 ? -1 : refuse_file(mount, *folder, text, length, err);
}

int folder_path_enter(struct ntfs3g *mount, const char *path, size_t length, file_ref *folder, bool *made,
		      struct error *err)
{
	const char *end = path + length;

	if (made)
		*made = false;
	*folder = file_ref_make(ROOT_RECORD, ROOT_RECORD);
	while (path < end) {
		const char *name = path + 1, *next = memchr(name, '\\', (size_t)(end - name));

		if (!next)
			next = end;
		if (folder_path_step(mount, *folder, name, (size_t)(next - name), folder, made, err) < 0)
			return -1;
		path = next;
	}
	return 0;
}
