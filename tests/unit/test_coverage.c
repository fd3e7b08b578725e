/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_coverage.c - expected values: the rules in coverage.h and mirrored.h */
#include "tests/unit/unit.h"

#include "recover/engine/coverage.h"
#include "recover/engine/mirrored.h"

#define RECORDS 128u
#define ROOT file_ref_make(5, 5)

static struct volume_tree tree;
static struct volume      volume;
static struct record_set  covered;

static void begin(void)
{
	struct error err;

	tree = (struct volume_tree){ 0 };
	volume = (struct volume){ .number = 1 };
	inventory_make(&tree.inventory, &volume, RECORDS);
	inventory_row(&tree.inventory, ROOT_RECORD, 5, ROW_IN_USE | ROW_DIRECTORY);
	inventory_name(&tree.inventory, ROOT_RECORD, ROOT, ".", NAME_WIN32_AND_DOS);
	cr_assert(eq(int, upcase_init(&tree.upcase, &err), 0));
	findings_init(&tree.findings);
	cr_assert(eq(int, record_set_init(&covered, &tree, &err), 0));
}

static file_ref folder(uint32_t record, file_ref parent, const char *name)
{
	inventory_row(&tree.inventory, record, 1, ROW_IN_USE | ROW_DIRECTORY);
	inventory_name(&tree.inventory, record, parent, name, NAME_WIN32);
	return file_ref_make(record, 1);
}

static void file(uint32_t record, file_ref parent, const char *name, uint64_t bytes)
{
	inventory_row(&tree.inventory, record, 1, ROW_IN_USE)->size_bytes = bytes;
	inventory_name(&tree.inventory, record, parent, name, NAME_WIN32);
}

static void find(struct coverage *coverage)
{
	struct error err;

	cr_assert(eq(int, extensions_collect(&tree.extensions, &tree.inventory, &err), 0));
	cr_assert(eq(int, volume_tree_build(&tree, 1, &err), 0));
	cr_assert(eq(int, coverage_find(coverage, &tree, &covered, NULL, &err), 0));
}

static void end(struct coverage *coverage)
{
	coverage_release(coverage);
	record_set_release(&covered);
	volume_tree_release(&tree);
}

static void expect(const struct coverage *coverage, size_t index, const char *path, enum uncovered_kind kind,
		   uint64_t files, uint64_t bytes)
{
	const struct uncovered_folder *line = &coverage->folders.items[index];

	cr_assert(that(index < coverage->folders.count), "%s", path);
	cr_expect(eq(str, line->path, (char *)path));
	cr_expect(eq(int, line->kind, kind), "%s", path);
	cr_expect(eq(u64, line->files, files), "%s", path);
	cr_expect(eq(u64, line->bytes, bytes), "%s", path);
}

Test(coverage, tells_profiles_and_folders_the_biggest_first)
{
	struct coverage coverage;
	file_ref        users, a, deep;

	begin();
	users = folder(30, ROOT, "Users");
	a = folder(31, users, "a");
	deep = folder(32, a, "deep");
	file(40, a, "x", 1);
	file(41, deep, "y", 2);
	file(42, folder(33, users, "b"), "z", 10);
	file(43, users, "desktop.ini", 4);
	file(44, folder(34, folder(35, ROOT, "Data"), "2026"), "w", 100);
	file(45, ROOT, "loose.txt", 5);
	folder(36, users, "nobody");
	find(&coverage);
	cr_expect(eq(sz, coverage.folders.count, 5));
	expect(&coverage, 0, "\\Data", UNCOVERED_FOLDER, 1, 100);
	expect(&coverage, 1, "\\Users\\b", UNCOVERED_PROFILE, 1, 10);
	expect(&coverage, 2, "\\", UNCOVERED_FOLDER, 1, 5);
	expect(&coverage, 3, "\\Users", UNCOVERED_FOLDER, 1, 4);
	expect(&coverage, 4, "\\Users\\a", UNCOVERED_PROFILE, 2, 3);
	cr_expect(eq(u64, coverage.files, 6));
	cr_expect(eq(u64, coverage.bytes, 122));
	end(&coverage);
}

Test(coverage, what_is_the_systems_own_is_not_told)
{
	static const char *const folders[] = { "WINDOWS",
					       "program files",
					       "Program Files (x86)",
					       "ProgramData",
					       "$Recycle.Bin",
					       "Recovery",
					       "PerfLogs",
					       "Boot",
					       "MSOCache",
					       "$WINDOWS.~BT",
					       "System Volume Information" };
	static const char *const files[] = { "pagefile.sys", "HIBERFIL.SYS", "swapfile.sys", "bootmgr" };
	struct coverage          coverage;

	begin();
	for (uint32_t i = 0; i < COUNT(folders); i++)
		file(60 + i, folder(30 + i, ROOT, folders[i]), "x", 1);
	for (uint32_t i = 0; i < COUNT(files); i++)
		file(80 + i, ROOT, files[i], 1);
	inventory_row(&tree.inventory, 11, 11, ROW_IN_USE | ROW_DIRECTORY);
	inventory_name(&tree.inventory, 11, ROOT, "$Extend", NAME_WIN32);
	file(90, file_ref_make(11, 11), "$Reparse", 9);
	file(8, ROOT, "$BadClus", 9);
	find(&coverage);
	cr_expect(eq(sz, coverage.folders.count, 0));
	end(&coverage);
}

/* Such a name is the system's own at the root alone. */
Test(coverage, the_same_names_elsewhere_are_user_data)
{
	struct coverage coverage;
	file_ref        a;

	begin();
	a = folder(31, folder(30, ROOT, "Users"), "Windows");
	file(40, folder(32, a, "Windows"), "pagefile.sys", 7);
	file(41, folder(33, ROOT, "Program Files of mine"), "x", 1);
	find(&coverage);
	cr_expect(eq(sz, coverage.folders.count, 2));
	expect(&coverage, 0, "\\Users\\Windows", UNCOVERED_PROFILE, 1, 7);
	expect(&coverage, 1, "\\Program Files of mine", UNCOVERED_FOLDER, 1, 1);
	end(&coverage);
}

Test(coverage, windows_old_is_a_root_of_its_own)
{
	struct coverage coverage;
	file_ref        old;

	begin();
	old = folder(30, ROOT, "Windows.old");
	file(40, folder(31, old, "Windows"), "x", 1);
	file(41, folder(33, folder(32, old, "Users"), "a"), "y", 2);
	file(42, old, "pagefile.sys", 9);
	file(43, folder(34, old, "Data"), "z", 4);
	find(&coverage);
	cr_expect(eq(sz, coverage.folders.count, 2));
	expect(&coverage, 0, "\\Windows.old\\Data", UNCOVERED_FOLDER, 1, 4);
	expect(&coverage, 1, "\\Windows.old\\Users\\a", UNCOVERED_PROFILE, 1, 2);
	end(&coverage);
}

Test(coverage, a_file_counts_once_and_its_stores_last)
{
	struct coverage coverage;
	file_ref        store, mirror, a;

	begin();
	store = folder(31, folder(30, ROOT, "Windows"), "USMT"); /* a store is told wherever it is */
	mirror = folder(33, folder(32, store, "File"), "c$");
	a = folder(35, folder(34, ROOT, "Users"), "a");
	file(40, mirror, "x", 1);
	inventory_name(&tree.inventory, 40, a, "x", NAME_POSIX);
	inventory_name(&tree.inventory, 40, a, "again", NAME_POSIX);
	file(41, mirror, "only here", 2);
	file(42, folder(36, ROOT, "Data"), "Long name", 1);
	inventory_name(&tree.inventory, 42, a, "x again", NAME_POSIX);
	find(&coverage);
	cr_expect(eq(sz, coverage.folders.count, 3));
	expect(&coverage, 0, "\\Windows\\USMT", UNCOVERED_STORE, 1, 2);
	expect(&coverage, 1, "\\Data", UNCOVERED_FOLDER, 1, 1);
	expect(&coverage, 2, "\\Users\\a", UNCOVERED_PROFILE, 1, 1);
	end(&coverage);
}

/* Find what is not covered when all that is below record 30, a store's path, is. */
static void find_beside_store(struct coverage *coverage, bool *mirrored)
{
	struct record_set copied;
	struct error      err;

	cr_assert(eq(int, extensions_collect(&tree.extensions, &tree.inventory, &err), 0));
	cr_assert(eq(int, volume_tree_build(&tree, 1, &err), 0));
	cr_assert(eq(int, record_set_init(&copied, &tree, &err), 0));
	cr_assert(eq(int, record_set_add_below(&covered, &tree, 30, &err), 0));
	record_set_add(&covered, 43);
	record_set_add(&copied, 43);
	cr_assert(eq(int, mirrored_find(&tree, &covered, &copied, mirrored, &err), 0));
	cr_assert(eq(int, coverage_find(coverage, &tree, &covered, mirrored, &err), 0));
	record_set_release(&copied);
}

Test(coverage, covered_files_are_not_told_but_names_that_do_not_come_back)
{
	struct coverage coverage;
	bool            mirrored[64] = { 0 };
	file_ref        mirror, mirror_a, users, a, b, windows;

	begin();
	mirror = folder(33, folder(32, folder(31, folder(30, ROOT, "StateStore"), "USMT"), "File"), "C$");
	mirror_a = folder(37, folder(36, mirror, "users"), "A");
	users = folder(34, ROOT, "Users");
	a = folder(35, users, "a");
	b = folder(38, users, "b");
	windows = folder(39, ROOT, "Windows");
	file(40, mirror_a, "x", 1);
	inventory_name(&tree.inventory, 40, a, "X", NAME_POSIX);             /* comes back */
	inventory_name(&tree.inventory, 40, a, "again", NAME_POSIX);         /* in no store */
	inventory_name(&tree.inventory, 40, b, "x", NAME_POSIX);
	inventory_name(&tree.inventory, 40, windows, "x", NAME_POSIX);
	file(41, a, "y", 2);
	file(42, mirror_a, "z", 4); /* another file has its place now */
	inventory_name(&tree.inventory, 42, a, "moved", NAME_POSIX);
	file(43, a, "copied", 8); /* the store has a copy */
	inventory_name(&tree.inventory, 43, a, "copied too", NAME_POSIX);
	file(44, mirror_a, "copied", 8);
	file(45, a, "z", 16);
	find_beside_store(&coverage, mirrored);
	cr_expect(eq(sz, coverage.folders.count, 2));
	expect(&coverage, 0, "\\Users\\a", UNCOVERED_PROFILE, 2, 18);
	cr_expect(eq(u64, coverage.folders.items[0].names, 3)); /* again, moved, copied too */
	expect(&coverage, 1, "\\Users\\b", UNCOVERED_PROFILE, 0, 0);
	cr_expect(eq(u64, coverage.folders.items[1].names, 1));
	cr_expect(eq(u64, coverage.names, 4));
	end(&coverage);
}

/* $DATA begins in an extension record where the base has no room. */
Test(coverage, bytes_are_found_in_extension_records)
{
	struct coverage coverage;

	begin();
	file(40, folder(30, ROOT, "Data"), "x", 0);
	inventory_row(&tree.inventory, 41, 1, ROW_IN_USE | ROW_EXTENSION)->size_bytes = 77;
	tree.inventory.rows[41].base = file_ref_make(40, 1);
	inventory_row(&tree.inventory, 42, 2, ROW_EXTENSION)->size_bytes = 1000; /* of an earlier state */
	tree.inventory.rows[42].base = file_ref_make(40, 1);
	find(&coverage);
	expect(&coverage, 0, "\\Data", UNCOVERED_FOLDER, 1, 77);
	end(&coverage);
}
