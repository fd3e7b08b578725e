/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fact_set.h - facts of one source, each name once: as its best witness has it
 *
 * What falls out of a directory's index is copied again and again when blocks are split and entries move.
 * Equal are facts of the same file, parent and text.
 */
#ifndef SCAN_FACT_SET_H
#define SCAN_FACT_SET_H

#include "scan/recall/fact.h"

struct fact_set {
	struct facts *facts; /* borrowed; those from .first on are the set's */
	size_t        first;
	uint32_t     *slots; /* by hash: index of a fact, from .first, plus 1; 0: empty */
	size_t        size;  /* of .slots, a power of two */
};

/* The facts that are added to @facts from now on, all of them through this set. */
void fact_set_init(struct fact_set *set, struct facts *facts);

/* Add @fact, or let it take the place of an equal one that is worse.  Returns 0, or -1 without memory. */
MUST_CHECK int fact_set_add(struct fact_set *set, struct fact fact, struct bytes name, struct error *err);

/* Take away the fact without a file that says the same of @parent and @name, if there is one. */
void fact_set_remove_unowned(struct fact_set *set, file_ref parent, struct bytes name);

/* Release the set, in any case.  The facts stay, in the order of their places. */
void fact_set_finish(struct fact_set *set);

#endif
