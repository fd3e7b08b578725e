/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stream.h - the bytes of a non-resident stream as they lie on the volume
 *
 * Raw: compressed units stay compressed (content.h undoes that), the end of
 * valid data is not looked at.
 */
#ifndef SCAN_STREAM_H
#define SCAN_STREAM_H

#include "scan/run_list.h"
#include "scan/volume.h"

struct runs ARRAY(struct run); /* sorted by VCN, not overlapping; what is not covered is lost */

/*
 * Append the runs of one attribute's mapping pairs from @lowest_vcn on.
 * Runs outside the volume, or longer than a stream can be, are an error: nothing of the
 * attribute is appended.
 */
MUST_CHECK int runs_append(struct runs *runs, struct bytes pairs, uint64_t lowest_vcn,
			   const struct geometry *geometry, struct error *err);

/*
 * Read @length bytes from @offset of the stream.  Holes are zeros; what no run covers and what
 * cannot be read is zeros too and appended to @missing, in bytes of the stream.
 */
MUST_CHECK int stream_read(const struct volume *volume, const struct runs *runs, uint64_t offset,
			   void *buffer, size_t length, struct ranges *missing, struct error *err);

/* The run that holds @vcn, or the first behind it; NULL at the end. */
const struct run *runs_find(const struct runs *runs, uint64_t vcn);

/* Where byte @offset of the stream lies on the volume, or NO_OFFSET where there is a hole, or no run. */
uint64_t stream_volume_offset(const struct volume *volume, const struct runs *runs, uint64_t offset);

#endif
