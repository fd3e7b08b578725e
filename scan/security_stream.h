/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * security_stream.h - security descriptors by id: the $SDS stream of $Secure
 *
 * Pure.  Format: libntfs-3g layout.h, SECURITY_DESCRIPTOR_HEADER: blocks of 256
 * KiB, each followed by its copy; entries aligned to 16 bytes.
 */
#ifndef SCAN_SECURITY_STREAM_H
#define SCAN_SECURITY_STREAM_H

#include "core/bytes.h"
#include "core/error.h"

#define SECURITY_DESCRIPTOR_MAX_BYTES 65536u

struct security_entry {
	uint32_t     id;
	struct bytes descriptor;
};

/*
 * Find the next entry, skipping what is none (padding, copies' gaps).
 * @stream  the rest of $SDS; moves past the entry
 * True for an entry, false at the end.
 */
bool security_entry_next(struct bytes *stream, struct security_entry *entry);

#endif
