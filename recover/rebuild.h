/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rebuild.h - a store out of a casebook, as folders and files on the host
 *
 * Leaves TO/USMT/File/C$/Users/... with hard links where the store had them,
 * named streams in TO/streams/, and manifest.jsonl, sidecar.jsonl and
 * security.jsonl (manifest.h).  Only content that may be trusted keeps its plain
 * name; .suspect, .partial and .encrypted say what is the matter, and what is
 * lost stands only in the manifest.  Cut off and run again, it goes on where it
 * stopped.
 */
#ifndef RECOVER_REBUILD_H
#define RECOVER_REBUILD_H

#include "recover/rebuild_result.h"
#include "scan/scan.h"

struct rebuild_options {
	struct casebook          *book;     /* open for reading, with a path */
	const struct scan_result *evidence; /* open */
	int64_t                   store;    /* id, or CASE_BESIDE */
	const char               *to;       /* folder; made if missing, else empty or our own unfinished one */
	bool                      again;    /* a finished rebuild of the same store in .to is counted, not refused */
	unsigned                  threads;
};

/*
 * Rebuild one store.  What is whole stays when it fails.
 * Returns 0 with @counts, or -1: refused (evidence, foreign folder), or reading, writing or
 * memory failed, and the sentence says what to do.
 */
MUST_CHECK int rebuild_directory(const struct rebuild_options *options, struct rebuild_counts *counts,
				 struct error *err);

/* Make the folder @path and all above it that are missing.  Returns 0, or -1. */
MUST_CHECK int rebuild_make_folders(const char *path, struct error *err);

/* What a grade adds to a file's name: "", ".suspect" or ".partial". */
const char *rebuild_ending(enum grade grade);

#endif
