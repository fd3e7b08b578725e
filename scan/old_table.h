/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * old_table.h - a table of records whose own first record does not tell of it
 *
 * Where its records lie is known from elsewhere: from what a sweep found (lost_volume.h).  Such a volume may
 * have ended: it was formatted anew, or given away, and what is left of it lies between the files of others.
 */
#ifndef SCAN_OLD_TABLE_H
#define SCAN_OLD_TABLE_H

#include "scan/stream.h"

struct old_table {
	struct runs   runs;    /* of the table, as far as they are known */
	uint64_t      slots;   /* records, shown or absent */
	struct ranges foreign; /* bytes of the volume, sorted, that others may have written to after this
				  life; they read as unreadable, but for records */
	struct ranges absent; /* slots, sorted: another life has written over them, or nobody knows where they
				 lie; they read as empty */
	bool     past;        /* this life of the place ended */
	bool     disturbed;   /* others had the place after it of whom not all is left */
	uint32_t successor;   /* number of the volume that has the place now, 0 if none is known */
	uint32_t newest;      /* row_time (inventory.h) of the last sign of life, 0 if not known */
};

void old_table_release(struct old_table *table);

/* Does this life of the volume go on no more? */
static inline bool volume_is_past(const struct volume *volume)
{
	return volume->table && volume->table->past;
}

#endif
