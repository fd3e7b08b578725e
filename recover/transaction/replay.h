/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * replay.h - what a crash left in the log: looked at, finished, or forgotten
 */
#ifndef RECOVER_TRANSACTION_REPLAY_H
#define RECOVER_TRANSACTION_REPLAY_H

#include "core/error.h"

struct transaction;
struct replay_report;

/*
 * Finish the transaction that the log of an opened device commits, or forget one that it does not,
 * and empty the log.  Does nothing to a log that is not ours.
 * Returns 0, or -1: log damaged, of another version or volume, or somebody wrote to the volume since.
 */
MUST_CHECK int replay_log(struct transaction *transaction, struct replay_report *report, struct error *err);

/* Fill $LogFile with 0xff, its first sector last. */
MUST_CHECK int replay_erase_log(struct transaction *transaction, struct error *err);

#endif
