/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_history.h - what $LogFile remembers of names, attributes, records and clusters
 *
 * A record of the log says what was put in place (redo) and what was there before
 * (undo).  So what a deletion removed is in the log, whole: names, index entries,
 * attributes with their runs; and what a creation made.  Each is a fact with its LSN and its
 * place.  A fact says no more than its record does; what the log says elsewhere (which life of a
 * FILE record it was, which attribute was open) is joined only where no record is missing in between.
 * Facts are of the volume that the log is of, at its LSN: a record of the log may be older
 * than the volume (LOG_RECORD_GAP is where that may begin).
 */
#ifndef SCAN_LOG_HISTORY_H
#define SCAN_LOG_HISTORY_H

#include "core/arena.h"
#include "scan/attribute.h"
#include "scan/file_name.h"
#include "scan/journal/log_apply.h"
#include "scan/journal/log_file.h"
#include "scan/journal/log_table.h"

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

enum log_outcome {
	LOG_UNFINISHED,  /* the transaction's end is not in the log, or is behind a gap */
	LOG_LASTING,     /* it came to its end */
	LOG_ROLLED_BACK, /* it was taken back: it never was so for others */
	LOG_ROLLBACK,    /* it is itself what takes back an earlier change */
};

struct log_fact {
	enum log_fact_kind  kind;
	enum log_fact_event event;
	enum log_outcome    outcome;
	bool                torn;        /* some of the record lies in a stride whose fix-up does not agree */
	uint64_t            lsn;
	uint64_t            offset;      /* of the log record in $LogFile */
	uint32_t            transaction; /* its place in the transaction table */
	file_ref            file;        /* sequence 0 where it is not known; the record may be an extension record */
	struct file_name    name;
	struct attribute    attribute;
	struct bytes        bytes;
	uint64_t            first, count;
};

/* Take a fact; its windows are good until it returns.  -1 stops the work. */
typedef int log_fact_taker(void *to, const struct log_fact *fact, struct error *err);

/* An attribute while it had its place in the open attribute table. */
struct log_open_span {
	uint32_t     place;
	file_ref     file;
	uint32_t     type;   /* enum attribute_type */
	uint64_t     opened; /* after this LSN */
	uint64_t     seen;   /* the last LSN at which it was surely in its place */
	struct bytes name;   /* UTF-16LE */
};

enum log_life_event {
	LOG_LIFE_BEGINS,
	LOG_LIFE_SEEN,
	LOG_LIFE_ENDS,
};

/* The log says that a FILE record had this sequence number. */
struct log_life {
	uint64_t            record;
	uint64_t            lsn;
	uint16_t            sequence; /* 0: not said */
	enum log_life_event event;
};

/* A change to a FILE record. */
struct log_record_change {
	uint64_t record;
	size_t   index; /* in the log's records */
};

struct log_history {
	struct log_file *log;
	uint32_t         cluster_bytes;
	uint32_t         record_bytes; /* 0: as each change says, or 1024 */
	uint8_t         *outcomes;     /* enum log_outcome of each record of the log */
	struct arena     names;
	struct ARRAY(struct log_open_span) spans;       /* by .place, .opened */
	struct ARRAY(struct log_life) lives;            /* by .record, .lsn */
	struct ARRAY(struct log_record_change) changes; /* by .record, .index */
	struct ARRAY(uint64_t) gaps;                    /* LSNs before which records are missing */
};

/*
 * Go through the whole log once, to know what its records refer to.
 * @log            stays where it is and is used by all that follows
 * @cluster_bytes, @record_bytes  of the volume; 0 where they are not known: the log tells the first,
 *                 newer ones both
 * Returns 0, or -1 without memory or when the log's reader says so.  log_history_release in any case.
 */
MUST_CHECK int log_history_open(struct log_history *history, struct log_file *log, uint32_t cluster_bytes,
				uint32_t record_bytes, struct error *err);
void           log_history_release(struct log_history *history);

/* Give all facts of all records, by LSN.  -1 when @take or the log's reader says so. */
MUST_CHECK int log_history_facts(struct log_history *history, log_fact_taker *take, void *to, struct error *err);

/*
 * Give the FILE records that the log has whole, with all that it says was done to them since: each as it
 * was when it was freed or made anew (LOG_REMOVED), or as the log leaves it (LOG_SEEN).  By record number.
 * .lsn and .offset are those of the record's last change.
 * -1 when @take or the log's reader says so, or without memory.
 */
MUST_CHECK int log_history_states(struct log_history *history, log_fact_taker *take, void *to, struct error *err);

/*
 * Take back, in a copy of a FILE record, what the log says was done to it.
 * @image  the record, fix-ups undone; changed in place.  Its own LSN says where to begin
 * @lsn    changes above it are taken back
 * @state  set to the LSN of the last change that @image then has; 0 if that is not in the log
 * Returns the number of changes taken back; fewer than there are where records are missing or a change does not
 * fit.  -1 when the log's reader says so.
 */
MUST_CHECK int log_history_rewind(struct log_history *history, uint64_t record, uint8_t *image, size_t size_bytes,
				  uint64_t lsn, uint64_t *state, struct error *err);

#endif
