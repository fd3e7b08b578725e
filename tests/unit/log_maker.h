/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_maker.h - a $LogFile made by hand, byte by byte from the format's description
 *
 * Knows nothing of scan/log_*: what it writes is what those have to understand.
 */
#ifndef TESTS_LOG_MAKER_H
#define TESTS_LOG_MAKER_H

#include "tests/unit/unit.h"

#define LOG_PAGE 4096u /* bytes; pages, restart pages */
#define LOG_DATA 0x40u /* where records begin in a page */

struct test_log {
	struct blob blob;      /* the file; pages have no fix-ups before log_finish */
	unsigned    major;     /* 1: 1.1, 2: 2.0 */
	unsigned    bits;      /* of an LSN that are the pass */
	size_t      first;     /* page of the ring */
	uint64_t    pass;
	size_t      page, at;  /* where the next record begins */
	uint64_t    last;      /* LSN of the last record */
	bool        fixed;
};

/* A log of @pages whose ring begins at pass 2. */
void log_begin(struct test_log *log, unsigned major, size_t pages);

/* Append a record; its LSN. */
uint64_t log_append(struct test_log *log, uint32_t type, uint32_t transaction, uint64_t previous, uint64_t undo_next,
		    const void *data, size_t size);

/* Begin the next page: the rest of this one stays free. */
void log_turn_page(struct test_log *log);

/* What an NTFS record says. */
struct test_change {
	uint16_t    redo, undo, target, record_offset, attribute_offset, block_offset, block_sectors;
	uint64_t    vcn;
	const void *redo_data, *undo_data;
	size_t      redo_size, undo_size;
	uint32_t    transaction;
	uint64_t    previous, undo_next; /* of the record */
};

/* Append a change; its LSN. */
uint64_t log_change(struct test_log *log, struct test_change change);

/* The page that belongs at @page, once more at place @copy: as a tail copy (1.1), or as the 2.x do it. */
void log_copy(struct test_log *log, size_t page, size_t copy);

/* Write the restart pages and put fix-ups into all pages. */
void log_finish(struct test_log *log);

/* Put fix-ups with the number @usn into one page; pages are done once. */
void log_fix_page(uint8_t *page, size_t array, uint16_t usn);

/* A whole attribute: $FILE_NAME with a parent and an ASCII name.  Returns its size. */
size_t make_file_name(uint8_t *out, uint64_t parent, const char *name, uint8_t space);

/* The same as an index entry of @file. */
size_t make_index_entry(uint8_t *out, uint64_t file, uint64_t parent, const char *name);

/* A FILE record in use with one name.  Returns the bytes in use. */
size_t make_record(uint8_t out[1024], uint16_t sequence, uint64_t parent, const char *name);

#endif
