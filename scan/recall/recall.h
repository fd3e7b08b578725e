/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * recall.h - what the rest of a volume remembers of files, gathered before names are resolved
 *
 * Directory indexes and their slack, $LogFile, the change journal, and what a sweep has carved each add facts
 * (names) and older records (states of a record that the table no longer shows).  Each of them reads in the
 * order of the disk, and none decides anything; settle.h does.
 */
#ifndef SCAN_RECALL_H
#define SCAN_RECALL_H

#include "scan/carve/carve.h"
#include "scan/file.h"
#include "scan/journal/usn_history.h"
#include "scan/recall/fact.h"

struct recall {
	const struct inventory *inventory; /* borrowed, as the reader; .inventory->mft.volume is the volume */
	struct file_reader     *reader;
	struct findings        *findings;
	unsigned                threads;
	struct facts            facts;
	struct older_records    older;
	struct usn_history      journal; /* of the change journal that the volume keeps; built */
};

void recall_release(struct recall *recall);

/*
 * Each returns 0, also where there is nothing or much is damaged, or -1 with ERROR_MEMORY.
 * What a row of the table says itself is not added (inventory_has_name).
 */

/* $I30 of every directory that the table shows, live or deleted: roots, nodes, slack. */
MUST_CHECK int recall_indexes(struct recall *recall, struct error *err);

/* $LogFile: names, and states of records. */
MUST_CHECK int recall_log(struct recall *recall, struct error *err);

/* $UsnJrnl:$J, with what was carved of it (@pages: artefacts on this volume, may be none). */
MUST_CHECK int recall_journal(struct recall *recall, const struct artefact *pages, size_t count, struct error *err);

/*
 * What a sweep found on this volume: INDX, RCRD and FILE artefacts outside the places that the
 * volume's own records give them.  One that names no file or directory that this volume knows is not taken.
 */
MUST_CHECK int recall_carved(struct recall *recall, const struct artefact *items, size_t count, struct error *err);

#endif
