/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_catalogue_file.c - expected values: what was put in; catalogue.h */
#include "tests/unit/unit.h"

#include "recover/engine/catalogue_writer.h"

/* -------- both copies of a catalogue in memory -------- */

#define COPY_APART 1000000u /* bytes on the volume between a block and its other copy */
#define BLOCKS_MAX 256u     /* of which a test may make any unreadable */

struct copies {
	uint8_t *raw[CATALOGUE_COPIES];
	uint64_t blocks;
	bool     unreadable[CATALOGUE_COPIES][BLOCKS_MAX];
	uint64_t fail_at; /* block whose reading ends it all; 0 none */
};

static const struct catalogue_header header = { .uuid = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
							  16 },
						.generation = 3,
						.serial = 0xfedcba9876543210,
						.clusters = 1u << 30,
						.cluster_bytes = 4096,
						.letter = 'D' };

static struct catalogue_writer writer;
static struct error            err;

#define OK(call) cr_assert(eq(int, (call), 0), "%s", err.text)

static void begin(void)
{
	OK(catalogue_writer_init(&writer, &header, &err));
}

static struct copies end(void)
{
	struct copies copies = { 0 };

	OK(catalogue_writer_finish(&writer, &err));
	copies.blocks = writer.header.blocks;
	for (unsigned copy = 0; copy < CATALOGUE_COPIES; copy++) {
		copies.raw[copy] = malloc(copies.blocks * CATALOGUE_BLOCK_BYTES);
		for (uint64_t i = 0; i < copies.blocks; i++)
			OK(catalogue_writer_block(&writer, i, i * CATALOGUE_BLOCK_BYTES + copy * COPY_APART,
						  copies.raw[copy] + i * CATALOGUE_BLOCK_BYTES, &err));
	}
	catalogue_writer_release(&writer);
	return copies;
}

static void copies_free(struct copies *copies)
{
	free(copies->raw[0]);
	free(copies->raw[1]);
}

static int read_copies(void *context, unsigned copy, uint64_t number, uint8_t block[CATALOGUE_BLOCK_BYTES],
		       struct error *error)
{
	const struct copies *copies = context;

	cr_assert(that(copy < CATALOGUE_COPIES && number < copies->blocks), "asks for what is not there");
	if (copies->fail_at && number == copies->fail_at)
		return error_set(error, ERROR_IO, NULL, "no more");
	if (number < BLOCKS_MAX && copies->unreadable[copy][number])
		return 1;
	memcpy(block, copies->raw[copy] + number * CATALOGUE_BLOCK_BYTES, CATALOGUE_BLOCK_BYTES);
	return 0;
}

static void damage(struct copies *copies, unsigned copy, uint64_t number)
{
	copies->raw[copy][number * CATALOGUE_BLOCK_BYTES + 0x200] ^= 0x10;
}

static void open_file(struct catalogue_file *file, struct copies *copies)
{
	OK(catalogue_file_open(file, read_copies, copies, copies->blocks, &err));
}

/* -------- records -------- */

static void add_name(struct case_record *record, const char *path, bool captured, bool dos)
{
	struct case_name name = {
		.store = captured, .path = path, .dos = dos, .parent = file_ref_make(40, 2)
	};

	OK(case_record_add_name(record, name, &err));
}

static struct case_stream *add_stream(struct case_record *record, uint32_t type, const char *name,
				      uint64_t size)
{
	struct case_stream stream = { .type = type,
				      .name = name,
				      .size_bytes = size,
				      .valid_bytes = size / 2,
				      .allocated_bytes = size + 100 };

	OK(case_record_add_stream(record, stream, &err));
	return &record->streams.items[record->streams.count - 1];
}

static void add_value(struct case_record *record, uint32_t type, const char *name, size_t size, uint64_t seed)
{
	struct case_stream *stream = add_stream(record, type, name, size);

	stream->resident = true;
	stream->value = malloc(size ? size : 1);
	for (size_t i = 0; i < size; i++)
		stream->value[i] = (uint8_t)dice(&seed);
}

static void add_run(struct case_stream *stream, uint64_t vcn, uint64_t lcn, uint64_t length)
{
	cr_assert(that(array_push(&stream->runs, (struct run){ vcn, lcn, length })));
}

static void add_many_runs(struct case_stream *stream, size_t count, uint64_t seed)
{
	uint64_t vcn = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t length = 1 + dice(&seed) % 1000;
		uint64_t lcn = dice(&seed) % ((1u << 30) - 1000);

		add_run(stream, vcn, dice(&seed) % 8 ? lcn : LCN_HOLE, length);
		vcn += length + (dice(&seed) % 64 ? 0 : 5); /* a gap now and then */
	}
}

static struct case_record file_record(uint64_t number)
{
	struct case_record record = { 0 };

	record.file = (struct case_file){ .record = number,
					  .sequence = (uint16_t)(number * 7),
					  .live = true,
					  .info_known = true,
					  .link_count = (uint16_t)(number * 3),
					  .times = { number, UINT64_MAX - number, 0x0102030405060708, 5 },
					  .attributes = 0x80000020,
					  .security_id = 0x100 + (uint32_t)number };
	return record;
}

/* Ready for the writer, as a loaded record is: the file's row says again what its streams say. */
static void settle(struct case_record *record)
{
	case_record_settle(record);
	record->file.grade = record->file.directory ? GRADE_INTACT : GRADE_LOST;
	for (size_t i = record->streams.count; i-- > 0;) {
		const struct case_stream *stream = &record->streams.items[i];

		for (size_t j = stream->runs.count; j-- > 0;)
			if (stream->runs.items[j].lcn != LCN_HOLE)
				record->file.first_lcn = stream->runs.items[j].lcn;
		if (stream->type == ATTRIBUTE_DATA && !*stream->name) {
			record->file.size_bytes = stream->size_bytes;
			record->file.grade = GRADE_INTACT;
		}
	}
}

static void put(struct case_record *record, const struct catalogue_digest *digests, bool copied)
{
	settle(record);
	OK(catalogue_writer_entry(&writer, record, digests, copied, &err));
}

static void expect_names(const struct case_record *got, const struct case_record *wanted)
{
	char inside[8192];

	cr_assert(eq(sz, got->names.count, wanted->names.count));
	for (size_t i = 0; i < wanted->names.count; i++) {
		const struct case_name *a = &got->names.items[i], *b = &wanted->names.items[i];

		cr_expect(eq(str, (char *)a->path, (char *)b->path));
		cr_expect(a->parent == b->parent && a->dos == b->dos && a->live && a->proof == PROOF_PROVEN);
		cr_expect(eq(int, (int)a->store, b->store != 0));
		snprintf(inside, sizeof inside, "File\\D$%s", b->path);
		if (b->store && strlen(b->path) < 8000)
			cr_expect(eq(str, (char *)a->inside, inside));
		else if (!b->store)
			cr_expect(a->inside == NULL);
	}
}

static void expect_streams(const struct case_record *got, const struct case_record *wanted)
{
	cr_assert(eq(sz, got->streams.count, wanted->streams.count));
	for (size_t i = 0; i < wanted->streams.count; i++) {
		const struct case_stream *a = &got->streams.items[i], *b = &wanted->streams.items[i];

		cr_expect(eq(str, (char *)a->name, (char *)b->name));
		cr_expect(a->type == b->type && a->flags == b->flags && a->unit_shift == b->unit_shift &&
			  a->resident == b->resident && a->grade == GRADE_INTACT && a->reasons == 0 &&
			  a->missing.count == 0);
		cr_expect(a->size_bytes == b->size_bytes && a->valid_bytes == b->valid_bytes &&
			  a->allocated_bytes == b->allocated_bytes);
		if (b->resident)
			cr_expect(that(memcmp(a->value, b->value, b->size_bytes) == 0));
		cr_assert(eq(sz, a->runs.count, b->runs.count));
		for (size_t j = 0; j < b->runs.count; j++)
			cr_expect(
				that(memcmp(&a->runs.items[j], &b->runs.items[j], sizeof(struct run)) == 0));
	}
}

static void expect_record(const struct case_record *got, const struct case_record *wanted)
{
	const struct case_file *a = &got->file, *b = &wanted->file;

	cr_expect(eq(u64, a->record, b->record));
	cr_expect(a->sequence == b->sequence && a->live && a->directory == b->directory &&
		  a->info_known == b->info_known && a->link_count == b->link_count &&
		  a->size_bytes == b->size_bytes && memcmp(&a->times, &b->times, sizeof a->times) == 0 &&
		  a->attributes == b->attributes && a->security_id == b->security_id &&
		  a->grade == b->grade && a->first_lcn == b->first_lcn);
	expect_names(got, wanted);
	expect_streams(got, wanted);
}

/* The next entry is @wanted, whole. */
static void expect_next(struct catalogue_file *file, const struct case_record *wanted)
{
	struct catalogue_entry entry;

	cr_assert(eq(int, catalogue_file_next(file, &entry, &err), 1));
	cr_expect(entry.whole, "record %d", (int)wanted->file.record);
	cr_expect(eq(sz, entry.digests.count, wanted->streams.count));
	expect_record(&entry.record, wanted);
	catalogue_entry_release(&entry);
}

static void expect_end(struct catalogue_file *file)
{
	struct catalogue_entry entry;

	cr_expect(eq(int, catalogue_file_next(file, &entry, &err), 0));
	catalogue_entry_release(&entry);
}

/* -------- the shapes that files have -------- */

static void shape_nothing(struct case_record *record)
{
	(void)record;
}

static void shape_directory(struct case_record *record)
{
	record->file.directory = true;
	add_name(record, "\\", true, false);
	add_value(record, ATTRIBUTE_INDEX_ROOT, "$I30", 56, 1);
}

static void shape_small(struct case_record *record)
{
	add_name(record, "\\Users\\a\\x.txt", true, false);
	add_value(record, ATTRIBUTE_DATA, "", 700, 2);
}

static void shape_empty_value(struct case_record *record)
{
	add_name(record, "\\Users\\a\\empty", true, false);
	add_value(record, ATTRIBUTE_DATA, "", 0, 3);
	add_stream(record, ATTRIBUTE_DATA, "no runs", 0);
}

static void shape_large_values(struct case_record *record)
{
	add_name(record, "\\values", true, false);
	for (int i = 0; i < 5; i++)
		add_value(record, i ? ATTRIBUTE_EA : ATTRIBUTE_DATA, i ? "ea" : "", i == 4 ? 65536 : 3900 + i,
			  4);
}

static void shape_many_names(struct case_record *record)
{
	char path[64];

	for (int i = 0; i < 1024; i++) {
		snprintf(path, sizeof path, "\\Users\\%d\\Documents\\link number %d", i / 100, i);
		add_name(record, path, i % 2, i % 3 == 0);
	}
	add_run(add_stream(record, ATTRIBUTE_DATA, "", 4096), 0, 77, 1);
}

static void add_long_name(struct case_record *record, size_t depth, char last)
{
	char   path[70000];
	size_t length = 0;

	for (size_t i = 0; i < depth; i++) {
		path[length++] = '\\';
		memset(path + length, 'a' + (int)(i % 26), 255);
		length += 255;
	}
	path[length - 1] = last;
	path[length] = 0;
	add_name(record, path, true, false);
}

static void shape_long_paths(struct case_record *record)
{
	add_long_name(record, 14, 'x'); /* 3,584 bytes: nearly a block */
	add_long_name(record, 14, 'y'); /* all but its last byte is shared */
	add_long_name(record, 200, 'x');
	add_long_name(record, 201, 'y');
	add_name(record, "\\short", true, false);
}

static void shape_long_path_first(struct case_record *record)
{
	add_long_name(record, 100, 'z');
	add_many_runs(add_stream(record, ATTRIBUTE_DATA, "", 1u << 30), 3000, 5);
}

static void shape_many_runs(struct case_record *record)
{
	struct case_stream *stream;

	add_name(record, "\\Users\\a\\fragmented", true, false);
	add_many_runs(add_stream(record, ATTRIBUTE_DATA, "", UINT64_C(1) << 40), 10000, 6);
	stream = add_stream(record, ATTRIBUTE_DATA, "sparse", 1u << 20);
	stream->flags = ATTRIBUTE_SPARSE | ATTRIBUTE_COMPRESSED;
	stream->unit_shift = 4;
	add_run(stream, 0, LCN_HOLE, 16);
	add_run(stream, 16, 0, 1);
	add_run(stream, 17, (1u << 30) - 1, 1); /* the volume's last cluster */
	add_run(stream, 18, LCN_HOLE, 1u << 31);
}

static void shape_many_streams(struct case_record *record)
{
	char name[256];

	add_name(record, "\\streams", true, false);
	for (int i = 0; i < 100; i++) {
		memset(name, 'a' + i % 26, sizeof name);
		snprintf(name + 250 - i, (size_t)i + 6, "%d", i);
		add_value(record, ATTRIBUTE_DATA, name, (size_t)i * 3, (uint64_t)i);
		add_many_runs(add_stream(record, ATTRIBUTE_LOGGED_STREAM, "$EFS", 1), (size_t)i, (uint64_t)i);
	}
}

static void shape_odd_text(struct case_record *record)
{
	add_name(record, "\\lone \xed\xa0\x80 surrogate\\\xf0\x9f\x98\x80", true, false);
	add_name(record, "\\back\xc1\x9cslash\\sla\xc0\xafsh\\ze\xc0\x80ro", false, true);
	add_value(record, ATTRIBUTE_DATA, "\xed\xbf\xbf", 1, 7);
}

static void (*const shapes[])(struct case_record *) = {
	shape_nothing,         shape_directory,    shape_small,      shape_empty_value,
	shape_large_values,    shape_many_names,   shape_long_paths, shape_many_runs,
	shape_long_path_first, shape_many_streams, shape_odd_text,
};

static struct case_record shaped(uint64_t number, size_t shape)
{
	struct case_record record = file_record(number);

	shapes[shape](&record);
	return record;
}

TheoryDataPoints(catalogue_file, every_shape_comes_back_behind_every_other) = {
	DataPoints(size_t, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
	DataPoints(size_t, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
};

Theory((size_t first, size_t second), catalogue_file, every_shape_comes_back_behind_every_other)
{
	struct case_record records[] = { shaped(24, first), shaped(0xffffffffffff, second), shaped(26, 2) };
	struct copies      copies;
	struct catalogue_file file;

	begin();
	for (size_t i = 0; i < COUNT(records); i++)
		put(&records[i], NULL, false);
	copies = end();
	open_file(&file, &copies);
	for (size_t i = 0; i < COUNT(records); i++) {
		expect_next(&file, &records[i]);
		case_record_release(&records[i]);
	}
	expect_end(&file);
	cr_expect(file.finished && file.lost == 0 && file.damaged == 0);
	catalogue_file_release(&file);
	copies_free(&copies);
}

/* -------- damage -------- */

#define POPULATION 200u

/* Record 24 + @i: small files, and long ones between them. */
static struct case_record population(size_t i)
{
	return shaped(24 + i, i % 50 == 25 ? 7 : 2);
}

static void put_population(void)
{
	for (size_t i = 0; i < POPULATION; i++) {
		struct case_record record = population(i);

		put(&record, NULL, false);
		case_record_release(&record);
	}
}

struct seen {
	bool   changed[POPULATION]; /* came out not whole */
	bool   missing[POPULATION];
	size_t entries;
};

/* All entries, which are those that were put in or say that they are not whole. */
static struct seen read_all(struct catalogue_file *file)
{
	struct seen            seen = { 0 };
	struct catalogue_entry entry;
	int                    result;

	memset(seen.missing, true, sizeof seen.missing);
	while ((result = catalogue_file_next(file, &entry, &err)) == 1) {
		size_t             i = entry.record.file.record - 24;
		struct case_record wanted = population(i);

		settle(&wanted);
		cr_assert(that(i < POPULATION && seen.missing[i]), "an entry comes once");
		seen.missing[i] = false;
		seen.changed[i] = !entry.whole;
		if (entry.whole)
			expect_record(&entry.record, &wanted);
		case_record_release(&wanted);
		catalogue_entry_release(&entry);
		seen.entries++;
	}
	catalogue_entry_release(&entry);
	cr_assert(eq(int, result, 0));
	return seen;
}

Test(catalogue_file, copies_damaged_in_different_blocks_still_give_everything)
{
	struct copies         copies;
	struct catalogue_file file;
	struct seen           seen;

	begin();
	put_population();
	copies = end();
	for (uint64_t i = 0; i < copies.blocks; i++)
		damage(&copies, i % 2, i);
	open_file(&file, &copies);
	seen = read_all(&file);
	cr_expect(eq(sz, seen.entries, POPULATION));
	cr_expect(that(memchr(seen.changed, true, POPULATION) == NULL));
	cr_expect(eq(u64, file.damaged, copies.blocks));
	cr_expect(eq(u64, file.lost, 0));
	catalogue_file_release(&file);
	copies_free(&copies);
}

/* Which entries @raw speaks of. */
static void entries_of(const uint8_t *raw, bool of[POPULATION])
{
	struct catalogue_block block;
	struct catalogue_item  item;

	memset(of, false, POPULATION);
	cr_assert(eq(int,
		     catalogue_block_decode((struct bytes){ raw, CATALOGUE_BLOCK_BYTES, 0 }, &block, &err),
		     0));
	while (catalogue_item_next(&block, &item, &err) == 1)
		if (item.ref)
			of[file_ref_record(item.ref) - 24] = true;
}

Test(catalogue_file, a_block_lost_in_both_copies_costs_its_own_entries)
{
	struct copies copies;
	bool          of[POPULATION];

	begin();
	put_population();
	copies = end();
	cr_assert(that(copies.blocks > 20 && copies.blocks < BLOCKS_MAX));
	for (uint64_t lost = 0; lost < copies.blocks; lost++) {
		struct catalogue_file file;
		struct seen           seen;

		entries_of(copies.raw[0] + lost * CATALOGUE_BLOCK_BYTES, of);
		copies.unreadable[0][lost] = true;
		damage(&copies, 1, lost);
		open_file(&file, &copies);
		seen = read_all(&file);
		for (size_t i = 0; i < POPULATION; i++)
			cr_expect(eq(int, seen.changed[i] || seen.missing[i], of[i]), "block %d, entry %zu",
				  (int)lost, i);
		cr_expect(eq(u64, file.lost, 1));
		cr_expect(eq(u64, file.damaged, 0));
		cr_expect(eq(int, file.finished, lost + 1 < copies.blocks));
		catalogue_file_release(&file);
		copies.unreadable[0][lost] = false;
		damage(&copies, 1, lost);
	}
	copies_free(&copies);
}

Test(catalogue_file, a_catalogue_cut_off_gives_what_is_there)
{
	struct copies         copies;
	struct catalogue_file file;
	uint64_t              whole;

	begin();
	put_population();
	copies = end();
	whole = copies.blocks;
	copies.blocks = 5; /* read_copies asserts that nothing else is asked for */
	open_file(&file, &copies);
	read_all(&file);
	cr_expect(that(!file.finished));
	cr_expect(eq(u64, file.lost, whole - 5));
	catalogue_file_release(&file);
	copies_free(&copies);
}

Test(catalogue_file, a_long_entry_with_holes_shows_what_is_left)
{
	struct case_record        record = shaped(30, 7);
	struct catalogue_entry    entry;
	struct catalogue_file     file;
	struct copies             copies;
	const struct case_stream *stream;

	begin();
	put(&record, NULL, false);
	copies = end();
	cr_assert(that(copies.blocks > 10));
	copies.unreadable[0][0] = copies.unreadable[1][0] = true; /* with FILE, NAME and STREAM */
	copies.unreadable[0][4] = copies.unreadable[1][4] = true;
	open_file(&file, &copies);
	cr_assert(eq(int, catalogue_file_next(&file, &entry, &err), 1));
	cr_expect(that(!entry.whole));
	cr_expect(eq(u64, entry.record.file.size_bytes, UINT64_C(1) << 40));
	cr_expect(eq(u32, entry.record.file.attributes, record.file.attributes));
	cr_expect(eq(str, (char *)entry.record.names.items[0].path, "\\Users\\a\\fragmented"));
	cr_assert(eq(sz, entry.record.streams.count, 2));
	stream = &entry.record.streams.items[0];
	cr_expect(stream->grade == GRADE_PARTIAL && stream->reasons == WHY_RUNS_LOST);
	cr_expect(entry.record.file.grade == GRADE_PARTIAL);
	cr_expect(entry.record.streams.items[1].grade == GRADE_INTACT);
	for (size_t i = 0, j = 0; i < stream->runs.count; i++) { /* in order, each as it was */
		while (j < record.streams.items[0].runs.count &&
		       record.streams.items[0].runs.items[j].vcn != stream->runs.items[i].vcn)
			j++;
		cr_assert(lt(sz, j, record.streams.items[0].runs.count));
		cr_expect(that(memcmp(&record.streams.items[0].runs.items[j], &stream->runs.items[i],
				      sizeof(struct run)) == 0));
	}
	cr_expect(that(stream->runs.count > 5000 && stream->runs.count < 10000));
	catalogue_entry_release(&entry);
	catalogue_file_release(&file);
	case_record_release(&record);
	copies_free(&copies);
}

Test(catalogue_file, a_value_that_is_not_all_there_is_lost)
{
	struct case_record     record = shaped(30, 4);
	struct catalogue_entry entry;
	struct catalogue_file  file;
	struct copies          copies;
	size_t                 lost = 0;

	begin();
	put(&record, NULL, false);
	copies = end();
	copies.unreadable[0][9] = copies.unreadable[1][9] = true; /* in the middle of 64 KiB */
	open_file(&file, &copies);
	cr_assert(eq(int, catalogue_file_next(&file, &entry, &err), 1));
	cr_expect(that(!entry.whole));
	cr_assert(eq(sz, entry.record.streams.count, record.streams.count));
	for (size_t i = 0; i < entry.record.streams.count; i++) {
		const struct case_stream *got = &entry.record.streams.items[i],
					 *wanted = &record.streams.items[i];

		cr_expect(eq(u64, got->size_bytes, wanted->size_bytes));
		if (got->grade == GRADE_INTACT) {
			cr_expect(that(memcmp(got->value, wanted->value, wanted->size_bytes) == 0));
			continue;
		}
		lost++;
		cr_expect(eq(int, got->grade, GRADE_LOST));
		cr_assert(eq(sz, got->missing.count, 1));
		cr_expect(got->missing.items[0].start == 0 && got->missing.items[0].length == 65536);
		for (size_t j = 0; j < got->size_bytes; j++)
			cr_assert(eq(u8, got->value[j], 0));
	}
	cr_expect(eq(sz, lost, 1));
	catalogue_entry_release(&entry);
	catalogue_file_release(&file);
	case_record_release(&record);
	copies_free(&copies);
}

/* -------- one block alone -------- */

/* What a block says of streams whose content lies in clusters, by itself: runs of record 24 + i, stream 0. */
static void expect_block_stands_alone(const uint8_t *raw, size_t run_counts[POPULATION])
{
	struct geometry geometry = { .clusters = header.clusters, .cluster_bytes = header.cluster_bytes };
	struct catalogue_block block;
	struct catalogue_item  item;
	file_ref               file = 0, named = 0;
	uint64_t               size = 0;

	cr_assert(eq(int,
		     catalogue_block_decode((struct bytes){ raw, CATALOGUE_BLOCK_BYTES, 0 }, &block, &err),
		     0));
	while (catalogue_item_next(&block, &item, &err) == 1) {
		struct case_record wanted;
		struct runs        runs = { 0 };

		if (item.type == CATALOGUE_FILE)
			file = item.ref;
		if (item.type == CATALOGUE_NAME && item.bytes.left == item.total)
			named = item.ref;
		if (item.type == CATALOGUE_STREAM)
			size = item.stream.size_bytes;
		if (item.type != CATALOGUE_RUNS || item.number)
			continue;
		cr_expect(file == item.ref && named == item.ref && size == UINT64_C(1) << 40);
		wanted = population(file_ref_record(item.ref) - 24);
		OK(runs_append(&runs, item.bytes, item.first_vcn, &geometry, &err));
		for (size_t i = 0; i < runs.count; i++) {
			const struct run *run = runs_find(&wanted.streams.items[0].runs, runs.items[i].vcn);

			cr_assert(run && memcmp(run, &runs.items[i], sizeof *run) == 0);
		}
		run_counts[file_ref_record(item.ref) - 24] += runs.count;
		array_release(&runs);
		case_record_release(&wanted);
	}
}

Test(catalogue_file, a_block_alone_tells_where_its_files_are)
{
	size_t        run_counts[POPULATION] = { 0 };
	struct copies copies;

	begin();
	put_population();
	copies = end();
	for (uint64_t i = 0; i < copies.blocks; i++)
		expect_block_stands_alone(copies.raw[1] + i * CATALOGUE_BLOCK_BYTES, run_counts);
	for (size_t i = 0; i < POPULATION; i++)
		cr_expect(eq(sz, run_counts[i], i % 50 == 25 ? 10000 : 0));
	copies_free(&copies);
}

Test(catalogue_file, an_entry_is_in_one_block_if_it_fits_in_one)
{
	struct copies copies;
	unsigned      blocks_of[POPULATION] = { 0 };
	bool          of[POPULATION];

	begin();
	put_population();
	copies = end();
	for (uint64_t i = 0; i < copies.blocks; i++) {
		entries_of(copies.raw[0] + i * CATALOGUE_BLOCK_BYTES, of);
		for (size_t j = 0; j < POPULATION; j++)
			blocks_of[j] += of[j];
	}
	for (size_t i = 0; i < POPULATION; i++)
		cr_expect(i % 50 == 25 ? blocks_of[i] > 10 : blocks_of[i] == 1, "entry %zu in %u", i,
			  blocks_of[i]);
	copies_free(&copies);
}

Test(catalogue_file, copies_differ_in_place_and_checksum_alone)
{
	struct copies copies;

	begin();
	put_population();
	copies = end();
	for (uint64_t i = 0; i < copies.blocks; i++) {
		const uint8_t *raw = copies.raw[0] + i * CATALOGUE_BLOCK_BYTES,
			      *twin = copies.raw[1] + i * CATALOGUE_BLOCK_BYTES;
		size_t used = raw[0x4c] | (size_t)raw[0x4d] << 8;

		cr_expect(eq(u64, le64_at(raw + 0x30), i * CATALOGUE_BLOCK_BYTES));
		cr_expect(eq(u64, le64_at(twin + 0x30), i * CATALOGUE_BLOCK_BYTES + COPY_APART));
		cr_expect(that(memcmp(raw, twin, 0x30) == 0 && memcmp(raw + 0x38, twin + 0x38, 0x20) == 0 &&
			       memcmp(raw + 0x60, twin + 0x60, CATALOGUE_BLOCK_BYTES - 0x60) == 0));
		for (size_t j = used; j < CATALOGUE_BLOCK_BYTES; j++)
			cr_assert(eq(u8, raw[j], 0), "unused bytes are zeros");
	}
	copies_free(&copies);
}

/* -------- facts -------- */

Test(catalogue_file, facts_come_back)
{
	static uint8_t          large[65536], small[] = { 1, 0, 4, 0x80 };
	struct case_record      plain = shaped(24, 2), directory = shaped(25, 1);
	struct catalogue_digest digests[] = { { true, { 0xab, 0xcd, [31] = 0xef } } };
	char                    long_value[9001] = "";
	struct catalogue_file   file;
	struct catalogue_entry  entry;
	struct copies           copies;
	struct bytes            descriptor;
	uint64_t                seed = 1;
	size_t                  used;

	for (size_t i = 0; i < sizeof large; i++)
		large[i] = (uint8_t)dice(&seed);
	memset(long_value, 'v', sizeof long_value - 1);
	begin();
	OK(catalogue_writer_text(&writer, "store", "\\S\\USMT", &err));
	OK(catalogue_writer_text(&writer, "long", long_value, &err));
	OK(catalogue_writer_text(&writer, "empty", "", &err));
	OK(catalogue_writer_security(&writer, 0x100, (struct bytes){ small, sizeof small, 0 }, &err));
	cr_expect(that(catalogue_writer_has_security(&writer, 0x100)));
	cr_expect(that(!catalogue_writer_has_security(&writer, 0)));
	used = writer.used;
	OK(catalogue_writer_security(&writer, 0x100, (struct bytes){ large, 5, 0 }, &err));
	cr_expect(eq(sz, writer.used, used)); /* known already */
	put(&plain, digests, true);
	OK(catalogue_writer_security(&writer, 0xffffffff, (struct bytes){ large, sizeof large, 0 }, &err));
	OK(catalogue_writer_security(&writer, 0, (struct bytes){ large, 7, 0 }, &err));
	put(&directory, NULL, false);
	copies = end();
	open_file(&file, &copies);
	cr_expect(that(memcmp(file.header.uuid, header.uuid, 16) == 0));
	cr_expect(file.header.generation == 3 && file.header.serial == header.serial &&
		  file.header.letter == 'D');
	cr_expect(eq(str, (char *)catalogue_file_text(&file, "store"), "\\S\\USMT"));
	cr_expect(eq(str, (char *)catalogue_file_text(&file, "long"), long_value));
	cr_expect(eq(str, (char *)catalogue_file_text(&file, "empty"), ""));
	cr_expect(catalogue_file_text(&file, "stor") == NULL);
	cr_assert(that(catalogue_file_security(&file, 0x100, &descriptor)));
	cr_expect(descriptor.left == sizeof small && memcmp(descriptor.at, small, sizeof small) == 0);
	cr_expect(that(!catalogue_file_security(&file, 0x101, &descriptor)));

	cr_assert(eq(int, catalogue_file_next(&file, &entry, &err), 1));
	cr_expect(entry.whole && entry.copied && entry.digests.items[0].known);
	cr_expect(that(memcmp(entry.digests.items[0].sum, digests[0].sum, DIGEST_BYTES) == 0));
	catalogue_entry_release(&entry);
	cr_assert(eq(int, catalogue_file_next(&file, &entry, &err), 1));
	cr_expect(entry.whole && !entry.copied && !entry.digests.items[0].known);
	catalogue_entry_release(&entry);
	cr_assert(that(catalogue_file_security(&file, 0xffffffff, &descriptor)));
	cr_expect(descriptor.left == sizeof large && memcmp(descriptor.at, large, sizeof large) == 0);
	cr_expect(that(catalogue_file_security(&file, 0, &descriptor) && descriptor.left == 7));
	expect_end(&file);
	cr_expect(file.totals.files == 1 && file.totals.directories == 1 && file.totals.names == 2 &&
		  file.totals.bytes == 700);
	catalogue_file_release(&file);
	case_record_release(&plain);
	case_record_release(&directory);
	copies_free(&copies);
}

Test(catalogue_file, a_name_of_another_drive_keeps_its_letter)
{
	struct case_record     record = { .file.record = 70, .file.sequence = 2, .file.info_known = true };
	struct case_name       names[] = { { .path = "\\a", .store = 1, .inside = "File\\E$\\a" },
					   { .path = "\\b", .store = 1, .inside = "File\\D$\\b" },
					   { .path = "\\c", .store = 1 } };
	const char            *wanted[] = { "File\\E$\\a", "File\\D$\\b", "File\\D$\\c" };
	struct catalogue_file  file;
	struct catalogue_entry entry;
	struct copies          copies;

	for (size_t i = 0; i < 3; i++)
		OK(case_record_add_name(&record, names[i], &err));
	begin();
	put(&record, NULL, true);
	copies = end();
	open_file(&file, &copies);
	cr_assert(eq(int, catalogue_file_next(&file, &entry, &err), 1));
	for (size_t i = 0; i < 3; i++)
		cr_expect(eq(str, (char *)entry.record.names.items[i].inside, (char *)wanted[i]));
	catalogue_entry_release(&entry);
	catalogue_file_release(&file);
	case_record_release(&record);
	copies_free(&copies);
}

Test(catalogue_file, an_empty_catalogue_is_one)
{
	struct catalogue_file file;
	struct copies         copies;

	begin();
	copies = end();
	cr_expect(eq(u64, copies.blocks, 1));
	OK(catalogue_file_open(&file, read_copies, &copies, 100,
			       &err)); /* read_copies wants one block asked for */
	expect_end(&file);
	cr_expect(file.finished && file.totals.files == 0);
	catalogue_file_release(&file);
	copies_free(&copies);
}

static void expect_refused(struct case_record *record, const char *what)
{
	size_t used = writer.used;

	settle(record);
	cr_expect(eq(int, catalogue_writer_entry(&writer, record, NULL, false, &err), -1), "%s", what);
	cr_expect(eq(int, err.kind, ERROR_VALUE), "%s", what);
	cr_expect(eq(sz, writer.used, used), "%s", what);
	case_record_release(record);
}

Test(catalogue_file, what_no_catalogue_can_hold_is_refused)
{
	static const char      *paths[] = { "", "Users", "\\a\\", "\\a/b" };
	static const struct run runs[] = { { 7, 0, 1 },                  /* inside the run before, 4 to 8 */
					   { 8, 0, 0 },                  /* nothing */
					   { 8, 1u << 30, 1 },           /* behind the volume */
					   { 8, (1u << 30) - 1, 2 },     /* over its end */
					   { INT64_MAX / 4096, 0, 1 } }; /* over the end of numbers */
	struct case_record      record;
	struct case_stream     *stream;

	begin();
	for (size_t i = 0; i < COUNT(paths); i++) {
		record = file_record(24);
		add_name(&record, paths[i], true, false);
		expect_refused(&record, paths[i]);
	}
	for (size_t i = 0; i < COUNT(runs); i++) {
		record = file_record(24);
		stream = add_stream(&record, ATTRIBUTE_DATA, "", 1);
		add_run(stream, 4, LCN_HOLE, 4);
		add_run(stream, runs[i].vcn, runs[i].lcn, runs[i].length);
		expect_refused(&record, "runs");
	}
	record = file_record(24);
	add_value(&record, ATTRIBUTE_DATA, "", 65537, 1);
	expect_refused(&record, "value");
	record = file_record(24);
	add_value(&record, ATTRIBUTE_DATA, "a/b", 1, 1);
	expect_refused(&record, "name of a stream");
	cr_expect(eq(int, catalogue_writer_security(&writer, 7, (struct bytes){ 0 }, &err), -1));
	cr_expect(eq(int, catalogue_writer_security(&writer, 7, (struct bytes){ NULL, 65537, 0 }, &err), -1));
	catalogue_writer_release(&writer);
}

Test(catalogue_file, without_a_temporary_folder_there_is_no_catalogue)
{
	setenv("TMPDIR", "/nowhere/at/all", 1);
	cr_expect(eq(int, catalogue_writer_init(&writer, &header, &err), -1));
	cr_expect(err.kind == ERROR_IO && strstr(err.path, "/nowhere/at/all"));
	catalogue_writer_release(&writer);
}

/* -------- catalogues of others -------- */

/* Change a byte of a block and make its checksum right again. */
static void forge(struct copies *copies, unsigned copy, uint64_t number, size_t at, uint8_t value)
{
	uint8_t *raw = copies->raw[copy] + number * CATALOGUE_BLOCK_BYTES;

	raw[at] = value;
	put_le64(raw + 0x58, catalogue_checksum(raw));
}

Test(catalogue_file, another_format_version_is_a_clear_error)
{
	struct catalogue_file file;
	struct copies         copies;

	begin();
	put_population();
	copies = end();
	for (uint64_t i = 0; i < copies.blocks; i++)
		forge(&copies, 0, i, 0x08, 2);
	open_file(&file, &copies); /* the other copy is of ours */
	cr_expect(eq(sz, read_all(&file).entries, POPULATION));
	cr_expect(eq(u64, file.damaged, copies.blocks));
	catalogue_file_release(&file);
	for (uint64_t i = 0; i < copies.blocks; i++)
		forge(&copies, 1, i, 0x08, 2);
	cr_expect(eq(int, catalogue_file_open(&file, read_copies, &copies, copies.blocks, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_UNSUPPORTED));
	catalogue_file_release(&file);
	copies_free(&copies);
}

Test(catalogue_file, nothing_sound_is_an_error)
{
	struct catalogue_file file;
	struct copies         copies;

	begin();
	copies = end();
	damage(&copies, 0, 0);
	damage(&copies, 1, 0);
	cr_expect(eq(int, catalogue_file_open(&file, read_copies, &copies, 1, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_VALUE));
	catalogue_file_release(&file);
	cr_expect(eq(int, catalogue_file_open(&file, read_copies, &copies, 0, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_VALUE));
	catalogue_file_release(&file);
	copies_free(&copies);
}

Test(catalogue_file, blocks_of_another_catalogue_are_not_taken)
{
	static const struct {
		size_t  at;
		uint8_t value;
	} others[] = { { 0x0c, 4 }, { 0x10, 2 },    { 0x1f, 15 },   { 0x20, 3 },  { 0x2f, 1 },
		       { 0x38, 0 }, { 0x40, 0xff }, { 0x49, 0x20 }, { 0x4e, 'E' } };
	struct catalogue_file file;
	struct copies         copies;

	begin();
	put_population();
	copies = end();
	for (size_t i = 0; i < COUNT(others); i++) {
		uint8_t before = copies.raw[0][2 * CATALOGUE_BLOCK_BYTES + others[i].at];

		cr_assert(ne(u8, before, others[i].value));
		forge(&copies, 0, 2, others[i].at, others[i].value);
		open_file(&file, &copies);
		cr_expect(eq(sz, read_all(&file).entries, POPULATION));
		cr_expect(eq(u64, file.damaged, 1), "byte 0x%zx", others[i].at);
		catalogue_file_release(&file);
		forge(&copies, 0, 2, others[i].at, before);
	}
	copies_free(&copies);
}

Test(catalogue_file, reading_that_fails_ends_it)
{
	struct catalogue_file  file;
	struct catalogue_entry entry;
	struct copies          copies;
	int                    result;

	begin();
	put_population();
	copies = end();
	copies.fail_at = 3;
	open_file(&file, &copies);
	do {
		result = catalogue_file_next(&file, &entry, &err);
		catalogue_entry_release(&entry);
	} while (result == 1);
	cr_expect(eq(int, result, -1));
	cr_expect(eq(int, err.kind, ERROR_IO));
	catalogue_file_release(&file);
	copies_free(&copies);
}

TheoryDataPoints(catalogue_file, forged_items_are_read_without_harm) = {
	DataPoints(uint64_t, 1, 2, 3, 4, 5, 6, 7, 8),
};

/* The checksum is right, so all that stands in the items is looked at. */
Theory((uint64_t seed), catalogue_file, forged_items_are_read_without_harm)
{
	struct case_record     records[COUNT(shapes)];
	struct catalogue_file  file;
	struct catalogue_entry entry;
	struct copies          copies;

	begin();
	for (size_t i = 0; i < COUNT(shapes); i++) {
		records[i] = shaped(24 + i, i);
		put(&records[i], NULL, false);
		case_record_release(&records[i]);
	}
	copies = end();
	for (uint64_t i = 0; i < copies.blocks; i++)
		for (unsigned j = 0; j < 20; j++) {
			size_t at = 0x60 + dice(&seed) % (CATALOGUE_BLOCK_BYTES - 0x60);

			forge(&copies, 0, i, at, (uint8_t)dice(&seed));
			memcpy(copies.raw[1] + i * CATALOGUE_BLOCK_BYTES,
			       copies.raw[0] + i * CATALOGUE_BLOCK_BYTES, CATALOGUE_BLOCK_BYTES);
		}
	open_file(&file, &copies);
	while (catalogue_file_next(&file, &entry, &err) == 1) {
		for (size_t i = 0; i < entry.record.names.count; i++)
			cr_assert(that(entry.record.names.items[i].path[0] == '\\'));
		catalogue_entry_release(&entry);
	}
	catalogue_entry_release(&entry);
	catalogue_file_release(&file);
	copies_free(&copies);
}

struct bad_name {
	char    name[32];
	uint8_t at, value; /* in \Users\a\x.txt */
};

ParameterizedTestParameters(catalogue_file, a_path_that_is_none_is_not_given_out)
{
	static struct bad_name cases[] = {
		{ "zero", 9, 0 },      { "slash", 9, '/' },     { "empty name", 7, '\\' },
		{ "no root", 0, 'x' }, { "no UTF-8", 9, 0xff }, { "nothing behind", 13, '\\' },
	};
	return CASES(struct bad_name, cases);
}

ParameterizedTest(struct bad_name *c, catalogue_file, a_path_that_is_none_is_not_given_out)
{
	struct case_record     record = shaped(24, 2);
	struct catalogue_file  file;
	struct catalogue_entry entry;
	struct copies          copies;
	uint8_t               *path;

	begin();
	put(&record, NULL, false);
	copies = end();
	copies.unreadable[1][0] = true;
	path = memmem(copies.raw[0], CATALOGUE_BLOCK_BYTES, "\\Users\\a\\x.txt", 14);
	cr_assert(path != NULL);
	forge(&copies, 0, 0, (size_t)(path - copies.raw[0]) + c->at, c->value);
	open_file(&file, &copies);
	cr_assert(eq(int, catalogue_file_next(&file, &entry, &err), 1));
	cr_expect(eq(int, entry.whole, false), "%s", c->name);
	cr_expect(eq(sz, entry.record.names.count, 0), "%s", c->name);
	cr_expect(eq(int, entry.record.file.grade, GRADE_INTACT));
	catalogue_entry_release(&entry);
	catalogue_file_release(&file);
	case_record_release(&record);
	copies_free(&copies);
}
