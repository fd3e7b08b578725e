/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * directory_index.h - from a directory down: what it holds, by the names' own word
 *
 * The namespace looks upwards, from a name to its parent.  This is the other
 * way, for the questions that need it: is there a directory X below Y, which
 * names point into Z.
 */
#ifndef SCAN_DIRECTORY_INDEX_H
#define SCAN_DIRECTORY_INDEX_H

#include "scan/namespace.h"

struct directory_index {
	const struct namespace *space;
	uint32_t               *directories; /* nodes, grouped by parent node */
	uint32_t               *first;       /* where a parent's group begins; one more at the end */
	uint32_t                nodes;       /* that have groups */
};

/* Index the directories of @space.  Returns 0, or -1 without memory. */
MUST_CHECK int directory_index_build(struct directory_index *index, const struct namespace *space,
				     struct error *err);
void           directory_index_release(struct directory_index *index);

/* The directories below @parent: *@count nodes from the returned place on. */
const uint32_t *directory_index_below(const struct directory_index *index, uint32_t parent, uint32_t *count);

/*
 * The directory below @parent with the text of @name, a live one if there is; NO_NODE if none.
 */
uint32_t directory_index_child(const struct directory_index *index, uint32_t parent, uint32_t name);

/* The same by an ASCII word, case aside. */
uint32_t directory_index_child_named(const struct directory_index *index, uint32_t parent, const char *word);

#endif
