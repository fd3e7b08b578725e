/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_catalogue.c - blocks put together by hand from the offsets that catalogue.h gives; xxhash's own
 * checksum */
#include "tests/unit/unit.h"

#include "scan/catalogue_file.h"

#include <xxhash.h>

#define ITEMS_AT 0x60u
#define REF 0x0007000000001234u /* record 0x1234, sequence 7 */

static struct error err;

static void seal(uint8_t *raw)
{
	put_le64(raw + 0x58, 0);
	put_le64(raw + 0x58, XXH3_64bits(raw, 4096));
}

/* A block without items, on exactly its bytes. */
static struct blob empty_block(void)
{
	struct blob raw = blob_zero(4096);

	memcpy(raw.at, "HOLDFCAT", 8);
	put_le16(raw.at + 0x08, 1);
	put_le16(raw.at + 0x0a, ITEMS_AT);
	put_le32(raw.at + 0x0c, 9);
	memcpy(raw.at + 0x10, "0123456789abcdef", 16);
	put_le64(raw.at + 0x20, 5);
	put_le64(raw.at + 0x28, 6);
	put_le64(raw.at + 0x30, 0x123456000);
	put_le64(raw.at + 0x38, 0xfedcba9876543210);
	put_le64(raw.at + 0x40, 1000);
	put_le32(raw.at + 0x48, 65536);
	put_le16(raw.at + 0x4c, ITEMS_AT);
	raw.at[0x4e] = 'E';
	return raw;
}

static void add_item(struct blob raw, uint8_t type, uint8_t flags, uint32_t number, const void *payload,
		     size_t size)
{
	size_t   used = raw.at[0x4c] | (size_t)raw.at[0x4d] << 8;
	uint8_t *at = raw.at + used;

	put_le16(at, (uint16_t)(16 + size));
	at[2] = type;
	at[3] = flags;
	put_le32(at + 4, number);
	put_le64(at + 8, REF);
	memcpy(at + 16, payload, size);
	put_le16(raw.at + 0x4c, (uint16_t)(used + 16 + size));
}

static struct catalogue_block sealed(struct blob raw)
{
	struct catalogue_block block;

	seal(raw.at);
	cr_assert(eq(int, catalogue_block_decode(blob_bytes(raw, 0x8000), &block, &err), 0), "%s", err.text);
	return block;
}

static struct catalogue_item next(struct catalogue_block *block, uint8_t type)
{
	struct catalogue_item item;

	cr_assert(eq(int, catalogue_item_next(block, &item, &err), 1), "%s", err.text);
	cr_assert(eq(u8, item.type, type));
	cr_assert(eq(u64, item.ref, REF));
	return item;
}

static void expect_bytes(struct bytes bytes, const char *wanted)
{
	cr_assert(eq(sz, bytes.left, strlen(wanted)));
	cr_expect(memcmp(bytes.at, wanted, bytes.left) == 0, "%.*s is not %s", (int)bytes.left, bytes.at,
		  wanted);
}

/* -------- what is there -------- */

Test(catalogue, header)
{
	struct blob            raw = empty_block();
	struct catalogue_block block = sealed(raw);
	struct catalogue_item  item;

	cr_expect(that(memcmp(block.header.uuid, "0123456789abcdef", 16) == 0));
	cr_expect(eq(u32, block.header.generation, 9));
	cr_expect(eq(u64, block.header.number, 5));
	cr_expect(eq(u64, block.header.blocks, 6));
	cr_expect(eq(u64, block.header.place_bytes, 0x123456000));
	cr_expect(eq(u64, block.header.serial, 0xfedcba9876543210));
	cr_expect(eq(u64, block.header.clusters, 1000));
	cr_expect(eq(u32, block.header.cluster_bytes, 65536));
	cr_expect(eq(chr, block.header.letter, 'E'));
	cr_expect(eq(int, catalogue_item_next(&block, &item, &err), 0));
	free(raw.at);
}

Test(catalogue, file)
{
	struct blob            raw = empty_block();
	uint8_t                payload[0x32];
	struct catalogue_block block;
	struct catalogue_item  item;

	put_le64(payload + 0x00, 11);
	put_le64(payload + 0x08, 12);
	put_le64(payload + 0x10, 13);
	put_le64(payload + 0x18, 14);
	put_le32(payload + 0x20, 0x80000020);
	put_le32(payload + 0x24, 0x107);
	put_le32(payload + 0x28, 3);
	put_le32(payload + 0x2c, 2);
	put_le16(payload + 0x30, 1024);
	add_item(raw, 2, 0x87, 0, payload, sizeof payload);
	block = sealed(raw);
	item = next(&block, CATALOGUE_FILE);
	cr_expect(eq(u8, item.flags,
		     CATALOGUE_REPEATED | CATALOGUE_DIRECTORY | CATALOGUE_INFO_KNOWN | CATALOGUE_COPIED));
	cr_expect(item.file.times.created == 11 && item.file.times.written == 12 &&
		  item.file.times.changed == 13 && item.file.times.accessed == 14);
	cr_expect(eq(u32, item.file.attributes, 0x80000020));
	cr_expect(eq(u32, item.file.security_id, 0x107));
	cr_expect(eq(u32, item.file.names, 3));
	cr_expect(eq(u32, item.file.streams, 2));
	cr_expect(eq(u16, item.file.link_count, 1024));
	free(raw.at);
}

static void add_name(struct blob raw, uint32_t number, uint32_t total, uint32_t offset, uint16_t shared,
		     const char *rest)
{
	uint8_t payload[0x12 + 100];

	put_le32(payload + 0x00, total);
	put_le32(payload + 0x04, offset);
	put_le64(payload + 0x08, 5 | UINT64_C(5) << 48);
	put_le16(payload + 0x10, shared);
	memcpy(payload + 0x12, rest, strlen(rest));
	add_item(raw, 3, CATALOGUE_NAME_DOS, number, payload, 0x12 + strlen(rest));
}

Test(catalogue, names_share_what_the_one_before_begins_with)
{
	struct blob            raw = empty_block();
	struct catalogue_block block;
	struct catalogue_item  item;

	add_name(raw, 0, 12, 0, 0, "\\Users\\a\\x.t");
	add_item(raw, 7, 0, 0, "01234567890123456789012345678901", 32);
	add_name(raw, 1, 10, 0, 9, "y");
	add_name(raw, 2, 40, 20, 0, "middle");
	add_name(raw, 3, 3, 0, 3, "");
	block = sealed(raw);
	item = next(&block, CATALOGUE_NAME);
	expect_bytes(item.bytes, "\\Users\\a\\x.t");
	cr_expect(eq(u64, item.parent, 5 | UINT64_C(5) << 48));
	item = next(&block, CATALOGUE_DIGEST);
	expect_bytes(item.bytes, "01234567890123456789012345678901");
	item = next(&block, CATALOGUE_NAME);
	expect_bytes(item.bytes, "\\Users\\a\\y");
	cr_expect(eq(u32, item.number, 1));
	item = next(&block, CATALOGUE_NAME);
	expect_bytes(item.bytes, "middle");
	cr_expect(item.total == 40 && item.offset == 20);
	item = next(&block, CATALOGUE_NAME);
	expect_bytes(item.bytes, "mid");
	free(raw.at);
}

Test(catalogue, stream_with_runs)
{
	static const uint8_t runs[] = {
		7, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x18, 0x34, 0x56, 0
	}; /* run_list.documented_examples */
	struct blob            raw = empty_block();
	uint8_t                payload[0x28 + 4];
	struct catalogue_block block;
	struct catalogue_item  item;
	struct run             run;

	put_le32(payload + 0x00, 0x80);
	put_le16(payload + 0x04, 0x8001);
	payload[0x06] = 4;
	payload[0x07] = 0;
	put_le64(payload + 0x08, 1000);
	put_le64(payload + 0x10, 900);
	put_le64(payload + 0x18, 4096);
	put_le64(payload + 0x20, 1);
	memcpy(payload + 0x28, "name", 4);
	add_item(raw, 4, 0, 2, payload, sizeof payload);
	add_item(raw, 5, 0, 2, runs, sizeof runs);
	block = sealed(raw);
	item = next(&block, CATALOGUE_STREAM);
	cr_expect(item.stream.type == 0x80 && item.stream.flags == 0x8001 && item.stream.unit_shift == 4 &&
		  item.stream.size_bytes == 1000 && item.stream.valid_bytes == 900 &&
		  item.stream.allocated_bytes == 4096 && item.stream.runs == 1);
	expect_bytes(item.bytes, "name");
	item = next(&block, CATALOGUE_RUNS);
	cr_expect(eq(u32, item.number, 2));
	cr_expect(eq(u64, item.first_vcn, 7));
	cr_assert(eq(int, run_list_next(&(struct run_list){ .pairs = item.bytes, .next_vcn = 7 }, &run, &err),
		     1));
	cr_expect(run.vcn == 7 && run.lcn == 0x5634 && run.length == 0x18);
	free(raw.at);
}

Test(catalogue, pieces_and_end_behind_what_is_not_known)
{
	static const uint8_t   piece[] = { 8, 0, 0, 0, 5, 0, 0, 0, 'e', 'n', 'd' };
	uint8_t                totals[0x20];
	struct blob            raw = empty_block();
	struct catalogue_block block;
	struct catalogue_item  item;

	for (uint8_t i = 0; i < 4; i++)
		put_le64(totals + 8 * i, i + 1u);
	add_item(raw, 0, 0, 0, "?", 1);
	add_item(raw, 1, 0, 0, piece, sizeof piece);
	add_item(raw, 10, 0, 0, "a later format's", 16);
	add_item(raw, 6, 0, 0, piece, sizeof piece);
	add_item(raw, 255, 0, 0, "", 0);
	add_item(raw, 8, 0, 0x100, piece, sizeof piece);
	add_item(raw, 9, 0, 0, totals, sizeof totals);
	block = sealed(raw);
	item = next(&block, CATALOGUE_TEXT);
	cr_expect(item.total == 8 && item.offset == 5);
	expect_bytes(item.bytes, "end");
	expect_bytes(next(&block, CATALOGUE_VALUE).bytes, "end");
	item = next(&block, CATALOGUE_SECURITY);
	cr_expect(eq(u32, item.number, 0x100));
	item = next(&block, CATALOGUE_END);
	cr_expect(item.totals.files == 1 && item.totals.directories == 2 && item.totals.names == 3 &&
		  item.totals.bytes == 4);
	cr_expect(eq(int, catalogue_item_next(&block, &item, &err), 0));
	free(raw.at);
}

/* -------- what is damaged -------- */

Test(catalogue, a_changed_byte_anywhere_is_noticed)
{
	struct blob            raw = empty_block();
	struct catalogue_block block;

	add_name(raw, 0, 2, 0, 0, "\\x");
	block = sealed(raw);
	for (size_t i = 0; i < raw.size; i++) {
		raw.at[i] ^= (uint8_t)(1u << i % 8);
		cr_assert(eq(int, catalogue_block_decode(blob_bytes(raw, 0), &block, &err), -1), "byte %zu",
			  i);
		raw.at[i] ^= (uint8_t)(1u << i % 8);
	}
	cr_expect(eq(int, catalogue_block_decode(blob_bytes(raw, 0), &block, &err), 0));
	free(raw.at);
}

struct bad_header {
	char            name[40];
	uint16_t        at;
	uint8_t         bytes[8], count;
	enum error_kind kind;
};

ParameterizedTestParameters(catalogue, senseless_header_is_refused)
{
	static struct bad_header cases[] = {
		{ "magic", 0x00, { 'h' }, 1, ERROR_VALUE },
		{ "version 2", 0x08, { 2 }, 1, ERROR_UNSUPPORTED },
		{ "version 0", 0x08, { 0 }, 1, ERROR_UNSUPPORTED },
		{ "items inside the header", 0x0a, { 0x5f }, 1, ERROR_VALUE },
		{ "items behind the header", 0x0a, { 0x61 }, 1, ERROR_VALUE },
		{ "number past the last", 0x20, { 6 }, 1, ERROR_VALUE },
		{ "no clusters' size", 0x48, { 0, 0, 0, 0 }, 4, ERROR_VALUE },
		{ "clusters of 128 bytes", 0x48, { 128, 0, 0, 0 }, 4, ERROR_VALUE },
		{ "clusters of 4 MiB", 0x48, { 0, 0, 0x40, 0 }, 4, ERROR_VALUE },
		{ "clusters of 65537 bytes", 0x48, { 1, 0, 1, 0 }, 4, ERROR_VALUE },
		{ "volume longer than numbers go", 0x40, { 0, 0, 0, 0, 0, 0x80, 0, 0 }, 8, ERROR_VALUE },
		{ "uses less than the header", 0x4c, { 0x5f, 0 }, 2, ERROR_VALUE },
		{ "uses more than the block", 0x4c, { 0x01, 0x10 }, 2, ERROR_VALUE },
		{ "no letter", 0x4e, { 0 }, 1, ERROR_VALUE },
		{ "letter behind Z", 0x4e, { '[' }, 1, ERROR_VALUE },
	};
	return CASES(struct bad_header, cases);
}

ParameterizedTest(struct bad_header *c, catalogue, senseless_header_is_refused)
{
	struct blob            raw = empty_block();
	struct catalogue_block block;

	memcpy(raw.at + c->at, c->bytes, c->count);
	seal(raw.at);
	cr_assert(eq(int, catalogue_block_decode(blob_bytes(raw, 0x8000), &block, &err), -1), "%s", c->name);
	cr_expect(eq(int, err.kind, c->kind), "%s", c->name);
	cr_expect(eq(u64, err.offset, 0x8000), "%s", c->name);
	free(raw.at);
}

Test(catalogue, less_than_a_block_is_none)
{
	struct blob            raw = empty_block(), cut = blob_copy(raw.at, 4095), none = blob_zero(0);
	struct catalogue_block block;

	cr_expect(eq(int, catalogue_block_decode(blob_bytes(cut, 0), &block, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_BOUNDS));
	cr_expect(eq(int, catalogue_block_decode(blob_bytes(none, 0), &block, &err), -1));
	free(raw.at);
	free(cut.at);
	free(none.at);
}

struct bad_item {
	char            name[40];
	uint8_t         bytes[64];
	uint16_t        used; /* bytes of items */
	enum error_kind kind;
};

ParameterizedTestParameters(catalogue, item_that_leaves_its_bounds_is_refused)
{
	static struct bad_item cases[] = {
		{ "length of 0", { 0, 0, 2 }, 64, ERROR_BOUNDS },
		{ "length inside the header", { 15, 0, 2 }, 64, ERROR_BOUNDS },
		{ "length behind the used bytes", { 65, 0, 2 }, 64, ERROR_BOUNDS },
		{ "longest length", { 0xff, 0xff, 2 }, 64, ERROR_BOUNDS },
		{ "unknown, of length 0", { 0, 0, 99 }, 64, ERROR_BOUNDS },
		{ "cut header", { 15, 0, 2 }, 15, ERROR_BOUNDS },
		{ "file without its numbers", { 16 + 0x31, 0, 2 }, 64 + 1, ERROR_VALUE },
		{ "name without its numbers", { 16 + 0x11, 0, 3 }, 64, ERROR_VALUE },
		{ "name that shares with nothing",
		  { 16 + 0x12, 0, 3, [16] = 9, [16 + 0x10] = 1 },
		  64,
		  ERROR_VALUE },
		{ "stream without its numbers", { 16 + 0x27, 0, 4 }, 64, ERROR_VALUE },
		{ "runs without a first VCN", { 16 + 7, 0, 5 }, 64, ERROR_VALUE },
		{ "value without its numbers", { 16 + 7, 0, 6 }, 64, ERROR_VALUE },
		{ "value past its total", { 16 + 8 + 2, 0, 6, [16] = 5, [20] = 4 }, 64, ERROR_VALUE },
		{ "value behind its total", { 16 + 8, 0, 6, [16] = 5, [20] = 6 }, 64, ERROR_VALUE },
		{ "text past its total", { 16 + 8 + 1, 0, 1 }, 64, ERROR_VALUE },
		{ "descriptor at the end of numbers",
		  { 16 + 8 + 2, 0, 8, [16] = 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		  64,
		  ERROR_VALUE },
		{ "digest cut short", { 16 + 31, 0, 7 }, 64, ERROR_VALUE },
		{ "end without its totals", { 16 + 31, 0, 9 }, 64, ERROR_VALUE },
	};
	return CASES(struct bad_item, cases);
}

ParameterizedTest(struct bad_item *c, catalogue, item_that_leaves_its_bounds_is_refused)
{
	struct blob            raw = empty_block();
	struct catalogue_block block;
	struct catalogue_item  item;

	memcpy(raw.at + ITEMS_AT, c->bytes, sizeof c->bytes);
	put_le16(raw.at + 0x4c, (uint16_t)(ITEMS_AT + c->used));
	block = sealed(raw);
	cr_assert(eq(int, catalogue_item_next(&block, &item, &err), -1), "%s", c->name);
	cr_expect(eq(int, err.kind, c->kind), "%s", c->name);
	cr_expect(eq(u64, err.offset, 0x8000 + ITEMS_AT), "%s", c->name);
	free(raw.at);
}

Test(catalogue, items_may_fill_the_block_to_its_last_byte)
{
	struct blob            raw = empty_block();
	uint8_t                filler[4096] = { 0 };
	struct catalogue_block block;
	struct catalogue_item  item;

	put_le32(filler, 4096);
	add_item(raw, 6, 0, 0, filler, 4096 - ITEMS_AT - 16);
	block = sealed(raw);
	item = next(&block, CATALOGUE_VALUE);
	cr_expect(eq(sz, item.bytes.left, 4096 - ITEMS_AT - 16 - 8));
	cr_expect(that(item.bytes.at + item.bytes.left == raw.at + raw.size));
	cr_expect(eq(int, catalogue_item_next(&block, &item, &err), 0));
	free(raw.at);
}

/* -------- names -------- */

struct text_case {
	char text[24];
	int  length;
	bool name, path;
};

ParameterizedTestParameters(catalogue, names_and_paths_are_told_from_others)
{
	static struct text_case cases[] = {
		{ "", 0, true, false },
		{ "x", 1, true, false },
		{ "\\", 1, false, true },
		{ "\\x", 2, false, true },
		{ "\\x\\y z", 6, false, true },
		{ "\\..\\x", 5, false, true }, /* what may be done with it is not the catalogue's to say */
		{ "\\\\", 2, false, false },
		{ "\\x\\", 3, false, false },
		{ "\\x\\\\y", 5, false, false },
		{ "x\\y", 3, false, false },
		{ "a/b", 3, false, false },
		{ "\\a/b", 4, false, false },
		{ "a\0b", 3, false, false },
		{ "\\a\0", 3, false, false },
		{ "\\\xed\xa0\x80", 4, false, true },
		{ "\xed\xa0", 2, false, false },
		{ "\\a\xff", 3, false, false },
		{ "\xc0\xaf\xc1\x9c\xc0\x80", 6, true, false },
	};
	return CASES(struct text_case, cases);
}

ParameterizedTest(struct text_case *c, catalogue, names_and_paths_are_told_from_others)
{
	struct blob raw = blob_copy(c->text, (size_t)c->length);

	cr_expect(eq(int, catalogue_is_name((char *)raw.at, raw.size), c->name), "%s", c->text);
	cr_expect(eq(int, catalogue_is_path((char *)raw.at, raw.size), c->path), "%s", c->text);
	free(raw.at);
}

Test(catalogue, a_name_has_255_units)
{
	char text[4 * 255 + 1] = "";

	memset(text, 'x', 256);
	cr_expect(that(catalogue_is_name(text, 255) && !catalogue_is_name(text, 256)));
	text[0] = '\\';
	text[256] = 'x';
	cr_expect(that(catalogue_is_path(text, 256) && !catalogue_is_path(text, 257)));
	for (size_t i = 0; i < 127; i++)
		memcpy(text + 4 * i, "\xf0\x9f\x98\x80", 4); /* two units each */
	cr_expect(that(catalogue_is_name(text, 508)));
	memcpy(text + 508, "\xf0\x9f\x98\x80", 4);
	cr_expect(that(!catalogue_is_name(text, 512)));
}

/* -------- a whole catalogue by hand: items that no writer of ours makes -------- */

struct by_hand {
	struct blob blocks[20];
	size_t      count;
};

static int read_by_hand(void *context, unsigned copy, uint64_t number, uint8_t block[CATALOGUE_BLOCK_BYTES],
			struct error *error)
{
	const struct by_hand *it = context;

	(void)copy, (void)error;
	cr_assert(lt(u64, number, it->count));
	memcpy(block, it->blocks[number].at, CATALOGUE_BLOCK_BYTES);
	return 0;
}

static void open_by_hand(struct catalogue_file *file, struct by_hand *it)
{
	for (size_t i = 0; i < it->count; i++) {
		put_le64(it->blocks[i].at + 0x20, i);
		put_le64(it->blocks[i].at + 0x28, it->count);
		seal(it->blocks[i].at);
	}
	cr_assert(eq(int, catalogue_file_open(file, read_by_hand, it, it->count, &err), 0), "%s", err.text);
}

static void by_hand_release(struct by_hand *it, struct catalogue_file *file, struct catalogue_entry *entry)
{
	catalogue_entry_release(entry);
	catalogue_file_release(file);
	for (size_t i = 0; i < it->count; i++)
		free(it->blocks[i].at);
}

static void add_file(struct blob raw, uint8_t flags, uint32_t names, uint32_t streams)
{
	uint8_t payload[0x32] = { 0 };

	put_le32(payload + 0x28, names);
	put_le32(payload + 0x2c, streams);
	add_item(raw, CATALOGUE_FILE, flags, 0, payload, sizeof payload);
}

static void add_stream(struct blob raw, uint8_t flags, uint32_t number, uint64_t size, uint64_t runs)
{
	uint8_t payload[0x28] = { 0x80 };

	put_le64(payload + 0x08, size);
	put_le64(payload + 0x20, runs);
	add_item(raw, CATALOGUE_STREAM, flags, number, payload, sizeof payload);
}

static void add_run(struct blob raw, uint32_t number, uint8_t vcn, uint8_t lcn)
{
	uint8_t payload[] = { vcn, 0, 0, 0, 0, 0, 0, 0, 0x11, 4, lcn, 0 }; /* four clusters */

	add_item(raw, CATALOGUE_RUNS, 0, number, payload, sizeof payload);
}

static void add_piece(struct blob raw, uint8_t type, uint32_t number, uint32_t total, uint32_t offset,
		      const void *bytes, size_t size)
{
	uint8_t payload[4096];

	put_le32(payload, total);
	put_le32(payload + 4, offset);
	memcpy(payload + 8, bytes, size);
	add_item(raw, type, 0, number, payload, 8 + size);
}

/* The first entry of the one block @raw. */
static void first_entry(struct by_hand *it, struct catalogue_file *file, struct catalogue_entry *entry,
			struct blob raw)
{
	*it = (struct by_hand){ .blocks = { raw }, .count = 1 };
	open_by_hand(file, it);
	cr_assert(eq(int, catalogue_file_next(file, entry, &err), 1));
	cr_expect(eq(u64, entry->record.file.record, 0x1234));
	cr_expect(eq(u16, entry->record.file.sequence, 7));
}

struct pieces_case {
	char     name[40];
	uint32_t total, offset; /* of the second piece, "fghij"; the first is "abcde" of 10 */
	uint32_t number;
	bool     intact;
};

ParameterizedTestParameters(catalogue, pieces_must_follow_one_another)
{
	static struct pieces_case cases[] = {
		{ "they do", 10, 5, 0, true },
		{ "gap", 11, 6, 0, false },
		{ "gap, total of before", 15, 6, 0, false },
		{ "overlap", 10, 4, 0, false },
		{ "other total", 11, 5, 0, false },
		{ "twice the first", 10, 0, 0, false },
		{ "of another stream", 10, 5, 1, false },
	};
	return CASES(struct pieces_case, cases);
}

ParameterizedTest(struct pieces_case *c, catalogue, pieces_must_follow_one_another)
{
	struct blob            raw = empty_block();
	struct by_hand         it;
	struct catalogue_file  file;
	struct catalogue_entry entry;

	add_file(raw, 0, 0, 1);
	add_stream(raw, CATALOGUE_RESIDENT, 0, 10, 0);
	add_piece(raw, CATALOGUE_VALUE, 0, 10, 0, "abcde", 5);
	add_piece(raw, CATALOGUE_VALUE, c->number, c->total, c->offset, "fghij", 5);
	first_entry(&it, &file, &entry, raw);
	cr_assert(eq(sz, entry.record.streams.count, 1), "%s", c->name);
	cr_expect(eq(int, entry.whole, c->intact), "%s", c->name);
	cr_expect(eq(int, memcmp(entry.record.streams.items[0].value, "abcdefghij", 10) == 0, c->intact),
		  "%s", c->name);
	by_hand_release(&it, &file, &entry);
}

Test(catalogue, names_of_other_pieces_are_not_mixed)
{
	struct blob            raw = empty_block();
	struct by_hand         it;
	struct catalogue_file  file;
	struct catalogue_entry entry;

	add_file(raw, 0, 2, 0);
	add_name(raw, 0, 4, 0, 0, "\\a");
	add_name(raw, 1, 4, 2, 0, "\\b"); /* of the second name, whose beginning is lost */
	add_name(raw, 2, 2, 0, 0, "\\c");
	first_entry(&it, &file, &entry, raw);
	cr_assert(eq(sz, entry.record.names.count, 1));
	cr_expect(eq(str, (char *)entry.record.names.items[0].path, "\\c"));
	cr_expect(that(!entry.whole));
	by_hand_release(&it, &file, &entry);
}

Test(catalogue, runs_that_do_not_fit_are_left_out)
{
	struct blob               raw = empty_block();
	struct by_hand            it;
	struct catalogue_file     file;
	struct catalogue_entry    entry;
	const struct case_stream *stream;

	add_file(raw, 0, 0, 1);
	add_run(raw, 0, 0, 1); /* before its stream */
	add_stream(raw, 0, 0, 4096, 2);
	add_run(raw, 0, 8, 10);
	add_run(raw, 0, 11, 20); /* begins inside the one before */
	add_run(raw, 0, 0, 30);  /* before it */
	add_run(raw, 1, 20, 40); /* of a stream that is not known */
	add_item(raw, CATALOGUE_RUNS, 0, 0, "\x14\0\0\0\0\0\0\0\x21\x04\xe5\x03",
		 13); /* 997 to 1000 of 0 to 999 */
	add_run(raw, 0, 24, 50);
	first_entry(&it, &file, &entry, raw);
	cr_assert(eq(sz, entry.record.streams.count, 1));
	stream = &entry.record.streams.items[0];
	cr_assert(eq(sz, stream->runs.count, 2));
	cr_expect(stream->runs.items[0].vcn == 8 && stream->runs.items[0].lcn == 10 &&
		  stream->runs.items[0].length == 4);
	cr_expect(stream->runs.items[1].vcn == 24 && stream->runs.items[1].lcn == 50);
	by_hand_release(&it, &file, &entry);
}

Test(catalogue, resident_streams_are_small)
{
	struct blob            raw = empty_block();
	struct by_hand         it;
	struct catalogue_file  file;
	struct catalogue_entry entry;

	add_file(raw, 0, 0, 3);
	add_stream(raw, CATALOGUE_RESIDENT, 0, 65536, 0);
	add_stream(raw, CATALOGUE_RESIDENT, 1, 65537, 0);
	add_stream(raw, CATALOGUE_RESIDENT, 2, UINT64_MAX, 0);
	first_entry(&it, &file, &entry, raw);
	cr_assert(eq(sz, entry.record.streams.count, 1));
	cr_expect(eq(u64, entry.record.streams.items[0].size_bytes, 65536));
	by_hand_release(&it, &file, &entry);
}

Test(catalogue, an_entry_without_its_file_is_not_whole)
{
	struct blob            raw = empty_block();
	struct by_hand         it;
	struct catalogue_file  file;
	struct catalogue_entry entry;

	add_item(raw, CATALOGUE_DIGEST, 0, 0, "01234567890123456789012345678901", 32);
	first_entry(&it, &file, &entry, raw);
	cr_expect(that(!entry.whole));
	cr_expect(eq(int, entry.record.file.grade, GRADE_LOST));
	by_hand_release(&it, &file, &entry);
}

Test(catalogue, an_entry_without_a_stream_or_a_name_is_not_whole)
{
	for (uint32_t i = 0; i < 3; i++) {
		struct blob            raw = empty_block();
		struct by_hand         it;
		struct catalogue_file  file;
		struct catalogue_entry entry;

		add_file(raw, 0, 1 + (i == 1), 1 + (i == 2));
		add_name(raw, 0, 2, 0, 0, "\\x");
		add_stream(raw, 0, 0, 0, 0);
		first_entry(&it, &file, &entry, raw);
		cr_expect(eq(int, entry.whole, i == 0));
		by_hand_release(&it, &file, &entry);
	}
}

Test(catalogue, a_file_that_is_not_repeated_begins_an_entry)
{
	struct blob            raw = empty_block();
	struct by_hand         it;
	struct catalogue_file  file;
	struct catalogue_entry entry;

	add_file(raw, 0, 0, 0);
	add_file(raw, CATALOGUE_REPEATED, 0, 0);
	add_file(raw, 0, 0, 0);
	first_entry(&it, &file, &entry, raw);
	catalogue_entry_release(&entry);
	cr_assert(eq(int, catalogue_file_next(&file, &entry, &err), 1));
	catalogue_entry_release(&entry);
	cr_assert(eq(int, catalogue_file_next(&file, &entry, &err), 0));
	by_hand_release(&it, &file, &entry);
}

Test(catalogue, a_senseless_item_loses_the_rest_of_its_block)
{
	struct by_hand         it = { .blocks = { empty_block(), empty_block() }, .count = 2 };
	struct catalogue_file  file;
	struct catalogue_entry entry;

	add_file(it.blocks[0], 0, 0, 1);
	add_item(it.blocks[0], CATALOGUE_DIGEST, 0, 0, "short", 5);
	add_stream(it.blocks[0], 0, 0, 0, 0);
	add_file(it.blocks[1], 0, 0, 0);
	open_by_hand(&file, &it);
	cr_assert(eq(int, catalogue_file_next(&file, &entry, &err), 1));
	cr_expect(that(!entry.whole));
	catalogue_entry_release(&entry);
	cr_assert(eq(int, catalogue_file_next(&file, &entry, &err), 1));
	cr_expect(that(entry.whole));
	cr_expect(eq(u64, file.lost, 1));
	by_hand_release(&it, &file, &entry);
}

Test(catalogue, descriptors_have_their_limit)
{
	struct by_hand         it = { .count = 20 };
	uint8_t                bytes[3500] = { 0 };
	struct catalogue_file  file;
	struct catalogue_entry entry;
	struct bytes           descriptor;

	for (size_t i = 0; i < it.count; i++) { /* 70,000 bytes, and at their end a small one */
		it.blocks[i] = empty_block();
		add_piece(it.blocks[i], CATALOGUE_SECURITY, 7, 70000, (uint32_t)(i * sizeof bytes), bytes,
			  sizeof bytes);
	}
	add_piece(it.blocks[19], CATALOGUE_SECURITY, 8, 4, 0, bytes, 4);
	add_piece(it.blocks[19], CATALOGUE_TEXT, 0, 5, 0, "k\0vwx", 5);
	add_piece(it.blocks[19], CATALOGUE_TEXT, 1, 5, 0, "other", 5); /* no zero: no text */
	open_by_hand(&file, &it);
	cr_expect(that(!catalogue_file_security(&file, 7, &descriptor)));
	cr_expect(that(catalogue_file_security(&file, 8, &descriptor) && descriptor.left == 4));
	cr_expect(eq(str, (char *)catalogue_file_text(&file, "k"), "vwx"));
	cr_expect(eq(sz, file.texts.count, 1));
	cr_expect(eq(int, catalogue_file_next(&file, &entry, &err), 0));
	by_hand_release(&it, &file, &entry);
}
