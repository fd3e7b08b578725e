/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record_set.h - some of the records of a volume's tree: one bit each
 */
#ifndef RECOVER_ENGINE_RECORD_SET_H
#define RECOVER_ENGINE_RECORD_SET_H

#include "scan/volume_tree.h"

struct record_set {
	uint8_t *bits;
	uint32_t count; /* records of the tree */
};

/* Make an empty set for @tree.  Returns 0, or -1 without memory.  record_set_release in any case. */
MUST_CHECK int record_set_init(struct record_set *set, const struct volume_tree *tree, struct error *err);
void           record_set_release(struct record_set *set);

static inline bool record_set_has(const struct record_set *set, uint32_t record)
{
	return set->bits[record / 8] >> (record % 8) & 1;
}

static inline void record_set_add(struct record_set *set, uint32_t record)
{
	set->bits[record / 8] |= (uint8_t)(1u << (record % 8));
}

/*
 * Add @record, and when it is a directory, all files and directories with a name below it.  Directories
 * that the set has already are taken to be in it with all that is below them.
 * Returns 0, or -1 without memory.
 */
MUST_CHECK int record_set_add_below(struct record_set *set, const struct volume_tree *tree, uint32_t record,
				    struct error *err);

#endif
