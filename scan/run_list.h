/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run_list.h - where a non-resident stream lies on the volume
 *
 * Turns mapping pairs into runs and back, one at a time, without allocating.  Knows
 * nothing of attributes or of the volume's size.
 * Format: libntfs-3g layout.h, ATTR_RECORD; lengths and steps are signed.
 */
#ifndef SCAN_RUN_LIST_H
#define SCAN_RUN_LIST_H

#include "core/bytes.h"
#include "core/error.h"

#define LCN_HOLE UINT64_MAX

struct run {
	uint64_t vcn;    /* clusters from the start of the stream */
	uint64_t lcn;    /* clusters from the start of the volume, or LCN_HOLE */
	uint64_t length; /* clusters, 1 or more */
};

struct run_list {
	struct bytes pairs;    /* the rest of the array, any length */
	uint64_t     next_vcn; /* set to the attribute's lowest VCN */
	uint64_t     last_lcn; /* set to 0 */
};

/*
 * Decode the next run; .pairs moves past it.
 * @run  filled when 1 is returned, untouched otherwise
 * Returns 1 for a run, 0 at the end marker, -1 with ERROR_BOUNDS when the bytes end first,
 * ERROR_VALUE for numbers the format does not have.
 */
MUST_CHECK int run_list_next(struct run_list *list, struct run *run, struct error *err);

#define RUN_ENCODED_MAX 17u

/*
 * The way back: one run as a mapping pair in as few bytes as hold its numbers.  A list is its
 * runs in order, each VCN following from the one before, and a zero byte.
 * @run       .length of 1 to INT64_MAX, .lcn up to INT64_MAX or LCN_HOLE
 * @last_lcn  0 for the first run; moves along
 * Returns the bytes written.
 */
size_t run_encode(const struct run *run, uint64_t *last_lcn, uint8_t out[RUN_ENCODED_MAX]);

#endif
