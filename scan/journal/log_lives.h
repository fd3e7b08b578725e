/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_lives.h - which life of a FILE record a change in $LogFile was done to
 *
 * A change names its record by number alone.  Sequence numbers stand in index entries, in images of records, in
 * what is open; they hold for what comes before and after as long as nothing is missing in between and the
 * record is neither freed nor made anew.
 */
#ifndef SCAN_LOG_LIVES_H
#define SCAN_LOG_LIVES_H

#include "scan/file_ref.h"
#include "scan/journal/log_change.h"
#include "scan/journal/log_file.h"

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

struct log_lives {
	const struct log_file *log;
	struct ARRAY(struct log_life) list; /* by .record, .lsn once sorted */
};

MUST_CHECK int log_lives_add(struct log_lives *lives, file_ref ref, uint64_t lsn, enum log_life_event event,
			     struct error *err);

/* What a change says; @record is the one that it is about, if it is about one. */
MUST_CHECK int log_lives_note(struct log_lives *lives, const struct log_change *change, uint64_t record, uint64_t lsn,
			      struct error *err);

/* Call when all is noted. */
void log_lives_sort(struct log_lives *lives);
void log_lives_release(struct log_lives *lives);

/* The life that @record had at @lsn; sequence 0 if it cannot be told. */
file_ref log_lives_at(const struct log_lives *lives, uint64_t record, uint64_t lsn);

#endif
