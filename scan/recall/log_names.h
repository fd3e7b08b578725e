/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_names.h - the names that $LogFile remembers, one fact each
 *
 * A name stands in the log several times: in the directory's index and in the record, when it comes and when it
 * goes.  Of one name of one file the last that was done to it is told.  What its removal was is seen from the
 * transaction: a deletion frees the record as well, a renaming gives the file another name.
 */
#ifndef SCAN_LOG_NAMES_H
#define SCAN_LOG_NAMES_H

#include "scan/journal/log_facts.h"
#include "scan/recall/log_source.h"
#include "scan/recall/log_trust.h"
#include "scan/recall/recall.h"

/* What is said in one place of a name. */
struct log_name {
	file_ref file; /* sequence 0: not known */
	file_ref parent;
	uint64_t transaction;
	uint64_t lsn;
	uint64_t offset; /* bytes of the volume */
	uint32_t time;   /* row_time */
	uint32_t text;   /* in .text */
	uint8_t  units;
	uint8_t  space;
	uint8_t  flags;  /* enum fact_flag */
	uint8_t  event;  /* enum log_fact_event */
	bool     entry;  /* of a directory's index: .file is right */
};

/* A transaction that did something to a file. */
struct log_deed {
	uint64_t record;
	uint64_t transaction;
};

struct log_deeds ARRAY(struct log_deed);

struct log_names {
	const struct inventory   *inventory;
	const struct extensions  *extensions;
	const struct log_history *history;
	const struct log_source  *source;
	struct log_trust         *trust;     /* borrowed; gets the names' votes */
	uint64_t                  graveyard; /* record of \$Extend\$Deleted, or 0 */
	struct ARRAY(struct log_name) list;
	struct log_deeds          freed;     /* its record */
	struct log_deeds          named;     /* it got a name */
	struct text_arena         text;
};

void log_names_init(struct log_names *names, const struct file_reader *reader, const struct log_history *history,
		    const struct log_source *source, struct log_trust *trust);
void log_names_release(struct log_names *names);

/* A log_fact_taker: what @fact says of names, or of records that are freed. */
int log_names_take(void *names, const struct log_fact *fact, struct error *err);

/*
 * Call when all is taken: give each name as a fact, but for those that the table itself shows, and those of
 * another volume.
 */
MUST_CHECK int log_names_tell(struct log_names *names, struct facts *facts, struct error *err);

/* True if some name is this file's; after log_names_tell.  The file is no extension record then. */
bool log_names_knows(const struct log_names *names, file_ref file);

#endif
