/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * attribute_list.h - where the attributes of a file with several records lie
 *
 * Pure.  Format: libntfs-3g layout.h, ATTR_LIST_ENTRY.
 */
#ifndef SCAN_ATTRIBUTE_LIST_H
#define SCAN_ATTRIBUTE_LIST_H

#include "core/bytes.h"
#include "core/error.h"
#include "scan/file_ref.h"

#define ATTRIBUTE_LIST_MAX_BYTES (256u * 1024) /* the format's limit */

struct attribute_list_entry {
	uint32_t     type;       /* enum attribute_type */
	uint16_t     instance;
	uint64_t     lowest_vcn; /* clusters */
	file_ref     record;     /* that holds the attribute */
	struct bytes name;       /* UTF-16LE */
};

/*
 * Decode the next entry; @list moves past it.
 * Returns 1 for an entry, 0 at the end, -1 with ERROR_BOUNDS.
 */
MUST_CHECK int attribute_list_next(struct bytes *list, struct attribute_list_entry *entry, struct error *err);

#endif
