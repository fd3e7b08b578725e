/* SPDX-License-Identifier: MIT */
/*
 * range_handle.h - a range of a source, for libraries that read through libbfio
 *
 * The door to libbfio.  What cannot be read fails; nothing is made up.  Each operation of the library
 * above has a deadline: structures that run in a circle come to an end there.
 *
 * Part of the image reader; MIT, for the reason told in protocol.h.
 */
#ifndef SCAN_IMAGE_RANGE_HANDLE_H
#define SCAN_IMAGE_RANGE_HANDLE_H

#include "scan/image/source.h"

#include <libbfio.h>
#include <stdbool.h>

struct range_handle {
	libbfio_handle_t    *bfio;
	const struct source *below; /* borrowed */
	uint64_t             start_bytes, length_bytes;
	uint64_t             at;           /* bytes from the start of the range */
	uint64_t             deadline;     /* seconds that the process has worked */
	uint64_t             budget;       /* bytes that the operation may still read */
	bool                 late;         /* an operation went on behind either: all fail from then on */
	uint8_t             *block;        /* read last, for libraries that read by sectors */
	uint64_t             block_at;
	size_t               block_bytes;  /* that are good */
};

/*
 * Prepare @handle, which must stay where it is.  The range is cut off at the end of the source.
 * Returns 0, or -1 without memory or when the range is empty.  Release in any case.
 */
int  range_handle_open(struct range_handle *handle, const struct source *below, uint64_t start_bytes,
		       uint64_t length_bytes);
void range_handle_release(struct range_handle *handle);

/* An operation of the library above begins, that is to give @bytes. */
void range_handle_begin(struct range_handle *handle, uint64_t bytes);

#endif
