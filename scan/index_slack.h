/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * index_slack.h - names in the indexes of directories: those in use, and what is left of others
 *
 * Pure.  When an entry goes, those behind it move up, and copies of the last ones stay behind the end of
 * use; a block that falls out of use keeps all that it had.  There an entry is known by itself: by lengths
 * that fit each other, by references, times and text that a driver writes.  Of one that was written over
 * only the end may be left.
 * The block or record in which a name is found proves nothing: the clusters may have been another
 * directory's before.  The entry's own parent, with its sequence number, says where it belongs.
 */
#ifndef SCAN_INDEX_SLACK_H
#define SCAN_INDEX_SLACK_H

#include "scan/file_name.h"
#include "scan/fixup.h"
#include "scan/index_node.h"

enum index_known {
	INDEX_KNOWS_FILE   = 1, /* which file it is; then all else is known as well */
	INDEX_KNOWS_PARENT = 2, /* and times and sizes */
	INDEX_KNOWS_TIMES  = 4, /* and sizes; else no more than attributes and text */
};

struct index_remnant {
	bool             in_use;
	bool             torn;   /* it touches a sector that is not of this state of the block */
	bool             cut;    /* the bytes end before the text: .name.name has the beginning */
	unsigned         known;  /* enum index_known */
	file_ref         file;
	struct file_name name;   /* what is not known is 0 */
	struct bytes     whole;  /* from the first byte that is left of it */
};

struct index_slack {
	struct index_node node;    /* what is in use, while there is more of it */
	struct bytes      rest;    /* what is not */
	const uint8_t    *start;   /* of the block or record */
	fixup_torn        torn;
	uint64_t          records; /* of the volume, UINT64_MAX if not known */
	size_t            step;    /* bytes between places where an entry may begin */
	uint64_t          lsn;     /* of the block's last change; 0 if not known */
};

/*
 * Begin with an INDX block, or the first part of one, fix-ups undone.
 * @in_use  the index says that it is a node: $BITMAP has its bit
 * One that does not decode is looked through like one that is not in use.
 */
void index_slack_block(struct index_slack *slack, struct bytes block, fixup_torn torn, bool in_use,
		       uint64_t records);

/* The same with @value, that of an $INDEX_ROOT in a FILE record, @slot, fix-ups undone. */
void index_slack_root(struct index_slack *slack, struct bytes slot, fixup_torn torn, struct bytes value,
		      uint64_t records);

/*
 * What a directory's FILE record holds behind the @in_use_bytes: roots that were longer, or moved.  The
 * record's own names may be there too: they are without file, and have another parent.
 */
void index_slack_record(struct index_slack *slack, struct bytes slot, fixup_torn torn, size_t in_use_bytes,
			uint64_t records);

/* The next name; false at the end. */
bool index_slack_next(struct index_slack *slack, struct index_remnant *remnant);

#endif
