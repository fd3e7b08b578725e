/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_recall_index.c - expected values: tables and blocks laid out by hand; what dfir_ntfs asserts of its
 * samples; of volumes by libntfs-3g, a plain search through all of their bytes
 */
#include "tests/unit/disk.h"
#include "tests/unit/log_maker.h"

#include "core/utf16.h"
#include "scan/recall/recall.h"

#define VOLUME_BYTES (1u << 20)
#define TABLE 0x10000u  /* where the table lies, bytes of the volume */
#define BLOCKS 0x80000u /* where the blocks do */
#define BLOCK_BYTES 4096u
#define RECORD_BYTES 1024u
#define RECORDS 64u
#define TIME 0x01d58d0844080000ull /* 2019-10-27 */
#define LSN 0x123456u

#define DIR file_ref_make(40, 3) /* the directory that most tests look into */
#define OTHER file_ref_make(41, 5)

/* -------- a volume laid out by hand -------- */

struct made {
	uint8_t           *image; /* VOLUME_BYTES; zeroes follow */
	uint32_t           cluster_bytes;
	uint64_t           volume_bytes;
	uint8_t           *at; /* where the next attribute or entry goes */
	struct test_volume test;
	struct inventory   inventory;
	struct extensions  extensions;
	struct file_reader reader;
	struct recall      recall;
	struct error       err;
};

static void make(struct made *it, uint32_t cluster_bytes)
{
	*it = (struct made){ .image = calloc(1, VOLUME_BYTES),
			     .cluster_bytes = cluster_bytes,
			     .volume_bytes = VOLUME_BYTES };
	cr_assert(it->image != NULL);
}

static uint8_t *record_at(struct made *it, uint32_t number)
{
	return it->image + TABLE + number * RECORD_BYTES;
}

static void end_record(struct made *it, uint32_t number)
{
	uint8_t *record = record_at(it, number);

	put_le32(it->at, 0xffffffff);
	put_le32(record + 0x18, (uint32_t)(it->at - record) + 8);
}

static void begin_record(struct made *it, uint32_t number, uint16_t sequence, uint16_t flags, file_ref base)
{
	uint8_t *record = record_at(it, number);

	memset(record, 0, RECORD_BYTES);
	memcpy(record, "FILE", 4);
	put_le16(record + 4, 0x30);
	put_le64(record + 8, LSN);
	put_le16(record + 0x10, sequence);
	put_le16(record + 0x14, 0x38);
	put_le16(record + 0x16, flags);
	put_le32(record + 0x1c, RECORD_BYTES);
	put_le64(record + 0x20, base);
	put_le32(record + 0x2c, number);
	it->at = record + 0x38;
	end_record(it, number);
}

/* "$I30" of @type, or the unnamed; returns where its value or its runs are put. */
static uint8_t *begin_attribute(struct made *it, uint32_t type, bool named, size_t head)
{
	put_le32(it->at, type);
	put_le16(it->at + 0x0a, (uint16_t)head);
	it->at[9] = named ? 4 : 0;
	memcpy(it->at + head, "$\0I\0003\0000", 8);
	return it->at + head + 8;
}

static void end_attribute(struct made *it, const uint8_t *end)
{
	size_t size = (size_t)(end - it->at + 7) / 8 * 8;

	put_le32(it->at + 4, (uint32_t)size);
	it->at += size;
}

static void add_value(struct made *it, uint32_t type, bool named, const void *value, size_t size)
{
	uint8_t *to = begin_attribute(it, type, named, 0x18);

	put_le32(it->at + 0x10, (uint32_t)size);
	put_le16(it->at + 0x14, (uint16_t)(to - it->at));
	memcpy(to, value, size);
	end_attribute(it, to + size);
}

/* A non-resident attribute: @count runs of (bytes of the volume, bytes). */
static void add_runs(struct made *it, uint32_t type, uint64_t lowest_vcn, const uint32_t (*runs)[2],
		     size_t count)
{
	uint8_t *to = begin_attribute(it, type, true, 0x40);
	uint32_t last = 0;
	uint64_t size = 0;

	it->at[8] = 1;
	put_le64(it->at + 0x10, lowest_vcn);
	put_le16(it->at + 0x20, (uint16_t)(to - it->at));
	for (size_t i = 0; i < count; i++, to += 9) {
		uint32_t lcn = runs[i][0] / it->cluster_bytes;

		*to = 0x44;
		put_le32(to + 1, runs[i][1] / it->cluster_bytes);
		put_le32(to + 5, lcn - last);
		last = lcn;
		size += runs[i][1];
	}
	*to++ = 0;
	put_le64(it->at + 0x28, size);
	put_le64(it->at + 0x30, size);
	put_le64(it->at + 0x38, size);
	end_attribute(it, to);
}

static void add_root(struct made *it, uint32_t block_bytes)
{
	uint8_t value[0x30] = { 0x30 };

	put_le32(value + 4, 1);
	put_le32(value + 8, block_bytes);
	put_le32(value + 0x10, 0x10);
	put_le32(value + 0x14, 0x20);
	put_le32(value + 0x18, 0x20);
	put_le16(value + 0x28, 0x10);
	put_le16(value + 0x2c, 2);
	add_value(it, 0x90, true, value, sizeof value);
}

/* A directory that says: one run of blocks, of which @bits are in use. */
static void make_directory(struct made *it, uint32_t number, uint16_t sequence, uint16_t flags,
			   uint32_t offset, uint32_t size, uint8_t bits)
{
	const uint32_t runs[1][2] = { { offset, size } };

	begin_record(it, number, sequence, flags, 0);
	add_root(it, BLOCK_BYTES);
	add_runs(it, 0xa0, 0, runs, 1);
	add_value(it, 0xb0, true, &bits, 1);
	end_record(it, number);
}

static void make_file(struct made *it, uint32_t number, uint16_t sequence, uint16_t flags, file_ref base,
		      file_ref parent, const char *name)
{
	begin_record(it, number, sequence, flags, base);
	it->at += make_file_name(it->at, parent, name, NAME_WIN32);
	end_record(it, number);
}

static uint8_t *put_entry(struct made *it, file_ref file, file_ref parent, const char *name)
{
	uint8_t *entry = it->at;
	size_t   size = make_index_entry(entry, file, parent, name);

	put_le64(entry + 0x28, TIME);
	put_le32(entry + 0x48, 0x20); /* FILE_ATTRIBUTE_ARCHIVE */
	it->at += size;
	return entry;
}

static void begin_block(struct made *it, uint32_t offset)
{
	uint8_t *block = it->image + offset;

	memset(block, 0, BLOCK_BYTES);
	memcpy(block, "INDX", 4);
	put_le16(block + 4, 0x28);
	put_le64(block + 8, LSN);
	put_le32(block + 0x18, 0x28);
	put_le32(block + 0x20, BLOCK_BYTES - 0x18);
	it->at = block + 0x40;
}

/* The last entry of the block at @offset; those that follow are not in use. */
static void end_node(struct made *it, uint32_t offset)
{
	put_le16(it->at + 8, 0x10);
	put_le16(it->at + 0xc, 2);
	it->at += 0x10;
	put_le32(it->image + offset + 0x1c, (uint32_t)(it->at - (it->image + offset)) - 0x18);
}

static void fix(uint8_t *block, size_t size)
{
	uint8_t *array = block + block[4];

	put_le16(block + 6, (uint16_t)(size / 512 + 1));
	put_le16(array, 0x0707);
	for (size_t i = 1; i <= size / 512; i++) {
		memcpy(array + 2 * i, block + 512 * i - 2, 2);
		memcpy(block + 512 * i - 2, array, 2);
	}
}

static void read_facts(struct made *it, const struct volume *volume, struct findings *findings)
{
	struct index_walk  *walk;
	struct record_watch watch;

	cr_assert(eq(int, index_walk_begin(&walk, &watch, &it->err), 0));
	cr_assert(eq(int, inventory_read_watched(&it->inventory, volume, 2, &watch, findings, &it->err), 0));
	cr_assert(eq(int, extensions_collect(&it->extensions, &it->inventory, &it->err), 0));
	cr_assert(eq(int, file_reader_init(&it->reader, &it->inventory, &it->extensions, &it->err), 0));
	it->recall = (struct recall){ .indexes = walk,
				      .inventory = &it->inventory,
				      .reader = &it->reader,
				      .findings = findings,
				      .threads = 2 };
	cr_assert(eq(int, recall_indexes(&it->recall, &it->err), 0));
}

/* All is laid out; blocks that lie in pieces have their fix-ups already. */
static void look(struct made *it)
{
	for (uint32_t i = 0; i < RECORDS; i++) {
		if (!record_at(it, i)[0]) /* the table ends where records do */
			begin_record(it, i, 1, 0, 0);
		fix(record_at(it, i), RECORD_BYTES);
	}
	for (size_t at = BLOCKS; at < VOLUME_BYTES; at += BLOCK_BYTES)
		if (memcmp(it->image + at, "INDX", 4) == 0 && !it->image[at + 6])
			fix(it->image + at, BLOCK_BYTES);
	test_volume_open(&it->test, it->cluster_bytes, it->volume_bytes / it->cluster_bytes, RECORD_BYTES,
			 TABLE, it->image + TABLE, VOLUME_BYTES - TABLE);
	read_facts(it, &it->test.volume, &it->test.findings);
}

static void release_facts(struct made *it)
{
	facts_release(&it->recall.facts);
	index_walk_release(it->recall.indexes);
	file_reader_release(&it->reader);
	array_release(&it->extensions);
	inventory_release(&it->inventory);
}

static void release(struct made *it)
{
	release_facts(it);
	test_volume_close(&it->test);
	free(it->image);
}

/* The only fact of this name; NULL if there is none. */
static const struct fact *find(const struct made *it, const char *name)
{
	const struct facts *facts = &it->recall.facts;
	const struct fact  *found = NULL;

	for (size_t i = 0; i < facts->list.count; i++) {
		const struct fact *fact = &facts->list.items[i];
		char               text[NAME_UTF8_MAX];

		utf16_to_utf8(facts_text(facts, fact), fact->units, text);
		if (strcmp(text, name) != 0)
			continue;
		cr_expect(found == NULL, "%s is there twice", name);
		found = fact;
	}
	return found;
}

static void expect(const struct made *it, const char *name, file_ref file, file_ref parent, unsigned source,
		   unsigned flags)
{
	const struct fact *fact = find(it, name);

	cr_assert(fact != NULL, "%s", name);
	cr_expect(eq(u64, fact->file, file), "%s", name);
	cr_expect(eq(u64, fact->parent, parent), "%s", name);
	cr_expect(eq(uint, fact->source, source), "%s", name);
	cr_expect(eq(uint, fact->flags, flags), "%s", name);
}

static void expect_count(const struct made *it, size_t count)
{
	cr_expect(eq(sz, it->recall.facts.list.count, count));
}

/* -------- what is a fact -------- */

struct clusters {
	uint32_t bytes;
};

ParameterizedTestParameters(recall_index, nodes)
{
	static struct clusters cases[] = { { 512 }, { 2048 }, { 4096 }, { 65536 } };
	return CASES(struct clusters, cases);
}

/* Blocks larger and smaller than a cluster. */
ParameterizedTest(struct clusters *c, recall_index, nodes)
{
	struct made it;
	uint8_t    *entry;

	make(&it, c->bytes);
	make_directory(&it, 40, 3, 3, BLOCKS, 0x10000, 0x5); /* the second of three is not in use */
	make_file(&it, 50, 2, 1, 0, DIR, "told");
	make_file(&it, 51, 9, 1, 0, DIR, "reused");
	begin_block(&it, BLOCKS);
	put_entry(&it, file_ref_make(50, 2), DIR, "told");
	entry = put_entry(&it, file_ref_make(51, 8), DIR, "lost");
	put_le32(entry + 0x48, 0x10000020);
	end_node(&it, BLOCKS);
	put_entry(&it, file_ref_make(51, 7), DIR, "slack");
	begin_block(&it, BLOCKS + BLOCK_BYTES);
	put_entry(&it, file_ref_make(51, 6), DIR, "unused");
	end_node(&it, BLOCKS + BLOCK_BYTES);
	begin_block(&it, BLOCKS + 2 * BLOCK_BYTES);
	put_entry(&it, file_ref_make(51, 5), DIR, "far");
	end_node(&it, BLOCKS + 2 * BLOCK_BYTES);
	look(&it);
	expect_count(&it, 4);
	expect(&it, "lost", file_ref_make(51, 8), DIR, FACT_INDEX, FACT_DIRECTORY);
	expect(&it, "slack", file_ref_make(51, 7), DIR, FACT_INDEX_SLACK, 0);
	expect(&it, "unused", file_ref_make(51, 6), DIR, FACT_INDEX_SLACK, 0);
	expect(&it, "far", file_ref_make(51, 5), DIR, FACT_INDEX, 0);
	cr_expect(eq(u64, find(&it, "lost")->offset, (uint64_t)(entry - it.image)));
	cr_expect(eq(u64, find(&it, "lost")->moment, LSN));
	cr_expect(eq(u32, find(&it, "lost")->time, row_time(TIME)));
	cr_expect(eq(uint, find(&it, "lost")->space, NAME_WIN32));
	release(&it);
}

/* Each name that some record shows, of the same life, in the same directory, to the last unit. */
Test(recall_index, what_the_table_says_is_no_fact)
{
	struct made it;

	make(&it, 4096);
	make_directory(&it, 40, 3, 3, BLOCKS, BLOCK_BYTES, 1);
	make_file(&it, 50, 2, 1, 0, DIR, "base");
	make_file(&it, 51, 1, 1, file_ref_make(50, 2), DIR, "extension");
	make_file(&it, 52, 1, 1, file_ref_make(50, 1), DIR, "of an older life");
	make_file(&it, 53, 4, 0, 0, DIR, "freed");
	begin_block(&it, BLOCKS);
	put_entry(&it, file_ref_make(50, 2), DIR, "base");
	put_entry(&it, file_ref_make(50, 2), DIR, "extension");
	put_entry(&it, file_ref_make(53, 3), DIR, "freed");
	put_entry(&it, file_ref_make(50, 2), DIR, "of an older life");
	put_entry(&it, file_ref_make(50, 2), DIR, "Base");
	put_entry(&it, file_ref_make(50, 2), OTHER, "extension");
	put_entry(&it, file_ref_make(53, 4), DIR, "freed");
	put_entry(&it, DIR, DIR, ".");
	end_node(&it, BLOCKS);
	look(&it);
	expect_count(&it, 4);
	expect(&it, "of an older life", file_ref_make(50, 2), DIR, FACT_INDEX, 0);
	expect(&it, "Base", file_ref_make(50, 2), DIR, FACT_INDEX, 0);
	expect(&it, "extension", file_ref_make(50, 2), OTHER, FACT_INDEX_SLACK, FACT_CARVED);
	expect(&it, "freed", file_ref_make(53, 4), DIR, FACT_INDEX, 0);
	release(&it);
}

/* The block proves nothing, the entry's own parent does. */
Test(recall_index, clusters_that_went_to_another_directory)
{
	struct made it;

	make(&it, 4096);
	make_directory(&it, 40, 4, 2, BLOCKS, 2 * BLOCK_BYTES, 3); /* freed: its life was the third */
	make_directory(&it, 41, 5, 3, BLOCKS, BLOCK_BYTES, 1);     /* has the first of them now */
	begin_block(&it, BLOCKS);
	put_entry(&it, file_ref_make(50, 2), OTHER, "of the live one");
	end_node(&it, BLOCKS);
	put_entry(&it, file_ref_make(50, 3), DIR, "of the freed one");
	put_entry(&it, file_ref_make(50, 4), file_ref_make(42, 1), "of a third");
	begin_block(&it, BLOCKS + BLOCK_BYTES);
	put_entry(&it, file_ref_make(50, 5), DIR, "as it was freed");
	put_entry(&it, file_ref_make(50, 6), file_ref_make(40, 2), "older life");
	put_entry(&it, file_ref_make(50, 7), file_ref_make(42, 1), "of a third, in use");
	end_node(&it, BLOCKS + BLOCK_BYTES);
	look(&it);
	expect_count(&it, 6);
	expect(&it, "of the live one", file_ref_make(50, 2), OTHER, FACT_INDEX, 0);
	expect(&it, "of the freed one", file_ref_make(50, 3), DIR, FACT_INDEX_SLACK, 0);
	expect(&it, "of a third", file_ref_make(50, 4), file_ref_make(42, 1), FACT_INDEX_SLACK, FACT_CARVED);
	expect(&it, "as it was freed", file_ref_make(50, 5), DIR, FACT_INDEX, 0);
	expect(&it, "older life", file_ref_make(50, 6), file_ref_make(40, 2), FACT_INDEX_SLACK, 0);
	expect(&it, "of a third, in use", file_ref_make(50, 7), file_ref_make(42, 1), FACT_INDEX_SLACK,
	       FACT_CARVED);
	release(&it);
}

/* Something else lies there: only what names the directory itself counts, and it is torn. */
Test(recall_index, clusters_that_went_to_a_file)
{
	struct made it;

	make(&it, 512);
	make_directory(&it, 40, 4, 2, BLOCKS, BLOCK_BYTES, 1);
	begin_block(&it, BLOCKS);
	it.at = it.image + BLOCKS + 0x400;
	put_entry(&it, file_ref_make(50, 5), DIR, "left");
	put_entry(&it, file_ref_make(50, 6), OTHER, "of another");
	memset(it.image + BLOCKS, 'x', 512);
	look(&it);
	expect_count(&it, 1);
	expect(&it, "left", file_ref_make(50, 5), DIR, FACT_INDEX_SLACK, FACT_TORN);
	cr_expect(eq(u64, find(&it, "left")->moment, 0));
	release(&it);
}

/* A last entry lies over the head of an entry: it may have been anybody's, even that of a file we know. */
Test(recall_index, entries_without_a_file)
{
	struct made it;
	uint8_t    *at;

	make(&it, 4096);
	make_directory(&it, 40, 3, 3, BLOCKS, BLOCK_BYTES, 1);
	make_file(&it, 50, 2, 1, 0, DIR, "told");
	begin_block(&it, BLOCKS);
	end_node(&it, BLOCKS);
	at = it.at;
	put_entry(&it, 0, DIR, "unknown");
	put_entry(&it, 0, DIR, "told");
	put_entry(&it, 0, DIR, "known");
	put_entry(&it, file_ref_make(50, 3), DIR, "known");
	put_entry(&it, 0, OTHER, "elsewhere");
	put_entry(&it, 0, DIR, "SHORT~1")[0x51] = NAME_DOS;
	put_entry(&it, file_ref_make(50, 3), DIR, "SHORT~2")[0x51] = NAME_DOS;
	look(&it);
	expect_count(&it, 3);
	expect(&it, "unknown", 0, DIR, FACT_INDEX_SLACK, 0);
	cr_expect(eq(u64, find(&it, "unknown")->offset, (uint64_t)(at - it.image) + 0x10),
		  "from its parent on");
	expect(&it, "known", file_ref_make(50, 3), DIR, FACT_INDEX_SLACK, 0);
	expect(&it, "SHORT~2", file_ref_make(50, 3), DIR, FACT_INDEX_SLACK, 0);
	cr_expect(eq(uint, find(&it, "SHORT~2")->space, NAME_DOS));
	release(&it);
}

/* The same name in three places: in use and sound goes before younger. */
Test(recall_index, name_is_told_once)
{
	struct made it;

	make(&it, 4096);
	make_directory(&it, 40, 3, 3, BLOCKS, 3 * BLOCK_BYTES, 2);
	for (uint32_t i = 0; i < 3; i++) {
		begin_block(&it, BLOCKS + i * BLOCK_BYTES);
		put_entry(&it, file_ref_make(50, 3), DIR, "a");
		if (i != 1)
			put_entry(&it, file_ref_make(50, 3), DIR, "b");
		end_node(&it, BLOCKS + i * BLOCK_BYTES);
		put_le64(it.image + BLOCKS + i * BLOCK_BYTES + 8, LSN + i);
	}
	look(&it);
	expect_count(&it, 2);
	expect(&it, "a", file_ref_make(50, 3), DIR, FACT_INDEX, 0);
	cr_expect(eq(u64, find(&it, "a")->moment, LSN + 1));
	cr_expect(eq(u64, find(&it, "b")->moment, LSN + 2));
	release(&it);
}

Test(recall_index, torn_sector)
{
	struct made it;

	make(&it, 4096);
	make_directory(&it, 40, 3, 3, BLOCKS, BLOCK_BYTES, 1);
	begin_block(&it, BLOCKS);
	put_entry(&it, file_ref_make(50, 3), DIR, "whole");
	it.at = it.image + BLOCKS + 0x200;
	put_entry(&it, file_ref_make(50, 3), DIR, "half");
	fix(it.image + BLOCKS, BLOCK_BYTES);
	it.image[BLOCKS + 0x3fe] ^= 1;
	look(&it);
	expect(&it, "whole", file_ref_make(50, 3), DIR, FACT_INDEX_SLACK, 0);
	expect(&it, "half", file_ref_make(50, 3), DIR, FACT_INDEX_SLACK, FACT_TORN);
	release(&it);
}

/* -------- references that are none, names that are none -------- */

Test(recall_index, entries_in_use_are_not_believed_blindly)
{
	struct made it;

	make(&it, 4096);
	make_directory(&it, 40, 3, 3, BLOCKS, BLOCK_BYTES, 1);
	begin_block(&it, BLOCKS);
	put_entry(&it, file_ref_make(50, 0), DIR, "no life");
	put_entry(&it, file_ref_make(VOLUME_BYTES / RECORD_BYTES, 1), DIR, "behind all");
	put_entry(&it, file_ref_make(50, 1), DIR, "a/b");
	put_entry(&it, file_ref_make(50, 1), file_ref_make(40, 0), "no parent");
	put_entry(&it, file_ref_make(RECORDS, 1), DIR, "behind the table");
	end_node(&it, BLOCKS);
	look(&it);
	expect_count(&it, 1);
	expect(&it, "behind the table", file_ref_make(RECORDS, 1), DIR, FACT_INDEX, 0);
	release(&it);
}

struct run_count {
	size_t runs, facts;
};

ParameterizedTestParameters(recall_index, runs_that_are_no_index)
{
	static struct run_count cases[] = { { 1, 1 }, { 64, 1 }, { 65, 0 } };
	return CASES(struct run_count, cases);
}

/*
 * 1024 blocks a run, and one that may be shared: 65 of them are more than 65536 + 4 * 64, which the names of
 * this table could never fill.
 */
ParameterizedTest(struct run_count *c, recall_index, runs_that_are_no_index)
{
	uint32_t    runs[65][2];
	struct made it;

	make(&it, 512);
	for (size_t i = 0; i < c->runs; i++) {
		runs[i][0] = BLOCKS;
		runs[i][1] = VOLUME_BYTES - BLOCKS;
	}
	begin_record(&it, 40, 3, 3, 0);
	add_root(&it, 512);
	add_runs(&it, 0xa0, 0, (const uint32_t(*)[2])runs, c->runs);
	end_record(&it, 40);
	begin_block(&it, BLOCKS);
	put_entry(&it, file_ref_make(50, 1), DIR, "a");
	end_node(&it, BLOCKS);
	fix(it.image + BLOCKS, 512);
	look(&it);
	expect_count(&it, c->facts);
	release(&it);
}

/* -------- indexes in pieces -------- */

/* Every cluster of a block elsewhere, some with a gap in the order of the disk. */
Test(recall_index, block_in_pieces)
{
	static const uint32_t runs[3][2] = { { BLOCKS + 0x8000, 1536 },
					     { BLOCKS, 2048 },
					     { BLOCKS + 0x4000, 4608 } };
	const uint8_t         bits = 2;
	struct made           it;
	uint8_t              *block;
	const uint8_t        *entry, *last;

	make(&it, 512);
	begin_record(&it, 40, 3, 3, 0);
	add_root(&it, BLOCK_BYTES);
	add_runs(&it, 0xa0, 0, runs, 3);
	add_value(&it, 0xb0, true, &bits, 1);
	end_record(&it, 40);
	block = it.image + VOLUME_BYTES - BLOCK_BYTES;
	begin_block(&it, VOLUME_BYTES - BLOCK_BYTES);
	put_entry(&it, file_ref_make(50, 1), DIR, "first");
	it.at = block + 1536 + 64;
	entry = put_entry(&it, file_ref_make(50, 2), DIR, "second");
	it.at = block + 3584 + 64;
	last = put_entry(&it, file_ref_make(50, 3), DIR, "third");
	fix(block, BLOCK_BYTES);
	memcpy(it.image + BLOCKS + 0x8000, block, 1536);
	memcpy(it.image + BLOCKS, block + 1536, 2048);
	memcpy(it.image + BLOCKS + 0x4000, block + 3584, 512);
	memset(block, 0, BLOCK_BYTES);
	begin_block(&it, BLOCKS + 0x5000); /* where nothing looks for it, made to be moved */
	put_entry(&it, file_ref_make(50, 4), DIR, "in use");
	end_node(&it, BLOCKS + 0x5000);
	fix(it.image + BLOCKS + 0x5000, BLOCK_BYTES);
	memmove(it.image + BLOCKS + 0x4200, it.image + BLOCKS + 0x5000, BLOCK_BYTES);
	memset(it.image + BLOCKS + 0x5200, 0, BLOCK_BYTES - 512);
	look(&it);
	expect_count(&it, 4);
	expect(&it, "first", file_ref_make(50, 1), DIR, FACT_INDEX_SLACK, 0);
	expect(&it, "second", file_ref_make(50, 2), DIR, FACT_INDEX_SLACK, 0);
	expect(&it, "third", file_ref_make(50, 3), DIR, FACT_INDEX_SLACK, 0);
	expect(&it, "in use", file_ref_make(50, 4), DIR, FACT_INDEX, 0);
	cr_expect(eq(u64, find(&it, "second")->offset, BLOCKS + (uint64_t)(entry - block) - 1536));
	cr_expect(eq(u64, find(&it, "third")->offset, BLOCKS + 0x4000 + (uint64_t)(last - block) - 3584));
	release(&it);
}

/* Base gone, or reused: its extension record still says where blocks lie. */
Test(recall_index, extension_without_its_base)
{
	static const uint32_t runs[1][2] = { { BLOCKS, BLOCK_BYTES } };
	struct made           it;

	make(&it, 4096);
	make_file(&it, 40, 7, 1, 0, OTHER, "file");
	begin_record(&it, 45, 2, 0, DIR);
	add_runs(&it, 0xa0, 8, runs, 1);
	end_record(&it, 45);
	begin_block(&it, BLOCKS);
	put_entry(&it, file_ref_make(50, 4), DIR, "a");
	put_entry(&it, file_ref_make(50, 4), OTHER, "b");
	end_node(&it, BLOCKS);
	look(&it);
	expect_count(&it, 2);
	expect(&it, "a", file_ref_make(50, 4), DIR, FACT_INDEX_SLACK, 0);
	expect(&it, "b", file_ref_make(50, 4), OTHER, FACT_INDEX_SLACK, FACT_CARVED);
	release(&it);
}

static uint8_t *put_listed(uint8_t *at, uint32_t type, file_ref record, uint64_t vcn)
{
	put_le32(at, type);
	put_le16(at + 4, 0x28);
	at[6] = 4;
	at[7] = 0x1a;
	put_le64(at + 8, vcn);
	put_le64(at + 0x10, record);
	memcpy(at + 0x1a, "$\0I\0003\0000", 8);
	return at + 0x28;
}

/* The bits are in one record, the blocks in another; and bits that lie in a cluster of their own. */
Test(recall_index, index_told_by_several_records)
{
	static const uint32_t runs[1][2] = { { BLOCKS, 2 * BLOCK_BYTES } };
	static const uint32_t own[1][2] = { { BLOCKS + 0x8000, BLOCK_BYTES } };
	static const uint32_t bits_at[1][2] = { { BLOCKS + 0x10000, BLOCK_BYTES } };
	const uint8_t         bits = 2;
	uint8_t               list[3 * 0x28] = { 0 }, *at = list;
	struct made           it;

	make(&it, 4096);
	at = put_listed(at, 0x90, DIR, 0);
	at = put_listed(at, 0xa0, file_ref_make(45, 2), 0);
	at = put_listed(at, 0xb0, DIR, 0);
	begin_record(&it, 40, 3, 3, 0);
	add_value(&it, 0x20, false, list, sizeof list);
	add_root(&it, BLOCK_BYTES);
	add_value(&it, 0xb0, true, &bits, 1);
	end_record(&it, 40);
	begin_record(&it, 45, 2, 1, DIR);
	add_runs(&it, 0xa0, 0, runs, 1);
	end_record(&it, 45);
	begin_record(&it, 41, 5, 3, 0);
	add_root(&it, BLOCK_BYTES);
	add_runs(&it, 0xa0, 0, own, 1);
	add_runs(&it, 0xb0, 0, bits_at, 1);
	end_record(&it, 41);
	it.image[BLOCKS + 0x10000] = 1;
	begin_block(&it, BLOCKS);
	put_entry(&it, file_ref_make(50, 1), DIR, "not in use");
	end_node(&it, BLOCKS);
	begin_block(&it, BLOCKS + BLOCK_BYTES);
	put_entry(&it, file_ref_make(50, 1), DIR, "in use");
	end_node(&it, BLOCKS + BLOCK_BYTES);
	begin_block(&it, BLOCKS + 0x8000);
	put_entry(&it, file_ref_make(50, 1), OTHER, "in use, too");
	end_node(&it, BLOCKS + 0x8000);
	look(&it);
	expect_count(&it, 3);
	expect(&it, "not in use", file_ref_make(50, 1), DIR, FACT_INDEX_SLACK, 0);
	expect(&it, "in use", file_ref_make(50, 1), DIR, FACT_INDEX, 0);
	expect(&it, "in use, too", file_ref_make(50, 1), OTHER, FACT_INDEX, 0);
	release(&it);
}

/* -------- records -------- */

/* What stands in a root, and what was in one: also where a file has the record by now. */
Test(recall_index, roots_and_slack_of_records)
{
	struct made    it;
	uint8_t        value[0x20 + 88 + 16] = { 0x30 };
	uint8_t       *record;
	const uint8_t *entry;

	make(&it, 4096);
	it.at = value + 0x20;
	put_entry(&it, file_ref_make(50, 6), DIR, "root");
	put_le32(value + 8, BLOCK_BYTES);
	put_le32(value + 0x10, 0x10);
	put_le32(value + 0x14, sizeof value - 0x10);
	put_le16(value + sizeof value - 8, 0x10);
	put_le16(value + sizeof value - 4, 2);
	begin_record(&it, 40, 3, 3, 0);
	add_value(&it, 0x90, true, value, sizeof value);
	end_record(&it, 40);
	record = record_at(&it, 40);
	it.at = record + 0x200;
	entry = put_entry(&it, file_ref_make(50, 7), DIR, "moved");
	put_entry(&it, 0, DIR, "moved, too");
	it.at += make_file_name(it.at, OTHER, "its own name", NAME_WIN32);
	make_file(&it, 41, 9, 1, 0, DIR, "file");
	it.at = record_at(&it, 41) + 0x200;
	put_entry(&it, file_ref_make(50, 8), OTHER, "before the file");
	look(&it);
	expect_count(&it, 4);
	expect(&it, "root", file_ref_make(50, 6), DIR, FACT_INDEX, 0);
	expect(&it, "moved", file_ref_make(50, 7), DIR, FACT_INDEX_SLACK, 0);
	cr_expect(eq(u64, find(&it, "moved")->offset, (uint64_t)(entry - it.image)));
	cr_expect(eq(u64, find(&it, "moved")->moment, LSN));
	expect(&it, "moved, too", 0, DIR, FACT_INDEX_SLACK, 0);
	expect(&it, "before the file", file_ref_make(50, 8), OTHER, FACT_INDEX_SLACK, 0);
	release(&it);
}

/* -------- an index of Windows, before and after deletions -------- */

struct index_file {
	char   path[48];
	size_t names; /* in use, or whole and only in the slack: as in test_index_slack.c */
};

ParameterizedTestParameters(recall_index, deletions)
{
	static struct index_file cases[] = {
		{ "ntfs/ezimmerman-mft/$I30/Start/$I30", 50 + 13 },
		{ "ntfs/ezimmerman-mft/$I30/FirstDelete/$I30", 20 + 25 },
		{ "ntfs/ezimmerman-mft/$I30/SecondDelete/$I30", 10 + 27 },
	};
	return CASES(struct index_file, cases);
}

ParameterizedTest(struct index_file *c, recall_index, deletions)
{
	const file_ref directory = file_ref_make(0x1d044, 0x12);
	struct blob    index = sample_load(c->path);
	const uint32_t runs[1][2] = { { BLOCKS, (uint32_t)index.size } };
	struct made    it;
	size_t         names = 0;

	make(&it, 4096);
	it.volume_bytes = 1u << 30;
	begin_record(&it, 45, 2, 0, directory);
	add_runs(&it, 0xa0, 0, runs, 1);
	end_record(&it, 45);
	memcpy(it.image + BLOCKS, index.at, index.size);
	look(&it);
	for (size_t i = 0; i < it.recall.facts.list.count; i++) {
		cr_expect(eq(u64, it.recall.facts.list.items[i].parent, directory));
		names += it.recall.facts.list.items[i].file != 0;
	}
	cr_expect(eq(sz, names, c->names));
	release(&it);
	free(index.at);
}

/* -------- volumes of Windows -------- */

struct sample {
	struct evidence evidence;
	struct findings findings;
	struct volumes  volumes;
	char           *folder;
};

static void look_into(struct made *it, struct sample *sample, const char *path, const char *selection)
{
	struct selection which;
	char            *source = NULL, *image;

	cr_assert(asprintf(&source, "%s%s", path, selection) > 0);
	findings_init(&sample->findings);
	*it = (struct made){ 0 };
	cr_assert(eq(int, selection_parse(source, &image, &which, &it->err), 0));
	cr_assert(eq(int, evidence_open(&sample->evidence, image, NULL, &it->err), 0));
	cr_assert(eq(int,
		     volumes_find(&sample->evidence, &which, &sample->volumes, &sample->findings, &it->err),
		     0));
	read_facts(it, &sample->volumes.items[0], &sample->findings);
	free(image);
	free(source);
}

static void release_sample(struct made *it, struct sample *sample)
{
	release_facts(it);
	array_release(&sample->volumes);
	findings_release(&sample->findings);
	evidence_release(&sample->evidence);
}

/*
 * dfir_ntfs: the slack of /test_dir has AAAAAAAAAAA.txt, which its record has, too, and
 * BBBBBBBBBBBBB-del.txt. Of the latter an end lies over the reference.
 */
Test(recall_index, real_volume)
{
	struct made   it;
	struct sample sample = { .folder = temp_folder() };
	struct blob   image = sample_unpack("zcat '%s'", "ntfs/dfir_ntfs/ntfs_index.raw.gz");
	char         *path = temp_path(sample.folder, "image");
	const char   *name = "BBBBBBBBBBBBB-del.txt";

	temp_write(path, image.at, image.size);
	look_into(&it, &sample, path, "@+65536");
	expect_count(&it, 1);
	expect(&it, name, 0, file_ref_make(39, 1), FACT_INDEX_SLACK, 0);
	for (size_t i = 0; name[i]; i++)
		cr_expect(eq(u8, image.at[65536 + find(&it, name)->offset + 0x42 + 2 * i], name[i]));
	release_sample(&it, &sample);
	free(path);
	free(image.at);
	temp_remove(sample.folder);
}

/* -------- names that libntfs-3g removed, found by a plain search -------- */

#define FILES 600u

/* Equal but for what fix-ups have in their place. */
static bool same(const struct blob *image, size_t at, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (image->at[at + i] != bytes[i] && (at + i) % 512 < 510)
			return false;
	return true;
}

/* Mark the files of which the image has a whole entry, with their number in six digits as the name. */
static void search(const struct blob *image, file_ref folder, const file_ref *files, bool *found)
{
	uint8_t parent[8], file[8], name[12] = { 0 };
	char    digits[8];

	put_le64(parent, folder);
	for (size_t at = 0; at + 0x52 + sizeof name <= image->size; at += 8)
		for (uint32_t i = 0; i < FILES && same(image, at + 0x10, parent, 8); i++) {
			put_le64(file, files[i]);
			snprintf(digits, sizeof digits, "%06u", i);
			for (size_t k = 0; k < 6; k++)
				name[2 * k] = (uint8_t)digits[k];
			found[i] = found[i] ||
				   (same(image, at, file, 8) && same(image, at + 0x52, name, sizeof name));
		}
}

static void remove_name(struct disk *it, file_ref file, file_ref folder, const char *text)
{
	struct ntfs3g_name name;
	ntfs_inode        *inode = ntfs_inode_open(it->mount.volume, file);
	ntfs_inode        *directory = ntfs_inode_open(it->mount.volume, folder);

	cr_assert(inode && directory && ntfs3g_name(text, strlen(text), "", &name) == 0);
	cr_assert(ntfs_delete(it->mount.volume, NULL, inode, directory, name.units, name.count) == 0);
}

/* Files with a name in each of two folders; two of three lose the first. */
Test(recall_index, removed_names)
{
	struct disk disk;
	struct made it = { 0 };
	file_ref    folder, other, files[FILES];
	bool        found[FILES] = { 0 }, removed[FILES] = { 0 };
	uint64_t    seed = 1;
	size_t      facts = 0, expected = 0;
	char        name[8];
	struct blob image;

	disk_make(&disk, "");
	folder = disk_folder(&disk, file_ref_make(ROOT_RECORD, 5), "first");
	other = disk_folder(&disk, file_ref_make(ROOT_RECORD, 5), "second");
	for (uint32_t i = 0; i < FILES; i++) {
		ntfs_inode *inode;

		snprintf(name, sizeof name, "%06u", i);
		inode = disk_file(&disk, folder, name);
		files[i] = file_ref_make(inode->mft_no, le16_to_cpu(inode->mrec->sequence_number));
		disk_name(&disk, inode, other, name, NAME_POSIX);
		disk_close(&disk, inode);
	}
	for (uint32_t i = 0; i < 2 * FILES; i++) {
		uint32_t which = dice(&seed) % FILES;

		snprintf(name, sizeof name, "%06u", which);
		if (!removed[which])
			remove_name(&disk, files[which], folder, name);
		removed[which] = true;
	}
	disk_read(&disk);
	image = temp_read(disk.path);
	search(&image, folder, files, found);
	read_facts(&it, disk.tree.inventory.mft.volume, &disk.tree.findings);
	for (uint32_t i = 0; i < FILES; i++) {
		const struct fact *fact;

		snprintf(name, sizeof name, "%06u", i);
		fact = find(&it, name);
		expected += removed[i] && found[i];
		cr_expect(eq(int, fact && fact->file, removed[i] && found[i]), "%s", name);
		if (fact && fact->file)
			expect(&it, name, files[i], folder, FACT_INDEX_SLACK, 0);
		facts += fact && fact->file;
	}
	cr_expect(gt(sz, expected, 50));
	cr_expect(eq(sz, facts, expected));
	release_facts(&it);
	free(image.at);
	disk_release(&disk);
}
