/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * told_store.h - stores as they are told: the parts of one store on several volumes together, and its counts
 */
#ifndef SCAN_TOLD_STORE_H
#define SCAN_TOLD_STORE_H

#include "scan/casebook.h"
#include "scan/store.h"

struct told_user {
	char    *name;
	uint64_t files, bytes;
};

struct told_users ARRAY(struct told_user);

struct told_store {
	struct case_store row;
	char             *path;
	bool              catalogued, primary, second_names;
	uint64_t          live_names, dead_names;
	bool              rooted;     /* some part has a way to the root */
	uint32_t          volumes[STORE_MIRRORS_MAX]; /* numbers */
	bool              past;       /* its volume's life ended, so it does not exist any more */
	char             *paths[STORE_MIRRORS_MAX];
	bool              primaries[STORE_MIRRORS_MAX];
	const struct layer *shadow;   /* the shadow copy that its first part lies in, NULL: none */
	file_ref          root;       /* of its first part */
	size_t            parts;
	struct told_users users;
};

struct told_stores ARRAY(struct told_store);

/*
 * Tell the part of a store that lies on @volume; one at the same path on an earlier volume is the same store, if
 * both are of the same time, and neither is a past life.  A store of a shadow copy that its volume still has, or a
 * copy told before, is told as the same as that one.  @index is set to its place.  Returns 0, or -1 without memory,
 * or with too many of them.
 */
MUST_CHECK int told_stores_add_part(struct told_stores *told, const struct stores *stores, const struct store *part,
				    const struct volume *volume, size_t *index, struct error *err);

/* Whose it is: the profile folder's name in "File\C$\Users\name\...", its length in *@length; NULL if nobody's. */
const char *told_user_of(const char *inside, size_t *length);

/* Add a file with all its names to the counts of the store at @index.  Returns 0, or -1 without memory. */
MUST_CHECK int told_stores_count(struct told_stores *told, size_t index, const struct case_record *record,
				 bool only_here, struct error *err);

/* All stores with their parts and users into the casebook, when all volumes are through. */
MUST_CHECK int told_stores_write(struct told_stores *told, struct casebook *book, struct error *err);

void told_stores_release(struct told_stores *told);

#endif
