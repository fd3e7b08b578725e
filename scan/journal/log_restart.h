/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_restart.h - the restart pages of $LogFile, and how the rest of it is laid out
 *
 * $LogFile begins with two restart pages that are written in turn, then has room
 * for copies of pages that were being written (two tail pages in version 1.1, 32
 * pages in 2.x), then the ring of record pages.
 * A log sequence number is a place and a time: its low bits count units of eight
 * bytes from the start of the file, its high bits count the passes over the ring.
 * Format: libntfs-3g logfile.h, RESTART_PAGE_HEADER, RESTART_AREA, LOG_CLIENT_RECORD.
 */
#ifndef SCAN_LOG_RESTART_H
#define SCAN_LOG_RESTART_H

#include "core/bytes.h"
#include "core/error.h"

#define LOG_UNIT_BYTES           8u  /* what an LSN counts */
#define LSN_SEQUENCE_BITS_LEAST 16u /* far outside of what any log has */
#define LSN_SEQUENCE_BITS_MAX   56u

struct log_layout {
	uint32_t page_bytes;    /* a power of two */
	uint32_t data_offset;   /* of the first record in a page, bytes */
	uint32_t header_bytes;  /* of a record, before its data */
	unsigned sequence_bits; /* of an LSN: the high ones */
	uint64_t ring_start;    /* bytes from the start of $LogFile */
	uint64_t ring_end;
};

struct log_restart {
	uint16_t          major, minor;      /* 1.1, 2.0 */
	uint32_t          system_page_bytes; /* of this page: the second one lies behind it */
	uint64_t          current_lsn;
	uint64_t          size_bytes;        /* of $LogFile, as it says */
	uint16_t          flags;
	bool              has_client;
	uint64_t          oldest_lsn;        /* these two of the first client, NTFS; 0 without one */
	uint64_t          client_restart_lsn;
	struct log_layout layout;
};

/*
 * Decode a restart page.
 * @page    its bytes as read, 512 or more; changed in place: our copy of it.  What is torn behind the
 *          restart area does not matter
 * @offset  of the page in $LogFile
 * Returns 0, or -1 with ERROR_VALUE (no restart page, or numbers that cannot be), ERROR_BOUNDS, or
 * ERROR_UNSUPPORTED for another version.
 */
MUST_CHECK int log_restart_decode(uint8_t *page, size_t size_bytes, uint64_t offset, struct log_restart *restart,
				  struct error *err);

/* The layout of a log of @size_bytes whose restart pages are lost: pages of 4096 bytes, as all have them. */
struct log_layout log_layout_default(uint64_t size_bytes);

/* Where an LSN points to, bytes from the start of $LogFile; and in which pass over the ring. */
static inline uint64_t lsn_offset(const struct log_layout *layout, uint64_t lsn)
{
	return lsn << layout->sequence_bits >> layout->sequence_bits << 3;
}

static inline uint64_t lsn_pass(const struct log_layout *layout, uint64_t lsn)
{
	return lsn >> (64 - layout->sequence_bits);
}

/* The way back; @offset in whole units. */
static inline uint64_t lsn_make(const struct log_layout *layout, uint64_t pass, uint64_t offset)
{
	return pass << (64 - layout->sequence_bits) | offset / LOG_UNIT_BYTES;
}

/* The LSN of the first byte of the page after the one that begins at @page: the ring closes. */
uint64_t lsn_next_page(const struct log_layout *layout, uint64_t page);

#endif
