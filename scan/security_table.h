/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * security_table.h - all security descriptors of a volume
 *
 * $Secure:$SDS in memory, its entries sorted by id.  What an entry should have
 * and does not (hash, place) makes it none, so the table of a damaged volume is
 * shorter, never wrong.
 */
#ifndef SCAN_SECURITY_TABLE_H
#define SCAN_SECURITY_TABLE_H

#include "scan/file.h"
#include "scan/security_stream.h"

#define SECURE_RECORD 9u

struct security_entries ARRAY(struct security_entry);

struct security_table {
	uint8_t                *stream;  /* $SDS; backs the descriptors */
	struct security_entries entries; /* sorted by id, each once */
};

/*
 * Read the table of the reader's volume.
 * Returns 1; 0 when the volume has none that can be read (the table is empty); -1 without memory.
 * Release in any case.
 */
MUST_CHECK int security_table_read(struct security_table *table, struct file_reader *reader,
				   struct error *err);
void           security_table_release(struct security_table *table);

/* The descriptor of @id, borrowed from the table.  False if it has none. */
bool security_table_find(const struct security_table *table, uint32_t id, struct bytes *descriptor);

#endif
