/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_page.c - see log_page.h */
#include "scan/journal/log_page.h"

#include "core/endian.h"

#include <assert.h>

struct record_page_disk {
	uint8_t     signature[4]; /* 0x00  "RCRD" */
	struct le16 fixup_offset; /* 0x04 */
	struct le16 fixup_count;  /* 0x06 */
	struct le64 last_lsn;     /* 0x08  or a file offset */
	struct le32 flags;        /* 0x10  1: a record ends here */
	struct le16 count;        /* 0x14  pages written together */
	struct le16 position;     /* 0x16  of this one among them, from 1 */
	struct le16 free_offset;  /* 0x18 */
	uint8_t     reserved[6];  /* 0x1a */
	struct le64 last_end_lsn; /* 0x20 */
};
static_assert(sizeof(struct record_page_disk) == 0x28, "record page header");

struct log_header_disk {
	struct le64 lsn;         /* 0x00 */
	struct le64 previous;    /* 0x08 */
	struct le64 undo_next;   /* 0x10 */
	struct le32 data_bytes;  /* 0x18 */
	struct le32 client;      /* 0x1c */
	struct le32 type;        /* 0x20 */
	struct le32 transaction; /* 0x24 */
	struct le16 flags;       /* 0x28  1: the record goes on in the next page */
	uint8_t     reserved[6]; /* 0x2a */
};
static_assert(sizeof(struct log_header_disk) == 0x30, "log record header");

#define COPY_OFFSET_AT 0x3cu /* le32, where the fix-up array ends before it */

static uint32_t crc32_byte(uint32_t crc, uint8_t byte)
{
	crc ^= byte;
	for (int bit = 0; bit < 8; bit++)
		crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	return crc;
}

/* The page is protected by a checksum, and it is right: the array counts as zeroes. */
static bool is_checksummed(const uint8_t *block, size_t size_bytes)
{
	size_t   array = le16_at(block + 4), end = array + 2u * le16_at(block + 6);
	uint32_t crc = UINT32_MAX;

	if (array < 8 || end > size_bytes || end - array < 8 || memcmp(block + array + 4, "CRC4", 4) != 0)
		return false;
	for (size_t i = 0; i < size_bytes; i++)
		crc = crc32_byte(crc, i >= array && i < end ? 0 : block[i]);
	return ~crc == le32_at(block + array);
}

int log_page_decode(uint8_t *block, size_t size_bytes, uint64_t offset, struct log_page *page, struct error *err)
{
	struct bytes            at = { block, size_bytes, offset };
	struct record_page_disk disk;
	fixup_torn              torn = 0;

	if (!bytes_read(&at, &disk, sizeof disk) ||
	    (memcmp(disk.signature, "RCRD", 4) != 0 && memcmp(disk.signature, "CHKD", 4) != 0 &&
	     memcmp(disk.signature, "BAAD", 4) != 0))
		return error_at(err, ERROR_VALUE, offset, "no record page");
	if (size_bytes % FIXUP_STRIDE != 0)
		return error_at(err, ERROR_BOUNDS, offset, "record page is cut short");
	if (!is_checksummed(block, size_bytes) && fixup_undo(block, size_bytes, offset, &torn, err) < 0)
		return -1;
	*page = (struct log_page){
		.whole = { block, size_bytes, offset },
		.torn = torn,
		.last_lsn = le64_get(disk.last_lsn),
		.last_end_lsn = le64_get(disk.last_end_lsn),
		.copy_offset = size_bytes >= COPY_OFFSET_AT + 4 ? le32_at(block + COPY_OFFSET_AT) : 0,
		.free_offset = le16_get(disk.free_offset),
	};
	return 0;
}

static bool is_record(const struct log_header_disk *disk, uint64_t lsn)
{
	uint32_t type = le32_get(disk->type);

	return le64_get(disk->lsn) == lsn && le32_get(disk->data_bytes) <= LOG_DATA_MAX &&
	       (type == LOG_RECORD_CHANGE || type == LOG_RECORD_CHECKPOINT);
}

bool log_page_next(const struct log_page *page, const struct log_layout *layout, uint64_t page_lsn, size_t *at,
		   struct log_header *header)
{
	struct bytes           here;
	struct log_header_disk disk;
	size_t                 from = *at < layout->data_offset ? layout->data_offset : *at;

	for (from += (LOG_UNIT_BYTES - from % LOG_UNIT_BYTES) % LOG_UNIT_BYTES;
	     bytes_sub(page->whole, from, layout->header_bytes, &here); from += LOG_UNIT_BYTES) {
		if (!bytes_read(&here, &disk, sizeof disk) || !is_record(&disk, page_lsn + from / LOG_UNIT_BYTES))
			continue;
		*at = from;
		*header = (struct log_header){
			.lsn = le64_get(disk.lsn),
			.previous = le64_get(disk.previous),
			.undo_next = le64_get(disk.undo_next),
			.data_bytes = le32_get(disk.data_bytes),
			.type = le32_get(disk.type),
			.transaction = le32_get(disk.transaction),
			.flags = le16_get(disk.flags),
		};
		return true;
	}
	return false;
}
