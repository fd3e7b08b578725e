/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_state_store.c - store paths as they are given, and what lies there on a volume that libntfs-3g made */
#include "recover/engine/state_store.h"
#include "tests/unit/disk.h"

#define ROOT file_ref_make(5, 5)

/* -------- paths -------- */

struct good_path {
	char given[40], path[40];
};

ParameterizedTestParameters(state_store, path_gets_one_form)
{
	static struct good_path cases[] = {
		{ "\\StateStore", "\\StateStore" },
		{ "StateStore", "\\StateStore" },
		{ "/StateStore/", "\\StateStore" },
		{ "\\a\\b", "\\a\\b" },
		{ "a/b\\c", "\\a\\b\\c" },
		{ "\\\\a//\\b\\\\", "\\a\\b" },
		{ "\\a b\\.c\\d.e", "\\a b\\.c\\d.e" },
		{ "\\ü\\山田", "\\ü\\山田" },
	};
	return CASES(struct good_path, cases);
}

ParameterizedTest(struct good_path *c, state_store, path_gets_one_form)
{
	char        *path;
	struct error err;

	cr_assert(eq(int, store_path_parse(c->given, &path, &err), 0), "%s", c->given);
	cr_expect(eq(str, path, c->path), "%s", c->given);
	free(path);
}

struct bad_path {
	char given[40], why[40];
};

ParameterizedTestParameters(state_store, path_is_refused)
{
	static struct bad_path cases[] = {
		{ "", "root" },
		{ "\\", "root" },
		{ "//\\\\", "root" },
		{ "C:\\Store", "drive" },
		{ "c:", "drive" },
		{ "\\..", "no such name" },
		{ "\\a\\..\\b", "no such name" },
		{ "\\.", "no such name" },
		{ "\\...", "no such name" },
		{ "\\a.", "no such name" },
		{ "\\a \\b", "no such name" },
		{ "\\a:b", "no such name" },
		{ "\\a*", "no such name" },
		{ "\\a?", "no such name" },
		{ "\\<a>", "no such name" },
		{ "\\a|b", "no such name" },
		{ "\\a\"b", "no such name" },
		{ "\\a\tb", "no such name" },
		{ "\\a\x1f", "no such name" },
		{ "\\a\xff", "UTF-8" },
		{ "\\\xc3", "UTF-8" },
	};
	return CASES(struct bad_path, cases);
}

ParameterizedTest(struct bad_path *c, state_store, path_is_refused)
{
	char        *path;
	struct error err;

	cr_assert(eq(int, store_path_parse(c->given, &path, &err), -1), "%s", c->given);
	cr_expect(eq(int, err.kind, ERROR_USAGE), "%s", c->given);
	cr_expect(that(strstr(err.text, c->why)), "%s: %s", c->given, err.text);
	free(path);
}

/* @count times @part behind one another. */
static char *repeat(const char *part, size_t count)
{
	char *text = malloc(strlen(part) * count + 1);

	text[0] = 0;
	for (size_t i = 0; i < count; i++)
		strcpy(text + i * strlen(part), part);
	return text;
}

static int parse_repeated(const char *part, size_t count)
{
	char        *text = repeat(part, count), *path;
	struct error err;
	int          result = store_path_parse(text, &path, &err);

	cr_expect(that(result == 0 || err.kind == ERROR_USAGE), "%s", part);
	free(path);
	free(text);
	return result;
}

/* In UTF-16 units: a letter of the plane above is two. */
Test(state_store, path_is_measured_in_units)
{
	cr_expect(eq(int, parse_repeated("x", 255), 0));
	cr_expect(eq(int, parse_repeated("x", 256), -1));
	cr_expect(eq(int, parse_repeated("ü", 255), 0));
	cr_expect(eq(int, parse_repeated("😀", 127), 0));
	cr_expect(eq(int, parse_repeated("😀", 128), -1));
	cr_expect(eq(int, parse_repeated("\\abcdef", 32767 / 7), 0)); /* 4681 times 7 units: 32,767 */
	cr_expect(eq(int, parse_repeated("\\abcdef", 32767 / 7 + 1), -1));
	cr_expect(eq(int, parse_repeated("\\a", 16383), 0));
	cr_expect(eq(int, parse_repeated("\\a", 16384), -1));
}

/* -------- what lies there -------- */

static void make_file(struct disk *disk, file_ref folder, const char *name)
{
	disk_close(disk, disk_file(disk, folder, name));
}

static void read_volume(struct disk *disk, struct work_volume *volume)
{
	disk_read(disk);
	*volume = (struct work_volume){ .letter = 'C', .source = disk->path, .tree = disk->tree };
}

static uint32_t record_at(const struct work_volume *volume, const char *path)
{
	return volume_tree_find(&volume->tree, path);
}

Test(state_store, generations_stand_by_number)
{
	struct disk        disk;
	struct work_volume volume;
	struct state_store store;
	file_ref           folder;

	disk_make(&disk, "");
	folder = disk_folder(&disk, disk_folder(&disk, ROOT, "Deploy"), "Store");
	(void)disk_folder(&disk, folder, "USMT.generation-10");
	(void)disk_folder(&disk, folder, "USMT.generation-9");
	(void)disk_folder(&disk, folder, "usmt.Generation-2");
	(void)disk_folder(&disk, folder, "USMT.new-0123");
	(void)disk_folder(&disk, folder, "USMT");
	(void)disk_folder(&disk, folder, "USMT.old");
	(void)disk_folder(&disk, folder, "something else");
	make_file(&disk, folder, "USMT.generation-11"); /* a file is none */
	read_volume(&disk, &volume);
	cr_assert(eq(int, state_store_find(&store, &volume, "\\deploy\\STORE", &disk.err), 0));
	cr_expect(eq(u32, store.folder, record_at(&volume, "\\Deploy\\Store")));
	cr_expect(eq(u32, store.current, record_at(&volume, "\\Deploy\\Store\\USMT")));
	cr_assert(eq(sz, store.older.count, 3));
	cr_expect(eq(str, store.older.items[0].name, "usmt.Generation-2"));
	cr_expect(eq(str, store.older.items[1].name, "USMT.generation-9"));
	cr_expect(eq(str, store.older.items[2].name, "USMT.generation-10"));
	cr_expect(eq(u32, store.older.items[2].record, record_at(&volume, "\\Deploy\\Store\\USMT.generation-10")));
	cr_expect(eq(u32, state_store_generation(&store, 0), store.current));
	cr_expect(eq(u32, state_store_generation(&store, 2), store.older.items[0].record));
	cr_expect(eq(u32, state_store_generation(&store, 10), store.older.items[2].record));
	cr_expect(eq(u32, state_store_generation(&store, 11), NO_TREE_RECORD));
	cr_expect(eq(int, state_store_no_generation(&store, &volume, 11, &disk.err), -1));
	cr_expect(that(strstr(disk.err.text, ": 2, 9, 10")), "%s", disk.err.text);
	cr_assert(eq(sz, store.unfinished.count, 1));
	cr_expect(eq(str, store.unfinished.items[0].name, "USMT.new-0123"));
	state_store_release(&store);
	disk_release(&disk);
}

Test(state_store, generations_have_numbers)
{
	uint32_t number = 7;

	cr_expect(eq(u32, state_store_number("USMT.generation-12"), 12));
	cr_expect(eq(u32, state_store_number("usmt.GENERATION-4294967295"), 4294967295u));
	cr_expect(eq(u32, state_store_number("USMT.generation-4294967296"), 0));
	cr_expect(eq(u32, state_store_number("USMT.generation-"), 0));
	cr_expect(eq(u32, state_store_number("USMT.generation--1"), 0));
	cr_expect(eq(u32, state_store_number("USMT.generation-1 copy"), 0));
	cr_expect(eq(u32, state_store_number("USMT"), 0));
	cr_expect(not(generation_number_parse("0", &number)));
	cr_expect(not(generation_number_parse("", &number)));
	cr_expect(eq(u32, number, 7));
}

Test(state_store, nothing_is_there_yet)
{
	struct disk        disk;
	struct work_volume volume;
	struct state_store store;

	disk_make(&disk, "");
	(void)disk_folder(&disk, ROOT, "Deploy");
	read_volume(&disk, &volume);
	cr_assert(eq(int, state_store_find(&store, &volume, "\\Deploy\\a\\b", &disk.err), 0));
	cr_expect(eq(u32, store.folder, NO_TREE_RECORD));
	cr_expect(eq(u32, store.current, NO_TREE_RECORD));
	cr_expect(eq(sz, store.older.count + store.unfinished.count, 0));
	state_store_release(&store);
	cr_assert(eq(int, state_store_find(&store, &volume, "\\Deploy", &disk.err), 0));
	cr_expect(eq(u32, store.folder, record_at(&volume, "\\Deploy")));
	cr_expect(eq(u32, store.current, NO_TREE_RECORD));
	state_store_release(&store);
	disk_release(&disk);
}

static void expect_refused(struct disk *disk, struct work_volume *volume, const char *path, const char *file)
{
	struct state_store store;

	cr_expect(eq(int, state_store_find(&store, volume, path, &disk->err), -1), "%s", path);
	cr_expect(eq(int, disk->err.kind, ERROR_REFUSED), "%s", path);
	cr_expect(that(strstr(disk->err.text, file)), "%s: %s", path, disk->err.text);
	state_store_release(&store);
}

Test(state_store, files_in_the_way)
{
	struct disk        disk;
	struct work_volume volume;

	disk_make(&disk, "");
	make_file(&disk, ROOT, "file");
	make_file(&disk, disk_folder(&disk, ROOT, "Store"), "USMT");
	read_volume(&disk, &volume);
	expect_refused(&disk, &volume, "\\file", "'\\file'");
	expect_refused(&disk, &volume, "\\file\\a", "'\\file'");
	expect_refused(&disk, &volume, "\\File\\a\\b", "'\\File'");
	expect_refused(&disk, &volume, "\\Store", "'\\Store\\USMT'");
	expect_refused(&disk, &volume, "\\Store\\USMT\\x", "'\\Store\\USMT'");
	disk_release(&disk);
}

Test(state_store, mirrors_by_letter)
{
	struct disk        disk;
	struct work_volume volume;
	file_ref           store, files, mirror;
	uint32_t           folder, name;
	size_t             count;

	disk_make(&disk, "");
	store = disk_folder(&disk, ROOT, "USMT");
	files = disk_folder(&disk, store, "File");
	mirror = disk_folder(&disk, files, "C$");
	(void)disk_folder(&disk, disk_folder(&disk, mirror, "Users"), "alice");
	make_file(&disk, files, "D$");
	read_volume(&disk, &volume);
	folder = record_at(&volume, "\\USMT");
	cr_expect(eq(u32, state_store_mirror(&volume, folder, 'C'), (uint32_t)file_ref_record(mirror)));
	cr_expect(eq(u32, state_store_mirror(&volume, folder, 'E'), NO_TREE_RECORD));
	cr_expect(eq(u32, state_store_mirror(&volume, NO_TREE_RECORD, 'C'), NO_TREE_RECORD));
	cr_expect(eq(u32, state_store_child(&volume, folder, "fILE"), (uint32_t)file_ref_record(files)));
	cr_expect(eq(u32, state_store_child(&volume, folder, "Fil"), NO_TREE_RECORD));
	cr_expect(eq(u32, state_store_child(&volume, folder, "\xff"), NO_TREE_RECORD));
	name = volume_tree_names(&volume.tree, record_at(&volume, "\\USMT\\File\\C$\\Users\\alice"), &count)[0];
	cr_expect(that(state_store_is_below(&volume, name, folder)));
	cr_expect(that(state_store_is_below(&volume, name, ROOT_RECORD)));
	cr_expect(not(state_store_is_below(&volume, name, record_at(&volume, "\\USMT\\File\\D$"))));
	name = volume_tree_names(&volume.tree, folder, &count)[0];
	cr_expect(not(state_store_is_below(&volume, name, folder)));
	disk_release(&disk);
}
