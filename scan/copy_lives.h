/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * copy_lives.h - which lives the records of a volume show, and which of them are in use
 *
 * Three bytes a record: enough to tell which files of a shadow copy are gone from its volume.
 */
#ifndef SCAN_COPY_LIVES_H
#define SCAN_COPY_LIVES_H

#include "scan/inventory.h"

struct lives {
	uint32_t  volume;      /* number of the volume that has them, or whose shadow copy has */
	uint16_t *generations; /* by record; 0: it cannot be read */
	bool     *in_use;      /* by record */
	uint32_t  count;
};

struct known_lives ARRAY(struct lives);

/* Note what @inventory shows, as @volume's.  Returns 0, or -1 without memory. */
MUST_CHECK int lives_add(struct known_lives *known, uint32_t volume, const struct inventory *inventory,
			 struct error *err);

/* Is this life of a record in use on @volume, or in a shadow copy of it that was noted? */
bool lives_has(const struct known_lives *known, uint32_t volume, file_ref ref);

/* The same of a life that the record shows, in use or deleted. */
bool lives_shows(const struct known_lives *known, uint32_t volume, file_ref ref);

void lives_release(struct known_lives *known);

#endif
