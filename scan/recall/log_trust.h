/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_trust.h - which stretches of a log are of the volume as it is
 *
 * A volume that was formatted anew has pages of its former life's log in its own, and others lie anywhere; their
 * records have the same numbers.  Records between which nothing is missing are one stretch and of one life.  What
 * leads to the end of the log is the volume's; any other stretch is judged by what it says of files whose
 * names the table knows.
 */
#ifndef SCAN_LOG_TRUST_H
#define SCAN_LOG_TRUST_H

#include "scan/journal/log_file.h"

struct log_trust {
	const struct log_file *log;
	struct log_votes {
		size_t agree, disagree;
	} *votes; /* of each stretch */
};

MUST_CHECK int log_trust_init(struct log_trust *trust, const struct log_file *log, struct error *err);
void           log_trust_release(struct log_trust *trust);

/* What a record says of a file that the table knows is, or is not, what the table says. */
void log_trust_vote(struct log_trust *trust, uint64_t lsn, bool agrees);

/*
 * Is the record @lsn of this volume?  Once all votes are there.  More must agree than disagree; where nothing is
 * known of any file, what lies in the log itself and is not from behind its end is the volume's.
 */
bool log_trust_has(const struct log_trust *trust, uint64_t lsn);

/* How many votes of those that agree are of stretches that are this volume's. */
size_t log_trust_agreed(const struct log_trust *trust);

#endif
