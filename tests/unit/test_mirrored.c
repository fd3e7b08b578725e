/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_mirrored.c - names that a store on another volume brings back; both volumes made by libntfs-3g */
#include "recover/engine/mirrored.h"

#include "recover/engine/state_store.h"
#include "tests/unit/disk.h"

#define ROOT file_ref_make(5, 5)
#define PADS 40

struct both {
	struct disk       home, away;
	struct record_set copied; /* files of .home */
	bool             *names;
};

static file_ref file(struct disk *disk, file_ref folder, const char *name)
{
	ntfs_inode *inode = disk_file(disk, folder, name);
	file_ref    ref = ntfs3g_ref(inode);

	disk_close(disk, inode);
	return ref;
}

/* A file in @folder that has the record @number: those before it are used up. */
static void file_of_record(struct disk *disk, file_ref folder, const char *name, uint64_t number)
{
	file_ref pads = disk_folder(disk, ROOT, "pads");
	char     pad[16];

	for (int i = 0; i < PADS; i++) {
		snprintf(pad, sizeof pad, "pad %d", i);
		if (file_ref_record(file(disk, pads, pad)) == number - 1)
			break;
	}
	cr_assert(eq(u64, file_ref_record(file(disk, folder, name)), number));
}

/*
 * At home \Users\a\{one, Two, three, four, five}, and "again", which is one's second name; away copies of one, TWO
 * and three, a folder four, and a file five that has the record of the one at home by chance.
 */
static void both_make(struct both *it)
{
	ntfs_inode *one;
	file_ref    home, away, five;

	*it = (struct both){ 0 };
	disk_make(&it->home, "");
	home = disk_folder(&it->home, disk_folder(&it->home, ROOT, "Users"), "a");
	one = disk_file(&it->home, home, "one");
	disk_name(&it->home, one, home, "again", NAME_POSIX);
	disk_close(&it->home, one);
	(void)file(&it->home, home, "Two");
	(void)file(&it->home, home, "three");
	(void)file(&it->home, home, "four");
	for (int i = 0; i < PADS / 2; i++)
		(void)file(&it->home, ROOT, (char[]){ 'p', (char)('a' + i), 0 });
	five = file(&it->home, home, "five");

	disk_make(&it->away, "");
	away = disk_folder(&it->away, disk_folder(&it->away, disk_folder(&it->away, ROOT, "File"), "C$"), "Users");
	away = disk_folder(&it->away, away, "a");
	(void)file(&it->away, away, "one");
	(void)file(&it->away, away, "TWO");
	(void)file(&it->away, away, "three");
	(void)disk_folder(&it->away, away, "four");
	file_of_record(&it->away, away, "five", file_ref_record(five));
	disk_read(&it->home);
	disk_read(&it->away);
	cr_assert(eq(int, record_set_init(&it->copied, &it->home.tree, &it->home.err), 0));
	it->names = calloc(it->home.tree.inventory.names.count, sizeof *it->names);
}

static void both_release(struct both *it)
{
	record_set_release(&it->copied);
	free(it->names);
	disk_release(&it->home);
	disk_release(&it->away);
}

static void copied(struct both *it, const char *path)
{
	record_set_add(&it->copied, volume_tree_find(&it->home.tree, path));
}

static bool is_mirrored(const struct both *it, const char *path)
{
	const struct volume_tree *tree = &it->home.tree;
	struct text_buffer        found = { 0 };
	struct error              err;
	size_t                    count;
	const uint32_t           *names = volume_tree_names(tree, volume_tree_find(tree, path), &count);
	bool                      mirrored = false;

	for (size_t i = 0; i < count; i++) {
		cr_assert(eq(int, volume_tree_path(tree, names[i], &found, &err), 0));
		mirrored = mirrored || (strcmp(found.items, path) == 0 && it->names[names[i]]);
	}
	array_release(&found);
	return mirrored;
}

Test(mirrored, names_of_copied_files_that_the_other_store_has)
{
	struct both it;
	uint32_t    mirror;

	both_make(&it);
	mirror = volume_tree_find(&it.away.tree, "\\File\\C$");
	copied(&it, "\\Users\\a\\one");
	copied(&it, "\\Users\\a\\Two");
	copied(&it, "\\Users\\a\\four"); /* a folder has its name there */
	cr_assert(eq(int,
		     mirrored_find_elsewhere(&it.home.tree, &it.away.tree, mirror, &it.copied, it.names, &it.home.err),
		     0));
	cr_expect(that(is_mirrored(&it, "\\Users\\a\\one")));
	cr_expect(that(is_mirrored(&it, "\\Users\\a\\Two")), "case aside");
	cr_expect(that(!is_mirrored(&it, "\\Users\\a\\again")), "the store has not that name of it");
	cr_expect(that(!is_mirrored(&it, "\\Users\\a\\three")), "what is there is not like it");
	cr_expect(that(!is_mirrored(&it, "\\Users\\a\\four")));
	cr_expect(that(!is_mirrored(&it, "\\Users\\a\\five")), "records of two volumes are not the same file");
	both_release(&it);
}
