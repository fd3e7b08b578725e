/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * belonging.h - is what was found by its looks of this volume, in this life of it?
 *
 * A disk remembers other volumes too: those before it was formatted anew, and those inside images that are
 * files.  Their numbers are like ours: nearly every volume has a directory 40 in its first life.  So names
 * are compared: what a stray block says of files that the table still shows must be what the table says.
 */
#ifndef SCAN_BELONGING_H
#define SCAN_BELONGING_H

#include "scan/extension.h"
#include "scan/recall/fact.h"

struct known_parents ARRAY(file_ref);

struct belonging {
	const struct inventory  *inventory;  /* borrowed, both */
	const struct extensions *extensions;
	struct known_parents     parents;    /* directories that names refer to, sorted */
	uint32_t                 born;       /* row_time: when the volume was made; 0 if not known */
};

/* What a name says, held against the table. */
enum belonging_says {
	SAYS_NOTHING,    /* of the file system's own files, or of lives that the table no longer shows */
	SAYS_THE_SAME,   /* this life of the file has that name, if perhaps in another directory */
	SAYS_OTHERWISE,  /* it has names, but not this one: it was renamed, or it is another volume's */
	SAYS_IMPOSSIBLE, /* no life of this volume can have had it */
};

/* All that one block, or records in a row, say. */
struct belonging_votes {
	uint32_t names;      /* of users' files */
	uint32_t same, otherwise, impossible;
	uint32_t directory;  /* names whose directory is known by exactly its number and life */
};

/* Returns 0, or -1 without memory.  Release in any case. */
MUST_CHECK int belonging_init(struct belonging *belonging, const struct inventory *inventory,
			      const struct extensions *extensions, struct error *err);

/* What the facts from @first on say of directories is known from now on. */
MUST_CHECK int belonging_learn(struct belonging *belonging, const struct facts *facts, size_t first,
			       struct error *err);
void           belonging_release(struct belonging *belonging);

/*
 * Hold one name against the table, and count it.
 * @fact  .file, .parent, .time (of the record's last change) and .flags
 */
enum belonging_says belonging_hear(const struct belonging *belonging, const struct fact *fact, struct bytes name,
				   struct belonging_votes *votes);

/* Is it a life that the table once had, and no longer shows? */
bool belonging_is_past(const struct belonging *belonging, file_ref ref);

/*
 * Has it been shown?  Either the table says the same of one file at least, and otherwise of few; or it
 * says nothing against any of several names, which are of directories that it knows, and none of a time before
 * the volume was made.
 */
bool belonging_is_shown(const struct belonging *belonging, const struct belonging_votes *votes);

#endif
