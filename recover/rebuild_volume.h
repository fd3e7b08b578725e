/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rebuild_volume.h - a store out of a casebook, onto an NTFS volume
 *
 * Leaves FOLDER\USMT\File\C$\Users\... with every stream, attribute, time and
 * security descriptor, each file once with all its names; user data that no store
 * held in FOLDER\beside\volume-N\..., what may have belonged to a store in
 * FOLDER\orphans\....  Only content that may be trusted keeps its plain name:
 * .suspect and .partial are added to names (also of streams) as in a rebuild to a
 * directory, and what is lost is not written.
 *
 * Until it is finished, FOLDER\USMT.holdfast-rebuild stands beside the tree.  Cut off
 * at any moment and run again, it goes on from the files that were whole.
 */
#ifndef RECOVER_REBUILD_VOLUME_H
#define RECOVER_REBUILD_VOLUME_H

#include "recover/manifest.h"
#include "recover/rebuild_result.h"
#include "scan/casebook.h"
#include "scan/volume.h"

#include <stdatomic.h>

struct rebuild_volume_options {
	struct casebook     *book;    /* open for reading */
	int64_t              store;   /* id, or CASE_BESIDE */
	const struct volume *volumes; /* of the evidence, by casebook volume id - 1 */
	size_t               volume_count;
	const char          *destination; /* as it was named, IMAGE[@N] */
	const char          *image;       /* path of that image or device */
	const struct volume *onto;        /* the NTFS volume in it */
	const char          *folder;      /* path on it, "\x\y" or "/x/y", WTF-8; made when missing */
	bool                 overwrite_deleted; /* even where a deleted store lies there */

	/*
	 * Called once for each file when it is whole, also for those that an earlier run has written
	 * (their content is compared), and for lost ones.  .at of a stream is ":name".  May be NULL.
	 */
	int (*done)(void *context, const struct case_record *record, const struct rebuild_result *result,
		    const struct written_names *written, struct error *err);
	void               *context;
	const _Atomic bool *stop; /* ends the run between two files when true; may be NULL */
};

#define UNKEPT_KINDS 10u

struct rebuild_volume_notes {
	bool     continued;            /* an unfinished run was gone on with */
	uint64_t unkept[UNKEPT_KINDS]; /* files and folders, by bit of enum unkept (volume_file.h) */
};

/*
 * Rebuild one store.  Whether it succeeds or not, files that were whole stay and the volume is
 * closed properly.
 * Returns 0, or -1: refused (evidence, mounted, dirty, hibernated or inconsistent volume, deleted
 * store or foreign tree on it, too little room), or writing or memory failed; the sentence says what to do.
 */
MUST_CHECK int rebuild_volume(const struct rebuild_volume_options *options, struct rebuild_counts *counts,
			      struct rebuild_volume_notes *notes, struct error *err);

/* What a bit of enum unkept means: "object id", "security descriptor". */
const char *rebuild_volume_unkept(size_t bit);

#endif
