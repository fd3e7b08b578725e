/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_settle.c - each rule of settle.h; expected values: the rules, by hand */
#include "tests/unit/log_maker.h"

#include "scan/extension.h"
#include "scan/namespace.h"
#include "scan/recall/settle.h"

#define RECORDS 80u
#define ROOT    file_ref_make(ROOT_RECORD, 5)
#define FILE_50 file_ref_make(50, 3) /* the one that is settled */
#define DIR     (ROW_IN_USE | ROW_DIRECTORY)

enum place { NOWHERE, LIVE, LIVE_TOO, GONE, GONE_TOO };

static const file_ref places[] = {
	[LIVE] = (file_ref)1 << 48 | 40,
	[LIVE_TOO] = (file_ref)1 << 48 | 41,
	[GONE] = (file_ref)1 << 48 | 42,
	[GONE_TOO] = (file_ref)1 << 48 | 43,
};

/* What the table shows of record 50, life 3. */
enum state { STATE_LIVE, STATE_TORN, STATE_DELETED, STATE_REUSED, STATE_LIVE_DIRECTORY, STATE_DELETED_DIRECTORY };

struct world {
	struct volume     volume;
	struct inventory  inventory;
	struct extensions extensions;
	struct facts      facts;
	struct error      err;
};

static void begin(struct world *it)
{
	*it = (struct world){ .volume = { .number = 1 } };
	inventory_make(&it->inventory, &it->volume, RECORDS);
	inventory_row(&it->inventory, ROOT_RECORD, 5, DIR);
	inventory_row(&it->inventory, 40, 1, DIR);
	inventory_row(&it->inventory, 41, 1, DIR);
	inventory_row(&it->inventory, 42, 2, ROW_DIRECTORY); /* freed: its life was 1 */
	inventory_row(&it->inventory, 43, 2, ROW_DIRECTORY);
	inventory_row(&it->inventory, 44, 6, ROW_IN_USE); /* a file */
}

static void make_state(struct world *it, enum state state)
{
	static const struct { uint16_t sequence, flags; } rows[] = {
		[STATE_LIVE] = { 3, ROW_IN_USE },
		[STATE_TORN] = { 3, ROW_IN_USE | ROW_TORN },
		[STATE_DELETED] = { 4, 0 },
		[STATE_REUSED] = { 7, ROW_IN_USE },
		[STATE_LIVE_DIRECTORY] = { 3, DIR },
		[STATE_DELETED_DIRECTORY] = { 4, ROW_DIRECTORY },
	};

	inventory_row(&it->inventory, 50, rows[state].sequence, rows[state].flags);
}

static void say(struct world *it, struct fact fact, const char *ascii)
{
	uint8_t text[2 * 255] = { 0 };

	for (size_t i = 0; ascii[i]; i++)
		text[2 * i] = (uint8_t)ascii[i];
	cr_assert(eq(int, facts_add(&it->facts, fact, (struct bytes){ text, 2 * strlen(ascii), 0 }, &it->err), 0));
}

static void settle(struct world *it)
{
	cr_assert(eq(int, extensions_collect(&it->extensions, &it->inventory, &it->err), 0));
	cr_assert(eq(int, facts_settle(&it->facts, &it->inventory, &it->extensions, &it->err), 0));
}

static void end(struct world *it)
{
	facts_release(&it->facts);
	array_release(&it->extensions);
	array_release(&it->inventory.remembered);
	array_release(&it->inventory.names);
	array_release(&it->inventory.text);
	array_release(&it->inventory.claims);
	free(it->inventory.older);
	mft_release(&it->inventory.mft);
	free(it->inventory.rows);
}

/* -------- rule 1 -------- */

struct reach {
	char     what[48];
	uint16_t sequence, flags; /* of record 60; 0: nothing is known of it */
	uint64_t record;          /* that the fact names */
	uint16_t asked;
	bool     reached;
};

ParameterizedTestParameters(settle, life_that_the_table_has_not_reached_is_unattached)
{
	static struct reach cases[] = {
		{ "the life in use", 4, ROW_IN_USE, 60, 4, true },
		{ "a life before", 4, ROW_IN_USE, 60, 1, true },
		{ "a life to come", 4, ROW_IN_USE, 60, 5, false },
		{ "no life has number 0", 4, ROW_IN_USE, 60, 0, false },
		{ "freed: the life before", 4, 0, 60, 3, true },
		{ "freed: the next life", 4, 0, 60, 4, false },
		{ "in use at 1: the first", 1, ROW_IN_USE, 60, 1, true },
		{ "in use at 1: none before", 1, ROW_IN_USE, 60, 0xffff, false },
		{ "free at 1: the last before the wrap", 1, 0, 60, 0xffff, true },
		{ "free at 1: the first is to come", 1, 0, 60, 1, false },
		{ "free at 2: the first", 2, 0, 60, 1, true },
		{ "free at 0: the last before the wrap", 0, 0, 60, 0xffff, true },
		{ "torn: as it says", 4, ROW_IN_USE | ROW_TORN, 60, 5, false },
		{ "misplaced: it says nothing", 4, ROW_IN_USE | ROW_MISPLACED, 60, 9, true },
		{ "never decoded: nor does this", 0, 0, 61, 9, true },
		{ "an extension record's life", 4, ROW_IN_USE | ROW_EXTENSION, 60, 4, false },
		{ "a life before it", 4, ROW_IN_USE | ROW_EXTENSION, 60, 3, true },
		{ "the last record", 4, ROW_IN_USE, RECORDS - 1, 1, true },
		{ "behind the table", 4, ROW_IN_USE, RECORDS, 1, false },
		{ "far behind it", 4, ROW_IN_USE, 0xffffffffffff, 1, false },
	};
	return CASES(struct reach, cases);
}

ParameterizedTest(struct reach *c, settle, life_that_the_table_has_not_reached_is_unattached)
{
	file_ref asked = file_ref_make(c->record, c->asked);

	for (unsigned as_parent = 0; as_parent < 2; as_parent++) {
		struct world it;
		uint16_t     directory = as_parent ? ROW_DIRECTORY : 0;

		begin(&it);
		make_state(&it, STATE_DELETED);
		inventory_row(&it.inventory, 60, c->sequence, c->flags | directory)->base =
			c->flags & ROW_EXTENSION ? file_ref_make(70, 1) : 0;
		say(&it, (struct fact){ .file = as_parent ? FILE_50 : asked, .parent = as_parent ? asked : places[GONE],
					.source = FACT_INDEX_SLACK, .space = NAME_WIN32 }, "name");
		settle(&it);
		cr_expect(eq(int, it.facts.list.items[0].verdict == VERDICT_UNATTACHED, !c->reached), "%s as %s", c->what,
			  as_parent ? "parent" : "file");
		end(&it);
	}
}

struct stray {
	char     what[40];
	file_ref file, parent;
};

ParameterizedTestParameters(settle, fact_without_a_place_is_unattached)
{
	static struct stray cases[] = {
		{ "no file", 0, (file_ref)1 << 48 | 40 },
		{ "no parent", (file_ref)3 << 48 | 50, 0 },
		{ "in a file", (file_ref)3 << 48 | 50, (file_ref)6 << 48 | 44 },
		{ "in itself", (file_ref)1 << 48 | 40, (file_ref)1 << 48 | 40 },
		{ "in another life of itself", (file_ref)3 << 48 | 50, (file_ref)2 << 48 | 50 },
	};
	return CASES(struct stray, cases);
}

ParameterizedTest(struct stray *c, settle, fact_without_a_place_is_unattached)
{
	struct world it;

	begin(&it);
	make_state(&it, STATE_DELETED);
	say(&it, (struct fact){ .file = c->file, .parent = c->parent, .source = FACT_LOG, .space = NAME_WIN32 }, "name");
	settle(&it);
	cr_expect(eq(int, it.facts.list.items[0].verdict, VERDICT_UNATTACHED), "%s", c->what);
	cr_expect(eq(sz, it.inventory.remembered.count, 0), "%s", c->what);
	end(&it);
}

/* -------- the others -------- */

struct held_name {
	uint8_t place; /* enum place; NOWHERE ends them */
	uint8_t space;
	char    text[8];
};

struct said {
	uint8_t place;
	uint8_t source;
	uint8_t space;
	uint8_t flags;
	uint8_t moment;
	char    text[8];
	uint8_t verdict; /* what it comes to */
};

struct settled {
	char             what[64];
	uint8_t          state;
	struct held_name held[2]; /* by the record */
	struct said      said[4];
};

#define LONG NAME_WIN32
#define DOS  NAME_DOS
#define BOTH NAME_WIN32_AND_DOS

ParameterizedTestParameters(settle, names_come_of_facts_by_the_rules)
{
	static struct settled cases[] = {
		/* rule 2 */
		{ "2: the record says the same", STATE_DELETED, { { GONE, LONG, "a" } },
		  { { GONE, FACT_LOG, LONG, 0, 1, "a", VERDICT_KNOWN }, { GONE, FACT_INDEX, LONG, 0, 1, "a", VERDICT_KNOWN } } },
		{ "2: in another directory it does not", STATE_DELETED, { { GONE, LONG, "a" } },
		  { { GONE_TOO, FACT_LOG, LONG, 0, 1, "a", VERDICT_NAMED } } },
		{ "2: a name that it has by now, though renamed once", STATE_LIVE, { { LIVE, LONG, "a" } },
		  { { LIVE, FACT_LOG, LONG, FACT_RENAMED, 1, "a", VERDICT_KNOWN } } },
		/* rule 3 */
		{ "3: renamed, and weaker ones show it still", STATE_REUSED, { { 0 } },
		  { { GONE, FACT_LOG, LONG, FACT_RENAMED, 5, "a", VERDICT_EARLIER },
		    { GONE, FACT_INDEX, LONG, 0, 9, "a", VERDICT_EARLIER },
		    { GONE, FACT_JOURNAL, LONG, 0, 9, "a", VERDICT_EARLIER } } },
		{ "3: renamed, and the same source shows it later", STATE_REUSED, { { 0 } },
		  { { GONE, FACT_LOG, LONG, FACT_RENAMED, 5, "a", VERDICT_AGREES },
		    { GONE, FACT_LOG, LONG, 0, 7, "a", VERDICT_NAMED } } },
		{ "3: shown, and the same source renames it later", STATE_REUSED, { { 0 } },
		  { { GONE, FACT_LOG, LONG, FACT_RENAMED, 7, "a", VERDICT_EARLIER },
		    { GONE, FACT_LOG, LONG, 0, 5, "a", VERDICT_EARLIER } } },
		{ "3: a link that was removed was a name to the end", STATE_REUSED, { { 0 } },
		  { { GONE, FACT_LOG, LONG, FACT_UNLINKED, 5, "a", VERDICT_NAMED } } },
		/* rule 4 */
		{ "4: live, in a directory that goes on", STATE_LIVE, { { LIVE, LONG, "a" } },
		  { { LIVE_TOO, FACT_LOG, LONG, 0, 1, "b", VERDICT_EARLIER },
		    { LIVE, FACT_INDEX, LONG, 0, 1, "c", VERDICT_EARLIER } } },
		{ "4: live, in a directory that is gone", STATE_LIVE, { { LIVE, LONG, "a" } },
		  { { GONE, FACT_INDEX_SLACK, LONG, 0, 1, "b", VERDICT_NAMED } } },
		{ "4: torn: what is in use counts, what is not does not", STATE_TORN, { { 0 } },
		  { { LIVE, FACT_INDEX, LONG, 0, 1, "a", VERDICT_NAMED },
		    { LIVE_TOO, FACT_INDEX_SLACK, LONG, 0, 1, "b", VERDICT_EARLIER },
		    { LIVE_TOO, FACT_LOG, LONG, 0, 1, "c", VERDICT_EARLIER } } },
		{ "4: torn: in use, and a stronger one says the same", STATE_TORN, { { 0 } },
		  { { LIVE, FACT_LOG, LONG, 0, 1, "a", VERDICT_NAMED },
		    { LIVE, FACT_INDEX, LONG, 0, 1, "a", VERDICT_AGREES } } },
		{ "4: torn: two links in use in one directory", STATE_TORN, { { LIVE, LONG, "x" } },
		  { { LIVE, FACT_INDEX, LONG, 0, 1, "a", VERDICT_NAMED },
		    { LIVE, FACT_INDEX, LONG, 0, 2, "b", VERDICT_NAMED } } },
		{ "4: torn: in use in what is another's place", STATE_TORN, { { 0 } },
		  { { LIVE, FACT_INDEX, LONG, FACT_CARVED, 1, "a", VERDICT_EARLIER } } },
		/* rule 5 */
		{ "5: links in two directories", STATE_REUSED, { { 0 } },
		  { { GONE, FACT_INDEX_SLACK, LONG, 0, 1, "a", VERDICT_NAMED },
		    { GONE_TOO, FACT_LOG, LONG, 0, 9, "b", VERDICT_NAMED } } },
		{ "5: in one directory the record's", STATE_DELETED, { { GONE, LONG, "a" } },
		  { { GONE, FACT_LOG, LONG, 0, 9, "b", VERDICT_EARLIER } } },
		{ "5: else the strongest source's", STATE_REUSED, { { 0 } },
		  { { GONE, FACT_LOG, LONG, 0, 1, "b", VERDICT_NAMED },
		    { GONE, FACT_JOURNAL, LONG, 0, 9, "a", VERDICT_EARLIER } } },
		{ "5: of one source the latest", STATE_REUSED, { { 0 } },
		  { { GONE, FACT_LOG, LONG, 0, 1, "a", VERDICT_EARLIER },
		    { GONE, FACT_LOG, LONG, 0, 9, "b", VERDICT_NAMED },
		    { GONE, FACT_LOG, LONG, 0, 5, "c", VERDICT_EARLIER } } },
		{ "5: what was renamed leaves the place to others", STATE_REUSED, { { 0 } },
		  { { GONE, FACT_LOG, LONG, FACT_RENAMED, 9, "a", VERDICT_EARLIER },
		    { GONE, FACT_INDEX, LONG, 0, 1, "b", VERDICT_NAMED } } },
		{ "5: what the record says itself is no directory", STATE_DELETED, { { 0 } },
		  { { GONE, FACT_INDEX, LONG, FACT_DIRECTORY, 1, "a", VERDICT_NAMED },
		    { GONE_TOO, FACT_INDEX, LONG, 0, 2, "b", VERDICT_NAMED } } },
		{ "5: two that one block of the index has in use", STATE_REUSED, { { 0 } },
		  { { GONE, FACT_INDEX, LONG, 0, 9, "a", VERDICT_NAMED }, { GONE, FACT_INDEX, LONG, 0, 9, "b", VERDICT_NAMED },
		    { GONE, FACT_INDEX, LONG, 0, 8, "c", VERDICT_EARLIER } } },
		{ "5: two blocks' are of two moments", STATE_REUSED, { { 0 } },
		  { { GONE, FACT_INDEX, LONG, 0, 9, "a", VERDICT_NAMED },
		    { GONE, FACT_INDEX, LONG, 0, 8, "b", VERDICT_EARLIER } } },
		{ "5: in a block of before, likewise", STATE_REUSED, { { 0 } },
		  { { GONE, FACT_INDEX_SLACK, LONG, FACT_CARVED | FACT_IN_USE, 9, "a", VERDICT_NAMED },
		    { GONE, FACT_INDEX_SLACK, LONG, FACT_CARVED | FACT_IN_USE, 9, "b", VERDICT_NAMED },
		    { GONE, FACT_INDEX_SLACK, LONG, FACT_CARVED, 9, "c", VERDICT_EARLIER } } },
		{ "5: something stronger knows another", STATE_REUSED, { { 0 } },
		  { { GONE, FACT_INDEX, LONG, 0, 9, "a", VERDICT_EARLIER },
		    { GONE, FACT_INDEX, LONG, 0, 9, "b", VERDICT_EARLIER },
		    { GONE, FACT_LOG, LONG, 0, 1, "c", VERDICT_NAMED } } },
		{ "5: left over in one block is not in use", STATE_REUSED, { { 0 } },
		  { { GONE, FACT_INDEX_SLACK, LONG, 0, 9, "a", VERDICT_NAMED },
		    { GONE, FACT_INDEX_SLACK, LONG, FACT_TORN, 8, "b", VERDICT_EARLIER } } },
		/* rule 6 */
		{ "6: never two, whatever a block says", STATE_DELETED_DIRECTORY, { { 0 } },
		  { { GONE, FACT_INDEX, LONG, 0, 9, "a", VERDICT_NAMED },
		    { GONE_TOO, FACT_INDEX, LONG, 0, 9, "b", VERDICT_EARLIER } } },
		{ "6: a directory has the record's name alone", STATE_DELETED_DIRECTORY, { { GONE, LONG, "a" } },
		  { { GONE_TOO, FACT_LOG, LONG, 0, 9, "b", VERDICT_EARLIER } } },
		{ "6: its DOS name says where it was", STATE_DELETED_DIRECTORY, { { GONE, DOS, "A~1" } },
		  { { GONE_TOO, FACT_LOG, LONG, 0, 9, "b", VERDICT_EARLIER },
		    { GONE, FACT_INDEX, LONG, 0, 1, "a", VERDICT_NAMED } } },
		{ "6: else the strongest source's", STATE_DELETED_DIRECTORY, { { 0 } },
		  { { GONE_TOO, FACT_LOG, LONG, 0, 1, "b", VERDICT_NAMED },
		    { GONE, FACT_JOURNAL, LONG, 0, 9, "a", VERDICT_EARLIER } } },
		{ "6: of one source the latest; a fact says directory", STATE_REUSED, { { 0 } },
		  { { GONE, FACT_JOURNAL, LONG, FACT_DIRECTORY, 1, "a", VERDICT_EARLIER },
		    { GONE_TOO, FACT_JOURNAL, LONG, 0, 9, "b", VERDICT_NAMED } } },
		{ "6: a live one that was in a directory that is gone", STATE_LIVE_DIRECTORY, { { LIVE, LONG, "a" } },
		  { { GONE, FACT_INDEX_SLACK, LONG, 0, 1, "a", VERDICT_EARLIER } } },
		{ "6: no DOS name of another directory", STATE_DELETED_DIRECTORY, { { 0 } },
		  { { GONE, FACT_JOURNAL, LONG, 0, 9, "a", VERDICT_NAMED },
		    { GONE_TOO, FACT_LOG, DOS, 0, 1, "B~1", VERDICT_EARLIER } } },
		/* rule 7 */
		{ "7: beside its long name", STATE_REUSED, { { 0 } },
		  { { GONE, FACT_INDEX, LONG, 0, 1, "a", VERDICT_NAMED },
		    { GONE, FACT_INDEX, DOS, 0, 1, "A~1", VERDICT_NAMED } } },
		{ "7: beside the record's", STATE_DELETED, { { GONE, LONG, "a" } },
		  { { GONE, FACT_INDEX, DOS, 0, 1, "A~1", VERDICT_NAMED } } },
		{ "7: the record has an alias", STATE_DELETED, { { GONE, LONG, "a" }, { GONE, DOS, "A~1" } },
		  { { GONE, FACT_LOG, DOS, 0, 9, "B~1", VERDICT_EARLIER } } },
		{ "7: the record's name is short itself", STATE_DELETED, { { GONE, BOTH, "A" } },
		  { { GONE, FACT_LOG, DOS, 0, 9, "B~1", VERDICT_EARLIER } } },
		{ "7: the record's name is a link of POSIX", STATE_DELETED, { { GONE, NAME_POSIX, "a" } },
		  { { GONE, FACT_LOG, DOS, 0, 9, "B~1", VERDICT_EARLIER } } },
		{ "7: the name that stays is short itself", STATE_REUSED, { { 0 } },
		  { { GONE, FACT_LOG, BOTH, 0, 9, "A", VERDICT_NAMED },
		    { GONE, FACT_LOG, LONG, 0, 5, "b", VERDICT_EARLIER },
		    { GONE, FACT_LOG, DOS, 0, 5, "B~1", VERDICT_EARLIER } } },
		{ "7: one alias, the later", STATE_REUSED, { { 0 } },
		  { { GONE, FACT_LOG, LONG, 0, 9, "a", VERDICT_NAMED },
		    { GONE, FACT_LOG, DOS, 0, 5, "B~1", VERDICT_EARLIER },
		    { GONE, FACT_LOG, DOS, 0, 9, "A~1", VERDICT_NAMED } } },
		{ "7: all that is left, and of two the later", STATE_REUSED, { { 0 } },
		  { { GONE, FACT_INDEX, DOS, 0, 9, "A~1", VERDICT_NAMED },
		    { GONE, FACT_INDEX, DOS, 0, 5, "B~1", VERDICT_EARLIER } } },
		{ "7: a renamed one is earlier as well", STATE_REUSED, { { 0 } },
		  { { GONE, FACT_LOG, DOS, FACT_RENAMED, 9, "A~1", VERDICT_EARLIER } } },
		{ "7: a long one beside the record's DOS name", STATE_DELETED, { { GONE, DOS, "A~1" } },
		  { { GONE, FACT_LOG, LONG, 0, 9, "a", VERDICT_NAMED } } },
	};
	return CASES(struct settled, cases);
}

static const struct fact *fact_of(const struct world *it, const struct said *said)
{
	for (size_t i = 0; i < it->facts.list.count; i++) {
		const struct fact *fact = &it->facts.list.items[i];

		if (fact->parent == places[said->place] && fact->source == said->source && fact->moment == said->moment &&
		    fact->units == strlen(said->text) && *facts_text(&it->facts, fact) == (uint8_t)*said->text)
			return fact;
	}
	cr_fatal("no such fact");
	return NULL;
}

ParameterizedTest(struct settled *c, settle, names_come_of_facts_by_the_rules)
{
	for (unsigned turned = 0; turned < 2; turned++) { /* their order says nothing */
		struct world it;
		size_t       named = 0;

		begin(&it);
		make_state(&it, c->state);
		for (size_t i = 0; i < COUNT(c->held) && c->held[i].place; i++)
			inventory_name(&it.inventory, 50, places[c->held[i].place], c->held[i].text, c->held[i].space);
		for (size_t i = 0; i < COUNT(c->said); i++) {
			const struct said *said = &c->said[turned ? COUNT(c->said) - 1 - i : i];

			if (said->place)
				say(&it, (struct fact){ .file = FILE_50, .parent = places[said->place], .moment = said->moment,
							.space = said->space, .source = said->source, .flags = said->flags },
				    said->text);
		}
		settle(&it);
		for (size_t i = 0; i < COUNT(c->said) && c->said[i].place; i++) {
			cr_expect(eq(str, (char *)fact_verdict_name(fact_of(&it, &c->said[i])->verdict),
				     (char *)fact_verdict_name(c->said[i].verdict)), "%s: %s", c->what, c->said[i].text);
			named += c->said[i].verdict == VERDICT_NAMED;
		}
		cr_expect(eq(sz, it.inventory.remembered.count, named), "%s", c->what);
		end(&it);
	}
}

/* -------- what comes of them -------- */

Test(settle, name_carries_what_says_it)
{
	struct world           it;
	const struct name_row *name;

	begin(&it);
	make_state(&it, STATE_REUSED);
	say(&it, (struct fact){ .file = FILE_50, .parent = places[GONE], .offset = 0x1234, .moment = 77,
				.space = NAME_POSIX, .source = FACT_JOURNAL, .flags = FACT_DIRECTORY }, "name");
	settle(&it);
	cr_assert(eq(sz, it.inventory.names.count, 1));
	name = &it.inventory.names.items[0];
	cr_expect(eq(u64, name->parent, places[GONE]));
	cr_expect(eq(u8, name->source, FACT_JOURNAL));
	cr_expect(eq(u8, name->space, NAME_POSIX));
	cr_expect(that(name->directory && !name_is_in_record(name)));
	cr_expect(eq(u8, name->units, 4));
	cr_expect(that(memcmp(inventory_text(&it.inventory, name), "n\0a\0m\0e", 8) == 0));
	cr_expect(eq(u64, inventory_owner(&it.inventory, name), FILE_50));
	cr_expect(eq(u64, it.inventory.remembered.items[0].offset, 0x1234));
	cr_expect(eq(u64, it.inventory.remembered.items[0].moment, 77));
	end(&it);
}

Test(settle, extension_records_are_asked_too)
{
	struct world it;

	begin(&it);
	make_state(&it, STATE_DELETED);
	inventory_row(&it.inventory, 51, 9, ROW_EXTENSION)->base = FILE_50;
	inventory_name(&it.inventory, 51, places[GONE], "a", NAME_WIN32);
	inventory_row(&it.inventory, 52, 9, ROW_EXTENSION)->base = file_ref_make(50, 2); /* of a life before */
	inventory_name(&it.inventory, 52, places[GONE_TOO], "b", NAME_WIN32);
	say(&it, (struct fact){ .file = FILE_50, .parent = places[GONE], .source = FACT_LOG, .space = NAME_WIN32 }, "a");
	say(&it, (struct fact){ .file = FILE_50, .parent = places[GONE], .source = FACT_LOG, .space = NAME_WIN32 }, "cc");
	say(&it, (struct fact){ .file = FILE_50, .parent = places[GONE_TOO], .source = FACT_LOG, .space = NAME_WIN32 }, "d");
	settle(&it);
	cr_expect(eq(int, it.facts.list.items[0].verdict, VERDICT_KNOWN));
	cr_expect(eq(int, it.facts.list.items[1].verdict, VERDICT_EARLIER));
	cr_expect(eq(int, it.facts.list.items[2].verdict, VERDICT_NAMED));
	end(&it);
}

Test(settle, files_do_not_mix)
{
	struct world it;

	begin(&it);
	make_state(&it, STATE_REUSED);
	for (uint16_t life = 1; life <= 3; life++) /* three files that had the record, of one name each */
		say(&it, (struct fact){ .file = file_ref_make(50, life), .parent = places[GONE], .source = FACT_LOG,
					.space = NAME_WIN32 }, life == 2 ? "b" : "a");
	settle(&it);
	cr_assert(eq(sz, it.inventory.remembered.count, 3));
	for (uint16_t life = 1; life <= 3; life++)
		cr_expect(eq(u64, it.inventory.remembered.items[life - 1].owner, file_ref_make(50, life)));
	end(&it);
}

Test(settle, nothing_comes_of_nothing)
{
	struct world it;

	begin(&it);
	settle(&it);
	cr_expect(eq(sz, it.inventory.names.count, 0));
	end(&it);
}

/* A file with as many extension records as a hostile table can say, and as many facts. */
Test(settle, time_stays_linear_with_many_extension_records, .timeout = 20)
{
	enum { EXTENSIONS = 400000, FACTS = 20000 };
	struct world it = { .volume = { .number = 1 } };
	char         text[16];

	inventory_make(&it.inventory, &it.volume, EXTENSIONS + 100);
	make_state(&it, STATE_DELETED);
	inventory_row(&it.inventory, 42, 2, ROW_DIRECTORY);
	for (uint32_t i = 0; i < EXTENSIONS; i++)
		inventory_row(&it.inventory, 100 + i, 9, ROW_EXTENSION)->base = FILE_50;
	for (unsigned i = 0; i < FACTS; i++) {
		snprintf(text, sizeof text, "%u", i);
		say(&it, (struct fact){ .file = FILE_50, .parent = places[GONE], .source = FACT_INDEX, .moment = i + 1,
					.space = NAME_WIN32 }, text);
	}
	settle(&it);
	cr_expect(eq(sz, it.inventory.remembered.count, 1));
	end(&it);
}

/* -------- links that were removed by themselves -------- */

struct settle_case {
	char              title[64];
	uint8_t           source, flags[2]; /* of two facts about two names in one directory; the second is the later */
	bool              directory;
	enum fact_verdict verdicts[2];
};

ParameterizedTestParameters(settle, names_in_one_directory)
{
	static struct settle_case cases[] = {
		{ "a link, and what went with the file", FACT_LOG, { FACT_UNLINKED, 0 }, false,
		  { VERDICT_NAMED, VERDICT_NAMED } },
		{ "two links", FACT_LOG, { FACT_UNLINKED, FACT_UNLINKED }, false, { VERDICT_NAMED, VERDICT_NAMED } },
		{ "renamed", FACT_LOG, { FACT_RENAMED, 0 }, false, { VERDICT_EARLIER, VERDICT_NAMED } },
		{ "of a directory", FACT_LOG, { FACT_UNLINKED, 0 }, true, { VERDICT_EARLIER, VERDICT_NAMED } },
		{ "a link, by a log from anywhere", FACT_LOG, { FACT_UNLINKED | FACT_CARVED, 0 }, false,
		  { VERDICT_EARLIER, VERDICT_NAMED } },
		{ "a link, torn", FACT_LOG, { FACT_UNLINKED | FACT_TORN, 0 }, false, { VERDICT_EARLIER, VERDICT_NAMED } },
		{ "a link, by the journal", FACT_JOURNAL, { FACT_UNLINKED, 0 }, false, { VERDICT_NAMED, VERDICT_NAMED } },
		{ "a link, by pages of a journal from anywhere", FACT_JOURNAL, { FACT_UNLINKED | FACT_CARVED, 0 }, false,
		  { VERDICT_EARLIER, VERDICT_NAMED } },
		{ "no journal's", FACT_CATALOGUE, { FACT_UNLINKED, 0 }, false, { VERDICT_EARLIER, VERDICT_NAMED } },
		{ "nothing is known of the end", FACT_LOG, { 0, 0 }, false, { VERDICT_EARLIER, VERDICT_NAMED } },
	};

	return CASES(struct settle_case, cases);
}

ParameterizedTest(struct settle_case *c, settle, names_in_one_directory)
{
	struct world it;

	begin(&it);
	inventory_row(&it.inventory, 50, 7, ROW_IN_USE); /* its record is another's by now */
	for (unsigned i = 0; i < 2; i++)
		say(&it,
		    (struct fact){ .file = FILE_50,
				   .parent = places[GONE],
				   .moment = i + 1,
				   .space = NAME_WIN32,
				   .source = c->source,
				   .flags = (uint8_t)(c->flags[i] | (c->directory ? FACT_DIRECTORY : 0)) },
		    i ? "b" : "a");
	settle(&it);
	for (size_t i = 0; i < 2; i++)
		cr_expect(eq(str, (char *)fact_verdict_name((enum fact_verdict)it.facts.list.items[i].verdict),
			     (char *)fact_verdict_name(c->verdicts[i])),
			  "%s, name %zu", c->title, i);
	end(&it);
}

/* Without an LSN, or torn, entries of one block say nothing of each other. */
TheoryDataPoints(settle, entries_of_one_block_need_its_lsn) = {
	DataPoints(int, 0, 9),       /* LSN */
	DataPoints(int, 0, FACT_TORN), /* of one of them */
};

Theory((int moment, int flags), settle, entries_of_one_block_need_its_lsn)
{
	struct world it;

	begin(&it);
	make_state(&it, STATE_REUSED);
	for (unsigned i = 0; i < 2; i++)
		say(&it, (struct fact){ .file = FILE_50, .parent = places[GONE], .moment = (uint64_t)moment,
					.space = NAME_WIN32, .source = FACT_INDEX, .flags = i ? (uint8_t)flags : 0 },
		    i ? "b" : "a");
	settle(&it);
	cr_expect(eq(sz, it.inventory.remembered.count, moment && !flags ? 2 : 1), "%d, %d", moment, flags);
	end(&it);
}

/* -------- an older record, and what the log says later -------- */

#define OLDER 5u /* LSN of the older record's last change, where it has one */

struct older_name {
	uint8_t place; /* enum place; NOWHERE ends them */
	uint8_t space;
	char    text[8];
	bool    over; /* it is an earlier one */
};

struct older_case {
	char              what[72];
	uint8_t           moment; /* of the record */
	bool              directory;
	struct older_name names[3];
	struct said       said[3];
};

static void put_older(struct world *it, const struct older_case *c)
{
	struct older_records older = { 0 };
	struct older_record  record = { .ref = FILE_50, .offset = 0x4000, .moment = c->moment, .image = malloc(1024) };
	size_t               at = 0x38;

	cr_assert(record.image != NULL);
	make_record(record.image, 3, places[GONE], "x");
	for (size_t i = 0; i < COUNT(c->names) && c->names[i].place; i++)
		at += make_file_name(record.image + at, places[c->names[i].place], c->names[i].text, c->names[i].space);
	put_le32(record.image + at, 0xffffffff);
	put_le32(record.image + 0x18, (uint32_t)at + 8);
	record.image[0x16] = c->directory ? 3 : 1;
	cr_assert(that(array_push(&older, record)));
	cr_assert(eq(int, inventory_add_older(&it->inventory, &older, &it->err), 0));
	cr_assert(that(inventory_row_of(&it->inventory, FILE_50) != NO_ROW));
}

ParameterizedTestParameters(settle, later_of_an_older_record_and_the_log_wins)
{
	static struct older_case cases[] = {
		{ "shown later under another name", OLDER, false, { { GONE, LONG, "a", true } },
		  { { GONE, FACT_LOG, LONG, 0, 9, "b", VERDICT_NAMED } } },
		{ "shown before under another name", OLDER, false, { { GONE, LONG, "a", false } },
		  { { GONE, FACT_LOG, LONG, 0, 4, "b", VERDICT_EARLIER } } },
		{ "at the very moment: the record has it", OLDER, false, { { GONE, LONG, "a", false } },
		  { { GONE, FACT_LOG, LONG, 0, OLDER, "b", VERDICT_EARLIER } } },
		{ "the record does not say when", 0, false, { { GONE, LONG, "a", false } },
		  { { GONE, FACT_LOG, LONG, 0, 9, "b", VERDICT_EARLIER } } },
		{ "renamed later", OLDER, false, { { GONE, LONG, "a", true } },
		  { { GONE, FACT_LOG, LONG, FACT_RENAMED, 8, "a", VERDICT_EARLIER },
		    { GONE, FACT_LOG, LONG, 0, 9, "b", VERDICT_NAMED } } },
		{ "renamed later into another directory", OLDER, false, { { GONE, LONG, "a", true } },
		  { { GONE, FACT_LOG, LONG, FACT_RENAMED, 8, "a", VERDICT_EARLIER },
		    { GONE_TOO, FACT_LOG, LONG, 0, 9, "a", VERDICT_NAMED } } },
		{ "renamed before: it has the name again", OLDER, false, { { GONE, LONG, "a", false } },
		  { { GONE, FACT_LOG, LONG, FACT_RENAMED, 4, "a", VERDICT_KNOWN } } },
		{ "renamed later, and back", OLDER, false, { { GONE, LONG, "a", false } },
		  { { GONE, FACT_LOG, LONG, 0, 12, "a", VERDICT_KNOWN },
		    { GONE, FACT_LOG, LONG, FACT_RENAMED, 12, "b", VERDICT_EARLIER } } },
		{ "shown as another, and later still as the record has it", OLDER, false, { { GONE, LONG, "a", false } },
		  { { GONE, FACT_LOG, LONG, 0, 12, "a", VERDICT_KNOWN },
		    { GONE, FACT_LOG, LONG, 0, 9, "b", VERDICT_EARLIER } } },
		{ "shown as the record has it, and later still as another", OLDER, false, { { GONE, LONG, "a", true } },
		  { { GONE, FACT_LOG, LONG, 0, 9, "a", VERDICT_EARLIER },
		    { GONE, FACT_LOG, LONG, 0, 12, "b", VERDICT_NAMED } } },
		{ "a link that came and went later", OLDER, false, { { GONE, LONG, "a", false } },
		  { { GONE, FACT_LOG, LONG, FACT_UNLINKED, 9, "b", VERDICT_NAMED } } },
		{ "a link in another directory", OLDER, false, { { GONE, LONG, "a", false } },
		  { { GONE_TOO, FACT_LOG, LONG, 0, 9, "b", VERDICT_NAMED } } },
		{ "torn: its name may be wrong", OLDER, false, { { GONE, LONG, "a", false } },
		  { { GONE, FACT_LOG, LONG, FACT_TORN, 9, "b", VERDICT_EARLIER } } },
		{ "a log from anywhere may count otherwise", OLDER, false, { { GONE, LONG, "a", false } },
		  { { GONE, FACT_LOG, LONG, FACT_CARVED, 9, "b", VERDICT_EARLIER },
		    { GONE, FACT_LOG, LONG, FACT_CARVED | FACT_RENAMED, 9, "a", VERDICT_KNOWN } } },
		{ "the journal counts otherwise", OLDER, false, { { GONE, LONG, "a", false } },
		  { { GONE, FACT_JOURNAL, LONG, 0, 9, "b", VERDICT_EARLIER },
		    { GONE, FACT_JOURNAL, LONG, FACT_RENAMED, 9, "a", VERDICT_KNOWN } } },
		{ "the later of two", OLDER, false, { { GONE, LONG, "a", true } },
		  { { GONE, FACT_LOG, LONG, 0, 9, "b", VERDICT_EARLIER },
		    { GONE, FACT_LOG, LONG, 0, 11, "c", VERDICT_NAMED } } },
		{ "of two links that it has, nobody knows which was renamed", OLDER, false,
		  { { GONE, LONG, "a", false }, { GONE, LONG, "aa", false } },
		  { { GONE, FACT_LOG, LONG, 0, 9, "b", VERDICT_NAMED } } },
		{ "of two links, the log says which", OLDER, false,
		  { { GONE, LONG, "a", true }, { GONE, LONG, "c", false } },
		  { { GONE, FACT_LOG, LONG, FACT_RENAMED, 8, "a", VERDICT_EARLIER } } },
		{ "a directory, anywhere", OLDER, true, { { GONE, LONG, "a", true } },
		  { { GONE_TOO, FACT_LOG, LONG, 0, 9, "b", VERDICT_NAMED } } },
		{ "a directory, before", OLDER, true, { { GONE, LONG, "a", false } },
		  { { GONE_TOO, FACT_LOG, LONG, 0, 4, "b", VERDICT_EARLIER } } },
		{ "its alias goes with it", OLDER, false, { { GONE, LONG, "a", true }, { GONE, DOS, "A~1", true } },
		  { { GONE, FACT_LOG, LONG, 0, 9, "b", VERDICT_NAMED } } },
		{ "its alias is shown again", OLDER, false, { { GONE, LONG, "a", true }, { GONE, DOS, "A~1", false } },
		  { { GONE, FACT_LOG, LONG, 0, 9, "b", VERDICT_NAMED },
		    { GONE, FACT_LOG, DOS, 0, 8, "A~1", VERDICT_KNOWN } } },
		{ "its alias is shown, and then another", OLDER, false,
		  { { GONE, LONG, "a", true }, { GONE, DOS, "A~1", true } },
		  { { GONE, FACT_LOG, LONG, 0, 9, "b", VERDICT_NAMED },
		    { GONE, FACT_LOG, DOS, 0, 8, "A~1", VERDICT_EARLIER },
		    { GONE, FACT_LOG, DOS, 0, 9, "B~1", VERDICT_NAMED } } },
	};
	return CASES(struct older_case, cases);
}

/* What the record says of each name, and that the namespace has none that was over. */
static void check_older(struct world *it, const struct older_case *c)
{
	const struct mft_row *row = &it->inventory.rows[RECORDS];
	struct namespace      space;
	struct hard_links     links = { 0 };
	size_t                over = 0, told = 0, named = 0;

	for (size_t i = 0; i < COUNT(c->names) && c->names[i].place; i++) {
		const struct name_row *name = &it->inventory.names.items[row->first_name + i];

		cr_expect(eq(int, name->earlier, c->names[i].over), "%s: %s", c->what, c->names[i].text);
		over += c->names[i].over;
		named += !c->names[i].over;
	}
	for (size_t i = 0; i < it->facts.list.count; i++) {
		const struct fact *fact = &it->facts.list.items[i];

		named += fact->verdict == VERDICT_NAMED;
		if (fact->source != FACT_OLDER_RECORD)
			continue;
		told++;
		cr_expect(eq(int, fact->verdict, VERDICT_EARLIER), "%s", c->what);
		cr_expect(eq(u64, fact->moment, OLDER), "%s", c->what);
		cr_expect(eq(u64, fact->offset, 0x4000), "%s", c->what);
	}
	cr_expect(eq(sz, told, over), "%s", c->what);
	cr_assert(eq(int, namespace_build(&space, &it->inventory, &it->err), 0));
	cr_assert(eq(int, namespace_links(&space, RECORDS, &links, &it->err), 0));
	cr_expect(eq(sz, links.count, named), "%s", c->what);
	array_release(&links);
	namespace_release(&space);
}

ParameterizedTest(struct older_case *c, settle, later_of_an_older_record_and_the_log_wins)
{
	struct world it;

	begin(&it);
	make_state(&it, STATE_REUSED);
	put_older(&it, c);
	for (size_t i = 0; i < COUNT(c->said) && c->said[i].place; i++)
		say(&it, (struct fact){ .file = FILE_50, .parent = places[c->said[i].place], .moment = c->said[i].moment,
					.space = c->said[i].space, .source = c->said[i].source,
					.flags = c->said[i].flags }, c->said[i].text);
	settle(&it);
	for (size_t i = 0; i < COUNT(c->said) && c->said[i].place; i++)
		cr_expect(eq(str, (char *)fact_verdict_name(fact_of(&it, &c->said[i])->verdict),
			     (char *)fact_verdict_name(c->said[i].verdict)), "%s: %s", c->what, c->said[i].text);
	check_older(&it, c);
	end(&it);
}

Test(settle, fact_holds_its_own_text)
{
	struct facts  facts = { 0 };
	struct error  err;
	const uint8_t text[512] = { 'a', 0, 'b', 0xff, 'c', 0 };

	cr_assert(eq(int, facts_add(&facts, (struct fact){ .file = 1 }, (struct bytes){ text, 4, 0 }, &err), 0));
	cr_assert(eq(int, facts_add(&facts, (struct fact){ .file = 2 }, (struct bytes){ text + 4, 2, 0 }, &err), 0));
	cr_assert(eq(int, facts_add(&facts, (struct fact){ .file = 3 }, (struct bytes){ text, 510, 0 }, &err), 0));
	cr_expect(lt(int, facts_add(&facts, (struct fact){ .file = 4 }, (struct bytes){ text, 512, 0 }, &err), 0));
	cr_expect(lt(int, facts_add(&facts, (struct fact){ .file = 5 }, (struct bytes){ text, 1, 0 }, &err), 0));
	cr_assert(eq(sz, facts.list.count, 3));
	cr_expect(eq(u8, facts.list.items[0].units, 2));
	cr_expect(that(memcmp(facts_text(&facts, &facts.list.items[0]), text, 4) == 0));
	cr_expect(that(memcmp(facts_text(&facts, &facts.list.items[1]), text + 4, 2) == 0));
	cr_expect(eq(u8, facts.list.items[2].units, 255));
	facts_release(&facts);
}
