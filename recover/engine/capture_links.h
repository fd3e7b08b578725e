/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * capture_links.h - the names and directories of a store, made and looked at
 */
#ifndef RECOVER_ENGINE_CAPTURE_LINKS_H
#define RECOVER_ENGINE_CAPTURE_LINKS_H

#include "recover/engine/captured_volume.h"

/*
 * Find the mirrors of the planned folders below the directory @top, as the tree shows them;
 * NO_TREE_RECORD where there is none.
 */
void capture_links_find_mirrors(const struct captured_volume *part, uint32_t top, uint32_t *mirrors);

/*
 * 1 if @child of a mirror is what would be captured under its name from the planned folder @number: the same
 * file, or, of one that cannot have more names, a copy that is still like it.  0, -1.
 */
MUST_CHECK int capture_links_is_twin(struct captured_volume *part, size_t number, const struct tree_child *child,
				     struct error *err);

/*
 * Make all directories and names that are not there yet, and copy what cannot be linked; in several
 * transactions, all committed in the end.  Returns 0, or -1.
 */
MUST_CHECK int capture_links_make(struct captured_volume *part, struct error *err);

/*
 * 1 if a store folder of the tree holds all that is planned, 0 if not, -1.
 */
MUST_CHECK int capture_links_are_there(struct captured_volume *part, uint32_t store_folder, struct error *err);

#endif
