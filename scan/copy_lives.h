/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * copy_lives.h - which files a volume has in use, by record and life
 *
 * Two bytes a record: enough to tell which files of a shadow copy are gone from its volume.
 */
#ifndef SCAN_COPY_LIVES_H
#define SCAN_COPY_LIVES_H

#include "scan/inventory.h"

struct lives {
	uint32_t  volume;      /* number of the volume that has them, or whose shadow copy has */
	uint16_t *generations; /* by record; 0: not in use */
	uint32_t  count;
};

struct known_lives ARRAY(struct lives);

/* Note what @inventory has in use, as @volume's.  Returns 0, or -1 without memory. */
MUST_CHECK int lives_add(struct known_lives *known, uint32_t volume, const struct inventory *inventory,
			 struct error *err);

/* Is this life of a record in use on @volume, or in a shadow copy of it that was noted? */
bool lives_has(const struct known_lives *known, uint32_t volume, file_ref ref);

void lives_release(struct known_lives *known);

#endif
