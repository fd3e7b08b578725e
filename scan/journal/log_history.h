/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_history.h - what the records of $LogFile refer to
 *
 * One pass over the log tells which attributes were open, which life of a FILE record each change was done to,
 * and which transactions came to their end; and it gathers the changes of each FILE record.  What the log
 * remembers is told by this: log_facts.h, log_states.h.  It is joined only where no record is missing in between.
 */
#ifndef SCAN_LOG_HISTORY_H
#define SCAN_LOG_HISTORY_H

#include "scan/journal/log_opened.h"
#include "scan/journal/log_outcomes.h"

/* A change to a FILE record. */
struct log_record_change {
	uint64_t record;
	size_t   index; /* in the log's records */
};

struct log_history {
	struct log_file    *log;
	uint32_t            cluster_bytes;
	uint32_t            record_bytes; /* 0: as each change says, or 1024 */
	struct log_outcomes outcomes;
	struct log_lives    lives;
	struct log_opened   opened;
	struct ARRAY(struct log_record_change) changes; /* by .record, .index */
};

/*
 * Go through the whole log once.
 * @log            stays where it is and is used by all that follows; as does the history
 * @cluster_bytes, @record_bytes  of the volume; 0 where they are not known: the log tells the first,
 *                 newer ones both
 * Returns 0, or -1 without memory or when the log's reader says so.  log_history_release in any case.
 */
MUST_CHECK int log_history_open(struct log_history *history, struct log_file *log, uint32_t cluster_bytes,
				uint32_t record_bytes, struct error *err);
void           log_history_release(struct log_history *history);

/*
 * Read the record @index of the log; the windows are good until the next one is read.
 * Returns 1, 0 where it is no change, -1 when the log's reader says so.
 */
MUST_CHECK int log_history_read(struct log_history *history, size_t index, struct log_record *record,
				struct log_change *change, struct error *err);

/* Where in its stream a change begins to count: the block that it is about, bytes. */
uint64_t log_history_block(const struct log_history *history, const struct log_change *change);

/* Is a change about a FILE record, and which one? */
bool     log_history_is_on_record(const struct log_change *change);
uint64_t log_history_record(const struct log_history *history, const struct log_change *change);

#endif
