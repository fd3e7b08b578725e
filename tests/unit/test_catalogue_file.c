/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_catalogue_file.c - expected values: what was put in; catalogue.h */
#include "tests/unit/unit.h"

#include "recover/engine/catalogue_writer.h"

/* -------- both copies of a catalogue in memory -------- */

#define COPY_APART 1000000u /* bytes on the volume between a block and its other copy */

struct copies {
	uint8_t *raw[CATALOGUE_COPIES];
	uint64_t blocks;
	bool     unreadable[CATALOGUE_COPIES][64];
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
	if (number < 64 && copies->unreadable[copy][number])
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
		.path = path, .store = captured, .dos = dos, .live = true, .parent = file_ref_make(40, 2)
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
				      .allocated_bytes = size + 100,
				      .grade = GRADE_INTACT };

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

/* Ready for the writer, as a loaded record is. */
static void settle(struct case_record *record)
{
	case_record_settle(record);
	case_record_judge(record);
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

/* Enough small files for a dozen blocks, the long ones between them; returns how many. */
static size_t put_population(void)
{
	size_t count = 200;

	for (size_t i = 0; i < count; i++) {
		struct case_record record = shaped(24 + i, i % 50 == 25 ? 7 : 2);

		put(&record, NULL, false);
		case_record_release(&record);
	}
	return count;
}

Test(catalogue_file, copies_damaged_in_different_blocks_still_give_everything)
{
	struct copies         copies;
	struct catalogue_file file;
	size_t                count;

	begin();
	count = put_population();
	copies = end();
	for (uint64_t i = 0; i < copies.blocks; i++)
		damage(&copies, i % 2, i);
	open_file(&file, &copies);
	for (size_t i = 0; i < count; i++) {
		struct case_record record = shaped(24 + i, i % 50 == 25 ? 7 : 2);

		settle(&record);
		expect_next(&file, &record);
		case_record_release(&record);
	}
	expect_end(&file);
	cr_expect(eq(u64, file.damaged, copies.blocks));
	cr_expect(eq(u64, file.lost, 0));
	catalogue_file_release(&file);
	copies_free(&copies);
}
