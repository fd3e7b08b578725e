/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mirrored.h - names of files that a store brings back
 *
 * A name is mirrored when a store has the file at File\<letter>$\<its path>: whatever becomes of the name,
 * a restore makes it again.
 */
#ifndef RECOVER_ENGINE_MIRRORED_H
#define RECOVER_ENGINE_MIRRORED_H

#include "recover/engine/record_set.h"

/*
 * Find the names that are mirrored in a store among @stores.
 * @stores   directories; those of them that are stores count
 * @copied   files of which the stores have copies: another file in a mirror stands for them
 * @names    set to true for each, by the inventory's names; the others stay as they are
 * Returns 0, or -1 without memory.
 */
MUST_CHECK int mirrored_find(const struct volume_tree *tree, const struct record_set *stores,
			     const struct record_set *copied, bool *names, struct error *err);

/*
 * Find those that are mirrored in a store on another volume.
 * @elsewhere  tree of that
 * @mirror     in it, File\<letter>$ of the volume
 * @copied     files of the volume of which the store has copies
 */
MUST_CHECK int mirrored_find_elsewhere(const struct volume_tree *tree, const struct volume_tree *elsewhere,
				       uint32_t mirror, const struct record_set *copied, bool *names,
				       struct error *err);

#endif
