/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_volume_tree.c - expected values: the rules in volume_tree.h; of whole volumes, what libntfs-3g made */
#include "tests/unit/unit.h"

#include "scan/volume_tree.h"

#define RECORDS 64u
#define ROOT    file_ref_make(5, 5)
#define DIR     (ROW_IN_USE | ROW_DIRECTORY)
#define FILE_   ROW_IN_USE

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
static uint32_t add(struct volume_tree *tree, uint32_t record, uint16_t sequence, uint16_t flags, file_ref parent,
		    const char *name)
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
	tree.inventory.names.items[tree.inventory.names.count - 1].slack = 1;
	add(&tree, 44, 1, ROW_EXTENSION, ROOT, "freed extension");
	tree.inventory.rows[44].base = file_ref_make(34, 1);
	add(&tree, 45, 1, FILE_ | ROW_EXTENSION, ROOT, "extension of an extension");
	tree.inventory.rows[45].base = file_ref_make(46, 1);
	add(&tree, 46, 1, FILE_ | ROW_EXTENSION, ROOT, "extension of nothing");
	tree.inventory.rows[46].base = file_ref_make(0xffffffffffff, 1);
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
