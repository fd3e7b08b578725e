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

/* A file whose owner is number @n; the id of its descriptor. */
static uint32_t make_owned(struct disk *disk, file_ref folder, unsigned n)
{
	struct PERMISSIONS_CACHE *none = NULL;
	struct SECURITY_CONTEXT   context = { .vol = disk->mount.volume, .pseccache = &none };
	char                      text[32];
	ntfs_inode               *inode;
	struct blob               blob;
	size_t                    owner;
	uint32_t                  id;

	snprintf(text, sizeof text, "file %u", n);
	inode = disk_file(disk, folder, text);
	blob = descriptor_of(disk, inode);
	owner = le32_at(blob.at + 4);
	put_le32(blob.at + owner + 8 + 4 * (blob.at[owner + 1] - 1u), 10000 + n);
	cr_assert(ntfs_set_ntfs_acl(&context, inode, (const char *)blob.at, blob.size, 0) == 0);
	free(blob.at);
	id = le32_to_cpu(inode->security_id);
	disk_close(disk, inode);
	return id;
}

static void read_table(struct disk *disk, struct security_table *table)
{
	struct file_reader reader;

	cr_assert(eq(int,
		     file_reader_init(&reader, &disk->tree.inventory, &disk->tree.extensions, &disk->err),
		     0));
	cr_assert(eq(int, security_table_read(table, &reader, &disk->err), 1));
	file_reader_release(&reader);
}

Test(security_table, has_what_the_library_wrote)
{
	struct disk           disk;
	struct security_table table;
	struct bytes          found;
	file_ref              folder;
	uint32_t              ids[FILES];

	disk_make(&disk, "");
	folder = disk_folder(&disk, file_ref_make(5, 5), "files");
	for (unsigned i = 0; i < FILES; i++)
		ids[i] = make_owned(&disk, folder, i);
	disk_read(&disk);
	read_table(&disk, &table);
	for (unsigned i = 0; i < FILES; i++) {
		char        path[64];
		ntfs_inode *inode;
		struct blob wanted;

		snprintf(path, sizeof path, "/files/file %u", i);
		inode = ntfs_pathname_to_inode(disk.mount.volume, NULL, path);
		cr_assert(inode != NULL);
		wanted = descriptor_of(&disk, inode);
		cr_assert(that(security_table_find(&table, ids[i], &found)), "file %u", i);
		cr_expect(that(found.left == wanted.size && memcmp(found.at, wanted.at, wanted.size) == 0),
			  "file %u", i);
		free(wanted.at);
		ntfs_inode_close(inode);
	}
	cr_expect(that(!security_table_find(&table, 0, &found)));
	cr_expect(that(!security_table_find(&table, ids[FILES - 1] + 1, &found)));
	cr_expect(that(!security_table_find(&table, UINT32_MAX, &found)));
	for (size_t i = 1; i < table.entries.count; i++)
		cr_assert(that(table.entries.items[i - 1].id < table.entries.items[i].id));
	security_table_release(&table);
	disk_release(&disk);
}

/* Change a byte of the last entry on the disk, in the stream and in its copy; @at counts from its descriptor.
 */
static void spoil(struct disk *disk, struct bytes last, long at)
{
	struct blob image = temp_read(disk->path);
	uint8_t    *found = image.at, *end = image.at + image.size;

	while ((found = memmem(found, (size_t)(end - found), last.at, last.left))) {
		found[at] ^= 1;
		found += last.left;
	}
	temp_write(disk->path, image.at, image.size);
	free(image.at);
}

struct spoiled {
	char name[32];
	long at;
	bool first_again; /* the entry takes another's id: the first one counts */
};

ParameterizedTestParameters(security_table, spoiled_entry_is_none)
{
	static struct spoiled cases[] = {
		{ "torn descriptor", 30, false },
		{ "wrong hash", -0x14, false },
		{ "wrong place", -0x14 + 9, false },
		{ "id of another", -0x14 + 4, true },
	};
	return CASES(struct spoiled, cases);
}

ParameterizedTest(struct spoiled *c, security_table, spoiled_entry_is_none)
{
	struct disk           disk;
	struct security_table table, after;
	struct bytes          last, before, found;
	uint32_t              id;
	unsigned              made = 0;

	disk_make(&disk, "");
	do /* until the last id is odd: the one before differs from it in one bit */
		id = make_owned(&disk, file_ref_make(5, 5), made++);
	while (made < 2 || id % 2 == 0);
	disk_read(&disk);
	read_table(&disk, &table);
	cr_assert(eq(u32, table.entries.items[table.entries.count - 1].id, id));
	cr_assert(
		that(security_table_find(&table, id, &last) && security_table_find(&table, id - 1, &before)));
	spoil(&disk, last, c->at);
	read_table(&disk, &after);
	cr_expect(that(!security_table_find(&after, id, &found)), "%s", c->name);
	cr_expect(eq(sz, after.entries.count, table.entries.count - 1), "%s", c->name);
	cr_assert(that(security_table_find(&after, id - 1, &found)), "%s", c->name);
	cr_expect(that(found.left == before.left && memcmp(found.at, before.at, found.left) == 0), "%s",
		  c->name);
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
