/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chosen_names.h - names that were chosen on a volume, known again after its tree was read anew
 *
 * The numbers of names change from one reading to the next; what a name says, of whom and where,
 * does not.  8 bytes a name.
 */
#ifndef RECOVER_ENGINE_CHOSEN_NAMES_H
#define RECOVER_ENGINE_CHOSEN_NAMES_H

#include "scan/volume_tree.h"

struct chosen_names ARRAY(uint64_t); /* sorted; array_release */

/*
 * Remember the names of @tree for which @taken, by the inventory's names, is true.
 * Returns 0, or -1 without memory.
 */
MUST_CHECK int chosen_names_learn(struct chosen_names *chosen, const struct volume_tree *tree, const bool *taken,
				  struct error *err);

/* Which names of @tree are among them: by the inventory's names, to be freed; NULL without memory. */
bool *chosen_names_find(const struct chosen_names *chosen, const struct volume_tree *tree);

#endif
