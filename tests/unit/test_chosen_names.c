/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_chosen_names.c - names that are known again after the volume has changed */
#include "recover/engine/chosen_names.h"
#include "tests/unit/disk.h"

#define ROOT file_ref_make(5, 5)

static uint32_t name_at(const struct volume_tree *tree, const char *path)
{
	size_t   count;
	uint32_t record = volume_tree_find(tree, path);

	cr_assert(ne(u32, record, NO_TREE_RECORD), "%s", path);
	return volume_tree_names(tree, record, &count)[0];
}

/* \a\x, \a\y; with @more a further name of x, which comes before y's in the inventory */
static void make(struct disk *disk, bool more)
{
	file_ref    folder;
	ntfs_inode *x;

	disk_make(disk, "");
	folder = disk_folder(disk, ROOT, "a");
	x = disk_file(disk, folder, "x");
	if (more)
		disk_name(disk, x, folder, "further", NAME_POSIX);
	disk_close(disk, x);
	disk_close(disk, disk_file(disk, folder, "y"));
	disk_read(disk);
}

Test(chosen_names, are_known_when_others_came_before_them)
{
	struct chosen_names chosen;
	struct disk         before, after;
	bool               *taken;

	make(&before, false);
	make(&after, true);
	cr_assert(ne(u32, name_at(&before.tree, "\\a\\y"), name_at(&after.tree, "\\a\\y")));
	taken = calloc(before.tree.inventory.names.count, sizeof *taken);
	taken[name_at(&before.tree, "\\a\\y")] = true;
	cr_assert(eq(int, chosen_names_learn(&chosen, &before.tree, taken, &before.err), 0));
	free(taken);
	taken = chosen_names_find(&chosen, &after.tree);
	cr_assert(that(taken != NULL));
	for (uint32_t i = 0; i < after.tree.inventory.names.count; i++)
		cr_expect(that(taken[i] == (i == name_at(&after.tree, "\\a\\y"))), "name %u", i);
	free(taken);
	array_release(&chosen);
	disk_release(&before);
	disk_release(&after);
}
