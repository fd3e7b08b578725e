/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_recall_carved.c - blocks laid out by hand (libntfs-3g layout.h) in clusters that nobody claims, beside
 * a table that says the same as they do, or something else
 */
#include "tests/unit/log_maker.h"

#include "scan/carve/sweep.h"
#include "scan/journal/log_change.h"
#include "scan/recall/belonging.h"
#include "scan/recall/recall.h"

#include <string.h>

#define BLOCK_BYTES 4096u
#define RECORDS 200u
#define NOW 132223464000000000ull /* date -u -d "2020-01-01 10:00" +%s: 1577872800 */
#define YEAR (365ull * 24 * 3600 * 10000000)
#define REF(record, life) ((file_ref)(record) | (file_ref)(life) << 48)

static struct error err;

/* -------- a table -------- */

/* Directory 40; a.txt, b.txt in it; 62, that was something else once; 63, not in use any more. */
static void make_table(struct inventory *inventory, const struct volume *volume)
{
	inventory_make(inventory, volume, RECORDS);
	inventory_row(inventory, 0, 1, ROW_IN_USE)->written = row_time(NOW - YEAR);
	inventory_row(inventory, 5, 5, ROW_IN_USE | ROW_DIRECTORY)->written = row_time(NOW);
	inventory_row(inventory, 40, 3, ROW_IN_USE | ROW_DIRECTORY);
	inventory_name(inventory, 40, REF(5, 5), "dir", NAME_WIN32);
	inventory_row(inventory, 60, 1, ROW_IN_USE);
	inventory_name(inventory, 60, REF(40, 3), "a.txt", NAME_WIN32);
	inventory_row(inventory, 61, 1, ROW_IN_USE);
	inventory_name(inventory, 61, REF(41, 7), "b.txt", NAME_WIN32);
	inventory_row(inventory, 62, 4, ROW_IN_USE);
	inventory_name(inventory, 62, REF(40, 3), "new.txt", NAME_WIN32);
	inventory_row(inventory, 63, 3, 0);
	inventory_name(inventory, 63, REF(40, 3), "gone.txt", NAME_WIN32);
	inventory_row(inventory, 64, 1, ROW_IN_USE | ROW_EXTENSION)->base = REF(60, 1);
}

/* -------- does it belong here? -------- */

struct says_case {
	char                name[32];
	file_ref            file, parent;
	char                text[12];
	int64_t             years; /* from now */
	uint8_t             flags;
	enum belonging_says says;
	bool                directory;
};

ParameterizedTestParameters(belonging, says)
{
	static struct says_case cases[] = {
		{ "as in the table", REF(60, 1), REF(40, 3), "a.txt", 0, 0, SAYS_THE_SAME, true },
		{ "a link elsewhere", REF(60, 1), REF(41, 7), "a.txt", 0, 0, SAYS_THE_SAME, true },
		{ "a free record", REF(63, 2), REF(40, 3), "gone.txt", 0, 0, SAYS_THE_SAME, true },
		{ "another name", REF(60, 1), REF(40, 3), "c.txt", 0, 0, SAYS_OTHERWISE, true },
		{ "an earlier life", REF(62, 2), REF(40, 3), "old.txt", 0, 0, SAYS_NOTHING, true },
		{ "an earlier directory", REF(62, 2), REF(40, 1), "old.txt", 0, 0, SAYS_NOTHING, false },
		{ "nothing in that row", REF(90, 9), REF(91, 2), "x", 0, 0, SAYS_NOTHING, false },
		{ "a later life", REF(62, 5), REF(40, 3), "old.txt", 0, 0, SAYS_IMPOSSIBLE, false },
		{ "a later directory", REF(62, 2), REF(40, 4), "old.txt", 0, 0, SAYS_IMPOSSIBLE, false },
		{ "behind the table", REF(RECORDS, 1), REF(40, 3), "x", 0, 0, SAYS_IMPOSSIBLE, false },
		{ "parent behind the table", REF(62, 2), REF(RECORDS, 3), "x", 0, 0, SAYS_IMPOSSIBLE, false },
		{ "life 0", REF(62, 0), REF(40, 3), "x", 0, 0, SAYS_IMPOSSIBLE, false },
		{ "in a file", REF(62, 2), REF(60, 1), "x", 0, 0, SAYS_IMPOSSIBLE, false },
		{ "a directory that is a file", REF(60, 1), REF(40, 3), "a.txt", 0, FACT_DIRECTORY, SAYS_IMPOSSIBLE, false },
		{ "part of another file", REF(64, 1), REF(40, 3), "a.txt", 0, 0, SAYS_IMPOSSIBLE, false },
		{ "before the volume", REF(60, 1), REF(40, 3), "a.txt", -2, 0, SAYS_IMPOSSIBLE, false },
	};
	return CASES(struct says_case, cases);
}

static struct bytes utf16(const char *ascii, uint8_t to[64])
{
	for (size_t i = 0; i < strlen(ascii); i++)
		put_le16(to + 2 * i, (uint16_t)ascii[i]);
	return (struct bytes){ to, 2 * strlen(ascii), 0 };
}

ParameterizedTest(struct says_case *c, belonging, says)
{
	struct volume          volume = { 0 };
	struct inventory       inventory;
	struct extensions      extensions = { 0 };
	struct belonging       belonging;
	struct belonging_votes votes = { 0 };
	uint8_t                text[64];
	struct fact            fact = { .file = c->file,
					.parent = c->parent,
					.time = row_time((uint64_t)((int64_t)NOW + c->years * (int64_t)YEAR)),
					.flags = c->flags };

	make_table(&inventory, &volume);
	cr_assert(eq(int, belonging_init(&belonging, &inventory, &extensions, &err), 0));
	cr_expect(eq(int, belonging_hear(&belonging, &fact, utf16(c->text, text), &votes), c->says), "%s", c->name);
	cr_expect(eq(u32, votes.names, 1));
	cr_expect(eq(u32, votes.directory, c->directory), "%s", c->name);
	belonging_release(&belonging);
	inventory_release(&inventory);
}

struct shown_case {
	char                   name[32];
	struct belonging_votes votes;
	bool                   shown;
};

ParameterizedTestParameters(belonging, shown)
{
	static struct shown_case cases[] = {
		{ "nothing", { 0 }, false },
		{ "one that agrees", { .names = 1, .same = 1 }, true },
		{ "one renamed of three", { .names = 3, .same = 2, .otherwise = 1 }, true },
		{ "one renamed of two", { .names = 2, .same = 1, .otherwise = 1 }, false },
		{ "as many that cannot be", { .names = 4, .same = 2, .impossible = 2 }, false },
		{ "four in a known directory", { .names = 4, .directory = 4 }, true },
		{ "three in a known directory", { .names = 3, .directory = 3 }, false },
		{ "four, of two directories", { .names = 4, .directory = 3 }, false },
		{ "four and a rename", { .names = 5, .directory = 5, .otherwise = 1 }, false },
	};
	return CASES(struct shown_case, cases);
}

ParameterizedTest(struct shown_case *c, belonging, shown)
{
	struct belonging belonging = { .born = 1 };

	cr_expect(eq(int, belonging_is_shown(&belonging, &c->votes), c->shown), "%s", c->name);
	belonging.born = 0; /* then a directory's number says too little */
	cr_expect(eq(int, belonging_is_shown(&belonging, &c->votes), c->shown && c->votes.same), "%s", c->name);
}

Test(belonging, directories_of_facts_are_known)
{
	struct volume          volume = { 0 };
	struct inventory       inventory;
	struct extensions      extensions = { 0 };
	struct belonging       belonging;
	struct belonging_votes votes = { 0 };
	struct facts           facts = { 0 };
	uint8_t                text[64];
	struct fact            fact = { .file = REF(90, 9), .parent = REF(40, 3), .flags = FACT_DIRECTORY };
	struct fact            inside = { .file = REF(91, 1), .parent = REF(90, 9) };

	make_table(&inventory, &volume);
	cr_assert(eq(int, belonging_init(&belonging, &inventory, &extensions, &err), 0));
	belonging_hear(&belonging, &inside, utf16("x", text), &votes);
	cr_expect(eq(u32, votes.directory, 0));
	cr_assert(eq(int, facts_add(&facts, fact, utf16("sub", text), &err), 0));
	cr_assert(eq(int, belonging_learn(&belonging, &facts, 0, &err), 0));
	belonging_hear(&belonging, &inside, utf16("x", text), &votes);
	cr_expect(eq(u32, votes.directory, 1));
	cr_expect(that(belonging_is_past(&belonging, REF(62, 3))));
	cr_expect(that(!belonging_is_past(&belonging, REF(62, 4))));
	cr_expect(that(!belonging_is_past(&belonging, REF(62, 5))));
	cr_expect(that(!belonging_is_past(&belonging, REF(150, 1)))); /* the row says nothing */
	facts_release(&facts);
	belonging_release(&belonging);
	inventory_release(&inventory);
}

/* -------- blocks in free clusters -------- */

static void protect(uint8_t *at, const char *signature, uint16_t array, size_t size)
{
	memcpy(at, signature, 4);
	put_le16(at + 4, array);
	put_le16(at + 6, (uint16_t)(size / 512 + 1));
	put_le16(at + array, 0x0102);
	for (size_t end = 510; end < size; end += 512) {
		memcpy(at + array + 2 * (end / 512 + 1), at + end, 2);
		put_le16(at + end, 0x0102);
	}
}

static size_t put_name(uint8_t *at, file_ref parent, uint64_t time, const char *text)
{
	put_le64(at, parent);
	for (size_t i = 1; i <= 4; i++)
		put_le64(at + 8 * i, time);
	put_le32(at + 0x38, 0x20);
	at[0x40] = (uint8_t)strlen(text);
	at[0x41] = NAME_WIN32;
	utf16(text, at + 0x42);
	return 0x42 + 2 * strlen(text);
}

struct entry {
	file_ref    file, parent;
	const char *text;
	uint64_t    time;
};

static void put_index(uint8_t block[BLOCK_BYTES], const struct entry *entries, size_t count)
{
	uint32_t used = 0x28;

	memset(block, 0, BLOCK_BYTES);
	put_le64(block + 8, 815);
	for (size_t i = 0; i < count; i++) {
		uint8_t *at = block + 0x18 + used;
		size_t   key = put_name(at + 16, entries[i].parent, entries[i].time, entries[i].text);

		put_le64(at, entries[i].file);
		put_le16(at + 8, (uint16_t)((16 + key + 7) / 8 * 8));
		put_le16(at + 10, (uint16_t)key);
		used += (uint32_t)((16 + key + 7) / 8 * 8);
	}
	put_le16(block + 0x18 + used + 8, 16);
	put_le16(block + 0x18 + used + 12, 2);
	put_le32(block + 0x18, 0x28);
	put_le32(block + 0x1c, used + 16);
	put_le32(block + 0x20, BLOCK_BYTES - 0x18);
	protect(block, "INDX", 0x28, BLOCK_BYTES);
}

/* A record in use, with one name. */
static void put_record(uint8_t record[1024], uint32_t number, uint16_t sequence, uint64_t lsn, file_ref parent,
		       const char *text)
{
	size_t length;

	memset(record, 0, 1024);
	put_le64(record + 0x08, lsn);
	put_le16(record + 0x10, sequence);
	put_le16(record + 0x14, 0x38);
	put_le16(record + 0x16, 1);
	put_le32(record + 0x1c, 1024);
	put_le32(record + 0x2c, number);
	length = put_name(record + 0x38 + 0x18, parent, NOW, text);
	put_le32(record + 0x38, 0x30);
	put_le32(record + 0x3c, (uint32_t)((0x18 + length + 7) / 8 * 8));
	put_le32(record + 0x48, (uint32_t)length);
	put_le16(record + 0x4c, 0x18);
	put_le32(record + 0x38 + (0x18 + length + 7) / 8 * 8, 0xffffffff);
	put_le32(record + 0x18, (uint32_t)(0x38 + (0x18 + length + 7) / 8 * 8 + 8));
	protect(record, "FILE", 0x30, 1024);
}

struct scene {
	struct test_volume test;
	struct inventory   inventory;
	struct extensions  extensions;
	struct file_reader reader;
	struct recall      recall;
	struct sweep       sweep;
};

#define PLACE (100ull * 4096)

/* @size bytes at PLACE of a volume that begins at byte 0, and the table. */
static void open_scene(struct scene *scene, const uint8_t *data, size_t size)
{
	*scene = (struct scene){ 0 };
	test_volume_open(&scene->test, 4096, 1024, 1024, PLACE, data, size);
	make_table(&scene->inventory, &scene->test.volume);
	scene->reader = (struct file_reader){ .inventory = &scene->inventory, .extensions = &scene->extensions };
	scene->recall = (struct recall){ .inventory = &scene->inventory,
					 .reader = &scene->reader,
					 .findings = &scene->test.findings,
					 .threads = 1 };
}

static void recall_scene(struct scene *scene)
{
	struct sweep_options options = { .range = { 0, UINT64_MAX }, .threads = 1 };

	cr_assert(eq(int, sweep_run(&scene->test.evidence, &options, &scene->sweep, &err), 0));
	cr_assert(eq(int, recall_carved(&scene->recall, scene->sweep.found.items, scene->sweep.found.count, &err), 0));
}

static void close_scene(struct scene *scene)
{
	sweep_release(&scene->sweep);
	facts_release(&scene->recall.facts);
	array_release(&scene->recall.older);
	inventory_release(&scene->inventory);
	test_volume_close(&scene->test);
}

static const struct fact *find_fact(const struct scene *scene, file_ref file, const char *text)
{
	uint8_t      wide[64];
	struct bytes name = utf16(text, wide);

	for (size_t i = 0; i < scene->recall.facts.list.count; i++) {
		const struct fact *fact = &scene->recall.facts.list.items[i];

		if (fact->file == file && 2u * fact->units == name.left &&
		    memcmp(facts_text(&scene->recall.facts, fact), name.at, name.left) == 0)
			return fact;
	}
	return NULL;
}

Test(recall_carved, block_of_this_volume_gives_names)
{
	static const struct entry entries[] = { { REF(60, 1), REF(40, 3), "a.txt", NOW },
						{ REF(61, 1), REF(40, 3), "b.txt", NOW },
						{ REF(62, 2), REF(40, 3), "old.txt", NOW },
						{ REF(62, 9), REF(40, 3), "never.txt", NOW } };
	uint8_t                   block[BLOCK_BYTES];
	struct scene              scene;
	const struct fact        *fact;

	put_index(block, entries, 4);
	open_scene(&scene, block, sizeof block);
	recall_scene(&scene);
	cr_assert(eq(sz, scene.recall.facts.list.count, 2)); /* the first is in the table, the last cannot be */
	cr_expect(that(find_fact(&scene, REF(61, 1), "b.txt") != NULL));
	fact = find_fact(&scene, REF(62, 2), "old.txt");
	cr_assert(that(fact != NULL));
	cr_expect(eq(u64, fact->parent, REF(40, 3)));
	cr_expect(eq(u64, fact->moment, 815));
	cr_expect(eq(u64, fact->offset, PLACE + 0x18 + 0x28 + 2 * 96)); /* behind two entries of 16 + 66 + 10 bytes, padded */
	cr_expect(eq(int, fact->source, FACT_INDEX_SLACK));
	cr_expect(eq(int, fact->flags, FACT_CARVED | FACT_IN_USE));
	cr_expect(eq(u64, scene.test.findings.counts[FINDING_CARVED_FOREIGN], 0));
	close_scene(&scene);
}

Test(recall_carved, block_of_another_volume_is_told_and_not_taken)
{
	static const struct entry entries[] = { { REF(60, 1), REF(40, 3), "theirs.txt", NOW },
						{ REF(62, 2), REF(40, 3), "old.txt", NOW } };
	uint8_t                   block[BLOCK_BYTES];
	struct scene              scene;

	put_index(block, entries, 2);
	open_scene(&scene, block, sizeof block);
	recall_scene(&scene);
	cr_expect(eq(sz, scene.recall.facts.list.count, 0));
	cr_expect(eq(u64, scene.test.findings.counts[FINDING_CARVED_FOREIGN], 1));
	cr_expect(eq(u64, scene.test.findings.items[0].seen, 1));
	close_scene(&scene);
}

/* The same names, as the same system gives them to the same files: but of before the volume was formatted. */
Test(recall_carved, block_of_an_older_life_is_not_taken)
{
	static const struct entry entries[] = { { REF(60, 1), REF(40, 3), "a.txt", NOW - 2 * YEAR },
						{ REF(61, 1), REF(40, 3), "b.txt", NOW - 2 * YEAR } };
	uint8_t                   block[BLOCK_BYTES];
	struct scene              scene;

	put_index(block, entries, 2);
	open_scene(&scene, block, sizeof block);
	recall_scene(&scene);
	cr_expect(eq(sz, scene.recall.facts.list.count, 0));
	close_scene(&scene);
}

Test(recall_carved, block_in_its_place_is_left_to_others)
{
	static const struct entry entries[] = { { REF(60, 1), REF(40, 3), "a.txt", NOW },
						{ REF(62, 2), REF(40, 3), "old.txt", NOW } };
	uint8_t                   block[BLOCK_BYTES];
	struct scene              scene;

	put_index(block, entries, 2);
	open_scene(&scene, block, sizeof block);
	inventory_claim(&scene.inventory, 40, PLACE / 4096, 1);
	recall_scene(&scene);
	cr_expect(eq(sz, scene.recall.facts.list.count, 0));
	cr_expect(eq(u64, scene.test.findings.counts[FINDING_CARVED_FOREIGN], 0));
	close_scene(&scene);
}

/* The second block is of a directory that only the first one, behind it, tells of. */
Test(recall_carved, one_block_makes_another_one_known)
{
	static const struct entry inner[] = { { REF(100, 1), REF(99, 2), "1", NOW }, { REF(101, 1), REF(99, 2), "2", NOW },
					      { REF(102, 1), REF(99, 2), "3", NOW }, { REF(103, 1), REF(99, 2), "4", NOW } };
	static const struct entry outer[] = { { REF(60, 1), REF(40, 3), "a.txt", NOW },
					      { REF(98, 1), REF(99, 2), "5", NOW } };
	uint8_t                   blocks[2 * BLOCK_BYTES];
	struct scene              scene;

	put_index(blocks, inner, 4);
	put_index(blocks + BLOCK_BYTES, outer, 2);
	open_scene(&scene, blocks, sizeof blocks);
	recall_scene(&scene);
	cr_expect(eq(sz, scene.recall.facts.list.count, 5));
	close_scene(&scene);
	open_scene(&scene, blocks, BLOCK_BYTES);
	recall_scene(&scene);
	cr_expect(eq(sz, scene.recall.facts.list.count, 0));
	close_scene(&scene);
}

/* A piece of a table, as a shadow copy has it: 60 as it is, 62 in two of its earlier lives, and one of them again. */
Test(recall_carved, older_lives_lie_beside_the_table)
{
	uint8_t             records[6 * 1024] = { 0 };
	struct scene        scene;
	struct older_record first;

	put_record(records, 60, 1, 10, REF(40, 3), "a.txt");
	put_record(records + 2048, 62, 2, 20, REF(40, 3), "old.txt");
	put_record(records + 3072, 60, 1, 11, REF(40, 3), "a.txt");
	put_record(records + 5120, 62, 2, 21, REF(40, 3), "older.txt");
	open_scene(&scene, records, sizeof records);
	recall_scene(&scene);
	cr_assert(eq(sz, scene.sweep.found.count, 4));
	cr_assert(eq(sz, scene.recall.older.count, 2));
	older_keep_best(&scene.recall.older, 0);
	cr_assert(eq(sz, scene.recall.older.count, 1));
	first = scene.recall.older.items[0];
	cr_expect(eq(u64, first.ref, REF(62, 2)));
	cr_expect(eq(u64, first.offset, PLACE + 5120));
	cr_expect(eq(u64, first.moment, 21));
	cr_expect(that(!first.partial));
	close_scene(&scene);

	put_record(records, 60, 1, 10, REF(40, 3), "theirs.txt");
	put_record(records + 3072, 62, 3, 11, REF(40, 3), "alone.txt"); /* with nothing that speaks for it */
	open_scene(&scene, records, sizeof records);
	recall_scene(&scene);
	cr_expect(eq(sz, scene.recall.older.count, 0));
	cr_expect(eq(u64, scene.test.findings.counts[FINDING_CARVED_FOREIGN], 1));
	close_scene(&scene);

	put_record(records, 60, 1, 10, REF(40, 3), "a.txt");
	open_scene(&scene, records, 3072);
	cr_assert(that(array_push(&scene.inventory.mft.runs, (struct run){ 0, PLACE / 4096, 2 })));
	recall_scene(&scene);
	cr_expect(eq(sz, scene.recall.older.count, 0)); /* it is the table */
	array_release(&scene.inventory.mft.runs);
	close_scene(&scene);
}

/* What was a part of a file is taken where that file is over; in a piece that shows whose it is. */
Test(recall_carved, extensions_lie_beside_the_table)
{
	static const struct { file_ref base; bool taken; } cases[] = {
		{ REF(62, 2), true },  /* another file has its record */
		{ REF(63, 2), true },  /* deleted, and still to be seen in the table */
		{ REF(60, 1), false }, /* it goes on: the table has all its records */
		{ REF(62, 5), false }, /* it is still to come */
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t      records[6 * 1024] = { 0 };
		struct scene scene;

		put_record(records, 60, 1, 10, REF(40, 3), "a.txt");
		put_record(records + 5 * 1024, 65, 3, 20, REF(40, 3), "link.txt");
		put_le64(records + 5 * 1024 + 0x20, cases[i].base);
		open_scene(&scene, records, sizeof records);
		inventory_row(&scene.inventory, 65, 9, ROW_IN_USE);
		recall_scene(&scene);
		cr_assert(eq(sz, scene.sweep.found.count, 2));
		cr_expect(eq(sz, scene.recall.older.count, cases[i].taken), "%zu", i);
		if (scene.recall.older.count)
			cr_expect(eq(u64, scene.recall.older.items[0].ref, REF(65, 3)));
		close_scene(&scene);
	}
}

/* -------- pages of a log -------- */

#define LOG_PAGES 58u

/* An entry of directory 40 comes or goes; its transaction is over.  Returns the LSN. */
static uint64_t log_entry(struct test_log *log, bool comes, file_ref file, const char *text)
{
	uint8_t  entry[256];
	size_t   size = make_index_entry(entry, file, REF(40, 3), text);
	uint64_t lsn = log_change(log, (struct test_change){
		.redo = comes ? LOG_ADD_INDEX_ENTRY_ALLOCATION : LOG_DELETE_INDEX_ENTRY_ALLOCATION,
		.undo = comes ? LOG_DELETE_INDEX_ENTRY_ALLOCATION : LOG_ADD_INDEX_ENTRY_ALLOCATION, .target = 0x40,
		.redo_data = entry, .redo_size = comes ? size : 0, .undo_data = entry, .undo_size = comes ? 0 : size });

	log_change(log, (struct test_change){ .redo = LOG_FORGET_TRANSACTION, .undo = LOG_COMPENSATION, .previous = lsn });
	return lsn;
}

/* A record is made: 4096 bytes of cluster, so four of them in each. */
static uint64_t log_life(struct test_log *log, uint64_t number, uint16_t life, const char *text)
{
	uint8_t  image[1024];
	size_t   in_use = make_record(image, life, REF(40, 3), text);
	uint64_t lsn = log_change(log, (struct test_change){
		.redo = LOG_INITIALIZE_FILE_RECORD, .undo = LOG_NOOP, .redo_data = image, .redo_size = in_use,
		.vcn = number / 4, .block_offset = (uint16_t)(number % 4 * 2) });

	log_change(log, (struct test_change){ .redo = LOG_FORGET_TRANSACTION, .undo = LOG_COMPENSATION, .previous = lsn });
	return lsn;
}

struct stray_log {
	uint64_t old, life; /* LSNs: of the entry of old.txt, of the record of life.txt */
	size_t   page;      /* in which both lie: of the ring */
	unsigned bits;
};

#define KNOWN_FIRST 66u
#define KNOWN_LAST  69u

/* One page of a log: it speaks of files that the table has, by the names that those have there if @agrees. */
static struct stray_log make_page(uint8_t page[LOG_PAGE], bool agrees)
{
	struct test_log  log;
	struct stray_log stray;

	log_begin(&log, 2, LOG_PAGES);
	stray.page = log.page;
	log_entry(&log, true, REF(60, 1), agrees ? "a.txt" : "theirs.txt");
	for (uint32_t record = KNOWN_FIRST; record <= KNOWN_LAST; record++)
		log_entry(&log, true, REF(record, 1), agrees ? "known.txt" : "theirs.txt");
	stray.old = log_entry(&log, false, REF(62, 2), "old.txt");
	log_entry(&log, false, REF(62, 9), "never.txt");
	stray.life = log_life(&log, 62, 3, "life.txt");
	log_life(&log, 60, 2, "next.txt"); /* of a life that the table has not come to */
	stray.bits = log.bits;
	cr_assert(eq(sz, log.page, stray.page));
	log_finish(&log);
	memcpy(page, log.blob.at + stray.page * LOG_PAGE, LOG_PAGE);
	free(log.blob.at);
	return stray;
}

/* With the page in the cluster at PLACE. */
static void open_log_scene(struct scene *scene, const uint8_t page[LOG_PAGE])
{
	open_scene(scene, page, LOG_PAGE);
	for (uint32_t record = KNOWN_FIRST; record <= KNOWN_LAST; record++) {
		inventory_row(&scene->inventory, record, 1, ROW_IN_USE);
		inventory_name(&scene->inventory, record, REF(40, 3), "known.txt", NAME_WIN32);
	}
}

/* Where the record @lsn lies, if its page lies at PLACE. */
static uint64_t place_of_lsn(const struct stray_log *stray, uint64_t lsn)
{
	return PLACE + ((lsn << stray->bits >> stray->bits << 3) - stray->page * LOG_PAGE);
}

Test(recall_carved, page_of_this_volume_s_log_gives_names_and_records)
{
	uint8_t                    page[LOG_PAGE];
	struct scene               scene;
	struct stray_log           stray = make_page(page, true);
	const struct fact         *fact;
	const struct older_record *older;

	open_log_scene(&scene, page);
	recall_scene(&scene);
	cr_assert(eq(sz, scene.sweep.found.count, 1));
	fact = find_fact(&scene, REF(62, 2), "old.txt");
	cr_assert(that(fact != NULL));
	cr_expect(eq(u64, fact->parent, REF(40, 3)));
	cr_expect(eq(u64, fact->moment, stray.old));
	cr_expect(eq(u64, fact->offset, place_of_lsn(&stray, stray.old)));
	cr_expect(eq(int, fact->source, FACT_LOG));
	cr_expect(eq(int, fact->flags, FACT_CARVED | FACT_UNLINKED));
	cr_expect(that(find_fact(&scene, REF(62, 3), "life.txt") != NULL)); /* in its record */
	cr_expect(that(find_fact(&scene, REF(60, 1), "a.txt") == NULL));    /* the table says it */
	cr_expect(that(find_fact(&scene, REF(62, 9), "never.txt") == NULL));
	cr_expect(that(find_fact(&scene, REF(60, 2), "next.txt") == NULL));
	cr_assert(eq(sz, scene.recall.older.count, 1));
	older = &scene.recall.older.items[0];
	cr_expect(eq(u64, older->ref, REF(62, 3)));
	cr_expect(eq(u64, older->moment, stray.life));
	cr_expect(eq(u64, older->offset, place_of_lsn(&stray, stray.life)));
	cr_assert(that(older->image != NULL));
	cr_expect(eq(int, older->image[0x10], 3));
	cr_expect(eq(u64, scene.test.findings.counts[FINDING_CARVED_FOREIGN], 0));
	free(older->image);
	close_scene(&scene);
}

Test(recall_carved, page_of_another_volume_s_log_is_told_and_not_taken)
{
	uint8_t      page[LOG_PAGE];
	struct scene scene;

	make_page(page, false);
	open_log_scene(&scene, page);
	recall_scene(&scene);
	cr_expect(eq(sz, scene.recall.facts.list.count, 0));
	cr_expect(eq(sz, scene.recall.older.count, 0));
	cr_expect(eq(u64, scene.test.findings.counts[FINDING_CARVED_FOREIGN], 1));
	close_scene(&scene);
}

Test(recall_carved, page_of_the_log_in_its_place_is_left_to_others)
{
	uint8_t      page[LOG_PAGE];
	struct scene scene;

	make_page(page, true);
	open_log_scene(&scene, page);
	inventory_claim(&scene.inventory, 2, PLACE / 4096, 1);
	recall_scene(&scene);
	cr_assert(eq(sz, scene.sweep.found.count, 1));
	cr_expect(eq(sz, scene.recall.facts.list.count, 0));
	cr_expect(eq(sz, scene.recall.older.count, 0));
	cr_expect(eq(u64, scene.test.findings.counts[FINDING_CARVED_FOREIGN], 0));
	close_scene(&scene);
}
