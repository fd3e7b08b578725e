/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_file.h - all records that $LogFile still has, in the order of their LSN
 *
 * Every page is looked at, not only those that the restart area leads to: the
 * ring, the copies of pages that were being written, and what older passes over
 * the ring and older lives of the volume left.  Nothing is replayed.
 * Where a record is in several pages the one that is whole, then the newest page, is taken.
 * Pages that were found somewhere without their log will do, in any order: a page in which a record begins says
 * by itself where it belongs.
 */
#ifndef SCAN_LOG_FILE_H
#define SCAN_LOG_FILE_H

#include "core/array.h"
#include "core/bytes.h"
#include "scan/journal/log_content.h"
#include "scan/journal/log_page.h"

struct log_reader {
	/* Fill @to with @n bytes of $LogFile; those that cannot be read are zeroes.  -1: stop the work. */
	int    (*read)(void *of, uint64_t offset, uint8_t *to, size_t n, struct error *err);
	void    *of;
	uint64_t size_bytes;
	bool     scattered; /* pages of 4096 bytes from anywhere: where one stands says nothing of where it belongs */
};

/* A page: several may have the same LSN, as copies. */
struct log_page_place {
	uint64_t   lsn;      /* that its first byte would have: where it belongs, and in which pass */
	uint64_t   offset;   /* where it lies */
	uint64_t   last_lsn; /* the newest record with bytes in it */
	uint32_t   first;    /* where the first record begins; the page's size if none does */
	uint32_t   end;      /* of what is in use, as the page says */
	fixup_torn torn;
};

enum log_record_flag {
	LOG_RECORD_TORN = 1, /* some of it lies in a stride whose fix-up does not agree */
	LOG_RECORD_CUT  = 2, /* its end is lost */
	LOG_RECORD_GAP  = 4, /* the record before it is lost, or there is none */
};

struct log_record_place {
	uint64_t lsn;
	uint64_t previous, undo_next;
	uint32_t transaction;
	uint32_t page;       /* in .pages */
	uint32_t data_bytes;
	uint16_t at;         /* in that page */
	uint8_t  type;       /* enum log_record_type */
	uint8_t  flags;      /* enum log_record_flag */
};

struct log_file {
	struct log_reader  reader;
	enum log_content   content;  /* LOG_RUN, LOG_STRANGE: Holdfast's own; there are no records then */
	bool               has_restart;
	struct log_restart restart;  /* the better of the two pages */
	struct log_layout  layout;   /* what it says; else what a log of this size has */
	struct ARRAY(struct log_page_place) pages;     /* by .lsn */
	struct ARRAY(struct log_record_place) records; /* by .lsn, each one once */
	struct ARRAY(uint64_t) gaps;                   /* LSNs before which records are missing */
	uint8_t           *block;    /* a page, fix-ups undone */
	struct log_page    page;     /* what is in .block */
	size_t             loaded;   /* of .pages; SIZE_MAX: none */
	uint8_t           *data;     /* of a record */
};

struct log_record {
	struct log_record_place place;
	uint64_t                offset; /* of its header in $LogFile */
	struct bytes            data;   /* shorter than it should be where .place says that it is cut */
};

/*
 * Find all records.
 * Returns 0, also for a log without any, or -1 without memory or when @reader says so.
 * log_file_release in any case.
 */
MUST_CHECK int log_file_open(struct log_file *log, const struct log_reader *reader, struct error *err);
void           log_file_release(struct log_file *log);

/*
 * Read the record @index of .records.  .data is good until the next call.
 * Returns 0, or -1 when @reader says so.
 */
MUST_CHECK int log_file_record(struct log_file *log, size_t index, struct log_record *record, struct error *err);

/* The record with this LSN, or NULL. */
const struct log_record_place *log_file_find(const struct log_file *log, uint64_t lsn);

/* The gaps up to @lsn: equal for two records between which nothing is missing. */
size_t log_file_stretch(const struct log_file *log, uint64_t lsn);

/* True if records are missing behind the one at @from, up to the one at @to. */
static inline bool log_file_is_gap(const struct log_file *log, uint64_t from, uint64_t to)
{
	return from < to && log_file_stretch(log, from) != log_file_stretch(log, to);
}

/* LSNs, record numbers, places: as sorting wants them. */
static inline int log_compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* A reader of @bytes, which stay where they are. */
struct log_reader log_reader_of(const struct bytes *bytes);

#endif
