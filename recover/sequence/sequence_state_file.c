/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_state_file.c - see sequence_state_file.h */
#include "recover/sequence/sequence_state_file.h"

#include "core/cleanup.h"
#include "recover/engine/file_content.h"
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

/* The folder of the sequence: 1 with @ref, 0 if it is not there, -1. */
static int find_folder(struct ntfs3g *mount, struct ntfs3g_name *name, file_ref *ref, struct error *err)
{
	return find(mount, file_ref_make(ROOT_RECORD, ROOT_RECORD), SEQUENCE_STATE_FOLDER + 1, name, ref, err);
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

static int replace_file(struct ntfs3g *mount, file_ref file, const char *bytes, size_t size, struct error *err)
{
	ntfs_inode *inode;

	if (ntfs3g_open(mount, file, &inode, err) < 0)
		return -1;
	if (!inode)
		return error_set(err, ERROR_VALUE, mount->path, "the state of the task sequence is gone");
	if (file_content_replace(mount, inode, bytes, size, err) == 0)
		return ntfs3g_close(mount, inode, err);
	(void)ntfs_inode_close(inode);
	return -1;
}

int sequence_state_put(struct ntfs3g *mount, const struct sequence_state *state, struct error *err)
{
	CLEANUP(free_ptr) char *bytes = NULL;
	struct ntfs3g_name      name;
	file_ref                folder, file;
	size_t                  size;
	int                     found = find_folder(mount, &name, &folder, err);

	if (found < 0 || sequence_state_write(state, &bytes, &size, err) < 0 ||
	    (!found && ntfs3g_make_folder(mount, file_ref_make(ROOT_RECORD, ROOT_RECORD), &name, &folder, err) < 0))
		return -1;
	found = find(mount, folder, SEQUENCE_STATE_FILE, &name, &file, err);
	if (found < 0)
		return -1;
	return found ? replace_file(mount, file, bytes, size, err) : make_file(mount, folder, &name, bytes, size, err);
}

int sequence_state_remove(struct ntfs3g *mount, struct error *err)
{
	struct ntfs3g_name name;
	file_ref           folder, file;
	int                found = find_folder(mount, &name, &folder, err);

	if (found == 1)
		found = find(mount, folder, SEQUENCE_STATE_FILE, &name, &file, err);
	return found == 1 ? ntfs3g_delete_file(mount, file, err) : found;
}
