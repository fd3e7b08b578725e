/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * volume_scan.h - one volume, from its table to the casebook
 */
#ifndef SCAN_VOLUME_SCAN_H
#define SCAN_VOLUME_SCAN_H

#include "scan/carve/sweep.h"
#include "scan/journal/usn_history.h"
#include "scan/scan.h"
#include "scan/store.h"
#include "scan/story/chronicle.h"
#include "scan/told_store.h"

/* The scan as a whole: what its volumes write to. */
struct scan {
	const struct scan_options *options;
	struct casebook           *book;
	struct findings            findings;
	struct told_stores         stores;
	int64_t                    next_file, next_layer;
	struct chronicle           chronicle; /* of all volumes */
	struct known_lives         lives;     /* what volumes scanned so far show; for their shadow copies */
	struct sweeps              sweeps;    /* of the source at hand and of what is decrypted in it */
	struct evidence_digest     digest;    /* of the source at hand, if one is asked for */
	struct casebook            progress;  /* of all sweeps, where a casebook is kept */
};

struct id_list ARRAY(uint32_t);
struct index_walk; /* recall/recall.h */

/* One volume while it is scanned. */
struct volume_scan {
	struct scan         *scan;
	const struct volume *volume;
	int64_t              evidence;    /* its id in the casebook */
	struct inventory     inventory;
	struct extensions    extensions;
	struct index_walk   *indexes;     /* begun with the inventory; NULL: not asked for */
	struct usn_history   journal;     /* until the story is told */
	struct ownership     ownership;
	struct namespace     space;
	struct stores        stores;
	struct store_copy    copy;        /* of a shadow copy: what its volume and newer copies of it are known to have */
	size_t              *told;        /* index in scan->stores of each of .stores */
	struct node_list     nodes;       /* that are written down, in order */
	struct node_list     beside;      /* subset: user data outside stores */
	struct id_list       security_ids;
};

/*
 * Scan one volume.  Returns 0, or -1: ERROR_VALUE when it has no table that could be found; then
 * volume_scan_tell_none writes down that it is there.
 */
MUST_CHECK int volume_scan_run(struct scan *scan, const struct volume *volume, int64_t evidence, struct error *err);
MUST_CHECK int volume_scan_tell_none(struct scan *scan, const struct volume *volume, int64_t evidence,
				     struct error *err);

#endif
