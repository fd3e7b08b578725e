/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_matcher.c - expected values: what pattern_matches says of each path, and by hand */
#include "tests/unit/tree.h"

#include "recover/rules/matcher.h"

static const char *const files[] = {
	"\\x.txt", "\\Windows\\notepad.exe", "\\Windows\\Fonts\\a.ttf", "\\Users\\Anna\\Documents\\Letter.DOC",
	"\\Users\\Anna\\Documents\\old\\letter.docx", "\\Users\\Anna\\AppData\\Local\\x.txt", "\\Users\\bert\\x.txt",
	"\\Data\\a\\b\\c\\d.tar.gz", "\\Data\\a\\b\\a\\noextension", "\\Data\\a.b\\.hidden", "\\Data\\empty\\",
	"\\Program Files\\Mozilla Firefox 3.5\\bin\\x.txt", "\\Program Files\\Mozilla Firefox 3.6\\x.txt",
	"\\Data\\aaab\\aab\\x.doc.zip", "\\\xc3\x84pfel\\x.txt",
};

static const char *const texts[] = {
	"C:\\* [*]", "C:\\*", "C: [*]", "C:\\ [x.txt]", "D:\\* [*]", "* [*.txt]", "*[*.doc*]", "C:\\Users\\* [*.doc]",
	"C:\\users\\anna\\documents [*]", "C:\\Users\\anna\\documents", "C:\\Users\\*\\x.txt", "C:\\Users\\* [x.txt]",
	"C:\\Users\\* [noextension]", "C:\\*\\a\\* [*]", "C:\\*\\a [*]", "*\\a\\*", "C:\\Data\\a* [*]", "C:\\Data\\a*b\\* [*]",
	"C:\\Program Files\\Mozilla Firefox 3.*\\bin [*]", "C:\\Program Files\\Mozilla*", "C:\\* [*.gz]", "C:\\* [*.tar.gz]",
	"C:\\* [.hidden]", "C:\\* [*.hidden]", "C:\\* [*.]", "C:\\* [*.*]", "C:\\*a*b*\\* [*]", "*aab [*]", "*:\\Users\\* [*]",
	"C:\\\xc3\xa4pfel\\* [*]", "C:\\Users\\Anna [*]", "C:\\Nowhere\\* [*]", "C:\\x.txt\\* [*]", "C:\\Data\\empty [*]",
	"*", "* [*]", "C:\\* []", "C* [*]", "C:\\Users\\anna*\\local\\* [*]",
};

struct seen {
	struct pattern *patterns;
	const char     *letter;
	unsigned        names;
	uint8_t        *marks; /* by name and pattern */
	const struct volume_tree *tree;
};

static int see(void *context, const struct match *match, struct error *err)
{
	struct seen *seen = context;

	(void)err;
	seen->names++;
	for (size_t i = 0; i < match->count; i++)
		seen->marks[match->name * COUNT(texts) + match->patterns[i]]++;
	return 0;
}

/* Does pattern_matches say the same of the path as the walk has seen? */
static void compare(struct seen *seen, const struct volume_tree *tree, const struct pattern *patterns)
{
	for (uint32_t record = FIRST_USER_RECORD; record < tree->inventory.count; record++) {
		struct text_buffer path = { 0 };
		struct error       err;
		size_t             count;
		const uint32_t    *names = volume_tree_names(tree, record, &count);
		char               full[600], *leaf;
		bool               directory = volume_tree_is_directory(tree, record);

		if (!count)
			continue;
		cr_assert(eq(int, volume_tree_path(tree, names[0], &path, &err), 0));
		snprintf(full, sizeof full, "C:%s", path.items);
		leaf = strrchr(full, '\\');
		if (!directory)
			*leaf++ = 0;
		for (size_t i = 0; i < COUNT(texts); i++)
			cr_expect(eq(int, seen->marks[names[0] * COUNT(texts) + i],
				     pattern_matches(&patterns[i], full, directory ? NULL : leaf)),
				  "%s of %s", texts[i], path.items);
		array_release(&path);
	}
}

static void walk(struct test_tree *it, struct pattern *patterns, uint32_t except, matcher_each *each, void *context,
		 int result)
{
	const struct pattern *list[COUNT(texts)];
	struct error          err;

	for (size_t i = 0; i < COUNT(texts); i++) {
		cr_assert(eq(int, pattern_parse(&patterns[i], OBJECT_FILE, texts[i], &err), 0), "%s", texts[i]);
		list[i] = &patterns[i];
	}
	cr_expect(eq(int, matcher_walk(&it->tree, 'C', list, COUNT(list), except, each, context, &err), result));
}

static void release(struct test_tree *it, struct pattern *patterns)
{
	for (size_t i = 0; i < COUNT(texts); i++)
		pattern_release(&patterns[i]);
	test_tree_release(it);
}

Test(matcher, sees_what_each_pattern_means)
{
	struct test_tree it;
	struct pattern   patterns[COUNT(texts)];
	struct seen      seen = { 0 };

	test_tree_begin(&it, 128);
	for (size_t i = 0; i < COUNT(files); i++)
		test_tree_add(&it, files[i], 1);
	test_tree_build(&it);
	seen.marks = calloc(it.tree.inventory.names.count * COUNT(texts), 1);
	walk(&it, patterns, NO_TREE_RECORD, see, &seen, 0);
	compare(&seen, &it.tree, patterns);
	free(seen.marks);
	release(&it, patterns);
}

static int stop_at_third(void *context, const struct match *match, struct error *err)
{
	(void)match;
	(void)err;
	return ++*(unsigned *)context == 3;
}

Test(matcher, stops_when_told)
{
	struct test_tree it;
	struct pattern   patterns[COUNT(texts)];
	unsigned         count = 0;

	test_tree_begin(&it, 128);
	for (size_t i = 0; i < COUNT(files); i++)
		test_tree_add(&it, files[i], 1);
	test_tree_build(&it);
	walk(&it, patterns, NO_TREE_RECORD, stop_at_third, &count, 1);
	cr_expect(eq(u32, count, 3));
	release(&it, patterns);
}

/* -------- names that are special -------- */

struct told {
	char   text[512]; /* paths, each with a blank behind it */
};

static int tell(void *context, const struct match *match, struct error *err)
{
	struct told       *told = context;
	struct text_buffer path = { 0 };

	cr_assert(eq(int, volume_tree_path(match->tree, match->name, &path, err), 0));
	cr_assert(that(strlen(told->text) + path.count + 2 < sizeof told->text));
	strcat(told->text, path.items);
	strcat(told->text, " ");
	array_release(&path);
	return 0;
}

static void expect_told(struct test_tree *it, const char *text, uint32_t except, const char *expected)
{
	struct pattern        pattern;
	const struct pattern *list[] = { &pattern };
	struct told           told = { "" };
	struct error          err;

	cr_assert(eq(int, pattern_parse(&pattern, OBJECT_FILE, text, &err), 0));
	cr_assert(eq(int, matcher_walk(&it->tree, 'C', list, 1, except, tell, &told, &err), 0));
	cr_expect(eq(str, told.text, (char *)expected), "%s", text);
	pattern_release(&pattern);
}

Test(matcher, aliases_cases_and_what_is_passed_over)
{
	struct test_tree it;
	uint32_t         store;

	test_tree_begin(&it, 64);
	inventory_row(&it.tree.inventory, 8, 8, ROW_IN_USE);
	inventory_name(&it.tree.inventory, 8, file_ref_make(5, 5), "$BadClus", NAME_POSIX);
	inventory_row(&it.tree.inventory, 11, 11, ROW_IN_USE | ROW_DIRECTORY);
	inventory_name(&it.tree.inventory, 11, file_ref_make(5, 5), "$Extend", NAME_POSIX);
	test_tree_add(&it, "\\Longfolder\\", 0);
	test_tree_name(&it, "\\LONGFO~1", NAME_DOS);
	test_tree_add(&it, "\\Longfolder\\Long name.html", 1);
	test_tree_name(&it, "\\Longfolder\\LONGNA~1.HTM", NAME_DOS);
	test_tree_add(&it, "\\data\\x", 1);
	test_tree_add(&it, "\\Data\\y", 1);
	store = test_tree_add(&it, "\\Store\\", 0);
	test_tree_add(&it, "\\Store\\z", 1);
	test_tree_build(&it);
	expect_told(&it, "C:\\LongFo~1 [*]", NO_TREE_RECORD, "\\Longfolder \\Longfolder\\Long name.html ");
	expect_told(&it, "C:\\Longfolder [longna~1.htm]", NO_TREE_RECORD, "\\Longfolder\\Long name.html ");
	expect_told(&it, "C:\\Longfolder [long*]", NO_TREE_RECORD, "\\Longfolder\\Long name.html ");
	expect_told(&it, "C:\\Longfolder [*.htm]", NO_TREE_RECORD, "");
	expect_told(&it, "C:\\DATA [*]", NO_TREE_RECORD, "\\Data \\Data\\y \\data \\data\\x ");
	expect_told(&it, "C:\\ [*]", NO_TREE_RECORD, "");
	expect_told(&it, "C:\\*", store, "\\Data \\data \\Longfolder ");
	expect_told(&it, "C:\\Store [*]", store, "");
	test_tree_release(&it);
}
