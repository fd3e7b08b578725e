/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rules.c - see rules.h */
#include "tests/unit/rules.h"

#include "core/cleanup.h"

void test_rules_begin(struct test_rules *it, const char *paths)
{
	CLEANUP(free_ptr) char *copy = strdup(paths);
	char                   *rest = copy, *path;

	*it = (struct test_rules){ 0 };
	test_tree_begin(&it->tree, 256);
	while ((path = strsep(&rest, ";")))
		if (*path)
			test_tree_add(&it->tree, path, 1000);
	test_tree_build(&it->tree);
	it->volume = (struct work_volume){ .letter = 'C', .source = "c.img", .tree = it->tree.tree };
	it->volumes = (struct work_volumes){ .items = &it->volume, .count = 1 };
	it->set.files = it->files;
}

void test_rules_add(struct test_rules *it, const char *components)
{
	struct error err;
	char         name[32], text[4096];

	cr_assert(that(it->set.count < COUNT(it->files)));
	snprintf(name, sizeof name, "%zu.xml", it->set.count);
	snprintf(text, sizeof text, "<migration urlid=\"http://x/%zu\">%s</migration>", it->set.count, components);
	cr_assert(eq(int, rule_file_parse(&it->files[it->set.count++], name, text, strlen(text), &err), 0), "%s",
		  err.text);
}

void test_rules_release(struct test_rules *it)
{
	for (size_t i = 0; i < it->set.count; i++)
		rule_file_release(&it->files[i]);
	test_tree_release(&it->tree);
}
