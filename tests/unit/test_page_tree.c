/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_page_tree.c - texts and folders once each, and the order in which they are shown */
#include "report/page/page_tree.h"

#include <criterion/criterion.h>
#include <string.h>

static struct page_tree tree;
static struct error     err;

static void release(void)
{
	page_tree_release(&tree);
}

static uint32_t root(const char *name)
{
	uint32_t number;

	cr_assert_eq(page_tree_folder(&tree, NO_FOLDER, name, strlen(name), &number, &err), 0);
	return number;
}

static uint32_t folder_of(uint32_t root_folder, const char *path)
{
	uint32_t folder, leaf;

	cr_assert_eq(page_tree_path(&tree, root_folder, path, &folder, &leaf, &err), 0);
	return folder;
}

/* "a/b" of a folder by its place. */
static const char *shown(size_t place)
{
	static char               text[256];
	const struct page_folder *folder = &tree.folders.items[tree.folder_order[place]];

	if (folder->parent == NO_FOLDER)
		snprintf(text, sizeof text, "%s", tree.texts.items[folder->text]);
	else
		snprintf(text, sizeof text, "%s/%s", tree.texts.items[tree.folders.items[folder->parent].text],
			 tree.texts.items[folder->text]);
	return text;
}

Test(page_tree, each_once, .fini = release)
{
	uint32_t top = root("Store 1"), folder, again, leaf, other;

	cr_assert_eq(page_tree_path(&tree, top, "\\a\\b\\x.txt", &folder, &leaf, &err), 0);
	cr_assert_eq(page_tree_path(&tree, top, "a\\b\\x.txt", &again, &other, &err), 0);
	cr_expect_eq(folder, again);
	cr_expect_eq(leaf, other);
	cr_expect_eq(root("Store 1"), top);
	cr_expect_eq(tree.folders.count, 3); /* Store 1, a, b */
	cr_expect_eq(tree.texts.count, 4);   /* and x.txt */
}

Test(page_tree, an_open_tree, .fini = release)
{
	static const char *const wanted[] = { "Volume 9", "Volume 9/é", "Store 1", "Store 1/A",  "A/c",
					      "Store 1/b", "b/a",       "a/z",     "Store 1/c" };
	uint32_t volume = root("Volume 9"), store = root("Store 1"); /* roots stay as they came */

	folder_of(store, "c\\x");
	folder_of(store, "b\\a\\z\\x");
	folder_of(volume, "é\\x");
	folder_of(store, "A\\c\\x");
	cr_assert_eq(page_tree_settle(&tree, &err), 0);
	cr_assert_eq(tree.folders.count, sizeof wanted / sizeof wanted[0]);
	for (size_t i = 0; i < tree.folders.count; i++) {
		cr_expect_str_eq(shown(i), wanted[i]);
		cr_expect_eq(tree.folder_place[tree.folder_order[i]], i);
	}
}

Test(page_tree, texts_as_people_sort, .fini = release)
{
	static const char *const wanted[] = { "A1", "a1", "a2", "B", "b1", "É", "é", "Ж", "ж" };
	uint32_t                 number;

	for (size_t i = sizeof wanted / sizeof wanted[0]; i-- > 0;)
		cr_assert_eq(page_tree_text(&tree, wanted[i], strlen(wanted[i]), &number, &err), 0);
	cr_assert_eq(page_tree_settle(&tree, &err), 0);
	for (size_t i = 0; i < tree.texts.count; i++)
		cr_expect_str_eq(tree.texts.items[tree.text_order[i]], wanted[i]);
}

/* More than the first tables hold, and as deep as a loop of directories may be told. */
Test(page_tree, many_and_deep, .fini = release)
{
	uint32_t top = root("Store 1"), at = top, number;
	char     name[16];

	for (unsigned i = 0; i < 20000; i++) {
		snprintf(name, sizeof name, "%05u", i);
		cr_assert_eq(page_tree_folder(&tree, i % 2 ? at : top, name, strlen(name), &number, &err), 0);
		at = i % 2 ? number : at;
	}
	cr_assert_eq(page_tree_settle(&tree, &err), 0);
	for (uint32_t i = 1; i < tree.folders.count; i++)
		cr_assert_lt(tree.folder_place[tree.folders.items[i].parent], tree.folder_place[i]);
	for (unsigned i = 0; i < 20000; i++) {
		snprintf(name, sizeof name, "%05u", i);
		cr_assert_eq(page_tree_text(&tree, name, 5, &number, &err), 0);
		cr_assert_eq(number, i + 1);
	}
}
