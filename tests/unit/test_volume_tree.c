/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_volume_tree.c - expected values: the rules in volume_tree.h; of whole volumes, what libntfs-3g made */
#include "tests/unit/disk.h"

#include "core/utf16.h"

#define RECORDS 64u
#define ROOT file_ref_make(5, 5)
#define DIR (ROW_IN_USE | ROW_DIRECTORY)
#define FILE_ ROW_IN_USE

/* -------- trees from records of our own -------- */

static void begin(struct volume_tree *tree, struct volume *volume)
{
	struct error err;

	*tree = (struct volume_tree){ 0 };
	*volume = (struct volume){ .number = 1 };
	inventory_make(&tree->inventory, volume, RECORDS);
	inventory_row(&tree->inventory, ROOT_RECORD, 5, DIR);
	inventory_name(&tree->inventory, ROOT_RECORD, ROOT, ".", NAME_WIN32_AND_DOS);
	cr_assert(eq(int, upcase_init(&tree->upcase, &err), 0));
	findings_init(&tree->findings);
}

/* A record with one name. */
static uint32_t add(struct volume_tree *tree, uint32_t record, uint16_t sequence, uint16_t flags,
		    file_ref parent, const char *name)
{
	inventory_row(&tree->inventory, record, sequence, flags);
	return inventory_name(&tree->inventory, record, parent, name, NAME_WIN32);
}

static void build(struct volume_tree *tree)
{
	struct error err;

	cr_assert(eq(int, extensions_collect(&tree->extensions, &tree->inventory, &err), 0));
	cr_assert(eq(int, volume_tree_build(tree, 2, &err), 0));
}

static size_t children_of(const struct volume_tree *tree, uint32_t record)
{
	size_t count;

	(void)volume_tree_children(tree, record, &count);
	return count;
}

static size_t names_of(const struct volume_tree *tree, uint32_t record)
{
	size_t count;

	(void)volume_tree_names(tree, record, &count);
	return count;
}

static void expect_path(const struct volume_tree *tree, uint32_t name, const char *wanted)
{
	struct text_buffer path = { 0 };
	struct error       err;

	cr_assert(eq(int, volume_tree_path(tree, name, &path, &err), 0));
	cr_expect(eq(str, path.items, (char *)wanted));
	cr_expect(eq(sz, path.count, strlen(wanted)));
	array_release(&path);
}

Test(volume_tree, paths_lead_down_and_up)
{
	struct volume_tree tree;
	struct volume      volume;
	uint32_t           users, name;
	char               endless[20000];

	memset(endless, 'a', sizeof endless - 1);
	endless[sizeof endless - 1] = 0;
	begin(&tree, &volume);
	users = add(&tree, 30, 2, DIR, ROOT, "Users");
	add(&tree, 31, 7, DIR, file_ref_make(30, 2), "a");
	name = add(&tree, 32, 1, FILE_, file_ref_make(31, 7), "x.txt");
	build(&tree);
	expect_path(&tree, users, "\\Users");
	expect_path(&tree, name, "\\Users\\a\\x.txt");
	cr_expect(eq(u32, volume_tree_find(&tree, "\\Users\\a\\x.txt"), 32));
	cr_expect(eq(u32, volume_tree_find(&tree, "/users/A/X.TXT"), 32));
	cr_expect(eq(u32, volume_tree_find(&tree, "Users//a/"), 31));
	cr_expect(eq(u32, volume_tree_find(&tree, "\\"), ROOT_RECORD));
	cr_expect(eq(u32, volume_tree_find(&tree, ""), ROOT_RECORD));
	cr_expect(eq(u32, volume_tree_find(&tree, "\\Users\\b"), NO_TREE_RECORD));
	cr_expect(eq(u32, volume_tree_find(&tree, "\\Users\\."), NO_TREE_RECORD));
	cr_expect(eq(u32, volume_tree_find(&tree, "\\Users\\a\\x.txt\\y"), NO_TREE_RECORD));
	cr_expect(eq(u32, volume_tree_find(&tree, "\\\xff"), NO_TREE_RECORD), "no WTF-8");
	cr_expect(eq(u32, volume_tree_find(&tree, endless), NO_TREE_RECORD), "no name");
	cr_expect(eq(u32, volume_tree_parent(&tree, name), 31));
	cr_expect(eq(u64, volume_tree_ref(&tree, 31), file_ref_make(31, 7)));
	cr_expect(that(volume_tree_is_directory(&tree, 31) && !volume_tree_is_directory(&tree, 32)));
	cr_expect(eq(sz, children_of(&tree, 32), 0), "a file has none");
	cr_expect(eq(sz, children_of(&tree, ROOT_RECORD), 1), "the root is not its own child");
	cr_expect(eq(sz, names_of(&tree, ROOT_RECORD), 0));
	volume_tree_release(&tree);
}

/* Upper case first, then length, then the units themselves: A < a < ab < B, as directory indexes have it. */
Test(volume_tree, children_come_in_the_order_of_ntfs)
{
	static const char *const given[] = { "b", "zoo", "ab", "a", "_", "B", "A", "1" };
	static const char *const wanted[] = { "1", "A", "a", "ab", "B", "b", "zoo", "_" };
	struct volume_tree       tree;
	struct volume            volume;
	const struct tree_child *list;
	size_t                   count;

	begin(&tree, &volume);
	for (uint32_t i = 0; i < COUNT(given); i++)
		add(&tree, 30 + i, 1, FILE_, ROOT, given[i]);
	build(&tree);
	list = volume_tree_children(&tree, ROOT_RECORD, &count);
	cr_assert(eq(sz, count, COUNT(wanted)));
	for (size_t i = 0; i < count; i++) {
		const struct name_row *row = &tree.inventory.names.items[list[i].name];

		cr_expect(that(row->units == strlen(wanted[i]) &&
			       inventory_text(&tree.inventory, row)[0] == (uint8_t)wanted[i][0]),
			  "%s", wanted[i]);
		cr_expect(eq(str, (char *)given[list[i].record - 30], (char *)wanted[i]));
	}
	cr_expect(eq(u32, volume_tree_find(&tree, "\\a"), 33));
	cr_expect(eq(u32, volume_tree_find(&tree, "\\A"), 36));
	cr_expect(eq(u32, volume_tree_find(&tree, "\\Ab"), 32), "the case of the only one does not count");
	volume_tree_release(&tree);
}

Test(volume_tree, file_has_all_names_whichever_record_holds_them)
{
	struct volume_tree tree;
	struct volume      volume;

	begin(&tree, &volume);
	add(&tree, 30, 1, DIR, ROOT, "one");
	add(&tree, 31, 1, DIR, ROOT, "two");
	add(&tree, 40, 3, FILE_, file_ref_make(30, 1), "Long name");
	inventory_name(&tree.inventory, 40, file_ref_make(30, 1), "LONGNA~1", NAME_DOS);
	add(&tree, 41, 1, FILE_ | ROW_EXTENSION, file_ref_make(31, 1), "link");
	tree.inventory.rows[41].base = file_ref_make(40, 3);
	add(&tree, 42, 1, FILE_ | ROW_EXTENSION, file_ref_make(31, 1), "not its own");
	tree.inventory.rows[42].base = file_ref_make(40, 2);
	build(&tree);
	cr_expect(eq(sz, names_of(&tree, 40), 3));
	cr_expect(eq(sz, volume_tree_links(&tree, 40), 2));
	cr_expect(eq(u32, volume_tree_find(&tree, "\\two\\link"), 40));
	cr_expect(eq(u32, volume_tree_find(&tree, "\\one\\longna~1"), 40));
	cr_expect(eq(sz, children_of(&tree, 31), 1));
	cr_expect(eq(sz, children_of(&tree, 30), 2), "the alias is a child, too");
	volume_tree_release(&tree);
}

/* Every way in which a name can be none. */
Test(volume_tree, names_that_references_do_not_bear_out_are_not_there)
{
	struct volume_tree tree;
	struct volume      volume;

	begin(&tree, &volume);
	add(&tree, 30, 4, DIR, ROOT, "sound");
	add(&tree, 31, 1, FILE_, file_ref_make(30, 3), "parent of an earlier life");
	add(&tree, 32, 1, FILE_, file_ref_make(30, 5), "of a later one");
	add(&tree, 33, 1, FILE_, file_ref_make(34, 1), "in a file");
	add(&tree, 34, 1, FILE_, file_ref_make(30, 4), "file");
	add(&tree, 35, 1, FILE_, file_ref_make(RECORDS, 1), "behind the table");
	add(&tree, 36, 1, FILE_, file_ref_make(0xffffffffffff, 1), "far behind");
	add(&tree, 37, 2, 0, file_ref_make(30, 4), "freed");
	add(&tree, 38, 2, ROW_DIRECTORY, ROOT, "freed directory");
	add(&tree, 39, 1, FILE_, file_ref_make(38, 1), "in it");
	add(&tree, 40, 1, FILE_ | ROW_MISPLACED, ROOT, "elsewhere");
	add(&tree, 41, 1, DIR | ROW_MISPLACED, ROOT, "elsewhere too");
	add(&tree, 42, 1, FILE_, file_ref_make(41, 1), "in that");
	add(&tree, 43, 1, FILE_, ROOT, "slack");
	tree.inventory.names.items[tree.inventory.names.count - 1].source = FACT_RECORD_SLACK;
	add(&tree, 44, 1, ROW_EXTENSION, ROOT, "freed extension");
	tree.inventory.rows[44].base = file_ref_make(34, 1);
	add(&tree, 45, 1, FILE_ | ROW_EXTENSION, ROOT, "extension of an extension");
	tree.inventory.rows[45].base = file_ref_make(46, 1);
	add(&tree, 46, 1, FILE_ | ROW_EXTENSION, ROOT, "extension of nothing");
	tree.inventory.rows[46].base = file_ref_make(0xffffffffffff, 1);
	add(&tree, 47, 1, FILE_ | ROW_EXTENSION, ROOT, "extension of what is elsewhere");
	tree.inventory.rows[47].base = file_ref_make(40, 1);
	add(&tree, 48, 1, FILE_ | ROW_EXTENSION | ROW_MISPLACED, ROOT, "extension elsewhere");
	tree.inventory.rows[48].base = file_ref_make(34, 1);
	add(&tree, 49, 1, DIR, file_ref_make(34, 1), "directory in a file");
	add(&tree, 50, 1, FILE_, file_ref_make(49, 1), "in that directory");
	build(&tree);
	cr_expect(eq(sz, children_of(&tree, ROOT_RECORD), 1));
	cr_expect(eq(sz, children_of(&tree, 30), 1));
	for (uint32_t i = 0; i < RECORDS; i++) {
		cr_expect(eq(sz, names_of(&tree, i), i == 30 || i == 34), "record %u", i);
		cr_expect(that(i == 30 || i == ROOT_RECORD || !children_of(&tree, i)), "record %u", i);
	}
	volume_tree_release(&tree);
}

Test(volume_tree, loops_are_not_below_the_root)
{
	struct volume_tree tree;
	struct volume      volume;

	begin(&tree, &volume);
	add(&tree, 30, 1, DIR, file_ref_make(31, 1), "thirty");
	add(&tree, 31, 1, DIR, file_ref_make(30, 1), "thirty-one");
	add(&tree, 32, 1, DIR, file_ref_make(32, 1), "itself");
	add(&tree, 33, 1, DIR, file_ref_make(30, 1), "beside the loop");
	add(&tree, 34, 1, FILE_, file_ref_make(33, 1), "file");
	build(&tree);
	for (uint32_t i = 30; i <= 34; i++) {
		cr_expect(eq(sz, names_of(&tree, i), 0), "record %u", i);
		cr_expect(eq(sz, children_of(&tree, i), 0), "record %u", i);
	}
	cr_expect(eq(sz, children_of(&tree, ROOT_RECORD), 0));
	volume_tree_release(&tree);
}

/* A directory that is linked below itself as well: a walk from the root must end. */
Test(volume_tree, directory_is_in_one_place)
{
	struct volume_tree tree;
	struct volume      volume;
	uint32_t           name;

	begin(&tree, &volume);
	add(&tree, 30, 1, DIR, ROOT, "a");
	inventory_name(&tree.inventory, 30, ROOT, "A~1", NAME_DOS);
	inventory_name(&tree.inventory, 30, file_ref_make(31, 1), "a again", NAME_POSIX);
	name = add(&tree, 31, 1, DIR, file_ref_make(30, 1), "b");
	build(&tree);
	cr_expect(eq(sz, names_of(&tree, 30), 2), "it and its alias");
	cr_expect(eq(sz, children_of(&tree, 31), 0));
	cr_expect(eq(u32, volume_tree_find(&tree, "\\a\\b"), 31));
	expect_path(&tree, name, "\\a\\b");
	volume_tree_release(&tree);
}

Test(volume_tree, root_has_no_other_name)
{
	struct volume_tree tree;
	struct volume      volume;

	begin(&tree, &volume);
	inventory_name(&tree.inventory, ROOT_RECORD, file_ref_make(30, 1), "root", NAME_POSIX);
	add(&tree, 30, 1, DIR, ROOT, "a");
	build(&tree);
	cr_expect(eq(sz, children_of(&tree, 30), 0));
	cr_expect(eq(sz, children_of(&tree, ROOT_RECORD), 1));
	volume_tree_release(&tree);
}

Test(volume_tree, table_without_a_root_is_an_empty_tree)
{
	struct volume_tree tree = { 0 };
	struct volume      volume = { .number = 1 };
	struct error       err;

	inventory_make(&tree.inventory, &volume, 3);
	cr_assert(eq(int, upcase_init(&tree.upcase, &err), 0));
	build(&tree);
	cr_expect(eq(u32, volume_tree_find(&tree, "\\"), NO_TREE_RECORD));
	volume_tree_release(&tree);
}

/* -------- trees of volumes that libntfs-3g made -------- */

/* What libntfs-3g lists in one folder, against the tree's. */
struct listing {
	struct disk *disk;
	uint32_t     folder;
	size_t       seen;
	file_ref     folders[64];
	size_t       folder_count;
};

static int compare_entry(void *context, const ntfschar *units, const int count, const int space,
			 const s64 position, const MFT_REF ref, const unsigned type)
{
	struct listing          *it = context;
	const struct tree_child *child;
	char                     text[NAME_UTF8_MAX];

	(void)position;
	utf16_to_utf8((const uint8_t *)units, (size_t)count, text);
	if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
		return 0;
	child = volume_tree_child(&it->disk->tree, it->folder, (const uint8_t *)units, (size_t)count);
	cr_assert(child != NULL, "%s", text);
	cr_expect(eq(u64, volume_tree_ref(&it->disk->tree, child->record), ref), "%s", text);
	cr_expect(eq(int, it->disk->tree.inventory.names.items[child->name].space, space & 3), "%s", text);
	it->seen++;
	if (type == NTFS_DT_DIR && space != NAME_DOS) {
		cr_assert(it->folder_count < COUNT(it->folders));
		it->folders[it->folder_count++] = ref;
	}
	return 0;
}

/* The order, by the library's own words. */
static void expect_order(const struct disk *it, uint32_t folder)
{
	size_t                   count;
	const struct tree_child *list = volume_tree_children(&it->tree, folder, &count);
	const ntfs_volume       *volume = it->mount.volume;

	for (size_t i = 1; i < count; i++) {
		const struct name_row *left = &it->tree.inventory.names.items[list[i - 1].name];
		const struct name_row *right = &it->tree.inventory.names.items[list[i].name];

		cr_assert(ntfs_names_full_collate(
				  (const ntfschar *)inventory_text(&it->tree.inventory, left), left->units,
				  (const ntfschar *)inventory_text(&it->tree.inventory, right), right->units,
				  CASE_SENSITIVE, volume->upcase, volume->upcase_len) < 0,
			  "child %zu of record %u", i, folder);
	}
}

/* Compare everything from @folder down; returns the folders that there were. */
static size_t compare_folders(struct disk *it, file_ref folder, unsigned depth)
{
	struct listing listing = { .disk = it, .folder = (uint32_t)file_ref_record(folder) };
	ntfs_inode    *inode = ntfs_inode_open(it->mount.volume, folder);
	s64            position = 0;
	size_t         count = 1;

	cr_assert(inode != NULL);
	cr_assert(ntfs_readdir(inode, &position, &listing, compare_entry) == 0);
	ntfs_inode_close(inode);
	cr_expect(eq(sz, children_of(&it->tree, listing.folder), listing.seen), "record %u", listing.folder);
	expect_order(it, listing.folder);
	for (size_t i = 0; i < listing.folder_count && depth; i++)
		count += compare_folders(it, listing.folders[i], depth - 1);
	return count;
}

#define HOME "\\Users\\\xe5\xb1\xb1\xe7\x94\xb0"

Test(volume_tree, is_what_the_library_lists)
{
	static const char *const odd[] = { "Foo.txt",
					   "foo.TXT",
					   "\xc3\xa9t\xc3\xa9",
					   "\xc3\x89T\xc3\x89",
					   "\xf0\x9f\x98\x80",
					   "\xef\xbd\xa1",
					   "\xed\xa0\x80lone",
					   "a_b",
					   "aZb",
					   "...",
					   "CON" };
	struct disk              it;
	file_ref                 users, home, other, deep;
	ntfs_inode              *inode;
	uint32_t                 lower, upper, either;

	disk_make(&it, "");
	users = disk_folder(&it, file_ref_make(5, 5), "Users");
	home = disk_folder(&it, users, "\xe5\xb1\xb1\xe7\x94\xb0");
	other = disk_folder(&it, users, "other");
	for (size_t i = 0; i < COUNT(odd); i++)
		disk_close(&it, disk_file(&it, home, odd[i]));
	for (unsigned i = 0; i < 300; i++) { /* an index of several blocks */
		char text[64];

		snprintf(text, sizeof text, "%c%u-%s file", "aZmB_"[i % 5], i * 7919 % 1000,
			 i % 3 ? "Some" : "some");
		disk_close(&it, disk_file(&it, other, text));
	}
	inode = disk_file(&it, home, "first"); /* with extension records */
	for (unsigned i = 0; i < 120; i++) {
		char text[64];

		snprintf(text, sizeof text, "link number %u of a file with many names", i);
		disk_name(&it, inode, i % 2 ? home : other, text, NAME_POSIX);
	}
	disk_close(&it, inode);
	inode = disk_file(&it, home, "short");
	disk_name(&it, inode, home, "A long name.text", NAME_WIN32);
	disk_name(&it, inode, home, "ALONGN~1.TEX", NAME_DOS);
	disk_close(&it, inode);
	deep = home;
	for (unsigned i = 0; i < 20; i++)
		deep = disk_folder(&it, deep,
				   "one of twenty folders that lie in each other, all named alike");
	disk_read(&it);
	cr_expect(that(compare_folders(&it, users, 30) == 23));
	compare_folders(&it, file_ref_make(5, 5), 0);
	lower = volume_tree_find(&it.tree, HOME "\\"
						"\xc3\xa9t\xc3\xa9");
	upper = volume_tree_find(&it.tree, HOME "\\"
						"\xc3\x89T\xc3\x89");
	either = volume_tree_find(&it.tree, HOME "\\"
						 "\xc3\xa9T\xc3\x89");
	cr_expect(that(lower != upper && lower != NO_TREE_RECORD && upper != NO_TREE_RECORD));
	cr_expect(that(either == lower || either == upper));
	cr_expect(that(volume_tree_find(&it.tree, HOME "\\\xed\xa0\x80lone") != NO_TREE_RECORD));
	disk_release(&it);
}

/* Every path that the tree gives leads back to its record, by the tree and by the library. */
static size_t expect_paths(struct disk *it)
{
	struct text_buffer path = { 0 };
	size_t             seen = 0;

	for (uint32_t record = volume_tree_find(&it->tree, "\\Users"); record < it->tree.inventory.count;
	     record++) {
		size_t          count;
		const uint32_t *list = volume_tree_names(&it->tree, record, &count);

		for (size_t i = 0; i < count; i++) {
			ntfs_inode *inode;

			cr_assert(eq(int, volume_tree_path(&it->tree, list[i], &path, &it->err), 0));
			cr_expect(eq(u32, volume_tree_find(&it->tree, path.items), record), "%s", path.items);
			for (char *at = path.items; *at; at++)
				if (*at == '\\')
					*at = '/';
			inode = ntfs_pathname_to_inode(it->mount.volume, NULL, path.items);
			cr_assert(inode != NULL, "%s", path.items);
			cr_expect(eq(u64, inode->mft_no, record), "%s", path.items);
			ntfs_inode_close(inode);
			seen++;
		}
	}
	array_release(&path);
	return seen;
}

Test(volume_tree, paths_are_those_of_the_library)
{
	struct disk it;
	file_ref    folder;
	ntfs_inode *inode;

	disk_make(&it, "-s 4096 -c 4096"); /* records of 4 KiB */
	folder = disk_folder(&it, disk_folder(&it, file_ref_make(5, 5), "Users"), "a");
	inode = disk_file(&it, folder, "one");
	disk_name(&it, inode, disk_folder(&it, folder, "sub"), "two", NAME_POSIX);
	disk_name(&it, inode, file_ref_make(5, 5), "three in the root", NAME_POSIX);
	disk_close(&it, inode);
	for (unsigned i = 0; i < 40; i++) {
		char text[300];

		memset(text, 'x', 255);
		snprintf(text + 250, 6, "%u", i);
		folder = disk_folder(&it, folder, text);
	}
	disk_read(&it);
	cr_expect(eq(sz, expect_paths(&it), 6 + 40));
	disk_release(&it);
}

/* -------- files in full -------- */

static const struct case_stream *stream_of(const struct case_record *record, uint32_t type, const char *name)
{
	for (size_t i = 0; i < record->streams.count; i++)
		if (record->streams.items[i].type == type && strcmp(record->streams.items[i].name, name) == 0)
			return &record->streams.items[i];
	return NULL;
}

Test(volume_tree, file_in_full_is_what_the_library_wrote)
{
	static const char *const  wanted[] = { "\\Users\\a\\A long name.text", "\\Users\\a\\first",
					       "\\Users\\b\\link \xc3\xa9", "\\Users\\a\\ALONGN~1.TEX" };
	struct disk               it;
	struct file_reader        reader;
	struct case_record        record;
	const struct case_stream *content, *named;
	file_ref                  users, a, b, ref;
	ntfs_inode               *inode;
	struct blob               data = blob_zero(70000);

	memset(data.at, 'x', data.size);
	disk_make(&it, "");
	users = disk_folder(&it, file_ref_make(5, 5), "Users");
	a = disk_folder(&it, users, "a");
	b = disk_folder(&it, users, "b");
	inode = disk_file(&it, a, "first");
	disk_name(&it, inode, a, "A long name.text", NAME_WIN32);
	disk_name(&it, inode, a, "ALONGN~1.TEX", NAME_DOS);
	disk_name(&it, inode, b, "link \xc3\xa9", NAME_POSIX);
	disk_write(&it, inode, "", 0, data.at, data.size);
	disk_write(&it, inode, "note", 0, "abc", 3);
	ref = ntfs3g_ref(inode);
	disk_close(&it, inode);
	disk_read(&it);
	cr_assert(eq(int, file_reader_init(&reader, &it.tree.inventory, &it.tree.extensions, &it.err), 0));
	cr_assert(eq(int,
		     volume_tree_load(&it.tree, &reader, (uint32_t)file_ref_record(ref), &record, &it.err),
		     0));
	cr_expect(that(record.file.volume == 1 && record.file.live && !record.file.directory &&
		       record.file.info_known));
	cr_expect(eq(u64, file_ref_make(record.file.record, record.file.sequence), ref));
	cr_expect(eq(int, record.file.link_count, 4));
	cr_expect(eq(u64, record.file.size_bytes, data.size));
	cr_expect(eq(int, record.file.grade, GRADE_INTACT));
	cr_assert(eq(sz, record.names.count, COUNT(wanted)));
	for (size_t i = 0; i < COUNT(wanted); i++) {
		const struct case_name *found = NULL;

		for (size_t j = 0; j < record.names.count; j++)
			if (strcmp(record.names.items[j].path, wanted[i]) == 0)
				found = &record.names.items[j];
		cr_assert(found != NULL, "%s", wanted[i]);
		cr_expect(
			that(found->live && found->proof == PROOF_PROVEN && !found->inside && !found->store));
		cr_expect(eq(u64, found->parent, i == 2 ? b : a));
		cr_expect(eq(int, found->dos, i == 3));
	}
	cr_expect(that(record.names.items[3].dos), "aliases come last");
	content = stream_of(&record, ATTRIBUTE_DATA, "");
	named = stream_of(&record, ATTRIBUTE_DATA, "note");
	cr_assert(that(content && named));
	cr_expect(that(!content->resident && content->size_bytes == data.size && content->runs.count >= 1));
	cr_expect(eq(u64, content->runs.items[0].lcn, record.file.first_lcn));
	cr_expect(that(named->resident && named->size_bytes == 3 && memcmp(named->value, "abc", 3) == 0));
	cr_expect(that(content->grade == GRADE_INTACT && named->grade == GRADE_INTACT));
	case_record_release(&record);
	cr_assert(eq(int,
		     volume_tree_load(&it.tree, &reader, (uint32_t)file_ref_record(users), &record, &it.err),
		     0));
	cr_expect(
		that(record.file.directory && record.file.grade == GRADE_INTACT && record.names.count == 1));
	case_record_release(&record);
	file_reader_release(&reader);
	free(data.at);
	disk_release(&it);
}
