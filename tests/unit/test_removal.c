/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_removal.c - what libntfs-3g made is removed; judged by our checker and by what the library finds */
#include "tests/unit/disk.h"

#include "recover/engine/removal.h"
#include "scan/check.h"

#define ROOT file_ref_make(5, 5)

/* -------- judges -------- */

/* The volume as it is committed contradicts itself nowhere. */
static void expect_consistent(struct disk *disk)
{
	struct evidence  evidence = { 0 };
	struct volumes   volumes = { 0 };
	struct findings  findings;
	struct selection all = { 0 };
	struct check     check = { 0 };

	findings_init(&findings);
	cr_assert(eq(int, evidence_open(&evidence, disk->path, NULL, &disk->err), 0));
	cr_assert(eq(int, volumes_find(&evidence, &all, &volumes, &findings, &disk->err), 0));
	cr_assert(eq(int, check_volume(&check, &volumes.items[0], 1, &disk->err), 0));
	cr_expect(eq(u64, check.problem_count, 0), "%s: %s",
		  check.problem_count ? problem_kind_name(check.problems.items[0].kind) : "",
		  check.problem_count ? check.problems.items[0].text : "");
	check_release(&check);
	array_release(&volumes);
	evidence_release(&evidence);
	findings_release(&findings);
}

/* The file or folder of that name, or 0. */
static file_ref find(struct disk *disk, file_ref folder, const char *text)
{
	struct ntfs3g_name name;
	file_ref           ref = 0;

	cr_assert(eq(int, ntfs3g_name(text, strlen(text), "", &name), 0));
	cr_assert(that(ntfs3g_find(&disk->mount, folder, &name, NAME_CASE_EXACT, &ref, &disk->err) >= 0),
		  "%s", disk->err.text);
	return ref;
}

static uint64_t free_bytes(struct disk *disk)
{
	uint64_t bytes;

	cr_assert(eq(int, ntfs3g_free_bytes(&disk->mount, &bytes, &disk->err), 0));
	return bytes;
}

/* Take what lies at a path away, and commit. */
static int take(struct disk *disk, const char *path)
{
	struct removal removal;
	uint32_t       record = volume_tree_find(&disk->tree, path);
	size_t         count;
	uint32_t       name;
	int            result;

	cr_assert(that(record != NO_TREE_RECORD), "%s", path);
	name = volume_tree_names(&disk->tree, record, &count)[0];
	removal_init(&removal, &disk->mount, &disk->tree, 0);
	result = removal_take(&removal, volume_tree_parent(&disk->tree, name), record, &disk->err);
	if (result == 0)
		result = removal_settle(&removal, &disk->err);
	removal_release(&removal);
	if (result == 0)
		cr_assert(eq(int, ntfs3g_commit(&disk->mount, &disk->err), 0), "%s", disk->err.text);
	return result;
}

/* -------- the population -------- */

/* A file with a name and some clusters. */
static void add(struct disk *disk, file_ref folder, const char *text)
{
	static uint8_t bytes[6000];
	ntfs_inode    *inode = disk_file(disk, folder, text);

	memset(bytes, text[0], sizeof bytes);
	disk_write(disk, inode, "", 0, bytes, sizeof bytes);
	disk_close(disk, inode);
}

/* So many streams that they need an attribute list, which is itself not resident. */
static void add_with_extensions(struct disk *disk, file_ref folder)
{
	static uint8_t bytes[5000];
	ntfs_inode    *inode = disk_file(disk, folder, "many streams");
	char           stream[40];

	for (int i = 0; i < 60; i++) {
		snprintf(stream, sizeof stream, "a stream with a long name, %d", i);
		disk_write(disk, inode, stream, 0, bytes, i % 2 ? sizeof bytes : 90);
	}
	cr_assert(that(NInoAttrList(inode) && inode->nr_extents > 2));
	disk_close(disk, inode);
}

/* Pieces that lie apart. */
static void add_sparse(struct disk *disk, file_ref folder)
{
	ntfs_inode *inode = disk_file(disk, folder, "sparse");

	inode->flags |= FILE_ATTR_SPARSE_FILE;
	for (uint64_t i = 0; i < 300; i++)
		disk_write(disk, inode, "", i * 200000, "x", 1);
	disk_close(disk, inode);
}

static void add_compressed(struct disk *disk, file_ref folder)
{
	static const uint8_t zeros[200000];
	ntfs_inode          *inode = disk_file(disk, folder, "compressed");
	ntfs_attr           *attr;

	inode->flags |= FILE_ATTR_COMPRESSED;
	attr = ntfs_attr_open(inode, AT_DATA, AT_UNNAMED, 0);
	cr_assert(that(attr && ntfs_attr_truncate(attr, 0) == 0));
	cr_assert(ntfs_attr_pwrite(attr, 0, sizeof zeros, zeros) == sizeof zeros);
	cr_assert(ntfs_attr_pclose(attr) == 0);
	ntfs_attr_close(attr);
	disk_close(disk, inode);
}

/* A file with an object id, which no other may have at the same time. */
static void add_object_id(struct disk *disk, file_ref folder, const char *text, uint8_t number)
{
	uint8_t     id[16] = { number, 1, 2, 3 };
	ntfs_inode *inode = disk_file(disk, folder, text);

	cr_assert(ntfs_set_ntfs_object_id(inode, (const char *)id, sizeof id, 0) == 0, "%d", number);
	disk_close(disk, inode);
}

/* A tag that nobody has, eight bytes of data; of a file or a folder. */
static void make_reparse(struct disk *disk, file_ref ref)
{
	static const uint8_t data[] = {
		0x15, 0, 0, 0x80, 8, 0, 0, 0, 'd', 'a', 't', 'a', 'd', 'a', 't', 'a'
	};
	ntfs_inode *inode;

	cr_assert(eq(int, ntfs3g_open(&disk->mount, ref, &inode, &disk->err), 0));
	cr_assert(ntfs_set_ntfs_reparse_data(inode, (const char *)data, sizeof data, 0) == 0);
	disk_close(disk, inode);
}

/* Is there an entry of @ref in $Reparse? */
static bool reparse_is_known(struct disk *disk, file_ref ref)
{
	static ntfschar     index_name[] = { const_cpu_to_le16('$'), const_cpu_to_le16('R'), 0 };
	file_ref            extend = find(disk, ROOT, "$Extend");
	ntfs_inode         *inode;
	ntfs_index_context *context;
	uint8_t             key[12];
	bool                known;

	cr_assert(eq(int, ntfs3g_open(&disk->mount, find(disk, extend, "$Reparse"), &inode, &disk->err), 0));
	context = ntfs_index_ctx_get(inode, index_name, 2);
	put_le32(key, 0x80000015);
	put_le64(key + 4, ref);
	known = ntfs_index_lookup(key, sizeof key, context) == 0;
	ntfs_index_ctx_put(context);
	disk_close(disk, inode);
	return known;
}

static void add_eas(struct disk *disk, file_ref folder)
{
	/* next, flags, name length, value length, name, value */
	static const uint8_t data[] = { 16, 0, 0, 0, 0, 3, 4, 0, 'o', 'n', 'e', 0, '1', '2', '3', '4' };
	ntfs_inode          *inode = disk_file(disk, folder, "with EAs");

	cr_assert(ntfs_set_ntfs_ea(inode, (const char *)data, sizeof data, 0) == 0);
	disk_close(disk, inode);
}

/* All that is odd in one folder. */
static void add_zoo(struct disk *disk, file_ref folder, uint8_t number)
{
	static const char *const names[] = { "CON", "a.",           "...",          "Foo", "foo",
					     " ",   "\xe5\xb1\xb1", "\xed\xa0\x80", "q?*" };
	ntfs_inode              *inode;

	for (size_t i = 0; i < COUNT(names); i++)
		add(disk, folder, names[i]);
	add_with_extensions(disk, folder);
	add_sparse(disk, folder);
	add_compressed(disk, folder);
	add_object_id(disk, folder, "with id", number);
	add_eas(disk, folder);
	inode = disk_file(disk, folder, "Long name.text");
	disk_close(disk, inode);
	inode = disk_file(disk, folder, "read-only");
	inode->flags |= FILE_ATTR_READONLY;
	disk_close(disk, inode);
	disk_folder(disk, disk_folder(disk, folder, "empty"), "and below");
}

/* -------- tests -------- */

Test(removal, folder_goes_with_all_that_is_odd_in_it)
{
	struct disk disk;
	file_ref    goes, point, junction;
	uint64_t    before, after;

	disk_make(&disk, "");
	before = free_bytes(&disk);
	goes = disk_folder(&disk, ROOT, "goes");
	add_zoo(&disk, goes, 1);
	add_zoo(&disk, disk_folder(&disk, ROOT, "stays"), 2);
	junction = disk_folder(&disk, goes, "junction");
	make_reparse(&disk, junction);
	add(&disk, goes, "point");
	point = find(&disk, goes, "point");
	make_reparse(&disk, point);
	disk_read(&disk);
	expect_consistent(&disk);
	cr_expect(that(reparse_is_known(&disk, point) && reparse_is_known(&disk, junction)));

	cr_assert(eq(int, take(&disk, "\\goes"), 0), "%s", disk.err.text);
	expect_consistent(&disk);
	cr_expect(eq(u64, find(&disk, ROOT, "goes"), 0));
	cr_expect(that(!reparse_is_known(&disk, point) && !reparse_is_known(&disk, junction)));
	add_object_id(&disk, ROOT, "has the id now", 1); /* it could not while $ObjId knew of it */

	cr_assert(eq(int, take(&disk, "\\stays"), 0), "%s", disk.err.text);
	expect_consistent(&disk);
	after = free_bytes(&disk); /* the table and its bitmap have grown, nothing else */
	cr_expect(that(before - after <= 256 * 1024), "%lu", (unsigned long)(before - after));
	disk_release(&disk);
}

Test(removal, file_with_other_names_loses_these_alone)
{
	struct disk disk;
	file_ref    goes, stays, ref;
	ntfs_inode *inode;
	struct blob content;
	uint64_t    times[4];

	disk_make(&disk, "");
	goes = disk_folder(&disk, ROOT, "goes");
	stays = disk_folder(&disk, ROOT, "stays");
	inode = disk_file(&disk, goes, "file");
	disk_write(&disk, inode, "", 0, "content", 7);
	disk_name(&disk, inode, goes, "again", NAME_POSIX);
	disk_name(&disk, inode, stays, "kept", NAME_POSIX);
	for (int i = 0; i < 40; i++) { /* into extension records */
		char text[60];

		snprintf(text, sizeof text, "one of very many names of one file, number %d", i);
		disk_name(&disk, inode, i % 2 ? goes : stays, text, NAME_POSIX);
	}
	cr_assert(that(NInoAttrList(inode)));
	inode->flags |= FILE_ATTR_READONLY;
	inode->creation_time = inode->last_data_change_time = cpu_to_le64(131000000000000000);
	inode->last_mft_change_time = inode->last_access_time = cpu_to_le64(131000000000000001);
	NInoSetDirty(inode);
	memcpy(times, &inode->creation_time, sizeof times);
	disk_close(&disk, inode);
	disk_read(&disk);
	cr_assert(eq(int, take(&disk, "\\goes"), 0), "%s", disk.err.text);
	expect_consistent(&disk);

	ref = find(&disk, stays, "kept");
	cr_assert(that(ref != 0));
	cr_assert(eq(int, ntfs3g_open(&disk.mount, ref, &inode, &disk.err), 0));
	cr_expect(eq(u16, le16_to_cpu(inode->mrec->link_count), 21));
	cr_expect(that(inode->flags & FILE_ATTR_READONLY));
	cr_expect(that(memcmp(times, &inode->creation_time, sizeof times) == 0));
	content = disk_content(&disk, inode, "");
	cr_expect(that(content.size == 7 && memcmp(content.at, "content", 7) == 0));
	free(content.at);
	disk_close(&disk, inode);
	disk_release(&disk);
}

/* One name of two in a folder that stays; its 8.3 alias goes with it, the other name's entry stays. */
Test(removal, names_go_one_folder_at_a_time)
{
	struct disk disk;
	file_ref    first, second;
	ntfs_inode *inode;

	disk_make(&disk, "");
	first = disk_folder(&disk, ROOT, "first");
	second = disk_folder(&disk, ROOT, "second");
	inode = disk_file(&disk, first, "unused");
	disk_name(&disk, inode, first, "A long name", NAME_WIN32);
	disk_name(&disk, inode, first, "ALONGN~1", NAME_DOS);
	disk_name(&disk, inode, second, "a link", NAME_POSIX);
	disk_close(&disk, inode);
	add(&disk, first, "beside");
	disk_read(&disk);
	cr_assert(eq(int, take(&disk, "\\first\\A long name"), 0), "%s", disk.err.text);
	expect_consistent(&disk);
	cr_expect(eq(u64, find(&disk, first, "A long name"), 0));
	cr_expect(eq(u64, find(&disk, first, "ALONGN~1"), 0));
	cr_expect(eq(u64, find(&disk, first, "unused"), 0));
	cr_expect(that(find(&disk, first, "beside") != 0));
	cr_expect(that(find(&disk, second, "a link") != 0));
	cr_assert(eq(int, take(&disk, "\\second"), 0), "%s",
		  disk.err.text); /* the last name: the file goes */
	expect_consistent(&disk);
	disk_release(&disk);
}

/* A folder of many, and deep; commits come when so many blocks have gathered. */
static void remove_much(uint64_t blocks, uint64_t commits)
{
	struct disk disk;
	file_ref    goes, deep, kept;
	ntfs_inode *inode;
	char        text[60];

	disk_make(&disk, "");
	goes = disk_folder(&disk, ROOT, "goes");
	kept = disk_folder(&disk, ROOT, "kept");
	for (int i = 0; i < 600; i++) {
		snprintf(text, sizeof text, "%d is the number of this file", i * 7919 % 600);
		inode = disk_file(&disk, goes, text);
		if (i % 5 == 0)
			disk_name(&disk, inode, kept, text, NAME_POSIX);
		disk_close(&disk, inode);
		text[0] = 'f';
		if (i % 3 == 0 && !find(&disk, goes, text))
			disk_folder(&disk, goes, text);
	}
	deep = goes;
	for (int i = 0; i < 300; i++)
		deep = disk_folder(&disk, deep, "deeper");
	add(&disk, deep, "at the bottom");
	disk_read(&disk);
	disk.mount.transaction.log.blocks = blocks;
	cr_assert(eq(int, take(&disk, "\\goes"), 0), "%s", disk.err.text);
	cr_expect(that(disk.mount.transaction.commits > commits), "%lu",
		  (unsigned long)disk.mount.transaction.commits);
	expect_consistent(&disk);
	cr_expect(eq(u64, find(&disk, ROOT, "goes"), 0));
	cr_expect(that(find(&disk, kept, "0 is the number of this file") != 0));
	disk_release(&disk);
}

/* Behind every single child: loose names leave an index of many blocks one after the other. */
Test(removal, much_goes_in_as_many_transactions)
{
	remove_much(1, 900);
}

/* In the middle of folders in folders that have loose names, too. */
Test(removal, much_goes_in_some_transactions)
{
	remove_much(50, 5);
}

/* What was committed until then is consistent, and nothing else has happened. */
Test(removal, error_in_the_middle_leaves_what_was_committed)
{
	struct disk disk;
	file_ref    goes, gone = 0;
	char        text[60];

	disk_make(&disk, "");
	goes = disk_folder(&disk, ROOT, "goes");
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof text, "file %d", i);
		add(&disk, goes, text);
	}
	gone = find(&disk, goes, "file 60");
	disk_read(&disk);
	cr_assert(eq(int, ntfs3g_delete_file(&disk.mount, gone, &disk.err), 0)); /* the tree does not know */
	cr_assert(eq(int, ntfs3g_commit(&disk.mount, &disk.err), 0));
	disk.mount.transaction.log.blocks = 1;
	cr_assert(eq(int, take(&disk, "\\goes"), -1));
	expect_consistent(&disk);
	cr_expect(that(find(&disk, ROOT, "goes") == goes));
	cr_expect(eq(u64, find(&disk, goes, "file 59"), 0));
	cr_expect(that(find(&disk, goes, "file 61") != 0));
	disk_release(&disk);
}
