/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_file.c - streams of files by libntfs-3g that have extension records, and whose those are held to be */
#include "tests/unit/disk.h"

#include "scan/file.h"

#include <fcntl.h>
#include <unistd.h>

#define STREAMS 40u

struct rooms {
	struct disk        disk;
	file_ref           lone, first, second; /* one record; STREAMS streams a1... or b1... beside the unnamed */
	struct inventory   inventory;
	struct extensions  extensions;
	struct file_reader reader;
};

static file_ref add_file(struct disk *disk, const char *name, unsigned streams)
{
	ntfs_inode *inode = disk_file(disk, file_ref_make(ROOT_RECORD, ROOT_RECORD), name);
	file_ref    ref = file_ref_make(inode->mft_no, le16_to_cpu(inode->mrec->sequence_number));
	char        stream[16];

	for (unsigned i = 0; i < streams; i++) {
		snprintf(stream, sizeof stream, "%s%u", name, i);
		disk_write(disk, inode, stream, 0, stream, strlen(stream));
	}
	disk_close(disk, inode);
	return ref;
}

static void begin(struct rooms *it)
{
	*it = (struct rooms){ 0 };
	disk_make(&it->disk, "");
	it->lone = add_file(&it->disk, "lone", 0);
	it->first = add_file(&it->disk, "a", STREAMS);
	it->second = add_file(&it->disk, "b", STREAMS);
	disk_read(&it->disk);
	cr_assert(eq(int, inventory_read(&it->inventory, &it->disk.volumes.items[0], 1, &it->disk.findings, &it->disk.err), 0));
	cr_assert(eq(int, extensions_collect(&it->extensions, &it->inventory, &it->disk.err), 0));
	cr_assert(eq(int, file_reader_init(&it->reader, &it->inventory, &it->extensions, &it->disk.err), 0));
}

static void end(struct rooms *it)
{
	file_reader_release(&it->reader);
	array_release(&it->extensions);
	inventory_release(&it->inventory);
	disk_release(&it->disk);
}

/* The extension records of @of say that they are @to's. */
static void give(struct rooms *it, file_ref of, file_ref to)
{
	unsigned given = 0;

	for (uint32_t i = 0; i < it->inventory.count; i++)
		if (it->inventory.rows[i].flags & ROW_EXTENSION && it->inventory.rows[i].base == of) {
			it->inventory.rows[i].base = to;
			given++;
		}
	cr_assert(that(given > 0));
	it->extensions.count = 0;
	cr_assert(eq(int, extensions_collect(&it->extensions, &it->inventory, &it->disk.err), 0));
}

/* How many named streams of a file begin with @letter. */
static void expect_streams(struct rooms *it, file_ref ref, char letter, unsigned least, unsigned most, bool list_lost)
{
	struct file file;
	unsigned    count = 0;

	cr_assert(eq(int, file_load(&it->reader, (uint32_t)file_ref_record(ref), &file, &it->disk.err), 0));
	for (size_t i = 0; i < file.streams.count; i++)
		count += file.streams.items[i].type == ATTRIBUTE_DATA && file.streams.items[i].name_units &&
			 file.streams.items[i].name[0] == letter;
	cr_expect(that(count >= least && count <= most), "%u of %c", count, letter);
	cr_expect(eq(int, file.list_lost, list_lost));
	file_release(&file);
}

Test(file, records_that_the_list_names_are_joined)
{
	struct rooms it;

	begin(&it);
	expect_streams(&it, it.first, 'a', STREAMS, STREAMS, false);
	expect_streams(&it, it.first, 'b', 0, 0, false);
	end(&it);
}

/* As in tables that were put together from what several lives have left. */
Test(file, a_base_without_a_list_has_no_other_records)
{
	for (unsigned live = 0; live < 2; live++) {
		struct rooms it;

		begin(&it);
		if (!live)
			it.inventory.rows[file_ref_record(it.lone)].flags &= (uint16_t)~ROW_IN_USE;
		give(&it, it.first, inventory_ref(&it.inventory, (uint32_t)file_ref_record(it.lone)));
		expect_streams(&it, it.lone, 'a', 0, 0, false);
		end(&it);
	}
}

Test(file, a_live_file_has_the_records_that_its_list_names)
{
	struct rooms it;

	begin(&it);
	give(&it, it.second, it.first);
	expect_streams(&it, it.first, 'a', STREAMS, STREAMS, false);
	expect_streams(&it, it.first, 'b', 0, 0, false);
	end(&it);
}

/* The list of @it's first file, in the one cluster that it fills in part; @put is put in its place if given.  Returns its size. */
static size_t exchange_list(struct rooms *it, uint8_t list[4096], const uint8_t *put)
{
	uint8_t          bytes[4096];
	struct mft_slot  slot;
	struct bytes     rest;
	struct attribute attr;
	struct run_list  runs;
	struct run       run;
	int              fd;

	cr_assert(eq(int, mft_read_slot(&it->inventory.mft, file_ref_record(it->first), bytes, &slot, &it->disk.err), 0));
	rest = slot.record.attributes;
	do
		cr_assert(eq(int, attribute_next(&rest, &attr, &it->disk.err), 1));
	while (attr.type != ATTRIBUTE_LIST);
	cr_assert(that(!attr.resident && attr.size_bytes < 4096));
	runs = (struct run_list){ .pairs = attr.pairs };
	cr_assert(eq(int, run_list_next(&runs, &run, &it->disk.err), 1));
	fd = open(it->disk.path, O_RDWR | O_CLOEXEC);
	cr_assert(fd >= 0);
	cr_assert(that(pread(fd, list, 4096, (off_t)(run.lcn * 4096)) == 4096));
	cr_assert(that(!put || pwrite(fd, put, 4096, (off_t)(run.lcn * 4096)) == 4096));
	cr_assert(eq(int, close(fd), 0));
	return (size_t)attr.size_bytes;
}

/* Bytes from one entry of a list to the next: le16 behind the type. */
static size_t entry_bytes(const uint8_t *entry)
{
	return (size_t)(entry[4] | entry[5] << 8);
}

/* The clusters of the list are others' by now: who says that he is the file's is believed, and the file is doubted. */
Test(file, without_its_list_a_file_is_joined_in_doubt)
{
	uint8_t      list[4096], zeros[4096] = { 0 };
	struct rooms it;

	begin(&it);
	(void)exchange_list(&it, list, zeros);
	expect_streams(&it, it.first, 'a', STREAMS, STREAMS, true);
	give(&it, it.second, it.first);
	expect_streams(&it, it.first, 'b', 1, STREAMS, true);
	end(&it);
}

/* One entry goes up to the list's end, so the extensions behind it are left out: what a file had before it went is its own. */
Test(file, a_deleted_file_has_what_its_list_leaves_out)
{
	uint8_t      list[4096], shorter[4096];
	struct rooms it;
	size_t       last = 0, size;

	begin(&it);
	size = exchange_list(&it, list, NULL);
	while (last < size / 2)
		last += entry_bytes(list + last);
	memcpy(shorter, list, sizeof shorter);
	put_le16(shorter + last + 4, (uint16_t)(size - last));
	(void)exchange_list(&it, list, shorter);
	expect_streams(&it, it.first, 'a', 1, STREAMS - 1, false);
	for (uint32_t i = 0; i < it.inventory.count; i++)
		if (i == file_ref_record(it.first) || it.inventory.rows[i].base == it.first)
			it.inventory.rows[i].flags &= (uint16_t)~ROW_IN_USE;
	expect_streams(&it, it.first, 'a', STREAMS, STREAMS, true);
	end(&it);
}
