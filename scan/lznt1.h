/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lznt1.h - the compression of NTFS streams
 *
 * Pure.  Format: [MS-XCA] 2.5; chunks of 4096 bytes, each with a 16-bit header.
 */
#ifndef SCAN_LZNT1_H
#define SCAN_LZNT1_H

#include "core/bytes.h"
#include "core/error.h"

/*
 * Decompress one compression unit.
 * @packed  its stored bytes; a chunk header of zero, or their end, ends the data
 * @plain   room for @plain_bytes; what the data do not reach is set to zero
 * @filled  bytes that the data reached
 * Returns 0, or -1 with ERROR_VALUE or ERROR_BOUNDS: this is no LZNT1; @plain is then undefined.
 */
MUST_CHECK int lznt1_decompress(struct bytes packed, uint8_t *plain, size_t plain_bytes, size_t *filled,
				struct error *err);

#endif
