/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_recall_catalogue.c - catalogues in clusters that nobody claims, and in their file: what comes of them is what
 * was put in, and what the rows of the table say of it
 */
#include "tests/unit/unit.h"

#include "recover/engine/catalogue_writer.h"
#include "scan/carve/sweep.h"
#include "scan/recall/recall.h"
#include "tests/unit/log_maker.h"

#define CLUSTER         4096u
#define CLUSTERS        1024u
#define RECORDS         200u
#define MFT_LCN         50u
#define LCN             200u /* of the first copy; the second is behind it */
#define SERIAL          0x1122334455667788ull
#define NOW             132223464000000000ull /* date -u -d "2020-01-01 10:00" +%s: 1577872800 */
#define REF(record, life) ((file_ref)(record) | (file_ref)(life) << 48)

static struct error err;

#define OK(call) cr_assert(eq(int, (call), 0), "%s", err.text)

/* -------- what a capture wrote -------- */

/* A file of which a capture saw one name and @size bytes at LCN 900. */
struct captured {
	uint32_t    record;
	uint16_t    sequence;
	const char *path;
	file_ref    parent;
	uint64_t    size;
	uint16_t    flags; /* enum attribute_flag of its stream */
	uint8_t     sum;   /* each byte of its digest; 0: none */
	bool        directory, dos, timeless;
};

static void put_file(struct catalogue_writer *writer, const struct captured *file)
{
	struct case_record      record = { 0 };
	struct case_stream      stream = { .type = ATTRIBUTE_DATA, .name = "", .size_bytes = file->size,
					   .valid_bytes = file->size, .allocated_bytes = file->size, .flags = file->flags };
	struct catalogue_digest digest = { .known = file->sum };

	memset(digest.sum, file->sum, sizeof digest.sum);
	record.file = (struct case_file){ .record = file->record, .sequence = file->sequence, .live = true,
					  .directory = file->directory, .info_known = !file->timeless, .link_count = 1,
					  .size_bytes = file->size, .times = { NOW + file->record, NOW + 1, NOW + 2, NOW + 3 } };
	OK(case_record_add_name(&record, (struct case_name){ .store = 1, .path = file->path, .parent = file->parent,
							     .dos = file->dos }, &err));
	if (!file->directory) {
		cr_assert(that(array_push(&stream.runs, (struct run){ 0, 900, file->size / CLUSTER })));
		OK(case_record_add_stream(&record, stream, &err));
	}
	case_record_settle(&record);
	OK(catalogue_writer_entry(writer, &record, file->sum ? &digest : NULL, false, &err));
	case_record_release(&record);
}

/* -------- a volume with it -------- */

struct scene {
	uint8_t            *bytes; /* of the volume, from MFT_LCN on */
	struct test_volume  test;
	struct inventory    inventory;
	struct extensions   extensions;
	struct file_reader  reader;
	struct recall       recall;
	struct sweep        sweep;
};

static uint8_t *cluster(struct scene *it, size_t lcn)
{
	return it->bytes + (lcn - MFT_LCN) * CLUSTER;
}

static void begin(struct scene *it)
{
	*it = (struct scene){ .bytes = calloc(CLUSTERS - MFT_LCN, CLUSTER) };
	cr_assert(it->bytes != NULL);
}

/*
 * A catalogue of @files from cluster @lcn on, of both copies a block after the other.
 * @shift  bytes by which it lies elsewhere than it says
 * Returns the blocks of one copy.
 */
static uint64_t put_catalogue(struct scene *it, size_t lcn, uint32_t generation, uint64_t serial, int shift,
			      const struct captured *files, size_t count)
{
	struct catalogue_header header = { .uuid = "store of a test", .generation = generation, .serial = serial,
					   .clusters = CLUSTERS, .cluster_bytes = CLUSTER, .letter = 'C' };
	struct catalogue_writer writer;
	uint64_t                blocks;

	OK(catalogue_writer_init(&writer, &header, &err));
	for (size_t i = 0; i < count; i++)
		put_file(&writer, &files[i]);
	OK(catalogue_writer_finish(&writer, &err));
	blocks = writer.header.blocks;
	for (uint64_t i = 0; i < 2 * blocks; i++)
		OK(catalogue_writer_block(&writer, i % blocks, (uint64_t)((int64_t)((lcn + i) * CLUSTER) + shift),
					  cluster(it, lcn + i), &err));
	catalogue_writer_release(&writer);
	return blocks;
}

/* The table: folder 40; 62 is something else by now; 63 as it was captured; 64 likewise, under another name. */
static void open_scene(struct scene *it)
{
	test_volume_open(&it->test, CLUSTER, CLUSTERS, 1024, (uint64_t)MFT_LCN * CLUSTER, it->bytes,
			 (size_t)(CLUSTERS - MFT_LCN) * CLUSTER);
	it->test.volume.geometry.serial = SERIAL;
	inventory_make(&it->inventory, &it->test.volume, RECORDS);
	cr_assert(that(array_push(&it->inventory.mft.runs, (struct run){ 0, MFT_LCN, RECORDS * 1024 / CLUSTER })));
	inventory_row(&it->inventory, 40, 3, ROW_IN_USE | ROW_DIRECTORY);
	inventory_row(&it->inventory, 62, 4, ROW_IN_USE);
	inventory_row(&it->inventory, 63, 2, ROW_IN_USE);
	inventory_name(&it->inventory, 63, REF(40, 3), "kept.txt", NAME_WIN32);
	inventory_row(&it->inventory, 64, 2, ROW_IN_USE);
	inventory_name(&it->inventory, 64, REF(40, 3), "new.txt", NAME_WIN32);
	OK(file_reader_init(&it->reader, &it->inventory, &it->extensions, &err));
	it->recall = (struct recall){ .inventory = &it->inventory, .reader = &it->reader,
				      .findings = &it->test.findings, .threads = 1 };
}

static void recall_scene(struct scene *it)
{
	struct sweep_options options = { .range = { 0, UINT64_MAX }, .threads = 1 };

	OK(sweep_run(&it->test.evidence, &options, &it->sweep, &err));
	OK(recall_catalogues(&it->recall, it->sweep.found.items, it->sweep.found.count, &err));
}

static void close_scene(struct scene *it)
{
	sweep_release(&it->sweep);
	recall_release(&it->recall);
	file_reader_release(&it->reader);
	inventory_release(&it->inventory);
	test_volume_close(&it->test);
	free(it->bytes);
}

static const struct fact *named(const struct scene *it, const char *ascii)
{
	for (size_t i = 0; i < it->recall.facts.list.count; i++) {
		const struct fact *fact = &it->recall.facts.list.items[i];
		size_t             same = 0;

		while (same < fact->units && ascii[same] == facts_text(&it->recall.facts, fact)[2 * same])
			same++;
		if (same == fact->units && !ascii[same])
			return fact;
	}
	return NULL;
}

/* Is @place that of the only block of a catalogue, in either copy? */
static bool is_at(uint64_t place, size_t lcn)
{
	return place == lcn * CLUSTER || place == (lcn + 1) * CLUSTER;
}

/* -------- what it tells -------- */

Test(recall_catalogue, names_digests_and_records_come_of_blocks)
{
	static const struct captured files[] = {
		{ .record = 41, .sequence = 1, .path = "\\U\\sub", .parent = REF(40, 3), .directory = true },
		{ .record = 62, .sequence = 3, .path = "\\U\\gone.txt", .parent = REF(40, 3), .size = 8192, .sum = 7 },
		{ .record = 63, .sequence = 2, .path = "\\U\\kept.txt", .parent = REF(40, 3), .size = 4096, .sum = 8 },
		{ .record = 64, .sequence = 2, .path = "\\U\\OLD~1.TXT", .parent = REF(40, 3), .size = 4096, .dos = true },
	};
	struct scene               it;
	const struct fact         *fact;
	const struct older_record *older;

	begin(&it);
	cr_assert(eq(u64, put_catalogue(&it, LCN, 3, SERIAL, 0, files, COUNT(files)), 1));
	open_scene(&it);
	recall_scene(&it);
	cr_assert(eq(sz, it.recall.facts.list.count, 3)); /* the table says kept.txt itself */
	fact = named(&it, "gone.txt");
	cr_assert(that(fact != NULL));
	cr_expect(eq(u64, fact->file, REF(62, 3)));
	cr_expect(eq(u64, fact->parent, REF(40, 3)));
	cr_expect(that(is_at(fact->offset, LCN)));
	cr_expect(eq(u64, fact->moment, 3));
	cr_expect(eq(u32, fact->time, row_time(NOW + 2)));
	cr_expect(eq(int, fact->source, FACT_CATALOGUE));
	cr_expect(eq(int, fact->flags, FACT_CARVED));
	cr_expect(eq(int, fact->space, NAME_WIN32));
	cr_assert(that(named(&it, "sub") != NULL));
	cr_expect(eq(int, named(&it, "sub")->flags, FACT_CARVED | FACT_DIRECTORY));
	cr_assert(that(named(&it, "OLD~1.TXT") != NULL));
	cr_expect(eq(int, named(&it, "OLD~1.TXT")->space, NAME_DOS));

	cr_assert(eq(sz, it.recall.digests.count, 2));
	cr_expect(eq(u64, it.recall.digests.items[0].file, REF(62, 3)));
	cr_expect(eq(u64, it.recall.digests.items[0].size_bytes, 8192));
	cr_expect(eq(u64, it.recall.digests.items[0].written, NOW + 1));
	cr_expect(eq(int, it.recall.digests.items[0].sum[31], 7));
	cr_expect(eq(int, it.recall.digests.items[1].sum[0], 8));

	cr_assert(eq(sz, it.recall.older.count, 1)); /* the others' records are their own still, or nobody's that is known */
	older = &it.recall.older.items[0];
	cr_expect(eq(u64, older->ref, REF(62, 3)));
	cr_expect(that(is_at(older->offset, LCN)));
	cr_expect(eq(u64, older->moment, 0));
	cr_expect(that(older->image && !older->partial));
	cr_expect(eq(int, older->image[0x10], 3));  /* its life */
	cr_expect(eq(int, older->image[0x2c], 62)); /* and number */
	close_scene(&it);
}

struct strange {
	char     what[40];
	uint64_t serial;
	int      shift;
	bool     taken;
};

ParameterizedTestParameters(recall_catalogue, blocks_say_themselves_that_they_belong_here)
{
	static struct strange cases[] = {
		{ "ours", SERIAL, 0, true },
		{ "another volume's", SERIAL + 1, 0, false },
		{ "a copy of ours, in another place", SERIAL, CLUSTER, false },
	};
	return CASES(struct strange, cases);
}

ParameterizedTest(struct strange *c, recall_catalogue, blocks_say_themselves_that_they_belong_here)
{
	static const struct captured file = { .record = 62, .sequence = 3, .path = "\\gone.txt", .parent = REF(40, 3),
					      .size = 4096, .sum = 1 };
	struct scene                 it;

	begin(&it);
	put_catalogue(&it, LCN, 3, c->serial, c->shift, &file, 1);
	open_scene(&it);
	recall_scene(&it);
	cr_assert(eq(sz, it.sweep.found.count, 2), "%s", c->what);
	cr_expect(eq(sz, it.recall.facts.list.count, c->taken), "%s", c->what);
	cr_expect(eq(sz, it.recall.older.count, c->taken), "%s", c->what);
	cr_expect(eq(sz, it.recall.digests.count, c->taken), "%s", c->what);
	close_scene(&it);
}

/* The first copy is gone: what the second says stands in its place. */
Test(recall_catalogue, either_copy_will_do)
{
	static const struct captured file = { .record = 62, .sequence = 3, .path = "\\gone.txt", .parent = REF(40, 3),
					      .size = 4096 };
	struct scene                 it;

	begin(&it);
	put_catalogue(&it, LCN, 3, SERIAL, 0, &file, 1);
	cluster(&it, LCN)[0x300] ^= 1;
	open_scene(&it);
	recall_scene(&it);
	cr_assert(eq(sz, it.recall.facts.list.count, 1));
	cr_expect(eq(u64, it.recall.facts.list.items[0].offset, (LCN + 1) * CLUSTER));
	cr_assert(eq(sz, it.recall.older.count, 1));
	cr_expect(eq(u64, it.recall.older.items[0].offset, (LCN + 1) * CLUSTER));
	close_scene(&it);
}

/* The place that is told is that of the block in which the file's entry begins: its time of creation is in there. */
Test(recall_catalogue, each_file_is_told_with_its_block)
{
	enum { FILES = 150 };
	static struct captured files[FILES];
	static char            paths[FILES][16];
	struct scene           it;
	uint64_t               blocks;
	size_t                 apart = 0;

	for (uint32_t i = 0; i < FILES; i++) {
		snprintf(paths[i], sizeof paths[i], "\\%u", i);
		files[i] = (struct captured){ .record = 62, .sequence = (uint16_t)(i + 1), .path = paths[i],
					      .parent = REF(40, 3), .size = 4096 };
		files[i].record = 100 + i % 90;
	}
	begin(&it);
	blocks = put_catalogue(&it, LCN, 3, SERIAL, 0, files, FILES);
	cr_assert(that(blocks > 2));
	open_scene(&it);
	recall_scene(&it);
	cr_assert(eq(sz, it.recall.facts.list.count, FILES));
	for (size_t i = 0; i < FILES; i++) {
		const struct fact *fact = &it.recall.facts.list.items[i];
		uint8_t            created[8];

		cr_assert(that(fact->offset % CLUSTER == 0 && fact->offset >= LCN * CLUSTER &&
			       fact->offset < (LCN + 2 * blocks) * CLUSTER));
		put_le64(created, NOW + file_ref_record(fact->file));
		cr_expect(that(memmem(cluster(&it, fact->offset / CLUSTER), CLUSTER, created, 8) != NULL));
		apart += fact->offset / CLUSTER != it.recall.facts.list.items[0].offset / CLUSTER;
	}
	cr_expect(that(apart > FILES / 4));
	close_scene(&it);
}

/* Generations are catalogues of their own; of one file the later one is right. */
Test(recall_catalogue, of_two_generations_the_later_counts)
{
	static const struct captured first[] = { { .record = 62, .sequence = 3, .path = "\\a", .parent = REF(40, 3),
						   .size = 4096, .sum = 1 },
						 { .record = 62, .sequence = 2, .path = "\\b", .parent = REF(40, 3),
						   .size = 4096 } };
	static const struct captured second = { .record = 62, .sequence = 3, .path = "\\a", .parent = REF(40, 3),
						.size = 8192, .sum = 2 };
	struct scene                 it;

	for (unsigned turned = 0; turned < 2; turned++) { /* wherever they lie */
		begin(&it);
		put_catalogue(&it, turned ? LCN + 10 : LCN, 1, SERIAL, 0, first, 2);
		put_catalogue(&it, turned ? LCN : LCN + 10, 2, SERIAL, 0, &second, 1);
		open_scene(&it);
		recall_scene(&it);
		cr_assert(eq(sz, it.recall.facts.list.count, 2));
		cr_assert(that(named(&it, "a") != NULL && named(&it, "b") != NULL));
		cr_expect(eq(u64, named(&it, "a")->moment, 2));
		cr_expect(eq(u64, named(&it, "b")->moment, 1));
		cr_assert(eq(sz, it.recall.older.count, 2));
		cr_expect(eq(u64, it.recall.older.items[1].ref, REF(62, 3)));
		cr_expect(that(is_at(it.recall.older.items[1].offset, turned ? LCN : LCN + 10)));
		cr_expect(eq(u64, it.recall.older.items[1].moment, 0)); /* a generation is no LSN */
		cr_assert(eq(sz, it.recall.digests.count, 2));
		cr_expect(eq(int, it.recall.digests.items[1].sum[0], 2)); /* the last is the latest */
		close_scene(&it);
	}
}

struct kept_case {
	char     what[48];
	uint32_t record;
	uint16_t sequence, flags;
	bool     timeless;
	size_t   older, digests;
};

ParameterizedTestParameters(recall_catalogue, records_and_digests_are_taken_where_they_say_something)
{
	static struct kept_case cases[] = {
		{ "a life before", 62, 3, 0, false, 1, 1 },
		{ "the life that the table shows", 62, 4, 0, false, 0, 1 },
		{ "a life to come", 62, 5, 0, false, 0, 1 },
		{ "a row that says nothing", 90, 1, 0, false, 0, 1 },
		{ "the file system's own", 12, 1, 0, false, 0, 1 },
		{ "encrypted: the digest is of something else", 62, 3, ATTRIBUTE_ENCRYPTED, false, 1, 0 },
		{ "without times a digest is of any state", 62, 3, 0, true, 1, 0 },
	};
	return CASES(struct kept_case, cases);
}

ParameterizedTest(struct kept_case *c, recall_catalogue, records_and_digests_are_taken_where_they_say_something)
{
	struct captured file = { .record = c->record, .sequence = c->sequence, .path = "\\x", .parent = REF(40, 3),
				 .size = 4096, .sum = 9, .flags = c->flags, .timeless = c->timeless };
	struct scene    it;

	begin(&it);
	put_catalogue(&it, LCN, 3, SERIAL, 0, &file, 1);
	open_scene(&it);
	inventory_row(&it.inventory, 12, 2, ROW_IN_USE);
	recall_scene(&it);
	cr_expect(eq(sz, it.recall.older.count, c->older), "%s", c->what);
	cr_expect(eq(sz, it.recall.digests.count, c->digests), "%s", c->what);
	close_scene(&it);
}

/* -------- the catalogue's own file -------- */

/* Record 70: its content is @clusters of them from @lcn on. */
static void put_record(struct scene *it, uint64_t clusters, uint16_t lcn)
{
	uint8_t *record = cluster(it, MFT_LCN) + 70 * 1024, *at = record + 0x38;

	make_record(record, 2, REF(40, 3), "x");
	memset(at, 0, 1024 - 0x38);
	put_le32(at, 0x80);
	put_le32(at + 4, 0x48);
	at[8] = 1;
	put_le16(at + 0x0a, 0x40);
	put_le64(at + 0x18, clusters - 1);
	put_le16(at + 0x20, 0x40);
	for (size_t field = 0x28; field < 0x40; field += 8)
		put_le64(at + field, clusters * CLUSTER);
	memcpy(at + 0x40, (uint8_t[]){ 0x21, (uint8_t)clusters, (uint8_t)lcn, (uint8_t)(lcn >> 8), 0 }, 5);
	put_le32(at + 0x48, 0xffffffff);
	put_le32(record + 0x18, 0x38 + 0x50);
	put_le16(record + 0x30, 7);
	for (size_t i = 1; i <= 2; i++)
		put_le16(record + 512 * i - 2, 7);
}

struct own_case {
	char     what[40];
	char     name[16];
	uint16_t flags;
	bool     found;
};

ParameterizedTestParameters(recall_catalogue, blocks_in_its_file_are_found_without_a_sweep)
{
	static struct own_case cases[] = {
		{ "the first copy's", "holdfast.cat", ROW_IN_USE, true },
		{ "the second's", "holdfast.cat2", ROW_IN_USE, true },
		{ "deleted", "holdfast.cat", 0, true },
		{ "a directory of that name", "holdfast.cat", ROW_IN_USE | ROW_DIRECTORY, false },
		{ "another name", "holdfast.cat3", ROW_IN_USE, false },
	};
	return CASES(struct own_case, cases);
}

ParameterizedTest(struct own_case *c, recall_catalogue, blocks_in_its_file_are_found_without_a_sweep)
{
	static const struct captured file = { .record = 62, .sequence = 3, .path = "\\gone.txt", .parent = REF(40, 3),
					      .size = 4096 };
	struct scene                 it;

	begin(&it);
	put_catalogue(&it, LCN, 3, SERIAL, 0, &file, 1);
	put_record(&it, 1, LCN);
	open_scene(&it);
	inventory_row(&it.inventory, 70, 2, c->flags);
	inventory_name(&it.inventory, 70, REF(40, 3), c->name, NAME_WIN32);
	OK(recall_catalogues(&it.recall, NULL, 0, &err));
	cr_assert(eq(sz, it.recall.facts.list.count, c->found), "%s", c->what);
	cr_expect(eq(sz, it.recall.older.count, c->found), "%s", c->what);
	if (c->found)
		cr_expect(eq(int, it.recall.facts.list.items[0].flags, 0), "%s", c->what); /* it is in its place */
	close_scene(&it);
}

/* The same block from the sweep and from the file: it is in its place. */
Test(recall_catalogue, what_is_found_twice_is_told_once)
{
	static const struct captured file = { .record = 62, .sequence = 3, .path = "\\gone.txt", .parent = REF(40, 3),
					      .size = 4096, .sum = 1 };
	struct scene                 it;

	begin(&it);
	put_catalogue(&it, LCN, 3, SERIAL, 0, &file, 1);
	put_record(&it, 2, LCN);
	open_scene(&it);
	inventory_row(&it.inventory, 70, 2, ROW_IN_USE);
	inventory_name(&it.inventory, 70, REF(40, 3), "holdfast.cat", NAME_WIN32);
	recall_scene(&it);
	cr_assert(eq(sz, it.recall.facts.list.count, 1));
	cr_expect(eq(int, it.recall.facts.list.items[0].flags, 0));
	cr_expect(eq(sz, it.recall.older.count, 1));
	cr_expect(eq(sz, it.recall.digests.count, 1));
	close_scene(&it);
}
