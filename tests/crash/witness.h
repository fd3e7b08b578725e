/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * witness.h - what libntfs-3g, which is not ours, sees on a volume
 *
 * Contents are known by a hash over all streams, reparse data, EAs and object id of a file.  A
 * volume in doubt is looked at by a child process: what kills the library is a finding, too.
 */
#ifndef CRASH_WITNESS_H
#define CRASH_WITNESS_H

#include "tests/crash/settings.h"
#include "tests/crash/state.h"

#include <stdbool.h>

struct known_file {
	char       *path; /* "/Users/a/x.txt" */
	struct hash content;
};

struct truth {
	struct known_file *files;
	size_t             count, room;
};

/* Learn what lies below the folder @tree of a good volume.  Ends the program when it cannot. */
void truth_learn(struct truth *truth, const char *image, const char *tree);
void truth_release(struct truth *truth);

#define SIGHT_TEXT 300

struct sight {
	bool        told;                /* the library got through; else .text has how it ended */
	bool        mounted;             /* for writing, by the library's own rules */
	bool        dirty;               /* the volume's dirty bit */
	size_t      lost;                /* files that are nowhere with their content */
	char        text[SIGHT_TEXT];    /* of the first of those, or why it was not mounted */
	struct hash wholes[SEVERAL_MAX]; /* of what is listed at each of the paths; 0, 0: nothing */
};

/* Names of which not all matters; so are those in the store that are not users'. */
struct leniency {
	const char *fresh[SEVERAL_MAX]; /* times and security do not */
	size_t      fresh_count;
	const char *inner[SEVERAL_MAX]; /* nor does what they hold, nor all that of what is below them: names do */
	size_t      inner_count;
};

/* Files, and folders with all below them, that change at once. */
struct wholes {
	const char *paths[SEVERAL_MAX];
	size_t      count;
};

/*
 * Mount @image for writing, write nothing, and look each file of @truth up: by its path, or, when
 * @store is not NULL, below @store/USMT... /File/?$ as well.  .wholes gets the hashes of what is listed at
 * @wholes.
 */
struct sight witness_look(const char *image, const struct truth *truth, const struct wholes *wholes,
			  const char *store, const struct leniency *leniency);

/*
 * List what is on the volume into the file @to, a line a name: kind, links, attributes, times but
 * for the record's and those of the root, security, content, and whether the volume is dirty.  Of
 * what belongs to the store at @store (may be NULL) and not to users, only the names and attributes, of its
 * settings also the content, and a capture's random name as "USMT.new-*".
 * Returns as witness_look, with .lost 0; .mounted only if all could be read.
 */
struct sight witness_list(const char *image, const char *store, const struct leniency *leniency,
			  const char *to);

/* Where $LogFile's first run lies, bytes from @first to before @end.  Ends the program when it cannot. */
void witness_log(const char *image, uint64_t *first, uint64_t *end);

#endif
