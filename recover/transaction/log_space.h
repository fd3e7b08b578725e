/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_space.h - where the blocks of the log lie
 *
 * First in $LogFile's clusters, behind the header's sector, then in clusters that
 * are free and are reserved for it until the log is given up.
 */
#ifndef RECOVER_TRANSACTION_LOG_SPACE_H
#define RECOVER_TRANSACTION_LOG_SPACE_H

#include "recover/transaction/space_map.h"

/* Whole blocks of the volume that lie side by side. */
struct log_extent {
	uint64_t first; /* block */
	uint64_t count; /* blocks */
};

struct log_extents ARRAY(struct log_extent);

struct log_space {
	struct log_extents extents;
	size_t             own;     /* of them, in $LogFile */
	uint64_t           header;  /* byte of the volume where the header's sector is */
	uint64_t           blocks;  /* in $LogFile's extents */
	size_t             extent;  /* next block to be handed out: in this extent, */
	uint64_t           used;    /* this many behind its first */
	uint64_t           search;  /* free clusters are looked for below this block */
};

/* Reads what the library may see of @length bytes of the volume: 0, or -1 with errno. */
typedef int log_space_read(void *context, uint64_t offset, void *to, size_t length);

MUST_CHECK int log_space_init(struct log_space *space, const struct space_map *map, struct error *err);
void           log_space_release(struct log_space *space);

/*
 * The next block of the log in *@block.
 * Returns 0, or -1 with errno: ENOSPC when no free block is left.
 */
MUST_CHECK int log_space_next(struct log_space *space, struct space_map *map, log_space_read *read,
			      void *context, uint64_t *block);

/* All blocks are free again; reserved clusters are given back. */
void log_space_reset(struct log_space *space, struct space_map *map);

#endif
