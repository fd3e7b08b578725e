/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fixup.h - the sector check values of FILE and INDX blocks
 *
 * Each stride of 512 bytes, whatever the sector size, ends with two bytes that
 * repeat the block's update sequence number; what stood there is in the array
 * (libntfs-3g layout.h, NTFS_RECORD).  A stride with another number is torn:
 * it belongs to an older or younger state, or to somebody else.
 */
#ifndef SCAN_FIXUP_H
#define SCAN_FIXUP_H

#include "core/error.h"
#include "core/range.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIXUP_STRIDE 512u

/* Which strides are torn: bit n for stride n; bit 63 also for all after it. */
typedef uint64_t fixup_torn;

/*
 * Compare all strides of @block, then put the saved bytes back where they agree.
 * @block, @size_bytes  a whole block, a multiple of 512, changed in place: our copy of it
 * @offset              of the block on the volume, bytes
 * @torn                the strides that disagree; they stay as they were read
 * Returns 0, or -1 with ERROR_BOUNDS when the array does not fit the block (nothing changed).
 */
MUST_CHECK int fixup_undo(uint8_t *block, size_t size_bytes, uint64_t offset, fixup_torn *torn,
			  struct error *err);

/* The strides of the @n bytes from @offset on that touch what could not be read: @unreadable, sorted. */
fixup_torn fixup_unreadable(const struct ranges *unreadable, uint64_t offset, size_t n);

/* True if any torn stride touches the @n bytes from @start of the block. */
bool fixup_touches(fixup_torn torn, size_t start, size_t n);

#endif
