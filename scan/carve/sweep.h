/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sweep.h - a whole disk carved, and gone on with where it was cut off
 *
 * What was found is kept in memory, and every few seconds where the next run finds it: what is lost with
 * a run that is cut off is what it found since.
 */
#ifndef SCAN_SWEEP_H
#define SCAN_SWEEP_H

#include "scan/carve/carve.h"

#define SWEEP_SAVE_MS 2000u

struct casebook;

struct sweep_options {
	struct range     range;    /* of the evidence */
	unsigned         threads;
	struct evidence_digest *digest; /* fed with what is read; or NULL */
	struct casebook *progress; /* casebook_sweep_open; NULL: not kept */
	unsigned         save_ms;  /* at least so long between two savings */
};

struct sweep {
	struct evidence *evidence;
	struct artefacts found;   /* in the order of the disk */
	uint64_t         resumed; /* bytes of the range that an earlier run had looked through */
};

struct sweeps ARRAY(struct sweep); /* of one disk and of what is decrypted in it */

/*
 * Look through all of the range, or what is left of it.  The same evidence (its path, fingerprint, size and
 * map, and where it lies in what), the same range and the same version go on; anything else begins anew.
 * Returns 0, or -1.  sweep_release in any case.
 */
MUST_CHECK int sweep_run(struct evidence *evidence, const struct sweep_options *options, struct sweep *sweep,
			 struct error *err);
void           sweep_release(struct sweep *sweep);

/* The artefacts that begin in @range: a part of @sweep's, @count of them. */
const struct artefact *sweep_part(const struct sweep *sweep, struct range range, size_t *count);

/* The sweep of @evidence, NULL if there was none. */
const struct sweep *sweeps_find(const struct sweeps *sweeps, const struct evidence *evidence);
void                sweeps_release(struct sweeps *sweeps);

#endif
