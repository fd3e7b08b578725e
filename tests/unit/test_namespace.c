/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_namespace.c - expected values: the rules in file_ref.h and namespace.h; dfir_ntfs's test_cases.py */
#include "tests/unit/unit.h"

#include "scan/namespace.h"
#include "scan/old_table.h"

#define RECORDS 400u
#define ROOT    file_ref_make(5, 5)
#define DIR     (ROW_IN_USE | ROW_DIRECTORY)

struct world {
	struct volume    volume;
	struct inventory inventory;
	struct namespace space;
	struct hard_links links;
};

static void begin(struct world *it)
{
	*it = (struct world){ .volume = { .number = 1 } };
	inventory_make(&it->inventory, &it->volume, RECORDS);
	inventory_row(&it->inventory, ROOT_RECORD, 5, DIR);
	inventory_name(&it->inventory, ROOT_RECORD, ROOT, ".", NAME_WIN32_AND_DOS);
}

/* A record with one name; @ref is where it lies. */
static uint32_t add(struct world *it, uint32_t record, uint16_t sequence, uint16_t flags, file_ref parent,
		    const char *name)
{
	inventory_row(&it->inventory, record, sequence, flags);
	return inventory_name(&it->inventory, record, parent, name, NAME_WIN32);
}

static void build(struct world *it)
{
	struct error err;

	cr_assert(eq(int, namespace_build(&it->space, &it->inventory, &err), 0));
}

static void end(struct world *it)
{
	array_release(&it->links);
	namespace_release(&it->space);
	free(it->inventory.rows);
	array_release(&it->inventory.names);
	array_release(&it->inventory.text);
}

static void load_links(struct world *it, uint32_t owner)
{
	struct error err;

	cr_assert(eq(int, namespace_links(&it->space, owner, &it->links, &err), 0));
}

/* The path of the @n-th name of a file. */
static void expect_path(struct world *it, uint32_t owner, size_t n, const char *wanted)
{
	struct text_buffer path = { 0 };
	struct error       err;

	load_links(it, owner);
	cr_assert(lt(sz, n, it->links.count), "record %u has %zu names", owner, it->links.count);
	cr_assert(eq(int, namespace_path(&it->space, it->links.items[n].parent, &path, &err), 0));
	cr_assert(eq(int, namespace_path_add(&it->space, it->links.items[n].name, &path, &err), 0));
	cr_expect(eq(str, path.items, (char *)wanted));
	array_release(&path);
}

Test(namespace, live_path)
{
	struct world it;

	begin(&it);
	add(&it, 30, 3, DIR, ROOT, "Users");
	add(&it, 31, 1, DIR, file_ref_make(30, 3), "a");
	add(&it, 32, 9, ROW_IN_USE, file_ref_make(31, 1), "x.txt");
	build(&it);
	expect_path(&it, 32, 0, "\\Users\\a\\x.txt");
	cr_expect(eq(int, it.links.items[0].proof, PROOF_PROVEN));
	cr_expect(that(it.links.items[0].live && !it.links.items[0].dos));
	expect_path(&it, 30, 0, "\\Users");
	end(&it);
}

struct reference {
	const char *name;
	uint16_t    row_sequence, row_flags, asked;
	bool        holds;
};

Test(namespace, parent_reference_holds_only_for_the_life_it_names)
{
	static const struct reference cases[] = {
		{ "live, same number", 4, DIR, 4, true },
		{ "live, older life", 4, DIR, 3, false },
		{ "live, younger than the record", 4, DIR, 5, false },
		{ "live at 1", 1, DIR, 1, true },
		{ "freed counts one up", 6, ROW_DIRECTORY, 5, true },
		{ "freed, its new number", 6, ROW_DIRECTORY, 6, false },
		{ "freed, two lives ago", 6, ROW_DIRECTORY, 4, false },
		{ "wrap from 0xffff to 0", 0, ROW_DIRECTORY, 0xffff, true },
		{ "wrap as ntfs-3g does it, 0xffff to 1", 1, ROW_DIRECTORY, 0xffff, true },
		{ "free at 1, asked as 1", 1, ROW_DIRECTORY, 1, true },
		{ "live at 1, asked as 0xffff", 1, DIR, 0xffff, false },
		{ "free at 2 is no wrap", 2, ROW_DIRECTORY, 0xffff, false },
		{ "a file is no parent", 4, ROW_IN_USE, 4, false },
		{ "an extension record is no parent", 4, DIR | ROW_EXTENSION, 4, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct reference *c = &cases[i];
		struct world            it;
		char                    wanted[64] = "\\dir\\x";

		begin(&it);
		inventory_row(&it.inventory, 40, c->row_sequence, c->row_flags);
		if (c->row_flags & ROW_EXTENSION)
			it.inventory.rows[40].base = file_ref_make(41, 1);
		inventory_name(&it.inventory, 40, ROOT, "dir", NAME_WIN32);
		add(&it, 50, 1, ROW_IN_USE, file_ref_make(40, c->asked), "x");
		build(&it);
		if (!c->holds)
			snprintf(wanted, sizeof wanted, "\\$Orphans\\40-%u\\x", c->asked);
		expect_path(&it, 50, 0, wanted);
		cr_expect(eq(int, it.links.items[0].proof, c->holds ? PROOF_PROVEN : PROOF_GUESSED), "%s", c->name);
		end(&it);
	}
}

Test(namespace, parent_outside_the_table_is_a_ghost)
{
	struct world it;

	begin(&it);
	add(&it, 50, 1, ROW_IN_USE, file_ref_make(0xfffffffffffe, 7), "x");
	add(&it, 51, 1, ROW_IN_USE, file_ref_make(RECORDS, 1), "y");
	build(&it);
	expect_path(&it, 50, 0, "\\$Orphans\\281474976710654-7\\x");
	expect_path(&it, 51, 0, "\\$Orphans\\400-1\\y");
	end(&it);
}

Test(namespace, record_that_was_never_decoded_is_no_parent)
{
	struct world it;

	begin(&it);
	add(&it, 50, 1, ROW_IN_USE, file_ref_make(60, 0), "x");
	build(&it);
	expect_path(&it, 50, 0, "\\$Orphans\\60-0\\x");
	end(&it);
}

Test(namespace, ghosts_are_kept_apart_by_record_and_sequence)
{
	struct world it;
	uint32_t     second, third;

	begin(&it);
	add(&it, 40, 9, DIR, ROOT, "new");
	add(&it, 50, 1, ROW_IN_USE, file_ref_make(40, 2), "a");
	add(&it, 51, 1, ROW_IN_USE, file_ref_make(40, 3), "b");
	add(&it, 52, 1, ROW_IN_USE, file_ref_make(40, 2), "c");
	build(&it);
	second = namespace_node_of(&it.space, file_ref_make(40, 2));
	third = namespace_node_of(&it.space, file_ref_make(40, 3));
	cr_expect(ge(u32, second, RECORDS));
	cr_expect(ge(u32, third, RECORDS));
	cr_expect(ne(u32, second, third));
	cr_expect(eq(u64, namespace_ref(&it.space, second), file_ref_make(40, 2)));
	cr_expect(that(!namespace_is_live(&it.space, second)));
	cr_expect(eq(u32, namespace_node_of(&it.space, file_ref_make(40, 9)), 40));
	cr_expect(eq(u32, namespace_node_of(&it.space, file_ref_make(40, 4)), NO_NODE));
	load_links(&it, 50);
	cr_expect(eq(u32, it.links.items[0].parent, second));
	load_links(&it, 51);
	cr_expect(eq(u32, it.links.items[0].parent, third));
	load_links(&it, 52);
	cr_expect(eq(u32, it.links.items[0].parent, second));
	end(&it);
}

Test(namespace, loops_are_cut)
{
	struct world it;

	begin(&it);
	add(&it, 41, 1, DIR, file_ref_make(42, 1), "a");
	add(&it, 42, 1, DIR, file_ref_make(41, 1), "b");
	add(&it, 43, 2, DIR, file_ref_make(43, 2), "self");
	add(&it, 50, 1, ROW_IN_USE, file_ref_make(41, 1), "x");
	add(&it, 51, 1, ROW_IN_USE, file_ref_make(43, 2), "y");
	build(&it);
	cr_expect(eq(int, namespace_proof(&it.space, 41), PROOF_GUESSED));
	cr_expect(eq(int, namespace_proof(&it.space, 42), PROOF_GUESSED));
	cr_expect(eq(int, namespace_proof(&it.space, 43), PROOF_GUESSED));
	expect_path(&it, 50, 0, "\\$Orphans\\41-1\\a\\x");
	expect_path(&it, 51, 0, "\\$Orphans\\43-2\\self\\y");
	end(&it);
}

Test(namespace, way_of_300_directories_is_cut)
{
	struct world       it;
	struct text_buffer path = { 0 };
	struct error       err;

	begin(&it);
	add(&it, 60, 1, DIR, ROOT, "d");
	for (uint32_t i = 61; i < 360; i++)
		add(&it, i, 1, DIR, file_ref_make(i - 1, 1), "d");
	build(&it);
	cr_expect(eq(int, namespace_proof(&it.space, 60 + 200), PROOF_PROVEN));
	cr_assert(eq(int, namespace_path(&it.space, 359, &path, &err), 0));
	cr_expect(eq(str, path.items, "\\$Orphans\\359-1\\d"));
	cr_assert(eq(int, namespace_path(&it.space, 60 + 200, &path, &err), 0));
	cr_expect(eq(sz, strlen(path.items), 2 * 201));
	array_release(&path);
	end(&it);
}

struct alias {
	const char *name;
	uint8_t     spaces[2];
	uint32_t    parents[2]; /* 5 or 40 */
	size_t      dos;        /* of them aliases */
};

Test(namespace, dos_name_counts_only_alone)
{
	static const struct alias cases[] = {
		{ "long and short in one directory", { NAME_WIN32, NAME_DOS }, { 40, 40 }, 1 },
		{ "short and long in one directory", { NAME_DOS, NAME_WIN32 }, { 40, 40 }, 1 },
		{ "short in another directory", { NAME_WIN32, NAME_DOS }, { 40, 5 }, 0 },
		{ "two hard links", { NAME_POSIX, NAME_POSIX }, { 40, 40 }, 0 },
		{ "both in one name, and a link", { NAME_WIN32_AND_DOS, NAME_WIN32 }, { 40, 40 }, 0 },
		{ "two short ones", { NAME_DOS, NAME_DOS }, { 40, 40 }, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct alias *c = &cases[i];
		struct world        it;
		size_t              dos = 0;

		begin(&it);
		add(&it, 40, 1, DIR, ROOT, "dir");
		inventory_row(&it.inventory, 50, 1, ROW_IN_USE);
		for (size_t j = 0; j < 2; j++)
			inventory_name(&it.inventory, 50, c->parents[j] == 5 ? ROOT : file_ref_make(40, 1),
				       j ? "second" : "first", c->spaces[j]);
		build(&it);
		load_links(&it, 50);
		cr_assert(eq(sz, it.links.count, 2), "%s", c->name);
		for (size_t j = 0; j < 2; j++)
			dos += it.links.items[j].dos;
		cr_expect(eq(sz, dos, c->dos), "%s", c->name);
		cr_expect(that(!it.links.items[0].dos), "%s: aliases come last", c->name);
		end(&it);
	}
}

Test(namespace, same_name_twice_counts_once_and_the_live_one_stays)
{
	struct world it;

	begin(&it);
	add(&it, 50, 2, ROW_IN_USE, ROOT, "other");
	inventory_row(&it.inventory, 51, 3, ROW_EXTENSION)->base = file_ref_make(50, 2); /* discarded */
	inventory_name(&it.inventory, 51, ROOT, "same", NAME_POSIX);
	inventory_row(&it.inventory, 52, 3, ROW_EXTENSION | ROW_IN_USE)->base = file_ref_make(50, 2);
	inventory_name(&it.inventory, 52, ROOT, "same", NAME_POSIX);
	inventory_name(&it.inventory, 52, ROOT, "same", NAME_POSIX);
	build(&it);
	load_links(&it, 50);
	cr_assert(eq(sz, it.links.count, 2));
	cr_expect(that(it.links.items[0].live && it.links.items[1].live));
	end(&it);
}

Test(namespace, names_in_extension_records_belong_to_their_base)
{
	struct world it;
	uint32_t     ghost;

	begin(&it);
	add(&it, 50, 4, 0, ROOT, "first"); /* freed: its life was 3 */
	inventory_row(&it.inventory, 51, 8, ROW_EXTENSION)->base = file_ref_make(50, 3);
	inventory_name(&it.inventory, 51, ROOT, "second", NAME_POSIX);
	inventory_row(&it.inventory, 52, 8, ROW_EXTENSION)->base = file_ref_make(50, 2); /* of a life before */
	inventory_name(&it.inventory, 52, ROOT, "third", NAME_POSIX);
	build(&it);
	load_links(&it, 50);
	cr_assert(eq(sz, it.links.count, 2));
	cr_expect(that(!it.links.items[0].live));
	ghost = namespace_node_of(&it.space, file_ref_make(50, 2));
	cr_assert(ge(u32, ghost, RECORDS));
	load_links(&it, ghost);
	cr_expect(eq(sz, it.links.count, 1));
	expect_path(&it, ghost, 0, "\\third");
	end(&it);
}

Test(namespace, extension_of_which_its_base_knows_nothing_proves_nothing_in_a_table_of_remains)
{
	for (int listed = 0; listed < 2; listed++)
		for (int remains = 0; remains < 2; remains++) {
			struct old_table table = { 0 };
			struct world     it;

			begin(&it);
			it.volume.table = remains ? &table : NULL;
			add(&it, 50, 4, listed ? ROW_IN_USE | ROW_HAS_LIST : ROW_IN_USE, ROOT, "first");
			inventory_row(&it.inventory, 51, 8, ROW_IN_USE | ROW_EXTENSION)->base = file_ref_make(50, 4);
			inventory_name(&it.inventory, 51, ROOT, "second", NAME_POSIX);
			build(&it);
			load_links(&it, 50);
			cr_assert(eq(sz, it.links.count, 2));
			cr_expect(eq(int, it.links.items[0].proof, PROOF_PROVEN));
			cr_expect(eq(int, it.links.items[1].proof, remains && !listed ? PROOF_DERIVED : PROOF_PROVEN));
			end(&it);
		}
}

Test(namespace, directory_takes_its_long_name)
{
	struct world it;

	begin(&it);
	inventory_row(&it.inventory, 40, 1, DIR);
	inventory_name(&it.inventory, 40, ROOT, "DOCUME~1", NAME_DOS);
	inventory_name(&it.inventory, 40, ROOT, "Documents and Settings", NAME_WIN32);
	add(&it, 50, 1, ROW_IN_USE, file_ref_make(40, 1), "x");
	build(&it);
	expect_path(&it, 50, 0, "\\Documents and Settings\\x");
	end(&it);
}

Test(namespace, derived_names_are_never_proven)
{
	struct world it;
	uint32_t     twin, node, ghost;

	begin(&it);
	add(&it, 40, 1, DIR, ROOT, "a");
	twin = it.inventory.rows[40].first_name;
	add(&it, 50, 1, ROW_IN_USE, file_ref_make(40, 1), "x");
	add(&it, 51, 1, ROW_IN_USE, file_ref_make(70, 6), "y"); /* in a ghost */
	build(&it);
	node = namespace_add_derived(&it.space, 40, twin);
	cr_assert(ne(u32, node, NO_NODE));
	ghost = namespace_node_of(&it.space, file_ref_make(70, 6));
	cr_expect(eq(int, namespace_proof(&it.space, ghost), PROOF_GUESSED));
	namespace_place(&it.space, ghost, node, twin);
	cr_assert(that(array_push(&it.space.derived,
				  (struct derived_name){ 50, ghost, it.inventory.rows[50].first_name })));
	namespace_settle(&it.space);
	cr_expect(eq(int, namespace_proof(&it.space, node), PROOF_DERIVED));
	cr_expect(eq(int, namespace_proof(&it.space, ghost), PROOF_DERIVED));
	cr_expect(eq(u64, namespace_ref(&it.space, node), 0));
	expect_path(&it, 51, 0, "\\a\\a\\a\\y");
	cr_expect(eq(int, it.links.items[0].proof, PROOF_DERIVED));
	load_links(&it, 50);
	cr_assert(eq(sz, it.links.count, 2));
	expect_path(&it, 50, 0, "\\a\\x");
	cr_expect(eq(int, it.links.items[0].proof, PROOF_PROVEN));
	expect_path(&it, 50, 1, "\\a\\a\\a\\x");
	cr_expect(eq(int, it.links.items[1].proof, PROOF_DERIVED));
	cr_expect(that(!it.links.items[1].live));
	end(&it);
}

Test(namespace, derived_directory_has_no_names_of_its_own)
{
	struct world it;

	begin(&it);
	add(&it, 40, 1, DIR, ROOT, "a");
	build(&it);
	for (size_t i = 0; i < 4; i++) {
		uint32_t node = namespace_add_derived(&it.space, 40, it.inventory.rows[40].first_name);

		load_links(&it, node);
		cr_expect(eq(sz, it.links.count, 0));
	}
	end(&it);
}

Test(namespace, nothing_but_the_root)
{
	struct world       it;
	struct text_buffer path = { 0 };
	struct error       err;

	begin(&it);
	build(&it);
	cr_assert(eq(int, namespace_path(&it.space, ROOT_RECORD, &path, &err), 0));
	cr_expect(eq(str, path.items, "\\"));
	cr_expect(eq(int, namespace_proof(&it.space, ROOT_RECORD), PROOF_PROVEN));
	array_release(&path);
	end(&it);
}

/* -------- names that something else than a record says -------- */

static void remember(struct world *it, file_ref owner, file_ref parent, const char *ascii, struct name_row name)
{
	uint8_t      text[64] = { 0 };
	struct error err;

	for (size_t i = 0; ascii[i]; i++)
		text[2 * i] = (uint8_t)ascii[i];
	name.parent = parent;
	cr_assert(eq(int, inventory_add_name(&it->inventory, name, (struct bytes){ text, 2 * strlen(ascii), 0 },
					     (struct remembered){ .owner = owner }, &err), 0));
}

static void end_remembered(struct world *it)
{
	array_release(&it->inventory.remembered);
	end(it);
}

Test(namespace, remembered_names_are_derived_and_not_live)
{
	struct world it;

	begin(&it);
	add(&it, 50, 2, ROW_IN_USE, ROOT, "x");
	remember(&it, file_ref_make(50, 2), ROOT, "y", (struct name_row){ .space = NAME_WIN32, .source = FACT_LOG });
	remember(&it, file_ref_make(50, 2), ROOT, "x", (struct name_row){ .space = NAME_WIN32, .source = FACT_LOG });
	build(&it);
	load_links(&it, 50);
	cr_assert(eq(sz, it.links.count, 2));
	cr_expect(eq(int, it.links.items[0].source, FACT_RECORD));
	cr_expect(that(it.links.items[0].live && it.links.items[0].proof == PROOF_PROVEN));
	cr_expect(eq(int, it.links.items[1].source, FACT_LOG));
	cr_expect(that(!it.links.items[1].live && it.links.items[1].proof == PROOF_DERIVED));
	end_remembered(&it);
}

Test(namespace, ghost_gets_its_name_from_what_remembers_it)
{
	struct world it;
	uint32_t     named, empty, file;

	begin(&it);
	add(&it, 40, 9, DIR, ROOT, "new");
	add(&it, 50, 1, ROW_IN_USE, file_ref_make(40, 2), "a");
	remember(&it, file_ref_make(40, 2), ROOT, "old", (struct name_row){ .source = FACT_JOURNAL, .directory = 1 });
	remember(&it, file_ref_make(40, 3), ROOT, "empty", (struct name_row){ .source = FACT_JOURNAL, .directory = 1 });
	remember(&it, file_ref_make(40, 4), ROOT, "file", (struct name_row){ .source = FACT_JOURNAL });
	build(&it);
	named = namespace_node_of(&it.space, file_ref_make(40, 2));
	empty = namespace_node_of(&it.space, file_ref_make(40, 3));
	file = namespace_node_of(&it.space, file_ref_make(40, 4));
	cr_assert(that(named != NO_NODE && empty != NO_NODE && file != NO_NODE));
	cr_expect(that(namespace_is_directory(&it.space, named))); /* something lies in it */
	cr_expect(that(namespace_is_directory(&it.space, empty))); /* its name says so */
	cr_expect(that(!namespace_is_directory(&it.space, file)));
	cr_expect(eq(int, namespace_proof(&it.space, named), PROOF_DERIVED));
	expect_path(&it, 50, 0, "\\old\\a");
	cr_expect(eq(int, it.links.items[0].proof, PROOF_DERIVED));
	cr_expect(that(it.links.items[0].live));
	end_remembered(&it);
}

/* Two lives used the number, one for a folder, one for a file. */
Test(namespace, ghost_in_which_something_lies_has_no_name_of_a_file)
{
	struct world it;

	begin(&it);
	add(&it, 40, 9, DIR, ROOT, "new");
	add(&it, 50, 1, ROW_IN_USE, file_ref_make(40, 2), "a");
	remember(&it, file_ref_make(40, 2), ROOT, "x.txt", (struct name_row){ .source = FACT_INDEX });
	add(&it, 51, 1, ROW_IN_USE, file_ref_make(40, 3), "b");
	remember(&it, file_ref_make(40, 3), ROOT, "FOLDER~1",
		 (struct name_row){ .space = NAME_DOS, .source = FACT_JOURNAL, .directory = 1 });
	remember(&it, file_ref_make(40, 3), ROOT, "y.txt", (struct name_row){ .space = NAME_WIN32, .source = FACT_INDEX });
	build(&it);
	expect_path(&it, 50, 0, "\\$Orphans\\40-2\\a");
	cr_expect(eq(int, it.links.items[0].proof, PROOF_GUESSED));
	expect_path(&it, 51, 0, "\\FOLDER~1\\b");
	end_remembered(&it);
}

Test(namespace, directory_takes_the_long_name_beside_its_dos_name)
{
	struct world it;

	begin(&it);
	inventory_row(&it.inventory, 40, 2, ROW_DIRECTORY);
	inventory_name(&it.inventory, 40, ROOT, "DOCUME~1", NAME_DOS);
	add(&it, 41, 2, ROW_DIRECTORY, ROOT, "other");
	add(&it, 50, 1, ROW_IN_USE, file_ref_make(40, 1), "x");
	remember(&it, file_ref_make(40, 1), file_ref_make(41, 1), "elsewhere",
		 (struct name_row){ .space = NAME_WIN32, .source = FACT_LOG });
	remember(&it, file_ref_make(40, 1), ROOT, "Documents and Settings",
		 (struct name_row){ .space = NAME_WIN32, .source = FACT_INDEX_SLACK });
	build(&it);
	expect_path(&it, 50, 0, "\\Documents and Settings\\x");
	cr_expect(eq(int, it.links.items[0].proof, PROOF_DERIVED));
	end_remembered(&it);
}

Test(namespace, live_directory_keeps_the_name_of_its_record)
{
	struct world it;

	begin(&it);
	inventory_row(&it.inventory, 40, 1, DIR);
	inventory_name(&it.inventory, 40, ROOT, "DOCUME~1", NAME_DOS);
	add(&it, 50, 1, ROW_IN_USE, file_ref_make(40, 1), "x");
	remember(&it, file_ref_make(40, 1), ROOT, "Documents and Settings",
		 (struct name_row){ .space = NAME_WIN32, .source = FACT_INDEX_SLACK });
	build(&it);
	expect_path(&it, 50, 0, "\\DOCUME~1\\x");
	cr_expect(eq(int, it.links.items[0].proof, PROOF_PROVEN));
	end_remembered(&it);
}

Test(namespace, name_in_a_record_that_was_given_up_is_not_proven)
{
	struct world it;

	begin(&it);
	add(&it, 40, 2, DIR, ROOT, "dir");
	inventory_row(&it.inventory, 41, 3, ROW_EXTENSION)->base = file_ref_make(40, 2);
	inventory_name(&it.inventory, 41, ROOT, "dir before", NAME_WIN32);
	inventory_row(&it.inventory, 42, 2, DIR); /* its only name is in such a record */
	inventory_row(&it.inventory, 43, 3, ROW_EXTENSION)->base = file_ref_make(42, 2);
	inventory_name(&it.inventory, 43, ROOT, "lost", NAME_WIN32);
	build(&it);
	load_links(&it, 40);
	cr_assert(eq(sz, it.links.count, 2));
	for (size_t i = 0; i < 2; i++)
		cr_expect(eq(int, it.links.items[i].proof, it.links.items[i].live ? PROOF_PROVEN : PROOF_DERIVED));
	cr_expect(eq(int, namespace_proof(&it.space, 40), PROOF_PROVEN));
	cr_expect(eq(int, namespace_proof(&it.space, 42), PROOF_DERIVED));
	end(&it);
}

Test(namespace, name_in_a_misplaced_record_is_a_guess)
{
	struct world it;

	begin(&it);
	add(&it, 40, 2, ROW_IN_USE, ROOT, "own");
	inventory_row(&it.inventory, 41, 3, ROW_IN_USE | ROW_EXTENSION | ROW_MISPLACED)->base = file_ref_make(40, 2);
	inventory_name(&it.inventory, 41, ROOT, "strange", NAME_POSIX);
	add(&it, 42, 2, ROW_IN_USE | ROW_MISPLACED, ROOT, "base");
	build(&it);
	load_links(&it, 40);
	cr_assert(eq(sz, it.links.count, 2));
	cr_expect(eq(int, it.links.items[0].proof, PROOF_PROVEN));
	cr_expect(eq(int, it.links.items[1].proof, PROOF_GUESSED));
	load_links(&it, 42);
	cr_expect(eq(int, it.links.items[0].proof, PROOF_GUESSED));
	end(&it);
}
