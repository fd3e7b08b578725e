/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_state_file.c - see sequence_state_file.h */
#include "recover/sequence/sequence_state_file.h"

#include "core/cleanup.h"
#include "recover/engine/file_content.h"
#include "recover/engine/folder_path.h"
#include "recover/security/security_descriptor.h"

#include <string.h>

#define FILE_ALL_ACCESS 0x1f01ffu

/* Look a name of our own up; as ntfs3g_find. */
static int find(struct ntfs3g *mount, file_ref folder, const char *text, struct ntfs3g_name *name, file_ref *ref,
		struct error *err)
{
	if (ntfs3g_name(text, strlen(text), "", name) < 0)
		return error_set(err, ERROR_VALUE, mount->path, "'%.80s' cannot be the name of a file", text);
	return ntfs3g_find(mount, folder, name, NAME_CASE_ASIDE, ref, err);
}

/* For the system and for administrators. */
static int make_security(uint8_t **descriptor, size_t *size, struct error *err)
{
	struct security_grant grants[] = { { .access = FILE_ALL_ACCESS }, { .access = FILE_ALL_ACCESS } };

	(void)sid_parse("S-1-5-18", &grants[0].sid);
	(void)sid_parse("S-1-5-32-544", &grants[1].sid);
	return security_descriptor_make(&grants[1].sid, grants, 2, descriptor, size, err);
}

static int make_file(struct ntfs3g *mount, file_ref folder, const struct ntfs3g_name *name, const char *bytes, size_t size,
		     struct error *err)
{
	CLEANUP(free_ptr) uint8_t *descriptor = NULL;
	size_t                     descriptor_size;
	ntfs_inode                *inode;
	int                        result;

	if (make_security(&descriptor, &descriptor_size, err) < 0 ||
	    ntfs3g_make_file(mount, folder, name, 0, &inode, err) < 0)
		return -1;
	result = ntfs3g_set_security(mount, inode, descriptor, descriptor_size, err);
	if (result == 0)
		result = file_content_replace(mount, inode, bytes, size, err);
	if (result == 0)
		return ntfs3g_close(mount, inode, err);
	(void)ntfs_inode_close(inode);
	return -1;
}

/* What has its name goes, if anything has: another name of it, and the content there, are somebody else's. */
static int make_way(struct ntfs3g *mount, file_ref folder, struct ntfs3g_name *name, struct error *err)
{
	ntfs_inode *inode;
	file_ref    file;
	int         found = find(mount, folder, SEQUENCE_STATE_FILE, name, &file, err);

	if (found <= 0)
		return found;
	if (ntfs3g_open(mount, file, &inode, err) < 0)
		return -1;
	if (inode && !(inode->mrec->flags & MFT_RECORD_IS_DIRECTORY))
		return ntfs3g_delete_name(mount, inode, folder, name, err);
	if (inode)
		(void)ntfs_inode_close(inode);
	return error_set(err, ERROR_REFUSED, mount->path,
			 "has something called '%s' where the state of the sequence is to be, and it is no sound file; rename it",
			 SEQUENCE_STATE_FOLDER "\\" SEQUENCE_STATE_FILE);
}

int sequence_state_put(struct ntfs3g *mount, const struct sequence_state *state, struct error *err)
{
	CLEANUP(free_ptr) char *bytes = NULL;
	struct ntfs3g_name      name;
	file_ref                folder;
	size_t                  size;

	if (sequence_state_write(state, &bytes, &size, err) < 0 ||
	    folder_path_enter(mount, SEQUENCE_STATE_FOLDER, strlen(SEQUENCE_STATE_FOLDER), &folder, NULL, err) < 0 ||
	    make_way(mount, folder, &name, err) < 0)
		return -1;
	return make_file(mount, folder, &name, bytes, size, err);
}

int sequence_state_remove(struct ntfs3g *mount, struct error *err)
{
	struct ntfs3g_name name;
	file_ref           folder;
	bool               empty;
	int                found = find(mount, file_ref_make(ROOT_RECORD, ROOT_RECORD), &SEQUENCE_STATE_FOLDER[1], &name, &folder,
					err);

	if (found == 1)
		found = ntfs3g_is_folder(mount, folder, &empty, err);
	return found == 1 ? make_way(mount, folder, &name, err) : found;
}
