/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_outcomes.h - to which transaction each record of $LogFile belongs, and what became of it
 */
#ifndef SCAN_LOG_OUTCOMES_H
#define SCAN_LOG_OUTCOMES_H

#include "scan/journal/log_change.h"
#include "scan/journal/log_file.h"

enum log_outcome {
	LOG_UNFINISHED,  /* the transaction's end is not in the log, or is behind a gap */
	LOG_LASTING,     /* it came to its end */
	LOG_ROLLED_BACK, /* it was taken back: it never was so for others */
	LOG_ROLLBACK,    /* it is itself what takes back an earlier change */
};

struct log_outcomes {
	const struct log_file *log;
	uint8_t               *of;     /* enum log_outcome of each record of the log */
	uint8_t               *ends;   /* of each record: it ends its transaction */
	uint64_t              *begins; /* of each record: the LSN with which its transaction begins, as far as it is known */
};

MUST_CHECK int log_outcomes_init(struct log_outcomes *outcomes, const struct log_file *log, struct error *err);
void           log_outcomes_release(struct log_outcomes *outcomes);

/* Note the change that record @index of the log is.  By LSN. */
void log_outcomes_note(struct log_outcomes *outcomes, size_t index, const struct log_change *change);

/* Call when all is noted: .of is right then. */
MUST_CHECK int log_outcomes_settle(struct log_outcomes *outcomes, struct error *err);

#endif
