/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mft_record.c - see mft_record.h */
#include "scan/mft_record.h"

#include "core/endian.h"

#include <assert.h>

struct mft_record_disk {
	uint8_t     signature[4];      /* 0x00  "FILE" or "BAAD" */
	struct le16 fixup_offset;      /* 0x04  bytes */
	struct le16 fixup_count;       /* 0x06  entries, the number itself included */
	struct le64 lsn;               /* 0x08 */
	struct le16 sequence;          /* 0x10 */
	struct le16 link_count;        /* 0x12 */
	struct le16 attributes_offset; /* 0x14  bytes */
	struct le16 flags;             /* 0x16 */
	struct le32 in_use_bytes;      /* 0x18 */
	struct le32 allocated_bytes;   /* 0x1c */
	struct le64 base;              /* 0x20  file reference */
	struct le16 next_instance;     /* 0x28 */
};
static_assert(sizeof(struct mft_record_disk) == 0x2a, "FILE record header");

#define NUMBER_OFFSET 0x2cu /* le32, where the fix-up array begins at 0x30 or later */

enum mft_record_kind mft_record_kind(struct bytes slot)
{
	static const uint8_t zeroes[4];

	if (slot.left < 4)
		return MFT_RECORD_ALIEN;
	if (memcmp(slot.at, "FILE", 4) == 0)
		return MFT_RECORD_FILE;
	if (memcmp(slot.at, "BAAD", 4) == 0)
		return MFT_RECORD_BAAD;
	return memcmp(slot.at, zeroes, 4) == 0 ? MFT_RECORD_EMPTY : MFT_RECORD_ALIEN;
}

int mft_record_decode(struct bytes slot, struct mft_record *record, struct error *err)
{
	struct bytes           at = slot, attributes;
	struct mft_record_disk disk;
	enum mft_record_kind   kind = mft_record_kind(slot);
	uint32_t               in_use, start, number = MFT_RECORD_NO_NUMBER;

	if (kind != MFT_RECORD_FILE && kind != MFT_RECORD_BAAD)
		return error_at(err, ERROR_VALUE, slot.offset, "no FILE record");
	if (!bytes_read(&at, &disk, sizeof disk))
		return error_at(err, ERROR_BOUNDS, slot.offset, "record header is cut short");
	in_use = le32_get(disk.in_use_bytes);
	start = le16_get(disk.attributes_offset);
	if (start < sizeof disk || in_use < start || !bytes_sub(slot, start, in_use - start, &attributes))
		return error_at(err, ERROR_BOUNDS, slot.offset + 0x14,
				"record's attributes leave the record");
	if (le16_get(disk.fixup_offset) >= NUMBER_OFFSET + 4 && slot.left >= NUMBER_OFFSET + 4)
		number = le32_at(slot.at + NUMBER_OFFSET);

	*record = (struct mft_record){
		.lsn = le64_get(disk.lsn),
		.base = le64_get(disk.base),
		.sequence = le16_get(disk.sequence),
		.link_count = le16_get(disk.link_count),
		.flags = le16_get(disk.flags),
		.number = number,
		.in_use_bytes = in_use,
		.attributes = attributes,
	};
	return 0;
}
