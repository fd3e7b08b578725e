/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * coverage.h - user data of a volume that nothing covers
 *
 * What somebody would miss: every file that has a name outside the system's own folders
 * (Windows, Program Files, $Recycle.Bin, ... at the root), or in a state store, and that is not
 * among the covered ones.  Told by folder: a profile is \Users\<name> or \Documents and
 * Settings\<name>; all else goes by its folder at the root.  A Windows.old is a
 * root of its own.  A file counts once, where its first name is; to a store only if it has no
 * name outside of stores.
 */
#ifndef RECOVER_ENGINE_COVERAGE_H
#define RECOVER_ENGINE_COVERAGE_H

#include "recover/engine/record_set.h"

enum uncovered_kind {
	UNCOVERED_PROFILE,
	UNCOVERED_FOLDER, /* also \ itself: files that lie there */
	UNCOVERED_STORE,  /* a folder with File\<letter>$ in it, anywhere */
};

struct uncovered_folder {
	char               *path; /* "\Users\a", WTF-8 */
	enum uncovered_kind kind;
	uint64_t            files;
	uint64_t            bytes; /* of their unnamed streams */
};

struct uncovered_folders ARRAY(struct uncovered_folder);

struct coverage {
	struct uncovered_folders folders;      /* with files only; the most bytes first */
	uint64_t                 files, bytes; /* of all */
};

/*
 * Find what of @tree is not covered.
 * @covered  files that are; directories in it make no difference
 * Returns 0, or -1 without memory.  coverage_release in any case.
 */
MUST_CHECK int coverage_find(struct coverage *coverage, const struct volume_tree *tree,
			     const struct record_set *covered, struct error *err);
void           coverage_release(struct coverage *coverage);

/* "profile", "folder", "store". */
const char *uncovered_kind_name(enum uncovered_kind kind);

#endif
