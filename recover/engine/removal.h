/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * removal.h - taking files and whole subtrees from a volume, in a run that is under way
 *
 * Goes down by the volume's tree, which is of before, and from the bottom up: a
 * directory's directories, its files, itself.  Names that are taken from records are
 * "loose": still in the index of their directory.  When that directory goes as well they are
 * forgotten; before a commit those that are left are taken out of their indexes.  So a
 * directory that fits into a transaction costs one index edit, and one of any size can be
 * removed in several, each of which leaves the volume consistent.
 *
 * A file with other names keeps them and all else.  Reparse points are not followed.
 */
#ifndef RECOVER_ENGINE_REMOVAL_H
#define RECOVER_ENGINE_REMOVAL_H

#include "core/progress.h"
#include "recover/engine/record_set.h"
#include "recover/ntfs3g.h"

struct loose_name {
	uint32_t directory;
	uint32_t name; /* of the tree */
};

struct removal_frame; /* a directory under work */

struct loose_names ARRAY(struct loose_name);
struct removal_frames ARRAY(struct removal_frame);

struct removal {
	struct ntfs3g            *mount;
	const struct volume_tree *tree;
	const struct record_set  *copies; /* files whose content stays elsewhere, of which nothing is to be
					   * found  afterwards; NULL: none */
	struct progress progress;         /* in directory entries */

	/* the rest is its own */
	struct loose_names    loose;  /* those of the frames' directories in the order of the frames */
	struct removal_frames frames; /* from the top down */
};

/* Begin.  @entries  that will be removed, for the progress bar.  removal_release in any case. */
void removal_init(struct removal *removal, struct ntfs3g *mount, const struct volume_tree *tree,
		  uint64_t entries);
void removal_release(struct removal *removal);

/*
 * Take away what @record is called in @directory: of a file these names, of a directory itself with all
 * below it.  Commits on the way when much has gathered.
 * Returns 0, or -1: what is not committed never happened.
 */
MUST_CHECK int removal_take(struct removal *removal, uint32_t directory, uint32_t record, struct error *err);

/* Bring the indexes in order; before whatever else commits. */
MUST_CHECK int removal_settle(struct removal *removal, struct error *err);

#endif
