/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * redo_log.h - what Holdfast leaves in $LogFile while it works on a volume
 *
 * Pure.  The volume is seen as blocks of 4096 bytes from its first byte.  The
 * first sector of $LogFile is the header; from the first change of a run to its
 * end it says which command is at work.  While a transaction is being put in
 * place, the header is COMMITTED and leads to descriptors: blocks, each naming
 * the next, with an entry for every block that changes: where it belongs, where
 * its new image lies (in $LogFile's clusters, or in free ones), and checksums of
 * the image and of each sector that it replaces (those of $LogFile itself are never replaced).  All lies durable before
 * the header says so.  At the end $LogFile is all 0xff, as Windows and
 * libntfs-3g make it themselves.
 *
 * Checksums are XXH3-64.  Numbers are little-endian.
 */
#ifndef SCAN_REDO_LOG_H
#define SCAN_REDO_LOG_H

#include "core/bytes.h"
#include "core/endian.h"
#include "core/error.h"

#include <assert.h>
#include <stdbool.h>

#define REDO_VERSION      1u
#define REDO_BLOCK_BYTES  4096u
#define REDO_SECTOR_BYTES 512u
#define REDO_SECTORS      (REDO_BLOCK_BYTES / REDO_SECTOR_BYTES)
#define REDO_UUID_BYTES   16u
#define REDO_STEP_BYTES   64u

enum redo_state {
	REDO_RUNNING   = 1, /* a run is under way; what it has committed is in place */
	REDO_COMMITTED = 2, /* a transaction holds that may not be in place yet */
};

/* The first 512 bytes of $LogFile, one sector: it is there or it is not. */
struct redo_header_disk {
	uint8_t     magic[16];     /* 0x000  "HOLDFASTREDOLOG", zero */
	struct le32 version;       /* 0x010  REDO_VERSION */
	struct le32 state;         /* 0x014  enum redo_state */
	struct le64 serial;        /* 0x018  of the volume */
	struct le64 size;          /* 0x020  of the volume, bytes */
	uint8_t     run[16];       /* 0x028  UUID of the run */
	struct le64 transaction;   /* 0x038  from 1; 0 before the first */
	struct le64 blocks;        /* 0x040  that change; COMMITTED only, as the next two */
	struct le64 descriptor;    /* 0x048  block number of the first descriptor */
	struct le64 last;          /* 0x050  block to be put in place behind all others, 0: none */
	struct le64 started;       /* 0x058  100 ns since 1601 UTC */
	struct le64 zero;          /* 0x060 */
	uint8_t     step[64];      /* 0x068  the command, ASCII, zeros behind */
	uint8_t     zeros[336];    /* 0x0a8 */
	struct le64 checksum;      /* 0x1f8  of the bytes before it */
};
static_assert(sizeof(struct redo_header_disk) == 512, "one sector");

struct redo_entry_disk {
	struct le64 block;                 /* 0x00  number of the block that changes */
	struct le64 image;                 /* 0x08  number of the block that holds its new image */
	struct le64 checksum;              /* 0x10  of the image */
	struct le64 before[REDO_SECTORS];  /* 0x18  of each sector as it was; 0: the entry says nothing of it */
};

#define REDO_ENTRIES_MAX 45u

struct redo_descriptor_disk {
	uint8_t                magic[8];    /* 0x00  "HFREDO", two zeros */
	uint8_t                run[16];     /* 0x08 */
	struct le64            transaction; /* 0x18 */
	struct le64            number;      /* 0x20  from 0 */
	struct le64            next;        /* 0x28  block number of the next descriptor, 0: the last */
	struct le32            count;       /* 0x30  entries */
	struct le32            zero;        /* 0x34 */
	struct le64            checksum;    /* 0x38  of the block, this field as zeros */
	struct redo_entry_disk entries[REDO_ENTRIES_MAX]; /* 0x40 */
	uint8_t                zeros[72];   /* 0xfb8 */
};
static_assert(sizeof(struct redo_descriptor_disk) == REDO_BLOCK_BYTES, "one block");

struct redo_header {
	enum redo_state state;
	uint64_t        serial, size_bytes;
	uint8_t         run[REDO_UUID_BYTES];
	uint64_t        transaction;
	uint64_t        blocks, descriptor, last;
	uint64_t        started;
	char            step[REDO_STEP_BYTES + 1];
};

struct redo_entry {
	uint64_t block, image;
	uint64_t checksum;
	uint64_t before[REDO_SECTORS];
};

struct redo_descriptor {
	uint8_t           run[REDO_UUID_BYTES];
	uint64_t          transaction, number, next;
	uint32_t          count;
	struct redo_entry entries[REDO_ENTRIES_MAX];
};

/* The checksum that all of this uses. */
uint64_t redo_checksum(const void *data, size_t size_bytes);

/*
 * The checksums of the @size_bytes (a whole block, or less at the volume's end) of a block, by sector;
 * never 0, but for sectors that are not there.
 */
void redo_sector_checksums(const uint8_t *block, size_t size_bytes, uint64_t sums[REDO_SECTORS]);

/*
 * The next sectors side by side that an entry changes, from *@first on: *@first and *@count are set.
 * Others lie behind the volume's end, or are $LogFile's own where it shares a block with something else.
 * False when there are no more.
 */
bool redo_next_sectors(const uint64_t before[REDO_SECTORS], size_t *first, size_t *count);

void redo_header_encode(const struct redo_header *header, struct redo_header_disk *disk);
void redo_descriptor_encode(const struct redo_descriptor *descriptor, struct redo_descriptor_disk *disk);

/*
 * Decode the first 512 bytes of $LogFile.
 * Returns 1 for a header of ours, 0 when there is something else (Windows' log, 0xff), -1 with
 * ERROR_UNSUPPORTED for another version, ERROR_VALUE for a damaged header.
 */
MUST_CHECK int redo_header_decode(struct bytes sector, struct redo_header *header, struct error *err);

/* Decode a block as descriptor.  -1 with ERROR_VALUE when it is none, or a damaged one. */
MUST_CHECK int redo_descriptor_decode(struct bytes block, struct redo_descriptor *descriptor,
				      struct error *err);

#endif
