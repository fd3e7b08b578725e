/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_bitlocker.c - BitLocker's metadata as hostile bytes, and its ciphers by others' vectors */
#include "tests/unit/unit.h"

#include "scan/image/bitlocker_cipher.h"

#include <string.h>

/* IEEE 1619, vector 4: 512 bytes 00 01 .. ff, number 0 */
static const uint8_t xts_key[64] = { 0x27, 0x18, 0x28, 0x18, 0x28, 0x45, 0x90, 0x45, 0x23, 0x53, 0x60,
				     0x28, 0x74, 0x71, 0x35, 0x26, 0x31, 0x41, 0x59, 0x26, 0x53, 0x58,
				     0x97, 0x93, 0x23, 0x84, 0x62, 0x64, 0x33, 0x83, 0x27, 0x95 };
static const uint8_t xts_begins[16] = { 0x27, 0xa7, 0x47, 0x9b, 0xef, 0xa1, 0xd4, 0x76,
					0x48, 0x9f, 0x30, 0x8c, 0xd4, 0xcf, 0xa6, 0xe2 };

/* The sector decrypts to what begins with 00 01 02 .. when it begins as the standard says. */
Test(bitlocker, xts_128_by_the_standard)
{
	struct bitlocker_cipher cipher;
	uint8_t                 sector[512] = { 0 };

	memcpy(sector, xts_begins, sizeof xts_begins);
	cr_assert(eq(int, bitlocker_cipher_init(&cipher, BITLOCKER_XTS_128, 512, xts_key, 32), 0));
	cr_assert(that(bitlocker_cipher_sector(&cipher, 0, sector)));
	for (size_t i = 0; i < sizeof xts_begins; i++)
		cr_expect(eq(int, sector[i], (int)i));
	bitlocker_cipher_release(&cipher);
}

Test(bitlocker, keys_that_are_too_short_and_methods_that_are_none)
{
	struct bitlocker_cipher cipher;

	cr_expect(eq(int, bitlocker_cipher_init(&cipher, BITLOCKER_XTS_256, 512, xts_key, 32), -1));
	bitlocker_cipher_release(&cipher);
	cr_expect(eq(int, bitlocker_cipher_init(&cipher, 0x8006, 512, xts_key, 64), -1));
	bitlocker_cipher_release(&cipher);
	cr_expect(eq(int, bitlocker_cipher_init(&cipher, 0, 512, xts_key, 64), -1));
	bitlocker_cipher_release(&cipher);
}

/* Entries with every length, in a block whose end every length gives: nothing outside is read. */
Test(bitlocker, hostile_metadata)
{
	uint8_t *bytes = calloc(1, BITLOCKER_METADATA_BYTES);
	struct bitlocker_metadata *metadata = calloc(1, sizeof *metadata);

	cr_assert(that(bytes && metadata));
	memcpy(bytes, "-FVE-FS-", 8);
	bytes[10] = 2;
	cr_expect(that(!bitlocker_metadata_decode(bytes, metadata)), "without a length");
	for (unsigned end = 0x30; end <= BITLOCKER_METADATA_BYTES; end += 0x0fd1) {
		for (unsigned i = 0; i < 4; i++)
			bytes[0x40 + i] = (uint8_t)(end >> 8 * i);
		for (unsigned length = 0; length < 70000; length = length * 2 + 1) {
			bytes[0x70] = (uint8_t)length;
			bytes[0x71] = (uint8_t)(length >> 8);
			for (int value = 0; value < 16; value++) {
				bytes[0x72] = (uint8_t)(value % 4); /* among them keys of both kinds */
				bytes[0x74] = (uint8_t)value;
				(void)bitlocker_metadata_decode(bytes, metadata);
				cr_expect(that(metadata->protector_count <= BITLOCKER_PROTECTORS_MAX));
			}
		}
	}
	free(bytes);
	free(metadata);
}

Test(bitlocker, more_protectors_than_room)
{
	uint8_t *bytes = calloc(1, BITLOCKER_METADATA_BYTES);
	struct bitlocker_metadata *metadata = calloc(1, sizeof *metadata);
	const unsigned             count = 1000;

	cr_assert(that(bytes && metadata));
	memcpy(bytes, "-FVE-FS-", 8);
	bytes[10] = 2;
	bytes[0x40] = (uint8_t)(0x30 + 36 * count);
	bytes[0x41] = (uint8_t)((0x30 + 36 * count) >> 8);
	for (unsigned i = 0; i < count; i++) {
		uint8_t *entry = bytes + 0x70 + 36 * i;

		entry[0] = 36; /* a header and 28 bytes of a master key */
		entry[2] = 2;
		entry[4] = 8;
		entry[8] = (uint8_t)i;
	}
	cr_expect(that(!bitlocker_metadata_decode(bytes, metadata)), "without a volume key");
	cr_expect(eq(sz, metadata->protector_count, BITLOCKER_PROTECTORS_MAX));
	cr_expect(eq(int, metadata->protectors[63].id[0], 63));
	free(bytes);
	free(metadata);
}

Test(bitlocker, first_sectors)
{
	static const uint8_t   whole[16] = { 0x3b, 0xd6, 0x67, 0x49, 0x29, 0x2e, 0xd8, 0x4a,
					     0x83, 0x99, 0xf6, 0xa3, 0x39, 0xe3, 0xd0, 0x01 };
	struct bitlocker_start start;
	uint8_t                sector[512] = { 0xeb, 0x58, 0x90, '-', 'F', 'V', 'E', '-', 'F', 'S', '-' };

	cr_expect(that(!bitlocker_start_decode(sector, &start)));
	memcpy(sector + 0xa0, whole, sizeof whole);
	sector[0xb1] = 0x50;
	cr_assert(that(bitlocker_start_decode(sector, &start)));
	cr_expect(eq(u64, start.metadata_at[0], 0x5000));
	cr_expect(that(start.sector_bytes == 512 && !start.on_write));
	sector[0x0c] = 0x10;
	cr_assert(that(bitlocker_start_decode(sector, &start)));
	cr_expect(that(start.sector_bytes == 4096));
	sector[0x0c] = 0x08;
	cr_expect(that(!bitlocker_start_decode(sector, &start)));
}
