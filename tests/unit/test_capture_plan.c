/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_capture_plan.c - which folders a capture goes through, on a volume that libntfs-3g made */
#include "recover/engine/capture_plan.h"
#include "tests/unit/disk.h"

#define ROOT file_ref_make(5, 5)
#define PLAN(it, ...) plan(it, (const char *const[]){ __VA_ARGS__ }, COUNT(((const char *const[]){ __VA_ARGS__ })))

struct planned {
	struct disk         disk;
	struct work_volume  volume; /* C */
	struct capture_plan plan;
	uint32_t            except;
};

/* \Users\alice\Documents\deep, \Users\alice\file, \Users\bob, \Data\x, \Store\USMT */
static void planned_make(struct planned *it)
{
	file_ref users, alice;

	*it = (struct planned){ .except = NO_TREE_RECORD };
	disk_make(&it->disk, "");
	users = disk_folder(&it->disk, ROOT, "Users");
	alice = disk_folder(&it->disk, users, "alice");
	(void)disk_folder(&it->disk, disk_folder(&it->disk, alice, "Documents"), "deep");
	disk_close(&it->disk, disk_file(&it->disk, alice, "file"));
	(void)disk_folder(&it->disk, users, "bob");
	(void)disk_folder(&it->disk, disk_folder(&it->disk, ROOT, "Data"), "x");
	(void)disk_folder(&it->disk, disk_folder(&it->disk, ROOT, "Store"), "USMT");
	disk_read(&it->disk);
	it->volume = (struct work_volume){ .letter = 'C', .source = it->disk.path, .tree = it->disk.tree };
}

static void planned_release(struct planned *it)
{
	capture_plan_release(&it->plan);
	disk_release(&it->disk);
}

static int plan(struct planned *it, const char *const *trees, size_t count)
{
	capture_plan_release(&it->plan);
	return capture_plan_make(&it->plan, &it->volume, trees, count, it->except, &it->disk.err);
}

/* The place of a folder in the plan; its parents stand before it and are those of its path. */
static size_t place_of(const struct planned *it, const char *path)
{
	uint32_t record = volume_tree_find(&it->volume.tree, path);
	size_t   place = PLAN_ROOT;

	cr_assert(ne(u32, record, NO_TREE_RECORD), "%s", path);
	if (record == ROOT_RECORD)
		return PLAN_ROOT;
	for (size_t i = 0; i < it->plan.count; i++) {
		if (it->plan.items[i].record != record)
			continue;
		cr_expect(eq(sz, place, PLAN_ROOT), "%s is there twice", path);
		place = i;
	}
	cr_expect(ne(sz, place, PLAN_ROOT), "%s is not there", path);
	return place;
}

/* One planned folder: where it hangs, and whether its files are captured. */
static void expect_folder(const struct planned *it, const char *path, const char *parent, bool covered)
{
	const struct planned_folder *folder = &it->plan.items[place_of(it, path)];
	struct text_buffer           name = { 0 };
	struct error                 err;

	cr_expect(eq(sz, folder->parent, place_of(it, parent)), "%s", path);
	cr_expect(that(folder->parent == PLAN_ROOT || folder->parent < place_of(it, path)), "%s", path);
	cr_expect(that(folder->covered == covered), "%s", path);
	cr_assert(eq(int, volume_tree_path(&it->volume.tree, folder->name, &name, &err), 0));
	cr_expect(eq(str, name.items, (char *)path));
	array_release(&name);
}

static void expect_all_users(const struct planned *it)
{
	cr_expect(eq(sz, it->plan.count, 5));
	expect_folder(it, "\\Users", "\\", true);
	expect_folder(it, "\\Users\\alice", "\\Users", true);
	expect_folder(it, "\\Users\\alice\\Documents", "\\Users\\alice", true);
	expect_folder(it, "\\Users\\alice\\Documents\\deep", "\\Users\\alice\\Documents", true);
	expect_folder(it, "\\Users\\bob", "\\Users", true);
}

Test(capture_plan, tree_with_all_below_it)
{
	struct planned it;

	planned_make(&it);
	cr_assert(eq(int, PLAN(&it, "\\Users", "\\Documents and Settings"), 0));
	expect_all_users(&it);
	cr_assert(eq(int, PLAN(&it, "/users/"), 0));
	expect_all_users(&it);
	planned_release(&it);
}

Test(capture_plan, way_to_a_tree_is_not_covered)
{
	struct planned it;

	planned_make(&it);
	cr_assert(eq(int, PLAN(&it, "\\Users\\alice\\Documents"), 0));
	cr_expect(eq(sz, it.plan.count, 4));
	expect_folder(&it, "\\Users", "\\", false);
	expect_folder(&it, "\\Users\\alice", "\\Users", false);
	expect_folder(&it, "\\Users\\alice\\Documents", "\\Users\\alice", true);
	expect_folder(&it, "\\Users\\alice\\Documents\\deep", "\\Users\\alice\\Documents", true);
	planned_release(&it);
}

/* Whichever is named first, and however often. */
Test(capture_plan, tree_inside_a_tree)
{
	struct planned it;

	planned_make(&it);
	cr_assert(eq(int, PLAN(&it, "\\Users\\alice\\Documents", "\\Users"), 0));
	expect_all_users(&it);
	cr_assert(eq(int, PLAN(&it, "\\Users", "\\Users\\alice\\Documents", "\\USERS"), 0));
	expect_all_users(&it);
	cr_assert(eq(int, PLAN(&it, "\\Users\\alice\\Documents\\deep", "\\Users\\bob", "\\Users\\alice", "\\Users"), 0));
	expect_all_users(&it);
	planned_release(&it);
}

Test(capture_plan, store_is_left_out_with_all_below_it)
{
	struct planned it;

	planned_make(&it);
	it.except = volume_tree_find(&it.volume.tree, "\\Users\\alice");
	cr_assert(eq(int, PLAN(&it, "\\Users"), 0));
	cr_expect(eq(sz, it.plan.count, 2));
	expect_folder(&it, "\\Users", "\\", true);
	expect_folder(&it, "\\Users\\bob", "\\Users", true);
	cr_assert(eq(int, PLAN(&it, "\\Users\\alice"), 0));
	cr_expect(eq(sz, it.plan.count, 0));
	planned_release(&it);
}

Test(capture_plan, trees_of_other_volumes)
{
	struct planned it;

	planned_make(&it);
	cr_assert(eq(int, PLAN(&it, "D:\\Users", "c:\\Data"), 0));
	cr_expect(eq(sz, it.plan.count, 2));
	expect_folder(&it, "\\Data", "\\", true);
	expect_folder(&it, "\\Data\\x", "\\Data", true);
	cr_assert(eq(int, PLAN(&it, "\\Nothing", "D:\\"), 0));
	cr_expect(eq(sz, it.plan.count, 0));
	cr_expect(that(capture_plan_has(&it.volume, "C:\\Data")));
	cr_expect(that(capture_plan_has(&it.volume, "\\users\\ALICE")));
	cr_expect(not(capture_plan_has(&it.volume, "D:\\Data")));
	cr_expect(not(capture_plan_has(&it.volume, "\\Data\\y")));
	planned_release(&it);
}

Test(capture_plan, what_is_no_tree)
{
	struct planned it;

	planned_make(&it);
	cr_expect(eq(int, PLAN(&it, "\\"), -1));
	cr_expect(eq(int, it.disk.err.kind, ERROR_USAGE));
	cr_expect(eq(int, PLAN(&it, "\\Data", "C:"), -1));
	cr_expect(eq(int, it.disk.err.kind, ERROR_USAGE));
	cr_expect(eq(int, PLAN(&it, "\\Users\\alice\\file"), -1));
	cr_expect(eq(int, it.disk.err.kind, ERROR_USAGE));
	planned_release(&it);
}

/* -------- names that rules have chosen -------- */

/* The name that leads to a path. */
static uint32_t name_at(const struct planned *it, const char *path)
{
	size_t          count;
	uint32_t        record = volume_tree_find(&it->volume.tree, path);
	const uint32_t *names;

	cr_assert(ne(u32, record, NO_TREE_RECORD), "%s", path);
	names = volume_tree_names(&it->volume.tree, record, &count);
	cr_assert(eq(sz, count, 1));
	return names[0];
}

static bool *take(const struct planned *it, const char *first, const char *second)
{
	bool *taken = calloc(it->volume.tree.inventory.names.count, sizeof *taken);

	cr_assert(that(taken != NULL));
	taken[name_at(it, first)] = true;
	if (second)
		taken[name_at(it, second)] = true;
	return taken;
}

Test(capture_plan, chosen_names_and_the_ways_to_them)
{
	struct planned it;

	planned_make(&it);
	cr_assert(eq(int, capture_plan_make_of_names(&it.plan, &it.volume, take(&it, "\\Users\\alice\\file", "\\Users\\bob"), &it.disk.err), 0));
	cr_expect(eq(sz, it.plan.count, 3));
	expect_folder(&it, "\\Users", "\\", false);
	expect_folder(&it, "\\Users\\alice", "\\Users", true);
	expect_folder(&it, "\\Users\\bob", "\\Users", true);
	cr_expect(that(capture_plan_takes(&it.plan, name_at(&it, "\\Users\\alice\\file"))));
	cr_expect(that(!capture_plan_takes(&it.plan, name_at(&it, "\\Users\\alice\\Documents"))));
	cr_expect(eq(sz, capture_plan_root(&it.plan), PLAN_ROOT));
	planned_release(&it);
}

Test(capture_plan, file_in_the_root_plans_the_root)
{
	struct planned it;

	planned_make(&it);
	disk_release(&it.disk);
	disk_make(&it.disk, "");
	disk_close(&it.disk, disk_file(&it.disk, ROOT, "letter.txt"));
	disk_read(&it.disk);
	it.volume.tree = it.disk.tree;
	cr_assert(eq(int, capture_plan_make_of_names(&it.plan, &it.volume, take(&it, "\\letter.txt", NULL), &it.disk.err), 0));
	cr_expect(eq(sz, it.plan.count, 1));
	cr_expect(eq(sz, capture_plan_root(&it.plan), 0));
	cr_expect(eq(sz, it.plan.items[0].parent, PLAN_ROOT));
	cr_expect(that(it.plan.items[0].covered));
	planned_release(&it);
}
