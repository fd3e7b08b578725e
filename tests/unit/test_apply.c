/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_apply.c - an image onto a volume, also in the middle of a run that is held back */
#include "recover/engine/apply.h"

#include "scan/check.h"
#include "tests/unit/disk.h"

#include <wimlib.h>

#define CONTENT_BYTES 100000u

static struct disk         it;
static struct work_volumes volumes;
static struct wim_image    image;

/* "\Windows\file" in the only image of a WIM. */
static void make_wim(const char *path)
{
	char       *tree = temp_path(it.folder, "tree"), *folder = temp_path(tree, "Windows");
	char       *file = temp_path(folder, "file");
	struct blob content = blob_zero(CONTENT_BYTES);
	uint64_t    seed = 11;
	WIMStruct  *wim;

	for (size_t i = 0; i < content.size; i++)
		content.at[i] = (uint8_t)dice(&seed);
	cr_assert(mkdir(tree, 0777) == 0);
	cr_assert(mkdir(folder, 0777) == 0);
	temp_write(file, content.at, content.size);
	cr_assert(eq(int, wimlib_create_new_wim(WIMLIB_COMPRESSION_TYPE_XPRESS, &wim), 0));
	cr_assert(eq(int, wimlib_add_image(wim, tree, "system", NULL, 0), 0));
	cr_assert(eq(int, wimlib_write(wim, path, WIMLIB_ALL_IMAGES, 0, 1), 0));
	wimlib_free(wim);
	free(tree);
	free(folder);
	free(file);
	free(content.at);
}

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

static void begin(void)
{
	char *path;

	disk_make(&it, "");
	cr_assert(eq(int, ntfs3g_end(&it.mount, &it.err), 0), "%s", it.err.text);
	cr_assert(eq(int, ntfs3g_unmount(&it.mount, &it.err), 0), "%s", it.err.text);
	path = temp_path(it.folder, "system.wim");
	make_wim(path);
	cr_assert(eq(int, wim_image_open(&image, path, NULL, 0, &it.err), 0), "%s", it.err.text);
	free(path);
}

static void end(void)
{
	wim_image_close(&image);
	close_volumes();
	disk_release(&it);
}

TestSuite(apply, .init = begin, .fini = end);

/* A step of its own: \<folder>. */
static void make_folder(const char *folder)
{
	struct ntfs3g     *mount = &volumes.items[0].mount;
	struct ntfs3g_name name;
	file_ref           ref;

	cr_assert(eq(int, ntfs3g_begin(mount, "step", &it.err), 0), "%s", it.err.text);
	cr_assert(eq(int, ntfs3g_name(folder, strlen(folder), "", &name), 0));
	cr_assert(eq(int, ntfs3g_make_folder(mount, file_ref_make(ROOT_RECORD, ROOT_RECORD), &name, &ref, &it.err), 0));
	cr_assert(eq(int, ntfs3g_end(mount, &it.err), 0), "%s", it.err.text);
}

static int apply(const char *keep)
{
	struct apply_options options = { .keep = &keep, .keep_count = keep ? 1 : 0 };
	struct apply_plan    plan;

	if (apply_plan_make(&plan, &volumes.items[0], &image, &options, &it.err) < 0)
		return -1;
	return apply_run(&plan, &volumes.items[0], &it.err);
}

/* Bytes of \Windows\file, 0 when it is not there; the volume is consistent. */
static uint64_t file_bytes(void)
{
	struct work_volume *volume = &volumes.items[0];
	struct check        check = { 0 };
	uint32_t            record;

	cr_assert(eq(int, work_volume_read(volume, &it.err), 0), "%s", it.err.text);
	cr_assert(eq(int, check_volume(&check, &volume->volume, 2, &it.err), 0), "%s", it.err.text);
	cr_expect(eq(u64, check.problem_count, 0), "%s", check.problem_count ? check.problems.items[0].text : "");
	check_release(&check);
	record = volume_tree_find(&volume->tree, "\\Windows\\file");
	return record == NO_TREE_RECORD ? 0 : volume_tree_file_bytes(&volume->tree, record);
}

static bool is_there(const char *path)
{
	return volume_tree_find(&volumes.items[0].tree, path) != NO_TREE_RECORD;
}

Test(apply, beside_what_is_kept)
{
	open_volumes(HOLD_NOTHING);
	make_folder("Kept");
	cr_expect(eq(int, apply("\\Kept"), 0), "%s", it.err.text);
	cr_expect(that(!volumes.items[0].mount.transaction.running));
	cr_expect(eq(u64, file_bytes(), CONTENT_BYTES));
	cr_expect(that(is_there("\\Kept")));
}

Test(apply, refused_with_nothing_written)
{
	uint64_t commits;

	open_volumes(HOLD_NOTHING);
	make_folder("WINDOWS");
	commits = volumes.items[0].mount.transaction.commits;
	cr_expect(eq(int, apply(NULL), -1));
	cr_expect(eq(int, it.err.kind, ERROR_REFUSED));
	cr_expect(eq(u64, volumes.items[0].mount.transaction.commits, commits));
}

Test(apply, in_a_run_that_is_held_back)
{
	open_volumes(HOLD_ALL);
	make_folder("before");
	cr_expect(eq(int, apply("\\before"), 0), "%s", it.err.text);
	make_folder("after");
	cr_expect(eq(u64, file_bytes(), CONTENT_BYTES));
	cr_expect(that(is_there("\\before") && is_there("\\after")));
	cr_assert(eq(int, ntfs3g_end_held(&volumes.items[0].mount, &it.err), 0), "%s", it.err.text);
	close_volumes();
	open_volumes(HOLD_NOTHING);
	cr_expect(that(!volumes.items[0].mount.replay.found));
	cr_expect(eq(u64, file_bytes(), CONTENT_BYTES));
	cr_expect(that(is_there("\\before") && is_there("\\after")));
}

Test(apply, nothing_of_a_run_that_is_held_back_stays_without_its_end)
{
	open_volumes(HOLD_ALL);
	make_folder("before");
	cr_expect(eq(int, apply("\\before"), 0), "%s", it.err.text);
	close_volumes();
	open_volumes(HOLD_NOTHING);
	cr_expect(eq(u64, file_bytes(), 0));
	cr_expect(that(!is_there("\\before") && !is_there("\\Windows")));
}

/* What is in the way was made in the same run. */
Test(apply, sees_what_is_held_back)
{
	open_volumes(HOLD_ALL);
	make_folder("windows");
	cr_expect(eq(int, apply(NULL), -1));
	cr_expect(ne(ptr, strstr(it.err.text, "'\\Windows' already"), NULL), "%s", it.err.text);
}

Test(apply, a_second_time_finds_it_there)
{
	struct apply_options options = { 0 };
	struct apply_plan    plan;

	open_volumes(HOLD_END);
	cr_expect(eq(int, apply(NULL), 0), "%s", it.err.text);
	cr_expect(eq(int, apply_plan_make(&plan, &volumes.items[0], &image, &options, &it.err), 0), "%s", it.err.text);
	cr_expect(that(plan.there));
}
