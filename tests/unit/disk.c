/* SPDX-License-Identifier: GPL-3.0-or-later */
/* disk.c - see disk.h */
#include "tests/unit/disk.h"

void disk_make(struct disk *it, const char *options)
{
	*it = (struct disk){ .folder = temp_folder() };
	it->path = temp_ntfs(it->folder, "volume.img", 24, options);
	it->mount.transaction.device.fd = -1;
	cr_assert(eq(int, ntfs3g_mount(&it->mount, it->path, 0, &it->err), 0), "%s", it->err.text);
	cr_assert(eq(int, ntfs3g_begin(&it->mount, "test", &it->err), 0), "%s", it->err.text);
}

void disk_read(struct disk *it)
{
	struct selection all = { 0 };

	cr_assert(eq(int, ntfs3g_commit(&it->mount, &it->err), 0));
	findings_init(&it->findings);
	cr_assert(eq(int, evidence_open(&it->evidence, it->path, NULL, &it->err), 0));
	cr_assert(eq(int, volumes_find(&it->evidence, &all, &it->volumes, &it->findings, &it->err), 0), "%s",
		  it->err.text);
	cr_assert(eq(int, volume_tree_read(&it->tree, &it->volumes.items[0], 2, &it->err), 0), "%s",
		  it->err.text);
	cr_expect(eq(sz, it->tree.findings.count, 0));
	cr_expect(that(!it->tree.upcase.built_in));
}

void disk_release(struct disk *it)
{
	volume_tree_release(&it->tree);
	array_release(&it->volumes);
	evidence_release(&it->evidence);
	findings_release(&it->findings);
	cr_expect(eq(int, ntfs3g_unmount(&it->mount, &it->err), 0));
	free(it->path);
	temp_remove(it->folder);
}

static struct ntfs3g_name name_of(const char *text)
{
	struct ntfs3g_name name;

	cr_assert(eq(int, ntfs3g_name(text, strlen(text), "", &name), 0), "%s", text);
	return name;
}

file_ref disk_folder(struct disk *it, file_ref parent, const char *text)
{
	struct ntfs3g_name name = name_of(text);
	file_ref           ref;

	cr_assert(eq(int, ntfs3g_make_folder(&it->mount, parent, &name, &ref, &it->err), 0), "%s",
		  it->err.text);
	return ref;
}

ntfs_inode *disk_file(struct disk *it, file_ref folder, const char *text)
{
	struct ntfs3g_name name = name_of(text);
	ntfs_inode        *inode;

	cr_assert(eq(int, ntfs3g_make_file(&it->mount, folder, &name, 0, &inode, &it->err), 0), "%s",
		  it->err.text);
	return inode;
}

void disk_name(struct disk *it, ntfs_inode *inode, file_ref folder, const char *text,
	       enum file_name_space space)
{
	struct ntfs3g_name name = name_of(text);
	bool               taken;

	cr_assert(eq(int, ntfs3g_add_name(&it->mount, inode, folder, &name, space, 0, &taken, &it->err), 0),
		  "%s", it->err.text);
	cr_assert(that(!taken), "%s", text);
}

void disk_close(struct disk *it, ntfs_inode *inode)
{
	cr_assert(eq(int, ntfs3g_close(&it->mount, inode, &it->err), 0), "%s", it->err.text);
}

void disk_write(struct disk *it, ntfs_inode *inode, const char *stream, uint64_t offset, const void *data,
		size_t size)
{
	struct ntfs3g_name name = { .count = 0 };
	ntfs_attr         *attr;

	if (*stream)
		name = name_of(stream);
	if (name.count && !ntfs_attr_exist(inode, AT_DATA, name.units, name.count))
		cr_assert(ntfs_attr_add(inode, AT_DATA, name.units, name.count, NULL, 0) == 0);
	attr = ntfs_attr_open(inode, AT_DATA, name.count ? name.units : AT_UNNAMED, name.count);
	cr_assert(attr != NULL, "%s", it->path);
	cr_assert(ntfs_attr_pwrite(attr, (s64)offset, (s64)size, data) == (s64)size);
	ntfs_attr_close(attr);
}

struct blob disk_content(struct disk *it, ntfs_inode *inode, const char *stream)
{
	struct ntfs3g_name name = { .count = 0 };
	struct blob        blob;
	ntfs_attr         *attr;

	if (*stream)
		name = name_of(stream);
	attr = ntfs_attr_open(inode, AT_DATA, name.count ? name.units : AT_UNNAMED, name.count);
	cr_assert(attr != NULL, "%s has no stream '%s'", it->path, stream);
	blob = blob_zero((size_t)attr->data_size);
	cr_assert(ntfs_attr_pread(attr, 0, attr->data_size, blob.at) == attr->data_size);
	ntfs_attr_close(attr);
	return blob;
}
