/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page_pack.h - the data that the page carries: columns of numbers and texts, deflated, in base64
 *
 * A block is a <script> element that no browser runs.  Inflated it is a row of parts: a byte with the length of
 * its name, the name, its size in bytes as 32 bits little-endian, and the bytes; a zero ends it.  data.js reads it.
 */
#ifndef REPORT_PAGE_PAGE_PACK_H
#define REPORT_PAGE_PAGE_PACK_H

#include "core/array.h"

#include <stdint.h>
#include <zlib.h>

/* Numbers: each as its difference from the one before (modulo 2^64), zigzag, in groups of seven bits, low ones first. */
struct page_column {
	struct ARRAY(uint8_t) bytes;
	uint64_t last;
	bool     failed; /* memory was out; whoever puts the column away is told */
};

void page_column_put(struct page_column *column, uint64_t value);
void page_column_release(struct page_column *column);

struct page_block {
	z_stream stream;
	FILE    *out;
	uint8_t  packed[3 * 8192]; /* base64 takes three bytes at a time */
	bool     open;
};

/* Begin a block whose element has the id @id.  Returns 0, or -1 without memory; page_block_release in any case. */
MUST_CHECK int page_block_begin(struct page_block *block, FILE *out, const char *id, struct error *err);

/* Add a part of raw bytes; a column's numbers. */
MUST_CHECK int page_block_bytes(struct page_block *block, const char *name, const void *data, size_t size_bytes,
				struct error *err);
MUST_CHECK int page_block_column(struct page_block *block, const char *name, const struct page_column *column,
				 struct error *err);

/* End it, with all that was put in. */
void page_block_end(struct page_block *block);
void page_block_release(struct page_block *block);

#endif
