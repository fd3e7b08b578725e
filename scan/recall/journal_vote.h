/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * journal_vote.h - is a record of a change journal of the life of the volume that its table shows?
 *
 * Formatting gives record numbers away anew, so the records of a journal from before it speak of lives that
 * the table has not come to, of files under other names, and of folders that are files.  A single record
 * proves little; many do.  Lives that have ended since say nothing, nor do the file system's own files.
 */
#ifndef SCAN_JOURNAL_VOTE_H
#define SCAN_JOURNAL_VOTE_H

#include "scan/extension.h"
#include "scan/journal/usn_journal.h"

struct journal_votes {
	uint64_t agree;   /* the file has that name, the folder is one */
	uint64_t differ;  /* the life is still to come, the folder is a file */
	uint64_t renamed; /* the file has other names: it is another one, or was renamed since */
};

/* Enough for records of which nothing else is known. */
static inline bool journal_votes_for(const struct journal_votes *votes)
{
	return 2 * votes->agree > 2 * votes->differ + votes->renamed;
}

/* Enough against records that lie where the volume has its journal. */
static inline bool journal_votes_against(const struct journal_votes *votes)
{
	return votes->differ > votes->agree;
}

static inline bool journal_votes_none(const struct journal_votes *votes)
{
	return !votes->agree && !votes->differ && !votes->renamed;
}

/* Compare what @record says of its file and of the folder with the rows of @inventory. */
void journal_vote(const struct inventory *inventory, const struct extensions *extensions,
		  const struct usn_record *record, struct journal_votes *votes);

#endif
