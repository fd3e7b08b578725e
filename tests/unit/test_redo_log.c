/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_redo_log.c - expected values: the offsets in redo_log.h */
#include "tests/unit/unit.h"

#include "core/checksum.h"
#include "scan/redo_log.h"

static const struct redo_header header = { .state = REDO_COMMITTED,
					   .serial = 0x1122334455667788,
					   .size_bytes = 0x99aabb,
					   .run = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
					   .transaction = 7,
					   .blocks = 45,
					   .descriptor = 4711,
					   .last = 12,
					   .started = 133602816012120000,
					   .step = "capture" };

static int decode_header(struct blob blob, struct redo_header *out, struct error *err)
{
	return redo_header_decode(blob_bytes(blob, 0x2000), out, err);
}

Test(redo_log, a_header_as_documented)
{
	struct redo_header_disk disk;
	struct redo_header      back;
	struct error            err;
	struct blob             blob;

	redo_header_encode(&header, &disk);
	blob = blob_copy(&disk, sizeof disk);
	cr_assert(eq(sz, blob.size, 512));
	cr_expect(eq(int, memcmp(blob.at, "HOLDFASTREDOLOG", 16), 0));
	cr_expect(eq(u32, le32_at(blob.at + 0x10), 1));
	cr_expect(eq(u32, le32_at(blob.at + 0x14), 2));
	cr_expect(eq(u64, le64_at(blob.at + 0x18), header.serial));
	cr_expect(eq(u64, le64_at(blob.at + 0x20), header.size_bytes));
	cr_expect(eq(int, memcmp(blob.at + 0x28, header.run, 16), 0));
	cr_expect(eq(u64, le64_at(blob.at + 0x38), 7));
	cr_expect(eq(u64, le64_at(blob.at + 0x40), 45));
	cr_expect(eq(u64, le64_at(blob.at + 0x48), 4711));
	cr_expect(eq(u64, le64_at(blob.at + 0x50), 12));
	cr_expect(eq(u64, le64_at(blob.at + 0x58), header.started));
	cr_expect(eq(str, (char *)blob.at + 0x68, "capture"));
	cr_expect(eq(u64, le64_at(blob.at + 0x1f8), checksum(blob.at, 0x1f8)));
	cr_assert(eq(int, decode_header(blob, &back, &err), 1), "%s", err.text);
	cr_expect(eq(int, (int)back.state, REDO_COMMITTED));
	cr_expect(eq(u64, back.serial, header.serial));
	cr_expect(eq(u64, back.size_bytes, header.size_bytes));
	cr_expect(eq(u64, back.transaction, 7));
	cr_expect(eq(u64, back.blocks, 45));
	cr_expect(eq(u64, back.descriptor, 4711));
	cr_expect(eq(u64, back.last, 12));
	cr_expect(eq(u64, back.started, header.started));
	cr_expect(eq(str, back.step, "capture"));
	cr_expect(eq(int, memcmp(back.run, header.run, 16), 0));
	free(blob.at);
}

Test(redo_log, a_step_of_full_length_gets_its_end)
{
	struct redo_header      full = header, back;
	struct redo_header_disk disk;
	struct error            err;

	memset(full.step, 'x', REDO_STEP_BYTES);
	full.step[REDO_STEP_BYTES] = 0;
	redo_header_encode(&full, &disk);
	cr_assert(eq(int, redo_header_decode((struct bytes){ (uint8_t *)&disk, sizeof disk, 0 }, &back, &err), 1));
	cr_expect(eq(sz, strlen(back.step), REDO_STEP_BYTES));
}

/* Each flip of a bit: of the magic, and it is somebody else's; of the version, and it is known as such; else damage. */
Test(redo_log, a_flipped_bit_of_the_header_is_noticed)
{
	struct redo_header_disk disk;
	struct redo_header      back;
	struct error            err;
	struct blob             blob;

	redo_header_encode(&header, &disk);
	blob = blob_copy(&disk, sizeof disk);
	for (size_t i = 0; i < blob.size; i++) {
		int wanted = i < 16 ? 0 : -1, got;

		blob.at[i] ^= (uint8_t)(1u << i % 8);
		got = decode_header(blob, &back, &err);
		cr_expect(eq(int, got, wanted), "byte %zu", i);
		if (wanted < 0)
			cr_expect(eq(int, err.kind, i < 0x14 ? ERROR_UNSUPPORTED : ERROR_VALUE), "byte %zu", i);
		blob.at[i] ^= (uint8_t)(1u << i % 8);
	}
	free(blob.at);
}

Test(redo_log, a_state_that_is_none)
{
	struct redo_header      odd = header, back;
	struct redo_header_disk disk;
	struct error            err;

	odd.state = (enum redo_state)3;
	redo_header_encode(&odd, &disk);
	cr_expect(eq(int, redo_header_decode((struct bytes){ (uint8_t *)&disk, sizeof disk, 0 }, &back, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_VALUE));
	cr_expect(that(strstr(err.text, "holdfast rescue") && strstr(err.text, "chkdsk /f")), "what to do: %s", err.text);
}

Test(redo_log, what_is_too_short_or_not_ours)
{
	struct redo_header     back;
	struct redo_descriptor descriptor;
	struct error           err;
	struct blob            blob = blob_zero(REDO_BLOCK_BYTES - 1);

	cr_expect(eq(int, redo_header_decode((struct bytes){ blob.at, 511, 0 }, &back, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_BOUNDS));
	cr_expect(eq(int, redo_header_decode((struct bytes){ blob.at, 512, 0 }, &back, &err), 0));
	memset(blob.at, 0xff, blob.size);
	cr_expect(eq(int, redo_header_decode((struct bytes){ blob.at, 512, 0 }, &back, &err), 0));
	cr_expect(eq(int, redo_descriptor_decode(blob_bytes(blob, 0), &descriptor, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_BOUNDS));
	free(blob.at);
}

static struct redo_descriptor make_descriptor(uint32_t count)
{
	struct redo_descriptor made = { .transaction = 7, .number = 3, .next = 99, .count = count };

	memcpy(made.run, header.run, sizeof made.run);
	for (uint32_t i = 0; i < count; i++) {
		made.entries[i] = (struct redo_entry){ .block = i + 1, .image = 1000 + i, .checksum = i * 77 };
		for (size_t j = 0; j < REDO_SECTORS; j++)
			made.entries[i].before[j] = i * 100 + j;
	}
	return made;
}

Test(redo_log, descriptors_come_back)
{
	static const uint32_t counts[] = { 0, 1, 2, REDO_ENTRIES_MAX };

	for (size_t i = 0; i < COUNT(counts); i++) {
		struct redo_descriptor      made = make_descriptor(counts[i]), back;
		struct redo_descriptor_disk disk;
		struct error                err;
		struct blob                 blob;

		redo_descriptor_encode(&made, &disk);
		blob = blob_copy(&disk, sizeof disk);
		cr_assert(eq(sz, blob.size, 4096));
		cr_assert(eq(int, redo_descriptor_decode(blob_bytes(blob, 0), &back, &err), 0), "%s", err.text);
		cr_expect(eq(u32, back.count, counts[i]));
		cr_expect(eq(u64, back.number, 3));
		cr_expect(eq(u64, back.next, 99));
		cr_expect(eq(u64, back.transaction, 7));
		cr_expect(eq(int, memcmp(back.run, made.run, sizeof back.run), 0));
		cr_expect(eq(int, memcmp(back.entries, made.entries, counts[i] * sizeof made.entries[0]), 0));
		if (counts[i] > 1) { /* the second entry, by the offsets */
			cr_expect(eq(u64, le64_at(blob.at + 0x40 + 0x58), 2));
			cr_expect(eq(u64, le64_at(blob.at + 0x40 + 0x58 + 0x08), 1001));
			cr_expect(eq(u64, le64_at(blob.at + 0x40 + 0x58 + 0x10), 77));
			cr_expect(eq(u64, le64_at(blob.at + 0x40 + 0x58 + 0x18 + 8), 101));
		}
		free(blob.at);
	}
}

Test(redo_log, a_flipped_bit_of_a_descriptor_is_noticed)
{
	struct redo_descriptor      made = make_descriptor(REDO_ENTRIES_MAX), back;
	struct redo_descriptor_disk disk;
	struct error                err;
	struct blob                 blob;

	redo_descriptor_encode(&made, &disk);
	blob = blob_copy(&disk, sizeof disk);
	for (size_t i = 0; i < blob.size; i++) {
		blob.at[i] ^= 0x10;
		cr_expect(eq(int, redo_descriptor_decode(blob_bytes(blob, 0), &back, &err), -1), "byte %zu", i);
		blob.at[i] ^= 0x10;
	}
	free(blob.at);
}

/* A count that no block has room for, with a checksum that is right. */
Test(redo_log, more_entries_than_there_is_room_for)
{
	struct redo_descriptor      made = make_descriptor(1), back;
	struct redo_descriptor_disk disk;
	struct error                err;

	redo_descriptor_encode(&made, &disk);
	disk.count = le32_make(REDO_ENTRIES_MAX + 1);
	disk.checksum = le64_make(0);
	disk.checksum = le64_make(checksum(&disk, sizeof disk));
	cr_expect(eq(int, redo_descriptor_decode((struct bytes){ (uint8_t *)&disk, sizeof disk, 0 }, &back, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_VALUE));
}

Test(redo_log, sectors_behind_the_volumes_end_have_no_checksum)
{
	struct blob block = blob_zero(1000); /* a sector and most of another */
	uint64_t    sums[REDO_SECTORS];

	memset(block.at, 'a', block.size);
	redo_sector_checksums(block.at, block.size, sums);
	cr_expect(eq(u64, sums[0], checksum(block.at, 512)));
	cr_expect(eq(u64, sums[1], checksum(block.at + 512, 488)));
	for (size_t i = 2; i < REDO_SECTORS; i++)
		cr_expect(eq(u64, sums[i], 0));
	free(block.at);
}
