/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_log_search.c - expected values: what libntfs-3g wrote */
#include "tests/unit/disk.h"

#include "core/utf16.h"
#include "scan/story/log_search.h"

static const struct ownership no_doubts = { .bitmap_read = true };

struct named {
	char name[40];
	bool log;
};

ParameterizedTestParameters(log_search, names)
{
	static struct named cases[] = {
		{ "smsts.log", true },		 { "SMSTS.LOG", true },	    { "smsts-20191018-101913.log", true },
		{ "smsts.lo_", true },		 { "scanstate.log", true }, { "ScanState_1.log", true },
		{ "loadstate.log", true },	 { "BDD.log", true },	    { "setupact.log", true },
		{ "setuperr.log", true },	 { "usmtutils.log", true }, { "bdd2.log", false },
		{ "smsts.txt", false },		 { "asmsts.log", false },   { ".log", false },
		{ "smsts.log.bak", false },	 { "setupact", false },	    { "scanstateprogress.log", false },
			    { "smsts\xc3\xa9.log", false },
	};

	return CASES(struct named, cases);
}

ParameterizedTest(struct named *c, log_search, names)
{
	struct le16 units[40];
	size_t      count = utf16_le_from_utf8(c->name, strlen(c->name), units);

	cr_expect(eq(int, log_is_named((const uint8_t *)units, count), c->log), "%s", c->name);
}

static void put(struct disk *it, file_ref folder, const char *name, const char *text)
{
	ntfs_inode *file = disk_file(it, folder, name);

	disk_write(it, file, "", 0, text, strlen(text));
	disk_close(it, file);
}

static void delete(struct disk *it, file_ref folder, file_ref file, const char *text)
{
	struct ntfs3g_name name;
	ntfs_inode        *at = ntfs_inode_open(it->mount.volume, file_ref_record(file));
	ntfs_inode        *parent = ntfs_inode_open(it->mount.volume, file_ref_record(folder));

	cr_assert(that(at && parent));
	cr_assert(eq(int, ntfs3g_name(text, strlen(text), "", &name), 0));
	cr_assert(eq(int, ntfs_delete(it->mount.volume, NULL, at, parent, name.units, (u8)name.count), 0));
}

Test(log_search, live_and_deleted_in_any_folder)
{
	struct disk            it;
	struct found_logs       files = { 0 };
	struct file_reader     reader;
	struct content_buffers buffers = { 0 };
	file_ref               folder, gone;
	ntfs_inode            *inode;
	char                   long_text[9000];
	size_t                 live = 0;

	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = 0;
	disk_make(&it, "");
	folder = disk_folder(&it, file_ref_make(5, 5), "Logs");
	put(&it, folder, "smsts.log", long_text);
	put(&it, file_ref_make(5, 5), "BDD.log", "resident");
	put(&it, folder, "other.log", "no");
	disk_folder(&it, folder, "scanstate.log");
	inode = disk_file(&it, folder, "loadstate.log");
	disk_write(&it, inode, "", 0, "deleted", 7);
	gone = file_ref_make(inode->mft_no, 1);
	disk_close(&it, inode);
	delete (&it, folder, gone, "loadstate.log");
	disk_read(&it);
	cr_assert(eq(int, log_search(&it.tree.inventory, &files, &it.err), 0));
	cr_assert(eq(sz, files.count, 3), "no folder, and no other log");
	cr_assert(eq(int, file_reader_init(&reader, &it.tree.inventory, &it.tree.extensions, &it.err), 0));
	for (size_t i = 0; i < files.count; i++) {
		struct log_text text;
		const char     *wanted = files.items[i].live ? "resident" : "deleted";

		live += files.items[i].live;
		cr_assert(eq(int, log_text_read(&text, &reader, &files.items[i], &no_doubts, &buffers, &it.err), 0));
		cr_expect(that(!text.cut));
		if (text.text.left > 100)
			wanted = long_text;
		cr_expect(eq(sz, text.text.left, strlen(wanted)));
		cr_expect(that(memcmp(text.text.at, wanted, text.text.left) == 0));
		log_text_release(&text);
	}
	cr_expect(eq(sz, live, 2));
	content_buffers_release(&buffers);
	file_reader_release(&reader);
	array_release(&files);
	disk_release(&it);
}

/* A directory's slack remembers the name of a log whose record has none left. */
Test(log_search, names_that_stand_in_no_record)
{
	static const char *const texts[] = { "smsts.log", "BDD.log" };
	struct inventory         inventory;
	struct volume            volume = { .number = 1 };
	struct found_logs        files = { 0 };
	struct error             err;

	inventory_make(&inventory, &volume, 40);
	inventory_row(&inventory, 30, 3, 0); /* freed: its last life was number 2 */
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct le16       units[16];
		size_t            count = utf16_le_from_utf8(texts[i], strlen(texts[i]), units);
		struct name_row   name = { .parent = file_ref_make(5, 5), .units = (uint8_t)count, .source = FACT_INDEX_SLACK };
		struct remembered remembered = { .owner = file_ref_make(30, i ? 1 : 2) };

		cr_assert(eq(int, inventory_add_name(&inventory, name, (struct bytes){ (const uint8_t *)units, 2 * count, 0 },
						     remembered, &err), 0));
	}
	cr_assert(eq(int, log_search(&inventory, &files, &err), 0));
	cr_assert(eq(sz, files.count, 1), "an older life's file is not there");
	cr_expect(eq(u32, files.items[0].record, 30));
	cr_expect(that(!files.items[0].live));
	array_release(&files);
	inventory_release(&inventory);
}
