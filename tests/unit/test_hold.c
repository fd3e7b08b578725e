/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_hold.c - what is held back of a run: seen by its readers, forgotten without its end */
#include "recover/engine/work_volume.h"

#include "scan/check.h"
#include "tests/unit/disk.h"

#define FILES 200

static struct disk         it;
static struct work_volumes volumes;

static void open_volumes(enum ntfs3g_hold hold)
{
	char *operands[] = { it.path };

	cr_assert(eq(int, work_volumes_open(&volumes, operands, 1, WORK_WRITE, &it.err), 0), "%s", it.err.text);
	volumes.items[0].mount.hold = hold;
}

static void close_volumes(void)
{
	cr_assert(eq(int, work_volumes_close(&volumes, &it.err), 0), "%s", it.err.text);
}

static void make_disk(enum ntfs3g_hold hold)
{
	disk_make(&it, "");
	cr_assert(eq(int, ntfs3g_end(&it.mount, &it.err), 0), "%s", it.err.text);
	cr_assert(eq(int, ntfs3g_unmount(&it.mount, &it.err), 0), "%s", it.err.text);
	open_volumes(hold);
}

static void make_file(file_ref folder, const char *text)
{
	struct ntfs3g     *mount = &volumes.items[0].mount;
	struct ntfs3g_name name;
	ntfs_inode        *inode;

	cr_assert(eq(int, ntfs3g_name(text, strlen(text), "", &name), 0));
	cr_assert(eq(int, ntfs3g_make_file(mount, folder, &name, 0, &inode, &it.err), 0), "%s", it.err.text);
	cr_assert(eq(int, ntfs3g_close(mount, inode, &it.err), 0));
}

/* One step of two transactions: \<folder> with FILES files in it, then \<folder>\last. */
static void take_step(const char *folder)
{
	struct ntfs3g     *mount = &volumes.items[0].mount;
	struct ntfs3g_name name;
	file_ref           ref;
	char               text[32];

	cr_assert(eq(int, ntfs3g_begin(mount, "step", &it.err), 0), "%s", it.err.text);
	cr_assert(eq(int, ntfs3g_name(folder, strlen(folder), "", &name), 0));
	cr_assert(eq(int, ntfs3g_make_folder(mount, file_ref_make(ROOT_RECORD, ROOT_RECORD), &name, &ref, &it.err), 0));
	for (int i = 0; i < FILES; i++) {
		snprintf(text, sizeof text, "file %d", i);
		make_file(ref, text);
	}
	cr_assert(eq(int, ntfs3g_commit(mount, &it.err), 0), "%s", it.err.text);
	make_file(ref, "last");
	cr_assert(eq(int, ntfs3g_end(mount, &it.err), 0), "%s", it.err.text);
}

static bool is_there(const char *path)
{
	struct work_volume *volume = &volumes.items[0];
	struct check        check = { 0 };

	cr_assert(eq(int, work_volume_read(volume, &it.err), 0), "%s", it.err.text);
	cr_assert(eq(int, check_volume(&check, &volume->volume, 2, &it.err), 0), "%s", it.err.text);
	cr_expect(check.problem_count == 0, "%s: %s", check.problem_count ? problem_kind_name(check.problems.items[0].kind) : "",
		  check.problem_count ? check.problems.items[0].text : "");
	check_release(&check);
	return volume_tree_find(&volume->tree, path) != NO_TREE_RECORD;
}

static void leave(void)
{
	close_volumes();
	disk_release(&it);
}

Test(hold, what_is_held_is_seen)
{
	make_disk(HOLD_ALL);
	take_step("one");
	cr_expect(that(is_there("\\one\\file 7") && is_there("\\one\\last")));
	take_step("two");
	cr_expect(that(is_there("\\one\\last") && is_there("\\two\\last")));
	leave();
}

/* Images that memory has no room for are read from the log. */
Test(hold, what_is_held_is_seen_where_it_waits_in_the_log)
{
	make_disk(HOLD_ALL);
	volumes.items[0].mount.transaction.resident_max = 3;
	take_step("one");
	cr_expect(that(volumes.items[0].mount.transaction.overlay.count > 3));
	cr_expect(that(is_there("\\one\\file 199") && is_there("\\one\\last")));
	leave();
}

Test(hold, nothing_of_all_that_is_held_stays_without_its_end)
{
	make_disk(HOLD_ALL);
	take_step("one");
	take_step("two");
	close_volumes();
	open_volumes(HOLD_NOTHING);
	cr_expect(that(!is_there("\\one") && !is_there("\\two")));
	leave();
}

Test(hold, all_that_is_held_stays_with_its_end)
{
	make_disk(HOLD_ALL);
	take_step("one");
	take_step("two");
	cr_assert(eq(int, ntfs3g_end_held(&volumes.items[0].mount, &it.err), 0), "%s", it.err.text);
	close_volumes();
	open_volumes(HOLD_NOTHING);
	cr_expect(that(!volumes.items[0].mount.replay.found));
	cr_expect(that(is_there("\\one\\file 199") && is_there("\\two\\last")));
	leave();
}

Test(hold, a_step_whose_end_is_held_keeps_what_it_committed)
{
	make_disk(HOLD_END);
	take_step("one");
	cr_expect(that(is_there("\\one\\last")));
	close_volumes();
	open_volumes(HOLD_NOTHING);
	cr_expect(that(is_there("\\one\\file 199") && !is_there("\\one\\last")));
	leave();
}

Test(hold, a_run_that_never_began_has_no_end)
{
	make_disk(HOLD_END);
	cr_expect(eq(int, ntfs3g_end_held(&volumes.items[0].mount, &it.err), 0));
	cr_expect(eq(u64, volumes.items[0].mount.transaction.commits, 0));
	leave();
}
