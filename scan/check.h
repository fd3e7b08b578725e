/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check.h - is an NTFS volume consistent?
 *
 * Holds everything that a volume says twice against each other: boot sector and
 * backup, $MFT and mirror, run lists and $Bitmap, in-use flags and $MFT's bitmap,
 * attribute lists and extension records, names and directory entries, link counts,
 * sequence numbers, and the way from the root.  What drivers keep as a stale copy (times
 * and sizes in directory entries) is no problem.  Reads only.
 *
 * Memory goes with records, names and runs, never with data; index blocks and
 * attribute lists that a hostile volume shows twice do not multiply the work.
 */
#ifndef SCAN_CHECK_H
#define SCAN_CHECK_H

#include "core/array.h"
#include "scan/volume_state.h"

enum problem_kind {
	PROBLEM_VOLUME_SIZE,   /* the evidence ends before the volume */
	PROBLEM_BOOT_BACKUP,   /* backup boot sector: differs or is not there */
	PROBLEM_BOOT_GEOMETRY, /* $MFT, $MFTMirr or $Boot lie elsewhere than the boot sector says */
	PROBLEM_MFT_LOST,      /* the table could not be placed as a whole */
	PROBLEM_MFT_MIRROR,    /* $MFTMirr: another content or size */
	PROBLEM_SYSTEM_FILE,   /* one of the file system's own files is not what it must be */
	PROBLEM_UPCASE,        /* no usable $UpCase; the order of names was judged by a table built in */

	PROBLEM_RECORD_UNREADABLE,
	PROBLEM_RECORD_TORN,        /* fix-ups */
	PROBLEM_RECORD_DAMAGED,     /* header or attributes do not decode */
	PROBLEM_RECORD_NUMBER,      /* the record says that it is another */
	PROBLEM_MFT_BITMAP,         /* $MFT's bitmap and the in-use flag disagree */
	PROBLEM_ATTRIBUTE_ORDER,    /* attributes not sorted by type and name */
	PROBLEM_ATTRIBUTE_INSTANCE, /* instance number twice, or the next one is taken */
	PROBLEM_ATTRIBUTE_MISSING,
	PROBLEM_ATTRIBUTE_TWICE,
	PROBLEM_ATTRIBUTE_FORM,   /* resident or not, against the rule of its type */
	PROBLEM_ATTRIBUTE_RUNS,   /* run list: undecodable, outside the volume, gaps, overlaps */
	PROBLEM_ATTRIBUTE_SIZES,  /* allocated, data and valid sizes do not fit each other or the runs */
	PROBLEM_LIST_DAMAGED,     /* attribute list cannot be read or decoded */
	PROBLEM_LIST_ENTRY,       /* attribute list entry without its attribute */
	PROBLEM_LIST_INCOMPLETE,  /* attribute without its attribute list entry */
	PROBLEM_EXTENSION_ORPHAN, /* extension record in use that no base lists */

	PROBLEM_SECURITY, /* security id that $Secure does not know */
	PROBLEM_LINK_COUNT,
	PROBLEM_NAME_PARENT, /* a name's parent is no directory in use, or another life of it */
	PROBLEM_NAME_ALONE,  /* DOS name without its long name */
	PROBLEM_NAME_WITHOUT_ENTRY,
	PROBLEM_DIRECTORY_LINKS, /* directory with several names */
	PROBLEM_DIRECTORY_LOOP,
	PROBLEM_UNREACHABLE, /* no way from the root */

	PROBLEM_DIRECTORY_FLAG, /* directory flag without $I30 or the other way round */
	PROBLEM_INDEX_ROOT,
	PROBLEM_INDEX_BLOCK,  /* unreadable, torn, or not the block it should be */
	PROBLEM_INDEX_NODE,   /* VCN of a sub-node outside, twice, or too deep */
	PROBLEM_INDEX_BITMAP, /* an index's bitmap and its reachable blocks disagree */
	PROBLEM_INDEX_ORDER,  /* entries not sorted, or twice */
	PROBLEM_ENTRY_DAMAGED,
	PROBLEM_ENTRY_DANGLING,     /* entry of a record that is no file in use */
	PROBLEM_ENTRY_SEQUENCE,     /* entry of another life of a record */
	PROBLEM_ENTRY_WITHOUT_NAME, /* the file has no such name */

	PROBLEM_BITMAP,          /* $Bitmap: unreadable, size, bits behind the last cluster */
	PROBLEM_CLUSTER_FREE,    /* owned, but free by $Bitmap */
	PROBLEM_CLUSTER_UNOWNED, /* in use by $Bitmap, but nobody's */
	PROBLEM_CLUSTER_CROSSED, /* two owners */
	PROBLEM_KINDS,
};

struct problem {
	enum problem_kind kind;
	uint64_t          record; /* MFT record, or NO_RECORD */
	uint64_t          offset; /* bytes from the start of the volume, or NO_OFFSET */
	char             *name;   /* path of the record, WTF-8; NULL if none is known */
	char             *text;   /* one clause, WTF-8, no full stop: may hold names */
};

struct problems ARRAY(struct problem);

/* The first PROBLEMS_KEPT of each kind are kept, all are counted. */
#define PROBLEMS_KEPT 1000u

struct check {
	uint64_t        records;     /* slots of the table */
	uint64_t        files;       /* base records in use with a name, the file system's own included */
	uint64_t        directories; /* of the same, the root included */
	uint64_t        clusters;
	uint64_t        clusters_in_use; /* by $Bitmap */
	struct volume_state state; /* how it was left; that alone is no problem */
	struct problems problems; /* in the order of the checks: the same for the same volume */
	uint64_t        counts[PROBLEM_KINDS];
	uint64_t        problem_count;
};

/* "cluster-crossed" and so on. */
const char *problem_kind_name(enum problem_kind kind);

/*
 * Check @volume on @threads cores.
 * Returns 0, whatever is wrong with the volume, or -1 without memory.  Release in any case.
 */
MUST_CHECK int check_volume(struct check *check, const struct volume *volume, unsigned threads,
			    struct error *err);
void           check_release(struct check *check);

#endif
