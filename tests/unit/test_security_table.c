/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_security_table.c - expected values: what libntfs-3g says of the files that it gave descriptors to */
#include "tests/unit/disk.h"

#include "core/endian.h"
#include "scan/security_table.h"

#define FILES 300u

/* The library's descriptor of an open file, to be freed. */
static struct blob descriptor_of(struct disk *disk, ntfs_inode *inode)
{
	struct SECURITY_CONTEXT context = { .vol = disk->mount.volume };
	int                     size = ntfs_get_ntfs_acl(&context, inode, NULL, 0);
	struct blob             blob;

	cr_assert(size > 0);
	blob = blob_zero((size_t)size);
	cr_assert(ntfs_get_ntfs_acl(&context, inode, (char *)blob.at, blob.size) == size);
	return blob;
}

/* A file whose owner is number @n. */
static file_ref make_owned(struct disk *disk, file_ref folder, unsigned n)
{
	struct PERMISSIONS_CACHE *none = NULL;
	struct SECURITY_CONTEXT   context = { .vol = disk->mount.volume, .pseccache = &none };
	char                      text[32];
	ntfs_inode               *inode;
	struct blob               blob;
	size_t                    owner;
	file_ref                  ref;

	snprintf(text, sizeof text, "file %u", n);
	inode = disk_file(disk, folder, text);
	ref = ntfs3g_ref(inode);
	blob = descriptor_of(disk, inode);
	owner = le32_at(blob.at + 4);
	put_le32(blob.at + owner + 8 + 4 * (blob.at[owner + 1] - 1u), 10000 + n);
	cr_assert(ntfs_set_ntfs_acl(&context, inode, (const char *)blob.at, blob.size, 0) == 0);
	free(blob.at);
	disk_close(disk, inode);
	return ref;
}

static void read_table(struct disk *disk, struct security_table *table)
{
	struct file_reader reader;

	cr_assert(eq(int, file_reader_init(&reader, &disk->tree.inventory, &disk->tree.extensions, &disk->err), 0));
	cr_assert(eq(int, security_table_read(table, &reader, &disk->err), 1));
	file_reader_release(&reader);
}

Test(security_table, has_what_the_library_wrote)
{
	struct disk           disk;
	struct security_table table;
	file_ref              folder, refs[FILES];
	uint32_t              last = 0;
	struct bytes          found;

	disk_make(&disk, "");
	folder = disk_folder(&disk, file_ref_make(5, 5), "files");
	for (unsigned i = 0; i < FILES; i++)
		refs[i] = make_owned(&disk, folder, i);
	disk_read(&disk);
	read_table(&disk, &table);
	for (unsigned i = 0; i < FILES; i++) {
		ntfs_inode *inode = ntfs_inode_open(disk.mount.volume, refs[i]);
		struct blob wanted;

		cr_assert(inode != NULL);
		wanted = descriptor_of(&disk, inode);
		cr_assert(that(security_table_find(&table, le32_to_cpu(inode->security_id), &found)), "file %u", i);
		cr_expect(that(found.left == wanted.size && memcmp(found.at, wanted.at, wanted.size) == 0), "file %u", i);
		last = le32_to_cpu(inode->security_id);
		free(wanted.at);
		ntfs_inode_close(inode);
	}
	cr_expect(that(!security_table_find(&table, 0, &found)));
	cr_expect(that(!security_table_find(&table, last + 1, &found)));
	cr_expect(that(!security_table_find(&table, UINT32_MAX, &found)));
	for (size_t i = 1; i < table.entries.count; i++)
		cr_assert(that(table.entries.items[i - 1].id < table.entries.items[i].id));
	security_table_release(&table);
	disk_release(&disk);
}

Test(security_table, torn_entry_is_none)
{
	struct disk           disk;
	struct security_table table, after;
	struct bytes          found;
	uint32_t              id;
	struct blob           image;
	uint8_t              *at = NULL;

	disk_make(&disk, "");
	make_owned(&disk, file_ref_make(5, 5), 1);
	make_owned(&disk, file_ref_make(5, 5), 2);
	disk_read(&disk);
	read_table(&disk, &table);
	id = table.entries.items[table.entries.count - 1].id;
	cr_assert(that(security_table_find(&table, id, &found)));
	image = temp_read(disk.path); /* the owner's number, in the stream and in its copy */
	while ((at = memmem(at ? at + 1 : image.at, image.size - (size_t)((at ? at + 1 : image.at) - image.at), found.at,
			    found.left)))
		at[found.left - 1] ^= 1;
	temp_write(disk.path, image.at, image.size);
	free(image.at);
	read_table(&disk, &after);
	cr_expect(that(!security_table_find(&after, id, &found)));
	cr_expect(eq(sz, after.entries.count, table.entries.count - 1));
	cr_expect(that(security_table_find(&after, id - 1, &found)));
	security_table_release(&table);
	security_table_release(&after);
	disk_release(&disk);
}

Test(security_table, volume_without_one_has_an_empty_table)
{
	struct volume         volume = { .number = 1, .size_bytes = 1u << 20 };
	struct inventory      inventory;
	struct extensions     none = { 0 };
	struct file_reader    reader;
	struct security_table table;
	struct error          err;
	struct bytes          found;

	inventory_make(&inventory, &volume, 9);
	cr_assert(eq(int, file_reader_init(&reader, &inventory, &none, &err), 0));
	cr_expect(eq(int, security_table_read(&table, &reader, &err), 0));
	cr_expect(that(!security_table_find(&table, 0x100, &found)));
	security_table_release(&table);
	file_reader_release(&reader);
	free(inventory.rows);
}
