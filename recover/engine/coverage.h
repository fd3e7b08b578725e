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
 *
 * Names of covered files are told as well, where they stand neither in a covered folder nor are mirrored in
 * a store: the file is safe, but nothing says any more that it was there, too.
 */
#ifndef RECOVER_ENGINE_COVERAGE_H
#define RECOVER_ENGINE_COVERAGE_H

#include "core/json.h"
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
	uint64_t            names; /* of covered files */
};

struct uncovered_folders ARRAY(struct uncovered_folder);

struct coverage {
	struct uncovered_folders folders;             /* with files or names only; the most bytes first */
	uint64_t                 files, bytes, names; /* of all */
};

/*
 * Find what of @tree is not covered.
 * @covered   files that are; and directories, in which names are as well
 * @mirrored  further names that are, by those of the inventory; NULL: none
 * Returns 0, or -1 without memory.  coverage_release in any case.
 */
MUST_CHECK int coverage_find(struct coverage *coverage, const struct volume_tree *tree,
			     const struct record_set *covered, const bool *mirrored, struct error *err);
void           coverage_release(struct coverage *coverage);

struct uncovered_text { char text[128]; };

/* What is in a folder: "2 files, 1.5 KiB; 1 name of files that are covered elsewhere". */
struct uncovered_text uncovered_text(const struct uncovered_folder *folder);

/* A member @key: an array with an object for each folder. */
void coverage_json(const struct coverage *coverage, struct json *json, const char *key);

/* "profile", "folder", "store". */
const char *uncovered_kind_name(enum uncovered_kind kind);

#endif
