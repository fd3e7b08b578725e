/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_file_content.c - small files of a volume, whole */
#include "recover/engine/file_content.h"
#include "tests/unit/disk.h"

#define ROOT  file_ref_make(5, 5)
#define BYTES 300000u /* far beyond what fits into a record */

static uint8_t *pattern(void)
{
	uint8_t *bytes = malloc(BYTES);

	for (size_t i = 0; i < BYTES; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 251);
	return bytes;
}

/* Read a file by path, with our own reader. */
static int read_at(struct disk *disk, const char *path, uint64_t limit, uint8_t **bytes, size_t *size)
{
	struct work_volume volume = { .letter = 'C', .source = disk->path, .volume = disk->volumes.items[0], .tree = disk->tree };
	int                status;

	cr_assert(eq(int, file_reader_init(&volume.reader, &volume.tree.inventory, &volume.tree.extensions, &disk->err), 0));
	status = file_content_read(&volume, volume_tree_find(&volume.tree, path), path, limit, bytes, size, &disk->err);
	file_reader_release(&volume.reader);
	return status;
}

Test(file_content, made_replaced_and_read)
{
	struct disk disk;
	uint8_t    *wanted = pattern(), *bytes;
	ntfs_inode *inode;
	size_t      size;

	disk_make(&disk, "");
	cr_assert(eq(int, file_content_make(&disk.mount, ROOT, "large", wanted, BYTES, &disk.err), 0));
	cr_assert(eq(int, file_content_make(&disk.mount, ROOT, "empty", "", 0, &disk.err), 0));
	inode = disk_file(&disk, ROOT, "small");
	disk_write(&disk, inode, "", 0, wanted, BYTES);
	cr_assert(eq(int, file_content_replace(&disk.mount, inode, "short", 5, &disk.err), 0));
	disk_close(&disk, inode);
	disk_read(&disk);

	cr_assert(eq(int, read_at(&disk, "\\large", BYTES, &bytes, &size), 0), "%s", disk.err.text);
	cr_assert(eq(sz, size, BYTES));
	cr_expect(eq(int, memcmp(bytes, wanted, BYTES), 0));
	free(bytes);
	cr_assert(eq(int, read_at(&disk, "\\small", 5, &bytes, &size), 0));
	cr_assert(eq(sz, size, 5));
	cr_expect(eq(int, memcmp(bytes, "short", 5), 0));
	free(bytes);
	cr_assert(eq(int, read_at(&disk, "\\empty", 0, &bytes, &size), 0));
	cr_expect(eq(sz, size, 0));
	free(bytes);
	cr_expect(eq(int, read_at(&disk, "\\large", BYTES - 1, &bytes, &size), -1));
	cr_expect(eq(int, disk.err.kind, ERROR_UNSUPPORTED));
	free(wanted);
	disk_release(&disk);
}
