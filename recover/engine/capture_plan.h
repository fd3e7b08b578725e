/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * capture_plan.h - which directories of a volume a capture goes through
 *
 * The trees and all directories below them, each behind its parent, the ways down to
 * the trees among them; never the store path itself.  Files are not listed: a
 * directory's are those that the tree shows.
 */
#ifndef RECOVER_ENGINE_CAPTURE_PLAN_H
#define RECOVER_ENGINE_CAPTURE_PLAN_H

#include "recover/engine/state_store.h"

#define PLAN_ROOT SIZE_MAX

struct planned_folder {
	uint32_t record;
	size_t   parent;  /* in the plan, or PLAN_ROOT: the volume's root */
	uint32_t name;    /* in inventory.names */
	bool     covered; /* in a tree, or the top of one: its files are captured */
};

struct capture_plan ARRAY(struct planned_folder);

/* The path in "D:\Data" if the letter is @letter, else NULL; a path without letter is every drive's. */
const char *capture_tree_on(const char *tree, char letter);

/*
 * Plan for a volume whose tree is read.
 * @trees   "\Users", or "D:\Data" for the volume D alone
 * @except  directory that is left out with all below it, or NO_TREE_RECORD
 * Returns 0, also when no tree is there (the plan is empty); -1 for a tree that is no path.  array_release
 * in any case.
 */
MUST_CHECK int capture_plan_make(struct capture_plan *plan, const struct work_volume *volume,
				 const char *const *trees, size_t count, uint32_t except, struct error *err);

/* Is what @tree names on this volume? */
bool capture_plan_has(const struct work_volume *volume, const char *tree);

#endif
