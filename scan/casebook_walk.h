/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * casebook_walk.h - all files of a casebook, one after the other
 *
 * Memory is for one file, however many there are.
 */
#ifndef SCAN_CASEBOOK_WALK_H
#define SCAN_CASEBOOK_WALK_H

#include "scan/casebook.h"

#define CASE_VOLUMES_ALL 0

typedef int case_record_each(void *context, const struct case_record *record, struct error *err);

/*
 * Call @each for every file of @volume, or of CASE_VOLUMES_ALL, in the order of volumes, records and sequence
 * numbers.  It ends early when @each returns -1.  No walk within a walk.
 */
MUST_CHECK int casebook_walk(struct casebook *book, int64_t volume, case_record_each *each, void *context,
			     struct error *err);

/* What the stores have to do with a file. */
struct case_membership {
	bool beside;    /* user data that was deleted beside them */
	bool only_here; /* all of its names lie in one of them */
};

MUST_CHECK int casebook_membership(struct casebook *book, int64_t file, struct case_membership *membership,
				   struct error *err);

#endif
