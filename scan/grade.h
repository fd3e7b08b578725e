/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * grade.h - what can be said of a stream's content
 *
 * A grade is never better than the evidence.  It speaks of the clusters and of
 * the record; what reading the bytes shows may lower it further.
 */
#ifndef SCAN_GRADE_H
#define SCAN_GRADE_H

#include "scan/file.h"
#include "scan/ownership.h"

enum grade {
	GRADE_VERIFIED, /* a digest known from before matches */
	GRADE_INTACT,   /* all clusters are this file's own or free, and nobody younger claims them */
	GRADE_SUSPECT,  /* no proof of damage, but no proof of the contrary */
	GRADE_PARTIAL,  /* some ranges are somebody else's, unreadable, or nobody knows where */
	GRADE_LOST,     /* the name remains and the content does not */
	GRADES,
};

enum grade_reason {
	WHY_OVERWRITTEN    = 0x001, /* a live file has taken clusters */
	WHY_CONTESTED      = 0x002, /* other deleted files claim clusters, or the bitmap gives them away */
	WHY_CROSS_LINKED   = 0x004, /* another live file claims clusters */
	WHY_TORN           = 0x008, /* the record is half of another state */
	WHY_RUNS_LOST      = 0x010, /* part of the run list is gone */
	WHY_SIZES_LOST     = 0x020, /* the size is a guess from the clusters */
	WHY_NO_DATA        = 0x040, /* the record has no content attribute */
	WHY_LIST_LOST      = 0x080, /* pieces were joined without their attribute list */
	WHY_UNREADABLE     = 0x100, /* the evidence cannot be read there */
	WHY_TWICE          = 0x200, /* the run list names a cluster twice */
	WHY_UNDECODABLE    = 0x400, /* a compressed unit does not decode */
	WHY_METADATA       = 0x800, /* file system structures lie where content should be */
	WHY_HIDDEN_LIVES   = 0x1000, /* files came and went unseen after the deletion */
	WHY_ZEROS          = 0x2000, /* clusters hold nothing but zeros: perhaps discarded (TRIM) */
	WHY_DISCARDED      = 0x4000, /* long stretches do, or all of the content */
	WHY_CONTENT        = 0x8000, /* the bytes are not those of such a file, or not all of them */
	WHY_ELSEWHERE      = 0x10000, /* the file only points to where its content is kept */
	WHY_DIGEST         = 0x20000, /* the content is not what its capture says, though size and time are */
	WHY_NOT_KEPT       = 0x40000, /* a shadow copy keeps only what was in use when it was made */
	WHY_FORGOTTEN      = 0x80000, /* the file table does not tell of the file's record */
};

struct verdict {
	enum grade    grade;
	unsigned      reasons; /* enum grade_reason */
	struct ranges missing; /* bytes of the stream, sorted */
};

/* "verified", "intact", ... as in JSON and in the casebook. */
const char *grade_name(enum grade grade);

/*
 * Grade one stream of @file.  @verdict is to be released.  Returns 0, or -1 without memory.
 */
MUST_CHECK int grade_stream(const struct ownership *ownership, const struct volume *volume,
			    const struct file *file, const struct file_stream *stream,
			    struct verdict *verdict, struct error *err);
void           verdict_release(struct verdict *verdict);

#endif
