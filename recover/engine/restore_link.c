/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restore_link.c - see restore_link.h */
#include "recover/engine/restore_link.h"

#include "core/cleanup.h"
#include "recover/engine/file_content.h"
#include "recover/rules/shell_link.h"

#include <ctype.h>
#include <string.h>

/* 1 if what follows a directory is not to be seen in it: it is a junction or the like. */
static int is_reparse_point(struct work_volume *volume, uint32_t record, struct error *err)
{
	struct case_record loaded = { 0 };
	int                status = work_volume_load(volume, record, &loaded, err);
	bool               reparse = status == 0 && loaded.file.attributes & FILE_IS_REPARSE_POINT;

	case_record_release(&loaded);
	return status < 0 ? -1 : reparse;
}

/* 1 if something is at the path, or nobody knows, 0, -1. */
static int is_there(const struct destination *to, const char *path, struct error *err)
{
	struct occupant at = { .record = ROOT_RECORD, .entry = NO_ENTRY };
	const char     *end;

	for (path += strspn(path, "\\"); *path; path = end + strspn(end, "\\")) {
		struct ntfs3g_name name;
		struct occupant    next;

		end = path + strcspn(path, "\\");
		if (ntfs3g_name(path, (size_t)(end - path), "", &name) < 0)
			return 0;
		if (destination_look_in(to, &at, &name, &next))
			at = next;
		else
			return at.record == NO_TREE_RECORD ? 0 : is_reparse_point(to->volume, at.record, err);
		if (at.doomed)
			return 0;
	}
	return 1;
}

int restore_link_is_relevant(struct work_volume *from, uint32_t record, const char *name,
			     const struct restore_part parts[LETTERS], struct error *err)
{
	CLEANUP(free_ptr) uint8_t *bytes = NULL;
	CLEANUP(free_ptr) char    *path = NULL;
	const struct restore_part *part;
	size_t                     size;
	int                        known;

	if (file_content_read(from, record, name, SHELL_LINK_BYTES_MAX, &bytes, &size, err) < 0)
		return err->kind == ERROR_MEMORY ? -1 : 1;
	known = shell_link_local_path((struct bytes){ bytes, size, 0 }, &path, err);
	if (known < 0)
		return err->kind == ERROR_MEMORY ? -1 : 1;
	if (!known || !isalpha((unsigned char)path[0]) || path[1] != ':')
		return 1;
	part = &parts[toupper((unsigned char)path[0]) - 'A'];
	if (part->to->volume->letter != toupper((unsigned char)path[0]))
		return 1; /* another drive, which nobody has named */
	return is_there(part->to, path + 2, err);
}
