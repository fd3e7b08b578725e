/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What $LogFile remembers of a volume. */
#include "tests/unit/log_told.h"

#include "core/endian.h"
#include "scan/attribute.h"
#include "scan/recall/recall_log.h"

#define CLUSTER   4096u
#define PAGES     24u
#define RECORDS   64u
#define MFT_LCN   4u   /* clusters on the volume */
#define LOG_LCN   100u
#define CLUSTERS  200u
#define FILE_30   (30ull | 2ull << 48)
#define DIRECTORY 0x10000000u

/* -------- a volume with a log -------- */

struct scene {
	struct test_volume test;
	struct inventory   inventory;
	struct extensions  extensions;
	struct file_reader reader;
	struct recall      recall;
	struct error       err;
};

/* Record 2: its content is @pages pages at LOG_LCN. */
static void make_log_record(uint8_t out[1024], size_t pages)
{
	uint8_t *at = out + 0x38;

	make_record(out, 2, ROOT, "x");
	memset(at, 0, 1024 - 0x38);
	put_le32(at, 0x80);
	put_le32(at + 4, 0x48);
	at[8] = 1;
	put_le16(at + 0x0a, 0x40);
	put_le64(at + 0x18, pages - 1);
	put_le16(at + 0x20, 0x40);
	put_le64(at + 0x28, pages * LOG_PAGE);
	put_le64(at + 0x30, pages * LOG_PAGE);
	put_le64(at + 0x38, pages * LOG_PAGE);
	memcpy(at + 0x40, (uint8_t[]){ 0x11, (uint8_t)pages, LOG_LCN, 0 }, 4);
	put_le32(at + 0x48, 0xffffffff);
	put_le32(out + 0x18, 0x38 + 0x50);
	put_le16(out + 0x30, 7);
	for (size_t i = 1; i <= 2; i++)
		put_le16(out + 512 * i - 2, 7);
}

/* A volume whose log is @log; its table has nothing else.  What its rows say is up to the test. */
static void open_scene(struct scene *it, struct test_log *log)
{
	struct blob blob = blob_zero((CLUSTERS - MFT_LCN) * CLUSTER);

	if (!log->fixed)
		log_finish(log);
	*it = (struct scene){ 0 };
	make_log_record(blob.at + 2 * 1024, log->blob.size / LOG_PAGE);
	memcpy(blob.at + (LOG_LCN - MFT_LCN) * CLUSTER, log->blob.at, log->blob.size);
	test_volume_open(&it->test, CLUSTER, CLUSTERS, 1024, MFT_LCN * CLUSTER, blob.at, blob.size);
	free(blob.at);
	free(log->blob.at);
	inventory_make(&it->inventory, &it->test.volume, RECORDS);
	cr_assert(that(array_push(&it->inventory.mft.runs, (struct run){ 0, MFT_LCN, RECORDS * 1024 / CLUSTER })));
	inventory_row(&it->inventory, 2, 2, ROW_IN_USE);
	cr_assert(eq(int, file_reader_init(&it->reader, &it->inventory, &it->extensions, &it->err), 0));
	it->recall = (struct recall){ .inventory = &it->inventory, .reader = &it->reader, .threads = 1 };
}

static void run_scene(struct scene *it)
{
	cr_assert(eq(int, recall_log(&it->recall, &it->err), 0), "%s", it->err.text);
}

static void close_scene(struct scene *it)
{
	recall_release(&it->recall);
	file_reader_release(&it->reader);
	inventory_release(&it->inventory);
	test_volume_close(&it->test);
}

/* The only fact with this name, or NULL. */
static const struct fact *named(const struct recall *recall, const char *name)
{
	const struct fact *found = NULL;
	char               text[NAME_UTF8_MAX];

	for (size_t i = 0; i < recall->facts.list.count; i++) {
		const struct fact *fact = &recall->facts.list.items[i];

		utf16_to_utf8(facts_text(&recall->facts, fact), fact->units, text);
		if (strcmp(text, name) != 0)
			continue;
		cr_expect(that(!found), "%s is told twice", name);
		found = fact;
	}
	return found;
}

/* A file of record @record gets or loses a name: in the index of its directory and in its record. */
static uint64_t change_name(struct test_log *log, bool comes, uint64_t file, const char *name, uint64_t previous)
{
	uint8_t  entry[256], attribute[256];
	size_t   entry_size = make_index_entry(entry, file, ROOT, name), size = make_file_name(attribute, ROOT, name, 1);
	uint64_t record = file & 0xffffffffffff;

	previous = log_change(log, (struct test_change){
		.redo = comes ? LOG_ADD_INDEX_ENTRY_ALLOCATION : LOG_DELETE_INDEX_ENTRY_ALLOCATION,
		.undo = comes ? LOG_DELETE_INDEX_ENTRY_ALLOCATION : LOG_ADD_INDEX_ENTRY_ALLOCATION, .target = 0x40,
		.redo_data = entry, .redo_size = comes ? entry_size : 0,
		.undo_data = entry, .undo_size = comes ? 0 : entry_size, .previous = previous, .undo_next = previous });
	return log_change(log, (struct test_change){
		.redo = comes ? LOG_CREATE_ATTRIBUTE : LOG_DELETE_ATTRIBUTE,
		.undo = comes ? LOG_DELETE_ATTRIBUTE : LOG_CREATE_ATTRIBUTE,
		.redo_data = attribute, .redo_size = comes ? size : 0, .undo_data = attribute, .undo_size = comes ? 0 : size,
		.vcn = record / 4, .block_offset = (uint16_t)(record % 4 * 2), .record_offset = 0x98, .previous = previous,
		.undo_next = previous });
}

static uint64_t free_record(struct test_log *log, uint64_t file, uint64_t previous)
{
	uint8_t  image[1024];
	uint64_t record = file & 0xffffffffffff;

	make_record(image, (uint16_t)(file >> 48), ROOT, "x");
	return log_change(log, (struct test_change){
		.redo = LOG_DEALLOCATE_FILE_RECORD, .undo = LOG_INITIALIZE_FILE_RECORD, .undo_data = image,
		.undo_size = 0x1a, .vcn = record / 4, .block_offset = (uint16_t)(record % 4 * 2), .previous = previous,
		.undo_next = previous });
}

static uint64_t make_life(struct test_log *log, uint64_t file, const char *name, uint64_t previous)
{
	uint8_t  image[1024];
	uint64_t record = file & 0xffffffffffff;
	size_t   in_use = make_record(image, (uint16_t)(file >> 48), ROOT, name);

	return log_change(log, (struct test_change){
		.redo = LOG_INITIALIZE_FILE_RECORD, .undo = LOG_NOOP, .redo_data = image, .redo_size = in_use,
		.vcn = record / 4, .block_offset = (uint16_t)(record % 4 * 2), .previous = previous, .undo_next = previous });
}

/* -------- names -------- */

Test(recall_log, a_renamed_file_had_another_name)
{
	struct test_log    log;
	struct scene       it;
	const struct fact *fact;
	uint64_t           first, last;

	log_begin(&log, 1, PAGES);
	first = change_name(&log, false, FILE_30, "old.txt", 0);
	last = change_name(&log, true, FILE_30, "new.txt", first);
	forget_transaction(&log, last);
	open_scene(&it, &log);
	run_scene(&it);
	fact = named(&it.recall, "old.txt");
	cr_assert(that(fact != NULL));
	cr_expect(eq(u64, fact->file, FILE_30));
	cr_expect(eq(u64, fact->parent, ROOT));
	cr_expect(eq(u64, fact->moment, first));
	cr_expect(eq(int, fact->source, FACT_LOG));
	cr_expect(eq(int, fact->flags, FACT_RENAMED));
	cr_expect(eq(int, fact->space, 1));
	/* the second record of the ring: page 4 of the log, behind 0x30 + 0x28 bytes and the entry of 96 */
	cr_expect(eq(u64, fact->offset, LOG_LCN * CLUSTER + (first << log.bits >> log.bits << 3)));
	fact = named(&it.recall, "new.txt");
	cr_assert(that(fact != NULL));
	cr_expect(eq(int, fact->flags, 0));
	cr_expect(eq(u64, fact->moment, last));
	close_scene(&it);
}

Test(recall_log, the_name_of_a_deleted_file_is_its_last)
{
	struct test_log    log;
	struct scene       it;
	const struct fact *fact;
	uint64_t           last;

	log_begin(&log, 1, PAGES);
	last = change_name(&log, false, FILE_30, "gone.txt", 0);
	last = free_record(&log, FILE_30, last);
	forget_transaction(&log, last);
	open_scene(&it, &log);
	run_scene(&it);
	fact = named(&it.recall, "gone.txt");
	cr_assert(that(fact != NULL));
	cr_expect(eq(u64, fact->file, FILE_30));
	cr_expect(eq(int, fact->flags, 0));
	close_scene(&it);
}

Test(recall_log, another_transaction_that_frees_the_record_does_not_count)
{
	struct test_log    log;
	struct scene       it;
	const struct fact *fact;
	uint64_t           last;

	log_begin(&log, 1, PAGES);
	last = change_name(&log, false, FILE_30, "one.txt", 0);
	forget_transaction(&log, last);
	last = change_name(&log, false, FILE_30, "two.txt", 0);
	last = free_record(&log, FILE_30, last);
	forget_transaction(&log, last);
	open_scene(&it, &log);
	run_scene(&it);
	fact = named(&it.recall, "one.txt");
	cr_assert(that(fact != NULL));
	cr_expect(eq(int, fact->flags, FACT_UNLINKED));
	fact = named(&it.recall, "two.txt");
	cr_assert(that(fact != NULL));
	cr_expect(eq(int, fact->flags, 0));
	close_scene(&it);
}

Test(recall_log, a_name_that_came_back_did_not_end)
{
	struct test_log log;
	struct scene    it;
	uint64_t        last;

	log_begin(&log, 1, PAGES);
	last = change_name(&log, false, FILE_30, "a.txt", 0);
	forget_transaction(&log, last);
	last = change_name(&log, true, FILE_30, "a.txt", 0);
	forget_transaction(&log, last);
	open_scene(&it, &log);
	run_scene(&it);
	cr_assert(that(named(&it.recall, "a.txt") != NULL));
	cr_expect(eq(int, named(&it.recall, "a.txt")->flags, 0));
	close_scene(&it);
}

Test(recall_log, what_did_not_last_is_no_fact)
{
	struct test_log    log;
	struct scene       it;
	const struct fact *fact;
	uint8_t            data[256];
	uint64_t           last, back;

	log_begin(&log, 1, PAGES);
	last = log_change(&log, (struct test_change){ .redo = LOG_ADD_INDEX_ENTRY_ALLOCATION, .target = 0x40,
						      .undo = LOG_DELETE_INDEX_ENTRY_ALLOCATION, .redo_data = data,
						      .redo_size = make_index_entry(data, FILE_30, ROOT, "back.txt") });
	back = log_change(&log, (struct test_change){ .redo = LOG_DELETE_INDEX_ENTRY_ALLOCATION, .target = 0x40,
						      .undo = LOG_COMPENSATION, .previous = last });
	forget_transaction(&log, back);
	change_name(&log, true, FILE_30, "never.txt", 0); /* the log ends here: the driver will take it back */
	change_name(&log, false, 31ull | 1ull << 48, "still.txt", 0);
	open_scene(&it, &log);
	run_scene(&it);
	cr_expect(that(named(&it.recall, "back.txt") == NULL));
	cr_expect(that(named(&it.recall, "never.txt") == NULL));
	fact = named(&it.recall, "still.txt");
	cr_assert(that(fact != NULL));
	cr_expect(eq(int, fact->flags, 0));
	close_scene(&it);
}

Test(recall_log, what_the_table_shows_is_not_told)
{
	struct test_log log;
	struct scene    it;
	uint64_t        last;

	log_begin(&log, 1, PAGES);
	last = change_name(&log, true, FILE_30, "shown.txt", 0);
	last = change_name(&log, true, 31ull | 1ull << 48, "shown.txt", last); /* of a life that is gone */
	last = change_name(&log, true, 32ull | 1ull << 48, "cut.txt", last);
	forget_transaction(&log, last);
	open_scene(&it, &log);
	inventory_row(&it.inventory, 30, 2, ROW_IN_USE);
	inventory_name(&it.inventory, 30, ROOT, "shown.txt", 1);
	inventory_row(&it.inventory, 31, 2, ROW_IN_USE);
	inventory_name(&it.inventory, 31, ROOT, "shown.txt", 1);
	inventory_row(&it.inventory, 32, 2, 0);
	it.inventory.names.items[inventory_name(&it.inventory, 32, ROOT, "cut.txt", 1)].source = FACT_RECORD_SLACK;
	run_scene(&it);
	cr_assert(that(named(&it.recall, "shown.txt") != NULL));
	cr_expect(eq(u64, named(&it.recall, "shown.txt")->file, 31ull | 1ull << 48));
	cr_expect(that(named(&it.recall, "cut.txt") == NULL)); /* it is still to be seen in the record */
	close_scene(&it);
}

Test(recall_log, a_name_without_its_entry_is_unattached)
{
	struct test_log log;
	struct scene    it;
	uint8_t         data[256];
	uint64_t        last;

	log_begin(&log, 1, PAGES);
	last = log_change(&log, (struct test_change){ .redo = LOG_DELETE_ATTRIBUTE, .undo = LOG_CREATE_ATTRIBUTE, .vcn = 9,
						      .undo_data = data, .undo_size = make_file_name(data, ROOT, "whose.txt", 1),
						      .record_offset = 0x98 });
	forget_transaction(&log, last);
	open_scene(&it, &log);
	inventory_row(&it.inventory, 36, 4, ROW_IN_USE);
	run_scene(&it);
	cr_assert(that(named(&it.recall, "whose.txt") != NULL));
	cr_expect(eq(u64, named(&it.recall, "whose.txt")->file, 0));
	cr_expect(eq(u64, named(&it.recall, "whose.txt")->parent, ROOT));
	close_scene(&it);
}

/* The name of a file with many of them stands in an extension record; the directory's entry names the base. */
Test(recall_log, the_name_in_an_extension_is_the_base_s)
{
	struct test_log log;
	struct scene    it;
	uint8_t         data[256];
	uint64_t        last;

	log_begin(&log, 1, PAGES);
	last = log_change(&log, (struct test_change){ .redo = LOG_DELETE_INDEX_ENTRY_ALLOCATION, .target = 0x40,
						      .undo = LOG_ADD_INDEX_ENTRY_ALLOCATION, .undo_data = data,
						      .undo_size = make_index_entry(data, FILE_30, ROOT, "link.txt") });
	last = log_change(&log, (struct test_change){ .redo = LOG_DELETE_ATTRIBUTE, .undo = LOG_CREATE_ATTRIBUTE, .vcn = 9,
						      .undo_data = data, .undo_size = make_file_name(data, ROOT, "link.txt", 1),
						      .record_offset = 0x98, .previous = last });
	forget_transaction(&log, last);
	open_scene(&it, &log);
	run_scene(&it);
	cr_expect(eq(sz, it.recall.facts.list.count, 1));
	cr_expect(eq(u64, it.recall.facts.list.items[0].file, FILE_30));
	cr_expect(eq(int, it.recall.facts.list.items[0].flags, FACT_UNLINKED));
	close_scene(&it);
}

/* Windows 10 frees the record of an open file later: until then it has a number for a name. */
Test(recall_log, a_file_that_was_open_when_it_was_deleted_was_deleted)
{
	static const uint64_t graveyard = 28ull | 1ull << 48;
	struct test_log       log;
	struct scene          it;
	uint8_t               data[256];
	uint64_t              last;

	log_begin(&log, 1, PAGES);
	last = change_name(&log, false, FILE_30, "open.txt", 0);
	last = log_change(&log, (struct test_change){ .redo = LOG_ADD_INDEX_ENTRY_ALLOCATION, .target = 0x40, .redo_data = data,
						      .redo_size = make_index_entry(data, FILE_30, graveyard, "00020000"),
						      .previous = last });
	forget_transaction(&log, last);
	open_scene(&it, &log);
	inventory_row(&it.inventory, 28, 1, ROW_IN_USE | ROW_DIRECTORY);
	inventory_name(&it.inventory, 28, 11ull | 11ull << 48, "$Deleted", 3);
	run_scene(&it);
	cr_expect(eq(sz, it.recall.facts.list.count, 1));
	cr_assert(that(named(&it.recall, "open.txt") != NULL));
	cr_expect(eq(int, named(&it.recall, "open.txt")->flags, 0));
	close_scene(&it);
}

static int count_pieces(void *to, uint64_t usn, struct bytes bytes, struct error *err)
{
	(void)usn, (void)bytes, (void)err;
	++*(size_t *)to;
	return 0;
}

/* Twelve bytes are written into the change journal, record 40. */
static void write_journal(struct test_log *log)
{
	open_attribute(log, 0x18, 40ull | 3ull << 48, 0x80, "$\0J", 4);
	log_change(log, (struct test_change){ .redo = LOG_UPDATE_NONRESIDENT_VALUE, .undo = LOG_NOOP, .target = 0x18,
					      .vcn = 3, .record_offset = 0x120, .redo_data = "a USN record",
					      .redo_size = 12 });
}

struct stretch_case {
	char name[40];
	bool known, other; /* a file that the table has: by the name that the log has, or by another */
	bool behind;       /* the end that the log tells is before the stretch */
	bool taken;
};

/* Between a stretch and the end of the log a page is lost; so it may be of the volume before a format. */
ParameterizedTestParameters(recall_log, a_stretch_by_itself_is_taken_if_the_table_agrees)
{
	static struct stretch_case cases[] = {
		{ "nothing is known", .taken = true },
		{ "the table agrees", .known = true, .taken = true },
		{ "the table disagrees", .other = true },
		{ "as many say this as that", .known = true, .other = true },
		{ "from behind the end", .behind = true },
		{ "from there, but the table agrees", .behind = true, .known = true, .taken = true },
	};

	return CASES(struct stretch_case, cases);
}

ParameterizedTest(struct stretch_case *c, recall_log, a_stretch_by_itself_is_taken_if_the_table_agrees)
{
	struct test_log log;
	struct scene    it;
	uint64_t        first;
	size_t          pieces = 0;

	log_begin(&log, 1, PAGES);
	first = log_change(&log, (struct test_change){ .redo = LOG_NOOP });
	log_turn_page(&log);
	log_change(&log, (struct test_change){ .redo = LOG_NOOP });
	log_turn_page(&log);
	forget_transaction(&log, change_name(&log, false, FILE_30, "old.txt", 0));
	forget_transaction(&log, change_name(&log, true, 31ull | 1ull << 48, "known.txt", 0));
	forget_transaction(&log, change_name(&log, true, 32ull | 1ull << 48, "mine.txt", 0));
	forget_transaction(&log, make_life(&log, 33ull | 1ull << 48, "before.txt", 0));
	write_journal(&log);
	log_turn_page(&log);
	log_change(&log, (struct test_change){ .redo = LOG_NOOP });
	log_turn_page(&log);
	log_change(&log, (struct test_change){ .redo = LOG_NOOP });
	memset(log.blob.at + 7 * LOG_PAGE, 0, LOG_PAGE);
	if (c->behind) {
		memset(log.blob.at + 5 * LOG_PAGE, 0, LOG_PAGE);
		memset(log.blob.at + 8 * LOG_PAGE, 0, LOG_PAGE);
		log.last = first;
	}
	open_scene(&it, &log);
	inventory_row(&it.inventory, 33, 2, ROW_IN_USE);
	if (c->known) {
		inventory_row(&it.inventory, 31, 1, ROW_IN_USE);
		inventory_name(&it.inventory, 31, ROOT, "known.txt", 1);
	}
	if (c->other) {
		inventory_row(&it.inventory, 32, 1, ROW_IN_USE);
		inventory_name(&it.inventory, 32, ROOT, "yours.txt", 1);
	}
	run_scene(&it);
	cr_expect(eq(int, named(&it.recall, "old.txt") != NULL, c->taken), "%s", c->name);
	cr_expect(eq(sz, it.recall.older.count, c->taken), "%s", c->name);
	cr_assert(eq(int, recall_log_journal(&it.recall, count_pieces, &pieces, &it.err), 0));
	cr_expect(eq(sz, pieces, c->taken), "%s", c->name);
	close_scene(&it);
}

/* -------- older records -------- */

Test(recall_log, a_life_that_was_overwritten_comes_back)
{
	struct test_log            log;
	struct scene               it;
	const struct older_record *older;
	uint8_t                    image[1024];
	uint64_t                   last;

	log_begin(&log, 1, PAGES);
	last = make_life(&log, FILE_30, "first.txt", 0);
	forget_transaction(&log, last);
	forget_transaction(&log, free_record(&log, FILE_30, 0));
	forget_transaction(&log, make_life(&log, 30ull | 3ull << 48, "second.txt", 0));
	open_scene(&it, &log);
	inventory_row(&it.inventory, 30, 3, ROW_IN_USE);
	inventory_name(&it.inventory, 30, ROOT, "second.txt", 1);
	run_scene(&it);
	cr_assert(eq(sz, it.recall.older.count, 1));
	older = &it.recall.older.items[0];
	cr_expect(eq(u64, older->ref, FILE_30));
	cr_expect(eq(u64, older->moment, last));
	cr_expect(that(!older->partial));
	cr_expect(eq(u64, older->offset, LOG_LCN * CLUSTER + (last << log.bits >> log.bits << 3)));
	make_record(image, 2, ROOT, "first.txt");
	cr_expect(that(memcmp(older->image, image, sizeof image) == 0));
	cr_expect(that(named(&it.recall, "second.txt") == NULL));
	close_scene(&it);
}

struct row_case {
	char     name[24];
	uint16_t sequence, flags;
	size_t   records;
};

ParameterizedTestParameters(recall_log, a_life_is_wanted_that_no_row_shows)
{
	static struct row_case cases[] = {
		{ "live", 2, ROW_IN_USE, 0 },
		{ "freed", 3, 0, 0 }, /* references to it carry the number before */
		{ "used again", 3, ROW_IN_USE, 1 },
		{ "used often since", 300, ROW_IN_USE, 1 },
		{ "not reached", 1, ROW_IN_USE, 0 }, /* of another volume that was here */
		{ "misplaced", 1, ROW_IN_USE | ROW_MISPLACED, 1 },
		{ "torn", 2, ROW_IN_USE | ROW_TORN, 1 },
		{ "damaged", 2, ROW_IN_USE | ROW_DAMAGED, 1 },
	};

	return CASES(struct row_case, cases);
}

ParameterizedTest(struct row_case *c, recall_log, a_life_is_wanted_that_no_row_shows)
{
	struct test_log log;
	struct scene    it;

	log_begin(&log, 1, PAGES);
	forget_transaction(&log, make_life(&log, FILE_30, "first.txt", 0));
	open_scene(&it, &log);
	inventory_row(&it.inventory, 30, c->sequence, c->flags);
	run_scene(&it);
	cr_expect(eq(sz, it.recall.older.count, c->records), "%s", c->name);
	close_scene(&it);
}

struct base_case {
	char     name[40];
	uint16_t life;            /* of the base, record 31 */
	uint16_t sequence, flags; /* of its row */
	size_t   records;
};

ParameterizedTestParameters(recall_log, an_extension_is_wanted_of_a_file_that_is_over)
{
	static struct base_case cases[] = {
		{ "a life before", 2, 5, ROW_IN_USE, 1 },
		{ "deleted: the table still shows it", 4, 5, 0, 1 },
		{ "live: it was given up", 5, 5, ROW_IN_USE, 0 },
		{ "a life to come", 6, 5, ROW_IN_USE, 0 },
		{ "deleted: the next life", 5, 5, 0, 0 },
		{ "no life", 0, 5, ROW_IN_USE, 0 },
		{ "that life was an extension itself", 4, 5, ROW_EXTENSION, 0 },
		{ "nothing is known of its row", 9, 1, ROW_IN_USE | ROW_MISPLACED, 1 },
	};

	return CASES(struct base_case, cases);
}

ParameterizedTest(struct base_case *c, recall_log, an_extension_is_wanted_of_a_file_that_is_over)
{
	struct test_log log;
	struct scene    it;
	uint8_t         image[1024];
	size_t          in_use = make_record(image, 2, ROOT, "link.txt");

	put_le64(image + 0x20, 31ull | (uint64_t)c->life << 48);
	log_begin(&log, 1, PAGES);
	forget_transaction(&log, log_change(&log, (struct test_change){
		.redo = LOG_INITIALIZE_FILE_RECORD, .undo = LOG_NOOP, .redo_data = image, .redo_size = in_use,
		.vcn = 7, .block_offset = 4 }));
	open_scene(&it, &log);
	inventory_row(&it.inventory, 30, 3, ROW_IN_USE);
	inventory_row(&it.inventory, 31, c->sequence, c->flags);
	run_scene(&it);
	cr_expect(eq(sz, it.recall.older.count, c->records), "%s", c->name);
	close_scene(&it);
}

/* Of one life the log may have several states, and attributes after a gap: the last whole one is taken. */
Test(recall_log, of_one_life_the_last_state_is_taken)
{
	struct test_log log;
	struct scene    it;
	uint8_t         image[1024], data[256];
	size_t          in_use = make_record(image, 2, ROOT, "first.txt");
	uint64_t        last;

	log_begin(&log, 1, PAGES);
	forget_transaction(&log, make_life(&log, FILE_30, "first.txt", 0));
	log_change(&log, (struct test_change){ .redo = LOG_NOOP, .undo = LOG_INITIALIZE_FILE_RECORD, .undo_data = image,
					       .undo_size = in_use, .vcn = 7, .block_offset = 4 });
	last = log_change(&log, (struct test_change){ .redo = LOG_INITIALIZE_FILE_RECORD, .undo = LOG_NOOP, .redo_data = image,
						      .redo_size = in_use, .vcn = 7, .block_offset = 4 });
	log_turn_page(&log);
	log_change(&log, (struct test_change){ .redo = LOG_NOOP });
	log_turn_page(&log);
	memset(data, 0, 0x48); /* a resident $DATA without content */
	put_le32(data, 0x80);
	put_le32(data + 4, 0x18);
	put_le16(data + 0x14, 0x18);
	log_change(&log, (struct test_change){ .redo = LOG_CREATE_ATTRIBUTE, .undo = LOG_DELETE_ATTRIBUTE, .redo_data = data,
					       .redo_size = 0x18, .vcn = 7, .block_offset = 4, .record_offset = 0x98 });
	free_record(&log, FILE_30, 0);
	memset(log.blob.at + 5 * LOG_PAGE, 0, LOG_PAGE);
	open_scene(&it, &log);
	inventory_row(&it.inventory, 30, 3, ROW_IN_USE);
	run_scene(&it);
	cr_assert(eq(sz, it.recall.older.count, 1));
	cr_expect(eq(u64, it.recall.older.items[0].moment, last));
	close_scene(&it);
}

/* Attributes without a name, of a record that no directory names: it may be an extension record. */
Test(recall_log, content_that_nothing_names_is_no_file)
{
	struct test_log log;
	struct scene    it;
	uint8_t         data[0x18] = { 0x80, 0, 0, 0, 0x18 };

	for (int named_too = 0; named_too < 2; named_too++) {
		log_begin(&log, 1, PAGES);
		put_le16(data + 0x14, 0x18);
		log_change(&log, (struct test_change){ .redo = LOG_CREATE_ATTRIBUTE, .undo = LOG_DELETE_ATTRIBUTE,
						       .redo_data = data, .redo_size = 0x18, .vcn = 7, .block_offset = 4,
						       .record_offset = 0x38 });
		if (named_too)
			forget_transaction(&log, change_name(&log, false, FILE_30, "name.txt", 0));
		free_record(&log, FILE_30, 0);
		open_scene(&it, &log);
		inventory_row(&it.inventory, 30, 3, ROW_IN_USE);
		run_scene(&it);
		cr_expect(eq(sz, it.recall.older.count, (size_t)named_too));
		close_scene(&it);
	}
}

/* A sector of the log is of another state: what is in it may be half of something else. */
Test(recall_log, what_is_torn_says_so)
{
	struct test_log log;
	struct scene    it;

	log_begin(&log, 1, PAGES);
	forget_transaction(&log, change_name(&log, false, FILE_30, "torn.txt", 0));
	forget_transaction(&log, make_life(&log, 31ull | 2ull << 48, "life.txt", 0));
	log_finish(&log);
	for (size_t stride = 1; stride <= 8; stride++)
		put_le16(log.blob.at + 4 * LOG_PAGE + 512 * stride - 2, 0x7777);
	open_scene(&it, &log);
	inventory_row(&it.inventory, 31, 3, ROW_IN_USE);
	run_scene(&it);
	cr_assert(that(named(&it.recall, "torn.txt") != NULL));
	cr_expect(that(named(&it.recall, "torn.txt")->flags & FACT_TORN));
	cr_expect(eq(sz, it.recall.older.count, 0));
	close_scene(&it);
}

/* A node of the directory that is moved shows what lay in it, also names that were removed long ago. */
Test(recall_log, what_is_merely_seen_does_not_bring_a_name_back)
{
	struct test_log log;
	struct scene    it;
	uint8_t         entries[256];
	size_t          size = make_index_entry(entries, FILE_30, ROOT, "old.txt");

	memset(entries + size, 0, 16);
	put_le16(entries + size + 8, 16);
	put_le16(entries + size + 12, 2);
	log_begin(&log, 1, PAGES);
	forget_transaction(&log, change_name(&log, false, FILE_30, "old.txt", 0));
	forget_transaction(&log, log_change(&log, (struct test_change){
		.redo = LOG_WRITE_END_OF_INDEX_BUFFER, .undo = LOG_WRITE_END_OF_INDEX_BUFFER, .undo_data = entries,
		.undo_size = size + 16, .redo_data = entries + size, .redo_size = 16 }));
	open_scene(&it, &log);
	run_scene(&it);
	cr_assert(that(named(&it.recall, "old.txt") != NULL));
	cr_expect(eq(int, named(&it.recall, "old.txt")->flags, FACT_UNLINKED));
	close_scene(&it);
}

/* -------- other logs -------- */

enum other_log { OTHER_EMPTIED, OTHER_ZEROES, OTHER_RUN, OTHER_LOST };

TheoryDataPoints(recall_log, what_is_no_log_says_nothing) = {
	DataPoints(int, OTHER_EMPTIED, OTHER_ZEROES, OTHER_RUN, OTHER_LOST),
};

/* A log whose pages are right, but it begins with what libntfs-3g, or a run of ours, leaves there. */
Theory((int kind), recall_log, what_is_no_log_says_nothing)
{
	struct test_log log;
	struct scene    it;

	log_begin(&log, 1, PAGES);
	forget_transaction(&log, change_name(&log, false, FILE_30, "old.txt", 0));
	log_finish(&log);
	if (kind == OTHER_EMPTIED || kind == OTHER_ZEROES)
		memset(log.blob.at, kind == OTHER_ZEROES ? 0 : 0xff, log.blob.size);
	if (kind == OTHER_RUN)
		strcpy((char *)log.blob.at, "HOLDFASTREDOLOG");
	open_scene(&it, &log);
	if (kind == OTHER_LOST)
		it.inventory.rows[2].flags = 0;
	run_scene(&it);
	cr_expect(eq(sz, it.recall.facts.list.count + it.recall.older.count, 0), "%d", kind);
	close_scene(&it);
}

/* Pages of 4096 bytes that lie anywhere, in no order, one of them twice. */
Test(recall_log, pages_from_anywhere_are_a_log)
{
	static const uint64_t pages[] = { (LOG_LCN + 6) * CLUSTER, (LOG_LCN + 4) * CLUSTER, (LOG_LCN + 5) * CLUSTER,
					  (LOG_LCN + 5) * CLUSTER, (LOG_LCN + 7) * CLUSTER };
	struct test_log       log;
	struct scene          it;
	const struct fact    *fact;
	uint64_t              last;
	size_t                agreed;
	char                  name[32];

	log_begin(&log, 2, PAGES + 34);
	log.page = 4; /* as if its ring began there */
	memcpy(log.blob.at + 4 * LOG_PAGE, log.blob.at + 34 * LOG_PAGE, LOG_PAGE);
	for (unsigned i = 0; i < 30; i++) {
		snprintf(name, sizeof name, "name-%u", i);
		last = change_name(&log, false, (30 + i) | 2ull << 48, name, 0);
		forget_transaction(&log, last);
	}
	last = change_name(&log, true, 29ull | 2ull << 48, "known.txt", 0);
	forget_transaction(&log, last);
	open_scene(&it, &log);
	cr_assert(eq(int, recall_log_pages(&it.recall, pages, COUNT(pages), &agreed, &it.err), 0));
	cr_expect(eq(sz, it.recall.facts.list.count, 0)); /* nothing says that they are of this volume */
	cr_expect(eq(sz, agreed, 0));
	inventory_row(&it.inventory, 29, 2, ROW_IN_USE);
	inventory_name(&it.inventory, 29, ROOT, "known.txt", 1);
	cr_assert(eq(int, recall_log_pages(&it.recall, pages, COUNT(pages), &agreed, &it.err), 0));
	cr_expect(eq(sz, it.recall.facts.list.count, 30));
	cr_expect(eq(sz, agreed, 1));
	for (unsigned i = 0; i < 30; i++) {
		snprintf(name, sizeof name, "name-%u", i);
		fact = named(&it.recall, name);
		cr_assert(that(fact != NULL));
		cr_expect(eq(u64, fact->file, (30 + i) | 2ull << 48));
		cr_expect(eq(int, fact->flags, FACT_UNLINKED | FACT_CARVED));
		cr_expect(eq(u64, fact->offset, LOG_LCN * CLUSTER + (fact->moment << log.bits >> log.bits << 3)));
	}
	close_scene(&it);
}

static int take_journal(void *to, uint64_t usn, struct bytes bytes, struct error *err)
{
	size_t *taken = to;

	(void)err;
	cr_expect(eq(u64, usn, 3 * CLUSTER + 0x120));
	cr_expect(that(bytes.left == 12 && memcmp(bytes.at, "a USN record", 12) == 0));
	cr_expect(eq(u64, bytes.offset / CLUSTER, LOG_LCN + 4));
	++*taken;
	return 0;
}

Test(recall_log, the_change_journal_s_bytes_are_handed_on)
{
	struct test_log log;
	struct scene    it;
	size_t          taken = 0;

	log_begin(&log, 1, PAGES);
	log_change(&log, (struct test_change){ .redo = LOG_NOOP });
	write_journal(&log);
	open_scene(&it, &log);
	cr_assert(eq(int, recall_log_journal(&it.recall, take_journal, &taken, &it.err), 0));
	cr_expect(eq(sz, taken, 0)); /* nobody has opened it */
	run_scene(&it);
	cr_assert(eq(int, recall_log_journal(&it.recall, take_journal, &taken, &it.err), 0));
	cr_expect(eq(sz, taken, 1));
	recall_log_close(&it.recall);
	cr_assert(eq(int, recall_log_journal(&it.recall, take_journal, &taken, &it.err), 0));
	cr_expect(eq(sz, taken, 1));
	close_scene(&it);
}

/* -------- DFTT #7 -------- */

struct whole {
	char              *folder, *path;
	struct evidence    evidence;
	struct findings    findings;
	struct volumes     volumes;
	struct inventory   inventory;
	struct extensions  extensions;
	struct file_reader reader;
	struct recall      recall;
	struct error       err;
};

static void open_whole(struct whole *it, struct blob image)
{
	struct selection all = { 0 };

	*it = (struct whole){ .folder = temp_folder() };
	it->path = temp_path(it->folder, "volume.img");
	temp_write(it->path, image.at, image.size);
	findings_init(&it->findings);
	cr_assert(eq(int, evidence_open(&it->evidence, it->path, NULL, &it->err), 0));
	cr_assert(eq(int, volumes_find(&it->evidence, &all, &it->volumes, &it->findings, &it->err), 0), "%s", it->err.text);
	cr_assert(eq(int, inventory_read(&it->inventory, &it->volumes.items[0], 1, &it->findings, &it->err), 0));
	cr_assert(eq(int, extensions_collect(&it->extensions, &it->inventory, &it->err), 0));
	cr_assert(eq(int, file_reader_init(&it->reader, &it->inventory, &it->extensions, &it->err), 0));
	it->recall = (struct recall){ .inventory = &it->inventory, .reader = &it->reader, .threads = 1 };
}

static void close_whole(struct whole *it)
{
	recall_release(&it->recall);
	file_reader_release(&it->reader);
	array_release(&it->extensions);
	inventory_release(&it->inventory);
	array_release(&it->volumes);
	evidence_release(&it->evidence);
	findings_release(&it->findings);
	temp_remove(it->folder);
	free(it->path);
}

static bool holds(const uint8_t *record, const char *bytes, size_t size)
{
	return memmem(record, DFTT_CLUSTER, bytes, size) != NULL;
}

/* The known answer is that record 37, sequence 1, was \dir3: its record was used again by a file. */
Test(recall_log, dftt_dir3_comes_back)
{
	struct blob        image = load_dftt();
	struct whole       it;
	const struct fact *fact;

	open_whole(&it, image);
	cr_assert(eq(int, recall_log(&it.recall, &it.err), 0), "%s", it.err.text);
	fact = named(&it.recall, "dir3");
	cr_assert(that(fact != NULL));
	cr_expect(eq(u64, fact->file, 37ull | 1ull << 48));
	cr_expect(eq(u64, fact->parent, ROOT));
	cr_expect(eq(int, fact->flags, FACT_DIRECTORY));
	cr_assert(lt(u64, fact->offset, image.size - 8)); /* a record of the log begins with its own LSN */
	cr_expect(eq(u64, le64_at(image.at + fact->offset), fact->moment));
	cr_expect(eq(sz, it.recall.older.count, 2)); /* tracking.log's first life, and dir3 */
	cr_expect(eq(u64, it.recall.older.items[0].ref, 28ull | 1ull << 48));
	cr_expect(eq(u64, it.recall.older.items[1].ref, 37ull | 1ull << 48));
	cr_expect(that(holds(it.recall.older.items[1].image, "d\0i\0r\0003\0", 8)));
	close_whole(&it);
	free(image.at);
}

/* The first attribute of @type, from its length on; NULL if there is none. */
static const uint8_t *attribute_of(const uint8_t *record, uint32_t type)
{
	size_t at = le16_at(record + 0x14);

	while (at + 16 < DFTT_CLUSTER && le32_at(record + at) != type && le32_at(record + at) != 0xffffffff)
		at += le32_at(record + at + 4);
	return at + 16 < DFTT_CLUSTER && le32_at(record + at) == type ? record + at : NULL;
}

struct part_case {
	uint64_t record;
	size_t   page; /* of the log: the record is made there, its name with it */
};

/*
 * With the making of the record lost, what the log says of its content since leads to the run list that Windows
 * left on the disk.
 */
ParameterizedTestParameters(recall_log, dftt_contents_come_back_without_their_beginning)
{
	static struct part_case cases[] = {
		{ 29, 0x14 },
		{ 30, 0x17 },
		{ 31, 0x21 },
		{ 32, 0x24 },
	};

	return CASES(struct part_case, cases);
}

ParameterizedTest(struct part_case *c, recall_log, dftt_contents_come_back_without_their_beginning)
{
	struct blob          image = load_dftt();
	struct whole         it;
	struct older_record *older = NULL;
	const uint8_t       *data, *wanted;
	uint8_t              record[DFTT_CLUSTER];

	memset(image.at + DFTT_LOG * DFTT_CLUSTER + c->page * LOG_PAGE, 0, LOG_PAGE);
	open_whole(&it, image);
	it.inventory.rows[c->record].sequence = 7; /* as if it had been used again */
	cr_assert(eq(int, recall_log(&it.recall, &it.err), 0), "%s", it.err.text);
	for (size_t i = 0; i < it.recall.older.count; i++)
		if (it.recall.older.items[i].ref == (c->record | 1ull << 48))
			older = &it.recall.older.items[i];
	cr_assert(that(older != NULL), "record %lu", c->record);
	cr_expect(that(older->partial));
	load_record(image, c->record, record);
	wanted = attribute_of(record, 0x80);
	data = attribute_of(older->image, 0x80);
	cr_assert(that(wanted && data));
	cr_assert(eq(u32, le32_at(data + 4), le32_at(wanted + 4)));
	cr_expect(that(memcmp(data, wanted, le32_at(wanted + 4)) == 0));
	cr_expect(that(attribute_of(older->image, 0x30) == NULL)); /* its name is in the directory */
	cr_expect(eq(u16, le16_at(older->image + 0x10), 1));
	close_whole(&it);
	free(image.at);
}
