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
#include "scan/case_record.h"
#include "scan/file.h"
#include "scan/journal/usn_history.h"
#include "scan/recall/fact.h"

/*
 * The walk through all indexes of directories begins while the inventory is read, as a watch: with names in roots
 * and in what is left over in records, and with where the blocks of indexes lie.  recall_indexes goes on with it.
 */
struct index_walk;

/* Begin one: @watch is for inventory_read_watched.  Returns 0, or -1 without memory.  Release in any case. */
MUST_CHECK int index_walk_begin(struct index_walk **walk, struct record_watch *watch, struct error *err);
void           index_walk_release(struct index_walk *walk);

struct recalled_log; /* recall_log.c */

struct recall {
	struct index_walk      *indexes;   /* borrowed, as the next two */
	const struct inventory *inventory; /* .inventory->mft.volume is the volume */
	struct file_reader     *reader;
	struct findings        *findings;
	unsigned                threads;
	struct facts            facts;
	struct older_records    older;
	struct case_digests     digests; /* of a file the last is the latest */
	struct recalled_log    *log;     /* $LogFile, open from recall_log on; owned */
	struct usn_history      journal; /* of the change journal that the volume keeps; built */
};

void recall_release(struct recall *recall);

/*
 * Of each life among the records from @first on keep one: a whole record rather than a part of one, however late
 * that is, as what is missing in a part may be all that leads to the content; of these the one of the latest moment.
 * They are sorted.
 */
void older_keep_best(struct older_records *older, size_t first);

/*
 * Each returns 0, also where there is nothing or much is damaged, or -1 with ERROR_MEMORY.
 * What a row of the table says itself is not added (inventory_has_name).
 */

/*
 * $I30 of every directory that the table shows, live or deleted: roots, nodes, blocks that are not in use, slack, and
 * the slack of all records.  Each name once, as its best witness has it, in the order of the disk.  A name
 * without its file is told only where no file is known to have it there.  What stands in the place of a
 * directory and names another is FACT_CARVED.  References may lie behind the end of the table.
 */
MUST_CHECK int recall_indexes(struct recall *recall, struct error *err);

/* $LogFile: names, and states of records.  It stays open for recall_journal. */
MUST_CHECK int recall_log(struct recall *recall, struct error *err);

/*
 * $UsnJrnl:$J, with what the open log has of it and what was carved (@pages: artefacts on this volume, may be none).
 * The log is closed.
 */
MUST_CHECK int recall_journal(struct recall *recall, const struct artefact *pages, size_t count, struct error *err);

/*
 * What a sweep found on this volume: INDX, RCRD and FILE artefacts outside the places that the
 * volume's own records give them.  One that names no file or directory that this volume knows is not taken.
 */
MUST_CHECK int recall_carved(struct recall *recall, const struct artefact *items, size_t count, struct error *err);

/*
 * Blocks of stores' catalogues that a sweep found on this volume, which they name themselves: the names of each
 * file at its capture, its digest, and for a file whose record is another's by now the record that it had.
 */
MUST_CHECK int recall_catalogues(struct recall *recall, const struct artefact *items, size_t count,
				 struct error *err);

#endif
