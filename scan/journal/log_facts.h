/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_facts.h - what $LogFile remembers of names, attributes, records and clusters
 *
 * A record of the log says what was put in place (redo) and what was there before
 * (undo).  So what a deletion removed is in the log, whole: names, index entries,
 * attributes with their runs; and what a creation made.  Each is a fact with its LSN and its
 * place.  A fact says no more than its record does.
 * Facts are of the volume that the log is of, at its LSN: a record of the log may be older
 * than the volume (LOG_RECORD_GAP is where that may begin).
 */
#ifndef SCAN_LOG_FACTS_H
#define SCAN_LOG_FACTS_H

#include "scan/attribute.h"
#include "scan/file_name.h"
#include "scan/journal/log_history.h"

enum log_fact_kind {
	LOG_FACT_NAME,      /* a $FILE_NAME attribute: .attribute and .name */
	LOG_FACT_ENTRY,     /* an index entry of a directory: .name */
	LOG_FACT_ATTRIBUTE, /* any other attribute: .attribute */
	LOG_FACT_RECORD,    /* a FILE record: .bytes up to its end of use; empty where only its freeing is known */
	LOG_FACT_CLUSTERS,  /* bits of $Bitmap: .first, .count */
	LOG_FACT_RECORDS,   /* bits of $MFT's own bitmap: .first, .count */
	LOG_FACT_JOURNAL,   /* of $UsnJrnl:$J: .bytes, .first of them in the stream */
};

enum log_fact_event {
	LOG_SEEN,    /* it was there at that time */
	LOG_CREATED, /* clusters and records: taken into use */
	LOG_REMOVED, /* freed; the fact is what was there until then */
};

struct log_fact {
	enum log_fact_kind  kind;
	enum log_fact_event event;
	enum log_outcome    outcome;
	bool                torn;        /* some of the record lies in a stride whose fix-up does not agree */
	uint64_t            lsn;
	uint64_t            offset;      /* of the log record in $LogFile */
	uint64_t            transaction; /* the LSN with which it begins, as far as it is known */
	file_ref            file;        /* of an entry: the file that it is of; else the record's life, which may be that
					    of an extension record; sequence 0 where it is not known */
	struct file_name    name;
	struct attribute    attribute;
	struct bytes        bytes;
	uint64_t            first, count;
};

/* Take a fact; its windows are good until it returns.  -1 stops the work. */
typedef int log_fact_taker(void *to, const struct log_fact *fact, struct error *err);

/* Give all facts of all records, by LSN.  -1 when @take or the log's reader says so. */
MUST_CHECK int log_history_facts(struct log_history *history, log_fact_taker *take, void *to, struct error *err);

/* -------- for those that tell of records in other ways -------- */

/*
 * One change to a FILE record.
 * @fact    what facts of it have; .file has the record's number
 * @joined  the change before was to the same record, and none is missing in between
 */
typedef int log_change_taker(void *to, const struct log_change *change, const struct log_fact *fact, bool joined,
			     struct error *err);

/*
 * Give all changes to FILE records, by record number, and each record's in their order.
 * -1 when @take or the log's reader says so.
 */
MUST_CHECK int log_history_changes(struct log_history *history, log_change_taker *take, void *to, struct error *err);

/*
 * Give a FILE record, its attributes, and the entries of its index root.
 * @fact   what all of these facts have; .file has the record's number
 * @image  up to its end of use; where it is none, nothing is given
 */
MUST_CHECK int log_fact_give_image(const struct log_fact *fact, struct bytes image, log_fact_taker *take, void *to,
				   struct error *err);

#endif
