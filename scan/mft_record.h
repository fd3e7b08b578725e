/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mft_record.h - the header of one FILE record
 *
 * Pure: bytes with their fix-ups undone in, numbers out.
 * Format: libntfs-3g layout.h, MFT_RECORD; 42 bytes in NTFS 1.2 and with the
 * Linux ntfs3 driver, 48 with the record's own number since NTFS 3.1.
 */
#ifndef SCAN_MFT_RECORD_H
#define SCAN_MFT_RECORD_H

#include "core/bytes.h"
#include "core/error.h"
#include "scan/file_ref.h"

#define MFT_RECORD_NO_NUMBER UINT32_MAX

enum mft_record_flag {
	MFT_RECORD_IN_USE    = 1,
	MFT_RECORD_DIRECTORY = 2,
};

enum mft_record_kind {
	MFT_RECORD_EMPTY,  /* zeroes: never used */
	MFT_RECORD_FILE,
	MFT_RECORD_BAAD,   /* a driver found it torn and said so */
	MFT_RECORD_ALIEN,  /* something else lies here */
};

struct mft_record {
	uint64_t     lsn;            /* of the last logged change; 0 where none was logged */
	file_ref     base;           /* extension records: their base; else 0 */
	uint16_t     sequence;
	uint16_t     link_count;     /* names, DOS names included; stale once freed */
	uint16_t     flags;          /* enum mft_record_flag */
	uint32_t     number;         /* as the record says, or MFT_RECORD_NO_NUMBER */
	uint32_t     in_use_bytes;   /* header and attributes */
	struct bytes attributes;     /* from the first attribute to the end of use */
};

/* What lies in a slot of the MFT, by its first bytes (4 or more). */
enum mft_record_kind mft_record_kind(struct bytes slot);

/*
 * Decode the header of the record that fills @slot.
 * Returns 0, or -1 with ERROR_BOUNDS (a length leaves the slot) or ERROR_VALUE (no FILE record).
 */
MUST_CHECK int mft_record_decode(struct bytes slot, struct mft_record *record, struct error *err);

#endif
