/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * casebook_sweep.h - how far a sweep has come, kept beside the casebook that is being made
 *
 * A casebook appears when the scan is through; until then PATH.sweep has what a sweep found, for the same
 * command to go on with.  What is added is there whole or not at all, whenever the run is cut off.
 */
#ifndef SCAN_CASEBOOK_SWEEP_H
#define SCAN_CASEBOOK_SWEEP_H

#include "scan/carve/carve.h"
#include "scan/casebook.h"

/* "PATH.sweep", to be freed; NULL without memory. */
char *casebook_sweep_path(const char *case_path);

/*
 * Open the progress at @path, or begin it.  One run at a time has it.
 * Returns 0, or -1: another run has it, or something else is there.  casebook_close in any case: it stays.
 */
MUST_CHECK int casebook_sweep_open(struct casebook *book, const char *path, struct error *err);

/*
 * What was added under @key, which says what is looked through and by which version.
 * @end  of what can have been found, bytes of the evidence
 * @next  where the sweep goes on; untouched when nothing is known
 * Returns 0, or -1.
 */
MUST_CHECK int casebook_sweep_load(struct casebook *book, const char *key, uint64_t end, struct artefacts *found,
				   uint64_t *next, struct error *err);

/* Add @count artefacts, 0 too, and where the sweep goes on. */
MUST_CHECK int casebook_sweep_add(struct casebook *book, const char *key, const struct artefact *items, size_t count,
				  uint64_t next, struct error *err);

/* The casebook is there: close the progress, if it is open, and take it away. */
void casebook_sweep_discard(struct casebook *book);

#endif
