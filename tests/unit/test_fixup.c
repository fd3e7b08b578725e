/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_fixup.c - expected values: libntfs-3g layout.h, NTFS_RECORD; and Windows records */
#include "tests/unit/unit.h"

#include "scan/fixup.h"

#define ARRAY_OFFSET 0x30u

/* A block as a driver writes it: filled with its stride's number, protected by number 0x1234. */
static struct blob protected_block(size_t strides)
{
	struct blob block = blob_zero(strides * 512);

	for (size_t i = 0; i < block.size; i++)
		block.at[i] = (uint8_t)(i / 512 + 1);
	put_le16(block.at + 4, ARRAY_OFFSET);
	put_le16(block.at + 6, (uint16_t)(strides + 1));
	put_le16(block.at + ARRAY_OFFSET, 0x1234);
	for (size_t i = 0; i < strides; i++) { /* what stood there moves into the array */
		put_le16(block.at + ARRAY_OFFSET + 2 * (i + 1), (uint16_t)(0xa000 + i));
		put_le16(block.at + 512 * (i + 1) - 2, 0x1234);
	}
	return block;
}

Test(fixup, saved_bytes_come_back)
{
	struct blob  block = protected_block(8);
	fixup_torn   torn = 99;
	struct error err;

	cr_assert(eq(int, fixup_undo(block.at, block.size, 0, &torn, &err), 0));
	cr_expect(eq(u64, torn, 0));
	for (size_t i = 0; i < 8; i++) {
		cr_expect(eq(u8, block.at[512 * (i + 1) - 2], i));
		cr_expect(eq(u8, block.at[512 * (i + 1) - 1], 0xa0));
		cr_expect(eq(u8, block.at[512 * (i + 1) - 3], i + 1));
	}
	free(block.at);
}

Test(fixup, torn_stride_stays_as_read_and_the_others_are_undone)
{
	struct blob  block = protected_block(4);
	fixup_torn   torn = 0;
	struct error err;

	put_le16(block.at + 512 * 3 - 2, 0x1233); /* of an older state */
	cr_assert(eq(int, fixup_undo(block.at, block.size, 0, &torn, &err), 0));
	cr_expect(eq(u64, torn, 1u << 2));
	cr_expect(eq(u8, block.at[512 * 3 - 2], 0x33));
	cr_expect(eq(u8, block.at[512 * 3 - 1], 0x12));
	cr_expect(eq(u8, block.at[512 * 2 - 2], 1));
	cr_expect(eq(u8, block.at[512 * 4 - 2], 3));
	free(block.at);
}

Test(fixup, last_bit_stands_for_all_strides_behind)
{
	struct blob  block = protected_block(128); /* 64 KiB, the largest there is */
	fixup_torn   torn = 0;
	struct error err;

	put_le16(block.at + 512 * 101 - 2, 0x4321);
	cr_assert(eq(int, fixup_undo(block.at, block.size, 0, &torn, &err), 0));
	cr_expect(eq(u64, torn, 1ull << 63));
	cr_expect(that(fixup_touches(torn, 512 * 100, 1)));
	cr_expect(that(fixup_touches(torn, 512 * 70, 1)), "better too many than too few");
	cr_expect(that(!fixup_touches(torn, 512 * 62, 512)));
	free(block.at);
}

struct bad_fixup {
	char     name[48];
	uint16_t array, count;
	uint32_t size;
};

ParameterizedTestParameters(fixup, array_that_does_not_fit_is_refused)
{
	static struct bad_fixup cases[] = {
		{ "one entry too few", ARRAY_OFFSET, 2, 1024 },
		{ "one entry too many", ARRAY_OFFSET, 4, 1024 },
		{ "no entries", ARRAY_OFFSET, 0, 1024 },
		{ "all entries", ARRAY_OFFSET, 0xffff, 1024 },
		{ "array in the signature", 6, 3, 1024 },
		{ "array at an odd place", 0x31, 3, 1024 },
		{ "array over the first check value", 506, 3, 1024 },
		{ "array behind the block", 0xfffe, 3, 1024 },
		{ "block of half a sector", ARRAY_OFFSET, 1, 256 },
		{ "no block at all", ARRAY_OFFSET, 1, 0 },
	};
	return CASES(struct bad_fixup, cases);
}

ParameterizedTest(struct bad_fixup *c, fixup, array_that_does_not_fit_is_refused)
{
	struct blob  block = blob_zero(c->size), before;
	fixup_torn   torn = 77;
	struct error err;

	if (c->size >= 8) {
		put_le16(block.at + 4, c->array);
		put_le16(block.at + 6, c->count);
	}
	before = blob_copy(block.at, block.size);
	cr_assert(eq(int, fixup_undo(block.at, block.size, 0x4400, &torn, &err), -1), "%s", c->name);
	cr_expect(eq(int, err.kind, ERROR_BOUNDS), "%s", c->name);
	cr_expect(that(err.offset == 0x4400 || err.offset == 0x4404), "%s", c->name);
	cr_expect(memcmp(before.at, block.at, block.size) == 0, "%s changed the block", c->name);
	cr_expect(eq(u64, torn, 77), "%s", c->name);
	free(block.at);
	free(before.at);
}

Test(fixup, no_array_reads_or_writes_outside)
{
	uint64_t seed = 1;

	for (unsigned i = 0; i < 20000; i++) {
		struct blob  block = blob_zero(512 << dice(&seed) % 4);
		fixup_torn   torn;
		struct error err;

		put_le16(block.at + 4, (uint16_t)(dice(&seed) % 1200));
		put_le16(block.at + 6, (uint16_t)(dice(&seed) % 12));
		(void)!fixup_undo(block.at, block.size, 0, &torn, &err);
		free(block.at);
	}
}

struct touch {
	uint64_t torn;
	uint32_t start, n;
	bool     touches;
};

ParameterizedTestParameters(fixup, touches_only_what_it_overlaps)
{
	static struct touch cases[] = {
		{ 0, 0, 1024, false },    { 2, 0, 512, false }, { 2, 0, 513, true },
		{ 2, 511, 1, false },     { 2, 512, 1, true },  { 2, 1023, 1, true },
		{ 2, 1024, 4096, false }, { 2, 600, 0, false }, { 5, 512, 512, false },
		{ 5, 500, 1000, true },
	};
	return CASES(struct touch, cases);
}

ParameterizedTest(struct touch *c, fixup, touches_only_what_it_overlaps)
{
	cr_expect(eq(int, fixup_touches(c->torn, c->start, c->n), c->touches), "%u bytes from %u", c->n, c->start);
}

Test(fixup, windows_records_are_whole)
{
	struct blob  record = sample_load("ntfs/dfir_ntfs/frs.bin");
	fixup_torn   torn = 1;
	struct error err;

	cr_assert(eq(int, fixup_undo(record.at, record.size, 0, &torn, &err), 0));
	cr_expect(eq(u64, torn, 0));
	free(record.at);
}
