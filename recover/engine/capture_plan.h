/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * capture_plan.h - which directories of a volume a capture goes through, and which of their files it takes
 *
 * Either trees with all that is below them, or the names that rules have chosen.  Each
 * directory stands behind its parent, the ways down to what is captured among them; never the store path
 * itself.  Files are not listed: a directory's are those that the tree shows, and capture_plan_takes.
 */
#ifndef RECOVER_ENGINE_CAPTURE_PLAN_H
#define RECOVER_ENGINE_CAPTURE_PLAN_H

#include "recover/engine/state_store.h"

#define PLAN_ROOT SIZE_MAX

struct planned_folder {
	uint32_t record;  /* ROOT_RECORD where files in the root itself are chosen */
	size_t   parent;  /* in the plan, or PLAN_ROOT: the volume's root */
	uint32_t name;    /* in inventory.names; NO_NAME the root */
	bool     covered; /* in a tree, or the top of one, or with chosen names: its files are captured */
};

struct capture_plan {
	struct planned_folder *items;
	size_t                 count, capacity;
	bool                  *taken; /* by the inventory's names: it was chosen; NULL: all that is in covered folders */
};

/* The path in "D:\Data" if the letter is @letter, else NULL; a path without letter is every drive's. */
const char *capture_tree_on(const char *tree, char letter);

/*
 * Plan for a volume whose tree is read.
 * @trees   "\Users", or "D:\Data" for the volume D alone
 * @except  directory that is left out with all below it, or NO_TREE_RECORD
 * Returns 0, also when no tree is there (the plan is empty); -1 for a tree that is no path.  Release in
 * any case.
 */
MUST_CHECK int capture_plan_make(struct capture_plan *plan, const struct work_volume *volume,
				 const char *const *trees, size_t count, uint32_t except, struct error *err);

/* Plan for the names that are @taken, by the inventory's names; takes it over, NULL: no memory. */
MUST_CHECK int capture_plan_make_of_names(struct capture_plan *plan, const struct work_volume *volume, bool *taken,
					  struct error *err);
void           capture_plan_release(struct capture_plan *plan);

/* Where the root itself stands in the plan, or PLAN_ROOT: nothing in it was chosen. */
size_t capture_plan_root(const struct capture_plan *plan);

/* Is a name in a covered folder captured? */
static inline bool capture_plan_takes(const struct capture_plan *plan, uint32_t name)
{
	return !plan->taken || plan->taken[name];
}

/* Is the child of a covered folder a file that is captured under this name? */
static inline bool capture_plan_takes_file(const struct capture_plan *plan, const struct volume_tree *tree,
					   const struct tree_child *child)
{
	return !volume_tree_is_directory(tree, child->record) &&
	       tree->inventory.names.items[child->name].space != NAME_DOS &&
	       capture_plan_takes(plan, child->name);
}

/* Is what @tree names on this volume? */
bool capture_plan_has(const struct work_volume *volume, const char *tree);

#endif
