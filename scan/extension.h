/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extension.h - which extension records belong to which base
 *
 * The base reference in an extension record outlives the deletion of both, so
 * this way back works where attribute lists are lost.
 */
#ifndef SCAN_EXTENSION_H
#define SCAN_EXTENSION_H

#include "scan/inventory.h"

/* Extension records of one file that are asked for names: the 1024 that Windows allows it fit into fewer. */
#define EXTENSIONS_ASKED 4096u

struct extension {
	file_ref base;
	uint32_t record;
};

struct extensions ARRAY(struct extension); /* sorted by base, then record */

/* All extension records of an inventory.  Returns 0, or -1 without memory. */
MUST_CHECK int extensions_collect(struct extensions *extensions, const struct inventory *inventory,
				  struct error *err);

/* The extensions of one base: *@count of them from the returned place on; NULL for none. */
const struct extension *extensions_of(const struct extensions *extensions, file_ref base, size_t *count);

/*
 * Is a record of @base's file wanted that lies beside the table?  Of a life that is over: of a file that goes on the
 * table has all records, and what else says that it is one has been given up.  A life to come is another volume's.
 */
bool extension_is_wanted(const struct inventory *inventory, file_ref base);

#endif
