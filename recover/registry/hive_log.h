/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hive_log.h - transaction logs: a hive as it would be, had its last changes been written to the end
 *
 * A change is written to a log first, and then, at once (Windows before 8.1) or up to an hour later, to the
 * hive. Where the hive is not clean, what its logs hold is put in place, in memory, by the rules of Windows
 * itself:
 *
 * - entries ("HvLE") count up without a gap, in both logs together; the log with the earlier ones is first;
 * the first that is torn, damaged or of another time ends it all, and those before it count;
 * - the old form ("DIRT", a bitmap and sectors) belongs to a hive that was last written at the same time.
 *
 * Pure: bytes in, bytes out.
 * Format: Maxim Suhanov, "Windows registry file format specification".
 */
#ifndef RECOVER_REGISTRY_HIVE_LOG_H
#define RECOVER_REGISTRY_HIVE_LOG_H

#include "core/bytes.h"
#include "core/endian.h"
#include "core/error.h"

#include <assert.h>

#define HIVE_LOGS 2 /* .LOG1 and .LOG2 */
#define HIVE_LOG_SEED UINT64_C(0x82ef4d887a4e55c5)

#define HIVE_BYTES_MAX (1024u * 1024 * 1024)

struct hive_log_entry_disk {
	char        signature[4]; /* 0x00  "HvLE" */
	struct le32 size;         /* 0x04  bytes, sectors of 512 */
	struct le32 flags;        /* 0x08  1: of the base block's flags */
	struct le32 sequence;     /* 0x0c */
	struct le32 bins_bytes;   /* 0x10  of the hive afterwards */
	struct le32 pages;        /* 0x14  pairs of offset and size that follow, and then the pages */
	struct le64 body_hash;    /* 0x18  of all after this header */
	struct le64 header_hash;  /* 0x20  of the 32 bytes before it */
};
static_assert(sizeof(struct hive_log_entry_disk) == 40, "log entry");

struct hive_log_entry {
	uint32_t     sequence, flags, bins_bytes;
	struct bytes references; /* eight bytes each: offset from the first bin, size */
	struct bytes pages;
};

/*
 * The next entry of a log in the new form.
 * @log  what is left of it, from the second sector on; moves past the entry
 * Returns 1, 0 where no more begins, -1 where one is torn or damaged.
 */
MUST_CHECK int hive_log_next(struct bytes *log, struct hive_log_entry *entry, struct error *err);

/*
 * Bring a hive up to date that is not clean.
 * @primary  what its file holds
 * @logs     of its logs, .at NULL where one is not there
 * @updated  the hive with its changes, clean and checked by hive_walk; to be freed
 * Returns 1, 0 when no log is sound and fits (nothing is given), -1 without memory.
 */
MUST_CHECK int hive_logs_apply(struct bytes primary, const struct bytes logs[HIVE_LOGS], uint8_t **updated,
			       size_t *size, struct error *err);

#endif
