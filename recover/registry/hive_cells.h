/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hive_cells.h - cells of a hive changed in its bytes, and new ones at its end
 *
 * For what hivex does not do.  The hive is sound by hive_walk, and so must it be at the end.
 */
#ifndef RECOVER_REGISTRY_HIVE_CELLS_H
#define RECOVER_REGISTRY_HIVE_CELLS_H

#include "core/bytes.h"
#include "core/error.h"

struct hive_cells {
	uint8_t *bytes; /* base block and bins, from malloc; another bin can move them */
	size_t   size;
};

/* What follows the last bin is cut off.  Returns 0, or -1 if the hive ends before its last bin. */
MUST_CHECK int hive_cells_init(struct hive_cells *cells, uint8_t *bytes, size_t size, struct error *err);

/* All of it, for the decoders. */
struct bytes hive_cells_bytes(const struct hive_cells *cells);

/* A cell that is in the hive, its size field first. */
uint8_t *hive_cells_at(const struct hive_cells *cells, uint32_t cell);

/* What was in use is so no longer. */
void hive_cells_free(const struct hive_cells *cells, uint32_t cell);

/* Bytes of a cell that has room for that content. */
uint32_t hive_cell_bytes(uint32_t content_bytes);

/*
 * Another bin.
 * @room   of all cells that are to come into it, as hive_cell_bytes says; what is left is free
 * @first  where they start
 * Returns 0, or -1: too large, no memory; the hive is then what it was.
 */
MUST_CHECK int hive_cells_add_bin(struct hive_cells *cells, size_t room, uint32_t *first, struct error *err);

/* A cell in use at *@at of that bin, which moves past it.  Returns its offset. */
uint32_t hive_cells_put(const struct hive_cells *cells, uint32_t *at, uint32_t content_bytes);

/* The base block says how much there is now, and its checksum is right. */
void hive_cells_seal(const struct hive_cells *cells);

#endif
