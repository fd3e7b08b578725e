/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ownership.h - whose are the clusters?
 *
 * One sweep over all claims, of live and dead records and of the file system's
 * own files, in the order of the disk.  What is kept are the stretches about
 * which more is to be said than "one owner, and the bitmap agrees".
 *
 * The rules (each can only lower what is said of a file):
 *   - a live owner beats every dead one: the dead file's bytes are overwritten;
 *   - two live owners: neither can be trusted;
 *   - two dead owners held the clusters one after the other.  The last one's bytes
 *     are there, but which was last?  One is taken for the last only if each other
 *     shows no sign of life since a day before its data were written; else all are
 *     in doubt.  (A day, for clocks: set-up environments run in other time zones.)
 *   - one dead owner, but the bitmap says in use: somebody unknown has them.
 *   - one dead owner, and a compressed file of another may have held them while it was
 *     written (CLAIM_SHADOW): in doubt.
 *   - records that were taken since the last great deletion, and whose sequence numbers say
 *     that they were taken more than once since: there were files of which nothing is left,
 *     and what they wrote over is not known.  Then all that was deleted is in doubt.
 *   - whoever had the place after this life of the volume beats everybody, also those in use; if he
 *     does not tell all that he wrote over, everything is in doubt.
 */
#ifndef SCAN_OWNERSHIP_H
#define SCAN_OWNERSHIP_H

#include "scan/inventory.h"

enum stretch_kind {
	STRETCH_OWNED,     /* a live owner, alone; dead claims on it are void */
	STRETCH_CROSSED,   /* several live owners */
	STRETCH_CONTESTED, /* several dead owners; .winner may be told from them */
	STRETCH_TAKEN,     /* one dead owner, in use by the bitmap */
	STRETCH_FOREIGN,   /* somebody wrote there after this life of the volume; all claims on it are void */
};

#define NO_WINNER UINT32_MAX

struct stretch {
	uint64_t          lcn;
	uint64_t          length; /* clusters */
	uint32_t          winner; /* record whose bytes are there, or NO_WINNER */
	enum stretch_kind kind;
};

struct stretches ARRAY(struct stretch);

struct ownership {
	struct stretches stretches; /* sorted, apart */
	bool             hidden;    /* files lived and went unseen after the great deletion */
	bool             disturbed;  /* as of the table of a past life */
	bool             bitmap_read;
	struct range     forgotten; /* records that $MFT's own does not tell of */
};

/*
 * Judge all claims of @inventory (which are sorted in place).
 * @bitmap  runs of $Bitmap's data, empty if it is lost
 * Returns 0, or -1 without memory.
 */
MUST_CHECK int ownership_judge(struct ownership *ownership, struct inventory *inventory,
			       const struct runs *bitmap, struct findings *findings, struct error *err);
void           ownership_release(struct ownership *ownership);

enum cluster_state {
	CLUSTERS_SOUND,
	CLUSTERS_DOUBTFUL,
	CLUSTERS_OVERWRITTEN,
};

/*
 * What can be said of clusters [@lcn, @lcn + *@length) as property of @owner (a base record).
 * *@length is cut to the part of which the answer holds, 1 or more.
 */
enum cluster_state ownership_of(const struct ownership *ownership, uint32_t owner, bool live, uint64_t lcn,
				uint64_t *length);

/* The base record that stands behind @record, and whether that life goes on. */
uint32_t ownership_owner(const struct inventory *inventory, uint32_t record, bool *live);

#endif
