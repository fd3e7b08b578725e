/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_page.h - one record page of $LogFile, wherever it lies
 *
 * Pure.  All records that begin in a page share the high bits of their LSN, the
 * page's number, and the low bits are the place in the page: so a record is
 * found by its own LSN at its own place, without any list that leads to it, also
 * behind damage and in a page by itself.
 * Format: libntfs-3g logfile.h, RECORD_PAGE_HEADER, LOG_RECORD; where persistent memory is used (DAX) a
 * page has a CRC-32 and the mark "CRC4" where the fix-ups would be.
 */
#ifndef SCAN_LOG_PAGE_H
#define SCAN_LOG_PAGE_H

#include "core/bytes.h"
#include "core/error.h"
#include "scan/fixup.h"
#include "scan/journal/log_restart.h"

struct log_page {
	struct bytes whole;            /* fix-ups undone */
	fixup_torn   torn;
	uint64_t     last_lsn;         /* the newest with bytes here; a tail copy of 1.1 has its file offset here */
	uint64_t     last_end_lsn;     /* the newest that ends here */
	uint32_t     copy_offset;      /* copies of 2.x: where the page belongs; anything in other pages */
	uint16_t     free_offset;      /* end of use, bytes from the page's start */
};

/* A record's header. */
struct log_header {
	uint64_t lsn;
	uint64_t previous;    /* of the same transaction, 0 if none */
	uint64_t undo_next;   /* what a rollback undoes after this one */
	uint32_t data_bytes;  /* behind the header, also over page ends */
	uint32_t type;        /* enum log_record_type */
	uint32_t transaction; /* its place in the transaction table; 0 for what belongs to none */
	uint16_t flags;
};

enum log_record_type {
	LOG_RECORD_CHANGE     = 1,
	LOG_RECORD_CHECKPOINT = 2,
};

#define LOG_DATA_MAX 0x40000u /* bytes of a record's data: two lengths of 16 bits, and room */

/*
 * Decode a page.
 * @block   the whole page as read, changed in place: our copy of it.  A page with torn strides is decoded
 * @offset  where it was read
 * Returns 0, or -1 with ERROR_VALUE (no record page) or ERROR_BOUNDS (no fix-up array).
 */
MUST_CHECK int log_page_decode(uint8_t *block, size_t size_bytes, uint64_t offset, struct log_page *page,
			       struct error *err);

/*
 * The next record that begins in a page.
 * @page_lsn  the LSN that the page's first byte would have
 * @at        where to look from; set to the record's place
 * Returns false when there is no more.
 */
bool log_page_next(const struct log_page *page, const struct log_layout *layout, uint64_t page_lsn, size_t *at,
		   struct log_header *header);

#endif
