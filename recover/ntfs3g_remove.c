/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ntfs3g_remove.c - see ntfs3g_remove.h */
#include "recover/ntfs3g_remove.h"

#include "core/cleanup.h"

#include <errno.h>
#include <string.h>

/* Open what must be there. */
static ntfs_inode *open_record(struct ntfs3g *mount, file_ref ref, struct error *err)
{
	ntfs_inode *inode = ntfs_inode_open(mount->volume, ref);

	if (!inode)
		(void)ntfs3g_failed(mount, "what is to be removed cannot be opened", err);
	return inode;
}

/* -------- freeing -------- */

/* The clusters of the attribute at hand. */
static int free_clusters(ntfs_volume *volume, const ntfs_attr_search_ctx *search)
{
	CLEANUP(free_ptr) runlist *runs = NULL;

	if (!search->attr->non_resident)
		return 0;
	runs = ntfs_mapping_pairs_decompress(volume, search->attr, NULL);
	return runs ? ntfs_cluster_free_from_rl(volume, runs) : -1;
}

/* The clusters of all attributes; the walk also attaches all extension records to the inode. */
static int free_all_clusters(ntfs_inode *inode, bool *reparse, bool *object_id)
{
	ntfs_attr_search_ctx *search = ntfs_attr_get_search_ctx(inode, NULL);
	int                   result = search ? 0 : -1;

	while (result == 0 && ntfs_attrs_walk(search) == 0) {
		*reparse = *reparse || search->attr->type == AT_REPARSE_POINT;
		*object_id = *object_id || search->attr->type == AT_OBJECT_ID;
		result = free_clusters(inode->vol, search);
	}
	if (result == 0 && errno != ENOENT)
		result = -1;
	if (search)
		ntfs_attr_put_search_ctx(search);
	return result;
}

/* An open record, with nothing in it if @how says so. */
static int free_one(ntfs_inode *inode, enum freed how)
{
	MFT_RECORD *record = inode->mrec;
	uint32_t    start = le16_to_cpu(record->attrs_offset);
	const le32  end = AT_END;

	if (how == FREED_EMPTY) {
		memset((uint8_t *)record + start, 0, le32_to_cpu(record->bytes_allocated) - start);
		memcpy((uint8_t *)record + start, &end, sizeof end);
		record->bytes_in_use = cpu_to_le32(start + 8);
	}
	return ntfs_mft_record_free(inode->vol, inode);
}

/* The extension records; they leave the inode first, or the library would look for them in it. */
static int free_extensions(ntfs_inode *inode, enum freed how)
{
	int result = 0;

	while (result == 0 && inode->nr_extents > 0) {
		ntfs_inode *extension = inode->extent_nis[--inode->nr_extents];

		extension->base_ni = NULL;
		extension->nr_extents = 0;
		result = free_one(extension, how);
	}
	if (inode->nr_extents == 0)
		free(TAKE(inode->extent_nis));
	return result;
}

/* Take the record out of $Reparse and $ObjId; data too short to be in there are in neither. */
static int leave_extend(ntfs_inode *inode, bool reparse, bool object_id)
{
	if (reparse && ntfs_delete_reparse_index(inode) < 0 && errno != ENODATA)
		return -1;
	return object_id && ntfs_delete_object_id_index(inode) < 0 && errno != ENODATA ? -1 : 0;
}

/* Free an open record with all that it has; the inode is gone afterwards. */
static int free_inode(struct ntfs3g *mount, ntfs_inode *inode, enum freed how, struct error *err)
{
	bool reparse = false, object_id = false;

	if (free_all_clusters(inode, &reparse, &object_id) < 0 ||
	    leave_extend(inode, reparse, object_id) < 0 || free_extensions(inode, how) < 0 ||
	    free_one(inode, how) < 0) {
		(void)ntfs3g_failed(mount, "a file cannot be removed", err);
		(void)ntfs_inode_close(inode);
		return -1;
	}
	return ntfs3g_check(mount, err);
}

int ntfs3g_free_record(struct ntfs3g *mount, file_ref ref, enum freed how, struct error *err)
{
	ntfs_inode *inode = open_record(mount, ref, err);

	return inode ? free_inode(mount, inode, how, err) : -1;
}

/* -------- names -------- */

/* Go to the next name in @directory, or, without one, to the next name at all: 1, 0 behind the last, -1. */
static int next_name(ntfs_attr_search_ctx *search, const file_ref *directory)
{
	while (ntfs_attr_lookup(AT_FILE_NAME, AT_UNNAMED, 0, CASE_SENSITIVE, 0, NULL, 0, search) == 0) {
		const FILE_NAME_ATTR *name = (const void *)((const uint8_t *)search->attr +
							    le16_to_cpu(search->attr->value_offset));

		if (!directory || le64_to_cpu(name->parent_directory) == *directory)
			return 1;
	}
	return errno == ENOENT ? 0 : -1;
}

/* How many names there are, and how many of them in @directory. */
static int count_names(ntfs_attr_search_ctx *search, file_ref directory, size_t *all, size_t *there)
{
	int found;

	*all = *there = 0;
	while ((found = next_name(search, NULL)) == 1)
		++*all;
	ntfs_attr_reinit_search_ctx(search);
	while (found == 0 && (found = next_name(search, &directory)) == 1)
		++*there, found = 0;
	ntfs_attr_reinit_search_ctx(search);
	return found;
}

/* Drop @count names in @directory, which are not all. */
static int drop_names(ntfs_inode *inode, ntfs_attr_search_ctx *search, file_ref directory, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (next_name(search, &directory) != 1 || ntfs_attr_record_rm(search) < 0)
			return -1;
		ntfs_attr_reinit_search_ctx(search);
	}
	inode->mrec->link_count = cpu_to_le16((u16)(le16_to_cpu(inode->mrec->link_count) - count));
	NInoSetDirty(inode);
	return 0;
}

int ntfs3g_strip_names(struct ntfs3g *mount, file_ref file, file_ref directory, enum freed how,
		       struct error *err)
{
	ntfs_inode           *inode = open_record(mount, file, err);
	ntfs_attr_search_ctx *search = inode ? ntfs_attr_get_search_ctx(inode, NULL) : NULL;
	size_t                all = 0, there = 0;
	int                   result = -1;

	if (!inode)
		return -1;
	if (search && count_names(search, directory, &all, &there) == 0)
		result = there < all ? drop_names(inode, search, directory, there) : 0;
	if (search)
		ntfs_attr_put_search_ctx(search);
	if (result < 0) {
		(void)ntfs3g_failed(mount, "the names of a file cannot be removed", err);
		(void)ntfs_inode_close(inode);
		return -1;
	}
	return there == all ? free_inode(mount, inode, how, err) : ntfs3g_close(mount, inode, err);
}

/* -------- indexes -------- */

/* A key of a directory's index; but for the name nothing in it counts. */
union index_key {
	FILE_NAME_ATTR attr;
	uint8_t        room[sizeof(FILE_NAME_ATTR) + 2 * NAME_UNITS_MAX];
};

int ntfs3g_unindex(struct ntfs3g *mount, file_ref directory, const struct bytes *names, size_t count,
		   struct error *err)
{
	ntfs_inode *inode = open_record(mount, directory, err);

	if (!inode)
		return -1;
	for (size_t i = 0; i < count; i++) {
		union index_key key = { .attr = { .file_name_length = (u8)(names[i].left / 2) } };

		memcpy(key.room + offsetof(FILE_NAME_ATTR, file_name), names[i].at, names[i].left);
		if (ntfs_index_remove(inode, NULL, &key.attr,
				      (int)(offsetof(FILE_NAME_ATTR, file_name) + names[i].left)) < 0) {
			(void)ntfs3g_failed(mount, "a name cannot be taken out of its folder", err);
			(void)ntfs_inode_close(inode);
			return -1;
		}
	}
	return ntfs3g_close(mount, inode, err);
}
