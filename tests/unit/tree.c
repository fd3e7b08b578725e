/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tree.c - see tree.h */
#include "tests/unit/tree.h"

#include "core/cleanup.h"

static file_ref ref_of(uint32_t record)
{
	return file_ref_make(record, record == ROOT_RECORD ? 5 : 1);
}

void test_tree_begin(struct test_tree *it, uint32_t records)
{
	struct error err;

	*it = (struct test_tree){ .volume = { .number = 1 }, .next = FIRST_USER_RECORD };
	inventory_make(&it->tree.inventory, &it->volume, records);
	inventory_row(&it->tree.inventory, ROOT_RECORD, 5, ROW_IN_USE | ROW_DIRECTORY);
	inventory_name(&it->tree.inventory, ROOT_RECORD, ref_of(ROOT_RECORD), ".", NAME_WIN32_AND_DOS);
	it->paths = calloc(records, sizeof *it->paths);
	cr_assert(it->paths != NULL);
	it->paths[ROOT_RECORD] = strdup("");
	cr_assert(eq(int, upcase_init(&it->tree.upcase, &err), 0));
	findings_init(&it->tree.findings);
}

/* The folder of a path, made if need be; *@name is what stands behind it. */
static uint32_t folder_of(struct test_tree *it, const char *path, const char **name)
{
	const char *end = strrchr(path, '\\');
	char        above[512];

	cr_assert(end != NULL, "%s", path);
	*name = end + 1;
	snprintf(above, sizeof above, "%.*s", (int)(end - path), path);
	for (uint32_t i = 0; i < it->next; i++)
		if (it->paths[i] && strcmp(it->paths[i], above) == 0)
			return i;
	snprintf(above, sizeof above, "%.*s\\", (int)(end - path), path);
	return test_tree_add(it, above, 0);
}

uint32_t test_tree_add(struct test_tree *it, const char *path, uint64_t bytes)
{
	CLEANUP(free_ptr) char *own = strdup(path);
	bool                    directory = own[strlen(own) - 1] == '\\';
	const char             *name;
	uint32_t                folder, record;

	if (directory)
		own[strlen(own) - 1] = 0;
	folder = folder_of(it, own, &name);
	record = it->next++;
	cr_assert(that(record < it->tree.inventory.count), "room for %s", path);
	inventory_row(&it->tree.inventory, record, 1, (uint16_t)(ROW_IN_USE | (directory ? ROW_DIRECTORY : 0)))->size_bytes =
		bytes;
	inventory_name(&it->tree.inventory, record, ref_of(folder), name, NAME_POSIX);
	it->paths[record] = TAKE(own);
	return record;
}

void test_tree_name(struct test_tree *it, const char *path, uint8_t space)
{
	const char *name;
	uint32_t    folder = folder_of(it, path, &name);

	inventory_name(&it->tree.inventory, it->next - 1, ref_of(folder), name, space);
}

void test_tree_build(struct test_tree *it)
{
	struct error err;

	cr_assert(eq(int, extensions_collect(&it->tree.extensions, &it->tree.inventory, &err), 0));
	cr_assert(eq(int, volume_tree_build(&it->tree, 1, &err), 0));
}

void test_tree_release(struct test_tree *it)
{
	for (uint32_t i = 0; i < it->next; i++)
		free(it->paths[i]);
	free(it->paths);
	volume_tree_release(&it->tree);
}
