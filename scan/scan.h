/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scan.h - from evidence to a casebook
 *
 * Runs the whole reading half: finds volumes, walks their tables, resolves names,
 * recognises stores, grades their files, and writes it all down.
 */
#ifndef SCAN_SCAN_H
#define SCAN_SCAN_H

#include "scan/casebook.h"

/* What becomes of the shadow copies of the volumes. */
enum scan_shadows {
	SHADOWS_LEFT,    /* nothing */
	SHADOWS_LISTED,  /* told that they are there */
	SHADOWS_SCANNED, /* volumes of their own, after the others of their source */
};

struct scan_options {
	const char *const *sources;      /* image[@N|@+BYTES][@shadowN], one or more */
	size_t             source_count;
	const char        *map_path;     /* GNU ddrescue map of the only source, or NULL */
	const char        *case_path;    /* where the casebook goes; NULL keeps it in memory */
	const char        *command;      /* the command line, for the record */
	bool               all;          /* every file of every volume, not only stores' */
	bool               beside;       /* also deleted user data that no store held */
	bool               summary;      /* only damaged files are listed; for a casebook nobody keeps */
	bool               table_only;   /* what else remembers is not asked: for a guard that wants no names */
	bool               deleted_only; /* files that are in use are not counted either */
	enum scan_shadows  shadows;
	const struct key_ring *keys; /* for BitLocker volumes; NULL: those are not opened, even by a clear key */
	bool               carve;        /* sweep each source, and what is decrypted in it: look at every sector for what
					    still remembers */
	bool               hash_evidence; /* digests of all bytes of each source */
	bool               carve_at_need; /* so do where a volume was formatted anew, or lost its table */
	unsigned           threads;
};

/* What was opened; kept for a rebuild that follows.  Volumes borrow their evidence. */
struct scan_result {
	struct evidence *evidence;       /* one a source */
	size_t           evidence_count;
	struct volumes   volumes;        /* by casebook id - 1 */
};

/*
 * Scan.  On success @book is published and open for reading.
 * Returns 0, or -1.  casebook_close and scan_result_release in any case.
 */
MUST_CHECK int scan_run(const struct scan_options *options, struct casebook *book,
			struct scan_result *result, struct error *err);
void           scan_result_release(struct scan_result *result);

/*
 * Refuse @path as a place to write to when it lies on one of the sources, which are opened and
 * looked at for that.  Returns 0, or -1: it does, or a source cannot be opened.
 */
MUST_CHECK int scan_refuse_evidence(const struct scan_options *options, const char *path, struct error *err);

/*
 * Open the evidence that a casebook speaks of, and its volumes, without scanning.  @keys are for its
 * BitLocker volumes: a casebook holds none.
 * Returns 0, or -1: it is not where it was, or is not what it was, or a key is missing.
 */
MUST_CHECK int scan_reopen(struct casebook *book, const struct key_ring *keys, struct scan_result *result,
			   struct error *err);

#endif
