/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_index_slack.c - expected values: one directory's index before and after its files were deleted on
 * Windows; what dfir_ntfs asserts of its samples; entries laid out by hand
 */
#include "tests/unit/unit.h"

#include "core/utf16.h"
#include "scan/attribute.h"
#include "scan/index_slack.h"
#include "scan/mft_record.h"

#include <stdio.h>
#include <string.h>

#define BLOCK_BYTES 4096u
#define WHOLE (INDEX_KNOWS_FILE | INDEX_KNOWS_PARENT | INDEX_KNOWS_TIMES)

/* -------- what was found -------- */

struct found {
	bool     in_use;
	unsigned known;
	file_ref file, parent;
	char     name[NAME_UTF8_MAX];
};

struct founds ARRAY(struct found);

static void collect(struct index_slack *slack, struct founds *founds)
{
	struct index_remnant remnant;

	while (index_slack_next(slack, &remnant)) {
		struct found found = { remnant.in_use, remnant.known, remnant.file, remnant.name.parent, "" };

		utf16_to_utf8(remnant.name.name.at, remnant.name.name.left / 2, found.name);
		cr_assert(that(array_push(founds, found)));
	}
}

/* All blocks of an index, each in use. */
static struct founds collect_index(struct blob index)
{
	struct founds      founds = { 0 };
	struct index_slack slack;
	struct error       err;
	fixup_torn         torn;

	for (size_t at = 0; at + BLOCK_BYTES <= index.size; at += BLOCK_BYTES) {
		cr_assert(eq(int, fixup_undo(index.at + at, BLOCK_BYTES, at, &torn, &err), 0));
		index_slack_block(&slack, (struct bytes){ index.at + at, BLOCK_BYTES, at }, torn, true,
				  UINT64_MAX);
		collect(&slack, &founds);
	}
	return founds;
}

static const struct found *find(const struct founds *founds, const char *name, bool in_use)
{
	for (size_t i = 0; i < founds->count; i++)
		if (founds->items[i].in_use == in_use && strcmp(founds->items[i].name, name) == 0)
			return &founds->items[i];
	return NULL;
}

/* Names in slack that are not in use, and whose remnants know all of @known; each once. */
static size_t count_lost(const struct founds *founds, unsigned known)
{
	size_t count = 0;

	for (size_t i = 0; i < founds->count; i++) {
		bool first = !founds->items[i].in_use && (founds->items[i].known & known) == known &&
			     !find(founds, founds->items[i].name, true);

		for (size_t j = 0; first && j < i; j++)
			first = founds->items[j].in_use || (founds->items[j].known & known) != known ||
				strcmp(founds->items[j].name, founds->items[i].name) != 0;
		count += first;
	}
	return count;
}

/* -------- deletions on Windows -------- */

#define EZ "ntfs/ezimmerman-mft/$I30/"

static struct founds collect_sample(const char *path)
{
	struct blob   index = sample_load(path);
	struct founds founds = collect_index(index);

	free(index.at);
	return founds;
}

struct step {
	char   path[48];
	size_t in_use, whole, lost;
};

ParameterizedTestParameters(index_slack, deletions)
{
	/*
	 * Two more in the later ones have lengths that fit, but the last entry's were written over the
	 * reference: 0x200000010 has no sequence number.  They are not whole.
	 */
	static struct step cases[] = {
		{ EZ "Start/$I30", 50, 28, 13 },
		{ EZ "FirstDelete/$I30", 20, 30 - 2, 26 - 1 },
		{ EZ "SecondDelete/$I30", 10, 30 - 2, 28 - 1 },
	};
	return CASES(struct step, cases);
}

ParameterizedTest(struct step *c, index_slack, deletions)
{
	struct founds founds = collect_sample(c->path);
	size_t        in_use = 0, whole = 0;

	for (size_t i = 0; i < founds.count; i++) {
		in_use += founds.items[i].in_use;
		whole += !founds.items[i].in_use && founds.items[i].known == WHOLE;
		cr_expect(that(!(founds.items[i].known & INDEX_KNOWS_PARENT) ||
			       founds.items[i].parent == file_ref_make(0x1d044, 0x12)));
	}
	cr_expect(eq(sz, in_use, c->in_use));
	cr_expect(eq(sz, whole, c->whole));
	cr_expect(eq(sz, count_lost(&founds, WHOLE), c->lost));
	cr_expect(that(find(&founds, "Folder5", false) && !find(&founds, "Folder5", false)->file) ||
		  c->in_use == 50);
	array_release(&founds);
}

/* Nothing is made up: what the slack has after the deletions was there before. */
Test(index_slack, names_after_the_deletions_are_those_from_before)
{
	struct founds before = collect_sample(EZ "Start/$I30"),
		      after = collect_sample(EZ "SecondDelete/$I30");
	size_t deleted = 0, found = 0;

	for (size_t i = 0; i < after.count; i++)
		cr_expect(that(find(&before, after.items[i].name, true) ||
			       find(&before, after.items[i].name, false)),
			  "%s", after.items[i].name);
	for (size_t i = 0; i < before.count; i++)
		if (before.items[i].in_use && !find(&after, before.items[i].name, true)) {
			deleted++;
			found += find(&after, before.items[i].name, false) != NULL;
		}
	cr_expect(eq(sz, deleted, 40));
	cr_expect(eq(sz, found, 22)); /* whose text, with its length, a plain search finds there */
	array_release(&before);
	array_release(&after);
}

/* -------- records -------- */

struct expected {
	char     name[48];
	unsigned known;
};

struct record_case {
	char            path[40];
	size_t          count;
	struct expected expected[3];
};

ParameterizedTestParameters(index_slack, records)
{
	static struct record_case cases[] = {
		{ "ntfs/dfir_ntfs/slack.mft",
		  3,
		  { { "New Text Document - Copy (3).txt", WHOLE },
		    { "New Text Document - Copy.txt", WHOLE },
		    { "New Text Document.txt", WHOLE } } },
		{ "ntfs/dfir_ntfs/slack-2.mft",
		  3,
		  { { "t2.txt", 0 }, { "t3.txt", WHOLE }, { "t3.txt", WHOLE } } },
		{ "ntfs/dfir_ntfs/slack-3.mft",
		  1,
		  { { "t3.txt", 0 } } }, /* 4 bytes off: something has moved */
	};
	return CASES(struct record_case, cases);
}

ParameterizedTest(struct record_case *c, index_slack, records)
{
	struct blob        table = sample_load(c->path);
	struct blob        slot = blob_copy(table.at + 39 * 1024, 1024);
	struct bytes       rest;
	struct mft_record  record;
	struct attribute   attr;
	struct index_slack slack;
	struct founds      founds = { 0 };
	struct error       err;
	fixup_torn         torn;

	cr_assert(eq(int, fixup_undo(slot.at, slot.size, 0, &torn, &err), 0));
	cr_assert(eq(int, mft_record_decode(blob_bytes(slot, 0), &record, &err), 0));
	rest = record.attributes;
	while (attribute_next(&rest, &attr, &err) == 1)
		if (attr.type == ATTRIBUTE_INDEX_ROOT) {
			index_slack_root(&slack, blob_bytes(slot, 0), torn, attr.value, 256);
			collect(&slack, &founds);
		}
	cr_expect(eq(sz, founds.count, 0), "the index is in blocks");
	index_slack_record(&slack, blob_bytes(slot, 0), torn, record.in_use_bytes, 256);
	collect(&slack, &founds);
	cr_assert(eq(sz, founds.count, c->count));
	for (size_t i = 0; i < founds.count; i++) {
		cr_expect(eq(str, founds.items[i].name, (char *)c->expected[i].name));
		cr_expect(eq(u32, founds.items[i].known, c->expected[i].known));
		cr_expect(eq(u64, founds.items[i].parent, founds.items[i].known ? file_ref_make(39, 1) : 0));
		cr_expect(not(that(founds.items[i].in_use)));
	}
	array_release(&founds);
	free(slot.at);
	free(table.at);
}

/* -------- a volume of Windows: names in use are those of fls -------- */

#define TEST_DIR_AT (0x389800u + 128 * 512)

Test(index_slack, block_of_a_real_volume)
{
	static const char *const expected[] = {
		"111111111111111.txt", "222222222222222.txt", "333333333333333.txt", "444444444444444.txt",
		"555555555555555.txt", "666666666666666.txt", "777777777777777.txt", "999999999999999.txt",
		"AAAAAAAAAAA.txt",     "AAAAAAAAAAA.txt",     "AAAAAAAAAAA.txt",     "BBBBBBBBBBBBB-del.txt"
	};

	struct blob   volume = sample_unpack("zcat '%s'", "ntfs/dfir_ntfs/ntfs_index.raw.gz");
	struct blob   block = blob_copy(volume.at + TEST_DIR_AT, BLOCK_BYTES);
	struct founds founds = collect_index(block);

	cr_assert(eq(sz, founds.count, COUNT(expected)));
	for (size_t i = 0; i < COUNT(expected); i++) {
		cr_expect(eq(str, founds.items[i].name, (char *)expected[i]));
		cr_expect(eq(int, founds.items[i].in_use, i < 9));
		cr_expect(eq(u32, founds.items[i].known, i < 11 ? WHOLE : WHOLE & ~INDEX_KNOWS_FILE));
		cr_expect(eq(u64, founds.items[i].parent, file_ref_make(39, 1)));
	}
	array_release(&founds);
	free(block.at);
	free(volume.at);
}

/* -------- laid out by hand -------- */

#define TIME 0x01d58d0844080000ull /* 2019-10-27 */
#define FOLDER file_ref_make(64, 3)

static size_t put_entry(uint8_t *at, uint64_t ref, const char *name, unsigned flags)
{
	size_t units = strlen(name), length = (16 + 66 + 2 * units + 7) / 8 * 8 + (flags & 1 ? 8 : 0);

	memset(at, 0, length);
	put_le64(at, ref);
	put_le16(at + 8, (uint16_t)length);
	put_le16(at + 10, (uint16_t)(66 + 2 * units));
	put_le16(at + 12, (uint16_t)flags);
	put_le64(at + 16, FOLDER);
	for (size_t i = 0; i < 4; i++)
		put_le64(at + 24 + 8 * i, TIME + i);
	put_le64(at + 56, 8192);
	put_le64(at + 64, 5000);
	put_le32(at + 72, 0x20);
	at[80] = (uint8_t)units;
	at[81] = 1;
	for (size_t i = 0; i < units; i++)
		put_le16(at + 82 + 2 * i, (uint8_t)name[i]);
	return length;
}

static size_t put_last(uint8_t *at)
{
	memset(at, 0, 16);
	put_le16(at + 8, 16);
	put_le16(at + 12, 2);
	return 16;
}

/* A block in which "a" to "e" were, each 88 bytes from 0x40 on, of which the first @left are in use. */
static struct blob make_block(size_t left)
{
	struct blob block = blob_zero(BLOCK_BYTES);
	size_t      at = 0x40;
	char        name[2] = "a";

	memcpy(block.at, "INDX", 4);
	put_le64(block.at + 8, 0x123456);
	put_le32(block.at + 0x18, 0x28);
	put_le32(block.at + 0x20, BLOCK_BYTES - 0x18);
	for (; name[0] <= 'e'; name[0]++)
		at += put_entry(block.at + at, file_ref_make(100u + (unsigned)name[0], 7), name, 0);
	put_last(block.at + at);
	put_last(block.at + 0x40 + 88 * left);
	put_le32(block.at + 0x1c, (uint32_t)(0x28 + 88 * left + 16));
	return block;
}

static struct bytes window(struct blob block)
{
	return blob_bytes(block, 0x7000);
}

Test(index_slack, what_is_behind_the_last_entry)
{
	struct blob          block = make_block(2);
	struct index_slack   slack;
	struct index_remnant remnant;
	const char          *expected = "abcde";

	index_slack_block(&slack, window(block), 0, true, 1000);
	cr_expect(eq(u64, slack.lsn, 0x123456));
	for (size_t i = 0; i < 5; i++) {
		bool headless = i == 2; /* the last entry lies over its head */

		cr_assert(that(index_slack_next(&slack, &remnant)), "%c", expected[i]);
		cr_expect(eq(u8, remnant.name.name.at[0], expected[i]));
		cr_expect(eq(int, remnant.in_use, i < 2));
		cr_expect(eq(u32, remnant.known, headless ? WHOLE & ~INDEX_KNOWS_FILE : WHOLE));
		cr_expect(
			eq(u64, remnant.file, headless ? 0 : file_ref_make(100u + (unsigned)expected[i], 7)));
		cr_expect(eq(u64, remnant.name.parent, FOLDER));
		cr_expect(eq(u64, remnant.name.times.accessed, TIME + 3));
		cr_expect(eq(u64, remnant.name.size_bytes, 5000));
		cr_expect(eq(u64, remnant.whole.offset, 0x7040 + 88 * i + (headless ? 16 : 0)));
		cr_expect(eq(sz, remnant.whole.left, headless ? 72 : 88));
	}
	cr_expect(not(that(index_slack_next(&slack, &remnant))));
	cr_expect(not(that(index_slack_next(&slack, &remnant))));
	free(block.at);
}

static size_t count_all(struct index_slack *slack, size_t *in_use)
{
	struct index_remnant remnant;
	size_t               count = 0;

	for (*in_use = 0; index_slack_next(slack, &remnant); count++)
		*in_use += remnant.in_use;
	return count;
}

Test(index_slack, block_that_is_no_node_is_looked_through)
{
	struct blob        block = make_block(2);
	struct index_slack slack;
	size_t             in_use;

	index_slack_block(&slack, window(block), 0, false, 1000);
	cr_expect(eq(sz, count_all(&slack, &in_use), 5));
	cr_expect(eq(sz, in_use, 0));
	block.at[0] = 'X';
	index_slack_block(&slack, window(block), 0, true, 1000);
	cr_expect(eq(sz, count_all(&slack, &in_use), 5));
	cr_expect(eq(sz, in_use, 0));
	free(block.at);
}

/*
 * A head as libntfs-3g wrote it: by the luck of the fix-ups, from 0x18 on it looks like times, sizes and a
 * name of two units, which are the time of the first entry.
 */
static void put_deceptive_head(uint8_t *at)
{
	static const uint8_t head[40] = { 0x28, 0, 0, 0, 0xb0, 0, 0, 0, 0xe8, 0x0f, 0, 0, 0,    0,
					  0,    0, 0x95, 0, 0x38, 0, 0, 0, 0xdd, 1, 0, 0, 0x32, 0,
					  0,    0, 0xdd, 1 };

	memcpy(at, head, sizeof head);
	put_entry(at + sizeof head, file_ref_make(200, 1), "budget.xls", 0);
	put_le64(at + sizeof head + 24, 0x01dd7b59d1130002);
}

static void expect_entry(struct index_slack *slack, uint64_t offset)
{
	struct index_remnant remnant;

	cr_assert(that(index_slack_next(slack, &remnant)));
	cr_expect(eq(u32, remnant.known, WHOLE));
	cr_expect(eq(u64, remnant.file, file_ref_make(200, 1)));
	cr_expect(eq(u64, remnant.whole.offset, offset));
}

Test(index_slack, head_of_a_block_is_no_name)
{
	struct blob        block = make_block(0);
	struct index_slack slack;

	put_deceptive_head(block.at + 0x18);
	put_le16(block.at + 4, 0x28);
	put_le16(block.at + 6, 9);
	index_slack_block(&slack, window(block), 0, false, 1000);
	expect_entry(&slack, 0x7040);
	free(block.at);
}

Test(index_slack, what_hides_a_whole_entry_is_no_name)
{
	struct blob        slot = blob_zero(512);
	struct index_slack slack;

	put_deceptive_head(slot.at + 96);
	index_slack_record(&slack, blob_bytes(slot, 0), 0, 96, 1000);
	expect_entry(&slack, 96 + 40);
	free(slot.at);
}

Test(index_slack, damaged_node_is_looked_through_from_there)
{
	struct blob        block = make_block(5);
	struct index_slack slack;
	size_t             in_use;

	put_le16(block.at + 0x40 + 88 + 8, 0xfff0); /* the length of "b": what is left is its value */
	index_slack_block(&slack, window(block), 0, true, 1000);
	cr_expect(eq(sz, count_all(&slack, &in_use), 5));
	cr_expect(eq(sz, in_use, 1));
	free(block.at);
}

Test(index_slack, entry_that_touches_a_torn_sector_says_so)
{
	struct blob          block = make_block(0);
	struct index_slack   slack;
	struct index_remnant remnant;

	index_slack_block(&slack, window(block), 1, true,
			  1000); /* the first 512 bytes: a to e; e ends at 504 */
	while (index_slack_next(&slack, &remnant))
		cr_expect(that(remnant.torn));
	index_slack_block(&slack, window(block), 2, true, 1000);
	while (index_slack_next(&slack, &remnant))
		cr_expect(not(that(remnant.torn)));
	free(block.at);
}

/* How much is left of the front, and what that tells. */
struct front {
	size_t   lost;
	unsigned known;
	bool     found;
};

ParameterizedTestParameters(index_slack, fronts)
{
	static struct front cases[] = {
		{ 0, WHOLE, true },
		{ 8, WHOLE & ~INDEX_KNOWS_FILE, true },
		{ 16, WHOLE & ~INDEX_KNOWS_FILE, true },
		{ 24, INDEX_KNOWS_TIMES, true },
		{ 32, INDEX_KNOWS_TIMES, true }, /* one time has gone: 0 is one that a program may set */
		{ 48, 0, true },
		{ 72, 0, true },
		{ 80, 0, false },
		{ 88, 0, false },
	};
	return CASES(struct front, cases);
}

ParameterizedTest(struct front *c, index_slack, fronts)
{
	struct blob          slot = blob_zero(512);
	struct index_slack   slack;
	struct index_remnant remnant;

	put_entry(slot.at + 104, file_ref_make(200, 1), "budget.xls", 0);
	memset(slot.at + 104, 0, c->lost);
	index_slack_record(&slack, blob_bytes(slot, 0), 0, 96, 1000);
	cr_assert(eq(int, index_slack_next(&slack, &remnant), c->found), "%zu", c->lost);
	if (c->found) {
		cr_expect(eq(u32, remnant.known, c->known), "%zu", c->lost);
		cr_expect(
			that(utf16_is_word(remnant.name.name.at, remnant.name.name.left / 2, "budget.xls")));
		cr_expect(eq(u32, remnant.name.attributes, 0x20));
		cr_expect(eq(u64, remnant.name.parent, c->known & INDEX_KNOWS_PARENT ? FOLDER : 0));
		cr_expect(eq(u64, remnant.name.times.changed, c->known & INDEX_KNOWS_TIMES ? TIME + 2 : 0));
		cr_expect(not(that(index_slack_next(&slack, &remnant))));
	}
	free(slot.at);
}

Test(index_slack, text_that_the_bytes_end_in_is_cut)
{
	uint8_t              bytes[256];
	struct index_slack   slack;
	struct index_remnant remnant;

	put_entry(bytes, file_ref_make(200, 1), "budget.xls", 0);
	for (size_t size = 0; size <= 104; size += 2) {
		struct blob slot = blob_copy(bytes, size);
		size_t      text = size > 82 ? size - 82 : 0;

		index_slack_record(&slack, blob_bytes(slot, 0), 0, 0, 1000);
		cr_assert(eq(int, index_slack_next(&slack, &remnant), text > 0), "%zu", size);
		if (text) {
			cr_expect(eq(int, remnant.cut, text < 20));
			cr_expect(eq(sz, remnant.name.name.left, text < 20 ? text : 20));
			cr_expect(eq(u8, remnant.name.name_units, 10));
			cr_expect(eq(sz, remnant.whole.left, size));
			cr_expect(not(that(index_slack_next(&slack, &remnant))));
		}
		free(slot.at);
	}
}

struct refusal {
	char     name[40];
	size_t   at, size;
	uint64_t value;
	unsigned known; /* of what is found all the same */
};

ParameterizedTestParameters(index_slack, refusals)
{
	static struct refusal cases[] = {
		{ "length that does not fit the key", 8, 2, 112, WHOLE & ~INDEX_KNOWS_FILE },
		{ "length with a child that is not there", 12, 2, 1, WHOLE & ~INDEX_KNOWS_FILE },
		{ "key that does not fit the text", 10, 2, 88, WHOLE & ~INDEX_KNOWS_FILE },
		{ "flags that there are not", 12, 2, 4, WHOLE & ~INDEX_KNOWS_FILE },
		{ "file without sequence", 0, 8, 200, WHOLE & ~INDEX_KNOWS_FILE },
		{ "file behind the table", 0, 8, 0x00010000000003e8, WHOLE & ~INDEX_KNOWS_FILE },
		{ "parent behind the table", 16, 8, 0x00010000000003e8, INDEX_KNOWS_TIMES },
		{ "parent without sequence", 16, 8, 64, INDEX_KNOWS_TIMES },
		{ "no time of the driver's", 40, 8, 0, 0 },
		{ "negative time", 24, 8, 0x8000000000000000, 0 },
		{ "attributes that there are not", 72, 4, 0x40000020, WHOLE },
	};
	return CASES(struct refusal, cases);
}

ParameterizedTest(struct refusal *c, index_slack, refusals)
{
	struct blob          slot = blob_zero(104);
	struct index_slack   slack;
	struct index_remnant remnant;

	put_entry(slot.at, file_ref_make(200, 1), "budget.xls", 0);
	for (size_t i = 0; i < c->size; i++)
		slot.at[c->at + i] = (uint8_t)(c->value >> 8 * i);
	index_slack_record(&slack, blob_bytes(slot, 0), 0, 0, 1000);
	cr_assert(that(index_slack_next(&slack, &remnant)), "%s", c->name);
	cr_expect(eq(u32, remnant.known, c->known), "%s", c->name);
	free(slot.at);
}

/* Times that programs set, and any year that the clock may show. */
Test(index_slack, no_date_is_too_early_or_too_late)
{
	uint8_t              bytes[256];
	struct index_slack   slack;
	struct index_remnant remnant;

	put_entry(bytes, file_ref_make(200, 1), "budget.xls", 0);
	put_le64(bytes + 24, 0);                  /* 1601 */
	put_le64(bytes + 32, 0x7fffffffffffffff); /* 30828 */
	put_le64(bytes + 40, 0x023f519057df0000); /* 2114, of the driver's clock */
	index_slack_record(&slack, (struct bytes){ bytes, 104, 0 }, 0, 0, 1000);
	cr_assert(that(index_slack_next(&slack, &remnant)));
	cr_expect(eq(u32, remnant.known, WHOLE));
}

Test(index_slack, other_bytes_have_no_names)
{
	struct blob          block = blob_zero(1 << 22);
	struct index_slack   slack;
	struct index_remnant remnant;
	uint64_t             seed = 4;

	for (size_t i = 0; i < block.size; i++)
		block.at[i] = (uint8_t)dice(&seed);
	index_slack_record(&slack, blob_bytes(block, 0), 0, 0, UINT64_MAX); /* the worst there is to know */
	cr_expect(not(that(index_slack_next(&slack, &remnant))));
	for (size_t i = 0; i < block.size; i++)
		block.at[i] = i % 2 ? 0 : (uint8_t)('a' + i % 26);
	index_slack_record(&slack, blob_bytes(block, 0), 0, 0, UINT64_MAX);
	cr_expect(not(that(index_slack_next(&slack, &remnant))));
	free(block.at);
}

/* -------- in zeroes -------- */

struct beginning {
	size_t   cut; /* bytes of the entry that are written over */
	unsigned known;
};

ParameterizedTestParameters(index_slack, zeroes_are_leapt_over)
{
	static struct beginning cases[] = {
		{ 0, WHOLE },
		{ 16, INDEX_KNOWS_PARENT | INDEX_KNOWS_TIMES },
		{ 24, INDEX_KNOWS_TIMES }, /* the zeroes before it are in the parent's place */
		{ 72, 0 },
	};
	return CASES(struct beginning, cases);
}

/* Alone in zeroes, an entry or what is left of one is found wherever it lies. */
ParameterizedTest(struct beginning *c, index_slack, zeroes_are_leapt_over)
{
	uint8_t     entry[128];
	size_t      length = put_entry(entry, file_ref_make(200, 1), "budget.xls", 0) - c->cut;
	struct blob block = blob_zero(BLOCK_BYTES);

	for (size_t at = INDEX_BLOCK_HEADER_BYTES + 8; at + length <= BLOCK_BYTES; at += 8) {
		struct index_slack   slack;
		struct index_remnant remnant;

		memset(block.at, 0, BLOCK_BYTES);
		memcpy(block.at + at, entry + c->cut, length);
		index_slack_block(&slack, blob_bytes(block, 0), 0, false, 256);
		cr_assert(that(index_slack_next(&slack, &remnant)), "at %zu", at);
		cr_expect(eq(u64, remnant.whole.offset, c->cut == 24 ? at - 8 : at));
		cr_expect(eq(u32, remnant.known, c->known));
		cr_expect(not(that(index_slack_next(&slack, &remnant))), "at %zu", at);
	}
	free(block.at);
}
